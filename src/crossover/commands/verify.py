"""`crossover verify`: whether a bundle is still what it was, and whether its analysis gives the same tables again."""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crossover.runs import typed, typed_settings

if TYPE_CHECKING:
    from crossover.runs import Run


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
        "executes its code) and compare tables, facts and figures",
    )
    parser.set_defaults(command=verify)


def verify(options: argparse.Namespace) -> int:
    """Check the bundle and say so in one line; with --rerun, say which results are the same.

    Raises
    ------
    InputError
        If the bundle is not what it was, or what is in it is not one finished run.
    """
    import tempfile

    from crossover.bundle.verify import extract, verify_bundle
    from crossover.cli import DONE
    from helpers.data.paths import shown

    bundle = verify_bundle(Path(options.bundle).expanduser().resolve())
    with tempfile.TemporaryDirectory(prefix="crossover-verify-") as name:
        folder = Path(name).resolve()
        extract(bundle, folder)
        run = open_unpacked(folder, where=options.bundle)
        given = f"with{typed_settings(run.settings)}" if run.settings else "every parameter at its default"
        told = f"all {len(bundle.files)} files are what they were; its run finished"
        print(f"{shown(bundle.path)}: {told}, of {run.rankings['source']} as of {run.as_of}, {given}.")
        print(f"sha256 {bundle.sha256}")
        return rerun(run) if options.rerun else DONE


def open_unpacked(folder: Path, *, where: str) -> "Run":
    """Open the run in an unpacked bundle: its results must follow from the notebooks, data and code in it.

    Raises
    ------
    InputError
        If it did not finish, or something in it is not what it was made from.
    """
    from crossover.runs import Place, open_run
    from helpers.errors import InputError

    try:
        return open_run(Place(folder, folder), elsewhere=True, package=folder / "src" / "helpers")
    except InputError as error:
        why = str(error).replace(str(folder), str(where)).partition(" Run `crossover run")[0]
        raise InputError(
            f"{where} holds no finished run of its own. {why} Get another bundle, or make it again."
        ) from None


def rerun(run: "Run") -> int:
    """Install the environment of an unpacked bundle, run its notebooks and compare tables, facts and figures.

    Returns
    -------
    int
        The exit code: 1 if a step failed or a result differs.
    """
    from crossover.cli import DONE, FAILED
    from crossover.compare import compare_folders
    from crossover.runs import TABLES, digest

    folder = run.root
    settings = [part for name, value in run.settings.items() for part in ("-p", name, typed(value))]
    steps = [
        [sys.executable, "tools/environment.py", "run"],
        [str(folder / ".venv" / "bin" / "crossover"), "run", "--to", "again", *settings],
    ]
    for step in steps:
        print(f"running {' '.join(step)}", file=sys.stderr, flush=True)
        done = subprocess.run(step, cwd=folder, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            print(f"This step failed with exit code {done.returncode}: {' '.join(step)}")
            return FAILED
    again = folder / "again"
    for table in compare_folders(folder / TABLES, again / TABLES):
        print(f"{table.name}: {table.summary}")
    # Executed notebooks hold times; everything else is the same to the byte, or it is another result.
    files = [name for name in run.files if not name.endswith(".ipynb")]
    differ = [name for name in files if digest(again / name) != run.files[name]]
    for name in differ:
        print(f"{name}: {'another content' if (again / name).is_file() else 'not written again'}")
    print(f"{len(files) - len(differ)} of {len(files)} tables, facts and figures are the same.")
    return FAILED if differ else DONE
