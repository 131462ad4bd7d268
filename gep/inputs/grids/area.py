"""How large a cell, a polygon or an edge is on the ellipsoid.

Nothing here depends on the square or the window that asks: the area of a cell is a property of the lattice.
"""

from __future__ import annotations

import math

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gep.core.errors import InputError, Problem, problem
from gep.core.messages import say
from gep.inputs.grids.grid import Grid, Square
from gep.inputs.grids.transform import WGS84, transformer

MESH_CELLS = 32
"""Cells between two nodes of the mesh of areal scales, where they are small (a power of two: interpolation weights are
exact).
"""
MESH_METRES = 10_000.0
"""Longest distance between two nodes: bilinear interpolation is then right to about one part in a million."""
EDGE_METRES = 1_000.0
"""Longest edge of a densified polygon: its chord leaves the true line by a few centimetres at most."""
MOST_KEPT = 4096
"""Squares whose scales are kept: 10 MB."""
STRIP = 32
"""Rows of cells whose areas are computed at a time."""
STENCIL = 1e-4
"""Step in radians of the numerical derivatives of a projection: truncation and rounding are both near 1e-11."""


def horizontal(crs: pyproj.CRS) -> pyproj.CRS:
    """The CRS of the two plane axes: without height, without a transformation bound to it."""
    if crs.is_bound and crs.source_crs is not None:
        return horizontal(crs.source_crs)
    return horizontal(crs.sub_crs_list[0]) if crs.is_compound else crs


def cell_areas(grid: Grid, square: Square) -> NDArray[np.float64]:
    """Area in m2 of the cells of a square on the ellipsoid of the grid's CRS, broadcastable to `square.shape`.

    On a geographic grid, shape (rows, 1), exact: the strip between two parallels,

        A = dlon (q(top) - q(bottom)),   q(s) = b^2 / 2 (s / (1 - e^2 s^2) + atanh(e s) / e),   s = sin(latitude)

    with b the polar semi-axis and e the eccentricity. Rows beyond a pole have no area.

    On a projected grid, shape (rows, columns): dx dy divided by the areal scale of the projection at the cell's centre.
    The scale is evaluated on a mesh fixed to the lattice and interpolated bilinearly; where the projection is
    equal-area it is 1 to rounding. Not a number where the projection has no such place (the corners of a map of the
    world).
    """
    crs = horizontal(grid.crs)
    if crs.is_geographic and not crs.is_derived:
        return _row_areas(grid, square, crs)
    if crs.is_projected:
        areas = _interpolated_scale(grid, square, crs)
        areas *= grid.dx * grid.dy
        return areas
    raise InputError(say("grids.no_cell_area"), [_no_area(crs)])


def square_area(grid: Grid, square: Square) -> float:
    """Area in m2 of all cells of a square: what `cell_areas` adds up to, from the nodes of its mesh where it has one.

        sum = r^T N c

    N the scales at the nodes, r and c the weights of each node added up over rows and columns.
    """
    crs = horizontal(grid.crs)
    if crs.is_projected:
        step = _mesh_step(grid, crs)
        (row, rows, down), (col, cols, across) = (
            mesh_axis(square.row0, square.row1, step),
            mesh_axis(square.col0, square.col1, step),
        )
        nodes = _at_nodes(grid, crs, rows, cols)
        of_rows, of_cols = _added_weights(row, down, len(rows)), _added_weights(col, across, len(cols))
        area = float(grid.dx * grid.dy * (of_rows @ nodes @ of_cols))
        if math.isfinite(area):
            return area
    return float(np.broadcast_to(cell_areas(grid, square), square.shape).sum())


def _added_weights(node: NDArray[np.intp], weight: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The weights of the nodes before and after the cells of an axis, added up by node."""
    added: NDArray[np.float64] = np.zeros(count)
    np.add.at(added, node, 1 - weight)
    np.add.at(added, node + 1, weight)
    return added


def latitudes(grid: Grid, square: Square) -> NDArray[np.float64]:
    """Geodetic latitude in radians of the cell centres of a square, of its shape."""
    crs = horizontal(grid.crs)
    x, y = np.meshgrid(grid.x_centres(square), grid.y_centres(square))
    if crs.is_geographic:
        return np.asarray(y * crs.axis_info[0].unit_conversion_factor, dtype=np.float64)
    base = crs.geodetic_crs or WGS84
    _, latitude = transformer(crs, base).transform(x, y)
    return np.asarray(latitude * base.axis_info[0].unit_conversion_factor, dtype=np.float64)


def polygon_area(geometry: BaseGeometry, crs: pyproj.CRS) -> float:
    """Area in m2 of polygons on the ellipsoid of their CRS; holes are subtracted, points and lines have none.

    An edge is a straight line in the CRS, as it is drawn: it is densified, and each piece taken as a geodesic.
    """
    crs = horizontal(crs)
    base = crs.geodetic_crs
    geod = crs.get_geod()
    if base is None or geod is None:
        raise InputError(say("grids.no_polygon_area"), [_no_area(crs)])
    to_base = None if crs == base else transformer(crs, base)
    degrees = math.degrees(base.axis_info[0].unit_conversion_factor)

    def ring_area(ring: BaseGeometry) -> float:
        x, y = shapely.get_coordinates(ring).T
        lon, lat = to_base.transform(x, y) if to_base else (x, y)
        return abs(float(geod.polygon_area_perimeter(np.asarray(lon) * degrees, np.asarray(lat) * degrees)[0]))

    parts = [
        part for part in shapely.get_parts(shapely.get_parts(densified(geometry, crs))) if part.geom_type == "Polygon"
    ]
    return math.fsum(ring_area(part.exterior) - math.fsum(ring_area(hole) for hole in part.interiors) for part in parts)


def densified(geometry: BaseGeometry, crs: pyproj.CRS) -> BaseGeometry:
    """The geometry with no edge longer than about a kilometre, so that it keeps its place in another CRS."""
    geod = crs.get_geod()
    unit = crs.axis_info[0].unit_conversion_factor
    if crs.is_geographic and geod is not None:
        unit *= geod.a
    return shapely.segmentize(geometry, EDGE_METRES / unit)


def _no_area(crs: pyproj.CRS) -> Problem:
    return problem("grids.G01.no_area", "grid", found=f"{crs.type_name} `{crs.name}`")


def _row_areas(grid: Grid, square: Square, crs: pyproj.CRS) -> NDArray[np.float64]:
    """Area of one cell of every row, as a column; differences of q are written out, so that small cells lose no
    digits.
    """
    geod = crs.get_geod()
    assert geod is not None, "a geographic CRS has an ellipsoid"
    unit = crs.axis_info[0].unit_conversion_factor
    edges = (grid.y0 - np.arange(square.row0, square.row1 + 1, dtype=np.float64) * grid.dy) * unit
    edges = np.clip(edges, -np.pi / 2, np.pi / 2)
    top, bottom = edges[:-1], edges[1:]
    e2, e = geod.es, math.sqrt(geod.es)
    s1, s2 = np.sin(top), np.sin(bottom)
    ds = 2.0 * np.cos((top + bottom) / 2) * np.sin((top - bottom) / 2)
    rational = ds * (1 + e2 * s1 * s2) / ((1 - e2 * s1**2) * (1 - e2 * s2**2))
    z = ds / (1 - e2 * s1 * s2)
    logarithmic = np.arctanh(e * z) / e if e > 0 else z
    area: NDArray[np.float64] = grid.dx * unit * geod.b**2 / 2 * (rational + logarithmic)
    return area[:, np.newaxis]


def _interpolated_scale(grid: Grid, square: Square, crs: pyproj.CRS) -> NDArray[np.float64]:
    """True area per map area (m2 per square unit of the CRS) at the cell centres."""
    step = _mesh_step(grid, crs)
    row, rows, row_weight = mesh_axis(square.row0, square.row1, step)
    col, cols, col_weight = mesh_axis(square.col0, square.col1, step)
    nodes = _at_nodes(grid, crs, rows, cols)
    down = nodes[row] * (1 - row_weight[:, np.newaxis]) + nodes[row + 1] * row_weight[:, np.newaxis]
    cells_after, scale = np.bincount(col, minlength=len(cols) - 1), np.empty(square.shape)
    for start in range(0, len(scale), STRIP):  # what is computed of a few rows stays near the processor
        here = slice(start, start + STRIP)
        out = np.multiply(np.repeat(down[here, :-1], cells_after, axis=1), 1 - col_weight, out=scale[here])
        after = np.repeat(down[here, 1:], cells_after, axis=1)
        after *= col_weight
        out += after
    if np.isfinite(nodes).all():
        return scale
    missing = np.nonzero(np.isnan(scale))
    if missing[0].size:  # a node, not necessarily the cell, lies beyond the edge of the projection
        scale[missing] = _true_per_map_area(crs, grid.x_centres(square)[missing[1]], grid.y_centres(square)[missing[0]])
    return scale


def _at_nodes(grid: Grid, crs: pyproj.CRS, rows: NDArray[np.float64], cols: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same at the nodes of the mesh, kept for when a square is asked for again."""
    key = *rows[[0, -1]].tolist(), *cols[[0, -1]].tolist()
    found = grid.scales.get(key)
    if found is None:
        x, y = grid.x0 + (cols + 0.5) * grid.dx, grid.y0 - (rows[:, np.newaxis] + 0.5) * grid.dy
        found = _true_per_map_area(crs, x, y)
        if len(grid.scales) < MOST_KEPT:
            grid.scales[key] = found
    return found


def _mesh_step(grid: Grid, crs: pyproj.CRS) -> int:
    """Cells between two nodes: the same everywhere on a grid."""
    side = max(grid.dx, grid.dy) * crs.axis_info[0].unit_conversion_factor
    step = MESH_CELLS
    while step > 1 and step * side > MESH_METRES:
        step //= 2
    return step


def mesh_axis(start: int, stop: int, step: int) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """For cells `start` to `stop` of one axis: the node before each, the positions of all nodes (in cells), the weight
    of the node after.
    """
    cells = np.arange(start, stop)
    first = start // step
    nodes = np.arange(first, (stop - 1) // step + 2) * step
    return cells // step - first, nodes.astype(np.float64), (cells % step) / step


def _true_per_map_area(crs: pyproj.CRS, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """M N cos(lat) / |d(x, y) / d(lon, lat)|, M and N the radii of curvature: the inverse areal scale in m2 per square
    unit of the CRS.

    The Jacobian is taken numerically from the forward projection. PROJ's own factors are not used, because they take a
    projection that is defined on a sphere (EPSG:3857, Mollweide) for one of the ellipsoid, which is 0.1 % wrong at 50
    degrees.
    """
    base = crs.geodetic_crs
    assert base is not None, "a projected CRS has a base"
    project = transformer(base, crs)
    x, y = np.broadcast_arrays(x, y)
    lon, lat = project.transform(x, y, direction="INVERSE")
    unit = base.axis_info[0].unit_conversion_factor
    lon, lat = np.asarray(lon) * unit, np.asarray(lat) * unit
    lat = np.where(np.isfinite(lat), np.clip(lat, 4 * STENCIL - np.pi / 2, np.pi / 2 - 4 * STENCIL), np.nan)
    result = np.full(x.shape, np.nan)
    for shift in (0.0, 5 * STENCIL, -5 * STENCIL):  # the map may be cut at this meridian: look just beside it
        cut = np.isnan(result) & np.isfinite(lat)
        if cut.any():
            result[cut] = _area_ratio(project, lon[cut] + shift, lat[cut], unit, crs)
    return result


def _area_ratio(
    project: pyproj.Transformer, lon: NDArray[np.float64], lat: NDArray[np.float64], unit: float, crs: pyproj.CRS
) -> NDArray[np.float64]:
    """The ratio of `_true_per_map_area` at longitudes and latitudes in radians; not a number where the map is torn."""
    geod = crs.get_geod()
    assert geod is not None, "a projected CRS has an ellipsoid"

    def central(h: float, dlon: float, dlat: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        x1, y1 = project.transform((lon + h * dlon) / unit, (lat + h * dlat) / unit)
        x0, y0 = project.transform((lon - h * dlon) / unit, (lat - h * dlat) / unit)
        return (np.asarray(x1) - x0) / (2 * h), (np.asarray(y1) - y0) / (2 * h)

    with np.errstate(invalid="ignore"):
        narrow = np.array([central(STENCIL, 1, 0), central(STENCIL, 0, 1)])
        wide = np.array([central(2 * STENCIL, 1, 0), central(2 * STENCIL, 0, 1)])
        (x_lon, y_lon), (x_lat, y_lat) = (4 * narrow - wide) / 3
        torn = np.abs(narrow - wide).max(axis=(0, 1)) > 0.01 * np.abs(narrow).max(axis=(0, 1))
        curvature = geod.a**2 * (1 - geod.es) / (1 - geod.es * np.sin(lat) ** 2) ** 2
        ratio = curvature * np.cos(lat) / np.abs(x_lon * y_lat - x_lat * y_lon)
    return np.where(torn | ~np.isfinite(ratio), np.nan, ratio)
