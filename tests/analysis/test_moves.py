import pandas as pd
import pytest

from crossover.live.moves import list_moves


def results(*, ratio: float = 1.5, state: str = "China", reversals: int = 1, verdict: str = "holds") -> dict:
    """One small table of each kind."""
    weeks = pd.to_datetime(["2026-02-02", "2026-02-09"])
    back = pd.date_range("2026-03-02", periods=reversals, freq="14D")
    return {
        "ratios": pd.DataFrame({"week_start": weeks, "scope": "chart", "ratio": [ratio, 2.0], "state": [state, "US"]}),
        "crossovers": pd.DataFrame(
            {
                "scope": "chart",
                "rule": ["first_lead", "certain_lead"] + ["reversal"] * reversals,
                "week_start": [weeks[1], pd.NaT, *back],
            }
        ),
        "claim_settings": pd.DataFrame(
            {"claim_id": ["c"], "scope": ["chart"], "policy": ["as_of"], "value": ["4.1"], "agreement": ["open"]}
        ),
        "claims": pd.DataFrame({"claim_id": ["c"], "verdict": [verdict]}),
    }


def test_the_same_results_do_not_move() -> None:
    assert list_moves(results(), results()).empty


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"ratio": 1.5000000001}, ["ratios", "2026-02-02 chart", "ratio", "1.5", "1.5000000001"]),
        ({"state": "US"}, ["ratios", "2026-02-02 chart", "state", "China", "US"]),
        ({"verdict": "contradicted"}, ["claims", "c", "verdict", "holds", "contradicted"]),
        ({"reversals": 2}, ["crossovers", "chart reversal 2", "week_start", "none", "2026-03-16"]),
        ({"reversals": 0}, ["crossovers", "chart reversal 1", "week_start", "2026-03-02", "none"]),
    ],
)
def test_what_moves_is_named_with_both_values(changed, expected) -> None:
    assert list_moves(results(), results(**changed)).to_numpy().tolist() == [expected]


def test_a_ratio_that_nothing_defines_stays_where_it_is() -> None:
    assert list_moves(results(ratio=float("nan")), results(ratio=float("nan"))).empty
    moved = list_moves(results(ratio=float("nan")), results(ratio=float("inf")))
    assert moved[["before", "after"]].to_numpy().tolist() == [["nan", "inf"]]
