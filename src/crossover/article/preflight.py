"""Open the files of a figure as they were written, and hold them against what their place asks."""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from PIL import Image

from crossover.article.packages import read_back
from crossover.article.pdf_file import Page, Piece, Shape, read_page
from helpers.data.files import shown
from helpers.errors import InputError
from helpers.figures.catalogue import FIGURES, Drawn
from helpers.figures.colour import closest, contrast, lightness
from helpers.figures.editions import Profile
from helpers.figures.frame import with_choices

Row = tuple[str, str, str, bool]  # rule, found, limit, passes
TOUCH_PT = 0.5  # boxes of ink that share less than this are neighbours
LEAST_CONTRAST = 4.5  # WCAG 2.2, level AA
LEAST_DISTANCE, LEAST_LIGHTNESS = 12.0, 9.0  # CIELAB units, of colours and of greys
TINT = 84.0  # a fill lighter than this (L*) is a band behind a line, and no series of its own
SERIES_SEGMENTS, MARK_PT = 10, 12  # a path of fewer, or a narrower one, is a tick, a frame or a mark
PATTERN = (191 / 255, 191 / 255, 191 / 255)  # what pdfium calls the colour of a hatched fill
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
        _holds_words("text as text", page, expected.title if profile.titled else expected.measure),
        _overlapping_text(page.texts),
        _cut_text(page),
        _text_contrast(page),
        *_series_colours(page.shapes),
    ]
    if profile.titled:
        rows.append(_title(expected))
    if not profile.transparency:
        least = min((shape.alpha for shape in page.shapes), default=1.0)
        rows.append(("transparency", f"least opacity {least:.2f}", "none: opacity 1", least >= 0.995))
    if not profile.coloured_text:
        coloured = [piece for piece in page.texts if not _is_grey(piece.colour)]
        rows.append(_list_offences("coloured text", [piece.text for piece in coloured], "no coloured text"))
    if not profile.grid_lines:
        rows.append(_grid_lines(page))
    if not profile.colours:
        coloured = {shape.colour for shape in page.shapes if not _is_grey(shape.colour)}
        rows.append(_list_offences("colour mode", [_hexadecimal(colour) for colour in sorted(coloured)], "greys only"))
    return rows


def _title(expected: Expected) -> Row:
    if expected.language == "zh":
        count, limit, unit = len(_bare(expected.title)), TITLE_CHARACTERS, "characters"
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
        return ("pdf", *_holds_words("source line", page, expected.source))
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
        caption, alt_text = module.caption(data, words), with_choices(module.describe(data, words), words)
    expected = Expected(words.language, caption.title, caption.measure, source, alt_text)
    return preflight(folder, drawn.name, drawn.edition.profile, expected)


def describe_checks(report: pd.DataFrame) -> str:
    """Write the checks as a table of text, what failed first, and count them."""
    rows = report.assign(passes=report["passes"].map({True: "pass", False: "FAIL"}))
    lines = rows.sort_values(["passes", "figure"], kind="stable").to_string(index=False, justify="left")
    return f"{lines}\n{len(report)} checks, {int((~report['passes']).sum())} failed."


def _list_offences(rule: str, offences: list[str], limit: str) -> Row:
    """Pass where nothing offends; name the first three offences otherwise."""
    named = "; ".join(offences[:3]) + (f" and {len(offences) - 3} more" if len(offences) > 3 else "")
    return (rule, named or "none", limit, not offences)


def _is_grey(colour: tuple[float, ...]) -> bool:
    """Tell whether a colour is a grey; ink is one with a breath of blue."""
    return max(colour) - min(colour) < 0.06


def _hexadecimal(colour: tuple[float, ...]) -> str:
    """Write a colour as people look it up."""
    return "#" + "".join(f"{round(255 * part):02X}" for part in colour)


def _bare(text: str) -> str:
    """Leave out white space: a line break in a figure is no difference."""
    return re.sub(r"\s+", "", text)


def _holds_words(rule: str, page: Page, words: str) -> Row:
    """Find words in the text of the page."""
    drawn = _bare("".join(piece.text for piece in page.texts))
    return (rule, "found" if _bare(words) in drawn else "not found", f"the words {words!r}", _bare(words) in drawn)


def _overlapping_text(texts: list[Piece]) -> Row:
    """Find texts that lie on each other."""

    def depth(one: Piece, two: Piece) -> float:
        (a, b, c, d), (e, f, g, h) = one.box, two.box
        return min(min(c, g) - max(a, e), min(d, h) - max(b, f))

    pairs = [(depth(*pair), pair) for pair in itertools.combinations(texts, 2)]
    touching = [f"{one.text!r} on {two.text!r} by {deep:.1f} pt" for deep, (one, two) in pairs if deep > TOUCH_PT]
    return _list_offences("overlapping text", touching, f"no two texts share more than {TOUCH_PT} pt")


def _cut_text(page: Page) -> Row:
    """Find texts that run out of the page."""
    wide, high = page.width_mm / 25.4 * 72, page.height_mm / 25.4 * 72
    over = [
        (max(-piece.box[0], -piece.box[1], piece.box[2] - wide, piece.box[3] - high), piece.text)
        for piece in page.texts
    ]
    return _list_offences("cut text", [f"{text!r} by {by:.1f} pt" for by, text in over if by > 0], "inside the page")


def _text_contrast(page: Page) -> Row:
    """Find the text with the least contrast to what lies behind it."""
    if not page.texts:
        return ("contrast", "no text", f"at least {LEAST_CONTRAST}", True)
    worst = min(page.texts, key=lambda piece: contrast(piece.colour, page.behind(piece)))
    ratio = contrast(worst.colour, page.behind(worst))
    return ("contrast", f"{ratio:.1f} ({worst.text!r})", f"at least {LEAST_CONTRAST}", ratio >= LEAST_CONTRAST)


def _series_colours(shapes: list[Shape]) -> list[Row]:
    """Compare the colours of lines that cross the same room, and those of areas; other dashes tell lines apart as well.

    Shapes in different panels are never compared: there the panel's title says which is which.
    """
    rows = []
    for kind, rule in (("stroke", "colours of lines"), ("fill", "colours of areas")):
        series = [
            shape
            for shape in shapes
            if shape.kind == kind
            and shape.segments > SERIES_SEGMENTS
            and shape.box[2] - shape.box[0] > MARK_PT
            and shape.alpha > 0.995
            and shape.colour != PATTERN
            and lightness(shape.colour) < TINT
        ]
        pairs = {
            tuple(sorted((one.colour, two.colour)))
            for one, two in itertools.combinations(series, 2)
            if one.colour != two.colour and _meet(one, two) and (kind == "fill" or one.dashes == two.dashes)
        }
        close = [
            f"{_hexadecimal(one)} and {_hexadecimal(two)}: {apart:.0f} ({vision})"
            for one, two in sorted(pairs)
            for apart, vision in [closest(one, two)]
            if apart < LEAST_DISTANCE
        ]
        grey = [
            f"{_hexadecimal(one)} and {_hexadecimal(two)}: {abs(lightness(one) - lightness(two)):.0f}"
            for one, two in sorted(pairs)
            if abs(lightness(one) - lightness(two)) < LEAST_LIGHTNESS
        ]
        rows.append(_list_offences(rule, close, f"at least {LEAST_DISTANCE:g} apart for every eye, or other dashes"))
        rows.append(
            _list_offences(f"{rule} in grey", grey, f"at least {LEAST_LIGHTNESS:g} apart in L*, or other dashes")
        )
    return rows


def _meet(one: Shape, two: Shape) -> bool:
    (a, b, c, d), (e, f, g, h) = one.box, two.box
    return min(c, g) > max(a, e) and min(d, h) > max(b, f)


def _grid_lines(page: Page) -> Row:
    """Count light lines of one length that run side by side."""
    wide, high = page.width_mm / 25.4 * 72, page.height_mm / 25.4 * 72
    lengths: dict[tuple, int] = {}
    for shape in page.shapes:
        across, up = shape.box[2] - shape.box[0], shape.box[3] - shape.box[1]
        thin = 3 * shape.width  # the box holds the stroke and its caps
        is_long = (across > 0.3 * wide and up < thin) or (up > 0.3 * high and across < thin)
        if shape.kind == "stroke" and shape.segments == 2 and is_long and lightness(shape.colour) > 60:
            key = (round(across), round(up), round(shape.box[0] if across > up else shape.box[1]))
            lengths[key] = lengths.get(key, 0) + 1
    lines = max(lengths.values(), default=0)
    return ("grid lines", f"{lines} parallel light lines", "fewer than 3", lines < 3)
