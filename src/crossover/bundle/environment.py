"""The software that a run used: Python, the system, and every package that the project depends on."""

import platform
import re
import tomllib
from importlib import metadata
from pathlib import Path

from crossover.report.run import read_text
from helpers import __version__


def describe_environment(root: Path) -> dict[str, object]:
    """List the versions of Python, of the project and of the packages that pyproject.toml asks for.

    Parameters
    ----------
    root : Path
        The project's folder. The whole environment is pinned in its requirements.txt.

    Returns
    -------
    dict
        `python` and `project` (versions), `system` (name and machine), `packages` (name to version, sorted).

    Raises
    ------
    InputError
        If pyproject.toml cannot be read.
    """
    project = tomllib.loads(read_text(root / "pyproject.toml"))["project"]
    names = [re.split(r"[^\w.-]", wanted, maxsplit=1)[0] for wanted in project["dependencies"]]
    return {
        "python": platform.python_version(),
        "project": __version__,
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: metadata.version(name) for name in sorted(names)},
    }
