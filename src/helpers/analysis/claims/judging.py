"""Signed distances, least tolerance and verdict: every reading tried that a claim leaves open."""

import math
from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pandas as pd

from helpers.analysis.claims.ledger import check_claims, judged_scopes
from helpers.analysis.claims.readings import (
    QUANTITIES,
    WEEK,
    Level,
    Reading,
    Record,
    Setting,
    measure,
    readings_of,
    round_step,
    span_of,
)
from helpers.vocabulary import (
    CONTRADICTED,
    HOLDS,
    NEARLY,
    NOT_DECIDED,
    ON_A_CHOICE,
    OPEN,
    ROUGHLY,
    SCOPE_PHRASES,
    SCOPES,
    STEALTH_POLICIES,
    SUPPORTED,
    UNTESTED,
)

VINTAGE = 0.005  # press and record differ by up to this share, because figures are restated
ROUND = 0.1  # a round or hedged number stands for no more than this share either way
MOST = 0.5
KNOWN_THEN = ("as_of", "unknown")  # readings of cloaked models; what was named only later is none of an article
FITS = (SUPPORTED, NEARLY)
SETTING_COLUMNS = {
    "claim_id": "str",
    "scope": "str",
    "policy": "str",
    "judged": "bool",
    "window_start": "datetime64[us]",
    "window_end": "datetime64[us]",
    "readings": "int64",
    "holding": "int64",
    "value": "float64",
    "low": "float64",
    "high": "float64",
    "distance": "float64",
    "least_tolerance": "float64",
    "together": "bool",
    "agreement": "str",
    "missing": "str",
}


def printed_number(claim: tuple) -> float:
    """Write what a claim says as the number that ours is compared with.

    A first lead is counted in weeks from the printed one, a direction is kept if every change has it, and most of
    something is more than half of it.
    """
    if claim.unit in ("week", "none"):
        return 0.0 if claim.unit == "week" else math.nan
    if claim.unit == "direction":
        return 1.0
    return MOST if claim.hedge == "most of" else float(claim.value)


def distance(claim: tuple, value: float) -> float:
    """Compute how far our value lies from the printed one: a share of it, signed; in weeks for a first lead."""
    printed = printed_number(claim)
    return value - printed if claim.unit == "week" else value / printed - 1


def needed(claim: tuple, gap: float) -> float:
    """Compute the tolerance that a figure needs to hold, from its distance.

    Examples
    --------
    >>> claim = pd.DataFrame([{"hedge": "over", "unit": "ratio"}]).itertuples().__next__()
    >>> needed(claim, 0.25), needed(claim, -0.25)
    (0.0, 0.25)
    """
    one_sided = claim.hedge in ("over", "most of")
    return max(0.0, -gap) if one_sided else abs(gap)


def tolerances(claim: tuple) -> tuple[float, float]:
    """Say how far our value may lie from a printed one: for its print and its vintage, and for a round number.

    Returns
    -------
    exact, rough : float
        Shares of the printed value. Exact is half a unit of the last printed digit and 0.5 % for restatements;
        rough is half a step of the scale 1, 2, 5 x 10^n that the number sits on, at most 10 %.

    Examples
    --------
    >>> claim = pd.DataFrame([{"unit": "ratio", "hedge": "about", "value": "5.5"}]).itertuples().__next__()
    >>> [round(share, 4) for share in tolerances(claim)]
    [0.0141, 0.0455]
    """
    if claim.unit == "week":
        return 0.0, 0.0
    if claim.unit == "direction":
        return 0.0, ROUND
    if claim.hedge in ("over", "most of"):  # a bound: nothing of it is round
        return VINTAGE, VINTAGE
    printed = abs(float(claim.value))
    digit = float(Decimal(5).scaleb(Decimal(claim.value).as_tuple().exponent - 1)) / printed
    exact = digit + VINTAGE
    return exact, max(exact, min(round_step(printed) / 2 / printed, ROUND))


def _fit(claim: tuple, gap: float) -> int:
    """Say how a figure fits: 0 as printed, 1 roughly, 2 not at all."""
    if math.isnan(gap):
        return 2
    exact, rough = tolerances(claim)
    if claim.hedge == "nearly" and gap > exact:  # nearly x lies below x
        return 2
    margin = needed(claim, gap)
    return 0 if margin <= exact + 1e-12 else 1 if margin <= rough + 1e-12 else 2


def settle(
    claims: pd.DataFrame, record: Record, *, chart_size: int = 9, min_days: int = WEEK, scopes: tuple[str, ...] = SCOPES
) -> pd.DataFrame:
    """Measure every claim in every scope and reading of cloaked models, in the window that fits its sentence best.

    Parameters
    ----------
    claims : DataFrame
        The ledger; the index is the line number in the file.
    record : Record
        As `lay_out` returns it.
    chart_size : int
        Permaslugs in the scope ``chart``.
    min_days : int
        Days a week must have in the record to be evidence, 1 to 7.
    scopes : tuple of str
        Scopes to measure in.

    Returns
    -------
    DataFrame
        One row a claim, scope in which its quantity has a meaning, and stealth policy: `judged` (whether the verdict
        rests on it: the claim leaves the scope open or states it, and the article could read cloaked models so), the
        window (first and last day; missing if not testable), `readings` (windows tried) and `holding` (those in
        which the whole sentence holds), `value, low, high` and `distance` (NaN if not testable), `least_tolerance`
        (of the sentence: the smallest under which all its figures hold in one window), `together` (whether they
        do), `agreement` and `missing`.

    Raises
    ------
    InputError
        As `check_claims`.
    """
    check_claims(claims)
    rows = []
    for _, group in claims.groupby("sentence", sort=False):
        figures = list(group.itertuples(index=False))
        for scope in scopes:
            if all(scope in QUANTITIES[figure.quantity].scopes for figure in figures):
                for policy in STEALTH_POLICIES:
                    rows += _settle_group(figures, record, Setting(scope, policy, chart_size, min_days))
    order = {claim: place for place, claim in enumerate(claims["claim_id"])}
    table = pd.DataFrame(rows, columns=list(SETTING_COLUMNS)).astype(SETTING_COLUMNS)
    return table.sort_values("claim_id", key=lambda ids: ids.map(order), kind="stable").reset_index(drop=True)


def _settle_group(figures: list[tuple], record: Record, setting: Setting) -> list[tuple]:
    first, then, missing = readings_of(figures[0], record, min_days=setting.min_days)
    if missing:
        return [_row(figure, setting, missing=missing) for figure in figures]
    tried = [_try(figures, record, reading, setting, place) for place, reading in enumerate(first)]
    if then and not any(rank[0] < 2 for rank, _, _ in tried):
        tried += [_try(figures, record, reading, setting, place) for place, reading in enumerate(then)]
    (fit, margin, *_), reading, levels = min(tried)
    if any(math.isnan(level[0]) for level in levels):
        return [_row(figure, setting, missing=_nothing(figure)) for figure in figures]
    holding = sum(rank[0] < 2 for rank, _, _ in tried)
    if span_of(figures[0]) == "change" and 2 * holding <= len(tried):
        # A change between two weeks that the article leaves open holds if it does between most of them.
        _, reading, levels = tried[0]
        fit = 2
    counts = (len(tried), holding)
    return [
        _row(figure, setting, reading=reading, counts=counts, level=level, margin=margin, together=fit)
        for figure, level in zip(figures, levels, strict=True)
    ]


def _nothing(claim: tuple) -> str:
    return "a week in which China leads" if claim.unit == "week" else "tokens to divide by: there are none"


def _try(figures: list[tuple], record: Record, reading: Reading, setting: Setting, place: int) -> tuple:
    """Measure a sentence in one reading; what is returned sorts from the best fit to the worst."""
    levels = [measure(figure, record, reading, setting) for figure in figures]
    gaps = [distance(figure, level[0]) for figure, level in zip(figures, levels, strict=True)]
    worst = max(_fit(figure, gap) for figure, gap in zip(figures, gaps, strict=True))
    margin = max(
        needed(figure, gap) if not math.isnan(gap) else math.inf for figure, gap in zip(figures, gaps, strict=True)
    )
    # Of weeks that fit alike the nearest is told; of pairs of weeks the first, which is the whole period.
    near = max(abs(gap) for gap in gaps) if span_of(figures[0]) == "week" else place
    return (worst, margin, near, place), reading, levels


def _row(
    claim: tuple,
    setting: Setting,
    *,
    reading: Reading = (),
    counts: tuple[int, int] = (0, 0),
    level: Level = (np.nan, np.nan, np.nan),
    margin: float = np.nan,
    together: int = 2,
    missing: str = "",
) -> tuple:
    days = (pd.NaT, pd.NaT) if missing else (reading[0], reading[-1] + pd.Timedelta(days=WEEK - 1))
    gap, agreement = (np.nan, UNTESTED) if missing else (distance(claim, level[0]), "")
    if not missing:
        alone = 2 if span_of(claim) == "change" and claim.window == "open" else _fit(claim, gap)
        fit = together if together < 2 else alone
        agreement = FITS[fit] if fit < 2 else OPEN if _may_hold(claim, level) else CONTRADICTED
    judged = setting.scope in judged_scopes(claim) and setting.policy in KNOWN_THEN
    front = (claim.claim_id, setting.scope, setting.policy, judged)
    return (*front, *days, *counts, *level, gap, margin, together < 2, agreement, missing)


def _may_hold(claim: tuple, level: Level) -> bool:
    """Say whether the printed value lies between the bounds; those of a sum over named models are equal."""
    _, low, high = level
    if claim.hedge in ("over", "most of"):
        return high > printed_number(claim)
    return low <= printed_number(claim) <= high and low < high


def judge(settings: pd.DataFrame, *, on_a_choice: frozenset[str] = frozenset()) -> pd.DataFrame:
    """Give every claim its verdict and the setting that it is told in.

    Parameters
    ----------
    settings : DataFrame
        As `settle` returns it.
    on_a_choice : frozenset of str
        Claims whose sentence one named departure reproduces (see `helpers.analysis.claims.forensics`).

    Returns
    -------
    DataFrame
        `claim_id, verdict, scope, policy` (of the reading told: the best in the scopes judged, cloaked models as
        known on the day where that fits as well) in the order of the claims.
    """
    rows = []
    for claim, found in settings.groupby("claim_id", sort=False):
        judged = found[found["judged"]]
        if judged["together"].any():  # where the sentence holds somewhere, a figure holds nowhere without it
            alone = judged["agreement"].isin(FITS) & ~judged["together"]
            judged = judged.assign(agreement=judged["agreement"].mask(alone, CONTRADICTED))
        best = {scope: _best(rows_of) for scope, rows_of in judged.groupby("scope", sort=False)}
        told = min(best.values(), key=_merit)
        rows.append((claim, _verdict(best, on_a_choice=claim in on_a_choice), told["scope"], told["policy"]))
    return pd.DataFrame(rows, columns=["claim_id", "verdict", "scope", "policy"]).astype("str")


_MERIT = {SUPPORTED: 0, NEARLY: 1, OPEN: 2, CONTRADICTED: 2, UNTESTED: 3}


def _merit(row: pd.Series) -> tuple:
    margin = 0.0 if row["agreement"] == UNTESTED else row["least_tolerance"]
    return _MERIT[row["agreement"]], row["policy"] != STEALTH_POLICIES[0], margin


def _best(rows: pd.DataFrame) -> pd.Series:
    """Choose the reading of cloaked models: as known on the day unless another fits better."""
    ordered = rows.sort_values("policy", key=lambda names: names.map(STEALTH_POLICIES.index), kind="stable")
    return min((row for _, row in ordered.iterrows()), key=lambda row: _MERIT[row["agreement"]])


def _verdict(best: Mapping[str, pd.Series], *, on_a_choice: bool) -> str:
    agreements = {scope: row["agreement"] for scope, row in best.items() if row["agreement"] != UNTESTED}
    fitting = [scope for scope, agreement in agreements.items() if agreement in FITS]
    if not agreements:
        return UNTESTED
    if fitting:
        end = ROUGHLY if any(agreements[scope] == NEARLY for scope in fitting) else ""
        if len(fitting) == len(agreements):
            return HOLDS + end
        return f"{HOLDS} only {SCOPE_PHRASES[fitting[0]]}{end}"
    if on_a_choice:
        return ON_A_CHOICE
    return NOT_DECIDED if OPEN in agreements.values() else CONTRADICTED
