"""One number that prose may quote, how it is written, and the file that holds them all."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.data.files import write_whole
from helpers.errors import InputError
from helpers.numbers import round_digits
from helpers.vocabulary import TRILLION

if TYPE_CHECKING:
    from helpers.data.made import Made

FACTS = "facts.json"
INFINITY = "infinity"  # value and text of a ratio whose denominator is 0: JSON has no such number
NEVER = "never"
Value = float | str | None
OPTIONAL = ("about", "week", "low", "high")  # written to facts.json only where there is something to write


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One number: its exact value, how prose writes it, and all that its sentence needs.

    A lower bound that is not finite bounds nothing: the fact then has no bounds.

    Attributes
    ----------
    name : str
        What it is quoted by, such as ``ratio_ranked_2026_02_09``.
    kind : str
        What is counted; it picks the sentence.
    value : int, float, str or None
        The exact value; ``infinity`` of a ratio without an upper end, None of a week that never came.
    unit, scope, table : str
        What it is counted in, over which tokens, and the file that it comes from (`source` in facts.json).
    text : str
        As prose writes it; by default as `write` does.
    week : str or None
        First day of the week that it is counted in (YYYY-MM-DD), if it is one week's.
    low, high : int, float, str or None
        Bounds, in the unit; the upper one may be ``infinity``, a week ``never``. None if it has none.
    about : mapping
        What it is about besides: an origin, a rule, a claim, the first and last week of a window.
    """

    name: str
    kind: str
    value: Value
    unit: str
    scope: str
    table: str
    text: str = ""
    week: str | None = None
    low: Value = None
    high: Value = None
    about: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {name: _plain(getattr(self, name)) for name in ("value", "low", "high")}
        if known["low"] in (None, INFINITY):
            known |= {"low": None, "high": None}
        elif known["high"] is None:
            known["high"] = INFINITY
        known["text"] = self.text or write(known["value"], self.unit)
        for name, value in known.items():
            object.__setattr__(self, name, value)

    @property
    def bounds(self) -> tuple[str, str] | None:
        """The bounds as prose writes them; None if it has none."""
        return None if self.low is None else (write(self.low, self.unit), write(self.high, self.unit))

    @property
    def text_unit(self) -> str:
        """The unit of what `text` says: tokens are written in trillions."""
        return "trillion tokens" if self.unit == "tokens" else self.unit


def _plain(value: object) -> Value:
    """Turn a number into what JSON holds."""
    value = value.item() if hasattr(value, "item") else value  # a number of NumPy
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else INFINITY


def write(value: Value, unit: str) -> str:
    """Write a value as prose does.

    Examples
    --------
    >>> write(1.40431, "ratio"), write(4_119_001_453_500, "tokens"), write(12345, "rows"), write(None, "week_start")
    ('1.40', '4.119', '12,345', 'never')
    """
    if value is None or isinstance(value, str):
        return NEVER if value is None else value
    if unit == "tokens":
        return f"{value / TRILLION:.3f}"
    if unit == "ratio":
        return ratio_text(value)
    if unit in ("share", "share of variance"):
        return percent(value)
    return f"{value:,}" if isinstance(value, int) else round_digits(value, digits=4)


def ratio_text(value: float) -> str:
    """Write a ratio as prose does: two decimals, or what it is.

    Examples
    --------
    >>> [ratio_text(value) for value in (1.40431, -0.001, float("inf"), float("nan"))]
    ['1.40', '0.00', 'infinity', 'undefined']
    """
    if math.isfinite(value):
        return f"{value:z.2f}"
    return "undefined" if math.isnan(value) else INFINITY


def percent(share: float) -> str:
    """Write a share as a percentage with one decimal.

    Examples
    --------
    >>> percent(0.5868), percent(-0.0004)
    ('58.7 %', '0.0 %')
    """
    return f"{100 * share:z.1f} %"


def by_name(*collections: Iterable[Fact]) -> dict[str, Fact]:
    """Put facts under their names, in their order."""
    return {fact.name: fact for facts in collections for fact in facts}


def write_facts(facts: Mapping[str, Fact], folder: Path, *, summary: str, made: "Made | None" = None) -> Path:
    """Write facts.json: what it was made from, a summary, and the facts sorted by name; whole or not at all."""
    head = {"made_from": asdict(made)} if made is not None else {}
    content = head | {"summary": summary, "facts": {name: _entry(facts[name]) for name in sorted(facts)}}
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    return write_whole(folder / FACTS, (text + "\n").encode("utf-8"))


def _entry(fact: Fact) -> dict[str, object]:
    entry = {name: getattr(fact, name) for name in ("value", "text", "unit", "scope")}
    entry |= {"source": fact.table, "kind": fact.kind}
    return entry | {name: found for name in OPTIONAL if (found := getattr(fact, name)) not in (None, {})}


def read_facts(folder: Path) -> dict[str, Fact]:
    """Read the facts of an earlier run.

    Raises
    ------
    InputError
        If the file is missing or is not what `write_facts` writes.
    """
    path = folder / FACTS
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["facts"]
        return by_name(Fact(name=name, table=entry.pop("source"), **entry) for name, entry in entries.items())
    except FileNotFoundError:
        raise InputError(f"{path.name} does not exist yet. Run `crossover run` first.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path.name} is damaged. Write it again with `crossover run`.") from None
