"""The map of change of a comparison of years (M6): the change of value by zone, and by cell where both runs have maps
of the same cells.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from gep.account.account import Account
from gep.account.growth import least_growth
from gep.core.errors import UsageError
from gep.core.keys import CITY
from gep.core.messages import Text, joined, say
from gep.engine.drawn import ALL_VALUES
from gep.report.pictures.canvas import LeftOut, Picture
from gep.report.pictures.charts import Draw
from gep.report.pictures.frames import Land
from gep.report.pictures.maps import classes_table, draw_cells, draw_zones
from gep.report.pictures.numbers import NAME
from gep.report.pictures.rasters import MapClass, RunMap, digits, maps_folder, outward, read_map, rounded
from gep.report.tables.changes import RATE_DECIMALS, ChangeTables
from gep.report.tables.model import Column, ReportTable, Row, of_text

LESS, SAME, MORE = ("#8c510a", "#bf812d", "#dfc27d"), "#f5f5f5", ("#80cdc1", "#35978f", "#01665e")
"""Most less to least less, hardly changed, little more to most more: BrBG of ColorBrewer, for colour-blind eyes too."""

PARTS = (0.5, 0.85)
"""Shares of what changes below which a change is small, and middling."""


def change_maps(tables: ChangeTables) -> Iterator[tuple[Picture, Draw] | LeftOut]:
    """The maps with the functions that draw them, or why there is none."""
    comparison = tables.comparison
    first, last = comparison.path[0], comparison.path[-1]
    years = {"base": comparison.base_year, "year": comparison.year}
    area = Text(last.zone_name(CITY, "en"), last.zone_name(CITY, "zh"))
    titles = {name: say(f"years.picture.{name}", area=area, **years) for name in ("M6", "M6_cells")}
    crs = last.record.get("grid", {}).get("crs", "EPSG:4326")
    if not last.shapes:
        for name, title in titles.items():
            yield LeftOut(name, title, say("pictures.no_shapes"))
        return
    land = Land.of(last, crs)
    table = _zones(tables, titles["M6"])
    changes = [row["value"].shown for row in table.rows if row.key in land.zones]
    before = [row["base"].shown for row in table.rows if row.key in land.zones]
    classes = change_classes([c for c in changes if c is not None], [b for b in before if b is not None])
    notes = (say("years.picture.of_zones"), *tables.notes[2:], _drawn(land, comparison.base_year, comparison.year))
    yield Picture("M6", titles["M6"], notes, table), partial(draw_zones, last, land, classes)
    found = _cells(first, last)
    if isinstance(found, Text):
        yield LeftOut("M6_cells", titles["M6_cells"], found)
        return
    land = Land.of(last, found.crs)
    notes = (say("years.picture.of_cells"), _drawn(land, comparison.base_year, comparison.year))
    listed = classes_table(found, "M6_cells", titles["M6_cells"])
    yield Picture("M6_cells", titles["M6_cells"], notes, listed), partial(draw_cells, last, land, found)


def _drawn(land: Land, base: int, year: int) -> Text:
    return say("years.picture.map_note", base=base, year=year, crs=land.name_of_crs)


def _zones(tables: ChangeTables, title: Text) -> ReportTable:
    """The change of each zone, the largest first."""
    money, units = tables.units.money_unit, tables.units
    columns = (
        NAME,
        Column("value", say("years.column.change"), money),
        Column("base", say("years.column.base_value", base=tables.comparison.base_year), money),
        Column("growth_current", say("years.column.growth_current"), say("tables.unit.percent")),
        Column("growth_constant", say("years.column.growth_constant"), say("tables.unit.percent")),
    )
    rows = []
    for row in tables.comparison.by("zone"):
        later = row.value_at_base_prices if tables.comparison.price_year is not None else row.value
        is_known = later is not None and row.base_value is not None
        change = math.fsum([later or 0.0, -(row.base_value or 0.0)]) if is_known else None
        cells = {
            "name": of_text(tables.zone_name(row.key[0])),
            "value": units.money(change),
            "base": units.money(row.base_value),
            "growth_current": units.share(row.growth_current, decimals=RATE_DECIMALS),
            "growth_constant": units.share(row.growth_constant, decimals=RATE_DECIMALS),
        }
        rows.append(Row("item", row.key[0], cells))
    rows.sort(key=lambda row: (row["value"].value is None, -abs(row["value"].value or 0.0), row.key))
    return ReportTable("M6", Text("M6", "M6"), title, columns, tuple(rows), unit=money)


def _cells(first: Account, last: Account) -> RunMap | Text:
    """The later map of values less the earlier one; or why there is none."""
    found = []
    for account in (first, last):
        folder = maps_folder(account)
        if folder is None or not (folder / f"{ALL_VALUES}.tif").is_file():
            return say("years.picture.no_maps", year=account.about.year)
        try:
            found.append(read_map(folder / f"{ALL_VALUES}.tif", account))
        except UsageError as error:
            return joined([error.message], "")
    before, after = found
    if (before.crs, before.bounds, before.cells.shape) != (after.crs, after.bounds, after.cells.shape):
        return say("years.picture.other_cells")
    cells = after.cells - before.cells
    is_there = np.isfinite(cells)
    if not is_there.any():
        return say("pictures.no_map")
    classes = change_classes(cells[is_there].tolist(), before.cells[is_there].tolist())
    services = tuple(name for name in after.services if name in before.services)
    return RunMap("M6_cells", after.title, after.unit, after.crs, after.bounds, cells, tuple(classes), services)


def change_classes(changes: Sequence[float], before: Sequence[float]) -> list[MapClass]:
    """The classes of changes, from most less to most more, with the same limits on both sides of hardly changed: by
    less than half a percent (`growth.least_growth`) of what there was on the average. Those at the ends that nothing
    belongs to are left out.
    """
    if not changes:
        return []
    found, sizes = np.array(changes), np.abs(np.array(changes))
    mean = float(np.mean(np.abs(np.array(before)))) if len(before) else 0.0
    most = outward(float(sizes.max()), down=False)
    least = rounded(least_growth() * (mean or most))
    beyond = sizes[sizes > least]
    limits = {rounded(float(size)) for size in np.quantile(beyond, PARTS)} if len(beyond) else set()
    steps = list(pairwise([least, *sorted(limit for limit in limits if least < limit < most), most]))
    steps = steps if len(beyond) else []
    less = [
        MapClass(-high, -low, colour, say("years.legend.less", low=digits(low), high=digits(high)))
        for (low, high), colour in zip(reversed(steps), LESS, strict=False)
    ]
    same = MapClass(-least, least, SAME, say("years.legend.same", least=digits(least)))
    more = [
        MapClass(low, high, colour, say("years.legend.more", low=digits(low), high=digits(high)))
        for (low, high), colour in zip(steps, MORE[len(MORE) - len(steps) :], strict=True)
    ]
    classes = [*less, same, *more]
    low, high = float(found.min()), float(found.max())
    return [c for c in classes if c.high >= low and c.low <= high]
