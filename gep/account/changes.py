"""What the accounts of several years say together: values at current and constant prices, growth, what each zone,
ecosystem and service adds to it, and what a change of value comes from.

A value is area times amount per area times price. What each did is the mean over the orders in which the three can
change (`gep.growth.of_three`), so that no order is favoured, reversing the years reverses the signs, and the effects
add up to the change. It is worked out for every flow of every class of every zone, and added up. Of a service that was
computed in another way (`gep.account.alike`) what is left to the amount per area is the effect of method and data: such
a service has no growth, and the growth of a sum is that of the other services.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict, get_args

from gep.account import growth
from gep.account.account import Account
from gep.account.alike import check_years, fixed_price_year
from gep.account.pairs import Cell, Pair
from gep.core.catalog import ecosystem_ids, named, service_ids
from gep.core.errors import UsageError, did_you_mean
from gep.core.messages import Text, joined, listed, say

if TYPE_CHECKING:
    import pandas as pd

Prices = Literal["current", "constant", "chain"]
"""What growth and contributions are told at: current prices, those of the base year, or those of each year before."""

KEYS = ("zone", "ecosystem", "service")
Key = tuple[str, ...]


class EffectsDocument(TypedDict):
    """What a change of value comes from, in CNY."""

    area: float | None
    intensity: float | None
    price: float | None
    method: float | None


class RowDocument(TypedDict):
    """A figure of two years, in CNY; growth, share and points are ratios. Null where one cannot be had."""

    base_value: float | None
    value: float | None
    value_at_base_prices: float | None
    growth_current: float | None
    growth_constant: float | None
    share: float | None
    points: float | None
    effects: EffectsDocument


class KeyedDocument(RowDocument):
    """The same with its place."""

    zone: str
    ecosystem: str
    service: str


class OtherDocument(TypedDict):
    """A service that was computed in another way, which is no growth, and in which."""

    service: str
    why: list[str]


class ComparisonDocument(TypedDict):
    """The document of `gep compare`. `price_year` is that of all values where they are all in money of one year, and
    null where each is in its own; `links` are the years at which a new base is linked to the one before.
    """

    schema: int
    base_year: int
    prices: Prices
    price_year: int | None
    links: list[int]
    other: list[OtherDocument]
    notes: list[str]
    total: RowDocument
    rows: list[KeyedDocument]


@dataclass(frozen=True)
class Effects:
    """What a change of value comes from: land, amount per land, price, and what was computed in another way. They add
    up to the change; None where one cannot be told, of which nothing is missing in the others.
    """

    area: float | None = None
    intensity: float | None = None
    price: float | None = None
    method: float | None = None

    @property
    def known(self) -> list[float]:
        """Those that can be told."""
        return [part for part in (self.area, self.intensity, self.price, self.method) if part is not None]

    def document(self) -> EffectsDocument:
        """It as JSON has it."""
        return {"area": self.area, "intensity": self.intensity, "price": self.price, "method": self.method}


@dataclass(frozen=True)
class ChangeRow:
    """A figure of the base year and of another: values in CNY, growth, share and points as ratios. None where one
    cannot be had. `key` says of what. Where all years are in money of one year, `base_value` is in that too, and a
    value at current prices is not known.
    """

    key: Key
    base_value: float | None
    value: float | None
    value_at_base_prices: float | None
    growth_current: float | None
    growth_constant: float | None
    share: float | None
    points: float | None
    effects: Effects
    compared: tuple[float, float, float | None]
    """Base value, value and value at base prices of the services that growth is told of."""

    def document(self) -> RowDocument:
        """It as JSON has it."""
        return {
            "base_value": self.base_value,
            "value": self.value,
            "value_at_base_prices": self.value_at_base_prices,
            "growth_current": self.growth_current,
            "growth_constant": self.growth_constant,
            "share": self.share,
            "points": self.points,
            "effects": self.effects.document(),
        }


class YearRow(NamedTuple):
    """The total of a year: at current prices, and at those of the comparison; None where that cannot be had."""

    year: int
    value: float | None
    constant: float | None


# sums -----------------------------------------------------------------------------------------------------------------


class _Sum(NamedTuple):
    """Cells together: values, the value at base prices, effects; the same values of what growth is told of."""

    before: float | None
    after: float | None
    at_base: float | None
    effects: Effects
    compared: tuple[float, float, float | None]
    has_growth: bool


def _total(values: Iterable[float | None]) -> float | None:
    """An exact sum of what is there; None where nothing is."""
    given = [value for value in values if value is not None]
    return math.fsum(given) if given else None


def _whole(values: Iterable[float | None]) -> float | None:
    """An exact sum; None where a part of it is."""
    given = list(values)
    return None if None in given else math.fsum(value for value in given if value is not None)


def _sum(cells: Sequence[Cell]) -> _Sum:
    same = [cell for cell in cells if not cell.is_other]
    first, second = (math.fsum(getattr(cell, year) or 0.0 for cell in same) for year in ("before", "after"))
    constant = _whole(cell.at_base for cell in same)
    compared = first, settled(second, first), None if constant is None else settled(constant, first)
    before, after = _total(cell.before for cell in cells), _total(cell.after for cell in cells)
    at_base = _whole(cell.at_base for cell in cells)
    return _Sum(before, after, at_base, _effects(cells, before, after), compared, bool(same) or not cells)


NOISE = 1e-12
"""Share of a value below which a change of it is the rounding of its sum, and none."""


def settled(value: float, before: float) -> float:
    """A value, or what it was where it differs by the rounding of its sum, which is no change."""
    return before if math.isclose(value, before, rel_tol=NOISE) else value


def _effects(cells: Sequence[Cell], before: float | None, after: float | None) -> Effects:
    """What the change of some cells comes from; nothing where that of one that was computed alike is not known."""
    if any(cell.effects is None and not cell.is_other for cell in cells):
        return Effects()
    same = [cell.effects for cell in cells if cell.effects and not cell.is_other]
    other = [cell.effects for cell in cells if cell.effects and cell.is_other]
    unknown = [cell.change for cell in cells if cell.effects is None]
    known = [*same, *other]
    parts = {
        "intensity": _total(effects[1] for effects in same),
        "area": _total(effects[0] for effects in known),
        "price": _total(effects[2] for effects in known),
        "method": math.fsum([*(effects[1] for effects in other), *unknown]),
    }
    return _told(parts, before, after)


def _told(parts: Mapping[str, float | None], before: float | None, after: float | None) -> Effects:
    """Effects that add up to the change, none of them the rounding of its sum."""
    noise = NOISE * max(abs(before or 0.0), abs(after or 0.0))
    told = {name: part if abs(part) > noise else 0.0 for name, part in parts.items() if part is not None}
    change = math.fsum([after or 0.0, -(before or 0.0)])
    return Effects(**dict(zip(told, growth.made_to_sum(list(told.values()), change), strict=True)))


# several accounts -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """Accounts of several years, from the base year on: `rows` by zone, ecosystem and service, `total`, sums by any of
    them (`by`), the totals of all years (`series`).

    The years lead from the base to the latest; where the base is the latest, to the earliest. At `chain` prices each
    year is set beside the one before, and volumes are chained in the money of the base year. `links` are years whose
    prices are those of a new base from then on: the volumes of the new base are linked to those of the one before by
    the year that both have (`gep.growth.linked`).
    """

    accounts: tuple[Account, ...]
    base_year: int
    prices: Prices
    links: tuple[int, ...] = ()
    _sums: dict[Key, tuple[ChangeRow, ...]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def path(self) -> tuple[Account, ...]:
        """The accounts from the base to the other end."""
        ordered = sorted(self.accounts, key=lambda account: account.about.year)
        at = [account.about.year for account in ordered].index(self.base_year)
        return tuple(ordered[at:] if at < len(ordered) - 1 else ordered[::-1])

    @property
    def year(self) -> int:
        """The year that is set beside the base year."""
        return self.path[-1].about.year

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The accounts that are set beside each other: the ends, with each new base between; or each and the next."""
        of_link = [account for account in self.path[1:-1] if account.about.year in self.links]
        bases = self.path if self.prices == "chain" else (self.path[0], *of_link, self.path[-1])
        return tuple(Pair(first, second) for first, second in pairwise(bases))

    @cached_property
    def price_year(self) -> int | None:
        """The year in whose money all accounts are, so that values are at constant prices as they stand."""
        return fixed_price_year(self.accounts)

    @property
    def money_year(self) -> int:
        """The year in whose money values at constant prices are."""
        return self.price_year or self.base_year

    @cached_property
    def other(self) -> Mapping[str, tuple[Text, ...]]:
        """The services that were computed in another way, and in which."""
        found: dict[str, dict[Text, None]] = {}
        for pair in self.pairs:
            for service, why in pair.alike.other.items():
                found.setdefault(service, {}).update(dict.fromkeys(why))
        return {service: tuple(why) for service, why in found.items()}

    @cached_property
    def notes(self) -> tuple[Text, ...]:
        """What is not compared, and what figures stand for."""
        said = [] if self.price_year is None else [say("years.one_price_year", year=self.price_year)]
        said += [note for pair in self.pairs for note in pair.alike.notes]
        lacking = sorted({c.key[2] for pair in self.pairs for c in pair.cells if c.at_base is None and not c.is_other})
        said += [say("years.no_constant", services=listed(_names(lacking)))] if lacking else []
        untold = sorted(account.about.year for account in self.path if account.about.record is None)
        said += [say("years.no_record", years=untold)] if untold else []
        return tuple(dict.fromkeys(said))

    @property
    def rows(self) -> tuple[ChangeRow, ...]:
        """By zone, ecosystem and service."""
        return self.by(*KEYS)

    @property
    def total(self) -> ChangeRow:
        """All of it."""
        return self.by()[0]

    def by(self, *keys: str) -> tuple[ChangeRow, ...]:
        """Sums by any of zone, ecosystem and service, in the order of reports."""
        for key in keys:
            if key not in KEYS:
                raise UsageError(say("years.no_key", key=key, hint=did_you_mean(key, KEYS), known=list(KEYS)))
        if keys not in self._sums:
            places = [KEYS.index(key) for key in keys]
            of_pairs = [_grouped(pair.cells, places) for pair in self.pairs]
            wholes = [_sum(pair.cells) for pair in self.pairs]
            found = dict.fromkeys(key for groups in of_pairs for key in groups)
            rows = [self._row(key, [_sum(groups.get(key, ())) for groups in of_pairs], wholes) for key in found]
            self._sums[keys] = tuple(sorted(rows, key=lambda row: _order(keys, row.key)))
        return self._sums[keys]

    def _row(self, key: Key, sums: Sequence[_Sum], wholes: Sequence[_Sum]) -> ChangeRow:
        """A figure of the ends, whose constant prices and effects go through all pairs."""
        first, last = sums[0], sums[-1]
        has_growth = all(of.has_growth for of in sums)
        compared = first.compared[0], last.compared[1], _chain([of.compared for of in sums])
        points = self._points(sums, wholes) if has_growth else None
        whole = self._growth([of.compared for of in wholes])
        is_told = whole is not None and abs(whole) >= growth.least_growth()
        effects = first.effects if len(sums) == 1 else _together([of.effects for of in sums], first.before, last.after)
        is_current = self.price_year is None
        return ChangeRow(
            key,
            first.before,
            last.after if is_current else None,
            first.at_base if len(sums) == 1 else _chain([(of.before or 0.0, 0.0, of.at_base) for of in sums]),
            growth.growth(compared[0], compared[1]) if has_growth and is_current else None,
            growth.growth(compared[0], compared[2]) if has_growth and compared[2] is not None else None,
            points / whole if points is not None and whole and is_told else None,
            points,
            effects,
            compared,
        )

    def _growth(self, compared: Sequence[tuple[float, float, float | None]]) -> float | None:
        """The growth that contributions are told of."""
        after = compared[-1][1] if self.prices == "current" else _chain(compared)
        return None if after is None else growth.growth(compared[0][0], after)

    def _points(self, sums: Sequence[_Sum], wholes: Sequence[_Sum]) -> float | None:
        """Percentage points, compounded over the pairs with the chain volume of the whole."""
        if self.prices == "current" and self.price_year is not None:
            return None
        volumes = [wholes[0].compared[0]]
        points = []
        for of, whole in zip(sums, wholes, strict=True):
            after, whole_after = (s.compared[1 if self.prices == "current" else 2] for s in (of, whole))
            if after is None or whole_after is None:
                return None
            found = growth.contribution(of.compared[0], after, whole.compared[0], whole_after)
            if found.points is None:
                return None
            points.append(found.points)
            volumes.append(volumes[-1] * whole_after / whole.compared[0])
        return growth.compounded(points, volumes)

    @cached_property
    def gap(self) -> float | None:
        """What the chain volumes of services lack of that of the whole, in CNY; None where nothing is linked or a
        volume is not known.
        """
        parts = [row.value_at_base_prices for row in self.by("service")]
        whole = self.total.value_at_base_prices
        if (self.prices != "chain" and not self.links) or whole is None or None in parts:
            return None
        gap = math.fsum([whole, *(-part for part in parts if part is not None)])
        return gap if abs(gap) > NOISE * abs(whole) else 0.0

    @cached_property
    def series(self) -> tuple[YearRow, ...]:
        """The totals of all years in their order, those of zones that all have."""
        ordered = sorted(self.accounts, key=lambda account: account.about.year)
        found = []
        for account in ordered:
            if account.about.year == self.base_year:
                base = self.total.base_value or 0.0
                found.append(YearRow(self.base_year, base if self.money_year == self.base_year else None, base))
                continue
            own = self.to(account)
            value = (own.total.value or 0.0) if self.price_year is None else None
            found.append(YearRow(account.about.year, value, own.total.value_at_base_prices))
        return tuple(found)

    def to(self, account: Account) -> Comparison:
        """The base year and another, with those between."""
        if account is self.path[-1]:
            return self
        ends = sorted((self.base_year, account.about.year))
        between = tuple(other for other in self.accounts if ends[0] <= other.about.year <= ends[1])
        return Comparison(between, self.base_year, self.prices, self.links)

    def document(self) -> ComparisonDocument:
        """It as JSON has it."""
        return {
            "schema": 1,
            "base_year": self.base_year,
            "prices": self.prices,
            "price_year": self.price_year,
            "links": list(self.links),
            "other": [{"service": service, "why": list(why)} for service, why in self.other.items()],
            "notes": list(self.notes),
            "total": self.total.document(),
            "rows": [
                {"zone": row.key[0], "ecosystem": row.key[1], "service": row.key[2], **row.document()}
                for row in self.rows
            ],
        }

    def to_frame(self, *keys: str) -> pd.DataFrame:
        """The rows by some keys (zone, ecosystem and service if none is named) with their effects as columns."""
        import pandas as pd

        keys = keys or KEYS
        rows = []
        for row in self.by(*keys):
            document: dict[str, Any] = dict(row.document())
            rows.append({**dict(zip(keys, row.key, strict=True)), **document, **document.pop("effects")})
        return pd.DataFrame(rows).drop(columns="effects", errors="ignore")

    def __repr__(self) -> str:
        years = ", ".join(str(account.about.year) for account in self.accounts)
        return f"<Comparison {self.accounts[0].about.name} ({years}): base {self.base_year}, {self.prices} prices>"


def compare_years(
    accounts: Sequence[Account], base: int | None = None, prices: str = "constant", links: Sequence[int] = ()
) -> Comparison:
    """Accounts of several years beside each other: see `gep.Accounts.compare`."""
    if prices not in get_args(Prices):
        known = list(get_args(Prices))
        raise UsageError(say("years.no_prices_named", prices=prices, hint=did_you_mean(prices, known), known=known))
    chosen: Prices = next(name for name in get_args(Prices) if name == prices)
    made = Comparison(tuple(accounts), check_years(accounts, base), chosen, tuple(dict.fromkeys(links)))
    between = [account.about.year for account in made.path[1:-1]]
    key = "years.no_link" if between else "years.nothing_to_link"
    wrong = [say(key, link=year, years=between) for year in made.links if year not in between]
    if made.links and chosen != "constant":
        wrong.append(say("years.link_without_constant", prices=chosen))
    if made.price_year is not None and (made.links or chosen == "chain"):
        wrong.append(say("years.chain_of_one_price_year", year=made.price_year))
    if wrong:
        raise UsageError(joined(wrong, "\n"))
    return made


def _grouped(cells: Iterable[Cell], places: Sequence[int]) -> dict[Key, list[Cell]]:
    groups: dict[Key, list[Cell]] = {} if places else {(): []}
    for cell in cells:
        groups.setdefault(tuple(cell.key[place] for place in places), []).append(cell)
    return groups


def _chain(compared: Sequence[tuple[float, float, float | None]]) -> float | None:
    """The volume at the end of a chain in the money of its beginning; None where a link is not known."""
    if len(compared) == 1:
        return compared[0][2]
    factors = [after / before if before > 0 and after is not None else None for before, _, after in compared]
    return None if None in factors else growth.chained(compared[0][0], [f for f in factors if f is not None])[-1]


def _together(effects: Sequence[Effects], before: float | None, after: float | None) -> Effects:
    """The effects of several pairs added up."""
    if any(not of.known for of in effects):
        return Effects()
    names = ("intensity", "area", "price", "method")
    return _told({name: _total(getattr(of, name) for of in effects) for name in names}, before, after)


def _names(services: Iterable[str]) -> list[Text]:
    return [named(service) for service in services]


_ORDERS = {"ecosystem": ecosystem_ids, "service": service_ids}


def _order(keys: Sequence[str], key: Key) -> list[tuple[int, str]]:
    """Where a row stands: ecosystems and services as reports have them, zones by code."""
    found = []
    for name, value in zip(keys, key, strict=True):
        known = _ORDERS[name]() if name in _ORDERS else ()
        found.append((known.index(value) if value in known else len(known), value))
    return found
