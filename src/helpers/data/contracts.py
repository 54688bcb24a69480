"""The contracts of all tables in data/processed/: columns, dtypes, allowed values and keys."""

import pandera.pandas as pa

from helpers.data.contract import (
    ORIGINS,
    RULES,
    SCOPES,
    STATES,
    WEIGHTS,
    Contract,
    change,
    count,
    day,
    lies_between,
    number,
    one_of,
    share,
    text,
)
from helpers.data.contracts_claims import CONTRACTS_CLAIMS
from helpers.data.contracts_live import CONTRACTS_LIVE
from helpers.data.contracts_money import CONTRACTS_MONEY
from helpers.data.contracts_multiverse import CONTRACTS_MULTIVERSE
from helpers.data.contracts_robustness import CONTRACTS_ROBUSTNESS

TAGGED_ORIGINS = [*ORIGINS, "other"]  # `other` is the row of all models below rank 50
MODALITIES = ["text", "embedding", "image", "audio", "unknown"]

_IDENTITY = {"permaslug": text(), "model": text(), "variant": text(empty=True)}
_TAGS = {
    "origin": one_of(TAGGED_ORIGINS),
    "base_origin": one_of(TAGGED_ORIGINS),
    "weights": one_of(WEIGHTS),
    "modality_kind": one_of(MODALITIES),
}
_USAGE = {"date": day(), **_IDENTITY, "author": text(), "tokens": count()}

_FOUNDATION: dict[str, Contract] = {
    "usage_daily": Contract("usage_daily.parquet", "01", _USAGE, ["date", "permaslug"]),
    "data_quality": Contract(
        "data_quality.csv",
        "01",
        {"check": text(), "found": text(), "passed": pa.Column("bool")},
        ["check"],
    ),
    "tagged_daily": Contract("tagged_daily.parquet", "02", {**_USAGE, **_TAGS}, ["date", "permaslug"]),
    "tagged_weekly": Contract(
        "tagged_weekly.parquet",
        "02",
        {
            "week_start": day(),
            "permaslug": text(),
            "model": text(),
            "author": text(),
            **_TAGS,
            "tokens": count(),
            "days_ranked": pa.Column("int64", pa.Check.in_range(1, 7)),
        },
        ["week_start", "permaslug", "origin", "base_origin", "weights"],
    ),
    "tag_coverage": Contract(
        "tag_coverage.csv",
        "02",
        {
            "tag": one_of(["origin", "base_origin", "weights", "modality_kind"]),
            "value": text(),
            "models": count(),
            "share_of_models": share(),
            "tokens": count(),
            "share_of_tokens": share(),
        },
        ["tag", "value"],
    ),
    "origin_weekly": Contract(
        "origin_weekly.csv",
        "03",
        {
            "week_start": day(),
            "scope": one_of(SCOPES),
            "origin": one_of(TAGGED_ORIGINS),
            "tokens": count(),
            "days_observed": pa.Column("int64", pa.Check.in_range(1, 7)),
        },
        ["week_start", "scope", "origin"],
    ),
    "crossovers": Contract(
        "crossovers.csv",
        "03",
        {
            "scope": one_of(SCOPES),
            "rule": one_of(RULES),
            "week_start": day(nullable=True),
            "note": text(),
        },
        ["scope", "rule", "week_start"],
    ),
    "ratios": Contract(
        "ratios.csv",
        "04",
        {
            "week_start": day(),
            "scope": one_of(SCOPES),
            "china_tokens": count(),
            "us_tokens": count(),
            "unidentified_tokens": count(),
            "ratio": number(pa.Check.ge(0), nullable=True),
            "ratio_low": number(pa.Check.ge(0), nullable=True),
            "ratio_high": number(pa.Check.ge(0), nullable=True),
            "state": one_of(STATES),
        },
        ["week_start", "scope"],
        (pa.Check(lies_between, error="ratio lies between its bounds"),),
    ),
    "growth": Contract(
        "growth.csv",
        "04",
        {
            "from_week": day(),
            "to_week": day(),
            "scope": one_of(SCOPES),
            "origin": one_of(["China", "US", "Other", "unidentified"]),
            "tokens_from": count(),
            "tokens_to": count(),
            "change": change(),
            "platform_change": change(),
            "share": number(nullable=True),
            "share_low": number(nullable=True),
            "share_high": number(nullable=True),
        },
        ["from_week", "to_week", "scope", "origin"],
    ),
    "concentration": Contract(
        "concentration.csv",
        "04",
        {
            "week_start": day(),
            "origin": one_of(ORIGINS),
            "models": count(),
            "largest_model": text(),
            "largest_share": share(),
            "herfindahl": share(),
        },
        ["week_start", "origin"],
    ),
}

CONTRACTS: dict[str, Contract] = {
    **_FOUNDATION,
    **CONTRACTS_MULTIVERSE,
    **CONTRACTS_ROBUSTNESS,
    **CONTRACTS_MONEY,
    **CONTRACTS_CLAIMS,
    **CONTRACTS_LIVE,
}
