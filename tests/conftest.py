"""Shared by all tests: where the project is, the tiny data set, and ways to damage a copy of it."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

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


ROOT = Path(__file__).resolve().parents[1]
pytest_plugins = ["projects", "tables"]  # the fixtures that several rooms share


class RawFolder:
    """A copy of the tiny raw folder whose files can be changed, with or without telling the manifest."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> str:
        return (self.path / name).read_bytes().decode()

    def damage(self, name: str, content: str | bytes) -> None:
        """Change a file behind the manifest's back."""
        (self.path / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def rewrite(self, name: str, content: str | bytes) -> None:
        """Change a file and enter it in the manifest, so that only its content can be wrong."""
        self.damage(name, content)
        raw = (self.path / name).read_bytes()
        manifest = self.read("SOURCES.toml")
        entry = re.compile(rf'(\["{re.escape(name)}"\].*?bytes = )\d+(\nsha256 = ")[0-9a-f]+', re.DOTALL)
        digest = hashlib.sha256(raw).hexdigest()
        self.damage("SOURCES.toml", entry.sub(rf"\g<1>{len(raw)}\g<2>{digest}", manifest, count=1))

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace one passage of a file (it must be there) and enter the result in the manifest."""
        content = self.read(name)
        assert old in content
        self.rewrite(name, content.replace(old, new, 1))


@pytest.fixture
def raw(tmp_path: Path) -> RawFolder:
    folder = tmp_path / "raw"
    folder.mkdir()
    for file in (ROOT / "tests" / "tiny" / "raw").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return RawFolder(folder)
