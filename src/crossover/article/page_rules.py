"""Rules for the page of a figure: text that can be read, colours that can be told apart, no grid."""

import itertools
import re

from crossover.article.pdf_file import Page, Piece, Shape
from helpers.figures.colour import closest, contrast, lightness

Row = tuple[str, str, str, bool]  # rule, found, limit, passes
TOUCH_PT = 0.5  # boxes of ink that share less than this are neighbours
LEAST_CONTRAST = 4.5  # WCAG 2.2, level AA
LEAST_DISTANCE, LEAST_LIGHTNESS = 12.0, 9.0  # CIELAB units, of colours and of greys
TINT = 84.0  # a fill lighter than this (L*) is a band behind a line, and no series of its own
SERIES_SEGMENTS, MARK_PT = 10, 12  # a path of fewer, or a narrower one, is a tick, a frame or a mark
PATTERN = (191 / 255, 191 / 255, 191 / 255)  # what pdfium calls the colour of a hatched fill


def list_offences(rule: str, offences: list[str], limit: str) -> Row:
    """Pass where nothing offends; name the first three offences otherwise."""
    told = "; ".join(offences[:3]) + (f" and {len(offences) - 3} more" if len(offences) > 3 else "")
    return (rule, told or "none", limit, not offences)


def is_grey(colour: tuple[float, ...]) -> bool:
    """Tell whether a colour is a grey; ink is one with a breath of blue."""
    return max(colour) - min(colour) < 0.06


def hexadecimal(colour: tuple[float, ...]) -> str:
    """Write a colour as people look it up."""
    return "#" + "".join(f"{round(255 * part):02X}" for part in colour)


def bare(text: str) -> str:
    """Leave out white space: a line break in a figure is no difference."""
    return re.sub(r"\s+", "", text)


def holds_words(rule: str, page: Page, words: str) -> Row:
    """Find words in the text of the page."""
    drawn = bare("".join(piece.text for piece in page.texts))
    return (rule, "found" if bare(words) in drawn else "not found", f"the words {words!r}", bare(words) in drawn)


def overlapping_text(texts: list[Piece]) -> Row:
    """Find texts that lie on each other."""

    def depth(one: Piece, two: Piece) -> float:
        (a, b, c, d), (e, f, g, h) = one.box, two.box
        return min(min(c, g) - max(a, e), min(d, h) - max(b, f))

    pairs = [(depth(*pair), pair) for pair in itertools.combinations(texts, 2)]
    touching = [f"{one.text!r} on {two.text!r} by {deep:.1f} pt" for deep, (one, two) in pairs if deep > TOUCH_PT]
    return list_offences("overlapping text", touching, f"no two texts share more than {TOUCH_PT} pt")


def cut_text(page: Page) -> Row:
    """Find texts that run out of the page."""
    wide, high = page.width_mm / 25.4 * 72, page.height_mm / 25.4 * 72
    over = [
        (max(-piece.box[0], -piece.box[1], piece.box[2] - wide, piece.box[3] - high), piece.text)
        for piece in page.texts
    ]
    return list_offences("cut text", [f"{text!r} by {by:.1f} pt" for by, text in over if by > 0], "inside the page")


def text_contrast(page: Page) -> Row:
    """Find the text with the least contrast to what lies behind it."""
    if not page.texts:
        return ("contrast", "no text", f"at least {LEAST_CONTRAST}", True)
    worst = min(page.texts, key=lambda piece: contrast(piece.colour, page.behind(piece)))
    ratio = contrast(worst.colour, page.behind(worst))
    return ("contrast", f"{ratio:.1f} ({worst.text!r})", f"at least {LEAST_CONTRAST}", ratio >= LEAST_CONTRAST)


def series_colours(shapes: list[Shape]) -> list[Row]:
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
            f"{hexadecimal(one)} and {hexadecimal(two)}: {apart:.0f} ({vision})"
            for one, two in sorted(pairs)
            for apart, vision in [closest(one, two)]
            if apart < LEAST_DISTANCE
        ]
        grey = [
            f"{hexadecimal(one)} and {hexadecimal(two)}: {abs(lightness(one) - lightness(two)):.0f}"
            for one, two in sorted(pairs)
            if abs(lightness(one) - lightness(two)) < LEAST_LIGHTNESS
        ]
        rows.append(list_offences(rule, close, f"at least {LEAST_DISTANCE:g} apart for every eye, or other dashes"))
        rows.append(
            list_offences(f"{rule} in grey", grey, f"at least {LEAST_LIGHTNESS:g} apart in L*, or other dashes")
        )
    return rows


def _meet(one: Shape, two: Shape) -> bool:
    (a, b, c, d), (e, f, g, h) = one.box, two.box
    return min(c, g) > max(a, e) and min(d, h) > max(b, f)


def grid_lines(page: Page) -> Row:
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
