"""Statistical tables: long CSV or XLSX with zone, item, measure, value, unit, year, price_year, source."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from gep.core.catalog import service_ids
from gep.core.data import MORE_CELLS, read_csv
from gep.core.errors import InputError, Problem, UnitError, did_you_mean
from gep.core.keys import CITY
from gep.inputs.grids.patches import PATCH
from gep.inputs.items import (
    COSTS,
    EXTERNAL,
    extents_of_items,
    in_unit,
    item_measures,
    item_ranges,
    item_unit,
    item_units,
    product_services,
    product_unit,
    product_units,
)

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


def read_rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of a CSV or of the first sheet of an XLSX, as (place, cells by heading)."""
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        from openpyxl.reader.excel import load_workbook

        book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(values_only=True)
        heading = [str(cell).strip() if cell is not None else "" for cell in next(rows, ())]
        for number, row in enumerate(rows, start=2):
            if any(cell is not None for cell in row):
                yield (
                    f"{path.name}, sheet {sheet.title}, row {number}",
                    {name: _cell(cell) for name, cell in zip(heading, row, strict=False)},
                )
    else:
        for line, cells in read_csv(path):
            yield f"{path.name}, line {line}", cells


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def read_tables(
    sources: Mapping[str, Any], zones: Mapping[str, str] | None, year: int
) -> tuple[list[Statistic], list[Problem]]:
    """All rows of all tables (paths or data frames), with every problem and its line. `zones` are names by code; None:
    not known.
    """
    statistics: list[Statistic] = []
    problems: list[Problem] = []
    codes = _zone_codes(zones) if zones is not None else None
    first: dict[tuple[str, str, str], str] = {}
    for name, source in sources.items():
        try:
            rows = list(_open(source, name))
        except InputError as error:
            problems.extend(error.problems)
            continue
        if not rows:
            problems.append(
                Problem(
                    "T09",
                    "warning",
                    name,
                    "The table has no rows.",
                    _file_name(source, name),
                    do="Remove it, or fill it in.",
                )
            )
            continue
        there = [column for column in rows[0][1] if column and column != MORE_CELLS]
        if missing := [column for column in NEEDED if column not in there]:
            hints = " ".join(filter(None, (did_you_mean(column, set(there) - set(COLUMNS)) for column in missing)))
            s = "s" if len(missing) > 1 else ""
            message = (
                f"The table lacks the column{s} {', '.join(f'`{column}`' for column in missing)}. {hints}".rstrip()
            )
            problems.append(
                _error(
                    "T02",
                    name,
                    _file_name(source, name),
                    message,
                    found=", ".join(there) or "no headings",
                    allowed=", ".join(COLUMNS),
                )
            )
            continue
        others: dict[str, list[str]] = {}
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
                            f"{statistic.zone} has {statistic.item} ({statistic.measure}) twice; first at "
                            f"{first[key]}.",
                            do="Keep one.",
                        )
                    )
                first.setdefault(key, place)
                if statistic.year not in (None, year):
                    others.setdefault(str(statistic.year), []).append(place)
                if not found:
                    statistics.append(statistic)
            problems.extend(found)
        for other, places in others.items():
            s = "s are" if len(places) > 1 else " is"
            message = f"{len(places)} row{s} of {other}; the account is of {year}."
            problems.append(
                Problem("T01", "warning", name, message, places[0], other, str(year), share=len(places) / len(rows))
            )
    return statistics, [*problems, *_of_nothing(statistics)]


def _of_nothing(statistics: Iterable[Statistic]) -> list[Problem]:
    """Rows of a feature or a product that no other row names: a slip in the name would leave a cost or a price out
    without a word.
    """
    named: dict[str, set[str]] = {}
    for row in statistics:
        base, _, part = row.item.partition("/")
        if part:
            named.setdefault(base, set()).add(part.partition("/")[0])
    problems = []
    parts_of = {(row.zone, row.item.partition("/")[0]) for row in statistics if "/" in row.item}
    for row in statistics:
        base, _, part = row.item.partition("/")
        if not part and base in extents_of_items() and (row.zone, base) in parts_of:
            do = "Keep the parts, or their sum."
            problems.append(
                _error(
                    "T06",
                    row.item,
                    row.place,
                    f"{row.zone} has {base} as a whole and by parts: it would count twice.",
                    do=do,
                )
            )
        first, _, second = part.partition("/")
        extents = extents_of_items().get(base, frozenset())
        if base in COSTS and second and second not in (known := named.get(first, set())):
            said, allowed = (
                f"{first} has no product `{second}` in the tables: the cost would be taken off nothing.",
                known,
            )
        elif part and extents and base not in extents and not first.startswith(PATCH):
            known = {name for extent in extents for name in named.get(extent, ())}
            if first in known:
                continue
            said, allowed = (
                f"No row of {' or '.join(sorted(extents))} names `{first}`: this row would have no effect.",
                known,
            )
        else:
            continue
        do = "Correct the name, or remove the row."
        problems.append(
            _error("T14", row.item, row.place, f"{said} {did_you_mean(second or first, allowed)}".rstrip(), do=do)
        )
    return problems


def _out_of_range(item: str, value: float | None, unit: str, name: str, place: str) -> list[Problem]:
    """An error where a figure cannot be: 380 cooling days."""
    if not item_unit(item) or value is None:
        return []
    low, high = item_ranges()[item.partition("/")[0]]
    amount = in_unit(value, unit, item_unit(item))
    if low <= amount <= high:
        return []
    allowed = f"{low:g} to {high:g} {item_unit(item)}"
    return [
        _error(
            "R01",
            name,
            place,
            f"{item} cannot be this.",
            found=f"{value:g} {unit}",
            allowed=allowed,
            do="Correct the figure or its unit.",
        )
    ]


def _zone_codes(zones: Mapping[str, str]) -> dict[str, str]:
    """What may stand in the column `zone`: a code, `_city`, or a name that only one zone has."""
    times = Counter(zones.values())
    own_names = {name: code for code, name in zones.items() if name and times[name] == 1}
    return {**own_names, **{code: code for code in zones}, CITY: CITY}


def _open(source: Any, name: str) -> Iterable[tuple[str, dict[str, str]]]:
    if not isinstance(source, str | Path):  # a data frame
        return [
            (f"{name}, row {index}", {str(k): _cell(None if v != v else v) for k, v in row.items()})
            for index, row in enumerate(source.to_dict("records"), 1)
        ]
    path = Path(source)
    do = "Check the path under [tables]; it is relative to gep.toml."
    if path.is_dir():
        raise _unreadable(name, path, "This is a folder; a table is a file.", do)
    if not path.is_file():
        raise _unreadable(name, path, "There is no such table.", do)
    if path.suffix.lower() == ".xls":
        raise _unreadable(name, path, "Workbooks of the old kind (.xls) are not read.", "Save it as XLSX or CSV.")
    try:
        return list(read_rows(path))
    except InputError as error:
        raise InputError(error.message, [replace(problem, subject=name) for problem in error.problems]) from error
    except (OSError, ValueError, KeyError, SyntaxError, BadZipFile) as error:
        raise _unreadable(
            name, path, f"The table cannot be read: {error}.", "Save it as CSV (UTF-8) or XLSX."
        ) from error


def _unreadable(name: str, path: Path, message: str, do: str) -> InputError:
    return InputError(f"The table {name} cannot be read.", [_error("F01", name, path.name, message, do=do)])


def _file_name(source: Any, name: str) -> str:
    return Path(source).name if isinstance(source, str | Path) else name


def _error(
    code: str, name: str, place: str, message: str, *, found: str = "", allowed: str = "", do: str = ""
) -> Problem:
    return Problem(code, "error", name, message, place, found, allowed, do)


def _read(
    cells: Mapping[str, str], place: str, name: str, codes: Mapping[str, str] | None
) -> tuple[Statistic | None, list[Problem]]:
    problems: list[Problem] = []
    if more := cells.get(MORE_CELLS):
        do = "Write numbers without separators, and put a text that has a comma in quotes."
        return None, [_error("T02", name, place, "The line has more cells than the heading.", found=more, do=do)]
    numbers: dict[str, float | None] = {}
    for column in ("value", "year", "price_year"):
        try:
            numbers[column] = _number(cells.get(column, ""), is_whole=column != "value")
        except ValueError:
            problems.append(_not_a_number(column, cells[column], name, place))
    if (value := numbers.get("value")) is not None and value < 0:
        message = "A quantity, price or value cannot be negative."
        problems.append(
            _error("T10", name, place, message, found=cells["value"], do="Leave the cell empty if there is no figure.")
        )
    zone, item, measure = cells.get("zone", ""), cells.get("item", ""), cells.get("measure", "")
    if codes is not None and zone not in codes:
        message = (
            f"There is no zone `{zone}`. {did_you_mean(zone, codes)}".rstrip() if zone else "The zone is not given."
        )
        problems.append(_error("T04", name, place, message, allowed="a code of the zone file, or _city"))
    if measure not in MEASURES:
        message = (
            f"There is no measure `{measure}`. {did_you_mean(measure, MEASURES)}".rstrip()
            if measure
            else "The measure is not given."
        )
        problems.append(_error("T05", name, place, message, allowed=", ".join(MEASURES)))
    else:
        problems += _check_item(item, measure, cells.get("unit", ""), name, place)
    if not problems:
        problems += _out_of_range(item, value, cells.get("unit", ""), name, place)
    if problems:
        return None, problems
    year, price_year = numbers.get("year"), numbers.get("price_year")
    statistic = Statistic(
        codes[zone] if codes is not None else zone,
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


_SEPARATORS = re.compile(r"[,，'’_\s]")


def _number(text: str, *, is_whole: bool) -> float | None:
    """A plain number, None for an empty cell. Raises ValueError for all else: 1,000 and 1_000 too."""
    if not text:
        return None
    if _SEPARATORS.search(text):
        raise ValueError(text)
    number = float(text)
    if not math.isfinite(number) or (is_whole and not number.is_integer()):
        raise ValueError(text)
    return number


def _not_a_number(column: str, text: str, name: str, place: str) -> Problem:
    if column != "value":
        return _error("T03", name, place, f"`{column}` is not a year.", found=text, allowed="like 2020, or nothing")
    plain = _SEPARATORS.sub("", text)
    if plain != text and re.fullmatch(r"-?\d+(\.\d+)?", plain):
        return _error(
            "T03", name, place, "`value` has separators in it.", found=text, do=f"Write {plain}, without separators."
        )
    do = "Leave the cell empty if there is no figure; units go into the column `unit`."
    return _error(
        "T03", name, place, "`value` is not a number.", found=text, allowed="a plain number, like 1234.5", do=do
    )


def _check_item(item: str, measure: str, unit: str, name: str, place: str) -> list[Problem]:
    services, base = product_services(), item.partition("/")[0]
    if base in COSTS and (part := item.partition("/")[2]).partition("/")[0] not in services:
        do = f"Write `{base}/<service>` or `{base}/<service>/<product>`; services: {', '.join(services)}."
        return [
            _error(
                "T05",
                name,
                place,
                f"`{part}` is no service with products." if part else "Of which service?",
                found=item,
                do=do,
            )
        ]
    if base == EXTERNAL and (part := item.partition("/")[2]) not in service_ids():
        hint = did_you_mean(part, service_ids())
        return [
            _error(
                "T05",
                name,
                place,
                f"`{part}` is no service. {hint}".rstrip(),
                found=item,
                do=f"Write `{EXTERNAL}/<service>`.",
            )
        ]
    if base not in services and not item_unit(item):
        known = [*services, *item_units()]
        message = f"There is no item `{item}`." if item else "The item is not given."
        if base in item_units():
            return [_error("T05", name, place, message, do=f"Write `{base}`: it has no parts.")]
        hint = did_you_mean(base, known)
        allowed = "" if hint else ", ".join([*item_units(), *(f"{s}/<product>" for s in services)])
        return [_error("T05", name, place, f"{message} {hint}".rstrip(), allowed=allowed)]
    if item_unit(item) and measure not in (measures := item_measures(item)):
        return [
            _error(
                "T05",
                name,
                place,
                f"{item} is a {measures[0]}.",
                found=measure,
                do=f"Write `{measures[0]}` as its measure.",
            )
        ]
    try:
        if not unit:
            raise UnitError("the unit is missing.", code="U01")
        if item_unit(item):
            in_unit(1.0, unit, item_unit(item))
        else:
            product_unit(base, measure, unit)
    except UnitError as error:
        wanted = [item_unit(item)] if item_unit(item) else product_units(base, measure)
        allowed = f"a unit like {', '.join(wanted[:-1])}{' or ' if wanted[1:] else ''}{wanted[-1]}"
        message = error.message if error.message[:1] == "`" else error.message[:1].lower() + error.message[1:]
        return [
            _error(
                error.code,
                name,
                place,
                f"{item} ({measure}): {message}",
                found=unit,
                allowed=allowed.replace("/year", ""),
            )
        ]
    return []


def item_by_zone(statistics: Sequence[Statistic], item: str) -> dict[str, float]:
    """An item's figures by zone, in the item's unit; zones without one are absent."""
    return {
        s.zone: in_unit(s.value, s.unit, item_units()[item])
        for s in statistics
        if s.item == item and s.measure in item_measures(item) and s.value is not None
    }
