"""What notebook 06 collects from the tables of the record, the leads, the ratios and the growth."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from helpers.choices import name_chart
from helpers.facts.fact import INFINITY, Fact
from helpers.facts.weeks import cut_week, days_name, facts_of_row, week_name
from helpers.vocabulary import BELOW_RANK_50, INCOMPLETE, NOT_IDENTIFIED, TRILLION

SUSTAINED = "sustained_lead_"  # a rule that ends with a number of weeks


def week_facts(ratios: pd.DataFrame, days: pd.Series, *, weeks: Sequence[str]) -> Iterator[Fact]:
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

    Yields
    ------
    Fact
        See `helpers.facts.weeks.facts_of_row`; for a week with fewer than seven days also
        ``days_observed_platform_2026_10_05``.
    """
    dates = pd.to_datetime(list(weeks))
    yield from _cut_weeks(days[days.index.isin(dates)])
    rows = ratios[ratios["week_start"].isin(dates)]
    for row in rows.assign(week_start=rows["week_start"].dt.strftime("%Y-%m-%d")).to_dict("records"):
        yield from facts_of_row(row)


def _cut_weeks(days: pd.Series) -> Iterator[Fact]:
    for week, number in days.items():
        yield from cut_week(f"{week:%Y-%m-%d}", int(number))


def weeks_to_quote(ratios: pd.DataFrame, crossovers: pd.DataFrame, reported_week: str) -> list[str]:
    """Name the weeks that prose speaks of: the reported one, those of every rule, the first and last full ones.

    Returns
    -------
    list of str
        First days (YYYY-MM-DD), in order of time, each once.
    """
    full = ratios[ratios["state"].ne(INCOMPLETE)]
    largest = full.loc[full.dropna(subset="ratio").groupby("scope")["ratio"].idxmax(), "week_start"]
    ends = [full["week_start"].min(), full["week_start"].max()]
    dates = pd.concat([crossovers["week_start"].dropna(), largest, pd.Series(ends)])
    return sorted({*dates.dropna().dt.strftime("%Y-%m-%d"), reported_week})


def lead_facts(crossovers: pd.DataFrame) -> Iterator[Fact]:
    """Collect the week of every rule in every scope; reversals are numbered in order of time, and counted."""
    for scope, rows in crossovers.groupby("scope", sort=False):
        given = {"scope": scope, "table": "crossovers.csv"}
        reversals = 0
        for row in rows.itertuples(index=False):
            name, about = row.rule, {"rule": row.rule}
            if row.rule == "reversal":
                reversals += 1
                name = f"reversal_{reversals}"
            elif row.rule.startswith(SUSTAINED):
                about = {"rule": "sustained_lead", "weeks": int(row.rule.removeprefix(SUSTAINED))}
            value = None if pd.isna(row.week_start) else f"{row.week_start:%Y-%m-%d}"
            yield Fact(name=f"{name}_{scope}", kind="lead", value=value, unit="week_start", about=about, **given)
        yield Fact(name=f"reversals_{scope}", kind="reversals", value=reversals, unit="weeks", **given)


def ratio_facts(ratios: pd.DataFrame) -> Iterator[Fact]:
    """Collect the largest ratio of a full week, the last one, and weeks by state, in each scope."""
    full = ratios[ratios["state"].ne(INCOMPLETE)].dropna(subset="ratio")
    for scope, rows in full.groupby("scope", sort=False):
        given = {"scope": scope, "table": "ratios.csv"}
        for which, row in (("largest", rows.loc[rows["ratio"].idxmax()]), ("last", rows.iloc[-1])):
            week = f"{row['week_start']:%Y-%m-%d}"
            extreme = {"kind": "extreme", "about": {"which": which}, **given}
            bounds = {"low": row["ratio_low"], "high": row["ratio_high"]}
            yield Fact(name=f"ratio_{which}_{scope}", value=row["ratio"], unit="ratio", week=week, **bounds, **extreme)
            yield Fact(name=f"ratio_{which}_week_{scope}", value=week, unit="week_start", **extreme)
        counted = {
            "weeks": len(rows),
            "weeks_china_ahead": rows["ratio"].gt(1).sum(),
            "weeks_at_least_three_to_one": rows["ratio"].ge(3).sum(),
            "weeks_not_identified": rows["state"].eq(NOT_IDENTIFIED).sum(),
        }
        for kind, number in counted.items():
            yield Fact(name=f"{kind}_{scope}", kind=kind, value=number, unit="weeks", **given)


def growth_facts(growth: pd.DataFrame, days: pd.Series) -> Iterator[Fact]:
    """Collect the weeks of each window and the share of its growth that each origin absorbed, with bounds.

    The days of a week that the record cuts short are a fact as well, as in `week_facts`.
    """
    ends = ["from_week", "to_week"]
    yield from _cut_weeks(days[days.index.isin([*growth["from_week"], *growth["to_week"]])])
    dated = growth.assign(**{end: growth[end].dt.strftime("%Y-%m-%d") for end in ends})
    for first, last in dated[ends].drop_duplicates().itertuples(index=False):
        for end, week in (("from", first), ("to", last)):
            yield Fact(
                name=f"growth_{end}_{_window(first, last)}", kind=f"growth_{end}", value=week, unit="week_start",
                scope="platform", table="growth.csv", about={"from": first, "to": last},
            )  # fmt: skip
    for row in dated.dropna(subset="share").itertuples(index=False):
        about = {"origin": row.origin.lower(), "from": row.from_week, "to": row.to_week}
        given = {"kind": "growth_share", "unit": "share", "scope": row.scope, "table": "growth.csv"}
        rest = f"{row.origin.lower()}_{row.scope}_{_window(row.from_week, row.to_week)}"
        bounds = {"low": row.share_low, "high": row.share_high}
        yield Fact(name=f"growth_share_{rest}", value=row.share, about=about, **bounds, **given)
        for end, value in bounds.items():
            yield Fact(name=f"growth_share_{end}_{rest}", value=value, about=about | {"end": end}, **given)


def _window(first: str, last: str) -> str:
    return f"{first}_{last}".replace("-", "_")


def record_facts(usage: pd.DataFrame, coverage: pd.DataFrame) -> Iterator[Fact]:
    """Collect the size of the record and the share of its tokens by origin."""
    ranked = usage[usage["permaslug"].ne(BELOW_RANK_50)]
    total = int(usage["tokens"].sum())
    counted = {
        "record_first_day": (f"{usage['date'].min():%Y-%m-%d}", "day"),
        "record_last_day": (f"{usage['date'].max():%Y-%m-%d}", "day"),
        "record_tokens": (total, "tokens"),
        "record_days": (usage["date"].nunique(), "days"),
        "record_rows": (len(usage), "rows"),
        "record_permaslugs": (ranked["permaslug"].nunique(), "permaslugs"),
        "record_models": (ranked["model"].nunique(), "models"),
        "ranked_models_a_day": (ranked.groupby("date").size().max(), "permaslugs"),
    }
    for kind, (value, unit) in counted.items():
        text = f"{total / TRILLION:,.0f}" if unit == "tokens" else ""
        given = {"scope": "platform", "table": "usage_daily.parquet"}
        yield Fact(name=kind, kind=kind, value=value, unit=unit, text=text, **given)
    origins = coverage[coverage["tag"].eq("origin")].set_index("value")["share_of_tokens"]
    shares = {"below_rank_50" if o == BELOW_RANK_50 else o.lower(): share for o, share in origins.items()}
    shares["unidentified"] = origins.reindex([BELOW_RANK_50, "Unknown"]).fillna(0).sum()
    for origin, share in shares.items():
        yield Fact(
            name=f"share_{origin}", kind="share", value=share, unit="share", scope="platform",
            table="tag_coverage.csv", about={"origin": origin},
        )  # fmt: skip


def summarise(facts: Mapping[str, Fact], *, week: str, chart_size: int = 9) -> str:
    """Say in one paragraph what the run found about one week and about the lead since.

    Parameters
    ----------
    facts : mapping
        Facts as collected here, by name.
    week : str
        First day of the week (YYYY-MM-DD).
    chart_size : int
        Models that the scope ``chart`` counts.

    Returns
    -------
    str
        Sentences about the scopes that the run evaluated; a plain note when it has neither.
    """
    lines = []
    cut = f" ({facts[days_name(week)].text} days)" if days_name(week) in facts else ""
    scopes = {"chart": name_chart(chart_size)[1], "ranked": "all ranked models"}
    if "durable_lead_ranked" not in facts:
        scopes["platform"] = "the whole platform"  # identifies the same tokens as the ranked
    if not any(week_name("state", scope, week) in facts for scope in scopes):
        lines.append(f"No scope of this run holds the week of {week}.")
    for scope, name in scopes.items():
        if week_name("state", scope, week) in facts:
            lines.append(f"Week of {week}{cut}, {name}: {_of_week(facts, scope, week)}")
        if f"durable_lead_{scope}" in facts:
            first, certain, durable = (facts[f"{rule}_lead_{scope}"].text for rule in ("first", "certain", "durable"))
            lines.append(
                f"First lead {first}, certain {certain}, not lost again since {durable} "
                f"(record until {facts['record_last_day'].text})."
            )
    return "\n".join(lines)


def _of_week(facts: Mapping[str, Fact], scope: str, week: str) -> str:
    def text(kind: str, default: str = "") -> str:
        name = week_name(kind, scope, week)
        return facts[name].text if name in facts else default

    return (
        f"China {text('china_tokens')}, US {text('us_tokens')} trillion tokens, ratio {text('ratio', 'undefined')} "
        f"(bounds {text('ratio_low', INFINITY)} to {text('ratio_high', INFINITY)}): {text('state')}."
    )
