"""Reading a table as an office has it: titles above, headings in several rows, zones, items or years across.

A table is cut into blocks (titles, headings, body, notes). Every figure of a body takes its address from the heading of
its column, the labels of its row, the row of a group above it, the titles, and at last from what the project says of
the table. A figure whose address is not complete or says two things is refused with its cell; nothing is dropped
without a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from gep.core.data import shown_heading
from gep.core.errors import Problem, problem
from gep.core.messages import Text, listed, say
from gep.core.table_words import folded, plain, table_words
from gep.inputs.cells import Cells
from gep.inputs.headings import Address, Said, Words, is_figure, is_year
from gep.inputs.names import implied_measure, like_items

Axis = Literal["zone", "item", "measure", "unit", "year", "price_year"]
AXES: tuple[Axis, ...] = ("zone", "item", "measure", "unit", "year", "price_year")
LABELS = (*AXES, "source")
"""Columns whose cells say something of the figures beside them."""

MOST_HEADING_ROWS = 6


@dataclass(frozen=True)
class Figure:
    """A cell with a figure and its address. `total_of` is the axis along which it is a total, `is_part` a part of the
    figure before it.
    """

    address: Address
    text: str
    place: Text
    total_of: str = ""
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


@dataclass(frozen=True)
class _Block:
    """A part of a sheet with its own headings: rows `first` to `body` are headings, `body` to `end` is the body."""

    first: int
    body: int
    end: int
    titles: tuple[str, ...]


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
        self.cells, self.words, self.given, self.name = cells, words, given, name
        self.layout = Layout()
        self.told: set[tuple[str, str]] = set()
        self.axes: dict[int, str] = {}

    def read(self) -> Layout | None:
        """All blocks of the sheet."""
        row, found = 0, False
        columns: list[_Column] = []
        carried: Address = {}
        while (block := self._block(row)) is not None:
            if not found and not self._is_table(block):
                return None
            found = True
            said = self._titles(block.titles)
            is_continued = self._is_continued(block.titles)
            carried = {**carried, **said} if is_continued else said
            if block.first < block.body:
                columns = [column for index in range(self.cells.width) if (column := self._column(block, index))]
            elif not is_continued:
                self._refuse(self.cells.text(row, 0), Said(unknown=self.cells.text(row, 0)), row, 0, "row")
            self._read(block, columns, carried)
            row = block.end
        return self.layout if found else None

    def _is_table(self, block: _Block) -> bool:
        """Whether any heading of a block is understood: of a file that is no table, no line is to be told."""
        heads = (self.cells.text(row, c) for row in range(block.first, block.body) for c in range(self.cells.width))
        said = (self.words.said(text, is_heading=True) for text in heads if text)
        return any(found.column or found.is_understood for found in said)

    # cutting ----------------------------------------------------------------------------------------------------------

    def _block(self, row: int) -> _Block | None:
        """The next block from a row on."""
        titles: list[str] = []
        while row < self.cells.height and (not self._anchors(row) or self._is_title(row)):
            titles += [self.cells.text(row, column) for column in self._anchors(row)]
            row += 1
        first = row
        while row < self.cells.height and row - first < MOST_HEADING_ROWS and self._is_heading(row, first):
            row += 1
        if row >= self.cells.height:
            return None
        end = row
        while end < self.cells.height and not (end > row and self._starts_another(end, first, row)):
            end += 1
        return _Block(first, row, end, tuple(titles))

    def _anchors(self, row: int) -> list[int]:
        """The columns of a row in which something stands, each merged block once."""
        return self.cells.filled(row)

    def _is_title(self, row: int) -> bool:
        """Whether a row is a line above a table: one text from the left, or units, years and numbers of tables."""
        filled = self._anchors(row)
        texts = [self.cells.text(row, column) for column in filled]
        if any(is_figure(text) and not is_year(text) for text in texts):
            return False
        stated = [_is_stated(text) for text in texts]
        if len(filled) == 1:
            said = self.words.said(texts[0], is_heading=True)
            return not said.column and (filled[0] == 0 or stated[0] or not said.is_understood)
        return any(stated) and all(
            is_stated or filled[0] == column or set(self.words.said(text).address) == {"year"}
            for is_stated, column, text in zip(stated, filled, texts, strict=True)
        )

    def _is_heading(self, row: int, first: int) -> bool:
        """Whether a row belongs to the headings: no figure stands in it, or its figures are years, or the numbers of
        the columns.
        """
        filled = self._anchors(row)
        texts = [self.cells.text(row, column) for column in filled]
        numbers = [text for text in texts if is_figure(text)]
        if not filled:
            return False
        if _is_row_of_numbers(self.cells, row):
            return True
        first_text = self.cells.own(row, 0)
        label = self.words.said(first_text, is_heading=True)
        if row > first and first_text and (set(label.address) & {"zone", "item", "year"} or label.is_total):
            return False
        if not numbers:
            return True
        if not all(map(is_year, numbers)) or is_year(first_text):
            return False
        return row == first or not first_text or bool(label.column)

    def _starts_another(self, row: int, first: int, body: int) -> bool:
        """Whether another block begins in a row of a body: a title of a table, or its headings again."""
        filled = self._anchors(row)
        texts = [self.cells.text(row, column) for column in filled]
        if not filled or any(is_figure(text) for text in texts):
            return False
        if _is_stated(texts[0]) or self._is_continued(texts):
            return True
        label = self.words.said(texts[0], is_heading=True)
        again = [self.cells.text(above, filled[0]) for above in range(first, body)]
        is_heading = bool(label.column) or texts[0] in again
        return len(filled) > 1 and is_heading and filled[0] == 0 and not _is_note(texts[0])

    @staticmethod
    def _is_continued(titles: Sequence[str]) -> bool:
        """Whether a line says that a table goes on: `续表`."""
        words = tuple(table_words("continued")[""])
        return any(folded(title).startswith(words) or folded(title).endswith(("(续)",)) for title in titles)

    def _titles(self, titles: Sequence[str]) -> Address:
        """What the lines above a block say. Two that say different things say nothing."""
        found: dict[str, set[str]] = {}
        for title in titles:
            for key, value in self.words.title(title).items():
                found.setdefault(key, set()).add(value)
        return {key: next(iter(values)) for key, values in found.items() if len(values) == 1}

    # reading ----------------------------------------------------------------------------------------------------------

    def _read(self, block: _Block, columns: Sequence[_Column], titles: Address) -> None:
        group: dict[str, Said] = {}
        above: dict[int, str] = {}
        for row in range(block.body, block.end):
            filled = self._anchors(row)
            if not filled or _is_row_of_numbers(self.cells, row):
                continue
            if self._is_group(row, columns, group):
                continue
            labels = [column for column in columns if not column.is_of_figures]
            self._fill_down(row, labels, above)
            for column in columns:
                if column.is_of_figures:
                    self._figure(row, column, labels, above, group, titles)

    def _column(self, block: _Block, index: int) -> _Column | None:
        """What a column of a block is; None where nothing stands in it."""
        heads = tuple(_headings(self.cells, block, index, self.words))
        said = tuple(self.words.said(text, is_heading=True) for text in heads)
        body = [
            text
            for row in range(block.body, block.end)
            if (text := self.cells.text(row, index)) and not _is_note(self.cells.text(row, 0))
        ]
        named = [found.column for found in said if found.column]
        if not body and not any(found.is_understood for found in said):
            return None
        label = next((name for name in named if name not in ("value", "axes")), "")
        if label:
            return _Column(index, heads, said, False, label)
        figures = sum(map(is_figure, body))
        are_names = body and all(self._is_name(text) for text in body if is_figure(text))
        if "axes" in named or (index == 0 and not any(f.is_understood for f in said) and (not figures or are_names)):
            return _Column(index, heads, said, False)
        if not figures and body and not any(found.is_understood or found.column for found in said):
            return _Column(index, heads, said, False)
        for text, found in zip(heads, said, strict=True):
            if found.unknown or found.several:
                self._refuse_heading(block, index, text, found)
                return None
        return _Column(index, heads, said, True)

    def _is_name(self, text: str) -> bool:
        """Whether a number is the code of a zone, or a year."""
        return bool(self.words.zones.named(text)) or is_year(text)

    def _refuse_heading(self, block: _Block, index: int, text: str, found: Said) -> None:
        row = next(
            row for row in range(block.first, block.body) if self.cells.text(row, index) or row == block.body - 1
        )
        for each in range(block.first, block.body):
            if self.cells.text(each, index) == text:
                row = each
        self._refuse(text, found, row, index, "heading")

    def _refuse(self, text: str, found: Said, row: int, column: int, what: str) -> None:
        """Error for a cell that is not understood, or may mean several things; each text once."""
        if (what, text) in self.told:
            return
        self.told.add((what, text))
        place = self.cells.place(row, column)
        if found.several:
            self.layout.problems.append(
                problem("inputs.T05.ambiguous", self.name, place=place, found=text, name=text, names=found.several)
            )
            return
        hint = like_items(found.unknown or text)
        self.layout.problems.append(
            problem(f"inputs.T31.{what}", self.name, place=place, text=shown_heading(plain(text)), hint=hint)
        )

    def _is_group(self, row: int, columns: Sequence[_Column], group: dict[str, Said]) -> bool:
        """Whether a row is no row of figures but a note, or one that says something of those below it."""
        filled = self._anchors(row)
        text = self.cells.text(row, filled[0])
        if any(is_figure(self.cells.text(row, column.index)) for column in columns if column.is_of_figures):
            return False
        if _is_note(text):
            return True
        labels = {column.index: column for column in columns if not column.is_of_figures}
        if (
            len(filled) > 1
            or filled[0] not in (0, *labels)
            or any(self.cells.text(row, c) for c in labels if c != filled[0])
        ):
            return False
        column = labels.get(filled[0])
        said = self.words.said(text)
        own = self._axis_of(column) if column else ""
        if said.is_total or said.is_derived or (said.is_understood and own in said.address):
            return False
        if said.is_understood:
            group |= dict.fromkeys(said.address, said)
            return True
        if column and column.label:
            return False
        self._refuse(text, said, row, filled[0], "row")
        return True

    def _axis_of(self, column: _Column) -> str:
        """The axis that most labels of a column are of."""
        if column.label:
            return column.label
        if column.index not in self.axes:
            self.axes[column.index] = self._most_common_axis(column)
        return self.axes[column.index]

    def _most_common_axis(self, column: _Column) -> str:
        found = Counter(
            axis
            for each in range(self.cells.height)
            if (text := self.cells.text(each, column.index)) and len(self._anchors(each)) > 1
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
        return self.words.said(text).is_total

    def _figure(
        self,
        row: int,
        column: _Column,
        labels: Sequence[_Column],
        above: Mapping[int, str],
        group: Mapping[str, Said],
        titles: Address,
    ) -> None:
        """One cell of a body with its address."""
        text, place = self.cells.own(row, column.index), self.cells.place(row, column.index)
        if (row, column.index) in self.cells.merged:
            self.layout.problems.append(problem("inputs.T31.merged", self.name, place=place))
            return
        said: list[Said] = [*column.said]
        source, is_labelled = "", False
        total_of = self._total_across(column) if any(found.is_total for found in column.said) else ""
        for label in _nearest(labels, column.index):
            written = above.get(label.index, "")
            if label.label in ("note", "number") or not written:
                continue
            if label.label == "source":
                source = source or written
                continue
            is_labelled = True
            found = self._label(written, label.label)
            if found.is_total:
                total_of = self._axis_of(label) or "zone"
                continue
            if found.is_derived:
                self.layout.derived[written] = None
                return
            if not found.is_understood:
                self._refuse(written, found, row, label.index, "row")
                return
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
            if axis not in near and axis in found.address:
                near[axis] = {found.address[axis]: None}
        if twice := next((axis for axis, values in near.items() if len(values) > 1), ""):
            self._two(row, column.index, twice, near[twice])
            return
        if total_of == "zone":
            near.pop("zone", None)  # the code of the whole area is that of no zone
        address = {**titles, **self.given, **{axis: next(iter(values)) for axis, values in near.items()}}
        if source:
            address["source"] = source
        if "item" in address and "measure" not in address:
            measure = implied_measure(address["item"], address.get("unit", ""))
            address |= {"measure": measure} if measure else {}
        is_part = any(found.is_part for found in said)
        self.layout.figures.append(Figure(address, text, place, total_of, is_part))

    def _label(self, text: str, label: str) -> Said:
        """What a cell says, in a column that says what its cells are."""
        if folded(text) in self.words.ignored:
            return Said(is_derived=True)
        if label == "zone":
            zones = self.words.zones.named(text)
            if len(zones) == 1:
                return Said(address={"zone": next(iter(zones))})
            if self.words.zones.is_whole(text):
                return Said(is_total=True)
            return Said(several=tuple(sorted(zones))) if zones else Said(address={"zone": text})
        if label in ("year", "price_year"):
            return Said(address={label: plain(text).removesuffix("度").removesuffix("年")})
        if label == "unit":
            found = self.words.said(f"单位:{text}")
            return found if found.is_understood else Said(address={"unit": text})
        return self.words.said(text)

    def _total_across(self, column: _Column) -> str:
        """The axis of the headings that a total across stands beside."""
        own = {axis for found in column.said for axis in found.address}
        if "zone" not in own and not self._labels_zones:
            return "zone"
        return "item" if "item" not in own else "year"

    @cached_property
    def _labels_zones(self) -> bool:
        """Whether zones stand in rows."""
        found = Counter(
            axis
            for row in range(self.cells.height)
            for column in (0, 1)
            if column < self.cells.width
            for axis in self.words.said(self.cells.text(row, column)).address
        )
        return found["zone"] > 0

    def _two(self, row: int, column: int, axis: str, values: Mapping[str, None]) -> None:
        key = (axis, "|".join(values))
        if key in self.told:
            return
        self.told.add(key)
        self.layout.problems.append(
            problem(
                "inputs.T31.two_meanings",
                self.name,
                place=self.cells.place(row, column),
                found=listed(values),
                what=say(f"inputs.axis.{axis}"),
            )
        )


def _headings(cells: Cells, block: _Block, index: int, words: Words) -> list[str]:
    """The texts that head a column, from the top: of merged blocks, and of cells that are left blank behind one that is
    written for several columns.
    """
    found: list[str] = []
    rows = range(block.first, block.body)
    for row in rows:
        text = cells.text(row, index)
        if not text and row < block.body - 1 and index:
            text = _from_the_left(cells, block, row, index, words)
        if text and text not in found and not _is_row_of_numbers(cells, row):
            found.append(text)
    return found


def _from_the_left(cells: Cells, block: _Block, row: int, index: int, words: Words) -> str:
    """The heading that a blank cell of an upper row continues: where nothing is merged in the row, one of figures that
    a lower row tells apart, within the reach of the heading above it.
    """
    if any((row, column) in cells.merged for column in range(cells.width)):
        return ""
    if not any(cells.own(below, index) for below in range(row + 1, block.body)):
        return ""
    for column in range(index - 1, -1, -1):
        if row > block.first and cells.own(row - 1, column + 1):
            return ""
        if text := cells.own(row, column):
            said = words.said(text, is_heading=True)
            return "" if said.column not in ("", "value") or not said.is_understood else text
    return ""


def _is_row_of_numbers(cells: Cells, row: int) -> bool:
    """Whether a row numbers its columns: `甲 | 乙 | 1 | 2 | 3`."""
    texts = [cells.text(row, column).strip("()（）") for column in cells.filled(row)]
    numbers = [text for text in texts if text.isdigit()]
    others = [text for text in texts if not text.isdigit()]
    counted = [str(number) for number in range(1, len(numbers) + 1)]
    return len(numbers) > 1 and numbers == counted and all(text in "甲乙丙丁戊ABCabc" for text in others)


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


def _is_stated(text: str) -> bool:
    """Whether a text states a unit or is the number of a table, as lines above tables do."""
    name = folded(text).strip("()")
    return name.startswith(("单位:", "计量单位:", "单位名称:", "unit:", "units:", "表", "附表", "table ")) or (
        name.endswith("表") and len(name) > 2
    )


def _is_note(text: str) -> bool:
    """Whether a line is a note below a table."""
    name = folded(text)
    words = table_words("note")[""]
    return any(
        name.startswith((f"{word}:", f"{word}1", f"{word} ", f"{word}.", f"{word}、", f"{word}(")) for word in words
    )
