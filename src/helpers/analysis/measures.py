"""What a published claim is about: the measures that a claim can name, each with its worst-case bounds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from helpers.analysis.bounds import UNIDENTIFIED, ratio_bounds, split_scope
from helpers.analysis.crossover import first_lead, leading_weeks
from helpers.analysis.ratios import growth_absorbed
from helpers.vocabulary import IDENTIFIED, LEADERS, SCOPES, TRILLION

NEVER = pd.Timestamp("2262-01-01")  # later than every week: a lead that the record does not show
ALL_MODELS, OPEN_WEIGHTS = "all models", "open weights"
COLUMNS = [*IDENTIFIED, UNIDENTIFIED]

Level = float | pd.Timestamp


@dataclass(frozen=True)
class View:
    """One scope under one stealth policy, laid out for measuring.

    Attributes
    ----------
    origin_weekly : DataFrame
        `week_start, scope, origin, tokens, days_observed`, all scopes.
    scope : str
        ``chart``, ``ranked`` or ``platform``.
    tokens : DataFrame, shape (n_weeks, 6)
        `split_scope` of the two, and `left_out`: tokens (count, int64) of the platform outside the scope.
    min_days : int
        Days a week must have in the record to be evidence.
    """

    origin_weekly: pd.DataFrame
    scope: str
    tokens: pd.DataFrame
    min_days: int


@dataclass(frozen=True)
class Estimate:
    """A measure's value in one setting, and the least and the most that the unidentified tokens allow.

    Attributes
    ----------
    value, low, high : float or Timestamp
        Trillions of tokens a week, a pure number, or a week; NaN where a denominator is 0.
    excluded : frozenset
        Weeks between `low` and `high` that are impossible nevertheless.
    """

    value: Level
    low: Level
    high: Level
    excluded: frozenset[pd.Timestamp] = frozenset()


@dataclass(frozen=True)
class Measure:
    """How a quantity is measured.

    Attributes
    ----------
    kind : str
        ``tokens``, ``ratio``, ``share``, ``change``, ``trend`` or ``week``: decides which units fit.
    words : str
        What the numbers are, with their unit.
    estimate : callable
        Takes a `View` and the full weeks of the claim's period; returns an `Estimate`.
    weekly : bool
        Whether a single week has a value of its own.
    scopes : tuple of str
        Scopes in which the quantity has a meaning.
    counted : str
        Whether China stands for all its models or for those with open weights.
    least_weeks : int
        Weeks that the period must hold.
    """

    kind: str
    words: str
    estimate: Callable[[View, pd.DatetimeIndex], Estimate]
    weekly: bool = True
    scopes: tuple[str, ...] = SCOPES
    counted: str = ALL_MODELS
    least_weeks: int = 1


def view_scope(origin_weekly: pd.DataFrame, *, scope: str, min_days: int = 7) -> View:
    """Lay out one scope for measuring.

    Parameters
    ----------
    origin_weekly : DataFrame
        `week_start, scope, origin, tokens, days_observed`, the scope ``platform`` included.
    scope : {"chart", "ranked", "platform"}
        Which rows count.
    min_days : int
        Days a week must have in the record to be evidence, 1 to 7.

    Returns
    -------
    View
        With one row a week.

    Raises
    ------
    InputError
        If the scope is unknown.
    """
    tokens = split_scope(origin_weekly, scope=scope)
    inside = origin_weekly[origin_weekly["scope"].eq(scope)].groupby("week_start")["tokens"].sum()
    left_out = tokens[COLUMNS].sum(axis=1) - inside
    return View(origin_weekly, scope, tokens.assign(left_out=left_out), min_days)


def _tokens_of_origin(view: View, weeks: pd.DatetimeIndex, *, origin: str) -> Estimate:
    """Mean a week; at most with every unidentified token, in the scope or left out of it, added."""
    sums = view.tokens.loc[weeks].sum()
    unit = len(weeks) * TRILLION
    own, most = int(sums[origin]) / unit, int(sums[origin] + sums[UNIDENTIFIED]) / unit
    return Estimate(own, own, most)


def _tokens_of_platform(view: View, weeks: pd.DatetimeIndex) -> Estimate:
    """Mean a week; nothing is unidentified in a total."""
    total = int(view.tokens.loc[weeks, COLUMNS].sum().sum()) / (len(weeks) * TRILLION)
    return Estimate(total, total, total)


def _ratio(view: View, weeks: pd.DatetimeIndex) -> Estimate:
    """Ratio of the sums over all weeks, so that a large week counts for more than a small one."""
    sums = view.tokens.loc[weeks, COLUMNS].sum().to_frame().T
    return Estimate(*(float(bound) for bound in ratio_bounds(sums).iloc[0]))


def _share_of_origin(view: View, weeks: pd.DatetimeIndex, *, origin: str) -> Estimate:
    """Share of the tokens in the scope; what it leaves out is in neither part, so only its own rows are in doubt."""
    sums = view.tokens.loc[weeks].sum()
    inside = int(sums[COLUMNS].sum() - sums["left_out"])
    own, doubtful = int(sums[origin]), int(sums[UNIDENTIFIED] - sums["left_out"])
    if not inside:
        return Estimate(np.nan, np.nan, np.nan)
    return Estimate(own / inside, own / inside, (own + doubtful) / inside)


def _growth_of_origin(view: View, weeks: pd.DatetimeIndex, *, origin: str) -> Estimate:
    """Relative change from the first to the last week: 1 is a doubling.

    It is least if every unidentified token of the first week and none of the last was the origin's own.
    """
    first, last = (view.tokens.loc[[week]].reset_index(drop=True) for week in (weeks[0], weeks[-1]))
    ends = pd.DataFrame({"last": last[origin], "first": first[origin]})
    least = ratio_bounds(ends.assign(**{UNIDENTIFIED: first[UNIDENTIFIED]}), over="last", under="first")
    most = ratio_bounds(ends.assign(**{UNIDENTIFIED: last[UNIDENTIFIED]}), over="last", under="first")
    factors = least.loc[0, "ratio"], least.loc[0, "ratio_low"], most.loc[0, "ratio_high"]
    return Estimate(*(float(factor) - 1 for factor in factors))


def _growth_absorbed(view: View, weeks: pd.DatetimeIndex, *, origin: str) -> Estimate:
    """Share of the platform's change from the first to the last week."""
    window = f"{weeks[0]:%Y-%m-%d}/{weeks[-1]:%Y-%m-%d}"
    growth = growth_absorbed(view.origin_weekly, windows=[window], scopes=[view.scope]).set_index("origin")
    return Estimate(*(float(growth.loc[origin, name]) for name in ("share", "share_low", "share_high")))


def _trend_of_ratio(view: View, weeks: pd.DatetimeIndex) -> Estimate:
    """Kendall's tau of the weekly ratio against time, from -1 (falls always) to 1 (rises always).

    Of all pairs of weeks: the share in which the later ratio is the larger, less the share in which it is
    the smaller. The bounds take each pair at its worst; not all pairs can be at their worst together, so
    the true range is no wider than this one.
    """
    bounds = ratio_bounds(view.tokens.loc[weeks]).to_numpy()
    if np.isnan(bounds).any():
        return Estimate(np.nan, np.nan, np.nan)
    value, low, high = bounds.T
    earlier, later = np.triu_indices(len(weeks), k=1)

    def tau(after: np.ndarray, before: np.ndarray) -> float:
        return float(np.mean((after > before).astype(int) - (after < before).astype(int)))

    return Estimate(tau(value[later], value[earlier]), tau(low[later], high[earlier]), tau(high[later], low[earlier]))


def _first_lead(view: View, _weeks: pd.DatetimeIndex) -> Estimate:
    """First lead of China in the whole record, whatever the claim's period.

    It is no earlier than the first week in which China can lead, no later than the first in which it does
    for certain, and in no week in which it cannot lead.
    """
    tokens, days = view.tokens, view.min_days
    possible = leading_weeks(tokens.assign(China=tokens["China"] + tokens[UNIDENTIFIED]), min_days=days)
    certain = leading_weeks(tokens.assign(US=tokens["US"] + tokens[UNIDENTIFIED]), min_days=days)
    value = first_lead(leading_weeks(tokens, min_days=days))
    return Estimate(
        NEVER if value is None else value,
        _first(possible.index[possible]),
        _first(certain.index[certain]),
        frozenset(possible.index[~possible]),
    )


def _first(weeks: pd.Index) -> pd.Timestamp:
    return weeks[0] if len(weeks) else NEVER


def _measures() -> dict[str, Measure]:
    level = "Trillion tokens a week"
    measures = {
        "tokens of the platform": Measure("tokens", level, _tokens_of_platform, scopes=("platform",)),
        "first_lead of China": Measure("week", "First lead of China in the record", _first_lead, weekly=False),
        "ratio": Measure("ratio", "Ratio of China to US", _ratio),
        "ratio below one": Measure("ratio", "Ratio of China to US", _ratio),
        "ratio of open-weight China to US": Measure(
            "ratio", "Ratio of open-weight models of China to all models of the US", _ratio, counted=OPEN_WEIGHTS
        ),
        "trend of the ratio": Measure(
            "trend", "Kendall's tau of the weekly ratio against time", _trend_of_ratio, weekly=False, least_weeks=2
        ),
    }
    for origin in LEADERS:
        change = partial(Measure, weekly=False, least_weeks=2)
        measures |= {
            f"tokens of {origin}": Measure("tokens", level, partial(_tokens_of_origin, origin=origin)),
            f"share of {origin}": Measure(
                "share", f"Share of {origin} in the tokens of the scope", partial(_share_of_origin, origin=origin)
            ),
            f"growth of {origin}": change(
                "change", "Relative change from the first to the last week", partial(_growth_of_origin, origin=origin)
            ),
            f"growth absorbed by {origin}": change(
                "share", "Share of the platform's change", partial(_growth_absorbed, origin=origin)
            ),
        }
    return measures


MEASURES = _measures()


def weeks_of_period(view: View, start: pd.Timestamp, end: pd.Timestamp) -> tuple[pd.DatetimeIndex, str]:
    """Find the weeks that lie wholly within a period, and say what the record lacks of them.

    Weeks begin on the record's own weekday: a period of Monday to Sunday holds no week that begins on a Sunday.

    Parameters
    ----------
    view : View
        The record in any scope.
    start, end : Timestamp
        First and last day of the period, UTC, both included.

    Returns
    -------
    weeks : DatetimeIndex
        First days of the weeks; all of them are in the record with at least `min_days` days if the
        second value is empty.
    missing : str
        What the record lacks, in words; empty if nothing.
    """
    held = view.tokens.index[view.tokens["days_observed"] >= view.min_days]
    if held.empty:
        return held, "the record holds no full week"
    wait = (held[0] - start).days % 7
    weeks = pd.date_range(start + pd.Timedelta(days=wait), end - pd.Timedelta(days=6), freq="7D")
    absent = weeks[~weeks.isin(held)]
    if weeks.empty:
        return weeks, f"no whole week lies in the period {start:%Y-%m-%d} to {end:%Y-%m-%d}"
    if len(absent):
        return weeks, (
            f"{len(absent)} of the period's {len(weeks)} weeks, the first {absent[0]:%Y-%m-%d}, are not in the record "
            f"in full (it holds {held[0]:%Y-%m-%d} to {held[-1]:%Y-%m-%d})"
        )
    return weeks, ""
