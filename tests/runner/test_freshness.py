import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import helpers
from crossover.cli import main
from crossover.runner.pipeline import run

FOLDER = 'processed_folder: str = "data/processed"  # where tables go'
READ = "Notebook('02-use', globals(), reads=['numbers'], writes=['facts'])"
WRITE = "Notebook('01-make', globals(), writes=['numbers'])"


def write_tables(notebook: Path, parameters) -> None:
    """Write what the notebooks of `two` write."""
    folder = notebook.parents[1] / parameters["processed_folder"]
    if notebook.stem == "01-make":
        (folder / "numbers.csv").write_text("1")
    else:
        (folder / "facts.json").write_text(json.dumps({"summary": (folder / "numbers.csv").read_text()}))


@pytest.fixture
def two(project, pretend):
    """Two notebooks that ran: the second reads a table of the first one, and one file of the raw folder."""
    raw = 'raw_folder: str = "data/raw"\nsize: int = 1'
    project.notebook("01-make", "# 1", f"{WRITE}\nimport json", parameters=f"{FOLDER}\n{raw}")
    project.notebook("02-use", "# 2", READ, parameters=FOLDER)
    (project.root / "data" / "raw" / "snapshots").mkdir(parents=True)
    (project.root / "data" / "raw" / "a.csv").write_text("raw")
    (project.root / "requirements.txt").write_text("pandas==3")
    pretend(write_tables)
    run(project.place)
    return project


def status(capsys, *arguments: str) -> str:
    capsys.readouterr()
    assert main(["status", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("two")
def test_after_a_run_everything_is_fresh_and_its_time_is_told(capsys) -> None:
    lines = status(capsys).splitlines()
    assert [line.split() for line in lines if line.startswith("0")] == [["01-make", "fresh"], ["02-use", "fresh"]]
    assert lines[1].startswith("    last run: 20")
    assert lines[1].endswith(" s, ok")
    assert lines[-1] == "Nothing would run."


def edit_source(project) -> None:
    project.notebook("02-use", "# 2", f"{READ}\n1", parameters=FOLDER)


def edit_raw(project) -> None:
    (project.root / "data" / "raw" / "a.csv").write_text("RAW")


def add_raw(project) -> None:
    (project.root / "data" / "raw" / "snapshots" / "b.json").write_text("{}")


def remove_raw(project) -> None:
    (project.root / "data" / "raw" / "a.csv").unlink()


def lock_anew(project) -> None:
    (project.root / "requirements.txt").write_text("pandas==4")


def damage_table(project) -> None:
    (project.processed / "numbers.csv").write_text("2")


def remove_facts(project) -> None:
    (project.processed / "facts.json").unlink()


def remove_copy(project) -> None:
    (project.executed / "01-make.ipynb").unlink()


CHANGES: dict[Callable, dict[str, list[str]]] = {
    edit_source: {"02-use": ["the notebook changed"]},
    edit_raw: {"01-make": ["data/raw/a.csv changed"]},
    add_raw: {"01-make": ["data/raw/snapshots/b.json is new"]},
    remove_raw: {"01-make": ["data/raw/a.csv is gone"]},
    lock_anew: {"01-make": ["requirements.txt changed"], "02-use": ["requirements.txt changed"]},
    damage_table: {
        "01-make": ["data/processed/numbers.csv is not what it wrote"],
        "02-use": ["data/processed/numbers.csv changed"],
    },
    remove_facts: {"02-use": ["data/processed/facts.json is missing"]},
    remove_copy: {"01-make": ["build/notebooks/01-make.ipynb is missing"]},
}


def reasons(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("0"):
            name = line.split()[0]
        elif line.startswith("    ") and "last run" not in line:
            found.setdefault(name, []).append(line.strip())
    return found


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_makes_stale_what_depends_on_it_and_nothing_else(two, capsys, change) -> None:
    change(two)
    assert reasons(status(capsys)) == CHANGES[change]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_next_run_runs_what_is_stale_and_the_one_after_nothing(two, change) -> None:
    change(two)
    expected = set(CHANGES[change])
    if change is damage_table:
        expected = {"01-make"}  # it writes the table that the other one was made from
    assert set(run(two.place).named("ok")) == expected
    assert run(two.place).named("ok") == []


@pytest.mark.usefixtures("two")
def test_a_parameter_makes_stale_the_notebooks_that_have_it(capsys) -> None:
    assert reasons(status(capsys, "-p", "size", "2")) == {"01-make": ["parameter size is 2, was 1"]}


def test_outputs_and_times_do_not_make_a_notebook_stale(two, capsys) -> None:
    path = two.root / "notebooks" / "01-make.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"execution_count": 7, "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]}
    path.write_text(json.dumps(notebook))
    for file in two.processed.iterdir():
        file.touch()
    assert reasons(status(capsys)) == {}


def test_a_notebook_behind_a_stale_one_is_fresh_until_its_tables_change(two, capsys) -> None:
    edit_raw(two)
    assert "02-use                 fresh (may change once 01-make has run)" in status(capsys)


@pytest.mark.usefixtures("two")
def test_results_in_other_folders_have_a_record_of_their_own(capsys) -> None:
    elsewhere = ("--run", "elsewhere")
    assert "it has not run yet" in status(capsys, *elsewhere)
    assert main(["run", "--to", "elsewhere"]) == 0
    assert reasons(status(capsys, *elsewhere)) == {}
    assert reasons(status(capsys)) == {}


def test_a_notebook_that_may_read_any_table_depends_on_those_before_it_only(project, pretend, capsys) -> None:
    project.notebook("01-any", "# 1", "open(processed_folder)", parameters=FOLDER)
    project.notebook("02-later", "# 2", "open(processed_folder)", parameters=FOLDER)
    project.write("mine.csv", "a")
    pretend(lambda notebook, parameters: write_own(project, notebook, parameters))
    run(project.place)
    assert reasons(status(capsys)) == {}
    project.write("mine.csv", "b")
    stale = reasons(status(capsys))
    assert stale == {name: ["data/processed/mine.csv changed"] for name in ("01-any", "02-later")}


def write_own(project, notebook: Path, parameters) -> None:
    (project.root / parameters["processed_folder"] / f"{notebook.stem}.csv").write_text("made")


@pytest.mark.parametrize(
    "damaged", ["", "null", "[]", '{"form": 1}', '{"steps": []}', "[" * 100_000, '{"steps": {"01-make": null}}']
)
def test_a_damaged_record_is_none(two, capsys, damaged) -> None:
    (two.root / "build" / "run" / "run.json").write_text(damaged)
    assert reasons(status(capsys)) == {name: ["it has not run yet"] for name in ("01-make", "02-use")}


def test_a_helper_module_makes_stale_the_notebooks_that_use_its_room(two, capsys, monkeypatch, tmp_path) -> None:
    package = tmp_path / "helpers"
    shutil.copytree(Path(helpers.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr("crossover.runner.plan.PACKAGE", package)
    monkeypatch.setattr("crossover.runner.pipeline.PACKAGE", package)
    monkeypatch.setattr("crossover.runner.status.PACKAGE", package)
    uses = {
        "01-make": "from helpers.data.files import resolve",
        "02-use": "from helpers.analysis.weeks import sum_weeks",
    }
    for name, line in uses.items():
        project_notebook(two, name, f"{line}\n{WRITE if name == '01-make' else READ}")
    run(two.place)
    assert reasons(status(capsys)) == {}
    for module, stale in (
        ("data/files.py", {"01-make", "02-use"}),
        ("errors.py", {"01-make", "02-use"}),
        ("analysis/money.py", {"02-use"}),
        ("figures/messages/common.toml", set()),
    ):
        path = package / module
        before = path.read_bytes()
        path.write_bytes(before + b"\n# touched\n")
        assert set(reasons(status(capsys))) == stale, module
        path.write_bytes(before)


def project_notebook(project, name: str, code: str) -> None:
    parameters = f'{FOLDER}\nraw_folder: str = "data/raw"\nsize: int = 1' if name == "01-make" else FOLDER
    project.notebook(name, "# A", code, parameters=parameters)


def test_a_day_that_was_not_over_makes_stale_once_it_is(project, pretend, capsys) -> None:
    """The clock is an input too: what it cut off is read again when it no longer would."""
    code = "Notebook('01-make', globals(), writes=['numbers'])"
    project.notebook("01-make", "# 1", code, parameters=f'{FOLDER}\nsource: str = "rows.csv"')

    told: dict[str, object] = {}

    def write(notebook: Path, parameters) -> None:
        folder = notebook.parents[1] / parameters["processed_folder"]
        (folder / "numbers.csv").write_text("1")
        (folder / "numbers.made.json").write_text(json.dumps({"record": {"source": "rows.csv", **told}}))

    pretend(write)
    for as_of, left_out, expected in (
        (None, [], {}),
        (None, ["9999-01-01"], {}),  # not over today either
        (None, ["2026-01-05"], {"01-make": ["2026-01-05, which was not over when the record was read, is over now"]}),
        ("2026-01-05T01:00:00Z", ["2026-01-05"], {}),  # left out by its own as_of, whatever the clock says
    ):
        told.update(as_of=as_of, left_out=left_out)
        run(project.place, force=True)
        assert reasons(status(capsys)) == expected
