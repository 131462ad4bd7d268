"""What changed since the account of an earlier year by more than a year can bring: mostly a unit.

Bands are those of `plausible_ranges.csv` (`change/...`), judgements all; each year beyond the first widens them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from gep.account.basis import said_of_class
from gep.account.figures import Figures
from gep.account.last_year import Amount, LastYear, Of, figures_of
from gep.core.catalog import named
from gep.core.errors import Problem, problem
from gep.core.keys import CITY
from gep.core.messages import Text, joined, listed, say, sentences
from gep.core.unit_names import with_unit
from gep.ecosystems import ECOSYSTEMS
from gep.engine.checks.indicators import SHOWN
from gep.engine.checks.seen import square_kilometres
from gep.engine.checks.used import items_of, used_items
from gep.engine.checks.words import Part, cause, shown, times_text
from gep.inputs.items import item_label, item_unit
from gep.services import SERVICES
from gep.standards.ranges import Bands, Beyond, bands
from gep.standards.table_slips import kind_of

WIDER = 1.25
"""Times by which each year beyond the first moves the limits out: changes of years partly make up for each other."""

NEAR, CLEAR = 1.5, 2.0
"""Times by which a factor may miss a power of ten to be near it, for the year changes something too; and times beyond
its limit from which it is then held to be a slip."""

LEAST_SHARE = 0.01
"""Share of a place, or of a service, below which a part counts as that much: little land and small flows jump."""


class Change(NamedTuple):
    """A figure of both years: of what and where, how much, and how far beyond what the years between can bring."""

    where: Text
    then: str
    now: str
    times: float
    beyond: Beyond
    place: str = ""
    is_whole: bool = False


@dataclass(frozen=True)
class Band:
    """What some years can bring of one kind of figure."""

    quantity: str
    years: int

    @cached_property
    def bands(self) -> Bands:
        return bands([self.quantity], "1")

    @property
    def margin(self) -> float:
        return WIDER ** (self.years - 1)

    def beyond(self, times: float) -> Beyond | None:
        return self.bands.beyond(times, self.margin)

    def says(self, year: int) -> Text:
        low, high = self.bands.low or 0.0, self.bands.high or math.inf
        return say("last_year.between", low=low / self.margin, high=high * self.margin, year=year)


class Group(NamedTuple):
    """What is beyond one band among rows of the tables that are of one kind, in a unit."""

    band: Band
    unit: str
    changes: list[Change]


def is_slip(change: Change) -> bool:
    """Whether a change is near a power of ten, or far beyond what was ever found: no year does that."""
    power = math.log10(change.times)
    is_near = round(power) != 0 and abs(power - round(power)) <= math.log10(NEAR)
    return change.beyond.is_certain or (is_near and change.beyond.times >= CLEAR)


# what cannot be compared ----------------------------------------------------------------------------------------------


def comparable(last: LastYear) -> Iterator[Problem]:
    """What of the earlier account is of another kind, said once; that nothing is of this place."""
    about, inputs = last.then.about, last.basis.inputs
    if not last.places:
        yield problem("last_year.O28.other_place", "study.last_year", place=about.name, year=last.year)
        return
    reasons = []
    if not last.has_one_profile:
        reasons.append(say("last_year.differs.profile", then=about.profile, now=inputs.profile.id))
    if last.other_zones:
        reasons.append(say("last_year.differs.zones", zones=_some([last.name(zone) for zone in last.other_zones])))
    if CITY not in last.places:
        area = square_kilometres(last.areas_now[CITY])
        then = square_kilometres(last.areas_then.get(CITY, 0.0))
        reasons.append(say("last_year.differs.area", then=then, now=area))
    if not last.has_one_legend:
        reasons.append(say("last_year.differs.legend"))
    if last.has_one_profile and last.other_methods:
        reasons.append(say("last_year.differs.methods", services=[named(id_) for id_ in sorted(last.other_methods)]))
    if last.has_one_profile and inputs.profile.kind == "monetary" and not last.has_one_price_level:
        reasons.append(say("last_year.differs.prices", then=about.price_year, now=inputs.price_year))
    if not last.then.has_ledger:
        reasons.append(say("last_year.differs.no_ledger"))
    if reasons:
        yield problem(
            "last_year.O27.not_compared", "study.last_year", year=last.year, reasons=joined(reasons, "; ", "；")
        )


def _some(names: Sequence[Text]) -> Text:
    more = say("last_year.and_more", count=len(names) - SHOWN) if len(names) > SHOWN else ""
    return sentences(listed(names[:SHOWN]), more)


# statistics -----------------------------------------------------------------------------------------------------------


def statistics(last: LastYear) -> Iterator[Problem]:
    """Figures of the tables that changed by more than the years between can bring: by item, or by kind of product."""
    used = used_items(last.basis.inputs)
    for (base, measure), group in _of_tables(last).items():
        measured = say(f"last_year.measure.{measure}")
        what = (
            item_label(base) if item_unit(base) else say("last_year.of_products", service=named(base), measure=measured)
        )
        yield from _told(last, base, Part(kind_of(group.unit), what), group.band, group.changes, is_used=base in used)


def _of_tables(last: LastYear) -> Mapping[tuple[str, str], Group]:
    """What is beyond its band among the rows that both years have, by item and measure."""
    found: dict[tuple[str, str], Group] = {}
    for (item, zone, measure), now in last.rows_now.items():
        then = last.rows_then.get((item, zone, measure))
        if then is None or then.unit != now.unit or zone not in last.places or min(then.value, now.value) <= 0:
            continue
        base, _, part = item.partition("/")
        band = Band(_quantity_of(base, measure, now.unit), last.years)
        if beyond := band.beyond(now.value / then.value):
            where = joined([last.name(zone), *([part] if part else [])], " ")
            said = (shown(then.value, then.unit), shown(now.value, now.unit))
            change = Change(where, *said, now.value / then.value, beyond, now.place)
            found.setdefault((base, measure), Group(band, now.unit, [])).changes.append(change)
    return found


def _quantity_of(base: str, measure: str, unit: str) -> str:
    """The band of a figure of the tables."""
    if base in ("population", "gdp"):
        return f"change/{base}"
    kind = kind_of(unit).partition(" ")[0]
    if kind == "price":
        return "change/price"
    return f"change/product_{measure}" if not item_unit(base) else f"change/{kind}"


def _told(
    last: LastYear, subject: str, what: Part, band: Band, changes: Sequence[Change], *, is_used: bool = True
) -> Iterator[Problem]:
    """One problem for what rose and one for what fell: an error where it is a slip and figures rest on it."""
    for is_above in (True, False):
        here = [change for change in changes if change.beyond.is_above == is_above]
        if not here:
            continue
        worst = max(here, key=lambda change: change.beyond.times)
        code = "O25" if is_used and any(map(is_slip, here)) else "O26"
        times = worst.times if is_above else 1 / worst.times
        yield problem(
            f"last_year.{code}.unlike_last_year",
            subject,
            place=worst.place,
            found=_some([say("last_year.change", where=c.where, then=c.then, now=c.now) for c in here]),
            allowed=band.says(last.year),
            what=what.says,
            how=say("last_year.rose" if is_above else "last_year.fell", times=times_text(times), year=last.year),
            cause=cause([change.times for change in here], band.bands, [what]),
            waiver=f"O25/{subject}",
        )


# land -----------------------------------------------------------------------------------------------------------------


def land(last: LastYear) -> Iterator[Problem]:
    """Ecosystems and classes of land whose area changed by more than the years between can bring. Only areas are known
    of the earlier year: what turned into what, cell by cell, would need both rasters.
    """
    if not (last.places and last.has_one_legend) or last.basis.sums.seen < 1:
        return
    zones = [place for place in last.places if place != CITY] or [CITY]
    found: dict[tuple[str, str], list[tuple[float, Text]]] = {}
    for zone in sorted(zones):
        then, now = _land(last.then.areas(), zone), _land(_areas(last), zone)
        told: set[str] = set()
        for key in sorted({*then, *now}):  # an ecosystem comes before its classes
            old, new = then.get(key, 0.0), now.get(key, 0.0)
            least = LEAST_SHARE * last.areas_now[zone]
            beyond = Band(f"change/land_{key[0]}", last.years).beyond(max(new, least) / max(old, least))
            if beyond and key[0] not in told:
                told.add(key[0])
                areas = {"then": square_kilometres(old), "now": square_kilometres(new)}
                where = joined([last.name(zone), said_of_class(*key)], " ")
                found.setdefault(key, []).append((beyond.times, say("last_year.area_changed", where=where, **areas)))
    if found:
        worst = sorted((max(texts, key=lambda one: one[0]) for texts in found.values()), key=lambda one: -one[0])
        said = _some([text for _, text in worst])
        yield problem("last_year.L23.implausible_change", "land_cover", found=said, year=last.year)


def _areas(last: LastYear) -> Mapping[tuple[str, str, str], float]:
    basis = last.basis
    return {
        (zone.code, *pair): float(basis.sums.area[z, c])
        for z, zone in enumerate(basis.zones)
        for c, pair in enumerate(basis.plan.classes)
    }


def _land(areas: Mapping[tuple[str, str, str], float], zone: str) -> dict[tuple[str, str], float]:
    """Areas of a zone by ecosystem, and by class where that has one."""
    found: dict[tuple[str, str], list[float]] = {}
    for (of, ecosystem, land_class), area in areas.items():
        if zone in (of, CITY) and ecosystem in ECOSYSTEMS and area > 0:
            own = "" if land_class.startswith("_") else land_class
            for key in dict.fromkeys(((ecosystem, ""), (ecosystem, own))):
                found.setdefault(key, []).append(area)
    return {key: math.fsum(parts) for key, parts in found.items()}


# figures --------------------------------------------------------------------------------------------------------------


def figures(last: LastYear, account: Figures) -> Iterator[Problem]:
    """Figures of services that changed by more than the years between can bring, and are no consequence of what the
    tables show; the total, where no service explains it.
    """
    if not last.has_one_profile:
        return
    with_values = last.has_one_price_level and account.about.kind == "monetary"
    now, then = (figures_of(of, with_values=with_values) for of in (account, last.then))
    off = {base for base, _ in _of_tables(last)}
    services = list(dict.fromkeys(service for service, _ in now))
    is_told = False
    for service in services:
        if service in last.other_methods or off & _items(last, service):
            is_told = is_told or bool(off & _items(last, service))
            continue
        for problems in (
            list(_of_service(last, service, now, then, of_values=False)),
            list(_of_service(last, service, now, then, of_values=True)),
        ):
            yield from problems
            if problems:  # a value follows its quantity
                is_told = True
                break
    if with_values and not is_told and not last.other_methods:
        yield from _of_total(last, account)


def _items(last: LastYear, service: str) -> set[str]:
    """What a service takes from the tables."""
    if service not in SERVICES:
        return set()
    return items_of(last.basis.inputs, SERVICES[service], last.basis.inputs.settings(service))


Found = Mapping[Of, Mapping[str, Amount]]


def _of_service(last: LastYear, service: str, now: Found, then: Found, *, of_values: bool) -> Iterator[Problem]:
    """What is beyond its band among the quantities of a service, or its values."""
    own = f"change/{service}"
    quantity = own if bands([own], "1").rows else "change/service"
    if service in SERVICES and SERVICES[service].products:
        quantity = "change/product_value"
    band = Band(quantity, last.years)
    if of_values and {of for of in now if of[0] == service} != {of for of in then if of[0] == service}:
        return  # a component more or less
    changes = []
    for of, by_place in now.items():
        if of[0] != service or of not in then or bool(of[1]) == of_values:
            continue
        zones = [place for place in by_place if place in last.places and place in then[of]]
        if by_place.keys() != then[of].keys():
            zones = [zone for zone in zones if zone != CITY]  # the whole is of other zones
        for place in zones:
            if change := _change(last, of, by_place, then[of], place, band):
                changes.append(change)
    what = say("last_year.value_of" if of_values else "last_year.quantity_of", service=named(service))
    of_zones = [change for change in changes if not change.is_whole]
    yield from _told(last, service, Part("money" if of_values else "amount", what), band, of_zones or changes)


def _change(
    last: LastYear, of: Of, now: Mapping[str, Amount], then: Mapping[str, Amount], place: str, band: Band
) -> Change | None:
    """The change of a figure in a place, where it is beyond its band."""
    old, new = then[place], now[place]
    is_small = all(
        abs(amounts[place].value) < LEAST_SHARE * abs(amounts.get(CITY, amounts[place]).value)
        for amounts in (now, then)
    )
    if old.unit != new.unit or min(old.value, new.value) <= 0 or is_small:
        return None
    beyond = band.beyond(new.value / old.value)
    if beyond is None:
        return None
    name = [last.name(place), *([named(of[1])] if of[1] else [])]
    said = (with_unit(f"{old.value:,.4g}", old.unit), with_unit(f"{new.value:,.4g}", new.unit))
    return Change(joined(name, " "), *said, new.value / old.value, beyond, is_whole=place == CITY)


def _of_total(last: LastYear, account: Figures) -> Iterator[Problem]:
    now, then = account.total(), last.then.total()
    is_alike = {e.service for e in account.counted()} == {e.service for e in last.then.counted()}
    if not (now and then and now > 0 and then > 0 and is_alike and CITY in last.places):
        return
    band = Band("change/total", last.years)
    if beyond := band.beyond(now / then):
        said = (shown(then, "CNY/year"), shown(now, "CNY/year"))
        change = Change(last.name(CITY), *said, now / then, beyond)
        yield from _told(last, "total", Part("money", say("last_year.total")), band, [change])


def services(last: LastYear, account: Figures) -> Iterator[Problem]:
    """Services that only one of the two accounts has: no fault, but the totals are of different things."""
    if not last.has_one_profile:
        return
    then, now = ({entry.service for entry in of.flows if entry.is_counted} for of in (last.then, account))
    for key, ids in (("last_year.O27.new", now - then), ("last_year.O27.gone", then - now)):
        if ids:
            yield problem(key, "study.last_year", year=last.year, services=[named(id_) for id_ in sorted(ids)])
