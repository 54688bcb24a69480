"""The contracts of the multiverse: one row a specification, and what all of them together say."""

import pandas as pd
import pandera.pandas as pa

from helpers.data.contract import Contract, count, day, number, one_of, share, text

# `#` stands for a whole number from 1 on: chart_9, sustained_lead_3.
OPTIONS = {
    "universe": ("chart_#", "ranked", "platform_pro_rata", "platform_like_41_50"),
    "variants": ("separate", "collapsed"),
    "stealth": ("as_of", "unknown", "retrospective"),
    "derivatives": ("publisher", "base"),
    "poolside": ("US", "China", "Other", "Unknown"),
    "nex_agi": ("US", "China", "Other", "Unknown"),
    "space_bunny": ("US", "China", "Other", "Unknown"),
    "non_text": ("in", "out"),
    "free": ("in", "out"),
    "week": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "rolling"),
    "rule": ("first_lead", "sustained_lead_#", "durable_lead", "certain_lead"),
}
CONTESTED = ("poolside", "nex_agi", "space_bunny")  # what each contests is said in the grid file


def _bounded(measure: str) -> pa.Check:
    def inside(table: pd.DataFrame) -> pd.Series:
        low, ratio, high = (table[f"{measure}{end}"] for end in ("_low", "", "_high"))
        return (low.le(ratio) & ratio.le(high)) | ratio.isna()

    return pa.Check(inside, error=f"{measure} lies between its bounds")


_RATIOS = {
    f"{measure}{end}": number(pa.Check.ge(0), nullable=True)
    for measure in ("ratio_reported", "ratio_recent")
    for end in ("", "_low", "_high")
}

CONTRACTS_MULTIVERSE: dict[str, Contract] = {
    "specifications": Contract(
        "specifications.parquet",
        "05",
        {
            "specification": count(),
            **{
                name: text() if any("#" in option for option in options) else one_of(list(options))
                for name, options in OPTIONS.items()
            },
            "lead_start": day(nullable=True),
            "leads": count(),
            "reversals": count(),
            "china_reported": count(),
            "us_reported": count(),
            "unidentified_reported": count(),
            **_RATIOS,
        },
        ["specification"],
        (_bounded("ratio_reported"), _bounded("ratio_recent")),
    ),
    "specifications_pruned": Contract(
        "specifications_pruned.csv",
        "05",
        {"reason": text(), "specifications": count()},
        ["reason"],
    ),
    "specification_dates": Contract(
        "specification_dates.csv",
        "05",
        {"rule": text(), "lead_start": day(nullable=True), "specifications": count(), "share": share()},
        ["rule", "lead_start"],
    ),
    "dimension_influence": Contract(
        "dimension_influence.csv",
        "05",
        {
            "outcome": one_of(["lead_start", "ratio_reported"]),
            "dimension": one_of(list(OPTIONS)),
            "combinations": count(),
            "share_of_variance": number(pa.Check.in_range(0, 1), nullable=True),
            "share_with_others": number(pa.Check.in_range(0, 1), nullable=True),
        },
        ["outcome", "dimension"],
    ),
    "headline_place": Contract(
        "headline_place.csv",
        "05",
        {
            "outcome": one_of(["lead_start", "ratio_reported"]),
            "among": text(),
            "headline": text(),
            "specifications": count(),
            "share_below": share(),
            "share_equal": share(),
            "share_above": share(),
            "share_missing": share(),
        },
        ["outcome", "among"],
    ),
}
