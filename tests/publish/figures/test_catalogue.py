"""Every figure in every profile and both languages: it passes its own preflight, and looks as it did."""

import importlib.util
import pkgutil
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from PIL import Image

from crossover.article.packages import full_caption, read_back
from crossover.article.preflight import check_drawn
from helpers import figures
from helpers.errors import InputError
from helpers.figures.catalogue import FIGURES
from helpers.figures.edition import choose_edition
from helpers.figures.export import save_figure
from helpers.figures.profiles import PROFILES
from helpers.figures.words import speak

BASELINE = Path(__file__).parents[1] / "baseline"
TOLERANCE = 3.0  # root mean square difference of greys, 0 to 255: text that moved by a line is about 8
CITATION = "Source: OpenRouter (openrouter.ai/rankings), as of 2026-10-11T00:27Z."
SOURCES = {
    language: speak(language)("common.source", citation=CITATION, as_of="2026-10-11T00:27Z")
    for language in ("en", "zh")
}
NAME = pytest.mark.parametrize("name", FIGURES)
LANGUAGE = pytest.mark.parametrize("language", ["en", "zh"])


def write(one, folder: Path, source: str) -> None:
    save_figure(one.figure, one.data, folder=folder, name=one.name, alt_text=one.alt_text, edition=one.edition)
    (folder / f"{one.name}.caption.txt").write_text(full_caption(one, source), encoding="utf-8")


def words(one) -> str:
    return "".join(re.sub(r"\s", "", text.get_text()) for text in one.figure.findobj(Text))


def test_every_module_with_a_name_is_in_the_catalogue() -> None:
    modules = [importlib.import_module(f"{figures.__name__}.{m.name}") for m in pkgutil.iter_modules(figures.__path__)]
    assert sorted(m.NAME for m in modules if hasattr(m, "NAME")) == sorted(FIGURES)


@pytest.mark.slow
@NAME
@LANGUAGE
@pytest.mark.parametrize("profile", PROFILES)
def test_passes_its_own_preflight(
    name: str, language: str, profile: str, real: dict, draw_one: Callable, tmp_path: Path
) -> None:
    # 150 dots an inch are enough to check sizes, and four times as fast; the resolution has tests of its own.
    edition = choose_edition(profile, language)
    quick = replace(edition, profile=replace(edition.profile, dpi=150, least_dpi=96))
    one = draw_one(name, real, quick)
    write(one, tmp_path, SOURCES[language])
    report = check_drawn(one, tmp_path, source=SOURCES[language])
    assert report[~report["passes"]].to_dict("records") == []


@NAME
def test_looks_as_it_did(name: str, real: dict, draw_one: Callable, tmp_path: Path) -> None:
    """When a change is meant: tests/publish/baseline/make.py, and look at the new picture."""
    spec = importlib.util.spec_from_file_location("make", BASELINE / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    one = draw_one(name, real, choose_edition())
    save_figure(one.figure, one.data, folder=tmp_path, name=name, alt_text=one.alt_text, formats=["png"])
    with Image.open(BASELINE / f"{name}.png") as image:
        expected = np.asarray(image.convert("L"), dtype=float)
    drawn = np.asarray(make.shrink(tmp_path / f"{name}.png"), dtype=float)
    assert drawn.shape == expected.shape
    assert np.sqrt(np.mean((drawn - expected) ** 2)) < TOLERANCE


@NAME
def test_chinese_figures_have_no_english_word_of_ours_left(name: str, real: dict, draw_one: Callable) -> None:
    one = draw_one(name, real, choose_edition("web", "zh"))
    text = " ".join([one.alt_text, one.caption.title, one.caption.subtitle, one.caption.note])
    text += " ".join(t.get_text() for t in one.figure.findobj(Text))
    # Names of models, places and people stay as they are; sentences of English do not.
    assert re.findall(r"\b(?:the|of|week|tokens|models|ranked|chart|holds|ahead|to)\b", text) == []


@NAME
@LANGUAGE
def test_alt_text_and_caption_come_from_the_written_data(
    name: str, language: str, real: dict, draw_one: Callable, tmp_path: Path
) -> None:
    one = draw_one(name, real, choose_edition(language=language))
    save_figure(
        one.figure, one.data, folder=tmp_path, name=name, alt_text=one.alt_text, formats=[], edition=one.edition
    )
    module, _ = FIGURES[name]
    written = (tmp_path / f"{name}.txt").read_text(encoding="utf-8").strip()
    data = read_back(tmp_path / f"{name}.csv", one.data)
    assert module.describe(data, one.edition.words) == written
    assert module.caption(data, one.edition.words) == one.caption


@NAME
@pytest.mark.parametrize(("profile", "language"), [("house", "en"), ("nature-1col", "zh")])
def test_a_figure_without_rows_is_a_frame_that_says_why(
    name: str, language: str, profile: str, real: dict, draw_one: Callable, tmp_path: Path
) -> None:
    # Specifications without a ratio are what notebook 05 writes where the record lacks the week.
    lacking = real["specifications"].assign(ratio_reported=np.nan)
    tables = {table: rows.iloc[:0] for table, rows in real.items()} | {"specifications": lacking}
    one = draw_one(name, tables, choose_edition(profile, language))
    assert len(one.data) == 0
    assert list(one.data.columns) == list(draw_one(name, real, choose_edition(profile, language)).data.columns)
    assert re.sub(r"\s", "", one.caption.note) in words(one)
    assert one.caption.note in one.alt_text
    write(one, tmp_path, SOURCES[language])
    report = check_drawn(one, tmp_path, source=SOURCES[language])
    assert report[~report["passes"]].to_dict("records") == []


RATIOS = [
    "ratio",
    "ratio_low",
    "ratio_high",
    "ratio_mix",
    "ratio_reported",
    "ratio_reported_low",
    "ratio_reported_high",
]


@pytest.mark.parametrize("name", ["ratio_with_bounds", "truncation_curve", "specification_curve", "tokens_and_money"])
@pytest.mark.parametrize("value", [0.0, np.inf, np.nan])
@pytest.mark.parametrize("every", [1, 2])
def test_ratios_that_have_no_place_on_the_axis_are_drawn_and_written_as_what_they_are(
    name: str, value: float, every: int, real: dict, draw_one: Callable, tmp_path: Path
) -> None:
    def strange(rows: pd.DataFrame) -> pd.DataFrame:
        rows = rows.copy()
        rows.loc[rows.index[::-every], [column for column in RATIOS if column in rows]] = value
        return rows

    one = draw_one(name, {table: strange(rows) for table, rows in real.items()}, choose_edition())
    save_figure(one.figure, one.data, folder=tmp_path, name=name, alt_text=one.alt_text, formats=["svg"])
    said = f"{one.alt_text} {one.caption} {' '.join(text.get_text() for text in one.figure.findobj(Text))}"
    assert not re.search(r"\b(inf|nan)\b", said, re.IGNORECASE)
    if np.isinf(one.data.filter(regex="ratio$")).any(axis=None):
        assert speak("en")("common.triangles") in one.caption.note


@LANGUAGE
def test_a_subtitle_names_the_days_that_its_weeks_begin_and_end_with(
    language: str, real: dict, draw_one: Callable
) -> None:
    spoken = speak(language)
    monday, sunday, saturday = (spoken(f"specification_curve.option.{day}") for day in ("monday", "sunday", "saturday"))
    day = pd.Timedelta(days=1)
    moved = {
        table: rows.assign(week_start=rows["week_start"] - day) if "week_start" in rows else rows
        for table, rows in real.items()
    }
    for name in ("ratio_with_bounds", "china_against_us", "tokens_by_origin", "tokens_and_money"):
        said = [draw_one(name, tables, choose_edition(language=language)).caption.subtitle for tables in (real, moved)]
        assert spoken("common.days", first=monday, last=sunday) in said[0]
        assert spoken("common.days", first=sunday, last=saturday) in said[1]


@pytest.mark.parametrize("profile", ["nature-2col", "plos", "science"])
def test_what_a_journal_prints_in_the_caption_is_not_in_the_figure(
    profile: str, real: dict, draw_one: Callable
) -> None:
    one = draw_one("ratio_with_bounds", real, choose_edition(profile))
    bare = re.sub(r"\s", "", one.caption.title)
    assert bare not in words(one)
    assert "OpenRouter(" not in words(one)
    assert one.caption.title in full_caption(one, SOURCES["en"])
    assert full_caption(one, SOURCES["en"]).endswith(SOURCES["en"])


@pytest.mark.parametrize("profile", PROFILES)
def test_unidentified_tokens_are_drawn_in_every_profile(profile: str, real: dict, draw_one: Callable) -> None:
    one = draw_one("tokens_by_origin", real, choose_edition(profile))
    assert "unidentified29%" in words(one)


@LANGUAGE
def test_a_figure_is_never_higher_than_its_place(language: str, real: dict, draw_one: Callable) -> None:
    edition = choose_edition("slide", language)
    for name in FIGURES:
        one = draw_one(name, real, edition)
        height = one.figure.get_size_inches()[1] * 25.4 * one.edition.profile.scale
        assert height <= edition.profile.max_height_mm + 0.01


def test_a_label_without_a_glyph_stops_everything(real: dict, draw_one: Callable, tmp_path: Path) -> None:
    one = draw_one("ratio_with_bounds", real, choose_edition())
    one.figure.text(0.5, 0.5, "中")
    with pytest.raises(InputError, match=r"glyph for '中' in the label '中'.*--font FILE.*nothing was written"):
        write(one, tmp_path, SOURCES["en"])
    assert list(tmp_path.iterdir()) == []
