"""Editions of the figures: for which place (a profile: size, text, colours, files), in which language and font."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from helpers.data.sources import Source
from helpers.errors import InputError, require_known
from helpers.figures.fonts import families
from helpers.figures.words import ENGLISH, Words, speak


@dataclass(frozen=True)
class Profile:
    """What one place asks of a figure.

    Figures are laid out in house sizes (text of 6.5 to 10.5 points) and enlarged as a whole by `scale`, as a
    photocopier would, so that the text of each profile is as large as its place wants it.

    Attributes
    ----------
    name, purpose : str
        What it is called, and for what it is.
    width_mm, max_height_mm : float
        Width, and largest height (mm).
    scale : float
        How much larger the file is than the layout that it was drawn in.
    text_pt : tuple of float
        Smallest and largest text (points) in the file.
    formats : tuple of str
        Which files to write.
    dpi : int
        Resolution of the raster files; `least_dpi` and `most_dpi` are what the place accepts.
    titled : bool
        Whether title, subtitle and source line stand in the figure; else they go to the caption.
    coloured_text, transparency, grid_lines, colours : bool
        Whether the place accepts them.
    megabytes : float
        Largest file (10^6 bytes).
    dense_scale : float or None
        Another scale for the figures with many rows of text, where there is no height for the first.
    says : str
        Where the place says so, as read on 2026-11-24; "house" for what we decided ourselves.
    """

    name: str
    purpose: str
    width_mm: float
    max_height_mm: float
    scale: float
    text_pt: tuple[float, float]
    formats: tuple[str, ...] = ("pdf", "svg", "png")
    dpi: int = 300
    least_dpi: int = 300
    most_dpi: int = 1200
    titled: bool = True
    coloured_text: bool = True
    transparency: bool = True
    grid_lines: bool = True
    colours: bool = True
    megabytes: float = 10.0
    dense_scale: float | None = None
    says: str = "house"

    @property
    def layout_mm(self) -> float:
        """Width (mm) of the layout, before it is enlarged."""
        return self.width_mm / self.scale

    @property
    def layout_height_mm(self) -> float:
        """Largest height (mm) of the layout, before it is enlarged."""
        return self.max_height_mm / self.scale

    def dense(self) -> "Profile":
        """Return the profile as it is for a figure with many rows of text."""
        return self if self.dense_scale is None else replace(self, scale=self.dense_scale)

    def resized(self, width_mm: float) -> "Profile":
        """Ask for another width.

        Raises
        ------
        InputError
            If nothing can be drawn in it.
        """
        if not NARROWEST_MM <= width_mm / self.scale <= WIDEST_MM:
            low, high = (round(limit * self.scale) for limit in (NARROWEST_MM, WIDEST_MM))
            raise InputError(
                f"A width of {width_mm:g} mm does not suit the profile {self.name}: its labels need {low} to {high} mm."
            )
        return replace(self, width_mm=width_mm)


NARROWEST_MM, WIDEST_MM = 85, 260  # layouts that the figures were looked at in
NATURE = "https://research-figure-guide.nature.com/figures/preparing-figures-our-specifications"
PLOS = "https://journals.plos.org/plosone/s/figures"
SCIENCE = "https://www.science.org/content/page/instructions-preparing-initial-manuscript"
_NATURE = {
    "max_height_mm": 170,
    "scale": 0.875,
    "text_pt": (5, 7),
    "formats": ("pdf", "png"),
    "dpi": 450,
    "titled": False,
    "coloured_text": False,
    "grid_lines": False,
    "says": NATURE,
}
PROFILES = {
    profile.name: profile
    for profile in (
        Profile("house", "the project's own pages", 183, 170, 1.0, (6.5, 10.5)),
        Profile("nature-1col", "one column of Nature", 89, **_NATURE),
        Profile("nature-2col", "two columns of Nature", 183, **_NATURE),
        Profile(
            "plos",
            "the full width of a PLOS journal",
            190.5,
            222.3,
            1.24,
            (8, 12),
            formats=("tiff", "pdf", "png"),  # the TIFF is uploaded; text is measured in the PDF of the same figure
            most_dpi=600,
            titled=False,
            transparency=False,
            says=PLOS,
        ),
        Profile(
            "science",
            "three columns of Science",
            184,
            229,
            0.875,
            (5, 9),
            formats=("pdf", "png"),
            dpi=600,
            titled=False,
            says=SCIENCE,
        ),
        Profile(
            "web",
            "an article on the web, 960 CSS pixels wide",
            254,
            240,
            1.4,
            (9, 15),
            dpi=192,
            least_dpi=96,
            formats=("svg", "png", "pdf"),
            megabytes=1.0,
        ),
        Profile(
            "social",
            "an upright post, 1080 pixels wide",
            108,
            192,
            1.2,
            (7.5, 13),
            dpi=254,
            least_dpi=254,
            formats=("png", "pdf"),
            megabytes=1.0,
        ),
        Profile(
            "slide",
            "a slide of 16:9",
            338.67,
            190.5,
            1.8,
            (9, 19),
            dense_scale=1.39,
            dpi=144,
            least_dpi=96,
            formats=("png", "svg", "pdf"),
        ),
        Profile(
            "bw",
            "a page printed in black and white",
            183,
            240,
            1.0,
            (6.5, 10.5),
            dpi=600,
            formats=("pdf", "png"),
            coloured_text=False,
            colours=False,
        ),
    )
}


def find_profile(name: str) -> Profile:
    """Look up a profile.

    Raises
    ------
    InputError
        If there is none of that name; the nearest is suggested.
    """
    return PROFILES[require_known(name, PROFILES, what="profile")]


@dataclass(frozen=True)
class Edition:
    """What every drawing function is told about where its figure goes.

    Attributes
    ----------
    profile : Profile
        The place: sizes, colours, files.
    words : Words
        The language.
    font : Path or None
        A font file to use instead of the one that is shipped.
    """

    profile: Profile = PROFILES["house"]
    words: Words = ENGLISH
    font: Path | None = None

    @property
    def width_mm(self) -> float:
        """Width (mm) of the layout."""
        return self.profile.layout_mm

    @property
    def fonts(self) -> list[str]:
        """Families in the order in which a glyph is looked for."""
        return families(self.words.language, self.font)

    def source_line(self, source: Source) -> str:
        """Name the source in the words of the edition: the publisher's own citation, with its `as_of`."""
        day = source.citation.split("as of ")[-1].rstrip(".")
        return self.words("common.source", citation=source.citation, as_of=day)


def choose_edition(
    profile: str = "house",
    language: str = "en",
    *,
    width_mm: float | None = None,
    font: Path | None = None,
    choices: Mapping[str, object] | None = None,
) -> Edition:
    """Put an edition together from the names that people type, and the choices of the run that is drawn.

    Raises
    ------
    InputError
        If the profile or the language is unknown, the width is unsuitable, or the font cannot be read.
    """
    chosen = find_profile(profile)
    return Edition(chosen if width_mm is None else chosen.resized(width_mm), speak(language).under(choices or {}), font)


HOUSE = Edition()
