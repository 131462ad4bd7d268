"""An account as SEEA Ecosystem Accounting shows it: the crosswalks, and the supply and extent tables of an account that
is added up by hand.
"""

import math
import shutil

import pandas as pd
import pytest
from other_data import data_in

from gep.account.account import Account
from gep.account.entries import About, Entry, Missing
from gep.account.seea import extent_table, get_groups, get_shares, link_of, links, supply_table
from gep.core.catalog import service_ids
from gep.core.data import data_folder
from gep.core.errors import AccountError
from gep.core.keys import CITY, NONE
from gep.standards import check as shipped
from gep.standards.classes import land_classes

# the crosswalk of services --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", service_ids())
def test_every_service_has_a_place(service):
    link = link_of(service)
    assert link.component == ""
    assert bool(link.seea_id) is (link.standing in ("final", "intermediate"))
    assert link.name("en")
    assert link.name("zh")


def test_what_is_no_final_service_stands_below_the_line():
    below = {service: link_of(service).standing for service in service_ids() if link_of(service).standing != "final"}
    assert below == {
        "ecological_energy": "abiotic",
        "carbon_storage": "none",
        "oxygen_release": "none",
        "negative_ions": "none",
        "nutrient_accumulation": "none",
        "pollination": "intermediate",
        "species_conservation": "intermediate",
        "forest_protection": "intermediate",
    }


@pytest.mark.parametrize(
    ("service", "component", "seea_id"),
    [
        ("water_retention", "retained_water_clip", "baseline_flow_maintenance"),
        ("water_retention", "water_quality", "water_purification"),
        ("air_purification", "so2_cap", "air_filtration"),
        ("flood_mitigation", "lake", "peak_flow_mitigation"),
        ("flood_mitigation", "vegetation", "peak_flow_mitigation"),
        ("sand_fixation", "", "soil_erosion_control"),
        ("coastal_protection", "", "coastal_protection"),
        ("tourism", "visits", "recreation"),
        ("landscape_premium", "", "visual_amenity"),
    ],
)
def test_where_a_component_stands(service, component, seea_id):
    assert link_of(service, component).seea_id == seea_id


def test_the_name_of_a_service_that_the_list_lacks_is_that_of_the_account():
    assert link_of("oxygen_release").name("en") == "Oxygen release"
    assert link_of("oxygen_release").name("zh") == "氧气提供"


def test_one_service_of_the_list_has_one_name():
    names = {}
    for link in links().values():
        if link.seea_id:
            names.setdefault(link.seea_id, set()).add((link.name_en, link.name_zh, link.section))
    assert {seea_id for seea_id, found in names.items() if len(found) > 1} == set()


def test_an_unknown_service_says_so():
    with pytest.raises(AccountError, match=r"no row for the service `oxygen_relaese`.*Did you mean `oxygen_release`"):
        link_of("oxygen_relaese")


# the crosswalk of classes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ecosystem", "land_class"), land_classes())
def test_every_class_falls_in_known_groups(ecosystem, land_class):
    shares = get_shares(ecosystem, land_class)
    assert math.fsum(share.share for share in shares) == 1
    assert {share.code for share in shares} <= set(get_groups())


TYPICAL = {
    "forest": ("T1.", "T2.", "T7.3"),
    "shrub": ("T3.", "T6.4"),
    "grassland": ("T4.", "T5.1", "T6.4", "T7.2", "T7.5"),
    "wetland": ("TF1.", "F1.", "F2.", "F3.", "MFT1."),
    "cropland": ("T7.1", "F3.3", "T7.3"),
    "urban": ("T7.4",),
    "desert": ("T5.",),
    "coast": ("MFT1.", "MT1.", "M1.1", "M1.3"),
    "other": ("T6.1", "T6.2", "T3.4"),
}
"""What an ecosystem usually falls in: the code list of ecosystem types and table 2 of the methods."""


@pytest.mark.parametrize("ecosystem", TYPICAL)
def test_an_ecosystem_as_a_whole_falls_in_a_typical_group(ecosystem):
    assert all(share.code.startswith(TYPICAL[ecosystem]) for share in get_shares(ecosystem))


@pytest.mark.parametrize(
    ("ecosystem", "land_class", "code"),
    [
        ("cropland", "paddy", "F3.3"),
        ("cropland", "orchard", "T7.3"),
        ("grassland", "alpine_meadow", "T6.4"),
        ("grassland", "sown_pasture", "T7.2"),
        ("wetland", "mangrove", "MFT1.2"),
        ("wetland", "canal", "F3.5"),
        ("coast", "seagrass", "M1.1"),
        ("other", "glacier_snow", "T6.1"),
    ],
)
def test_groups_that_are_sure(ecosystem, land_class, code):
    (share,) = get_shares(ecosystem, land_class)
    assert (share.code, share.share, share.confidence) == (code, 1.0, "high")


def test_a_class_of_the_study_falls_back_to_its_ecosystem():
    assert get_shares("forest", "open_woodland") == get_shares("forest")
    assert get_shares("forest", NONE) == get_shares("forest")
    assert get_shares(NONE, "no_land_cover") == ()


def test_what_is_to_be_confirmed_says_so():
    rows = pd.read_csv(data_folder() / "seea" / "get_classes.csv", keep_default_na=False)
    assert all(note.startswith("confirm locally") for note in rows.loc[rows["confidence"] == "low", "note"])


# the check of the shipped data ----------------------------------------------------------------------------------------


@pytest.fixture
def seea(tmp_path):
    """A copy of the crosswalks, to break, and a call that says what is wrong with it."""
    shutil.copytree(data_folder(), tmp_path, dirs_exist_ok=True)

    def found(file="", old="", new=""):
        if file:
            path = tmp_path / "seea" / file
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new), encoding="utf-8")
        checks = (shipped._check_seea, shipped._check_whole_seea)
        return [str(problem) for check in checks for problem in check(tmp_path)]

    with data_in(tmp_path):
        yield found


def test_the_shipped_crosswalks_are_sound(seea):
    assert seea() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("services.csv", "\ntourism,", "\ntourizm,", "no service `tourizm`. Did you mean `tourism`"),
        ("services.csv", "\ntourism,,", "\ntourism,visits,", "tourism (seea/services.csv): The service has no row"),
        ("services.csv", ",none,none,Not in the list.,", ",none,off,Not in the list.,", "no standing `off`"),
        (
            "services.csv",
            "\nnoise_attenuation,,noise_attenuation,",
            "\nnoise_attenuation,,,",
            "has an id and names in the reference list",
        ),
        ("services.csv", "\nnoise_attenuation,,", "\npest_control,,", "It has two rows"),
        ("services.csv", "seea-ea-2021", "seea-2021", "no source `seea-2021`"),
        ("get_codes.csv", "\nF3.3,", "\nF3.9,", "no functional group `F3.3`"),
        ("get_classes.csv", "cropland,paddy,F3.3,1,", "cropland,paddy,F3.3,0.9,", "Its shares add up to 0.9"),
        (
            "get_classes.csv",
            "wetland,lake,",
            "wetland,lakes,",
            "wetland/lake (seea/get_classes.csv): The land class has no row",
        ),
        ("get_classes.csv", "cropland,paddy,", "cropland,paddies,", "There is no such land class"),
        ("get_classes.csv", "F3.3,1,high", "F3.3,1,sure", "no confidence `sure`"),
    ],
)
def test_a_broken_crosswalk_is_found(seea, file, old, new, message):
    assert any(message in problem for problem in seea(file, old, new))


def test_a_broader_class_speaks_for_its_classes(seea):
    assert seea("get_classes.csv", "\ncropland,dryland,T7.1,1,high,\n", "\n") == []


# an account by hand ---------------------------------------------------------------------------------------------------


def area(zone, ecosystem, land_class, square_metres):
    return Entry(zone, zone.upper(), ecosystem, land_class, quantity=square_metres, unit="m^2")


def flow(where, service, component, quantity, unit, value, **more):
    zone, ecosystem, land_class = where
    basis = "" if value is None else "current"
    about = {
        "category": "regulating",
        "price_basis": basis,
        "price": None if value is None else 1.0,
        "price_unit": "CNY",
    }
    about |= {"service": service, "component": component, "quantity": quantity, "unit": unit, "value": value}
    return Entry(zone, zone.upper(), ecosystem, land_class, **{**about, **more})


PINE, OAK, STEPPE = (
    ("a", "forest", "evergreen_needleleaf"),
    ("b", "forest", "deciduous_broadleaf"),
    ("a", "grassland", "steppe"),
)
MOSAIC, PADDY, FIELDS, RIVER = (
    ("b", "cropland", "mosaic"),
    ("b", "cropland", "paddy"),
    (CITY, "cropland", NONE),
    ("a", "wetland", "river"),
)

ENTRIES = (
    area(*PINE, 1e6),
    area(*STEPPE, 2e6),
    area(*OAK, 4e6),
    area(*MOSAIC, 3e6),
    area(*PADDY, 5e5),
    area(*RIVER, 1e5),
    area("b", "urban", "residential", 7e5),
    flow(PINE, "water_retention", "retained_water", 100.0, "m^3/year", 200.0),
    flow(STEPPE, "water_retention", "retained_water", -10.0, "m^3/year", -20.0),
    flow(OAK, "water_retention", "retained_water", 50.0, "m^3/year", 100.0),
    flow(PINE, "air_purification", "so2", 3.0, "t*SO2/year", 3600.0),
    flow(PINE, "air_purification", "so2_cap", -1.0, "t*SO2/year", -1200.0),
    flow(OAK, "air_purification", "so2", 7.0, "t*SO2/year", None, is_counted=False),
    flow(OAK, "climate_regulation", "transpiration", 9.0, "kWh/year", 9999.0, is_counted=False),
    flow(PINE, "soil_retention", "retained_soil", 1000.0, "t/year", None),
    flow(PINE, "soil_retention", "sediment", 400.0, "m^3/year", 3000.0),
    flow(PINE, "soil_retention", "nitrogen", 2.0, "t*nitrogen/year", 3500.0),
    flow(STEPPE, "sand_fixation", "fixed_sand", 30.0, "t/year", 250.0),
    flow(FIELDS, "crop_products", "wheat", 10.0, "t/year", 24_000.0),
    flow(MOSAIC, "crop_products", "wheat", 6.0, "t/year", 1001.0),
    flow(PADDY, "crop_products", "rice", 4.0, "t/year", 11_600.0),
    flow(MOSAIC, "crop_products", "flowers", None, "", 0.0),
    flow(OAK, "carbon_sequestration", "carbon_dioxide", None, "t*CO2/year", None, price_basis="current"),
    flow(PINE, "tourism", "visits", 10.0, "visit/year", 900.0),
    flow(OAK, "recreation", "recreation_visits", 5.0, "visit/year", 50.0),
    flow(OAK, "oxygen_release", "oxygen", 20.0, "t*O2/year", 800.0),
    flow(OAK, "species_conservation", "shannon_class_2", 4.0, "hm^2", 5000.0),
    flow(RIVER, "ecological_energy", "generation", 1e4, "kWh/year", 4500.0),
)
MISSING = (Missing("flood_mitigation", "no_input"), Missing("noise_attenuation", "off", is_required=False))
ABOUT = About("Testburg", 2019, profile="ndrc-2022", price_year=2019, missing=MISSING)
ACCOUNT = Account(ENTRIES, ABOUT)

CROPS = 24_000 + 1001 + 11_600 + 0
SOIL = 3000 + 3500 + 250
FINAL = CROPS + (200 - 20 + 100) + SOIL + (3600 - 1200) + (900 + 50)
BELOW = 5000 + 4500 + 800


def test_the_sums_by_hand():
    assert (CROPS, SOIL, FINAL, BELOW) == (36_601, 6750, 46_981, 10_300)
    assert ACCOUNT.total() == FINAL + BELOW == 57_281


def known(row):
    """The cells of a row that are not missing, by column."""
    return {name: value for name, value in row.items() if isinstance(value, float) and not math.isnan(value)}


def test_supply_in_money():
    table = supply_table(ACCOUNT)
    assert list(table.columns) == [
        *("Section", "Ecosystem service", "Unit"),
        *("Forest", "Grassland", "Wetland", "Cropland", "Urban", "Total"),
    ]
    assert {row: known(table.loc[row]) for row in table.index} == {
        "final/crop_provisioning": {"Cropland": 36_601.0, "Total": 36_601.0},
        "final/baseline_flow_maintenance": {"Forest": 300.0, "Grassland": -20.0, "Total": 280.0},
        "final/soil_erosion_control": {"Forest": 6500.0, "Grassland": 250.0, "Total": 6750.0},
        "final/peak_flow_mitigation": {},
        "final/global_climate_regulation": {},
        "final/air_filtration": {"Forest": 2400.0, "Total": 2400.0},
        "final/recreation": {"Forest": 950.0, "Total": 950.0},
        "final_total": {"Forest": 10_150.0, "Grassland": 230.0, "Cropland": 36_601.0, "Total": 46_981.0},
        "intermediate/nursery_and_habitat_maintenance": {"Forest": 5000.0, "Total": 5000.0},
        "abiotic/ecological_energy": {"Wetland": 4500.0, "Total": 4500.0},
        "none/oxygen_release": {"Forest": 800.0, "Total": 800.0},
        "below_total": {"Forest": 5800.0, "Wetland": 4500.0, "Total": 10_300.0},
        "total": {"Forest": 15_950.0, "Grassland": 230.0, "Wetland": 4500.0, "Cropland": 36_601.0, "Total": 57_281.0},
    }


def test_rows_come_in_the_order_of_the_list():
    rows = list(supply_table(ACCOUNT).index)
    assert rows == [
        "final/crop_provisioning",
        "final/baseline_flow_maintenance",
        "final/soil_erosion_control",
        "final/peak_flow_mitigation",
        "final/global_climate_regulation",
        "final/air_filtration",
        "final/recreation",
        "final_total",
        "intermediate/nursery_and_habitat_maintenance",
        "abiotic/ecological_energy",
        "none/oxygen_release",
        "below_total",
        "total",
    ]


def test_a_true_zero_is_not_missing():
    only = Account([area(*MOSAIC, 3e6), flow(MOSAIC, "crop_products", "flowers", None, "", 0.0)], ABOUT)
    table = supply_table(only)
    assert known(table.loc["final/crop_provisioning"]) == {"Cropland": 0.0, "Total": 0.0}
    assert known(table.loc["final/peak_flow_mitigation"]) == {}


def test_supply_by_functional_group_splits_by_share():
    """The mosaic is half cropland, half old fields; products of no class are where their ecosystem mostly is."""
    table = supply_table(ACCOUNT, by="get")
    names = {name.split()[0]: name for name in table.columns[3:]}
    assert list(names) == ["T2.1", "T2.2", "T4.5", "T7.1", "T7.4", "T7.5", "F1.2", "F3.3", "Total"]
    assert names["F3.3"] == "F3.3 Rice paddies"
    crops = {name.split()[0]: value for name, value in known(table.loc["final/crop_provisioning"]).items()}
    assert crops == {"T7.1": 24_000 + 500.5, "T7.5": 500.5, "F3.3": 11_600.0, "Total": 36_601.0}
    total = {name.split()[0]: value for name, value in known(table.loc["total"]).items()}
    assert total == {
        "T2.1": 200 + 2400 + 6500 + 900,
        "T2.2": 100 + 50 + 800 + 5000,
        "T4.5": 230.0,
        "T7.1": 24_500.5,
        "T7.5": 500.5,
        "F1.2": 4500.0,
        "F3.3": 11_600.0,
        "Total": 57_281.0,
    }


def test_quantities_have_a_row_per_indicator_and_no_total():
    table = supply_table(ACCOUNT, "quantity")
    assert {row: (table.loc[row, "Unit"], known(table.loc[row])) for row in table.index} == {
        "crop_products/flowers": ("", {}),
        "crop_products/rice": ("t", {"Cropland": 4.0, "Total": 4.0}),
        "crop_products/wheat": ("t", {"Cropland": 16.0, "Total": 16.0}),
        "water_retention/retained_water": ("m3", {"Forest": 150.0, "Grassland": -10.0, "Total": 140.0}),
        "soil_retention/nitrogen": ("t{nitrogen}", {"Forest": 2.0, "Total": 2.0}),
        "soil_retention/retained_soil": ("t", {"Forest": 1000.0, "Total": 1000.0}),
        "soil_retention/sediment": ("m3", {"Forest": 400.0, "Total": 400.0}),
        "sand_fixation/fixed_sand": ("t", {"Grassland": 30.0, "Total": 30.0}),
        "flood_mitigation": ("", {}),
        "carbon_sequestration/carbon_dioxide": ("t{CO2}", {}),
        "air_purification/so2": ("t{SO2}", {"Forest": 2.0, "Total": 2.0}),
        "tourism/visits": ("visit", {"Forest": 10.0, "Total": 10.0}),
        "recreation/recreation_visits": ("visit", {"Forest": 5.0, "Total": 5.0}),
        "species_conservation/shannon_class_2": ("hm2", {"Forest": 4.0, "Total": 4.0}),
        "ecological_energy/generation": ("kWh", {"Wetland": 10_000.0, "Total": 10_000.0}),
        "oxygen_release/oxygen": ("t{O2}", {"Forest": 20.0, "Total": 20.0}),
    }


def test_one_indicator_in_two_units_is_never_added():
    more = Account([*ENTRIES, flow(PADDY, "crop_products", "rice", 7.0, "m^3/year", 1.0)], ABOUT)
    table = supply_table(more, "quantity")
    assert [(row["Unit"], row["Total"]) for _, row in table.loc[["crop_products/rice"]].iterrows()] == [
        ("m3", 7.0),
        ("t", 4.0),
    ]


def test_one_zone():
    table = supply_table(ACCOUNT, zone="b")
    assert list(table.columns) == list(supply_table(ACCOUNT).columns)
    assert table.loc["total", "Total"] == ACCOUNT.totals("zone")["b"] == 100 + 1001 + 11_600 + 50 + 800 + 5000
    assert known(table.loc["final/crop_provisioning"]) == {"Cropland": 12_601.0, "Total": 12_601.0}
    assert known(supply_table(ACCOUNT, zone=CITY).loc["total"]) == {"Cropland": 24_000.0, "Total": 24_000.0}


def test_zones_add_up_to_the_whole():
    zones = ("a", "b", CITY)
    assert math.fsum(supply_table(ACCOUNT, zone=zone).loc["total", "Total"] for zone in zones) == 57_281


def test_an_incomplete_total_says_that_it_is_partial():
    rows = ["final_total", "below_total", "total"]
    named = supply_table(ACCOUNT).loc[rows, "Ecosystem service"]
    assert list(named) == [
        "Supply of final ecosystem services (partial)",
        "Below the line (partial)",
        "All that the account counts (partial)",
    ]
    whole = supply_table(ACCOUNT.replace(missing=())).loc[rows, "Ecosystem service"]
    assert list(whole) == ["Supply of final ecosystem services", "Below the line", "All that the account counts"]


def test_without_anything_below_the_line_there_is_no_such_total():
    table = supply_table(Account(ENTRIES[:9], ABOUT))
    assert list(table.index[-2:]) == ["final_total", "total"]
    assert list(table.loc[["final_total", "total"], "Total"]) == [180.0, 180.0]


def test_what_comes_from_outside_the_area_has_a_column_of_its_own():
    outside = flow(("b", NONE, NONE), "crop_products", "from_outside", None, "", -601.0, origin="imported_from_outside")
    account = Account([*ENTRIES, outside], ABOUT)
    for by in ("ecosystem", "get"):
        table = supply_table(account, by=by)
        assert table.columns[-2] == "From ecosystems outside the area (deducted)"
        assert list(table.loc["final/crop_provisioning"].iloc[-2:]) == [-601.0, 36_000.0]
        assert list(table.loc["total"].iloc[-2:]) == [-601.0, 56_680.0]
    assert list(supply_table(account, "quantity").index) == list(supply_table(ACCOUNT, "quantity").index)


def test_a_declaration_that_is_missing_is_no_service():
    undeclared = ACCOUNT.replace(missing=(*MISSING, Missing("external_value", "no_input")))
    pd.testing.assert_frame_equal(supply_table(undeclared), supply_table(ACCOUNT))


def test_labels_in_chinese():
    table = supply_table(ACCOUNT, language="zh")
    assert list(table.columns) == ["类别", "生态系统服务", "单位", "森林", "草地", "湿地", "农田", "城市", "合计"]
    assert list(table.index) == list(supply_table(ACCOUNT).index)
    assert table.loc["final/air_filtration", "生态系统服务"] == "空气过滤"
    assert table.loc["none/oxygen_release", ["类别", "生态系统服务"]].to_list() == [
        "线下项：不在SEEA EA参考清单内",
        "氧气提供",
    ]
    assert table.loc["total", "合计"] == 57_281
    assert supply_table(ACCOUNT, "quantity", language="zh").loc["soil_retention/sediment", "核算指标"] == "减少泥沙淤积"
    assert "F3.3 稻田" in supply_table(ACCOUNT, by="get", language="zh").columns


def test_the_account_offers_its_supply_table():
    pd.testing.assert_frame_equal(
        ACCOUNT.supply_table(measure="quantity", by="get"), supply_table(ACCOUNT, "quantity", "get")
    )


# extent ---------------------------------------------------------------------------------------------------------------


def test_extent_by_ecosystem():
    table = extent_table(ACCOUNT)
    assert list(table.index) == ["opening_extent"]
    assert table.loc["opening_extent", "Unit"] == "m2"
    assert known(table.loc["opening_extent"]) == {
        "Forest": 5e6,
        "Grassland": 2e6,
        "Wetland": 1e5,
        "Cropland": 3.5e6,
        "Urban": 7e5,
        "Total": 11.3e6,
    }


def test_extent_by_functional_group_tells_what_is_to_be_confirmed():
    table = extent_table(ACCOUNT, "get")
    extent, unsure = ({name.split()[0]: value for name, value in known(row).items()} for _, row in table.iterrows())
    mosaic = {"T7.1": 1.5e6, "T7.5": 1.5e6}
    rest = {"T2.1": 1e6, "T2.2": 4e6, "T4.5": 2e6, "T7.4": 7e5, "F1.2": 1e5, "F3.3": 5e5}
    assert extent == {**rest, **mosaic, "Total": 11.3e6}
    assert unsure == {"T2.1": 1e6, **mosaic, "F1.2": 1e5, "Total": 4.1e6}
    assert list(table["Accounting entry"]) == ["Opening extent", "of which in a group that is to be confirmed locally"]


def test_land_without_an_ecosystem_is_shown_last():
    account = Account([*ENTRIES, area("a", NONE, "no_land_cover", 3e5)], ABOUT)
    for by in ("ecosystem", "get"):
        table = extent_table(account, by)
        assert list(table.columns[-2:]) == ["Not attributed", "Total"]
        assert list(table.loc["opening_extent"].iloc[-2:]) == [3e5, 11.6e6]
    assert extent_table(account, zone="b").loc["opening_extent", "Total"] == 8.2e6
    assert math.isnan(extent_table(account, zone="b").loc["opening_extent", "Not attributed"])


# what cannot be asked -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measure": "values"}, "`measure` cannot be `values`. Did you mean `value`? It is one of: value, quantity."),
        ({"by": "iucn"}, "`by` cannot be `iucn`. It is one of: ecosystem, get."),
        ({"language": "fr"}, "`language` cannot be `fr`. It is one of: en, zh."),
        ({"zone": "c"}, "There is no zone `c`. There are: _city, a, b."),
    ],
)
def test_an_option_that_there_is_not(options, message):
    with pytest.raises(AccountError) as caught:
        ACCOUNT.supply_table(**options)
    assert str(caught.value) == message


def test_a_physical_account_has_quantities_only():
    physical = ACCOUNT.replace(kind="physical")
    with pytest.raises(AccountError, match=r'take supply_table\(measure="quantity"\)'):
        supply_table(physical)
    assert len(supply_table(physical, "quantity")) == 16


def test_values_at_different_prices_are_not_added():
    mixed = Account(
        [*ENTRIES, flow(PINE, "tourism", "visits", 1.0, "visit/year", 1.0, price_basis="constant:2015")], ABOUT
    )
    with pytest.raises(AccountError, match="different prices"):
        supply_table(mixed)


# the sample city ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def city(sample_account):
    return sample_account


@pytest.mark.parametrize("by", ["ecosystem", "get"])
def test_final_supply_and_what_is_below_the_line_make_the_total(city, by):
    table = supply_table(city, by=by)
    total = table.loc["total", "Total"]
    assert total == city.total()
    parts = [row for row in ("final_total", "below_total") if row in table.index]
    assert math.fsum(table.loc[parts, "Total"]) == pytest.approx(total, rel=1e-15)
    services = table.loc[[row for row in table.index if "/" in row]]
    assert math.fsum(services["Total"].dropna()) == pytest.approx(total, rel=1e-14)
    cells = services.iloc[:, 3:-1].to_numpy(dtype=float)
    assert math.fsum(cells[~pd.isna(cells)]) == pytest.approx(total, rel=1e-14)


def test_the_zones_of_the_city_are_its_zones(city):
    for zone, value in city.totals("zone").items():
        assert supply_table(city, zone=zone).loc["total", "Total"] == value


def test_quantities_of_the_city_are_those_of_the_account(city):
    table = supply_table(city, "quantity")
    expected = city.summary()["quantities"]
    for row, (unit, total) in zip(table.index, table[["Unit", "Total"]].itertuples(index=False), strict=True):
        if unit:
            name = row if row in expected else row.partition("/")[0]
            assert expected[name] == {"value": pytest.approx(total, rel=1e-12), "unit": unit}


@pytest.mark.parametrize("by", ["ecosystem", "get"])
def test_the_extent_of_the_city_is_its_area(city, by):
    row = city.extent_table(by=by).loc["opening_extent"]
    assert row["Total"] == math.fsum(city.areas().values())
    assert math.fsum(known(row.drop("Total")).values()) == pytest.approx(row["Total"], rel=1e-14)


def test_the_city_by_ecosystem_is_what_the_account_says(city):
    table = supply_table(city, language="zh")
    by_ecosystem = city.totals("ecosystem")
    assert known(table.loc["total"])["森林"] == by_ecosystem["forest"]
    assert len(known(table.loc["total"])) == len(by_ecosystem) + 1
