"""Tokens of China, of the US and of nobody known, for every choice of tags and rows at once."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from helpers.analysis.multiverse.record import Entities, keep_rows, sum_windows
from helpers.vocabulary import IDENTIFIED

EXACT = 2**53  # whole numbers below are exact in float64, and so are sums that stay below
HALF = 31  # bits of the lower part of a count, where counts are added up in two parts


def find_largest(tokens: np.ndarray, *, sizes: Sequence[int]) -> list[np.ndarray]:
    """Mark the largest rows of every column, as many as each of `sizes` says; ties go to the first row.

    Parameters
    ----------
    tokens : ndarray of int64, shape (n_names, n_columns)
        Counts, the names in the order that decides ties.
    sizes : sequence of int
        How many to mark, each at least 1; all where there are no more.

    Returns
    -------
    list of ndarray of bool, shape (n_names, n_columns)
        One a size, in the order of `sizes`.

    Examples
    --------
    >>> find_largest(np.array([[1], [2], [2], [2]]), sizes=[2])[0].ravel()
    array([False,  True,  True, False])
    """
    # One partial sort serves all sizes; it works along rows that lie in one piece.
    by_column = np.ascontiguousarray(tokens.T)
    most = min(max(sizes, default=1), len(tokens))
    largest = np.sort(np.partition(by_column, -most, axis=1)[:, -most:], axis=1)
    marks = []
    for size in (min(size, len(tokens)) for size in sizes):
        smallest = largest[:, -size, None]
        marked = by_column >= smallest
        # Ties at the edge mark too many: of those, only the first ones that there is room for.
        crowded = np.flatnonzero(marked.sum(axis=1) > size)
        level = by_column[crowded] == smallest[crowded]
        room = size - (by_column[crowded] > smallest[crowded]).sum(axis=1, keepdims=True)
        marked[crowded] &= ~level | (np.cumsum(level, axis=1) <= room)
        marks.append(marked.T)
    return marks


def count_universes(entities: Entities, origins: np.ndarray, options: dict[str, list[str]]) -> np.ndarray:
    """Count the tokens of China, of the US and of nobody known, in every window and universe.

    What the filters leave out is in no total; the row `other` stays whole, since nobody knows what is in
    it. Whatever else a universe does not identify counts as unidentified: models of unknown origin,
    models below the chart, and the row `other` unless it is shared out. It is shared out day by day,
    to whole tokens (rounded down; the rest stays unidentified): ``platform_pro_rata`` as the identified
    ranked tokens of the day divide among China, the US and third countries; ``platform_like_41_50`` as
    the tokens of the ranks 41 to 50 of the published day do, where the part of models of unknown origin
    stays unidentified. On a day without such tokens nothing is shared out.

    Parameters
    ----------
    entities : Entities
        The record.
    origins : ndarray of str, shape (n_tags, n_entities)
        Origins under every combination of tags.
    options : dict of str to list of str
        Options of `universe, variants, non_text, free`.

    Returns
    -------
    ndarray of int64, shape (3, n_universe, n_variants, n_tags, n_non_text, n_free, n_windows)
        Tokens of China, of the US, and unidentified, for the seven days from each day on.
    """
    sizes = {name: int(name.removeprefix("chart_")) for name in options["universe"] if name.startswith("chart_")}
    sides = np.concatenate([origins == origin for origin in IDENTIFIED]).astype(np.float64)
    names, slug = _name_totals(entities.rows, entities.daily, "separate")
    first_40, first_50 = find_largest(names, sizes=[40, 50])
    near = (first_50 & ~first_40)[slug]  # as published: no filter moves a model into these ranks
    shape = (
        3,
        *(len(options[name]) for name in ("universe", "variants")),
        len(origins),
        *(len(options[name]) for name in ("non_text", "free")),
        len(entities.whole),
    )
    counted = np.empty(shape, dtype=np.int64)
    for (n, non_text), (f, free) in product(enumerate(options["non_text"]), enumerate(options["free"])):
        kept = keep_rows(entities.rows, non_text=non_text, free=free)[:, None]
        daily = np.where(kept, entities.daily, 0)
        weekly = sum_windows(daily)
        platform = weekly.sum(axis=0) + sum_windows(entities.other)
        charts = [_charts(entities.rows, weekly, variants, sizes) for variants in options["variants"]]
        for u, universe in enumerate(options["universe"]):
            if universe in sizes:
                named = [_count(sides, weekly * chart[universe]) for chart in charts]
            else:
                named = [_count_all(universe, sides, daily, weekly, entities.other, near)] * len(charts)
            for v, tokens in enumerate(named):
                # What is nobody's is the rest, not a sum of its own: so no token is counted twice or lost.
                counted[:2, u, v, :, n, f] = tokens[:2]
                counted[2, u, v, :, n, f] = platform - tokens.sum(axis=0)
    return counted


def _count(sides: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    some = tokens.any(axis=1)
    sides, counts = sides[:, some], tokens[some]
    # Below 2^53 the float matrix product is exact (and much faster than one of int64); above, that of each half is.
    if (counts.sum(axis=0) < EXACT).all():
        sums = (sides @ counts.astype(np.float64)).astype(np.int64)
    else:
        high, low = counts >> HALF, counts & (2**HALF - 1)
        upper, lower = ((sides @ part.astype(np.float64)).astype(np.int64) for part in (high, low))
        sums = (upper << HALF) + lower
    return sums.reshape(len(IDENTIFIED), -1, tokens.shape[1])


def _charts(rows: pd.DataFrame, weekly: np.ndarray, variants: str, sizes: dict[str, int]) -> dict[str, np.ndarray]:
    totals, name = _name_totals(rows, weekly, variants)
    marks = find_largest(totals, sizes=list(sizes.values()))
    return {universe: marked[name] for universe, marked in zip(sizes, marks, strict=True)}


def _name_totals(rows: pd.DataFrame, weekly: np.ndarray, variants: str) -> tuple[np.ndarray, np.ndarray]:
    name = pd.factorize(rows["permaslug" if variants == "separate" else "model"], sort=True)[0]
    # Rows of one name side by side, so that each name is one stretch that reduceat adds up.
    order = np.argsort(name, kind="stable")
    starts = np.flatnonzero(np.diff(name[order], prepend=-1))
    return np.add.reduceat(weekly[order], starts, axis=0), name


def _count_all(
    universe: str, sides: np.ndarray, daily: np.ndarray, weekly: np.ndarray, other: np.ndarray, near: np.ndarray
) -> np.ndarray:
    ranked = _count(sides, weekly)
    if universe == "platform_pro_rata":
        model = _count(sides, daily)
        return ranked + sum_windows(share_out(other, model, model.sum(axis=0)))
    if universe == "platform_like_41_50":
        neighbours = daily * near
        return ranked + sum_windows(share_out(other, _count(sides, neighbours), neighbours.sum(axis=0)))
    return ranked


def share_out(tokens: np.ndarray, part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Compute tokens x part / whole, rounded down, exactly; 0 where `whole` is 0.

    The product does not fit 64 bits, but below 2^53 the remainder after a float quotient does, and wrapping
    arithmetic gets it right: it says by how many the quotient is off. Above, Python's own integers divide.

    Parameters
    ----------
    tokens, part, whole : ndarray of int64
        Counts; they broadcast, and `part` is nowhere more than `whole`.

    Examples
    --------
    >>> share_out(np.array([2**50]), np.array([2**50 - 1]), np.array([2**50])).item() == 2**50 - 1
    True
    >>> share_out(np.array([2**60]), np.array([2**62 - 1]), np.array([2**62])).item() == 2**60 - 1
    True
    """
    divisor = np.where(whole == 0, 1, whole)
    quotient = np.floor(np.minimum(tokens, EXACT) * (part / divisor)).astype(np.int64)
    shared = np.where(whole == 0, 0, quotient + (tokens * part - quotient * divisor) // divisor)
    tokens, part, divisor = np.broadcast_arrays(tokens, part, divisor)
    large = np.maximum(tokens, divisor) >= EXACT
    shared[large] = tokens[large].astype(object) * part[large] // divisor[large]
    return shared
