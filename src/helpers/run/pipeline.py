"""The notebooks in order, each in a fresh kernel; their results appear together or not at all."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.data.paths import shown
from helpers.errors import InputError
from helpers.run.notebooks import find_notebooks, read_cells, select_notebooks
from helpers.run.outcome import NotebookError, check_executed
from helpers.run.parameters import assign_parameters, read_parameters
from helpers.run.staging import staged

PROCESSED = "processed_folder"
OUTPUT_FOLDERS = (PROCESSED, "figures_folder")


@dataclass(frozen=True)
class Result:
    """What a run produced: the executed notebooks, and the folder behind each folder parameter.

    `has_new_facts` tells whether this run wrote facts.json; one of an earlier run may lie there.
    """

    executed: list[Path]
    folders: dict[str, Path]
    has_new_facts: bool


def run(
    root: Path,
    *,
    settings: Sequence[tuple[str, str]] = (),
    only: Sequence[str] = (),
    start: str | None = None,
    report: Callable[[str], None] = print,
) -> Result:
    """Run the notebooks in order and publish their results when all of them succeeded.

    Parameters
    ----------
    root : Path
        The project's folder.
    settings : sequence of (name, text)
        Parameters, as typed.
    only : sequence of str
        Notebooks to run, by number or name; all by default.
    start : str, optional
        The first notebook to run.
    report : callable
        Receives one line per notebook that is done: its name and the seconds it took.

    Raises
    ------
    InputError
        If a name, a parameter or a folder is wrong (nothing was run), or results cannot be written.
    NotebookError
        If a cell failed. Earlier results are as they were, in either case.
    """
    root = root.resolve()
    everything = find_notebooks(root)
    notebooks = select_notebooks(everything, only=only, start=start)
    assigned = assign_parameters(notebooks, settings, all_notebooks=everything)
    uses = {notebook: _folders_used(notebook, assigned[notebook], root=root) for notebook in notebooks}
    folders = _one_folder_each(uses)
    executed = [root / "build" / "notebooks" / notebook.name for notebook in notebooks]
    with staged(folders.values()) as working:
        _forget(executed)
        staging = {name: _from_root(working[folder], root) for name, folder in folders.items()}
        facts = working[folders[PROCESSED]] / "facts.json" if PROCESSED in folders else None
        earlier = _identity(facts)
        names = {staging[name]: shown(folder) for name, folder in folders.items()}
        for notebook, copy in zip(notebooks, executed, strict=True):
            began = time.monotonic()
            redirected = {name: staging[name] for name in uses[notebook]}
            try:
                execute(notebook, copy, parameters=assigned[notebook] | redirected)
            except NotebookError as error:
                raise _in_words_of_the_user(error, names) from error
            report(f"{notebook.stem:<22} {time.monotonic() - began:5.1f} s")
        has_new_facts = _identity(facts) not in {None, earlier}
    return Result(executed, folders, has_new_facts)


def execute(notebook: Path, copy: Path, *, parameters: Mapping[str, object]) -> None:
    """Run one notebook, keep the executed copy, and make sure that all of it was run.

    Raises
    ------
    NotebookError
        If a cell failed or was left out, or the kernel died.
    InputError
        If the executed copy cannot be written.
    """
    import logging

    from nbclient.exceptions import CellControlSignal
    from papermill.exceptions import PapermillExecutionError

    from helpers.run.kernels import execute_in_kernel

    # What they log is raised here, in words for people.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    cause = None
    try:
        execute_in_kernel(notebook, copy, parameters=parameters)
    except (PapermillExecutionError, CellControlSignal, RuntimeError) as error:
        cause = error  # before OSError: nbclient's timeout is both
    except OSError as error:
        raise _cannot_write(copy.parent, error) from error
    try:
        check_executed(notebook, copy, cause=cause)
    except NotebookError as error:
        raise error from cause


def _folders_used(notebook: Path, assigned: Mapping[str, object], *, root: Path) -> dict[str, Path]:
    parameters = read_parameters(notebook)
    folders = {}
    for name in OUTPUT_FOLDERS:
        if name in parameters:
            value = str(assigned.get(name, parameters[name].value))
            if not value.strip():
                raise InputError(f"Parameter {name} is empty. Name a folder, like data/processed.")
            folders[name] = _resolved(root, name, value)
        elif any(name in cell["source"] for cell in read_cells(notebook) if cell["cell_type"] == "code"):
            raise InputError(
                f"{notebook.name} uses {name} without declaring it in its parameters cell, so its results could not be "
                f'held back if the run fails. Declare it there: `{name}: str = "..."`.'
            )
    return folders


def _resolved(root: Path, name: str, value: str) -> Path:
    try:
        return (root / Path(value).expanduser()).resolve()
    except RuntimeError:  # a user whom this machine does not know, or a link to itself
        raise InputError(f"Parameter {name} is {value!r}, which leads to no folder. Write the path out.") from None


def _one_folder_each(uses: Mapping[Path, Mapping[str, Path]]) -> dict[str, Path]:
    folders: dict[str, Path] = {}
    for notebook, used in uses.items():
        for name, folder in used.items():
            if folders.setdefault(name, folder) != folder:
                raise InputError(
                    f"The default of {name} in {notebook.name} is {shown(folder)}, but {shown(folders[name])} in the "
                    f"notebooks before it. Give them one default, or set -p {name}."
                )
    return folders


def _identity(file: Path | None) -> tuple[int, int] | None:
    if file is None or not file.exists():
        return None
    status = file.stat()
    return status.st_ino, status.st_mtime_ns


def _from_root(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)


def _in_words_of_the_user(error: NotebookError, names: Mapping[str, str]) -> NotebookError:
    """Name the folders that the reader knows: the ones worked in are gone when the message is read."""
    text = str(error)
    for working, known in names.items():
        text = text.replace(working, known)
    return NotebookError(text, bad_input=error.bad_input)


def _forget(executed: Sequence[Path]) -> None:
    try:
        for copy in executed:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.unlink(missing_ok=True)  # an old copy must never look like this run's
    except OSError as error:
        raise _cannot_write(executed[0].parent, error) from None


def _cannot_write(folder: Path, error: OSError) -> InputError:
    place = f" ({error.filename})" if error.filename else ""
    return InputError(
        f"Cannot write executed notebooks to {shown(folder)}: {error.strerror or error}{place}. Make it a folder "
        "that can be written and has space; earlier results are as they were."
    )
