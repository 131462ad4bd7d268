"""Shares, changes, rates, densities and means within a grid: every quotient and difference that is printed, against
the figures that it is made of.

Which of several ways a table means (a share of the row or of the column, a change over a period or per year) is what
most of its cells keep; a cell fails only where it fails under every way that is left.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from gep.audit.figures import Figure, read_unit
from gep.audit.findings import Check, Comparison
from gep.audit.grids.grid import Grid, Line
from gep.audit.grids.stocks import are_flows, flow_sign
from gep.audit.grids.totals import View
from gep.audit.grids.trees import relations_of
from gep.audit.grids.words import has, order_of_time, split_unit
from gep.audit.printed import Interval, quotient
from gep.core.messages import Text, say

Place = tuple[int, int]
Time = tuple[str, ...]
_ONE = Interval.exact(1)
_YEAR_LENGTH = 4


def quotient_checks(grid: Grid) -> Iterator[Check]:
    """Every printed quotient and difference of a grid."""
    index = _Index(grid)
    ways: dict[tuple[str, tuple[object, ...]], list[list[_Way]]] = defaultdict(list)
    for place, figure in grid.figures.items():
        if place in grid.spans:
            continue
        role = grid.role(*place)
        found: list[_Way] = []
        if role in ("share", "percent", "rate"):  # what is called a change may be a share
            found += _shares(index, place, figure)
        if role in ("rate", "percent"):
            found += _rates(index, place, figure)
        if role == "change" and index.is_flow(place) and grid.is_transition:
            found += _moved(index, place)
        elif role == "change" and not index.is_flow(place):
            found += _changes(index, place, figure)
        if role == "density" or (role == "" and figure.unit.is_intensive and grid.measure(*place) == "price"):
            found += _densities(index, place, figure)
        if role == "ratio":
            found += _named_ratio(index, place, figure)
        if found:
            by_row = bool(grid.rows[place[0]].role) and not grid.columns[place[1]].role
            line = grid.rows[place[0]] if by_row else grid.columns[place[1]]
            axis = "row" if by_row else "column"
            ways[f"{axis} of flows" if index.is_flow(place) else axis, line.series].append(found)
    for cells in ways.values():
        if not all(way.is_of_itself for found in cells for way in found):
            yield from _judged(cells)


def see_rates(grid: Grid) -> None:
    """What is called a change and prints no unit may be in percent, or a fraction: it is where more of its figures are
    the rate than the difference of what they lie between.
    """
    index = _Index(grid)
    for view in (View(grid, "rows"), View(grid, "columns")):
        for number, line in enumerate(view.lines):
            if line.role != "change" or split_unit(line.label.split(" / ")[-1])[1]:
                continue
            places = [view.at(number, across) for across in range(len(view.across))]
            figures = {place: grid.figures[place] for place in places if place in grid.figures}
            changes = sum(_any_holds(_changes(index, *cell)) for cell in figures.items())
            for unit in ("%", ""):
                rates = {place: replace(figure, unit=read_unit(unit)) for place, figure in figures.items()}
                grid.figures.update(rates)
                if sum(_any_holds(_rates(index, *cell)) for cell in rates.items()) > changes:
                    view.lines[number] = replace(line, role="rate", unit=unit)
                    break
                grid.figures.update(figures)


def _any_holds(ways: Iterator[_Way]) -> bool:
    """Whether a figure that is not nothing is what one of several ways makes it."""
    return any(way.comparison.holds and way.comparison.figure.printed.value != 0 for way in ways)


@dataclass(frozen=True)
class _Way:
    """One way to understand a printed quotient."""

    id: str
    comparison: Comparison
    is_of_itself: bool = False
    """Whether it is a share of what it is a share of."""


def _judged(cells: Sequence[Sequence[_Way]]) -> Iterator[Check]:
    held: dict[str, list[bool]] = defaultdict(list)
    for ways in cells:
        for way in ways:
            is_nothing = way.comparison.figure.printed.value == 0  # nothing of nothing fits every way and unit
            held[way.id].append(way.comparison.holds and not is_nothing)
    best = max(held, key=lambda name: sum(held[name]))
    left = [name for name in held if sum(held[name]) * 2 >= len(held[name]) and sum(held[name]) * 2 >= sum(held[best])]
    if not left and held[best] and any(held[best]) and not best.startswith("of "):
        left = [best]  # the words say what it is; only the figures disagree
    for ways in cells:
        holding = next((way for way in ways if way.comparison.holds and (way.id in left or not left)), None)
        if holding is not None:
            yield holding.comparison.check()
            continue
        mine = [way for way in ways if way.id in left]
        if mine:
            yield min(mine, key=lambda way: abs(way.comparison.units_off)).comparison.check()
        elif len(held) == 1 and len(cells) == 1:
            yield ways[0].comparison.check(verdict="cannot_tell", why=say("audit.quotient.one_way"))
        else:
            nearest = min(ways, key=lambda way: abs(way.comparison.units_off))
            yield nearest.comparison.check(verdict="cannot_tell", why=say("audit.quotient.no_way"))


class _Index:
    """The amounts of a grid by what they are of."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.amounts: dict[tuple[object, ...], list[Place]] = defaultdict(list)
        for place in grid.figures:
            if place not in grid.spans and grid.role(*place) == "":
                self.amounts[self.names(place)].append(place)

    def names(self, place: Place) -> tuple[object, ...]:
        """What a figure is of, a total of nothing."""
        return self.grid.rows[place[0]].key, self.grid.columns[place[1]].key

    def beside(self, place: Place) -> list[Place]:
        """Amounts of what a figure is of, whatever their time."""
        return self.amounts.get(self.names(place), [])

    @cached_property
    def times(self) -> tuple[tuple[str, ...], ...]:
        """The points in time that amounts of the table have, in order: before, years, none, after."""
        grid = self.grid
        found = {grid.times(*place) for places in self.amounts.values() for place in places}
        return tuple(sorted((time for time in found if len(time) < 2), key=order_of_time))

    def changes(self, place: Place) -> list[Place]:
        """What the thing of a figure changed by, in its row or its column."""
        beside = [at for at in self.grid.figures if at[0] == place[0] or at[1] == place[1]]
        return [at for at in beside if self.grid.role(*at) == "change"]

    def figure(self, place: Place) -> Figure:
        return self.grid.figures[place]

    def people(self, place: Place) -> Iterator[tuple[Place, Figure]]:
        """The numbers of people in the row or in the column of a figure, of its time."""
        grid, (row, column) = self.grid, place
        of_row = [(row, c) for c, line in enumerate(grid.columns) if line.role == "size"]
        of_column = [(r, column) for r, line in enumerate(grid.rows) if line.role == "size"]
        for at in (*of_row, *of_column):
            figure = grid.figures.get(at)
            if figure is None or not {grid.times(*at), ()} & {grid.times(*place), ()}:
                continue
            label = (grid.rows[at[0]] if grid.rows[at[0]].role == "size" else grid.columns[at[1]]).label
            many = figure.unit.text or "".join(re.findall(r"[(（]([^()（）]*)[)）]\s*$", label))
            unit = figure.unit if figure.unit.above else read_unit(f"{many} person")  # 人口(万), population (million)
            if unit.kind == (("person",), ()):
                yield at, replace(figure, unit=unit)

    def is_flow(self, place: Place) -> bool:
        """Whether a figure is what came or what went, in a table that prints both, or in a matrix from × to."""
        row, column = self.grid.rows[place[0]], self.grid.columns[place[1]]
        if self.grid.is_transition:
            return bool(flow_sign(row) or flow_sign(column))
        return bool((flow_sign(row) and self._have_flows[0]) or (flow_sign(column) and self._have_flows[1]))

    def groups_of(self, row: int) -> list[int]:
        """The rows that sum up a row and some others, and itself where it does: subtotals, categories."""
        return [*self._groups[row], *([row] if row in self._heads else [])]

    @cached_property
    def _groups(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for relation in relations_of(self.grid.rows):
            for part in dict.fromkeys(part for reading in relation.readings for part in reading):
                if relation.total not in found[part] and self.grid.rows[relation.total].total != "total":
                    found[part].append(relation.total)
        return found

    @cached_property
    def _heads(self) -> set[int]:
        return {head for heads in self._groups.values() for head in heads}

    @cached_property
    def _have_flows(self) -> tuple[bool, bool]:
        return are_flows(self.grid.rows), are_flows(self.grid.columns)


def _comparison(
    index: _Index, kind: str, place: Place, computed: Interval | None, parts: Sequence[Figure], formula: str, what: Text
) -> Comparison | None:
    if computed is None:
        return None
    figure = index.figure(place)
    if kind == "growth" and index.grid.role(*place) == "change" and not figure.unit.text:
        figure = replace(figure, unit=parts[0].unit)  # a difference is in the unit of what it is one of
    return Comparison(kind, index.grid.address(*place), figure, computed, tuple(parts), formula, what)


# shares ---------------------------------------------------------------------------------------------------------------


def _shares(index: _Index, place: Place, figure: Figure) -> Iterator[_Way]:
    """A share of the total of its row, of its column, or of both."""
    grid = index.grid
    label = (grid.rows[place[0]] if grid.rows[place[0]].role else grid.columns[place[1]]).label
    for part in [*_partners(index, place), *(index.changes(place) if has("mark", "contribution", label) else ())]:
        of_total = "" if grid.columns[place[1]].names else grid.columns[part[1]].total  # or of the amount beside it
        for way, whole in _wholes(index, part):
            computed = quotient(index.figure(part).interval, index.figure(whole).interval)
            formula = f"{index.figure(part).printed.text} / {index.figure(whole).printed.text}"
            comparison = _comparison(
                index,
                "share",
                place,
                computed,
                (index.figure(part), index.figure(whole)),
                formula,
                say("audit.share.what"),
            )
            if comparison is not None:
                of = "change" if grid.role(*part) else grid.measure(*part)
                yield _Way(f"{way} {of} {grid.times(*part)} {of_total}", comparison, whole == part)


def _partners(index: _Index, place: Place) -> list[Place]:
    """Amounts that a share may be of: of the same names, and of its time where it has one; where its line has no name,
    the amounts of the total or the only ones of its row.
    """
    grid, (row, column) = index.grid, place
    times = grid.times(*place)
    in_line = [at for at in index.beside(place) if at[0] == row or at[1] == column]
    same = [at for at in in_line if not times or grid.times(*at) == times]
    if not same:
        same = [at for at in index.beside(place) if grid.times(*at) == times]
    if (grid.columns[column].names or grid.rows[row].role) and (same or grid.role(*place) != "share"):
        return same
    of_row = [at for at in grid.figures if at[0] == row and grid.role(*at) == "" and at not in grid.spans]
    before = [at for at in of_row if at[1] < column and (not times or grid.times(*at) == times)]
    totals = [] if same else [at for at in of_row if grid.columns[at[1]].total]
    return list(dict.fromkeys([*before[-1:], *same, *totals]))


def _wholes(index: _Index, part: Place) -> Iterator[tuple[str, Place]]:
    """The totals that an amount may be a share of."""
    grid, (row, column) = index.grid, part
    of_all = [r for r, line in enumerate(grid.rows) if line.total == "total" and _same_series(line, grid.rows[row])]
    rows = list(dict.fromkeys([*of_all, *index.groups_of(row)]))
    columns = [c for c, line in enumerate(grid.columns) if line.total and _same_series(line, grid.columns[column])]
    own = index.figure(part)
    for way, places in (
        ("of column", [(r, column) for r in rows]),
        ("of row", [(row, c) for c in columns]),
        ("of all", [(r, c) for r in rows for c in columns if (r, c) != part]),
    ):
        for at in places:
            whole = grid.figures.get(at)
            if (
                whole is not None
                and whole.unit.kind == own.unit.kind
                and not whole.interval.low <= 0 <= whole.interval.high
            ):
                is_group = way == "of column" and at[0] not in of_all
                kind = "group" if is_group else grid.rows[at[0]].total if way == "of column" else ""
                yield f"{way} {kind}", at


def _same_series(line: Line, other: Line) -> bool:
    return line.series[:3] == other.series[:3]


# changes and rates ----------------------------------------------------------------------------------------------------


def _ends(index: _Index, place: Place) -> Iterator[tuple[str, Place, Place, int]]:
    """The two figures that a change lies between, and the years between them."""
    grid = index.grid
    if grid.is_transition:
        yield from _ends_of_matrix(grid, place)
        return
    times = grid.times(*place)
    line, across = grid.rows[place[0]], grid.columns[place[1]]
    own = [line.times if line.role else across.times] if line.role or across.role else [times]
    period = next((each for each in own if len(each) == 2), times if len(times) == 2 else None)
    since = line.since or across.since
    beside = index.beside(place)
    if measure := line.measure if line.role else across.measure:
        beside = [at for at in beside if grid.measure(*at) == measure] or beside
    if not beside and not grid.columns[place[1]].key:  # one thing in all columns, named beside its years only
        of_row = [at for at in grid.figures if at[0] == place[0] and not grid.role(*at)]
        beside = of_row if len({grid.columns[at[1]].key for at in of_row}) == 1 else []
    by_time: dict[tuple[str, ...], list[Place]] = defaultdict(list)
    for at in beside:
        if at[0] == place[0] or at[1] == place[1] or grid.rows[at[0]].key == grid.rows[place[0]].key:
            by_time[grid.times(*at)].append(at)
    pairs: list[tuple[Time, Time]]
    if since:
        later = [time for time in by_time if _are_years(time, time) and time[0] > since]
        pairs = [((since,), times)] if len(times) == 1 else [((since,), max(later))] if later else []
    elif period is not None:
        pairs = [((period[0],), (period[1],))]
    else:
        dated = [time for time in by_time if _are_years(time, time)]
        points = sorted(dated if len(dated) > 1 else by_time, key=order_of_time)
        pairs = list(pairwise(points)) if len(points) == 2 else _year_before(points, times)
    for first, last in pairs:
        for a in by_time.get(first, []):
            for b in by_time.get(last, []):
                if _alike(index, a, b, place):
                    years = int(last[0]) - int(first[0]) if _are_years(first, last) else 0
                    yield f"{grid.measure(*a)}", a, b, years


def _ends_of_matrix(grid: Grid, place: Place) -> Iterator[tuple[str, Place, Place, int]]:
    """What a matrix from × to changes a kind by: all that it was, in the totals of the one axis, and all that it is, in
    those of the other; which is which the figures say.
    """
    totals = [
        next((number for number, line in enumerate(lines) if line.total == "total" and not line.role), None)
        for lines in (grid.rows, grid.columns)
    ]
    names = grid.columns[place[1]].key or grid.rows[place[0]].key
    rows, columns = (
        [number for number, line in enumerate(lines) if line.key == names and not line.role]
        for lines in (grid.rows, grid.columns)
    )
    for row in rows if totals[1] is not None and totals[0] is not None else ():
        for column in columns:
            was, became = (row, totals[1]), (totals[0], column)
            if was in grid.figures and became in grid.figures:
                yield "forward", was, became, 0
                yield "backward", became, was, 0


def _moved(index: _Index, place: Place) -> Iterator[_Way]:
    """What of a kind went, or came: all that it was, or is, less what stayed, in a matrix from × to."""
    grid, (row, column) = index.grid, place
    is_row = bool(grid.columns[column].key)  # a line below the matrix, of what stands in each column
    names = grid.columns[column].key if is_row else grid.rows[row].key
    own = next((r for r, line in enumerate(grid.rows) if line.key == names and not line.role), None)
    across = next((c for c, line in enumerate(grid.columns) if line.key == names and not line.role), None)
    lines = grid.rows if is_row else grid.columns
    whole = next((number for number, line in enumerate(lines) if line.total == "total" and not line.role), None)
    if not names or own is None or across is None or whole is None:
        return
    total_at = (whole, across) if is_row else (own, whole)
    if (own, across) not in grid.figures or total_at not in grid.figures:
        return
    all_, stayed = index.figure(total_at), index.figure((own, across))
    formula, gap = f"{all_.printed.text} - {stayed.printed.text}", all_.interval - stayed.interval
    if comparison := _comparison(index, "growth", place, gap, (all_, stayed), formula, say("audit.growth.what")):
        yield _Way("moved", comparison)


def _year_before(points: Sequence[Time], times: Time) -> list[tuple[Time, Time]]:
    """Of several years, a change of one year is against the year before it."""
    if len(times) == 1 and times in points and points.index(times):
        return [(points[points.index(times) - 1], times)]
    return []


def _are_years(first: tuple[str, ...], last: tuple[str, ...]) -> bool:
    return all(each and each[0].isdigit() and len(each[0]) == _YEAR_LENGTH for each in (first, last))


def _alike(index: _Index, a: Place, b: Place, place: Place) -> bool:
    """Whether two amounts are of one kind and stand in one line with each other."""
    first, last = index.figure(a), index.figure(b)
    return (
        first.unit.kind == last.unit.kind
        and index.grid.measure(*a) == index.grid.measure(*b)
        and (a[0] == b[0] or a[1] == b[1])
        and any(end[0] == place[0] or end[1] == place[1] for end in (a, b))
    )


def _changes(index: _Index, place: Place, figure: Figure) -> Iterator[_Way]:
    for measure, a, b, years in _ends(index, place):
        first, last = index.figure(a), index.figure(b)
        if figure.unit.text and figure.unit.kind != first.unit.kind:
            continue
        gap = last.interval - first.interval
        formula = f"{last.printed.text} - {first.printed.text}"
        ways: list[tuple[str, Interval, str]] = [("change", gap, formula)]
        ways.append(("decrease", first.interval - last.interval, f"{first.printed.text} - {last.printed.text}"))
        if years > 1:
            ways.append(("yearly change", gap * Interval.exact(Fraction(1, years)), f"({formula}) / {years}"))
        for name, computed, text in ways:
            comparison = _comparison(index, "growth", place, computed, (first, last), text, say("audit.growth.what"))
            if comparison is not None:
                yield _Way(f"{name} {measure}", comparison)


def _rates(index: _Index, place: Place, figure: Figure) -> Iterator[_Way]:
    grid = index.grid
    for measure, a, b, years in _ends(index, place):
        first, last = index.figure(a), index.figure(b)
        ratio = quotient(last.interval, first.interval)
        if ratio is None:
            continue
        formula = f"{last.printed.text} / {first.printed.text} - 1"
        is_annual = grid.rows[place[0]].is_annual or grid.columns[place[1]].is_annual
        ways: list[tuple[str, Interval, str]] = [("rate", ratio - _ONE, formula)] if years < 2 or not is_annual else []
        if years > 1:
            yearly = (ratio - _ONE) * Interval.exact(Fraction(1, years))
            ways.append(("yearly rate", yearly, f"({formula}) / {years}"))
            if ratio.low > 0:
                root = Interval(_root(ratio.low, years, down=True) - 1, _root(ratio.high, years, down=False) - 1)
                ways.append(("yearly growth", root, f"({last.printed.text} / {first.printed.text})^(1/{years}) - 1"))
        for name, computed, text in ways:
            comparison = _comparison(index, "growth", place, computed, (first, last), text, say("audit.growth.what"))
            if comparison is not None:
                yield _Way(f"{name} {measure}", comparison)


def _root(value: Fraction, degree: int, *, down: bool) -> Fraction:
    """A root, rounded to the side that keeps the interval whole."""
    root = Fraction(float(value) ** (1 / degree))
    step = abs(root) * Fraction(1, 10**12)
    return root - step if down else root + step


_RATIO = re.compile(
    r"(?:the )?ratio of (.+) to (.+)|(.+) to (.+?) ratio|(.+) as (?:%|a share|a percentage|a proportion) of (.+)|"
    r"(.+?)(?:与|占|相当于)(.+?)的?(?:之比|比值?|比重|比例|百分比)?|(.+?)\s*[/-]\s*(.+)",
    re.IGNORECASE,
)


def _line_called(lines: Sequence[Line], name: str) -> int | None:
    """The line of a name; of GEP and GDP by any of theirs, where there is one."""
    labels = [split_unit(line.label)[0].lower() for line in lines]
    if name.lower() in labels:
        return labels.index(name.lower())
    found: list[int] = []
    if name.upper() == "GDP":
        found = [number for number, line in enumerate(lines) if line.role == "no_service"]
    elif name.upper() == "GEP":
        found = [number for number, line in enumerate(lines) if line.total == "total" and not line.role]
    return found[0] if len(found) == 1 else None


def _named_ratio(index: _Index, place: Place, figure: Figure) -> Iterator[_Way]:
    """A line that says of which two others it is the quotient: GEP/GDP."""
    grid, (row, column) = index.grid, place
    for lines, own, at in (
        (grid.rows, row, lambda number: (number, column)),
        (grid.columns, column, lambda number: (row, number)),
    ):
        match = _RATIO.fullmatch(split_unit(lines[own].label)[0].strip())
        named = [part for part in match.groups() if part] if match else ["GEP", "GDP"]
        numbers = [_line_called(lines, name.strip()) for name in named]
        first, second = (grid.figures.get(at(number)) if number is not None else None for number in numbers)
        if first is not None and second is not None and first.unit.kind == second.unit.kind:
            computed = quotient(first.interval, second.interval)
            formula, what = f"{first.printed.text} / {second.printed.text}", say("audit.share.what")
            if comparison := _comparison(index, "gdp", place, computed, (first, second), formula, what):
                yield _Way("named", comparison)


# densities ------------------------------------------------------------------------------------------------------------


def _densities(index: _Index, place: Place, figure: Figure) -> Iterator[_Way]:
    """An amount over an area or over people, of the same names and time; else one of its row whose unit fits."""
    grid = index.grid
    beside = [at for at in index.beside(place) if grid.times(*at) == grid.times(*place)]
    found = list(_quotients(index, place, figure, beside))
    if not found:
        of_row = [(place[0], column) for column in range(len(grid.columns)) if (place[0], column) in grid.figures]
        alike = [at for at in of_row if not grid.role(*at) and grid.times(*at) == grid.times(*place)]
        found = list(_quotients(index, place, figure, alike))
    yield from found


def _quotients(index: _Index, place: Place, figure: Figure, beside: Sequence[Place]) -> Iterator[_Way]:
    areas = [at for at in beside if index.figure(at).unit.kind == (("m^2",), ())]
    sizes = [*((at, index.figure(at)) for at in areas), *index.people(place)]
    amounts = [(at, index.figure(at)) for at in beside if index.figure(at).unit.above]
    for whole, amount in (*amounts, *index.people(place)):
        for at, size in sizes:
            over = amount.unit.over(size.unit)
            is_head = size.unit.above == ("person",)
            is_unsaid = is_head and bool(amount.unit.currency) and figure.unit.kind == amount.unit.kind  # 人均…(元)
            if at == whole or not (over.kind == figure.unit.kind or is_unsaid) or not _are_in_line(place, whole, at):
                continue
            computed = quotient(amount.interval, size.interval)
            what = say("audit.density.per_head" if is_head else "audit.density.per_area")
            formula = f"{amount} / {size}"
            comparison = _comparison(index, "density", place, computed, (amount, size), formula, what)
            if comparison is not None:
                name = index.grid.columns[whole[1]].key if whole[0] == place[0] else ()
                yield _Way(f"density {name} {size.unit.above}", comparison)


def _are_in_line(place: Place, whole: Place, size: Place) -> bool:
    """Whether a quotient stands in one line with what it is made of."""
    return any(whole[axis] == size[axis] == place[axis] for axis in (0, 1)) or (
        whole[0] == place[0] or whole[1] == place[1]
    )
