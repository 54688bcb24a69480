"""What holds for every figure: true size, nothing cut or overlapping, words that agree with the data."""

import re
from itertools import product
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers.figures import (
    china_against_us,
    largest_models,
    ratio_with_bounds,
    specification_curve,
    tokens_by_origin,
    truncation_curve,
    weights_by_origin,
)
from helpers.figures.catalogue import FIGURES
from helpers.figures.editions import choose_edition
from helpers.figures.frame import fit_months
from helpers.figures.words import ENGLISH

SOURCE = "Source: OpenRouter (openrouter.ai/rankings), as of 2026-10-11T00:27Z. CC BY 4.0."
HEADLINE = {
    "universe": "chart_9", "variants": "separate", "stealth": "as_of", "derivatives": "publisher", "poolside": "US",
    "nex_agi": "China", "space_bunny": "Unknown", "non_text": "in", "free": "in", "week": "monday",
}  # fmt: skip
EACH = pytest.mark.parametrize("module", FIGURES.values(), ids=lambda module: module.NAME)
RECORDS, WIDTHS = ["real", "small"], [89, 183]
GROWN = [*RECORDS, "long"]  # ten times the days, a thousand times the tokens


def prepared(module: ModuleType, tables: dict) -> pd.DataFrame:
    options = {"headline": HEADLINE} if module is specification_curve else {}
    if module is truncation_curve:
        weeks = tables["truncation"]["week_start"]
        options["reported_week"] = "2026-02-09" if weeks.eq("2026-02-09").any() else f"{weeks.max():%Y-%m-%d}"
    return module.prepare(*(tables[name] for name in module.TABLES), **options)


def texts(figure: Figure) -> list[tuple[str, np.ndarray]]:
    """Every visible text with its box as drawn (pixels)."""
    renderer = figure.canvas.get_renderer()
    figure.draw(renderer)
    shown = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    boxes = [(text.get_text(), Text.get_window_extent(text, renderer).get_points()) for text in shown]
    # Ticks outside the limits have texts that are never drawn.
    return [(text, box) for text, box in boxes if np.isfinite(box).all() and box[1, 0] > 0 and box[1, 1] > 0]


def overlap(one: np.ndarray, two: np.ndarray) -> float:
    sides = np.minimum(one[1], two[1]) - np.maximum(one[0], two[0])
    return float(sides.min())


@pytest.fixture(
    scope="module",
    params=product(FIGURES.values(), GROWN, WIDTHS),
    ids=lambda asked: f"{asked[0].NAME}-{asked[1]}-{asked[2]}",
)
def drawn(request: pytest.FixtureRequest) -> tuple[Figure, int, list[tuple[str, np.ndarray]]]:
    """A figure, the width asked for (mm), and its texts: drawn once for all tests that only look."""
    module, record, width = request.param
    data = prepared(module, request.getfixturevalue(record))
    figure = module.draw(data, source=SOURCE, edition=choose_edition(width_mm=width))
    return figure, width, texts(figure)


def test_has_the_width_asked_for(drawn: tuple) -> None:
    figure, width, _ = drawn
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(width)
    assert figure.get_size_inches()[1] * 25.4 <= 170  # the tallest that a journal page takes


def test_no_text_is_cut(drawn: tuple) -> None:
    figure, _, found = drawn
    wide, high = figure.get_size_inches() * figure.dpi
    cut = [t for t, box in found if box[0].min() < -1 or box[1, 0] > wide + 1 or box[1, 1] > high + 1]
    assert cut == []


def test_no_two_texts_overlap(drawn: tuple) -> None:
    figure, _, found = drawn
    slack = figure.dpi * 0.35 / 25.4  # boxes include the space for descenders
    touching = [
        (one[0], two[0]) for place, one in enumerate(found) for two in found[:place] if overlap(one[1], two[1]) > slack
    ]
    assert touching == []


def test_smallest_text_can_be_read_in_print(drawn: tuple) -> None:
    assert min(t.get_fontsize() for t in drawn[0].findobj(Text) if t.get_text().strip()) >= 6.5


def test_names_its_source_and_what_is_unidentified(drawn: tuple) -> None:
    words = " ".join(t.get_text() for t in drawn[0].findobj(Text)).replace("\n", " ")
    assert SOURCE in words
    assert "nidentified" in words


@EACH
@pytest.mark.parametrize("record", RECORDS)
def test_input_stays_as_it_was(module: ModuleType, record: str, request: pytest.FixtureRequest) -> None:
    tables = request.getfixturevalue(record)
    before = {name: tables[name].copy() for name in module.TABLES}
    data = prepared(module, tables)
    kept = data.copy()
    module.draw(data, source=SOURCE)
    assert all(tables[name].equals(table) for name, table in before.items())
    assert data.equals(kept)


@EACH
def test_describes_itself_in_a_few_sentences(module: ModuleType, real: dict) -> None:
    words = module.describe(prepared(module, real))
    assert 80 < len(words) < 700
    assert words.endswith(".")


def test_tokens_of_all_origins_are_the_platforms(real: dict) -> None:
    data = tokens_by_origin.prepare(real["origin_weekly"])
    week = data[data["week_start"].eq("2026-02-09")].drop(columns="week_start")
    usage = real["usage_daily"]
    days = usage["date"].between("2026-02-09", "2026-02-15")
    assert int(week.to_numpy().sum()) == int(usage.loc[days, "tokens"].sum())


def test_weeks_cut_by_the_record_are_not_drawn(real: dict) -> None:
    data = tokens_by_origin.prepare(real["origin_weekly"])
    assert [f"{data['week_start'].iloc[place]:%Y-%m-%d}" for place in (0, -1)] == ["2025-01-06", "2026-09-28"]


def test_every_change_of_lead_is_marked(real: dict) -> None:
    data = china_against_us.prepare(real["origin_weekly"])
    changes = data[data["new_leader"].ne("")]
    marked = [f"{row.scope} {row.new_leader} {row.week_start:%m-%d}" for row in changes.itertuples()]
    assert marked == [
        "chart China 02-09",
        "chart US 02-23",
        "chart China 03-02",
        "chart US 04-13",
        "chart China 04-27",
        "ranked China 03-16",
        "ranked US 04-06",
        "ranked China 04-27",
    ]


def test_chart_weeks_without_china_are_marked_not_dropped(real: dict) -> None:
    data = ratio_with_bounds.prepare(real["ratios"])
    absent = data[data["scope"].eq("chart") & data["ratio"].eq(0)]
    assert len(absent) == 3
    figure = ratio_with_bounds.draw(data, source=SOURCE)
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert [len(line.get_xdata()) for line in crosses] == [3]


def test_ratio_figure_quotes_the_reported_week(real: dict) -> None:
    figure = ratio_with_bounds.draw(ratio_with_bounds.prepare(real["ratios"]), source=SOURCE)
    words = " ".join(t.get_text() for t in figure.findobj(Text)).replace("\n", " ")
    assert "1.40, bounds 0.46 to 3.44, not identified" in words
    assert "0.85, bounds 0.75 to 0.98, the US led" in words


def test_titles_follow_the_data(small: dict, real: dict) -> None:
    here, there = (
        china_against_us.draw(china_against_us.prepare(t["origin_weekly"]), source=SOURCE) for t in (small, real)
    )
    first, second = (next(iter(figure.texts)).get_text() for figure in (here, there))
    assert first == "The lead between China and the US changed once"
    assert second == "The lead between China and the US changed several times"


def test_shares_of_weights_add_up_to_the_platform(real: dict) -> None:
    data = weights_by_origin.prepare(real["tagged_weekly"])
    sums = data.groupby("week_start")[["share_open", "share_closed", "share_unknown"]].sum().sum(axis="columns")
    assert np.allclose(sums, 1, atol=1e-12)


def test_largest_models_keeps_the_date_where_two_names_would_look_alike(real: dict) -> None:
    figure = largest_models.draw(largest_models.prepare(real["tagged_weekly"]), source=SOURCE)
    words = [t.get_text() for t in figure.findobj(Text)]
    names = [word for word in words if re.fullmatch(r"[\w-]+/[\w.-]+", word)]
    assert len(names) == len(set(names)) == 24


@pytest.mark.parametrize("module", [china_against_us, tokens_by_origin, weights_by_origin], ids=lambda m: m.NAME)
def test_counts_stay_exact_in_weeks_beyond_2_53(module: ModuleType, real: dict, long: dict) -> None:
    few, many = (prepared(module, tables).set_index("week_start").loc["2026-01-05":] for tables in (real, long))
    counts = few.select_dtypes("int64")
    assert (counts * 1001).equals(many[counts.columns])
    assert many.select_dtypes("int64").max(axis=None) > 2**53


@pytest.mark.parametrize(
    ("first", "last", "step", "labels"),
    [
        ("2026-01-05", "2026-02-02", 1, ["2026-02-01"]),  # too short for two
        ("2025-01-06", "2026-09-28", 3, ["2025-04-01", "2026-07-01"]),
        ("2025-01-06", "2032-09-27", 12, ["2026-01-01", "2032-01-01"]),
        ("2009-01-26", "2026-09-28", 60, ["2010-01-01", "2025-01-01"]),
        ("1926-01-04", "2026-09-28", 240, ["1940-01-01", "2020-01-01"]),
    ],
)
def test_months_are_labelled_as_far_apart_as_they_fit(first: str, last: str, step: int, labels: list[str]) -> None:
    found, days = fit_months(pd.Timestamp(first), pd.Timestamp(last), most=8)
    assert (found, [f"{day:%Y-%m-%d}" for day in (days[0], days[-1])][-len(labels) :]) == (step, labels)


def test_of_many_changes_of_lead_the_latest_are_named_with_their_year(long: dict) -> None:
    data = china_against_us.prepare(long["origin_weekly"])
    figure = china_against_us.draw(data, source=SOURCE)
    named = [t.get_text() for t in figure.findobj(Text) if re.fullmatch(r"(China|US) \d+ \w{3} \d\d", t.get_text())]
    assert len(named) == 20
    assert "US 13 Apr 26" in named
    assert "Named are the latest 10 changes of each panel." in china_against_us.caption(data, ENGLISH).note
    count = data[data["new_leader"].ne("")].groupby("scope").size()
    assert f": {count['chart']} changes, the latest US ahead from 2024-05-20, China" in china_against_us.describe(data)
