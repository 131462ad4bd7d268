"""Reading zones: the polygons of a file or a frame, their codes and names, and the outline that they part among them.

All problems are collected; what goes out is a partition of the outline.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from geopandas.geodataframe import GeoDataFrame
from shapely.geometry.base import BaseGeometry

from gep.core.errors import InputError, did_you_mean, failure, sort_problems
from gep.core.messages import Text, is_plain, joined, listed, say, visible
from gep.core.units import convert
from gep.inputs.grids.area import densified, horizontal, polygon_area
from gep.inputs.grids.files import READ_ERRORS, is_vector_file, what_to_do
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.map_shift import check_columns, check_outline
from gep.inputs.grids.transform import transformer
from gep.inputs.grids.zones import ROUNDING, UNALLOCATED, Zone, ZoneLayer

NOTICED = 1e-3
"""Share of the outline in no zone above which it is a warning: borders of two editions differ by less."""
OTHERS = 1e-2
"""Share in holes of the zones above which nobody can take them for slips of digitising: whether a hole belongs to the
city has to be said, since the total changes by as much. A judgement: published areas of counties agree to a percent.
"""
OVERLAP = 1e-6
"""Share of the smaller of two zones that both may claim (digitising) before it is an error."""
SLIVER = 1e-5
"""Half the width of the slivers that the default outline closes, as a share of the diagonal of the zones' bounding box.
"""
SLIVER_SHAPE = 20
"""A gap is a sliver if it is longer than this many half widths: notches at a junction of borders stay open."""

_pyogrio: Any = pyogrio
"""It declares no types."""

Polygons = str | Path | GeoDataFrame
"""Where polygons come from: a file, or a frame that is read already."""


def read_zones(
    source: Polygons,
    *,
    crs: pyproj.CRS,
    code: str,
    name: str | None = None,
    name_zh: str | None = None,
    name_en: str | None = None,
    outline: Polygons | None = None,
    layer: str | None = None,
    outline_layer: str | None = None,
    place: str = "[zones]",
) -> ZoneLayer:
    """Zones from a file or a frame, in `crs`, cut to the outline; `code` and the names are columns, `layer` and
    `outline_layer` the layers that are meant where files have several.

    Without an outline it is the union of the zones with its holes filled and the slivers between neighbours closed.
    What is in the outline and in no zone becomes `_unallocated`, unless it is below 1e-9 of the outline: such an area
    is rounding. All problems are collected; errors among them raise an `InputError`.
    """
    findings = Findings("zones", place)
    columns = {"code": code, "name": name, "name_zh": name_zh, "name_en": name_en}
    frame = _read(source, layer, "zones", findings)
    border = None if outline is None else _read(outline, outline_layer, "outline", findings)
    if frame is not None:
        findings.problems.extend(check_columns([str(column) for column in frame.columns], place))
    zones: list[tuple[Zone, BaseGeometry]] = []
    if frame is not None:
        geometries = _polygons(frame, crs, "zones", findings)
        texts = _texts(frame, columns, findings)
        if geometries is not None and texts is not None:
            zones = _dissolved(texts, geometries, findings)
            _check_overlaps(zones, crs, findings)
    border_polygons = None if border is None else _polygons(border, crs, "outline", findings)
    _stop_on_errors(findings)
    if border_polygons is not None:
        union = shapely.union_all([geometry for _, geometry in zones])
        given = shapely.union_all(border_polygons)
        findings.problems.extend(check_outline(union, given, crs, place))
        return _partition(zones, given, crs, findings)
    return _partition(zones, _default_outline([g for _, g in zones]), crs, findings, is_outline_given=False)


def read_parcels(
    source: Polygons, crs: pyproj.CRS, outline: BaseGeometry | None, findings: Findings
) -> list[BaseGeometry]:
    """The polygons of land that changes, in `crs`; what is wrong with them goes to `findings`: an error where two claim
    the same land, or where none lies in the outline, a warning for what lies beyond it.
    """
    frame = _read(source, None, findings.subject, findings)
    found = None if frame is None else _polygons(frame, crs, findings.subject, findings)
    if not found:
        return []
    for i, j, common in overlaps(found):
        share = common.area / min(found[i].area, found[j].area)
        if share > OVERLAP:
            findings.problem("grids.Z04.parcels", share=share, part=share, rows=_rows([i, j]))
    if outline is None:
        return found
    union = shapely.union_all(found)
    inside = polygonal(shapely.intersection(union, outline))
    beyond = 1 - inside.area / union.area
    if inside.is_empty or beyond >= 1 - ROUNDING:
        findings.problem("grids.Z06.no_parcel_inside", parcels=_extent(union), outline=_extent(outline))
    elif beyond > NOTICED:
        findings.problem("grids.Z06.parcels_beyond", share=beyond, part=beyond)
    return found


def read_named(
    source: Polygons, column: str, findings: Findings, crs: pyproj.CRS | None = None
) -> tuple[list[tuple[str, BaseGeometry]], pyproj.CRS | None]:
    """Polygons with the text of a column, in `crs` or else in their own system, which is given back. Any of them may
    share land, and a text may be empty. What is wrong with them goes to `findings`; there are none where an error is
    among it.
    """
    frame = _read(source, None, findings.subject, findings)
    if frame is None:
        return [], None
    known = [str(name) for name in frame.columns if name != frame.active_geometry_name]
    if column not in known:
        there = [f"`{name}`" for name in known] or say("grids.no_columns")
        hint = did_you_mean(column, known)
        findings.problem("grids.Z01.no_column", do=hint, role=findings.subject, column=column, known=there)
        return [], None
    crs = crs or horizontal(frame.crs)
    found = _polygons(frame, crs, findings.subject, findings)
    if found is None:
        return [], None
    return list(zip([_text(value) for value in frame[column]], found, strict=True)), crs


def names_of_zones(path: Path, layer: str, code: str, columns: Mapping[str, str]) -> dict[str, Text]:
    """The names of the zones of a file by code, without their shapes; `columns` are those of any language (`""`),
    English and Chinese, each empty where there is none. Nothing where the file does not tell: names are no figures.
    """
    wanted = list(dict.fromkeys(column for column in (code, *columns.values()) if column))
    try:
        table = _pyogrio.read_dataframe(path, layer=layer or None, columns=wanted, read_geometry=False)
    except (*_READ_ERRORS, *READ_ERRORS):
        return {}
    found: dict[str, Text] = {}
    for row in table.to_dict("records"):
        of = {language: _text(row.get(column)) for language, column in columns.items() if column}
        en, zh = of.get("en") or of.get(""), of.get("zh") or of.get("")
        if en or zh:
            found[_text(row.get(code))] = Text(en or zh or "", zh or en or "")
    return found


def _stop_on_errors(findings: Findings) -> None:
    if findings.errors:
        raise InputError(say("grids.no_zones"), sort_problems(findings.errors))


def _read(source: Polygons, layer: str | None, subject: str, findings: Findings) -> GeoDataFrame | None:
    """The frame, or None and a problem (F01 unreadable, F02 which layer, G01 no CRS, Z03 no geometry)."""
    table: Any = source if isinstance(source, GeoDataFrame) else _read_file(Path(source), layer, subject, findings)
    if table is None:
        return None
    if not isinstance(table, GeoDataFrame) or table.active_geometry_name is None or table.empty:
        found = say("grids.no_rows" if table.empty else "grids.no_geometry")
        findings.problem("grids.Z03.none", subject=subject, found=found)
        return None
    declared: Any = table.crs
    if declared is None:
        findings.problem("grids.G01.none_of_polygons", subject=subject)
        return None
    return table


def _read_file(path: Path, layer: str | None, subject: str, findings: Findings) -> Any:
    """The table of a file, or None and a problem."""
    if not path.exists():
        findings.problem("grids.F01.no_polygons_there", subject=subject, found=str(path))
        return None
    try:
        if not is_vector_file(path):
            do = what_to_do(path, "polygons")
            findings.problem("grids.F01.no_vector_file", subject=subject, found=path.name, do=do)
            return None
        named = _layer_of_file(path, layer, subject, findings)
        if named is None:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of GDAL about rings: told below, by row
            table = _pyogrio.read_dataframe(path, layer=named, on_invalid="ignore")
            broken = _broken_rows(path, named, table) if isinstance(table, GeoDataFrame) else []
        if broken:
            findings.problem("grids.Z03.broken", subject=subject, found=_rows(broken))
            return None
    except (*_READ_ERRORS, *READ_ERRORS) as error:
        found = joined([path.name, failure(error, path)], ": ", "：")
        findings.problem("grids.F01.no_polygons", subject=subject, found=found)
        return None
    return table


_READ_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
    pyproj.exceptions.CRSError,
    shapely.errors.ShapelyError,
)


def _layer_of_file(path: Path, layer: str | None, subject: str, findings: Findings) -> str | None:
    """The layer that is meant; None, and a problem, where there are several with shapes and none is named."""
    there = [(str(name), kind) for name, kind in _pyogrio.list_layers(path)]
    with_shapes = [name for name, kind in there if kind is not None] or [name for name, _ in there]
    if layer is not None and layer not in with_shapes:
        near = did_you_mean(layer, with_shapes)
        findings.problem("grids.F03.no_such_layer", subject=subject, layer=layer, found=listed(with_shapes), hint=near)
        return None
    if layer is None and len(with_shapes) > 1:
        key = "layer" if subject == "zones" else "outline_layer"
        findings.problem(
            "grids.F02.several_layers", subject=subject, found=listed(with_shapes), name=key, first=with_shapes[-1]
        )
        return None
    return layer or (with_shapes[0] if with_shapes else None) or ""


def _broken_rows(path: Path, layer: str, table: GeoDataFrame) -> list[int]:
    """Rows whose geometry is there and cannot be a shape: a ring that does not close, a coordinate that is none."""
    empty = [i for i, shape in enumerate(table.geometry) if shape is None]
    if not empty:
        return []
    raw = _pyogrio.raw.read(path, layer=layer, columns=[])[2]
    return [i for i in empty if raw[i] is not None]


def _polygons(frame: GeoDataFrame, crs: pyproj.CRS, subject: str, findings: Findings) -> list[BaseGeometry] | None:
    """The valid polygons of each row in `crs`, or None and a problem (Z03 a row without; Z05 a repair)."""
    raw = [None if g is None else shapely.force_2d(g) for g in frame.geometry]
    endless = [i for i, g in enumerate(raw) if g is not None and not _is_plausible(g)]
    if endless:
        findings.problem("grids.Z03.broken", subject=subject, found=_rows(endless))
        return None
    bad = [i for i, g in enumerate(raw) if g is not None and not shapely.is_valid(g)]
    for i in bad:
        raw[i] = shapely.make_valid(raw[i])
    polygons = [polygonal(g) for g in raw]
    empty = [i for i, g in enumerate(polygons) if g.is_empty]
    if empty:
        kinds = sorted({g.geom_type if (g := frame.geometry.iloc[i]) is not None else "" for i in empty})
        named = [kind or say("grids.none") for kind in kinds]
        findings.problem("grids.Z03.not_all", subject=subject, kinds=named, rows=_rows(empty))
        return None
    if bad:
        share = len(bad) / len(raw)
        findings.problem("grids.Z05.repaired", subject=subject, rows=_rows(bad), share=share)
    moved = [_transformed(g, frame.crs, crs) for g in polygons]
    if not all(_on_earth(g, crs) for g in moved):
        findings.problem(
            "grids.G01.polygons_elsewhere",
            subject=subject,
            extent=_extent(shapely.union_all(polygons)),
            declared=frame.crs.name,
            wanted=crs.name,
        )
        return None
    return [polygonal(shapely.make_valid(g)) for g in moved]


_FARTHEST = 1e9
"""No coordinate of the Earth is larger, in whatever unit a system counts."""


def _is_plausible(geometry: BaseGeometry) -> bool:
    """Whether all coordinates are numbers that a place can have."""
    coordinates = shapely.get_coordinates(geometry)
    return bool((np.abs(coordinates) < _FARTHEST).all())  # a NaN is below nothing


def _on_earth(geometry: BaseGeometry, crs: pyproj.CRS) -> bool:
    """Whether coordinates are finite and latitudes are latitudes."""
    bounds = np.array(geometry.bounds)
    limit = np.pi / 2 / crs.axis_info[0].unit_conversion_factor * (1 + ROUNDING) if crs.is_geographic else np.inf
    return bool(np.isfinite(bounds).all() and np.abs(bounds[[1, 3]]).max() <= limit)


def polygonal(geometry: BaseGeometry | None) -> BaseGeometry:
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
    there = transformer(source, target)
    return shapely.transform(geometry, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1])))


def _texts(frame: GeoDataFrame, columns: dict[str, str | None], findings: Findings) -> dict[str, list[str]] | None:
    """The text of the code and name columns by role, or None and problems (Z01 no such column, Z02 a code that cannot
    be used).
    """
    known = [str(c) for c in frame.columns if c != frame.active_geometry_name]
    missing = {role: column for role, column in columns.items() if column is not None and column not in known}
    for role, column in missing.items():
        there = [f"`{name}`" for name in known] or say("grids.no_columns")
        do = did_you_mean(column, known)
        findings.problem("grids.Z01.no_column", do=do, role=role, column=column, known=there)
    if missing:
        return None
    texts = {role: [_text(v) for v in frame[column]] for role, column in columns.items() if column is not None}
    codes = texts["code"]
    empty = [i for i, c in enumerate(codes) if not c]
    if empty:
        findings.problem("grids.Z02.no_code", rows=_rows(empty))
    reserved = sorted({c for c in codes if c.startswith("_")})
    if reserved:
        findings.problem("grids.Z02.reserved", found=listed(reserved))
    written: dict[str, set[str]] = {}
    for code, raw in zip(codes, frame[columns["code"]], strict=True):
        written.setdefault(code, set()).add(raw if isinstance(raw, str) else code)
    if blanks := sorted(code for code, raws in written.items() if code and len(raws) > 1):
        findings.problem("grids.Z02.blanks", found=listed([f"`{raw}`" for raw in sorted(written[blanks[0]])]))
    odd = sorted({text for column in texts.values() for text in column if text and not is_plain(text)})
    if odd:
        findings.problem("grids.Z02.no_plain_text", found=listed([f"`{visible(text)}`" for text in odd[:3]]))
    return None if empty or reserved or odd else texts


def _text(value: object) -> str:
    """A code or a name as text: 150702 and 150702.0 are "150702", "0101" keeps its zero, nothing is empty."""
    if value is None or value is pd.NA or value != value:  # not a number differs from itself
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _rows(rows: Sequence[int]) -> Text:
    """Row numbers as people count them, from 1."""
    shown = [*(str(row + 1) for row in rows[:10]), *("…" for _ in rows[10:11])]
    return say("grids.rows", count=len(rows), rows=shown)


def _dissolved(
    texts: dict[str, list[str]], geometries: list[BaseGeometry], findings: Findings
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
                several = joined([f"`{name}`" for name in names[:3]], " and ", "、")
                findings.problem("grids.Z02.several_names", subject=code, names=several, rows=_rows(own))
        if len(own) > 1:
            findings.problem("grids.Z02.parts", subject=code, rows=_rows(own))
        first = {role: names[0] for role, names in named.items() if names}
        zone = Zone(code, first.get("name", code), first.get("name_zh", ""), first.get("name_en", ""))
        parts = [geometries[i] for i in own]
        zones.append((zone, parts[0] if len(parts) == 1 else polygonal(shapely.union_all(parts))))
    return zones


def overlaps(geometries: Sequence[BaseGeometry]) -> Iterator[tuple[int, int, BaseGeometry]]:
    """Pairs of geometries that share an area, with that area."""
    tree = shapely.STRtree(geometries)
    one, other = tree.query(geometries, predicate="intersects")
    for i, j in sorted(zip(one.tolist(), other.tolist(), strict=True)):
        if i < j:
            common = polygonal(shapely.intersection(geometries[i], geometries[j]))
            if not common.is_empty:
                yield i, j, common


def _check_overlaps(zones: Sequence[tuple[Zone, BaseGeometry]], crs: pyproj.CRS, findings: Findings) -> None:
    geometries = [g for _, g in zones]
    for i, j, common in overlaps(geometries):
        share = common.area / min(geometries[i].area, geometries[j].area)
        if share > OVERLAP:
            (a, _), (b, _) = zones[i], zones[j]
            findings.problem(
                "grids.Z04.overlap",
                subject=a.code,
                share=share,
                part=share,
                one=_titled(a),
                other=_titled(b),
                area=convert(polygon_area(common, crs), "m^2", "km^2"),
            )


def _titled(zone: Zone) -> Text:
    """A zone by code and name, as a message names it."""
    return say("grids.zone", code=zone.code, name=zone.name)


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
        for gap in shapely.get_parts(polygonal(shapely.difference(closed, union)))
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
    findings: Findings,
    *,
    is_outline_given: bool = True,
) -> ZoneLayer:
    """The zones inside the outline, without the slivers that two claim, and what is left of it."""
    pieces = [polygonal(shapely.intersection(g, outline)) for _, g in zones]
    for i, j, _ in overlaps(pieces):
        pieces[j] = polygonal(shapely.difference(pieces[j], pieces[i]))
    outline_area = polygon_area(outline, crs)
    kept, dropped = [], []
    for (zone, _), piece in zip(zones, pieces, strict=True):
        area = polygon_area(piece, crs)
        if area > ROUNDING * outline_area:
            kept.append((zone, piece, area))
        else:
            dropped.append(zone)
    if not kept:
        extent = _extent(shapely.union_all([g for _, g in zones]))
        findings.problem("grids.Z06.empty", subject="outline", zones=extent, outline=_extent(outline))
        _stop_on_errors(findings)
    for zone in dropped:
        findings.problem("grids.Z06.outside", subject=zone.code, zone=_titled(zone))
    rest = polygonal(shapely.difference(outline, shapely.union_all(pieces)))
    rest_area = polygon_area(rest, crs)
    if rest_area > ROUNDING * outline_area:
        kept.append((Zone(UNALLOCATED, "unallocated", "未分配", "unallocated"), rest, rest_area))
        share = rest_area / outline_area
        key = "rest" if share <= NOTICED else "large_rest" if is_outline_given else "hole"
        if key == "hole" and share > OTHERS:
            key = "large_hole"
        area = convert(rest_area, "m^2", "km^2")
        findings.problem(f"grids.Z07.{key}", subject=UNALLOCATED, share=share, area=area, code=UNALLOCATED, part=share)
    kept_zones, geometries, areas = zip(*kept, strict=True)
    outside = math.fsum(polygon_area(shapely.difference(g, outline), crs) for _, g in zones)
    return ZoneLayer(
        kept_zones, geometries, areas, outline, outline_area, outside, tuple(sort_problems(findings.problems))
    )


def _extent(geometry: BaseGeometry) -> str:
    return "[{:.6g}, {:.6g}, {:.6g}, {:.6g}]".format(*geometry.bounds)
