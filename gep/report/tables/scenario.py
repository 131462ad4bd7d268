"""The tables of a scenario: by service, by county, by both, land that became other land, and what it is worth over
years.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from gep.account.account import Account
from gep.account.changes import settled
from gep.account.uncertain.result import LEVEL, Interval
from gep.core.catalog import named
from gep.core.messages import Text, say
from gep.core.units import linear
from gep.report.tables.model import Cell, Column, Lang, ReportTable, Row, Scale, Units, of_text
from gep.study.conversion import Turned, class_name
from gep.study.scenario import Scenario, Worth

Pair = tuple[float, float]


class ScenarioTables:
    """The tables of a scenario in a language. Money is in the unit that its largest change is read in."""

    def __init__(self, scenario: Scenario, lang: Lang, worth: Worth | None = None) -> None:
        assert isinstance(scenario.conversion, Turned)
        self.scenario, self.turned, self.worth, self.lang = scenario, scenario.conversion, worth, lang
        before, after = scenario.accounts()
        self.before: Account = before
        self.after: Account = after
        self.units = Units(lang)
        self.intervals = scenario.uncertainty()
        changes = [now - then for then, now in self.values("service").values()]
        self.money = self.units.scale_of(changes, "CNY")

    @property
    def price_year(self) -> int:
        """Of which year all prices are."""
        return self.before.about.price_year or self.before.about.year

    def values(self, *keys: str) -> Mapping[tuple[str, ...], Pair]:
        """Values before and after by keys; nought where one of them has none."""
        tables = [{key: value for key, value, _ in account.by(*keys)} for account in (self.before, self.after)]
        found: dict[tuple[str, ...], Pair] = {}
        for key in dict.fromkeys((*tables[0], *tables[1])):
            then = tables[0].get(key, 0.0)
            found[key] = then, settled(tables[1].get(key, 0.0), then)
        return found

    def all(self) -> Iterator[ReportTable]:
        """Every table."""
        yield from (self.change("service"), self.change("zone"), self.change("zone", "service"), self.land())
        if self.worth:
            yield from (self.yearly(self.worth), self.course(self.worth))

    def change(self, *keys: str) -> ReportTable:
        """What changes by some of zone and service, then in all; between which ends, where it is by one of them."""
        unit = self.money.name
        has_ends = len(keys) == 1
        columns = [Column(key, say(f"scenario.column.{key}"), is_text=True) for key in keys]
        columns += [Column(name, say(f"scenario.column.{name}"), unit) for name in ("before", "after", "change")]
        columns.append(Column("share", say("scenario.column.share"), say("tables.unit.percent")))
        if has_ends:
            columns += [Column(name, say(f"scenario.column.{name}"), unit) for name in ("lower", "upper")]
        rows = []
        for key, pair in self.values(*keys).items():
            ends = self.intervals.parts.get((keys[0], key[0])) if has_ends else None
            labels = {name: of_text(self.name(name, value)) for name, value in zip(keys, key, strict=True)}
            rows.append(Row("item", "/".join(key), {**labels, **self._numbers(pair, ends)}))
        rows.sort(key=lambda row: -abs(row["change"].value or 0.0))
        totals = self.before.total() or 0.0, self.after.total() or 0.0
        total = totals[0], settled(totals[1], totals[0])
        label = {keys[0]: of_text(say("scenario.total"))}
        rows.append(Row("total", "total", {**label, **self._numbers(total, self.intervals.change)}))
        return self._table(f"S_{'_'.join(keys)}", "_".join(keys), columns, rows, len(keys), unit)

    def _numbers(self, pair: Pair, ends: Interval | None) -> dict[str, Cell]:
        then, now = pair
        cells = {"before": self._money(then), "after": self._money(now), "change": self._money(now - then)}
        cells["share"] = self.units.share((now - then) / then if then > 0 else None, decimals=4)
        if ends is not None:
            cells |= {"lower": self._money(ends.lower), "upper": self._money(ends.upper)}
        return cells

    def _money(self, value: float | None) -> Cell:
        return self.money.cell(value, "not_applicable")

    def name(self, key: str, value: str) -> Text:
        """What a service or a zone is called."""
        if key != "zone":
            return named(value)
        return Text(self.before.zone_name(value, "en"), self.before.zone_name(value, "zh"))

    def land(self) -> ReportTable:
        """What became what, in hectares, county by county."""
        unit = say("scenario.hectares")
        hectares = Scale(linear("hm^2", "m^2")[0], unit, unit)
        columns = [Column(name, say(f"scenario.column.{name}"), is_text=True) for name in ("zone", "from", "to")]
        columns.append(Column("area", say("scenario.column.area"), unit))
        rows = []
        for (zone, before, after), area in sorted(self.turned.moves.items()):
            labels = {"zone": self.name("zone", zone), "from": class_name(before), "to": class_name(after)}
            cells = {name: of_text(text) for name, text in labels.items()}
            key = "/".join((zone, *before, *after))
            rows.append(Row("item", key, {**cells, "area": hectares.cell(area)}))
        total = {"zone": of_text(say("scenario.total")), "area": hectares.cell(self.turned.area)}
        rows.append(Row("total", "total", total))
        return self._table("S_land", "land", columns, rows, 3, unit)

    def yearly(self, worth: Worth) -> ReportTable:
        """A loss or a gain by service: of a year, of all years as it is, and what that is worth now."""
        unit = self.money.name
        names = ["year", "sum", *(["present"] if worth.rate is not None else [])]
        columns = [Column("service", say("scenario.column.service"), is_text=True)]
        columns += [Column(name, say(f"scenario.{worth.what}.{name}"), unit) for name in names]

        def numbers(yearly: float | None) -> dict[str, Cell]:
            if yearly is None:
                return {name: self._money(None) for name in names}
            sums = {"year": yearly, "sum": yearly * math.fsum(worth.shares), "present": worth.over_years(yearly)}
            return {name: self._money(sums[name]) for name in names}

        rows = [
            Row("item", service, {"service": of_text(named(service)), **numbers(value)})
            for service, value in sorted(worth.yearly.items(), key=lambda item: -abs(item[1]))
        ]
        rows.append(Row("total", "total", {"service": of_text(say("scenario.total")), **numbers(worth.year)}))
        ends = (("lower", worth.interval.lower), ("upper", worth.interval.upper))
        rows += [
            Row("memo", name, {"service": of_text(say(f"scenario.column.{name}")), **numbers(of)}) for name, of in ends
        ]
        return self._table("S_worth", worth.what, columns, rows, 1, unit)

    def course(self, worth: Worth) -> ReportTable:
        """The years one by one."""
        unit, rate = self.money.name, worth.rate or 0.0
        columns = (
            Column("number", say("scenario.column.number"), is_text=True),
            Column("part", say("scenario.column.part"), say("tables.unit.percent")),
            Column("money", say(f"scenario.{worth.what}.year"), unit),
            Column("present", say(f"scenario.{worth.what}.present"), unit),
        )
        rows = []
        for number, share in enumerate(worth.shares, start=1):
            money = worth.year * share
            cells = {"part": self.units.share(share), "money": self._money(money)}
            cells |= {"number": of_text(str(number)), "present": self._money(money / (1 + rate) ** number)}
            rows.append(Row("item", str(number), cells))
        return self._table("S_course", "course", columns, rows, 1, unit)

    def _table(
        self, id_: str, name: str, columns: Sequence[Column], rows: Sequence[Row], labels: int, unit: Text
    ) -> ReportTable:
        title = say(f"scenario.table.{name}", rule=self.turned.rule.name, price_year=self.price_year)
        return ReportTable(id_, Text(id_, id_), title, tuple(columns), tuple(rows), labels, unit, self.notes)

    @property
    def notes(self) -> tuple[Text, ...]:
        """What belongs to the reading of every table."""
        known = "interval" if self.intervals.change.lower is not None else "no_interval"
        value, lower, upper = self.intervals.change
        is_beside = lower is not None and upper is not None and not lower <= value <= upper
        return (
            say("scenario.note.prices", price_year=self.price_year),
            say(f"scenario.note.{known}", level=LEVEL),
            *((say("scenario.note.one_side"),) if is_beside else ()),
            *self.turned.warnings,
        )
