"""From days to weeks, and from weeks to the rows that a scope counts."""

import pandas as pd

from helpers.errors import InputError, require_known
from helpers.vocabulary import BELOW_RANK_50, ORIGINS, SCOPES, TAGGED_ORIGINS, WEEKDAYS


def week_starts(dates: pd.Series, *, start_day: str = "Monday") -> pd.Series:
    """Name the week of each day by its first day.

    Parameters
    ----------
    dates : Series of datetime64
        UTC days.
    start_day : str
        English name of the day that a week begins with.

    Returns
    -------
    Series of datetime64[us]
        First day of the week that holds each date.

    Raises
    ------
    InputError
        If `start_day` is not the name of a weekday.

    Examples
    --------
    >>> sunday = pd.Series(pd.to_datetime(["2026-02-15"]))
    >>> week_starts(sunday).dt.strftime("%Y-%m-%d").item()
    '2026-02-09'
    >>> week_starts(sunday, start_day="Sunday").dt.strftime("%Y-%m-%d").item()
    '2026-02-15'
    """
    first = WEEKDAYS.index(require_known(start_day, WEEKDAYS, what="week_start_day"))
    back = (dates.dt.day_of_week - first) % 7
    return (dates - pd.to_timedelta(back, unit="D")).astype("datetime64[us]")


def sum_weeks(tagged: pd.DataFrame, *, week_start_day: str = "Monday") -> pd.DataFrame:
    """Add up the days of each week, keeping apart what the tags keep apart.

    A permaslug whose tag changes within a week (a cloaked model revealed on a Wednesday) has one row
    per tag in that week, so that no token is counted under a tag it did not have on its day.

    Parameters
    ----------
    tagged : DataFrame
        Daily rows: `date, permaslug, model, author, tokens` and the tags `origin, base_origin,
        weights, modality_kind`.
    week_start_day : str
        Day that a week begins with.

    Returns
    -------
    DataFrame
        `week_start, permaslug, model, author, origin, base_origin, weights, modality_kind, tokens`
        (count, int64) and `days_ranked` (days with a row, 1 to 7). Sorted by week, then name. The row
        `other` of a week has as many `days_ranked` as the record has days in it.
    """
    keys = ["week_start", "permaslug", "model", "author"]
    tags = ["origin", "base_origin", "weights", "modality_kind"]
    weekly = tagged.assign(week_start=week_starts(tagged["date"], start_day=week_start_day))
    return (
        weekly.groupby([*keys, *tags], sort=True)["tokens"]
        .agg(tokens="sum", days_ranked="size")
        .reset_index()
        .astype({"days_ranked": "int64"})
    )


def rank_in_week(weekly: pd.DataFrame) -> pd.Series:
    """Rank each week's permaslugs by tokens: 1 is the largest, ties go by name.

    Every row of a permaslug gets the rank of its week's total; variants are entries of their own and
    cloaked models take part, as on the rankings page. The row `other` has no rank.

    Returns
    -------
    Series of Int64
        Rank from 1, aligned with `weekly`; missing for `other`.
    """
    ranked = weekly[weekly["permaslug"].ne(BELOW_RANK_50)]
    totals = (
        ranked.groupby(["week_start", "permaslug"])["tokens"]
        .sum()
        .reset_index()
        .sort_values(["week_start", "tokens", "permaslug"], ascending=[True, False, True])
    )
    totals["rank"] = totals.groupby("week_start").cumcount() + 1
    keys = ["week_start", "permaslug"]
    joined = weekly[keys].merge(totals[[*keys, "rank"]], on=keys, how="left", validate="m:1")
    return joined["rank"].astype("Int64").set_axis(weekly.index)


def count_origins(weekly: pd.DataFrame, *, chart_size: int = 9) -> pd.DataFrame:
    """Count the tokens of each origin a week, in each scope.

    ``chart`` holds the `chart_size` largest permaslugs of the week, ``ranked`` all ranked ones,
    ``platform`` these and the row `other`. Only ``platform`` is complete; what the narrower scopes leave
    out is the difference to it, and counts as unidentified there.

    Parameters
    ----------
    weekly : DataFrame
        Weekly rows as `sum_weeks` returns them; each week has its row `other`.
    chart_size : int
        Permaslugs in the scope ``chart``; at least 1.

    Returns
    -------
    DataFrame
        `week_start, scope, origin, tokens` (count, int64; 0 where an origin has none) and
        `days_observed` (days of the week in the record, 1 to 7).

    Raises
    ------
    InputError
        If `chart_size` is below 1 or a week has no row `other`.
    """
    if chart_size < 1:
        raise InputError(f"Parameter chart_size is {chart_size}; a chart has at least 1 model. Choose 9.")
    other = weekly[weekly["permaslug"].eq(BELOW_RANK_50)]
    days = other.set_index("week_start")["days_ranked"]
    absent = set(weekly["week_start"]) - set(days.index)
    if absent:
        raise InputError(
            f"The week of {min(absent):%Y-%m-%d} has no row `other`, so its total is not known. "
            "Run the notebooks from 01 again."
        )
    rank = rank_in_week(weekly)
    origins = {"chart": ORIGINS, "ranked": ORIGINS, "platform": TAGGED_ORIGINS}
    rows = {"chart": rank.le(chart_size).fillna(value=False), "ranked": rank.notna()}
    rows["platform"] = pd.Series(data=True, index=weekly.index)
    parts = []
    for scope in SCOPES:
        grid = pd.MultiIndex.from_product(
            [days.index, [scope], origins[scope]], names=["week_start", "scope", "origin"]
        )
        counted = weekly[rows[scope]].assign(scope=scope)
        tokens = counted.groupby(["week_start", "scope", "origin"])["tokens"].sum()
        parts.append(tokens.reindex(grid, fill_value=0))
    table = pd.concat(parts).reset_index()
    order = table["scope"].map(SCOPES.index)
    table = table.assign(days_observed=table["week_start"].map(days), order=order)
    return table.sort_values(["week_start", "order"], kind="stable").drop(columns="order").reset_index(drop=True)
