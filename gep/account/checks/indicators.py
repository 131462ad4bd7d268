"""Indicators of an account held to published ones: a total that no place has holds a slip, mostly of a unit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from gep.account.checks.made import Made
from gep.account.record import Indicator
from gep.core.catalog import CellComponent, named
from gep.core.errors import Problem, problem
from gep.core.keys import CITY
from gep.core.messages import Text, listed, say
from gep.core.unit_names import with_unit
from gep.core.units import linear
from gep.engine.checks.indicators import MARGIN, margin_of, values_by_zone
from gep.engine.checks.words import Part, allowed, cause, how_far
from gep.inputs.items import item_label, item_unit
from gep.inputs.tables import item_by_zone
from gep.services import SERVICES
from gep.standards.ranges import Bands, Beyond, bands, ranges
from gep.standards.table_slips import kind_of

Cell = tuple[str, str, str]
"""A zone, an ecosystem and a class of it."""

Ratio = Literal["value_per_km2", "value_per_head", "value_to_gdp"]


class _Value(NamedTuple):
    """An indicator of value: its bands, and the item that divides it."""

    name: Ratio
    quantities: tuple[str, ...]
    unit: str
    under: str = ""


VALUES = (
    _Value("value_per_km2", ("gep_per_km2", "gep_per_km2_with_built"), "CNY/(km^2*year)"),
    _Value("value_per_head", ("gep_per_head",), "CNY/(person*year)", "population"),
    _Value("value_to_gdp", ("gep_over_gdp",), "1", "gdp"),
)

DENSITIES = {
    ("water_retention", "retained_water"): "density/water_retained",
    ("soil_retention", "retained_soil"): "density/soil_retained",
}
"""Quantities per area of what provides them, by service and component."""

SHARES = {
    ("water_retention",): "share/water_retention_in_gep",
    ("climate_regulation",): "share/climate_regulation_in_gep",
    ("carbon_sequestration", "oxygen_release"): "share/carbon_and_oxygen_in_gep",
    ("soil_retention",): "share/soil_retention_in_gep",
    ("air_purification",): "share/air_purification_in_gep",
    ("flood_mitigation",): "share/flood_in_gep",
    ("provisioning",): "share/provisioning_in_gep",
    ("cultural",): "share/cultural_in_gep",
}
"""What services, or a category, make up of a total."""

ROUNDING = 1e-6
"""Share by which sums may differ."""


def values(made: Made) -> Iterator[Problem]:
    """Value per square kilometre, per head and against GDP that no place has. Of a partial account only what is too
    large says something. A total that is too large by each of the three is wrong, however little each is beyond: land,
    people and money are not wrong at once.
    """
    rows = made.account.indicators()
    beyond_of: dict[Ratio, list[tuple[str, float, Beyond]]] = {}
    for kind in VALUES:
        of_kind = bands(kind.quantities, kind.unit)
        off = beyond_of.setdefault(kind.name, [])
        for row in rows:
            beyond = of_kind.beyond(row[kind.name] or 0.0, _margin(row))
            if beyond and (beyond.is_above or made.account.is_complete):
                off.append((row["zone"], row[kind.name] or 0.0, beyond))
    above = [any(zone == CITY and beyond.is_above for zone, _, beyond in beyond_of[kind.name]) for kind in VALUES]
    for kind in VALUES:
        of_kind, off = bands(kind.quantities, kind.unit), beyond_of[kind.name]
        under = [Part(kind_of(item_unit(kind.under)), item_label(kind.under), is_over=False)] if kind.under else []
        parts = [Part("money", say("indicators.result.value")), *under]
        what = say(f"indicators.result.{kind.name}")
        yield from _told(made, kind.name, what, off, of_kind, parts, is_certain=all(above))


def densities(made: Made) -> Iterator[Problem]:
    """Quantities per area that no land has."""
    areas = made.account.areas()
    for (service, component), quantity in DENSITIES.items():
        by_zone: dict[str, dict[Cell, float]] = {}
        unit = ""
        for entry in made.account.flows:
            if (entry.service, entry.base) == (service, component) and entry.quantity is not None:
                cells, cell = by_zone.setdefault(entry.zone, {}), (entry.zone, entry.ecosystem, entry.land_class)
                cells[cell] = cells.get(cell, 0.0) + entry.quantity
                unit = entry.unit
        if not by_zone:
            continue
        of_kind = bands([quantity], ranges(quantity)[0].unit)
        scale, _ = linear(f"({unit})/m^2", of_kind.unit)
        off = []
        for zone, cells in by_zone.items():
            area = math.fsum(areas.get(cell, 0.0) for cell in cells)
            density = math.fsum(cells.values()) / area * scale if area > 0 else 0.0
            beyond = of_kind.beyond(density, MARGIN)
            if beyond and beyond.is_above:
                off.append((zone, density, beyond))
        what = say("indicators.result.density", name=named(service))
        yield from _told(made, f"{service}/{component}", what, off, of_kind, [Part("amount", named(service))])


def shares(made: Made) -> Iterator[Problem]:
    """One service that makes up nearly all of a complete account."""
    account = made.account
    if account.about.kind == "physical" or not account.is_complete:
        return
    by_name = {**account.totals("service"), **account.totals("category")}
    total = account.total() or 0.0
    if total <= 0 or any(value < 0 for value in by_name.values()):
        return
    for names, quantity in SHARES.items():
        of_kind = bands([quantity], "1")
        share = math.fsum(by_name.get(name, 0.0) for name in names) / total
        if (beyond := of_kind.beyond(share)) and beyond.is_above:
            yield problem(
                "indicators.O11.unlike_any",
                names[0],
                found=f"{share:.0%}",
                allowed=allowed(of_kind, beyond),
                what=say("indicators.result.share", name=listed(named(name) for name in names)),
                how=how_far(beyond),
                others="",
                cause="",
            )


def more_than_emitted(made: Made) -> Iterator[Problem]:
    """More of a pollutant purified in a zone than its table says is emitted, where no rule limits it."""
    amounts: dict[tuple[str, str], dict[str, list[float]]] = {}
    units: dict[tuple[str, str], str] = {}
    for entry in made.account.flows:
        if entry.quantity is not None:
            of = (entry.service, entry.base)
            units[of] = entry.unit
            amounts.setdefault(of, {}).setdefault(entry.zone, []).append(entry.quantity)
    for (service, component), by_zone in amounts.items():
        item = _limit(service, component)
        emitted = item_by_zone(made.inputs.statistics, item) if item else {}
        over = {
            zone: math.fsum(amount)
            for zone, amount in by_zone.items()
            if zone in emitted and math.fsum(amount) > emitted[zone] * (1 + ROUNDING)
        }
        if over:
            zone = max(over, key=over.__getitem__)
            yield problem(
                "indicators.B40.more_than_emitted",
                f"{service}/{component}",
                found=say(
                    "indicators.in_zone",
                    zone=_name(made, zone),
                    value=with_unit(f"{over[zone]:,.4g}", units[service, component]),
                ),
                allowed=with_unit(f"{emitted[zone]:,.4g}", units[service, component]),
                service=named(service),
                component=named(component),
                item=item_label(item or ""),
            )


def _limit(service: str, component: str) -> str | None:
    """The item of the tables that a component cannot exceed, under whatever method."""
    variants = SERVICES[service].variants if service in SERVICES else ()
    return next((v.limit for v in variants if isinstance(v, CellComponent) and v.id == component and v.limit), None)


def _margin(row: Indicator) -> float:
    return margin_of(row["area_m2"], row["population"], is_part=row["zone"] != CITY)


def _told(
    made: Made,
    name: str,
    what: Text,
    off: Sequence[tuple[str, float, Beyond]],
    of_kind: Bands,
    parts: Sequence[Part],
    *,
    is_certain: bool = False,
) -> Iterator[Problem]:
    """One problem for all that is above the bands, and one for all that is below."""
    for is_above in (True, False):
        here = [one for one in off if one[2].is_above == is_above]
        if not here:
            continue
        zones = [one for one in here if one[0] != CITY] or here
        _, _, beyond = max(here, key=lambda one: one[2].times)
        code = "O10" if beyond.is_certain or (is_certain and is_above) else "O11"
        yield problem(
            f"indicators.{code}.unlike_any",
            name,
            found=values_by_zone([(_name(made, zone), value) for zone, value, _ in zones], of_kind.unit),
            allowed=allowed(of_kind, beyond),
            what=what,
            how=how_far(beyond),
            others="",
            cause=cause([value for _, value, _ in zones], of_kind, parts),
            waiver=f"O10/{name}",
        )


def _name(made: Made, zone: str) -> Text:
    account = made.account
    return (
        say("indicators.whole_area") if zone == CITY else Text(account.zone_name(zone), account.zone_name(zone, "zh"))
    )
