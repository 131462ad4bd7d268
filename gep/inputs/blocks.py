"""Where the tables of a sheet are: lines above, headings, the numbers of columns, body; and where another begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gep.core.table_words import folded, table_words
from gep.inputs.cells import Cells
from gep.inputs.headings import Words, is_figure, is_year
from gep.inputs.workbooks import Position

MOST_HEADING_ROWS = 6

_MARKS = "甲乙丙丁戊ABCabc"
"""What stands for a number over columns of labels, where columns are numbered."""


@dataclass(frozen=True)
class Block:
    """A part of a sheet with its own headings: rows `first` to `body` are headings, without those that are `numbered`,
    and `body` to `end` is the body. `titles` are the cells above.
    """

    first: int
    body: int
    end: int
    titles: tuple[Position, ...]
    numbered: frozenset[int] = frozenset()

    @property
    def heading(self) -> list[int]:
        """The rows that head the columns."""
        return [row for row in range(self.first, self.body) if row not in self.numbered]


class Blocks:
    """Cuts a sheet into its blocks."""

    def __init__(self, cells: Cells, words: Words) -> None:
        self._cells, self._words = cells, words

    def next(self, row: int) -> Block | None:
        """The next block from a row on."""
        titles: list[Position] = []
        while row < self._cells.height and (not self._cells.filled(row) or self._is_title(row)):
            titles += [(row, column) for column in self._cells.filled(row)]
            row += 1
        first = row
        numbered: set[int] = set()
        while row < self._cells.height and row - first < MOST_HEADING_ROWS and self._is_heading(row, first):
            numbered |= {row} if self._numbers_columns(row, first) else set()
            row += 1
        if row >= self._cells.height:
            return None
        end = row
        while end < self._cells.height and not (end > row and self._starts_another(end, first, row)):
            end += 1
        return Block(first, row, end, tuple(titles), frozenset(numbered))

    def _is_title(self, row: int) -> bool:
        """Whether a row is a line above a table: one text from the left, or units, years and numbers of tables."""
        filled = self._cells.filled(row)
        texts = [self._cells.text(row, column) for column in filled]
        if any(is_figure(text) and not is_year(text) for text in texts):
            return False
        stated = [_is_stated(text) for text in texts]
        if len(filled) == 1:
            said = self._words.said(texts[0], is_heading=True)
            return not said.column and (filled[0] == 0 or stated[0] or not said.is_understood)
        return any(stated) and all(
            is_stated or filled[0] == column or set(self._words.said(text).address) == {"year"}
            for is_stated, column, text in zip(stated, filled, texts, strict=True)
        )

    def _is_heading(self, row: int, first: int) -> bool:
        """Whether a row belongs to the headings: no figure stands in it, or its figures are years, or the numbers of
        the columns.
        """
        filled = self._cells.filled(row)
        texts = [self._cells.text(row, column) for column in filled]
        numbers = [text for text in texts if is_figure(text)]
        if not filled:
            return False
        if self._numbers_columns(row, first):
            return True
        first_text = self._cells.own(row, 0)
        label = self._words.said(first_text, is_heading=True)
        if row > first and first_text and (set(label.address) & {"zone", "item", "year"} or label.total):
            return False
        if not numbers:
            return True
        if not all(map(is_year, numbers)) or is_year(first_text):
            return False
        return row == first or not first_text or bool(label.column)

    def _numbers_columns(self, row: int, first: int) -> bool:
        """Whether a row below headings numbers their columns, up to the last: `甲 | 乙 | 1 | 2 | 3`. One that begins
        with the name of a zone, or stands where the others have no label either, is one of figures.
        """
        filled = self._cells.filled(row)
        texts = [self._cells.text(row, column).strip("()（）") for column in filled]
        numbers = [text for text in texts if text.isascii() and text.isdigit()]
        marks = texts[: len(texts) - len(numbers)]
        last = max((column for above in range(first, row) for column in self._cells.filled(above)), default=-1)
        is_counted = numbers and texts == [*marks, *(str(number) for number in range(1, len(numbers) + 1))]
        if row == first or not is_counted or filled[-1] < last:
            return False
        if marks:
            return all(len(mark) == 1 and mark in _MARKS for mark in marks) and not any(
                self._words.zones.named(mark) for mark in marks
            )
        below = next((text for r in range(row + 1, self._cells.height) if (text := self._cells.text(r, 0))), "")
        is_labelled = bool(below) and (not is_figure(below) or self._words.is_name(below))
        return len(numbers) > 1 and is_labelled and not (filled[0] == 0 and self._words.is_name(texts[0]))

    def _starts_another(self, row: int, first: int, body: int) -> bool:
        """Whether another block begins in a row of a body: a title of a table, or its headings again."""
        filled = self._cells.filled(row)
        texts = [self._cells.text(row, column) for column in filled]
        if not filled or any(is_figure(text) for text in texts):
            return False
        if _is_stated(texts[0]) or is_continued(texts):
            return True
        label = self._words.said(texts[0], is_heading=True)
        again = [self._cells.text(above, filled[0]) for above in range(first, body)]
        is_heading = bool(label.column) or texts[0] in again
        return len(filled) > 1 and is_heading and filled[0] == 0 and not is_note(texts[0])


def is_continued(titles: Sequence[str]) -> bool:
    """Whether a line says that a table goes on: `续表`."""
    words = tuple(table_words("continued")[""])
    return any(folded(title).startswith(words) or folded(title).endswith(("(续)",)) for title in titles)


def _is_stated(text: str) -> bool:
    """Whether a text states a unit or is the number of a table, as lines above tables do."""
    name = folded(text).strip("()")
    return name.startswith(("单位:", "计量单位:", "单位名称:", "unit:", "units:", "表", "附表", "table ")) or (
        name.endswith("表") and len(name) > 2
    )


def is_note(text: str) -> bool:
    """Whether a line is a note below a table."""
    name = folded(text)
    words = table_words("note")[""]
    return any(
        name.startswith((f"{word}:", f"{word}1", f"{word} ", f"{word}.", f"{word}、", f"{word}(")) for word in words
    )


def headings(cells: Cells, block: Block, index: int, words: Words) -> dict[int, str]:
    """The texts that head a column by their rows, from the top: of merged blocks once, and of cells that are left blank
    behind one that is written for several columns.
    """
    found: dict[int, str] = {}
    for row in block.heading:
        text = cells.text(row, index)
        if not text and row < block.heading[-1] and index:
            text = _from_the_left(cells, block, row, index, words)
        above, _ = cells.merged.get((row, index), (row, index))
        if text and above not in found and not _names_its_row(cells, row, index, words):
            found[row] = text
    return found


def _names_its_row(cells: Cells, row: int, index: int, words: Words) -> bool:
    """Whether a heading says what the others of its row are, and not its column: `单位 | 吨 | 万元`."""
    axis = words.said(cells.text(row, index), is_heading=True).column
    if axis not in ("unit", "year", "price_year"):
        return False
    others = [words.said(cells.text(row, column)).address for column in cells.filled(row) if column != index]
    return bool(others) and all(set(address) == {axis} for address in others)


def _from_the_left(cells: Cells, block: Block, row: int, index: int, words: Words) -> str:
    """The heading that a blank cell of an upper row continues: where nothing is merged in the row, one of figures that
    a lower row tells apart, within the reach of the heading above it.
    """
    if any((row, column) in cells.merged for column in range(cells.width)):
        return ""
    if not any(cells.own(below, index) for below in block.heading if below > row):
        return ""
    for column in range(index - 1, -1, -1):
        if row > block.first and cells.own(row - 1, column + 1):
            return ""
        if text := cells.own(row, column):
            said = words.said(text, is_heading=True)
            return "" if said.column not in ("", "value") or not said.is_understood else text
    return ""
