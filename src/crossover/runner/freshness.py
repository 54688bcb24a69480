"""Whether a step must run: everything it was made from and everything it wrote, compared by content.

No times of files are looked at: reading and hashing all of it takes a few hundredths of a second, and two files of one
size, changed within one tick of the clock, would be taken for each other.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crossover.runner.notebooks import read_cells
from crossover.runs import OK, Record, RunFile, digest
from helpers.data.files import sidecar

if TYPE_CHECKING:
    from crossover.runner.plan import Plan, Step

LOCK_FILE = "requirements.txt"
SUFFIXES = (".parquet", ".csv")
FACTS = "facts"


def table_files(folder: Path, table: str) -> list[Path]:
    """Find the file of a table, and the note beside it: its name is the table's, its ending is the format."""
    if table == FACTS:
        return [folder / f"{FACTS}.json"]
    path = next((path for suffix in SUFFIXES if (path := folder / f"{table}{suffix}").exists()), folder / table)
    return [path for path in (path, sidecar(path)) if path.exists() or path.suffix != ".json"]


def find_tables(step: "Step", *, plan: "Plan", file: RunFile) -> list[Path]:
    """Find what a step may read of its folder of tables.

    Returns
    -------
    list of Path
        The tables that it says it reads, with their notes; if it does not say, every file of the folder, but none that
        it wrote itself or that a notebook after it writes.
    """
    folder = step.folders["processed_folder"]
    if step.uses.is_told:
        return [path for table in sorted(step.uses.reads - step.uses.writes) for path in table_files(folder, table)]
    later = [other for other in plan.everything if other.notebook.name >= step.notebook.name]
    written = {path for other in later for table in other.uses.writes for path in table_files(folder, table)}
    for other in later:
        record = file.step(other.name)
        written |= {plan.place.find(name) for name in record.wrote} if record else set()
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.is_file() and path.name[0] != "." and path not in written]


def make_fingerprint(step: "Step", *, plan: "Plan", file: RunFile, code: Mapping[str, str]) -> dict[str, str]:
    """Digest everything that a step is made from.

    Parameters
    ----------
    step : Step
        What to run.
    plan : Plan
        The run that it is part of.
    file : RunFile
        What is known of earlier runs.
    code : mapping of str to str
        The digests of the rooms of `helpers` (see `digest_rooms`).

    Returns
    -------
    dict of str to str
        A digest, or a value, by the name of each thing: the notebook (outputs apart), its parameters, the files and
        tables that it reads, the rooms of `helpers` that it uses, the locked environment and Python.
    """
    cells = [(cell["cell_type"], cell["source"], cell["tags"]) for cell in read_cells(step.notebook)]
    made_from = {
        "the notebook": hashlib.sha256(json.dumps(cells).encode()).hexdigest(),
        LOCK_FILE: digest(plan.place.root / LOCK_FILE),
        "Python": ".".join(map(str, sys.version_info[:3])),
    }
    made_from |= {f"parameter {name}": json.dumps(value) for name, value in step.values.items()}
    made_from |= {plan.place.name(path): digest(path) for named in step.inputs for path in _files(named)}
    if "processed_folder" in step.folders:
        tables = find_tables(step, plan=plan, file=file)
        made_from |= {plan.place.name(path): digest(path) for path in tables}
    return made_from | {room: code[room] for room in sorted(_rooms_of(step.uses.imports)) if room in code}


def digest_rooms(package: Path) -> dict[str, str]:
    """Digest the code of `helpers` room by room: every file of a folder, and the modules beside the folders.

    A notebook that uses anything of a room runs again when anything in the room changed. That is more than it needs
    now and then, by a few seconds, and never less.
    """
    rooms: dict[str, list[Path]] = {}
    for file in sorted(package.rglob("*")):
        within = file.relative_to(package)
        if file.is_file() and "__pycache__" not in within.parts:
            rooms.setdefault(".".join(["helpers", *within.parts[:1]][: len(within.parts)]), []).append(file)
    found = {}
    for room, files in rooms.items():
        content = hashlib.sha256()
        for file in files:
            content.update(f"{file.relative_to(package).as_posix()}\0".encode() + file.read_bytes())
        found[room] = content.hexdigest()
    return found


def _rooms_of(imports: Iterable[str]) -> set[str]:
    """Name the rooms behind some imports; whatever is used, it draws on tables and on the shared modules too."""
    used = {name for name in imports if name.partition(".")[0] == "helpers"}
    rooms = {".".join(name.split(".")[:2]) for name in used}
    return rooms | ({"helpers", "helpers.data"} if used else set())


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


def find_reasons(record: Record | None, *, plan: "Plan", file: RunFile, made_from: dict[str, str]) -> list[str]:
    """Say why a step must run; nothing if it is fresh.

    Parameters
    ----------
    record : Record or None
        What is known of its last run.
    plan : Plan
        The run that it is part of.
    file : RunFile
        What is known of earlier runs.
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
        found = digest(plan.place.find(name))
        if found != written:
            reasons.append(f"{name} is {'not what it wrote' if found else 'missing'}")
    if "parameter source" in made_from:
        reasons += _over_by_now(file)
    return reasons


def _over_by_now(file: RunFile) -> list[str]:
    """Name the first day that was left out because it was not over, and is over now: the clock is an input too."""
    rankings = file.rankings or {}
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    last = min(today, str(rankings.get("as_of") or today)[:10])
    over = [day for day in rankings.get("left_out", []) if day < last]
    return [f"{over[0]}, which was not over when the record was read, is over now"] if over else []


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
