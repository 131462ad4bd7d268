"""Published accounts as cases: a case.toml beside its tables, figures as printed, and what of them can be recomputed.

A case says in `[source]` which document it is from, in `[tables.<id>]` what its tables hold (`keys` name a row, `units` its figures), in
`[[recompute]]` what follows from what, and in `[[exception]]` which printed figures do not follow from the figures beside them, and why. A row of a
table whose key is ALL is the printed total over that key. `docs/add-a-case.md` tells it with an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from gep.data import MORE_CELLS, read_csv, read_toml
from gep.errors import InputError, Problem, ProjectError, UsageError, did_you_mean
from gep.printed import NOISE, FigureError, Interval, Printed, read_figure

ALL = "ALL"
"""The key of a printed total."""
PAIRS = ("difference", "ratio", "growth")
"""Ways to compute a figure from two others."""
AT_LEAST = ">"
"""What stands before a figure that is printed as `over` or `at least`: it bounds from below."""

COMPARISON = "comparison"
"""The kind of a case that asserts no equality: an account of ours beside published ones."""

_CASE = ("name", "name_zh", "about", "kind", "code", "currency", "exact", "source", "tables", "recompute", "exception", "gap")
_KINDS = ("recomputation", COMPARISON)
_GAP = ("id", "account", "item", "service", "ecosystem", "extent", "says")
_SOURCE = ("title", "title_zh", "authors", "year", "publication", "doi", "number", "publisher", "note")
_TABLE = ("file", "locator", "keys", "units")
_REFERENCE = ("table", "column", "at", "over", "less", "value", "unit", "exact", "ratio")
_BLOCK = ("id", "says", "table", "where", "cells", "gives", "over", "by", "note")
_WAYS = {"sum": (), "same": (), "difference": (), "ratio": (), "growth": (), "equation": ("arguments", "times"), "account": ()}
_ACCOUNT = ("name", "profile", "year", "methods", "rounded")


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

    def unit(self, column: str, row: Row) -> str:
        """The unit of a figure: its own column `<column>_unit`, or that of the whole column."""
        return row[f"{column}_unit"] or self.units.get(column, "")

    def name(self, row: Row) -> str:
        """The keys of a row, joined."""
        return "/".join(row[key] for key in self.keys if row[key] and row[key] != ALL)


@dataclass(frozen=True)
class Reference:
    """Where a figure is found, seen from a row: a column of that row, of another row or table, a sum of rows, a ratio of two, or a given number."""

    column: str = ""
    table: str = ""
    at: Mapping[str, str] = field(default_factory=dict)
    over: tuple[str, ...] = ()
    less: Reference | None = None
    ratio: tuple[Reference, Reference] | None = None
    value: str = ""
    unit: str = ""
    is_exact: bool = False


@dataclass(frozen=True)
class Block:
    """One `[[recompute]]`: in which way cells are computed from which, over which rows, and how many cells it makes."""

    id: str
    way: str
    says: str
    table: str
    count: int
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    over: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    column: str = ""
    references: tuple[Reference, ...] = ()
    equation: str = ""
    arguments: Mapping[str, Reference] = field(default_factory=dict)
    times: Reference | None = None
    gives: Reference | None = None
    account: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Case:
    """A published account: where it is from, its figures, and what is recomputed of them."""

    id: str
    name: str
    name_zh: str
    kind: str
    about: str
    source: Mapping[str, Any]
    tables: Mapping[str, Table]
    blocks: tuple[Block, ...]
    exceptions: Mapping[str, str]
    currency: str = ""
    is_exact: bool = False
    """Whether its figures are exact numbers, like those of a taught example, and not rounded ones."""
    code: str = ""
    """Of a comparison: the study that it is for."""
    gaps: tuple[Mapping[str, Any], ...] = ()
    """Of a comparison: which figure of ours is set beside which published one, and what explains the difference."""

    def unit(self, text: str) -> str:
        """A unit in which the currency of the account stands in place of the case's: equations are linear in money."""
        return re.sub(rf"\b{self.currency}\b", "CNY", text) if self.currency else text

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
        if not self.is_exact and figure.text != "0":
            return figure.interval
        noise = abs(figure.value) * NOISE
        return Interval(figure.value - noise, figure.value + noise)

    def citation(self) -> str:
        """The document, in a line."""
        source = self.source
        where = f"doi {source['doi']}" if source.get("doi") else source.get("number", "")
        parts = (
            source.get("authors"),
            source.get("title"),
            source.get("publication") or source.get("publisher"),
            source.get("year"),
            where,
        )
        return ". ".join(str(part).rstrip(".") for part in parts if part) + "."


def case_ids() -> list[str]:
    """The shipped cases."""
    return sorted(entry.name for entry in (files("gep") / "cases").iterdir() if (entry / "case.toml").is_file())


def load_case(name: str) -> Case:
    """A shipped case by id, or one of your own by the path of its folder."""
    if name in case_ids():
        with as_file(files("gep") / "cases" / name) as folder:
            return read_case(folder)
    if (Path(name) / "case.toml").is_file():
        return read_case(Path(name))
    raise UsageError(f"There is no case `{name}`. {did_you_mean(name, case_ids())} There are: {', '.join(case_ids())}.".replace("  ", " "))


def read_case(folder: Path) -> Case:
    """The case of a folder. Raises ProjectError with what breaks its schema, and where."""
    given = read_toml(folder / "case.toml")
    reader = _Reader(folder.name)
    reader.check("case.toml", given, _CASE, ("name", "about", "source"))
    reader.check("[source]", given["source"], _SOURCE, ("title",))
    tables = {key: reader.table(folder, key, entry) for key, entry in given.get("tables", {}).items()}
    blocks = tuple(reader.block(entry, tables) for entry in given.get("recompute", []))
    ids = [block.id for block in blocks]
    if twice := [name for name in dict.fromkeys(ids) if ids.count(name) > 1]:
        raise bad_case(folder.name, "[[recompute]]", f"The id `{twice[0]}` is given twice.")
    if (kind := given.get("kind", "recomputation")) not in _KINDS:
        raise bad_case(folder.name, "case.toml", f"There is no kind `{kind}`. {did_you_mean(kind, _KINDS)}".rstrip())
    for entry in given.get("gap", []):
        reader.check("[[gap]]", entry, _GAP, ("id", "account", "item", "says"))
    for entry in given.get("exception", []):
        reader.check("[[exception]]", entry, ("cell", "reason"), ("cell", "reason"))
    return Case(
        folder.name,
        given["name"],
        given.get("name_zh", ""),
        kind,
        " ".join(given["about"].split()),
        given["source"],
        tables,
        blocks,
        {cell: " ".join(entry["reason"].split()) for entry in given.get("exception", []) for cell in _listed(entry["cell"])},
        given.get("currency", ""),
        bool(given.get("exact", False)),
        given.get("code", ""),
        tuple(given.get("gap", [])),
    )


def bad_case(case: str, place: str, message: str, do: str = "") -> ProjectError:
    """What is said of a case that breaks its schema or contradicts its own tables."""
    return ProjectError(f"The case {case} cannot be used.", [Problem("V01", "error", case, message, place, do=do)])


class _Reader:
    """Turns the tables of a case.toml into what they mean, and says what is wrong in them."""

    def __init__(self, case: str) -> None:
        self.case = case

    def check(self, place: str, given: Any, known: Sequence[str], needed: Sequence[str] = ()) -> None:
        if not isinstance(given, Mapping):
            raise bad_case(self.case, place, "It must be a table.")
        for key in given:
            if key not in known:
                raise bad_case(
                    self.case, place, f"There is no key `{key}`. {did_you_mean(key, known)}".rstrip(), f"Known: {', '.join(known)}."
                )
        if lacking := [key for key in needed if key not in given]:
            raise bad_case(self.case, place, f"`{lacking[0]}` is missing.")

    def table(self, folder: Path, name: str, given: Any) -> Table:
        place = f"[tables.{name}]"
        self.check(place, given, _TABLE, ("file", "locator", "keys"))
        path = folder / given["file"]
        if not path.is_file():
            raise bad_case(self.case, place, f"There is no file {given['file']} in the case's folder.")
        try:
            rows = tuple(Row(cells, line) for line, cells in read_csv(path))
        except InputError as error:
            raise bad_case(self.case, given["file"], error.message) from error
        table = Table(name, given["locator"], tuple(given["keys"]), given.get("units", {}), rows)
        columns = rows[0].cells if rows else {}
        for column in (*table.keys, *table.units):
            if column not in columns:
                raise bad_case(self.case, given["file"], f"There is no column `{column}`. {did_you_mean(column, columns)}".rstrip())
        for row in rows:
            if MORE_CELLS in row.cells:
                raise bad_case(self.case, f"{given['file']}, line {row.line}", "There are more cells than headings.")
        return table

    def block(self, given: Any, tables: Mapping[str, Table]) -> Block:
        place = f"[[recompute]] {given.get('id', '')}".rstrip()
        ways = [way for way in _WAYS if way in given]
        self.check(place, given, (*_BLOCK, *_WAYS, *(key for keys in _WAYS.values() for key in keys)), ("id", "says", "table", "cells"))
        if len(ways) != 1:
            raise bad_case(self.case, place, f"It must hold exactly one of {', '.join(_WAYS)}.")
        (way,) = ways
        if given["table"] not in tables:
            raise bad_case(self.case, place, f"There is no table `{given['table']}`. {did_you_mean(given['table'], tables)}".rstrip())
        needed = {"sum": (), "equation": ("arguments", "gives"), "account": ()}.get(way, ("gives",))
        if lacking := [key for key in needed if key not in given]:
            raise bad_case(self.case, place, f"`{lacking[0]}` is missing.")
        if ("over" in given and "by" in given) or (way == "sum" and "over" not in given and "by" not in given):
            raise bad_case(self.case, place, "Figures are added up `over` some keys or `by` some columns.")
        if "by" in given and "gives" not in given:
            raise bad_case(self.case, place, "`gives` is missing: where the sums by these columns are printed.")
        if way in PAIRS and (not isinstance(given[way], list) or len(given[way]) != 2):
            raise bad_case(self.case, place, f"`{way}` is of two figures.")
        if way == "account":
            self.check(f"{place}, account", given["account"], _ACCOUNT, ("profile", "year"))
        made = Block(
            given["id"],
            way,
            given["says"],
            given["table"],
            given["cells"],
            {key: tuple(_listed(value)) for key, value in given.get("where", {}).items()},
            tuple(_listed(given.get("over", []))),
            tuple(_listed(given.get("by", []))),
            column=given["sum"] if way == "sum" else "",
            references=tuple(
                self.reference(place, spec) for spec in ([given[way]] if way == "same" else given[way] if way in PAIRS else ())
            ),
            equation=given.get("equation", ""),
            arguments={name: self.reference(place, spec) for name, spec in given.get("arguments", {}).items()},
            times=self.reference(place, given["times"]) if "times" in given else None,
            gives=self.reference(place, given["gives"]) if "gives" in given else None,
            account=given.get("account", {}),
            note=" ".join(given.get("note", "").split()),
        )
        for column, name in _named(made):
            table = tables.get(name or made.table)
            if table is None or (table.rows and column not in table.rows[0].cells):
                known = tables if table is None else table.rows[0].cells
                wrong = name if table is None else column
                raise bad_case(
                    self.case,
                    place,
                    f"There is no {'table' if table is None else 'column'} `{wrong}`. {did_you_mean(wrong, known)}".rstrip(),
                )
        return made

    def reference(self, place: str, spec: Any) -> Reference:
        if isinstance(spec, str):
            return Reference(spec)
        self.check(place, spec, _REFERENCE)
        ratio = tuple(self.reference(place, part) for part in spec["ratio"]) if "ratio" in spec else None
        if ratio is not None and len(ratio) != 2:
            raise bad_case(self.case, place, "A ratio is of two figures.")
        if sum(key in spec for key in ("column", "value", "ratio")) != 1:
            raise bad_case(self.case, place, "A figure is referred to by exactly one of column, value, ratio.")
        return Reference(
            spec.get("column", ""),
            spec.get("table", ""),
            spec.get("at", {}),
            tuple(_listed(spec.get("over", []))),
            self.reference(place, spec["less"]) if "less" in spec else None,
            (ratio[0], ratio[1]) if ratio else None,
            str(spec.get("value", "")),
            spec.get("unit", ""),
            bool(spec.get("exact", False)),
        )


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _named(block: Block) -> Iterator[tuple[str, str]]:
    """Every column that a block names, with its table (empty: the block's own)."""
    yield from ((column, "") for column in (*block.where, *block.over, *block.by, block.column) if column)
    pending = [*block.references, *block.arguments.values(), *(r for r in (block.times, block.gives) if r)]
    while pending:
        reference = pending.pop()
        yield from ((column, reference.table) for column in (reference.column, *reference.at, *reference.over) if column)
        pending += [*(reference.ratio or ()), *([reference.less] if reference.less else [])]
