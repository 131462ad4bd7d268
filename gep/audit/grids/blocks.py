"""A sheet cut into tables: titles above, rows of headings, columns of labels, the body, notes below.

| 表4 …年生态系统服务价值 |          |        |     title
| 服务      | 价值量(亿元)  |          |     headings
|           | 2019     | 2020     |
| 水源涵养  | 240.8    | 249.6    |     body: labels on the left, figures
| 合计      | 281.2    | 290.4    |
| 注：…                            |     note
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gep.audit.cells import Cells
from gep.audit.grids.words import axis_of, has, is_just, is_known_unit, is_way, said, tidy
from gep.audit.printed import NOT_PRINTED, without_spread

MOST_HEADING_ROWS = 5
_FEWEST_COLUMNS = 2
_FEWEST_FIGURES = 4
"""A column of which less than one in so many is a figure holds remarks."""
_NUMBER_LIKE = re.compile(
    r"[<>≤≥~≈约±+\-−–—]?\s*[(（]?[-+−–]?(?:\d[\d,.\s']*|\.\d+)(?:[eE][-+]?\d+)?\s*[)）]?\s*[%％‰]?(.{0,10})"
)
_YEAR_CELL = re.compile(
    r"(?:FY\s*)?(?:19|20)\d\d(?:s|年代|\s*年?)(?:[-–—~～至/]\s*(?:(?:19|20)?\d\d)\s*年?)?(?:度|末|底)?"
)
_YEAR_FIRST = re.compile(r"(?:19|20)\d\d\s*[^\d\s.,%]|(?:19|20)\d\d\s+[%％]|\d{1,2}\s*月|\d\d?(?:\.\d)?\s*%\s*CI\b")
_COLUMN_NUMBER = re.compile(r"[(（]?\s*(?:\d{1,2}|[A-Za-z]|[甲乙丙丁])\s*[)）]?(?:\s*=.*)?")
TABLE_NUMBER = re.compile(r"(?:附?表|table|tab\.)\s*[\dA-Z一二三四五六七八九十]", re.IGNORECASE)
_NOTE_ROW = re.compile(
    r"\s*[*]?\s*(?:注|备注|说明|数据来源|资料来源|来源|notes?|sources?|data source)\s*\d*\s*[:：.]", re.I
)


@dataclass(frozen=True)
class Block:
    """One table of a sheet. Rows and columns are those of the sheet, so that places stay what they are."""

    cells: Cells
    titles: tuple[str, ...]
    headings: tuple[int, ...]
    body: tuple[int, ...]
    columns: tuple[int, ...]
    """All its columns, labels first."""
    number: int = 1
    continues: bool = False
    groups: dict[int, str] = field(default_factory=dict)
    """By row of the body, the text of a row above it that holds nothing but a name."""
    units: dict[int, str] = field(default_factory=dict)
    """By row of the body, the unit that a row above it says."""
    of_sheet: tuple[int, ...] = ()
    """Its columns and those of the tables beside it."""
    ways: dict[int, str] = field(default_factory=dict)
    """By column, the heading of one to its left that holds nothing else, and says by what all is divided: 按地区分."""

    def text(self, row: int, column: int) -> str:
        return tidy(self.cells.text(row, column))

    @cached_property
    def stubs(self) -> tuple[int, ...]:
        """The columns of labels: from the left as long as no figure stands in them, and columns of units and notes."""
        found: list[int] = []
        is_left = True
        for column in self.columns:
            heading = self.heading(column)
            filled = [row for row in self.body if self.text(row, column).lower() not in NOT_PRINTED]
            figures = sum(is_figure(self.cells, row, column) for row in filled)
            is_words = figures * _FEWEST_FIGURES < len(filled) if found and not is_left else not figures
            is_years = self._is_of_years(column)
            axis = axis_of(heading[-1] if heading else "")
            is_numbers = axis == "number" and is_left
            if axis in ("unit", "note"):
                found.append(column)
                continue
            is_key = axis == "key" and is_left and column == self.columns[0]
            if is_left and len(found) + 1 < len(self.columns) and (is_words or is_years or is_numbers or is_key):
                found.append(column)
                continue
            is_left = False
            if is_words and filled:
                found.append(column)
        return tuple(found)

    def _is_of_years(self, column: int) -> bool:
        """Whether a column on the left holds years: it says so, or has no heading, or is the first."""
        heading = [axis_of(text) for text in self.heading(column)]
        texts = [self.text(row, column) for row in self.body if self.cells.text(row, column)]
        others = [text for text in texts if not (_YEAR_CELL.fullmatch(text) or _is_year_of_something(text))]
        is_mostly = len(others) * 2 < len(texts)
        is_words = not any(_is_number_like(text) and not _YEAR_FIRST.match(text) for text in others)
        if "year" in heading:
            return is_mostly or is_words
        if column == self.columns[0]:
            return len(others) < len(texts) and is_words  # years, and what changed between them
        before = self.before(column)
        is_below_the_same = before is not None and self.heading(column) == self.heading(before)
        return bool(texts) and is_mostly and is_words and (not heading or is_below_the_same)

    def before(self, column: int) -> int | None:
        """The column to the left of one, blank ones left out; None for the first."""
        at = self.columns.index(column)
        return self.columns[at - 1] if at else None

    def heading(self, column: int) -> tuple[str, ...]:
        """The texts above a column, outermost first; what spans several columns stands above each of them."""
        return self._paths[column]

    @cached_property
    def _paths(self) -> dict[int, tuple[str, ...]]:
        """A blank behind a heading belongs to it, as far as the heading above it reaches."""
        rows: list[dict[int, str]] = []
        for number, row in enumerate(self.headings):
            texts: dict[int, str] = {}
            last = ""
            for at, column in enumerate(self.columns):
                text = self.text(row, column)
                is_new_span = at == 0 or any(above[column] != above[self.columns[at - 1]] for above in rows)
                if text:
                    last = text
                elif is_new_span or (
                    number == len(self.headings) - 1 and number > 0 and self._stands_below(row, column)
                ):
                    last = ""
                if at == 0 and not text:
                    last = ""
                texts[column] = last if not self._is_blank_stub(row, column, at) else ""
            rows.append(texts)
        return {
            column: tuple(dict.fromkeys(texts[column] for texts in rows if texts[column])) for column in self.columns
        }

    def _stands_below(self, row: int, column: int) -> bool:
        """Whether a blank of the last heading row stands under a heading of its own: it is covered from above."""
        return any(self.cells.text(above, column) for above in self.headings if above < row)

    def _is_blank_stub(self, row: int, column: int, at: int) -> bool:
        return at == 0 and not self.text(row, column)


def _is_year_of_something(text: str) -> bool:
    """Whether a text is a year with its unit or its measure: `2010 (ha)`, `2000 ESV`."""
    each = said(text)
    return bool(each.times) and each.is_bare


def is_figure(cells: Cells, row: int, column: int) -> bool:
    """Whether a cell prints a number, readable or not."""
    raw = cells.raw(row, column)
    if isinstance(raw, bool) or raw is None:
        return False
    if isinstance(raw, int | float):
        return True
    return _is_number_like(tidy(str(raw)))


def _is_number_like(text: str) -> bool:
    if _POWER_OF_TEN.fullmatch(text):
        return True
    match = _NUMBER_LIKE.fullmatch(without_spread(text))
    if match is None or _YEAR_WORD.fullmatch(text):
        return False
    rest = match[1].strip()
    if is_just("exact", "statistic", rest):
        return False  # 95% CI
    return not rest or bool(re.fullmatch(r"[A-Za-z*†‡#①-⑳±].{0,8}", rest)) or is_known_unit(rest)


_POWER_OF_TEN = re.compile(r"[-+−–]?\d+(?:\.\d+)?\s*[×xX*·]\s*10\s?\^[-+−–]?\d{1,2}")
_YEAR_WORD = re.compile(
    r"(?:19|20)\d\d(?:s|年代|\s*年(?:度|末|底)?)|(?:19|20)\d\d\s*年?\s*[-–—~～至]\s*(?:19|20)\d\d\s*年?|FY.*"
)


def blocks_of(cells: Cells, heading_rows: int = 0) -> Iterator[Block]:
    """The tables of a sheet, those side by side as well; `heading_rows` says how many rows of headings there are."""
    height, width = len(cells.rows), max((len(row) for row in cells.rows), default=0)
    row, number = 0, 0
    titles: list[str] = []
    previous: Block | None = None
    while row < height:
        if _is_no_heading(cells, row, width, titles):
            row += 1
            continue
        given = tuple(range(row, min(row + heading_rows, height - 1)))
        headings = given or _heading_rows(cells, row, height, width)
        body, groups, units, end = _body(cells, headings, height, width) if headings else ((), {}, {}, row + 1)
        if body:
            columns = [column for column in range(width) if any(cells.text(row, column) for row in (*headings, *body))]
            while len(columns) > _FEWEST_COLUMNS and (title := _title_down(cells, headings, body, columns[0])):
                titles.append(title)
                columns = columns[1:]
            columns, ways = _divided(cells, headings, body, columns)
            is_again = previous is not None and _same_headings(cells, previous, headings, columns)
            continues = is_again and any(has("mark", "continued", title) for title in titles)
            for part in _side_by_side(cells, headings, tuple(columns)):
                number += 1
                is_beside = part[0] != columns[0]
                previous = Block(
                    cells,
                    tuple(titles),
                    headings,
                    body,
                    part,
                    number,
                    continues or is_beside,
                    groups,
                    units,
                    tuple(columns),
                    ways,
                )
                yield previous
            titles = []
        row = max(end, row + 1)


def _is_no_heading(cells: Cells, row: int, width: int, titles: list[str]) -> bool:
    """Whether a row is blank, a note, or a title, which is kept."""
    filled = [column for column in range(width) if cells.text(row, column)]
    texts = list(dict.fromkeys(tidy(cells.text(row, column)) for column in filled))
    if not filled or _NOTE_ROW.match(texts[0]):
        return True
    is_title = len(texts) == 1 and (not is_figure(cells, row, filled[0]) or bool(TABLE_NUMBER.match(texts[0])))
    if is_title:
        titles.append(texts[0])
    return is_title


def _title_down(cells: Cells, headings: Sequence[int], body: Sequence[int], column: int) -> str:
    """The title that a first column holds and nothing else, from the first row on, as of a table laid on its side;
    empty where it holds labels.
    """
    texts = {tidy(cells.text(row, column)) for row in (*headings, *body)} - {""}
    first = tidy(cells.text(headings[0], column))
    return first if texts == {first} and not axis_of(first) else ""


def _divided(
    cells: Cells, headings: Sequence[int], body: Sequence[int], columns: Sequence[int]
) -> tuple[list[int], dict[int, str]]:
    """The columns without those that only say by what all is divided up to their right, and what they say of each."""
    left: list[int] = []
    ways: dict[int, str] = {}
    way = ""
    for column in columns:
        texts = [text for row in headings if is_way(text := tidy(cells.text(row, column)))]
        if texts and not any(cells.text(row, column) for row in body):
            way = texts[0]
            continue
        left.append(column)
        if way:
            ways[column] = way
    return left, ways


def _heading_rows(cells: Cells, start: int, height: int, width: int) -> tuple[int, ...]:
    """Rows of headings from `start` on: as long as nothing right of the labels is a figure."""
    rows: list[int] = []
    for row in range(start, min(height, start + MOST_HEADING_ROWS + 1)):
        filled = [column for column in range(width) if cells.text(row, column)]
        if not filled:
            break
        if not _is_heading(cells, row, filled, rows):
            break
        rows.append(row)
    while len(rows) > 1 and rows[-1] + 1 >= height:
        rows.pop()
    return tuple(rows[:MOST_HEADING_ROWS])


def _is_heading(cells: Cells, row: int, filled: Sequence[int], above: Sequence[int]) -> bool:
    figures = [column for column in filled if is_figure(cells, row, column)]
    texts = [tidy(cells.text(row, column)) for column in filled]
    if not figures:
        if not above:
            return len(filled) > 1
        is_row_of_a_group = len(dict.fromkeys(texts)) == 1
        has_label = bool(cells.text(row, 0)) and not _is_covered_from_above(cells, row, 0)
        is_body_of_dashes = has_label and all(text.lower() in NOT_PRINTED for text in texts[1:])
        return not is_row_of_a_group and not is_body_of_dashes and (not has_label or _looks_like_headings(texts))
    stub = tidy(cells.text(row, 0))
    stub_is_heading = (
        not stub
        or _is_covered_from_above(cells, row, 0)
        or bool(axis_of(stub))
        or bool(_COLUMN_NUMBER.fullmatch(stub))
        or not above
    )
    if not stub_is_heading:
        return False
    figure_texts = [tidy(cells.text(row, column)) for column in figures]
    if all(_YEAR_CELL.fullmatch(text) or _YEAR_FIRST.match(text) for text in figure_texts):
        return True
    return bool(above) and _are_column_numbers(texts)


def _looks_like_headings(texts: Sequence[str]) -> bool:
    """Whether a second row of words is one of headings: units, measures, roles, names, no labels with dashes."""
    return all(
        is_known_unit(text.strip("()"))
        or said(text).measure
        or said(text).role
        or said(text).times
        or axis_of(text)
        or said(text).named
        or said(text).total
        or not re.search(r"\d", text)
        for text in texts
        if text
    ) and not any(text.lower() in NOT_PRINTED for text in texts)


def _is_covered_from_above(cells: Cells, row: int, column: int) -> bool:
    """Whether a merged cell that begins above covers a cell."""
    return (
        (row, column) in cells.covered
        and row > 0
        and (row - 1, column) in cells.covered
        and (cells.text(row, column) == cells.text(row - 1, column))
    )


def _are_column_numbers(texts: Sequence[str]) -> bool:
    """1, 2, 3 or (1), (2), (4)=(2)×(3): numbers of columns, in order."""
    if not all(_COLUMN_NUMBER.fullmatch(text) for text in texts):
        return False
    numbers = [int(match[0]) for text in texts if (match := re.search(r"\d+", text.split("=")[0]))]
    return len(numbers) < 2 or numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _body(
    cells: Cells, headings: Sequence[int], height: int, width: int
) -> tuple[tuple[int, ...], dict[int, str], dict[int, str], int]:
    """The rows of a body, the names and the units that stand in rows of their own above some, and where it ends."""
    rows: list[int] = []
    groups: dict[int, str] = {}
    units: dict[int, str] = {}
    group, unit, blanks = "", "", 0
    row = headings[-1] + 1
    labels = _first_labels(cells, row, height, width)
    while row < height:
        filled = [column for column in range(width) if cells.text(row, column)]
        texts = list(dict.fromkeys(tidy(cells.text(row, column)) for column in filled))
        if not filled:
            blanks += 1
            row += 1
            if blanks > 1 and rows:
                break
            continue
        if _NOTE_ROW.match(texts[0]) or (has("mark", "continued", texts[0]) and len(texts) == 1):
            break
        if TABLE_NUMBER.match(texts[0]) and len(texts) == 1:
            break
        if _is_again(cells, row, headings, width) or (
            blanks
            and rows
            and _heading_rows(cells, row, height, width)
            and not any(is_figure(cells, row, column) for column in filled)
            and len(texts) > 1
        ):
            break
        blanks = 0
        if len(texts) == 1 and not is_figure(cells, row, filled[0]):
            each = said(texts[0])
            is_unit = each.is_bare and bool(each.unit) and is_known_unit(each.unit)
            if is_unit or filled[0] <= labels + 1:
                unit, group = (each.unit, group) if is_unit else (unit, texts[0])
                row += 1
                continue
        rows.append(row)
        if group:
            groups[row] = group
        if unit:
            units[row] = unit
        row += 1
    return tuple(rows), groups, units, row


def _first_labels(cells: Cells, start: int, height: int, width: int) -> int:
    """The first column that holds something below the headings, notes aside: that of the labels."""
    rows = (next((column for column in range(width) if cells.text(row, column)), None) for row in range(start, height))
    found = [
        column
        for row, column in zip(range(start, height), rows, strict=True)
        if column is not None and not _NOTE_ROW.match(tidy(cells.text(row, column)))
    ]
    return min(found, default=0)


def _is_again(cells: Cells, row: int, headings: Sequence[int], width: int) -> bool:
    """Whether a row repeats the first row of headings."""
    return all(tidy(cells.text(row, column)) == tidy(cells.text(headings[0], column)) for column in range(width))


def _same_headings(cells: Cells, previous: Block, headings: Sequence[int], columns: Sequence[int]) -> bool:
    if len(previous.headings) != len(headings) or previous.of_sheet != tuple(columns):
        return False
    return all(
        tidy(cells.text(a, column)) == tidy(cells.text(b, column))
        for a, b in zip(previous.headings, headings, strict=True)
        for column in columns
    )


def _side_by_side(cells: Cells, headings: Sequence[int], columns: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The columns cut where their headings begin anew: `Ecosystem, Value, Ecosystem, Value`."""
    texts = [tuple(tidy(cells.text(row, column)) for row in headings) for column in columns]
    for count in range(2, len(columns) // 2 + 1):
        if len(columns) % count or not any(texts[0]):
            continue
        parts = [texts[i : i + count] for i in range(0, len(columns), count)]
        if all(part == parts[0] for part in parts) and axis_of(" ".join(texts[0]).strip()):
            return [columns[i : i + count] for i in range(0, len(columns), count)]
    return [columns]


_RANGE = re.compile(r"[(\[]?\s*[-−]?\d[\d.,]*\s*(?:[-–—~～,;，；至]|to)\s*[-−]?\d[\d.,]*\s*[)\]]?")


def is_range(text: str) -> bool:
    """Whether a text is two numbers, from one to another, and no years."""
    return bool(_RANGE.fullmatch(text)) and not _YEAR_CELL.fullmatch(text)


def outside(cells: Cells, blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Numbers beside others in rows that are of no table: below a note, without headings of their own."""
    known = {row for block in blocks for row in (*block.headings, *block.body)}
    for row in range(len(cells.rows)):
        filled = [column for column in range(len(cells.rows[row])) if cells.text(row, column)]
        if row in known or len(filled) < 2 or is_note(tidy(cells.text(row, filled[0]))):
            continue
        yield from ((row, column) for column in filled[1:] if is_figure(cells, row, column))


def is_note(text: str) -> bool:
    """Whether a text begins a note."""
    return bool(_NOTE_ROW.match(text)) or is_just("mark", "note", text)
