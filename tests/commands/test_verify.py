import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from crossover.bundle.pack import SUMS, pack, write_sums
from crossover.bundle.verify import verify_bundle
from crossover.commands import verify
from finished_run import copy_run, record_run
from helpers.errors import InputError
from projects import command

RECORD, SECOND = "build/run/run.json", "build/notebooks/02-second.ipynb"


@pytest.fixture(scope="module")
def packed(made_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_run(made_run, tmp_path_factory.mktemp("verify") / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        command("bundle")
    return root / "build" / "token-crossover.zip"


def changed(packed: Path, folder: Path, **files: bytes | None) -> Path:
    """A bundle made anew, by somebody who knows how: some files are others, and the checksums are right."""
    kept = {name: content for name, content in verify_bundle(packed).files.items() if name != SUMS}
    kept |= {name: content for name, content in files.items() if content is not None}
    kept = {name: content for name, content in kept.items() if files.get(name, b"") is not None}
    path = folder / "changed.zip"
    path.write_bytes(pack({**kept, SUMS: write_sums(kept)}))
    return path


def told(packed: Path, change: Callable[[dict], None]) -> dict[str, bytes]:
    """The record of a bundle's run, changed."""
    record = json.loads(verify_bundle(packed).files[RECORD])
    change(record)
    return {RECORD: json.dumps(record).encode()}


def test_a_whole_bundle_of_a_finished_run_is_verified(packed: Path, capsys) -> None:
    assert command("verify", str(packed)) == 0
    shown = capsys.readouterr().out
    made = "its run finished, of bundled as of 2026-03-05, every parameter at its default."
    assert f"files are what they were; {made}" in shown
    assert f"sha256 {verify_bundle(packed).sha256}" in shown


def test_a_bundle_is_verified_outside_any_project(packed: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.zip").write_bytes(packed.read_bytes())
    assert command("verify", "x.zip") == 0


def test_what_did_not_happen_is_refused_even_with_right_checksums(packed: Path, tmp_path: Path) -> None:
    files = verify_bundle(packed).files
    for name, why in (
        (SECOND, f"02-second: {SECOND} is missing"),
        ("data/processed/ratios.csv", "data/processed/ratios.csv is missing"),
        ("notebooks/02-second.ipynb", "02-second: its notebook is gone"),
        (RECORD, "No run is recorded"),
    ):
        with pytest.raises(InputError, match=rf"holds no finished run of its own. .*{why}"):
            command("verify", str(changed(packed, tmp_path, **{name: None})))
    notebook = files["notebooks/01-first.ipynb"].replace(b"# 1. The first", b"# 1. Another")
    with pytest.raises(InputError, match="01-first: the notebook changed"):
        command("verify", str(changed(packed, tmp_path, **{"notebooks/01-first.ipynb": notebook})))


def test_notebooks_of_different_runs_are_refused(packed: Path, tmp_path: Path) -> None:
    def mix(record: dict) -> None:
        record["steps"]["02-second"]["assigned"] = {"chart_size": 4}
        record["steps"]["02-second"]["parameters"]["chart_size"] = 4

    with pytest.raises(InputError, match=r"mixed: 02-second was run with chart_size 4, 01-first with 3"):
        command("verify", str(changed(packed, tmp_path, **told(packed, mix))))


class Machine:
    """Stands for the two programs that a re-run starts: the environment, then the notebooks."""

    def __init__(self, *codes: int, change: str = "") -> None:
        self.codes, self.change, self.steps = list(codes), change, []

    def __call__(self, step: list[str], *, cwd: Path, **_: object) -> subprocess.CompletedProcess:
        self.steps.append(step[1:])
        if step[1] == "run":
            for part in ("data/processed", "figures"):
                shutil.copytree(cwd / part, cwd / "again" / part)
            if self.change == "value":
                ratios = cwd / "again" / "data" / "processed" / "ratios.csv"
                ratios.write_text(ratios.read_text().replace("not identified", "incomplete", 1))
            elif self.change:
                (cwd / "again" / self.change).unlink()
        return subprocess.CompletedProcess(step, self.codes.pop(0))


def rerun(packed: Path, monkeypatch: pytest.MonkeyPatch, machine: Machine) -> int:
    monkeypatch.setattr(verify.subprocess, "run", machine)
    return command("verify", str(packed), "--rerun")


def test_a_re_run_sets_the_parameters_of_the_run_and_finds_the_same_results(
    made_run: Path, tmp_path, monkeypatch, capsys
) -> None:
    root = copy_run(made_run, tmp_path / "set")
    record_run(root, chart_size=4, scopes=["chart", "ranked"])
    monkeypatch.chdir(root)
    command("bundle", "--to", "set.zip")
    machine = Machine(0, 0)
    assert rerun(root / "set.zip", monkeypatch, machine) == 0
    settings = ["-p", "chart_size", "4", "-p", "scopes", "chart,ranked"]
    assert machine.steps == [["tools/environment.py", "run"], ["run", "--to", "again", *settings]]
    assert "19 of 19 tables, facts and figures are the same." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("value", "ratios: 1 values moved"),
        ("data/processed/growth.csv", "data/processed/growth.csv: not written again"),
        ("data/processed/facts.json", "data/processed/facts.json: not written again"),
        ("figures/largest_models.svg", "figures/largest_models.svg: not written again"),
    ],
)
def test_a_re_run_that_gives_other_results_fails(packed: Path, monkeypatch, capsys, change: str, words: str) -> None:
    assert rerun(packed, monkeypatch, Machine(0, 0, change=change)) == 1
    shown = capsys.readouterr().out
    assert words in shown
    assert "18 of 19 tables, facts and figures are the same." in shown


def test_a_step_that_fails_is_named(packed: Path, monkeypatch, capsys) -> None:
    assert rerun(packed, monkeypatch, Machine(3)) == 1
    assert "This step failed with exit code 3: " in capsys.readouterr().out


def test_nothing_of_a_bundle_is_executed_unless_asked(packed: Path, monkeypatch) -> None:
    machine = Machine()
    monkeypatch.setattr(verify.subprocess, "run", machine)
    assert command("verify", str(packed)) == 0
    assert machine.steps == []


@pytest.mark.slow
def test_the_real_machine_runs_what_the_bundle_says(packed: Path, tmp_path: Path, capfd) -> None:
    refuses = b'import sys\nsys.exit("no environment here")\n'
    assert command("verify", str(changed(packed, tmp_path, **{"tools/environment.py": refuses})), "--rerun") == 1
    assert "no environment here" in capfd.readouterr().err
