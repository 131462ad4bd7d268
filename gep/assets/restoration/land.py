"""Treated land: what projects claim, what their polygons cover together, what of it lives."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from gep.assets.figures import Figure, given, made, total
from gep.assets.tables import Row
from gep.core.errors import Problem, did_you_mean, problem
from gep.core.messages import Text, say
from gep.core.units import convert
from gep.inputs.grids.area import polygon_area
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.polygons import Polygons, overlaps, polygonal, read_named
from gep.stocks.restoration import overlap_of_claims, surviving_area

SHARED = 1e-6
"""Share of the smaller of two polygons that both may cover: what digitising leaves."""

NEAR = 0.15
"""How near a ratio of areas has to be to that of two units to be taken for them."""

Cohort = tuple[str, int]
"""A project and the year of its treatment."""


@dataclass(frozen=True)
class Treated:
    """Land that a project treated in a year; `surviving` is None without a certificate of survival."""

    cohort: Cohort
    row: Row
    area: Figure
    surviving: Figure | None


@dataclass(frozen=True)
class Outlines:
    """The polygons of projects: those of each, the union of those, and the union of all."""

    polygons: Mapping[str, Sequence[Figure]]
    areas: Mapping[str, Figure]
    whole: Figure

    def overlap(self, project: str = "") -> Figure:
        """What is drawn more than once, by a project or by all: the sum of polygons less their union."""
        names = [project] if project else list(self.polygons)
        drawn = total([area for name in names for area in self.polygons[name]], "hm^2")
        return made(overlap_of_claims, claimed_area=drawn, union_area=self.areas[project] if project else self.whole)

    def beyond(self, claims: Sequence[Figure], project: str = "") -> Figure:
        """What is reported beyond the union; negative where less is."""
        union = self.areas[project] if project else self.whole
        return made(overlap_of_claims, claimed_area=total(claims, "hm^2"), union_area=union)


def treated_of(rows: Sequence[Row]) -> tuple[list[Treated], list[Problem]]:
    """The treated land of a table, and everything that is wrong with it."""
    found: list[Treated] = []
    problems: list[Problem] = []
    seen: dict[tuple[Cohort, str], Text] = {}
    for row in rows:
        cohort = (row.text("project"), row.whole("year") or 0)
        key = (cohort, row.text("treatment"))
        if key in seen:
            problems.append(problem("restoration.K51.twice", cohort[0], place=row.place, first=seen[key]))
            continue
        seen[key] = row.place
        area, survival = row.figure("treated_area"), row.number("survival")
        living = None if survival is None else made(surviving_area, treated_area=area, survival=survival)
        found.append(Treated(cohort, row, area, living))
    return found, problems


def outlines_of(
    polygons: Polygons, column: str, controls: Polygons | None = None
) -> tuple[Outlines | None, list[Problem]]:
    """The land of the polygons of projects, and what is wrong with them, or asked: land of two projects, a control on
    treated land. Areas are those on the ellipsoid.
    """
    findings = Findings("polygons", _name(polygons))
    named, crs = read_named(polygons, column, findings)
    problems = list(findings.problems)
    if crs is None:
        return None, problems
    nameless = [str(number) for number, (name, _) in enumerate(named, 1) if not name]
    if nameless:
        problems.append(problem("restoration.K51.no_name", column, place=_name(polygons), rows=nameless))
        return None, problems
    drawn: dict[str, list[BaseGeometry]] = {}
    for project, shape in named:
        drawn.setdefault(project, []).append(shape)
    shapes = {project: polygonal(shapely.union_all(parts)) for project, parts in drawn.items()}
    problems += _claimed_twice(named, crs)
    place = say("restoration.of_polygons", file=_name(polygons))
    polygons_of = {project: [_area(part, crs, place) for part in parts] for project, parts in drawn.items()}
    areas = {project: _area(shape, crs, place) for project, shape in shapes.items()}
    union = polygonal(shapely.union_all(list(shapes.values())))
    if controls is not None:
        problems += _controls_on(union, crs, controls, column)
    return Outlines(polygons_of, areas, _area(union, crs, place)), problems


def _name(polygons: Polygons) -> str:
    return Path(polygons).name if isinstance(polygons, str | Path) else "polygons"


def _area(shape: BaseGeometry, crs: pyproj.CRS, place: Text) -> Figure:
    return given(convert(polygon_area(shape, crs), "m^2", "hm^2"), "hm^2", place)


def _claimed_twice(named: Sequence[tuple[str, BaseGeometry]], crs: pyproj.CRS) -> Iterator[Problem]:
    """Land that lies in two polygons: of two projects, or of one that drew it twice."""
    shapes = [shape for _, shape in named]
    for i, j, common in overlaps(shapes):
        share = common.area / min(shapes[i].area, shapes[j].area)
        if share <= SHARED:
            continue
        both = common.area / max(shapes[i].area, shapes[j].area) >= 1 - SHARED
        area = convert(polygon_area(common, crs), "m^2", "hm^2")
        projects = " / ".join(dict.fromkeys((named[i][0], named[j][0])))
        key = "same_polygon" if both else "shared"
        yield problem(f"restoration.K52.{key}", projects, found=f"{area:.4g} hm²", rows=f"{i + 1}, {j + 1}")


def _controls_on(union: BaseGeometry, crs: pyproj.CRS, controls: Polygons, column: str) -> list[Problem]:
    findings = Findings("controls", _name(controls))
    named, _ = read_named(controls, column, findings, crs)
    problems = list(findings.problems)
    for project, shape in named:
        common = polygonal(shapely.intersection(shape, union))
        if common.area > SHARED * shape.area:
            area = convert(polygon_area(common, crs), "m^2", "hm^2")
            problems.append(problem("restoration.K53.control", project, place=_name(controls), found=f"{area:.4g} hm²"))
    return problems


def claimed(treated: Sequence[Treated]) -> dict[str, Figure]:
    """What each project claims, over all years."""
    names = dict.fromkeys(land.cohort[0] for land in treated)
    return {name: total([land.area for land in treated if land.cohort[0] == name], "hm^2") for name in names}


def surviving(treated: Sequence[Treated]) -> dict[str, Figure]:
    """What lives of each project; a project of which a year has no certificate is left out."""
    found: dict[str, list[Figure | None]] = {}
    for land in treated:
        found.setdefault(land.cohort[0], []).append(land.surviving)
    return {
        name: total([figure for figure in figures if figure is not None], "hm^2")
        for name, figures in found.items()
        if None not in figures
    }


def beside_outlines(claims: Mapping[str, Figure], outlines: Outlines) -> Iterator[Problem]:
    """Projects that stand in the table or on the map alone, and areas that differ by the ratio of mu and hectare."""
    for name in claims:
        if name not in outlines.areas:
            yield problem("restoration.K51.no_polygon", name)
    mu = convert(1, "hm^2", "chinese_mu")
    for name, drawn in outlines.areas.items():
        if name not in claims:
            yield problem("restoration.K51.no_row", name)
        elif drawn.value:
            ratio = claims[name].value / drawn.value
            if any(abs(ratio / of - 1) < NEAR for of in (mu, 1 / mu)):
                shown = f"{claims[name].value:.6g} hm², {drawn.value:.6g} hm²"
                yield problem("restoration.K52.units", name, found=shown)


def unknown_projects(rows: Sequence[Row], known: Collection[str]) -> Iterator[Problem]:
    """Projects of another table that treated no land, where it is known which did."""
    for row in rows:
        if known and row.text("project") not in known:
            hint = did_you_mean(row.text("project"), list(known))
            yield problem("restoration.K51.unknown", row.text("project"), place=row.place, hint=hint)
