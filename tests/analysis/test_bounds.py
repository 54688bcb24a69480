from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis.bounds import lead_states, ratio_bounds, split_scope
from helpers.errors import InputError

COUNT = st.integers(0, 2**60)


def week(china: int, us: int, unidentified: int, days: int = 7) -> pd.DataFrame:
    columns = {"China": [china], "US": [us], "Other": [0], "Unidentified": [unidentified], "days_observed": [days]}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(["2026-02-09"], name="week_start"))


@given(COUNT, st.integers(1, 2**60), COUNT, st.data())
def test_no_allocation_of_the_unidentified_leaves_the_bounds(china, us, free, data) -> None:
    to_china = data.draw(st.integers(0, free))
    to_us = data.draw(st.integers(0, free - to_china))  # the rest goes to third origins
    bounds = ratio_bounds(week(china, us, free)).iloc[0]
    truth = float(Fraction(china + to_china, us + to_us))
    assert bounds["ratio_low"] * (1 - 1e-12) <= truth <= bounds["ratio_high"] * (1 + 1e-12)


@given(COUNT, COUNT, COUNT, st.data())
def test_a_certain_lead_survives_every_allocation(china, us, free, data) -> None:
    to_china = data.draw(st.integers(0, free))
    state = lead_states(week(china, us, free)).item()
    ahead = china + to_china - us - (free - to_china)
    assert state != "China" or ahead > 0
    assert state != "US" or ahead < 0


@given(COUNT, COUNT, COUNT)
def test_an_open_state_has_an_allocation_for_either_side(china, us, free) -> None:
    if lead_states(week(china, us, free)).item() == "not identified":
        assert china - us - free <= 0 <= china + free - us


def test_states_are_decided_on_integers() -> None:
    # As floats these two numbers are equal.
    assert lead_states(week(2**53 + 1, 2**53, 0)).item() == "China"
    assert lead_states(week(2**53, 2**53 + 1, 0)).item() == "US"
    assert lead_states(week(2**53, 2**53, 0)).item() == "not identified"


def test_a_week_with_few_days_is_incomplete() -> None:
    assert lead_states(week(9, 1, 0, days=6)).item() == "incomplete"
    assert lead_states(week(9, 1, 0, days=6), min_days=6).item() == "China"


def test_nothing_over_nothing_is_missing_and_something_over_nothing_is_infinite() -> None:
    assert ratio_bounds(week(0, 0, 0)).isna().all(axis=None)
    assert ratio_bounds(week(1, 0, 0)).iloc[0].eq(float("inf")).all()


@pytest.mark.parametrize("column", ["China", "US", "Unidentified"])
@pytest.mark.parametrize(("count", "message"), [(-1, "never negative"), (float("nan"), "never missing")])
def test_one_negative_or_missing_count_is_refused(column, count, message) -> None:
    with pytest.raises(ValueError, match=message):
        ratio_bounds(week(1, 1, 0).assign(**{column: count}))


@pytest.mark.parametrize("days", [0, 8])
def test_impossible_days_are_refused(days) -> None:
    with pytest.raises(InputError, match=f"min_days is {days}; a week has 1 to 7 days"):
        lead_states(week(1, 1, 0), min_days=days)


def test_the_columns_of_a_scope_add_up_to_the_platform() -> None:
    rows = [
        ("chart", "China", 4), ("chart", "US", 3), ("chart", "Other", 0), ("chart", "Unknown", 2),
        ("ranked", "China", 5), ("ranked", "US", 6), ("ranked", "Other", 1), ("ranked", "Unknown", 2),
        ("platform", "China", 5), ("platform", "US", 6), ("platform", "Other", 1), ("platform", "Unknown", 2),
        ("platform", "other", 10),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["scope", "origin", "tokens"])
    table = table.assign(week_start=pd.Timestamp("2026-02-09"), days_observed=7)
    unidentified = {scope: split_scope(table, scope=scope)["Unidentified"].item() for scope in table["scope"].unique()}
    assert unidentified == {"chart": 24 - 7, "ranked": 12, "platform": 12}
    with pytest.raises(InputError, match="Unknown scope 'rank'. Did you mean 'ranked'"):
        split_scope(table, scope="rank")
