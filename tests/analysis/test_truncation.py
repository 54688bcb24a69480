import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis.crossover import date_rules, find_crossovers
from helpers.analysis.ratios import compute_ratios
from helpers.analysis.truncation import date_truncations, truncate_weeks
from helpers.analysis.weeks import count_origins
from helpers.errors import InputError

WEEKS = pd.date_range("2026-01-05", periods=6, freq="7D", unit="us")
ORIGINS = ["China", "US", "Other", "Unknown"]
LARGE = 2**53 + 1  # the first whole number that a float cannot hold


def weekly(rows: list[tuple[int, str, str, int]], *, other: int = 7, short: tuple[int, ...] = ()) -> pd.DataFrame:
    """Rows of (week, permaslug, origin, tokens); each week gets its row `other`, three days long if `short`."""
    weeks = sorted({week for week, *_ in rows})
    table = pd.DataFrame(
        [*rows, *[(week, "other", "other", other) for week in weeks]],
        columns=["week", "permaslug", "origin", "tokens"],
    )
    return table.assign(
        week_start=WEEKS[table["week"]],
        model=table["permaslug"].str.partition(":")[0],
        days_ranked=np.where(table["week"].isin(short), 3, 7),
    ).drop(columns="week")


ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from("abcdefgh"), st.sampled_from(ORIGINS), st.integers(0, 2**54)),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[:3],  # a permaslug revealed within a week has two rows in it
)


@settings(max_examples=15, deadline=None)
@given(ROWS, st.integers(1, 9))
def test_each_k_is_the_chart_of_that_size(rows, max_k) -> None:
    table = weekly(rows)
    truncated = truncate_weeks(table, max_k=max_k)
    for k, part in truncated.groupby("k"):
        chart = compute_ratios(count_origins(table, chart_size=k), scopes=["chart"]).drop(columns="scope")
        pd.testing.assert_frame_equal(part.drop(columns="k").reset_index(drop=True), chart)


@settings(max_examples=15, deadline=None)
@given(ROWS)
def test_the_last_k_is_the_scope_ranked(rows) -> None:
    table = weekly(rows)
    truncated = truncate_weeks(table, max_k=1)
    last = truncated[truncated["k"].eq(truncated["k"].max())].drop(columns="k").reset_index(drop=True)
    pd.testing.assert_frame_equal(last, compute_ratios(count_origins(table), scopes=["ranked"]).drop(columns="scope"))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(ORIGINS[:3]), st.integers(1, 10**6)), min_size=1, max_size=12),
    st.lists(st.tuples(st.sampled_from(ORIGINS[:3]), st.integers(1, 10**6)), max_size=12),
    st.integers(1, 12),
)
def test_bounds_contain_the_truth_when_the_tail_is_known(listed, tail, max_k) -> None:
    """The tail is models of known origin that the record shows only as the row `other`."""
    rows = [(0, f"m/{number}", origin, tokens) for number, (origin, tokens) in enumerate(listed)]
    table = truncate_weeks(weekly(rows, other=sum(tokens for _, tokens in tail)), max_k=max_k)
    china, us = (sum(tokens for origin, tokens in [*listed, *tail] if origin == side) for side in ("China", "US"))
    for row in table.itertuples():
        # low <= china / us <= high, multiplied out on whole numbers
        assert row.china_tokens * us <= china * (row.us_tokens + row.unidentified_tokens)
        assert china * row.us_tokens <= (row.china_tokens + row.unidentified_tokens) * us
        if us:
            assert row.ratio_low <= china / us * (1 + 1e-12)
            assert china / us <= row.ratio_high * (1 + 1e-12)
        assert row.state in ("not identified", "China" if china > us else "US")


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_bounds_never_widen_as_more_entries_are_kept(rows) -> None:
    for _, week in truncate_weeks(weekly(rows, other=1), max_k=8).groupby("week_start"):
        known = week.dropna(subset=["ratio_low", "ratio_high"])
        assert known["ratio_low"].is_monotonic_increasing
        assert known["ratio_high"].is_monotonic_decreasing
        assert week["unidentified_tokens"].is_monotonic_decreasing


def test_k_stops_at_the_fullest_week_when_it_holds_more_than_max_k() -> None:
    rows = [(0, "a/a", "US", 5), (1, "a/a", "US", 5), (1, "b/b", "China", 4), (1, "c/c", "China", 3)]
    table = truncate_weeks(weekly(rows), max_k=1)
    assert table[["k", "china_tokens", "us_tokens", "unidentified_tokens"]].to_numpy().tolist() == [
        [1, 0, 5, 7],
        [3, 0, 5, 7],
        [1, 0, 5, 14],
        [3, 7, 5, 7],
    ]


@pytest.mark.parametrize("function", [truncate_weeks, date_truncations])
def test_k_stops_at_50_unless_asked_otherwise(function) -> None:
    rows = [(0, f"m/{place}", "US", 60 - place) for place in range(52)]
    assert function(weekly(rows))["k"].unique().tolist() == [*range(1, 51), 52]


def test_sums_beyond_2_to_the_53_are_exact() -> None:
    table = truncate_weeks(weekly([(0, "a/a", "China", LARGE), (0, "b/b", "China", 2)], other=2**60), max_k=2)
    assert table["china_tokens"].tolist() == [LARGE, LARGE + 2]
    assert table["unidentified_tokens"].tolist() == [2**60 + 2, 2**60]


def test_the_dates_of_each_k_are_those_of_its_chart() -> None:
    rows = [
        *[(week, "a/us", "US", 10) for week in range(6)],
        *[(week, "b/cn", "China", tokens) for week, tokens in enumerate([2, 9, 11, 12, 40, 40])],
        *[(week, "c/cn", "China", tokens) for week, tokens in enumerate([1, 3, 4, 2, 8, 8])],
        *[(week, "d/us", "US", tokens) for week, tokens in enumerate([0, 0, 4, 8, 5, 5])],
    ]
    table = weekly(rows)
    dates = date_truncations(table, max_k=5).pivot_table(index="k", columns="rule", values="week_start", aggfunc="max")
    for k in range(1, 6):
        found = find_crossovers(count_origins(table, chart_size=k), scopes=["chart"], hold_weeks=[])
        expected = found[found["rule"].ne("reversal")].set_index("rule")["week_start"]
        assert dates.loc[k].to_dict() == expected.to_dict()
    assert dates.loc[1, "first_lead"] != dates.loc[5, "first_lead"]  # the cut matters in this record


def test_a_week_cut_by_the_record_is_incomplete_and_dates_nothing() -> None:
    table = weekly([(0, "a/a", "US", 5), (1, "b/b", "China", 50)], short=(1,))
    assert truncate_weeks(table, max_k=1)["state"].tolist() == ["not identified", "incomplete"]
    assert date_truncations(table, max_k=1)["week_start"].isna().all()


def test_a_rule_that_no_week_meets_has_no_date() -> None:
    leads = pd.Series([True, False], index=WEEKS[:2])
    states = pd.Series(["China", "US"], index=WEEKS[:2])
    dates = date_rules(leads, states, hold_weeks=[1])
    assert list(dates.index) == ["first_lead", "sustained_lead_1", "durable_lead", "certain_lead"]
    assert dates.isna().tolist() == [True, False, True, False]


@pytest.mark.parametrize("function", [truncate_weeks, date_truncations])
def test_a_list_of_nothing_is_refused(function) -> None:
    with pytest.raises(InputError, match="max_k is 0; a list has at least 1 model. Choose 50"):
        function(weekly([(0, "a/a", "US", 1)]), max_k=0)


def test_a_week_without_other_is_refused() -> None:
    table = weekly([(0, "a/a", "US", 1)])
    with pytest.raises(InputError, match="week of 2026-01-05 has no row `other`"):
        truncate_weeks(table[table["permaslug"].ne("other")])


def test_more_days_than_a_week_has_are_refused() -> None:
    with pytest.raises(InputError, match="min_days is 8; a week has 1 to 7 days"):
        truncate_weeks(weekly([(0, "a/a", "US", 1)]), min_days=8)
