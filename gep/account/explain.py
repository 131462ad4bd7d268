"""A figure of a finished run taken apart: formula, numbers put in, means of the inputs, coefficients, price, rules on
totals; or why it is empty.

    account.explain("water_retention", zone="150782")                 # of an account computed in this session
    explain(read_finished(Path("gep-150700-2019")), "water_retention", zone="150782", ecosystem="grassland")

The document is the same from memory and from the folder. Every line under `lines` is arithmetic that gives its result:
see `gep.account.working`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gep.account.record import Document, Finished, Line, added
from gep.account.rules import FROM_OUTSIDE
from gep.account.working import (
    Part,
    cells_step,
    figure_of,
    line,
    outside_step,
    prices_of,
    product_step,
    summed,
    units_step,
    value_lines,
)
from gep.core.catalog import label, service_ids
from gep.core.errors import UsageError, did_you_mean
from gep.core.keys import CITY, NONE, UNALLOCATED
from gep.standards.classes import land_classes, parents

SCHEMA = 1


LANGUAGES = ("zh", "en")


def explain(run: Finished, service: str, zone: str = CITY, ecosystem: str = "") -> Document:
    """The document of one figure: of a service in a zone (or `_city`, the whole area), of one ecosystem or class
    (`forest/mixed`), or of all.

    Names in Chinese or English are understood as well as ids. Raises UsageError for a name that the run does not have,
    with the near spellings.
    """
    service, zone, ecosystem = (
        find_service(run, str(service)),
        find_zone(run, str(zone)),
        find_ecosystem(run, str(ecosystem)),
    )
    lines = _in_order(
        run,
        service,
        (of for of in run.lines if of.service == service and zone in (CITY, of.zone) and _lies_in(of, ecosystem)),
    )
    parts = _parts(run, zone, lines)
    steps = [_step(part) for part in parts]
    figure = _figure(run, service, zone, ecosystem, lines)
    figure["empty"] = (
        None
        if figure["value"] is not None or (not figure["is_priced"] and figure["quantities"])
        else why_empty(run, service, zone, ecosystem, lines)
    )
    return {
        "schema": SCHEMA,
        "figure": figure,
        "formula": _formulas(run, steps),
        "contributions": [_contribution(run, of) for of in lines],
        "steps": steps,
        "inputs": [
            _input(step, argument)
            for step in steps
            for argument in _arguments(step)
            if argument["kind"] not in ("coefficient", "derived")
        ],
        "coefficients": _coefficients(run, steps),
        "price": _prices(steps),
        "passes": [{**_where(step), **rule} for step in steps for rule in step["passes"]],
        "recompute": _total(lines, figure),
    }


def find_service(run: Finished, name: str) -> str:
    """The id of a service that is called by its id or by its label in Chinese or English."""
    known = list(dict.fromkeys((*service_ids(), *run.ledger["services"])))
    return _find(name, known, {label(id_, language): id_ for id_ in known for language in LANGUAGES}, "service")


def find_zone(run: Finished, name: str) -> str:
    """The code of a zone that is called by its code or by a name that only one zone has; `_city` is the whole area."""
    codes = list(dict.fromkeys([*run.ledger["zones"], *(zone for zone, _, _ in run.areas), CITY]))
    named: dict[str, list[str]] = {}
    for code in codes:
        for text in dict.fromkeys(
            [
                run.zone_name(code, "zh"),
                run.zone_name(code, "en"),
                str(run.ledger["zones"].get(code, {}).get("name", "")),
            ]
        ):
            if text and code not in named.setdefault(text.casefold(), []):
                named[text.casefold()].append(code)
    found = named.get(name.strip().casefold(), [])
    if name.strip() not in codes and len(found) > 1:
        raise UsageError(f"Several zones are called `{name}`: {', '.join(found)}. Give the code.")
    texts = {run.zone_name(code, language): code for code in codes for language in LANGUAGES}
    listed = [f"{code} {run.zone_name(code, 'zh')}".strip() for code in codes]
    return _find(name, codes, {**texts, **{text: codes_of[0] for text, codes_of in named.items()}}, "zone", listed)


def find_ecosystem(run: Finished, name: str) -> str:
    """An ecosystem or a class of one (`forest/mixed`); empty stands for all."""
    if not name:
        return ""
    of_run = [cell for of in run.areas for cell in (of[1], f"{of[1]}/{of[2]}") if not cell.endswith(NONE)]
    of_lines = [
        cell
        for of in run.lines
        for cell in (of.ecosystem, f"{of.ecosystem}/{of.land_class}")
        if not cell.endswith(f"/{NONE}")
    ]
    known = [*of_run, *of_lines, *(f"{e}/{c}" if c else e for e, c in land_classes())]
    ecosystems = list(dict.fromkeys(cell.partition("/")[0] for cell in known))
    return _find(
        name,
        list(dict.fromkeys([*ecosystems, *known])),
        {label(e, language): e for e in ecosystems for language in LANGUAGES},
        "ecosystem",
    )


def _find(name: str, ids: Sequence[str], names: Mapping[str, str], what: str, listed: Sequence[str] = ()) -> str:
    """The id that a name stands for; `listed` is what an error names."""
    text = name.strip()
    if text in ids:
        return text
    folded = {known.casefold(): id_ for known, id_ in names.items()} | {
        id_.casefold().replace("_", " "): id_ for id_ in ids
    }
    if (found := folded.get(text.casefold().replace("_", " "))) is not None:
        return found
    listed = listed or ids
    hint = did_you_mean(text, [one.partition(" ")[0] for one in listed]) or did_you_mean(text, names)
    allowed = (
        "" if hint else f"There are: {', '.join(listed[:_MOST_NAMES])}{', …' if len(listed) > _MOST_NAMES else ''}."
    )
    raise UsageError(f"There is no {what} `{name}` in this run. {hint or allowed}")


_MOST_NAMES = 40
"""How many names an error message lists."""


def _lies_in(of: Line, ecosystem: str) -> bool:
    name, _, land_class = ecosystem.partition("/")
    return not ecosystem or (of.ecosystem == name and land_class in ("", of.land_class))


def _parts(run: Finished, zone: str, lines: Iterable[Line]) -> list[Part]:
    """What is explained step by step: a component of a class in a zone; in the whole area, of a class in all zones."""
    groups: dict[tuple[str, str, str], list[Line]] = {}
    for of in lines:
        if not of.is_adjustment:
            groups.setdefault((of.component, of.ecosystem, of.land_class), []).append(of)
    return [Part(run, zone, tuple(members)) for members in groups.values()]


def _in_order(run: Finished, service: str, lines: Iterable[Line]) -> list[Line]:
    """Figures by ecosystem and class, the components of each in the order of the service."""
    order = list(run.ledger["services"].get(service, {}).get("components", ()))

    def position(of: Line) -> tuple[str, str, str, int, str]:
        return (
            of.zone,
            of.ecosystem,
            of.land_class,
            order.index(of.base) if of.base in order else len(order),
            of.component,
        )

    return sorted(lines, key=position)


def _step(part: Part) -> Document:
    first = part.first
    prices: list[Document] = []
    if first.component == FROM_OUTSIDE:
        step = outside_step(part)
    elif "products" in part.run.ledger["services"][first.service]:
        step = product_step(part)
    else:
        step = cells_step(part) if part.component["kind"] == "cells" else units_step(part)
        prices = prices_of(part)
        step["lines"] += value_lines(part, prices)
    about = {
        "service": first.service,
        "component": first.component,
        "ecosystem": first.ecosystem,
        "land_class": first.land_class,
        "zones": [of.zone for of in part.lines],
        "quantity": None if not first.unit else {"value": part.quantity, "unit": first.unit},
        "value": {"value": part.value, "unit": "CNY", "equation": part.component.get("value")}
        if first.is_priced
        else None,
        "counted": first.is_counted,
        "data_coverage": first.coverage if len(part.lines) == 1 else None,
        "status": first.status,
        "method": first.method,
        "clause": first.clause,
    }
    cited = [_price(part, price) for price in prices]
    return {**about, **step, "prices": cited, "why_empty": _why_step_empty(part, step)}


def _why_step_empty(part: Part, step: Mapping[str, Any]) -> str:
    """Why one figure is empty or does not count; nothing where it does."""
    if not part.first.is_counted:
        return "no limit is reported for the zone"
    if part.quantity is None and step["kind"] == "cells":
        return _why_no_cell(part)
    if part.quantity is None and step["kind"] == "units":
        lacking = list(dict.fromkeys(name for unit in step["units"] for name in unit["lacking"]))
        return f"not given: {', '.join(lacking)}" if lacking else "nothing is reported"
    if part.value is None and part.component.get("value"):
        return f"no price: {part.component['price']}"
    if part.value is None and step["kind"] == "product" and part.first.is_priced:
        return "the table has no value, or not both quantity and price, or not every cost"
    return ""


def _why_no_cell(part: Part) -> str:
    """Why an equation gives nothing in any cell of a class."""
    figure = figure_of(part)
    if figure["with_layers"] == 0:
        return "no cell has all the layers"
    lacking = _lacking_coefficients(part, figure["flow"])
    return (
        f"no coefficient for {part.cell}: {', '.join(lacking)}"
        if lacking
        else "the equation gives no number in any of its cells"
    )


def _lacking_coefficients(part: Part, flow: int) -> list[str]:
    """The coefficients that a class does not have."""
    values = part.run.ledger["class_values"]
    names = []
    for node in part.component["flows"][flow]["nodes"].values():
        for source in node["arguments"].values():
            name = source.get("coefficient")
            if name and name in values and all(of_class.get(part.cell) is None for of_class in values[name].values()):
                names.append(name)
    return list(dict.fromkeys(names))


def _figure(run: Finished, service: str, zone: str, ecosystem: str, lines: Sequence[Line]) -> Document:
    about = run.ledger["services"].get(service, {})
    study = run.summary
    quantities: dict[tuple[str, str], list[float]] = {}
    for of in lines:
        if of.quantity is not None and of.is_counted:
            quantities.setdefault((of.base, of.unit), []).append(of.quantity)
    return {
        "service": service,
        "service_name": {language: label(service, language) for language in LANGUAGES},
        "zone": zone,
        "zone_name": {language: run.zone_name(zone, language) for language in LANGUAGES},
        "ecosystem": ecosystem or None,
        "year": study["year"],
        "price_year": study["price_year"],
        "price_index": run.ledger["price_index"],
        "price_basis": next((of.price_basis for of in lines if of.price_basis), ""),
        "is_priced": run.ledger["kind"] == "monetary",
        "value": added(of.counted_value for of in lines),
        "unit": "CNY",
        "quantities": [
            {"component": name, "value": math.fsum(values), "unit": unit} for (name, unit), values in quantities.items()
        ],
        "missing_share": _missing_share(run, service, zone, ecosystem, lines),
        "profile": study["profile"]["id"],
        "clause": about.get("clause", ""),
        "note": about.get("note", ""),
        "switches": about.get("settings", {}),
        "run_id": study["run_id"],
        "missing": [m for m in study["missing"] if m["service"] == service],
    }


def _missing_share(run: Finished, service: str, zone: str, ecosystem: str, lines: Sequence[Line]) -> float | None:
    """The share of the land that counts on which an input is missing; of the component that lacks most. None where it
    is not of cells.
    """
    areas: dict[str, list[tuple[float, float]]] = {}
    for of in lines:
        sums = run.sums.get((service, of.component, of.zone, of.ecosystem, of.land_class))
        if sums:
            areas.setdefault(of.component, []).append((sums["area"], sums["valid_area"]))
    shares = []
    for pairs in areas.values():
        area, valid = (math.fsum(column) for column in zip(*pairs, strict=True))
        shares.append(max(0.0, 1 - valid / area) if area else 0.0)
    return max(shares, default=None)


def _contribution(run: Finished, of: Line) -> Document:
    return {
        "zone": of.zone,
        "zone_name": {language: run.zone_name(of.zone, language) for language in LANGUAGES},
        "ecosystem": of.ecosystem,
        "land_class": of.land_class,
        "component": of.component,
        "area": run.areas.get((of.zone, of.ecosystem, of.land_class)),
        "quantity": of.quantity,
        "unit": of.unit,
        "value": of.value,
        "counted": of.is_counted,
        "status": of.status,
    }


def _total(lines: Sequence[Line], figure: Mapping[str, Any]) -> list[Document]:
    """The lines that add the contributions up to the figure; those of a class in several zones as one."""
    found = []
    for about in figure["quantities"]:
        values = _by_class((of, of.quantity) for of in lines if of.base == about["component"])
        if len(values) > 1:
            found.append(
                line(f"quantity_of_{about['component']}", summed(values, about["value"]), about["value"], about["unit"])
            )
    if figure["value"] is not None:
        values = _by_class((of, of.value) for of in lines)
        found.append(line("figure", summed(values, figure["value"]), figure["value"], figure["unit"]))
    return found


def _by_class(pairs: Iterable[tuple[Line, float | None]]) -> list[float]:
    """Counted numbers of figures, added over zones."""
    groups: dict[tuple[str, str, str], list[float]] = {}
    for of, value in pairs:
        if of.is_counted and value is not None:
            groups.setdefault((of.component, of.ecosystem, of.land_class), []).append(value)
    return [math.fsum(values) for values in groups.values()]


def _where(step: Mapping[str, Any]) -> Document:
    return {name: step[name] for name in ("component", "ecosystem", "land_class")}


def _arguments(step: Mapping[str, Any]) -> list[Document]:
    return [argument for equation in step.get("equations", ()) for argument in equation["arguments"]]


def _input(step: Mapping[str, Any], argument: Mapping[str, Any]) -> Document:
    return {**_where(step), **argument}


def _formulas(run: Finished, steps: Iterable[Mapping[str, Any]]) -> list[Document]:
    """Every equation that the steps use, each once, in their order."""
    names: dict[str, None] = {}
    for step in steps:
        for equation in step.get("equations", ()):
            names.setdefault(equation["equation"])
            names |= {name: None for argument in equation["arguments"] for name in argument.get("made_by", ())}
        component = (
            run.ledger["services"][step["service"]]["components"].get(step["component"], {})
            if step["kind"] in ("cells", "units")
            else {}
        )
        others = [
            step.get("equation"),
            component.get("pricing"),
            component.get("value"),
            component.get("limit"),
            step.get("net"),
        ]
        others += [product["value"] for product in step.get("products", ())]
        for name in others:
            if name:
                names.setdefault(name)
    return [{"name": name, **run.ledger["equations"][name]} for name in names]


def _coefficients(run: Finished, steps: Iterable[Mapping[str, Any]]) -> list[Document]:
    """The rows of coefficients behind the steps, each once, with the classes that took it."""
    used: dict[str, dict[str, str]] = {}
    for step in steps:
        where = "/".join(name for name in (step["ecosystem"], step["land_class"]) if name != NONE) or NONE
        for argument in _arguments(step):
            if argument.get("row"):
                used.setdefault(argument["row"], {})[where] = argument["matched"]
        numbers = [number for unit in step.get("units", ()) for number in unit["arguments"].values()]
        for number in numbers:
            if number.get("row"):
                used.setdefault(number["row"], {})[where] = number["matched"]
    return [{**_cited(run, name), "matched": matched} for name, matched in used.items()]


def _cited(run: Finished, row: str) -> Document:
    about = run.ledger["coefficients"][row]
    return {"id": row, **about, "document": run.ledger["sources"].get(about["source"], {})}


def _price(part: Part, price: Mapping[str, Any]) -> Document:
    """A price with all that it is made of, its rows with their documents, and the index that moved them."""
    run, component = part.run, part.component
    numbers = {
        name: {**n, **({"coefficient": _cited(run, n["row"])} if n.get("row") else {})}
        for name, n in price["numbers"].items()
    }
    moved = {"index": run.ledger["price_index"], "to_year": run.ledger["price_year"]}
    about = {"component": part.first.component, "unit": component["price_unit"], "equation": component["pricing"]}
    return {**about, **price, "numbers": numbers, **moved}


def _prices(steps: Iterable[Mapping[str, Any]]) -> list[Document]:
    """The prices behind the steps, each once."""
    found: list[Document] = []
    for price in (price for step in steps for price in step["prices"]):
        if price not in found:
            found.append(price)
    return found


def why_empty(run: Finished, service: str, zone: str, ecosystem: str, lines: Sequence[Line] = ()) -> Document:
    """The reason that a figure is empty: an id for programs, and what there is to say."""
    about = run.ledger["services"].get(service)
    profile = run.summary["profile"]["id"]
    missing = next((m for m in run.summary["missing"] if m["service"] == service), None)

    def because(reason: str, detail: str) -> Document:
        return {"reason": reason, "detail": detail}

    if about is None:
        return because("not_in_profile", f"the profile {profile} does not count {service}")
    if not about["is_applicable"]:
        return because("not_applicable", f"declared not applicable: {about['detail']}")
    if about["reason"] in ("off", "no_equation"):
        return because(about["reason"], about["detail"])
    if ecosystem and not _occurs(run, zone, ecosystem):
        return because("does_not_occur", f"there is no {ecosystem} in {run.zone_name(zone, 'en')}")
    cells = _cells(about)
    if ecosystem and not _counts(ecosystem, cells):
        return because(
            "not_counted", f"the profile {profile} counts {service} for {', '.join(cells)}, not for {ecosystem}"
        )
    if lines and missing is None:
        return because("no_figure", "no number in any class: see each step")
    if zone == UNALLOCATED and not missing:
        return because("no_figure", "nothing is reported or counted for land that is in no zone")
    asked = [cell for cell in cells if not ecosystem or _counts(ecosystem, [cell])]
    there = [cell for cell in asked if _occurs(run, zone, cell)]
    if not there:
        return because(
            "does_not_occur",
            f"{service} is counted for {', '.join(asked)}; there is none in {run.zone_name(zone, 'en')}",
        )
    supplied = [cell for cell in there if cell in about["if_supplied"] and cell not in about["counts"]]
    if supplied and len(supplied) == len(there):
        return because(
            "not_supplied", f"{', '.join(supplied)} counts only where the study gives coefficients of its own"
        )
    if missing:
        return because(missing["reason"], missing["detail"])
    elsewhere = sorted({of.zone for of in run.lines if of.service == service})
    detail = f"; there are figures of {', '.join(elsewhere)}" if elsewhere else ""
    return because("nothing_reported", f"the tables report nothing for {run.zone_name(zone, 'en')}{detail}")


def _cells(about: Mapping[str, Any]) -> list[str]:
    """The cells of the matrix that may count for a service or for one of its components."""
    of_all = [*about["counts"], *about["if_supplied"]]
    of_components = [cell for c in about["components"].values() for cell in (*c["counts"], *c["if_supplied"])]
    return list(dict.fromkeys(of_components or of_all))


def _counts(ecosystem: str, cells: Iterable[str]) -> bool:
    name, _, land_class = ecosystem.partition("/")
    wider = {name, *(f"{name}/{c}" for c in (land_class, *parents(name, land_class)) if c)}
    return any(cell in wider or (not land_class and cell.partition("/")[0] == name) for cell in cells)


def _occurs(run: Finished, zone: str, cell: str) -> bool:
    """Whether a zone has land of a cell of the matrix, or of a class within it."""
    name, _, land_class = cell.partition("/")
    for (code, ecosystem, own), area in run.areas.items():
        if zone in (CITY, code) and ecosystem == name and area > 0:
            own_name = "" if own == NONE else own
            if land_class in ("", own_name, *parents(ecosystem, own_name)):
                return True
    return False
