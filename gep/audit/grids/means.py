"""Means within a grid: the unit value of a whole, weighted by the areas of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gep.audit.figures import Figure
from gep.audit.findings import Check, Comparison
from gep.audit.grids.grid import Grid
from gep.audit.grids.totals import View
from gep.audit.grids.trees import relations_of
from gep.audit.grids.unsaid import FEWEST_LINES, SHARE_OF_LINES, nested
from gep.audit.printed import quotient, total
from gep.core.messages import say


def mean_checks(grid: Grid) -> Iterator[Check]:
    """A unit value of an aggregate is the mean of its members' weighted by area, where the areas of the members add up
    to that of the aggregate. It fails only where most of a table's hold: its authors may have weighted otherwise.
    """
    view = View(grid, "rows")
    known = list(relations_of(view.lines))
    means = [
        (comparison, line)
        for relation in nested(view, known) or known
        for column, line in enumerate(grid.columns)
        if line.role in ("", "density")
        and (figure := grid.figures.get((relation.total, column))) is not None
        and figure.unit.is_intensive
        and (comparison := _mean(grid, relation.total, relation.readings[0], column, figure)) is not None
    ]
    held = sum(comparison.holds for comparison, _ in means)
    is_meant = held >= FEWEST_LINES and held >= len(means) * SHARE_OF_LINES
    for comparison, line in means:
        if comparison.holds or is_meant:
            yield comparison.check()
        elif line.role != "density":  # a density is held against its own total and size
            yield comparison.check(verdict="cannot_tell", why=say("audit.mean.other_weights"))


def _mean(grid: Grid, whole: int, parts: Sequence[int], column: int, figure: Figure) -> Comparison | None:
    line = grid.columns[column]
    areas = next(
        (
            c
            for c, other in enumerate(grid.columns)
            if c != column
            and other.times == line.times
            and (size := grid.figures.get((whole, c))) is not None
            and size.unit.kind == (("m^2",), ())
        ),
        None,
    )
    if areas is None:
        return None
    pairs = [(grid.figures.get((part, areas)), grid.figures.get((part, column))) for part in parts]
    known = [(area, price) for area, price in pairs if area is not None and price is not None]
    if not known or any(area is None for area, _ in pairs):
        return None
    products = total([area.interval * price.interval for area, price in known])
    size = grid.figures[whole, areas]
    computed = quotient(products, size.interval)
    if computed is None:
        return None
    terms = " + ".join(f"{area.printed.text} × {price.printed.text}" for area, price in known)
    used = (size, *(each for pair in known for each in pair))
    return Comparison(
        "mean",
        grid.address(whole, column),
        figure,
        computed,
        used,
        f"({terms}) / {size.printed.text}",
        say("audit.mean.what"),
    )
