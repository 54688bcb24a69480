"""Open the files of a figure as they were written, and hold them against what their place asks."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from PIL import Image

from crossover.article.packages import read_back
from crossover.article.page_rules import (
    Row,
    bare,
    cut_text,
    grid_lines,
    hexadecimal,
    holds_words,
    is_grey,
    list_offences,
    overlapping_text,
    series_colours,
    text_contrast,
)
from crossover.article.pdf_file import Page, read_page
from helpers.data.files import shown
from helpers.errors import InputError
from helpers.figures.catalogue import FIGURES, Drawn
from helpers.figures.editions import Profile

COLUMNS = ["figure", "file", "rule", "found", "limit", "passes"]
SIZE_SLACK_MM = 0.2
TEXT_SLACK_PT = 0.05
TITLE_WORDS, TITLE_CHARACTERS = 10, 30  # English words, Chinese characters
LONGEST_ALT = 1000


@dataclass(frozen=True)
class Expected:
    """What must be found in the files: words that were meant for them."""

    language: str
    title: str
    measure: str
    source: str
    alt_text: str  # as the data of the CSV give it


def preflight(folder: Path, name: str, profile: Profile, expected: Expected) -> pd.DataFrame:
    """Check every file of a figure.

    Parameters
    ----------
    folder : Path
        Where the files are.
    name : str
        The figure's name: the files are called so.
    profile : Profile
        What the place asks.
    expected : Expected
        The words that must be in the files.

    Returns
    -------
    DataFrame, shape (n_checks, 6)
        `figure, file, rule` (str), `found` and `limit` (str, with units), `passes` (bool).

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    missing = [kind for kind in (*profile.formats, "csv", "txt") if not (folder / f"{name}.{kind}").is_file()]
    if missing:
        raise InputError(f"{shown(folder)} lacks {', '.join(f'{name}.{kind}' for kind in missing)}. Draw it again.")
    page = read_page(folder / f"{name}.pdf")
    rows = [("pdf", *row) for row in _check_page(page, profile, expected)]
    for kind in profile.formats:
        path = folder / f"{name}.{kind}"
        rows.append((kind, "file size", f"{path.stat().st_size / 1e6:.2f} MB", f"at most {profile.megabytes:g} MB",
                     path.stat().st_size <= profile.megabytes * 1e6))  # fmt: skip
        if kind == "svg":
            rows += [(kind, *row) for row in _check_svg(path.read_text(encoding="utf-8"), profile)]
        if kind in ("png", "tiff"):
            rows += [(kind, *row) for row in _check_raster(path, profile)]
    rows += [("txt", *row) for row in _check_alt((folder / f"{name}.txt").read_text(encoding="utf-8"), expected)]
    rows.append(_check_source(folder, name, page, profile, expected))
    return pd.DataFrame([(name, *row) for row in rows], columns=COLUMNS)


def _size(width: float, height: float, profile: Profile) -> list[Row]:
    off, over = abs(width - profile.width_mm), height - profile.max_height_mm
    return [
        ("width", f"{width:.1f} mm", f"{profile.width_mm:g} mm", off <= SIZE_SLACK_MM),
        ("height", f"{height:.1f} mm", f"at most {profile.max_height_mm:g} mm", over <= SIZE_SLACK_MM),
    ]


def _check_page(page: Page, profile: Profile, expected: Expected) -> list[Row]:
    low, high = profile.text_pt
    smallest, largest = (pick((piece.size for piece in page.texts), default=0) for pick in (min, max))
    bad_fonts = [f"{name} {kind}" for name, (kind, is_in) in page.fonts.items() if kind == "Type3" or not is_in]
    rows = [
        *_size(page.width_mm, page.height_mm, profile),
        ("fonts", ", ".join(bad_fonts) or f"{len(page.fonts)} embedded", "embedded, none of Type 3", not bad_fonts),
        ("smallest text", f"{smallest:.2f} pt", f"at least {low:g} pt", smallest >= low - TEXT_SLACK_PT),
        ("largest text", f"{largest:.2f} pt", f"at most {high:g} pt", largest <= high + TEXT_SLACK_PT),
        holds_words("text as text", page, expected.title if profile.titled else expected.measure),
        overlapping_text(page.texts),
        cut_text(page),
        text_contrast(page),
        *series_colours(page.shapes),
    ]
    if profile.titled:
        rows.append(_title(expected))
    if not profile.transparency:
        least = min((shape.alpha for shape in page.shapes), default=1.0)
        rows.append(("transparency", f"least opacity {least:.2f}", "none: opacity 1", least >= 0.995))
    if not profile.coloured_text:
        coloured = [piece for piece in page.texts if not is_grey(piece.colour)]
        rows.append(list_offences("coloured text", [piece.text for piece in coloured], "no coloured text"))
    if not profile.grid_lines:
        rows.append(grid_lines(page))
    if not profile.colours:
        coloured = {shape.colour for shape in page.shapes if not is_grey(shape.colour)}
        rows.append(list_offences("colour mode", [hexadecimal(colour) for colour in sorted(coloured)], "greys only"))
    return rows


def _title(expected: Expected) -> Row:
    if expected.language == "zh":
        count, limit, unit = len(bare(expected.title)), TITLE_CHARACTERS, "characters"
    else:
        count, limit, unit = len(expected.title.split()), TITLE_WORDS, "words"
    return ("title", f"{count} {unit}", f"at most {limit} {unit}", count <= limit)


def _check_svg(text: str, profile: Profile) -> list[Row]:
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', text)
    width, height = (float(part) / 72 * 25.4 for part in size.groups()) if size else (0.0, 0.0)
    words, outlines = text.count("<text "), len(re.findall(r'<use [^>]*href="#[A-Za-z]+-?[A-Za-z]*-[0-9a-f]+"', text))
    return [
        *_size(width, height, profile),
        ("text as text", f"{words} texts, {outlines} outlines", "texts, no outlines", words > 0 and outlines == 0),
        ("fonts", "embedded" if "@font-face" in text else "named", "embedded", "@font-face" in text),
    ]


def _check_raster(path: Path, profile: Profile) -> list[Row]:
    try:
        with Image.open(path) as image:
            image.load()
            dpi, mode, pixels = float(image.info.get("dpi", (0, 0))[0]), image.mode, image.size
            opaque = "A" not in mode or image.getchannel("A").getextrema()[0] == 255
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be read as a picture: {error}. Draw it again.") from None
    low, high = profile.least_dpi, profile.most_dpi
    modes = ("RGB", "RGBA") if profile.colours else ("L",)
    if path.suffix == ".tiff":
        modes = tuple(mode for mode in modes if "A" not in mode)
    per_mm = dpi / 25.4 or float("inf")
    return [
        *_size(pixels[0] / per_mm, pixels[1] / per_mm, profile),
        ("dpi", f"{dpi:.0f} dpi", f"{low} to {high} dpi", low - 1 <= dpi <= high + 1),
        ("colour mode", mode, " or ".join(modes), mode in modes),
        ("alpha", "opaque" if opaque else "translucent", "opaque", opaque),
    ]


def _check_alt(text: str, expected: Expected) -> list[Row]:
    words = text.strip()
    return [
        ("alt text", f"{len(words)} characters", f"1 to {LONGEST_ALT}", 0 < len(words) <= LONGEST_ALT),
        ("alt text agrees", "as the data" if words == expected.alt_text else "other words", "what the CSV gives",
         words == expected.alt_text),
    ]  # fmt: skip


def _check_source(folder: Path, name: str, page: Page, profile: Profile, expected: Expected) -> tuple:
    if profile.titled:
        return ("pdf", *holds_words("source line", page, expected.source))
    path = folder / f"{name}.caption.txt"
    caption = path.read_text(encoding="utf-8") if path.is_file() else ""
    is_there = expected.source in caption
    return ("caption.txt", "source line", "found" if is_there else "not found", repr(expected.source), is_there)


def check_drawn(drawn: Drawn, folder: Path, *, source: str) -> pd.DataFrame:
    """Check the files of a figure that was just written; its words are computed again from the CSV.

    Parameters
    ----------
    drawn : Drawn
        The figure as it was saved.
    folder : Path
        Where its files are.
    source : str
        The source line.

    Returns
    -------
    DataFrame
        As `preflight` returns it.
    """
    words = drawn.edition.words
    module = FIGURES[drawn.name]
    data = read_back(folder / f"{drawn.name}.csv", drawn.data)
    caption, alt_text = drawn.caption, drawn.alt_text
    if len(data):
        caption, alt_text = module.caption(data, words), module.describe(data, words)
    expected = Expected(words.language, caption.title, caption.measure, source, alt_text)
    return preflight(folder, drawn.name, drawn.edition.profile, expected)


def describe_checks(report: pd.DataFrame) -> str:
    """Write the checks as a table of text, what failed first, and count them."""
    rows = report.assign(passes=report["passes"].map({True: "pass", False: "FAIL"}))
    lines = rows.sort_values(["passes", "figure"], kind="stable").to_string(index=False, justify="left")
    return f"{lines}\n{len(report)} checks, {int((~report['passes']).sum())} failed."
