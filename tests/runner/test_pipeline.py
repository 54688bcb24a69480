import json
import os
import re
import resource
from pathlib import Path

import nbformat
import pytest

from crossover.runner.outcome import NotebookError
from crossover.runner.pipeline import run
from crossover.runs import Place, RunFile
from helpers.errors import InputError

FOLDER = 'processed_folder: str = "data/processed"  # where tables go'


def write_result(notebook: Path, parameters) -> None:
    """Write a file named after the notebook, as a notebook would."""
    folder = notebook.parents[1] / parameters["processed_folder"]
    (folder / f"{notebook.stem}.csv").write_text(f"by {notebook.stem}")


def three_notebooks(project) -> None:
    for name in ("01-a", "02-b", "03-c"):
        project.notebook(name, f"# {name}", "1", parameters=f"{FOLDER}\nsize: int = 1")


def test_notebooks_run_in_order_and_publish_what_they_wrote(project, pretend) -> None:
    three_notebooks(project)
    pretend(write_result)
    result = run(project.place)
    assert result.statuses == {"01-a": "ok", "02-b": "ok", "03-c": "ok"}
    assert [path.relative_to(project.root).as_posix() for path in sorted(project.executed.iterdir())] == [
        f"build/notebooks/{name}.ipynb" for name in ("01-a", "02-b", "03-c")
    ]
    assert result.plan.folders == {"processed_folder": project.processed}
    assert project.outputs() == {f"{name}.csv": f"by {name}" for name in ("01-a", "02-b", "03-c")}


def look_into(project, found: list[set[str]]):
    def look(notebook: Path, parameters) -> None:
        folder = project.root / parameters["processed_folder"]
        assert folder != project.processed
        found.append({path.name for path in folder.iterdir()})
        write_result(notebook, parameters)

    return look


def test_where_the_code_does_not_tell_all_files_are_there_and_the_order_is_kept(project, pretend) -> None:
    for name in ("01-a", "02-b", "03-c"):
        project.notebook(name, f"# {name}", "open(processed_folder)", parameters=FOLDER)
    project.write("earlier.csv", "earlier")
    found: list[set[str]] = []
    pretend(look_into(project, found))
    run(project.place, start="2", jobs=2)
    assert found == [{"earlier.csv"}, {"earlier.csv", "02-b.csv"}]


def test_a_notebook_finds_only_the_tables_that_its_code_names(project, pretend) -> None:
    project.notebook("01-a", "# A", "Notebook('01-a', globals(), reads=['ratios'])", parameters=FOLDER)
    project.write("ratios.csv", "earlier")
    project.write("ratios.made.json", "what made it")
    project.write("growth.csv", "earlier")
    found: list[set[str]] = []
    pretend(look_into(project, found))
    run(project.place)
    assert found == [{"ratios.csv", "ratios.made.json"}]


def test_a_setting_reaches_the_notebooks(project, pretend) -> None:
    three_notebooks(project)
    sizes: list[object] = []
    pretend(lambda _, parameters: sizes.append(parameters.get("size")))
    run(project.place, settings=[("size", "7")], only=["3", "1"])
    assert sizes == [7, 7]


def test_a_run_elsewhere_keeps_everything_there_and_leaves_the_default_run_alone(project, pretend, tmp_path) -> None:
    three_notebooks(project)
    pretend(write_result)
    run(project.place)
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    for to in ("build/try", str(tmp_path / "elsewhere")):
        place = Place.of(project.root, to)
        result = run(place, settings=[("size", "4")])
        assert result.plan.folders == {"processed_folder": place.folder / "data" / "processed"}
        files = {path.relative_to(place.folder).as_posix() for path in place.folder.rglob("*") if path.is_file()}
        for name in ("01-a", "02-b", "03-c"):
            assert {f"data/processed/{name}.csv", f"build/notebooks/{name}.ipynb"} <= files
        assert "build/run/run.json" in files
        assert RunFile(place).step("01-a").parameters == {"size": 4}
    after = {path: path.read_bytes() for path in before}
    assert after == before
    assert run(project.place).named("ok") == []


@pytest.mark.parametrize("to", ["data/raw", "figures", "src/x", "notebooks", "build/run", "..", "/", "pyproject.toml"])
def test_a_run_is_not_kept_where_the_project_keeps_something_else(project, to) -> None:
    with pytest.raises(InputError, match="Name (a folder of its own|another one)"):
        Place.of(project.root, to)


def test_what_a_notebook_writes_no_longer_goes_and_what_is_anothers_stays(project, pretend) -> None:
    project.notebook("01-a", "# A", "1", parameters=f"{FOLDER}\nsize: int = 1")
    project.write("mine.csv", "of the user")

    def write(notebook: Path, parameters) -> None:
        folder = notebook.parents[1] / parameters["processed_folder"]
        for name in ("one", "two") if "size" not in parameters else ("three",):
            (folder / f"{name}.csv").write_text(name)

    pretend(write)
    run(project.place)
    assert set(project.outputs()) == {"mine.csv", "one.csv", "two.csv"}
    project.write("two.csv", "edited by hand since")
    run(project.place, settings=[("size", "2")])
    assert set(project.outputs()) == {"mine.csv", "two.csv", "three.csv"}


def test_what_a_notebook_wrote_that_is_no_more_goes_with_it(project, pretend) -> None:
    three_notebooks(project)
    pretend(write_result)
    run(project.place)
    (project.root / "notebooks" / "03-c.ipynb").rename(project.root / "notebooks" / "03-d.ipynb")
    run(project.place)
    assert set(project.outputs()) == {"01-a.csv", "02-b.csv", "03-d.csv"}
    assert set(RunFile(project.place).steps()) == {"01-a", "02-b", "03-d"}


def fail_second(notebook: Path, parameters) -> None:
    write_result(notebook, parameters)
    if notebook.stem == "02-b":
        raise NotebookError(f"no table in {parameters['processed_folder']}.")


def test_when_a_notebook_fails_those_before_it_are_kept_and_nothing_of_it_is_published(project, pretend) -> None:
    three_notebooks(project)
    project.write("02-b.csv", "earlier")
    pretend(fail_second)
    told = (
        r"^no table in data/processed. The results of 01-a are kept; all others are as they were. `crossover run` goes"
    )
    with pytest.raises(NotebookError, match=told):
        run(project.place)
    assert project.outputs() == {"01-a.csv": "by 01-a", "02-b.csv": "earlier"}
    assert [project.record(name)["status"] for name in ("01-a", "02-b", "03-c")] == ["ok", "error", "skipped"]
    told = json.loads((project.root / "build" / "run" / "run.json").read_text())
    assert (told["status"], told["files"]) == ("failed", project.record("01-a")["wrote"])


def test_the_next_run_goes_on_where_one_failed(project, pretend) -> None:
    three_notebooks(project)
    pretend(fail_second)
    with pytest.raises(NotebookError):
        run(project.place)
    pretend(write_result)
    assert run(project.place).statuses == {"01-a": "fresh", "02-b": "ok", "03-c": "ok"}


def test_a_refusal_after_others_were_published_is_bad_input_and_says_what_is_kept(project, pretend) -> None:
    three_notebooks(project)

    def refuse(notebook: Path, _: object) -> None:
        if notebook.stem == "02-b":
            raise NotebookError("No week.", bad_input=True)

    pretend(refuse)
    with pytest.raises(NotebookError, match="^No week. The results of 01-a are kept") as failed:
        run(project.place)
    assert failed.value.bad_input


def test_a_bug_is_recorded_as_an_error_and_is_not_hidden(project, pretend) -> None:
    three_notebooks(project)

    def stumble(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    pretend(stumble)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        run(project.place, only=["1"])
    assert project.record("01-a")["status"] == "error"


def test_a_failed_notebook_leaves_its_own_executed_copy_and_those_not_reached_stay(project, pretend) -> None:
    three_notebooks(project)
    project.executed.mkdir(parents=True)
    for name in ("01-a", "02-b", "03-c"):
        (project.executed / f"{name}.ipynb").write_text("earlier")

    def fail(*_: object) -> None:
        raise NotebookError("failed")

    pretend(fail)
    with pytest.raises(NotebookError, match="failed"):
        run(project.place, start="2")
    left = {path.stem: path.read_text() for path in project.executed.iterdir()}
    assert left == {"01-a": "earlier", "02-b": "executed", "03-c": "earlier"}


@pytest.mark.parametrize("before", [None, "facts"])
@pytest.mark.parametrize("writes", [True, False])
def test_a_run_knows_whether_it_wrote_the_facts(project, pretend, before, writes) -> None:
    three_notebooks(project)
    if before:
        project.write("facts.json", before)

    def act(_: Path, parameters) -> None:
        if writes:
            (project.root / parameters["processed_folder"] / "facts.json").write_text("facts")

    pretend(act)
    assert run(project.place, only=["1"]).has_facts is writes


def never(*_: object) -> None:
    raise AssertionError("a notebook was run")


@pytest.mark.parametrize("name", ["processed_folder", "figures_folder"])
def test_an_output_folder_is_no_parameter_to_set_and_the_way_is_said(project, pretend, name) -> None:
    three_notebooks(project)
    pretend(never)
    with pytest.raises(InputError, match=f"^{name} says where .* `crossover run --to build/try`"):
        run(project.place, settings=[(name, "data/raw")])
    (project.root / "parameters.toml").write_text(f'{name} = "x"')
    with pytest.raises(InputError, match=f"^{name} says where"):
        run(project.place)


@pytest.mark.parametrize("default", ["", "/elsewhere", "../up"])
def test_a_default_folder_that_is_none_of_the_project_is_refused(project, pretend, default) -> None:
    project.notebook("01-a", "# A", "1", parameters=f'processed_folder: str = "{default}"')
    pretend(never)
    with pytest.raises(InputError, match="which is no folder of the project"):
        run(project.place)


def test_two_defaults_of_a_folder_are_refused(project, pretend) -> None:
    three_notebooks(project)
    project.notebook("04-d", "# 4. D", "1", parameters='processed_folder: str = "elsewhere"')
    pretend(never)
    with pytest.raises(InputError, match=r"processed_folder in 04-d.ipynb is elsewhere, but data/processed in the not"):
        run(project.place)


def test_a_notebook_that_uses_a_folder_without_declaring_it_is_refused(project, pretend) -> None:
    project.notebook("01-a", "# figures_folder in prose is fine", "1", parameters=FOLDER)
    project.notebook("02-b", "# 2. B", 'open(figures_folder + "/x")', parameters=FOLDER)
    pretend(never)
    with pytest.raises(InputError, match=r"02-b.ipynb uses figures_folder without declaring it in its parameters cell"):
        run(project.place)


@pytest.mark.parametrize(
    ("obstacle", "message"),
    [
        ("build", "Cannot write build/run/lock: .*earlier results are as they were"),
        ("build/notebooks", "Cannot write executed notebooks to build/notebooks: .*earlier results are as they were"),
    ],
)
def test_a_file_in_place_of_the_build_folder_is_refused(project, pretend, obstacle, message) -> None:
    three_notebooks(project)
    (project.root / obstacle).parent.mkdir(exist_ok=True)
    (project.root / obstacle).write_text("a file")
    pretend(never)
    with pytest.raises(InputError, match=message):
        run(project.place)
    assert not project.processed.exists()


@pytest.mark.slow
def test_results_of_a_good_run_are_published_and_nothing_else(finished) -> None:
    project = finished.project
    assert set(project.outputs()) == {"made.json", "facts.json"}
    assert json.loads(project.outputs()["facts.json"]) == {"summary": "Two notebooks made 4."}
    assert {path.name for path in project.root.iterdir()} == {"pyproject.toml", "notebooks", "data", "build"}
    assert {path.name for path in project.executed.iterdir()} == {"01-make.ipynb", "02-use.ipynb"}


FAILURES = {
    "an error": ("1 / 0", 1, "ZeroDivisionError: division by zero\n"),
    "a refusal": (
        "from helpers.errors import InputError\nraise InputError(f'No week in {processed_folder}.')",
        2,
        r"No week in data/processed\.\n$",
    ),
    "sys.exit(0)": ("import sys\nsys.exit(0)", 1, "SystemExit: 0\n.*Remove what ends the notebook"),
    "a killed kernel": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        1,
        "DeadKernelError: .*\n.*Its process ended, for want of memory perhaps",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", FAILURES)
def test_a_failing_cell_is_named_and_earlier_results_stay(project, case) -> None:
    source, code, message = FAILURES[case]
    write = 'open(f"../{processed_folder}/made.json", "w").write("new")'
    notebook = project.notebook(
        "02-use", "# 2. Use", write, "## Second step", source, "## Later", "'later'", parameters=FOLDER
    )
    stored = notebook.read_bytes()
    project.write("made.json", "earlier")
    done = project.main("run", "--quiet")
    assert re.search(rf"^crossover: 02-use, cell 5 \(Second step\): {message}", done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout) == (code, "")
    assert project.outputs() == {"made.json": "earlier"}
    copy = nbformat.read(project.executed / "02-use.ipynb", as_version=4)
    outputs = {cell.source: cell.outputs for cell in copy.cells if cell.cell_type == "code"}
    assert outputs[write][0]["data"]["text/plain"] == "3"  # what came before the failure is kept to look at
    assert outputs["'later'"] == []
    assert notebook.read_bytes() == stored


@pytest.mark.slow
def test_a_disk_that_is_full_when_the_executed_copy_is_written_is_refused(project) -> None:
    project.two_notebooks()
    project.write("made.json", "earlier")
    done = project.crossover("run", before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500)))
    assert "crossover: Cannot write executed notebooks to build/notebooks: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout) == (2, "")
    assert project.outputs() == {"made.json": "earlier"}


@pytest.mark.slow
def test_one_notebook_alone_works_on_what_an_earlier_run_left(project) -> None:
    project.two_notebooks()
    made = project.write("made.json", '{"size": 9}')
    os.utime(made, (1, 1))
    done = project.main("run", "--quiet", "--only", "2")
    assert done.stderr == ""
    assert done.returncode == 0
    assert json.loads(project.outputs()["facts.json"])["summary"] == "Two notebooks made 9."
    assert made.stat().st_mtime == 1
    assert [copy.name for copy in project.executed.iterdir()] == ["02-use.ipynb"]
