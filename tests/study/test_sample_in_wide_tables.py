"""The statistics of the sample city, printed as an office has them, are the same statistics: in Chinese, counties
across, in a workbook with a total, a cover and last year's figures.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook

from gep.core.catalog import label
from gep.core.table_words import table_words
from gep.inputs.items import item_label, item_units
from gep.inputs.table_files import TableFile
from gep.inputs.tables import Statistic, read_tables

SAMPLE = Path(__file__).resolve().parents[2] / "gep" / "study" / "sample" / "sample_city" / "statistics.csv"
ZONES: Mapping[str, tuple[str, str]] = {
    "990101": ("山北县", "Shanbei"),
    "990102": ("河东县", "Hedong"),
    "990103": ("南川区", "Nanchuan"),
}
MEASURES = {"quantity": "数量", "price": "价格", "value": "产值"}
YEAR = 2020


def chinese(item: str) -> str:
    """An item by its Chinese name, each part of it."""
    base, _, part = item.partition("/")
    name = item_label(base).zh if base in item_units() else label(base, "zh")
    parts = [label(each, "zh") for each in part.split("/") if each]
    return "/".join([name, *parts])


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def book(path: Path, rows: list[dict[str, str]], *, is_english: bool = False) -> Path:
    """A sheet with a row for each item and measure, the counties of two years across, behind a cover."""
    workbook = Workbook()
    workbook.active.title = "封面"
    workbook.active.append(["示例市统计资料汇编"])
    sheet = workbook.create_sheet("分县")
    sheet.append(["示例市各县区主要统计指标"])
    names = [zone[is_english] for zone in ZONES.values()]
    sheet.append(["指标", "计量", "计量单位", "价格年份", "数据来源", *(cell for n in names for cell in (n, None))])
    sheet.append([None] * 5 + [f"{year}年" for _ in names for year in (YEAR - 1, YEAR)])
    for column in range(5):
        letter = "ABCDE"[column]
        sheet.merge_cells(f"{letter}2:{letter}3")
    for left in "FHJ":
        sheet.merge_cells(f"{left}2:{chr(ord(left) + 1)}2")
    keys = dict.fromkeys((row["item"], row["measure"], row["unit"], row["price_year"]) for row in rows)
    figures = {(row["item"], row["measure"], row["zone"]): float(row["value"]) for row in rows}
    for item, measure, unit, price_year in keys:
        cells = [figures.get((item, measure, zone)) for zone in ZONES]
        last_year = [None if value is None else value * 0.9 for value in cells]
        sheet.append(
            [
                *(chinese(item), MEASURES[measure], unit, int(price_year) if price_year else None, "synthetic"),
                *(cell for pair in zip(last_year, cells, strict=True) for cell in pair),
            ]
        )
    workbook.save(path)
    return path


def plain(statistics: list[Statistic]) -> set[Statistic]:
    return {replace(row, place="") for row in statistics if row.value is not None}


@pytest.mark.parametrize("is_english", [False, True])
def test_the_same_statistics(tmp_path: Path, rows: list[dict[str, str]], is_english: bool):
    path = book(tmp_path / "statistics.xlsx", rows, is_english=is_english)
    expected, _ = read_tables({"statistics": SAMPLE}, ZONES, YEAR)
    found, problems = read_tables({"statistics": TableFile(path, sheet="分县")}, ZONES, YEAR)
    assert [problem for problem in problems if problem.severity != "information"] == []
    assert plain(found) == plain(expected)
    assert len(plain(found)) == len(rows)
    assert set(MEASURES.values()) <= {word for words in table_words("measure").values() for word in words}
