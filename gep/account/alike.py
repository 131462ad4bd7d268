"""Two accounts of different years: what of them can be compared, and which services were computed in another way, as
the records of the runs tell.

Another way is another profile, another switch, another coefficient that is no price, other land classes, another data
product (a layer of other cells, or made of something else), or a service that only one of the accounts has in full.
What a change of such a service comes from is not told apart from the change of the method.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gep.account.account import Account
from gep.account.index_record import followed_by
from gep.account.last_year import ALIKE
from gep.core.catalog import layer_kinds, named
from gep.core.errors import GepError, UsageError
from gep.core.keys import UNALLOCATED
from gep.core.messages import Text, joined, listed, say
from gep.core.units import same_dimension
from gep.standards.coefficients import constant_names, study_input_labels
from gep.standards.prices import price_index
from gep.standards.profile import load_profile


def place(account: Account) -> str:
    """The folder of an account, or its name, as messages tell it."""
    about = account.about
    return str(about.folder) if about.folder else f"{about.name} {about.year}"


def check_years(accounts: Sequence[Account], base: int | None) -> int:
    """The base year of a comparison: the first where none is named. Raises UsageError with all that stops it."""
    wrong: list[Text] = []
    years: dict[int, Account] = {}
    for account in accounts:
        about = account.about
        if about.kind == "physical" or account.total() is None:
            wrong.append(say("years.no_prices", run=place(account), year=about.year))
        if before := years.get(about.year):
            is_same = before is account or (about.run_id and about.run_id == before.about.run_id)
            key = "same_run" if is_same else "same_year"
            wrong.append(say(f"years.{key}", first=place(before), second=place(account), year=about.year))
        years.setdefault(about.year, account)
    if len(accounts) < 2:
        wrong.append(say("years.one_run", count=len(accounts)))
    if base is not None and base not in years:
        wrong.append(say("years.no_base", base=base, years=sorted(years)))
    bases = {basis: account for account in accounts for basis in _price_bases(account)}
    if len(bases) > 1 and fixed_price_year(accounts) is None:
        wrong.append(say("years.price_bases", found=listed(_basis(*of) for of in bases.items())))
    if wrong:
        raise UsageError(joined(wrong, "\n"))
    return min(years) if base is None else base


def _basis(basis: str, account: Account) -> Text:
    """In whose money an account is, in words."""
    _, _, year = basis.partition(":")
    key = "years.basis.constant" if year else "years.basis.current"
    return say(key, run=place(account), year=year or account.about.year)


def _price_bases(account: Account) -> set[str]:
    return {entry.price_basis for entry in account.counted()}


def fixed_price_year(accounts: Sequence[Account]) -> int | None:
    """The year in whose money accounts of different years all are; None where each is in its own, or they differ."""
    years = {account.about.price_year for account in accounts}
    return years.pop() if len(years) == 1 and len(accounts) > 1 else None


@dataclass(frozen=True)
class Alike:
    """An account and one of another year beside it."""

    first: Account
    second: Account

    # places -----------------------------------------------------------------------------------------------------------

    @cached_property
    def zones(self) -> frozenset[str]:
        """The zones that both have, with about the same area. Raises UsageError where there is none."""
        areas = [_areas(account) for account in (self.first, self.second)]
        zones = [_zones(account) for account in (self.first, self.second)]
        found = {
            zone
            for zone in zones[0] & zones[1]
            if zone == UNALLOCATED or math.isclose(areas[0].get(zone, 0.0), areas[1].get(zone, 0.0), rel_tol=ALIKE)
        }
        if not found:
            raise UsageError(say("years.no_zone", first=place(self.first), second=place(self.second)))
        return frozenset(found)

    @property
    def notes(self) -> Iterator[Text]:
        """What is not compared, or stands for something else than it seems."""
        first, second = self.first.about, self.second.about
        if first.code and second.code and first.code != second.code:
            one, other = (Text(about.name, about.name_zh or about.name) for about in (first, second))
            yield say("years.other_study", first=first.code, second=second.code, one=one, other=other)
        others = [zone for zone in (*_zones(self.first), *_zones(self.second)) if zone not in self.zones]
        if others:
            years = {"first": first.year, "second": second.year}
            names = [self._zone_name(zone) for zone in dict.fromkeys(sorted(others))]
            yield say("years.other_zones", zones=listed(names), share=ALIKE, **years)
        if self.deflated and self.price_year is None:
            yield say("years.deflated", services=listed(named(service) for service in sorted(self.deflated)))
        programs = [account.record.get("code_sha256") for account in (self.first, self.second)]
        if None not in programs and programs[0] != programs[1]:
            yield say("years.other_program", first=first.year, second=second.year)

    def _zone_name(self, zone: str) -> Text:
        account = self.first if zone in _zones(self.first) else self.second
        return Text(account.zone_name(zone, "en"), account.zone_name(zone, "zh"))

    # prices -----------------------------------------------------------------------------------------------------------

    @cached_property
    def price_year(self) -> int | None:
        """The year in whose money both are, whatever their own."""
        return fixed_price_year((self.first, self.second))

    def index_of(self, service: str, component: str) -> float | None:
        """What a price of the first account is multiplied by to be in the money of the second: by the index that is
        shipped for their profile, or their own, as their ledgers have it: that of the group of a product or a service,
        else the general one. None where it is not known.
        """
        if not self._has_own_index:
            return self._shipped_index
        name = f"{service}/{component}"
        if name not in self._own_indices:
            self._own_indices[name] = self._own_index(name)
        return self._own_indices[name]

    @cached_property
    def _has_own_index(self) -> bool:
        return any(account.record.get("price_index") for account in (self.first, self.second))

    @cached_property
    def _shipped_index(self) -> float | None:
        first, second = self.first.about, self.second.about
        if first.price_year is None or second.price_year is None:
            return None
        if first.price_year == second.price_year:
            return 1.0
        if first.profile != second.profile:
            return None
        try:
            index = price_index(load_profile(first.profile).price_index)
        except GepError:  # a profile of somebody's own
            return None
        is_known = {first.price_year, second.price_year} <= set(index.levels)
        return index.factor(first.price_year, second.price_year) if is_known else None

    @cached_property
    def _own_indices(self) -> dict[str, float | None]:
        """What `_own_index` found: thousands of flows ask for the same."""
        return {}

    def _own_index(self, name: str) -> float | None:
        """The same by the levels of their own indices: of the ledgers that reach both years, which must agree."""
        years = self.first.about.price_year, self.second.about.price_year
        if years[0] == years[1] and years[0] is not None:
            return 1.0
        found = []
        for levels in (_levels(_ledger(account), name) for account in (self.first, self.second)):
            then, now = (levels.get(str(year)) for year in years)
            if then and now:
                found.append(now / then)
        return min(found) if found and math.isclose(min(found), max(found), rel_tol=1e-9) else None

    @cached_property
    def deflated(self) -> frozenset[str]:
        """The services whose values are put at constant prices by their index, though they have quantities."""
        return frozenset(s for account in (self.first, self.second) for s in account.record.get("deflated", ()))

    # methods ----------------------------------------------------------------------------------------------------------

    @cached_property
    def missing(self) -> Mapping[str, tuple[Text, ...]]:
        """The services that one of the accounts alone has in full, and which."""
        first, second = ({missing.service for missing in a.about.missing} for a in (self.first, self.second))
        return {
            service: (say("years.because.missing", year=(self.first if service in first else self.second).about.year),)
            for service in sorted(first ^ second)
        }

    @cached_property
    def other(self) -> Mapping[str, tuple[Text, ...]]:
        """The services that were computed in another way, and in which; those that are missing in one of the accounts
        among them.
        """
        services = sorted({entry.service for a in (self.first, self.second) for entry in a.flows})
        found = {service: (*self.missing.get(service, ()), *self._because(service)) for service in services}
        return {service: why for service, why in found.items() if why}

    def _because(self, service: str) -> Iterator[Text]:
        first, second = self.first.record, self.second.record
        if self.first.about.profile != self.second.about.profile:
            profiles = {"first": self.first.about.profile, "second": self.second.about.profile}
            yield say("years.because.profile", **profiles)
        switches = [record.get("switches", {}).get(service, {}) for record in (first, second)]
        changed = sorted(
            name for name in {*switches[0], *switches[1]} if switches[0].get(name) != switches[1].get(name)
        )
        if changed:
            yield say("years.because.switch", names=changed)
        if service in self._of_cells:
            yield from self._of_land
        if units := self._other_units.get(service):
            yield say("years.because.unit", first=units[0], second=units[1])
        if layers := [name for name in self._layers(service) if name in self._other_layers]:
            yield say("years.because.layer", names=listed(_layer_name(name) for name in layers))
        called = {**constant_names(), **study_input_labels()}
        if names := self._other_coefficients(service):
            yield say("years.because.coefficient", names=listed(called.get(name, name) for name in names))
        is_new = self._differs("profile_sha256", "code_sha256")
        if is_new and self._rules(self.first, service) != self._rules(self.second, service):
            yield say("years.because.rules")

    @cached_property
    def _other_units(self) -> Mapping[str, tuple[str, str]]:
        """The services whose quantities cannot be turned into each other, with the units of one of them."""
        units = [
            {(e.service, e.base): e.written_unit for e in account.flows if e.unit}
            for account in (self.first, self.second)
        ]
        pairs = {of: (unit, units[1][of]) for of, unit in units[0].items() if units[1].get(of, unit) != unit}
        return {service: pair for (service, _), pair in pairs.items() if not same_dimension(*pair)}

    def _differs(self, *keys: str) -> bool:
        """Whether the records say something else of any of these."""
        first, second = self.first.record, self.second.record
        return any(first.get(key) != second.get(key) for key in keys)

    @cached_property
    def _of_cells(self) -> frozenset[str]:
        """The services that were added up over cells."""
        records = (self.first.record, self.second.record)
        return frozenset(sums["service"] for record in records for sums in record.get("sums", ()))

    @cached_property
    def _of_land(self) -> tuple[Text, ...]:
        """What differs in the map of land, and so in all that is added up over its cells."""
        studies = [account.record.get("study", {}) for account in (self.first, self.second)]
        grids = [account.record.get("grid") for account in (self.first, self.second)]
        cells = [grid and (grid["crs"], grid["cell"]) for grid in grids]
        differs = {
            "scheme": any(studies[0].get(key) != studies[1].get(key) for key in ("scheme", "scheme_map")),
            "land_cover": "land_cover" in self._other_layers,
            "grid": cells[0] != cells[1],
        }
        return tuple(say(f"years.because.{name}") for name, is_other in differs.items() if is_other)

    @cached_property
    def _other_layers(self) -> frozenset[str]:
        """The layers that are another product, with those that are made of them."""
        first, second = (account.record.get("inputs", {}) for account in (self.first, self.second))
        shared = [name for name in first if name in second]
        found = {name for name in shared if _product(first[name]) != _product(second[name])}
        while more := {name for name in shared if name not in found and found & {*_made_of(first[name])}}:
            found |= more
        return frozenset(found)

    def _layers(self, service: str) -> list[str]:
        """The layers that go into a service, by the ledgers, which are long and read only where a layer is another."""
        if not self._other_layers:
            return []
        return list(
            dict.fromkeys(
                argument["layer"]
                for account in (self.first, self.second)
                for component in _components(account, service)
                for argument in _arguments(component)
                if "layer" in argument
            )
        )

    def _other_coefficients(self, service: str) -> list[str]:
        """The coefficients of a service, but prices, that have other values for a class that both accounts have."""
        if not self._differs("coefficients_sha256"):
            return []
        ledgers = [_ledger(account) for account in (self.first, self.second)]
        if not all(ledgers):
            return []
        names = dict.fromkeys(
            argument["coefficient"]
            for account in (self.first, self.second)
            for component in _components(account, service)
            for argument in _arguments(component)
            if argument.get("coefficient", "") in ledgers[0]["class_rows"]  # the days of a year are of no row
        )
        values = [ledger["class_values"] for ledger in ledgers]
        found = [name for name in names if _differ(*(_flat(of.get(name, {})) for of in values))]
        given = [_given(account, service) for account in (self.first, self.second)]
        return [*found, *sorted(name for name in given[0] if _differ(given[0][name], given[1].get(name, {})))]

    @staticmethod
    def _rules(account: Account, service: str) -> object:
        """How a service is computed and valued, by the equations; nothing without a ledger."""
        return {
            name: [component.get(key) for key in ("quantity", "value", "pricing", "clip", "limit")]
            for name, component in _ledger(account).get("services", {}).get(service, {}).get("components", {}).items()
        }


# areas and zones ------------------------------------------------------------------------------------------------------


def _areas(account: Account) -> dict[str, float]:
    parts: dict[str, list[float]] = {}
    for (zone, _, _), area in account.areas().items():
        parts.setdefault(zone, []).append(area)
    return {zone: math.fsum(areas) for zone, areas in parts.items()}


def _zones(account: Account) -> set[str]:
    """The zones of an account, that of figures of the whole area among them."""
    return {entry.zone for entry in account.entries}


# what records say -----------------------------------------------------------------------------------------------------

_OF_PRODUCT = ("derived_by", "kind", "crs", "monthly", "daily", "steps_per_day")


def _product(layer: Mapping[str, Any]) -> list[object]:
    """By what a data product is known: how it is made, and its cells to a few digits; not the file of the year."""
    cell = [float(f"{side:.6g}") for side in layer.get("cell", ())]
    return [*(layer.get(key) for key in _OF_PRODUCT), cell, *sorted(_made_of(layer)), layer.get("constants")]


def _layer_name(name: str) -> Text:
    kind = layer_kinds().get(name)
    return Text(kind.label_en, kind.label_zh) if kind else named(name)


def _made_of(layer: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(layer.get("from", ()))


def _changed(name: str, first: Mapping[str, str], second: Mapping[str, str]) -> bool:
    return first.get(name) != second.get(name)


def _ledger(account: Account) -> Mapping[str, Any]:
    return account.ledger if account.has_ledger else {}


def _components(account: Account, service: str) -> Iterator[Mapping[str, Any]]:
    yield from _ledger(account).get("services", {}).get(service, {}).get("components", {}).values()


def _arguments(component: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Where the equations on cells of a component take their arguments from."""
    for flow in component.get("flows", ()):
        for node in flow["nodes"].values():
            yield from node["arguments"].values()


def _flat(values: Mapping[str, Mapping[str, float | None]]) -> dict[object, object]:
    return {(unit, cell): value for unit, of_cell in values.items() for cell, value in of_cell.items()}


def _given(account: Account, service: str) -> dict[str, dict[object, object]]:
    """The rows of coefficients, but prices, that equations on accounting units take: by name, the values by row."""
    ledger, found = _ledger(account), dict[str, dict[object, object]]()
    for component in _components(account, service):
        for arguments in component.get("arguments", ()):
            for name, number in arguments.items():
                row = ledger["coefficients"].get(number.get("row", ""), {})
                if row and "price_year" not in row:
                    found.setdefault(name, {})[number["row"]] = (number["amount"], number["unit"])
    return found


def _differ(first: Mapping[object, object], second: Mapping[object, object]) -> bool:
    """Whether something that both have is not the same."""
    return any(first[key] != second[key] for key in first if key in second)


def _levels(ledger: Mapping[str, Any], name: str) -> Mapping[str, float]:
    """The levels by year of the index that something follows."""
    index = followed_by(ledger.get("followed", {}), name, ledger.get("price_index", ""))
    levels: Mapping[str, float] = ledger.get("price_levels", {}).get(index, {})
    return levels
