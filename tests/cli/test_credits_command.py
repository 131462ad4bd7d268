"""`gep credits`: a ledger is begun, shown, exported and certified from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import docx
import pytest
from projects import Gep, caller

HEADINGS = "date,kind,lot,holder,credits [t*CO2],value [CNY],party,purpose"
TABLES = {
    "projects": ("project,title,zone,crediting_begins,crediting_ends", "P1,林场,甲旗,2017-12-01,2077-11-30"),
    "lots": (
        "批次,项目,产品,vintage_begins,vintage_ends,日期,数量（t*CO2）,series,first_serial,last_serial",
        "L1,P1,VCS,2018-01-01,2018-12-31,2019-06-01,50000,S,1,50000",
    ),
    "entries": (
        HEADINGS,
        "2019-06-01,issue,L1,G,50000,250000,,",
        "2024-01-10,cancel,L1,G,30000,0,winter games,neutrality",
    ),
}
BOOK = (
    "product,year,price_kind,credits [t*CO2],value [CNY],source",
    "VCS,2021,auction,260000,2990000,China Business Times",
)


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    for name, lines in {**TABLES, "prices": BOOK}.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return caller(monkeypatch, capsys, tmp_path)


def begun(gep: Gep) -> None:
    said = gep("credits", "post", "a.ledger", *(part for name in TABLES for part in (f"--{name}", f"{name}.csv")))
    assert (said.code, said.err) == (0, "")
    assert "1 project, 1 lot, 2 entries" in said.out


def test_a_ledger_from_end_to_end(gep: Gep, tmp_path: Path):
    begun(gep)
    period = ("--begins", "2024-01-01", "--ends", "2024-12-31")
    said = gep("credits", "show", "a.ledger", *period, "--prices", "prices.csv", "--lang", "zh", "--out", "out")
    assert said.code == 0
    assert "持有量变动表" in said.out
    assert "不得与 GEP 相加" in said.out
    document = json.loads((tmp_path / "out" / "carbon_credits.json").read_text(encoding="utf-8"))
    (row,) = next(table for table in document["tables"] if table["id"] == "value")["rows"]
    assert row["values"]["market"] == 20000 * 11.5
    figure = gep("credits", "show", "a.ledger", *period, "--explain", "roll_forward/G/VCS/2018/closing")
    assert "20000 t" in figure.out
    assert gep("credits", "show", "a.ledger", *period, "--explain", "none/a/b").code == 1
    assert gep("credits", "show", "a.ledger", "--begins", "May", "--ends", "June").code == 2


def test_statements(gep: Gep, tmp_path: Path):
    begun(gep)
    for name in ("a.html", "b.docx", "c.md"):
        assert gep("credits", "statement", "a.ledger", 2, "--price", 50, "--out", name, "--lang", "zh").code == 0
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    document = docx.Document(str(tmp_path / "b.docx"))
    cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
    for fact in ("碳汇产品注销证明", "winter games", "S-1 – S-30000", "1,500,000.00 元"):
        assert fact in page
        assert fact in [*cells, document.paragraphs[0].text]
        assert fact in (tmp_path / "c.md").read_text(encoding="utf-8")
    assert gep("credits", "statement", "a.ledger", 1).code == 4
    assert gep("credits", "statement", "a.ledger", 2, "--out", "c.pdf").code == 2
    found = json.loads(gep("credits", "statement", "a.ledger", 2, "--json").out)
    assert found["title"] == "Statement of cancellation of carbon credits"


def test_offset_export_import_and_prices(gep: Gep, tmp_path: Path):
    begun(gep)
    found = json.loads(gep("credits", "offset", "a.ledger", "G", 10.2, "--json").out)
    assert (found["needed"], found["lots"]) == (11, [{"lot": "L1", "product": "VCS", "vintage": "2018", "credits": 11}])
    assert "需注销 11 吨" in gep("credits", "offset", "a.ledger", "G", 10.2, "--lang", "zh").out
    assert gep("credits", "export", "a.ledger", "book.xlsx").code == 0
    assert "2 entries" in gep("credits", "import", "book.xlsx", "b.ledger").out
    assert json.loads(gep("credits", "import", "book.xlsx", "c.ledger", "--json").out)["entries"] == 2
    assert "11.50" in gep("credits", "prices", "prices.csv").out
    assert gep("credits", "post", "a.ledger").code == 2
    assert gep("credits", "show", "none", "--begins", "2024-01-01", "--ends", "2024-12-31").code == 4
