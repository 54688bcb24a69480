import json
import subprocess
from pathlib import Path

import pytest

from crossover.bundle.pack import SUMS, pack, write_sums
from crossover.bundle.verify import verify_bundle
from finished_run import copy_run
from helpers.errors import InputError
from projects import command

FIRST, SECOND = "build/notebooks/01-first.ipynb", "build/notebooks/02-second.ipynb"


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


def edited(packed: Path, name: str = SECOND, **fields: object) -> bytes:
    notebook = json.loads(verify_bundle(packed).files[name])
    notebook["cells"][-1] |= fields.get("cell", {})
    notebook["metadata"]["papermill"]["parameters"] |= fields.get("parameters", {})
    return json.dumps(notebook).encode()


def test_a_whole_bundle_of_a_finished_run_is_verified(packed: Path, capsys) -> None:
    assert command("verify", str(packed)) == 0
    shown = capsys.readouterr().out
    assert "files are what they were; its run finished." in shown
    assert f"sha256 {verify_bundle(packed).sha256}" in shown


def test_a_bundle_is_verified_outside_any_project(packed: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.zip").write_bytes(packed.read_bytes())
    assert command("verify", "x.zip") == 0


def test_a_run_that_did_not_finish_is_refused_even_with_right_checksums(packed: Path, tmp_path: Path) -> None:
    gone = changed(packed, tmp_path, **{SECOND: None})
    with pytest.raises(InputError, match=rf"The run in this bundle did not finish: {SECOND} is not in it"):
        command("verify", str(gone))
    broken = changed(packed, tmp_path, **{SECOND: edited(packed, cell={"execution_count": None})})
    with pytest.raises(InputError, match=r"The run in this bundle did not finish. 02-second, cell 5"):
        command("verify", str(broken))


def test_notebooks_of_different_runs_are_refused(packed: Path, tmp_path: Path) -> None:
    for other in ({"chart_size": 4}, {}):  # another value, or the default that the other notebook has
        files = {SECOND: edited(packed, parameters={"chart_size": 3}), FIRST: edited(packed, FIRST, parameters=other)}
        with pytest.raises(InputError, match=r"were run with different values of chart_size, so no one command"):
            command("verify", str(changed(packed, tmp_path, **files)))


class Machine:
    """Stands for the two programs that a re-run starts: the environment, then the notebooks."""

    def __init__(self, *codes: int, change: str = "") -> None:
        self.codes, self.change, self.steps = list(codes), change, []

    def __call__(self, step: list[str], *, cwd: Path, **_: object) -> subprocess.CompletedProcess:
        self.steps.append(step[1:])
        tables = cwd / "data" / "processed"
        if step[1] == "run":
            tables.mkdir()
            for path in (cwd / "data" / "processed-of-the-bundle").iterdir():
                (tables / path.name).write_bytes(path.read_bytes())
            if self.change == "value":
                text = (tables / "ratios.csv").read_text()
                (tables / "ratios.csv").write_text(text.replace("not identified", "incomplete", 1))
            if self.change == "table":
                (tables / "growth.csv").unlink()
        return subprocess.CompletedProcess(step, self.codes.pop(0))


def rerun(packed: Path, monkeypatch: pytest.MonkeyPatch, machine: Machine) -> int:
    monkeypatch.setattr("subprocess.run", machine)
    return command("verify", str(packed), "--rerun")


def test_a_re_run_sets_the_parameters_of_the_run_and_finds_the_same_tables(
    packed: Path, tmp_path, monkeypatch, capsys
) -> None:
    set_for = {"parameters": {"chart_size": 3, "scopes": ["chart", "ranked"], "strict": True}}
    given = {name: edited(packed, name, **set_for) for name in (FIRST, SECOND)}
    machine = Machine(0, 0)
    assert rerun(changed(packed, tmp_path, **given), monkeypatch, machine) == 0
    settings = ["-p", "chart_size", "3", "-p", "scopes", "chart,ranked", "-p", "strict", "true"]
    assert machine.steps == [["tools/environment.py", "run"], ["run", *settings]]
    assert "7 of 7 tables are the same." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "words"),
    [("value", "ratios: 1 values moved"), ("table", "growth.csv: only in one of the two runs")],
)
def test_a_re_run_that_gives_other_tables_fails(packed: Path, monkeypatch, capsys, change: str, words: str) -> None:
    assert rerun(packed, monkeypatch, Machine(0, 0, change=change)) == 1
    shown = capsys.readouterr().out
    assert words in shown
    assert "6 of 7 tables are the same." in shown


def test_a_step_that_fails_is_named(packed: Path, monkeypatch, capsys) -> None:
    assert rerun(packed, monkeypatch, Machine(3)) == 1
    assert "This step failed with exit code 3: " in capsys.readouterr().out


def test_nothing_of_a_bundle_is_executed_unless_asked(packed: Path, monkeypatch) -> None:
    machine = Machine()
    monkeypatch.setattr("subprocess.run", machine)
    assert command("verify", str(packed)) == 0
    assert machine.steps == []


@pytest.mark.slow
def test_the_real_machine_runs_what_the_bundle_says(packed: Path, tmp_path: Path, capfd) -> None:
    refuses = b'import sys\nsys.exit("no environment here")\n'
    assert command("verify", str(changed(packed, tmp_path, **{"tools/environment.py": refuses})), "--rerun") == 1
    assert "no environment here" in capfd.readouterr().err
