"""Writing the page of an audit. Texts of the tables are escaped; its policy lets nothing run and nothing be loaded."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from gep.audit.audit import Audit
from gep.audit.cells import Cells
from gep.audit.findings import Check
from gep.core.errors import MissingFeatureError
from gep.core.messages import in_language, say
from gep.report.findings import tally_of

_MOST_ROWS, _MOST_COLUMNS = 400, 80
"""So much of a table is shown; what fails below is listed all the same."""
_ORDER = ("fails", "in_fails", "warning", "cannot_tell", "holds")
"""What a cell is marked as, worst first; `in_fails` is a part of what does not hold."""


@dataclass(frozen=True)
class _Shown:
    """A cell of a table as the page shows it."""

    text: str
    anchor: str
    verdict: str
    tip: str
    numbers: tuple[int, ...]
    rows: int = 1
    columns: int = 1
    is_number: bool = False


@dataclass(frozen=True)
class _Table:
    name: str
    rows: list[list[_Shown]]
    left_out: int


@dataclass(frozen=True)
class _Finding:
    number: int
    verdict: str
    said: str
    arithmetic: str
    cells: list[tuple[str, str]]


def write_page(audit: Audit, path: Path, title: str, language: str) -> Path:
    """Write the page of an audit.

    Raises MissingFeatureError where the library for templates is not installed, and OSError where the file cannot be
    written.
    """
    text = page(audit, title, language)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def page(audit: Audit, title: str, language: str) -> str:
    """The page as text."""
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        raise MissingFeatureError.of("--html", "report") from error
    style = _static("audit.css")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)

    def words(key: str, **values: object) -> str:
        return in_language(say(f"audit.page.{key}", **values), language)

    tables = list(_tables(audit, language))
    return environment.from_string(_static("audit.html.j2")).render(
        language={"zh": "zh-CN"}.get(language, language),
        title=title,
        words=words,
        counts=audit.counts(),
        tally=in_language(tally_of(audit), language),
        tables=tables,
        findings=list(_findings(audit, language)),
        unread=[problem.in_language(language) for problem in audit.unreadable],
        skipped=[in_language(skipped.said(), language) for skipped in audit.skipped],
        style=style,
        digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def _static(name: str) -> str:
    return (files("gep.report.audit_page") / name).read_text(encoding="utf-8")


def _numbered(audit: Audit) -> list[Check]:
    return [*audit.findings, *audit.cannot_tell]


def _findings(audit: Audit, language: str) -> Iterator[_Finding]:
    anchors = _anchors(audit)
    for number, check in enumerate(_numbered(audit), start=1):
        cells = [(in_language(place, language), anchors.get(place, "")) for place in check.cells]
        yield _Finding(
            number, check.verdict, in_language(check.sentence, language), in_language(check.arithmetic, language), cells
        )


def _anchors(audit: Audit) -> dict[str, str]:
    numbers = {id(cells): number for number, cells in enumerate(audit.sheets, start=1)}
    return {
        place: _anchor(numbers[id(cells)], row, column)
        for place, (cells, row, column) in audit.located.items()
        if id(cells) in numbers
    }


def _anchor(table: int, row: int, column: int) -> str:
    return f"t{table}r{row + 1}c{column + 1}"


def _tables(audit: Audit, language: str) -> Iterator[_Table]:
    """The tables of which a figure was read, each cell with what was found of it."""
    found: dict[tuple[int, int, int], list[tuple[str, int, Check]]] = defaultdict(list)
    numbered = {id(check): number for number, check in enumerate(_numbered(audit), start=1)}
    for check in (*_numbered(audit), *audit.holds):
        for at, place in enumerate(check.cells):
            if place in audit.located:
                cells, row, column = audit.located[place]
                mark = "in_fails" if at and check.verdict == "fails" else check.verdict
                found[id(cells), row, column].append((mark, numbered.get(id(check), 0), check))
    seen = {id(cells) for cells, *_ in audit.located.values()}
    for number, cells in enumerate(audit.sheets, start=1):
        if id(cells) in seen:
            yield _table(cells, number, found, language)


def _table(
    cells: Cells, number: int, found: dict[tuple[int, int, int], list[tuple[str, int, Check]]], language: str
) -> _Table:
    width = min(max((len(row) for row in cells.rows), default=0), _MOST_COLUMNS)
    hidden: set[tuple[int, int]] = set()
    rows = []
    for row in range(min(len(cells.rows), _MOST_ROWS)):
        shown = []
        for column in range(width):
            if (row, column) in hidden:
                continue
            down, across = _span(cells, row, column, width)
            hidden |= {(row + i, column + j) for i in range(down) for j in range(across)}
            checks = found.get((id(cells), row, column), [])
            verdict = next((name for name in _ORDER if any(each[0] == name for each in checks)), "")
            worst = [check for each, _, check in checks if each == verdict]
            tip = "\n".join(in_language(check.arithmetic, language) for check in worst[:3])
            numbers = tuple(sorted({n for each, n, _ in checks if n and each in (verdict, "in_fails")}))
            text = cells.text(row, column)
            shown.append(
                _Shown(
                    text,
                    _anchor(number, row, column),
                    verdict,
                    tip,
                    numbers,
                    down,
                    across,
                    bool(checks) or _looks(text),
                )
            )
        rows.append(shown)
    return _Table(in_language(cells.name, language), rows, max(len(cells.rows) - _MOST_ROWS, 0))


def _looks(text: str) -> bool:
    return bool(text) and text.lstrip("-+−–").replace(",", "").replace(".", "").replace(" ", "").isdigit()


def _span(cells: Cells, row: int, column: int, width: int) -> tuple[int, int]:
    """How many rows and columns a merged cell covers."""
    if (row, column) not in cells.covered or not cells.text(row, column):
        return 1, 1
    across = 1
    while column + across < width and _is_covered(cells, row, column + across):
        across += 1
    down = 1
    while row + down < len(cells.rows) and all(_is_covered(cells, row + down, column + i) for i in range(across)):
        down += 1
    return down, across


def _is_covered(cells: Cells, row: int, column: int) -> bool:
    line: Sequence[object] = cells.rows[row]
    return (row, column) in cells.covered and (column >= len(line) or line[column] in (None, ""))
