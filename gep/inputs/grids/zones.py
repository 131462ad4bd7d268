"""Zones: which county a cell belongs to, and with what part of it.

The zones and what remains of the outline (`_unallocated`) are a partition of the outline: every piece of land counts
once, and land outside the outline nowhere. Reading is in `read_zones`; `zone_cells` lays the polygons on one square of
the grid.

The two kernels work on the edges of the polygons in cell coordinates, with numpy alone. `_coverage` is exact: an edge
is cut at the lines of the lattice, and every piece adds the area between itself and the right side of the square
(Green's theorem). `_inside` counts the edges to the left of a cell's centre.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from geopandas.geodataframe import GeoDataFrame
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gep.core.errors import InputError, Problem, did_you_mean, sort_problems
from gep.inputs.grids.area import cell_areas, densified, horizontal, polygon_area
from gep.inputs.grids.grid import Grid, Square

UNALLOCATED = "_unallocated"
OUTSIDE = -1
"""In place of a zone's index: no zone, outside the outline."""
ROUNDING = 1e-9
"""Share of a cell, or of the outline, below which an area is rounding and not land."""
OVERLAP = 1e-6
"""Share of the smaller of two zones that both may claim (digitising) before it is an error."""
SLIVER = 1e-5
"""Half the width of the slivers that the default outline closes, as a share of the diagonal of the zones' bounding box.
"""
SLIVER_SHAPE = 20
"""A gap is a sliver if it is longer than this many half widths: notches at a junction of borders stay open."""

Mode = Literal["centre", "fraction"]
Source = str | Path | GeoDataFrame


@dataclass(frozen=True)
class Zone:
    """An accounting unit: its code as in the file (text), and its names."""

    code: str
    name: str
    name_zh: str = ""
    name_en: str = ""


class _Edges(NamedTuple):
    """All edges of all zones in the CRS, from (x0, y0) to (x1, y1), with the polygon's interior on their right."""

    zone: NDArray[np.intp]
    x0: NDArray[np.float64]
    y0: NDArray[np.float64]
    x1: NDArray[np.float64]
    y1: NDArray[np.float64]

    def take(self, chosen: NDArray[np.bool_]) -> _Edges:
        return _Edges(self.zone[chosen], self.x0[chosen], self.y0[chosen], self.x1[chosen], self.y1[chosen])


@dataclass(frozen=True)
class ZoneLayer:
    """The partition of an outline into zones, in the CRS of the grid.

    `zones` are sorted by code as text; the last may be `_unallocated`, the land of the outline that is in no zone.
    `geometries` are the zones inside the outline, `areas` their geodesic areas in m2. `outside_area` is the area of the
    zones beyond the outline.
    """

    zones: tuple[Zone, ...]
    geometries: tuple[BaseGeometry, ...]
    areas: tuple[float, ...]
    outline: BaseGeometry
    outline_area: float
    outside_area: float = 0.0
    problems: tuple[Problem, ...] = ()

    @cached_property
    def _edges(self) -> _Edges:
        # a normalised polygon has its shell clockwise and its holes counter-clockwise
        polygons, zone = shapely.get_parts(
            shapely.normalize(np.array(self.geometries, dtype=object)), return_index=True
        )
        rings, polygon = shapely.get_rings(polygons, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        joined = ring[:-1] == ring[1:]
        start, end = points[:-1][joined], points[1:][joined]
        return _Edges(zone[polygon][ring[:-1][joined]].astype(np.intp), start[:, 0], start[:, 1], end[:, 0], end[:, 1])

    @cached_property
    def _edge_bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        edges = self._edges
        return np.minimum(edges.y0, edges.y1), np.maximum(edges.y0, edges.y1), np.minimum(edges.x0, edges.x1)


class ZoneCells(NamedTuple):
    """The land of a square: flat cell index (row-major in the square), zone index and fraction of the cell, by cell,
    then zone.
    """

    cell: NDArray[np.intp]
    zone: NDArray[np.intp]
    fraction: NDArray[np.float64]


# Laying the zones on a square


def zone_cells(layer: ZoneLayer, grid: Grid, square: Square, mode: Mode) -> ZoneCells:
    """Which zones the cells of a square belong to.

    `centre`: the cell whole, to the zone that holds its centre; on a shared border, to the first of the zones.
    `fraction`: the exact share of the cell's area, in the plane of the CRS, that lies in each zone.
    """
    height, width = square.shape
    sole = sole_zone(layer, grid, square)
    if sole is None and mode == "fraction":
        return _fractions(layer, grid, square)
    if sole is None:
        zones = _centre_zones(layer, grid, square).ravel()
        cell = np.flatnonzero(zones != OUTSIDE)
        return ZoneCells(cell, zones[cell], np.ones(cell.size))
    count = 0 if sole == OUTSIDE else height * width
    return ZoneCells(np.arange(count, dtype=np.intp), np.full(count, sole, dtype=np.intp), np.ones(count))


def sole_zone(layer: ZoneLayer, grid: Grid, square: Square) -> int | None:
    """The zone that covers the whole square, `OUTSIDE` where there is none, None where a border may cross it."""
    west, south, _, north = grid.square_bounds(square)
    band = _band(layer, grid, square)
    if (np.maximum(band.x0, band.x1) >= west).any():
        return None
    middle = (south + north) / 2
    crossed = (np.minimum(band.y0, band.y1) <= middle) & (middle < np.maximum(band.y0, band.y1))
    to_the_left = np.bincount(band.zone[crossed], minlength=len(layer.zones))
    holders = np.flatnonzero(to_the_left % 2)
    return int(holders[0]) if holders.size else OUTSIDE


def _band(layer: ZoneLayer, grid: Grid, square: Square) -> _Edges:
    """The edges in the rows of a square, in it or to its left: no other matters to which zone its cells are in."""
    _, south, east, north = grid.square_bounds(square)
    low, high, left = layer._edge_bounds
    return layer._edges.take((high >= south) & (low <= north) & (left <= east))


def _zones_near(layer: ZoneLayer, grid: Grid, square: Square) -> Iterator[tuple[int, _Edges]]:
    """The zones that reach the square or lie around it, with their edges in cells (column, row) from the lattice's
    origin.

    From the origin and not from the square: whether a centre is inside then does not depend on the square, to the last
    digit.
    """
    west, *_ = grid.square_bounds(square)
    near = _band(layer, grid, square)
    for zone in np.unique(near.zone):
        own = near.take(near.zone == zone)
        if max(own.x0.max(), own.x1.max()) >= west:
            columns = (own.x0 - grid.x0) / grid.dx, (own.x1 - grid.x0) / grid.dx
            rows = (grid.y0 - own.y0) / grid.dy, (grid.y0 - own.y1) / grid.dy
            yield int(zone), _Edges(own.zone, columns[0], rows[0], columns[1], rows[1])


def _fractions(layer: ZoneLayer, grid: Grid, square: Square) -> ZoneCells:
    """The cells of a square with a border in it, by `_coverage`; together the zones of a cell never exceed it."""
    cells, zones, shares = [np.empty(0, np.intp)], [np.empty(0, np.intp)], [np.empty(0)]
    for zone, edges in _zones_near(layer, grid, square):
        coverage = _coverage(edges, square).ravel()
        cell = np.flatnonzero(coverage > ROUNDING)
        share = coverage[cell]
        share[share > 1 - ROUNDING] = 1.0
        cells.append(cell)
        zones.append(np.full(cell.size, zone, dtype=np.intp))
        shares.append(share)
    cell, zone_index, fraction = np.concatenate(cells), np.concatenate(zones), np.concatenate(shares)
    together = np.bincount(cell, weights=fraction, minlength=1)
    fraction = fraction / np.maximum(together[cell], 1.0)
    order = np.argsort(cell, kind="stable")  # zones come in ascending order, and stay so
    return ZoneCells(cell[order], zone_index[order], fraction[order])


def _coverage(edges: _Edges, square: Square) -> NDArray[np.float64]:
    """Exact share of each cell of the square inside the polygon with these edges (in cells, interior on the right)."""
    height, width = square.shape
    row, rise, left, right = _cut_at_rows(edges, square)
    column, share, middle, piece = _cut_at_columns(left, right, square)
    row, rise = row[piece], rise[piece] * share
    seen = column < square.col1
    row, column, rise, middle = row[seen], column[seen], rise[seen], middle[seen]
    # to the right of a piece: all of the cells beyond, part of its own; left of the square, all of every cell in the
    # row
    own = np.where(column < square.col0, rise, rise * (column + 1 - middle))
    index = (row - square.row0) * (width + 1) + np.maximum(column - square.col0, 0)
    size = height * (width + 1)
    steps = (
        np.bincount(index, weights=own, minlength=size)
        + np.bincount(index + 1, weights=rise - own, minlength=size + 1)[:size]
    )
    covered: NDArray[np.float64] = np.cumsum(steps.reshape(height, width + 1)[:, :width], axis=1)
    return covered


def _cut_at_rows(
    edges: _Edges, square: Square
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Edges cut into pieces of one row: the row, the signed rise (positive upwards), the least and the greatest
    column.
    """
    edges = edges.take(edges.y0 != edges.y1)
    down = edges.y1 > edges.y0
    top, bottom = np.where(down, edges.y0, edges.y1), np.where(down, edges.y1, edges.y0)
    top_column, bottom_column = np.where(down, edges.x0, edges.x1), np.where(down, edges.x1, edges.x0)
    first = np.clip(np.floor(top), square.row0, square.row1).astype(np.intp)
    last = np.clip(np.ceil(bottom), square.row0, square.row1).astype(np.intp)
    edge, row = _ranges(first, last)
    top, bottom, slope = top[edge], bottom[edge], ((bottom_column - top_column) / (bottom - top))[edge]
    start, end = np.maximum(top, row), np.minimum(bottom, row + 1)
    low, high = np.minimum(edges.x0, edges.x1)[edge], np.maximum(edges.x0, edges.x1)[edge]
    at_start = np.clip(top_column[edge] + (start - top) * slope, low, high)
    at_end = np.clip(top_column[edge] + (end - top) * slope, low, high)
    rise = np.where(down[edge], start - end, end - start)
    return row, rise, np.minimum(at_start, at_end), np.maximum(at_start, at_end)


def _cut_at_columns(
    left: NDArray[np.float64], right: NDArray[np.float64], square: Square
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Spans cut at the columns: column (one before and one after the square stand for all beyond), share, middle, index
    of the span.
    """
    first = np.clip(np.floor(left), square.col0 - 1, square.col1).astype(np.intp)
    last = np.clip(np.ceil(right), first + 1, square.col1 + 1).astype(np.intp)
    span, column = _ranges(first, last)
    start = np.where(column == first[span], left[span], column)
    end = np.where(column == last[span] - 1, right[span], column + 1)
    length = (right - left)[span]
    share = np.divide(end - start, length, out=np.ones_like(length), where=length > 0)
    return column, share, (start + end) / 2, span


def _ranges(first: NDArray[np.intp], last: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every integer of every range `first` to `last` (end excluded), with the index of its range: (index, integer)."""
    count = np.maximum(last - first, 0)
    index = np.repeat(np.arange(count.size), count)
    offset = np.arange(index.size) - np.repeat(np.cumsum(count) - count, count)
    return index, first[index] + offset


def _centre_zones(layer: ZoneLayer, grid: Grid, square: Square) -> NDArray[np.intp]:
    """The zone index at every cell centre of a square, `OUTSIDE` where there is none."""
    zones = np.full(square.shape, OUTSIDE, dtype=np.intp)
    for zone, edges in reversed(list(_zones_near(layer, grid, square))):  # the first zone is written last
        zones[_inside(edges, square)] = zone
    return zones


def _inside(edges: _Edges, square: Square) -> NDArray[np.bool_]:
    """Whether a cell centre of the square lies in the polygon with these edges (in cells) or on its border."""
    row0, row1, col0, col1 = square
    height, width = square.shape
    down = edges.y1 > edges.y0  # both sides of a shared border are followed downwards, so that they round alike
    top, bottom = np.where(down, edges.y0, edges.y1), np.where(down, edges.y1, edges.y0)
    top_column, bottom_column = np.where(down, edges.x0, edges.x1), np.where(down, edges.x1, edges.x0)
    edge, row = _ranges(_first_centre(top, row0, row1), _first_centre(np.nextafter(bottom, np.inf), row0, row1))
    drop = (bottom - top)[edge]
    part = np.divide(row + 0.5 - top[edge], drop, out=np.zeros_like(drop), where=drop > 0)
    crossing = top_column[edge] + part * (bottom_column - top_column)[edge]
    column = _first_centre(crossing, col0, col1)
    counted = row + 0.5 < bottom[edge]  # a vertex on the line of centres belongs to the edge below it
    index = (row - row0) * (width + 1) + column - col0
    crossed = np.bincount(index[counted], minlength=height * (width + 1)).reshape(height, width + 1)
    inside: NDArray[np.bool_] = np.cumsum(crossed, axis=1)[:, :width] % 2 == 1
    touched = (column + 0.5 == crossing) & (column < col1) & (drop > 0)
    inside[row[touched] - row0, column[touched] - col0] = True
    level = np.flatnonzero(drop == 0)
    ends = np.sort(np.stack([top_column[edge[level]], bottom_column[edge[level]]]), axis=0)
    run, along = _ranges(_first_centre(ends[0], col0, col1), _first_centre(np.nextafter(ends[1], np.inf), col0, col1))
    inside[row[level][run] - row0, along - col0] = True
    return inside


def _first_centre(position: NDArray[np.float64], start: int, stop: int) -> NDArray[np.intp]:
    """The first cell of `start` to `stop` whose centre is at or beyond a position; `stop` where there is none."""
    return np.clip(np.ceil(position - 0.5), start, stop).astype(np.intp)


def choose_mode(
    layer: ZoneLayer, grid: Grid, wanted: Literal["auto", "centre", "fraction"], threshold: float = 0.001
) -> tuple[Mode, dict[str, float]]:
    """How to lay the zones on this grid, and by how much cell centres would misstate the area of each zone (0.01: 1 %
    too large).

    `auto` takes fractions for the whole run if centres would misstate any zone by more than `threshold` of its geodesic
    area. `_unallocated` is reported and does not decide: a sliver always looks large beside itself, and its cells count
    in its neighbours. The misstatements are empty where fractions are wanted: nobody needs them.
    """
    if wanted == "fraction":
        return "fraction", {}
    counted = np.zeros(len(layer.zones))
    for square in grid.squares():
        sole = sole_zone(layer, grid, square)
        if sole == OUTSIDE:
            continue
        areas = np.broadcast_to(cell_areas(grid, square), square.shape)
        if sole is not None:
            counted[sole] += areas.sum()
            continue
        zones = _centre_zones(layer, grid, square)
        counted += np.bincount(zones.ravel() - OUTSIDE, weights=areas.ravel(), minlength=counted.size + 1)[1:]
    misstatement = {
        zone.code: float(n) / area - 1 for zone, n, area in zip(layer.zones, counted, layer.areas, strict=True)
    }
    decisive = [abs(share) for code, share in misstatement.items() if code != UNALLOCATED]
    if wanted == "centre" or max(decisive, default=0.0) <= threshold:
        return "centre", misstatement
    return "fraction", misstatement


# Reading


def read_zones(
    source: Source,
    *,
    crs: pyproj.CRS,
    code: str,
    name: str | None = None,
    name_zh: str | None = None,
    name_en: str | None = None,
    outline: Source | None = None,
    place: str = "[zones]",
) -> ZoneLayer:
    """Zones from a file or a frame, in `crs`, cut to the outline; `code` and the names are columns.

    Without an outline it is the union of the zones with its holes filled and the slivers between neighbours closed.
    What is in the outline and in no zone becomes `_unallocated`, unless it is below 1e-9 of the outline: such an area
    is rounding. All problems are collected; errors among them raise an `InputError`.
    """
    problems: list[Problem] = []
    columns = {"code": code, "name": name, "name_zh": name_zh, "name_en": name_en}
    frame = _read(source, "zones", place, problems)
    border = None if outline is None else _read(outline, "outline", place, problems)
    zones: list[tuple[Zone, BaseGeometry]] = []
    if frame is not None:
        geometries = _polygons(frame, crs, "zones", place, problems)
        texts = _texts(frame, columns, place, problems)
        if geometries is not None and texts is not None:
            zones = _dissolved(texts, geometries, place, problems)
            _check_overlaps(zones, crs, place, problems)
    border_polygons = None if border is None else _polygons(border, crs, "outline", place, problems)
    _stop_on_errors(problems)
    whole = _default_outline([g for _, g in zones]) if border_polygons is None else shapely.union_all(border_polygons)
    return _partition(zones, whole, crs, place, problems)


def _stop_on_errors(problems: Sequence[Problem]) -> None:
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        raise InputError("The zones cannot be used.", sort_problems(errors))


def _read(source: Source, subject: str, place: str, problems: list[Problem]) -> GeoDataFrame | None:
    """The frame, or None and a problem (F01 unreadable, G01 no CRS, Z03 no geometry)."""
    if isinstance(source, GeoDataFrame):
        table: Any = source
    else:
        path = Path(source)
        if not path.exists():
            do = "Correct the path; it is relative to the project file."
            problems.append(
                Problem("F01", "error", subject, "the file does not exist.", place, found=str(source), do=do)
            )
            return None
        try:
            table = pyogrio.read_dataframe(path)  # type: ignore[no-untyped-call]
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError) as error:
            do = "Give a GeoPackage, a GeoJSON file or a complete shapefile (.shp, .shx, .dbf, .prj)."
            problems.append(
                Problem("F01", "error", subject, "the file cannot be read.", place, found=f"{source}: {error}", do=do)
            )
            return None
    if not isinstance(table, GeoDataFrame) or table.active_geometry_name is None or table.empty:
        found = "no rows" if table.empty else "a table without geometry"
        problems.append(
            Problem(
                "Z03", "error", subject, "there are no polygons.", place, found=found, do="Give a file with polygons."
            )
        )
        return None
    declared: Any = table.crs
    if declared is None:
        do = "Save the file with its coordinate reference system (a shapefile needs its .prj)."
        problems.append(
            Problem("G01", "error", subject, "the polygons have no coordinate reference system.", place, do=do)
        )
        return None
    return table


def _polygons(
    frame: GeoDataFrame, crs: pyproj.CRS, subject: str, place: str, problems: list[Problem]
) -> list[BaseGeometry] | None:
    """The valid polygons of each row in `crs`, or None and a problem (Z03 a row without; Z05 a repair)."""
    raw = [None if g is None else shapely.force_2d(g) for g in frame.geometry]
    bad = [i for i, g in enumerate(raw) if g is not None and not shapely.is_valid(g)]
    for i in bad:
        raw[i] = shapely.make_valid(raw[i])
    polygons = [_polygonal(g) for g in raw]
    empty = [i for i, g in enumerate(polygons) if g.is_empty]
    if empty:
        kinds = sorted({g.geom_type if (g := frame.geometry.iloc[i]) is not None else "none" for i in empty})
        found = f"{', '.join(kinds)} in {_rows(empty)}"
        do = "Give polygons; remove rows that are no area."
        problems.append(
            Problem(
                "Z03", "error", subject, "not every row is a polygon.", place, found=found, allowed="polygons", do=do
            )
        )
        return None
    if bad:
        message = f"invalid polygons (borders that cross themselves) were repaired in {_rows(bad)}."
        do = "Compare the areas of these zones; better, repair the file."
        problems.append(Problem("Z05", "warning", subject, message, place, do=do, share=len(bad) / len(raw)))
    moved = [_transformed(g, frame.crs, crs) for g in polygons]
    if not all(_on_earth(g, crs) for g in moved):
        found = f"extent {_extent(shapely.union_all(polygons))}, declared `{frame.crs.name}`, wanted `{crs.name}`"
        do = "Most likely the file declares another coordinate reference system than it uses: correct that."
        problems.append(
            Problem(
                "G01", "error", subject, "the polygons are not where their coordinates say.", place, found=found, do=do
            )
        )
        return None
    return [_polygonal(shapely.make_valid(g)) for g in moved]


def _on_earth(geometry: BaseGeometry, crs: pyproj.CRS) -> bool:
    """Whether coordinates are finite and latitudes are latitudes."""
    bounds = np.array(geometry.bounds)
    limit = np.pi / 2 / crs.axis_info[0].unit_conversion_factor * (1 + ROUNDING) if crs.is_geographic else np.inf
    return bool(np.isfinite(bounds).all() and np.abs(bounds[[1, 3]]).max() <= limit)


def _polygonal(geometry: BaseGeometry | None) -> BaseGeometry:
    """The polygonal parts of a geometry: what repairs and intersections leave of points and lines is dropped."""
    if geometry is None or geometry.geom_type in ("Polygon", "MultiPolygon"):
        return shapely.Polygon() if geometry is None else geometry
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.union_all(parts[shapely.area(parts) > 0])


def _transformed(geometry: BaseGeometry, source: pyproj.CRS, target: pyproj.CRS) -> BaseGeometry:
    """The geometry in another CRS (x east, y north); straight edges stay in their place between their ends."""
    source, target = horizontal(source), horizontal(target)
    if source.equals(target, ignore_axis_order=True):
        return geometry
    if not (source.is_geographic and target.is_geographic):
        geometry = densified(geometry, source)
    transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)
    return shapely.transform(geometry, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))


def _texts(
    frame: GeoDataFrame, columns: dict[str, str | None], place: str, problems: list[Problem]
) -> dict[str, list[str]] | None:
    """The text of the code and name columns by role, or None and problems (Z01 no such column, Z02 a code that cannot
    be used).
    """
    known = [str(c) for c in frame.columns if c != frame.active_geometry_name]
    missing = {role: column for role, column in columns.items() if column is not None and column not in known}
    for role, column in missing.items():
        found = f"`{column}`; the file has {', '.join(f'`{c}`' for c in known) or 'no columns'}"
        message = f"there is no such column for `{role}`."
        problems.append(Problem("Z01", "error", "zones", message, place, found=found, do=did_you_mean(column, known)))
    if missing:
        return None
    texts = {role: [_text(v) for v in frame[column]] for role, column in columns.items() if column is not None}
    codes = texts["code"]
    empty = [i for i, c in enumerate(codes) if not c]
    if empty:
        do = "Give every zone a code, or remove the row."
        problems.append(
            Problem("Z02", "error", "zones", "a zone has no code.", place, found=f"empty in {_rows(empty)}", do=do)
        )
    reserved = sorted({c for c in codes if c.startswith("_")})
    if reserved:
        do = "Names that begin with an underscore are reserved (`_city`, `_unallocated`)."
        problems.append(
            Problem(
                "Z02", "error", "zones", "a code begins with an underscore.", place, found=", ".join(reserved), do=do
            )
        )
    return None if empty or reserved else texts


def _text(value: object) -> str:
    """A code or a name as text: 150702 and 150702.0 are "150702", "0101" keeps its zero, nothing is empty."""
    if value is None or value is pd.NA or value != value:  # not a number differs from itself
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _rows(rows: Sequence[int]) -> str:
    """Row numbers as people count them, from 1."""
    shown = ", ".join(str(i + 1) for i in rows[:10])
    return f"row{'s' if len(rows) > 1 else ''} {shown}{' …' if len(rows) > 10 else ''}"


def _dissolved(
    texts: dict[str, list[str]], geometries: list[BaseGeometry], place: str, problems: list[Problem]
) -> list[tuple[Zone, BaseGeometry]]:
    """One zone per code, sorted; rows of one code are its parts. The same code under two names is an error (Z02)."""
    rows: dict[str, list[int]] = {}
    for i, code in enumerate(texts["code"]):
        rows.setdefault(code, []).append(i)
    zones = []
    for code, own in sorted(rows.items()):
        named = {
            role: list(dict.fromkeys(texts[role][i] for i in own if texts[role][i])) for role in texts if role != "code"
        }
        for names in named.values():
            if len(names) > 1:
                do = "Give each zone its own code, or the parts of one zone the same name."
                found = " and ".join(f"`{n}`" for n in names[:3]) + f" in {_rows(own)}"
                problems.append(Problem("Z02", "error", code, "one code has several names.", place, found=found, do=do))
        if len(own) > 1:
            problems.append(
                Problem(
                    "Z02", "information", code, f"{_rows(own)} have the same code: they are parts of one zone.", place
                )
            )
        first = {role: names[0] for role, names in named.items() if names}
        zone = Zone(code, first.get("name", code), first.get("name_zh", ""), first.get("name_en", ""))
        parts = [geometries[i] for i in own]
        zones.append((zone, parts[0] if len(parts) == 1 else _polygonal(shapely.union_all(parts))))
    return zones


def _overlaps(geometries: Sequence[BaseGeometry]) -> Iterator[tuple[int, int, BaseGeometry]]:
    """Pairs of geometries that share an area, with that area."""
    tree = shapely.STRtree(geometries)
    one, other = tree.query(geometries, predicate="intersects")
    for i, j in sorted(zip(one.tolist(), other.tolist(), strict=True)):
        if i < j:
            common = _polygonal(shapely.intersection(geometries[i], geometries[j]))
            if not common.is_empty:
                yield i, j, common


def _check_overlaps(
    zones: Sequence[tuple[Zone, BaseGeometry]], crs: pyproj.CRS, place: str, problems: list[Problem]
) -> None:
    geometries = [g for _, g in zones]
    for i, j, common in _overlaps(geometries):
        share = common.area / min(geometries[i].area, geometries[j].area)
        if share > OVERLAP:
            (a, _), (b, _) = zones[i], zones[j]
            message = f"zones `{a.code}` ({a.name}) and `{b.code}` ({b.name}) overlap: that land would count twice."
            found = f"{polygon_area(common, crs) / 1e6:.6g} km2, {share:.2g} of the smaller zone"
            do = "Correct the borders, or account for the two in separate projects."
            problems.append(Problem("Z04", "error", a.code, message, place, found=found, do=do, share=share))


def _default_outline(zones: Sequence[BaseGeometry]) -> BaseGeometry:
    """The union of the zones, with its holes filled and the slivers between two neighbours closed."""
    union = _filled(shapely.union_all(zones))
    west, south, east, north = union.bounds
    width = SLIVER * math.hypot(east - west, north - south)
    closed = union.buffer(width, join_style="mitre", mitre_limit=2.0).buffer(
        -width, join_style="mitre", mitre_limit=2.0
    )
    slivers = [
        gap
        for gap in shapely.get_parts(_polygonal(shapely.difference(closed, union)))
        if gap.length > 2 * SLIVER_SHAPE * width
        and 2 * gap.area / gap.length > ROUNDING * width
        # what touches one zone alone is a narrow inlet
        and sum(shapely.dwithin(gap, zone, ROUNDING * width) for zone in zones) > 1
    ]
    return _filled(shapely.union_all([union, *slivers])) if slivers else union


def _filled(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry without its holes."""
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(geometry))))


def _partition(
    zones: Sequence[tuple[Zone, BaseGeometry]],
    outline: BaseGeometry,
    crs: pyproj.CRS,
    place: str,
    problems: list[Problem],
) -> ZoneLayer:
    """The zones inside the outline, without the slivers that two claim, and what is left of it."""
    pieces = [_polygonal(shapely.intersection(g, outline)) for _, g in zones]
    for i, j, _ in _overlaps(pieces):
        pieces[j] = _polygonal(shapely.difference(pieces[j], pieces[i]))
    outline_area = polygon_area(outline, crs)
    kept, dropped = [], []
    for (zone, _), piece in zip(zones, pieces, strict=True):
        area = polygon_area(piece, crs)
        if area > ROUNDING * outline_area:
            kept.append((zone, piece, area))
        else:
            dropped.append(zone)
    if not kept:
        do = (
            "Check that the zones and the outline are of the same city, and that their coordinate reference systems "
            "are right."
        )
        found = "zones {}, outline {} in the grid's system".format(
            *map(_extent, (shapely.union_all([g for _, g in zones]), outline))
        )
        problems.append(
            Problem(
                "Z06", "error", "outline", "no zone lies in the outline: the city is empty.", place, found=found, do=do
            )
        )
        _stop_on_errors(problems)
    problems.extend(
        Problem(
            "Z06",
            "warning",
            zone.code,
            f"zone `{zone.code}` ({zone.name}) lies outside the outline and is left out.",
            place,
        )
        for zone in dropped
    )
    rest = _polygonal(shapely.difference(outline, shapely.union_all(pieces)))
    rest_area = polygon_area(rest, crs)
    if rest_area > ROUNDING * outline_area:
        kept.append((Zone(UNALLOCATED, "unallocated", "未分配", "unallocated"), rest, rest_area))
        message = f"{rest_area / 1e6:.6g} km2 of the outline are in no zone; they are accounted as `{UNALLOCATED}`."
        problems.append(Problem("Z07", "information", UNALLOCATED, message, place, share=rest_area / outline_area))
    kept_zones, geometries, areas = zip(*kept, strict=True)
    outside = math.fsum(polygon_area(shapely.difference(g, outline), crs) for _, g in zones)
    return ZoneLayer(kept_zones, geometries, areas, outline, outline_area, outside, tuple(sort_problems(problems)))


def _extent(geometry: BaseGeometry) -> str:
    return "[{:.6g}, {:.6g}, {:.6g}, {:.6g}]".format(*geometry.bounds)
