"""When one origin overtook the other, under each rule that a reader might have in mind."""

from collections.abc import Sequence

import pandas as pd

from helpers.analysis.bounds import lead_states, require_days, split_scope
from helpers.errors import InputError
from helpers.vocabulary import SCOPES

ONE_WEEK = pd.Timedelta(days=7)


def leading_weeks(tokens: pd.DataFrame, *, min_days: int = 7) -> pd.Series:
    """Say for each week that counts as evidence whether China leads.

    A tie is no lead. Weeks with fewer than `min_days` days in the record are left out: their tokens
    stay in every total, but a part of a week is compared with nothing.

    Parameters
    ----------
    tokens : DataFrame
        `China, US` (tokens, int64) and `days_observed`; index `week_start`, increasing.
    min_days : int
        Days a week must have in the record, 1 to 7.

    Returns
    -------
    Series of bool
        Index `week_start`: the weeks that count.
    """
    require_days(min_days)
    full = tokens[tokens["days_observed"] >= min_days]
    return (full["China"] > full["US"]).rename("china_leads")


def lead_changes(leads: pd.Series) -> pd.DataFrame:
    """List every week in which the lead passed from one to the other.

    Parameters
    ----------
    leads : Series of bool
        Index `week_start`, increasing; true where China leads.

    Returns
    -------
    DataFrame, shape (n_changes, 2)
        `week_start` (the first week of the new leader) and `leader` (``China`` or ``US``). A tie counts
        with the US, because it is no lead of China.

    Examples
    --------
    >>> weeks = pd.date_range("2026-02-02", periods=4, freq="7D")
    >>> lead_changes(pd.Series([False, True, True, False], index=weeks))
      week_start leader
    0 2026-02-09  China
    1 2026-02-23     US
    """
    changed = leads.ne(leads.shift(fill_value=leads.iloc[0])) if len(leads) else leads
    now = leads[changed.astype(bool)]
    leader = now.map({True: "China", False: "US"}).astype("str")
    return pd.DataFrame({"week_start": now.index, "leader": leader.to_numpy()})


def first_lead(leads: pd.Series) -> pd.Timestamp | None:
    """Find the first week in which China leads after a week in which it does not."""
    changes = lead_changes(leads)
    taken = changes.loc[changes["leader"].eq("China"), "week_start"]
    return None if taken.empty else taken.iloc[0]


def sustained_lead(leads: pd.Series, *, weeks: int) -> pd.Timestamp | None:
    """Find the first week that opens `weeks` leading weeks in a row.

    The weeks must follow each other in the calendar: a gap in the record breaks the row.

    Raises
    ------
    InputError
        If `weeks` is below 1.

    Examples
    --------
    >>> dates = pd.to_datetime(["2026-02-02", "2026-02-16", "2026-02-23"])
    >>> sustained_lead(pd.Series([True, True, True], index=dates), weeks=2).date().isoformat()
    '2026-02-16'
    """
    if weeks < 1:
        raise InputError(f"Parameter hold_weeks contains {weeks}; a lead lasts at least 1 week.")
    leading = leads.index[leads]
    for start in leading:
        if pd.date_range(start, periods=weeks, freq=ONE_WEEK).isin(leading).all():
            return start
    return None


def durable_lead(leads: pd.Series) -> pd.Timestamp | None:
    """Find the first week from which China leads in every later week of the record.

    Right-censored: the record's end may cut off a reversal that would have followed.
    """
    if leads.empty or not leads.iloc[-1]:
        return None
    behind = leads.index[~leads]
    return leads.index[0] if behind.empty else leads.index[leads.index > behind[-1]][0]


def certain_lead(states: pd.Series) -> pd.Timestamp | None:
    """Find the first week in which China leads whatever the unidentified tokens may be."""
    certain = states.index[states.eq("China")]
    return None if certain.empty else certain[0]


def date_rules(leads: pd.Series, states: pd.Series, *, hold_weeks: Sequence[int] = ()) -> pd.Series:
    """Apply every rule that names one week to one series of leads.

    Parameters
    ----------
    leads : Series of bool
        Index `week_start`, increasing: the weeks that count; true where China leads.
    states : Series of str
        Index `week_start`: the states of the weeks (see `lead_states`).
    hold_weeks : sequence of int
        Lengths (weeks) for the rule sustained_lead; each at least 1.

    Returns
    -------
    Series of datetime64[us]
        Index `rule`: ``first_lead``, one ``sustained_lead_n`` per length, ``durable_lead``,
        ``certain_lead``; missing where the record has no such week.

    Raises
    ------
    InputError
        If `hold_weeks` contains a number below 1.

    Examples
    --------
    >>> weeks = pd.date_range("2026-02-02", periods=3, freq="7D")
    >>> leads = pd.Series([False, True, True], index=weeks)
    >>> date_rules(leads, pd.Series("not identified", index=weeks)).dt.strftime("%Y-%m-%d")
    rule
    first_lead      2026-02-09
    durable_lead    2026-02-09
    certain_lead           NaN
    dtype: str
    """
    found = {
        "first_lead": first_lead(leads),
        **{f"sustained_lead_{n}": sustained_lead(leads, weeks=n) for n in hold_weeks},
        "durable_lead": durable_lead(leads),
        "certain_lead": certain_lead(states),
    }
    return pd.Series(found, dtype="datetime64[us]").rename_axis("rule")


def find_crossovers(
    origin_weekly: pd.DataFrame,
    *,
    scopes: Sequence[str] = SCOPES,
    hold_weeks: Sequence[int] = (2, 3, 4),
    min_days: int = 7,
) -> pd.DataFrame:
    """Date the crossover under every rule, in each scope.

    Parameters
    ----------
    origin_weekly : DataFrame
        `week_start, scope, origin, tokens, days_observed`, the scope ``platform`` included.
    scopes : sequence of str
        Scopes to evaluate.
    hold_weeks : sequence of int
        Lengths (weeks) for the rule sustained_lead.
    min_days : int
        Days a week must have in the record to be evidence.

    Returns
    -------
    DataFrame
        `scope, rule, week_start` (missing where the record has no such week) and `note`. One row per
        scope and rule, and one row ``reversal`` for every week in which the US is ahead again.

    Raises
    ------
    InputError
        If a scope, `hold_weeks` or `min_days` is out of its range.
    """
    rows = []
    for scope in scopes:
        tokens = split_scope(origin_weekly, scope=scope)
        leads = leading_weeks(tokens, min_days=min_days)
        states = lead_states(tokens, min_days=min_days)
        span = f"{leads.index[0]:%Y-%m-%d} to {leads.index[-1]:%Y-%m-%d}" if len(leads) else "none"
        never = f"no such week among those that count ({span})"
        notes = {
            "first_lead": "first week ahead after a week not ahead",
            **{f"sustained_lead_{n}": f"ahead for {n} weeks in a row" for n in hold_weeks},
            "durable_lead": _until(leads),
            "certain_lead": "ahead whatever the unidentified tokens are",
        }
        dates = date_rules(leads, states, hold_weeks=hold_weeks)
        rows += [(scope, rule, week, never if pd.isna(week) else notes[rule]) for rule, week in dates.items()]
        rows += [(scope, "reversal", week, note) for week, note in _reversals(leads)]
    table = pd.DataFrame(rows, columns=["scope", "rule", "week_start", "note"])
    return table.astype({"week_start": "datetime64[us]", "scope": "str", "rule": "str", "note": "str"})


def _until(leads: pd.Series) -> str:
    end = f"{leads.index[-1]:%Y-%m-%d}" if len(leads) else "none"
    return f"ahead in every week until the record ends (last week that counts: {end}; right-censored)"


def _reversals(leads: pd.Series) -> list[tuple[pd.Timestamp, str]]:
    changes = lead_changes(leads)
    back = []
    for place, change in enumerate(changes.itertuples(index=False)):
        if change.leader == "US":
            later = changes["week_start"].iloc[place + 1 :]
            regained = f"{later.iloc[0]:%Y-%m-%d}" if len(later) else "never in the record"
            back.append((change.week_start, f"the US ahead again; China regains the lead: {regained}"))
    return back
