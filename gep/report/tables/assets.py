"""Accounts beside GEP in a report: those that the run has in its folder, and the stocks that its services count. Their
tables stand apart (`B1-1`), each with what it is never added to.

The files may come from anyone, as the whole folder: they are read as `gep.study.documents` reads all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from gep.account.account import Account
from gep.account.uncertain.result import SETTLED
from gep.assets.account import position
from gep.core.catalog import named
from gep.core.errors import UnitError, UsageError
from gep.core.json_text import in_both_languages
from gep.core.keys import CITY
from gep.core.messages import Text, joined, listed, say
from gep.core.unit_names import unit_said
from gep.core.units import ucum
from gep.report.citations import citation
from gep.report.names import called
from gep.report.tables.facts import Facts
from gep.report.tables.model import EMPTY, Cell, Column, ReportTable, Row, RowKind, of_text, total_of
from gep.standards.coefficients import sources
from gep.study.documents import of_form, read_json
from gep.study.run import ASSETS, check_unchanged

SCHEMA = "gep.assets/1"
"""Of the documents that are read."""
_MOST_DECIMALS = 15
MOST_DRIVERS = 10
"""Of a figure that are listed."""
ENDS: tuple[Literal["lower"], Literal["upper"]] = ("lower", "upper")
_KINDS: dict[str, RowKind] = {"item": "item", "subtotal": "category", "total": "total", "check": "memo"}


class LabelRecord(TypedDict):
    """A column of words."""

    id: str
    heading: str


class MeasureRecord(TypedDict):
    """A column of figures."""

    id: str
    heading: str
    unit: str
    decimals: int


class EndsRecord(TypedDict):
    """Between what a figure lies."""

    lower: float
    upper: float


class RowRecord(TypedDict):
    """A row: numbers in the units of their columns, and words that stand for some."""

    id: str
    kind: Literal["item", "subtotal", "total", "check"]
    labels: dict[str, str]
    values: dict[str, float | None]
    words: dict[str, str]
    intervals: NotRequired[dict[str, EndsRecord]]


class TableRecord(TypedDict):
    """A table of an account."""

    id: str
    number: str
    title: str
    labels: list[LabelRecord]
    measures: list[MeasureRecord]
    rows: list[RowRecord]
    notes: list[str]


class ParameterRecord(TypedDict):
    """A row of parameters that a figure rests on."""

    coefficient: str
    of_name: str
    region: str
    value: float
    unit: str
    low: float | None
    high: float | None
    source: str
    locator: str
    status: str


class DriverRecord(TypedDict):
    """A number, and its shares of a variance."""

    name: str
    first: float
    total: float


class HeadRecord(TypedDict):
    """A figure of the whole, and what drives it."""

    figure: str
    unit: str
    value: float
    lower: float
    upper: float
    gum: EndsRecord
    settling: float
    shares: Literal["sum", "saltelli"]
    drivers: list[DriverRecord]


class UnknownRecord(TypedDict):
    """A number of which nobody said how sure it is."""

    name: str
    reason: Literal["no_range", "not_reproduced"]
    figures: int
    share: float


class SureRecord(TypedDict):
    """How sure an account is, as `AssetUncertainty.document` writes it."""

    level: float
    draws: int
    seed: int
    figures: int
    with_interval: int
    ranges: int
    heads: list[HeadRecord]
    unknown: list[UnknownRecord]
    at_ends: list[str]


class SaidRecord(TypedDict):
    """What is said of an account."""

    code: str
    subject: str
    message: str
    zh: dict[str, str]


class AccountRecord(TypedDict):
    """An account as `AssetAccount.document` writes it."""

    schema: str
    account: str
    title: str
    name: str
    year: int | None
    never_added: str
    tables: list[TableRecord]
    parameters: list[ParameterRecord]
    problems: list[SaidRecord]
    uncertainty: NotRequired[SureRecord]
    zh: NotRequired[dict[str, str]]


@dataclass(frozen=True)
class Beside:
    """An account beside GEP as a report shows it."""

    title: Text
    about: Text
    never_added: Text
    tables: tuple[ReportTable, ...]
    said: tuple[Text, ...] = ()
    id: str = ""


def beside(facts: Facts) -> tuple[Beside, ...]:
    """The stocks that services of the account count, and what its folder has; in this order.

    Raises UsageError for a file that is none of an account, or that was changed after the run.
    """
    found = [stock] if (stock := _stocks(facts)) else []
    records = records_of(facts.account)
    return (*found, *(_beside(record, number) for number, record in enumerate(records, 1)))


def records_of(account: Account) -> list[AccountRecord]:
    """The accounts in the folder of a run, in their order; none of what was not read from a folder."""
    folder = account.about.folder
    if folder is None or not (folder / ASSETS).is_dir():
        return []
    if not (folder / ASSETS).resolve().is_relative_to(folder.resolve()):
        raise UsageError(say("study.documents.link", path=folder / ASSETS))
    paths = sorted((folder / ASSETS).glob("*.json"))
    check_unchanged(folder, [f"{ASSETS}/{path.name}" for path in paths])
    return sorted((_read(path) for path in paths), key=lambda record: position(record["account"]))


def _read(path: Path) -> AccountRecord:
    document = read_json(path)
    found = document.get("schema")
    if found != SCHEMA:
        raise UsageError(say("study.run.schema", path=path, found=str(found), known=SCHEMA))
    record = in_both_languages(of_form(path, document, AccountRecord))
    for at, table in enumerate(record["tables"]):
        ids = [column["id"] for column in (*table["labels"], *table["measures"])]
        is_shown = all(0 <= measure["decimals"] <= _MOST_DECIMALS for measure in table["measures"])
        try:
            for measure in table["measures"]:
                unit_said(measure["unit"])
        except UnitError:
            is_shown = False
        if len(set(ids)) < len(ids) or not is_shown or not ids:
            raise UsageError(
                say("study.documents.form_of", path=path, place=f"tables[{at}]", what=say("beside.columns"))
            )
    return record


def _beside(record: AccountRecord, number: int) -> Beside:
    tables = [report_table(table, f"B{number}", at) for at, table in enumerate(record["tables"], 1)]
    if record["parameters"]:
        tables.append(_parameters(record["parameters"], f"B{number}", len(tables) + 1))
    sure = record.get("uncertainty")
    if sure is not None:
        tables += sure_tables(sure, f"B{number}", len(tables) + 1)
    year = str(record["year"]) if record["year"] else ""
    return Beside(
        _text(record["title"]),
        joined([text for text in (record["name"], year) if text], " ", " "),
        _text(record["never_added"]),
        tuple(tables),
        (*(sure_said(sure) if sure is not None else ()), *(_said(problem) for problem in record["problems"])),
        record["account"],
    )


def _text(text: str) -> Text:
    return text if isinstance(text, Text) else Text(text, text)


def _said(problem: SaidRecord) -> Text:
    chinese = problem["zh"].get("message", getattr(problem["message"], "zh", problem["message"]))
    return say(
        "beside.said", code=problem["code"], subject=problem["subject"], message=Text(problem["message"], chinese)
    )


def report_table(table: TableRecord, of: str = "B1", at: int = 1) -> ReportTable:
    """A table of an account as reports render it; `of` numbers the account and `at` the table in it."""
    columns = [Column(label["id"], _text(label["heading"]), is_text=True) for label in table["labels"]]
    for measure in table["measures"]:
        heading, unit = _text(measure["heading"]), unit_said(measure["unit"])
        columns.append(Column(measure["id"], heading, unit))
        if any(measure["id"] in row.get("intervals", {}) for row in table["rows"]):
            columns += [
                Column(f"{measure['id']}_{end}", say(f"assets.sure.{end}_of", heading=heading), unit) for end in ENDS
            ]
    rows = tuple(Row(_KINDS[row["kind"]], row["id"], _cells(table, row)) for row in table["rows"])
    title = _text(table["title"])
    name = say("beside.numbered", number=table["number"], title=title) if table["number"] else title
    notes = tuple(_text(note) for note in table["notes"])
    return ReportTable(f"{of}_{at}", _number(of, at), name, tuple(columns), rows, len(table["labels"]), notes=notes)


def _number(of: str, at: int) -> Text:
    return Text(f"{of}-{at}", f"{of}-{at}")


def _cells(table: TableRecord, row: RowRecord) -> dict[str, Cell]:
    cells = {
        label["id"]: of_text(row["labels"][label["id"]]) for label in table["labels"] if label["id"] in row["labels"]
    }
    for measure in table["measures"]:
        value, word = row["values"].get(measure["id"]), row["words"].get(measure["id"])
        if value is None and word is not None:
            cells[measure["id"]] = of_text(word)
        else:
            cells[measure["id"]] = _number_cell(value, measure["decimals"])
        ends = row.get("intervals", {}).get(measure["id"])
        for end in ENDS:
            at = None if ends is None else ends[end]
            cells[f"{measure['id']}_{end}"] = _number_cell(at, measure["decimals"])
    return cells


def _parameters(rows: Sequence[ParameterRecord], of: str, at: int) -> ReportTable:
    """The rows of parameters behind the figures, with their sources, and how many were not read there."""
    numbers = ("value", "low", "high")
    names = ("name", "of", "region", "value", "low", "high", "unit", "source", "locator", "status")
    columns = tuple(
        Column(name, say("beside.of") if name == "of" else say(f"tables.a1.{name}"), is_text=name not in numbers)
        for name in names
    )
    shown = tuple(Row("item", str(number), _of_parameter(row)) for number, row in enumerate(rows, 1))
    open_ = sum(row["status"] != "verified" for row in rows)
    notes = (say("assets.provisional", count=open_, all=len(rows)),) if open_ else ()
    return ReportTable(f"{of}_{at}", _number(of, at), say("beside.parameters"), columns, shown, 2, notes=notes)


def _of_parameter(row: ParameterRecord) -> dict[str, Cell]:
    status = row["status"]
    return {
        "name": of_text(called(row["coefficient"]) or row["coefficient"]),
        "of": of_text(row["of_name"]),
        "region": of_text(row["region"]),
        **{name: _number_cell(value, None) for name, value in _numbers(row)},
        "unit": of_text(unit_said(row["unit"])),
        "source": of_text(_cited(row["source"])),
        "locator": of_text(row["locator"]),
        "status": of_text(say(f"tables.status.{status}") if status in ("verified", "provisional") else status),
    }


# how sure it is -------------------------------------------------------------------------------------------------------


def sure_said(found: SureRecord) -> list[Text]:
    """How intervals were made, and what they leave out."""
    if not found["with_interval"]:
        return [say("assets.sure.nothing", figures=found["figures"])]
    counts = {name: found[name] for name in ("draws", "seed", "ranges", "figures", "with_interval")}
    said = [say("assets.sure.made", level=f"{found['level']:.0%}", **counts)]
    for head in found["heads"]:
        if head["settling"] >= SETTLED:
            change = f"{head['settling']:.2%}"
            said.append(say("assets.sure.unsettled", figure=_text(head["figure"]), change=change))
    if found["at_ends"]:
        said.append(say("assets.sure.at_ends", names=listed([_text(name) for name in found["at_ends"]])))
    return said


def sure_tables(found: SureRecord, of: str = "B1", at: int = 1) -> list[ReportTable]:
    """Figures of the whole with their intervals, what drives each, and all that is of unknown uncertainty."""
    tables = [_sure_heads(found)] if found["heads"] else []
    tables += [_sure_drivers(head) for head in found["heads"]]
    tables += [_sure_unknown(found["unknown"])] if found["unknown"] else []
    return [replace(table, id=f"{of}_{number}", number=_number(of, number)) for number, table in enumerate(tables, at)]


def _sure_heads(found: SureRecord) -> ReportTable:
    numbers = ("value", "lower", "upper", "gum_lower", "gum_upper")
    names = ("figure", *numbers, "unit")
    rows = []
    for number, head in enumerate(found["heads"], 1):
        gum = {f"gum_{end}": head["gum"][end] for end in ENDS}
        values = {"value": head["value"], "lower": head["lower"], "upper": head["upper"], **gum}
        cells = {name: _number_cell(float(f"{value:.6g}"), None) for name, value in values.items()}
        texts = {"figure": of_text(_text(head["figure"])), "unit": of_text(unit_said(head["unit"]))}
        rows.append(Row("item", str(number), {**cells, **texts}))
    return _sure_table(say("assets.sure.heads", level=f"{found['level']:.0%}"), names, numbers, rows)


def _sure_drivers(head: HeadRecord) -> ReportTable:
    names = ("number", "first", "total")
    rows = [
        Row(
            "item",
            str(number),
            {
                "number": of_text(_text(one["name"])),
                "first": Cell(100 * one["first"], decimals=1),
                "total": Cell(100 * one["total"], decimals=1),
            },
        )
        for number, one in enumerate(head["drivers"][:MOST_DRIVERS], 1)
    ]
    note = say(f"assets.sure.shares_{head['shares']}")
    return _sure_table(say("assets.sure.drivers", figure=_text(head["figure"])), names, names[1:], rows, note)


def _sure_unknown(unknown: Sequence[UnknownRecord]) -> ReportTable:
    names = ("number", "figures", "share", "reason")
    rows = [
        Row(
            "item",
            str(number),
            {
                "number": of_text(_text(one["name"])),
                "figures": Cell(one["figures"], decimals=0),
                "share": Cell(100 * one["share"], decimals=1),
                "reason": of_text(say(f"assets.sure.{one['reason']}")),
            },
        )
        for number, one in enumerate(unknown, 1)
    ]
    return _sure_table(say("assets.sure.unknown", count=len(unknown)), names, names[1:3], rows)


def _sure_table(
    title: Text, names: Sequence[str], numbers: Sequence[str], rows: Sequence[Row], *notes: Text
) -> ReportTable:
    columns = tuple(Column(name, say(f"assets.sure.{name}"), is_text=name not in numbers) for name in names)
    return ReportTable("", EMPTY, title, columns, tuple(rows), 1, notes=notes)


def _cited(source: str) -> Text:
    """The document of a row, where it is one of those that are shipped."""
    about = sources().get(source)
    return Text(citation(about, "en"), citation(about, "zh")) if about else Text(source, source)


def _numbers(row: ParameterRecord) -> Iterator[tuple[str, float | None]]:
    yield "value", row["value"]
    yield "low", row["low"]
    yield "high", row["high"]


def _number_cell(value: float | None, decimals: int | None) -> Cell:
    return Cell(value, decimals=decimals, standing="not_applicable" if value is None else "number")


# stocks of services ---------------------------------------------------------------------------------------------------


def _stocks(facts: Facts) -> Beside | None:
    """What services find standing on the land at the time of the land cover, by county; None where none does."""
    found = facts.account.by("zone", "service", "component", measure="stock")
    numbers: dict[tuple[str, str, str], dict[str, float]] = {}
    for (zone, service, component), value, unit in found:
        numbers.setdefault((service, component, unit), {})[zone] = value
    if not numbers:
        return None
    columns = [Column("area_name", say("tables.column.area_name"), is_text=True)]
    scales = {}
    for (service, component, unit), by_zone in numbers.items():
        scale = scales[service, component, unit] = facts.units.scale_of([total_of(by_zone.values())], ucum(unit))
        columns.append(Column(f"{service}/{component}", named(component), scale.name, named(service)))
    rows = []
    for zone in (*facts.zones, CITY):
        if zone != CITY and not any(zone in by_zone for by_zone in numbers.values()):
            continue
        cells = {"area_name": of_text(facts.zone_text(zone))}
        for (service, component, unit), by_zone in numbers.items():
            stock = total_of(by_zone.values()) if zone == CITY else by_zone.get(zone)
            cells[f"{service}/{component}"] = scales[service, component, unit].cell(stock)
        rows.append(Row("total" if zone == CITY else "item", zone, cells))
    title, notes = say("beside.stocks.title"), (say("beside.stocks.note"),)
    table = ReportTable("B0_1", _number("B0", 1), title, tuple(columns), tuple(rows), notes=notes)
    year = facts.account.about.year
    about = Text(f"{facts.title_of_area} {year}", f"{facts.title_of_area.zh} {year}")
    return Beside(title, about, say("beside.stocks.never"), (table,))
