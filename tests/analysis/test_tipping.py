from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis.bounds import lead_states, split_scope
from helpers.analysis.tipping import find_tipping_points
from helpers.errors import InputError

COUNTS = st.integers(0, 10**6) | st.integers(2**53, 2**60)
ORIGINS = ["China", "US", "Other", "Unknown", "other"]


def origin_weekly(*weeks: tuple[int, int, int, int, int], days: int = 7) -> pd.DataFrame:
    """China, US, Other, Unknown and `other` of each week, all of it in scope ranked and platform."""
    starts = pd.date_range("2026-01-05", periods=len(weeks), freq="7D", unit="us")
    rows = [
        (start, scope, origin, tokens, days)
        for start, counts in zip(starts, weeks, strict=True)
        for scope in ("ranked", "platform")
        for origin, tokens in zip(ORIGINS, counts, strict=True)
        if scope == "platform" or origin != "other"
    ]
    return pd.DataFrame(rows, columns=["week_start", "scope", "origin", "tokens", "days_observed"])


def tipping(china: int, us: int, other: int, free: int) -> pd.Series:
    return find_tipping_points(origin_weekly((china, us, other, 0, free)), scopes=["platform"]).iloc[0]


@settings(deadline=None)
@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_at_each_share_the_two_are_level(china, us, other, free) -> None:
    row = tipping(china, us, other, free)
    ahead, behind = max(china, us), min(china, us)
    if pd.isna(row["share_rest_to_leader"]):
        assert free == 0 or behind + free < ahead
        return
    share, third = Fraction(row["share_rest_to_leader"]), Fraction(row["share_rest_to_third"])
    scale = Fraction(ahead + free, 10**12)
    assert abs((behind + share * free) - (ahead + (1 - share) * free)) <= scale
    assert abs((behind + third * free) - ahead) <= scale


@settings(deadline=None)
@given(COUNTS, COUNTS, COUNTS)
def test_a_share_exists_where_the_state_is_not_identified(china, us, free) -> None:
    table = origin_weekly((china, us, 0, 0, free))
    row = find_tipping_points(table, scopes=["platform"]).iloc[0]
    state = lead_states(split_scope(table, scope="platform")).item()
    assert pd.notna(row["share_rest_to_third"]) == (state == "not identified" and free > 0)
    assert pd.notna(row["share_rest_to_leader"]) == pd.notna(row["share_rest_to_third"])
    assert ("unidentified" in row["overturned_by"]) == pd.notna(row["share_rest_to_third"])


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_the_factor_is_the_ratio_or_its_inverse(china, us) -> None:
    row = tipping(china, us, 0, 0)
    if min(china, us) == 0:
        assert pd.isna(row["tokenizer_factor"])
        assert row["overturned_by"] == "nothing"
    else:
        assert row["tokenizer_factor"] == pytest.approx(max(china / us, us / china), rel=1e-12)
        assert row["overturned_by"] == "tokenizers only"


@pytest.mark.parametrize(
    ("china", "us", "free", "expected"),
    [
        (6, 4, 4, ["China", "US", 0.75, 0.5, 1.5, "unidentified tokens or tokenizers"]),
        (4, 6, 4, ["US", "China", 0.75, 0.5, 1.5, "unidentified tokens or tokenizers"]),
        (6, 4, 2, ["China", "US", 1.0, 1.0, 1.5, "unidentified tokens or tokenizers"]),  # all of them, and only just
        (6, 4, 1, ["China", "US", None, None, 1.5, "tokenizers only"]),
        (0, 6, 8, ["US", "China", 0.875, 0.75, None, "unidentified tokens only"]),
        (0, 6, 1, ["US", "China", None, None, None, "nothing"]),
        (5, 5, 2, ["US", "China", 0.5, 0.0, 1.0, "unidentified tokens or tokenizers"]),  # a tie is no lead of China
    ],
)
def test_a_week_worked_out_by_hand(china, us, free, expected) -> None:
    row = tipping(china, us, 100, free)
    names = "leader behind share_rest_to_leader share_rest_to_third tokenizer_factor overturned_by".split()
    assert [None if pd.isna(row[name]) else row[name] for name in names] == expected
    assert (row["lead_tokens"], row["unidentified_tokens"]) == (abs(china - us), free)


def test_the_scopes_come_in_the_order_asked_for_and_count_their_own_unidentified_tokens() -> None:
    table = find_tipping_points(origin_weekly((6, 4, 1, 2, 4), (4, 6, 1, 0, 0)), scopes=["ranked", "platform"])
    assert table["scope"].tolist() == ["ranked", "ranked", "platform", "platform"]
    assert table["unidentified_tokens"].tolist() == [6, 0, 6, 0]
    assert table["leader"].tolist() == ["China", "US"] * 2


def test_a_week_cut_by_the_record_has_no_row() -> None:
    assert find_tipping_points(origin_weekly((6, 4, 0, 0, 4), days=5), scopes=["platform"]).empty
    assert len(find_tipping_points(origin_weekly((6, 4, 0, 0, 4), days=5), scopes=["platform"], min_days=5)) == 1


def test_an_unknown_scope_is_refused() -> None:
    with pytest.raises(InputError, match="Unknown scope 'charts'. Did you mean 'chart'"):
        find_tipping_points(origin_weekly((6, 4, 0, 0, 4)), scopes=["charts"])


def test_a_week_of_no_days_is_refused() -> None:
    with pytest.raises(InputError, match="min_days is 0; a week has 1 to 7 days"):
        find_tipping_points(origin_weekly((6, 4, 0, 0, 4)), scopes=["platform"], min_days=0)
