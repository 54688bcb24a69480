"""The loopback server as a module and as a fixture, and what a client needs besides."""

import argparse
import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from crossover.live.requests import Patience
from crossover.secrets import Key

HERE = Path(__file__).resolve().parent
TINY = HERE.parent / "tiny" / "raw"


@pytest.fixture(scope="session")
def live() -> ModuleType:
    """tests/live/server.py, loaded by its path: the tests are no package."""
    spec = importlib.util.spec_from_file_location("live_server", HERE / "server.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["live_server"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def serve(live: ModuleType) -> Iterator[Callable]:
    """Start a server for one test."""
    started = []

    def start(answer: Callable) -> object:
        started.append(live.Server(answer))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def tiny_rows(live: ModuleType) -> list[dict]:
    return live.read_rows((TINY / "rankings_daily.csv").read_text())


@pytest.fixture
def key(live: ModuleType) -> Key:
    return Key(live.KEY)


@pytest.fixture
def hurry() -> Patience:
    """Waits that a test has time for."""
    return Patience(read=0.3, whole=0.6, tries=3, first_wait=0.01, longest_wait=0.02, jitter=0.0, told_wait=0.5)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live) -> Path:
    """A project on the tiny data set; commands run in it, with the key of the tests."""
    root = tmp_path / "project"
    (root / "notebooks").mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    shutil.copytree(TINY, root / "data" / "raw")
    monkeypatch.chdir(root)
    monkeypatch.setenv("OPENROUTER_API_KEY", live.KEY)
    return root


@pytest.fixture
def command() -> Callable:
    """Turn a command's module into a function that takes what is typed and returns the exit code."""

    def prepare(module: ModuleType, name: str) -> Callable[..., int]:
        def run(*arguments: str) -> int:
            parser = argparse.ArgumentParser()
            module.add(parser.add_subparsers())
            options = parser.parse_args([name, *arguments])
            return options.command(options)

        return run

    return prepare
