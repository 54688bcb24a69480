import io
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossover.bundle.pack import SUMS, pack, write_sums
from crossover.bundle.verify import RECORD, extract, is_bundle, verify_bundle
from helpers.errors import InputError

FILES = {"data/a.csv": b"week,tokens\n2026-02-09,7\n" * 40, "figures/b.png": bytes(range(256)), "empty.txt": b""}
WHOLE = pack({**FILES, SUMS: write_sums(FILES)})


def archive(path: Path, entries: list[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in entries:
            made.writestr(name, content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        verify_bundle(path)
    return str(caught.value)


def repacked(path: Path, files: dict[str, bytes], *, sums: bytes = write_sums(FILES)) -> str:
    return refusal(archive(path / "x.zip", [*files.items(), (SUMS, sums)]))


def test_a_whole_bundle_is_accepted_and_its_files_are_returned(tmp_path) -> None:
    (tmp_path / "x.zip").write_bytes(WHOLE)
    bundle = verify_bundle(tmp_path / "x.zip")
    assert {name: content for name, content in bundle.files.items() if name != SUMS} == FILES
    extract(bundle, tmp_path / "out")
    assert (tmp_path / "out" / "data" / "a.csv").read_bytes() == FILES["data/a.csv"]


def test_missing_extra_and_changed_files_are_all_named(tmp_path) -> None:
    message = repacked(tmp_path, {"data/a.csv": b"changed", "new.txt": b"", "empty.txt": b""})
    assert "missing: figures/b.png" in message
    assert "extra: new.txt (it is not in SHA256SUMS)" in message
    assert "changed: data/a.csv" in message
    assert "empty.txt" not in message


def test_one_changed_byte_in_the_stored_data_names_the_file(tmp_path) -> None:
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as whole:
        entry = whole.getinfo("figures/b.png")
    place = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    damaged = bytearray(WHOLE)
    damaged[place] ^= 0xFF
    (tmp_path / "x.zip").write_bytes(damaged)
    assert "changed: figures/b.png" in refusal(tmp_path / "x.zip")


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_whatever_byte_changes_nothing_false_is_accepted(tmp_path_factory, place: int, change: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[place] ^= change
    path = tmp_path_factory.mktemp("any") / "x.zip"
    path.write_bytes(damaged)
    try:
        accepted = verify_bundle(path).files
    except InputError:
        return
    assert {name: content for name, content in accepted.items() if name != SUMS} == FILES


@given(st.integers(0, len(WHOLE) - 1))
def test_a_bundle_that_was_cut_off_is_refused(tmp_path_factory, length: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "x.zip"
    path.write_bytes(WHOLE[:length])
    assert "no whole zip archive" in refusal(path)


@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/etc/evil", "C:evil", "a\\b", "./a", "a//b"])
def test_an_entry_that_points_outside_is_refused_and_nothing_is_written(tmp_path, name: str) -> None:
    files = {name: b"x"}
    message = repacked(tmp_path, files, sums=write_sums(files))
    assert f"{name!r} points outside the bundle's folder" in message
    assert "Nothing was unpacked" in message
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]


def test_a_link_a_folder_and_a_name_twice_are_refused(tmp_path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "'link' is no plain file" in refusal(archive(tmp_path / "x.zip", [(link, b"/etc/passwd"), (SUMS, b"")]))
    assert "'folder/' points outside" in refusal(archive(tmp_path / "x.zip", [("folder/", b""), (SUMS, b"")]))
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = archive(tmp_path / "x.zip", [("a", b"1"), ("a", b"2"), (SUMS, b"")])
    assert "'a' is in it 2 times" in refusal(twice)


def test_an_archive_that_would_fill_the_disk_is_refused_unread(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("crossover.bundle.verify.LARGEST", 100)
    assert "it would unpack to more than 100 bytes" in repacked(tmp_path, FILES)


@pytest.mark.parametrize(
    ("sums", "words"),
    [
        (b"", "is no list of checksums"),
        (b"abc  data/a.csv\n", "line 1: 'abc  data/a.csv'"),
        (write_sums(FILES) * 2, "'data/a.csv' is listed 2 times"),
        (b"\xff\xfe\n", "is no list of checksums"),
    ],
)
def test_a_wrong_list_of_checksums_is_refused(tmp_path, sums: bytes, words: str) -> None:
    assert words in repacked(tmp_path, FILES, sums=sums)


def test_an_archive_without_a_list_or_no_archive_at_all_is_refused(tmp_path) -> None:
    assert "SHA256SUMS is missing" in refusal(archive(tmp_path / "x.zip", list(FILES.items())))
    (tmp_path / "x.zip").write_text("no zip")
    assert "is no whole zip archive" in refusal(tmp_path / "x.zip")
    assert "Make a bundle with `crossover bundle`" in refusal(tmp_path / "gone.zip")


def test_only_an_archive_that_this_project_made_looks_like_a_bundle(tmp_path) -> None:
    whole = archive(tmp_path / "whole.zip", [(name, b"") for name in (SUMS, "ro-crate-metadata.json", RECORD)])
    (tmp_path / "text.zip").write_text("no zip")
    other = archive(tmp_path / "other.zip", [("a", b""), (SUMS, b"of somebody else")])
    assert [is_bundle(path) for path in (whole, tmp_path / "text.zip", other)] == [True, False, False]


def test_the_list_of_checksums_is_one_that_sha256sum_reads(tmp_path) -> None:
    tool = shutil.which("sha256sum")
    assert tool, "sha256sum (coreutils) is needed"
    (tmp_path / "x.zip").write_bytes(WHOLE)
    extract(verify_bundle(tmp_path / "x.zip"), tmp_path)
    done = subprocess.run(
        [tool, "--check", "--strict", SUMS], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
