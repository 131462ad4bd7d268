"""The tables of revisions (T09): each of them, what they were on the whole, old series back-cast onto a new method."""

from __future__ import annotations

from collections.abc import Iterator

from gep.account.revisions import First, Register, service_name, zone_name
from gep.core.messages import Text, say
from gep.report.tables.model import Cell, Column, Lang, ReportTable, Row, Units, of_text

STATISTICS = ("mean", "mean_absolute", "root_mean_square")
RATE_DECIMALS = 2


class RevisionTables:
    """The tables of a register in a language; old series are back-cast where that is asked for."""

    def __init__(self, register: Register, lang: Lang, first: First | None = None) -> None:
        self.register, self.first = register, first
        largest = max(abs(row.value) for row in register.rows)
        self.units = Units(lang, is_small=largest < Units(lang).of_money.size)

    def all(self) -> Iterator[ReportTable]:
        """Every table that there is something for."""
        yield self.revisions()
        if self.register.statistics:
            yield self.statistics()
        if self.first and self.register.back_cast(self.first)[0]:
            yield self.back_cast(self.first)

    @property
    def notes(self) -> tuple[Text, ...]:
        """What belongs to the reading of all of them: series that a change of method broke, and what is not
        back-cast.
        """
        said = list(self.register.notes)
        if said and not self.first:
            said.append(say("revisions.advice"))
        if not self.register.revisions:
            said.append(say("revisions.none"))
        if self.first:
            rows, notes = self.register.back_cast(self.first)
            said += notes if rows or notes else [say("revisions.nothing_cast")]
        return tuple(said)

    def revisions(self) -> ReportTable:
        """T09: every figure beside the one that it took the place of."""
        money, percent = self.units.money_unit, say("tables.unit.percent")
        columns = [
            *_words("year", "zone", "service"),
            *(Column(name, say(f"revisions.column.{name}"), money) for name in ("before", "after", "difference")),
            Column("percent", say("revisions.column.percent"), percent),
            *_words("vintage", "reason", "date", "run_before", "run"),
        ]
        rows = []
        for one in self.register.revisions:
            before, after = one.before, one.after
            first, last = (say(f"revisions.vintage.{of.vintage}") for of in (before, after))
            cells = {
                "year": of_text(str(after.year)),
                "zone": of_text(zone_name(after.zone)),
                "service": of_text(service_name(after.service)),
                "before": self.units.money(before.value),
                "after": self.units.money(after.value),
                "difference": self.units.money(one.difference),
                "percent": self._rate(one.share),
                "vintage": of_text(say("revisions.step", before=first, after=last)),
                "reason": of_text(say(f"revisions.reason.{after.reason}")),
                "date": of_text(after.date),
                "run_before": of_text(before.run_id),
                "run": of_text(after.run_id),
            }
            rows.append(Row("item", f"{after.year}/{after.zone}/{after.service}/{after.date}", cells))
        notes = (say("revisions.note.T09"), *self.notes)
        return self._table("T09", "T09", columns, rows, 3, notes, money)

    def statistics(self) -> ReportTable:
        """How revisions were by reason, then all of them."""
        percent = say("tables.unit.percent")
        columns = [
            *_words("reason"),
            Column("count", say("revisions.column.count")),
            *(Column(name, say(f"revisions.column.{name}"), percent) for name in (*STATISTICS, "share_upward")),
        ]
        rows = []
        found = self.register.statistics
        for reason in (*(name for name in found if name), ""):
            count, of = found[reason]
            cells = {
                "reason": of_text(say(f"revisions.reason.{reason or 'all'}")),
                "count": Cell(float(count), decimals=0),
                **{name: self._rate(getattr(of, name)) for name in (*STATISTICS, "share_upward")},
            }
            rows.append(Row("item" if reason else "total", reason or "all", cells))
        return self._table("T09_statistics", "statistics", columns, rows, 1, (say("revisions.note.statistics"),))

    def back_cast(self, first: First) -> ReportTable:
        """Old series on the new method, each row with what it is."""
        money, percent = self.units.money_unit, say("tables.unit.percent")
        columns = [
            *_words("service", "zone", "year"),
            *(Column(name, say(f"revisions.column.{name}"), money) for name in ("old", "value", "difference")),
            Column("percent", say("revisions.column.percent"), percent),
            *_words("nature"),
        ]
        cast, _ = self.register.back_cast(first)
        rows = []
        for row in cast:
            zone, service = row.key
            cells = {
                "service": of_text(service_name(service)),
                "zone": of_text(zone_name(zone)),
                "year": of_text(str(row.year)),
                "old": self.units.money(row.old),
                "value": self.units.money(row.value),
                "difference": self.units.money(row.value - row.old),
                "percent": self._rate((row.value - row.old) / row.old),
                "nature": of_text(say(f"revisions.nature.{row.nature}")),
            }
            rows.append(Row("item", f"{zone}/{service}/{row.year}", cells))
        notes = (say(f"revisions.note.{first}"), *self.notes)
        return self._table("T09_back_cast", "back_cast", columns, rows, 3, notes, money)

    def _rate(self, share: float | None) -> Cell:
        return self.units.share(share, decimals=RATE_DECIMALS)

    @staticmethod
    def _table(
        id_: str,
        name: str,
        columns: list[Column],
        rows: list[Row],
        labels: int,
        notes: tuple[Text, ...],
        unit: Text | None = None,
    ) -> ReportTable:
        number, titled = say("revisions.number.T09"), say(f"revisions.name.{name}")
        made = ReportTable(id_, number, titled, tuple(columns), tuple(rows), labels, notes=notes)
        return made if unit is None else ReportTable(id_, number, titled, made.columns, made.rows, labels, unit, notes)


def _words(*names: str) -> list[Column]:
    return [Column(name, say(f"revisions.column.{name}"), is_text=True) for name in names]
