import re
from pathlib import Path

import pandas as pd
import pytest

from helpers.analysis.claims.readings import QUANTITIES
from helpers.data.contracts import CONTRACTS, describe_tables, dtype_of, unit_of
from helpers.data.tables import read_table, validate, write_table
from helpers.errors import InputError
from tables import complete

ROOT = Path(__file__).resolve().parents[2]


def ratios(**changes: object) -> pd.DataFrame:
    row = {
        "week_start": pd.Timestamp("2026-02-09").as_unit("us"),
        "scope": "chart",
        "china_tokens": 2**53 + 1,
        "us_tokens": 2,
        "unidentified_tokens": 0,
        "ratio": 0.1 + 0.2,
        "ratio_low": 0.3,
        "ratio_high": 0.5,
        "state": "China",
    }
    return complete("ratios", pd.DataFrame([row | changes]).astype({"scope": "str", "state": "str"}))


def test_what_is_read_is_what_was_written(tmp_path) -> None:
    write_table(ratios(), tmp_path, "ratios")
    pd.testing.assert_frame_equal(read_table(tmp_path, "ratios"), ratios())


def test_a_missing_value_survives_the_journey(tmp_path) -> None:
    table = ratios(ratio=float("nan"), ratio_low=float("nan"), ratio_high=float("nan"))
    write_table(table, tmp_path, "ratios")
    assert read_table(tmp_path, "ratios")["ratio"].isna().all()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (ratios(us_tokens=-1), "column us_tokens, row 0: -1 fails"),
        (ratios(us_tokens=1.5), "us_tokens.*float64.*int64"),
        (ratios(scope="charts"), "column scope, row 0: 'charts' fails"),
        (ratios(ratio=0.9), "ratio lies between its bounds"),
        (ratios().drop(columns="state"), "state"),
        (ratios().assign(extra=1), "extra"),
        (pd.concat([ratios(), ratios()], ignore_index=True), "chart"),
        (ratios().set_axis([7]), "the index is 0, 1, 2"),
    ],
)
def test_a_table_that_breaks_its_contract_is_not_written(tmp_path, table: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=rf"(?s)Table 'ratios' breaks its contract: .*{message}"):
        write_table(table, tmp_path, "ratios")
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_was_changed_on_disk_is_refused_when_read(tmp_path) -> None:
    file = write_table(ratios(), tmp_path, "ratios")
    file.write_text(file.read_text().replace(",chart,", ",carte,"))
    with pytest.raises(InputError, match=r"ratios\.csv: .*'carte'.*\n?.*crossover run --from 04"):
        read_table(tmp_path, "ratios")


def test_a_table_that_is_not_there_names_its_notebook(tmp_path) -> None:
    with pytest.raises(InputError, match="usage_daily.parquet does not exist yet: notebook 01 writes it"):
        read_table(tmp_path, "usage_daily")


@pytest.mark.parametrize("name", ["usage_daily", "ratios"])
def test_a_damaged_file_is_refused(tmp_path, name: str) -> None:
    (tmp_path / CONTRACTS[name].file).write_bytes(b"\x00\xff garbage \n1,2\n")
    with pytest.raises(InputError, match="Write it again with `crossover run --from"):
        read_table(tmp_path, name)


def test_an_unknown_table_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match="Unknown table 'ratio'. Did you mean 'ratios'"):
        validate(ratios(), "ratio")


def test_the_dictionary_is_written_from_the_contracts() -> None:
    words = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    section = re.search(r"<!-- tables -->\n\n(.*)\n\n<!-- /tables -->", words, re.DOTALL)
    assert section is not None
    assert section[1] == describe_tables(), "run `.venv/bin/python tools/describe_tables.py`"


def test_the_dictionary_names_every_quantity_that_a_claim_can_speak_of() -> None:
    words = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    row = re.search(r"^## Raw.*?\n\| `quantity` \| (.*?) \|$", words, re.DOTALL | re.MULTILINE)
    assert re.findall("`([^`]+)`", row[1]) == list(QUANTITIES), "run `.venv/bin/python tools/describe_tables.py`"


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_table_and_column_has_a_meaning_and_every_number_a_unit(name: str) -> None:
    contract = CONTRACTS[name]
    assert contract.meaning.startswith("One row a")
    assert [column for column, rule in contract.columns.items() if not rule.description] == []
    numbers = {
        column for column, rule in contract.columns.items() if dtype_of(rule).lower().startswith(("int", "float"))
    }
    assert {column for column, rule in contract.columns.items() if unit_of(rule)} == numbers


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_meaning_keeps_within_its_cell_of_the_dictionary(name: str) -> None:
    words = [rule.description + unit_of(rule) for rule in CONTRACTS[name].columns.values()]
    assert [word for word in words if "|" in word or "\n" in word] == []
