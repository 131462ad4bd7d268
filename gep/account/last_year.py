"""A study beside the account of an earlier year: which of its places, statistics and figures can be compared.

What differs in kind is not compared: another profile, other zones, another outline, another legend, other methods, the
prices of other years than those that lie between the accounts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from gep.account.entries import Entry
from gep.account.figures import Figures
from gep.core.errors import UnitError
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import Text, say
from gep.core.units import convert
from gep.inputs.items import in_unit, item_measures, item_unit, product_services, product_unit

if TYPE_CHECKING:
    from gep.account.basis import Basis  # which loads the engine: a run is read without it

ALIKE = 0.05
"""Share by which the area of a place may differ for its figures to be those of the same place."""

Row = tuple[str, str, str]
"""An item of the tables, the zone and the measure."""


class Amount(NamedTuple):
    """A figure of the tables in a unit that both years share, and where it is from."""

    value: float
    unit: str
    place: str = ""


@dataclass(frozen=True)
class LastYear:
    """A study of this year, and the account of an earlier one."""

    basis: Basis
    then: Figures

    @property
    def year(self) -> int:
        return self.then.about.year

    @property
    def years(self) -> int:
        """The years in between."""
        return self.basis.inputs.spec.year - self.year

    # places -----------------------------------------------------------------------------------------------------------

    @cached_property
    def areas_now(self) -> Mapping[str, float]:
        """The area of each zone in m2, and of the whole: that of its cells, which is known before they are read, so
        that a check of some squares and a run compare the same places.
        """
        zones, inputs = self.basis.plan.zones, self.basis.inputs
        off = inputs.misstatement if inputs.mode == "centre" else {}
        found = {
            zone.code: area * (1 + off.get(zone.code, 0.0)) for zone, area in zip(zones.zones, zones.areas, strict=True)
        }
        return {**found, CITY: math.fsum(found.values())}

    @cached_property
    def areas_then(self) -> Mapping[str, float]:
        found: dict[str, list[float]] = {}
        for (zone, _, _), area in self.then.areas().items():
            for place in (zone, CITY):
                found.setdefault(place, []).append(area)
        return {place: math.fsum(areas) for place, areas in found.items()}

    @cached_property
    def places(self) -> frozenset[str]:
        """The zones, and the whole area, that both years have with about the same area."""
        return frozenset(
            place
            for place, area in self.areas_now.items()
            if place != UNALLOCATED and abs(self.areas_then.get(place, math.inf) / area - 1 if area else 1) <= ALIKE
        )

    @property
    def other_zones(self) -> list[str]:
        """The zones of this year that are not among them."""
        return [zone for zone in self.areas_now if zone not in (*self.places, CITY, UNALLOCATED)]

    def name(self, place: str) -> Text:
        """What people call a zone, or the whole area."""
        return say("indicators.whole_area") if place == CITY else self.basis.called([place])[0]

    # what else may differ ---------------------------------------------------------------------------------------------

    @property
    def has_one_profile(self) -> bool:
        return self.then.about.profile == self.basis.inputs.profile.id

    @property
    def has_one_legend(self) -> bool:
        study, spec = self.then.record.get("study", {}), self.basis.inputs.spec
        return (study.get("scheme"), study.get("scheme_map", {})) == (spec.scheme, dict(spec.scheme_map))

    @property
    def has_one_price_level(self) -> bool:
        """Whether no more years lie between the prices than between the accounts: as with current prices, or with those
        of one year.
        """
        then, now = self.then.about.price_year, self.basis.inputs.price_year
        return then is not None and now is not None and 0 <= now - then <= self.years

    @cached_property
    def other_methods(self) -> frozenset[str]:
        """The services that are computed by other methods."""
        then = self.then.record.get("switches", {})
        return frozenset(
            plan.id
            for plan in self.basis.study_plan.services
            if plan.settings and plan.id in then and dict(plan.settings) != dict(then[plan.id])
        )

    # statistics -------------------------------------------------------------------------------------------------------

    @cached_property
    def rows_then(self) -> Mapping[Row, Amount]:
        """What the tables of the earlier year reported, as far as its account carries it."""
        return {
            (row.item, row.zone, row.measure): amount
            for row in reported(self.then)
            if (amount := amount_of(row.item, row.measure, row.value, row.unit))
        }

    @cached_property
    def rows_now(self) -> Mapping[Row, Amount]:
        return {
            (row.item, row.zone, row.measure): amount._replace(place=row.place)
            for row in self.basis.inputs.statistics
            if row.value is not None and (amount := amount_of(row.item, row.measure, row.value, row.unit))
        }


def amount_of(item: str, measure: str, value: float, unit: str) -> Amount | None:
    """A reported figure in the unit of its item, or of its kind of product; None where it has none."""
    base = item.partition("/")[0]
    try:
        if wanted := item_unit(item):
            return Amount(in_unit(value, unit, wanted), wanted)
        if base not in product_services():
            return None
        wanted = product_unit(base, measure, unit)
        return Amount(convert(value, unit, wanted) if measure == "price" else in_unit(value, unit, wanted), wanted)
    except UnitError:  # of a ledger that someone else wrote
        return None


class Reported(NamedTuple):
    """A row of the tables that a run rests on, as printed; or in the unit of the item, as the account keeps it."""

    item: str
    zone: str
    measure: str
    value: float
    unit: str
    is_printed: bool = True


def reported(account: Figures) -> Iterator[Reported]:
    """The rows of the tables that a run rests on, as its ledger has them; population and output in any case, of the
    whole area where no zone has them.
    """
    told: set[str] = set()
    for row in _rows_in(account.ledger) if account.has_ledger else ():
        item = str(row["item"])
        told.add(item)
        yield Reported(item, str(row["zone"]), str(row["measure"]), float(row["printed"]), str(row["printed_unit"]))
    for item, by_zone in account.about.statistics.items():
        for zone, value in by_zone.items() if item not in told else ():
            if zone != CITY or len(by_zone) == 1:
                yield Reported(item, zone, item_measures(item)[0], value, item_unit(item), is_printed=False)


_OF_ROW = frozenset({"item", "zone", "measure", "printed", "printed_unit"})


def _rows_in(document: object) -> Iterator[Mapping[str, str | float]]:
    """The rows of tables that a ledger holds, wherever they stand in it."""
    if isinstance(document, Mapping):
        if document.keys() >= _OF_ROW:
            yield document
        for part in document.values():
            yield from _rows_in(part)
    elif isinstance(document, list | tuple):
        for part in document:
            yield from _rows_in(part)


# figures --------------------------------------------------------------------------------------------------------------

Of = tuple[str, str]
"""A service and a component, the latter empty for the value of the service."""


def figures_of(account: Figures, *, with_values: bool) -> Mapping[Of, Mapping[str, Amount]]:
    """Quantities by component, and if wanted values by service: of each zone and of the whole area, in the units that
    results are written in.
    """
    parts: dict[Of, dict[str, list[float]]] = {}
    units: dict[Of, str] = {}

    def add(of: Of, entry: Entry, value: float, unit: str) -> None:
        units[of] = unit
        for place in dict.fromkeys((entry.zone, CITY)):
            parts.setdefault(of, {}).setdefault(place, []).append(value)

    for entry in account.flows:
        if not entry.is_counted:
            continue
        if entry.quantity is not None and entry.unit:
            add((entry.service, entry.base), entry, entry.quantity, entry.written_unit)
        if with_values and entry.value is not None:
            add((entry.service, ""), entry, entry.value, "CNY")
    return {
        of: {place: Amount(math.fsum(values), units[of]) for place, values in by_place.items()}
        for of, by_place in parts.items()
    }
