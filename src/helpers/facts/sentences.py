"""Every fact as a sentence that may be quoted as it is: what it says, under which scope, with which caveat."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from helpers.choices import spell
from helpers.facts.fact import INFINITY, Fact
from helpers.facts.weeks import DAYS, days_name, week_name
from helpers.figures.words import ENGLISH
from helpers.vocabulary import INCOMPLETE, NOT_IDENTIFIED

Facts = Mapping[str, Fact]
TEMPLATES = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text(encoding="utf-8"))
CHART, AS_SHOWN = 9, ", as the weekly chart shows them"
LAST_FULL_DAYS = 12  # a full week that starts longer before the last day of the record is not the last one
LIMIT = "One platform, public traffic only, tokens as each provider counts them"
DATED = ("day", "week_start", "first day of a week")  # units of which a sentence writes the month out
SIDES = {"low": "at least ", "high": "at most "}


def sentence(name: str, facts: Facts, *, as_of: str, choices: Mapping[str, object] | None = None) -> str:
    """Write one fact as a sentence with scope, bounds and caveat.

    Parameters
    ----------
    name : str
        Name of the fact; it is in `facts`.
    facts : mapping
        Facts by name, as `helpers.facts.fact.read_facts` returns them.
    as_of : str
        Day of the snapshot (YYYY-MM-DD).
    choices : mapping of str to object, optional
        Parameters of the run, by name: those that differ from the default are named; `warning` is what must be said
        because the run is not in order.

    Returns
    -------
    str
        One or two sentences that stand alone.
    """
    fact = facts[name]
    told = TELLERS.get(fact.kind, _anything)(fact, facts)
    size = int(str((choices or {}).get("chart_size", CHART)))
    told = told.replace("{size}", spell(size)).replace("{like}", AS_SHOWN if size == CHART else "")
    more = ENGLISH.under(choices or {}).run["choices"]
    when = f"as of {day(as_of)}" if as_of != "unknown" else "as of an unknown day"
    parts = [f"{told[0].upper()}{told[1:]}.", more, f"{LIMIT}.", f"Source: OpenRouter rankings, {when}."]
    return " ".join(part for part in parts if part)


def day(text: str) -> str:
    """Write a day as prose does.

    Examples
    --------
    >>> day("2026-06-15")
    '15 June 2026'
    """
    found = date.fromisoformat(text)
    return f"{found.day} {found:%B %Y}"


def cut_days(fact: Fact, facts: Facts) -> str:
    """Find how many days a number was counted on, such as ``5 of 7``, if the record cuts its week short."""
    return _days(fact.week, facts) if fact.week and fact.kind != "days_observed" else ""


def _text(name: str, facts: Facts, default: str = "") -> str:
    return facts[name].text if name in facts else default


def _days(week: str, facts: Facts) -> str:
    return _text(days_name(week), facts)


def _scope(fact: Fact) -> str:
    return TEMPLATES["scopes"].get(fact.scope, fact.scope)


def _of_week(week: str, facts: Facts) -> str:
    """Write a week's first day, and how many of its days there are where the record cuts it."""
    days = _days(week, facts)
    return day(week) + (f" (of which the record holds {days} days)" if days else "")


def _apart(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def _in_week(week: str, facts: Facts) -> str:
    """Say in which days something was counted: a week, or that part of it which the record holds."""
    if days_name(week) not in facts:
        return f"in the week of {day(week)}"
    cut, which, why = facts[days_name(week)], "", "the record holds no others"
    first, last = (_text(f"record_{end}_day", facts, week) for end in ("first", "last"))
    missing = DAYS - int(cut.value)
    # A record may also lack days in the middle of a week: only what its edge explains is told so.
    if _apart(week, first) == missing:
        which, why = "last ", f"the record begins on {day(first)}"
    elif _apart(week, last) == DAYS - 1 - missing:
        which, why = "first ", f"the record ends on {day(last)}"
    return f"in the {which}{cut.text} days of the week of {day(week)} ({why})"


def _between(fact: Fact) -> str:
    if fact.bounds is None:
        return ""
    low, high = fact.bounds
    if low == high:
        return ""
    of_money = fact.kind == "money_ratio"
    if high == INFINITY:
        why = "whatever the mix of tokens is" if of_money else "because of unidentified tokens"
        return f"; it is at least {low}, and has no upper bound {why}"
    if of_money:
        return f"; with prompt prices for one side and completion prices for the other it lies between {low} and {high}"
    return f"; with the unidentified tokens on either side it lies between {low} and {high}"


def _told(fact: Fact, facts: Facts) -> str:
    totals = {total: _text(total, facts) for total in ("claims", "drops")}
    totals["weeks"] = _text(f"weeks_{fact.scope}", facts)
    when = day(str(fact.value)) if fact.unit in DATED and fact.value is not None else fact.text
    return TEMPLATES["told"][fact.kind].format(text=fact.text, day=when, scope=_scope(fact), **totals)


def _in(fact: Fact, facts: Facts) -> str:
    return f"{_in_week(str(fact.week), facts)}, {_scope(fact)}"


def _days_observed(fact: Fact, _: Facts) -> str:
    return f"the record holds {fact.text} days of the week of {day(str(fact.week))}, {_scope(fact)}"


def _tokens(fact: Fact, facts: Facts) -> str:
    rest = week_name("unidentified_tokens", fact.scope, str(fact.week))
    more = f"; another {facts[rest].text} trillion are unidentified" if rest in facts and rest != fact.name else ""
    return f"{_in(fact, facts)}, {TEMPLATES['who'][fact.about['origin']]} processed {fact.text} trillion tokens{more}"


def _week_ratio(fact: Fact, facts: Facts) -> str:
    china, state = (_text(week_name(kind, fact.scope, str(fact.week)), facts) for kind in ("china_tokens", "state"))
    start = f"{_in(fact, facts)}, Chinese models processed"
    if fact.text == INFINITY:
        least = (
            f", and is at least {fact.bounds[0]} even if every unidentified token is American" if fact.bounds else ""
        )
        none = f"trillion tokens and US models none, so the ratio has no upper end{least}"
        return f"{start} {china or 'some'} {none}"
    who = "; who led is therefore not identified" if state == NOT_IDENTIFIED else ""
    return f"{start} {fact.text} times the tokens of US models{_between(fact)}{who}"


def _week_bound(fact: Fact, facts: Facts) -> str:
    side, whose = ("least", "American") if fact.kind == "ratio_low" else ("most", "Chinese")
    return (
        f"{_in(fact, facts)}, Chinese models processed at {side} {fact.text} times the tokens of US models: the worst "
        f"case, in which every unidentified token is {whose}"
    )


def _state(fact: Fact, facts: Facts) -> str:
    if fact.value in ("China", "US"):
        return f"{_in(fact, facts)}, {TEMPLATES['who'][fact.value.lower()]} led wherever the unidentified tokens belong"
    missing = "no leader is named" if fact.value == INCOMPLETE else "who led is not identified"
    return f"{_in(fact, facts)}, {missing}"


def _lead(fact: Fact, facts: Facts) -> str:
    rule, among = str(fact.about["rule"]), str(fact.about.get("among", ""))
    place = TEMPLATES["places"][among].format(scope=_scope(fact))
    if fact.value is None:
        return f"{place}, the record holds no such week: {rule.replace('_', ' ')} of Chinese models, never"
    week = str(fact.value)
    is_open = not among and _text(week_name("state", fact.scope, week), facts) == NOT_IDENTIFIED
    caveat = "; because of unidentified tokens it is not identified who led that week" if is_open else ""
    told = TEMPLATES["leads"][rule].format(week=_of_week(week, facts), weeks=fact.about.get("weeks"))
    return f"{place}, {told}{caveat}"


def _extreme(fact: Fact, facts: Facts) -> str:
    which = str(fact.about["which"])
    ratio, start = (facts[f"ratio_{which}{part}_{fact.scope}"] for part in ("", "_week"))
    week = _of_week(str(start.value), facts)
    full = "week that counts" if _days(str(start.value), facts) else "full week"
    if "record_last_day" in facts and _apart(str(start.value), facts["record_last_day"].text) > LAST_FULL_DAYS:
        full += " with a ratio"
    what = "The largest ratio of the record" if which == "largest" else f"The ratio of the last {full} of the record"
    if ratio.text == INFINITY:
        counted = f"{_scope(fact)} there are Chinese tokens and no US tokens"
        return f"{what} has no upper end: in the week of {week} {counted}"
    return f"{what}, Chinese to US tokens {_scope(fact)}, is {ratio.text}, in the week of {week}{_between(ratio)}"


def _window(fact: Fact, facts: Facts) -> str:
    first, last = (_of_week(str(fact.about[end]), facts) for end in ("from", "to"))
    return f"from the week of {first} to that of {last}"


def _growth_edge(fact: Fact, facts: Facts) -> str:
    edge = "begins" if fact.kind == "growth_from" else "ends"
    return f"the window of growth {_window(fact, facts)} {edge} with the week of {day(str(fact.value))}"


def _growth(fact: Fact, facts: Facts) -> str:
    who, end = TEMPLATES["who"][fact.about["origin"]], SIDES.get(str(fact.about.get("end")), "")
    return f"{who} absorbed {end}{fact.text} of the growth {_window(fact, facts)}, {_scope(fact)}{_between(fact)}"


def _share(fact: Fact, _: Facts) -> str:
    who = TEMPLATES["who"][fact.about["origin"]]
    return f"{who} account for {fact.text} of all tokens of the record, over the whole platform"


def _share_of_specifications(fact: Fact, _: Facts) -> str:
    some = "" if fact.scope == "all specifications" else " under which the record holds the week"
    said = TEMPLATES["shares"][fact.about["which"]]
    return f"under {fact.text} of the combinations of defensible definitions{some}, {said}"


def _ratio(fact: Fact, _: Facts) -> str:
    week = "the last full week" if fact.about.get("when") == "last" else "the reported week"
    of_open = fact.kind == "open_ratio"
    what = "tokens of Chinese to US open-weight models" if of_open else "Chinese to US tokens at list prices"
    if fact.text == INFINITY:
        return f"in {week} the ratio of {what}, {_scope(fact)}, has no upper end: there are none of the US"
    end = SIDES.get(str(fact.about.get("end")), "")
    return f"in {week} the ratio of {what}, {_scope(fact)}, is {end}{fact.text}{_between(fact)}"


def _mover(fact: Fact, facts: Facts) -> str:
    name = f"mover_{fact.about['place']}_of_{fact.about['outcome']}"
    rank = "most" if fact.about["place"] == 1 else "second most"
    choice, share = facts[name].text, facts[f"{name}_share"].text
    what = TEMPLATES["outcomes"][fact.about["outcome"]]
    return f"of all choices of definition, {choice!r} moves {what} {rank}: it explains {share} of its variance"


def _claim(fact: Fact, facts: Facts) -> str:
    """Tell a fact of a claim before the sentence that the table of claims holds for it."""
    unit = f" {fact.unit}" if fact.unit == "trillion tokens" else ""
    end = SIDES.get(str(fact.about.get("end")), "")
    front = {
        "published": f"printed as {fact.text}{unit}: ",
        "claim": f"{_scope(fact)} the record gives {end}{fact.text}{unit}: ",
        "distance": f"{_scope(fact)} the record lies {fact.text} from the printed value: ",
    }.get(fact.kind, "")
    told = _text(f"told_{str(fact.about['claim']).replace('-', '_')}", facts, fact.text)
    return front + told.removesuffix(".")


def _anything(fact: Fact, _: Facts) -> str:
    return f"{fact.name.replace('_', ' ')} is {fact.text} ({fact.text_unit}), {_scope(fact)}"


TELLERS: dict[str, Callable[[Fact, Facts], str]] = {  # kind of a fact -> what writes it
    **dict.fromkeys(TEMPLATES["told"], _told),
    "days_observed": _days_observed,
    "tokens": _tokens,
    "ratio": _week_ratio,
    **dict.fromkeys(("ratio_low", "ratio_high"), _week_bound),
    "state": _state,
    "lead": _lead,
    "extreme": _extreme,
    **dict.fromkeys(("growth_from", "growth_to"), _growth_edge),
    "growth_share": _growth,
    "share": _share,
    "share_of_specifications": _share_of_specifications,
    **dict.fromkeys(("open_ratio", "money_ratio"), _ratio),
    "mover": _mover,
    **dict.fromkeys(("published", "claim", "distance", "verdict", "told"), _claim),
}
