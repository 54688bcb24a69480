"""The choices that change what a number means, and how a reader is told of each that differs from the default.

A table, a figure or a sentence names its scope and its week by itself. What it cannot show is which days, which reading
of cloaked models or which week it was counted with: these are the parameters below. A run that keeps the defaults says
nothing of them; one that does not says so under every figure and behind every sentence.
"""

from collections.abc import Mapping

from helpers.vocabulary import WEEKDAYS

# Parameter -> its default in the notebooks (a test compares them).
DEFAULTS: dict[str, object] = {
    "start": "first",
    "end": "last",
    "stealth_policy": "as_of",
    "on_untagged": "stop",
    "week_start_day": "Monday",
    "chart_size": 9,
    "min_days": 7,
    "prompt_share": 0.9,
    "lost_share": 0.5,
    "min_share": 0.01,
}
SMALL = {
    "en": (
        *("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()),
        *("sixteen seventeen eighteen nineteen twenty".split()),
    ),
    "zh": ("零", *"一二三四五六七八九十", *(f"十{digit}" for digit in "一二三四五六七八九"), "二十"),
}


def departures(values: Mapping[str, object]) -> dict[str, object]:
    """Find the choices that differ from the defaults.

    Parameters
    ----------
    values : mapping of str to object
        Parameters of a run, by name; others than those of `DEFAULTS` are left out.

    Examples
    --------
    >>> departures({"chart_size": 20, "min_days": 7, "language": "zh"})
    {'chart_size': 20}
    """
    return {name: values[name] for name, default in DEFAULTS.items() if values.get(name, default) != default}


def last_day_of_week(first: str) -> str:
    """Name the day on which a week ends.

    Examples
    --------
    >>> last_day_of_week("Monday"), last_day_of_week("Sunday")
    ('Sunday', 'Saturday')
    """
    return WEEKDAYS[WEEKDAYS.index(first) - 1]


def name_chart(size: int) -> tuple[str, str]:
    """Name the chart of so many models, and its models: only that of nine is the one of the rankings page.

    Examples
    --------
    >>> name_chart(9)
    ('the weekly chart', 'the models of the weekly chart')
    >>> name_chart(20)
    ('a chart of twenty', 'the twenty largest models of a week')
    """
    if size == DEFAULTS["chart_size"]:
        return "the weekly chart", "the models of the weekly chart"
    return f"a chart of {spell(size)}", f"the {spell(size)} largest models of a week"


def spell(number: int, language: str = "en") -> str:
    """Write a small number as a word, a larger one in digits.

    Examples
    --------
    >>> spell(9), spell(20), spell(30), spell(9, "zh")
    ('nine', 'twenty', '30', '九')
    """
    words = SMALL[language]
    return words[number] if 0 <= number < len(words) else f"{number}"
