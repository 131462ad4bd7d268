"""Published accounts as cases: a case.toml beside its tables, figures as printed, and what of them can be recomputed.

A case says in `[source]` which document it is from, in `[tables.<id>]` what its tables hold (`keys` name a row, `units`
its figures), in `[[recompute]]` what follows from what, and in `[[exception]]` which printed figures do not follow from
the figures beside them, and why. A row of a table whose key is ALL is the printed total over that key.
`docs/add-a-case.md` tells it with an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from gep.audit.printed import NOISE, FigureError, Interval, Printed, read_figure
from gep.core.data import MORE_CELLS, read_csv, read_toml
from gep.core.errors import InputError, Problem, ProjectError, UsageError, did_you_mean
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
Text = Annotated[str, AfterValidator(lambda text: " ".join(text.split()))]
"""A text that may run over several lines."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Source(_Part):
    """The document that an account was published in: the original, never the address of a copy."""

    title: str
    authors: str
    year: int
    title_zh: str = ""
    publication: str = ""
    publisher: str = ""
    doi: str = ""
    number: str = ""
    note: Text = ""


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
            raise ValueError("A figure is referred to by exactly one of column, value, ratio.")
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
    says: Text
    table: str
    cells: int
    where: dict[str, Names] = Field(default_factory=dict)
    over: Names = ()
    by: Names = ()
    gives: Reference | None = None
    note: Text = ""
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
            raise ValueError(f"It must hold exactly one of {', '.join(WAYS)}.")
        if (self.over and self.by) or (self.sum and not self.over and not self.by):
            raise ValueError("Figures are added up `over` some keys or `by` some columns.")
        if self.gives is None and (self.by or self.way not in ("sum", "account")):
            raise ValueError("`gives` is missing: where the figures that it computes are printed.")
        if self.gives is not None and not self.gives.column:
            raise ValueError("`gives` is the column of a table: where the figures that it computes are printed.")
        if (self.arguments or self.times) and not self.equation:
            raise ValueError("`arguments` and `times` go with an `equation`.")
        return self


class Exemption(_Part):
    """An `[[exception]]`: printed figures that do not follow from those beside them, and why."""

    cell: Names
    reason: Annotated[Text, Field(min_length=1)]


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
    says: Text
    service: Names = ()
    ecosystem: Names = ()
    extent: Extent | None = None


class GivenTable(_Part):
    """A table of figures: its file, where it is printed, which columns name a row, the units of the others."""

    file: str
    locator: str
    keys: Names
    units: dict[str, str] = Field(default_factory=dict)


class CaseFile(_Part):
    """A case.toml."""

    name: str
    about: Text
    source: Source
    name_zh: str = ""
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


@dataclass(frozen=True)
class Table:
    """A table of figures: which columns name a row, and the units of the others."""

    id: str
    locator: str
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
    def name(self) -> str:
        return self.file.name

    @property
    def kind(self) -> str:
        return self.file.kind

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.file.recompute

    @property
    def exceptions(self) -> Mapping[str, str]:
        """The reason why a printed figure does not follow, by cell."""
        return {cell: exemption.reason for exemption in self.file.exception for cell in exemption.cell}

    def unit(self, text: str) -> str:
        """A unit in which the currency of the account stands in place of the case's: equations are linear in money."""
        return re.sub(rf"\b{self.file.currency}\b", "CNY", text) if self.file.currency else text

    def figure(self, text: str, place: str) -> Printed | None:
        """A printed figure, None for an empty cell, an error with its place for what is none."""
        try:
            return read_figure(text.removeprefix(AT_LEAST))
        except FigureError as error:
            raise bad_case(self.id, place, str(error)) from error

    def interval(self, figure: Printed) -> Interval:
        """All that a figure of the case can be. A bare 0 says that there is nothing: it is not rounded.

        An exact figure that a workbook has stored carries the noise of binary arithmetic, and no more.
        """
        if not self.file.exact and figure.text != "0":
            return figure.interval
        noise = abs(figure.value) * NOISE
        return Interval(figure.value - noise, figure.value + noise)

    def citation(self) -> str:
        """The document, in a line."""
        source = self.file.source
        where = f"doi {source.doi}" if source.doi else source.number
        parts = (source.authors, source.title, source.publication or source.publisher, str(source.year), where)
        return ". ".join(part.rstrip(".") for part in parts if part) + "."


def case_ids() -> list[str]:
    """The shipped cases."""
    return sorted(
        entry.name for entry in (files("gep.audit") / "published").iterdir() if (entry / "case.toml").is_file()
    )


def load_case(name: str) -> Case:
    """A shipped case by id, or one of your own by the path of its folder."""
    if name in case_ids():
        with as_file(files("gep.audit") / "published" / name) as folder:
            return read_case(folder)
    if (Path(name) / "case.toml").is_file():
        return read_case(Path(name))
    if Path(name).is_dir():
        raise UsageError(f"The folder {name} has no case.toml.")
    if Path(name).is_file():
        raise UsageError(f"{name} is a file: give the folder of the case.")
    raise UsageError(
        f"There is no case `{name}`. {did_you_mean(name, case_ids())} There are: {', '.join(case_ids())}.".replace(
            "  ", " "
        )
    )


def read_case(folder: Path) -> Case:
    """The case of a folder. Raises ProjectError with what breaks its schema, and where."""
    given = read_toml(folder / "case.toml")
    try:
        file = CaseFile.model_validate(given)
    except ValidationError as error:
        raise ProjectError(
            f"The case {folder.name} breaks its schema.",
            [_schema_problem(folder.name, part, given) for part in error.errors()],
        ) from None
    if not file.recompute:
        raise bad_case(folder.name, "case.toml", "It has no [[recompute]]: nothing would be verified.")
    tables = {name: _table(folder, name, table) for name, table in file.tables.items()}
    ids = [block.id for block in file.recompute]
    if twice := [name for name in dict.fromkeys(ids) if ids.count(name) > 1]:
        raise bad_case(folder.name, "[[recompute]]", f"The id `{twice[0]}` is given twice.")
    for block in file.recompute:
        _check_names(folder.name, block, tables)
    own = dict.fromkeys(block.account.override for block in file.recompute if block.account and block.account.override)
    return Case(folder.name, file, tables, {name: _coefficients(folder, name) for name in own})


def bad_case(case: str, place: str, message: str) -> ProjectError:
    """What is said of a case that contradicts its own tables."""
    return ProjectError(f"The case {case} cannot be used.", [Problem("V01", "error", case, message, place)])


def _schema_problem(case: str, error: Any, given: Mapping[str, Any]) -> Problem:
    """One broken rule of the schema, in words."""
    location = list(error["loc"])
    name, found = str(location[-1]), repr(error["input"])[:60]
    if error["type"] == "extra_forbidden":
        message, found = f"There is no key `{name}`. {did_you_mean(name, _KEYS)}".rstrip(), ""
    elif error["type"] == "missing":
        message, found = f"`{name}` is missing.", ""
    elif error["type"] == "value_error":
        message, found = str(error["ctx"]["error"]), ""
    else:
        message = f"{error['msg']}.".replace("Input should", f"`{name}` should")
    return Problem("V01", "error", case, message, _place(location, given), found)


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
        raise bad_case(folder.name, f"[tables.{name}]", f"There is no file {given.file} in the case's folder.")
    try:
        rows = tuple(Row(cells, line) for line, cells in read_csv(path))
    except InputError as error:
        raise bad_case(folder.name, given.file, error.message) from error
    table = Table(name, given.locator, given.keys, given.units, rows)
    for column in (*table.keys, *table.units):
        if column not in table.columns:
            raise bad_case(
                folder.name,
                given.file,
                f"There is no column `{column}`. {did_you_mean(column, table.columns)}".rstrip(),
            )
    for row in rows:
        if MORE_CELLS in row.cells:
            raise bad_case(folder.name, f"{given.file}, line {row.line}", "There are more cells than headings.")
    return table


def _coefficients(folder: Path, name: str) -> tuple[Coefficient, ...]:
    rows, problems = read_coefficients(folder / name, is_shipped=False)
    if problems:
        raise ProjectError(f"The case {folder.name} cannot be used.", problems)
    return tuple(rows)


def _check_names(case: str, block: Block, tables: Mapping[str, Table]) -> None:
    """Every table and column that a block names must be there."""
    for column, name in _named(block):
        table = tables.get(name)
        if table is None:
            raise bad_case(
                case, f"[[recompute]] {block.id}", f"There is no table `{name}`. {did_you_mean(name, tables)}".rstrip()
            )
        if column and column not in table.columns:
            message = f"There is no column `{column}` in the table {name}. {did_you_mean(column, table.columns)}"
            raise bad_case(case, f"[[recompute]] {block.id}", message.rstrip())


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
