from pathlib import Path

import pytest
from crossover.runner.steps import order_steps, plan_step, read_uses

from crossover.runner.plan import plan
from helpers.data.contracts import CONTRACTS
from helpers.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
FOLDER = 'processed_folder: str = "data/processed"'
FIGURES = f'{FOLDER}\nfigures_folder: str = "figures"'


@pytest.mark.parametrize(
    ("code", "reads", "writes"),
    [
        ("read_table(resolve(processed_folder), 'ratios')", {"ratios"}, set()),
        ("folder = resolve(processed_folder)\nread_table(folder, name='ratios')", {"ratios"}, set()),
        ("folder, raw = resolve(processed_folder), resolve(raw_folder)\nread_table(folder, 'a')", {"a"}, set()),
        ("tables.write_table(growth, processed_folder, 'growth')", set(), {"growth"}),
        ("facts.write_facts(quoted, resolve(processed_folder), summary='')", set(), {"facts"}),
        ("read_table(processed_folder, 'a'); write_table(b, processed_folder, 'b')", {"a"}, {"b"}),
        ("raw.head(3)", set(), set()),
    ],
)
def test_tables_are_found_in_the_code(code, reads, writes) -> None:
    uses = read_uses([code])
    assert (uses.reads, uses.writes, uses.reads_any, uses.is_told) == (reads, writes, False, True)


@pytest.mark.parametrize(
    "code",
    [
        "{name: read_table(resolve(processed_folder), name) for name in names}",
        "folder = resolve(processed_folder)\npartial(read_table, folder)",
    ],
)
def test_a_computed_name_may_be_any_table(code) -> None:
    uses = read_uses([code])
    assert (uses.reads, uses.reads_any, uses.is_told) == (set(), True, True)


@pytest.mark.parametrize(
    "code",
    [
        "open(f'../{processed_folder}/a.csv')",
        "pd.read_csv(resolve(processed_folder) / 'a.csv')",
        "folder = resolve(processed_folder)\nlist(folder.iterdir())",
        "write_table(table, resolve(processed_folder), name)",
        "%run other.py",
    ],
)
def test_another_use_of_the_folder_is_not_told(code) -> None:
    assert not read_uses([code]).is_told


def test_every_table_of_the_real_notebooks_is_written_by_the_one_of_its_contract() -> None:
    writers = {table: step.name[:2] for step in plan(ROOT) for table in step.uses.writes if table != "facts"}
    assert writers == {name: contract.notebook for name, contract in CONTRACTS.items()}


def test_a_tables_file_is_named_after_the_table() -> None:
    assert [name for name, contract in CONTRACTS.items() if Path(contract.file).stem != name] == []


def test_the_real_notebooks_run_side_by_side_where_the_tables_allow_it() -> None:
    before = {name[:2]: {other[:2] for other in others} for name, others in order_steps(plan(ROOT)).items()}
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
    return [plan_step(path, {}, root=project.root) for path in sorted((project.root / "notebooks").iterdir())]


def test_the_writer_comes_first_whatever_its_number(project) -> None:
    steps = steps_of(project, _1="read_table(processed_folder, 'late')", _2="write_table(a, processed_folder, 'late')")
    assert order_steps(steps) == {"01-x": {"02-x"}, "02-x": set()}


def test_two_writers_of_one_table_keep_their_order(project) -> None:
    write = "write_table(a, processed_folder, 'same')"
    assert order_steps(steps_of(project, _1=write, _2=write)) == {"01-x": set(), "02-x": {"01-x"}}


def test_what_is_not_told_keeps_its_place(project) -> None:
    steps = steps_of(project, _1="1", _2="open(processed_folder)", _3="1")
    assert order_steps(steps) == {"01-x": set(), "02-x": {"01-x"}, "03-x": {"02-x"}}


def test_notebooks_that_wait_for_each_other_are_refused(project) -> None:
    steps = steps_of(
        project,
        _1="read_table(processed_folder, 'b'); write_table(a, processed_folder, 'a')",
        _2="read_table(processed_folder, 'a'); write_table(b, processed_folder, 'b')",
    )
    with pytest.raises(InputError, match=r"The notebooks 0\d-x, 0\d-x read each other's tables"):
        order_steps(steps)


def test_a_parameter_that_names_a_file_or_folder_makes_it_an_input(project) -> None:
    (project.root / "raw").mkdir()
    (project.root / "mine.csv").write_text("a")
    path = project.notebook(
        "01-a", "# A", "1", parameters='raw_folder: str = "raw"\nsource: str = "bundled"\nweek: str = "\\0"'
    )
    assert plan_step(path, {}, root=project.root).inputs == (project.root / "raw",)
    with_file = plan_step(path, {"source": "mine.csv"}, root=project.root)
    assert with_file.inputs == (project.root / "raw", project.root / "mine.csv")
