from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis.measures import MEASURES, NEVER, TRILLION, Estimate, View, view_scope, weeks_of_period

MONDAY = pd.Timestamp("2026-01-05")
# Trillions a week. chart: (China, US, Unknown); ranked, more: (China, US, Other, Unknown); below: the row `other`.
WEEKS = [
    {"chart": (1, 4, 0, 0), "ranked": (2, 6, 1, 1), "other": 2},
    {"chart": (3, 3, 0, 1), "ranked": (5, 5, 1, 2), "other": 1},
    {"chart": (8, 2, 0, 0), "ranked": (12, 6, 1, 0), "other": 1},
]


def record(weeks: list[dict], *, days: list[int] | None = None) -> pd.DataFrame:
    """Weekly tokens by scope and origin, in the shape of `count_origins`."""
    rows = []
    for place, week in enumerate(weeks):
        start, observed = MONDAY + pd.Timedelta(weeks=place), days[place] if days else 7
        scopes = {"chart": week["chart"], "ranked": week["ranked"], "platform": (*week["ranked"], week["other"])}
        for scope, counts in scopes.items():
            origins = ("China", "US", "Other", "Unknown", "other")[: len(counts)]
            rows += [(start, scope, o, n * TRILLION, observed) for o, n in zip(origins, counts, strict=True)]
    table = pd.DataFrame(rows, columns=["week_start", "scope", "origin", "tokens", "days_observed"])
    return table.astype({"week_start": "datetime64[us]", "tokens": "int64"})


def measure(name: str, scope: str, places: list[int], weeks: list[dict] = WEEKS) -> Estimate:
    view = view_scope(record(weeks), scope=scope)
    return MEASURES[name].estimate(view, pd.DatetimeIndex([MONDAY + pd.Timedelta(weeks=place) for place in places]))


@pytest.mark.parametrize(
    ("name", "scope", "places", "value", "low", "high"),
    [
        ("tokens of China", "ranked", [0], 2, 2, 5),  # 1 Unknown and 2 below rank 50 may be China's
        ("tokens of China", "chart", [0], 1, 1, 8),  # 12 in all, 4 of them US
        ("tokens of US", "platform", [0, 1], 5.5, 5.5, 8.5),  # the mean of two weeks
        ("tokens of the platform", "platform", [0, 1], 13, 13, 13),
        ("ratio", "ranked", [0, 1], 7 / 11, 7 / 17, 13 / 11),  # of the sums, not the mean of 1/3 and 1
        ("ratio below one", "ranked", [0], 2 / 6, 2 / 9, 5 / 6),
        ("share of US", "chart", [1], 3 / 7, 3 / 7, 4 / 7),  # what the chart leaves out is in neither part
        ("share of US", "ranked", [1], 5 / 13, 5 / 13, 7 / 13),
        ("share of China", "platform", [1], 5 / 14, 5 / 14, 8 / 14),
        ("growth of China", "ranked", [0, 1, 2], 5, 12 / 5 - 1, 13 / 2 - 1),
        ("growth of US", "ranked", [0, 2], 0, 6 / 9 - 1, 7 / 6 - 1),
        ("growth absorbed by China", "ranked", [0, 2], 10 / 8, 7 / 8, 11 / 8),
        ("growth absorbed by US", "ranked", [0, 2], 0, -3 / 8, 1 / 8),
    ],
)
def test_a_measure_is_what_a_reader_computes_by_hand(name, scope, places, value, low, high) -> None:
    found = measure(name, scope, places)
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high))


def test_the_trend_counts_pairs_of_weeks() -> None:
    # Ratios 1/3, 1, 2 rise in all three pairs; bounds 2/9..5/6, 5/8..8/5, 12/7..13/6: the first two overlap.
    assert measure("trend of the ratio", "ranked", [0, 1, 2]) == Estimate(1.0, pytest.approx(1 / 3), 1.0)


def test_a_steady_ratio_has_no_trend() -> None:
    steady = {"chart": (1, 1, 0, 0), "ranked": (1, 1, 0, 0), "other": 0}
    assert measure("trend of the ratio", "ranked", [0, 1, 2], [steady] * 3) == Estimate(0.0, 0.0, 0.0)


def test_the_first_lead_lies_between_the_first_possible_and_the_first_certain_one() -> None:
    found = measure("first_lead of China", "ranked", [0])
    third, second = MONDAY + pd.Timedelta(weeks=2), MONDAY + pd.Timedelta(weeks=1)
    assert (found.value, found.low, found.high) == (third, second, third)
    assert found.excluded == {MONDAY}


def test_a_lead_that_never_comes_is_later_than_every_week() -> None:
    found = measure("first_lead of China", "ranked", [0], WEEKS[:1])
    assert (found.value, found.low, found.high) == (NEVER, NEVER, NEVER)


@pytest.mark.parametrize("name", ["ratio", "share of China", "growth of China", "trend of the ratio"])
def test_nothing_to_divide_by_has_no_value(name) -> None:
    empty = {"chart": (0, 0, 0, 0), "ranked": (0, 0, 0, 0), "other": 0}
    assert np.isnan(measure(name, "platform", [0, 1], [empty] * 2).value)


def test_an_origin_that_starts_from_nothing_grows_without_limit_unless_it_was_hidden() -> None:
    start = {"chart": (0, 1, 0, 0), "ranked": (0, 1, 0, 1), "other": 1}
    found = measure("growth of China", "ranked", [0, 1], [start, WEEKS[2]])
    assert (found.value, found.low, found.high) == (inf, 12 / 2 - 1, inf)


COUNTS = st.tuples(*[st.integers(0, 9)] * 5)


@st.composite
def allocated(draw) -> tuple[list[dict], list[tuple[int, int, int]]]:
    """Weeks of a record, and one way in which its unidentified tokens may belong to China, the US or Other."""
    weeks, truth = [], []
    for china, us, other, unknown, below in draw(st.lists(COUNTS, min_size=2, max_size=5)):
        to_china = draw(st.integers(0, unknown + below))
        to_us = draw(st.integers(0, unknown + below - to_china))
        ranked = (china + 1, us + 1, other, unknown)
        weeks.append({"chart": ranked, "ranked": ranked, "other": below})
        truth.append((china + 1 + to_china, us + 1 + to_us, sum(ranked) + below))
    return weeks, truth


def compute_truth(name: str, truth: list[tuple[int, int, int]]) -> float:
    china, us, total = (sum(week[place] for week in truth) for place in range(3))
    (c0, _, t0), (c1, _, t1) = truth[0], truth[-1]
    ratios = [c / u for c, u, _ in truth]
    pairs = [(a, b) for place, a in enumerate(ratios) for b in ratios[place + 1 :]]
    return {
        "tokens of China": china / len(truth),
        "tokens of US": us / len(truth),
        "ratio": china / us,
        "share of China": china / total,
        "growth of China": c1 / c0 - 1,
        "growth absorbed by China": (c1 - c0) / (t1 - t0) if t1 != t0 else nan,
        "trend of the ratio": sum((b > a) - (b < a) for a, b in pairs) / len(pairs),
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        *["tokens of China", "tokens of US", "ratio", "share of China"],
        *["growth of China", "growth absorbed by China", "trend of the ratio"],
    ],
)
@given(allocated())
def test_the_bounds_contain_every_allocation_of_the_unidentified_tokens(name, drawn) -> None:
    weeks, truth = drawn
    found, expected = measure(name, "platform", list(range(len(weeks))), weeks), compute_truth(name, truth)
    if np.isnan(expected):
        assert np.isnan(found.value)
    else:
        assert found.low - 1e-9 <= expected <= found.high + 1e-9
        assert found.low <= found.value <= found.high


@given(allocated())
def test_china_leads_first_in_no_week_that_the_bounds_exclude(drawn) -> None:
    weeks, truth = drawn
    found = measure("first_lead of China", "platform", [0], weeks)
    ahead = [MONDAY + pd.Timedelta(weeks=place) for place, (china, us, _) in enumerate(truth) if china > us]
    if ahead:
        assert found.low <= ahead[0] <= found.high
        assert ahead[0] not in found.excluded
    else:
        assert found.high == NEVER


def view_of(days: list[int]) -> View:
    return view_scope(record(WEEKS, days=days), scope="ranked")


def test_a_period_holds_the_weeks_that_lie_wholly_in_it() -> None:
    weeks, missing = weeks_of_period(view_of([7, 7, 7]), pd.Timestamp("2026-01-06"), pd.Timestamp("2026-01-31"))
    assert [f"{week:%m-%d}" for week in weeks] == ["01-12", "01-19"]
    assert missing == ""


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2026-01-06", "2026-01-17", "no whole week lies in the period 2026-01-06 to 2026-01-17"),
        ("2026-01-05", "2026-01-18", "1 of the period's 2 weeks, the first 2026-01-12, are not in the record in full"),
        ("2025-12-29", "2026-02-01", "3 of the period's 5 weeks, the first 2025-12-29"),
        ("2030-01-07", "2030-01-13", r"(it holds 2026-01-05 to 2026-01-19)"),
    ],
)
def test_what_the_record_lacks_of_a_period_is_named(start, end, message) -> None:
    _, missing = weeks_of_period(view_of([7, 6, 7]), pd.Timestamp(start), pd.Timestamp(end))
    assert message in missing


def test_a_record_without_a_full_week_says_so() -> None:
    _, missing = weeks_of_period(view_of([6, 6, 6]), MONDAY, MONDAY + pd.Timedelta(days=6))
    assert missing == "the record holds no full week"
