"""The claims as a reader gets them: values per scope, why a verdict was given, and a sentence to print."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.analysis.claims.forensics import NUMBER_WORDS, Find, describe, find_choices
from helpers.analysis.claims.judging import FITS, ROUND, distance, judge, printed_number, settle
from helpers.analysis.claims.ledger import judged_scopes
from helpers.analysis.claims.readings import (
    QUANTITIES,
    WEEK,
    Reading,
    Record,
    Setting,
    measure,
    readings_of,
    round_step,
    share_of_origin,
    span_of,
    trend_of_ratio,
)
from helpers.numbers import round_digits
from helpers.vocabulary import CONTRADICTED, NOT_DECIDED, ON_A_CHOICE, SCOPES, UNTESTED

OF_WEEKS, OF_CHANGES = "share of the weeks", "share of the weekly changes"
FRONT = ["claim_id", "source_id", "sentence", "statement", "quantity", "unit", "hedge"]


def value_unit(claim: tuple) -> str:
    """Name the unit of our value and of the number that it is compared with."""
    if span_of(claim) == "period":
        return OF_CHANGES if claim.unit == "direction" else OF_WEEKS
    return "weeks" if claim.unit == "week" else claim.unit


def judge_claims(
    claims: pd.DataFrame,
    settings: pd.DataFrame,
    record: Record,
    *,
    sources: pd.DataFrame,
    finds: Sequence[Find] = (),
    chart_size: int = 9,
    min_days: int = WEEK,
) -> pd.DataFrame:
    """Lay out every claim with our values in each scope, its verdict and what to print.

    Parameters
    ----------
    claims, record
        The ledger and the record.
    settings : DataFrame
        As `settle` returns it.
    sources : DataFrame
        `source_id, publisher, published`: one row an article.
    finds : sequence of Find
        As `find_choices` returns them.
    chart_size, min_days
        As for `settle`.

    Returns
    -------
    DataFrame
        The table `claims` (see `helpers.data.contracts`): one row a figure, in the order of the ledger. Values and
        distances are those of the window told; the least tolerance of a scope is that of its own best window.
    """
    by_claim = {name: find for find in finds for name in find.figures}
    chosen = {name for name, find in by_claim.items() if find.credible}
    verdicts = judge(settings, on_a_choice=frozenset(chosen)).set_index("claim_id")
    article = sources.set_index("source_id")
    groups = {name: list(rows.itertuples(index=False)) for name, rows in claims.groupby("sentence", sort=False)}
    rows = []
    for claim in claims.itertuples(index=False):
        told = verdicts.loc[claim.claim_id]
        own = settings[settings["claim_id"].eq(claim.claim_id) & settings["policy"].eq(told["policy"])].set_index(
            "scope"
        )
        best = own.loc[told["scope"]]
        reading = _reading(claim, record, best, min_days)
        levels = {
            scope: measure(claim, record, reading, Setting(scope, told["policy"], chart_size, min_days))
            for scope in QUANTITIES[claim.quantity].scopes
            if reading
        }
        row = {name: getattr(claim, name) for name in FRONT} | {
            "printed": claim.value,
            "published": printed_number(claim),
            "value_unit": value_unit(claim),
            **{name: getattr(claim, name) for name in ("period_start", "period_end", "window", "scope_stated")},
            **{name: best[name] for name in ("window_start", "window_end")},
            "cloaked": told["policy"],
        }
        for scope in SCOPES:
            level = levels.get(scope, (np.nan, np.nan, np.nan))
            row |= {f"value_{scope}": level[0], f"distance_{scope}": distance(claim, level[0])}
            row[f"least_tolerance_{scope}"] = own["least_tolerance"].get(scope, np.nan)
        row |= dict(zip(("low_all", "high_all"), levels.get("ranked", (np.nan,) * 3)[1:], strict=True))
        row |= {"distance_unit": "weeks" if claim.unit == "week" else "share of the printed value"}
        row |= {"verdict": told["verdict"], "publisher": article["publisher"][claim.source_id]}
        row |= {"published_on": article["published"][claim.source_id]}
        find = by_claim.get(claim.claim_id)
        teller = _Teller(claim, row, levels, best, groups[claim.sentence], record, reading, find, chart_size, min_days)
        rows.append(row | {"why": teller.why(), "told": teller.told()})
    table = pd.DataFrame(rows)
    days = ["period_start", "period_end", "window_start", "window_end"]
    text = [*FRONT, "printed", "value_unit", "window", "scope_stated", "cloaked", "distance_unit", "verdict", "why"]
    text += ["told", "publisher", "published_on"]
    return table.astype(dict.fromkeys(days, "datetime64[us]") | dict.fromkeys(text, "str"))


def hold_claims(
    claims: pd.DataFrame, sources: pd.DataFrame, record: Record, *, chart_size: int = 9, min_days: int = WEEK
) -> tuple[pd.DataFrame, pd.DataFrame, list[Find]]:
    """Settle the claims, search for what is behind those that fit no reading, and judge them.

    Returns
    -------
    settings, table : DataFrame
        As `settle` and `judge_claims` return them.
    finds : list of Find
        As `find_choices` returns them.

    Raises
    ------
    InputError
        As `helpers.analysis.claims.ledger.check_claims`.
    """
    settings = settle(claims, record, chart_size=chart_size, min_days=min_days)
    finds = find_choices(claims, settings, record)
    given = {"sources": sources, "finds": finds, "chart_size": chart_size, "min_days": min_days}
    return settings, judge_claims(claims, settings, record, **given), finds


def _reading(claim: tuple, record: Record, best: pd.Series, min_days: int) -> Reading:
    """Rebuild the reading that a setting was measured in from its window."""
    if best["agreement"] == UNTESTED:
        return ()
    first, last = best["window_start"], best["window_end"] - pd.Timedelta(days=WEEK - 1)
    if span_of(claim) == "period":
        return readings_of(claim, record, min_days=min_days)[0][0]
    return (first,) if first == last else (first, last)


def day(when: pd.Timestamp) -> str:
    """Write a day as prose does.

    Examples
    --------
    >>> day(pd.Timestamp("2026-06-08"))
    '8 June 2026'
    """
    return f"{when.day} {when:%B %Y}"


class _Teller:
    """Words for one claim."""

    def __init__(
        self,
        claim: tuple,
        row: dict,
        levels: dict,
        best: pd.Series,
        group: list[tuple],
        record: Record,
        reading: Reading,
        find: Find | None,
        chart_size: int,
        min_days: int,
    ) -> None:
        self.claim, self.row, self.levels, self.best, self.group = claim, row, levels, best, group
        self.record, self.reading, self.find = record, reading, find
        self.chart_size, self.min_days = chart_size, min_days
        size = NUMBER_WORDS.get(chart_size, str(chart_size))
        self.where = {
            "chart": f"among the {size} largest models",
            "ranked": "over all ranked models",
            "platform": "over the whole platform",
        }

    def value(self, number: float, *, unit: bool = True) -> str:
        """Write a value with its unit, in as many digits as the printed one has, three at least."""
        kind = value_unit(self.claim)
        if math.isinf(number):
            return "no limit"
        if kind in ("share", "relative change", OF_WEEKS, OF_CHANGES):
            end = {OF_WEEKS: f" of the weeks have {self.near()}", OF_CHANGES: " of the weekly changes go up"}
            return f"{100 * number:.3g} %{end.get(kind, '')}"
        if kind == "weeks":
            return self.lead_week(number)
        digits = max(3, sum(map(str.isdigit, self.claim.value.lstrip("0."))))
        number_text = round_digits(number, digits=digits)
        return number_text + (" trillion" if kind == "trillion tokens" else " to 1") * unit

    def near(self) -> str:
        """Name the shares that a printed one stands for."""
        if self.claim.unit != "share":
            return ""
        printed = float(self.claim.value)
        low, high = (100 * (printed + side * round_step(printed) / 2) for side in (-1, 1))
        return f"{low:.3g} to {high:.3g} %"

    def lead_week(self, weeks: float) -> str:
        """Name the week that lies so many after the printed one."""
        return f"the week of {day(pd.Timestamp(self.claim.value) + pd.Timedelta(weeks=weeks))}"

    def gap(self, scope: str) -> str:
        """Say how far a value is from the printed one."""
        gap = distance(self.claim, self.levels[scope][0])
        if self.claim.unit == "week":
            return "as printed" if not gap else _weeks(gap)
        if abs(gap) < 5e-4:
            return "the same to 0.05 %"
        size = f"{abs(100 * gap):.2g}" if abs(gap) < 1 else f"{abs(100 * gap):.0f}"
        return f"{size} % {'above' if gap > 0 else 'below'}"

    def when(self) -> str:
        """Name the window told."""
        first, last = self.row["window_start"], self.row["window_end"] - pd.Timedelta(days=WEEK - 1)
        if self.claim.unit == "week":
            return "over all its weeks"
        if first == last:
            return f"in the week of {day(first)}"
        joined = "from the week of {} to that of {}" if span_of(self.claim) == "change" else "in the weeks of {} to {}"
        return joined.format(day(first), day(last))

    def why(self) -> str:
        """Say why the claim got its verdict, in one sentence."""
        if not self.reading:
            return f"Missing: {self.best['missing']}."
        judged = judged_scopes(self.claim)
        parts = [f"{self.where[scope]} {self.value(self.levels[scope][0])} ({self.gap(scope)})" for scope in judged]
        if self.claim.scope_stated != "not stated":
            parts[0] += ", as the article names its models" if judged != ("platform",) else ""
        parts += [*self.about_windows(), *self.about_words(), *self.about_bounds(), *self.about_group()]
        return f"{_capital(self.when())}: {'; '.join(parts)}."

    def about_windows(self) -> list[str]:
        """Say how many of the windows tried hold."""
        tried, holding = int(self.best["readings"]), int(self.best["holding"])
        if tried < 2:
            return []
        pairs = "pairs of weeks" if span_of(self.claim) == "change" else "windows"
        return [f"{holding} of {tried} {pairs} tried hold"]

    def about_words(self) -> list[str]:
        """Say what a hedge asks and what the record says to it."""
        scope = self.best.name
        setting = Setting(scope, self.row["cloaked"], self.chart_size, self.min_days)
        if self.claim.unit == "direction":
            rising = (trend_of_ratio(self.record, self.reading, setting) + 1) / 2
            return [f"over the whole time the later of two weeks has the larger ratio in {100 * rising:.0f} % of pairs"]
        if span_of(self.claim) == "period":
            shares = [share_of_origin(self.record, week, setting, self.claim.quantity)[0] for week in self.reading]
            median, printed = float(np.median(shares)), float(self.claim.value)
            far = ", so the claim understates" if median > (1 + ROUND) * printed else ""
            return [f"the median week has {100 * median:.0f} % against the printed {100 * printed:.0f}{far}"]
        if span_of(self.claim) == "change" and self.claim.window == "open":
            last = self.record.weeks(self.record.days[0], self.record.days[-1], min_days=self.min_days)[-1]
            to_end = self.value(measure(self.claim, self.record, (self.reading[0], last), setting)[0])
            return [f"to the last full week, that of {day(last)}, it is {to_end} {self.where[scope]}"]
        far = self.claim.hedge == "over" and distance(self.claim, self.levels[scope][0]) > ROUND
        return ["so the claim understates"] if far else []

    def about_bounds(self) -> list[str]:
        """Say what the unidentified models allow, where the claim is about all models."""
        if "ranked" not in judged_scopes(self.claim) or self.claim.unit in ("direction",):
            return []
        _, low, high = self.levels["ranked"]
        if low == high:
            return []
        end = ", which leaves it open" if self.row["verdict"] == NOT_DECIDED else ""
        if self.claim.unit == "trillion tokens":
            return [f"unidentified models could make it up to {self.value(high)} over all{end}"]
        return [f"unidentified models allow {self.value(low, unit=False)} to {self.value(high)} over all{end}"]

    def about_group(self) -> list[str]:
        """Say what the other figures of the sentence do, and what was found behind them."""
        parts = []
        if len(self.group) > 1 and self.best["together"]:
            parts.append(f"all figures of the sentence hold if {100 * self.best['least_tolerance']:.2g} % are allowed")
        elif len(self.group) > 1 and self.best["agreement"] in FITS:
            parts.append("but the other figure of its sentence does not hold")
        if self.find and self.find.definitions and self.find.cost and self.row["verdict"] == ON_A_CHOICE:
            given = round_digits(self.find.given[0, self.find.figures.index(self.claim.claim_id)], digits=5)
            rivals = len(self.find.definitions) - 1
            parts.append(
                f"{describe(self.find.definitions[0], self.record)} give {given} ({rivals or 'no'} "
                f"rival{'' if rivals == 1 else 's'} as simple, and {100 * self.find.false_positives:.1f} % of invented "
                "pairs fit as well)"
            )
        return parts

    def told(self) -> str:
        """Write the sentence to print."""
        said = f"{self.row['publisher']} ({self.row['published_on']}): “{self.claim.statement}”"
        if not self.reading:
            return f"{said}. This is not testable; missing: {self.best['missing']}."
        scopes = judged_scopes(self.claim)
        ours = "; ".join(f"{self.ours(scope, first=not at)} {self.where[scope]}" for at, scope in enumerate(scopes))
        bounds, words = self.about_bounds(), self.about_words()
        if span_of(self.claim) in ("period", "change") and words:
            doubt = f" {_capital('; '.join([*words, *bounds]))}."
        elif "ranked" in scopes and bounds:
            doubt = f" Uncertain: {bounds[0]}."
        elif scopes == ("platform",):
            doubt = " A total has nothing unidentified."
        else:
            doubt = " A sum over named models is known to the token; which models the article counted is not."
        return f"{said}. The record, {self.when()}: {ours}.{doubt} The claim {self.verdict()}."

    def verdict(self) -> str:
        """Write the verdict as a verb, with the size of a contradiction or the choice it rests on."""
        verdict = self.row["verdict"]
        if verdict == ON_A_CHOICE:
            return f"{verdict}: {describe(self.find.definitions[0], self.record)}"
        if verdict == CONTRADICTED and span_of(self.claim) == "week":
            return f"is {verdict}: {self.gap(self.best.name)}, {self.where[self.best.name]}"
        return verdict if verdict.startswith("holds") else f"is {verdict}"

    def ours(self, scope: str, *, first: bool) -> str:
        """Write our value in a scope; for the tokens of both countries both, China first."""
        pair = {claim.quantity: claim for claim in self.group}
        both = [pair.get(f"tokens of {name}") for name in ("China", "US")]
        if len(self.group) == 2 and all(both):
            setting = Setting(scope, self.row["cloaked"], self.chart_size, self.min_days)
            numbers = [round_digits(measure(claim, self.record, self.reading, setting)[0], digits=3) for claim in both]
            unit = " trillion tokens (China, US)" if first else ""
            return f"{numbers[0]} against {numbers[1]}{unit}"
        if self.claim.unit == "week":
            return f"China first led in {self.value(self.levels[scope][0])}"
        return self.value(self.levels[scope][0])


def _weeks(number: float) -> str:
    if math.isinf(number):
        return "never"
    count = f"{abs(number):.0f} week{'' if abs(number) == 1 else 's'}"
    return f"{count} {'later' if number > 0 else 'earlier'}" if number else "that week"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
