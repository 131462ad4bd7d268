"""The tables of a comparison of years: change of values (T08); those of land beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gep.account.changes import ChangeRow, Comparison
from gep.account.uncertain.change import ChangesUncertainty
from gep.account.uncertain.result import Interval
from gep.core.catalog import named
from gep.core.messages import Text, joined, listed, say
from gep.report.tables.extents import LandTables
from gep.report.tables.model import Cell, Column, Lang, ReportTable, Row, RowKind, Standing, Units, of_text, text_of
from gep.study.extent import LandChange

EFFECTS = ("area", "intensity", "price", "method")
RATES = ("growth_current", "growth_constant", "share")
RATE_DECIMALS, POINT_DECIMALS = 1, 2
ENDS = ("change_lower", "change_upper")
SERIES_ENDS = ("lower", "upper")
"""Of the totals of years."""


class ChangeTables:
    """The tables of a comparison in a language."""

    def __init__(
        self,
        comparison: Comparison,
        lang: Lang,
        land: LandChange | None = None,
        intervals: ChangesUncertainty | None = None,
    ) -> None:
        self.comparison, self.land, self.intervals = comparison, land, intervals
        total = comparison.total
        largest = max(abs(total.base_value or 0.0), abs(total.value or 0.0))
        self.units = Units(lang, is_small=largest < Units(lang).of_money.size)

    def all(self) -> Iterator[ReportTable]:
        """Every table, by service, ecosystem, zone and all of them; those of land where it was looked at."""
        for keys in (("service",), ("ecosystem",), ("zone",), ("zone", "ecosystem", "service")):
            yield self.change(*keys)
        if self.land:
            yield from LandTables(self.comparison, self.land, self.units, self.zone_name).all()

    # T08 --------------------------------------------------------------------------------------------------------------

    def change(self, *keys: str) -> ReportTable:
        """T08 by some of zone, ecosystem and service; then the total, and what belongs to its reading."""
        comparison, money = self.comparison, self.units.money_unit
        percent, group = say("tables.unit.percent"), say("years.column.effects")
        names = [Column(key, say(f"years.column.{key}"), is_text=True) for key in keys]
        years = {"base": comparison.base_year, "year": comparison.year}
        in_money = {**years, "base": comparison.money_year}
        of_base = say("years.column.base_value", **years)
        if comparison.price_year is not None:
            of_base = say("years.column.base_value_fixed", **years, price_year=comparison.price_year)
            group = say("years.column.effects_fixed", price_year=comparison.price_year)
        columns = [
            *names,
            Column("base_value", of_base, money),
            Column("value", say("years.column.value", **years), money),
            Column("value_at_base_prices", say("years.column.value_at_base_prices", **in_money), money),
            *(Column(name, say(f"years.column.{name}"), percent) for name in RATES),
            Column("points", say("years.column.points"), say("years.unit.points")),
            *(Column(name, say(f"years.column.{name}"), money, group) for name in EFFECTS),
        ]
        if self.intervals and len(keys) == 1:
            of_change = say("years.column.interval", level=f"{self.intervals.level:.0%}")
            columns += [Column(name, say(f"years.column.{name}"), money, of_change) for name in ENDS]
        if comparison.other and "service" in keys:
            columns.append(Column("remark", say("years.column.remark"), is_text=True))
        rows = [self._row("item", "/".join(row.key), keys, row) for row in comparison.by(*keys)]
        rows.append(self._named_row("total", "total", keys[0], say("years.total"), comparison.total))
        rows += self._memo(keys[0])
        id_ = "T08" if keys == ("service",) else f"T08_{'_'.join(keys)}"
        by = say("years.name.by", keys=listed(say(f"years.column.{key}") for key in keys))
        name = say("years.name.T08", year=comparison.year, base=comparison.base_year, by=by)
        return ReportTable(
            id_, say("years.number.T08"), name, tuple(columns), tuple(rows), len(keys), money, self.notes
        )

    def of_land(self) -> Iterator[ReportTable]:
        """T10 and T11 of the whole area, as they are printed; nothing where land was not looked at."""
        if self.land:
            yield from LandTables(self.comparison, self.land, self.units, self.zone_name).of_the_whole()

    def _row(self, kind: RowKind, key: str, keys: Sequence[str], row: ChangeRow) -> Row:
        labels = {name: of_text(self._name(name, value)) for name, value in zip(keys, row.key, strict=True)}
        why = self.comparison.other.get(row.key[keys.index("service")], ()) if "service" in keys else ()
        remark = {"remark": of_text(listed(why))} if why else {}
        of_key = self.intervals.change.by[keys[0]].get(row.key[0]) if self.intervals and len(keys) == 1 else None
        return Row(kind, key, {**labels, **self._numbers(row), **self._ends(of_key), **remark})

    def _named_row(self, kind: RowKind, key: str, column: str, name: Text, row: ChangeRow) -> Row:
        ends = self._ends(self.intervals.change.change if self.intervals else None)
        return Row(kind, key, {column: of_text(name), **self._numbers(row), **ends})

    def _ends(self, interval: Interval | None) -> dict[str, Cell]:
        """Between what a change lies; nothing where no intervals were asked for."""
        if not self.intervals:
            return {}
        _, *ends = self.units.interval(interval or (None, None, None))
        return dict(zip(ENDS, ends, strict=True))

    def _name(self, key: str, value: str) -> Text:
        if key != "zone":
            return named(value)
        return self.zone_name(value)

    def zone_name(self, zone: str) -> Text:
        """What a zone is called in the last of the accounts."""
        account = self.comparison.path[-1]
        return Text(account.zone_name(zone, "en"), account.zone_name(zone, "zh"))

    def _numbers(self, row: ChangeRow) -> dict[str, Cell]:
        of_value = ("base_value", "value", "value_at_base_prices")
        cells = {name: self.units.money(getattr(row, name), self._no_value(name)) for name in of_value}
        cells |= {name: self.units.share(getattr(row, name), decimals=RATE_DECIMALS) for name in RATES}
        cells["points"] = self.units.share(row.points, decimals=POINT_DECIMALS)
        return {**cells, **{name: self.units.money(getattr(row.effects, name), "not_applicable") for name in EFFECTS}}

    def _no_value(self, name: str) -> Standing:
        """What it means that there is no value: of years in money of one year there is none at current prices."""
        return "not_applicable" if name == "value" and self.comparison.price_year is not None else "missing"

    def _memo(self, column: str) -> Iterator[Row]:
        """Below the total: what growth is told of, where that is not all; and the gap of a chain."""
        first, second, constant = self.comparison.total.compared
        if self.comparison.other:
            money = self.units.money
            current = second if self.comparison.price_year is None else None
            cells = {
                "base_value": money(first),
                "value": money(current, self._no_value("value")),
                "value_at_base_prices": money(constant),
            }
            yield Row("memo", "compared", {column: of_text(say("years.compared")), **cells})
        if (gap := self.comparison.gap) is not None:
            ends = self._ends(self.intervals.change.gap) if self.intervals else {}
            cells = {"value_at_base_prices": self.units.money(gap), **ends}
            heading = say("years.link_gap" if self.comparison.links else "years.gap")
            yield Row("memo", "gap", {column: of_text(heading), **cells})

    @property
    def notes(self) -> tuple[Text, ...]:
        """What the figures of T08 stand for, and what was computed in another way."""
        comparison = self.comparison
        said = [self._of_prices, say("years.note.effects"), *comparison.notes, *self._said_of_interval()]
        if comparison.price_year is not None:
            del said[1]  # which tells of the change at current prices
        if comparison.other:
            other = [
                say("years.note.other_service", service=named(service), why=listed(why))
                for service, why in comparison.other.items()
            ]
            said.append(say("years.note.other", services=joined(other, "; ", "；")))
        return tuple(said)

    @property
    def _of_prices(self) -> Text:
        comparison, base = self.comparison, self.comparison.base_year
        if comparison.price_year is not None:
            key = "fixed_current" if comparison.prices == "current" else "fixed"
            return say(f"years.note.{key}", price_year=comparison.price_year)
        if comparison.links:
            return say("years.note.linked", base=base, first=comparison.links[0], links=list(comparison.links))
        return say(f"years.note.{comparison.prices}", base=base)

    def _said_of_interval(self) -> Iterator[Text]:
        """How sure the change of the total is, and what it would seem without what is common to both years."""
        if not self.intervals:
            return
        found, level = self.intervals.change, f"{self.intervals.level:.0%}"
        if found.change.lower is None:
            yield say("years.note.nothing_known")
            return
        alone = self.units.interval(found.if_independent)[1:]
        names = ("change", "lower", "upper", "alone_lower", "alone_upper")
        cells = zip(names, [*self.units.interval(found.change), *alone], strict=True)
        shown = {name: Text(text_of(cell, "en"), text_of(cell, "zh")) for name, cell in cells}
        key = "significant" if found.is_significant else "not_significant"
        about = {"unit": self.units.money_unit, "count": len(found.common), "draws": self.intervals.draws}
        yield say("years.note.interval", level=level, seed=self.intervals.seed, **about, **shown)
        yield say(f"years.note.{key}")
        if not found.change.lower <= found.change.value <= (found.change.upper or 0.0):
            yield say("years.note.outside")
        if found.broken:
            yield say("years.note.broken", names=listed(self._name(*group) for group in found.broken))
