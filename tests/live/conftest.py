"""A loopback server for one test, and what a client needs besides."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import loopback
from crossover.live.requests import Patience
from crossover.secrets import Key
from projects import TINY


@pytest.fixture
def serve() -> Iterator[Callable]:
    """Start a server for one test."""
    started = []

    def start(answer: Callable) -> object:
        started.append(loopback.Server(answer))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def tiny_rows() -> list[dict]:
    return loopback.read_rows((TINY / "rankings_daily.csv").read_text())


@pytest.fixture
def key() -> Key:
    return Key(loopback.KEY)


@pytest.fixture
def hurry() -> Patience:
    """Short waits between tries, and all the time in the world for an answer."""
    return Patience(tries=3, first_wait=0.01, longest_wait=0.02, jitter=0.0, told_wait=0.5)


@pytest.fixture
def root(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project on the tiny record, with the key of the tests."""
    monkeypatch.setenv("OPENROUTER_API_KEY", loopback.KEY)
    return root
