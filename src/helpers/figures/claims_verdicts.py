"""The claims as a page: what was published, what the record gives in each scope, how far apart, and the verdict."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.claims_table import KINDS, PERCENT, kind_of
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
from helpers.vocabulary import NAMED_SCOPES, ROUGHLY, SCOPES

NAME = "claims_verdicts"
TABLES = ["claims"]
DENSE = True  # rows of text that no layout can make fewer
SIZE = 6.5
MARKS = dict(  # kind of verdict -> marker and its fill: told apart by shape, not by colour
    zip(
        KINDS,
        [("o", INK), ("o", "white"), ("^", "white"), ("D", HAIRLINE), ("X", INK), ("s", "white")],
        strict=True,
    )
)
COLUMNS = {
    "sentence": contracts.text("key of the sentence, as in the table of claims"),
    "claim": contracts.text("what it speaks of, in the language of the figure"),
    "period": contracts.text("first and last day of the window told, or of those in reach"),
    "published": contracts.text("the values as printed, in the unit of the claim; of a pair China's first"),
    "chart": contracts.text("our values in the scope chart, in the same unit; a dash if there is none"),
    "ranked": contracts.text("our values in the scope ranked; a double dagger marks one of the whole platform"),
    "tolerance": contracts.text("least tolerance under which all its figures hold in some scope", empty=True),
    "verdict": contracts.text("the verdict; of a pair the worse one"),
    "verdict_narrow": contracts.text("the same, shorter"),
    "scope_stated": contracts.text("a mark if the article names the models that it counts", empty=True),
    "printed_by": contracts.text("who printed it"),
    "printed_on": contracts.text("when"),
    "kind": contracts.one_of(list(MARKS), "kind of verdict"),
    "headline": contracts.flag("whether it is of the first article: what a narrow figure shows"),
}
WIDE = {"claim": 67.0, "published": 22.0, "chart": 19.0, "ranked": 18.0, "tolerance": 16.0, "verdict": 39.0, "by": 5.0}
NARROW = {"claim": 30.5, "published": 15.5, "chart": 12.0, "ranked": 13.0, "verdict": 17.5}


def prepare(claims: pd.DataFrame, words: Words = ENGLISH) -> pd.DataFrame:
    """Write the table `claims` as the words that are printed, one row a sentence.

    Parameters
    ----------
    claims : DataFrame
        The table `claims`.
    words : Words
        The language; a name that its table does not hold stays English.

    Returns
    -------
    DataFrame
        As `COLUMNS` says.
    """
    groups = [rows for _, rows in claims.groupby("sentence", sort=False)]
    first = claims["source_id"].iloc[0] if len(claims) else ""
    return pd.DataFrame([_row(rows, words, first) for rows in groups], columns=list(COLUMNS))


def _row(rows: pd.DataFrame, words: Words, first: str) -> dict:
    one = rows.iloc[0]
    worst = max(rows["verdict"], key=lambda verdict: KINDS.index(kind_of(verdict)))
    of_weeks = one["value_unit"].startswith("share of the")  # of weeks or changes: not what the article counts
    key = f"{one['quantity']}, {one['hedge']}" if of_weeks else one["quantity"]
    name = words(f"{NAME}.pair") if len(rows) > 1 else words.or_else(f"{NAME}.quantity.{key}", key)
    unit = words(f"{NAME}.trillion") if one["unit"] == "trillion tokens" else ""
    window = ("window_start", "window_end") if pd.notna(one["window_start"]) else ("period_start", "period_end")
    start, end = (one[name] for name in window)
    cells = {scope: words(f"{NAME}.and").join(_levels(rows, f"value_{scope}", words)) for scope in SCOPES}
    ranked = f"{cells['platform']}‡" if cells["platform"] and not cells["ranked"] else cells["ranked"]
    gaps = rows[[f"least_tolerance_{scope}" for scope in SCOPES]].min(axis=None)
    tolerance = (
        words(f"{NAME}.weeks", number=f"{gaps:.0f}") if one["value_unit"] == "weeks" else f"{100 * gaps:.2g}\u202f%"
    )
    return {
        "sentence": one["sentence"],
        "claim": name + unit,
        "period": _period(start, end, words),
        "published": _published(rows, words),
        "chart": cells["chart"] or "-",
        "ranked": ranked or "-",
        "tolerance": "" if pd.isna(gaps) else tolerance,
        "verdict": _verdict(worst, words, "only"),
        "verdict_narrow": _verdict(worst, words, "only_narrow"),
        "scope_stated": "" if one["scope_stated"] in ("not stated", "platform") else "†",
        "printed_by": one["publisher"].split(",")[0],
        "printed_on": one["published_on"],
        "kind": kind_of(worst),
        "headline": one["source_id"] == first,
    }


def _period(start: pd.Timestamp, end: pd.Timestamp, words: Words) -> str:
    if end - start < pd.Timedelta(days=7):
        return words(f"{NAME}.week", start=words.day(start))
    first, last = (words(f"{NAME}.month", month=words.month(day), year=str(day.year)) for day in (start, end))
    return first if first == last else words(f"{NAME}.period", start=first, end=last)


def _levels(rows: pd.DataFrame, column: str, words: Words) -> list[str]:
    return [_level(row[column], row["value_unit"], words) for _, row in rows.iterrows() if pd.notna(row[column])]


def _level(value: float, unit: str, words: Words) -> str:
    """Write a value with three digits, a share in per cent, a first lead as weeks from the printed one."""
    if value in (float("inf"), float("-inf")):
        return "∞"
    if unit == "weeks":
        return words(f"{NAME}.weeks", number=f"{value:+.0f}") if value else words(f"{NAME}.as_printed")
    if unit in PERCENT:
        return f"{round_digits(100 * value, digits=3)}\u202f%".replace("-", "\N{MINUS SIGN}")
    return round_digits(value, digits=3)


def _published(rows: pd.DataFrame, words: Words) -> str:
    one = rows.iloc[0]
    if one["unit"] in ("week", "direction", "none"):
        return words(f"{NAME}.printed_{one['unit']}")
    printed = [f"{100 * float(value):.3g}\u202f%" if one["unit"] in PERCENT else value for value in rows["printed"]]
    value = words(f"{NAME}.and").join(printed)
    return words.or_else(f"{NAME}.hedge_{one['hedge'].replace(' ', '_')}", "{value}").format(value=value)


def _verdict(verdict: str, words: Words, only: str) -> str:
    """Shorten a verdict to what a cell can hold."""
    kind, rough = kind_of(verdict), verdict.endswith(ROUGHLY)
    scope = next((scope for scope in SCOPES if scope in verdict), "")
    text = (
        words(f"{NAME}.{only}", scopes=words(f"{NAME}.scope_{scope}"))
        if kind == KINDS[1]
        else words(f"{NAME}.{kind.replace(' ', '_')}")
    )
    return text + (words(f"{NAME}.roughly") if rough else "")


def draw(data: pd.DataFrame, *, source: str, edition: Edition = HOUSE) -> Figure:
    """Draw one row a sentence; in one column those of the first article."""
    with house_style(edition):
        narrow = is_narrow(edition.width_mm)
        shown = data[data["headline"]] if narrow else data
        inner = edition.width_mm - 2 * MARGIN_MM
        shares = NARROW if narrow else WIDE
        widths = {name: wide * inner / sum(shares.values()) for name, wide in shares.items()}
        around = {"caption": caption(data, edition.words), "source": source}
        lines = column_or_page(edition.width_mm, column=2, page=1)
        row, head = lines * SIZE * POINT_MM * LINE + column_or_page(edition.width_mm, column=1.0, page=1.6), 5.5
        probe = Canvas(edition, height_mm=100, **around)
        room = probe.top + probe.bottom + head + row * len(shown)
        canvas = Canvas(edition, height_mm=room + (0 if edition.profile.titled else UNTITLED_MM), **around)
        row -= max(0.0, room - canvas.height) / max(1, len(shown))
        axis = canvas.axes(MARGIN_MM, MARGIN_MM, canvas.top, canvas.bottom)
        axis.set_xlim(0, inner)
        axis.set_ylim(head + row * len(shown), 0)
        axis.axis("off")
        _draw_head(axis, widths, head - 1.5, edition.words)
        numbers = {by: place for place, by in enumerate(_articles(shown), start=1)}
        for place, cells in enumerate(shown.to_dict("records")):
            top = head + place * row
            if edition.profile.grid_lines or place == 0:
                axis.axhline(top, color=HAIRLINE, linewidth=0.5)
            by = numbers[cells["printed_by"], cells["printed_on"]]
            _draw_row(canvas, axis, cells | {"by": str(by)}, widths, top + row / 2)
        return canvas.figure


def _articles(data: pd.DataFrame) -> list[tuple[str, str]]:
    """List who printed the sentences and when, each once, in their order."""
    return list(dict.fromkeys(zip(data["printed_by"], data["printed_on"], strict=True)))


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
    claim = [cells["claim"], cells["period"]] if narrow else [f"{cells['claim']}, {cells['period']}"]
    axis.text(0, middle, "\n".join(claim), **style)
    between = canvas.edition.words(f"{NAME}.and")

    def cell(text: str) -> str:
        return text.replace(between, "\n") if narrow else text

    axis.text(_left(widths, "published"), middle, cell(cells["published"]), **style)
    for scope in NAMED_SCOPES:
        mark = cells["scope_stated"] if scope == "chart" else ""
        axis.text(_left(widths, scope), middle, cell(cells[scope] + mark), **style)
    left = _left(widths, "verdict")
    marker, fill = MARKS[cells["kind"]]
    axis.plot([left + 1], [middle], marker, markersize=4, markerfacecolor=fill, markeredgecolor=INK, clip_on=False)
    verdict = cells["verdict"]
    if narrow:
        verdict = "\n".join(canvas.wrap(cells["verdict_narrow"], size=SIZE, width_mm=widths["verdict"] - 3)[:2])
    colour = INK if cells["kind"] != KINDS[-1] else MUTED
    axis.text(left + 3, middle, verdict, color=colour, **style)
    if not narrow:
        axis.text(_left(widths, "tolerance"), middle, cells["tolerance"], **style)
        axis.text(_left(widths, "by"), middle, cells["by"], **style)


def caption(data: pd.DataFrame, words: Words) -> Caption:
    """Say how many sentences hold, what is compared, what the signs mean, and who printed them."""
    kinds = data["kind"].value_counts()
    articles = "; ".join(f"{at} {by} ({when})" for at, (by, when) in enumerate(_articles(data), start=1))
    return Caption(
        words(f"{NAME}.title", holds=kinds.get(KINDS[0], 0), total=len(data), only=kinds.get(KINDS[1], 0)),
        words(f"{NAME}.subtitle"),
        words(
            f"{NAME}.note",
            dagger=words(f"{NAME}.dagger") if data["scope_stated"].ne("").any() else "",
            platform=words(f"{NAME}.platform") if data["ranked"].str.contains("‡").any() else "",
            articles=articles,
        ),
        words(f"{NAME}.measure"),
    )


def describe(data: pd.DataFrame, words: Words = ENGLISH) -> str:
    """Say in words what the figure shows, from its own data."""
    counts = data["kind"].value_counts()
    parts = [
        words(f"{NAME}.alt_kind", number=counts[kind], kind=words(f"{NAME}.{kind.replace(' ', '_')}"))
        for kind in MARKS
        if kind in counts
    ]
    first = data.iloc[0]
    return words(
        f"{NAME}.alt",
        count=len(data),
        parts=words.listed(parts),
        claim=first["claim"],
        period=first["period"],
        published=first["published"],
        chart=first["chart"],
        ranked=first["ranked"],
        verdict=first["verdict"],
    )
