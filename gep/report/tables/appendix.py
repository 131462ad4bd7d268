"""What the figures rest on: parameters (A1), prices (A2), data (A3), classes of the land cover (A4), checks (A6), the
arithmetic of every figure (A8), the record of the run (A9).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gep.account.index_record import followed_by
from gep.account.names import cell_named
from gep.account.record import ServiceRecord, content_of
from gep.core.catalog import named
from gep.core.errors import SEVERITIES
from gep.core.messages import Text, say
from gep.core.translation import translated
from gep.core.unit_names import unit_text
from gep.report.citations import citation
from gep.report.names import called
from gep.report.tables.facts import Facts
from gep.report.tables.model import Cell, Column, ReportTable, Row, of_text
from gep.report.tables.totals import table
from gep.standards.schemes import CUSTOM, load_scheme


def _columns(id_: str, *names: str, numbers: Sequence[str] = ()) -> list[Column]:
    return [Column(name, say(f"tables.{id_}.{name}"), is_text=name not in numbers) for name in names]


def _plain(value: float | None) -> Cell:
    """A number as it is written at its source."""
    return Cell(value, decimals=None, standing="not_applicable")


def parameters(facts: Facts) -> ReportTable:
    """A1: every row of the coefficients that a figure rests on, with its source."""
    of_row = ("id", "name", "ecosystem", "value", "unit", "low", "high", "year", "region")
    columns = _columns("a1", *of_row, "source", "locator", "status", "note", numbers=("value", "low", "high"))
    rows = []
    for id_, row in sorted(facts.account.ledger["coefficients"].items()):
        cell = "/".join(part for part in (row.get("ecosystem", ""), row.get("land_class", "")) if part)
        rows.append(
            Row(
                "item",
                id_,
                {
                    "id": of_text(id_),
                    "name": of_text(called(row["name"]) or row["name"]),
                    "ecosystem": of_text(cell_named(cell) if cell else say("tables.a1.every")),
                    "value": _plain(row["value"]),
                    "unit": of_text(unit_text(row["unit"])),
                    "low": _plain(row.get("low")),
                    "high": _plain(row.get("high")),
                    "year": of_text(str(row.get("from_year") or row.get("price_year") or "")),
                    "region": of_text(row.get("region", "")),
                    "source": of_text(_cited(facts, row["source"])),
                    "locator": of_text(row.get("locator", "")),
                    "status": of_text(say(f"tables.status.{row['status']}") if row["status"] else ""),
                    "note": of_text(facts.translated(row.get("note", ""))),
                },
            )
        )
    return table("A1", columns, [*rows, *_of_derivations(facts)], 2)


def _of_derivations(facts: Facts) -> Iterator[Row]:
    """The constants of layers that equations made on grids of their own: with the source of the equation, for the run
    records what they were, and not their rows.
    """
    for layer, about in sorted(facts.account.record.get("inputs", {}).items()):
        equation = facts.account.ledger["equations"].get(about.get("derived_by") or "")
        if equation is None:
            continue
        for name, value in about.get("constants", {}).items():
            cells = {
                "id": of_text(f"{layer}/{name}"),
                "name": of_text(called(name) or name),
                "ecosystem": of_text(say("tables.a1.every")),
                "value": _plain(value),
                "unit": of_text(unit_text(equation["arguments"].get(name, "1"))),
                "low": _plain(None),
                "high": _plain(None),
                "source": of_text(translated(equation["source"])),
                "note": of_text(say("tables.a1.of_layer", layer=called(layer) or layer)),
            }
            yield Row("item", f"{layer}/{name}", cells)


def _cited(facts: Facts, source: str) -> Text:
    """A document as it is cited; the words of the study itself where it is none of the shipped ones."""
    about = facts.account.ledger["sources"].get(source)
    return Text(citation(about, "en"), citation(about, "zh")) if about else Text(source, source)


class _Number(NamedTuple):
    """A number behind prices: what it is called, the zone that reports it, as found and as used, and whence."""

    name: str
    zone: str
    found: float
    unit: str
    price_year: int | None
    factor: float
    used: float
    used_unit: str
    source: str
    locator: str
    price_index: str


def prices(facts: Facts) -> ReportTable:
    """A2: the numbers that prices are made of, as found and as used: in the unit of the equation, at the prices of the
    account. The index stands where it moved one.
    """
    of_number = ("service", "name", "zone", "value", "unit", "price_year", "index", "factor", "used", "used_unit")
    columns = _columns("a2", *of_number, "source", "locator", numbers=("value", "factor", "used"))
    rows = list[Row]()
    for service, about in facts.account.ledger["services"].items():
        for number in dict.fromkeys(_numbers(facts, about)):
            is_moved = number.factor != 1
            cells = {
                "service": of_text(named(service)),
                "name": of_text(called(number.name) or number.name),
                "zone": of_text(facts.zone_text(number.zone) if number.zone else say("tables.a1.every")),
                "value": _plain(number.found),
                "unit": of_text(unit_text(number.unit)),
                "price_year": of_text(str(number.price_year or "")),
                "index": of_text(number.price_index if is_moved else ""),
                "factor": _plain(number.factor if is_moved else None),
                "used": _plain(number.used),
                "used_unit": of_text(unit_text(number.used_unit)),
                "source": of_text(_cited(facts, number.source)),
                "locator": of_text(number.locator),
            }
            rows.append(Row("item", f"{service}/{number.name}/{len(rows)}", cells))
    return table("A2", columns, rows, 3)


def _numbers(facts: Facts, service: ServiceRecord) -> Iterator[_Number]:
    """The numbers behind the prices of a service: of its components, then of its products."""
    ledger = facts.account.ledger
    coefficients = ledger["coefficients"]

    def index(name: str) -> str:
        return followed_by(ledger.get("followed", {}), name, ledger["price_index"])

    for component, about in service["components"].items():
        for price in about["prices"]:
            for name, number in price["numbers"].items():
                row = coefficients.get(number.get("row", ""))
                yield _Number(
                    component if name == "price" else name,
                    number.get("zone", ""),
                    row["value"] if row else number.get("printed", number["amount"]),
                    row["unit"] if row else number.get("printed_unit", number["unit"]),
                    row.get("price_year") if row else number.get("price_year"),
                    number.get("index_factor", 1.0),
                    number["amount"],
                    number["unit"],
                    (row.get("source") if row else number.get("source")) or "",
                    row.get("locator", "") if row else number.get("place", ""),
                    index(row["name"] if row else number.get("item", "")),
                )
    for product in service.get("products", ()):
        if reported := product["members"].get("price"):
            yield _Number(
                product["component"],
                reported["zone"],
                reported["printed"],
                reported["printed_unit"],
                reported["price_year"],
                reported["index_factor"],
                reported["printed"] * reported["to_unit"] * reported["index_factor"],
                reported["unit"],
                reported["source"] or "",
                reported["place"],
                index(reported["item"]),
            )


def data_sources(facts: Facts) -> ReportTable:
    """A3: every file that was read: what it holds, how it was read, how much of the area it covers, its hash."""
    of_file = ("name", "kind", "file", "period", "cell", "crs", "unit", "scale", "missing", "resampling")
    columns = _columns("a3", *of_file, "coverage", "sha256", numbers=("coverage",))
    record, layers = facts.account.record, facts.account.about.coverage.get("layers", {})
    rows = []
    for name, layer in record.get("inputs", {}).items():
        cell = " × ".join(f"{size:g}" for size in layer.get("cell", []))
        made = layer.get("derived_by")
        cells = {
            "name": of_text(called(name) or name),
            "kind": of_text(say("tables.a3.derived" if made else "tables.a3.layer")),
            "file": of_text(layer.get("file") or ", ".join(layer.get("from", []))),
            "period": of_text(str(layer.get("period") or layer.get("year") or "")),
            "cell": of_text(cell),
            "crs": of_text(layer.get("crs", "")),
            "unit": of_text(unit_text(layer["unit"]) if layer.get("unit") else ""),
            "scale": of_text("" if layer.get("scale", 1.0) == 1.0 else f"{layer['scale']:g}"),
            "missing": of_text(", ".join(str(code) for code in layer.get("nodata", []))),
            "resampling": of_text(say(f"tables.resampling.{layer['resampling']}") if layer.get("resampling") else ""),
            "coverage": facts.units.share(layers[name]["share"] if name in layers else None),
            "sha256": of_text(content_of(layer) or ""),
        }
        rows.append(Row("item", name, cells))
    for name, file in _files(record):
        shown = file.get("file") or file.get("choice", "")
        cells = {"name": of_text(name), "kind": of_text(say("tables.a3.table")), "file": of_text(shown)}
        rows.append(Row("item", str(name), {**cells, "sha256": of_text(file.get("sha256") or "")}))
    return table("A3", columns, rows, 1)


def _files(record: Mapping[str, Any]) -> Iterator[tuple[Text, Mapping[str, Any]]]:
    """Zones and tables of a run."""
    zones = record.get("zones", {})
    if zones:
        yield say("tables.a3.zones"), zones
        if zones.get("outline"):
            yield say("tables.a3.outline"), zones["outline"]
    for name, file in (*record.get("tables", {}).items(), *record.get("coefficient_tables", {}).items()):
        yield Text(name, name), file
    if record.get("price_index"):
        yield say("tables.a3.price_index"), record["price_index"]


def classes(facts: Facts) -> ReportTable:
    """A4: what each code of the land cover stands for."""
    columns = _columns("a4", "scheme", "code", "label", "ecosystem", "land_class")
    study = facts.account.record.get("study", {})
    own = study.get("scheme_map", {})
    scheme = load_scheme(study.get("scheme", CUSTOM), own)
    rows = []
    for code, (ecosystem, land_class) in sorted(scheme.by_number().items()):
        cell = f"{ecosystem}/{land_class}" if land_class else ecosystem
        is_own = str(code) in own
        cells = {
            "scheme": of_text(say("tables.a4.own") if is_own else study.get("scheme", "")),
            "code": of_text(str(code)),
            "label": of_text(cell_named(cell)),
            "ecosystem": of_text(named(ecosystem)),
            "land_class": of_text(land_class),
        }
        rows.append(Row("item", str(code), cells))
    return table("A4", columns, rows, 2)


def checks(facts: Facts) -> ReportTable:
    """A6: what the checks found, the gravest first, and what a person answers for."""
    columns = _columns("a6", "code", "severity", "subject", "place", "message", "found", "allowed", "do", "state")
    rows = []
    problems = facts.account.about.problems
    for severity in SEVERITIES:
        for at, problem in enumerate(problems):
            if problem.severity != severity:
                continue
            waiver = facts.waiver(problem)
            state = say("tables.a6.waived", by=waiver[0], reason=waiver[1]) if waiver else say("tables.a6.open")
            cells = {
                "code": of_text(problem.code),
                "severity": of_text(say(f"report.severity.{severity}")),
                "subject": of_text(problem.subject),
                "state": of_text(state if severity != "information" else ""),
            }
            of_problem = ("place", "message", "found", "allowed", "do")
            cells |= {name: of_text(getattr(problem, name) or "") for name in of_problem}
            rows.append(Row("item", f"{problem.code}/{at}", cells))
    return table("A6", columns, rows, 1)


def arithmetic(facts: Facts) -> ReportTable:
    """A8: for every service of the whole area and of each county the lines of arithmetic that give its figures."""
    columns = _columns("a8", "step", "area", "service", "line", "result", "unit", numbers=("result",))
    rows = []
    for service in facts.services:
        if not facts.components(service):
            continue
        for zone in facts.zones_of(service):
            name = facts.zone_text(zone)
            for line in facts.account.explain(service, zone)["recompute"]:
                step = f"{service}/{zone}/{line['name']}"
                cells = {
                    "step": of_text(step),
                    "area": of_text(name),
                    "service": of_text(named(service)),
                    "line": of_text(line["expression"]),
                    "result": _plain(line["result"]),
                    "unit": of_text(unit_text(line["unit"])),
                }
                rows.append(Row("item", step, cells))
    return table("A8", columns, rows, 3)


def run_record(facts: Facts) -> ReportTable:
    """A9: by what, from what and with which settings the account was computed."""
    columns = _columns("a9", "key", "value")
    record = facts.account.record
    rows = [_of_record(f"{key}", value) for key, value in _flat(record)]
    rows.append(_of_record("digest", facts.account.digest))
    return table("A9", columns, rows, 1)


def _of_record(key: str, value: object) -> Row:
    return Row("item", key, {"key": of_text(key), "value": of_text(str(value))})


_BRIEF = ("run_id", "gep", "code_sha256", "profile", "profile_sha256", "kind", "level", "coefficients_sha256")
_PARTS = ("study", "grid", "switches", "environment")


def _flat(record: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """The record as lines, without what stands in other tables."""
    for key in _BRIEF:
        if key in record:
            yield key, record[key]
    for key in _PARTS:
        for name, value in (record.get(key) or {}).items():
            if value not in (None, "", {}, []):
                shown = value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)
                yield f"{key}.{name}", shown
