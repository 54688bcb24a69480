"""The parameters of the notebooks: what there is, and what a command line may set them to."""

import ast
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crossover.runner.notebooks import read_cells
from crossover.runs import typed
from helpers.data.settings import FILE
from helpers.errors import InputError, nearest, require_known

OUTPUT_FOLDERS = ("processed_folder", "figures_folder")
SECRET_WORDS = frozenset(
    "key keys apikey token secret secrets password passwd passphrase credential credentials".split()
)
SECRET_START = "sk-or-"  # what OpenRouter's keys begin with
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
    "list[str]": "texts separated by commas",
    "list[int]": "whole numbers separated by commas",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of one notebook, as its cell tagged `parameters` declares it."""

    name: str
    kind: str  # one of EXPECTED
    value: object
    meaning: str


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """Read the declarations ``name: type = literal  # meaning`` of a notebook's parameters cell.

    Returns
    -------
    dict of str to Parameter
        In the order of the cell; empty if the notebook has no such cell.

    Raises
    ------
    InputError
        If the cell is not Python, or a declaration has no type, an unknown type, or a value that is not a
        literal of that type.
    """
    sources = [cell["source"] for cell in read_cells(notebook) if "parameters" in cell["tags"]]
    if not sources:
        return {}
    try:
        statements = ast.parse(sources[0]).body
    except SyntaxError as error:
        raise InputError(
            f"{notebook.name}, parameters cell, line {error.lineno}: {error.msg}. Mend the cell in JupyterLab."
        ) from None
    lines = sources[0].splitlines()
    declared = {}
    for node in statements:
        parameter = _declared(node, comment=lines[node.end_lineno - 1].encode()[node.end_col_offset :].decode())
        if parameter is None:
            raise InputError(
                f"{notebook.name}, parameters cell: {lines[node.lineno - 1]!r} is not `name: type = literal` with one "
                f"of the types {', '.join(EXPECTED)}. Derive values below that cell, never in it."
            )
        declared[parameter.name] = parameter
    return declared


def list_choices(notebooks: Sequence[Path]) -> dict[str, dict[str, Parameter]]:
    """List the parameters that can be set, each as the notebooks that have it declare it (by the notebook's name)."""
    found: dict[str, dict[str, Parameter]] = {}
    for notebook in notebooks:
        for name, parameter in read_parameters(notebook).items():
            if name not in OUTPUT_FOLDERS:
                found.setdefault(name, {})[notebook.stem] = parameter
    return found


def describe_choices(
    found: Mapping[str, Mapping[str, Parameter]], names: Sequence[str], *, own: Mapping[str, object]
) -> list[str]:
    """Say of each parameter what it means, its default, what the project's own file sets, and who has it.

    Parameters
    ----------
    found : mapping
        As `list_choices` returns it.
    names : sequence of str
        Which ones; all of them if empty.
    own : mapping of str to object
        Values of the project's own file.

    Raises
    ------
    InputError
        If a name is unknown.
    """
    lines = []
    for name in [require_known(name, found, what="parameter") for name in names] or found:
        declared = found[name]
        first, defaults = next(iter(declared.values())), {stem: typed(p.value) for stem, p in declared.items()}
        differ = "; ".join(f"{value} in {stem}" for stem, value in defaults.items())
        lines.append(f"{name} ({first.kind}): {first.meaning}")
        lines.append(f"    default {differ if len(set(defaults.values())) > 1 else typed(first.value) or 'empty'}")
        if name in own:
            lines.append(f"    set to {typed(own[name])} in {FILE}")
        lines.append(f"    in {', '.join(declared)}")
    return lines


def _declared(node: ast.stmt, *, comment: str) -> Parameter | None:
    if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or node.value is None:
        return None
    kind = ast.unparse(node.annotation)
    try:
        value = ast.literal_eval(node.value)
    except (ValueError, TypeError):  # a list as the key of a dict is a TypeError
        return None
    if kind not in EXPECTED or not _is_of(value, kind):
        return None
    return Parameter(node.target.id, kind, value, comment.strip().lstrip("#").strip())


def _is_of(value: object, kind: str) -> bool:
    if kind.startswith("list["):
        return isinstance(value, list) and all(_is_of(item, kind[5:-1]) for item in value)
    # type() and not isinstance(): True is an int, and it is a mistake where a number is declared.
    return type(value).__name__ == kind or (kind == "float" and type(value) is int)


def assign_parameters(
    notebooks: Sequence[Path],
    settings: Sequence[tuple[str, str]] | Mapping[str, object],
    *,
    all_notebooks: Sequence[Path],
    defaults: Mapping[str, object] | None = None,
    file: str = "",
) -> dict[Path, dict[str, object]]:
    """Give each setting to every selected notebook that has the parameter.

    Parameters
    ----------
    notebooks : sequence of Path
        Notebooks that will run.
    settings : sequence of (name, text), or mapping of str to object
        As typed after ``-p``, where the text is converted to the type that the notebooks declare; or values as an
        earlier run recorded them, which are taken as they are.
    all_notebooks : sequence of Path
        Every notebook of the project, to say where a parameter belongs that no selected one has.
    defaults : mapping of str to object, optional
        Values of the project's own file, for what `settings` does not set.
    file : str
        The name of that file, for messages.

    Returns
    -------
    dict of Path to dict
        Per selected notebook, the parameters to set and their values.

    Raises
    ------
    InputError
        If two notebooks declare different types for one name (whatever is set), or a setting's name is
        unknown, names an output folder, looks like a secret or is given twice, or its value looks like a secret or
        is not of the declared type.
    """
    declared = {notebook: read_parameters(notebook) for notebook in all_notebooks}
    _refuse_two_types(declared)
    assigned: dict[Path, dict[str, object]] = {notebook: {} for notebook in notebooks}
    values = dict(settings) if isinstance(settings, Mapping) else {}
    for name, value in (defaults or {}).items():
        values.setdefault(name, _checked(name, value, declared, file))
    if not isinstance(settings, Mapping):
        values |= _typed(settings, declared, notebooks)
    for name, value in values.items():
        for notebook in notebooks:
            if name in declared[notebook]:
                assigned[notebook][name] = value
    return assigned


def _typed(
    settings: Sequence[tuple[str, str]], declared: Mapping[Path, Mapping[str, Parameter]], notebooks: Sequence[Path]
) -> dict[str, object]:
    """Convert what was typed, after making sure that it can be set."""
    names, values = [name for name, _ in settings], {}
    for name, text in settings:
        _refuse_secret(name, text)
        _refuse_folder(name)
        if names.count(name) > 1:
            raise InputError(f"Parameter {name!r} is set {names.count(name)} times. Set it once.")
        owners = [notebook for notebook in notebooks if name in declared[notebook]]
        if not owners:
            raise InputError(_unknown(name, declared, notebooks))
        where = ", ".join(notebook.stem for notebook in owners)
        values[name] = convert(text, declared[owners[0]][name], where=where)
    return values


def _checked(name: str, value: object, declared: Mapping[Path, Mapping[str, Parameter]], file: str) -> object:
    """Make sure that a value of the project's own file is one of a parameter that some notebook has."""
    _refuse_secret(name, str(value))
    _refuse_folder(name)
    found = next((parameters[name] for parameters in declared.values() if name in parameters), None)
    if found is None:
        known = sorted({known for parameters in declared.values() for known in parameters})
        raise InputError(f"{file}: no notebook has a parameter {name!r}. {nearest(name, known)}")
    if not _is_of(value, found.kind):
        raise InputError(f"{file}: {name} must be {EXPECTED[found.kind]}, not {value!r}; {found.meaning}.")
    return value


def _refuse_secret(name: str, text: str) -> None:
    if looks_secret(name) or SECRET_START in text:
        raise InputError(
            f"Parameter {name!r} or its value looks like a secret. A parameter's value is stored in the executed "
            "notebook; put secrets into environment variables instead."
        )


def _refuse_folder(name: str) -> None:
    if name in OUTPUT_FOLDERS:
        raise InputError(
            f"{name} says where results are kept in the project. To keep a run elsewhere, with its tables, figures, "
            "executed notebooks and record together, name a folder for all of it: `crossover run --to build/try`."
        )


def _refuse_two_types(declared: Mapping[Path, Mapping[str, Parameter]]) -> None:
    seen: dict[str, tuple[str, Path]] = {}
    for notebook, parameters in declared.items():
        for name, parameter in parameters.items():
            kind, first = seen.setdefault(name, (parameter.kind, notebook))
            if kind != parameter.kind:
                raise InputError(
                    f"Parameter {name} is {kind} in {first.name} and {parameter.kind} in {notebook.name}. This is an "
                    "error of the project: declare one type in both parameters cells."
                )


def _unknown(name: str, declared: Mapping[Path, Mapping[str, Parameter]], notebooks: Sequence[Path]) -> str:
    elsewhere = [notebook.stem for notebook, parameters in declared.items() if name in parameters]
    if elsewhere:
        return (
            f"Parameter {name!r} belongs to {', '.join(elsewhere)}, which this command does not run. Leave out --only "
            "and --from, or name that notebook too."
        )
    known = sorted({known for notebook in notebooks for known in declared[notebook]})
    if not known:
        return f"Unknown parameter {name!r}: the notebooks of this command have no parameters. Leave out -p."
    return f"Unknown parameter {name!r}: no notebook has it. {nearest(name, known)}"


def looks_secret(name: str) -> bool:
    """Tell whether a name promises a secret: `key`, `token` and the like as one of its words.

    Examples
    --------
    >>> looks_secret("OPENROUTER_API_KEY"), looks_secret("min_tokens"), looks_secret("keyword")
    (True, False, False)
    """
    return not SECRET_WORDS.isdisjoint(re.split(r"[_\W]+", name.lower()))


def convert(text: str, parameter: Parameter, *, where: str) -> object:
    """Convert what was typed to the type that a parameter declares.

    Parameters
    ----------
    text : str
        Lists are separated by commas; an empty text is an empty list.
    parameter : Parameter
        What the notebooks declare.
    where : str
        The notebooks, for the message.

    Raises
    ------
    InputError
        If the text is not of that type.

    Examples
    --------
    >>> convert("chart, ranked", Parameter("scopes", "list[str]", [], ""), where="03")
    ['chart', 'ranked']
    >>> convert("nine", Parameter("chart_size", "int", 9, "models a week"), where="03-find")
    Traceback (most recent call last):
    helpers.errors.InputError: Parameter chart_size of 03-find must be a whole number, not 'nine'...
    """
    try:
        if parameter.kind.startswith("list["):
            items = text.split(",") if text.strip() else []
            return [_single(item.strip(), parameter.kind[5:-1]) for item in items]
        return text if parameter.kind == "str" else _single(text.strip(), parameter.kind)
    except (ValueError, KeyError):
        meaning = f"; {parameter.meaning}" if parameter.meaning else ""
        raise InputError(
            f"Parameter {parameter.name} of {where} must be {EXPECTED[parameter.kind]}, not {text!r} (the default is "
            f"{parameter.value!r}{meaning}). Give another value after -p {parameter.name}."
        ) from None


def _single(text: str, kind: str) -> object:
    if kind == "bool":
        return BOOLEANS[text.lower()]
    if kind == "int":
        return int(text)
    if kind == "float":
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return number
    if not text:
        raise ValueError("a text of a list is empty: a comma too many")
    return text
