"""Records of the daily rankings: what each was taken for, how several become one, and which days were restated."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pandas as pd

from helpers.errors import InputError

OLDEST = datetime(1, 1, 1, tzinfo=UTC)  # a record that does not say when it was computed loses to any that does
KINDS = ["restated", "newly ranked", "no longer ranked"]
COLUMNS = ["date", "permaslug", "kind", "tokens_before", "tokens_after", "change"]


@dataclass(frozen=True)
class Record:
    """Rankings from one source, and what the source was taken for.

    Attributes
    ----------
    name : str
        ``bundled``, ``latest``, a snapshot's name or a path.
    kind : str
        What it was taken for, in words.
    table : DataFrame, shape (n_rows, 3)
        `date` (datetime64, UTC day; the week's first day where `grain` is ``week``), `model_permaslug` (str),
        `total_tokens` (count, int64); no missing values.
    as_of : datetime or None
        When its figures were computed, in UTC; None where nothing says so.
    stated : dict
        `rows, days` (counts), `start_date, end_date` (YYYY-MM-DD), as the source itself states them where it
        does.
    citation : str
        What to write under a result.
    grain : {"day", "week"}
        What one row counts.
    notes : tuple of str
        What a reader should know: days left out, days missing, fields not used.
    parts : tuple of (str, str)
        Of a merged record, each part that gave a day: its name and `as_of`.
    left_out : tuple of str
        Days (YYYY-MM-DD) that were not over when it was read.
    """

    name: str
    kind: str
    table: pd.DataFrame
    as_of: datetime | None
    stated: dict[str, object]
    citation: str
    grain: str = "day"
    notes: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()

    def note(self) -> dict[str, object]:
        """Describe the record for whatever is made from it: where it comes from, until when, and its SHA-256."""
        rows = self.table[["date", "model_permaslug", "total_tokens"]]
        content = rows.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").encode()
        as_of = moment(self.as_of)
        return {
            "source": self.name,
            "kind": self.kind,
            "as_of": as_of,
            "citation": self.citation,
            **count_facts(rows),
            "sha256": hashlib.sha256(content).hexdigest(),
            "snapshots": [{"name": name, "as_of": day} for name, day in self.parts or [(self.name, as_of)]],
            "left_out": list(self.left_out),
        }

    def describe(self) -> str:
        """Say in a few lines what the source was taken for."""
        as_of = f"as of {self.as_of:%Y-%m-%dT%H:%MZ}" if self.as_of else "as of an unknown moment"
        first = (
            f"{self.name}: taken for {self.kind}, one row a model and {self.grain}, {as_of}. {len(self.table)} rows, "
            f"{self.stated['days']} {self.grain}s from {self.stated['start_date']} to {self.stated['end_date']}."
        )
        return "\n".join([first, *self.notes])


def moment(as_of: datetime | None) -> str | None:
    """Write a moment in UTC, to the second; None stays None."""
    return f"{as_of:%Y-%m-%dT%H:%M:%SZ}" if as_of else None


def read_moment(text: object) -> datetime:
    """Read a moment such as ``2026-05-12T02:00:00.000Z``; one without a zone is in UTC.

    Raises
    ------
    ValueError
        If it is no moment.

    Examples
    --------
    >>> read_moment("2026-05-12T02:00:00.000Z").isoformat()
    '2026-05-12T02:00:00+00:00'
    """
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is no text")
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def count_facts(table: pd.DataFrame) -> dict[str, object]:
    """Count what a manifest states of a record: `rows, days, start_date, end_date`."""
    days = table["date"]
    return {
        "rows": len(table),
        "days": int(days.nunique()),
        "start_date": f"{days.min():%Y-%m-%d}",
        "end_date": f"{days.max():%Y-%m-%d}",
    }


def cite(as_of: datetime | None) -> str:
    """Write OpenRouter's mandatory citation.

    Examples
    --------
    >>> cite(datetime(2026, 10, 11, 0, 27, tzinfo=UTC))
    'Source: OpenRouter (openrouter.ai/rankings), as of 2026-10-11T00:27Z.'
    """
    moment = f"{as_of:%Y-%m-%dT%H:%MZ}" if as_of else "an unknown moment"
    return f"Source: OpenRouter (openrouter.ai/rankings), as of {moment}."


def leave_out_unfinished(record: Record, *, now: datetime) -> Record:
    """Leave out what was still growing: the day on which the figures were computed, any later one, and their week.

    Raises
    ------
    InputError
        If nothing that was over is left.
    """
    today = min(record.as_of or now, now).date()
    span = pd.Timedelta(days=7 if record.grain == "week" else 1)
    growing = record.table["date"].add(span).gt(pd.Timestamp(today))
    if not growing.any():
        return record
    if growing.all():
        raise InputError(
            f"{record.name} holds no {record.grain} that was over on {today}; what still grows is not used."
        )
    kept = record.table[~growing].reset_index(drop=True)
    left_out = tuple(f"{day:%Y-%m-%d}" for day in record.table.loc[growing, "date"].unique())
    note = f"Left out, because the {record.grain} was not over: {', '.join(left_out)}."
    notes, left_out = (*record.notes, note), (*record.left_out, *left_out)
    return replace(record, table=kept, stated=count_facts(kept), notes=notes, left_out=left_out)


def merge_records(records: Sequence[Record], *, name: str, kind: str) -> Record:
    """Put several daily records together: for each day, all rows of the record with the latest `as_of`.

    A day is never mixed from two records. Of two records with the same `as_of`, the later in `records` wins; one
    without any loses to all others. A day that only an older record holds is kept.

    Parameters
    ----------
    records : sequence of Record
        Daily records, at least one.
    name, kind : str
        Of the result.

    Returns
    -------
    Record
        Its `as_of` is the latest of those that gave at least one day; its table is sorted by day.
    """
    if len(records) == 1:
        return replace(records[0], name=name)
    order = sorted(range(len(records)), key=lambda place: records[place].as_of or OLDEST)
    ranked = [records[place] for place in order]
    everything = pd.concat([record.table.assign(part=part) for part, record in enumerate(ranked)])
    best = everything["part"].eq(everything.groupby("date")["part"].transform("max"))
    chosen = everything[best].sort_values("date", kind="stable").reset_index(drop=True)
    days = chosen.drop_duplicates("date")["part"].value_counts().sort_index()
    table = chosen.drop(columns="part")
    moments = [ranked[part].as_of for part in days.index if ranked[part].as_of]
    as_of = max(moments, default=None)
    given = [f"Days from {ranked[part].name}: {count}." for part, count in days.items()]
    notes = tuple(dict.fromkeys(note for part in days.index for note in ranked[part].notes))
    parts = tuple((ranked[part].name, moment(ranked[part].as_of)) for part in days.index)
    kept = set(table["date"].dt.strftime("%Y-%m-%d"))
    left_out = tuple(sorted({day for record in records for day in record.left_out} - kept))
    notes = (*given, *notes)
    return Record(
        name, kind, table, as_of, count_facts(table), cite(as_of), notes=notes, parts=parts, left_out=left_out
    )


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
