"""Tables of offices in the arrangements that a generator finds: each axis (zone, item, year) in labels,
groups or headings of one or two rows, with totals, parts, units in five places, numbers of columns, growth beside the
figures, marks of footnotes, blank lines and notes. What is right is what the generator put in.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from gep.inputs.table_files import TableFile
from gep.inputs.tables import read_tables

ZONES = {"331102": "莲都区", "331121": "青田县", "331122": "缙云县", "331181": "龙泉市", "8": "甲", "9": "A"}
TONNES = "吨"
ITEMS = {
    "crop_products/grain": ("粮食产量", TONNES, "quantity"),
    "crop_products/wheat": ("小麦产量", TONNES, "quantity"),
    "crop_products/maize": ("玉米产量", TONNES, "quantity"),
    "crop_products/oil_crops": ("油料产量", TONNES, "quantity"),
    "crop_products/rapeseed": ("油菜籽产量", TONNES, "quantity"),
    "crop_products/tea": ("茶叶产量", TONNES, "quantity"),
    "livestock_products/pork": ("猪肉产量", TONNES, "quantity"),
    "crop_products": ("农业总产值", "万元", "value"),
    "forestry_products": ("林业总产值", "万元", "value"),
    "livestock_products": ("牧业总产值", "万元", "value"),
    "gdp": ("地区生产总值", "亿元", "value"),
    "population": ("年末常住人口", "万人", "quantity"),
}
PARTS = {
    "crop_products/grain": ("crop_products/wheat", "crop_products/maize"),
    "crop_products/oil_crops": ("crop_products/rapeseed",),
}
FAMILIES = (
    ("crop_products/grain", "crop_products/oil_crops", "crop_products/tea", "livestock_products/pork"),
    ("crop_products", "forestry_products", "livestock_products"),
    ("gdp", "population", "crop_products/grain", "forestry_products"),
)
YEAR = 2023
TOTAL = "total"
Axis = str
Value = str | int
Key = dict[Axis, Value]


@dataclass
class Style:
    """How a table is arranged. Every axis stands in one of `outer`, `inner` (labels), `upper`, `lower` (headings) or
    is said once for all.
    """

    places: dict[Axis, str]
    unit: str
    is_grouped: bool
    is_repeated: bool
    is_book: bool
    is_merged: bool
    total_zone: str
    total_item: str
    is_first: bool
    mark: str
    are_all_marked: bool
    numbers: str
    has_growth: bool
    blank_rows: list[int]
    note: str
    footnote: str
    year_sign: str
    label: str
    title: str


@dataclass
class Sheet:
    """Rows of cells, and blocks that are merged."""

    rows: list[list[str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def write(self, folder: Path, style: Style) -> Path:
        if not style.is_book:
            path = folder / "t.csv"
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows(self.rows)
            return path
        book = Workbook()
        for row in self.rows:
            book.active.append([float(cell) if cell.replace(".", "", 1).isdecimal() else cell or None for cell in row])
        for top, left, bottom, right in self.merged if style.is_merged else ():
            book.active.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
        book.save(folder / "t.xlsx")
        return folder / "t.xlsx"


@dataclass
class Table:
    """Figures, and how they are printed."""

    zones: list[str]
    items: list[str]
    years: list[int]
    figures: dict[tuple[str, str, int], str]
    style: Style

    def values(self, axis: Axis) -> list[Value]:
        """The values of an axis in their order, with its total."""
        own: list[Value] = list({"zone": self.zones, "item": self.items, "year": self.years}[axis])
        has_total = {"zone": self.style.total_zone, "item": self.style.total_item, "year": ""}[axis]
        return [TOTAL, *own] if has_total and self.style.is_first else [*own, TOTAL] if has_total else own

    def is_part(self, item: Value) -> bool:
        return any(item in PARTS.get(whole, ()) for whole in self.items)

    def figure(self, key: Key) -> str:
        """What a cell prints."""
        zones = self.zones if key["zone"] == TOTAL else [key["zone"]]
        items = [i for i in self.items if not self.is_part(i)] if key["item"] == TOTAL else [key["item"]]
        printed = [self.figures[str(z), str(i), int(key["year"])] for z, i in product(zones, items)]
        return printed[0] if len(printed) == 1 else str(sum(map(Decimal, printed)))

    def name(self, axis: Axis, value: Value, *, has_unit: bool) -> str:
        """What a label or a heading says."""
        style = self.style
        if axis == "zone":
            if value == TOTAL:
                return style.total_zone
            return ZONES[str(value)] + (style.footnote if value == self.zones[-1] else "")
        if axis == "year":
            return f"{value}{style.year_sign}"
        if value == TOTAL:
            unit = ITEMS[self.items[0]][1]
            return f"{style.total_item}（{unit}）" if has_unit else style.total_item
        name, unit, _ = ITEMS[str(value)]
        mark = ""
        for whole, parts in PARTS.items():
            inside = [part for part in parts if part in self.items]
            if whole in self.items and value in inside and (style.are_all_marked or value == inside[0]):
                mark = style.mark
        return f"{mark}{name}" + (f"（{unit}）" if has_unit else "")


@st.composite
def tables(draw: st.DrawFn) -> Table:
    places = dict(
        zip(
            draw(st.permutations(["zone", "item", "year"])),
            draw(
                st.sampled_from(
                    [
                        ("inner", "lower", "once"),
                        ("inner", "upper", "lower"),
                        ("outer", "inner", "lower"),
                        ("outer", "inner", "once"),
                    ]
                )
            ),
            strict=True,
        )
    )
    once = next((axis for axis, place in places.items() if place == "once"), "")
    if once == "zone":  # no line above a table says that: the project does
        places |= {"zone": "once"}
    zones = draw(st.lists(st.sampled_from(sorted(ZONES)), min_size=2, max_size=4, unique=True))
    family = draw(st.sampled_from(FAMILIES))
    wholes = draw(st.lists(st.sampled_from(family), min_size=1, max_size=3, unique=True))
    has_parts = draw(st.booleans())
    items = [each for whole in wholes for each in (whole, *(PARTS.get(whole, ()) if has_parts else ()))]
    years = [YEAR] if once == "year" else sorted({YEAR, *draw(st.sets(st.sampled_from([2021, 2022]), max_size=2))})
    if once == "zone":
        zones = zones[:1]
    if once == "item":
        items = wholes[:1]
    is_one_unit = len({ITEMS[item][1] for item in items}) == 1
    units = ["name", *(["title"] if is_one_unit else []), *(["beside"] if once != "item" else [])]
    one_of = st.sampled_from
    wide = [axis for axis, place in places.items() if place in ("upper", "lower")]
    style = Style(
        places,
        draw(one_of(units)) if once != "item" else "title",
        is_grouped=draw(st.booleans()),
        is_repeated=draw(st.booleans()),
        is_book=draw(st.booleans()),
        is_merged=draw(st.booleans()),
        total_zone=draw(one_of(["", "全市", "合计"])) if len(zones) > 1 else "",
        total_item=draw(one_of(["", "合计"])) if is_one_unit and len(wholes) > 1 and once != "item" else "",
        is_first=draw(st.booleans()),
        mark=draw(one_of(["其中：", "# ", "其中:"])),
        are_all_marked=draw(st.booleans()),
        numbers=draw(one_of(["", "甲", "blank", "count"])),
        has_growth=draw(st.booleans()) and wide == ["item"],
        blank_rows=draw(st.lists(st.integers(0, 12), max_size=2)),
        note=draw(one_of(["", "注：本表数据来源于统计年鉴。", "资料来源：丽水统计年鉴2024"])),
        footnote=draw(one_of(["", "①", "*", "注1"])),
        year_sign=draw(one_of(["", "年", "年度"])),
        label=draw(one_of(["", "named"])),
        title=draw(one_of(["", "表5-3  主要统计指标", "丽水统计年鉴2024"])),
    )
    amount = st.one_of(st.integers(1, 4).map(str), st.integers(1, 10**6).map(lambda n: str(Decimal(n) / 100)))
    figures = {key: draw(amount) for key in product(zones, items, years)}
    return Table(zones, items, years, figures, style)


def at(table: Table, *places: str) -> list[Axis]:
    return [axis for place in places for axis, where in table.style.places.items() if where == place]


def printed(table: Table) -> Sheet:
    """A table as an office prints it."""
    style, sheet = table.style, Sheet()
    stubs, tops = at(table, "outer", "inner"), at(table, "upper", "lower")
    is_grouped = style.is_grouped and len(stubs) == 2
    labels = stubs[1:] if is_grouped else stubs
    is_in_labels = "item" in labels
    has_unit = style.unit == "name" or (style.unit == "beside" and "item" in stubs and not is_in_labels)
    has_column = style.unit == "beside" and is_in_labels
    named = {"zone": "地区", "item": "指标", "year": "年份"}
    heads = [named[axis] if style.label and not is_grouped else "" for axis in labels]
    heads += ["计量单位"] if has_column else []
    if style.title:
        sheet.rows.append([style.title])
    for axis in at(table, "once"):
        if axis == "year":
            sheet.rows.append(["（2023年）"])
        elif axis == "item":
            sheet.rows.append([f"各县区{ITEMS[table.items[0]][0]}"])
    if style.unit == "title":
        sheet.rows.append(["", "", f"单位：{ITEMS[table.items[0]][1]}"])
    columns: list[Key] = [
        dict(zip(tops, values, strict=True)) for values in product(*(table.values(axis) for axis in tops))
    ]
    width, first = len(heads), len(sheet.rows)
    growth: list[int] = []
    for depth, axis in enumerate(tops):
        row = list(heads) if depth == 0 else [""] * width
        for number, column in enumerate(columns):
            is_new = number == 0 or any(columns[number - 1][a] != column[a] for a in tops[: depth + 1])
            row.append(table.name(axis, column[axis], has_unit=has_unit) if is_new else "")
            if is_new and depth < len(tops) - 1:
                span = sum(1 for other in columns if other[axis] == column[axis])
                if span > 1:
                    sheet.merged.append((first, width + number, first, width + number + span - 1))
            if style.has_growth and number == 0:
                growth.append(len(row))
                row.append("比上年增长（%）")
        sheet.rows.append(row)
    if len(tops) == 2:
        sheet.merged += [(first, column, first + 1, column) for column in range(width)]
    if not tops:
        sheet.rows.append([*heads, "数值"])
    count = max(1, len(columns)) + len(growth)
    if style.unit == "beside" and "item" in tops:
        units = [ITEMS[table.items[0] if c["item"] == TOTAL else str(c["item"])][1] for c in columns]
        sheet.rows.append(["单位", *[""] * (width - 1), *units[:1], *["%"] * len(growth), *units[1:]])
    if style.numbers == "甲" and "8" not in table.zones:
        sheet.rows.append([*"甲乙丙"[:width], *map(str, range(1, count + 1))])
    elif style.numbers == "blank" and count > 1 and is_labelled(table, labels):
        sheet.rows.append([*[""] * width, *map(str, range(1, count + 1))])
    elif style.numbers == "count" and is_labelled(table, labels):
        sheet.rows.append([*map(str, range(1, width + count + 1))])
    body(table, sheet, stubs, labels, columns, growth, has_unit=has_unit, has_column=has_column)
    for row in sorted(style.blank_rows, reverse=True):
        if row and len(sheet.rows) - row > first + 3:
            sheet.rows.insert(len(sheet.rows) - row, [])
            sheet.merged = [block for block in sheet.merged if block[2] < len(sheet.rows) - row - 1]
    if style.note:
        sheet.rows.append([style.note])
    return sheet


def is_labelled(table: Table, labels: Sequence[Axis]) -> bool:
    """Whether the first labels are names, so that numbers below a heading can be told from them."""
    names = {table.name(axis, value, has_unit=False) for axis in labels[:1] for value in table.values(axis)}
    return bool(names) and not any(name.isdecimal() for name in names)


def body(
    table: Table,
    sheet: Sheet,
    stubs: Sequence[Axis],
    labels: Sequence[Axis],
    columns: Sequence[Key],
    growth: Sequence[int],
    *,
    has_unit: bool,
    has_column: bool,
) -> None:
    """The rows of figures, in groups or with labels that are written once or again."""
    style, before = table.style, Key()
    once: Key = {
        axis: {"zone": table.zones, "item": table.items, "year": table.years}[axis][0] for axis in at(table, "once")
    }
    for values in product(*(table.values(axis) for axis in stubs)):
        key = dict(zip(stubs, values, strict=True))
        is_new = before.get(stubs[0]) != key[stubs[0]]
        if len(labels) < len(stubs) and is_new:
            sheet.rows.append([table.name(stubs[0], key[stubs[0]], has_unit=has_unit)])
        row = []
        for axis in labels:
            is_blank = len(labels) == 2 and axis == labels[0] and not is_new and not style.is_repeated
            row.append("" if is_blank else table.name(axis, key[axis], has_unit=has_unit))
        if has_column:
            item = table.items[0] if key["item"] == TOTAL else str(key["item"])
            row.append(ITEMS[item][1])
        for column in columns or [Key()]:
            row.append(table.figure({**once, **key, **column}))
        for number in growth:
            row.insert(number, "3.5")
        sheet.rows.append(row)
        before = key


def expected(table: Table) -> set[tuple[str, str, str, float, str]]:
    return {
        (zone, item, ITEMS[item][2], float(figure), ITEMS[item][1])
        for (zone, item, year), figure in table.figures.items()
        if year == YEAR and not table.is_part(item)
    }


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables())
def test_every_arrangement_reads_to_the_figures_that_were_put_in(tmp_path: Path, table: Table) -> None:
    path = printed(table).write(tmp_path, table.style)
    said = {"zone": table.zones[0]} if table.style.places["zone"] == "once" else {}
    zones = {code: ZONES[code] for code in table.zones}
    statistics, problems = read_tables({"t": TableFile(path, given=said)}, zones, YEAR, ("丽水市",))
    wrong = [problem for problem in problems if problem.severity != "information"]
    assert not wrong, "\n".join(map(str, [*wrong, *printed(table).rows]))
    found = [(s.zone, s.item, s.measure, s.value, s.unit) for s in statistics]
    assert len(found) == len(set(found))
    assert set(found) == expected(table), "\n".join(map(str, printed(table).rows))
