"""The commands: each calls what does the work, prints what came of it and returns an exit code.

What is imported inside a function is loaded only when its command is called: the others stay quick. Every command
raises `InputError` where something that it was given is wrong, and `crossover.cli` says it.
"""

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossover.runs import Run

DONE, FAILED = 0, 1
BUNDLE = "build/token-crossover.zip"


def say(line: str) -> None:
    """Tell the person at the terminal; results alone go to standard output."""
    print(line, file=sys.stderr, flush=True)


def open_asked(options: Namespace, *, tables: tuple[str, ...] = ()) -> "Run":
    """Open the run that ``--run`` and ``--stale`` name; what somebody insisted on is said at once."""
    from crossover.runs import Place, open_run
    from helpers.data.files import project_root

    run = open_run(Place.of(project_root(), options.run), tables=tables, stale=options.stale)
    if run.warning:
        say(f"crossover: {run.warning}")
    return run


def run(options: Namespace) -> int:
    """Run what is not fresh; print the summary, where the results are, what ran and what was fresh."""
    from crossover.runner.pipeline import count_cores
    from crossover.runner.pipeline import run as run_notebooks
    from crossover.runner.progress import choose_display
    from crossover.runner.work import Limits
    from crossover.runs import Place
    from helpers.data.files import project_root

    result = run_notebooks(
        Place.of(project_root(), options.to),
        settings=options.parameter,
        only=options.only,
        start=options.start,
        force=options.force,
        jobs=options.jobs or count_cores(),
        limits=Limits(options.cell_limit, options.notebook_limit, options.run_limit),
        display=choose_display(quiet=options.quiet, stream=sys.stderr),
    )
    print("\n".join(result.describe()))
    return DONE


def params(options: Namespace) -> int:
    """Print a paragraph per parameter."""
    from crossover.runner.parameters import describe_choices, list_choices
    from crossover.runner.plan import plan_run
    from crossover.runs import Place
    from helpers.data.files import project_root
    from helpers.data.settings import read_settings

    plan = plan_run(Place.of(project_root()))  # refuses what is wrong in the project's own file
    found = list_choices([step.notebook for step in plan.steps])
    print("\n".join(describe_choices(found, options.names, own=read_settings(plan.place.root))))
    return DONE


def status(options: Namespace) -> int:
    """Print a paragraph per notebook."""
    from crossover.runner.plan import plan_run
    from crossover.runner.status import describe_status
    from crossover.runs import Place
    from helpers.data.files import project_root

    plan = plan_run(Place.of(project_root(), options.run), settings=options.parameter)
    for line in describe_status(plan):
        print(line)
    return DONE


def open_notebook(options: Namespace) -> int:
    """Make the copy, if a notebook is named, and start JupyterLab on the project."""
    from crossover.runner.notebooks import find_notebooks
    from crossover.runner.plan import plan_run
    from crossover.runs import Place, RunFile
    from crossover.workbench import lab_options, open_copy, settle_notebooks, start_lab
    from helpers.data.files import project_root, shown
    from helpers.errors import InputError

    given = lab_options(options.lab, port=options.port, browser=not options.no_browser)
    root = project_root()
    if options.notebook is None:
        if options.failed or options.discard or options.parameter:
            raise InputError(
                "--failed, --discard and -p are for a copy. Name the notebook: `crossover open 03 --failed`."
            )
        settle_notebooks(find_notebooks(root), root=root)
        page = root / "notebooks"
    else:
        plan = plan_run(Place.of(root, options.run), settings=options.parameter, only=[options.notebook])
        (step,) = plan.steps
        page = open_copy(step, plan=plan, file=RunFile(plan.place), failed=options.failed, discard=options.discard)
        say(f"`crossover adopt {step.name}` brings your edits back.")
    print(shown(page), flush=True)
    return FAILED if start_lab(page, root=root, options=given) else DONE


def adopt(options: Namespace) -> int:
    """Bring the edits back and say what was changed."""
    from crossover.runner.plan import plan_run
    from crossover.runs import Place
    from crossover.workbench import adopt_copy
    from helpers.data.files import project_root, shown

    root = project_root()
    (step,) = plan_run(Place.of(root), only=[options.notebook]).steps
    changed = adopt_copy(step, root=root)
    print(f"{shown(step.notebook)}: {'the edits are in it' if changed else 'there was nothing to bring back'}")
    return DONE


def fetch(options: Namespace) -> int:
    """Fetch, check and store; print where the snapshot is."""
    from datetime import UTC, datetime

    from crossover.live.openrouter import update_record
    from crossover.live.requests import SourceError
    from helpers.data.files import project_root, shown

    period = {"start": options.start, "end": options.end}
    try:
        path, is_new = update_record(project_root(), **period, url=options.url, now=datetime.now(UTC), report=say)
    except SourceError as error:
        say(f"crossover: {error}")
        return FAILED
    print(f"{'stored' if is_new else 'known already'}: {shown(path)}")
    print("Use it with `crossover run -p source latest`; `crossover diff bundled latest` shows what was restated.")
    return DONE


def diff(options: Namespace) -> int:
    """Print which days were restated, and which results and verdicts move."""
    from crossover.live.moves import describe_moves
    from helpers.data.files import project_root

    for line in describe_moves(project_root() / "data" / "raw", (options.before, options.after), report=say):
        print(line)
    return DONE


def tags(options: Namespace) -> int:
    """Print what is untagged and what is stale."""
    from datetime import UTC, datetime

    from crossover.live.requests import SourceError
    from crossover.live.upkeep import describe_gaps
    from helpers.data.files import project_root

    asked = {"source": options.source, "after_days": options.after, "propose": options.propose, "url": options.url}
    try:
        for line in describe_gaps(project_root() / "data" / "raw", **asked, today=datetime.now(UTC).date(), report=say):
            print(line)
    except SourceError as error:
        say(f"crossover: {error}")
        return FAILED
    return DONE


def figures(options: Namespace) -> int:
    """Draw, write and check; print the checks and the folder."""
    import pandas as pd

    from crossover.article.packages import open_gallery, write_package
    from crossover.article.preflight import check_drawn, describe_checks
    from helpers.data.files import resolve, shown
    from helpers.errors import require_known
    from helpers.figures.catalogue import FIGURES
    from helpers.figures.editions import choose_edition

    names = [require_known(name, FIGURES, what="figure") for name in dict.fromkeys(options.names)] or list(FIGURES)
    run = open_asked(options, tables=tuple(dict.fromkeys(table for name in names for table in FIGURES[name].TABLES)))
    place = {"width_mm": options.width, "font": options.font, "choices": run.choices}
    edition = choose_edition(options.profile, options.lang, **place)
    folder = resolve(options.folder or f"build/figures/{options.profile}-{options.lang}")
    gallery = open_gallery(run, edition=edition, folder=folder)
    drawn = [gallery.draw(name) for name in names]  # all of them before the first is written
    for one in drawn:
        say(f"{one.name}: {', '.join(edition.profile.formats)}")
        if options.package:
            write_package(one, folder=folder, source=gallery.source)
        else:
            gallery.write(one, folder)
    if options.check:
        line, places = edition.source_line(gallery.source), [one.name if options.package else "" for one in drawn]
        reports = [check_drawn(one, folder / at, source=line) for one, at in zip(drawn, places, strict=True)]
        report = pd.concat(reports, ignore_index=True)
        print(describe_checks(report))
        if not report["passes"].all():
            return FAILED
    print(shown(folder))
    return DONE


def facts(options: Namespace) -> int:
    """Print, write or fill in facts."""
    from crossover.article.quoting import as_csv, as_latex, fill, names_in, present, read_article, search, with_weeks
    from helpers.data.files import resolve, shown, write_whole
    from helpers.facts.fact import read_facts

    run = open_asked(options, tables=("facts", "ratios"))
    text = read_article(options.fill) if options.fill is not None else ""
    known = with_weeks(read_facts(run.tables), names_in(text) or options.names, run.tables)
    quoted = {"as_of": run.as_of, "choices": run.choices}
    if options.fill is not None:
        print(fill(text, known, **quoted), end="")
    elif options.write is not None:
        for name, content in (("facts.tex", as_latex(known, **quoted)), ("facts.csv", as_csv(known, **quoted))):
            print(shown(write_whole(resolve(options.write) / name, content.encode("utf-8"))))
    elif options.search:
        print("\n".join(search(known, options.search, **quoted)))
    elif options.names:
        print("\n\n".join(present(name, known, **quoted) for name in options.names))
    else:
        print("\n".join(f"{name} = {fact.text}" for name, fact in sorted(known.items())))
    return DONE


def report(options: Namespace) -> int:
    """Write the pages and print the first one's path."""
    from crossover.report.interactive import compute_choices
    from crossover.report.pages import check_target, write_pages
    from crossover.report.site import build_report
    from helpers.data.files import resolve, shown

    target = resolve(options.to)
    check_target(target)
    run = open_asked(options)
    say("computing the choices of the interactive figure")
    choices = compute_choices(run)
    say("writing pages")
    print(shown(write_pages(build_report(run, choices), target)))
    return DONE


def bundle(options: Namespace) -> int:
    """Write the archive; print its path, size and SHA-256."""
    import hashlib

    from crossover.bundle.pack import collect_files, pack
    from crossover.bundle.verify import is_bundle
    from helpers.data.files import resolve, shown, write_whole
    from helpers.data.sources import verify_folder
    from helpers.errors import InputError

    target = resolve(options.to)
    if target.exists() and not is_bundle(target):
        raise InputError(f"{shown(target)} exists and is no bundle. Name another file with --to; nothing was written.")
    run = open_asked(options)
    verify_folder(run.raw)
    files = collect_files(run)
    say(f"packing {len(files)} files")
    content = pack(files)
    print(f"{shown(write_whole(target, content))}: {len(content)} bytes, {len(files)} files")
    print(f"sha256 {hashlib.sha256(content).hexdigest()}")
    return DONE


def verify(options: Namespace) -> int:
    """Check the bundle and say so in one line; with ``--rerun``, say which results are the same."""
    import tempfile
    from pathlib import Path

    from crossover.bundle.verify import extract, open_unpacked, verify_bundle
    from crossover.compare import rerun
    from crossover.runs import typed_settings
    from helpers.data.files import shown

    bundle = verify_bundle(Path(options.bundle).expanduser().resolve())
    with tempfile.TemporaryDirectory(prefix="crossover-verify-") as name:
        folder = Path(name).resolve()
        extract(bundle, folder)
        run = open_unpacked(folder, where=options.bundle)
        given = f"with{typed_settings(run.settings)}" if run.settings else "every parameter at its default"
        told = f"all {len(bundle.files)} files are what they were; its run finished"
        print(f"{shown(bundle.path)}: {told}, of {run.rankings['source']} as of {run.as_of}, {given}.")
        print(f"sha256 {bundle.sha256}")
        lines, is_same = rerun(run, report=say) if options.rerun else ([], True)
        for line in lines:
            print(line)
    return DONE if is_same else FAILED


def compare(options: Namespace) -> int:
    """Write the page, print what differs and where the page is."""
    import tempfile
    from pathlib import Path

    from crossover.compare import compare_runs, open_side
    from crossover.report.pages import check_target, write_pages
    from helpers.data.files import project_root, resolve, shown
    from helpers.errors import InputError

    if not 0 <= options.tolerance < 1:
        raise InputError(f"--tolerance is {options.tolerance}; it is a share from 0 to below 1. Choose 1e-9.")
    target, root = resolve(options.to), project_root()
    check_target(target)
    with tempfile.TemporaryDirectory(prefix="crossover-compare-") as name:
        working = Path(name).resolve()
        given = {"1": options.first, "2": options.second}
        sides = [open_side(one, working / which, root=root, stale=options.stale) for which, one in given.items()]
        say("comparing tables and figures")
        files, summary = compare_runs(*sides, root=root, tolerance=options.tolerance)
        index = write_pages(files, target)
    print("\n".join([*summary, shown(index)]))
    return DONE


def completion(options: Namespace) -> int:
    """Print the script of a shell."""
    from crossover.completion import script

    print(script(options.shell))
    return DONE
