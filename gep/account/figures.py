"""The figures of an account: a flat, immutable list of entries. Totals, tables and shares are folds over it."""

from __future__ import annotations

import html
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypedDict

from gep.account.entries import _KEYS, COLUMNS, About, AccountRow, Asked, Entry, Table, base_component, digest_of
from gep.account.record import SCHEMA, CellSums, Indicator, Key, Ledger, Quantity, RunRecord, Summary
from gep.core.catalog import label, named
from gep.core.errors import AccountError, UsageError, count_problems, did_you_mean
from gep.core.keys import CITY, NONE, UNALLOCATED
from gep.core.messages import Text, listed, say, sentences
from gep.core.units import linear

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry.base import BaseGeometry


class ServiceComponent(NamedTuple):
    """A component of a service; also what statistics count, as a crop."""

    service: str
    component: str


class _Stocks(TypedDict, total=False):
    stocks: dict[str, Quantity]


class Figures:
    """Entries, and what is said about them. Immutable; every rule on totals makes a new one and leaves its adjustment
    visible as an entry.
    """

    def __init__(self, entries: Iterable[Entry], about: About) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.sort_key))
        self.about = about

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled with its ledger and its shapes written out, as what makes them rests on all inputs; those of a run on
        disk stay there.
        """
        about = self.about
        if about.make_ledger and about.folder is None:
            about = replace(about, make_ledger=partial(copy, self.ledger))
        if about.make_shapes and about.folder is None:
            about = replace(about, make_shapes=partial(dict, self.shapes))
        return type(self), (self.entries, about)

    def replace(self, entries: Iterable[Entry] | None = None, **about: Any) -> Self:
        """The account with other entries or other things said about it.

        Args:
            entries: in place of those that it has.
            about: what is said of it, by name (`name`, `price_year`, `record`, …).
        """
        return type(self)(self.entries if entries is None else entries, replace(self.about, **about))

    # what it says -----------------------------------------------------------------------------------------------------

    @property
    def is_complete(self) -> bool:
        """Whether every required service has a full figure, is declared not applicable, or has no ecosystem to come
        from.
        """
        return not any(missing.is_required for missing in self.about.missing)

    def title(self, language: str = "en") -> str:
        """The heading. Without a figure of any service it is no account; only a complete monetary account is called
        GEP.

        Args:
            language: "en" or "zh".
        """
        return self._title().to(language)

    def _title(self) -> Text:
        about = self.about
        if not self.has_figures:
            return say("figures.title.nothing")
        if about.kind == "physical":
            return say("figures.title.physical")
        if not self.is_complete:
            return say("figures.title.partial")
        return say("figures.title.gep", name=Text(about.name, about.name_zh or about.name), year=about.year)

    @property
    def has_figures(self) -> bool:
        """Whether any service has a quantity or a value: areas of land alone are no account."""
        return any(entry.quantity is not None or entry.value is not None for entry in self.flows)

    def counted(self) -> tuple[Entry, ...]:
        """The entries whose value is part of the total."""
        return tuple(
            entry for entry in self.entries if entry.is_counted and not entry.is_area and entry.value is not None
        )

    def total(self) -> float | None:
        """The sum of all counted values in CNY, exactly rounded; None for a physical account or where nothing has a
        value.

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
            raise AccountError(say("figures.price_bases", bases=bases))

    def by(self, *keys: str, measure: Asked = "value") -> Table:
        """Sums by some keys: rows of ((key, …), number, unit), and `to_frame()` of them.

        >>> account.by("zone", "service").to_frame()                                # doctest: +SKIP

        Args:
            keys: of zone, zone_name, ecosystem, land_class, category, service, component.
            measure: "value" (counted entries, CNY), "quantity" (per unit: quantities of different units are never
                added), "area" (m2), or "stock": quantities that stand at the time of the land cover, which are in none
                of the others.

        Raises:
            AccountError: for another key, and for values at prices of different years.
        """
        fields = []
        for key in keys:
            if key not in _KEYS:
                near, known = did_you_mean(key, _KEYS), say("figures.known", known=list(_KEYS))
                raise AccountError(sentences(say("figures.no_key", key=key), near, known))
            fields.append(_KEYS[key])
        if measure == "value":
            self._check_price_basis()
        asked = (keys, measure)
        if asked not in self._sums:
            self._sums[asked] = self._summed(keys, fields, measure)
        return self._sums[asked]

    @cached_property
    def _sums(self) -> dict[tuple[tuple[str, ...], Asked], Table]:
        """What `by` was asked for: indicators, summaries and checks ask for the same."""
        return {}

    def _summed(self, keys: tuple[str, ...], fields: Sequence[str], measure: Asked) -> Table:
        parts: dict[tuple[tuple[str, ...], str], list[float]] = {}
        for entry in self.entries:
            if not (entry.is_stock if measure == "stock" else measure == "area" or entry.is_counted):
                continue
            for row_measure, value, unit in entry.rows():
                if row_measure != ("quantity" if measure == "stock" else measure) or value is None:
                    continue
                parts.setdefault((tuple(str(getattr(entry, f)) for f in fields), unit), []).append(value)
        return Table(keys, tuple((key, math.fsum(values), unit) for (key, unit), values in parts.items()), measure)

    def totals(self, key: str) -> dict[str, float]:
        """Counted values in CNY by one key, as a dictionary.

        Args:
            key: one of those of `by`.
        """
        return {names[0]: value for names, value, _ in self.by(key)}

    def quantities(self) -> dict[ServiceComponent, Quantity]:
        """Quantity of each component of each service, its adjustments included."""
        sums: dict[tuple[ServiceComponent, str], list[float]] = {}
        for (service, component), value, unit in self.by("service", "component", measure="quantity"):
            sums.setdefault((ServiceComponent(service, base_component(component)), unit), []).append(value)
        return {of: {"value": math.fsum(values), "unit": unit} for (of, unit), values in sums.items()}

    def _quantities_by_name(self) -> dict[str, Quantity]:
        """Quantities as summary.json has them: by service, or by `service/component` where a service has several."""
        quantities = self.quantities()
        components = Counter(of.service for of in quantities)
        return {
            of.service if components[of.service] == 1 else "/".join(of): quantity for of, quantity in quantities.items()
        }

    def _stocks(self) -> _Stocks:
        """Stocks as summary.json has them, by `service/component`; nothing where there are none."""
        found = {
            "/".join(of): Quantity(value=value, unit=unit)
            for of, value, unit in self.by("service", "component", measure="stock")
        }
        return {"stocks": found} if found else {}

    def indicators(self) -> list[Indicator]:
        """Value per km2 and per head, its ratio to GDP and its share, by zone and for the whole area (zone `_city`).

        None where the tables do not give population or GDP of a zone, where GDP is in other prices, or where a share
        has no meaning because some values are negative. What the value may be called is a matter of `title`.
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
        total = self.total()
        has_shares = (total or 0.0) > 0 and all(value >= 0 for value in values.values())
        rows: list[Indicator] = []
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
                    "share": value / total if has_shares and total and value is not None else None,
                }
            )
        return rows

    def _statistic(self, item: str, zone: str, zones: list[str]) -> float | None:
        """A figure of the tables for a zone; for the whole area as reported, or the sum of its zones if all
        report it.
        """
        reported = self.about.statistics.get(item, {})
        if zone in reported or zone != CITY:
            return reported.get(zone)
        named = [code for code in zones if code != UNALLOCATED]
        return (
            math.fsum(reported[code] for code in named) if named and all(code in reported for code in named) else None
        )

    def zone_name(self, zone: str, language: str = "en") -> str:
        """The name of a zone in a language, if the zone file has it; else the name it has; else its code.

        Args:
            zone: its code; `_city` is the whole area, called as the study is.
            language: "en" or "zh".
        """
        if zone == CITY:
            return (self.about.name_zh if language == "zh" else "") or self.about.name
        return self.about.zone_names.get(zone, {}).get(language) or self._names_found.get(zone) or zone

    @cached_property
    def _names_found(self) -> Mapping[str, str]:
        return {entry.zone: entry.zone_name for entry in reversed(self.entries)}

    @property
    def has_ledger(self) -> bool:
        """Whether it is known what the figures are made of: not for an account of given quantities."""
        return self.about.make_ledger is not None

    @cached_property
    def ledger(self) -> Ledger:
        """What every figure is made of, as `ledger.json` holds it. Made when it is first asked for. Raises UsageError
        where there is none.
        """
        about = self.about
        if about.make_ledger is None:
            key = "explanation.no_ledger" if about.folder is None else "explanation.no_ledger_file"
            raise UsageError(say(key, name=about.name, folder=about.folder))
        return about.make_ledger()

    @cached_property
    def shapes(self) -> Mapping[str, BaseGeometry]:
        """The zones as simple polygons to draw, by code, in EPSG:4326; nothing where no polygons are known. Made when
        they are first asked for.
        """
        return self.about.make_shapes() if self.about.make_shapes else {}

    @property
    def record(self) -> RunRecord:
        """What it was computed from, as `run.json` holds it; for an account of given quantities what there is to
        tell.
        """
        about = self.about
        return about.record or {
            "schema": SCHEMA,
            "run_id": about.run_id,
            "profile": about.profile,
            "kind": about.kind,
            "zone_names": {code: dict(names) for code, names in about.zone_names.items()},
        }

    @cached_property
    def flows(self) -> tuple[Entry, ...]:
        """The entries of services that are written, in the order of the account."""
        return tuple(entry for entry in self.entries if not entry.is_area and any(True for _ in entry.rows()))

    def areas(self) -> Mapping[tuple[str, str, str], float]:
        """Area in m2 by zone, ecosystem and class."""
        return self._areas

    @cached_property
    def _areas(self) -> Mapping[tuple[str, str, str], float]:
        return {(e.zone, e.ecosystem, e.land_class): e.quantity or 0.0 for e in self.entries if e.is_area}

    @cached_property
    def cell_sums(self) -> Mapping[Key, CellSums]:
        """What was summed over cells, by figure; nothing for an account of given quantities."""
        return {
            (s["service"], s["component"], s["zone"], s["ecosystem"], s["land_class"] or NONE): s
            for s in self.record.get("sums", ())
        }

    # what it is written as --------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[AccountRow]:
        """The rows of the tidy account."""
        about = self.about
        for entry in self.entries:
            for measure, value, unit in entry.rows():
                is_money = measure in ("price", "value")
                lower, upper, level = (entry.interval if measure == "value" else None) or (None, None, None)
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
                    "lower": lower,
                    "upper": upper,
                    "interval_level": level,
                    "data_coverage": entry.coverage,
                    "obs_status": entry.status_of(value),
                    "method_id": entry.method,
                    "profile_clause": entry.clause,
                    "derivation_id": "+".join(entry.derivations),
                }

    def summary(self) -> Summary:
        """The content of summary.json (a contract)."""
        about = self.about
        total = self.total()
        is_priced = about.kind == "monetary"
        return {
            "schema": SCHEMA,
            "study": {"name": about.name, "name_zh": about.name_zh, "code": about.code},
            "profile": {"id": about.profile, "level": about.level},
            "year": about.year,
            "price_year": about.price_year,
            "run_id": about.run_id,
            "title": self.title("en"),
            "title_zh": self.title("zh"),
            "complete": self.is_complete,
            "missing": [missing.as_dict() for missing in about.missing],
            "total": {"value": total, "unit": "CNY"},
            "by_ecosystem": self.totals("ecosystem") if is_priced else {},
            "by_service": self.totals("service") if is_priced else {},
            "by_zone": self.totals("zone") if is_priced else {},
            "quantities": self._quantities_by_name(),
            **self._stocks(),
            "indicators": self.indicators(),
            "coverage": about.coverage,
            "problems": [problem.as_dict() for problem in about.problems],
            "counts": count_problems(about.problems),
            "digest": self.digest,
        }

    def to_frame(self) -> pd.DataFrame:
        """The tidy account: one row per zone, ecosystem, class, service, component and measure."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=list(COLUMNS))

    @cached_property
    def digest(self) -> str:
        """sha256 of the figures: the same for the same account, whatever window, thread count or machine made it. An
        account that a compiled loop added up says so before it.
        """
        return digest_of(self.rows(), self.about.loop)

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
            else f"<tr><th>{html.escape(self.title())}</th><th>{html.escape(self.title('zh'))}</th><th "
            f"style='text-align:right'>{total / billion:,.2f}</th></tr>"
        )
        about = self.about
        head = say("figures.page.head", profile=about.profile, level=about.level).both
        reasons = {m.reason: say(f"account.reason.{m.reason}") for m in about.missing}
        lacking = [
            say("figures.page.service_with_reason", service=named(m.service), reason=reasons[m.reason])
            for m in about.missing
        ]
        missing = say("figures.page.missing", services=listed(lacking)).both
        return (
            f"<div><b>{html.escape(about.name)} {about.year}</b> · {html.escape(head)}"
            f"<table><thead><tr><th>{say('figures.page.service')}</th><th>{say('figures.page.service').zh}</th><th>亿元</th></tr></thead>"
            f"<tbody>{rows}{foot}</tbody></table>"
            + (f"<small>{html.escape(missing)}</small>" if lacking else "")
            + "</div>"
        )
