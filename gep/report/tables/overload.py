"""Overload of grassland by county, for maps: the rates and classes of a grass-livestock balance in the folder of a run,
brought to the zones of the account by code or by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gep.account.account import Account
from gep.assets.grazing.balance import CLASSES
from gep.assets.kinds import kind_of
from gep.assets.rows import kind_name
from gep.core.catalog import colour
from gep.core.keys import CITY
from gep.core.messages import Text, listed, say
from gep.core.table_words import folded
from gep.core.unit_names import unit_said
from gep.report.tables.assets import AccountRecord, RowRecord, records_of
from gep.report.tables.model import Cell, Column, ReportTable, Row, number_text, of_text

MAP = "M7"
GRAZING, BALANCE, RATE, CLASS = "grazing", "balance", "rate", "class"
_SHOWN = (("rate", 1), ("capacity", 0), ("actual", 0), ("excess", 0))


@dataclass(frozen=True)
class OfClass:
    """A class of overload: its id, what it is called, its colour."""

    id: str
    name: Text
    colour: str


def overload_classes() -> tuple[OfClass, ...]:
    """The classes, from what could still be grazed to what is grazed most."""
    return tuple(OfClass(id_, kind_name(id_), colour(id_)) for id_ in CLASSES)


@dataclass(frozen=True)
class Overload:
    """Overload of the zones of an account: a table of them, the class of each zone that has one, and remarks."""

    table: ReportTable
    classes: Mapping[str, str]
    notes: tuple[Text, ...]

    def rate(self, zone: str, language: str) -> str:
        """The rate of a zone as a map shows it; empty where there is none."""
        cell = next((row[RATE] for row in self.table.rows if row.key == zone), None)
        if cell is None or cell.value is None:
            return ""
        return f"{'+' if cell.value > 0 else ''}{number_text(cell.value, 1, language)} %"


def overload(account: Account) -> Overload | None:
    """The overload that a run has beside its account; None where it has none, or no zones to draw."""
    record = next((record for record in records_of(account) if record["account"] == GRAZING), None)
    table = next((table for table in record["tables"] if table["id"] == BALANCE), None) if record else None
    if record is None or table is None or not account.shapes:
        return None
    zones = _zones(account)
    measures = {measure["id"]: measure for measure in table["measures"]}
    shown = [(id_, decimals) for id_, decimals in _SHOWN if id_ in measures]
    columns = [Column("name", say("beside.overload.county"), is_text=True)]
    columns += [Column(id_, _text(measures[id_]["heading"]), unit_said(measures[id_]["unit"])) for id_, _ in shown]
    columns.append(
        Column(CLASS, _text(measures[CLASS]["heading"]) if CLASS in measures else Text("", ""), is_text=True)
    )
    rows: dict[str, Row] = {}
    classes: dict[str, str] = {}
    elsewhere = []
    for of in table["rows"]:
        if of["kind"] != "item":
            continue
        code = next((zones[word] for word in _words(of) if word in zones), None)
        if code is None:
            elsewhere.append(_text(next(iter(of["labels"].values()), of["id"])))
            continue
        word = of["words"].get(CLASS, "")
        numbers = {id_: _cell(of["values"].get(id_), decimals) for id_, decimals in shown}
        rows[code] = Row("item", code, {"name": of_text(_name(account, code)), **numbers, CLASS: of_text(_text(word))})
        if found := kind_of(str(word), CLASSES):
            classes[code] = found
    if not classes:
        return None
    in_order = tuple(rows[code] for code in sorted(rows))
    notes = tuple(_text(note) for note in table["notes"][:2])
    if elsewhere:
        notes = (*notes, say("beside.overload.elsewhere", zones=listed(elsewhere)))
    name = _title(account, record)
    return Overload(ReportTable(MAP, Text(MAP, MAP), name, tuple(columns), in_order, 1, notes=notes), classes, notes)


def _title(account: Account, record: AccountRecord) -> Text:
    area = Text(account.zone_name(CITY, "en"), account.zone_name(CITY, "zh"))
    year = record["year"] or account.about.year
    return say("pictures.title_of_map", name=say("beside.overload.title"), area=area, year=year)


def _text(text: str) -> Text:
    return text if isinstance(text, Text) else Text(text, text)


def _name(account: Account, code: str) -> Text:
    return Text(account.zone_name(code, "en"), account.zone_name(code, "zh"))


def _cell(value: float | None, decimals: int) -> Cell:
    return Cell(standing="missing") if value is None else Cell(value, decimals=decimals)


def _zones(account: Account) -> dict[str, str]:
    """The codes of zones by what people call them: code or name, in either language."""
    found = {}
    for code in account.shapes:
        for word in (account.zone_name(code, "en"), account.zone_name(code, "zh"), code):
            found[folded(word)] = code
    return found


def _words(row: RowRecord) -> Iterator[str]:
    """What may name the zone of a row: its key, or its label with or without the code before it."""
    yield folded(row["id"])
    for label in row["labels"].values():
        for text in (str(label), _text(label).zh):
            yield folded(text)
            yield folded(text.partition(" ")[2])
