"""Which past days were restated between two records, by how much, and for which models."""

from collections.abc import Sequence

import pandas as pd

from helpers.data.merge import Record, merge_records

KINDS = ["restated", "newly ranked", "no longer ranked"]
COLUMNS = ["date", "permaslug", "kind", "tokens_before", "tokens_after", "change"]


def compare_records(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """List every row in which two records differ, on the days that both hold.

    A model that one of them does not rank on a day has 0 tokens there; its tokens are then part of `other`.

    Parameters
    ----------
    before, after : DataFrame
        `date, model_permaslug, total_tokens`, daily or weekly; unique in the first two.

    Returns
    -------
    DataFrame, shape (n_differences, 6)
        `date` (datetime64[us], UTC), `permaslug` (str), `kind` (``restated``, ``newly ranked`` or ``no longer
        ranked``), `tokens_before, tokens_after` (count, int64) and `change` (int64). Sorted by day, the largest
        change first. Empty if the shared days are the same.
    """
    keys = ["date", "model_permaslug"]
    shared = set(before["date"]) & set(after["date"])
    sides = [
        side.loc[side["date"].isin(shared), [*keys, "total_tokens"]].astype(
            {"total_tokens": "Int64"}
        )  # exact when missing
        for side in (before, after)
    ]
    both = sides[0].merge(sides[1], on=keys, how="outer", validate="1:1", suffixes=("_before", "_after"))
    was, now = both["total_tokens_before"], both["total_tokens_after"]
    changed = both[was.isna() | now.isna() | was.ne(now).fillna(value=False)]
    kind = pd.Series("restated", index=changed.index, dtype="str")
    kind = kind.mask(changed["total_tokens_before"].isna(), "newly ranked")
    kind = kind.mask(changed["total_tokens_after"].isna(), "no longer ranked")
    table = pd.DataFrame(
        {
            "date": changed["date"].astype("datetime64[us]"),
            "permaslug": changed["model_permaslug"].astype("str"),
            "kind": kind,
            "tokens_before": changed["total_tokens_before"].fillna(0).astype("int64"),
            "tokens_after": changed["total_tokens_after"].fillna(0).astype("int64"),
        }
    )
    table = table.assign(change=table["tokens_after"] - table["tokens_before"])
    order = table.assign(size=table["change"].abs()).sort_values(
        ["date", "size", "permaslug"], ascending=[True, False, True]
    )
    return order[COLUMNS].reset_index(drop=True)


def sum_days(changes: pd.DataFrame, *, by: Sequence[str] = ("date",)) -> pd.DataFrame:
    """Add the differences up to one row a restated day.

    Parameters
    ----------
    changes : DataFrame
        As `compare_records` or `track_restatements` returns it.
    by : sequence of str
        What tells the days apart: ``date``, or ``snapshot`` and ``date``.

    Returns
    -------
    DataFrame
        The columns of `by`, `rows` (count of differing rows), `change` (of the day's total, tokens, int64) and
        `tokens_moved` (of all rows that went up, int64): a day whose total is the same can still have moved tokens
        between models.
    """
    grown = changes.assign(grown=changes["change"].clip(lower=0))
    days = grown.groupby(list(by), sort=False).agg(
        rows=("change", "size"), change=("change", "sum"), tokens_moved=("grown", "sum")
    )
    return days.reset_index()


def replace_days(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Give the earlier record the later one's rows, on the days that both hold; its period stays the same."""
    shared = set(before["date"]) & set(after["date"])
    parts = [before[~before["date"].isin(shared)], after[after["date"].isin(shared)]]
    return pd.concat(parts).sort_values("date", kind="stable").reset_index(drop=True)


def track_restatements(parts: Sequence[Record]) -> pd.DataFrame:
    """List every restatement once: each snapshot against what the earlier ones together said.

    Parameters
    ----------
    parts : sequence of Record
        Daily records, the oldest `as_of` first (`helpers.data.inputs.read_parts`).

    Returns
    -------
    DataFrame
        `snapshot` (str, the one that restates) and the columns of `compare_records`. Empty for a single record.
    """
    found = [
        compare_records(merge_records(parts[:place], name="", kind="").table, parts[place].table).assign(
            snapshot=parts[place].name
        )
        for place in range(1, len(parts))
    ]
    nothing = compare_records(parts[0].table, parts[0].table).assign(snapshot="")
    table = pd.concat(found, ignore_index=True) if found else nothing
    return table.astype({"snapshot": "str"})[["snapshot", *COLUMNS]]


def list_parts(parts: Sequence[Record]) -> pd.DataFrame:
    """List records with what each states of itself.

    Returns
    -------
    DataFrame, shape (n_parts, 6)
        `name`, `as_of` (text, UTC), `rows`, `days` (counts), `start_date`, `end_date` (text). Order of `parts`.
    """
    rows = [
        {
            "name": part.name,
            "as_of": f"{part.as_of:%Y-%m-%d %H:%M}",
            **{fact: part.stated[fact] for fact in ("rows", "days", "start_date", "end_date")},
        }
        for part in parts
    ]
    return pd.DataFrame(rows)


def summarise_restatements(parts: Sequence[Record], restatements: pd.DataFrame) -> str:
    """Say in a sentence what was restated, or that one snapshot by itself cannot tell.

    Parameters
    ----------
    parts : sequence of Record
        As for `track_restatements`.
    restatements : DataFrame
        What it returned.
    """
    if len(parts) == 1:
        return (
            f"There is only one snapshot ({parts[0].name}), so no restatement can be seen yet: `crossover fetch` adds "
            "another one."
        )
    if restatements.empty:
        return f"{len(parts)} snapshots agree to the token on every day that they share: nothing was restated."
    days = sum_days(restatements, by=["snapshot", "date"])
    largest = days.loc[days["change"].abs().idxmax()]
    return (
        f"Snapshots: {len(parts)}; restated days: {days['date'].nunique()}, rows: {len(restatements)}. The largest "
        f"change of a day's total is that of {largest['date']:%Y-%m-%d}: {largest['change']:+,} tokens."
    )
