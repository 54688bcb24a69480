"""One saver for every figure: vector and raster files at true size, the data behind it, and its alt text.

What a place forbids (coloured text, transparency, colours) is taken out of the finished figure first.
"""

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text

from helpers.data.files import write_whole
from helpers.errors import require_known
from helpers.figures.colour import grey_of
from helpers.figures.editions import HOUSE, Edition, Profile
from helpers.figures.fonts import as_css, require_glyphs
from helpers.figures.style import INK, house_style

METADATA = {  # no date and no version: the same figure is the same file
    "pdf": {"CreationDate": None, "Producer": None, "Creator": "Token Crossover"},
    "svg": {"Date": None, "Creator": "Token Crossover"},
    "png": {"Software": None},
    "tiff": {},
}
FORMATS = tuple(METADATA)


def save_figure(
    figure: Figure,
    data: pd.DataFrame,
    *,
    folder: Path,
    name: str,
    alt_text: str,
    formats: Sequence[str] | None = None,
    edition: Edition = HOUSE,
) -> dict[str, Path]:
    """Write a figure in each format, with the data as drawn (CSV) and the alt text (TXT) beside it.

    The figure is enlarged to the size of its place, to the pixel: nothing is cropped. A second run writes the same
    bytes. All files are made before the first is written.

    Parameters
    ----------
    figure : Figure
        As drawn by one of the modules in `helpers.figures`, for the same edition.
    data : DataFrame
        What the figure shows.
    folder : Path
        Where figures/ is.
    name : str
        File name without ending.
    alt_text : str
        The figure in words.
    formats : sequence of {"pdf", "svg", "png", "tiff"}, optional
        Which files to write; by default those of the edition's profile.
    edition : Edition
        For which place and in which language.

    Returns
    -------
    dict of str to Path
        The files written, by ending.

    Raises
    ------
    InputError
        If a format is unknown, a label has a character without a glyph, or a file cannot be written; a file is
        whole or not there.
    """
    kinds = edition.profile.formats if formats is None else formats
    for kind in kinds:
        require_known(kind, FORMATS, what="figure format")
    texts = [text.get_text() for text in figure.findobj(Text)]
    require_glyphs(texts, language=edition.words.language, font=edition.font)
    follow_policy(figure, edition.profile)
    contents = {kind: render(figure, kind, edition) for kind in kinds}
    text = data.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    contents |= {"csv": text.encode("utf-8"), "txt": (alt_text.strip() + "\n").encode("utf-8")}
    return {kind: write_whole(folder / f"{name}.{kind}", content) for kind, content in contents.items()}


def render(figure: Figure, kind: str, edition: Edition) -> bytes:
    """Encode a figure in one format, enlarged to the size of its place."""
    profile, buffer = edition.profile, io.BytesIO()
    is_raster = kind in ("png", "tiff")
    options = {"pil_kwargs": {"dpi": (profile.dpi, profile.dpi)}} if is_raster else {}
    with house_style(edition):
        figure.savefig(
            buffer,
            format="png" if is_raster else kind,
            dpi=profile.dpi * profile.scale,
            metadata=METADATA["png" if is_raster else kind],
            **options,
        )
    content = buffer.getvalue()
    if is_raster:
        return _recode(content, kind, profile)
    if kind == "svg":
        content = _carry_fonts(content, figure, edition)
    return content if profile.scale == 1 else ENLARGE[kind](content, profile.scale)


def _carry_fonts(content: bytes, figure: Figure, edition: Edition) -> bytes:
    """Put the glyphs that are used into the file: a machine without the font shows the same."""
    texts = [text.get_text() for text in figure.findobj(Text)]
    style = as_css(texts, language=edition.words.language, font=edition.font)
    return content.replace(b'<style type="text/css">', b'<style type="text/css">' + style.encode(), 1)


def _recode(content: bytes, kind: str, profile: Profile) -> bytes:
    """Drop the alpha channel for a TIFF, and the colours where the place has none."""
    if kind == "png" and profile.colours:
        return content
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        plain = image.convert("RGB" if profile.colours else "L")
    options = {"compression": "tiff_lzw"} if kind == "tiff" else {}
    plain.save(buffer, format=kind, dpi=(profile.dpi, profile.dpi), **options)
    return buffer.getvalue()


def _enlarge_pdf(content: bytes, scale: float) -> bytes:
    import pikepdf

    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0]
        page.mediabox = [float(edge) * scale for edge in page.mediabox]
        page.contents_add(f"q {scale:.6f} 0 0 {scale:.6f} 0 0 cm".encode(), prepend=True)
        page.contents_add(b"Q")
        pdf.save(buffer, deterministic_id=True)
    return buffer.getvalue()


def _enlarge_svg(content: bytes, scale: float) -> bytes:
    def larger(found: re.Match) -> str:
        return f'width="{float(found[1]) * scale:.6f}pt" height="{float(found[2]) * scale:.6f}pt"'

    text = content.decode("utf-8")
    return re.sub(r'width="([\d.]+)pt" height="([\d.]+)pt"', larger, text, count=1).encode("utf-8")


ENLARGE = {"pdf": _enlarge_pdf, "svg": _enlarge_svg}


def follow_policy(figure: Figure, profile: Profile) -> None:
    """Change a figure's colours to what its place accepts.

    Parameters
    ----------
    figure : Figure
        Changed in place.
    profile : Profile
        Text becomes black where coloured text is not accepted; translucent areas become opaque ones of the colour
        that they show on white; colours become greys of the same luminance.
    """
    if not profile.coloured_text:
        for text in figure.findobj(Text):
            text.set_color(INK)
    changes = [
        change
        for change, is_wanted in ((flatten, not profile.transparency), (as_grey, not profile.colours))
        if is_wanted
    ]
    for change in changes:
        for artist in figure.findobj():
            _recolour(artist, change)


def flatten(colour: tuple[float, ...]) -> tuple[float, ...]:
    """Give the opaque colour that a translucent one shows on white.

    Examples
    --------
    >>> flatten((0.0, 0.0, 0.0, 0.5))
    (0.5, 0.5, 0.5, 1.0)
    """
    red, green, blue, alpha = to_rgba(colour)
    if alpha == 0:
        return (red, green, blue, alpha)
    return (*(1 - alpha * (1 - part) for part in (red, green, blue)), 1.0)


def as_grey(colour: tuple[float, ...]) -> tuple[float, ...]:
    """Give the grey of the same luminance (Rec. 709, on linear light).

    Examples
    --------
    >>> from matplotlib.colors import to_hex
    >>> to_hex(as_grey(to_rgba("#D9622B")))
    '#868686'
    """
    red, green, blue, alpha = to_rgba(colour)
    return (*grey_of((red, green, blue)), alpha)


def _recolour(artist: Artist, change: Callable[[tuple[float, ...]], tuple[float, ...]]) -> None:
    """Change every colour of an artist; its own opacity is part of the colours from then on."""
    alpha = artist.get_alpha()
    if isinstance(artist, Collection) and artist.get_array() is None:
        faces, edges = artist.get_facecolor(), artist.get_edgecolor()
        artist.set_alpha(None)
        artist.set_facecolor([change(tuple(face)) for face in faces])
        artist.set_edgecolor([change(tuple(edge)) for edge in edges])
    elif isinstance(artist, Line2D):
        names = ("color", "markerfacecolor", "markeredgecolor")
        colours = {name: change(to_rgba(getattr(artist, f"get_{name}")(), alpha)) for name in names}
        artist.set(alpha=None, **colours)
    elif isinstance(artist, Patch):
        colours = {"facecolor": change(artist.get_facecolor()), "edgecolor": change(artist.get_edgecolor())}
        artist.set(alpha=None, **colours)
    elif isinstance(artist, Text):
        colour = change(to_rgba(artist.get_color(), alpha))
        artist.set(alpha=None, color=colour)
        if isinstance(artist, Annotation) and artist.arrow_patch is not None:
            _recolour(artist.arrow_patch, change)
