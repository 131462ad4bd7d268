"""Check a published account from its own figures, without inputs: what can be recomputed from what is printed holds,
fails, or cannot be told.

    gep audit report_2023.xlsx

Every printed figure is an interval of half its last digit, carried through sums, products and quotients in exact
arithmetic: no tolerance is chosen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, TypedDict

from gep.audit.agreement import agreement_checks
from gep.audit.cells import Cells, Read, Skipped
from gep.audit.figures import Figure, Row
from gep.audit.findings import Cause, Check, ranked, wanted
from gep.audit.grids.grid import Grid
from gep.audit.grids.reading import checks_of, grids_of, map_of, understood
from gep.audit.printed import Interval
from gep.audit.products import product_checks
from gep.audit.ratios import ratio_checks
from gep.audit.reading import read_accounts, unreadable_error
from gep.audit.runs import run_checks
from gep.audit.sense import sense_checks
from gep.audit.sources import ALL_TABLES, Choice
from gep.audit.stocks import stock_checks
from gep.audit.sums import sum_checks
from gep.audit.tally import Tally, Unchecked, tally_of
from gep.core.errors import Problem, problem
from gep.core.messages import Text, say


@dataclass(frozen=True)
class Audit:
    """What an audit found: fails and warnings, ranked; what holds; what cannot be told; how the files were read."""

    findings: tuple[Check, ...]
    holds: tuple[Check, ...]
    cannot_tell: tuple[Check, ...]
    skipped: tuple[Skipped, ...]
    readings: tuple[Text, ...]
    unreadable: tuple[Problem, ...]
    rows: int
    grids: tuple[Grid, ...] = ()
    tally: Tally = field(default_factory=Tally)
    unchecked: tuple[Unchecked, ...] = ()
    """What takes part in no check: columns, rows, cells."""
    sheets: tuple[Cells, ...] = ()
    located: Mapping[str, tuple[Cells, int, int]] = field(default_factory=dict)
    """By the place of a figure, the table and the cell that it stands in."""
    entries: tuple[Row, ...] = ()
    """The rows of tables that have one for each thing; the others are in `grids`."""

    @property
    def fails(self) -> tuple[Check, ...]:
        """The identities that do not hold."""
        return tuple(check for check in self.findings if check.verdict == "fails")

    def counts(self) -> dict[str, int]:
        """How many checks there are of each verdict."""
        counted = Counter(check.verdict for check in (*self.findings, *self.holds, *self.cannot_tell))
        return {verdict: counted[verdict] for verdict in ("holds", "fails", "cannot_tell", "warning")}

    def document(self) -> dict[str, Any]:
        """What `gep audit --json` prints."""
        return {
            "schema": 1,
            "findings": [check.as_dict() for check in self.findings],
            "holds": [check.as_dict() for check in self.holds],
            "cannot_tell": [check.as_dict() for check in self.cannot_tell],
            "skipped": [skipped.as_dict() for skipped in self.skipped],
            "readings": list(self.readings),
            "readings_zh": [reading.zh for reading in self.readings],
            "unreadable": [problem.as_dict() for problem in self.unreadable],
            "counts": self.counts(),
            "rows": self.rows,
            "figures": asdict(self.tally),
            "unchecked": [unchecked.as_dict() for unchecked in self.unchecked],
            "tables": [table_document(grid) for grid in self.grids],
        }


class FigureDocument(TypedDict):
    """A figure of a table as a JSON object: where it stands, what it is, and of what."""

    place: str
    printed: str
    unit: str
    measure: str
    role: str
    time: str
    region: str
    ecosystem: str
    category: str
    service: str
    name: str


class TableDocument(TypedDict):
    """A table as it was read, as a JSON object."""

    table: str
    rows: list[str]
    columns: list[str]
    figures: list[FigureDocument]


def table_document(grid: Grid) -> TableDocument:
    """A table as it was read."""
    figures = []
    for row, column, figure in grid.cells_read():
        address = grid.address(row, column)
        figures.append(
            FigureDocument(
                place=figure.place,
                printed=figure.printed.text,
                unit=figure.unit.text,
                measure=grid.measure(row, column),
                role=grid.role(row, column) or "amount",
                time=address.year,
                region=address.subregion,
                ecosystem=address.ecosystem,
                category=address.category,
                service=address.service,
                name=address.indicator,
            )
        )
    return TableDocument(table=grid.table, rows=list(grid.row_kinds), columns=list(grid.column_kinds), figures=figures)


def audit(path: str | Path, given: Mapping[str, str] | None = None, *, choice: Choice = ALL_TABLES) -> Audit:
    """Check the published account in a file, or those in a folder; `given` says what the words of a table do not, and
    `choice` which tables of a file are meant.

    Raises UsageError if there is no such path or table, MissingFeatureError if what reads such files is not installed,
    and InputError if nothing in it can be read as an account.
    """
    read = read_accounts(Path(path), choice, are_grids=bool(given))
    grids = _grids(read, given)
    if not read.rows and not grids:
        raise unreadable_error(read, Path(path))
    checks = [*_with_common_causes(_checks(read, grids)), *run_checks(Path(path))]
    return Audit(
        tuple(ranked([check for check in checks if check.verdict in ("fails", "warning")])),
        tuple(check for check in checks if check.verdict == "holds"),
        tuple(check for check in checks if check.verdict == "cannot_tell"),
        tuple(read.skipped),
        tuple(dict.fromkeys(read.readings)),
        tuple(read.unreadable),
        len(read.rows) + sum(len(grid.rows) for grid in grids),
        tuple(grids),
        *tally_of(read, grids, checks),
        tuple(read.sheets),
        {**read.located, **{place: at for grid in grids for place, at in grid.located.items()}},
        tuple(read.rows),
    )


def _grids(read: Read, given: Mapping[str, str] | None) -> list[Grid]:
    """The tables that are no long ones, as grids; one of which no word is known is left out, and told."""
    grids: list[Grid] = []
    for cells in read.tables:
        found = grids_of(cells, given)
        if not found:
            heading = understood(cells)
            read.skip(
                cells.name,
                say("audit.skipped.not_understood", heading=heading, map=map_of(cells))
                if heading
                else say("audit.skipped.no_figures"),
            )
        grids += found
        for grid in found:
            read.unreadable += [
                problem(
                    "audit.A01.figure", say("audit.measure.figure"), place=each.place, found=each.text, said=each.reason
                )
                for each in grid.unread
            ]
    return grids


def _checks(read: Read, grids: Sequence[Grid]) -> list[Check]:
    rows = read.rows
    parts = (product_checks, sum_checks, ratio_checks, stock_checks, agreement_checks, sense_checks)
    found = [check for check_all in parts for check in check_all(rows)] + list(checks_of(grids))
    return list({(check.verdict, check.cells, check.arithmetic): check for check in found}.values())


# causes that several findings share -----------------------------------------------------------------------------------

_FEWEST_FOR_A_SYSTEM = 4
_SHARE_OF_ONE_SIDE = Fraction(4, 5)


def _with_common_causes(checks: Sequence[Check]) -> list[Check]:
    """One cell that mends several sums is the likely culprit; products that are all off to one side were made from
    other inputs.
    """
    failed = [check for check in checks if check.verdict == "fails" and check.comparison]
    causes = {**_systematic(failed), **_one_cell(failed)}
    return [check.because(causes[id(check)]) if id(check) in causes else check for check in checks]


def _one_cell(failed: Sequence[Check]) -> dict[int, Cause]:
    by_figure: dict[str, list[tuple[Check, Figure, Interval]]] = defaultdict(list)
    for check in failed:
        if check.comparison is None or check.kind != "sum":
            continue
        for figure in dict.fromkeys((check.comparison.figure, *check.comparison.parts)):
            needed = wanted(check.comparison, figure)
            if needed is not None:
                by_figure[figure.place].append((check, figure, needed))
    causes: dict[int, Cause] = {}
    for entries in by_figure.values():
        low, high = max(needed.low for *_, needed in entries), min(needed.high for *_, needed in entries)
        if len(entries) < 2 or low > high:
            continue
        figure = entries[0][1]
        value = f"{float((low + high) / 2):.10g}"
        said = say("audit.cause.cell", value=value, printed=figure.printed.text, place=figure.place, count=len(entries))
        causes.update({id(check): Cause("cell", said) for check, *_ in entries})
    return causes


def _systematic(failed: Sequence[Check]) -> dict[int, Cause]:
    by_table: dict[str, list[Check]] = defaultdict(list)
    for check in failed:
        if (
            check.comparison
            and check.kind == "product"
            and check.units_off
            and (check.cause is None or check.cause.id in ("digit", "rounding"))
        ):
            by_table[check.comparison.row.table].append(check)
    causes: dict[int, Cause] = {}
    for checks in by_table.values():
        high = [check for check in checks if check.units_off > 0]
        side = max((high, [check for check in checks if check.units_off < 0]), key=len)
        if len(side) < _FEWEST_FOR_A_SYSTEM or len(side) < len(checks) * _SHARE_OF_ONE_SIDE:
            continue
        said = say(f"audit.cause.{'above' if side is high else 'below'}", count=len(side))
        causes.update({id(check): Cause("systematic", said) for check in side})
    return causes
