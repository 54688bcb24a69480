import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helpers.analysis.decomposition import decompose_change, explain_undefined, logarithmic_mean, strip_growth
from helpers.analysis.ratios import growth_absorbed
from helpers.analysis.weeks import count_origins
from helpers.errors import InputError

WEEKS = pd.date_range("2026-01-05", periods=4, freq="7D", unit="us")
WINDOW = "2026-01-05/2026-01-12"
ORIGIN = {"a": "China", "b": "China", "c": "US", "d": "US", "e": "Other"}


def weekly(rows: list[tuple[int, str, int]], *, short: tuple[int, ...] = ()) -> pd.DataFrame:
    """Rows of (week, permaslug, tokens); each week gets its row `other`, three days long if `short`."""
    weeks = sorted({week for week, *_ in rows})
    full = [(week, name, ORIGIN[name[0]], tokens) for week, name, tokens in rows]
    table = pd.DataFrame(
        [*full, *[(week, "other", "other", 100 + week) for week in weeks]],
        columns=["week", "permaslug", "origin", "tokens"],
    )
    return table.assign(
        week_start=WEEKS[table["week"]],
        model=table["permaslug"].str.partition(":")[0],
        days_ranked=np.where(table["week"].isin(short), 3, 7),
    ).drop(columns="week")


NAMES = [f"{author}/{model}" for author in ORIGIN for model in "mn"] + ["a/m:free"]
ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(NAMES), st.integers(0, 20) | st.integers(0, 2**55)),
    min_size=4,
    max_size=22,
    unique_by=lambda row: row[:2],
)


def total(rows: list[tuple[int, str, int]], week: int, origin: str) -> int:
    return sum(tokens for when, name, tokens in rows if when == week and ORIGIN[name[0]] == origin)


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_the_parts_add_up_to_the_change(rows) -> None:
    china, us = ([total(rows, week, origin) for week in (0, 1)] for origin in ("China", "US"))
    assume(all([*china, *us]))
    table = decompose_change(weekly(rows), windows=[WINDOW], scopes=["ranked", "platform"])
    change = math.log(china[1]) - math.log(us[1]) - math.log(china[0]) + math.log(us[0])
    for _, part in table.groupby("scope"):
        scale = max(1.0, math.fsum(part["contribution"].abs()))
        assert abs(math.fsum(part["contribution"]) - change) <= 1e-12 * scale


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_every_token_of_china_and_the_us_is_in_one_part(rows) -> None:
    assume(all(total(rows, week, origin) for week in (0, 1) for origin in ("China", "US")))
    table = decompose_change(weekly(rows), windows=[WINDOW], scopes=["ranked"])
    for origin, part in table.groupby("origin"):
        assert part["tokens_from"].sum() == total(rows, 0, origin)
        assert part["tokens_to"].sum() == total(rows, 1, origin)
    entered, left = table["tokens_from"].eq(0), table["tokens_to"].eq(0)
    assert table["part"].tolist() == [
        "entry" if new else "exit" if gone else "incumbent" for new, gone in zip(entered, left, strict=True)
    ]
    assert not (entered & left).any()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_an_incumbent_has_the_weight_of_the_textbook(first, second) -> None:
    assume(first != second)
    rows = [(0, "a/m", first), (1, "a/m", second), (0, "b/m", 3), (1, "b/m", 7), (0, "c/m", 5), (1, "c/m", 5)]
    table = decompose_change(weekly(rows), windows=[WINDOW], scopes=["ranked"]).set_index("model")
    weight = textbook_mean(second, first) / textbook_mean(second + 7, first + 3)
    expected = weight * math.log(second / first)
    # Subtracting nearly equal logarithms costs the textbook formula digits that the other one keeps.
    assert table.loc["a/m", "contribution"] == pytest.approx(expected, rel=1e-5, abs=1e-9)
    assert table.loc["c/m", "contribution"] == 0


def textbook_mean(one: int, two: int) -> float:
    return one if one == two else (one - two) / (math.log(one) - math.log(two))


def test_entry_is_the_limit_of_a_vanishing_first_week() -> None:
    def entering(tokens: int) -> float:
        unit = 10**15
        rows = [(0, "a/m", 2 * unit), (1, "a/m", 2 * unit), (0, "a/n", tokens), (1, "a/n", unit)]
        both = [*rows, (0, "c/m", unit), (1, "c/m", unit)]
        table = decompose_change(weekly(both), windows=[WINDOW], scopes=["ranked"]).set_index("model")
        return table.loc["a/n", "contribution"]

    assert entering(0) == pytest.approx(math.log(3 / 2), rel=1e-12)
    assert entering(1) == pytest.approx(entering(0), rel=1e-12)


def test_a_change_worked_out_by_hand() -> None:
    rows = [(0, "a/m", 10), (1, "a/m", 10), (1, "b/m", 10), (0, "c/m", 5), (1, "c/m", 5), (0, "d/m", 5), (1, "e/m", 9)]
    table = decompose_change(weekly(rows), windows=[WINDOW], scopes=["ranked"])
    # China doubles by an entry, the US halves by an exit: ln 2 each, and the ratio goes from 1 to 4.
    assert table[["part", "origin", "model"]].to_numpy().tolist() == [
        ["entry", "China", "b/m"],
        ["exit", "US", "d/m"],
        ["incumbent", "China", "a/m"],
        ["incumbent", "US", "c/m"],
    ]
    np.testing.assert_allclose(table["contribution"], [math.log(2), math.log(2), 0, 0], rtol=1e-15)
    np.testing.assert_allclose(table["share"], [0.5, 0.5, 0, 0], rtol=1e-15)


def test_in_the_chart_a_model_enters_when_it_rises_into_it() -> None:
    rows = [(0, "a/m", 9), (0, "c/m", 8), (0, "b/m", 1), (1, "a/m", 2), (1, "c/m", 8), (1, "b/m", 9)]
    table = decompose_change(weekly(rows), windows=[WINDOW], scopes=["chart", "ranked"], chart_size=2)
    parts = table.set_index(["scope", "model"])["part"]
    assert parts["chart"].to_dict() == {"a/m": "exit", "b/m": "entry", "c/m": "incumbent"}
    assert set(parts["ranked"]) == {"incumbent"}


def test_a_ratio_that_did_not_change_has_parts_but_no_shares() -> None:
    rows = [(0, "a/m", 1), (0, "c/m", 3), (1, "a/m", 2), (1, "c/m", 6)]
    table = decompose_change(weekly(rows), windows=[WINDOW], scopes=["ranked"])
    np.testing.assert_allclose(table["contribution"], [math.log(2), -math.log(2)], rtol=1e-15)
    assert table["share"].isna().all()


def test_windows_and_scopes_keep_the_order_asked_for() -> None:
    rows = [(week, name, week + 1) for week in range(3) for name in ("a/m", "c/m")]
    windows = ["2026-01-12/2026-01-19", WINDOW, WINDOW]  # named twice, computed once
    table = decompose_change(weekly(rows), windows=windows, scopes=["ranked", "chart"])
    groups = table[["from_week", "scope"]].drop_duplicates().to_numpy().tolist()
    assert groups == [
        [WEEKS[1], "ranked"],
        [WEEKS[1], "chart"],
        [WEEKS[0], "ranked"],
        [WEEKS[0], "chart"],
    ]
    assert len(table) == 8


@given(st.integers(1, 2**60), st.integers(1, 2**60))
def test_the_logarithmic_mean_lies_between_the_geometric_and_the_arithmetic(one, two) -> None:
    mean = logarithmic_mean(one, two)
    assert mean == logarithmic_mean(two, one)
    assert math.sqrt(one) * math.sqrt(two) * (1 - 1e-12) <= mean <= (one + two) / 2 * (1 + 1e-12)


def test_the_logarithmic_mean_is_accurate_for_numbers_that_are_almost_equal() -> None:
    assert logarithmic_mean(10**15, 10**15 + 1) == pytest.approx(10**15 + 0.5, rel=1e-15)


def test_the_logarithmic_mean_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="needs positive numbers"):
        logarithmic_mean(0, 3)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(0, "c/m", 1), (1, "a/m", 1), (1, "c/m", 1)], "no tokens of China in the week of 2026-01-05"),
        ([(0, "a/m", 1), (0, "c/m", 1), (1, "a/m", 1)], "no tokens of US in the week of 2026-01-12"),
    ],
)
def test_a_ratio_without_a_logarithm_has_no_parts_and_a_reason(rows, message) -> None:
    table, full = weekly(rows), weekly([*rows, (0, "a/n", 1), (0, "d/n", 1), (1, "c/n", 1)])
    parts = decompose_change(table, windows=[WINDOW], scopes=["ranked"])
    assert parts.empty
    pd.testing.assert_series_equal(parts.dtypes, decompose_change(full, windows=[WINDOW], scopes=["ranked"]).dtypes)
    told = explain_undefined(count_origins(table), windows=[WINDOW], scopes=["ranked"])
    assert told.startswith(f"Scope ranked has {message}: the logarithm of its ratio does not exist")
    assert explain_undefined(count_origins(full), windows=[WINDOW], scopes=["ranked"]) == ""


def test_a_window_outside_the_record_is_refused() -> None:
    rows = [(0, "a/m", 1), (0, "c/m", 1)]
    with pytest.raises(InputError, match="no week of the record starts on 2026-01-12"):
        decompose_change(weekly(rows), windows=[WINDOW], scopes=["ranked"])


GROWING = [(week, name, 10 * (week + 1)) for week in range(4) for name in ("a/m", "c/m", "e/m")]


def test_the_strip_is_growth_absorbed_from_every_earlier_full_week() -> None:
    counted = count_origins(weekly(GROWING, short=(1,)))
    strip = strip_growth(counted, end_week="2026-01-26", scopes=["ranked"])
    windows = ["2026-01-05/2026-01-26", "2026-01-19/2026-01-26"]
    pd.testing.assert_frame_equal(strip, growth_absorbed(counted, windows=windows, scopes=["ranked"]))
    # China grew by 30 of 93 since the first week, and by 10 of 31 since the third; the row `other` by 3 and 1.
    china = strip[strip["origin"].eq("China")]
    assert china["share"].tolist() == [30 / 93, 10 / 31]


def test_the_strip_takes_shorter_weeks_when_asked() -> None:
    counted = count_origins(weekly(GROWING, short=(1,)))
    strip = strip_growth(counted, end_week="2026-01-26", scopes=["ranked"], min_days=3)
    assert strip["from_week"].nunique() == 3


@pytest.mark.parametrize(
    ("end_week", "message"),
    [
        ("2026-01-27", "no week with 7 days in the record starts then. The first starts on 2026-01-05, the last on"),
        ("2026-01-12", "no week with 7 days in the record starts then"),  # in the record, but cut
        ("June", "end_week is 'June'; no week"),
    ],
)
def test_an_end_of_the_strip_that_nothing_leads_to_is_refused(end_week, message) -> None:
    with pytest.raises(InputError, match=message):
        strip_growth(count_origins(weekly(GROWING, short=(1,))), end_week=end_week, scopes=["ranked"])


@pytest.mark.parametrize(("short", "end_week"), [((0, 1, 2, 3), "2026-01-26"), ((), "2026-01-05")])
def test_a_strip_that_nothing_leads_to_has_no_rows(short, end_week) -> None:
    counted = count_origins(weekly(GROWING, short=short))
    assert strip_growth(counted, end_week=end_week, scopes=["ranked"]).empty
