"""The page of an audit: the table as printed, what fails marked where it stands, nothing that runs."""

import re
from html.parser import HTMLParser

import pytest

from gep.audit.audit import audit

pytest.importorskip("jinja2", reason="the extra `report` is not installed")
from gep.report.audit_page.write import page, write_page

TABLE = """服务,2019年价值量(亿元),2020年价值量(亿元)
水源涵养,200.00,240.80
<b>洪水</b>调蓄,40.00,40.40
合计,999.00,281.20
"""


class Cells(HTMLParser):
    """The cells of the first table: text, class, title, by row."""

    def __init__(self):
        super().__init__()
        self.rows, self.cell = [], None

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.cell = [dict(attrs), ""]
            self.rows[-1].append(self.cell)

    def handle_endtag(self, tag):
        if tag == "td":
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell[1] += data


@pytest.fixture
def found(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(TABLE, encoding="utf-8")
    return audit(path)


@pytest.mark.parametrize(("language", "arithmetic"), [("en", "printed 999.00"), ("zh", "表中为 999.00")])
def test_what_fails_is_marked_where_it_stands(found, language, arithmetic):
    """200.00 + 40.00 = 240.00, and 999.00 is printed; 240.80 + 40.40 = 281.20 holds."""
    cells = Cells()
    cells.feed(page(found, "t.csv", language))
    wrong, right = cells.rows[3][1], cells.rows[3][2]
    assert wrong[1].startswith("999.00")
    assert "fails" in wrong[0]["class"].split()
    assert arithmetic in wrong[0]["title"]
    assert right[0]["class"].split() == ["holds", "number"]
    assert [cells.rows[row][1][0]["class"].split()[0] for row in (1, 2)] == ["in_fails", "in_fails"]


def test_nothing_of_a_table_runs(found, tmp_path):
    text = write_page(found, tmp_path / "a.html", "<script>alert(1)</script>", "en").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;b&gt;洪水&lt;/b&gt;调蓄" in text
    assert re.search(r"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-", text)


def test_every_cell_of_a_finding_is_linked(found):
    text = page(found, "t.csv", "en")
    links = set(re.findall(r'href="#(t\d+r\d+c\d+)"', text))
    assert links == {"t1r2c2", "t1r3c2", "t1r4c2"}
    assert all(f'id="{link}"' in text for link in links)


def test_a_cell_is_marked_beside_another_of_its_heading(tmp_path):
    """20.0 / 100.0 is 20.0, printed 25.0; 36.0 / 120.0 is 30.0, as printed in the other column of that name."""
    rows = ["供给服务,20.0,25.0,36.0,30.0", "调节服务,70.0,70.0,72.0,60.0", "文化服务,10.0,10.0,12.0,10.0"]
    head, total = "服务,2015年(亿元),占比(%),2020年(亿元),占比(%)", "合计,100.0,100.0,120.0,100.0"
    (tmp_path / "t.csv").write_text("\n".join([head, *rows, total]), encoding="utf-8")
    cells = Cells()
    cells.feed(page(audit(tmp_path / "t.csv"), "t.csv", "en"))
    marks = [[cell[0]["class"].split()[0] for cell in row[1:]] for row in cells.rows[1:]]
    assert marks[0] == ["in_fails", "fails", "holds", "holds"]
    assert {mark for row in marks[1:3] for mark in row} == {"holds"}
