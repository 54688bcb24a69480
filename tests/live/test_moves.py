import pandas as pd
import pytest

from crossover.live.moves import compare_with_chart, list_moves
from helpers.data.forms import read_chart
from helpers.data.inputs import read_source
from helpers.data.records import compare_records


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


def chart_of(raw, *, models: list[str], weeks: list[str], extra: int = 0) -> list[dict]:
    """The weekly chart of the tiny record, added up in plain Python; `extra` tokens go to the first model."""
    found = []
    for week in weeks:
        days = {f"{day:%Y-%m-%d}" for day in pd.date_range(week, periods=7)}
        tokens = dict.fromkeys([*models, "Others"], 0)
        for line in raw.read("rankings_daily.csv").splitlines()[1:]:
            day, name, count = line.split(",")
            if day in days:
                tokens[name if name in models else "Others"] += int(count)
        tokens[models[0]] += extra
        found.append({"x": week, "ys": tokens})
    return found


def test_a_chart_that_fits_the_daily_record_has_no_differences(raw) -> None:
    weeks = ["2025-12-29", "2026-01-05", "2026-02-23", "2026-03-02"]  # the first and the last are not whole
    chart = read_chart(chart_of(raw, models=["acme/alpha", "dragon/one"], weeks=weeks), "chart")
    daily = read_source(raw.path, "bundled")
    before, after = compare_with_chart(daily, chart)
    assert sorted(before["date"].dt.strftime("%m-%d").unique()) == ["01-05", "02-23"]
    assert before["total_tokens"].dtype == "int64"
    assert len(before) == len(after) == 6
    assert compare_records(before, after).empty


def test_a_difference_is_found_whichever_comes_first(raw) -> None:
    chart = read_chart(chart_of(raw, models=["dragon/one"], weeks=["2026-02-09"], extra=5), "chart")
    daily = read_source(raw.path, "bundled")
    forth = compare_records(*compare_with_chart(daily, chart))
    back = compare_records(*compare_with_chart(chart, daily))
    assert forth[["permaslug", "change"]].to_numpy().tolist() == [["dragon/one", 5]]
    assert back[["permaslug", "change"]].to_numpy().tolist() == [["dragon/one", -5]]


def test_weeks_may_begin_on_any_day(raw) -> None:
    chart = read_chart(chart_of(raw, models=["dragon/one"], weeks=["2026-02-08", "2026-02-15"]), "chart")
    before, after = compare_with_chart(chart, read_source(raw.path, "bundled"))
    assert before["date"].nunique() == 2
    assert compare_records(before, after).empty
