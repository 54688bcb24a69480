"""Which notebooks a command is about, what each of them is given, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crossover.runner.interrupts import NOTHING_PUBLISHED
from crossover.runner.notebooks import find_notebooks, select_notebooks
from crossover.runner.parameters import assign_parameters
from crossover.runner.records import OK
from crossover.runner.steps import Step, plan_step

FRESH = "fresh"


@dataclass
class Result:
    """How a run went.

    Attributes
    ----------
    executed : list of Path
        The executed copies, of this run or still valid from an earlier one.
    folders : dict of str to Path
        The folder behind each folder parameter.
    statuses : dict of str to str
        How each notebook ended, or ``fresh``.
    seconds : float
        How long the run took.
    has_facts : bool
        Whether facts.json is what these notebooks make: one of an earlier run may lie there.
    """

    executed: list[Path]
    folders: dict[str, Path]
    statuses: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    has_facts: bool = False

    def named(self, status: str) -> list[str]:
        """List the notebooks that ended in one way, in order."""
        return sorted(name for name, ended in self.statuses.items() if ended == status)

    def tell_kept(self) -> str:
        """Say what of an unfinished run is kept."""
        kept = ", ".join(self.named(OK))
        if not kept:
            return NOTHING_PUBLISHED
        return f"The results of {kept} are kept; all others are as they were. `crossover run` goes on from there."


def plan(
    root: Path,
    *,
    settings: Sequence[tuple[str, str]] = (),
    only: Sequence[str] = (),
    start: str | None = None,
) -> list[Step]:
    """Choose the notebooks and give each its parameters.

    Parameters
    ----------
    root : Path
        The project's folder.
    settings : sequence of (name, text)
        Parameters, as typed.
    only : sequence of str
        Notebooks to choose, by number or name; all by default.
    start : str, optional
        The first notebook to choose.

    Raises
    ------
    InputError
        If a name, a parameter or a folder is wrong.
    """
    everything = find_notebooks(root)
    notebooks = select_notebooks(everything, only=only, start=start)
    assigned = assign_parameters(notebooks, settings, all_notebooks=everything)
    return [plan_step(notebook, assigned[notebook], root=root) for notebook in notebooks]
