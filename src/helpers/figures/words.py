"""The words of a language: messages from one table, and how it writes dates and lists."""

import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pandas as pd

from helpers.errors import require_known
from helpers.facts import CHART_SIZE

FOLDER = Path(__file__).parent / "messages"
LANGUAGES = {"en": "English", "zh": "Simplified Chinese"}


class _Word(str):
    """A word in the place of a number: it is the same in every number format."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return str(self)


@dataclass(frozen=True)
class Words:
    """What a figure says in one language.

    Attributes
    ----------
    language : {"en", "zh"}
        Which language.
    messages : dict of str to str
        Templates by key, such as ``ratio_with_bounds.subtitle``; names in braces are filled in.
    """

    language: str
    messages: dict[str, str] = field(repr=False, compare=False)

    def __call__(self, key: str, **values: object) -> str:
        """Fill in one message; a key that no table holds is a mistake of the code.

        A number that is infinite or missing is written as the word for it.
        """
        told = {name: self._told(value) for name, value in values.items()}
        return self.messages[key].format(**told)

    def counting(self, chart_size: int) -> "Words":
        """Speak of a chart of so many models: only that of nine is the one of the rankings page."""
        if chart_size == CHART_SIZE:
            return self
        ending = "_of_size"
        other = {
            key.removesuffix(ending): text.replace("{size}", str(chart_size))
            for key, text in self.messages.items()
            if key.endswith(ending)
        }
        return replace(self, messages=self.messages | other)

    def number(self, value: float, style: str) -> str:
        """Write a number in a format such as ``.2f``, or the word for an infinite or a missing one."""
        return format(self._told(value), style)

    def _told(self, value: object) -> object:
        if not isinstance(value, float) or math.isfinite(value):
            return value
        return _Word(self.messages["common.undefined" if math.isnan(value) else "common.infinite"])

    def week(self, weeks: pd.Series) -> str:
        """Write from which day to which the weeks go that begin on these days: Monday to Sunday."""
        first = pd.Timestamp(weeks.iloc[0])
        days = (first, first + pd.Timedelta(days=6))
        names = [self.messages[f"specification_curve.option.{day:%A}".lower()] for day in days]
        return self("common.days", first=names[0], last=names[1])

    def or_else(self, key: str, default: str) -> str:
        """Translate a word of the data, or leave it as the data have it."""
        return self.messages.get(key, default)

    def day(self, day: pd.Timestamp) -> str:
        """Write a day in a label.

        Examples
        --------
        >>> [speak(language).day(pd.Timestamp("2026-02-09")) for language in LANGUAGES]
        ['9 Feb 2026', '2026年2月9日']
        """
        return f"{day.year}年{day.month}月{day.day}日" if self.language == "zh" else f"{day.day} {day:%b %Y}"

    def short_day(self, day: pd.Timestamp) -> str:
        """Write a day whose year the axis says: 9 Feb."""
        return f"{day.month}月{day.day}日" if self.language == "zh" else f"{day.day} {day:%b}"

    def brief_day(self, day: pd.Timestamp) -> str:
        """Write a day for the cell of a table: 9 Feb 26."""
        return f"{day:%y}/{day.month}/{day.day}" if self.language == "zh" else f"{day.day} {day:%b %y}"

    def month(self, day: pd.Timestamp, *, year: bool = False) -> str:
        """Write a month, briefly: Feb, or Feb 26."""
        if self.language == "zh":
            return f"{day:%y}/{day.month}" if year else f"{day.month}月"
        return f"{day:%b %y}" if year else f"{day:%b}"

    def date(self, day: pd.Timestamp) -> str:
        """Write a day in prose: 2026-02-09."""
        return self.day(day) if self.language == "zh" else f"{day:%Y-%m-%d}"

    def triangles(self, ratios: pd.Series) -> str:
        """Say what the triangles at the upper edge of a figure are, if it has any."""
        return self("common.triangles") if ratios.eq(math.inf).any() else ""

    def listed(self, parts: Iterable[str]) -> str:
        """Join the items of a list."""
        return self("common.comma").join(parts)


def _flat(table: dict, prefix: str = "") -> dict[str, str]:
    found = {}
    for key, value in table.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


@cache
def speak(language: str) -> Words:
    """Read the words of a language.

    Raises
    ------
    InputError
        If no message table exists for it.
    """
    require_known(language, LANGUAGES, what="language")
    return Words(language, _flat(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))))


ENGLISH = speak("en")
