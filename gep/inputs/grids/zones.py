"""Zones: which county a cell belongs to, and with what part of it.

The zones and what remains of the outline (`_unallocated`) are a partition of the outline: every piece of land counts
once, and land outside the outline nowhere. They are read in `polygons`; `zone_cells` lays them on one square of the
grid.

The two kernels work on the edges of the polygons in cell coordinates, with numpy alone. `_coverage` is exact: an edge
is cut at the lines of the lattice, and every piece adds the area between itself and the right side of the square
(Green's theorem). `_spans` finds where edges cross the lines of cell centres: between two crossings lie the centres of
a zone. Edges and spans are kept for some rows of the grid, for squares beside each other have them in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gep.core.errors import Problem
from gep.inputs.grids.area import cell_areas, square_area
from gep.inputs.grids.grid import Grid, Square

UNALLOCATED = "_unallocated"
OUTSIDE = -1
"""In place of a zone's index: no zone, outside the outline."""
ROUNDING = 1e-9
"""Share of a cell, or of the outline, below which an area is rounding and not land."""

BANDS = 32
"""Rows of squares whose edges are kept."""

Mode = Literal["centre", "fraction"]


@dataclass(frozen=True)
class Zone:
    """An accounting unit: its code as in the file (text), and its names."""

    code: str
    name: str
    name_zh: str = ""
    name_en: str = ""


_Ends = tuple[NDArray[np.float64], NDArray[np.float64]]


class _Edges(NamedTuple):
    """All edges of all zones in the CRS, from (x0, y0) to (x1, y1), with the polygon's interior on their right."""

    zone: NDArray[np.intp]
    x0: NDArray[np.float64]
    y0: NDArray[np.float64]
    x1: NDArray[np.float64]
    y1: NDArray[np.float64]

    def take(self, chosen: NDArray[np.bool_] | slice) -> _Edges:
        return _Edges(self.zone[chosen], self.x0[chosen], self.y0[chosen], self.x1[chosen], self.y1[chosen])

    def downwards(self) -> tuple[NDArray[np.bool_], _Ends, _Ends]:
        """Which edges (in cells) run down the rows, and the rows and the columns of their upper and lower ends."""
        down = self.y1 > self.y0
        rows = np.where(down, self.y0, self.y1), np.where(down, self.y1, self.y0)
        return down, rows, (np.where(down, self.x0, self.x1), np.where(down, self.x1, self.x0))


class _Spans(NamedTuple):
    """Centres of cells in zones: `start` to `stop` (excluded) of a row, by row and then from left to right; none lies
    in two.
    """

    row: NDArray[np.intp]
    start: NDArray[np.intp]
    stop: NDArray[np.intp]
    zone: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Band:
    """The edges that touch some rows of a grid, and their western ends."""

    grid: Grid
    row0: int
    row1: int
    edges: _Edges
    left: NDArray[np.float64]

    @cached_property
    def in_cells(self) -> _Edges:
        """The edges in cells (column, row) from the lattice's origin.

        From the origin and not from the square: whether a centre is inside then does not depend on the square, to the
        last digit.
        """
        grid, (zone, x0, y0, x1, y1) = self.grid, self.edges
        columns = (x0 - grid.x0) / grid.dx, (x1 - grid.x0) / grid.dx
        rows = (grid.y0 - y0) / grid.dy, (grid.y0 - y1) / grid.dy
        return _Edges(zone, columns[0], rows[0], columns[1], rows[1])

    @cached_property
    def spans(self) -> _Spans:
        """The cell centres of the rows by zone."""
        return _spans(self.in_cells, Square(self.row0, self.row1, self.grid.col0, self.grid.col1))


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

    @cached_property
    def _zone_bounds(self) -> NDArray[np.float64]:
        """West, south, east and north of every zone."""
        return shapely.bounds(np.array(self.geometries, dtype=object)).T

    @cached_property
    def _bands(self) -> dict[tuple[Grid, int, int], _Band]:
        """What was found of some rows of a grid, the last of them."""
        return {}

    def _band(self, grid: Grid, square: Square) -> _Band:
        """The edges in the rows of a square."""
        key = grid, square.row0, square.row1
        found = self._bands.get(key)
        if found is None:
            _, south, _, north = grid.square_bounds(square)
            low, high, left = self._edge_bounds
            there = (high >= south) & (low <= north)
            found = _Band(grid, square.row0, square.row1, self._edges.take(there), left[there])
            for oldest in list(self._bands)[: max(0, len(self._bands) + 1 - BANDS)]:
                self._bands.pop(oldest, None)
            self._bands[key] = found
        return found

    def __getstate__(self) -> dict[str, object]:
        """Without what is found again: a plan goes to workers."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


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
        zones = _centre_zones(layer, grid, square)
        if zones.min() != OUTSIDE:
            return ZoneCells(np.arange(zones.size, dtype=np.intp), zones, _ones(zones.size))
        cell = np.flatnonzero(zones != OUTSIDE)
        return ZoneCells(cell, zones[cell], _ones(cell.size))
    count = 0 if sole == OUTSIDE else height * width
    return ZoneCells(np.arange(count, dtype=np.intp), np.full(count, sole, dtype=np.intp), _ones(count))


def _ones(count: int) -> NDArray[np.float64]:
    """The fractions of whole cells, which take no memory."""
    return np.broadcast_to(1.0, count)


def sole_zone(layer: ZoneLayer, grid: Grid, square: Square) -> int | None:
    """The zone that covers the whole square, `OUTSIDE` where there is none, None where a border may cross it."""
    west, south, east, north = grid.square_bounds(square)
    band = layer._band(grid, square)
    near = band.edges.take(band.left <= east)  # no other matters to which zone its cells are in
    if (np.maximum(near.x0, near.x1) >= west).any():
        return None
    middle = (south + north) / 2
    crossed = (np.minimum(near.y0, near.y1) <= middle) & (middle < np.maximum(near.y0, near.y1))
    to_the_left = np.bincount(near.zone[crossed], minlength=len(layer.zones))
    holders = np.flatnonzero(to_the_left % 2)
    return int(holders[0]) if holders.size else OUTSIDE


class _Near(NamedTuple):
    """A zone that reaches a square, with its edges in cells, and the part of the square beyond which it does not
    reach.
    """

    zone: int
    edges: _Edges
    part: Square

    def within(self, square: Square) -> tuple[slice, slice]:
        """Rows and columns of the part in the square."""
        (row0, row1, col0, col1), top, left = self.part, square.row0, square.col0
        return slice(row0 - top, row1 - top), slice(col0 - left, col1 - left)


def _zones_near(layer: ZoneLayer, grid: Grid, square: Square) -> Iterator[_Near]:
    """The zones that reach the square or lie around it, with their edges in it or to its left."""
    west, south, east, north = layer._zone_bounds
    col0, col1 = (west - grid.x0) / grid.dx, (east - grid.x0) / grid.dx
    row0, row1 = (grid.y0 - north) / grid.dy, (grid.y0 - south) / grid.dy
    first = np.floor(np.stack([row0, col0])).clip([[square.row0], [square.col0]]).astype(np.intp)
    last = np.ceil(np.stack([row1, col1])).clip(max=[[square.row1], [square.col1]]).astype(np.intp)
    reaches = (first < last).all(axis=0)
    band = layer._band(grid, square)
    is_near = reaches[band.edges.zone] & (band.left <= grid.square_bounds(square)[2])
    near = band.in_cells.take(is_near)  # zone by zone, as the edges are
    zones, begin = np.unique(near.zone, return_index=True)
    for zone, start, end in zip(zones.tolist(), begin, [*begin, len(near.zone)][1:], strict=True):
        part = Square(*(int(at[i, zone]) for i in (0, 1) for at in (first, last)))
        yield _Near(zone, near.take(slice(start, end)), part)


def _fractions(layer: ZoneLayer, grid: Grid, square: Square) -> ZoneCells:
    """The cells of a square with a border in it, by `_coverage`; together the zones of a cell never exceed it."""
    cells, zones, shares = [np.empty(0, np.intp)], [np.empty(0, np.intp)], [np.empty(0)]
    for near in _zones_near(layer, grid, square):
        coverage = _coverage(near.edges, near.part)
        row, col = np.nonzero(coverage > ROUNDING)
        share = coverage[row, col]
        share[share > 1 - ROUNDING] = 1.0
        down, across = near.within(square)
        cells.append((row + down.start) * square.shape[1] + col + across.start)
        zones.append(np.full(row.size, near.zone, dtype=np.intp))
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
    down, (top, bottom), (top_column, bottom_column) = edges.downwards()
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
    """The zone index at every cell centre of a square, row by row, `OUTSIDE` where there is none."""
    (row, start, stop, zone), (height, width) = layer._band(grid, square).spans, square.shape
    here = (start < square.col1) & (stop > square.col0)
    line = (row[here] - square.row0) * width
    edges = np.zeros(2 * len(line) + 2, np.intp)
    edges[1:-1:2] = line + np.maximum(start[here] - square.col0, 0)
    edges[2:-1:2] = line + np.minimum(stop[here] - square.col0, width)
    edges[-1] = height * width
    zones = np.full(len(edges) - 1, OUTSIDE, np.intp)  # between spans lies nothing
    zones[1::2] = zone[here]
    return np.repeat(zones, np.diff(edges))


def _spans(edges: _Edges, square: Square) -> _Spans:
    """The cell centres of a square in the polygons with these edges (in cells, all that touch its rows) or on their
    borders; a centre in several is in the first.
    """
    row0, row1, col0, col1 = square
    width = col1 - col0 + 1
    # both sides of a shared border are followed downwards, so that they round alike
    _, (top, bottom), (top_column, bottom_column) = edges.downwards()
    edge, row = _ranges(_first_centre(top, row0, row1), _first_centre(np.nextafter(bottom, np.inf), row0, row1))
    drop = (bottom - top)[edge]
    part = np.divide(row + 0.5 - top[edge], drop, out=np.zeros_like(drop), where=drop > 0)
    crossing = top_column[edge] + part * (bottom_column - top_column)[edge]
    column = _first_centre(crossing, col0, col1)
    counted = row + 0.5 < bottom[edge]  # a vertex on the line of centres belongs to the edge below it
    # a ring crosses every line an even number of times: from one crossing to the next is inside
    line = edges.zone[edge[counted]] * (row1 - row0) + row[counted] - row0
    crossings = np.sort(line * width + column[counted] - col0)
    line, start = np.divmod(crossings[::2], width)
    zone, down = np.divmod(line, row1 - row0)
    found = [_Spans(down + row0, start + col0, crossings[1::2] - line * width + col0, zone)]
    touched = (column + 0.5 == crossing) & (column < col1) & (drop > 0)
    found.append(_Spans(row[touched], column[touched], column[touched] + 1, edges.zone[edge[touched]]))
    level = np.flatnonzero(drop == 0)
    ends = np.sort(np.stack([top_column[edge[level]], bottom_column[edge[level]]]), axis=0)
    first, last = _first_centre(ends[0], col0, col1), _first_centre(np.nextafter(ends[1], np.inf), col0, col1)
    found.append(_Spans(row[level], first, last, edges.zone[edge[level]]))
    return _apart(_Spans(*(np.concatenate(columns) for columns in zip(*found, strict=True))), col0, col1)


def _apart(spans: _Spans, col0: int, col1: int) -> _Spans:
    """Spans in order; where some lie over each other the first zone has what they share."""
    spans = _Spans(*(column[spans.start < spans.stop] for column in spans))
    spans = _Spans(*(column[np.lexsort((spans.start, spans.row))] for column in spans))
    meets = (spans.row[1:] == spans.row[:-1]) & (spans.start[1:] < spans.stop[:-1])
    if not meets.any():
        return spans
    rows = np.unique(spans.row[1:][meets])
    mixed = np.isin(spans.row, rows)
    found = [_Spans(*(column[~mixed] for column in spans))]
    for row in rows.tolist():
        line = np.full(col1 - col0 + 2, OUTSIDE)
        here = np.flatnonzero(spans.row == row)
        for span in here[np.argsort(-spans.zone[here], kind="stable")]:  # the first zone is written last
            line[spans.start[span] - col0 + 1 : spans.stop[span] - col0 + 1] = spans.zone[span]
        cut = np.flatnonzero(np.diff(line)) + 1
        start, stop = cut[:-1], cut[1:]
        held = line[start] != OUTSIDE
        start, stop = start[held], stop[held]
        found.append(_Spans(np.full(len(start), row), start + col0 - 1, stop + col0 - 1, line[start]))
    together = _Spans(*(np.concatenate(columns) for columns in zip(*found, strict=True)))
    order = np.lexsort((together.start, together.row))
    return _Spans(*(column[order] for column in together))


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
        if sole is not None:
            counted[sole] += square_area(grid, square)
            continue
        areas = np.broadcast_to(cell_areas(grid, square), square.shape)
        zones = _centre_zones(layer, grid, square)
        counted += np.bincount(zones - OUTSIDE, weights=areas.ravel(), minlength=counted.size + 1)[1:]
    misstatement = {
        zone.code: float(n) / area - 1 for zone, n, area in zip(layer.zones, counted, layer.areas, strict=True)
    }
    decisive = [abs(share) for code, share in misstatement.items() if code != UNALLOCATED]
    if wanted == "centre" or max(decisive, default=0.0) <= threshold:
        return "centre", misstatement
    return "fraction", misstatement
