"""The maps of a report: location (M1), ecosystem types (M2), value per hectare (M3), densities of the regulating
services (M4), counties (M5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pyproj

from gep.account.account import Account
from gep.account.fonts import drawable
from gep.core.catalog import named
from gep.core.letters import lines
from gep.core.messages import Text, in_language, listed, say
from gep.core.unit_names import unit_text
from gep.engine.drawn import ALL_VALUES, ECOSYSTEMS
from gep.report.pictures import numbers
from gep.report.pictures.canvas import INK, LeftOut, Picture, new_figure
from gep.report.pictures.charts import Draw, titled
from gep.report.pictures.frames import (
    NAME_LENGTH,
    NAME_LINE,
    Land,
    Sign,
    draw_area,
    draw_borders,
    draw_legend,
    draw_names,
    draw_scale,
    frame_map,
    map_axes,
)
from gep.report.pictures.rasters import CLASSES, MapClass, RunMap, digits, limits, maps_folder, read_map, rising_colours
from gep.report.tables.facts import Facts
from gep.report.tables.model import Cell, Column, ReportTable, Row, of_text, text_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 5.6
HATCH = "/////"
MISSING = {"facecolor": "#f3f4f4", "edgecolor": "#c3cacd", "linewidth": 0.0, "hatch": HATCH}


def maps(facts: Facts) -> Iterator[tuple[Picture, Draw] | LeftOut]:
    """Every map with the function that draws it, or why there is none."""
    account = facts.account
    folder = maps_folder(account)
    crs = account.record.get("grid", {}).get("crs", "EPSG:4326")
    if not account.shapes:
        for id_ in ("M1", "M2", "M3", "M4", "M5"):
            yield LeftOut(id_, say(f"pictures.name.{id_}"), say("pictures.no_shapes"))
        return
    land = Land.of(account, crs)
    table = numbers.counties(facts, "M1")
    yield (
        Picture("M1", _title(facts, say("pictures.name.M1")), _notes(facts, land), table),
        partial(_location, facts.account, land),
    )
    yield from _of_run(facts, folder, "M2", f"{ECOSYSTEMS}.tif")
    if facts.is_monetary:
        yield from _of_run(facts, folder, "M3", f"{ALL_VALUES}.tif")
    yield from _of_services(facts, folder)
    if facts.is_monetary and account.total() is not None:
        table = numbers.counties(facts, "M5")
        notes = (*numbers.unallocated_note(facts), *_notes(facts, land))
        shown = [row["value"].shown for row in table.rows if row.key in land.zones]
        classes = county_classes([value for value in shown if value is not None])
        picture = Picture("M5", titled(facts, say("pictures.name.M5")), notes, table)
        yield picture, partial(draw_zones, facts.account, land, classes)


def _title(facts: Facts, name: Text) -> Text:
    return say("pictures.title_of_map", name=name, area=facts.title_of_area, year=facts.account.about.year)


def _notes(facts: Facts, land: Land, *extra: Text) -> tuple[Text, ...]:
    year = facts.account.about.year
    cover = facts.account.record.get("inputs", {}).get("land_cover", {}).get("year")
    key = "pictures.map_note" if cover else "pictures.map_note_without_cover"
    note = say(key, year=year, crs=land.name_of_crs, **({"cover": cover} if cover else {}))
    return (*extra, note, facts.notes_by_key["source"])


# maps of the run ------------------------------------------------------------------------------------------------------


def _of_services(facts: Facts, folder: Path | None) -> Iterator[tuple[Picture, Draw] | LeftOut]:
    """For each regulating service the first of its densities that is more than a coefficient, else the first."""
    for service in facts.categories.get("regulating", []):
        id_ = f"M4_{service}"
        name = Text(f"{named(service)}", named(service).zh)
        found = sorted(
            path for path in (folder.glob(f"{service}.*.tif") if folder else ()) if path.name.split(".")[1] != "value"
        )
        order = [f"{service}.{part}" for part in _components(facts, service)]
        found.sort(key=lambda path: _place(order, path.stem))
        if not found:
            yield LeftOut(id_, name, say("pictures.no_map"))
            continue
        drawn = [read_map(path, facts.account) for path in found]
        best = min(drawn, key=lambda of: (of.is_flat, of.is_by_class, drawn.index(of)))
        yield from _picture_of(facts, best, id_)


def _components(facts: Facts, service: str) -> list[str]:
    """The components of a service, the first of the declaration first."""
    if not facts.account.has_ledger:
        return facts.components(service)
    about = facts.account.ledger["services"].get(service)
    return list(about["components"]) if about else []


def _place(order: Sequence[str], stem: str) -> int:
    plain = stem.removesuffix("_capacity")
    return order.index(plain) if plain in order else len(order)


def _of_run(facts: Facts, folder: Path | None, id_: str, file: str) -> Iterator[tuple[Picture, Draw] | LeftOut]:
    if folder is None or not (folder / file).is_file():
        yield LeftOut(id_, say(f"pictures.name.{id_}"), say("pictures.no_map"))
        return
    yield from _picture_of(facts, read_map(folder / file, facts.account), id_)


def _picture_of(facts: Facts, of: RunMap, id_: str) -> Iterator[tuple[Picture, Draw] | LeftOut]:
    name = of.title if id_.startswith("M4") else say(f"pictures.name.{id_}")
    unit = unit_text(of.unit)
    if of.is_flat and id_ != "M2":
        value = digits(of.classes[0].low)
        yield LeftOut(id_, name, say("pictures.flat", value=value, unit=unit))
        return
    if not of.classes:
        yield LeftOut(id_, name, say("pictures.no_map"))
        return
    land = Land.of(facts.account, of.crs)
    extra = []
    if of.is_by_class:
        extra.append(say("pictures.by_class", count=len(np.unique(of.cells[np.isfinite(of.cells)]))))
    elif id_ != "M2":
        extra.append(say("pictures.classes_note"))
    if of.services:
        extra.append(say("pictures.of_services", services=listed(named(service) for service in of.services)))
    service = id_.removeprefix("M4_")
    if covered := facts.coverage_of_services.get(service):
        share = text_of(facts.units.share(covered["share"]), "en")
        extra.append(say("pictures.coverage", share=share))
    yield (
        Picture(id_, _title(facts, name), _notes(facts, land, *extra), classes_table(of, id_)),
        partial(draw_cells, facts.account, land, of),
    )


def classes_table(of: RunMap, id_: str, name: Text | None = None) -> ReportTable:
    """The classes of a map with their limits, and how many cells of the picture each has."""
    unit = unit_text(of.unit) if id_ != "M2" else Text("", "")
    columns = [
        numbers.NAME,
        Column("low", say("pictures.column.from"), unit),
        Column("high", say("pictures.column.to"), unit),
        Column("cells", say("pictures.column.cells")),
        Column("colour", say("pictures.column.colour"), is_text=True),
    ]
    index = of.index
    rows = []
    for number, c in enumerate(of.classes):
        cells = {
            "name": of_text(c.name),
            "low": Cell(c.low, decimals=None),
            "high": Cell(c.high, decimals=None),
            "cells": Cell(int((index == number).sum()), decimals=0),
            "colour": of_text(c.colour),
        }
        rows.append(Row("item", str(number + 1), cells))
    return numbers.table_of(id_, columns, rows, name=name)


def draw_cells(account: Account, land: Land, of: RunMap, picture: Picture, language: str) -> Figure:
    """The cells of a map in the colours of their classes."""
    from matplotlib.colors import to_rgba_array

    figure, bottom, top = new_figure(picture, language, HEIGHT)
    axes = map_axes(figure, land, bottom, top)
    draw_area(axes, land.outline, zorder=1, **MISSING)
    colours = np.rint(255 * to_rgba_array([*(c.colour for c in of.classes), "none"])).astype(np.uint8)
    west, south, east, north = of.bounds
    axes.imshow(
        colours[of.index],
        extent=(west, east, south, north),
        interpolation="nearest",
        zorder=2,
        aspect=land.aspect,
    )
    frame_map(axes, land)
    missing = "pictures.legend.no_cover" if picture.id == "M2" else "pictures.legend.missing"
    signs = [Sign(in_language(c.name, language), c.colour) for c in reversed(of.classes)]
    if picture.id == "M2":
        signs = signs[::-1]
    signs.append(Sign(say(missing).to(language), "#f3f4f4", HATCH))
    title = "" if picture.id == "M2" else in_language(unit_text(of.unit), language)
    return _finished(account, land, figure, axes, language, title, signs, top)


def _finished(
    account: Account,
    land: Land,
    figure: Figure,
    axes: Axes,
    language: str,
    title: str,
    signs: Sequence[Sign],
    top: float,
    suffix: Mapping[str, str] = MappingProxyType({}),
) -> Figure:
    """Borders, names, scale and legend on a map."""
    draw_borders(axes, land)
    names = {
        code: "\n".join(lines(drawable(account.zone_name(code, language), NAME_LENGTH), NAME_LINE))
        for code in land.zones
    }
    left_out = draw_names(axes, land, {code: name + suffix.get(code, "") for code, name in names.items()})
    draw_scale(figure, axes, land, language)
    borders = [
        Sign(say("pictures.legend.boundary").to(language), line=1.5),
        Sign(say("pictures.legend.borders").to(language), line=0.6),
    ]
    draw_legend(figure, axes, title, [*signs, *borders], top)
    if left_out:
        text = say("pictures.names_left_out", names=[names[code].replace("\n", " ") for code in left_out[:12]]).to(
            language
        )
        box = axes.get_position()
        note = "\n".join(drawable(line) for line in lines(text, 34))
        figure.text(0.74, box.y0 + 0.75 / HEIGHT, note, fontsize=7, color=INK)
    return figure


# maps of zones --------------------------------------------------------------------------------------------------------


def _location(account: Account, land: Land, picture: Picture, language: str) -> Figure:
    """The area with degrees on its frame."""
    figure, bottom, top = new_figure(picture, language, HEIGHT)
    axes = map_axes(figure, land, bottom + 0.02, top - 0.02)
    draw_area(axes, land.outline, facecolor="#e9eff1", edgecolor="none", zorder=1)
    axes.apply_aspect()
    _draw_degrees(axes, land)
    return _finished(account, land, figure, axes, language, "", [], top)


def _draw_degrees(axes: Axes, land: Land) -> None:
    """Meridians and parallels of round degrees, named on the frame."""
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    frame = np.linspace(0, 1, 41)
    xs = np.concatenate([x0 + frame * (x1 - x0), x0 + frame * (x1 - x0), np.full(41, x0), np.full(41, x1)])
    ys = np.concatenate([np.full(41, y0), np.full(41, y1), y0 + frame * (y1 - y0), y0 + frame * (y1 - y0)])
    longitudes, latitudes = land.degrees.transform(xs, ys)
    if not (np.isfinite(longitudes).all() and np.isfinite(latitudes).all()):
        return
    to_plane = pyproj.Transformer.from_crs("EPSG:4326", land.crs, always_xy=True)
    west, east, south, north = longitudes.min(), longitudes.max(), latitudes.min(), latitudes.max()
    step = max(min(_steps_of(east - west), 30.0), min(_steps_of(north - south), 30.0))
    for at in np.arange(np.ceil(west / step), np.floor(east / step) + 1) * step:
        x, y = to_plane.transform(np.full(60, at), np.linspace(south, north, 60))
        axes.plot(x, y, color="#c9d2d6", linewidth=0.5, zorder=0.5)
        place = np.interp(y1, y, x)
        if x0 < place < x1:
            axes.text(place, y1, _degrees(at, "EW"), fontsize=7, ha="center", va="top", color="#5c6a71", zorder=6)
    for at in np.arange(np.ceil(south / step), np.floor(north / step) + 1) * step:
        x, y = to_plane.transform(np.linspace(west, east, 60), np.full(60, at))
        axes.plot(x, y, color="#c9d2d6", linewidth=0.5, zorder=0.5)
        place = np.interp(x1, x, y)
        if y0 < place < y1:
            axes.text(
                x1, place, _degrees(at, "NS") + " ", fontsize=7, ha="right", va="center", color="#5c6a71", zorder=6
            )
    axes.set(xlim=(x0, x1), ylim=(y0, y1))


def _steps_of(width: float) -> float:
    """A round part of so many degrees, of which some five make the whole."""
    power = 10.0 ** np.floor(np.log10(width / 4))
    return float(max(step * power for step in (1, 2, 5) if step * power <= width / 4 * 1.0001))


def _degrees(number: float, letters: str) -> str:
    """A degree with the letter of its side: E or W, N or S."""
    return f"{abs(number):.6g}°{letters[0] if number >= 0 else letters[1]}"


def draw_zones(account: Account, land: Land, classes: Sequence[MapClass], picture: Picture, language: str) -> Figure:
    """Figures of the zones in classes, each with its number; hatched where there is none."""
    rows = {row.key: row for row in picture.table.rows}
    shown = {code: rows[code]["value"].shown for code in land.zones if code in rows}
    colours = {
        code: next((c for c in classes if value <= c.high), classes[-1]).colour
        for code, value in shown.items()
        if value is not None
    }
    column = next(column for column in picture.table.columns if column.id == "value")
    signs = [Sign(in_language(c.name, language), c.colour) for c in reversed(classes)]
    suffix = {code: f"\n{text_of(rows[code]['value'], language)}" for code in land.zones if code in rows}
    title = f"{in_language(column.heading, language)}\n{in_language(column.unit, language)}"
    return fill_zones(account, land, picture, language, colours, title, signs, suffix)


def fill_zones(
    account: Account,
    land: Land,
    picture: Picture,
    language: str,
    colours: Mapping[str, str],
    title: str,
    signs: Sequence[Sign],
    suffix: Mapping[str, str],
) -> Figure:
    """Zones in their colours, hatched where they have none, each with a text behind its name."""
    figure, bottom, top = new_figure(picture, language, HEIGHT)
    axes = map_axes(figure, land, bottom, top)
    for code, shape in land.zones.items():
        style = {"facecolor": colours[code], "edgecolor": "none"} if code in colours else MISSING
        draw_area(axes, shape, zorder=1, **style)
    if any(code not in colours for code in land.zones):
        signs = [*signs, Sign(say("pictures.legend.no_figure").to(language), "#f3f4f4", HATCH)]
    return _finished(account, land, figure, axes, language, title, signs, top, suffix)


def county_classes(values: Sequence[float]) -> list[MapClass]:
    """The classes of county totals."""
    if not values:
        return []
    edges = limits(np.array(values), min(CLASSES, len(set(values)))) if len(set(values)) > 1 else [values[0]] * 2
    lows, highs = edges[:-1], edges[1:]
    return [
        MapClass(low, high, c, say("pictures.legend.to", low=digits(low), high=digits(high)))
        for low, high, c in zip(lows, highs, rising_colours(lows, highs), strict=True)
    ]
