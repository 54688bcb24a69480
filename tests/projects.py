"""Projects of two tiny notebooks, to run them without the weight of the real ones."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

MAKE = """
import json, os
seen = {"size": size, "folder": os.getcwd(), "process": os.getpid()}
seen |= {"variables": sorted(os.environ), "private": os.environ["IPYTHONDIR"]}
with open(f"../{processed_folder}/made.json", "w") as file:
    json.dump(seen, file)
"""
USE = """
import json
size = json.load(open(f"../{processed_folder}/made.json"))["size"]
with open(f"../{processed_folder}/facts.json", "w") as file:
    json.dump({"summary": f"Two notebooks made {size}."}, file)
"""
FOLDER = 'processed_folder: str = "data/processed"  # where tables go'
SIZE = "size: int = 1  # k = how many"  # papermill logs that it cannot read the second =


class Project:
    """A project in a folder of its own: a marker, notebooks, and what a run leaves."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.processed = root / "data" / "processed"
        self.executed = root / "build" / "notebooks"
        (root / "notebooks").mkdir(parents=True)
        (root / "pyproject.toml").write_text("")

    def notebook(self, name: str, *cells: str, parameters: str = "") -> Path:
        """Write a notebook: a source that starts with # is Markdown, and the parameters cell is the second one."""
        made = [new_markdown_cell(cell) if cell.startswith("#") else new_code_cell(cell) for cell in cells]
        if parameters:
            made.insert(1, new_code_cell(parameters, metadata={"tags": ["parameters"]}))
        path = self.root / "notebooks" / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=made), path)
        return path

    def two_notebooks(self) -> None:
        """Write one notebook that makes a file and one that reads it and writes facts."""
        self.notebook("01-make", "# 1. Make", MAKE, parameters=f"{FOLDER}\n{SIZE}")
        self.notebook("02-use", "# 2. Use", USE, parameters=FOLDER)

    def write(self, name: str, content: str) -> Path:
        """Write an output as an earlier run would have left it."""
        self.processed.mkdir(parents=True, exist_ok=True)
        (self.processed / name).write_text(content)
        return self.processed / name

    def outputs(self) -> dict[str, str]:
        """Everything in the output folder, hidden files too."""
        return {path.relative_to(self.processed).as_posix(): path.read_text() for path in self.processed.rglob("*")}

    def record(self, name: str) -> dict:
        """Read what is recorded of a notebook."""
        (file,) = (self.root / "build" / "run" / "steps").glob(f"{name}-*.json")
        return json.loads(file.read_text())

    def command(self, *arguments: str) -> list[str]:
        return [str(Path(sys.executable).with_name("crossover")), *arguments]

    def crossover(
        self, *arguments: str, variables: Mapping[str, str] | None = None, before: Callable[[], None] | None = None
    ) -> subprocess.CompletedProcess:
        """Run the command line as a user does; `before` runs in the new process."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env={**os.environ, **(variables or {})},
            preexec_fn=before,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project, and the current folder in it."""
    made = Project(tmp_path / "project")
    monkeypatch.chdir(made.root)
    return made


class NoKernels:
    """Stands for the kernels of a run that needs none."""

    def end(self) -> None:
        """Nothing to end."""


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable], None]:
    """Let a function of (notebook, parameters) stand for the kernel, so that a run takes no time."""

    def replace(action: Callable[[Path, Mapping[str, object]], None]) -> None:
        def execute(notebook: Path, copy: Path, *, parameters: Mapping[str, object], **_: object) -> None:
            copy.write_text("executed")
            action(notebook, parameters)

        monkeypatch.setattr("crossover.runner.work.execute", execute)
        monkeypatch.setattr("crossover.runner.pipeline.start_kernels", lambda *_, **__: NoKernels())

    return replace


class Finished:
    """A good run of the two notebooks, with a parameter and a secret in its environment."""

    def __init__(self, root: Path) -> None:
        self.project = Project(root)
        self.project.two_notebooks()
        secret = {"OPENROUTER_API_KEY": "sk-or-v1-secret", "PYTHONDONTWRITEBYTECODE": "1", "PLAIN": "kept"}
        self.notebooks = {path: path.read_bytes() for path in (root / "notebooks").iterdir()}
        self.done = self.project.crossover("run", "-p", "size", "4", variables=secret)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return Finished(tmp_path_factory.mktemp("finished") / "project")
