"""What departments reply: figures for the tables, who answered, and what is lacking.

A reply is read for what its hidden sheet says was asked. Lines are found by their codes, or by their names where a code
was lost; places by the codes at their heads; so columns may have been moved and rows put in between. Whatever can mean
two things is refused, with its cell; a department with a fault gets its workbook back, and none of its figures is
taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from gep.core.errors import InputError, Problem, UnitError, UsageError, problem, sort_problems
from gep.core.keys import CITY
from gep.core.messages import Text, is_plain, joined, listed, say
from gep.core.units import parse
from gep.inputs.form_cells import Blank, NoFigureError, figure_of, plain_text, shown_cell
from gep.inputs.forms import BLOCK, HEAD_ROWS, TRAILING, Asked, Axes, Form, Line, Workbook, factor, words
from gep.inputs.items import in_unit, item_ranges, item_unit, product_unit
from gep.inputs.office import department_name, shown_unit
from gep.inputs.reply_sheets import Position, Reply, Sheet, read_reply

State = Literal["not_returned", "returned", "sent_back", "accepted"]
"""Nothing came (未报); figures came, and some that are required lack (已报); there are faults (退回); all is there
(通过).
"""


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


@dataclass(frozen=True)
class Return:
    """What became of one form: who filled it in, how many figures, how many faults."""

    form: Asked
    state: State
    answered: int = 0
    faults: int = 0
    lacking: int = 0
    issued: str = ""
    deadline: str = ""
    date: str = ""
    prepared: str = ""
    checked: str = ""
    file: str = ""


@dataclass(frozen=True)
class Replies:
    """All that came back."""

    year: int
    answers: tuple[Answer, ...]
    returns: tuple[Return, ...]
    lacking: tuple[Lacking, ...]
    problems: tuple[Problem, ...]


def read_replies(folder: Path) -> Replies:
    """Every workbook of a folder, as replies of one round. Raises UsageError where there is none."""
    if not folder.is_dir():
        raise UsageError(say("office.no_folder", folder=folder))
    files = sorted(path for path in folder.iterdir() if path.is_file() and _is_workbook(path))
    if not files:
        raise UsageError(say("office.no_replies", folder=folder))
    problems: list[Problem] = []
    replies: list[Reply] = []
    for path in files:
        try:
            replies.append(read_reply(path))
        except InputError as error:
            problems += error.problems
    if not replies:
        raise InputError(say("office.nothing_read", folder=folder), problems)
    year = replies[0].asked.year
    kept, wrong = _of_one_round(replies)
    problems += wrong
    readings = [_Reading(reply).read() for reply in kept]
    faulty = {found.subject for found in wrong}
    return Replies(
        year,
        tuple(answer for reading in readings if not reading.has_faults for answer in reading.answers),
        tuple(_returns(replies[0].asked, {reading.department: reading for reading in readings}, faulty)),
        tuple(lack for reading in readings if reading.answers for lack in reading.lacking),
        tuple(sort_problems([*problems, *(found for reading in readings for found in reading.problems)])),
    )


def _is_workbook(path: Path) -> bool:
    """Whether a file is meant as a workbook: not the lock of one that is open."""
    return path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".et") and not path.name.startswith(("~$", "."))


def _of_one_round(replies: Sequence[Reply]) -> tuple[list[Reply], list[Problem]]:
    """The replies of the round, each department once: two of one department are both refused."""
    first = replies[0]
    problems, kept = [], []
    for reply in replies:
        others = [one.file for one in replies if one.asked.department == reply.asked.department and one is not reply]
        if (reply.asked.year, reply.asked.code) != (first.asked.year, first.asked.code):
            year, area, department = reply.asked.year, reply.asked.area, reply.asked.department
            problems.append(
                problem("office.F50.other_round", department, place=reply.file, other=first.file, year=year, area=area)
            )
        elif others:
            problems.append(problem("office.F50.twice", reply.asked.department, place=reply.file, others=others))
        else:
            kept.append(reply)
    return kept, problems


def _returns(asked: Workbook, readings: Mapping[str, _Reading], faulty: Iterable[str]) -> Iterator[Return]:
    """The return list: every form that was sent out."""
    for form in asked.asked:
        reading = readings.get(form.department)
        if reading is None:
            yield Return(form, "sent_back" if form.department in set(faulty) else "not_returned")
        else:
            yield reading.of_form(form)


@dataclass
class _Reading:
    """The reading of one reply: what it gives, and what is wrong with it."""

    reply: Reply
    answers: list[Answer] = field(default_factory=list)
    lacking: list[Lacking] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    given: dict[tuple[str, str, str], Text] = field(default_factory=dict)
    heads: dict[str, dict[str, str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def department(self) -> str:
        return self.reply.asked.department

    @property
    def has_faults(self) -> bool:
        return any(self.faults.values())

    def read(self) -> _Reading:
        for form in self.reply.asked.forms:
            sheet = self._sheet_of(form)
            if sheet is None:
                self._fault(form, "office.T51.no_sheet", self.reply.file, number=form.number)
                continue
            self.heads[form.number] = {key: sheet.beside(key).text for key in BLOCK}
            before = len(self.answers)
            _MoreForm(self, form, sheet).read() if form.kind == "more" else _FigureForm(self, form, sheet).read()
            self.counts[form.number] = len(self.answers) - before
        return self

    def _sheet_of(self, form: Form) -> Sheet | None:
        """The sheet of a form: the one that bears its number."""
        return next((sheet for sheet in self.reply.sheets if sheet.beside("number").text == form.number), None)

    def of_form(self, form: Asked) -> Return:
        """What became of a form of this reply; where nothing was filled in, none of it came back."""
        faults, lacking = self.faults.get(form.number, 0), sum(lack.number == form.number for lack in self.lacking)
        answered = self.counts.get(form.number, 0)
        is_blank = (not answered and form.figures) or not self.answers
        state: State = "sent_back" if faults else "not_returned" if is_blank else "returned" if lacking else "accepted"
        head = self.heads.get(form.number, {})
        names = {key: head.get(key, "") for key in ("issued", "deadline", "date", "prepared", "checked")}
        return Return(form, state, answered, faults, lacking, file=self.reply.file, **names)

    def _fault(self, form: Form, key: str, place: str, **fields: object) -> None:
        self.faults[form.number] = self.faults.get(form.number, 0) + 1
        self.problems.append(problem(key, self.department, place=place, **fields))  # type: ignore[arg-type]  # fields of the text

    def fault(self, form: Form, found: Problem) -> None:
        self.faults[form.number] = self.faults.get(form.number, 0) + 1
        self.problems.append(found)

    def take(self, form: Form, answer: Answer) -> None:
        """Take an answer, unless the reply gives it a second time."""
        key = (answer.zone, answer.item, answer.measure)
        if key in self.given:
            first = self.given[key]
            self.fault(form, problem("office.T51.given_twice", self.department, place=answer.place, first=first))
            return
        self.given[key] = answer.place
        self.answers.append(answer)


@dataclass
class _FormOfReply:
    """What forms of both kinds have in common: reading figures and units, with their faults."""

    reading: _Reading
    form: Form
    sheet: Sheet

    @property
    def asked(self) -> Workbook:
        return self.reading.reply.asked

    @property
    def names(self) -> Mapping[str, Text]:
        return dict(self.asked.places)

    def fault(self, key: str, position: Position, **fields: object) -> None:
        """A fault of a cell, with what it holds."""
        found = f"`{shown_cell(self.sheet[position].value)}`" if self.sheet[position].value is not None else None
        made = problem(key, self.reading.department, place=self.sheet.place(position), found=found, **fields)  # type: ignore[arg-type]  # fields of the text
        self.reading.fault(self.form, made)

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
        self.reading.take(self.form, Answer(zone, item, line.measure, value, unit, self.asked.year, source, place))


@dataclass
class _FigureForm(_FormOfReply):
    """A form of lines by places."""

    not_applicable: set[tuple[str, str]] = field(default_factory=set)
    """Lines and places of which the reply says that there can be no figure."""

    def read(self) -> None:
        corner, name = self.sheet.find("code"), self.sheet.find("name")
        if corner is None or name is None or (corner[0] != name[0] and corner[1] != name[1]):
            heading = listed(words("code"))
            found = problem("office.T51.no_headings", self.reading.department, place=self.sheet.whole, heading=heading)
            self.reading.fault(self.form, found)
            return
        self.axes, self.corner = Axes(corner[0] == name[0]), corner
        self.columns = self._columns()
        if lost := [
            self.names[code] for code, _ in self.asked.places_of(self.form) if code not in self.columns["this"]
        ]:
            found = problem("office.T51.no_place", self.reading.department, place=self.sheet.whole, places=lost)
            self.reading.fault(self.form, found)
            return
        self._check_merged()
        lines = self._lines()
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
        codes = dict(self.asked.places)
        span = self.sheet.columns() if self.axes.is_downwards else self.sheet.rows()
        for column in span:
            head = [self.sheet.text(self._at(self._first + step, column)) for step in range(HEAD_ROWS)]
            for key in ("code", "name", "unit", *TRAILING):
                if head[0] in words(key):
                    fields[key] = column
            which = next((key for key in ("this", "last") if any(text in words(key) for text in head)), None)
            code = next((text for text in head if text in codes), None)
            if which and code:
                found[which].setdefault(code, column)
        return found

    def _lines(self) -> dict[str, int]:
        """Where the lines stand: by their codes, or their names where the code is none of ours."""
        by_name = {name: line for line in self.form.lines for name in _names_of(line)}
        known = {line.code: line for line in self.form.lines}
        found: dict[str, int] = {}
        fields = self.columns["field"]
        span = self.sheet.rows() if self.axes.is_downwards else self.sheet.columns()
        for number in span[self._first + HEAD_ROWS :]:
            code = self.sheet.text(self._at(number, fields["code"]))
            name = self.sheet.text(self._at(number, fields["name"])) if "name" in fields else ""
            line = known.get(code) or by_name.get(name)
            cells = [self._at(number, column) for column in self.columns["this"].values()]
            filled = [cell for cell in cells if self.sheet[cell].value is not None]
            if line is None:
                if filled and not self._is_a_total(code, name):
                    self.fault("office.T51.unknown_line", filled[0], name=name or code or "—")
            elif line.code in found:
                if filled:
                    self.fault("office.T51.line_twice", filled[0], label=line.label)
            else:
                found[line.code] = number
        return found

    @staticmethod
    def _is_a_total(code: str, name: str) -> bool:
        """Whether a row that somebody put in is one of sums, which nobody asked for and nothing needs."""
        return any((name or code) in words(f"row.{key}") for key in ("total", "sum", "subtotal"))

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
        if all(self.sheet[cell].value is None for cell in cells.values()):
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
        if line.measure == "price" or not _adds(line):
            return
        total = sum(value for code, value in figures.items() if code != CITY)
        city = figures[CITY]
        if abs(total - city) > SUMS_DIFFER * max(abs(city), abs(total)):
            place, numbers = self.sheet.place(cell), (f"{total:g}", f"{city:g}")
            found = problem(
                "office.T54.sum",
                self.reading.department,
                place=place,
                label=line.label,
                total=numbers[0],
                city=numbers[1],
            )
            self.reading.problems.append(found)

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
        found = problem(
            "office.T54.far",
            self.reading.department,
            place=self.sheet.place(cell),
            found=f"{value * scale:g} {shown_unit(line.units[0])}",
            label=line.label,
            zone=self.names[code],
            before=f"{before:g}",
        )
        self.reading.problems.append(found)

    def _lack(self, line: Line, places: Sequence[str]) -> None:
        """Note the places whose required figure is lacking."""
        if line.degree == "required" and not line.group:
            for code in places:
                lack = Lacking(
                    self.reading.department, self.form.number, line.label, code, self.names.get(code, Text(code, code))
                )
                self.reading.lacking.append(lack)

    def _groups(self) -> None:
        """What lacks of products: of one with a quantity and no price, or a price and no quantity, it is asked; a
        required one of which nothing came lacks.
        """
        for group in dict.fromkeys(line.group for line in self.form.lines if line.group):
            lines = {line.measure: line for line in self.form.lines if line.group == group}
            given: dict[str, set[str]] = {measure: set() for measure in ("quantity", "price", "value")}
            for answer in self.reading.answers:
                if answer.item == group:
                    given[answer.measure].add(answer.zone)
            for one, other in (("quantity", "price"), ("price", "quantity")):
                there = given[one] - given[other] - given["value"] - {CITY}
                if there and CITY not in given[other] and {one, other} <= lines.keys():
                    self._ask(one, lines[one].label, sorted(there))
            places = [code for code, _ in self.asked.places_of(self.form) if code != CITY] or [CITY]
            answered = set().union(*given.values())
            lacking = [code for code in places if not {code, CITY} & answered and not self._is_declared(lines, code)]
            self._lack(replace(next(iter(lines.values())), group=""), lacking)

    def _is_declared(self, lines: Mapping[str, Line], code: str) -> bool:
        """Whether the reply says that a place cannot have a product."""
        return any((line.code, code) in self.not_applicable for line in lines.values())

    def _ask(self, one: str, label: Text, codes: Sequence[str]) -> None:
        names = [self.names[code] for code in codes]
        found = problem(
            f"office.T53.only_{one}", self.reading.department, place=self.sheet.whole, label=label, places=names
        )
        self.reading.problems.append(found)


SUMS_DIFFER = 0.005
"""A judgement: half a percent is more than rounding makes of a handful of counties."""


_SHARES = ("1", "day", "dBA")
"""Units of items, without the year, whose figures do not add: shares, days of the year, sound levels."""


def _adds(line: Line) -> bool:
    """Whether the figures of counties add to that of the whole: amounts do; shares and what is per something do not."""
    unit = item_unit(line.item).removesuffix("/year")
    return unit not in _SHARES and "/" not in unit


def _names_of(line: Line) -> Iterator[str]:
    for label in dict.fromkeys((str(line.label), line.label.zh)):
        yield from (plain_text(label), plain_text(f"{label} *"))


@dataclass
class _MoreForm(_FormOfReply):
    """A form of lines that were added."""

    def read(self) -> None:
        head = self.sheet.find("figure")
        columns = self._columns(head[0]) if head else {}
        needed = ("figure", "object", "place", "unit", "value")
        if head is None or any(key not in columns for key in needed):
            found = problem(
                "office.T51.no_headings",
                self.reading.department,
                place=self.sheet.whole,
                heading=listed(words("figure")),
            )
            self.reading.fault(self.form, found)
            return
        lines = {name: line for line in self.form.lines for name in _names_of(line)}
        for row in self.sheet.rows()[head[0] + 1 :]:
            cells = {key: (row, column) for key, column in columns.items()}
            if self.sheet[cells["value"]].value is not None:
                self._row(cells, lines)

    def _columns(self, row: int) -> dict[str, int]:
        keys = ("figure", "object", "place", "unit", "value", "basis", "remark")
        texts = {self.sheet.text((row, column)): column for column in self.sheet.columns()}
        return {key: texts[word] for key in keys for word in words(key) if word in texts}

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
        zone = self._zone(self.sheet.text(cells["place"]))
        if zone is None:
            self.fault("office.T51.which_place", cells["place"], places=[name for _, name in self.asked.places])
            return
        unit = self.unit(cells["unit"], line)
        value = self.figure(cells["value"], line.label, unit) if unit else None
        if unit and isinstance(value, float):
            basis = self.sheet.text(cells["basis"]) if "basis" in cells else ""
            self.answer(cells["value"], line, f"{line.item}/{name}", zone, value, unit, basis)

    def _zone(self, text: str) -> str | None:
        """The place that is meant: by its code, its name, or both; none is the whole area."""
        if not text:
            return CITY
        for code, name in self.asked.places:
            spelled = [code, *(plain_text(one) for one in (name, name.zh))]
            if text in (*spelled, *(plain_text(f"{code} {one}") for one in spelled[1:])):
                return code
        return None
