"""The fonts that are shipped: Arimo, and Noto Sans SC for Chinese; found by file, never replaced in silence."""

import base64
import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from helpers.data.files import shown
from helpers.errors import InputError

FOLDER = Path(__file__).parent
LATIN, CHINESE = "Arimo", "Noto Sans SC"
FILES = {
    LATIN: ("Arimo-Regular.ttf", "Arimo-Bold.ttf"),
    CHINESE: ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"),  # the characters of GB 2312, level 1
}


def families(language: str, font: Path | None = None) -> list[str]:
    """Name the font families of a language, in the order in which a glyph is looked for, and make them known.

    Parameters
    ----------
    language : {"en", "zh"}
        Which language.
    font : Path, optional
        A font file that comes first.

    Raises
    ------
    InputError
        If a font file is missing or is no font.
    """
    names = [LATIN, CHINESE] if language == "zh" else [LATIN]
    for name in names:
        for file in FILES[name]:
            register(FOLDER / file)
    return names if font is None else [register(font), *names]


@cache
def register(file: Path) -> str:
    """Make a font file known to matplotlib and return its family name.

    Raises
    ------
    InputError
        If the file is missing or is no font.
    """
    from matplotlib import font_manager

    try:
        font_manager.fontManager.addfont(file)
        return font_manager.get_font(file).family_name
    except (OSError, RuntimeError):
        raise InputError(
            f"The font {shown(file)} cannot be read. Name a TrueType or OpenType file that is there; nothing was drawn."
        ) from None


@cache
def glyphs(file: Path) -> frozenset[int]:
    """List the code points that a font file has a glyph for."""
    from fontTools.ttLib import TTFont

    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap())


def require_glyphs(texts: Sequence[str], *, language: str, font: Path | None = None) -> None:
    """Refuse labels that hold a character which no font of the edition has.

    Raises
    ------
    InputError
        Naming the label and the characters.
    """
    files = [FOLDER / FILES[name][0] for name in ([LATIN, CHINESE] if language == "zh" else [LATIN])]
    known = set().union(*(glyphs(file) for file in [*files, *([font] if font else [])]), map(ord, "\n"))
    for text in texts:
        missing = "".join(dict.fromkeys(character for character in text if ord(character) not in known))
        if missing:
            raise InputError(
                f"No font of this edition has a glyph for {missing!r} in the label {text!r}. Name a font file that has "
                "it (--font FILE), or change the label; nothing was written."
            )


def as_css(texts: Sequence[str], *, language: str, font: Path | None = None) -> str:
    """Write the glyphs that some texts need as style rules that carry the font inside them.

    Parameters
    ----------
    texts : sequence of str
        What is written in the figure.
    language : {"en", "zh"}
        Which fonts.
    font : Path, optional
        A font file that comes first.

    Returns
    -------
    str
        One ``@font-face`` rule a font and weight (WOFF, base64), the same for the same texts.
    """
    wanted = {ord(character) for text in texts for character in text}
    faces = [
        (name, FOLDER / file, weight)
        for name in ([LATIN, CHINESE] if language == "zh" else [LATIN])
        for file, weight in zip(FILES[name], (400, 700), strict=True)
    ]
    faces += [(register(font), font, 400)] if font else []
    return "".join(
        f"@font-face{{font-family:'{name}';font-weight:{weight};"
        f"src:url(data:font/woff;base64,{base64.b64encode(_subset(file, frozenset(wanted & glyphs(file)))).decode()})}}"
        for name, file, weight in faces
        if wanted & glyphs(file)
    )


@cache
def _subset(file: Path, wanted: frozenset[int]) -> bytes:
    """Cut a font to some glyphs; a figure's files and those of its neighbours often need the same ones."""
    from fontTools import subset

    options = subset.Options(flavor="woff", hinting=False, layout_features=[], notdef_outline=True)
    with subset.load_font(file, options) as font:
        font.recalcTimestamp = False
        maker = subset.Subsetter(options)
        maker.populate(unicodes=sorted(wanted))
        maker.subset(font)
        buffer = io.BytesIO()
        subset.save_font(font, buffer, options)
    return buffer.getvalue()
