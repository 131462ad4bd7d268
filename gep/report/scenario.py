"""A scenario: as it is printed, as JSON, and the files that are made of it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from rich.console import Console
from rich.markup import escape

from gep.account.uncertain.result import Interval
from gep.core.errors import MissingFeatureError, UsageError, failure
from gep.core.folders import files_into
from gep.core.json_text import write_json
from gep.core.messages import Text, in_language, listed, say
from gep.inputs.grids.transform import WGS84, transformer
from gep.report.console import rows_table, show_problems
from gep.report.options import ReportOptions
from gep.report.pictures.canvas import write_table
from gep.report.tables.model import Lang, ReportTable, Row, text_of
from gep.report.tables.scenario import ScenarioTables
from gep.standards.land_rules import written

SCHEMA = "gep.scenario.v1"
MOST_ROWS = 30
"""Zones that are printed; the tables have all."""

DOCUMENT, BOOK, PLACES = "scenario.json", "scenario.xlsx", "parcels.geojson"
RETIRED = ("S_*.csv",)
"""Tables that an earlier writing may have made and this one does not."""


def show_scenario(tables: ScenarioTables, out: Console, language: Lang) -> None:
    """Print what changes by service and county, what it is worth over years, and what the figures do not show."""
    turned = tables.turned
    out.print(f"[bold]{escape(in_language(turned.said_of_land, language))}[/bold]", soft_wrap=True)
    shown = [tables.change("service"), tables.change("zone")]
    if tables.worth:
        shown.append(tables.yearly(tables.worth))
    for table in shown:
        unit = in_language(table.unit, language)
        heading = in_language(table.name, language)
        titled = say("tables.heading_with_unit", heading=heading, unit=unit).to(language)
        out.print(f"\n[bold]{escape(titled)}[/bold]", soft_wrap=True)
        out.print(_printed(table, language))
    out.print()
    if turned.parcels.problems:
        show_problems(turned.parcels.problems, out, language=language)
    for note in (*tables.notes, *_unchanged(shown[:2])):
        out.print(f"[dim]{escape(in_language(note, language))}[/dim]", soft_wrap=True)


def _printed(table: ReportTable, language: str) -> Any:
    columns = table.columns
    headings = [
        in_language(column.heading, language) if column.unit == table.unit else column.title(language)
        for column in columns
    ]
    items = [row for row in table.rows if row.kind == "item" and _is_shown(row)][:MOST_ROWS]
    rows = [*items, *(row for row in table.rows if row.kind != "item")]
    cells = [[escape(text_of(table.cell(row, column), language)) for column in columns] for row in rows]
    right = [heading for heading, column in zip(headings, columns, strict=True) if not column.is_text]
    return rows_table([*map(escape, headings)], cells, right=right)


def _is_shown(row: Row) -> bool:
    """Whether a row tells of a change, or of a loss or gain."""
    return bool(row["change"].value or row["year"].value)


def _unchanged(tables: Sequence[ReportTable]) -> Iterator[Text]:
    """What is left out of the printed tables, as nothing changes there."""
    for table in tables:
        names = [row[table.columns[0].id].text for row in table.rows if row.kind == "item" and not _is_shown(row)]
        if names:
            yield say("scenario.note.unchanged", names=listed(names))


def scenario_document(tables: ScenarioTables) -> dict[str, Any]:
    """What `gep scenario --json` prints. Money in CNY, areas in m2."""
    turned, intervals = tables.turned, tables.intervals
    totals = tables.before.total() or 0.0, tables.after.total() or 0.0

    def change(pair: tuple[float, float], ends: Interval | None) -> dict[str, Any]:
        lower, upper = (ends.lower, ends.upper) if ends else (None, None)
        return {"before": pair[0], "after": pair[1], "change": pair[1] - pair[0], "lower": lower, "upper": upper}

    def by(kind: str) -> dict[str, Any]:
        return {key: change(pair, intervals.parts.get((kind, key))) for (key,), pair in tables.values(kind).items()}

    return {
        "schema": SCHEMA,
        "rule": turned.rule.id,
        "share": turned.parcels.share,
        "area": turned.area,
        "price_year": tables.price_year,
        "land": [
            {"zone": zone, "before": written(before), "after": written(after), "area": area}
            for (zone, before, after), area in sorted(turned.moves.items())
        ],
        "values": dict(turned.values),
        "total": change(totals, intervals.change),
        "by_service": by("service"),
        "by_zone": by("zone"),
        "rows": [
            {"zone": zone, "service": service, "before": then, "after": now, "change": now - then}
            for (zone, service), (then, now) in tables.values("zone", "service").items()
        ],
        "worth": _worth(tables),
        "stale": [{"layer": of.layer, "services": list(of.services)} for of in turned.stale],
        "notes": list(turned.notes),
        "problems": [problem.as_dict() for problem in turned.parcels.problems],
    }


def _worth(tables: ScenarioTables) -> dict[str, Any] | None:
    worth = tables.worth
    if worth is None:
        return None
    lower, upper = worth.ends
    return {
        "what": worth.what,
        "rate": worth.rate,
        "shares": list(worth.shares),
        "yearly": dict(worth.yearly),
        "year": worth.interval._asdict(),
        "sum": worth.year * math.fsum(worth.shares),
        "total": {"value": worth.total, "lower": lower, "upper": upper},
    }


def write_scenario(tables: ScenarioTables, folder: Path, lang: Lang) -> list[Path]:
    """Write the tables of a scenario as CSV and as a workbook, its parcels, a map and a chart, its document as JSON
    into a folder: all of them or nothing. Without the extra `report` there are neither workbook nor pictures, without a
    font no pictures.
    """
    if (folder / "run.json").exists():
        raise UsageError(say("scenario.into_a_run", folder=folder))
    try:
        with files_into(folder, RETIRED) as fresh:
            found = list(tables.all())
            made = [write_table(table, fresh / f"{table.id}.csv") for table in found]
            write_json(scenario_document(tables), fresh / DOCUMENT)
            _write_parcels(tables, fresh / PLACES)
            made += [
                fresh / DOCUMENT,
                fresh / PLACES,
                *_book(tables, found, fresh, lang),
                *_pictures(tables, fresh, lang),
            ]
            names = [path.relative_to(fresh) for path in made]
    except OSError as error:
        raise UsageError(say("making.not_written", folder=folder, error=failure(error))) from error
    return [folder / name for name in names]


def _write_parcels(tables: ScenarioTables, path: Path) -> None:
    """The land that changes as GeoJSON, in longitude and latitude by RFC 7946."""
    shape = shapely.orient_polygons(parcels_in_degrees(tables))
    feature = {
        "type": "Feature",
        "properties": {"rule": tables.turned.rule.id, "share": tables.turned.parcels.share},
        "geometry": shapely.geometry.mapping(shape),
    }
    document = {"type": "FeatureCollection", "features": [feature]}
    path.write_text(json.dumps(document, allow_nan=False, separators=(",", ":")) + "\n", encoding="utf-8")


def parcels_in_degrees(tables: ScenarioTables) -> Any:
    """The land that changes, in longitude and latitude."""
    crs = tables.scenario.before.inputs.grid.crs
    there = transformer(crs, WGS84)
    return shapely.transform(
        tables.turned.parcels.shape, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1]))
    )


def _book(tables: ScenarioTables, found: Sequence[ReportTable], folder: Path, lang: Lang) -> list[Path]:
    try:
        from gep.report.workbook.scenario import write_scenario_book
    except ModuleNotFoundError:
        return []
    return [write_scenario_book(tables, found, folder / BOOK, ReportOptions(lang))]


def _pictures(tables: ScenarioTables, folder: Path, lang: Lang) -> list[Path]:
    from gep.report.pictures.scenario import scenario_pictures
    from gep.report.pictures.write import write_pictures

    try:
        pictures = scenario_pictures(tables, parcels_in_degrees(tables))
        return write_pictures(pictures, folder, ReportOptions(lang).languages, tables.before.about.year)
    except (ImportError, MissingFeatureError):
        return []
