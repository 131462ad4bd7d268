"""Both workbooks as programs read them: every cell is the table's own, both hold the same, and nothing in a name harms
them.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from gep.account.account import Account
from gep.account.entries import COLUMNS, Missing
from gep.core.letters import lines, width
from gep.core.messages import LANGUAGES, catalogue, in_language, say
from gep.report.office import Office
from gep.report.options import ReportOptions
from gep.report.page.content import Body
from gep.report.tables.book import ReportModel, report_model
from gep.report.tables.model import Cell, text_of
from gep.report.workbook import accessible
from gep.report.workbook.book import MOST_LETTERS_OF_A_NAME, cell_name, number_form
from gep.report.workbook.sums import sums_of
from gep.report.workbook.words import Words
from gep.report.workbook.write import _office, write

HOSTILE = '=HYPERLINK("http://x","y")'
NAMES = (HOSTILE, "<b>&amp;</b>]]>\x1b[2J", "\u202eright\u202c مدينة", "🌲" * 40, "+1", "县" * 300)


@cache
def book_of(path: Path, **options: bool) -> openpyxl.Workbook:
    """A workbook to look at, not to change: those of the sample city are looked at by many."""
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes()), **options)


@pytest.fixture(scope="module")
def written(sample_account: Account, tmp_path_factory: pytest.TempPathFactory):
    """Both workbooks of the sample city in a language, written when they are first asked for."""

    @cache
    def of(lang: str) -> tuple[Path, Path]:
        report, opened = write(sample_account, tmp_path_factory.mktemp(lang), ReportOptions(lang))
        return report, opened

    return of


@pytest.fixture(scope="module")
def light(sample_account: Account) -> Account:
    """The account without its ledger: fewer sheets, quickly made."""
    return sample_account.replace(make_ledger=None)


def sheet_of(table, language):
    return say(f"workbook.sheet.{table.id}").to(language)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_cell_of_both_workbooks_is_that_of_the_table(sample_account, written, lang):
    office, opened = (book_of(path) for path in written(lang))
    count = 0
    for table in report_model(sample_account, lang).tables:
        in_office, in_open = office[sheet_of(table, lang)], opened[accessible.sheet_id(table)]
        top = 4 + table.has_groups
        has_kinds = len({row.kind for row in table.rows}) > 1
        for at, row in enumerate(table.rows):
            for number, column in enumerate(table.columns, 1):
                shift = has_kinds and number > table.labels
                found = in_office.cell(top + at, number)
                other = in_open.cell(5 + at, number + shift)
                cell = table.cell(row, column)
                if cell.value is not None:
                    assert found.value == other.value == cell.shown, (table.id, row.key, column.id)
                    assert found.data_type == other.data_type == "n"
                    assert ("…" in found.number_format) == ("[low]" in other.number_format) == cell.is_below_shown
                    count += 1
                elif cell.text is None:
                    assert (found.value, other.value) == (text_of(cell, lang), accessible.SHORTHAND[cell.standing])
                else:
                    text = in_language(cell.text, lang)
                    assert (found.value or "", other.value) == (text, text or "[z]")
                    assert text == "" or found.data_type == other.data_type == "s"
    assert count > 1000


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_tidy_sheet_is_the_account(sample_account, written, lang):
    report, opened = written(lang)
    expected = list(sample_account.rows())
    for path, name, header in ((report, say("workbook.sheet.tidy").to(lang), 0), (opened, "T20", 2)):
        frame = pd.read_excel(path, name, header=header, keep_default_na=False, dtype={"area_code": str})
        assert tuple(frame.columns) == COLUMNS
        for column in ("value", "unit", "area_code", "component"):
            wanted = ["" if row[column] is None else row[column] for row in expected]
            assert frame[column].tolist() == wanted


def test_a_reader_finds_the_total_of_the_account(sample_account, written):
    _, opened = written("zh")
    frame = pd.read_excel(opened, "T01", header=3)
    assert len(set(frame.columns)) == len(frame.columns)
    value = frame["价值量（亿元）"]
    total = value[frame["行类型"] == "合计"].astype(float)
    assert total.tolist() == [sample_account.total() / 1e8]
    assert value[frame["行类型"] == "小计"].astype(float).sum() == pytest.approx(
        sample_account.total() / 1e8, rel=1e-12
    )


# the dress of offices -------------------------------------------------------------------------------------------------


def test_cells_are_merged_in_headings_only(sample_account, written):
    office = book_of(written("zh")[0])
    for table in report_model(sample_account, "zh").tables:
        sheet = office[sheet_of(table, "zh")]
        assert all(area.max_row <= 3 + table.has_groups for area in sheet.merged_cells.ranges)
        assert sheet.freeze_panes == cell_name(3 + table.has_groups, sheet["A1"].column - 1 + _frozen(sheet))
        assert sheet.print_title_rows == f"$1:${3 + table.has_groups}"
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")


def _frozen(sheet):
    return openpyxl.utils.cell.coordinate_from_string(sheet.freeze_panes)[0].encode()[0] - ord("A")


def test_sums_are_held_against_totals_by_formulas_with_their_results(written):
    formulas, results = (book_of(written("zh")[0], data_only=is_result)["合计核对"] for is_result in (False, True))
    rows = [[cell.value for cell in row] for row in results.iter_rows(min_row=5)]
    assert len(rows) > 100
    assert {row[6] for row in rows} == {"相符"}
    assert results["G3"].value == 0
    assert all(row[3] == pytest.approx(row[4], rel=1e-9) for row in rows)
    assert all(
        cell.value.startswith("=") for row in formulas.iter_rows(min_row=5, min_col=4, max_col=7) for cell in row
    )


def test_a_total_that_its_parts_do_not_give_is_told(light, tmp_path):
    model = ReportModel(light, "zh")
    *rows, total, share = model.results["T03"].rows
    wrong = replace(total, cells={**total.cells, "total": replace(total["total"], value=total["total"].value + 1e6)})
    model.results["T03"] = replace(model.results["T03"], rows=(*rows, wrong, share))
    path = _office(model, Office(), Words(ReportOptions("zh"))).save(tmp_path / "wrong.xlsx")
    sheet = book_of(path, data_only=True)["合计核对"]
    off = [row for row in sheet.iter_rows(min_row=5, values_only=True) if row[6] == "不符"]
    assert [round(row[5], 6) for row in off] == [0.01, 0.01]  # its categories, and its ecosystem types
    assert sheet["G3"].value == 2


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_computes_the_same_and_mends_nothing(written, tmp_path):
    report = written("zh")[0]
    call = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*call, "--outdir", tmp_path / "again", report], check=True, capture_output=True, timeout=300)
    before, after = (book_of(path, data_only=True) for path in (report, tmp_path / "again" / "report.xlsx"))
    assert after.sheetnames == before.sheetnames
    ours, theirs = (list(book["合计核对"].iter_rows(min_row=3, values_only=True)) for book in (before, after))
    for row, again in zip(ours, theirs, strict=True):
        for value, same in zip(row, again, strict=False):
            is_number = isinstance(value, int | float)
            assert same == (pytest.approx(value, rel=1e-12, abs=1e-6) if is_number else value)


# the open dress -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_open_workbook_keeps_the_rules_of_accessible_spreadsheets(written, lang):
    opened = book_of(written(lang)[1])
    assert opened.active.title == opened.sheetnames[0]
    for sheet in opened:
        assert sheet["A1"].value
        assert not sheet.merged_cells.ranges
        assert sheet.freeze_panes is None
        assert len(sheet.tables) == (sheet.title not in (opened.sheetnames[0], "T20"))
        for table in sheet.tables.values():
            head, *body = sheet[table.ref]
            texts = [cell.value for cell in head]
            assert len(set(texts)) == len(texts)
            assert all(cell.value not in (None, "") for row in body for cell in row)
            assert table.autoFilter is None
            assert sheet.max_row == body[-1][0].row, "something below the table"
        assert all(column.hidden is False for column in sheet.column_dimensions.values())


def test_a_document_says_what_it_is_and_in_which_language(written):
    for lang, tag, title in (("zh", "zh-CN", "生态产品总值"), ("en", "en-GB", "GEP of Sample City")):
        for path in written(lang):
            core = zipfile.ZipFile(path).read("docProps/core.xml").decode()
            assert f"<dc:language>{tag}</dc:language>" in core
            assert title in core
            assert "2020-12-31T00:00:00Z</dcterms:created>" in core
            assert book_of(path).properties.subject


# both -----------------------------------------------------------------------------------------------------------------


def test_the_same_account_gives_the_same_bytes(light, tmp_path):
    first, second = tmp_path / "one", tmp_path / "other"
    for folder in (first, second):
        folder.mkdir()
        report_model.cache_clear()
        write(light, folder, ReportOptions("zh-en"))
    for name in ("report.xlsx", "open.xlsx"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert "生态系统类型\nEcosystem type" in {
        cell.value for row in book_of(first / "report.xlsx")["表3 价值量"] for cell in row
    }


@pytest.mark.parametrize("names", [NAMES[:3], NAMES[3:]], ids=["formula, markup, right to left", "emoji, plus, long"])
def test_names_stay_text(light, tmp_path, names):
    of_zone = dict(zip(("990101", "990102", "990103"), names, strict=True))
    entries = [replace(entry, zone_name=of_zone.get(entry.zone, entry.zone_name)) for entry in light.entries]
    account = light.replace(entries, name=names[0], name_zh=names[0], zone_names={})
    shown = {"".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in name) for name in names}
    for path in write(account, tmp_path, ReportOptions("en")):
        book = book_of(path)
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
        found = [cell for cell in cells if cell.value in shown]
        assert {cell.value for cell in found} == shown
        assert all(cell.data_type == "s" for cell in found)
        assert not [cell for cell in cells if cell.data_type == "f" and cell.parent.title != "Sums"]


def test_a_partial_account_is_never_called_gep(light, tmp_path):
    account = light.replace(missing=(Missing("sand_fixation", "no_input"),))
    for path in write(account, tmp_path, ReportOptions("zh")):
        book = book_of(path)
        texts = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value}
        assert "已核算服务价值合计（部分）" in texts
        said = {text.replace("不是生态产品总值", "").replace("非 GEP 标准条款", "") for text in texts}
        assert not [text for text in said if "GEP" in text or "生态产品总值" in text]
        assert book.properties.title == "已核算服务价值合计（部分）"


def test_adjusted_shares_are_told_in_both_workbooks(light, tmp_path):
    for path in write(light, tmp_path, ReportOptions("zh", "adjusted")):
        book = book_of(path, read_only=True)
        texts = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
        assert any("最大余额法" in text for text in texts)


def test_names_of_sheets_fit():
    for language in LANGUAGES:
        names = [text[language] for text in catalogue("workbook")["sheet"].values()]
        assert all(0 < len(name) <= MOST_LETTERS_OF_A_NAME and not set(name) & set("[]:*?/\\") for name in names)
        assert len({name.lower() for name in names}) == len(names)


@pytest.mark.parametrize(
    ("text", "columns", "found"),
    [
        ("one two three", 8, ["one two", "three"]),
        ("森林草地湿地", 8, ["森林草地", "湿地"]),
        ("森林草地，湿地", 8, ["森林草", "地，湿地"]),  # no comma begins a line
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("a\nb", 10, ["a", "b"]),
    ],
)
def test_lines_are_broken_where_they_may_be(text, columns, found):
    assert lines(text, columns) == found
    assert all(width(line) <= columns for line in found)


def test_formats_and_names_of_cells():
    assert number_form(Cell(1.0), "en") == "#,##0.00"
    assert number_form(Cell(1.0), "zh") == "0.00"
    assert number_form(Cell(1.0, decimals=0), "en") == "#,##0"
    assert number_form(Cell(1.0, decimals=None), "en") == "General"
    assert number_form(Cell(1.0, is_partial=True), "zh") == '0.00"*"'
    assert number_form(Cell(0.001), "zh") == '"…";"…";"…"'
    assert number_form(Cell(1 / 3, printed=Decimal("0.34")), "zh") == '"0.34";"0.34";"0.34"'
    assert cell_name(0, 0) == "A1"
    assert cell_name(9, 26) == "AA10"
    assert cell_name(0, 701) == "ZZ1"


@pytest.mark.parametrize("status", ["draft", "published"])
def test_the_covers_say_what_the_office_gives(light, tmp_path, status):
    """One word for how far a report has come, in every output: that of the office, else draft for comment."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "office.toml").write_text(f'issuer = "某市统计局"\nstatus = "{status}"\n', encoding="utf-8")
    options = ReportOptions("zh", template=folder)
    said = say(f"document.status.{status}").zh
    for path in write(light, tmp_path, options):
        first = book_of(path, read_only=True).worksheets[0]
        cover = [str(cell) for row in first.iter_rows(values_only=True) for cell in row if cell]
        assert any(said in text for text in cover), path.name
        assert any("某市统计局" in text for text in cover), path.name
    page = Body(light, "zh", options)
    assert [text for _, text in page.standing] == [said, "某市统计局"]


def test_a_row_of_sums_is_called_by_what_it_is_and_not_by_its_unit(sample_account):
    table = report_model(sample_account, "zh").results["T02"]
    units = {row["unit"].text for row in table.rows}
    assert not units.intersection(sum_.of for sum_ in sums_of(table))
