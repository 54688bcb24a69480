"""The verdicts as a reader gets them: a table to print, and lines for the terminal."""

import math

import pandas as pd

from helpers.numbers import round_digits
from helpers.vocabulary import CONTRADICTED, HOLDS, NOT_DECIDED, ON_A_CHOICE, SCOPES, UNTESTED

PERCENT = ("share", "relative change", "share of the weeks", "share of the weekly changes")
KINDS = (HOLDS, f"{HOLDS} only", ON_A_CHOICE, NOT_DECIDED, CONTRADICTED, UNTESTED)  # of verdicts, best first


def kind_of(verdict: str) -> str:
    """Name the kind of a verdict: without its scope, and without how roughly.

    Examples
    --------
    >>> kind_of("holds only in the chart, roughly"), kind_of("holds, roughly")
    ('holds only', 'holds')
    """
    return next(kind for kind in sorted(KINDS, key=len, reverse=True) if verdict.startswith(kind))


def claims_page(claims: pd.DataFrame) -> pd.DataFrame:
    """Lay out the claims as a table to print.

    Parameters
    ----------
    claims : DataFrame
        The table `claims`.

    Returns
    -------
    DataFrame, shape (n_claims, 10)
        Text: `Claim, Source, Published, Unit`, our value with its distance in each scope (`Chart, Ranked, Platform`;
        a dash where there is none; a value without limit has no distance), `Window, Verdict, Why`. The numbers
        behind it stay exact in `claims`.
    """
    ours = {
        scope.capitalize(): [
            print_value(value, unit) + (f" ({print_distance(gap, measured)})" if math.isfinite(gap) else "")
            for value, gap, unit, measured in zip(
                claims[f"value_{scope}"],
                claims[f"distance_{scope}"],
                claims["value_unit"],
                claims["distance_unit"],
                strict=True,
            )
        ]
        for scope in SCOPES
    }
    return pd.DataFrame(
        {
            "Claim": claims["statement"].to_list(),
            "Source": (claims["publisher"] + ", " + claims["published_on"]).to_list(),
            "Published": [print_published(*row) for row in claims[["printed", "unit", "hedge"]].to_numpy()],
            "Unit": claims["value_unit"].to_list(),
            **ours,
            "Window": [print_window(*row) for row in claims[["window_start", "window_end"]].itertuples(index=False)],
            "Verdict": claims["verdict"].to_list(),
            "Why": claims["why"].to_list(),
        }
    ).astype("str")


def print_published(printed: str, unit: str, hedge: str) -> str:
    """Write a published value with its hedge and unit.

    Examples
    --------
    >>> print_published("25", "trillion tokens", "over"), print_published("0.5", "share", "most of")
    ('over 25 trillion tokens', 'most of: 50 %')
    """
    if unit in ("week", "direction", "none"):
        return {"week": f"first in the week of {printed}", "direction": printed, "none": "no number"}[unit]
    value = f"{100 * float(printed):.3g} %" if unit in PERCENT else printed
    end = f" {unit}" if unit == "trillion tokens" else ""
    front = "" if hedge == "none" else "most of: " if hedge == "most of" else f"{hedge} "
    return f"{front}{value}{end}"


def print_value(value: float, unit: str, *, digits: int = 4) -> str:
    """Write one of our values for reading, in the unit of its row; a dash if there is none.

    Examples
    --------
    >>> print_value(0.58684, "share"), print_value(5.0, "weeks"), print_value(float("nan"), "ratio")
    ('58.68 %', '+5 weeks', '-')
    """
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "no limit"
    if unit == "weeks":
        return f"{value:+.0f} weeks" if value else "that week"
    if unit in PERCENT:
        return f"{round_digits(100 * value, digits=digits)} %"
    return round_digits(value, digits=digits)


def print_distance(gap: float, unit: str) -> str:
    """Write a distance: a signed percentage of the printed value, or weeks.

    Examples
    --------
    >>> [print_distance(gap, "share of the printed value") for gap in (0.0233, -0.0002)]
    ['+2.3 %', '0.0 %']
    """
    if unit == "weeks":
        return f"{gap:+.0f} weeks"
    return f"{100 * gap:+.1f} %" if round(100 * gap, 1) else "0.0 %"  # no negative zero


def print_window(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Write the first and the last day of a window; a dash if there is none."""
    return "-" if pd.isna(start) else f"{start:%Y-%m-%d} to {end:%Y-%m-%d}"


def verdict_lines(claims: pd.DataFrame) -> list[str]:
    """Write the verdicts as one line a claim and a count, for the end of a run.

    Returns
    -------
    list of str
        `claim_id`, published value and verdict in columns; the last line counts the kinds of verdict.
    """
    published = [print_published(*row) for row in claims[["printed", "unit", "hedge"]].to_numpy()]
    widths = [max(map(len, cells)) for cells in (claims["claim_id"], published)]
    lines = [
        f"{claim:<{widths[0]}}  {value:<{widths[1]}}  {verdict}"
        for claim, value, verdict in zip(claims["claim_id"], published, claims["verdict"], strict=True)
    ]
    kinds = claims["verdict"].map(kind_of).value_counts()
    counts = ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kind in kinds)
    return [*lines, f"{len(claims)} claims: {counts}."]
