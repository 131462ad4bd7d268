"""Chapter 3: the indicators, and a card for every service: definition, formulas, symbols, clause, source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from gep.account.names import cell_named
from gep.account.record import ArgumentRecord, ComponentRecord, EquationRecord, ServiceRecord
from gep.core.catalog import layer_kinds, named
from gep.core.messages import Text, catalogue, listed, say
from gep.core.translation import translated
from gep.core.unit_names import unit_name, unit_text
from gep.core.units import ucum
from gep.report.document.arithmetic import arithmetic_formula
from gep.report.document.grid import simple
from gep.report.document.mathematics import Node
from gep.report.document.notation import formula_lines, greek
from gep.report.document.report import Report
from gep.report.names import called
from gep.services import SERVICES
from gep.standards.coefficients import constant_names


class Used(NamedTuple):
    """An equation behind a component: what it gives, and where its arguments come from."""

    name: str
    gives: str
    arguments: Mapping[str, ArgumentRecord]


def methods(report: Report) -> None:
    """What is counted, and how each of it is computed."""
    m = report.manuscript
    m.heading(say("document.heading.methods"))
    m.heading(say("document.heading.indicators"), 2)
    _indicators(report)
    for service in report.facts.services:
        m.heading(named(service), 2)
        card(report, service)


# the indicators -------------------------------------------------------------------------------------------------------


def _indicators(report: Report) -> None:
    m = report.manuscript
    names = ("category", "service", "component")
    heads = [
        *(say(f"tables.column.{name}") for name in names),
        say("document.column.physical_unit"),
        say("document.column.quantity_method"),
        say("document.column.value_method"),
    ]
    rows: list[list[str]] = []
    for category, services in report.facts.categories.items():
        for service in services:
            rows += ([named(category), named(service), *rest] for rest in _methods_of(report, service))
    m.own_table(say("document.table.indicators"), simple(heads, rows, m.languages, labels=3))


def _methods_of(report: Report, service: str) -> Iterator[list[str]]:
    about: ServiceRecord | None = report.services.get(service)
    components = about["components"] if about else {}
    for name, component in components.items():
        gives = next(iter(equations_of(component)), None)
        is_own = gives is not None and gives.gives == "quantity_of"
        method = _summary(report, gives.name) if gives and is_own else _without_equation(component)
        concept = component.get("concept") or "none"
        unit = _of_quantity(component["unit"])
        yield [named(name), unit, method, say(f"document.concept.{concept}")]
    if not components:
        units = listed(dict.fromkeys(_of_quantity(unit) for unit in _units(report, service)))
        yield ["", units, say("document.card.as_reported"), say("document.concept.output")]


def _without_equation(component: ComponentRecord) -> Text:
    """How a quantity without an equation comes about: as it was reported, or not at all."""
    is_reported = component["kind"] == "units"
    return say("document.card.as_reported") if is_reported else say("tables.symbol.missing")


def _of_quantity(unit: str) -> Text:
    """The unit of a quantity as tables have it."""
    written = ucum(unit)
    return Text(unit_name(written, "en"), unit_name(written, "zh"))


def _units(report: Report, service: str) -> Iterable[str]:
    parts = report.facts.components(service)
    return [unit for part in parts if (unit := report.facts.unit(service, part))]


def _summary(report: Report, equation: str) -> Text:
    known = report.account.ledger["equations"].get(equation)
    return translated(known["summary"]) if known else Text(equation, equation)


# a card ---------------------------------------------------------------------------------------------------------------


def card(report: Report, service: str) -> None:
    """One service."""
    m, about = report.manuscript, report.services.get(service)
    if service in catalogue("document")["definition"]:  # one from outside says what it is by its equations
        m.paragraph(say("document.card.definition", text=say(f"document.definition.{service}")))
    if about is None:
        return
    if about["note"]:
        m.paragraph(say("document.card.note", text=translated(about["note"])))
    clause = translated(about["clause"])
    m.paragraph(say("document.card.clause", clause=clause) if clause else say("document.card.no_clause"))
    if about["counts"]:
        m.paragraph(say("document.card.counts", parts=listed(cell_named(cell) for cell in about["counts"])))
    switches = SERVICES[service].switches if service in SERVICES else {}
    for name, value in about["settings"].items():
        meaning = translated(switches[name].meaning) if name in switches else ""
        m.note(say("document.card.setting", name=name, value=value, meaning=meaning))
    for missing in report.account.about.missing:
        if missing.service == service:
            reason = say(f"report.reason.{missing.reason}")
            m.note(say("document.card.not_accounted", reason=reason, detail=missing.detail))
    used = _components(report, about)
    if products := about.get("products"):
        names = listed(dict.fromkeys(named(product["component"]) for product in products))
        m.paragraph(say("document.card.products", parts=names))
        found = dict.fromkeys(product["value"] for product in products if product["value"])
        used += [Used(name, "value_of", {}) for name in (*found, about.get("net")) if name]
        for one in used:
            _equation(report, one)
    _symbols(report, service, used)


def _components(report: Report, about: ServiceRecord) -> list[Used]:
    """The formulas of every component, each formula once; which they are."""
    m, said = report.manuscript, dict[str, Used]()
    for of, component in about["components"].items():
        found = {used.name: used for used in reversed(list(equations_of(component)))}
        fresh = [used for name, used in reversed(found.items()) if name not in said]
        if not fresh:
            continue
        unit = _of_quantity(component["unit"])
        m.paragraph(say("document.card.component", name=named(of), unit=unit), is_bold=True)
        if component["kind"] == "units" and not component.get("total"):
            m.paragraph(say("document.card.reported"))
        for used in fresh:
            said[used.name] = used
            _equation(report, used)
            for made in _made_by(report, used):
                if made not in said:
                    said[made] = Used(made, "made_by", {})
                    _equation(report, said[made])
    return list(said.values())


def equations_of(component: ComponentRecord) -> Iterator[Used]:
    """The equations of a component: of its quantity, what that rests on, of its limit, its price and its value."""
    for flow in component.get("flows", ()):
        nodes = flow["nodes"]
        for name in (flow["root"], *(name for name in nodes if name != flow["root"])):
            gives = "quantity_of" if name == flow["root"] else "made_by"
            yield Used(nodes[name]["equation"], gives, nodes[name]["arguments"])
    of_totals = {
        "quantity_of": component.get("total"),
        "limit_of": component["limit"],
        "price_of": component.get("pricing"),
        "value_of": component["value"],
    }
    yield from (Used(name, gives, {}) for gives, name in of_totals.items() if name)


def _made_by(report: Report, used: Used) -> Iterator[str]:
    """The equations that made the layers of an equation."""
    for argument in used.arguments.values():
        layer = report.account.ledger["layers"].get(argument.get("layer", ""))
        yield from layer["made_by"] if layer else ()


def _equation(report: Report, used: Used) -> None:
    """A formula with what it gives, its symbols and its source; not the worked example of its text."""
    m, equation = report.manuscript, report.account.ledger["equations"][used.name]
    summary = translated(equation["summary"])
    m.paragraph(summary if used.gives == "made_by" else say(f"document.card.{used.gives}", summary=summary))
    *before, last = formula_of(equation, m.languages[0])
    for node in before:
        m.formula(node, is_numbered=False)
    m.formula(last)
    symbols = translated(equation["symbols"])
    first = Text(*(greek(" ".join(_opening(text).split())) for text in (str(symbols), symbols.zh)))
    if first and not first[0].isdigit():
        m.note(say("document.card.symbols", symbols=first))
    if equation["source"]:
        source = translated(equation["source"])
        m.note(say("document.card.source", source=Text(source.rstrip("."), source.zh.rstrip("。"))))


def _opening(text: str) -> str:
    """The first paragraph of a text, without the marks of code."""
    return text.partition("\n\n")[0].replace("`", "")


def formula_of(equation: EquationRecord, language: str) -> list[Node]:
    """A formula as its docstring writes it; where that cannot be read, as the arithmetic that is computed."""
    text = "\n".join(translated(line).to(language) for line in equation["formula"].splitlines())
    lines = formula_lines(text)
    if lines and all(line.is_whole for line in lines):
        return [line.node for line in lines]
    return [arithmetic_formula(left, right) for left, right in equation["arithmetic"]]


# symbols --------------------------------------------------------------------------------------------------------------


def _symbols(report: Report, service: str, used: Iterable[Used]) -> None:
    """Every argument of the formulas of a service: its name, meaning, unit, and where it comes from."""
    m, rows = report.manuscript, dict[str, list[str]]()
    for one in used:
        equation = report.account.ledger["equations"][one.name]
        for name, unit in equation["arguments"].items():
            if name not in rows:
                origin = say(f"document.card.from.{_origin(report, service, one, name)}")
                rows[name] = [name, called(name) or name, unit_text(unit) if unit != "1" else "—", origin]
    fixed = {row["name"] for row in report.account.ledger["coefficients"].values()}
    fixed |= {name for about in report.account.record.get("inputs", {}).values() for name in about.get("constants", {})}
    others = [row[1] for name, row in rows.items() if name in constant_names() and name not in fixed]
    constants = [name for name in rows if name in constant_names() and name in fixed]
    rows = {name: row for name, row in rows.items() if name not in constant_names()}
    if rows:
        heads = [
            say("document.column.symbol"),
            say("document.column.meaning"),
            say("tables.column.unit"),
            say("document.column.from"),
        ]
        title = say("document.table.symbols", service=named(service))
        m.own_table(title, simple(heads, list(rows.values()), m.languages))
    if others:
        m.note(say("document.card.others", parts=listed(others)))
    if constants:
        m.note(say("document.card.constants", count=len(constants)))


def _origin(report: Report, service: str, used: Used, name: str) -> str:
    """Where an argument comes from: as the ledger says; else a layer, a figure of the service, a number of its prices,
    a row of the coefficients, or the statistics.
    """
    if recorded := next(iter(used.arguments.get(name, {})), ""):
        return recorded
    ledger = report.account.ledger
    components = ledger["services"][service]["components"]
    if name in layer_kinds():
        return "layer"
    if name in ("quantity", *components):
        return "quantity"
    if any(name in price["numbers"] for about in components.values() for price in about["prices"]):
        return "price"
    if any(row["name"] == name for row in ledger["coefficients"].values()):
        return "coefficient"
    return "item"
