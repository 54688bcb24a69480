"""`crossover bundle`: a run with its data, code, results and description in one archive."""

import argparse
import sys

from crossover.commands import add_run_options, open_asked

DEFAULT = "build/token-crossover.zip"


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser(
        "bundle",
        help="pack the last run into one archive for reviewers and archives",
        description="Pack tables, figures, executed notebooks, raw data, code and environment of the last run into one "
        "zip archive, with the run's record, a Data Package descriptor, RO-Crate metadata and checksums. The same run "
        "gives the same bytes.",
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
        If the run cannot be spoken for, a file is missing, or the target is something else than a bundle.
    """
    import hashlib

    from crossover.bundle.pack import collect_files, pack
    from crossover.bundle.verify import is_bundle
    from crossover.cli import DONE
    from helpers.data.files import resolve, shown, write_whole
    from helpers.data.sources import verify_folder
    from helpers.errors import InputError

    target = resolve(options.to)
    if target.exists() and not is_bundle(target):
        raise InputError(f"{shown(target)} exists and is no bundle. Name another file with --to; nothing was written.")
    run = open_asked(options)
    verify_folder(run.raw)
    files = collect_files(run)
    print(f"packing {len(files)} files", file=sys.stderr, flush=True)
    content = pack(files)
    print(f"{shown(write_whole(target, content))}: {len(content)} bytes, {len(files)} files")
    print(f"sha256 {hashlib.sha256(content).hexdigest()}")
    return DONE
