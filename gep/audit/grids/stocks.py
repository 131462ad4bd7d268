"""Stocks within a grid: what there was at the start, with what came and less what went, is what there is at the end.

| 期初面积 | 100 |     lines down or across, for one kind of land or for many; years may stand for opening and closing
| 增加     |  10 |
| 减少     |   4 |
| 期末面积 | 106 |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby, pairwise

from gep.audit.figures import Figure
from gep.audit.findings import Check, Comparison
from gep.audit.grids.grid import Grid, Line
from gep.audit.grids.totals import AXES, View, parts_named
from gep.audit.grids.unsaid import SHARE_OF_LINES
from gep.audit.grids.words import has, order_of_time
from gep.audit.printed import Interval, total
from gep.audit.stocks import ADDITION, NET_CHANGE, REDUCTION
from gep.core.messages import say

_HALF = Fraction(1, 2)
_FEWEST_OF_A_RUN = 3
"""Of so many flows that stand together the first may be the sum of the others."""


def flow_sign(line: Line) -> int:
    """Whether the words of a line say that it adds, 1, or takes away, -1; 0 for neither, and for a net change."""
    words = line.names[-1].text if line.names and line.names[-1].text else line.label.rpartition(" / ")[2]
    if NET_CHANGE.search(words) or line.role not in ("", "change") or line.total:
        return 0
    return bool(ADDITION.search(words)) - bool(REDUCTION.search(words))


def are_flows(lines: Sequence[Line]) -> bool:
    """Whether lines of an account say what came and what went: these are no changes from one time to another."""
    return {1, -1} <= {flow_sign(line) for line in lines}


@dataclass(frozen=True)
class _Account:
    """The lines of an opening, of a closing, and of what lies between, each with its sign (0: not said)."""

    opening: int
    closing: int
    flows: tuple[tuple[int, int], ...]
    net: tuple[int, ...]

    @property
    def runs(self) -> list[list[tuple[int, int]]]:
        """The flows of one sign that stand together."""
        return [list(run) for _, run in groupby(self.flows, key=lambda flow: flow[1])]

    @property
    def readings(self) -> list[tuple[tuple[int, int], ...]]:
        """All flows; or of several of one sign that stand together the first, which may be the sum of the others; or
        the others.
        """
        if all(len(run) < _FEWEST_OF_A_RUN for run in self.runs):
            return [self.flows]
        firsts = tuple(flow for run in self.runs for flow in (run[:1] if len(run) >= _FEWEST_OF_A_RUN else run))
        others = tuple(flow for run in self.runs for flow in (run[1:] if len(run) >= _FEWEST_OF_A_RUN else run))
        return [firsts, others, self.flows]


def stock_checks(grid: Grid) -> Iterator[Check]:
    """Every account of a grid that should close."""
    if grid.is_transition:
        return
    for axis in AXES:
        view = View(grid, axis)
        if not are_flows(view.lines):
            continue
        for account in _accounts(view):
            yield from _checks(view, account)


def _accounts(view: View) -> Iterator[_Account]:
    """The accounts of each group of lines, in order: a closing is the next opening."""
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, line in enumerate(view.lines):
        if line.role in ("", "change"):
            groups[tuple(name.text for name in line.names[:-1])].append(number)
    for numbers in groups.values():
        ends = [number for number in numbers if _is_end(view.lines[number])]
        between = [number for number in numbers if number not in ends and not view.lines[number].total]
        pairs = [(a, b) for a, b in pairwise(ends) if any(a < flow < b for flow in between)]
        if not pairs and len(ends) == 2:
            pairs = [(ends[0], ends[1])]
        for opening, closing in pairs:
            mine = [number for number in between if len(pairs) == 1 or opening < number < closing]
            net = tuple(number for number in mine if NET_CHANGE.search(view.lines[number].label.rpartition(" / ")[2]))
            flows = tuple((number, flow_sign(view.lines[number])) for number in mine if number not in net)
            if {1, -1} <= {sign for _, sign in flows} and _are_ends(view.lines[opening], view.lines[closing]):
                yield _Account(opening, closing, flows, net)


def _is_end(line: Line) -> bool:
    """Whether a line is a stock at one time."""
    return not line.role and len(line.times) == 1 and not line.total and not flow_sign(line)


def _are_ends(opening: Line, closing: Line) -> bool:
    """Whether one line is of the start and the other of the end: opening and closing of one year, or one year and a
    later one.
    """
    if opening.times == closing.times:
        return has("time", "before", opening.label) and has("time", "after", closing.label)
    return order_of_time(opening.times) < order_of_time(closing.times)


def _checks(view: View, account: _Account) -> Iterator[Check]:
    found = [
        [_balance(view, account, reading, across) for reading in account.readings]
        for across in range(len(view.across))
        if view.figure(account.opening, across) and view.figure(account.closing, across)
    ]
    rows = [[each for each in readings if each is not None] for readings in found]
    held = [sum(readings[at].holds for readings in rows if len(readings) > at) for at in range(len(account.readings))]
    is_said = all(sign for _, sign in account.flows) and len(account.readings) == 1
    best = max(range(len(held)), key=lambda at: held[at])
    is_kept = is_said or (held[best] > 1 and held[best] >= len(rows) * _HALF)
    for readings in filter(None, rows):
        holding = next((each for each in readings if each.holds), None)
        nearest = holding or (readings[best] if best < len(readings) else readings[0])
        if holding or is_kept:
            yield nearest.check()
        else:
            names = [view.lines[number].label for number, _ in account.flows]
            yield nearest.check(verdict="cannot_tell", why=say("audit.balance.unknown_signs", names=names))
    for net in account.net:
        for across in range(len(view.across)):
            if is_kept and (change := _net(view, account, net, account.readings[best], across)) is not None:
                yield change.check()
    if is_kept and len(account.readings) > 1 and best != len(account.readings) - 1:
        for run in account.runs:
            yield from _kept_in_most(_first_of(view, run, across) for across in range(len(view.across)))


def _first_of(view: View, run: Sequence[tuple[int, int]], across: int) -> Comparison | None:
    """The first of several flows of one sign beside the sum of the others: additions, managed and unmanaged."""
    first, *others = [_in_unit(view, number, across) for number, _ in run]
    parts = [figure for figure in others if figure is not None]
    if first is None or len(run) < _FEWEST_OF_A_RUN or not parts:
        return None
    row, shown = view.grid.address(*view.at(run[0][0], across)), " + ".join(part.printed.text for part in parts)
    made = total([part.interval for part in parts])
    return Comparison("sum", row, first, made, tuple(parts), shown, parts_named(len(parts), "name"))


def _kept_in_most(found: Iterable[Comparison | None]) -> Iterator[Check]:
    """Comparisons that most lines across keep."""
    compared = [each for each in found if each is not None]
    held = sum(each.holds for each in compared)
    if held > 1 and held >= len(compared) * SHARE_OF_LINES:
        yield from (each.check() for each in compared)


def _signed(
    view: View, flows: Sequence[tuple[int, int]], across: int
) -> tuple[list[Interval], list[Figure], str] | None:
    """Flows with their signs: what takes away is printed with or without a minus. None where one is not to be read."""
    printed = [(_in_unit(view, number, across), sign, number) for number, sign in flows]
    if any(figure is None and view.at(number, across) in view.grid.unread_at for figure, _, number in printed):
        return None
    parts = [(figure, -1 if sign < 0 and figure.printed.value > 0 else 1) for figure, sign, _ in printed if figure]
    shown = " ".join(
        f"{'-' if figure.printed.value * sign < 0 else '+'} {figure.printed.text.lstrip('-')}" for figure, sign in parts
    )
    return [figure.interval * Interval.exact(sign) for figure, sign in parts], [figure for figure, _ in parts], shown


def _in_unit(view: View, line: int, across: int) -> Figure | None:
    """A figure; one that prints no unit is in that which the only other one of the account prints."""
    figure = view.figure(line, across)
    if figure is None or figure.unit.text:
        return figure
    others = (view.figure(other, across) for other in range(len(view.lines)) if not view.lines[other].role)
    units = {other.unit.text: other.unit for other in others if other is not None and other.unit.text}
    return replace(figure, unit=next(iter(units.values()))) if len(units) == 1 else figure


def _balance(view: View, account: _Account, flows: Sequence[tuple[int, int]], across: int) -> Comparison | None:
    opening, closing = _in_unit(view, account.opening, across), _in_unit(view, account.closing, across)
    signed = _signed(view, flows, across)
    if opening is None or closing is None or signed is None or not signed[1]:
        return None
    intervals, figures, shown = signed
    if any(figure.unit.kind != opening.unit.kind for figure in (*figures, closing)):
        return None
    row = view.grid.address(*view.at(account.closing, across))
    made, what = total([opening.interval, *intervals]), say("audit.balance.what")
    return Comparison("balance", row, closing, made, (opening, *figures), f"{opening.printed.text} {shown}", what)


def _net(view: View, account: _Account, net: int, flows: Sequence[tuple[int, int]], across: int) -> Comparison | None:
    """A net change beside what came less what went."""
    figure, signed = _in_unit(view, net, across), _signed(view, flows, across)
    if figure is None or signed is None or not signed[1]:
        return None
    intervals, figures, shown = signed
    if any(part.unit.kind != figure.unit.kind for part in figures):
        return None
    row, what = view.grid.address(*view.at(net, across)), say("audit.balance.changes")
    return Comparison("balance", row, figure, total(intervals), tuple(figures), shown, what)
