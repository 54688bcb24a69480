"""`crossover adopt NN`: the edits of an opened notebook, brought back."""

import argparse


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser(
        "adopt",
        help="bring the edits of an opened notebook back, without outputs and injected cells",
        description="Replace the cells of a notebook with those of the copy that `crossover open` made, without "
        "outputs, injected parameters and traces of a run.",
    )
    parser.add_argument("notebook", metavar="NN", help="the notebook, by number or name")
    parser.set_defaults(command=adopt)


def adopt(options: argparse.Namespace) -> int:
    """Bring the edits back and say what was changed.

    Raises
    ------
    InputError
        If the notebook is not open, was changed since it was, or its edited cells cannot be read.
    """
    from crossover.cli import DONE
    from crossover.runner.plan import plan_run
    from crossover.runs import Place
    from crossover.workbench import adopt_copy
    from helpers.data.files import project_root, shown

    root = project_root()
    (step,) = plan_run(Place.of(root), only=[options.notebook]).steps
    changed = adopt_copy(step, root=root)
    print(f"{shown(step.notebook)}: {'the edits are in it' if changed else 'there was nothing to bring back'}")
    return DONE
