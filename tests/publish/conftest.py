"""Tables for the figures: the real record once a session, and a small invented one with awkward weeks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.cleaning import clean_rankings
from helpers.analysis.crossover import find_crossovers
from helpers.analysis.origins import coverage, tag_origins
from helpers.analysis.ratios import compute_ratios, growth_absorbed
from helpers.analysis.weeks import count_origins, sum_weeks
from helpers.data.rankings import read_rankings
from helpers.data.registry import read_registry

ROOT = Path(__file__).resolve().parents[2]
SCOPES = ["chart", "ranked", "platform"]


def _tables(usage: pd.DataFrame, tagged: pd.DataFrame, windows: list[str], *, chart_size: int) -> dict:
    weekly = sum_weeks(tagged)
    origin_weekly = count_origins(weekly, chart_size=chart_size)
    return {
        "usage_daily": usage,
        "tag_coverage": coverage(tagged),
        "tagged_weekly": weekly,
        "origin_weekly": origin_weekly,
        "crossovers": find_crossovers(origin_weekly),
        "ratios": compute_ratios(origin_weekly, scopes=SCOPES),
        "growth": growth_absorbed(origin_weekly, windows=windows, scopes=SCOPES),
    }


@pytest.fixture(scope="session")
def real() -> dict[str, pd.DataFrame]:
    raw = ROOT / "data" / "raw"
    usage = clean_rankings(read_rankings(raw))
    registry = read_registry(raw)
    tagged = tag_origins(
        usage,
        authors=registry.authors,
        lineage=registry.lineage,
        stealth=registry.stealth,
        weights=registry.weights,
    )
    return _tables(usage, tagged, ["2025-11-03/2026-06-22"], chart_size=9)


@pytest.fixture(scope="session")
def small() -> dict[str, pd.DataFrame]:
    """Four weeks of thousands of tokens: no Other, a chart week without China, no certain lead."""
    days = pd.date_range("2026-01-05", periods=28, freq="D").astype("datetime64[us]")
    # In the first week the Chinese model is too small for a chart of two.
    models = {"a/one": ("China", [1, 40, 60, 70]), "b/two": ("US", [50] * 4), "b/three": ("US", [30] * 4)}
    models["other"] = ("other", [20] * 4)
    rows = [
        (day, name, name, "", name.split("/")[0], 1000 * weekly[place // 7], origin)
        for name, (origin, weekly) in models.items()
        for place, day in enumerate(days)
    ]
    columns = ["date", "permaslug", "model", "variant", "author", "tokens", "origin"]
    tagged = pd.DataFrame(rows, columns=columns).assign(
        base_origin=lambda t: t["origin"],
        weights=lambda t: np.where(t["origin"].eq("other"), "unknown", "open"),
        modality_kind="text",
    )
    usage = tagged[columns[:-1]]
    return _tables(usage, tagged, ["2026-01-05/2026-01-26"], chart_size=2)
