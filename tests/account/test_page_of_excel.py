"""The code on the page for those who come from Excel is run, block by block, and gives what is worked there by hand."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import openpyxl
import pytest
from places import ROOT

PAGE = ROOT / "docs" / "coming-from-excel.md"

if not PAGE.is_file():
    pytest.skip("the documentation is not beside the tests", allow_module_level=True)


def test_the_code_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```python\n(.*?)^ *```", text, flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 6
    for block in blocks:
        exec(compile(textwrap.dedent(block), str(PAGE), "exec"), names)
    account = names["account"]
    assert account.total() == pytest.approx((1.2 + 0.8) * 1e8 * 8 + (35 + 21) * 1e4 * 60)
    sums = openpyxl.load_workbook(tmp_path / "report" / "report.xlsx")["Sums"]
    assert any(str(cell.value).startswith("=SUM(") for row in sums for cell in row)
