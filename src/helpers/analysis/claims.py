"""Check the sentences of published articles against the record: every claim, in every setting, gets an agreement."""

from collections.abc import Mapping

import pandas as pd

from helpers.analysis.measures import ALL_MODELS, MEASURES, OPEN_WEIGHTS, View, view_scope, weeks_of_period
from helpers.analysis.origins import tag_origins
from helpers.analysis.reasons import DEFAULT_POLICY, explain
from helpers.analysis.verdicts import (
    UNITS,
    UNTESTED,
    agrees_throughout,
    as_text,
    describe_accepted,
    judge_claim,
    judge_setting,
)
from helpers.analysis.weeks import count_origins, sum_weeks
from helpers.errors import InputError, enumerate_problems, nearest
from helpers.vocabulary import SCOPES, STEALTH_POLICIES

CLAIMS = "published_claims.csv"
STATED_SCOPES = {  # what an article says of its numbers -> the scopes in which its claim is judged
    "not stated": SCOPES,
    "chart": ("chart",),
    "ranked": ("ranked",),
    "platform": ("platform",),
    "top models": ("chart",),
    "listed models": ("chart",),
    "top nine": ("chart",),
}
SETTING_COLUMNS = [
    *["claim_id", "scope", "policy", "judged", "weeks", "weeks_supporting"],
    *["value", "low", "high", "certain", "accepted", "agreement", "missing"],
]

Evidence = Mapping[str, Mapping[str, pd.DataFrame]]


def gather_evidence(
    usage: pd.DataFrame,
    *,
    registry: Mapping[str, pd.DataFrame],
    on_untagged: str = "stop",
    week_start_day: str = "Monday",
    chart_size: int = 9,
) -> dict[str, dict[str, pd.DataFrame]]:
    """Count the tokens of each origin a week under every stealth policy, once more for open weights.

    For open weights China stands for its models with open weights only: its closed ones count as Other,
    those whose weights are unknown as Unknown. The US keeps all its models.

    Parameters
    ----------
    usage : DataFrame
        `date, permaslug, model, variant, author, tokens`, one row per permaslug and day.
    registry : mapping of str to DataFrame
        The tables `authors, lineage, stealth, weights`.
    on_untagged, week_start_day, chart_size
        As in `tag_origins`, `sum_weeks` and `count_origins`.

    Returns
    -------
    dict of str to dict of str to DataFrame
        What is counted (``all models``, ``open weights``), then stealth policy, then the table
        `week_start, scope, origin, tokens` (int64), `days_observed`.

    Raises
    ------
    InputError
        If an option is out of its range, or untagged rows are to stop the run.
    """
    evidence: dict[str, dict[str, pd.DataFrame]] = {ALL_MODELS: {}, OPEN_WEIGHTS: {}}
    for policy in STEALTH_POLICIES:
        tagged = tag_origins(usage, **registry, stealth_policy=policy, on_untagged=on_untagged)
        weekly = sum_weeks(tagged, week_start_day=week_start_day)
        evidence[ALL_MODELS][policy] = count_origins(weekly, chart_size=chart_size)
        evidence[OPEN_WEIGHTS][policy] = count_origins(_keep_open(weekly), chart_size=chart_size)
    return evidence


def _keep_open(weekly: pd.DataFrame) -> pd.DataFrame:
    china = weekly["origin"].eq("China")
    origin = weekly["origin"].mask(china & weekly["weights"].eq("closed"), "Other")
    return weekly.assign(origin=origin.mask(china & weekly["weights"].eq("unknown"), "Unknown"))


def check_claims(claims: pd.DataFrame) -> None:
    """Refuse claims that name what cannot be measured, before anything is computed.

    Parameters
    ----------
    claims : DataFrame
        `claim_id, quantity, value, unit, scope_stated`; the index is the line number in the file.

    Raises
    ------
    InputError
        Listing line, value and the nearest known name of every unknown quantity, unit or scope, every value
        that its unit cannot read, and every unit or scope that does not fit its quantity.
    """
    problems = [
        problem
        for line, row in zip(claims.index, claims.itertuples(index=False), strict=True)
        for problem in _problems(f"line {line} ({row.claim_id})", row)
    ]
    if problems:
        raise InputError(
            f"{CLAIMS}: {enumerate_problems(problems)}\n"
            "Mend these rows; a new kind of claim needs a measure in helpers.analysis.measures or a unit in "
            "helpers.analysis.verdicts."
        )


def _problems(where: str, row: tuple) -> list[str]:
    named = [("quantity", MEASURES), ("unit", UNITS), ("scope_stated", STATED_SCOPES)]
    unknown = [
        f"{where}: unknown {column} {getattr(row, column)!r}. {nearest(getattr(row, column), known)}"
        for column, known in named
        if getattr(row, column) not in known
    ]
    if unknown:
        return unknown
    measure, unit, found = MEASURES[row.quantity], UNITS[row.unit], []
    if measure.kind not in unit.kinds:
        fitting = [name for name, other in UNITS.items() if measure.kind in other.kinds]
        found.append(f"{where}: unit {row.unit!r} does not fit {row.quantity!r}; use one of: {', '.join(fitting)}")
    if not set(STATED_SCOPES[row.scope_stated]) & set(measure.scopes):
        found.append(
            f"{where}: {row.quantity!r} is known in scope {', '.join(measure.scopes)} only, "
            f"not in scope_stated {row.scope_stated!r}"
        )
    try:
        unit.accept(row.value)
    except ValueError:
        found.append(f"{where}: value {row.value!r} is not {unit.words}, as unit {row.unit!r} asks")
    return found


def evaluate_claims(claims: pd.DataFrame, evidence: Evidence, *, min_days: int = 7) -> pd.DataFrame:
    """Measure every claim in every scope and under every stealth policy.

    A claim's weeks are those that lie wholly within its period. Tokens are the mean a week; ratios and shares
    are those of the sums over all weeks; growth and change compare the last week with the first; a first lead
    is that of the whole record. See `judge_setting` for the agreement.

    Parameters
    ----------
    claims : DataFrame
        `claim_id, quantity, value, unit, period_start, period_end, scope_stated`; the index is the line
        number in the file.
    evidence : mapping
        As `gather_evidence` returns it.
    min_days : int
        Days a week must have in the record to be evidence, 1 to 7.

    Returns
    -------
    DataFrame
        One row a claim, scope and policy: `claim_id, scope, policy, judged` (whether the scope is one that the
        claim states), `weeks` (count), `weeks_supporting` (weeks that agree by themselves; missing for
        quantities that a single week does not have), `value, low, high` (text: trillion tokens a week, pure
        numbers or dates, in full; empty if not testable), `certain` (whether all values between the bounds
        agree), `accepted` (values that agree with the claim), `agreement` and `missing` (why it is not testable).

    Raises
    ------
    InputError
        As `check_claims`.

    References
    ----------
    Manski, C. F. (2003), *Partial Identification of Probability Distributions*, chapter 1.
    """
    check_claims(claims)
    views = {
        (counted, policy, scope): view_scope(origin_weekly, scope=scope, min_days=min_days)
        for counted, tables in evidence.items()
        for policy, origin_weekly in tables.items()
        for scope in SCOPES
    }
    rows = [
        _setting(claim, view, policy)
        for claim in claims.itertuples(index=False)
        for (counted, policy, scope), view in views.items()
        if counted == MEASURES[claim.quantity].counted and scope in MEASURES[claim.quantity].scopes
    ]
    table = pd.DataFrame(rows, columns=SETTING_COLUMNS)
    kinds = {"judged": "bool", "weeks": "int64", "weeks_supporting": "Int64", "certain": "bool"}
    return table.astype({column: kinds.get(column, "str") for column in SETTING_COLUMNS})


def _setting(claim: tuple, view: View, policy: str) -> tuple:
    measure, accepted = MEASURES[claim.quantity], UNITS[claim.unit].accept(claim.value)
    weeks, missing = weeks_of_period(view, claim.period_start, claim.period_end)
    if not missing and len(weeks) < measure.least_weeks:
        missing = f"a change needs {measure.least_weeks} weeks and the period holds {len(weeks)}"
    if not missing and claim.unit == "week" and accepted[0] not in weeks:
        missing = f"no full week of the period begins on {claim.value}"
    values, certain, agreement, supporting = ("", "", ""), False, UNTESTED, pd.NA
    if not missing:
        estimate = measure.estimate(view, weeks)
        if pd.isna(estimate.value):
            missing = "nothing to divide by: the tokens are 0 in these weeks"
        else:
            values = tuple(as_text(level) for level in (estimate.value, estimate.low, estimate.high))
            certain, agreement = agrees_throughout(estimate, accepted), judge_setting(estimate, accepted)
    if not missing and measure.weekly:
        alone = [measure.estimate(view, weeks[[place]]).value for place in range(len(weeks))]
        supporting = sum(accepted[0] <= value <= accepted[1] for value in alone)
    return (
        *(claim.claim_id, view.scope, policy, view.scope in STATED_SCOPES[claim.scope_stated]),
        *(len(weeks), supporting, *values, certain),
        *(describe_accepted(claim.unit, claim.value), agreement, missing),
    )


def judge_claims(claims: pd.DataFrame, settings: pd.DataFrame) -> pd.DataFrame:
    """Give every claim its verdict and the reason for it.

    Parameters
    ----------
    claims : DataFrame
        The claims that were evaluated, in the order of the file.
    settings : DataFrame
        As `evaluate_claims` returns them; the verdict is made from these rows alone.

    Returns
    -------
    DataFrame
        `claim_id, source_id, statement, quantity, published_value, unit, period_start, period_end,
        scope_stated`, then for each scope `value_chart, low_chart, high_chart` and so on (text, under the
        stealth policy ``as_of``; empty where there is none), `verdict` and `why`.
    """
    front = ["claim_id", "source_id", "statement", "quantity", "value", "unit", "period_start", "period_end"]
    table = claims[[*front, "scope_stated"]].rename(columns={"value": "published_value"}).reset_index(drop=True)
    shown = settings[settings["policy"].eq(DEFAULT_POLICY)]
    for scope in SCOPES:
        rows = shown[shown["scope"].eq(scope)].set_index("claim_id")
        for name in ("value", "low", "high"):
            table[f"{name}_{scope}"] = table["claim_id"].map(rows[name]).fillna("").astype("str")
    by_claim = dict(iter(settings.groupby("claim_id", sort=False)))
    verdict = [judge_claim(by_claim[claim]) for claim in table["claim_id"]]
    why = [
        explain(by_claim[claim], measured=MEASURES[quantity].words)
        for claim, quantity in zip(table["claim_id"], table["quantity"], strict=True)
    ]
    return table.assign(verdict=verdict, why=why).astype({"verdict": "str", "why": "str"})
