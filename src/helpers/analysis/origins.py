"""Tag every token with the origin of its model, as it was known on its day."""

import pandas as pd

from helpers.errors import InputError, enumerate_problems, require_known
from helpers.vocabulary import BELOW_RANK_50, STEALTH_POLICIES

ON_UNTAGGED = ("stop", "unknown")
TAGS = ["origin", "base_origin", "weights", "modality_kind"]


def tag_origins(
    usage: pd.DataFrame,
    *,
    authors: pd.DataFrame,
    lineage: pd.DataFrame,
    stealth: pd.DataFrame,
    weights: pd.DataFrame,
    stealth_policy: str = "as_of",
    on_untagged: str = "stop",
) -> pd.DataFrame:
    """Add origin, base origin, weights and modality to every row, as of its day.

    The origin is where the publishing organisation is based; it is never inherited from a base model.
    A cloaked (stealth) model takes its origin from its reveal, never from the platform's own prefix:
    from `known_from` on (policy ``as_of``), throughout (``retrospective``) or never (``unknown``).
    Weights that came out later than the model count as closed before `weights_from`.

    Parameters
    ----------
    usage : DataFrame, shape (n_rows, 6)
        `date, permaslug, model, variant, author, tokens`, one row per permaslug and day.
    authors, lineage, stealth, weights : DataFrame
        The registry tables (see `helpers.data.registry.Registry`).
    stealth_policy : {"as_of", "retrospective", "unknown"}
        When a cloaked model's origin counts.
    on_untagged : {"stop", "unknown"}
        Refuse a model or author without a row, or count its tokens as unidentified.

    Returns
    -------
    DataFrame, shape (n_rows, 10)
        The rows of `usage` in their order, with `origin, base_origin, weights, modality_kind`. The row
        `other` has the origin ``other`` (lower case: it is unidentified, not the origin ``Other``).

    Raises
    ------
    InputError
        If a policy is unknown, or untagged rows are to stop the run.

    References
    ----------
    The rules of the registry, data/README.md.
    """
    require_known(stealth_policy, STEALTH_POLICIES, what="stealth_policy")
    require_known(on_untagged, ON_UNTAGGED, what="on_untagged")
    untagged = find_untagged(usage, authors=authors, stealth=stealth, weights=weights)
    if len(untagged) and on_untagged == "stop":
        raise InputError(_untagged_message(untagged))
    joined = (
        usage.merge(authors[["author", "origin"]], on="author", how="left", validate="m:1")
        .merge(
            stealth[["permaslug", "revealed_origin", "known_from"]].rename(columns={"permaslug": "model"}),
            on="model",
            how="left",
            validate="m:1",
        )
        .merge(
            lineage[["model_permaslug", "base_origin"]],
            left_on="model",
            right_on="model_permaslug",
            how="left",
            validate="m:1",
        )
        .merge(
            weights[["model_permaslug", "weights", "weights_from", "modality_kind"]],
            left_on="model",
            right_on="model_permaslug",
            how="left",
            validate="m:1",
            suffixes=("_lineage", ""),
        )
    )
    below = joined["permaslug"].eq(BELOW_RANK_50)
    origin = _origin(joined, stealth_policy).mask(below, BELOW_RANK_50)
    not_yet = joined["weights"].eq("open") & joined["date"].lt(joined["weights_from"])
    return usage.assign(
        origin=origin,
        base_origin=joined["base_origin"].fillna(origin),
        weights=joined["weights"].mask(not_yet, "closed").fillna("unknown"),
        modality_kind=joined["modality_kind"].fillna("unknown"),
    )


def _origin(joined: pd.DataFrame, stealth_policy: str) -> pd.Series:
    cloaked = joined["revealed_origin"].notna()
    known = {
        "as_of": joined["date"].ge(joined["known_from"]),
        "retrospective": pd.Series(data=True, index=joined.index),
        "unknown": pd.Series(data=False, index=joined.index),
    }[stealth_policy]
    revealed = joined["revealed_origin"].where(known, "Unknown")
    return joined["origin"].mask(cloaked, revealed).fillna("Unknown")


def find_untagged(
    usage: pd.DataFrame, *, authors: pd.DataFrame, stealth: pd.DataFrame, weights: pd.DataFrame
) -> pd.DataFrame:
    """List authors and models that occur in the rankings and have no registry row.

    A model of a platform prefix (its author's kind is ``platform``) needs a row of its own in the
    stealth table, because the prefix says nothing about who made it.

    Returns
    -------
    DataFrame, shape (n_untagged, 4)
        `table` (registry file), `name`, `tokens` (count, int64), `share` (of all tokens, 0 to 1),
        largest first.
    """
    ranked = usage[usage["permaslug"].ne(BELOW_RANK_50)]
    platforms = authors.loc[authors["kind"].eq("platform"), "author"]
    needs_reveal = ranked[ranked["author"].isin(platforms)]
    wanted = [
        ("model_authors.csv", ranked, "author", authors["author"]),
        ("stealth_models.csv", needs_reveal, "model", stealth["permaslug"]),
        ("open_weights.csv", ranked, "model", weights["model_permaslug"]),
    ]
    found = [
        rows[~rows[column].isin(known)]
        .groupby(column)["tokens"]
        .sum()
        .rename_axis("name")
        .reset_index()
        .assign(table=table)
        for table, rows, column, known in wanted
    ]
    total = int(usage["tokens"].sum())
    listed = pd.concat(found, ignore_index=True)
    return (
        listed.assign(share=listed["tokens"] / total)[["table", "name", "tokens", "share"]]
        .sort_values(["tokens", "table", "name"], ascending=[False, True, True])
        .reset_index(drop=True)
    )


def _untagged_message(untagged: pd.DataFrame) -> str:
    rows = [
        f"data/raw/{row.table} has no row for {row.name!r} ({row.tokens} tokens, {row.share:.3%} of all)"
        for row in untagged.itertuples(index=False)
    ]
    return (
        f"{enumerate_problems(rows)}\nAdd a row with its evidence (data/README.md states the rules), or "
        "run with `-p on_untagged unknown` to count these tokens as unidentified."
    )


def coverage(tagged: pd.DataFrame) -> pd.DataFrame:
    """Count models and tokens behind each value of each tag.

    A model whose tag changes with time (a reveal, weights published later) counts under each value, so
    the models of a tag can add up to more than there are; tokens never do.

    Parameters
    ----------
    tagged : DataFrame
        Daily rows with the tags; the row `other` included.

    Returns
    -------
    DataFrame
        `tag, value, models, share_of_models, tokens, share_of_tokens`; shares of all models ranked at
        least once and of all tokens (0 to 1). Sorted by tag, then tokens descending.
    """
    ranked = tagged[tagged["permaslug"].ne(BELOW_RANK_50)]
    n_models, total = ranked["model"].nunique(), int(tagged["tokens"].sum())
    parts = [
        tagged.assign(value=tagged[tag], counted=tagged["model"].mask(~tagged.index.isin(ranked.index)))
        .groupby("value")
        .agg(models=("counted", "nunique"), tokens=("tokens", "sum"))
        .reset_index()
        .assign(tag=tag)
        for tag in TAGS
    ]
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(share_of_models=table["models"] / n_models, share_of_tokens=table["tokens"] / total)
    order = ["tag", "value", "models", "share_of_models", "tokens", "share_of_tokens"]
    return table[order].sort_values(["tag", "tokens", "value"], ascending=[True, False, True]).reset_index(drop=True)
