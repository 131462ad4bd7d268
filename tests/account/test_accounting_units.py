"""Figures that are no integral over cells: totals of zones, features in several zones, connected patches, what comes
from outside the area.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import builders
import numpy as np
import pytest
from builders import block, codes_of, constant, find, missing, one, own_coefficients, statistics, zones
from hypothesis import given, settings
from hypothesis import strategies as st

from gep.account.account import Account
from gep.core.errors import InputError
from gep.inputs.grids.grid import Square
from gep.inputs.grids.patches import join, patches_of_square
from gep.inputs.tables import read_tables

LAKES, SEA = 4, 7
CLASSES = {
    1: "forest/evergreen_needleleaf",
    2: "grassland/temperate_steppe",
    4: "wetland/lake",
    5: "wetland/reservoir",
    6: "urban/green",
}
make_study = partial(builders.make_study, scheme_map=CLASSES)
FLOOD = "flood_mitigation"
PRICE = 7.06 * 1.2508308  # CNY per m3 of 2010 in prices of 2019: consumer prices, see test_main_services
TIBET = {"lake_intercept": 6.636, "lake_exponent": 0.678}


def lake_storage(km2: float) -> float:
    """methods.md R5: e^6.636 A^0.678 in 10^4 m3, once a year."""
    return math.exp(6.636) * km2**0.678 * 1e4


def flooded(cover: Any, counties: Any, tables: Any = None, region: str = "qinghai_tibet", **more: Any) -> Account:
    """An account of flood mitigation on the Tibetan plateau."""
    study = make_study(
        cover, builders.water_layers(np.asarray(cover).shape), counties, of=[FLOOD], region=region,
        tables={"t": tables} if tables is not None else {}, **more
    )  # fmt: skip
    return study.run()


def lakes(account: Account) -> dict[str, float]:
    return {e.zone: e.quantity for e in find(account, service=FLOOD, component="lake")}


NO_RESERVOIR = statistics(("_city", "reservoir_capacity", "quantity", 0, "m^3"))


def test_r5_nonadditive():
    """methods.md, vector R5.nonadditive: two lakes of 50 km2 hold more than one of 100 km2."""
    assert 2 * lake_storage(50) == pytest.approx(21622.6959e4, rel=1e-8)
    cover = np.ones((12, 22), dtype=np.uint8)
    cover[1:11, 1:6] = cover[1:11, 7:12] = 4  # two lakes of 50 cells, a cell of forest between them
    county = zones(block(0, 0, 22, 12))
    two = flooded(cover, county)
    assert lakes(two) == {"101": pytest.approx(21622.6959e4, rel=1e-7)}
    cover[1:11, 6] = 4
    cover[1:11, 11] = 1  # the same area in one piece: 10 x 10 cells
    assert lakes(flooded(cover, county)) == {"101": pytest.approx(17297.29459e4, rel=1e-7)}


def test_a_lake_across_counties_is_computed_once_and_split_by_area():
    """100 km2, 30 of them in the first county: 172 972 945.9 m3 by 30 and 70 %."""
    cover = np.ones((12, 12), dtype=np.uint8)
    cover[1:11, 1:11] = 4
    account = flooded(cover, zones(block(0, 0, 4, 12), block(4, 0, 12, 12)))
    assert lakes(account) == {
        "101": pytest.approx(0.3 * 172972945.9, rel=1e-7),
        "102": pytest.approx(0.7 * 172972945.9, rel=1e-7),
    }
    entry = one(account, component="lake", zone="101")
    assert (entry.ecosystem, entry.land_class) == ("wetland", "lake")
    assert entry.value == pytest.approx(entry.quantity * PRICE, rel=1e-6)


@given(cut=st.integers(1, 11), across=st.booleans())
@settings(max_examples=10, deadline=None)
def test_wherever_the_city_is_cut_the_lake_stays(cut, across):
    cover = np.ones((12, 12), dtype=np.uint8)
    cover[1:11, 1:11] = 4
    parts = (block(0, 0, 12, cut), block(0, cut, 12, 12)) if across else (block(0, 0, cut, 12), block(cut, 0, 12, 12))
    assert math.fsum(lakes(flooded(cover, zones(*parts))).values()) == pytest.approx(lake_storage(100), rel=1e-7)


def test_the_area_of_a_region_is_taken_together_on_request():
    cover = np.ones((12, 22), dtype=np.uint8)
    cover[1:11, 1:6] = cover[1:11, 7:12] = 4
    account = flooded(cover, zones(block(0, 0, 22, 12)), methods={FLOOD: {"lake_unit": "region_total"}})
    assert lakes(account) == {"101": pytest.approx(lake_storage(100), rel=1e-7)}


def test_lakes_of_the_tables_replace_those_of_the_map():
    """Two named lakes of 60 and 40 km2; the first lies in two counties."""
    cover = np.full((4, 8), 4, dtype=np.uint8)
    table = statistics(
        ("101", "lake_area/blue", "quantity", 45, "km^2"),
        ("102", "lake_area/blue", "quantity", 15, "km^2"),
        ("102", "lake_area/green", "quantity", 4000, "hm^2"),
    )
    account = flooded(cover, zones(block(0, 0, 4, 4), block(4, 0, 8, 4)), table)
    expected = {"101": 0.75 * lake_storage(60), "102": 0.25 * lake_storage(60) + lake_storage(40)}
    assert lakes(account) == pytest.approx(expected, rel=1e-9)


def test_a_lake_without_a_name_is_refused_where_each_counts():
    table = statistics(("101", "lake_area", "quantity", 45, "km^2"))
    account = flooded(np.full((4, 4), 4, dtype=np.uint8), zones(block(0, 0, 4, 4)), table)
    assert missing(account)[FLOOD] == "no_input"
    assert "without the names of its parts" in next(p.message for p in account.about.problems if p.code == "O02")
    together = flooded(
        np.full((4, 4), 4, dtype=np.uint8),
        zones(block(0, 0, 4, 4)),
        table,
        methods={FLOOD: {"lake_unit": "region_total"}},
    )
    assert lakes(together) == {"101": pytest.approx(lake_storage(45), rel=1e-9)}


def test_a_region_without_numbers_says_which_there_are():
    study = make_study(
        np.full((4, 4), 4, dtype=np.uint8), builders.water_layers((4, 4)), zones(block(0, 0, 4, 4)), of=[FLOOD]
    )
    detail = next(m.detail for m in study.run().about.missing if m.service == FLOOD)
    assert "`lake_intercept` is not in the tables, and no coefficient gives it" in detail
    assert "qinghai_tibet" in detail


def test_patches_do_not_depend_on_squares():
    """One winding lake over several squares of the grid, cut at any size, is one patch with the same cells."""
    rng = np.random.default_rng(3)
    mask = rng.random((40, 60)) < 0.42
    rows, cols = np.indices(mask.shape)
    group = (rows // 20 * 2 + cols // 30).astype(np.intp)

    def patches(size: int) -> list[tuple[int, int, dict[int, float]]]:
        found = []
        for r in range(0, 40, size):
            for c in range(0, 60, size):
                square = Square(r, min(r + size, 40), c, min(c + size, 60))
                part = (slice(square.row0, square.row1), slice(square.col0, square.col1))
                cell = np.arange(mask[part].size)
                made = patches_of_square(square, mask[part].ravel(), cell, group[part].ravel(), np.ones(len(cell)))
                found += [made] if made else []
        return [(p.row, p.col, dict(p.parts)) for p in join(found)]

    whole = patches(64)
    assert sum(math.fsum(parts.values()) for _, _, parts in whole) == mask.sum()
    assert patches(7) == whole
    assert patches(16) == whole
    from scipy import ndimage

    assert len(whole) == ndimage.label(mask, structure=np.ones((3, 3)))[1]


def test_a_full_square_is_one_patch():
    square = Square(0, 2, 0, 3)
    made = patches_of_square(square, np.ones(6, dtype=bool), np.arange(6), np.zeros(6, dtype=np.intp), np.ones(6))
    (patch,) = join([made])
    assert (patch.name, patch.area) == ("patch_r0_c0", 6.0)


# figures of the tables ------------------------------------------------------------------------------------------------


def lacking(account: Account) -> dict[str, str]:
    """What is missing but not switched off."""
    return {service: reason for service, reason in missing(account).items() if reason != "off"}


def visited(rows: Any, cover: Any = None, **more: Any) -> Account:
    cover = np.array([[1, 1, 2, 2], [1, 1, 2, 2]], dtype=np.uint8) if cover is None else cover
    counties = zones(block(0, 0, 2, 2), block(2, 0, 4, 2))
    return make_study(
        cover, builders.water_layers(np.asarray(cover).shape), counties, of=["tourism"], tables={"t": rows}, **more
    ).run()


VISITS = [
    ("101", "visits", "quantity", 1000, "visit"),
    ("102", "visits", "quantity", 3000, "visit"),
    ("_city", "travel_cost", "price", 100, "CNY/visit"),
    ("102", "travel_cost", "price", 200, "CNY/visit"),
    ("_city", "time_cost", "price", 10, "CNY/visit"),
]


def test_a_zone_takes_its_own_figure_before_that_of_the_city():
    """1000 visits at 100 + 10, 3000 at 200 + 10 CNY."""
    account = visited(statistics(*VISITS))
    assert account.totals("zone") == pytest.approx({"101": 110_000.0, "102": 630_000.0})
    assert one(account, service="tourism", zone="102").price == pytest.approx(210.0)
    assert lacking(account) == {}


def test_visits_go_to_the_ecosystems_by_area():
    """Three cells of forest and one of grassland: 3 to 1."""
    cover = np.array([[1, 1, 2, 2], [1, 2, 2, 2]], dtype=np.uint8)
    account = visited(statistics(*VISITS), cover)
    assert {e.ecosystem: e.quantity for e in find(account, service="tourism", zone="101")} == pytest.approx(
        {"forest": 750, "grassland": 250}
    )


def test_a_county_without_figures_is_missing_not_zero():
    account = visited(statistics(*[row for row in VISITS if row[:2] != ("101", "visits")]))
    assert lacking(account) == {"tourism": "no_input"}
    assert "County 101" in next(p.message for p in account.about.problems if p.code == "O02")
    assert account.totals("zone") == pytest.approx({"102": 630_000.0})


def test_a_figure_of_the_city_alone_is_a_row_of_the_city():
    account = visited(statistics(("_city", "visits", "quantity", 4000, "visit"), *VISITS[2:3], *VISITS[4:]))
    assert account.totals("zone") == pytest.approx({"_city": 440_000.0})
    assert {e.ecosystem: e.quantity for e in find(account, service="tourism")} == pytest.approx(
        {"forest": 2000, "grassland": 2000}
    )


def test_a_price_that_is_lacking_leaves_no_value():
    account = visited(statistics(*VISITS[:3]))
    assert lacking(account) == {"tourism": "no_input"}
    assert all(e.value is None for e in find(account, service="tourism"))
    assert any("`time_cost`" in p.message for p in account.about.problems if p.code == "O02")


def test_sites_across_counties_are_split_by_area():
    """One park of the whole city, 2 km2 in one county and 6 in the other; another that only the second county
    reports.
    """
    rows = statistics(
        ("_city", "visits/park", "quantity", 800, "visit"),
        ("101", "site_area/park", "quantity", 2, "km^2"),
        ("102", "site_area/park", "quantity", 600, "hm^2"),
        ("102", "visits/farm", "quantity", 50, "visit"),
        ("_city", "travel_cost/park", "price", 60, "CNY/visit"),
        ("_city", "travel_cost/farm", "price", 20, "CNY/visit"),
        ("_city", "time_cost", "price", 10, "CNY/visit"),
    )
    account = visited(rows, methods={"tourism": {"origins": "apart"}})
    assert account.totals("zone") == pytest.approx({"101": 200 * 70.0, "102": 600 * 70.0 + 50 * 30.0})
    assert "T08" not in codes_of(account), "the figure of the whole area is split, not left out"
    second = one(account, service="tourism", zone="102")
    assert second.quantity == pytest.approx(650)
    assert second.price * second.quantity == pytest.approx(second.value)


def test_prices_of_another_year_are_moved():
    """110 CNY of 2018 in prices of 2019: 2.89923 % more."""
    rows = statistics(*VISITS).assign(price_year=[None, None, 2018, 2018, 2018])
    assert visited(rows).totals("zone")["101"] == pytest.approx(110_000 * 1.0289923, rel=1e-9)


def test_an_item_has_only_the_parts_that_something_asks_for():
    rows = statistics(*VISITS, ("101", "population/town", "quantity", 5, "person"))
    with pytest.raises(InputError) as caught:
        visited(rows)
    assert "There is no item `population/town`" in str(caught.value)
    assert "it has no parts" in str(caught.value)


# what comes from outside the area -------------------------------------------------------------------------------------


def imported(*rows: Any) -> Account:
    table = statistics(*VISITS, *rows)
    return visited(table, profile="gbt46869-2025")


def test_what_comes_from_outside_is_taken_off_where_the_profile_asks_for_it():
    account = imported(
        ("101", "external_value/tourism", "value", 1, "万元"), ("102", "external_value/tourism", "value", 0, "CNY")
    )
    assert account.totals("zone") == pytest.approx({"101": 100_000.0, "102": 630_000.0})
    entry = one(account, component="from_outside", zone="101")
    assert (entry.value, entry.ecosystem, entry.origin) == (-10_000.0, "_none", "imported_from_outside")
    assert lacking(account) == {}
    rows = [row for row in account.rows() if row["component"] == "from_outside"]
    assert {row["origin"] for row in rows} == {"imported_from_outside"}


def test_without_a_declaration_the_account_is_partial():
    account = imported()
    assert lacking(account) == {"external_value": "no_input"}
    assert account.title() == "Sum of accounted services (partial)"
    assert "0 where nothing comes from outside" in account.about.missing[-1].detail


def test_more_from_outside_than_there_is_is_said():
    account = imported(("_city", "external_value/tourism", "value", 75, "万元"))
    (problem,) = [p for p in account.about.problems if p.code == "B04"]
    assert (problem.severity, problem.subject, problem.found) == ("warning", "tourism", "-10,000 CNY")
    assert "More is declared from outside" in problem.message
    enough = imported(("_city", "external_value/tourism", "value", 1, "CNY"))
    assert "B04" not in codes_of(enough)


def test_nothing_is_taken_off_a_service_that_is_not_counted():
    account = imported(("_city", "external_value/recreation", "value", 5, "CNY"))
    assert "T12" in codes_of(account)
    assert account.total() == pytest.approx(740_000.0)


# overlapping flows ----------------------------------------------------------------------------------------------------


def carbon_and_oxygen(**more: Any) -> Account:
    cover = np.ones((2, 2), dtype=np.uint8)
    layers = {"net_ecosystem_production": constant(180, "g*carbon/(m^2*year)", (2, 2))}
    wanted = ["carbon_sequestration", "oxygen_release"]
    study = make_study(
        cover, layers, zones(block(0, 0, 2, 2)), of=wanted, methods={"oxygen_release": {"oxygen": "nep_linked"}}, **more
    )
    return study.run()


def test_two_flows_of_one_process_stop_the_run():
    with pytest.raises(InputError) as caught:
        carbon_and_oxygen()
    (problem,) = [p for p in caught.value.problems if p.severity == "error"]
    assert (problem.code, problem.subject) == ("D01", "carbon_sequestration + oxygen_release")
    assert "joint products of one photosynthesis" in problem.message
    assert "carbon_and_oxygen" in problem.do


def test_check_finds_it_before_the_run():
    study = make_study(
        np.ones((2, 2), dtype=np.uint8),
        {"net_ecosystem_production": constant(180, "g*carbon/(m^2*year)", (2, 2))},
        zones(block(0, 0, 2, 2)),
        of=["carbon_sequestration", "oxygen_release"],
        methods={"oxygen_release": {"oxygen": "nep_linked"}},
    )
    assert "D01" in codes_of(study.check())


def test_a_profile_may_say_why():
    account = carbon_and_oxygen(profile="shandong-2022")
    assert "D02" in codes_of(account)
    assert {"carbon_sequestration", "oxygen_release"} <= set(account.totals("service"))


def test_cooling_and_humidifying_the_same_water_is_found(tmp_path):
    layers = {"water_evaporation": constant(800, "mm/year", (2, 2)), "cooling_days": constant(73, "day/year", (2, 2))}
    study = make_study(
        np.full((2, 2), 4, dtype=np.uint8), layers, zones(block(0, 0, 2, 2)), of=["climate_regulation"],
        methods={"climate_regulation": {"humidify": "on"}},
    )  # fmt: skip
    with pytest.raises(InputError, match="D01"):
        study.run()


def test_own_coefficients_reach_equations_on_totals(tmp_path):
    """A lake with an exchange of its own: half a filling a year."""
    own = own_coefficients(tmp_path, ("exchanges", "wetland/lake", 0.5, "1/year"))
    account = flooded(np.full((10, 10), 4, dtype=np.uint8), zones(block(0, 0, 10, 10)), coefficients={"own": own})
    assert lakes(account) == {"101": pytest.approx(0.5 * lake_storage(100), rel=1e-7)}


def test_a_lake_region_and_a_province_together():
    """The lake equation is of a lake region, the tax on pollutants of a province; two lake regions would leave open
    which one holds.
    """
    both = flooded(
        np.full((10, 10), 4, dtype=np.uint8), zones(block(0, 0, 10, 10)), region="qinghai_tibet, inner_mongolia"
    )
    assert lakes(both) == {"101": pytest.approx(lake_storage(100), rel=1e-7)}
    assert "C11" not in codes_of(both)
    with pytest.raises(InputError, match="nothing says which one holds"):
        flooded(np.full((10, 10), 4, dtype=np.uint8), zones(block(0, 0, 10, 10)), region="qinghai_tibet, northeast")


# stands ---------------------------------------------------------------------------------------------------------------

STANDS = [
    ("101", "stand_area/oak", "quantity", 100, "hm^2"),
    ("101", "species_share/oak/quercus", "quantity", 0.5, "1"),
    ("101", "species_share/oak/tilia", "quantity", 30, "percent"),
    ("101", "species_share/oak/acer", "quantity", 0.2, "1"),
    ("101", "stand_area/birch", "quantity", 40, "hm^2"),
    ("101", "shannon_index/birch", "quantity", 2.4, "1"),
    ("101", "stand_area/mixed", "quantity", 10, "hm^2"),
    *(SHARES := [("101", f"species_share/mixed/s{i}", "quantity", 0.5, "1") for i in range(2)]),
]


def stands(log: str, *more: Any) -> dict[str, float]:
    cover = np.ones((2, 2), dtype=np.uint8)
    study = make_study(
        cover,
        builders.water_layers((2, 2)),
        zones(block(0, 0, 2, 2)),
        profile="forest-gbt38582",
        tables={"t": statistics(*STANDS, *more)},
        methods={"species_conservation": {"stands": "inventory", "log": log, "species": "lyt1721"}},
        of=["species_conservation"],
    )
    return {e.component: e.quantity for e in find(study.run(), service="species_conservation") if e.quantity}


def test_r13_shannon_decides_the_class_stand_by_stand():
    """Oak has H 1.03 (ln) or 1.49 (log2): class VI, 1 to 2. Two species half and half have 0.693 (class VII, below 1)
    or 1 (class VI).
    """
    assert stands("ln") == pytest.approx({"shannon_class_6": 100, "shannon_class_5": 40, "shannon_class_7": 10})
    assert stands("log2") == pytest.approx({"shannon_class_6": 110, "shannon_class_5": 40})


def test_shares_that_do_not_add_up_leave_no_figure():
    study = make_study(
        np.ones((2, 2), dtype=np.uint8),
        builders.water_layers((2, 2)),
        zones(block(0, 0, 2, 2)),
        profile="forest-gbt38582",
        tables={"t": statistics(*STANDS[:3])},
        methods={"species_conservation": {"stands": "inventory"}},
        of=["species_conservation"],
    )
    assert missing(study.run())["species_conservation"] == "no_input"
    assert "`species_share that add to 1` for oak" in str(study.run().about.missing)


def test_shares_of_the_tables_come_before_a_coefficient_of_the_class(tmp_path):
    """Half and half of two species: 0.693, class VII; a coefficient of all forest says class V."""
    own = own_coefficients(tmp_path, ("shannon_index", "forest", 2.5, "1"))
    for rows, found in ((SHARES, {"shannon_class_7": 10}), ([], {"shannon_class_5": 10}), (SHARES[:1], {})):
        study = make_study(
            np.ones((2, 2), dtype=np.uint8),
            builders.water_layers((2, 2)),
            zones(block(0, 0, 2, 2)),
            profile="forest-gbt38582",
            tables={"t": statistics(("101", "stand_area/mixed", "quantity", 10, "hm^2"), *rows)},
            methods={"species_conservation": {"stands": "inventory", "log": "ln", "species": "lyt1721"}},
            coefficients={"own": own},
            of=["species_conservation"],
        )
        assert {
            e.component: e.quantity for e in find(study.run(), service="species_conservation") if e.quantity
        } == found


def test_an_inventory_of_part_of_the_forest_is_no_full_figure():
    """4 km2 of forest: stands of 390 hm2 are 97.5 % of it, of 370 hm2 92.5 %; the profile needs 95 %."""
    for area, is_full in ((390, True), (370, False)):
        rows = statistics(
            ("101", "stand_area/oak", "quantity", area, "hm^2"), ("101", "shannon_index/oak", "quantity", 2.4, "1")
        )
        study = make_study(
            np.ones((2, 2), dtype=np.uint8),
            builders.water_layers((2, 2)),
            zones(block(0, 0, 2, 2)),
            profile="forest-gbt38582",
            tables={"t": rows},
            methods={"species_conservation": {"stands": "inventory", "species": "lyt1721"}},
            of=["species_conservation"],
        )
        account = study.run()
        assert ("species_conservation" not in missing(account)) is is_full
        if not is_full:
            assert missing(account)["species_conservation"] == "low_coverage"


def test_a_land_cover_without_a_coast_does_not_say_that_there_is_none():
    cover = np.ones((2, 2), dtype=np.uint8)
    account = make_study(
        cover, builders.water_layers((2, 2)), zones(block(0, 0, 2, 2)), of=["coastal_protection"]
    ).run()
    assert missing(account)["coastal_protection"] == "no_input"
    assert "declare it not applicable" in next(
        m.detail for m in account.about.missing if m.service == "coastal_protection"
    )


def test_a_green_belt_belongs_to_the_green_that_counts_not_to_all_forest():
    """Under ndrc-2022 noise counts for urban green, and for forest only if a study says so: the figure of the tables is
    of urban green.
    """
    cover = np.array([[1, 1, 1, 6]], dtype=np.uint8)
    rows = statistics(("101", "barrier_length", "quantity", 5, "km"), ("101", "population", "quantity", 5, "person"))
    study = make_study(
        cover, builders.water_layers((1, 4)), zones(block(0, 0, 4, 1)), of=["noise_attenuation"], tables={"t": rows}
    )
    assert {e.ecosystem: e.quantity for e in find(study.run(), service="noise_attenuation")} == {"urban": 5}


def test_a_tariff_of_the_tables_does_not_follow_consumer_prices():
    rows = statistics(
        ("101", "generation", "quantity", 1000, "kWh"), ("101", "tariff", "price", 0.3, "CNY/kWh")
    ).assign(price_year=2015)
    study = make_study(
        np.full((1, 4), 4, dtype=np.uint8),
        builders.water_layers((1, 4)),
        zones(block(0, 0, 4, 1)),
        of=["ecological_energy"],
        tables={"t": rows},
    )
    assert one(study.run(), service="ecological_energy").value == pytest.approx(300.0)


# names that nothing knows ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "measure", "unit", "said"),
    [
        ("intermediate_consumption/crop_products/whaet", "value", "CNY", "crop_products has no product `whaet`"),
        ("travel_cost/hulun_park", "price", "CNY/visit", "Did you mean `hulun_lake`?"),
        ("site_area/hulun_lak", "quantity", "hm^2", "Did you mean `hulun_lake` or `hulun`?"),
    ],
)
def test_a_row_of_a_feature_or_product_that_no_row_names(item, measure, unit, said):
    """A slip in a name would take a cost off nothing, or leave a price unread."""
    rows = [
        ("101", "visits/hulun_lake", "quantity", 10.0, "visit"),
        ("101", "lake_area/hulun", "quantity", 10.0, "km^2"),
        ("101", "crop_products/wheat", "value", 10.0, "CNY"),
    ]
    table = statistics(*rows, ("101", item, measure, 1.0, unit))
    read, problems = read_tables({"table": table}, {"101": "A"}, 2020)
    assert len(read) == 4
    (problem,) = problems
    assert (problem.code, problem.severity, problem.subject) == ("T14", "error", item)
    assert said in problem.message


def test_a_whole_beside_its_parts_would_count_twice():
    table = statistics(("101", "visits", "quantity", 10.0, "visit"), ("101", "visits/lake", "quantity", 4.0, "visit"))
    (problem,) = read_tables({"table": table}, {"101": "A"}, 2020)[1]
    assert (problem.code, problem.severity) == ("T06", "error")
    assert "as a whole and by parts" in problem.message


def test_rows_of_features_and_products_that_are_named():
    table = statistics(
        ("101", "visits/hulun_lake", "quantity", 10.0, "visit"),
        ("102", "travel_cost/hulun_lake", "price", 10.0, "CNY/visit"),
        ("101", "intermediate_consumption/crop_products", "value", 1.0, "CNY"),
        ("101", "crop_products/wheat", "value", 10.0, "CNY"),
        ("101", "labour_cost/crop_products/wheat", "value", 1.0, "CNY"),
    )
    assert read_tables({"table": table}, {"101": "A", "102": "B"}, 2020)[1] == []
