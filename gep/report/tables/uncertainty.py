"""How sure the account is (A7), where `gep uncertainty` was asked for: intervals of the total and its parts, and what
drives them.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict

from gep.account.account import Account
from gep.core.catalog import named
from gep.core.errors import UsageError
from gep.core.messages import Text, say, sentences
from gep.report.tables.facts import Facts
from gep.report.tables.model import Cell, Column, ReportTable, Row, of_text, text_of
from gep.report.tables.totals import table
from gep.report.uncertainty import MOST_DRIVERS, MOST_UNKNOWN, driver_of, name_of, said_of_ends, said_of_layers
from gep.study.documents import of_form, read_json
from gep.study.run import SURENESS


class IntervalRecord(TypedDict):
    """A figure between its ends; None where nothing of its uncertainty is known."""

    value: float
    lower: float | None
    upper: float | None


class DriverRecord(TypedDict):
    """A number with its shares of the variance of the total."""

    name: str
    first: float
    total: float


class UnknownRecord(TypedDict):
    """A number whose uncertainty is not in the intervals, and the share of the value that rests on it."""

    name: str
    kind: str
    share: float


class Sureness(TypedDict):
    """uncertainty.json: what `gep uncertainty --json` prints."""

    schema: int
    run_id: str
    level: float
    draws: int
    seed: int
    total: IntervalRecord
    by_service: dict[str, IntervalRecord]
    by_zone: dict[str, IntervalRecord]
    by_ecosystem: dict[str, IntervalRecord]
    drivers: list[DriverRecord]
    unknown: list[UnknownRecord]
    median: float | None
    share_unknown: float
    share_without: float
    at_ends: NotRequired[list[str]]


def sureness_of(account: Account) -> Sureness | None:
    """What was written of an account; None where nothing was, or of another run. Raises UsageError where it cannot be
    read: a report without it would look as if nobody had asked.
    """
    path = account.about.folder and account.about.folder / SURENESS
    if not path or not path.is_file():
        return None
    try:
        found = of_form(path, read_json(path), Sureness)
    except UsageError as error:
        raise UsageError(sentences(error.message, say("uncertainty.write_again"))) from error
    return found if found["run_id"] == account.about.run_id else None


def uncertainty(facts: Facts, found: Sureness) -> ReportTable:
    """A7: the total, services, ecosystems and counties with their ends; then what drives the total, with its shares."""
    units, percent = facts.units, say("uncertainty.picture.percent")
    columns = [
        Column("kind", say("tables.a7.kind"), is_text=True),
        Column("name", say("tables.a7.name"), is_text=True),
        *(Column(name, say(f"uncertainty.picture.{name}"), units.money_unit) for name in ("value", "lower", "upper")),
        Column("first", say("uncertainty.column.first"), percent),
        Column("total", say("uncertainty.column.with_others"), percent),
        Column("resting", say("uncertainty.column.share"), percent),
    ]
    groups = (
        ("service", {id_: named(id_) for id_ in found["by_service"]}, found["by_service"]),
        ("ecosystem", {id_: named(id_) for id_ in found["by_ecosystem"]}, found["by_ecosystem"]),
        ("zone", {id_: facts.zone_text(id_) for id_ in found["by_zone"]}, found["by_zone"]),
    )
    rows = [_interval(facts, "total", "", say("uncertainty.picture.total"), found["total"])]
    for kind, names, of in groups:
        rows += [_interval(facts, kind, id_, Text(names[id_], names[id_].zh), of[id_]) for id_ in of]
    for driver in found["drivers"][:MOST_DRIVERS]:
        cells = {
            "kind": of_text(say("uncertainty.column.number")),
            "name": of_text(driver_of(driver["name"])),
            "first": units.share(driver["first"]),
            "total": units.share(driver["total"]),
        }
        rows.append(Row("item", f"number/{driver['name']}", cells))
    for unknown in found["unknown"][:MOST_UNKNOWN]:
        cells = {
            "kind": of_text(say("uncertainty.picture.unknown")),
            "name": of_text(unknown_of(unknown)),
            "resting": units.share(unknown["share"]),
        }
        rows.append(Row("item", f"unknown/{unknown['name']}", cells))
    said = (of_ends(found), said_of_layers(driver["name"] for driver in found["drivers"]))
    notes = [note for note in said if note]
    if len(found["unknown"]) > MOST_UNKNOWN:
        notes.append(say("uncertainty.picture.more", count=len(found["unknown"]) - MOST_UNKNOWN))
    note = say(
        "uncertainty.picture.note",
        draws=found["draws"],
        seed=found["seed"],
        level=f"{found['level']:.0%}",
        share=f"{found['share_unknown']:.0%}",
    )
    return table("A7", columns, rows, 2, (note, *notes))


def unknown_of(unknown: UnknownRecord) -> Text:
    """What a number of unknown uncertainty is called; a figure that does not follow from the ledger by its id."""
    name = unknown["name"]
    return Text(name, name) if unknown["kind"] == "figure" else name_of(name)


def interval_of(facts: Facts, found: Sureness) -> Text | None:
    """From where to where the total lies, with its unit; None where nothing is known."""
    total = found["total"]
    if total["lower"] is None or total["upper"] is None:
        return None
    units = facts.units
    _, lower, end = units.interval((total["value"], total["lower"], total["upper"]))
    upper = units.said(units.of_money, end)
    return say("uncertainty.picture.from_to", lower=Text(text_of(lower, "en"), text_of(lower, "zh")), upper=upper)


def of_ends(found: Sureness) -> Text | None:
    """Why the total lies outside of its own interval, where it does."""
    total, ends = found["total"], found.get("at_ends", [])
    if total["lower"] is None or total["upper"] is None or total["lower"] <= total["value"] <= total["upper"]:
        return None
    return said_of_ends(total["value"], found["median"], [driver["name"] for driver in found["drivers"]], ends)


def _interval(facts: Facts, kind: str, id_: str, name: Text, interval: IntervalRecord) -> Row:
    value, lower, upper = facts.units.interval((interval["value"], interval["lower"], interval["upper"]))
    cells: dict[str, Cell] = {
        "kind": of_text(say("uncertainty.picture.total") if kind == "total" else say(f"uncertainty.by.{kind}")),
        "name": of_text(name),
        "value": value,
        "lower": lower,
        "upper": upper,
    }
    return Row("total" if kind == "total" else "item", f"{kind}/{id_}".rstrip("/"), cells)
