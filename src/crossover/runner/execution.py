"""One notebook executed and proven, with an error in words for people; what is heavy is imported when it begins."""

import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from crossover.runner.outcome import NotebookError, check_executed
from crossover.runs import DIED

if TYPE_CHECKING:
    from crossover.runner.kernels import Kernel


def execute(
    notebook: Path,
    copy: Path,
    *,
    parameters: Mapping[str, object],
    take: Callable[[], "Kernel"],
    cell_limit: float,
    watch: Callable[[int, list[dict]], None],
) -> None:
    """Run one notebook, keep the executed copy, and make sure that all of it was run.

    Parameters
    ----------
    notebook, copy : Path
        The notebook, and where its executed copy goes.
    parameters : mapping of str to object
        What is injected.
    take : callable
        Gives a kernel.
    cell_limit : float
        Seconds that a cell may take.
    watch : callable
        Receives the place of each cell when it begins, and all cells.

    Raises
    ------
    NotebookError
        If a cell failed or was left out, the kernel died, or a limit was reached.
    OSError
        If the executed copy cannot be written.
    """
    # jsonschema does without this module, which saves a second of building grammars.
    sys.modules.setdefault("rfc3987_syntax", None)

    from nbclient.exceptions import CellControlSignal
    from papermill.exceptions import PapermillExecutionError

    from crossover.runner.engine import execute_in_kernel

    # What they log is raised here, in words for people.
    for name in ("papermill", "traitlets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    cause = None
    copy.unlink(missing_ok=True)
    try:
        execute_in_kernel(
            notebook,
            copy,
            parameters=parameters,
            kernel=take(),
            cell_limit=cell_limit,
            watch=watch,
        )
    except (PapermillExecutionError, CellControlSignal, RuntimeError) as error:
        cause = error  # before OSError: nbclient's timeout is both
    if not copy.exists() and cause is not None:
        raise NotebookError(f"{notebook.stem}: {cause} Run again.", status=DIED) from cause
    try:
        check_executed(notebook, copy, cause=cause)
    except NotebookError as error:
        raise error from cause
