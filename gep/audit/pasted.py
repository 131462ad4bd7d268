"""Text as tables: delimited (CSV, TSV), pasted with spaces from a page, Markdown.

In text that was pasted with spaces, a space parts columns, words of a name, or thousands. Which it is, is seen from the
number of cells that all lines have; where that does not tell, nothing is guessed.
"""

from __future__ import annotations

import csv
import html
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any

from gep.audit.documents import Spread, Table, is_numbered, raised
from gep.audit.grids.blocks import is_note
from gep.audit.printed import NOT_PRINTED

DELIMITERS = ",;\t"
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_WIDE_SPACE = re.compile(r"[ \u00a0]*\u3000[ \u00a0]*")
_SPACES = re.compile(r"(?:[ \u00a0\u2003\u3000]{2,}|\u3000)")
_FIGURE = re.compile(r"[<>≤≥~≈约±+\-−–—]?\(?[-+−–]?[\d.,]*\d[\d.,]*\)?[%％‰]?[*†‡§a-z]?")
_GROUP, _FIRST_GROUP = re.compile(r"\d{3}(?:\.\d+)?[%*]?"), re.compile(r"[-+−–]?[1-9]\d{0,2}")
_UNPARTED = re.compile(r"[-+−–]?\d{4,}(?:\.\d+)?")
"""A figure whose thousands are not parted: then a space parts none."""
_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")


def split(text: str, delimiter: str) -> list[list[Any]]:
    """Delimited text as rows of cells; none where it is no such text."""
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return []


def delimiter_of(text: str) -> str:
    """The sign that parts the columns of a text: one that half of its lines have, apart from thousands; empty where
    there is none.
    """
    lines = [_THOUSANDS.sub("", line) for line in text.splitlines() if line.strip()]
    sign = next((sign for sign in "\t;," if sum(sign in line for line in lines) * 2 >= len(lines)), "")
    return sign or ("," if _is_cut_by_commas(text) else "")


def _is_cut_by_commas(text: str) -> bool:
    """Whether commas part all lines into as many cells, in which no space parts two figures: `2015,100.0` is no
    number. Titles and notes are one cell, where the heading has commas that are no thousands.
    """
    rows = [row for row in split(text, ",") if any(cell.strip() for cell in row)]
    heading = next((row for row in rows if len(row) > 1), [])
    if len(_THOUSANDS.sub("", ",".join(heading)).split(",")) == len(heading):
        rows = [row for row in rows if len(row) > 1]
    widths = {len(row) for row in rows}
    return (
        len(widths) == 1 and widths != {1} and not any(re.search(r"\d\s+[-+]?\d", cell) for row in rows for cell in row)
    )


# pasted with spaces ---------------------------------------------------------------------------------------------------


def split_by_spaces(text: str) -> list[list[Any]] | None:
    """Text with columns parted by spaces as rows of cells, a title or a note as one; None where it cannot be told."""
    lines = [line.rstrip() for line in text.splitlines()]
    for split_line in (_by_wide_space, _by_wide_gaps):
        rows = _in_agreement(lines, [split_line(line) for line in lines])
        if rows is not None:
            return rows
    return _by_single_spaces(lines)


def _in_agreement(lines: Sequence[str], rows: list[list[Any]]) -> list[list[Any]] | None:
    """Rows that all have as many cells; sentences above and below them may have spaces of their own."""
    counts = Counter(len(row) for row in rows if len(row) > 1)
    width, count = counts.most_common(1)[0] if counts else (0, 0)
    if count < 2:
        return None
    of_table = [at for at, row in enumerate(rows) if len(row) == width]
    for at, row in enumerate(rows):
        is_outside = not of_table[0] < at < of_table[-1] and not any(map(_is_figure, row))
        if len(row) > 1 and at not in of_table and is_outside:
            rows[at] = [lines[at].strip()]
    return rows if all(len(row) in (0, 1, width) for row in rows) else None


def _is_sentence(line: str) -> bool:
    return is_numbered(line.strip()) or is_note(line)


def _by_wide_space(line: str) -> list[Any]:
    """Each full-width space parts two cells, so that a blank cell stays one."""
    return [line.strip()] if _is_sentence(line) else [cell.strip() for cell in _WIDE_SPACE.split(line)]


def _by_wide_gaps(line: str) -> list[Any]:
    return [line.strip()] if _is_sentence(line) else [cell.strip() for cell in _SPACES.split(line.strip())]


def _by_single_spaces(lines: Sequence[str]) -> list[list[Any]] | None:
    """Columns parted by one space: the last of a line are its figures, as many as the heading has names for them."""
    words = [[line.strip()] if _is_sentence(line) else line.split() for line in lines]
    heading = next((row for row in words if len(row) > 1), [])
    width, rows = len(heading), []
    if width < 2 or all(map(_is_figure, heading)) or any(len(row) > 1 and all(map(_is_figure, row)) for row in words):
        return None  # a heading with a blank cell: which of them is blank is not seen
    may_join = not any(_UNPARTED.fullmatch(_plain(word)) for row in words if row is not heading for word in row[1:])
    for row in words:
        if len(row) < 2 or row is heading:
            rows.append(row)
            continue
        found = _as_many(row, width, may_join)
        if found is None:
            return None
        rows.append(found)
    return rows


def _as_many(words: Sequence[str], width: int, may_join: bool) -> list[Any] | None:
    """Words as so many cells: a name of several words and then figures, of which some are parted into thousands. None
    where they are fewer, or can be put together in more than one way.
    """
    figures = 0
    while figures < len(words) and _is_figure(words[len(words) - 1 - figures]):
        figures += 1
    name, numbers = words[: len(words) - figures], words[len(words) - figures :]
    if not figures:
        return list(words) if len(words) == width else None
    surplus = len(numbers) - (width - 1 if name else width)
    if surplus < 0 or (surplus and not may_join):
        return None
    joints = [at for at in range(1, len(numbers)) if _GROUP.fullmatch(_plain(numbers[at]))]
    ways = []
    for chosen in combinations(joints, surplus) if len(joints) < _MOST_JOINTS else ():
        cells: list[str] = []
        for at, number in enumerate(numbers):
            if at in chosen:
                cells[-1] += " " + number
            else:
                cells.append(number)
        if all(" " not in cell or _FIRST_GROUP.fullmatch(_plain(cell.split()[0])) for cell in cells):
            ways.append(cells)
    return [*([" ".join(name)] if name else []), *ways[0]] if len(ways) == 1 else None


_MOST_JOINTS = 24


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _is_figure(text: str) -> bool:
    plain = _plain(text)
    return bool(_FIGURE.fullmatch(plain)) or plain.lower() in NOT_PRINTED


# Markdown -------------------------------------------------------------------------------------------------------------


def markdown_parts(text: str) -> Iterator[str | Table]:
    """The lines and the tables of a text in Markdown."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        if "|" not in lines[at] or at + 1 == len(lines) or not _is_rule(lines[at + 1], lines[at]):
            yield _without_marks(lines[at].lstrip("#> "))
            at += 1
            continue
        spread = Spread()
        end = at
        while end < len(lines) and "|" in lines[end]:
            if end != at + 1:
                spread.row()
                for cell in _cells(lines[end]):
                    spread.cell(_without_marks(cell))
            end += 1
        yield spread.done()
        at = end


def has_markdown_table(text: str) -> bool:
    """Whether a text holds a table in Markdown."""
    lines = text.splitlines()
    return any("|" in line and _is_rule(rule, line) for line, rule in pairwise(lines))


def _is_rule(line: str, heading: str) -> bool:
    return "|" in line and bool(_RULE.fullmatch(line)) and len(_cells(line)) == len(_cells(heading))


def _cells(line: str) -> list[str]:
    return [cell.replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", re.sub(r"^\s*\||(?<!\\)\|\s*$", "", line))]


def _without_marks(text: str) -> str:
    """The text of a cell without what sets it bold, with superscripts as signs of their own."""
    text = re.sub(r"<sup>([^<]*)</sup>|\^([^^\s]+)\^", lambda match: raised(match[1] or match[2]), text)
    text = re.sub(r"<br\s*/?>", "\n", text)
    text = re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", re.sub(r"</?\w+>", "", text))
    return html.unescape(text).strip()
