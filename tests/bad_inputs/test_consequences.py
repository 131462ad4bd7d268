"""What an account would become if a suspicion is true is said with it, and decides whether it stops a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import block, constant, make_study, own_coefficients, raster, zones
from changed_layers import changed, times
from coarse_city import added, land_cover, of_code, opened, without_rows

from gep.core.errors import InputError
from gep.engine.checks.seen import Seen
from gep.engine.checks.zones import areas_by_two_ways
from gep.engine.run import run
from gep.plan.planner import make_plan
from gep.study.sample.city import write_sample_city
from gep.study.study import Study

pytestmark = pytest.mark.usefixtures("one_pass")

ZONES = ("990101", "990102", "990103")


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write_sample_city(tmp_path / "city").parent


def test_a_price_per_carbon_used_per_carbon_dioxide_is_told_with_its_factor(city):
    """A value is quantity times price: with 12/44 of the price it is 0.273 times."""
    added(city / "coefficients.csv", "carbon_price,,,,1200,CNY/(t*CO2),,,,2020,survey,,,")
    (found,) = of_code(opened(city).check(), "P12")
    assert "Carbon sequestration 0.273" in found.message
    assert "固碳 0.273" in found.message.zh
    assert found.severity == "warning"


def test_erosivity_of_a_month_stops_a_run_that_needs_it(city):
    study = changed(opened(city), "rainfall_erosivity", times(1 / 12))
    (found,) = of_code(study.check(), "U23")
    assert found.severity == "error"
    with pytest.raises(InputError) as stopped:
        study.run(record=False)
    assert [str(each) for each in of_code(stopped.value.problems, "U23")] == [str(found)]
    waived = replace(study.spec, waivers={"U23": ("A. Person", "a dry year")})
    assert {each.severity for each in of_code(Study.from_spec(waived).check(), "U23")} == {"warning"}


def test_a_land_cover_upside_down_is_an_error(city):
    land_cover(city, lambda codes: codes[:, ::-1, :])
    (found,) = (each for each in of_code(opened(city).check(), "R24") if each.subject == "land_cover")
    assert found.severity == "error"
    assert "If so, the right figures would be" in found.message


@pytest.mark.parametrize(("witnesses", "severity"), [(("ndvi",), "warning"), (("ndvi", "elevation"), "error")])
def test_one_layer_alone_cannot_say_that_the_land_cover_is_turned(witnesses, severity):
    """Forest over the northern fourth, by the land cover over the southern; or the layer beside it is turned. Were it
    right, the northern zone would have forest where it has steppe, which lets off other shares of the rain.
    """
    rows = np.linspace(0.9, 0.1, 40)[:, np.newaxis] + np.linspace(0, 0.01, 40)
    forest = np.arange(40)[:, np.newaxis] * np.ones(40) >= 30
    layers = {
        "precipitation": constant(400, "mm/year", (40, 40)),
        "evapotranspiration": constant(380, "mm/year", (40, 40)),
        "ndvi": raster(np.where(forest[::-1], 0.8, 0.3) + 0.1 * rows, "1"),
        "elevation": raster(np.where(forest[::-1], 900, 400) + 50 * rows, "m"),
    }
    given = {
        name: layer for name, layer in layers.items() if name in ("precipitation", "evapotranspiration", *witnesses)
    }
    halves = zones(block(0, 0, 40, 20), block(0, 20, 40, 40))
    study = make_study(np.where(forest, 1, 2).astype(np.uint8), given, halves, of=("water_retention",))
    (found,) = of_code(study.check(), "R24")
    assert (found.subject, found.severity) == ("land_cover", severity)


def soil(depth: np.ndarray) -> list[tuple[str, str]]:
    """What is said of the soil depth of a steppe whose retention by the water balance does not need it."""
    shape = depth.shape
    layers = {
        "precipitation": constant(400, "mm/year", shape),
        "evapotranspiration": constant(300, "mm/year", shape),
        "soil_depth": raster(depth, "mm"),
    }
    study = make_study(np.full(shape, 2, np.uint8), layers, zones(block(0, 0, *shape)), of=("water_retention",))
    return [(each.severity, str(each.message)) for each in of_code(study.check(), "U21")]


def test_what_no_figure_rests_on_is_no_error():
    """Soils of 900 to 1700 mm written in centimetres, beside a service that does not need them."""
    rows = np.linspace(90, 170, 400).reshape(20, 20)
    ((severity, message),) = soil(rows)
    assert severity == "warning"
    assert message.endswith("If so, no service would change by more than rounding.")
    assert soil(10 * rows) == []


def test_a_soil_in_centimetres_stops_a_run_whose_figures_rest_on_it(tmp_path):
    """Soil of 1000 mm in centimetres. P = PET = 1000 mm, roots 2000 mm, PAWC 0.1, Z 10, so that
    ET = 1000 (2 - 2^(1/w)), w = 1.25 + 10 x 0.1 x soil / 1000: 328.97 mm with 100 mm of soil (w 1.35), 639.21 mm with
    1000 mm (w 2.25). 4.52 % of the rain run off forest: 954.8 - 328.97 = 625.83 mm are kept, and would be 315.59 mm.
    """
    of = {"precipitation": 1000, "potential_evapotranspiration": 1000, "soil_depth": 100, "root_depth": 2000}
    layers = {name: constant(value, "mm" if "depth" in name else "mm/year", (20, 20)) for name, value in of.items()}
    layers["plant_available_water"] = constant(0.1, "1", (20, 20))
    study = make_study(
        np.full((20, 20), 1, np.uint8),
        layers,
        zones(block(0, 0, 20, 20)),
        of=("water_retention",),
        methods={"water_retention": {"evapotranspiration": "fu_awc"}},
        coefficients={"own": own_coefficients(tmp_path, ("seasonality", "", 10, "1"))},
    )
    (found,) = of_code(study.check(), "U21")
    assert (found.subject, found.severity) == ("soil_depth", "error")
    assert found.message.endswith("times those of now: total 0.504, Water retention 0.504.")  # 315.59 / 625.83
    with pytest.raises(InputError):
        study.run(record=False)


FISH = ("fishery_products,value,0.5,万元,2020,2020,survey", "fishery_products,quantity,0.5,t,2020,,survey")
FISH_OF_PRICE = ("fishery_products,price,16500,CNY/t,2020,2020,survey", FISH[1])
ROUNDED = ("fishery_products,value,0.1,万元,2020,2020,survey", FISH[1])
OF_YUAN = ("fishery_products,value,5000,CNY,2020,2020,survey", "fishery_products,quantity,5000,t,2020,,survey")


@pytest.mark.parametrize(
    ("rows", "severity"),
    [
        (FISH, "warning"),  # 10,000 CNY/t, as fish has: little fish
        (FISH_OF_PRICE, "warning"),
        (ROUNDED, "warning"),  # 500 to 1500 CNY for 0.45 to 0.55 t: up to 3333 CNY/t, and fish has 3000
        (FISH[:1], "error"),  # nothing else says what it is
        (OF_YUAN, "error"),  # 1 CNY/t
    ],
)
def test_a_service_that_earns_next_to_nothing(city, rows, severity):
    """The fish of each county earns less than 10,000 CNY: 5000 CNY are 10,000 times as much if they are 5000 万元."""
    assert without_rows(city / "statistics.csv", "fishery_products/fish") == 6
    added(city / "statistics.csv", *(f"{zone},{row}" for zone in ZONES for row in rows))
    (found,) = of_code(opened(city).check(), "O24")
    assert (found.severity, found.subject) == (severity, "fishery_products")
    assert "Fishery products 1e+04" in found.message


EXCHANGE = dict.fromkeys(("11", "12", "13"), "cropland/dryland") | dict.fromkeys(("51", "53", "54"), "forest/mixed")


@pytest.mark.parametrize(("wetter", "severity"), [(1.0, "warning"), (1.9, "error")])
def test_forest_and_cropland_exchanged(city, wetter, severity):
    """Where it rains more than 500 mm no field outgrows the forest; in dry land one that is watered may."""
    study = changed(opened(city), "precipitation", times(wetter))
    assert of_code(study.check(), "L21") == []
    exchanged = replace(study.spec, scheme_map={**study.spec.scheme_map, **EXCHANGE})
    assert [each.severity for each in of_code(Study.from_spec(exchanged).check(), "L21")] == [severity]


# what a scheme maps only approximately, and areas ---------------------------------------------------------------------


def covered(codes: list[int], scheme_map: dict[int, str] | None = None) -> Study:
    """Four square kilometres of CLCD codes."""
    cover = np.array(codes, np.uint8).reshape(2, 2)
    layers = {name: constant(500, "mm/year", (2, 2)) for name in ("precipitation", "evapotranspiration")}
    study = make_study(cover, layers, zones(block(0, 0, 2, 2)), of=("water_retention",))
    return Study.from_spec(
        replace(study.spec, scheme="clcd", scheme_map={str(k): v for k, v in (scheme_map or {}).items()})
    )


@pytest.mark.parametrize(
    ("codes", "given", "severity"),
    [
        ([1, 1, 1, 5], None, "information"),  # a quarter water of unknown kind
        ([1, 5, 5, 9], None, "warning"),
        ([1, 1, 1, 1], None, ""),
        ([1, 1, 1, 5], {5: "wetland/reservoir"}, ""),  # the study knows
    ],
)
def test_land_that_a_scheme_maps_only_approximately(codes, given, severity):
    found = of_code(covered(codes, given).check(), "L24")
    assert [each.severity for each in found] == ([severity] if severity else [])
    if severity == "information":
        assert found[0].share == pytest.approx(0.25, rel=1e-6)
        assert "wetland/lake (1.0 km²)" in found[0].message


def test_a_zone_whose_cells_have_another_area_than_its_polygon(tmp_path):
    """Two zones that share a column of cells, half each; then one is said to be a hundredth larger than it is."""
    layers = {name: constant(500, "mm/year", (4, 3)) for name in ("precipitation", "evapotranspiration")}
    halves = zones(block(0, 0, 4, 1.5), block(0, 1.5, 4, 3))
    own = own_coefficients(tmp_path, ("runoff_coefficient", "forest", 0.1, "1"))
    study = make_study(np.ones((4, 3), np.uint8), layers, halves, of=("water_retention",), coefficients={"own": own})
    inputs = study.inputs
    plan = make_plan(inputs).plan
    assert plan.mode == "fraction"
    sums = run(plan)
    assert list(areas_by_two_ways(Seen(inputs, plan, sums))) == []
    first, second = plan.zones.areas
    wrong = replace(plan, zones=replace(plan.zones, areas=(first * 1.01, second)))
    (found,) = areas_by_two_ways(Seen(inputs, wrong, sums))
    assert (found.code, found.subject, found.severity) == ("A10", plan.zones.zones[0].code, "error")
    assert found.found == "6.0000 km²"
