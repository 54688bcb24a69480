"""Whether a step must run: everything it was made from and everything it wrote, compared by content.

No times of files are looked at: reading and hashing all of it takes a few hundredths of a second, and two files of one
size, changed within one tick of the clock, would be taken for each other.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from crossover.runner.imports import Modules, digest
from crossover.runner.notebooks import find_notebooks, read_cells
from crossover.runner.records import OK, Record, read_record
from crossover.runner.steps import FACTS, PROCESSED, Step, plan_step
from helpers.data.paths import shown

LOCK_FILE = "requirements.txt"
SUFFIXES = (".parquet", ".csv")


def table_file(folder: Path, table: str) -> Path:
    """Find the file of a table: its name is the table's, its ending is the format."""
    if table == FACTS:
        return folder / f"{FACTS}.json"
    return next((path for suffix in SUFFIXES if (path := folder / f"{table}{suffix}").exists()), folder / table)


def find_tables(step: Step, *, root: Path) -> list[Path]:
    """Find what a step may read of its folder of tables.

    Returns
    -------
    list of Path
        The tables that it names; if it may read any, every file of the folder, but none that it wrote itself or that
        a notebook after it writes.
    """
    folder = step.folders[PROCESSED]
    if not step.uses.reads_any:
        return [table_file(folder, table) for table in sorted(step.uses.reads - step.uses.writes)]
    later = [plan_step(other, {}, root=root) for other in find_notebooks(root) if other.name >= step.notebook.name]
    written = {table_file(folder, table) for other in later for table in other.uses.writes}
    for other in later:
        record = read_record(root, replace(other, folders=_same_folders(other, step)))
        written |= {root / name for name in record.wrote} if record else set()
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.is_file() and path.name[0] != "." and path not in written]


def _same_folders(other: Step, step: Step) -> dict[str, Path]:
    return {name: step.folders.get(name, folder) for name, folder in other.folders.items()}


def make_fingerprint(step: Step, *, root: Path, modules: Modules) -> dict[str, str]:
    """Digest everything that a step is made from.

    Parameters
    ----------
    step : Step
        What to run.
    root : Path
        The project's folder.
    modules : Modules
        The modules of this package.

    Returns
    -------
    dict of str to str
        A digest, or a value, by the name of each thing: the notebook (outputs apart), its parameters, the files and
        tables that it reads, the modules that it uses, the locked environment and Python.
    """
    cells = [(cell["cell_type"], cell["source"], cell["tags"]) for cell in read_cells(step.notebook)]
    made_from = {
        "the notebook": hashlib.sha256(json.dumps(cells).encode()).hexdigest(),
        LOCK_FILE: digest(root / LOCK_FILE),
        "Python": ".".join(map(str, sys.version_info[:3])),
    }
    made_from |= {f"parameter {name}": json.dumps(value) for name, value in step.values.items()}
    made_from |= {shown(path): digest(path) for named in step.inputs for path in _files(named)}
    if PROCESSED in step.folders:
        made_from |= {shown(path): digest(path) for path in find_tables(step, root=root)}
    return made_from | modules.closure(step.uses.imports)


def _files(named: Path) -> Iterator[Path]:
    """List a file, or the files of a folder and of the folders in it; hidden ones are the desktop's or the editor's."""
    if named.is_file():
        yield named
        return
    for entry in sorted(named.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_file():
            yield entry
        elif entry.is_dir():
            yield from (file for file in sorted(entry.iterdir()) if file.is_file() and file.name[0] != ".")


def find_reasons(record: Record | None, *, root: Path, made_from: dict[str, str]) -> list[str]:
    """Say why a step must run; nothing if it is fresh.

    Parameters
    ----------
    record : Record or None
        What is known of its last run.
    root : Path
        The project's folder.
    made_from : dict of str to str
        What it would be made from now.

    Returns
    -------
    list of str
        One reason a change.
    """
    if record is None or not record.made_from:
        if record is not None and record.status != OK:
            return [f"it has not run to its end yet ({record.status})"]
        return ["it has not run yet"]
    reasons = []
    for name in dict.fromkeys([*made_from, *record.made_from]):
        now, then = made_from.get(name), record.made_from.get(name)
        if now != then:
            reasons.append(_changed(name, now, then))
    for name, written in record.wrote.items():
        found = digest(root / name)
        if found != written:
            reasons.append(f"{name} is {'not what it wrote' if found else 'missing'}")
    return reasons


def _changed(name: str, now: str | None, then: str | None) -> str:
    if now == "" and then:
        return f"{name} is missing"
    if then is None:
        return f"{name} is new"
    if now is None:
        return f"{name} is gone"
    if name.startswith("parameter ") or name == "Python":
        return f"{name} is {now}, was {then}"
    return f"{name} changed"
