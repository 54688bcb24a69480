"""The runner is killed at random moments of a cold run of the real notebooks; the next run makes everything as it was.

    CROSSOVER_KILLS=20 python -m pytest tests/runner/test_sigkill.py

Three moments by default, because each takes as long as two runs; the seed of the moments is shown if one fails.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("CROSSOVER_KILLS", "3"))
SETTINGS = {
    "chart_size": "3",
    "growth_windows": "2026-01-12/2026-02-23",
    "growth_end": "2026-02-23",
    "recent_period": "2026-02-16/2026-03-01",
}
COMMAND = [str(Path(sys.executable).with_name("crossover")), "run", "--quiet"]
COMMAND += [word for name, value in SETTINGS.items() for word in ("-p", name, value)]

pytestmark = pytest.mark.slow


def project(folder: Path) -> Path:
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(ROOT / "tests" / "tiny" / "raw", folder / "data" / "raw")
    return folder


def run(folder: Path) -> float:
    began = time.monotonic()
    done = subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


def outputs(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for name in ("data/processed", "figures")
        for path in (folder / name).rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    """What a run writes when nobody disturbs it, and how long it takes."""
    folder = project(tmp_path_factory.mktemp("undisturbed") / "project")
    seconds = run(folder)
    return outputs(folder), seconds


@pytest.mark.parametrize("seed", range(KILLS))
def test_after_a_kill_the_next_run_ends_with_the_same_bytes(tmp_path, undisturbed, seed) -> None:
    expected, seconds = undisturbed
    folder = project(tmp_path / "project")
    moment = random.Random(seed).uniform(0, seconds)
    with subprocess.Popen(COMMAND, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        time.sleep(moment)
        running.kill()
    run(folder)
    found = outputs(folder)
    assert sorted(found) == sorted(expected), f"killed after {moment:.2f} s"
    assert [name for name in expected if found[name] != expected[name]] == [], f"killed after {moment:.2f} s"
