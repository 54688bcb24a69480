"""What made a table: the record, the parameters of every notebook behind it, and what was read."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from helpers.data.contracts import CONTRACTS
from helpers.data.files import shown, sidecar
from helpers.data.sources import load_manifest
from helpers.errors import InputError

METADATA = b"token_crossover"  # key in the metadata of a Parquet file's schema


@dataclass(frozen=True)
class Made:
    """What one table is made from; everything in it is the same in every run of the same inputs.

    Attributes
    ----------
    notebook : str
        The notebook that writes it.
    record : mapping or None
        The record of the rankings, as `helpers.data.records.Record.note` describes it; None before one was read.
    parameters : mapping of str to mapping
        Parameters by notebook: of the one that writes it, and of all those behind it.
    inputs : mapping of str to str
        SHA-256 of every raw file and table behind it, by file name.
    """

    notebook: str
    record: Mapping[str, object] | None
    parameters: Mapping[str, Mapping[str, object]]
    inputs: Mapping[str, str]

    def values(self) -> dict[str, object]:
        """List the parameters by name: those of the notebook itself, and of the ones behind it what it has not."""
        found: dict[str, object] = {}
        for notebook in (self.notebook, *sorted(self.parameters, reverse=True)):
            found = {**self.parameters.get(notebook, {}), **found}
        return found

    def joined(self, other: "Made", *, table: str) -> "Made":
        """Add what made a table that is read.

        Parameters
        ----------
        other : Made
            What the table was made from.
        table : str
            Its name, for messages.

        Raises
        ------
        InputError
            If the two were made under different choices, or from different records, raw files or tables.
        """
        _require_same_record(self, other, table)
        _require_same_parameters(self, other, table)
        _require_same_inputs(self, other, table)
        return replace(
            self,
            record=self.record if other.record is None else other.record,
            parameters={**other.parameters, **self.parameters},
            inputs={**other.inputs, **self.inputs},
        )


def _require_same_record(here: Made, other: Made, table: str) -> None:
    if here.record is None or other.record is None or here.record == other.record:
        return
    told = [
        f"{record['source']} (as of {record['as_of'] or 'an unknown moment'})" for record in (other.record, here.record)
    ]
    raise InputError(
        f"{table} was made from the record {told[0]}, and what {here.notebook} has read so far from {told[1]}: they do "
        "not go together. Run all notebooks on one record: `crossover run -p source NAME`."
    )


def _require_same_parameters(here: Made, other: Made, table: str) -> None:
    mine = here.parameters[here.notebook]
    for notebook, theirs in other.parameters.items():
        for name in theirs:
            if notebook != here.notebook and name in mine and not _goes_with(mine[name], theirs[name]):
                raise InputError(
                    f"{notebook[:2]} was run with {name} {_typed(theirs[name])}; this notebook ({here.notebook}) has "
                    f"{_typed(mine[name])}, so it cannot use {table}. Set one value for all notebooks in "
                    f"parameters.toml, then run {notebook} again; or `crossover run -p {name} {_typed(mine[name])}`."
                )
        known = here.parameters.get(notebook, theirs)
        for name in known:
            if known[name] != theirs.get(name, known[name]):
                raise InputError(
                    f"{table} rests on {notebook} with {name} {_typed(theirs[name])}, another table that "
                    f"{here.notebook} reads on {notebook} with {_typed(known[name])}. They are of different runs: "
                    "`crossover run` makes them one."
                )


def _goes_with(mine: object, theirs: object) -> bool:
    """Tell whether a table made with one value serves a notebook that has another: of lists, it may hold more."""
    if isinstance(mine, list) and isinstance(theirs, list):
        return set(map(str, mine)) <= set(map(str, theirs))
    return mine == theirs


def _typed(value: object) -> str:
    """Write a value as a command line has it."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _require_same_inputs(here: Made, other: Made, table: str) -> None:
    for name, digest in other.inputs.items():
        if here.inputs.get(name, digest) != digest:
            raise InputError(
                f"{table} was made from another {name} than {here.notebook} has now: it was changed since. "
                f"`crossover run` makes {table} again (it runs only what has to)."
            )


def raw_digests(raw_folder: Path) -> dict[str, str]:
    """List the raw files with the SHA-256 that the manifest gives them."""
    return {name: source.sha256 for name, source in load_manifest(raw_folder).items()}


def encode_made(made: Made, **more: object) -> bytes:
    """Write a note as JSON."""
    return (json.dumps(more | asdict(made), indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def read_made(folder: Path, table: str) -> Made:
    """Read what made a table, and add the table itself to what is read.

    Raises
    ------
    InputError
        If nothing says what made it, or the file was changed since.
    """
    contract = CONTRACTS[table]
    path = folder / contract.file
    again = f"Write it again with `crossover run --from {contract.notebook}`."
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    try:
        stored = _stored(path)
        made = Made(stored["notebook"], stored["record"], stored["parameters"], {**stored["inputs"], path.name: digest})
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{shown(path)} does not say what made it: another program wrote it, or an earlier version of this one. "
            f"{again}"
        ) from None
    if stored.get("sha256", digest) != digest:
        raise InputError(f"{shown(path)} was changed since {made.notebook} wrote it. {again}")
    return made


def _stored(path: Path) -> dict:
    if path.suffix == ".parquet":
        import pyarrow.parquet

        return json.loads(pyarrow.parquet.read_schema(path).metadata[METADATA])
    return json.loads(sidecar(path).read_text(encoding="utf-8"))
