"""The package of a figure: what is in it, that it agrees with the data, and that it can be pasted."""

import html
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest

from crossover.article.packages import describe_data, escape_latex, read_back, write_package
from helpers.data.rankings import RANKINGS
from helpers.data.sources import load_manifest
from helpers.errors import InputError
from helpers.figures.catalogue import FIGURES
from helpers.figures.editions import choose_edition

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
SOURCE = load_manifest(RAW)[RANKINGS]
SNIPPETS = {"snippet.html", "snippet.md", "snippet.tex"}
COMMON = {"LICENSE.txt", "alt-short.txt", "citation.txt", "datapackage.json", *SNIPPETS}
TYPES = {"boolean": "b", "integer": "iu", "number": "f", "date": "M", "string": "OSTU"}


@pytest.fixture(scope="module")
def write(small: dict, draw_one: Callable, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    def make(name: str = "ratio_with_bounds", profile: str = "house", language: str = "en") -> Path:
        one, folder = draw_one(name, small, choose_edition(profile, language)), tmp_path_factory.mktemp("package")
        write_package(one, folder=folder, source=SOURCE)
        return folder / name

    return make


@pytest.fixture(scope="module")
def package(write: Callable[..., Path]) -> Callable[..., Path]:
    """Write a package once, for all tests that only look."""
    return cache(write)


def text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8").strip()


@pytest.mark.parametrize(("profile", "kinds"), [("house", {"pdf", "svg", "png"}), ("plos", {"tiff", "pdf", "png"})])
def test_holds_every_part(package: Callable, profile: str, kinds: set[str]) -> None:
    folder = package(profile=profile)
    figure = {f"ratio_with_bounds.{kind}" for kind in kinds | {"csv", "txt", "caption.txt"}}
    assert {file.name for file in folder.iterdir()} == COMMON | figure


@pytest.mark.parametrize("name", FIGURES)
def test_the_schema_is_that_of_the_data_and_every_number_has_a_unit(
    name: str, package: Callable, small: dict, draw_one: Callable
) -> None:
    folder = package(name)
    described = json.loads(text(folder, "datapackage.json"))
    (resource,) = described["resources"]
    data = draw_one(name, small, choose_edition()).data
    fields = resource["schema"]["fields"]
    assert [field["name"] for field in fields] == list(pd.read_csv(folder / resource["path"], nrows=0).columns)
    assert [f["name"] for f in fields if data[f["name"]].dtype.kind not in TYPES[f["type"]]] == []
    assert [f["name"] for f in fields if (f["type"] in ("integer", "number")) != ("unit" in f)] == []
    assert [f["name"] for f in fields if not f["description"]] == []
    assert described["sources"][0]["version"] == SOURCE.as_of
    assert described["licenses"][0]["name"] == "CC-BY-4.0"


@pytest.mark.parametrize("record", ["real", "small"])
@pytest.mark.parametrize("name", FIGURES)
def test_the_data_of_a_figure_are_as_its_module_declares_them(
    name: str, record: str, draw_one: Callable, request: pytest.FixtureRequest
) -> None:
    one = draw_one(name, request.getfixturevalue(record), choose_edition())
    pa.DataFrameSchema(one.columns, strict=True, ordered=True).validate(one.data, lazy=True)


def test_a_column_that_no_module_declares_is_an_error_and_no_guess(small: dict, draw_one: Callable) -> None:
    one = draw_one("ratio_with_bounds", small, choose_edition())
    with pytest.raises(KeyError, match="ratio_with_bounds declares no column 'share_of_all'"):
        describe_data(replace(one, data=one.data.assign(share_of_all=0.5)), SOURCE)


@pytest.mark.filterwarnings("ignore")  # other people's code
@pytest.mark.parametrize("name", FIGURES)
def test_the_reference_validator_accepts_the_data(name: str, package: Callable, monkeypatch) -> None:
    from frictionless import Package

    monkeypatch.chdir(package(name))
    report = Package("datapackage.json").validate()
    assert report.valid, report.flatten(["fieldName", "rowNumber", "message"])


def test_tokens_and_shares_have_their_own_units(package: Callable) -> None:
    fields = json.loads(text(package("weights_by_origin"), "datapackage.json"))["resources"][0]["schema"]["fields"]
    units = {field["name"]: field.get("unit") for field in fields}
    assert (units["open"], units["share_open"], units["origin"]) == ("tokens", "share, 0 to 1", None)


def test_the_data_come_back_as_they_were_drawn(package: Callable, small: dict, draw_one: Callable) -> None:
    folder = package("truncation_curve")
    data = draw_one("truncation_curve", small, choose_edition()).data
    back = read_back(folder / "truncation_curve.csv", data)
    assert back["week_start"].tolist() == data["week_start"].tolist()
    assert back["ratio"].tolist() == pytest.approx(data["ratio"].tolist(), nan_ok=True)


def test_the_citation_names_source_and_day(package: Callable) -> None:
    folder = package()
    assert text(folder, "citation.txt").startswith(f"{SOURCE.citation} CC BY 4.0.")
    assert SOURCE.as_of in text(folder, "citation.txt")
    assert text(folder, "ratio_with_bounds.caption.txt").endswith(f"{SOURCE.citation} CC BY 4.0.")


def test_the_short_alt_text_is_kind_and_finding(package: Callable) -> None:
    folder = package("tokens_by_origin")
    caption = text(folder, "tokens_by_origin.caption.txt")
    assert text(folder, "alt-short.txt") == f"Stacked areas: {caption.split('. ')[0]}."
    assert len(text(folder, "alt-short.txt")) <= 150


@pytest.mark.parametrize(("language", "code"), [("en", "en"), ("zh", "zh-Hans")])
def test_the_html_snippet_carries_language_caption_and_alt_text(package: Callable, language: str, code: str) -> None:
    folder = package(language=language)
    figure = ET.fromstring(text(folder, "snippet.html").replace('width="100%">', 'width="100%"/>'))
    assert figure.get("lang") == code
    assert figure.find("img").get("alt") == text(folder, "ratio_with_bounds.txt")
    assert (folder / figure.find("img").get("src")).is_file()
    assert figure.find("figcaption").text == text(folder, "ratio_with_bounds.caption.txt")


def test_the_markdown_snippet_points_to_the_picture(package: Callable) -> None:
    folder = package("china_against_us", profile="social")
    alt, target = re.match(r"!\[(.*?)\]\((.*?)\)", text(folder, "snippet.md")).groups()
    assert (folder / target).is_file()
    assert alt == text(folder, "alt-short.txt")


def test_the_latex_snippet_includes_the_pdf_at_its_width_and_escapes_the_caption(package: Callable) -> None:
    folder = package("specification_curve", profile="nature-2col")
    snippet = text(folder, "snippet.tex")
    assert "{specification_curve.pdf}" in snippet
    assert "183mm" in snippet
    caption = re.search(r"\\caption\{(.*)\}\n", snippet)[1]
    assert re.findall(r"(?<!\\)[%&#_$]", caption) == []
    assert snippet.count("{") - snippet.count("\\{") == snippet.count("}") - snippet.count("\\}")


def test_latex_signs_are_printed_as_they_are() -> None:
    assert escape_latex("5 % of a_b & {c} †") == r"5 \% of a\_b \& \{c\} \textdagger{}"


def test_markup_in_a_claim_stays_text(small: dict, draw_one: Callable, tmp_path: Path) -> None:
    claims = small["claims"].assign(quantity='"<b>" & [x]*')
    one = draw_one("claims_verdicts", small | {"claims": claims}, choose_edition())
    write_package(one, folder=tmp_path, source=SOURCE)
    snippet = text(tmp_path / "claims_verdicts", "snippet.html")
    assert "<b>" not in snippet
    assert '"<b>" & [x]*' in html.unescape(snippet)


def test_a_second_package_has_the_same_bytes(write: Callable) -> None:
    first = {file.name: file.read_bytes() for file in write(profile="nature-1col", language="zh").iterdir()}
    again = {file.name: file.read_bytes() for file in write(profile="nature-1col", language="zh").iterdir()}
    assert first == again


def test_a_folder_that_cannot_be_written_is_named(small: dict, draw_one: Callable, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    one = draw_one("ratio_with_bounds", small, choose_edition())
    with pytest.raises(InputError, match="Cannot write .*blocked"):
        write_package(one, folder=blocked, source=SOURCE)
