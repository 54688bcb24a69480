from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data.merge import Record, cite, count_facts, leave_out_unfinished, merge_records
from helpers.errors import InputError

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MONDAY = date(2026, 1, 5)


def record(name: str, as_of: datetime | None, days: dict[int, int], *, grain: str = "day") -> Record:
    """One row `other` a day: number of days after Monday 5 January 2026, and its tokens."""
    rows = [(MONDAY + timedelta(days=day), "other", tokens) for day, tokens in days.items()]
    table = pd.DataFrame(rows, columns=["date", "model_permaslug", "total_tokens"])
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[us]")
    return Record(name, "a test", table, as_of, count_facts(table), cite(as_of), grain)


def moment(day: int) -> datetime:
    return datetime(2026, 3, day, tzinfo=UTC)


def tokens(merged: Record) -> dict[int, int]:
    days = (merged.table["date"] - pd.Timestamp(MONDAY)).dt.days
    return dict(zip(days, merged.table["total_tokens"], strict=True))


def test_for_each_day_the_later_as_of_wins_and_older_days_stay() -> None:
    old = record("old", moment(1), {0: 10, 1: 11, 2: 12})
    new = record("new", moment(2), {1: 21, 3: 23})
    for order in ([old, new], [new, old]):
        merged = merge_records(order, name="latest", kind="both")
        assert tokens(merged) == {0: 10, 1: 21, 2: 12, 3: 23}
    assert merged.as_of == moment(2)
    assert merged.stated == {"rows": 4, "days": 4, "start_date": "2026-01-05", "end_date": "2026-01-08"}
    assert merged.notes == ("Days from old: 2.", "Days from new: 2.")
    assert merged.citation == "Source: OpenRouter (openrouter.ai/rankings), as of 2026-03-02T00:00Z."


def test_of_equal_moments_the_later_record_wins_and_one_without_loses_to_all() -> None:
    parts = [record("a", moment(1), {0: 1}), record("b", moment(1), {0: 2}), record("c", None, {0: 3, 1: 4})]
    assert tokens(merge_records(parts, name="all", kind="three")) == {0: 2, 1: 4}


def test_a_record_that_gives_no_day_does_not_date_the_result() -> None:
    parts = [record("a", None, {0: 1}), record("b", None, {0: 2})]
    merged = merge_records(parts, name="all", kind="two")
    assert merged.as_of is None
    assert merged.citation.endswith("as of an unknown moment.")


DAYS = st.dictionaries(st.integers(0, 6), st.integers(0, 2**62), min_size=1)


@given(st.lists(st.tuples(st.integers(1, 28), DAYS), min_size=1, max_size=5))
def test_merging_is_what_writing_the_records_over_each_other_gives(parts) -> None:
    records = [record(str(place), moment(day), days) for place, (day, days) in enumerate(parts)]
    expected: dict[int, int] = {}
    for _, days in sorted(parts, key=lambda part: part[0]):
        expected |= days
    merged = merge_records(records, name="all", kind="many")
    assert tokens(merged) == expected
    assert merged.table["total_tokens"].dtype == "int64"


def test_the_day_of_the_snapshot_and_later_ones_are_left_out() -> None:
    grown = record("grown", datetime(2026, 1, 7, 23, 59, tzinfo=UTC), {0: 1, 1: 2, 2: 3})
    kept = leave_out_unfinished(grown, now=NOW)
    assert tokens(kept) == {0: 1, 1: 2}
    assert kept.stated["days"] == 2
    assert kept.notes == ("Left out, because the day was not over: 2026-01-07.",)


def test_without_an_as_of_the_present_day_is_the_one_that_grows() -> None:
    grown = record("grown", None, {0: 1, 1: 2})
    assert tokens(leave_out_unfinished(grown, now=datetime(2026, 1, 6, 1, tzinfo=UTC))) == {0: 1}
    assert leave_out_unfinished(grown, now=NOW) is grown


def test_a_week_counts_when_its_seven_days_are_over() -> None:
    chart = record("chart", None, {0: 1, 7: 2}, grain="week")
    assert tokens(leave_out_unfinished(chart, now=datetime(2026, 1, 18, 23, tzinfo=UTC))) == {0: 1}
    assert tokens(leave_out_unfinished(chart, now=datetime(2026, 1, 19, tzinfo=UTC))) == {0: 1, 7: 2}


def test_a_record_of_growing_days_only_is_refused() -> None:
    with pytest.raises(InputError, match="grown holds no day that was over on 2026-01-05"):
        leave_out_unfinished(record("grown", datetime(2026, 1, 5, tzinfo=UTC), {0: 1}), now=NOW)


def test_a_record_says_what_it_was_taken_for() -> None:
    assert record("old", moment(1), {0: 10, 1: 11}).describe() == (
        "old: taken for a test, one row a model and day, as of 2026-03-01T00:00Z. 2 rows, 2 days from 2026-01-05 to "
        "2026-01-06."
    )
