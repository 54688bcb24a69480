"""The figures by name: which tables each is prepared from, and which parameters it takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import ModuleType

import pandas as pd
from matplotlib.figure import Figure

from helpers.figures import (
    china_against_us,
    claims_verdicts,
    growth_absorbed,
    largest_models,
    ratio_with_bounds,
    specification_curve,
    tokens_and_money,
    tokens_by_origin,
    truncation_curve,
    weights_by_origin,
)
from helpers.figures.edition import HOUSE, Edition
from helpers.figures.export import render
from helpers.figures.frame import Caption
from helpers.figures.policy import follow_policy

FIGURES: dict[str, tuple[ModuleType, list[str]]] = {
    module.NAME: (module, tables)
    for module, tables in [
        (ratio_with_bounds, ["ratios"]),
        (china_against_us, ["origin_weekly"]),
        (tokens_by_origin, ["origin_weekly"]),
        (weights_by_origin, ["tagged_weekly"]),
        (largest_models, ["tagged_weekly"]),
        (truncation_curve, ["truncation", "truncation_leads"]),
        (specification_curve, ["specifications"]),
        (growth_absorbed, ["growth_strip"]),
        (tokens_and_money, ["ratios", "money_weekly"]),
        (claims_verdicts, ["claims"]),
    ]
}


MM_A_PIXEL = 25.4 / 96  # of a page on a screen
DENSE = {"claims_verdicts", "specification_curve"}  # rows of text that no layout can make fewer


@dataclass(frozen=True)
class Drawn:
    """A figure with what it was drawn from, the words around it, and the edition that it was drawn for."""

    name: str
    figure: Figure
    data: pd.DataFrame
    caption: Caption
    alt_text: str
    edition: Edition

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Show the figure in a notebook as it is saved, at the size of its place."""
        follow_policy(self.figure, self.edition.profile)
        return render(self.figure, "png", self.edition), {"width": round(self.edition.profile.width_mm / MM_A_PIXEL)}


def draw_figure(
    name: str,
    read: Callable[[str], pd.DataFrame],
    *,
    source: str,
    headline: Mapping[str, str],
    reported_week: str = "2026-02-09",
    chart_size: int = 9,
    edition: Edition = HOUSE,
) -> Drawn:
    """Draw one figure by its name.

    Parameters
    ----------
    name : str
        A key of `FIGURES`.
    read : function of a table's name
        Returns a table of data/processed/.
    source : str
        The source line.
    headline : mapping of str to str
        The option of each dimension behind the published headline (for the specification curve).
    reported_week : str
        First day of the week that is marked (YYYY-MM-DD).
    chart_size : int
        Permaslugs kept per week in the scope chart.
    edition : Edition
        For which place and in which language.
    """
    module, tables = FIGURES[name]
    extra: dict[str, dict] = {
        "ratio_with_bounds": {"draw": {"reported_week": reported_week}},
        "truncation_curve": {"prepare": {"reported_week": reported_week}, "draw": {"chart_size": chart_size}},
        "specification_curve": {"prepare": {"headline": headline}},
        "claims_verdicts": {"prepare": {"words": edition.words}},
    }.get(name, {})
    data = module.prepare(*(read(table) for table in tables), **extra.get("prepare", {}))
    if name in DENSE:
        edition = replace(edition, profile=edition.profile.dense())
    figure = module.draw(data, source=source, edition=edition, **extra.get("draw", {}))
    words = edition.words
    return Drawn(name, figure, data, module.caption(data, words), module.describe(data, words), edition)
