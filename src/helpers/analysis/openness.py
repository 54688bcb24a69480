"""Open is not Chinese: origin and weights side by side, and the lead among open-weight models only."""

import pandas as pd

from helpers.analysis.weeks import count_origins
from helpers.errors import InputError
from helpers.vocabulary import BELOW_RANK_50, LEADERS, ORIGINS, WEIGHTS


def cross_weights(weekly: pd.DataFrame) -> pd.DataFrame:
    """Count the tokens of each origin by the weights that its models had on the day.

    All tokens of the platform are in it: those of ranked models by origin and weights, those of `other`
    as one row, because neither its origins nor its weights are known. Weights that came out later than
    the model count as closed until `weights_from` (see `helpers.analysis.origins`).

    Parameters
    ----------
    weekly : DataFrame
        Weekly rows as `sum_weeks` returns them, the row `other` included.

    Returns
    -------
    DataFrame, shape (13 n_weeks, 7)
        `week_start, origin` (``other`` for the models below rank 50), `weights` (``open``, ``closed``,
        ``unknown``), `tokens` (count, int64; 0 where there are none), `share_of_platform` (of all tokens of
        the week, 0 to 1), `share_of_origin` (of the origin's tokens, 0 to 1; missing where it has none) and
        `days_observed`.

    Raises
    ------
    InputError
        If a week has no row `other`, or the tags hold an origin or weights that are not known here.
    """
    _require_tags(weekly)
    observed = count_origins(weekly)[["week_start", "days_observed"]].drop_duplicates("week_start")
    days = observed.set_index("week_start")["days_observed"]
    cells = [*((origin, weights) for origin in ORIGINS for weights in WEIGHTS), (BELOW_RANK_50, "unknown")]
    keys = ["week_start", "origin", "weights"]
    grid = pd.MultiIndex.from_tuples([(week, *cell) for week in days.index for cell in cells], names=keys)
    table = weekly.groupby(keys)["tokens"].sum().reindex(grid, fill_value=0).reset_index()
    by_week = table.groupby("week_start")["tokens"].transform("sum")
    by_origin = table.groupby(["week_start", "origin"])["tokens"].transform("sum")
    return table.assign(
        share_of_platform=(table["tokens"] / by_week).fillna(0.0),
        share_of_origin=table["tokens"] / by_origin,
        days_observed=table["week_start"].map(days),
    )


def _require_tags(weekly: pd.DataFrame) -> None:
    below = weekly["permaslug"].eq(BELOW_RANK_50)
    fine = weekly["origin"].isin(ORIGINS) & weekly["weights"].isin(WEIGHTS)
    fine |= below & weekly["origin"].eq(BELOW_RANK_50) & weekly["weights"].eq("unknown")
    if not fine.all():
        wrong = weekly[~fine].iloc[0]
        raise InputError(
            f"The week of {wrong['week_start']:%Y-%m-%d} has {wrong['permaslug']!r} with origin {wrong['origin']!r} "
            f"and weights {wrong['weights']!r}, which is no pair of tags. Run the notebooks from 02 again."
        )


def count_open_weights(weekly: pd.DataFrame, *, chart_size: int = 9) -> pd.DataFrame:
    """Count the tokens of open-weight models by origin, in the shape that ratios and crossovers are made from.

    Closed models are out: nobody could download them on that day, whoever made them. What may be an
    open-weight model of China or the US without our knowing stays in as unidentified: the row `other`,
    models of unknown origin that are open or may be, and models of China and the US whose weights are
    unknown. For the last the origin is known, so the bounds are wider than they need to be: they hold, and
    one column of unidentified tokens is enough. Unknown weights of origin Other decide nothing and stay
    with Other.

    Parameters
    ----------
    weekly : DataFrame
        Weekly rows as `sum_weeks` returns them, the row `other` included.
    chart_size : int
        Permaslugs in the scope ``chart``, here the largest that are not closed; at least 1.

    Returns
    -------
    DataFrame
        `week_start, scope, origin, tokens` (count, int64) and `days_observed`, as `count_origins` returns
        them. The scope ``platform`` is all that is not known to be closed.

    Raises
    ------
    InputError
        If `chart_size` is below 1, a week has no row `other`, or a tag is not known here.
    """
    _require_tags(weekly)
    unclear = weekly["weights"].eq("unknown") & weekly["origin"].isin(LEADERS)
    may_be_open = weekly.assign(origin=weekly["origin"].mask(unclear, "Unknown"))[weekly["weights"].ne("closed")]
    return count_origins(may_be_open, chart_size=chart_size)
