"""When a published value agrees with ours: the units a claim can name, and the verdict over all settings."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from helpers.analysis.measures import NEVER, Estimate, Level
from helpers.vocabulary import CONTRADICTED, HOLDS, NOT_IDENTIFIED, NOT_TESTABLE, ONLY_UNDER, OPEN, SUPPORTED, UNTESTED

TOLERANCE = 0.01  # of the published value, unless its print is coarser

Accepted = tuple[Level, Level]


@dataclass(frozen=True)
class Unit:
    """How a published value is compared with ours.

    Attributes
    ----------
    kinds : tuple of str
        Kinds of measure that it fits.
    accept : callable
        Takes the published value as printed; returns the least and the greatest of our values that agree with
        it (both agree), or raises ValueError if the text is no such value.
    words : str
        What `accept` asks of the text, for messages.
    """

    kinds: tuple[str, ...]
    accept: Callable[[str], Accepted]
    words: str


def _number(text: str) -> float:
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise ValueError(text)
    return float(text)


def _about(text: str) -> Accepted:
    """Accept what rounds to the print, and at least 1 % either way."""
    value = _number(text)
    half_a_digit = float(Decimal(5).scaleb(Decimal(text).as_tuple().exponent - 1))
    tolerance = max(half_a_digit, TOLERANCE * abs(value))
    return value - tolerance, value + tolerance


def _at_least(text: str) -> Accepted:
    return _number(text), math.inf


def _more_than(text: str) -> Accepted:
    return math.nextafter(_number(text), math.inf), math.inf


def _less_than(text: str) -> Accepted:
    return -math.inf, math.nextafter(_number(text), -math.inf)


def _week(text: str) -> Accepted:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(text)
    week = pd.Timestamp(date.fromisoformat(text))
    return week, week


def _direction(text: str) -> Accepted:
    directions = {"increasing": _more_than("0"), "decreasing": _less_than("0")}
    if text not in directions:
        raise ValueError(text)
    return directions[text]


_PURE = ("ratio", "share", "change")
UNITS = {
    "trillion tokens": Unit(("tokens",), _about, "a number such as 4.12"),
    "at least trillion tokens": Unit(("tokens",), _at_least, "a number such as 25"),
    "share": Unit(("share",), _about, "a number such as 0.70"),
    "relative change": Unit(("change",), _about, "a number such as 1.27"),
    "at least": Unit(_PURE, _at_least, "a number such as 3"),
    "less than": Unit(_PURE, _less_than, "a number such as 1"),
    "more than a share of": Unit(("share",), _more_than, "a number such as 0.5"),
    "week": Unit(("week",), _week, "a week's first day (YYYY-MM-DD)"),
    "direction": Unit(("trend",), _direction, "increasing or decreasing"),
}


def judge_setting(estimate: Estimate, accepted: Accepted) -> str:
    """Compare one estimate with what a claim accepts.

    A claim is about the tokens that a scope counts, so our value decides if it agrees. If it does not,
    the unidentified tokens may still make the claim true: then the setting is open. The same rule serves
    every unit, because every unit accepts an interval.

    Parameters
    ----------
    estimate : Estimate
        Value and bounds in one setting.
    accepted : tuple of two float or Timestamp
        Least and greatest value that agree with the claim.

    Returns
    -------
    str
        ``supported`` if the value is accepted; otherwise ``open`` if a value between the bounds is, and
        ``contradicted`` if none is.

    Examples
    --------
    >>> judge_setting(Estimate(5.51, 5.51, 6.38), (4.08, 4.16))
    'contradicted'
    >>> judge_setting(Estimate(4.73, 4.73, 7.10), (5.44, 5.56))
    'open'
    """
    least, greatest = accepted
    if least <= estimate.value <= greatest:
        return SUPPORTED
    allowed = estimate.low <= greatest and estimate.high >= least
    return OPEN if allowed and least not in estimate.excluded else CONTRADICTED


def agrees_throughout(estimate: Estimate, accepted: Accepted) -> bool:
    """Say whether every value that the unidentified tokens allow is accepted."""
    least, greatest = accepted
    return bool(least <= estimate.low and estimate.high <= greatest)


def judge_claim(settings: pd.DataFrame) -> str:
    """Give the verdict on one claim from the agreement in each of its settings.

    Parameters
    ----------
    settings : DataFrame
        `scope, policy, judged, agreement` of one claim. Settings that are not judged (scopes other than the
        one it states) and settings without a value take no part.

    Returns
    -------
    str
        ``holds`` if every setting supports it, ``holds only under ...`` naming those that do, ``not
        identified`` if none does and one is open, ``contradicted`` if none is, ``not testable with this record``
        if no setting has a value.

    Examples
    --------
    >>> rows = [("chart", "as_of", True, "supported"), ("ranked", "as_of", True, "contradicted")]
    >>> judge_claim(pd.DataFrame(rows, columns=["scope", "policy", "judged", "agreement"]))
    'holds only under scope chart'
    """
    tested = settings[settings["judged"] & settings["agreement"].ne(UNTESTED)]
    supporting = tested[tested["agreement"].eq(SUPPORTED)]
    if tested.empty:
        return NOT_TESTABLE
    if len(supporting) == len(tested):
        return HOLDS
    if len(supporting):
        return f"{ONLY_UNDER} {_name_settings(supporting, tested)}"
    return NOT_IDENTIFIED if tested["agreement"].eq(OPEN).any() else CONTRADICTED


def _name_settings(supporting: pd.DataFrame, tested: pd.DataFrame) -> str:
    """Name settings as compactly as they allow: scopes with the same policies together, all policies unsaid."""
    policies = {scope: tuple(rows["policy"]) for scope, rows in supporting.groupby("scope", sort=False)}
    tested_policies = {scope: tuple(rows["policy"]) for scope, rows in tested.groupby("scope", sort=False)}
    names = []
    for same in dict.fromkeys(policies.values()):
        scopes = [scope for scope, found in policies.items() if found == same]
        limited = any(tested_policies[scope] != same for scope in scopes)
        names.append(name_scopes(scopes) + (f" with stealth policy {' or '.join(same)}" if limited else ""))
    return "; ".join(names)


def name_scopes(scopes: list[str]) -> str:
    """Name one or more scopes in a sentence.

    Examples
    --------
    >>> name_scopes(["ranked", "platform"])
    'scopes ranked and platform'
    """
    return f"scope{'s' if len(scopes) > 1 else ''} {' and '.join(scopes)}"


def as_text(level: Level) -> str:
    """Write a value so that nothing of it is lost: a week as a date, a number in full.

    Examples
    --------
    >>> as_text(pd.Timestamp("2026-02-09")), as_text(4.1190014535), as_text(NEVER)
    ('2026-02-09', '4.1190014535', 'never')
    """
    if isinstance(level, pd.Timestamp):
        return "never" if level == NEVER else f"{level:%Y-%m-%d}"
    return "" if math.isnan(level) else repr(level)


def describe_accepted(unit: str, published: str) -> str:
    """Say which values agree with a published one, for recomputing a verdict by hand.

    Examples
    --------
    >>> describe_accepted("trillion tokens", "4.12")
    '4.0788 to 4.1612'
    >>> describe_accepted("direction", "increasing")
    'above 0'
    """
    least, greatest = UNITS[unit].accept(published)
    if unit == "week":
        return published
    if unit == "direction":
        return "above 0" if greatest > 0 else "below 0"
    if unit in {"at least", "at least trillion tokens"}:
        return f"at least {published}"
    if math.isinf(greatest):
        return f"more than {published}"
    return f"less than {published}" if math.isinf(least) else f"{least:.12g} to {greatest:.12g}"
