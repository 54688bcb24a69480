"""One notebook in one kernel of its own: over IPC, without secrets, and leaving nothing behind."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import papermill
from jupyter_core.utils import ensure_event_loop
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from traitlets.config import Config

from helpers.run.parameters import looks_secret

ENGINE = "crossover"
LAST_OUTPUT = 60  # seconds to wait for the output of a cell that has ended: 4 are too few on a busy machine


class ProjectEngine(NBClientEngine):
    """Run a notebook where JupyterLab would, and stop its kernel however the run ends."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, *, folder: str, **_papermill: Any
    ) -> None:
        """Execute the cells; papermill calls this (its other options are about logs and timeouts)."""
        # Sockets have names of about 100 characters at most: they cannot lie in the project.
        with tempfile.TemporaryDirectory(prefix="crossover-", ignore_cleanup_errors=True) as private:
            client = PapermillNotebookClient(
                nb_man,
                kernel_name=kernel_name,
                config=ipc_config(Path(private)),
                iopub_timeout=LAST_OUTPUT,
                raise_on_iopub_timeout=True,
                shutdown_kernel="immediate",  # asked to end in the middle of a cell, it prints a traceback of its own
            )
            try:
                client.create_kernel_manager()
                with hold_interrupts():
                    client.start_new_kernel(cwd=folder, env=kernel_environment(os.environ, private=private))
                    client.start_new_kernel_client()
                client.execute()
            except BaseException:
                _mark_unfinished(nb_man)
                raise
            finally:
                _stop(client)


def ipc_config(private: Path) -> Config:
    """Let kernel and client talk through files of this user: no port is open, and nothing warns about one."""
    connection = {"transport": "ipc", "ip": str(private / "ipc"), "connection_file": str(private / "kernel.json")}
    return Config({"KernelManager": connection})


def kernel_environment(inherited: Mapping[str, str], *, private: str) -> dict[str, str]:
    """Choose what a kernel inherits: no secrets, and nothing that makes one machine's run unlike another's.

    Parameters
    ----------
    inherited : mapping of str to str
        The environment of this process.
    private : str
        An empty folder: IPython's settings and start-up files are those of nobody.

    Examples
    --------
    >>> kernel_environment({"HOME": "/home/ada", "OPENROUTER_API_KEY": "sk-or-1"}, private="/tmp/x")
    {'HOME': '/home/ada', 'IPYTHONDIR': '/tmp/x'}
    """
    left_out = {"PYTHONDONTWRITEBYTECODE"}  # kernels without compiled modules take twice as long
    kept = {name: value for name, value in inherited.items() if name not in left_out and not looks_secret(name)}
    return kept | {"IPYTHONDIR": private}


@contextmanager
def hold_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait until the block has ended.

    In the middle of a kernel's start, its process is not known yet, so nothing would stop it, and the threads that
    watch it may wait for each other for ever. For the main thread only.

    Raises
    ------
    KeyboardInterrupt
        At the end of the block, if Ctrl-C was pressed in it.
    """
    held = []
    handler = signal.signal(signal.SIGINT, lambda *_: held.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if held:
            signal.raise_signal(signal.SIGINT)


def execute_in_kernel(notebook: Path, copy: Path, *, parameters: Mapping[str, object]) -> None:
    """Execute a notebook in a fresh kernel and write the executed copy, however far it came.

    Parameters
    ----------
    notebook : Path
        Stays as it is; the kernel's current folder is the notebook's.
    copy : Path
        Where the executed copy goes.
    parameters : mapping of str to object
        Values to inject below the parameters cell.

    Raises
    ------
    Exception
        What papermill and nbclient raise. No exception is no proof of success: see `check_executed`.
    """
    papermill_engines.register(ENGINE, ProjectEngine)
    papermill.execute_notebook(
        str(notebook),
        str(copy),
        parameters=dict(parameters) or None,
        engine_name=ENGINE,
        kernel_name="python3",
        language="python",  # a notebook whose metadata names none is run as well
        progress_bar=False,
        folder=str(notebook.parent),
    )


def _mark_unfinished(nb_man: NotebookExecutionManager) -> None:
    """Mark the cell that was running: papermill's own copy says `completed` for every cell by now."""
    begun = [place for place, cell in enumerate(nb_man.nb.cells) if cell.metadata.papermill["start_time"]]
    place = begun[-1] if begun else 0
    nb_man.cell_exception(nb_man.nb.cells[place], cell_index=place)


def _stop(client: PapermillNotebookClient) -> None:
    """End what nbclient leaves when it is interrupted: a kernel, its sockets, tasks and the event loop."""
    loop = ensure_event_loop()
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    if client.kc is not None:
        client.kc.stop_channels()
    if client.km is not None:
        if client.km.has_kernel:
            loop.run_until_complete(client.km.shutdown_kernel(now=True))
        loop.run_until_complete(client.km.cleanup_resources())
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    asyncio.set_event_loop(None)
