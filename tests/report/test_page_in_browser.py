"""The page of a report in Chromium: opened from its file as a reader opens it, by mouse, by keyboard, on paper, on a
phone, and by the rules of axe-core.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import NAMES, hostile_account

from gep.account.account import Account
from gep.core.messages import LANGUAGES
from gep.report.options import ReportOptions
from gep.report.page.write import write
from gep.report.tables.book import report_model
from gep.report.tables.model import ReportTable, number_text, text_of

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
AXE = Path(__file__).parent / "axe" / "axe.min.js"
WIDTHS = (1280, 390, 360)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed (Debian: chromium)"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra `test`)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def file(sample_account: Account, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (path,) = write(sample_account, tmp_path_factory.mktemp("page"), ReportOptions(lang="zh"))
    return path


@pytest.fixture(scope="module")
def tables(sample_account: Account) -> dict[str, dict[str, ReportTable]]:
    return {language: report_model(sample_account, language).results for language in LANGUAGES}


class Faults(list[str]):
    """What a page says in its console, and what it asks of the world."""

    def listen(self, page: Any) -> None:
        page.on("console", lambda said: self.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: self.append(f"error: {error}"))
        page.on("request", lambda asked: self._ask(asked.url))

    def _ask(self, address: str) -> None:
        if not address.startswith(("file:", "data:", "blob:")):
            self.append(f"request: {address}")


@pytest.fixture(params=WIDTHS)
def page(chromium: Any, file: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    yield from opened(chromium, file, request.param)


@pytest.fixture
def wide(chromium: Any, file: Path) -> Iterator[Any]:
    yield from opened(chromium, file, 1280)


def opened(chromium: Any, file: Path, width: int, **options: Any) -> Iterator[Any]:
    """A page that must have said nothing and asked for nothing by the end of the test."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
    page, faults = context.new_page(), Faults()
    faults.listen(page)
    page.goto(file.as_uri())
    yield page
    context.close()
    assert faults == []


def place_on_map(page: Any, account: Account, code: str) -> tuple[float, float]:
    """Where a county lies on the screen."""
    point = account.shapes[code].representative_point()
    canvas = page.locator("#zh [data-chart=map] .canvas")
    canvas.scroll_into_view_if_needed()
    x, y = canvas.evaluate(
        "(canvas, point) => echarts.getInstanceByDom(canvas).convertToPixel({seriesIndex: 0}, point)",
        [point.x, point.y],
    )
    box = canvas.bounding_box()
    return box["x"] + x, box["y"] + y


def test_a_county_is_clicked_on_the_map(page, sample_account, tables):
    page.mouse.click(*place_on_map(page, sample_account, "990102"))
    assert page.locator("#zh .panel .name").text_content() == sample_account.zone_name("990102", "zh")
    assert sample_account.zone_name("990102", "zh") in page.locator("#zh .told").text_content()
    table = tables["zh"]["T07"]
    row = next(row for row in table.rows if row.key == "990102")
    for fact in ("value", "value_per_km2", "value_per_head"):
        assert page.locator(f"#zh [data-fact={fact}]").text_content() == text_of(row[fact], "zh")
    of_services = next(row for row in tables["zh"]["T04"].rows if row.key == "990102")
    shown = page.locator("#zh li[data-service=water_retention] .value").text_content()
    assert shown == text_of(of_services["water_retention"], "zh")


def test_an_explanation_comes_when_it_is_opened(wide, sample_account):
    wide.select_option("#zh-county", "990101")
    item = wide.locator("#zh li[data-service=water_retention]")
    assert item.locator(".why").count() == 0
    item.locator("summary").click()
    item.locator(".why").wait_for(state="attached")  # what opens says so when the browser has time for it
    lines = sample_account.explain("water_retention", "990101")["recompute"]
    assert item.locator("ol li code").all_text_contents() == [line["expression"] for line in lines]
    results = [number_text(line["result"], None, "en") for line in lines]
    assert item.locator("ol li strong").all_text_contents() == results


def test_a_county_is_chosen_by_keyboard(wide, sample_account):
    wide.keyboard.press("Tab")
    assert wide.evaluate("document.activeElement.className") == "skip"
    wide.keyboard.press("Enter")
    assert wide.evaluate("document.activeElement.id") == "zh"
    wide.focus("#zh-county")
    wide.keyboard.press("ArrowDown")
    assert wide.locator("#zh .panel .name").text_content() == sample_account.zone_name("990101", "zh")
    summary = wide.locator("#zh .services summary").first
    summary.focus()
    wide.keyboard.press("Enter")
    wide.locator("#zh .services .why").wait_for(state="attached")
    assert wide.locator("#zh .services .why").count() == 1


def test_the_language_changes_without_loading_again(page, sample_account):
    page.evaluate("window.same = true")
    assert page.locator("h1:visible").all_text_contents() == [sample_account.title("zh")]
    page.click("[data-to=en]")
    assert page.locator("h1:visible").all_text_contents() == [sample_account.title("en")]
    assert page.evaluate("[document.documentElement.lang, window.same]") == ["en", True]
    assert page.title().startswith(sample_account.title("en"))
    assert page.locator("#en .chart svg").count() == 5
    page.click("[data-to=zh]")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def numbers(page: Any, column: str, kind: str = "item") -> list[float]:
    cells = page.locator(f"#zh-T01 tr[data-kind={kind}] [data-column={column}]")
    return [float(found) for found in cells.evaluate_all("all => all.map(one => one.dataset.value ?? 'nan')")]


def test_a_table_is_sorted_by_a_heading(wide):
    start = wide.locator("#zh-T01 tbody tr").evaluate_all("all => all.map(one => one.dataset.row)")
    head = wide.locator("#zh-T01 thead th[data-column=value]")
    values = numbers(wide, "value")
    assert values != sorted(values, reverse=True)
    head.locator("button").click()
    assert numbers(wide, "value") == sorted(values, reverse=True)
    assert head.get_attribute("aria-sort") == "descending"
    rows = wide.locator("#zh-T01 tbody tr").evaluate_all("all => all.map(one => one.dataset.row)")
    assert sorted(rows) == sorted(start)
    services = [row.partition("/")[0] for row in rows if row not in ("total",)]
    assert all(rows[at - 1].partition("/")[0] == service for at, service in enumerate(services) if "/" in rows[at])
    head.locator("button").press("Enter")
    assert numbers(wide, "value") == sorted(values)
    head.locator("button").press("Space")
    assert wide.locator("#zh-T01 tbody tr").evaluate_all("all => all.map(one => one.dataset.row)") == start


@pytest.mark.parametrize("id_", ["T01", "T07", "T04"])
def test_a_table_is_downloaded(wide, tables, id_):
    with wide.expect_download() as download:
        wide.locator(f"div.scroll:has(#zh-{id_}) + .tools button").click()
    assert download.value.suggested_filename == f"zh-{id_}.csv"
    raw = Path(download.value.path()).read_bytes()
    assert raw.startswith("\ufeff".encode())  # as spreadsheets know UTF-8
    head, *lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    rows = tables["zh"][id_].rows
    given = sorted(cell.value / cell.scale for row in rows for cell in row.cells.values() if cell.value is not None)
    codes = {row[name].text for row in rows for name in ("area_code",)}
    is_number = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")
    cells = [cell for line in lines for cell in line if is_number.fullmatch(cell) and cell not in codes]
    assert sorted(map(float, cells)) == given
    assert len({len(line) for line in (head, *lines)}) == 1


def test_it_is_printed(wide):
    printed = wide.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 5
    wide.emulate_media(media="print")
    assert not wide.locator(".top").is_visible()
    assert wide.locator("#zh .headline").is_visible()


def test_it_fits_its_width(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.click("[data-to=en]")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_it_is_a_document_without_scripts(chromium, file, sample_account):
    for page in opened(chromium, file, 1280, java_script_enabled=False):
        assert page.locator("h1:visible").all_text_contents() == [sample_account.title("zh")]
        assert page.locator("#zh .figure").is_visible()
        assert page.locator("#zh-T03").is_visible()
        page.click("[data-to=en]")
        assert page.locator("h1:visible").all_text_contents() == [sample_account.title("en")]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (path,) = write(hostile_account(), tmp_path_factory.mktemp("hostile"), ReportOptions(lang="zh"))
    return path


def test_names_that_are_markup_do_nothing(chromium, hostile):
    for page in opened(chromium, hostile, 390):
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        page.select_option("#zh-county", "101")
        assert page.locator("#zh .panel .name").text_content() == NAMES[0]
        page.hover("#zh [data-chart=map] .canvas")
        page.click("[data-to=en]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        with page.expect_download() as download:
            page.locator("div.scroll:has(#en-T07) + .tools button").click()
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
        cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
        assert NAMES[0] in cells
        assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]


@pytest.mark.parametrize(("language", "width"), [("zh", 1280), ("en", 390)])
def test_axe_finds_no_serious_fault(chromium, hostile, language, width):
    """WCAG 2.2 A and AA and the best practices of axe-core, with all that can be opened opened."""
    for page in opened(chromium, hostile, width, bypass_csp=True):  # so that axe can be put in
        page.click(f"[data-to={language}]")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run()")
        faults = [
            (fault["id"], fault["impact"], [node["html"][:200] for node in fault["nodes"][:3]])
            for fault in found["violations"]
            if fault["impact"] in ("serious", "critical")
        ]
        assert faults == []
        assert len(found["passes"]) > 20
