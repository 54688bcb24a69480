"""How large the lead is, who absorbed the growth, and how concentrated each origin is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.analysis.bounds import UNIDENTIFIED, lead_states, ratio_bounds, split_scope
from helpers.analysis.weeks import window_days
from helpers.errors import InputError
from helpers.vocabulary import BELOW_RANK_50, IDENTIFIED


def compute_ratios(origin_weekly: pd.DataFrame, *, scopes: Sequence[str], min_days: int = 7) -> pd.DataFrame:
    """Compute the weekly ratio of China to the US with its worst-case bounds, in each scope.

    Parameters
    ----------
    origin_weekly : DataFrame
        `week_start, scope, origin, tokens, days_observed`, the scope ``platform`` included.
    scopes : sequence of str
        Scopes to evaluate.
    min_days : int
        Days a week must have in the record to be evidence of a lead.

    Returns
    -------
    DataFrame
        `week_start, scope, china_tokens, us_tokens, unidentified_tokens` (count, int64), `ratio,
        ratio_low, ratio_high` (pure numbers, see `ratio_bounds`) and `state`. Sorted by scope in the
        order asked for, then week.
    """
    parts = []
    for scope in scopes:
        tokens = split_scope(origin_weekly, scope=scope)
        part = pd.DataFrame(
            {
                "scope": scope,
                "china_tokens": tokens["China"],
                "us_tokens": tokens["US"],
                "unidentified_tokens": tokens[UNIDENTIFIED],
                **ratio_bounds(tokens),
                "state": lead_states(tokens, min_days=min_days),
            }
        )
        parts.append(part.reset_index())
    return pd.concat(parts, ignore_index=True)


def growth_absorbed(origin_weekly: pd.DataFrame, *, windows: Sequence[str], scopes: Sequence[str]) -> pd.DataFrame:
    """Share out the platform's growth between two weeks among the origins, with bounds.

    The share of an origin is (C1 - C0) / (T1 - T0), T the platform's tokens. Bounds: its change is
    smallest when every unidentified token of the first week and none of the second was its own, and
    largest the other way round; the platform's change is known in any case.

    Parameters
    ----------
    origin_weekly : DataFrame
        `week_start, scope, origin, tokens, days_observed`, the scope ``platform`` included.
    windows : sequence of str
        Pairs of weeks as ``from/to``, each a week's first day: ``"2025-11-03/2026-06-22"`` (see
        `helpers.analysis.weeks.fit_windows`); none gives a table without rows.
    scopes : sequence of str
        Scopes in which tokens count as identified.

    Returns
    -------
    DataFrame
        `from_week, to_week, scope, origin` (``unidentified`` among them), `tokens_from, tokens_to,
        change, platform_change` (tokens, int64) and `share, share_low, share_high` (pure numbers that
        may pass 0 and 1; missing where the platform did not change).

    Raises
    ------
    InputError
        If a window is malformed, turned round, or names a week that is not in the record.
    """
    counted = {scope: split_scope(origin_weekly, scope=scope) for scope in scopes}
    parts = [
        _growth(tokens, *_ends(window, tokens.index)).assign(scope=scope)
        for window in windows
        for scope, tokens in counted.items()
    ]
    if not parts:  # the columns of a table without rows are those of any other
        (scope, tokens), *_ = counted.items()
        parts = [_growth(tokens, tokens.index[0], tokens.index[0]).assign(scope=scope).iloc[:0]]
    table = pd.concat(parts, ignore_index=True)
    front = ["from_week", "to_week", "scope", "origin"]
    return table[[*front, *[column for column in table.columns if column not in front]]]


def _ends(window: str, weeks: pd.Index) -> tuple[pd.Timestamp, pd.Timestamp]:
    start, end = map(pd.Timestamp, window_days(window))
    for day in (start, end):
        if day not in weeks:
            raise InputError(
                f"Growth window {window!r}: no week of the record starts on {day:%Y-%m-%d}. "
                f"The first starts on {weeks[0]:%Y-%m-%d}, the last on {weeks[-1]:%Y-%m-%d}."
            )
    return start, end


def _growth(tokens: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    named = list(IDENTIFIED)
    first, second = tokens.loc[start], tokens.loc[end]
    before, after = first[[*named, UNIDENTIFIED]], second[[*named, UNIDENTIFIED]]
    total = int(after.sum() - before.sum())
    change = (after - before).to_numpy()
    # What is unidentified may belong to any origin; of its own change there is nothing to bound.
    loss = np.array([first[UNIDENTIFIED]] * len(named) + [0])
    gain = np.array([second[UNIDENTIFIED]] * len(named) + [0])
    shares = np.full((3, len(change)), np.nan)
    if total:
        shares = np.sort(np.array([change - loss, change, change + gain]) / total, axis=0)
    return pd.DataFrame(
        {
            "from_week": start.as_unit("us"),
            "to_week": end.as_unit("us"),
            "origin": [*named, "unidentified"],
            "tokens_from": before.to_numpy(),
            "tokens_to": after.to_numpy(),
            "change": change,
            "platform_change": total,
            "share": shares[1],
            "share_low": shares[0],
            "share_high": shares[2],
        }
    )


def concentrate(weekly: pd.DataFrame) -> pd.DataFrame:
    """Measure how few models carry each origin's tokens, week by week.

    Variants are added to their model. The Herfindahl index is the sum of squared shares within the
    origin: 1 for a single model, 1/n for n equal ones. Models below rank 50 are not in it, so the
    true value of an origin is at most this one where its tail is small, and never negative.

    Parameters
    ----------
    weekly : DataFrame
        Weekly rows as `sum_weeks` returns them.

    Returns
    -------
    DataFrame
        `week_start, origin, models` (count), `largest_model` (str), `largest_share` and `herfindahl`
        (0 to 1). One row per week and origin that has tokens.
    """
    ranked = weekly[weekly["permaslug"].ne(BELOW_RANK_50)]
    keys = ["week_start", "origin"]
    models = ranked.groupby([*keys, "model"])["tokens"].sum().reset_index()
    models = models[models["tokens"] > 0]
    share = models["tokens"] / models.groupby(keys)["tokens"].transform("sum")
    models = models.assign(share=share, square=share**2).sort_values(
        [*keys, "share", "model"], ascending=[True, True, False, True]
    )
    return (
        models.groupby(keys)
        .agg(
            models=("model", "size"),
            largest_model=("model", "first"),
            largest_share=("share", "first"),
            herfindahl=("square", "sum"),
        )
        .reset_index()
        .assign(herfindahl=lambda table: table["herfindahl"].clip(upper=1.0))
    )
