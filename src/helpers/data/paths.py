"""Where the project's files are, whatever folder a notebook or a command runs in."""

from pathlib import Path

from helpers.errors import InputError

MARKER = "pyproject.toml"


def project_root(start: Path | None = None) -> Path:
    """Find the project's folder: the nearest one at or above `start` with a pyproject.toml.

    papermill runs notebooks in the caller's folder, JupyterLab in the notebook's own: looking for a
    marker gives both the same answer.

    Parameters
    ----------
    start : Path, optional
        Where to begin; the current folder by default.

    Raises
    ------
    InputError
        If no folder above `start` holds the marker.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MARKER).is_file() and (folder / "notebooks").is_dir():
            return folder
    raise InputError(
        f"{here} is not inside the project: no folder above it holds {MARKER} and notebooks/. "
        "Change to your clone of the project first."
    )


def resolve(folder: str) -> Path:
    """Turn a folder parameter into a path: relative ones start at the project's root."""
    return project_root() / Path(folder).expanduser()


def shown(path: Path) -> str:
    """Show a path relative to the project where it lies inside, so that messages stay short."""
    try:
        return path.resolve().relative_to(project_root()).as_posix()
    except (ValueError, InputError):
        return str(path)
