"""The same tokens weighed by what they cost: list prices of the day, and what the unpriced leave open."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.analysis.bounds import divide, require_days
from helpers.analysis.weeks import as_day, week_starts
from helpers.errors import InputError, require_known
from helpers.vocabulary import BELOW_RANK_50, INCOMPLETE, NOT_IDENTIFIED, PRICE_BASES, RANKED_SCOPES

PROMPT, COMPLETION = "prompt_usd_per_million", "completion_usd_per_million"
MILLION = 1_000_000


def price_tokens(
    tagged: pd.DataFrame, prices: pd.DataFrame, *, prices_as_of: str, week_start_day: str = "Monday"
) -> pd.DataFrame:
    """Give every row the list price of its model on its day, and say where the price comes from.

    A `:free` variant costs 0. Otherwise the permaslug's own rows count if the list has any, else those of
    the model without its variant: the last row, in the order of the list, with `effective_from` on or before
    the day. Before the first row the first row counts (`before_first`). After `prices_as_of` nothing was
    observed: the last price is carried forward and called so. For open-weight models the listed price is that
    of whichever host is shown and jumps from day to day, so each week takes the median over the days on which
    the permaslug is ranked and open, prompt and completion apart.

    Parameters
    ----------
    tagged : DataFrame
        Daily rows: `date, permaslug, model, variant, weights, tokens` among their columns.
    prices : DataFrame
        `model_permaslug, effective_from, prompt_usd_per_million, completion_usd_per_million` (USD per million
        tokens, float64), rows of a model in order of time (see `helpers.data.prices`).
    prices_as_of : str
        Last day on which prices were observed (YYYY-MM-DD).
    week_start_day : str
        Day that a week begins with.

    Returns
    -------
    DataFrame
        The rows of `tagged` in their order, with `week_start, prompt_usd_per_million,
        completion_usd_per_million` (float64; missing where there is no price) and `price_basis` (``free``,
        ``listed``, ``before_first``, ``carried_forward``, ``unpriced``).

    Raises
    ------
    InputError
        If `prices_as_of` is no date or a price is later than it, or a price is missing or negative.

    References
    ----------
    Rules of the price table, data/README.md.
    """
    as_of = as_day(prices_as_of, what="prices_as_of")
    _require_prices(prices, as_of)
    free = tagged["variant"].eq("free")
    names = prices["model_permaslug"]
    name = tagged["permaslug"].where(tagged["permaslug"].isin(names), tagged["model"])
    found = _look_up(name, tagged["date"], prices).mask(free, 0.0)
    first = name.map(prices.groupby("model_permaslug")["effective_from"].first())
    day = tagged["date"]
    basis = pd.Series("listed", index=tagged.index, dtype="str", name="price_basis")
    basis = basis.mask(day.lt(first), "before_first").mask(day.gt(as_of), "carried_forward")
    basis = basis.mask(first.isna(), "unpriced").mask(free, "free")
    priced = tagged.assign(week_start=week_starts(day, start_day=week_start_day), **found, price_basis=basis)
    is_open = tagged["weights"].eq("open")
    medians = priced[is_open].groupby(["week_start", "permaslug"])[[PROMPT, COMPLETION]].transform("median")
    return priced.assign(**{column: priced[column].where(~is_open, medians[column]) for column in (PROMPT, COMPLETION)})


def _require_prices(prices: pd.DataFrame, as_of: pd.Timestamp) -> None:
    # `not >= 0` also catches a missing price.
    wrong = prices[~prices[[PROMPT, COMPLETION]].ge(0).all(axis=1)]
    if len(wrong):
        raise InputError(
            f"The price of {wrong['model_permaslug'].iloc[0]!r} from {wrong['effective_from'].iloc[0]:%Y-%m-%d} on is "
            "missing or negative. Read the list with read_prices, which names the line."
        )
    late = prices[prices["effective_from"] > as_of]
    if len(late):
        raise InputError(
            f"{late['model_permaslug'].iloc[0]!r} has a price from {late['effective_from'].iloc[0]:%Y-%m-%d} on, after "
            f"{as_of:%Y-%m-%d}, the day the prices were observed last. Set prices_as_of to the list's own date."
        )


def _look_up(name: pd.Series, day: pd.Series, prices: pd.DataFrame) -> pd.DataFrame:
    """Find the last price on or before each day; before a model's first price, that first price."""
    columns = [PROMPT, COMPLETION]
    first = prices.groupby("model_permaslug")[columns].first()
    listed = prices.rename(columns={"model_permaslug": "name", "effective_from": "day"})
    # Of several rows of a day the last one counts; merge_asof needs one row a day, sorted by day.
    listed = listed.drop_duplicates(["name", "day"], keep="last").sort_values("day", kind="stable")
    wanted = pd.DataFrame({"name": name, "day": day}).sort_values("day", kind="stable")
    found = pd.merge_asof(wanted, listed[["name", "day", *columns]], on="day", by="name")
    earlier = first.reindex(found["name"]).reset_index(drop=True)
    return found[columns].fillna(earlier).set_axis(wanted.index).reindex(name.index)


def value_weeks(
    priced: pd.DataFrame, *, prompt_share: float, scopes: Sequence[str] = RANKED_SCOPES, min_days: int = 7
) -> pd.DataFrame:
    """Compare China and the US by the list value of their tokens, with bounds for what a token was.

    The record does not say which tokens were prompt and which completion. Each value is given with all tokens
    as prompt, all as completion, and at a stated mix. The bounds assign each model its cheaper use on one side
    and its dearer use on the other; priced tokens of unknown origin go where they do most. So `ratio_low` is
    China's least over the most of the US and the unknown, and `ratio_high` the reverse. If both had the same
    mix, the ratio would lie between `ratio_prompt` and `ratio_completion`; nothing says that they had.

    The bounds hold for the priced tokens only. Unpriced ones (no list price, cloaked, `other`) have no worst
    case, because a price has no upper bound: any ratio could come true. What can be said is how dear they
    would have to be: `overturn_usd_per_million` is the mean price at which the unpriced tokens that may belong
    to the origin behind (its own, of unknown origin, `other`) would make it draw level at the mix. List value
    is not revenue: caching, batches and discounts are not in it.

    Parameters
    ----------
    priced : DataFrame
        Daily rows as `price_tokens` returns them, the row `other` of every day included.
    prompt_share : float
        Share of prompt tokens in the mix, 0 to 1.
    scopes : sequence of {"ranked", "platform"}
        Rows that count: without and with the row `other`. No ``chart``: its size is about tokens.
    min_days : int
        Days a week must have in the record to be evidence of a lead, 1 to 7.

    Returns
    -------
    DataFrame
        `week_start, scope, days_observed`; `china_usd_prompt, china_usd_mix, china_usd_completion` and the
        same of `us` (USD, float64: sums of int64 tokens times prices, no longer exact); `unidentified_usd`
        (the most that priced tokens of unknown origin are worth); `ratio_prompt, ratio_mix, ratio_completion,
        ratio_low, ratio_high` (pure numbers; ``inf`` where only the denominator is 0, missing where both are);
        `state` (who leads over the priced tokens: ``China``, ``US``, ``not identified``, ``incomplete``);
        `tokens, free_tokens, carried_tokens, unpriced_tokens` (count, int64) and the last three as `*_share`
        of `tokens`; `overturn_tokens` (count, int64), `overturn_usd_per_million` (missing where there are no
        such tokens) and, to compare it with, `priced_usd_per_million` (mean of all priced tokens at the mix).

    Raises
    ------
    InputError
        If `prompt_share` is not between 0 and 1, or a scope or `min_days` is not known.

    References
    ----------
    Manski, C. F. (2003), *Partial Identification of Probability Distributions*, chapter 1.
    """
    if not 0 <= prompt_share <= 1:
        raise InputError(f"Parameter prompt_share is {prompt_share}; a share lies between 0 and 1. Choose 0.9.")
    require_days(min_days)
    valued = _value(priced, prompt_share)
    days = priced.groupby("week_start")["date"].nunique()
    parts = []
    for scope in scopes:
        require_known(scope, RANKED_SCOPES, what="scope")
        rows = valued if scope == "platform" else valued[valued["permaslug"].ne(BELOW_RANK_50)]
        parts.append(_compare(rows, days, min_days).assign(scope=scope).reset_index())
    table = pd.concat(parts, ignore_index=True)
    front = ["week_start", "scope", "days_observed"]
    return table[[*front, *[column for column in table.columns if column not in front]]]


def _value(priced: pd.DataFrame, prompt_share: float) -> pd.DataFrame:
    prompt, completion = (priced["tokens"] * priced[column] / MILLION for column in (PROMPT, COMPLETION))
    basis = priced["price_basis"]
    return priced.assign(
        prompt=prompt,
        mix=prompt_share * prompt + (1 - prompt_share) * completion,
        completion=completion,
        least=np.minimum(prompt, completion),
        most=np.maximum(prompt, completion),
        free_tokens=priced["tokens"].where(basis.eq("free"), 0),
        carried_tokens=priced["tokens"].where(basis.eq("carried_forward"), 0),
        unpriced_tokens=priced["tokens"].where(basis.eq("unpriced"), 0),
    )


def _compare(rows: pd.DataFrame, days: pd.Series, min_days: int) -> pd.DataFrame:
    uses, counts = ["prompt", "mix", "completion"], ["tokens", "free_tokens", "carried_tokens", "unpriced_tokens"]
    sums = rows.groupby(["origin", "week_start"])[[*uses, "least", "most", *counts]].sum()

    def of(origin: str) -> pd.DataFrame:
        here = sums[sums.index.get_level_values("origin") == origin].droplevel("origin")
        return here.reindex(days.index, fill_value=0)

    china, us, unknown, other = of("China"), of("US"), of("Unknown"), of(BELOW_RANK_50)
    total = rows.groupby("week_start")[["mix", *counts]].sum().reindex(days.index, fill_value=0)
    low = (china["least"], us["most"] + unknown["most"])
    high = (china["most"] + unknown["most"], us["least"])
    state = (
        pd.Series(NOT_IDENTIFIED, index=days.index, dtype="str")
        .mask(low[0] > low[1], "China")
        .mask(high[0] < high[1], "US")
    )
    gap = china["mix"] - us["mix"]
    behind = china["unpriced_tokens"].where(gap < 0, us["unpriced_tokens"])
    may_overturn = behind + unknown["unpriced_tokens"] + other["unpriced_tokens"]
    table = pd.DataFrame({"days_observed": days})
    for side, name in ((china, "china"), (us, "us")):
        table = table.assign(**{f"{name}_usd_{use}": side[use] for use in uses})
    return table.assign(
        unidentified_usd=unknown["most"],
        **{f"ratio_{use}": divide(china[use], us[use]) for use in uses},
        ratio_low=divide(*low),
        ratio_high=divide(*high),
        state=state.mask(days < min_days, INCOMPLETE),
        **total[counts],
        **{count.replace("tokens", "share"): _share(total[count], total["tokens"]) for count in counts[1:]},
        overturn_tokens=may_overturn,
        overturn_usd_per_million=divide(gap.abs() * MILLION, may_overturn.where(may_overturn > 0)),
        priced_usd_per_million=divide(total["mix"] * MILLION, total["tokens"] - total["unpriced_tokens"]),
    )


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return divide(part, whole).fillna(0.0)


def cover_quarters(priced: pd.DataFrame) -> pd.DataFrame:
    """Count how many tokens of each quarter have a price, and where it comes from.

    Parameters
    ----------
    priced : DataFrame
        Daily rows as `price_tokens` returns them, the row `other` included.

    Returns
    -------
    DataFrame, shape (5 n_quarters, 4)
        `quarter` (such as ``2026Q1``), `price_basis`, `tokens` (count, int64; 0 where there are none) and
        `share` (of all tokens of the quarter, 0 to 1).
    """
    quarter = priced["date"].dt.to_period("Q").astype("str")
    counted = priced.assign(quarter=quarter).groupby(["quarter", "price_basis"])["tokens"].sum()
    names = ["quarter", "price_basis"]
    grid = pd.MultiIndex.from_product([sorted(quarter.unique()), PRICE_BASES], names=names)
    table = counted.reindex(grid, fill_value=0).reset_index()
    return table.assign(share=_share(table["tokens"], table.groupby("quarter")["tokens"].transform("sum")))
