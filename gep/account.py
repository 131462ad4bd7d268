"""The account: a flat, immutable list of entries. Totals, tables and shares are folds over it."""

from __future__ import annotations

import hashlib
import html
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from gep.catalog import label
from gep.errors import AccountError, Problem, did_you_mean
from gep.units import linear, ucum

if TYPE_CHECKING:
    import pandas as pd

NONE = "_none"
CITY = "_city"
UNALLOCATED = "_unallocated"
ADJUSTMENTS = ("_cap", "_clip")
"""Endings of the components in which rules on totals stay visible."""

COLUMNS = (
    "run_id",
    "area_code",
    "area_name",
    "year",
    "ecosystem_type",
    "land_class",
    "category",
    "service",
    "component",
    "measure",
    "counted",
    "value",
    "unit",
    "price_basis",
    "price_concept",
    "supply_basis",
    "origin",
    "lower",
    "upper",
    "interval_level",
    "data_coverage",
    "obs_status",
    "method_id",
    "profile_clause",
    "derivation_id",
)
"""Columns of the tidy account, in order (a contract)."""

Measure = Literal["area", "quantity", "price", "value"]

_KEYS = {
    "zone": "zone",
    "area_code": "zone",
    "zone_name": "zone_name",
    "ecosystem": "ecosystem",
    "ecosystem_type": "ecosystem",
    "class": "land_class",
    "land_class": "land_class",
    "category": "category",
    "service": "service",
    "component": "component",
}


@dataclass(frozen=True)
class Entry:
    """What one ecosystem class of one zone provides of one flow in a year; or, with service `_none`, how large it is.

    `quantity` is in `unit` (flows per accounting year), `price` in `price_unit`, `value` in CNY. None is a figure that is missing, never zero.
    """

    zone: str
    zone_name: str
    ecosystem: str
    land_class: str
    category: str = NONE
    service: str = NONE
    component: str = NONE
    quantity: float | None = None
    unit: str = ""
    price: float | None = None
    price_unit: str = ""
    price_year: int | None = None
    value: float | None = None
    is_counted: bool = True
    price_basis: str = ""
    price_concept: str = ""
    supply_basis: str = ""
    coverage: float | None = None
    method: str = ""
    clause: str = ""
    coefficients: tuple[str, ...] = ()
    derivations: tuple[str, ...] = ()
    is_estimated: bool = False
    is_provisional: bool = False
    origin: str = "local"

    @property
    def is_area(self) -> bool:
        return self.service == NONE

    @property
    def sort_key(self) -> tuple[bool, str, str, str, str, str]:
        return (not self.is_area, self.zone, self.ecosystem, self.land_class, self.service, self.component)

    def rows(self) -> Iterator[tuple[Measure, float | None, str]]:
        """The measures of the entry, as (measure, number, unit)."""
        if self.is_area:
            yield "area", self.quantity, "m2"
            return
        if self.unit:
            yield "quantity", self.quantity, ucum(self.unit)
        if self.price_unit and self.price is not None:
            yield "price", self.price, ucum(self.price_unit)
        if self.price_basis:
            yield "value", self.value, "CNY"


@dataclass(frozen=True)
class Missing:
    """A service that has no figure, or not a full one, and why."""

    service: str
    reason: Literal["no_input", "no_coefficient", "off", "low_coverage", "no_equation"]
    detail: str = ""
    is_required: bool = True

    def as_dict(self) -> dict[str, str]:
        """As the JSON object of summary.json."""
        return {"service": self.service, "reason": self.reason, "detail": self.detail}


@dataclass(frozen=True)
class About:
    """What an account is of, by which rules, and what is to be said beside it."""

    name: str
    year: int
    profile: str = ""
    level: str = "provisional"
    kind: Literal["monetary", "physical"] = "monetary"
    price_year: int | None = None
    name_zh: str = ""
    code: str = ""
    run_id: str = ""
    missing: tuple[Missing, ...] = ()
    problems: tuple[Problem, ...] = ()
    coverage: Mapping[str, Any] = field(default_factory=dict)
    statistics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    zone_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    records: Mapping[str, Any] = field(default_factory=dict)
    make_ledger: Callable[[], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Table:
    """Figures by keys: what `Account.by` gives."""

    keys: tuple[str, ...]
    cells: tuple[tuple[tuple[str, ...], float, str], ...]
    measure: str

    def to_frame(self) -> pd.DataFrame:
        """One row per combination of keys, with the figure and its unit."""
        import pandas as pd

        return pd.DataFrame([(*key, value, unit) for key, value, unit in self.cells], columns=[*self.keys, self.measure, "unit"])

    def __iter__(self) -> Iterator[tuple[tuple[str, ...], float, str]]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, float_format=lambda number: f"{number:,.6g}"))


class Account:
    """An ecosystem account. Immutable; every rule on totals makes a new one and leaves its adjustment visible as an entry."""

    def __init__(self, entries: Iterable[Entry], about: About) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.sort_key))
        self.about = about

    def replace(self, entries: Iterable[Entry] | None = None, **about: Any) -> Account:
        """The account with other entries or other things said about it."""
        return Account(self.entries if entries is None else entries, replace(self.about, **about))

    # what it says -----------------------------------------------------------------------------------------------------------------

    @property
    def is_complete(self) -> bool:
        """Whether every required service has a full figure, is declared not applicable, or has no ecosystem to come from."""
        return not any(missing.is_required for missing in self.about.missing)

    def title(self, language: str = "en") -> str:
        """The heading. Only a complete monetary account is called GEP."""
        about = self.about
        if language == "zh":
            if about.kind == "physical":
                return "生态系统服务实物量账户"
            return f"{about.name_zh or about.name}{about.year}年生态产品总值（GEP）" if self.is_complete else "已核算服务价值合计（部分）"
        if about.kind == "physical":
            return "Physical account of ecosystem services"
        return f"GEP of {about.name} {about.year}" if self.is_complete else "Sum of accounted services (partial)"

    def counted(self) -> tuple[Entry, ...]:
        """The entries whose value is part of the total."""
        return tuple(entry for entry in self.entries if entry.is_counted and not entry.is_area and entry.value is not None)

    def total(self) -> float | None:
        """The sum of all counted values in CNY, exactly rounded; None for a physical account or where nothing has a value.

        See `title` for what it may be called.
        """
        if self.about.kind == "physical":
            return None
        self._check_price_basis()
        values = [entry.value for entry in self.counted() if entry.value is not None]
        return math.fsum(values) if values else None

    def _check_price_basis(self) -> None:
        bases = sorted({entry.price_basis for entry in self.counted()})
        if len(bases) > 1:
            raise AccountError(f"Values at different prices cannot be added: {', '.join(bases)}. Move the prices to one year first.")

    def by(self, *keys: str, measure: Measure = "value") -> Table:
        """Sums by any of zone, zone_name, ecosystem, land_class, category, service, component.

        `measure` is value (counted entries, CNY), quantity (per unit: quantities of different units are never added), or area (m2).
        """
        fields = []
        for key in keys:
            if key not in _KEYS:
                raise AccountError(f"There is no key `{key}`. {did_you_mean(key, _KEYS)} There are: {', '.join(_KEYS)}.")
            fields.append(_KEYS[key])
        if measure == "value":
            self._check_price_basis()
        parts: dict[tuple[tuple[str, ...], str], list[float]] = {}
        for entry in self.entries:
            for row_measure, value, unit in entry.rows():
                if row_measure != measure or value is None or (measure != "area" and not entry.is_counted):
                    continue
                parts.setdefault((tuple(str(getattr(entry, f)) for f in fields), unit), []).append(value)
        return Table(tuple(keys), tuple((key, math.fsum(values), unit) for (key, unit), values in parts.items()), measure)

    def totals(self, key: str) -> dict[str, float]:
        """Counted values in CNY by one key, as a dictionary."""
        return {names[0]: value for names, value, _ in self.by(key)}

    def quantities(self) -> dict[str, dict[str, Any]]:
        """Quantity of each service, or of `service/component` where a service has several."""
        table = self.by("service", "component", measure="quantity")
        components: dict[str, set[str]] = {}
        for (service, component), _, _ in table:
            components.setdefault(service, set()).add(base_component(component))
        sums: dict[tuple[str, str], list[float]] = {}
        for (service, component), value, unit in table:
            name = service if len(components[service]) == 1 else f"{service}/{base_component(component)}"
            sums.setdefault((name, unit), []).append(value)
        return {name: {"value": math.fsum(values), "unit": unit} for (name, unit), values in sums.items()}

    def indicators(self) -> list[dict[str, Any]]:
        """Value per km2 and per head, its ratio to GDP and its share, by zone and for the whole area (zone `_city`).

        None where the tables do not give population or GDP of a zone, where GDP is in other prices, or where a share has no meaning because some
        values are negative. What the value may be called is a matter of `title`.
        """
        if self.about.kind == "physical":
            return []
        area: dict[str, list[float]] = {}
        names: dict[str, str] = {}
        for entry in self.entries:
            names.setdefault(entry.zone, entry.zone_name)
            if entry.is_area:
                area.setdefault(entry.zone, []).append(entry.quantity or 0.0)
        values = self.totals("zone")
        total = self.total() or 0.0
        has_shares = total > 0 and all(value >= 0 for value in values.values())
        rows = []
        for zone in [*area, CITY]:
            size = math.fsum(part for parts in (area.values() if zone == CITY else [area[zone]]) for part in parts)
            value = total if zone == CITY else values.get(zone)
            head, gdp = (self._statistic(item, zone, list(area)) for item in ("population", "gdp"))
            rows.append(
                {
                    "zone": zone,
                    "name": names.get(zone, "") if zone != CITY else self.about.name,
                    "area_m2": size,
                    "population": head,
                    "gdp": gdp,
                    "value": value,
                    "value_per_km2": None if value is None or not size else value / (size * linear("m^2", "km^2")[0]),
                    "value_per_head": None if value is None or not head else value / head,
                    "value_to_gdp": None if value is None or not gdp else value / gdp,
                    "share": value / total if has_shares and value is not None else None,
                }
            )
        return rows

    def _statistic(self, item: str, zone: str, zones: list[str]) -> float | None:
        """A figure of the tables for a zone; for the whole area as reported, or the sum of its zones if all report it."""
        reported = self.about.statistics.get(item, {})
        if zone in reported or zone != CITY:
            return reported.get(zone)
        named = [code for code in zones if code != UNALLOCATED]
        return math.fsum(reported[code] for code in named) if named and all(code in reported for code in named) else None

    def zone_name(self, zone: str, language: str = "en") -> str:
        """The name of a zone in a language, if the zone file has it; else the name it has; else its code."""
        given = next((entry.zone_name for entry in self.entries if entry.zone == zone), "")
        return self.about.zone_names.get(zone, {}).get(language) or given or zone

    @cached_property
    def ledger(self) -> Mapping[str, Any]:
        """What every figure is made of, as `ledger.json` holds it; empty for an account of given quantities. Made when it is first asked for."""
        return self.about.make_ledger() if self.about.make_ledger else {}

    def plot(self, kind: str = "composition", **options: Any) -> Any:
        """Draw the account: `composition`, `ecosystems` or `counties`; options `language` and `ax`. Needs the extra `report`."""
        # by name, as pandas finds its plotting backend: an account knows no drawing library
        return import_module("gep.report.plots").plot(self, kind, **options)

    def explain(self, service: str, zone: str = CITY, ecosystem: str = "") -> dict[str, Any]:
        """A figure taken apart: formula, numbers put in, means of the inputs, coefficients, price, rules on totals; or why it is empty.

        The document that `gep explain --json` prints: see `gep.explain`.
        """
        # by name: what explains figures reads accounts, and not the other way round
        return import_module("gep.explain").explain_account(self, service, zone, ecosystem)  # type: ignore[no-any-return]

    def supply_table(self, **options: Any) -> pd.DataFrame:
        """The account as the supply table of SEEA EA; options `measure`, `by`, `zone`, `language`: see `gep.seea.supply_table`."""
        # by name, since the crosswalks to SEEA EA know accounts, and not the other way round
        return import_module("gep.seea").supply_table(self, **options)  # type: ignore[no-any-return]

    def areas(self) -> dict[tuple[str, str, str], float]:
        """Area in m2 by zone, ecosystem and class."""
        return {(e.zone, e.ecosystem, e.land_class): e.quantity or 0.0 for e in self.entries if e.is_area}

    # what it is written as ----------------------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of the tidy account."""
        about = self.about
        for entry in self.entries:
            for measure, value, unit in entry.rows():
                is_money = measure in ("price", "value")
                yield {
                    "run_id": about.run_id,
                    "area_code": entry.zone,
                    "area_name": entry.zone_name,
                    "year": about.year,
                    "ecosystem_type": entry.ecosystem,
                    "land_class": entry.land_class or NONE,
                    "category": entry.category,
                    "service": entry.service,
                    "component": entry.component,
                    "measure": measure,
                    "counted": int(entry.is_counted),
                    "value": value,
                    "unit": unit,
                    "price_basis": entry.price_basis if is_money else "",
                    "price_concept": entry.price_concept if is_money else "",
                    "supply_basis": entry.supply_basis,
                    "origin": "" if entry.is_area else entry.origin,
                    "lower": None,
                    "upper": None,
                    "interval_level": None,
                    "data_coverage": entry.coverage,
                    "obs_status": "O" if value is None else "P" if entry.is_provisional else "E" if entry.is_estimated else "A",
                    "method_id": entry.method,
                    "profile_clause": entry.clause,
                    "derivation_id": "+".join(entry.derivations),
                }

    def to_frame(self) -> pd.DataFrame:
        """The tidy account: one row per zone, ecosystem, class, service, component and measure."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=list(COLUMNS))

    @cached_property
    def digest(self) -> str:
        """sha256 of the figures: the same for the same account, whatever window, thread count or machine made it."""
        return digest_of(self.rows())

    def __repr__(self) -> str:
        total = self.total()
        money = f", {total / linear('亿元', 'CNY')[0]:,.2f} 亿元" if total is not None else ""
        return f"<Account {self.about.name} {self.about.year}: {self.title()}{money}, {len(self.entries)} entries>"

    def _repr_html_(self) -> str:
        billion = linear("亿元", "CNY")[0]
        rows = "".join(
            f"<tr><td>{html.escape(label(service, 'en'))}</td><td>{html.escape(label(service, 'zh'))}</td>"
            f"<td style='text-align:right'>{value / billion:,.2f}</td></tr>"
            for service, value in self.totals("service").items()
        )
        total = self.total()
        foot = (
            ""
            if total is None
            else f"<tr><th>{html.escape(self.title())}</th><th></th><th style='text-align:right'>{total / billion:,.2f}</th></tr>"
        )
        missing = "; ".join(f"{label(m.service, 'en')} ({m.reason.replace('_', ' ')})" for m in self.about.missing)
        return (
            f"<div><b>{html.escape(self.about.name)} {self.about.year}</b> · profile {html.escape(self.about.profile)} ({self.about.level})"
            f"<table><thead><tr><th>service</th><th></th><th>亿元</th></tr></thead><tbody>{rows}{foot}</tbody></table>"
            + (f"<small>Not or not fully accounted: {html.escape(missing)}</small>" if missing else "")
            + "</div>"
        )


def digest_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """sha256 over the figures among rows of a tidy account (a contract)."""
    lines = []
    for row in rows:
        if row["measure"] in ("area", "quantity", "value"):
            number = "" if row["value"] is None else float(row["value"]).hex()
            key = ("area_code", "ecosystem_type", "land_class", "service", "component", "measure", "unit")
            lines.append("|".join([*(row[name] for name in key), number]))
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def base_component(component: str) -> str:
    """The component that an adjustment belongs to."""
    for ending in ADJUSTMENTS:
        component = component.removesuffix(ending)
    return component
