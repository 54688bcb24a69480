"""Every figure in every profile and both languages: it passes its own preflight, and looks as it did."""

import importlib.util
import pkgutil
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.text import Text
from PIL import Image

from crossover.article.packages import full_caption, read_back
from crossover.article.preflight import check_drawn
from helpers import figures
from helpers.errors import InputError
from helpers.figures.catalogue import FIGURES, Drawn
from helpers.figures.editions import PROFILES, choose_edition
from helpers.figures.export import save_figure
from helpers.figures.words import speak

BASELINE = Path(__file__).parent / "baseline"
TOLERANCE = 3.0  # root mean square difference of greys, 0 to 255: text that moved by a line is about 8
CITATION = "Source: OpenRouter (openrouter.ai/rankings), as of 2026-10-11T00:27Z."
SOURCES = {
    language: speak(language)("common.source", citation=CITATION, as_of="2026-10-11T00:27Z")
    for language in ("en", "zh")
}
NAME = pytest.mark.parametrize("name", FIGURES)


@pytest.fixture(scope="module", params=product(FIGURES, SOURCES, PROFILES), ids="-".join)
def written(
    request: pytest.FixtureRequest, real: dict, draw_one: Callable, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Drawn, Path]:
    """A figure as written to a folder: drawn once for all tests that only look."""
    name, language, profile = request.param
    # 150 dots an inch are enough to check sizes, and four times as fast; the resolution has tests of its own.
    edition = choose_edition(profile, language)
    quick = replace(edition, profile=replace(edition.profile, dpi=150, least_dpi=96))
    one, folder = draw_one(name, real, quick), tmp_path_factory.mktemp(name)
    write(one, folder, SOURCES[language])
    return one, folder


def write(one: Drawn, folder: Path, source: str) -> None:
    save_figure(one.figure, one.data, folder=folder, name=one.name, alt_text=one.alt_text, edition=one.edition)
    (folder / f"{one.name}.caption.txt").write_text(full_caption(one, source), encoding="utf-8")


def words(one) -> str:
    return "".join(re.sub(r"\s", "", text.get_text()) for text in one.figure.findobj(Text))


def test_every_module_with_a_name_is_in_the_catalogue() -> None:
    modules = [importlib.import_module(f"{figures.__name__}.{m.name}") for m in pkgutil.iter_modules(figures.__path__)]
    assert sorted(m.NAME for m in modules if hasattr(m, "NAME")) == sorted(FIGURES)


def test_a_drawn_figure_shows_itself_as_it_is_saved(real: dict, draw_one: Callable, tmp_path: Path) -> None:
    one = draw_one("ratio_with_bounds", real, choose_edition("house", "en"))
    shown, sizes = DisplayFormatter().format(one)
    again, _ = DisplayFormatter().format(one)  # a cell may be shown twice
    write(one, tmp_path, SOURCES["en"])
    assert shown["image/png"] == again["image/png"] == (tmp_path / "ratio_with_bounds.png").read_bytes()
    assert sizes["image/png"] == {"width": 692}  # 183 mm


@pytest.mark.slow
def test_passes_its_own_preflight(written: tuple[Drawn, Path]) -> None:
    one, folder = written
    report = check_drawn(one, folder, source=SOURCES[one.edition.words.language])
    assert report[~report["passes"]].to_dict("records") == []


@NAME
def test_looks_as_it_did(name: str, real: dict, draw_one: Callable, tmp_path: Path) -> None:
    """When a change is meant: tests/figures/baseline/make.py, and look at the new picture."""
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


def test_chinese_figures_alone_have_no_english_word_of_ours_left(written: tuple[Drawn, Path]) -> None:
    one, _ = written
    text = " ".join([one.alt_text, one.caption.title, one.caption.subtitle, one.caption.note])
    text += " ".join(t.get_text() for t in one.figure.findobj(Text))
    # Names of models, places and people stay as they are; sentences of English do not.
    english = re.findall(r"\b(?:the|of|week|tokens|models|ranked|chart|holds|ahead|to)\b", text)
    assert (english == []) == (one.edition.words.language == "zh"), english


def test_alt_text_and_caption_come_from_the_written_data(written: tuple[Drawn, Path]) -> None:
    one, folder = written
    module = FIGURES[one.name]
    alt_text = (folder / f"{one.name}.txt").read_text(encoding="utf-8").strip()
    data = read_back(folder / f"{one.name}.csv", one.data)
    assert module.describe(data, one.edition.words) == alt_text
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


def test_a_figure_is_never_higher_than_its_place(written: tuple[Drawn, Path]) -> None:
    one, _ = written
    profile = one.edition.profile
    assert one.figure.get_size_inches()[1] * 25.4 * profile.scale <= profile.max_height_mm + 0.01


def test_a_label_without_a_glyph_stops_everything(real: dict, draw_one: Callable, tmp_path: Path) -> None:
    one = draw_one("ratio_with_bounds", real, choose_edition())
    one.figure.text(0.5, 0.5, "中")
    with pytest.raises(InputError, match=r"glyph for '中' in the label '中'.*--font FILE.*nothing was written"):
        write(one, tmp_path, SOURCES["en"])
    assert list(tmp_path.iterdir()) == []
