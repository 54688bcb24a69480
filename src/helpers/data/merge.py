"""Records of the daily rankings: what each was taken for, and how several become one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pandas as pd

from helpers.errors import InputError

OLDEST = datetime(1, 1, 1, tzinfo=UTC)  # a record that does not say when it was computed loses to any that does


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
