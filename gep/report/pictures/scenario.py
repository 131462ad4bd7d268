"""Pictures of a scenario: a map of the land that changes over what changes by county, and the change by service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from gep.account.fonts import drawable
from gep.core.catalog import colour
from gep.core.messages import Text, in_language, say
from gep.report.pictures.canvas import EDGE, INK, LeftOut, Picture, new_figure
from gep.report.pictures.charts import Draw
from gep.report.pictures.frames import (
    Land,
    Sign,
    draw_area,
    draw_borders,
    draw_legend,
    draw_names,
    draw_scale,
    map_axes,
)
from gep.report.tables.model import text_of
from gep.report.tables.scenario import ScenarioTables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEIGHT = 5.6
PARCEL, FALL, RISE, STILL = "#f9a825", "#d7a49a", "#9cc3b5", "#eef1f2"
TOO_SMALL = 0.02
"""Of the width of the map: a smaller parcel is shown by a ring around it."""
NAME_LENGTH = 25


def scenario_pictures(tables: ScenarioTables, parcels: BaseGeometry) -> Iterator[tuple[Picture, Draw] | LeftOut]:
    """The map and the chart with the functions that draw them; `parcels` in longitude and latitude."""
    by_zone, by_service = tables.change("zone"), tables.change("service")
    title = say("scenario.picture.map", rule=tables.turned.rule.name)
    if not tables.before.shapes:
        yield LeftOut("S1", title, say("pictures.no_shapes"))
    else:
        crs = tables.before.record.get("grid", {}).get("crs", "EPSG:4326")
        land = Land.of(tables.before, crs)
        there = pyproj.Transformer.from_crs("EPSG:4326", land.crs, always_xy=True)
        shape = shapely.transform(parcels, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1])))
        yield Picture("S1", title, tables.notes[:1], by_zone), partial(_map, tables, land, shape)
    title = say("scenario.picture.services", rule=tables.turned.rule.name)
    yield Picture("S2", title, tables.notes, by_service), _bars


def _map(tables: ScenarioTables, land: Land, parcels: BaseGeometry, picture: Picture, language: str) -> Figure:
    figure, bottom, top = new_figure(picture, language, HEIGHT)
    axes: Any = map_axes(figure, land, bottom, top)
    rows = {row.key: row for row in picture.table.rows}
    for code, shape in land.zones.items():
        change = (rows[code]["change"].value or 0.0) if code in rows else 0.0
        draw_area(axes, shape, facecolor=FALL if change < 0 else RISE if change > 0 else STILL, edgecolor="none")
    draw_area(axes, parcels, facecolor=PARCEL, edgecolor=EDGE, linewidth=0.7, zorder=6)
    west, _, east, _ = land.bounds
    for part in shapely.get_parts(parcels):
        if part.bounds[2] - part.bounds[0] < TOO_SMALL * (east - west):
            axes.plot(*part.centroid.coords[0], "o", markersize=12, markerfacecolor="none", color=INK, zorder=7)
    draw_borders(axes, land)
    names = {}
    for code in land.zones:
        change_text = f"\n{text_of(rows[code]['change'], language)}" if code in rows else ""
        names[code] = drawable(tables.before.zone_name(code, language), NAME_LENGTH) + change_text
    draw_names(axes, land, names)
    draw_scale(figure, axes, land, language)
    signs = [Sign(say(f"scenario.legend.{name}").to(language), hue) for name, hue in _SIGNS]
    signs.append(Sign(say("pictures.legend.borders").to(language), line=0.6))
    column = next(column for column in picture.table.columns if column.id == "change")
    draw_legend(figure, axes, column.title(language), signs, top)
    return figure


_SIGNS = (("parcels", PARCEL), ("rise", RISE), ("fall", FALL), ("still", STILL))


def _bars(picture: Picture, language: str) -> Figure:
    """The change of every service that changes, with its interval, the largest first."""
    rows = [row for row in picture.table.rows if row["change"].value]
    figure, bottom, top = new_figure(picture, language, max(3.2, 1.9 + 0.3 * len(rows)))
    inch = 1 / figure.get_figheight()
    axes = figure.add_axes((0.27, bottom + 0.5 * inch, 0.68, top - bottom - 0.5 * inch))
    for place, row in enumerate(reversed(rows)):
        change = row["change"].shown or 0.0
        hue = "#607d8b" if row.kind == "total" else colour(row.key)
        axes.barh(place, change, color=hue, edgecolor=EDGE, linewidth=0.5, height=0.7)
        lower, upper = row["lower"].shown, row["upper"].shown
        if lower is not None and upper is not None:
            axes.plot([lower, upper], [place, place], color=INK, linewidth=1.2, marker="|", markersize=7)
        farthest = [number for number in (change, lower, upper, 0.0) if number is not None]
        at, side = (max(farthest), 4) if change >= 0 else (min(farthest), -4)
        axes.annotate(
            text_of(row["change"], language),
            (at, place),
            xytext=(side, 0),
            textcoords="offset points",
            va="center",
            ha="left" if change >= 0 else "right",
            fontsize=8.5,
            color=INK,
        )
    names = [drawable(in_language(row["service"].text or Text("", ""), language), NAME_LENGTH) for row in rows]
    axes.set_yticks(range(len(rows) - 1, -1, -1), names)
    axes.margins(x=0.2, y=0.03)
    axes.axvline(0, color=EDGE, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8.5, labelcolor=INK)
    axes.set_xlabel(drawable(in_language(picture.table.unit, language)), fontsize=9, color=INK)
    return figure
