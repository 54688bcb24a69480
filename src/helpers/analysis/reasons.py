"""Why a claim got its verdict, in one sentence made from the numbers of its settings."""

import math

import pandas as pd

from helpers.analysis.verdicts import name_scopes
from helpers.numbers import round_digits
from helpers.vocabulary import OPEN, SUPPORTED, UNTESTED

DEFAULT_POLICY = "as_of"  # the stealth policy whose numbers are told


def explain(settings: pd.DataFrame, *, measured: str) -> str:
    """Say why a claim got its verdict.

    Parameters
    ----------
    settings : DataFrame
        All settings of one claim, as `evaluate_claims` returns them.
    measured : str
        What the numbers are, in words.

    Returns
    -------
    str
        What was measured and what is accepted, what each judged scope gives under the policy ``as_of``, where
        another policy changes the agreement, and how many single weeks agree where they differ from the period;
        or what is missing.

    Examples
    --------
    >>> columns = "scope policy judged weeks weeks_supporting value low high certain accepted agreement missing".split()
    >>> row = ["ranked", "as_of", True, 1, 0, "5.506", "5.506", "6.377", False, "4.08 to 4.16", "contradicted", ""]
    >>> explain(pd.DataFrame([row], columns=columns), measured="Trillion tokens a week")
    'Trillion tokens a week, accepted 4.08 to 4.16: scope ranked gives 5.506, and the bounds 5.506 to 6.377 exclude the
    claim.'
    """
    judged = settings[settings["judged"]]
    tested = judged[judged["agreement"].ne(UNTESTED)]
    if tested.empty:
        return f"Missing: {'; '.join(dict.fromkeys(judged['missing']))}."
    shown = tested[tested["policy"].eq(DEFAULT_POLICY)]
    parts = [*_scopes(shown), *_other_policies(tested, shown), *_single_weeks(shown)]
    told = [f"{measured}, accepted {tested['accepted'].iloc[0]}"]
    if not settings["judged"].all():
        told.append(f"judged in {name_scopes(list(dict.fromkeys(tested['scope'])))} as the claim states it")
    return f"{', '.join(told)}: {'; '.join(parts)}."


def _scopes(shown: pd.DataFrame) -> list[str]:
    parts = []
    for _, rows in shown.groupby(["value", "low", "high", "agreement"], sort=False):
        verb = "gives" if len(rows) == 1 else "give"
        parts.append(f"{name_scopes(list(rows['scope']))} {verb} {_told(rows.iloc[0])}")
    return parts


def _told(row: pd.Series) -> str:
    value, low, high = (_short(row[name]) for name in ("value", "low", "high"))
    if low == high:
        return f"{value}, which {'agrees' if row['agreement'] == SUPPORTED else 'disagrees'} (nothing is unidentified)"
    bounds = f"the bounds {low} to {high}"
    if row["agreement"] == SUPPORTED:
        return f"{value}, which agrees, {f'as do {bounds}' if row['certain'] else f'though {bounds} allow otherwise'}"
    return f"{value}, {f'but {bounds} allow' if row['agreement'] == OPEN else f'and {bounds} exclude'} the claim"


def _other_policies(tested: pd.DataFrame, shown: pd.DataFrame) -> list[str]:
    default = tested["scope"].map(shown.set_index("scope")["agreement"])
    parts = []
    for (policy, agreement), rows in tested[tested["agreement"].ne(default)].groupby(
        ["policy", "agreement"], sort=False
    ):
        values = " and ".join(dict.fromkeys(_short(value) for value in rows["value"]))
        parts.append(f"stealth policy {policy} gives {values} in {name_scopes(list(rows['scope']))} ({agreement})")
    return parts


def _single_weeks(shown: pd.DataFrame) -> list[str]:
    weekly = shown.dropna(subset="weeks_supporting")
    in_full = weekly["weeks"].where(weekly["agreement"].eq(SUPPORTED), 0)
    differ = weekly[weekly["weeks_supporting"].ne(in_full)]
    counts = [f"{row.weeks_supporting} of {row.weeks} in {row.scope}" for row in differ.itertuples(index=False)]
    return [f"single weeks that agree: {', '.join(counts)}"] if counts else []


def _short(text: str) -> str:
    """Round a number in text to four digits for reading; leave a week as it is."""
    try:
        number = float(text)
    except ValueError:
        return text
    return "infinity" if math.isinf(number) else round_digits(number, digits=4)
