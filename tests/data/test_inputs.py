import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from crossover.live.openrouter import Page, store_snapshot
from helpers.analysis.cleaning import clean_rankings
from helpers.data.columns import LARGEST_INT64
from helpers.data.forms import check_answer, snapshot_path
from helpers.data.inputs import read_parts, read_record, read_source
from helpers.data.rankings import read_rankings
from helpers.data.sources import cite_record
from helpers.errors import InputError

AS_OF = "2026-03-05T00:27:00.000Z"
NOW = datetime(2026, 3, 6, tzinfo=UTC)


@pytest.fixture
def rows(raw) -> list[dict]:
    lines = [line.split(",") for line in raw.read("rankings_daily.csv").splitlines()[1:]]
    return [{"date": day, "model_permaslug": name, "total_tokens": tokens} for day, name, tokens in lines]


def answer(rows: list[dict], *, as_of: str = AS_OF) -> dict:
    days = [row["date"] for row in rows]
    meta = {"as_of": as_of, "version": "v1", "start_date": min(days), "end_date": max(days)}
    return {"data": rows, "meta": meta}


def as_json(content: object) -> bytes:
    return json.dumps(content).encode()


def as_integers(rows: list[dict]) -> list[dict]:
    return [row | {"total_tokens": int(row["total_tokens"])} for row in rows]


def as_csv(rows: list[dict], columns: list[str]) -> bytes:
    extra = {"rank": "1", "note": '"a, b"'}
    lines = [",".join(columns), *[",".join((row | extra)[column] for column in columns) for row in rows]]
    return ("\n".join(lines) + "\n").encode()


FILES = {
    "an answer": lambda rows: as_json(answer(rows)),
    "an answer with integers": lambda rows: as_json(answer(as_integers(rows))),
    "an answer with the last day first": lambda rows: as_json(
        answer(sorted(rows, key=lambda row: row["date"], reverse=True))
    ),
    "an answer with a byte order mark": lambda rows: b"\xef\xbb\xbf" + as_json(answer(rows)),
    "an answer, zipped": lambda rows: gzip.compress(as_json(answer(rows))),
    "CSV": lambda rows: as_csv(rows, ["date", "model_permaslug", "total_tokens"]),
    "CSV in another order of columns": lambda rows: as_csv(rows, ["total_tokens", "date", "model_permaslug"]),
    "CSV with more columns": lambda rows: as_csv(rows, ["note", "date", "rank", "model_permaslug", "total_tokens"]),
    "CSV with its rows turned round": lambda rows: as_csv(rows[::-1], ["date", "model_permaslug", "total_tokens"]),
    "CSV, zipped": lambda rows: gzip.compress(as_csv(rows, ["date", "model_permaslug", "total_tokens"])),
}


@pytest.mark.parametrize("form", FILES)
def test_every_form_of_the_same_days_gives_the_same_table(raw, rows, tmp_path, form) -> None:
    (tmp_path / "input").write_bytes(FILES[form](rows))
    record = read_source(raw.path, str(tmp_path / "input"), now=NOW)
    bundled = read_source(raw.path, "bundled", now=NOW)
    pd.testing.assert_frame_equal(record.table, bundled.table)
    pd.testing.assert_frame_equal(clean_rankings(record.table), clean_rankings(read_rankings(raw.path)))
    assert record.stated == bundled.stated


@pytest.mark.parametrize("zipped", [False, True])
def test_a_folder_of_one_answer_a_day_gives_the_same_table(raw, rows, tmp_path, zipped) -> None:
    folder = tmp_path / "days"
    folder.mkdir()
    for day in {row["date"] for row in rows}:
        content = as_json(answer([row for row in rows if row["date"] == day]))
        (folder / f"{day}.json").write_bytes(gzip.compress(content) if zipped else content)
    (folder / ".hidden").write_text("not mine")
    record = read_source(raw.path, str(folder), now=NOW)
    pd.testing.assert_frame_equal(record.table, read_source(raw.path, "bundled", now=NOW).table)
    assert record.kind == "a folder of 63 files, each an answer of the Data API"
    assert record.as_of == datetime(2026, 3, 5, 0, 27, tzinfo=UTC)


def snapshot(raw, rows: list[dict], as_of: str) -> str:
    content = answer(rows, as_of=as_of)
    first, last = (date.fromisoformat(content["meta"][name]) for name in ("start_date", "end_date"))
    pages = [Page(first, last, check_answer(content, where="the test"))]
    return store_snapshot(raw.path, pages, url="https://example.org", now=NOW)[0]


def doubled(rows: list[dict]) -> list[dict]:
    return [row | {"total_tokens": str(2 * int(row["total_tokens"]))} for row in rows]


def test_a_snapshot_can_be_named_and_is_part_of_the_latest(raw, rows) -> None:
    later = doubled([row for row in rows if row["date"] == "2026-03-04"])
    name = snapshot(raw, later, "2026-03-05T09:00:00Z")
    assert read_source(raw.path, name, now=NOW).table["total_tokens"].max() == 240_000_000_000
    latest = read_source(raw.path, "latest", now=NOW)
    bundled = read_source(raw.path, "bundled", now=NOW)
    same = latest.table["date"].lt("2026-03-04")
    pd.testing.assert_frame_equal(latest.table[same], bundled.table[same])
    assert latest.table[~same]["total_tokens"].tolist() == (bundled.table[~same]["total_tokens"] * 2).tolist()
    assert latest.stated == bundled.stated
    assert latest.notes == ("Days from bundled: 62.", f"Days from {name}: 1.")


def test_a_snapshots_file_may_lie_anywhere(raw, rows, tmp_path) -> None:
    name = snapshot(raw, rows, AS_OF)
    elsewhere = snapshot_path(raw.path, name).rename(tmp_path / "sent-by-mail")
    record = read_source(raw.path, str(elsewhere), now=NOW)
    assert record.kind == "a snapshot of the Data API"
    pd.testing.assert_frame_equal(record.table, read_source(raw.path, "bundled", now=NOW).table)


def test_an_older_snapshot_changes_nothing_in_the_latest(raw, rows) -> None:
    snapshot(raw, doubled(rows), "2026-03-04T23:00:00Z")
    pd.testing.assert_frame_equal(
        read_source(raw.path, "latest", now=NOW).table, read_source(raw.path, "bundled", now=NOW).table
    )


def test_parts_come_by_their_moment(raw, rows) -> None:
    early = snapshot(raw, rows, "2026-03-04T23:00:00Z")
    late = snapshot(raw, rows, "2026-03-05T09:00:00Z")
    assert [part.name for part in read_parts(raw.path, now=NOW)] == [early, "bundled", late]


def test_without_snapshots_latest_is_the_bundled_record(raw) -> None:
    latest, bundled = (read_source(raw.path, name, now=NOW) for name in ("latest", "bundled"))
    pd.testing.assert_frame_equal(latest.table, bundled.table)
    assert (latest.stated, latest.citation) == (bundled.stated, bundled.citation)


def test_the_day_of_an_answer_is_not_used(raw, rows, tmp_path) -> None:
    (tmp_path / "input").write_bytes(as_json(answer(rows, as_of="2026-03-04T20:00:00Z")))
    record = read_source(raw.path, str(tmp_path / "input"), now=NOW)
    assert record.table["date"].max() == pd.Timestamp("2026-03-03")
    assert "Left out, because the day was not over: 2026-03-04." in record.describe()


def test_a_hole_in_an_answer_is_said(raw, rows, tmp_path) -> None:
    (tmp_path / "input").write_bytes(as_json(answer([row for row in rows if row["date"] != "2026-02-02"])))
    record = read_source(raw.path, str(tmp_path / "input"), now=NOW)
    assert "has no rows for 2026-02-02." in record.describe()
    assert record.stated["days"] == 62


def test_what_is_not_used_is_said(raw, rows, tmp_path) -> None:
    (tmp_path / "input").write_bytes(FILES["CSV with more columns"](rows))
    assert "Columns not used: note, rank." in read_source(raw.path, str(tmp_path / "input"), now=NOW).describe()
    (tmp_path / "input").write_bytes(as_json(answer(rows) | {"hello": 1}))
    assert "Fields kept and not used: hello." in read_source(raw.path, str(tmp_path / "input"), now=NOW).describe()


CHART = [
    {"x": "2026-01-12", "ys": {"acme/alpha": LARGEST_INT64, "Others": 5}},
    {"x": "2026-01-05", "ys": {"acme/alpha": 3, "Others": 4}},
]


def test_the_weekly_chart_is_read_by_weeks(raw, tmp_path) -> None:
    (tmp_path / "chart").write_bytes(gzip.compress(as_json(CHART)))
    record = read_record(raw.path, str(tmp_path / "chart"), now=NOW)
    assert record.grain == "week"
    assert record.table["total_tokens"].tolist() == [3, 4, LARGEST_INT64, 5]
    assert record.table["model_permaslug"].tolist() == ["acme/alpha", "other"] * 2
    assert "2 weeks from 2026-01-05 to 2026-01-12" in record.describe()


def test_the_weekly_chart_has_no_days_and_says_what_it_is_good_for(raw, tmp_path) -> None:
    (tmp_path / "chart").write_bytes(as_json(CHART))
    with pytest.raises(InputError, match=r"(?s)the weekly chart.*It has no days: usage_daily.*needs daily rows.*diff"):
        read_source(raw.path, str(tmp_path / "chart"), now=NOW)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a whole CSV table"),
        (b"date,tokens\n2026-01-01,5\n", "needs the columns date, model_permaslug, total_tokens, each once, and rows"),
        (b"date,model_permaslug,total_tokens\n", "and 0 rows"),
        (b"date,model_permaslug,total_tokens\n2026-01-01,a/b,x\n", "line 2 .*'x' is not a whole, non-negative"),
        (b"date,model_permaslug,total_tokens\n2026-01-01,a/b,4\n", "2026-01-01: the row `other` is missing"),
        (b"date,model_permaslug,total_tokens\n1,2,3,4\n1,2,3,4,5,6\n", "is not a whole CSV table"),
        (b"date,model_permaslug,total_tokens\n2026-01-01,a/b,1,2\n", "is not a whole CSV table"),
        (b"date,date,model_permaslug,total_tokens\n", "each once, and rows"),
        (b"\xff\xfe\x00d", "is not UTF-8 text: byte 0"),
        (b"<html>", "is a web page"),
        (b'{"a": 1}', "is JSON of no known form. Known: an answer of the Data API"),
        (b"[]", "is JSON of no known form"),
        (b"[1, 2]", "is JSON of no known form"),
        (b'{"data": []', "is not whole JSON"),
        (b'{"data": [], "meta": {}}', "has version None; this project reads 'v1'"),
        (b"\x1f\x8b\x08broken", "is a damaged gzip file|was cut off"),
        (b'[{"x": "soon", "ys": {}}]', "week 1: `x` 'soon' is no date"),
        (b'[{"x": "2026-01-05", "ys": 5}]', "`ys` is no object"),
        (b'[{"x": "2026-01-05", "ys": {}}]', "it has no rows"),
        (b'[{"x": "2026-01-05", "ys": {"a/b": 1.5}}]', "'a/b': 1.5 is no whole number of tokens from 0"),
        (b'[{"x": "2026-01-05", "ys": {"a/b": -1}}]', "-1 is no whole number"),
        (b'[{"x": "2026-01-05", "ys": {"a/b": 1}}, {"x": "2026-01-05", "ys": {"c/d": 1}}]', "a week comes twice"),
        (b'[{"x": "2026-01-05", "ys": {"a/b": 1}}, {"x": "2026-01-13", "ys": {"a/b": 1}}]', "on the same weekday"),
    ],
)
def test_content_that_breaks_its_form_is_refused_with_the_files_name(raw, tmp_path, content, message) -> None:
    (tmp_path / "odd.input").write_bytes(content)
    with pytest.raises(InputError, match=f"(?s){message}") as error:
        read_record(raw.path, str(tmp_path / "odd.input"), now=NOW)
    assert "odd.input" in str(error.value)


@pytest.mark.parametrize("source", ["bundeld", "", " ", "no/such/file", "a" * 5000, "zero\0byte", "~nobody-here/x"])
def test_a_source_that_is_not_there_is_refused_with_what_there_is(raw, source) -> None:
    with pytest.raises(InputError, match="There is no source .*Known: bundled, latest"):
        read_source(raw.path, source, now=NOW)


def test_a_misspelt_snapshot_finds_its_name(raw, rows) -> None:
    name = snapshot(raw, rows, AS_OF)
    with pytest.raises(InputError, match=f"Did you mean '{name}'"):
        read_source(raw.path, name[:-1], now=NOW)


def test_an_empty_folder_is_refused(raw, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no file"):
        read_source(raw.path, str(tmp_path / "empty"), now=NOW)


def test_files_of_a_folder_that_contradict_each_other_are_refused(raw, rows, tmp_path) -> None:
    folder = tmp_path / "days"
    folder.mkdir()
    (folder / "a.json").write_bytes(as_json(answer(rows)))
    (folder / "b.json").write_bytes(as_json(answer(rows)))
    assert len(read_source(raw.path, str(folder), now=NOW).table) == len(rows)
    changed = [rows[0] | {"total_tokens": "90000000001"}, *rows[1:]]
    (folder / "b.json").write_bytes(as_json(answer(changed)))
    with pytest.raises(InputError, match=r"a\.json and .*b\.json differ on 2026-01-01, and nothing says which"):
        read_source(raw.path, str(folder), now=NOW)
    (folder / "b.json").write_bytes(as_json(answer(changed, as_of="2026-03-05T09:00:00Z")))
    assert read_source(raw.path, str(folder), now=NOW).table["total_tokens"].max() == 120_000_000_000


def test_a_weekly_chart_in_a_folder_is_refused(raw, rows, tmp_path) -> None:
    folder = tmp_path / "days"
    folder.mkdir()
    (folder / "a.json").write_bytes(as_json(answer(rows)))
    (folder / "b.json").write_bytes(as_json(CHART))
    with pytest.raises(InputError, match=r"b\.json is a weekly chart; a folder holds daily rankings only"):
        read_source(raw.path, str(folder), now=NOW)


def test_a_record_that_64_bits_cannot_add_up_is_refused(raw, rows, tmp_path) -> None:
    large = [row | {"total_tokens": str(2**63 // len(rows) + 1)} for row in rows]
    path = tmp_path / "large.csv"
    path.write_bytes(as_csv(large, list(rows[0])))
    with pytest.raises(InputError, match=r"large.csv has 922337203685\d{7} tokens on all its days, more than a 64-bit"):
        read_source(raw.path, str(path), now=NOW)
    most = (2**63 - 1) // len(rows)
    path.write_bytes(as_csv([row | {"total_tokens": str(most)} for row in rows], list(rows[0])))
    assert read_source(raw.path, str(path), now=NOW).table["total_tokens"].sum() == most * len(rows)


def test_a_changed_bundled_record_is_refused(raw) -> None:
    raw.damage("rankings_daily.csv", "date,model_permaslug,total_tokens\n2026-01-01,other,1\n")
    with pytest.raises(InputError, match="is not the file that SOURCES.toml describes"):
        read_source(raw.path, "bundled", now=NOW)


def test_a_source_line_cites_the_record_that_was_used(raw) -> None:
    assert (
        cite_record(read_source(raw.path, "bundled").note(), raw.path).citation
        == "Source: invented, as of 2026-03-05T00:00Z."
    )
    file = raw.path.parent / "later.json"
    rows = [{"date": "2026-03-04", "model_permaslug": "other", "total_tokens": "7"}]
    file.write_bytes(as_json(answer(rows, as_of="2026-03-06T00:27:00.000Z")))
    later = cite_record(read_source(raw.path, str(file)).note(), raw.path)
    assert "as of 2026-03-06T00:27Z" in later.citation
    assert later.as_of == "2026-03-06T00:27:00Z"


def test_the_bundled_record_and_its_manifest_are_read_once(raw, monkeypatch) -> None:
    read = []
    for name in ("read_bytes", "read_text"):
        whole = getattr(Path, name)
        monkeypatch.setattr(
            Path, name, lambda path, *a, whole=whole, **b: read.append(path.name) or whole(path, *a, **b)
        )
    read_source(raw.path, "bundled", now=NOW)
    assert sorted(read) == ["SOURCES.toml", "rankings_daily.csv"]
