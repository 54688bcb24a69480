"""The contract of every table in data/processed/: columns, dtypes, allowed values and keys."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pandera.pandas as pa

ORIGINS = ["China", "US", "Other", "Unknown"]
TAGGED_ORIGINS = [*ORIGINS, "other"]  # `other` is the row of all models below rank 50
SCOPES = ["chart", "ranked", "platform"]
WEIGHTS = ["open", "closed", "unknown"]
MODALITIES = ["text", "embedding", "image", "audio", "unknown"]
STATES = ["China", "US", "not identified", "incomplete"]
RULES = [
    "first_lead",
    "sustained_lead_2",
    "sustained_lead_3",
    "sustained_lead_4",
    "durable_lead",
    "certain_lead",
    "reversal",
]


def day(*, nullable: bool = False) -> pa.Column:
    return pa.Column("datetime64[us]", nullable=nullable)


def text(*, empty: bool = False) -> pa.Column:
    return pa.Column("str", None if empty else pa.Check.str_length(min_value=1))


def one_of(values: list[str]) -> pa.Column:
    return pa.Column("str", pa.Check.isin(values))


def count() -> pa.Column:
    return pa.Column("int64", pa.Check.ge(0))


def change() -> pa.Column:
    return pa.Column("int64")


def number(*checks: pa.Check, nullable: bool = False) -> pa.Column:
    return pa.Column("float64", list(checks), nullable=nullable)


def share() -> pa.Column:
    return number(pa.Check.in_range(0, 1))


def _counts_from_zero(index: pd.Series) -> bool:
    return bool(np.array_equal(index, np.arange(len(index))))


def _bounded(table: pd.DataFrame) -> pd.Series:
    defined = table["ratio"].notna()
    inside = table["ratio_low"].le(table["ratio"]) & table["ratio"].le(table["ratio_high"])
    return inside | ~defined


@dataclass(frozen=True)
class Contract:
    """What one table must look like.

    Attributes
    ----------
    file : str
        File name in data/processed/; its ending gives the format (Parquet or CSV).
    notebook : str
        Number of the notebook that writes it.
    columns : dict of str to Column
        Names in order, with dtype and allowed values.
    key : list of str
        Columns that identify a row; the rows are unique in them.
    checks : tuple of Check
        Statements about whole rows.
    """

    file: str
    notebook: str
    columns: dict[str, pa.Column]
    key: list[str]
    checks: tuple[pa.Check, ...] = ()

    def schema(self) -> pa.DataFrameSchema:
        """Build the pandera schema: these columns only, in this order, unique in the key."""
        return pa.DataFrameSchema(
            self.columns,
            checks=list(self.checks),
            strict=True,
            ordered=True,
            unique=self.key,
            index=pa.Index("int64", pa.Check(_counts_from_zero, error="the index is 0, 1, 2, ...")),
        )


_IDENTITY = {"permaslug": text(), "model": text(), "variant": text(empty=True)}
_TAGS = {
    "origin": one_of(TAGGED_ORIGINS),
    "base_origin": one_of(TAGGED_ORIGINS),
    "weights": one_of(WEIGHTS),
    "modality_kind": one_of(MODALITIES),
}
_USAGE = {"date": day(), **_IDENTITY, "author": text(), "tokens": count()}

CONTRACTS: dict[str, Contract] = {
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
        (pa.Check(_bounded, error="ratio lies between its bounds"),),
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
