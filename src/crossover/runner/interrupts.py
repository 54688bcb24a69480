"""Ctrl-C and SIGTERM: both end what is at work in good order, and a second one does not disturb that."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

NOTHING_PUBLISHED = "Nothing was published; earlier results are as they were."


class Interrupted(KeyboardInterrupt):
    """The run was stopped from outside; the message says what is kept."""


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM end a block as Ctrl-C does: in good order. For the main thread; elsewhere it changes nothing."""
    with _handled(signal.SIGTERM, _interrupt):
        yield


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore a second Ctrl-C, and a SIGTERM that counts as one, while the first is being obeyed."""
    with ExitStack() as stack:
        stack.enter_context(_handled(signal.SIGINT, signal.SIG_IGN))
        if signal.getsignal(signal.SIGTERM) is _interrupt:
            stack.enter_context(_handled(signal.SIGTERM, signal.SIG_IGN))
        yield


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt  # not SIGINT: jobs in the background of a shell ignore it


@contextmanager
def _handled(number: int, handler: object) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, earlier)


def is_alive(process: int) -> bool:
    """Tell whether another process lives, from its number; this process counts as none: the number was used before."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
