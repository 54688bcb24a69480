import argparse
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crossover.cli import COMMANDS, build_parser, main
from crossover.completion import LISTED, known
from crossover.runner.outcome import NotebookError
from helpers import __version__
from helpers.errors import InputError
from projects import LONG

FOLDER = 'processed_folder: str = "data/processed"  # where tables go'
SLEEP = """
import json, os, time
with open(f"../{processed_folder}/made.json", "w") as file:
    file.write("new")
with open("../started.part", "w") as file:
    json.dump({"process": os.getpid(), "private": os.environ["IPYTHONDIR"]}, file)
os.rename("../started.part", "../started.json")
time.sleep(10_000)
"""
NOTHING = "Nothing was published; earlier results are as they were."
HAS_NOTEBOOK = pytest.mark.usefixtures("notebook")


@pytest.fixture
def notebook(project) -> Path:
    return project.notebook("01-a", "# 1. A", "1", parameters=FOLDER)


def raising(error: BaseException):
    def execute(*_: object) -> None:
        raise error

    return execute


@HAS_NOTEBOOK
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotebookError("01-a, cell 3: no.\nMend it."), 1),
        (NotebookError("01-a, cell 3: no.\nMend it.", bad_input=True), 2),
        (InputError("01-a, cell 3: no.\nMend it."), 2),
    ],
)
def test_an_error_is_a_message_on_stderr_and_an_exit_code(pretend, capsys, error, code) -> None:
    pretend(raising(error))
    assert main(["run", "--quiet"]) == code
    kept = f" {NOTHING}" if code == 1 else ""
    assert tuple(capsys.readouterr()) == ("", f"crossover: 01-a, cell 3: no.\nMend it.{kept}\n")


@HAS_NOTEBOOK
def test_debug_shows_the_traceback_above_the_message(pretend, capsys) -> None:
    pretend(raising(InputError("No week.")))
    assert main(["run", "--quiet", "--debug"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback (most recent call last):")
    assert shown.endswith("helpers.errors.InputError: No week.\ncrossover: No week.\n")


@HAS_NOTEBOOK
def test_an_interrupt_is_told_and_exits_with_130(pretend, capsys) -> None:
    pretend(raising(KeyboardInterrupt()))
    assert main(["run", "--quiet"]) == 130
    assert tuple(capsys.readouterr()) == ("", f"crossover: interrupted. {NOTHING}\n")


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "run"])
def test_an_interrupt_of_another_command_claims_nothing_about_a_run(monkeypatch, capsys, command) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("argparse.ArgumentParser.parse_args", lambda *_: argparse.Namespace(command=interrupted))
    assert main([command]) == 130
    told = "crossover: interrupted. Files that were finished are whole; all others are as they were.\n"
    assert tuple(capsys.readouterr()) == ("", told)


def test_an_interrupt_before_anything_began_is_told_too(monkeypatch, capsys) -> None:
    monkeypatch.setattr("crossover.cli.build_parser", raising(KeyboardInterrupt()))
    assert main(["status"]) == 130
    assert capsys.readouterr().err.startswith("crossover: interrupted. ")


@HAS_NOTEBOOK
def test_a_bug_is_not_hidden(pretend) -> None:
    pretend(raising(ZeroDivisionError("a bug")))
    with pytest.raises(ZeroDivisionError, match="a bug"):
        main(["run"])


def write_facts(notebook: Path, parameters) -> None:
    facts = notebook.parents[1] / parameters["processed_folder"] / "facts.json"
    facts.write_text(json.dumps({"summary": "China leads."}))


PLACES = "processed:  data/processed\nnotebooks:  build/notebooks\nrecord:     build/run/run.json\n"


def without_time(text: str) -> str:
    return re.sub(r"\d+\.\d s", "N s", text)


@HAS_NOTEBOOK
def test_the_summary_goes_to_stdout_and_progress_to_stderr(pretend, capsys) -> None:
    pretend(write_facts)
    assert main(["run"]) == 0
    out, err = capsys.readouterr()
    assert without_time(out) == f"China leads.\n\n{PLACES}ran:        01-a (N s)\n"
    assert re.fullmatch(r"01-a +started\n01-a +\d+\.\d s\n", err)


@HAS_NOTEBOOK
def test_a_summary_of_an_earlier_run_is_called_that(pretend, project, capsys) -> None:
    project.write("facts.json", '{"summary": "US leads."}')
    pretend(lambda *_: None)
    assert main(["run", "--only", "1"]) == 0
    assert capsys.readouterr().out.startswith(f"From an earlier run: US leads.\n\n{PLACES}")


@HAS_NOTEBOOK
def test_without_facts_only_the_places_are_told(pretend, capsys) -> None:
    pretend(lambda *_: None)
    assert main(["run"]) == 0
    assert without_time(capsys.readouterr().out) == f"{PLACES}ran:        01-a (N s)\n"


@HAS_NOTEBOOK
def test_a_second_run_with_nothing_changed_runs_nothing_and_says_so(pretend, capsys) -> None:
    pretend(write_facts)
    assert main(["run"]) == 0
    capsys.readouterr()
    pretend(raising(AssertionError("a notebook was run")))
    assert main(["run"]) == 0
    out, err = capsys.readouterr()
    assert without_time(out) == f"China leads.\n\n{PLACES}ran:        nothing (N s)\nfresh:      01-a\n"
    assert err.split() == ["01-a", "fresh"]


@HAS_NOTEBOOK
def test_force_runs_what_is_fresh(pretend, capsys) -> None:
    pretend(write_facts)
    assert main(["run"]) == main(["run", "--force"]) == 0
    assert capsys.readouterr().out.count("ran:        01-a") == 2


def test_the_figures_folder_is_told_where_a_notebook_has_one(project, pretend, capsys) -> None:
    project.notebook("07-draw", "# 7. Draw", "1", parameters=f'{FOLDER}\nfigures_folder: str = "figures"')
    pretend(lambda *_: None)
    assert main(["run", "--to", "build/try"]) == 0
    assert "figures:    build/try/figures\n" in capsys.readouterr().out


def test_options_may_be_repeated(project, pretend) -> None:
    for name in ("01-a", "02-b", "03-c"):
        project.notebook(name, "# A", "1", parameters="size: int = 1\nscopes: list[str] = []")
    done = []
    pretend(lambda notebook, parameters: done.append((notebook.stem, parameters)))
    assert main(["run", "--only", "1", "--only", "3", "-p", "size", "2", "-p", "scopes", "a,b"]) == 0
    assert sorted(done) == [(name, {"size": 2, "scopes": ["a", "b"]}) for name in ("01-a", "03-c")]


@HAS_NOTEBOOK
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "processed_folders", "x"], "Unknown parameter 'processed_folders'.*Did you mean 'processed_folder'"),
        (["--only", "7"], "There is no notebook '7'. Known: 01-a"),
        (["--from", "7"], "There is no notebook '7'. Known: 01-a"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(pretend, capsys, arguments, message) -> None:
    pretend(raising(AssertionError("a notebook was run")))
    assert main(["run", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search(message, err), err


def test_outside_of_a_project_the_command_says_so(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 2
    assert "is not inside the project" in capsys.readouterr().err


def test_no_command_shows_the_help_on_stderr(capsys) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    codes = "Exit codes: 0 done, 1 a notebook or check failed, 2 bad usage or bad input, 130 interrupted."
    assert codes in " ".join(err.split())


@pytest.mark.parametrize("arguments", [["walk"], ["run", "--fast"], ["run", "-p", "size"], ["run", "--only"]])
def test_bad_usage_exits_with_2(arguments, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: crossover" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"crossover {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_names_that_can_be_given_and_examples_that_can_be_parsed(name, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "--debug" in shown
    assert " ".join(COMMANDS[name].description.split()) in " ".join(shown.split())
    for kind in {option.names for option in COMMANDS[name].options} & set(LISTED):
        assert set(known(kind)) <= set(re.findall(r"[\w-]+", shown))
    examples = shown.partition("examples:\n")[2].splitlines()
    assert 2 <= len(examples) <= 3
    for example in examples:
        line = re.search(r"crossover (\w+.*?)(?=[|)#]|$)", example)[1]
        assert build_parser(name).parse_args(shlex.split(line)).command is COMMANDS[name].call


def test_an_unknown_command_is_refused_with_the_nearest(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["stats"])
    assert "Unknown command 'stats'. Did you mean 'status'? Known: run, params" in capsys.readouterr().err


def test_parameters_are_listed_with_meaning_default_own_value_and_notebooks(project, capsys) -> None:
    project.notebook("01-a", "# A", parameters=f"{FOLDER}\nsize: int = 1  # how many\nscopes: list[str] = []  # which")
    project.notebook("02-b", "# B", parameters="size: int = 2  # how many")
    (project.root / "parameters.toml").write_text("size = 5\n")
    assert main(["params"]) == 0
    assert capsys.readouterr().out == (
        "size (int): how many\n    default 1 in 01-a; 2 in 02-b\n    set to 5 in parameters.toml\n    in 01-a, 02-b\n"
        "scopes (list[str]): which\n    default empty\n    in 01-a\n"
    )
    assert main(["params", "scope"]) == 2
    assert "Unknown parameter 'scope'. Did you mean 'scopes'? Known: size, scopes." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["run", "status", "open"])
@pytest.mark.parametrize(
    ("words", "settings"),
    [
        (["-p", "size", "4"], [("size", "4")]),
        (["-p", "size=4"], [("size", "4")]),
        (["-psize=4"], [("size", "4")]),
        (["--parameter", "size", "-1.5"], [("size", "-1.5")]),
        (["--parameter=rule=a=b"], [("rule", "a=b")]),
        (["--param", "scopes", ""], [("scopes", "")]),
        (["-p", "rule", "a=b", "-p", "size=", "-p", "gap", "2"], [("rule", "a=b"), ("size", ""), ("gap", "2")]),
        (["-p", "rule=--x"], [("rule", "--x")]),
    ],
)
def test_a_setting_may_be_two_words_or_one(name, words, settings) -> None:
    options = build_parser(name).parse_args([name, *words, "--debug"])
    assert (options.parameter, options.debug) == (settings, True)


@pytest.mark.parametrize("words", [["-p", "size"], ["-p", "size", "--debug"], ["-p"], ["-p", "=4"]])
def test_a_setting_without_a_value_is_told(words, capsys) -> None:
    with pytest.raises(SystemExit):
        main(["run", *words])
    assert "error: argument -p/--parameter: " in capsys.readouterr().err


def test_a_setting_in_one_word_leaves_the_next_word_to_others() -> None:
    options = build_parser("open").parse_args(["open", "-p", "size=4", "03"])
    assert (options.notebook, options.parameter) == ("03", [("size", "4")])


@HAS_NOTEBOOK
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["open", "--help"], 0),
        (["status"], 0),
        (["run", "--help"], 0),
        (["run", "--only", "7"], 2),
        (["run", "-p", "sise", "1"], 2),
    ],
)
def test_help_and_refusals_load_nothing_heavy(project, arguments, code) -> None:
    script = (
        "import sys\nfrom crossover.cli import main\n"
        f"try:\n    code = main({arguments})\nexcept SystemExit as ended:\n    code = ended.code\n"
        "heavy = ['pandas', 'numpy', 'matplotlib', 'papermill', 'nbformat', 'nbclient', 'asyncio']\n"
        "print('loaded:', code, [name for name in heavy if name in sys.modules])"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
    assert done.stdout.endswith(f"loaded: {code} []\n"), done.stderr


@pytest.mark.slow
def test_a_good_run_tells_what_a_reader_wants_and_exits_with_0(finished) -> None:
    done = finished.done
    ran = "ran:        01-make, 02-use (N s)\n"
    assert (done.returncode, without_time(done.stdout)) == (0, f"Two notebooks made 4.\n\n{PLACES}{ran}")
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["01-make", "01-make", "02-use", "02-use"]


def interrupt_when(project, is_time: Callable[[], bool], number=signal.SIGINT, **options) -> tuple[int, str, str]:
    """Run all notebooks, press Ctrl-C as soon as something is the case, and return exit code, stdout and stderr."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with project.start("run", "--quiet", **pipes, **options) as running:
        try:
            give_up = time.monotonic() + LONG
            while not is_time() and running.poll() is None and time.monotonic() < give_up:
                time.sleep(0.02)
            assert is_time()
            running.send_signal(number)
            out, err = running.communicate(timeout=LONG)
        finally:
            running.kill()
    return running.returncode, out, err


INTERRUPTED = (130, "", f"crossover: interrupted. {NOTHING}\n")


@pytest.mark.slow
def test_ctrl_c_ends_the_kernel_and_publishes_nothing(project) -> None:
    project.notebook("01-a", "# 1. A", SLEEP, parameters=FOLDER)
    project.write("made.json", "earlier")
    started = project.root / "started.json"
    assert interrupt_when(project, started.exists) == INTERRUPTED
    assert project.outputs() == {"made.json": "earlier"}
    kernel = json.loads(started.read_text())
    assert not Path(kernel["private"]).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(kernel["process"], 0)


@pytest.mark.slow
def test_a_run_in_the_background_of_a_shell_ends_on_sigterm(project) -> None:
    project.notebook("01-a", "# 1. A", SLEEP, parameters=FOLDER)
    started = project.root / "started.json"
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited, as such a shell has it
    try:
        assert interrupt_when(project, started.exists, signal.SIGTERM) == INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, handler)


@pytest.mark.slow
def test_ctrl_c_while_a_kernel_starts_leaves_nothing(project) -> None:
    project.notebook("01-a", "# 1. A", SLEEP, parameters=FOLDER)
    with tempfile.TemporaryDirectory() as private:  # pytest's own may be too long for a socket
        variables = {**os.environ, "TMPDIR": private}
        ended = interrupt_when(project, lambda: bool(list(Path(private).glob("*/*/kernel.json"))), env=variables)
        assert ended == INTERRUPTED
        assert list(Path(private).iterdir()) == []
    assert not project.processed.exists()
    assert not (project.root / "started.json").exists()
