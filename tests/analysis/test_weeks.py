import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis.weeks import (
    count_days,
    count_origins,
    fit_windows,
    nearest_week,
    rank_in_week,
    sum_weeks,
    week_starts,
)
from helpers.errors import InputError
from helpers.vocabulary import WEEKDAYS

LARGE = 2**53 + 1  # the first whole number that a float cannot hold
ORIGINS = ["China", "US", "Other", "Unknown"]


def daily(rows: list[tuple[int, str, str, int]]) -> pd.DataFrame:
    """Rows of (day, permaslug, origin, tokens), from Monday 5 January 2026 on; each day gets its row `other`."""
    days = sorted({day for day, *_ in rows})
    table = pd.DataFrame(
        [*rows, *[(day, "other", "other", 7) for day in days]], columns=["day", "permaslug", "origin", "tokens"]
    )
    return table.assign(
        date=(pd.Timestamp("2026-01-05") + pd.to_timedelta(table["day"], unit="D")).astype("datetime64[us]"),
        model=table["permaslug"].str.partition(":")[0],
        author=table["permaslug"].str.partition("/")[0],
        base_origin=table["origin"],
        weights="open",
        modality_kind="text",
    ).drop(columns="day")


ROWS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from("abcdefgh"), st.sampled_from(ORIGINS), st.integers(0, 2**56)),
    min_size=1,
    max_size=60,
    unique_by=lambda row: row[:2],
)


@given(ROWS, st.sampled_from(WEEKDAYS), st.integers(1, 5))
def test_every_token_of_a_day_is_in_its_week_and_in_the_platform(rows, first_day, chart_size) -> None:
    table = daily([(day, f"{name}/{name}", origin, tokens) for day, name, origin, tokens in rows])
    weekly = sum_weeks(table, week_start_day=first_day)
    counted = count_origins(weekly, chart_size=chart_size)
    expected: dict[pd.Timestamp, int] = {}
    for week, tokens in zip(week_starts(table["date"], start_day=first_day), table["tokens"], strict=True):
        expected[week] = expected.get(week, 0) + int(tokens)
    platform = counted[counted["scope"].eq("platform")].groupby("week_start")["tokens"].sum()
    assert weekly.groupby("week_start")["tokens"].sum().to_dict() == expected
    assert platform.to_dict() == expected


@given(ROWS, st.integers(1, 5))
def test_the_chart_is_part_of_the_ranked_and_these_of_the_platform(rows, chart_size) -> None:
    table = daily([(day, f"{name}/{name}", origin, tokens) for day, name, origin, tokens in rows])
    counted = count_origins(sum_weeks(table), chart_size=chart_size)
    wide = counted.pivot_table(index=["week_start", "origin"], columns="scope", values="tokens", aggfunc="sum")
    named = wide.drop(index="other", level="origin")
    assert named["chart"].le(named["ranked"]).all()
    assert named["ranked"].eq(named["platform"]).all()


def test_sums_beyond_2_to_the_53_are_exact() -> None:
    weekly = sum_weeks(daily([(day, "a/a", "US", LARGE) for day in range(7)]))
    assert weekly.loc[weekly["permaslug"].eq("a/a"), "tokens"].item() == 7 * LARGE


def test_a_tag_that_changes_in_a_week_keeps_two_rows() -> None:
    weekly = sum_weeks(daily([(0, "a/a", "Unknown", 1), (1, "a/a", "China", 2), (2, "a/a", "China", 4)]))
    rows = weekly[weekly["permaslug"].eq("a/a")].set_index("origin")
    assert rows["tokens"].to_dict() == {"Unknown": 1, "China": 6}
    assert rows["days_ranked"].to_dict() == {"Unknown": 1, "China": 2}


def test_a_chart_ranks_the_week_of_a_name_and_breaks_ties_by_name() -> None:
    weekly = sum_weeks(
        daily([(0, "b/b", "US", 5), (0, "a/a", "US", 5), (0, "c/c", "Unknown", 3), (1, "c/c", "China", 3)])
    )
    rank = rank_in_week(weekly)
    assert dict(zip(weekly["permaslug"], rank.tolist(), strict=True)) == {"a/a": 2, "b/b": 3, "c/c": 1, "other": pd.NA}


def test_the_cloaked_take_a_place_in_the_chart_without_an_origin() -> None:
    counted = count_origins(sum_weeks(daily([(0, "a/a", "Unknown", 9), (0, "b/b", "US", 5)])), chart_size=1)
    chart = counted[counted["scope"].eq("chart")].set_index("origin")["tokens"]
    assert chart.to_dict() == {"China": 0, "US": 0, "Other": 0, "Unknown": 9}


def test_the_chart_holds_nine_models_unless_asked_otherwise() -> None:
    counted = count_origins(sum_weeks(daily([(0, f"a/{name}", "US", 1) for name in "abcdefghij"])))
    assert counted.loc[counted["scope"].eq("chart"), "tokens"].sum() == 9


def test_days_observed_are_those_of_the_record() -> None:
    counted = count_origins(sum_weeks(daily([(0, "a/a", "US", 1), (9, "a/a", "US", 1), (8, "b/b", "US", 1)])))
    assert counted.groupby("week_start")["days_observed"].first().tolist() == [1, 2]


def test_a_chart_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="chart_size is 0; a chart has at least 1 model"):
        count_origins(sum_weeks(daily([(0, "a/a", "US", 1)])), chart_size=0)


def test_a_week_without_other_is_refused() -> None:
    weekly = sum_weeks(daily([(0, "a/a", "US", 1)]))
    with pytest.raises(InputError, match="week of 2026-01-05 has no row `other`"):
        count_origins(weekly[weekly["permaslug"].ne("other")])


def test_an_unknown_weekday_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match="Unknown week_start_day 'Mondays'. Did you mean 'Monday'"):
        week_starts(pd.Series(pd.to_datetime(["2026-01-05"])), start_day="Mondays")


YEAR = pd.Series(pd.date_range("2026-01-01", "2026-12-31"))


@given(st.sampled_from(list(YEAR[10:-10])), st.sampled_from(WEEKDAYS))
def test_under_every_week_definition_a_named_day_has_a_week_that_shares_most_days_with_its_own(day, first_day) -> None:
    week, note = nearest_week(f"{day:%Y-%m-%d}", week_starts(YEAR, start_day=first_day))
    assert abs(pd.Timestamp(week) - day).days <= 3
    assert f"{pd.Timestamp(week):%A}" == first_day
    assert ("starts no week here; the nearest is that of" in note) == (pd.Timestamp(week) != day)


def test_a_day_far_from_every_week_keeps_its_name_and_has_a_reason() -> None:
    weeks = pd.date_range("2026-02-16", periods=3, freq="7D")
    assert nearest_week("2026-02-09", weeks) == (
        "2026-02-09",
        "reported_week: no week starts near 2026-02-09; those of the record start from 2026-02-16 to 2026-03-02. "
        "What asks for it is empty.",
    )
    assert nearest_week("2026-02-09", weeks, within=None)[0] == "2026-02-16"
    assert "the record holds none" in nearest_week("2026-02-09", [], within=None)[1]


def test_a_day_that_is_none_is_refused_with_its_parameter() -> None:
    with pytest.raises(InputError, match="Parameter growth_end contains 'June', which is not a date"):
        nearest_week("June", [], what="growth_end")


def test_windows_follow_the_record_and_say_so() -> None:
    weeks = pd.date_range("2026-01-04", "2026-03-01", freq="7D")  # Sundays
    asked = ["2025-11-03/2026-02-23", "2025-01-06/2026-02-22", "2025-01-06/2025-06-02", "2026-01-11/2026-02-01"]
    windows, note = fit_windows(asked, weeks)
    assert windows == ["2026-01-04/2026-02-22", "2026-01-11/2026-02-01"]
    moved = "is measured as 2026-01-04/2026-02-22, the nearest full weeks of the record."
    assert note.splitlines() == [
        f"Growth window 2025-11-03/2026-02-23 {moved}",
        f"Growth window 2025-01-06/2026-02-22 {moved}",
        "Growth window 2025-01-06/2025-06-02: the record has fewer than two full weeks in it; it is left out.",
        "Growth window 2026-01-11/2026-02-01.",
    ]


def test_no_window_is_refused() -> None:
    with pytest.raises(InputError, match="growth_windows is empty"):
        fit_windows([], [])


def test_the_days_of_a_week_are_those_of_the_record() -> None:
    dates = pd.Series(pd.to_datetime(["2026-01-04", "2026-01-05", "2026-01-05", "2026-01-07"]))
    assert count_days(dates).tolist() == [1, 2]
    assert count_days(dates, start_day="Sunday").tolist() == [3]
