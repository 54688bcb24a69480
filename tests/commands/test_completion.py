import os
import subprocess
import sys
from pathlib import Path

import pytest

from crossover.cli import COMMANDS, main
from crossover.completion import SCRIPTS, complete, known
from helpers.data.forms import FOLDER, SUFFIX
from helpers.figures.catalogue import FIGURES
from helpers.figures.words import LANGUAGES

ASK = """
source <(crossover completion bash)
COMP_WORDS=(crossover "$@") COMP_CWORD=$#
_crossover
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def there(project) -> Path:
    project.notebook("01-make", "# 1. Make", parameters='scopes: str = "chart"\nchart_size: int = 9')
    project.notebook("03-find", "# 3. Find", parameters='source: str = "bundled"\nprocessed_folder: str = "x"')
    project.write("facts.json", '{"facts": {"ratio_chart": {}, "ratio_ranked": {}, "share": {}}}')
    (project.raw / FOLDER).mkdir(parents=True)
    (project.raw / FOLDER / f"2026-10-12{SUFFIX}").touch()
    return project.root


CASES = [
    (["ru"], ["run"]),
    (["co"], ["compare", "completion"]),
    (["run", "--fo"], ["--force"]),
    (["compare", "--d"], ["--debug"]),
    (["adopt", "--"], ["--debug", "--help"]),
    (["--v"], ["--version"]),
    (["run", "-p", ""], ["chart_size", "scopes", "source"]),
    (["run", "-p", "chart_size", ""], []),
    (["run", "-p", "chart_size=4", "--from", "0"], ["01-make", "03-find"]),
    (["run", "--only", "01-make", "03"], ["03-find"]),
    (["open", "-p", "chart_size=4", "01"], ["01-make"]),
    (["open", "-p", "chart_size", "4", "01"], ["01-make"]),
    (["figures", "ratio"], ["ratio_with_bounds"]),
    (["figures", "--profile", "nat"], ["nature-1col", "nature-2col"]),
    (["facts", "--stale", "ratio_"], ["ratio_chart", "ratio_ranked"]),
    (["facts", "share", "ratio_c"], ["ratio_chart"]),
    (["diff", "bundled", ""], ["bundled", "latest", "2026-10-12"]),
    (["report", "--to", ""], []),
    (["walk", ""], []),
]


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(("words", "found"), CASES)
def test_what_may_stand_there_is_listed(words, found) -> None:
    assert complete(words, COMMANDS) == found


def test_every_command_and_option_is_completed() -> None:
    assert set(COMMANDS) < set(complete([""], COMMANDS))
    for name, command in COMMANDS.items():
        flags = {flag for option in command.options for flag in option.flags if flag.startswith("-")}
        assert flags | {"--help", "--debug"} == set(complete([name, "-"], COMMANDS))


@pytest.mark.parametrize(("kind", "names"), [("figure", FIGURES), ("language", LANGUAGES)])
def test_names_that_are_found_without_loading_anything_are_those_that_can_be_given(kind, names) -> None:
    assert sorted(known(kind)) == sorted(names)


def test_outside_of_a_project_commands_are_completed_and_no_error_is_shown(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["completion", "--words", "run", "-p", ""]) == 0
    assert tuple(capsys.readouterr()) == ("\n", "")


@pytest.mark.parametrize(("words", "found"), CASES)
def test_bash_completes_with_the_script(there, words, found) -> None:
    asked = ["bash", "-c", ASK, "bash", *words]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        asked, cwd=there, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert [line for line in done.stdout.splitlines() if line] == found


@pytest.mark.parametrize("shell", SCRIPTS)
def test_each_shell_has_a_script(shell, capsys) -> None:
    assert main(["completion", shell]) == 0
    assert "completion --words" in capsys.readouterr().out


def test_an_unknown_shell_is_refused(capsys) -> None:
    assert main(["completion", "ksh"]) == 2
    assert capsys.readouterr().err == "crossover: Unknown shell 'ksh'. Did you mean 'zsh'? Known: bash, zsh, fish.\n"
