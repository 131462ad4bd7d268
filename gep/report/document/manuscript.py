"""A document as it grows: headings, paragraphs, tables, pictures, formulas, places for prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gep.core.messages import Text, in_language, say
from gep.report.document.elements import Element, bookmarked, content_control, field, page_break, paragraph, run, tab, w
from gep.report.document.grid import Grid, both, grid_of, parts_of, word_table
from gep.report.document.layout import MARKED, Layout, text_width
from gep.report.document.mathematics import Node, lines_of, omml
from gep.report.office import Office
from gep.report.tables.model import Column, ReportTable

_LETTER_OF_FORMULA = 160
"""A letter of a formula in twentieths of a point, with room for the number on both sides of the line."""
_BODY = {"zh": "Indented", "en": "Normal"}


class Manuscript:
    """Writes into a layout, in every language of the report. Remembers what it has numbered and noted already."""

    def __init__(
        self, layout: Layout, languages: Sequence[str], office: Office, pictures: Mapping[str, Path] | None = None
    ) -> None:
        self.layout, self.languages = layout, languages
        self.office, self.pictures = office, pictures or {}
        self.headings: list[tuple[int, str, str]] = []
        self._is_landscape = False
        self._pictures = self._formulas = self._chapter = self._section = self._tables = 0
        self._noted: set[str] = set()

    # text -------------------------------------------------------------------------------------------------------------

    def add(self, *elements: Element) -> None:
        """Put elements at the end."""
        self.layout.body.extend(elements)

    def heading(self, text: str, level: int = 1, is_numbered: bool = True) -> None:
        """A heading with its number, and with a bookmark that the contents lead to."""
        shown = both(text, self.languages)
        if level == 1:
            self._chapter += is_numbered
            self._tables = self._formulas = self._section = 0
            shown = f"{self._chapter}　{shown}" if is_numbered else shown
        elif level == 2:
            self._section += 1
            shown = f"{self._chapter}.{self._section}　{shown}" if is_numbered else shown
        number = self.layout.next_number()
        name = f"_Toc{number:08d}"
        self.headings.append((level, shown, name))
        self.add(paragraph(*bookmarked(name, number, *self.runs(shown)), style=f"Heading{level}"))

    def runs(self, shown: str, is_bold: bool = False, half_points: int | None = None) -> list[Element]:
        """A text as `both` makes it; its second line is the English one."""
        first, *rest = shown.split("\n")
        runs = [run(first, self.languages[0], is_bold=is_bold, half_points=half_points)]
        if rest:
            runs.append(run("\n" + "\n".join(rest), self.languages[-1], is_bold=is_bold, half_points=half_points))
        return runs

    def paragraph(self, *texts: str, style: str = "", is_bold: bool = False) -> None:
        """Sentences as a paragraph, one for each language."""
        for language, text in self._told(texts):
            self.add(paragraph(run(text, language, is_bold=is_bold), style=style or _BODY[language]))

    def bullet(self, *texts: str) -> None:
        """An item of a list."""
        for language, text in self._told(texts):
            self.add(paragraph(run(text, language), style="ListBullet"))

    def note(self, *texts: str) -> None:
        """What stands small below a table."""
        for language, text in self._told(texts):
            self.add(paragraph(run(text, language), style="Note"))

    def _told(self, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
        told = set()
        for language in self.languages:
            joined = ("" if language == "zh" else " ").join(t for text in texts if (t := in_language(text, language)))
            if joined and joined not in told:
                told.add(joined)
                yield language, joined

    def place(self, name: str) -> None:
        """A marked place for prose: what the office has written, or what is to be written there."""
        for language in self.languages:
            written = self.office.written(name, language)
            about = say(f"document.place.{name}")
            content = (
                list(_prose(written, language))
                if written
                else [
                    paragraph(
                        run(
                            say("document.place_empty", what=about, file=f"{name}.md").to(language),
                            language,
                            color=MARKED,
                        ),
                        style="Slot",
                    )
                ]
            )
            number = self.layout.next_number()
            alias = about.to(language)
            self.add(content_control(f"{name}.{language}", alias, number, not written, content))

    # tables -----------------------------------------------------------------------------------------------------------

    def table(self, table: ReportTable, columns: Sequence[Column] | None = None) -> None:
        """A table of the report under its own number and name. Notes that were printed already are not said again."""
        fresh = [note for note in table.notes if note not in self._noted]
        self._noted.update(fresh)
        grid = grid_of(table, self.languages, table.columns if columns is None else columns)
        name = "\n".join(dict.fromkeys(table.title(language) for language in self.languages))
        unit = say("document.unit_line", unit=table.unit) if table.unit else Text("", "")
        self.grid(grid, name, unit, fresh)

    def own_table(self, name: str, grid: Grid, number: str = "") -> None:
        """A table of the document alone, numbered by chapter where it has no number of its own."""
        if not number:
            self._tables += 1
            number = say("document.own_number", chapter=self._chapter, number=self._tables)
        self.grid(grid, both(say("tables.title", number=number, name=name), self.languages), Text("", ""), ())

    def grid(self, grid: Grid, name: str, unit: str, notes: Sequence[str]) -> None:
        """A table with its caption, in parts where it is too wide."""
        for at, (part, widths) in enumerate(parts_of(grid, text_width(self._is_landscape))):
            label = _continued(name, self.languages) if at else name
            self.add(paragraph(*self.runs(label), style="Caption"))
            if unit:
                runs = self.runs(both(unit, self.languages).replace("\n", "　"))
                self.add(paragraph(*runs, style="Note", align="right", keep_with_next=True))
            self.add(word_table(part, widths, self.languages, label.replace("\n", " ")))
        for note in notes:
            self.note(say("document.note", note=note))
        if not notes:
            self.add(paragraph(style="Note"))

    # pictures and formulas --------------------------------------------------------------------------------------------

    def picture(self, name: str, caption: str) -> None:
        """A picture with its caption below; a marked line where there is none."""
        path = self.pictures.get(name)
        if path is None:
            for language, text in self._told([say("document.no_picture", name=name, caption=caption)]):
                self.add(paragraph(run(text, language, color=MARKED), style="Slot", align="center"))
            return
        self._pictures += 1
        described = both(caption, self.languages).replace("\n", " ")
        drawn = self.layout.picture(path, text_width(self._is_landscape), described)
        self.add(paragraph(drawn, align="center", keep_with_next=True))
        word = say("document.figure")
        first = self.languages[0]
        number = field("SEQ Figure \\* ARABIC", str(self._pictures), first)
        shown = both(caption, self.languages)
        self.add(paragraph(run(word.to(first), first), *number, *self.runs(f"　{shown}"), style="Under"))

    def formula(self, node: Node, is_numbered: bool = True) -> None:
        """A formula in the middle of a line, or of several where it is long, with its number behind the last."""
        width = text_width(self._is_landscape)
        *before, last = lines_of(node, width / _LETTER_OF_FORMULA)
        for line in before:
            self.formula(line, is_numbered=False)
        parts: list[Element] = [tab(), omml(last)]
        if is_numbered:
            self._formulas += 1
            label = f"({self._chapter}-{self._formulas})"
            parts += [tab(), run(label, self.languages[0])]
        self.add(paragraph(*parts, style="Formula", tabs=(("center", width // 2), ("right", width))))

    # sections ---------------------------------------------------------------------------------------------------------

    def turn(self, is_landscape: bool) -> None:
        """End the section; what comes next stands on pages turned as said."""
        if is_landscape != self._is_landscape:
            self.layout.end_section(self._is_landscape)
            self._is_landscape = is_landscape

    def end_front(self) -> None:
        """End the front page, which is a section of its own."""
        self.layout.end_section(is_front=True)

    def page_break(self) -> None:
        """Go on with a new page."""
        self.add(page_break())

    def finish(self) -> None:
        """The last section."""
        self.add(self.layout.section(self._is_landscape))

    def contents(self) -> list[Element]:
        """The table of contents: a field with the entries that it has now. Word finds out their pages when it opens the
        document.
        """
        entries = [(level, shown, name) for level, shown, name in self.headings if level < 3]
        made = []
        for at, (level, shown, name) in enumerate(entries):
            before: list[Element] = []
            if at == 0:
                instruction = w("instrText")
                instruction.text = ' TOC \\o "1-2" \\h \\z \\u '
                begin = w("fldChar", fldCharType="begin", dirty="true")
                before = [w("r", begin), w("r", instruction), w("r", w("fldChar", fldCharType="separate"))]
            runs = self.runs(shown.replace("\n", "　"))
            page = [tab(), *field(f"PAGEREF {name} \\h", "", self.languages[0])]
            link = w("hyperlink", *runs, *page, anchor=name, history=1)
            after = [w("r", w("fldChar", fldCharType="end"))] if at == len(entries) - 1 else []
            made.append(paragraph(*before, link, *after, style=f"TOC{level}"))
        return made


def _continued(name: str, languages: Sequence[str]) -> str:
    """The name above a further part of a table, in each line as in its language; a line that two share is the first."""
    lines = name.split("\n")
    said = languages if len(lines) == len(languages) else [languages[0]] * len(lines)
    return "\n".join(say("document.continued", name=line).to(of) for line, of in zip(lines, said, strict=True))


def _prose(text: str, language: str) -> Iterator[Element]:
    """Paragraphs, headings and lists of a text that people wrote."""
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.strip().splitlines() if line.strip()]
        rest: list[str] = []
        for line in lines:
            if found := re.match(r"#{1,6}\s+(.*)", line):
                yield from _flow(rest, language)
                yield paragraph(*_bold(found[1], language), style="Heading3")
            elif found := re.match(r"[-*]\s+(.*)", line):
                yield from _flow(rest, language)
                yield paragraph(*_bold(found[1], language), style="ListBullet")
            else:
                rest.append(line)
        yield from _flow(rest, language)


def _flow(lines: list[str], language: str) -> Iterator[Element]:
    """Lines that belong to one paragraph; they are used up."""
    if lines:
        yield paragraph(*_bold(("" if language == "zh" else " ").join(lines), language), style=_BODY[language])
        lines.clear()


def _bold(text: str, language: str) -> Iterator[Element]:
    for at, part in enumerate(re.split(r"\*\*(.+?)\*\*", text)):
        if part:
            yield run(part, language, is_bold=bool(at % 2))
