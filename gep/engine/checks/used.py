"""Which rows of the tables the figures of a study rest on, and which nothing of its profile takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gep.core.catalog import CellComponent, Component, Service, UnitComponent
from gep.core.messages import Text
from gep.core.parts import derivations_of
from gep.derivations import DERIVATIONS
from gep.inputs.items import COMPARED, COSTS, EXTERNAL, SITE_AREA
from gep.inputs.open import Inputs
from gep.services import SERVICES
from gep.services.biomass import NET_OF

INDICATORS = ("population", "gdp")
"""Items that figures are put beside, whatever the profile counts."""


def used_items(inputs: Inputs) -> frozenset[str]:
    """The items, and services of products, that the figures of a study rest on under the methods chosen."""
    left_out = {*inputs.spec.off, *inputs.spec.not_applicable}
    return _items(inputs, (service for service in counted_services(inputs) if service.id not in left_out))


def known_items(inputs: Inputs) -> frozenset[str]:
    """The items that an account of the profile may take, those of services that the study itself leaves out too,
    and what is only compared with them.
    """
    of_derivations = {
        name
        for derivation in (*DERIVATIONS, *derivations_of(inputs.profile.parts))
        for name in derivation.equation.units
    }
    return _items(inputs, counted_services(inputs)) | of_derivations | {SITE_AREA, *COMPARED}


def counted_services(inputs: Inputs) -> Iterator[Service]:
    """The services of the profile that have an equation; one that is off where the study gives it a method."""
    for id_, rule in inputs.profile.rules.items():
        if id_ in SERVICES and not (rule.off and id_ not in inputs.spec.methods):
            yield SERVICES[id_]


def methods_by_item(inputs: Inputs) -> dict[str, list[Text]]:
    """For each item the methods of services of the profile under which it is taken; for a cost, which all products
    have, one.
    """
    found: dict[str, list[Text]] = {}
    for id_ in inputs.profile.rules:
        service = SERVICES.get(id_)
        if service is None:
            continue
        settings = inputs.settings(id_)
        for name, switch in service.switches.items():
            for option in switch.options:
                written = f'{id_}.{name} = "{option}"'
                for item in items_of(inputs, service, {**settings, name: option}):
                    if item not in COSTS or (service.products and item not in found):
                        found.setdefault(item, []).append(Text(written, written))
    return found


def _items(inputs: Inputs, services: Iterator[Service]) -> frozenset[str]:
    of_services = (name for service in services for name in items_of(inputs, service, inputs.settings(service.id)))
    return frozenset({*INDICATORS, *((EXTERNAL,) if inputs.profile.imports else ()), *of_services})


def items_of(inputs: Inputs, service: Service, settings: Mapping[str, str]) -> set[str]:
    """All that a service looks up under some methods."""
    if service.products:
        net = NET_OF.get(settings["valuation_basis"])
        return {service.id, *(net.arguments if net else ())}
    rule = inputs.profile.rules.get(service.id)
    only = rule.only if rule else ()
    components = service.components(settings)
    return {name for component in components if not only or component.id in only for name in _names(component)}


def _names(component: Component) -> set[str]:
    """The names that a component looks up: arguments, its price, its limit or extent."""
    names = {component.looked_up(name) for equation in component.equations for name in equation.units}
    if component.money:
        names.add(component.looked_up(component.money.price))
    if isinstance(component, CellComponent):
        return names | ({component.limit} if component.limit else set())
    series = component.series if isinstance(component, UnitComponent) else {}
    return names | {component.extent} | {name for equation in series.values() for name in equation.units}
