"""Ctrl-C and SIGTERM: both end a run with its kernels, and a second one does not disturb that."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NOTHING_PUBLISHED = "Nothing was published; earlier results are as they were."


class Interrupted(KeyboardInterrupt):
    """The run was stopped from outside; the message says what is kept."""


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does: with its kernels. For the main thread; elsewhere it changes nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a second Ctrl-C wait for nothing: what it would end is ending."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
