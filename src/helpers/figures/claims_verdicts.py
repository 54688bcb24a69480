"""The claims as a page: what was published, what the record gives in each scope with bounds, and the verdict."""

import math
import re

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data import contracts
from helpers.figures.editions import HOUSE, Edition
from helpers.figures.frame import (
    LINE,
    MARGIN_MM,
    POINT_MM,
    UNTITLED_MM,
    Canvas,
    Caption,
    column_or_page,
    is_narrow,
)
from helpers.figures.style import HAIRLINE, INK, MUTED, house_style
from helpers.figures.words import ENGLISH, Words
from helpers.numbers import round_digits
from helpers.vocabulary import NAMED_SCOPES

NAME = "claims_verdicts"
TABLES = ["claims"]
DENSE = True  # rows of text that no layout can make fewer
SIZE = 6.5
MARKS = {  # kind of verdict -> marker and its fill: told apart by shape, not by colour
    "holds": ("o", INK),
    "holds only": ("o", "white"),
    "not identified": ("D", HAIRLINE),
    "contradicted": ("X", INK),
    "not testable": ("s", "white"),
}
COLUMNS = {
    **contracts.CONTRACTS["claims"].pick("claim_id"),
    "statement": contracts.text("the sentence, in the language of the figure"),
    "quantity": contracts.text("what it speaks of, in the language of the figure"),
    "period": contracts.text("first and last day"),
    "published": contracts.text("the value as printed, in the unit of its quantity; numbers to three digits"),
    "chart": contracts.text("our value in the scope chart; a dash if there is none"),
    "chart_bounds": contracts.text("its bounds; empty if they are equal", empty=True),
    "ranked": contracts.text("our value in the scope ranked; a double dagger marks one of the whole platform"),
    "ranked_bounds": contracts.text("its bounds; empty if they are equal", empty=True),
    "verdict": contracts.text("the verdict; a dagger stands for a condition on cloaked models"),
    "verdict_narrow": contracts.text("the same, shorter"),
    "kind": contracts.one_of(list(MARKS), "kind of verdict"),
}
WIDE = {"claim": 66.0, "published": 21.0, "chart": 24.0, "ranked": 24.0, "verdict": 43.0}
NARROW = {"claim": 33.0, "published": 12.5, "chart": 10.5, "ranked": 11.5, "verdict": 16.5}


def prepare(claims: pd.DataFrame, words: Words = ENGLISH) -> pd.DataFrame:
    """Write the table `claims` as the words that are printed.

    Parameters
    ----------
    claims : DataFrame
        The table `claims`.
    words : Words
        The language; a statement that its table does not hold stays as it was published.

    Returns
    -------
    DataFrame
        `claim_id, statement, quantity, period, published, chart, chart_bounds, ranked, ranked_bounds, verdict,
        verdict_narrow` (text; a double dagger marks values of the whole platform) and `kind` (holds, holds only,
        not identified, contradicted, not testable).
    """
    columns = {
        "claim_id": claims["claim_id"],
        "statement": [
            words.or_else(f"{NAME}.statement.{claim}", statement)
            for claim, statement in zip(claims["claim_id"], claims["statement"], strict=True)
        ],
        "quantity": [
            words.or_else(f"{NAME}.quantity.{quantity}", quantity)
            for quantity in claims["quantity"].str.replace("_", " ")
        ],
        "period": [
            words(f"{NAME}.period", start=words.brief_day(start), end=words.brief_day(end))
            for start, end in zip(claims["period_start"], claims["period_end"], strict=True)
        ],
        "published": [_level(value, words) for value in claims["published_value"]],
    }
    for scope in NAMED_SCOPES:  # the platform has the identified tokens of the ranked
        levels = [claims[f"{name}_{scope}"] for name in ("value", "low", "high")]
        columns[scope] = [_level(value, words) or "-" for value in levels[0]]
        columns[f"{scope}_bounds"] = [
            words(f"{NAME}.bounds", low=_level(low, words, brief=True), high=_level(high, words, brief=True))
            if low != high
            else ""
            for _, low, high in zip(*levels, strict=True)
        ]
    whole = pd.Series([_level(value, words) for value in claims["value_platform"]], index=claims.index)
    columns["ranked"] = [
        f"{total}‡" if chart == ranked == "-" and total else ranked
        for chart, ranked, total in zip(columns["chart"], columns["ranked"], whole, strict=True)
    ]
    columns["verdict"] = [_verdict(verdict, words, "only") for verdict in claims["verdict"]]
    columns["verdict_narrow"] = [_verdict(verdict, words, "only_narrow") for verdict in claims["verdict"]]
    columns["kind"] = claims["verdict"].str.extract(f"^({'|'.join(sorted(MARKS, key=len, reverse=True))})")[0]
    return pd.DataFrame(columns).astype("str").reset_index(drop=True)


def _level(text: str, words: Words, *, brief: bool = False) -> str:
    """Write a number with three digits, a date in short (briefly: its month); other words stay as they are."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        day = pd.Timestamp(text)
        return words.month(day, year=True) if brief else words.brief_day(day)
    try:
        number = float(text)
    except ValueError:
        return words.or_else(f"{NAME}.{text}", text)
    return "∞" if math.isinf(number) else round_digits(number, digits=3).replace("-", "\N{MINUS SIGN}")


def _verdict(verdict: str, words: Words, only: str) -> str:
    """Shorten a verdict to what a cell can hold; a dagger stands for a condition on cloaked models."""
    short = verdict.removesuffix(" with this record")
    found = re.match(r"holds only under scopes? ([a-z, ]+?)(?= with|;|$)", short)
    if not found:
        return words.or_else(f"{NAME}.{short.replace(' ', '_')}", short)
    scopes = found[1].replace("ranked and platform", "ranked").split(" and ")
    named = words(f"{NAME}.scope_and").join(words.or_else(f"{NAME}.scope_{scope}", scope) for scope in scopes)
    return words(f"{NAME}.{only}", scopes=named) + ("†" if "stealth" in short else "")


def draw(data: pd.DataFrame, *, source: str, edition: Edition = HOUSE) -> Figure:
    """Draw one row a claim; in one column the sentence gives way to quantity and period."""
    with house_style(edition):
        narrow = is_narrow(edition.width_mm)
        inner = edition.width_mm - 2 * MARGIN_MM
        shares = NARROW if narrow else WIDE
        widths = {name: wide * inner / sum(shares.values()) for name, wide in shares.items()}
        around = {"caption": caption(data, edition.words, narrow=narrow), "source": source}
        row, head = 2 * SIZE * POINT_MM * LINE + column_or_page(edition.width_mm, column=1.0, page=1.3), 5.5
        probe = Canvas(edition, height_mm=100, **around)
        room = probe.top + probe.bottom + head + row * len(data)
        canvas = Canvas(edition, height_mm=room + (0 if edition.profile.titled else UNTITLED_MM), **around)
        row -= max(0.0, room - canvas.height) / max(1, len(data))
        axis = canvas.axes(MARGIN_MM, MARGIN_MM, canvas.top, canvas.bottom)
        axis.set_xlim(0, inner)
        axis.set_ylim(head + row * len(data), 0)
        axis.axis("off")
        _draw_head(axis, widths, head - 1.5, edition.words)
        for place, cells in enumerate(data.to_dict("records")):
            top = head + place * row
            if edition.profile.grid_lines or place == 0:
                axis.axhline(top, color=HAIRLINE, linewidth=0.5)
            _draw_row(canvas, axis, cells, widths, top + row / 2)
        return canvas.figure


def _left(widths: dict[str, float], column: str) -> float:
    names = list(widths)
    return sum(widths[name] for name in names[: names.index(column)])


def _draw_head(axis: Axes, widths: dict[str, float], bottom: float, words: Words) -> None:
    for column in widths:
        left = _left(widths, column)
        axis.text(left, bottom, words(f"{NAME}.{column}"), size=SIZE, weight="bold", va="bottom")


def _draw_row(canvas: Canvas, axis: Axes, cells: dict[str, str], widths: dict[str, float], middle: float) -> None:
    narrow = is_narrow(canvas.width)
    style = {"size": SIZE, "va": "center", "linespacing": 1.15}
    claim = canvas.wrap(cells["quantity" if narrow else "statement"], size=SIZE, width_mm=widths["claim"] - 1.5)
    if narrow and len(claim) == 1:
        claim.append(cells["period"])
    axis.text(0, middle, "\n".join(claim[:2]), **style)
    axis.text(_left(widths, "published"), middle, cells["published"], **style)
    for scope in NAMED_SCOPES:  # the platform has the identified tokens of the ranked
        bounds = f"\n({cells[f'{scope}_bounds']})" if cells[f"{scope}_bounds"] and not narrow else ""
        axis.text(_left(widths, scope), middle, cells[scope] + bounds, **style)
    left = _left(widths, "verdict")
    marker, fill = MARKS[cells["kind"]]
    axis.plot([left + 1], [middle], marker, markersize=4, markerfacecolor=fill, markeredgecolor=INK, clip_on=False)
    verdict = canvas.wrap(cells["verdict_narrow" if narrow else "verdict"], size=SIZE, width_mm=widths["verdict"] - 3)
    colour = INK if cells["kind"] != "not testable" else MUTED
    axis.text(left + 3, middle, "\n".join(verdict[:2]), color=colour, **style)


def caption(data: pd.DataFrame, words: Words, *, narrow: bool = False) -> Caption:
    """Say how many claims hold, what is compared, and what the signs mean."""
    only_chart = words(f"{NAME}.only", scopes=words(f"{NAME}.scope_chart"))
    return Caption(
        words(
            f"{NAME}.title",
            holds=int(data["kind"].eq("holds").sum()),
            total=len(data),
            chart=int(data["verdict"].str.removesuffix("†").eq(only_chart).sum()),
        ),
        words(f"{NAME}.subtitle") + ("" if narrow else words(f"{NAME}.brackets")),
        words(
            f"{NAME}.note",
            dagger=words(f"{NAME}.dagger") if data["verdict"].str.contains("†").any() else "",
            platform=words(f"{NAME}.platform") if data["ranked"].str.contains("‡").any() else "",
        ),
        words(f"{NAME}.measure"),
    )


def describe(data: pd.DataFrame, words: Words = ENGLISH) -> str:
    """Say in words what the figure shows, from its own data."""
    counts = data["kind"].value_counts()
    parts = [
        words(f"{NAME}.alt_kind", number=counts[kind], kind=words(f"{NAME}.kind_{kind.replace(' ', '_')}"))
        for kind in MARKS
        if kind in counts
    ]
    first = data.iloc[0]
    return words(
        f"{NAME}.alt",
        count=len(data),
        parts=words.listed(parts),
        statement=first["statement"],
        chart=first["chart"],
        ranked=first["ranked"],
        verdict=first["verdict"].removesuffix("†"),
    )
