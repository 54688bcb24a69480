"""`crossover open`: the project in JupyterLab, or a copy of one notebook as a run has it."""

import argparse
import sys
from pathlib import Path


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its options."""
    parser = commands.add_parser(
        "open",
        help="open a notebook in JupyterLab as a run has it: parameters set, inputs in place",
        description="Start JupyterLab on a copy of a notebook, with the parameters of its last run and the tables that "
        "it reads. What it writes goes to folders beside the copy, never over published results. Without NN: on the "
        "notebooks themselves.",
        epilog="`crossover adopt NN` brings the edits back.",
    )
    parser.add_argument("notebook", nargs="?", metavar="NN", help="the notebook, by number or name")
    parser.add_argument("--failed", action="store_true", help="with the outputs of its run that failed")
    parser.add_argument("--discard", action="store_true", help="throw away edits that were not brought back")
    parser.add_argument(
        "-p", "--parameter", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), help="as for run"
    )
    parser.add_argument("--run", metavar="FOLDER", help="as the run that `crossover run --to FOLDER` keeps has it")
    parser.add_argument(
        "--port", type=int, metavar="N", help="JupyterLab's port (default: the first free one from 8888)"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    parser.add_argument(
        "--lab", action="append", default=[], metavar="OPTION", help="an option of JupyterLab, as in --lab=--ip=0.0.0.0"
    )
    parser.set_defaults(command=open_notebook)


def open_notebook(options: argparse.Namespace) -> int:
    """Make the copy, if a notebook is named, and start JupyterLab on the project.

    Raises
    ------
    InputError
        If JupyterLab is not installed, its port is taken, an option does not fit, or the copy cannot be made.
    """
    import importlib.util
    import os
    import subprocess
    from urllib.parse import quote

    from crossover.cli import DONE, FAILED
    from crossover.runner.interrupts import uninterrupted
    from crossover.runner.notebooks import find_notebooks
    from crossover.workbench import settle_notebooks
    from helpers.data.files import project_root, shown
    from helpers.errors import InputError

    if importlib.util.find_spec("jupyterlab") is None:
        raise InputError("JupyterLab is not installed here. `make lab` installs and starts it; then try again.")
    if options.notebook is None and (options.failed or options.discard or options.parameter):
        raise InputError("--failed, --discard and -p are for a copy. Name the notebook: `crossover open 03 --failed`.")
    given = options.lab
    if options.port is not None:
        _require_free(options.port)
        given = [f"--port={options.port}", "--ServerApp.port_retries=0", *given]
    if options.no_browser:
        given = ["--no-browser", *given]
    if os.geteuid() == 0:  # as in most containers, where JupyterLab would refuse
        given = ["--allow-root", *given]
    root = project_root()
    if options.notebook is None:
        settle_notebooks(find_notebooks(root), root=root)
        place = root / "notebooks"
    else:
        place = _copy(options, root=root)
    print(shown(place))
    # All of the project can be reached, so that links to data, figures and README lead somewhere.
    where = [f"--ServerApp.root_dir={root}", f"--LabApp.default_url=/lab/tree/{quote(shown(place))}"]
    with uninterrupted():  # Ctrl-C is for JupyterLab, which asks
        done = subprocess.run([sys.executable, "-m", "jupyterlab", *where, *given], cwd=root, check=False)
    return FAILED if done.returncode else DONE


def _copy(options: argparse.Namespace, *, root: Path) -> Path:
    from crossover.runner.plan import plan_run
    from crossover.runs import Place, RunFile
    from crossover.workbench import open_copy

    settings = [(name, value) for name, value in options.parameter]
    plan = plan_run(Place.of(root, options.run), settings=settings, only=[options.notebook])
    (step,) = plan.steps
    copy = open_copy(step, plan=plan, file=RunFile(plan.place), failed=options.failed, discard=options.discard)
    print(f"`crossover adopt {step.name}` brings your edits back.", file=sys.stderr, flush=True)
    return copy


def _require_free(port: int) -> None:
    import socket

    from helpers.errors import InputError

    try:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise InputError(
            f"Port {port} cannot be used: {error}. Name another one with --port, or leave it out."
        ) from None
