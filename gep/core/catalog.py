"""What there is to compute: services with their components, derivations, ecosystems. Declarations only; the engine does
the work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import product
from typing import Literal

from gep.core.data import data_rows, renewed
from gep.core.equation import Equation
from gep.core.keys import NONE
from gep.core.messages import Text

CATEGORIES = ("supporting", "provisioning", "regulating", "cultural")

Switches = Mapping[str, str]

Measure = Literal["quantity", "value"]
MEASURES: tuple[Measure, ...] = ("quantity", "value")
"""What is shown of a service on cells."""

VALUE_OF_METRE = "CNY/(m^2*year)"
"""The unit of densities in money, beside areas in m2."""


@dataclass(frozen=True)
class Switch:
    """A choice between readings of a method: its options, the default first, and what it decides."""

    options: tuple[str, ...]
    meaning: str

    @property
    def default(self) -> str:
        return self.options[0]


@dataclass(frozen=True)
class Money:
    """How a quantity is valued.

    `value` is an equation of the quantity and its unit price. `price` names the argument that is the unit price: a
    table item, a coefficient, or what the equation `pricing` makes of several. `concept` is the concept of value behind
    the price.
    """

    value: Equation
    price: str
    pricing: Equation | None = None
    concept: str = "replacement_cost"

    @property
    def price_unit(self) -> str:
        return self.value.units[self.price]


@dataclass(frozen=True)
class _Provided:
    """What every component is: a physical flow with an id among those of its service.

    The quantity is known to the value equation under the name `quantity` and stored in `unit`. Without `money` it is a
    physical figure. `wiring` says under which name an argument is looked up where that differs from its own.
    """

    id: str
    quantity: str
    unit: str
    money: Money | None = field(default=None, kw_only=True)
    wiring: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    def looked_up(self, argument: str) -> str:
        """The name under which an argument of its equations is looked up."""
        return self.wiring.get(argument, argument)

    @property
    def equations(self) -> tuple[Equation, ...]:
        """Every equation that the component rests on: of its quantity, its price, its value."""
        of_money = (self.money.pricing, self.money.value) if self.money else ()
        return (*self._of_quantity(), *(equation for equation in of_money if equation))

    def _of_quantity(self) -> tuple[Equation, ...]:
        return ()


@dataclass(frozen=True)
class CellComponent(_Provided):
    """A flow whose quantity is the integral over area of `density`, an equation on cells.

    `limit` names a table item that the quantity of an accounting unit cannot exceed. `clip` says what counts as zero
    where it is negative: a `cell`, or the total of an `ecosystem` of a zone.
    """

    density: Equation
    limit: str | None = field(default=None, kw_only=True)
    clip: Literal["cell", "ecosystem"] | None = field(default=None, kw_only=True)

    def _of_quantity(self) -> tuple[Equation, ...]:
        return (self.density,)


Per = Literal["zone", "feature", "all"]
"""What an accounting unit is: a zone; a feature, a named part of an item (`lake_area/hulun`) that may lie in several
zones; or all that is reported together.
"""


@dataclass(frozen=True)
class ReportedComponent(_Provided):
    """A flow whose quantity is what the tables report of accounting units: the figures of the item `extent`.

    `parts_are_ecosystems` says that a part of the item (`carbon_sink/forest`) is an ecosystem, to which its figure
    belongs.
    """

    extent: str
    per: Per = field(default="zone", kw_only=True)
    parts_are_ecosystems: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class UnitComponent(_Provided):
    """A flow whose quantity is what `total`, an equation on totals, makes of each accounting unit.

    The table item `extent` says which units there are. A feature is computed once and its quantity split by extent.
    `patches` are land classes whose connected patches are the features where the tables name none; `covers` says that
    the features together are all the land that counts, so that less is missing. `series` makes an argument of `total`
    from the parts of a feature (`species_share/<stand>/<species>`) where the tables do not give it.
    """

    extent: str
    total: Equation
    per: Per = field(default="zone", kw_only=True)
    patches: tuple[str, ...] = field(default=(), kw_only=True)
    covers: bool = field(default=False, kw_only=True)
    series: Mapping[str, Equation] = field(default_factory=dict, kw_only=True)

    def _of_quantity(self) -> tuple[Equation, ...]:
        return (self.total, *self.series.values())


ComponentOfUnits = ReportedComponent | UnitComponent
"""A flow of accounting units that are no cells."""

Component = CellComponent | ComponentOfUnits
"""One physical flow of a service, from the cell or from a total to the price."""


@dataclass(frozen=True)
class ProductKind:
    """How a kind of product that statistics count in one dimension is valued."""

    unit: str
    value: Equation

    @property
    def price_unit(self) -> str:
        return self.value.units[self.value.arguments[1]]


@dataclass(frozen=True)
class Service:
    """An ecosystem service: its components under given switches. `products` marks a service that comes from statistical
    tables.

    `is_stock` marks one whose quantities stand on the land at the time of the land cover and do not flow in a year:
    they are entries of their own kind, never priced and never in a total.
    """

    id: str
    switches: Mapping[str, Switch] = field(default_factory=dict)
    components: Callable[[Switches], tuple[Component, ...]] = lambda _: ()
    products: tuple[ProductKind, ...] = ()
    is_stock: bool = False

    def settings(self, chosen: Switches) -> dict[str, str]:
        """Every switch with the option chosen or its default."""
        return {name: chosen.get(name, switch.default) for name, switch in self.switches.items()}

    @cached_property
    def variants(self) -> tuple[Component, ...]:
        """Every component that the service has under any combination of its switches."""
        found: list[Component] = []
        for options in product(*(switch.options for switch in self.switches.values())):
            chosen = dict(zip(self.switches, options, strict=True))
            found += [component for component in self.components(chosen) if component not in found]
        return tuple(found)


@dataclass(frozen=True)
class Derivation:
    """An equation that makes a layer that is not given.

    Where there are several ways to make it, `options` of `switch` (its own name by default) choose; none means always.
    `of_neighbours` marks an equation on the eight neighbours of a cell, computed on the layer's own grid. `on_own_grid`
    marks one whose layers must not be averaged first: where they share a lattice it is computed there, however fine.
    `is_rough` marks a stand-in that may be several times off: it is said as a warning.
    """

    makes: str
    equation: Equation
    switch: str = ""
    options: tuple[str, ...] = ()
    is_provisional: bool = False
    note: str = ""
    of_neighbours: str = ""
    on_own_grid: bool = False
    is_rough: bool = False


@dataclass(frozen=True)
class Ecosystem:
    """A first-level ecosystem type and the services it can provide."""

    id: str
    services: tuple[Service, ...] = ()


@dataclass(frozen=True)
class LayerKind:
    """What the vocabulary says of an input layer: its unit, what it can be, what it usually is."""

    name: str
    unit: str
    kind: str
    low: float
    high: float
    usual_low: float
    usual_high: float
    label_zh: str
    label_en: str

    @property
    def is_monthly(self) -> bool:
        return self.name.startswith("monthly_")

    @property
    def is_depth_of_water(self) -> bool:
        """Whether it is of water that falls, runs or evaporates, which a mass on an area may be given of."""
        return self.name.endswith(("precipitation", "evapotranspiration", "evaporation", "runoff", "rain"))


@renewed
@cache
def layer_kinds() -> Mapping[str, LayerKind]:
    """The vocabulary of input layers by name."""

    def number(text: str, empty: float) -> float:
        return float(text) if text else empty

    infinity = float("inf")
    return {
        row["layer"]: LayerKind(
            row["layer"],
            row["unit"],
            row["kind"],
            number(row["low"], -infinity),
            number(row["high"], infinity),
            number(row["usual_low"], -infinity),
            number(row["usual_high"], infinity),
            row["label_zh"],
            row["label_en"],
        )
        for _, row in data_rows("layers.csv")
    }


@renewed
@cache
def _labels() -> Mapping[str, tuple[str, str]]:
    return {row["id"]: (row["zh"], row["en"]) for _, row in data_rows("labels.csv")}


def label(identifier: str, language: str) -> str:
    """What people call a service, a component, an ecosystem or a category; the id itself where it has no name.

    >>> label("water_retention", "zh")
    '水源涵养'

    Args:
        identifier: the id.
        language: "en" or "zh".
    """
    known = _labels().get(identifier)
    if known is None:
        return identifier
    return known[0] if language == "zh" else known[1]


def has_name(identifier: str) -> bool:
    """Whether a service, component, ecosystem or category has a name."""
    return identifier in _labels()


def named(identifier: str) -> Text:
    """The name of a service, component, ecosystem or category in both languages; the id itself where it has none."""
    return Text(label(identifier, "en"), label(identifier, "zh"))


@renewed
@cache
def service_ids() -> tuple[str, ...]:
    """Every service id of the code list, in report order, whether it has equations yet or not."""
    return tuple(row["id"] for _, row in data_rows("labels.csv") if row["kind"] == "service")


@renewed
@cache
def ecosystem_ids() -> tuple[str, ...]:
    """The ecosystem types of the code list, in report order."""
    ids = [row["id"] for _, row in data_rows("labels.csv") if row["kind"] == "ecosystem"]
    return tuple(name for name in ids if name != NONE)


@renewed
@cache
def _colours() -> Mapping[str, str]:
    return {row["id"]: row["colour"] for _, row in data_rows("colours.csv")}


def colour(identifier: str) -> str:
    """The one colour (`#RRGGBB`) of a service, ecosystem or category in every picture, map and page; that of what
    belongs to none where it has no own. `_gathered` is what small shares have together, `_missing` what has no figure.

    Colours of one kind differ for normal sight, protanopia and deuteranopia. Some are light: give areas a dark edge on
    white, and never tell anything by colour alone.
    """
    return _colours().get(identifier, _colours()[NONE])
