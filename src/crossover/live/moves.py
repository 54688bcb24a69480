"""Which results and verdicts differ between two records of the same days."""

from collections.abc import Mapping

import pandas as pd

from helpers.analysis.claims.readings import lay_out
from helpers.analysis.claims.wording import hold_claims
from helpers.analysis.crossover import find_crossovers
from helpers.analysis.origins import tag_origins
from helpers.analysis.ratios import compute_ratios
from helpers.analysis.weeks import count_origins, sum_weeks
from helpers.data.claims import PublishedClaims
from helpers.vocabulary import SCOPES

COMPARED = {  # table -> what identifies a result in it, and what may move
    "ratios": (["week_start", "scope"], ["ratio", "state"]),
    "crossovers": (["scope", "rule", "place"], ["week_start"]),
    "claim_settings": (["claim_id", "scope", "policy"], ["value", "agreement"]),
    "claims": (["claim_id"], ["verdict"]),
}
ABSENT = "none"


def compute_results(
    usage: pd.DataFrame, *, registry: Mapping[str, pd.DataFrame], published: PublishedClaims
) -> dict[str, pd.DataFrame]:
    """Compute the results of the default run that a restatement can move.

    Models without a registry row count as unidentified, so that a record with new models can be compared.

    Parameters
    ----------
    usage : DataFrame
        `date, permaslug, model, variant, author, tokens`, one row per permaslug and day.
    registry : mapping of str to DataFrame
        The tables `authors, lineage, stealth, weights`.
    published : PublishedClaims
        The ledger of claims with its sources.

    Returns
    -------
    dict of str to DataFrame
        `ratios`, `crossovers`, `claim_settings` and `claims`, as notebooks 03, 04 and 06 make them by default.
    """
    origin_weekly = count_origins(sum_weeks(tag_origins(usage, **registry, on_untagged="unknown")))
    record = lay_out(usage, registry=registry, on_untagged="unknown")
    settings, claims, _ = hold_claims(published.claims, published.sources, record)
    return {
        "ratios": compute_ratios(origin_weekly, scopes=SCOPES),
        "crossovers": find_crossovers(origin_weekly, scopes=SCOPES),
        "claim_settings": settings,
        "claims": claims,
    }


def list_moves(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """List every result that differs.

    Parameters
    ----------
    before, after : mapping of str to DataFrame
        As `compute_results` returns them.

    Returns
    -------
    DataFrame, shape (n_moved, 5)
        `table`, `result` (what identifies it, joined by blanks), `quantity` (the column), `before` and `after`
        (text; ``none`` where there is no such result). In the order of the tables.
    """
    parts = []
    for table, (keys, columns) in COMPARED.items():
        sides = [_as_text(results[table], keys, columns) for results in (before, after)]
        both = sides[0].merge(sides[1], on=["result", "quantity"], how="outer", suffixes=("_before", "_after"))
        both = both.fillna(ABSENT).rename(columns={"text_before": "before", "text_after": "after"})
        parts.append(both[both["before"].ne(both["after"])].assign(table=table))
    moved = pd.concat(parts, ignore_index=True)
    return moved[["table", "result", "quantity", "before", "after"]].astype("str")


def _as_text(table: pd.DataFrame, keys: list[str], columns: list[str]) -> pd.DataFrame:
    """Lay results out as one row each, everything as text; reversals of one scope are told apart by their place."""
    if "place" in keys:
        table = table.assign(place=table.groupby(["scope", "rule"]).cumcount() + 1)
    text = pd.DataFrame({name: _written(table[name]) for name in [*keys, *columns]}, index=table.index)
    text = text.assign(result=text[keys].agg(" ".join, axis="columns"))
    return text.melt(id_vars="result", value_vars=columns, var_name="quantity", value_name="text")


def _written(column: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d").fillna(ABSENT).astype("str")
    return column.map(str).astype("str")
