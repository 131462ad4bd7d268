"""The pictures of the guide that show what the program writes: a form, a sheet, a page, a map, an audit.

What each shows is a list of its texts; `pictures.json` keeps a sha256 of them, so that a test says when one is stale
without drawing it. To draw them takes Chromium, LibreOffice and pdftoppm.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep.core.folders import files_below

if TYPE_CHECKING:
    from PIL.Image import Image

    from gep.account.account import Account

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ABOVE_FOOTER = 0.94
"""Of a page of a sheet, what lies above the number of the page."""
PRINTED = """表3　合成示例：各类生态系统的价值
生态系统,面积(km2),2019年价值量(亿元),2020年价值量(亿元),占比(%),增长(%)
森林,1000,50.00,52.50,35.00,5.00
草地,2000,80.00,82.00,54.67,2.50
湿地,300,15.00,16.50,10.33,3.33
合计,3300,145.00,150.00,100.00,3.45
"""
"""A table as printed, made up: 16.50 stands for 15.50, as the total, the share and the growth show."""


# what they show -------------------------------------------------------------------------------------------------------


def shown_on_sheet(account: Account) -> list[Any]:
    """The texts of table 1 and of the totals of counties, as the sheet, the page and the map have them."""
    from gep.report.tables.book import report_model
    from gep.report.tables.model import text_of

    tables = report_model(account, "zh").results
    return [
        [tables[name].title("zh"), *([text_of(cell, "zh") for cell in row.cells.values()] for row in tables[name].rows)]
        for name in ("T01", "T07")
    ]


def shown_on_form(folder: Path) -> list[Any]:
    """The texts of the second sheet of the form of the statistics bureau."""
    from openpyxl import load_workbook

    sheet = load_workbook(_form(folder)).worksheets[1]
    return [[str(cell) for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


def shown_of_audit(folder: Path) -> list[Any]:
    """The visible text of the page of an audit."""
    text = _audit_page(folder, "zh")
    return [re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL))]


def _form(folder: Path) -> Path:
    from gep.cli.app import main

    _run(main, "forms", "make", str(folder / "city"), "--out", str(folder / "forms"), "--lang", "zh", "--quiet")
    return next(file for file in files_below(folder / "forms") if file.name.startswith("01-"))


def _audit_page(folder: Path, language: str) -> str:
    from gep.audit.audit import audit
    from gep.report.audit_page.write import page

    table = folder / "table.csv"
    table.write_text(PRINTED, encoding="utf-8")
    return page(audit(table), "table.csv", language)


def _run(main: Any, *words: str) -> None:
    """A command of gep, in this process."""
    before, sys.argv = sys.argv, ["gep", *words]
    try:
        main()
    except SystemExit as stop:
        if stop.code:
            raise
    finally:
        sys.argv = before


# drawing --------------------------------------------------------------------------------------------------------------


def draw(account: Account, folder: Path) -> Iterator[tuple[str, Image, Any]]:
    """Name, picture and what it shows, of each. `folder` holds the sample city under `city`, and takes what is made."""
    from PIL import Image

    on_sheet = shown_on_sheet(account)
    account.report(folder / "run", "xlsx", "html", "pictures", lang="zh")
    yield "sheet_zh", _sheet(folder / "run" / "report.xlsx", "农业产品", "占比（%）"), on_sheet
    yield "page_zh", _page(folder / "run" / "report.html", 1180, 1250), on_sheet
    with Image.open(folder / "run" / "pictures" / "M5.png") as drawn:
        yield "map_zh", drawn.convert("RGB"), on_sheet
    on_form = shown_on_form(folder)
    yield "form_zh", _sheet(_form_there(folder), "常住人口"), on_form
    for language in ("en", "zh"):
        written = folder / f"audit_{language}.html"
        written.write_text(_audit_page(folder, language), encoding="utf-8")
        yield f"audit_{language}", _page(written, 900, 900, is_cut=True), shown_of_audit(folder)


def _form_there(folder: Path) -> Path:
    return next(file for file in files_below(folder / "forms") if file.name.startswith("01-"))


def _sheet(book: Path, *words: str) -> Image:
    """The first page of a workbook on which some words stand, as LibreOffice prints it."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        call = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", name, str(book)]
        subprocess.run(call, check=True, capture_output=True)
        printed = folder / f"{book.stem}.pdf"
        text = subprocess.run(["pdftotext", "-layout", printed, "-"], check=True, capture_output=True).stdout.decode()
        number = next(i for i, page in enumerate(text.split("\f"), start=1) if all(word in page for word in words))
        call = ["pdftoppm", "-r", "110", "-f", str(number), "-l", str(number), "-png", str(printed)]
        drawn = subprocess.run(call, check=True, capture_output=True).stdout
    page = Image.open(io.BytesIO(drawn)).convert("RGB")
    return _without_margins(page.crop((0, 0, page.width, round(page.height * _ABOVE_FOOTER))))


def _without_margins(image: Image, border: int = 12) -> Image:
    from PIL import Image, ImageChops

    box = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    assert box is not None
    left, top, right, bottom = box
    return image.crop(
        (
            max(left - border, 0),
            max(top - border, 0),
            min(right + border, image.width),
            min(bottom + border, image.height),
        )
    )


def _page(file: Path, width: int, height: int, *, is_cut: bool = False) -> Image:
    """A page as Chromium shows it."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    path = next(found for name in BROWSERS if (found := shutil.which(name)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(file.resolve().as_uri())
        page.wait_for_timeout(800)  # until charts are drawn
        drawn = page.screenshot()
        browser.close()
    image = Image.open(io.BytesIO(drawn)).convert("RGB")
    return _without_margins(image) if is_cut else image
