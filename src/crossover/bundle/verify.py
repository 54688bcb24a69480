"""Whether a bundle is still what it was, file by file, and whether its analysis gives the same results again."""

import hashlib
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from crossover.bundle.crate import CRATE
from crossover.bundle.pack import SUMS
from crossover.runs import Place, Run, open_run
from helpers.data.files import shown
from helpers.errors import InputError, enumerate_problems

LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
RECORD = "build/run/run.json"
LARGEST = 2**30  # bytes of all files together, unpacked
# What zipfile raises for an archive it cannot read; NotImplementedError: an unknown way of compressing.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files are all what its list of checksums says: their content by name."""

    path: Path
    files: dict[str, bytes]
    sha256: str


def is_bundle(path: Path) -> bool:
    """Tell whether a file is an archive that `crossover bundle` made."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return {SUMS, CRATE, RECORD} <= set(archive.namelist())
    except DAMAGED:
        return False


def verify_bundle(path: Path) -> Bundle:
    """Read a bundle and check every file of it.

    Nothing is written: names are checked before anything is unpacked, the sizes too.

    Raises
    ------
    InputError
        Naming every file that is missing, extra or changed, an entry that points outside the bundle's folder, is
        there twice or is a link, or a list of checksums that is none.
    """
    where = shown(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{where} cannot be read: {error.strerror}. Make a bundle with `crossover bundle`.") from None
    files, damaged = _unpack(path, where)
    if SUMS not in files:
        what = "is damaged" if SUMS in damaged else "is missing"
        raise InputError(f"{where}: {SUMS} {what}, so nothing in it can be verified. Get the bundle again.")
    listed = _read_sums(files[SUMS], where)
    present = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != SUMS}
    changed = damaged | {name for name, digest in present.items() if listed.get(name, digest) != digest}
    problems = [
        *[f"missing: {name}" for name in sorted(set(listed) - set(present) - damaged)],
        *[f"extra: {name} (it is not in {SUMS})" for name in sorted(set(present) - set(listed))],
        *[f"changed: {name}" for name in sorted(changed)],
    ]
    if problems:
        raise InputError(
            f"{where} is not what it was:\n{enumerate_problems(problems)}\nDo not use it; get the bundle again from "
            "where it was published."
        )
    return Bundle(path, files, hashlib.sha256(content).hexdigest())


def _unpack(path: Path, where: str) -> tuple[dict[str, bytes], set[str]]:
    """Read all entries; name those whose bytes are damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_names(entries, where)
            files, damaged = {}, set()
            for entry in entries:
                try:
                    files[entry.filename] = archive.read(entry)
                except DAMAGED:
                    damaged.add(entry.filename)
            return files, damaged
    except InputError:
        raise
    except DAMAGED as error:
        raise InputError(f"{where} is no whole zip archive: {error}. Get the bundle again.") from None


def _check_names(entries: list[zipfile.ZipInfo], where: str) -> None:
    names = [entry.filename for entry in entries]
    problems = [f"{name!r} points outside the bundle's folder" for name in names if _leads_outside(name)]
    problems += [f"{name!r} is in it {names.count(name)} times" for name in sorted(set(names)) if names.count(name) > 1]
    problems += [
        f"{e.filename!r} is no plain file" for e in entries if e.is_dir() or stat.S_ISLNK(e.external_attr >> 16)
    ]
    if sum(entry.file_size for entry in entries) > LARGEST:
        problems.append(f"it would unpack to more than {LARGEST} bytes")
    if problems:
        raise InputError(
            f"{where} was not made by `crossover bundle`: {enumerate_problems(problems)}\nNothing was unpacked."
        )


def _leads_outside(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or str(path) != name


def _read_sums(content: bytes, where: str) -> dict[str, str]:
    lines = content.decode("utf-8", errors="replace").splitlines()
    found = [LINE.fullmatch(line) for line in lines]
    wrong = [f"line {number}: {line[:80]!r}" for number, line in enumerate(lines, 1) if not found[number - 1]]
    named = [match[2] for match in found if match]
    wrong += [f"{name!r} is listed {named.count(name)} times" for name in sorted(set(named)) if named.count(name) > 1]
    if wrong or not named:
        raise InputError(
            f"{where}: {SUMS} is no list of checksums. {enumerate_problems(wrong)} Each line is a SHA-256, two blanks "
            "and a name, each name once. Get the bundle again."
        )
    return {match[2]: match[1] for match in found if match}


def extract(bundle: Bundle, folder: Path) -> None:
    """Write the files of a verified bundle into an empty folder."""
    for name, content in bundle.files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def open_unpacked(folder: Path, *, where: str) -> Run:
    """Open the run in an unpacked bundle: its results must follow from the notebooks, data and code in it.

    Raises
    ------
    InputError
        If it did not finish, or something in it is not what it was made from.
    """
    try:
        return open_run(Place(folder, folder), elsewhere=True, package=folder / "src" / "helpers")
    except InputError as error:
        why = str(error).replace(str(folder), str(where)).partition(" Run `crossover run")[0]
        raise InputError(
            f"{where} holds no finished run of its own. {why} Get another bundle, or make it again."
        ) from None
