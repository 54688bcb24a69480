"""Tables for the figures: the real record once a session, and a small invented one with awkward weeks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.claims.readings import lay_out
from helpers.analysis.claims.wording import hold_claims
from helpers.analysis.cleaning import clean_rankings
from helpers.analysis.crossover import find_crossovers
from helpers.analysis.decomposition import strip_growth
from helpers.analysis.money import price_tokens, value_weeks
from helpers.analysis.multiverse import run_multiverse
from helpers.analysis.origins import coverage, tag_origins
from helpers.analysis.ratios import compute_ratios, growth_absorbed
from helpers.analysis.truncation import date_truncations, truncate_weeks
from helpers.analysis.weeks import count_origins, sum_weeks
from helpers.data.claims import read_claims
from helpers.data.contracts import CONTRACTS, dtype_of
from helpers.data.prices import read_prices
from helpers.data.rankings import read_rankings
from helpers.data.registry import read_registry
from helpers.data.specifications import read_specifications
from helpers.figures.catalogue import Drawn, draw_figure
from helpers.figures.editions import Edition
from helpers.figures.words import speak
from helpers.vocabulary import SCOPES

ROOT = Path(__file__).resolve().parents[1]
HEADLINE = {
    "universe": "chart_9", "variants": "separate", "stealth": "as_of", "derivatives": "publisher", "poolside": "US",
    "nex_agi": "China", "space_bunny": "Unknown", "non_text": "in", "free": "in", "week": "monday",
}  # fmt: skip


BLANK = {
    "int64": 0,
    "float64": 0.0,
    "bool": False,
    "str": "",
    "datetime64[us]": pd.Timestamp("2026-01-05").as_unit("us"),
}


def complete(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Give a table written by hand the columns of its contract that do not matter to the test, in their order."""
    columns = CONTRACTS[name].columns
    blank = {key: BLANK[dtype_of(column)] for key, column in columns.items() if key not in table}
    return table.assign(**blank)[list(columns)]


def _tables(
    usage: pd.DataFrame, tagged: pd.DataFrame, prices: pd.DataFrame, windows: list[str], *, chart_size: int
) -> dict:
    weekly = sum_weeks(tagged)
    origin_weekly = count_origins(weekly, chart_size=chart_size)
    return {
        "usage_daily": usage,
        "tag_coverage": coverage(tagged),
        "tagged_weekly": weekly,
        "origin_weekly": origin_weekly,
        "crossovers": find_crossovers(origin_weekly),
        "ratios": compute_ratios(origin_weekly, scopes=SCOPES),
        "truncation": truncate_weeks(weekly),
        "truncation_leads": date_truncations(weekly),
        "growth_strip": strip_growth(origin_weekly, end_week=windows[0][-10:], scopes=SCOPES),
        "money_weekly": value_weeks(price_tokens(tagged, prices, prices_as_of="2026-09-02"), prompt_share=0.9),
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
    tables = _tables(usage, tagged, read_prices(raw), ["2025-11-03/2026-06-22"], chart_size=9)
    specifications, _ = run_multiverse(tagged, read_specifications(raw), **vars(registry))
    published, record = read_claims(raw), lay_out(usage, registry=vars(registry))
    _, claims, _ = hold_claims(published.claims, published.sources, record)
    return tables | {"specifications": specifications, "claims": claims}


@pytest.fixture(scope="session")
def long(real) -> dict[str, pd.DataFrame]:
    """The real record ten times over, backwards in time, with a thousand times the tokens: what it grows into."""
    raw = ROOT / "data" / "raw"
    tagged = tag_origins(real["usage_daily"], **vars(read_registry(raw)))
    days = tagged["date"].max() - tagged["date"].min() + pd.Timedelta(days=1)
    tagged = pd.concat([tagged.assign(date=tagged["date"] - back * days) for back in reversed(range(10))])
    tagged = tagged.assign(tokens=tagged["tokens"] * 1001).reset_index(drop=True)
    tables = _tables(tagged, tagged, read_prices(raw), ["2025-11-03/2026-06-22"], chart_size=9)
    levels = [f"value_{scope}" for scope in SCOPES]
    counts = real["claims"]["quantity"].str.startswith("tokens")
    claims = real["claims"].copy()
    claims.loc[counts, levels] *= 1001
    return tables | {"specifications": real["specifications"], "claims": claims}


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
    prices = pd.DataFrame(
        [("b/two", pd.Timestamp("2025-12-01"), 1.0, 4.0), ("b/three", pd.Timestamp("2025-12-01"), 2.0, 2.0)],
        columns=["model_permaslug", "effective_from", "prompt_usd_per_million", "completion_usd_per_million"],
    )
    tables = _tables(usage, tagged, prices, ["2026-01-05/2026-01-26"], chart_size=2)
    return tables | {"specifications": _few_specifications(), "claims": _few_claims()}


def _few_specifications() -> pd.DataFrame:
    """The headline and two others, one of them without a ratio."""
    headline = dict(HEADLINE)
    rows = [
        headline | {"ratio_reported": 0.5, "ratio_reported_low": 0.4, "ratio_reported_high": 2.0},
        headline | {"universe": "ranked", "ratio_reported": 3.0, "ratio_reported_low": 2.0, "ratio_reported_high": 9.0},
        headline | {"week": "rolling"},
    ]
    return pd.DataFrame(rows).assign(specification=range(3), rule="first_lead")


def _few_claims() -> pd.DataFrame:
    """A claim of every kind of verdict, a first lead and a number without an end among their values."""
    kinds = {
        "holds": ("tokens of US", "trillion tokens", "none", "2.5", 2.5),
        "holds only in the chart, roughly": ("first lead of China", "week", "first", "2026-02-09", 5.0),
        "rests on an unstated choice": ("growth of US", "relative change", "about", "1.27", -0.5),
        "not decided": ("ratio", "ratio", "over", "3", np.inf),
        "contradicted": ("trend of the ratio", "direction", "keeps", "increasing", 0.25),
        "not testable": ("place of developers", "none", "none", "none", np.nan),
    }
    rows = []
    for place, (verdict, (quantity, unit, hedge, printed, value)) in enumerate(kinds.items()):
        changes = unit == "direction"
        row = {"claim_id": f"claim-{place}", "source_id": "herald", "sentence": f"sentence-{place}", "cloaked": "as_of"}
        row |= {"statement": "A sentence", "quantity": quantity, "unit": unit, "hedge": hedge, "printed": printed}
        row |= {"verdict": verdict, "why": "Because.", "told": "It is so.", "window": "stated", "published": 1.0}
        row |= {"value_unit": {"week": "weeks"}.get(unit, "share of the weekly changes" if changes else unit)}
        row |= {"distance_unit": "weeks" if unit == "week" else "share of the printed value"}
        row |= {"scope_stated": "top nine" if place == 0 else "not stated"}
        for scope in SCOPES:
            row |= {f"value_{scope}": value, f"distance_{scope}": value, f"least_tolerance_{scope}": abs(value)}
        rows.append(row | {"low_all": value, "high_all": value})
    days = dict.fromkeys(["period_start", "window_start"], pd.Timestamp("2026-02-09"))
    days |= dict.fromkeys(["period_end", "window_end"], pd.Timestamp("2026-02-15"))
    return pd.DataFrame(rows).assign(**days, publisher="The Herald", published_on="2026-02-20")


CITATION = "Source: OpenRouter (openrouter.ai/rankings), as of 2026-10-11T00:27Z."
SOURCES = {
    language: speak(language)("common.source", citation=CITATION, as_of="2026-10-11T00:27Z")
    for language in ("en", "zh")
}


@pytest.fixture(scope="session")
def draw_one() -> Callable[..., Drawn]:
    """Draw a figure of the catalogue from the tables of a fixture, with the source line of the edition."""

    def draw(name: str, tables: dict, edition: Edition) -> Drawn:
        weeks = tables["truncation"]["week_start"]
        return draw_figure(
            name,
            tables.__getitem__,
            source=SOURCES[edition.words.language],
            headline=HEADLINE,
            reported_week="2026-02-09" if weeks.empty or weeks.eq("2026-02-09").any() else f"{weeks.max():%Y-%m-%d}",
            edition=edition,
        )

    return draw
