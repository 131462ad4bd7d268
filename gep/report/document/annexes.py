"""The annexes: parameters, prices, data, classes, returns, checks, uncertainty, working, run record, review."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from gep.core.keys import CITY
from gep.core.messages import Text, code_texts, say
from gep.report.document.grid import simple
from gep.report.document.report import Report
from gep.report.tables.model import EMPTY, Cell, ReportTable, Row, of_text

COLUMNS = {
    "A1": ("name", "ecosystem", "value", "unit", "low", "high", "source", "locator", "status"),
    "A2": ("service", "name", "zone", "value", "unit", "price_year", "factor", "used", "used_unit", "source"),
    "A3": ("name", "kind", "file", "period", "cell", "crs", "unit", "resampling", "coverage"),
}
"""The columns of lists that fit a page; the workbook has all."""
_EMPTY_ROWS = 6
_FIRST_NUMBERS = 3
"""Of a long sum; the workbook has all."""


def annexes(report: Report) -> None:
    """All annexes that the run can fill."""
    m = report.manuscript
    m.turn(is_landscape=True)
    m.heading(say("document.heading.annexes"), is_numbered=False)
    for id_ in ("A1", "A2", "A3", "A4"):
        if id_ in report.tables:
            _heading(report, id_)
            table = _numbered(report, report.tables[id_])
            m.table(table, [c for c in table.columns if id_ not in COLUMNS or c.id in COLUMNS[id_]])
            if id_ == "A3":
                m.note(say("document.note", note=say("document.said.hashes")))
            elif any(row["source"].text for row in table.rows):
                m.note(say("document.note", note=say("document.said.source_numbers")))
    m.heading(say("document.heading.returns"), 2, is_numbered=False)
    m.paragraph(say("document.said.returns"))
    _checks(report)
    if "A7" in report.tables:
        _heading(report, "A7")
        report.put("A7")
    else:
        m.heading(say("document.heading.uncertainty_annex"), 2, is_numbered=False)
        m.paragraph(say("document.said.no_interval", table=say("tables.number.A1")))
    _working(report)
    _heading(report, "A9")
    report.put("A9")
    m.turn(is_landscape=False)
    m.heading(say("document.heading.review"), 2, is_numbered=False)
    m.place("review")
    heads = [say(f"document.column.{name}") for name in ("number", "comment", "answer", "page")]
    rows = [[str(at), "　" * 12, "　" * 12, ""] for at in range(1, _EMPTY_ROWS + 1)]
    number = say("document.annex_number", number=10)
    m.own_table(say("document.table.comments"), simple(heads, rows, m.languages), number)


def _heading(report: Report, id_: str) -> None:
    table = report.tables[id_]
    report.manuscript.heading(say("tables.title", number=table.number, name=table.name), 2, is_numbered=False)


def _numbered(report: Report, table: ReportTable) -> ReportTable:
    """A table with the numbers of documents in place of their titles, which stand once in the first chapter. Where the
    source is none of them, as the words of a study, it is told as the place, if there is no other.
    """
    numbers = {document: f"[{at}]" for at, document in enumerate(report.documents, 1)}
    has_place = table.id in COLUMNS and "locator" in COLUMNS[table.id]
    rows = []
    for row in table.rows:
        source, fresh = row["source"].text or EMPTY, dict[str, Cell]()
        if source in numbers:
            fresh = {"source": of_text(numbers[source])}
        elif source and has_place and not row["locator"].text:
            fresh = {"source": of_text(EMPTY), "locator": of_text(source)}
        rows.append(replace(row, cells={**row.cells, **fresh}))
    return replace(table, rows=tuple(rows))


def _checks(report: Report) -> None:
    """Errors and warnings one by one, notes by their code."""
    m, table = report.manuscript, report.tables["A6"]
    _heading(report, "A6")
    note = say("report.severity.information")
    grave = tuple(row for row in table.rows if row["severity"].text != note)
    m.table(replace(table, rows=grave))
    counts = Counter(problem.code for problem in report.account.about.problems if problem.severity == "information")
    if counts:
        heads = [say("tables.a6.code"), say("document.code_title"), say("document.column.count")]
        rows = [[code, _title(code), str(count)] for code, count in sorted(counts.items())]
        number = say("document.annex_number", number="6-1")
        m.own_table(say("document.table.notes_by_code"), simple(heads, rows, m.languages), number)
        m.note(say("document.note", note=say("document.said.notes_by_code")))


def _title(code: str) -> Text:
    about = code_texts(code)
    return Text(str(about["en"]), str(about["zh"]))


def _working(report: Report) -> None:
    """The arithmetic of the whole area."""
    table = report.tables.get("A8")
    if table is None:
        return
    m = report.manuscript
    _heading(report, "A8")
    m.table(replace(table, rows=tuple(_in_brief(row) for row in table.rows if _is_of_city(row))))
    m.note(say("document.note", note=say("document.said.steps_of_area")))


def _is_of_city(row: Row) -> bool:
    return row.key.split("/")[1] == CITY


def _in_brief(row: Row) -> Row:
    """A line of arithmetic with the first numbers of its long sums, and how many there are: nobody reads digits."""
    line = re.sub(r"sum\(([^()]*)\)", _brief_sum, row["line"].text or "")
    return replace(row, cells={**row.cells, "line": of_text(line)})


def _brief_sum(found: re.Match[str]) -> str:
    numbers = found[1].split(", ")
    if len(numbers) <= _FIRST_NUMBERS + 1:
        return found[0]
    return f"sum({', '.join(numbers[:_FIRST_NUMBERS])}, … ×{len(numbers)})"
