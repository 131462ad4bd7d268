"""Services of the forest standards, pest control and species: their equations, vectors and switches, worked by hand."""

import csv
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gep.core.catalog import CellComponent, UnitComponent
from gep.core.data import data_folder
from gep.core.units import convert
from gep.derivations import DERIVATIONS
from gep.derivations.carbon import productivity_of_production, rate_with_soil
from gep.derivations.vegetation import production_of_stands
from gep.services import SERVICES
from gep.services.carbon_sequestration import (
    CARBON_SEQUESTRATION,
    carbon_value,
    fixed_carbon_dioxide,
    price_of_elemental_carbon,
)
from gep.services.fertiliser import nitrogen_in_fertiliser, phosphorus_in_fertiliser, potassium_in_fertiliser
from gep.services.forest_protection import FOREST_PROTECTION, shelter_value, worth_of_shelter
from gep.services.negative_ions import NEGATIVE_IONS, ion_production_cost, ions_above_background, negative_ions
from gep.services.nutrient_accumulation import (
    NUTRIENT_ACCUMULATION,
    accumulated_nitrogen,
    accumulated_phosphorus,
    accumulated_potassium,
)
from gep.services.oxygen_release import (
    OXYGEN_RELEASE,
    oxygen_of_carbon,
    oxygen_of_production,
    oxygen_of_stands,
    oxygen_value,
)
from gep.services.pest_control import PEST_CONTROL, natural_area, pest_control_saved, spared_area
from gep.services.soil_retention import (
    SOIL_RETENTION,
    earthwork_saved,
    kept_nitrogen,
    kept_organic_matter,
    kept_phosphorus,
    kept_potassium,
    organic_matter_fertility_value,
    retained_soil,
    retained_soil_of_moduli,
    volume_of_soil,
)
from gep.services.species_conservation import (
    SHANNON_INDEX,
    SPECIES_CONSERVATION,
    in_highest_class,
    in_lowest_class,
    price_with_rarity,
    shannon_index_ln,
    shannon_index_log2,
    species_conservation_value,
    within_class,
)
from gep.services.water_retention import WATER_RETENTION, purification_saved, retained_water_of_runoff

CARBON_DIOXIDE, OXYGEN, CARBON_IN_DRY_MATTER = 44 / 12, 32 / 44, 72 / 162


def components(service, **switches):
    return {c.id: c for c in service.components(service.settings(switches))}


def amount(component, equation, numbers):
    """An equation of a component, each argument looked up under the name that the wiring gives."""
    return float(equation(**{name: numbers[component.looked_up(name)] for name in equation.arguments}))


def value(component, quantity, numbers):
    """Quantity times price, the price as the component finds or makes it."""
    price = (
        amount(component, component.money.pricing, numbers)
        if component.money.pricing
        else numbers[component.looked_up(component.money.price)]
    )
    return float(component.money.value(**{component.quantity: quantity, component.money.price: price}))


def table(*path):
    """The rows of a shipped table."""
    with data_folder().joinpath(*path).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# carbon and oxygen ----------------------------------------------------------------------------------------------------


def test_R8_lyt_forest_standard():
    """100 hm2, B 10 t/hm2, R_C 27.27 %, F 0: 444.501 t C; 1.63 B A = 1630 t CO2; 1.19 B A = 1190 t O2."""
    carbon = 100 * production_of_stands(10.0, 1.63, 0.2727, 0.0)
    assert carbon == pytest.approx(444.501, rel=1e-12)
    # 44/12 of 444.501 t is 1629.837 t: 12/44 is printed rounded, as 27.27 %
    assert carbon * CARBON_DIOXIDE == pytest.approx(1629.837, rel=1e-9)
    assert carbon * CARBON_DIOXIDE == pytest.approx(1630.0, rel=2e-4)
    assert 100 * oxygen_of_stands(10.0, 1.19) == pytest.approx(1190.0, rel=1e-12)


def test_R8_nep_price_per_carbon_dioxide_and_per_carbon():
    """180 g C/m2 on 1 km2: 180 t C, 660 t CO2; at 29.57 per t CO2 19 516.2, at 29.57 per t C 180 x 29.57 = 5322.6."""
    dioxide = convert(fixed_carbon_dioxide(180.0, CARBON_DIOXIDE), "g*CO2/(m^2*year)*km^2", "t*CO2/year")
    assert dioxide == pytest.approx(660.0, rel=1e-12)
    numbers = {"carbon_price": 29.57, "elemental_carbon_price": 29.57, "co2_per_carbon": CARBON_DIOXIDE}
    per_dioxide = components(CARBON_SEQUESTRATION)["carbon_dioxide"]
    per_carbon = components(CARBON_SEQUESTRATION, price_basis="carbon")["carbon_dioxide"]
    assert value(per_dioxide, dioxide, numbers) == pytest.approx(19_516.2, rel=1e-12)
    assert value(per_carbon, dioxide, numbers) == pytest.approx(5_322.6, rel=1e-12)
    assert per_dioxide.money.pricing is None


def test_price_per_carbon_by_hand():
    # 1200 / (44/12) = 14 400 / 44
    assert price_of_elemental_carbon(1200.0, CARBON_DIOXIDE) == pytest.approx(14_400 / 44, rel=1e-14)
    assert carbon_value(44.0, price_of_elemental_carbon(1200.0, CARBON_DIOXIDE)) == pytest.approx(
        14_400.0, rel=1e-14
    ), "12 t of carbon"


def test_R9_oxygen():
    assert oxygen_of_carbon(660.0, OXYGEN) == pytest.approx(480.0, rel=1e-12)
    assert oxygen_value(480.0, 1000.0) == 480_000.0


def test_R9_npp_linked():
    """600 g C/m2 on 1 km2: 600 x 32/12 = 1600 t O2 by molar masses, 1606.5 t by 1.19 of dry matter."""
    by_molar_mass = oxygen_of_carbon(fixed_carbon_dioxide(600.0, CARBON_DIOXIDE), OXYGEN)
    assert by_molar_mass == pytest.approx(1600.0, rel=1e-12)
    assert oxygen_of_production(600.0, CARBON_IN_DRY_MATTER, 1.19) == pytest.approx(1606.5, rel=1e-12)


def test_oxygen_of_stands_is_that_of_their_production():
    """The same 600 g C as dry matter is 1350 g/m2, 13.5 t/hm2: 16.065 t O2/hm2, 1606.5 t on 1 km2."""
    dry_matter = productivity_of_production(600.0, CARBON_IN_DRY_MATTER)
    assert dry_matter == pytest.approx(1350.0, rel=1e-14)
    per_hectare = convert(dry_matter, "g*dry_matter/(m^2*year)", "t*dry_matter/(hm^2*year)")
    assert 100 * oxygen_of_stands(per_hectare, 1.19) == pytest.approx(1606.5, rel=1e-12)


@pytest.mark.parametrize(
    ("option", "equation"),
    [("nep_linked", oxygen_of_carbon), ("npp_linked", oxygen_of_production), ("forest_standard", oxygen_of_stands)],
)
def test_switch_of_oxygen(option, equation):
    assert components(OXYGEN_RELEASE, oxygen=option)["oxygen"].density is equation


def test_rate_with_soil():
    # 92 x 1.040816
    assert rate_with_soil(92.0, 0.040816) == pytest.approx(95.755072, rel=1e-12)
    names = [d.equation.name for d in DERIVATIONS if d.makes == "net_ecosystem_production"]
    assert names.index("rate_with_soil") < names.index("rate_of_class"), (
        "a class that has a factor for its soil takes it"
    )
    (with_soil,) = [d for d in DERIVATIONS if d.equation is rate_with_soil]
    assert with_soil.options == ("rate",), "net ecosystem production holds the soil already"


# water and soil -------------------------------------------------------------------------------------------------------


def test_water_quality_counts_the_same_water_again():
    """100 hm2, P 1200, E 700, C 54.24 mm: 445 760 m3 (vector R1.forest_form); at 2.09 CNY/m3 931 638.4 CNY beside the
    storage.
    """
    water = convert(100 * retained_water_of_runoff(1200.0, 700.0, 54.24), "mm/year*hm^2", "m^3/year")
    assert water == pytest.approx(445_760.0, rel=1e-12)
    assert purification_saved(water, 2.09) == pytest.approx(931_638.4, rel=1e-12)
    assert list(components(WATER_RETENTION)) == ["retained_water"]
    both = components(WATER_RETENTION, water_quality="on", negative="clip_type", precipitation="runoff_generating")
    assert list(both) == ["retained_water", "water_quality"]
    stored, purified = both.values()
    assert (stored.density, stored.clip, stored.wiring) == (purified.density, purified.clip, purified.wiring), (
        "it is the same water"
    )
    assert value(purified, water, {"water_purification_cost": 2.09}) == pytest.approx(931_638.4, rel=1e-12)


SOIL = 100 * (30.0 - 2.5)
"""t/year on 100 hm2 with erosion moduli of 30 and 2.5 t/hm2: 2750."""


def test_soil_by_moduli():
    assert 100 * retained_soil_of_moduli(30.0, 2.5) == SOIL == 2750.0
    # moduli printed as 3000 and 250 t/km2: a hundredth in t/hm2, not ten times as much
    assert convert(3000.0 - 250.0, "t/(km^2*year)", "t/(hm^2*year)") == pytest.approx(27.5, rel=1e-14)
    assert components(SOIL_RETENTION)["retained_soil"].density is retained_soil
    assert components(SOIL_RETENTION, retention="moduli")["retained_soil"].density is retained_soil_of_moduli


def test_default_of_soil_retention_is_what_it_was():
    found = components(SOIL_RETENTION)
    assert list(found) == ["retained_soil", "sediment", "nitrogen", "phosphorus"]
    assert [c.money and c.money.price for c in found.values()] == [
        None,
        "dredging_cost",
        "nitrogen_cost",
        "phosphorus_cost",
    ]
    assert all(c.money.pricing is None for c in found.values() if c.money)


FERTILISER = {
    "diammonium_phosphate_price": 2400.0,
    "diammonium_phosphate_nitrogen": 0.14,
    "diammonium_phosphate_phosphorus": 0.1501,
    "potassium_chloride_price": 2200.0,
    "potassium_chloride_potassium": 0.5,
    "organic_matter_price": 320.0,
    "earthwork_cost": 12.6,
}


def test_fertility_by_hand():
    """Forest form: U = A (X2 - X1) (N C1/R1 + P C1/R2 + K C2/R3 + M C3), and earthwork of A (X2 - X1)/rho."""
    found = components(SOIL_RETENTION, valuation="fertility")
    assert list(found) == [
        *(
            "retained_soil",
            "earthwork",
            "nitrogen_fertility",
            "phosphorus_fertility",
            "potassium_fertility",
            "organic_matter_fertility",
        )
    ]
    # 2750 t / 1.25 t/m3 = 2200 m3, at 12.6: 27 720
    assert volume_of_soil(SOIL, 1.25) == 2200.0
    assert value(found["earthwork"], 2200.0, FERTILISER) == pytest.approx(27_720.0, rel=1e-14)
    assert earthwork_saved(2200.0, 12.6) == pytest.approx(27_720.0, rel=1e-14)
    # 0.37 % N: 10.175 t x 2400/0.14; 0.108 % P: 2.97 t x 2400/0.1501; 1.8 % K: 49.5 t x 2200/0.5; 2.4 % organic matter:
    # 66 t x 320
    expected = {
        "nitrogen_fertility": (kept_nitrogen(SOIL, 0.0037), 10.175, 10.175 * 2400 / 0.14),
        "phosphorus_fertility": (kept_phosphorus(SOIL, 0.00108), 2.97, 2.97 * 2400 / 0.1501),
        "potassium_fertility": (kept_potassium(SOIL, 0.018), 49.5, 49.5 * 4400),
        "organic_matter_fertility": (kept_organic_matter(SOIL, 0.024), 66.0, 21_120.0),
    }
    for name, (kept, by_hand, money) in expected.items():
        assert kept == pytest.approx(by_hand, rel=1e-12), name
        assert value(found[name], kept, FERTILISER) == pytest.approx(money, rel=1e-12), name
    assert expected["nitrogen_fertility"][2] == pytest.approx(174_428.571, rel=1e-8)
    assert expected["phosphorus_fertility"][2] == pytest.approx(47_488.341, rel=1e-8)
    assert organic_matter_fertility_value(66.0, 320.0) == 21_120.0


def test_fertility_and_pollution_never_stand_together():
    """Both price the same nitrogen and phosphorus."""
    pollution, fertility = (set(components(SOIL_RETENTION, valuation=option)) for option in ("pollution", "fertility"))
    assert pollution & fertility == {"retained_soil"}


# pest control ---------------------------------------------------------------------------------------------------------


def test_R12_pest():
    """1000 hm2, 12 % and 3 %: 90 hm2, 33 750 CNY at 375; the whole area 375 000."""
    area = 1000 * spared_area(1.0, 0.12, 0.03)
    assert area == pytest.approx(90.0, rel=1e-12)
    assert pest_control_saved(area, 375.0) == pytest.approx(33_750.0, rel=1e-12)
    assert pest_control_saved(1000 * natural_area(1.0), 375.0) == 375_000.0


def test_pest_control_of_published_garze():
    """158e4 hm2 of forest at 375 and 711.13e4 hm2 of grassland at 112.5 are printed as 5.9250e8 and 8.0003e8 CNY."""
    forest, grassland = components(PEST_CONTROL, area="reported").values()
    assert (forest.extent, grassland.extent) == ("pest_recovered_forest", "pest_recovered_grassland")
    cost = {
        r["ecosystem"]: float(r["value"])
        for r in table("cas-2010", "pest_control.csv")
        if r["coefficient"] == "pest_control_cost"
    }
    assert cost == {"forest": 375.0, "grassland": 112.5}
    assert value(forest, 158e4, {"pest_control_cost": cost["forest"]}) == pytest.approx(5.9250e8, rel=1e-9)
    assert value(grassland, 711.13e4, {"pest_control_cost": cost["grassland"]}) == pytest.approx(8.0003e8, rel=2e-4)


@pytest.mark.parametrize(
    ("option", "hectares"),
    [
        # 1000 hm2, three quarters of them natural; pests in 12 % of planted and 3 % of natural vegetation
        ("whole_natural", 750.0),
        ("incidence_difference", 67.5),
    ],
)
def test_switch_of_pest_control(option, hectares):
    numbers = {"natural_share": 0.75, "planted_incidence": 0.12, "natural_incidence": 0.03}
    (component,) = components(PEST_CONTROL, area=option).values()
    assert 1000 * amount(component, component.density, numbers) == pytest.approx(hectares, rel=1e-12)


def test_natural_vegetation_that_is_infested_more_spares_nothing():
    assert spared_area(1.0, 0.03, 0.12) == 0.0
    assert math.isnan(spared_area(np.float64(math.nan), 0.12, 0.03))


def test_classes_say_whether_they_are_natural():
    shares = {(r["ecosystem"], r["class"]): r["value"] for r in table("common", "pest_control.csv")}
    assert shares == {
        ("forest", "natural"): "1",
        ("forest", "planted"): "0",
        ("grassland", "natural_pasture"): "1",
        ("grassland", "sown_pasture"): "0",
    }


# species --------------------------------------------------------------------------------------------------------------


def test_R13_shannon():
    shares = np.array([0.5, 0.3, 0.2])
    assert shannon_index_ln(shares) == pytest.approx(1.029653014, rel=1e-9)
    assert shannon_index_log2(shares) == pytest.approx(1.485475297, rel=1e-9)
    assert SHANNON_INDEX["ln"] is shannon_index_ln
    assert SHANNON_INDEX["log2"] is shannon_index_log2


def test_the_logarithm_can_move_a_stand_to_a_higher_class():
    """Shares 0.5, 0.4 and 0.1: below 1 with the natural logarithm, above it with that of base 2."""
    even = np.full((3, 2), 1 / 3)
    np.testing.assert_allclose(shannon_index_ln(even), math.log(3))
    np.testing.assert_allclose(shannon_index_log2(even), math.log2(3))
    # 0.5, 0.4, 0.1: 0.5 ln 2 + 0.4 ln 2.5 + 0.1 ln 10 = 0.94335, times 1/ln 2 = 1.36096
    stand = np.array([0.5, 0.4, 0.1])
    assert shannon_index_ln(stand) == pytest.approx(0.943348, abs=1e-6)
    assert shannon_index_log2(stand) == pytest.approx(1.360964, abs=1e-6)
    assert in_lowest_class(shannon_index_ln(stand), 1.0) == 1
    assert in_lowest_class(shannon_index_log2(stand), 1.0) == 0


def test_a_species_without_a_share_adds_nothing():
    assert shannon_index_ln(np.array([0.5, 0.5, 0.0])) == pytest.approx(math.log(2), rel=1e-14)
    assert shannon_index_ln(np.array([1.0, 0.0])) == 0.0
    assert math.isnan(shannon_index_ln(np.array([0.5, math.nan])))


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=12))
def test_the_index_lies_between_none_and_that_of_equal_shares(weights):
    shares = np.array(weights) / sum(weights)
    assert -1e-12 <= shannon_index_ln(shares) <= math.log(len(weights)) + 1e-12


BOUNDS = {f"shannon_bound_{n}": float(n) for n in range(1, 7)}
PRICES = {
    f"species_price_{n}": price
    for n, price in enumerate((50_000.0, 40_000.0, 30_000.0, 20_000.0, 10_000.0, 5_000.0, 3_000.0), 1)
}
RARE = {"endangered_index": 3.0, "endemic_index": 2.0, "old_tree_index": 1.0, "index_weight": 0.1}


def test_R13_species():
    """S 10 000, 100 hm2: 1 000 000; with sums 3, 2 and 1 the factor is 1.6: 1 600 000."""
    assert species_conservation_value(100.0, 10_000.0) == 1_000_000.0
    assert price_with_rarity(10_000.0, 3.0, 2.0, 1.0, 0.1) == pytest.approx(16_000.0, rel=1e-14)
    # class V, an index from 2 to 3, is the one at 10 000
    plain, rare = (
        components(SPECIES_CONSERVATION, species=option)["shannon_class_5"] for option in ("lyt1721", "gbt38582")
    )
    assert value(plain, 100.0, PRICES) == 1_000_000.0
    assert value(rare, 100.0, PRICES | RARE) == pytest.approx(1_600_000.0, rel=1e-14)
    assert plain.unit == rare.unit == "hm^2", "the raise is in the price: the quantity stays an area of land"


@pytest.mark.parametrize(
    ("index", "number", "price"),
    [
        (0.0, 7, 3_000.0),
        (0.999, 7, 3_000.0),
        (1.0, 6, 5_000.0),
        (2.0, 5, 10_000.0),
        (2.999, 5, 10_000.0),
        (3.5, 4, 20_000.0),
        (4.0, 3, 30_000.0),
        (5.999, 2, 40_000.0),
        (6.0, 1, 50_000.0),
        (8.0, 1, 50_000.0),
    ],
)
@pytest.mark.parametrize("stands", ["map", "inventory"])
def test_every_index_falls_into_one_class(index, number, price, stands):
    """methods.md R13: H < 1 3000; 1-2 5000; 2-3 10 000; 3-4 20 000; 4-5 30 000; 5-6 40 000; from 6 50 000 CNY/hm2;
    classes hold their lower bound.
    """
    numbers = {"shannon_index": index, "stand_area": 250.0, **BOUNDS, **PRICES}
    found = components(SPECIES_CONSERVATION, stands=stands)
    areas = {}
    for name, component in found.items():
        areas[name] = (
            amount(component, component.total, numbers)
            if isinstance(component, UnitComponent)
            else 250 * amount(component, component.density, numbers)
        )
    assert areas == {name: 250.0 if name == f"shannon_class_{number}" else 0.0 for name in found}
    assert math.fsum(value(found[name], area, numbers) for name, area in areas.items()) == 250 * price


def test_a_stand_is_classed_as_a_whole():
    """Half of a stand with an index of 1.2 is not half of it in one class and half in another: features, never
    zones.
    """
    for component in components(SPECIES_CONSERVATION, stands="inventory").values():
        assert isinstance(component, UnitComponent)
        assert (component.extent, component.per) == ("stand_area", "feature")
    for component in components(SPECIES_CONSERVATION).values():
        assert isinstance(component, CellComponent)


def test_no_index_no_class():
    nan = np.float64(math.nan)
    assert math.isnan(within_class(nan, 1.0, 2.0))
    assert math.isnan(in_highest_class(nan, 6.0))
    assert math.isnan(in_lowest_class(nan, 1.0))


def test_shipped_classes_of_species_are_those_of_the_reference():
    shipped = {r["coefficient"]: float(r["value"]) for r in table("forest-gbt38582", "species_conservation.csv")}
    assert {name: shipped[name] for name in (*BOUNDS, *PRICES)} == BOUNDS | PRICES
    assert shipped["index_weight"] == 0.1


# ions, nutrients, shelter ---------------------------------------------------------------------------------------------


def test_R14_ions():
    """10 hm2, 1800 per cm3, 10 m, 10 min, 5.82e-18 CNY: 9.4608e19 ions; above 600, 367.07904 CNY."""
    numbers = {
        "ion_concentration": convert(1800.0, "count/cm^3", "count/m^3"),
        "ion_background": convert(600.0, "count/cm^3", "count/m^3"),
        "stand_height": 10.0,
        "ion_lifetime": 10.0,
        "minutes_per_year": 525_600.0,
        "ion_cost": 5.82e-18,
    }
    all_of_them, of_use = components(NEGATIVE_IONS).values()
    ions = convert(amount(all_of_them, all_of_them.density, numbers) * 10, "count/(m^2*year)*hm^2", "count/year")
    assert ions == pytest.approx(9.4608e19, rel=1e-12)
    above = convert(amount(of_use, of_use.density, numbers) * 10, "count/(m^2*year)*hm^2", "count/year")
    assert above == pytest.approx(9.4608e19 * 1200 / 1800, rel=1e-12)
    assert value(of_use, above, numbers) == pytest.approx(367.07904, rel=1e-8)
    assert all_of_them.money is None, "the ions of the background are worth nothing"


def test_the_printed_factor_of_ions_is_a_conversion():
    """5.256e15 = 1e4 m2/hm2 x 1e6 cm3/m3 x 525 600 min."""
    one = negative_ions(convert(1.0, "count/cm^3", "count/m^3"), 1.0, 1.0, 525_600.0)
    assert convert(one, "count/(m^2*year)", "count/(hm^2*year)") == pytest.approx(5.256e15, rel=1e-12)
    (row,) = table("common", "negative_ions.csv")
    assert (row["coefficient"], row["value"], row["unit"]) == ("minutes_per_year", "525600", "min/year")


def test_no_more_ions_than_the_background_are_worth_nothing():
    assert ions_above_background(400e6, 600e6, 10.0, 10.0, 525_600.0) == 0.0
    assert ion_production_cost(0.0, 5.82e-18) == 0.0


def test_nutrients_by_hand():
    """100 hm2, 10 t/hm2 of dry matter with 1.36 % N, 0.08 % P, 0.9 % K: 13.6, 0.8 and 9 t."""
    tons = [
        100 * f(10.0, share)
        for f, share in (
            (accumulated_nitrogen, 0.0136),
            (accumulated_phosphorus, 0.0008),
            (accumulated_potassium, 0.009),
        )
    ]
    assert tons == pytest.approx([13.6, 0.8, 9.0], rel=1e-12)
    assert nitrogen_in_fertiliser(2400.0, 0.14) == pytest.approx(17_142.857142857, rel=1e-12)
    assert phosphorus_in_fertiliser(2400.0, 0.1501) == pytest.approx(15_989.340439707, rel=1e-12)
    assert potassium_in_fertiliser(2200.0, 0.5) == 4400.0
    found = components(NUTRIENT_ACCUMULATION)
    assert list(found) == ["accumulated_nitrogen", "accumulated_phosphorus", "accumulated_potassium"]
    money = [value(component, quantity, FERTILISER) for component, quantity in zip(found.values(), tons, strict=True)]
    assert money == pytest.approx([13.6 * 2400 / 0.14, 0.8 * 2400 / 0.1501, 39_600.0], rel=1e-12)


def test_nutrients_and_soil_price_fertiliser_alike():
    of_growth = {c.money.price: c.money.pricing for c in components(NUTRIENT_ACCUMULATION).values()}
    of_soil = {
        c.money.price: c.money.pricing
        for c in components(SOIL_RETENTION, valuation="fertility").values()
        if c.money and c.money.pricing
    }
    assert of_growth == of_soil


def test_shelter_by_hand():
    """500 hm2 that yield 0.45 t more, at 2400 CNY/t, correction 0.8: 500 x 864 = 432 000 CNY."""
    assert worth_of_shelter(0.45, 2400.0, 0.8) == pytest.approx(864.0, rel=1e-14)
    assert shelter_value(500.0, 864.0) == 432_000.0
    farmland, pasture = components(FOREST_PROTECTION).values()
    numbers = {
        "farmland_yield_gain": 0.45,
        "farmland_product_price": 2400.0,
        "pasture_yield_gain": 0.2,
        "pasture_product_price": 700.0,
        "protection_correction": 0.8,
    }
    assert (farmland.extent, pasture.extent) == ("protected_farmland", "protected_pasture")
    assert value(farmland, 500.0, numbers) == pytest.approx(432_000.0, rel=1e-14)
    assert value(pasture, 300.0, numbers) == pytest.approx(300 * 0.2 * 700 * 0.8, rel=1e-14)


# every one of them ----------------------------------------------------------------------------------------------------

THESE = ("pest_control", "species_conservation", "negative_ions", "nutrient_accumulation", "forest_protection")


@pytest.mark.parametrize("service", THESE)
def test_more_area_or_growth_is_worth_more(service):
    """Quantity times price is the value: twice the quantity, twice the value."""
    for component in SERVICES[service].components(SERVICES[service].settings({})):
        if component.money:
            once, twice = (
                component.money.value(**{component.quantity: q, component.money.price: 7.0}) for q in (10.0, 20.0)
            )
            assert twice == 2 * once > 0


@pytest.mark.parametrize("region", ["altai", "shandong"])
def test_rows_of_a_region_hold_only_where_a_study_says_so(region):
    tables = [*data_folder().glob("forest-gbt38582/*.csv"), data_folder() / "ndrc-2022" / "soil_carbon.csv"]
    found = [r for path in tables for r in csv.DictReader(path.open(encoding="utf-8")) if r["region"] == region]
    assert found
    assert all(r["status"] == "verified" for r in found)
