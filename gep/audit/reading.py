"""Published accounts as files: the tidy format in CSV or a workbook, and accounts of our own. What cannot be read is said with its cell, never guessed.

The tidy format has one row per figure and these columns (in any order, English or Chinese): region, subregion, year, ecosystem_type, service_category,
service, indicator, quantity, quantity_unit, unit_price, price_unit, value, value_unit, source_table, note. `ALL` marks a total.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gep.audit.figures import ALL, Figure, Row, is_all, read_unit
from gep.errors import InputError, Problem, UsageError
from gep.printed import FigureError, Printed, read_figure, stored_figure

_TEXTS = ("region", "subregion", "year", "ecosystem", "category", "service", "indicator", "source", "note")
_MEASURES = {"quantity": "quantity_unit", "price": "price_unit", "value": "value_unit"}
_HEADINGS = {
    "region": ("region", "area", "地区", "区域", "行政区"),
    "subregion": ("subregion", "sub-region", "subarea", "county", "子区域", "分区", "县区", "区县", "旗县"),
    "year": ("year", "年份", "年度", "核算年份", "年"),
    "ecosystem": ("ecosystem_type", "ecosystem type", "ecosystem", "land type", "生态系统类型", "生态系统", "地类"),
    "category": ("service_category", "service category", "category", "服务类别", "一级指标", "类别", "指标类别"),
    "service": ("service", "ecosystem service", "服务", "生态系统服务", "服务功能", "二级指标", "服务类型"),
    "indicator": ("indicator", "指标", "核算指标", "三级指标", "核算科目"),
    "quantity": ("quantity", "physical quantity", "实物量", "功能量", "数量"),
    "quantity_unit": ("quantity_unit", "quantity unit", "实物量单位", "功能量单位", "数量单位"),
    "price": ("unit_price", "unit price", "price", "单价", "价格"),
    "price_unit": ("price_unit", "price unit", "单价单位", "价格单位"),
    "value": ("value", "monetary value", "价值", "价值量", "金额"),
    "value_unit": ("value_unit", "value unit", "价值单位", "价值量单位"),
    "source": ("source_table", "source table", "source", "table", "来源", "来源表", "出处"),
    "note": ("note", "notes", "remark", "备注", "说明", "注"),
}
_FIELD_OF = {name: field for field, names in _HEADINGS.items() for name in names}
_OF_AN_ACCOUNT = ("area_code", "ecosystem_type", "service", "component", "measure", "value", "unit")
"""Columns by which an account of our own is known."""
_COLUMNS_OF_THE_FORMAT = 12
"""A table with fewer of the format's columns is a table of a report, where blank cells repeat what stands above."""
_LINES_ABOVE_A_HEADING = 20


@dataclass
class Read:
    """What was read: rows, how it was read where that is not plain, what could not be read, and files that are no accounts."""

    rows: list[Row] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)

    def skip(self, name: str, reason: str) -> None:
        """Leave a file or a sheet out, and say so."""
        self.skipped.append({"file": name, "reason": reason})


def read_accounts(path: Path) -> Read:
    """The rows of a file, or of every table of a folder."""
    if not path.exists():
        raise UsageError(f"There is no file or folder {path}.")
    read = Read()
    if path.is_dir():
        files = sorted(
            file for file in path.rglob("*") if file.is_file() and not any(p.startswith(".") for p in file.relative_to(path).parts)
        )
        for file in files:
            _read_file(file, str(file.relative_to(path)), read)
    else:
        _read_file(path, path.name, read)
    return read


def _read_file(file: Path, name: str, read: Read) -> None:
    kind = file.suffix.lower()
    if kind in (".csv", ".tsv", ".txt"):
        _read_text(file, name, read)
    elif kind in (".xlsx", ".xlsm"):
        _read_workbook(file, name, read)
    else:
        read.skip(name, "neither CSV nor a workbook")


# grids of cells ----------------------------------------------------------------------------------------------------------------------


@dataclass
class _Cells:
    """A table of texts with the names of its cells. Numbers that a workbook stores in binary are kept as such."""

    name: str
    rows: list[list[Any]]
    is_workbook: bool
    covered: Mapping[tuple[int, int], Any] = field(default_factory=dict)
    """What a merged cell shows in the cells that it covers."""

    @property
    def account(self) -> str:
        """What belongs together: the tables of a folder, the sheets of a workbook."""
        return self.name.partition(", sheet ")[0] if self.is_workbook else str(Path(self.name).parent)

    def text(self, row: int, column: int) -> str:
        value = self.raw(row, column)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value).strip()

    def raw(self, row: int, column: int) -> Any:
        cells = self.rows[row]
        value = cells[column] if column < len(cells) else None
        return self.covered.get((row, column)) if value in (None, "") else value

    def place(self, row: int, column: int, name: str) -> str:
        if not self.is_workbook:
            return f"{self.name}, line {row + 1}, {name}"
        from openpyxl.utils import get_column_letter

        return f"{self.name}, cell {get_column_letter(column + 1)}{row + 1}"


def _read_text(file: Path, name: str, read: Read) -> None:
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            read.skip(name, "not text in UTF-8 or GBK")
            return
        read.readings.append(f"{name}: read as GBK (GB 18030), since it is not UTF-8.")
    first = text.splitlines()[0] if text.splitlines() else ""
    delimiter = max(",\t;", key=first.count) if first else ","
    if delimiter != ",":
        read.readings.append(f"{name}: columns are parted by {'tabs' if delimiter == chr(9) else 'semicolons'}.")
    try:
        rows: list[list[Any]] = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        read.skip(name, f"not a table: {error}")
        return
    _read_cells(_Cells(name, rows, False), read)


def _read_workbook(file: Path, name: str, read: Read) -> None:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        read.skip(name, f"not a workbook that can be read: {error}")
        return
    for sheet in book.worksheets:
        rows = [[_shown(cell.value, str(cell.number_format)) for cell in row] for row in sheet.iter_rows()]
        covered = {
            (row - 1, column - 1): sheet.cell(merged.min_row, merged.min_col).value
            for merged in sheet.merged_cells.ranges
            for row in range(merged.min_row, merged.max_row + 1)
            for column in range(merged.min_col, merged.max_col + 1)
        }
        _read_cells(_Cells(f"{name}, sheet {sheet.title}", rows, True, covered), read)


def _shown(value: Any, number_format: str) -> Any:
    """A number with the zeros that its format shows behind it: 3.5 as 3.50. Digits that a format hides stay."""
    decimals = re.search(r"0\.(0+)", number_format)
    if decimals is None or isinstance(value, bool) or not isinstance(value, int | float) or "%" in number_format:
        return value
    text = f"{value:.{len(decimals[1])}f}"
    return text if float(text) == value else value


# headings ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Heading:
    """Which column is which, and the units that stand in headings."""

    first_row: int
    columns: Mapping[str, int]
    units: Mapping[str, str]


def _read_cells(cells: _Cells, read: Read) -> None:
    own = _own_columns(cells)
    if own:
        read.rows.extend(_own_rows(cells, own))
        return
    heading = _find_heading(cells, read)
    if heading is None:
        read.skip(
            cells.name,
            "its headings are not those of the tidy format (needed: service or ecosystem_type, and quantity, unit_price or value)",
        )
        return
    if cells.covered:
        read.readings.append(f"{cells.name}: what a merged cell shows is taken for every cell that it covers.")
    rows = [row for number in range(heading.first_row, len(cells.rows)) if (row := _row(cells, number, heading, read))]
    rows = _filled_down(cells.name, rows, read)
    is_report = len(heading.columns) < _COLUMNS_OF_THE_FORMAT
    read.rows.extend(_with_categories(cells.name, rows, read) if is_report else rows)


def _filled_down(name: str, rows: list[Row], read: Read) -> list[Row]:
    """Rows with a region or a year that is written once, in the first row, and stands for all."""
    for column in ("region", "year"):
        written = {getattr(row, column) for row in rows}
        if (
            rows
            and len(written) == 2
            and "" in written
            and getattr(rows[0], column)
            and sum(bool(getattr(row, column)) for row in rows) == 1
        ):
            rows = [replace(row, **{column: getattr(rows[0], column)}) for row in rows]
            read.readings.append(f"{name}: the {column} {getattr(rows[0], column)} is written once and taken for every row.")
    return rows


def _find_heading(cells: _Cells, read: Read) -> _Heading | None:
    """The first row whose cells are headings of the format; a second row of units below it belongs to it."""
    for number in range(min(len(cells.rows), _LINES_ABOVE_A_HEADING)):
        columns, units, told = _headings_of(cells, number)
        if "service" not in columns and "indicator" in columns:
            columns["service"] = columns.pop("indicator")
        if not ({"service", "ecosystem"} & set(columns) and {"quantity", "price", "value"} & set(columns)):
            continue
        if number:
            read.readings.append(f"{cells.name}: the headings are in row {number + 1}.")
        first = number + 1
        if first < len(cells.rows) and _is_row_of_units(cells, first, columns):
            for measure in _MEASURES:
                if measure in columns and cells.text(first, columns[measure]):
                    units[measure] = cells.text(first, columns[measure]).strip("()（）[] ")
                    told.append(f"{cells.name}: the unit of {measure} is read from the row below the heading: {units[measure]}.")
            first += 1
        read.readings.extend(told)
        return _Heading(first, columns, units)
    return None


def _headings_of(cells: _Cells, number: int) -> tuple[dict[str, int], dict[str, str], list[str]]:
    columns: dict[str, int] = {}
    units: dict[str, str] = {}
    told = []
    for column in range(max(len(cells.rows[number]), 1)):
        text = unicodedata.normalize("NFKC", cells.text(number, column)).strip()
        name, unit = _heading_and_unit(text)
        known = _FIELD_OF.get(text.lower().strip("*")) or _FIELD_OF.get(name.lower())
        if known == "quantity_unit" or not known:
            known = known or ("quantity_unit" if text in ("单位", "unit") and "quantity_unit" not in columns else "")
        if not known or known in columns:
            continue
        columns[known] = column
        if unit and known in _MEASURES:
            units[known] = unit
            told.append(f"{cells.name}: the unit of {known} is read from its heading: {unit}.")
    return columns, units, told


def _heading_and_unit(text: str) -> tuple[str, str]:
    """`价值量(亿元)` and `value / 1e8 CNY` are a heading and a unit."""
    match = re.fullmatch(r"(.+?)\s*[(\[](.+)[)\]]", text) or re.fullmatch(r"(.+?)\s*[/,:]\s*(.+)", text)
    return (match[1].strip(), match[2].strip()) if match else (text, "")


def _is_row_of_units(cells: _Cells, number: int, columns: Mapping[str, int]) -> bool:
    texts = [cells.text(number, column) for measure, column in columns.items() if measure in _MEASURES]
    filled = [text for text in texts if text]
    others = [
        cells.text(number, column) for name, column in columns.items() if name not in _MEASURES and (number, column) not in cells.covered
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
    """A table of a report writes a category once, above its services, and a grand total in the first column."""
    result: list[Row] = []
    category, is_filled = "", False
    for row in rows:
        if row.category == ALL and not row.service:
            row = replace(row, service=ALL)
        elif not row.category and row.service and category:
            row, is_filled = replace(row, category=category), True
        category = row.category if row.category != ALL else ""
        result.append(row)
    if is_filled:
        read.readings.append(f"{name}: a service without a category is taken to belong to the one above.")
    return result


# rows --------------------------------------------------------------------------------------------------------------------------------


def _row(cells: _Cells, number: int, heading: _Heading, read: Read) -> Row | None:
    texts = {name: cells.text(number, heading.columns[name]) if name in heading.columns else "" for name in _TEXTS}
    figures = {measure: _figure(cells, number, measure, heading, read) for measure in _MEASURES}
    if not any(figures.values()):
        return None
    for name in ("ecosystem", "category", "service"):
        texts[name] = ALL if is_all(texts[name]) else texts[name]
    place = f"{cells.name}, {'row' if cells.is_workbook else 'line'} {number + 1}"
    return Row(place, cells.name, cells.account, **texts, **figures, position=number)  # type: ignore[arg-type]


def _figure(cells: _Cells, number: int, measure: str, heading: _Heading, read: Read) -> Figure | None:
    if measure not in heading.columns:
        return None
    column = heading.columns[measure]
    place = cells.place(number, column, measure)
    raw = cells.raw(number, column)
    if isinstance(raw, str) and (number, column) in cells.covered and is_all(raw.strip()):
        return None  # the word of a total that is merged across its row
    if isinstance(raw, str) and raw.startswith("="):
        read.unreadable.append(Problem("A01", "warning", measure, "A formula without a stored result.", place, raw, "a number"))
        return None
    try:
        printed = _printed(raw)
    except FigureError as error:
        read.unreadable.append(
            Problem("A01", "warning", measure, str(error), place, str(raw), "a figure like 1234.5", "Write the figure without other signs.")
        )
        return None
    if printed is None:
        return None
    if printed.reading:
        read.readings.append(f"{place}: `{raw}` read as {printed.text} ({printed.reading}).")
    unit_column = heading.columns.get(_MEASURES[measure])
    text = cells.text(number, unit_column) if unit_column is not None else ""
    unit = read_unit(text or heading.units.get(measure, ""))
    return Figure(printed, unit, place)


def _printed(raw: Any) -> Printed | None:
    """A cell as a figure: text has its digits, a number of a workbook has those that it needs."""
    if raw is None or isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return read_figure(str(raw))
    if isinstance(raw, float):
        return stored_figure(raw)
    return read_figure(str(raw))


# accounts of our own -----------------------------------------------------------------------------------------------------------------


def _own_columns(cells: _Cells) -> Mapping[str, int]:
    """The columns of an account of ours, by name; empty where this is none."""
    if not cells.rows:
        return {}
    columns = {cells.text(0, column): column for column in range(len(cells.rows[0]))}
    return columns if all(name in columns for name in _OF_AN_ACCOUNT) else {}


def _own_rows(cells: _Cells, columns: Mapping[str, int]) -> Iterator[Row]:
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
            measures[name] = Figure(printed, _own_unit(text(number, "unit")), cells.place(number, columns["value"], "value"))
        first = min(lines.values())
        indicator = "extent" if "area" in lines else component
        whole = "/".join(part for part in (ecosystem, land_class) if part)
        yield Row(
            f"{cells.name}, line {first + 1}",
            cells.name,
            cells.account,
            subregion=zone,
            year=year,
            ecosystem=whole,
            category=category,
            service=service,
            indicator=indicator,
            quantity=measures.get("quantity"),
            price=measures.get("price"),
            value=measures.get("value"),
            position=first,
        )


def _own_unit(text: str) -> Any:
    """A UCUM-like unit of ours as a table prints it: t{CO2} is t CO2."""
    return read_unit(re.sub(r"\{([^}]*)\}", r" \1", text))


def places(figures: Iterable[Figure]) -> Sequence[str]:
    """The cells that figures stand in, once each."""
    return tuple(dict.fromkeys(figure.place for figure in figures))


def unreadable_error(read: Read, path: Path) -> InputError:
    """Nothing could be read: say what was found."""
    listed = "\n".join(f"  {entry['file']}: {entry['reason']}" for entry in read.skipped)
    return InputError(f"{path} holds no account in a format that is known.\n{listed}".rstrip(), read.unreadable)
