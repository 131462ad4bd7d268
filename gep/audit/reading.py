"""Published accounts as files: the tidy format in CSV or a workbook, and accounts of our own. What cannot be read is
said with its cell, never guessed.

The tidy format has one row per figure and these columns (in any order, English or Chinese): region, subregion, year,
ecosystem_type, service_category, service, indicator, quantity, quantity_unit, unit_price, price_unit, value,
value_unit, source_table, note. `ALL` marks a total.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gep.audit.cells import Cells, Read, decoded, word
from gep.audit.documents import tables_of
from gep.audit.figures import ALL, Figure, Row, is_all, is_subtotal, read_unit
from gep.audit.grids.blocks import blocks_of, is_figure, is_range
from gep.audit.grids.words import halves, said
from gep.audit.pasted import (
    DELIMITERS,
    delimiter_of,
    has_markdown_table,
    markdown_parts,
    split,
    split_by_spaces,
)
from gep.audit.printed import NOT_PRINTED, FigureError, Printed, read_figure, stored_figure
from gep.audit.runs import is_beside_account
from gep.audit.sources import ALL_TABLES, MOST_BYTES, TEXTS, Choice, tables_of_file
from gep.core.catalog import label
from gep.core.errors import InputError, UsageError, failure, problem
from gep.core.folders import files_below
from gep.core.messages import Text, joined, say

_TEXTS = ("region", "subregion", "year", "ecosystem", "category", "service", "indicator", "source", "note")
_MEASURES = {"quantity": "quantity_unit", "price": "price_unit", "value": "value_unit"}
_HEADINGS = {
    "region": ("region", "地区", "区域", "行政区"),
    "subregion": ("subregion", "sub-region", "subarea", "county", "子区域", "分区", "县区", "区县", "旗县"),
    "year": ("year", "年份", "年度", "核算年份", "年"),
    "ecosystem": ("ecosystem_type", "ecosystem type", "ecosystem", "land type", "生态系统类型", "生态系统", "地类"),
    "category": ("service_category", "service category", "category", "服务类别", "一级指标", "类别", "指标类别"),
    "service": ("service", "ecosystem service", "服务", "生态系统服务", "服务功能", "二级指标", "服务类型"),
    "indicator": ("indicator", "指标", "核算指标", "三级指标", "核算科目"),
    "quantity": ("quantity", "physical quantity", "area", "extent", "实物量", "功能量", "数量", "面积"),
    "quantity_unit": ("quantity_unit", "quantity unit", "实物量单位", "功能量单位", "数量单位"),
    "price": ("unit_price", "unit price", "price", "单价", "价格"),
    "price_unit": ("price_unit", "price unit", "单价单位", "价格单位"),
    "value": ("value", "monetary value", "价值", "价值量", "金额"),
    "value_unit": ("value_unit", "value unit", "价值单位", "价值量单位"),
    "source": ("source_table", "source table", "source", "table", "来源", "来源表", "出处"),
    "share": ("share", "share of total", "占比", "比重", "所占比例", "占总值比例"),
    "note": ("note", "notes", "remark", "备注", "说明", "注"),
}
_FIELD_OF = {name: field for field, names in _HEADINGS.items() for name in names}
_OF_AN_ACCOUNT = ("area_code", "ecosystem_type", "service", "component", "measure", "value", "unit")
"""Columns by which an account of our own is known."""
_COLUMNS_OF_THE_FORMAT = 12
"""A table with fewer of the format's columns is a table of a report, where blank cells repeat what stands above."""
_LINES_ABOVE_A_HEADING = 20


def read_accounts(path: Path, choice: Choice = ALL_TABLES, *, are_grids: bool = False) -> Read:
    """The rows of a file, or of every table of a folder. Tables that are said to be grids are read as such.

    Raises UsageError where what is chosen is not there, and MissingFeatureError where a file needs a reader that is
    not installed.
    """
    if not path.exists():
        raise UsageError(say("audit.read.no_path", path=path))
    if choice and path.is_dir():
        raise UsageError(say("audit.choice.folder", path=path))
    read = Read()
    if path.is_dir():
        files = sorted(
            file
            for file in files_below(path)
            if not any(p.startswith((".", "~$")) for p in file.relative_to(path).parts)
            and not is_beside_account(file, path)
        )
        names = {file: str(file.relative_to(path)) for file in files}
    else:
        names = {path: path.name}
    for file, name in names.items():
        tables = _tables_of(file, name, read, choice, is_alone=file == path)
        for cells in choice.among(tables, name) if choice and tables else tables:
            _read_cells(cells, read, are_grids=are_grids)
    return read


def _tables_of(file: Path, name: str, read: Read, choice: Choice, *, is_alone: bool) -> list[Cells]:
    try:
        if file.stat().st_size > MOST_BYTES:
            read.skip(name, say("audit.skipped.too_large"))
        elif file.suffix.lower() in TEXTS:
            return _of_text(file, name, read)
        else:
            return tables_of_file(file, name, read, choice, is_alone=is_alone)
    except OSError as error:
        read.skip(name, say("audit.skipped.no_document", error=failure(error)))
    return []


def _of_text(file: Path, name: str, read: Read) -> list[Cells]:
    text = decoded(file.read_bytes(), name, read)
    if text is None:
        return []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if has_markdown_table(text):
        return tables_of(name, markdown_parts(text))
    tables = {delimiter: Cells(name, split(text, delimiter)) for delimiter in DELIMITERS}
    known = [delimiter for delimiter, cells in tables.items() if _own_columns(cells) or _find_heading(cells, Read())]
    delimiter = known[0] if known else delimiter_of(text)
    if not delimiter:
        rows = split_by_spaces(text)
        if rows is None:
            read.skip(name, say("audit.skipped.no_columns"))
            return []
        read.readings.append(say("audit.read.spaces", table=name))
        return [Cells(name, rows)]
    cells = tables[delimiter]
    if delimiter != ",":
        read.readings.append(say("audit.read.tabs" if delimiter == "\t" else "audit.read.semicolons", table=name))
        cells.has_decimal_commas = any(
            re.fullmatch(r"-?\d+,(\d{1,2}|\d{4,})", str(cell).strip()) for row in cells.rows for cell in row
        )
        if cells.has_decimal_commas:
            read.readings.append(say("audit.read.decimal_commas", table=name))
    return [cells]


# headings -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Heading:
    """Which column is which, and the units that stand in headings."""

    first_row: int
    columns: Mapping[str, int]
    units: Mapping[str, str]


def _read_cells(cells: Cells, read: Read, *, are_grids: bool) -> None:
    read.sheets.append(cells)
    own = _own_columns(cells)
    if own:
        read.rows.extend(_own_rows(cells, own))
        return
    heading = None if are_grids else _find_heading(cells, Read())
    if heading is None or not _is_long(cells, heading):
        read.tables.append(cells)
        return
    _find_heading(cells, read)
    if cells.covered:
        read.readings.append(say("audit.read.merged", table=cells.name))
    rows, number, block = [], heading.first_row, 1
    while number < len(cells.rows):
        again = _find_heading(cells, Read(), number, 1)
        if again is not None and not any(_is_number(cells.text(number, column)) for column in again.columns.values()):
            heading, number, block = again, again.first_row, block + 1  # another table stands below
            read.readings.append(say("audit.read.another_table", table=cells.name, row=number))
            continue
        if row := _row(cells, number, heading, read, block):
            rows.append(row)
        number += 1
    if not rows:
        read.skip(cells.name, say("audit.skipped.no_figures"))
    read.rows.extend(_completed(cells.name, rows, heading, read))


def _is_long(cells: Cells, heading: _Heading) -> bool:
    """Whether a table has a row for each thing and a column for each of its figures, and says so in one row of
    headings: all else is a grid.
    """
    columns = heading.columns
    if len(columns) >= _COLUMNS_OF_THE_FORMAT:
        return True
    if any(
        (_is_number(cells.text(number, column)) or is_range(cells.text(number, column)))
        and column not in columns.values()
        for number in range(heading.first_row, len(cells.rows))
        for column in range(len(cells.rows[number]))
    ):
        return False  # columns that the format does not have
    left = min((column for name, column in columns.items() if name in _MEASURES), default=0)
    body = range(heading.first_row, len(cells.rows))
    if any(cells.text(row, column) for column in set(range(left)) - set(columns.values()) for row in body):
        return False  # a column of names that may tell rows apart
    if not {"year", "region", "subregion", "category"} & set(columns) and _goes_on(cells, columns, body):
        return False
    blocks = list(blocks_of(cells))
    if any(block.continues or len(block.headings) > 2 for block in blocks) or not blocks:
        return False
    first = next(
        (block for block in blocks if heading.first_row - 1 in block.headings or heading.first_row in block.body),
        blocks[0],
    )
    if any(is_figure(cells, row, column) for row in first.headings for column in columns.values()):
        return False
    for name in ("year", "ecosystem", "service", "category", "subregion"):
        if name not in columns:
            continue
        labels = [cells.text(row, columns[name]) for row in first.body]
        if name == "ecosystem" and not all(labels) and any(labels) and len(columns) <= _FEWEST_OF_THE_FORMAT:
            return False  # written once for several rows
        if any(str(cells.raw(row, columns[name]) or "").startswith((" ", "\u3000", "\t")) for row in first.body):
            return False  # set in below another
        for text in filter(None, labels):
            each = said(text)
            if (
                (each.times and each.total)
                or each.role
                or (each.named == "category" and name == "service" and "category" not in columns)
            ):
                return False
            if bool(each.total) != is_all(text) or each.total == "named" or (len(halves(text)) > 1 and each.total):
                return False
            if each.is_less:
                return False
    return True


def _goes_on(cells: Cells, columns: Mapping[str, int], body: range) -> bool:
    """Whether rows follow a total of a list."""
    labels = [cells.text(row, columns.get("service", columns.get("ecosystem", 0))) for row in body]
    totals = [at for at, label in enumerate(labels) if is_all(label) and not is_subtotal(label)]
    return any(at > 0 and any(labels[at + 1 :]) for at in totals)


_FEWEST_OF_THE_FORMAT = 4
"""A table of no more columns than this is not in the format, in which a blank ecosystem is none."""


def _completed(name: str, rows: list[Row], heading: _Heading, read: Read) -> list[Row]:
    """Rows with what is written once for several; a table without a region or a year is an account of its own."""
    if len(heading.columns) < _COLUMNS_OF_THE_FORMAT:
        rows = _with_categories(name, _filled_down(name, rows, read), read)
    rows = [replace(row, category=ALL) if row.service == ALL and not row.category else row for row in rows]
    return [
        row if row.region and (row.year or _serves_every_year(row)) else replace(row, account=row.table) for row in rows
    ]


def _serves_every_year(row: Row) -> bool:
    """Whether it is a unit value alone: one without a year serves all years of its account."""
    return row.price is not None and row.quantity is None and row.value is None


def _filled_down(name: str, rows: list[Row], read: Read) -> list[Row]:
    """A region, subregion or year that is written once, in the first row of its block, stands for the rows below it."""
    for column in ("region", "subregion", "year"):
        if not rows or not getattr(rows[0], column) or all(getattr(row, column) for row in rows):
            continue
        above, result = "", []
        for row in rows:
            above = getattr(row, column) or above
            # a total without a place may be that of all places
            may_be_of_all = column == "subregion" and row.service == ALL
            changed: dict[str, Any] = {column: above}
            result.append(row if may_be_of_all else replace(row, **changed))
        rows = result
        read.readings.append(say("audit.read.filled_down", table=name, column=word(column)))
    return rows


def _find_heading(cells: Cells, read: Read, start: int = 0, lines: int = _LINES_ABOVE_A_HEADING) -> _Heading | None:
    """The first row whose cells are headings of the format; a second row of units below it belongs to it."""
    for number in range(start, min(len(cells.rows), start + lines)):
        columns, units, told = _headings_of(cells, number)
        if "service" not in columns and "indicator" in columns:
            columns["service"] = columns.pop("indicator")
        if not ({"service", "ecosystem"} & set(columns) and {"quantity", "price", "value"} & set(columns)):
            continue
        if number > start:
            read.readings.append(say("audit.read.headings", table=cells.name, row=number + 1))
            _unit_above(cells, range(start, number), columns, units, told)
        first = number + 1
        if first < len(cells.rows) and _is_row_of_units(cells, first, columns):
            for measure in _MEASURES:
                if measure in columns and cells.text(first, columns[measure]) not in ("", *_FIELD_OF):
                    units[measure] = cells.text(first, columns[measure]).strip("()（）[] ")
                    told.append(_unit_told("row_below", cells, measure, units[measure]))
            first += 1
        read.readings.extend(told)
        return _Heading(first, columns, units)
    return None


def _unit_above(
    cells: Cells, numbers: range, columns: Mapping[str, int], units: dict[str, str], told: list[Text]
) -> None:
    """A unit written above the table, like 单位：万元: that of values if it is money, else of quantities."""
    for number in numbers:
        for column in range(len(cells.rows[number])):
            match = re.search(r"(?:计量)?(?:单位|units?)\s*[:：]\s*(\S+)", cells.text(number, column), re.IGNORECASE)
            unit = match[1].strip("()（）") if match else ""
            measure = "value" if read_unit(unit).currency else "quantity"
            if unit and measure in columns and measure not in units and _MEASURES[measure] not in columns:
                units[measure] = unit
                told.append(_unit_told("above", cells, measure, unit))


def _unit_told(where: str, cells: Cells, measure: str, unit: str) -> Text:
    return say(f"audit.read.unit_from_{where}", table=cells.name, measure=word(measure), unit=unit)


def _headings_of(cells: Cells, number: int) -> tuple[dict[str, int], dict[str, str], list[Text]]:
    columns: dict[str, int] = {}
    units: dict[str, str] = {}
    told: list[Text] = []
    last = ""
    for column in range(max(len(cells.rows[number]), 1)):
        text = unicodedata.normalize("NFKC", cells.text(number, column)).strip()
        name, unit = _heading_and_unit(text)
        known = _FIELD_OF.get(text.lower().strip("*")) or _FIELD_OF.get(name.lower(), "")
        if text.lower() in ("单位", "unit", "units", "计量单位"):  # a bare unit is that of the measure to its left
            known = _MEASURES.get(last, "quantity_unit")
        if not text or ((number, column - 1) in cells.covered and text == cells.text(number, column - 1)):
            continue
        if not known or known in columns:
            key = "audit.read.column_twice" if known else "audit.read.column_not_read"
            told.append(say(key, table=cells.name, column=text))
            continue
        columns[known] = column
        last = known if known in _MEASURES else last
        if unit and known in _MEASURES:
            units[known] = unit
            told.append(_unit_told("heading", cells, known, unit))
    return columns, units, told


def _heading_and_unit(text: str) -> tuple[str, str]:
    """`价值量(亿元)` and `value / 1e8 CNY` are a heading and a unit."""
    match = re.fullmatch(r"(.+?)\s*[(\[](.+)[)\]]", text) or re.fullmatch(r"(.+?)\s*[/,:]\s*(.+)", text)
    return (match[1].strip(), match[2].strip()) if match else (text, "")


def _is_row_of_units(cells: Cells, number: int, columns: Mapping[str, int]) -> bool:
    texts = [cells.text(number, column) for measure, column in columns.items() if measure in _MEASURES]
    filled = [text for text in texts if text and text not in _FIELD_OF]
    others = [
        cells.text(number, column)
        for name, column in columns.items()
        if name not in _MEASURES and (number, column) not in cells.covered
    ]
    return (
        bool(filled)
        and not any(others)
        and all(not read_unit(text.strip("()（）[] ")).is_words and not _is_number(text) for text in filled)
    )


def _is_number(text: str) -> bool:
    try:
        return read_figure(text) is not None
    except FigureError:
        return False


def _with_categories(name: str, rows: list[Row], read: Read) -> list[Row]:
    """A table of a report writes a category once, above its services; a subtotal is of the category above, a total of
    everything.
    """
    result: list[Row] = []
    category, is_filled = "", False
    for row in rows:
        if row.category == ALL and not row.service:
            row = replace(row, service=ALL)
        elif not row.category and row.service and category and (row.service != ALL or row.is_subtotal):
            row, is_filled = replace(row, category=category), True
        elif not row.category and row.service == ALL:
            row = replace(row, category=ALL)
        category = row.category if row.category != ALL else category if row.is_subtotal else ""
        result.append(row)
    if is_filled:
        read.readings.append(say("audit.read.categories", table=name))
    return result


# rows -----------------------------------------------------------------------------------------------------------------


_A_YEAR = re.compile(r"^((?:19|20)\d\d)(?:年|\.0|-01-01(?:[T ]00:00(?::00(?:\.0+)?)?)?)$")
"""A year, also where a program wrote it as a number or as its first day. A period that begins on that day is none."""
_BELOW_A_TABLE = re.compile(r"\s*(?:注|备注|说明|数据来源|资料来源|来源|notes?|sources?)\s*[:：.]", re.IGNORECASE)


def _row(cells: Cells, number: int, heading: _Heading, read: Read, block: int = 1) -> Row | None:
    texts = {name: cells.text(number, heading.columns[name]) if name in heading.columns else "" for name in _TEXTS}
    if any(_BELOW_A_TABLE.match(texts[name]) for name in ("region", "category", "service", "ecosystem")):
        return None
    before = len(read.unreadable)
    figures = {measure: _figure(cells, number, measure, heading, read) for measure in _MEASURES}
    unread = tuple(problem.subject for problem in read.unreadable[before:]) + tuple(_dashes(cells, number, heading))
    if not any(figures.values()) and not (unread and (texts["service"] or texts["ecosystem"])):
        return None
    is_sub = any(is_subtotal(texts[name]) for name in ("category", "service"))
    for name in ("ecosystem", "category", "service"):
        texts[name] = ALL if is_all(texts[name]) else texts[name]
    texts["year"] = _A_YEAR.sub(r"\1", texts["year"])
    if "share" in heading.columns and cells.text(number, heading.columns["share"]):
        texts["note"] = f"share {cells.text(number, heading.columns['share']).rstrip('%％')} %; {texts['note']}".rstrip(
            "; "
        )
    table = cells.name if block == 1 else say("audit.place.block", table=cells.name, number=block)
    return Row(
        cells.line(number),
        table,
        cells.account,
        **texts,
        quantity=figures["quantity"],
        price=figures["price"],
        value=figures["value"],
        position=number,
        unread=unread,
        is_subtotal=is_sub,
    )


def _dashes(cells: Cells, number: int, heading: _Heading) -> Iterator[str]:
    """Measures that print a dash: not printed, which is not the same as none."""
    for measure, column in heading.columns.items():
        if measure in _MEASURES and cells.text(number, column) in NOT_PRINTED - {""}:
            yield measure


def _figure(cells: Cells, number: int, measure: str, heading: _Heading, read: Read) -> Figure | None:
    if measure not in heading.columns:
        return None
    column = heading.columns[measure]
    place = cells.place(number, column, measure)
    read.located[place] = (cells, number, column)
    raw = cells.rows[number][column] if column < len(cells.rows[number]) else None  # a merged figure is counted once
    if isinstance(raw, str) and is_all(raw.strip()) and (number, column) in cells.covered:
        return None  # the word of a total that is merged across its row
    percent = isinstance(raw, str) and re.fullmatch(r"\s*([+-]?[\d.,]+)\s*[%％]\s*", raw)
    try:
        printed = _printed(percent[1] if percent else raw, cells.has_decimal_commas)
    except FigureError as error:
        read.unreadable.append(
            problem("audit.A01.figure", word(measure), place=place, found=str(raw), said=error.message)
        )
        return None
    if printed is None:
        return None
    if printed.reading:
        read.readings.append(
            say("audit.read.figure", place=place, raw=raw, figure=printed.text, reading=printed.reading)
        )
    unit_column = heading.columns.get(_MEASURES[measure])
    text = cells.text(number, unit_column) if unit_column is not None else ""
    return Figure(printed, read_unit(text or ("%" if percent else heading.units.get(measure, ""))), place)


def _printed(raw: Any, has_decimal_commas: bool) -> Printed | None:
    """A cell as a figure: text has its digits, a number of a workbook has those that it needs."""
    if raw is None or isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return read_figure(str(raw))
    if isinstance(raw, float):
        return stored_figure(raw)
    text = str(raw)
    return read_figure(
        text.replace(".", "").replace(",", ".")
        if has_decimal_commas and re.fullmatch(r"\s*-?[\d.]+,\d+\s*", text)
        else text
    )


# accounts of our own --------------------------------------------------------------------------------------------------


def _own_columns(cells: Cells) -> Mapping[str, int]:
    """The columns of an account of ours, by name; empty where this is none."""
    if not cells.rows:
        return {}
    columns = {cells.text(0, column): column for column in range(len(cells.rows[0]))}
    return columns if all(name in columns for name in _OF_AN_ACCOUNT) else {}


def _own_rows(cells: Cells, columns: Mapping[str, int]) -> Iterator[Row]:
    """Rows of an account of ours: quantity, price and value of one thing are put together again."""

    def text(number: int, name: str) -> str:
        found = cells.text(number, columns[name]) if name in columns else ""
        return "" if found == "_none" else found

    keys = ("area_code", "year", "ecosystem_type", "land_class", "category", "service", "component")
    groups: dict[tuple[str, ...], dict[str, int]] = {}
    for number in range(1, len(cells.rows)):
        if text(number, "counted") != "0" and text(number, "value"):
            key = tuple(text(number, name) for name in keys)
            groups.setdefault(key, {})[text(number, "measure")] = number
    for key, lines in groups.items():
        zone, year, ecosystem, land_class, category, service, component = key
        measures: dict[str, Figure] = {}
        for measure, number in lines.items():
            printed = stored_figure(float(text(number, "value")))
            name = "quantity" if measure == "area" else measure
            measures[name] = Figure(
                printed, _own_unit(text(number, "unit")), cells.place(number, columns["value"], "value")
            )
        first = min(lines.values())
        indicator = "extent" if "area" in lines else component
        whole = joined([_named(part) for part in (ecosystem, land_class) if part], "/")
        yield Row(
            cells.line(first),
            cells.name,
            cells.account,
            subregion=zone,
            year=year,
            ecosystem=whole,
            category=category,
            service=_named(service),
            indicator=_named(indicator),
            quantity=measures.get("quantity"),
            price=measures.get("price"),
            value=measures.get("value"),
            position=first,
        )


def _named(identifier: str) -> Text:
    """An id of an account of ours, which reads as its name in Chinese."""
    return Text(identifier, label(identifier, "zh"))


def _own_unit(text: str) -> Any:
    """A UCUM-like unit of ours as a table prints it: t{CO2} is t CO2."""
    return read_unit(re.sub(r"\{([^}]*)\}", r" \1", text))


def unreadable_error(read: Read, path: Path) -> InputError:
    """Nothing could be read: say what was found."""
    lines = [say("audit.read.no_account", path=path), *(skipped.said() for skipped in read.skipped)]
    return InputError(joined(lines, "\n  "), read.unreadable)
