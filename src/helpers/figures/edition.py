"""One edition of the figures: for which place, in which language, from which fonts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers.data.sources import Source
from helpers.figures.fonts import families
from helpers.figures.profiles import PROFILES, Profile, find_profile
from helpers.figures.words import ENGLISH, Words, speak


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
