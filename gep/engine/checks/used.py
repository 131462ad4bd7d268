"""Which rows of the tables the figures of a study rest on."""

from __future__ import annotations

from gep.core.catalog import CellComponent, Component
from gep.inputs.items import COSTS, EXTERNAL
from gep.inputs.open import Inputs
from gep.services import SERVICES

INDICATORS = ("population", "gdp")
"""Items that figures are put beside, whatever the profile counts."""


def used_items(inputs: Inputs) -> frozenset[str]:
    """The items and services of products that the profile takes from the tables, under the methods chosen, and those
    that indicators are made of.
    """
    used = {*INDICATORS, *((EXTERNAL,) if inputs.profile.imports else ())}
    for rule in inputs.profile.rules.values():
        service = SERVICES.get(rule.service)
        if service is None or rule.off or rule.service in {*inputs.spec.off, *inputs.spec.not_applicable}:
            continue
        settings = inputs.settings(service.id)
        if service.products:
            used |= {service.id, *(COSTS if settings["valuation_basis"] in ("value_added", "resource_rent") else ())}
        for component in service.components(settings):
            used |= _names(component)
    return frozenset(used)


def _names(component: Component) -> set[str]:
    """What a component looks up."""
    names = {component.looked_up(argument) for equation in component.equations for argument in equation.units}
    if component.money:
        names.add(component.looked_up(component.money.price))
    extent = component.limit if isinstance(component, CellComponent) else component.extent
    return {*names, extent} if extent else names
