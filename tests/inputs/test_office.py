"""The list of what departments give: whole, in units that the program reads, with a document where it says so."""

import csv
import shutil

import pytest
from places import REFERENCE

from gep.core.catalog import layer_kinds
from gep.core.data import data_folder, read_csv
from gep.core.units import linear
from gep.inputs import office
from gep.inputs.forms import factor
from gep.inputs.items import in_unit, item_unit, item_units
from gep.inputs.office import check_office_inputs, departments, office_input, office_inputs, shown_unit


def test_the_shipped_list_breaks_no_rule():
    assert [str(found) for found in check_office_inputs()] == []


def test_everything_that_the_program_takes_has_a_row():
    for name in item_units():
        assert office_input(name), name
    for name in layer_kinds():
        assert office_input(name, is_layer=True), name


@pytest.mark.parametrize(
    ("name", "unit", "chinese", "factor"),
    [
        ("population", "10^4 person", "万人", 1e4),
        ("gdp", "10^8 CNY", "亿元", 1e8),
        ("gdp", "10^4 CNY", "万元", 1e4),
        ("reservoir_capacity", "10^8 m^3", "亿立方米", 1e8),
        ("generation", "10^8 kWh", "亿千瓦时", 1e8),
        ("cod_load", "t", "吨", 1),
        ("visits", "10^4 visit", "万人次", 1e4),
        ("floor_area", "10^4 m^2", "万平方米", 1e4),
        ("premium", "percent", "%", 0.01),
        ("tariff", "CNY/kWh", "元/千瓦时", 1),
        ("travel_time", "h/visit", "小时/人次", 1),
        ("lake_area", "hm^2", "公顷", 0.01),  # of km2
        ("pest_recovered_forest", "10^4 chinese_mu", "万亩", 10000 / 15),  # of hm2: 15 mu each
        ("farmland_yield_gain", "kg/(chinese_mu*year)", "千克/(亩·年)", 0.015),  # of t/hm2: 15 mu, a thousand kg
    ],
)
def test_a_unit_is_the_one_that_departments_write(name, unit, chinese, factor):
    row = office_input(name)
    assert unit in row.units
    assert shown_unit(unit).zh == chinese
    assert in_unit(1.0, unit, item_unit(name)) == pytest.approx(factor, rel=1e-12)


@pytest.mark.shared
@pytest.mark.skipif(
    not (REFERENCE / "office_inputs.csv").is_file(), reason="the reference table is not beside the tests"
)
def test_units_and_factors_are_those_of_the_reference_table():
    renamed = {"land_area_official": "land_area"}
    other_unit = {"forestry_products/bamboo"}  # stems, which nothing turns into cubic metres
    with (REFERENCE / "office_inputs.csv").open(encoding="utf-8-sig") as file:
        table = list(csv.DictReader(file))
    newer = {"stream_share", "carbon_sink", "carbon_above", "carbon_below", "carbon_soil", "carbon_dead"}
    newer |= {f"monthly_{name}" for name in ("vapour_pressure", "relative_humidity", "net_radiation", "soil_heat")}
    known = {renamed.get(row["item_id"], row["item_id"]) for row in table}
    assert {name for name, _ in office_inputs()} - known == newer
    assert len(table) == len(office_inputs()) - len(newer)
    compared = 0
    for row in table:
        name, is_layer = renamed.get(row["item_id"], row["item_id"]), row["kind"].startswith("layer")
        ours = office_inputs()[name, is_layer]
        if name in other_unit:
            continue
        assert row["unit_ascii"] == "vector" or factor(row["unit_ascii"], ours.units[0]) in (1, None) or is_layer, name
        wanted = layer_kinds()[name].unit if is_layer and name in layer_kinds() else item_units().get(name)
        number = row["factor_to_program"].split(",")[0].split(" ")[0]
        if row["id_status"] == "proposed":  # of no item when the table was written: its factor is to another unit
            continue
        if wanted and not is_layer:
            assert in_unit(1.0, ours.units[0], wanted) == pytest.approx(float(number), rel=1e-6), name
        elif wanted and "difference" not in row["factor_to_program"]:
            assert linear(ours.units[0], wanted)[0] == pytest.approx(float(number), rel=1e-6), name
        compared += bool(wanted)
    assert compared > 150


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("population", "unit", "10^4 t"), "单位不适用"),
        (("population", "unit", "万仁"), "单位不适用"),
        (("population", "department", "statistic"), "`department` 列不能填写 `statistic`"),
        (("population", "source", "nowhere"), "`source` 列不能填写 `nowhere`"),
        (("population", "locator", ""), "文献及其位置"),
        (("population", "label_zh", "人口"), "名称须留空"),
        (("population", "mistakes_en", ""), "只有一种语言"),
        (("population", "input", "populaton"), "没有这一项目或图层"),
        (("crop_products/grain", "label_zh", ""), "缺少名称"),
        (("crop_products/grain", "input", "crops/grain"), "不是统计表所报服务的产品"),
        (("crop_products/grain", "unit", "count"), "单位不适用"),
        (("wage", "input", "population"), "有两行"),
        (("precipitation", "unit", "kg"), "单位不适用"),
        (("water_resources_total", "services", "water"), "`services` 列不能填写"),
    ],
)
def test_a_row_that_breaks_a_rule_is_told(monkeypatch, tmp_path, change, told):
    name, column, value = change
    rows = [row for _, row in read_csv(data_folder() / office.TABLE)]
    next(row for row in rows if row["input"] == name)[column] = value
    if column == "label_zh":
        next(row for row in rows if row["input"] == name)["label_en"] = value and "People"
    with (tmp_path / office.TABLE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    shutil.copy(data_folder() / office.DEPARTMENTS, tmp_path)
    monkeypatch.setattr(office, "data_folder", lambda: tmp_path)
    found = list(check_office_inputs())
    assert any(told in one.message.zh for one in found), found
    assert all(one.severity == "error" and one.code == "C22" for one in found)


def test_a_row_that_is_gone_is_told(monkeypatch, tmp_path):
    text = (data_folder() / office.TABLE).read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith(("wage,", "ndvi,"))]
    (tmp_path / office.TABLE).write_text("\n".join(kept), encoding="utf-8")
    shutil.copy(data_folder() / office.DEPARTMENTS, tmp_path)
    monkeypatch.setattr(office, "data_folder", lambda: tmp_path)
    assert [one.subject for one in check_office_inputs()] == ["wage", "ndvi"]


def test_departments_have_names_in_both_languages():
    assert departments()["water"].zh == "水利局"
    assert all(name and name.zh for name in departments().values())
    used = {row.department for row in office_inputs().values()}
    assert used <= departments().keys()


def test_a_proposed_row_is_of_nothing_that_the_program_reads():
    proposed = {row.id for row in office_inputs().values() if row.standing == "proposed"}
    assert {"water_resources_total", "cpi"} <= proposed
