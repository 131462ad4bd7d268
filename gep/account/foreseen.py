"""What a run would say of services, told by `check` before anything is computed: what tables lack, by zone and product,
and which components will have no figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gep.account.basis import Basis, said_of
from gep.account.cells import check_coefficients, check_limits, check_made, check_prices
from gep.account.occurrence import absence
from gep.account.units import figures_of_units
from gep.account.valuation import figures_of_service_products
from gep.core.catalog import CellComponent
from gep.core.errors import InputError, Problem, Severity, problem
from gep.core.messages import joined
from gep.engine.checks.prices import price_rows
from gep.plan.planner import ComponentPlan, ServicePlan


def foreseen(basis: Basis) -> Iterator[Problem]:
    """What is to be said of each service, from its plan, its tables and the land that was seen.

    What lacks while a table cannot be read may be its consequence, no fault of its own: information, as long.
    """
    tables = basis.inputs.spec.tables
    is_unread = any(found.severity == "error" and found.subject in tables for found in basis.inputs.problems)
    for service_plan in basis.study_plan.services:
        if not service_plan.is_applicable:
            continue
        if service_plan.reason != "off":
            yield from _of_tables(basis, service_plan)
        yield from _not_accounted(basis, service_plan, is_unread)


def _of_tables(basis: Basis, service_plan: ServicePlan) -> Iterator[Problem]:
    """What the tables lack of a service that they do tell of."""
    try:
        if service_plan.service and service_plan.service.products:
            if service_plan.reason is None:
                yield from figures_of_service_products(basis, service_plan, service_plan.service).problems
            return
        for part in service_plan.components:
            if isinstance(part.component, CellComponent):
                yield from check_made(basis, service_plan, part)
                yield from check_coefficients(basis, service_plan, part)
                yield from check_limits(basis, service_plan, part.component) if part.flows else ()
                yield from check_prices(basis, part, part.component)
                for flow in part.flows if basis.inputs.profile.kind == "monetary" else ():
                    yield from basis.unmoved(price_rows(basis.inputs, basis.plan, flow))
            elif not part.lacking:
                yield from figures_of_units(basis, service_plan, part.component).problems
    except InputError:
        return  # a price that cannot be moved: the checks of prices tell it


def _not_accounted(basis: Basis, service_plan: ServicePlan, is_unread: bool) -> Iterator[Problem]:
    """That a service, or which of its components, will have no figure."""
    if service_plan.reason is None:
        return
    is_whole = basis.sums.seen >= 1
    absent = absence(basis, service_plan) if is_whole else None
    if absent:
        if not absent.is_contradicted:
            severity = _severity(absent.missing.is_required)
            yield problem("account.O01.not_accounted", service_plan.id, detail=absent.missing.detail, severity=severity)
        return
    is_wanted = service_plan.reason != "off" or not is_whole or basis.occurs(service_plan.rule)
    is_told = is_wanted and service_plan.reason != "no_equation" and not is_unread
    severity = _severity(service_plan.rule.is_required and is_told)
    parts = service_plan.components
    lost = [part for part in parts if part.lacking and (not is_whole or _occurs(basis, service_plan, part))]
    if not parts or len(lost) == len(parts):
        yield problem("account.O01.not_accounted", service_plan.id, detail=service_plan.detail, severity=severity)
    elif lost:
        detail = joined(list(dict.fromkeys(text for part in lost for text in part.lacking)), "; ", "；")
        components = [said_of(part.component) for part in lost]
        about: dict[str, Any] = {"components": components, "detail": detail, "severity": severity}
        yield problem("account.O01.components_not_accounted", service_plan.id, **about)


def _severity(is_required: bool) -> Severity:
    """As a run has it: without what is required the account is partial."""
    return "warning" if is_required else "information"


def _occurs(basis: Basis, service_plan: ServicePlan, part: ComponentPlan) -> bool:
    return basis.occurs(service_plan.rule, part.component.id)
