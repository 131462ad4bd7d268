"""Land of two runs: what each ecosystem had and has, and, where both land covers are at hand, what became what.

Areas are multiples of one small power of two of a square metre (less than a square centimetre for a province), of which
a number of 53 bits holds the whole area: so every sum of them is exact, whatever its order, and rows and columns close
to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gep.account.account import Account
from gep.account.changes import Comparison
from gep.core.catalog import ecosystem_ids
from gep.core.keys import NONE
from gep.core.messages import Text, joined, say
from gep.inputs.grids.align import resampling_for
from gep.inputs.grids.area import cell_areas
from gep.inputs.grids.grid import Square
from gep.inputs.grids.layers import MISSING_CODE
from gep.inputs.grids.reader import Reader
from gep.inputs.grids.zones import zone_cells
from gep.inputs.open import Inputs
from gep.study.causes import departures_of_land
from gep.study.change import at_hand
from gep.study.study import Study

Moves = Mapping[tuple[str, str, str], float]
"""Areas in m2 by zone, ecosystem before and ecosystem after."""

BITS = 52
"""Of a number, one left for what rounding adds to a sum."""

SAME = 1e-9
"""Share by which the areas of land covers that are read again may differ from those of the accounts."""


@dataclass(frozen=True)
class LandChange:
    """Areas in m2 by zone and ecosystem at both ends, and what became what; without that, why not."""

    opening: Mapping[tuple[str, str], float]
    closing: Mapping[tuple[str, str], float]
    moves: Moves | None
    why: Text | None

    @property
    def zones(self) -> list[str]:
        """The zones, by code."""
        return sorted({zone for zone, _ in (*self.opening, *self.closing)})

    @property
    def ecosystems(self) -> list[str]:
        """The ecosystems that there are at either end, in the order of reports; what is not mapped comes last."""
        there = {ecosystem for _, ecosystem in (*self.opening, *self.closing)}
        return [name for name in (*ecosystem_ids(), NONE) if name in there]


def land_change(comparison: Comparison, projects: tuple[Path | None, Path | None] = (None, None)) -> LandChange:
    """The land of the ends of a comparison, in the zones that both have. `projects` name the project files of the runs
    where the runs do not know them.
    """
    first, second = comparison.path[0], comparison.path[-1]
    zones = frozenset.intersection(*(pair.alike.zones for pair in comparison.pairs))
    studies: list[Study] = []
    notes: list[str] = []
    for account, given, option in zip((first, second), projects, ("--project-a", "--project-b"), strict=True):
        study, why = at_hand(account, given, option, departures_of_land)
        studies += [study] if study else []
        notes += why
    opening, closing = _areas(first, zones), _areas(second, zones)
    if notes or len(studies) < 2:
        return LandChange(opening, closing, None, joined(notes, " ", ""))
    if reason := _not_cell_by_cell(studies[0].inputs, studies[1].inputs):
        return LandChange(opening, closing, None, reason)
    moves = {key: area for key, area in _moves(studies[0].inputs, studies[1].inputs).items() if key[0] in zones}
    ends = _ends(moves)
    for found, told in zip(ends, (opening, closing), strict=True):
        size = SAME * math.fsum(told.values())
        if any(not math.isclose(found.get(key, 0.0), told.get(key, 0.0), abs_tol=size) for key in {**found, **told}):
            return LandChange(opening, closing, None, say("years.land.other_areas"))
    return LandChange(*ends, moves, None)


def _areas(account: Account, zones: frozenset[str]) -> dict[tuple[str, str], float]:
    parts: dict[tuple[str, str], list[float]] = {}
    for (zone, ecosystem, _), area in account.areas().items():
        if zone in zones:
            parts.setdefault((zone, ecosystem), []).append(area)
    return {key: math.fsum(areas) for key, areas in parts.items()}


def _ends(moves: Moves) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
    """The rows and the columns of what became what: sums that need no rounding."""
    opening: dict[tuple[str, str], float] = {}
    closing: dict[tuple[str, str], float] = {}
    for (zone, before, after), area in moves.items():
        opening[zone, before] = opening.get((zone, before), 0.0) + area
        closing[zone, after] = closing.get((zone, after), 0.0) + area
    return opening, closing


def _not_cell_by_cell(first: Inputs, second: Inputs) -> Text | None:
    """Why two land covers cannot be laid on each other, if they cannot."""
    assert first.grid is not None
    assert second.grid is not None
    assert first.zones is not None
    assert second.zones is not None
    if first.grid != second.grid or first.grid.crs != second.grid.crs or first.mode != second.mode:
        return say("years.land.other_grid")
    if [z.code for z in first.zones.zones] != [z.code for z in second.zones.zones] or not all(
        one.equals(other) for one, other in zip(first.zones.geometries, second.zones.geometries, strict=True)
    ):
        return say("years.land.other_boundary")
    for inputs in (first, second):
        assert inputs.land_cover is not None
        if resampling_for(inputs.land_cover, first.grid) == "shares":
            return say("years.land.shares")
    return None


def _moves(first: Inputs, second: Inputs) -> dict[tuple[str, str, str], float]:
    """What became what, cell by cell, square by square."""
    grid, layer = first.grid, first.zones
    assert grid is not None
    assert layer is not None
    names = [*ecosystem_ids(), NONE]
    tables = [_Ecosystems(inputs, names) for inputs in (first, second)]
    size = len(names)
    parts: dict[int, list[float]] = {}
    for square in grid.squares():
        cells = zone_cells(layer, grid, square, first.mode)
        if not len(cells.cell):
            continue
        areas = np.broadcast_to(cell_areas(grid, square), square.shape).ravel()[cells.cell]
        if first.mode == "fraction":
            areas = areas * cells.fraction
        before, after = (table.of(square)[cells.cell] for table in tables)
        group = (cells.zone * size + before) * size + after
        sums = np.bincount(group, areas)
        for number in np.flatnonzero(np.bincount(group)).tolist():
            parts.setdefault(number, []).append(float(sums[number]))
    found = {number: math.fsum(areas) for number, areas in parts.items()}
    unit = 2.0 ** (math.ceil(math.log2(math.fsum(found.values()) or 1.0)) - BITS)

    def named() -> Iterator[tuple[tuple[str, str, str], float]]:
        for number, area in sorted(found.items()):
            zone, move = divmod(number, size * size)
            before, after = divmod(move, size)
            yield (layer.zones[zone].code, names[before], names[after]), round(area / unit) * unit

    return dict(named())


class _Ecosystems:
    """The ecosystems of the cells of a land cover, as numbers of a list whose last is what is not mapped."""

    def __init__(self, inputs: Inputs, names: list[str]) -> None:
        assert inputs.land_cover is not None
        assert inputs.grid is not None
        self._reader = Reader(inputs.land_cover, inputs.grid)
        classes = {code: names.index(ecosystem) for code, (ecosystem, _) in inputs.scheme.by_number().items()}
        self._codes = np.array(sorted(classes), dtype=np.int64)
        self._numbers = np.array([classes[code] for code in sorted(classes)], dtype=np.intp)
        self._none = len(names) - 1

    def of(self, square: Square) -> NDArray[np.intp]:
        """The numbers of the cells of a square."""
        codes = self._reader.codes(square).ravel()
        at = np.searchsorted(self._codes, codes).clip(max=len(self._codes) - 1)
        is_known = (self._codes[at] == codes) & (codes != MISSING_CODE)
        return np.where(is_known, self._numbers[at], self._none)
