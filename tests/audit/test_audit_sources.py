"""The same account in every kind of file that people have it in: read to its last amount, merged cells and titles too.

表4 2020年生态系统服务价值（亿元）
服务      生态系统
          森林   草地   合计
水源涵养  10.50  20.50  31.00      10.50 + 20.50 = 31.00
土壤保持  1.25   2.25   3.50       1.25 + 2.25 = 3.50
合计      11.75  22.75  34.50      down and across: six sums
"""

import csv
import html
import sys
import zipfile
import zlib

import projects
import pytest
from openpyxl import Workbook

from gep.audit.audit import audit
from gep.audit.pasted import split_by_spaces
from gep.audit.sources import Choice, read_pages
from gep.core.errors import InputError, MissingFeatureError, UsageError

pytest.importorskip("lxml", reason="the extra `audit` is not installed")

TITLE = "表4 2020年生态系统服务价值（亿元）"
BODY = [
    ["水源涵养", "10.50", "20.50", "31.00"],
    ["土壤保持", "1.25", "2.25", "3.50"],
    ["合计", "11.75", "22.75", "34.50"],
]
HEADINGS = [["服务", "生态系统", "", ""], ["", "森林", "草地", "合计"]]


def holds(found, count=6, figures=9):
    """That so many sums hold, nothing fails, and all figures take part."""
    assert found.counts() == {"holds": count, "fails": 0, "cannot_tell": 0, "warning": 0}
    assert (found.tally.read, found.tally.checked, found.tally.unread) == (figures, figures, 0)
    return found


def wrong(body=BODY):
    """The account with 20.60 for 20.50."""
    return [[cell.replace("20.50", "20.60") for cell in row] for row in body]


# DOCX -----------------------------------------------------------------------------------------------------------------


def docx(path, *tables, between=()):
    """A document with tables of (title, headings, body)."""
    document = pytest.importorskip("docx").Document()
    document.add_paragraph("2.1 本节说明核算结果，文中提到 2019 年的 99.9 亿元。")
    for title, headings, body in tables:
        if title:
            document.add_paragraph(title)
        rows = [*headings, *body]
        table = document.add_table(len(rows), len(rows[0]))
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
        if len(headings) == 2:
            table.cell(0, 0).merge(table.cell(1, 0)).text = headings[0][0]
            table.cell(0, 1).merge(table.cell(0, 3)).text = headings[0][1]
        document.add_paragraph("由表可见，价值以水源涵养为主。" * 10)
    document.save(path)
    return path


def test_a_table_of_a_document(tmp_path):
    found = holds(audit(docx(tmp_path / "a.docx", (TITLE, HEADINGS, BODY))))
    figure = next(iter(found.grids[0].figures.values()))
    assert figure.place == "a.docx, table 1, row 3, 生态系统 森林" or "row 3" in figure.place
    assert figure.unit.currency == "CNY"
    assert found.grids[0].titles == (TITLE.replace("（", "(").replace("）", ")"),)
    assert {found.grids[0].times(row, column) for row, column in found.grids[0].figures} == {("2020",)}


def test_a_wrong_digit_of_a_document_is_found(tmp_path):
    """10.50 + 20.60 = 31.10, and 20.60 + 2.25 = 22.85: a row and a column fail."""
    found = audit(docx(tmp_path / "a.docx", (TITLE, HEADINGS, wrong())))
    assert len(found.fails) == 2


def test_a_table_that_goes_on_is_one_table(tmp_path):
    """The total stands in the second part, and is that of the rows of both."""
    parts = ((TITLE, HEADINGS, BODY[:1]), ("续表4", HEADINGS, BODY[1:]))
    found = holds(audit(docx(tmp_path / "a.docx", *parts)))
    assert len(found.grids) == 1
    assert any("table 2, row 4" in figure.place for figure in found.grids[0].figures.values())


def test_a_superscript_is_no_digit(tmp_path):
    """10⁸元 with a raised 8 is 亿元, and not 108元; the a of a note is no digit either."""
    document = pytest.importorskip("docx").Document()
    rows = [["服务", "森林 价值/10|8|元", "草地 价值/10|8|元"], *([*row[:2], row[2] + "|a"] for row in BODY)]
    table = document.add_table(4, 3)
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            for at, part in enumerate(text.split("|")):
                table.cell(row, column).paragraphs[0].add_run(part).font.superscript = at == 1
    document.save(tmp_path / "a.docx")
    found = holds(audit(tmp_path / "a.docx"), 2, 6)
    assert {float(figure.unit.factor) for figure in found.grids[0].figures.values()} == {1e8}


# HTML, OpenDocument, Markdown -----------------------------------------------------------------------------------------

PAGE = """<html><head><meta charset="utf-8"><script>document.write("<table>")</script></head><body>
<table><tr><td>首页</td><td>新闻</td></tr><tr><td>登录<table><caption>{title}</caption>
<tr><th rowspan=2>服务<th colspan=3>生态系统
<tr><th>森林<th>草地<th>合计
{rows}</table></td><td>2020</td></tr></table></body></html>"""


def page(body=BODY):
    rows = "\n".join("<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in row) for row in body)
    return PAGE.format(title=TITLE, rows=rows)


def test_a_table_of_a_page_within_one_that_lays_it_out(tmp_path):
    path = tmp_path / "a.html"
    path.write_text(page(), encoding="utf-8")
    found = audit(path, choice=Choice(table=2))
    holds(found)
    path.write_text(page(wrong()), encoding="utf-8")
    assert len(audit(path).fails) == 2


def test_a_page_that_is_named_as_an_old_workbook(tmp_path):
    path = tmp_path / "a.xls"
    path.write_text(f"<table>{page().partition('<caption>')[2].partition('</table>')[0]}</table>", encoding="gbk")
    holds(audit(path))


OFFICE = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
NAMESPACES = " ".join(f'xmlns:{name}="{OFFICE.format(name)}"' for name in ("office", "table", "text", "style"))


def open_document(path, body, before="", styles=""):
    """An OpenDocument file with a body of markup."""
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {NAMESPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body>{body}</office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("content.xml", content)
    return path


def open_rows(body=BODY, decimals=2):
    """The account as rows of a table; figures are stored as numbers, and shown with their digits."""
    covered = "<table:covered-table-cell/>"
    text = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>".format
    rows = [
        text(' table:number-rows-spanned="2"', "服务")
        + text(' table:number-columns-spanned="3"', "生态<text:s/>系统")
        + '<table:covered-table-cell table:number-columns-repeated="2"/>',
        covered + "".join(text("", cell) for cell in HEADINGS[1][1:]),
    ]
    for name, *cells in body:
        row = text("", name)
        for cell in cells:
            stored = f' office:value-type="float" office:value="{float(cell)}"'
            row += text(stored, f"{float(cell):.{decimals}f}")
        rows.append(row)
    end = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    return "".join(f"<table:table-row>{row}</table:table-row>" for row in rows) + end


def test_sheets_of_an_open_document(tmp_path):
    note = "<office:annotation><text:p>1999年</text:p></office:annotation>"
    cell = f"<table:table-cell>{note}<text:p>{TITLE}</text:p></table:table-cell>"
    title = f"<table:table-row>{cell}</table:table-row>"
    body = f'<office:spreadsheet><table:table table:name="表4">{title}{open_rows()}</table:table></office:spreadsheet>'
    found = holds(audit(open_document(tmp_path / "a.ods", body)))
    assert "a.ods, sheet 表4, cell B4" in found.located
    body = body.replace(open_rows(), open_rows(wrong()))
    assert len(audit(open_document(tmp_path / "a.ods", body)).fails) == 2


def test_digits_that_a_format_hides_stay(tmp_path):
    """20.60 is shown as 21 and kept as 20.6; the total 22.75 is not 20.6 + 2.25 = 22.85. The total 31 is whole, and so
    may be anything from 30.5 to 31.5.
    """
    body = f'<office:spreadsheet><table:table table:name="a">{open_rows(wrong(), 0)}</table:table></office:spreadsheet>'
    found = audit(open_document(tmp_path / "a.ods", body))
    assert {"20.6", "10.5"} <= {figure.printed.text for figure in found.grids[0].figures.values()}
    (check,) = found.fails
    assert "20.6 + 2.25 = 22.85; printed 22.75" in check.arithmetic


def test_tables_of_an_open_document(tmp_path):
    text = f"<text:p>正文。</text:p><text:p>{TITLE}</text:p>"
    body = f"<office:text>{text}<table:table>{open_rows()}</table:table></office:text>"
    found = holds(audit(open_document(tmp_path / "a.odt", body)))
    assert {found.grids[0].times(*at) for at in found.grids[0].figures} == {("2020",)}


def test_tables_in_markdown(tmp_path):
    rows = [["服务", "森林", "草地", "**合计**"], *BODY]
    lines = ["# 结果", "", TITLE, "", "| " + " | ".join(rows[0]) + " |", "|:---|---:|---:|---:|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows[1:]]
    lines += ["", "Table 5. Value (10^8^ CNY)", "", "a | b", "--- | ---", r"x \| y | 1", "", "end"]
    path = tmp_path / "a.md"
    path.write_text("\n".join(lines), encoding="utf-8")
    holds(audit(path, choice=Choice(table=1)))
    with pytest.raises(UsageError, match=r"--table 3[^:]*:\n  a\.md, table 1: 表4.*\n  a\.md, table 2: Table 5"):
        audit(path, choice=Choice(table=3))


# pasted text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "服务　森林　草地　合计\n水源涵养　10.50　20.50　31.00\n土壤保持　1.25　2.25　3.50\n合计　11.75　22.75　34.50",
        "表4 2020年价值（亿元）\n服务 森林 草地 合计\n水源 涵养 10.50 20.50 31.00\n"
        "土壤保持 1.25 2.25 3.50\n合计 11.75 22.75 34.50",
        "Service            Forest   Grass land   Total\nWater yield        10.50    20.50        31.00\n"
        "Soil retention     1.25     2.25         3.50\nTotal              11.75    22.75        34.50",
        "服务\t森林\t草地\t合计\n水源涵养\t１０．５０\t20.50\t31.00\n"
        "土壤保持\t1.25\t2.25\t3.50\n合计\t11.75\t22.75\t34.50",
    ],
    ids=["full-width", "single", "aligned", "tabs"],
)
def test_pasted_text(tmp_path, text):
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    holds(audit(path))
    path.write_text(text.replace("20.50", "20.60"), encoding="utf-8")
    assert len(audit(path).fails) == 2


def test_spaces_that_part_thousands():
    """1 200.5 + 20 = 1 220.5: three figures in each row, of which one or two have a space."""
    rows = split_by_spaces("服务 森林 草地 合计\n水源涵养 1 200.5 20 1 220.5\n土壤 保持 7 8 15")
    assert rows[1:] == [["水源涵养", "1 200.5", "20", "1 220.5"], ["土壤 保持", "7", "8", "15"]]


@pytest.mark.parametrize(
    "text",
    [
        "服务 森林 草地\n水源涵养 1 200 300",  # 1 200 and 300, or 1 and 200 300
        "服务 森林\n水源涵养 1200 300",  # thousands are not parted here: a column has no heading
        "服务 价值量\n2010 2015\n水源涵养 10 200",  # headings of two rows
        "服务 森林 草地 合计\n水源涵养 10 20",  # a blank cell, and which of them it is
    ],
)
def test_spaces_that_do_not_tell_are_not_guessed(tmp_path, text):
    assert split_by_spaces(text) is None
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="part the columns by tabs"):
        audit(path)


# PDF ------------------------------------------------------------------------------------------------------------------


def pdf(path, *pages, is_turned=False):
    """A PDF of pages of texts (x, y, text, size) and rules (x0, y0, x1, y1), from above; turned, up the page."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [5 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 6 0 R"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /Ascent 880 /Descent -120 /FontBBox [0 0 9 9] >>",
    ]
    kids = []
    for texts, rules in pages:
        drawn = []
        for x, y, text, size in texts:
            is_ascii = text.isascii()
            shown = f"({text})" if is_ascii else f"<{text.encode('utf-16-be').hex()}>"
            place = f"0 1 -1 0 {y} {x} Tm" if is_turned else f"{x} {842 - y} Td"
            drawn.append(f"BT /{'A' if is_ascii else 'C'} {size} Tf {place} {shown} Tj ET")
        if is_turned:
            drawn += [f"{y0} {x0} m {y1} {x1} l S" for x0, y0, x1, y1 in rules]
        else:
            drawn += [f"{x0} {842 - y0} m {x1} {842 - y1} l S" for x0, y0, x1, y1 in rules]
        stream = "\n".join(drawn)
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R"
            " /Resources << /Font << /A 3 0 R /C 4 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    xref = "".join(f"{place:010d} 00000 n \n" for place in places)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{xref}"
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out.partition('xref')[0])}\n%%EOF\n"
    path.write_bytes(out.encode("latin-1"))
    return path


LEFTS = (100, 200, 290, 380, 470)


def drawn(body, top=140, has_title=True, has_rows=True, has_sides=True):
    """The account with its headings: rules around the cells, or, where rows have none, across only."""
    texts = [(105, top + 23, "服务", 9), (320, top + 13, "生态系统", 9)]
    texts += [(220, top - 8, TITLE.replace("2020", "２０２０").replace("4 ", "４　"), 9)] if has_title else []
    texts += [(x + 40, top + 33, text, 9) for x, text in zip(LEFTS[1:], HEADINGS[1][1:], strict=False)]
    rules = [(100, top, 470, top), (200, top + 20, 470, top + 20), (100, top + 40, 470, top + 40)]
    for row, (name, *cells) in enumerate(body):
        texts.append((105, top + 53 + 20 * row, name, 9))
        texts += [
            (x + 80 - 5 * len(cell), top + 53 + 20 * row, cell, 9) for x, cell in zip(LEFTS[1:], cells, strict=False)
        ]
        rules += [(100, top + 60 + 20 * row, 470, top + 60 + 20 * row)] if has_rows else []
    bottom = top + 40 + 20 * len(body)
    rules += [] if has_rows else [(100, bottom, 470, bottom)]
    for x in LEFTS if has_rows else ():
        if has_sides or x not in (100, 470):
            rules.append((x, top if x in (100, 200, 470) else top + 20, x, bottom))
    return texts, rules


PROSE = [(100, 60, "本节给出核算结果，文中有９９．９亿元。", 9), (290, 800, "12", 9)]


@pytest.fixture
def with_pdf():
    pytest.importorskip("pdfplumber", reason="the extra `audit` is not installed")


@pytest.mark.usefixtures("with_pdf")
@pytest.mark.parametrize(
    "options", [{}, {"has_sides": False}, {"has_rows": False}], ids=["ruled", "open sides", "rules across only"]
)
def test_a_table_of_a_pdf(tmp_path, options):
    texts, rules = drawn(BODY, **options)
    found = holds(audit(pdf(tmp_path / "a.pdf", ([*PROSE, *texts], rules))))
    assert {found.grids[0].times(*at) for at in found.grids[0].figures} == {("2020",)}
    assert {figure.unit.currency for figure in found.grids[0].figures.values()} == {"CNY"}
    assert any("a.pdf, page 1, table 1, row 3" in place for place in found.located)
    texts, rules = drawn(wrong(), **options)
    assert len(audit(pdf(tmp_path / "a.pdf", (texts, rules))).fails) == 2


@pytest.mark.usefixtures("with_pdf")
def test_a_table_of_a_page_that_is_turned(tmp_path):
    holds(audit(pdf(tmp_path / "a.pdf", drawn(BODY), is_turned=True)))
    assert len(audit(pdf(tmp_path / "a.pdf", drawn(wrong()), is_turned=True)).fails) == 2


def bare(body, heading=HEADINGS[1]):
    """The account without a rule: a line of headings, a name and figures in each line below it."""
    heading = [(105 + 95 * at, 173, text or "服务", 9) for at, text in enumerate(heading)]
    lines = [(105 + 95 * at, 193 + 20 * row, text, 9) for row, line in enumerate(body) for at, text in enumerate(line)]
    return [(220, 150, TITLE, 9), *heading, *lines]


@pytest.mark.usefixtures("with_pdf")
def test_a_table_of_a_pdf_without_rules(tmp_path):
    holds(audit(pdf(tmp_path / "a.pdf", ([*PROSE, *bare(BODY)], []))))
    assert len(audit(pdf(tmp_path / "a.pdf", ([*PROSE, *bare(wrong())], []))).fails) == 2


@pytest.mark.usefixtures("with_pdf")
def test_a_table_without_rules_whose_headings_do_not_tell_is_left_out(tmp_path):
    """A heading over two columns without a rule below it: of which it is cannot be seen."""
    texts = [text for text in bare(BODY) if text[1] != 173] + [(105, 173, "服务", 9), (240, 173, "生态系统的价值", 9)]
    with pytest.raises(InputError, match="no table with rules"):
        audit(pdf(tmp_path / "a.pdf", ([*PROSE, *texts], [])))


@pytest.mark.usefixtures("with_pdf")
@pytest.mark.parametrize("has_rows", [True, False])
def test_a_table_that_goes_on_over_a_page(tmp_path, has_rows):
    first, second = drawn(BODY[:1], has_rows=has_rows), drawn(BODY[1:], has_title=False, has_rows=has_rows)
    path = pdf(tmp_path / "a.pdf", ([*PROSE, *first[0]], first[1]), ([PROSE[1], *second[0]], second[1]))
    found = holds(audit(path))
    assert any("page 2, table 1, row 4" in place for place in found.located)
    with pytest.raises(UsageError, match=r"no page 3: it has 2"):
        audit(path, choice=Choice(pages=read_pages("3")))
    assert audit(path, choice=Choice(pages=read_pages("2"))).tally.read == 6


@pytest.mark.usefixtures("with_pdf")
@pytest.mark.parametrize("second", [17, 60], ids=["broken", "stacked"])
def test_figures_above_each_other_in_a_cell(tmp_path, second):
    """A column of 17 points has no room for a third digit of 5 points beside `20.`: 20.50 stands there in two lines. In
    one of 60 points there is room, and `20.` above `50` are no figure: they are told, and nothing is added up.
    """
    lefts = (100, 160, 220, 220 + second, 280 + second)
    rows = [["服务", "森林", "草", "合计"], *(row[:] for row in BODY)]
    texts, rules = [], [(x, 100, x, 260) for x in lefts] + [(100, y, lefts[-1], y) for y in range(100, 261, 40)]
    for number, row in enumerate(rows):
        for left, text in zip(lefts, row, strict=False):
            lines = [text[:3], text[3:]] if left == 220 and number else [text]
            texts += [(left + 1, 115 + 40 * number + 12 * at, line, 9) for at, line in enumerate(lines)]
    path = pdf(tmp_path / "a.pdf", (texts, rules))
    if second == 17:
        holds(audit(path))
    else:
        found = audit(path)
        assert not found.fails
        assert found.tally.unread == 3


@pytest.mark.usefixtures("with_pdf")
def test_a_table_with_rules_down_and_none_between_its_rows(tmp_path):
    """A cell of each column holds the figures of all rows."""
    texts, rules = drawn(BODY)
    rules = [rule for rule in rules if rule[1] != rule[3] or rule[1] in (140, 160, 180, 240)]
    holds(audit(pdf(tmp_path / "a.pdf", (texts, rules))))


@pytest.mark.usefixtures("with_pdf")
def test_a_raised_8_of_a_pdf_is_no_digit_of_108(tmp_path):
    texts, rules = drawn(BODY, has_title=False, has_rows=False)
    title = [
        (200, 132, "表４　２０２０年价值（", 9),
        (299, 132, "10", 9),
        (309.2, 128, "8", 5),
        (312.5, 132, "元）", 9),
    ]
    (grid,) = holds(audit(pdf(tmp_path / "a.pdf", ([*texts, *title], rules)))).grids
    assert {float(figure.unit.factor) for figure in grid.figures.values()} == {1e8}


@pytest.mark.usefixtures("with_pdf")
def test_a_label_beside_several_rows_without_rules_is_not_guessed(tmp_path):
    """Which rows a label in their middle is of cannot be seen."""
    body = [["", "10.50", "20.50", "31.00"], ["水源涵养", "1.25", "2.25", "3.50"], ["", "11.75", "22.75", "34.50"]]
    texts, rules = drawn(body, has_rows=False)
    with pytest.raises(InputError, match="columns cannot be told apart"):
        audit(pdf(tmp_path / "a.pdf", ([text for text in texts if text[2]], rules)))


# files that are not to be trusted -------------------------------------------------------------------------------------


def test_entities_are_not_put_in(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("99.99")
    entity = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y "&#49;">]>'
    rows = open_rows().replace(">10.50<", ">&x;&y;<")
    body = f'<office:spreadsheet><table:table table:name="a">{rows}</table:table></office:spreadsheet>'
    with pytest.raises(InputError, match="declares entities"):
        audit(open_document(tmp_path / "a.ods", body, before=entity))


def test_a_bomb_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("gep.audit.documents.MOST_CELLS", 10_000)
    monkeypatch.setattr("gep.audit.markup.MOST_BYTES", 1_000_000)
    cells = "<table:table-cell><text:p>1</text:p></table:table-cell>" * 50
    rows = f"<table:table-row table:number-rows-repeated='90000'>{cells}</table:table-row>"
    body = f"<office:spreadsheet><table:table table:name='a'>{rows}</table:table></office:spreadsheet>"
    (tmp_path / "a.html").write_text("<table><tr><td rowspan=99999 colspan=250>1<tr><td>2</table>")
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/document.xml", b" " * 1_000_001)
    for path in (open_document(tmp_path / "a.ods", body), tmp_path / "a.html", tmp_path / "a.docx"):
        with pytest.raises(InputError, match="larger than any table"):
            audit(path)


@pytest.mark.usefixtures("with_pdf")
def test_a_bomb_in_a_pdf_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("gep.audit.pdf.MOST_BYTES", 1_000_000)
    for packed, filters in ((zlib.compress(bytes(1_000_001)), 1), (zlib.compress(zlib.compress(bytes(1_000_001))), 2)):
        head = f"1 0 obj << /Filter [{'/FlateDecode ' * filters}] >>\nstream\n".encode()
        (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\n" + head + packed + b"\nendstream endobj")
        with pytest.raises(InputError, match="larger than any table"):
            audit(tmp_path / "a.pdf")


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.ods", "a.html", "a.xlsx", "a.xls", "a.md", "a.txt", "a.doc"])
@pytest.mark.parametrize("raw", [b"", b"%PDF-1.4\n1 0 obj", b"PK\x03\x04", b"\x00" * 99, b"<table>" * 3000, b"<a>&lt;"])
def test_what_is_damaged_is_told(tmp_path, name, raw):
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(InputError, match=rf"\n  {name}.*: "):
        audit(tmp_path / name)


def test_a_reader_that_is_not_installed_is_named(tmp_path, monkeypatch):
    path = tmp_path / "a.html"
    path.write_text(page(), encoding="utf-8")
    monkeypatch.delitem(sys.modules, "gep.audit.markup", raising=False)
    monkeypatch.setitem(sys.modules, "lxml", None)
    with pytest.raises(MissingFeatureError, match=r"gep\[audit\]"):
        audit(path)
    (tmp_path / "b.csv").write_text("\n".join(map(",".join, [HEADINGS[1], *BODY])), encoding="utf-8")
    assert any("gep[audit]" in skipped.reason for skipped in audit(tmp_path).skipped)


# options --------------------------------------------------------------------------------------------------------------


def two_tables(path):
    """A text of the account, and below it another of which a row fails: 1 + 2 is not 4."""
    lines = [HEADINGS[1], *BODY, [], ["表5 2021年价值（万元）"], ["服务", "林", "草", "合计"], ["固碳", "1", "2", "4"]]
    lines[0] = ["服务", "森林", "草地", "合计"]
    path.write_text("\n".join(map(",".join, [*lines, ["释氧", "5", "6", "11"]])), encoding="utf-8")
    return path


def test_a_table_of_a_sheet_is_chosen(tmp_path):
    path = two_tables(tmp_path / "a.csv")
    holds(audit(path, choice=Choice(table=1)))
    found = audit(path, choice=Choice(table=2))
    assert found.tally.read == 6
    assert all(place.startswith(("a.csv, line 8", "a.csv, line 9")) for place in found.located)
    with pytest.raises(UsageError, match=r"a\.csv \(table 2\): 表5 2021年价值"):
        audit(path, choice=Choice(table=3))
    with pytest.raises(UsageError, match="is a folder"):
        audit(tmp_path, choice=Choice(table=1))


def test_a_sheet_is_chosen(tmp_path):
    book = Workbook()
    for title, body in (("2019", wrong()), ("2020", BODY)):
        sheet = book.create_sheet(title)
        for row in (["服务", "森林", "草地", "合计"], *([name, *map(float, cells)] for name, *cells in body)):
            sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    assert not audit(tmp_path / "a.xlsx", choice=Choice(sheet="2020")).fails
    with pytest.raises(UsageError, match=r"--sheet 2021.*\n  a\.xlsx, sheet 2019"):
        audit(tmp_path / "a.xlsx", choice=Choice(sheet="2021"))


def test_pages():
    assert (read_pages("3"), read_pages(" 3-5")) == (range(3, 4), range(3, 6))
    for text in ("", "0", "5-3", "a", "1,2"):
        with pytest.raises(UsageError, match="--page takes"):
            read_pages(text)


def test_the_figures_as_read_are_written(tmp_path, monkeypatch, capsys):
    gep = projects.caller(monkeypatch, capsys, tmp_path)
    (tmp_path / "a.csv").write_text("服务,森林（亿元）,占比（%）\n水源涵养,-1.50,约30\n=1+1,2.50,70", encoding="utf-8")
    gep("audit", "a.csv", "--tidy", "out.csv", "--lang", "zh")
    rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8-sig")))
    read = {row["place"]: row for row in rows if row["state"] == "read"}
    first = read["a.csv 第 2 行“森林(亿元)”列"]
    assert {name: first[name] for name in ("file", "table", "service", "ecosystem", "value", "unit", "role")} == {
        "file": "a.csv",
        "table": "a.csv",
        "service": "水源涵养",
        "ecosystem": "森林",
        "value": "-1.50",
        "unit": "亿元",
        "role": "amount",
    }
    assert {row["service"] for row in read.values()} == {"水源涵养", "'=1+1"}
    (unread,) = (row for row in rows if row["state"] == "unread")
    assert (unread["value"], unread["reason"]) == ("约30", "“约30”不是数字。")


def test_a_map_says_what_the_words_of_a_table_do_not(tmp_path, monkeypatch, capsys):
    gep = projects.caller(monkeypatch, capsys, tmp_path)
    (tmp_path / "a.csv").write_text("x,A,B\np,1,2\nq,3,4", encoding="utf-8")
    given = "rows=service, columns=ecosystem, measure=value, unit=1e8 CNY, header_rows=1"
    gep("audit", "a.csv", "--map", given, "--tidy", "out.csv")
    rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8-sig")))
    assert [(row["service"], row["ecosystem"], row["value"], row["unit"]) for row in rows] == [
        ("p", "A", "1", "1e8 CNY"),
        ("p", "B", "2", "1e8 CNY"),
        ("q", "A", "3", "1e8 CNY"),
        ("q", "B", "4", "1e8 CNY"),
    ]
