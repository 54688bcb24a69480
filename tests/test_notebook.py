"""What a notebook is made from travels with its tables, in a run and by hand in JupyterLab alike."""

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet
import pytest

from helpers.choices import DEFAULTS
from helpers.data.files import sidecar
from helpers.data.inputs import read_source
from helpers.data.made import METADATA, Made, read_made
from helpers.errors import InputError
from helpers.notebook import Notebook

QUALITY = pd.DataFrame({"check": ["rows"], "found": ["7"], "passed": [True]})


def namespace(**values: object) -> dict:
    """What ``globals()`` holds after a cell of parameters: the values, and the types that were declared."""
    values = {"raw_folder": "data/raw", "processed_folder": "data/processed", **values}
    return {"__annotations__": {name: type(value) for name, value in values.items()}, **values, "pd": pd}


pytestmark = pytest.mark.usefixtures("root")


@pytest.fixture(autouse=True)
def _in_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CROSSOVER_RUN", raising=False)


def first(root: Path, **values: object) -> Notebook:
    """Notebook 01: it reads the record and writes two tables."""
    notebook = Notebook("01-clean-data", namespace(source="bundled", **values), writes=["usage_daily", "data_quality"])
    record = read_source(root / "data" / "raw", "bundled")
    notebook.take_record(record)
    notebook.write(QUALITY, "data_quality")
    usage = record.table.rename(columns={"model_permaslug": "permaslug", "total_tokens": "tokens"})
    names = usage["permaslug"].str.partition(":")
    usage = usage.assign(model=names[0], variant=names[2], author=names[0].str.partition("/")[0])
    notebook.write(usage[["date", "permaslug", "model", "variant", "author", "tokens"]], "usage_daily")
    return notebook


def later(name: str = "03-later", *, reads: tuple[str, ...] = ("data_quality", "usage_daily"), **values) -> Notebook:
    return Notebook(name, namespace(**values), reads=reads, writes=["restatements"])


def test_tables_carry_record_parameters_and_digests_in_the_file_or_beside_it(root: Path) -> None:
    first(root, start="first")
    folder = root / "data" / "processed"
    parquet = json.loads(pyarrow.parquet.read_schema(folder / "usage_daily.parquet").metadata[METADATA])
    beside = json.loads(sidecar(folder / "data_quality.csv").read_text())
    for note in (parquet, beside):
        assert note["notebook"] == "01-clean-data"
        assert note["record"]["source"] == "bundled"
        assert note["record"]["as_of"] == "2026-03-05T00:00:00Z"
        assert note["record"]["snapshots"] == [{"name": "bundled", "as_of": "2026-03-05T00:00:00Z"}]
        assert note["parameters"] == {
            "01-clean-data": {"raw_folder": "data/raw", "source": "bundled", "start": "first"}
        }
        assert "rankings_daily.csv" in note["inputs"]
    made = later().made
    assert made.record is None
    reader = later(chart_size=9)
    reader.read("data_quality")
    reader.read("usage_daily")
    assert reader.made.record == beside["record"]
    assert set(reader.made.parameters) == {"01-clean-data", "03-later"}
    assert {"usage_daily.parquet", "data_quality.csv", "rankings_daily.csv"} <= set(reader.made.inputs)
    assert reader.source().citation == "Source: invented, as of 2026-03-05T00:00Z."


def test_a_table_made_under_another_choice_stops_the_notebook_and_both_are_named(root: Path) -> None:
    first(root, chart_size=20)
    with pytest.raises(
        InputError, match=r"01 was run with chart_size 20; this notebook \(03-later\) has 9.*parameters"
    ):
        later(chart_size=9).read("data_quality")
    later(chart_size=20).read("data_quality")


def test_a_table_with_more_of_a_list_serves_one_that_needs_less_and_not_the_other_way(root: Path) -> None:
    first(root, scopes=["chart", "ranked", "platform"])
    later(scopes=["ranked"]).read("data_quality")
    later(scopes=["chart", "ranked", "platform"]).read("data_quality")
    with pytest.raises(InputError, match="01 was run with scopes chart,ranked,platform; this notebook .* has other"):
        later(scopes=["other"]).read("data_quality")


def test_tables_that_rest_on_different_runs_of_one_notebook_do_not_go_together(root: Path) -> None:
    first(root, start="first")
    notebook = later()
    notebook.read("data_quality")
    first(root, start="2026-02-01")
    with pytest.raises(InputError, match=r"usage_daily rests on 01-clean-data with start 2026-02-01.*different runs"):
        notebook.read("usage_daily")


def test_tables_of_two_records_do_not_go_together() -> None:
    here = Made("03-later", {"source": "one", "as_of": "2026-03-05"}, {"03-later": {}}, {})
    other = Made("01-clean-data", {"source": "two", "as_of": None}, {}, {})
    told = (
        r"restatements was made from the record two \(as of an unknown moment\), and what 03-later has read so far "
        r"from one \(as of 2026-03-05\)"
    )
    with pytest.raises(InputError, match=told):
        here.joined(other, table="restatements")


def test_a_raw_file_that_changed_since_is_named(root: Path) -> None:
    first(root)
    manifest = root / "data" / "raw" / "SOURCES.toml"
    content = manifest.read_text()
    manifest.write_text(content.replace('["prices.csv"]', '["prices.csv"]', 1).replace('sha256 = "', 'sha256 = "0', 1))
    with pytest.raises(InputError, match=r"data_quality was made from another .* than 03-later has now"):
        later().read("data_quality")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda csv: csv.write_text(csv.read_text().replace("7", "8")), "data_quality.csv was changed since 01-clean"),
        (lambda csv: sidecar(csv).unlink(), "data_quality.csv does not say what made it"),
        (lambda csv: sidecar(csv).write_text("null"), "data_quality.csv does not say what made it"),
        (lambda csv: csv.unlink(), "does not exist yet: notebook 01 writes it"),
    ],
)
def test_a_table_that_nobody_can_vouch_for_is_refused(root: Path, damage, message) -> None:
    first(root)
    damage(root / "data" / "processed" / "data_quality.csv")
    with pytest.raises(InputError, match=message):
        later().read("data_quality")


def test_a_table_that_the_line_on_top_does_not_name_is_neither_read_nor_written(root: Path) -> None:
    first(root)
    with pytest.raises(InputError, match=r"Unknown table of 03-later.*'usage_daily'.*Known: data_quality"):
        later(reads=("data_quality",)).read("usage_daily")
    with pytest.raises(InputError, match=r"Unknown table of 03-later.*'claims'.*Known: restatements"):
        later().write(QUALITY, "claims")


def test_in_jupyterlab_the_projects_choices_hold_and_are_said(root: Path, capsys) -> None:
    (root / "parameters.toml").write_text("chart_size = 20\nunrelated = 1\n")
    values = namespace(chart_size=9)
    assert Notebook("03-later", values).parameters["chart_size"] == values["chart_size"] == 20
    assert capsys.readouterr().out == "chart_size = 20, as parameters.toml says (the cell above says 9)\n"
    (root / "parameters.toml").write_text('chart_size = "many"')
    with pytest.raises(InputError, match="parameters.toml: chart_size is 'many', and the notebook wants int"):
        Notebook("03-later", namespace(chart_size=9))


def test_in_a_run_the_runner_has_set_every_value(root: Path, monkeypatch, capsys) -> None:
    (root / "parameters.toml").write_text("chart_size = 20\n")
    monkeypatch.setenv("CROSSOVER_RUN", "1")
    assert Notebook("03-later", namespace(chart_size=9)).parameters["chart_size"] == 9
    assert capsys.readouterr().out == ""


def test_a_table_written_without_a_note_leaves_none_of_an_earlier_one(root: Path) -> None:
    from helpers.data.tables import write_table

    first(root)
    write_table(QUALITY.assign(found="9"), root / "data" / "processed", "data_quality")
    with pytest.raises(InputError, match="does not say what made it"):
        read_made(root / "data" / "processed", "data_quality")


def test_the_choices_that_readers_are_told_of_have_the_notebooks_defaults() -> None:
    from crossover.runner.notebooks import find_notebooks
    from crossover.runner.parameters import read_parameters
    from projects import ROOT

    declared = [read_parameters(notebook) for notebook in find_notebooks(ROOT)]
    for name, default in DEFAULTS.items():
        assert {values[name].value for values in declared if name in values} == {default}, name
