"""One specification at a time, in plain pandas, without the package: what the multiverse must agree with.

Also what the benchmark measures it against. Every definition is written down a second time here, in the order in which
one would explain it: tags, filters, weeks, chart or platform, lead, rule.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
DAY = pd.Timedelta(days=1)
IDENTIFIED = ["China", "US", "Other"]


@dataclass(frozen=True)
class Record:
    """What a specification is evaluated on: the daily rows, the registry and what each contested tag is about."""

    daily: pd.DataFrame
    authors: pd.DataFrame
    lineage: pd.DataFrame
    stealth: pd.DataFrame
    weights: pd.DataFrame
    subjects: dict[str, tuple[str, str]]  # dimension -> (author, permaslug), one of them empty
    reported_week: str = "2026-02-09"
    recent_period: str = "2026-06-01/2026-06-28"


def evaluate(record: Record, options: dict[str, str]) -> dict:
    """Give lead_start, leads, reversals, the tokens of the reported week and both ratios of one specification."""
    rows = _filter(_tag(record, options), options)
    ranked = rows[rows["permaslug"].ne("other")]
    other = rows[rows["permaslug"].eq("other")]
    weekly = _name_weeks(ranked, other, options["week"])
    total = _name_weeks(rows, other, options["week"]).groupby("week_start")["tokens"].sum()
    universe = options["universe"]
    if universe.startswith("chart_"):
        weekly = _chart(weekly, int(universe[len("chart_") :]), options["variants"])
    elif universe.startswith("platform_"):
        spread = _spread(ranked, other, universe, record.daily)
        weekly = pd.concat([weekly, _name_weeks(spread, other, options["week"])])
    # One origin at a time: a table with empty cells would take counts through floats.
    sums = [weekly[weekly["origin"].eq(origin)].groupby("week_start")["tokens"].sum() for origin in IDENTIFIED]
    china, us, third = (tokens.reindex(total.index, fill_value=0) for tokens in sums)
    free = total - china - us - third
    leads = list(zip(total.index, (china > us).tolist(), strict=True))
    certain = list(zip(total.index, (china > us + free).tolist(), strict=True))
    changes = [(now, lead) for (_, before), (now, lead) in pairwise(leads) if lead != before]
    start = _date(leads, certain, changes, options)
    result = {
        "lead_start": pd.NaT if start is None else start,
        "leads": sum(lead for _, lead in changes),
        "reversals": sum(not lead for _, lead in changes),
    }
    reported = pd.Timestamp(record.reported_week)
    near = {"rolling": [reported]}.get(options["week"], [reported + n * DAY for n in range(-3, 4)])
    week = next(day for day in near if day in total.index)
    first, last = (pd.Timestamp(day) for day in record.recent_period.split("/"))
    recent = (total.index >= first) & (total.index <= last)
    measured = {
        "reported": (int(china[week]), int(us[week]), int(free[week])),
        "recent": (int(china[recent].sum()), int(us[recent].sum()), int(free[recent].sum())),
    }
    for side, count in zip(("china", "us", "unidentified"), measured["reported"], strict=True):
        result[f"{side}_reported"] = count
    for name, (c, u, x) in measured.items():
        result |= {
            f"ratio_{name}": _divide(c, u),
            f"ratio_{name}_low": _divide(c, u + x),
            f"ratio_{name}_high": _divide(c + x, u),
        }
    return result


def _divide(above: int, below: int) -> float:
    if below == 0:
        return np.nan if above == 0 else np.inf
    return above / below


def _tag(record: Record, options: dict[str, str]) -> pd.DataFrame:
    authors, stealth, lineage = record.authors, record.stealth, record.lineage
    for dimension, (author, permaslug) in record.subjects.items():
        origin = options[dimension]
        if author:
            authors = authors.assign(origin=authors["origin"].mask(authors["author"].eq(author), origin))
        else:
            about = stealth["permaslug"].eq(permaslug)
            undated = about & stealth["known_from"].isna()
            stealth = stealth.assign(
                revealed_origin=stealth["revealed_origin"].mask(about, origin),
                known_from=stealth["known_from"].mask(undated, pd.Timestamp("2000-01-01")),
            )
    columns = ["date", "permaslug", "model", "variant", "author", "tokens"]
    rows = (
        record.daily[columns]
        .merge(authors[["author", "origin"]], on="author", how="left")
        .merge(
            stealth[["permaslug", "revealed_origin", "known_from"]].rename(columns={"permaslug": "model"}),
            on="model",
            how="left",
        )
        .merge(
            lineage[["model_permaslug", "base_origin"]].rename(columns={"model_permaslug": "model"}),
            on="model",
            how="left",
        )
        .merge(
            record.weights[["model_permaslug", "modality_kind"]].rename(columns={"model_permaslug": "model"}),
            on="model",
            how="left",
        )
    )
    revealed = rows["revealed_origin"]
    if options["stealth"] == "unknown":
        revealed = revealed.mask(revealed.notna(), "Unknown")
    elif options["stealth"] == "as_of":
        revealed = revealed.mask(revealed.notna() & ~(rows["date"] >= rows["known_from"]), "Unknown")
    origin = revealed.fillna(rows["origin"]).fillna("Unknown")
    if options["derivatives"] == "base":
        origin = rows["base_origin"].fillna(origin)
    return rows.assign(origin=origin)


def _filter(rows: pd.DataFrame, options: dict[str, str]) -> pd.DataFrame:
    if options["non_text"] == "out":
        rows = rows[~rows["modality_kind"].isin(["embedding", "image", "audio"])]
    if options["free"] == "out":
        rows = rows[rows["variant"].ne("free")]
    return rows


def _name_weeks(rows: pd.DataFrame, other: pd.DataFrame, week: str) -> pd.DataFrame:
    """Repeat each row for every week that holds its day; keep weeks that the record holds whole."""
    if week == "rolling":
        whole = pd.concat([other.assign(week_start=other["date"] - n * DAY) for n in range(7)])
        rows = pd.concat([rows.assign(week_start=rows["date"] - n * DAY) for n in range(7)])
    else:
        first = WEEKDAYS.index(week)
        whole = other.assign(week_start=other["date"] - (other["date"].dt.day_of_week - first) % 7 * DAY)
        rows = rows.assign(week_start=rows["date"] - (rows["date"].dt.day_of_week - first) % 7 * DAY)
    days = whole.groupby("week_start")["date"].nunique()
    return rows[rows["week_start"].isin(days.index[days == 7])]


def _chart(weekly: pd.DataFrame, size: int, variants: str) -> pd.DataFrame:
    name = "permaslug" if variants == "separate" else "model"
    totals = weekly.groupby(["week_start", name])["tokens"].sum().reset_index()
    totals = totals.sort_values(["week_start", "tokens", name], ascending=[True, False, True])
    largest = totals.groupby("week_start").head(size)[["week_start", name]]
    return weekly.merge(largest, on=["week_start", name])


def _spread(ranked: pd.DataFrame, other: pd.DataFrame, universe: str, daily: pd.DataFrame) -> pd.DataFrame:
    """Share `other` out day by day, in whole tokens rounded down."""
    if universe == "platform_like_41_50":
        published = daily[daily["permaslug"].ne("other")]
        published = published.sort_values(["date", "tokens", "permaslug"], ascending=[True, False, True])
        place = published.groupby("date").cumcount()
        neighbours = published.loc[place.between(40, 49), ["date", "permaslug"]]
        ranked = ranked.merge(neighbours, on=["date", "permaslug"])
        whole = ranked
    else:
        whole = ranked[ranked["origin"].isin(IDENTIFIED)]
    wholes = whole.groupby("date")["tokens"].sum()
    parts = ranked[ranked["origin"].isin(IDENTIFIED)].groupby(["date", "origin"])["tokens"].sum().reset_index()
    others = other.set_index("date")["tokens"]
    parts["tokens"] = [
        int(others[day]) * int(part) // int(wholes[day]) if wholes[day] else 0
        for day, part in zip(parts["date"], parts["tokens"], strict=True)
    ]
    return parts.astype({"tokens": "int64"})  # an empty list would be one of floats


def _date(leads: list, certain: list, changes: list, options: dict[str, str]) -> pd.Timestamp | None:
    rule = options["rule"]
    if rule == "first_lead":
        return next((day for day, lead in changes if lead), None)
    if rule == "certain_lead":
        return next((day for day, sure in certain if sure), None)
    if rule == "durable_lead":
        start = None
        for day, lead in reversed(leads):
            if not lead:
                break
            start = day
        return start
    weeks = int(rule[len("sustained_lead_") :])
    leading = {day for day, lead in leads if lead}
    step, length = (DAY, 7 * (weeks - 1) + 1) if options["week"] == "rolling" else (7 * DAY, weeks)
    return next((day for day, _ in leads if all(day + n * step in leading for n in range(length))), None)
