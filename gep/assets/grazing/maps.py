"""Pastures from rasters: what grows on the grassland of each county, by type, from a map of yields or of net primary
production on the land cover of the project.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gep.assets.figures import given
from gep.assets.grazing.pasture import STEPPES, WHOLE_YEAR
from gep.assets.grazing.tables import DRY_MATTER
from gep.assets.ground import Ground, Land, Piece, land_name, land_path, open_map
from gep.assets.kinds import kind_of, unknown_kind
from gep.assets.rows import kind_name
from gep.assets.tables import Row, TableRead, stop_on
from gep.core.errors import Problem, did_you_mean, problem
from gep.core.keys import UNALLOCATED
from gep.core.messages import Text, say
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.inputs.project import PROJECT
from gep.standards.classes import parents

UNITS = {"forage_yield": DRY_MATTER, "production": "g*carbon/(m^2*year)"}
"""What a map may be of, by the column of pastures that it stands for."""

OTHERS = {
    "forage_yield": {
        "t*dry_matter/hm^2": "grazing.K46.stock",
        "t*carbon/hm^2": "grazing.K46.stock",
        "t*carbon/(hm^2*year)": "grazing.K46.carbon",
    },
    "production": {
        "t*carbon/hm^2": "grazing.K46.stock",
        "t*dry_matter/hm^2": "grazing.K46.stock",
        "t*dry_matter/(hm^2*year)": "grazing.K46.dry_matter",
    },
}
"""Units that are often given in their place, and what they are of."""

YIELDS = ("forage_yield", "production", "vegetation_index")

FEW = 0.001
"""A share of the grassland without a value that is not worth a word."""


@dataclass(frozen=True)
class Grass:
    """A map of what grows in a year on the grassland of a land cover of one year, by type.

    `of` says what the map is of, `forage_yield` or `production`; `types` are types of grassland by land class.
    """

    ground: Ground
    layer: Layer
    of: str
    types: Mapping[Land, str]

    def pastures(self, table: TableRead | None = None) -> TableRead:
        """Pastures for the whole year, one for each county and type; or those of a table, whose rows get the area and
        the growth that they do not tell.
        """
        pieces = [piece for piece in self.ground.pieces([self.layer]) if piece.lands[0] in self.types]
        grown: dict[tuple[str, str], list[Piece]] = {}
        for piece in pieces:
            if piece.means[0] is not None and piece.zone != UNALLOCATED:
                grown.setdefault((piece.zone, self.types[piece.lands[0]]), []).append(piece)
        said = tuple(self._without_a_value(pieces))
        if table is None:
            place = say("ground.map_alone", file=self.layer.place)
            return TableRead(
                tuple(
                    self._filled(Row(place, {"zone": zone, "steppe": steppe, "season": WHOLE_YEAR}), of)
                    for (zone, steppe), of in grown.items()
                ),
                said,
            )
        rows, problems = [], [*table.problems, *said]
        keys = [(row.text("zone"), kind_of(row.text("steppe"), STEPPES)) for row in table.rows]
        for row, key in zip(table.rows, keys, strict=True):
            of_row = grown.get(key)
            is_part = bool(row.text("herder")) or keys.count(key) > 1
            if row.number("area") is not None and any(row.number(name) is not None for name in YIELDS):
                rows.append(row)
            elif is_part and row.number("area") is None:
                problems.append(problem("grazing.K46.no_part", row.text("zone"), place=row.place))
            elif of_row is None:
                zone, steppe = row.text("zone"), row.text("steppe")
                problems.append(problem("grazing.K46.no_grass", zone, place=row.place, found=steppe))
            else:
                rows.append(self._filled(row, of_row))
        return TableRead(tuple(rows), tuple(problems))

    def _filled(self, row: Row, pieces: Sequence[Piece]) -> Row:
        """A row with the area and the mean growth of pieces, where it tells none."""
        (year,) = self.ground.years
        area = math.fsum(piece.area for piece in pieces)
        mean = math.fsum(piece.area * (piece.means[0] or 0.0) for piece in pieces) / area
        cells = dict(row.cells)
        if row.number("area") is None:
            cells["area"] = given(area, "m^2", self.ground.place(year))
        if all(row.number(name) is None for name in YIELDS):
            cells[self.of] = given(mean, UNITS[self.of], say("ground.map", file=self.layer.place, year=year))
        return replace(row, cells=cells)

    def _without_a_value(self, pieces: Sequence[Piece]) -> Iterator[Problem]:
        """Of how much of each type of grassland the map says nothing."""
        for steppe in dict.fromkeys(self.types.values()):
            of_type = [piece for piece in pieces if self.types[piece.lands[0]] == steppe]
            whole = math.fsum(piece.area for piece in of_type)
            share = math.fsum(piece.area for piece in of_type if piece.means[0] is None) / whole if whole else 0.0
            if share > FEW:
                yield problem(
                    "grazing.K47.without_a_value",
                    steppe,
                    place=self.layer.place,
                    found=f"{100 * share:.3g} %",
                    share=share,
                )


def grass_of(ground: Ground, spec: LayerSpec, of: str, steppes: Mapping[str, str]) -> Grass:
    """A map of growth on a land cover of one year.

    Args:
        ground: the land cover.
        spec: the map.
        of: what it is of, `forage_yield` or `production`.
        steppes: types of grassland by land class (`grassland/meadow`) or, of all its other classes, by ecosystem.

    Raises InputError with everything that is wrong with the map or the types (K46).
    """
    problems: list[Problem] = []
    place = Text(PROJECT, PROJECT)
    known = {land_path(land) for land in ground.lands} | {land[0] for land in ground.lands}
    types: dict[str, str] = {}
    for path, word in steppes.items():
        if path not in known:
            hint = did_you_mean(path, known)
            problems.append(problem("grazing.K46.no_class", path, place=place, hint=hint, there=sorted(known)))
        elif steppe := kind_of(word, STEPPES):
            types[path] = steppe
        else:
            problems.append(unknown_kind(f"steppes.{path}", word, STEPPES, place))
    if not steppes:
        names = [kind_name(steppe) for steppe in STEPPES]
        grasses = [land_name(land) for land in ground.lands if land[0] == "grassland"]
        problems.append(problem("grazing.K46.no_types", "steppes", place=place, there=names, classes=grasses))
    stop_on(problems)
    of_land = {}
    for land in ground.lands:
        paths = [land_path((land[0], name)) for name in (land[1], *parents(*land), "")]
        if found := next((types[path] for path in paths if path in types), ""):
            of_land[land] = found
    return Grass(ground, open_map(spec, UNITS[of], OTHERS[of], ground.grid), of, of_land)
