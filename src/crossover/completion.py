"""What a shell completes: commands and options from their table, and the names that the project knows now."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.data.files import project_root
from helpers.errors import InputError, require_known

if TYPE_CHECKING:
    from crossover.cli import Command

# Each asks the program itself, so that commands, options and names are never out of date.
SCRIPTS = {
    "bash": """\
_crossover() {
    local IFS=$'\\n' begun=${COMP_WORDS[COMP_CWORD]}
    local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
    COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" completion --words "${words[@]}" 2>/dev/null)" -- "$begun"))
}
complete -o default -F _crossover crossover""",
    "zsh": """\
_crossover() {
    local -a found
    found=(${(f)"$(${(Q)words[1]} completion --words "${(@)words[2,CURRENT]}" 2>/dev/null)"})
    if (( $#found )); then compadd -a found; else _files; fi
}
compdef _crossover crossover""",
    "fish": """\
function __crossover
    set -l words (commandline -opc)
    set -l begun (commandline -ct)
    $words[1] completion --words $words[2..-1] "$begun" 2>/dev/null
end
complete -c crossover -a '(__crossover)'""",
}
LISTED = {"parameter": "Parameters (see crossover params)", "figure": "Figures", "profile": "Profiles"}


def script(shell: str) -> str:
    """Write what makes a shell complete the command line.

    Raises
    ------
    InputError
        If there is none for this shell.
    """
    return SCRIPTS[require_known(shell, SCRIPTS, what="shell")]


def complete(words: Sequence[str], commands: Mapping[str, "Command"]) -> list[str]:
    """List what may stand in place of the last word.

    Parameters
    ----------
    words : sequence of str
        What was typed after the program's name; the last one is begun, or empty.
    commands : mapping of str to Command
        The table of commands.

    Returns
    -------
    list of str
        Empty where a file, or anything at all, may stand.
    """
    *before, begun = words or [""]
    asked = next((word for word in before if not word.startswith("-")), None)
    if asked is None:
        return _begun([*commands, "--help", "--version"], begun)
    if asked not in commands:
        return []
    options = commands[asked].options
    flags = {flag: option for option in options if option.flags[0].startswith("-") for flag in option.flags}
    if begun.startswith("-"):
        return _begun([*flags, "--debug", "--help"], begun)
    since = [place for place, word in enumerate(before) if word.startswith("-")]
    option = flags.get(before[since[-1]]) if since else None
    given = len(before) - since[-1] - 1 if since else 0
    if option is not None and "metavar" in option.settings and (given == 0 or option.settings.get("nargs") == "+"):
        return _begun(known(option.names), begun)
    if option is not None and option.names == "parameter" and given == 1 and "=" not in before[-1]:
        return []  # the value of a parameter
    return _begun([name for one in options if not one.flags[0].startswith("-") for name in known(one.names)], begun)


def _begun(names: Sequence[str], begun: str) -> list[str]:
    return [name for name in dict.fromkeys(names) if name.startswith(begun)]


def known(kind: str) -> list[str]:
    """List the names of a kind; none outside of a project, or where it cannot be read."""
    try:
        return NAMES[kind]() if kind else []
    except (InputError, OSError, ValueError, KeyError, TypeError):
        return []


def _notebooks() -> list[str]:
    from crossover.runner.notebooks import find_notebooks

    return [notebook.stem for notebook in find_notebooks(project_root())]


def _parameters() -> list[str]:
    from crossover.runner.notebooks import find_notebooks
    from crossover.runner.parameters import list_choices

    return sorted(list_choices(find_notebooks(project_root())))


def _figures() -> list[str]:
    """Name the figures by their modules' NAME: importing these would take a second."""
    import helpers.figures

    folder = Path(helpers.figures.__file__).parent
    found = [
        re.search(r'^NAME = "(\w+)"', path.read_text(encoding="utf-8"), re.MULTILINE) for path in folder.glob("*.py")
    ]
    return sorted(match[1] for match in found if match)


def _profiles() -> list[str]:
    from helpers.figures.editions import PROFILES

    return list(PROFILES)


def _facts() -> list[str]:
    facts = json.loads((project_root() / "data" / "processed" / "facts.json").read_text(encoding="utf-8"))
    return sorted(facts["facts"])


def _sources() -> list[str]:
    found = (project_root() / "data" / "raw" / "snapshots").glob("[!.]*.json.gz")
    return ["bundled", "latest", *sorted(path.name.removesuffix(".json.gz") for path in found)]


NAMES: Mapping[str, Callable[[], list[str]]] = {
    "notebook": _notebooks,
    "parameter": _parameters,
    "figure": _figures,
    "profile": _profiles,
    "language": lambda: ["en", "zh"],
    "fact": _facts,
    "source": _sources,
    "shell": lambda: list(SCRIPTS),
}
