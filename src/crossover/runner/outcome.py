"""What an executed notebook proves: that every cell ran without an error, or which one did not."""

import json
from pathlib import Path

from crossover.runner.notebooks import heading_above, read_cells
from crossover.runs import DIED, ERROR, TIMEOUT
from helpers.data.files import shown, write_whole

REFUSED = "InputError"
SHOWN_OF_ERROR = 6  # lines of a cell's message that a reader takes in
BANNER_TAG = "papermill-error-cell-tag"  # papermill takes cells with this tag out before a run
PAPERMILL_TAGS = frozenset(["injected-parameters", BANNER_TAG])
ADVICE = {
    "SystemExit": "Remove what ends the notebook (sys.exit, quit): the cells below it were not run.",
    "DeadKernelError": "Its process ended, for want of memory perhaps.",
    "CellTimeoutError": "It took longer than a cell may: mend it, or allow more with --cell-limit.",
}
STATUS_OF = {"DeadKernelError": DIED, "NoKernelError": DIED, "CellTimeoutError": TIMEOUT, "TimeoutError": TIMEOUT}


class NotebookError(RuntimeError):
    """Say which cell of which notebook failed, how, and what to do.

    Attributes
    ----------
    bad_input : bool
        Whether the notebook refused its input (`InputError`), rather than failing by itself.
    status : str
        For the record: an error, a time limit or a dead kernel.
    """

    def __init__(self, message: str, *, bad_input: bool = False, status: str = ERROR) -> None:
        super().__init__(message)
        self.bad_input = bad_input
        self.status = status


def check_executed(notebook: Path, copy: Path, *, cause: BaseException | None = None) -> None:
    """Check that every code cell of an executed copy was run and has no error.

    The copy is the evidence, and not what papermill raised: a cell that calls ``sys.exit(0)`` ends a notebook
    without an exception.

    Parameters
    ----------
    notebook : Path
        The notebook that was executed; cells are counted as they stand in it.
    copy : Path
        The executed copy.
    cause : exception, optional
        What the execution raised, if it did; it explains a failure that no cell shows (a dead kernel).

    Raises
    ------
    NotebookError
        If a cell failed, was not executed, or `cause` is given.
    """
    cells = read_cells(copy)
    for place, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        problem = _problem(cell, cause)
        if problem:
            raise _failure(notebook, copy, where=_where(cells, place), problem=problem)
    if cause is not None:
        raise _failure(notebook, copy, where="", problem=(type(cause).__name__, str(cause)))


def _problem(cell: dict, cause: BaseException | None) -> tuple[str, str] | None:
    for output in cell["outputs"]:
        if output["output_type"] == "error":
            return output["ename"], output["evalue"]
    if cell["metadata"].get("papermill", {}).get("exception") is True:
        return (type(cause).__name__, str(cause)) if cause else ("Unfinished", "the cell did not end")
    if cell["source"].strip() and cell["execution_count"] is None:
        return "Unfinished", "the cell was not run"
    return None


def _where(cells: list[dict], place: int) -> str:
    number = sum(not PAPERMILL_TAGS.intersection(cell["tags"]) for cell in cells[: place + 1])
    heading = heading_above([cell for cell in cells[:place] if not PAPERMILL_TAGS.intersection(cell["tags"])], place)
    return f", cell {number}" + (f" ({heading})" if heading else "")


def _failure(notebook: Path, copy: Path, *, where: str, problem: tuple[str, str]) -> NotebookError:
    name, text = problem
    place = f"{notebook.stem}{where}"
    seen = f"`crossover open {notebook.stem} --failed` opens {shown(copy)}, which shows how far it came."
    if name == REFUSED:
        return NotebookError(f"{place}: {text}", bad_input=True)
    lines = text.strip().splitlines() or ["(no message)"]
    if len(lines) > SHOWN_OF_ERROR:
        lines = [*lines[:SHOWN_OF_ERROR], "..."]
    advice = ADVICE.get(name, f"Mend {shown(notebook)}, then run again.")
    return NotebookError(
        f"{place}: {name}: " + "\n".join(lines) + f"\n{advice} {seen}", status=STATUS_OF.get(name, ERROR)
    )


def add_banner(copy: Path, text: str) -> None:
    """Put a warning on top of an executed copy: papermill leaves one that looks finished when a kernel dies.

    Parameters
    ----------
    copy : Path
        The executed copy; left alone if it cannot be read.
    text : str
        What happened, in a sentence.
    """
    try:
        notebook = json.loads(copy.read_text(encoding="utf-8"))
        banner = {
            "cell_type": "markdown",
            "id": "run-did-not-finish",
            "metadata": {"tags": [BANNER_TAG]},
            "source": f"**This run did not finish.** {text}\n\nWhat is below it was not run, whatever it seems.",
        }
        notebook["cells"].insert(0, banner)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    write_whole(copy, json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n")
