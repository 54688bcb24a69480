"""Every figure in every profile and both languages: it passes its own preflight, and looks as it did."""

import importlib.util
import pkgutil
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
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


def test_a_drawn_figure_shows_itself_as_it_is_saved(real: dict, draw_one: Callable, tmp_path: Path) -> None:
    one = draw_one("ratio_with_bounds", real, choose_edition("house", "en"))
    shown, sizes = DisplayFormatter().format(one)
    again, _ = DisplayFormatter().format(one)  # a cell may be shown twice
    write(one, tmp_path, SOURCES["en"])
    assert shown["image/png"] == again["image/png"] == (tmp_path / "ratio_with_bounds.png").read_bytes()
    assert sizes["image/png"] == {"width": 692}  # 183 mm


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
