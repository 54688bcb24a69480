from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossover.live.moves import replace_days
from helpers.data.records import (
    Record,
    cite,
    compare_records,
    count_facts,
    leave_out_unfinished,
    list_parts,
    merge_records,
    sum_days,
    summarise_restatements,
    track_restatements,
)
from helpers.data.tables import read_table, write_table
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


LARGE = 2**53 + 1  # the first whole number that a float cannot hold


def rankings(rows: list[tuple[int, str, int]]) -> pd.DataFrame:
    """Rows of (day of January 2026, permaslug, tokens)."""
    table = pd.DataFrame(rows, columns=["day", "model_permaslug", "total_tokens"])
    dates = pd.Timestamp("2025-12-31") + pd.to_timedelta(table["day"], unit="D")
    return table.assign(date=dates.astype("datetime64[us]"))[["date", "model_permaslug", "total_tokens"]]


def snapshot(name: str, day: int, rows: list[tuple[int, str, int]]) -> Record:
    as_of = datetime(2026, 2, day, tzinfo=UTC)
    table = rankings(rows)
    return Record(name, "a snapshot", table, as_of, count_facts(table), cite(as_of))


FIRST = [(1, "a/a", LARGE), (1, "b/b", 50), (1, "other", 10), (2, "a/a", 90), (2, "other", 20)]
SECOND = [(1, "a/a", LARGE + 1), (1, "c/c", 45), (1, "other", 15), (2, "a/a", 90), (2, "other", 20), (3, "other", 7)]


def test_differences_are_listed_on_shared_days_with_their_kind_and_exactly() -> None:
    changes = compare_records(rankings(FIRST), rankings(SECOND))
    found = [tuple(row)[1:] for row in changes.itertuples(index=False)]
    assert found == [
        ("b/b", "no longer ranked", 50, 0, -50),
        ("c/c", "newly ranked", 0, 45, 45),
        ("other", "restated", 10, 15, 5),
        ("a/a", "restated", LARGE, LARGE + 1, 1),
    ]
    assert changes["date"].dt.day.unique().tolist() == [1]  # day 2 is the same, day 3 is in one record only


def test_days_add_up_and_show_tokens_that_moved_under_an_equal_total() -> None:
    moved = [(1, "a/a", 90), (1, "other", 30)]
    days = sum_days(compare_records(rankings([(1, "a/a", 100), (1, "other", 20)]), rankings(moved)))
    assert days[["rows", "change", "tokens_moved"]].to_numpy().tolist() == [[2, 0, 10]]


def test_records_without_a_shared_day_have_no_differences() -> None:
    changes = compare_records(rankings(FIRST[:3]), rankings([(5, "other", 1)]))
    assert changes.empty
    assert sum_days(changes).empty


def test_replaced_days_come_from_the_later_record_and_the_period_stays() -> None:
    replaced = replace_days(rankings(FIRST), rankings(SECOND[:3]))
    assert replaced["total_tokens"].tolist() == [LARGE + 1, 45, 15, 90, 20]


ROWS = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from("abcde"), st.integers(0, 2**60)),
    min_size=1,
    unique_by=lambda row: row[:2],
)


@given(ROWS, ROWS)
def test_the_changes_lead_from_one_record_to_the_other(before, after) -> None:
    first, second = rankings(before), rankings(after)
    changes = compare_records(first, second)
    shared = {day for day, *_ in before} & {day for day, *_ in after}
    rebuilt = {(day, name): tokens for day, name, tokens in before if day in shared}
    for row in changes.itertuples(index=False):
        key = (row.date.day, row.permaslug)
        assert rebuilt.pop(key, 0) == row.tokens_before
        if row.kind != "no longer ranked":
            rebuilt[key] = row.tokens_after
    assert rebuilt == {(day, name): tokens for day, name, tokens in after if day in shared}


def test_each_restatement_is_counted_once_against_all_earlier_snapshots() -> None:
    third = [(1, "a/a", LARGE + 1), (1, "c/c", 45), (1, "other", 15), (2, "a/a", 91), (2, "other", 20)]
    parts = [snapshot("one", 1, FIRST), snapshot("two", 2, SECOND), snapshot("three", 3, third)]
    tracked = track_restatements(parts)
    assert tracked.groupby("snapshot").size().to_dict() == {"two": 4, "three": 1}
    last = tracked[tracked["snapshot"].eq("three")].iloc[0]
    assert (last["permaslug"], last["tokens_before"], last["tokens_after"]) == ("a/a", 90, 91)
    assert summarise_restatements(parts, tracked) == (
        "Snapshots: 3; restated days: 2, rows: 5. The largest change of a day's total is that of 2026-01-01: +1 tokens."
    )


def test_one_snapshot_says_that_it_cannot_tell() -> None:
    parts = [snapshot("one", 1, FIRST)]
    tracked = track_restatements(parts)
    assert tracked.empty
    assert "only one snapshot (one), so no restatement can be seen yet" in summarise_restatements(parts, tracked)


def test_snapshots_that_agree_are_said_to_agree() -> None:
    parts = [snapshot("one", 1, FIRST), snapshot("two", 2, FIRST)]
    assert "agree to the token" in summarise_restatements(parts, track_restatements(parts))


def test_parts_are_listed_with_what_they_state() -> None:
    listed = list_parts([snapshot("one", 1, FIRST)]).iloc[0].to_dict()
    assert listed == {
        "name": "one",
        "as_of": "2026-02-01 00:00",
        "rows": 5,
        "days": 2,
        "start_date": "2026-01-01",
        "end_date": "2026-01-02",
    }


@pytest.mark.parametrize("names", [["one"], ["one", "two"]])
def test_the_table_keeps_its_contract_even_when_it_is_empty(tmp_path, names) -> None:
    parts = [snapshot(name, day, rows) for day, (name, rows) in enumerate(zip(names, (FIRST, SECOND), strict=False), 1)]
    tracked = track_restatements(parts)
    write_table(tracked, tmp_path, "restatements")
    pd.testing.assert_frame_equal(read_table(tmp_path, "restatements"), tracked)
