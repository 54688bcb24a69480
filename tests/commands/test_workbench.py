import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from crossover.cli import main
from crossover.runner.outcome import NotebookError

PARAMETERS = 'processed_folder: str = "data/processed"\nsize: int = 1  # how many'
LOAD = "Notebook('x', globals(), reads=['ratios'])"


@pytest.fixture
def lab(monkeypatch) -> list[list[str]]:
    """Stand for JupyterLab: note how it was started."""
    started: list[list[str]] = []

    class Done:
        returncode, stdout = 0, ""

    def start(command: list[str], **_: object) -> Done:
        started.append(command)
        return Done()

    monkeypatch.setattr("subprocess.run", start)
    return started


@pytest.fixture
def ran(project, pretend):
    """A notebook that ran with a parameter, and the table that it reads."""
    project.notebook("03-find", "# 3. Find", LOAD, "size + 1", parameters=PARAMETERS)
    project.write("ratios.csv", "a,b\n")
    pretend(lambda *_: None)
    assert main(["run", "-p", "size", "7"]) == 0
    return project


def opened(project) -> Path:
    return project.root / "build" / "open" / "03-find" / "03-find.ipynb"


def edit(path: Path, old: str, new: str) -> None:
    notebook = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in notebook.cells if old in cell.source and cell.metadata.get("tags") is None]
    cell.source = cell.source.replace(old, new)
    cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text="8")], 4
    cell.metadata["papermill"] = {"duration": 1}
    nbformat.write(notebook, path)


def sources(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def test_the_copy_has_the_runs_parameters_and_its_inputs(ran, lab, capsys) -> None:
    capsys.readouterr()
    assert main(["open", "03", "--no-browser"]) == 0
    assert capsys.readouterr().out == "build/open/03-find/03-find.ipynb\n"
    asked = {"--no-browser", f"--ServerApp.root_dir={ran.root}"}
    asked |= {"--LabApp.default_url=/lab/tree/build/open/03-find/03-find.ipynb"}
    assert asked <= set(lab[0])
    injected = sources(opened(ran))[2]
    assert injected.splitlines()[1:] == ["size = 7", "processed_folder = 'build/open/03-find/processed'"]
    assert (opened(ran).parent / "processed" / "ratios.csv").read_text() == "a,b\n"
    nbformat.validate(nbformat.read(opened(ran), as_version=4))


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        (["open", "--lab=--ip=0.0.0.0", "--lab=--no-mathjax"], ["--ip=0.0.0.0", "--no-mathjax"]),
        (["open", "03", "--no-browser", "--lab=--ip=0.0.0.0"], ["--no-browser", "--ip=0.0.0.0"]),
        (["open", "--no-browser"], ["--no-browser"]),
    ],
)
@pytest.mark.parametrize("user", [0, 1000])
def test_options_reach_jupyterlab_and_root_is_let_in(ran, lab, monkeypatch, arguments, passed, user) -> None:
    monkeypatch.setattr("os.geteuid", lambda: user)
    assert main(arguments) == 0
    (command,) = [command for command in lab if "jupyterlab" in command]
    page = "notebooks" if "03" not in arguments else "build/open/03-find/03-find.ipynb"
    where = [f"--ServerApp.root_dir={ran.root}", f"--LabApp.default_url=/lab/tree/{page}"]
    assert command[3:] == [*where, *(["--allow-root"] if user == 0 else []), *passed]


@pytest.mark.usefixtures("lab")
def test_edits_come_back_without_outputs_and_injected_cells(ran, capsys) -> None:
    notebook = ran.root / "notebooks" / "03-find.ipynb"
    before = nbformat.read(notebook, as_version=4)
    main(["open", "03"])
    edit(opened(ran), "size + 1", "size + 2")
    capsys.readouterr()
    assert main(["adopt", "03"]) == 0
    assert capsys.readouterr().out == "notebooks/03-find.ipynb: the edits are in it\n"
    before.cells[3].source = "size + 2"
    assert nbformat.read(notebook, as_version=4) == before
    assert main(["adopt", "03"]) == 0
    assert capsys.readouterr().out == "notebooks/03-find.ipynb: there was nothing to bring back\n"


@pytest.mark.usefixtures("lab")
def test_looking_alone_leaves_the_notebook_to_the_byte(ran) -> None:
    notebook = ran.root / "notebooks" / "03-find.ipynb"
    before = notebook.read_bytes()
    main(["open", "03"])
    assert main(["adopt", "03"]) == 0
    assert notebook.read_bytes() == before


@pytest.mark.usefixtures("lab")
def test_edits_are_still_there_when_it_is_opened_again_unless_they_are_discarded(ran) -> None:
    main(["open", "03"])
    edit(opened(ran), "size + 1", "size + 2")
    main(["open", "03"])
    assert "size + 2" in sources(opened(ran))
    main(["open", "03", "--discard"])
    assert "size + 2" not in sources(opened(ran))


@pytest.mark.usefixtures("lab")
def test_a_copy_of_an_earlier_state_is_neither_adopted_nor_replaced(ran, capsys) -> None:
    main(["open", "03"])
    edit(opened(ran), "size + 1", "size + 2")
    ran.notebook("03-find", "# 3. Find", LOAD, "size + 3", parameters=PARAMETERS)
    for command in ("adopt", "open"):
        assert main([command, "03"]) == 2
        assert "notebooks/03-find.ipynb was changed since it was opened" in capsys.readouterr().err
    assert "size + 3" in sources(ran.root / "notebooks" / "03-find.ipynb")
    assert "size + 2" in sources(opened(ran))


@pytest.mark.usefixtures("lab", "ran")
def test_parameters_that_cannot_be_read_are_not_adopted(project, capsys) -> None:
    main(["open", "03"])
    notebook = nbformat.read(opened(project), as_version=4)
    notebook.cells[1].source = "size = 1"
    nbformat.write(notebook, opened(project))
    assert main(["adopt", "03"]) == 2
    assert "'size = 1' is not `name: type = literal`" in capsys.readouterr().err
    assert "size: int" in sources(project.root / "notebooks" / "03-find.ipynb")[1]


@pytest.fixture
def failed(ran, pretend):
    """The same after a run that failed, with what papermill leaves in its copy."""

    def fail(*_: object) -> None:
        raise NotebookError("no")

    pretend(fail)
    assert main(["run", "--force"]) == 1
    executed = nbformat.read(ran.root / "notebooks" / "03-find.ipynb", as_version=4)
    executed.cells[2].outputs = [nbformat.v4.new_output("error", ename="E", evalue="no", traceback=[])]
    for cell in executed.cells:
        cell.metadata.setdefault("tags", [])
        cell.metadata["papermill"] = {"status": "failed"}
    nbformat.write(executed, ran.executed / "03-find.ipynb")
    return ran


def test_a_failed_run_is_opened_with_its_outputs(failed, lab) -> None:
    assert main(["open", "03", "--failed"]) == 0
    assert lab
    cells = nbformat.read(opened(failed), as_version=4).cells
    assert [cell.outputs[0].ename for cell in cells if cell.get("outputs")] == ["E"]


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize("options", [[], ["--failed"]])
def test_adopting_changes_the_lines_that_were_edited_and_no_other(failed, options) -> None:
    notebook = failed.root / "notebooks" / "03-find.ipynb"
    before = notebook.read_text().splitlines()
    main(["open", "03", *options])
    assert main(["adopt", "03"]) == 0
    assert notebook.read_text().splitlines() == before
    edited = nbformat.read(opened(failed), as_version=4)
    (cell,) = [cell for cell in edited.cells if cell.source == "size + 1"]
    cell.source, cell.outputs, cell.execution_count = "size + 2", [], 4
    nbformat.write(edited, opened(failed))
    assert main(["adopt", "03"]) == 0
    after = notebook.read_text().splitlines()
    changed = [(old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [('"size + 1"', '"size + 2"')]


@pytest.mark.usefixtures("lab")
def test_a_tag_that_was_set_is_an_edit(ran) -> None:
    main(["open", "03"])
    edited = nbformat.read(opened(ran), as_version=4)
    edited.cells[-1].metadata["tags"] = ["remove-input"]
    nbformat.write(edited, opened(ran))
    main(["open", "03"])
    assert main(["adopt", "03"]) == 0
    assert nbformat.read(ran.root / "notebooks" / "03-find.ipynb", as_version=4).cells[-1].metadata == {
        "tags": ["remove-input"]
    }


@pytest.mark.parametrize("options", [["--failed"], ["-p", "size", "8"]])
def test_what_would_need_another_copy_is_refused_while_there_are_edits(failed, lab, capsys, options) -> None:
    main(["open", "03"])
    edit(opened(failed), "size + 1", "size + 2")
    lab.clear()
    assert main(["open", "03", *options]) == 2
    assert "03-find.ipynb holds edits, and -p and --failed make a new copy. Bring them back" in capsys.readouterr().err
    assert lab == []
    assert "size + 2" in sources(opened(failed))
    assert main(["open", "03", *options, "--discard"]) == 0
    assert "size + 2" not in sources(opened(failed))


@pytest.mark.usefixtures("lab")
def test_what_is_refused_costs_no_edit(ran) -> None:
    main(["open", "03"])
    edit(opened(ran), "size + 1", "size + 2")
    assert main(["open", "03", "--failed", "--discard"]) == 2  # no failed run is kept
    (ran.processed / "ratios.csv").unlink()
    assert main(["open", "03", "--discard"]) == 2
    assert "size + 2" in sources(opened(ran))


@pytest.mark.usefixtures("lab")
def test_saving_the_stored_notebook_in_jupyterlab_is_no_change_of_it(ran) -> None:
    main(["open", "03"])
    notebook = ran.root / "notebooks" / "03-find.ipynb"
    saved = nbformat.read(notebook, as_version=4)
    saved.metadata["language_info"] = {"name": "python", "version": "3.13.0"}
    nbformat.write(saved, notebook)
    edit(opened(ran), "size + 1", "size + 2")
    assert main(["adopt", "03"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["open", "03", "--failed"], "No failed run of 03-find is kept. `crossover open 03-find` opens the notebook"),
        (["open", "04"], "There is no notebook '04'. Known: 03-find."),
        (["open", "03", "--port", "99999"], "Port 99999 cannot be used"),
        (["open", "--failed"], "--failed, --discard and -p are for a copy. Name the notebook"),
        (["adopt", "03"], "03-find is not open. `crossover open 03-find` opens it."),
    ],
)
@pytest.mark.usefixtures("ran")
def test_what_cannot_be_opened_is_told(lab, capsys, arguments, message) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
    assert lab == []


@pytest.mark.usefixtures("ran")
def test_a_taken_port_is_told(lab, capsys) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["open", "03", "--port", str(port)]) == 2
    assert f"Port {port} cannot be used: [Errno 98] Address already in use. Name another" in capsys.readouterr().err
    assert lab == []


@pytest.mark.usefixtures("ran")
def test_without_jupyterlab_the_way_to_it_is_told(lab, capsys, monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert main(["open", "03"]) == 2
    assert "JupyterLab is not installed here. `make lab` installs and starts it" in capsys.readouterr().err
    assert lab == []


def test_a_missing_input_is_told(ran, lab, capsys) -> None:
    (ran.processed / "ratios.csv").unlink()
    assert main(["open", "03"]) == 2
    assert "03-find reads data/processed/ratios, which does not exist yet. Run `crossover run` first" in (
        capsys.readouterr().err
    )
    assert lab == []


def test_nothing_that_is_tried_out_reaches_published_results(ran, lab) -> None:
    main(["open", "03"])
    assert lab
    folder = opened(ran).parent / "processed"
    (folder / "ratios.csv").write_text("changed")
    assert (ran.processed / "ratios.csv").read_text() == "a,b\n"
    assert json.loads((opened(ran).parent / "opened.json").read_text())["source"]


@pytest.mark.slow
def test_jupyterlab_serves_the_whole_project(project) -> None:
    project.notebook("03-find", "# 3. Find", "[README](../README.md)")
    (project.root / "README.md").write_text("Read me.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = project.command("open", "--no-browser", "--port", str(port), "--lab=--IdentityProvider.token=told")
    address = f"http://127.0.0.1:{port}/api/contents/README.md?token=told"
    environment = {**os.environ, "HOME": str(project.root)}
    with subprocess.Popen(command, cwd=project.root, env=environment, start_new_session=True) as lab:
        try:
            began = time.monotonic()
            while (answer := ask(address)) is None:
                assert lab.poll() is None
                assert time.monotonic() - began < 120
                time.sleep(0.2)
        finally:
            os.killpg(lab.pid, signal.SIGKILL)
    assert json.loads(answer)["content"] == "Read me."


def ask(address: str) -> bytes | None:
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.read()
    except OSError:
        return None
