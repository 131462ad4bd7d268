"""What figures are valued from, and what valuing a service hands back: its entries, with all that they rest on."""

from __future__ import annotations

import math
from array import array
from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import NamedTuple, cast

from gep.account.entries import Entry, Missing
from gep.account.products import ProductFigures
from gep.account.record import CoefficientRecord
from gep.core.catalog import Component, named
from gep.core.errors import Problem, problem
from gep.core.keys import NONE, UNALLOCATED
from gep.core.messages import Text
from gep.core.unit_names import with_unit
from gep.core.units import convert
from gep.engine.sums import Sums
from gep.inputs.grids.zones import Zone
from gep.inputs.numbers import Numbers, Result
from gep.inputs.open import NO_LAND_COVER, Inputs
from gep.inputs.tables import Statistic
from gep.plan.plan import GridPlan
from gep.plan.planner import ServicePlan, StudyPlan
from gep.plan.units import Unit
from gep.standards.classes import land_classes
from gep.standards.coefficients import Coefficient, Found
from gep.standards.rules import Rule

Key = tuple[str, str, str]
"""Zone, ecosystem and class of an entry."""


@dataclass(frozen=True)
class Basis:
    """A study after the pass over its grid: its plan, its inputs, and what was summed."""

    study_plan: StudyPlan
    inputs: Inputs
    sums: Sums

    @property
    def plan(self) -> GridPlan:
        return self.study_plan.plan

    @property
    def zones(self) -> Sequence[Zone]:
        return self.plan.zones.zones

    @property
    def numbers(self) -> Numbers:
        return self.inputs.numbers

    @property
    def is_priced(self) -> bool:
        return self.inputs.profile.kind == "monetary"

    @property
    def price_basis(self) -> str:
        return "current" if self.inputs.price_year == self.inputs.spec.year else f"constant:{self.inputs.price_year}"

    @cached_property
    def zone_names(self) -> Mapping[str, str]:
        """The names of the zones by code, as entries carry them."""
        return {zone.code: zone.name for zone in self.zones}

    def called(self, zones: Iterable[str]) -> list[Text]:
        """Zones (or features, which have no other name) by the names that people know."""
        known = {zone.code: zone for zone in self.zones}
        names = []
        for code in zones:
            name = (known[code].name if code in known else "") or code
            names.append(Text(name, (known[code].name_zh if code in known else "") or name))
        return names

    def zones_without(self, having: Container[str]) -> list[str]:
        """The codes of the zones that are not among some; what lies in no zone of the file is none."""
        return [zone.code for zone in self.zones if zone.code not in having and zone.code != UNALLOCATED]

    def occurs(self, rule: Rule, component: str | None = None, zone: int | None = None) -> bool:
        """Whether any class that the rule counts (for one component, or for any) has area in the city, or in a zone."""
        area = self.sums.area if zone is None else self.sums.area[zone : zone + 1]
        present = [pair for c, pair in enumerate(self.plan.classes) if area[:, c].sum() > 0]
        components = ("", *rule.components) if component is None else (component,)
        return any(
            rule.counted(*pair, component) == "counted"
            for pair in present
            if pair != NO_LAND_COVER
            for component in components
        )

    def unmoved(self, used: Iterable[Found]) -> list[Problem]:
        """Tariffs of another year than the prices of the account."""
        to_year, unmoved = self.inputs.price_year, self.inputs.profile.unmoved_prices
        return [
            problem(
                "account.P04.price_not_moved",
                row.name,
                place=row.place,
                found=with_unit(f"{row.value:g}", row.unit),
                allowed=str(to_year),
                year=row.price_year,
                price_year=to_year,
            )
            for row in (found.row for found in used)
            if row.price_year not in (None, to_year)
            and row.name in unmoved
            and not self.inputs.price_indices.of_group(row.name)
        ]


# what figures rest on -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CellRecord:
    """What the figures of a component of cells rest on beside the sums: the rows of its limit, and the price of every
    zone, ecosystem and class, None where there is no price.
    """

    limits: tuple[Statistic, ...] = ()
    prices: Mapping[Key, Result | None] = field(default_factory=dict)


@dataclass
class Shares:
    """What an entry takes of accounting units, as columns: of which by its position, what share, how much that is, and
    which of the prices it has there.
    """

    unit: array[int] = field(default_factory=lambda: array("l"))
    share: array[float] = field(default_factory=lambda: array("d"))
    quantity: array[float] = field(default_factory=lambda: array("d"))
    price: array[int] = field(default_factory=lambda: array("l"))
    prices: list[Result | None] = field(default_factory=list)
    is_known: bool = True
    """Whether all units have a quantity."""

    def add(self, unit: int, share: float, quantity: Result | None, price: Result | None) -> None:
        """Take a share of one more unit, at the price of the unit there."""
        position = next((number for number, known in enumerate(self.prices) if known is price), len(self.prices))
        if position == len(self.prices):
            self.prices.append(price)
        self.is_known = self.is_known and quantity is not None
        self.unit.append(unit)
        self.share.append(share)
        self.quantity.append(quantity.amount * share if quantity else math.nan)
        self.price.append(position)


@dataclass
class UnitRecord:
    """What the figures of a component of accounting units rest on: its units, and what each entry takes of them.

    Lakes may be hundreds of thousands: what differs between them are numbers in columns, and `kinds` is what they
    share, the numbers put in beside the extent with a quantity that means nothing, or None where something is lacking,
    and what that is.
    """

    units: Sequence[Unit] = ()
    names: Sequence[str] = ()
    extent: array[float] = field(default_factory=lambda: array("d"))
    quantity: array[float] = field(default_factory=lambda: array("d"))
    kind: array[int] = field(default_factory=lambda: array("l"))
    kinds: list[tuple[Result | None, tuple[str, ...]]] = field(default_factory=list)
    shares: dict[Key, Shares] = field(default_factory=dict)
    _positions: dict[Hashable, int] = field(default_factory=dict)

    def add(self, extent: float, quantity: Result | None, lacking: Sequence[str]) -> bool:
        """Take the next unit; whether it is the first of its kind."""
        known_by = id(quantity.arguments) if quantity else None, *lacking
        position = self._positions.setdefault(known_by, len(self.kinds))
        if is_new := position == len(self.kinds):
            self.kinds.append(
                (quantity, tuple(lacking))
            )  # which keeps the arguments, so that their id is not used again
        self.extent.append(extent)
        self.quantity.append(quantity.amount if quantity else math.nan)
        self.kind.append(position)
        return is_new


class Fallback(NamedTuple):
    """A class that took a value which is not its own, and the row of that value."""

    ecosystem: str
    land_class: str
    row: str


@dataclass(frozen=True)
class ComponentFigures:
    """The entries of one component, how much of its area they rest on, and what else they rest on."""

    record: CellRecord | UnitRecord
    entries: tuple[Entry, ...] = ()
    coverage: float | None = None
    area: float = 0.0
    missing: Missing | None = None
    used: tuple[Found, ...] = ()
    fallbacks: Mapping[Fallback, float] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class ServiceFigures:
    """The entries of one service, how much of its area they rest on, the rows of data behind them, and the records of
    its components or products. `fallbacks` are the areas that took a value of another class.
    """

    entries: tuple[Entry, ...] = ()
    coverage: float | None = None
    area: float = 0.0
    missing: Missing | None = None
    used: tuple[Found, ...] = ()
    fallbacks: Mapping[Fallback, float] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    components: Mapping[str, CellRecord | UnitRecord] = field(default_factory=dict)
    products: tuple[ProductFigures, ...] = ()


# shared by all kinds of figures ---------------------------------------------------------------------------------------


def row_record(row: Coefficient) -> CoefficientRecord:
    """A row of the coefficients as far as it says anything, by the names of its columns."""
    cells = asdict(row)
    place = cells.pop("place")
    said = {key: value for key, value in cells.items() if value not in (None, "")}
    return cast(CoefficientRecord, {"id": row.id, **said, "file": place})


def value_of(component: Component, quantity: float, price: float) -> float:
    """What a quantity of a component, in its unit, is worth at a price."""
    money = component.money
    assert money is not None
    amount = convert(quantity, component.unit, money.value.units[component.quantity])
    return float(money.value.fn(**{component.quantity: amount, money.price: price}))


def only_cell(rule: Rule, component: str) -> tuple[str, str]:
    """The ecosystem and class that a component is counted for, as far as there is only one."""
    cells = rule.provided_by(component)
    ecosystems = {cell.ecosystem for cell in cells}
    if len(ecosystems) != 1:
        return "", ""
    return ecosystems.pop(), cells[0].land_class if len(cells) == 1 else ""


def method_id(service_plan: ServicePlan, equation: str) -> str:
    """Equation and switches, as a result names its method."""
    switches = ";".join(f"{name}={option}" for name, option in service_plan.settings.items())
    return f"{equation}({switches})" if switches else equation


def cell_name(ecosystem: str, land_class: str) -> str:
    """A class with its ecosystem in one word, as in `forest/mixed`."""
    return "/".join(name for name in (ecosystem, land_class.replace(NONE, "")) if name)


def said_of_class(ecosystem: str, land_class: str) -> Text:
    """A class in a message: as a user writes it, and by its name in Chinese."""
    known = land_classes().get((ecosystem, land_class))
    names = named(ecosystem).zh, known.label_zh if known else land_class
    return Text(cell_name(ecosystem, land_class), "/".join(names) if land_class else names[0])


def said_of(component: Component) -> Text:
    """A component in a message: by its id, which a user writes, and by its name in Chinese."""
    return Text(component.id, named(component.id).zh)
