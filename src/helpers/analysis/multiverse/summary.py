"""What all specifications say together: dates, the choices that move them, and where the headline lies."""

import numpy as np
import pandas as pd

OUTCOMES = ("lead_start", "ratio_reported")
ALL = "all"


def count_pruned(specifications: pd.DataFrame, pruned: pd.DataFrame) -> pd.DataFrame:
    """Count the combinations left out for each reason, and those that are kept.

    Parameters
    ----------
    specifications, pruned : DataFrame
        As `run_multiverse` returns them.

    Returns
    -------
    DataFrame
        `reason` (``kept`` last) and `specifications` (count, int64), which add up to the whole grid.
    """
    reasons = pruned.groupby("reason")["specification"].size()
    counts = {**reasons.to_dict(), "kept": len(specifications)}
    return pd.DataFrame({"reason": list(counts), "specifications": list(counts.values())}).astype({"reason": "str"})


def share_dates(specifications: pd.DataFrame) -> pd.DataFrame:
    """Count the specifications behind each date of the lead, under each rule and under all.

    Every specification that was not pruned counts once.

    Parameters
    ----------
    specifications : DataFrame
        `rule` and `lead_start` of every specification.

    Returns
    -------
    DataFrame
        `rule` (``all`` first, then in the order of the table), `lead_start` (day; missing where the
        record holds no such week, last of its rule), `specifications` (count, int64) and `share` (of the
        rule's, 0 to 1).
    """
    rules = [ALL, *specifications["rule"].unique()]
    parts = []
    for rule in rules:
        rows = specifications if rule == ALL else specifications[specifications["rule"].eq(rule)]
        counts = rows.groupby("lead_start", dropna=False).size().rename("specifications").reset_index()
        parts.append(counts.assign(rule=rule, share=counts["specifications"] / len(rows)))
    table = pd.concat(parts, ignore_index=True).astype({"rule": "str"})
    return table[["rule", "lead_start", "specifications", "share"]]


def explain_variance(
    specifications: pd.DataFrame, pruned: pd.DataFrame, grid: pd.DataFrame, *, record_end: pd.Timestamp
) -> pd.DataFrame:
    """Measure how much of the spread of the results each dimension explains, alone and with others.

    Alone (main effect): the variance of the means under each option, divided by the variance of all.
    With others (total effect): the mean variance that is left when every other dimension is held, divided
    by the variance of all. The whole grid is balanced: a combination that was pruned counts with the
    result of the one it equals, so that all options of a dimension weigh the same and the main effects
    add up to at most 1; what they leave is joint. This describes the grid and its weights, which nobody
    drew at random: no tests belong to it.

    ``lead_start`` is measured in days; where no week fulfils the rule, the lead counts as one day after
    the record's end, the earliest it could still come. ``ratio_reported`` is taken as its logarithm;
    where that is not a finite number (an origin without tokens), the combination is left out.

    Parameters
    ----------
    specifications, pruned : DataFrame
        As `run_multiverse` returns them.
    grid : DataFrame
        `dimension, option`: the grid that they were computed from.
    record_end : Timestamp
        Last day of the record.

    Returns
    -------
    DataFrame
        `outcome` (``lead_start`` or ``ratio_reported``), `dimension`, `combinations` (count, int64: those
        of the whole grid that entered), `share_of_variance` (alone) and `share_with_others` (0 to 1, to
        12 decimals; missing where nothing varies). Within an outcome the largest share alone first.

    References
    ----------
    Saltelli, A. et al. (2008), *Global Sensitivity Analysis: The Primer* (first-order and total index).
    """
    sizes = grid.groupby("dimension", sort=False).size()
    # The grid as an array needs every combination: a pruned one takes the row of the one it equals.
    whole = np.empty(len(specifications) + len(pruned), dtype=np.int64)  # number -> row of `specifications`
    whole[specifications["specification"]] = np.arange(len(specifications))
    whole[pruned["specification"]] = whole[pruned["same_as"]]
    start = specifications["lead_start"].fillna(record_end + pd.Timedelta(days=1))
    with np.errstate(divide="ignore"):
        logarithm = np.log(specifications["ratio_reported"].to_numpy())
    values = {"lead_start": (start - start.min()).dt.days.to_numpy(dtype=np.float64), "ratio_reported": logarithm}
    parts = []
    for outcome in OUTCOMES:
        result = values[outcome][whole].reshape(tuple(sizes))
        shares = np.array([_effects(result, axis) for axis in range(result.ndim)]).T.round(12)
        part = pd.DataFrame(
            {
                "outcome": outcome,
                "dimension": sizes.index,
                "combinations": int(np.isfinite(result).sum()),
                "share_of_variance": shares[0],
                "share_with_others": shares[1],
            }
        )
        order = ["share_of_variance", "share_with_others", "dimension"]
        parts.append(part.sort_values(order, ascending=[False, False, True]))
    return pd.concat(parts, ignore_index=True).astype({"outcome": "str", "dimension": "str"})


def _effects(result: np.ndarray, axis: int) -> tuple[float, float]:
    options = np.moveaxis(result, axis, 0).reshape(result.shape[axis], -1)
    options = np.where(np.isfinite(options), options, np.nan)
    total = _squares(options, np.nansum(options) / max(np.isfinite(options).sum(), 1))
    if total == 0:
        return np.nan, np.nan
    alone = _squares(options, _means(options, axis=1)[:, None])
    joint = _squares(options, _means(options, axis=0))
    return max(1 - alone / total, 0.0), min(joint / total, 1.0)


def _means(options: np.ndarray, *, axis: int) -> np.ndarray:
    return np.nansum(options, axis=axis) / np.maximum(np.isfinite(options).sum(axis=axis), 1)


def _squares(options: np.ndarray, means: np.ndarray) -> float:
    return float(np.nansum((options - means) ** 2))


def place_headline(specifications: pd.DataFrame, grid: pd.DataFrame) -> pd.DataFrame:
    """Find where the published headline lies among all specifications.

    The headline's specification takes the first option of every dimension; it is never pruned, because a
    combination is pruned only in favour of an earlier one.

    Parameters
    ----------
    specifications : DataFrame
        As `run_multiverse` returns it.
    grid : DataFrame
        `dimension, option`: the first option of each dimension is the headline's.

    Returns
    -------
    DataFrame, shape (4, 8)
        `outcome`, `among` (``all``, or the headline's rule), `headline` (its value, as text),
        `specifications` (count, int64), and the shares of them (0 to 1) whose result is below it (an
        earlier date, a smaller ratio), equal, above, or missing.
    """
    first = grid.groupby("dimension", sort=False)["option"].first()
    headline = specifications[specifications["specification"].eq(0)].iloc[0]
    same_rule = specifications[specifications["rule"].eq(first["rule"])]
    rows = []
    for outcome in OUTCOMES:
        own = headline[outcome]
        shown = "none" if pd.isna(own) else f"{own:%Y-%m-%d}" if outcome == "lead_start" else f"{own:.4f}"
        for among, table in ((ALL, specifications), (first["rule"], same_rule)):
            column = table[outcome]
            missing = column.isna()
            equal = column.eq(own) | (missing & pd.isna(own))
            shares = [column.lt(own), equal, column.gt(own), missing & ~equal]
            rows.append((outcome, among, shown, len(table), *(float(share.mean()) for share in shares)))
    names = "outcome among headline specifications share_below share_equal share_above share_missing".split()
    return pd.DataFrame(rows, columns=names).astype({"outcome": "str", "among": "str", "headline": "str"})
