"""Lines of a grid as rows of an account: quantity, price and value of one thing side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gep.audit.figures import Figure, Row
from gep.audit.grids.grid import Grid


def rows_of(grid: Grid) -> Iterator[Row]:
    """The lines that print two or three of quantity, price and value of one thing at one time."""
    things: dict[tuple[int, tuple[str, ...], tuple[str, ...]], dict[str, list[tuple[int, Figure]]]]
    things = defaultdict(lambda: defaultdict(list))
    for row, column, figure in grid.cells_read():
        if grid.role(row, column) or (row, column) in grid.spans:
            continue
        things[row, grid.columns[column].key, grid.times(row, column)][_slot(grid, row, column, figure)].append(
            (column, figure)
        )
    for (row, key, time), slots in things.items():
        prices = things.get((row, key, ()), {}).get("price", []) if time else []
        if "price" not in slots and prices:
            slots["price"] = prices  # a price without a year is that of every year
    for (row, _, _), slots in things.items():
        if len(slots) < 2 or any(len(figures) > 1 for figures in slots.values()):
            continue
        column = next(iter(slots.values()))[0][0]
        figures_of: dict[str, Any] = {slot: figures[0][1] for slot, figures in slots.items()}
        yield replace(grid.address(row, column), **figures_of)


def _slot(grid: Grid, row: int, column: int, figure: Figure) -> str:
    if figure.unit.currency:
        return "price" if figure.unit.is_intensive else "value"
    measure = grid.measure(row, column)
    return measure if measure in ("price", "value") else "quantity"
