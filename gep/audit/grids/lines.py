"""Lines of a printed table from its headings and labels: of what each row and each column is.

A heading over several columns, a label over several rows, a unit or a year that only some of them say: what is said
once holds for all that it is said of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from gep.audit.grids.blocks import Block
from gep.audit.grids.grid import OPEN, Line, Name
from gep.audit.grids.words import CLASSES, Said, axis_of, has, said, split_unit, together

_T = TypeVar("_T")
_LONGEST_NAME = 30
"""A column whose texts are longer than this on average holds remarks, no names."""
LIKE_THE_REST = 0.5
"""An axis of whose names so many are of one class is of that class throughout."""
_ABOVE = -1
"""In place of a column: the name that stands in a row of its own above some rows."""
_NUMBER = re.compile(r"[(（]?\d{1,2}[)）]?(?:=.*)?")
"""The number of a column."""


def stub_kinds(block: Block) -> dict[int, str]:
    """What each column of labels holds: a class, `year`, `unit`, `note`, `number`, or names of anything."""
    kinds: dict[int, str] = {}
    for column in block.stubs:
        heading = block.heading(column)
        kind = next((found for text in reversed(heading) if (found := axis_of(text))), "")
        before = block.before(column)
        if before is not None and block.heading(column) == block.heading(before) and kind:
            kind = "service" if kind in ("category", "service") else kind
            if kinds.get(before) == kind:
                kinds[before] = "category" if kind == "service" else "zone"
        texts = [block.text(row, column) for row in block.body if block.text(row, column)]
        is_right = column > min((c for c in block.columns if c not in block.stubs), default=column)
        is_prose = bool(texts) and not kind and sum(map(len, texts)) > _LONGEST_NAME * len(texts)
        if kind == "note" and not is_right and len(set(texts)) < len(texts):
            kind = ""  # what repeats tells rows apart: a method, a source
        if kind == "key":
            kinds[column] = OPEN  # a rate of discount, an age
            continue
        if kind not in ("unit", "note", "number") and (is_right or is_prose):
            kinds[column] = "note"
            continue
        if kind in ("", "item", "zone", "year", "category") and texts:
            kind = _kind_by_likeness(texts, kind)
        kinds[column] = kind or OPEN
    return kinds


def _kind_by_likeness(texts: Sequence[str], kind: str) -> str:
    every = [said(text) for text in texts]
    if all(each.times and each.is_bare for each in every):
        return "year"
    counts = Counter(each.named for each in every if each.named)
    if kind:
        return kind
    named, count = counts.most_common(1)[0] if counts else ("", 0)
    return named if count >= len(texts) * LIKE_THE_REST else OPEN


# columns --------------------------------------------------------------------------------------------------------------


def columns_of(block: Block, default: Said) -> list[Line]:
    """The columns of figures of a table; `default` is what its titles say of all of them."""
    figures = [column for column in block.columns if column not in block.stubs]
    lines = _of_the_time_to_their_left([_column(block, column, default) for column in figures])
    lines = _divided(block, lines) if block.ways else lines
    lines = _without_constants(lines)
    return _of_one_kind(_with_what_all_share(_with_ratios(lines), has_units=_has_units(block)))


def _divided(block: Block, lines: list[Line]) -> list[Line]:
    """Columns below the way in which they divide up all; a total that only the last way has is of all."""
    ways = [block.ways.get(line.at, "") for line in lines]
    with_total = {way for way, line in zip(ways, lines, strict=True) if line.total == "total" and way}
    is_of_all = with_total == {ways[-1]} and len(set(ways) - {""}) > 1
    names = [
        Name(OPEN, "" if is_of_all and line.total == "total" else way) for way, line in zip(ways, lines, strict=True)
    ]
    return [replace(line, names=(name, *line.names)) for name, line in zip(names, lines, strict=True)]


def _of_the_time_to_their_left(lines: list[Line]) -> list[Line]:
    """Shares and rates whose heading stands more than once are of the time of the amount before each."""
    labels = Counter(line.label for line in lines)
    times: tuple[str, ...] = ()
    found = []
    for line in lines:
        is_of_the_one_before = line.role in ("share", "percent", "rate") and not line.times and labels[line.label] > 1
        found.append(replace(line, times=times) if is_of_the_one_before else line)
        times = line.times if not line.role else times
    return found


def _column(block: Block, column: int, default: Said) -> Line:
    """A column by the path of its headings, outermost first."""
    path = [said(text) for text in block.heading(column) if not (len(block.headings) > 1 and _NUMBER.fullmatch(text))]
    names: list[Name] = []
    kind = ""
    for each in path:
        axis = axis_of(each.text)
        if axis in (*CLASSES, "year") and not each.measure and each is not path[-1]:
            kind = axis if axis in CLASSES else ""  # it says what stands below it
        elif each.total or not each.is_bare:
            named = Name(kind or each.named or OPEN, each.name or each.text, each.total, each.is_part)
            is_net = has("mark", "net", named.text) and not each.is_less
            names.append(replace(named, is_less=each.is_less, is_net=is_net))
    said_of = together(path)
    return Line(
        column,
        " / ".join(block.heading(column)) or column_letter(column),
        tuple(names),
        said_of.measure or default.measure,
        said_of.role,
        said_of.times or default.times,
        said_of.unit,
        said_of.is_annual,
        said_of.since,
    )


def _of_one_kind(lines: list[Line]) -> list[Line]:
    """Names that could be of anything are of the kind that most others are of."""
    kinds = Counter(name.kind for line in lines for name in line.names if name.kind != OPEN)
    kind, count = kinds.most_common(1)[0] if kinds else (OPEN, 0)
    named = sum(1 for line in lines if any(not name.total for name in line.names))
    if kind == OPEN or count < named * LIKE_THE_REST:
        return lines
    return [
        replace(
            line,
            names=tuple(replace(name, kind=kind) if name.kind == OPEN or name.total else name for name in line.names),
        )
        for line in lines
    ]


def _with_what_all_share(lines: list[Line], *, has_units: bool = False) -> list[Line]:
    """Amounts and changes whose heading leaves out the unit or the measure have that of the others, where those have
    one; a thing of another name that of most. A total without a year is of the year that all others have.
    """
    amounts = [line for line in lines if not line.role]
    unit = "" if has_units else _only({line.unit for line in amounts} - {""}) or ""
    is_of_most = sum(bool(line.unit) for line in amounts) * 2 > len(amounts)
    measure = _only({line.measure for line in amounts} - {""}) or ""
    times = _only({line.times for line in amounts if not line.total}) or ()
    return [
        line
        if line.role not in ("", "change")
        else replace(
            line,
            unit=line.unit or (unit if is_of_most or line.total or not line.key else ""),
            measure=line.measure or measure,
            times=line.times or (times if line.total else ()),
        )
        for line in lines
    ]


def _has_units(block: Block) -> bool:
    """Whether a column of units says the unit of each row."""
    return any(axis_of(text) == "unit" for column in block.stubs for text in block.heading(column))


def _only(found: set[_T]) -> _T | None:
    """The one that there is, if it is one."""
    return next(iter(found)) if len(found) == 1 else None


def _without_constants(lines: list[Line]) -> list[Line]:
    """Lines without a name that all of them have: it tells nothing apart."""
    if len(lines) < 2:
        return lines
    common = set(lines[0].names).intersection(*(line.names for line in lines[1:]))
    return [replace(line, names=tuple(name for name in line.names if name not in common)) for line in lines]


def column_letter(column: int) -> str:
    """The letter of a column, from 0 on."""
    from openpyxl.utils import get_column_letter

    return get_column_letter(column + 1)


# rows -----------------------------------------------------------------------------------------------------------------


def rows_of_block(block: Block, kinds: Mapping[int, str], offset: int) -> list[Line]:
    """The rows of figures of a block; `offset` is how far it stands to the right of the first of its table."""
    lines = [_row(block, row, texts, kinds, offset) for row, texts in _labels(block, kinds, offset)]
    return _with_what_all_share(_with_ratios(_with_aligned_parts(lines)))


def _with_aligned_parts(lines: list[Line]) -> list[Line]:
    """What is set in below a line that says of which is of which too: 其中：农业, and 林业 below 农业."""
    found: list[Line] = []
    least = -1
    for line in lines:
        name = line.names[-1] if line.names else None
        if name is None or not (name.is_part or name.indent > least >= 0):
            least = -1
        elif name.is_part:
            least = name.indent
        else:
            line = replace(line, names=(*line.names[:-1], replace(name, is_part=True, indent=least)))
        found.append(line)
    return found


def _with_ratios(lines: list[Line]) -> list[Line]:
    """A line that is called by two others and a slash is their ratio: Supply, Demand, Supply/Demand."""
    names = {split_unit(line.label)[0].strip().lower() for line in lines}

    def is_ratio(line: Line) -> bool:
        parts = [part.strip().lower() for part in split_unit(line.label)[0].split("/")]
        return len(parts) == _OF_A_RATIO and names.issuperset(parts)

    return [replace(line, role="ratio", names=()) if is_ratio(line) else line for line in lines]


_OF_A_RATIO = 2


def _row(block: Block, row: int, texts: Mapping[int, str], kinds: Mapping[int, str], offset: int) -> Line:
    """A row by its labels, outermost first."""
    path = [said(text) for column, text in texts.items() if text and column != _ABOVE]
    names: list[Name] = []
    times: tuple[str, ...] = ()
    if block.groups:
        group = said(texts[_ABOVE])
        if group.is_bare and group.times:
            times = group.times
        elif not group.is_bare or group.total:
            names.append(Name(group.named or OPEN, group.name, group.total))
    last = next((column for column in reversed(list(texts)) if texts[column]), None)
    for column, text in texts.items():
        each = said(text)
        is_time = kinds.get(column) == "year" and bool(text) and each.is_bare
        if column != _ABOVE and not is_time:
            indent = _indent(block, row, column + offset) if column == last else 0
            names.append(_name(each, kinds[column], indent))
    said_of = together(path)
    units = [block.text(row, column + offset) for column in kinds if kinds[column] == "unit"]
    return Line(
        row,
        " / ".join(dict.fromkeys(each.text for each in path)),
        tuple(names),
        said_of.measure,
        said_of.role,
        said_of.times or times,
        said_of.unit,
        said_of.is_annual,
        said_of.since,
        block.number,
        next(filter(None, reversed(units)), ""),
        block.units.get(row, ""),
    )


def _name(each: Said, kind: str, indent: int) -> Name:
    """A label as the name of its level; one that says only a measure or a role names nothing there."""
    if each.is_bare and not each.total:
        return Name(kind, "")
    is_category = each.named == "category" and kind != "category"
    kind = kind if kind != OPEN else each.named or OPEN
    name = each.name or each.text
    is_net = has("mark", "net", name) and not each.is_less
    return Name(kind, name, each.total, each.is_part, indent, is_category, each.is_less, is_net)


def _indent(block: Block, row: int, column: int) -> int:
    """How far a label is set in."""
    raw = block.cells.raw(row, column)
    return len(raw) - len(raw.lstrip(" \u3000\t")) if isinstance(raw, str) else 0


def _labels(block: Block, kinds: Mapping[int, str], offset: int) -> Iterator[tuple[int, dict[int, str]]]:
    """The labels of each row, what is written once for several rows in each of them.

    A total below the last group that the other groups do not have is of all groups.
    """
    columns = [_ABOVE, *(column for column in kinds if kinds[column] not in ("note", "number", "unit"))]
    inner = columns[-1]
    above: dict[int, str] = {}
    rows: list[tuple[int, dict[int, str]]] = []
    for row in block.body:
        texts = {column: block.text(row, column + offset) for column in columns if column != _ABOVE}
        texts = {_ABOVE: block.groups.get(row, ""), **texts}
        for at, column in enumerate(columns[:-1]):
            if not texts[column]:
                texts[column] = above.get(column, "")
            elif above.get(column) != texts[column]:
                above = {outer: above[outer] for outer in columns[:at] if outer in above} | {column: texts[column]}
        rows.append((row, texts))
    totals = [texts for _, texts in rows if said(texts[inner]).total == "total"]
    for column in columns[:-1]:
        groups = Counter(texts[column] for texts in totals)
        names = dict.fromkeys(texts[column] for _, texts in rows if texts[column])
        *others, last = [groups[name] for name in names] if names else [0]
        if totals and kinds.get(column) != "year" and last > max(others, default=0):
            totals[-1][column] = ""
    yield from rows
