"""`crossover diff A B`: which days were restated, by how much, and which results and verdicts move."""

import argparse
import sys


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser(
        "diff",
        help="compare two records: restated days, and the results and verdicts that move",
        description="Compare record B with record A on the days that both hold: which were restated, by how much, for "
        "which models, and which results and verdicts of the default run move when A takes B's rows there. If one is "
        "the weekly chart, the other's days are added up to weeks and only the tokens are compared.",
        epilog="A and B are sources as the parameter source names them: bundled, latest, a snapshot's name, a file.",
    )
    parser.add_argument("before", metavar="A", help="the earlier record")
    parser.add_argument("after", metavar="B", help="the later record")
    parser.set_defaults(command=diff)


def diff(options: argparse.Namespace) -> int:
    """Print what differs.

    Raises
    ------
    InputError
        If a record cannot be read, or the two share no day.
    """
    from crossover.cli import DONE
    from crossover.live.moves import compute_results, list_moves
    from helpers.analysis.cleaning import clean_rankings
    from helpers.data.charts import compare_with_chart
    from helpers.data.claims import read_claims
    from helpers.data.inputs import read_record
    from helpers.data.paths import project_root
    from helpers.data.registry import read_registry
    from helpers.data.restatements import compare_records, replace_days, sum_days
    from helpers.errors import InputError

    raw_folder = project_root() / "data" / "raw"
    records = [read_record(raw_folder, source) for source in (options.before, options.after)]
    for record in records:
        print(record.describe(), file=sys.stderr)
    grains = {record.grain for record in records}
    before, after = (record.table for record in records)
    if len(grains) > 1:
        before, after = compare_with_chart(*records)
    span = "week" if "week" in grains else "day"
    shared = set(before["date"]) & set(after["date"])
    if not shared:
        raise InputError(
            f"{options.before} and {options.after} share no {span}: there is nothing to compare. Name two that overlap."
        )
    changes = compare_records(before, after)
    days, totals = sum_days(changes), before.groupby("date")["total_tokens"].sum()
    print(f"{span}s in both: {len(shared)}; restated: {len(days)}, in rows: {len(changes)}")
    for source, table in zip((options.before, options.after), (before, after), strict=True):
        if alone := table["date"].nunique() - len(shared):
            print(f"{span}s in {source} only, not compared: {alone}")
    for day in days.itertuples(index=False):
        total = f"{totals[day.date]:,} -> {totals[day.date] + day.change:,} tokens in total ({day.change:+,})"
        print(f"\n{day.date:%Y-%m-%d}: {total}")
        for row in changes[changes["date"].eq(day.date)].itertuples(index=False):
            print(f"  {row.permaslug}: {row.tokens_before:,} -> {row.tokens_after:,} ({row.change:+,}, {row.kind})")
    if changes.empty or span == "week":
        return DONE
    registry, published = vars(read_registry(raw_folder)), read_claims(raw_folder)
    earlier, later = (
        compute_results(clean_rankings(table), registry=registry, published=published)
        for table in (before, replace_days(before, after))
    )
    moved = list_moves(earlier, later)
    print(f"\nresults that move when {options.before} takes these {span}s from {options.after}: {len(moved)}")
    for table, rows in moved.groupby("table", sort=False):
        print(f"\n{table}")
        for row in rows.itertuples(index=False):
            print(f"  {row.result}: {row.quantity} {row.before} -> {row.after}")
    return DONE
