"""`crossover verify`: whether a bundle is still what it was, and whether its analysis gives the same tables again."""

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its arguments."""
    from crossover.commands.bundle import DEFAULT

    parser = commands.add_parser(
        "verify",
        help="check a bundle against its checksums, and re-run it on request",
        description="Check every file of a bundle against its checksum, without a network, and that its run finished.",
    )
    parser.add_argument("bundle", nargs="?", metavar="BUNDLE", default=DEFAULT, help="the archive (%(default)s)")
    parser.add_argument(
        "--rerun",
        action="store_true",
        help="unpack it to a new folder, install its environment from the package index, run its notebooks (this "
        "executes its code) and compare the tables",
    )
    parser.set_defaults(command=verify)


def verify(options: argparse.Namespace) -> int:
    """Check the bundle and say so in one line; with --rerun, say which tables are the same.

    Raises
    ------
    InputError
        If the bundle is not what it was, or its run did not finish.
    """
    import tempfile

    from crossover.bundle.verify import extract, verify_bundle
    from crossover.cli import DONE
    from helpers.data.paths import shown

    bundle = verify_bundle(Path(options.bundle).expanduser().resolve())
    with tempfile.TemporaryDirectory(prefix="crossover-verify-") as name:
        folder = Path(name).resolve()
        extract(bundle, folder)
        given = check_run(folder)
        print(f"{shown(bundle.path)}: all {len(bundle.files)} files are what they were; its run finished.")
        print(f"sha256 {bundle.sha256}")
        return rerun(folder, given) if options.rerun else DONE


def check_run(folder: Path) -> dict[str, object]:
    """Make sure that the run in an unpacked bundle finished.

    Returns
    -------
    dict of str to object
        The parameters that were set for it, other than those that name folders.

    Raises
    ------
    InputError
        If an executed notebook is missing or not whole, or notebooks were run with different settings.
    """
    from crossover.commands.report import FOLDERS
    from crossover.report.notebooks import read_notebook
    from crossover.report.run import NOTEBOOKS
    from crossover.runner.notebooks import find_notebooks
    from crossover.runner.outcome import NotebookError, check_executed
    from crossover.runner.parameters import read_parameters
    from helpers.errors import InputError

    seen: dict[str, list] = {}  # parameter that was set -> its value in each notebook that has it
    declared = {}
    for notebook in find_notebooks(folder):
        copy = folder / NOTEBOOKS / notebook.name
        if not copy.is_file():
            raise InputError(f"The run in this bundle did not finish: {NOTEBOOKS / copy.name} is not in it.")
        try:
            check_executed(notebook, copy)
        except NotebookError as error:
            where = str(error).splitlines()[0]
            raise InputError(f"The run in this bundle did not finish. {where}") from None
        noted = read_notebook(copy)["metadata"].get("papermill", {}).get("parameters", {})
        declared[notebook] = read_parameters(notebook).keys()
        for name, value in noted.items():
            if name not in FOLDERS:
                seen.setdefault(name, []).append(value)
    for name, values in seen.items():
        owners = sum(name in names for names in declared.values())
        if len(values) < owners or any(value != values[0] for value in values):
            raise InputError(
                f"The notebooks were run with different values of {name}, so no one command made these results. Run "
                "all of them again: `crossover run`."
            )
    return {name: values[0] for name, values in seen.items()}


def rerun(folder: Path, given: Mapping[str, object]) -> int:
    """Install the environment of an unpacked bundle, run its notebooks and compare the tables.

    Returns
    -------
    int
        The exit code: 1 if a step failed or a table differs.
    """
    from crossover.cli import DONE, FAILED
    from crossover.compare.tables import compare_folders, missing_tables
    from crossover.report.run import TABLES

    earlier = folder / TABLES
    kept = earlier.rename(folder / "data" / "processed-of-the-bundle")
    settings = [part for name, value in given.items() for part in ("-p", name, as_typed(value))]
    steps = [
        [sys.executable, "tools/environment.py", "run"],
        [str(folder / ".venv" / "bin" / "crossover"), "run", *settings],
    ]
    for step in steps:
        print(f"running {' '.join(step)}", file=sys.stderr, flush=True)
        done = subprocess.run(step, cwd=folder, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            print(f"This step failed with exit code {done.returncode}: {' '.join(step)}")
            return FAILED
    differences = compare_folders(kept, earlier)
    for table in differences:
        print(f"{table.name}: {table.summary}")
    same = sum(table.is_same for table in differences)
    gone = [name for names in missing_tables(kept, earlier) for name in names]
    for name in gone:
        print(f"{name}: only in one of the two runs")
    total = len(differences) + len(gone)
    print(f"{same} of {total} tables are the same.")
    return DONE if same == total else FAILED


def as_typed(value: object) -> str:
    """Write a parameter's value as a command line has it.

    Examples
    --------
    >>> as_typed(["chart", "ranked"]), as_typed(True), as_typed(9)
    ('chart,ranked', 'true', '9')
    """
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
