"""Which lines of a table are totals of which others: by words, and by arithmetic where words leave it open.

服务 A | 10          a total (合计) of all that stands beside it, a subtotal (小计) of what stands above it, a group
服务 B |  5          with a total of its own, a category above its services: each gives a relation with one or more
小计   | 15          readings, which sets of lines it may be the sum of
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gep.audit.grids.grid import Line

Additive = Callable[[int], "Sequence[object]"]


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
            series.setdefault((*line.series, line.unit), []).append(number)
    for numbers in series.values():
        seen: dict[tuple[int, tuple[tuple[int, ...], ...]], None] = {}
        for relation in _of_series(lines, numbers):
            key = (relation.total, relation.readings)
            if key not in seen and relation.readings:
                seen[key] = None
                yield relation


def _of_series(lines: Sequence[Line], numbers: Sequence[int]) -> Iterator[Relation]:
    depth = max((len(lines[number].names) for number in numbers), default=0)
    levels = [level for level in range(depth) if not _is_constant(lines, numbers, level)]
    if not levels:
        return
    entries = [_Entry(number, tuple(_name(lines[number], level) for level in levels)) for number in numbers]
    yield from _nested(entries, "")


@dataclass(frozen=True)
class _Entry:
    """A line with the names of the levels that tell lines apart: text, total, is_part, indent, is_category."""

    number: int
    names: tuple[tuple[str, str, bool, int, bool], ...]

    def text(self, level: int = 0) -> str:
        return self.names[level][0]

    def total(self, level: int = 0) -> str:
        return self.names[level][1]

    @property
    def is_part(self) -> bool:
        return any(name[2] for name in self.names)

    @property
    def is_category(self) -> bool:
        return self.names[-1][4]

    @property
    def indent(self) -> int:
        return max((name[3] for name in self.names), default=0)

    def inner(self) -> _Entry:
        return _Entry(self.number, self.names[1:])


def _name(line: Line, level: int) -> tuple[str, str, bool, int, bool]:
    if level >= len(line.names):
        return "", "", False, 0, False
    name = line.names[level]
    return name.text, name.total, name.is_part, name.indent, name.is_category


def _is_constant(lines: Sequence[Line], numbers: Sequence[int], level: int) -> bool:
    """Whether all lines say the same on a level, so that it tells nothing apart."""
    said = {_name(lines[number], level)[:2] for number in numbers}
    return len(said) == 1


def _nested(entries: Sequence[_Entry], of: str) -> Iterator[Relation]:
    """Relations of entries with one level, or more: groups within, then totals over groups."""
    if not entries:
        return
    if len(entries[0].names) == 1:
        yield from _flat(entries, of)
        return
    groups: dict[str, list[_Entry]] = {}
    totals: list[_Entry] = []
    for entry in entries:
        if entry.total() == "named":
            continue
        if entry.total():
            totals.append(entry)
        else:
            groups.setdefault(entry.text(), []).append(entry)
    heads: dict[str, _Entry] = {}
    for name, group in groups.items():
        inner = [entry.inner() for entry in group]
        head = next((entry for entry in group if _is_head(entry)), None)
        if head is not None:
            heads[name] = head
            parts = [entry for entry in inner if entry.number != head.number]
            if any(entry.total(0) == "" and entry.text(0) for entry in parts):
                yield from _with_total(head.number, parts, f"{of}group")
        yield from _nested([entry for entry in inner if head is None or entry.number != head.number], f"{of}in:")
    leaves = [entry for group in groups.values() for entry in group]
    by_inner: dict[tuple[tuple[str, str], ...], list[_Entry]] = {}
    for entry in leaves:
        by_inner.setdefault(tuple(name[:2] for name in entry.names[1:]), []).append(entry)
    for total in totals:
        inner_names = tuple(name[:2] for name in total.names[1:])
        readings: list[tuple[int, ...]] = []
        same = by_inner.get(inner_names, [])
        is_of_all = all(not text or word for text, word in inner_names)
        if same and (not is_of_all or len(same) == len(groups)):
            readings.append(tuple(entry.number for entry in same))
        if is_of_all:
            top = [heads.get(name) for name in groups]
            mixed = [
                entry.number
                for name, group in groups.items()
                for entry in ([heads[name]] if name in heads else [e for e in group if _is_leaf(e)])
            ]
            if mixed and any(top):
                readings.append(tuple(mixed))
            readings.append(tuple(entry.number for entry in leaves if _is_leaf(entry)))
        readings = [tuple(n for n in reading if n != total.number) for reading in readings]
        yield Relation(total.number, _unique(readings), f"{of}over:{len(total.names)}:{is_of_all}")


def _is_head(entry: _Entry) -> bool:
    """Whether an entry is the total of its group: a total within it, or a group's name alone."""
    inner = entry.names[1:]
    return any(name[1] in ("total", "subtotal") for name in inner) or not any(name[0] for name in inner)


def _is_leaf(entry: _Entry) -> bool:
    return not any(name[1] for name in entry.names) and not entry.is_part and not _is_head(entry)


def _with_total(total: int, parts: Sequence[_Entry], kind: str) -> Iterator[Relation]:
    inner = [entry for entry in parts if not any(name[1] for name in entry.names)]
    if inner and len(inner[0].names) == 1:
        top = _top_of(inner)
        yield Relation(total, _unique([tuple(top), tuple(entry.number for entry in inner if not entry.is_part)]), kind)
    elif inner:
        yield Relation(total, _unique([tuple(entry.number for entry in inner if not entry.is_part)]), kind)


def _flat(entries: Sequence[_Entry], of: str) -> Iterator[Relation]:
    """Entries of one level: subtotals of what stands above, categories of what stands below, totals of all."""
    entries = [entry for entry in entries if entry.total() != "named"]
    if not any(entry.total() for entry in entries) and not any(entry.is_category for entry in entries):
        return
    has_members = any(not entry.is_category and not entry.total() for entry in entries)
    nodes: list[_Entry] = []
    leaves: list[int] = []
    since: list[_Entry] = []
    category: _Entry | None = None
    members: list[_Entry] = []
    pending: list[Relation] = []
    for entry in entries:
        if entry.total() == "subtotal":
            of_category = category is not None and since == members
            readings = [tuple(_top_of(since))]
            pending.append(Relation(entry.number, _unique(readings), f"{of}subtotal"))
            nodes = [node for node in nodes if node not in since]
            nodes.append(entry)
            since = []
            if of_category:
                category, members = None, []
            continue
        if entry.total():
            continue
        if entry.is_category and has_members:
            if category is not None and members:
                pending.append(_category(category, members, of))
            category, members, since = entry, [], []
            nodes.append(entry)
            continue
        if category is not None:
            members.append(entry)
        else:
            nodes.append(entry)
        since.append(entry)
        if not entry.is_part:
            leaves.append(entry.number)
    if category is not None and members:
        pending.append(_category(category, members, of))
    yield from pending
    tops = tuple(_top_of(nodes))
    for entry in entries:
        if entry.total() == "total":
            indented = tuple(number for number in leaves)
            yield Relation(entry.number, _unique([tops, indented]), f"{of}total")


def _category(category: _Entry, members: Sequence[_Entry], of: str) -> Relation:
    return Relation(category.number, _unique([tuple(_top_of(members))]), f"{of}category")


def _top_of(entries: Sequence[_Entry]) -> list[int]:
    """The entries that are within none above them: no `of which`, none set in further than the one before."""
    found: list[int] = []
    least = min((entry.indent for entry in entries), default=0)
    for entry in entries:
        if not entry.is_part and entry.indent <= least:
            found.append(entry.number)
    return found


def _unique(readings: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    return tuple(dict.fromkeys(reading for reading in readings if reading))
