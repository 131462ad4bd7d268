"""Whole accounts of small grids whose every figure is worked out here by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import (
    BAMBOO,
    DRYLAND,
    EQUAL_AREA,
    FOREST,
    KM2,
    LAKE,
    SAVANNA,
    STEPPE,
    block,
    codes_of,
    constant,
    find,
    missing,
    one,
    own_coefficients,
    raster,
    services_but,
    water_layers,
    zones,
)
from small_worlds import approx, make_study

from gep.account.entries import COLUMNS
from gep.core.errors import InputError, ProjectError, UsageError
from gep.study.study import Study

CPI = {
    2011: 5.5539,
    2012: 2.61952,
    2013: 2.62105,
    2014: 1.92164,
    2015: 1.43702,
    2016: 2.0,
    2017: 1.59314,
    2018: 2.07479,
    2019: 2.89923,
}
"""Change of consumer prices in China in percent of the year before (World Bank, FP.CPI.TOTL.ZG)."""

DEPTH = 1200 * (1 - 0.0452) - 700
"""Retained water in mm of evergreen needleleaf forest at 1200 mm of rain and 700 mm of evapotranspiration: test vector
TV-R1.
"""


def cpi(year: int) -> float:
    """What a price of 2010 is multiplied by to be of another year."""
    return math.prod(1 + CPI[y] / 100 for y in range(2011, year + 1))


def volume(depth_mm: float, cells: float) -> float:
    """m3 of water of a depth over a number of cells of a square kilometre."""
    return depth_mm / 1000 * KM2 * cells


@pytest.fixture
def counties():
    """Two counties of 3 x 4 cells each."""
    return zones(block(0, 0, 3, 4), block(3, 0, 6, 4))


@pytest.fixture
def cover():
    """County 101: forest and a row of steppe. County 102: forest, and a column of lake."""
    codes = np.full((4, 6), FOREST)
    codes[3, :3] = STEPPE
    codes[:, 5] = LAKE
    return codes


# water retention ------------------------------------------------------------------------------------------------------


def test_water_retention_test_vector_r1(tmp_path):
    # forest 1e6 m2, P 1200, alpha 4.52 %, ET 700; grassland 5e5 m2, P 500, alpha 3.94 %, ET 520
    layers = {
        "precipitation": raster([[1200.0, 500.0]], "mm/year"),
        "evapotranspiration": raster([[700.0, 520.0]], "mm/year"),
    }
    price = {"own": own_coefficients(tmp_path, ("reservoir_cost", "", 6.11, "CNY/m^3", 2019))}
    amounts = {}
    for negative in ("keep", "clip_cell", "clip_type"):
        study = make_study(
            [[FOREST, STEPPE]],
            layers,
            zones(block(0, 0, 1.5, 1)),
            coefficients=price,
            methods={"water_retention": {"negative": negative}},
        )
        account = study.run()
        amounts[negative] = account.quantities()["water_retention", "retained_water"], account.total()
    assert amounts["keep"][0] == {"value": approx(425_910), "unit": "m3"}
    assert amounts["keep"][1] == approx(2_602_310.1)
    for negative in ("clip_cell", "clip_type"):
        assert amounts[negative][0]["value"] == approx(445_760)
        assert amounts[negative][1] == approx(2_723_593.6)


def test_a_constant_grid_by_county_and_class(cover, counties):
    account = make_study(cover, water_layers(cover.shape), counties).run()
    forest, steppe = DEPTH, 1200 * (1 - 0.0394) - 700
    expected = {
        ("101", "evergreen_needleleaf"): volume(forest, 9),
        ("101", "temperate_steppe"): volume(steppe, 3),
        ("102", "evergreen_needleleaf"): volume(forest, 8),
    }
    entries = find(account, service="water_retention")
    assert {(e.zone, e.land_class): e.quantity for e in entries} == {key: approx(q) for key, q in expected.items()}
    # the shipped cost of 7.06 CNY/m3 is of 2010
    for entry in entries:
        assert entry.price == approx(7.06 * cpi(2019))
        assert entry.value == approx(expected[entry.zone, entry.land_class] * 7.06 * cpi(2019))
        assert (entry.price_basis, entry.price_year, entry.coverage) == ("current", 2010, 1.0)
    assert account.total() == approx(sum(expected.values()) * 7.06 * cpi(2019))
    assert account.areas() == {
        ("101", "forest", "evergreen_needleleaf"): approx(9 * KM2),
        ("101", "grassland", "temperate_steppe"): approx(3 * KM2),
        ("102", "forest", "evergreen_needleleaf"): approx(8 * KM2),
        ("102", "wetland", "lake"): approx(4 * KM2),
    }
    assert "low_coverage" not in missing(account).values()


def test_half_cells_count_by_half(cover):
    # the border runs through the middle of column 2; the north edge through the middle of row 0
    study = make_study(
        cover, water_layers(cover.shape), zones(block(0, 0.5, 2.5, 4), block(2.5, 0.5, 6, 4)), coverage="fraction"
    )
    account = study.run()
    assert account.areas() == {
        ("101", "forest", "evergreen_needleleaf"): approx(2.5 * 2.5 * KM2),
        ("101", "grassland", "temperate_steppe"): approx(2.5 * KM2),
        ("102", "forest", "evergreen_needleleaf"): approx((0.5 * 2.5 + 2 * 3.5) * KM2),
        ("102", "grassland", "temperate_steppe"): approx(0.5 * KM2),
        ("102", "wetland", "lake"): approx(3.5 * KM2),
    }
    assert one(account, service="water_retention", zone="101", ecosystem="forest").quantity == approx(
        volume(DEPTH, 6.25)
    )
    assert account.about.coverage["zones"]["mode"] == "fraction"


def test_auto_takes_fractions_where_centres_would_misstate_a_county(cover, counties):
    layers = water_layers(cover.shape)
    assert make_study(cover, layers, counties).run().about.coverage["zones"]["mode"] == "centre"
    halves = make_study(cover, layers, zones(block(0, 0, 2.5, 4), block(2.5, 0, 6, 4))).run()
    assert halves.about.coverage["zones"]["mode"] == "fraction"


def test_negative_balances_cell_by_cell_and_by_ecosystem():
    # county 101: forest +100 and -60; steppe -40. County 102: forest -60
    rain = raster([[1000.0, 1000.0, 1000.0, 1000.0]], "mm/year")
    gone = [1000 * (1 - 0.0452) - 100, 1000 * (1 - 0.0452) + 60, 1000 * (1 - 0.0394) + 40, 1000 * (1 - 0.0452) + 60]
    layers = {"precipitation": rain, "evapotranspiration": raster([gone], "mm/year")}
    counties = zones(block(0, 0, 3, 1), block(3, 0, 4, 1))

    def run(negative):
        return make_study(
            [[FOREST, FOREST, STEPPE, FOREST]], layers, counties, methods={"water_retention": {"negative": negative}}
        ).run()

    keep = run("keep")
    assert keep.quantities()["water_retention", "retained_water"]["value"] == approx(volume(100 - 60 - 40 - 60, 1))
    found = next(p for p in keep.about.problems if p.code == "B03")
    assert found.severity == "warning"
    assert found.share == approx(3 / 4)
    clipped = run("clip_cell")
    assert clipped.quantities()["water_retention", "retained_water"]["value"] == approx(volume(100, 1))
    assert "B03" not in codes_of(clipped)
    by_type = run("clip_type")
    assert by_type.quantities()["water_retention", "retained_water"]["value"] == approx(volume(40, 1))
    # what was measured and what was added stand beside each other
    assert one(by_type, component="retained_water", zone="101", ecosystem="grassland").quantity == approx(
        volume(-40, 1)
    )
    assert one(by_type, component="retained_water_clip", zone="101", ecosystem="grassland").quantity == approx(
        volume(40, 1)
    )
    assert one(by_type, component="retained_water_clip", zone="102").quantity == approx(volume(60, 1))
    assert not find(by_type, component="retained_water_clip", zone="101", ecosystem="forest")
    assert by_type.total() == approx(volume(40, 1) * 7.06 * cpi(2019))


# what is missing ------------------------------------------------------------------------------------------------------


def test_a_hole_in_a_layer_is_missing_and_never_zero(cover, counties):
    layers = water_layers(cover.shape)
    layers["evapotranspiration"][0, 0:2] = np.nan  # two of the nine cells of forest in county 101
    layers["precipitation"][3, :3] = np.nan  # all its steppe
    account = make_study(cover, layers, counties).run()
    forest = one(account, service="water_retention", zone="101", ecosystem="forest")
    assert (forest.quantity, forest.coverage) == (approx(volume(DEPTH, 7)), approx(7 / 9))
    steppe = one(account, service="water_retention", zone="101", ecosystem="grassland")
    assert (steppe.quantity, steppe.value, steppe.coverage) == (None, None, 0.0)
    rows = [r for r in account.rows() if r["service"] == "water_retention" and r["ecosystem_type"] == "grassland"]
    assert [(r["measure"], r["value"], r["obs_status"]) for r in rows if r["measure"] != "price"] == [
        ("quantity", None, "O"),
        ("value", None, "O"),
    ]
    assert one(account, service="water_retention", zone="102").coverage == 1.0
    # 15 of 20 cells are below the 95 % that the profile asks for
    assert account.about.coverage["services"]["water_retention"]["share"] == approx(15 / 20)
    assert account.about.coverage["layers"]["evapotranspiration"]["share"] == approx(22 / 24)
    assert missing(account)["water_retention"] == "low_coverage"
    assert account.title() == "Sum of accounted services (partial)"
    assert account.title("zh") == "已核算服务价值合计（部分）"


def test_a_class_without_a_coefficient(cover, counties):
    cover[0, :3] = BAMBOO
    account = make_study(cover, water_layers(cover.shape), counties).run()
    bamboo = one(account, service="water_retention", land_class="bamboo")
    assert (bamboo.quantity, bamboo.value, bamboo.coverage) == (None, None, 0.0)
    (reason,) = [m for m in account.about.missing if m.service == "water_retention"]
    assert reason.reason == "no_coefficient"
    assert "forest/bamboo" in reason.detail
    assert account.total() == approx((volume(DEPTH, 14) + volume(1200 * (1 - 0.0394) - 700, 3)) * 7.06 * cpi(2019))


def test_the_area_that_took_the_row_of_its_ecosystem(cover, counties):
    cover[3, :3] = SAVANNA
    account = make_study(cover, water_layers(cover.shape), counties).run()
    fallback = account.about.coverage["services"]["water_retention"]["fallback_m2"]
    assert fallback == {"grassland/savanna <- runoff_coefficient[grassland]": approx(3 * KM2)}
    found = next(p for p in account.about.problems if p.code == "C06" and p.subject == "water_retention")
    assert found.share == approx(3 / 20)
    savanna = one(account, service="water_retention", land_class="savanna")
    assert savanna.quantity == approx(volume(1200 * (1 - 0.0394) - 700, 3))


def test_cropland_counts_only_with_a_coefficient_of_the_study(tmp_path, cover, counties):
    cover[0, :3] = DRYLAND
    layers = water_layers(cover.shape)
    assert not find(make_study(cover, layers, counties).run(), service="water_retention", ecosystem="cropland")
    own = own_coefficients(tmp_path, ("runoff_coefficient", "cropland", 0.2, "1"))
    account = make_study(cover, layers, counties, coefficients={"own": own}).run()
    cropland = one(account, service="water_retention", ecosystem="cropland")
    assert cropland.quantity == approx(volume(1200 * 0.8 - 700, 3))


def test_no_layer_no_figure(cover, counties):
    account = make_study(cover, {"precipitation": constant(1200, "mm/year", cover.shape)}, counties).run()
    assert not find(account, service="water_retention")
    assert missing(account)["water_retention"] == "no_input"
    assert ("water_retention", "retained_water") not in account.quantities()
    assert account.total() is None  # nothing was counted: that is no zero
    assert not account.is_complete


def test_land_without_land_cover_is_area_of_no_ecosystem(counties):
    cover = raster(np.full((4, 6), FOREST, dtype=np.uint8), _FillValue=255)
    cover[0, 0] = 255
    account = make_study(cover, water_layers((4, 6)), counties).run()
    assert account.areas()["101", "_none", "no_land_cover"] == approx(KM2)
    assert account.about.coverage["land_cover"] == approx(23 / 24)
    assert one(account, service="water_retention", zone="101").quantity == approx(volume(DEPTH, 11))


def test_a_code_that_the_scheme_does_not_know_stops_the_run(cover, counties):
    cover[0, 0] = 77
    with pytest.raises(InputError) as caught:
        make_study(cover, water_layers(cover.shape), counties).run()
    (problem,) = [p for p in caught.value.problems if p.severity == "error"]
    assert (problem.code, problem.share) == ("L01", approx(1 / 24))
    assert "77" in problem.message


# layers that are made of others ---------------------------------------------------------------------------------------


def test_the_year_is_the_sum_of_its_months(cover, counties):
    months = np.arange(1.0, 13)[:, None, None] * 10 * np.ones((12, 4, 6))  # 10 to 120 mm: 780 mm
    layers = {"precipitation": raster(months, "mm"), "evapotranspiration": constant(300, "mm/year", cover.shape)}
    account = make_study(cover, layers, counties).run()
    entry = one(account, service="water_retention", zone="102")
    assert entry.quantity == approx(volume(780 * (1 - 0.0452) - 300, 8))
    assert entry.derivations == ("annual_precipitation",)
    row = next(r for r in account.rows() if r["service"] == "water_retention")
    assert (row["derivation_id"], row["obs_status"]) == ("annual_precipitation", "A")


def test_a_month_that_is_missing_makes_the_year_missing(cover, counties):
    months = np.full((12, 4, 6), 50.0)
    months[6, 0, 3] = np.nan
    layers = {"precipitation": raster(months, "mm"), "evapotranspiration": constant(300, "mm/year", cover.shape)}
    entry = one(make_study(cover, layers, counties).run(), service="water_retention", zone="102")
    assert (entry.quantity, entry.coverage) == (approx(volume(600 * (1 - 0.0452) - 300, 7)), approx(7 / 8))


def test_evapotranspiration_from_potential_by_fu(cover, counties):
    # worked number of methods.md 5b: P 600, PET 900, w 2.6: ET/P = 0.817210
    layers = {
        "precipitation": constant(600, "mm/year", cover.shape),
        "potential_evapotranspiration": constant(900, "mm/year", cover.shape),
    }
    account = make_study(cover, layers, counties).run()
    share = 1 + 1.5 - (1 + 1.5**2.6) ** (1 / 2.6)
    assert share == pytest.approx(0.817210, abs=5e-7)
    entry = one(account, service="water_retention", zone="102")
    assert entry.quantity == approx(volume(600 * (1 - 0.0452 - share), 8))
    assert entry.derivations == ("evapotranspiration_fu",)
    assert entry.is_estimated
    # the parameter of vegetation is provisional
    assert {r["obs_status"] for r in account.rows() if r["service"] == "water_retention"} == {"P"}
    derived = next(p for p in account.about.problems if p.code == "P03")
    assert derived.subject == "evapotranspiration"
    assert any(p.code == "P01" and p.subject == "budyko_omega" for p in account.about.problems)


def test_evapotranspiration_from_potential_by_zhang(cover, counties):
    layers = {
        "precipitation": constant(600, "mm/year", cover.shape),
        "potential_evapotranspiration": constant(900, "mm/year", cover.shape),
    }
    methods = {"water_retention": {"evapotranspiration": "zhang"}}
    account = make_study(cover, layers, counties, methods=methods).run()
    # x 1.5: 0.857143 for forest (w 2.0), 0.724138 for grass (w 0.5)
    forest, grass = (1 + 3) / (1 + 3 + 1 / 1.5), (1 + 0.75) / (1 + 0.75 + 1 / 1.5)
    assert one(account, service="water_retention", zone="102").quantity == approx(
        volume(600 * (1 - 0.0452 - forest), 8)
    )
    assert one(account, service="water_retention", ecosystem="grassland").quantity == approx(
        volume(600 * (1 - 0.0394 - grass), 3)
    )


def test_a_given_layer_wins_over_its_derivation(cover, counties):
    layers = {**water_layers(cover.shape), "potential_evapotranspiration": constant(900, "mm/year", cover.shape)}
    entry = one(make_study(cover, layers, counties).run(), service="water_retention", zone="102")
    assert (entry.quantity, entry.derivations) == (approx(volume(DEPTH, 8)), ())


# profiles, switches, prices -------------------------------------------------------------------------------------------


def test_a_physical_profile_has_no_money(cover, counties):
    layers = {**water_layers(cover.shape), "runoff_generating_precipitation": constant(1000, "mm/year", cover.shape)}
    account = make_study(cover, layers, counties, profile="hj1173-2021").run()
    assert one(account, service="water_retention", zone="102").quantity == approx(volume(1000 * (1 - 0.0452) - 700, 8))
    assert account.total() is None
    assert account.title() == "Physical account of ecosystem services"
    assert account.title("zh") == "生态系统服务实物量账户"
    assert {r["measure"] for r in account.rows()} == {"area", "quantity"}
    content = account.summary()
    assert content["total"] == {"value": None, "unit": "CNY"}
    assert content["by_service"] == content["by_zone"] == content["by_ecosystem"] == {}


def test_annual_rain_where_the_standard_asks_for_other_rain(cover, counties):
    account = make_study(cover, water_layers(cover.shape), counties, profile="hj1173-2021").run()
    assert missing(account)["water_retention"] == "no_input"
    methods = {"water_retention": {"precipitation": "annual"}}
    account = make_study(cover, water_layers(cover.shape), counties, profile="hj1173-2021", methods=methods).run()
    assert one(account, service="water_retention", zone="102").quantity == approx(volume(DEPTH, 8))


def test_a_runoff_map_in_place_of_coefficients(cover, counties):
    cover[0, :3] = BAMBOO  # has no coefficient, and needs none
    layers = {**water_layers(cover.shape), "surface_runoff": constant(54.24, "mm/year", cover.shape)}
    account = make_study(cover, layers, counties, methods={"water_retention": {"runoff": "raster"}}).run()
    assert account.quantities()["water_retention", "retained_water"]["value"] == approx(volume(1200 - 54.24 - 700, 20))


def test_a_service_that_is_off_or_not_applicable(cover, counties):
    layers = water_layers(cover.shape)
    account = make_study(cover, layers, counties, off={"water_retention": "no data yet"}).run()
    assert not find(account, service="water_retention")
    (reason,) = [m for m in account.about.missing if m.service == "water_retention"]
    assert (reason.reason, reason.detail, reason.is_required) == ("off", "no data yet", True)
    account = make_study(cover, layers, counties, not_applicable={"water_retention": "nothing retains here"}).run()
    assert not find(account, service="water_retention")
    assert "water_retention" not in missing(account)


def test_a_complete_account_is_called_gep(cover, counties):
    layers, rest = water_layers(cover.shape), dict.fromkeys(services_but("water_retention"), "not here")
    account = make_study(cover, layers, counties, not_applicable=rest).run()
    assert account.is_complete
    assert account.title() == "GEP of Test 2019"
    assert account.title("zh") == "试验市2019年生态产品总值（GEP）"
    assert account.summary()["complete"] is True
    del rest["carbon_sequestration"]
    account = make_study(cover, layers, counties, not_applicable=rest).run()
    assert not account.is_complete
    assert "GEP" not in account.title()
    assert "生态产品总值" not in account.title("zh")


def test_an_optional_service_does_not_make_an_account_partial(cover, counties):
    rest = dict.fromkeys(services_but("water_retention", "ecological_energy", "oxygen_release"), "not here")
    account = make_study(cover, water_layers(cover.shape), counties, not_applicable=rest).run()
    assert account.is_complete
    assert set(missing(account)) <= {"ecological_energy", "oxygen_release"}


def test_a_service_whose_ecosystems_do_not_occur_is_listed_and_not_missed(counties):
    # no cropland: no crop products to report; but forest, so forestry products are
    account = make_study(np.full((4, 6), FOREST), water_layers((4, 6)), counties).run()
    (crops,) = [m for m in account.about.missing if m.service == "crop_products"]
    assert (crops.reason, crops.is_required) == ("does_not_occur", False)
    assert "none of cropland" in crops.detail
    assert missing(account)["forestry_products"] == "no_input"


def test_a_coefficient_of_the_study_wins(tmp_path, cover, counties):
    own = own_coefficients(tmp_path, ("runoff_coefficient", "forest/evergreen_needleleaf", 10.0, "percent"))
    account = make_study(cover, water_layers(cover.shape), counties, coefficients={"own": own}).run()
    assert one(account, service="water_retention", zone="102").quantity == approx(volume(1200 * 0.9 - 700, 8))
    # what the study says of forest holds for all its classes, whatever the profile says of one of them
    own = own_coefficients(tmp_path, ("runoff_coefficient", "forest", 20.0, "percent"), name="forest")
    account = make_study(cover, water_layers(cover.shape), counties, coefficients={"own": own}).run()
    assert one(account, service="water_retention", zone="102").quantity == approx(volume(1200 * 0.8 - 700, 8))
    assert one(account, service="water_retention", ecosystem="grassland").quantity == approx(
        volume(1200 * (1 - 0.0394) - 700, 3)
    )


def test_prices_of_another_year(cover, counties):
    account = make_study(cover, water_layers(cover.shape), counties, price_year=2015).run()
    entry = one(account, service="water_retention", zone="102")
    assert entry.price == approx(7.06 * cpi(2015))
    assert entry.value == approx(volume(DEPTH, 8) * 7.06 * cpi(2015))
    assert {r["price_basis"] for r in account.rows() if r["measure"] in ("price", "value")} == {"constant:2015"}
    assert {r["price_basis"] for r in account.rows() if r["measure"] in ("area", "quantity")} == {""}
    untouched = make_study(cover, water_layers(cover.shape), counties, price_year=2010).run()
    assert one(untouched, service="water_retention", zone="102").price == 7.06


def test_a_price_year_before_the_index_stops_the_run(cover, counties):
    with pytest.raises(InputError) as caught:
        make_study(cover, water_layers(cover.shape), counties, price_year=1950).run()
    assert [p.code for p in caught.value.problems if p.severity == "error"] == ["C05"]


def test_names_that_do_not_exist(cover, counties):
    with pytest.raises(UsageError, match="water_retention"):
        make_study(cover, {}, counties, off={"water_retantion": ""})
    with pytest.raises(ProjectError, match="clip_cell"):
        make_study(cover, {}, counties, methods={"water_retention": {"negative": "clip_cel"}})
    with pytest.raises(UsageError, match="land_cover"):
        Study(zones=counties, year=2019)


# grids and outlines ---------------------------------------------------------------------------------------------------


def test_land_cover_finer_than_the_grid_is_taken_by_shares():
    # 250 m land cover on a grid of 1 km: 16 cells in each. First cell: 10 forest, 6 steppe; second: 1 forest, 15 lake;
    # third: 16 steppe
    fine = np.full((4, 12), STEPPE, dtype=np.uint8)
    fine[:2, :4] = fine[2, :2] = FOREST
    fine[:, 4:8] = LAKE
    fine[3, 7] = FOREST
    cover = raster(fine, cell=250)
    layers = {
        "precipitation": raster([[1200.0, 1000.0, 800.0]], "mm/year"),
        "evapotranspiration": constant(500, "mm/year", (1, 3)),
    }
    account = make_study(cover, layers, zones(block(0, 0, 3, 1)), grid=(EQUAL_AREA, 1000.0)).run()
    assert account.areas() == {
        ("101", "forest", "evergreen_needleleaf"): approx(11 / 16 * KM2),
        ("101", "grassland", "temperate_steppe"): approx((6 + 16) / 16 * KM2),
        ("101", "wetland", "lake"): approx(15 / 16 * KM2),
    }
    forest = volume(1200 * (1 - 0.0452) - 500, 10 / 16) + volume(1000 * (1 - 0.0452) - 500, 1 / 16)
    steppe = volume(1200 * (1 - 0.0394) - 500, 6 / 16) + volume(800 * (1 - 0.0394) - 500, 1)
    assert one(account, service="water_retention", ecosystem="forest").quantity == approx(forest)
    assert one(account, service="water_retention", ecosystem="grassland").quantity == approx(steppe)


def test_shares_and_half_cells_together():
    # the county holds the western half of a cell; classes are known as shares of the whole cell
    fine = np.full((4, 4), STEPPE, dtype=np.uint8)
    fine[:, 3] = FOREST
    study = make_study(
        raster(fine, cell=250), {}, zones(block(0, 0, 0.5, 1)), grid=(EQUAL_AREA, 1000.0), coverage="fraction"
    )
    assert study.run().areas() == {
        ("101", "forest", "evergreen_needleleaf"): approx(KM2 / 8),
        ("101", "grassland", "temperate_steppe"): approx(3 * KM2 / 8),
    }


def test_an_outline_larger_than_the_counties(cover):
    counties = zones(block(0, 0, 3, 4), block(3, 0, 5, 4))
    account = make_study(cover, water_layers(cover.shape), counties, outline=zones(block(0, 0, 6, 4))).run()
    assert account.areas()["_unallocated", "wetland", "lake"] == approx(4 * KM2)
    assert one(account, service="water_retention", zone="102").quantity == approx(volume(DEPTH, 8))


def test_an_outline_smaller_than_the_counties(cover, counties):
    account = make_study(cover, water_layers(cover.shape), counties, outline=zones(block(0, 0, 4, 4))).run()
    assert one(account, service="water_retention", zone="102").quantity == approx(volume(DEPTH, 4))
    coverage = account.about.coverage
    assert coverage["area_m2"] == approx(16 * KM2)
    assert coverage["outside_outline_m2"] == pytest.approx(8 * KM2, rel=1e-6)  # geodesic edges of a polygon
    assert {row["area_code"] for row in account.rows()} == {"101", "102"}


def test_the_tidy_frame_has_the_columns_of_the_contract(cover, counties):
    frame = make_study(cover, water_layers(cover.shape), counties).run().to_frame()
    assert tuple(frame.columns) == COLUMNS
    assert (frame["year"] == 2019).all()
    key = ["area_code", "ecosystem_type", "land_class", "service", "component", "measure"]
    assert not frame.duplicated(key).any()
    areas = frame[frame["measure"] == "area"]
    assert (areas["service"] == "_none").all()
    assert (areas["unit"] == "m2").all()
    assert areas.groupby("area_code")["value"].sum().to_dict() == {"101": approx(12 * KM2), "102": approx(12 * KM2)}
