"""What it would take to overturn the lead of a week."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.analysis.bounds import UNIDENTIFIED, split_scope
from helpers.analysis.crossover import leading_weeks
from helpers.vocabulary import LEADERS

BOTH, UNIDENTIFIED_ONLY = "unidentified tokens or tokenizers", "unidentified tokens only"
TOKENIZERS_ONLY, NOTHING = "tokenizers only", "nothing"


def find_tipping_points(origin_weekly: pd.DataFrame, *, scopes: Sequence[str], min_days: int = 7) -> pd.DataFrame:
    """Find the assumptions at which the lead of each week would end in a tie.

    With lead D of the one ahead and X unidentified tokens, the one behind draws level when it owns the
    share (X + D) / 2X of them and the one ahead owns the rest, or D / X and third origins own the rest.
    Every larger share overturns the week. Both exist exactly where the state of the week is ``not
    identified`` and there are unidentified tokens: elsewhere no allocation can do it.

    The tokenizer factor is the ratio, or its inverse where the US leads: if the models of the one ahead
    counted that many times as many tokens for the same text, there would be no lead. It supposes one
    factor for all models of an origin.

    Parameters
    ----------
    origin_weekly : DataFrame
        `week_start, scope, origin, tokens, days_observed`, the scope ``platform`` included.
    scopes : sequence of str
        Scopes to evaluate.
    min_days : int
        Days a week must have in the record to be evidence of a lead, 1 to 7; other weeks have no row.

    Returns
    -------
    DataFrame
        `week_start, scope, leader` (``China`` or ``US``; a tie counts with the US), `behind` (the other),
        `lead_tokens, unidentified_tokens` (count, int64), `share_rest_to_leader` (0.5 to 1) and
        `share_rest_to_third` (0 to 1): parts of the unidentified tokens that would have to belong to
        `behind`, missing where even all of them are too few; `tokenizer_factor` (pure number, at least 1;
        missing where `behind` has no tokens); `overturned_by`: ``unidentified tokens or tokenizers``,
        ``unidentified tokens only``, ``tokenizers only`` or ``nothing``. Sorted by scope in the order
        asked for, then week.

    Raises
    ------
    InputError
        If a scope is unknown or `min_days` is out of its range.

    References
    ----------
    Manski, C. F. (2003), *Partial Identification of Probability Distributions*, chapter 1.

    Examples
    --------
    >>> rows = [("China", 6), ("US", 4), ("Other", 0), ("Unknown", 0), ("other", 4)]
    >>> week = pd.DataFrame(rows, columns=["origin", "tokens"]).assign(
    ...     week_start=pd.Timestamp("2026-02-09"), scope="platform", days_observed=7)
    >>> find_tipping_points(week, scopes=["platform"])[
    ...     ["behind", "share_rest_to_leader", "share_rest_to_third", "tokenizer_factor"]]
      behind  share_rest_to_leader  share_rest_to_third  tokenizer_factor
    0     US                  0.75                  0.5               1.5
    """
    parts = [_tipping(split_scope(origin_weekly, scope=scope), scope, min_days) for scope in scopes]
    return pd.concat(parts, ignore_index=True)


def _tipping(tokens: pd.DataFrame, scope: str, min_days: int) -> pd.DataFrame:
    china_leads = leading_weeks(tokens, min_days=min_days)
    tokens = tokens.loc[china_leads.index]
    lead, free = (tokens["China"] - tokens["US"]).abs(), tokens[UNIDENTIFIED]
    ahead, behind = tokens[list(LEADERS)].max(axis=1), tokens[list(LEADERS)].min(axis=1)
    enough = (lead <= free) & (free > 0)
    to_third = (lead / free.where(enough)).astype("float64")
    factor = (ahead / behind.where(behind > 0)).astype("float64")
    verdict = np.select(
        [enough & factor.notna(), enough, factor.notna()], [BOTH, UNIDENTIFIED_ONLY, TOKENIZERS_ONLY], NOTHING
    )
    return pd.DataFrame(
        {
            "scope": pd.Series(scope, index=tokens.index, dtype="str"),
            "leader": china_leads.map({True: "China", False: "US"}).astype("str"),
            "behind": china_leads.map({True: "US", False: "China"}).astype("str"),
            "lead_tokens": lead,
            "unidentified_tokens": free,
            "share_rest_to_leader": (1 + to_third) / 2,
            "share_rest_to_third": to_third,
            "tokenizer_factor": factor,
            "overturned_by": pd.Series(verdict, index=tokens.index, dtype="str"),
        }
    ).reset_index()
