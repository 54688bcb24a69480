"""One notebook in one kernel, through papermill. Importing this takes a third of a second: do it late."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty
from typing import Any

import papermill
from jupyter_client import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError

from crossover.runner.kernels import Kernel
from crossover.runner.outcome import NotebookError, check_executed
from crossover.runs import DIED

ENGINE = "crossover"
LAST_OUTPUT = 60  # seconds to wait for the output of a cell that has ended: 4 are too few on a busy machine


class ProjectEngine(NBClientEngine):
    """Run a notebook in a kernel that was started ahead, and end the kernel however the run ends."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        kernel: Kernel,
        cell_limit: float,
        watch: Callable[[int, list[NotebookNode]], None],
        **_papermill: Any,
    ) -> None:
        """Execute the cells; papermill calls this (its other options are about logs and timeouts)."""
        # papermill would write the whole notebook twice a cell: it is written once, in the end.
        copy, nb_man.output_path = nb_man.output_path, None
        manager = AsyncKernelManager()
        manager.load_connection_file(str(kernel.connection))
        manager.provisioner = kernel
        client = PapermillNotebookClient(
            nb_man,
            km=manager,
            kernel_name=kernel_name,
            timeout=cell_limit,
            iopub_timeout=LAST_OUTPUT,
            raise_on_iopub_timeout=True,
            on_cell_start=lambda cell_index, **_: watch(cell_index, nb_man.nb.cells),
        )
        try:
            client.kc = manager.client()
            client.kc.start_channels(stdin=False, hb=False)
            client.kc.allow_stdin = False
            ensure_event_loop().run_until_complete(_wait_until_ready(client.kc, kernel))
            client.execute()
        except BaseException:
            nb_man.output_path = copy
            _mark_unfinished(nb_man)
            raise
        finally:
            kernel.note_memory()
            _stop(client, kernel)


async def _wait_until_ready(client: Any, kernel: Kernel) -> None:
    """Wait until the kernel answers and its outputs arrive; jupyter_client's own wait takes 0.2 s longer."""
    client.kernel_info()
    for channel in (client.shell_channel, client.iopub_channel):
        while True:
            try:
                await channel.get_msg(timeout=1)
                break
            except Empty:
                if await kernel.poll() is not None:
                    raise DeadKernelError("Kernel died while it started") from None


def execute(
    notebook: Path,
    copy: Path,
    *,
    parameters: Mapping[str, object],
    take: Callable[[], Kernel],
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
    # What they log is raised here, in words for people.
    for name in ("papermill", "traitlets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    cause = None
    copy.unlink(missing_ok=True)
    try:
        papermill_engines.register(ENGINE, ProjectEngine)
        papermill.execute_notebook(
            str(notebook),
            str(copy),
            parameters=dict(parameters) or None,
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",  # a notebook whose metadata names none is run as well
            progress_bar=False,
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


def _mark_unfinished(nb_man: NotebookExecutionManager) -> None:
    """Mark the cell that was running: papermill's own copy says `completed` for every cell by now."""
    begun = [place for place, cell in enumerate(nb_man.nb.cells) if cell.metadata.papermill["start_time"]]
    place = begun[-1] if begun else 0
    nb_man.cell_exception(nb_man.nb.cells[place], cell_index=place)


def _stop(client: PapermillNotebookClient, kernel: Kernel) -> None:
    """End the kernel, its sockets, tasks and the event loop of this thread."""
    kernel.end()
    loop = ensure_event_loop()
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    if client.kc is not None:
        client.kc.stop_channels()
    loop.run_until_complete(client.km.cleanup_resources())
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    asyncio.set_event_loop(None)
