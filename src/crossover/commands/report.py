"""`crossover report`: the results of a run as a folder of pages that open from disk."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossover.report.interactive import Choices
    from crossover.report.run import Run

SIZES = (5, 9, 15, 20, 30)  # models in the chart that a reader can choose from
FOLDERS = ("processed_folder", "figures_folder", "raw_folder")


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command and its arguments."""
    parser = commands.add_parser(
        "report",
        help="write the results as pages that open from disk",
        description="Write a folder of pages about the last run: findings and verdicts, an interactive figure, all "
        "figures with their data, the definitions and limits, the executed notebooks. It needs no network.",
    )
    add_run_options(parser)
    parser.add_argument("--to", metavar="FOLDER", default="build/report", help="where the pages go (%(default)s)")
    parser.set_defaults(command=report)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Register the options that say where a run put its results."""
    parser.add_argument(
        "--processed", metavar="FOLDER", default="data/processed", help="the run's tables (%(default)s)"
    )
    parser.add_argument("--figures", metavar="FOLDER", default="figures", help="the run's figures (%(default)s)")


def report(options: argparse.Namespace) -> int:
    """Write the pages and print the first one's path.

    Raises
    ------
    InputError
        If the run is not finished, its files do not belong together, or the folder holds something else.
    """
    from crossover.cli import DONE
    from crossover.report.folder import check_target, write_pages
    from crossover.report.site import build_report
    from helpers.data.paths import project_root, resolve, shown

    target = resolve(options.to)
    check_target(target)
    run = open_run(project_root(), tables=resolve(options.processed), figures=resolve(options.figures))
    print("computing the choices of the interactive figure", file=sys.stderr, flush=True)
    choices = compute_choices(run)
    print("writing pages", file=sys.stderr, flush=True)
    files = build_report(run, choices)
    print(shown(write_pages(files, target)))
    return DONE


def open_run(root: Path, *, tables: Path, figures: Path) -> "Run":
    """Find the executed notebooks of a run and make sure that it finished and that its files belong together.

    Parameters
    ----------
    root : Path
        The project's folder; its executed notebooks are in build/notebooks.
    tables, figures : Path
        The folders that the run wrote to.

    Raises
    ------
    InputError
        If a notebook has no executed copy, the copy is not whole or is of another state of the notebook, or it
        wrote to other folders.
    """
    from crossover.report.run import NOTEBOOKS, Run
    from crossover.runner.notebooks import find_notebooks
    from crossover.runner.outcome import NotebookError, check_executed
    from helpers.errors import InputError

    executed = [root / NOTEBOOKS / notebook.name for notebook in find_notebooks(root)]
    missing = [copy.stem for copy in executed if not copy.is_file()]
    if missing:
        raise InputError(
            f"The last run did not finish: {', '.join(missing)} has no executed copy in {NOTEBOOKS}. "
            "Run `crossover run` first."
        )
    parameters, times = {}, {}
    for notebook, copy in zip(find_notebooks(root), executed, strict=True):
        try:
            check_executed(notebook, copy)
        except NotebookError as error:
            raise InputError(f"The last run did not finish. {error}") from None
        parameters[copy.stem], times[copy.stem] = _read_record(notebook, copy)
    _check_folders(parameters, {"processed_folder": tables, "figures_folder": figures}, root)
    kept = {
        stem: {name: value for name, value in values.items() if name not in FOLDERS}
        for stem, values in parameters.items()
    }
    return Run(root, tables, figures, tuple(executed), kept, times)


def _read_record(notebook: Path, copy: Path) -> tuple[dict[str, object], tuple[str, str]]:
    """Read what papermill noted in an executed copy, after making sure that it is a copy of this notebook."""
    from crossover.report.notebooks import read_notebook
    from crossover.runner.notebooks import read_cells
    from crossover.runner.parameters import read_parameters
    from helpers.errors import InputError

    def code(path: Path) -> list[str]:
        cells = [cell for cell in read_cells(path) if cell["cell_type"] == "code"]
        return [cell["source"].strip() for cell in cells if "injected-parameters" not in cell["tags"]]

    if code(notebook) != code(copy):
        raise InputError(
            f"{notebook.name} was changed after the last run: its executed copy has other code. Run `crossover run` "
            "again, so that code and results belong together."
        )
    noted = read_notebook(copy)["metadata"].get("papermill", {})
    declared = {name: parameter.value for name, parameter in read_parameters(notebook).items()}
    times = (str(noted.get("start_time") or ""), str(noted.get("end_time") or ""))
    if "" in times:
        raise InputError(f"The executed copy of {notebook.name} does not say when it ran. Run `crossover run` again.")
    return declared | dict(noted.get("parameters", {})), times


def _check_folders(parameters: dict[str, dict[str, object]], folders: dict[str, Path], root: Path) -> None:
    from crossover.runner.staging import PREFIX
    from helpers.data.paths import shown
    from helpers.errors import InputError

    for stem, values in parameters.items():
        for name, folder in folders.items():
            if name not in values:
                continue
            written = (root / Path(str(values[name])).expanduser()).resolve()
            written = written.parent if written.name.startswith(PREFIX) else written
            if written != folder.resolve():
                option = name.removesuffix("_folder")
                raise InputError(
                    f"The executed notebook {stem} is of a run that wrote to {shown(written)}, not to {shown(folder)}. "
                    f"Name that folder with --{option} {shown(written)}, or run the notebooks again."
                )


def compute_choices(run: "Run") -> "Choices":
    """Compute the ratio and the agreement of every claim under each choice that the interactive figure offers.

    Raises
    ------
    InputError
        If the ratios of the run's own choice are not those of its table `ratios`.
    """
    import pandas as pd

    from crossover.report.interactive import Choices
    from helpers.analysis.claims import evaluate_claims, gather_evidence
    from helpers.analysis.measures import ALL_MODELS
    from helpers.analysis.ratios import compute_ratios
    from helpers.analysis.weeks import SCOPES, nearest_week
    from helpers.data.claims import read_claims
    from helpers.data.paths import shown
    from helpers.data.registry import read_registry
    from helpers.data.tables import read_table
    from helpers.errors import InputError

    raw = run.root / "data" / "raw"
    usage, registry, claims = read_table(run.tables, "usage_daily"), vars(read_registry(raw)), read_claims(raw).claims
    own_size, min_days = run.value("chart_size", 9), run.value("min_days", 7)
    own = {"policy": run.value("stealth_policy", "as_of"), "size": own_size}
    options = {name: run.value(name, default) for name, default in _OPTIONS.items()}
    ratios, settings = [], []
    for size in sorted({*SIZES, own_size}):
        evidence = gather_evidence(usage, registry=registry, chart_size=size, **options)
        # What the chart's size does not touch is computed once.
        scopes = SCOPES if size == own_size else ("chart",)
        for policy, origin_weekly in evidence[ALL_MODELS].items():
            found = compute_ratios(origin_weekly, scopes=scopes, min_days=min_days)
            ratios.append(found.assign(policy=policy, size=size))
        judged = evaluate_claims(claims, evidence, min_days=min_days)
        settings.append(judged[judged["scope"].isin(scopes)].assign(size=size))
    tables = [pd.concat(parts, ignore_index=True) for parts in (ratios, settings)]
    ratios, settings = (rows.assign(size=rows["size"].where(rows["scope"].eq("chart"), 0)) for rows in tables)
    stored = read_table(run.tables, "ratios")
    mine = ratios[ratios["policy"].eq(own["policy"]) & ratios["size"].isin([0, own_size])]
    mine = mine[mine["scope"].isin(stored["scope"])][stored.columns].reset_index(drop=True)
    if not mine.equals(stored.sort_values(["scope", "week_start"], key=_in_order).reset_index(drop=True)):
        raise InputError(
            f"{shown(run.tables / 'ratios.csv')} does not follow from usage_daily under the parameters of the last "
            "run: the tables are of different runs. Run `crossover run` again."
        )
    week = pd.Timestamp(nearest_week(str(run.value("reported_week", "2026-02-09")), ratios["week_start"])[0])
    return Choices(ratios, settings, {"scope": "chart", **own, "week": week})


_OPTIONS = {"week_start_day": "Monday", "on_untagged": "stop"}


def _in_order(column: "object") -> "object":
    from helpers.analysis.weeks import SCOPES

    return column.map(SCOPES.index) if column.name == "scope" else column
