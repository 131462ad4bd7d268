"""Every counted cell of every profile's matrix has its equation, its coefficients and units; what a study must give
itself is listed with the reason.
"""

from __future__ import annotations

import pytest

from gep.core.catalog import CellComponent, Component, layer_kinds
from gep.core.units import same_dimension
from gep.derivations import DERIVATIONS
from gep.ecosystems import ECOSYSTEMS
from gep.inputs.items import item_units
from gep.plan.wiring import CALENDAR, CELL_ATTRIBUTES, CLASS_ATTRIBUTES, MONTHS
from gep.services import SERVICES
from gep.standards.classes import land_classes
from gep.standards.coefficients import Coefficients, study_inputs
from gep.standards.profile import Profile, load_profile, profile_ids

MADE = {derivation.makes for derivation in DERIVATIONS}
OF_THE_PLACE = {*CALENDAR, *MONTHS, *CELL_ATTRIBUTES, *CLASS_ATTRIBUTES}
PROFILES = [load_profile(name) for name in profile_ids()]
CELLS = [
    pytest.param(profile, service, id=f"{profile.id}-{service}")
    for profile in PROFILES
    for service, rule in profile.rules.items()
    if not rule.off and rule.cells() + tuple(cell for name in rule.components for cell in rule.cells(name))
]


def components(profile: Profile, service: str) -> list[Component]:
    rule = profile.rules[service]
    return [
        c
        for c in SERVICES[service].components(SERVICES[service].settings(rule.methods))
        if not rule.only or c.id in rule.only
    ]


def quantities(profile: Profile) -> set[str]:
    return {c.id for service in profile.rules if service in SERVICES for c in components(profile, service)}


def test_there_are_seven_profiles():
    assert {p.id for p in PROFILES} == {
        *("ndrc-2022", "cas-2010", "hj1173-2021", "forest-gbt38582", "seea-ea", "shandong-2022", "gbt46869-2025")
    }


@pytest.mark.parametrize(("profile", "service"), CELLS)
def test_a_counted_cell_has_all_that_it_needs(profile, service):
    rule = profile.rules[service]
    if SERVICES[service].products:
        assert all(same_dimension(kind.value.returns, "CNY/year") for kind in SERVICES[service].products)
        return
    rows = Coefficients([(), *profile.tables])
    regions = {"", *(row.region for row in rows.rows)}
    others = quantities(profile)
    for component in components(profile, service):
        assert isinstance(component, CellComponent) or component.extent in item_units(), component.id
        value = component.money and component.money.value
        arguments = {
            component.looked_up(name): unit
            for equation in component.equations
            if equation is not value
            for name, unit in equation.units.items()
        }
        if profile.kind == "monetary" and component.money and not component.money.pricing:
            name = component.looked_up(component.money.price)
            arguments[name] = component.money.price_unit
        cells = [pair for pair in land_classes() if rule.counted(*pair, component.id) == "counted"]
        for name, unit in arguments.items():
            if name in layer_kinds():
                assert same_dimension(layer_kinds()[name].unit, unit), name
            elif name in item_units():
                assert same_dimension(item_units()[name], unit), name
            elif name not in MADE | others | OF_THE_PLACE:
                for pair in cells:
                    found = [row for region in regions if (row := rows.lookup(name, *pair, region))]
                    assert found or name in study_inputs(), (component.id, name, pair)
                    assert all(same_dimension(row.row.unit, unit) for row in found)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.id)
def test_what_is_counted_is_provided_by_the_ecosystem(profile):
    for service, rule in profile.rules.items():
        cells = [*rule.cells(), *(cell for name in rule.components for cell in rule.cells(name))]
        for ecosystem in {cell.ecosystem for cell in cells}:
            assert service in {s.id for s in ECOSYSTEMS[ecosystem].services}, (service, ecosystem)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.id)
def test_only_components_that_exist_are_named(profile):
    for service, rule in profile.rules.items():
        known = {c.id for c in SERVICES[service].variants} if service in SERVICES else set()
        assert {*rule.only, *rule.components} <= known, service


@pytest.mark.parametrize("profile", [p for p in PROFILES if p.level == "verified"], ids=lambda p: p.id)
def test_a_verified_profile_has_verified_rows_only(profile):
    """Its own and those of the profiles it extends; fits that are common to all are named in the results that
    use them.
    """
    of_profiles = profile.tables[: len(profile.folders)]
    assert [row.id for table in of_profiles for row in table if row.status != "verified"] == []
    assert not profile.provisional


def test_study_inputs_say_why():
    assert all(study_inputs().values())
    rows = {row.name for profile in PROFILES for table in profile.tables for row in table}
    arguments = {
        a for s in SERVICES.values() for c in s.variants for e in c.equations for a in e.units if a != c.quantity
    }
    arguments |= {a for derivation in DERIVATIONS for a in derivation.equation.units}
    arguments |= {name for s in SERVICES.values() for c in s.variants for name in c.wiring.values()}
    assert set(study_inputs()) <= arguments | rows
