"""Shared by all tests: patience, what this user's rights cannot try, and the modules of shared fixtures."""

import os
import shutil
import subprocess
import tempfile

import pytest
from hypothesis import settings

pytest_plugins = ["projects", "finished_run", "tables"]  # the fixtures that several rooms share

# Speed is measured in benchmarks/ and never asserted here: a busy machine fails no test.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and count as deselected, what this user's rights cannot try (markers `mounts` and `plain_user`)."""
    unfit = {"plain_user"} if os.geteuid() == 0 else set()
    if any(item.get_closest_marker("mounts") for item in items) and not may_mount():
        unfit.add("mounts")
    left_out = [item for item in items if unfit & {mark.name for mark in item.iter_markers()}]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def may_mount() -> bool:
    """Try to mount a small disk, and take it off again."""
    if not shutil.which("mount"):
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode == 0:
            subprocess.run(["umount", folder], check=True)
    return done.returncode == 0
