"""A notebook that knows what it is made from: its choices, the tables it reads, and what made those.

Every table carries a note of what made it: the record, every parameter of every notebook behind it, and the digests of
what was read. The note travels in the metadata of a Parquet file, and beside a CSV as ``NAME.made.json``. A notebook
that reads tables of different runs stops before it computes anything.
"""

import os
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path

import pandas as pd

from helpers.data.files import project_root, resolve, shown, write_whole
from helpers.data.made import Made, encode_made, raw_digests, read_made
from helpers.data.records import Record
from helpers.data.settings import FILE, read_settings
from helpers.data.sources import Source, cite_record
from helpers.data.tables import read_table, write_table
from helpers.errors import InputError, require_known

IN_A_RUN = "CROSSOVER_RUN"  # set in the kernels of `crossover run`, which gives every parameter its value itself
FOLDERS = ("processed_folder", "figures_folder")  # where results go: no choice that a number depends on
FACTS = "facts"


class Notebook:
    """What a notebook is given, and the tables that it reads and writes.

    Parameters
    ----------
    name : str
        The notebook's file name without ending, such as ``03-find-crossovers``.
    namespace : mutable mapping
        ``globals()`` of the notebook, after its cell of parameters: every name declared there with a type is one. In
        JupyterLab the values of the project's ``parameters.toml`` are put in place of the defaults, and said; in a run
        the runner has done that.
    reads, writes : iterable of str
        Tables by name (``facts`` for facts.json): all that it reads of other notebooks, and all that it writes. The
        runner takes its order from these lines; a table that is not named here is refused.

    Attributes
    ----------
    name : str
        As given.
    folder : Path or None
        Where tables are read and written, if the notebook has such a parameter.

    Examples
    --------
    >>> made = Notebook("03-find-crossovers", {"__annotations__": {"chart_size": int}, "chart_size": 9})
    >>> made.parameters
    {'chart_size': 9}
    """

    def __init__(
        self,
        name: str,
        namespace: MutableMapping[str, object],
        *,
        reads: Iterable[str] = (),
        writes: Iterable[str] = (),
    ) -> None:
        self.name, self._reads, self._writes = name, tuple(reads), tuple(writes)
        declared = namespace.get("__annotations__", {})
        if IN_A_RUN not in os.environ:
            _apply_settings(declared, namespace)
        values = {parameter: namespace[parameter] for parameter in declared if parameter in namespace}
        self.parameters = {key: value for key, value in values.items() if key not in FOLDERS}
        self.folder = resolve(str(values[FOLDERS[0]])) if FOLDERS[0] in values else None
        raw = values.get("raw_folder")
        self._raw = resolve(str(raw)) if raw is not None else None
        self._made = Made(name, None, {name: self.parameters}, raw_digests(self._raw) if self._raw else {})

    @property
    def made(self) -> Made:
        """What this notebook is made from so far: its parameters, and all that it has read."""
        return self._made

    def read(self, table: str) -> pd.DataFrame:
        """Read a table, after making sure that it was made under the same choices and from the same record.

        Raises
        ------
        InputError
            If the table is not among those that this notebook says it reads, was not written yet, breaks its contract,
            was changed since it was written, or was made under other choices or from another record.
        """
        require_known(table, self._reads, what=f"table of {self.name}, which reads the ones named on top: table")
        rows = read_table(self._folder(), table)
        self._take(read_made(self._folder(), table), table)
        return rows

    def write(self, rows: pd.DataFrame, table: str) -> Path:
        """Write a table that keeps its contract, with the note of what made it.

        Raises
        ------
        InputError
            If the table is not among those that this notebook says it writes, breaks its contract, or the folder
            cannot be written.
        """
        require_known(table, self._writes, what=f"table of {self.name}, which writes the ones named on top: table")
        return write_table(rows, self._folder(), table, made=self._made)

    def take_record(self, record: Record) -> None:
        """Note the record that the raw rows came from: every later table is made from it."""
        self._take(Made(self.name, record.note(), {}, {}), "")

    def source(self) -> Source:
        """Describe the record for source lines: the manifest's entry of the rankings, with the citation that is due.

        Raises
        ------
        InputError
            If no table was read yet, so that nothing says which record it is.
        """
        if self._made.record is None or self._raw is None:
            raise InputError(f"{self.name} has read no table yet: nothing says which record the source line is about.")
        return cite_record(self._made.record, self._raw)

    def sign(self, folder: Path) -> Path:
        """Write what made the files of a folder to ``made_from.json`` in it."""
        return write_whole(folder / "made_from.json", encode_made(self._made))

    def _folder(self) -> Path:
        if self.folder is None:
            raise InputError(
                f"{self.name} has no parameter {FOLDERS[0]}, so it has no tables. Declare it in the parameters cell: "
                f'`{FOLDERS[0]}: str = "data/processed"`.'
            )
        return self.folder

    def _take(self, other: Made, table: str) -> None:
        self._made = self._made.joined(other, table=table)


def _apply_settings(declared: Mapping[str, object], namespace: MutableMapping[str, object]) -> None:
    try:
        root = project_root()
    except InputError:  # a notebook that was copied out of the project has no settings
        return
    for name, value in read_settings(root).items():
        if name in declared and name in namespace and namespace[name] != value:
            kind = declared[name]
            if isinstance(kind, type) and type(value) is not kind and not (kind is float and type(value) is int):
                raise InputError(f"{shown(root / FILE)}: {name} is {value!r}, and the notebook wants {kind.__name__}.")
            sys.stdout.write(f"{name} = {value!r}, as {FILE} says (the cell above says {namespace[name]!r})\n")
            namespace[name] = value
