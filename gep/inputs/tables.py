"""Statistics: what rows of tables say (zone, item, measure, value, unit, year, price year, source), and what is wrong
with them. How tables are read is a matter of `table_files`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gep.core.catalog import named, service_ids
from gep.core.data import MORE_CELLS, shown_heading
from gep.core.errors import InputError, Problem, UnitError, did_you_mean, problem
from gep.core.keys import CITY
from gep.core.messages import is_plain, joined, listed, say, visible
from gep.core.table_words import folded
from gep.inputs.grids.patches import PATCH
from gep.inputs.headings import Words, no_figure
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
    shown_measure,
)
from gep.inputs.names import (
    MEASURES,
    ZoneNames,
    Zones,
    implied_measure,
    like_items,
    measure_of,
    named_items,
    shown_item,
    shown_zone,
    unit_text,
)
from gep.inputs.parts import wholes_of
from gep.inputs.table_files import COLUMNS, NEEDED, TableFile, TableSource, file_name, table_rows


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
    def base(self) -> str:
        """What the item is, without the one it is of: `crop_products` of `crop_products/wheat`."""
        return self.item.partition("/")[0]

    @property
    def part(self) -> str:
        """The one that the item is of: `wheat` of `crop_products/wheat`, `crop_products/wheat` of a cost of it."""
        return self.item.partition("/")[2]

    @property
    def rounding(self) -> float:
        """The share by which the figure may be off for having been printed: half of its last digit. 0.5 t are 0.45 to
        0.55 t.
        """
        if not self.value:
            return 0.0
        digits = Decimal(repr(self.value)).normalize().as_tuple().exponent
        assert isinstance(digits, int)  # a figure is finite
        return 0.5 * 10.0 ** min(digits, 0) / abs(self.value)


def read_tables(
    sources: Mapping[str, TableSource], zones: ZoneNames | None, year: int, area: Iterable[str] = ()
) -> tuple[list[Statistic], list[Problem]]:
    """All rows of all tables (paths or data frames), with every problem and its line. `zones` are names by code; None:
    not known. `area` is what the whole area is called.
    """
    statistics: list[Statistic] = []
    problems: list[Problem] = []
    known = Zones.of(zones, area) if zones is not None else None
    first: dict[tuple[str, str, str], str] = {}
    for name, source in sources.items():
        ignored = frozenset(map(folded, source.ignored)) if isinstance(source, TableFile) else frozenset()
        try:
            rows, told = table_rows(source, name, Words(known or Zones(), ignored))
        except InputError as error:
            problems.extend(error.problems)
            continue
        problems.extend(told)
        if not told and (wrong := _check_heading(rows, name, file_name(source, name))):
            problems.append(wrong)
            continue
        read = []
        for place, cells in rows:
            statistic, found = _read(cells, place, name, known)
            problems.extend(found)
            if statistic is not None:
                read.append(statistic)
        read, told = _of_the_year(read, name, year)
        problems.extend(told)
        for statistic in read:
            key = (statistic.zone, statistic.item, statistic.measure)
            if key in first:
                problems.append(_twice(statistic, name, first[key]))
            else:
                first[key] = statistic.place
                statistics.append(statistic)
        problems.extend(_of_other_years(read, name, year, len(rows)))
    return statistics, [*problems, *_of_nothing(statistics), *_counted_twice(statistics)]


def _check_heading(rows: Sequence[tuple[str, Mapping[str, str]]], name: str, place: str) -> Problem | None:
    """The problem of a table without rows, or without a column that it needs."""
    if not rows:
        return problem("inputs.T09.no_rows", name, place=place)
    there = [column for column in rows[0][1] if column and column != MORE_CELLS]
    missing = [column for column in NEEDED if column not in there]
    if not missing:
        return None
    others = [column for column in there if column not in COLUMNS]
    return problem(
        "inputs.T02.lacks_columns",
        name,
        place=place,
        found=listed(map(shown_heading, there)) if there else say("inputs.no_headings"),
        allowed=listed(COLUMNS),
        count=len(missing),
        columns=[f"`{column}`" for column in missing],
        hint=joined([near for column in missing if (near := did_you_mean(column, others))], " ", ""),
    )


def _shown(row: Statistic) -> dict[str, Any]:
    """What a row is of, as a message says it."""
    return {
        "zone": shown_zone(row.zone),
        "item": shown_item(row.item),
        "measure": shown_measure(row.measure),
    }


def _twice(row: Statistic, name: str, first: str) -> Problem:
    """The same figure for a second time."""
    return problem(
        "inputs.T06.twice",
        name,
        place=row.place,
        first=first,
        **_shown(row),
    )


def _of_the_year(read: Sequence[Statistic], name: str, year: int) -> tuple[list[Statistic], list[Problem]]:
    """The rows without those of other years where a table has several of one figure, and what is said of them."""
    groups: dict[tuple[str, str, str], list[Statistic]] = {}
    for row in read:
        groups.setdefault((row.zone, row.item, row.measure), []).append(row)
    kept: list[Statistic] = []
    others: dict[int, None] = {}
    problems = []
    for rows in groups.values():
        years = sorted({row.year for row in rows if row.year is not None})
        if len(years) < 2:
            kept += rows
            continue
        chosen = [row for row in rows if row.year in (None, year)]
        if not any(row.year == year for row in rows):
            problems.append(
                problem(
                    "inputs.T31.no_such_year",
                    name,
                    place=rows[0].place,
                    **_shown(rows[0]),
                    years=years,
                    year=year,
                )
            )
            continue
        kept += chosen
        others |= dict.fromkeys(years)
    if others:
        problems.append(
            problem(
                "inputs.T30.year_taken", name, place=read[0].place, years=sorted(others), year=year, allowed=str(year)
            )
        )
    order = {id(row): number for number, row in enumerate(read)}
    return sorted(kept, key=lambda row: order[id(row)]), problems


def _of_other_years(read: Iterable[Statistic], name: str, year: int, count: int) -> list[Problem]:
    """A problem for each other year that rows are of, among `count` of a table."""
    places: dict[int, list[str]] = {}
    for row in read:
        if row.year not in (None, year):
            places.setdefault(row.year, []).append(row.place)
    return [
        problem(
            "inputs.T01.rows",
            name,
            place=found[0],
            found=str(other),
            allowed=str(year),
            share=len(found) / count,
            count=len(found),
            time=other,
            year=year,
        )
        for other, found in places.items()
    ]


def _of_nothing(statistics: Iterable[Statistic]) -> list[Problem]:
    """Rows of a feature or a product that no other row names: a slip in the name would leave a cost or a price out
    without a word.
    """
    parts: dict[str, set[str]] = {}
    for row in statistics:
        if row.part:
            parts.setdefault(row.base, set()).add(row.part.partition("/")[0])
    problems = []
    parts_of = {(row.zone, row.base) for row in statistics if row.part}
    for row in statistics:
        base, part = row.base, row.part
        if not part and base in extents_of_items() and (row.zone, base) in parts_of:
            problems.append(_whole_and_parts(row, base))
        first, _, second = part.partition("/")
        extents = extents_of_items().get(base, frozenset())
        if base in COSTS and second and second not in (known := parts.get(first, set())):
            near = did_you_mean(second, known)
            problems.append(
                problem(
                    "inputs.T14.no_product",
                    shown_item(row.item),
                    place=row.place,
                    service=shown_item(first),
                    product=named(second),
                    hint=near,
                )
            )
        elif part and extents and base not in extents and not first.startswith(PATCH):
            known = {name for extent in extents for name in parts.get(extent, ())}
            if first in known:
                continue
            items = joined([shown_item(each) for each in sorted(extents)], " or ", "、")
            near = did_you_mean(second or first, known)
            problems.append(
                problem(
                    "inputs.T14.no_feature",
                    shown_item(row.item),
                    place=row.place,
                    items=items,
                    feature=first,
                    hint=near,
                )
            )
    return problems


def _whole_and_parts(row: Statistic, whole: str) -> Problem:
    """A row that gives a part of what another one gives as a whole, or the whole."""
    item, zone = shown_item(whole), shown_zone(row.zone)
    return problem("inputs.T06.whole_and_parts", shown_item(row.item), place=row.place, zone=zone, item=item)


def _counted_twice(statistics: Iterable[Statistic]) -> list[Problem]:
    """Rows that give one thing twice: a total beside its products, `_city` beside zones, one item by two measures."""
    amounts = [row for row in statistics if row.measure != "price" and row.value is not None]
    zones_of: dict[str, set[str]] = {}
    products_in: dict[str, set[str]] = {}
    for row in amounts:
        zones_of.setdefault(row.item, set()).add(row.zone)
        for whole in wholes_of(row.item):
            products_in.setdefault(whole, set()).add(row.zone)
    problems = []
    services = product_services()
    for row in amounts:
        places = products_in.get(row.item, set()) if row.base in services else set()
        if row.zone in places or (places and CITY in (row.zone, *places)):
            problems.append(_whole_and_parts(row, row.item))
        if row.zone == CITY and row.base in (*services, EXTERNAL) and zones_of[row.item] != {CITY}:
            problems.append(
                problem(
                    "inputs.D20.city_and_zones",
                    shown_item(row.item),
                    place=row.place,
                    item=shown_item(row.item),
                    city=shown_zone(CITY),
                )
            )
    first: dict[tuple[str, str], Statistic] = {}
    for row in statistics:
        if row.value is not None and item_unit(row.item):
            other = first.setdefault((row.zone, row.item), row)
            if other.measure != row.measure:
                problems.append(
                    problem(
                        "inputs.D21.two_measures",
                        shown_item(row.item),
                        place=row.place,
                        zone=shown_zone(row.zone),
                        item=shown_item(row.item),
                        measures=[shown_measure(other.measure), shown_measure(row.measure)],
                        first=other.place,
                    )
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
    found = f"{value:g} {unit}"
    needed = say("inputs.range", low=low, high=high, unit=item_unit(item))
    return [problem("inputs.R01.impossible", name, place=place, found=found, allowed=needed, item=shown_item(item))]


def _read(
    cells: Mapping[str, str], place: str, name: str, zones: Zones | None
) -> tuple[Statistic | None, list[Problem]]:
    """A row as a statistic, None where something is wrong with it."""
    problems: list[Problem] = []
    if more := cells.get(MORE_CELLS):
        return None, [problem("inputs.T02.more_cells", name, place=place, found=more)]
    sign = cells.get("value", "")
    missing = no_figure(sign)
    told = [problem(f"inputs.T33.{missing}", name, place=place, found=sign, sign=sign)] if missing else []
    numbers: dict[str, float | None] = {"value": None}
    for column in ("value", "year", "price_year"):
        if column == "value" and missing:
            continue
        try:
            numbers[column] = _number(cells.get(column, ""), is_whole=column != "value")
        except ValueError:
            problems.append(_not_a_number(column, cells[column], name, place))
    if (value := numbers.get("value")) is not None and value < 0:
        problems.append(problem("inputs.T10.negative", name, place=place, found=cells["value"]))
    zone, found = _zone(cells.get("zone", ""), zones, name, place)
    problems += found
    unit = unit_text(cells["unit"]) if cells.get("unit") else ""
    item, measure, found = _item(cells.get("item", ""), cells.get("measure", ""), unit, name, place)
    problems += found
    if not problems:
        problems += _out_of_range(item, value, unit, name, place)
    if problems:
        return None, [*problems, *told]
    year, price_year = numbers.get("year"), numbers.get("price_year")
    statistic = Statistic(
        zone,
        item,
        measure,
        numbers["value"],
        unit,
        int(year) if year is not None else None,
        int(price_year) if price_year is not None else None,
        cells.get("source", ""),
        place,
    )
    return statistic, told


def _zone(zone: str, zones: Zones | None, name: str, place: str) -> tuple[str, list[Problem]]:
    """The code of a zone, by its code or one of its names."""
    if zones is None:
        return zone, []
    codes = zones.named(zone) if zone else frozenset()
    if len(codes) == 1:
        return next(iter(codes)), []
    if not codes and zone and zones.is_whole(zone):
        return CITY, []
    needed = say("inputs.a_zone", city=shown_zone(CITY))
    if codes:
        several = problem("inputs.T04.several_zones", name, place=place, allowed=needed, zone=zone, codes=sorted(codes))
        return zone, [several]
    key = "inputs.T04.no_such_zone" if zone else "inputs.T04.no_zone"
    return zone, [problem(key, name, place=place, allowed=needed, zone=zone, hint=did_you_mean(zone, zones.codes))]


def _item(item: str, measure: str, unit: str, name: str, place: str) -> tuple[str, str, list[Problem]]:
    """Item and measure by their ids, whatever they are called, and what is wrong with them."""
    names = named_items(item)
    measure = measure_of(measure)
    if len(names) > 1:
        several = [shown_item(found.item) for found in names]
        return item, measure, [problem("inputs.T05.ambiguous", name, place=place, name=item, names=several)]
    said = ""
    if names:
        item, said = names[0]
    if said and measure and said != measure:
        return (
            item,
            measure,
            [
                problem(
                    "inputs.T05.other_measure",
                    name,
                    place=place,
                    found=shown_measure(measure),
                    item=shown_item(item),
                    measure=shown_measure(said),
                )
            ],
        )
    measure = measure or said or implied_measure(item, unit)
    if measure not in MEASURES:
        key = "inputs.T05.no_such_measure" if measure else "inputs.T05.no_measure"
        near = did_you_mean(measure, MEASURES)
        return (
            item,
            measure,
            [problem(key, name, place=place, allowed=listed(map(shown_measure, MEASURES)), measure=measure, hint=near)],
        )
    return item, measure, _check_item(item, measure, unit, name, place)


_SEPARATORS = re.compile(r"[,，'’_\s]")


def _number(text: str, *, is_whole: bool) -> float | None:
    """A plain number, None for an empty cell. Raises ValueError for all else: 1,000 and 1_000 too."""
    if not text:
        return None
    if _SEPARATORS.search(text):
        raise ValueError(text)
    number = float(text)
    if not text.isascii():  # float() takes digits of any script
        raise ValueError(text)
    if not math.isfinite(number) or (is_whole and not number.is_integer()):
        raise ValueError(text)
    return number


def _not_a_number(column: str, text: str, name: str, place: str) -> Problem:
    if column != "value":
        return problem("inputs.T03.no_year", name, place=place, found=text, column=column)
    text = unicodedata.normalize("NFKC", text)  # full-width digits and marks
    if re.fullmatch(r"-?\d+,\d+", text) and not re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", text):
        return problem("inputs.T03.decimal_comma", name, place=place, found=text, plain=text.replace(",", "."))
    if re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", text):  # a thousand, or a thousandth?
        return problem(
            "inputs.T03.comma", name, place=place, found=text, plain=text.replace(",", ""), other=text.replace(",", ".")
        )
    plain = _SEPARATORS.sub("", text)
    if plain != text and re.fullmatch(r"-?\d+(\.\d+)?", plain):
        return problem("inputs.T03.separators", name, place=place, found=text, plain=plain)
    return problem("inputs.T03.no_number", name, place=place, found=text)


def _check_item(item: str, measure: str, unit: str, name: str, place: str) -> list[Problem]:
    """What is wrong with an item: its name, its measure, its unit."""
    wrong = _check_name(item, name, place)
    if not wrong and item_unit(item) and measure not in (measures := item_measures(item)):
        wrong = problem(
            "inputs.T05.other_measure",
            name,
            place=place,
            found=shown_measure(measure),
            item=shown_item(item),
            measure=shown_measure(measures[0]),
        )
    wrong = wrong or _check_unit(item, measure, unit, name, place)
    return [wrong] if wrong else []


def _check_name(item: str, name: str, place: str) -> Problem | None:
    """The problem of an item that is none."""
    services = product_services()
    base, _, part = item.partition("/")
    if not all(map(is_plain, part.split("/"))):
        return problem("inputs.T05.no_plain_text", name, place=place, found=f"`{visible(item)}`")
    if base in COSTS and part.partition("/")[0] not in services:
        key = "inputs.T05.no_service_with_products" if part else "inputs.T05.of_no_service"
        return problem(
            key, name, place=place, found=item, item=shown_item(base), part=part, services=[*map(shown_item, services)]
        )
    if base == EXTERNAL and part not in service_ids():
        near = did_you_mean(part, service_ids())
        return problem(
            "inputs.T05.no_such_service", name, place=place, found=item, item=shown_item(base), part=part, hint=near
        )
    if base in services or item_unit(item):
        return None
    if base in item_units():
        return problem("inputs.T05.no_parts", name, place=place, item=shown_item(item), base=shown_item(base))
    near = did_you_mean(base, [*services, *item_units()]) if base.isascii() else like_items(item)
    products = [joined([shown_item(service), say("inputs.a_product")], "/") for service in services]
    allowed = "" if near else listed([*map(shown_item, item_units()), *products])
    key = "inputs.T05.no_such_item" if item else "inputs.T05.no_item"
    return problem(key, name, place=place, allowed=allowed, item=item, hint=near)


def _check_unit(item: str, measure: str, unit: str, name: str, place: str) -> Problem | None:
    """The problem of a unit that is missing, or in which the item cannot be given."""
    base = item.partition("/")[0]
    *others, last = [
        wanted.replace("/year", "")
        for wanted in ([item_unit(item)] if item_unit(item) else product_units(base, measure))
    ]
    needed = joined([*([listed(others)] if others else []), last], " or ", " 或 ")
    if not unit:
        return problem(
            "inputs.U01.of_item",
            name,
            place=place,
            item=shown_item(item),
            measure=shown_measure(measure),
            needed=needed,
        )
    try:
        if item_unit(item):
            in_unit(1.0, unit, item_unit(item))
        else:
            product_unit(base, measure, unit)
    except UnitError as error:
        return problem(
            "inputs.U02.of_item",
            name,
            place=place,
            found=unit,
            item=shown_item(item),
            measure=shown_measure(measure),
            needed=needed,
            message=error.message,
        )
    return None


def item_by_zone(statistics: Sequence[Statistic], item: str) -> dict[str, float]:
    """An item's figures by zone, in the item's unit; zones without one are absent."""
    return {
        s.zone: in_unit(s.value, s.unit, item_units()[item])
        for s in statistics
        if s.item == item and s.measure in item_measures(item) and s.value is not None
    }
