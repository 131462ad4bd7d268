"""A finished run, read from its folder or taken from memory: the figures of the account, the sums behind them, and the
ledger.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gep.account.entries import ADJUSTMENTS, base_component
from gep.core.keys import CITY, NONE

Document = dict[str, Any]


Key = tuple[str, str, str, str, str]
"""Service, component, zone, ecosystem and class."""


LEDGER_SCHEMA = 1


@dataclass(frozen=True)
class Line:
    """A figure of the account with its measures: what one class of one zone provides of one component. Those of a rule
    on totals stand alone.
    """

    zone: str
    zone_name: str
    ecosystem: str
    land_class: str
    service: str
    component: str
    quantity: float | None = None
    unit: str = ""
    price: float | None = None
    price_unit: str = ""
    value: float | None = None
    is_priced: bool = False
    is_counted: bool = True
    coverage: float | None = None
    status: str = ""
    method: str = ""
    clause: str = ""
    origin: str = ""
    price_basis: str = ""

    @property
    def base(self) -> str:
        """The component that it belongs to where it is an adjustment."""
        return base_component(self.component)

    @property
    def is_adjustment(self) -> bool:
        return self.component.endswith(ADJUSTMENTS)

    @property
    def counted_value(self) -> float | None:
        return self.value if self.is_counted else None


@dataclass(frozen=True)
class Finished:
    """What the folder of a run holds."""

    rows: tuple[Mapping[str, Any], ...]
    run: Mapping[str, Any]
    summary: Mapping[str, Any]
    ledger: Mapping[str, Any]

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The figures in the order of the account, without areas."""
        groups: dict[Key, list[Mapping[str, Any]]] = {}
        for row in self.rows:
            if row["measure"] != "area":
                key = (row["service"], row["component"], row["area_code"], row["ecosystem_type"], row["land_class"])
                groups.setdefault(key, []).append(row)
        return tuple(_line(rows) for rows in groups.values())

    @cached_property
    def areas(self) -> Mapping[tuple[str, str, str], float]:
        """Area in m2 by zone, ecosystem and class."""
        return {
            (row["area_code"], row["ecosystem_type"], row["land_class"]): row["value"] or 0.0
            for row in self.rows
            if row["measure"] == "area"
        }

    @cached_property
    def sums(self) -> Mapping[Key, Mapping[str, Any]]:
        """What was summed over cells, by figure."""
        return {
            (s["service"], s["component"], s["zone"], s["ecosystem"], s["land_class"] or NONE): s
            for s in self.run.get("sums", ())
        }

    def zone_name(self, zone: str, language: str) -> str:
        """The name of a zone in a language, else the one it has, else its code."""
        if zone == CITY:
            study = self.summary["study"]
            return str((study.get("name_zh") or study["name"]) if language == "zh" else study["name"])
        names = self.ledger["zones"].get(zone, {})
        return str(names.get(language) or names.get("name") or zone)


def _line(rows: list[Mapping[str, Any]]) -> Line:
    by_measure = {row["measure"]: row for row in rows}
    first = rows[0]
    quantity, price, value = (by_measure.get(measure, {}) for measure in ("quantity", "price", "value"))
    return Line(
        zone=first["area_code"],
        zone_name=first["area_name"],
        ecosystem=first["ecosystem_type"],
        land_class=first["land_class"],
        service=first["service"],
        component=first["component"],
        quantity=quantity.get("value"),
        unit=quantity.get("unit", ""),
        price=price.get("value"),
        price_unit=price.get("unit", ""),
        value=value.get("value"),
        is_priced=bool(value),
        is_counted=bool(first["counted"]),
        coverage=first["data_coverage"],
        status=(value or quantity or first)["obs_status"],
        method=first["method_id"],
        clause=first["profile_clause"],
        origin=first["origin"],
        price_basis=value.get("price_basis", ""),
    )


def added(values: Iterable[float | None]) -> float | None:
    """The sum of the figures that are there, exactly rounded; None where none is."""
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None
