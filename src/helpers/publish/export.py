"""One saver for every figure: PDF, SVG and PNG at true size, the data behind it, and its alt text."""

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from helpers.data.files import write_whole
from helpers.errors import require_known
from helpers.publish.style import house_style

DPI = 300
METADATA = {  # no date and no version: the same figure is the same file
    "pdf": {"CreationDate": None, "Producer": None, "Creator": "Token Crossover"},
    "svg": {"Date": None, "Creator": "Token Crossover"},
    "png": {"Software": None},
}
FORMATS = tuple(METADATA)


def save_figure(
    figure: Figure,
    data: pd.DataFrame,
    *,
    folder: Path,
    name: str,
    alt_text: str,
    formats: Sequence[str] = FORMATS,
) -> dict[str, Path]:
    """Write a figure in each format, with the data as drawn (CSV) and the alt text (TXT) beside it.

    The size is the figure's own, to the pixel: nothing is cropped. A second run writes the same bytes.

    Parameters
    ----------
    figure : Figure
        As drawn by one of the modules in `helpers.publish.figures`.
    data : DataFrame
        What the figure shows.
    folder : Path
        Where figures/ is.
    name : str
        File name without ending.
    alt_text : str
        The figure in words.
    formats : sequence of {"pdf", "svg", "png"}
        Which files to write.

    Returns
    -------
    dict of str to Path
        The files written, by ending.

    Raises
    ------
    InputError
        If a format is unknown or a file cannot be written; a file is whole or not there.
    """
    for kind in formats:
        require_known(kind, FORMATS, what="figure format")
    contents = {kind: _render(figure, kind) for kind in formats}
    text = data.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    contents |= {"csv": text.encode("utf-8"), "txt": (alt_text.strip() + "\n").encode("utf-8")}
    return {kind: write_whole(folder / f"{name}.{kind}", content) for kind, content in contents.items()}


def _render(figure: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    with house_style():
        figure.savefig(buffer, format=kind, dpi=DPI, metadata=METADATA[kind])
    return buffer.getvalue()
