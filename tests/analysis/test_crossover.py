from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis.crossover import (
    certain_lead,
    durable_lead,
    find_crossovers,
    first_lead,
    lead_changes,
    leading_weeks,
    sustained_lead,
)
from helpers.errors import InputError

LEADS = st.lists(st.booleans(), min_size=1, max_size=40)


def series(leads: list[bool]) -> pd.Series:
    return pd.Series(leads, index=pd.date_range("2026-01-05", periods=len(leads), freq="7D"), dtype=bool)


def place(leads: list[bool], week: pd.Timestamp | None) -> int | None:
    return None if week is None else list(series(leads).index).index(week)


@given(LEADS)
def test_first_lead_is_the_first_step_from_behind_to_ahead(leads) -> None:
    steps = [n for n in range(1, len(leads)) if leads[n] and not leads[n - 1]]
    assert place(leads, first_lead(series(leads))) == (steps[0] if steps else None)


@given(LEADS, st.integers(1, 5))
def test_sustained_lead_opens_a_row_of_leading_weeks(leads, weeks) -> None:
    starts = [n for n in range(len(leads) - weeks + 1) if all(leads[n : n + weeks])]
    assert place(leads, sustained_lead(series(leads), weeks=weeks)) == (starts[0] if starts else None)


@given(LEADS)
def test_durable_lead_is_never_lost_and_could_not_start_earlier(leads) -> None:
    start = place(leads, durable_lead(series(leads)))
    if start is None:
        assert not leads[-1]
    else:
        assert all(leads[start:])
        assert start == 0 or not leads[start - 1]


@given(LEADS)
def test_leaders_alternate_and_the_last_one_leads(leads) -> None:
    leaders = lead_changes(series(leads))["leader"].tolist()
    assert all(one != two for one, two in pairwise(leaders))
    if leaders:
        assert leaders[-1] == ("China" if leads[-1] else "US")


def test_a_gap_in_the_record_breaks_a_row() -> None:
    leads = series([True] * 4).drop(pd.Timestamp("2026-01-12"))
    assert sustained_lead(leads, weeks=2) == pd.Timestamp("2026-01-19")


def test_a_tie_is_no_lead() -> None:
    table = pd.DataFrame({"China": [5, 6], "US": [5, 5], "days_observed": 7})
    assert leading_weeks(table).tolist() == [False, True]


def test_a_short_week_is_no_evidence() -> None:
    table = pd.DataFrame({"China": [5, 6], "US": [1, 5], "days_observed": [4, 7]})
    assert leading_weeks(table).index.tolist() == [1]
    assert len(leading_weeks(table, min_days=4)) == 2


def test_certain_lead_is_the_first_certain_week() -> None:
    weeks = pd.date_range("2026-01-05", periods=3, freq="7D")
    assert certain_lead(pd.Series(["US", "China", "China"], index=weeks)) == weeks[1]
    assert certain_lead(pd.Series(["US"], index=weeks[:1])) is None


def weekly(china: list[int], us: list[int], other: int = 0) -> pd.DataFrame:
    rows = [
        (week, scope, origin, tokens, 7)
        for n, week in enumerate(pd.date_range("2026-01-05", periods=len(china), freq="7D"))
        for scope in ("ranked", "platform")
        for origin, tokens in {"China": china[n], "US": us[n], "Other": 1, "Unknown": 0, "other": other}.items()
        if scope == "platform" or origin != "other"
    ]
    return pd.DataFrame(rows, columns=["week_start", "scope", "origin", "tokens", "days_observed"])


def test_every_rule_and_every_reversal_has_its_row() -> None:
    found = find_crossovers(weekly([1, 9, 1, 9, 9], [5] * 5, other=2), scopes=["ranked"], hold_weeks=[2])
    dates = {rule: f"{week:%d}" for rule, week in zip(found["rule"], found["week_start"], strict=True)}
    assert dates == {
        "first_lead": "12", "sustained_lead_2": "26", "durable_lead": "26", "certain_lead": "12", "reversal": "19",
    }  # fmt: skip
    assert "China regains the lead: 2026-01-26" in found["note"].iloc[-1]


def test_a_rule_without_a_week_says_so() -> None:
    found = find_crossovers(weekly([1, 1], [5, 5]), scopes=["ranked"], hold_weeks=[])
    assert found["week_start"].isna().all()
    assert found["note"].str.startswith("no such week among those that count (2026-01-05 to 2026-01-12)").all()


def test_a_durable_lead_names_the_last_week_that_counts() -> None:
    found = find_crossovers(weekly([1, 9, 9], [5] * 3), scopes=["ranked"]).set_index("rule")
    assert "last week that counts: 2026-01-19; right-censored" in found.loc["durable_lead", "note"]


def test_a_lead_that_is_lost_at_the_end_is_not_regained() -> None:
    found = find_crossovers(weekly([1, 9, 1], [5] * 3), scopes=["ranked"])
    assert found["note"].iloc[-1] == "the US ahead again; China regains the lead: never in the record"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hold_weeks": [0]}, "hold_weeks contains 0; a lead lasts at least 1 week"),
        ({"scopes": ["charts"]}, "Unknown scope 'charts'"),
        ({"min_days": 9}, "min_days is 9"),
    ],
)
def test_an_impossible_choice_is_refused(options, message) -> None:
    with pytest.raises(InputError, match=message):
        find_crossovers(weekly([1], [2]), **{"scopes": ["ranked"], **options})
