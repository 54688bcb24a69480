"""From days to weeks, from a day that somebody named to the week that exists, and to the rows that a scope counts."""

from collections.abc import Iterable, Sequence

import pandas as pd

from helpers.errors import InputError, require_known
from helpers.vocabulary import BELOW_RANK_50, ORIGINS, SCOPES, TAGGED_ORIGINS, WEEKDAYS

SAME_WEEK = 3  # days: of all weeks, the one that starts this near to a day shares the most days with its week


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


def nearest_week(
    day: str, weeks: Iterable[pd.Timestamp], *, within: int | None = SAME_WEEK, what: str = "reported_week"
) -> tuple[str, str]:
    """Find the week that starts nearest to a day, and say so where the day itself starts none.

    A week is named by its first day, which depends on the day that weeks start with and on where the record
    begins and ends. Three days at most keep the week that somebody meant: it shares the most days with it.

    Parameters
    ----------
    day : str
        First day of the wanted week (YYYY-MM-DD).
    weeks : iterable of Timestamp
        First days of the weeks that exist; of two equally near ones the earlier is taken.
    within : int, optional
        How many days the found week may start before or after `day`; any number if None.
    what : str
        The parameter that names the day, for messages.

    Returns
    -------
    week : str
        First day of the week found; `day` itself, which no table holds, where there is none.
    note : str
        A sentence: which week it is, or why there is none.

    Raises
    ------
    InputError
        If `day` is not a date.

    Examples
    --------
    >>> sundays = pd.date_range("2026-02-01", "2026-02-22", freq="7D")
    >>> nearest_week("2026-02-09", sundays)
    ('2026-02-08', 'reported_week: 2026-02-09 starts no week here; the nearest is that of 2026-02-08.')
    >>> nearest_week("2026-06-22", sundays)[0]
    '2026-06-22'
    """
    wanted = as_day(day, what=what)
    starts = pd.DatetimeIndex(sorted(set(weeks)))
    away = abs(starts - wanted).days
    if not len(starts) or (within is not None and away.min() > within):
        span = f"those of the record start from {starts[0]:%Y-%m-%d} to {starts[-1]:%Y-%m-%d}" if len(starts) else ""
        return day, f"{what}: no week starts near {day}; {span or 'the record holds none'}. What asks for it is empty."
    found = f"{starts[away.argmin()]:%Y-%m-%d}"
    if found == f"{wanted:%Y-%m-%d}":
        return found, f"{what}: the week of {found}."
    return found, f"{what}: {day} starts no week here; the nearest is that of {found}."


def fit_windows(windows: Sequence[str], weeks: Iterable[pd.Timestamp]) -> tuple[list[str], str]:
    """Lay windows of growth on the weeks that exist, each end on the nearest one, and say what was moved.

    Parameters
    ----------
    windows : sequence of str
        Pairs of weeks as ``from/to``, each a week's first day: ``"2025-11-03/2026-06-22"``.
    weeks : iterable of Timestamp
        First days of the weeks that may be compared: those with enough days in the record.

    Returns
    -------
    windows : list of str
        The windows on existing weeks, each once; without those of which one week or none is left.
    note : str
        A line for each window: the weeks it is measured between, or why it is left out.

    Raises
    ------
    InputError
        If there is no window, or one is malformed or turned round.

    Examples
    --------
    >>> mondays = pd.date_range("2026-01-05", "2026-02-23", freq="7D")
    >>> fit_windows(["2025-11-03/2026-02-23", "2025-01-06/2025-06-02"], mondays)[0]
    ['2026-01-05/2026-02-23']
    """
    if not windows:
        raise InputError("Parameter growth_windows is empty; name at least one pair of weeks.")
    known, kept, notes = list(weeks), [], []
    for window in windows:
        days = window_days(window)
        ends = [nearest_week(day, known, within=None, what="growth_windows")[0] for day in days]
        fitted = "/".join(ends)
        if not known or ends[0] == ends[1]:
            notes.append(f"Growth window {window}: the record has fewer than two full weeks in it; it is left out.")
            continue
        kept.append(fitted)
        moved = "" if fitted == window else f" is measured as {fitted}, the nearest full weeks of the record"
        notes.append(f"Growth window {window}{moved}.")
    return list(dict.fromkeys(kept)), "\n".join(notes)


def window_days(window: str) -> tuple[str, str]:
    """Take a window of growth ``from/to`` apart into its two days (YYYY-MM-DD).

    Raises
    ------
    InputError
        If it is not a pair of dates, or the second is not after the first.
    """
    try:
        first, last = (pd.to_datetime(day, format="%Y-%m-%d") for day in window.split("/"))
    except ValueError:
        raise InputError(f"Growth window {window!r} is not a pair of weeks; write 2025-11-03/2026-06-22.") from None
    if first >= last:
        raise InputError(f"Growth window {window!r} ends before it starts. Exchange the two weeks.")
    return f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"


def as_day(text: str, *, what: str, instead: str = "") -> pd.Timestamp:
    """Read a day that a parameter names.

    Parameters
    ----------
    text : str
        The day (YYYY-MM-DD).
    what : str
        The parameter.
    instead : str
        What else may be written in its place, for the message.

    Raises
    ------
    InputError
        If it is not a date.
    """
    try:
        return pd.to_datetime(text, format="%Y-%m-%d")
    except (TypeError, ValueError):
        raise InputError(
            f"Parameter {what} contains {text!r}, which is not a date. Write it as 2026-02-09{instead}."
        ) from None


def count_days(dates: pd.Series, *, start_day: str = "Monday") -> pd.Series:
    """Count the days of each week that the record holds.

    Returns
    -------
    Series of int64
        `days_observed` (1 to 7); index `week_start`.
    """
    days = dates.drop_duplicates()
    return days.groupby(week_starts(days, start_day=start_day).rename("week_start")).size().rename("days_observed")


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
