"""Statistical tables: long CSV or XLSX with zone, item, measure, value, unit, year, price_year, source."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gep.account import CITY
from gep.data import data_folder, read_csv
from gep.errors import InputError, Problem, UnitError, did_you_mean
from gep.services import SERVICES
from gep.units import TAGS, linear

COLUMNS = ("zone", "item", "measure", "value", "unit", "year", "price_year", "source")
NEEDED = ("zone", "item", "measure", "value", "unit")
MEASURES = ("quantity", "price", "value")


@dataclass(frozen=True)
class Statistic:
    """One figure of a table: of a zone (or `_city`), of an item, as reported."""

    zone: str
    item: str
    measure: str
    value: float | None
    unit: str
    year: int | None
    price_year: int | None
    source: str
    place: str

    @property
    def service(self) -> str:
        """The service of a product: `crop_products` of `crop_products/wheat`."""
        return self.item.partition("/")[0]

    @property
    def product(self) -> str:
        return self.item.partition("/")[2]


@cache
def item_units() -> Mapping[str, str]:
    """The unit of every item that is not a product."""
    return {row["item"]: row["unit"] for _, row in read_csv(data_folder() / "items.csv")}


def product_services() -> list[str]:
    """The services whose figures come from tables."""
    return [service.id for service in SERVICES.values() if service.products]


def read_rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of a CSV or of the first sheet of an XLSX, as (place, cells by heading)."""
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        from openpyxl.reader.excel import load_workbook

        book = load_workbook(path, read_only=True, data_only=True)  # type: ignore[no-untyped-call]
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(values_only=True)
        heading = [str(cell).strip() if cell is not None else "" for cell in next(rows, ())]
        for number, cells in enumerate(rows, start=2):
            if any(cell is not None for cell in cells):
                text = {name: _cell(cell) for name, cell in zip(heading, cells, strict=False)}
                yield f"{path.name}, sheet {sheet.title}, row {number}", text
    else:
        for line, cells in read_csv(path):
            yield f"{path.name}, line {line}", cells


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def read_tables(sources: Mapping[str, Any], zones: Mapping[str, str], year: int) -> tuple[list[Statistic], list[Problem]]:
    """All rows of all tables (paths or data frames), with every problem and its line. `zones` are names by code."""
    statistics: list[Statistic] = []
    problems: list[Problem] = []
    codes = {**{code: code for code in zones}, **{name: code for code, name in zones.items() if name}, CITY: CITY}
    first: dict[tuple[str, str, str], str] = {}
    for name, source in sources.items():
        try:
            rows = list(_open(source, name))
        except InputError as error:
            problems.extend(error.problems)
            continue
        missing = [column for column in NEEDED if rows and column not in rows[0][1]]
        if missing:
            there = ", ".join(rows[0][1])
            problems += [
                Problem(
                    "T02",
                    "error",
                    name,
                    f"The column `{column}` is missing. {did_you_mean(column, rows[0][1])}".rstrip(),
                    rows[0][0].split(",")[0],
                    there,
                    ", ".join(COLUMNS),
                )
                for column in missing
            ]
            continue
        for place, cells in rows:
            statistic, found = _read(cells, place, name, codes)
            if statistic:
                key = (statistic.zone, statistic.item, statistic.measure)
                if key in first:
                    found.append(
                        _error(
                            "T06",
                            name,
                            place,
                            f"{statistic.zone} has {statistic.item} ({statistic.measure}) twice; first at {first[key]}.",
                            do="Keep one.",
                        )
                    )
                first.setdefault(key, place)
                if statistic.year not in (None, year):
                    message = f"{statistic.item} of {statistic.zone} is of {statistic.year}; the account is of {year}."
                    problems.append(Problem("T01", "warning", name, message, place, str(statistic.year), str(year)))
                if not found:
                    statistics.append(statistic)
            problems.extend(found)
    return statistics, problems


def _open(source: Any, name: str) -> Iterable[tuple[str, dict[str, str]]]:
    if not isinstance(source, str | Path):  # a data frame
        return [
            (f"{name}, row {index}", {str(k): _cell(None if v != v else v) for k, v in row.items()})
            for index, row in enumerate(source.to_dict("records"), 1)
        ]
    path = Path(source)
    if not path.is_file():
        raise InputError(
            "",
            [
                Problem(
                    "F01",
                    "error",
                    name,
                    "There is no such table.",
                    path.name,
                    do="Check the path under [tables]; it is relative to gep.toml.",
                )
            ],
        )
    try:
        return list(read_rows(path))
    except (OSError, ValueError, KeyError, UnicodeDecodeError) as error:
        raise InputError(
            "", [Problem("F01", "error", name, f"The table cannot be read: {error}.", path.name, do="Save it as CSV (UTF-8) or XLSX.")]
        ) from error


def _error(code: str, name: str, place: str, message: str, *, found: str = "", allowed: str = "", do: str = "") -> Problem:
    return Problem(code, "error", name, message, place, found, allowed, do)


def _read(cells: Mapping[str, str], place: str, name: str, codes: Mapping[str, str]) -> tuple[Statistic | None, list[Problem]]:
    problems: list[Problem] = []
    numbers: dict[str, float | None] = {}
    for column in ("value", "year", "price_year"):
        text = cells.get(column, "")
        try:
            numbers[column] = float(text) if text else None
            if numbers[column] is not None and not math.isfinite(numbers[column] or 0.0):
                raise ValueError
        except ValueError:
            problems.append(
                _error(
                    "T03",
                    name,
                    place,
                    f"`{column}` is not a number.",
                    found=text,
                    allowed="a plain number without separators; leave the cell empty if there is none",
                )
            )
    zone, item, measure = cells.get("zone", ""), cells.get("item", ""), cells.get("measure", "")
    if zone not in codes:
        problems.append(
            _error(
                "T04",
                name,
                place,
                f"There is no zone `{zone}`. {did_you_mean(zone, codes)}".rstrip(),
                allowed="a code of the zone file, or _city",
            )
        )
    if measure not in MEASURES:
        problems.append(
            _error(
                "T05",
                name,
                place,
                f"There is no measure `{measure}`. {did_you_mean(measure, MEASURES)}".rstrip(),
                allowed=", ".join(MEASURES),
            )
        )
    problems += _check_item(item, measure, cells.get("unit", ""), name, place)
    if problems:
        return None, problems
    year, price_year = numbers.get("year"), numbers.get("price_year")
    statistic = Statistic(
        codes[zone],
        item,
        measure,
        numbers["value"],
        cells.get("unit", ""),
        int(year) if year is not None else None,
        int(price_year) if price_year is not None else None,
        cells.get("source", ""),
        place,
    )
    return statistic, []


def _check_item(item: str, measure: str, unit: str, name: str, place: str) -> list[Problem]:
    services = product_services()
    known = [*item_units(), *services]
    if item.partition("/")[0] not in known:
        hint = did_you_mean(item.partition("/")[0], known)
        return [
            _error(
                "T05",
                name,
                place,
                f"There is no item `{item}`. {hint}".rstrip(),
                allowed=", ".join([*item_units(), *(f"{s}/<product>" for s in services)]),
            )
        ]
    try:
        if item in item_units():
            in_unit(1.0, unit, item_units()[item])
        else:
            product_unit(item.partition("/")[0], measure, unit)
    except UnitError as error:
        return [_error(error.code, name, place, f"{item} ({measure}): {error.message}", found=unit or "(empty)")]
    return []


def in_unit(value: float, unit: str, wanted: str) -> float:
    """A reported figure in the unit of its item. `/year` may be left out (a statistic is of its year), and the substance, which the item names."""
    attempts = [unit, f"({unit})/year"]
    attempts += [f"({unit})*{tag}/year" for tag in TAGS if tag in wanted.replace("*", " ").replace("/", " ").split()]
    failure: UnitError | None = None
    for attempt in attempts:
        try:
            scale, offset = linear(attempt, wanted)
        except UnitError as error:
            failure = failure or error
        else:
            return value * scale + offset
    assert failure is not None
    raise failure


def product_unit(service: str, measure: str, unit: str) -> str:
    """The declared unit in which a product's quantity, price or value is taken, found by its dimension."""
    kinds = SERVICES[service].products
    if measure == "value":
        in_unit(1.0, unit, "CNY/year")
        return "CNY/year"
    for kind in kinds:
        wanted = kind.unit if measure == "quantity" else kind.value.units[kind.value.arguments[1]]
        try:
            in_unit(1.0, unit, wanted) if measure == "quantity" else linear(unit, wanted)
        except UnitError as error:
            if error.code == "U01":
                raise
            continue
        return wanted
    wanted = ", ".join(kind.unit if measure == "quantity" else kind.value.units[kind.value.arguments[1]] for kind in kinds)
    linear(unit, unit)  # an unknown unit is reported as such
    raise UnitError(f"`{unit}` is not a unit of a product's {measure}; it is one of {wanted}.")


def item_by_zone(statistics: Sequence[Statistic], item: str) -> dict[str, float]:
    """An item's figures by zone, in the item's unit; zones without one are absent."""
    return {
        s.zone: in_unit(s.value, s.unit, item_units()[item])
        for s in statistics
        if s.item == item and s.measure == "quantity" and s.value is not None
    }
