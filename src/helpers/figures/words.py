"""The words of a language: messages from the files in `messages`, and how it writes dates and lists."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.choices import DEFAULTS, departures, last_day_of_week, spell
from helpers.errors import require_known

if TYPE_CHECKING:  # words of prose are told without pandas, which takes longer to load than to tell them
    import pandas as pd

FOLDER = Path(__file__).parent / "messages"
SIZED = "_of_size"  # ending of the key of what is said of a chart of another size, in its place
LANGUAGES = {"en": "English", "zh": "Simplified Chinese"}


class _Word(str):
    """A word in the place of a number: it is the same in every number format."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return str(self)


class _Number(float):
    """A number that is never written as minus zero, in any format."""

    __slots__ = ()

    def __format__(self, style: str) -> str:
        text = format(float(self), style)
        return text if any(digit in text for digit in "123456789") else text.replace("-", "", 1)


@dataclass(frozen=True)
class Words:
    """What a figure says in one language.

    Attributes
    ----------
    language : {"en", "zh"}
        Which language.
    choices : mapping of str to object
        The parameters of the run that is spoken of, by name; `helpers.choices.DEFAULTS` for those that are missing.
        `warning` is what must be said because the run is not in order.
    """

    language: str
    choices: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __call__(self, key: str, **values: object) -> str:
        """Fill in one message; a key that no table holds is a mistake of the code.

        A number that is infinite or missing is written as the word for it, and no zero has a minus.
        """
        return self.messages[key].format(**self.run | {name: self._finite(value) for name, value in values.items()})

    def under(self, choices: Mapping[str, object]) -> "Words":
        """Speak of a run with other choices than the defaults.

        Examples
        --------
        >>> speak("en").under({"chart_size": 20, "stealth_policy": "unknown"}).run["choices"]
        'In this run every cloaked model counts as unidentified, revealed or not; the chart counts twenty models.'
        """
        return replace(self, choices=dict(choices))

    @cached_property
    def messages(self) -> dict[str, str]:
        """Templates by key, such as ``ratio_with_bounds.subtitle``; those of another chart in place of the chart's."""
        messages = _read_messages(self.language)
        if self._known["chart_size"] == DEFAULTS["chart_size"]:
            return messages
        return messages | {key.removesuffix(SIZED): text for key, text in messages.items() if key.endswith(SIZED)}

    @cached_property
    def run(self) -> dict[str, str]:
        """What the choices put into any message.

        `size` (of the chart), `week_days` (of a week), `cloaked` (the unidentified ones) and `choices` (all that differ
        from the default, as a sentence; empty if none does).
        """
        known, messages = self._known, _read_messages(self.language)
        first = str(known["week_start_day"])
        day = [messages[f"common.day.{name}"] for name in (first, last_day_of_week(first))]
        run = {
            "size": spell(known["chart_size"], self.language),
            "week_days": messages["common.week"].format(first=day[0], last=day[1]),
            "cloaked": messages[f"common.cloaked.{known['stealth_policy']}"],
            "choices": "",
        }
        told = [self._told(name, value, run) for name, value in departures(known).items()]
        if told:
            run["choices"] = messages["choices.sentence"].format(list=messages["choices.joined"].join(told))
        if self.choices.get("warning"):
            caution = messages["choices.warning"].format(value=self.choices["warning"])
            run["choices"] = messages["common.sentence_space"].join(filter(None, [run["choices"], caution]))
        return run

    @property
    def _known(self) -> dict[str, object]:
        known = {name: self.choices.get(name, default) for name, default in DEFAULTS.items()}
        return known | {"chart_size": int(known["chart_size"])}

    def _told(self, name: str, value: object, run: Mapping[str, str]) -> str:
        messages = _read_messages(self.language)
        message = messages.get(f"choices.{name}.{value}", messages.get(f"choices.{name}", ""))
        return message.format(**{**run, "value": value})

    def number(self, value: float, style: str) -> str:
        """Write a number in a format such as ``.2f``, or the word for an infinite or a missing one."""
        return format(self._finite(value), style)

    def _finite(self, value: object) -> object:
        if not isinstance(value, float):
            return value
        if math.isfinite(value):
            return _Number(value)
        return _Word(self.messages["common.undefined" if math.isnan(value) else "common.infinite"])

    def or_else(self, key: str, default: str) -> str:
        """Translate a word of the data, or leave it as the data have it."""
        return self.messages.get(key, default)

    def day(self, day: "pd.Timestamp") -> str:
        """Write a day in a label.

        Examples
        --------
        >>> import pandas as pd
        >>> [speak(language).day(pd.Timestamp("2026-02-09")) for language in LANGUAGES]
        ['9 Feb 2026', '2026年2月9日']
        """
        return f"{day.year}年{day.month}月{day.day}日" if self.language == "zh" else f"{day.day} {day:%b %Y}"

    def short_day(self, day: "pd.Timestamp") -> str:
        """Write a day whose year the axis says: 9 Feb."""
        return f"{day.month}月{day.day}日" if self.language == "zh" else f"{day.day} {day:%b}"

    def brief_day(self, day: "pd.Timestamp") -> str:
        """Write a day for the cell of a table: 9 Feb 26."""
        return f"{day:%y}/{day.month}/{day.day}" if self.language == "zh" else f"{day.day} {day:%b %y}"

    def month(self, day: "pd.Timestamp", *, year: bool = False) -> str:
        """Write a month, briefly: Feb, or Feb 26."""
        if self.language == "zh":
            return f"{day:%y}/{day.month}" if year else f"{day.month}月"
        return f"{day:%b %y}" if year else f"{day:%b}"

    def date(self, day: "pd.Timestamp") -> str:
        """Write a day in prose: 2026-02-09."""
        return self.day(day) if self.language == "zh" else f"{day:%Y-%m-%d}"

    def triangles(self, ratios: "pd.Series") -> str:
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
def _read_messages(language: str) -> dict[str, str]:
    """Read the messages of a language from the files beside this module, each named after what it speaks of."""
    tables = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.toml"))}
    return _flat({name: table.get(language, {}) for name, table in tables.items()})


def speak(language: str) -> Words:
    """Speak a language; its messages are read when the first one is asked for.

    Raises
    ------
    InputError
        If there are no messages in it.
    """
    return Words(require_known(language, LANGUAGES, what="language"))


ENGLISH = Words("en")
