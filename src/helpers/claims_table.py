"""The verdicts as a reader gets them: a table to print, and lines for the terminal."""

import math

import pandas as pd

from helpers.facts.fact import INFINITY
from helpers.numbers import round_digits
from helpers.vocabulary import SCOPES

OUR_UNITS = {  # unit of the claim -> unit of our value; all others are pure numbers
    "trillion tokens": "trillion tokens",
    "at least trillion tokens": "trillion tokens",
    "week": "week_start",
}


def claims_page(claims: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Lay out the claims as a table to print.

    Parameters
    ----------
    claims : DataFrame
        The table `claims`.
    sources : DataFrame
        `source_id, publisher, published`: one row an article.

    Returns
    -------
    DataFrame, shape (n_claims, 8)
        Text: `Claim, Source, Published`, our value with its bounds in each scope (`Chart, Ranked, Platform`,
        four digits; a dash where there is none), `Verdict, Why`. The numbers behind it stay exact in `claims`.
    """
    named = claims.merge(sources[["source_id", "publisher", "published"]], on="source_id", how="left", validate="m:1")
    ours = {
        scope.capitalize(): [
            _with_bounds(*levels)
            for levels in zip(*(claims[f"{name}_{scope}"] for name in ("value", "low", "high")), strict=True)
        ]
        for scope in SCOPES
    }
    return pd.DataFrame(
        {
            "Claim": claims["statement"].to_list(),
            "Source": (named["publisher"] + ", " + named["published"]).to_list(),
            "Published": [print_published(*row) for row in zip(claims["published_value"], claims["unit"], strict=True)],
            **ours,
            "Verdict": claims["verdict"].to_list(),
            "Why": claims["why"].to_list(),
        }
    ).astype("str")


def print_published(value: str, unit: str) -> str:
    """Write a published value with its unit.

    Examples
    --------
    >>> print_published("25", "at least trillion tokens"), print_published("0.5", "more than a share of")
    ('at least 25 trillion tokens', 'more than a share of 0.5')
    """
    front = unit.removesuffix("trillion tokens").strip()
    return " ".join(part for part in (front, value, "trillion tokens" if unit in _TOKENS else "") if part)


_TOKENS = [unit for unit, ours in OUR_UNITS.items() if ours == "trillion tokens"]


def _with_bounds(value: str, low: str, high: str) -> str:
    if not value:
        return "-"
    shown = [_short(level) for level in (value, low, high)]
    return shown[0] if low == high else f"{shown[0]} ({shown[1]} to {shown[2]})"


def _short(text: str) -> str:
    number = _number(text)
    if number is None:
        return text
    return INFINITY if math.isinf(number) else round_digits(number, digits=4)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def verdict_lines(claims: pd.DataFrame) -> list[str]:
    """Write the verdicts as one line a claim and a count, for the end of a run.

    Returns
    -------
    list of str
        `claim_id`, published value and verdict in columns; the last line counts the verdicts, those that
        hold only under some settings as one kind.
    """
    published = [print_published(*row) for row in zip(claims["published_value"], claims["unit"], strict=True)]
    widths = [max(map(len, cells)) for cells in (claims["claim_id"], published)]
    lines = [
        f"{claim:<{widths[0]}}  {value:<{widths[1]}}  {verdict}"
        for claim, value, verdict in zip(claims["claim_id"], published, claims["verdict"], strict=True)
    ]
    kinds = claims["verdict"].str.replace(r"only under .*", "only under some settings", regex=True)
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.value_counts(sort=False).items())
    return [*lines, f"{len(claims)} claims: {counts}."]
