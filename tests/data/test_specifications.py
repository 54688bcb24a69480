from pathlib import Path

import pytest

from helpers.data.specifications import read_specifications
from helpers.errors import InputError
from helpers.vocabulary import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
TINY = (ROOT / "tests" / "tiny" / "specifications.toml").read_text(encoding="utf-8")
ENTRY = """
["specifications.toml"]
title = "Invented grid"
url = "https://example.org"
publisher = "The tests"
as_of = "2026-03-05T00:00Z"
licence = "MIT"
citation = "Invented."
bytes = 0
sha256 = "0"
"""


@pytest.fixture
def grid_file(raw):
    """Put a grid into a copy of the tiny raw folder, entered in its manifest, and read it."""

    def put(text: str, **options):
        if '["specifications.toml"]' not in raw.read("SOURCES.toml"):
            raw.damage("SOURCES.toml", raw.read("SOURCES.toml") + ENTRY)
        raw.rewrite("specifications.toml", text)
        return read_specifications(raw.path, **options)

    return put


def replaced(old: str, new: str) -> str:
    assert TINY.count(old) >= 1
    return TINY.replace(old, new, 1)


def test_the_reviewed_grid_has_every_option_of_the_issue_each_defended() -> None:
    grid = read_specifications(ROOT / "data" / "raw")
    sizes = grid.groupby("dimension", sort=False).size()
    assert list(sizes.index) == list(OPTIONS)
    assert sizes.tolist() == [6, 2, 3, 2, 2, 2, 2, 2, 2, 8, 6]
    assert grid["defence"].str.len().ge(20).all()


def test_the_first_option_of_each_dimension_is_the_published_headline_s() -> None:
    first = read_specifications(ROOT / "data" / "raw").groupby("dimension", sort=False)["option"].first()
    headline = "chart_9 separate as_of publisher US China Unknown in in monday first_lead"
    assert first.tolist() == headline.split()


def test_dimensions_come_in_their_own_order_and_options_in_that_of_the_file(grid_file) -> None:
    start = TINY.index("[rule]")
    grid = grid_file(TINY[start:] + "\n" + TINY[:start])
    assert grid["dimension"].unique().tolist() == list(OPTIONS)
    assert grid.loc[grid["dimension"].eq("week"), "option"].tolist() == ["monday", "sunday", "rolling"]


def test_a_contested_dimension_says_what_it_is_about_and_its_options_are_origins(grid_file) -> None:
    grid = grid_file(TINY)
    rows = grid[grid["dimension"].isin(["poolside", "space_bunny"])]
    assert rows[["option", "author", "permaslug"]].to_numpy().tolist() == [
        ["Other", "euro", ""],
        ["US", "euro", ""],
        ["Unknown", "", "openrouter/never-alpha"],
        ["China", "", "openrouter/never-alpha"],
    ]
    assert grid.loc[grid["dimension"].eq("week"), "author"].eq("").all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[universe]", "[univers]", r"unknown dimension \[univers\]. Did you mean 'universe'"),
        ("[week]", "[weeks]", r"dimension \[week\] is missing"),
        ('[free]\nin = "All."\nout = "Paid only."', "[free]", r"dimension \[free\] has no option"),
        ('[free]\nin = "All."\nout = "Paid only."', "", r"dimension \[free\] is missing"),
        ('Other = "The registry."\nUS = "The alternative."', "", r"dimension \[poolside\] has no option"),
        ("chart_9 =", "chart_0 =", r"dimension \[universe\]: unknown option 'chart_0'. Did you mean 'chart_#'"),
        ("chart_9 =", '"chart_#" =', "unknown option 'chart_#'"),
        ("as_of =", '"as-of" =', "unknown option 'as-of'. Did you mean 'as_of'"),
        ("US =", "usa =", "unknown option 'usa'. Known: US, China, Other, Unknown"),
        ('"The ISO week."', '" "', r"dimension \[week\]: option 'monday' has no line that defends it"),
        ('"The ISO week."', "1", r"dimension \[week\]: option 'monday' has no line that defends it"),
        ('author = "euro"', "", r"dimension \[poolside\] names 0 of author and permaslug; name exactly one"),
        ('author = "euro"', "author = 3", r"dimension \[poolside\] names 1 of author and permaslug; .*as text"),
        ('author = "euro"', 'author = "hobby"', r"dimension \[nex_agi\] contests 'hobby' a second time"),
        ('author = "euro"', 'author = "openrouter"', "contests 'openrouter/never-alpha' a second time"),
        ("[universe]", "[universe", "specifications.toml is not valid TOML"),
    ],
)
def test_a_wrong_grid_is_refused_by_name(grid_file, old, new, message) -> None:
    with pytest.raises(InputError, match=message):
        grid_file(replaced(old, new))


def test_an_empty_grid_is_refused(grid_file) -> None:
    with pytest.raises(InputError, match="specifications.toml is empty: the grid has no dimension"):
        grid_file("# nothing\n")


def test_a_value_in_place_of_a_table_is_refused(grid_file) -> None:
    with pytest.raises(InputError, match=r"dimension \[free\] has no option"):
        grid_file("free = 1\n" + replaced('[free]\nin = "All."\nout = "Paid only."', ""))


def test_a_grid_over_the_size_says_its_size_and_the_way_out(grid_file) -> None:
    size = 3 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2 * 3 * 4
    assert len(grid_file(TINY, max_specifications=size)) == 26
    message = rf"has {size} specifications \(universe 3 x .*, more than max_specifications = {size - 1}.*-p max_spec"
    with pytest.raises(InputError, match=message):
        grid_file(TINY, max_specifications=size - 1)


def test_a_grid_that_was_changed_behind_the_manifest_is_refused(raw, grid_file) -> None:
    grid_file(TINY)
    raw.damage("specifications.toml", TINY + "# one line more\n")
    with pytest.raises(InputError, match="specifications.toml is not the file that SOURCES.toml describes"):
        read_specifications(raw.path)
