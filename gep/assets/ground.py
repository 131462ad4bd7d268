"""Rasters of accounts beside GEP: land covers of years, and maps of what stands or grows on them, summed by zone and
land class. Zones, legend and exact cell areas are those of the project; the cells are those of its finest land cover.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gep.assets.tables import stop_on
from gep.core.errors import InputError, Problem, UnitError, problem
from gep.core.keys import NONE
from gep.core.messages import Text, say
from gep.core.units import same_dimension
from gep.inputs.assets import MapTable
from gep.inputs.grids.align import no_overlap_problem, overlaps, resampling_for, too_many_cells
from gep.inputs.grids.area import cell_areas
from gep.inputs.grids.grid import Grid, Square
from gep.inputs.grids.layers import MISSING_CODE, Layer, LayerSpec
from gep.inputs.grids.open import open_layer
from gep.inputs.grids.places import place_of
from gep.inputs.grids.reader import Reader
from gep.inputs.grids.zones import Mode, ZoneLayer, choose_mode, zone_cells
from gep.inputs.open import make_grid, zones_of
from gep.inputs.product_layers import layer_of_product
from gep.inputs.spec import StudySpec
from gep.inputs.transitions import Transitions
from gep.standards.classes import land_classes
from gep.standards.schemes import Scheme, load_scheme

Land = tuple[str, str]
"""An ecosystem and a class of it; `NOT_MAPPED` where no land cover or no legend tells."""

NOT_MAPPED: Land = (NONE, "")


def land_path(land: Land) -> str:
    """A class as `forest/needleleaf`, an ecosystem without classes as `forest`."""
    return "/".join(filter(None, land))


def land_name(land: Land) -> Text:
    """What a class is called; of one that the study itself made, its path."""
    known = land_classes().get(land)
    if known is not None:
        return Text(known.label_en, known.label_zh)
    return say("ground.not_mapped") if land == NOT_MAPPED else Text(land_path(land), land_path(land))


@dataclass(frozen=True)
class Piece:
    """Cells of one zone that have the same classes in all years, and a value in the same maps: their area in m2, and
    the mean of each map over it, None where the map has no value.
    """

    zone: str
    lands: tuple[Land, ...]
    area: float
    means: tuple[float | None, ...]


@dataclass(frozen=True, eq=False)
class Ground:
    """Land covers of one or more years on the cells of the finest of them, cut by zones."""

    grid: Grid
    zones: ZoneLayer
    mode: Mode
    scheme: Scheme
    covers: Mapping[int, Layer]
    transitions: Transitions

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted(self.covers))

    def place(self, year: int) -> Text:
        """Where the land of a year was read."""
        file = self.covers[year].place
        return say("ground.cover", file=file, year=year)

    @cached_property
    def lands(self) -> list[Land]:
        """The classes that there are, what is not mapped last."""
        return [*dict.fromkeys(self.scheme.by_number().values()), NOT_MAPPED]

    def pieces(self, maps: Sequence[Layer] = ()) -> list[Piece]:
        """Areas by zone and by the classes of all years, with the means of maps: cell by cell, exact areas, each sum
        rounded once. A cell whose map has no value is told apart, and never counted as zero.

        Raises InputError where a map has values below zero (K18).
        """
        covers = [_Classes(self.covers[year], self.scheme, self.lands, self.grid) for year in self.years]
        readers = [Reader(layer, self.grid) for layer in maps]
        found: dict[tuple[int, ...], list[list[float]]] = {}
        for square in self.grid.squares():
            for key, sums in self._sums(square, covers, readers):
                parts = found.setdefault(key, [[] for _ in sums])
                for part, value in zip(parts, sums, strict=True):
                    part.append(value)
        count = len(covers)
        return [
            Piece(
                self.zones.zones[key[0]].code,
                tuple(self.lands[number] for number in key[1 : count + 1]),
                math.fsum(parts[0]),
                tuple(
                    math.fsum(part) / math.fsum(parts[0]) if is_there else None
                    for part, is_there in zip(parts[1:], key[count + 1 :], strict=True)
                ),
            )
            for key, parts in sorted(found.items())
        ]

    def _sums(
        self, square: Square, covers: Sequence[_Classes], readers: Sequence[Reader]
    ) -> Iterator[tuple[tuple[int, ...], list[float]]]:
        """The groups of a square with their area and their sums of area times value."""
        cells = zone_cells(self.zones, self.grid, square, self.mode)
        if not len(cells.cell):
            return
        areas = np.broadcast_to(cell_areas(self.grid, square), square.shape).ravel()[cells.cell] * cells.fraction
        values = [reader.square(square).values.ravel()[cells.cell] for reader in readers]
        stop_on(
            [
                problem("ground.K18.negative", of.layer.name, place=of.layer.place, found=f"{np.nanmin(of_map):.6g}")
                for of, of_map in zip(readers, values, strict=True)
                if np.any(of_map < 0)
            ]
        )
        columns = [cells.zone, *(cover.of(square)[cells.cell] for cover in covers)]
        columns += [np.isfinite(value).astype(np.intp) for value in values]
        first, group = _groups(columns)
        sums = [np.bincount(group, areas)]
        sums += [np.bincount(group, areas * np.nan_to_num(value)) for value in values]
        for number, at in enumerate(first.tolist()):
            yield tuple(int(column[at]) for column in columns), [float(total[number]) for total in sums]


def _groups(columns: Sequence[NDArray[np.intp]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first place of each combination of numbers, and which combination stands at each place."""
    group = columns[0]
    for column in columns[1:]:
        _, group = np.unique(group * (int(column.max()) + 1) + column, return_inverse=True)
    _, first, group = np.unique(group, return_index=True, return_inverse=True)
    return first, group


class _Classes:
    """The classes of the cells of a land cover, as numbers of a list whose last is what is not mapped."""

    def __init__(self, cover: Layer, scheme: Scheme, lands: Sequence[Land], grid: Grid) -> None:
        self._reader = Reader(cover, grid)
        numbers = scheme.by_number()
        self._codes = np.array(sorted(numbers), dtype=np.int64)
        self._numbers = np.array([lands.index(numbers[code]) for code in sorted(numbers)], dtype=np.intp)
        self._none = len(lands) - 1

    def of(self, square: Square) -> NDArray[np.intp]:
        """The numbers of the cells of a square."""
        codes = self._reader.codes(square).ravel()
        at = np.searchsorted(self._codes, codes).clip(max=len(self._codes) - 1)
        is_known = (self._codes[at] == codes) & (codes != MISSING_CODE)
        return np.where(is_known, self._numbers[at], self._none)


def map_spec(name: str, table: MapTable | str, folder: Path, like: LayerSpec | None = None) -> LayerSpec:
    """The layer that a project names: a path, or a path with how it is to be read. A land cover is read as `like`."""
    given = MapTable(path=table) if isinstance(table, str) else table
    said = {key: value for key, value in given.model_dump(exclude={"path", "soil_depth"}).items() if value is not None}
    data = place_of(given.path, folder)
    return replace(like, data=data, sha256="", **said) if like else LayerSpec(name, data, **said)


def open_ground(spec: StudySpec, covers: Mapping[int, LayerSpec]) -> Ground:
    """Land covers of years with the zones and the legend of a study.

    >>> ground = open_ground(spec, {2015: LayerSpec("land_cover", "2015.tif")})    # doctest: +SKIP

    Raises InputError with everything that is wrong with them.
    """
    problems: list[Problem] = []
    opened: dict[int, Layer] = {}
    for year, cover in sorted(covers.items()):
        try:
            opened[year] = open_layer(layer_of_product(cover), unit="1", kind="class")
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(say("assets.wrong_tables"), problems)
    grids = []
    for year, layer in opened.items():
        zones = zones_of(spec.zones, layer.crs)
        if zones is None:
            found = problem("ground.K18.no_zones", "zones")
            raise InputError(say("assets.wrong_tables"), [found])
        grids.append((_size(make_grid(replace(spec, grid=None), layer, zones, layer.crs)), -year, zones))
    _, year, zones = min(grids, key=lambda of: of[:2])
    finest = opened[-year]
    grid = make_grid(replace(spec, grid=None), finest, zones, finest.crs)
    problems += [found for found in zones.problems if found.severity == "error"]
    if too_many := too_many_cells(grid, finest, is_own=False):
        problems.append(too_many)
    else:
        for year, layer in opened.items():
            if not overlaps(layer, grid):
                problems.append(no_overlap_problem(layer, grid))
            elif resampling_for(layer, grid) == "shares":
                problems.append(problem("ground.K18.shares", str(year), place=layer.place))
    if problems:
        raise InputError(say("assets.wrong_tables"), problems)
    mode, _ = choose_mode(zones, grid, spec.zones.coverage)
    return Ground(grid, zones, mode, load_scheme(spec.scheme, spec.scheme_map), opened, spec.transitions)


def _size(grid: Grid) -> float:
    """The area of the cell in the middle of a grid, in m2, to three digits: the scale of a projection varies."""
    row, col = (grid.row0 + grid.row1) // 2, (grid.col0 + grid.col1) // 2
    return float(f"{float(cell_areas(grid, Square(row, row + 1, col, col + 1))[0, 0]):.3g}")


def open_map(spec: LayerSpec, unit: str, others: Mapping[str, str], grid: Grid) -> Layer:
    """A map in the unit of its account, of the land of a grid in whatever cells and coordinate system. `others` says of
    units that are often given in its place what they are of.

    Raises InputError with everything that is wrong with it.
    """
    try:
        layer = open_layer(layer_of_product(spec), unit=unit)
        if not overlaps(layer, grid):
            raise InputError(say("assets.wrong_tables"), [no_overlap_problem(layer, grid)])
        return layer
    except InputError as error:
        found = spec.units or next((p.found for p in error.problems if p.code in ("U02", "U03")), "").strip("`")
        told = [
            problem(key, spec.name, place=spec.place, found=found, allowed=unit)
            for other, key in others.items()
            if found and _same(found, other)
        ]
        if not told:
            raise
        rest = [p for p in error.problems if p.code not in ("U02", "U03")]
        raise InputError(say("assets.wrong_tables"), [*told, *rest]) from None


def _same(one: str, other: str) -> bool:
    try:
        return same_dimension(one, other)
    except UnitError:
        return False
