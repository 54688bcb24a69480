"""What the unidentified tokens allow: bounds on a ratio, and who leads for certain."""

import numpy as np
import pandas as pd

from helpers.errors import InputError, require_known
from helpers.numbers import sum_wide
from helpers.vocabulary import IDENTIFIED, INCOMPLETE, NOT_IDENTIFIED, SCOPES

UNIDENTIFIED = "Unidentified"


def split_scope(origin_weekly: pd.DataFrame, *, scope: str) -> pd.DataFrame:
    """Lay out one scope as a column per origin, with everything not identified in one column.

    Whatever the scope leaves out of the platform is unidentified in it: for ``ranked`` the row `other`,
    for ``chart`` every model that is not among its largest. The columns of a week therefore always add
    up to the platform's total, to the token.

    Parameters
    ----------
    origin_weekly : DataFrame
        `week_start, scope, origin, tokens, days_observed`, the scope ``platform`` included.
    scope : {"chart", "ranked", "platform"}
        Which rows count as identified.

    Returns
    -------
    DataFrame, shape (n_weeks, 5)
        `China, US, Other, Unidentified` (tokens, int64) and `days_observed`; index `week_start`.

    Raises
    ------
    InputError
        If the scope is unknown.
    """
    require_known(scope, SCOPES, what="scope")
    platform = origin_weekly[origin_weekly["scope"].eq("platform")].groupby("week_start")
    rows = origin_weekly[origin_weekly["scope"].eq(scope)]
    known = sum_wide(rows, index=["week_start"], columns="origin")[list(IDENTIFIED)]
    return known.assign(
        **{UNIDENTIFIED: platform["tokens"].sum() - known.sum(axis=1)},
        days_observed=platform["days_observed"].first(),
    )


def ratio_bounds(tokens: pd.DataFrame, *, over: str = "China", under: str = "US") -> pd.DataFrame:
    """Bound the ratio of two origins when some tokens have no known origin.

    Worst cases: every unidentified token belongs to `under` (low) or to `over` (high). Any other
    allocation, to these two or to third origins, gives a ratio in between.

    Parameters
    ----------
    tokens : DataFrame, shape (n_weeks, n_origins)
        Tokens (count, int64) a week. Index `week_start`; one column per origin, `Unidentified` among
        them; no missing values.
    over, under : str
        Columns of the numerator and the denominator.

    Returns
    -------
    DataFrame, shape (n_weeks, 3)
        `ratio, ratio_low, ratio_high` (pure numbers); ``inf`` where only the denominator is 0, missing
        where both are.

    Raises
    ------
    KeyError
        If a column is missing.
    ValueError
        If a count is negative or missing.

    References
    ----------
    Manski, C. F. (2003), *Partial Identification of Probability Distributions*, chapter 1.

    Examples
    --------
    >>> week = pd.to_datetime(["2026-02-09", "2026-02-16"])
    >>> tokens = pd.DataFrame({"China": [4, 1], "US": [2, 0], "Unidentified": [2, 0]}, index=week)
    >>> ratio_bounds(tokens)
                ratio  ratio_low  ratio_high
    2026-02-09    2.0        1.0         3.0
    2026-02-16    inf        inf         inf
    """
    above, below, free = (tokens[column] for column in (over, under, UNIDENTIFIED))
    if tokens[[over, under, UNIDENTIFIED]].lt(0).any(axis=None):
        raise ValueError("Token counts are never negative.")
    if tokens[[over, under, UNIDENTIFIED]].isna().any(axis=None):
        raise ValueError("Token counts are never missing; count an origin without tokens as 0.")
    return pd.DataFrame(
        {
            "ratio": divide(above, below),
            "ratio_low": divide(above, below + free),
            "ratio_high": divide(above + free, below),
        }
    )


def divide(above: pd.Series, below: pd.Series) -> pd.Series:
    """Divide row by row; by zero it is infinite, zero by zero is missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.Series(above.to_numpy() / below.to_numpy(), index=above.index)


def lead_states(tokens: pd.DataFrame, *, min_days: int = 7) -> pd.Series:
    """Say who leads each week, whatever the unidentified tokens may be.

    Decided on the integers, so that a tie at 2^53 tokens and beyond is still a tie.

    Parameters
    ----------
    tokens : DataFrame, shape (n_weeks, >= 4)
        `China, US, Unidentified` (tokens, int64) and `days_observed`; index `week_start`.
    min_days : int
        Days a week must have in the record to be evidence of anything, 1 to 7.

    Returns
    -------
    Series of str
        ``China`` if its lead survives every allocation, ``US`` likewise, ``not identified`` otherwise,
        ``incomplete`` for a week with too few days.

    Raises
    ------
    InputError
        If `min_days` is not between 1 and 7.
    """
    require_days(min_days)
    free = tokens[UNIDENTIFIED]
    state = pd.Series(NOT_IDENTIFIED, index=tokens.index, dtype="str", name="state")
    state = state.mask(tokens["China"] > tokens["US"] + free, "China")
    state = state.mask(tokens["China"] + free < tokens["US"], "US")
    return state.mask(tokens["days_observed"] < min_days, INCOMPLETE)


def require_days(min_days: int) -> None:
    """Refuse a `min_days` that no week could satisfy or that asks nothing."""
    if not 1 <= min_days <= 7:
        raise InputError(f"Parameter min_days is {min_days}; a week has 1 to 7 days. Choose 7.")
