"""The research object: one archive of everything that a run used and made, the same bytes each time."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from crossover.bundle.crate import CRATE, describe_run
from crossover.bundle.environment import describe_environment
from crossover.datapackage import describe_tables
from crossover.report.notebooks import read_notebook
from crossover.report.run import FIGURES, NOTEBOOKS, TABLES, Run
from helpers.data.contracts import CONTRACTS
from helpers.data.paths import shown
from helpers.errors import InputError
from helpers.facts import FACTS

SUMS, PACKAGE, ENVIRONMENT = "SHA256SUMS", "datapackage.json", "environment.json"
FILES = (
    *("README.md", "CITATION.cff", "LICENSE", "LICENSE-CC-BY", "Makefile", "pyproject.toml"),
    *("requirements.txt", "requirements-dev.txt", "data/README.md"),
)
FOLDERS = ("data/raw", "notebooks", "src", "tools")
LEFT_OUT = ("__pycache__", ".egg-info", ".pyc")
PUBLISHED = (".pdf", ".svg", ".png", ".csv", ".txt")
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first date that a zip archive can hold


def collect_files(run: Run) -> dict[str, bytes]:
    """Read everything that a bundle holds, named as in the project, so that an unpacked bundle is one.

    Parameters
    ----------
    run : Run
        A finished run; its tables and figures are named as those of a default run, wherever they lie.

    Returns
    -------
    dict of str to bytes
        Sorted by name, with the Data Package descriptor, the RO-Crate metadata, the environment, and last of all
        the list of checksums.

    Raises
    ------
    InputError
        If a file is missing or cannot be read, or a table breaks its contract.
    """
    root = run.root
    paths = {name: root / name for name in FILES}
    paths |= {
        file.relative_to(root).as_posix(): file
        for folder in FOLDERS
        for file in sorted((root / folder).rglob("*"))
        if file.is_file() and not _is_left_out(file.relative_to(root))
    }
    tables = {name: TABLES / contract.file for name, contract in CONTRACTS.items()}
    present = {name: path for name, path in tables.items() if (run.tables / path.name).is_file()}
    paths |= {path.as_posix(): run.tables / path.name for path in present.values()}
    paths[(TABLES / FACTS).as_posix()] = run.tables / FACTS
    pictures = sorted(file for file in run.figures.iterdir() if file.suffix in PUBLISHED and _is_drawn(file))
    paths |= {(FIGURES / file.name).as_posix(): file for file in pictures}
    files = {name: _read(path) for name, path in paths.items()}
    files |= {(NOTEBOOKS / path.name).as_posix(): _json(read_notebook(path, root=root)) for path in run.notebooks}
    environment = describe_environment(root)
    files[ENVIRONMENT] = _json(environment)
    files[PACKAGE] = _json(describe_tables(files, {name: path.as_posix() for name, path in present.items()}))
    files[CRATE] = _json(describe_run(run, files, environment))
    return {**dict(sorted(files.items())), SUMS: write_sums(files)}


def _is_left_out(path: Path) -> bool:
    return any(part.startswith(".") or part.endswith(LEFT_OUT) for part in path.parts)


def _is_drawn(file: Path) -> bool:
    """Tell a figure's file from a table: tables may lie in the same folder, and only figures have an alt text."""
    return file.with_suffix(".txt").is_file()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The bundle needs {shown(path)}, which cannot be read: {error.strerror}. Restore it with `git checkout`, "
            "or write it again with `crossover run`."
        ) from None


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def write_sums(files: Mapping[str, bytes]) -> bytes:
    """List the SHA-256 of every file, in the form that ``sha256sum --check`` reads.

    Examples
    --------
    >>> write_sums({"a.txt": b""}).decode()[:20]
    'e3b0c44298fc1c149afb'
    """
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
    return "".join(lines).encode("utf-8")


def pack(files: Mapping[str, bytes]) -> bytes:
    """Pack files into a zip archive: in the order of their names, without dates, so that equal files give equal bytes.

    Examples
    --------
    >>> pack({"b": b"2", "a": b"1"}) == pack({"a": b"1", "b": b"2"})
    True
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    return buffer.getvalue()
