"""The contracts of the tables on open weights, money and sudden drops, all written by notebook 05."""

import pandas as pd
import pandera.pandas as pa

from helpers.data.contract import (
    ORIGINS,
    RULES,
    SCOPES,
    STATES,
    WEIGHTS,
    Contract,
    count,
    day,
    lies_between,
    number,
    one_of,
    share,
    text,
)

PRICE_BASES = ["free", "listed", "before_first", "carried_forward", "unpriced"]


def _bounded(table: pd.DataFrame, middle: str) -> pd.Series:
    defined = table[["ratio_low", middle, "ratio_high"]].notna().all(axis=1)
    # Sums of floats in another order may differ in the last digits.
    inside = table["ratio_low"].le(table[middle] * (1 + 1e-9)) & table[middle].le(table["ratio_high"] * (1 + 1e-9))
    return inside | ~defined


def _money_ratios_bounded(table: pd.DataFrame) -> pd.Series:
    return _bounded(table, "ratio_prompt") & _bounded(table, "ratio_mix") & _bounded(table, "ratio_completion")


def _positive(*, nullable: bool = False) -> pa.Column:
    return number(pa.Check.ge(0), nullable=nullable)


_RATIOS = {
    "week_start": day(),
    "scope": one_of(SCOPES),
    "china_tokens": count(),
    "us_tokens": count(),
    "unidentified_tokens": count(),
    "ratio": _positive(nullable=True),
    "ratio_low": _positive(nullable=True),
    "ratio_high": _positive(nullable=True),
    "state": one_of(STATES),
}
_CROSSOVERS = {"scope": one_of(SCOPES), "rule": one_of(RULES), "week_start": day(nullable=True), "note": text()}
_CROSSOVER_KEY = ["scope", "rule", "week_start"]
_TOKEN_RATIO = pa.Check(lies_between, error="ratio lies between its bounds")
_USES = ["prompt", "mix", "completion"]

CONTRACTS_MONEY: dict[str, Contract] = {
    "openness_weekly": Contract(
        "openness_weekly.csv",
        "05",
        {
            "week_start": day(),
            "origin": one_of([*ORIGINS, "other"]),
            "weights": one_of(WEIGHTS),
            "tokens": count(),
            "share_of_platform": share(),
            "share_of_origin": number(pa.Check.in_range(0, 1), nullable=True),
            "days_observed": pa.Column("int64", pa.Check.in_range(1, 7)),
        },
        ["week_start", "origin", "weights"],
    ),
    "openness_ratios": Contract("openness_ratios.csv", "05", _RATIOS, ["week_start", "scope"], (_TOKEN_RATIO,)),
    "openness_crossovers": Contract("openness_crossovers.csv", "05", _CROSSOVERS, _CROSSOVER_KEY),
    "money_weekly": Contract(
        "money_weekly.csv",
        "05",
        {
            "week_start": day(),
            "scope": one_of(["ranked", "platform"]),
            "days_observed": pa.Column("int64", pa.Check.in_range(1, 7)),
            **{f"{side}_usd_{use}": _positive() for side in ("china", "us") for use in _USES},
            "unidentified_usd": _positive(),
            **{f"ratio_{end}": _positive(nullable=True) for end in [*_USES, "low", "high"]},
            "state": one_of(STATES),
            **{f"{kind}tokens": count() for kind in ("", "free_", "carried_", "unpriced_")},
            **{f"{kind}_share": share() for kind in ("free", "carried", "unpriced")},
            "overturn_tokens": count(),
            "overturn_usd_per_million": _positive(nullable=True),
            "priced_usd_per_million": _positive(nullable=True),
        },
        ["week_start", "scope"],
        (pa.Check(_money_ratios_bounded, error="each ratio lies between the bounds"),),
    ),
    "price_coverage": Contract(
        "price_coverage.csv",
        "05",
        {
            "quarter": pa.Column("str", pa.Check.str_matches(r"^\d{4}Q[1-4]$")),
            "price_basis": one_of(PRICE_BASES),
            "tokens": count(),
            "share": share(),
        },
        ["quarter", "price_basis"],
    ),
    "drops": Contract(
        "drops.csv",
        "05",
        {
            "permaslug": text(),
            "model": text(),
            "origin": one_of(ORIGINS),
            "first_day": day(),
            "last_day": day(),
            "promotion_days": pa.Column("int64", pa.Check.ge(1)),
            "promotion_tokens": count(),
            "tokens_before": count(),
            "share_of_platform": share(),
            "tokens_after": count(),
            "ranked_after": pa.Column("bool"),
            "share_lost": share(),
            "level_after": _positive(),
            "left_out": pa.Column("bool"),
        },
        ["permaslug", "last_day"],
    ),
    "drops_ratios": Contract(
        "drops_ratios.csv",
        "05",
        {**_RATIOS, **{f"{side}_left_out": count() for side in ("china", "us", "all")}},
        ["week_start", "scope"],
        (_TOKEN_RATIO,),
    ),
    "drops_crossovers": Contract("drops_crossovers.csv", "05", _CROSSOVERS, _CROSSOVER_KEY),
}
