import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pandas as pd
import pytest

from crossover.report.findings import answer_first, count_verdicts, list_findings
from crossover.report.interactive import Choices, compute_choices
from crossover.report.pages import read_section
from crossover.report.site import build_report, list_figures
from crossover.runs import Place, Run, open_run
from finished_run import HOSTILE
from helpers.data.tables import read_table
from helpers.errors import InputError
from helpers.facts.fact import read_facts

OWN_SCRIPTS = {"d3.min.js", "plot.umd.min.js", "explore-data.js", "explore.js"}


class Page(HTMLParser):
    """What a browser would find in a page: elements with their attributes, in order."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(content.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict]:
        return [attributes for tag, attributes in self.found if tag in tags]


@pytest.fixture(scope="module")
def run(made_run: Path) -> Run:
    return open_run(Place.of(made_run))


@pytest.fixture(scope="module")
def choices(run: Run) -> Choices:
    return compute_choices(run)


@pytest.fixture(scope="module")
def files(run: Run, choices: Choices) -> dict[str, bytes | Path]:
    return build_report(run, choices)


@pytest.fixture(scope="module")
def pages(files: dict) -> dict[str, Page]:
    return {name: Page(content) for name, content in files.items() if name.endswith(".html")}


def test_there_is_a_page_for_every_part_and_notebook(pages: dict[str, Page]) -> None:
    parts = {"index.html", "explore.html", "figures.html", "method.html"}
    assert set(pages) == parts | {f"notebooks/{name}.html" for name in ("index", "01-first", "02-second")}


def test_every_link_and_source_is_a_file_of_the_report_or_a_link_to_follow(files: dict, pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for attributes in page.all("link", "script", "img", "a"):
            target = attributes.get("src") or attributes.get("href")
            if target.startswith(("data:", "#")) or ("src" not in attributes and re.match("https?://", target)):
                continue
            parts = []
            for part in (PurePosixPath(name).parent / target.partition("#")[0]).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            assert "/".join(parts) in files, (name, target)


def test_only_the_reports_own_scripts_and_styles_are_loaded(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        scripts = {PurePosixPath(script["src"]).name for script in page.all("script")}
        assert scripts == (OWN_SCRIPTS if name == "explore.html" else set())
        assert page.all("style", "iframe", "object", "embed", "base") == []
        assert not any(key.startswith("on") for _, attributes in page.found for key in attributes)


def test_a_hostile_permaslug_stays_text_wherever_it_stands(files: dict, pages: dict[str, Page]) -> None:
    shown_at = [name for name in pages if b"evil/&lt;script&gt;" in files[name]]
    assert shown_at == ["index.html", "explore.html", "figures.html", "notebooks/02-second.html"]
    assert not any(image.get("src") == "x" for page in pages.values() for image in page.all("img"))
    # Once in a stream, once as pandas escapes it, once in prose; of the table that did not escape it the words stay.
    second = files["notebooks/02-second.html"].decode()
    assert second.count("evil/&lt;script&gt;") == 4  # ... and in the alt text of the figure
    assert re.search(r"<td>evil/[^<]*</td>", second)
    assert not re.search(r"<(script|img)[^>]*>(?!</script>)[^<]*owned", second)


def test_every_page_has_one_top_heading_a_language_landmarks_and_a_way_past_them(pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert [page.all(tag) for tag in ("h1", "main")] == [[{}], [{"id": "main", "tabindex": "-1"}]]
        assert page.all("html") == [{"lang": "en"}]
        assert page.all("a")[0] == {"class": "skip", "href": "#main"}
        assert len(page.all("header")) == len(page.all("footer")) == 1


def test_every_image_has_words_and_every_header_cell_a_scope(pages: dict[str, Page]) -> None:
    images = [image for page in pages.values() for image in page.all("img")]
    assert len(images) == 5
    assert all(image["alt"].strip() for image in images)
    assert all(cell.get("scope") in ("col", "row") for page in pages.values() for cell in page.all("th"))


def test_every_page_says_the_limits_and_the_source(files: dict, pages: dict[str, Page]) -> None:
    for name in pages:
        assert b"OpenRouter is one platform" in files[name]
        assert b"Source: invented, as of 2026-03-05T00:00Z. Licensed under MIT." in files[name]


def test_a_figure_of_a_notebook_is_the_reports_file_with_its_words(pages: dict[str, Page]) -> None:
    image = pages["notebooks/02-second.html"].all("img")[0]
    assert image["src"] == "../figures/ratio_with_bounds.png"
    assert image["alt"] == f"ratio_with_bounds of {HOSTILE}"


def test_a_link_between_notebooks_leads_to_the_page_and_one_elsewhere_is_words(files: dict) -> None:
    first = files["notebooks/01-first.html"].decode()
    assert 'See <a href="02-second.html">the next</a> and this.' in first


def test_the_folder_of_the_machine_is_nowhere_in_the_report(files: dict, run: Run) -> None:
    assert not [
        name for name, content in files.items() if isinstance(content, bytes) and str(run.root).encode() in content
    ]


def test_the_numbers_of_the_figure_are_those_of_the_tables(run: Run, choices: Choices) -> None:
    mine = choices.ratios[choices.ratios["policy"].eq("as_of") & choices.ratios["size"].isin([0, 3])]
    stored = read_table(run.tables, "ratios")
    both = stored.merge(mine, on=["week_start", "scope"], suffixes=("", "_shown"), validate="1:1")
    assert len(both) == len(stored)
    for column in ("china_tokens", "us_tokens", "unidentified_tokens", "ratio", "ratio_low", "ratio_high", "state"):
        pd.testing.assert_series_equal(both[column], both[f"{column}_shown"], check_names=False, check_exact=True)


def test_tables_of_another_run_are_refused(run: Run) -> None:
    step = replace(run.steps["01-first"], parameters={"chart_size": 2})
    changed = replace(run, steps={"01-first": step})
    with pytest.raises(InputError, match=r"ratios.csv does not follow from usage_daily under the parameters"):
        compute_choices(changed)


def test_a_figure_that_is_not_complete_is_refused(tmp_path: Path, run: Run) -> None:
    (tmp_path / "a.png").write_bytes((run.figures / "ratio_with_bounds.png").read_bytes())
    with pytest.raises(InputError, match=r"Figure a of .* is not complete: .*a.txt"):
        list_figures(tmp_path, names={"a"})


def test_a_run_without_the_main_figure_is_refused(run: Run, choices: Choices) -> None:
    steps = {name: replace(record, wrote={}) for name, record in run.steps.items()}
    empty = replace(run, steps=steps)
    with pytest.raises(InputError, match=r"has no figure ratio_with_bounds. Draw it with `crossover run --only 07`"):
        build_report(empty, choices)


def test_a_readme_without_a_quoted_section_is_refused() -> None:
    with pytest.raises(InputError, match=r"README.md has no section 'Cite'"):
        read_section("# A\n\n## B\n", "Cite")


def ratios(*weeks: tuple[str, float, float, float, str]) -> pd.DataFrame:
    """Weeks from 2026-02-09 on, as (scope, ratio, low, high, state)."""
    seen: dict[str, int] = {}
    rows = []
    for scope, *values in weeks:
        seen[scope] = seen.get(scope, -1) + 1
        rows.append((pd.Timestamp("2026-02-09") + pd.Timedelta(weeks=seen[scope]), scope, *values))
    return pd.DataFrame(rows, columns="week_start scope ratio ratio_low ratio_high state".split())


def crossovers(**weeks: str | None) -> pd.DataFrame:
    days = pd.to_datetime(pd.Series(list(weeks.values()), dtype="object"))
    return pd.DataFrame({"scope": "ranked", "rule": list(weeks), "week_start": days})


def test_the_first_screen_says_who_leads_by_how_much_how_sure_and_whether_the_headline_holds() -> None:
    rows = ratios(
        ("chart", 1.4, 0.5, 3.4, "not identified"),
        ("chart", 3.5, 0.5, 9.0, "not identified"),
        ("chart", 9.9, 9.9, 9.9, "incomplete"),
        ("ranked", 0.85, 0.75, 0.98, "US"),
        ("ranked", 1.92, 1.2, 3.14, "China"),
        ("ranked", 0.1, 0.1, 0.1, "incomplete"),
    )
    dates = crossovers(first_lead="2026-02-16", durable_lead="2026-02-16", certain_lead="2026-02-16")
    answers = answer_first(rows, dates, reported_week="2026-02-09")
    assert [(answer.short, answer.tone) for answer in answers] == [
        ("China leads", "china"),
        ("1.92 to 1", "china"),
        ("Certain", "china"),
        ("Only in the chart", "us"),
    ]
    assert "it has led in every week since 2026-02-16" in answers[0].detail
    assert "In the weekly chart 3.50" in answers[1].detail
    assert "would be 1.20, if all were Chinese 3.14" in answers[2].detail
    assert "certain in 1 of 2 weeks" in answers[2].detail
    assert "ratio of 1.40 (bounds 0.50 to 3.40), all ranked models 0.85 (bounds 0.75 to 0.98)" in answers[3].detail


@pytest.mark.parametrize(
    ("chart", "ranked", "who", "holds"),
    [(2.0, 1.5, "China leads", "It holds"), (0.5, 0.5, "The US leads", "No"), (1.0, 1.0, "Neither leads", "No")],
)
def test_the_first_screen_follows_the_numbers(chart: float, ranked: float, who: str, holds: str) -> None:
    rows = ratios(("chart", chart, 0.1, 9.0, "not identified"), ("ranked", ranked, 0.1, 9.0, "not identified"))
    answers = answer_first(rows, crossovers(first_lead=None), reported_week="2026-02-09")
    assert [answers[0].short, answers[2].short, answers[3].short] == [who, "Not certain", holds]
    assert "China has not overtaken the US in this record" in answers[0].detail


def test_a_lead_that_was_lost_is_not_called_lasting() -> None:
    rows = ratios(("chart", 1.4, 1.0, 2.0, "not identified"), ("ranked", 0.9, 0.5, 2.0, "not identified"))
    dates = crossovers(first_lead="2026-02-09", durable_lead=None, certain_lead=None)
    answers = answer_first(rows, dates, reported_week="2026-02-09")
    assert "first led in the week of 2026-02-09, but not in every week since" in answers[0].detail
    assert "there is none" in answers[2].detail


@pytest.mark.parametrize(
    ("scope", "words", "short"),
    [
        ("chart", "the models of the weekly chart", "It holds in scope chart"),
        ("ranked", "all ranked models", "It holds in scope ranked"),
        ("platform", "the whole platform", "It holds in scope platform"),
    ],
)
def test_a_run_of_one_scope_is_answered_from_it(scope: str, words: str, short: str) -> None:
    only = ratios((scope, 1.5, 1.2, 3.0, "China"))
    dates = crossovers(first_lead="2026-02-09", durable_lead="2026-02-09").assign(scope=scope)
    answers = answer_first(only, dates, reported_week="2026-02-09")
    assert [answer.short for answer in answers] == ["China leads", "1.50 to 1", "Certain", short]
    assert f"Over {words} China first led in the week of 2026-02-09" in answers[0].detail
    assert f"over {words} in the week of 2026-02-09." in answers[1].detail


def test_a_week_that_the_run_lacks_is_no_answer_with_its_reason() -> None:
    both = ratios(("ranked", 1.0, 1.0, 1.0, "not identified"), ("chart", 1.0, 1.0, 1.0, "not identified"))
    answer = answer_first(both, crossovers(), reported_week="2026-02-16")[3]
    assert (answer.short, answer.tone) == ("Cannot be said", "open")
    assert "no full week of 2026-02-16" in answer.detail
    empty = answer_first(both.assign(state="incomplete"), crossovers(), reported_week="2026-02-09")
    assert {answer.short for answer in empty} == {"Cannot be said"}


def test_a_ratio_without_an_upper_end_is_told_in_words() -> None:
    inf = float("inf")
    rows = ratios(("chart", inf, 0.5, inf, "not identified"), ("ranked", inf, 0.4, inf, "not identified"))
    answers = answer_first(rows, crossovers(), reported_week="2026-02-09")
    told = " ".join(f"{answer.short} {answer.detail}" for answer in answers)
    assert not re.search(r"\b(inf|nan)\b", told)
    assert answers[1].short == "No upper end"
    assert "ratio of infinity (bounds 0.50 to infinity)" in answers[3].detail
    growth = pd.DataFrame({"origin": [], "scope": [], "share": []})
    assert "Largest ratio among all ranked models: infinity, in the week of 2026-02-09" in " ".join(
        list_findings(rows, growth, {})
    )


def test_verdicts_are_counted_in_words() -> None:
    claims = pd.DataFrame({"verdict": ["holds", "holds, roughly", "not decided", "not testable"]})
    assert count_verdicts(claims) == "Of 4 claims, 2 hold, 1 is not decided, 1 is not testable."


def test_a_finding_without_its_facts_is_left_out(run: Run) -> None:
    tables = [read_table(run.tables, name) for name in ("ratios", "growth")]
    told = list_findings(*tables, read_facts(run.tables))
    assert [sentence for sentence in told if "specifications" in sentence] == []
    assert any(sentence.startswith("The record holds") for sentence in told)
    assert any("Chinese models took" in sentence for sentence in told)
