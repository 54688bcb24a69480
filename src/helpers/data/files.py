"""Where the project's files are, and how one is written whole or not at all."""

import os
import tempfile
from pathlib import Path

from helpers.errors import InputError

MARKER = "pyproject.toml"
SIDECAR = ".made.json"


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


def sidecar(path: Path) -> Path:
    """Name the file beside a CSV that says what made it."""
    return path.with_name(path.stem + SIDECAR)


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file under a temporary name and rename it, so that nobody ever sees half of it.

    Raises
    ------
    InputError
        If the folder cannot be written or the disk is full; what stood there before still does.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise InputError(
            f"Cannot write {shown(path)}: {error.strerror}. Free some space or make its folder "
            "writable, or name another folder with a parameter; the earlier file was left alone."
        ) from None
    finally:
        if temporary is not None:  # gone when all went well; left by an error or an interrupt
            temporary.unlink(missing_ok=True)
    return path
