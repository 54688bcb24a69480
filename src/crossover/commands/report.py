"""`crossover report`: the results of a run as a folder of pages that open from disk."""

import argparse
import sys
from typing import TYPE_CHECKING

from crossover.commands import add_run_options, open_asked

if TYPE_CHECKING:
    from crossover.report.interactive import Choices
    from crossover.runs import Run

SIZES = (5, 9, 15, 20, 30)  # models in the chart that a reader can choose from


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser(
        "report",
        help="write the results as pages that open from disk",
        description="Write a folder of pages about the last run: findings and verdicts, an interactive figure, all "
        "figures with their data, the definitions and limits, the executed notebooks. It needs no network.",
    )
    add_run_options(parser)
    parser.add_argument("--to", metavar="FOLDER", default="build/report", help="where the pages go (%(default)s)")
    parser.set_defaults(command=report)


def report(options: argparse.Namespace) -> int:
    """Write the pages and print the first one's path.

    Raises
    ------
    InputError
        If the run cannot be spoken for, or the folder holds something else.
    """
    from crossover.cli import DONE
    from crossover.report.folder import check_target, write_pages
    from crossover.report.site import build_report
    from helpers.data.paths import resolve, shown

    target = resolve(options.to)
    check_target(target)
    run = open_asked(options)
    print("computing the choices of the interactive figure", file=sys.stderr, flush=True)
    choices = compute_choices(run)
    print("writing pages", file=sys.stderr, flush=True)
    files = build_report(run, choices)
    print(shown(write_pages(files, target)))
    return DONE


def compute_choices(run: "Run") -> "Choices":
    """Compute the ratio and the agreement of every claim under each choice that the interactive figure offers.

    Raises
    ------
    InputError
        If the ratios of the run's own choice are not those of its table `ratios`.
    """
    import pandas as pd

    from crossover.report.interactive import Choices
    from helpers.analysis.claims.judging import settle
    from helpers.analysis.claims.readings import lay_out
    from helpers.analysis.origins import tag_origins
    from helpers.analysis.ratios import compute_ratios
    from helpers.analysis.weeks import count_origins, nearest_week, sum_weeks
    from helpers.data.claims import read_claims
    from helpers.data.paths import shown
    from helpers.data.registry import read_registry
    from helpers.data.tables import read_table
    from helpers.errors import InputError
    from helpers.vocabulary import SCOPES, STEALTH_POLICIES

    raw = run.raw
    usage, registry, claims = read_table(run.tables, "usage_daily"), vars(read_registry(raw)), read_claims(raw).claims
    own_size, min_days = run.value("chart_size", 9), run.value("min_days", 7)
    own = {"policy": run.value("stealth_policy", "as_of"), "size": own_size}
    on_untagged, week_start_day = run.value("on_untagged", "stop"), run.value("week_start_day", "Monday")
    record = lay_out(usage, registry=registry, on_untagged=on_untagged)
    weekly = {
        policy: sum_weeks(
            tag_origins(usage, **registry, stealth_policy=policy, on_untagged=on_untagged),
            week_start_day=week_start_day,
        )
        for policy in STEALTH_POLICIES
    }
    ratios, settings = [], []
    for size in sorted({*SIZES, own_size}):
        # What the chart's size does not touch is computed once.
        scopes = SCOPES if size == own_size else ("chart",)
        for policy, rows in weekly.items():
            found = compute_ratios(count_origins(rows, chart_size=size), scopes=scopes, min_days=min_days)
            ratios.append(found.assign(policy=policy, size=size))
        settings.append(
            settle(claims, record, chart_size=size, min_days=min_days, scopes=tuple(scopes)).assign(size=size)
        )
    tables = [pd.concat(parts, ignore_index=True) for parts in (ratios, settings)]
    ratios, settings = (rows.assign(size=rows["size"].where(rows["scope"].eq("chart"), 0)) for rows in tables)
    stored = read_table(run.tables, "ratios")
    mine = ratios[ratios["policy"].eq(own["policy"]) & ratios["size"].isin([0, own_size])]
    mine = mine[mine["scope"].isin(stored["scope"])][stored.columns].reset_index(drop=True)
    if not mine.equals(stored.sort_values(["scope", "week_start"], key=_in_order).reset_index(drop=True)):
        raise InputError(
            f"{shown(run.tables / 'ratios.csv')} does not follow from usage_daily under the parameters of the last "
            "run: the tables are of different runs. Run `crossover run` again."
        )
    week = pd.Timestamp(nearest_week(str(run.value("reported_week", "2026-02-09")), ratios["week_start"])[0])
    return Choices(ratios, settings, {"scope": "chart", **own, "week": week})


def _in_order(column: "object") -> "object":
    from helpers.vocabulary import SCOPES

    return column.map(SCOPES.index) if column.name == "scope" else column
