"""The facts of the published claims: what was printed, what the record gives in each scope, and the verdicts."""

import math
from collections.abc import Iterator

import pandas as pd

from helpers.claims_table import OUR_UNITS
from helpers.facts.fact import NEVER, Fact, Value
from helpers.vocabulary import CONTRADICTED, HOLDS, NOT_IDENTIFIED, NOT_TESTABLE, ONLY_UNDER, SCOPES

COUNTED = {  # kind of the count -> how the verdicts that it counts begin
    "claims_hold": f"{HOLDS}$",
    "claims_hold_only_under_some": ONLY_UNDER,
    "claims_not_identified": NOT_IDENTIFIED,
    "claims_contradicted": CONTRADICTED,
    "claims_not_testable": NOT_TESTABLE,
}


def claim_facts(claims: pd.DataFrame) -> Iterator[Fact]:
    """Collect the published values, our values in each scope and the verdicts, so that prose may quote them.

    Parameters
    ----------
    claims : DataFrame
        The table `claims`.

    Yields
    ------
    Fact
        Named ``published_cn_week_feb9`` (as it was printed), ``claim_cn_week_feb9_chart`` with ``..._chart_low`` and
        ``..._chart_high`` (under the stealth policy ``as_of``; infinite bounds are left out) and
        ``verdict_cn_week_feb9``; and how many claims have which verdict.
    """
    given = {"unit": "claims", "scope": "every scope and policy", "table": "claims.csv"}
    yield Fact(name="claims", kind="claims", value=len(claims), **given)
    for kind, start in COUNTED.items():
        yield Fact(name=kind, kind=kind, value=int(claims["verdict"].str.match(start).sum()), **given)
    for row in claims.to_dict("records"):
        yield from _of_claim(row)


def _of_claim(row: dict[str, str]) -> Iterator[Fact]:
    claim, scope = row["claim_id"], row["scope_stated"]
    name, about = claim.replace("-", "_"), {"claim": claim}
    yield Fact(
        name=f"published_{name}", kind="published", value=_exact(row["published_value"]), text=row["published_value"],
        unit=row["unit"], scope=scope, table="published_claims.csv", about=about,
    )  # fmt: skip
    yield Fact(
        name=f"verdict_{name}", kind="verdict", value=row["verdict"], unit="verdict", scope=scope, table="claims.csv",
        about=about,
    )  # fmt: skip
    unit = OUR_UNITS.get(row["unit"], "pure number")
    for within in SCOPES:
        value, low, high = (_exact(row[f"{column}_{within}"]) for column in ("value", "low", "high"))
        given = {"kind": "claim", "unit": unit, "scope": within, "table": "claims.csv"}
        if value is not None:
            yield Fact(name=f"claim_{name}_{within}", value=_ours(value), low=low, high=high, about=about, **given)
        for end, level in (("low", low), ("high", high)):
            if level is not None and not (isinstance(level, float) and math.isinf(level)):
                ended = {"about": about | {"end": end}, **given}
                yield Fact(name=f"claim_{name}_{within}_{end}", value=_ours(level), **ended)


def _exact(text: str) -> Value:
    """Read a level of the table: a number, a week, ``never``; None if there is none."""
    try:
        return float(text) if text else None
    except ValueError:
        return text


def _ours(level: Value) -> Value:
    return None if level == NEVER else level
