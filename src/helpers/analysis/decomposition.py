"""Which models moved the ratio between two weeks, and who absorbed the growth since when."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.analysis.bounds import split_scope
from helpers.analysis.crossover import leading_weeks
from helpers.analysis.influence import models_in_scope
from helpers.analysis.ratios import growth_absorbed
from helpers.analysis.weeks import count_origins
from helpers.errors import InputError

SIGNS = {"China": 1, "US": -1}  # what raises the tokens of the US lowers the ratio
INCUMBENT, ENTRY, EXIT = "incumbent", "entry", "exit"
_PAIR = ["from_week", "to_week", "scope"]
_DTYPES = {
    "from_week": "datetime64[us]",
    "to_week": "datetime64[us]",
    "scope": "str",
    "part": "str",
    "origin": "str",
    "model": "str",
    "tokens_from": "int64",
    "tokens_to": "int64",
    "contribution": "float64",
    "share": "float64",
}


def logarithmic_mean(first: int, second: int) -> float:
    """Compute the logarithmic mean (a - b) / ln(a / b) of two positive numbers; a itself if a = b.

    Raises
    ------
    ValueError
        If a number is not positive.

    References
    ----------
    Ang, B. W. (2004), Decomposition analysis for policymaking in energy: which is the preferred method?
    *Energy Policy* 32, 1131-1139.

    Examples
    --------
    >>> round(logarithmic_mean(1, 3), 6)
    1.820478
    >>> logarithmic_mean(5, 5)
    5.0
    """
    low, high = sorted((first, second))
    if low <= 0:
        raise ValueError("The logarithmic mean needs positive numbers.")
    # log1p of the exact difference stays accurate where the two are almost equal.
    return (high - low) / math.log1p((high - low) / low) if high > low else float(low)


def decompose_change(
    weekly: pd.DataFrame, *, windows: Sequence[str], scopes: Sequence[str], chart_size: int = 9
) -> pd.DataFrame:
    """Split the change of ln(C / U) between two weeks into one part per model, without a remainder.

    The logarithmic mean Divisia index (LMDI-I), in logarithms: with c0 and c1 the tokens of a model of
    China in the two weeks and L the logarithmic mean, it contributes L(c1, c0) / L(C1, C0) * ln(c1 / c0).
    Models of the US count with the opposite sign. Because L(c1, c0) ln(c1 / c0) = c1 - c0, this is
    (c1 - c0) / L(C1, C0), and the parts add up to ln(C1 / C0) - ln(U1 / U0).

    A model that has no tokens in one of the weeks takes the limit of the same formula as its count goes
    to zero, the standard treatment of zeros in LMDI: it contributes c1 / L(C1, C0) on entry and
    -c0 / L(C1, C0) on exit, nothing is replaced by a small number, and the sum stays exact. (Feenstra
    splits entry and exit off through the share of incumbents; his parts add up as well, but give no
    number to the single model that enters.)

    Entry means into the scope: in ``chart`` a model enters when it rises into the list; everywhere a
    cloaked model enters its origin when it is revealed. Variants are added to their model.

    Parameters
    ----------
    weekly : DataFrame
        Weekly rows as `sum_weeks` returns them; each week has its row `other`.
    windows : sequence of str
        Pairs of weeks as ``from/to``, each a week's first day: ``"2025-11-03/2026-06-22"``.
    scopes : sequence of str
        Scopes to evaluate; ``ranked`` and ``platform`` agree: unidentified tokens are in neither C nor U.
    chart_size : int
        Permaslugs in the scope ``chart``; at least 1.

    Returns
    -------
    DataFrame
        `from_week, to_week, scope, part` (``incumbent``, ``entry``, ``exit``), `origin` (``China`` or
        ``US``), `model, tokens_from, tokens_to` (count, int64), `contribution` (natural logarithm of the
        ratio; positive favours China) and `share` (of the whole change, may pass 0 and 1; missing where
        the ratio did not change). The largest contribution first within a window and scope. No rows for a
        window and scope in which an origin has no tokens in one of the weeks: see `explain_undefined`.

    Raises
    ------
    InputError
        If a window is malformed, turned round, or names a week that is not in the record; if a scope is unknown
        or `chart_size` is below 1.

    References
    ----------
    Ang, B. W. (2005), The LMDI approach to decomposition analysis: a practical guide, *Energy Policy* 33,
    867-871. Ang, B. W. and Liu, N. (2007), Handling zero values in the logarithmic mean Divisia index
    decomposition approach, *Energy Policy* 35, 238-246. Feenstra, R. C. (1994), New product varieties and
    the measurement of international prices, *American Economic Review* 84, 157-177.
    """
    origin_weekly = count_origins(weekly, chart_size=chart_size)
    totals = _totals(origin_weekly, windows=windows, scopes=scopes)
    parts = [pd.DataFrame(columns=list(_DTYPES)).astype(_DTYPES)]
    for (start, end, scope), pair in totals.groupby(_PAIR, sort=False):
        if pair[["tokens_from", "tokens_to"]].eq(0).any(axis=None):
            continue
        models = models_in_scope(weekly, scope=scope, chart_size=chart_size)
        rows = [_by_model(models, total) for total in pair.itertuples(index=False)]
        change = _log_change(pair)
        part = pd.concat(rows).assign(from_week=start, to_week=end, scope=scope)
        part = part.assign(share=part["contribution"] / (change or np.nan), size=part["contribution"].abs())
        parts.append(part.sort_values(["size", "origin", "model"], ascending=[False, True, True]))
    return pd.concat(parts, ignore_index=True)[list(_DTYPES)].astype(_DTYPES)


def explain_undefined(origin_weekly: pd.DataFrame, *, windows: Sequence[str], scopes: Sequence[str]) -> str:
    """Say in which windows and scopes there is nothing to decompose, and why.

    Parameters
    ----------
    origin_weekly, windows, scopes
        As for `growth_absorbed`; `origin_weekly` counted with the chart's size of the decomposition.

    Returns
    -------
    str
        A line for each window and scope without rows in `decompose_change`; empty if there is none.
    """
    totals = _totals(origin_weekly, windows=windows, scopes=scopes)
    found = [
        f"Scope {row.scope} has no tokens of {row.origin} in the week of {week:%Y-%m-%d}: the logarithm of its ratio "
        "does not exist, so the change is not decomposed."
        for row in totals.itertuples(index=False)
        for tokens, week in ((row.tokens_from, row.from_week), (row.tokens_to, row.to_week))
        if tokens == 0
    ]
    return "\n".join(dict.fromkeys(found))


def _totals(origin_weekly: pd.DataFrame, *, windows: Sequence[str], scopes: Sequence[str]) -> pd.DataFrame:
    growth = growth_absorbed(origin_weekly, windows=list(dict.fromkeys(windows)), scopes=scopes)
    return growth[growth["origin"].isin(SIGNS)]


def _by_model(models: pd.DataFrame, total: tuple) -> pd.DataFrame:
    counted = models[total.origin]
    weeks = [counted.xs(week) for week in (total.from_week, total.to_week)]
    names = weeks[0].index.union(weeks[1].index).rename("model")
    before, after = (week.reindex(names, fill_value=0) for week in weeks)
    part = np.select([before.eq(0), after.eq(0)], [ENTRY, EXIT], INCUMBENT)
    mean = logarithmic_mean(total.tokens_from, total.tokens_to)
    rows = pd.DataFrame(
        {
            "part": pd.Series(part, index=names, dtype="str"),
            "origin": total.origin,
            "tokens_from": before,
            "tokens_to": after,
            "contribution": SIGNS[total.origin] * (after - before) / mean,
        }
    )
    return rows[(before > 0) | (after > 0)].reset_index()


def _log_change(pair: pd.DataFrame) -> float:
    """Change of ln(C / U), zero exactly where the two ratios are equal as fractions."""
    before, after = (
        dict(zip(pair["origin"], pair[week].tolist(), strict=True)) for week in ("tokens_from", "tokens_to")
    )
    up, down = after["China"] * before["US"], before["China"] * after["US"]
    low, high = sorted((up, down))
    return math.copysign(math.log1p((high - low) / low), up - down)


def strip_growth(
    origin_weekly: pd.DataFrame, *, end_week: str, scopes: Sequence[str], min_days: int = 7
) -> pd.DataFrame:
    """Share out the growth up to one week, from every earlier week in turn.

    Shows whether "who absorbed the growth" depends on the week that the comparison starts from.

    Parameters
    ----------
    origin_weekly : DataFrame
        `week_start, scope, origin, tokens, days_observed`, the scope ``platform`` included.
    end_week : str
        First day of the last week of every comparison: ``"2026-06-22"``.
    scopes : sequence of str
        Scopes in which tokens count as identified.
    min_days : int
        Days a week must have in the record to be compared, 1 to 7.

    Returns
    -------
    DataFrame
        The columns of `growth_absorbed`; one window per earlier week with enough days, and no rows if there is none.

    Raises
    ------
    InputError
        If `end_week` is no week of the record or has too few days, unless no week has enough; if a scope is
        unknown or `min_days` is out of its range.
    """
    counted = leading_weeks(split_scope(origin_weekly, scope="platform"), min_days=min_days).index
    weeks = counted.strftime("%Y-%m-%d")
    if len(weeks) and end_week not in weeks:
        raise InputError(
            f"Parameter end_week is {end_week!r}; no week with {min_days} days in the record starts then. "
            f"The first starts on {weeks[0]}, the last on {weeks[-1]}."
        )
    windows = [f"{week}/{end_week}" for week in weeks[weeks < end_week]]
    return growth_absorbed(origin_weekly, windows=windows, scopes=scopes)
