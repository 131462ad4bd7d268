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
from gep.account.last_year import Amount, LastYear, Of, Row, figures_of
from gep.core.catalog import ecosystem_ids, named
from gep.core.errors import Problem, problem
from gep.core.keys import CITY
from gep.core.messages import Text, joined, say
from gep.core.unit_names import with_unit
from gep.engine.checks.fellows import INTENSIVE
from gep.engine.checks.seen import square_kilometres
from gep.engine.checks.used import items_of, used_items
from gep.engine.checks.words import Part, cause, first_of, shown, times_text
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
"""Share of a place, or of a service, below which a part is a trifle: little land and small flows jump."""

THOUSANDFOLD = 3 - math.log10(NEAR)
"""Powers of ten from which no part of anything grows in a year, however small: a young plantation bears ten times as
much, hardly a thousand times."""

LONG = 5
"""Years over which limits move out so far (1.25^5 = 3) that a tenfold product is within them."""


class Change(NamedTuple):
    """A figure of both years: of what and where, how much, how far beyond what the years between can bring, and what
    share it had of the whole that it is a part of.
    """

    where: Text
    then: str
    now: str
    times: float
    beyond: Beyond
    share: float = 1.0
    place: str = ""
    is_whole: bool = False

    @property
    def power(self) -> int:
        """The power of ten by which it is off, where it is near one and clearly beyond its limit; 0 where it is not."""
        power = math.log10(self.times)
        is_near = abs(power - round(power)) <= math.log10(NEAR)
        return round(power) if is_near and self.beyond.times >= CLEAR else 0

    @property
    def is_trifle(self) -> bool:
        """Whether it is hardly anything of the whole in either year."""
        return max(self.share, self.share * self.times / _moved([self])) < LEAST_SHARE


def _moved(changes: Sequence[Change]) -> float:
    """How often a whole goes into what it became by some of its parts alone."""
    return 1 + math.fsum(change.share * (change.times - 1) for change in changes)


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

    @property
    def high(self) -> float:
        return (self.bands.high or math.inf) * self.margin

    def says(self, year: int) -> Text:
        return say("last_year.between", low=(self.bands.low or 0.0) / self.margin, high=self.high, year=year)


def are_slips(changes: Sequence[Change], band: Band) -> bool:
    """Whether changes of one item, to one side, hold a slip: one is near a power of ten or far beyond what was ever
    found, and they move the whole that they are part of by more than a usual year; or one is a thousandfold. A small
    part may well grow tenfold.
    """
    off = [change for change in changes if change.power or change.beyond.is_certain]
    if not off:
        return False
    low, high = band.bands.typical or (1.0, 1.0)
    moves = not low / band.margin <= _moved(off) <= high * band.margin
    return moves or any(abs(math.log10(c.times)) >= THOUSANDFOLD and not c.is_trifle for c in off)


# what cannot be compared ----------------------------------------------------------------------------------------------


def comparable(last: LastYear) -> Iterator[Problem]:
    """What of the earlier account is of another kind, said once; that nothing is of this place."""
    about, inputs = last.then.about, last.basis.inputs
    if not last.places:
        yield problem("last_year.O28.other_place", "study.last_year", place=about.name, year=last.year)
        return
    reasons = []
    if last.years > LONG:
        of_products = Band("change/product_quantity", last.years)
        reasons.append(say("last_year.differs.years", years=last.years, times=times_text(of_products.high * CLEAR)))
    if not last.has_one_profile:
        reasons.append(say("last_year.differs.profile", then=about.profile, now=inputs.profile.id))
    if last.other_zones:
        reasons.append(say("last_year.differs.zones", zones=first_of([last.name(zone) for zone in last.other_zones])))
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


# statistics -----------------------------------------------------------------------------------------------------------


Key = tuple[str, str]
"""An item and a zone."""


class Group(NamedTuple):
    """What both years report of an item and its parts, or of the products of a kind, in one measure and unit: by item
    and zone, None where it is within its band.
    """

    band: Band
    unit: str
    rows: dict[Key, Change | None]

    @property
    def beyond(self) -> dict[Key, Change]:
        return {key: change for key, change in self.rows.items() if change}

    def are_one_slip(self, keys: Sequence[Key]) -> bool:
        """Whether rows of several items all changed by one power of ten, which no growth does."""
        powers = {change.power if (change := self.rows[key]) else 0 for key in keys}
        return len({item for item, _ in keys}) > 1 and len(powers) == 1 and 0 not in powers


class Slip(NamedTuple):
    """Rows that are off for one cause, what has it, and the subject of its waiver: nothing wider."""

    subject: str
    what: Text
    rows: Sequence[Key]


def statistics(last: LastYear) -> Iterator[Problem]:
    """Figures of the tables that changed by more than the years between can bring: slips by what has them, the rest of
    a kind as one.
    """
    used = used_items(last.basis.inputs)
    for (base, measure), group in _of_tables(last).items():
        slips = list(_slips(last, base, group)) if base in used else []
        beyond = group.beyond
        of_slips = {key for slip in slips for key in slip.rows}
        rest = Slip(base, _name(base), [key for key in beyond if key not in of_slips])
        for code, slip in (*(("O25", slip) for slip in slips), ("O26", rest)):
            subject, what = slip.subject, slip.what
            if not item_unit(base):
                measured = say(f"last_year.measure.{measure}")
                subject, what = f"{subject}/{measure}", say("last_year.of_products", service=what, measure=measured)
            part = Part(kind_of(group.unit), what)
            yield from _told(last, code, subject, part, group.band, [beyond[key] for key in slip.rows])


def _name(item: str) -> Text:
    """What people call an item, a kind of product, or one of them."""
    if item_unit(item):
        return item_label(item)
    return Text(f"`{item}`", f"`{item}`") if "/" in item else named(item)


def _slips(last: LastYear, base: str, group: Group) -> Iterator[Slip]:
    """What of a group is a slip: all products of a kind, else all of a zone, else an item by itself."""
    if group.are_one_slip(list(group.rows)):
        yield Slip(base, _name(base), list(group.rows))
        return
    told: set[Key] = set()
    for zone in dict.fromkeys(zone for _, zone in group.rows):
        keys = [key for key in group.rows if key[1] == zone]
        if group.are_one_slip(keys):
            told.update(keys)
            what = say("last_year.of_zone", what=_name(base), zone=last.name(zone))
            yield Slip(f"{base}/{zone}", what, keys)
    beyond = {key: change for key, change in group.beyond.items() if key not in told}
    for item in dict.fromkeys(item for item, _ in beyond):
        keys = [key for key in beyond if key[0] == item]
        sides = [[key for key in keys if beyond[key].beyond.is_above == is_above] for is_above in (True, False)]
        off = [key for side in sides if are_slips([beyond[key] for key in side], group.band) for key in side]
        if off:
            yield Slip(item, _name(item), off)


def _of_tables(last: LastYear) -> Mapping[tuple[str, str], Group]:
    """The rows that both years have, by item and measure; only groups of which any is beyond its band."""
    shares = _shares(last)
    found: dict[tuple[str, str], Group] = {}
    for (item, zone, measure), (then, now) in _both(last).items():
        if min(then.value, now.value) <= 0:
            continue
        base, _, part = item.partition("/")
        band = Band(_quantity_of(base, measure, now.unit), last.years)
        group = found.setdefault((base, measure), Group(band, now.unit, {}))
        change = None
        if beyond := band.beyond(now.value / then.value):
            where = joined([last.name(zone), *([part] if part else [])], " ")
            said = (shown(then.value, then.unit), shown(now.value, now.unit))
            share = shares.get((item, zone, measure), 1.0)
            change = Change(where, *said, now.value / then.value, beyond, share, now.place)
        group.rows[item, zone] = change
    return {of: group for of, group in found.items() if group.beyond}


def _both(last: LastYear) -> Mapping[Row, tuple[Amount, Amount]]:
    """The rows that both years have of one place, in one unit."""
    return {
        row: (then, now)
        for row, now in last.rows_now.items()
        if (then := last.rows_then.get(row)) and then.unit == now.unit and row[1] in last.places
    }


def _shares(last: LastYear) -> Mapping[Row, float]:
    """The share that each row of last year had in the whole of its kind: of products by what they earned where that is
    known of all, else by their amounts; what does not grow with a zone, or is a price, is a whole by itself.
    """
    rows = last.rows_then
    kinds: dict[tuple[str, str], dict[Row, float]] = {}
    for row in rows:
        item, zone, measure = row
        value, quantity, price = (rows[of].value if (of := (item, zone, name)) in rows else 0.0 for name in EARNED)
        kinds.setdefault((item.partition("/")[0], measure), {})[row] = value or quantity * price
    found: dict[Row, float] = {}
    for earned in kinds.values():
        if all(amount > 0 for amount in earned.values()):
            found |= _parts(earned)
            continue
        for unit in {rows[row].unit for row in earned} - INTENSIVE:
            found |= _parts({r: rows[r].value for r in earned if r[2] != "price" and rows[r].unit == unit})
    return found


EARNED = ("value", "quantity", "price")
"""The measures by which what a product earns is known: the first, or the others together."""


def _parts(amounts: Mapping[Row, float]) -> dict[Row, float]:
    whole = math.fsum(amounts.values())
    return {row: amount / whole for row, amount in amounts.items() if whole > 0}


def _quantity_of(base: str, measure: str, unit: str) -> str:
    """The band of a figure of the tables."""
    if base in ("population", "gdp"):
        return f"change/{base}"
    kind = kind_of(unit).partition(" ")[0]
    if kind == "price":
        return "change/price"
    return f"change/product_{measure}" if not item_unit(base) else f"change/{kind}"


def _told(
    last: LastYear, code: str, subject: str, what: Part, band: Band, changes: Sequence[Change]
) -> Iterator[Problem]:
    """One problem for what rose and one for what fell."""
    for is_above in (True, False):
        here = [change for change in changes if change.beyond.is_above == is_above]
        if not here:
            continue
        worst = max(here, key=lambda change: change.beyond.times)
        times = worst.times if is_above else 1 / worst.times
        yield problem(
            f"last_year.{code}.unlike_last_year",
            subject,
            place=worst.place,
            found=first_of([say("last_year.change", where=c.where, then=c.then, now=c.now) for c in here]),
            allowed=band.says(last.year),
            what=what.says,
            how=say("last_year.rose" if is_above else "last_year.fell", times=times_text(times), year=last.year),
            cause=cause([change.times for change in here], band.bands, [what]),
            waiver=f"O25/{subject}",
        )


def rows(last: LastYear) -> Iterator[Problem]:
    """Rows of last year that figures rested on and that cannot be put beside this year's: gone, in another unit, or
    nothing in one of the two.
    """
    used = used_items(last.basis.inputs)
    found: dict[str, list[Text]] = {}
    for row, then in last.rows_then.items():
        item, zone, _ = row
        if zone not in last.places or item.partition("/")[0] not in used:
            continue
        if key := _not_beside(then, last.rows_now.get(row)):
            found.setdefault(key, []).append(joined([last.name(zone), _name(item)], " "))
    for key, said in found.items():
        names = list(dict.fromkeys(said))
        yield problem(f"last_year.{key}", "tables", year=last.year, rows=first_of(names))


def _not_beside(then: Amount, now: Amount | None) -> str:
    """Why two figures have no quotient, as the name of the message; empty where they have one."""
    if now is None:
        return "O27.row_gone"
    if now.unit != then.unit:
        return "O27.row_of_another_unit"
    if now.value == 0 < then.value:
        return "O26.fell_to_zero"
    return "O27.row_from_zero" if then.value == 0 < now.value else ""


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
        said = first_of([text for _, text in worst])
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
        if zone in (of, CITY) and ecosystem in ecosystem_ids() and area > 0:
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
    of_zones = [change for change in changes if not change.is_whole] or changes
    subject = f"{service}/{'value' if of_values else 'quantity'}"
    part = Part("money" if of_values else "amount", what)
    yield from _told_by_weight(last, subject, part, band, of_zones)


def _told_by_weight(
    last: LastYear, subject: str, what: Part, band: Band, changes: Sequence[Change]
) -> Iterator[Problem]:
    """What rose and what fell: an error where it is a slip."""
    for is_above in (True, False):
        side = [change for change in changes if change.beyond.is_above == is_above]
        yield from _told(last, "O25" if are_slips(side, band) else "O26", subject, what, band, side)


def _change(
    last: LastYear, of: Of, now: Mapping[str, Amount], then: Mapping[str, Amount], place: str, band: Band
) -> Change | None:
    """The change of a figure in a place, where it is beyond its band."""
    old, new = then[place], now[place]
    if old.unit != new.unit or min(old.value, new.value) <= 0:
        return None
    beyond = band.beyond(new.value / old.value)
    if beyond is None:
        return None
    name = [last.name(place), *([named(of[1])] if of[1] else [])]
    said = (with_unit(f"{old.value:,.4g}", old.unit), with_unit(f"{new.value:,.4g}", new.unit))
    whole = math.fsum(abs(amount.value) for zone, amount in then.items() if zone != CITY)
    share = 1.0 if place == CITY else old.value / whole
    change = Change(joined(name, " "), *said, new.value / old.value, beyond, share, is_whole=place == CITY)
    return None if change.is_trifle else change


def _of_total(last: LastYear, account: Figures) -> Iterator[Problem]:
    now, then = account.total(), last.then.total()
    is_alike = {e.service for e in account.counted()} == {e.service for e in last.then.counted()}
    if not (now and then and now > 0 and then > 0 and is_alike and CITY in last.places):
        return
    band = Band("change/total", last.years)
    if beyond := band.beyond(now / then):
        said = (shown(then, "CNY/year"), shown(now, "CNY/year"))
        change = Change(last.name(CITY), *said, now / then, beyond)
        yield from _told_by_weight(last, "total", Part("money", say("last_year.total")), band, [change])


def services(last: LastYear, account: Figures) -> Iterator[Problem]:
    """Services that only one of the two accounts has: no fault, but the totals are of different things."""
    if not last.has_one_profile:
        return
    then, now = ({entry.service for entry in of.flows if entry.is_counted} for of in (last.then, account))
    for key, ids in (("last_year.O27.new", now - then), ("last_year.O27.gone", then - now)):
        if ids:
            yield problem(key, "study.last_year", year=last.year, services=[named(id_) for id_ in sorted(ids)])
