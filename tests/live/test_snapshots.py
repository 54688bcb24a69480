import gzip
import json
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from crossover.live.openrouter import Page, store_snapshot
from helpers.data.forms import check_answer, list_snapshots, read_snapshot, snapshot_path, unzip
from helpers.errors import InputError

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
URL = "https://example.org/api/v1"


def page(day: int, tokens: int = 5, *, as_of: str = "2026-01-20T02:00:00.000Z") -> Page:
    """One window of one day in January 2026."""
    text = f"2026-01-{day:02d}"
    content = {
        "data": [
            {"date": text, "model_permaslug": "a/b", "total_tokens": str(tokens)},
            {"date": text, "model_permaslug": "other", "total_tokens": "9"},
        ],
        "meta": {"as_of": as_of, "version": "v1", "start_date": text, "end_date": text},
        "new_field": [1.5],
    }
    return Page(date.fromisoformat(text), date.fromisoformat(text), check_answer(content, where="the test"))


def store(folder, *pages: Page) -> tuple[str, bool]:
    return store_snapshot(folder, pages, url=URL, now=NOW)


def test_what_was_stored_is_read_back_to_the_token(tmp_path) -> None:
    large = 2**63 - 1
    name, is_new = store(tmp_path, page(5, large), page(6))
    record = read_snapshot(tmp_path, name)
    assert (name, is_new) == ("2026-01-20T020000Z_2026-01-05_2026-01-06", True)
    assert record.table["total_tokens"].tolist() == [large, 9, 5, 9]
    assert record.table["date"].dt.day.tolist() == [5, 5, 6, 6]
    assert record.stated == {"rows": 4, "days": 2, "start_date": "2026-01-05", "end_date": "2026-01-06"}
    assert record.as_of == datetime(2026, 1, 20, 2, tzinfo=UTC)


def test_the_file_keeps_meta_request_and_fields_that_are_not_known(tmp_path) -> None:
    name, _ = store(tmp_path, page(5))
    stored = json.loads(gzip.decompress(snapshot_path(tmp_path, name).read_bytes()))
    assert stored["pages"][0]["answer"] == page(5).answer.content
    assert stored["pages"][0]["request"] == {
        "path": "/datasets/rankings-daily",
        "start_date": "2026-01-05",
        "end_date": "2026-01-05",
    }
    assert stored["url"] == URL
    assert stored["citation"] == "Source: OpenRouter (openrouter.ai/rankings), as of 2026-01-20T02:00Z."


def test_the_oldest_page_dates_the_snapshot(tmp_path) -> None:
    name, _ = store(tmp_path, page(5, as_of="2026-01-20T02:00:09Z"), page(6, as_of="2026-01-20T02:00:03Z"))
    assert name.startswith("2026-01-20T020003Z_")


def test_the_same_content_is_not_stored_twice_and_another_one_never_overwrites(tmp_path) -> None:
    first, _ = store(tmp_path, page(5))
    before = snapshot_path(tmp_path, first).read_bytes()
    assert store(tmp_path, page(5)) == (first, False)
    assert store(tmp_path, page(5, 6)) == (f"{first}_2", True)
    assert store(tmp_path, page(5, 6)) == (f"{first}_2", False)
    assert snapshot_path(tmp_path, first).read_bytes() == before
    assert list_snapshots(tmp_path) == [first, f"{first}_2"]


def test_snapshots_are_listed_by_their_moment(tmp_path) -> None:
    assert list_snapshots(tmp_path) == []
    late, _ = store(tmp_path, page(5, as_of="2026-01-21T02:00:00Z"))
    early, _ = store(tmp_path, page(5))
    (tmp_path / "snapshots" / "notes.txt").write_text("mine")
    assert list_snapshots(tmp_path) == [early, late]


def test_a_folder_that_cannot_be_written_leaves_nothing(tmp_path) -> None:
    (tmp_path / "snapshots").write_text("a file")
    with pytest.raises(InputError, match="Cannot write"):
        store(tmp_path, page(5))
    assert [file.name for file in tmp_path.iterdir()] == ["snapshots"]


def rewritten(change):
    """Damage a stored file: unpack it, change the JSON, pack it again."""

    def damage(content: bytes) -> bytes:
        stored = json.loads(gzip.decompress(content))
        change(stored)
        return gzip.compress(json.dumps(stored).encode())

    return damage


def raise_tokens(stored: dict) -> None:
    stored["pages"][0]["answer"]["data"][0]["total_tokens"] = "6"


DAMAGE = {
    "a changed count": (rewritten(raise_tokens), "is not what was stored: its sha256 is another one"),
    "no pages": (rewritten(lambda stored: stored.pop("pages")), "is not what was stored"),
    "no as_of": (rewritten(lambda stored: stored.pop("as_of")), "its as_of cannot be read"),
    "another form": (rewritten(lambda stored: stored.update(form="mine")), "is no snapshot of this project"),
    "cut off": (lambda content: content[:-20], "is a gzip file that was cut off"),
    "a byte changed": (lambda content: content[:40] + b"\x00\x00" + content[42:], "damaged gzip file"),
    "not packed and no JSON": (lambda _: b"hello", "is not whole JSON"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_snapshot_is_refused(tmp_path, case) -> None:
    damage, message = DAMAGE[case]
    name, _ = store(tmp_path, page(5))
    path = snapshot_path(tmp_path, name)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=message) as error:
        read_snapshot(tmp_path, name)
    assert name in str(error.value)


def test_a_day_in_two_pages_is_refused(tmp_path) -> None:
    name, _ = store(tmp_path, page(5), page(5))
    with pytest.raises(InputError, match="holds a day twice"):
        read_snapshot(tmp_path, name)


def test_gzip_files_strung_together_are_read_whole() -> None:
    assert unzip(gzip.compress(b"one,") + gzip.compress(b"two"), where="x") == b"one,two"
    assert unzip(b"plain", where="x") == b"plain"


def test_a_file_that_unpacks_without_end_is_refused(monkeypatch) -> None:
    monkeypatch.setattr("helpers.data.forms.LARGEST", 1000)
    with pytest.raises(InputError, match="x unpacks to more than 1000 bytes"):
        unzip(gzip.compress(bytes(1001)), where="x")


def test_reading_does_not_depend_on_the_order_of_the_pages_rows(tmp_path) -> None:
    name, _ = store(tmp_path, page(6), page(5))
    assert read_snapshot(tmp_path, name).table["date"].is_monotonic_increasing
    assert isinstance(read_snapshot(tmp_path, name).table.index, pd.RangeIndex)
