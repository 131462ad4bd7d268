"""Parts add up to their total: over ecosystems, categories, services, components, subregions, and identities that a
table itself shows.

A total is marked `ALL` (or by an indicator like `service total`). Its parts are printed in the same account for the
same region and year, in one source table. A list may be longer than what is printed: parts that fall short of the total
fail only where the list is known to be whole, because the total is marked as that of its table, because the lists of
its siblings are whole, or because less is lacking than any part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from gep.audit.figures import ALL, MEASURES, Figure, Row, is_all
from gep.audit.findings import Check, Comparison
from gep.audit.nesting import outermost
from gep.audit.printed import quotient, total
from gep.audit.ratios import shares_printed
from gep.core.messages import say

_SMALL_SHORTFALL = Fraction(1, 20)
"""A list that lacks less than its smallest part and less than this share of the total is taken as whole: what is
missing would be nothing.
"""
_FEWEST_KINDS_OF_LAND = 3
_LISTED = 12
"""So many parts are written out in an arithmetic."""


@dataclass(frozen=True)
class _Cell:
    """A figure of one measure and one kind of unit, with the row that it stands in."""

    row: Row
    figure: Figure
    measure: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.row.ecosystem, self.row.category, self.row.service


@dataclass(frozen=True)
class _Sum:
    """A total beside its parts, before it is judged."""

    total: _Cell
    parts: tuple[_Cell, ...]
    over: str

    @cached_property
    def comparison(self) -> Comparison:
        figures = tuple(part.figure for part in self.parts)
        computed = total([figure.interval for figure in figures])
        shown = " + ".join(figure.printed.text for figure in figures[:_LISTED]) + (
            " + …" if len(figures) > _LISTED else ""
        )
        what = say("audit.sum.parts", count=len(figures), parts=say(f"audit.parts.{self.over}"))
        return Comparison("sum", self.total.row, self.total.figure, computed, figures, shown, what)

    @property
    def siblings(self) -> tuple[str, ...]:
        """What lists of the same make share: they are whole together."""
        row = self.total.row
        marks = tuple("ALL" if is_all(name) else "one" for name in (row.ecosystem, row.category, row.service))
        return (
            row.account,
            self.over,
            self.total.measure,
            *marks,
            *self.parts[0].row.source_key,
            self.parts[0].row.family,
        )

    @property
    def is_short(self) -> bool:
        """Whether the parts leave something for a part that is not printed; with negative parts, either side does."""
        has_negative = any(part.figure.interval.low < 0 and part.figure.printed.value < 0 for part in self.parts)
        gap = self.total.figure.interval.gap(self.comparison.computed)
        return gap > 0 or (has_negative and gap != 0)

    @property
    def is_of_land(self) -> bool:
        """Whether it says how land is divided up: such a table has all of it."""
        return (
            len(self.parts) >= _FEWEST_KINDS_OF_LAND
            and self.total.figure.unit.kind == (("m^2",), ())
            and not self.total.row.service
        )

    @property
    def may_overlap(self) -> bool:
        """Whether parts are groups of units that may share some, each of them no more than the whole."""
        most = self.total.figure.interval.high
        return any(part.row.is_group_of_units for part in self.parts) and all(
            0 <= part.figure.interval.low <= most for part in self.parts
        )

    @property
    def lacks_next_to_nothing(self) -> bool:
        gap = abs(self.total.figure.interval.gap(self.comparison.computed))
        smallest = min(abs(part.figure.interval.middle) for part in self.parts)
        return (
            len(self.parts) > 1 and gap < smallest and gap < abs(self.total.figure.interval.middle) * _SMALL_SHORTFALL
        )


def sum_checks(rows: Sequence[Row]) -> Iterator[Check]:
    """Every total against its parts."""
    sums: list[_Sum] = []
    for group in _groups(rows):
        sums += [*_over_dimensions(group), *_over_indicators(group), *_over_subregions(group)]
    sums = list({(s.total.figure.place, tuple(p.figure.place for p in s.parts)): s for s in sums}.values())
    whole, unread = _whole_lists(sums), _unread(rows)
    agreeing = _agreeing_lists(sums) | _shared_lists(sums, rows) | _last_lists(sums)
    settled = {s.total.figure.place for s in sums if s.comparison.holds}
    for s in sums:
        is_whole = whole.get(s.siblings, False) or id(s) in agreeing
        check = _judged(s, is_whole=is_whole, is_settled=s.total.figure.place in settled, unread=unread)
        if len(s.parts) > 1 or check.verdict != "cannot_tell":  # that one part falls short of a total says nothing
            yield check


def _whole_lists(sums: Sequence[_Sum]) -> dict[tuple[str, ...], bool]:
    """Which lists are whole: most of those of the same make add up."""
    verdicts: dict[tuple[str, ...], list[bool]] = defaultdict(list)
    for s in sums:
        verdicts[s.siblings].append(s.comparison.holds)
    return {key: len(held) > 1 and sum(held) * 2 >= len(held) for key, held in verdicts.items()}


def _agreeing_lists(sums: Sequence[_Sum]) -> set[int]:
    """Lists over different things (ecosystems, services) that sum to the same for one total: they are whole, and the
    total is not theirs.
    """
    by_total: dict[str, list[_Sum]] = defaultdict(list)
    for s in sums:
        by_total[s.total.figure.place].append(s)
    return {
        id(s)
        for mine in by_total.values()
        for s in mine
        if any(
            t.over != s.over and len(t.parts) > 1 and t.comparison.computed.meets(s.comparison.computed) for t in mine
        )
    }


def _shared_lists(sums: Sequence[_Sum], rows: Sequence[Row]) -> set[int]:
    """Lists whose parts have shares beside them that are those of their sum: no part lacks."""
    shares = shares_printed(rows)

    def are_of_the_sum(s: _Sum) -> bool:
        whole = s.comparison.computed
        made = [(shares.get(part.figure.place), quotient(part.figure.interval, whole)) for part in s.parts]
        return len(made) > 1 and all(share and of and share.meets(of) for share, of in made)

    return {id(s) for s in sums if are_of_the_sum(s)}


def _last_lists(sums: Sequence[_Sum]) -> set[int]:
    """Lists of the only total of a table at a place and a time that does not add up, where two others at least do:
    subtotals below a grand total.
    """
    held: dict[tuple[object, ...], dict[str, bool]] = defaultdict(dict)
    for s in sums:
        totals = held[_table_of(s)]
        totals[s.total.figure.place] = totals.get(s.total.figure.place, False) or s.comparison.holds
    return {
        id(s)
        for s in sums
        if not (totals := held[_table_of(s)])[s.total.figure.place] and len(totals) - 1 == sum(totals.values()) > 1
    }


def _table_of(s: _Sum) -> tuple[object, ...]:
    row = s.total.row
    return (*row.source_key, *row.where, row.family, s.total.measure)


def _judged(s: _Sum, *, is_whole: bool, is_settled: bool, unread: set[tuple[object, ...]]) -> Check:
    comparison = s.comparison
    if comparison.holds:
        return comparison.check()
    row = s.parts[0].row
    if (*row.source_key, *row.where, s.total.measure) in unread:
        return comparison.check(verdict="cannot_tell", why=say("audit.sum.unread"))
    if s.may_overlap and not is_whole:
        return comparison.check(verdict="cannot_tell", why=say("audit.sum.may_overlap"))
    if not s.is_short:
        flat = [] if is_whole else _without_nested(s)
        if holding := next((each for each in flat if each.comparison.holds), None):
            return holding.comparison.check()
        if flat:
            return flat[0].comparison.check(verdict="cannot_tell", why=say("audit.sum.nested"))
        return comparison.check()
    same_table = s.total.row.source_key == row.source_key
    is_known = (
        is_whole
        or s.lacks_next_to_nothing
        or (same_table and (s.is_of_land or (s.total.row.is_marked_total and not is_settled)))
    )
    if is_known:
        return comparison.check()
    return comparison.check(verdict="cannot_tell", why=say("audit.sum.lacking", parts=say(f"audit.parts.{s.over}")))


def _without_nested(s: _Sum) -> list[_Sum]:
    """The parts without those that a neighbour sums up already, like broadleaf and coniferous forest under forest, in
    each way to see them so.
    """
    ways = outermost([part.figure.interval for part in s.parts])
    return [_Sum(s.total, tuple(s.parts[number] for number in way), s.over) for way in ways]


# groups ---------------------------------------------------------------------------------------------------------------


def _groups(rows: Sequence[Row]) -> list[list[_Cell]]:
    """Cells that may add up: one account, region, year, measure and kind of unit. What is said to be within another row
    is in it already.
    """
    groups: dict[tuple[object, ...], list[_Cell]] = defaultdict(list)
    for row in rows:
        if row.is_within_another or row.is_no_service:
            continue
        for measure in MEASURES:
            figure = row.figure(measure)
            if figure is None or (
                (measure == "price") != figure.unit.is_intensive
                and not (measure == "value" and figure.unit.is_intensive)
            ):
                continue
            if not figure.unit.is_intensive and not (
                figure.unit.is_additive and (figure.unit.text or measure == "value")
            ):
                continue
            kind: object = figure.unit.text if figure.unit.is_words else figure.unit.kind
            groups[row.account, row.region, row.year, measure, kind].append(_Cell(row, figure, measure))
    return list(groups.values())


def _unread(rows: Sequence[Row]) -> set[tuple[object, ...]]:
    """Tables and places of which a figure could not be read: what falls short there may be what is not read."""
    return {(*row.source_key, *row.where, measure) for row in rows for measure in row.unread}


def _over_dimensions(group: Sequence[_Cell]) -> Iterator[_Sum]:
    """Totals marked ALL over ecosystems, categories and services, within one subregion."""
    by_place: dict[str, list[_Cell]] = defaultdict(list)
    for cell in group:
        by_place[cell.row.subregion].append(cell)
    for cells in by_place.values():
        cells = _with_all_named(cells)
        for cell in cells:
            if ALL in cell.key:
                yield from _sums_of(cell, cells)


def _with_all_named(cells: Sequence[_Cell]) -> list[_Cell]:
    """A row without an ecosystem beside rows with one, in the same table, is the row of all of them."""
    told: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for cell in cells:
        told[(*cell.row.source_key, *cell.key[1:], cell.row.family)].add(cell.row.ecosystem)
    result = []
    for cell in cells:
        others = told[(*cell.row.source_key, *cell.key[1:], cell.row.family)]
        is_all_of_them = not cell.row.ecosystem and cell.row.service and ALL not in others and len(others) > 1
        result.append(replace(cell, row=replace(cell.row, ecosystem=ALL)) if is_all_of_them else cell)
    return result


def _sums_of(whole: _Cell, cells: Sequence[_Cell]) -> Iterator[_Sum]:
    ecosystem, _, service = whole.key
    is_intensive = whole.figure.unit.is_intensive
    for source in dict.fromkeys(cell.row.source_key for cell in cells):
        same = _of_the_family(whole, [cell for cell in cells if cell.row.source_key == source and cell is not whole])
        if ecosystem == ALL and not is_intensive:
            yield from _sum_over_ecosystems(whole, same)
        if service == ALL and whole.measure != "quantity":  # amounts of different services do not add up
            yield from _sum_over_services(whole, [c for c in same if ecosystem in (c.row.ecosystem, ALL)])


def _of_the_family(whole: _Cell, cells: Sequence[_Cell]) -> list[_Cell]:
    """What measures the same as a total: rows of its indicator; for a plain total, services whatever their indicators
    are called.
    """
    family = whole.row.family
    others = {cell.row.family for cell in cells if cell.key != whole.key}
    if family in others:
        return [cell for cell in cells if cell.row.family == family]
    if family:
        return []
    return list(cells) if len(others) == 1 else _service_figures(cells)


def _service_figures(cells: Sequence[_Cell]) -> list[_Cell]:
    """Components of several names under one service: they are the service together, so each counts once and
    none twice.
    """
    plain = [cell for cell in cells if not cell.row.family]
    have = {cell.key for cell in plain}
    return [
        *plain,
        *(cell for cell in cells if cell.row.family and cell.key not in have and cell.key[2] not in ("", ALL)),
    ]


def _sum_over_ecosystems(whole: _Cell, cells: Sequence[_Cell]) -> Iterator[_Sum]:
    """One part per ecosystem: the row printed for it, else the rows of its services where all services are told apart
    by ecosystem.
    """
    _, category, service = whole.key
    names = _without_compounds([c.row.ecosystem for c in cells if c.row.ecosystem not in (ALL, "")])
    printed = {c.row.ecosystem: c for c in cells if c.key[1:] == (category, service)}
    is_told_apart = not any(c.row.ecosystem == ALL and c.row.service not in (ALL, "") for c in cells)
    parts: list[_Cell] = []
    for name in names:
        if name in printed:
            parts.append(printed[name])
        elif service == ALL and is_told_apart:
            parts += [
                c
                for c in cells
                if c.row.ecosystem == name and c.row.service not in (ALL, "") and category in (ALL, c.row.category)
            ]
    if parts:
        yield _Sum(whole, tuple(parts), "ecosystems")


def _without_compounds(names: Sequence[str]) -> list[str]:
    """Ecosystems without those that name several of the others, like `forest and wetland`."""
    known = list(dict.fromkeys(names))
    return [name for name in known if sum(other in name for other in known if other != name) < 2]


def _sum_over_services(whole: _Cell, cells: Sequence[_Cell]) -> Iterator[_Sum]:
    ecosystem, category, _ = whole.key
    if category == ALL:
        parts = []
        names = [c.row.category for c in cells if c.row.category != ALL and c.row.service]
        for name in dict.fromkeys(names):
            mine = [c for c in cells if c.row.category == name]
            printed = [c for c in mine if c.row.service == ALL and c.row.ecosystem == ecosystem]
            parts += printed[:1] or _services(mine, ecosystem)
        if parts:
            has_categories = all(part.row.service == ALL for part in parts)
            yield _Sum(whole, tuple(parts), "categories" if has_categories else "services")
        return
    parts = _services([c for c in cells if c.row.category == category], ecosystem)
    if parts:
        yield _Sum(whole, tuple(parts), "services")


def _services(cells: Sequence[_Cell], ecosystem: str) -> list[_Cell]:
    """One part per service: the row of the ecosystem that is asked for, else (for all ecosystems) the rows of each."""
    parts: list[_Cell] = []
    for name in dict.fromkeys(c.row.service for c in cells if c.row.service not in (ALL, "")):
        mine = [c for c in cells if c.row.service == name]
        printed = [c for c in mine if c.row.ecosystem == ecosystem]
        parts += printed or [c for c in mine if c.row.ecosystem not in (ALL, "")]
    return parts


# components -----------------------------------------------------------------------------------------------------------


def _over_indicators(group: Sequence[_Cell]) -> Iterator[_Sum]:
    """Indicators under one service, or without a service, that add up to a row marked as their total."""
    by_key: dict[tuple[str, ...], list[_Cell]] = defaultdict(list)
    for cell in group:
        by_key[cell.row.subregion, *cell.key, *cell.row.source_key].append(cell)
    for cells in by_key.values():
        unit = cells[0].figure.unit
        if cells[0].measure == "quantity" and (unit.is_intensive or unit.above == ("m^2",)):
            continue
        wholes = [cell for cell in cells if cell.row.is_total_indicator and not is_all(cell.row.service)]
        parts = [cell for cell in cells if cell.row.family]
        if len(wholes) == 1 and parts and not any(_is_quotient(part) for part in parts):
            yield _Sum(wholes[0], tuple(parts), "components")


def _is_quotient(cell: _Cell) -> bool:
    return cell.figure.unit.is_intensive and cell.measure == "value"


# subregions -----------------------------------------------------------------------------------------------------------


def _over_subregions(group: Sequence[_Cell]) -> Iterator[_Sum]:
    """Subregions against the whole region, of one kind of subregion (`age class: …`) or plain names."""
    if group[0].figure.unit.is_intensive:
        return
    by_thing: dict[tuple[str, str, str, str, str], list[_Cell]] = defaultdict(list)
    of_region: dict[tuple[str, str, str], list[_Cell]] = defaultdict(list)
    for cell in group:
        thing = (cell.row.category, cell.row.service, cell.row.family)
        if not cell.row.subregion:
            of_region[thing].append(cell)
        else:
            by_thing[*thing, cell.row.ecosystem, cell.row.subregion_kind].append(cell)
    for (category, service, family, ecosystem, kind), cells in by_thing.items():
        wholes = [cell for cell in cells if cell.row.is_whole_region]
        if (
            not wholes and not kind
        ):  # without a total of their own: what is printed for the region, of the same or of all ecosystems
            wholes = [cell for cell in of_region[category, service, family] if cell.row.ecosystem in (ecosystem, ALL)]
        for source in dict.fromkeys(cell.row.source_key for cell in cells):
            parts = [c for c in cells if c.row.source_key == source and not c.row.is_whole_region]
            for whole in wholes if len(parts) > 1 else ():
                yield _Sum(whole, tuple(parts), "subregions")
