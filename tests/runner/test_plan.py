import re
from pathlib import Path

import pytest

from crossover.runner.notebooks import read_cells
from crossover.runner.plan import order_steps, plan_run, plan_step, read_uses
from crossover.runs import Place
from helpers.data.contracts import CONTRACTS
from helpers.errors import InputError
from helpers.figures.catalogue import FIGURES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = 'processed_folder: str = "data/processed"'


@pytest.mark.parametrize(
    ("code", "reads", "writes"),
    [
        ("Notebook('04', globals(), reads=['ratios'])", {"ratios"}, set()),
        ("made = Notebook('04', globals(), reads=['a', 'b'], writes=['c'])", {"a", "b"}, {"c"}),
        ("reads, writes = ['a'], ['b']\nNotebook('04', globals(), reads=reads, writes=writes)", {"a"}, {"b"}),
        ("writes = [*['a', 'b'], 'c']\nNotebook('04', globals(), writes=writes)", set(), {"a", "b", "c"}),
    ],
)
def test_what_a_notebook_reads_and_writes_stands_in_one_line(code, reads, writes) -> None:
    uses = read_uses([code])
    assert (uses.reads, uses.writes, uses.is_told) == (reads, writes, True)


@pytest.mark.parametrize("code", ["raw.head(3)", "open(f'../{processed_folder}/a.csv')", "%run other.py"])
def test_without_that_line_it_may_read_and_write_anything(code) -> None:
    assert not read_uses([code]).is_told


def test_the_real_notebooks_read_and_write_what_their_line_says() -> None:
    """The line is true: `Notebook` refuses any other table, and no code reads or writes one in another way."""
    for step in plan_run(Place.of(ROOT)).steps:
        code = "\n".join(cell["source"] for cell in read_cells(step.notebook) if cell["cell_type"] == "code")
        used = [set(re.findall(rf"notebook\.{verb}\(.*?\"(\w+)\"\)", code)) for verb in ("read", "write")]
        if step.name.startswith("07"):
            used[0] = {table for module in FIGURES.values() for table in module.TABLES}
        assert used[0] == step.uses.reads, step.name
        assert used[1] == step.uses.writes - {"facts"}, step.name
        assert not re.search(r"(read|write)_table|processed_folder(?!: str)", code), step.name


def test_every_table_of_the_real_notebooks_is_written_by_the_one_of_its_contract() -> None:
    writers = {
        table: step.name[:2]
        for step in plan_run(Place.of(ROOT)).steps
        for table in step.uses.writes
        if table != "facts"
    }
    assert writers == {name: contract.notebook for name, contract in CONTRACTS.items()}


def test_a_tables_file_is_named_after_the_table() -> None:
    assert [name for name, contract in CONTRACTS.items() if Path(contract.file).stem != name] == []


def test_the_real_notebooks_run_side_by_side_where_the_tables_allow_it() -> None:
    before = {name[:2]: {other[:2] for other in others} for name, others in plan_run(Place.of(ROOT)).order.items()}
    assert before["02"] == {"01"}
    assert before["03"] == {"02"}
    assert "04" not in before["05"]
    assert "05" not in before["04"]
    assert before["06"] >= {"04", "05"}
    assert "06" in before["07"]
    assert before["08"] == set()


def steps_of(project, **codes: str):
    for name, code in codes.items():
        project.notebook(name.replace("_", "0", 1) + "-x", "# A", code, parameters=FOLDER)
    return [plan_step(path, {}, place=project.place) for path in sorted((project.root / "notebooks").iterdir())]


def test_the_writer_comes_first_whatever_its_number(project) -> None:
    steps = steps_of(
        project, _1="Notebook('x', globals(), reads=['late'])", _2="Notebook('x', globals(), writes=['late'])"
    )
    assert order_steps(steps) == {"01-x": {"02-x"}, "02-x": set()}


def test_two_writers_of_one_table_keep_their_order(project) -> None:
    write = "Notebook('x', globals(), writes=['same'])"
    assert order_steps(steps_of(project, _1=write, _2=write)) == {"01-x": set(), "02-x": {"01-x"}}


def test_what_is_not_told_keeps_its_place(project) -> None:
    steps = steps_of(project, _1="Notebook('x', globals())", _2="open(processed_folder)", _3="Notebook('y', globals())")
    assert order_steps(steps) == {"01-x": set(), "02-x": {"01-x"}, "03-x": {"02-x"}}


def test_notebooks_that_wait_for_each_other_are_refused(project) -> None:
    steps = steps_of(
        project,
        _1="Notebook('x', globals(), reads=['b'], writes=['a'])",
        _2="Notebook('x', globals(), reads=['a'], writes=['b'])",
    )
    with pytest.raises(InputError, match=r"The notebooks 0\d-x, 0\d-x read each other's tables"):
        order_steps(steps)


def test_a_parameter_that_names_a_file_or_folder_makes_it_an_input(project) -> None:
    (project.root / "raw").mkdir()
    (project.root / "mine.csv").write_text("a")
    path = project.notebook(
        "01-a", "# A", "1", parameters='raw_folder: str = "raw"\nsource: str = "bundled"\nweek: str = "\\0"'
    )
    assert plan_step(path, {}, place=project.place).inputs == (project.root / "raw",)
    with_file = plan_step(path, {"source": "mine.csv"}, place=project.place)
    assert with_file.inputs == (project.root / "raw", project.root / "mine.csv")
