"""The verdicts as a reader gets them: a table to print, lines for the terminal, and facts for prose."""

import math
import textwrap

import pandas as pd

from helpers.facts import fact, published_facts
from helpers.numbers import round_digits
from helpers.vocabulary import CONTRADICTED, HOLDS, NOT_DECIDED, ON_A_CHOICE, ROUGHLY, SCOPES, UNTESTED

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
        a dash where there is none), `Window, Verdict, Why`. The numbers behind it stay exact in `claims`.
    """
    ours = {
        scope.capitalize(): [
            print_value(value, unit) + (f" ({print_distance(gap, measured)})" if pd.notna(value) else "")
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


def claims_lines(claims: pd.DataFrame, *, width: int = 100) -> list[str]:
    """Write the claims as plain text, one block each, with everything that the printed table has.

    Parameters
    ----------
    claims : DataFrame
        As for `claims_page`.
    width : int
        Characters a line.

    Returns
    -------
    list of str
        Lines without line ends; an empty one between two claims.
    """
    lines: list[str] = []
    for row in claims_page(claims).itertuples(index=False):
        block = [
            f"{row.Verdict.upper()}: {row.Claim} ({row.Source})",
            f"  published {row.Published}; chart {row.Chart}; ranked {row.Ranked}; platform {row.Platform}; "
            f"in {row.Unit}; {row.Window}",
            f"  {row.Why}",
        ]
        wrapped = [textwrap.wrap(line, width, subsequent_indent="    ", break_on_hyphens=False) for line in block]
        lines += ["", *(line for part in wrapped for line in part)]
    return lines[1:]


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


def claim_facts(claims: pd.DataFrame) -> dict[str, dict]:
    """Collect the published values, our values in each scope, the verdicts and what to print of each claim.

    Parameters
    ----------
    claims : DataFrame
        The table `claims`.

    Returns
    -------
    dict
        Facts named ``published_cn_week_feb9``, ``claim_cn_week_feb9_chart`` with ``distance_cn_week_feb9_chart``,
        ``claim_cn_week_feb9_all_low`` and ``..._all_high`` (bounds over all models; infinite ones are left out),
        ``verdict_cn_week_feb9`` and ``told_cn_week_feb9``.
    """
    facts = published_facts(claims.rename(columns={"printed": "value"})) | _counts(claims["verdict"])
    for row in claims.to_dict("records"):
        name, unit = row["claim_id"].replace("-", "_"), row["value_unit"]
        said = {"scope": row["scope_stated"], "source": "claims.csv"}
        facts[f"verdict_{name}"] = fact(row["verdict"], text=row["verdict"], unit="verdict", **said)
        facts[f"told_{name}"] = fact(row["told"], text=row["told"], unit="sentence", **said)
        for scope in SCOPES:
            if pd.notna(value := row[f"value_{scope}"]):
                given = {"scope": scope, "source": "claims.csv"}
                gap, measured = row[f"distance_{scope}"], row["distance_unit"]
                facts[f"claim_{name}_{scope}"] = fact(value, text=print_value(value, unit), unit=unit, **given)
                facts[f"distance_{name}_{scope}"] = fact(
                    gap, text=print_distance(gap, measured), unit=measured, **given
                )
        for end in ("low", "high"):
            if math.isfinite(value := row[f"{end}_all"]):
                given = {"scope": "ranked", "source": "claims.csv"}
                facts[f"claim_{name}_all_{end}"] = fact(value, text=print_value(value, unit), unit=unit, **given)
    return facts


COUNTED = {
    HOLDS: "claims_hold",
    f"{HOLDS} only": "claims_hold_only_in_one_scope",
    ON_A_CHOICE: "claims_on_a_choice",
    NOT_DECIDED: "claims_not_decided",
    CONTRADICTED: "claims_contradicted",
    UNTESTED: "claims_not_testable",
}


def _counts(verdicts: pd.Series) -> dict[str, dict]:
    kinds = verdicts.map(kind_of)
    counts = {"claims": len(verdicts), "claims_roughly": int(verdicts.str.endswith(ROUGHLY).sum())}
    counts |= {name: int(kinds.eq(kind).sum()) for kind, name in COUNTED.items()}
    given = {"unit": "claims", "scope": "every scope that a claim leaves open", "source": "claims.csv"}
    return {name: fact(number, text=str(number), **given) for name, number in counts.items()}
