"""The definition behind a pair of numbers that fits no reading, and how sure the find is.

A single number at 0.3 % with two exclusions matches something in most cases, a pair with one exclusion almost never.
So a find is made for two figures of one sentence or more, with at most one exclusion, at the tolerance of print and
vintage, and is told with its rivals, its false-positive rate and what other weeks say.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.analysis.claims.judging import distance, tolerances
from helpers.analysis.claims.ledger import check_claims
from helpers.analysis.claims.readings import ALL_MODELS, CHINA, US, WEEK, Record, span_of
from helpers.errors import InputError, nearest
from helpers.vocabulary import ORIGINS, TRILLION

SIZES = (*range(5, 9), *range(10, 31))
REACH_DAYS = 7
MONTH = 30
NAMED = 30  # models, and their publishers, of which one may be left out: the largest of the week
INVENTED = 2000
AROUND = 0.25  # invented targets lie this share around the printed ones, each by itself
CREDIBLE = 0.05  # a find that more invented targets than this match as well makes no verdict
MOST_LINES = 5
CODES = range(len(ORIGINS))
NUMBER_WORDS = {5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}


@dataclass(frozen=True)
class Definition:
    """How a number could have been made. The default is the plain chart: nine models, cloaked ones as known then.

    Attributes
    ----------
    shift : int
        Days from the stated window's last day to this one's.
    days : int
        7 or 30.
    size : int or None
        Permaslugs (or models) counted; None for all ranked ones.
    variants : str
        ``apart`` (entries of their own) or ``together``.
    cloaked : str
        ``as known then``, ``unknown``, ``out`` (before ranking) or ``merged`` (with the model they were revealed as
        in that window).
    left_out : tuple of str
        What is not added up: ("model", a name) or ("publisher", its author); empty for nothing.
    """

    shift: int = 0
    days: int = WEEK
    size: int | None = 9
    variants: str = "apart"
    cloaked: str = "as known then"
    left_out: tuple[str, ...] = ()

    @property
    def cost(self) -> int:
        """Number of departures from the plain chart."""
        plain = Definition()
        moved = (self.shift, self.days) != (plain.shift, plain.days)
        return moved + sum(
            getattr(self, name) != getattr(plain, name) for name in ("size", "variants", "cloaked", "left_out")
        )


PLAIN = Definition()


@dataclass(frozen=True)
class Find:
    """What the search found for one sentence.

    Attributes
    ----------
    sentence : str
        The sentence's key.
    figures : tuple of str
        Its claims.
    cost : int
        Departures of the cheapest definitions that fit; 0 if the plain chart does, or if none does.
    definitions : tuple of Definition
        Those that fit at that cost, the one that other weeks confirm best first.
    given : ndarray of float, shape (n_definitions, n_figures)
        What each gives, in the unit of the figure.
    tried : int
        Definitions tried up to that cost.
    false_positives : float
        Share of invented targets around the printed ones that some definition up to that cost fits.
    elsewhere : tuple of (int, int, int)
        Of each definition: other sentences that it fits, that it gives other values in than the plain chart does, and
        that were tried.
    """

    sentence: str
    figures: tuple[str, ...]
    cost: int
    definitions: tuple[Definition, ...]
    given: np.ndarray
    tried: int
    false_positives: float
    elsewhere: tuple[tuple[int, int, int], ...]

    @property
    def credible(self) -> bool:
        """Whether one departure reproduces all figures, and few invented targets."""
        return self.cost == 1 and self.false_positives <= CREDIBLE


class _Window:
    """Tokens of one window by permaslug and origin, under the two readings that name origins."""

    def __init__(self, record: Record, last: pd.Timestamp, days: int) -> None:
        end = record.place(last) + 1
        place = end - days
        self.held = bool(place >= 0 and end > days - 1 and end <= len(record.days) and record.observed[place:end].all())
        self.models = record.models
        self.named = record.models["known_from"].between(last - pd.Timedelta(days=days - 1), last).to_numpy()
        if not self.held:
            return
        block = record.tokens[place:end]
        self.total = block.sum(axis=0)
        self.by_origin = {
            policy: np.stack(
                [
                    np.where(record.origins[ALL_MODELS, policy][place:end] == code, block, 0).sum(axis=0)
                    for code in range(4)
                ]
            )
            for policy in ("as_of", "unknown", "retrospective")
        }

    def count(self, definition: Definition) -> np.ndarray:
        """Add up the tokens (count) of China, US, Other and Unknown under a definition."""
        models, total = self.models, self.total
        # What an entry of the ranking is: a permaslug, a model with its variants, a cloaked one with its successor.
        entry = np.arange(len(models))
        if definition.variants == "together":
            entry = pd.factorize(models["model"])[0]
        if definition.cloaked == "merged":
            successor = models["successor"].to_numpy()
            entry = np.where(self.named & (successor >= 0), entry[successor], entry)
        shown = total if definition.cloaked != "out" else np.where(models["cloaked"], 0, total)
        ranked = np.bincount(entry, weights=shown, minlength=len(models))
        kept = shown > 0
        if definition.size is not None:
            largest = np.argsort(-ranked, kind="stable")[: definition.size]
            kept &= np.isin(entry, largest)
        if definition.left_out:
            kind, name = definition.left_out
            kept &= models["model" if kind == "model" else "author"].ne(name).to_numpy()
        policy = {"merged": "retrospective", "unknown": "unknown"}.get(definition.cloaked, "as_of")
        return self.by_origin[policy][:, kept].sum(axis=1)


def _value(claim: tuple, sums: np.ndarray) -> float:
    if claim.unit == "trillion tokens":
        return {"China": sums[CHINA], "US": sums[US]}.get(claim.quantity.split()[-1], sums.sum()) / TRILLION
    above, below = (US, CHINA) if claim.quantity == "ratio of US to China" else (CHINA, US)
    return sums[above] / sums[below] if sums[below] else math.nan


TRIED = ("tokens of China", "tokens of US", "ratio", "ratio of US to China")


def search(claims: pd.DataFrame, record: Record, sentence: str) -> Find:
    """Search for the definition that reproduces all figures of a sentence.

    Windows first (seven and thirty days, every last day within a week of the stated one), then the number of models,
    variants apart or together, cloaked models, then one model or publisher left out; one departure from the plain
    chart, else two.

    Parameters
    ----------
    claims : DataFrame
        The ledger, for the sentence and for those that confirm a find.
    record : Record
        As `lay_out` returns it.
    sentence : str
        Key of the sentence, or of one of its claims.

    Returns
    -------
    Find
        With the five guards.

    Raises
    ------
    InputError
        If no claim has the key, the sentence has a single figure, its figures are no tokens or ratios of a stated
        week, or the record does not hold it.
    """
    check_claims(claims)
    named = claims[claims["claim_id"].eq(sentence)]["sentence"]
    key = named.iloc[0] if len(named) else sentence
    figures = list(claims[claims["sentence"].eq(key)].itertuples(index=False))
    if not figures:
        raise InputError(f"No claim or sentence is called {sentence!r}. {nearest(sentence, claims['claim_id'])}")
    if len(figures) < 2:
        raise InputError(
            f"The sentence {key!r} has one figure. A single number matches some definition in most cases, so a find "
            "would say nothing. Enter the other figures of its sentence, or choose a claim that has some."
        )
    if not _can_be_tried(figures):
        raise InputError(
            f"The figures of the sentence {key!r} are not all of a stated week and of: {', '.join(TRIED)}. The search "
            "knows no other definitions."
        )
    last = figures[0].period_end
    for most in (1, 2):
        tried = list(_values(figures, record, last, most=most))
        fitting = [pair for pair in tried if _fits(figures, pair[1])]
        if fitting:
            break
    if not tried:
        raise InputError(f"The record, {record.span}, does not hold the week of the sentence {key!r} in full.")
    cost = min((definition.cost for definition, _ in fitting), default=0)
    chosen = [pair for pair in fitting if pair[0].cost == cost]
    elsewhere = _elsewhere(claims, record, key, [definition for definition, _ in chosen])
    order = sorted(range(len(chosen)), key=lambda at: (-elsewhere[at][0], _gap(figures, chosen[at][1]), at))
    return Find(
        sentence=key,
        figures=tuple(figure.claim_id for figure in figures),
        cost=cost,
        definitions=tuple(chosen[at][0] for at in order),
        given=np.array([chosen[at][1] for at in order]).reshape(-1, len(figures)),
        tried=len(tried),
        false_positives=_false_positives(figures, np.array([values for _, values in tried])),
        elsewhere=tuple(elsewhere[at] for at in order),
    )


def _can_be_tried(figures: list[tuple]) -> bool:
    return all(
        figure.quantity in TRIED and span_of(figure) == "week" and figure.window == "stated" and figure.hedge != "over"
        for figure in figures
    )


def find_choices(claims: pd.DataFrame, settings: pd.DataFrame, record: Record) -> list[Find]:
    """Search for the definition behind every sentence of two figures or more that holds in no reading.

    Parameters
    ----------
    claims, record
        As for `search`.
    settings : DataFrame
        As `settle` returns it.

    Returns
    -------
    list of Find
        In the order of the ledger.
    """
    told = settings[settings["judged"] & settings["missing"].eq("")]
    held = set(told.loc[told["together"], "claim_id"])
    finds = []
    for sentence, group in claims.groupby("sentence", sort=False):
        figures = list(group.itertuples(index=False))
        known = set(group["claim_id"]) <= set(told["claim_id"])
        if len(figures) > 1 and known and not held & set(group["claim_id"]) and _can_be_tried(figures):
            finds.append(search(claims, record, sentence))
    return finds


def _values(figures: list[tuple], record: Record, last: pd.Timestamp, *, most: int) -> Iterator[tuple]:
    windows: dict[tuple[int, int], _Window] = {}
    for definition in _definitions(record, last, most=most):
        key = (definition.shift, definition.days)
        if key not in windows:
            windows[key] = _Window(record, last + pd.Timedelta(days=definition.shift), definition.days)
        if windows[key].held:
            sums = windows[key].count(definition)
            yield definition, tuple(_value(figure, sums) for figure in figures)


def _definitions(record: Record, last: pd.Timestamp, *, most: int) -> list[Definition]:
    week = _Window(record, last, WEEK)
    departures = [
        [{"shift": shift} for shift in range(-REACH_DAYS, REACH_DAYS + 1) if shift]
        + [{"shift": shift, "days": MONTH} for shift in range(-REACH_DAYS, REACH_DAYS + 1)],
        [{"size": size} for size in (*SIZES, None)],
        [{"variants": "together"}],
        [{"cloaked": reading} for reading in ("unknown", "out", "merged")],
        [{"left_out": left} for left in (_left_out(week) if week.held else [])],
    ]
    single = [[replace(PLAIN, **change) for change in kind] for kind in departures]
    found = [PLAIN, *[definition for kind in single for definition in kind]]
    if most > 1:
        found += [
            replace(definition, **change)
            for place, kind in enumerate(single)
            for definition in kind
            for other in departures[place + 1 :]
            for change in other
        ]
    return found


def _left_out(week: _Window) -> list[tuple[str, str]]:
    """Name the models and publishers of the largest permaslugs; a publisher of one model is told as its model."""
    largest = week.models.iloc[np.argsort(-week.total, kind="stable")[:NAMED]]
    models = [("model", model) for model in largest["model"].unique()]
    several = largest.groupby("author")["model"].nunique()
    return [*models, *[("publisher", author) for author in largest["author"].unique() if several[author] > 1]]


def _fits(figures: list[tuple], values: tuple[float, ...]) -> bool:
    return all(
        abs(distance(figure, value)) <= tolerances(figure)[0] for figure, value in zip(figures, values, strict=True)
    )


def _gap(figures: list[tuple], values: tuple[float, ...]) -> float:
    return max(abs(distance(figure, value)) for figure, value in zip(figures, values, strict=True))


def _false_positives(figures: list[tuple], values: np.ndarray) -> float:
    """Share of invented targets around the printed ones that some definition tried reproduces."""
    printed = np.array([float(figure.value) for figure in figures])
    allowed = np.array([tolerances(figure)[0] for figure in figures])
    drawn = np.random.default_rng(0).uniform(1 - AROUND, 1 + AROUND, size=(INVENTED, len(figures)))
    matched = [bool((np.abs(values / target - 1) <= allowed).all(axis=1).any()) for target in drawn * printed]
    return float(np.mean(matched))


def _elsewhere(
    claims: pd.DataFrame, record: Record, key: str, definitions: list[Definition]
) -> list[tuple[int, int, int]]:
    """Try definitions on the other sentences: how many each fits, and in how many it is not the plain chart."""
    others = []
    for sentence, group in claims.groupby("sentence", sort=False):
        figures = list(group.itertuples(index=False))
        if sentence != key and len(figures) > 1 and _can_be_tried(figures):
            others.append((figures, figures[0].period_end))
    found = []
    for definition in definitions:
        fits = differs = tried = 0
        for figures, last in others:
            window = _Window(record, last + pd.Timedelta(days=definition.shift), definition.days)
            week = _Window(record, last, WEEK)
            if window.held and week.held:
                sums = window.count(definition)
                tried += 1
                fits += _fits(figures, tuple(_value(figure, sums) for figure in figures))
                differs += bool((sums != week.count(PLAIN)).any())
        found.append((fits, differs, tried))
    return found


def describe(definition: Definition, record: Record) -> str:
    """Say a definition in words that a reporter could have had."""
    size = NUMBER_WORDS.get(definition.size, str(definition.size))
    entries = "all ranked models" if definition.size is None else f"the {size} largest models"
    parts = [entries]
    if definition.variants == "together":
        parts.append("with their variants added up")
    parts += {
        "unknown": ["cloaked models of no country"],
        "out": ["cloaked models left out before ranking"],
        "merged": ["cloaked models added to the model they were revealed as in that week"],
    }.get(definition.cloaked, [])
    if definition.left_out:
        parts.append(f"without {_name(*definition.left_out, record)}")
    if definition.days == MONTH:
        parts.append("over thirty days")
    if definition.shift:
        side = "later" if definition.shift > 0 else "earlier"
        parts.append(f"in the window that ends {abs(definition.shift)} days {side}")
    return ", ".join(parts).replace(", without", " without")


def _name(kind: str, name: str, record: Record) -> str:
    rows = record.models[record.models["model" if kind == "model" else "author"].eq(name)]
    maker = rows["organization"].iloc[0]
    if kind == "publisher":
        return f"{maker}'s models"
    slug = pd.Series([name]).str.replace(r"^.*/|-\d{4,8}$|-\d{4}-\d\d-\d\d$", "", regex=True).iloc[0]
    words = " ".join(word if any(map(str.isdigit, word)) else word.capitalize() for word in slug.split("-"))
    return f"{maker}'s {words}"


def tell_find(find: Find, claims: pd.DataFrame, record: Record) -> list[str]:
    """Tell a find with its guards, as lines of text.

    Parameters
    ----------
    find : Find
        As `search` returns it.
    claims, record
        As for `search`.

    Returns
    -------
    list of str
        What was printed, the best definition, its rivals, the false-positive rate, what other weeks say, and how
        sure the find is.
    """
    rows = claims.set_index("claim_id").loc[list(find.figures)]
    week = f"{rows['period_start'].iloc[0]:%Y-%m-%d} to {rows['period_end'].iloc[0]:%Y-%m-%d}"
    printed = " and ".join(
        f"{value} ({quantity})" for value, quantity in zip(rows["value"], rows["quantity"], strict=True)
    )
    lines = [f"Printed for {week}: {printed}."]
    if not find.definitions:
        return [*lines, f"None of {find.tried} definitions with at most two departures gives all of them."]
    if not find.cost:
        return [*lines, "The nine largest models of the week give them as they are: there is nothing to search for."]
    several = "one departure" if find.cost == 1 else f"{find.cost} departures"
    gives = [" and ".join(f"{value:.4f}" for value in values) for values in find.given]
    lines += [
        f"Reproduced with {several} from the nine largest models: {describe(find.definitions[0], record)} "
        f"({gives[0]}).",
        f"Rivals at the same cost: {len(find.definitions) - 1} of {find.tried} definitions tried.",
        *[
            f"- {describe(rival, record)} ({gives[at]})"
            for at, rival in enumerate(find.definitions[1:MOST_LINES], start=1)
        ],
        f"False-positive rate: {100 * find.false_positives:.1f} % of {INVENTED} invented targets within "
        f"{100 * AROUND:.0f} % of the "
        "printed ones are reproduced as cheaply.",
        *_other_weeks(find, record),
        "Tolerance: half a unit of the last printed digit and 0.5 % for restatements, fixed beforehand.",
        "This names the choice: one departure, and few invented targets match."
        if find.credible
        else "This does not name the choice: it needs two departures, or too many invented targets match.",
    ]
    return lines


def forensics_lines(claims: pd.DataFrame, record: Record, sentence: str) -> list[str]:
    """Search for the definition behind a sentence, or the sentence of a claim, and tell the find as lines of text.

    Raises
    ------
    InputError
        As `search`.
    """
    return tell_find(search(claims, record, sentence), claims, record)


def _other_weeks(find: Find, record: Record) -> list[str]:
    (fits, differs, tried), *rivals = find.elsewhere
    if not tried:
        return ["Other weeks: the ledger holds no other pair, so the find is not confirmed."]
    same = [describe(find.definitions[at], record) for at, found in enumerate(rivals, start=1) if found[0] == fits]
    apart = "none, so they cannot tell the two apart" if not differs else f"{differs} of the {tried}"
    lines = [
        f"Other weeks: it fits {fits} of {tried} other pairs of the ledger; it differs from the plain chart in {apart}."
    ]
    if same:
        lines.append(f"Not distinguishable from: {'; '.join(same)}.")
    elif rivals:
        lines.append(f"The next rival fits {max(found[0] for found in rivals)} of {tried}.")
    return lines
