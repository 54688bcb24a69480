"""Reading a verified CSV file as text, before anything in it is believed."""

import io
from pathlib import Path

import pandas as pd

from helpers.data.paths import shown
from helpers.data.sources import read_verified
from helpers.errors import InputError, enumerate_problems, nearest


def read_text_table(raw_folder: Path, name: str, *, columns: list[str]) -> pd.DataFrame:
    """Read a raw CSV file as strings; an empty field is the empty string.

    Parameters
    ----------
    raw_folder : Path
        Folder with the file and its SOURCES.toml.
    name : str
        File name.
    columns : list of str
        The columns the file must have, exactly and in this order.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns)
        All str, no missing values. The index is the line number in the file (the header is line 1).

    Raises
    ------
    InputError
        If the file fails its checksum, is not CSV in UTF-8, is empty, or has other columns.
    """
    path = raw_folder / name
    content = read_verified(raw_folder, name)
    try:
        table = pd.read_csv(
            io.StringIO(content.decode("utf-8")),
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            index_col=False,
            on_bad_lines="error",
        )
    except UnicodeDecodeError as error:
        raise InputError(f"{shown(path)} is not UTF-8 text: byte {error.start} cannot be read.") from None
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError) as error:
        raise InputError(f"{shown(path)} is not a whole CSV table: {str(error).strip()}.") from None
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise InputError(
            f"{shown(path)}: column {missing[0]!r} is missing. "
            f"{nearest(missing[0], [str(c) for c in table.columns]).replace('Known:', 'Found:')}"
        )
    if list(table.columns) != columns:
        raise InputError(
            f"{shown(path)}: expected the columns {', '.join(columns)}; found {', '.join(map(str, table.columns))}."
        )
    if table.empty:
        raise InputError(f"{shown(path)} has a header and no rows.")
    table.index = pd.RangeIndex(2, len(table) + 2, name="line")
    return table


def refuse(path: Path, problems: list[str], *, then: str) -> None:
    """Raise one error that lists every problem found in a file; do nothing when there is none."""
    if problems:
        raise InputError(f"{shown(path)}: {enumerate_problems(problems)}\n{then}")
