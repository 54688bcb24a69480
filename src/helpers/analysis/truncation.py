"""How far the answer depends on where the list of models is cut off."""

import pandas as pd

from helpers.analysis.bounds import UNIDENTIFIED, lead_states, ratio_bounds, split_scope
from helpers.analysis.crossover import date_rules, leading_weeks
from helpers.analysis.weeks import count_origins, rank_in_week
from helpers.errors import InputError
from helpers.numbers import sum_wide
from helpers.vocabulary import IDENTIFIED


def truncate_weeks(weekly: pd.DataFrame, *, max_k: int = 50, min_days: int = 7) -> pd.DataFrame:
    """Compute the ratio of the k largest entries of every week, for each k, with bounds.

    The entries of a week are its permaslugs, ranked as `rank_in_week` ranks them; everything else on the
    platform is unidentified. So ``k = 9`` is the scope ``chart`` with nine models, to the token, and the
    bounds can only draw together as k grows.

    The daily rankings name 50 permaslugs a day, but a week is the union of seven such lists and holds
    more (56 to 69 in the record): ``k = 50`` is the 50 largest of the week, not all that are ranked. One
    row a week beyond `max_k` therefore shows all of them: its k is the most entries that any week of the
    record holds, and it is the scope ``ranked``. A week with fewer than k entries shows all it has.

    Parameters
    ----------
    weekly : DataFrame
        Weekly rows as `sum_weeks` returns them; each week has its row `other`.
    max_k : int
        Largest number of entries to keep; at least 1.
    min_days : int
        Days a week must have in the record to be evidence of a lead, 1 to 7.

    Returns
    -------
    DataFrame
        `week_start, k, china_tokens, us_tokens, unidentified_tokens` (count, int64), `ratio, ratio_low,
        ratio_high` (pure numbers, see `ratio_bounds`) and `state`. Sorted by week, then k.

    Raises
    ------
    InputError
        If `max_k` or `min_days` is out of its range, or a week has no row `other`.

    References
    ----------
    Manski, C. F. (2003), *Partial Identification of Probability Distributions*, chapter 1.
    """
    tokens = _tokens_at_k(weekly, max_k=max_k)
    table = pd.DataFrame(
        {
            "china_tokens": tokens["China"],
            "us_tokens": tokens["US"],
            "unidentified_tokens": tokens[UNIDENTIFIED],
            **ratio_bounds(tokens),
            "state": lead_states(tokens, min_days=min_days),
        }
    )
    return table.reset_index()


def date_truncations(weekly: pd.DataFrame, *, max_k: int = 50, min_days: int = 7) -> pd.DataFrame:
    """Date the lead as a function of k, the number of entries kept.

    Parameters
    ----------
    weekly, max_k, min_days
        As for `truncate_weeks`; the same values of k.

    Returns
    -------
    DataFrame
        `k, rule` (``first_lead``, ``durable_lead``, ``certain_lead``) and `week_start` (missing where the
        record has no such week). Sorted by k; the largest k is the scope ``ranked``.

    Raises
    ------
    InputError
        As `truncate_weeks`.
    """
    tokens = _tokens_at_k(weekly, max_k=max_k)
    states = lead_states(tokens, min_days=min_days)
    leads = leading_weeks(tokens, min_days=min_days)
    sizes = tokens.index.unique(level="k")
    dates = {k: date_rules(_at(leads, k), _at(states, k)) for k in sizes}
    table = pd.concat(dates, names=["k", "rule"]).reset_index(name="week_start")
    return table.astype({"k": "int64", "rule": "str"})


def _at(by_week_and_k: pd.Series, k: int) -> pd.Series:
    return by_week_and_k[by_week_and_k.index.get_level_values("k") == k].droplevel("k")


def _tokens_at_k(weekly: pd.DataFrame, *, max_k: int) -> pd.DataFrame:
    """Lay out every week and k as `split_scope` does a scope: index `week_start, k`."""
    if max_k < 1:
        raise InputError(f"Parameter max_k is {max_k}; a list has at least 1 model. Choose 50.")
    platform = split_scope(count_origins(weekly), scope="platform")
    ranked = weekly.assign(k=rank_in_week(weekly)).dropna(subset="k").astype({"k": "int64"})
    entries = max([max_k, *ranked["k"]])
    grid = pd.MultiIndex.from_product([platform.index, range(1, entries + 1)], names=["week_start", "k"])
    by_rank = sum_wide(ranked, index=["week_start", "k"], columns="origin")
    by_rank = by_rank.reindex(index=grid, columns=list(IDENTIFIED), fill_value=0)
    known = by_rank.groupby(level="week_start").cumsum()
    kept = grid.get_level_values("k").isin([*range(1, max_k + 1), entries])
    week = grid.get_level_values("week_start")
    total = platform[[*IDENTIFIED, UNIDENTIFIED]].sum(axis=1)
    return known.assign(
        **{UNIDENTIFIED: total.reindex(week).to_numpy() - known.sum(axis=1)},
        days_observed=platform["days_observed"].reindex(week).to_numpy(),
    )[kept]
