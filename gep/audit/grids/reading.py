"""From the cells of a sheet to its grids; what a reviewer says of a table (`--map`) where its words do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gep.audit.cells import Cells
from gep.audit.findings import Check
from gep.audit.grids.across import across_checks
from gep.audit.grids.blocks import Block, blocks_of, outside
from gep.audit.grids.build import grid_of, place_of
from gep.audit.grids.extremes import extreme_checks
from gep.audit.grids.grid import OPEN, Grid, Unread
from gep.audit.grids.kept import kept_checks
from gep.audit.grids.means import mean_checks
from gep.audit.grids.quotients import quotient_checks, see_rates
from gep.audit.grids.rows import rows_of
from gep.audit.grids.stocks import stock_checks
from gep.audit.grids.sums import sum_checks
from gep.audit.grids.words import CLASSES, axis_of, is_just, said
from gep.audit.products import product_checks
from gep.audit.sense import sense_checks
from gep.core.errors import UsageError
from gep.core.messages import Text, joined, say

MAP_KEYS = ("rows", "columns", "measure", "unit", "year", "header_rows")


def read_map(text: str) -> dict[str, str]:
    """`rows=service, columns=year, measure=value, unit=1e8 CNY, header_rows=2` as keys and values.

    Raises UsageError for a key that there is not, or a number of rows that is none.
    """
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if key not in MAP_KEYS or not equals or not value or (key == "header_rows" and not value.isdigit()):
            raise UsageError(say("audit.map.wrong", part=part, keys=", ".join(MAP_KEYS)))
        found[key] = value
    return found


def grids_of(cells: Cells, given: Mapping[str, str] | None = None) -> list[Grid]:
    """The grids of a sheet: its tables, each with those that continue it. Empty where no word of it is known."""
    given = dict(given or {})
    tables: list[list[Block]] = []
    blocks = list(blocks_of(cells, int(given.get("header_rows", 0))))
    for block in blocks:
        if block.continues and tables:
            tables[-1].append(block)
        else:
            tables.append([block])
    grids = [grid_of(blocks, given) for blocks in tables]
    found = [grid for grid in grids if grid.figures and (given or _is_known(grid))]
    for grid in found:
        see_rates(grid)
    for row, column in outside(cells, blocks) if found else ():
        where = place_of(cells, row, column, "")
        found[-1].located[where] = (cells, row, column)
        found[-1].unread.append(Unread(where, cells.text(row, column), say("audit.figure.outside")))
    return found


def _is_known(grid: Grid) -> bool:
    """Whether a heading or a title of a table has a word that tables of such accounts have."""
    columns = any(
        line.measure
        or line.role
        or line.times
        or line.total
        or is_just("mark", "month", line.label)
        or any(name.kind != OPEN for name in line.names)
        for line in grid.columns
    )
    return columns or any(kind not in ("unit", "note", "number") for kind in grid.stub_kinds)


def checks_of(grids: Sequence[Grid]) -> Iterator[Check]:
    """All that tables have to say of themselves and of each other."""
    for grid in grids:
        for checks in (sum_checks, quotient_checks, mean_checks, extreme_checks, kept_checks, stock_checks):
            yield from checks(grid)
        rows = list(rows_of(grid))
        yield from product_checks(rows)
        yield from sense_checks(rows)
    yield from across_checks(grids)


def map_of(cells: Cells) -> str:
    """A `--map` for a table, ready to be corrected: with its own unit and rows of headings; without a unit where it
    says none.
    """
    block = next(blocks_of(cells), None)
    if block is None:
        return "rows=service, columns=year, measure=value"
    headings = [text for column in block.columns for text in block.heading(column)]
    units = [each.unit for text in (*block.titles, *headings) if (each := said(text)).unit]
    axes = [axis for text in block.heading(block.columns[0]) if (axis := axis_of(text)) in CLASSES]
    columns = "service" if axes and axes[0] != "service" else "year"
    parts = [f"rows={axes[0] if axes else 'service'}", f"columns={columns}", "measure=value"]
    parts += [f"unit={unit}" for unit in units[:1] if "," not in unit]
    return ", ".join([*parts, f"header_rows={len(block.headings)}"])


def understood(cells: Cells) -> Text:
    """The heading of a table as it was understood, row by row, for a message."""
    lines = []
    for block in blocks_of(cells):
        for row in block.headings:
            words = [block.text(row, column) for column in block.columns if block.text(row, column)]
            classes = [_class_of(word) for word in words[:_SHOWN]]
            shown = joined(
                [
                    say("audit.map.word", word=word, meaning=meaning)
                    for word, meaning in zip(words, classes, strict=False)
                ],
                ", ",
                "，",
            )
            lines.append(say("audit.map.row", row=row + 1, words=shown))
        break
    return joined(lines, "\n    ")


_SHOWN = 8


def _class_of(word: str) -> Text:
    each = said(word)
    if axis := axis_of(word):
        return say(f"audit.map.axis_{axis}")
    if each.total:
        return say("audit.map.is_total")
    if each.role:
        return say(f"audit.role.{each.role}") if each.role != "percent" else say("audit.role.share")
    if each.times and each.is_bare:
        return say("audit.map.is_time")
    if each.measure:
        return say("audit.map.is_measure")
    if each.unit and each.is_bare:
        return say("audit.map.is_unit")
    return say(f"audit.map.axis_{each.named}") if each.named else say("audit.map.is_unknown")
