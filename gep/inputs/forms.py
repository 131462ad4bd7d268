"""What the forms of departments are made of: which figures a department is asked for, and how a sheet holds them.

A workbook goes to one department. Its sheets are a form of figures by county, one of figures of the whole area, and one
of lines to be added: things that have a name (lakes, stands) and products that the others do not list. A hidden sheet
says what was asked, so that a reply is read for what it was and not for what it looks like.

A form of figures is a table with two axes, lines and places. Which of them runs across is a matter of taste, so it is
written and read through `Axes`, once for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from gep.core.errors import UnitError
from gep.core.keys import CITY
from gep.core.messages import LANGUAGES, Text, say
from gep.core.units import linear
from gep.inputs.items import in_unit
from gep.inputs.office import department_name, departments, shown_unit

SCHEMA = 1
"""The form of the hidden sheet."""
HIDDEN = "_gep"
"""Its name."""

FormKind = Literal["counties", "area", "more"]
Degree = Literal["required", "conditional", "optional"]

FIELDS = ("code", "name", "unit")
"""The columns of a line before its figures: which figure, what it is called, in which unit."""
TRAILING = ("basis", "remark", "hint")
"""Those behind its figures: where they are from, remarks, what to look at."""
MORE_FIELDS = ("figure", "object", "place", "unit", "value", "basis", "remark", "hint")
"""The columns of a form of lines to be added."""
BLOCK = ("number", "department", "year", "deadline", "issued", "prepared", "checked", "date")
"""The fields at the head of a form; the last three are for the department to fill in."""
FILLED_IN = ("prepared", "checked", "date")
HEAD_ROWS = 3
"""The cells at the head of a place: its name, its code, whether last year's figure or this one's."""

NOT_REPORTED, NOT_APPLICABLE = "not_reported", "not_applicable"
"""The words that stand for no figure: that nobody has it; that there can be none."""


@dataclass(frozen=True)
class Line:
    """A figure that is asked for: of an item, under a measure, in one of some units; the first is that of `last`,
    last year's figures by place.

    `low` and `high` are what it can be, in the first unit. `group` is what one figure of is enough: a product is given
    by quantity and price or by value.
    """

    item: str
    measure: str
    label: Text
    units: tuple[str, ...]
    degree: Degree = "optional"
    low: float | None = None
    high: float | None = None
    hint: Text = field(default=Text("", ""))
    group: str = ""
    last: dict[str, float] = field(default_factory=dict, hash=False)

    @property
    def code(self) -> str:
        """What stands in the column of codes: the item, with its measure."""
        return f"{self.item}:{self.measure}"


@dataclass(frozen=True)
class Named:
    """A thing with a name that tables or last year's run tell of already: a lake, a stand; the figure of which line, in
    which place and unit, and last year's.
    """

    line: Line
    name: str
    place: str
    unit: str
    last: float | None = None


@dataclass(frozen=True)
class Form:
    """One sheet: its number, and the lines that it asks for; of lines to be added, those that are known by name."""

    number: str
    kind: FormKind
    lines: tuple[Line, ...]
    named: tuple[Named, ...] = ()


class Asked(NamedTuple):
    """A form of the round: its department, its number, how many lines and how many figures it asks for."""

    department: str
    number: str
    lines: int
    figures: int


@dataclass(frozen=True)
class Workbook:
    """What goes to one department, and what it says of the whole round: the departments that are asked, the places."""

    department: str
    forms: tuple[Form, ...]
    year: int
    profile: str
    area: Text
    code: str = ""
    places: tuple[tuple[str, Text], ...] = ()
    """The counties by code, and the whole area."""
    asked: tuple[Asked, ...] = ()
    deadline: str = ""
    issued: str = ""
    change: float = 0.0
    """The share by which a figure may differ from last year's without a remark."""

    @property
    def has_last(self) -> bool:
        return any(line.last for form in self.forms for line in form.lines)

    def places_of(self, form: Form) -> tuple[tuple[str, Text], ...]:
        """The places that a form has figures of."""
        return tuple(place for place in self.places if form.kind == "counties" or place[0] == CITY)

    def shown_code(self, place: str) -> str:
        """The code of a place as a form shows it: of the whole area that of the study, where it has one."""
        return self.code if place == CITY else place

    def figures(self, form: Form) -> int:
        """How many figures a form asks for."""
        counties = len(self.places_of(form)) - (1 if form.kind == "counties" else 0)
        return 0 if form.kind == "more" else len(form.lines) * max(counties, 1)


@dataclass(frozen=True)
class Axes:
    """How a table of lines by places lies on a sheet: lines downwards, or to the right."""

    is_downwards: bool

    def cell(self, line: int, field: int) -> tuple[int, int]:
        """The row and the column of a cell, counted from the corner of the table."""
        return (line, field) if self.is_downwards else (field, line)


def word(key: str, language: str) -> str:
    """A heading or a word of the forms."""
    return say(f"office.form.{key}").to(language)


def words(key: str) -> tuple[str, ...]:
    """A heading or a word in every language: any of them is read."""
    return tuple(say(f"office.form.{key}").to(language) for language in LANGUAGES)


def number_of_form(department: str, place: int) -> str:
    """The number of a form: that of its department in the list, and its own."""
    return f"GEP-{list(departments()).index(department) + 1:02d}-{place}"


def unit_choices(units: Sequence[str], language: str) -> list[str]:
    """The units of a line as they are shown."""
    return [shown_unit(unit).to(language) for unit in units]


def factor(one: str, other: str) -> float | None:
    """What a figure in a unit is multiplied by in another, `/year` left out or not; None where they are not of one
    kind.
    """
    try:
        scale, shift = linear(one, other)
        return scale if shift == 0 else None
    except UnitError:
        pass  # one of them may say of a year what the other leaves out
    for first, second, is_turned in ((one, other, False), (other, one, True)):
        try:
            times = in_unit(1.0, first, second)
        except UnitError:
            continue
        return 1 / times if is_turned else times
    return None


def file_name(department: str, year: int, language: str) -> str:
    """What the workbook of a department is called: its number keeps the order of the list."""
    place = list(departments()).index(department) + 1
    return f"{place:02d}-{department_name(department).to(language)}-{year}.xlsx"


# the hidden sheet -----------------------------------------------------------------------------------------------------


def record_rows(book: Workbook, language: str) -> Iterator[list[str]]:
    """What the hidden sheet says, row by row: what the row is of, and its fields."""
    yield ["schema", str(SCHEMA)]
    yield ["profile", book.profile]
    yield ["department", book.department]
    yield ["year", str(book.year)]
    yield ["area", book.code, book.area, book.area.zh]
    yield ["language", language]
    yield ["change", repr(book.change)]
    for code, name in book.places:
        yield ["place", code, name, name.zh]
    for asked in book.asked:
        yield ["asked", asked.department, asked.number, str(asked.lines), str(asked.figures)]
    for form in book.forms:
        yield ["form", form.number, form.kind]
        for line in form.lines:
            fields = [form.number, line.item, line.measure, line.degree, line.group, line.label, line.label.zh]
            yield ["line", *fields, *line.units]


def workbook_of(rows: Sequence[Sequence[str]]) -> Workbook:
    """What a hidden sheet says. Raises ValueError, KeyError or IndexError where it is none of ours, or of another
    schema.
    """
    fields = {row[0]: row[1:] for row in rows if row}
    if fields["schema"][0] != str(SCHEMA):
        raise ValueError(fields["schema"][0])
    lines: dict[str, list[Line]] = {row[1]: [] for row in rows if row[:1] == ["form"]}
    for row in rows:
        if row[:1] == ["line"]:
            number, item, measure, degree, group, english, chinese, *units = row[1:]
            lines[number].append(
                Line(item, measure, Text(english, chinese), tuple(filter(None, units)), _degree(degree), group=group)
            )
    return Workbook(
        department=_department(fields["department"][0]),
        forms=tuple(Form(row[1], _kind(row[2]), tuple(lines[row[1]])) for row in rows if row[:1] == ["form"]),
        year=int(fields["year"][0]),
        profile=fields["profile"][0],
        area=Text(fields["area"][1], fields["area"][2]),
        code=fields["area"][0],
        places=tuple((row[1], Text(row[2], row[3])) for row in rows if row[:1] == ["place"]),
        asked=tuple(
            Asked(_department(row[1]), row[2], int(row[3]), int(row[4])) for row in rows if row[:1] == ["asked"]
        ),
        change=float(fields["change"][0]),
    )


def _department(text: str) -> str:
    if text not in departments():
        raise ValueError(text)
    return text


def _degree(text: str) -> Degree:
    degrees: tuple[Degree, ...] = ("required", "conditional", "optional")
    return degrees[degrees.index(text)]


def _kind(text: str) -> FormKind:
    kinds: tuple[FormKind, ...] = ("counties", "area", "more")
    return kinds[kinds.index(text)]
