"""A run as it happened: what the runner records step by step, and what everything that speaks of results opens.

A run has a place: the project itself, or the folder that ``--to`` names. Its record, ``build/run/run.json`` there, says
which record of the rankings, parameters, raw files, notebooks, code and environment made it, how each step ended, and
every file that was written, with its hash. Paths in it are relative to the place, or to the project for what was read.
"""

import hashlib
import json
import platform
import re
import threading
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from functools import cached_property
from importlib import metadata
from pathlib import Path

from crossover import __version__
from helpers.data.files import shown, write_whole
from helpers.data.settings import FILE as SETTINGS
from helpers.data.sources import Source, cite_record
from helpers.errors import InputError

FORM = "token-crossover run 1"
OK, ERROR, TIMEOUT, DIED = "ok", "error", "timeout", "kernel died"
SKIPPED, INTERRUPTED = "skipped", "interrupted"
STATUSES = (OK, ERROR, TIMEOUT, DIED, SKIPPED, INTERRUPTED)
TABLES, FIGURES, NOTEBOOKS = Path("data/processed"), Path("figures"), Path("build/notebooks")
RECORDS = Path("build/run")
NOTES = ("made_from.json", ".made.json")  # files whose content says what made the others


@dataclass(frozen=True)
class Place:
    """Where a run's results are, and the project that they were made with.

    Attributes
    ----------
    root : Path
        The project's folder: notebooks, raw data, code.
    folder : Path
        Where the results are; the same folder for the default run.
    """

    root: Path
    folder: Path

    @classmethod
    def of(cls, root: Path, to: str | None = None) -> "Place":
        """Find the place that ``--to`` or ``--run`` names, relative to the project; the project itself by default.

        Raises
        ------
        InputError
            If it lies where the project keeps something else, or is no folder.
        """
        root = root.resolve()
        try:
            folder = root if to is None else (root / Path(to).expanduser()).resolve()
        except RuntimeError:  # a user whom this machine does not know, or a link to itself
            raise InputError(f"{to!r} leads to no folder. Write the path out.") from None
        own = [root / name for name in ("data", "figures", "notebooks", "src", "tests", ".git", "build/run")]
        if any(folder == kept or kept in folder.parents for kept in own) or folder in root.parents:
            raise InputError(f"A run cannot be kept in {shown(folder)}. Name a folder of its own, like build/try.")
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{shown(folder)} is no folder. Name another one.")
        return cls(root, folder)

    @property
    def record(self) -> Path:
        """The record of the run."""
        return self.folder / RECORDS / "run.json"

    @property
    def executed(self) -> Path:
        """Folder of the executed notebooks."""
        return self.folder / NOTEBOOKS

    @property
    def option(self) -> str:
        """What a command needs to be told to speak of this run; empty for the default run."""
        return "" if self.folder == self.root else f" --run {shown(self.folder)}"

    def output(self, declared: str) -> Path:
        """Say where an output folder lies whose default in the notebooks is `declared`.

        Raises
        ------
        InputError
            If the notebooks' default is no folder of the project.
        """
        path = Path(declared)
        if not declared.strip() or path.is_absolute() or ".." in path.parts:
            raise InputError(
                f"The notebooks write to {declared!r}, which is no folder of the project. Write a default like "
                "data/processed, and say with --to where a whole run goes."
            )
        return self.folder / path

    def name(self, path: Path) -> str:
        """Name a file as the record does: within the place, or else within the project."""
        for folder in (self.folder, self.root):
            if path.is_relative_to(folder):
                return path.relative_to(folder).as_posix()
        return str(path)

    def find(self, name: str) -> Path:
        """Find a written file by its name in the record."""
        return self.folder / name


@dataclass(frozen=True)
class Record:
    """What is known of one step.

    Attributes
    ----------
    step : str
        The notebook's name.
    status : str
        How the last run of it ended (one of `STATUSES`). It says `interrupted` from the beginning of a run until it
        ends, so that a run that was cut off never looks like one that ended.
    message : str
        Why, if it did not end well.
    began, ended : str
        When (UTC).
    seconds : float
        How long it took.
    peak_memory : int or None
        Largest memory of its kernel (bytes), if the system says.
    assigned : mapping
        Parameters that were set.
    parameters : mapping
        Every parameter with its value, output folders apart.
    made_from : mapping of str to str
        Of the last run that ended well: a digest of everything that it was made from.
    wrote : mapping of str to str
        Of the same run: a digest of every file that it wrote, by name.
    """

    step: str
    status: str
    message: str = ""
    began: str = ""
    ended: str = ""
    seconds: float = 0.0
    peak_memory: int | None = None
    assigned: Mapping[str, object] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    made_from: Mapping[str, str] = field(default_factory=dict)
    wrote: Mapping[str, str] = field(default_factory=dict)


class RunFile:
    """The record of a place, read once and written whole after every change; safe to be used from several threads."""

    def __init__(self, place: Place) -> None:
        self.place, self._lock = place, threading.Lock()
        self._data: dict = _read(place.record)

    @property
    def rankings(self) -> Mapping[str, object] | None:
        """The record of the rankings that the tables were made from, if any was written yet."""
        return self._data.get("record")

    def step(self, name: str) -> Record | None:
        """Look a step up; None if nothing is known of it, or what is kept cannot be understood."""
        stored = self._data.get("steps", {}).get(name)
        try:
            return Record(**{entry.name: stored[entry.name] for entry in fields(Record)})
        except (TypeError, KeyError):
            return None

    def steps(self) -> dict[str, Record]:
        """List the steps that are known, by name."""
        found = {name: self.step(name) for name in self._data.get("steps", {})}
        return {name: record for name, record in found.items() if record is not None}

    def written(self) -> dict[str, str]:
        """List every file that the steps wrote, with its digest."""
        return {name: digest for record in self.steps().values() for name, digest in record.wrote.items()}

    def head(self, name: str, default: object = None) -> object:
        """Look up what the record says of the run as a whole."""
        return self._data.get(name, default)

    def begin(self, **head: object) -> None:
        """Note that a run begins, and under which settings and environment."""
        with self._lock:
            self._data |= {"form": FORM, "status": "running", "ended": None, **head}
            self._write()

    def put(self, record: Record) -> None:
        """Note what is known of a step now."""
        with self._lock:
            self._data.setdefault("steps", {})[record.step] = asdict(record)
            self._data["record"] = self._rankings(record) or self._data.get("record")
            self._write()

    def forget(self, names: Iterable[str]) -> None:
        """Drop steps of notebooks that are no more."""
        with self._lock:
            for name in names:
                self._data.get("steps", {}).pop(name, None)

    def end(self, status: str, when: str) -> None:
        """Note how the run ended, and all that it was made from and wrote."""
        with self._lock:
            steps = self.steps().values()
            named = {name: digest for record in steps for name, digest in record.made_from.items()}
            self._data |= {
                "status": status,
                "ended": when,
                "raw": {n: d for n, d in sorted(named.items()) if n.partition("/")[2] and n.startswith("data/raw/")},
                "notebooks": {record.step: record.made_from.get("the notebook", "") for record in steps},
                "code": {n: d for n, d in sorted(named.items()) if n.partition(".")[0] == "helpers"},
                "files": dict(sorted(self.written().items())),
            }
            self._write()

    def _write(self) -> None:
        content = json.dumps(self._data, indent=1, ensure_ascii=False).encode() + b"\n"
        write_whole(self.place.record, content)

    def _rankings(self, record: Record) -> Mapping[str, object] | None:
        for name in record.wrote:
            if name.endswith(NOTES):
                with suppress(OSError, ValueError, KeyError, TypeError):
                    return json.loads(self.place.find(name).read_text(encoding="utf-8"))["record"]
        return None


def _read(path: Path) -> dict:
    """Read a record; what cannot be understood is the same as nothing: every step runs again."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return data if data["form"] == FORM and isinstance(data["steps"], dict) else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def now() -> str:
    """Give the present moment in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def digest(path: Path) -> str:
    """Give the SHA-256 of a file, or an empty text if there is no such file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def describe_environment(root: Path) -> dict[str, object]:
    """List the versions of Python, of the project and of the packages that its pyproject.toml asks for.

    Returns
    -------
    dict
        `python` and `project` (versions), `system` (name and machine), `packages` (name to version, sorted).

    Raises
    ------
    InputError
        If pyproject.toml cannot be read.
    """
    path = root / "pyproject.toml"
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{shown(path)} cannot be read: {error}. Restore it with `git checkout`.") from None
    names = [re.split(r"[^\w.-]", wanted, maxsplit=1)[0] for wanted in project.get("dependencies", [])]
    return {
        "python": platform.python_version(),
        "project": __version__,
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: metadata.version(name) for name in sorted(names)},
    }


@dataclass(frozen=True)
class Run:
    """A finished run that was opened: everything in it belongs together, unless `warning` says otherwise.

    Attributes
    ----------
    place : Place
        Where it is.
    steps : mapping of str to Record
        What is known of each step, in their order.
    rankings : mapping
        The record of the rankings: `source`, `as_of`, `citation`, first and last day, `snapshots`.
    settings : mapping
        Parameters that were set for it.
    environment : mapping
        Python, system and packages of the run.
    warning : str
        What every output must say, because somebody insisted (``--stale``); empty as a rule.
    """

    place: Place
    steps: Mapping[str, Record]
    rankings: Mapping[str, object]
    settings: Mapping[str, object]
    environment: Mapping[str, object]
    warning: str = ""

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.place.root

    @property
    def tables(self) -> Path:
        """Folder of the tables."""
        return self.place.folder / TABLES

    @property
    def figures(self) -> Path:
        """Folder of the figures."""
        return self.place.folder / FIGURES

    @property
    def notebooks(self) -> tuple[Path, ...]:
        """The executed notebooks, in their order."""
        return tuple(self.place.executed / f"{name}.ipynb" for name in self.steps)

    @property
    def parameters(self) -> dict[str, Mapping[str, object]]:
        """Every parameter with its value, by notebook."""
        return {name: record.parameters for name, record in self.steps.items()}

    @property
    def times(self) -> dict[str, tuple[str, str]]:
        """When each step began and ended."""
        return {name: (record.began, record.ended) for name, record in self.steps.items()}

    @cached_property
    def files(self) -> dict[str, str]:
        """Every file that was written, with its digest, by its name in the place."""
        return {name: digest for record in self.steps.values() for name, digest in record.wrote.items()}

    @cached_property
    def choices(self) -> dict[str, object]:
        """Parameters by name (of two defaults, the first notebook's), and the warning, for `helpers.figures.words`."""
        found = {name: value for record in reversed(self.steps.values()) for name, value in record.parameters.items()}
        return found | {"warning": self.warning}

    def value(self, name: str, default: object) -> object:
        """Look a parameter up in the notebooks that have it."""
        return self.choices.get(name, default)

    @property
    def raw(self) -> Path:
        """Folder of the raw files that the run read."""
        return self.root / str(self.value("raw_folder", "data/raw"))

    @property
    def as_of(self) -> str:
        """Day of the record (YYYY-MM-DD), or `unknown`."""
        return str(self.rankings["as_of"] or "unknown")[:10]

    def source(self) -> Source:
        """Describe the record for source lines."""
        return cite_record(self.rankings, self.raw)


def open_run(
    place: Place,
    *,
    tables: Iterable[str] = (),
    stale: bool = False,
    elsewhere: bool = False,
    package: Path | None = None,
) -> Run:
    """Open a run to speak of it, after making sure that it is one: finished, whole, of one kind, and up to date.

    Parameters
    ----------
    place : Place
        Where it is.
    tables : iterable of str
        What is needed of it, by table (``facts`` for facts.json): the steps behind these must be in order; all steps
        by default.
    stale : bool
        Open it all the same, with a warning for every output.
    elsewhere : bool
        It was made on another machine (a bundle): the Python that is running now does not matter.
    package : Path, optional
        The folder of `helpers` that it was made with; the one that is running by default.

    Raises
    ------
    InputError
        Saying which notebook is stale, mixed, unfinished or foreign, and the command that mends it.
    """
    from crossover.runner.plan import plan_run  # the runner reads and writes the records of this module

    file = RunFile(place)
    if not file.steps():
        raise InputError(
            f"No run is recorded in {shown(place.record)}. `crossover run{_to(place)}` makes one; results that it did "
            "not make are spoken for by nobody."
        )
    settings = _settings(file, place, stale=stale)
    plan = plan_run(place, settings=settings, follow_file=False)
    needed = plan.behind(tables) if tables else [step.name for step in plan.steps]
    problems = plan.problems(file, names=needed, elsewhere=elsewhere, package=package)
    again = f"Run `crossover run{_to(place)}{typed_settings(settings)}`"
    if problems and not stale:
        raise InputError(
            f"The run in {_shown(place)} cannot be spoken for. {_list(problems)}. {again} (it runs only what has to), "
            "or insist with --stale, and every output says so."
        )
    known = {name: record for name, record in file.steps().items() if record.status == OK}
    if file.rankings is None:
        raise InputError(f"The run in {_shown(place)} does not say which record it was made from. {again}.")
    return Run(
        place,
        {step.name: known[step.name] for step in plan.steps if step.name in known},
        file.rankings,
        settings,
        file.head("environment", {}),
        warning=f"These are not the results of one finished run. {_list(problems)}." if problems else "",
    )


def _list(problems: list[str]) -> str:
    rest = f"; and {len(problems) - 3} more reasons" if len(problems) > 3 else ""
    return "; ".join(problems[:3]) + rest


def _shown(place: Place) -> str:
    return "this project" if place.folder == place.root else shown(place.folder)


def _to(place: Place) -> str:
    return "" if place.folder == place.root else f" --to {shown(place.folder)}"


def typed_settings(settings: Mapping[str, object]) -> str:
    """Write parameters as a command line has them."""
    return "".join(f" -p {name} {typed(value)}" for name, value in settings.items())


def typed(value: object) -> str:
    """Write a parameter's value as a command line has it.

    Examples
    --------
    >>> typed(["chart", "ranked"]), typed(True), typed(9)
    ('chart,ranked', 'true', '9')
    """
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _settings(file: RunFile, place: Place, *, stale: bool) -> dict[str, object]:
    """Collect what was set for the steps; refuse steps that were run with different values of one parameter."""
    seen: dict[str, dict[str, object]] = {}
    for name, record in file.steps().items():
        for parameter, value in record.parameters.items():
            if parameter in record.assigned:
                seen.setdefault(parameter, {})[name] = value
    settings: dict[str, object] = {}
    for parameter, values in seen.items():
        others = {
            name: record.parameters[parameter]
            for name, record in file.steps().items()
            if parameter in record.parameters and name not in values
        }
        first, value = next(iter(values.items()))
        settings[parameter] = value
        odd = {name: other for name, other in {**values, **others}.items() if other != value}
        if odd and not stale:
            name, other = next(iter(odd.items()))
            raise InputError(
                f"The run in {_shown(place)} is mixed: {first} was run with {parameter} {typed(value)}, {name} "
                f"with {typed(other)}. Run all of them with one: `crossover run{_to(place)} -p {parameter} "
                f"{typed(value)}`, or `crossover run{_to(place)}` for what {SETTINGS} and the notebooks say."
            )
    return settings
