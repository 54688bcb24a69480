"""Sums of counts, against Python's own integers."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from helpers.numbers import sum_wide

ROWS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.integers(0, 2**58)), min_size=1, max_size=20)


@given(ROWS)
def test_a_wide_table_holds_every_token_whatever_cells_are_empty(rows) -> None:
    table = sum_wide(pd.DataFrame(rows, columns=["k", "name", "tokens"]), index=["k"], columns="name")
    assert (table.dtypes == "int64").all()
    for k in table.index:
        for name in table.columns:
            assert table.loc[k, name] == sum(count for at, who, count in rows if (at, who) == (k, name))
