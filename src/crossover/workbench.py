"""A notebook on the workbench: a copy with a run's parameters and inputs to try things on, and the way back."""

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from crossover.runner.freshness import find_tables
from crossover.runner.interrupts import uninterrupted
from crossover.runner.notebooks import read_cells
from crossover.runner.outcome import PAPERMILL_TAGS
from crossover.runner.parameters import read_parameters
from crossover.runner.plan import PROCESSED, Plan, Step
from crossover.runs import OK, Record, RunFile
from helpers.data.files import shown, write_whole
from helpers.errors import InputError

FOLDER = Path("build") / "open"
NOTE = "opened.json"
OF_A_RUN = ("papermill", "execution", "ExecuteTime")  # metadata of cells that a run or an editor leaves


def lab_options(given: Sequence[str], *, port: int | None, browser: bool) -> list[str]:
    """Write the options that JupyterLab is started with, after making sure that it can be.

    Raises
    ------
    InputError
        If JupyterLab is not installed, or its port cannot be used.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise InputError("JupyterLab is not installed here. `make lab` installs and starts it; then try again.")
    options = ["--allow-root"] if os.geteuid() == 0 else []  # as in most containers, where it would refuse
    if not browser:
        options.append("--no-browser")
    if port is not None:
        _require_free(port)
        options += [f"--port={port}", "--ServerApp.port_retries=0"]
    return [*options, *given]


def _require_free(port: int) -> None:
    try:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise InputError(
            f"Port {port} cannot be used: {error}. Name another one with --port, or leave it out."
        ) from None


def start_lab(page: Path, *, root: Path, options: Sequence[str]) -> int:
    """Show a page of the project in JupyterLab until its user ends it; return its exit code.

    All of the project can be reached, so that links to data, figures and README lead somewhere.
    """
    where = [f"--ServerApp.root_dir={root}", f"--LabApp.default_url=/lab/tree/{quote(shown(page))}"]
    with uninterrupted():  # Ctrl-C is for JupyterLab, which asks
        return subprocess.run([sys.executable, "-m", "jupyterlab", *where, *options], cwd=root, check=False).returncode


def open_copy(step: Step, *, plan: Plan, file: RunFile, failed: bool, discard: bool) -> Path:
    """Make a copy of a notebook to work on: the parameters of its last run injected, its inputs in place.

    What is tried out there writes to folders of its own, never over published results. A copy that was edited and not
    brought back is opened as it is, and never replaced.

    Parameters
    ----------
    step : Step
        The notebook with what a run gives it.
    plan : Plan
        The run that it is part of.
    file : RunFile
        What is known of its last run; its parameters are used.
    failed : bool
        Show the outputs of the run that failed.
    discard : bool
        Throw earlier edits away.

    Returns
    -------
    Path
        The copy.

    Raises
    ------
    InputError
        If an input is missing, no failed run of this notebook is there to be shown, or edits would be lost; nothing
        was changed then.
    """
    root, record = plan.place.root, file.step(step.name)
    place = root / FOLDER / step.name
    copy = place / step.notebook.name
    if not discard and _is_edited(copy):
        if _note(place).get("source") != _content(step.notebook):
            raise InputError(
                f"{shown(copy)} holds edits, and {shown(step.notebook)} was changed since it was opened. Bring back by "
                f"hand what you need, then `crossover open {step.name} --discard`."
            )
        if failed or step.assigned:
            raise InputError(
                f"{shown(copy)} holds edits, and -p and --failed make a new copy. Bring them back (`crossover adopt "
                f"{step.name}`) or throw them away (--discard), or open it as it is: `crossover open {step.name}`."
            )
        return copy
    tables = find_tables(step, plan=plan, file=file) if PROCESSED in step.folders else []
    for table in tables:
        if not table.is_file():
            raise InputError(f"{step.name} reads {shown(table)}, which does not exist yet. Run `crossover run` first.")
    source = _executed(step, record, plan.place.executed) if failed else step.notebook
    folders = {name: place / name.removesuffix("_folder") for name in step.folders}
    given = {**(record.assigned if record is not None else {}), **step.assigned}
    given |= {name: shown(folder) for name, folder in folders.items()}
    notebook = json.loads(source.read_text(encoding="utf-8"))
    notebook["cells"] = _injected(_own_cells(notebook), given)
    notebook["metadata"]["language_info"] = language_info()
    shutil.rmtree(place, ignore_errors=True)  # only now: what is refused costs nobody an edit
    for folder in folders.values():
        folder.mkdir(parents=True)
    for table in tables:
        shutil.copy2(table, folders[PROCESSED])
    write_whole(copy, _encode(notebook))
    _write_note(place, step, copy)
    return copy


def language_info() -> dict[str, object]:
    """Tell what a kernel of this Python says of itself: JupyterLab marks a notebook as changed that says else."""
    from ipykernel.ipkernel import IPythonKernel

    return IPythonKernel.language_info


def settle_notebooks(notebooks: Iterable[Path], *, root: Path) -> None:
    """Write into stored notebooks what JupyterLab would on opening, so that a look does not mark them as changed.

    Only where git takes it out again (`make lab` sets its filter); elsewhere git would show a change.

    Parameters
    ----------
    notebooks : iterable of Path
        The notebooks.
    root : Path
        The project's folder.
    """
    ask = ["git", "config", "filter.nbstripout.clean"]
    try:
        strips = subprocess.check_output(ask, cwd=root, stderr=subprocess.DEVNULL, text=True)
    except (OSError, subprocess.CalledProcessError):
        return
    if "metadata.language_info" not in strips:
        return
    for path in notebooks:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if notebook["metadata"].get("language_info") != language_info():
            notebook["metadata"]["language_info"] = language_info()
            write_whole(path, _encode(notebook))


def adopt_copy(step: Step, *, root: Path) -> bool:
    """Bring the edits of a copy back into the notebook, without outputs, injected cells and traces of a run.

    Returns
    -------
    bool
        Whether there was anything to bring back.

    Raises
    ------
    InputError
        If there is no copy, the notebook was changed since it was opened, or the edited cell of parameters cannot be
        read.
    """
    place = root / FOLDER / step.name
    copy = place / step.notebook.name
    if not copy.is_file():
        raise InputError(f"{step.name} is not open. `crossover open {step.name}` opens it.")
    if _note(place).get("source") != _content(step.notebook):
        raise InputError(
            f"{shown(step.notebook)} was changed since it was opened: {shown(copy)} would undo that. Bring back by "
            f"hand what you need, then `crossover open {step.name} --discard`."
        )
    read_cells(copy)
    edited = json.loads(copy.read_text(encoding="utf-8"))
    notebook = json.loads(step.notebook.read_text(encoding="utf-8"))
    before = {cell.get("id"): cell for cell in notebook["cells"]}
    adopted = [_adopted(cell, before.get(cell.get("id"))) for cell in _own_cells(edited)]
    is_changed = adopted != notebook["cells"]
    if is_changed:
        content = _encode(notebook | {"cells": adopted})
        read_parameters(write_whole(place / "adopted" / step.notebook.name, content))
        write_whole(step.notebook, content)
    _write_note(place, step, copy)
    return is_changed


def _executed(step: Step, record: Record | None, folder: Path) -> Path:
    executed = folder / step.notebook.name
    if record is None or record.status == OK or not executed.is_file():
        raise InputError(
            f"No failed run of {step.name} is kept. `crossover open {step.name}` opens the notebook itself."
        )
    if _content(executed) != _content(step.notebook):
        raise InputError(
            f"{shown(step.notebook)} was changed since the run that failed: {shown(executed)} shows its earlier state. "
            "Run again, or leave out --failed."
        )
    return executed


def _write_note(place: Path, step: Step, copy: Path) -> None:
    note = {"source": _content(step.notebook), "cells": _content(copy)}
    write_whole(place / NOTE, json.dumps(note).encode())


def _note(place: Path) -> dict:
    try:
        return json.loads((place / NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _is_edited(copy: Path) -> bool:
    return copy.is_file() and _content(copy) != _note(copy.parent).get("cells")


def _content(notebook: Path) -> list[list]:
    cells = [cell for cell in read_cells(notebook) if not PAPERMILL_TAGS.intersection(cell["tags"])]
    return [[cell["cell_type"], cell["source"], cell["tags"]] for cell in cells]


def _own_cells(notebook: dict) -> list[dict]:
    return [cell for cell in notebook["cells"] if not PAPERMILL_TAGS.intersection(cell["metadata"].get("tags", []))]


def _injected(cells: list[dict], given: Mapping[str, object]) -> list[dict]:
    if not given:
        return cells
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "injected-parameters",
        "metadata": {"tags": ["injected-parameters"]},
        "outputs": [],
        "source": "# Of the run, and folders to try things in. Not brought back.\n"
        + "\n".join(f"{name} = {value!r}" for name, value in given.items()),
    }
    tagged = [place for place, own in enumerate(cells) if "parameters" in own["metadata"].get("tags", [])]
    place = tagged[0] + 1 if tagged else 0
    return [*cells[:place], cell, *cells[place:]]


def _adopted(cell: dict, before: dict | None) -> dict:
    """Strip a cell; one that says what it said before stays as it was, to the byte."""
    stripped = _stripped(cell)
    return before if before is not None and _stripped(before) == stripped else stripped


def _stripped(cell: dict) -> dict:
    metadata = {name: value for name, value in cell["metadata"].items() if name not in OF_A_RUN}
    if metadata.get("tags") == []:  # papermill gives every cell a list
        del metadata["tags"]
    source = "".join(cell["source"]).splitlines(keepends=True)
    stripped = {**cell, "metadata": metadata, "source": source}
    return stripped | ({"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {})


def _encode(notebook: dict) -> bytes:
    """Write a notebook as JupyterLab does."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True).encode() + b"\n"
