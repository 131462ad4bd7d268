"""Published accounts as cases: a case.toml beside its tables, figures as printed, and what of them can be recomputed.

A case says in `[source]` which document it is from, in `[tables.<id>]` what its tables hold (`keys` name a row, `units`
its figures), in `[[recompute]]` what follows from what, and in `[[exception]]` which printed figures do not follow from
the figures beside them, and why. A row of a table whose key is ALL is the printed total over that key.
What is said for people is in English and may have its Chinese beside it, `says` and `says_zh`; `docs/add-a-case.md`
tells it with an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from gep.audit.printed import NOISE, NOTHING, FigureError, Interval, Printed, read_figure
from gep.core.data import MORE_CELLS, read_csv, read_toml
from gep.core.errors import InputError, Problem, ProjectError, UsageError, did_you_mean, problem
from gep.core.messages import Text, in_language, joined, say
from gep.core.unit_names import unit_text
from gep.standards.coefficients import Coefficient, read_coefficients

ALL = "ALL"
"""The key of a printed total."""
AT_LEAST = ">"
"""What stands before a figure that is printed as `over` or `at least`: it bounds from below."""
COMPARISON = "comparison"
"""The kind of a case that asserts no equality: an account of ours beside published ones."""

# the schema of a case.toml --------------------------------------------------------------------------------------------

Names = Annotated[tuple[str, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)]
"""One name or several."""


class BrokenRuleError(ValueError):
    """A rule that two keys of a case.toml break together, said in both languages."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


def _text(given: Any) -> Text:
    """A text that may run over several lines."""
    if not isinstance(given, str):
        raise BrokenRuleError(say("audit.case.no_text"))
    return Text(" ".join(given.split()), " ".join(in_language(given, "zh").split()))


def _not_empty(text: Text) -> Text:
    if not text:
        raise BrokenRuleError(say("audit.case.empty"))
    return text


Said = Annotated[Text, PlainValidator(_text)]
"""A text for people; the key with `_zh` behind it holds its Chinese, where it has one."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    @model_validator(mode="before")
    @classmethod
    def _texts_with_their_chinese(cls, given: Any) -> Any:
        """`says` and `says_zh` become one text."""
        if not isinstance(given, Mapping):
            return given
        said = [name for name, about in cls.model_fields.items() if about.annotation is Text]
        found = {key: value for key, value in given.items() if key.removesuffix("_zh") not in said or key in said}
        for name in said:
            en, zh = given.get(name), given.get(f"{name}_zh")
            if isinstance(en, str) and isinstance(zh, str):
                found[name] = Text(en, zh)
        return found


class Source(_Part):
    """The document that an account was published in: the original, never the address of a copy."""

    title: Said
    authors: str
    year: int
    publication: str = ""
    publisher: str = ""
    doi: str = ""
    number: str = ""
    note: Said = NOTHING


class Reference(_Part):
    """Where a figure is found, seen from a row: a column of that row, of another row or table, a sum of rows, a ratio
    of two, or a given number.
    """

    column: str = ""
    table: str = ""
    at: dict[str, str] = Field(default_factory=dict)
    over: Names = ()
    less: Reference | None = None
    ratio: tuple[Reference, Reference] | None = None
    value: str = ""
    unit: str = ""
    exact: bool = False
    """Whether it is a parameter that is not rounded."""

    @model_validator(mode="before")
    @classmethod
    def _a_name_is_a_column(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        if sum(bool(part) for part in (self.column, self.value, self.ratio)) != 1:
            raise BrokenRuleError(say("audit.case.one_reference"))
        return self


class GivenAccount(_Part):
    """The account that a profile makes of the rows of a table."""

    profile: str
    year: int
    name: str = ""
    methods: dict[str, dict[str, str]] = Field(default_factory=dict)
    rounded: Names = ()
    """Coefficients that are known to their digits only."""
    override: str = ""
    """A table of coefficients beside the case that replace those of the profile."""


WAYS = ("sum", "same", "difference", "ratio", "growth", "equation", "account")
"""How cells can be computed."""


class Block(_Part):
    """One `[[recompute]]`: in which way cells are computed from which, over which rows, and how many cells it makes."""

    id: str
    says: Said
    table: str
    cells: int
    where: dict[str, Names] = Field(default_factory=dict)
    over: Names = ()
    by: Names = ()
    gives: Reference | None = None
    note: Said = NOTHING
    sum: str = ""
    same: Reference | None = None
    difference: tuple[Reference, Reference] | None = None
    ratio: tuple[Reference, Reference] | None = None
    growth: tuple[Reference, Reference] | None = None
    equation: str = ""
    arguments: dict[str, Reference] = Field(default_factory=dict)
    times: Reference | None = None
    account: GivenAccount | None = None

    @property
    def way(self) -> str:
        """The one way in which it computes."""
        return next(way for way in WAYS if getattr(self, way))

    @property
    def parts(self) -> Mapping[str, Reference]:
        """The figures that a cell is computed from, by name."""
        pair = self.difference or self.ratio or self.growth
        if pair:
            return {"first": pair[0], "second": pair[1]}
        if self.equation:
            return {**self.arguments, **({"times": self.times} if self.times else {})}
        return {"figure": self.same or Reference(column=self.sum)}

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if sum(bool(getattr(self, way)) for way in WAYS) != 1:
            raise BrokenRuleError(say("audit.case.one_way", ways=WAYS))
        if (self.over and self.by) or (self.sum and not self.over and not self.by):
            raise BrokenRuleError(say("audit.case.over_or_by"))
        if self.gives is None and (self.by or self.way not in ("sum", "account")):
            raise BrokenRuleError(say("audit.case.gives_missing"))
        if self.gives is not None and not self.gives.column:
            raise BrokenRuleError(say("audit.case.gives_a_column"))
        if (self.arguments or self.times) and not self.equation:
            raise BrokenRuleError(say("audit.case.only_with_equation"))
        return self


class Exemption(_Part):
    """An `[[exception]]`: printed figures that do not follow from those beside them, and why."""

    cell: Names
    reason: Annotated[Said, AfterValidator(_not_empty)]


class Extent(_Part):
    """The land of a published quantity, and the ecosystems that are its like in ours."""

    item: str
    ecosystem: Names


class GivenGap(_Part):
    """A `[[gap]]` of a comparison: which figure of ours is set beside which published one, and what explains the
    difference.
    """

    id: str
    account: str
    item: str
    says: Said
    service: Names = ()
    ecosystem: Names = ()
    extent: Extent | None = None


class GivenTable(_Part):
    """A table of figures: its file, where it is printed, which columns name a row, the units of the others."""

    file: str
    locator: Said
    keys: Names
    units: dict[str, str] = Field(default_factory=dict)


class CaseFile(_Part):
    """A case.toml."""

    name: Said
    about: Said
    source: Source
    kind: Literal["recomputation", "comparison"] = "recomputation"
    code: str = ""
    """Of a comparison: the study that it is for."""
    currency: str = ""
    exact: bool = False
    """Whether its figures are exact numbers, like those of a taught example, and not rounded ones."""
    tables: dict[str, GivenTable] = Field(default_factory=dict)
    recompute: tuple[Block, ...] = ()
    exception: tuple[Exemption, ...] = ()
    gap: tuple[GivenGap, ...] = ()


_KEYS = tuple(
    dict.fromkeys(
        name
        for part in (CaseFile, Source, Block, Reference, GivenAccount, GivenTable, Exemption, GivenGap)
        for name in part.model_fields
    )
)

# a case ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One line of a table, cells as printed."""

    cells: Mapping[str, str]
    line: int

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def said(self, column: str) -> Text:
        """The text for people of a column, with its Chinese in the column `<column>_zh`."""
        return Text(self[column], self[f"{column}_zh"] or self[column])


@dataclass(frozen=True)
class Table:
    """A table of figures: which columns name a row, and the units of the others."""

    id: str
    locator: Text
    keys: tuple[str, ...]
    units: Mapping[str, str]
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings."""
        return tuple(self.rows[0].cells) if self.rows else ()

    def unit(self, column: str, row: Row) -> str:
        """The unit of a figure: its own column `<column>_unit`, or that of the whole column."""
        return row[f"{column}_unit"] or self.units.get(column, "")

    def name(self, row: Row) -> str:
        """The keys of a row, joined."""
        return "/".join(row[key] for key in self.keys if row[key] and row[key] != ALL)


@dataclass(frozen=True)
class Case:
    """A published account: where it is from, its figures, and what is recomputed of them."""

    id: str
    file: CaseFile
    tables: Mapping[str, Table]
    coefficients: Mapping[str, tuple[Coefficient, ...]]
    """The rows of its own tables of coefficients, by file."""

    @property
    def name(self) -> Text:
        return self.file.name

    @property
    def kind(self) -> str:
        return self.file.kind

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.file.recompute

    @property
    def exceptions(self) -> Mapping[str, Text]:
        """The reason why a printed figure does not follow, by cell."""
        return {cell: exemption.reason for exemption in self.file.exception for cell in exemption.cell}

    def unit(self, text: str) -> str:
        """A unit in which the currency of the account stands in place of the case's: equations are linear in money."""
        return re.sub(rf"\b{self.file.currency}\b", "CNY", text) if self.file.currency else text

    def shown_unit(self, text: str) -> Text:
        """A unit for people, in the currency of the case."""
        shown, currency = unit_text(self.unit(text)), self.file.currency
        return Text(re.sub(r"\bCNY\b", currency, shown), shown.zh.replace("元", currency)) if currency else shown

    def figure(self, text: str, place: str) -> Printed | None:
        """A printed figure, None for an empty cell, an error with its place for what is none."""
        try:
            return read_figure(text.removeprefix(AT_LEAST))
        except FigureError as error:
            raise bad_case(self.id, place, error.message) from error

    def interval(self, figure: Printed) -> Interval:
        """All that a figure of the case can be. A bare 0 says that there is nothing: it is not rounded.

        An exact figure that a workbook has stored carries the noise of binary arithmetic, and no more.
        """
        if not self.file.exact and figure.text != "0":
            return figure.interval
        noise = abs(figure.value) * NOISE
        return Interval(figure.value - noise, figure.value + noise)

    def citation(self) -> Text:
        """The document, in a line."""
        source = self.file.source
        where = f"doi {source.doi}" if source.doi else source.number
        parts = (source.authors, source.title, source.publication or source.publisher, str(source.year), where)
        zh, en = ([in_language(part, language).rstrip(".") for part in parts if part] for language in ("zh", "en"))
        return Text(*(f"{'. '.join(found)}." for found in (en, zh)))


def case_ids() -> list[str]:
    """The shipped cases."""
    return sorted(
        entry.name for entry in (files("gep.audit") / "published").iterdir() if (entry / "case.toml").is_file()
    )


def load_case(name: str) -> Case:
    """A published account as a case: its printed tables, and what they are recomputed from.

    Args:
        name: the id of a shipped one ("garze_2010"), or the path of the folder of one of your own.

    Raises:
        UsageError: where there is none; ProjectError where its `case.toml` breaks the schema.
    """
    if name in case_ids():
        with as_file(files("gep.audit") / "published" / name) as folder:
            return read_case(folder)
    if (Path(name) / "case.toml").is_file():
        return read_case(Path(name))
    if Path(name).is_dir():
        raise UsageError(say("audit.case.no_case_toml", folder=name))
    if Path(name).is_file():
        raise UsageError(say("audit.case.a_file", file=name))
    said = [
        say("audit.case.no_case", name=name),
        did_you_mean(name, case_ids()),
        say("audit.case.known", names=case_ids()),
    ]
    raise UsageError(joined([text for text in said if text], " ", ""))


def read_case(folder: Path) -> Case:
    """The case of a folder. Raises ProjectError with what breaks its schema, and where."""
    given = read_toml(folder / "case.toml")
    try:
        file = CaseFile.model_validate(given)
    except ValidationError as error:
        raise ProjectError(
            say("audit.case.breaks_schema", case=folder.name),
            [_schema_problem(folder.name, part, given) for part in error.errors()],
        ) from None
    if not file.recompute:
        raise bad_case(folder.name, "case.toml", say("audit.case.no_block"))
    tables = {name: _table(folder, name, table) for name, table in file.tables.items()}
    ids = [block.id for block in file.recompute]
    if twice := [name for name in dict.fromkeys(ids) if ids.count(name) > 1]:
        raise bad_case(folder.name, "[[recompute]]", say("audit.case.id_twice", id=twice[0]))
    for block in file.recompute:
        _check_names(folder.name, block, tables)
    own = dict.fromkeys(block.account.override for block in file.recompute if block.account and block.account.override)
    return Case(folder.name, file, tables, {name: _coefficients(folder, name) for name in own})


def bad_case(case: str, place: str, message: str, do: str = "") -> ProjectError:
    """What is said of a case that contradicts its own tables."""
    found = problem("audit.V01.case", case, place=place, do=do, said=message)
    return ProjectError(say("audit.case.unusable", case=case), [found])


_WRONG_KINDS = {
    **dict.fromkeys(("string_type", "string_sub_type"), "text"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "whole_number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "truth"),
    **dict.fromkeys(("tuple_type", "list_type"), "list"),
    **dict.fromkeys(("too_short", "too_long"), "length"),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type"), "table"),
}
"""What was needed where pydantic finds a value of another kind."""


def _schema_problem(case: str, error: ErrorDetails, given: Mapping[str, Any]) -> Problem:
    """One broken rule of the schema, in words."""
    location, kind = list(error["loc"]), error["type"]
    name, found, place = str(location[-1]), repr(error["input"])[:60], _place(location, given)
    broken = error.get("ctx", {}).get("error")
    if kind == "extra_forbidden":
        said, do = say("audit.case.no_key", name=name), did_you_mean(name, _KEYS)
        return problem("audit.V01.case", case, place=place, do=do, said=said)
    if kind == "missing":
        return problem("audit.V01.case", case, place=place, said=say("audit.case.key_missing", name=name))
    if isinstance(broken, BrokenRuleError):
        return problem("audit.V01.case", case, place=place, said=broken.message)
    if kind == "literal_error":
        said = say("audit.case.one_of", name=name, options=str(error["ctx"]["expected"]).replace(" or ", ", "))
    elif kind in _WRONG_KINDS:
        said = say("audit.case.wrong_kind", name=name, kind=say(f"audit.value.{_WRONG_KINDS[kind]}"))
    else:
        said = say("audit.case.wrong_value", name=name)
    return problem("audit.V01.case", case, place=place, found=found, said=said)


def _place(location: Sequence[str | int], given: Mapping[str, Any]) -> str:
    """Where in a case.toml something stands: a block by its id, a table by its name, and the key below it."""
    first, *rest = location
    if rest and isinstance(rest[0], int):
        entries = given.get(str(first))
        entry = entries[rest[0]] if isinstance(entries, list) else None
        name = entry.get("id", rest[0] + 1) if isinstance(entry, Mapping) else rest[0] + 1
        return ": ".join([f"[[{first}]] {name}", *([".".join(map(str, rest[1:]))] if rest[1:] else [])])
    return f"[{'.'.join(map(str, location[:-1]))}]" if rest else "case.toml"


def _table(folder: Path, name: str, given: GivenTable) -> Table:
    path = folder / given.file
    if not path.is_file():
        raise bad_case(folder.name, f"[tables.{name}]", say("audit.case.no_file", file=given.file))
    try:
        rows = tuple(Row(cells, line) for line, cells in read_csv(path))
    except InputError as error:
        raise bad_case(folder.name, given.file, error.message) from error
    table = Table(name, given.locator, given.keys, given.units, rows)
    for column in (*table.keys, *table.units):
        if column not in table.columns:
            message, near = say("audit.case.no_column", column=column), did_you_mean(column, table.columns)
            raise bad_case(folder.name, given.file, message, near)
    for row in rows:
        if MORE_CELLS in row.cells:
            place = say("audit.place.line", table=given.file, number=row.line)
            raise bad_case(folder.name, place, say("audit.case.more_cells"))
    return table


def _coefficients(folder: Path, name: str) -> tuple[Coefficient, ...]:
    rows, problems = read_coefficients(folder / name, is_shipped=False)
    if problems:
        raise ProjectError(say("audit.case.unusable", case=folder.name), problems)
    return tuple(rows)


def _check_names(case: str, block: Block, tables: Mapping[str, Table]) -> None:
    """Every table and column that a block names must be there."""
    place = f"[[recompute]] {block.id}"
    for column, name in _named(block):
        table = tables.get(name)
        if table is None:
            raise bad_case(case, place, say("audit.case.no_table", name=name), did_you_mean(name, tables))
        if column and column not in table.columns:
            message = say("audit.case.no_column_in", column=column, table=name)
            raise bad_case(case, place, message, did_you_mean(column, table.columns))


def _named(block: Block) -> Iterator[tuple[str, str]]:
    """Every column that a block names, with its table."""
    yield "", block.table
    yield from ((column, block.table) for column in (*block.where, *block.over, *block.by))
    pending = [*(() if block.account else block.parts.values()), *([block.gives] if block.gives else [])]
    while pending:
        reference = pending.pop()
        yield from (
            (column, reference.table or block.table)
            for column in (reference.column, *reference.at, *reference.over)
            if column
        )
        pending += [*(reference.ratio or ()), *([reference.less] if reference.less else [])]
