"""`crossover params`: every choice that can be set, with meaning, default and the notebooks that have it."""

import argparse


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its options."""
    parser = commands.add_parser(
        "params",
        help="list the choices that can be set: meaning, unit, default, value now, and the notebooks that have them",
        description="List the parameters of the notebooks. One value for all of them, in JupyterLab and on the command "
        "line alike, stands in parameters.toml; `crossover run -p NAME VALUE` sets one for a run.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which parameters; all of them by default")
    parser.set_defaults(command=params)


def params(options: argparse.Namespace) -> int:
    """Print a paragraph per parameter.

    Raises
    ------
    InputError
        If a name is unknown, or parameters.toml or a notebook cannot be read.
    """
    from crossover.cli import DONE
    from crossover.runner.parameters import OUTPUT_FOLDERS, read_parameters
    from crossover.runner.plan import plan_run
    from crossover.runs import Place, typed
    from helpers.data.files import project_root
    from helpers.data.settings import FILE, read_settings
    from helpers.errors import require_known

    plan = plan_run(Place.of(project_root()))  # refuses what is wrong in the file
    own = read_settings(plan.place.root)
    found: dict[str, dict[str, tuple]] = {}
    for step in plan.steps:
        for name, parameter in read_parameters(step.notebook).items():
            if name not in OUTPUT_FOLDERS:
                found.setdefault(name, {})[step.name] = (parameter.kind, parameter.value, parameter.meaning)
    for name in [require_known(name, found, what="parameter") for name in options.names] or found:
        kind, _, meaning = next(iter(found[name].values()))
        defaults = {notebook: typed(value) for notebook, (_, value, _) in found[name].items()}
        one = len(set(defaults.values())) == 1
        print(f"{name} ({kind}): {meaning}")
        print(
            f"    default {next(iter(defaults.values())) or 'empty'}"
            if one
            else "    default " + "; ".join(f"{value} in {notebook}" for notebook, value in defaults.items())
        )
        if name in own:
            print(f"    set to {typed(own[name])} in {FILE}")
        print(f"    in {', '.join(found[name])}")
    return DONE
