"""The record laid out by day and model, and what a quantity is in one reading of a claim."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.analysis.origins import tag_origins
from helpers.vocabulary import BELOW_RANK_50, NAMED_SCOPES, ORIGINS, STEALTH_POLICIES, TRILLION

ALL_MODELS, OPEN_WEIGHTS = "all models", "open weights"
WEEK = 7
REACH_WEEKS = 8  # weeks at either end of an open period between which a change is tried
CHINA, US, OTHER, UNKNOWN = (ORIGINS.index(name) for name in ("China", "US", "Other", "Unknown"))

Level = tuple[float, float, float]  # value, and the least and the most that the unidentified tokens allow
NOTHING: Level = (np.nan, np.nan, np.nan)


@dataclass(frozen=True)
class Record:
    """Tokens by day and permaslug, with the origin of each under every reading of cloaked models.

    Attributes
    ----------
    days : DatetimeIndex, shape (n_days,)
        Calendar days without a gap, from six days before the first of the record to six days after its last.
    observed : ndarray of bool, shape (n_days,)
        Days that the record holds.
    models : DataFrame, shape (n_models, 7)
        Of each column of `tokens`, by permaslug: `permaslug, model, author, organization`, whether it is `cloaked`,
        the day it is `known_from`, and its `successor` (place of the model it was revealed as; -1 for none).
    tokens : ndarray of int64, shape (n_days, n_models)
        Tokens of the ranked permaslugs.
    below : ndarray of int64, shape (n_days,)
        Tokens of the row `other`.
    origins : mapping
        (what is counted, stealth policy) -> origin as its place in `ORIGINS`, int8, of the shape of `tokens`.
    """

    days: pd.DatetimeIndex
    observed: np.ndarray
    models: pd.DataFrame
    tokens: np.ndarray
    below: np.ndarray
    origins: Mapping[tuple[str, str], np.ndarray]
    _sums: dict = field(default_factory=dict, repr=False)

    def place(self, day: pd.Timestamp) -> int:
        """Find a day; -1 if the calendar does not hold it."""
        place = (day - self.days[0]).days
        return place if 0 <= place < len(self.days) else -1

    def holds(self, start: pd.Timestamp, *, min_days: int = WEEK) -> bool:
        """Say whether the seven days from `start` on have at least `min_days` days in the record."""
        place = self.place(start)
        return 0 <= place <= len(self.days) - WEEK and self.observed[place : place + WEEK].sum() >= min_days

    def sums(self, start: pd.Timestamp, *, counted: str, policy: str, size: int | None) -> tuple[int, ...]:
        """Add up the tokens (count) of China, US, Other, Unknown in the week from `start` on, and those below rank 50.

        With a `size` only the permaslugs with most tokens of the week count, ties by name, and nothing is below.
        """
        key = (start, counted, policy, size)
        if key not in self._sums:
            place = self.place(start)
            week = self.tokens[place : place + WEEK]
            kept = np.arange(week.shape[1]) if size is None else np.argsort(-week.sum(axis=0), kind="stable")[:size]
            block, origin = week[:, kept], self.origins[counted, policy][place : place + WEEK][:, kept]
            own = [int(block[origin == code].sum()) for code in range(len(ORIGINS))]
            below = int(self.below[place : place + WEEK].sum()) if size is None else 0
            self._sums[key] = (*own, below)
        return self._sums[key]

    def total(self, start: pd.Timestamp) -> int:
        """Add up all tokens (count) of the week from `start` on."""
        place = self.place(start)
        return int(self.tokens[place : place + WEEK].sum() + self.below[place : place + WEEK].sum())

    def weeks(self, start: pd.Timestamp, end: pd.Timestamp, *, min_days: int = WEEK) -> list[pd.Timestamp]:
        """List the Mondays from `start` on whose week lies before or on `end` and is in the record."""
        mondays = pd.date_range(start, end - pd.Timedelta(days=WEEK - 1), freq="W-MON")
        return [week for week in mondays if self.holds(week, min_days=min_days)]

    @property
    def span(self) -> str:
        """First and last day of the record, for messages."""
        held = self.days[self.observed]
        return f"{held[0]:%Y-%m-%d} to {held[-1]:%Y-%m-%d}"


def lay_out(usage: pd.DataFrame, *, registry: Mapping[str, pd.DataFrame], on_untagged: str = "stop") -> Record:
    """Lay out the record by day and permaslug.

    For open weights China stands for its models with open weights only: its closed ones count as Other,
    those whose weights are unknown as Unknown. The US keeps all its models.

    Parameters
    ----------
    usage : DataFrame
        `date, permaslug, model, variant, author, tokens`, one row per permaslug and day.
    registry : mapping of str to DataFrame
        The tables `authors, lineage, stealth, weights`.
    on_untagged : {"stop", "unknown"}
        As in `tag_origins`.

    Returns
    -------
    Record
        With every stealth policy.

    Raises
    ------
    InputError
        If untagged rows are to stop the run.
    """
    edge = pd.Timedelta(days=WEEK - 1)
    days = pd.date_range(usage["date"].min() - edge, usage["date"].max() + edge, freq="D")
    named = usage["permaslug"].ne(BELOW_RANK_50)
    ranked = usage[named]
    models = ranked.drop_duplicates("permaslug").sort_values("permaslug")[["permaslug", "model", "author"]]
    models = _name_successors(models.merge(registry["authors"][["author", "organization"]], how="left"), registry)
    rows = ((ranked["date"] - days[0]).dt.days.to_numpy(), models["permaslug"].searchsorted(ranked["permaslug"]))
    tokens = np.zeros((len(days), len(models)), dtype="int64")
    tokens[rows] = ranked["tokens"]
    other = usage[~named]
    below = np.zeros(len(days), dtype="int64")
    below[(other["date"] - days[0]).dt.days.to_numpy()] = other["tokens"]
    origins = {}
    for policy in STEALTH_POLICIES:
        tagged = tag_origins(usage, **registry, stealth_policy=policy, on_untagged=on_untagged)[named.to_numpy()]
        china = tagged["origin"].eq("China")
        opened = tagged["origin"].mask(china & tagged["weights"].eq("closed"), "Other")
        opened = opened.mask(china & tagged["weights"].eq("unknown"), "Unknown")
        for counted, origin in ((ALL_MODELS, tagged["origin"]), (OPEN_WEIGHTS, opened)):
            codes = np.full(tokens.shape, UNKNOWN, dtype="int8")
            codes[rows] = origin.map(ORIGINS.index)
            origins[counted, policy] = codes
    return Record(days, days.isin(usage["date"].unique()), models, tokens, below, origins)


def _name_successors(models: pd.DataFrame, registry: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Find the model that each cloaked one was revealed as: the longest name within the registry's words for it."""
    stealth = registry["stealth"].set_index("permaslug")
    cloaked, known = models["model"].isin(stealth.index), models["model"].map(stealth["known_from"])
    slugs = models["permaslug"].str.replace(r"^.*/|:.*$", "", regex=True)
    undated = slugs.str.replace(r"-\d{4}(-?\d\d){0,2}$", "", regex=True)
    names = [column[~cloaked].str.replace(r"[^a-z0-9]", "", regex=True) for column in (slugs, undated)]
    successor = np.full(len(models), -1)
    for place in np.flatnonzero(cloaked & known.notna()):
        words = "".join(filter(str.isalnum, stealth["revealed_as"][models["model"][place]].lower()))
        found = [(len(name), -at) for column in names for at, name in column.items() if len(name) > 3 and name in words]
        successor[place] = -max(found)[1] if found else -1
    organization = models["organization"].fillna(models["author"])
    return models.assign(cloaked=cloaked, known_from=known, successor=successor, organization=organization)


@dataclass(frozen=True)
class Setting:
    """One reading of the definitions: which models count, and whose cloaked models are.

    Attributes
    ----------
    scope : str
        ``chart``, ``ranked`` or ``platform``.
    policy : str
        Stealth policy.
    chart_size : int
        Permaslugs in the scope ``chart``.
    min_days : int
        Days a week must have in the record to be evidence, 1 to 7.
    """

    scope: str
    policy: str
    chart_size: int = 9
    min_days: int = WEEK

    @property
    def size(self) -> int | None:
        """Permaslugs that count; None for all."""
        return self.chart_size if self.scope == "chart" else None


Reading = tuple[pd.Timestamp, ...]  # first days of weeks: one, a first and a last, or all of a period


@dataclass(frozen=True)
class Quantity:
    """What a claim can speak of.

    Attributes
    ----------
    units : tuple of str
        Units that fit it, as the ledger writes them.
    span : str
        ``week`` (one week has a value), ``change`` (first against last week), ``period`` (all weeks) or
        ``none`` (nothing in the record).
    measure : callable or None
        Takes a `Record`, a `Reading`, a `Setting` and the value printed; returns value, low and high.
    scopes : tuple of str
        Scopes in which it has a meaning.
    """

    units: tuple[str, ...]
    span: str
    measure: Callable[[Record, Reading, Setting, float], Level] | None
    scopes: tuple[str, ...] = NAMED_SCOPES


def _sums(record: Record, week: pd.Timestamp, setting: Setting, counted: str = ALL_MODELS) -> tuple[int, ...]:
    return record.sums(week, counted=counted, policy=setting.policy, size=setting.size)


def _tokens(origin: int) -> Callable[..., Level]:
    def measure(record: Record, reading: Reading, setting: Setting, _: float) -> Level:
        sums = _sums(record, reading[0], setting)
        most = sums[origin] + (0 if setting.size else sums[UNKNOWN] + sums[-1])
        return sums[origin] / TRILLION, sums[origin] / TRILLION, most / TRILLION

    return measure


def _total(record: Record, reading: Reading, _: Setting, __: float) -> Level:
    total = record.total(reading[0]) / TRILLION
    return total, total, total


def _over(above: int, below: int) -> float:
    return above / below if below else (np.inf if above else np.nan)


def _ratio(above: int, below: int, counted: str = ALL_MODELS) -> Callable[..., Level]:
    def measure(record: Record, reading: Reading, setting: Setting, _: float) -> Level:
        sums = _sums(record, reading[0], setting, counted)
        value = _over(sums[above], sums[below])
        if setting.size:
            return value, value, value
        doubt = sums[UNKNOWN] + sums[-1]
        return value, _over(sums[above], sums[below] + doubt), _over(sums[above] + doubt, sums[below])

    return measure


def _share_in_week(record: Record, week: pd.Timestamp, setting: Setting, origin: int) -> Level:
    sums = _sums(record, week, setting)
    inside = sum(sums[:-1])
    if not inside:
        return NOTHING
    value = sums[origin] / inside
    if setting.size:
        return value, value, value
    total = inside + sums[-1]
    return value, sums[origin] / total, (sums[origin] + sums[UNKNOWN] + sums[-1]) / total


def share_of_origin(record: Record, week: pd.Timestamp, setting: Setting, quantity: str) -> Level:
    """Measure the share of ``share of China`` or ``share of US`` in one week."""
    return _share_in_week(record, week, setting, CHINA if quantity.endswith("China") else US)


def _share(origin: int) -> Callable[..., Level]:
    def measure(record: Record, reading: Reading, setting: Setting, _: float) -> Level:
        return _share_in_week(record, reading[0], setting, origin)

    return measure


def _weeks_with_share(origin: int) -> Callable[..., Level]:
    """Share of the weeks in which an origin held the printed share, within half a step of its roundness."""

    def measure(record: Record, reading: Reading, setting: Setting, printed: float) -> Level:
        near = round_step(printed) / 2
        value, low, high = np.array([_share_in_week(record, week, setting, origin) for week in reading]).T
        inside = np.abs(value - printed) <= near
        surely = (low >= printed - near) & (high <= printed + near)
        possibly = (low <= printed + near) & (high >= printed - near)
        return tuple(float(np.mean(weeks)) for weeks in (inside, surely, possibly))

    return measure


def _growth(origin: int) -> Callable[..., Level]:
    """Relative change from the first to the last week: 1 is a doubling."""

    def measure(record: Record, reading: Reading, setting: Setting, _: float) -> Level:
        first, last = (_sums(record, week, setting) for week in reading)
        value = _over(last[origin], first[origin]) - 1
        if setting.size:
            return value, value, value
        doubt = [sums[UNKNOWN] + sums[-1] for sums in (first, last)]
        least = _over(last[origin], first[origin] + doubt[0]) - 1
        return value, least, _over(last[origin] + doubt[1], first[origin]) - 1

    return measure


def _absorbed(origin: int) -> Callable[..., Level]:
    """Share of the platform's change from the first to the last week."""

    def measure(record: Record, reading: Reading, setting: Setting, _: float) -> Level:
        first, last = (_sums(record, week, setting) for week in reading)
        change = record.total(reading[1]) - record.total(reading[0])
        if not change:
            return NOTHING
        own = last[origin] - first[origin]
        if setting.size:
            return own / change, own / change, own / change
        low, high = own - first[UNKNOWN] - first[-1], own + last[UNKNOWN] + last[-1]
        return own / change, *sorted((low / change, high / change))

    return measure


def _rising(record: Record, reading: Reading, setting: Setting, _: float) -> Level:
    """Share of the week-on-week changes of the ratio that go up."""
    ratios = np.array([_ratio(CHINA, US)(record, (week,), setting, 0.0) for week in reading])
    value, low, high = ratios.T
    if np.isnan(ratios).any():
        return NOTHING
    return (
        float(np.mean(value[1:] > value[:-1])),
        float(np.mean(low[1:] > high[:-1])),
        float(np.mean(high[1:] > low[:-1])),
    )


def trend_of_ratio(record: Record, reading: Reading, setting: Setting) -> float:
    """Compute Kendall's tau of the weekly ratio against time, from -1 (falls always) to 1 (rises always)."""
    ratios = np.array([_ratio(CHINA, US)(record, (week,), setting, 0.0)[0] for week in reading])
    earlier, later = np.triu_indices(len(ratios), k=1)
    return float(np.mean(np.sign(ratios[later] - ratios[earlier]))) if len(earlier) else np.nan


def _first_lead(record: Record, reading: Reading, setting: Setting, _: float) -> Level:
    """Weeks from the printed week (the reading) to the first in which China leads, and bounds of it.

    It is no earlier than the first week in which China can lead and no later than the first in which it does
    for certain; missing if there is none.
    """
    weeks = record.weeks(record.days[0], record.days[-1], min_days=setting.min_days)
    sums = np.array([_sums(record, week, setting) for week in weeks])
    doubt = 0 if setting.size else sums[:, UNKNOWN] + sums[:, -1]
    leads = [sums[:, CHINA] > sums[:, US], sums[:, CHINA] + doubt > sums[:, US], sums[:, CHINA] > sums[:, US] + doubt]
    value, low, high = (
        (weeks[int(np.argmax(lead))] - reading[0]).days / WEEK if lead.any() else np.nan for lead in leads
    )
    return value, low, np.inf if np.isnan(high) else high


def _quantities() -> dict[str, Quantity]:
    quantities = {
        "tokens of the platform": Quantity(("trillion tokens",), "week", _total, ("platform",)),
        "ratio": Quantity(("ratio",), "week", _ratio(CHINA, US)),
        "ratio of US to China": Quantity(("ratio",), "week", _ratio(US, CHINA)),
        "ratio of open-weight China to US": Quantity(("ratio",), "week", _ratio(CHINA, US, OPEN_WEIGHTS)),
        "trend of the ratio": Quantity(("direction",), "period", _rising),
        "first lead of China": Quantity(("week",), "first", _first_lead),
        "reasons of developers": Quantity(("none",), "none", None),
        "place of developers": Quantity(("none",), "none", None),
    }
    for name, code in (("China", CHINA), ("US", US)):
        quantities |= {
            f"tokens of {name}": Quantity(("trillion tokens",), "week", _tokens(code)),
            f"share of {name}": Quantity(("share",), "week", _share(code)),
            f"growth of {name}": Quantity(("relative change",), "change", _growth(code)),
            f"growth absorbed by {name}": Quantity(("share",), "change", _absorbed(code)),
        }
    return quantities


QUANTITIES = _quantities()
MOST_WEEKS = {f"share of {name}": _weeks_with_share(code) for name, code in (("China", CHINA), ("US", US))}


def span_of(claim: tuple) -> str:
    """Say over which weeks a claim is measured: a share said of most of a period is one of its weeks."""
    return "period" if claim.hedge == "most of" and claim.quantity in MOST_WEEKS else QUANTITIES[claim.quantity].span


def measure(claim: tuple, record: Record, reading: Reading, setting: Setting) -> Level:
    """Measure what a claim speaks of in one reading."""
    weighed = claim.hedge == "most of" and claim.quantity in MOST_WEEKS
    estimate = MOST_WEEKS[claim.quantity] if weighed else QUANTITIES[claim.quantity].measure
    printed = float(claim.value) if claim.unit not in ("week", "direction") else 0.0
    return estimate(record, reading, setting, printed)


def readings_of(claim: tuple, record: Record, *, min_days: int = WEEK) -> tuple[list[Reading], list[Reading], str]:
    """List the weeks that a claim can mean: what it states, else what its period holds, Mondays apart and first.

    Parameters
    ----------
    claim : tuple
        A row of the ledger.
    record : Record
        The record.
    min_days : int
        Days a week must have in the record to be evidence, 1 to 7.

    Returns
    -------
    first, then : list of Reading
        Readings on Mondays (or the stated week), and those to try if none of these holds.
    missing : str
        What the record lacks, in words; empty if nothing.
    """
    span, start, end = span_of(claim), claim.period_start, claim.period_end
    if span == "none":
        return [], [], claim.note.removeprefix("missing: ") or "the record counts tokens, nothing else"
    lacks = f"the record, {record.span}, does not hold {{}} in full"
    if span == "first" or (span == "week" and claim.window == "stated"):
        week = pd.Timestamp(claim.value) if span == "first" else start
        held = record.holds(week, min_days=min_days)
        return ([(week,)], [], "") if held else ([], [], lacks.format(f"the week of {week:%Y-%m-%d}"))
    weeks = record.weeks(start, end, min_days=min_days)
    if span == "week":
        days = pd.date_range(start, end - pd.Timedelta(days=WEEK - 1), freq="D")
        others = [(day,) for day in days if day not in weeks and record.holds(day, min_days=min_days)]
        found = [(week,) for week in weeks]
        return found, others, "" if found or others else lacks.format(f"any week of {start:%Y-%m-%d} to {end:%Y-%m-%d}")
    mondays = pd.date_range(start, end - pd.Timedelta(days=WEEK - 1), freq="W-MON")
    if len(weeks) < len(mondays) or len(weeks) < 2:
        return [], [], lacks.format(f"the two weeks or more that {start:%Y-%m-%d} to {end:%Y-%m-%d} needs")
    if span == "period":
        return [tuple(weeks)], [], ""
    if claim.window == "stated":
        return [(weeks[0], weeks[-1])], [], ""
    reach = min(REACH_WEEKS, len(weeks) // 2)
    whole = (weeks[0], weeks[-1])  # tried first, so that it is the one told if others fit as well
    between = [(first, last) for first in weeks[:reach] for last in weeks[-reach:]]
    return [whole, *[reading for reading in between if reading != whole]], [], ""


def round_step(printed: float) -> float:
    """Find the largest step of 1, 2, 5 x 10^n that a printed number sits on.

    Examples
    --------
    >>> [round_step(number) for number in (18.0, 5.5, 25.0, 0.7)]
    [2.0, 0.5, 5.0, 0.1]
    """
    steps = [step * 10.0**power for power in range(3, -7, -1) for step in (5, 2, 1)]
    return next((step for step in steps if abs(printed / step - round(printed / step)) < 1e-9 and printed), steps[-1])
