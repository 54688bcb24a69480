"""A report in Debian's chromium, headless, with the network off: opened from disk as a reader does."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from crossover.compare import Side, compare_runs
from crossover.report.interactive import compute_choices
from crossover.report.pages import write_pages
from crossover.report.site import build_report
from crossover.runs import Place, open_run
from finished_run import copy_run, record_run
from projects import ROOT


class Reader:
    """A window on a report: what the page says wrongly or asks of the network is kept."""

    def __init__(self, context: BrowserContext, folder: Path) -> None:
        self.folder, self.page = folder, context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._ask(request.url))
        self.page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url[:100]}"))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _ask(self, url: str) -> None:
        if not url.startswith(("file://", "data:", "blob:")):
            self.complaints.append(f"asked the network for {url}")

    def open(self, name: str) -> Page:
        self.page.goto((self.folder / name).as_uri())
        return self.page


@pytest.fixture(scope="session")
def project(made_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_run(made_run, tmp_path_factory.mktemp("browser") / "project")


@pytest.fixture(scope="session")
def report(project: Path) -> Path:
    run = open_run(Place.of(project))
    return write_pages(build_report(run, compute_choices(run)), project / "build" / "report").parent


@pytest.fixture(scope="session")
def comparison(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two runs that differ in a figure and in a value."""
    other = tmp_path_factory.mktemp("other") / "project"
    shutil.copytree(project, other)
    shutil.copyfile(other / "figures" / "largest_models.png", other / "figures" / "ratio_with_bounds.png")
    ratios = other / "data" / "processed" / "ratios.csv"
    ratios.write_text(ratios.read_text().replace("not identified", "incomplete", 1))
    record_run(other)
    sides = [Side(str(folder), open_run(Place.of(folder))) for folder in (project, other)]
    files, _ = compare_runs(*sides, root=ROOT)
    return write_pages(files, tmp_path_factory.mktemp("pages") / "compare").parent


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("chromium is not installed: `make test-browser` installs it (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[1280, 390], ids=["wide", "phone"])
def reader(request: pytest.FixtureRequest, chromium: Browser, report: Path) -> Iterator[Reader]:
    with chromium.new_context(viewport={"width": request.param, "height": 844}, offline=True) as context:
        yield Reader(context, report)


@pytest.fixture
def wide(chromium: Browser, report: Path) -> Iterator[Reader]:
    with chromium.new_context(viewport={"width": 1280, "height": 844}, offline=True) as context:
        yield Reader(context, report)
