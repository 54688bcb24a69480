"""The project that tests work in, made in one place: with the tiny record, tiny notebooks or the real ones."""

import contextlib
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from crossover.cli import build_parser, main
from crossover.runs import Place

ROOT = Path(__file__).resolve().parents[1]
TINY = ROOT / "tests" / "tiny" / "raw"
TINY_CHOICES = {  # what the real notebooks must be told of the tiny record
    "chart_size": "3",
    "growth_windows": "2026-01-12/2026-02-23",
    "growth_end": "2026-02-23",
    "recent_period": "2026-02-16/2026-03-01",
}
TINY_SETTINGS = [word for name, value in TINY_CHOICES.items() for word in ("-p", name, value)]
LONG = 600  # seconds that nothing takes even on a busy machine: what has not happened by then never will

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
    """A project in a folder of its own: a marker, notebooks, raw data on request, and what a run leaves."""

    def __init__(self, root: Path, *, notebooks: Path | None = None, raw: Path | None = None) -> None:
        self.root = root
        self.raw = root / "data" / "raw"
        self.processed = root / "data" / "processed"
        self.executed = root / "build" / "notebooks"
        (root / "notebooks").mkdir(parents=True, exist_ok=True)
        (root / "pyproject.toml").touch()
        if notebooks:
            shutil.copytree(notebooks, root / "notebooks", dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))
        if raw:
            self.copy_raw(raw)

    @property
    def place(self) -> Place:
        """The place of the default run."""
        return Place.of(self.root)

    def copy_raw(self, raw: Path = TINY) -> None:
        shutil.copytree(raw, self.raw, ignore=shutil.ignore_patterns("snapshots"))

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

    def results(self) -> dict[str, bytes]:
        """Every file that the notebooks of the project wrote: tables and figures."""
        folders = (self.processed, self.root / "figures")
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in files}

    def record(self, name: str) -> dict:
        """Read what is recorded of a notebook."""
        return json.loads((self.root / "build" / "run" / "run.json").read_text())["steps"][name]

    def command(self, *arguments: str) -> list[str]:
        return [str(Path(sys.executable).with_name("crossover")), *arguments]

    def crossover(
        self,
        *arguments: str,
        variables: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
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
            timeout=LONG,
        )

    def main(self, *arguments: str) -> subprocess.CompletedProcess:
        """Call the command line in this process, which saves the start of another one; its kernels are real."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(arguments)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    def start(self, *arguments: str, **options: object) -> subprocess.Popen:
        """Start the command line, and let Ctrl-C reach it: in the background of a shell SIGINT is ignored."""
        heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        return subprocess.Popen(self.command(*arguments), cwd=self.root, preexec_fn=heed, **options)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project, and the current folder in it."""
    made = Project(tmp_path / "project")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def root(project: Project) -> Path:
    """The folder of a project on the tiny record, and the current folder in it."""
    project.copy_raw()
    return project.root


def command(*words: str) -> int:
    """Call a command in this process as if it were typed; refusals are raised, not printed."""
    options = build_parser(words[0]).parse_args(words)
    return options.command(options)


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


@dataclass
class RealRun:
    """A good run of the real notebooks on the tiny record: to look at only, its summary, and how long it took (s)."""

    project: Project
    stdout: str
    seconds: float


@pytest.fixture(scope="session")
def real_run(tmp_path_factory: pytest.TempPathFactory) -> RealRun:
    """Run the real notebooks once for all workers: whoever comes second waits, and finds it done."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    root, told = folder / "real-run", folder / "real-run.json"
    with (folder / "real-run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            began = time.monotonic()
            done = Project(root, notebooks=ROOT / "notebooks", raw=TINY).crossover("run", *TINY_SETTINGS)
            assert done.returncode == 0, done.stderr
            told.write_text(json.dumps({"stdout": done.stdout, "seconds": time.monotonic() - began}))
    return RealRun(Project(root), **json.loads(told.read_text()))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return Finished(tmp_path_factory.mktemp("finished") / "project")


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
    for file in TINY.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return RawFolder(folder)
