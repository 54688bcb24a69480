"""The facts of the published claims: what was printed, what the record gives, how far apart, and the verdicts."""

import math
from collections.abc import Iterator

import pandas as pd

from helpers.claims_table import kind_of, print_distance, print_value
from helpers.facts.fact import Fact
from helpers.vocabulary import CONTRADICTED, HOLDS, NOT_DECIDED, ON_A_CHOICE, ROUGHLY, SCOPES, UNTESTED

COUNTED = {  # kind of the count -> kind of the verdicts that it counts
    "claims_hold": HOLDS,
    "claims_hold_only_in_one_scope": f"{HOLDS} only",
    "claims_on_a_choice": ON_A_CHOICE,
    "claims_not_decided": NOT_DECIDED,
    "claims_contradicted": CONTRADICTED,
    "claims_not_testable": UNTESTED,
}


def claim_facts(claims: pd.DataFrame) -> Iterator[Fact]:
    """Collect the published values, our values in each scope, the verdicts and what to print of each claim.

    Parameters
    ----------
    claims : DataFrame
        The table `claims`.

    Yields
    ------
    Fact
        Named ``published_cn_week_feb9`` (as it was printed), ``claim_cn_week_feb9_chart`` with
        ``distance_cn_week_feb9_chart``, ``claim_cn_week_feb9_all_low`` and ``..._all_high`` (bounds over all models),
        ``verdict_cn_week_feb9`` and ``told_cn_week_feb9``; and how many claims have which kind of verdict. Infinite
        distances and bounds are left out.
    """
    kinds, roughly = claims["verdict"].map(kind_of), claims["verdict"].str.endswith(ROUGHLY)
    counts = {"claims": len(claims), "claims_roughly": roughly.sum()}
    counts |= {name: kinds.eq(kind).sum() for name, kind in COUNTED.items()}
    given = {"unit": "claims", "scope": "every scope that a claim leaves open", "table": "claims.csv"}
    for name, number in counts.items():
        yield Fact(name=name, kind=name, value=int(number), **given)
    for row in claims.to_dict("records"):
        yield from _of_claim(row)


def _of_claim(row: dict) -> Iterator[Fact]:
    name, unit = row["claim_id"].replace("-", "_"), row["value_unit"]
    said = {"scope": row["scope_stated"], "about": {"claim": row["claim_id"]}}
    found = said | {"table": "claims.csv"}
    yield Fact(
        name=f"published_{name}", kind="published", value=_exact(row["printed"]), text=row["printed"],
        unit=row["unit"], table="published_claims.csv", **said,
    )  # fmt: skip
    yield Fact(name=f"verdict_{name}", kind="verdict", value=row["verdict"], unit="verdict", **found)
    yield Fact(name=f"told_{name}", kind="told", value=row["told"], unit="sentence", **found)
    for scope in SCOPES:
        value, gap, measured = row[f"value_{scope}"], row[f"distance_{scope}"], row["distance_unit"]
        if pd.notna(value):
            within = found | {"scope": scope}
            text = print_value(value, unit)
            yield Fact(name=f"claim_{name}_{scope}", kind="claim", value=value, text=text, unit=unit, **within)
        if math.isfinite(gap):
            text, within = print_distance(gap, measured), found | {"scope": scope}
            yield Fact(name=f"distance_{name}_{scope}", kind="distance", value=gap, text=text, unit=measured, **within)
    for end in ("low", "high"):
        if math.isfinite(value := row[f"{end}_all"]):
            over = found | {"scope": "ranked", "about": said["about"] | {"end": end}}
            text = print_value(value, unit)
            yield Fact(name=f"claim_{name}_all_{end}", kind="claim", value=value, text=text, unit=unit, **over)


def _exact(printed: str) -> float | str:
    """Read a printed value as a number if it is one."""
    try:
        return float(printed)
    except ValueError:
        return printed
