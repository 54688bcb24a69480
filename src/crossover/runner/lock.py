"""One run at a time in one project: the second is told who the first is."""

import fcntl
import getpass
import json
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from crossover.runs import RECORDS as FOLDER
from helpers.data.files import shown
from helpers.errors import InputError

NAME = "lock"
# Locks of a range of bytes can be asked about without being taken, which those of flock() cannot. On Linux they belong
# to the open file, elsewhere to the process. The fields are those of the system's struct flock: kind, then zeros for
# the whole file.
IS_LINUX = sys.platform == "linux"
TAKE, ASK = (fcntl.F_OFD_SETLK, fcntl.F_OFD_GETLK) if IS_LINUX else (fcntl.F_SETLK, fcntl.F_GETLK)
FIELDS, KIND = ("hhqqi", 0) if IS_LINUX else ("qqihh", 3)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the lock of a project; the system releases it when the process ends, however it ends.

    Raises
    ------
    InputError
        If another process holds it, or its file cannot be written.
    """
    path = root / FOLDER / NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise InputError(
            f"Cannot write {shown(path)}: {error.strerror}. The record of runs is kept in {shown(path.parent)}: "
            "make it a folder that can be written; earlier results are as they were."
        ) from None
    try:
        try:
            fcntl.fcntl(handle, TAKE, _whole_file(fcntl.F_WRLCK))
        except OSError:
            raise InputError(
                f"Another run is at work in this project: {_holder(path)}. Wait until it has ended, or stop it, then "
                "run again; nothing was changed."
            ) from None
        holder = {"process": os.getpid(), "user": _user(), "host": socket.gethostname(), "since": _now()}
        with suppress(OSError):  # a full disk: the lock holds, only its owner has no name
            os.ftruncate(handle, 0)
            os.pwrite(handle, json.dumps(holder).encode(), 0)
        yield
    finally:
        os.close(handle)


def is_locked(root: Path) -> bool:
    """Tell whether a run is at work in a project, without a moment in which one could not begin."""
    try:
        handle = os.open(root / FOLDER / NAME, os.O_RDONLY)
    except OSError:
        return False
    try:
        answer = fcntl.fcntl(handle, ASK, _whole_file(fcntl.F_WRLCK))
    finally:
        os.close(handle)
    return struct.unpack(FIELDS, answer)[KIND] != fcntl.F_UNLCK


def _whole_file(kind: int) -> bytes:
    return struct.pack(FIELDS, *[kind if place == KIND else 0 for place in range(5)])


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        return f"process {holder['process']} of {holder['user']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return f"{shown(path)} is locked"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return str(os.getuid())


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
