"""Every fact as a sentence that may be quoted as it is: what it says, under which scope, with which caveat."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from helpers.choices import spell
from helpers.facts import INFINITY, days_name
from helpers.figures.words import ENGLISH

Facts = Mapping[str, dict]
TEMPLATES = tomllib.loads(
    (Path(__file__).parent / "figures" / "messages" / "sentences.toml").read_text(encoding="utf-8")
)
CHART, AS_SHOWN = 9, ", as the weekly chart shows them"
WEEK_NAME = re.compile(r"(.+?)_(chart|ranked|platform)_(\d{4}_\d\d_\d\d)")
LAST_FULL_DAYS = 12  # a full week that starts longer before the last day of the record is not the last one
LIMIT = "One platform, public traffic only, tokens as each provider counts them"


def sentence(name: str, facts: Facts, *, as_of: str, choices: Mapping[str, object] | None = None) -> str:
    """Write one fact as a sentence with scope, bounds and caveat.

    Parameters
    ----------
    name : str
        Name of the fact; it is in `facts`.
    facts : mapping
        Facts as `helpers.facts.read_facts` returns them.
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
    entry = facts[name]
    told = next(filter(None, (tell(name, entry, facts) for tell in TELLERS)), None) or _anything(name, entry)
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
    date = pd.Timestamp(text)
    return f"{date.day} {date:%B %Y}"


def bounds(name: str, facts: Facts) -> tuple[str, str] | None:
    """Find the bounds of a fact, as prose writes them; an infinite one is written so; None if it has none."""
    pairs = [(f"{name}_low", f"{name}_high")]
    for stem in ("growth_share", "money_ratio", "open_ratio", "ratio"):
        if name.startswith(f"{stem}_") or name == stem:
            rest = name.removeprefix(stem).removeprefix("_mix")
            pairs.append((f"{stem}_low{rest}", f"{stem}_high{rest}"))
    for low, high in pairs:
        if low in facts:
            return facts[low]["text"], facts[high]["text"] if high in facts else INFINITY
    return None


def _scope(entry: dict) -> str:
    return TEMPLATES["scopes"].get(entry["scope"], entry["scope"])


def cut_days(name: str, facts: Facts) -> str:
    """Find how many days a number was counted on, such as ``5 of 7``, if the record cuts its week short."""
    found = WEEK_NAME.fullmatch(name)
    if not found or name == days_name(found[3]):
        return ""
    return _days(found[3], facts)


def _days(week: str, facts: Facts) -> str:
    return facts.get(days_name(week.replace("-", "_")), {"text": ""})["text"]


def _of_week(text: str, facts: Facts) -> str:
    """Write a week's first day, and how many of its days there are where the record cuts it."""
    days = _days(text, facts)
    return day(text) + (f" (of which the record holds {days} days)" if days else "")


def _in_week(text: str, facts: Facts) -> str:
    """Say in which days something was counted: a week, or that part of it which the record holds."""
    days, which, why = _days(text, facts), "", "the record holds no others"
    if not days:
        return f"in the week of {day(text)}"
    first, last = (facts.get(f"record_{end}_day", {"text": text})["text"] for end in ("first", "last"))
    missing = 7 - int(days.split()[0])
    # A record may also lack days in the middle of a week: only what its edge explains is told so.
    if (pd.Timestamp(first) - pd.Timestamp(text)).days == missing:
        which, why = "last ", f"the record begins on {day(first)}"
    elif (pd.Timestamp(last) - pd.Timestamp(text)).days == 6 - missing:
        which, why = "first ", f"the record ends on {day(last)}"
    return f"in the {which}{days} days of the week of {day(text)} ({why})"


def _between(name: str, facts: Facts) -> str:
    found = bounds(name, facts)
    if found is None:
        return ""
    low, high = found
    if low == high:
        return ""
    if name.startswith("money") and high != INFINITY:
        return f"; with prompt prices for one side and completion prices for the other it lies between {low} and {high}"
    if high == INFINITY:
        why = "because of unidentified tokens" if not name.startswith("money") else "whatever the mix of tokens is"
        return f"; it is at least {low}, and has no upper bound {why}"
    return f"; with the unidentified tokens on either side it lies between {low} and {high}"


def _endless(name: str, facts: Facts) -> str:
    """Say of a ratio of some tokens to none what can be said: no upper end, and perhaps a lower one."""
    found = bounds(name, facts)
    least = f", and is at least {found[0]} even if every unidentified token is American" if found else ""
    return f", so the ratio has no upper end{least}"


def _week(name: str, entry: dict, facts: Facts) -> str | None:
    found = WEEK_NAME.fullmatch(name)
    if not found or name.startswith("growth"):
        return None
    kind, week = found[1], found[3].replace("_", "-")
    start, text = f"{_in_week(week, facts)}, {_scope(entry)}", entry["text"]
    if kind == "days_observed":
        return f"the record holds {text} days of the week of {day(week)}, {_scope(entry)}"
    if kind == "ratio" and text == INFINITY:
        china = facts.get(name.replace("ratio", "china_tokens", 1), {"text": "some"})["text"]
        return f"{start}, Chinese models processed {china} trillion tokens and US models none{_endless(name, facts)}"
    if kind == "ratio":
        led = facts.get(name.replace("ratio", "state", 1), {}).get("text")
        who = "; who led is therefore not identified" if led == "not identified" else ""
        return f"{start}, Chinese models processed {text} times the tokens of US models{_between(name, facts)}{who}"
    if kind in ("ratio_low", "ratio_high"):
        side, whose = ("least", "American") if kind == "ratio_low" else ("most", "Chinese")
        return (
            f"{start}, Chinese models processed at {side} {text} times the tokens of US models: the worst case, in "
            f"which every unidentified token is {whose}"
        )
    if kind == "state":
        told = {"China": "Chinese models led", "US": "US models led"}.get(text)
        if told:
            return f"{start}, {told} wherever the unidentified tokens belong"
        incomplete = "no leader is named" if text == "incomplete" else "who led is not identified"
        return f"{start}, {incomplete}"
    who = TEMPLATES["who"][kind.removesuffix("_tokens")]
    rest = facts.get(re.sub(r"^[a-z]+_tokens", "unidentified_tokens", name))
    more = f"; another {rest['text']} trillion are unidentified" if rest and rest is not entry else ""
    return f"{start}, {who} processed {text} trillion tokens{more}"


def _lead(name: str, entry: dict, facts: Facts) -> str | None:
    pattern = r"(?:(open|drops)_)?(first_lead|durable_lead|certain_lead|sustained_lead|reversal)(?:_(\d+))?_[a-z]+"
    found = re.fullmatch(pattern, name)
    if not found:
        return None
    place = TEMPLATES["places"][found[1] or ""].format(scope=_scope(entry))
    if entry["value"] is None:
        return f"{place}, the record holds no such week: {found[2].replace('_', ' ')} of Chinese models, never"
    state = f"state_{entry['scope']}_{entry['text'].replace('-', '_')}"
    is_open = not found[1] and facts.get(state, {}).get("text") == "not identified"
    caveat = "; because of unidentified tokens it is not identified who led that week" if is_open else ""
    return (
        f"{place}, {TEMPLATES['leads'][found[2]].format(week=_of_week(entry['text'], facts), weeks=found[3])}{caveat}"
    )


def _extreme(name: str, entry: dict, facts: Facts) -> str | None:
    found = re.fullmatch(r"ratio_(largest|last)(_week)?_(chart|ranked|platform)", name)
    if not found:
        return None
    kind, scope = found[1], found[3]
    ratio, week = facts[f"ratio_{kind}_{scope}"]["text"], _of_week(facts[f"ratio_{kind}_week_{scope}"]["text"], facts)
    whole = f"ratio_{scope}_{facts[f'ratio_{kind}_week_{scope}']['text'].replace('-', '_')}"
    full = "full week" if "(" not in week else "week that counts"
    start, end = facts[f"ratio_{kind}_week_{scope}"]["text"], facts.get("record_last_day", {}).get("text")
    if end and (pd.Timestamp(end) - pd.Timestamp(start)).days > LAST_FULL_DAYS:
        full += " with a ratio"
    what = "The largest ratio of the record" if kind == "largest" else f"The ratio of the last {full} of the record"
    if ratio == INFINITY:
        counted = f"{_scope(entry)} there are Chinese tokens and no US tokens"
        return f"{what} has no upper end: in the week of {week} {counted}"
    return (
        f"{what}, Chinese to US tokens {_scope(entry)}, is {ratio}, in the week of {week}"
        f"{_between(whole, facts) if whole in facts else ''}"
    )


def _growth(name: str, entry: dict, facts: Facts) -> str | None:
    found = re.fullmatch(
        r"growth_(from|to|share_low|share_high|share)(?:_(.+))?_(\d{4}_\d\d_\d\d)_(\d{4}_\d\d_\d\d)", name
    )
    if not found:
        return None
    first, last = (_of_week(text.replace("_", "-"), facts) for text in found.groups()[2:])
    span = f"from the week of {first} to that of {last}"
    if found[1] in ("from", "to"):
        edge = "begins" if found[1] == "from" else "ends"
        return f"the window of growth {span} {edge} with the week of {day(entry['text'])}"
    who = TEMPLATES["who"][found[2].rsplit("_", 1)[0]]
    end = {"share": "", "share_low": "at least ", "share_high": "at most "}[found[1]]
    return f"{who} absorbed {end}{entry['text']} of the growth {span}, {_scope(entry)}{_between(name, facts)}"


def _share(name: str, entry: dict, _: Facts) -> str | None:
    if (who := name.removeprefix("share_")) in TEMPLATES["who"] and name.startswith("share_"):
        return (
            f"{TEMPLATES['who'][who]} account for {entry['text']} of all tokens of the record, over the whole platform"
        )
    if (which := name.removeprefix("specifications_share_")) in TEMPLATES["shares"]:
        some = "" if entry["scope"] == "all specifications" else " under which the record holds the week"
        counted = f"combinations of defensible definitions{some}"
        return f"under {entry['text']} of the {counted}, {TEMPLATES['shares'][which]}"
    return None


def _count(name: str, entry: dict, facts: Facts) -> str | None:
    stem, _, scope = name.rpartition("_")
    if stem not in TEMPLATES["counts"]:
        return None
    total = facts.get(f"weeks_{scope}", {}).get("text", "")
    return TEMPLATES["counts"][stem].format(text=entry["text"], total=total, scope=_scope(entry))


def _plain(name: str, entry: dict, facts: Facts) -> str | None:
    if name not in TEMPLATES["plain"]:
        return None
    totals = {total: facts.get(total, {}).get("text", "") for total in ("claims", "drops")}
    when = day(entry["text"]) if re.fullmatch(r"\d{4}-\d\d-\d\d", entry["text"]) else entry["text"]
    return TEMPLATES["plain"][name].format(text=entry["text"], day=when, **totals)


def _ratio(name: str, entry: dict, facts: Facts) -> str | None:
    found = re.fullmatch(r"(open|money)_ratio(_mix|_low|_high)?(_last)?", name)
    if not found:
        return None
    week = "the last full week" if found[3] else "the reported week"
    what = "tokens of Chinese to US open-weight models" if found[1] == "open" else "Chinese to US tokens at list prices"
    end = {"_low": " is at least", "_high": " is at most"}.get(found[2] or "", " is")
    if entry["text"] == INFINITY:
        return f"in {week} the ratio of {what}, {_scope(entry)}, has no upper end: there are none of the US"
    return f"in {week} the ratio of {what}, {_scope(entry)},{end} {entry['text']}{_between(name, facts)}"


def _mover(name: str, _: dict, facts: Facts) -> str | None:
    found = re.fullmatch(r"mover_(\d)_of_(lead_start|ratio_reported)(_share)?", name)
    if not found:
        return None
    stem = name.removesuffix("_share")
    rank = "most" if found[1] == "1" else "second most"
    choice, share = facts[stem]["text"], facts[f"{stem}_share"]["text"]
    what = TEMPLATES["outcomes"][found[2]]
    return f"of all choices of definition, {choice!r} moves {what} {rank}: it explains {share} of its variance"


def _claim(name: str, entry: dict, facts: Facts) -> str | None:
    """Tell a fact of a claim before the sentence that the table of claims holds for it."""
    kinds, ends = "published|claim|distance|verdict|told", "chart|ranked|platform|all_low|all_high"
    found = re.fullmatch(rf"({kinds})_(.+?)(?:_({ends}))?", name)
    told = facts.get(f"told_{found[2]}") if found else None
    if not told:
        return None
    unit = f" {entry['unit']}" if entry["unit"] == "trillion tokens" else ""
    end = {"all_low": "at least ", "all_high": "at most "}.get(found[3] or "", "")
    front = {
        "published": f"printed as {entry['text']}{unit}: ",
        "claim": f"{_scope(entry)} the record gives {end}{entry['text']}{unit}: ",
        "distance": f"{_scope(entry)} the record lies {entry['text']} from the printed value: ",
    }.get(found[1], "")
    return front + told["text"].removesuffix(".")


def _anything(name: str, entry: dict) -> str:
    return f"{name.replace('_', ' ')} is {entry['text']} ({entry['unit']}), {_scope(entry)}"


TELLERS = (_plain, _week, _lead, _extreme, _growth, _share, _ratio, _mover, _claim, _count)
