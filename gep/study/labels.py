"""The twin of account.csv for people: the same rows in the same order, with names in place of ids.

Numbers are the same letters. Codes of areas stay, so that both can be joined; what only machines read (methods,
clauses, derivations) is left to account.csv. It begins with a byte order mark, by which spreadsheets know UTF-8.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

from gep.account.account import Account
from gep.account.entries import AccountRow
from gep.core.catalog import label
from gep.core.keys import CITY, NONE, UNALLOCATED
from gep.core.messages import catalogue, in_language, no_formula, say
from gep.core.unit_names import unit_name
from gep.standards.classes import land_classes

LABELS = "account_labels.csv"

COLUMNS = (
    "area_code",
    "area_name",
    "year",
    "ecosystem_type",
    "land_class",
    "category",
    "service",
    "component",
    "measure",
    "value",
    "unit",
    "counted",
    "price_basis",
    "supply_basis",
    "origin",
    "data_coverage",
    "obs_status",
)
"""The columns that it has; each has a name in both languages."""
_WORDS = ("measure", "counted", "supply_basis", "origin", "obs_status")
"""Columns of a few known ids each, which have words of their own here."""
_BESIDE = {
    "area_name": "area_code",
    "land_class": "ecosystem_type",
    **dict.fromkeys(("ecosystem_type", "category", "service", "component"), "measure"),
}
"""The other column that the text of a cell depends on, where there is one."""


def ids_of(column: str) -> Collection[str]:
    """What a column of a few known ids may hold: what has words here."""
    return tuple(catalogue("study")["labels"][column])


def write_labels(account: Account, path: Path, language: str) -> None:
    """Write the twin in a language."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(say(f"study.labels.column.{column}").to(language) for column in COLUMNS)
        writer.writerows(labelled_rows(account, language))


def labelled_rows(account: Account, language: str) -> Iterator[list[str]]:
    """The rows of an account with names in place of ids, as texts; each id is looked up once."""
    known: dict[tuple[str, object, object], str] = {}
    for row in account.rows():
        cells = []
        for column in COLUMNS:
            value, beside = row[column], row[_BESIDE.get(column, column)]  # type: ignore[literal-required]  # one of ours
            if isinstance(value, float):
                cells.append(repr(float(value)))
                continue
            key = column, value, beside
            if key not in known:
                known[key] = no_formula(_cell(account, row, column, language))
            cells.append(known[key])
        yield cells


def _cell(account: Account, row: AccountRow, column: str, language: str) -> str:
    value = row[column]  # type: ignore[literal-required]  # one of the columns above
    if value is None or value == "":
        return ""
    if column in _WORDS:
        return say(f"study.labels.{column}.{value}").to(language)
    if column == "area_name":
        zone = row["area_code"]
        return label(zone, language) if zone in (CITY, UNALLOCATED) else account.zone_name(zone, language)
    if column == "land_class":
        known = land_classes().get((row["ecosystem_type"], str(value)))
        return "" if value == NONE else (known.label_zh if language == "zh" else known.label_en) if known else value
    if column in ("ecosystem_type", "category", "service", "component"):
        return "" if value == NONE and row["measure"] == "area" else label(str(value), language)
    if column == "unit":
        return unit_name(str(value), language)
    if column == "price_basis":
        basis, _, year = str(value).partition(":")
        return in_language(say(f"study.labels.price_basis.{basis}", year=year), language)
    return str(value)
