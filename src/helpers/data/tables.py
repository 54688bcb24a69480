"""Reading and writing the tables of data/processed/, checked against their contracts both times."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from helpers.data.contracts import CONTRACTS, Contract, dtype_of
from helpers.data.files import shown, sidecar, write_whole
from helpers.data.made import METADATA, Made, encode_made
from helpers.errors import InputError, enumerate_problems, nearest, require_known


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
        raise InputError(f"Table {name!r} breaks its contract: {enumerate_problems(_describe(error))}") from None


def _describe(error: pa.errors.SchemaErrors) -> list[str]:
    cases = error.failure_cases
    return [
        f"{'column ' + str(case.column) if pd.notna(case.column) else 'table'}"
        f"{'' if pd.isna(case.index) else f', row {int(case.index)}'}: "
        f"{case.failure_case!r} fails {case.check}"
        for case in cases.itertuples()
    ]


def write_table(table: pd.DataFrame, folder: Path, name: str, *, made: Made | None = None) -> Path:
    """Check a table and write it, whole or not at all.

    Parameters
    ----------
    table : DataFrame
        As the contract of `name` asks (see data/README.md for columns and units).
    folder : Path
        Where data/processed/ is.
    name : str
        Name of the contract.
    made : Made, optional
        What made it: kept in the metadata of a Parquet file, beside a CSV. `helpers.notebook.Notebook.write` gives it.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If the table breaks its contract or the folder cannot be written.
    """
    if name not in CONTRACTS:
        raise InputError(
            f"Unknown table {name!r}. {nearest(name, CONTRACTS)} A table of your own needs no contract: save it with "
            f"`rows.to_csv(resolve(processed_folder) / '{name}.csv', index=False)`."
        )
    contract = CONTRACTS[name]
    validate(table, name)
    if contract.file.endswith(".parquet"):
        return write_whole(folder / contract.file, _encode_parquet(table, made))
    content = table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").encode("utf-8")
    path = write_whole(folder / contract.file, content)
    if made is None:
        sidecar(path).unlink(missing_ok=True)  # a note of an earlier table would speak for this one
    else:
        write_whole(sidecar(path), encode_made(made, sha256=hashlib.sha256(content).hexdigest()))
    return path


def _encode_parquet(table: pd.DataFrame, made: Made | None) -> bytes:
    import pyarrow
    import pyarrow.parquet

    rows = pyarrow.Table.from_pandas(table, preserve_index=False)
    if made is not None:
        rows = rows.replace_schema_metadata({**rows.schema.metadata, METADATA: encode_made(made)})
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(rows, buffer, compression="zstd")
    return buffer.getvalue()


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
            f"{shown(path)} does not exist yet: notebook {contract.notebook} writes it. Run `crossover run` first."
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
    kinds = {column: dtype_of(rule) for column, rule in contract.columns.items()}
    days = [column for column, kind in kinds.items() if kind.startswith("datetime")]

    def decode(path: Path) -> pd.DataFrame:
        table = pd.read_csv(
            path,
            dtype={column: kind for column, kind in kinds.items() if column not in days},
            keep_default_na=False,
            na_values={column: [""] for column, kind in kinds.items() if kind != "str"},
        )
        present = [day for day in days if day in table.columns]
        parsed = {day: pd.to_datetime(table[day], format="%Y-%m-%d") for day in present}
        return table.assign(**parsed).astype(dict.fromkeys(present, "datetime64[us]"))

    return decode
