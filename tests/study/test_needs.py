"""What a profile needs is what its services look up: held against the equations, and against what a study lacks."""

import json

import pytest
from filled_forms import call
from openpyxl import load_workbook

from gep.core.catalog import layer_kinds
from gep.engine.checks.used import known_items
from gep.inputs.items import item_units, product_services
from gep.services import SERVICES
from gep.standards.profile import load_profile, profile_ids
from gep.study.needs import needs_of, services_without_land


def needs(profile, methods=None, **more):
    return {(need.id, need.kind): need for need in needs_of(load_profile(profile), methods, **more)}


@pytest.mark.parametrize("profile", profile_ids())
def test_every_need_is_something_that_can_be_given(profile):
    for name, kind in needs(profile):
        base = name.partition("/")[0]
        if kind == "layer":
            assert name in layer_kinds()
        elif kind == "figure":
            assert base in item_units() or base in product_services(), name


def test_the_figures_are_those_that_an_account_takes(sample_study):
    inputs = sample_study.inputs
    taken = {name for name in known_items(inputs) if name in item_units() or name in product_services()}
    asked = {name.partition("/")[0] for name, kind in needs(inputs.profile.id) if kind == "figure"}
    assert asked <= taken
    components = [component for service in SERVICES.values() for component in service.variants if component.money]
    made = {component.looked_up(component.money.price) for component in components if component.money.pricing}
    assert taken - asked <= {"site_area", *made}  # where features lie; prices that are made of several figures


def test_ndrc_2022_by_hand():
    found = needs("ndrc-2022")
    assert found["visits", "figure"].degree == "required"
    assert found["so2_emission", "figure"].services == ("air_purification",)
    assert found["lake_area", "figure"].degree == "optional"  # else those of the land cover
    assert found["tariff", "figure"].condition.zh == "核算规范已有默认值"
    assert found["cooling_days", "figure"].condition.zh == "或以图层提供"
    assert ("domestic_water_use", "figure") not in found  # water supply is not in the profile
    assert ("domestic_water_use", "figure") in needs("shandong-2022")
    assert found["land_cover", "layer"].degree == "required"
    assert found["soil_sand", "layer"].condition.zh.startswith("或由粉粒")
    assert found["potential_evapotranspiration", "layer"].degree == "conditional"
    assert found["seawall_cost", "coefficient"].degree == "required"
    assert found["carbon_price", "coefficient"].degree == "optional"


def test_a_physical_profile_needs_no_prices():
    found = needs("hj1173-2021")
    assert not {"travel_cost", "tariff", "floor_price"} & {name for name, _ in found}
    assert ("carbon_price", "coefficient") not in found


def test_methods_change_what_is_needed():
    usual, other = needs("ndrc-2022"), needs("ndrc-2022", {"flood_mitigation": {"reservoir": "flood_storage"}})
    assert ("reservoir_capacity", "figure") in usual
    assert ("reservoir_flood_storage", "figure") in other
    assert ("reservoir_capacity", "figure") not in other


def test_what_a_study_leaves_out_is_not_asked_for():
    assert ("visits", "figure") not in needs("ndrc-2022", left_out=("tourism",))


def test_imports_are_declared_by_service_where_the_profile_wants_it():
    found = needs("gbt46869-2025")
    assert found["external_value/crop_products", "figure"].degree == "required"
    assert not any(name.startswith("external_value") for name, _ in needs("ndrc-2022"))


def test_an_inland_province_has_no_coast():
    profile = load_profile("ndrc-2022")
    assert services_without_land(profile, "150700") == ("coastal_protection",)  # Inner Mongolia
    assert services_without_land(profile, "370200") == ()  # Qingdao
    assert services_without_land(profile, "") == ()


# the command ----------------------------------------------------------------------------------------------------------


def test_the_list_on_the_terminal_in_chinese():
    said = call("inputs", "ndrc-2022", "--area", "150700")
    assert said.exit_code == 0
    for text in ("水利局", "水库总库容", "亿立方米", "必需", "次年12月", "不列：海岸带防护"):
        assert text in said.output
    assert "mangrove" not in said.output


def test_the_list_as_json_has_both_names():
    document = json.loads(call("inputs", "ndrc-2022", "--json").output)
    entries = {entry["id"]: entry for entry in document["inputs"]}
    water = entries["reservoir_capacity"]
    assert (water["name_zh"], water["name_en"]) == ("水库总库容", "Total capacity of reservoirs")
    assert (water["department"], water["degree"], water["units"]) == ("water", "required", ["10^8 m^3", "10^4 m^3"])
    assert (water["source"], water["status"]) == ("water-census-2011", "verified")
    assert water["mistakes"].startswith("总库容")
    assert "weather_factor" not in entries  # what the program makes is asked of nobody
    assert all(entry["name_zh"] and entry["name_en"] for entry in entries.values())


def test_the_list_as_a_workbook(tmp_path):
    path = tmp_path / "list.xlsx"
    said = call("inputs", "ndrc-2022", "--xlsx", path)
    assert said.exit_code == 0, said.output
    (sheet,) = load_workbook(path).worksheets
    heading, *rows = list(sheet.iter_rows(min_row=3, values_only=True))
    table = {row[heading.index("指标代码")]: dict(zip(heading, row, strict=True)) for row in rows}
    assert table["gdp"]["部门"] == "统计局"
    assert table["gdp"]["核实状态"] == "已核实"
    assert "丹寨县" in table["gdp"]["出处"]
    again = tmp_path / "again.xlsx"
    call("inputs", "ndrc-2022", "--xlsx", again)
    assert path.read_bytes() == again.read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ndrc-2023",), "没有"),
        (("ndrc-2022", "--area", "1507"), "六位"),
        (("ndrc-2022", "--xlsx", "/nowhere/x.xlsx"), "无法"),
    ],
)
def test_a_wrong_call_is_told(words, told):
    said = call("inputs", *words)
    assert said.exit_code in (2, 3)
    assert told in said.output
