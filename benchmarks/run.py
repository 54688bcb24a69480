"""How fast a run of the notebooks is, measured against the same cells as one plain script and against other tools.

    python benchmarks/run.py [--rounds 5] [--snakemake /path/to/snakemake] [--dvc /path/to/dvc]

Everything runs in projects of its own in a temporary folder, on the real record. The variants are interleaved: each
round measures every one once, so that a busy machine is busy for all of them. Not part of the tests;
benchmarks/README.md says what was measured.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from crossover.runner.freshness import FACTS
from crossover.runner.plan import PROCESSED, Step, plan_run
from crossover.runs import Place

ROOT = Path(__file__).resolve().parents[1]
TOUCHED = "03-find-crossovers"
BIN = Path(sys.executable).parent
NBCONVERT = [BIN / "jupyter", "nbconvert", "--execute", "--to", "notebook", "--output-dir", "../build/notebooks"]
API = """
import sys
import papermill
for name in sys.argv[1:]:
    papermill.execute_notebook(f"notebooks/{name}.ipynb", f"build/notebooks/{name}.ipynb", cwd="notebooks",
                               kernel_name="python3", progress_bar=False)
"""


class Project:
    """A copy of the project without results; the raw folder is the real one."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
        (folder / "pyproject.toml").write_text("")
        shutil.copy(ROOT / "requirements.txt", folder)
        (folder / "data").mkdir()
        (folder / "data" / "raw").symlink_to(ROOT / "data" / "raw")
        self.steps = plan_run(Place.of(folder)).steps
        self.names = [step.name for step in self.steps]
        (folder / "plain.py").write_text(plain_script(self.steps))
        (folder / "api.py").write_text(API)
        (folder / "Snakefile").write_text(snakefile(self.steps))
        (folder / "dvc.yaml").write_text(dvc_file(self.steps))

    def empty(self) -> None:
        """Remove every result and record."""
        for name in ("data/processed", "figures", "build", ".snakemake", "dvc.lock", ".dvc"):
            path = self.root / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        for name in ("data/processed", "figures", "build/notebooks"):
            (self.root / name).mkdir(parents=True)

    def touch(self) -> None:
        """Change one notebook: a comment more in its first code cell."""
        path = self.root / "notebooks" / f"{TOUCHED}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")["source"].append("\n# touched")
        path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")

    def time(self, *commands: Sequence[object], folder: str = ".") -> float:
        """Run commands one after the other, from shell to shell; stop if one fails."""
        began = time.perf_counter()
        for command in commands:
            done = subprocess.run(
                [str(part) for part in command],
                cwd=self.root / folder,
                env=os.environ | {"PYTHONWARNINGS": "ignore", "DVC_NO_ANALYTICS": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            if done.returncode:
                sys.exit(f"{command}\n{done.stdout.decode(errors='replace')[-3000:]}")
        return time.perf_counter() - began


def plain_script(steps: Sequence[Step]) -> str:
    """Write the code cells of all notebooks as one script; names of one notebook do not reach the next."""
    parts = ["import os\nos.chdir('notebooks')\n"]
    for step in steps:
        cells = json.loads(step.notebook.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        parts.append(f"# {step.name}\nexec(compile({chr(10).join(code)!r}, {step.name!r}, 'exec'), {{}})\n")
    return "\n".join(parts)


def files_of(step: Step) -> tuple[list[str], list[str]]:
    """List what a step reads and writes of the others, as Snakemake and DVC want to be told by hand."""
    from helpers.data.contracts import CONTRACTS

    def file(table: str) -> str:
        return f"data/processed/{FACTS}.json" if table == FACTS else f"data/processed/{CONTRACTS[table].file}"

    tables = {name for name, contract in CONTRACTS.items() if contract.notebook < step.name[:2]}
    reads = set(step.uses.reads) | (tables if step.uses.reads_any and PROCESSED in step.folders else set())
    return sorted(map(file, reads)), sorted(map(file, step.uses.writes))


def papermill_command(step: Step, target: str) -> str:
    """Write the command that runs one notebook through papermill's command line."""
    options = "--cwd notebooks -k python3 --no-progress-bar --log-level ERROR"
    return f"{BIN}/papermill notebooks/{step.name}.ipynb {target} {options}"


def snakefile(steps: Sequence[Step]) -> str:
    """Write the rules of Snakemake."""
    copies = [f"build/notebooks/{step.name}.ipynb" for step in steps]
    rules = [f"rule all:\n    input: {copies!r}\n"]
    for step, copy in zip(steps, copies, strict=True):
        reads, writes = files_of(step)
        rules.append(
            f"rule n{step.name[:2]}:\n    input: {['notebooks/' + step.notebook.name, *reads]!r}\n"
            f"    output: {[copy, *writes]!r}\n    shell: {papermill_command(step, copy)!r}\n"
        )
    return "\n".join(rules)


def dvc_file(steps: Sequence[Step]) -> str:
    """Write the stages of DVC (JSON is YAML)."""
    stages = {}
    for step in steps:
        reads, writes = files_of(step)
        copy = f"build/notebooks/{step.name}.ipynb"
        stages[f"n{step.name[:2]}"] = {
            "cmd": papermill_command(step, copy),
            "deps": [f"notebooks/{step.notebook.name}", *reads],
            "outs": [{name: {"cache": False}} for name in [copy, *writes]],
        }
    return json.dumps({"stages": stages})


def measure(
    folder: Path, rounds: int, snakemake: str | None, dvc: str | None, *, quick: bool
) -> dict[str, list[float]]:
    """Measure every variant once a round; quickly, only those that a target speaks of."""
    crossover = [BIN / "crossover", "run", "--quiet"]
    taken: dict[str, list[float]] = {}

    def note(name: str, seconds: float) -> None:
        taken.setdefault(name, []).append(seconds)
        print(f"{name:<44} {seconds:7.2f} s", file=sys.stderr, flush=True)

    def cold(name: str, act: Callable[[Project], float]) -> Project:
        project = project_of(name)
        project.empty()
        note(name, act(project))
        return project

    def project_of(name: str) -> Project:
        if name not in projects:
            projects[name] = Project(folder / f"p{len(projects)}")
        return projects[name]

    projects: dict[str, Project] = {}
    for place in range(rounds):
        print(f"round {place + 1} of {rounds}", file=sys.stderr)
        cold("plain script", lambda p: p.time([sys.executable, "plain.py"]))
        own = cold("crossover run, cold", lambda p: p.time(crossover))
        note("crossover run, nothing changed", own.time(crossover))
        own.touch()
        seconds = own.time(crossover)
        note(f"crossover run, {TOUCHED} touched", seconds)
        (record,) = (own.root / "build" / "run" / "steps").glob(f"{TOUCHED}-*.json")
        note("  of it that notebook alone", json.loads(record.read_text(encoding="utf-8"))["seconds"])
        note("crossover --help", own.time([BIN / "crossover", "--help"]))
        cold("crossover run --jobs 1, cold", lambda p: p.time([*crossover, "--jobs", 1]))
        cold("papermill's API in sequence, cold", lambda p: p.time([sys.executable, "api.py", *p.names]))
        if quick:
            continue
        cold(
            "papermill's command line, cold",
            lambda p: p.time(
                *(papermill_command(step, f"build/notebooks/{step.name}.ipynb").split() for step in p.steps)
            ),
        )
        if (BIN / "jupyter-nbconvert").exists():
            cold(
                "nbconvert --execute, cold",
                lambda p: p.time(*([*NBCONVERT, f"{name}.ipynb"] for name in p.names), folder="notebooks"),
            )
        for name, start, command in (
            ("Snakemake", [], [snakemake, "--cores", "2", "--quiet", "all"]),
            ("DVC", [dvc, "init", "--no-scm", "--quiet", "--force"], [dvc, "repro", "--quiet"]),
        ):
            if command[0]:
                peer = project_of(name)
                peer.empty()
                if start:
                    peer.time(start)
                note(f"{name}, cold", peer.time(command))
                note(f"{name}, nothing changed", peer.time(command))
                peer.touch()
                note(f"{name}, {TOUCHED} touched", peer.time(command))
    explain(projects["crossover run --jobs 1, cold"], projects["papermill's API in sequence, cold"])
    return taken


def explain(own: Project, api: Project) -> None:
    """Say where the time of one cold run goes: the last one, one notebook at a time so that parts add up."""
    print("\nwhere the time goes (s), last round    crossover --jobs 1   papermill's API")
    parts = {
        "kernel start and the rest": [],
        "imports": [],
        "rendering (cells that save a figure)": [],
        "other cells": [],
    }
    for project in (own, api):
        sums = dict.fromkeys(parts, 0.0)
        for name in project.names:
            notebook = json.loads((project.root / "build" / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
            for cell in notebook["cells"]:
                seconds = cell["metadata"].get("papermill", {}).get("duration") or 0.0
                source = "".join(cell["source"])
                imports = source.startswith(("from ", "import "))
                kind = (
                    "imports"
                    if imports
                    else "rendering (cells that save a figure)"
                    if _saves(source)
                    else "other cells"
                )
                sums[kind] += seconds
        whole = _whole(project)
        sums["kernel start and the rest"] = whole - sum(sums.values())
        for kind, seconds in sums.items():
            parts[kind].append(seconds)
    for kind, (first, second) in parts.items():
        print(f"  {kind:<38} {first:13.2f} {second:17.2f}")


def _saves(source: str) -> bool:
    return "save_figure(" in source or "draw(" in source


def _whole(project: Project) -> float:
    summary = project.root / "build" / "run" / "last-run.json"
    if summary.exists():
        return json.loads(summary.read_text(encoding="utf-8"))["seconds"]
    noted = [
        json.loads((project.root / "build" / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
        for name in project.names
    ]
    return sum(notebook["metadata"]["papermill"]["duration"] for notebook in noted)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each variant is measured (default: 5)")
    parser.add_argument("--snakemake", help="the snakemake to measure as well")
    parser.add_argument("--dvc", help="the dvc to measure as well")
    parser.add_argument("--quick", action="store_true", help="leave out the peers that no target speaks of")
    asked = parser.parse_args()
    if asked.rounds < 1:
        parser.error("measure at least once")
    with tempfile.TemporaryDirectory(prefix="crossover-benchmark-") as name:
        taken = measure(Path(name), asked.rounds, asked.snakemake, asked.dvc, quick=asked.quick)
    versions = ", ".join(
        f"{n} {importlib.metadata.version(n)}" for n in ("papermill", "nbclient", "ipykernel", "pandas")
    )
    for tool in filter(None, (asked.snakemake, asked.dvc)):
        told = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout.strip()
        versions += f", {Path(tool).name} {told}"
    print(
        f"\nPython {platform.python_version()}, {versions}; {os.cpu_count()} cores, {platform.system()}, load", end=" "
    )
    print(" ".join(f"{load:.1f}" for load in os.getloadavg()))
    base = statistics.median(taken["plain script"])
    print(f"{'':<44} {'median':>8} {'least':>8} {'most':>8}   times the script")
    for name, seconds in taken.items():
        middle = statistics.median(seconds)
        print(f"{name:<44} {middle:8.2f} {min(seconds):8.2f} {max(seconds):8.2f} {middle / base:10.2f}")


if __name__ == "__main__":
    main()
