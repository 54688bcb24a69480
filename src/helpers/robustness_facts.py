"""The facts that prose quotes from notebook 05: one function a question, all in the form of `helpers.facts`."""

import numpy as np
import pandas as pd

from helpers.facts import crossover_facts, fact, percent, ratio_text
from helpers.vocabulary import LEADERS, LEADING_RULES

ALL_OF_THEM, THOSE_WITH_THE_WEEK = "all specifications", "specifications that find the week in the record"


def specification_facts(
    specifications: pd.DataFrame, counted: pd.DataFrame, moved: pd.DataFrame, *, reported_week: str
) -> dict[str, dict]:
    """Collect the size of the grid, what it says of the reported week and date, and what moves it most.

    Parameters
    ----------
    specifications, counted, moved : DataFrame
        The tables `specifications`, `specifications_pruned`, `dimension_influence`.
    reported_week : str
        First day of the reported week (YYYY-MM-DD).

    Returns
    -------
    dict
        Facts named ``specifications``, ``specifications_share_china_ahead`` and so on. The ratio of the reported week
        does not depend on the rule that dates a lead: its facts count each combination of the other choices once.
        What needs a week that the record does not hold is left out.
    """
    given = {"scope": ALL_OF_THEM, "source": "specifications.parquet"}
    first_rule = specifications[specifications["rule"].eq(specifications["rule"].iloc[0])]
    once, recent = (first_rule.dropna(subset=ratio) for ratio in ("ratio_reported", "ratio_recent"))
    headline = specifications[specifications["specification"].eq(0)].iloc[0]
    same_rule = specifications[specifications["rule"].eq(headline["rule"])].dropna(subset="ratio_reported")
    starts = specifications["lead_start"].dropna()
    combinations = int(counted["specifications"].sum())
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
    found = {
        "specifications": fact(len(specifications), text=f"{len(specifications):,}", unit="specifications", **given),
        "specifications_of_the_ratio": fact(len(once), text=f"{len(once):,}", unit="specifications", **given),
        "specifications_combinations": fact(
            combinations,
            text=f"{combinations:,}",
            unit="combinations",
            **given | {"source": "specifications_pruned.csv"},
        ),
    }
    for name, share in shares.items():
        if pd.isna(share):
            continue
        needed = first_rule["ratio_recent" if name == "three_to_one" else "ratio_reported"]
        scope = ALL_OF_THEM if needed.notna().all() else THOSE_WITH_THE_WEEK
        found[f"specifications_share_{name}"] = fact(
            float(share), text=percent(share), unit="share", **given | {"scope": scope}
        )
    for name, value in (("lowest", once["ratio_reported"].min()), ("highest", once["ratio_reported"].max())):
        if pd.notna(value):
            found[f"specifications_ratio_{name}"] = fact(float(value), text=ratio_text(value), unit="ratio", **given)
    for name, day in (("earliest", starts.min()), ("latest", starts.max())):
        text = "never" if pd.isna(day) else f"{day:%Y-%m-%d}"
        found[f"specifications_lead_{name}"] = fact(
            None if pd.isna(day) else text, text=text, unit="first day of a week", **given
        )
    return found | _movers(moved)


def _movers(moved: pd.DataFrame) -> dict[str, dict]:
    given = {"scope": "all specifications", "source": "dimension_influence.csv"}
    found = {}
    for outcome, rows in moved.dropna(subset="share_of_variance").groupby("outcome"):
        for place, row in enumerate(rows.head(2).itertuples(index=False), start=1):
            found[f"mover_{place}_of_{outcome}"] = fact(row.dimension, text=row.dimension, unit="dimension", **given)
            found[f"mover_{place}_of_{outcome}_share"] = fact(
                row.share_of_variance, text=percent(row.share_of_variance), unit="share of variance", **given
            )
    return found


def truncation_facts(truncation: pd.DataFrame, leads: pd.DataFrame, *, week: str) -> dict[str, dict]:
    """Collect from how many models on the US leads in a week, and between which dates the first lead moves with it."""
    rows = truncation[truncation["week_start"].eq(week) & truncation["state"].ne("incomplete")]
    given = {"scope": "the k largest", "source": "truncation.csv"}
    ahead = rows.loc[rows["ratio"].gt(1), "k"]
    found = {}
    if len(ahead) and ahead.max() < rows["k"].max():
        turn = int(rows.loc[rows["k"].gt(ahead.max()), "k"].min())
        found["truncation_us_leads_from"] = fact(turn, text=str(turn), unit="models", **given)
    first = leads.loc[leads["rule"].eq("first_lead"), "week_start"].dropna()
    for name, day in (("earliest", first.min()), ("latest", first.max())):
        if pd.notna(day):
            text = f"{day:%Y-%m-%d}"
            found[f"truncation_first_lead_{name}"] = fact(
                text, text=text, unit="week_start", **given | {"source": "truncation_leads.csv"}
            )
    return found


def fragility_facts(fragility: pd.DataFrame, tipping: pd.DataFrame, *, week: str) -> dict[str, dict]:
    """Collect how many models would flip a week, and by what factor tokenizers would have to differ, by scope."""
    found = {}
    for row in fragility[fragility["week_start"].eq(week)].dropna(subset="models_to_flip").itertuples(index=False):
        given = {"scope": row.scope, "source": "fragility.csv"}
        number = int(row.models_to_flip)
        found[f"models_to_flip_{row.scope}"] = fact(number, text=str(number), unit="models", **given)
    for row in tipping[tipping["week_start"].eq(week)].itertuples(index=False):
        given = {"scope": row.scope, "source": "tipping.csv"}
        for name in ("tokenizer_factor", "share_rest_to_leader"):
            value = getattr(row, name)
            if pd.notna(value) and np.isfinite(value):
                text = percent(value) if name.startswith("share") else f"{value:.2f}"
                found[f"tipping_{name}_{row.scope}"] = fact(value, text=text, unit="pure number", **given)
    return found


def openness_facts(
    ratios: pd.DataFrame, crossovers: pd.DataFrame, crossed: pd.DataFrame, *, week: str
) -> dict[str, dict]:
    """Collect the ratio among open-weight models, its dates, and the open share of either origin's tokens in a week."""
    source = {"source": "openness_ratios.csv", "scope": "ranked, open weights"}
    full = ratios[ratios["state"].ne("incomplete")]
    found = {}
    for name, rows in (("", full[full["week_start"].eq(week)]), ("_last", full.tail(1))):
        for row in rows.itertuples(index=False):
            for end in ("ratio", "ratio_low", "ratio_high"):
                value = getattr(row, end)
                if np.isfinite(value):
                    found[f"open_{end}{name}"] = fact(value, text=f"{value:.2f}", unit="ratio", **source)
    dates = crossovers[crossovers["rule"].isin(LEADING_RULES)]
    for name, entry in _dates(dates).items():
        found[f"open_{name}"] = entry | {"scope": "ranked, open weights", "source": "openness_crossovers.csv"}
    shares = crossed[crossed["week_start"].eq(week) & crossed["weights"].eq("open")].dropna(subset="share_of_origin")
    for row in shares[shares["origin"].isin(LEADERS)].itertuples(index=False):
        found[f"open_share_{row.origin.lower()}"] = fact(
            row.share_of_origin, text=percent(row.share_of_origin), unit="share", scope="ranked",
            source="openness_weekly.csv",
        )  # fmt: skip
    return found


def money_facts(valued: pd.DataFrame, *, week: str) -> dict[str, dict]:
    """Collect the ratio at list prices with its bounds in a week, and the weeks by who leads in money."""
    given = {"scope": "ranked", "source": "money_weekly.csv"}
    full = valued[valued["scope"].eq("ranked") & valued["state"].ne("incomplete")]
    found = {
        f"money_weeks_{name}": fact(number, text=str(number), unit="weeks", **given)
        for name, number in {
            "us": int(full["state"].eq("US").sum()),
            "china": int(full["state"].eq("China").sum()),
            "not_identified": int(full["state"].eq("not identified").sum()),
        }.items()
    }
    for row in full[full["week_start"].eq(week)].itertuples(index=False):
        for end in ("ratio_mix", "ratio_low", "ratio_high"):
            value = getattr(row, end)
            if np.isfinite(value) or (end == "ratio_mix" and pd.notna(value)):
                found[f"money_{end}"] = fact(value, text=ratio_text(value), unit="ratio", **given)
        found["money_unpriced_share"] = fact(
            row.unpriced_share, text=percent(row.unpriced_share), unit="share", **given
        )
    return found


def drops_facts(dropped: pd.DataFrame, crossovers: pd.DataFrame) -> dict[str, dict]:
    """Collect how many sudden drops there are, and the dates of the lead without the days before them."""
    left_out = int(dropped["left_out"].sum())
    found = {
        "drops": fact(len(dropped), text=str(len(dropped)), unit="drops", scope="ranked", source="drops.csv"),
        "drops_left_out": fact(left_out, text=str(left_out), unit="drops", scope="ranked", source="drops.csv"),
    }
    dates = crossovers[crossovers["rule"].isin(LEADING_RULES)]
    return found | {
        f"drops_{name}": entry | {"source": "drops_crossovers.csv"} for name, entry in _dates(dates).items()
    }


def _dates(crossovers: pd.DataFrame) -> dict[str, dict]:
    found = crossover_facts(crossovers)
    return {name: entry for name, entry in found.items() if not name.startswith("reversals")}
