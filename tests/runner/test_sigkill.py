"""The runner is killed at random moments of a cold run of the real notebooks; the next run makes everything as it was.

    CROSSOVER_KILLS=20 python -m pytest tests/runner/test_sigkill.py

Three moments by default, because each takes as long as two runs; the seed of the moments is shown if one fails.
"""

import os
import random
import subprocess
import time

import pytest

from projects import ROOT, TINY, TINY_SETTINGS, Project

KILLS = int(os.environ.get("CROSSOVER_KILLS", "3"))

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(KILLS))
def test_after_a_kill_the_next_run_ends_with_the_same_bytes(tmp_path, real_run, seed) -> None:
    expected = real_run.project.results()
    project = Project(tmp_path / "project", notebooks=ROOT / "notebooks", raw=TINY)
    moment = random.Random(seed).uniform(0, real_run.seconds)
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with project.start("run", "--quiet", *TINY_SETTINGS, **silent) as running:
        time.sleep(moment)
        running.kill()
    done = project.crossover("run", "--quiet", *TINY_SETTINGS)
    assert done.returncode == 0, done.stderr
    found = project.results()
    assert sorted(found) == sorted(expected), f"killed after {moment:.2f} s"
    assert [name for name in expected if found[name] != expected[name]] == [], f"killed after {moment:.2f} s"
