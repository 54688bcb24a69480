"""What the report says first: who leads, by how much, how sure, and whether the headline holds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.choices import name_chart
from helpers.claims_table import kind_of
from helpers.facts.fact import Fact, percent, ratio_text

NAMES = {"China": "China", "US": "The US"}
SCOPES = ("chart", "ranked", "platform")
WIDEST = ("ranked", "platform", "chart")  # the scope that answers: the first of these that the run has


@dataclass(frozen=True)
class Answer:
    """One question of the first screen, its answer in a few words, and the numbers behind it.

    `tone` is ``china``, ``us`` or ``open``: whom the answer favours, shown as a colour beside the words.
    """

    question: str
    short: str
    detail: str
    tone: str


def scope_words(chart_size: int) -> dict[str, str]:
    """Name what is counted in each scope, of a chart of so many models."""
    return dict(zip(SCOPES, (name_chart(chart_size)[1], "all ranked models", "the whole platform"), strict=True))


def answer_first(
    ratios: pd.DataFrame, crossovers: pd.DataFrame, *, reported_week: str, chart_size: int = 9
) -> list[Answer]:
    """Answer the four questions that a reader comes with.

    Parameters
    ----------
    ratios, crossovers : DataFrame
        The tables of these names, with whichever scopes the run has.
    reported_week : str
        First day of the week that the headline is about (YYYY-MM-DD).
    chart_size : int
        Models that the scope ``chart`` counts.

    Returns
    -------
    list of Answer
        Who leads, by how much, how sure, does the headline hold: about the last full week of all ranked models (of
        the platform or the chart, if the run left them out), and the reported one. What the run cannot answer says why.
    """
    words = scope_words(chart_size)
    full = {scope: _full_weeks(ratios, scope) for scope in SCOPES}
    scope = next((scope for scope in WIDEST if len(full[scope])), None)
    if scope is None:
        why = "The run has no full week with a ratio."
        questions = ("Who leads?", "By how much?", "How sure is that?", "Does the headline hold?")
        return [Answer(question, "Cannot be said", why, "open") for question in questions]
    weeks, chart = full[scope], full["chart"] if scope != "chart" else full["chart"].iloc[:0]
    last = weeks.iloc[-1]
    leader = _leader(last["ratio"])
    return [
        Answer(
            "Who leads?",
            f"{NAMES[leader]} leads" if leader else "Neither leads",
            _since(weeks, crossovers, scope, words[scope]),
            _tone(leader),
        ),
        Answer(
            "By how much?",
            f"{ratio_text(last['ratio'])} to 1" if np.isfinite(last["ratio"]) else "No upper end",
            f"Chinese tokens for one US token, over {words[scope]} in the week of {last['week_start']:%Y-%m-%d}"
            f"{'' if np.isfinite(last['ratio']) else ', which has no US tokens'}."
            f"{_in_chart(chart, last['ratio'], chart_size)}",
            _tone(leader),
        ),
        _how_sure(weeks, crossovers, scope),
        _headline(full, reported_week, chart_size),
    ]


def _full_weeks(ratios: pd.DataFrame, scope: str) -> pd.DataFrame:
    return ratios[ratios["scope"].eq(scope) & ratios["state"].ne("incomplete")].dropna(subset="ratio")


def _in_chart(chart: pd.DataFrame, other: float, size: int) -> str:
    if chart.empty:
        return ""
    last = chart.iloc[-1]["ratio"]
    looks = ": the fewer models count, the larger the lead looks" if last > other > 1 else ""
    return f" In {name_chart(size)[0]} {ratio_text(last)}{looks}."


def _leader(ratio: float) -> str:
    return "China" if ratio > 1 else "US" if ratio < 1 else ""


def _tone(leader: str) -> str:
    return leader.lower() or "open"


def _rule(crossovers: pd.DataFrame, rule: str, scope: str) -> pd.Timestamp:
    found = crossovers.loc[crossovers["scope"].eq(scope) & crossovers["rule"].eq(rule), "week_start"]
    return found.iloc[0] if len(found) else pd.NaT


def _since(weeks: pd.DataFrame, crossovers: pd.DataFrame, scope: str, words: str) -> str:
    first, kept = _rule(crossovers, "first_lead", scope), _rule(crossovers, "durable_lead", scope)
    ended = f"the last full week is that of {weeks['week_start'].iloc[-1]:%Y-%m-%d}"
    if pd.isna(first):
        ahead = ", because it is ahead in every week" if pd.notna(kept) else ""
        return f"Over {words} China has not overtaken the US in this record{ahead}; {ended}."
    lost = (
        f", and it has led in every week since {kept:%Y-%m-%d}" if pd.notna(kept) else ", but not in every week since"
    )
    return f"Over {words} China first led in the week of {first:%Y-%m-%d}{lost} ({ended})."


def _how_sure(weeks: pd.DataFrame, crossovers: pd.DataFrame, scope: str) -> Answer:
    last, certain = weeks.iloc[-1], _rule(crossovers, "certain_lead", scope)
    is_sure = last["state"] in NAMES
    number = int(weeks["state"].eq("China").sum())
    dated = f"the first is that of {certain:%Y-%m-%d}" if pd.notna(certain) else "there is none"
    return Answer(
        "How sure is that?",
        "Certain" if is_sure else "Not certain",
        f"If all unidentified tokens were American the ratio would be {ratio_text(last['ratio_low'])}, if all were "
        f"Chinese {ratio_text(last['ratio_high'])}. "
        f"China's lead is certain in {number} of {len(weeks)} weeks; {dated}.",
        _tone(last["state"]) if is_sure else "open",
    )


def _headline(full: Mapping[str, pd.DataFrame], reported_week: str, size: int) -> Answer:
    question, wide = "Does the headline hold?", "ranked" if len(full["ranked"]) else "platform"
    found = {scope: full[scope][full[scope]["week_start"].eq(reported_week)] for scope in ("chart", wide)}
    rows = {scope: weeks.iloc[0] for scope, weeks in found.items() if len(weeks)}
    if not rows:
        return Answer(question, "Cannot be said", f"The run has no full week of {reported_week} with a ratio.", "open")
    ahead = {scope: _leader(row["ratio"]) for scope, row in rows.items()}
    lead_in = {"chart": f"{name_chart(size)[0]} gives a ratio of", wide: scope_words(size)[wide]}
    if "chart" not in rows:
        lead_in[wide] = f"the ratio over {scope_words(size)[wide]} is"
    said = [
        f"{lead_in[scope]} {ratio_text(row['ratio'])} "
        f"(bounds {ratio_text(row['ratio_low'])} to {ratio_text(row['ratio_high'])})"
        for scope, row in rows.items()
    ]
    missing = " The run has no other scope." if len(rows) == 1 else ""
    if set(ahead.values()) == {"China"}:
        short = "It holds" if len(rows) > 1 else f"It holds in scope {next(iter(rows))}"
    else:
        short = "Only in the chart" if ahead.get("chart") == "China" else "No"
    detail = f"In the week of {reported_week} {', '.join(said)}.{missing}"
    return Answer(question, short, detail, _tone(ahead[list(rows)[-1]]))


def _identified(scope: str, size: int) -> str:
    return f" with {name_chart(size)[1]}" if scope == "chart" else ""


def count_verdicts(claims: pd.DataFrame) -> str:
    """Count the verdicts in a sentence.

    Examples
    --------
    >>> count_verdicts(pd.DataFrame({"verdict": ["holds", "contradicted", "holds only in the chart, roughly"]}))
    'Of 3 claims, 1 holds, 1 holds only in one scope, 1 is contradicted.'
    """
    kinds = claims["verdict"].map(kind_of)
    told_as = {
        "holds": "holds",
        "holds only": "holds only in one scope",
        "rests on an unstated choice": "rests on an unstated choice",
        "not decided": "is not decided",
        "contradicted": "is contradicted",
        "not testable": "is not testable",
    }
    counts = {words: kinds.eq(kind).sum() for kind, words in told_as.items()}
    plural = {"holds": "hold", "rests": "rest", "is": "are"}
    told = []
    for words, count in counts.items():
        verb, _, rest = words.partition(" ")
        if count:
            told.append(f"{count} {verb if count == 1 else plural[verb]} {rest}".rstrip())
    return f"Of {len(claims)} claims, {', '.join(told)}."


def list_findings(
    ratios: pd.DataFrame, growth: pd.DataFrame, facts: Mapping[str, Fact], *, chart_size: int = 9
) -> list[str]:
    """Tell the findings that the first screen leaves out, each in a sentence.

    Parameters
    ----------
    ratios, growth : DataFrame
        The tables of these names.
    facts : mapping
        As `helpers.facts.fact.read_facts` returns them; a finding whose facts are missing is left out.
    chart_size : int
        Models that the scope ``chart`` counts.

    Returns
    -------
    list of str
        Sentences.
    """
    told = []
    for scope, words in scope_words(chart_size).items():
        rows = _full_weeks(ratios, scope)
        if len(rows) and (scope != "platform" or not told):  # its identified tokens are those of the ranked
            top = rows.loc[rows["ratio"].idxmax()]
            told.append(
                f"Largest ratio among {words}: {ratio_text(top['ratio'])}, in the week of "
                f"{top['week_start']:%Y-%m-%d}; {int(rows['ratio'].ge(3).sum())} of {len(rows)} weeks reach 3."
            )
    scope = next((scope for scope in WIDEST if growth["scope"].eq(scope).any()), "")
    china = growth[growth["origin"].eq("China") & growth["scope"].eq(scope)].dropna(subset="share")
    told += [
        f"From the week of {row.from_week:%Y-%m-%d} to that of {row.to_week:%Y-%m-%d} Chinese models took "
        f"{percent(row.share)} of the platform's growth{_identified(scope, chart_size)} (at least "
        f"{percent(row.share_low)}, at most {percent(row.share_high)})."
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
    texts = {name: fact.text for name, fact in facts.items()}
    for sentence in sentences:
        try:
            told.append(sentence.format_map(texts))
        except KeyError:
            continue
    return told
