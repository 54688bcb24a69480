"""The record of each step: how it ended, for how long, and what it was made from. Whole or not there, never half."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from crossover.runner.steps import Step
from helpers.data.files import write_whole

OK, ERROR, TIMEOUT, DIED = "ok", "error", "timeout", "kernel died"
SKIPPED, INTERRUPTED = "skipped", "interrupted"
STATUSES = (OK, ERROR, TIMEOUT, DIED, SKIPPED, INTERRUPTED)
FOLDER = Path("build") / "run"


@dataclass(frozen=True)
class Record:
    """What is known of one step with one set of output folders.

    Attributes
    ----------
    step : str
        The notebook's name.
    status : str
        How the last run of it ended (one of `STATUSES`). It says `interrupted` from the beginning of a run
        until it ends, so that a run that was cut off never looks like one that ended.
    message : str
        Why, if it did not end well.
    began : str
        When it began (UTC).
    seconds : float
        How long it took.
    peak_memory : int or None
        Largest memory of its kernel (bytes), if the system says.
    parameters : mapping
        Parameters that were set.
    made_from : mapping of str to str
        Of the last run that ended well: a digest of everything that it was made from.
    wrote : mapping of str to str
        Of the same run: a digest of every file that it wrote, by path.
    """

    step: str
    status: str
    message: str = ""
    began: str = ""
    seconds: float = 0.0
    peak_memory: int | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    made_from: Mapping[str, str] = field(default_factory=dict)
    wrote: Mapping[str, str] = field(default_factory=dict)


def record_path(root: Path, step: Step) -> Path:
    """Name the file of a step's record; a run with other output folders has its own."""
    folders = "\n".join(f"{name}={folder}" for name, folder in sorted(step.folders.items()))
    return root / FOLDER / "steps" / f"{step.name}-{hashlib.sha256(folders.encode()).hexdigest()[:8]}.json"


def read_record(root: Path, step: Step) -> Record | None:
    """Read a step's record; None if there is none or it cannot be read, which is the same: nothing is known."""
    try:
        stored = json.loads(record_path(root, step).read_text(encoding="utf-8"))
        return Record(**{entry.name: stored[entry.name] for entry in fields(Record)})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_record(root: Path, step: Step, record: Record) -> None:
    """Write a step's record, whole or not at all."""
    write_whole(record_path(root, step), json.dumps(asdict(record), indent=1).encode() + b"\n")


def write_summary(root: Path, summary: Mapping[str, object]) -> None:
    """Write the record of the whole run, whole or not at all."""
    write_whole(root / FOLDER / "last-run.json", json.dumps(summary, indent=1).encode() + b"\n")
