"""What a PDF of one page holds, read back from the file: size, fonts, texts, lines and areas with their colours."""

from collections.abc import Callable
from ctypes import c_float, c_int, c_uint
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from helpers.data.files import shown
from helpers.errors import InputError
from helpers.figures.colour import Colour

POINT_MM = 25.4 / 72
LOOK_DPI = 150


@dataclass(frozen=True)
class Piece:
    """One run of text: what it says, how large (points), where (points: left, bottom, right, top), its colour."""

    text: str
    size: float
    box: tuple[float, float, float, float]
    colour: Colour
    is_upright: bool


@dataclass(frozen=True)
class Shape:
    """One path: whether it is stroked or filled, its colour, opacity, line width (points), dashes (points), and box."""

    kind: str
    colour: Colour
    alpha: float
    width: float
    dashes: tuple[float, ...]
    segments: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Page:
    """A page as a reader program sees it."""

    width_mm: float
    height_mm: float
    fonts: dict[str, tuple[str, bool]]  # name -> kind, embedded
    texts: list[Piece]
    shapes: list[Shape]
    picture: np.ndarray  # as rendered, LOOK_DPI dots an inch: rows, columns, RGB from 0 to 1

    def behind(self, piece: Piece) -> Colour:
        """Find the colour that lies behind a text: the commonest one in its box."""
        high, scale = self.picture.shape[0], LOOK_DPI / 72
        left, bottom, right, top = (edge * scale for edge in piece.box)
        rows = slice(max(0, int(high - top) - 1), int(high - bottom) + 2)
        columns = slice(max(0, int(left) - 1), int(right) + 2)
        pixels = (self.picture[rows, columns].reshape(-1, 3) * 255).round().astype(int)
        colours, counts = np.unique(pixels, axis=0, return_counts=True)
        return tuple(float(part) / 255 for part in colours[counts.argmax()])


def read_page(path: Path) -> Page:
    """Read a PDF of one page.

    Raises
    ------
    InputError
        If the file is missing, damaged, or has another number of pages.
    """
    try:
        with pikepdf.open(path) as file:
            if len(file.pages) != 1:
                raise InputError(f"{shown(path)} has {len(file.pages)} pages; a figure has one.")
            box = [float(edge) for edge in file.pages[0].mediabox]
            fonts = _fonts(file)
        document = pdfium.PdfDocument(path)
    except (OSError, pikepdf.PdfError, pdfium.PdfiumError) as error:
        raise InputError(f"{shown(path)} cannot be read as a PDF: {error}. Draw it again.") from None
    try:
        page = document[0]
        texts, shapes = _objects(page)
        picture = page.render(scale=LOOK_DPI / 72).to_numpy()[:, :, :3][:, :, ::-1] / 255
    finally:
        document.close()
    wide, high = (box[2] - box[0]) * POINT_MM, (box[3] - box[1]) * POINT_MM
    return Page(wide, high, fonts, texts, shapes, picture)


def _fonts(file: pikepdf.Pdf) -> dict[str, tuple[str, bool]]:
    found = {}
    for entry in file.objects:
        if not isinstance(entry, pikepdf.Dictionary) or entry.get("/Type") != "/Font":
            continue
        if entry.get("/Subtype") == "/Type0":
            continue  # its descendant carries the glyphs, and is in the list itself
        name = str(entry.get("/BaseFont", entry.get("/Name", "unnamed"))).lstrip("/").split("+")[-1]
        files = entry.get("/FontDescriptor", {})
        embedded = any(key in files for key in ("/FontFile", "/FontFile2", "/FontFile3"))
        found[name] = (str(entry["/Subtype"]).lstrip("/"), embedded or entry["/Subtype"] == "/Type3")
    return found


def _objects(page: pdfium.PdfPage) -> tuple[list[Piece], list[Shape]]:
    texts, shapes = [], []
    for entry in page.get_objects(max_depth=8, textpage=page.get_textpage()):
        if entry.type == raw.FPDF_PAGEOBJ_TEXT:
            texts += _text(entry)
        elif entry.type == raw.FPDF_PAGEOBJ_PATH:
            shapes += _shapes(entry)
    return texts, shapes


def _text(entry: pdfium.PdfTextObj) -> list[Piece]:
    words = entry.extract().rstrip("\0")
    if not words.strip():
        return []
    a, b, c, d, _, _ = entry.get_matrix().get()
    size = entry.get_font_size() * (c * c + d * d) ** 0.5  # the matrix scales the font
    colour, _ = _colour(entry, raw.FPDFPageObj_GetFillColor)
    return [Piece(words, size, entry.get_bounds(), colour, abs(b) < abs(a))]


def _shapes(entry: pdfium.PdfObject) -> list[Shape]:
    a, b, *_ = entry.get_matrix().get()
    (width,) = _ask(entry, raw.FPDFPageObj_GetStrokeWidth, c_float)
    common = {
        "width": width * (a * a + b * b) ** 0.5,
        "dashes": _dashes(entry),
        "segments": raw.FPDFPath_CountSegments(entry),
        "box": entry.get_bounds(),
    }
    is_filled, is_stroked = _ask(entry, raw.FPDFPath_GetDrawMode, c_int, c_int)
    kinds = [("fill", is_filled, raw.FPDFPageObj_GetFillColor), ("stroke", is_stroked, raw.FPDFPageObj_GetStrokeColor)]
    return [Shape(kind, *_colour(entry, read), **common) for kind, is_drawn, read in kinds if is_drawn]


# pypdfium2 wraps text, but not how a path is painted. Other readers do not say it either: pdfplumber knows no opacity,
# and its boxes are those of the font, not of the ink.


def _ask(entry: pdfium.PdfObject, read: Callable[..., int], *kinds: type) -> list[float]:
    """Call a function of pdfium that answers through pointers, of one C type each."""
    places = [kind() for kind in kinds]
    read(entry, *places)
    return [place.value for place in places]


def _colour(entry: pdfium.PdfObject, read: Callable[..., int]) -> tuple[Colour, float]:
    red, green, blue, alpha = (part / 255 for part in _ask(entry, read, *[c_uint] * 4))
    return (red, green, blue), alpha


def _dashes(entry: pdfium.PdfObject) -> tuple[float, ...]:
    count = max(0, raw.FPDFPageObj_GetDashCount(entry))
    lengths = (c_float * count)()
    raw.FPDFPageObj_GetDashArray(entry, lengths, count)
    return tuple(round(length, 2) for length in lengths)
