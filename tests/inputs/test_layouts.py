"""Whatever layout a long table is printed in, it reads to the same rows.

A generator prints tables as offices do: titles, units in five places, one or two heading rows with merged or blank
cells, zones, items or years across, groups, totals, notes, numbers of columns, a continued table; CSV and XLSX.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from gep.inputs.tables import read_tables

ZONES = {
    "331102": ("莲都区", "Liandu"),
    "331121": ("青田县", "Qingtian"),
    "331122": ("缙云县", "Jinyun"),
    "331181": ("龙泉市", "Longquan"),
}
ITEMS = {
    "crop_products/grain": ("粮食产量", "吨", "quantity"),
    "crop_products/tea": ("茶叶产量", "吨", "quantity"),
    "livestock_products/pork": ("猪肉产量", "吨", "quantity"),
    "forestry_products": ("林业总产值", "万元", "value"),
    "gdp": ("地区生产总值", "亿元", "value"),
    "population": ("年末常住人口", "万人", "quantity"),
    "so2_emission": ("二氧化硫排放量", "吨", "quantity"),
}
YEAR = 2023
Key = tuple[str, str, int]


@dataclass
class Sheet:
    """A table that is being printed: rows of cells, and blocks that are to be merged."""

    rows: list[list[str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def add(self, *cells: str) -> int:
        self.rows.append(list(cells))
        return len(self.rows) - 1

    def write(self, path: Path, *, is_merged: bool) -> Path:
        if path.suffix == ".csv":
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows(self.rows)
            return path
        book = Workbook()
        sheet = book.active
        for row in self.rows:
            sheet.append([float(cell) if _is_number(cell) else cell or None for cell in row])
        for top, left, bottom, right in self.merged if is_merged else ():
            if (bottom, right) != (top, left):
                sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
        book.save(path)
        return path


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit()


@dataclass(frozen=True)
class Style:
    layout: str
    is_book: bool
    is_merged: bool
    unit: str
    has_total: bool
    has_title: bool
    has_note: bool
    has_numbers: bool
    is_spaced: bool
    is_english: bool
    year_sign: str


STYLES = st.builds(
    Style,
    layout=st.sampled_from(
        [
            "long",
            "items",
            "zones",
            "years",
            "items/years",
            "years/items",
            "zones/years",
            "groups",
            "turned",
            "continued",
        ]
    ),
    is_book=st.booleans(),
    is_merged=st.booleans(),
    unit=st.sampled_from(["heading", "row", "title", "slash"]),
    has_total=st.booleans(),
    has_title=st.booleans(),
    has_note=st.booleans(),
    has_numbers=st.booleans(),
    is_spaced=st.booleans(),
    is_english=st.booleans(),
    year_sign=st.sampled_from(["", "年", "年度"]),
)

VALUES = st.integers(1, 10**7).map(lambda number: str(Decimal(number) / 100))


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[Key, str], Style]:
    zones = draw(st.lists(st.sampled_from(sorted(ZONES)), min_size=2, max_size=4, unique=True))
    items = draw(st.lists(st.sampled_from(sorted(ITEMS)), min_size=2, max_size=4, unique=True))
    years = sorted({YEAR, *draw(st.lists(st.sampled_from([2020, 2021, 2022]), max_size=2, unique=True))})
    style = draw(STYLES)
    if style.layout in ("items", "zones", "groups", "continued", "turned"):
        years = [YEAR]
    return {(zone, item, year): draw(VALUES) for zone in zones for item in items for year in years}, style


def printed(figures: dict[Key, str], style: Style) -> Sheet:
    """A table in a style."""
    zones, items, years = (list(dict.fromkeys(key[at] for key in figures)) for at in range(3))
    sheet = Sheet()
    is_one_unit = len({ITEMS[item][1] for item in items}) == 1
    unit = style.unit if style.unit != "title" or is_one_unit else "heading"

    def zone_name(code: str) -> str:
        if code == "":
            return "Total" if style.is_english else "合　计" if style.is_spaced else "全市"
        chinese, english = ZONES[code]
        return english if style.is_english else " ".join(chinese) if style.is_spaced else chinese

    def item_name(item: str, *, is_bare: bool = False) -> str:
        name, of_item, _ = ITEMS[item]
        told = {"heading": f"{name}（{of_item}）", "slash": f"{name}/{of_item}"}
        return name if is_bare else told.get(unit, name)

    def value(zone: str, item: str, year: int) -> str:
        if zone:
            return figures[zone, item, year]
        return str(sum(Decimal(figures[each, item, year]) for each in zones))

    def year_name(year: int) -> str:
        return f"{year}{style.year_sign}"

    rows = [*([""] if style.has_total else []), *zones]
    if style.has_title:
        sheet.add("表5-3  主要统计指标")
    if unit == "title":
        sheet.add("", "", f"单位：{ITEMS[items[0]][1]}")
    if style.layout == "long":
        sheet.add("地区", "指标", "数值", "计量单位", "年份")
        for (zone, item, year), figure in figures.items():
            sheet.add(zone_name(zone), ITEMS[item][0], figure, ITEMS[item][1], str(year))
    elif style.layout in ("items", "continued"):
        halves = [items] if style.layout == "items" else [items[:1], items[1:]]
        for number, half in enumerate(halves):
            if number:
                sheet.add("续表")
            sheet.add("县区", *(item_name(item) for item in half))
            if unit == "row":
                sheet.add("单位", *(ITEMS[item][1] for item in half))
            if style.has_numbers and len(half) > 1:
                sheet.add("甲", *(str(index) for index in range(1, len(half) + 1)))
            for zone in rows:
                sheet.add(zone_name(zone), *(value(zone, item, YEAR) for item in half))
    elif style.layout == "zones":
        sheet.add("指标", "计量单位", *(zone_name(zone) for zone in rows))
        for item in items:
            cells = (value(zone, item, YEAR) for zone in rows)
            sheet.add(item_name(item, is_bare=True), ITEMS[item][1], *cells)
    elif style.layout == "years":
        sheet.add("地区", "指标", *(year_name(year) for year in years))
        for zone in rows:
            for number, item in enumerate(items):
                top = sheet.add(zone_name(zone) if number == 0 else "", f"{ITEMS[item][0]}（{ITEMS[item][1]}）")
                sheet.rows[top] += [value(zone, item, year) for year in years]
            sheet.merged.append((top - len(items) + 1, 0, top, 0))
    elif style.layout in ("items/years", "years/items", "zones/years"):
        _two_rows(sheet, style, rows, items, years, zone_name, item_name, year_name, value, unit)
    elif style.layout == "groups":
        sheet.add("指标", "单位", "数值")
        for zone in zones:
            sheet.add(zone_name(zone), "", "")
            for item in items:
                sheet.add(ITEMS[item][0], ITEMS[item][1], value(zone, item, YEAR))
    elif style.layout == "turned":
        keys = list(figures)
        sheet.add("地区", *(zone_name(zone) for zone, _, _ in keys))
        sheet.add("指标", *(ITEMS[item][0] for _, item, _ in keys))
        sheet.add("数值", *(figures[key] for key in keys))
        sheet.add("单位", *(ITEMS[item][1] for _, item, _ in keys))
    if style.has_note and style.layout != "turned":
        sheet.add("注：本表数据来源于统计年鉴。")
    return sheet


def _two_rows(sheet, style, rows, items, years, zone_name, item_name, year_name, value, unit):
    """Two heading rows, the upper written once for several columns."""
    upper, lower, stub = {
        "items/years": (items, years, rows),
        "years/items": (years, items, rows),
        "zones/years": (rows, years, items),
    }[style.layout]

    def name(of: object) -> str:
        if isinstance(of, int):
            return year_name(of)
        return item_name(of) if of in ITEMS else zone_name(of)

    head = "指标" if style.layout == "zones/years" else "地区"
    has_unit = style.layout == "zones/years"
    first = sheet.add(head, *(["单位"] if has_unit else []))
    second = sheet.add("", *([""] if has_unit else []))
    sheet.merged += [(first, column, second, column) for column in range(1 + has_unit)]
    for over in upper:
        left = len(sheet.rows[first])
        sheet.rows[first] += [name(over), *[""] * (len(lower) - 1)]
        sheet.rows[second] += [name(under) for under in lower]
        sheet.merged.append((first, left, first, left + len(lower) - 1))
    pairs = [(over, under) for over in upper for under in lower]
    if not has_unit and unit == "row":
        sheet.add("计量单位", *(ITEMS[next(each for each in pair if each in ITEMS)][1] for pair in pairs))
    for of in stub:
        cells = []
        for pair in pairs:
            key = [*pair, of]
            zone = next(each for each in key if each == "" or each in ZONES)
            item = next(each for each in key if each in ITEMS)
            cells.append(value(zone, item, next(each for each in key if isinstance(each, int))))
        label = [ITEMS[of][0], ITEMS[of][1]] if has_unit else [name(of)]
        sheet.add(*label, *cells)


def rows_of(source: Path, area: Iterable[str] = ()) -> set[tuple[str, str, str, float, str]]:
    statistics, problems = read_tables({"t": source}, ZONES, YEAR, area)
    wrong = [problem for problem in problems if problem.severity != "information"]
    assert not wrong, "\n".join(map(str, wrong))
    found = [(s.zone, s.item, s.measure, s.value, s.unit) for s in statistics]
    assert len(found) == len(set(found))
    assert all(s.year in (None, YEAR) for s in statistics)
    return set(found)


def expected(figures: dict[Key, str]) -> set[tuple[str, str, str, float, str]]:
    return {
        (zone, item, ITEMS[item][2], float(figure), ITEMS[item][1])
        for (zone, item, year), figure in figures.items()
        if year == YEAR
    }


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables())
def test_every_layout_reads_to_the_rows_of_the_long_table(tmp_path: Path, table: tuple[dict[Key, str], Style]):
    figures, style = table
    sheet = printed(figures, style)
    path = sheet.write(tmp_path / ("t.xlsx" if style.is_book else "t.csv"), is_merged=style.is_merged)
    assert rows_of(path) == expected(figures)
