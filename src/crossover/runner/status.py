"""How things stand: per notebook, whether it is fresh, why not, and how its last run went."""

from collections.abc import Iterator

from crossover.runner.freshness import digest_rooms, find_reasons, make_fingerprint
from crossover.runner.lock import is_locked
from crossover.runner.plan import PACKAGE, Plan
from crossover.runs import INTERRUPTED, SKIPPED, Record, RunFile, typed_settings


def describe_status(plan: Plan) -> Iterator[str]:
    """Say which steps are fresh, which are stale and why, and how the last run of each went.

    Yields
    ------
    str
        One line or paragraph after the other.
    """
    file, code, stale = RunFile(plan.place), digest_rooms(PACKAGE), set()
    at_work = is_locked(plan.place.folder)
    if file.rankings is not None:
        yield f"made from: {file.rankings['source']}, as of {file.rankings['as_of']}; {_set(file)}\n"
    if at_work:
        yield "A run is at work: this is how things are at this moment.\n"
    for step in plan.steps:
        record = file.step(step.name)
        made_from = make_fingerprint(step, plan=plan, file=file, code=code)
        reasons = find_reasons(record, plan=plan, file=file, made_from=made_from)
        if reasons:
            stale.add(step.name)
        waits = sorted(plan.order[step.name] & stale)
        note = f" (may change once {', '.join(waits)} has run)" if waits and not reasons else ""
        yield f"{step.name:<22} {'STALE' if reasons else 'fresh'}{note}"
        for reason in reasons:
            yield f"    {reason}"
        if record is not None:
            yield f"    {_last(record, at_work=at_work)}"
    yield f"\n{len(stale)} of {len(plan.steps)} notebooks would run." if stale else "\nNothing would run."


def _set(file: RunFile) -> str:
    assigned = {name: value for record in file.steps().values() for name, value in record.assigned.items()}
    return f"set:{typed_settings(assigned)}" if assigned else "every parameter at its default"


def _last(record: Record, *, at_work: bool) -> str:
    if record.status == SKIPPED:
        return "last run: skipped, because the run ended before its turn"
    if record.status == INTERRUPTED and at_work:
        return f"began {record.began}, at work perhaps"
    memory = f", {record.peak_memory / 2**20:.0f} MB" if record.peak_memory else ""
    message = record.message.partition("\n")[0]
    return f"last run: {record.began}, {record.seconds:.1f} s{memory}, {record.status}{message and ': '}{message}"
