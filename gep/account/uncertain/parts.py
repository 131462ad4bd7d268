"""The figures of a component, a product or a deduction on draws, with the rules on totals of each draw.

Every part gives the counted values of its figures; what a figure asks for is traced, so that what a variable does not
touch is not computed again.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.account.entries import Entry
from gep.account.record import (
    CellSums,
    ComponentRecord,
    FigureRecord,
    FlowRecord,
    OutsideRecord,
    PriceRecord,
    ProductRecord,
    ServiceRecord,
    StatisticRecord,
)
from gep.account.uncertain.fields import Field, NotKnownError
from gep.account.uncertain.numbers import Number, Numbers
from gep.core.keys import CITY, NONE
from gep.standards.equations import equations_with_parts as equations

Array = NDArray[np.float64]
Place = tuple[str, str, str]
"""Zone, ecosystem and class."""


@dataclass(frozen=True)
class Figure:
    """A figure of a part: where it stands, what it was in the run with all adjustments, and what it asks for."""

    place: Place
    value: float
    asks: frozenset[str] = frozenset()


class Part(ABC):
    """Some figures of a service that are made in one way."""

    def __init__(self, service: str, component: str, entries: Sequence[Entry]) -> None:
        self.service, self.component = service, component
        self.held: frozenset[str] = frozenset()
        """The variables that it does not follow, as the ledger does not tell how."""
        self.redrawn: frozenset[str] = frozenset()
        """Those of them for which the cells were computed again."""
        self.figures: dict[Place, Figure] = {}
        for entry in entries:
            if entry.is_counted and entry.value is not None:
                place = entry.zone, entry.ecosystem, entry.land_class
                known = self.figures[place].value if place in self.figures else 0.0
                self.figures[place] = Figure(place, known + entry.value)

    @property
    def asks(self) -> frozenset[str]:
        """What any of its figures asks for."""
        return frozenset(name for figure in self.figures.values() for name in figure.asks)

    @abstractmethod
    def values(self, numbers: Numbers) -> Iterator[tuple[Place, Number]]:
        """The value of every figure on the draws. Raises NotKnownError where the ledger does not tell."""

    def traced(self, numbers: Numbers) -> None:
        """Let every figure know what it asks for. Raises NotKnownError, also for values that the run has not."""
        found: dict[Place, Number] = {}
        before = numbers.asked
        for place, value in self._each(numbers):
            found[place] = value
            self.figures[place] = replace(self.figures[place], asks=frozenset(numbers.asked))
        numbers.asked = before
        for place, figure in self.figures.items():
            of_run = float(np.ravel(found[place])[0]) if place in found else math.nan
            if not abs(of_run - figure.value) <= CLOSE * max(abs(figure.value), abs(of_run)):
                raise NotKnownError

    def _each(self, numbers: Numbers) -> Iterator[tuple[Place, Number]]:
        """The values, with `asked` of the numbers being what each of them asks for."""
        numbers.asked = {}
        for place, value in self.values(numbers):
            if place in self.figures:
                yield place, value
            numbers.asked = {}


CLOSE = 1e-9
"""How far in parts a value that is made again from the ledger may be from that of the run."""


class Kept(Part):
    """Figures that stay what they were, as the ledger does not tell how they would change."""

    def values(self, numbers: Numbers) -> Iterator[tuple[Place, Number]]:
        """What they were."""
        for place, figure in self.figures.items():
            yield place, figure.value


# components -----------------------------------------------------------------------------------------------------------


class _Component(Part):
    """A component with prices, whose totals rules may limit."""

    def __init__(
        self,
        service: str,
        component: str,
        entries: Sequence[Entry],
        record: ComponentRecord,
        sums: Mapping[tuple[str, str, str, str, str], CellSums],
    ) -> None:
        super().__init__(service, component, entries)
        self.record, self.sums = record, sums

    @property
    def factor(self) -> float:
        """What turns what an equation gives into the unit of the component."""
        return float(_there(self.record["factor"]))

    def price(self, numbers: Numbers, index: int) -> Number:
        """A price of the component."""
        about: PriceRecord = self.record["prices"][index]
        of_cells, numbers.drawn = numbers.drawn, {**numbers.drawn, **numbers.beside}
        given = {name: numbers.number(number) for name, number in about["numbers"].items()}
        numbers.drawn = of_cells
        pricing = self.record.get("pricing")
        if pricing:
            return _called(pricing, given) * about["factor"]
        (amount,) = given.values()
        return amount

    def valued(self, quantity: Number, price: Number) -> Number:
        """A quantity at a price."""
        name = self.record["value"]
        if not name:
            raise NotKnownError
        given = {self.record["quantity"]: quantity * self.record["value_factor"], self.record["price"]: price}
        return _called(name, given)


AGAIN = "again"
"""Under which the numbers of runs that were computed again stand among the draws."""


class Cells(_Component):
    """A component that was integrated over cells."""

    again: Mapping[Place, Array] = {}
    """The quantities of runs that were computed again, that of the run itself first."""
    is_multiple = False
    """Whether the cells are computed again for some numbers: then all others may only multiply them."""

    def values(self, numbers: Numbers) -> Iterator[tuple[Place, Number]]:
        """Quantities by class and zone, what rules leave of them, times price."""
        known: dict[Place, tuple[FigureRecord, Number, dict[str, None]]] = {}
        for figure in self.record["figures"]:
            place = figure["zone"], figure["ecosystem"], figure["land_class"]
            if place[0] == CITY or self.sums[self.service, self.component, *place]["valid_area"] == 0:
                continue
            numbers.asked = {}
            land = numbers.land(*place[1:])
            known[place] = figure, self._quantity(numbers, figure, place) * land, numbers.asked
        for members, kept in self._rules(numbers, {place: found[1] for place, found in known.items()}):
            together = {name: None for place in members for name in known[place][2]} if kept is not None else {}
            of_rule = {**numbers.asked, **together}
            for place in members:
                figure, quantity, asked = known[place]
                if figure.get("price") is None:
                    continue
                numbers.asked = {**asked, **of_rule}
                price = self.price(numbers, _there(figure["price"]))
                yield place, self.valued(quantity if kept is None else quantity * kept, price)
                numbers.asked = {}

    def _rules(self, numbers: Numbers, amounts: Mapping[Place, Number]) -> Iterator[tuple[list[Place], Number | None]]:
        """The places whose total a rule limits together, and what share of it is left; None where no rule is."""
        if not self.record["limit"] and self.record["clip"] != "ecosystem":
            for place in amounts:
                numbers.asked = {}
                yield [place], None
            return
        limits = {row["zone"]: row for row in self.record["limits"]} if self.record["limit"] else {}
        groups: dict[tuple[str, str], list[Place]] = {}
        for place in amounts:
            of_limit = (CITY if set(limits) == {CITY} else place[0], "")
            groups.setdefault(of_limit if self.record["limit"] else place[:2], []).append(place)
        for (unit, _), members in groups.items():
            numbers.asked = {}
            total = np.asarray(sum(amounts[place] for place in members))
            wanted = self._wanted(numbers, limits, unit, total)
            with np.errstate(all="ignore"):
                yield members, np.where(total == wanted, 1.0, wanted / total)

    def _wanted(
        self, numbers: Numbers, limits: Mapping[str, StatisticRecord], unit: str, total: Array
    ) -> Array | float:
        if not self.record["limit"]:
            return np.maximum(0.0, total)
        row = limits.get(unit)
        if row is None:  # not counted
            return total
        limit = row["printed"] * row["to_unit"] * numbers.error_of(row)
        return np.asarray(_called(self.record["limit"], {"capacity": total, "emission": limit}))

    def _quantity(self, numbers: Numbers, figure: FigureRecord, place: Place) -> Number:
        sums = self.sums[self.service, self.component, *place]
        flow: FlowRecord = self.record["flows"][figure["flow"]]
        density = sums["sum"] / sums["valid_area"]
        means = {name: total / sums["valid_area"] for name, total in sums["inputs"].items()}
        cell = "/".join(name for name in place[1:] if name != NONE)
        made = _Made(numbers, flow, {**means, flow["root"]: density}, cell, place[0]).of(flow["root"])
        if isinstance(made, Field):
            if self.record["clip"] == "cell" and (made.ratio is None or (made.ratio < 0).any()):
                raise NotKnownError  # cells may have come to lie on the other side of zero
            if self.is_multiple and made.ratio is None:
                raise NotKnownError
            made = made.mean if made.mean is not None else density * _there(made.ratio)
        quantity: Number = made * sums["valid_area"] * self.factor
        if AGAIN in numbers.drawn and place in self.again:
            again = self.again[place]
            return quantity * (again / again[0])[numbers.drawn[AGAIN].astype(int)] if again[0] else quantity
        return quantity


class _Made:
    """What the equations behind a density make of the cells of a class of a zone."""

    def __init__(self, numbers: Numbers, flow: FlowRecord, means: Mapping[str, float], cell: str, zone: str) -> None:
        self.numbers, self.flow, self.means, self.cell, self.zone = numbers, flow, means, cell, zone

    def of(self, name: str) -> Any:
        """What a node makes: a field, or a number where nothing in it differs from cell to cell."""
        node = self.flow["nodes"][name]
        equation = equations()[node["equation"]]
        given = [self._argument(node["arguments"][of], unit) for of, unit in equation.units.items()]
        fields = [of for of in given if isinstance(of, Field)]
        mean = self.means.get(name)
        is_fixed = all(field.is_fixed for field in fields) and all(
            np.ndim(of) == 0 for of in given if not isinstance(of, Field)
        )
        if fields and is_fixed:
            return Field(np.ones(1), None if mean is None else np.array([mean]))
        try:
            with np.errstate(all="ignore"):
                made = equation.fn(*given)
        except (AttributeError, TypeError, ValueError, IndexError) as error:
            raise NotKnownError from error
        if isinstance(made, Field) and made.ratio is not None and mean is not None:
            return Field(made.ratio, mean * made.ratio)
        return made

    def _argument(self, source: Mapping[str, Any], unit: str) -> Any:
        if "coefficient" in source:
            found = self.numbers.of_class(source["coefficient"], unit, self.cell)
            if found is None:
                raise NotKnownError
            return found
        if "item" in source:
            values: Mapping[str, Any] = self.numbers.ledger["zone_values"][source["item"]]
            rows = [row for row in values["rows"] if row["zone"] in (self.zone, CITY)]
            if len(rows) != 1:
                raise NotKnownError
            return values[unit][self.zone] * self.numbers.error_of(rows[0])
        if "calendar" in source:
            return Field(np.ones(1))
        if "layer" in source:
            field = self.numbers.layer(source["layer"], self.means.get(source["layer"]))
        else:
            field = self.of(source["node"])
        scale, offset = source["scale"], source["offset"]
        if scale != 1.0:
            field = field * scale
        return field + offset if offset else field


class Units(_Component):
    """A component of accounting units: zones that report it, lakes, sites."""

    def values(self, numbers: Numbers) -> Iterator[tuple[Place, Number]]:
        """The units of every figure, each with its share, at its price."""
        for figure in self.record["figures"]:
            parts = []
            for used in figure["units"]:
                if used["price"] is None:
                    break
                place = figure["ecosystem"], figure["land_class"]
                quantity = self._quantity(numbers, used["unit"], place) * used["share"]
                parts.append(self.valued(quantity, self.price(numbers, used["price"])))
            else:
                if parts:
                    yield (figure["zone"], figure["ecosystem"], figure["land_class"]), _sum(parts)

    def _quantity(self, numbers: Numbers, position: int, land: tuple[str, str]) -> Number:
        unit = self.record["units"][position]
        extent: Number = unit["extent"]
        rows = unit.get("statistics", [])
        extent = extent * (numbers.error_of(rows[0]) if rows else numbers.land(*land))
        total = self.record.get("total")
        if not total:
            return extent * self.factor
        arguments = self.record["arguments"][unit["arguments"]] if "arguments" in unit else {}
        given = {name: numbers.number(number) for name, number in arguments.items()}
        given |= {name: extent * scale for name, scale in self.record["extent_arguments"].items()}
        return _called(total, given) * self.factor


# tables ---------------------------------------------------------------------------------------------------------------


class Product(Part):
    """A product that statistics count, in a zone. A cost of the whole service stays spread as it was in the run."""

    def __init__(self, service: str, entries: Sequence[Entry], record: ServiceRecord, product: ProductRecord) -> None:
        super().__init__(service, product["component"], entries)
        self.record, self.product = record, product

    def values(self, numbers: Numbers) -> Iterator[tuple[Place, Number]]:
        """Output as reported, or quantity times price, less costs."""
        members, made = self.product["members"], self.product["value"]
        is_reported = "value" in members and self.record["settings"]["valuation_basis"] != "price_times_quantity"
        if is_reported:
            output = numbers.statistic(members["value"])
        elif made and {"quantity", "price"} <= set(members):
            equation = equations()[made]
            output = equation.fn(numbers.statistic(members["quantity"]), numbers.statistic(members["price"]))
        else:
            return
        value = output
        if net := self.record.get("net"):
            costs = self.product["costs"]
            given = [cost for cost in costs.values() if cost]
            if len(given) < len(costs):
                return
            taken = [cost["taken_off"] * numbers.error_of(cost) for cost in given]
            value = equations()[net].fn(output, *taken)
        asked = dict(numbers.asked)
        for place in self.figures:
            numbers.asked = dict(asked)
            yield place, value * self.product.get("shares", {}).get(place[1], 1.0)


class Outside(Part):
    """What is declared to come from ecosystems outside the area."""

    def __init__(self, service: str, component: str, entries: Sequence[Entry], rows: Sequence[OutsideRecord]) -> None:
        super().__init__(service, component, entries)
        self.rows = rows

    def values(self, numbers: Numbers) -> Iterator[tuple[Place, Number]]:
        """Each taken off."""
        for row in self.rows:
            yield (row["zone"], NONE, NONE), 0.0 - numbers.statistic(row)


def _called(name: str, given: Mapping[str, Number]) -> Number:
    """What an equation makes of numbers. Raises NotKnownError where it is not the equation of the run."""
    equation = equations().get(name)
    if equation is None or set(equation.units) != set(given):
        raise NotKnownError
    result: Number = equation.fn(*(given[argument] for argument in equation.units))
    return result


def _sum(parts: Sequence[Number]) -> Number:
    if all(np.ndim(part) == 0 for part in parts):
        return math.fsum(float(part) for part in parts)
    total: Number = sum(parts[1:], start=np.asarray(parts[0]))
    return total


def _there(value: Any) -> Any:
    """Something that the ledger has to have."""
    if value is None:
        raise NotKnownError
    return value
