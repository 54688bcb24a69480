import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossover.runner.parameters import EXPECTED, Parameter, assign_parameters, convert, looks_secret, read_parameters
from helpers.errors import InputError

SIZE = "chart_size: int = 9  # models a week"


def assign(settings, *notebooks, only=None):
    return assign_parameters(notebooks if only is None else only, settings, all_notebooks=notebooks)


def test_a_declaration_has_a_name_a_type_a_value_and_a_meaning(project) -> None:
    notebook = project.notebook("01-a", "# 1. A", "1 + 1", parameters=f"{SIZE}\nscope: str = 'chart'")
    assert list(read_parameters(notebook).values()) == [
        Parameter("chart_size", "int", 9, "models a week"),
        Parameter("scope", "str", "chart", ""),
    ]


def test_a_value_may_hold_a_hash_or_letters_of_two_bytes_and_run_over_lines(project) -> None:
    cell = 'title: str = "№№№ 1 # of all"  # größer\nweeks: list[int] = [\n    1,  # first\n    -2,\n]  # of the record'
    declared = read_parameters(project.notebook("01-a", "# 1. A", parameters=cell))
    assert declared["title"] == Parameter("title", "str", "№№№ 1 # of all", "größer")
    assert declared["weeks"] == Parameter("weeks", "list[int]", [1, -2], "of the record")


@pytest.mark.parametrize(
    ("kind", "literal", "value"),
    [("float", "1", 1), ("float", "-0.5", -0.5), ("bool", "False", False), ("list[str]", "['a']", ["a"])],
)
def test_every_type_of_literal_is_read(project, kind, literal, value) -> None:
    notebook = project.notebook("01-a", "# 1. A", parameters=f"x: {kind} = {literal}")
    assert read_parameters(notebook)["x"].value == value


def test_a_notebook_without_a_parameters_cell_has_none(project) -> None:
    assert read_parameters(project.notebook("01-a", "# 1. A", "x: int = 1")) == {}


@pytest.mark.parametrize(
    "line",
    [
        "x = 1",
        "x: int",
        "x: int = 2 * size",
        "x: int = 1.0",
        "x: int = True",  # a bool is an int for Python
        "x: bool = 1",
        "x: float = '1'",
        "x: str = None",
        "x: list[int] = [1, 'a']",
        "x: list[int] = [True]",
        "x: list = [1]",
        "x: dict = {[]: 1}",  # no dict at all
        "x.y: int = 1",
        "import math",
    ],
)
def test_what_is_no_typed_literal_is_refused(project, line) -> None:
    notebook = project.notebook("01-a", "# 1. A", parameters=f"{SIZE}\n{line}")
    expected = f"01-a.ipynb, parameters cell: {line!r} is not `name: type = literal` with one of the types int, float"
    with pytest.raises(InputError, match=re.escape(expected)):
        read_parameters(notebook)


def test_a_cell_that_is_not_python_is_refused_with_its_line(project) -> None:
    notebook = project.notebook("01-a", "# 1. A", parameters=f"{SIZE}\nx: int = = 1")
    with pytest.raises(InputError, match=r"01-a.ipynb, parameters cell, line 2: .*Mend the cell in JupyterLab"):
        read_parameters(notebook)


def test_a_setting_reaches_every_selected_notebook_that_has_it(project) -> None:
    first = project.notebook("01-a", "# 1. A", parameters=SIZE)
    second = project.notebook("02-b", "# 2. B", "1")
    third = project.notebook("03-c", "# 3. C", parameters=SIZE)
    left_out = project.notebook("04-d", "# 4. D", parameters=SIZE)
    given_to = assign([("chart_size", "3")], first, second, third, left_out, only=[first, second, third])
    assert given_to == {first: {"chart_size": 3}, second: {}, third: {"chart_size": 3}}


def test_an_unknown_parameter_suggests_the_nearest(project) -> None:
    notebook = project.notebook("01-a", "# 1. A", parameters=f"{SIZE}\nscope: str = 'chart'")
    with pytest.raises(InputError) as refused:
        assign([("chart_sise", "3")], notebook)
    assert str(refused.value) == (
        "Unknown parameter 'chart_sise': no notebook has it. Did you mean 'chart_size'? Known: chart_size, scope."
    )


def test_a_parameter_of_notebooks_without_any_is_refused(project) -> None:
    with pytest.raises(InputError, match="the notebooks of this command have no parameters. Leave out -p"):
        assign([("chart_size", "3")], project.notebook("01-a", "# 1. A", "1"))


def test_a_parameter_of_a_notebook_left_out_is_refused(project) -> None:
    first = project.notebook("01-a", "# 1. A", parameters=SIZE)
    second = project.notebook("02-b", "# 2. B", parameters="scope: str = 'chart'")
    with pytest.raises(InputError, match="'chart_size' belongs to 01-a, which this command does not run"):
        assign([("chart_size", "3")], first, second, only=[second])


def test_a_parameter_set_twice_is_refused(project) -> None:
    notebook = project.notebook("01-a", "# 1. A", parameters=SIZE)
    with pytest.raises(InputError, match="Parameter 'chart_size' is set 2 times. Set it once"):
        assign([("chart_size", "3"), ("chart_size", "3")], notebook)


def test_two_types_of_one_parameter_are_refused_though_nothing_is_set(project) -> None:
    first = project.notebook("01-a", "# 1. A", parameters=SIZE)
    second = project.notebook("02-b", "# 2. B", parameters="chart_size: float = 9.0")
    with pytest.raises(InputError, match=r"chart_size is int in 01-a.ipynb and float in 02-b.ipynb.*declare one type"):
        assign([], first, second, only=[first])


@pytest.mark.parametrize(
    ("name", "text"),
    [("OPENROUTER_API_KEY", "hush"), ("api-key", "hush"), ("title", "sk-or-v1-hush"), ("title", "a, sk-or-v1-hush")],
)
def test_a_secret_is_refused_and_not_repeated(project, name, text) -> None:
    notebook = project.notebook("01-a", "# 1. A", parameters="title: str = 'a'")
    with pytest.raises(InputError, match="looks like a secret.*environment variables instead") as refused:
        assign([(name, text)], notebook)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("name", ["total_tokens", "monkey", "keyed", "tokens_by_origin"])
def test_words_that_only_resemble_a_secret_are_no_secret(name) -> None:
    assert not looks_secret(name)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int", "nine"),
        ("int", "9.0"),
        ("int", ""),
        ("float", "much"),
        ("float", "nan"),
        ("float", "inf"),
        ("float", "1e400"),  # more than a float can hold
        ("bool", "maybe"),
        ("bool", ""),
        ("list[int]", "1, two"),
        ("list[int]", "1,,2"),
        ("list[str]", "a,"),
        ("list[str]", ","),
    ],
)
def test_a_value_of_another_type_is_refused(kind, text) -> None:
    with pytest.raises(InputError) as refused:
        convert(text, Parameter("x", kind, 5, "how many"), where="01-a, 03-c")
    assert str(refused.value) == (
        f"Parameter x of 01-a, 03-c must be {EXPECTED[kind]}, not {text!r} (the default is 5; how many). "
        "Give another value after -p x."
    )


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("bool", "Yes", True),
        ("bool", " TRUE ", True),
        ("bool", "0", False),
        ("str", " as typed, with a comma ", " as typed, with a comma "),
        ("str", "", ""),
        ("list[str]", "", []),
        ("list[str]", " chart , ranked ", ["chart", "ranked"]),
        ("list[int]", "3", [3]),
    ],
)
def test_a_text_becomes_a_value(kind, text, value) -> None:
    assert convert(text, Parameter("x", kind, None, ""), where="") == value


@given(st.lists(st.integers()), st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_arrive_exactly(whole, number) -> None:
    def typed(text: str, kind: str) -> object:
        return convert(text, Parameter("x", kind, None, ""), where="")

    assert typed(", ".join(map(str, whole)), "list[int]") == whole
    assert [typed(str(item), "int") for item in whole] == whole
    assert typed(repr(number), "float") == number


def test_the_notebooks_of_this_project_declare_what_can_be_read() -> None:
    notebooks = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("[0-9]*.ipynb"))
    assert all("processed_folder" in read_parameters(notebook) for notebook in notebooks)
