"""Tables of two runs cell by cell: which rows came or went, which values moved, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from helpers.data.contracts import CONTRACTS, Contract
from helpers.data.files import shown
from helpers.data.tables import read_table
from helpers.errors import InputError, enumerate_problems

TOLERANCE = 1e-9
CELLS = ["row", "column", "first", "second"]


@dataclass(frozen=True)
class TableDifference:
    """How one table of the second run differs from that of the first.

    Attributes
    ----------
    name : str
        Of the table.
    rows : tuple of int
        Rows of the first and of the second.
    only : tuple of int
        Rows whose key the other table does not have.
    cells : DataFrame
        `row` (the values of the key), `column`, `first`, `second` (text): one row a value that moved.
    """

    name: str
    rows: tuple[int, int]
    only: tuple[int, int]
    cells: pd.DataFrame

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not any(self.only) and self.cells.empty

    @property
    def summary(self) -> str:
        """The difference in a few words."""
        if self.is_same:
            return f"the same in all {self.rows[0]} rows"
        parts = [f"{len(self.cells)} values moved"] if len(self.cells) else []
        parts += [f"{n} rows only in the {which}" for n, which in zip(self.only, ("first", "second"), strict=True) if n]
        return ", ".join(parts)


def compare_folders(first: Path, second: Path, *, tolerance: float = TOLERANCE) -> list[TableDifference]:
    """Compare every table that both folders hold.

    Parameters
    ----------
    first, second : Path
        Folders of tables.
    tolerance : float
        Numbers that differ by less than this, relative to the larger, count as equal; counts and texts are exact.

    Returns
    -------
    list of TableDifference
        In the order of the contracts.

    Raises
    ------
    InputError
        If a folder holds no table, or tables of one name have different columns (all of them are named), or a
        table breaks its contract.
    """
    held = [
        {name for name, contract in CONTRACTS.items() if (folder / contract.file).is_file()}
        for folder in (first, second)
    ]
    for folder, names in zip((first, second), held, strict=True):
        if not names:
            raise InputError(
                f"{shown(folder)} holds no table of a run. Name a bundle, or a folder that a run wrote to."
            )
    shared = [name for name in CONTRACTS if name in held[0] & held[1]]
    problems = [problem for name in shared if (problem := _columns_differ(CONTRACTS[name], first, second))]
    if problems:
        raise InputError(
            "The two runs have different schemas, so they cannot be compared cell by cell:\n"
            f"{enumerate_problems(problems)}\nRun the older one again with the present code."
        )
    return [
        compare_table(
            read_table(first, name), read_table(second, name), name=name, key=CONTRACTS[name].key, tolerance=tolerance
        )
        for name in shared
    ]


def _columns_differ(contract: Contract, first: Path, second: Path) -> str:
    before, after = (_columns(folder / contract.file) for folder in (first, second))
    if before == after:
        return ""
    gone, new = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    told = [f"only the first has {', '.join(gone)}"] * bool(gone) + [f"only the second has {', '.join(new)}"] * bool(
        new
    )
    return f"{contract.file}: {'; '.join(told) or 'the columns are in another order'}"


def _columns(path: Path) -> list[str]:
    try:
        if path.suffix == ".parquet":
            return pq.read_schema(path).names
        return pd.read_csv(path, nrows=0).columns.to_list()
    except (OSError, ValueError) as error:
        raise InputError(f"{shown(path)} cannot be read: {error}. Write it again with `crossover run`.") from None


def missing_tables(first: Path, second: Path) -> tuple[list[str], list[str]]:
    """Name the tables that only the first folder holds, and those that only the second does."""
    files = [contract.file for contract in CONTRACTS.values()]
    held = [{file for file in files if (folder / file).is_file()} for folder in (first, second)]
    return sorted(held[0] - held[1]), sorted(held[1] - held[0])


def compare_table(
    first: pd.DataFrame, second: pd.DataFrame, *, name: str, key: Sequence[str], tolerance: float = TOLERANCE
) -> TableDifference:
    """Compare two tables of the same columns, row by row of the same key.

    Counts stay int64 throughout, so that a difference of one token in 2^53 is seen.

    Examples
    --------
    >>> before = pd.DataFrame({"week": ["a", "b"], "tokens": [2**53, 1]})
    >>> after = pd.DataFrame({"week": ["a", "c"], "tokens": [2**53 + 1, 1]})
    >>> compare_table(before, after, name="t", key=["week"]).summary
    '1 values moved, 1 rows only in the first, 1 rows only in the second'
    """
    key = list(key)
    shared = first.merge(second, on=key, how="inner", suffixes=("", " second"), validate="1:1")
    parts = []
    for column in first.columns.drop(key):
        before, after = shared[column], shared[f"{column} second"]
        moved = ~_equal(before, after, tolerance)
        if moved.any():
            row = shared.loc[moved, key].apply(_as_text).agg(" ".join, axis="columns")
            values = {"first": _as_text(before[moved]), "second": _as_text(after[moved])}
            parts.append(pd.DataFrame({"row": row, "column": column, **values}))
    cells = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=CELLS, dtype="str")
    only = (len(first) - len(shared), len(second) - len(shared))
    return TableDifference(name, (len(first), len(second)), only, cells)


def _as_text(values: pd.Series) -> pd.Series:
    return values.astype("str").fillna("none")


def _equal(before: pd.Series, after: pd.Series, tolerance: float) -> pd.Series:
    if pd.api.types.is_float_dtype(before):
        close = np.isclose(after, before, rtol=tolerance, atol=0, equal_nan=True)
        return pd.Series(close, index=before.index)
    same = before.eq(after).fillna(value=False).astype("bool")
    return same | (before.isna() & after.isna())
