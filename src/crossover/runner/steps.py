"""What each notebook reads and writes, found in its code, and the order that follows from it."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from crossover.runner.notebooks import read_cells
from crossover.runner.parameters import read_parameters
from helpers.data.paths import shown
from helpers.errors import InputError

PROCESSED = "processed_folder"
OUTPUT_FOLDERS = (PROCESSED, "figures_folder")
FACTS = "facts"
# Functions that read or write a table: whether they write, and which argument names the table (none: the facts).
FUNCTIONS = {
    "read_table": (False, 1),
    "write_table": (True, 2),
    "read_facts": (False, None),
    "write_facts": (True, None),
}


@dataclass(frozen=True)
class Uses:
    """What the code of a notebook says about itself.

    Attributes
    ----------
    reads, writes : frozenset of str
        Tables by name; ``facts`` stands for facts.json.
    imports : frozenset of str
        Modules and names in modules, dotted.
    reads_any : bool
        Whether it may read any other table too: `read_table` with a name that is computed.
    is_told : bool
        Whether that is all: False if the notebook uses its folder of tables in another way as well.
    """

    reads: frozenset[str]
    writes: frozenset[str]
    imports: frozenset[str]
    reads_any: bool
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


def plan_step(notebook: Path, assigned: Mapping[str, object], *, root: Path) -> Step:
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
            text = str(values.pop(name))
            if not text.strip():
                raise InputError(f"Parameter {name} is empty. Name a folder, like data/processed.")
            folders[name] = _resolved(root, name, text)
        elif any(name in source for source in code):
            raise InputError(
                f"{notebook.name} uses {name} without declaring it in its parameters cell, so its results could not be "
                f'held back if the run fails. Declare it there: `{name}: str = "..."`.'
            )
    return Step(notebook, dict(assigned), values, folders, tuple(_inputs(root, values)), read_uses(code))


def _resolved(root: Path, name: str, value: str) -> Path:
    try:
        return (root / Path(value).expanduser()).resolve()
    except RuntimeError:  # a user whom this machine does not know, or a link to itself
        raise InputError(f"Parameter {name} is {value!r}, which leads to no folder. Write the path out.") from None


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
    """Find which tables the cells of a notebook read and write, and what they import.

    Parameters
    ----------
    code : sequence of str
        The sources of the code cells.

    Examples
    --------
    >>> uses = read_uses(["folder = resolve(processed_folder)", "read_table(folder, 'ratios')"])
    >>> sorted(uses.reads), uses.is_told
    (['ratios'], True)
    >>> read_uses(["open(f'{processed_folder}/ratios.csv')"]).is_told
    False
    """
    try:
        tree = ast.parse("\n".join(code))
    except SyntaxError:  # a magic, perhaps: what it does is anybody's guess
        return Uses(frozenset(), frozenset(), frozenset(), reads_any=True, is_told=False)
    found: dict[bool, set[str]] = {False: set(), True: set()}
    carriers, accounted, reads_any, is_told = {PROCESSED}, 0, False, True
    for node in ast.walk(tree):
        for target, value in _assignments(node):
            if _is_folder(value, carriers):
                carriers.add(target.id)
                accounted += 1
        if isinstance(node, ast.Call) and _called(node) in FUNCTIONS:
            writes, place = FUNCTIONS[_called(node)]
            table = FACTS if place is None else _text(node, place)
            found[writes] |= {table} if table else set()
            accounted += sum(_is_folder(argument, carriers) for argument in _arguments(node))
            reads_any |= not table and not writes
            is_told &= bool(table) or not writes
        elif isinstance(node, ast.Call) and _called(node) == "partial" and _is_reader(node.args[0]):
            reads_any = True
            accounted += sum(_is_folder(argument, carriers) for argument in _arguments(node))
    named = sum(isinstance(n, ast.Name) and n.id in carriers and isinstance(n.ctx, ast.Load) for n in ast.walk(tree))
    imports = frozenset(imported_names(tree))
    is_told &= named == accounted
    return Uses(frozenset(found[False]), frozenset(found[True]), imports, reads_any or not is_told, is_told)


def _assignments(node: ast.AST) -> Iterator[tuple[ast.Name, ast.expr]]:
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return
    target, value = node.targets[0], node.value
    pairs = [(target, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = list(zip(target.elts, value.elts, strict=False))
    yield from ((name, given) for name, given in pairs if isinstance(name, ast.Name))


def _is_folder(node: ast.expr, carriers: set[str]) -> bool:
    if isinstance(node, ast.Call) and _called(node) == "resolve" and len(node.args) == 1:
        node = node.args[0]
    return isinstance(node, ast.Name) and node.id in carriers


def _is_reader(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "read_table"


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _arguments(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def _text(node: ast.Call, place: int) -> str | None:
    given = node.args[place] if len(node.args) > place else None
    given = next((keyword.value for keyword in node.keywords if keyword.arg == "name"), given)
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None


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

    A table is written before it is read; a notebook that may read any table comes after those before it that write
    one. Where the code does not tell what a notebook reads and writes, the notebook keeps its place: everything before
    it comes first, and everything after it waits.

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
                not (step.uses.is_told and other.uses.is_told)
                or step.uses.writes & other.uses.writes
                or (step.uses.reads_any and other.uses.writes)
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


def one_folder_each(steps: Sequence[Step]) -> dict[str, Path]:
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
                    f"The default of {name} in {step.notebook.name} is {shown(folder)}, but {shown(folders[name])} in "
                    f"the notebooks before it. Give them one default, or set -p {name}."
                )
    return folders
