import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread, imsave

from crossover.compare import Side, compare_folders, compare_pictures, compare_runs, compare_table, missing_tables
from crossover.runs import OK, Place, Record, Run
from helpers.data.contracts import CONTRACTS, dtype_of
from helpers.data.tables import write_table
from helpers.errors import InputError
from projects import ROOT, TINY

LARGE = 2**53
WEEK = pd.Timestamp("2026-02-09").as_unit("us")


def table(**columns: list) -> pd.DataFrame:
    return pd.DataFrame({"key": list(range(len(next(iter(columns.values()))))), **columns})


def moved(first: pd.DataFrame, second: pd.DataFrame, **options: float) -> list[tuple]:
    cells = compare_table(first, second, name="t", key=["key"], **options).cells
    return list(cells.itertuples(index=False, name=None))


def test_counts_are_compared_exactly_even_where_a_row_is_new() -> None:
    second = table(x=[LARGE + 1, 5, 6])
    difference = compare_table(table(x=[LARGE, 5]), second, name="t", key=["key"])
    assert list(difference.cells.itertuples(index=False, name=None)) == [("0", "x", str(LARGE), str(LARGE + 1))]
    assert (difference.rows, difference.only) == ((2, 3), (0, 1))
    assert difference.summary == "1 values moved, 1 rows only in the second"


def test_numbers_within_the_tolerance_are_equal_and_beyond_it_are_not() -> None:
    assert moved(table(x=[1.0]), table(x=[1.0 + 5e-10])) == []
    assert moved(table(x=[1.0]), table(x=[1.0 + 5e-9])) == [("0", "x", "1.0", "1.000000005")]
    assert moved(table(x=[1.0]), table(x=[1.05]), tolerance=0.1) == []
    assert moved(table(x=[0.0]), table(x=[1e-300])) == [("0", "x", "0.0", "1e-300")]


def test_infinite_and_missing_values_are_equal_to_themselves_only() -> None:
    values = [np.inf, np.nan, 1.0]
    assert moved(table(x=values), table(x=values)) == []
    assert [cell[0] for cell in moved(table(x=[np.inf, np.nan]), table(x=[np.nan, 1.0]))] == ["0", "1"]
    whole = [pd.array([1, None], dtype="Int64"), pd.array([None, None], dtype="Int64")]
    assert moved(table(x=whole[0]), table(x=whole[1])) == [("0", "x", "1", "none")]


def test_rows_are_matched_by_key_and_not_by_place() -> None:
    first = table(x=["a", "b"])
    assert compare_table(first, first.iloc[::-1], name="t", key=["key"]).is_same


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-LARGE, LARGE)), unique_by=lambda row: row[0], min_size=1))
def test_a_table_differs_from_another_exactly_where_dictionaries_do(rows: list) -> None:
    first = pd.DataFrame(rows, columns=["key", "x"])
    second = first.assign(x=first["x"].mask(first["key"].gt(5), 0))[first["key"].ne(3)]
    difference = compare_table(first, second, name="t", key=["key"])
    expected = {str(key) for key, x in rows if key > 5 and x != 0}
    assert set(difference.cells["row"]) == expected
    assert difference.only == (sum(key == 3 for key, _ in rows), 0)


def quality(found: str) -> pd.DataFrame:
    return pd.DataFrame({"check": ["rows"], "found": [found], "passed": [True]})


def claims(verdict: str) -> pd.DataFrame:
    columns = CONTRACTS["claims"].columns
    row = {name: WEEK if str(rule.dtype).startswith("datetime") else 0.5 for name, rule in columns.items()}
    row |= {name: "x" for name, rule in columns.items() if dtype_of(rule) == "str"}
    row |= {"hedge": "none", "window": "stated", "cloaked": "as_of", "distance_unit": "weeks", "verdict": verdict}
    table = pd.DataFrame([row | {"statement": "A <b>sentence</b>"}])
    return table.astype({name: dtype_of(rule) for name, rule in columns.items()})


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders as runs leave them: a check and a verdict differ, and a figure by a few pixels."""
    folders = tmp_path / "first", tmp_path / "second"
    for folder, found, verdict, size in zip(folders, ("7", "8"), ("holds", "contradicted"), (2, 4), strict=True):
        tables, figures = folder / "data" / "processed", folder / "figures"
        figures.mkdir(parents=True)
        write_table(quality(found), tables, "data_quality")
        write_table(claims(verdict), tables, "claims")
        shutil.copytree(TINY, folder / "data" / "raw")
        picture = np.ones((10, 10, 3))
        picture[:size, :1] = 0
        imsave(figures / "curve.png", picture)
        imsave(figures / "same.png", np.ones((2, 2, 3)))
        (figures / "curve.txt").write_text("Words of a curve.\n")
    return folders


RANKINGS = {"source": "bundled", "as_of": "2026-03-05T00:00:00Z", "citation": "Source: invented."}
RANKINGS |= {"start_date": "2026-01-01", "end_date": "2026-03-04"}


def side(folder: Path, **parameters: object) -> Side:
    figures = {f"figures/{path.name}": "x" for path in (folder / "figures").iterdir()}
    step = Record("01-a", OK, parameters=parameters, wrote=figures)
    environment = {"python": "3.11.7", "project": "0.1.0", "system": "Linux", "packages": {"pandas": "3.0.0"}}
    return Side(folder.name, Run(Place(folder, folder), {"01-a": step}, RANKINGS, {}, environment))


def tables(runs: tuple[Path, Path]) -> tuple[Path, Path]:
    return tuple(folder / "data" / "processed" for folder in runs)


def test_a_page_tells_verdicts_tables_and_figures_that_differ(runs) -> None:
    files, summary = compare_runs(*map(side, runs), root=ROOT)
    assert summary == [
        "1 of 1 verdicts differ.",
        "2 of 2 tables differ.",
        "1 of 2 figures differ.",
        "No parameters to compare.",
        "0 of 10 raw files differ.",
        "0 of 4 software versions differ.",
    ]
    page = files["index.html"].decode()
    assert "<td>holds</td><td>contradicted</td>" in page
    assert "A &lt;b&gt;sentence&lt;/b&gt;" in page
    assert page.count("<h1") == 1
    assert "2.00 % of the picture moved" in page
    assert 'alt="Words of a curve."' in page
    assert "data_quality,rows,found,7,8" in files["data/differences.csv"].decode()
    assert {"figures/first/curve.png", "figures/second/curve.png", "figures/difference/curve.png"} <= set(files)


def test_parameters_records_and_versions_are_compared_as_the_runs_tell_them(runs) -> None:
    first, second = runs
    told, other = side(first, chart_size=9, scopes=["chart"]), side(second, chart_size=12, scopes=["chart"])
    files, summary = compare_runs(told, other, root=ROOT)
    assert "1 of 2 parameters differ." in summary
    assert b"bundled, as of 2026-03-05T00:00:00Z, 2026-01-01 to 2026-03-04" in files["index.html"]


def test_a_figure_of_one_run_only_is_named_and_a_stale_run_says_so(runs) -> None:
    (runs[1] / "figures" / "same.png").unlink()
    summary = compare_runs(side(runs[0]), side(runs[1]), root=ROOT)[1]
    assert "Only the first run has figure same." in summary
    insisted = side(runs[0])
    warned = Side("old", replace(insisted.run, warning="These are not the results of one finished run."))
    assert "old: These are not the results of one finished run." in compare_runs(warned, insisted, root=ROOT)[1]


def test_runs_with_different_schemas_are_refused_by_name(runs) -> None:
    path = tables(runs)[1] / "data_quality.csv"
    path.write_text(path.read_text().replace("found", "seen"))
    with pytest.raises(InputError) as caught:
        compare_folders(*tables(runs))
    assert "have different schemas" in str(caught.value)
    assert "data_quality.csv: only the first has found; only the second has seen" in str(caught.value)


def test_columns_in_another_order_are_another_schema(runs) -> None:
    path = tables(runs)[1] / "data_quality.csv"
    pd.read_csv(path)[["found", "check", "passed"]].to_csv(path, index=False)
    with pytest.raises(InputError, match=r"data_quality.csv: the columns are in another order"):
        compare_folders(*tables(runs))


def test_a_folder_without_tables_is_refused(runs, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match=r"empty holds no table of a run"):
        compare_folders(tables(runs)[0], empty)


def test_a_table_of_one_run_only_is_named(runs) -> None:
    (tables(runs)[1] / "claims.csv").unlink()
    assert missing_tables(*tables(runs)) == (["claims.csv"], [])
    assert "Only the first run has claims.csv." in compare_runs(*map(side, runs), root=ROOT)[1]


def test_pictures_differ_where_a_pixel_can_be_seen_to_move(tmp_path: Path) -> None:
    white = np.ones((4, 5, 3))
    changed, hardly = white.copy(), white.copy()
    changed[1, 2] = (0, 0, 1)
    hardly[1, 2] = 1 - 4 / 255
    for name, picture in (("white", white), ("changed", changed), ("hardly", hardly), ("small", white[:2])):
        imsave(tmp_path / f"{name}.png", picture)
    paths = {name: tmp_path / f"{name}.png" for name in ("white", "changed", "hardly", "small")}
    assert compare_pictures(paths["white"], paths["hardly"]).share == 0
    assert compare_pictures(paths["white"], paths["small"]) == compare_pictures(paths["small"], paths["white"])
    assert compare_pictures(paths["white"], paths["small"]).share == 1
    difference = compare_pictures(paths["white"], paths["changed"])
    assert difference.share == 1 / 20
    (tmp_path / "difference.png").write_bytes(difference.picture)
    red = imread(tmp_path / "difference.png")[1, 2, :3]
    assert red == pytest.approx((0.78, 0, 0.1), abs=0.01)


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(InputError, match=r"a.png is no PNG picture"):
        compare_pictures(tmp_path / "a.png", tmp_path / "a.png")
