"""Sums of counts, against Python's own integers."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from helpers.numbers import sum_wide

ROWS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.integers(0, 2**58)), min_size=1, max_size=20)


def test_a_name_without_rows_has_its_column_all_the_same() -> None:
    rows = pd.DataFrame({"k": [1], "name": ["b"], "tokens": [2**53 + 1]})
    for some in (rows, rows.iloc[:0]):
        table = sum_wide(some, index=["k"], columns="name", names=["b", "a"])
        assert list(table.columns) == ["b", "a"]
        assert (table.dtypes == "int64").all()
        assert table.to_numpy().tolist() == [[2**53 + 1, 0]] * len(some)


@given(ROWS)
def test_a_wide_table_holds_every_token_whatever_cells_are_empty(rows) -> None:
    table = sum_wide(pd.DataFrame(rows, columns=["k", "name", "tokens"]), index=["k"], columns="name")
    assert (table.dtypes == "int64").all()
    for k in table.index:
        for name in table.columns:
            assert table.loc[k, name] == sum(count for at, who, count in rows if (at, who) == (k, name))
