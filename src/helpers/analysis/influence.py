"""Which models and publishers the answer hangs on, and which weeks hang on the fewest."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.analysis.bounds import UNIDENTIFIED, lead_states, split_scope
from helpers.analysis.crossover import date_rules, leading_weeks
from helpers.analysis.weeks import count_origins, rank_in_week
from helpers.errors import require_known
from helpers.numbers import sum_wide
from helpers.vocabulary import IDENTIFIED, LEADERS, SCOPES

UNITS = {"model": "model", "publisher": "author"}  # what is left out -> the column that names it


def tokens_without(weekly: pd.DataFrame, *, unit: str, scope: str, chart_size: int = 9) -> pd.DataFrame:
    """Count the origins of every week without each model, or without each publisher, in turn.

    Whoever is left out is taken out of the platform with all variants, as if it had never been listed:
    in the scope ``chart`` the next in rank moves up. All are left out at once, as masks over the ranked
    entries of the weeks; the result is that of removing the rows and counting again, to the token.

    Parameters
    ----------
    weekly : DataFrame
        Weekly rows as `sum_weeks` returns them; each week has its row `other`, which is never left out.
    unit : {"model", "publisher"}
        What is left out: a model with its variants, or an author with all its models.
    scope : {"chart", "ranked", "platform"}
        Which rows count as identified.
    chart_size : int
        Permaslugs in the scope ``chart``; at least 1.

    Returns
    -------
    DataFrame, shape (n_units * n_weeks, 5)
        `China, US, Other, Unidentified` (tokens, int64) and `days_observed`; index `left_out, week_start`.

    Raises
    ------
    InputError
        If the unit or the scope is unknown, `chart_size` is below 1, or a week has no row `other`.
    """
    column = UNITS[require_known(unit, UNITS, what="unit")]
    full = split_scope(count_origins(weekly, chart_size=chart_size), scope=scope)
    rank = rank_in_week(weekly)
    ranked = weekly[rank.notna()]
    names = sorted(ranked[column].unique())
    place = rank.dropna().astype("int64").to_numpy() - 1
    week = full.index.get_indexer(ranked["week_start"])
    who = pd.Index(names).get_indexer(ranked[column])
    counted = ranked["tokens"].to_numpy()
    origin = pd.Index(IDENTIFIED).get_indexer(ranked["origin"])
    named = origin >= 0  # the cloaked take a place without being anybody's

    entries = place.max(initial=-1) + 1
    owner = np.full((len(full), entries), -1)
    owner[week, place] = who
    tokens = np.zeros((len(full), entries, len(IDENTIFIED)), dtype="int64")
    np.add.at(tokens, (week[named], place[named], origin[named]), counted[named])
    own = np.zeros((len(names), len(full)), dtype="int64")
    np.add.at(own, (who, week), counted)

    stays = owner != np.arange(len(names))[:, None, None]
    if scope == "chart":
        stays &= np.cumsum(stays, axis=2, dtype="int32") <= chart_size
    known = np.einsum("uwp,wpo->uwo", stays.astype("int64"), tokens)
    platform = full[[*IDENTIFIED, UNIDENTIFIED]].sum(axis=1).to_numpy() - own
    index = pd.MultiIndex.from_product([names, full.index], names=["left_out", "week_start"])
    table = pd.DataFrame(known.reshape(-1, len(IDENTIFIED)), index=index, columns=IDENTIFIED)
    return table.assign(
        **{UNIDENTIFIED: platform.ravel() - known.sum(axis=2).ravel()},
        days_observed=np.tile(full["days_observed"].to_numpy(), len(names)),
    )


def date_without(
    weekly: pd.DataFrame,
    *,
    scopes: Sequence[str],
    hold_weeks: Sequence[int] = (2, 3, 4),
    chart_size: int = 9,
    min_days: int = 7,
) -> pd.DataFrame:
    """Date the lead under every rule without each model and without each publisher in turn.

    Parameters
    ----------
    weekly, chart_size
        As for `tokens_without`.
    scopes : sequence of str
        Scopes to evaluate.
    hold_weeks : sequence of int
        Lengths (weeks) for the rule sustained_lead.
    min_days : int
        Days a week must have in the record to be evidence, 1 to 7.

    Returns
    -------
    DataFrame
        `scope, unit` (``model`` or ``publisher``), `left_out` (its name), `tokens` (its own in the whole
        record; count, int64), `rule, week_start` (with everyone), `week_without` (both missing where
        there is no such week), `weeks_later` (weeks, negative if earlier; missing if a date is) and
        `change`: ``none``, ``earlier``, ``later``, ``lost`` (no such week without it) or ``gained``.

    Raises
    ------
    InputError
        If a scope is unknown, or a number is out of its range.
    """
    parts = []
    for scope in scopes:
        full = split_scope(count_origins(weekly, chart_size=chart_size), scope=scope)
        leads, states = leading_weeks(full, min_days=min_days), lead_states(full, min_days=min_days)
        with_all = date_rules(leads, states, hold_weeks=hold_weeks)
        for unit, column in UNITS.items():
            tokens = tokens_without(weekly, unit=unit, scope=scope, chart_size=chart_size)
            dates = _dates(tokens, hold_weeks=hold_weeks, min_days=min_days)
            part = dates.rename("week_without").reset_index()
            own = weekly.groupby(column)["tokens"].sum()
            parts.append(
                part.assign(
                    scope=scope, unit=unit, tokens=part["left_out"].map(own), week_start=part["rule"].map(with_all)
                )
            )
    table = pd.concat(parts, ignore_index=True)
    later = (table["week_without"] - table["week_start"]) / pd.Timedelta(weeks=1)
    before, after = table["week_start"].notna(), table["week_without"].notna()
    change = np.select(
        [before & ~after, ~before & after, later.gt(0), later.lt(0)], ["lost", "gained", "later", "earlier"], "none"
    )
    table = table.assign(weeks_later=later, change=pd.Series(change, dtype="str"))
    order = "scope unit left_out tokens rule week_start week_without weeks_later change".split()
    return table[order].astype({"scope": "str", "unit": "str", "left_out": "str", "rule": "str"})


def _dates(tokens: pd.DataFrame, *, hold_weeks: Sequence[int], min_days: int) -> pd.Series:
    """Apply the rules once to each pattern of leads: most models change nothing, so patterns are few."""
    leads, states = leading_weeks(tokens, min_days=min_days), lead_states(tokens, min_days=min_days)
    names = tokens.index.unique(level="left_out")
    by_name = [values.to_numpy().reshape(len(names), -1) for values in (leads, states.eq("China"))]
    _, example, pattern = np.unique(np.hstack(by_name), axis=0, return_index=True, return_inverse=True)
    found = [
        date_rules(_part(leads, row, of=len(names)), _part(states, row, of=len(names)), hold_weeks=hold_weeks)
        for row in example
    ]
    dates = {name: found[number] for name, number in zip(names, pattern, strict=True)}
    return pd.concat(dates, names=["left_out", "rule"])


def _part(values: pd.Series, number: int, *, of: int) -> pd.Series:
    """Cut out the weeks of one name from a grid in which every name has the same weeks."""
    size = len(values) // of
    return values.iloc[number * size : (number + 1) * size].droplevel("left_out")


def flip_without(
    weekly: pd.DataFrame, *, scopes: Sequence[str], chart_size: int = 9, min_days: int = 7
) -> pd.DataFrame:
    """List the weeks whose leader changes when one model or one publisher is left out.

    Parameters
    ----------
    weekly, scopes, chart_size, min_days
        As for `date_without`.

    Returns
    -------
    DataFrame
        `scope, unit, left_out, week_start` and `leader` (with everyone: ``China`` or ``US``; a tie counts
        with the US). Without the one left out, the other leads. No row: it decides no week alone.

    Raises
    ------
    InputError
        As `date_without`.
    """
    parts = []
    for scope in scopes:
        full = split_scope(count_origins(weekly, chart_size=chart_size), scope=scope)
        leads = leading_weeks(full, min_days=min_days)
        for unit in UNITS:
            tokens = tokens_without(weekly, unit=unit, scope=scope, chart_size=chart_size)
            without = leading_weeks(tokens, min_days=min_days).reset_index()
            with_all = without["week_start"].map(leads)
            flipped = without[without["china_leads"].ne(with_all)]
            parts.append(flipped.assign(scope=scope, unit=unit, leader=with_all.map({True: "China", False: "US"})))
    table = pd.concat(parts, ignore_index=True)
    order = ["scope", "unit", "left_out", "week_start", "leader"]
    return table[order].astype({"scope": "str", "unit": "str", "left_out": "str", "leader": "str"})


def models_in_scope(weekly: pd.DataFrame, *, scope: str, chart_size: int = 9) -> pd.DataFrame:
    """Count the tokens of China and of the US by model, variants together, in one scope.

    Parameters
    ----------
    weekly, scope, chart_size
        As for `tokens_without`.

    Returns
    -------
    DataFrame, shape (n_models_and_weeks, 2)
        `China, US` (tokens, int64); index `week_start, model`. Tokens from before a model's reveal are
        nobody's; the row `other` is no model.

    Raises
    ------
    InputError
        If the scope is unknown.
    """
    require_known(scope, SCOPES, what="scope")
    rank = rank_in_week(weekly)
    rows = weekly[rank.le(chart_size).fillna(value=False) if scope == "chart" else rank.notna()]
    by_origin = sum_wide(rows, index=["week_start", "model"], columns="origin")
    return by_origin.reindex(columns=list(LEADERS), fill_value=0)


def rank_fragility(
    weekly: pd.DataFrame, *, scopes: Sequence[str], chart_size: int = 9, min_days: int = 7
) -> pd.DataFrame:
    """Find for each week the fewest models whose removal changes its leader, the most fragile week first.

    China's lead falls when its tokens no longer exceed those of the US; the lead of the US (a tie counts
    with it) when China's exceed it. Those removed leave their places empty, in the scope ``chart`` as
    well: here, unlike in `tokens_without`, nobody moves up.

    Taking the leader's models from the largest down is exact. Removing a set S lowers the lead by the sum
    of what its models add to it, whatever else is removed, so S flips the week if and only if that sum
    reaches a fixed number. Among all sets of n models the n largest have the largest sum: when they do
    not reach the number, no n models do. The first n at which they do is therefore the smallest.

    Parameters
    ----------
    weekly, scopes, chart_size, min_days
        As for `date_without`.

    Returns
    -------
    DataFrame
        `week_start, scope, leader, leader_tokens, lead_tokens` (count, int64), `models_to_flip` (count,
        Int64), `models` (their names, largest first, joined by ``"; "``) and `share_of_leader` (their
        part of the leader's tokens, 0 to 1). Where no removal can flip the week (the one behind has no
        tokens at all) the last three are missing, empty and missing. Within a scope: fewest models
        first, then the smallest lead as a share of the leader's tokens.

    Raises
    ------
    InputError
        If a scope is unknown, or a number is out of its range.
    """
    origin_weekly = count_origins(weekly, chart_size=chart_size)
    parts = []
    for scope in scopes:
        tokens = split_scope(origin_weekly, scope=scope)
        ahead = leading_weeks(tokens, min_days=min_days)
        models = models_in_scope(weekly, scope=scope, chart_size=chart_size)
        parts.append(_fragility(tokens.loc[ahead.index], ahead, models).assign(scope=scope))
    order = "week_start scope leader leader_tokens lead_tokens models_to_flip models share_of_leader".split()
    return pd.concat(parts, ignore_index=True)[order].astype({"scope": "str"})


def _fragility(tokens: pd.DataFrame, ahead: pd.Series, models: pd.DataFrame) -> pd.DataFrame:
    weeks = pd.DataFrame(
        {
            "leader": ahead.map({True: "China", False: "US"}).astype("str"),
            "leader_tokens": tokens["China"].where(ahead, tokens["US"]),
            "lead_tokens": (tokens["China"] - tokens["US"]).abs(),
        }
    )
    # A tie ends China's lead; to end that of the US takes one token more.
    needed = weeks["lead_tokens"] + (~ahead).astype("int64")
    rows = models.reset_index()
    rows = rows[rows["week_start"].isin(weeks.index)]
    adds = (rows["China"] - rows["US"]) * np.where(rows["week_start"].map(ahead), 1, -1)
    rows = rows.assign(adds=adds)[adds > 0].sort_values(["week_start", "adds", "model"], ascending=[True, False, True])
    larger = rows.groupby("week_start")["adds"].cumsum() - rows["adds"]
    chosen = rows[larger < rows["week_start"].map(needed)].groupby("week_start")
    removed = chosen["adds"].sum().reindex(weeks.index, fill_value=0)
    flips = removed >= needed
    size, names = chosen.size().reindex(weeks.index), chosen["model"].agg("; ".join).reindex(weeks.index)
    return (
        weeks.assign(
            models_to_flip=size.where(flips).astype("Int64"),
            models=names.where(flips, "").astype("str"),
            share_of_leader=(removed / weeks["leader_tokens"]).where(flips),
            margin=weeks["lead_tokens"] / weeks["leader_tokens"],
        )
        .rename_axis("week_start")
        .reset_index()
        .sort_values(["models_to_flip", "margin", "week_start"])
        .drop(columns="margin")
    )
