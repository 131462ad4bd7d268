"""Open everything that a study points to: headers, zones, tables, coefficients. Nothing is computed; every problem is
collected.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TypeVar

import pyproj

from gep.core.catalog import LayerKind, layer_kinds
from gep.core.errors import (
    GepError,
    InputError,
    Problem,
    ProjectError,
    Severity,
    check_waivers,
    did_you_mean,
    problem,
)
from gep.core.keys import NONE
from gep.core.messages import Text, joined, listed, say
from gep.inputs.exchanged import check_names, of_exchanged_paths
from gep.inputs.fingerprints import Stamps, stamps
from gep.inputs.grids.align import half_a_cell_off, no_overlap_problem, overlaps, too_fine, too_many_cells
from gep.inputs.grids.bands import AXIS_OF, STEPS_PER_DAY, Axis, axis_words
from gep.inputs.grids.files import Stamp, gdal, polygon_parts, stamp
from gep.inputs.grids.grid import Grid
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.inputs.grids.map_shift import check_land_cover
from gep.inputs.grids.open import open_layer
from gep.inputs.grids.polygons import read_zones
from gep.inputs.grids.transform import WGS84
from gep.inputs.grids.zones import Mode, ZoneLayer, choose_mode
from gep.inputs.lock import check_lock
from gep.inputs.numbers import Numbers
from gep.inputs.other_zones import names_of, of_other_zones
from gep.inputs.price_groups import own_indices
from gep.inputs.product_layers import layer_of_product, product_of_spec, recalled_facts
from gep.inputs.products import check_product
from gep.inputs.project import PROJECT
from gep.inputs.spec import StudySpec, ZoneSource
from gep.inputs.tables import Statistic, read_tables
from gep.inputs.uncertain_names import check_correlated
from gep.standards.coefficient_ranges import check_possible
from gep.standards.coefficients import (
    CHOSEN,
    Coefficient,
    Coefficients,
    check_same_dimension,
    check_same_place,
    chosen_alternatives,
    read_coefficients,
    regions_of,
    set_parts,
)
from gep.standards.prices import OwnIndices
from gep.standards.profile import Profile, load_profile, with_numbers_of
from gep.standards.rules import settings_of
from gep.standards.schemes import Scheme, load_scheme, scheme_parts

T = TypeVar("T")


NO_LAND_COVER = (NONE, "no_land_cover")
"""The class of cells whose land cover is missing: they are part of the area, and of no ecosystem."""


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
    mode: Mode = "centre"
    misstatement: Mapping[str, float] = field(default_factory=dict)
    stamps: Stamps = field(default_factory=dict)
    """The files as they were before any of them was read."""
    price_indices: OwnIndices = field(default_factory=OwnIndices)
    """The study's own, where it gives some."""
    left_out: tuple[Statistic, ...] = ()
    """What the tables report of zones that are not those of the account."""

    @property
    def price_year(self) -> int:
        return self.spec.price_year or self.spec.year

    @cached_property
    def numbers(self) -> Numbers:
        """What equations on totals may draw on."""
        return Numbers(
            self.profile,
            self.coefficients,
            self.statistics,
            self.spec.region,
            self.spec.year,
            self.price_year,
            self.price_indices,
        )

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts from outside that the study rests on: those that hold for its profile, and those that its scheme
        and the sets of coefficients that it chooses are of.
        """
        sets = [str(source) for source in self.spec.coefficients.values() if str(source).startswith(CHOSEN)]
        of_data = [scheme_parts(self.spec.scheme), *map(set_parts, sets)]
        return tuple(dict.fromkeys([*self.profile.parts, *filter(None, of_data)]))

    @cached_property
    def own_coefficients(self) -> tuple[Coefficient, ...]:
        """The coefficient rows of the study's own files, without those of the published sets that it chooses."""
        sets = (str(source) for source in self.spec.coefficients.values() if str(source).startswith(CHOSEN))
        chosen = {row for name in sets for row in chosen_alternatives(name)}
        return tuple(row for row in self.coefficients.tables[0] if row not in chosen)

    def settings(self, service: str) -> dict[str, str]:
        """Every switch of a service: the study's choice, the profile's, or the default."""
        return settings_of(service, self.profile.rules.get(service), self.spec.methods)


@dataclass
class _Collector:
    """What is wrong, as it is found while all that can be opened is opened."""

    problems: list[Problem] = field(default_factory=list)

    def attempt(self, action: Callable[[], T]) -> T | None:
        """The result, or None with the reasons collected."""
        try:
            return action()
        except ProjectError:
            raise
        except GepError as error:
            found = error.problems or [problem("inputs.F01.other", "study", message=error.message)]
            self.problems.extend(found)
            return None


def open_inputs(spec: StudySpec) -> Inputs:
    """Open all inputs of a study. Problems, errors among them, are in `.problems`; only a broken project raises."""
    with gdal():  # once: what opens a file within need not look for GDAL's own files each time
        return _open_inputs(spec)


def _open_inputs(spec: StudySpec) -> Inputs:
    collected = _Collector()
    problems = collected.problems
    before = stamps(spec)
    profile = load_profile(spec.profile)
    if spec.numbers_of:
        profile = with_numbers_of(profile, load_profile(spec.numbers_of))
    scheme = load_scheme(spec.scheme, spec.scheme_map)
    coefficients = _read_overrides(spec, profile, problems)
    indices = own_indices(spec, profile, coefficients, problems)
    land_cover = collected.attempt(lambda: open_layer(layer_of_product(spec.land_cover), unit="1", kind="class"))
    layers = _open_layers(spec, collected)
    problems[:] = of_exchanged_paths([*problems, *check_names(spec.layers)], spec.waivers)
    crs = _crs_of(spec, land_cover, problems)
    zones = _open_zones(spec.zones, crs, collected)
    if land_cover:
        problems.extend(land_cover.problems)
    grid: Grid | None = None
    mode: Mode = "centre"
    misstatement: dict[str, float] = {}
    if zones and land_cover and crs is not None:
        problems.extend(zones.problems)
        if not any(found.code == "G10" for found in zones.problems):
            problems.extend(check_land_cover(zones.outline, crs, land_cover))
        grid = make_grid(spec, land_cover, zones, crs)
        if found := too_many_cells(grid, land_cover, is_own=spec.grid is not None):
            problems.append(found)
            grid = None
    if grid and zones and land_cover:
        for layer in (land_cover, *layers.values()):
            beside = None if overlaps(layer, grid) else no_overlap_problem(layer, grid)
            problems.extend(found for found in (beside or too_fine(layer, grid),) if found)
            if off := half_a_cell_off(layer, land_cover):
                problems.append(off)
        laid = collected.attempt(partial(choose_mode, zones, grid, spec.zones.coverage))
        mode, misstatement = laid or (mode, misstatement)
    own = _open_zones(spec.zones_of_tables, crs, collected) if spec.zones_of_tables else None
    statistics, found_in_tables = statistics_of(spec, own, zones)
    left_out: list[Statistic] = []
    problems += _check_products(spec, statistics)
    if own and zones:
        statistics, left_out, told = of_other_zones(statistics, own, zones, crs or WGS84, spec.sharing)
        problems += told
    for layer in filter(None, (land_cover, *layers.values())):
        problems.extend([*check_product(layer, product_of_spec(layer.spec), spec.scheme), *recalled_facts(layer)])
    problems += [*found_in_tables, *_check_words(spec, coefficients), *_check_years(spec, layers), *check_lock(spec)]
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
        before,
        indices,
        tuple(left_out),
    )


def _open_layers(spec: StudySpec, collected: _Collector) -> dict[str, Layer]:
    """The layers that can be opened, by the name that equations know them by."""
    layers = {}
    for name, layer_spec in spec.layers.items():
        layer = collected.attempt(partial(layer_as_read, layer_spec, name, spec.year))
        if layer:
            layers[name_of_layer(layer, name)] = layer
            collected.problems.extend(layer.problems)
    return layers


def _open_zones(source: ZoneSource, crs: pyproj.CRS | None, collected: _Collector) -> ZoneLayer | None:
    """The zones; without a system of the grid in longitudes and latitudes, so that their own errors are found whatever
    is wrong with the land cover.
    """
    return collected.attempt(partial(zones_of, source, crs or WGS84))


def zones_of(source: ZoneSource, crs: pyproj.CRS = WGS84) -> ZoneLayer | None:
    """The zones of a study, for which no raster need be there; None where it names none."""
    if source.data is None:
        return None
    given = [place for place in (source.data, source.outline) if place is not None]
    files = [Path(place) for place in given if isinstance(place, str | Path)]
    if len(files) < len(given):
        return _zones_read(source, crs)
    parts = [part for file in files for part in polygon_parts(file) if part.is_file()]
    return _zones_of_files(source, crs, tuple(map(stamp, parts)))


@lru_cache(maxsize=1)
def _zones_of_files(source: ZoneSource, crs: pyproj.CRS, _: tuple[Stamp, ...]) -> ZoneLayer:
    """Zones of files that nobody wrote to since: those of one year are those of the next."""
    return _zones_read(source, crs)


def _zones_read(source: ZoneSource, crs: pyproj.CRS) -> ZoneLayer:
    assert source.data is not None, "whoever calls has looked"
    return read_zones(
        source.data,
        crs=crs,
        code=source.code,
        name=source.name,
        name_zh=source.name_zh,
        name_en=source.name_en,
        outline=source.outline,
        layer=source.layer,
        outline_layer=source.outline_layer,
    )


def statistics_of(
    spec: StudySpec, own: ZoneLayer | None, zones: ZoneLayer | None
) -> tuple[list[Statistic], list[Problem]]:
    """What the tables of a study report, with every problem: by the zones of the tables where they are others than
    those of the study.
    """
    names = names_of(own, zones) if zones else None
    return read_tables(spec.tables, names, spec.year, (spec.name, spec.name_zh))


AXES: tuple[Axis, ...] = ("month", "day", "hour")
"""What a layer may have along its bands."""


def _along(axis: Axis) -> Text:
    """What a layer with an axis must have along it."""
    *steps, most = STEPS_PER_DAY
    return say(f"inputs.along.{axis}", steps=steps, most=most)


def _check_words(spec: StudySpec, coefficients: Coefficients) -> list[Problem]:
    """Words of the project file that nothing will ever meet: a region without rows, a code that cannot be waived."""
    problems = []
    regions = sorted({row.region for row in coefficients.rows if row.region})
    own = regions_of(spec.region)
    for region in (region for region in own if region not in regions):
        problems.append(
            problem(
                "inputs.C11.no_such_region",
                "study.region",
                place=PROJECT,
                found=region,
                allowed=listed(regions),
                region=region,
                hint=did_you_mean(region, regions),
            )
        )
    held: dict[str, set[str]] = {}
    for row in coefficients.rows:
        if row.region in own:
            held.setdefault(row.name, set()).add(row.region)
    for name, several in ((name, several) for name, several in held.items() if len(several) > 1):
        regions_with = joined(sorted(several), " and ", "、")
        problems.append(
            problem(
                "inputs.C11.several_regions",
                "study.region",
                place=PROJECT,
                found=spec.region,
                regions=regions_with,
                name=name,
            )
        )
    return [*problems, *check_correlated(spec, coefficients), *check_waivers(spec.waivers)]


def layer_as_read(spec: LayerSpec, name: str, year: int) -> Layer:
    """A layer by its name in the vocabulary, in the unit that it has along its axis. Raises InputError."""
    kinds = layer_kinds()
    annual = kinds.get(name)
    along = {axis: kinds.get(f"{word}_{name}") for word, axis in AXIS_OF.items()}
    kind = annual or next(filter(None, along.values()), None)
    if kind is None:
        raise _refused(problem("inputs.P02.no_such_layer", name, name=name, hint=did_you_mean(name, kinds)))
    spec = layer_of_product(spec)
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
        year=year,
    )
    axis = layer.header.axis
    known = [here for here in AXES if units[here]]
    if axis is None and (own or annual is None):
        raise _refused(
            problem(
                "inputs.F02.needed_along_an_axis",
                name,
                place=layer.place,
                axes=_any_of([say(f"inputs.by.{here}") for here in known]),
                allowed=_any_of([_along(here) for here in known]),
                bands=_any_of([f'`bands = "{here}"`' for here in known]),
            )
        )
    if axis is not None and axis not in known:
        one_value = () if own else (say("inputs.one_value"),)
        raise _refused(
            problem(
                "inputs.F02.no_use_along_an_axis",
                name,
                place=layer.place,
                axis=say(f"inputs.by.{axis}"),
                count=len(layer.header.pick),
                steps=axis_words(axis),
                allowed=_any_of([*(_along(here) for here in known), *one_value]),
            )
        )
    return layer


def _refused(found: Problem) -> InputError:
    return InputError(say("grids.refused", layer=found.subject), [found])


def _any_of(options: Sequence[str]) -> Text:
    return joined(options, " or ", "或")


def _unit(kind: LayerKind | None) -> str | None:
    return kind.unit if kind else None


def _axis_in(name: str) -> Axis | None:
    """The axis that a layer's name already says."""
    return AXIS_OF.get(name.partition("_")[0])


def name_of_layer(layer: Layer, name: str) -> str:
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
                problems.append(
                    problem(
                        "inputs.C15.nothing_holds_in_region" if spec.region else "inputs.C15.nothing_holds",
                        f"coefficients.{name}",
                        place="[coefficients]",
                        source=source,
                        year=spec.year,
                        region=spec.region,
                        rows=list(dict.fromkeys(str(row.from_year or row.region) for row in rows)),
                    )
                )
        elif isinstance(source, tuple):
            own.extend(source)
        else:
            rows, found = read_coefficients(Path(source), is_shipped=False)
            own.extend(rows)
            problems.extend(found)
    problems.extend([*check_same_place(own), *check_same_place(chosen)])
    written = {row.key for row in own}
    own.extend(row for row in chosen if row.key not in written)
    wrong = [*check_same_dimension([*profile.tables, own]), *check_possible(own)]
    problems.extend(wrong)
    places = {found.place for found in wrong}
    return Coefficients([[row for row in own if row.place not in places], *profile.tables])


def _chosen(name: str, choice: str) -> tuple[Coefficient, ...]:
    try:
        return chosen_alternatives(choice)
    except ProjectError as error:
        found = problem(
            "inputs.P02.no_such_choice",
            f"coefficients.{name}",
            place="[coefficients]",
            found=choice,
            message=error.message,
        )
        raise ProjectError(say("inputs.cannot_be"), [found]) from None


def _crs_of(spec: StudySpec, land_cover: Layer | None, problems: list[Problem]) -> pyproj.CRS | None:
    if spec.grid is None:
        return land_cover.crs if land_cover else None
    try:
        return pyproj.CRS.from_user_input(spec.grid[0])
    except pyproj.exceptions.CRSError:
        problems.append(problem("inputs.G01.no_such_system", "study.grid", crs=spec.grid[0]))
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


def _check_products(spec: StudySpec, statistics: Sequence[Statistic]) -> list[Problem]:
    """Error for shares of a product that no table reports: a slip in its name."""
    reported = {name for row in statistics for name in (row.item, row.base)}
    return [
        problem(
            "inputs.T14.no_such_product",
            f"products.{product}",
            place=PROJECT,
            product=product,
            hint=did_you_mean(product, reported),
        )
        for product in spec.product_shares
        if product not in reported
    ]


def _check_years(spec: StudySpec, layers: Mapping[str, Layer]) -> list[Problem]:
    """Layers of another time than the account: a mean of many years is worth knowing, another single year is worth a
    warning.
    """
    problems = []
    for layer in layers.values():
        given, period = layer.spec.year, layer.spec.period
        if given is not None and given != spec.year:
            problems.append(_of_another_time("inputs.T01.layer", layer.name, str(given), spec.year))
        elif given is None and period and str(spec.year) not in period:
            severity: Severity = "information" if _covers(period, spec.year) else "warning"
            problems.append(_of_another_time("inputs.T01.layer", layer.name, period, spec.year, severity))
        elif (times := layer.header.times) and not _is_mean_of_years(period):
            ends = sorted({min(times), max(times)})
            if any(year != spec.year for year, _ in ends):
                time = " – ".join(f"{year}-{month:02d}" for year, month in ends)
                problems.append(_of_another_time("inputs.T01.axis", layer.name, time, spec.year))
    given = spec.land_cover.year
    if given not in (None, spec.year):
        problems.append(_of_another_time("inputs.T01.land_cover", "land_cover", str(given), spec.year))
    return problems


def _of_another_time(key: str, subject: str, time: str, year: int, severity: Severity = "warning") -> Problem:
    return problem(key, subject, found=time, allowed=str(year), severity=severity, time=time, year=year)


def _is_mean_of_years(period: str) -> bool:
    """Whether a period is one of several years: the file's own axis is then of none of them."""
    return len(re.findall(r"\d{4}", period)) > 1


def _covers(period: str, year: int) -> bool:
    years = [int(part) for part in period.replace("–", "-").split("-") if part.strip().isdigit()]
    return len(years) == 2 and years[0] <= year <= years[1]
