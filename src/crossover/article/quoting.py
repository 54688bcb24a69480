"""Facts on their way into prose: one on a page, all as LaTeX macros or as a table, and filled into Markdown."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from crossover.article.packages import escape_latex
from helpers.errors import InputError, nearest
from helpers.facts import week_facts
from helpers.figures.words import ENGLISH
from helpers.sentences import LIMIT, bounds, cut_days, sentence

WEEK = re.compile(r".+_(?:chart|ranked|platform)_(\d{4}_\d{2}_\d{2})")
PLACE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
MACRO = r"""% Facts of the Token Crossover record, as of %s: \fact{NAME} prints one. Written by `crossover facts`.
\newcommand{\fact}[1]{\ifcsname crossover@#1\endcsname\csname crossover@#1\endcsname\else
  \PackageError{crossover}{No fact is called #1}{Look it up with `crossover facts'.}\fi}
\expandafter\def\csname crossover@as_of\endcsname{%s}
"""


def read_article(path: Path) -> str:
    """Read a text that names facts.

    Raises
    ------
    InputError
        If it is missing or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}. Name a text file in UTF-8.") from None


def names_in(text: str) -> list[str]:
    """List the facts that a text names.

    Examples
    --------
    >>> names_in("{{ratio}}, or {{share.sentence}}")
    ['ratio', 'share']
    """
    return [name.removesuffix(".sentence") for name in PLACE.findall(text)]


def with_weeks(
    facts: Mapping[str, dict], names: Iterable[str], read: Callable[[str], pd.DataFrame]
) -> Mapping[str, dict]:
    """Add the facts of every week that one of the names ends with; see `with_week`."""
    for name in names:
        facts = with_week(facts, name, read)
    return facts


def with_week(facts: Mapping[str, dict], name: str, read: Callable[[str], pd.DataFrame]) -> dict[str, dict]:
    """Add the facts of the week that a name ends with, when the collected ones leave it out.

    Parameters
    ----------
    facts : mapping
        The facts of the last run.
    name : str
        Such as ``ratio_ranked_2026_06_15``; a name without a week changes nothing.
    read : function of a table's name
        Returns a table of the run; called only when it is needed.
    """
    found = WEEK.fullmatch(name)
    if name in facts or not found:
        return dict(facts)
    try:
        week = pd.Timestamp(found[1].replace("_", "-"))
    except ValueError:
        return dict(facts)
    days = read("origin_weekly").groupby("week_start")["days_observed"].first()
    return dict(facts) | week_facts(read("ratios"), days, weeks=[f"{week:%Y-%m-%d}"])


def require_fact(name: str, facts: Mapping[str, dict]) -> str:
    """Return the name of a fact, or refuse it with the nearest ones.

    Raises
    ------
    InputError
        If no fact is called so.
    """
    if name in facts:
        return name
    near = difflib.get_close_matches(name, facts, n=4, cutoff=0.5)
    hint = f"Near it: {', '.join(near)}. " if near else ""
    words = " ".join(re.split(r"[_\W]+", name)).strip()
    raise InputError(
        f"No fact is called {name!r}. {hint}`crossover facts --search {words}` looks into the sentences too."
    )


def search(
    facts: Mapping[str, dict], words: Sequence[str], *, as_of: str, choices: Mapping[str, object] | None = None
) -> list[str]:
    """List the facts whose name, value or sentence holds every word: name, value, and the sentence without its caveats.

    Parameters
    ----------
    facts : mapping
        Facts by name.
    words : sequence of str
        Compared without regard to case; ``9 feb`` finds `9 February`, ``18`` finds 18.42.
    as_of, choices
        As for `helpers.sentences.sentence`.

    Raises
    ------
    InputError
        If nothing holds all of them; it says what each of them finds alone.
    """
    wanted = [word.lower() for text in words for word in text.split()]
    told = {
        name: sentence(name, facts, as_of=as_of, choices=choices).partition(f" {LIMIT}")[0] for name in sorted(facts)
    }
    full = {name: f" {name} {facts[name]['text']} {line} ".lower().replace("_", " ") for name, line in told.items()}
    found = [name for name in told if all(re.search(rf"(?<![\w.]){re.escape(word)}", full[name]) for word in wanted)]
    if not found:
        alone = [f"{word!r}: {sum(word in text for text in full.values())}" for word in wanted]
        raise InputError(
            f"No fact holds all of {' '.join(wanted)!r} (alone, {', '.join(alone)}). Take fewer words, or list every "
            "fact with `crossover facts`."
        )
    return [f"{name} = {facts[name]['text']}\n    {told[name]}" for name in found]


def present(name: str, facts: Mapping[str, dict], *, as_of: str, choices: Mapping[str, object] | None = None) -> str:
    """Write one fact as a block: value, unit, scope, bounds, table, and the sentence that may be quoted.

    Raises
    ------
    InputError
        If no fact is called so.
    """
    entry = facts[require_fact(name, facts)]
    limits = bounds(name, facts)
    rows = {
        "fact": name,
        "value": entry["value"],
        "written": entry["text"],
        "unit": "trillion tokens, as written" if entry["unit"] == "tokens" else entry["unit"],
        **({"days": days} if (days := cut_days(name, facts)) else {}),
        "scope": entry["scope"],
        "bounds": f"{limits[0]} to {limits[1]}" if limits else "none",
        "table": entry["source"],
        "as of": as_of,
    }
    lines = [f"{label:<9}{value}" for label, value in rows.items()]
    return "\n".join([*lines, "", sentence(name, facts, as_of=as_of, choices=choices)])


def as_latex(facts: Mapping[str, dict], *, as_of: str, choices: Mapping[str, object] | None = None) -> str:
    r"""Write every fact as a macro, to be printed by ``\fact{NAME}``; a name that does not exist is an error there."""
    lines = [
        f"\\expandafter\\def\\csname crossover@{name}\\endcsname{{{escape_latex(entry['text'])}}}"
        for name, entry in sorted(facts.items())
        if not cut_days(name, facts)
    ]
    more = ENGLISH.under(choices or {}).run["choices"]
    return (f"% {more}\n" if more else "") + MACRO.replace("%s", as_of) + "\n".join(lines) + "\n"


def as_table(facts: Mapping[str, dict], *, as_of: str, choices: Mapping[str, object] | None = None) -> pd.DataFrame:
    """List every fact with its sentence.

    Returns
    -------
    DataFrame, shape (n_facts, 6)
        `name, text, unit, scope, table, sentence` (str), sorted by name.
    """
    rows = [
        (
            name,
            entry["text"],
            entry["unit"],
            entry["scope"],
            entry["source"],
            sentence(name, facts, as_of=as_of, choices=choices),
        )
        for name, entry in sorted(facts.items())
    ]
    return pd.DataFrame(rows, columns=["name", "text", "unit", "scope", "table", "sentence"])


def fill(text: str, facts: Mapping[str, dict], *, as_of: str, choices: Mapping[str, object] | None = None) -> str:
    """Replace ``{{NAME}}`` by the fact as prose writes it, and ``{{NAME.sentence}}`` by its sentence.

    Parameters
    ----------
    text : str
        Markdown, or any other text.
    facts : mapping
        Facts by name.
    as_of : str
        Day of the snapshot, for ``{{as_of}}`` and the sentences.
    choices : mapping of str to object, optional
        Parameters of the run, as for `helpers.sentences.sentence`.

    Raises
    ------
    InputError
        Naming every name that no fact has, and every number of a week that the record cuts short, with its line.

    Examples
    --------
    >>> fill("Ratio: {{ratio}}.", {"ratio": {"text": "1.40"}}, as_of="2026-10-11")
    'Ratio: 1.40.'
    """
    unknown = [
        f"line {number}: {name!r}. {nearest(name, facts).split('Known: ')[0]}".rstrip()
        for number, line in enumerate(text.splitlines(), start=1)
        for name in (found.removesuffix(".sentence") for found in PLACE.findall(line))
        if name not in facts and name != "as_of"
    ]
    if unknown:
        raise InputError("The text names facts that do not exist:\n" + "\n".join(unknown))
    cut = [
        f"line {number}: {name!r} counts {days} days of its week; write {{{{{name}.sentence}}}}, which says so."
        for number, line in enumerate(text.splitlines(), start=1)
        for name in PLACE.findall(line)
        if (days := cut_days(name, facts))
    ]
    if cut:
        raise InputError("The text quotes a part of a week as the week:\n" + "\n".join(cut))

    def written(found: re.Match) -> str:
        name = found[1]
        if name == "as_of":
            return as_of
        if name.endswith(".sentence"):
            return sentence(name.removesuffix(".sentence"), facts, as_of=as_of, choices=choices)
        return facts[name]["text"]

    return PLACE.sub(written, text)
