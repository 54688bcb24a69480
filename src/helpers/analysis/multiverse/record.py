"""The record as a matrix of models and days, and the origin of each row under every choice of tags."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from helpers.analysis.origins import tag_origins
from helpers.errors import InputError
from helpers.vocabulary import BELOW_RANK_50

NEITHER = ("embedding", "image", "audio")  # modality kinds that the option `out` of non_text leaves out
DAYS = 7
SAME_VARIANTS = "variants: the universe counts every ranked token, so collapsing them changes nothing"
SAME_TAGS = "{}: no counted token changes its origin under these tags and filters"


@dataclass(frozen=True)
class Entities:
    """The record as a matrix: one row a permaslug, or two where a cloaked one was revealed.

    Attributes
    ----------
    rows : DataFrame, shape (n_entities, 10)
        `permaslug, model, author, variant, modality_kind`, `origin` and `base_origin` once revealed,
        `shown` (bool: the day is not before a reveal) and `cloaked`, `based` (bool: it has a row among
        the cloaked, in the lineage). Sorted by permaslug, the days before the reveal first.
    daily : ndarray of int64, shape (n_entities, n_days)
        Tokens a day.
    other : ndarray of int64, shape (n_days,)
        Tokens of the row `other`.
    days : DatetimeIndex
        Every calendar day from the first of the record to the last.
    whole : ndarray of bool, shape (n_days - 6,)
        Whether the record has all seven days of the window that begins on that day.
    """

    rows: pd.DataFrame
    daily: np.ndarray
    other: np.ndarray
    days: pd.DatetimeIndex
    whole: np.ndarray


def split_entities(
    tagged: pd.DataFrame, *, authors: pd.DataFrame, lineage: pd.DataFrame, stealth: pd.DataFrame, weights: pd.DataFrame
) -> Entities:
    """Lay out the record so that no choice of tags takes a row apart.

    Tags are looked up again in the registry, because `tagged` holds those of one stealth policy only.

    Parameters
    ----------
    tagged : DataFrame
        Daily rows: `date, permaslug, model, variant, author, tokens`; each day has its row `other`.
    authors, lineage, stealth, weights : DataFrame
        The registry tables. Models without a row are unidentified: notebook 02 has decided on them.

    Raises
    ------
    InputError
        If the record has no seven days in a row.
    """
    first = tagged["date"].min()
    days = pd.date_range(first, tagged["date"].max(), freq="D")
    day = (tagged["date"] - first).dt.days.to_numpy()
    below = tagged["permaslug"].eq(BELOW_RANK_50).to_numpy()
    other, observed = np.zeros(len(days), dtype=np.int64), np.zeros(len(days), dtype=bool)
    np.add.at(other, day[below], tagged["tokens"].to_numpy()[below])
    observed[day[below]] = True
    whole = sum_windows(observed.astype(np.int64)) == DAYS
    if not whole.any():
        raise InputError("The record has no seven days in a row, so no week can be compared. Give it a longer record.")
    ranked = tagged[~below]
    known_from = ranked["model"].map(stealth.set_index("permaslug")["known_from"])
    shown = (known_from.isna() | ranked["date"].ge(known_from)).to_numpy()
    slug = pd.factorize(ranked["permaslug"], sort=True)[0]
    # Where a reveal divides the days of permaslug n, it is two entities: 2n before, 2n + 1 from then on.
    found, first_row, entity = np.unique(2 * slug + shown, return_index=True, return_inverse=True)
    daily = np.zeros((len(found), len(days)), dtype=np.int64)
    np.add.at(daily, (entity, day[~below]), ranked["tokens"].to_numpy())
    usage = ["date", "permaslug", "model", "variant", "author", "tokens"]
    sample = ranked[usage].iloc[first_row].reset_index(drop=True)
    registry = {"authors": authors, "lineage": lineage, "stealth": stealth, "weights": weights}
    tags = tag_origins(sample, **registry, stealth_policy="retrospective", on_untagged="unknown")
    columns = ["permaslug", "model", "author", "variant", "modality_kind", "origin", "base_origin"]
    rows = tags[columns].assign(
        shown=shown[first_row],
        cloaked=tags["model"].isin(stealth["permaslug"]),
        based=tags["model"].isin(lineage["model_permaslug"]),
    )
    return Entities(rows, daily, other, days, whole)


def sum_windows(daily: np.ndarray) -> np.ndarray:
    """Add up seven days from each day on; the last axis is days, and loses six.

    Only the sums of seven days need fit 64 bits: where the running total does not, it wraps around, and
    so does the difference of two of them, back to what it is.

    Examples
    --------
    >>> sum_windows(np.arange(9))
    array([21, 28, 35])
    """
    # Two sums to a day differ by what lies between them; the first window has nothing before it.
    sums = np.cumsum(daily, axis=-1)
    windows = sums[..., DAYS - 1 :].copy()
    windows[..., 1:] -= sums[..., :-DAYS]
    return windows


def tag_entities(
    entities: Entities, *, stealth: list[str], derivatives: list[str], contested: list[pd.DataFrame]
) -> np.ndarray:
    """Give every entity its origin under every combination of tags.

    A contested option takes the place of the registry's origin of its publisher or model. It is
    never known before the reveal of a cloaked model; a cloaked model without a day of reveal takes it
    throughout, except under the policy ``unknown``, which leaves all that is cloaked without an origin.
    The base model of a derivative is not contested.

    Parameters
    ----------
    entities : Entities
        The record.
    stealth, derivatives : list of str
        Options of these dimensions.
    contested : list of DataFrame
        One table a contested dimension: `option` (an origin), `author`, `permaslug` (what it is about).

    Returns
    -------
    ndarray of str, shape (n_stealth, n_derivatives, *n_options of each contested dimension, n_entities)
        ``China``, ``US``, ``Other`` or ``Unknown``.
    """
    rows = entities.rows
    cloaked, based = rows["cloaked"].to_numpy(), rows["based"].to_numpy()
    shown = {
        "as_of": rows["shown"].to_numpy(),
        "unknown": ~cloaked,
        "retrospective": np.ones(len(rows), dtype=bool),
    }
    base = rows["base_origin"].to_numpy(dtype="U7")
    shape = (len(stealth), len(derivatives), *map(len, contested), len(rows))
    origins = np.empty(shape, dtype="U7")
    hits = [_contests(rows, table) for table in contested]
    for choice in product(*(range(len(table)) for table in contested)):
        revealed = rows["origin"].to_numpy(dtype="U7")
        for place, hit, table in zip(choice, hits, contested, strict=True):
            revealed[hit] = table["option"].iloc[place]
        for s, policy in enumerate(stealth):
            # After the contest: what is still cloaked has no origin, whatever anybody says of its publisher.
            published = np.where(shown[policy], revealed, "Unknown")
            for d, answer in enumerate(derivatives):
                origins[(s, d, *choice)] = np.where(based, base, published) if answer == "base" else published
    return origins


def _contests(rows: pd.DataFrame, table: pd.DataFrame) -> np.ndarray:
    author, permaslug = table["author"].iloc[0], table["permaslug"].iloc[0]
    named = rows["model"].eq(permaslug) if permaslug else rows["author"].eq(author) & ~rows["cloaked"]
    return named.to_numpy()


def keep_rows(rows: pd.DataFrame, *, non_text: str, free: str) -> np.ndarray:
    """Mark the entities that two filters leave in: kinds that are not text, and free variants."""
    dropped = np.zeros(len(rows), dtype=bool)
    if non_text == "out":
        dropped |= rows["modality_kind"].isin(NEITHER).to_numpy()
    if free == "out":
        dropped |= rows["variant"].eq("free").to_numpy()
    return ~dropped


def find_twins(
    entities: Entities, origins: np.ndarray, options: dict[str, list[str]], contested: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Name for every combination the first one that is the same by construction, and why.

    Collapsing variants changes no origin, so it matters to a chart only. A contested tag matters only where
    a counted token changes its origin: not in models that stay cloaked, that the filters leave out, or whose
    base answers for them.

    Parameters
    ----------
    entities : Entities
        The record.
    origins : ndarray of str
        As `tag_entities` returns them.
    options : dict of str to list of str
        Options of every dimension, in the order of the grid.
    contested : list of str
        The dimensions that contest a tag, in the order of the axes of `origins`.

    Returns
    -------
    same_as : ndarray of int64, shape (n_combinations,)
        Number of the first combination that each one equals; its own where it is kept.
    reason : ndarray of object, shape (n_combinations,)
        Why (str); empty where it is kept.
    """
    sizes = tuple(map(len, options.values()))
    names = list(options)
    own = np.indices(sizes, sparse=True)
    twin = [np.broadcast_to(axis, sizes).copy() for axis in own]
    reason = np.full(sizes, "", dtype=object)
    for name in reversed(contested):
        axis = names.index(name)
        first = _first_equal_tags(entities, origins, options, contested.index(name))
        # first has the axes stealth, derivatives, option, non_text, free; put each in its place.
        shape = [1] * len(sizes)
        for place in (names.index(other) for other in ("stealth", "derivatives", name, "non_text", "free")):
            shape[place] = sizes[place]
        twin[axis] = np.broadcast_to(first.reshape(shape), sizes)
        reason[twin[axis] != own[axis]] = SAME_TAGS.format(name)
    all_ranked = [u for u, universe in enumerate(options["universe"]) if not universe.startswith("chart_")]
    axis = names.index("variants")
    twin[axis][all_ranked] = 0
    reason[twin[axis] != own[axis]] = SAME_VARIANTS
    return np.ravel_multi_index(twin, sizes).ravel(), reason.ravel()


def _first_equal_tags(entities: Entities, origins: np.ndarray, options: dict[str, list[str]], place: int) -> np.ndarray:
    # Dimensions contest different models, so each is compared with the others at their first option.
    others = tuple(axis for axis in range(2, origins.ndim - 1) if axis != place + 2)
    tags = origins[tuple(0 if axis in others else slice(None) for axis in range(origins.ndim))]
    some = entities.daily.any(axis=1)
    first = np.empty((*tags.shape[:3], len(options["non_text"]), len(options["free"])), dtype=np.int64)
    for n, non_text in enumerate(options["non_text"]):
        for f, free in enumerate(options["free"]):
            counted = tags[..., some & keep_rows(entities.rows, non_text=non_text, free=free)]
            equal = (counted[:, :, :, None] == counted[:, :, None]).all(axis=-1)
            first[..., n, f] = equal.argmax(axis=-1)
    return first
