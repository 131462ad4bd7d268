"""Tables of the package as CSV, with their Table Schema (Frictionless)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

from gep.account.account import Account
from gep.account.entries import COLUMNS
from gep.core.messages import Text, say
from gep.report.pictures.canvas import headings, plain, values_of
from gep.report.tables.model import ReportTable
from gep.study import labels

FieldType = Literal["string", "number", "integer"]


class Field(TypedDict):
    """A column in Table Schema."""

    name: str
    type: FieldType
    title: str


@dataclass(frozen=True)
class Resource:
    """A file of the package: its path below it, its name and title, and the columns of a table."""

    path: str
    title: Text
    fields: tuple[Field, ...] = ()

    @property
    def name(self) -> str:
        """The id that the specification asks for: small letters, digits, hyphens."""
        stem = self.path.removesuffix(".csv")
        return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in stem.lower())


def write_csv(folder: Path, resource: Resource, rows: Iterable[Sequence[str]]) -> Resource:
    """A table of the package: UTF-8, commas, one line of headings."""
    path = folder / resource.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field["name"] for field in resource.fields])
        writer.writerows(rows)
    return resource


_NUMBERS = ("value", "lower", "upper", "interval_level", "data_coverage")
_WHOLE = ("year", "counted")


def tidy_table(account: Account, folder: Path, language: str) -> Resource:
    """Every row of the account, as `account.csv` has them."""
    types: dict[str, FieldType] = {**dict.fromkeys(_NUMBERS, "number"), **dict.fromkeys(_WHOLE, "integer")}
    titles = {name: say(f"study.labels.column.{name}").to(language) for name in labels.COLUMNS}
    fields = tuple(Field(name=name, type=types.get(name, "string"), title=titles.get(name, name)) for name in COLUMNS)
    rows = ([shown(value) for value in row.values()] for row in account.rows())
    return write_csv(folder, Resource("data/account.csv", say("package.tidy"), fields), rows)


def shown(value: object) -> str:
    """A number to its last bit, a text without what a spreadsheet would compute, nothing for what is missing."""
    if value is None:
        return ""
    return repr(float(value)) if isinstance(value, float) else plain(value) if isinstance(value, str) else str(value)


def report_table(table: ReportTable, folder: Path, language: str) -> Resource:
    """A table of the report: unrounded, in the units of its titles."""
    words = {f"{c.id}_{tongue}" for c in table.columns if c.is_text for tongue in ("zh", "en")} | {"key"}
    fields = tuple(
        Field(name=name, type="string" if name in words else "number", title=title.zh if language == "zh" else title)
        for name, title in headings(table)
    )
    title = Text(table.title("en"), table.title("zh"))
    return write_csv(folder, Resource(f"data/{table.id}.csv", title, fields), values_of(table))
