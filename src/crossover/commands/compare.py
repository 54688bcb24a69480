"""`crossover compare RUN1 RUN2`: two runs side by side in one page."""

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossover.compare.sides import Side

TOLERANCE = 1e-9


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser(
        "compare",
        help="show two runs side by side in one page",
        description="Compare two runs: parameters, raw data, environment, tables cell by cell, verdicts and figures.",
        epilog="A run is a bundle, a folder that is laid out like the project, or a folder that a run wrote tables to.",
    )
    parser.add_argument("first", metavar="RUN1", help="the earlier run")
    parser.add_argument("second", metavar="RUN2", help="the later run")
    parser.add_argument("--to", metavar="FOLDER", default="build/compare", help="where the page goes (%(default)s)")
    parser.add_argument(
        "--tolerance",
        type=float,
        default=TOLERANCE,
        metavar="X",
        help="relative difference up to which numbers count as equal (%(default)s); counts and texts are exact",
    )
    parser.set_defaults(command=compare)


def compare(options: argparse.Namespace) -> int:
    """Write the page, print what differs and where the page is.

    Raises
    ------
    InputError
        If a run is none or did not finish, a bundle is not what it was, or the runs have different schemas.
    """
    import tempfile

    from crossover.cli import DONE
    from crossover.compare.sides import compare_runs
    from crossover.report.folder import check_target, write_pages
    from helpers.data.paths import project_root, resolve, shown
    from helpers.errors import InputError

    if not (math.isfinite(options.tolerance) and 0 <= options.tolerance < 1):
        raise InputError(f"--tolerance is {options.tolerance}; it is a share from 0 to below 1. Choose 1e-9.")
    target = resolve(options.to)
    check_target(target)
    with tempfile.TemporaryDirectory(prefix="crossover-compare-") as name:
        working = Path(name).resolve()
        sides = [
            _open(given, working / which) for given, which in zip((options.first, options.second), "12", strict=True)
        ]
        print("comparing tables and figures", file=sys.stderr, flush=True)
        files, summary = compare_runs(*sides, root=project_root(), tolerance=options.tolerance)
        index = write_pages(files, target)
    print("\n".join([*summary, shown(index)]))
    return DONE


def _open(given: str, working: Path) -> "Side":
    from crossover.bundle.verify import extract, verify_bundle
    from crossover.commands.verify import check_run
    from crossover.compare.sides import open_side
    from crossover.report.run import NOTEBOOKS

    path = Path(given).expanduser().resolve()
    if path.is_file():
        working.mkdir()
        extract(verify_bundle(path), working)
        path = working
    parameters = {}
    if (path / NOTEBOOKS).is_dir() and (path / "notebooks").is_dir():
        check_run(path)
        parameters = _read_parameters(path)
    return open_side(path, name=given, parameters=parameters)


def _read_parameters(folder: Path) -> dict[str, str]:
    """Read every parameter of the executed notebooks, named after its notebook where notebooks differ."""
    from crossover.commands.report import FOLDERS
    from crossover.report.notebooks import read_notebook
    from crossover.report.run import NOTEBOOKS
    from crossover.runner.notebooks import find_notebooks
    from crossover.runner.parameters import read_parameters

    named = {}
    for notebook in find_notebooks(folder):
        values = {name: parameter.value for name, parameter in read_parameters(notebook).items()}
        noted = read_notebook(folder / NOTEBOOKS / notebook.name)["metadata"].get("papermill", {})
        for name, value in (values | noted.get("parameters", {})).items():
            if name not in FOLDERS:
                named.setdefault(name, {})[notebook.stem] = str(value)
    return {
        name if len(set(by_notebook.values())) == 1 else f"{name} ({stem})": value
        for name, by_notebook in named.items()
        for stem, value in by_notebook.items()
    }
