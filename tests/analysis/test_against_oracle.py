"""The real record, computed twice: by the package and by plain Python without it."""

import pandas as pd
import pytest

import oracle
from helpers.analysis.cleaning import clean_rankings
from helpers.analysis.crossover import find_crossovers
from helpers.analysis.origins import tag_origins
from helpers.analysis.ratios import compute_ratios
from helpers.analysis.weeks import count_origins, sum_weeks
from helpers.data.rankings import read_rankings
from helpers.data.registry import read_registry
from projects import ROOT

RAW = ROOT / "data" / "raw"
SCOPES = {"chart": 9, "ranked": None}


@pytest.fixture(scope="module", params=["as_of", "retrospective", "unknown"])
def both(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, object]:
    registry = read_registry(RAW)
    tagged = tag_origins(
        clean_rankings(read_rankings(RAW)),
        authors=registry.authors,
        lineage=registry.lineage,
        stealth=registry.stealth,
        weights=registry.weights,
        stealth_policy=request.param,
    )
    origin_weekly = count_origins(sum_weeks(tagged), chart_size=9)
    return origin_weekly, oracle.Record(RAW, stealth_policy=request.param)


@pytest.mark.parametrize("scope", SCOPES)
def test_every_week_has_the_same_tokens_and_bounds(both, scope: str) -> None:
    origin_weekly, record = both
    ratios = compute_ratios(origin_weekly, scopes=[scope]).set_index("week_start")
    assert len(ratios) == len(record.weeks)
    for week in record.weeks:
        row = ratios.loc[pd.Timestamp(week)]
        counts = record.counts(week, chart_size=SCOPES[scope])
        assert (row["china_tokens"], row["us_tokens"], row["unidentified_tokens"]) == counts
        expected = [float(value) for value in record.ratio(week, chart_size=SCOPES[scope])]
        assert [row["ratio"], row["ratio_low"], row["ratio_high"]] == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("scope", SCOPES)
def test_every_rule_gives_the_same_week(both, scope: str) -> None:
    origin_weekly, record = both
    found = find_crossovers(origin_weekly, scopes=[scope])
    expected = record.crossovers(chart_size=SCOPES[scope])
    reversals = found.loc[found["rule"].eq("reversal"), "week_start"].dt.date.tolist()
    assert reversals == expected.pop("reversals")
    dates = found[found["rule"].ne("reversal")].set_index("rule")["week_start"]
    assert {rule: None if pd.isna(week) else week.date() for rule, week in dates.items()} == expected
