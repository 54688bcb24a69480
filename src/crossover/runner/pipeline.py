"""The notebooks in the order of their tables, side by side where it allows; each runs only if it must."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from crossover.runner.freshness import find_reasons, make_fingerprint
from crossover.runner.imports import Modules
from crossover.runner.interrupts import Interrupted, terminated_as_interrupted, uninterrupted
from crossover.runner.lock import locked
from crossover.runner.outcome import NotebookError
from crossover.runner.plan import FRESH, Result, plan
from crossover.runner.progress import Silent
from crossover.runner.records import (
    FOLDER,
    INTERRUPTED,
    OK,
    SKIPPED,
    TIMEOUT,
    Record,
    read_record,
    write_record,
    write_summary,
)
from crossover.runner.staging import recover, require_writable
from crossover.runner.steps import FACTS, Step, one_folder_each, order_steps
from crossover.runner.work import Limits, Work
from crossover.secrets import read_secrets
from helpers.errors import InputError

if TYPE_CHECKING:
    from crossover.runner.kernels import Kernels

TICK = 0.1  # seconds between two looks at the clock
# What libraries import only when they are used: it would be imported once per kernel.
LAZY = {
    "pandas": ["pyarrow.parquet", "pyarrow.dataset", "pyarrow.pandas_compat", "pandas.io.formats.html"],
    "pandera": ["pandera.backends.pandas.register", "pandera.backends.pandas.builtin_hypotheses"],
    "matplotlib": [
        "matplotlib.backends.backend_agg",
        "matplotlib.backends.backend_pdf",
        "matplotlib.backends.backend_svg",
    ],
}


def run(
    root: Path,
    *,
    settings: Sequence[tuple[str, str]] = (),
    only: Sequence[str] = (),
    start: str | None = None,
    force: bool = False,
    jobs: int = 1,
    limits: Limits | None = None,
    display: Silent | None = None,
) -> Result:
    """Run the notebooks that are not fresh, and publish the results of each when it succeeded.

    Parameters
    ----------
    root : Path
        The project's folder.
    settings, only, start
        As in `plan`.
    force : bool
        Run fresh notebooks too.
    jobs : int
        How many notebooks may run at once.
    limits : Limits, optional
        How long a cell, a notebook and all of it may take.
    display : Silent, optional
        Receives what happens.

    Raises
    ------
    InputError
        If a name, a parameter or a folder is wrong or another run is at work (nothing was run), or results cannot be
        written.
    NotebookError
        If a cell failed, a kernel died or a limit was reached.
    Interrupted
        If it was stopped by Ctrl-C or SIGTERM.
    """
    root = root.resolve()
    steps = plan(root, settings=settings, only=only, start=start)
    order, folders = order_steps(steps), one_folder_each(steps)
    with locked(root):
        recover(folders.values())
        result = Result([root / "build" / "notebooks" / step.notebook.name for step in steps], folders)
        this = _Run(root, steps, order, result, force=force, jobs=jobs, limits=limits or Limits(), display=display)
        this.go()
    return result


class _Run:
    """One run while it lasts."""

    def __init__(
        self,
        root: Path,
        steps: Sequence[Step],
        order: dict[str, set[str]],
        result: Result,
        *,
        force: bool,
        jobs: int,
        limits: Limits,
        display: Silent | None,
    ) -> None:
        self._root, self._order, self._result = root, order, result
        self._steps = {step.name: step for step in steps}
        self._force, self._jobs, self._limits, self._display = force, jobs, limits, display or Silent()
        self._modules = Modules(root / FOLDER / "imports.json")
        self._secrets = read_secrets(root)
        self._kernels: Kernels | None = None
        self._working: dict[Future, Work] = {}
        self._failed: list[Work] = []
        self._began, self._since = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")

    def go(self) -> None:
        """Run what must run; raise what went wrong."""
        self._display.begin(list(self._steps))
        try:
            with terminated_as_interrupted(), ThreadPoolExecutor(self._jobs) as threads:
                try:
                    self._schedule(threads)
                except KeyboardInterrupt:
                    with uninterrupted():
                        self._end_all(INTERRUPTED, "It was interrupted.")
                        while self._working:
                            self._collect(None)
                    raise Interrupted(self._result.tell_kept()) from None
                finally:
                    if self._kernels is not None:
                        self._kernels.end()
        finally:
            self._skip_rest()
            self._result.seconds = time.monotonic() - self._began
            self._display.close()
            self._summarise()
        if self._failed:
            raise self._first_error()

    def _schedule(self, threads: ThreadPoolExecutor) -> None:
        sorter = TopologicalSorter(self._order)
        sorter.prepare()
        ready: list[str] = []
        while sorter.is_active() or self._working:
            if not self._failed:
                ready = sorted([*ready, *sorter.get_ready()], key=list(self._steps).index)
            for name in list(ready):
                if self._failed or len(self._working) >= self._jobs:
                    break
                ready.remove(name)
                if not self._start(self._steps[name], threads):
                    sorter.done(name)
                    ready = sorted([*ready, *sorter.get_ready()], key=list(self._steps).index)
            if self._working:
                for name in self._collect(TICK):
                    sorter.done(name)
                self._check_limits()
            elif self._failed:
                return

    def _start(self, step: Step, threads: ThreadPoolExecutor) -> bool:
        made_from = make_fingerprint(step, root=self._root, modules=self._modules)
        earlier = read_record(self._root, step)
        if not self._force and not find_reasons(earlier, root=self._root, made_from=made_from):
            self._ended(step, FRESH, 0.0, set(earlier.wrote))
            return False
        if self._kernels is None:
            require_writable(self._result.folders.values())  # better now than after an hour
            self._kernels = self._start_kernels(step)
        work = Work(
            step,
            root=self._root,
            made_from=made_from,
            earlier=earlier,
            secrets=self._secrets,
            cell_limit=self._limits.cell,
        )
        self._display.start(step.name)
        self._working[threads.submit(work.perform, self._kernels, self._display.cell)] = work
        return True

    def _start_kernels(self, first: Step) -> "Kernels":
        left = [step for step in self._steps.values() if step.name not in self._result.statuses]
        modules = {name for step in left for name in self._modules.closure(step.uses.imports) if "/" not in name}
        others = self._modules.others()
        lazy = [name for library, names in LAZY.items() if library in others for name in names]
        return start_kernels(
            first.notebook.parent, modules=[*lazy, *sorted(modules)], count=len(left), ahead=min(self._jobs, 2)
        )

    def _collect(self, timeout: float | None) -> Iterator[str]:
        done, _ = wait(self._working, timeout=timeout, return_when=FIRST_COMPLETED)
        self._display.tick()
        names = []
        for future in done:
            work = self._working.pop(future)
            record = work.record
            self._ended(work.step, record.status, record.seconds, set(record.wrote))
            future.result()  # raises what nobody foresaw
            if record.status == OK:
                names.append(work.step.name)
            else:
                self._failed.append(work)
        return names

    def _ended(self, step: Step, status: str, seconds: float, wrote: set[str]) -> None:
        self._result.statuses[step.name] = status
        self._result.has_facts |= status in {OK, FRESH} and any(name.endswith(f"/{FACTS}.json") for name in wrote)
        self._display.end(step.name, status, seconds)

    def _check_limits(self) -> None:
        now = time.monotonic()
        if now - self._began > self._limits.run:
            why = f"the run took longer than {self._limits.run:g} s. Mend what takes so long, or allow more with"
            self._end_all(TIMEOUT, f"{why} --run-limit.")
        for work in self._working.values():
            if now - work.began > self._limits.notebook:
                why = f"the notebook took longer than {self._limits.notebook:g} s. Mend what takes so long, or allow"
                work.end(TIMEOUT, f"{why} more with --notebook-limit.")

    def _end_all(self, status: str, why: str) -> None:
        for work in self._working.values():
            work.end(status, why)
        if self._kernels is not None and status == INTERRUPTED:
            self._kernels.end()

    def _skip_rest(self) -> None:
        for name, step in self._steps.items():
            if name not in self._result.statuses:
                self._result.statuses[name] = SKIPPED
                earlier = read_record(self._root, step) or Record(name, SKIPPED)
                message = "It was not its turn yet when the run ended."
                write_record(self._root, step, replace(earlier, status=SKIPPED, message=message))
                self._display.end(name, SKIPPED, 0.0)

    def _summarise(self) -> None:
        self._modules.save()
        told = {"began": self._since, "seconds": round(self._result.seconds, 3), "process": os.getpid()}
        write_summary(self._root, {**told, "statuses": self._result.statuses})

    def _first_error(self) -> Exception:
        errors = [work.error for work in self._failed]
        error = next((found for found in errors if not isinstance(found, InputError)), errors[0])
        if isinstance(error, NotebookError) and (not error.bad_input or self._result.named(OK)):
            error.args = (f"{error} {self._result.tell_kept()}",)
        return error


def start_kernels(folder: Path, *, modules: Sequence[str], count: int, ahead: int) -> "Kernels":
    """Start the kernels of a run; the module is imported only when a notebook must run."""
    from crossover.runner.kernels import Kernels

    return Kernels(folder, modules=modules, count=count, ahead=ahead)
