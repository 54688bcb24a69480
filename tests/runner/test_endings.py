"""How runs end that do not end well, with real kernels: the status, the message, and what is kept."""

import base64
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

from projects import LONG

FOLDER = 'processed_folder: str = "data/processed"  # where tables go'
WRITE = 'open(f"../{processed_folder}/made.txt", "w").write("new")'
KEY = "sk-or-v1-0123456789abcdef"

pytestmark = pytest.mark.slow

SLEEP = 'import time\nopen("../asleep", "w").close()\ntime.sleep(10_000)'
ENDINGS = {
    "a cell takes too long": (
        SLEEP,
        ["--cell-limit", "1"],
        ("timeout", 1),
        r"02-use, cell 5 \(Second step\): CellTimeoutError: .*It took longer than a cell may",
    ),
    "a notebook takes too long": (
        SLEEP,
        ["--notebook-limit", "500.5"],
        ("timeout", 1),
        r"02-use, cell 5 \(Second step\): the notebook took longer than 500\.5 s.* --notebook-limit",
    ),
    "the run takes too long": (
        SLEEP,
        ["--run-limit", "900"],
        ("timeout", 1),
        r"02-use, cell 5 \(Second step\): the run took longer than 900 s.* --run-limit",
    ),
    "the kernel dies": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        [],
        ("kernel died", 1),
        r"02-use, cell 5 \(Second step\): DeadKernelError: .*Its process ended",
    ),
    "a cell fails": ("1 / 0", [], ("error", 1), r"02-use, cell 5 \(Second step\): ZeroDivisionError: division by zero"),
}


def only_sleep_takes_long(monkeypatch: pytest.MonkeyPatch, asleep: Path) -> None:
    """Make limits independent of a busy machine: for the run, a thousand seconds go by when a cell falls asleep.

    No other cell has a limit of its own.
    """
    limit = NotebookClient._get_timeout
    monkeypatch.setattr(
        NotebookClient, "_get_timeout", lambda *of: limit(*of) if of[1] and "sleep" in of[1].source else None
    )
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 1000 * asleep.exists())
    monkeypatch.setattr("crossover.runner.pipeline.time", later)


@pytest.mark.parametrize("case", ENDINGS)
def test_the_status_the_exit_code_the_message_and_the_saved_notebook_are_right(project, monkeypatch, case) -> None:
    source, options, (status, code), message = ENDINGS[case]
    project.notebook("01-make", "# 1", 'open(f"../{processed_folder}/first.txt", "w").write("1")', parameters=FOLDER)
    project.notebook("02-use", "# 2. Use", WRITE, "## Second step", source, "## Later", "'later'", parameters=FOLDER)
    project.notebook("03-last", "# 3", "open(processed_folder)", parameters=FOLDER)
    project.write("made.txt", "earlier")
    only_sleep_takes_long(monkeypatch, project.root / "asleep")
    done = project.main("run", "--quiet", *options)
    assert re.search(message, done.stderr, re.DOTALL), done.stderr
    assert "`crossover open 02-use --failed`" in done.stderr or status == "timeout"
    assert "The results of 01-make are kept" in done.stderr
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout) == (code, "")
    assert project.outputs() == {"first.txt": "1", "made.txt": "earlier"}
    assert [project.record(name)["status"] for name in ("01-make", "02-use", "03-last")] == ["ok", status, "skipped"]
    copy = nbformat.read(project.executed / "02-use.ipynb", as_version=4)
    banner = copy.cells[0].source
    if status != "error":
        assert banner.startswith(f"**This run did not finish.** 02-use ended with: {status}. 02-use, cell 5")
    assert copy.cells[-1].outputs == []
    log = (project.root / "build" / "run" / "logs" / "02-use.log").read_text()
    assert "cell 5 of 7: Second step" in log
    assert status in log


def test_after_a_dead_kernel_the_next_run_goes_on_and_ends_well(project) -> None:
    once = 'from pathlib import Path\nif not Path("../died").exists():\n    Path("../died").touch()\n    import os\n'
    project.notebook("01-make", "# 1", WRITE, parameters=FOLDER)
    project.notebook("02-use", "# 2", f"{once}    os.kill(os.getpid(), 9)\n{WRITE}", parameters=FOLDER)
    assert project.main("run").returncode == 1
    done = project.main("run", "--quiet")
    assert done.returncode == 0, done.stderr
    assert re.search(r"ran: +02-use .*\nfresh: +01-make\n", done.stdout)
    assert project.record("02-use")["peak_memory"] > 10**7


@pytest.mark.parametrize(
    "written",
    [KEY, base64.b64encode(f"my {KEY}".encode()).decode(), base64.urlsafe_b64encode(KEY.encode()).decode()],
)
@pytest.mark.parametrize("place", ["table", "output", "error"])
def test_the_key_reaches_no_file(project, monkeypatch, written, place) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    (project.root / ".env").write_text(f"OPENROUTER_API_KEY={KEY}\n")
    # The code does not hold it: it is put together, as it would be read from a file.
    text = f'"".join({list(written)})'
    cell = {
        "table": f'open(f"../{{processed_folder}}/made.txt", "w").write({text})',
        "output": f"print({text})",
        "error": f"raise ValueError({text})",
    }[place]
    project.notebook("01-a", "# A", WRITE, cell, parameters=FOLDER)
    project.write("made.txt", "earlier")
    done = project.main("run")
    assert done.returncode == 1
    assert project.outputs() == {"made.txt": "earlier"}
    holding = [
        path
        for path in project.root.rglob("*")
        if path.is_file() and path.name != ".env" and written.encode() in path.read_bytes()
    ]
    assert holding == []
    assert written not in done.stderr + done.stdout
    if place != "error":
        assert "would hold the value of OPENROUTER_API_KEY, so nothing of this notebook was kept" in done.stderr


def test_the_key_is_no_variable_of_a_kernel(project, monkeypatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    project.notebook("01-a", "# A", "import os\nassert 'OPENROUTER_API_KEY' not in os.environ", parameters=FOLDER)
    done = project.main("run")
    assert done.returncode == 0, done.stderr


SLOW = """
from helpers.notebook import Notebook
Notebook("{own}", globals())
import time
from pathlib import Path
Path("../{own}").touch()
began = time.monotonic()
while not Path("../{other}").exists():
    assert time.monotonic() - began < {patience}, "alone"
    time.sleep(0.02)
"""


@pytest.mark.parametrize(("jobs", "code"), [("2", 0), ("1", 1)])
def test_notebooks_that_need_nothing_of_each_other_run_at_the_same_time(project, jobs, code) -> None:
    patience = LONG if code == 0 else 1
    project.notebook("01-a", "# A", SLOW.format(own="a", other="b", patience=patience), parameters=FOLDER)
    project.notebook("02-b", "# B", SLOW.format(own="b", other="a", patience=patience), parameters=FOLDER)
    assert project.main("run", "--jobs", jobs).returncode == code


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with hardly any space."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    subprocess.run(command, capture_output=True, check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.mounts
def test_a_full_disk_is_told_and_nothing_old_is_lost(project, small_disk) -> None:
    large = 'open(f"../{processed_folder}/made.txt", "w").write("x" * 10**6)'
    project.notebook("01-a", "# A", large, parameters=FOLDER)
    (small_disk / "made.txt").write_text("earlier")
    (project.root / "data").mkdir()
    project.processed.symlink_to(small_disk)
    done = project.main("run")
    assert (done.returncode, done.stdout) == (1, "")
    assert "OSError: [Errno 28] No space left on device" in done.stderr
    assert {path.name: path.read_text() for path in small_disk.iterdir()} == {"made.txt": "earlier"}
    assert project.record("01-a")["status"] == "error"


@pytest.mark.mounts
def test_a_disk_that_is_full_at_the_record_is_told_and_nothing_old_is_lost(project, small_disk) -> None:
    project.notebook("01-a", "# A", WRITE, parameters=FOLDER)
    project.write("made.txt", "earlier")
    (project.root / "build").symlink_to(small_disk)
    (small_disk / "filling").write_bytes(b"x" * 2**16)
    done = project.main("run")
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert project.outputs() == {"made.txt": "earlier"}


@pytest.mark.plain_user  # nothing is read-only for root
def test_a_read_only_folder_is_refused_before_anything_runs(project) -> None:
    project.notebook("01-a", "# A", WRITE, parameters=FOLDER)
    project.write("made.txt", "earlier")
    project.processed.chmod(0o500)
    done = project.main("run")
    project.processed.chmod(0o700)
    assert done.returncode == 2
    assert "Cannot write to data/processed: Permission denied" in done.stderr
    assert project.outputs() == {"made.txt": "earlier"}


@pytest.mark.mounts
def test_a_read_only_disk_is_refused_before_anything_runs(project, small_disk) -> None:
    project.notebook("01-a", "# A", WRITE, parameters=FOLDER)
    (small_disk / "made.txt").write_text("earlier")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    (project.root / "data").mkdir()
    project.processed.symlink_to(small_disk)
    done = project.main("run")
    assert done.returncode == 2
    assert "Read-only file system" in done.stderr
    assert "started" not in done.stderr
    assert {path.name: path.read_text() for path in small_disk.iterdir()} == {"made.txt": "earlier"}


def test_when_the_runner_is_killed_its_kernels_end_and_the_next_run_goes_on(project) -> None:
    sleep = 'import os, time\nopen("../kernel", "w").write(str(os.getpid()))\ntime.sleep(10_000)'
    project.notebook("01-a", "# A", WRITE, sleep, parameters=FOLDER)
    project.write("made.txt", "earlier")
    with subprocess.Popen(project.command("run", "--quiet"), cwd=project.root) as running:
        began = time.monotonic()
        while not ((project.root / "kernel").exists() and (project.root / "kernel").read_text()):
            assert time.monotonic() - began < LONG
            time.sleep(0.02)
        running.kill()
    kernel = int((project.root / "kernel").read_text())
    while Path(f"/proc/{kernel}").exists():
        assert time.monotonic() - began < 2 * LONG
        time.sleep(0.02)
    assert project.record("01-a")["status"] == "interrupted"
    assert (project.processed / "made.txt").read_text() == "earlier"
    project.notebook("01-a", "# A", WRITE, parameters=FOLDER)
    assert project.main("run").returncode == 0
    assert project.outputs() == {"made.txt": "new"}
