"""The notebooks in the order of their tables, side by side where it allows; each runs only if it must."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from crossover.runner.freshness import FACTS, digest_rooms, find_reasons, make_fingerprint
from crossover.runner.interrupts import NOTHING_PUBLISHED, Interrupted, terminated_as_interrupted, uninterrupted
from crossover.runner.lock import locked
from crossover.runner.outcome import NotebookError
from crossover.runner.plan import PACKAGE, PROCESSED, Plan, Step, plan_run
from crossover.runner.progress import Silent
from crossover.runner.staging import recover, require_writable
from crossover.runner.work import Limits, Work
from crossover.runs import INTERRUPTED, OK, SKIPPED, TIMEOUT, Place, Record, RunFile, describe_environment, digest, now
from crossover.secrets import read_secrets
from helpers.data.files import shown
from helpers.errors import InputError

if TYPE_CHECKING:
    from crossover.runner.kernels import Kernels

TICK = 0.1  # seconds between two looks at the clock
FRESH = "fresh"
# What libraries import only when they are used, by the room of helpers that uses it: each kernel would import it anew.
LAZY = {
    "helpers.data": [
        *["pyarrow.parquet", "pyarrow.dataset", "pyarrow.pandas_compat", "pandas.io.formats.html"],
        *["pandera.backends.pandas.register", "pandera.backends.pandas.builtin_hypotheses"],
    ],
    "helpers.figures": [f"matplotlib.backends.backend_{name}" for name in ("agg", "pdf", "svg")],
}


@dataclass
class Result:
    """How a run went.

    Attributes
    ----------
    plan : Plan
        What it was about.
    statuses : dict of str to str
        How each notebook ended, or ``fresh``.
    seconds : float
        How long the run took.
    has_facts : bool
        Whether facts.json is what these notebooks make: one of an earlier run may lie there.
    """

    plan: Plan
    statuses: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    has_facts: bool = False

    def named(self, status: str) -> list[str]:
        """List the notebooks that ended in one way, in order."""
        return sorted(name for name, ended in self.statuses.items() if ended == status)

    def describe_kept(self, again: str) -> str:
        """Say what of an unfinished run is kept, and how to go on."""
        kept = ", ".join(self.named(OK))
        if not kept:
            return NOTHING_PUBLISHED
        return f"The results of {kept} are kept; all others are as they were. `{again}` goes on from there."

    def describe(self) -> list[str]:
        """Say what a reader wants first, where the results are, what ran and what was fresh."""
        places = {name.removesuffix("_folder"): shown(path) for name, path in self.plan.folders.items()}
        places |= {"notebooks": shown(self.plan.place.executed), "record": shown(self.plan.place.record)}
        places["ran"] = f"{', '.join(self.named(OK)) or 'nothing'} ({self.seconds:.1f} s)"
        if fresh := self.named(FRESH):
            places["fresh"] = ", ".join(fresh)
        return [*self._summary(), *(f"{name + ':':<11} {place}" for name, place in places.items())]

    def _summary(self) -> list[str]:
        folder = self.plan.folders.get(PROCESSED)
        try:  # by hand: helpers.facts would import pandas, which takes longer than a run in which nothing changed
            text = json.loads((folder / f"{FACTS}.json").read_text(encoding="utf-8"))["summary"] if folder else ""
        except (OSError, ValueError, KeyError, TypeError):
            text = ""
        if not text:
            return []
        return [text if self.has_facts else f"From an earlier run: {text}", ""]


def run(
    place: Place,
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
    place : Place
        The project, and where the results go.
    settings, only, start
        As in `plan_run`.
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
    plan = plan_run(place, settings=settings, only=only, start=start)
    with locked(place.folder):
        recover(plan.folders.values())
        again = " ".join(
            ["crossover run", *([f"--to {shown(place.folder)}"] if place.folder != place.root else [])]
            + [f"-p {name} {text}" for name, text in settings]
        )
        result = Result(plan)
        _Run(result, again=again, force=force, jobs=jobs, limits=limits or Limits(), display=display or Silent()).go()
    return result


def count_cores() -> int:
    """Count the processor's cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Run:
    """One run while it lasts."""

    def __init__(self, result: Result, *, again: str, force: bool, jobs: int, limits: Limits, display: Silent) -> None:
        self._result, self._plan, self._again = result, result.plan, again
        self._steps = {step.name: step for step in result.plan.steps}
        self._force, self._jobs, self._limits, self._display = force, jobs, limits, display
        self._file = RunFile(result.plan.place)
        self._code = digest_rooms(PACKAGE)
        self._secrets = read_secrets(result.plan.place.root)
        self._kernels: Kernels | None = None
        self._working: dict[Future, Work] = {}
        self._failed: list[Work] = []
        self._began = time.monotonic()

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
                    raise Interrupted(self._result.describe_kept(self._again)) from None
                finally:
                    if self._kernels is not None:
                        self._kernels.end()
        finally:
            self._skip_rest()
            self._result.seconds = time.monotonic() - self._began
            self._display.close()
            self._close_record()
        if self._failed:
            raise self._first_error()

    def _schedule(self, threads: ThreadPoolExecutor) -> None:
        sorter = TopologicalSorter(self._plan.order)
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
        made_from = make_fingerprint(step, plan=self._plan, file=self._file, code=self._code)
        earlier = self._file.step(step.name)
        if not self._force and not find_reasons(earlier, plan=self._plan, file=self._file, made_from=made_from):
            self._ended(step, FRESH, 0.0, set(earlier.wrote))
            return False
        if self._kernels is None:
            require_writable(self._plan.folders.values())  # better now than after an hour
            self._open_record()
            self._kernels = self._start_kernels(step)
        work = Work(
            step,
            plan=self._plan,
            file=self._file,
            made_from=made_from,
            secrets=self._secrets,
            cell_limit=self._limits.cell,
        )
        self._display.start(step.name)
        self._working[threads.submit(work.perform, self._kernels, self._display.cell)] = work
        return True

    def _open_record(self) -> None:
        """Note that a run begins; what is known of notebooks that are no more is dropped, with the files they wrote."""
        root, there = self._plan.place.root, {step.name for step in self._plan.everything}
        gone = {name: record for name, record in self._file.steps().items() if name not in there}
        for record in gone.values():
            for name, written in record.wrote.items():
                path = self._plan.place.find(name)
                if digest(path) == written:
                    path.unlink(missing_ok=True)
        self._file.forget(gone)
        self._file.begin(
            began=now(),
            process=os.getpid(),
            settings={name: value for step in self._plan.steps for name, value in step.assigned.items()},
            environment=describe_environment(root),
        )

    def _start_kernels(self, first: Step) -> "Kernels":
        left = [step for step in self._steps.values() if step.name not in self._result.statuses]
        modules = {name for step in left for name in step.uses.imports if name.partition(".")[0] == "helpers"}
        rooms = {".".join(name.split(".")[:2]) for name in modules}
        lazy = [name for room, names in LAZY.items() if room in rooms for name in names]
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
        for name in self._steps:
            if name not in self._result.statuses:
                self._result.statuses[name] = SKIPPED
                earlier = self._file.step(name) or Record(name, SKIPPED)
                message = "It was not its turn yet when the run ended."
                self._file.put(replace(earlier, status=SKIPPED, message=message))
                self._display.end(name, SKIPPED, 0.0)

    def _close_record(self) -> None:
        if self._kernels is None and not self._failed and SKIPPED not in self._result.statuses.values():
            return  # nothing ran: the record is that of the run before
        ended = set(self._result.statuses.values())
        status = INTERRUPTED if INTERRUPTED in ended else OK if ended <= {OK, FRESH} else "failed"
        with suppress(InputError):  # a full disk: the record says `running`, of a process that is no more
            self._file.end(status, now())

    def _first_error(self) -> Exception:
        errors = [work.error for work in self._failed]
        error = next((found for found in errors if not isinstance(found, InputError)), errors[0])
        if isinstance(error, NotebookError) and (not error.bad_input or self._result.named(OK)):
            error.args = (f"{error} {self._result.describe_kept(self._again)}",)
        return error


def start_kernels(folder: Path, *, modules: Sequence[str], count: int, ahead: int) -> "Kernels":
    """Start the kernels of a run; the module is imported only when a notebook must run."""
    from crossover.runner.kernels import Kernels

    return Kernels(folder, modules=modules, count=count, ahead=ahead)
