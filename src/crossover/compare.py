"""Two runs side by side: parameters, data, environment, tables, verdicts and figures in one page."""

import io
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from markupsafe import Markup
from matplotlib.image import imread, imsave

from crossover.bundle.verify import extract, open_unpacked, verify_bundle
from crossover.report.pages import asset, markdown, read_section, read_text, render, table
from crossover.report.site import figure_title
from crossover.runs import FIGURES, TABLES, Place, Run, digest, open_run, typed
from helpers.data.contracts import CONTRACTS, Contract
from helpers.data.files import shown
from helpers.data.sources import load_manifest
from helpers.data.tables import read_table
from helpers.errors import InputError, enumerate_problems

TOLERANCE = 1e-9
CELLS = ["row", "column", "first", "second"]
VISIBLE = 8 / 255  # a step of colour that counts as another colour
FADED, MARK = 0.35, (0.78, 0.0, 0.1)
SHOWN = 50  # moved values of a table that the page lists; the CSV has all
ABSENT = "none"
HERE = "index.html"
NOUNS = {"Parameters": "parameters", "Raw data": "raw files", "Environment": "software versions"}


@dataclass(frozen=True)
class TableDifference:
    """How one table of the second run differs from that of the first.

    Attributes
    ----------
    name : str
        Of the table.
    rows : tuple of int
        Rows of the first and of the second.
    only : tuple of int
        Rows whose key the other table does not have.
    cells : DataFrame
        `row` (the values of the key), `column`, `first`, `second` (text): one row a value that moved.
    """

    name: str
    rows: tuple[int, int]
    only: tuple[int, int]
    cells: pd.DataFrame

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not any(self.only) and self.cells.empty

    @property
    def summary(self) -> str:
        """The difference in a few words."""
        if self.is_same:
            return f"the same in all {self.rows[0]} rows"
        parts = [f"{len(self.cells)} values moved"] if len(self.cells) else []
        parts += [f"{n} rows only in the {which}" for n, which in zip(self.only, ("first", "second"), strict=True) if n]
        return ", ".join(parts)


def compare_folders(first: Path, second: Path, *, tolerance: float = TOLERANCE) -> list[TableDifference]:
    """Compare every table that both folders hold.

    Parameters
    ----------
    first, second : Path
        Folders of tables.
    tolerance : float
        Numbers that differ by less than this, relative to the larger, count as equal; counts and texts are exact.

    Returns
    -------
    list of TableDifference
        In the order of the contracts.

    Raises
    ------
    InputError
        If a folder holds no table, or tables of one name have different columns (all of them are named), or a
        table breaks its contract.
    """
    held = [
        {name for name, contract in CONTRACTS.items() if (folder / contract.file).is_file()}
        for folder in (first, second)
    ]
    for folder, names in zip((first, second), held, strict=True):
        if not names:
            raise InputError(
                f"{shown(folder)} holds no table of a run. Name a bundle, or a folder that a run wrote to."
            )
    shared = [name for name in CONTRACTS if name in held[0] & held[1]]
    problems = [problem for name in shared if (problem := _columns_differ(CONTRACTS[name], first, second))]
    if problems:
        raise InputError(
            "The two runs have different schemas, so they cannot be compared cell by cell:\n"
            f"{enumerate_problems(problems)}\nRun the older one again with the present code."
        )
    return [
        compare_table(
            read_table(first, name), read_table(second, name), name=name, key=CONTRACTS[name].key, tolerance=tolerance
        )
        for name in shared
    ]


def _columns_differ(contract: Contract, first: Path, second: Path) -> str:
    before, after = (_columns(folder / contract.file) for folder in (first, second))
    if before == after:
        return ""
    gone, new = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    parts = [f"only the first has {', '.join(gone)}"] * bool(gone) + [f"only the second has {', '.join(new)}"] * bool(
        new
    )
    return f"{contract.file}: {'; '.join(parts) or 'the columns are in another order'}"


def _columns(path: Path) -> list[str]:
    try:
        if path.suffix == ".parquet":
            return pq.read_schema(path).names
        return pd.read_csv(path, nrows=0).columns.to_list()
    except (OSError, ValueError) as error:
        raise InputError(f"{shown(path)} cannot be read: {error}. Write it again with `crossover run`.") from None


def missing_tables(first: Path, second: Path) -> tuple[list[str], list[str]]:
    """Name the tables that only the first folder holds, and those that only the second does."""
    files = [contract.file for contract in CONTRACTS.values()]
    held = [{file for file in files if (folder / file).is_file()} for folder in (first, second)]
    return sorted(held[0] - held[1]), sorted(held[1] - held[0])


def compare_table(
    first: pd.DataFrame, second: pd.DataFrame, *, name: str, key: Sequence[str], tolerance: float = TOLERANCE
) -> TableDifference:
    """Compare two tables of the same columns, row by row of the same key.

    Counts stay int64 throughout, so that a difference of one token in 2^53 is seen.

    Examples
    --------
    >>> before = pd.DataFrame({"week": ["a", "b"], "tokens": [2**53, 1]})
    >>> after = pd.DataFrame({"week": ["a", "c"], "tokens": [2**53 + 1, 1]})
    >>> compare_table(before, after, name="t", key=["week"]).summary
    '1 values moved, 1 rows only in the first, 1 rows only in the second'
    """
    key = list(key)
    shared = first.merge(second, on=key, how="inner", suffixes=("", " second"), validate="1:1")
    parts = []
    for column in first.columns.drop(key):
        before, after = shared[column], shared[f"{column} second"]
        moved = ~_equal(before, after, tolerance)
        if moved.any():
            row = shared.loc[moved, key].apply(_as_text).agg(" ".join, axis="columns")
            values = {"first": _as_text(before[moved]), "second": _as_text(after[moved])}
            parts.append(pd.DataFrame({"row": row, "column": column, **values}))
    cells = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=CELLS, dtype="str")
    only = (len(first) - len(shared), len(second) - len(shared))
    return TableDifference(name, (len(first), len(second)), only, cells)


def _as_text(values: pd.Series) -> pd.Series:
    return values.astype("str").fillna("none")


def _equal(before: pd.Series, after: pd.Series, tolerance: float) -> pd.Series:
    if pd.api.types.is_float_dtype(before):
        close = np.isclose(after, before, rtol=tolerance, atol=0, equal_nan=True)
        return pd.Series(close, index=before.index)
    same = before.eq(after).fillna(value=False).astype("bool")
    return same | (before.isna() & after.isna())


@dataclass(frozen=True)
class PictureDifference:
    """How two pictures differ: the `share` of pixels that do (0 to 1; 1 if the sizes do), and a `picture` of where.

    The picture (PNG) is the second one, faded, with the pixels that moved in red; empty if nothing moved or the
    sizes differ.
    """

    share: float
    picture: bytes


def compare_pictures(first: Path, second: Path) -> PictureDifference:
    """Compare two PNG files pixel by pixel.

    Raises
    ------
    InputError
        If one cannot be read as a picture.
    """
    before, after = (_read(path) for path in (first, second))
    if before.shape != after.shape:
        return PictureDifference(1.0, b"")
    moved = np.abs(before - after).max(axis=-1) > VISIBLE
    if not moved.any():
        return PictureDifference(0.0, b"")
    drawn = 1 - FADED * (1 - after.mean(axis=-1, keepdims=True).repeat(3, axis=-1))
    drawn[moved] = MARK
    buffer = io.BytesIO()
    imsave(buffer, drawn, format="png", metadata={"Software": None})
    return PictureDifference(float(moved.mean()), buffer.getvalue())


def _read(path: Path) -> np.ndarray:
    try:
        picture = imread(path, format="png")
    except (OSError, ValueError, SyntaxError) as error:
        raise InputError(
            f"{shown(path)} is no PNG picture: {error}. Draw it again with `crossover run --only 07`."
        ) from None
    if picture.ndim == 2:
        picture = picture[..., None].repeat(3, axis=-1)
    return picture[..., :3]


@dataclass(frozen=True)
class Side:
    """One of the two runs.

    Attributes
    ----------
    name : str
        As the reader named it.
    run : Run
        The run.
    """

    name: str
    run: Run

    @property
    def parameters(self) -> dict[str, str]:
        """Every parameter with its value, named after its notebook where notebooks differ."""
        named: dict[str, dict[str, str]] = {}
        for stem, values in self.run.parameters.items():
            for name, value in values.items():
                named.setdefault(name, {})[stem] = str(value)
        return {
            name if len(set(by_notebook.values())) == 1 else f"{name} ({stem})": value
            for name, by_notebook in named.items()
            for stem, value in by_notebook.items()
        }

    @property
    def data(self) -> dict[str, str]:
        """The record, and each raw file with its date and hash."""
        record = self.run.rankings
        sources = {
            "the record": f"{record['source']}, as of {record['as_of']}, {record['start_date']} to {record['end_date']}"
        }
        files = load_manifest(self.run.raw)
        return sources | {file: f"as of {s.as_of}, sha256 {s.sha256[:16]}" for file, s in files.items()}

    @property
    def environment(self) -> dict[str, str]:
        """Software and its version."""
        found = self.run.environment
        return {name: str(found.get(name, ABSENT)) for name in ("python", "project", "system")} | dict(
            found.get("packages", {})
        )


def open_side(given: str, working: Path, *, root: Path, stale: bool) -> Side:
    """Open a run to be compared: a bundle, a project, or the folder that a run was kept in.

    Parameters
    ----------
    given : str
        What the reader named.
    working : Path
        Where a bundle is unpacked; made if it is needed.
    root : Path
        The project of the command, whose code a folder was made with.
    stale : bool
        Take a run that is stale or unfinished too.

    Raises
    ------
    InputError
        If there is no such run, it did not finish, or a bundle is not what it was.
    """
    path = Path(given).expanduser().resolve()
    if path.is_file():
        working.mkdir()
        extract(verify_bundle(path), working)
        return Side(given, open_unpacked(working, where=given))
    if not path.is_dir():
        raise InputError(f"There is no run {given}: {shown(path)} is neither a bundle nor a folder.")
    is_project = (path / "notebooks").is_dir() and (path / "pyproject.toml").is_file()
    project = path if is_project else root
    return Side(given, open_run(Place(project, path), stale=stale, elsewhere=is_project and project != root))


def compare_runs(
    first: Side, second: Side, *, root: Path, tolerance: float = TOLERANCE
) -> tuple[dict[str, bytes | Path], list[str]]:
    """Make the page that shows two runs side by side.

    Parameters
    ----------
    first, second : Side
        The runs; differences are described from the first to the second.
    root : Path
        The project's folder, whose README says the limits.
    tolerance : float
        See `compare_folders`.

    Returns
    -------
    (dict of str to bytes or Path, list of str)
        The files of the page by name, and its summary in lines.

    Raises
    ------
    InputError
        If a run holds no table, or the runs have different schemas.
    """
    differences = compare_folders(first.run.tables, second.run.tables, tolerance=tolerance)
    pictures, files = _figures(first, second)
    lost, added = _alone(first, second)
    verdicts = _verdicts(first, second)
    behind = {
        "Parameters": _side_by_side(first, second, "parameters"),
        "Raw data": _side_by_side(first, second, "data"),
        "Environment": _side_by_side(first, second, "environment"),
    }
    gone, new = missing_tables(first.run.tables, second.run.tables)
    different = [difference for difference in differences if not difference.is_same]
    summary = [
        _count("verdicts", verdicts["First"].ne(verdicts["Second"]).sum(), len(verdicts)),
        _count("tables", len(different), len(differences)),
        _count("figures", sum(picture["share"] > 0 for picture in pictures), len(pictures)),
        *[_count(NOUNS[name], rows["First"].ne(rows["Second"]).sum(), len(rows)) for name, rows in behind.items()],
        *[f"Only the first run has {', '.join([*gone, *lost])}."] * bool(gone or lost),
        *[f"Only the second run has {', '.join([*new, *added])}."] * bool(new or added),
        *[f"{side.name}: {side.run.warning}" for side in (first, second) if side.run.warning],
    ]
    page = render(
        "compare",
        here=HERE,
        title="Two runs side by side",
        up="",
        caution="",
        pages=[{"file": HERE, "title": "Comparison"}],
        limits=markdown(read_section(read_text(root / "README.md"), "Limits of the data"), has_top=True),
        source=" ".join(dict.fromkeys(str(side.run.rankings["citation"]) for side in (first, second))) + " CC BY 4.0.",
        names=[first.name, second.name],
        summary=summary,
        tolerance=f"{tolerance:g}",
        sections=[{"title": name, **_changes(rows, name)} for name, rows in {"Verdicts": verdicts, **behind}.items()],
        tables=[_table(difference) for difference in differences],
        figures=pictures,
    )
    cells = pd.concat([difference.cells.assign(table=difference.name) for difference in differences])
    listed = cells[["table", "row", "column", "first", "second"]].to_csv(index=False, lineterminator="\n")
    files |= {HERE: page, "data/differences.csv": listed.encode("utf-8")}
    return files | {f"assets/{name}": asset(name) for name in ("report.css",)}, summary


def _count(what: str, moved: int, total: int) -> str:
    return f"{moved} of {total} {what} differ." if total else f"No {what} to compare."


def _verdicts(first: Side, second: Side) -> pd.DataFrame:
    sides = []
    for side in (first, second):
        there = (side.run.tables / "claims.csv").is_file()
        sides.append(dict(read_table(side.run.tables, "claims")[["statement", "verdict"]].to_numpy()) if there else {})
    return _pair(*sides)


def _side_by_side(first: Side, second: Side, part: str) -> pd.DataFrame:
    """Pair what both runs recorded; where one recorded nothing, nothing can be said to differ."""
    sides = getattr(first, part), getattr(second, part)
    return _pair(*sides) if all(sides) else _pair({}, {})


def _pair(first: Mapping[str, str], second: Mapping[str, str]) -> pd.DataFrame:
    names = list(dict.fromkeys([*first, *second]))
    sides = {"First": first, "Second": second}
    values = {title: [side.get(name, ABSENT) for name in names] for title, side in sides.items()}
    return pd.DataFrame({"What": names, **values}, dtype="object")


def _changes(rows: pd.DataFrame, name: str) -> dict[str, object]:
    """Lay out what differs, and what does not behind a fold."""
    moved = rows["First"].ne(rows["Second"])
    same = rows.loc[~moved, ["What", "First"]].rename(columns={"First": "In both"})
    return {
        "moved": table(rows[moved], label=f"{name} that differ") if moved.any() else "",
        "same": table(same, label=f"{name} that are the same") if len(same) else "",
        "n_same": len(same),
    }


def _table(difference: TableDifference) -> dict[str, object]:
    cells = difference.cells.head(SHOWN)
    shown_cells = cells.rename(columns={"row": "Row", "column": "Column", "first": "First", "second": "Second"})
    return {
        "name": difference.name,
        "summary": difference.summary,
        "is_same": difference.is_same,
        "cut": len(difference.cells) > SHOWN,
        "cells": table(shown_cells, label=f"Values of {difference.name} that moved") if len(cells) else Markup(),
    }


def _figures(first: Side, second: Side) -> tuple[list[dict], dict[str, bytes | Path]]:
    shown_figures, files = [], {}
    for name in sorted({*_drawn(first)} & {*_drawn(second)}):
        paths = [side.run.figures / f"{name}.png" for side in (first, second)]
        difference = compare_pictures(*paths)
        figure = {"name": name, "title": figure_title(name), "share": difference.share}
        figure["percent"] = f"{100 * difference.share:.2f} %"
        if difference.share:
            alts = [path.with_suffix(".txt") for path in paths]
            texts = [alt.read_text(encoding="utf-8").strip() if alt.is_file() else name for alt in alts]
            figure["pair"] = [
                {"src": f"figures/{which}/{name}.png", "alt": text, "name": which}
                for which, text in zip(("first", "second"), texts, strict=True)
            ]
            files |= {f"figures/{w}/{name}.png": path for w, path in zip(("first", "second"), paths, strict=True)}
        if difference.picture:
            files[f"figures/difference/{name}.png"] = difference.picture
            figure["difference"] = f"figures/difference/{name}.png"
        shown_figures.append(figure)
    return shown_figures, files


def _drawn(side: Side) -> list[str]:
    """Name the figures that a run drew as PNG."""
    return sorted(
        Path(name).stem for name in side.run.files if name.startswith(f"{FIGURES}/") and name.endswith(".png")
    )


def _alone(first: Side, second: Side) -> tuple[list[str], list[str]]:
    """Name the figures that only the first run has, and those that only the second has."""
    held = [_drawn(side) for side in (first, second)]
    lost, added = set(held[0]) - set(held[1]), set(held[1]) - set(held[0])
    return [f"figure {name}" for name in sorted(lost)], [f"figure {name}" for name in sorted(added)]


def rerun(run: Run, *, report: Callable[[str], None]) -> tuple[list[str], bool]:
    """Install the environment of an unpacked bundle, run its notebooks and compare tables, facts and figures.

    Parameters
    ----------
    run : Run
        As `open_unpacked` returns it.
    report : callable
        Receives one line per step.

    Returns
    -------
    (list of str, bool)
        What was found, in lines, and whether every step succeeded and every result is the same.
    """
    folder = run.root
    settings = [part for name, value in run.settings.items() for part in ("-p", name, typed(value))]
    steps = [
        [sys.executable, "tools/environment.py", "run"],
        [str(folder / ".venv" / "bin" / "crossover"), "run", "--to", "again", *settings],
    ]
    for step in steps:
        report(f"running {' '.join(step)}")
        done = subprocess.run(step, cwd=folder, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            return [f"This step failed with exit code {done.returncode}: {' '.join(step)}"], False
    again = folder / "again"
    lines = [f"{table.name}: {table.summary}" for table in compare_folders(folder / TABLES, again / TABLES)]
    # Executed notebooks hold times; everything else is the same to the byte, or it is another result.
    files = [name for name in run.files if not name.endswith(".ipynb")]
    differ = [name for name in files if digest(again / name) != run.files[name]]
    lines += [f"{name}: {'another content' if (again / name).is_file() else 'not written again'}" for name in differ]
    lines.append(f"{len(files) - len(differ)} of {len(files)} tables, facts and figures are the same.")
    return lines, not differ
