"""Land of two runs: what each ecosystem had and has, and, where both land covers are at hand, what became what.

Areas are multiples of one small power of two of a square metre (less than a square centimetre for a province), of which
a number of 53 bits holds the whole area: so every sum of them is exact, whatever its order, and rows and columns close
to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gep.account.account import Account
from gep.account.changes import Comparison
from gep.core.catalog import ecosystem_ids
from gep.core.keys import NONE
from gep.core.messages import Text, joined, say
from gep.core.units import linear
from gep.inputs.grids.align import resampling_for
from gep.inputs.grids.area import cell_areas
from gep.inputs.grids.grid import Grid, Square
from gep.inputs.grids.layers import MISSING_CODE
from gep.inputs.grids.reader import Reader
from gep.inputs.grids.zones import zone_cells
from gep.inputs.items import item_units
from gep.inputs.open import Inputs
from gep.inputs.tables import item_by_zone
from gep.inputs.transitions import NO_TRANSITIONS, Transitions
from gep.study.causes import departures_of_land
from gep.study.change import at_hand
from gep.study.study import Study

Moves = Mapping[tuple[str, str, str], float]
"""Areas in m2 by zone, ecosystem before and ecosystem after."""

BITS = 52
"""Of a number, one left for what rounding adds to a sum."""

OFFICIAL = "land_area"
"""The item of the tables that is the official area of a zone."""

ALIKE_CELLS = 1e-3
"""Share by which cells may differ that count as equally large: the scale of a projection varies."""

SAME = 1e-9
"""Share by which the areas of land covers that are read again may differ from those of the accounts."""


Places = Mapping[tuple[str, str], float]
"""Areas in m2 by zone and ecosystem."""


@dataclass(frozen=True)
class LandChange:
    """Areas in m2 by zone and ecosystem at both ends, and what became what; without that, why not.

    Where the two land covers lie on different cells, what became what is of the finer ones, and `reappraised` is by how
    much what the coarser cells hold there differs from their own areas: opening + reappraised + what came - what went =
    closing.
    """

    opening: Places
    closing: Places
    moves: Moves | None
    why: Text | None
    reappraised: Places = field(default_factory=dict)
    rule: Text | None = None
    """How the covers were laid on each other, where they lie on different cells."""
    official: Mapping[str, float] = field(default_factory=dict)
    """Areas in m2 that the tables of the later year report, by zone."""
    transitions: Transitions = NO_TRANSITIONS

    @property
    def zones(self) -> list[str]:
        """The zones, by code."""
        return sorted({zone for zone, _ in (*self.opening, *self.closing)})

    @property
    def ecosystems(self) -> list[str]:
        """The ecosystems that there are at either end, in the order of reports; what is not mapped comes last."""
        there = {ecosystem for _, ecosystem in (*self.opening, *self.closing)}
        return [name for name in (*ecosystem_ids(), NONE) if name in there]


def land_change(
    comparison: Comparison, projects: tuple[str | Path | None, str | Path | None] = (None, None)
) -> LandChange:
    """The land of the ends of a comparison: what each ecosystem had and has (`opening`, `closing`), and what became
    what (`moves`), in m2 by zone. It reads both land covers, where they are those of the accounts.

    >>> land = gep.land_change(accounts.compare(2020), ("gep.toml", "gep.toml"))    # doctest: +SKIP

    Args:
        comparison: of accounts of years, as `Accounts.compare` gives it.
        projects: the project files of its first and of its last year, where the folders of the runs do not tell them.
    """
    first, second = comparison.path[0], comparison.path[-1]
    zones = frozenset.intersection(*(pair.alike.zones for pair in comparison.pairs))
    studies: list[Study] = []
    notes: list[str] = []
    for account, given, option in zip((first, second), projects, ("--project-a", "--project-b"), strict=True):
        study, why = at_hand(account, Path(given) if given else None, option, departures_of_land)
        studies += [study] if study else []
        notes += why
    told = LandChange(_areas(first, zones), _areas(second, zones), None, None)
    if notes or len(studies) < 2:
        return replace(told, why=joined(notes, " ", ""))
    is_forward = first.about.year < second.about.year
    later = studies[is_forward]
    size = linear(item_units()[OFFICIAL], "m^2")[0]
    official = {zone: area * size for zone, area in item_by_zone(later.inputs.statistics, OFFICIAL).items()}
    told = replace(told, official=official, transitions=_in_direction(later.spec.transitions, is_forward))
    if reason := _not_laid_on_each_other(studies, (first, second)):
        return replace(told, why=reason)
    return _followed(told, studies, zones)


def _in_direction(transitions: Transitions, is_forward: bool) -> Transitions:
    """Transitions as the years lead: a comparison that leads back sees each change from its other side."""
    if is_forward:
        return transitions
    return Transitions({(after, before): kind for (before, after), kind in transitions.of.items()})


def _followed(told: LandChange, studies: Sequence[Study], zones: frozenset[str]) -> LandChange:
    """The change with what became what, where the areas are those of the accounts."""
    first, second = (study.inputs for study in studies)
    is_same = _is_same_grid(first, second)
    finer = _of_finer_cells(studies)
    moves = {key: area for key, area in _moves(first, second, (first, second)[finer]).items() if key[0] in zones}
    ends = _ends(moves)
    for at, (found, accounted) in enumerate(zip(ends, (told.opening, told.closing), strict=True)):
        if (is_same or at == finer) and not _about_equal(found, accounted):
            return replace(told, why=say("years.land.other_areas"))
    if is_same:
        return replace(told, opening=ends[0], closing=ends[1], moves=moves)
    unit = smallest_unit(math.fsum(moves.values()))
    own = [whole_units(accounted, unit) for accounted in (told.opening, told.closing)]
    own[finer] = ends[finer]
    keys = dict.fromkeys(key for areas in (*ends, *own) for key in areas)
    reappraised = {
        key: (ends[0].get(key, 0.0) - own[0].get(key, 0.0)) + (own[1].get(key, 0.0) - ends[1].get(key, 0.0))
        for key in keys
    }
    said = say("years.land.finer", year=(studies[finer].spec.year), other=studies[1 - finer].spec.year)
    return replace(told, opening=own[0], closing=own[1], moves=moves, reappraised=reappraised, rule=said)


def _about_equal(found: Places, accounted: Places) -> bool:
    size = SAME * math.fsum(accounted.values())
    keys = {**found, **accounted}
    return all(math.isclose(found.get(key, 0.0), accounted.get(key, 0.0), abs_tol=size) for key in keys)


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


# laying two land covers on each other ---------------------------------------------------------------------------------


def _is_same_grid(first: Inputs, second: Inputs) -> bool:
    assert first.grid is not None
    assert second.grid is not None
    return first.grid == second.grid and first.grid.crs == second.grid.crs and first.mode == second.mode


def _of_finer_cells(studies: Sequence[Study]) -> int:
    """Which of two studies has the smaller cells; the later one where they are as large as each other."""
    sizes = [_cell_size(study.inputs) for study in studies]
    if math.isclose(*sizes, rel_tol=ALIKE_CELLS):
        return int(studies[0].spec.year < studies[1].spec.year)
    return int(sizes[1] < sizes[0])


def _cell_size(inputs: Inputs) -> float:
    """The area of the cell in the middle of a grid, in m2."""
    grid = inputs.grid
    assert grid is not None
    row, col = (grid.row0 + grid.row1) // 2, (grid.col0 + grid.col1) // 2
    return float(cell_areas(grid, Square(row, row + 1, col, col + 1))[0, 0])


def _not_laid_on_each_other(studies: Sequence[Study], accounts: Sequence[Account]) -> Text | None:
    """Why two land covers cannot be laid on each other, if they cannot."""
    first, second = (study.inputs for study in studies)
    assert first.zones is not None
    assert second.zones is not None
    if [z.code for z in first.zones.zones] != [z.code for z in second.zones.zones]:
        return say("years.land.other_boundary")
    files = [_file_of_zones(account) for account in accounts]
    is_same_file = files[0] == files[1] and files[0][0] is not None
    if not is_same_file and not all(
        one.equals(other) for one, other in zip(first.zones.geometries, second.zones.geometries, strict=True)
    ):
        return say("years.land.other_boundary")
    for inputs in (first, second):
        assert inputs.land_cover is not None
        assert inputs.grid is not None
        if resampling_for(inputs.land_cover, inputs.grid) == "shares":
            return say("years.land.shares")
    return None


def _file_of_zones(account: Account) -> tuple[str | None, str | None]:
    """The content of the files of zones and outline that an account was made with."""
    record = account.record.get("zones", {})
    return record.get("sha256"), record.get("outline", {}).get("sha256")


def smallest_unit(whole: float) -> float:
    """The power of two of which all parts are multiples: of the whole `BITS` bits hold the number of them."""
    return 2.0 ** (math.ceil(math.log2(whole or 1.0)) - BITS)


def whole_units(areas: Places, unit: float) -> dict[tuple[str, str], float]:
    """Areas as the nearest multiples of a unit, of which sums need no rounding."""
    return {key: round(area / unit) * unit for key, area in areas.items()}


def _moves(first: Inputs, second: Inputs, base: Inputs) -> dict[tuple[str, str, str], float]:
    """What became what, cell by cell of one of the grids, square by square. A cell of the other land cover counts where
    the centre of a cell of the grid lies in it.
    """
    grid, layer = base.grid, base.zones
    assert grid is not None
    assert layer is not None
    names = [*ecosystem_ids(), NONE]
    tables = [_Ecosystems(inputs, names, grid) for inputs in (first, second)]
    size = len(names)
    parts: dict[int, list[float]] = {}
    for square in grid.squares():
        cells = zone_cells(layer, grid, square, base.mode)
        if not len(cells.cell):
            continue
        areas = np.broadcast_to(cell_areas(grid, square), square.shape).ravel()[cells.cell]
        if base.mode == "fraction":
            areas = areas * cells.fraction
        before, after = (table.of(square)[cells.cell] for table in tables)
        group = (cells.zone * size + before) * size + after
        sums = np.bincount(group, areas)
        for number in np.flatnonzero(np.bincount(group)).tolist():
            parts.setdefault(number, []).append(float(sums[number]))
    found = {number: math.fsum(areas) for number, areas in parts.items()}
    unit = smallest_unit(math.fsum(found.values()))

    def named() -> Iterator[tuple[tuple[str, str, str], float]]:
        for number, area in sorted(found.items()):
            zone, move = divmod(number, size * size)
            before, after = divmod(move, size)
            yield (layer.zones[zone].code, names[before], names[after]), round(area / unit) * unit

    return dict(named())


class _Ecosystems:
    """The ecosystems of the cells of a land cover, as numbers of a list whose last is what is not mapped."""

    def __init__(self, inputs: Inputs, names: list[str], grid: Grid) -> None:
        assert inputs.land_cover is not None
        self._reader = Reader(inputs.land_cover, grid)
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
