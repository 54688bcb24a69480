"""The manifest of raw files: what each is, where it comes from, whether it is still that file; and reading one."""

import hashlib
import io
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.data.files import shown
from helpers.errors import InputError, enumerate_problems, nearest

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "SOURCES.toml"
RANKINGS = "rankings_daily.csv"
REQUIRED = {
    "title": str,
    "url": str,
    "publisher": str,
    "as_of": str,
    "licence": str,
    "citation": str,
    "bytes": int,
    "sha256": str,
}


@dataclass(frozen=True)
class Source:
    """One raw file as the manifest describes it.

    `facts` holds what else the manifest says of it (for the rankings: rows, days, first and last date).
    """

    name: str
    title: str
    url: str
    publisher: str
    as_of: str
    licence: str
    citation: str
    bytes: int
    sha256: str
    facts: dict


def load_manifest(raw_folder: Path) -> dict[str, Source]:
    """Read SOURCES.toml: one entry per raw file, in the order of the manifest.

    Raises
    ------
    InputError
        If the manifest is missing, is not TOML, or an entry lacks a field or has one of a wrong type.
    """
    path = raw_folder / MANIFEST
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{shown(path)} is missing: without it no raw file can be verified. "
            "Restore it with `git checkout data/raw`, or point raw_folder to a folder that has one."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{shown(path)} is not valid TOML: {error}. Mend that line.") from None
    return {name: _source(path, name, entry) for name, entry in entries.items()}


def _source(path: Path, name: str, entry: object) -> Source:
    if not isinstance(entry, dict):
        raise InputError(f'{shown(path)}: "{name}" stands alone; write a table ["{name}"] per file.')
    wrong = [f"{field} ({kind.__name__})" for field, kind in REQUIRED.items() if not isinstance(entry.get(field), kind)]
    if wrong:
        raise InputError(f'{shown(path)}, entry "{name}": missing or of a wrong type: {", ".join(wrong)}.')
    facts = {key: value for key, value in entry.items() if key not in REQUIRED}
    return Source(name=name, **{field: entry[field] for field in REQUIRED}, facts=facts)


def cite_record(record: Mapping[str, object], raw_folder: Path) -> Source:
    """Describe a record that a run was made from as the manifest does, with the record's own citation and `as_of`.

    Parameters
    ----------
    record : mapping
        As `helpers.data.records.Record.note` describes it.
    raw_folder : Path
        Folder of the manifest, whose entry of the rankings gives title, publisher, address and licence.
    """
    entry = load_manifest(raw_folder)[RANKINGS]
    return replace(entry, citation=str(record["citation"]), as_of=str(record["as_of"] or "unknown"))


def verify_folder(raw_folder: Path) -> dict[str, Source]:
    """Verify every raw file against the manifest: none missing, none changed, none unlisted.

    Returns
    -------
    dict of str to Source
        The manifest, one verified entry per file.

    Raises
    ------
    InputError
        Naming the first file that is missing, changed or not in the manifest.
    """
    manifest = load_manifest(raw_folder)
    for name in manifest:
        read_verified(raw_folder, name, manifest=manifest)
    # Names with a leading dot belong to the desktop or the editor, not to the data.
    present = {p.name for p in raw_folder.iterdir() if p.is_file() and not p.name.startswith(".")}
    unlisted = sorted(present - set(manifest) - {MANIFEST})
    if unlisted:
        raise InputError(
            f"{shown(raw_folder / unlisted[0])} is not in {MANIFEST}: nobody could say where it comes "
            "from. Describe it there (title, url, publisher, as_of, licence, citation, bytes, sha256) "
            "or move it out of the folder."
        )
    return manifest


def read_verified(raw_folder: Path, name: str, *, manifest: dict[str, Source] | None = None) -> bytes:
    """Read one raw file, after making sure that it is the file the manifest describes.

    The bytes that were verified are the bytes returned, so nothing can change in between.

    Raises
    ------
    InputError
        If the file is not in the manifest, is missing, or differs from it by as much as one byte.
    """
    manifest = load_manifest(raw_folder) if manifest is None else manifest
    path = raw_folder / name
    if name not in manifest:
        raise InputError(f"{shown(path)} is not in {shown(raw_folder / MANIFEST)}. {nearest(name, manifest)}")
    source = manifest[name]
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"{shown(path)} is missing ({source.title}). Restore it with `git checkout {shown(path)}`."
        ) from None
    except OSError as error:
        raise InputError(f"Cannot read {shown(path)}: {error.strerror}.") from None
    digest = hashlib.sha256(content).hexdigest()
    if len(content) != source.bytes or digest != source.sha256:
        raise InputError(
            f"{shown(path)} is not the file that {MANIFEST} describes: it has {len(content)} bytes and "
            f"sha256 {digest[:12]}..., expected {source.bytes} bytes and {source.sha256[:12]}.... "
            f"Raw files are never edited: restore it with `git checkout {shown(path)}`, or, if it is a "
            "new version on purpose, enter its facts in the manifest."
        )
    return content


def read_text_table(
    raw_folder: Path, name: str, *, columns: list[str], manifest: dict[str, Source] | None = None
) -> "pd.DataFrame":
    """Read a raw CSV file as strings; an empty field is the empty string.

    Parameters
    ----------
    raw_folder : Path
        Folder with the file and its SOURCES.toml.
    name : str
        File name.
    columns : list of str
        The columns the file must have, exactly and in this order.
    manifest : dict of str to Source, optional
        As `load_manifest` returns it, where it has been read already.

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
    table = parse_csv(read_verified(raw_folder, name, manifest=manifest), where=shown(path))
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
    return table


def parse_csv(content: bytes, *, where: str, then: str = "Get the file again from its source.") -> "pd.DataFrame":
    """Parse a CSV file as strings; an empty field is the empty string.

    Returns
    -------
    DataFrame
        All str, no missing values. The index is the line number in the file (the header is line 1).

    Raises
    ------
    InputError
        If it is not CSV in UTF-8, or a row has more fields than the header. The message starts with `where` and ends
        with `then`.
    """
    import pandas as pd  # late: what only reads the manifest starts without it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # rows with more fields than the header
            table = pd.read_csv(
                io.StringIO(content.decode("utf-8-sig")),
                dtype=str,
                keep_default_na=False,
                na_filter=False,
                index_col=False,
                on_bad_lines="error",
            )
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is not UTF-8 text: byte {error.start} cannot be read. {then}") from None
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError) as error:
        raise InputError(f"{where} is not a whole CSV table: {str(error).strip()}. {then}") from None
    table.index = pd.RangeIndex(2, len(table) + 2, name="line")
    return table


def refuse(where: Path | str, problems: list[str], *, then: str) -> None:
    """Raise one error that lists every problem found in a file or an answer; do nothing when there is none."""
    if problems:
        name = shown(where) if isinstance(where, Path) else where
        raise InputError(f"{name}: {enumerate_problems(problems)}\n{then}")
