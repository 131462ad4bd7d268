"""Tables of a PDF, from its letters and rules. Needs pdfplumber (the extra `audit`).

A page that is turned is turned upright. A table with rules around its cells is cut along them. One with rules across
only, as journals print them, is cut where a gutter runs down through all of its lines; a heading stands over the
columns that it reaches over. Lines of a name and as many figures below one line of headings are a table without rules.

| ━━━━━━━━━━━━━━━━━━━━━━━━ |
|  服务        价值(亿元)    |     over both columns: a rule below it says so, or its letters reach over them
|              2019   2020 |
| ──────────────────────── |
|  水源涵养    240.8  249.6 |
| ━━━━━━━━━━━━━━━━━━━━━━━━ |
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import PdfminerException

from gep.audit.cells import Cells, Read
from gep.audit.documents import Spread, Table, TooLargeError, is_numbered, raised, tables_of
from gep.audit.printed import NOT_PRINTED
from gep.core.errors import UsageError
from gep.core.messages import say

FAILURES = (
    PDFException,
    PSException,
    PdfminerException,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    RecursionError,
    NotImplementedError,
    ZeroDivisionError,
    struct.error,
    zlib.error,
)
"""How a file that is damaged, encrypted or none shows itself: pdfminer takes what a file says of itself as it is."""
MOST_PAGES = 400
MOST_BYTES = 400_000_000
"""What the streams of a file may be unpacked."""
_MOST_LETTERS, _MOST_RULES = 60_000, 20_000
"""What a page of tables may have: one with more is a map."""
_SHORTEST_RULE = 60.0
"""In points; a shorter line is no rule of a table."""
_MOST_OF_A_PAGE = 700.0
"""In points; a higher rectangle lies behind a page."""
_NEAR = 3.0
_GUTTER = 0.9
"""How wide a gutter between columns is at least, in heights of a letter: words of a name stand closer."""
_SPACE = 0.25
"""Beyond how much room, in heights of a letter, two letters are of two words."""
_BETWEEN_COLUMNS = 1.8
"""The same between two columns of a page, at least."""
_RAISED = 0.82
"""A letter of a smaller share of the height of its neighbours, and above their feet, is raised."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def pdf_tables(file: Path, name: str, read: Read, pages: range) -> list[Cells]:
    """The tables of a PDF, or of some of its pages."""
    _look_at_size(file.read_bytes())
    with pdfplumber.open(file) as document:
        numbers = [number for number in range(1, len(document.pages) + 1) if not pages or number in pages]
        if not numbers:
            raise UsageError(say("audit.choice.no_page", file=name, page=pages.start, count=len(document.pages)))
        if len(numbers) > MOST_PAGES:
            read.skip(name, say("audit.skipped.pages", count=len(numbers), most=MOST_PAGES))
            numbers = numbers[:MOST_PAGES]
        parts: list[str | Table] = []
        for number in numbers:
            page = document.pages[number - 1]
            if _is_turned(page):
                page = _upright(page)
            parts += _parts(page.filter(_is_no_background), number, name, read)
            page.close()
        if not any(isinstance(part, Table) for part in parts):
            has_text = any(part.strip() for part in parts if isinstance(part, str))
            read.skip(name, say("audit.skipped.no_rules" if has_text else "audit.skipped.no_letters"))
    return tables_of(name, parts)


def _is_no_background(thing: Any) -> bool:
    """Whether a thing on a page is no sheet of colour behind all of it, whose edges are no rules."""
    return bool(thing["object_type"] != "rect" or thing["height"] < _MOST_OF_A_PAGE)


def _look_at_size(raw: bytes) -> None:
    """Raise TooLargeError where the streams of a file are unpacked larger than any report; pictures are not."""
    size = 0
    for match in re.finditer(rb"stream\r?\n", raw):
        head = raw[max(0, match.start() - 300) : match.start()].rpartition(b"obj")[2]
        if b"FlateDecode" not in head or b"/Image" in head:
            continue
        packed = raw[match.end() : raw.find(b"endstream", match.end())]
        for _ in range(max(1, head.count(b"FlateDecode"))):
            packer = zlib.decompressobj()
            try:
                packed = packer.decompress(packed, MOST_BYTES - size + 1)
            except zlib.error:
                break
            size += len(packed)
            if size > MOST_BYTES:
                raise TooLargeError


def _parts(page: Any, number: int, name: str, read: Read) -> Iterator[str | Table]:
    """The lines and the tables of a page from top to bottom."""
    letters = [letter for letter in page.chars if letter["upright"] and letter["text"].strip()]
    place = say("audit.place.page", file=name, page=number)
    if _is_turned(page):
        read.skip(place, say("audit.skipped.turned"))
        return
    if len(letters) > _MOST_LETTERS or len(page.edges) > _MOST_RULES:
        read.skip(place, say("audit.skipped.drawing"))
        return
    lines = _lines(letters)
    tables = list(_ruled(page, lines, number))
    for box in _between_rules(page, lines, [box for box, _ in tables]):
        inside = _inside(lines, box)
        within = [rule for rule in _rules(page) if _is_within(rule, box)]
        if (table := _by_gutters(inside, within, box, number)) is not None:
            tables.append((box, table))
        elif any(_is_amount(word["text"]) for line in inside for word in line):
            read.skip(place, say("audit.skipped.no_gutters", text=_text(inside[0])[:40]))
    known = [box for box, _ in tables]
    for box in _without_rules([line for line in lines if not any(_is_in(line[0], other) for other in known)]):
        if (table := _by_gutters(_inside(lines, box), [], box, number)) is not None:
            tables.append((box, table))
    tables.sort(key=lambda each: each[0][1])
    texts = [text for line in lines for text in _pieces(line) if not any(_is_in(text[0], box) for box, _ in tables)]
    above = 0.0
    for box, table in tables:
        yield from (_text(text) for text in texts if above < text[0]["top"] < box[1] and _is_beside(text, box))
        yield table
        above = box[3]
    yield from (_text(text) for text in texts if text[0]["top"] > above)


def _is_turned(page: Any) -> bool:
    """Whether the digits of a page are turned."""
    upright = sum(letter["upright"] and bool(letter["text"].strip()) for letter in page.chars)
    turned = sum(not letter["upright"] and letter["text"].isdigit() for letter in page.chars)
    return bool(2 * turned > upright)


def _upright(page: Any) -> Any:
    """A page whose text runs up or down, turned so that it runs to the right."""
    runs_up = sum(1 if letter["matrix"][1] > 0 else -1 for letter in page.chars if not letter["upright"])
    turned = (page.page_obj.rotate + (90 if runs_up > 0 else 270)) % 360
    page.page_obj.rotate = page.page_obj.attrs["Rotate"] = turned
    return type(page)(page.pdf, page.page_obj, page_number=page.page_number, initial_doctop=page.initial_doctop)


def _pieces(line: Sequence[Any]) -> Iterator[list[Any]]:
    """A line cut where it goes on in another column of the page."""
    piece = [line[0]]
    for word in line[1:]:
        if word["x0"] - piece[-1]["x1"] > _BETWEEN_COLUMNS * (word["bottom"] - word["top"]):
            yield piece
            piece = []
        piece.append(word)
    yield piece


# letters --------------------------------------------------------------------------------------------------------------


def _lines(letters: Sequence[Any]) -> list[list[Any]]:
    """Words by line, from left to right: a raised letter is put into its line, as a sign of its own."""
    lines: list[list[Any]] = []
    for letter in sorted(letters, key=lambda each: (-each["size"], each["top"])):
        middle = (letter["top"] + letter["bottom"]) / 2
        line = next((line for line in lines if line[0]["top"] <= middle <= line[0]["bottom"]), None)
        if line is None:
            lines.append([letter])
        else:
            line.append(letter)
    lines.sort(key=lambda line: line[0]["top"])
    return [_words(sorted(line, key=lambda each: each["x0"])) for line in lines]


def _words(letters: Sequence[Any]) -> list[Any]:
    words: list[Any] = []
    base = max(letters, key=lambda each: each["size"])
    height = base["bottom"] - base["top"]
    for letter in letters:
        is_raised = letter["size"] < _RAISED * base["size"] and letter["bottom"] < base["bottom"] - height / 8
        text = raised(letter["text"]) if is_raised else letter["text"]
        if words and letter["x0"] - words[-1]["x1"] < _SPACE * height:
            words[-1]["text"] += text
            words[-1]["x1"] = max(words[-1]["x1"], letter["x1"])
        else:
            words.append(
                {"text": text, "x0": letter["x0"], "x1": letter["x1"], "top": base["top"], "bottom": base["bottom"]}
            )
    return words


def _text(words: Sequence[Any]) -> str:
    return " ".join(word["text"] for word in words)


def _inside(lines: Sequence[Sequence[Any]], box: Box) -> list[list[Any]]:
    """The words of lines that stand in a box."""
    return [words for line in lines if (words := [word for word in line if _is_in(word, box)])]


def _is_in(word: Any, box: Box, near: float = _NEAR) -> bool:
    middle, across = (word["top"] + word["bottom"]) / 2, (word["x0"] + word["x1"]) / 2
    return bool(box[0] - near <= across <= box[2] + near and box[1] - near <= middle <= box[3] + near)


# rules around cells ---------------------------------------------------------------------------------------------------


def _ruled(page: Any, lines: Sequence[Sequence[Any]], number: int) -> Iterator[tuple[Box, Table]]:
    """Tables with rules down and across. Where rules across reach further than the cells, the outer columns have none
    at their sides: the ends of the rules are taken for them.
    """
    tables = page.find_tables()
    wider = list(_between_rules(page, lines, []))
    for found in tables:
        box = next((box for box in wider if _is_wider(box, found.bbox)), None)
        if box is not None and sum(_is_within(other.bbox, box) for other in tables) == 1:
            around = (max(box[0] - 1, 0), max(box[1] - 1, 0), min(box[2] + 1, page.width), min(box[3] + 1, page.height))
            found = page.crop(around).find_table({"explicit_vertical_lines": [box[0], box[2]]}) or found
        else:
            box = found.bbox
        inside = _inside(lines, box)
        table = _of_cells(found.cells, inside, number)
        if table is None:
            table = _by_gutters(inside, [rule for rule in _rules(page) if _is_within(rule, box)], box, number)
        if table is not None and table.width > 1 and len(table.rows) > 1:
            yield box, table


def _is_wider(box: Box, cells: Box) -> bool:
    """Whether rules across reach further than the cells between them."""
    return _is_within(cells, box) and (box[0] < cells[0] - _NEAR or box[2] > cells[2] + _NEAR)


def _of_cells(cells: Sequence[Box], lines: Sequence[Sequence[Any]], number: int) -> Table | None:
    """A table from the boxes of its cells; None where words stand in none, or figures of several rows in one: there are
    too few rules.
    """
    if any(not any(_is_in(word, cell, 0) for cell in cells) for line in lines for word in line):
        return None
    lefts, tops = _distinct([cell[0] for cell in cells]), _distinct([cell[1] for cell in cells])
    table = Table(page=number, rows=[[None] * len(lefts) for _ in tops])
    stacks = [(cell, [words for line in lines if (words := [w for w in line if _is_in(w, cell, 0)])]) for cell in cells]
    several: list[tuple[float, int]] = []
    margin = min((line[0]["x0"] - cell[0] for cell, stack in stacks for line in stack), default=0.0)
    for cell, stack in stacks:
        texts = [_text(line) for line in stack]
        if sum(map(_is_figure, texts)) > 1:
            if _is_broken(stack, cell[2] - cell[0] - 2 * max(margin, 0.0)):
                texts = ["".join(texts)]
            else:
                several.append((cell[1], len(texts)))
        rows = [row for row, top in enumerate(tops) if cell[1] - _NEAR <= top < cell[3] - _NEAR]
        columns = [column for column, left in enumerate(lefts) if cell[0] - _NEAR <= left < cell[2] - _NEAR]
        text = _stacked(texts)
        table.rows[rows[0]][columns[0]] = text
        if len(rows) > 1 or len(columns) > 1:
            table.covered.update({(row, column): text for row in rows for column in columns})
    is_whole_body = len(several) > 1 and len(set(several)) == 1  # columns of as many figures, in one row of cells
    return None if is_whole_body else table


def _is_broken(stack: Sequence[Sequence[Any]], room: float) -> bool:
    """Whether the lines of a cell are one figure that is too long for it: no line had room for the next letter, with
    the point behind it, which begins no line.
    """
    return all(above[-1]["x1"] - above[0]["x0"] + _width_of_start(below[0]) > room for above, below in pairwise(stack))


def _width_of_start(word: Any) -> float:
    letters = re.match(r".[.,．，%％)）]*", word["text"])
    return float((word["x1"] - word["x0"]) * len(letters[0] if letters else "") / len(word["text"]))


def _distinct(numbers: Sequence[float]) -> list[float]:
    found: list[float] = []
    for number in sorted(numbers):
        if not found or number - found[-1] > _NEAR:
            found.append(number)
    return found


def _stacked(texts: Sequence[str]) -> str:
    """The lines of a cell as one text; Chinese is broken anywhere."""
    return re.sub(r"(?<=[\u3400-\u9fff])\n(?=[\u3400-\u9fff])", "", "\n".join(texts))


# rules across only ----------------------------------------------------------------------------------------------------


def _rules(page: Any) -> list[Box]:
    """The rules across of a page, from top to bottom: pieces that touch, and the two of a double one, are one."""
    rules: list[Box] = []
    for edge in sorted(page.horizontal_edges, key=lambda each: (each["top"], each["x0"])):
        last = next((at for at, rule in enumerate(rules) if _touches(rule, edge)), None)
        if last is None:
            rules.append((edge["x0"], edge["top"], edge["x1"], edge["bottom"]))
        else:
            rule = rules[last]
            rules[last] = (min(rule[0], edge["x0"]), rule[1], max(rule[2], edge["x1"]), edge["bottom"])
    return rules


def _touches(rule: Box, edge: Any) -> bool:
    is_level = rule[1] - _NEAR <= edge["top"] <= rule[3] + _NEAR
    return bool(is_level and edge["x0"] <= rule[2] + 0.5 and edge["x1"] >= rule[0] - 0.5)


def _is_within(rule: Box, box: Box) -> bool:
    return box[0] - _NEAR <= rule[0] and rule[2] <= box[2] + _NEAR and box[1] - _NEAR <= rule[1] <= box[3] + _NEAR


def _between_rules(page: Any, lines: Sequence[Sequence[Any]], known: Sequence[Box]) -> Iterator[Box]:
    """Boxes between rules of one length, as far as no title of a table and no table that is known stands between
    them.
    """
    open_: list[Box] = []
    rules = [rule for rule in _rules(page) if rule[2] - rule[0] >= _SHORTEST_RULE]
    for rule in (rule for rule in rules if not any(_is_within(rule, box) for box in known)):
        same = next(
            (
                at
                for at, box in enumerate(open_)
                if abs(box[0] - rule[0]) <= _NEAR * 2 and abs(box[2] - rule[2]) <= _NEAR * 2
            ),
            None,
        )
        if same is None:
            open_.append(rule)
            continue
        box = open_[same]
        between = [line for line in lines if box[3] < line[0]["top"] < rule[1] and _is_beside(line, rule)]
        is_other = any(box[3] < table[1] < rule[1] for table in known)
        if is_other or any(is_numbered(_text(line)) for line in between):
            yield box
            open_[same] = rule
        else:
            open_[same] = (box[0], box[1], box[2], rule[3])
    yield from open_


def _is_beside(line: Sequence[Any], rule: Box) -> bool:
    return bool(line[0]["x0"] < rule[2] and line[-1]["x1"] > rule[0])


def _by_gutters(lines: Sequence[Sequence[Any]], rules: Sequence[Box], box: Box, number: int) -> Table | None:
    """A table from its lines; None where no gutters run down through it, or what stands beside what is not seen."""
    whole = [rule for rule in rules if rule[2] - rule[0] >= (box[2] - box[0]) * _WHOLE]
    below = whole[1][1] if len(whole) > 2 else None
    phrases = [_phrases(line) for line in lines]
    body = [
        line
        for line in phrases
        if (line[0]["top"] > below if below is not None else any(map(_is_amount, _texts(line))))
    ]
    if below is None and any(len(line) < 2 for line in body):
        return None  # running text between two rules of a page
    heading = [line for line in phrases if body and line[0]["top"] < body[0][0]["top"]]
    columns = _columns(body)
    if len(columns) < 2 or not heading or any(len(set(_at(line, columns))) < len(line) for line in body):
        return None
    rows = _body_rows(body, columns)
    if rows is None:
        return None
    spanners = [rule for rule in rules if rule not in whole]
    spread = Spread(number)
    for cells in _heading_rows(heading, spanners, columns):
        spread.row()
        for text, down, across in cells:
            spread.cell(text, down, across)
    for row in rows:
        spread.row()
        for text in row:
            spread.cell(text)
    return spread.done()


def _without_rules(lines: Sequence[Sequence[Any]]) -> Iterator[Box]:
    """Boxes of lines that stand as rows of a table without any rule: a name and figures, each below those of the line
    above, and one line of headings, with one for each column.
    """
    phrases = [_phrases(line) for line in lines]
    at = 0
    while at < len(phrases):
        end = at
        while end < len(phrases) and _is_row(phrases[end]) and len(phrases[end]) == len(phrases[at]):
            end += 1
        body = phrases[at:end]
        if len(body) >= _FEWEST_ROWS and at and (heading := _heading_of(phrases[at - 1], body)):
            every = [phrase for line in (heading, *body) for phrase in line]
            yield (
                min(phrase["x0"] for phrase in every),
                min(phrase["top"] for phrase in every),
                max(phrase["x1"] for phrase in every),
                max(phrase["bottom"] for phrase in every),
            )
        at = max(end, at + 1)


_FEWEST_ROWS = 3
"""So many lines below each other, of a name and as many figures, are a table."""


def _is_row(phrases: Sequence[Any]) -> bool:
    first, *others = _texts(phrases)
    return bool(others) and not _is_figure(first) and all(map(_is_figure_or_none, others))


def _heading_of(line: Sequence[Any], body: Sequence[Sequence[Any]]) -> Sequence[Any] | None:
    """The line above a body, if it has one heading for each column, be it for that of the names too, and none that
    stands over several.
    """
    columns = _columns(body)
    is_of_each = len(columns) == len(body[0]) and len(line) in (len(columns), len(columns) - 1)
    if not is_of_each or any(map(_is_amount, _texts(line))):
        return None
    wide = [p for p in line if sum(p["x0"] < right and p["x1"] > left for left, right in columns) > 1]
    places = _at(line, columns)
    return line if not wide and len(set(places)) == len(line) and {*places, 0} == set(range(len(columns))) else None


_WHOLE = 0.95
"""A rule is as wide as its table from this share of the width on; a shorter one stands below a heading of several."""


def _texts(phrases: Sequence[Any]) -> list[str]:
    return [phrase["text"] for phrase in phrases]


def _is_figure(text: str) -> bool:
    text = unicodedata.normalize("NFKC", text)
    return bool(re.fullmatch(r"[-+−–<>≈~±(（]*\d[\d.,  ]*[)）%％‰*†‡§⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜ]*", text))


def _is_amount(text: str) -> bool:
    return _is_figure(text) and not re.fullmatch(r"(?:19|20)\d\d", text)


def _phrases(words: Sequence[Any]) -> list[Any]:
    """Words that stand close as one; two figures are two, unless a space parts thousands."""
    found: list[Any] = []
    for word in words:
        height = word["bottom"] - word["top"]
        if found and word["x0"] - found[-1]["x1"] < _GUTTER * height:
            before = found[-1]["text"]
            are_figures = _is_figure_or_none(before) and _is_figure_or_none(word["text"])
            are_groups = re.fullmatch(r"[-−–]?\d{1,3}(?: \d{3})*", before) and re.match(r"\d{3}(?!\d)", word["text"])
            if not are_figures or are_groups:
                found[-1] = {**found[-1], "text": f"{before} {word['text']}", "x1": word["x1"]}
                continue
        found.append(dict(word))
    return found


def _is_figure_or_none(text: str) -> bool:
    return _is_figure(text) or text.lower() in NOT_PRINTED


def _columns(body: Sequence[Sequence[Any]]) -> list[tuple[float, float]]:
    """Left and right of each column: what the phrases of all lines lie over, together."""
    found: list[tuple[float, float]] = []
    for left, right in sorted((phrase["x0"], phrase["x1"]) for line in body for phrase in line):
        if found and left < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def _at(phrases: Sequence[Any], columns: Sequence[tuple[float, float]]) -> list[int]:
    """The column of each phrase: that which it shares most with, else the nearest."""
    return [
        max(
            range(len(columns)),
            key=lambda at: min(phrase["x1"], columns[at][1]) - max(phrase["x0"], columns[at][0]),
        )
        for phrase in phrases
    ]


def _body_rows(body: Sequence[Sequence[Any]], columns: Sequence[tuple[float, float]]) -> list[list[str]] | None:
    """The rows; a line of a label alone that stands close to a row is the rest of the label of that row. None where a
    label beside several rows stands in the middle of them.
    """
    rows: list[tuple[float, list[list[str]]]] = []
    labels: list[tuple[float, str]] = []
    for line in body:
        places = _at(line, columns)
        if places == [0]:
            labels.append((line[0]["top"], line[0]["text"]))
            continue
        cells: list[list[str]] = [[] for _ in columns]
        for place, phrase in zip(places, line, strict=True):
            cells[place].append(phrase["text"])
        rows.append((line[0]["top"], cells))
    tops = [top for top, _ in rows]
    pitch = median([below - above for above, below in pairwise(tops)]) if len(tops) > 1 else 0
    for top, label in labels:
        near = min(range(len(rows)), key=lambda at: abs(tops[at] - top), default=None)
        if near is not None and abs(tops[near] - top) < _CLOSE * pitch:
            cells = rows[near][1]
            cells[0] = [label, *cells[0]] if top < tops[near] else [*cells[0], label]
        else:
            rows.append((top, [[label], *([] for _ in columns[1:])]))
    rows.sort(key=lambda row: row[0])
    if not rows or not rows[0][1][0]:
        return None
    return [[_stacked(cell) for cell in cells] for _, cells in rows]


_CLOSE = 0.7
"""Lines closer than this share of the distance of rows are of one row."""


def _heading_rows(
    heading: Sequence[Sequence[Any]], spanners: Sequence[Box], columns: Sequence[tuple[float, float]]
) -> list[list[tuple[str, int, int]]]:
    """Rows of (text, rows that it covers, columns that it covers): a phrase with a rule below it stands over the
    columns that the rule reaches over, the others over one each.
    """
    above: list[list[tuple[int, str]]] = [[] for _ in columns]
    own: list[list[str]] = [[] for _ in columns]
    count = 0
    for line in heading:
        for phrase, place in zip(line, _at(line, columns), strict=True):
            rule = next((rule for rule in spanners if _stands_on(phrase, rule, heading)), None)
            if rule is None:
                own[place].append(phrase["text"])
                continue
            count += 1
            for at, (left, right) in enumerate(columns):
                if rule[0] - _NEAR <= (left + right) / 2 <= rule[2] + _NEAR:
                    above[at].append((count, phrase["text"]))
    depth = max(map(len, above)) + 1
    rows = []
    for level in range(depth):
        cells: list[tuple[str, int, int]] = []
        at = 0
        while at < len(columns):
            if level < len(above[at]):
                across = 1
                while at + across < len(columns) and above[at + across][: level + 1] == above[at][: level + 1]:
                    across += 1
                cells.append((above[at][level][1], 1, across))
                at += across
                continue
            if level == len(above[at]):
                cells.append((_stacked(own[at]), depth - level, 1))
            at += 1
        rows.append(cells)
    return rows


def _stands_on(phrase: Any, rule: Box, heading: Sequence[Sequence[Any]]) -> bool:
    """Whether a rule stands right below a phrase, no other line between them."""
    middle = (phrase["x0"] + phrase["x1"]) / 2
    if not (rule[0] - _NEAR <= middle <= rule[2] + _NEAR and phrase["bottom"] - _NEAR <= rule[1]):
        return False
    return not any(
        phrase["top"] + _NEAR < other["top"] < rule[1] and rule[0] <= (other["x0"] + other["x1"]) / 2 <= rule[2]
        for line in heading
        for other in line
    )
