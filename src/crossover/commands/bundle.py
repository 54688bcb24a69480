"""`crossover bundle`: a run with its data, code, results and description in one archive."""

import argparse
import sys

DEFAULT = "build/token-crossover.zip"


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its arguments."""
    from crossover.commands.report import add_run_options

    parser = commands.add_parser(
        "bundle",
        help="pack the last run into one archive for reviewers and archives",
        description="Pack tables, figures, executed notebooks, raw data, code and environment of the last run into one "
        "zip archive, with a Data Package descriptor, RO-Crate metadata and checksums. Equal runs give equal bytes.",
        epilog="`crossover verify` checks it, and runs the analysis again from it on request.",
    )
    add_run_options(parser)
    parser.add_argument("--to", metavar="FILE", default=DEFAULT, help="the archive to write (%(default)s)")
    parser.set_defaults(command=bundle)


def bundle(options: argparse.Namespace) -> int:
    """Write the archive; print its path, size and SHA-256.

    Raises
    ------
    InputError
        If the run is not finished or the results are of several runs, a file is missing, or the target is something
        else than a bundle.
    """
    import hashlib

    from crossover.bundle.pack import collect_files, pack
    from crossover.bundle.verify import is_bundle
    from crossover.cli import DONE
    from crossover.commands.report import open_run
    from crossover.commands.verify import check_run
    from helpers.data.files import write_whole
    from helpers.data.paths import project_root, resolve, shown
    from helpers.data.sources import verify_folder
    from helpers.errors import InputError

    target = resolve(options.to)
    if target.exists() and not is_bundle(target):
        raise InputError(f"{shown(target)} exists and is no bundle. Name another file with --to; nothing was written.")
    root = project_root()
    run = open_run(root, tables=resolve(options.processed), figures=resolve(options.figures))
    check_run(root)
    verify_folder(root / "data" / "raw")
    files = collect_files(run)
    print(f"packing {len(files)} files", file=sys.stderr, flush=True)
    content = pack(files)
    print(f"{shown(write_whole(target, content))}: {len(content)} bytes, {len(files)} files")
    print(f"sha256 {hashlib.sha256(content).hexdigest()}")
    return DONE
