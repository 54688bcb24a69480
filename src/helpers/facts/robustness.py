"""The facts that prose quotes from notebook 05: one function a question."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.facts.collect import lead_facts
from helpers.facts.fact import Fact, percent
from helpers.numbers import lost_from
from helpers.vocabulary import INCOMPLETE, LEADERS, LEADING_RULES

ALL_OF_THEM, THOSE_WITH_THE_WEEK = "all specifications", "specifications that find the week in the record"
OPEN_WEIGHTS = "ranked, open weights"
RATIOS = ("ratio", "ratio_low", "ratio_high")


def specification_facts(
    specifications: pd.DataFrame, counted: pd.DataFrame, moved: pd.DataFrame, *, reported_week: str
) -> Iterator[Fact]:
    """Collect the size of the grid, what it says of the reported week and date, and what moves it most.

    Parameters
    ----------
    specifications, counted, moved : DataFrame
        The tables `specifications`, `specifications_pruned`, `dimension_influence`.
    reported_week : str
        First day of the reported week (YYYY-MM-DD).

    Yields
    ------
    Fact
        Named ``specifications``, ``specifications_share_china_ahead`` and so on. The ratio of the reported week does
        not depend on the rule that dates a lead: its facts count each combination of the other choices once. What
        needs a week that the record does not hold is left out.
    """
    given = {"scope": ALL_OF_THEM, "table": "specifications.parquet"}
    first_rule = specifications[specifications["rule"].eq(specifications["rule"].iloc[0])]
    once, recent = (first_rule.dropna(subset=ratio) for ratio in ("ratio_reported", "ratio_recent"))
    headline = specifications[specifications["specification"].eq(0)].iloc[0]
    same_rule = specifications[specifications["rule"].eq(headline["rule"])].dropna(subset="ratio_reported")
    combinations = {"scope": ALL_OF_THEM, "table": "specifications_pruned.csv", "unit": "combinations"}
    yield _fact("specifications", len(specifications), unit="specifications", **given)
    yield _fact("specifications_of_the_ratio", len(once), unit="specifications", **given)
    yield _fact("specifications_combinations", counted["specifications"].sum(), **combinations)
    shares = {
        "china_ahead": once["ratio_reported"].gt(1).mean(),
        "china_certain": once["ratio_reported_low"].gt(1).mean(),
        "us_certain": once["ratio_reported_high"].lt(1).mean(),
        "below_headline": once["ratio_reported"].lt(headline["ratio_reported"]).mean(),
        "of_reported_date": same_rule["lead_start"].eq(reported_week).mean(),
        "three_to_one": recent["ratio_recent"].ge(3).mean(),
    }
    if pd.isna(headline["ratio_reported"]):
        shares["below_headline"] = float("nan")
    for which, share in shares.items():
        if pd.notna(share):
            needed = first_rule["ratio_recent" if which == "three_to_one" else "ratio_reported"]
            yield Fact(
                name=f"specifications_share_{which}", kind="share_of_specifications", value=share, unit="share",
                scope=ALL_OF_THEM if needed.notna().all() else THOSE_WITH_THE_WEEK, table=given["table"],
                about={"which": which},
            )  # fmt: skip
    for end, value in (("lowest", once["ratio_reported"].min()), ("highest", once["ratio_reported"].max())):
        if pd.notna(value):
            yield _fact(f"specifications_ratio_{end}", value, unit="ratio", **given)
    starts = specifications["lead_start"].dropna()
    for end, start in (("earliest", starts.min()), ("latest", starts.max())):
        value = None if pd.isna(start) else f"{start:%Y-%m-%d}"
        yield _fact(f"specifications_lead_{end}", value, unit="first day of a week", **given)
    yield from _movers(moved)


def _fact(name: str, value: object, *, scope: str, table: str, unit: str, text: str = "") -> Fact:
    """Make a fact that is the only one of its kind."""
    return Fact(name=name, kind=name, value=value, unit=unit, scope=scope, table=table, text=text)


def _movers(moved: pd.DataFrame) -> Iterator[Fact]:
    given = {"kind": "mover", "scope": ALL_OF_THEM, "table": "dimension_influence.csv"}
    for outcome, rows in moved.dropna(subset="share_of_variance").groupby("outcome"):
        for place, row in enumerate(rows.head(2).itertuples(index=False), start=1):
            name, about = f"mover_{place}_of_{outcome}", {"place": place, "outcome": outcome}
            yield Fact(name=name, value=row.dimension, unit="dimension", about=about, **given)
            share = {"value": row.share_of_variance, "unit": "share of variance"}
            yield Fact(name=f"{name}_share", about=about, **share, **given)


def truncation_facts(truncation: pd.DataFrame, leads: pd.DataFrame, *, week: str) -> Iterator[Fact]:
    """Collect from how many models on the US leads in a week, and between which dates the first lead moves with it."""
    rows = truncation[truncation["week_start"].eq(week) & truncation["state"].ne(INCOMPLETE)]
    turn = lost_from(rows["k"], rows["ratio"])
    if turn is not None:
        yield _fact("truncation_us_leads_from", turn, unit="models", scope="the k largest", table="truncation.csv")
    first = leads.loc[leads["rule"].eq("first_lead"), "week_start"].dropna()
    for end, start in (("earliest", first.min()), ("latest", first.max())):
        if pd.notna(start):
            given = {"unit": "week_start", "scope": "the k largest", "table": "truncation_leads.csv"}
            yield _fact(f"truncation_first_lead_{end}", f"{start:%Y-%m-%d}", **given)


def fragility_facts(fragility: pd.DataFrame, tipping: pd.DataFrame, *, week: str) -> Iterator[Fact]:
    """Collect how many models would flip a week, and by what factor tokenizers would have to differ, by scope."""
    for row in fragility[fragility["week_start"].eq(week)].dropna(subset="models_to_flip").itertuples(index=False):
        yield Fact(
            name=f"models_to_flip_{row.scope}", kind="models_to_flip", value=int(row.models_to_flip), unit="models",
            scope=row.scope, table="fragility.csv",
        )  # fmt: skip
    for row in tipping[tipping["week_start"].eq(week)].itertuples(index=False):
        written = {"tokenizer_factor": lambda value: f"{value:.2f}", "share_rest_to_leader": percent}
        for column, text in written.items():
            value = getattr(row, column)
            if np.isfinite(value):
                yield Fact(
                    name=f"tipping_{column}_{row.scope}", kind=f"tipping_{column}", value=value, text=text(value),
                    unit="pure number", scope=row.scope, table="tipping.csv",
                )  # fmt: skip


def openness_facts(
    ratios: pd.DataFrame, crossovers: pd.DataFrame, crossed: pd.DataFrame, *, week: str
) -> Iterator[Fact]:
    """Collect the ratio among open-weight models, its dates, and the open share of either origin's tokens in a week."""
    full = ratios[ratios["state"].ne(INCOMPLETE)]
    given = {"kind": "open_ratio", "unit": "ratio", "scope": OPEN_WEIGHTS, "table": "openness_ratios.csv"}
    for when, rows in (("reported", full[full["week_start"].eq(week)]), ("last", full.tail(1))):
        end = "_last" if when == "last" else ""
        for row in rows.itertuples(index=False):
            levels = (row.ratio, row.ratio_low, row.ratio_high)
            yield from _with_ends(levels, names=[f"open_{column}{end}" for column in RATIOS], when=when, **given)
    for fact in _dates(crossovers, among="open"):
        yield replace(fact, scope=OPEN_WEIGHTS, table="openness_crossovers.csv")
    shares = crossed[crossed["week_start"].eq(week) & crossed["weights"].eq("open")].dropna(subset="share_of_origin")
    for row in shares[shares["origin"].isin(LEADERS)].itertuples(index=False):
        given = {"unit": "share", "scope": "ranked", "table": "openness_weekly.csv"}
        yield _fact(f"open_share_{row.origin.lower()}", row.share_of_origin, **given)


def _with_ends(levels: tuple[float, ...], *, names: list[str], when: str, **given: str) -> Iterator[Fact]:
    """Make the fact of a ratio with its bounds, and one of each bound that is finite."""
    value, low, high = levels
    if pd.notna(value):
        yield Fact(name=names[0], value=value, low=low, high=high, about={"when": when}, **given)
    for end, name, level in zip(("low", "high"), names[1:], (low, high), strict=True):
        if np.isfinite(level):
            yield Fact(name=name, value=level, about={"when": when, "end": end}, **given)


def money_facts(valued: pd.DataFrame, *, week: str) -> Iterator[Fact]:
    """Collect the ratio at list prices with its bounds in a week, and the weeks by who leads in money."""
    given = {"scope": "ranked", "table": "money_weekly.csv"}
    full = valued[valued["scope"].eq("ranked") & valued["state"].ne(INCOMPLETE)]
    for name, state in (("us", "US"), ("china", "China"), ("not_identified", "not identified")):
        yield _fact(f"money_weeks_{name}", int(full["state"].eq(state).sum()), unit="weeks", **given)
    for row in full[full["week_start"].eq(week)].itertuples(index=False):
        ratio = {"kind": "money_ratio", "unit": "ratio", **given}
        levels = (row.ratio_mix, row.ratio_low, row.ratio_high)
        names = ["money_ratio_mix", "money_ratio_low", "money_ratio_high"]
        yield from _with_ends(levels, names=names, when="reported", **ratio)
        yield _fact("money_unpriced_share", row.unpriced_share, unit="share", **given)


def drops_facts(dropped: pd.DataFrame, crossovers: pd.DataFrame) -> Iterator[Fact]:
    """Collect how many sudden drops there are, and the dates of the lead without the days before them."""
    given = {"unit": "drops", "scope": "ranked", "table": "drops.csv"}
    yield _fact("drops", len(dropped), **given)
    yield _fact("drops_left_out", int(dropped["left_out"].sum()), **given)
    for fact in _dates(crossovers, among="drops"):
        yield replace(fact, table="drops_crossovers.csv")


def _dates(crossovers: pd.DataFrame, *, among: str) -> Iterator[Fact]:
    """Collect the dates of a lead under other circumstances, named after them."""
    for fact in lead_facts(crossovers[crossovers["rule"].isin(LEADING_RULES)]):
        if fact.kind == "lead":
            yield replace(fact, name=f"{among}_{fact.name}", about={**fact.about, "among": among})
