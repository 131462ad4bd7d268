"""The forms of a reply: of both kinds, their figures and units, and what is wrong with them.

Lines are found by their codes, or by their names where a code was lost; places by the codes at their heads; so columns
may have been moved and rows put in between. Whatever can mean two things is refused, with its cell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gep.core.errors import Problem, UnitError, problem
from gep.core.keys import CITY
from gep.core.messages import Text, is_plain, joined, listed, say
from gep.core.table_words import ids_of
from gep.core.units import parse
from gep.inputs.form_cells import Blank, NoFigureError, figure_of, is_figure, plain_text, shown_cell
from gep.inputs.forms import FIELDS, HEAD_ROWS, MORE_FIELDS, TRAILING, Axes, Form, Line, Workbook, factor, words
from gep.inputs.headings import is_derived
from gep.inputs.items import adds_up, in_unit, item_ranges, item_unit, product_unit
from gep.inputs.names import named_items
from gep.inputs.office import department_name, shown_unit
from gep.inputs.reply_sheets import Sheet
from gep.inputs.workbooks import Position


@dataclass(frozen=True)
class Answer:
    """A figure that a department gave, as it was given."""

    zone: str
    item: str
    measure: str
    value: float
    unit: str
    year: int
    source: Text
    place: Text
    number: str
    """The number of the form."""

    @property
    def price_year(self) -> int | None:
        """Of money, the year of its prices: that of the figure."""
        return None if self.measure == "quantity" else self.year


@dataclass(frozen=True)
class Lacking:
    """A figure that is required and was not given."""

    department: str
    number: str
    label: Text
    place: str
    place_name: Text


@dataclass
class Collected:
    """What the reading of a reply has found: figures, what lacks, what is wrong, and how many faults each form has."""

    asked: Workbook
    answers: list[Answer] = field(default_factory=list)
    lacking: list[Lacking] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    given: dict[tuple[str, str, str], Text] = field(default_factory=dict)

    def fault(self, form: Form, key: str, place: Text | str, **fields: Any) -> None:
        """Note what is wrong with a form."""
        self.faults[form.number] = self.faults.get(form.number, 0) + 1
        self.problems.append(problem(key, self.asked.department, place=place, **fields))

    def ask(self, key: str, place: Text, **fields: Any) -> None:
        """Note what is to be looked at, and no fault."""
        self.problems.append(problem(key, self.asked.department, place=place, **fields))

    def take(self, form: Form, answer: Answer) -> None:
        """Take an answer, unless the reply gives it a second time."""
        key = (answer.zone, answer.item, answer.measure)
        if key in self.given:
            self.fault(form, "office.T51.given_twice", answer.place, first=self.given[key])
            return
        self.given[key] = answer.place
        self.answers.append(answer)


@dataclass
class FormOfReply:
    """What forms of both kinds have in common: reading figures and units, with their faults."""

    found: Collected
    form: Form
    sheet: Sheet

    @property
    def asked(self) -> Workbook:
        return self.found.asked

    @property
    def names(self) -> Mapping[str, Text]:
        return dict(self.asked.places)

    def fault(self, key: str, position: Position, **fields: Any) -> None:
        """A fault of a cell, with what it holds."""
        held = self.sheet[position].value
        found = None if held is None else f"`{shown_cell(held)}`"
        self.found.fault(self.form, key, self.sheet.place(position), found=found, **fields)

    def fault_of_sheet(self, key: str, **fields: Any) -> None:
        """A fault of the sheet as a whole."""
        self.found.fault(self.form, key, self.sheet.whole, **fields)

    def figure(self, position: Position, label: Text, unit: str) -> float | Blank | None:
        """What the cell of a figure holds; None where it cannot be read, which is told."""
        cell = self.sheet[position]
        if cell.is_unsolved:
            self.fault("office.T50.no_result", position, label=label)
            return None
        try:
            return figure_of(cell.value, cell.number_format, unit, [unit, shown_unit(unit), shown_unit(unit).zh])
        except NoFigureError as error:
            self.fault("office.T50.no_figure", position, label=label, why=error.why)
            return None

    def unit(self, position: Position, line: Line) -> str | None:
        """The unit that a line is in: one of those to choose from, or another that it can be read in; None where it is
        neither, which is told.
        """
        text = self.sheet.text(position)
        for unit in line.units:
            if text in (unit, *(plain_text(word) for word in (shown_unit(unit), shown_unit(unit).zh))):
                return unit
        choices = joined([shown_unit(unit) for unit in line.units], " or ", "或")
        if not text:
            if len(line.units) == 1:
                return line.units[0]
            self.fault("office.T50.no_unit", position, label=line.label, choices=choices)
            return None
        try:
            parse(text)
            base = line.item.partition("/")[0]
            in_unit(1.0, text, item_unit(line.item)) if item_unit(line.item) else product_unit(base, line.measure, text)
        except UnitError:
            self.fault("office.T50.other_unit", position, label=line.label, choices=choices)
            return None
        return text

    def heading_twice(self, position: Position) -> None:
        self.fault("office.T51.heading_twice", position)

    def answer(self, position: Position, line: Line, item: str, zone: str, value: float, unit: str, basis: str) -> None:
        """Take a figure that is in the range of what it can be."""
        if item_unit(item):
            low, high = item_ranges()[item.partition("/")[0]]
            amount = in_unit(value, unit, item_unit(item))
            if not low <= amount <= high:
                self.fault(
                    "office.T50.impossible", position, label=line.label, low=low, high=high, unit=item_unit(item)
                )
                return
        place = self.sheet.place(position)
        source = say("office.source", department=department_name(self.asked.department), number=self.form.number)
        source = joined([source, basis], ": ", "：") if basis else source
        self.found.take(
            self.form, Answer(zone, item, line.measure, value, unit, self.asked.year, source, place, self.form.number)
        )


@dataclass
class FigureForm(FormOfReply):
    """A form of lines by places."""

    not_applicable: set[tuple[str, str]] = field(default_factory=set)
    """Lines and places of which the reply says that there can be no figure."""

    def read(self) -> None:
        corner, name = self.sheet.find("code"), self.sheet.find("name")
        if corner is None or name is None or (corner[0] != name[0] and corner[1] != name[1]):
            self.fault_of_sheet("office.T51.no_headings", heading=listed(words("code")))
            return
        self.axes, self.corner = Axes(corner[0] == name[0]), corner
        self.columns = self._columns()
        if lost := [
            self.names[code] for code, _ in self.asked.places_of(self.form) if code not in self.columns["this"]
        ]:
            self.fault_of_sheet("office.T51.no_place", places=lost)
            return
        self._check_merged()
        lines = self._lines()
        self._check_other_columns(lines.values())
        for line in self.form.lines:
            self._line(line, lines.get(line.code))
        self._groups()

    def _at(self, line: int, field: int) -> Position:
        """The cell of a line and a column, as they are counted on the sheet."""
        return (line, field) if self.axes.is_downwards else (field, line)

    @property
    def _first(self) -> int:
        """Where the head of the table begins along the lines."""
        return self.corner[0] if self.axes.is_downwards else self.corner[1]

    def _columns(self) -> dict[str, dict[str, int]]:
        """Where the fields of a line stand, by their headings, and the figures by the codes at their heads."""
        fields: dict[str, int] = {}
        found: dict[str, dict[str, int]] = {"this": {}, "last": {}, "field": fields}
        for column in self._span:
            head = self._head(column)
            for key in (*FIELDS, *TRAILING):
                if head[0] in words(key):
                    if key in FIELDS and key in fields:
                        self.heading_twice(self._at(self._first, column))
                    fields.setdefault(key, column)
            which, code = self._which(head), self._code(head)
            if which and code and code not in found[which]:
                found[which][code] = column
                self._check_name_of_place(code, head, column)
        return found

    @property
    def _span(self) -> range:
        """All columns of lines that the sheet has."""
        return self.sheet.columns() if self.axes.is_downwards else self.sheet.rows()

    def _head(self, column: int) -> list[str]:
        """What stands at the head of a column, a block over several heads in each of them."""
        return [self.sheet.covering(self._at(self._first + step, column)).text for step in range(HEAD_ROWS)]

    @staticmethod
    def _which(head: Sequence[str]) -> str | None:
        """Whether a column is of last year's figures or of this one's."""
        return next((key for key in ("this", "last") if any(text in words(key) for text in head)), None)

    def _code(self, head: Sequence[str]) -> str | None:
        """The place of this form that a column is of."""
        codes = {code: code for code, _ in self.asked.places_of(self.form)}
        of_all = {text: CITY for text in (self.asked.code, *words("whole_area")) if text} if CITY in codes else {}
        return next((code for text in head if (code := codes.get(text) or of_all.get(text))), None)

    def _check_name_of_place(self, code: str, head: Sequence[str], column: int) -> None:
        """A head whose code and name are of two places belongs to neither."""
        others = [text for text in head if text and self._code([text]) != code and not self._which([text])]
        names = [plain_text(name) for name in (self.names[code], self.names[code].zh)]
        for text in others:
            if not _is_called(text, names) and not (code == CITY and ids_of("total", text)):
                self.fault("office.T51.code_and_name", self._at(self._first, column), label=self.names[code], name=text)

    def _check_other_columns(self, lines: Collection[int]) -> None:
        """A column that nobody asked for may hold no figures: another county, or one of ours for a second time. Sums,
        shares and numbers of lines need nothing.
        """
        used = {column for columns in self.columns.values() for column in columns.values()}
        first_of_table = 0 if self.axes.is_downwards else min(used)  # the rows above it are of the block
        for column in (column for column in self._span[first_of_table:] if column not in used):
            head = self._head(column)
            which, code = self._which(head), self._code(head)
            if which == "last" or any(_is_beside(text) for text in head):
                continue
            cells = (self._at(line, column) for line in lines)
            filled = (cell for cell in cells if self._is_figure(cell) or (which and not self.sheet[cell].is_empty))
            first = next(filled, None)
            if first is None:
                continue
            if code:
                self.fault("office.T51.place_twice", first, label=self.names[code])
            else:
                self.fault("office.T51.unknown_column", first, name=next(filter(None, head), "—"))

    def _is_figure(self, position: Position) -> bool:
        """Whether a cell that nobody asked for holds a number."""
        cell = self.sheet[position]
        return cell.is_unsolved or is_figure(cell.value)

    def _lines(self) -> dict[str, int]:
        """Where the lines stand: by their codes, or their names where the code is none of ours."""
        by_name: dict[str, set[str]] = {}
        for asked in self.form.lines:
            for name in _names_of(asked):
                by_name.setdefault(name, set()).add(asked.code)
        known = {asked.code: asked for asked in self.form.lines}
        found: dict[str, int] = {}
        fields = self.columns["field"]
        span = self.sheet.rows() if self.axes.is_downwards else self.sheet.columns()
        for number in span[self._first + HEAD_ROWS :]:
            code = self.sheet.text(self._at(number, fields["code"]))
            name = self.sheet.text(self._at(number, fields["name"])) if "name" in fields else ""
            meant = by_name.get(name, set())
            line = known.get(code) or (known[min(meant)] if len(meant) == 1 else None)
            cells = [self._at(number, column) for column in self.columns["this"].values()]
            filled = [cell for cell in cells if not self.sheet[cell].is_empty]
            if line is None:
                if filled and not ids_of("total", name or code):
                    self.fault("office.T51.unknown_line", filled[0], name=name or code or "—")
            elif (meant and line.code not in meant) or not _is_called(name, list(_names_of(line))):
                if filled:
                    name_cell = self._at(number, fields["name"])
                    self.fault("office.T51.code_and_name", name_cell, label=line.label, name=name)
                found.setdefault(line.code, number)
            elif line.code in found:
                if filled:
                    self.fault("office.T51.line_twice", filled[0], label=line.label)
            else:
                found[line.code] = number
        return found

    def _check_merged(self) -> None:
        """No block may cover several figures: whose it is cannot be told."""
        entries = set(self.columns["this"].values())
        for top, left, bottom, right in self.sheet.merged:
            first, last = (left, right) if self.axes.is_downwards else (top, bottom)
            begin, end = (top, bottom) if self.axes.is_downwards else (left, right)
            columns = [column for column in entries if first <= column <= last]
            lines = range(max(begin, self._first + HEAD_ROWS), end + 1)
            if len(columns) * len(lines) > 1:
                self.fault("office.T52.merged", (top, left), count=len(columns) * len(lines))

    def _line(self, line: Line, number: int | None) -> None:
        counties = [code for code, _ in self.asked.places_of(self.form) if code != CITY]
        if number is None:
            self._lack(line, counties or [CITY])
            return
        unit_cell = self._at(number, self.columns["field"].get("unit", -1))
        cells = {code: self._at(number, column) for code, column in self.columns["this"].items()}
        if all(self.sheet[cell].is_empty for cell in cells.values()):
            self._lack(line, counties or [CITY])
            return
        unit = self.unit(unit_cell, line)
        if unit is None:
            return
        read = {code: self.figure(cell, line.label, unit) for code, cell in cells.items()}
        figures = {code: value for code, value in read.items() if isinstance(value, float)}
        self.not_applicable |= {(line.code, code) for code, value in read.items() if value == "not_applicable"}
        blank = [code for code in counties if read.get(code) in ("blank", "not_reported")]
        if CITY in figures and counties:
            if any(code in figures for code in counties):
                if blank and line.measure != "price":
                    names = [self.names[code] for code in blank]
                    self.fault("office.T52.city_and_counties", cells[CITY], label=line.label, places=names)
                    return
                if not blank:
                    self._compare_with_city(line, figures, cells[CITY])
                    del figures[CITY]
            blank = []
        basis_column = self.columns["field"].get("basis")
        basis = self.sheet.text(self._at(number, basis_column)) if basis_column is not None else ""
        for code, value in figures.items():
            self._compare_with_last(line, number, code, value, unit, cells[code])
            self.answer(cells[code], line, line.item, code, value, unit, basis)
        self._lack(
            line, blank if counties else [CITY] if CITY not in figures and read.get(CITY) != "not_applicable" else []
        )

    def _compare_with_city(self, line: Line, figures: Mapping[str, float], cell: Position) -> None:
        """Whether counties add to the whole area, where figures add: in yearbooks some do not."""
        if line.measure == "price" or not adds_up(line.item):
            return
        total = sum(value for code, value in figures.items() if code != CITY)
        city = figures[CITY]
        if abs(total - city) > SUMS_DIFFER * max(abs(city), abs(total)):
            place = self.sheet.place(cell)
            self.found.ask("office.T54.sum", place, label=line.label, total=f"{total:g}", city=f"{city:g}")

    def _compare_with_last(self, line: Line, number: int, code: str, value: float, unit: str, cell: Position) -> None:
        """A figure that is far from last year's is asked about, unless a remark says why."""
        column = self.columns["last"].get(code)
        before = self.sheet[self._at(number, column)].value if column is not None else None
        scale = factor(unit, line.units[0])
        if not isinstance(before, int | float) or isinstance(before, bool) or not before or scale is None:
            return
        remark = self.columns["field"].get("remark")
        if abs(value * scale - before) <= self.asked.change * abs(before) or (
            remark is not None and self.sheet.text(self._at(number, remark))
        ):
            return
        self.found.ask(
            "office.T54.far",
            self.sheet.place(cell),
            found=f"{value * scale:g} {shown_unit(line.units[0])}",
            label=line.label,
            zone=self.names[code],
            before=f"{before:g}",
        )

    def _lack(self, line: Line, places: Sequence[str]) -> None:
        """Note the places whose required figure is lacking."""
        if line.degree == "required" and not line.group:
            for code in places:
                name = self.names.get(code, Text(code, code))
                self.found.lacking.append(Lacking(self.asked.department, self.form.number, line.label, code, name))

    def _groups(self) -> None:
        """What lacks of products: of one with a quantity and no price, or a price and no quantity, it is asked; a
        required one of which nothing came lacks.
        """
        for group in dict.fromkeys(line.group for line in self.form.lines if line.group):
            lines = {line.measure: line for line in self.form.lines if line.group == group}
            given: dict[str, set[str]] = {measure: set() for measure in ("quantity", "price", "value")}
            for answer in self.found.answers:
                if answer.item == group:
                    given[answer.measure].add(answer.zone)
            for one, other, key in (
                ("quantity", "price", "office.T53.only_quantity"),
                ("price", "quantity", "office.T53.only_price"),
            ):
                there = given[one] - given[other] - given["value"] - {CITY}
                if there and CITY not in given[other] and {one, other} <= lines.keys():
                    names = [self.names[code] for code in sorted(there)]
                    self.found.ask(key, self.sheet.whole, label=lines[one].label, places=names)
            places = [code for code, _ in self.asked.places_of(self.form) if code != CITY] or [CITY]
            answered = set().union(*given.values())
            lacking = [code for code in places if not {code, CITY} & answered and not self._is_declared(lines, code)]
            self._lack(replace(next(iter(lines.values())), group=""), lacking)

    def _is_declared(self, lines: Mapping[str, Line], code: str) -> bool:
        """Whether the reply says that a place cannot have a product."""
        return any((line.code, code) in self.not_applicable for line in lines.values())


SUMS_DIFFER = 0.005
"""A judgement: half a percent is more than rounding makes of a handful of counties."""


def _is_beside(text: str) -> bool:
    """Whether a heading is of what people put beside figures: sums, changes and shares, numbers of lines."""
    return is_derived(text) or bool(ids_of("total", text)) or "number" in ids_of("column", text)


def _is_called(text: str, names: Iterable[str]) -> bool:
    """Whether a text may be one of the names: all of it, or a part, or with something (a unit, a star) beside it."""
    return any(text in name or name in text for name in names)


def _names_of(line: Line) -> Iterator[str]:
    for label in dict.fromkeys((str(line.label), line.label.zh)):
        yield from (plain_text(label), plain_text(f"{label} *"))


@dataclass
class MoreForm(FormOfReply):
    """A form of lines that were added."""

    def read(self) -> None:
        head = self.sheet.find("figure")
        columns = self._columns(head[0]) if head else {}
        needed = ("figure", "object", "place", "unit", "value")
        if head is None or any(key not in columns for key in needed):
            self.fault_of_sheet("office.T51.no_headings", heading=listed(words("figure")))
            return
        lines = {name: line for line in self.form.lines for name in _names_of(line)}
        for row in self.sheet.rows()[head[0] + 1 :]:
            cells = {key: (row, column) for key, column in columns.items()}
            if not self.sheet[cells["value"]].is_empty:
                self._row(cells, lines)
        self._check_whole_and_counties()

    def _columns(self, row: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for column in self.sheet.columns():
            key = next((key for key in MORE_FIELDS if self.sheet.text((row, column)) in words(key)), None)
            if key in found and key not in TRAILING:
                self.heading_twice((row, column))
            elif key:
                found[key] = column
        return found

    def _check_whole_and_counties(self) -> None:
        """No amount of a thing may be there for the whole area and for counties: it would count twice."""
        number = self.form.number
        for whole in [one for one in self.found.answers if one.number == number and one.zone == CITY]:
            same = (one for one in self.found.answers if (one.item, one.measure) == (whole.item, whole.measure))
            zones = [self.names[one.zone] for one in same if one.zone != CITY]
            if zones and whole.measure != "price":
                name = whole.item.partition("/")[2]
                self.found.fault(self.form, "office.T52.whole_and_counties", whole.place, name=name, places=zones)

    def _row(self, cells: Mapping[str, Position], lines: Mapping[str, Line]) -> None:
        line = lines.get(self.sheet.text(cells["figure"]))
        if line is None:
            choices = listed([line.label for line in self.form.lines])
            self.fault("office.T51.which_figure", cells["figure"], choices=choices)
            return
        name = self.sheet.text(cells["object"])
        if not name or not is_plain(name) or "/" in name:
            self.fault("office.T51.which_object", cells["object"], label=line.label)
            return
        item = named_items(f"{line.item}/{name}")[0].item
        listed_in = [
            form.number for form in self.asked.forms if form.kind != "more" and item in {one.item for one in form.lines}
        ]
        if listed_in:
            self.fault("office.T51.has_lines", cells["object"], name=name, number=listed_in[0])
            return
        zone = self._zone(self.sheet.text(cells["place"]))
        if zone is None:
            self.fault("office.T51.which_place", cells["place"], places=[name for _, name in self.asked.places])
            return
        unit = self.unit(cells["unit"], line)
        value = self.figure(cells["value"], line.label, unit) if unit else None
        if unit and isinstance(value, float):
            basis = self.sheet.text(cells["basis"]) if "basis" in cells else ""
            self.answer(cells["value"], line, item, zone, value, unit, basis)

    def _zone(self, text: str) -> str | None:
        """The place that is meant: by its code, its name, or both; none is the whole area."""
        if not text:
            return CITY
        for code, name in self.asked.places:
            spelled = [code, *(plain_text(one) for one in (name, name.zh))]
            if text in (*spelled, *(plain_text(f"{code} {one}") for one in spelled[1:])):
                return code
        return None
