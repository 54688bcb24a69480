"""How figures look: sizes, fonts, and one colour, line and pattern for each origin."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib as mpl

from helpers.figures.editions import HOUSE, Edition

MM_PER_INCH = 25.4
INK, MUTED, HAIRLINE = "#1A1A1A", "#5A5F66", "#C9CDD2"


@dataclass(frozen=True)
class Look:
    """The constant appearance of one origin or scope: colour, line and the word beside it."""

    colour: str
    line: str | tuple[int, tuple[float, ...]]
    label: str


# Lightness in CIELAB steps from dark (US) to light (unidentified), so that grey print keeps them apart;
# orange against navy survives every common colour-vision deficiency. The tests measure both.
ORIGIN_LOOKS = {
    "China": Look("#D9622B", "solid", "China"),
    "US": Look("#16365C", (0, (4, 1.5)), "US"),
    "Other": Look("#7FB5A2", (0, (4, 1.2, 1, 1.2)), "Other countries"),
    "unidentified": Look("#D3D6DA", (0, (1, 1.2)), "unidentified"),
}
SCOPE_LOOKS = {
    "chart": Look("#7B3F8C", (0, (4, 1.5)), "models of the weekly chart"),
    "ranked": Look("#1A1A1A", "solid", "all ranked models"),
}
SETTINGS = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Arimo", "Arial", "Helvetica"],
    "font.size": 7.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 7.5,
    "axes.titlesize": 8,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "ytick.minor.size": 0,
    "lines.linewidth": 1.3,
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 42,  # TrueType: text stays text, and is no Type 3 font
    "svg.fonttype": "none",
    "svg.hashsalt": "token-crossover",  # element names that do not change from run to run
    "axes.unicode_minus": True,
    "figure.dpi": 300,
}


@contextmanager
def house_style(edition: Edition = HOUSE) -> Iterator[None]:
    """Apply the settings inside the block only; afterwards matplotlib is as it was.

    Raises
    ------
    InputError
        If a font of the edition is missing: another one is never taken in its place.
    """
    families = edition.fonts
    with mpl.rc_context(SETTINGS | ({"font.family": families} if len(families) > 1 else {})):
        yield


def inches(millimetres: float) -> float:
    """Convert millimetres to inches.

    Examples
    --------
    >>> inches(25.4)
    1.0
    """
    return millimetres / MM_PER_INCH
