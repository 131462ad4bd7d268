"""The workbooks that go to departments, one each: what to fill in is yellow, all else is locked.

The hidden sheet holds what was asked, so that the reply is read for that. Nothing of the clock is in a workbook: the
same round gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from gep.core.keys import CITY
from gep.core.messages import say
from gep.inputs.forms import (
    BLOCK,
    FIELDS,
    FILLED_IN,
    HEAD_ROWS,
    HIDDEN,
    MORE_FIELDS,
    NOT_APPLICABLE,
    NOT_REPORTED,
    TRAILING,
    Axes,
    Form,
    Line,
    Workbook,
    file_name,
    record_rows,
    unit_choices,
    word,
)
from gep.inputs.office import department_name, shown_unit
from gep.report.office_book import ENTRY, cell_format, heading_format, height_of, office_book, set_up_print

LISTS = "_lists"
"""The hidden sheet of what drop-downs offer."""
TOP = 4
"""The row in which the table of a form begins: title, two rows of the block, a remark."""
MORE_ROWS = 20
"""Rows of a form of lines to be added."""
_LONGEST_CHOICE = 255
"""Letters that the list of a drop-down may have where it stands in the cell itself."""
_WIDTHS = {"code": 37, "name": 26, "unit": 12, "basis": 22, "remark": 18, "hint": 46}
_ACROSS = 20
"""The width of a line where lines run to the right."""
_MORE_WIDTHS = (30, 22, 22, 12, 14, 22, 18, 46)
_HELP = ("yellow", "blank", "unit", "numbers", "whole", "products", "change", "back")


def write_forms(books: Sequence[Workbook], folder: Path, language: str, *, is_downwards: bool = True) -> list[Path]:
    """Write the workbook of each department into a folder; their paths."""
    paths = []
    for book in books:
        path = folder / file_name(book.department, book.year, language)
        write_form(book, path, language, is_downwards=is_downwards)
        paths.append(path)
    return paths


def write_form(book: Workbook, path: Path, language: str, *, is_downwards: bool = True) -> None:
    """Write the workbook of one department; its lines run downwards, or to the right with the counties downwards."""
    title = say("office.form.title", area=book.area, year=book.year).to(language)
    with office_book(path, title, language) as made:
        writer = _Writer(made, book, language, Axes(is_downwards))
        writer.read_me(title)
        for form in book.forms:
            writer.more(form, title) if form.kind == "more" else writer.figures(form, title)
        writer.hidden()


class _Writer:
    """One workbook in the making: its formats, and where its sheets are."""

    def __init__(self, made: Any, book: Workbook, language: str, axes: Axes) -> None:
        self.made, self.book, self.language, self.axes = made, book, language, axes
        self.title = cell_format(made, language, bold=True, font_size=14)
        self.text = cell_format(made, language, text_wrap=True)
        self.locked = cell_format(made, language, border=1, text_wrap=True)
        self.small = cell_format(made, language, border=1, text_wrap=True, font_size=9, font_color="#595959")
        self.last = cell_format(made, language, border=1, font_color="#7F7F7F", bg_color="#F2F2F2", align="right")
        self.entry = cell_format(made, language, border=1, bg_color=ENTRY, locked=False, align="right")
        self.words = cell_format(made, language, border=1, bg_color=ENTRY, locked=False, text_wrap=True)
        self.heading = heading_format(made, language)
        self.changed = made.add_format({"bg_color": "#FFC7CE"})
        self.lists: list[list[str]] = []

    def word(self, key: str) -> str:
        return word(key, self.language)

    # sheets -----------------------------------------------------------------------------------------------------------

    def read_me(self, title: str) -> None:
        """How to fill in the forms, and which there are."""
        sheet = self.made.add_worksheet(self.word("sheet.read_me"))
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 1, 90)
        sheet.write(0, 0, title, self.title)
        sheet.write(1, 0, self.word("department"), self.heading)
        sheet.write(1, 1, department_name(self.book.department).to(self.language), self.locked)
        row = 2
        for form in self.book.forms:
            sheet.write(row, 0, form.number, self.heading)
            about = say(f"office.form.about.{form.kind}", count=len(form.lines))
            sheet.write(row, 1, about.to(self.language), self.locked)
            row += 1
        row += 1
        told = [key for key in _HELP if key != "change" or self.book.has_last]
        for number, key in enumerate(told, start=1):
            percent = f"{self.book.change * 100:g}"  # of a share, for the eye
            sheet.write(row, 0, number, self.heading)
            sheet.write(row, 1, say(f"office.form.help.{key}", percent=percent).to(self.language), self.locked)
            row += 1
        sheet.protect()
        set_up_print(sheet, (0, 0), 108)

    def _new_sheet(self, form: Form, title: str) -> Any:
        sheet = self.made.add_worksheet(self.word(f"sheet.{form.kind}"))
        sheet.write(0, 0, title, self.title)
        values = {
            "number": form.number,
            "department": department_name(self.book.department).to(self.language),
            "year": self.book.year,
            "deadline": self.book.deadline,
            "issued": self.book.issued,
        }
        half = len(BLOCK) // 2
        for place, key in enumerate(BLOCK):
            row, column = 1 + place // half, 2 * (place % half)
            sheet.write(row, column, self.word(key), self.heading)
            value = values.get(key, "")
            is_open = key in FILLED_IN or not value
            sheet.write_string(row, column + 1, str(value), self.words if is_open else self.locked)
        sheet.write(3, 0, self.word("remark_above"), cell_format(self.made, self.language, italic=False))
        return sheet

    def figures(self, form: Form, title: str) -> None:
        """A form of lines by places."""
        sheet = self._new_sheet(form, title)
        columns = [
            (code, name.to(self.language), which)
            for code, name in self.book.places_of(form)
            for which in (("last", "this") if self.book.has_last else ("this",))
        ]
        for number, key in enumerate(FIELDS):
            self._merged(sheet, number, self.word(key))
        for number, (code, name, which) in enumerate(columns, start=len(FIELDS)):
            for line, text in enumerate((name, self.book.shown_code(code), self.word(which))):
                sheet.write(*self._at(line, number), text, self.heading)
        for number, key in enumerate(TRAILING, start=len(FIELDS) + len(columns)):
            self._merged(sheet, number, self.word(key))
        for at, asked in enumerate(form.lines, start=HEAD_ROWS):
            self._line(sheet, at, asked, columns)
        self._lay_out(sheet, form, len(columns))

    def _at(self, line: int, field: int) -> tuple[int, int]:
        row, column = self.axes.cell(line, field)
        return TOP + row, column

    def _merged(self, sheet: Any, field: int, text: str) -> None:
        """The heading of a column of lines, over the three cells at its head."""
        sheet.merge_range(*self._at(0, field), *self._at(HEAD_ROWS - 1, field), text, self.heading)

    def _line(self, sheet: Any, number: int, line: Line, columns: Sequence[tuple[str, str, str]]) -> None:
        label = line.label.to(self.language)
        if line.degree == "required":
            label = say("office.form.starred", label=line.label).to(self.language)
        sheet.write_string(*self._at(number, 0), line.code, self.small)
        sheet.write_string(*self._at(number, 1), label, self.locked)
        self._unit(sheet, self._at(number, 2), line.units)
        for field, (code, _, which) in enumerate(columns, start=len(FIELDS)):
            cell = self._at(number, field)
            if which == "last":
                known = line.last.get(code)
                sheet.write_blank(*cell, None, self.last) if known is None else sheet.write_number(
                    *cell, known, self.last
                )
            else:
                sheet.write_blank(*cell, None, self.entry)
                self._hold_to_numbers(sheet, cell, line)
                if self.book.has_last:
                    self._mark_change(sheet, cell, self._at(number, field - 1))
        if self.axes.is_downwards:
            texts = (
                (line.code, _WIDTHS["code"]),
                (label, _WIDTHS["name"]),
                (line.hint.to(self.language), _WIDTHS["hint"]),
            )
            sheet.set_row(self._at(number, 0)[0], height_of(texts))
        basis, remark, hint = (self._at(number, len(FIELDS) + len(columns) + place) for place in range(len(TRAILING)))
        sheet.write_blank(*basis, None, self.words)
        sheet.write_blank(*remark, None, self.words)
        sheet.write_string(*hint, line.hint.to(self.language), self.small)

    def _unit(self, sheet: Any, cell: tuple[int, int], units: Sequence[str]) -> None:
        """The unit of a line: locked where there is one, to be chosen where there are two."""
        choices = unit_choices(units, self.language)
        sheet.write_string(*cell, choices[0], self.words if len(choices) > 1 else self.locked)
        if len(choices) > 1:
            self._choose(sheet, (*cell, *cell), choices)

    def _choose(self, sheet: Any, cells: tuple[int, int, int, int], choices: list[str]) -> None:
        """A drop-down: in the cell where the choices are short, else from the hidden sheet."""
        source: list[str] | str = choices
        if len(",".join(choices)) > _LONGEST_CHOICE or any("," in choice for choice in choices):
            self.lists.append(choices)
            column = len(self.lists) - 1
            source = f"={LISTS}!{xl_range_abs(0, column, len(choices) - 1, column)}"
        sheet.data_validation(*cells, {"validate": "list", "source": source, "error_message": self.word("choose")})

    def _hold_to_numbers(self, sheet: Any, cell: tuple[int, int], line: Line) -> None:
        """What may be entered: a number that can be, or one of the words that stand for none."""
        at = xl_rowcol_to_cell(*cell)
        limits = [f"{at}>={line.low:.12g}"] if line.low is not None else []
        limits += [f"{at}<={line.high:.12g}"] if line.high is not None else []
        number = f"AND({','.join([f'ISNUMBER({at})', *limits])})"
        texts = [f'{at}="{self.word(key)}"' for key in (NOT_REPORTED, NOT_APPLICABLE)]
        rule = {
            "validate": "custom",
            "value": f"=OR({number},{','.join(texts)})",
            "error_title": line.label.to(self.language)[:32],
            "error_message": self._needed(line)[:255],
        }
        sheet.data_validation(*cell, *cell, rule)

    def _needed(self, line: Line) -> str:
        unit = unit_choices(line.units, self.language)[0]
        low, high = line.low, line.high
        if high is not None:
            return say("office.form.between", low=f"{low or 0:g}", high=f"{high:g}", unit=unit).to(self.language)
        return say("office.form.from_zero" if low is not None else "office.form.a_number", unit=unit).to(self.language)

    def _mark_change(self, sheet: Any, cell: tuple[int, int], last: tuple[int, int]) -> None:
        """Colour a figure that is far from last year's."""
        now, then = xl_rowcol_to_cell(*cell), xl_rowcol_to_cell(*last)
        far = f"ABS({now}-{then})>{self.book.change:g}*ABS({then})"
        rule = f"=AND(ISNUMBER({now}),ISNUMBER({then}),{then}<>0,{far})"
        sheet.conditional_format(*cell, *cell, {"type": "formula", "criteria": rule, "format": self.changed})

    def _lay_out(self, sheet: Any, form: Form, places: int) -> None:
        """Widths, heights, frozen headings, print, protection."""
        if self.axes.is_downwards:
            widths = [*(_WIDTHS[key] for key in FIELDS), *[13] * places, *(_WIDTHS[key] for key in TRAILING)]
            heads, sides = HEAD_ROWS, len(FIELDS)
        else:
            widths = [18, 10, 12, *[_ACROSS] * len(form.lines)]
            heads, sides = len(FIELDS), HEAD_ROWS
            first = TOP + len(FIELDS) + places
            texts: list[tuple[int, list[str]]] = [
                (TOP, [line.code for line in form.lines]),
                (TOP + 1, [line.label.to(self.language) for line in form.lines]),
                (first, [""]),
                (first + 1, [""]),
                (first + 2, [line.hint.to(self.language) for line in form.lines]),
            ]
            for row, of_row in texts:
                sheet.set_row(row, max(30, height_of((text, _ACROSS) for text in of_row)))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(TOP + heads, sides)
        set_up_print(sheet, (TOP, TOP + heads - 1), sum(widths), (0, sides - 1))
        sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})

    def more(self, form: Form, title: str) -> None:
        """A form of lines to be added: the figure, of what, where and in which unit are chosen or written."""
        sheet = self._new_sheet(form, title)
        for column, (key, width) in enumerate(zip(MORE_FIELDS, _MORE_WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write(TOP, column, self.word(key), self.heading)
        last = TOP + len(form.named) + MORE_ROWS
        places = [place_text(code, name.to(self.language)) for code, name in self.book.places]
        units = list(dict.fromkeys(choice for line in form.lines for choice in unit_choices(line.units, self.language)))
        labels = [line.label.to(self.language) for line in form.lines]
        for row in range(TOP + 1, last + 1):
            for column, key in enumerate(MORE_FIELDS):
                look = self.small if key == "hint" else self.entry if key == "value" else self.words
                sheet.write_blank(row, column, None, look)
        hints = dict.fromkeys(line.hint.to(self.language) for line in form.lines if line.hint)
        for row, hint in enumerate(hints, start=TOP + 1):
            sheet.write_string(row, len(MORE_FIELDS) - 1, hint, self.small)
            sheet.set_row(row, height_of([(hint, _MORE_WIDTHS[-1])]))
        for row, thing in enumerate(form.named, start=TOP + 1):
            names = dict(self.book.places)
            place = names.get(thing.place)
            texts = (
                thing.line.label.to(self.language),
                thing.name,
                place_text(thing.place, place.to(self.language)) if place else thing.place,
                shown_unit(thing.unit).to(self.language),
            )
            for column, text in enumerate(texts):
                sheet.write_string(row, column, text, self.words)
            if thing.last is not None:
                before = say("office.form.last_was", value=f"{thing.last:g}").to(self.language)
                sheet.write_string(row, MORE_FIELDS.index("remark"), before, self.words)
        for column, choices in ((0, labels), (2, places), (3, units)):
            self._choose(sheet, (TOP + 1, column, last, column), choices)
        sheet.freeze_panes(TOP + 1, 1)
        set_up_print(sheet, (TOP, TOP), sum(_MORE_WIDTHS))
        sheet.protect("", {"format_columns": True, "format_rows": True, "insert_rows": True})

    def hidden(self) -> None:
        """What was asked, for the reading of the reply; what drop-downs offer."""
        sheet = self.made.add_worksheet(HIDDEN)
        for row, cells in enumerate(record_rows(self.book, self.language)):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text)
        sheet.very_hidden()
        if self.lists:
            sheet = self.made.add_worksheet(LISTS)
            for column, choices in enumerate(self.lists):
                for row, text in enumerate(choices):
                    sheet.write_string(row, column, text)
            sheet.very_hidden()


def place_text(code: str, name: str) -> str:
    """A place in a drop-down: its code with its name; of the whole area the name alone."""
    return name if code == CITY else f"{code} {name}"
