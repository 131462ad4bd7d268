"""Open everything that a study points to: headers, zones, tables, coefficients. Nothing is computed; every problem is
collected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Literal, TypeVar

import pyproj

from gep.core.catalog import LayerKind, layer_kinds
from gep.core.errors import GepError, InputError, Problem, ProjectError, UnitError, did_you_mean
from gep.core.keys import NONE
from gep.core.units import same_dimension
from gep.inputs.grids.align import no_overlap_problem, overlaps
from gep.inputs.grids.bands import AXIS_OF, AXIS_WORDS, STEPS_PER_DAY, Axis
from gep.inputs.grids.grid import Grid
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.inputs.grids.open import open_layer
from gep.inputs.grids.polygons import read_zones
from gep.inputs.grids.zones import ZoneLayer, choose_mode
from gep.inputs.numbers import Numbers
from gep.inputs.spec import StudySpec
from gep.inputs.tables import Statistic, read_tables
from gep.services import SERVICES
from gep.standards.coefficients import (
    CHOSEN,
    Coefficient,
    Coefficients,
    check_same_dimension,
    check_same_place,
    chosen_alternatives,
    read_coefficients,
    regions_of,
)
from gep.standards.profile import Profile, load_profile, with_numbers_of
from gep.standards.schemes import Scheme, load_scheme

T = TypeVar("T")


NO_LAND_COVER = (NONE, "no_land_cover")
"""The class of cells whose land cover is missing: they are part of the area, and of no ecosystem."""


WAIVABLE = ("R01", "N02", "N05", "D01")
"""Errors that a named person may let pass: the figures can be computed, whether they are right is that person's word.
"""


FEW_CELLS = 30
"""A zone of fewer cells than this is reported: its figures rest on a handful of values."""


@dataclass(frozen=True)
class Inputs:
    """A study with everything open that could be opened, and the problems of the rest."""

    spec: StudySpec
    profile: Profile
    scheme: Scheme
    coefficients: Coefficients
    layers: Mapping[str, Layer]
    statistics: tuple[Statistic, ...]
    problems: tuple[Problem, ...]
    land_cover: Layer | None = None
    zones: ZoneLayer | None = None
    grid: Grid | None = None
    mode: str = "centre"
    misstatement: Mapping[str, float] = field(default_factory=dict)

    @property
    def price_year(self) -> int:
        return self.spec.price_year or self.spec.year

    @cached_property
    def numbers(self) -> Numbers:
        """What equations on totals may draw on."""
        return Numbers(
            self.profile, self.coefficients, self.statistics, self.spec.region, self.spec.year, self.price_year
        )

    def settings(self, service: str) -> dict[str, str]:
        """Every switch of a service: the study's choice, the profile's, or the default."""
        rule = self.profile.rules.get(service)
        chosen = {**(rule.methods if rule else {}), **self.spec.methods.get(service, {})}
        return SERVICES[service].settings(chosen)


def _with_swapped_paths(problems: list[Problem]) -> list[Problem]:
    """Units that do not fit, of which another layer's would: the paths of the two were swapped, and no unit is to be
    written.
    """
    wrong = [p for p in problems if p.code == "U02" and p.subject in layer_kinds()]

    def fits(found: Problem, subject: str) -> bool:
        try:
            return same_dimension(found.found, layer_kinds()[subject].unit)
        except UnitError:
            return False

    swapped = {
        one: f"Its unit is one of `{other.subject}`, and that of `{other.subject}` one of this layer: are the two "
        "paths swapped?"
        for one in wrong
        for other in wrong
        if one.subject != other.subject and fits(one, other.subject) and fits(other, one.subject)
    }
    return [replace(problem, do=swapped[problem]) if problem in swapped else problem for problem in problems]


def open_inputs(spec: StudySpec) -> Inputs:
    """Open all inputs of a study. Problems, errors among them, are in `.problems`; only a broken project raises."""
    problems: list[Problem] = []

    def attempt(action: Callable[[], T]) -> T | None:
        """The result, or None with the reasons collected."""
        try:
            return action()
        except ProjectError:
            raise
        except GepError as error:
            problems.extend(error.problems or [Problem("F01", "error", "study", error.message)])
            return None

    profile = load_profile(spec.profile)
    if spec.numbers_of:
        profile = with_numbers_of(profile, load_profile(spec.numbers_of))
    scheme = load_scheme(spec.scheme, spec.scheme_map)
    coefficients = _read_overrides(spec, profile, problems)
    land_cover = attempt(lambda: open_layer(spec.land_cover, unit="1", kind="class"))
    layers = {}
    for name, layer_spec in spec.layers.items():
        layer = attempt(partial(_open_layer, layer_spec, name))
        if layer:
            layers[_name_of(layer, name)] = layer
            problems.extend(layer.problems)
    problems = _with_swapped_paths(problems)
    zones = grid = None
    mode = "centre"
    misstatement: dict[str, float] = {}
    crs = _crs_of(spec, land_cover, problems)
    source = spec.zones
    if source.data is not None:
        zones = attempt(
            lambda: read_zones(
                source.data,
                crs=crs
                or pyproj.CRS.from_epsg(4326),  # so that its own errors are found whatever is wrong with the land cover
                code=source.code,
                name=source.name,
                name_zh=source.name_zh,
                name_en=source.name_en,
                outline=source.outline,
            )
        )
    if land_cover:
        problems.extend(land_cover.problems)
    if zones and land_cover and crs is not None:
        problems.extend(zones.problems)
        grid = make_grid(spec, land_cover, zones, crs)
        for layer in (land_cover, *layers.values()):
            if not overlaps(layer, grid):
                problems.append(no_overlap_problem(layer, grid))
        found = attempt(lambda: choose_mode(zones, grid, spec.zones.coverage))
        if found:
            mode, misstatement = found
    statistics, found_in_tables = read_tables(
        spec.tables, {z.code: z.name for z in zones.zones} if zones else None, spec.year
    )
    problems.extend(found_in_tables)
    problems += _check_words(spec, coefficients)
    problems.extend(_check_years(spec, layers))
    return Inputs(
        spec,
        profile,
        scheme,
        coefficients,
        layers,
        tuple(statistics),
        tuple(dict.fromkeys(problems)),
        land_cover,
        zones,
        grid,
        mode,
        misstatement,
    )


AXES: dict[Axis, str] = {
    "month": "12 months",
    "day": "365 or 366 days",
    "hour": f"365 or 366 days of {', '.join(map(str, STEPS_PER_DAY[:-1]))} or {STEPS_PER_DAY[-1]} steps each",
}
"""What a layer with an axis must have along it."""


def _check_words(spec: StudySpec, coefficients: Coefficients) -> list[Problem]:
    """Words of the project file that nothing will ever meet: a region without rows, a code that cannot be waived."""
    problems = []
    regions = sorted({row.region for row in coefficients.rows if row.region})
    own = regions_of(spec.region)
    for region in (region for region in own if region not in regions):
        message = f"No coefficient is of the region `{region}`. {did_you_mean(region, regions)}".rstrip()
        problems.append(
            Problem(
                "C11",
                "warning",
                "study.region",
                message,
                "gep.toml",
                region,
                ", ".join(regions),
                "Correct it, or leave it out.",
            )
        )
    held: dict[str, set[str]] = {}
    for row in coefficients.rows:
        if row.region in own:
            held.setdefault(row.name, set()).add(row.region)
    for name, several in ((name, several) for name, several in held.items() if len(several) > 1):
        message = f"{' and '.join(sorted(several))} both have a `{name}`: nothing says which one holds."
        do = "Name one of them, or give the row that holds under [coefficients] without a region."
        problems.append(Problem("C11", "error", "study.region", message, "gep.toml", spec.region, "", do))
    for code in spec.waivers:
        if code not in WAIVABLE:
            message = "This code cannot be waived: only errors after which figures can be computed."
            problems.append(Problem("W01", "warning", code, message, "[waivers]", allowed=", ".join(WAIVABLE)))
    return problems


def _open_layer(spec: LayerSpec, name: str) -> Layer:
    kinds = layer_kinds()
    annual = kinds.get(name)
    along = {axis: kinds.get(f"{word}_{name}") for word, axis in AXIS_OF.items()}
    kind = annual or next(filter(None, along.values()), None)
    if kind is None:
        raise InputError(
            "", [Problem("P02", "error", name, f"There is no layer `{name}`. {did_you_mean(name, kinds)}".rstrip())]
        )
    own = _axis_in(name)
    if own in ("day", "hour") and spec.band is None and spec.bands is None:
        spec = replace(spec, bands=own)
    units = {**along, own: annual} if own else along
    layer = open_layer(
        spec,
        unit=kind.unit,
        monthly_unit=_unit(units["month"]),
        daily_unit=_unit(units["day"]),
        subdaily_unit=_unit(units["hour"]),
    )
    axis = layer.header.axis
    known = [here for here in AXES if units[here]]
    if axis is None and (own or annual is None):
        do = " or ".join(f'`bands = "{here}"`' for here in known)
        needed = " or ".join(AXES[here] for here in known)
        message = f"This layer is needed by {' or '.join(known)}."
        raise InputError(
            "", [Problem("F02", "error", name, message, layer.place, "one value for the year", needed, f"Say {do}.")]
        )
    if axis is not None and axis not in known:
        message, do = f"This layer has no use by {axis}.", "Choose one band with `band`."
        allowed = " or ".join([*(AXES[here] for here in known), *(() if own else ("one value for the year",))])
        found = f"{len(layer.header.pick)} {AXIS_WORDS[axis]}"
        raise InputError("", [Problem("F02", "error", name, message, layer.place, found, allowed, do)])
    return layer


def _unit(kind: LayerKind | None) -> str | None:
    return kind.unit if kind else None


def _axis_in(name: str) -> Axis | None:
    """The axis that a layer's name already says."""
    return AXIS_OF.get(name.partition("_")[0])


def _name_of(layer: Layer, name: str) -> str:
    """The name that equations know a layer by: with an axis of months, days or hours it is another thing than
    without.
    """
    axis = layer.header.axis
    if axis is None or axis == _axis_in(name):
        return name
    return next(f"{word}_{name}" for word, of in AXIS_OF.items() if of == axis)


def _read_overrides(spec: StudySpec, profile: Profile, problems: list[Problem]) -> Coefficients:
    """The coefficients of the profile behind the study's own: rows of its files, then those of the published sets that
    it chooses.
    """
    own: list[Coefficient] = []
    chosen: list[Coefficient] = []
    for name, source in spec.coefficients.items():
        if str(source).startswith(CHOSEN):
            rows = list(_chosen(name, str(source)))
            chosen.extend(rows)
            if not any(
                (row.from_year or spec.year) <= spec.year and row.region in ("", *regions_of(spec.region))
                for row in rows
            ):
                message = (
                    f"No row of {source} holds for {spec.year}"
                    + (f" in {spec.region}" if spec.region else "")
                    + ": it changes nothing."
                )
                rows_of = ", ".join(dict.fromkeys(str(row.from_year or row.region) for row in rows))
                problems.append(
                    Problem("C15", "warning", f"coefficients.{name}", message, "[coefficients]", f"rows of {rows_of}")
                )
        else:
            rows, found = read_coefficients(Path(source), is_shipped=False)
            own.extend(rows)
            problems.extend(found)
    problems.extend([*check_same_place(own), *check_same_place(chosen)])
    written = {row.key for row in own}
    own.extend(row for row in chosen if row.key not in written)
    wrong = check_same_dimension([*profile.tables, own])
    problems.extend(wrong)
    places = {problem.place for problem in wrong}
    return Coefficients([[row for row in own if row.place not in places], *profile.tables])


def _chosen(name: str, choice: str) -> tuple[Coefficient, ...]:
    try:
        return chosen_alternatives(choice)
    except ProjectError as error:
        do = "See `gep coefficients compare NAME`, or give the path of a table of your own."
        problem = Problem("P02", "error", f"coefficients.{name}", error.message, "[coefficients]", choice, do=do)
        raise ProjectError("The project says what cannot be.", [problem]) from None


def _crs_of(spec: StudySpec, land_cover: Layer | None, problems: list[Problem]) -> pyproj.CRS | None:
    if spec.grid is None:
        return land_cover.crs if land_cover else None
    try:
        return pyproj.CRS.from_user_input(spec.grid[0])
    except pyproj.exceptions.CRSError as error:
        problems.append(
            Problem(
                "G01",
                "error",
                "study.grid",
                f"`{spec.grid[0]}` is not a coordinate reference system: {error}.",
                allowed="like EPSG:6933",
            )
        )
        return None


def make_grid(spec: StudySpec, land_cover: Layer, zones: ZoneLayer, crs: pyproj.CRS) -> Grid:
    """The lattice of the land cover, or one of the study's own anchored at the origin of its CRS, over the extent of
    the outline.
    """
    if spec.grid is None:
        lattice = land_cover.lattice
        x0, y0, dx, dy = lattice.x0, lattice.y0, lattice.dx, lattice.dy
    else:
        x0 = y0 = 0.0
        dx = dy = spec.grid[1]
    west, south, east, north = zones.outline.bounds
    return Grid(
        crs,
        x0,
        y0,
        dx,
        dy,
        row0=math.floor((y0 - north) / dy),
        row1=math.ceil((y0 - south) / dy),
        col0=math.floor((west - x0) / dx),
        col1=math.ceil((east - x0) / dx),
    )


def _check_years(spec: StudySpec, layers: Mapping[str, Layer]) -> list[Problem]:
    """Layers of another time than the account: a mean of many years is worth knowing, another single year is worth a
    warning.
    """
    problems = []
    for layer in layers.values():
        given, period = layer.spec.year, layer.spec.period
        if given is not None and given != spec.year:
            problems.append(
                Problem(
                    "T01",
                    "warning",
                    layer.name,
                    f"The layer is of {given}; the account is of {spec.year}.",
                    found=str(given),
                    allowed=str(spec.year),
                )
            )
        elif given is None and period and str(spec.year) not in period:
            message = f"The layer is of {period}; the account is of {spec.year}."
            severity: Literal["warning", "information"] = "information" if _covers(period, spec.year) else "warning"
            problems.append(Problem("T01", severity, layer.name, message, found=period, allowed=str(spec.year)))
    if spec.land_cover.year not in (None, spec.year):
        message = f"The land cover is of {spec.land_cover.year}; the account is of {spec.year}."
        problems.append(
            Problem("T01", "warning", "land_cover", message, found=str(spec.land_cover.year), allowed=str(spec.year))
        )
    return problems


def _covers(period: str, year: int) -> bool:
    years = [int(part) for part in period.replace("–", "-").split("-") if part.strip().isdigit()]
    return len(years) == 2 and years[0] <= year <= years[1]
