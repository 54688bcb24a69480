"""The claims as a page: what was published, what the record gives in each scope with bounds, and the verdict."""

import math
import re

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.publish.figures.frame import LINE, MARGIN_MM, POINT_MM, Canvas, column_or_page, is_narrow
from helpers.publish.style import DOUBLE_MM, HAIRLINE, INK, MUTED, house_style

NAME = "claims_verdicts"
SIZE = 6.5
SCOPES = ["chart", "ranked"]  # the platform has the identified tokens of the ranked
MARKS = {  # kind of verdict -> marker and its fill: told apart by shape, not by colour
    "holds": ("o", INK),
    "holds only": ("o", "white"),
    "not identified": ("D", HAIRLINE),
    "contradicted": ("X", INK),
    "not testable": ("s", "white"),
}
WIDE = {"claim": 66.0, "published": 21.0, "chart": 24.0, "ranked": 24.0, "verdict": 43.0}
NARROW = {"claim": 33.0, "published": 12.5, "chart": 10.5, "ranked": 11.5, "verdict": 16.5}


def prepare(claims: pd.DataFrame) -> pd.DataFrame:
    """Write the table `claims` as the words that are printed.

    Parameters
    ----------
    claims : DataFrame
        The table `claims`.

    Returns
    -------
    DataFrame
        `claim_id, statement, quantity, period, published, chart, chart_bounds, ranked, ranked_bounds, verdict` (text;
        a double dagger marks values of the whole platform) and `kind` (holds, holds only, not identified, contradicted,
        not testable).
    """
    columns = {
        "claim_id": claims["claim_id"],
        "statement": claims["statement"],
        "quantity": claims["quantity"].str.replace("_", " "),
        "period": [
            f"{_day(start)} to {_day(end)}"
            for start, end in zip(claims["period_start"], claims["period_end"], strict=True)
        ],
        "published": [_level(value) for value in claims["published_value"]],
    }
    for scope in SCOPES:
        levels = [claims[f"{name}_{scope}"] for name in ("value", "low", "high")]
        columns[scope] = [_level(value) or "-" for value in levels[0]]
        columns[f"{scope}_bounds"] = [
            f"{_level(low, brief=True)} to {_level(high, brief=True)}" if low != high else ""
            for _, low, high in zip(*levels, strict=True)
        ]
    whole = pd.Series([_level(value) for value in claims["value_platform"]], index=claims.index)
    columns["ranked"] = [
        f"{total}‡" if chart == ranked == "-" and total else ranked
        for chart, ranked, total in zip(columns["chart"], columns["ranked"], whole, strict=True)
    ]
    columns["verdict"] = claims["verdict"].map(_verdict)
    columns["kind"] = claims["verdict"].str.extract(f"^({'|'.join(sorted(MARKS, key=len, reverse=True))})")[0]
    return pd.DataFrame(columns).astype("str").reset_index(drop=True)


def _day(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%b %y}"


def _level(text: str, *, brief: bool = False) -> str:
    """Write a number with three digits, a date in short (briefly: its month); other words stay as they are."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return f"{pd.Timestamp(text):%b %y}" if brief else _day(pd.Timestamp(text))
    try:
        number = float(text)
    except ValueError:
        return text
    return "∞" if math.isinf(number) else f"{number:.3g}".replace("-", "\N{MINUS SIGN}")


def _verdict(verdict: str) -> str:
    """Shorten a verdict to what a cell can hold; a dagger stands for a condition on cloaked models."""
    words = verdict.removesuffix(" with this record")
    found = re.match(r"holds only under scopes? ([a-z, ]+?)(?= with|;|$)", words)
    if not found:
        return words
    scopes = found[1].replace("ranked and platform", "ranked")
    return f"holds only in {scopes}" + ("†" if "stealth" in words else "")


def draw(data: pd.DataFrame, *, source: str, width_mm: float = DOUBLE_MM) -> Figure:
    """Draw one row a claim; in one column the sentence gives way to quantity and period."""
    with house_style():
        narrow = is_narrow(width_mm)
        widths = {name: wide * (width_mm - 2 * MARGIN_MM) / 178 for name, wide in WIDE.items()}
        if narrow:
            widths = {name: wide * (width_mm - 2 * MARGIN_MM) / 84 for name, wide in NARROW.items()}
        words = {
            "width_mm": width_mm,
            "title": _title(data),
            "subtitle": "Published values against the record of OpenRouter's daily rankings"
            + ("" if narrow else "; in brackets the bounds from unidentified tokens"),
            "source": _note(data, source),
        }
        row, head = 2 * SIZE * POINT_MM * LINE + column_or_page(width_mm, column=1.0, page=1.3), 5.5
        probe = Canvas(height_mm=100, **words)
        canvas = Canvas(height_mm=probe.top + probe.bottom + head + row * len(data), **words)
        axis = canvas.axes(MARGIN_MM, MARGIN_MM, canvas.top, canvas.bottom)
        axis.set_xlim(0, width_mm - 2 * MARGIN_MM)
        axis.set_ylim(head + row * len(data), 0)
        axis.axis("off")
        _draw_head(axis, widths, head - 1.5)
        for place, cells in enumerate(data.to_dict("records")):
            top = head + place * row
            axis.axhline(top, color=HAIRLINE, linewidth=0.5)
            _draw_row(canvas, axis, cells, widths, top + row / 2)
        return canvas.figure


def _left(widths: dict[str, float], column: str) -> float:
    names = list(widths)
    return sum(widths[name] for name in names[: names.index(column)])


def _draw_head(axis: Axes, widths: dict[str, float], bottom: float) -> None:
    titles = {"claim": "Claim", "published": "Published", "chart": "Chart", "ranked": "Ranked", "verdict": "Verdict"}
    for column, title in titles.items():
        axis.text(_left(widths, column), bottom, title, size=SIZE, weight="bold", va="bottom")


def _draw_row(canvas: Canvas, axis: Axes, cells: dict[str, str], widths: dict[str, float], middle: float) -> None:
    narrow = is_narrow(canvas.width)
    style = {"size": SIZE, "va": "center", "linespacing": 1.15}
    claim = canvas.wrap(cells["quantity" if narrow else "statement"], size=SIZE, width_mm=widths["claim"] - 1.5)
    if narrow and len(claim) == 1:
        claim.append(cells["period"])
    axis.text(0, middle, "\n".join(claim[:2]), **style)
    axis.text(_left(widths, "published"), middle, cells["published"], **style)
    for scope in SCOPES:
        bounds = f"\n({cells[f'{scope}_bounds']})" if cells[f"{scope}_bounds"] and not narrow else ""
        axis.text(_left(widths, scope), middle, cells[scope] + bounds, **style)
    left = _left(widths, "verdict")
    marker, fill = MARKS[cells["kind"]]
    axis.plot([left + 1], [middle], marker, markersize=4, markerfacecolor=fill, markeredgecolor=INK, clip_on=False)
    words = cells["verdict"].removeprefix("holds ").replace(" and ", ", ") if narrow else cells["verdict"]
    verdict = canvas.wrap(words, size=SIZE, width_mm=widths["verdict"] - 3)
    colour = INK if cells["kind"] != "not testable" else MUTED
    axis.text(left + 3, middle, "\n".join(verdict[:2]), color=colour, **style)


def _note(data: pd.DataFrame, source: str) -> str:
    dagger = "† Only under some readings of cloaked models. " if data["verdict"].str.contains("†").any() else ""
    platform = "‡ The whole platform. " if data["ranked"].str.contains("‡").any() else ""
    return (
        "Tokens in trillions a week. Chart: the nine largest models of a week; ranked: all ranked models. "
        f"{dagger}{platform}Unidentified: whatever a scope leaves out, and models of unknown origin. {source}"
    )


def _title(data: pd.DataFrame) -> str:
    holds, total = int(data["kind"].eq("holds").sum()), len(data)
    only_chart = int(data["verdict"].str.fullmatch("holds only in chart†?").sum())
    return f"Of {total} published claims {holds} hold throughout; {only_chart} hold in the chart alone"


def describe(data: pd.DataFrame) -> str:
    """Say in words what the figure shows, from its own data."""
    counts = data["kind"].value_counts()
    parts = [f"{counts[kind]} {kind}" for kind in MARKS if kind in counts]
    first = data.iloc[0]
    return (
        f"A table of {len(data)} published claims with the published value, the value of the record in the weekly "
        f"chart and over all ranked models, bounds, and a verdict: {', '.join(parts)}. The first, "
        f"{first['statement']!r}: chart {first['chart']}, ranked {first['ranked']}; "
        f"{first['verdict'].removesuffix('†')}."
    )
