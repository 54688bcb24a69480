"""Sudden drops: models that lose most of their tokens within two days, and the lead without what came before."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.analysis.crossover import find_crossovers
from helpers.analysis.ratios import compute_ratios
from helpers.analysis.weeks import count_origins, sum_weeks, week_starts
from helpers.errors import InputError
from helpers.vocabulary import BELOW_RANK_50

DAYS_TO_FALL = 2
LEVEL_DAYS = 7  # a whole week, so that weekends do not look like drops


def find_drops(
    tagged: pd.DataFrame, *, lost_share: float = 0.5, min_share: float = 0.01, longest_days: int = 60
) -> pd.DataFrame:
    """Find the days after which a model lost most of its tokens at once, and the days it had stood high before.

    A permaslug (each variant is an entry of its own, and a promotion often is the variant `:free`) drops after
    day d if it had at least `min_share` of the platform's tokens on d, lost at least `lost_share` of them by
    d + 2, and its level after (mean of the days d + 2 to d + 8, as far as the record goes) is lower by as much
    than both day d and its level before (mean of the days d - 6 to d). The last condition keeps out weekends
    and all but very high peaks of a day. Of days in a row that qualify the last counts; a fall on the record's
    very last day is therefore dated a day early. A permaslug without a row is below rank 50: after the drop it
    is taken to have as many tokens as the smallest ranked one of that day, the most it can have, so that the
    loss is never overstated; before the drop it is taken to have none.

    The promotion is the days in a row up to d on which the permaslug had at least 1 / (1 - `lost_share`) times
    its level after. The record does not say why tokens fall. A model withdrawn or replaced by its successor
    looks the same, so a run longer than `longest_days` is listed but not taken for a promotion.

    Parameters
    ----------
    tagged : DataFrame
        Daily rows: `date, permaslug, model, origin, tokens`, the row `other` of every day included.
    lost_share : float
        Share of its tokens that a model must lose; above 0, below 1.
    min_share : float
        Share of the day's platform tokens that it must have had, above 0 to 1.
    longest_days : int
        Longest promotion (days); at least 1.

    Returns
    -------
    DataFrame
        `permaslug, model, origin` (on its last day), `first_day, last_day` and `promotion_days` of the
        promotion, `promotion_tokens` (count, int64), `tokens_before` (on the last day, int64),
        `share_of_platform` (0 to 1), `tokens_after` (two days later, int64; the most possible if it is
        unranked then), `ranked_after` (bool), `share_lost` (0 to 1, at least), `level_after` (tokens a day,
        float64) and `left_out` (bool: short enough for a promotion). Sorted by last day, then name.
        Promotions of one permaslug may overlap, so their tokens do not add up.

    Raises
    ------
    InputError
        If a parameter is out of its range.
    """
    _require_parameters(lost_share, min_share, longest_days)
    ranked = tagged[tagged["permaslug"].ne(BELOW_RANK_50)]
    by_day = tagged.groupby("date")["tokens"].sum().asfreq("D")
    # Float is exact up to 2^53 tokens a day, and the rows below are counted on the integers again.
    tokens = ranked.pivot_table(index="date", columns="permaslug", values="tokens", aggfunc="sum").reindex(by_day.index)
    smallest = ranked.groupby("date")["tokens"].min().reindex(by_day.index)
    at_least = tokens.fillna(0.0).where(by_day.notna(), axis=0)
    at_most = tokens.where(tokens.notna(), smallest, axis=0)
    level_before = at_least.rolling(LEVEL_DAYS, min_periods=1).mean()
    level_after = at_most[::-1].rolling(LEVEL_DAYS, min_periods=1).mean()[::-1].shift(-DAYS_TO_FALL)
    after = at_most.shift(-DAYS_TO_FALL)
    kept = 1 - lost_share
    drops = (
        tokens.gt(0)
        & tokens.ge(min_share * by_day, axis=0)
        & after.le(kept * tokens)
        & level_after.le(kept * tokens)
        & level_after.le(kept * level_before)
    ).to_numpy(copy=True)
    drops[:-1] &= ~drops[1:]
    last, column = np.nonzero(drops)
    level = level_after.to_numpy()[last, column]
    first = _first_high_day(at_least.to_numpy()[:, column], last, level / kept)
    table = pd.DataFrame(
        {
            "permaslug": tokens.columns.to_numpy()[column],
            "first_day": by_day.index[first],
            "last_day": by_day.index[last],
            "promotion_days": last - first + 1,
            "level_after": level,
        }
    ).astype({"permaslug": "str", "promotion_days": "int64"})
    return _describe(table, ranked, by_day, longest_days)


def _require_parameters(lost_share: float, min_share: float, longest_days: int) -> None:
    if not 0 < lost_share < 1:
        raise InputError(f"Parameter lost_share is {lost_share}; it lies above 0 and below 1. Choose 0.5.")
    if not 0 < min_share <= 1:
        raise InputError(f"Parameter min_share is {min_share}; it lies above 0 and is at most 1. Choose 0.01.")
    if longest_days < 1:
        raise InputError(f"Parameter longest_days is {longest_days}; a promotion lasts at least 1 day. Choose 60.")


def _first_high_day(tokens: np.ndarray, last: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Go back from each last day, one column a drop, to the first day of the run at or above `least`."""
    place = np.arange(len(tokens))[:, None]
    # A day without the permaslug, or not in the record at all, ends the run too.
    low = (place < last) & ~((tokens >= least) & (tokens > 0))
    return np.where(low, place, -1).max(axis=0, initial=-1) + 1


def _describe(table: pd.DataFrame, ranked: pd.DataFrame, by_day: pd.Series, longest_days: int) -> pd.DataFrame:
    keys = ["permaslug", "date"]
    rows = ranked[[*keys, "model", "origin", "tokens"]]
    table = table.sort_values(["last_day", "permaslug"]).reset_index(drop=True)
    on_last = table[["permaslug", "last_day"]].set_axis(keys, axis=1)
    two_later = on_last.assign(date=on_last["date"] + pd.Timedelta(days=DAYS_TO_FALL))
    before = on_last.merge(rows, on=keys, how="left", validate="1:1")
    # Int64 holds a missing value without turning counts into floats.
    after = two_later.merge(rows.astype({"tokens": "Int64"}), on=keys, how="left", validate="1:1")["tokens"]
    smallest = two_later["date"].map(ranked.groupby("date")["tokens"].min()).astype("Int64")
    high = _list_days(table).merge(rows, on=keys, validate="m:1").groupby("drop")["tokens"].sum()
    table = table.assign(
        model=before["model"],
        origin=before["origin"],
        promotion_tokens=high.reindex(table.index, fill_value=0),
        tokens_before=before["tokens"],
        share_of_platform=before["tokens"] / table["last_day"].map(by_day),
        tokens_after=after.fillna(smallest).astype("int64"),
        ranked_after=after.notna().astype("bool"),
        left_out=table["promotion_days"] <= longest_days,
    )
    table = table.assign(share_lost=1 - table["tokens_after"] / table["tokens_before"])
    identity = ["permaslug", "model", "origin", "first_day", "last_day", "promotion_days", "promotion_tokens"]
    size = ["tokens_before", "share_of_platform", "tokens_after", "ranked_after", "share_lost", "level_after"]
    return table[[*identity, *size, "left_out"]]


def _list_days(drops: pd.DataFrame) -> pd.DataFrame:
    """List every day of every promotion: `drop` (index of the row in `drops`), `permaslug`, `date`."""
    days = drops.loc[drops.index.repeat(drops["promotion_days"]), ["permaslug", "first_day"]]
    place = days.groupby(level=0).cumcount()
    date = (days["first_day"] + pd.to_timedelta(place, unit="D")).astype("datetime64[us]")
    return pd.DataFrame({"drop": days.index, "permaslug": days["permaslug"], "date": date}).reset_index(drop=True)


def promotion_days(tagged: pd.DataFrame, drops: pd.DataFrame) -> pd.Series:
    """Mark the rows of the day-by-day record that belong to a promotion.

    Parameters
    ----------
    tagged : DataFrame
        Daily rows, one per permaslug and day.
    drops : DataFrame
        As `find_drops` returns it; only rows with `left_out` count.

    Returns
    -------
    Series of bool
        Aligned with `tagged`; never true for the row `other`.
    """
    keys = ["permaslug", "date"]
    days = pd.MultiIndex.from_frame(_list_days(drops[drops["left_out"]])[keys])
    found = pd.MultiIndex.from_frame(tagged[keys]).isin(days)
    return pd.Series(found, index=tagged.index, name="on_promotion")


def ratios_without(
    tagged: pd.DataFrame,
    drops: pd.DataFrame,
    *,
    scopes: Sequence[str],
    chart_size: int = 9,
    min_days: int = 7,
    week_start_day: str = "Monday",
) -> pd.DataFrame:
    """Compute the weekly ratios as if the promotion days had not been, and count what was left out.

    The tokens are left out of every total, the platform's too: what their users would have chosen instead is
    not known, so they are given to nobody. The chart is drawn again from what is left.

    Parameters
    ----------
    tagged : DataFrame
        Daily rows with the tags, the row `other` included.
    drops : DataFrame
        As `find_drops` returns it.
    scopes, chart_size, min_days, week_start_day
        As in `compute_ratios`, `count_origins` and `sum_weeks`.

    Returns
    -------
    DataFrame
        The columns of `compute_ratios`, and `china_left_out, us_left_out, all_left_out` (tokens, int64): what
        was left out of the week, the same in every scope.
    """
    gone = promotion_days(tagged, drops)
    kept = count_origins(sum_weeks(tagged[~gone], week_start_day=week_start_day), chart_size=chart_size)
    ratios = compute_ratios(kept, scopes=scopes, min_days=min_days)
    removed = tagged[gone].assign(week_start=week_starts(tagged.loc[gone, "date"], start_day=week_start_day))

    def left_out(rows: pd.DataFrame) -> pd.Series:
        sums = rows.groupby("week_start")["tokens"].sum()
        return sums.reindex(ratios["week_start"], fill_value=0).set_axis(ratios.index)

    return ratios.assign(
        china_left_out=left_out(removed[removed["origin"].eq("China")]),
        us_left_out=left_out(removed[removed["origin"].eq("US")]),
        all_left_out=left_out(removed),
    )


def crossovers_without(
    tagged: pd.DataFrame,
    drops: pd.DataFrame,
    *,
    scopes: Sequence[str],
    hold_weeks: Sequence[int] = (2, 3, 4),
    chart_size: int = 9,
    min_days: int = 7,
    week_start_day: str = "Monday",
) -> pd.DataFrame:
    """Date the crossover under every rule as if the promotion days had not been.

    Parameters
    ----------
    tagged, drops, scopes, chart_size, min_days, week_start_day
        As in `ratios_without`.
    hold_weeks : sequence of int
        Lengths (weeks) for the rule sustained_lead.

    Returns
    -------
    DataFrame
        `scope, rule, week_start, note`, as `find_crossovers` returns them.
    """
    kept = sum_weeks(tagged[~promotion_days(tagged, drops)], week_start_day=week_start_day)
    weekly = count_origins(kept, chart_size=chart_size)
    return find_crossovers(weekly, scopes=scopes, hold_weeks=hold_weeks, min_days=min_days)
