"""A figure of an account taken apart: formula, numbers put in, means of the inputs, coefficients, price, rules on
totals; or why it is empty.

    account.explain("water_retention", zone="150782")                 # of an account computed in this session
    gep.read_run("gep-150700-2019").explain("water_retention", zone="150782", ecosystem="grassland")

The document is the same from memory and from the folder. Its words are texts in both languages
(`gep.core.messages.of_document` puts it into one). Every line under `lines` is arithmetic that gives its result: see
`gep.account.arithmetic`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict, cast

from gep.account.arithmetic import ArithmeticLine, added, line, summed
from gep.account.entries import Entry, Missing
from gep.account.figures import Figures
from gep.account.names import find_ecosystem, find_service, find_zone
from gep.account.part import Part
from gep.account.reasons import Reason, why_empty, why_step_empty
from gep.account.record import EquationRecord, PriceRecord
from gep.account.rules import FROM_OUTSIDE
from gep.account.steps import (
    Argument,
    CitedNumber,
    CitedRow,
    Formula,
    InputStep,
    PriceStep,
    RuleOfFigure,
    Step,
    UsedRow,
    Where,
)
from gep.account.working import (
    cells_step,
    outside_step,
    prices_of,
    product_step,
    units_step,
    value_lines,
)
from gep.core.catalog import label
from gep.core.errors import UsageError, failure
from gep.core.keys import CITY, NONE, MatrixCell
from gep.core.messages import say
from gep.core.translation import translated

SCHEMA = 1

LANGUAGES = ("zh", "en")


class Amount(TypedDict):
    """The quantity of a component."""

    component: str
    value: float
    unit: str


class Figure(TypedDict):
    """The figure that is explained."""

    service: str
    service_name: Mapping[str, str]
    zone: str
    zone_name: Mapping[str, str]
    ecosystem: str | None
    year: int
    price_year: int | None
    price_index: str
    followed: Mapping[str, str]
    price_basis: str
    is_priced: bool
    value: float | None
    unit: str
    quantities: list[Amount]
    missing_share: float | None
    profile: str
    clause: str
    note: str
    switches: Mapping[str, str]
    run_id: str
    missing: list[Reason]
    empty: Reason | None


class Contribution(TypedDict):
    """What a component of a class of a zone adds to the figure."""

    zone: str
    zone_name: Mapping[str, str]
    ecosystem: str
    land_class: str
    component: str
    area: float | None
    quantity: float | None
    unit: str
    value: float | None
    counted: bool
    status: str


class Explanation(TypedDict):
    """A figure taken apart (a contract): see `explain`."""

    schema: int
    figure: Figure
    formula: list[Formula]
    contributions: list[Contribution]
    steps: list[Step]
    inputs: list[InputStep]
    coefficients: list[UsedRow]
    price: list[PriceStep]
    passes: list[RuleOfFigure]
    recompute: list[ArithmeticLine]


def explain(account: Figures, service: str, zone: str = CITY, ecosystem: str = "") -> Explanation:
    """The document of one figure: of a service in a zone (or `_city`, the whole area), of one ecosystem or class
    (`forest/mixed`), or of all.

    Names in Chinese or English are understood as well as ids. Raises UsageError for a name that the account does not
    have, with the near spellings, and where there is no ledger.
    """
    service, zone, ecosystem = (
        find_service(account, str(service)),
        find_zone(account, str(zone)),
        find_ecosystem(account, str(ecosystem)),
    )
    if account.about.folder is None:
        return _document(account, service, zone, ecosystem)
    try:
        return _document(account, service, zone, ecosystem)
    except (LookupError, ValueError, ArithmeticError, TypeError) as error:
        # the form of a ledger that was read is tested, but not that every name and number in it leads somewhere
        raise UsageError(say("explanation.misfit", folder=account.about.folder, error=failure(error))) from error


def _document(account: Figures, service: str, zone: str, ecosystem: str) -> Explanation:
    chosen = (e for e in account.flows if e.service == service and zone in (CITY, e.zone) and _lies_in(e, ecosystem))
    entries = _in_order(account, service, chosen)
    steps = [_step(part) for part in _parts(account, zone, entries)]
    figure = _figure(account, service, zone, ecosystem, entries)
    return {
        "schema": SCHEMA,
        "figure": figure,
        "formula": _formulas(account, steps),
        "contributions": [_contribution(account, of) for of in entries],
        "steps": steps,
        "inputs": [
            _input(step, argument)
            for step in steps
            for argument in _arguments(step)
            if argument["kind"] not in ("coefficient", "derived")
        ],
        "coefficients": _coefficients(account, steps),
        "price": _prices(steps),
        "passes": [{**_where(step), **rule} for step in steps for rule in step["passes"]],
        "recompute": _total(entries, figure),
    }


def _lies_in(of: Entry, ecosystem: str) -> bool:
    name, land_class = MatrixCell(ecosystem).pair
    return not ecosystem or (of.ecosystem == name and land_class in ("", of.land_class))


def _parts(account: Figures, zone: str, lines: Iterable[Entry]) -> list[Part]:
    """What is explained step by step: a component of a class in a zone; in the whole area, of a class in all zones."""
    groups: dict[tuple[str, str, str], list[Entry]] = {}
    for of in lines:
        if not of.is_adjustment:
            groups.setdefault((of.component, of.ecosystem, of.land_class), []).append(of)
    return [Part(account, zone, tuple(members)) for members in groups.values()]


def _in_order(account: Figures, service: str, lines: Iterable[Entry]) -> list[Entry]:
    """Figures by ecosystem and class, the components of each in the order of the service."""
    about = account.ledger["services"].get(service)
    order = list(about["components"]) if about else []

    def position(of: Entry) -> tuple[str, str, str, int, str]:
        return (
            of.zone,
            of.ecosystem,
            of.land_class,
            order.index(of.base) if of.base in order else len(order),
            of.component,
        )

    return sorted(lines, key=position)


def _step(part: Part) -> Step:
    first = part.first
    prices: list[PriceRecord] = []
    if first.component == FROM_OUTSIDE:
        step = outside_step(part)
    elif "products" in part.ledger["services"][first.service]:
        step = product_step(part)
    else:
        step = cells_step(part) if part.component["kind"] == "cells" else units_step(part)
        prices = prices_of(part)
        step["lines"] += value_lines(part, prices)
    return {
        "service": first.service,
        "component": first.component,
        "ecosystem": first.ecosystem,
        "land_class": first.land_class,
        "zones": [of.zone for of in part.entries],
        "quantity": {"value": part.quantity, "unit": first.written_unit} if first.unit else None,
        "value": {"value": part.value, "unit": "CNY", "equation": part.value_equation} if first.is_priced else None,
        "counted": first.is_counted,
        "data_coverage": first.coverage if len(part.entries) == 1 else None,
        "status": first.status,
        "method": first.method,
        "clause": first.clause,
        **step,
        "prices": [_price(part, price) for price in prices],
        "why_empty": why_step_empty(part, step),
    }


def _figure(account: Figures, service: str, zone: str, ecosystem: str, entries: Sequence[Entry]) -> Figure:
    said, about = account.ledger["services"].get(service), account.about
    quantities: dict[tuple[str, str], list[float]] = {}
    for of in entries:
        if of.quantity is not None and of.is_held:
            quantities.setdefault((of.base, of.written_unit), []).append(of.quantity)
    value = added(of.counted_value for of in entries)
    is_priced = about.kind == "monetary" and not any(of.is_stock for of in entries)
    has_figure = value is not None or (not is_priced and bool(quantities))
    return {
        "service": service,
        "service_name": {language: label(service, language) for language in LANGUAGES},
        "zone": zone,
        "zone_name": {language: account.zone_name(zone, language) for language in LANGUAGES},
        "ecosystem": ecosystem or None,
        "year": about.year,
        "price_year": about.price_year,
        "price_index": account.ledger["price_index"],
        "followed": account.ledger.get("followed", {}),
        "price_basis": next((of.price_basis for of in entries if of.price_basis), ""),
        "is_priced": is_priced,
        "value": value,
        "unit": "CNY",
        "quantities": [
            {"component": name, "value": math.fsum(values), "unit": unit} for (name, unit), values in quantities.items()
        ],
        "missing_share": _missing_share(account, service, entries),
        "profile": about.profile,
        "clause": translated(said["clause"] if said else ""),
        "note": translated(said["note"] if said else ""),
        "switches": said["settings"] if said else {},
        "run_id": about.run_id,
        "missing": [_reason(missing) for missing in about.missing if missing.service == service],
        "empty": None if has_figure else why_empty(account, service, zone, ecosystem, entries),
    }


def _reason(missing: Missing) -> Reason:
    return {"reason": missing.reason, "detail": missing.detail}


def _missing_share(account: Figures, service: str, entries: Sequence[Entry]) -> float | None:
    """The share of the land that counts on which an input is missing; of the component that lacks most. None where it
    is not of cells.
    """
    areas: dict[str, list[tuple[float, float]]] = {}
    for of in entries:
        sums = account.cell_sums.get((service, of.component, of.zone, of.ecosystem, of.land_class))
        if sums:
            areas.setdefault(of.component, []).append((sums["area"], sums["valid_area"]))
    shares = []
    for pairs in areas.values():
        area, valid = (math.fsum(column) for column in zip(*pairs, strict=True))
        shares.append(max(0.0, 1 - valid / area) if area else 0.0)
    return max(shares, default=None)


def _contribution(account: Figures, of: Entry) -> Contribution:
    return {
        "zone": of.zone,
        "zone_name": {language: account.zone_name(of.zone, language) for language in LANGUAGES},
        "ecosystem": of.ecosystem,
        "land_class": of.land_class,
        "component": of.component,
        "area": account.areas().get((of.zone, of.ecosystem, of.land_class)),
        "quantity": of.quantity,
        "unit": of.written_unit,
        "value": of.value,
        "counted": of.is_counted,
        "status": of.status,
    }


def _total(entries: Sequence[Entry], figure: Figure) -> list[ArithmeticLine]:
    """The lines that add the contributions up to the figure; those of a class in several zones as one."""
    found = []
    for about in figure["quantities"]:
        values = _by_class((of, of.quantity) for of in entries if of.base == about["component"])
        if len(values) > 1:
            found.append(
                line(f"quantity_of_{about['component']}", summed(values, about["value"]), about["value"], about["unit"])
            )
    if figure["value"] is not None:
        values = _by_class((of, of.value) for of in entries)
        found.append(line("figure", summed(values, figure["value"]), figure["value"], figure["unit"]))
    return found


def _by_class(pairs: Iterable[tuple[Entry, float | None]]) -> list[float]:
    """Counted numbers of figures, added over zones."""
    groups: dict[tuple[str, str, str], list[float]] = {}
    for of, value in pairs:
        if of.is_held and value is not None:
            groups.setdefault((of.component, of.ecosystem, of.land_class), []).append(value)
    return [math.fsum(values) for values in groups.values()]


def _where(step: Step) -> Where:
    return {"component": step["component"], "ecosystem": step["ecosystem"], "land_class": step["land_class"]}


def _arguments(step: Step) -> list[Argument]:
    return [argument for equation in step.get("equations", ()) for argument in equation["arguments"]]


def _input(step: Step, argument: Argument) -> InputStep:
    return {**_where(step), **argument}


def _formulas(account: Figures, steps: Iterable[Step]) -> list[Formula]:
    """Every equation that the steps use, each once, in their order."""
    names: dict[str, None] = {}
    for step in steps:
        for equation in step.get("equations", ()):
            names.setdefault(equation["equation"])
            names |= {name: None for argument in equation["arguments"] for name in argument.get("made_by", ())}
        others = [step.get("equation")]
        if step["kind"] in ("cells", "units"):
            component = account.ledger["services"][step["service"]]["components"].get(step["component"])
            others += [component.get("pricing"), component["value"], component["limit"]] if component else []
        others.append(step.get("net"))
        others += [product["value"] for product in step.get("products", ())]
        for name in others:
            if name:
                names.setdefault(name)
    return [{"name": name, **_in_words(account.ledger["equations"][name])} for name in names]


def _in_words(equation: EquationRecord) -> EquationRecord:
    """An equation with its words in both languages."""
    return {
        **equation,
        "summary": translated(equation["summary"]),
        "symbols": translated(equation["symbols"]),
        "source": translated(equation["source"]),
    }


def _coefficients(account: Figures, steps: Iterable[Step]) -> list[UsedRow]:
    """The rows of coefficients behind the steps, each once, with the classes that took it."""
    used: dict[str, dict[str, str]] = {}
    for step in steps:
        where = "/".join(name for name in (step["ecosystem"], step["land_class"]) if name != NONE) or NONE
        for argument in _arguments(step):
            if row := argument.get("row"):
                used.setdefault(row, {})[where] = argument.get("matched") or ""
        numbers = [number for unit in step.get("units", ()) for number in unit["arguments"].values()]
        for number in numbers:
            if number.get("row"):
                used.setdefault(number["row"], {})[where] = number["matched"]
    return [{**_cited(account, name), "matched": matched} for name, matched in used.items()]


def _cited(account: Figures, row: str) -> CitedRow:
    about = account.ledger["coefficients"][row]
    cited: CitedRow = {"id": row, **about, "document": account.ledger["sources"].get(about["source"], {})}
    if "locator" in about:
        cited["locator"] = translated(about["locator"])
    if "note" in about:
        cited["note"] = translated(about["note"])
    return cited


def _price(part: Part, price: PriceRecord) -> PriceStep:
    """A price with all that it is made of, its rows with their documents, and the index that moved them."""
    account, component = part.account, part.component
    numbers: dict[str, CitedNumber] = {}
    for name, about in price["numbers"].items():
        row = about.get("row")
        cited = cast("CitedNumber", {**about})
        if row:
            cited["coefficient"] = _cited(account, row)
        numbers[name] = cited
    return {
        "component": part.first.component,
        "unit": component["price_unit"],
        "equation": component["pricing"],
        **price,
        "numbers": numbers,
        "index": account.ledger["price_index"],
        "to_year": account.ledger["price_year"],
    }


def _prices(steps: Iterable[Step]) -> list[PriceStep]:
    """The prices behind the steps, each once."""
    found: list[PriceStep] = []
    for price in (price for step in steps for price in step["prices"]):
        if price not in found:
            found.append(price)
    return found
