"""Statements of one page (cancellation of credits, compensation by sink): a page, a Word document, or Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from gep.assets.credits.statement import Statement
from gep.core.errors import MissingFeatureError, UsageError
from gep.core.folders import atomic_file
from gep.core.messages import Text, say, visible
from gep.report.console import rows_table

Parts = Sequence[tuple[str, Sequence[tuple[str, str]]]]


def _parts(statement: Statement, language: str) -> Parts:
    """Its facts in a language, under their headings."""
    parts = [(Text("", ""), statement.facts), *statement.parts]
    return [
        (heading.to(language), [(name.to(language), visible(value.to(language))) for name, value in facts])
        for heading, facts in parts
        if facts
    ]


def show_statement(statement: Statement, out: Console, language: str) -> None:
    """Print a statement."""
    out.print(f"[bold]{escape(statement.title.to(language))}[/bold]\n{escape(statement.opening.to(language))}")
    for heading, facts in _parts(statement, language):
        if heading:
            out.print(f"\n{escape(heading)}")
        out.print(rows_table(["", ""], facts))
    for note in statement.notes:
        out.print(f"[dim]{escape(note.to(language))}[/dim]", soft_wrap=True)


def write_statement(statement: Statement, path: Path, language: str) -> Path:
    """Write a statement as a page (`.html`), a Word document (`.docx`) or text (`.md`), by the name of the file.

    Raises:
        UsageError: for another kind of file.
        MissingFeatureError: for a Word document without the extra `report`.
    """
    writers = {".html": _write_page, ".docx": _write_document, ".md": _write_text}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise UsageError(say("report.statement_kind", path=path.name, kinds=list(writers)))
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as place:
        writer(statement, place, language)
    return path


def _write_page(statement: Statement, path: Path, language: str) -> None:
    from jinja2 import Environment, StrictUndefined

    template = (files("gep.report") / "statement.html.j2").read_text(encoding="utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(template)
    text = page.render(
        language="zh-CN" if language == "zh" else "en",
        title=statement.title.to(language),
        opening=statement.opening.to(language),
        parts=_parts(statement, language),
        notes=[note.to(language) for note in statement.notes],
    )
    path.write_text(text + "\n", encoding="utf-8")


def _write_text(statement: Statement, path: Path, language: str) -> None:
    lines = [f"# {statement.title.to(language)}", "", statement.opening.to(language)]
    for heading, facts in _parts(statement, language):
        lines += ["", f"## {heading}"] if heading else []
        lines += ["", "| | |", "|---|---|", *(f"| {_in_cell(name)} | {_in_cell(value)} |" for name, value in facts)]
    for note in statement.notes:
        lines += ["", note.to(language)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _in_cell(text: str) -> str:
    """A text in a cell of a table of Markdown, which a bar or a break would end."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")


def _write_document(statement: Statement, path: Path, language: str) -> None:
    try:
        from docx import Document
    except ImportError as error:
        raise MissingFeatureError.of(path.name, "report") from error
    document = Document()
    document.core_properties.title = statement.title.to(language)
    document.add_heading(statement.title.to(language), level=0)
    document.add_paragraph(statement.opening.to(language))
    for heading, facts in _parts(statement, language):
        if heading:
            document.add_heading(heading, level=1)
        table = document.add_table(rows=0, cols=2, style="Table Grid")
        for name, value in facts:
            cells = table.add_row().cells
            cells[0].text, cells[1].text = name, value
    for note in statement.notes:
        document.add_paragraph(note.to(language))
    document.save(str(path))
