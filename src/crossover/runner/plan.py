"""What a run is about: the notebooks in their order, what each is given, reads and writes, and what is stale."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import helpers
from crossover.runner.freshness import digest_rooms, find_reasons, make_fingerprint
from crossover.runner.notebooks import find_notebooks, read_cells, select_notebooks
from crossover.runner.parameters import OUTPUT_FOLDERS, assign_parameters, read_parameters
from crossover.runs import Place, RunFile
from helpers.data.settings import FILE as SETTINGS
from helpers.data.settings import read_settings
from helpers.errors import InputError

PROCESSED = "processed_folder"
PACKAGE = Path(helpers.__file__).parent


@dataclass(frozen=True)
class Uses:
    """What the code of a notebook says about itself.

    Attributes
    ----------
    reads, writes : frozenset of str
        Tables by name; ``facts`` stands for facts.json.
    imports : frozenset of str
        Modules and names in modules, dotted.
    is_told : bool
        Whether it says so, in a line ``Notebook("03-...", globals(), reads=[...], writes=[...])``. One without may
        read and write anything.
    """

    reads: frozenset[str]
    writes: frozenset[str]
    imports: frozenset[str]
    is_told: bool


@dataclass(frozen=True)
class Step:
    """One notebook with what one run gives it.

    Attributes
    ----------
    notebook : Path
        The notebook.
    assigned : mapping
        Parameters that were set.
    values : mapping
        Every parameter with its value, output folders apart.
    folders : mapping of str to Path
        Output folders by parameter.
    inputs : tuple of Path
        Files and folders that a parameter names.
    uses : Uses
        What the code says.
    """

    notebook: Path
    assigned: Mapping[str, object]
    values: Mapping[str, object]
    folders: Mapping[str, Path]
    inputs: tuple[Path, ...]
    uses: Uses

    @property
    def name(self) -> str:
        """The notebook's name without ending."""
        return self.notebook.stem


@dataclass(frozen=True)
class Plan:
    """The steps of a run in the order of their names, and which must have ended before each begins."""

    place: Place
    steps: tuple[Step, ...]
    everything: tuple[Step, ...]  # also of the notebooks that were not chosen
    order: Mapping[str, set[str]]
    folders: Mapping[str, Path]

    def behind(self, tables: Iterable[str]) -> list[str]:
        """Name the steps that write some tables, and all those before them; all steps if nobody says to write one."""
        wanted = set(tables)
        if not wanted <= {table for step in self.steps for table in step.uses.writes}:
            return [step.name for step in self.steps]  # nobody says that he writes it: anybody may
        waiting = [step.name for step in self.steps if step.uses.writes & wanted]
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.order[name]
        return [step.name for step in self.steps if step.name in found]

    def problems(
        self, file: RunFile, *, names: Sequence[str], elsewhere: bool = False, package: Path | None = None
    ) -> list[str]:
        """Say why steps are not in order, and which: unfinished, or stale; nothing if all of them are."""
        code = digest_rooms(package or PACKAGE)
        found: dict[str, list[str]] = {}  # reason -> the steps it holds for
        for step in self.steps:
            if step.name in names:
                made_from = make_fingerprint(step, plan=self, file=file, code=code)
                for reason in find_reasons(file.step(step.name), plan=self, file=file, made_from=made_from):
                    if not (elsewhere and reason.startswith("Python ")):
                        found.setdefault(reason, []).append(step.name)
        if len(names) == len(self.steps):
            for name in set(file.steps()) - set(names):
                found.setdefault("its notebook is gone", []).append(name)
        return [f"{', '.join(steps)}: {reason}" for reason, steps in found.items()]


def plan_run(
    place: Place,
    *,
    settings: Sequence[tuple[str, str]] | Mapping[str, object] = (),
    only: Sequence[str] = (),
    start: str | None = None,
    follow_file: bool = True,
) -> Plan:
    """Choose the notebooks and give each its parameters.

    Parameters
    ----------
    place : Place
        The project, and where results go.
    settings : sequence of (name, text), or mapping of str to object
        Parameters, as typed or as recorded.
    only : sequence of str
        Notebooks to choose, by number or name; all by default.
    start : str, optional
        The first notebook to choose.
    follow_file : bool
        Whether the project's parameters.toml holds where `settings` says nothing.

    Raises
    ------
    InputError
        If a name, a parameter or a folder is wrong, or two notebooks wait for each other.
    """
    everything = find_notebooks(place.root)
    notebooks = select_notebooks(everything, only=only, start=start)
    own = read_settings(place.root) if follow_file else {}
    given = settings if isinstance(settings, Mapping) else list(settings)
    assigned = assign_parameters(notebooks, given, all_notebooks=everything, defaults=own, file=SETTINGS)
    every = [plan_step(notebook, assigned.get(notebook, {}), place=place) for notebook in everything]
    steps = [step for step in every if step.notebook in notebooks]
    return Plan(place, tuple(steps), tuple(every), order_steps(steps), one_folder_each(every, place))


def plan_step(notebook: Path, assigned: Mapping[str, object], *, place: Place) -> Step:
    """Collect what a run gives one notebook and what its code says.

    Raises
    ------
    InputError
        If an output folder is none, or the code uses one that the parameters cell does not declare.
    """
    declared = read_parameters(notebook)
    values = {name: parameter.value for name, parameter in declared.items()} | dict(assigned)
    code = [cell["source"] for cell in read_cells(notebook) if cell["cell_type"] == "code"]
    folders = {}
    for name in OUTPUT_FOLDERS:
        if name in values:
            folders[name] = place.output(str(values.pop(name)))
        elif any(name in source for source in code):
            raise InputError(
                f"{notebook.name} uses {name} without declaring it in its parameters cell, so its results could not be "
                f'held back if the run fails. Declare it there: `{name}: str = "..."`.'
            )
    return Step(notebook, dict(assigned), values, folders, tuple(_inputs(place.root, values)), read_uses(code))


def _inputs(root: Path, values: Mapping[str, object]) -> Iterator[Path]:
    for value in values.values():
        if isinstance(value, str) and value.strip():
            try:
                path = root / Path(value).expanduser()
                if path.exists():
                    yield path
            except (OSError, ValueError, RuntimeError):  # a text that is no path
                continue


def read_uses(code: Sequence[str]) -> Uses:
    """Find what the cells of a notebook say they read and write, and what they import.

    Parameters
    ----------
    code : sequence of str
        The sources of the code cells.

    Examples
    --------
    >>> uses = read_uses(["n = Notebook('04-x', globals(), reads=['origin_weekly'], writes=['ratios'])"])
    >>> sorted(uses.reads), sorted(uses.writes), uses.is_told
    (['origin_weekly'], ['ratios'], True)
    >>> read_uses(["open('data/processed/ratios.csv')"]).is_told
    False
    """
    try:
        tree = ast.parse("\n".join(code))
    except SyntaxError:  # a magic, perhaps: what it does is anybody's guess
        return Uses(frozenset(), frozenset(), frozenset(), is_told=False)
    named: dict[str, ast.expr] = {}
    uses: dict[str, frozenset[str]] | None = None
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target, value in _pairs(node):
                named[target.id] = value
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notebook":
            uses = {word.arg: _texts(word.value, named) for word in node.keywords if word.arg}
    imports = frozenset(imported_names(tree))
    if uses is None:
        return Uses(frozenset(), frozenset(), imports, is_told=False)
    return Uses(uses.get("reads", frozenset()), uses.get("writes", frozenset()), imports, is_told=True)


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.Name, ast.expr]]:
    target, value = node.targets[0], node.value
    pairs = [(target, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = list(zip(target.elts, value.elts, strict=False))
    yield from ((name, given) for name, given in pairs if isinstance(name, ast.Name))


def _texts(value: ast.expr, named: Mapping[str, ast.expr]) -> frozenset[str]:
    value = named.get(value.id, value) if isinstance(value, ast.Name) else value
    return frozenset(n.value for n in ast.walk(value) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Name every module that code imports, and every name that it takes from one, as ``module.name``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def order_steps(steps: Sequence[Step]) -> dict[str, set[str]]:
    """Say which steps must have ended before each one begins.

    A table is written before it is read. Where a notebook does not say what it reads and writes, it keeps its place:
    everything before it comes first, and everything after it waits.

    Returns
    -------
    dict of str to set of str
        Per step, by name, those directly before it.

    Raises
    ------
    InputError
        If two notebooks wait for each other.
    """
    before = {step.name: set() for step in steps}
    for place, step in enumerate(steps):
        for earlier, other in enumerate(steps):
            follows = earlier < place and (
                not (step.uses.is_told and other.uses.is_told) or step.uses.writes & other.uses.writes
            )
            if other is not step and (follows or other.uses.writes & step.uses.reads):
                before[step.name].add(other.name)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        circle = ", ".join(dict.fromkeys(error.args[1]))
        raise InputError(
            f"The notebooks {circle} read each other's tables, so none of them can be first. Let one of them write "
            "what the others read."
        ) from None
    return before


def one_folder_each(steps: Sequence[Step], place: Place) -> dict[str, Path]:
    """Find the folder behind each output folder's parameter.

    Raises
    ------
    InputError
        If two notebooks have different ones.
    """
    folders: dict[str, Path] = {}
    for step in steps:
        for name, folder in step.folders.items():
            if folders.setdefault(name, folder) != folder:
                raise InputError(
                    f"The default of {name} in {step.notebook.name} is {place.name(folder)}, but "
                    f"{place.name(folders[name])} in the notebooks before it. Give them one default."
                )
    return folders
