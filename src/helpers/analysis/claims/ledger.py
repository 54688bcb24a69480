"""Which claims can be judged at all: what each may say, and which figures are of one sentence."""

import re
from datetime import date

import pandas as pd

from helpers.analysis.claims.readings import MOST_WEEKS, QUANTITIES, WEEK, span_of
from helpers.errors import InputError, enumerate_problems, nearest
from helpers.vocabulary import HEDGES, NAMED_SCOPES, WINDOWS

CLAIMS = "published_claims.csv"
STATED_SCOPES = {  # what an article says of its numbers -> the scopes in which its claim is judged
    "not stated": NAMED_SCOPES,
    "chart": ("chart",),
    "ranked": ("ranked",),
    "platform": ("platform",),
    "top models": ("chart",),
    "listed models": ("chart",),
    "top nine": ("chart",),
}
UNITS = {  # unit -> what its value looks like, and a pattern for it
    "trillion tokens": ("a number such as 4.12", r"\d+(\.\d+)?"),
    "ratio": ("a number such as 3", r"\d+(\.\d+)?"),
    "share": ("a number such as 0.70", r"\d+(\.\d+)?"),
    "relative change": ("a number such as 1.27", r"-?\d+(\.\d+)?"),
    "week": ("a week's first day (YYYY-MM-DD)", r"\d{4}-\d{2}-\d{2}"),
    "direction": ("increasing", r"increasing"),
    "none": ("none", r"none"),
}
_FITTING = {"keeps": ("direction",), "first": ("week",)}  # hedges that belong to one unit, and it to them


def check_claims(claims: pd.DataFrame) -> None:
    """Refuse claims that cannot be judged, before anything is computed.

    Parameters
    ----------
    claims : DataFrame
        The ledger (see `helpers.data.claims.read_claims`); the index is the line number in the file.

    Raises
    ------
    InputError
        Listing line, value and the nearest known name of every unknown quantity, unit, hedge, window or scope,
        every value that its unit cannot read, all that does not fit together, and every sentence whose figures
        are of different weeks, scopes or sources.
    """
    problems = [
        problem
        for line, row in zip(claims.index, claims.itertuples(index=False), strict=True)
        for problem in _problems(f"line {line} ({row.claim_id})", row)
    ]
    problems += [] if problems else _mixed(claims)
    if problems:
        raise InputError(
            f"{CLAIMS}: {enumerate_problems(problems)}\n"
            "Mend these rows; data/README.md says what a claim may say, and a new kind of claim needs a quantity in "
            "helpers.analysis.claims.readings."
        )


def _problems(where: str, row: tuple) -> list[str]:
    named = {
        "quantity": QUANTITIES,
        "unit": UNITS,
        "hedge": HEDGES,
        "window": WINDOWS,
        "scope_stated": STATED_SCOPES,
    }
    unknown = [
        f"{where}: unknown {column} {getattr(row, column)!r}. {nearest(getattr(row, column), known)}"
        for column, known in named.items()
        if getattr(row, column) not in known
    ]
    if unknown:
        return unknown
    quantity, found = QUANTITIES[row.quantity], []
    if row.unit not in quantity.units:
        found.append(
            f"{where}: unit {row.unit!r} does not fit {row.quantity!r}; use one of: {', '.join(quantity.units)}"
        )
    elif not _is_value(row.unit, row.value):
        found.append(f"{where}: value {row.value!r} is not {UNITS[row.unit][0]}, as unit {row.unit!r} asks")
    fitting = [hedge for hedge, units in _FITTING.items() if row.unit in units]
    if (fitting and row.hedge not in fitting) or (row.hedge in _FITTING and row.unit not in _FITTING[row.hedge]):
        found.append(f"{where}: hedge {row.hedge!r} does not fit unit {row.unit!r}")
    if row.hedge == "most of" and not (row.quantity in MOST_WEEKS or row.quantity.startswith("growth absorbed")):
        found.append(f"{where}: 'most of' is said of a share over the weeks of a period or of growth absorbed only")
    if not set(STATED_SCOPES[row.scope_stated]) & set(quantity.scopes) and row.scope_stated != "not stated":
        found.append(
            f"{where}: {row.quantity!r} is known in scope {', '.join(quantity.scopes)} only, "
            f"not in scope_stated {row.scope_stated!r}"
        )
    days = (row.period_end - row.period_start).days + 1
    if span_of(row) == "week" and row.window == "stated" and days != WEEK:
        found.append(f"{where}: a stated week has 7 days and this period {days}; set window to 'open'")
    return found


def _is_value(unit: str, value: str) -> bool:
    if not re.fullmatch(UNITS[unit][1], value):
        return False
    if unit == "week":
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
    return unit not in ("trillion tokens", "ratio", "share") or float(value) > 0


def _mixed(claims: pd.DataFrame) -> list[str]:
    """Say of which sentences the figures cannot be judged together."""
    problems = []
    one = ["source_id", "period_start", "period_end", "window", "scope_stated"]
    for sentence, rows in claims.groupby("sentence", sort=False):
        names = ", ".join(f"line {line} ({claim})" for line, claim in rows["claim_id"].items())
        mixed = [column for column in one if len(set(rows[column])) > 1]
        if mixed:
            what = "weeks" if "period" in mixed[0] or "period" in mixed[-1] else " and ".join(mixed)
            problems.append(
                f"sentence {sentence!r} mixes {what}: {names}. Its figures must be of one week, scope and source"
            )
        elif len(rows) > 1 and any(span_of(row) != "week" for row in rows.itertuples(index=False)):
            problems.append(f"sentence {sentence!r} joins figures that are not of a single week: {names}")
    return problems


def judged_scopes(claim: tuple) -> tuple[str, ...]:
    """List the scopes in which a claim is judged: those it states, or all in which its quantity has a meaning."""
    scopes = QUANTITIES[claim.quantity].scopes
    stated = STATED_SCOPES[claim.scope_stated]
    return scopes if claim.scope_stated == "not stated" else tuple(scope for scope in scopes if scope in stated)
