from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data.merge import Record, cite, count_facts
from helpers.data.restatements import (
    compare_records,
    list_parts,
    replace_days,
    sum_days,
    summarise_restatements,
    track_restatements,
)
from helpers.data.tables import read_table, write_table

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
