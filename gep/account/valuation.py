"""From sums to entries: every service of a plan valued, what comes from outside taken off, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gep.account.account import Account
from gep.account.basis import Basis, ComponentFigures, Fallback, ServiceFigures, method_id, only_cell
from gep.account.cells import figures_of_cells
from gep.account.entries import About, Entry, Missing
from gep.account.occurrence import absence, absences, land_cover_share
from gep.account.products import figures_of_products, product_in
from gep.account.rules import deduct
from gep.account.units import figures_of_units
from gep.core.catalog import CellComponent, Service, named
from gep.core.errors import Problem, problem
from gep.core.keys import CITY, NONE
from gep.core.messages import joined, say, sentences
from gep.engine.checks.used import items_of
from gep.engine.sums import Sums
from gep.inputs.items import EXTERNAL, in_unit, item_unit
from gep.inputs.open import Inputs
from gep.inputs.tables import Statistic
from gep.plan.planner import ComponentPlan, ServicePlan, StudyPlan
from gep.services import SERVICES


def make_account(
    study_plan: StudyPlan, inputs: Inputs, sums: Sums, about: About, known: Mapping[str, ServiceFigures] | None = None
) -> tuple[Account, list[ServiceFigures]]:
    """The account of a pass over the grid, and what the figures of each service rest on. `about` carries what the study
    says beside the figures; of services that are `known` already the figures stand.
    """
    basis = Basis(study_plan, inputs, sums)
    service_figures = [
        (known or {}).get(service.id) or _with_absence(basis, service, _service(basis, service))
        for service in study_plan.services
    ]
    entries = [*_areas(basis), *(entry for v in service_figures for entry in v.entries)]
    deducted, undeclared, problems = _from_outside(basis, service_figures)
    found = (_land_cover(basis), *(v.missing for v in service_figures), undeclared)
    missing = tuple(_with_left_out(basis, each) for each in found if each)
    return Account([*entries, *deducted], replace(about, missing=missing, problems=tuple(problems))), service_figures


def _with_left_out(basis: Basis, missing: Missing) -> Missing:
    """What is missing, with the statistics that were left out for it since they are of other zones."""
    service = SERVICES.get(missing.service)
    if service is None or missing.reason != "no_input":
        return missing
    taken = items_of(basis.inputs, service, basis.inputs.settings(service.id))
    items = list(dict.fromkeys(row.base for row in basis.inputs.left_out if row.base in taken))
    if not items:
        return missing
    return replace(missing, detail=sentences(missing.detail, say("account.left_out", items=items)))


def _land_cover(basis: Basis) -> Missing | None:
    """The land cover, where it has too little of the outline: what every service rests on is then not there."""
    share = land_cover_share(basis)
    least = basis.inputs.profile.min_coverage
    if share >= least:
        return None
    return Missing("land_cover", "low_coverage", say("account.land_cover_of_part", share=share, least=least))


def _areas(basis: Basis) -> Iterable[Entry]:
    """One entry per zone, ecosystem and class that occurs."""
    for z, zone in enumerate(basis.zones):
        for c, (ecosystem, land_class) in enumerate(basis.plan.classes):
            area = float(basis.sums.area[z, c])
            if area > 0:
                yield Entry(zone.code, zone.name, ecosystem, land_class or NONE, quantity=area, unit="m^2")


# services -------------------------------------------------------------------------------------------------------------


def _service(basis: Basis, service_plan: ServicePlan) -> ServiceFigures:
    """Entries of one service, and why it is missing where it is."""
    rule = service_plan.rule
    if service_plan.service is None or service_plan.reason in ("off", "no_equation") or not service_plan.is_applicable:
        is_needed = rule.is_required and service_plan.is_applicable and basis.occurs(rule)
        missing = (
            Missing(service_plan.id, service_plan.reason, service_plan.detail, is_needed)
            if service_plan.reason
            else None
        )
        return ServiceFigures(missing=missing)
    if service_plan.service.products:
        return figures_of_service_products(basis, service_plan, service_plan.service)
    return _joined(basis, service_plan, [_component(basis, service_plan, part) for part in service_plan.components])


def _with_absence(basis: Basis, service_plan: ServicePlan, figures: ServiceFigures) -> ServiceFigures:
    """The figures of a service, listed as missing with the reason where none of its land occurs, or none of that of a
    component that the tables report. They are full where the land cover cannot tell such land, or other land supplies
    them.
    """
    absent = absence(basis, service_plan)
    if absent is None:
        contradicted = (part.missing for part in absences(basis, service_plan) if part.is_contradicted)
        return replace(figures, missing=next(contradicted, figures.missing))
    if figures.missing and not absent.is_contradicted:
        return figures
    is_elsewhere = absent.has_other_land or not absent.can_occur
    if figures.entries and is_elsewhere and not absent.declared:
        return figures
    return replace(figures, missing=absent.missing)


def _component(basis: Basis, service_plan: ServicePlan, part: ComponentPlan) -> ComponentFigures:
    if isinstance(part.component, CellComponent):
        return figures_of_cells(basis, service_plan, part, part.component)
    return figures_of_units(basis, service_plan, part.component)


def _joined(basis: Basis, service_plan: ServicePlan, parts: Sequence[ComponentFigures]) -> ServiceFigures:
    """The components of a service as one: it covers as much as the least of them."""
    missing = next((part.missing for part in parts if part.missing), None)
    lacking = [
        detail
        for part in service_plan.components
        if basis.occurs(service_plan.rule, part.component.id)
        for detail in part.lacking
    ]
    if lacking:
        detail = joined(list(dict.fromkeys(lacking)), "; ", "；")
        missing = Missing(service_plan.id, "no_input", detail, service_plan.rule.is_required)
    fallbacks: dict[Fallback, float] = {}
    for part in parts:
        for key, area in part.fallbacks.items():
            fallbacks[key] = max(fallbacks.get(key, 0.0), area)
    return ServiceFigures(
        tuple(entry for part in parts for entry in part.entries),
        min((part.coverage for part in parts if part.coverage is not None), default=None),
        max((part.area for part in parts), default=0.0),
        missing,
        tuple(dict.fromkeys(found for part in parts for found in part.used)),
        fallbacks,
        tuple(found for part in parts for found in part.problems),
        {p.component.id: part.record for p, part in zip(service_plan.components, parts, strict=True)},
    )


# tables ---------------------------------------------------------------------------------------------------------------


def figures_of_service_products(basis: Basis, service_plan: ServicePlan, service: Service) -> ServiceFigures:
    """The products of a service, and the zones and rows of its table that say nothing."""
    rule = service_plan.rule
    if not any(s.base == service.id for s in basis.inputs.statistics):
        nothing = Missing(service_plan.id, service_plan.reason or "no_input", service_plan.detail, rule.is_required)
        return ServiceFigures(missing=nothing if basis.occurs(rule) else None)
    ecosystem, _ = only_cell(rule, "")
    about = Entry("", "", ecosystem or NONE, NONE, rule.category, service.id, clause=rule.clause)
    products, problems = figures_of_products(
        service, about, service_plan.settings["valuation_basis"], basis.numbers, basis.zone_names, basis.price_basis
    )
    shares = basis.inputs.spec.product_shares
    products = [
        replace(
            p,
            entry=replace(p.entry, method=method_id(service_plan, p.entry.method)),
            shares=shares.get(f"{service.id}/{p.entry.component}", shares.get(service.id, {})),
        )
        for p in products
    ]
    entries = [product.entry for product in products]
    is_empty = [(entry.value if basis.is_priced else entry.quantity) is None for entry in entries]
    empty = [entry for entry, here in zip(entries, is_empty, strict=True) if here]
    filled = {entry.zone for entry, here in zip(entries, is_empty, strict=True) if not here}
    incomplete = {entry.zone for entry in empty}
    zones = basis.zones_without(())
    without = [] if CITY in filled else [zone for zone in zones if zone not in filled]
    full = [] if CITY in incomplete else [zone for zone in zones if zone not in without and zone not in incomplete]
    said = []
    if empty:
        names = basis.called(entry.zone for entry in empty)
        where = [product_in(entry, name) for entry, name in zip(empty, names, strict=True)]
        counts: dict[str, Any] = {"count": len(empty), "of": len(entries)}
        said.append(
            problem("account.O02.rows_without_value", service.id, place=say("account.tables"), products=where, **counts)
        )
    if without:
        names = basis.called(without)
        counts = {"count": len(without), "of": len(zones)}
        said.append(
            problem("account.O02.zones_without_rows", service.id, place=say("account.tables"), zones=names, **counts)
        )
    return ServiceFigures(
        tuple(entry for product in products for entry in product.entries),
        len(full) / len(zones) if zones else None,
        missing=Missing(service_plan.id, "no_input", said[-1].message, rule.is_required) if said else None,
        problems=(*problems, *said),
        products=tuple(products),
    )


# from outside ---------------------------------------------------------------------------------------------------------


def declared_outside(inputs: Inputs) -> list[Statistic]:
    """What the tables declare to come from ecosystems outside the area, where the profile asks for it."""
    if not inputs.profile.imports:
        return []
    return [s for s in inputs.statistics if s.item.startswith(f"{EXTERNAL}/") and s.value is not None]


def _from_outside(
    basis: Basis, service_figures: Sequence[ServiceFigures]
) -> tuple[list[Entry], Missing | None, list[Problem]]:
    """What comes from ecosystems outside the area, taken off where the profile asks for it; what is not declared."""
    if not (basis.inputs.profile.imports and basis.is_priced):
        return [], None, []
    rows = declared_outside(basis.inputs)
    counted = {entry.service: entry for v in service_figures for entry in v.entries if entry.value is not None}
    deducted, problems = [], []
    for row in rows:
        service = row.part
        amount = basis.numbers.moved(in_unit(row.value or 0.0, row.unit, item_unit(row.item)), row)
        if service in counted:
            name, category = basis.zone_names.get(row.zone, ""), counted[service].category
            of_service = Entry(row.zone, name, NONE, NONE, category, service, price_basis=basis.price_basis)
            deducted.append(deduct(of_service, amount))
        elif amount:
            problems.append(problem("account.T12.not_counted", row.item, place=row.place, service=named(service)))
    zones = {row.zone for row in rows}
    without = [] if CITY in zones else basis.called(basis.zones_without(zones))
    if not without:
        return deducted, None, problems
    detail = say("account.outside_not_declared", item=f"{EXTERNAL}/<service>", zones=without)
    return deducted, Missing(EXTERNAL, "no_input", detail), problems
