"""Generated sentences: what the figures say, in the words of statistical bulletins. Causes are never among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from gep.core.catalog import named
from gep.core.keys import CITY
from gep.core.messages import Text, joined, listed, say
from gep.report.tables.book import BRIEF_DECIMALS, ReportModel
from gep.report.tables.model import Cell, figure_of

_FIRST = 3
"""How many of the largest are named."""


class Named(NamedTuple):
    """Something with a value."""

    id: str
    name: Text
    value: float


def ranked(items: Iterable[tuple[str, Text, float | None]]) -> list[Named]:
    """What has a value, the largest first."""
    found = [Named(id_, name, value) for id_, name, value in items if value is not None]
    return sorted(found, key=lambda item: (-item.value, item.id))


class Wording:
    """Sentences about an account."""

    def __init__(self, model: ReportModel, is_draft: bool) -> None:
        self.model, self.facts, self.account = model, model.facts, model.account
        self.about = self.account.about
        self.is_draft = is_draft
        self.city = self.facts.indicators.get(CITY)

    # numbers ----------------------------------------------------------------------------------------------------------

    def money(self, value: float) -> Text:
        """An amount as the tables have it: 19.79亿元, 19.79 hundred million CNY; one too small for that at its own
        scale.
        """
        units = self.facts.units
        cell = units.money(value)
        return self.amount(value, "CNY") if cell.is_below_shown else units.said(units.of_money, cell)

    def amount(self, value: float, unit: str) -> Text:
        """A quantity in the scale at which people read it."""
        scale = self.facts.units.scale_of([value], unit)
        return self.facts.units.said(scale, scale.cell(value))

    def per_km2(self, value: float) -> Text:
        """Money for a square kilometre."""
        return self.facts.units.said(self.facts.units.of_density, self.facts.units.per_km2(value))

    def per_head(self, value: float) -> Text:
        """Money for a person."""
        return self.facts.units.said(self.facts.units.of_head, self.facts.units.per_head(value))

    def ratio(self, value: float) -> Text:
        """A ratio as the tables have it."""
        return Text(*(figure_of(Cell(value), language) for language in ("en", "zh")))

    def population(self, value: float) -> Text:
        """How many people."""
        return self.facts.units.said(self.facts.units.of_population, self.facts.units.of_population.cell(value))

    def area(self, value: float) -> Text:
        """An area given in m2."""
        return self.facts.units.said(self.facts.units.of_area, self.facts.units.area(value))

    def share_of(self, key: str, among: Iterable[Named] = ()) -> Text | None:
        """The share of a category or service as the bulletin has it; None where shares mean nothing, be it that one of
        those beside it is negative.
        """
        cell = self.model.brief_shares.get(key)
        if cell is None or cell.value is None or any(item.value < 0 for item in among):
            return None
        return self._percent(cell)

    def share(self, value: float, among: Iterable[Named] = ()) -> Text | None:
        """The share of another value."""
        share = self.facts.share(value, among=(item.value for item in among))
        return None if share is None else self._percent(self._brief(share))

    def share_of_area(self, area: float) -> Text:
        """A share of the whole area."""
        return self._percent(self._brief(area / (self.facts.area() or area)))

    def _brief(self, share: float) -> Cell:
        return self.facts.units.share(share, decimals=BRIEF_DECIMALS)

    @staticmethod
    def _percent(cell: Cell) -> Text:
        if cell.is_below_shown:
            return say("document.said.less_than", share=f"{10.0**-BRIEF_DECIMALS:.{BRIEF_DECIMALS}f}")
        return Text(*(f"{figure_of(cell, language)}%" for language in ("en", "zh")))

    # the whole --------------------------------------------------------------------------------------------------------

    @property
    def basis(self) -> Text:
        """The prices of the values, as in a sentence."""
        is_current = self.about.price_year == self.about.year
        return say("document.said.current") if is_current else say("document.said.constant", year=self.about.price_year)

    def total(self) -> Text:
        """The headline, under the name that the total may bear."""
        total, area = self.account.total(), self.facts.title_of_area
        if not self.facts.is_monetary:
            return say("document.said.physical", area=area, year=self.about.year)
        if total is None:
            return say("document.said.nothing", area=area, year=self.about.year)
        account = say("document.said.preliminary" if self.is_draft else "document.said.accounted")
        value = self.money(total)
        if self.account.is_complete:
            return say("document.said.total", account=account, title=self.facts.title, value=value, basis=self.basis)
        count = len([missing for missing in self.about.missing if missing.is_required])
        about = {"account": account, "area": area, "year": self.about.year}
        return say("document.said.partial", value=value, basis=self.basis, count=count, **about)

    def parts(self) -> Text:
        """The categories with their shares; nothing where none has a value."""
        found = []
        for category, services in self.facts.categories.items():
            value = self.facts.value(services)
            if value is None:
                continue
            share, about = self.share_of(category), {"name": named(category), "value": self.money(value)}
            found.append(
                say("document.said.part", share=share, **about)
                if share
                else say("document.said.part_without_share", **about)
            )
        return say("document.said.parts", parts=joined(found, "; ", "；")) if found else Text("", "")

    def services(self) -> list[Named]:
        """The services that have a value, the largest first."""
        return ranked((name, named(name), self.facts.value(name)) for name in self.facts.services)

    def main_services(self) -> Text:
        """The largest services."""
        return self._main("service", self.services())

    def main_ecosystems(self) -> Text:
        """The ecosystem types that provide most."""
        facts = self.facts
        types = ((name, named(name), facts.value(facts.services, ecosystem=name)) for name in facts.ecosystems)
        return self._main("ecosystem", ranked(types))

    def _main(self, kind: str, found: Sequence[Named]) -> Text:
        parts = []
        for item in [item for item in found if item.value > 0][:_FIRST]:
            share = self.share_of(item.id, found) if kind == "service" else self.share(item.value, found)
            about = {"name": item.name, "value": self.money(item.value)}
            parts.append(
                say("document.said.item", share=share, **about)
                if share
                else say("document.said.item_without_share", **about)
            )
        if not parts:
            return Text("", "")
        if len(parts) == 1:
            return say(f"document.said.one_{kind}", parts=parts)
        return say(f"document.said.main_{kind}s", parts=listed(parts))

    def ratios(self) -> Text:
        """The total by area, by head and against GDP, as far as there are figures for it."""
        city, parts = self.city, []
        if city is None:
            return Text("", "")
        if city["value_per_km2"] is not None:
            parts.append(say("document.said.per_km2", value=self.per_km2(city["value_per_km2"])))
        if city["value_per_head"] is not None:
            parts.append(say("document.said.per_head", value=self.per_head(city["value_per_head"])))
        if city["value_to_gdp"] is not None:
            parts.append(say("document.said.to_gdp", value=self.ratio(city["value_to_gdp"])))
        return say("document.said.ratios", parts=joined(parts, "; ", "，")) if parts else Text("", "")

    # counties ---------------------------------------------------------------------------------------------------------

    @property
    def counties(self) -> list[str]:
        """The counties of the account."""
        return self.facts.counties

    def main_counties(self) -> list[Text]:
        """Which counties come first, by total, by area and by head; nothing where there is only one."""
        facts = self.facts
        found = ranked((zone, facts.zone_text(zone), facts.value(facts.services, zone=zone)) for zone in self.counties)
        if len(found) < 2:
            return []
        first, share = found[0], self.share(found[0].value, found)
        about = {"first": first.name, "value": self.money(first.value)}
        said = [
            say("document.said.main_counties", share=share, **about)
            if share
            else say("document.said.main_counties_without_share", **about)
        ]
        if len(found) >= _FIRST:
            said.append(say("document.said.next_counties", second=found[1].name, third=found[2].name))
        rows = facts.indicators
        dense = ranked(
            (zone, facts.zone_text(zone), rows[zone]["value_per_km2"]) for zone in self.counties if zone in rows
        )
        rich = ranked(
            (zone, facts.zone_text(zone), rows[zone]["value_per_head"]) for zone in self.counties if zone in rows
        )
        if len(dense) > 1:
            said.append(say("document.said.densest", first=dense[0].name, value=self.per_km2(dense[0].value)))
        if len(rich) > 1:
            said.append(say("document.said.richest", first=rich[0].name, value=self.per_head(rich[0].value)))
        return [*said, say("document.said.rank_warning", table=say("tables.number.T07"))]

    # one service ------------------------------------------------------------------------------------------------------

    def service(self, service: str) -> list[Text]:
        """Value, share and rank of a service, its quantities, and the county where it is highest."""
        facts, found = self.facts, self.services()
        ids = [item.id for item in found]
        said = []
        if service in ids:
            rank = ids.index(service) + 1
            item = found[rank - 1]
            share, about = self.share_of(service), {"service": item.name, "value": self.money(item.value)}
            said.append(
                say("document.said.service", share=share, rank=rank, count=len(found), **about)
                if share
                else say("document.said.service_without_share", **about)
            )
        elif facts.is_monetary:
            said.append(say("document.said.service_without_value", service=named(service)))
        if quantities := self.quantities(service):
            said.append(say("document.said.quantities", parts=joined(quantities, "; ", "，")))
        counties = ranked((zone, facts.zone_text(zone), facts.value(service, zone=zone)) for zone in self.counties)
        if len(counties) > 1:
            first = counties[0]
            said.append(say("document.said.service_counties", first=first.name, value=self.money(first.value)))
        return said

    def quantities(self, service: str) -> list[Text]:
        """The quantities of the components of a service."""
        found = []
        for part in self.facts.components(service):
            amount, unit = self.facts.quantity(service, part), self.facts.unit(service, part)
            if amount is not None and unit:
                scale = self.facts.scale(service, part)
                value = self.facts.units.said(scale, scale.cell(amount))
                found.append(say("document.said.quantity", name=named(part), value=value))
        return found

    # everyday equivalents ---------------------------------------------------------------------------------------------

    def equivalents(self) -> Text:
        """Quantities by head of the resident population, where that is given."""
        parts = []
        for service, component in _OF_HEADS:
            amount = self.facts.per_head(service, component)
            if amount is not None:
                value = self.amount(amount, self.facts.unit(service, component))
                parts.append(say("document.said.equivalent", name=named(component), value=value))
        return say("document.said.equivalents", year=self.about.year, parts=listed(parts)) if parts else Text("", "")


_OF_HEADS = (
    ("water_retention", "retained_water"),
    ("carbon_sequestration", "carbon_dioxide"),
    ("climate_regulation", "transpiration"),
)
"""What people know the amount of for themselves: water, carbon dioxide, electricity."""


def said_of_all(parts: Iterable[Callable[[], Text]]) -> list[Text]:
    """Sentences that have something to say."""
    return [text for part in parts if (text := part())]
