"""What the report says first: who leads, by how much, how sure, and whether the headline holds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import InputError
from helpers.facts import percent

NAMES = {"China": "China", "US": "The US"}
SCOPE_WORDS = {"chart": "the models of the weekly chart", "ranked": "all ranked models"}


@dataclass(frozen=True)
class Answer:
    """One question of the first screen, its answer in a few words, and the numbers behind it.

    `tone` is ``china``, ``us`` or ``open``: whom the answer favours, shown as a colour beside the words.
    """

    question: str
    short: str
    detail: str
    tone: str


def answer_first(ratios: pd.DataFrame, crossovers: pd.DataFrame, *, reported_week: str) -> list[Answer]:
    """Answer the four questions that a reader comes with.

    Parameters
    ----------
    ratios, crossovers : DataFrame
        The tables of these names; `ratios` with the scopes ``chart`` and ``ranked``.
    reported_week : str
        First day of the week that the headline is about (YYYY-MM-DD).

    Returns
    -------
    list of Answer
        Who leads, by how much, how sure, does the headline hold: about the last full week of all ranked models,
        and the reported one.

    Raises
    ------
    InputError
        If a scope has no full week with a ratio, or the reported week is not among them.
    """
    full = {scope: _full_weeks(ratios, scope) for scope in SCOPE_WORDS}
    ranked = full["ranked"]
    last, chart_last = ranked.iloc[-1], full["chart"].iloc[-1]
    leader = _leader(last["ratio"])
    return [
        Answer(
            "Who leads?",
            f"{NAMES[leader]} leads" if leader else "Neither leads",
            _since(ranked, crossovers),
            _tone(leader),
        ),
        Answer(
            "By how much?",
            f"{last['ratio']:.2f} to 1",
            f"Chinese tokens for one US token, over all ranked models in the week of {last['week_start']:%Y-%m-%d}. "
            f"In the weekly chart {chart_last['ratio']:.2f}: the fewer models count, the larger the lead looks.",
            _tone(leader),
        ),
        _how_sure(ranked, crossovers),
        _headline(full, reported_week),
    ]


def _full_weeks(ratios: pd.DataFrame, scope: str) -> pd.DataFrame:
    rows = ratios[ratios["scope"].eq(scope) & ratios["state"].ne("incomplete")].dropna(subset="ratio")
    if rows.empty:
        raise InputError(
            f"The table ratios has no full week in scope {scope}, and the report needs one. Run the notebooks with "
            "`-p scopes chart,ranked,platform` and a record of at least one week."
        )
    return rows


def _leader(ratio: float) -> str:
    return "China" if ratio > 1 else "US" if ratio < 1 else ""


def _tone(leader: str) -> str:
    return leader.lower() or "open"


def _rule(crossovers: pd.DataFrame, rule: str, scope: str = "ranked") -> pd.Timestamp:
    found = crossovers.loc[crossovers["scope"].eq(scope) & crossovers["rule"].eq(rule), "week_start"]
    return found.iloc[0] if len(found) else pd.NaT


def _since(ranked: pd.DataFrame, crossovers: pd.DataFrame) -> str:
    first, kept = _rule(crossovers, "first_lead"), _rule(crossovers, "durable_lead")
    ended = f"the last full week is that of {ranked['week_start'].iloc[-1]:%Y-%m-%d}"
    if pd.isna(first):
        return f"Over all ranked models China has not overtaken the US in this record; {ended}."
    lost = (
        f", and it has led in every week since {kept:%Y-%m-%d}" if pd.notna(kept) else ", but not in every week since"
    )
    return f"Over all ranked models China first led in the week of {first:%Y-%m-%d}{lost} ({ended})."


def _how_sure(ranked: pd.DataFrame, crossovers: pd.DataFrame) -> Answer:
    last, certain = ranked.iloc[-1], _rule(crossovers, "certain_lead")
    is_sure = last["state"] in NAMES
    weeks = int(ranked["state"].eq("China").sum())
    dated = f"the first is that of {certain:%Y-%m-%d}" if pd.notna(certain) else "there is none"
    return Answer(
        "How sure is that?",
        "Certain" if is_sure else "Not certain",
        f"If all unidentified tokens were American the ratio would be {last['ratio_low']:.2f}, if all were Chinese "
        f"{last['ratio_high']:.2f}. China's lead is certain in {weeks} of {len(ranked)} weeks; {dated}.",
        _tone(last["state"]) if is_sure else "open",
    )


def _headline(full: Mapping[str, pd.DataFrame], reported_week: str) -> Answer:
    rows = {}
    for scope, weeks in full.items():
        found = weeks[weeks["week_start"].eq(reported_week)]
        if found.empty:
            raise InputError(
                f"The reported week {reported_week} is no full week of scope {scope}. Run the notebooks with "
                "`-p reported_week` set to the first day of a week that the record holds."
            )
        rows[scope] = found.iloc[0]
    ahead = {scope: _leader(row["ratio"]) for scope, row in rows.items()}
    short = (
        "It holds" if set(ahead.values()) == {"China"} else "Only in the chart" if ahead["chart"] == "China" else "No"
    )
    said = [
        f"{scope} {row['ratio']:.2f} (bounds {row['ratio_low']:.2f} to {row['ratio_high']:.2f})"
        for scope, row in zip(("the weekly chart gives a ratio of", "all ranked models"), rows.values(), strict=True)
    ]
    return Answer(
        "Does the headline hold?", short, f"In the week of {reported_week} {', '.join(said)}.", _tone(ahead["ranked"])
    )


def count_verdicts(claims: pd.DataFrame) -> str:
    """Count the verdicts in a sentence.

    Examples
    --------
    >>> count_verdicts(pd.DataFrame({"verdict": ["holds", "contradicted", "holds only under scope chart"]}))
    'Of 3 claims, 1 holds throughout, 1 holds only under some definitions, 1 is contradicted.'
    """
    counts = {
        "holds throughout": claims["verdict"].eq("holds").sum(),
        "holds only under some definitions": claims["verdict"].str.startswith("holds only").sum(),
        "is not identified": claims["verdict"].eq("not identified").sum(),
        "is contradicted": claims["verdict"].eq("contradicted").sum(),
        "is not testable": claims["verdict"].str.startswith("not testable").sum(),
    }
    plural = {"holds": "hold", "is": "are"}
    told = []
    for words, count in counts.items():
        verb, _, rest = words.partition(" ")
        if count:
            told.append(f"{count} {verb if count == 1 else plural[verb]} {rest}")
    return f"Of {len(claims)} claims, {', '.join(told)}."


def list_findings(ratios: pd.DataFrame, growth: pd.DataFrame, facts: Mapping[str, dict]) -> list[str]:
    """Tell the findings that the first screen leaves out, each in a sentence.

    Parameters
    ----------
    ratios, growth : DataFrame
        The tables of these names.
    facts : mapping
        As `helpers.facts.read_facts` returns them; a finding whose facts are missing is left out.

    Returns
    -------
    list of str
        Sentences.
    """
    told = []
    for scope, words in SCOPE_WORDS.items():
        rows = _full_weeks(ratios, scope)
        rows = rows[np.isfinite(rows["ratio"])]
        if len(rows):
            top = rows.loc[rows["ratio"].idxmax()]
            told.append(
                f"Largest ratio among {words}: {top['ratio']:.2f}, in the week of {top['week_start']:%Y-%m-%d}; "
                f"{int(rows['ratio'].ge(3).sum())} of {len(rows)} weeks reach 3."
            )
    china = growth[growth["origin"].eq("China") & growth["scope"].eq("ranked")].dropna(subset="share")
    told += [
        f"From the week of {row.from_week:%Y-%m-%d} to that of {row.to_week:%Y-%m-%d} Chinese models took "
        f"{percent(row.share)} of the platform's growth (at least {percent(row.share_low)}, at most "
        f"{percent(row.share_high)})."
        for row in china.itertuples(index=False)
    ]
    sentences = (
        "Under {specifications} specifications, every defensible combination of choices, the lead starts anywhere from "
        "{specifications_lead_earliest} to {specifications_lead_latest}.",
        "China is ahead in the reported week in {specifications_share_china_ahead} of the specifications and for "
        "certain in {specifications_share_china_certain}; the US for certain in {specifications_share_us_certain}.",
        "With {truncation_us_leads_from} or more models counted, the US leads in the reported week.",
        "At list prices the US led for certain in {money_weeks_us} full weeks and China in {money_weeks_china}: a lead "
        "in tokens is no lead in revenue.",
        "The record holds {record_tokens} trillion tokens of {record_permaslugs} permaslugs on {record_days} days; "
        "{share_unidentified} of the tokens are unidentified.",
    )
    texts = {name: fact["text"] for name, fact in facts.items()}
    for sentence in sentences:
        try:
            told.append(sentence.format_map(texts))
        except KeyError:
            continue
    return told
