"""The contract of every table in data/processed/, checked when it is written and when it is read."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa

from helpers.data.files import write_whole
from helpers.data.paths import shown
from helpers.errors import InputError, enumerate_problems, require_known

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


def _day(*, nullable: bool = False) -> pa.Column:
    return pa.Column("datetime64[us]", nullable=nullable)


def _text(*, empty: bool = False) -> pa.Column:
    return pa.Column("str", None if empty else pa.Check.str_length(min_value=1))


def _one_of(values: list[str]) -> pa.Column:
    return pa.Column("str", pa.Check.isin(values))


def _count() -> pa.Column:
    return pa.Column("int64", pa.Check.ge(0))


def _change() -> pa.Column:
    return pa.Column("int64")


def _number(*checks: pa.Check, nullable: bool = False) -> pa.Column:
    return pa.Column("float64", list(checks), nullable=nullable)


def _share() -> pa.Column:
    return _number(pa.Check.in_range(0, 1))


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


_IDENTITY = {"permaslug": _text(), "model": _text(), "variant": _text(empty=True)}
_TAGS = {
    "origin": _one_of(TAGGED_ORIGINS),
    "base_origin": _one_of(TAGGED_ORIGINS),
    "weights": _one_of(WEIGHTS),
    "modality_kind": _one_of(MODALITIES),
}
_USAGE = {"date": _day(), **_IDENTITY, "author": _text(), "tokens": _count()}

CONTRACTS: dict[str, Contract] = {
    "usage_daily": Contract("usage_daily.parquet", "01", _USAGE, ["date", "permaslug"]),
    "data_quality": Contract(
        "data_quality.csv",
        "01",
        {"check": _text(), "found": _text(), "passed": pa.Column("bool")},
        ["check"],
    ),
    "tagged_daily": Contract(
        "tagged_daily.parquet", "02", {**_USAGE, **_TAGS}, ["date", "permaslug"]
    ),
    "tagged_weekly": Contract(
        "tagged_weekly.parquet",
        "02",
        {
            "week_start": _day(),
            "permaslug": _text(),
            "model": _text(),
            "author": _text(),
            **_TAGS,
            "tokens": _count(),
            "days_ranked": pa.Column("int64", pa.Check.in_range(1, 7)),
        },
        ["week_start", "permaslug", "origin", "base_origin", "weights"],
    ),
    "tag_coverage": Contract(
        "tag_coverage.csv",
        "02",
        {
            "tag": _one_of(["origin", "base_origin", "weights", "modality_kind"]),
            "value": _text(),
            "models": _count(),
            "share_of_models": _share(),
            "tokens": _count(),
            "share_of_tokens": _share(),
        },
        ["tag", "value"],
    ),
    "origin_weekly": Contract(
        "origin_weekly.csv",
        "03",
        {
            "week_start": _day(),
            "scope": _one_of(SCOPES),
            "origin": _one_of(TAGGED_ORIGINS),
            "tokens": _count(),
            "days_observed": pa.Column("int64", pa.Check.in_range(1, 7)),
        },
        ["week_start", "scope", "origin"],
    ),
    "crossovers": Contract(
        "crossovers.csv",
        "03",
        {
            "scope": _one_of(SCOPES),
            "rule": _one_of(RULES),
            "week_start": _day(nullable=True),
            "note": _text(),
        },
        ["scope", "rule", "week_start"],
    ),
    "ratios": Contract(
        "ratios.csv",
        "04",
        {
            "week_start": _day(),
            "scope": _one_of(SCOPES),
            "china_tokens": _count(),
            "us_tokens": _count(),
            "unidentified_tokens": _count(),
            "ratio": _number(pa.Check.ge(0), nullable=True),
            "ratio_low": _number(pa.Check.ge(0), nullable=True),
            "ratio_high": _number(pa.Check.ge(0), nullable=True),
            "state": _one_of(STATES),
        },
        ["week_start", "scope"],
        (pa.Check(_bounded, error="ratio lies between its bounds"),),
    ),
    "growth": Contract(
        "growth.csv",
        "04",
        {
            "from_week": _day(),
            "to_week": _day(),
            "scope": _one_of(SCOPES),
            "origin": _one_of(["China", "US", "Other", "unidentified"]),
            "tokens_from": _count(),
            "tokens_to": _count(),
            "change": _change(),
            "platform_change": _change(),
            "share": _number(nullable=True),
            "share_low": _number(nullable=True),
            "share_high": _number(nullable=True),
        },
        ["from_week", "to_week", "scope", "origin"],
    ),
    "concentration": Contract(
        "concentration.csv",
        "04",
        {
            "week_start": _day(),
            "origin": _one_of(ORIGINS),
            "models": _count(),
            "largest_model": _text(),
            "largest_share": _share(),
            "herfindahl": _share(),
        },
        ["week_start", "origin"],
    ),
}


def validate(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Check a table against its contract and report every failure at once.

    Parameters
    ----------
    table : DataFrame
        The rows, with a plain 0, 1, 2, ... index.
    name : str
        Name of the contract, such as ``"ratios"``.

    Returns
    -------
    DataFrame
        The same table.

    Raises
    ------
    InputError
        Listing column, row and value of what breaks the contract.
    """
    contract = CONTRACTS[require_known(name, CONTRACTS, what="table")]
    try:
        return contract.schema().validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        raise InputError(
            f"Table {name!r} breaks its contract: {enumerate_problems(_describe(error))}"
        ) from None


def _describe(error: pa.errors.SchemaErrors) -> list[str]:
    cases = error.failure_cases
    return [
        f"{'column ' + str(case.column) if pd.notna(case.column) else 'table'}"
        f"{'' if pd.isna(case.index) else f', row {int(case.index)}'}: "
        f"{case.failure_case!r} fails {case.check}"
        for case in cases.itertuples()
    ]


def write_table(table: pd.DataFrame, folder: Path, name: str) -> Path:
    """Check a table and write it, whole or not at all.

    Parameters
    ----------
    table : DataFrame
        As the contract of `name` asks (see data/README.md for columns and units).
    folder : Path
        Where data/processed/ is.
    name : str
        Name of the contract.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If the table breaks its contract or the folder cannot be written.
    """
    contract = CONTRACTS[require_known(name, CONTRACTS, what="table")]
    validate(table, name)
    return write_whole(folder / contract.file, _encode(table, contract))


def _encode(table: pd.DataFrame, contract: Contract) -> bytes:
    if contract.file.endswith(".parquet"):
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False, compression="zstd")
        return buffer.getvalue()
    text = table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    return text.encode("utf-8")


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table and check it against its contract.

    Returns
    -------
    DataFrame
        As the contract asks; see data/README.md for columns and units.

    Raises
    ------
    InputError
        If the table was not written yet, cannot be read, or breaks its contract.
    """
    contract = CONTRACTS[require_known(name, CONTRACTS, what="table")]
    path = folder / contract.file
    again = f"Write it again with `crossover run --from {contract.notebook}`."
    try:
        table = _decoder(contract)(path)
    except FileNotFoundError:
        raise InputError(
            f"{shown(path)} does not exist yet: notebook {contract.notebook} writes it. "
            "Run `crossover run` first."
        ) from None
    except (OSError, ValueError) as error:  # pandas, pyarrow and the csv parser all raise these
        raise InputError(f"{shown(path)} cannot be read: {error}. {again}") from None
    try:
        return validate(table, name)
    except InputError as error:
        raise InputError(f"{shown(path)}: {error}\n{again}") from None


def _decoder(contract: Contract) -> Callable[[Path], pd.DataFrame]:
    return pd.read_parquet if contract.file.endswith(".parquet") else _csv_decoder(contract)


def _csv_decoder(contract: Contract) -> Callable[[Path], pd.DataFrame]:
    kinds = {column: str(rule.dtype) for column, rule in contract.columns.items()}
    days = [column for column, kind in kinds.items() if kind.startswith("datetime")]

    def decode(path: Path) -> pd.DataFrame:
        table = pd.read_csv(
            path,
            dtype={column: kind for column, kind in kinds.items() if column not in days},
            keep_default_na=False,
            na_values={column: [""] for column, kind in kinds.items() if kind != "str"},
            float_precision="round_trip",
        )
        present = [day for day in days if day in table.columns]
        parsed = {day: pd.to_datetime(table[day], format="%Y-%m-%d") for day in present}
        return table.assign(**parsed).astype({day: "datetime64[us]" for day in present})

    return decode
