"""The tables of land of a comparison of years: extent account (T10), what became what (T11). In square metres, of which
no digit is lost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gep.account.changes import Comparison
from gep.core.catalog import named
from gep.core.keys import CITY, NONE
from gep.core.messages import Text, say
from gep.report.tables.model import Cell, Column, ReportTable, Row, RowKind, Units, of_text
from gep.study.extent import LandChange

Areas = Mapping[str, float | None]
SPLIT = ("managed", "unmanaged", None)
"""The kinds of what came and went; None is what nothing is said of."""


@dataclass(frozen=True)
class LandTables:
    """The tables of the land of a comparison."""

    comparison: Comparison
    land: LandChange
    units: Units
    zone_name: Callable[[str], Text]

    def all(self) -> Iterator[ReportTable]:
        """T10, and T11 where what became what is known."""
        yield self.extent()
        if self.land.moves is not None:
            yield self.moves()

    def of_the_whole(self) -> Iterator[ReportTable]:
        """The same of the whole area in square kilometres, as they are printed."""
        for table in self.all():
            unit = self.units.area_unit
            columns = [replace(c, unit=c.unit and unit) for c in table.columns if c.id != "zone"]
            rows = [
                replace(row, cells={name: self._in_km2(cell) for name, cell in row.cells.items()})
                for row in table.rows
                if row.key.startswith(f"{CITY}/")
            ]
            yield replace(table, columns=tuple(columns), rows=tuple(rows), labels=1, unit=unit)

    def _in_km2(self, cell: Cell) -> Cell:
        is_area = cell.text is None and cell.scale == 1.0
        return self.units.area(cell.value, cell.standing) if is_area else cell

    # T10 --------------------------------------------------------------------------------------------------------------

    def extent(self) -> ReportTable:
        """T10: opening, additions, reductions, reappraisals, net change and closing by ecosystem, zone by zone and of
        all of them; then how the whole compares with the boundary and with the official area.
        """
        land = self.land
        types = [name for name in land.ecosystems if name != NONE]
        columns = [
            Column("zone", say("years.column.zone"), is_text=True),
            Column("entry", say("tables.column.entry"), is_text=True),
            *(Column(name, named(name), say("years.unit.area")) for name in types),
            Column("total", say("tables.column.total"), say("years.unit.area")),
        ]
        rows = [row for zone in (*land.zones, CITY) for row in self._extent_of(zone, types)]
        notes = [say("years.note.no_moves", why=land.why)] if land.why else [say("years.note.extent")]
        notes += [say("years.note.split" if land.transitions else "years.note.no_split")] if not land.why else []
        notes += [land.rule] if land.rule else []
        return self._table("T10", columns, rows, tuple(notes))

    def _extent_of(self, zone: str, types: Sequence[str]) -> Iterator[Row]:
        opening, closing = (
            {name: _of(areas, zone, name) for name in (*types, NONE)}
            for areas in (self.land.opening, self.land.closing)
        )
        entries: dict[str, Areas] = {"opening": opening}
        if self.land.moves is not None:
            entries |= self._came_and_went(zone, list(opening))
        entries["net"] = {name: closing[name] - opening[name] for name in opening}
        entries["closing"] = closing
        for entry, areas in entries.items():
            known = [areas[name] or 0.0 for name in types]
            yield self._extent_row(zone, entry, {**areas, "total": math.fsum(known)}, types)
        yield from self._whole(zone, closing)

    def _came_and_went(self, zone: str, names: Sequence[str]) -> Iterator[tuple[str, Areas]]:
        """Additions and reductions, split as far as it is said; reappraisals where there are any."""
        land = self.land
        moved = [
            (before, after, land.transitions.kind(before, after), area)
            for (at, before, after), area in (land.moves or {}).items()
            if zone in (at, CITY) and before != after
        ]
        kinds = SPLIT if land.transitions else ()
        real = [move for move in moved if move[2] != "reappraisal"]
        for entry, at, sign in (("additions", 1, 1.0), ("reductions", 0, -1.0)):
            yield entry, {name: sign * math.fsum(m[3] for m in real if m[at] == name) + 0.0 for name in names}
            for kind in kinds:
                of_kind = [move for move in real if move[2] == kind]
                areas = {name: sign * math.fsum(m[3] for m in of_kind if m[at] == name) + 0.0 for name in names}
                yield f"{entry}_{kind or 'not_split'}", areas
        if land.rule or "reappraisal" in land.transitions.of.values():
            declared = [move for move in moved if move[2] == "reappraisal"]
            changes = {
                name: [_of(land.reappraised, zone, name)]
                + [move[3] for move in declared if move[1] == name]
                + [-move[3] for move in declared if move[0] == name]
                for name in names
            }
            for entry, sign in (("upward", 1.0), ("downward", -1.0)):
                yield (
                    entry,
                    {name: math.fsum(area for area in areas if sign * area > 0) for name, areas in changes.items()},
                )

    def _whole(self, zone: str, closing: Mapping[str, float]) -> Iterator[Row]:
        """What is not mapped; the boundary and the official area, and by how much the closing extent differs."""
        yield self._extent_row(zone, "unmapped", {"total": closing[NONE]}, ())
        whole, official = math.fsum(closing.values()), self._official(zone)
        for entry, area in (("boundary", self._boundary(zone)), ("official", official)):
            if area is None and entry == "official":
                continue
            yield self._extent_row(zone, entry, {"total": area}, ())
            difference = None if area is None else whole - area
            yield self._extent_row(zone, f"{entry}_difference", {"total": difference}, ())
            share = self.units.share(difference / area if area and difference is not None else None)
            cells = {"zone": of_text(self.zone_name(zone)), "entry": of_text(say("years.extent.difference_share"))}
            yield Row("item", f"{zone}/{entry}_share", {**cells, "total": share})

    def _boundary(self, zone: str) -> float | None:
        """The geodesic area of the polygon of a zone, or of all of them, as the run had it."""
        areas = self.comparison.path[-1].about.coverage.get("zones", {}).get("polygon_m2", {})
        return areas.get(zone) if zone != CITY else _sum([areas.get(name) for name in self.land.zones])

    def _official(self, zone: str) -> float | None:
        """What the tables report as the area of a zone; of all of them where they report each, or the whole."""
        areas = self.land.official
        return areas.get(zone, _sum([areas.get(name) for name in self.land.zones]) if zone == CITY else None)

    def _extent_row(self, zone: str, entry: str, areas: Areas, types: Sequence[str]) -> Row:
        years = {"base": self.comparison.base_year, "year": self.comparison.year}
        cells = {
            "zone": of_text(self.zone_name(zone)),
            "entry": of_text(say(f"years.extent.{entry}", **years)),
            **{name: Cell(areas[name], decimals=0, standing="missing") for name in (*types, "total")},
        }
        kind: RowKind = "total" if entry in ("opening", "closing") else "component" if "_" in entry else "item"
        return Row(kind, f"{zone}/{entry}", cells, level=int(kind == "component"))

    # T11 --------------------------------------------------------------------------------------------------------------

    def moves(self) -> ReportTable:
        """T11: from which ecosystem to which, zone by zone and of all of them; rows and columns add to T10."""
        land, moves = self.land, self.land.moves or {}
        columns = [
            Column("zone", say("years.column.zone"), is_text=True),
            Column("before", say("years.column.before", base=self.comparison.base_year), is_text=True),
            *(Column(name, _type(name), say("years.unit.area")) for name in land.ecosystems),
            Column("total", say("tables.column.total"), say("years.unit.area")),
        ]
        rows = []
        for zone in (*land.zones, CITY):
            of_zone: dict[tuple[str, str], list[float]] = {}
            for (at, before, after), area in moves.items():
                if zone in (at, CITY):
                    for key in ((before, after), (before, "total"), ("total", after), ("total", "total")):
                        of_zone.setdefault(key, []).append(area)
            for before in (*land.ecosystems, "total"):
                areas = {
                    name: Cell(math.fsum(of_zone.get((before, name), ())), decimals=0)
                    for name in (*land.ecosystems, "total")
                }
                heading = say("years.closing_total") if before == "total" else _type(before)
                labels = {"zone": of_text(self.zone_name(zone)), "before": of_text(heading)}
                kind: RowKind = "total" if before == "total" else "item"
                rows.append(Row(kind, f"{zone}/{before}", {**labels, **areas}))
        notes = (say("years.note.moves"), *([land.rule] if land.rule else []))
        return self._table("T11", columns, rows, notes)

    def _table(self, id_: str, columns: list[Column], rows: list[Row], notes: tuple[Text, ...]) -> ReportTable:
        name = say(f"years.name.{id_}", base=self.comparison.base_year, year=self.comparison.year)
        number = say(f"years.number.{id_}")
        return ReportTable(id_, number, name, tuple(columns), tuple(rows), 2, say("years.unit.area"), notes)


def _sum(areas: Sequence[float | None]) -> float | None:
    """An exact sum; None where a part of it is."""
    return None if None in areas else math.fsum(area for area in areas if area is not None)


def _type(name: str) -> Text:
    return say("years.unmapped") if name == NONE else named(name)


def _of(areas: Mapping[tuple[str, str], float], zone: str, ecosystem: str) -> float:
    """The area of an ecosystem in a zone, or in all of them."""
    return math.fsum(area for (at, name), area in areas.items() if name == ecosystem and zone in (at, CITY))
