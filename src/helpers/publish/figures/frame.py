"""What every figure shares: a canvas with title, subtitle and source line, axes in millimetres, time ticks."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from helpers.publish.style import INK, MUTED, inches

MARGIN_MM = 2.5
LINE = 1.22  # line spacing
POINT_MM = 25.4 / 72
NARROW_MM = 130  # below it, panels are stacked and labels thinned out


class Canvas:
    """A figure at its true size, with room measured in millimetres.

    Attributes
    ----------
    figure : Figure
        The figure.
    width, height : float
        Its size (mm).
    top, bottom : float
        Where the room for axes ends, from the upper and the lower edge (mm).
    """

    def __init__(self, *, width_mm: float, height_mm: float, title: str, subtitle: str, source: str) -> None:
        self.figure = Figure(figsize=(inches(width_mm), inches(height_mm)))
        FigureCanvasAgg(self.figure)
        self.width, self.height = width_mm, height_mm
        narrow = width_mm < NARROW_MM
        down = MARGIN_MM
        title_size = 9.0 if narrow else 10.5
        down = self._write(title, down, size=title_size, weight="bold", colour=INK)
        self.top = self._write(subtitle, down + 0.6, size=7.5, weight="normal", colour=MUTED) + 2.0
        lines = self.wrap(source, size=6.5)
        text = "\n".join(lines)
        self.figure.text(
            MARGIN_MM / width_mm,
            MARGIN_MM / height_mm,
            text,
            size=6.5,
            color=MUTED,
            va="bottom",
            linespacing=LINE,
        )
        self.bottom = MARGIN_MM + len(lines) * 6.5 * POINT_MM * LINE + 2.0

    def _write(self, text: str, down: float, *, size: float, weight: str, colour: str) -> float:
        lines = self.wrap(text, size=size, weight=weight)
        self.figure.text(
            MARGIN_MM / self.width,
            1 - down / self.height,
            "\n".join(lines),
            size=size,
            weight=weight,
            color=colour,
            va="top",
            linespacing=LINE,
        )
        return down + len(lines) * size * POINT_MM * LINE

    def wrap(self, text: str, *, size: float, weight: str = "normal", width_mm: float | None = None) -> list[str]:
        """Break a text into lines of at most a width (mm): the canvas between its margins, unless another is given."""
        limit = self.width - 2 * MARGIN_MM if width_mm is None else width_mm
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.text_width(longer, size=size, weight=weight) > limit:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def text_width(self, text: str, *, size: float, weight: str = "normal") -> float:
        """Measure how wide a text is drawn (mm)."""
        probe = self.figure.text(0, 0, text, size=size, weight=weight)
        wide = probe.get_window_extent(self.figure.canvas.get_renderer()).width
        probe.remove()
        return wide / self.figure.dpi * 25.4

    def axes(self, left: float, right: float, up: float, down: float, **options: object) -> Axes:
        """Add axes; the four margins are distances (mm) from the edges of the canvas."""
        box = (
            left / self.width,
            down / self.height,
            (self.width - left - right) / self.width,
            (self.height - up - down) / self.height,
        )
        return self.figure.add_axes(box, **options)


def time_axis(axis: Axes, weeks: pd.Series | pd.DatetimeIndex, *, width_mm: float) -> None:
    """Label the months that fit: never more than about one label in 11 mm, the year below each January."""
    first, last = pd.Timestamp(min(weeks)), pd.Timestamp(max(weeks))
    months = max(1, round((last - first).days / 30.4))
    fitting = max(2, int(width_mm / 11))
    step = next(step for step in (1, 2, 3, 4, 6, 12, 24) if months / step <= fitting or step == 24)
    ticks = pd.date_range(first.to_period("M").to_timestamp(), last, freq="MS")
    ticks = [tick for tick in ticks if tick >= first and (tick.month - 1) % step == 0]
    axis.set_xticks(mdates.date2num(ticks))
    shown = [
        f"{tick:%b}\n{tick:%Y}" if place == 0 or tick.month <= step else f"{tick:%b}"
        for place, tick in enumerate(ticks)
    ]
    axis.set_xticklabels(shown)
    axis.set_xlim(mdates.date2num(first - pd.Timedelta(days=3)), mdates.date2num(last + pd.Timedelta(days=3)))


def plain_log_axis(axis: Axes, *, low: float, high: float) -> None:
    """Label a logarithmic axis with 1 and 3 times powers of ten, written as plain numbers."""
    axis.set_yscale("log")
    axis.set_ylim(low, high)
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    steps = (1, 3) if high / low < 10_000 else (1,)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    axis.set_yticks([tick for tick in ticks if low <= tick <= high])
    axis.set_yticks([], minor=True)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def spread(places: Sequence[float], *, apart: float, low: float, high: float) -> list[float]:
    """Move labels apart along one line until none is closer than `apart`, each as near its place as can be.

    Parameters
    ----------
    places : sequence of float
        Wanted positions, in any order.
    apart : float
        Smallest distance between two labels, in the same unit.
    low, high : float
        The labels stay between these, as long as they fit.

    Returns
    -------
    list of float
        Positions in the order of `places`.

    Examples
    --------
    >>> spread([1.0, 1.2, 5.0], apart=1.0, low=0.0, high=10.0)
    [0.6, 1.6, 5.0]
    """
    order = np.argsort(places, kind="stable")
    steps = apart * np.arange(len(places))
    # Least-squares distances under "at least `apart`": isotonic regression of the places less their steps.
    pools: list[list[float]] = []
    for wanted in np.asarray(places, dtype=float)[order] - steps:
        pools.append([wanted, 1.0])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            total, members = pools.pop()
            pools[-1] = [pools[-1][0] + total, pools[-1][1] + members]
    level = np.repeat([total / members for total, members in pools], [int(members) for _, members in pools])
    inside = np.clip(level, low, max(low, high - steps[-1])) if len(places) else level
    placed = np.empty(len(places))
    placed[order] = inside + steps
    return [round(float(place), 9) for place in placed]


def end_labels(axis: Axes, labels: Sequence[tuple[float, str, str]], *, height_mm: float, size: float = 7.5) -> None:
    """Write a label beside the right end of each series, moved apart where they would touch.

    Parameters
    ----------
    axis : Axes
        With its final scale and limits.
    labels : sequence of (value, text, colour)
        Value at the right edge (data), what to write, and in which colour.
    height_mm : float
        Height of the axes, to know what touches.
    size : float
        Text size (points).
    """
    to_axes = axis.transAxes.inverted()
    wanted = [
        float(to_axes.transform(axis.transData.transform((axis.get_xlim()[1], value)))[1]) for value, _, _ in labels
    ]
    lines = max((text.count("\n") + 1 for _, text, _ in labels), default=1)
    apart = size * POINT_MM * LINE * lines / height_mm
    for place, (_, text, colour) in zip(
        spread(wanted, apart=apart, low=apart / 2, high=1 - apart / 2), labels, strict=True
    ):
        axis.text(
            1.012,
            place,
            text,
            transform=axis.transAxes,
            color=colour,
            size=size,
            va="center",
            linespacing=1.1,
        )


def readable_colour(colour: str) -> str:
    """Darken a light fill colour until text in it can be read on white."""
    from matplotlib.colors import to_hex, to_rgb

    rgb = np.array(to_rgb(colour))
    while rgb @ np.array([0.2126, 0.7152, 0.0722]) > 0.38:
        rgb = rgb * 0.92
    return to_hex(rgb)


def parity_line(axis: Axes, *, above: str, below: str) -> None:
    """Draw the line at 1 and say what lies on each side of it."""
    axis.axhline(1, color=INK, linewidth=0.8, zorder=1.5)
    for text, place, side in ((above, 2, "bottom"), (below, -2, "top")):
        axis.annotate(
            text,
            (0, 1),
            xycoords=("axes fraction", "data"),
            xytext=(3, place),
            textcoords="offset points",
            va=side,
            color=MUTED,
            size=7,
        )


def is_narrow(width_mm: float) -> bool:
    """Say whether a figure is for one column: panels are stacked, labels thinned out."""
    return width_mm < NARROW_MM


def column_or_page(width_mm: float, *, column: float, page: float) -> float:
    """Choose a height (mm) for one column or the whole page width."""
    return column if is_narrow(width_mm) else page
