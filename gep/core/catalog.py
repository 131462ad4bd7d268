"""What there is to compute: services with their components, derivations, ecosystems. Declarations only; the engine does
the work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Literal

from gep.core.data import data_folder, read_csv
from gep.core.equation import Equation
from gep.core.messages import Text

CATEGORIES = ("supporting", "provisioning", "regulating", "cultural")

Switches = Mapping[str, str]


@dataclass(frozen=True)
class Switch:
    """A choice between readings of a method: its options, the default first, and what it decides."""

    options: tuple[str, ...]
    meaning: str

    @property
    def default(self) -> str:
        return self.options[0]


Per = Literal["zone", "feature", "all"]


@dataclass(frozen=True)
class Component:
    """One physical flow of a service, from the cell or from a total to the price.

    Its quantity comes from one of two places. `density` is an equation on cells, which the engine integrates over area.
    `extent` is a table item that says which accounting units there are: what a unit reports is its quantity, or what
    `total`, an equation on totals, makes of it. `per` says what a unit is: a zone; a feature, a named part of the item
    (`lake_area/hulun`) that may lie in several zones; or all that is reported together. A feature is computed once and
    its quantity split by extent. `patches` are land classes whose connected patches are the features where the tables
    name none; `covers` says that the features together are all the land that counts, so that less is missing. `series`
    makes an argument of `total` from the parts of a feature (`species_share/<stand>/<species>`) where the tables do not
    give it.

    The quantity is known to `value` under its own name and stored in `unit`. `price` names the argument of `value` that
    is the unit price: a table item, a coefficient, or what `pricing` makes of several. `limit` names a table item that
    the quantity of an accounting unit cannot exceed. `clip` says what counts as zero where it is negative: a `cell`, or
    the total of an `ecosystem` of a zone. `concept` is the concept of value behind the price. `wiring` says under which
    name an argument is looked up where that differs from its own.
    """

    id: str
    quantity: str
    unit: str
    density: Equation | None = None
    extent: str = ""
    total: Equation | None = None
    per: Per = "zone"
    patches: tuple[str, ...] = ()
    covers: bool = False
    series: Mapping[str, Equation] = field(default_factory=dict)
    value: Equation | None = None
    price: str = ""
    pricing: Equation | None = None
    limit: str = ""
    clip: Literal["", "cell", "ecosystem"] = ""
    concept: str = "replacement_cost"
    wiring: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ProductKind:
    """How a kind of product that statistics count in one dimension is valued."""

    unit: str
    value: Equation


@dataclass(frozen=True)
class Service:
    """An ecosystem service: its components under given switches. `products` marks a service that comes from statistical
    tables.
    """

    id: str
    switches: Mapping[str, Switch] = field(default_factory=dict)
    components: Callable[[Switches], tuple[Component, ...]] = lambda _: ()
    products: tuple[ProductKind, ...] = ()

    def settings(self, chosen: Switches) -> dict[str, str]:
        """Every switch with the option chosen or its default."""
        return {name: chosen.get(name, switch.default) for name, switch in self.switches.items()}

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
        for _, row in read_csv(data_folder() / "layers.csv")
    }


@cache
def _labels() -> Mapping[str, tuple[str, str]]:
    return {row["id"]: (row["zh"], row["en"]) for _, row in read_csv(data_folder() / "labels.csv")}


def label(identifier: str, language: str) -> str:
    """The name of a service, component, ecosystem or category in Chinese ("zh") or English ("en"); the id itself where
    it has none.
    """
    known = _labels().get(identifier)
    if known is None:
        return identifier
    return known[0] if language == "zh" else known[1]


def named(identifier: str) -> Text:
    """The name of a service, component, ecosystem or category in both languages; the id itself where it has none."""
    return Text(label(identifier, "en"), label(identifier, "zh"))


@cache
def service_ids() -> tuple[str, ...]:
    """Every service id of the code list, in report order, whether it has equations yet or not."""
    return tuple(row["id"] for _, row in read_csv(data_folder() / "labels.csv") if row["kind"] == "service")
