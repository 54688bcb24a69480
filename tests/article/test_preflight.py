"""Every rule of the preflight, each with a figure that breaks exactly that rule."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from crossover.article.preflight import COLUMNS, Expected, describe_checks, preflight
from helpers.errors import InputError
from helpers.figures.editions import PROFILES, Edition, Profile, choose_edition
from helpers.figures.export import render, save_figure
from helpers.figures.frame import Canvas, Caption
from helpers.figures.style import house_style

CAPTION = Caption("Tokens rise", "Tokens a week", "A note.", "Tokens (trillion)")
EXPECTED = Expected("en", CAPTION.title, CAPTION.measure, "Source: nobody.", "A line rises.")
DATA = pd.DataFrame({"tokens": [1, 2]})
X = np.arange(20.0)


def plain(edition: Edition, change: Callable[[Figure], object] = id) -> Figure:
    with house_style(edition):
        canvas = Canvas(edition, height_mm=70, caption=CAPTION, source=EXPECTED.source)
        axis = canvas.axes(12, 12, canvas.top + 5, canvas.bottom + 8)
        axis.plot(X, X, color="#16365C")
        change(canvas.figure)
        return canvas.figure


def write(folder: Path, edition: Edition, change: Callable[[Figure], object] = id) -> Path:
    save_figure(plain(edition, change), DATA, folder=folder, name="one", alt_text=EXPECTED.alt_text, edition=edition)
    (folder / "one.caption.txt").write_text(EXPECTED.source)
    return folder


def broken(folder: Path, profile: Profile, expected: Expected = EXPECTED) -> set[str]:
    report = preflight(folder, "one", profile, expected)
    assert len(report) > 15
    return set(report.loc[~report["passes"], "rule"])


def lines(one: str, two: str) -> Callable[[Figure], object]:
    def draw(figure: Figure) -> None:
        figure.axes[0].lines[0].set_color(one)
        figure.axes[0].plot(X, X[::-1], color=two)

    return draw


def areas(one: str, two: str) -> Callable[[Figure], object]:
    def draw(figure: Figure) -> None:
        figure.axes[0].fill_between(X, 0, X, facecolor=one, linewidth=0)
        figure.axes[0].fill_between(X, X, X + 9, facecolor=two, linewidth=0)

    return draw


BREAKS: dict[str, tuple[str, Callable[[Figure], object]]] = {  # rule -> profile and what is done to the figure
    "height": ("nature-1col", lambda figure: figure.set_size_inches(figure.get_size_inches()[0], 8)),
    "smallest text": ("nature-1col", lambda figure: figure.text(0.5, 0.5, "tiny", size=4 / 0.875)),
    "largest text": ("nature-1col", lambda figure: figure.text(0.5, 0.5, "huge", size=7.4 / 0.875)),
    "text as text": ("house", lambda figure: figure.texts[0].remove()),
    "overlapping text": ("house", lambda figure: [figure.text(0.5, 0.5, word) for word in ("here", "there")]),
    "cut text": ("house", lambda figure: figure.text(0.97, 0.8, "over the edge")),
    "contrast": ("house", lambda figure: figure.text(0.5, 0.5, "pale", color="#BBBBBB")),
    "colours of lines": ("house", lines("#5E5E5E", "#777777")),
    "colours of lines in grey": ("house", lines("#D9622B", "#3F86D9")),
    "colours of areas": ("house", areas("#5E5E5E", "#777777")),
    "colours of areas in grey": ("house", areas("#D9622B", "#3F86D9")),
}
FORGIVEN = {  # rule -> profile, and the part of it that is lifted while the figure is written
    "transparency": ("plos", {"transparency": True}, lambda figure: figure.axes[0].lines[0].set_alpha(0.4)),
    "coloured text": ("nature-1col", {"coloured_text": True}, lambda figure: figure.texts[0].set_color("#A94C21")),
    "colour mode": ("bw", {"colours": True}, lambda figure: figure.axes[0].lines[0].set_color("#D9622B")),
    "width": ("nature-1col", {"width_mm": 100}, id),
    "dpi": ("house", {"dpi": 96}, id),
}


@pytest.mark.parametrize("name", PROFILES)
def test_a_plain_figure_breaks_no_rule(tmp_path: Path, name: str) -> None:
    edition = choose_edition(name)
    assert broken(write(tmp_path, edition), edition.profile) == set()


@pytest.mark.parametrize("rule", BREAKS)
def test_what_breaks_one_rule_fails_that_rule_alone(tmp_path: Path, rule: str) -> None:
    name, change = BREAKS[rule]
    edition = choose_edition(name)
    assert broken(write(tmp_path, edition, change), edition.profile) == {rule}


@pytest.mark.parametrize("rule", FORGIVEN)
def test_what_a_place_forbids_fails_when_it_is_in_the_file(tmp_path: Path, rule: str) -> None:
    name, lifted, change = FORGIVEN[rule]
    edition = choose_edition(name)
    write(tmp_path, Edition(replace(edition.profile, **lifted)), change)
    assert broken(tmp_path, edition.profile) == {rule}


@pytest.mark.parametrize(
    ("limit", "off", "rules"),
    [
        ("width_mm", 0.1, set()),
        ("width_mm", -0.1, set()),
        ("width_mm", 0.3, {"width"}),
        ("width_mm", -0.3, {"width"}),
        ("max_height_mm", -0.1, set()),
        ("max_height_mm", -0.3, {"height"}),
    ],
)
def test_a_size_may_be_off_by_a_fifth_of_a_millimetre(tmp_path: Path, limit: str, off: float, rules: set) -> None:
    edition = choose_edition()
    profile = replace(edition.profile, max_height_mm=70)
    asked = replace(profile, **{limit: getattr(profile, limit) + off})
    assert broken(write(tmp_path, edition), asked) == rules


@pytest.mark.parametrize(
    ("x", "y", "word"), [(-0.01, 0.6, "left"), (0.99, 0.6, "right"), (0.5, 0.995, "top"), (0.5, -0.02, "bottom")]
)
def test_text_is_cut_at_every_edge(tmp_path: Path, x: float, y: float, word: str) -> None:
    edition = choose_edition()
    write(tmp_path, edition, lambda figure: figure.text(x, y, word))
    assert broken(tmp_path, edition.profile) == {"cut text"}


@pytest.mark.parametrize("line", ["axhline", "axvline"])
@pytest.mark.parametrize(("places", "rules"), [((3, 6), set()), ((3, 6, 9), {"grid lines"})])
def test_three_light_lines_side_by_side_are_a_grid(tmp_path: Path, line: str, places: tuple, rules: set) -> None:
    edition = choose_edition("nature-1col")
    write(tmp_path, edition, lambda figure: [getattr(figure.axes[0], line)(at, color="#C9CDD2") for at in places])
    assert broken(tmp_path, edition.profile) == rules


@pytest.mark.parametrize("line", ["axhline", "axvline"])
def test_short_light_marks_side_by_side_are_no_grid(tmp_path: Path, line: str) -> None:
    edition = choose_edition("nature-1col")
    write(tmp_path, edition, lambda figure: [getattr(figure.axes[0], line)(at, 0.1, 0.2, color="#C9CDD2") for at in X])
    assert broken(tmp_path, edition.profile) == set()


def test_lines_of_like_colours_in_panels_side_by_side_are_not_compared(tmp_path: Path) -> None:
    def split(figure: Figure) -> None:
        lines("#5E5E5E", "#777777")(figure)
        figure.axes[0].lines[0].set_data(X[:12] / 2, X[:12])
        figure.axes[0].lines[1].set_data(9 + X[:12] / 2, X[:12])

    edition = choose_edition()
    assert broken(write(tmp_path, edition, split), edition.profile) == set()


def test_other_dashes_tell_lines_of_like_colours_apart(tmp_path: Path) -> None:
    def dash(figure: Figure) -> None:
        lines("#5E5E5E", "#777777")(figure)
        figure.axes[0].lines[1].set_linestyle((0, (4, 1.5)))

    edition = choose_edition()
    assert broken(write(tmp_path, edition, dash), edition.profile) == set()


def test_a_hatched_area_is_told_by_its_hatch(tmp_path: Path) -> None:
    def hatch(figure: Figure) -> None:
        areas("#AAAAAA", "#FFFFFF")(figure)
        figure.axes[0].collections[1].set(hatch="////", edgecolor="#16365C")

    edition = choose_edition()
    assert broken(write(tmp_path, edition, hatch), edition.profile) == set()


def test_type_3_fonts_are_found(tmp_path: Path) -> None:
    edition = choose_edition()
    write(tmp_path, edition)
    figure = plain(edition)
    with house_style(edition), mpl.rc_context({"pdf.fonttype": 3}):
        figure.savefig(tmp_path / "one.pdf")
    assert broken(tmp_path, edition.profile) == {"fonts"}


def test_an_svg_that_leaves_its_fonts_to_the_reader_fails(tmp_path: Path) -> None:
    edition = choose_edition()
    file = write(tmp_path, edition) / "one.svg"
    file.write_text(file.read_text().replace("@font-face", "@nothing"))
    assert broken(tmp_path, edition.profile) == {"fonts"}


def test_an_svg_with_outlines_for_letters_fails(tmp_path: Path) -> None:
    edition = choose_edition()
    file = write(tmp_path, edition) / "one.svg"
    carried = file.read_text().partition("<style")[2].partition("</style>")[0]
    with house_style(edition), mpl.rc_context({"svg.fonttype": "path"}):
        plain(edition).savefig(file)
    file.write_text(file.read_text().replace("<style", f"<style{carried}</style><style", 1))
    assert broken(tmp_path, edition.profile) == {"text as text"}


def test_a_translucent_picture_fails(tmp_path: Path) -> None:
    edition = choose_edition()
    file = write(tmp_path, edition) / "one.png"
    with Image.open(file) as image:
        image.putpixel((0, 0), (255, 255, 255, 0))
        image.save(file, dpi=image.info["dpi"])
    assert broken(tmp_path, edition.profile) == {"alpha"}


def test_a_tiff_with_an_alpha_channel_fails(tmp_path: Path) -> None:
    edition = choose_edition("plos")
    file = write(tmp_path, edition) / "one.tiff"
    with Image.open(file) as image:
        image.convert("RGBA").save(file, dpi=image.info["dpi"], compression="tiff_lzw")
    assert broken(tmp_path, edition.profile) == {"colour mode"}


def test_a_heavy_file_fails(tmp_path: Path) -> None:
    edition = choose_edition()
    assert broken(write(tmp_path, edition), replace(edition.profile, megabytes=0.001)) == {"file size"}


@pytest.mark.parametrize("name", ["house", "nature-1col"])
def test_a_missing_source_fails_in_the_figure_and_in_the_caption(tmp_path: Path, name: str) -> None:
    edition = choose_edition(name)
    expected = replace(EXPECTED, source="Source: somebody else.")
    assert broken(write(tmp_path, edition), edition.profile, expected) == {"source line"}


def test_alt_text_that_does_not_agree_with_the_data_fails(tmp_path: Path) -> None:
    edition = choose_edition()
    expected = replace(EXPECTED, alt_text="A line falls.")
    assert broken(write(tmp_path, edition), edition.profile, expected) == {"alt text agrees"}


@pytest.mark.parametrize(("language", "title"), [("en", "a b c d e f g h i j k"), ("zh", "词" * 31)])
def test_a_long_title_fails(tmp_path: Path, language: str, title: str) -> None:
    edition = choose_edition(language=language)
    figure = plain(edition, lambda figure: figure.texts[0].set_text(title))
    save_figure(figure, DATA, folder=tmp_path, name="one", alt_text=EXPECTED.alt_text, edition=edition)
    assert broken(tmp_path, edition.profile, replace(EXPECTED, language=language, title=title)) == {"title"}


@pytest.mark.parametrize(("language", "title"), [("en", "a b c d e f g h i j"), ("zh", "词" * 30)])
def test_the_longest_title_passes(tmp_path: Path, language: str, title: str) -> None:
    edition = choose_edition(language=language)
    figure = plain(edition, lambda figure: figure.texts[0].set_text(title))
    save_figure(figure, DATA, folder=tmp_path, name="one", alt_text=EXPECTED.alt_text, edition=edition)
    assert broken(tmp_path, edition.profile, replace(EXPECTED, language=language, title=title)) == set()


@pytest.mark.parametrize(("length", "rules"), [(0, {"alt text"}), (1000, set()), (1001, {"alt text"})])
def test_alt_text_has_1_to_1000_characters(tmp_path: Path, length: int, rules: set) -> None:
    edition = choose_edition()
    write(tmp_path, edition)
    (tmp_path / "one.txt").write_text("a" * length)
    assert broken(tmp_path, edition.profile, replace(EXPECTED, alt_text="a" * length)) == rules


def test_the_report_names_three_offences_and_counts_the_others(tmp_path: Path) -> None:
    def colour(figure: Figure) -> None:
        for height, word in enumerate("abcde", start=3):
            figure.text(0.5, height / 10, word, color="#A94C21")

    edition = choose_edition("nature-1col")
    write(tmp_path, Edition(replace(edition.profile, coloured_text=True)), colour)
    report = preflight(tmp_path, "one", edition.profile, EXPECTED).set_index("rule")
    assert report.loc["coloured text", "found"] == "a; b; c and 2 more"


def test_the_report_says_by_how_much(tmp_path: Path) -> None:
    edition = choose_edition("nature-1col")
    write(tmp_path, edition, BREAKS["smallest text"][1])
    report = preflight(tmp_path, "one", edition.profile, EXPECTED).set_index("rule")
    assert report.loc["smallest text", ["found", "limit"]].tolist() == ["4.00 pt", "at least 5 pt"]


def test_the_table_of_checks_begins_with_what_failed_and_ends_with_the_count() -> None:
    rows = [("one", "pdf", "width", "89.0 mm", "89 mm", True), ("one", "png", "dpi", "72 dpi", "300 dpi", False)]
    lines = describe_checks(pd.DataFrame(rows, columns=COLUMNS)).splitlines()
    assert [line.split() for line in lines] == [
        ["figure", "file", "rule", "found", "limit", "passes"],
        ["one", "png", "dpi", "72", "dpi", "300", "dpi", "FAIL"],
        ["one", "pdf", "width", "89.0", "mm", "89", "mm", "pass"],
        ["2", "checks,", "1", "failed."],
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    edition = choose_edition()
    write(tmp_path, edition)
    (tmp_path / "one.svg").unlink()
    with pytest.raises(InputError, match=r"lacks one\.svg\. Draw it again"):
        preflight(tmp_path, "one", edition.profile, EXPECTED)


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_a_damaged_file_is_named(tmp_path: Path, kind: str) -> None:
    edition = choose_edition()
    write(tmp_path, edition)
    (tmp_path / f"one.{kind}").write_bytes(render(plain(edition), kind, edition)[:300])
    with pytest.raises(InputError, match=rf"one\.{kind} cannot be read as a .* Draw it again"):
        preflight(tmp_path, "one", edition.profile, EXPECTED)
