"""Finds the lead, and its size, under every specification: the grid evaluated at once as arrays."""

from math import prod

import numpy as np
import pandas as pd

from helpers.analysis.bounds import UNIDENTIFIED, ratio_bounds
from helpers.analysis.multiverse.record import DAYS, find_twins, split_entities, tag_entities
from helpers.analysis.multiverse.tokens import count_universes
from helpers.analysis.weeks import SAME_WEEK, as_day, nearest_week
from helpers.errors import InputError
from helpers.vocabulary import WEEKDAYS

ROLLING = "rolling"
LARGEST = np.iinfo(np.int64).max
NONE = -1  # in place of a column where no week fulfils a rule


def run_multiverse(
    tagged: pd.DataFrame,
    grid: pd.DataFrame,
    *,
    authors: pd.DataFrame,
    lineage: pd.DataFrame,
    stealth: pd.DataFrame,
    weights: pd.DataFrame,
    reported_week: str = "2026-02-09",
    recent_period: str = "2026-06-01/2026-06-28",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Date the lead and measure it under every specification of the grid.

    Weeks that the record does not hold whole are no evidence. Rolling weeks are the seven days from
    each day on; m of them in a row last as long as m calendar weeks, that is 7 (m - 1) + 1 windows.

    Parameters
    ----------
    tagged : DataFrame
        Daily rows: `date, permaslug, model, variant, author, tokens`; each day has its row `other`.
    grid : DataFrame
        `dimension, option, author, permaslug`: the options of every dimension in order (see
        `helpers.data.specifications.read_specifications`).
    authors, lineage, stealth, weights : DataFrame
        The registry tables.
    reported_week : str
        First day of the week of the published headline. Where weeks start on another day, the week
        that shares most days with it is taken (from three days before to three days after). Where the
        record has no such week, its tokens are 0 and its ratios missing.
    recent_period : str
        First and last day as ``from/to``: the weeks that start between them are added up. Of rolling
        weeks every one counts, so that days in the middle of the period weigh more than those at its ends.
        Without any such week its ratios are missing.

    Returns
    -------
    specifications : DataFrame, shape (n_specifications, 24)
        `specification` (its number in the whole grid, from 0), one str column a dimension,
        `lead_start` (first day of the week that fulfils the rule; missing if none does), `leads`,
        `reversals` (changes of the lead to China and back, count, int64), `china_reported, us_reported,
        unidentified_reported` (tokens, count, int64), `ratio_reported`, `ratio_recent` and their bounds
        `_low`, `_high` (pure numbers, see `ratio_bounds`).
    pruned : DataFrame, shape (n_pruned, 3)
        Combinations left out because another one is the same by construction: `specification`,
        `same_as` (number of that one, int64) and `reason`.

    Raises
    ------
    InputError
        If a contested publisher or model has no row in the registry, a day is none, the recent period ends before it
        starts, or its weeks hold 2^63 tokens or more.
    """
    options = {name: table["option"].tolist() for name, table in grid.groupby("dimension", sort=False)}
    contested = _contested(grid, authors=authors, weights=weights)
    entities = split_entities(tagged, authors=authors, lineage=lineage, stealth=stealth, weights=weights)
    origins = tag_entities(
        entities, stealth=options["stealth"], derivatives=options["derivatives"], contested=list(contested.values())
    )
    windows = entities.days[: len(entities.whole)]
    # Many combinations of tags come to the same origins: each is counted once.
    tags, place = np.unique(origins.reshape(-1, origins.shape[-1]), axis=0, return_inverse=True)
    counted = count_universes(entities, tags, options)
    found = _evaluate(
        counted.reshape(3, -1, len(windows)), options, entities.whole, windows, reported_week, recent_period
    )
    outcome = {
        name: values.reshape(len(values), *counted.shape[1:-1], *values.shape[2:])[:, :, :, place]
        for name, values in found.items()
    }
    same_as, reason = find_twins(entities, origins, options, list(contested))
    kept = np.flatnonzero(same_as == np.arange(len(same_as)))
    out = np.flatnonzero(same_as != np.arange(len(same_as)))
    pruned = pd.DataFrame({"specification": out, "same_as": same_as[out], "reason": reason[out]})
    return _tabulate(outcome, options, windows, kept), pruned.astype({"reason": "str"})


def _contested(grid: pd.DataFrame, *, authors: pd.DataFrame, weights: pd.DataFrame) -> dict[str, pd.DataFrame]:
    about = grid[grid["author"].ne("") | grid["permaslug"].ne("")]
    registry = [
        ("model_authors.csv", "author", authors["author"]),
        ("open_weights.csv", "permaslug", weights["model_permaslug"]),
    ]
    for table, column, known in registry:
        strange = about[about[column].ne("") & ~about[column].isin(known)]
        if len(strange):
            raise InputError(
                f"Dimension {strange['dimension'].iloc[0]!r} of the specifications contests {column} "
                f"{strange[column].iloc[0]!r}, which has no row in data/raw/{table}. Correct its name there."
            )
    return dict(list(about.groupby("dimension", sort=False)))


def _evaluate(
    counted: np.ndarray,
    options: dict[str, list[str]],
    whole: np.ndarray,
    windows: pd.DatetimeIndex,
    reported_week: str,
    recent_period: str,
) -> dict[str, np.ndarray]:
    china, us, unidentified = counted
    ahead = (china > us) & whole
    certain = (china > us + unidentified) & whole
    rows, weeks = len(china), len(options["week"])
    start = np.empty((1, rows, weeks, len(options["rule"])), dtype=np.int64)
    changes = np.empty((2, rows, weeks), dtype=np.int64)
    reported, recent = np.empty((2, 3, rows, weeks), dtype=np.int64)
    for w, week in enumerate(options["week"]):
        columns = np.arange(len(windows))
        if week != ROLLING:
            columns = columns[windows.day_of_week == WEEKDAYS.index(week.capitalize())]
        here = whole[columns]
        usable = columns[here]
        if not len(usable):  # a record of a few days has a whole week under some definitions only
            start[:, :, w], changes[:, :, w], reported[:, :, w], recent[:, :, w] = NONE, 0, 0, 0
            continue
        chosen = _reported(windows[usable], usable, reported_week, within=0 if week == ROLLING else SAME_WEEK)
        reported[:, :, w] = counted[:, :, chosen].sum(axis=2)
        in_period = counted[:, :, _weeks_in(windows[usable], usable, recent_period)]
        _refuse_uncountable(in_period, recent_period)
        recent[:, :, w] = in_period.sum(axis=2)
        # Copies in one piece: the rules below read them row by row, once each.
        leads, sure = np.ascontiguousarray(ahead[:, columns]), np.ascontiguousarray(certain[:, columns])
        gained, lost = _changes(leads[:, here])
        changes[:, :, w] = gained.sum(axis=1), lost.sum(axis=1)
        for r, rule in enumerate(options["rule"]):
            found = _first_week(rule, leads, sure, here, gained, rolling=week == ROLLING)
            start[0, :, w, r] = np.where(found == NONE, NONE, columns[found])
    return {"start": start, "changes": changes, "reported": reported, "recent": recent}


def _changes(leads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    gained, lost = np.zeros(leads.shape, dtype=bool), np.zeros(leads.shape, dtype=bool)
    gained[:, 1:] = leads[:, 1:] & ~leads[:, :-1]
    lost[:, 1:] = leads[:, :-1] & ~leads[:, 1:]
    return gained, lost


def _first_week(
    rule: str, leads: np.ndarray, sure: np.ndarray, whole: np.ndarray, gained: np.ndarray, *, rolling: bool
) -> np.ndarray:
    """Find the column of the week that fulfils a rule, for every row; -1 where none does."""
    if rule.startswith("sustained_lead_"):
        length = int(rule.removeprefix("sustained_lead_"))
        return _first_true(_rows_of(leads, DAYS * (length - 1) + 1 if rolling else length))
    if rule == "certain_lead":
        return _first_true(sure)
    # The other rules compare whole weeks with the whole weeks before and after, across any gap.
    place = np.flatnonzero(whole)
    if rule == "first_lead":
        found = _first_true(gained)
    else:
        behind = ~leads[:, place]
        # The lead is durable from the week after the last one behind, found from the end.
        after = np.where(behind.any(axis=1), len(place) - np.argmax(behind[:, ::-1], axis=1), 0)
        found = np.where(after < len(place), after, NONE)
    return np.where(found == NONE, NONE, place[found])


def _first_true(table: np.ndarray) -> np.ndarray:
    return np.where(table.any(axis=1), table.argmax(axis=1), NONE)


def _rows_of(leads: np.ndarray, length: int) -> np.ndarray:
    """Mark the columns that open `length` true ones in a row."""
    # Sums to each column, a 0 before the first: `length` true ones in a row are where two of them differ by `length`.
    sums = np.zeros((len(leads), leads.shape[1] + 1), dtype=np.int32)
    np.cumsum(leads, axis=1, out=sums[:, 1:])
    if length >= sums.shape[1]:
        return np.zeros((len(leads), 1), dtype=bool)
    return sums[:, length:] - sums[:, :-length] == length


def _reported(starts: pd.DatetimeIndex, columns: np.ndarray, reported: str, *, within: int) -> np.ndarray:
    """Find the column of the week that stands for the reported one; none where the record has no such week."""
    return columns[starts.strftime("%Y-%m-%d") == nearest_week(reported, starts, within=within)[0]]


def _weeks_in(starts: pd.DatetimeIndex, columns: np.ndarray, period: str) -> np.ndarray:
    first, slash, last = period.partition("/")
    if not slash:
        raise InputError(f"Parameter recent_period is {period!r}; write 2026-06-01/2026-06-28.")
    start, end = (as_day(day, what="recent_period") for day in (first, last))
    if start > end:
        raise InputError(f"Parameter recent_period is {period}, which ends before it starts. Exchange the two days.")
    return columns[(starts >= start) & (starts <= end)]


def _refuse_uncountable(counted: np.ndarray, period: str) -> None:
    # The weeks may overlap, so together they can hold more than the record; each alone fits 64 bits.
    total = sum(counted.sum(axis=0).max(axis=0).tolist())
    if total > LARGEST:
        raise InputError(
            f"Parameter recent_period is {period}: the weeks that start in it hold {total} tokens together, more than "
            "a 64-bit integer counts. Choose a shorter period."
        )


def explain_missing(specifications: pd.DataFrame, days: pd.Series, *, reported_week: str, recent_period: str) -> str:
    """Say how many specifications find the reported week and weeks of the recent period in the record.

    Parameters
    ----------
    specifications : DataFrame
        As `run_multiverse` returns it.
    days : Series of datetime64
        Days of the record.
    reported_week, recent_period : str
        As they were given to `run_multiverse`.

    Returns
    -------
    str
        A line each; a ratio is missing where there is no such week.
    """
    told = []
    for name, what in (("reported", f"the week of {reported_week}"), ("recent", f"weeks of {recent_period}")):
        # The upper bound of a week that exists is a number or infinite, even without a token of China and the US.
        found = int(specifications[f"ratio_{name}_high"].notna().sum())
        told.append(f"{found} of {len(specifications)} specifications find {what} in the record.")
    first, last = (as_day(day, what="recent_period") for day in recent_period.split("/"))
    if first < days.min() or last > days.max():
        told.append(f"The record goes from {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}: only its weeks count.")
    return "\n".join(told)


def _tabulate(
    outcome: dict[str, np.ndarray], options: dict[str, list[str]], windows: pd.DatetimeIndex, kept: np.ndarray
) -> pd.DataFrame:
    sizes = [len(values) for values in options.values()]
    week = kept // len(options["rule"])  # all but `lead_start` is the same under every rule
    places = np.unravel_index(kept, sizes)
    start = outcome["start"].ravel()[kept]
    starts = windows.as_unit("us").to_numpy()
    columns = {
        "specification": kept,
        **{
            name: pd.array(values, dtype="str").take(place)
            for (name, values), place in zip(options.items(), places, strict=True)
        },
        "lead_start": np.where(start == NONE, np.datetime64("NaT", "us"), starts[start]),
        **dict(zip(["leads", "reversals"], outcome["changes"].reshape(2, -1)[:, week], strict=True)),
    }
    sides = ["china_reported", "us_reported", "unidentified_reported"]
    columns |= dict(zip(sides, outcome["reported"].reshape(3, -1)[:, week], strict=True))
    for measure in ("reported", "recent"):
        tokens = outcome[measure].reshape(3, prod(sizes[:-1]))
        bounds = ratio_bounds(pd.DataFrame(tokens.T, columns=["China", "US", UNIDENTIFIED]))
        columns |= {f"{name.replace('ratio', f'ratio_{measure}')}": bounds[name].to_numpy()[week] for name in bounds}
    return pd.DataFrame(columns)
