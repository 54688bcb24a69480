import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossover.runner.lock import is_locked, locked
from helpers.errors import InputError

HOLD = """
import sys
from pathlib import Path
from crossover.runner.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(project) -> Iterator[subprocess.Popen]:
    """Another process that holds the project's lock."""
    command = [sys.executable, "-c", HOLD, str(project.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_run_is_told_who_holds_the_lock(project, holder) -> None:
    told = rf"Another run is at work in this project: process {holder.pid} of .+ on .+, since 20.* UTC\. Wait until"
    with pytest.raises(InputError, match=told), locked(project.root):
        pass
    assert is_locked(project.root)


def test_a_question_never_refuses_a_run(project, monkeypatch) -> None:
    with locked(project.root):
        pass
    asked, close = [], os.close

    def run_begins(handle: int) -> None:  # while the one who asks has not let go yet
        monkeypatch.setattr("os.close", close)
        with locked(project.root):
            asked.append(handle)
        close(handle)

    monkeypatch.setattr("os.close", run_begins)
    assert not is_locked(project.root)
    assert len(asked) == 1


def test_a_killed_process_holds_nothing(project, holder) -> None:
    holder.kill()
    holder.wait()
    assert not is_locked(project.root)
    with locked(project.root):
        assert is_locked(project.root)


def test_the_lock_names_its_holder_and_ends_with_the_block(project) -> None:
    with locked(project.root):
        holder = json.loads((project.root / "build" / "run" / "lock").read_text())
        assert holder["process"] == os.getpid()
    assert not is_locked(project.root)


def test_a_project_without_runs_is_not_locked(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)


@pytest.mark.usefixtures("holder")
def test_a_second_run_stops_and_changes_nothing(project) -> None:
    project.notebook("01-a", "# A", "1", parameters='processed_folder: str = "data/processed"')
    done = project.crossover("run")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("crossover: Another run is at work in this project: process ")
    assert not project.processed.exists()
    assert "A run is at work" in project.crossover("status").stdout
