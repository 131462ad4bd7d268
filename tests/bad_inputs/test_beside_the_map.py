"""Statistics of the land, herds, oxygen and electricity beside what the map and the account make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from coarse_city import opened

from gep.account.account import Account
from gep.account.basis import Basis
from gep.account.checks import balance
from gep.account.checks.made import Made
from gep.account.entries import About, Entry
from gep.account.from_quantities import account_of
from gep.core.errors import InputError, Problem
from gep.core.messages import Text
from gep.engine.checks import indicators, official, own_numbers, products, statistics
from gep.engine.checks.seen import Seen
from gep.engine.run import run
from gep.inputs.tables import Statistic
from gep.plan.planner import StudyPlan, make_plan
from gep.study.sample.city import write_sample_city

A, B, C = "990101", "990102", "990103"

Row = tuple[str, str, float, str]


@pytest.fixture(scope="module")
def basis(tmp_path_factory: pytest.TempPathFactory) -> Basis:
    """The sample city after a pass over its cells."""
    study = opened(write_sample_city(tmp_path_factory.mktemp("files") / "city").parent)
    plan = make_plan(study.inputs)
    return Basis(plan, study.inputs, run(plan.plan))


def seen(basis: Basis, *rows: Row, **factors: float) -> Seen:
    """The city with more rows of the statistics, and the quantities of some animals times a factor."""
    reported = [
        replace(row, value=row.value * factors.get(row.part, 1.0)) if row.measure == "quantity" and row.value else row
        for row in basis.inputs.statistics
    ]
    more = [Statistic(zone, item, "quantity", value, unit, 2020, None, "", "more") for zone, item, value, unit in rows]
    return Seen(replace(basis.inputs, statistics=[*reported, *more]), basis.plan, basis.sums)


def areas_of(basis: Basis) -> dict[str, float]:
    """The areas of the polygons in km2."""
    zones = basis.plan.zones
    return {zone.code: area / 1e6 for zone, area in zip(zones.zones, zones.areas, strict=True)}


def in_chinese(problems: Sequence[Problem], words: str) -> bool:
    return all(isinstance(p.message, Text) and words in p.message.zh + str(p.in_language("zh")) for p in problems)


# official areas -------------------------------------------------------------------------------------------------------


def test_official_areas_as_surveyed_are_silent(basis: Basis):
    area = areas_of(basis)
    rows = [(zone, "land_area", area[zone] * times, "km^2") for zone, times in ((A, 0.985), (B, 1.0), (C, 1.015))]
    in_hectares = ("_city", "land_area", sum(area.values()) * 100, "公顷")
    for here in (seen(basis, *rows), seen(basis, in_hectares)):
        assert list(official.areas(here)) == []
        assert list(own_numbers.larger_than_zones(here)) == []
        assert "land_area" not in "".join(p.message for p in statistics.unused(here))


def test_an_official_area_that_is_four_percent_off_is_a_warning(basis: Basis):
    found = list(official.areas(seen(basis, (A, "land_area", areas_of(basis)[A] * 1.04, "km^2"))))
    assert [(p.code, p.severity, p.subject) for p in found] == [("A20", "warning", "land_area")]
    assert in_chinese(found, "边界面积")


@pytest.mark.parametrize(
    ("times", "unit", "named"),
    [
        (100, "km^2", "hectares"),
        (1500, "km^2", "`亩`"),
        (0.15, "km^2", "`万亩`"),
        (15, "hm^2", "`亩`"),
        (0.01, "hm^2", "square kilometres"),
        (1e6, "km^2", "square metres"),
        (25, "km^2", ""),
    ],
)
def test_an_official_area_of_another_unit_or_place_is_an_error(basis: Basis, times: float, unit: str, named: str):
    """1 km2 is 100 hm2 and 1500 mu, 1 hm2 is 15 mu: GB 3100. In `unit` the figure is `times` that of the polygon."""
    per_km2 = {"km^2": 1, "hm^2": 100}[unit]
    rows = [(zone, "land_area", area * per_km2 * times, unit) for zone, area in areas_of(basis).items()]
    (found,) = official.areas(seen(basis, *rows))
    assert (found.code, found.severity) == ("A21", "error")
    assert (f"in {named}." in found.message) if named else ("in " not in found.message.partition("boundary.")[2])


@pytest.mark.parametrize("times", [3, 0.4, 0.065, 1e-4])
def test_an_official_area_that_no_unit_explains_is_a_warning(basis: Basis, times: float):
    """Zhoushan has 1,440 km2 of land in 22,200 km2 of sea and land: 0.065 times. Nothing is computed from it."""
    rows = [(zone, "land_area", area * times, "km^2") for zone, area in areas_of(basis).items()]
    (found,) = official.areas(seen(basis, *rows))
    assert (found.code, found.severity) == ("A20", "warning")


# forest ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "unit", "codes"), [
    (36, "percent", []),
    (0.42, "1", []),
    (28, "%", []),
    (0.36, "percent", ["A22"]),
    (12, "percent", ["A22"]),
    (95, "percent", ["A22"]),
])  # fmt: skip
def test_forest_coverage(basis: Basis, rate: float, unit: str, codes: list[str]):
    """In county A 36 % are forest and 41 % forest and shrub."""
    found = list(official.forest(seen(basis, (A, "forest_coverage", rate, unit))))
    assert [p.code for p in found] == codes
    assert in_chinese(found, "森林覆盖率")


def test_a_treeless_county_with_some_woods_is_silent(basis: Basis):
    """Half the coverage or double is nothing where it is less than five points of the land."""
    empty = replace(basis.sums, area=basis.sums.area.copy())
    for c, (ecosystem, _) in enumerate(basis.plan.classes):
        if ecosystem in ("forest", "shrub"):
            empty.area[:, c] *= 0.01
    here = replace(seen(basis, (A, "forest_coverage", 4, "percent")), sums=empty)
    assert list(official.forest(here)) == []


# electricity ----------------------------------------------------------------------------------------------------------


def test_electricity_per_head_of_a_city_is_silent_and_ten_thousand_times_it_is_not(basis: Basis):
    """243,000 people with 5,000 kWh each: 12.15 亿 kWh, half the mean of the country."""
    for unit, codes in (("亿kWh", []), ("kWh", ["O21"])):
        here = seen(basis, ("_city", "electricity_consumption", 12.15, unit))
        found = [p for p in indicators.unlike_any_place(here) if p.subject == "electricity_per_head"]
        assert [p.code for p in found] == codes  # no figure rests on it: no error
        assert "electricity" not in "".join(p.message for p in statistics.unused(here))


def made(basis: Basis, entries: Sequence[Entry], *rows: Row, oxygen: str = "nep_linked") -> Made:
    """An account of entries, with rows of the statistics, of a study that counts oxygen by a method."""
    services = tuple(
        replace(plan, settings={"oxygen": oxygen}) if plan.id == "oxygen_release" else plan
        for plan in basis.study_plan.services
    )
    plan: StudyPlan = replace(basis.study_plan, services=services)
    return Made(Account(entries, About("City", 2020)), seen(basis, *rows).inputs, plan, ())


def test_cooling_beside_what_people_use(basis: Basis):
    """20 kWh/m2 on 235 km2 are 4.7e9 kWh: four times a use of 12 亿 kWh, and 40,000 times one of 12 万 kWh."""
    cooled = Entry(A, "", "forest", "_none", "regulating", "climate_regulation", "transpiration", 4.7e9, "kWh/year")
    of = [(A, "electricity_consumption", 12.0, unit) for unit in ("亿kWh", "万kWh")]
    assert list(balance.cooling_beside_consumption(made(basis, [cooled], of[0]))) == []
    found = list(balance.cooling_beside_consumption(made(basis, [cooled], of[1])))
    assert [(p.code, p.severity, p.subject) for p in found] == [("B43", "warning", "climate_regulation")]
    assert in_chinese(found, "全社会用电量")
    assert list(balance.cooling_beside_consumption(made(basis, [cooled]))) == []


# oxygen ---------------------------------------------------------------------------------------------------------------


def gases(oxygen: float, carbon: float, zone: str = A) -> list[Entry]:
    """Oxygen and carbon dioxide of the forest of a zone, in tonnes."""
    return [
        Entry(zone, "", "forest", "_none", "regulating", service, name, amount, unit)
        for service, name, amount, unit in (
            ("oxygen_release", "oxygen", oxygen, "t*O2/year"),
            ("carbon_sequestration", "carbon_dioxide", carbon, "t*CO2/year"),
        )
    ]


@pytest.mark.parametrize(
    ("oxygen", "carbon", "severities"),
    [
        (480, 660, []),  # 32/44
        (1.19, 1.63, []),  # as the forest standards print it
        (480, 180, ["error"]),  # carbon for carbon dioxide: 32/12
        (480, 180.5, ["error"]),
        (480, 2420, ["error"]),  # 44/12 twice: 660 x 44/12
        (480, 210, ["warning"]),  # oxygen of all growth beside net carbon
        (480, 330, ["warning"]),
        (4.8, 660, ["error"]),
        (480e4, 660, ["error"]),
    ],
)
def test_oxygen_is_to_carbon_dioxide_as_32_to_44(basis: Basis, oxygen: float, carbon: float, severities: list[str]):
    found = list(balance.oxygen_beside_carbon(made(basis, gases(oxygen, carbon))))
    assert [p.severity for p in found] == severities
    assert {p.code for p in found} <= {"B42"}
    assert in_chinese(found, "32/44")


def test_gross_and_net_flows_that_meet_44_to_12_in_one_county_only_are_a_warning(basis: Basis):
    """32/12 in one county, and three times as much oxygen in another."""
    elsewhere = [replace(entry, zone=B) for entry in gases(1440, 660)]
    (found,) = balance.oxygen_beside_carbon(made(basis, [*gases(480, 180), *elsewhere]))
    assert (found.code, found.severity) == ("B42", "warning")


def test_land_that_has_one_of_the_two_is_not_compared(basis: Basis):
    carbon_elsewhere = replace(gases(480, 660)[1], ecosystem="wetland", quantity=1e6)
    assert list(balance.oxygen_beside_carbon(made(basis, [*gases(480, 660), carbon_elsewhere]))) == []


def test_oxygen_of_all_growth_is_another_flow(basis: Basis):
    assert list(balance.oxygen_beside_carbon(made(basis, gases(4800, 660), oxygen="npp_linked"))) == []


def test_given_quantities_are_held_to_it():
    def given(oxygen: float) -> Account:
        rows = [
            {"service": "oxygen_release", "quantity": oxygen, "unit": "t"},
            {"service": "carbon_sequestration", "quantity": 660.0, "unit": "t"},
        ]
        return account_of(
            rows, profile="shandong-2022", year=2020, methods={"oxygen_release": {"oxygen": "nep_linked"}}
        )

    assert "B42" not in {p.code for p in given(480.0).about.problems}
    assert "B42" in {p.code for p in given(800.0).about.problems}
    with pytest.raises(InputError):
        given(480e4)


# herds ----------------------------------------------------------------------------------------------------------------


def test_herds_of_the_sample_city_are_silent(basis: Basis):
    assert list(products.heads_per_area(seen(basis))) == []
    assert list(products.heads_per_area(seen(basis, sheep=1.5, beef_cattle=1.5))) == []


@pytest.mark.parametrize(
    ("animals", "factor", "subject"),
    [("sheep", 1e4, "livestock_products/sheep"), ("beef_cattle", 1e4, "livestock_products")],
)
def test_ten_thousand_times_the_heads_are_an_error(basis: Basis, animals: str, factor: float, subject: str):
    (found,) = products.heads_per_area(seen(basis, **{animals: factor}))
    assert (found.code, found.severity, found.subject) == ("O20", "error", subject)
    assert "`万头`" in found.message
    assert in_chinese([found], "头/公顷")


def test_pigs_by_land_area(basis: Basis):
    """24,000 pigs on 235 km2 are 100 per km2, as in the densest province; 10,000 times as many are no herd."""
    (found,) = products.heads_per_area(seen(basis, ("_city", "livestock_products/pigs", 24000.0, "万头")))
    assert (found.code, found.subject) == ("O20", "livestock_products")
    assert list(products.heads_per_area(seen(basis, ("_city", "livestock_products/pigs", 24000.0, "头")))) == []


def test_meat_is_no_herd(basis: Basis):
    assert list(products.heads_per_area(seen(basis, (A, "livestock_products/猪肉", 9e9, "t")))) == []
