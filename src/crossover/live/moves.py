"""Which days, results and verdicts differ between two records."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from helpers.analysis.claims.readings import lay_out
from helpers.analysis.claims.wording import hold_claims
from helpers.analysis.cleaning import clean_rankings
from helpers.analysis.crossover import find_crossovers
from helpers.analysis.origins import tag_origins
from helpers.analysis.ratios import compute_ratios
from helpers.analysis.weeks import count_origins, sum_weeks
from helpers.data.claims import PublishedClaims, read_claims
from helpers.data.inputs import read_record
from helpers.data.records import Record, compare_records, sum_days
from helpers.data.registry import read_registry
from helpers.errors import InputError
from helpers.vocabulary import BELOW_RANK_50, SCOPES

COMPARED = {  # table -> what identifies a result in it, and what may move
    "ratios": (["week_start", "scope"], ["ratio", "state"]),
    "crossovers": (["scope", "rule", "place"], ["week_start"]),
    "claim_settings": (["claim_id", "scope", "policy"], ["value", "agreement"]),
    "claims": (["claim_id"], ["verdict"]),
}
ABSENT = "none"


def describe_moves(raw_folder: Path, sources: tuple[str, str], *, report: Callable[[str], None]) -> Iterator[str]:
    """Say which days of a record another one restates, by how much, and what that moves.

    Parameters
    ----------
    raw_folder : Path
        Where the records, the registry and the claims are.
    sources : (str, str)
        The earlier and the later record, as the parameter `source` names them. If one of them is the weekly chart, the
        other's days are added up to weeks, and only the tokens are compared.
    report : callable
        Receives one line per record: what it was taken for.

    Yields
    ------
    str
        One line or paragraph after the other.

    Raises
    ------
    InputError
        If a record cannot be read, or the two share no day.
    """
    first, second = sources
    records = [read_record(raw_folder, source) for source in sources]
    for record in records:
        report(record.describe())
    grains = {record.grain for record in records}
    before, after = compare_with_chart(*records) if len(grains) > 1 else (record.table for record in records)
    span = "week" if "week" in grains else "day"
    shared = set(before["date"]) & set(after["date"])
    if not shared:
        raise InputError(f"{first} and {second} share no {span}: there is nothing to compare. Name two that overlap.")
    changes = compare_records(before, after)
    days, totals = sum_days(changes), before.groupby("date")["total_tokens"].sum()
    yield f"{span}s in both: {len(shared)}; restated: {len(days)}, in rows: {len(changes)}"
    for source, table in zip(sources, (before, after), strict=True):
        if alone := table["date"].nunique() - len(shared):
            yield f"{span}s in {source} only, not compared: {alone}"
    for day in days.itertuples(index=False):
        total = f"{totals[day.date]:,} -> {totals[day.date] + day.change:,} tokens in total ({day.change:+,})"
        yield f"\n{day.date:%Y-%m-%d}: {total}"
        for row in changes[changes["date"].eq(day.date)].itertuples(index=False):
            yield f"  {row.permaslug}: {row.tokens_before:,} -> {row.tokens_after:,} ({row.change:+,}, {row.kind})"
    if changes.empty or span == "week":
        return
    registry, published = vars(read_registry(raw_folder)), read_claims(raw_folder)
    earlier, later = (
        compute_results(clean_rankings(table), registry=registry, published=published)
        for table in (before, replace_days(before, after))
    )
    moved = list_moves(earlier, later)
    yield f"\nresults that move when {first} takes these {span}s from {second}: {len(moved)}"
    for table, rows in moved.groupby("table", sort=False):
        yield f"\n{table}"
        for row in rows.itertuples(index=False):
            yield f"  {row.result}: {row.quantity} {row.before} -> {row.after}"


def compare_with_chart(first: Record, second: Record) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay a daily record and a weekly chart out alike: tokens a week, in the chart's models and `other`.

    The daily record is added up over the chart's weeks, as far as all seven days are in it; what is not among the
    chart's models of the week goes to `other`.

    Parameters
    ----------
    first, second : Record
        One of them with `grain` ``week``, the other with ``day``.

    Returns
    -------
    (DataFrame, DataFrame)
        `date` (the week's first day), `model_permaslug, total_tokens` (count, int64) of the first and of the
        second, both for the weeks that the daily record holds whole.
    """
    chart, daily = (first.table, second.table) if first.grain == "week" else (second.table, first.table)
    into_week = (daily["date"] - chart["date"].iloc[0]).dt.days % 7
    week = daily["date"] - pd.to_timedelta(into_week, unit="D")
    summed = daily.assign(date=week.astype("datetime64[us]"), day=daily["date"])
    summed = summed[summed.groupby("date")["day"].transform("nunique").eq(7)]
    keys = ["date", "model_permaslug"]
    named = summed.merge(chart[keys].assign(named=True), on=keys, how="left", validate="m:1")["named"].notna()
    name = summed["model_permaslug"].where(named.set_axis(summed.index), BELOW_RANK_50)
    summed = summed.assign(model_permaslug=name).groupby(keys)["total_tokens"].sum().reset_index()
    summed = summed[summed["date"].isin(chart["date"])]
    whole = chart[chart["date"].isin(summed["date"])]
    return (whole, summed) if first.grain == "week" else (summed, whole)


def replace_days(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Give the earlier record the later one's rows, on the days that both hold; its period stays the same."""
    shared = set(before["date"]) & set(after["date"])
    parts = [before[~before["date"].isin(shared)], after[after["date"].isin(shared)]]
    return pd.concat(parts).sort_values("date", kind="stable").reset_index(drop=True)


def compute_results(
    usage: pd.DataFrame, *, registry: Mapping[str, pd.DataFrame], published: PublishedClaims
) -> dict[str, pd.DataFrame]:
    """Compute the results of the default run that a restatement can move.

    Models without a registry row count as unidentified, so that a record with new models can be compared.

    Parameters
    ----------
    usage : DataFrame
        `date, permaslug, model, variant, author, tokens`, one row per permaslug and day.
    registry : mapping of str to DataFrame
        The tables `authors, lineage, stealth, weights`.
    published : PublishedClaims
        The ledger of claims with its sources.

    Returns
    -------
    dict of str to DataFrame
        `ratios`, `crossovers`, `claim_settings` and `claims`, as notebooks 03, 04 and 06 make them by default.
    """
    origin_weekly = count_origins(sum_weeks(tag_origins(usage, **registry, on_untagged="unknown")))
    record = lay_out(usage, registry=registry, on_untagged="unknown")
    settings, claims, _ = hold_claims(published.claims, published.sources, record)
    return {
        "ratios": compute_ratios(origin_weekly, scopes=SCOPES),
        "crossovers": find_crossovers(origin_weekly, scopes=SCOPES),
        "claim_settings": settings,
        "claims": claims,
    }


def list_moves(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """List every result that differs.

    Parameters
    ----------
    before, after : mapping of str to DataFrame
        As `compute_results` returns them.

    Returns
    -------
    DataFrame, shape (n_moved, 5)
        `table`, `result` (what identifies it, joined by blanks), `quantity` (the column), `before` and `after`
        (text; ``none`` where there is no such result). In the order of the tables.
    """
    parts = []
    for table, (keys, columns) in COMPARED.items():
        sides = [_as_text(results[table], keys, columns) for results in (before, after)]
        both = sides[0].merge(sides[1], on=["result", "quantity"], how="outer", suffixes=("_before", "_after"))
        both = both.fillna(ABSENT).rename(columns={"text_before": "before", "text_after": "after"})
        parts.append(both[both["before"].ne(both["after"])].assign(table=table))
    moved = pd.concat(parts, ignore_index=True)
    return moved[["table", "result", "quantity", "before", "after"]].astype("str")


def _as_text(table: pd.DataFrame, keys: list[str], columns: list[str]) -> pd.DataFrame:
    """Lay results out as one row each, everything as text; reversals of one scope are told apart by their place."""
    if "place" in keys:
        table = table.assign(place=table.groupby(["scope", "rule"]).cumcount() + 1)
    text = pd.DataFrame({name: _written(table[name]) for name in [*keys, *columns]}, index=table.index)
    text = text.assign(result=text[keys].agg(" ".join, axis="columns"))
    return text.melt(id_vars="result", value_vars=columns, var_name="quantity", value_name="text")


def _written(column: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d").fillna(ABSENT).astype("str")
    return column.map(str).astype("str")
