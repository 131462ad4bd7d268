"""Reading a table as an office has it: titles above, headings in several rows, zones, items or years across.

A table is cut into blocks (titles, headings, body, notes). Every figure of a body takes its address from the heading of
its column, the labels of its row, the row of a group above it, the titles, and at last from what the project says of
the table. A figure whose address is not complete or says two things is refused with its cell; nothing is dropped
without a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from gep.core.data import shown_heading
from gep.core.errors import Problem, problem
from gep.core.messages import Text, listed, say
from gep.core.table_words import folded, plain, without_note
from gep.inputs.blocks import Block, Blocks, headings, is_continued, is_note
from gep.inputs.cells import Cells
from gep.inputs.headings import Address, Said, Words, is_figure, is_number, is_year
from gep.inputs.items import shown_measure
from gep.inputs.names import (
    Total,
    implied_measure,
    like_items,
    measure_of,
    named_items,
    same_unit,
    shown_item,
    shown_zone,
)
from gep.inputs.parts import Scope, is_part_of
from gep.inputs.workbooks import Position

Axis = Literal["zone", "item", "measure", "unit", "year", "price_year"]
AXES: tuple[Axis, ...] = ("zone", "item", "measure", "unit", "year", "price_year")
LABELS = (*AXES, "source")
"""Columns whose cells say something of the figures beside them."""

_SHOWN: Mapping[str, Callable[[str], str]] = {"zone": shown_zone, "item": shown_item, "measure": shown_measure}
"""What values of an axis are called in messages."""


@dataclass(frozen=True)
class Figure:
    """A cell with a figure and its address. `totals` has the axes along which it is a total, and of which kind;
    `is_part` says that it is a part of a figure before it.
    """

    address: Address
    text: str
    place: Text
    totals: Mapping[str, Total] = field(default_factory=dict)
    is_part: bool = False


@dataclass
class Layout:
    """The figures of a table, what is wrong with it, and the headings of what is no figure of an account."""

    figures: list[Figure] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    derived: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class _Column:
    """A column of a block: what its headings say, and whether its cells are figures."""

    index: int
    heads: tuple[str, ...]
    said: tuple[Said, ...]
    is_of_figures: bool
    label: str = ""
    """What its cells say, where they are labels: a zone, an item, `source`; empty where each cell says it itself."""
    totals: Mapping[str, Total] = field(default_factory=dict)
    """The axes that it is a total of, and which."""
    is_part: bool = False
    """Whether it is a part of the column before it."""


@dataclass
class _Groups:
    """What rows of a group say of those below them, by axis; of which axis the groups are, and the labels so far."""

    axis: str
    said: dict[str, Said] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)

    def enter(self, said: Said) -> None:
        """Begin a group: what it says holds below it, and no longer what a group within the one before it said."""
        for axis in [axis for axis in said.address if axis in self.said]:
            order = list(self.said)
            for each in order[order.index(axis) :] if axis in order else ():
                del self.said[each]
        self.said |= dict.fromkeys(said.address, said)
        self.labels.clear()


def read_layout(cells: Cells, words: Words, given: Address, name: str) -> Layout | None:
    """The figures of a table; None where no cell of it is one. `given` is what the project says of all of them."""
    return _Reader(_upright(cells, words), words, given, name).read()


def _upright(cells: Cells, words: Words) -> Cells:
    """The table turned so that the names of columns (`地区`, `指标`, `数值`) stand in a row."""
    first = {words.said(cells.text(row, 0), is_heading=True).column for row in range(cells.height)}
    across = {words.said(cells.text(0, column), is_heading=True).column for column in range(cells.width)}
    return cells.turned() if "value" in first and len(first - {""}) > 2 and "value" not in across else cells


class _Reader:
    """Reads one sheet block by block."""

    def __init__(self, cells: Cells, words: Words, given: Address, name: str) -> None:
        self.cells, self.words, self.name = cells, words, name
        self.layout = Layout()
        self.told: set[tuple[str, str]] = set()
        self.axes: dict[int, str] = {}
        self.given = {axis: value for axis, value in given.items() if value}
        self.unclear: dict[str, tuple[str, ...]] = {}

    def read(self) -> Layout | None:
        """All blocks of the sheet."""
        row, found, blocks = 0, False, Blocks(self.cells, self.words)
        columns: list[_Column] = []
        carried: Address = {}
        while (block := blocks.next(row)) is not None:
            if not found and not self._is_table(block):
                return None
            found = True
            goes_on = is_continued([self.cells.text(*at) for at in block.titles])
            if not goes_on:
                carried, self.unclear = {}, {}
            carried = {**carried, **self._titles(block.titles), **self.given}
            if block.first < block.body:
                columns = [column for index in range(self.cells.width) if (column := self._column(block, index))]
                columns = self._with_parts(block, columns, carried)
            elif not goes_on:
                self._refuse(self.cells.text(row, 0), Said(unknown=self.cells.text(row, 0)), row, 0, "row")
            self._read(block, columns, carried)
            row = block.end
        return self.layout if found else None

    def _is_table(self, block: Block) -> bool:
        """Whether any heading of a block is understood: of a file that is no table, no line is to be told."""
        heads = (self.cells.text(row, c) for row in block.heading for c in range(self.cells.width))
        said = (self.words.said(text, is_heading=True) for text in heads if text)
        return any(found.column or found.is_understood for found in said)

    def _titles(self, titles: Iterable[Position]) -> Address:
        """What the lines above a block say. Where two say different things, which is `unclear`, the figures must."""
        found: dict[str, dict[str, Position]] = {}
        for at in titles:
            text = self.cells.text(*at)
            for axis, value in self.words.title(text):
                if axis == "year" and is_note(text):
                    continue
                if axis in self.given and not self._agree(axis, self.given[axis], value):
                    self._against_title(at, axis, value)
                of_axis = found.setdefault(axis, {})
                if not any(self._agree(axis, value, other) for other in of_axis):
                    of_axis[value] = at
        self.unclear |= {axis: tuple(values) for axis, values in found.items() if len(values) > 1}
        return {axis: next(iter(values)) for axis, values in found.items() if len(values) == 1}

    def _agree(self, axis: str, one: str, other: str) -> bool:
        """Whether two texts mean the same of an axis: `吨` and `t`, `全市粮食` and a product of it."""
        if axis == "unit":
            return same_unit(one, other)
        if axis == "zone":
            return bool(self.words.zones.named(one) & self.words.zones.named(other))
        if axis == "item":
            items = [{name.item for name in named_items(text)} or {text} for text in (one, other)]
            return any(a == b or is_part_of(a, b) for a in items[0] for b in items[1])
        if axis == "measure":
            return measure_of(one) == measure_of(other)
        return one == other

    def _against_title(self, at: Position, axis: str, value: str) -> None:
        """Error where the project says other than a line above the table."""
        found, what = self.given[axis], say(f"inputs.axis.{axis}")
        place = self.cells.place(*at)
        self.layout.problems.append(
            problem("inputs.T31.against_title", self.name, place=place, found=value, given=found, what=what, axis=axis)
        )

    # reading ----------------------------------------------------------------------------------------------------------

    def _read(self, block: Block, columns: Sequence[_Column], titles: Address) -> None:
        groups = _Groups(self._axis_of_groups(block, columns))
        above: dict[int, str] = {}
        scope = Scope()
        labels = [column for column in columns if not column.is_of_figures]
        for row in range(block.body, block.end):
            if not self.cells.filled(row) or self._is_group(row, columns, groups, scope):
                continue
            self._fill_down(row, labels, above)
            groups.labels |= {above.get(column.index, "") for column in labels}
            is_part = self._is_part_row(row, labels, above, groups.said, titles, scope)
            for column in columns:
                if column.is_of_figures:
                    self._figure(row, column, labels, above, groups.said, titles, is_part)

    def _with_parts(self, block: Block, columns: Sequence[_Column], titles: Address) -> list[_Column]:
        """The columns, and of each of figures whether it is a part of the one before it."""
        scope = Scope()
        found = []
        for column in columns:
            if column.is_of_figures:
                text = column.heads[-1] if column.heads else ""
                is_part = self._is_part(column.said, titles, scope, text, (block.first, column.index))
                column = replace(column, is_part=is_part)
            found.append(column)
        return found

    def _is_part_row(
        self,
        row: int,
        labels: Sequence[_Column],
        above: Mapping[int, str],
        group: Mapping[str, Said],
        around: Address,
        scope: Scope,
    ) -> bool:
        """Whether a row is a part of the one before it."""
        written = [(c, text) for c in labels if c.label in ("", *AXES) and (text := above.get(c.index, ""))]
        said = [self._label(text, column.label) for column, text in written]
        own = {axis for found in said for axis in found.address}
        said += [found for axis, found in group.items() if axis not in own]
        of_item = [each for each, found in zip(written, said, strict=False) if "item" in found.address]
        column, text = next(((c.index, text) for c, text in of_item), (0, ""))
        return self._is_part(said, around, scope, text, (row, column))

    def _is_part(self, said: Sequence[Said], around: Address, scope: Scope, text: str, at: Position) -> bool:
        """Whether labels are those of a part; a total without a name is one of the item that is said `around` it."""
        item = _deepest(found.address["item"] for found in said if found.address.get("item"))
        if not item and any(found.total in ("sum", "subtotal") for found in said):
            item = around.get("item", "")
        is_marked = any(found.is_part for found in said if not set(found.address) & {"zone", "year"})
        if not item and not is_marked and not any(f.total or f.is_ignored or f.unknown or f.several for f in said):
            return False  # labels of zones or years beside items that are across, and what is made of other figures
        places = {axis: f.address[axis] for f in said for axis in ("zone", "year") if axis in f.address}
        found = scope.is_part(tuple(sorted(places.items())), item, is_marked=is_marked)
        if found is None:
            place = self.cells.place(*at)
            self.layout.problems.append(problem("inputs.T31.part_or_not", self.name, place=place, text=plain(text)))
        return bool(found)

    def _column(self, block: Block, index: int) -> _Column | None:
        """What a column of a block is; None where nothing stands in it."""
        rows = headings(self.cells, block, index, self.words)
        heads = tuple(dict.fromkeys(rows.values()))
        said = tuple(self.words.said(text, is_heading=True) for text in heads)
        body = [
            text
            for row in range(block.body, block.end)
            if (text := self.cells.text(row, index)) and not is_note(self.cells.text(row, 0))
        ]
        named = [found.column for found in said if found.column]
        if not body and not any(found.is_understood for found in said):
            return None
        label = next((name for name in named if name not in ("value", "axes")), "")
        if label:
            return _Column(index, heads, said, False, label)
        is_headed = any(found.is_understood or found.column for found in said)
        figures = [text for text in body if is_figure(text)]
        are_names = (index == 0 and (not body or all(map(self.words.is_name, figures)))) or (
            bool(body) and (not figures or (all(map(is_year, body)) and self._is_headed_beyond(block, index)))
        )
        if "axes" in named or (are_names and not is_headed):
            return _Column(index, heads, said, False)
        of_rows = {row: self.words.said(text, is_heading=True) for row, text in rows.items()}
        for row, found in of_rows.items():
            if found.unknown or found.several:
                self._refuse(rows[row], found, row, index, "heading")
                return None
        return _Column(index, heads, said, True, totals=self._totals_across(of_rows))

    def _is_headed_beyond(self, block: Block, index: int) -> bool:
        """Whether a column farther right has a heading that says something: one of years before it is a label."""
        columns = range(index + 1, self.cells.width)
        texts = (self.cells.text(row, column) for row in block.heading for column in columns)
        said = (self.words.said(text, is_heading=True) for text in texts)
        return any(found.is_understood or found.column == "value" for found in said)

    def _refuse(self, text: str, found: Said, row: int, column: int, what: str) -> None:
        """Error for a cell that is not understood, or may mean several things; each text once."""
        if (what, text) in self.told:
            return
        self.told.add((what, text))
        place = self.cells.place(row, column)
        if found.several:
            self.layout.problems.append(
                problem(
                    "inputs.T05.ambiguous",
                    self.name,
                    place=place,
                    found=text,
                    name=text,
                    names=[*map(shown_item, found.several)],
                )
            )
            return
        hint = like_items(found.unknown or text)
        self.layout.problems.append(
            problem(f"inputs.T31.{what}", self.name, place=place, text=shown_heading(plain(text)), hint=hint)
        )

    def _is_group(self, row: int, columns: Sequence[_Column], groups: _Groups, scope: Scope) -> bool:
        """Whether a row is no row of figures but a note, or one that says something of those below it."""
        filled = self.cells.filled(row)
        text = self.cells.text(row, filled[0])
        if any(is_figure(self.cells.text(row, column.index)) for column in columns if column.is_of_figures):
            return False
        if is_note(text):
            return True
        if (at := self._alone(row, columns)) is None:
            return False
        column = next((column for column in columns if column.index == at), None)
        said = self.words.said(text)
        own = self._axis_of(column) if column else ""
        if said.total and "item" not in said.address:
            return self._is_group_of_totals(row, at, said, groups)
        if said.is_derived or (said.is_understood and own in said.address):
            return False
        if said.is_part and not said.address:
            scope.opens()
            return True
        if said.is_understood:
            groups.enter(said)
            return True
        if column and column.label:
            return False
        self._refuse(text, said, row, at, "row")
        return True

    def _alone(self, row: int, columns: Sequence[_Column]) -> int | None:
        """The column of labels in which the only text of a row stands; None where there is more, or it is elsewhere."""
        filled = self.cells.filled(row)
        labels = {column.index for column in columns if not column.is_of_figures}
        if len(filled) != 1 or filled[0] not in (0, *labels):
            return None
        return None if any(self.cells.text(row, each) for each in labels - {filled[0]}) else filled[0]

    def _is_group_of_totals(self, row: int, column: int, said: Said, groups: _Groups) -> bool:
        """Whether a row without figures begins the totals of a table in groups. It does where the labels below it were
        in the group before it already; else it may be an empty total of that group, and is refused.
        """
        axis = "zone" if said.total == "whole" and groups.axis else groups.axis
        below = next(
            (self.cells.text(r, column) for r in range(row + 1, self.cells.height) if self.cells.filled(r)), ""
        )
        if not axis or not below:
            return False
        if said.total == "whole" or not groups.labels or below in groups.labels:
            groups.enter(replace(said, address={**said.address, axis: ""}))
        else:
            place, text = self.cells.place(row, column), plain(self.cells.text(row, column))
            self.layout.problems.append(problem("inputs.T31.total_of_what", self.name, place=place, text=text))
        return True

    def _axis_of_groups(self, block: Block, columns: Sequence[_Column]) -> str:
        """What the groups of a block are: zones, items or years, where their rows are of another kind."""
        found: Counter[str] = Counter()
        for row in range(block.body, block.end):
            if (at := self._alone(row, columns)) is None:
                continue
            own = next((self._axis_of(column) for column in columns if column.index == at), "")
            said = self.words.said(self.cells.text(row, at))
            found.update(axis for axis in ("zone", "item", "year") if axis in said.address and axis != own)
        return found.most_common(1)[0][0] if found else ""

    def _axis_of(self, column: _Column) -> str:
        """The axis that most labels of a column are of, else that which its heading says."""
        if column.index not in self.axes:
            self.axes[column.index] = self._most_common_axis(column)
        return self.axes[column.index] or column.label

    def _most_common_axis(self, column: _Column) -> str:
        found = Counter(
            axis
            for each in range(self.cells.height)
            if (text := self.cells.text(each, column.index)) and len(self.cells.filled(each)) > 1
            for axis in self.words.said(text).address
            if axis in ("zone", "item", "year")
        )
        return found.most_common(1)[0][0] if found else ""

    def _fill_down(self, row: int, labels: Sequence[_Column], above: dict[int, str]) -> None:
        """Labels that are written once stand for the rows below, where another label of the row is written."""
        texts = {column.index: self.cells.text(row, column.index) for column in labels}
        last = max((index for index, text in texts.items() if text), default=-1)
        for column in labels:
            text = texts[column.index]
            is_beside = any(texts[o.index] for o in labels if o.label == column.label and o is not column)
            can_repeat = column.label in ("", "zone", "item", "year", "measure") and not (column.label and is_beside)
            is_repeated = not text and column.index < last and can_repeat
            if not is_repeated:
                above[column.index] = text
            if text and not self._is_sum(text):
                for other in labels:
                    if other.index > column.index and not texts[other.index]:
                        above[other.index] = ""

    def _is_sum(self, text: str) -> bool:
        return bool(self.words.said(text).total)

    def _figure(
        self,
        row: int,
        column: _Column,
        labels: Sequence[_Column],
        above: Mapping[int, str],
        group: Mapping[str, Said],
        around: Address,
        is_part: bool,
    ) -> None:
        """One cell of a body with its address."""
        text, place = self.cells.own(row, column.index), self.cells.place(row, column.index)
        if (row, column.index) in self.cells.merged:
            self.layout.problems.append(problem("inputs.T31.merged", self.name, place=place))
            return
        said: list[Said] = [*column.said]
        source, is_labelled = "", False
        totals = dict(column.totals)
        for label in _nearest(labels, column.index):
            written = above.get(label.index, "")
            if label.label in ("note", "number") or not written:
                continue
            if label.label == "source":
                source = source or written
                continue
            is_labelled = True
            found = self._label(written, label.label)
            if found.is_derived:
                self.layout.derived[written] = None
                return
            if not found.is_understood:
                self._refuse(written, found, row, label.index, "row")
                return
            if found.total:
                axis = "item" if "item" in found.address else "zone" if found.total == "whole" else self._axis_of(label)
                totals[axis or "zone"] = found.total
            said.append(found)
        if not text and labels and not is_labelled:
            return
        if any(found.is_derived for found in column.said):
            if text:
                self.layout.derived[" ".join(map(plain, column.heads))] = None
            return
        near: dict[str, dict[str, None]] = {}
        for found in said:
            for axis, value in found.address.items():
                near.setdefault(axis, {})[value] = None
        for axis, found in group.items():
            if axis in near or axis in totals:
                continue
            if found.total and (axis == "item" or not found.address[axis]):
                totals[axis] = found.total
            if found.address[axis]:
                near[axis] = {found.address[axis]: None}
        if deepest := _deepest(near.get("item", ())):
            near["item"] = {deepest: None}
        if twice := next((axis for axis, values in near.items() if len(values) > 1), ""):
            self._two(row, column.index, twice, near[twice])
            return
        if "zone" in totals:
            near.pop("zone", None)  # the code of the whole area is that of no zone
        for axis in self.unclear.keys() - near.keys() - around.keys() - totals.keys():
            if text:
                self._two(row, column.index, axis, self.unclear[axis], "two_titles")
                return
        address = {**around, **{axis: next(iter(values)) for axis, values in near.items()}}
        if source:
            address["source"] = source
        if "item" in address and "measure" not in address:
            measure = implied_measure(address["item"], address.get("unit", ""))
            address |= {"measure": measure} if measure else {}
        is_part = is_part or column.is_part
        text = without_note(text) if is_number(text) else text
        self.layout.figures.append(Figure(address, text, place, totals, is_part))

    def _label(self, text: str, label: str) -> Said:
        """What a cell says, in a column that says what its cells are."""
        if folded(text) in self.words.ignored:
            return Said(is_derived=True, is_ignored=True)
        if label == "zone":
            zones = self.words.zones.named(text)
            if len(zones) == 1:
                return Said(address={"zone": next(iter(zones))})
            found = self.words.said(text)
            if found.total or found.is_derived or set(found.address) == {"zone"}:
                return found
            return Said(several=tuple(sorted(zones))) if zones else Said(address={"zone": text})
        if label in ("year", "price_year"):
            return Said(address={label: plain(text).removesuffix("度").removesuffix("年")})
        if label == "unit":
            found = self.words.said(f"单位:{text}")
            return found if found.is_understood else Said(address={"unit": text})
        return self.words.said(text)

    def _totals_across(self, heads: Mapping[int, Said]) -> dict[str, Total]:
        """The axes that headings of a column, by row, are totals of: a sum of what the others of its row differ in."""
        totals: dict[str, Total] = {}
        for row, said in heads.items():
            if not said.total:
                continue
            axis = "item" if "item" in said.address else "zone" if said.total == "whole" else self._differing(row)
            totals[axis or ("item" if self._labels_zones else "zone")] = said.total
        return totals

    def _differing(self, row: int) -> str:
        """In what the headings of a row differ most: zones, items or years."""
        found: dict[str, set[str]] = {}
        for column in self.cells.filled(row):
            for axis, value in self.words.said(self.cells.text(row, column), is_heading=True).address.items():
                if axis in ("zone", "item", "year"):
                    found.setdefault(axis, set()).add(value)
        return max(found, key=lambda axis: len(found[axis]), default="")

    @cached_property
    def _labels_zones(self) -> bool:
        """Whether zones stand in rows."""
        return any(
            "zone" in self.words.said(self.cells.text(row, column)).address
            for row in range(self.cells.height)
            for column in (0, 1)
            if column < self.cells.width
        )

    def _two(self, row: int, column: int, axis: str, values: Iterable[str], what: str = "two_meanings") -> None:
        key = (axis, "|".join(values))
        if key in self.told:
            return
        self.told.add(key)
        self.layout.problems.append(
            problem(
                f"inputs.T31.{what}",
                self.name,
                place=self.cells.place(row, column),
                found=listed(map(_SHOWN.get(axis, str), values)),
                what=say(f"inputs.axis.{axis}"),
            )
        )


def _deepest(items: Iterable[str]) -> str:
    """The item that is in all the others, as wheat below grain; empty where there is none."""
    found = list(dict.fromkeys(items))
    return next((item for item in found if all(item == other or is_part_of(item, other) for other in found)), "")


def _nearest(labels: Sequence[_Column], index: int) -> Iterator[_Column]:
    """The labels of a figure: of several columns of one kind those next to it on its left, else the first on its right.

    A table printed in two halves side by side has labels for each; a code and a name beside each other are both taken.
    """
    left = [label for label in labels if label.index < index]
    if left:
        start = len(left) - 1
        while start and left[start - 1].index == left[start].index - 1:
            start -= 1
        kinds = {label.label for label in left[start:]}
        yield from (label for label in left[:start] if label.label and label.label not in kinds)
        yield from left[start:]
    kinds = {label.label for label in left}
    seen: set[str] = set()
    for label in labels:
        if label.index > index and label.label and label.label not in (*kinds, *seen):
            seen.add(label.label)
            yield label
