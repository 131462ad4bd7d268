"""The items that tables may report: their units, what they mean for which service, what they can be."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from gep.core.catalog import CellComponent, ProductKind, ReportedComponent, Service
from gep.core.data import data_rows, renewed
from gep.core.errors import UnitError
from gep.core.messages import Text, say
from gep.core.table_words import table_words
from gep.core.units import TAGS, dimensions, linear, parse, same_dimension
from gep.services import SERVICES


@renewed
@cache
def item_units() -> Mapping[str, str]:
    """The unit of every item that is not a product."""
    return {row["item"]: row["unit"] for _, row in data_rows("items.csv")}


@renewed
@cache
def _labels() -> Mapping[str, Text]:
    rows = data_rows("items.csv")
    return {row["item"]: Text(row["label_en"], row["label_zh"]) for _, row in rows}


def item_label(item: str) -> Text:
    """What people call an item."""
    return _labels()[item]


def shown_measure(measure: str) -> Text:
    """A measure as a message says it, in the first of its words."""
    words = table_words("measure").get(measure)
    return Text(measure, words[0] if words else measure)


COSTS = ("intermediate_consumption", "labour_cost", "capital_cost")
"""Items that are reported by service, or by service and product: what is taken off the output."""


EXTERNAL = "external_value"
"""The item that declares, by service, what comes from ecosystems outside the area."""


SITE_AREA = "site_area"
"""The item that says how a feature, reported for the whole area, lies in its zones."""


COMPARED = ("land_area", "forest_coverage", "electricity_consumption")
"""Items that no figure rests on: they are there to be compared with what figures rest on."""


@renewed
@cache
def extents_of_items() -> Mapping[str, frozenset[str]]:
    """For every item that a table may report by feature, the items that say which features there are."""
    found: dict[str, set[str]] = {}
    for component in (component for service in SERVICES.values() for component in service.variants):
        if isinstance(component, CellComponent) or component.per != "feature":
            continue
        arguments = [component.looked_up(name) for equation in component.equations for name in equation.units]
        for item in (component.extent, SITE_AREA, *arguments):
            found.setdefault(item, set()).add(component.extent)
    return {item: frozenset(extents) for item, extents in found.items() if item in item_units()}


@renewed
@cache
def items_by_ecosystem() -> frozenset[str]:
    """Items that a table may report by ecosystem, as `carbon_sink/forest`."""
    components = (component for service in SERVICES.values() for component in service.variants)
    return frozenset(c.extent for c in components if isinstance(c, ReportedComponent) and c.parts_are_ecosystems)


@renewed
@cache
def items_with_parts() -> frozenset[str]:
    """Items that a table may report by feature, as `item/<name>`: all that a component knows of its features."""
    return frozenset({EXTERNAL, *items_by_ecosystem(), *extents_of_items()})


def item_unit(item: str) -> str:
    """The unit of an item or of a part of one; empty for what is no item."""
    base, _, part = item.partition("/")
    return item_units().get(base, "") if not part or base in items_with_parts() or base in COSTS else ""


def product_services() -> list[str]:
    """The services whose figures come from tables."""
    return [service.id for service in SERVICES.values() if service.products]


@renewed
@cache
def item_ranges() -> Mapping[str, tuple[float, float]]:
    """What an item can be at the least and at the most, in its unit."""
    return {
        row["item"]: (float(row["low"] or "-inf"), float(row["high"] or "inf")) for _, row in data_rows("items.csv")
    }


def adds_up(item: str) -> bool:
    """Whether figures of an item (in no matter which measure but price) can be added over zones: amounts can, what is
    per something, a share, or days of a year cannot.
    """
    unit = item_unit(item).removesuffix("/year")
    return "/" not in unit and unit not in ("1", "day", "dBA")


@renewed
@cache
def item_measures(item: str) -> tuple[str, ...]:
    """Under which measures an item is reported, its own first: money in a year is a value, money per something a price;
    `quantity` always does.
    """
    unit = item_unit(item)
    if "[currency]" not in dimensions(unit):
        return ("quantity",)
    return ("value" if same_dimension(unit, "CNY/year") else "price", "quantity")


def in_unit(value: float, unit: str, wanted: str) -> float:
    """A reported figure in the unit of its item. `/year` may be left out (a statistic is of its year), and the
    substance, which the item names.
    """
    scale, offset = _reading(unit, wanted)
    return value * scale + offset


@renewed
@lru_cache(maxsize=4096)
def _reading(unit: str, wanted: str) -> tuple[float, float]:
    """Scale and offset of figures in a unit, with what is left out put in."""
    attempts = [unit]  # a unit that is missing is said to be missing
    attempts += [f"({unit})/year"] if unit.strip() else []
    attempts += [
        f"({unit})*{tag}/year"
        for tag in TAGS
        if unit.strip() and tag in wanted.replace("*", " ").replace("/", " ").split()
    ]
    failure: UnitError | None = None
    for attempt in attempts:
        try:
            return linear(attempt, wanted)
        except UnitError as error:
            failure = failure or error
    assert failure is not None
    raise failure


def product_units(service: str, measure: str) -> list[str]:
    """The declared units in which a product's quantity, price or value may be taken."""
    if measure == "value":
        return ["CNY/year"]
    return [
        kind.unit if measure == "quantity" else kind.value.units[kind.value.arguments[1]]
        for kind in SERVICES[service].products
    ]


@renewed
@lru_cache(maxsize=1024)
def product_unit(service: str, measure: str, unit: str) -> str:
    """The declared unit in which a product's quantity, price or value is taken, found by its dimension."""
    parse(unit)  # one that is not understood is reported as such
    for wanted in product_units(service, measure):
        try:
            linear(unit, wanted) if measure == "price" else in_unit(1.0, unit, wanted)
        except UnitError:
            continue
        return wanted
    raise UnitError(say("inputs.no_unit_of_product", unit=unit, measure=shown_measure(measure)))


def product_kind(service: Service, quantity_unit: str | None, price_unit: str | None) -> ProductKind | None:
    """The kind of a product of a service, by the unit of its quantity, else of its price; None where neither tells."""
    for kind in service.products:
        if quantity_unit and product_unit(service.id, "quantity", quantity_unit) == kind.unit:
            return kind
        if not quantity_unit and price_unit and product_unit(service.id, "price", price_unit) == kind.price_unit:
            return kind
    return None
