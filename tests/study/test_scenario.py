"""Land that becomes other land: by hand on a constant grid, and what must hold for any."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from builders import (
    ALPHA,
    FOREST,
    KM2,
    LAKE,
    STEPPE,
    block,
    by_shipped,
    constant,
    emissions,
    make_study,
    raster,
    zones,
)

import gep
from gep.core.errors import GepError, InputError, UsageError
from gep.services.flood_mitigation import lake_storage
from gep.standards.land_rules import rule_of, shipped_rules

WATER = "water_retention"
SHAPE = (2, 4)
COUNTIES = zones(block(0, 0, 2, 2), block(2, 0, 4, 2))
PRICE = {"reservoir_cost": {"value": 10, "unit": "CNY/m^3", "price_year": 2019}}
ALL_FOREST = np.full(SHAPE, FOREST)
DIFFERENCE = (ALPHA[FOREST] - ALPHA[STEPPE]) * 1000 / 1000 * KM2 * 10
"""What a square kilometre of forest that becomes steppe changes, in CNY: less runs off of 1000 mm of rain."""


def study(cover: Any = ALL_FOREST, **given: Any) -> gep.Study:
    layers = {
        "precipitation": constant(1000.0, "mm/year", SHAPE),
        "evapotranspiration": constant(600.0, "mm/year", SHAPE),
    }
    return make_study(cover, layers, COUNTIES, **{"of": [WATER], "price_year": 2019, "coefficients": PRICE, **given})


def change(scenario: Any, zone: str = "") -> float:
    found = scenario.difference("zone")
    return float(found[found.zone == zone]["change"].item() if zone else found["change"].sum())


def to_steppe(where: Any, of: gep.Study | None = None, **given: Any) -> Any:
    return (of or study()).convert(where, "forest", "grassland/temperate_steppe", coverage="fraction", **given)


def test_cells_turned_times_difference_of_coefficients_times_price():
    """Three cells and half of one, in county 101 two and a half of them."""
    scenario = to_steppe(block(0.5, 0, 3, 1.5))
    assert scenario.conversion.area == pytest.approx(3.75 * KM2, rel=1e-9)
    assert change(scenario, "101") == pytest.approx(2.25 * DIFFERENCE, rel=1e-9)
    assert change(scenario, "102") == pytest.approx(1.5 * DIFFERENCE, rel=1e-9)


def test_a_share_is_a_part_of_every_cell():
    where = block(0.5, 0, 3, 1.5)
    assert change(to_steppe(where, share=0.5)) == pytest.approx(change(to_steppe(where)) / 2, rel=1e-12)


def test_two_parcels_apart_add_up():
    one, other = block(0, 0, 1.25, 1), block(2.5, 1, 4, 2)
    both = to_steppe(zones(one, other))
    assert change(both) == pytest.approx(change(to_steppe(one)) + change(to_steppe(other)), rel=1e-12)
    assert both.conversion.area == pytest.approx(2.75 * KM2, rel=1e-9)


def test_a_benefit_is_what_the_reverse_rule_damages():
    """A forest that becomes steppe loses (here, gains) what the same land gains that is steppe and becomes forest: the
    changes are of opposite sign, and a loss is a negative change.
    """
    where, steppe = block(0.5, 0, 3, 1.5), study(np.full(SHAPE, STEPPE))
    away = to_steppe(where)
    assert change(away) == pytest.approx(3.75 * DIFFERENCE, rel=1e-9)
    lost = away.worth("damage", years=3)
    assert lost.year == pytest.approx(-3.75 * DIFFERENCE, rel=1e-9)
    assert lost.total == pytest.approx(3 * lost.year, rel=1e-12)
    back = steppe.convert(where, "grassland", "forest/evergreen_needleleaf", coverage="fraction")
    assert change(back) == pytest.approx(-change(away), rel=1e-12)
    assert back.worth("benefit", years=3).total == pytest.approx(lost.total, rel=1e-12)


def test_there_and_back_is_nothing():
    """All of the land is turned, and what it has become is turned back."""
    base = study()
    there = base.convert(None, "forest", "grassland/temperate_steppe")
    back = there.after.convert(None, "grassland", "forest/evergreen_needleleaf", coverage="fraction")
    totals = [account.total() for account in (*there.accounts(), *back.accounts())]
    assert totals[3] == pytest.approx(totals[0], rel=1e-12)
    assert {entry.land_class for entry in list(back.accounts())[1].entries if entry.is_area} == {"evergreen_needleleaf"}


def test_parts_of_cells_and_whole_cells_agree():
    """On borders of cells a polygon takes whole cells either way, and so does a mask."""
    where, mask = block(1, 0, 3, 2), raster(np.array([[0, 1, 1, 0]] * 2, dtype=np.uint8))
    whole = study().convert(where, "forest", "grassland/temperate_steppe")
    for given in (where, mask, mask.astype(bool)[::-1]):
        assert change(to_steppe(given)) == pytest.approx(change(whole), rel=1e-9)


def test_land_beyond_the_parcels_keeps_its_figures_to_the_last_bit():
    base = study().run(record=False)
    before, after = to_steppe(block(0, 0, 1, 1)).accounts()
    assert before.digest == base.digest
    east = [[entry.value for entry in account.flows if entry.zone == "102"] for account in (base, after)]
    assert east[0] == east[1]


def test_values_of_the_new_cover_hold_inside_the_parcels_alone():
    """At 550 mm of evapotranspiration steppe keeps 50 mm more; a share of half of the cells, half of that."""
    scenario = to_steppe(block(0, 0, 2, 2), values={"evapotranspiration": "550 mm/year"}, share=0.5)
    more = 0.05 * KM2 * 10
    assert change(scenario, "101") == pytest.approx(0.5 * 4 * (DIFFERENCE + more), rel=1e-9)
    assert change(scenario, "102") == 0
    assert scenario.stale == ()
    assert to_steppe(block(0, 0, 2, 2)).stale == ("evapotranspiration",)
    field = constant(0.55, "m/year", SHAPE)
    other = to_steppe(block(0, 0, 2, 2), values={"evapotranspiration": field}, share=0.5)
    assert change(other, "101") == pytest.approx(change(scenario, "101"), rel=1e-9)


def test_the_mean_of_land_that_is_so_already():
    cover = np.array([[FOREST, FOREST, STEPPE, STEPPE]] * 2)
    evaporated = raster(np.where(cover == FOREST, 600.0, 500.0), "mm/year")
    mixed = study(cover).with_layers(evapotranspiration=evaporated)
    found = to_steppe(block(0, 0, 1, 1), mixed, move=["evapotranspiration"])
    assert change(found, "101") == pytest.approx(DIFFERENCE + 0.1 * KM2 * 10, rel=1e-9)


def test_a_class_that_the_legend_has_not():
    scenario = study().convert(block(0, 0, 1, 1), rule="degraded", coverage="fraction")
    assert [after for _, _, after in scenario.conversion.moves] == [("forest", "sparse")]
    assert "no forest/sparse" in scenario.said
    areas = scenario.difference("ecosystem", "land_class", measure="area").set_index("land_class")["change"]
    assert areas["sparse"] == pytest.approx(KM2, rel=1e-6)
    assert areas["evergreen_needleleaf"] == pytest.approx(-KM2, rel=1e-6)


def test_all_of_a_class_in_a_county_leaves_nothing_of_it():
    scenario = to_steppe(block(0, 0, 2, 2))
    after = list(scenario.accounts())[1]
    assert {entry.land_class for entry in after.entries if entry.is_area and entry.zone == "101"} == {
        "temperate_steppe"
    }


def test_what_both_accounts_rest_on_cancels():
    """The runoff coefficient of forest (0.04 to 0.06 of 1 m) and that of steppe move the change; the price moves it in
    proportion. The county that nothing happens to has a change of nought and no width.
    """
    ranges = {
        "runoff_coefficient": {
            "forest": {"value": 0.05, "unit": "1", "low": 0.04, "high": 0.06},
            "grassland": {"value": 0.03, "unit": "1"},
        }
    }
    scenario = to_steppe(block(0, 0, 1, 1), study(coefficients={**PRICE, **ranges}))
    found = scenario.uncertainty()
    half = 0.01 * 0.95 * KM2 * 10
    change_of_it = 0.02 * KM2 * 10
    assert found.change.value == pytest.approx(change_of_it, rel=1e-9)
    assert found.change.lower == pytest.approx(change_of_it - half, rel=2e-3)
    assert found.change.upper == pytest.approx(change_of_it + half, rel=2e-3)
    assert found.parts["zone", "102"] == (0.0, None, None)
    frame = scenario.to_frame("zone").set_index("zone")
    assert frame.loc["101", "upper"] == pytest.approx(found.change.upper)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"rule": "reforestd"}, "Did you mean `reforested`"),
        ({"rule": "reforested"}, "changes nothing there: the land is forest/evergreen_needleleaf"),
        ({"rule": "degraded", "to": "forest/sprse"}, "Did you mean `forest/sparse`"),
        ({"rule": "degraded", "share": 1.5}, "above 0 and at most 1"),
        ({"rule": "degraded", "share": 0.0}, "above 0 and at most 1"),
        ({"rule": "degraded", "values": {"ndvi": 0.4}}, "no layer `ndvi`"),
        ({"rule": "degraded", "values": {"evapotranspiration": 450}}, "a number with its unit"),
        ({"rule": "degraded", "values": {"evapotranspiration": "450 kg"}}, "kg"),
        ({"rule": "degraded", "move": ["evapotranspiration"]}, "no mean to take"),
    ],
)
def test_what_is_refused(asked: dict[str, Any], said: str):
    with pytest.raises(GepError, match=said):
        study().convert(block(0, 0, 1, 1), coverage="fraction", **asked)


@pytest.mark.parametrize(
    ("where", "code"),
    [
        (zones(block(0, 0, 1, 1)).set_crs(None, allow_override=True), "G01"),
        (zones(block(0, 0, 1, 1)).iloc[:0], "Z03"),
        (zones(shapely.Point(4_321_500, 3_209_500)), "Z03"),
        (zones(block(0, 0, 2, 1), block(1, 0, 3, 1)), "Z04"),
        (zones(block(20, 20, 21, 21)), "Z06"),
        (raster(np.full(SHAPE, 3, dtype=np.uint8)), "F01"),
        ("nowhere.gpkg", "F01"),
    ],
)
def test_places_that_cannot_be_used(where: Any, code: str):
    with pytest.raises(InputError) as stopped:
        to_steppe(where)
    assert [problem.code for problem in stopped.value.problems] == [code]


def test_values_of_the_new_cover_that_cannot_be():
    with pytest.raises(InputError) as stopped:
        to_steppe(block(0, 0, 1, 1), values={"evapotranspiration": "90 m/year"}).accounts()
    assert {problem.subject for problem in stopped.value.problems} == {"evapotranspiration"}


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(InputError) as stopped:
        study().convert(zones(block(20, 20, 21, 21)), rule="degrade", share=2.0, coverage="fraction")
    for said in ("no rule `degrade`", "The share is 2", "cannot be used"):
        assert said in stopped.value.message
    assert [problem.code for problem in stopped.value.problems] == ["Z06"]


def test_what_is_only_odd_is_a_warning():
    """A bow tie is repaired (two triangles of a quarter of a square kilometre), half of a parcel lies outside."""
    ring = [(0, 0), (1, 1), (1, 0), (0, 1)]
    tie = shapely.Polygon([(4_321_000 + 1000 * x, 3_209_000 + 1000 * y) for x, y in ring])
    found = to_steppe(zones(tie))
    assert [problem.code for problem in found.conversion.parcels.problems] == ["Z05"]
    assert found.conversion.area == pytest.approx(0.5 * KM2, rel=1e-9)
    half = to_steppe(zones(block(3, 0, 5, 1)))
    assert [(p.code, p.severity) for p in half.conversion.parcels.problems] == [("Z06", "warning")]
    assert half.conversion.area == pytest.approx(KM2, rel=1e-9)


def test_rules_of_a_project_stand_beside_those_of_the_package():
    own = rule_of("burnt", {"en": "Burnt", "zh": "过火", "becomes": {"forest": "grassland/temperate_steppe"}})
    base = study()
    ruled = gep.Study.from_spec(replace(base.spec, scenarios={"burnt": own}))
    scenario = ruled.convert(block(0, 0, 1, 1), rule="burnt", coverage="fraction")
    assert change(scenario) == pytest.approx(DIFFERENCE, rel=1e-9)
    assert scenario.said.startswith("Burnt: 100.00 hm²")
    assert scenario.said.zh.startswith("过火：100.00 公顷")
    with pytest.raises(UsageError, match="no rule `burnt`"):
        base.convert(block(0, 0, 1, 1), rule="burnt", coverage="fraction")


def test_every_shipped_rule_names_classes_that_there_are():
    for rule in shipped_rules().values():
        rule.check(set())


def test_the_narrowest_of_a_rule_holds():
    """Low cover is sparse by the classes (HJ 1166-2021); of several targets the first of the legend."""
    degraded, building = shipped_rules()["degraded"], shipped_rules()["lost_to_building"]
    assert degraded.target(("grassland", "low_cover"), {("desert", "bare")}) == ("desert", "bare")
    assert degraded.target(("grassland", "high_cover"), set()) == ("grassland", "medium_cover")
    assert degraded.target(("urban", "built_up"), set()) is None
    assert building.target(("urban", "built_up"), {("urban", "built_up")}) is None
    assert building.target(("wetland", "lake"), {("urban", "residential")}) == ("urban", "residential")


def test_it_can_be_drawn():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    axes = to_steppe(block(0, 0, 1, 1)).plot()
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([DIFFERENCE / 1e3], rel=1e-6)


def test_a_limit_holds_for_the_whole_of_both_accounts():
    """8 km2 take 160 t at 20 t/km2, of which 100 t are emitted; 3 km2 that are left take 60 t, at 1000 CNY/t."""
    coefficients = {
        "so2_uptake": {"forest": {"value": 20.0, "unit": "t*SO2/(km^2*year)"}},
        "so2_cost": {"value": 1000.0, "unit": "CNY/(t*SO2)", "price_year": 2019},
    }
    city = make_study(
        ALL_FOREST,
        {},
        zones(block(0, 0, 4, 2)),
        of=["air_purification"],
        price_year=2019,
        coefficients=coefficients,
        tables={"t": emissions(so2={"101": 100.0})},
    )
    scenario = city.convert(block(0, 0, 2.5, 2), rule="lost_to_building", coverage="fraction")
    assert change(scenario) == pytest.approx(-40_000, rel=1e-9)


def test_a_lake_that_loses_land_stores_what_is_left_of_it():
    """A lake of 9 km2 of which a third is filled up, and one of 2 km2 that stays: V = f(6) + f(2), not f(8)."""
    cover = np.full((3, 6), FOREST)
    cover[:, :3] = LAKE
    cover[:2, 5] = LAKE
    region = "qinghai_tibet"
    city = make_study(cover, {}, zones(block(0, 0, 6, 3)), of=["flood_mitigation"], price_year=2019, region=region)
    scenario = city.convert(block(0, 0, 3, 2), "wetland", "grassland/temperate_steppe", share=0.5, coverage="fraction")
    stored = [
        sum(number for _, number, _ in account.by("service", measure="quantity")) for account in scenario.accounts()
    ]
    by_hand = [sum(lake_of(area, region) for area in areas) for areas in ((9, 2), (6, 2))]
    assert stored == pytest.approx(by_hand, rel=1e-6)


def lake_of(area: float, region: str) -> float:
    return float(by_shipped(lake_storage, "wetland/lake", region=region, lake_area=area))
