"""What a contract is: the columns of one table, its key, and who writes it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pandera.pandas as pa

ORIGINS = ["China", "US", "Other", "Unknown"]
LEADERS = ["China", "US"]
SCOPES = ["chart", "ranked", "platform"]
STATES = ["China", "US", "not identified", "incomplete"]
WEIGHTS = ["open", "closed", "unknown"]
DATED_RULES = ["first_lead", "sustained_lead_2", "sustained_lead_3", "sustained_lead_4", "durable_lead", "certain_lead"]
RULES = [*DATED_RULES, "reversal"]


def day(*, nullable: bool = False) -> pa.Column:
    """Declare a column: a UTC day, without a time or a zone."""
    return pa.Column("datetime64[us]", nullable=nullable)


def text(*, empty: bool = False) -> pa.Column:
    """Declare a column: words; empty only where an empty value has a meaning."""
    return pa.Column("str", None if empty else pa.Check.str_length(min_value=1))


def one_of(values: list[str]) -> pa.Column:
    """Declare a column: a value of a closed set."""
    return pa.Column("str", pa.Check.isin(values))


def count() -> pa.Column:
    """Declare a column: a number of tokens, models or weeks: a whole number from 0."""
    return pa.Column("int64", pa.Check.ge(0))


def change() -> pa.Column:
    """Declare a column: a difference of counts: a whole number of either sign."""
    return pa.Column("int64")


def number(*checks: pa.Check, nullable: bool = False) -> pa.Column:
    """Declare a column: a pure number."""
    return pa.Column("float64", list(checks), nullable=nullable)


def share() -> pa.Column:
    """Declare a column: a share from 0 to 1."""
    return number(pa.Check.in_range(0, 1))


def lies_between(table: pd.DataFrame) -> pd.Series:
    """Check that each ratio that exists lies between its bounds."""
    inside = table["ratio_low"].le(table["ratio"]) & table["ratio"].le(table["ratio_high"])
    return inside | table["ratio"].isna()


def _counts_from_zero(index: pd.Series) -> bool:
    return bool(np.array_equal(index, np.arange(len(index))))


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
