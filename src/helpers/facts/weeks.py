"""The facts of one week, from one row of the table `ratios`: quick, because it needs no library."""

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from helpers.data.files import shown
from helpers.errors import InputError
from helpers.facts.fact import Fact, by_name

DAYS = 7
ORIGINS = ("china", "us", "unidentified")
Row = TypeVar("Row")


def week_name(kind: str, scope: str, week: str) -> str:
    """Name a fact of one week (YYYY-MM-DD).

    Examples
    --------
    >>> week_name("ratio", "ranked", "2026-02-09")
    'ratio_ranked_2026_02_09'
    """
    return f"{kind}_{scope}_{week.replace('-', '_')}"


def facts_of_row(row: Mapping[str, object]) -> Iterator[Fact]:
    """Collect tokens, ratio, bounds and state of one week in one scope.

    Parameters
    ----------
    row : mapping
        The columns of the table `ratios`: `week_start` (YYYY-MM-DD), tokens (int), ratios (float), scope and state.

    Yields
    ------
    Fact
        Named ``ratio_ranked_2026_02_09`` and so on; a ratio of 0 by 0 is none, and neither is a bound without end.
    """
    week, scope = str(row["week_start"]), str(row["scope"])
    given = {"scope": scope, "week": week, "table": "ratios.csv"}
    for origin in ORIGINS:
        name = f"{origin}_tokens"
        yield Fact(
            name=week_name(name, scope, week), kind="tokens", value=row[name], unit="tokens", about={"origin": origin},
            **given,
        )  # fmt: skip
    for kind in ("ratio", "ratio_low", "ratio_high"):
        bounds = {"low": row["ratio_low"], "high": row["ratio_high"]} if kind == "ratio" else {}
        fact = Fact(name=week_name(kind, scope, week), kind=kind, value=row[kind], unit="ratio", **bounds, **given)
        if isinstance(fact.value, float) or (kind == "ratio" and fact.value is not None):
            yield fact
    yield Fact(name=week_name("state", scope, week), kind="state", value=row["state"], unit="lead state", **given)


def cut_week(week: str, days: int) -> Iterator[Fact]:
    """Say how many days of a week the record holds, if it cuts the week short: nobody should quote it as a week."""
    if days < DAYS:
        yield Fact(
            name=days_name(week), kind="days_observed", value=days, text=f"{days} of {DAYS}", unit="days",
            scope="platform", week=week, table="origin_weekly.csv",
        )  # fmt: skip


def days_name(week: str) -> str:
    """Name the fact that holds the days of a cut week (YYYY-MM-DD)."""
    return week_name("days_observed", "platform", week)


def read_weeks(folder: Path) -> dict[str, Fact]:
    """Read the facts of every week of a run, by name.

    Raises
    ------
    InputError
        If a table is missing or cannot be read.
    """
    days = dict(_read(folder / "origin_weekly.csv", lambda row: (row["week_start"], int(row["days_observed"]))))
    cut = (fact for week, number in days.items() for fact in cut_week(week, number))
    return by_name(cut, (fact for row in _read(folder / "ratios.csv", _typed) for fact in facts_of_row(row)))


def _typed(row: Mapping[str, str]) -> dict[str, object]:
    tokens = {name: int(row[name]) for name in (f"{origin}_tokens" for origin in ORIGINS)}
    ratios = {name: float(row[name] or "nan") for name in ("ratio", "ratio_low", "ratio_high")}
    return {name: row[name] for name in ("week_start", "scope", "state")} | tokens | ratios


def _read(path: Path, typed: Callable[[Mapping[str, str]], Row]) -> list[Row]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [typed(row) for row in csv.DictReader(file)]
    except FileNotFoundError:
        raise InputError(f"{shown(path)} does not exist yet. Run `crossover run` first.") from None
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise InputError(f"{shown(path)} cannot be read: {error}. Write it again with `crossover run`.") from None
