"""Which lines of a table are totals of which others: by words, and by arithmetic where words leave it open.

服务 A | 10          a total (合计) of all that stands beside it, a subtotal (小计) of what stands above it, a group
服务 B |  5          with a total of its own, a category above its services: each gives a relation with one or more
小计   | 15          readings, which sets of lines it may be the sum of
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from gep.audit.grids.grid import Line, Name
from gep.audit.grids.words import is_way


@dataclass(frozen=True)
class Relation:
    """A line that is the sum of others, each set of `readings` a way to understand of which.

    `kind` tells relations of one make: lists of one make are whole together. `is_inferred` says that no word does.
    """

    total: int
    readings: tuple[tuple[int, ...], ...]
    kind: str
    is_inferred: bool = False


def relations_of(lines: Sequence[Line]) -> Iterator[Relation]:
    """The relations of an axis, by the words of its lines; numbers are those of the lines."""
    series: dict[tuple[object, ...], list[int]] = {}
    for number, line in enumerate(lines):
        if line.role in ("", "change"):
            series.setdefault((*line.series, _unit_of(line, lines)), []).append(number)
    yield from _over_years(lines, series.values())
    for numbers in series.values():
        seen: dict[tuple[int, tuple[tuple[int, ...], ...]], None] = {}
        for relation in _of_series(lines, numbers):
            key = (relation.total, relation.readings)
            if key not in seen and relation.readings:
                seen[key] = None
                yield relation


def _unit_of(line: Line, lines: Sequence[Line]) -> str:
    """The unit of a line; of one without, that of its series, where that has one."""
    units = {other.unit for other in lines if other.series == line.series} - {""}
    return line.unit or line.unit_above or (next(iter(units)) if len(units) == 1 else "")


def _over_years(lines: Sequence[Line], series: Iterable[Sequence[int]]) -> Iterator[Relation]:
    """A total without a year beside lines with one each may be that of the years."""
    alone = [numbers[0] for numbers in series if len(numbers) == 1]
    years = [number for number in alone if len(lines[number].times) == 1 and not lines[number].total]
    for number in alone:
        if lines[number].total and not lines[number].times and len(years) > 1:
            yield Relation(number, (tuple(years),), "years", is_inferred=True)


def _of_series(lines: Sequence[Line], numbers: Sequence[int]) -> Iterator[Relation]:
    depth = max((len(lines[number].names) for number in numbers), default=0)
    levels = [level for level in range(depth) if not _is_constant(lines, numbers, level)]
    if not levels:
        return
    entries = [_Entry(number, tuple(_name(lines[number], level) for level in levels)) for number in numbers]
    yield from _nested(entries, "")


@dataclass(frozen=True)
class _Entry:
    """A line with its names on the levels that tell lines apart."""

    number: int
    names: tuple[Name, ...]

    @property
    def text(self) -> str:
        return self.names[0].text

    @property
    def total(self) -> str:
        """Whether it is a total of its level: by its name there, or by the first further in where it has none there."""
        return next((name.total for name in self.names if name.text), "")

    @property
    def is_part(self) -> bool:
        return any(name.is_part for name in self.names)

    @property
    def is_less(self) -> bool:
        return any(name.is_less for name in self.names)

    @property
    def is_net(self) -> bool:
        return any(name.is_net for name in self.names)

    @property
    def is_category(self) -> bool:
        return self.names[-1].is_category

    @property
    def indent(self) -> int:
        return max((name.indent for name in self.names), default=0)

    @property
    def inner_texts(self) -> list[str]:
        return [name.text for name in self.names[1:]]

    def inner(self) -> _Entry:
        return _Entry(self.number, self.names[1:])


_NAMELESS = Name("", "")


def _name(line: Line, level: int) -> Name:
    return line.names[level] if level < len(line.names) else _NAMELESS


def _is_constant(lines: Sequence[Line], numbers: Sequence[int], level: int) -> bool:
    """Whether all lines say the same on a level, so that it tells nothing apart."""
    names = [_name(lines[number], level) for number in numbers]
    return len({(name.text, name.total) for name in names}) == 1


def _nested(entries: Sequence[_Entry], of: str) -> Iterator[Relation]:
    """Relations of entries with one level, or more: groups within, then totals over groups."""
    if not entries:
        return
    if len(entries[0].names) == 1:
        yield from _flat(entries, of)
        return
    groups: dict[str, list[_Entry]] = {}
    for entry in entries:
        if not entry.total:
            groups.setdefault(entry.text, []).append(entry)
    heads: dict[str, _Entry] = {}
    for name, group in groups.items():
        head = next((entry for entry in group if _is_head(entry)), None)
        parts = [entry.inner() for entry in group if entry is not head]
        if head is not None:
            heads[name] = head
            yield from _with_total(head.number, parts, f"{of}group")
        yield from _nested(parts, f"{of}in:")
    for entry in entries:
        if entry.total == "total" and groups and all(is_way(name) for name in groups):
            for group in groups.values():
                yield Relation(entry.number, _unique([_top_of(group)]), f"{of}way")
        elif entry.total == "total":
            yield _over_groups(entry, groups, heads, of)
        elif entry.total:
            yield from _of_those_above(entry, entries, of)


def _over_groups(
    total: _Entry, groups: Mapping[str, Sequence[_Entry]], heads: Mapping[str, _Entry], of: str
) -> Relation:
    """The total of all groups: of what has its inner names in each of them, of their totals, of all that is in them."""
    leaves = [entry for group in groups.values() for entry in group]
    inner = total.inner_texts
    is_of_all = all(name.total or not name.text for name in total.names[1:])
    same = [entry.number for entry in leaves if entry.inner_texts == inner]
    readings: list[Sequence[int]] = []
    if same and (not is_of_all or len(same) == len(groups)):
        readings.append(same)
    if is_of_all:
        inside = {name: [heads[name]] if name in heads else list(filter(_is_leaf, groups[name])) for name in groups}
        if heads:
            readings.append([entry.number for group in inside.values() for entry in group])
        readings.append([entry.number for entry in leaves if _is_leaf(entry)])
        named = {name: [entry for entry in group if entry.names[-1].total == "named"] for name, group in groups.items()}
        if any(named.values()):  # all of a category, what is not shown too
            readings.append([e.number for name, group in inside.items() for e in named[name][-1:] or group])
    return Relation(total.number, _unique(readings), f"{of}over:{len(total.names)}:{is_of_all}")


def _of_those_above(subtotal: _Entry, entries: Sequence[_Entry], of: str) -> Iterator[Relation]:
    """A subtotal over groups is of what stands between it and the total above it; one with a name of its own may be."""
    above: list[_Entry] = []
    for entry in entries[: entries.index(subtotal)]:
        above = [] if entry.total else [*above, entry]
    is_named = subtotal.total == "named"
    if parts := tuple(entry.number for entry in above if _is_leaf(entry)):
        yield Relation(subtotal.number, (parts,), f"{of}{subtotal.total}", is_inferred=is_named)


def _is_head(entry: _Entry) -> bool:
    """Whether an entry is the total of its group: a total within it, or a group's name alone."""
    inner = entry.names[1:]
    return any(name.total in ("total", "subtotal") for name in inner) or not any(name.text for name in inner)


def _is_leaf(entry: _Entry) -> bool:
    """Whether it is of one thing, and no total, category or part of another."""
    is_whole = any(name.total for name in entry.names) or (len(entry.names) > 1 and _is_head(entry))
    return not (is_whole or entry.is_part or entry.is_category)


def _with_total(total: int, parts: Sequence[_Entry], kind: str) -> Iterator[Relation]:
    """A group with a total of its own; where it has one level, also without what is set in further."""
    leaves = [entry for entry in parts if not any(name.total for name in entry.names)]
    readings = [[entry.number for entry in leaves if not entry.is_part]]
    if leaves and len(leaves[0].names) == 1:
        readings.insert(0, _top_of(leaves))
    if _unique(readings):
        yield Relation(total, _unique(readings), kind)


def _flat(entries: Sequence[_Entry], of: str) -> Iterator[Relation]:
    """Entries of one level: subtotals of what stands above, categories of what stands below, totals of all."""
    yield from _set_in(entries, of)
    nets = list(_nets(entries, of))
    yield from nets
    left = {relation.total for relation in nets}
    entries = [entry for entry in entries if entry.number not in left or entry.total]
    tops, _ = _tops(entries, of)
    yield from _tops(list(_up_to_the_total(entries)), of)[1]
    leaves = [entry.number for entry in entries if _is_leaf(entry)]
    named = [entry.number for entry in entries if entry.total == "named"]
    for entry in entries:
        if entry.total == "total":
            before = [other.number for other in entries[: entries.index(entry)] if _is_leaf(other)]
            since: list[int] = []  # the total before it
            for other in entries[: entries.index(entry)]:
                since = [] if other.total == "total" else [*since, other.number] if _is_leaf(other) else since
            readings = [
                tops,
                leaves,
                [*tops, *named],
                named,
                before,
                since,
            ]  # what stands below a total may be beside it
            yield Relation(entry.number, _unique(readings), f"{of}total")
        elif entry.total == "named":
            said = _of_all_but(entry, entries, tops)
            yield from [Relation(entry.number, said, f"{of}all but")] if said else _of_those_above(entry, entries, of)


_BUT = re.compile(r"[(\[].*?(without|excluding|excl\.?|except|w/o|不含|不包括|不计)\s*(.+)", re.IGNORECASE)
_WITH = re.compile(r"[(\[].*?(with|including|incl\.?|含|包括)\s*(.+)", re.IGNORECASE)


def _of_all_but(total: _Entry, entries: Sequence[_Entry], tops: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """What a total is of that says with or without which line: `Total (excluding fossil fuels)`, 合计（不含文化）."""
    texts = [name.text for name in total.names]
    match = next((found for text in texts if (found := _BUT.search(text) or _WITH.search(text))), None)
    plain = [entry for entry in entries if not entry.total and not entry.is_part]
    leaves = [entry for entry in plain if _is_leaf(entry)] or plain
    named = {entry.number for entry in leaves if match and _are_alike(entry.text, match[2])}
    if match is None or not named or len(leaves) - len(named) < 2:
        return ()
    left_out = named if any(_BUT.search(text) for text in texts) else set()
    lists = ([entry.number for entry in leaves], tops)
    return _unique([[number for number in numbers if number not in left_out] for numbers in lists])


def _are_alike(name: str, text: str) -> bool:
    first, second = (re.sub(r"[\s()（）]+", " ", each).strip().lower() for each in (name, text))
    return bool(first) and (first in second or second in first)


def _up_to_the_total(entries: Sequence[_Entry]) -> Iterator[_Entry]:
    """The entries to the first total that has some above it: it closes what stands there."""
    for at, entry in enumerate(entries):
        yield entry
        if at and entry.total == "total":
            return


def _nets(entries: Sequence[_Entry], of: str) -> Iterator[Relation]:
    """What is left when lines that say less are taken from what stands above them: from the line before them, from the
    total before them, from all.
    """
    for at, entry in enumerate(entries):
        run = list(takewhile(lambda other: other.is_less, reversed(entries[:at])))
        above = entries[: at - len(run)]
        if not run or not above or entry.is_less or not (entry.is_net or at + 1 == len(entries)):
            continue
        less = [other.number for other in reversed(run)]
        totals = [other.number for other in above if other.total == "total"]
        leaves = [other.number for other in above if _is_leaf(other)]
        readings = [[above[-1].number, *less], [*totals[-1:], *less], [*leaves, *less]]
        if entry.is_net or not entry.total:
            yield Relation(entry.number, _unique(readings), f"{of}net", is_inferred=not entry.is_net)


def _set_in(entries: Sequence[_Entry], of: str) -> Iterator[Relation]:
    """A line with others below it that are set in further, or are said to be of it: these need not be all of it,
    and that those of another line are says nothing.
    """
    for at, entry in enumerate(entries):
        rest = entries[at + 1 :]
        below = rest[: next((i for i, other in enumerate(rest) if other.indent <= entry.indent), len(rest))]
        least = min((other.indent for other in below), default=0)
        parts = [other.number for other in below if other.indent == least and not other.is_part and not other.total]
        if len(parts) > 1 and not entry.total:
            yield Relation(entry.number, (tuple(parts),), f"{of}set in")
        of_which = [other.number for other in takewhile(lambda other: other.is_part, rest)]
        is_whole = not entry.total or not any(map(_is_leaf, entries))  # a total of which only parts are printed
        if len(of_which) > 1 and not entry.is_part and is_whole:
            yield Relation(entry.number, (tuple(of_which),), f"{of}of which {entry.number}", is_inferred=True)


def _tops(entries: Sequence[_Entry], of: str) -> tuple[list[int], list[Relation]]:
    """What the total of a list is of, its own subtotals and categories in place of their parts; and their relations."""
    has_members = any(_is_leaf(entry) for entry in entries)
    nodes: list[_Entry] = []
    since: list[_Entry] = []  # what the next subtotal is of
    category: _Entry | None = None
    members: list[_Entry] = []
    relations: list[Relation] = []

    def close() -> None:
        if category is not None and members:
            relations.append(_category(category, members, of))

    for entry in entries:
        if entry.total == "subtotal":
            relations.append(Relation(entry.number, _unique([_top_of(since)]), f"{of}subtotal"))
            if category is not None and since == members:
                close()
                category, members = None, []
            else:
                nodes = [*(node for node in nodes if node not in since), entry]
            since = []
        elif entry.is_category and has_members and not entry.total:
            close()
            category, members, since = entry, [], []
            nodes.append(entry)
        elif not entry.total:
            (nodes if category is None else members).append(entry)
            since.append(entry)
    close()
    return _top_of(nodes), relations


def _category(category: _Entry, members: Sequence[_Entry], of: str) -> Relation:
    parts = _unique([tuple(_top_of(members))])
    is_alone = len(members) == 1  # one service below a category may be its example
    return Relation(category.number, parts, f"{of}category", is_alone)


def _top_of(entries: Sequence[_Entry]) -> list[int]:
    """The entries that are within none above them: no `of which`, none set in further than the one before."""
    found: list[int] = []
    least = min((entry.indent for entry in entries), default=0)
    for entry in entries:
        if not entry.is_part and entry.indent <= least:
            found.append(entry.number)
    return found


def _unique(readings: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(dict.fromkeys(tuple(reading) for reading in readings if reading))
