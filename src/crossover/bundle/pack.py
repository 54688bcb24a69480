"""The research object: one archive of everything that a run used and made, the same bytes each time."""

import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

from crossover.bundle.crate import CRATE, describe_run
from crossover.datapackage import describe_tables
from crossover.runs import TABLES, Run
from crossover.secrets import NAME as KEY
from crossover.secrets import forms, read_secrets
from helpers.data.contracts import CONTRACTS
from helpers.data.paths import shown
from helpers.data.settings import FILE as SETTINGS
from helpers.data.sources import MANIFEST, load_manifest
from helpers.errors import InputError

SUMS, PACKAGE, ENVIRONMENT = "SHA256SUMS", "datapackage.json", "environment.json"
FILES = (
    *("README.md", "CITATION.cff", "LICENSE", "LICENSE-CC-BY", "Makefile", "pyproject.toml"),
    *("requirements.txt", "requirements-dev.txt", "data/README.md"),
)
CODE = ("src/helpers", "src/crossover", "tools")
KINDS = (".py", ".toml", ".ttf", ".txt", ".css", ".js", ".html")  # what code consists of, where git cannot say
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first date that a zip archive can hold


def collect_files(run: Run) -> dict[str, bytes]:
    """Read everything that a bundle holds, named as in the project, so that an unpacked bundle is one.

    Nothing is packed because it lies there: results and inputs are those that the run's record lists, code is what git
    tracks, and nothing is followed out of the project.

    Parameters
    ----------
    run : Run
        A run that was opened; wherever it was kept, its results are named as those of a default run.

    Returns
    -------
    dict of str to bytes
        Sorted by name, with the record of the run, the Data Package descriptor, the RO-Crate metadata, the environment,
        and last of all the list of checksums.

    Raises
    ------
    InputError
        If a file is missing or cannot be read, lies outside the project, or holds the OpenRouter key.
    """
    root = run.root
    paths = {name: root / name for name in [*FILES, *_list_code(root), *_list_inputs(run)]}
    paths |= {name: run.place.find(name) for name in run.files}
    paths[run.place.record.relative_to(run.place.folder).as_posix()] = run.place.record
    if (root / SETTINGS).is_file():
        paths[SETTINGS] = root / SETTINGS
    files = {name: _read(path) for name, path in paths.items()}
    tables = {name: (TABLES / contract.file).as_posix() for name, contract in CONTRACTS.items()}
    files[ENVIRONMENT] = _json(run.environment)
    files[PACKAGE] = _json(describe_tables(files, {name: path for name, path in tables.items() if path in files}))
    files[CRATE] = _json(describe_run(run, files, run.environment))
    _refuse_leak(files, root)
    return {**dict(sorted(files.items())), SUMS: write_sums(files)}


def _list_inputs(run: Run) -> list[str]:
    """Name the notebooks, and every file that they read and did not write."""
    named = {name for record in run.steps.values() for name in record.made_from}
    read = sorted(name for name in named - set(run.files) if "/" in name and not name.startswith("parameter "))
    outside = [name for name in read if Path(name).is_absolute()]
    if outside:
        raise InputError(
            f"The run read {outside[0]}, which lies outside the project, so nobody could run it again from the bundle "
            "alone. Copy it into the project (build/sources, say), run again with that path, and bundle that run."
        )
    raw = [run.place.name(run.raw / name) for name in [MANIFEST, *load_manifest(run.raw)]]
    return [*dict.fromkeys([*read, *raw]), *(f"notebooks/{name}.ipynb" for name in run.steps)]


def _list_code(root: Path) -> list[str]:
    """Name the files of the code: those that git tracks or, in a project without git, those of the known kinds."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--", *CODE]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
        names = [name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        names = []
    if not names:
        found = (file for folder in CODE for file in sorted((root / folder).rglob("*")) if file.suffix in KINDS)
        names = [file.relative_to(root).as_posix() for file in found]
    return [name for name in names if (root / name).is_file() and not _leaves(root / name, root)]


def _leaves(path: Path, root: Path) -> bool:
    """Tell whether a path is a link, or leads through one out of the project."""
    return path.is_symlink() or not path.resolve().is_relative_to(root)


def _refuse_leak(files: Mapping[str, bytes], root: Path) -> None:
    sought = [form for secret in read_secrets(root) for form in forms(secret)]
    leak = next((name for name, content in files.items() if any(form in content for form in sought)), None)
    if leak is not None:
        raise InputError(
            f"{leak} holds the value of {KEY}, so no bundle was made. Take it out there (and replace the key if the "
            "file was ever shared), then bundle again."
        )


def _read(path: Path) -> bytes:
    if path.is_symlink():
        raise InputError(f"{shown(path)} is a link; a bundle holds files. Put the file itself there.")
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
