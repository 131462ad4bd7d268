"""What each class gets of a component: what counts, by whose numbers, under which switches."""

from __future__ import annotations

from builders import own_coefficients

from gep.core.catalog import CellComponent
from gep.plan.ways import Sources, plan_density
from gep.services import SERVICES
from gep.standards.coefficients import Coefficients, read_coefficients
from gep.standards.profile import load_profile

NDRC = load_profile("ndrc-2022")
WATER = ("precipitation", "evapotranspiration")
STEPPE, DRYLAND, LAKE = ("grassland", "temperate_steppe"), ("cropland", "dryland"), ("wetland", "lake")


def sources(*layers, profile=NDRC, own=(), **more):
    return Sources(profile, layers, Coefficients([own, *profile.tables]), **more)


def retained_water(of):
    service, rule = SERVICES["water_retention"], of.profile.rules["water_retention"]
    (component,) = (c for c in service.components(of.settings[service.id]) if isinstance(c, CellComponent))
    return plan_density(of, rule, service, component, [STEPPE, DRYLAND, LAKE])


def rows(folder, *given):
    found, problems = read_coefficients(own_coefficients(folder, *given), is_shipped=False)
    assert problems == []
    return found


# what counts ----------------------------------------------------------------------------------------------------------


def test_what_does_not_count_has_no_way_and_what_needs_own_numbers_is_named():
    plan = retained_water(sources(*WATER))
    assert set(plan.chosen) == {STEPPE}
    assert plan.unsupplied == (DRYLAND,)


def test_own_numbers_make_a_class_count(tmp_path):
    plan = retained_water(sources(*WATER, own=rows(tmp_path, ("runoff_coefficient", "cropland/dryland", 0.1, "1"))))
    assert set(plan.chosen) == {STEPPE, DRYLAND}
    assert plan.unsupplied == ()


def test_an_own_number_of_no_class_is_no_word_on_cropland(tmp_path):
    plan = retained_water(sources(*WATER, own=rows(tmp_path, ("runoff_coefficient", "", 0.1, "1"))))
    assert plan.unsupplied == (DRYLAND,)


def test_without_any_way_the_reason_is_one_text():
    plan = retained_water(sources())
    assert (plan.ways, plan.chosen) == ((), {})
    assert plan.reason.startswith("`precipitation` (mm/year) is not given")
    assert "`evapotranspiration` (mm/year) is not given" in plan.reason
    assert plan.reason.zh.count("未提供") == 2


def test_the_rows_of_a_way_are_those_of_the_class():
    of = sources(*WATER)
    (found,) = of.rows_of(retained_water(of).ways[0], STEPPE)
    assert (found.row.name, found.row.ecosystem, found.row.land_class) == ("runoff_coefficient", *STEPPE)


# which components, which switches -------------------------------------------------------------------------------------


def test_components_that_a_profile_does_not_have_are_not_wanted():
    of = sources(profile=load_profile("hj1173-2021"))
    _, components = of.wanted(of.profile.rules["soil_retention"], SERVICES["soil_retention"])
    assert [component.id for component in components] == ["retained_soil"]


def test_the_switches_of_a_service_come_before_those_of_others():
    """Two services that share the name of a switch: each is connected under its own option."""
    shared = [
        (one.id, two.id, name)
        for one in SERVICES.values()
        for two in SERVICES.values()
        for name in set(one.switches) & set(two.switches)
        if one.id < two.id and len(one.switches[name].options) > 1
    ]
    for one, two, name in shared:
        first, *_, last = SERVICES[one].switches[name].options
        of = sources(methods={one: {name: last}, two: {name: first}})
        assert (of.wiring(one).methods[name], of.wiring(two).methods[name]) == (last, first)
    assert shared


def test_to_choose_a_method_of_a_service_is_to_want_it():
    rule = NDRC.rules["oxygen_release"]
    assert sources().why_off(rule) == rule.off
    assert sources(methods={"oxygen_release": {}}).why_off(rule) is None
    assert sources().why_off(NDRC.rules["water_retention"]) is None


def test_a_component_that_a_method_brings_in_counts_where_it_would_if_supplied():
    """Each component that only another option of a switch has counts in all cells of the rule, by whatever numbers."""
    brought_in = 0
    for service in SERVICES.values():
        rule = NDRC.rules.get(service.id)
        if rule is None or rule.only:
            continue
        usual = {component.id for component in service.components(service.settings(rule.methods))}
        for name, switch in service.switches.items():
            for option in switch.options:
                of = sources(methods={service.id: {name: option}})
                wanted, components = of.wanted(rule, service)
                for component in components:
                    if component.id not in usual:
                        assert wanted.cells(component.id) == rule.cells(component.id)
                        assert not wanted.components[component.id]["if_supplied"]
                        brought_in += 1
    assert brought_in
