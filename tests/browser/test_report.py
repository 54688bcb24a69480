import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from helpers.data.tables import read_table

pytestmark = pytest.mark.browser

PAGES = [
    *("index.html", "explore.html", "figures.html", "method.html"),
    *("notebooks/index.html", "notebooks/01-first.html", "notebooks/02-second.html"),
]
SERIOUS = ("serious", "critical")


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{item['id']}: {node['html'][:120]}" for item in found if item["impact"] in SERIOUS for node in item["nodes"]
    ]


def reading(page: Page) -> dict[str, str]:
    names = ("ratio", "low", "high", "state", "china", "us", "unidentified")
    return {name: page.locator(f"#{name}").inner_text() for name in names}


def expected(row: pd.Series) -> dict[str, str]:
    numbers = {
        name: f"{row[column]:.2f}"
        for name, column in (("ratio", "ratio"), ("low", "ratio_low"), ("high", "ratio_high"))
    }
    tokens = {name: f"{row[f'{name}_tokens']:,}" for name in ("china", "us", "unidentified")}
    return {**numbers, "state": row["state"], **tokens}


@pytest.fixture(scope="module")
def ratios(project: Path) -> pd.DataFrame:
    table = read_table(project / "data" / "processed", "ratios")
    return table.assign(week=table["week_start"].dt.strftime("%Y-%m-%d")).set_index(["scope", "week"])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_from_disk_without_a_network_or_a_complaint(reader, name: str) -> None:
    page = reader.open(name)
    page.evaluate("Promise.all([...document.images].map(i => { i.loading = 'eager'; return i.decode(); }))")
    assert reader.complaints == []
    assert page.locator("h1").count() == 1
    assert page.title() != "owned"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"


@pytest.mark.parametrize("name", PAGES)
def test_every_image_is_there_and_has_words(reader, name: str) -> None:
    page = reader.open(name)
    images = page.evaluate(
        "Promise.all([...document.images].map(async i => {"
        " i.loading = 'eager'; await i.decode(); return [i.alt.trim().length, i.naturalWidth]; }))"
    )
    assert all(words > 0 and width > 0 for words, width in images)


@pytest.mark.parametrize("name", PAGES)
def test_the_accessibility_engine_finds_nothing_serious(reader, name: str) -> None:
    page = reader.open(name)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert violations(page) == []


def test_the_engine_would_find_something_serious(wide) -> None:
    page = wide.open("index.html")
    page.evaluate("document.body.append(Object.assign(document.createElement('img'), {src: 'data:,'}))")
    assert any(line.startswith("image-alt") for line in violations(page))


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_permaslug_is_inert(wide, name: str) -> None:
    page = wide.open(name)
    assert page.title().endswith("· Token Crossover")
    assert page.locator("img[src='x']").count() == 0
    assert page.evaluate("[...document.scripts].every(s => s.src.startsWith('file:') && s.text === '')")


def test_a_hostile_permaslug_is_shown_as_the_text_it_is(wide) -> None:
    page = wide.open("notebooks/02-second.html")
    assert "evil/<script>document.title='owned'</script>" in page.locator("main").inner_text()


def test_a_hostile_claim_is_shown_as_text_by_the_script_too(wide, report: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(report, copy)
    script = copy / "assets" / "explore-data.js"
    text = script.read_text()
    statement = json.dumps(
        json.loads(text.removeprefix("const EXPLORE = ").removesuffix(";\n"))["claims"][0]["statement"]
    )
    hostile = json.dumps("<img src=x onerror=\"document.title='owned'\">")
    script.write_text(text.replace(statement, hostile, 1))
    wide.folder = copy
    page = wide.open("explore.html")
    expect(page.locator("#claims tbody th").first).to_have_text("<img src=x onerror=\"document.title='owned'\">")
    assert page.locator("#claims img").count() == 0


def test_the_figure_opens_with_the_reported_week_of_ratios_csv(reader, ratios: pd.DataFrame) -> None:
    page = reader.open("explore.html")
    assert reading(page) == expected(ratios.loc[("chart", "2026-02-16")])


def test_a_click_moves_the_scope_and_the_verdicts_change(wide, ratios: pd.DataFrame) -> None:
    page = wide.open("explore.html")
    before = page.locator("#claims tbody td.verdict").all_inner_texts()
    page.get_by_label("all ranked models").click()
    assert reading(page) == expected(ratios.loc[("ranked", "2026-02-16")])
    assert page.locator("#claims tbody td.verdict").all_inner_texts() != before
    assert "all ranked models" in page.locator("#sentence").inner_text()
    assert page.locator("select[name=size]").is_disabled()


def test_every_week_and_scope_shows_the_numbers_of_ratios_csv(wide, ratios: pd.DataFrame) -> None:
    page = wide.open("explore.html")
    full = ratios[ratios["ratio"].notna() & ratios["ratio_high"].lt(1e9)]
    assert len(full) > 10
    for (scope, week), row in full.iterrows():
        page.locator(f"input[name=scope][value={scope}]").check()
        page.locator("select[name=week]").select_option(week)
        assert reading(page) == expected(row), (scope, week)


def test_the_verdicts_are_those_of_claim_settings_csv(wide, project: Path) -> None:
    settings = read_table(project / "data" / "processed", "claim_settings")
    page = wide.open("explore.html")
    for policy in ("as_of", "retrospective", "unknown"):
        page.locator(f"input[name=policy][value={policy}]").check()
        rows = settings[settings["policy"].eq(policy) & settings["scope"].eq("chart")]
        for claim, agreement in zip(rows["claim_id"], rows["agreement"], strict=True):
            expect(page.locator(f"#claims tr[data-claim='{claim}'] td.verdict")).to_have_text(agreement)


def test_the_figure_answers_to_the_keyboard_alone(wide, ratios: pd.DataFrame) -> None:
    page = wide.open("explore.html")
    page.locator("input[name=scope][value=chart]").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("input[name=scope][value=ranked]").is_checked()
    assert reading(page) == expected(ratios.loc[("ranked", "2026-02-16")])
    page.locator("#before").focus()
    page.keyboard.press("Enter")
    assert reading(page) == expected(ratios.loc[("ranked", "2026-02-09")])
    page.locator("#after").focus()
    page.keyboard.press("Space")
    assert reading(page) == expected(ratios.loc[("ranked", "2026-02-16")])


def test_everything_that_can_be_used_can_be_reached_with_the_tab_key_and_is_seen(wide) -> None:
    page = wide.open("explore.html")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        element = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " const seen = s.outlineStyle !== 'none' || e === document.body;"
            " return [e.id || e.name || e.className || e.tagName, seen]; })()"
        )
        assert element[1], f"{element[0]} has the focus and nothing shows it"
        reached.add(element[0])
    assert {"skip", "scope", "size", "policy", "before", "week", "after", "scroll"} <= reached


def test_the_skip_link_leads_past_the_header(wide) -> None:
    page = wide.open("index.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_click_into_the_figure_chooses_the_week_beneath(wide) -> None:
    page = wide.open("explore.html")
    box = page.locator("#plot svg").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 25, box["y"] + box["height"] / 2)
    weeks = page.locator("select[name=week] option").all_inner_texts()
    assert page.locator("select[name=week]").input_value() in weeks[-2:]


def test_the_ends_of_the_record_are_ends(wide) -> None:
    page = wide.open("explore.html")
    weeks = page.locator("select[name=week] option").all_inner_texts()
    page.locator("select[name=week]").select_option(weeks[0])
    assert page.locator("#before").is_disabled()
    page.locator("select[name=week]").select_option(weeks[-1])
    assert page.locator("#after").is_disabled()


def test_without_javascript_the_page_holds_the_reported_week_under_every_choice(
    chromium: Browser, report: Path
) -> None:
    with chromium.new_context(java_script_enabled=False, offline=True) as context:
        page = context.new_page()
        page.goto((report / "explore.html").as_uri())
        assert page.get_by_text("Moving the choices needs JavaScript").is_visible()
        assert page.locator("#choices").is_hidden()
        rows = page.get_by_role("region", name="Ratio of Chinese to US tokens, with bounds").locator("tbody tr")
        assert rows.count() == 3 * (6 + 2)  # policies, times sizes of the chart and wider scopes
        assert page.locator("figure img").first.is_visible()


def test_the_comparison_of_two_runs_is_a_page_of_the_same_kind(wide, comparison: Path) -> None:
    wide.folder = comparison
    page = wide.open("index.html")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    page.evaluate("Promise.all([...document.images].map(i => { i.loading = 'eager'; return i.decode(); }))")
    assert wide.complaints == []
    assert violations(page) == []
    assert page.locator("img").count() == 3  # both pictures and their difference
    assert page.title().endswith("· Token Crossover")
