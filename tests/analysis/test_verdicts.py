import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis.measures import NEVER, Estimate
from helpers.analysis.verdicts import UNITS, agrees_throughout, as_text, describe_accepted, judge_claim, judge_setting


@pytest.mark.parametrize(
    ("unit", "published", "agreeing", "disagreeing"),
    [
        ("trillion tokens", "4.12", [4.079, 4.12, 4.161], [4.078, 4.162]),  # 1 % is coarser than the print
        ("trillion tokens", "18", [17.5, 18.5], [17.49, 18.51]),  # the print is coarser than 1 %
        ("trillion tokens", "18.0", [17.82, 18.18], [17.81, 18.19]),
        ("share", "0.70", [0.693, 0.707], [0.692, 0.708]),
        ("relative change", "-0.5", [-0.55, -0.45], [-0.56, -0.44]),
        ("at least trillion tokens", "25", [25, 36], [24.999]),
        ("at least", "3", [3, math.inf], [2.999]),
        ("more than a share of", "0.5", [0.5000001, 1.2], [0.5, 0.4]),
        ("less than", "1", [0.999999, -4], [1, 1.1]),
        ("direction", "increasing", [0.001, 1], [0, -1]),
        ("direction", "decreasing", [-0.001, -1], [0, 1]),
        ("week", "2026-02-09", [pd.Timestamp("2026-02-09")], [pd.Timestamp("2026-02-16"), NEVER]),
    ],
)
def test_a_unit_says_which_values_agree(unit, published, agreeing, disagreeing) -> None:
    least, greatest = UNITS[unit].accept(published)
    assert all(least <= value <= greatest for value in agreeing)
    assert not any(least <= value <= greatest for value in disagreeing)


@pytest.mark.parametrize(
    ("unit", "published"),
    [
        *[("trillion tokens", text) for text in ("about 4", "nan", "inf", "1e3", "4,12", "")],
        *[("week", text) for text in ("2026-02-30", "9 February", "20260209")],
        ("direction", "up"),
    ],
)
def test_a_value_that_the_unit_cannot_read_is_refused(unit, published) -> None:
    with pytest.raises(ValueError):
        UNITS[unit].accept(published)


@pytest.mark.parametrize(
    ("estimate", "agreement"),
    [
        (Estimate(4.12, 4.12, 9.0), "supported"),
        (Estimate(3.0, 2.0, 4.05), "open"),
        (Estimate(3.0, 2.0, 3.9), "contradicted"),
        (Estimate(5.5, 5.5, 6.4), "contradicted"),
    ],
)
def test_the_value_decides_and_then_the_bounds(estimate, agreement) -> None:
    assert judge_setting(estimate, (4.0, 4.2)) == agreement


def test_a_strict_claim_is_open_only_if_the_bounds_pass_the_limit() -> None:
    more_than_half = UNITS["more than a share of"].accept("0.5")
    assert judge_setting(Estimate(0.4, 0.3, 0.5), more_than_half) == "contradicted"
    assert judge_setting(Estimate(0.4, 0.3, 0.51), more_than_half) == "open"


def test_a_week_in_which_china_cannot_lead_is_excluded_between_the_bounds() -> None:
    weeks = pd.date_range("2026-02-02", periods=4, freq="7D")
    claim = (weeks[1], weeks[1])
    assert judge_setting(Estimate(weeks[2], weeks[0], weeks[3]), claim) == "open"
    assert judge_setting(Estimate(weeks[2], weeks[0], weeks[3], frozenset({weeks[1]})), claim) == "contradicted"


NUMBERS = st.floats(-10, 10)


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS).map(sorted), st.tuples(NUMBERS, NUMBERS).map(sorted))
def test_a_setting_is_contradicted_exactly_if_no_value_within_the_bounds_agrees(levels, accepted) -> None:
    (low, value, high), (least, greatest) = levels, accepted
    estimate = Estimate(value, low, high)
    possible = any(least <= candidate <= greatest for candidate in (low, high)) or low <= least <= high
    assert (judge_setting(estimate, (least, greatest)) == "contradicted") == (not possible)
    if agrees_throughout(estimate, (least, greatest)):
        assert judge_setting(estimate, (least, greatest)) == "supported"


def settings(agreements: dict[tuple[str, str], str], *, judged: tuple[str, ...] = ("chart", "ranked")) -> pd.DataFrame:
    rows = [(scope, policy, scope in judged, agreement) for (scope, policy), agreement in agreements.items()]
    return pd.DataFrame(rows, columns=["scope", "policy", "judged", "agreement"])


@pytest.mark.parametrize(
    ("chart", "ranked", "verdict"),
    [
        ("supported supported", "supported supported", "holds"),
        ("supported supported", "contradicted contradicted", "holds only under scope chart"),
        ("supported open", "contradicted open", "holds only under scope chart with stealth policy as_of"),
        (
            "open supported",
            "open supported",
            "holds only under scopes chart and ranked with stealth policy unknown",
        ),
        (
            "supported supported",
            "open supported",
            "holds only under scope chart; scope ranked with stealth policy unknown",
        ),
        ("contradicted contradicted", "contradicted open", "not identified"),
        ("contradicted contradicted", "contradicted contradicted", "contradicted"),
        ("not testable", "not testable", "not testable with this record"),
        ("not testable", "supported supported", "holds"),
    ],
)
def test_the_verdict_names_where_a_claim_holds(chart, ranked, verdict) -> None:
    found = {}
    for scope, agreements in (("chart", chart), ("ranked", ranked)):
        pair = ["not testable"] * 2 if agreements == "not testable" else agreements.split()
        found |= {(scope, policy): agreement for policy, agreement in zip(("as_of", "unknown"), pair, strict=True)}
    assert judge_claim(settings(found)) == verdict


def test_scopes_that_the_claim_does_not_state_are_not_judged() -> None:
    found = {("chart", "as_of"): "supported", ("ranked", "as_of"): "contradicted"}
    assert judge_claim(settings(found, judged=("chart",))) == "holds"


def test_a_number_is_written_in_full() -> None:
    assert as_text(0.1 + 0.2) == "0.30000000000000004"
    assert as_text(math.inf) == "inf"
    assert as_text(math.nan) == ""


@pytest.mark.parametrize(
    ("unit", "published", "words"),
    [
        ("share", "0.70", "0.693 to 0.707"),
        ("at least", "3", "at least 3"),
        ("more than a share of", "0.5", "more than 0.5"),
        ("less than", "1", "less than 1"),
        ("direction", "decreasing", "below 0"),
        ("week", "2026-02-09", "2026-02-09"),
    ],
)
def test_what_is_accepted_is_said_in_words(unit, published, words) -> None:
    assert describe_accepted(unit, published) == words
