import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest

from crossover.bundle.pack import SUMS, collect_files, pack
from crossover.commands.report import open_run
from crossover.datapackage import describe_field
from crossover.report.pages import Run
from finished_run import copy_run
from helpers.data.contracts import CONTRACTS
from helpers.errors import InputError


@pytest.fixture(scope="module")
def run(made_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = copy_run(made_run, tmp_path_factory.mktemp("bundle") / "project")
    (root / "src" / "crossover" / "__pycache__").mkdir()
    (root / "src" / "crossover" / "__pycache__" / "x.pyc").write_bytes(b"compiled")
    (root / "notebooks" / ".ipynb_checkpoints").mkdir()
    (root / "notebooks" / ".ipynb_checkpoints" / "01-first.ipynb").write_text("{}")
    (root / "figures" / "notes.csv").write_text("no figure: it has no alt text")
    return open_run(root, tables=root / "data" / "processed", figures=root / "figures")


@pytest.fixture(scope="module")
def files(run: Run) -> dict[str, bytes]:
    return collect_files(run)


def test_a_bundle_holds_what_was_used_and_what_was_made(files: dict[str, bytes]) -> None:
    wanted = {"ro-crate-metadata.json", "datapackage.json", "environment.json", "CITATION.cff", "LICENSE", SUMS}
    wanted |= {"LICENSE-CC-BY", "requirements.txt", "data/raw/rankings_daily.csv", "data/processed/facts.json"}
    wanted |= {"data/processed/ratios.csv", "figures/ratio_with_bounds.pdf", "build/notebooks/02-second.ipynb"}
    wanted |= {"notebooks/01-first.ipynb", "src/crossover/runner/pipeline.py", "tools/environment.py", "pyproject.toml"}
    assert wanted <= set(files)


def test_what_belongs_to_one_machine_stays_out(files: dict[str, bytes], run: Run) -> None:
    assert [name for name in files if re.search(r"__pycache__|checkpoints|\.pyc|notes", name)] == []
    assert [name for name, content in files.items() if str(run.root).encode() in content] == []


def test_the_list_of_checksums_names_every_other_file(files: dict[str, bytes]) -> None:
    lines = dict(reversed(line.split("  ")) for line in files[SUMS].decode().splitlines())
    assert lines == {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != SUMS}


def test_equal_runs_give_equal_bytes(files: dict[str, bytes], run: Run) -> None:
    assert pack(files) == pack(dict(reversed(collect_files(run).items())))


def test_an_archive_has_no_dates_and_opens_as_it_was_packed(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(pack(files))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(files)
        assert {name: archive.read(name) for name in files} == files


def test_tables_of_another_folder_are_named_as_those_of_a_default_run(
    run: Run, files: dict[str, bytes], tmp_path
) -> None:
    for path in run.tables.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    elsewhere = Run(run.root, tmp_path, run.figures, run.notebooks, run.parameters, run.times)
    assert collect_files(elsewhere) == files


def test_a_file_that_is_gone_is_named(run: Run) -> None:
    licence = run.root / "LICENSE"
    content = licence.read_bytes()
    licence.unlink()
    with pytest.raises(InputError, match=r"The bundle needs .*LICENSE, which cannot be read: No such file"):
        collect_files(run)
    licence.write_bytes(content)


@pytest.mark.filterwarnings("ignore")  # other people's code
def test_the_reference_validator_accepts_every_table(files: dict[str, bytes], tmp_path, monkeypatch) -> None:
    from frictionless import Package

    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    report = Package("datapackage.json").validate()
    assert report.valid, report.flatten(["fieldName", "rowNumber", "message"])
    assert {task.name for task in report.tasks} >= {"ratios", "claims", "claim-settings", "usage-daily"}
    ratios = tmp_path / "data" / "processed" / "ratios.csv"
    ratios.write_text(ratios.read_text().replace(",China\n", ",Neither\n", 1))
    broken = Package("datapackage.json").validate()
    assert {error.type for task in broken.tasks for error in task.errors} >= {"constraint-error", "hash-count"}


def test_the_descriptor_takes_columns_meanings_and_units_from_the_contracts(files: dict[str, bytes]) -> None:
    described = json.loads(files["datapackage.json"])
    resources = {resource["name"]: resource for resource in described["resources"]}
    ratios = resources["ratios"]
    assert [field["name"] for field in ratios["schema"]["fields"]] == list(CONTRACTS["ratios"].columns)
    assert ratios["schema"]["primaryKey"] == ["week_start", "scope"]
    assert ratios["hash"] == f"sha256:{hashlib.sha256(files['data/processed/ratios.csv']).hexdigest()}"
    told = {field["name"]: (field["description"], field.get("unit")) for field in ratios["schema"]["fields"]}
    assert told["us_tokens"] == ("identified tokens of the US in the scope", "tokens")
    assert told["scope"][1] is None
    assert ratios["description"] == CONTRACTS["ratios"].meaning
    # Parquet keeps types in itself, and neither meanings nor units.
    assert {field["name"] for field in resources["usage-daily"]["schema"]["fields"] if "unit" in field} == {"tokens"}
    assert described["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    # The week of a rule that never came true is empty, and a key may not be.
    assert "primaryKey" not in resources["crossovers"]["schema"]


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_column_of_every_contract_has_a_type(name: str) -> None:
    table = pd.DataFrame({column: pd.Series(dtype=str(rule.dtype)) for column, rule in CONTRACTS[name].columns.items()})
    kinds = {"i": "integer", "f": "number", "b": "boolean", "M": "date"}
    for column, rule in CONTRACTS[name].columns.items():
        assert describe_field(column, rule)["type"] == kinds.get(table[column].dtype.kind, "string")


@pytest.mark.parametrize(
    ("column", "constraints"),
    [
        (pa.Column("str", pa.Check.isin(["a", "b"])), {"enum": ["a", "b"], "required": True}),
        (pa.Column("str"), None),  # an empty text may have a meaning
        (pa.Column("float64", pa.Check.in_range(0, 1), nullable=True), {"minimum": 0, "maximum": 1}),
        (pa.Column("str", pa.Check.str_matches("^a$")), {"pattern": "^a$", "required": True}),
    ],
)
def test_a_rule_of_a_contract_is_a_constraint_of_the_field(column: pa.Column, constraints: dict | None) -> None:
    assert describe_field("x", column).get("constraints") == constraints
