"""The facts that prose and figures quote: every number once, with unit, scope and source table."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.data.files import write_whole
from helpers.data.made import Made
from helpers.errors import InputError
from helpers.vocabulary import BELOW_RANK_50, TRILLION

FACTS = "facts.json"
INFINITY = "infinity"  # value and text of a ratio whose denominator is 0: JSON has no such number
DAYS = 7


def ratio_text(value: float) -> str:
    """Write a ratio as prose does: two decimals, or what it is.

    Examples
    --------
    >>> [ratio_text(value) for value in (1.40431, float("inf"), float("nan"))]
    ['1.40', 'infinity', 'undefined']
    """
    if math.isfinite(value):
        return f"{value:.2f}"
    return "undefined" if math.isnan(value) else INFINITY


def fact(value: object, *, text: str, unit: str, scope: str, source: str) -> dict[str, object]:
    """Describe one number: its exact value, how prose writes it, its unit, scope and source table.

    The value of a ratio without an upper end is the text ``infinity``.

    Examples
    --------
    >>> fact(1.40431, text="1.40", unit="ratio", scope="chart", source="ratios.csv")["text"]
    '1.40'
    >>> fact(float("inf"), text="infinity", unit="ratio", scope="chart", source="ratios.csv")["value"]
    'infinity'
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isinf(value):
        value = INFINITY
    return {"value": value, "text": text, "unit": unit, "scope": scope, "source": source}


def week_facts(ratios: pd.DataFrame, days: pd.Series, *, weeks: Sequence[str]) -> dict[str, dict]:
    """Collect tokens, ratio, bounds and state of the named weeks, in each scope.

    Weeks that the record does not hold are left out: other inputs have other weeks. Of a week that the record
    cuts short the days are a fact as well, so that nobody quotes them as a week.

    Parameters
    ----------
    ratios : DataFrame
        The table `ratios`.
    days : Series of int
        `days_observed` (1 to 7); index `week_start` (see `helpers.analysis.weeks.count_days`).
    weeks : sequence of str
        First days of weeks (YYYY-MM-DD).

    Returns
    -------
    dict
        Facts named ``ratio_ranked_2026_02_09`` and so on; a ratio of 0 by 0 is none. For a week with fewer than
        seven days also ``days_observed_platform_2026_10_05``.
    """
    facts = _cut_weeks(days, weeks)
    for row in ratios[ratios["week_start"].isin(pd.to_datetime(list(weeks)))].itertuples(index=False):
        end = f"{row.scope}_{row.week_start:%Y_%m_%d}"
        given = {"scope": row.scope, "source": "ratios.csv"}
        for name in ("china_tokens", "us_tokens", "unidentified_tokens"):
            tokens = getattr(row, name)
            facts[f"{name}_{end}"] = fact(tokens, text=_trillions(tokens), unit="tokens", **given)
        for name in ("ratio", "ratio_low", "ratio_high"):
            value = getattr(row, name)
            # An infinite bound needs no fact of its own: `helpers.sentences.bounds` reads it from its absence.
            if np.isfinite(value) or (name == "ratio" and pd.notna(value)):
                facts[f"{name}_{end}"] = fact(value, text=ratio_text(value), unit="ratio", **given)
        facts[f"state_{end}"] = fact(row.state, text=row.state, unit="lead state", **given)
    return facts


def _cut_weeks(days: pd.Series, weeks: Sequence[str]) -> dict[str, dict]:
    cut = days[days.index.isin(pd.to_datetime(list(weeks))) & days.lt(DAYS)]
    given = {"unit": "days", "scope": "platform", "source": "origin_weekly.csv"}
    return {
        days_name(f"{week:%Y_%m_%d}"): fact(int(number), text=f"{number} of {DAYS}", **given)
        for week, number in cut.items()
    }


def days_name(week: str) -> str:
    """Name the fact that holds the days of a cut week (YYYY_MM_DD)."""
    return f"days_observed_platform_{week}"


def weeks_to_quote(ratios: pd.DataFrame, crossovers: pd.DataFrame, reported_week: str) -> list[str]:
    """Name the weeks that prose speaks of: the reported one, those of every rule, the first and last full ones.

    Returns
    -------
    list of str
        First days (YYYY-MM-DD), in order of time, each once.
    """
    full = ratios[ratios["state"].ne("incomplete")]
    largest = full.loc[full.dropna(subset="ratio").groupby("scope")["ratio"].idxmax(), "week_start"]
    ends = [full["week_start"].min(), full["week_start"].max()]
    dates = pd.concat([crossovers["week_start"].dropna(), largest, pd.Series(ends)])
    return sorted({*dates.dropna().dt.strftime("%Y-%m-%d"), reported_week})


def crossover_facts(crossovers: pd.DataFrame) -> dict[str, dict]:
    """Collect the week of every rule in every scope; reversals are numbered in order of time."""
    facts = {}
    for scope, rows in crossovers.groupby("scope", sort=False):
        again = rows["rule"].eq("reversal")
        for row in rows[~again].itertuples(index=False):
            facts[f"{row.rule}_{scope}"] = _week(row.week_start, scope)
        for place, row in enumerate(rows[again].itertuples(index=False), start=1):
            facts[f"reversal_{place}_{scope}"] = _week(row.week_start, scope)
        facts[f"reversals_{scope}"] = fact(
            int(again.sum()), text=str(int(again.sum())), unit="weeks", scope=scope, source="crossovers.csv"
        )
    return facts


def _week(week: pd.Timestamp, scope: str) -> dict[str, object]:
    text = "never" if pd.isna(week) else f"{week:%Y-%m-%d}"
    value = None if pd.isna(week) else text
    return fact(value, text=text, unit="week_start", scope=scope, source="crossovers.csv")


def ratio_facts(ratios: pd.DataFrame) -> dict[str, dict]:
    """Collect the largest ratio of a full week, the last one, and weeks by state, in each scope."""
    facts = {}
    full = ratios[ratios["state"].ne("incomplete")].dropna(subset="ratio")
    for scope, rows in full.groupby("scope", sort=False):
        largest, last = rows.loc[rows["ratio"].idxmax()], rows.iloc[-1]
        given = {"scope": scope, "source": "ratios.csv"}
        for name, row in (("largest", largest), ("last", last)):
            week = f"{row['week_start']:%Y-%m-%d}"
            facts[f"ratio_{name}_{scope}"] = fact(row["ratio"], text=ratio_text(row["ratio"]), unit="ratio", **given)
            facts[f"ratio_{name}_week_{scope}"] = fact(week, text=week, unit="week_start", **given)
        counted = {
            "weeks": len(rows),
            "weeks_china_ahead": int(rows["ratio"].gt(1).sum()),
            "weeks_at_least_three_to_one": int(rows["ratio"].ge(3).sum()),
            "weeks_not_identified": int(rows["state"].eq("not identified").sum()),
        }
        facts |= {
            f"{name}_{scope}": fact(number, text=str(number), unit="weeks", **given) for name, number in counted.items()
        }
    return facts


def growth_facts(growth: pd.DataFrame, days: pd.Series) -> dict[str, dict]:
    """Collect the weeks of each window and the share of its growth that each origin absorbed, with bounds.

    The days of a week that the record cuts short are a fact as well, as in `week_facts`.
    """
    facts = _cut_weeks(days, [*growth["from_week"].unique(), *growth["to_week"].unique()])
    for window in growth[["from_week", "to_week"]].drop_duplicates().itertuples(index=False):
        weeks = [f"{week:%Y-%m-%d}" for week in window]
        for name, week in zip(("from", "to"), weeks, strict=True):
            key = f"growth_{name}_{'_'.join(weeks).replace('-', '_')}"
            facts[key] = fact(week, text=week, unit="week_start", scope="platform", source="growth.csv")
    for row in growth.dropna(subset="share").itertuples(index=False):
        end = f"{row.origin.lower()}_{row.scope}_{row.from_week:%Y_%m_%d}_{row.to_week:%Y_%m_%d}"
        for name in ("share", "share_low", "share_high"):
            value = getattr(row, name)
            facts[f"growth_{name}_{end}"] = fact(
                value, text=percent(value), unit="share", scope=row.scope, source="growth.csv"
            )
    return facts


def record_facts(usage: pd.DataFrame, coverage: pd.DataFrame) -> dict[str, dict]:
    """Collect the size of the record and the share of its tokens by origin."""
    ranked = usage[usage["permaslug"].ne(BELOW_RANK_50)]
    total = int(usage["tokens"].sum())
    given = {"scope": "platform", "source": "usage_daily.parquet"}
    first, last = (f"{day:%Y-%m-%d}" for day in (usage["date"].min(), usage["date"].max()))
    per_day = int(ranked.groupby("date").size().max())
    facts = {
        "record_first_day": fact(first, text=first, unit="day", **given),
        "record_last_day": fact(last, text=last, unit="day", **given),
        "record_tokens": fact(total, text=f"{total / TRILLION:,.0f}", unit="tokens", **given),
    }
    counts = {
        "record_days": (usage["date"].nunique(), "days"),
        "record_rows": (len(usage), "rows"),
        "record_permaslugs": (ranked["permaslug"].nunique(), "permaslugs"),
        "record_models": (ranked["model"].nunique(), "models"),
        "ranked_models_a_day": (per_day, "permaslugs"),
    }
    facts |= {name: fact(number, text=f"{number:,}", unit=unit, **given) for name, (number, unit) in counts.items()}
    origins = coverage[coverage["tag"].eq("origin")].set_index("value")["share_of_tokens"]
    shares = {f"share_{'below_rank_50' if o == BELOW_RANK_50 else o.lower()}": s for o, s in origins.items()}
    shares["share_unidentified"] = float(origins.reindex([BELOW_RANK_50, "Unknown"]).fillna(0).sum())
    return facts | {
        name: fact(share, text=percent(share), unit="share", scope="platform", source="tag_coverage.csv")
        for name, share in shares.items()
    }


def published_facts(claims: pd.DataFrame) -> dict[str, dict]:
    """Collect what articles printed, as they printed it, so that prose may quote it beside our own numbers.

    Parameters
    ----------
    claims : DataFrame
        `claim_id, value, unit, scope_stated` (str), as `helpers.data.claims.read_claims` returns them.

    Returns
    -------
    dict
        Facts named ``published_cn_week_feb9`` and so on; the value is a number where the claim prints one.
    """
    return {
        f"published_{row.claim_id.replace('-', '_')}": fact(
            _number(row.value), text=row.value, unit=row.unit, scope=row.scope_stated, source="published_claims.csv"
        )
        for row in claims.itertuples(index=False)
    }


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def summarise(facts: Mapping[str, dict], *, week: str) -> str:
    """Say in one paragraph what the run found about one week and about the lead since.

    Parameters
    ----------
    facts : mapping
        Facts as collected here.
    week : str
        First day of the week (YYYY-MM-DD).

    Returns
    -------
    str
        Sentences about the scopes that the run evaluated; a plain note when it has neither.
    """
    lines = []
    day = week.replace("-", "_")
    cut = f" ({facts[days_name(day)]['text']} days)" if days_name(day) in facts else ""
    size = facts.get("chart_size", {"text": ""})["text"]
    scopes = {"chart": f"the {size} largest models" if size else "the models of the weekly chart"}
    scopes["ranked"] = "all ranked models"
    if "durable_lead_ranked" not in facts:
        scopes["platform"] = "the whole platform"  # identifies the same tokens as the ranked
    if not any(f"state_{scope}_{day}" in facts for scope in scopes):
        lines.append(f"No scope of this run holds the week of {week}.")
    for scope, name in scopes.items():
        end = f"{scope}_{day}"
        if f"state_{end}" in facts:
            ratio, low, high = (
                facts.get(f"{bound}_{end}", {"text": otherwise})["text"]
                for bound, otherwise in (("ratio", "undefined"), ("ratio_low", INFINITY), ("ratio_high", INFINITY))
            )
            lines.append(
                f"Week of {week}{cut}, {name}: China {facts[f'china_tokens_{end}']['text']}, US "
                f"{facts[f'us_tokens_{end}']['text']} trillion tokens, ratio {ratio} "
                f"(bounds {low} to {high}): {facts[f'state_{end}']['text']}."
            )
        if f"durable_lead_{scope}" in facts:
            lines.append(
                f"First lead {facts[f'first_lead_{scope}']['text']}, certain "
                f"{facts[f'certain_lead_{scope}']['text']}, not lost again since "
                f"{facts[f'durable_lead_{scope}']['text']} (record until {facts['record_last_day']['text']})."
            )
    return "\n".join(lines)


def write_facts(facts: Mapping[str, dict], folder: Path, *, summary: str, made: Made | None = None) -> Path:
    """Write facts.json: what it was made from, a summary, and the facts sorted by name; whole or not at all."""
    head = {"made_from": asdict(made)} if made is not None else {}
    content = head | {"summary": summary, "facts": dict(sorted(facts.items()))}
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    return write_whole(folder / FACTS, (text + "\n").encode("utf-8"))


def read_facts(folder: Path) -> dict[str, dict]:
    """Read the facts of an earlier run.

    Raises
    ------
    InputError
        If the file is missing or is not what `write_facts` writes.
    """
    path = folder / FACTS
    try:
        return json.loads(path.read_text(encoding="utf-8"))["facts"]
    except FileNotFoundError:
        raise InputError(f"{path.name} does not exist yet. Run `crossover run` first.") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path.name} is damaged. Write it again with `crossover run`.") from None


def _trillions(tokens: int) -> str:
    return f"{tokens / TRILLION:.3f}"


def percent(share: float) -> str:
    """Write a share as a percentage with one decimal.

    Examples
    --------
    >>> percent(0.5868)
    '58.7 %'
    """
    return f"{100 * share:.1f} %"


def read_summary(folder: Path) -> str:
    """Read the paragraph that `write_facts` put before the facts; empty if there is none yet."""
    path = folder / FACTS
    return json.loads(path.read_text(encoding="utf-8"))["summary"] if path.exists() else ""
