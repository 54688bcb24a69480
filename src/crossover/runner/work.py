"""One step of a run: its notebook in a kernel, its results checked, published and recorded, or nothing of it."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossover.runner.freshness import find_tables
from crossover.runner.notebooks import heading_above
from crossover.runner.outcome import PAPERMILL_TAGS, NotebookError, add_banner
from crossover.runner.plan import PROCESSED, Plan, Step
from crossover.runner.staging import Working, staged
from crossover.runs import DIED, ERROR, INTERRUPTED, OK, RECORDS, TIMEOUT, Record, RunFile, digest, now
from crossover.secrets import NAME, find_leak, hide
from helpers.data.files import shown, write_whole
from helpers.errors import InputError

if TYPE_CHECKING:
    from crossover.runner.kernels import Kernel, Kernels


def execute(notebook: Path, copy: Path, **options: object) -> None:
    """Run one notebook as `crossover.runner.execute` does, which is imported when the first one must run."""
    # jsonschema does without this module, which saves a second of building grammars.
    sys.modules.setdefault("rfc3987_syntax", None)
    from crossover.runner.execute import execute as execute_in_kernel

    execute_in_kernel(notebook, copy, **options)


@dataclass(frozen=True)
class Limits:
    """Seconds that may pass.

    Attributes
    ----------
    cell, notebook, run : float
        For one cell, one notebook and the whole run.
    """

    cell: float = 600
    notebook: float = 1800
    run: float = 3600


class Work:
    """One step while it runs.

    Parameters
    ----------
    step : Step
        What to run.
    plan : Plan
        The run that it is part of.
    file : RunFile
        Where it is recorded; what it was made from the last time stays known if it fails.
    made_from : mapping of str to str
        Its fingerprint, taken before it begins.
    secrets : list of str
        What must not be in any file.
    cell_limit : float
        Seconds that a cell may take.
    """

    def __init__(
        self,
        step: Step,
        *,
        plan: Plan,
        file: RunFile,
        made_from: Mapping[str, str],
        secrets: list[str],
        cell_limit: float,
    ) -> None:
        self.step, self._plan, self._file = step, plan, file
        self._place = plan.place
        self.copy = plan.place.executed / step.notebook.name
        self.error: Exception | None = None
        self.began = time.monotonic()
        self._made_from, self._secrets, self._cell_limit = made_from, secrets, cell_limit
        self._ended_for: tuple[str, str] | None = None
        self._at = ""
        self._kernel: Kernel | None = None
        self._log: list[str] = []
        kept = file.step(step.name) or Record(step.name, INTERRUPTED)
        given = {"assigned": dict(step.assigned), "parameters": dict(step.values)}
        self._earlier = dict(kept.wrote)
        self.record = replace(kept, status=INTERRUPTED, message="", began=now(), ended="", **given)

    def perform(self, kernels: "Kernels", watch: Callable[..., None]) -> Record:
        """Run the notebook, publish what it wrote, and record how it ended.

        Parameters
        ----------
        kernels : Kernels
            Where the kernel comes from.
        watch : callable
            Receives `name`, and `number`, `of` and `heading` of each cell when it begins.

        Returns
        -------
        Record
            As written; what was raised is in `error`.
        """
        status, wrote = ERROR, {}
        try:
            self._prepare()
            wrote = self._run(kernels, watch)
            status = OK
        except NotebookError as error:
            status, self.error = error.status, error
        except InputError as error:
            self.error = error
        finally:
            if self.error is not None and self._ended_for is not None:
                status, why = self._ended_for
                self.error = NotebookError(f"{self.step.name}{self._at}: {why}", status=status)
            self._finish(status, wrote)
        return self.record

    def end(self, status: str, why: str) -> None:
        """End the kernel of this step from outside, for a time limit or an interrupt."""
        self._ended_for = self._ended_for or (status, why)
        if self._kernel is not None:
            self._kernel.end()

    def _prepare(self) -> None:
        try:
            for folder in (self.copy.parent, self._working_copy().parent, self.log.parent):
                folder.mkdir(parents=True, exist_ok=True)
            self.copy.unlink(missing_ok=True)  # an old copy must never look like this run's
            self._file.put(self.record)
        except OSError as error:
            raise cannot_write(self.copy.parent, error) from None

    @property
    def log(self) -> Path:
        """Where the log of this step goes."""
        return self._place.folder / RECORDS / "logs" / f"{self.step.name}.log"

    def _working_copy(self) -> Path:
        return self._place.folder / RECORDS / "work" / self.step.notebook.name

    def _run(self, kernels: "Kernels", watch: Callable[..., None]) -> dict[str, str]:
        folders = list(self.step.folders.values())
        needed = None
        if PROCESSED in self.step.folders and self.step.uses.is_told:
            needed = {path.stem for path in find_tables(self.step, plan=self._plan, file=self._file)}
        copy = self._working_copy()
        try:
            # What an earlier run of this step wrote and this one does not is an orphan, unless somebody changed it.
            known = {self._place.find(name): written for name, written in self._earlier.items()}
            earlier = [path for path, written in known.items() if digest(path) == written]
            with staged(folders, label=self.step.name, needed=needed, earlier=earlier) as working:
                root = self._place.root
                names = {_from_root(working.copies[folder], root): shown(folder) for folder in folders}
                redirected = {
                    name: _from_root(working.copies[folder], root) for name, folder in self.step.folders.items()
                }
                try:
                    execute(
                        self.step.notebook,
                        copy,
                        parameters={**self.step.assigned, **redirected},
                        take=lambda: self._take(kernels),
                        cell_limit=self._cell_limit,
                        watch=lambda place, cells: self._at_cell(place, cells, watch),
                    )
                except NotebookError as error:
                    raise _in_words_of_the_user(error, {**names, shown(copy): shown(self.copy)}) from error
                _rename_folders(copy, {f"{root}/": "", **names})
                wrote = {self._place.name(target): digest(file) for target, file in working.written().items()}
                self._refuse_leak(working)
            copy.replace(self.copy)
        except OSError as error:
            raise cannot_write(self.copy.parent, error) from None
        return wrote | {self._place.name(self.copy): digest(self.copy)}

    def _take(self, kernels: "Kernels") -> "Kernel":
        self._kernel = kernels.take()
        if self._ended_for is not None:
            self._kernel.end()
        return self._kernel

    def _at_cell(self, place: int, cells: list[dict], watch: Callable[..., None]) -> None:
        own = [not PAPERMILL_TAGS.intersection(cell["metadata"].get("tags", [])) for cell in cells]
        number, of, heading = sum(own[: place + 1]), sum(own), heading_above(cells, place + 1)
        self._at = f", cell {number}" + (f" ({heading})" if heading else "")
        self._log.append(f"{time.monotonic() - self.began:7.2f} s  cell {number} of {of}: {heading}")
        if self._kernel is not None:
            self._kernel.note_memory()
        watch(self.step.name, number=number, of=of, heading=heading)

    def _refuse_leak(self, working: Working) -> None:
        leak = find_leak([*working.written().values(), self._working_copy()], self._secrets)
        if leak is not None:
            self._working_copy().unlink(missing_ok=True)
            raise NotebookError(
                f"{self.step.name}: {leak.name} would hold the value of {NAME}, so nothing of this notebook was kept. "
                "Find the cell that prints or stores it, and leave it out."
            )

    def _finish(self, status: str, wrote: dict[str, str]) -> None:
        seconds = time.monotonic() - self.began
        memory = self._kernel.peak_memory if self._kernel is not None else None
        message = hide(str(self.error or ""), self._secrets)
        if isinstance(self.error, (NotebookError, InputError)):
            self.error.args = (message,)
        if status != OK:
            self._keep_copy(status, message)
        done = {"made_from": dict(self._made_from), "wrote": wrote} if status == OK else {}
        self.record = replace(
            self.record,
            status=status,
            message=message,
            ended=now(),
            seconds=round(seconds, 3),
            peak_memory=memory,
            **done,
        )
        with suppress(OSError, InputError):  # a full disk: what was written before says `interrupted`
            self._write_log(status, message)
            self._file.put(self.record)

    def _keep_copy(self, status: str, message: str) -> None:
        copy = self._working_copy()
        with suppress(OSError, InputError):
            if status in {TIMEOUT, DIED, INTERRUPTED}:
                first = message.partition("\n")[0]
                add_banner(copy, f"{self.step.name} ended with: {status}. {first}")
            if find_leak([copy], self._secrets) is None:
                copy.replace(self.copy)
            copy.unlink(missing_ok=True)

    def _write_log(self, status: str, message: str) -> None:
        output = ""
        if self._kernel is not None:
            with suppress(OSError):
                output = self._kernel.log.read_text(encoding="utf-8", errors="replace")
        lines = [
            f"{self.record.began}  {self.step.name}",
            *self._log,
            f"{self.record.seconds:7.2f} s  {status}",
            message,
        ]
        text = hide("\n".join([*lines, output]).strip(), self._secrets) + "\n"
        write_whole(self.log, text.encode())


def cannot_write(folder: Path, error: OSError) -> InputError:
    """Say that executed notebooks cannot be written."""
    place = f" ({error.filename})" if error.filename else ""
    return InputError(
        f"Cannot write executed notebooks to {shown(folder)}: {error.strerror or error}{place}. Make it a folder "
        "that can be written and has space; earlier results are as they were."
    )


def _from_root(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)


def _rename_folders(copy: Path, names: Mapping[str, str]) -> None:
    """Write the folders that a reader knows into an executed copy: those of this machine concern nobody else."""
    text = copy.read_text(encoding="utf-8")
    for working, known in names.items():
        text = text.replace(json.dumps(working)[1:-1], json.dumps(known)[1:-1])
    write_whole(copy, text.encode("utf-8"))


def _in_words_of_the_user(error: NotebookError, names: Mapping[str, str]) -> NotebookError:
    """Name the folders that the reader knows: the ones worked in are gone when the message is read."""
    text = str(error)
    for working, known in names.items():
        text = text.replace(working, known)
    return NotebookError(text, bad_input=error.bad_input, status=error.status)
