"""What stands in the files of others is shown and stored as text: it steers no terminal and runs in no spreadsheet."""

from __future__ import annotations

import csv
import io
import pty
import re

import geopandas as gpd
import projects
import pytest
import shapely
from openpyxl import Workbook
from pyproj import CRS

from gep.audit.audit import audit
from gep.cli.common import options, progress_bar
from gep.core.errors import InputError
from gep.core.messages import is_plain, visible
from gep.inputs.grids.polygons import read_zones
from gep.inputs.tables import read_tables
from gep.report.console import console
from gep.standards.coefficients import read_coefficients

ESCAPES = ("\x1b[2J", "\x1b]0;title\x07", "\x9b2J", "\u202eevil", "\x00", "\r")
FORMULAS = ("=HYPERLINK(A1)", "+1", "-2+3", "@SUM(A1)")


@pytest.fixture
def gep(monkeypatch, capsys, tmp_path):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.mark.parametrize("text", ESCAPES)
def test_control_letters_are_shown(text):
    assert text not in visible(f"a{text}b")
    assert not is_plain(f"a{text}")


def test_what_people_write_stays_as_it_is():
    for text in ("呼伦贝尔市", "Ein Tal\n\tund Berge", "№ 5 · 10⁸ m³", "😀", "a-b+c=d@e"):
        assert visible(text) == text


def test_a_console_sends_no_escape_of_a_text_but_its_own():
    """Finding F25."""
    out = console()
    out.file = io.StringIO()
    out.print("[bold]a[/bold]\x1b[2Jb", style="red")
    out.print("\x1b]0;x\x07", markup=False)
    assert "\x1b" not in out.file.getvalue()
    assert "a\\x1b[2Jb" in out.file.getvalue()


def zones_named(*names):
    squares = [shapely.box(i, 0, i + 1, 1) for i, _ in enumerate(names)]
    return gpd.GeoDataFrame(
        {"code": [str(i) for i, _ in enumerate(names)], "name": list(names)}, geometry=squares, crs=4326
    )


@pytest.mark.parametrize("name", [*FORMULAS, *(f"a{text}b" for text in ESCAPES if text != "\r")])
def test_a_zone_is_not_named_like_a_formula(name):
    """Finding F25."""
    with pytest.raises(InputError) as stop:
        read_zones(zones_named("East", name), crs=CRS.from_epsg(4326), code="code", name="name")
    assert [problem.code for problem in stop.value.problems] == ["Z02"]
    assert visible(name) in stop.value.problems[0].found


@pytest.mark.parametrize("name", FORMULAS)
def test_a_product_is_not_named_like_a_formula(tmp_path, name):
    path = tmp_path / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("zone", "item", "measure", "value", "unit"), ("1", f"crop_products/{name}", "value", 60, "CNY")]
        )
    assert [problem.code for problem in read_tables({"t": path}, {"1": "East"}, 2020)[1]] == ["T05"]


SECRETS = "root:x:0:0:root:/root:/bin/bash\nTOKEN=abc,PASSWORD=def\n"


def test_a_file_that_is_no_table_is_not_told(tmp_path):
    """A project of others may name any file as a table: a message names the columns that lack, and no line of it
    (finding F25).
    """
    path = tmp_path / "t.csv"
    for text in (SECRETS, "\n".join(reversed(SECRETS.splitlines()))):
        path.write_text(text, encoding="utf-8")
        said = str(read_tables({"t": path}, {"1": "East"}, 2020)[1]) + str(read_coefficients(path, is_shipped=False)[1])
        assert "T02" in said
        assert "C01" in said
        assert not re.search("root|bash|TOKEN|abc|PASSWORD|def", said)


def test_headings_of_a_table_are_told(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("地块,什么,多少（万元）\n1,gdp,3\n", encoding="utf-8")
    (problem,) = read_tables({"t": path}, {"1": "East"}, 2020)[1]
    assert problem.found == "地块, 什么, 多少（万元）"


def test_an_audited_table_sends_no_escape(gep, tmp_path):
    table = tmp_path / "a.csv"
    head = "service,quantity,quantity_unit,unit_price,price_unit,value,value_unit\n"
    table.write_text(f"{head}wa\x1b[2Jter,12,m3,3,CNY/m3,99,CNY\n", encoding="utf-8")
    said = gep("audit", str(table))
    assert "\x1b" not in said.out + said.err
    assert "wa\\x1b[2Jter" in said.out


@pytest.mark.parametrize("name", ["[/]", "[/red]", "[bold]Fluss[/bold]"])
def test_a_bar_shows_brackets_as_they_are(monkeypatch, name):
    """A progress bar shows on a terminal only; what stands in square brackets is no markup (finding F23)."""
    terminal, end = pty.openpty()
    with open(end, "w", encoding="utf-8") as stream, open(terminal, encoding="utf-8", newline=""):
        monkeypatch.setattr("sys.stderr", stream)
        monkeypatch.setattr(options, "quiet", False)
        with progress_bar(name) as report:
            assert report is not None
            report(1, 2, name)


# sheets that reach far ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "merged"), [("XFD2000", ""), ("XFD1048576", ""), ("", "A3:XFD100"), ("", "B3:IV99999")]
)
def test_a_sheet_that_reaches_far_is_read_as_far_as_its_table(tmp_path, cell, merged):
    """12 m3 at 3 CNY are 36 CNY: one row, one identity, whatever stands in the last column (finding F22)."""
    book = Workbook()
    sheet = book.active
    sheet.append(["service", "quantity", "quantity_unit", "unit_price", "price_unit", "value", "value_unit"])
    sheet.append(["water_retention", 12, "m3", 3, "CNY/m3", 36, "CNY"])
    if cell:
        sheet[cell] = "stray"
    if merged:
        sheet.merged_cells.add(merged)  # what `merge_cells` writes, without a cell for each that it covers
    book.save(tmp_path / "a.xlsx")
    found = audit(tmp_path / "a.xlsx")
    assert found.rows == 1
    assert len(found.holds) == 1
    assert re.sub(r"\s", "", str(found.findings)) == "()"
