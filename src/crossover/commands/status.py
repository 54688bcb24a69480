"""`crossover status`: per notebook, whether it is fresh, why not, and how its last run went."""

import argparse


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its options."""
    parser = commands.add_parser(
        "status",
        help="say which notebooks are fresh, which are stale and why, and how the last run of each went",
        description="Say of each notebook whether its results are those of its present source, parameters, data, "
        "helper modules and environment; if not, why; and when it last ran, for how long and how that ended.",
        epilog="Nothing is run or changed. With -p, the question is what such a run would do.",
    )
    parser.add_argument(
        "-p", "--parameter", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), help="as for run"
    )
    parser.add_argument("--run", metavar="FOLDER", help="of the run that `crossover run --to FOLDER` keeps there")
    parser.set_defaults(command=status)


def status(options: argparse.Namespace) -> int:
    """Print a paragraph per notebook.

    Raises
    ------
    InputError
        If a parameter or a folder is wrong.
    """
    from crossover.cli import DONE
    from crossover.runner.freshness import digest_rooms, find_reasons, make_fingerprint
    from crossover.runner.lock import is_locked
    from crossover.runner.plan import PACKAGE, plan_run
    from crossover.runs import Place, RunFile
    from helpers.data.files import project_root

    place = Place.of(project_root(), options.run)
    plan = plan_run(place, settings=[(name, value) for name, value in options.parameter])
    file, code, stale = RunFile(place), digest_rooms(PACKAGE), set()
    at_work = is_locked(place.folder)
    if file.rankings is not None:
        print(f"made from: {file.rankings['source']}, as of {file.rankings['as_of']}; {_set(file)}\n")
    if at_work:
        print("A run is at work: this is how things are at this moment.\n")
    for step in plan.steps:
        record = file.step(step.name)
        made_from = make_fingerprint(step, plan=plan, file=file, code=code)
        reasons = find_reasons(record, plan=plan, file=file, made_from=made_from)
        if reasons:
            stale.add(step.name)
        waits = sorted(plan.order[step.name] & stale)
        note = f" (may change once {', '.join(waits)} has run)" if waits and not reasons else ""
        print(f"{step.name:<22} {'STALE' if reasons else 'fresh'}{note}")
        for reason in reasons:
            print(f"    {reason}")
        if record is not None:
            print(f"    {_last(record, at_work=at_work)}")
    print(f"\n{len(stale)} of {len(plan.steps)} notebooks would run." if stale else "\nNothing would run.")
    return DONE


def _set(file) -> str:
    from crossover.runs import typed_settings

    assigned = {name: value for record in file.steps().values() for name, value in record.assigned.items()}
    return f"set:{typed_settings(assigned)}" if assigned else "every parameter at its default"


def _last(record, *, at_work: bool) -> str:
    from crossover.runs import INTERRUPTED, SKIPPED

    if record.status == SKIPPED:
        return "last run: skipped, because the run ended before its turn"
    if record.status == INTERRUPTED and at_work:
        return f"began {record.began}, at work perhaps"
    memory = f", {record.peak_memory / 2**20:.0f} MB" if record.peak_memory else ""
    message = record.message.partition("\n")[0]
    return f"last run: {record.began}, {record.seconds:.1f} s{memory}, {record.status}{message and ': '}{message}"
