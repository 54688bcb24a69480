"""Writing files whole or not at all."""

import os
import tempfile
from pathlib import Path

from helpers.data.paths import shown
from helpers.errors import InputError

SIDECAR = ".made.json"


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
