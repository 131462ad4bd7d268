"""Densities as lazy arrays: what is summed, cell by cell, in one task for each chunk, by the code that the sums use.

A cell is taken as the account takes it: with each of its pieces in a zone and a class. Its density is the sum over the
pieces that count, over the area of the cell inside the outline,

    q = sum_p q_p A_p / sum_p A_p

so that a density times `area`, added up over cells, is what the account has before rules on totals. No number is where
nothing counts or nothing is known.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from gep.core.catalog import VALUE_OF_METRE
from gep.core.errors import MissingFeatureError
from gep.core.messages import Text, say
from gep.core.units import cf_attributes, linear
from gep.engine.drawn import VALUE_UNIT, Map, numbers_at, plan_of_maps
from gep.engine.pieces import Pieces
from gep.engine.readers import Readers
from gep.engine.values import Values
from gep.engine.windows import check_window
from gep.inputs.grids.grid import SQUARE, Grid, Square
from gep.inputs.grids.mapping import MAPPING, mapping_attributes
from gep.plan.plan import GridPlan

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]


class Drawing:
    """Draws some maps of a plan on any block of its grid. Layers are open once for each thread; paths and numbers go
    to workers.
    """

    def __init__(self, plan: GridPlan, maps: Sequence[Map]) -> None:
        self._plan, self._maps = plan, tuple(maps)
        self._local = threading.local()

    def __reduce__(self) -> tuple[Any, ...]:
        return Drawing, (self._plan, self._maps)

    def draw(self, block: Square) -> Array:
        """The area inside the outline and the densities of a block of squares: (1 + maps, rows, columns)."""
        if not hasattr(self._local, "readers"):
            self._local.readers = Readers(self._plan)
        self._local.readers.load(block)
        drawn = np.full((1 + len(self._maps), *block.shape), np.nan)
        for square in _squares(block):
            rows = slice(square.row0 - block.row0, square.row1 - block.row0)
            cols = slice(square.col0 - block.col0, square.col1 - block.col0)
            drawn[:, rows, cols] = self._of_square(square)
        return drawn

    def _of_square(self, square: Square) -> Array:
        readers, count = self._local.readers, square.shape[0] * square.shape[1]
        pieces = Pieces.of_square(self._plan, readers, square)
        area = np.bincount(pieces.cell, pieces.area, count).astype(np.float64, copy=False)
        fields = [area]
        values = Values(self._plan, readers, pieces, square)
        complete: dict[tuple[str, ...], NDArray[np.bool_]] = {}
        with np.errstate(all="ignore"):
            for made in self._maps:
                amount, is_there = np.zeros(count), np.zeros(count, dtype=bool)
                for part in made.parts if len(pieces.cell) else ():
                    number, of_classes = numbers_at(values, part, complete), values.part(part.flow.is_counted)
                    here = np.isfinite(number)
                    cell, area_here = of_classes.cell[here], of_classes.area[here]
                    amount += np.bincount(cell, number[here] * area_here, count)
                    is_there[cell] = True
                fields.append(np.where(is_there, amount / area * _scale(made), np.nan))
        return np.stack(fields).reshape(-1, *square.shape)


def _scale(made: Map) -> float:
    """What a map in money per hectare is multiplied by."""
    return linear(VALUE_UNIT, VALUE_OF_METRE)[0] if made.tags["measure"] == "value" else 1.0


def _squares(block: Square) -> Iterator[Square]:
    """A block in squares, counted from its corner: any chunk has the same, and all but the last chunk are alike, as
    Zarr asks for.
    """
    for rows in _spans(block.row0, block.row1, SQUARE):
        for cols in _spans(block.col0, block.col1, SQUARE):
            yield Square(*rows, *cols)


def _spans(start: int, end: int, size: int) -> list[tuple[int, int]]:
    """A range of cells cut into pieces of a size."""
    return list(pairwise([*range(start, end, size), end]))


def densities_of(
    plan: GridPlan, maps: Sequence[Map], chunk: int = SQUARE, about: Mapping[str, str] | None = None
) -> xr.Dataset:
    """Maps of a plan as a lazy Dataset on its grid, in chunks of so many rows and columns; `area` is the part of each
    cell inside the outline in m2. Raises MissingFeatureError without dask.
    """
    try:
        import dask.array as da
        from dask.delayed import delayed
    except ImportError as error:
        raise MissingFeatureError.of(say("engine.densities"), "dask") from error
    import xarray as xr

    check_window(chunk)
    grid = plan.grid
    drawing = delayed(Drawing(plan_of_maps(plan, maps), maps), pure=False, traverse=False, name=f"gep-plan-{uuid4()}")
    rows, cols = _spans(grid.row0, grid.row1, chunk), _spans(grid.col0, grid.col1, chunk)

    def lengths(spans: Sequence[tuple[int, int]]) -> tuple[int, ...]:
        return tuple(end - start for start, end in spans)

    drawn = da.map_blocks(  # type: ignore[no-untyped-call]  # dask declares no types
        _draw,
        drawing=drawing,
        corner=(grid.row0, grid.col0),
        chunks=((1 + len(maps),), lengths(rows), lengths(cols)),
        dtype=np.float64,
        meta=np.empty((0, 0, 0)),
        name=f"gep-densities-{uuid4()}",
    )
    y, x = ("lat", "lon") if grid.is_geographic else ("y", "x")
    found = xr.Dataset(coords=_coordinates(grid, y, x), attrs={"Conventions": "CF-1.11", **(about or {})})
    for number, (name, attrs) in enumerate(
        [("area", _of_area()), *((_name(made), _attributes(made)) for made in maps)]
    ):
        found[name] = xr.DataArray(drawn[number], dims=(y, x), attrs=attrs)
        found[name].encoding["grid_mapping"] = MAPPING
    return found


def _draw(drawing: Drawing, corner: tuple[int, int], block_info: Any = None) -> Array:
    """A chunk, by where it lies in the array."""
    _, rows, cols = block_info[None]["array-location"]
    row, col = corner
    return drawing.draw(Square(rows[0] + row, rows[1] + row, cols[0] + col, cols[1] + col))


def _name(made: Map) -> str:
    """`<service>.<component>`, or `<service>.value`."""
    if made.tags["measure"] == "value":
        return made.name
    return f"{made.name.partition('.')[0]}.{made.parts[0].component.id}"


def _of_area() -> dict[str, str]:
    return {**cf_attributes("m^2"), **_in_both("long_name", say("engine.area_inside"))}


def _attributes(made: Map) -> dict[str, str]:
    """What a density says of itself: texts that files of arrays can hold."""
    unit, name = made.unit, made.description
    if made.tags["measure"] == "value":
        unit, name = VALUE_OF_METRE, say("engine.in_money", of=name, price_year=int(made.tags["price_year"]))
    told = ("measure", "components", "equation", "price_year", "rules_on_totals", "rules_on_totals_zh")
    return {
        **cf_attributes(unit),
        **_in_both("long_name", name),
        "cell_methods": "area: mean",
        **{key: text for key in told if (text := made.tags.get(key))},
    }


def _in_both(name: str, text: Text) -> dict[str, str]:
    return {name: str(text), f"{name}_zh": text.zh}


def _coordinates(grid: Grid, y: str, x: str) -> dict[str, Any]:
    """Centres of the cells along both axes, and the coordinate system by the conventions of CF and of GDAL."""
    whole = Square(grid.row0, grid.row1, grid.col0, grid.col1)
    axes = {axis.get("axis"): axis for axis in grid.crs.cs_to_cf()}
    return {
        y: (y, grid.y_centres(whole), dict(axes.get("Y", {}))),
        x: (x, grid.x_centres(whole), dict(axes.get("X", {}))),
        MAPPING: ((), 0, mapping_attributes(grid.crs, grid.square_transform(whole))),
    }
