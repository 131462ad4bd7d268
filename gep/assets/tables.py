"""Tables that accounts beside GEP are made of: columns are declared, headings are known in both languages and carry
their units (`area [hm2]`, `面积（公顷）`), and whatever is wrong is told with its place, all at once.

No unit is ever assumed: an area in mu is no area in hectares, and carbon is no carbon dioxide. How sure the numbers of
a column are may stand beside it: `area_error [hm2]` is the standard uncertainty of each, `area_relative_error [%]` the
same as a share.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from gep.assets.figures import Error, Figure
from gep.core.data import MORE_CELLS, data_rows, read_csv, renewed
from gep.core.errors import InputError, Problem, UnitError, did_you_mean, near, problem
from gep.core.messages import Text, in_language, listed, say
from gep.core.table_words import folded, plain, table_words
from gep.core.units import convert, same_dimension
from gep.inputs.workbooks import cell_text, is_workbook, workbook_rows

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "number", "year", "date", "whole"]

_WITH_UNIT = re.compile(r"(?P<name>.*?)\s*[\[(](?P<unit>[^\[\]]+)[\])]$")


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Args:
        id: its name, as `assets/columns.csv` has it with what people call it.
        kind: what its cells are.
        unit: the unit of its numbers in the program; headings name one of the same kind. Of a pure number `1`, which
            needs none in the heading.
        is_needed: whether every row has to have it.
        least, most: bounds of its numbers, in `unit`.
        among: the words that it takes.
    """

    id: str
    kind: Kind = "text"
    unit: str = ""
    is_needed: bool = True
    least: float | None = None
    most: float | None = None
    among: Collection[str] = ()


class Amount(NamedTuple):
    """A number as a cell holds it, in the unit of its column: the heading that it stands under, what its column is
    called, and how sure it is where a cell beside it says so.
    """

    value: float
    unit: str
    heading: str
    column: Text
    error: Error | None = None


Cell = Amount | Figure | str | int | date | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its place, and its cells by column."""

    place: Text
    cells: Mapping[str, Cell]

    def text(self, column: str) -> str:
        """A text; empty where there is none."""
        found = self.cells.get(column)
        return found if type(found) is str else ""

    def figure(self, column: str) -> Figure:
        """A number that the row has to have."""
        found = self.number(column)
        assert found is not None, column
        return found

    def number(self, column: str) -> Figure | None:
        """A number; None where there is none."""
        found = self.cells.get(column)
        if type(found) is Amount:
            place = _cell_of(found.heading)(self.place)
            return Figure(found.value, found.unit, place, column=found.column, error=found.error)
        return found if isinstance(found, Figure) else None

    def amount(self, column: str) -> float | None:
        """A number without its place, where a hundred thousand rows need none; None where there is none."""
        found = self.cells.get(column)
        return found.value if type(found) is Amount or isinstance(found, Figure) else None

    def whole(self, column: str) -> int | None:
        """A year or a whole number; None where there is none."""
        found = self.cells.get(column)
        return found if isinstance(found, int) else None

    def day(self, column: str) -> date | None:
        """A date; None where there is none."""
        found = self.cells.get(column)
        return found if isinstance(found, date) else None


@dataclass(frozen=True)
class TableRead:
    """The rows of a table that are sound, and every problem of it."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = field(default=())

    def stop_on_errors(self) -> tuple[Row, ...]:
        """The rows. Raises InputError with all problems where one is an error."""
        stop_on(self.problems)
        return self.rows


def stop_on(problems: Sequence[Problem]) -> None:
    """Raises InputError with all problems where one is an error."""
    if any(found.severity == "error" for found in problems):
        raise InputError(say("assets.wrong_tables"), problems)


@renewed
@cache
def column_names() -> Mapping[str, Text]:
    """What columns are called."""
    return {row["id"]: Text(row["en"].split("|")[0], row["zh"].split("|")[0]) for _, row in _column_rows()}


@renewed
@cache
def _column_rows() -> tuple[tuple[int, dict[str, str]], ...]:
    return tuple(data_rows("assets/columns.csv"))


@renewed
@cache
def _ids_of_headings() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for _, row in _column_rows():
        for word in (row["id"], *row["en"].split("|"), *row["zh"].split("|")):
            key = folded(word)
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), row["id"])))
    return found


def read_table(source: Path | pd.DataFrame, columns: Sequence[Column], name: str = "", sheet: str = "") -> TableRead:
    """A table with declared columns, from a CSV, a workbook or a frame.

    Args:
        source: where it is.
        columns: what it may have.
        name: what it is called in messages; of a file by default its name.
        sheet: the sheet of a workbook that is meant.

    Raises:
        InputError: where the file cannot be read.
    """
    name = name or (source.name if isinstance(source, Path) else "table")
    rows = list(_rows(source, name, sheet))
    if not rows:
        return TableRead((), (problem("assets.K02.empty", name, place=name),))
    headings: dict[str, str] = {}
    for _, cells in rows:
        headings.update(cells)
    meant, problems = _meant(list(headings), columns, name)
    if problems:
        return TableRead((), tuple(problems))
    read: list[Row] = []
    under = [
        _Under(heading, of.column, of.unit, of.said, {}) for heading, of in meant.items() if isinstance(of, _Values)
    ]
    errors = {heading: of for heading, of in meant.items() if isinstance(of, _Errors)}
    needed = [column.id for column in columns if column.is_needed]
    for place, cells in rows:
        row, found = _row(place, cells, under, needed, name)
        if errors:
            row, wrong = _with_errors(row, cells, errors)
            found += wrong
        problems += found
        if not found:
            read.append(row)
    return TableRead(tuple(read), tuple(problems))


def _rows(source: Path | pd.DataFrame, name: str, sheet: str) -> Iterator[tuple[Text, dict[str, str]]]:
    if not isinstance(source, Path):
        row_of = _places("inputs.place.row", "row", table=name)
        for index, row in enumerate(source.to_dict("records"), 1):
            texts = {str(key): cell_text(None if value != value else value) for key, value in row.items()}
            yield row_of(str(index)), texts
        return
    if not source.is_file():
        raise InputError(
            say("core.unreadable", path=source.name), [problem("inputs.F01.no_such_table", name, place=source.name)]
        )
    if is_workbook(source):
        for place, cells in workbook_rows(source, (), sheet):
            yield Text(place, getattr(place, "zh", place)), cells
        return
    line_of_file = _places("core.line_of_file", "line", file=source.name)
    for line, cells in read_csv(source):
        yield line_of_file(str(line)), cells


_GAP = "\x01"


def _places(key: str, field: str, **values: str) -> Callable[[str], Text]:
    """What `say` gives for places that differ in one field: of a hundred thousand rows, the sentence is put together
    once.
    """
    said = say(key, **{field: _GAP}, **values)
    return lambda of: Text(said.replace(_GAP, of), said.zh.replace(_GAP, in_language(of, "zh")))


@dataclass(frozen=True)
class _Values:
    """What stands below a heading: the numbers of a column, in a unit."""

    column: Column
    unit: str
    said: Text


@dataclass(frozen=True)
class _Errors:
    """What stands below a heading: how sure the numbers of a column are."""

    column: Column
    unit: str
    is_relative: bool


_Meant = dict[str, _Values | _Errors]


def _meant(headings: Sequence[str], columns: Sequence[Column], name: str) -> tuple[_Meant, list[Problem]]:
    """Which column each heading is of, and in which unit; and what is wrong with the headings."""
    known = {column.id: column for column in columns}
    names = {word: id_ for id_ in known for word in (id_, str(_called(id_)), _called(id_).zh)}
    found: _Meant = {}
    problems: list[Problem] = []
    told: set[str] = set()  # columns that a heading is of, or was probably meant to be
    unknown: list[str] = []
    for heading in headings:
        if heading == MORE_CELLS:
            problems.append(problem("assets.K02.more_cells", name, place=name))
            continue
        word, unit = _parts(heading, known)
        ids = [id_ for id_ in _ids_of_headings().get(folded(word), (word,)) if id_ in known]
        if not ids and (of := _of_errors(word, unit, known)):
            if any(of.column is other.column for other in found.values() if isinstance(other, _Errors)):
                problems.append(problem("assets.K04.two_columns", heading, place=name, column=of.column.id))
            elif wrong := _wrong_unit(replace(_shape_of(of), id=word), unit, heading, name):
                problems.append(wrong)
            else:
                found[heading] = of
            continue
        if len(ids) != 1:
            unknown.append(heading)
            told |= {names[like] for like in near(word, names, 1)}
            continue
        column = known[ids[0]]
        if column.id in told and any(column is of.column for of in found.values() if isinstance(of, _Values)):
            problems.append(problem("assets.K02.column_twice", heading, place=name, column=column.id))
        elif column.kind == "number" and (wrong := _wrong_unit(column, unit, heading, name)):
            problems.append(wrong)
        else:
            said = say("assets.column_of", column=_called(column.id), table=name)
            found[heading] = _Values(column, unit or column.unit, said)
        told.add(column.id)
    lacking = [column for column in columns if column.is_needed and column.id not in told]
    there = [_called(id_) for id_ in known]
    if unknown and len(lacking) > 1:
        shown = [f"`{heading}`" for heading in unknown]
        wanted = [_called(column.id) for column in lacking]
        return found, [
            problem("assets.K02.other_table", name, place=name, found=listed(shown), wanted=wanted, there=there)
        ]
    for heading in unknown:
        hint = did_you_mean(_parts(heading, known)[0], names)
        problems.append(problem("assets.K02.unknown_column", heading, place=name, hint=hint, there=there))
    for column in lacking:
        called = _called(column.id)
        problems.append(problem("assets.K02.no_column", column.id, place=name, called=called, example=_example(column)))
    return found, problems


def _of_errors(word: str, unit: str, known: Mapping[str, Column]) -> _Errors | None:
    """The column whose errors a heading names (`area_error`, `面积相对误差`); None where it names none."""
    text = folded(word)
    endings = [(end, kind) for kind, words in table_words("error").items() for end in words]
    for end, kind in sorted(endings, key=lambda of: -len(of[0])):
        base = text.removesuffix(end).removesuffix(end.replace(" ", "_")).rstrip("_ ")
        if base == text:
            continue
        ids = [id_ for id_ in _ids_of_headings().get(base, (base,)) if id_ in known]
        if len(ids) == 1 and known[ids[0]].kind == "number":
            of = _Errors(known[ids[0]], "", kind == "relative_error")
            return replace(of, unit=unit or _shape_of(of).unit)
    return None


def _shape_of(of: _Errors) -> Column:
    """What the cells of a column of errors are: shares, or numbers in the unit of the column."""
    return Column(of.column.id, "number", "1" if of.is_relative else of.column.unit)


def _with_errors(row: Row, cells: Mapping[str, str], errors: Mapping[str, _Errors]) -> tuple[Row, list[Problem]]:
    """A row whose cells know how sure they are, and what is wrong with what is said of that."""
    read = dict(row.cells)
    problems: list[Problem] = []
    for heading, of in errors.items():
        text = cells.get(heading, "").strip()
        if not text:
            continue
        id_ = of.column.id
        cell, wrong = _cell(text, _shape_of(of), of.unit, heading, row.place, _called(id_))
        value, place = read.get(id_), _cell_of(heading)(row.place)
        if wrong:
            problems.append(wrong)
        elif isinstance(cell, Amount) and cell.value <= 0:
            problems.append(problem("assets.K04.not_positive", id_, place=place, found=text))
        elif isinstance(cell, Amount) and isinstance(value, Amount):
            standard = cell.value * abs(value.value) if of.is_relative else cell.value
            may_be_negative = of.column.least is None or of.column.least < 0
            if not value.value and (of.is_relative or not may_be_negative):
                problems.append(problem("assets.K04.of_nought", id_, place=place, found=text))
            else:
                read[id_] = value._replace(error=Error(standard, may_be_negative))
        elif id_ not in read:
            problems.append(problem("assets.K04.no_value", id_, place=place, found=text))
    return Row(row.place, read), problems


def _called(id_: str) -> Text:
    """What a column is called."""
    return column_names().get(id_, Text(id_, id_))


def _parts(heading: str, known: Collection[str]) -> tuple[str, str]:
    """A heading without its unit, and the unit."""
    text = plain(heading)
    if folded(text) in _ids_of_headings() or text in known:
        return text, ""
    match = _WITH_UNIT.fullmatch(text)
    return (match["name"], match["unit"]) if match else (text, "")


def _example(column: Column) -> Text:
    """A heading of a column as it can be written."""
    chinese = _called(column.id).zh
    if column.kind != "number" or column.unit == "1":
        return Text(column.id, chinese)
    return Text(f"{column.id} [{column.unit}]", f"{chinese}（{column.unit}）")


def _wrong_unit(column: Column, unit: str, heading: str, name: str) -> Problem | None:
    """What is wrong with the unit of a heading."""
    if not unit:
        return (
            None if column.unit == "1" else problem("assets.U01.heading", heading, place=name, example=_example(column))
        )
    try:
        if same_dimension(unit, column.unit):
            return None
    except UnitError as error:
        return problem("assets.U02.not_understood", heading, place=name, found=unit, why=error.message)
    return problem("assets.U02.heading", heading, place=name, found=unit, unit=column.unit)


@cache
def _cell_of(heading: str) -> Callable[[str], Text]:
    """The place of a cell below a heading, of the place of its row."""
    return _places("inputs.place.cell_of_row", "place", column=heading)


class _Under(NamedTuple):
    """How cells below a heading are read, and what was read already: tables say the same words many times."""

    heading: str
    column: Column
    unit: str
    said: Text
    known: dict[str, Cell]


def _row(
    place: Text, cells: Mapping[str, str], under: Sequence[_Under], needed: Sequence[str], name: str
) -> tuple[Row, list[Problem]]:
    read: dict[str, Cell] = {}
    problems: list[Problem] = []
    for heading, column, unit, said, known in under:
        text = cells.get(heading, "").strip()
        if not text:
            continue
        cell = known.get(text)
        if cell is None:
            cell, wrong = _cell(text, column, unit, heading, place, said)
            if wrong:
                problems.append(wrong)
                continue
            known[text] = cell
        read[column.id] = cell
    if lacking := [id_ for id_ in needed if id_ not in read]:
        broken = {found.subject for found in problems}
        problems += [
            problem("assets.K02.no_cell", id_, place=place, table=name) for id_ in lacking if id_ not in broken
        ]
    return Row(place, read), problems


def _cell(text: str, column: Column, unit: str, heading: str, row: Text, said: Text) -> tuple[Cell, Problem | None]:
    if column.kind == "text":
        if column.among and text not in column.among:
            hint = did_you_mean(text, column.among)
            return None, problem(
                "assets.K02.word",
                column.id,
                place=_cell_of(heading)(row),
                found=text,
                hint=hint,
                among=sorted(column.among),
            )
        return text, None
    if column.kind == "date":
        try:
            return date.fromisoformat(text.split("T")[0].split(" ")[0]), None
        except ValueError:
            return None, problem("assets.K02.no_date", column.id, place=_cell_of(heading)(row), found=text)
    try:
        number = float(text.replace(",", "") if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text) else text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        return None, problem("assets.K02.no_number", column.id, place=_cell_of(heading)(row), found=text)
    if column.kind in ("year", "whole"):
        is_whole = number.is_integer() and (column.kind == "whole" or 1900 <= number <= 2200)
        return (
            (int(number), None)
            if is_whole
            else (None, problem("assets.K02.no_whole", column.id, place=_cell_of(heading)(row), found=text))
        )
    value = convert(number, unit, column.unit)
    if (column.least is not None and value < column.least) or (column.most is not None and value > column.most):
        return None, problem(
            "assets.K02.out_of_bounds",
            column.id,
            place=_cell_of(heading)(row),
            found=_with_unit(text, unit),
            range=_range(column, unit),
        )
    return Amount(value, column.unit, heading, said), None


def _with_unit(number: str, unit: str) -> str:
    return number if unit == "1" else f"{number} {unit}"


def _range(column: Column, unit: str) -> Text:
    """What a column takes, in the unit that its heading has."""
    ends = {
        name: _with_unit(f"{convert(bound, column.unit, unit):g}", unit)
        for name, bound in (("least", column.least), ("most", column.most))
        if bound is not None
    }
    return say(f"assets.bounds.{'both' if len(ends) > 1 else next(iter(ends))}", **ends)
