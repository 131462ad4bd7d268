"""An account seen as SEEA Ecosystem Accounting shows it: its services by the reference list, its land by the IUCN
Global Ecosystem Typology (GET).

The supply side only: who uses a service (industries, government, households) is not in an account. The crosswalks are
`coefficients/seea/`; which services are final, which stand below the line and which group a land class falls in is data
with a note, and the groups are to be confirmed locally.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from gep.account.entries import Entry, base_component
from gep.account.figures import Figures
from gep.core.catalog import ecosystem_ids, label, service_ids
from gep.core.data import data_rows, renewed
from gep.core.errors import AccountError, did_you_mean
from gep.core.keys import NONE
from gep.core.messages import LANGUAGES, say, sentences
from gep.core.units import ucum
from gep.standards.classes import parents

if TYPE_CHECKING:
    import pandas as pd

Standing = Literal["final", "intermediate", "abiotic", "none"]

STANDINGS = ("final", "intermediate", "abiotic", "none")
"""Final services make the total of SEEA EA; the others stand below the line: intermediate services, abiotic flows, what
is not in its list.
"""

FROM_OUTSIDE = "from_outside"
"""The column of what is taken off, since ecosystems outside the area supply it."""

SECTIONS = ("provisioning", "regulating", "cultural", "abiotic", "none")


def _word(name: str, language: str) -> str:
    """A heading or the name of a row, in a language."""
    return say(f"figures.seea.word.{name}").to(language)


@dataclass(frozen=True)
class Link:
    """Where a service of the account stands in SEEA EA. `seea_id` is empty where its reference list has no such
    service.
    """

    service: str
    component: str
    seea_id: str
    name_en: str
    name_zh: str
    section: str
    standing: Standing
    note: str
    position: int

    @property
    def id(self) -> str:
        """The row of the supply table in money: standing and service of the list, or of the account where the list has
        none.
        """
        return f"{self.standing}/{self.seea_id or self.service}"

    def name(self, language: str) -> str:
        """The name in the reference list, or that of the account."""
        return (self.name_zh if language == "zh" else self.name_en) or label(self.service, language)


@renewed
@cache
def links() -> Mapping[tuple[str, str], Link]:
    """The crosswalk of services by (service, component); an empty component stands for all that have no row of their
    own.
    """
    found: dict[tuple[str, str], Link] = {}
    first: dict[str, int] = {}
    for number, (_, row) in enumerate(data_rows("seea/services.csv")):
        standing: Standing = row["standing"]  # type: ignore[assignment]  # the check of the shipped data says so
        position = first.setdefault(row["seea_id"] or row["service"], number)
        found[row["service"], row["component"]] = Link(
            row["service"],
            row["component"],
            row["seea_id"],
            row["seea_name_en"],
            row["seea_name_zh"],
            row["section"],
            standing,
            row["note"],
            position,
        )
    for service in service_ids():  # one from outside may have no place in the list
        found.setdefault((service, ""), Link(service, "", "", "", "", "none", "none", "", len(found)))
    return found


def link_of(service: str, component: str = "") -> Link:
    """Where a service, or one component of it, stands in SEEA EA. An adjustment stands with the component that it
    adjusts.
    """
    found = links().get((service, base_component(component))) or links().get((service, ""))
    if found is None:
        near = did_you_mean(service, service_ids())
        raise AccountError(sentences(say("figures.seea.no_link", service=service), near))
    return found


@dataclass(frozen=True)
class Group:
    """A functional group of the IUCN Global Ecosystem Typology."""

    code: str
    name_en: str
    name_zh: str


@renewed
@cache
def get_groups() -> Mapping[str, Group]:
    """The functional groups by code, in the order of the typology."""
    return {
        row["code"]: Group(row["code"], row["name_en"], row["name_zh"]) for _, row in data_rows("seea/get_codes.csv")
    }


@dataclass(frozen=True)
class Share:
    """The part of a land class that falls in a functional group, and how sure that is: high, medium, or low (to be
    confirmed locally).
    """

    code: str
    share: float
    confidence: str


@renewed
@cache
def _get_classes() -> Mapping[tuple[str, str], tuple[Share, ...]]:
    found: dict[tuple[str, str], tuple[Share, ...]] = {}
    for _, row in data_rows("seea/get_classes.csv"):
        key = (row["ecosystem"], row["class"])
        found[key] = (*found.get(key, ()), Share(row["get_code"], float(row["share"]), row["confidence"]))
    return found


def get_shares(ecosystem: str, land_class: str = "") -> tuple[Share, ...]:
    """The functional groups that a land class falls in: its own, those of a broader class, or those of its ecosystem;
    none if it has no ecosystem.
    """
    known = "" if land_class == NONE else land_class
    for name in (known, *parents(ecosystem, known), ""):
        if shares := _get_classes().get((ecosystem, name)):
            return shares
    return ()


# the tables -----------------------------------------------------------------------------------------------------------


def supply_table(
    account: Figures,
    measure: Literal["value", "quantity"] = "value",
    by: Literal["ecosystem", "get"] = "ecosystem",
    zone: str | None = None,
    *,
    language: Literal["zh", "en"] = "en",
) -> pd.DataFrame:
    """The supply of ecosystem services: the services of SEEA EA in rows, ecosystem types or functional groups in
    columns.

    In money (CNY) there is a row per service of the reference list, then what stands below the line, with totals; the
    last row is the total of the account. Quantities have a row per indicator, with its unit and no total of rows:
    indicators of one flow (soil and sediment) and quantities in different units are never added. `zone` takes what is
    entered for one zone only. A figure that is missing is NaN, and so is a service that the profile requires and the
    account lacks; what is not counted is left out. What is taken off since it comes from outside the area has a column
    of its own. The index names rows in every language alike.
    """
    _check_option("measure", measure, ("value", "quantity"))
    columns = _Columns(account, by, language)
    part = _of_zone(account, zone)
    if measure == "quantity":
        return columns.table(_quantity_rows(part, language), ("section", "service", "indicator", "unit"))
    if part.about.kind == "physical":
        raise AccountError(say("figures.seea.no_values"))
    part.total()  # refuses values at prices of different years
    return columns.table(_value_rows(part, language), ("section", "service", "unit"))


def extent_table(
    account: Figures,
    by: Literal["ecosystem", "get"] = "ecosystem",
    zone: str | None = None,
    *,
    language: Literal["zh", "en"] = "en",
) -> pd.DataFrame:
    """The extent account of one year: the opening extent in m2 by ecosystem type or functional group.

    By group a second row says how much of it rests on a class whose group is to be confirmed locally.
    """
    columns = _Columns(account, by, language)
    areas = [(entry, entry.quantity) for entry in _of_zone(account, zone).entries if entry.is_area]
    rows = [_Row("opening_extent", (_word("opening_extent", language), "m2"), areas)]
    if by == "get":
        unsure = [
            (entry, area)
            for entry, area in areas
            if any(s.confidence == "low" for s in get_shares(entry.ecosystem, entry.land_class))
        ]
        rows.append(_Row("low_confidence", (_word("low_confidence", language), "m2"), unsure))
    return columns.table(rows, ("entry", "unit"))


Amounts = Sequence[tuple[Entry, float | None]]


@dataclass(frozen=True)
class _Row:
    """A row of a table: its id, its labels and the figures that it adds up."""

    id: str
    labels: tuple[str, ...]
    figures: Amounts


class _Columns:
    """The columns of a table: which there are, what they are called, and which of them an entry belongs to, with which
    share.
    """

    def __init__(self, account: Figures, by: str, language: str) -> None:
        _check_option("by", by, ("ecosystem", "get"))
        _check_option("language", language, LANGUAGES)
        self.language = language
        self.split: Callable[[Entry], Iterable[tuple[str, float]]] = _by_ecosystem if by == "ecosystem" else _by_group
        found = {
            column for entry in account.entries if entry.is_area or entry.is_counted for column, _ in self.split(entry)
        }
        order = ecosystem_ids() if by == "ecosystem" else tuple(get_groups())
        last = [column for column in (NONE, FROM_OUTSIDE) if column in found]
        self.ids = [*(known for known in order if known in found), *sorted(found - {*order, *last}), *last]

    def name(self, column: str) -> str:
        group = get_groups().get(column)
        if group is None:
            return label(column, self.language)
        return f"{group.code} {(group.name_zh if self.language == 'zh' else '') or group.name_en}"

    def table(self, rows: Sequence[_Row], headings: Sequence[str]) -> pd.DataFrame:
        import pandas as pd

        words = [_word(heading, self.language) for heading in headings]
        names = [*words, *(self.name(column) for column in self.ids), _word("total", self.language)]
        cells = [(*row.labels, *self._cells(row.figures), _total(figure for _, figure in row.figures)) for row in rows]
        return pd.DataFrame(cells, columns=names, index=pd.Index([row.id for row in rows], name="id"))

    def _cells(self, figures: Amounts) -> list[float]:
        parts: dict[str, list[float]] = {column: [] for column in self.ids}
        for entry, figure in figures:
            if figure is not None:
                for column, share in self.split(entry):
                    parts[column].append(figure * share)
        return [_total(parts[column]) for column in self.ids]


def _value_rows(account: Figures, language: str) -> list[_Row]:

    def total(name: str) -> str:
        ending = "" if account.is_complete else "_partial"
        return _word(f"{name}{ending}", language)

    rows: dict[Link, list[tuple[Entry, float | None]]] = {}
    for entry in _services(account):
        rows.setdefault(_row_of(link_of(entry.service, entry.component)), []).append((entry, entry.value))
    for service in _lacking(account):
        rows.setdefault(_row_of(link_of(service)), [])
    final = [figure for link, figures in rows.items() if link.standing == "final" for figure in figures]
    below = [figure for link, figures in rows.items() if link.standing != "final" for figure in figures]
    made: list[_Row] = []
    for is_final, name, figures in ((True, "final_total", final), (False, "below_total", below)):
        mine = sorted((link for link in rows if (link.standing == "final") is is_final), key=_order)
        made += [_Row(link.id, (_section(link, language), link.name(language), "CNY"), rows[link]) for link in mine]
        if is_final or mine:
            made.append(_Row(name, ("", total(name), "CNY"), figures))
    return [*made, _Row("total", ("", total("all_total"), "CNY"), [*final, *below])]


def _quantity_rows(account: Figures, language: str) -> list[_Row]:
    rows: dict[tuple[str, str, str], list[tuple[Entry, float | None]]] = {}
    for entry in _services(account):
        if not _is_local(entry) and not entry.unit:
            continue
        unit = ucum(entry.unit) if entry.unit else ""
        rows.setdefault((entry.service, base_component(entry.component), unit), []).append((entry, entry.quantity))
    for service in _lacking(account):
        rows[service, "", ""] = []
    services = service_ids()
    measured = {(service, component) for service, component, unit in rows if unit}
    kept = [key for key in rows if key[2] or key[:2] not in measured]

    def order(key: tuple[str, str, str]) -> tuple[object, ...]:
        return (*_order(link_of(*key[:2])), services.index(key[0]), key[1:])

    made = []
    for service, component, unit in sorted(kept, key=order):
        link = link_of(service, component)
        labels = (_section(link, language), link.name(language), label(component or service, language), unit)
        made.append(_Row(f"{service}/{component}" if component else service, labels, rows[service, component, unit]))
    return made


def _services(account: Figures) -> list[Entry]:
    """The entries of services that count."""
    return [entry for entry in account.entries if not entry.is_area and entry.is_counted]


def _lacking(account: Figures) -> list[str]:
    """The services that the profile requires and of which the account has nothing."""
    there = {entry.service for entry in _services(account)}
    lacking = {missing.service for missing in account.about.missing if missing.is_required} - there
    return [service for service in service_ids() if service in lacking]


def _row_of(link: Link) -> Link:
    """The link that stands for the row of several: services and components of one service of the list share a row."""
    return next(other for other in links().values() if other.id == link.id)


def _order(link: Link) -> tuple[int, int, int]:
    return STANDINGS.index(link.standing), SECTIONS.index(link.section), link.position


def _section(link: Link, language: str) -> str:
    return _word(link.section if link.standing == "final" else link.standing, language)


def _is_local(entry: Entry) -> bool:
    """Whether it comes from ecosystems of the area, and is not what is taken off since it comes from outside."""
    return entry.origin == "local"


def _by_ecosystem(entry: Entry) -> Iterable[tuple[str, float]]:
    return [(entry.ecosystem if _is_local(entry) else FROM_OUTSIDE, 1.0)]


def _by_group(entry: Entry) -> Iterable[tuple[str, float]]:
    if not _is_local(entry):
        return [(FROM_OUTSIDE, 1.0)]
    return [(share.code, share.share) for share in get_shares(entry.ecosystem, entry.land_class)] or [(NONE, 1.0)]


def _of_zone(account: Figures, zone: str | None) -> Figures:
    if zone is None:
        return account
    zones = sorted({entry.zone for entry in account.entries})
    if zone not in zones:
        near, known = did_you_mean(zone, zones), say("figures.known", known=zones)
        raise AccountError(sentences(say("figures.no_zone", zone=zone), near, known))
    return account.replace([entry for entry in account.entries if entry.zone == zone])


def _total(figures: Iterable[float | None]) -> float:
    """The exactly rounded sum of what is known; NaN where nothing is."""
    known = [figure for figure in figures if figure is not None]
    return math.fsum(known) if known else math.nan


def _check_option(name: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        near, options = did_you_mean(str(given), known), say("figures.options", known=list(known))
        raise AccountError(sentences(say("figures.no_option", name=name, given=given), near, options))
