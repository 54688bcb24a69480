"""Facts on their way into prose: one on a page, all as LaTeX macros or as a table, and filled into Markdown."""

import csv
import difflib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from helpers.errors import InputError, nearest
from helpers.facts.fact import Fact
from helpers.facts.sentences import LIMIT, cut_days, sentence
from helpers.facts.weeks import read_weeks
from helpers.figures.words import ENGLISH

Facts = Mapping[str, Fact]
COLUMNS = ("name", "text", "unit", "scope", "table", "sentence")
PLACE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
MACRO = r"""% Facts of the Token Crossover record, as of %s: \fact{NAME} prints one. Written by `crossover facts`.
\newcommand{\fact}[1]{\ifcsname crossover@#1\endcsname\csname crossover@#1\endcsname\else
  \PackageError{crossover}{No fact is called #1}{Look it up with `crossover facts'.}\fi}
\expandafter\def\csname crossover@as_of\endcsname{%s}
"""
LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "†": r"\textdagger{}",
    "‡": r"\textdaggerdbl{}",
    "\N{MINUS SIGN}": r"\textminus{}",
    "∞": r"\ensuremath{\infty}",
}


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
    return [name.removesuffix(".sentence") for name in PLACE.findall(text) if name != "as_of"]


def with_weeks(facts: Facts, names: Iterable[str], folder: Path) -> dict[str, Fact]:
    """Add the facts of the weeks that names speak of, when the collected ones leave them out.

    Parameters
    ----------
    facts : mapping
        The facts of the last run.
    names : iterable of str
        Such as ``ratio_ranked_2026_06_15``; what is no fact of any week adds nothing.
    folder : Path
        The tables of the run; read only when a name is missing.

    Raises
    ------
    InputError
        If a table is needed and cannot be read.
    """
    missing = [name for name in names if name not in facts]
    every = read_weeks(folder) if missing else {}
    weeks = {every[name].week for name in missing if name in every}
    return dict(facts) | {name: fact for name, fact in every.items() if fact.week in weeks}


def require_fact(name: str, facts: Facts) -> str:
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


def search(facts: Facts, words: Sequence[str], *, as_of: str, choices: Mapping[str, object] | None = None) -> list[str]:
    """List the facts whose name, value or sentence holds every word: name, value, and the sentence without its caveats.

    Parameters
    ----------
    facts : mapping
        Facts by name.
    words : sequence of str
        Compared without regard to case; ``9 feb`` finds `9 February`, ``18`` finds 18.42.
    as_of, choices
        As for `helpers.facts.sentences.sentence`.

    Raises
    ------
    InputError
        If nothing holds all of them; it says what each of them finds alone.
    """
    wanted = [word.lower() for text in words for word in text.split()]
    told = {
        name: sentence(name, facts, as_of=as_of, choices=choices).partition(f" {LIMIT}")[0] for name in sorted(facts)
    }
    full = {name: f" {name} {facts[name].text} {line} ".lower().replace("_", " ") for name, line in told.items()}
    found = [name for name in told if all(re.search(rf"(?<![\w.]){re.escape(word)}", full[name]) for word in wanted)]
    if not found:
        alone = [f"{word!r}: {sum(word in text for text in full.values())}" for word in wanted]
        raise InputError(
            f"No fact holds all of {' '.join(wanted)!r} (alone, {', '.join(alone)}). Take fewer words, or list every "
            "fact with `crossover facts`."
        )
    return [f"{name} = {facts[name].text}\n    {told[name]}" for name in found]


def present(name: str, facts: Facts, *, as_of: str, choices: Mapping[str, object] | None = None) -> str:
    """Write one fact as a block: value, unit, scope, bounds, table, and the sentence that may be quoted.

    Raises
    ------
    InputError
        If no fact is called so.
    """
    fact = facts[require_fact(name, facts)]
    rows = {
        "fact": name,
        "value": fact.value,
        "written": fact.text,
        "unit": f"{fact.text_unit}, as written" if fact.text_unit != fact.unit else fact.unit,
        **({"days": days} if (days := cut_days(fact, facts)) else {}),
        "scope": fact.scope,
        "bounds": " to ".join(fact.bounds) if fact.bounds else "none",
        "table": fact.table,
        "as of": as_of,
    }
    lines = [f"{label:<9}{value}" for label, value in rows.items()]
    return "\n".join([*lines, "", sentence(name, facts, as_of=as_of, choices=choices)])


def as_latex(facts: Facts, *, as_of: str, choices: Mapping[str, object] | None = None) -> str:
    r"""Write every fact as a macro, to be printed by ``\fact{NAME}``; a name that does not exist is an error there."""
    lines = [
        f"\\expandafter\\def\\csname crossover@{name}\\endcsname{{{escape_latex(fact.text)}}}"
        for name, fact in sorted(facts.items())
        if not cut_days(fact, facts)
    ]
    more = ENGLISH.under(choices or {}).run["choices"]
    return (f"% {more}\n" if more else "") + MACRO.replace("%s", as_of) + "\n".join(lines) + "\n"


def as_csv(facts: Facts, *, as_of: str, choices: Mapping[str, object] | None = None) -> str:
    """List every fact with its sentence: `name, text, unit` (of the text), `scope, table, sentence`, sorted by name."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    for name, fact in sorted(facts.items()):
        told = sentence(name, facts, as_of=as_of, choices=choices)
        rows.writerow((name, fact.text, fact.text_unit, fact.scope, fact.table, told))
    return file.getvalue()


def fill(text: str, facts: Facts, *, as_of: str, choices: Mapping[str, object] | None = None) -> str:
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
        Parameters of the run, as for `helpers.facts.sentences.sentence`.

    Raises
    ------
    InputError
        Naming every name that no fact has, and every number of a week that the record cuts short, with its line.

    Examples
    --------
    >>> ratio = Fact(name="r", kind="ratio", value=1.4, unit="ratio", scope="chart", table="ratios.csv")
    >>> fill("Ratio: {{r}}.", {"r": ratio}, as_of="2026-10-11")
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
        if name in facts and (days := cut_days(facts[name], facts))
    ]
    if cut:
        raise InputError("The text quotes a part of a week as the week:\n" + "\n".join(cut))

    def written(found: re.Match) -> str:
        name = found[1]
        if name == "as_of":
            return as_of
        if name.endswith(".sentence"):
            return sentence(name.removesuffix(".sentence"), facts, as_of=as_of, choices=choices)
        return facts[name].text

    return PLACE.sub(written, text)


def escape_latex(text: str) -> str:
    r"""Write a text so that LaTeX prints it as it is.

    Examples
    --------
    >>> print(escape_latex("52% of a_b"))
    52\% of a\_b
    """
    return "".join(LATEX.get(character, character) for character in text)
