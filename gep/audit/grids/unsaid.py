"""Totals that no word says: a line with a year in place of a name, parents above their children."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from gep.audit.findings import digits_that_mend
from gep.audit.grids.grid import Line
from gep.audit.grids.totals import View, adds_up, readings_of
from gep.audit.grids.trees import Relation
from gep.audit.nesting import SHARP
from gep.audit.printed import total

FEWEST_LINES, SHARE_OF_LINES = 3, Fraction(3, 5)
"""An identity that no word says is taken as meant where it holds in so many lines, and so much of them."""
_FEWEST_NESTED = 4
_SHARP_ALONE, _SHARP_BESIDE, _SHARP_OF_ALL = 1000, 300, 30
"""That what one column shows is no chance: by itself; with another column or another such line beside it, where years
that are alike may be so by one chance; of all other lines of the table, in two columns.
"""


def inferred(view: View) -> list[Relation]:
    """A line with a year, or with nothing, in place of a name, at an end of lines with names, is tried as their sum."""
    found: list[Relation] = []
    for group in _groups(view.lines):
        if len(group) < 3:
            continue
        plain = [number for number in group if _is_nameless(view.lines[number])]
        named = [number for number in group if not _is_nameless(view.lines[number]) and not view.lines[number].total]
        if len(plain) != 1 or len(named) < 2 or any(view.lines[number].total for number in group):
            continue
        relation = Relation(plain[0], (tuple(named),), "inferred", is_inferred=True)
        held = [
            readings[0].comparison.holds
            for across in range(len(view.across))
            if (readings := readings_of(view, relation, across))
        ]
        if (
            sum(held) >= min(FEWEST_LINES, len(view.across))
            and sum(held) >= len(held) * SHARE_OF_LINES
            and sum(held) > 1
        ):
            found.append(relation)
    return found


def _is_nameless(line: Line) -> bool:
    return not line.role and not (line.names and line.names[-1].text)


def _groups(lines: Sequence[Line]) -> Iterator[list[int]]:
    """Lines that stand together: those of one outer name, in order."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, line in enumerate(lines):
        if line.role in ("", "change"):
            outer = tuple(name.text for name in line.names[:-1])
            groups.setdefault((outer, line.role), []).append(number)
    yield from groups.values()


# nested lines ---------------------------------------------------------------------------------------------------------


def nested(view: View, known: Sequence[Relation]) -> list[Relation]:
    """Lines that are the sum of those right below them, in two columns at least: parents before their children; else of
    those right above them.

    One column may be chance. In a table that has two such lines, others may be the sum of those below them in all
    columns but one, which fails; so may one that three columns show. In a table of three columns or two, those left
    must be so sharp that no chance makes them hold, and one digit must mend the one that fails.
    """
    numbers = [number for number, line in enumerate(view.lines) if line.role == "" and line.names]
    series = {view.lines[number].series for number in numbers}
    if known or any(line.total for line in view.lines) or len(series) != 1 or len(numbers) < _FEWEST_NESTED:
        return []
    columns = [across for across in range(len(view.across)) if _is_additive(view, numbers, across)]
    if len(columns) < 2:
        return []
    for order in (numbers, numbers[::-1]):
        if found := _parents(view, order, columns, failing=0):
            fewest = 1 if len(found) > 1 else FEWEST_LINES
            loose = _parents(view, order, columns, failing=1, fewest=fewest)
            return max(found, loose, _but_one_digit(view, order, columns, is_alone=False), key=len)
    for order in (numbers, numbers[::-1]):
        if found := _parents(view, order, columns, failing=1, fewest=FEWEST_LINES):
            return found
    return next(filter(None, (_but_one_digit(view, order, columns) for order in (numbers, numbers[::-1]))), [])


def _but_one_digit(
    view: View, numbers: Sequence[int], columns: Sequence[int], *, is_alone: bool = True
) -> list[Relation]:
    """The parents of a table of two or three columns, all of which hold but one, in which one digit is wrong."""
    if len(columns) > FEWEST_LINES:
        return []
    fewest = len(columns) - 1
    whole, others = numbers[0], numbers[1:]
    if fewest > 1 and _count_of_children(view, whole, others, columns, 1, fewest, _SHARP_OF_ALL) == len(others):
        return [Relation(whole, (tuple(sorted(others)),), "nested", is_inferred=True)]
    sharp = _SHARP_ALONE if is_alone and fewest == 1 else _SHARP_BESIDE
    return _parents(view, numbers, columns, failing=1, fewest=fewest, sharp=sharp)


def _parents(
    view: View, numbers: Sequence[int], columns: Sequence[int], *, failing: int, fewest: int = 1, sharp: int = SHARP
) -> list[Relation]:
    """From the end on, so that a parent is tried on what is left at the top."""
    found: list[Relation] = []
    top: list[int] = []
    for number in reversed(numbers):
        counts = (_count_of_children(view, number, top, columns, most, fewest, sharp) for most in range(failing + 1))
        if count := next(filter(None, counts), 0):
            found.append(Relation(number, (tuple(sorted(top[:count])),), "nested", is_inferred=True))
            del top[:count]
        top.insert(0, number)
    return found


def _is_additive(view: View, numbers: Sequence[int], across: int) -> bool:
    figures = [(number, view.figure(number, across)) for number in numbers]
    printed = [(number, figure) for number, figure in figures if figure is not None]
    return len(printed) * 2 > len(numbers) and all(
        adds_up(view.grid, view.at(number, across), figure) for number, figure in printed
    )


def _count_of_children(
    view: View, number: int, top: Sequence[int], columns: Sequence[int], failing: int, fewest: int, sharp: int
) -> int:
    """How many lines from the top on sum to a line, in so many columns at least and but for so many failing ones."""
    for count in range(2, len(top) + 1):
        held = {across: _sums_to(view, number, top[:count], across, sharp) for across in columns}
        known = [each for each in held.values() if each is not None]
        if len(known) > 1 and known.count(True) >= fewest and known.count(False) <= failing:
            wrong = [across for across in columns if held[across] is False]
            if sharp == SHARP or all(_one_digit_mends(view, number, top[:count], across) for across in wrong):
                return count
    return 0


def _one_digit_mends(view: View, number: int, parts: Sequence[int], across: int) -> bool:
    readings = readings_of(view, Relation(number, (tuple(parts),), "nested"), across)
    return bool(readings) and bool(digits_that_mend(readings[0].comparison))


def _sums_to(view: View, number: int, parts: Sequence[int], across: int, sharp: int) -> bool | None:
    whole = view.figure(number, across)
    figures = [figure for part in parts if (figure := view.figure(part, across)) is not None]
    if whole is None or len(figures) < 2:
        return None
    added = total([figure.interval for figure in figures])
    is_sharp = added.width * sharp <= abs(whole.interval.middle)
    return bool(is_sharp and added.meets(whole.interval))
