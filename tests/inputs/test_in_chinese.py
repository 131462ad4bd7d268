"""What is wrong with inputs is said in Chinese too: whole sentences, no English left in them, names and values as they
are.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import projects
import pytest
import xarray as xr
from shapely.geometry import Point, box

from gep.core.errors import GepError, Problem
from gep.core.messages import in_language
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer
from gep.inputs.grids.polygons import read_zones
from gep.inputs.project import read_project
from gep.inputs.spec import spec_of_project
from gep.inputs.tables import read_tables
from gep.study.study import Study

CHINESE = re.compile(r"[\u3400-\u9fff]")
NAMED = re.compile(r"`[^`]*`|\[[^\]]*\]|\"[^\"]*\"|'[^']*'|(?:gdal|cdo|gep|pip) [\w. ]+")
"""Names, values and commands, which stand as they are."""


def is_chinese(text: str) -> bool:
    """Whether a text is Chinese, and holds no run of English words but names."""
    return bool(CHINESE.search(text)) and not re.search(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]", NAMED.sub("", text))


def problems_of(action: Any) -> tuple[Problem, ...]:
    with pytest.raises(GepError) as stop:
        action()
    assert is_chinese(in_language(stop.value.message, "zh"))
    return stop.value.problems


def said(problem: Problem) -> list[str]:
    """The sentences of a problem in Chinese."""
    return [in_language(text, "zh") for text in (problem.message, problem.do) if text]


# the project file -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message", "rest"),
    [
        ({"study": {"yaer": 2020}}, "[study] 中没有键 `yaer`。是否应为 `year`？", ""),
        ({"zones": None}, "缺少 [zones] 一节。", "请补充该节，并写明 `path`、`code`。"),
        ({"study": {"year": None}}, "缺少键 `year`。", "请在 [study] 下补充。"),
        ({"study": {"year": "二〇二〇"}}, "`year` 应为整数，不加引号。", "'二〇二〇'"),
        ({"study": {"year": 1800}}, "`year` 不应小于 1900。", "1800"),
        ({"study": {"year": 2300}}, "`year` 不应大于 2200。", "2300"),
        ({"study": {"lang": "cn"}}, "`lang` 不能为 'cn'。", "zh 或 en"),
        ({"study": {"name": ""}}, "`name` 为空。", ""),
        ({"study": {"grid": "utm"}}, "核算网格无法识别。", "{ crs ="),
        ({"layers": {"precipitation": "p.tif"}}, "此处应为一节（表）。", "[layers.precipitation] 一节，其下列出各键"),
        ({"layers": {"precipitation": {"nodata": "abc"}}}, "`nodata` 无法识别。", "数值"),
        ({"layers": {"precipitaton": {"path": "p.tif"}}}, "没有图层 `precipitaton`。", "是否应为 `precipitation`"),
        ({"services": {"soil_retension": {"off": "x"}}}, "没有服务 `soil_retension`。", "是否应为 `soil_retention`"),
        ({"services": {"soil_retention": {}}}, "`not_applicable` 与 `off` 中选填一项，并写明理由。", "无海岸"),
    ],
    ids=lambda value: None if isinstance(value, dict) else value,
)
def test_the_project_file(tmp_path: Path, changes: dict[str, Any], message: str, rest: str):
    project = projects.write(tmp_path, **changes)
    (found,) = problems_of(lambda: read_project(project))
    text = found.in_language("zh")
    assert message in text
    assert rest in text
    assert "{{" not in text
    if found.place:  # where the key, or the table around it, stands in the file
        assert re.fullmatch(r"gep\.toml 第 \d+ 行", in_language(found.place, "zh"))
    assert all(map(is_chinese, said(found)))


def test_a_language_is_a_matter_of_output(tmp_path: Path):
    """The language of the project file is there for who writes, and is no part of what a run is made of."""
    assert spec_of_project(read_project(projects.write(tmp_path / "a")), tmp_path / "a").lang == ""
    for language in ("zh", "en"):
        folder = tmp_path / language
        spec = spec_of_project(read_project(projects.write(folder, study={"lang": language})), folder)
        assert spec.lang == language
        study, plain = Study.from_spec(spec), Study.from_spec(replace(spec, lang=""))
        assert study.description() == plain.description()


# tables ---------------------------------------------------------------------------------------------------------------

ZONES = {"0101": "西县", "0102": "东县"}
RICE = "0101,crop_products/rice,quantity"


@pytest.mark.parametrize(
    ("row", "message", "rest"),
    [
        (f"{RICE},100,,2020,,x", "缺少单位。", "t、m^3 或 head 的单位"),
        (f"{RICE},约100,t,2020,,x", "`value` 不是数值。", "约100"),
        (f'{RICE},"1,234.5",t,2020,,x', "`value` 中含分隔符。", "请写作 1234.5"),
        (f"{RICE},1,234,t,2020,,x", "该行的单元格多于表头。", "千位分隔符"),
        (f"{RICE},100,t,2020年,,x", "`year` 不是年份。", "2020年"),
        (f"{RICE},-100,t,2020,,x", "不能为负。", "-100"),
        ("101,crop_products/rice,quantity,100,t,2020,,x", "没有分区 `101`。是否应为 `0101`？", "全市"),
        (",crop_products/rice,quantity,100,t,2020,,x", "未填写分区。", "分区文件中的代码"),
        ("0101,crop_product/rice,quantity,100,t,2020,,x", "没有指标 `crop_product/rice`。", "`crop_products`"),
        ("0101,so2_emission/power,quantity,100,t,2020,,x", "没有指标", "请写作 `二氧化硫排放量`"),
        ("0101,population,price,100,person,2020,,x", "常住人口 应按 数量 填报。", "“数量”"),
        ("0101,crop_products/rice,quantities,100,t,2020,,x", "没有计量类别 `quantities`。", "是否应为 `quantity`"),
        ("0101,so2_emission,quantity,100,t,2020,,x", "重复；首次见于 statistics.csv 第 2 行。", "请保留一个。"),
        ("0101,intermediate_consumption/none,value,1,万元,2020,2020,x", "`none` 不是有产品的服务。", "农业产品"),
        (
            "0101,external_value/water,value,1,万元,2020,2020,x",
            "`water` 不是生态系统服务。",
            "来自区域外生态系统的价值/<服务>",
        ),
        ("0101,cooling_days,quantity,380,day,2020,,x", "空调开放天数 不可能为此值。", "0 至 366 day"),
    ],
)
def test_a_row_of_a_table(tmp_path: Path, row: str, message: str, rest: str):
    path = projects.table(tmp_path / "statistics.csv", row)
    _, (found,) = read_tables({"statistics": path}, ZONES, 2020)
    text = found.in_language("zh")
    assert message in text
    assert rest in text
    assert in_language(found.place, "zh") == f"statistics.csv 第 {len(projects.STATISTICS) + 2} 行"
    assert all(map(is_chinese, said(found)))


def test_a_unit_that_is_missing_is_no_sentence_of_its_own(tmp_path: Path):
    """What stood behind the item begins as it did: in small letters."""
    path = projects.table(tmp_path / "statistics.csv", f"{RICE},100,,2020,,x")
    _, (found,) = read_tables({"statistics": path}, ZONES, 2020)
    assert found.message == "crop_products/rice (quantity): the unit is missing."


def test_whole_tables(tmp_path: Path):
    empty = projects.table(tmp_path / "empty.csv", keep=())
    lacking = projects.table(tmp_path / "lacking.csv", "1", heading="unti", keep=())
    old = projects.table(tmp_path / "old.csv", "0101,population,quantity,100,person,2018,,x", keep=())
    row = {"zone": "0101", "item": "population", "measure": "quantity", "value": "x", "unit": "person"}
    sources = {"empty": empty, "lacking": lacking, "old": old, "none": tmp_path / "none.csv", "folder": tmp_path}
    _, problems = read_tables({**sources, "frame": pd.DataFrame([row])}, ZONES, 2020)
    texts = {p.subject: p.in_language("zh") for p in problems}
    assert "数据表没有数据行。" in texts["empty"]
    assert "数据表缺少 `zone`、`item`、`measure`、`value`、`unit` 列。是否应为 `unti`？" in texts["lacking"]
    assert "有 1 行为 2018 年数据，核算年份为 2020 年。" in texts["old"]
    assert "没有该数据表。" in texts["none"]
    assert "这是文件夹" in texts["folder"]
    assert "frame 第 1 行" in texts["frame"]
    assert all(is_chinese(text) for p in problems for text in said(p))


# layers and zones -----------------------------------------------------------------------------------------------------


def field(values: np.ndarray, dims: tuple[str, ...], **coords: Any) -> xr.DataArray:
    return xr.DataArray(values, dims=dims, coords=coords)


LAT, LON = np.array([30.0, 29.0]), np.array([100.0, 101.0, 102.0])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (Path("none/rain.tif"), "文件夹 `none` 也不存在。"),
        (field(np.zeros((2, 3)), ("a", "b")), "无法判断哪两个维是 y 和 x。"),
        (field(np.zeros((2, 3)), ("lat", "lon")), "数组没有给出像元位置。"),
        (field(np.zeros((2, 3)), ("lat", "lon"), lat=LAT, lon=LON**2), "坐标 `lon` 间距不等。"),
        (field(np.zeros((5, 2, 3)), ("time", "lat", "lon"), lat=LAT, lon=LON), "文件有多个波段，未指明使用哪一个。"),
        (field(np.zeros((2, 3)), ("lat", "lon"), lat=LAT, lon=LON), "文件和 gep.toml 均未写明数据的单位。"),
    ],
)
def test_a_layer(data: Any, message: str):
    problems = problems_of(lambda: open_layer(LayerSpec("precipitation", data), unit="mm/year"))
    assert message in " ".join(p.in_language("zh") for p in problems)
    assert all(is_chinese(text) for p in problems for text in said(p))


def test_what_gep_toml_replaces():
    data = field(np.zeros((2, 3), "uint8"), ("lat", "lon"), lat=LAT, lon=LON)
    data.attrs.update(units="mm", scale_factor=0.1)
    spec = LayerSpec("precipitation", data, units="mm/year", scale=0.5, nodata=300)
    layer = open_layer(spec, unit="mm/year")
    texts = " ".join(p.in_language("zh") for p in layer.problems)
    for words in ("文件中为 0.1，gep.toml 中为 0.5", "两者不叠加", "uint8 像元不可能取该缺失值", "按 WGS84 处理"):
        assert words in texts
    assert all(is_chinese(text) for p in layer.problems for text in said(p))


@pytest.mark.parametrize(
    ("shapes", "codes", "message"),
    [
        ([box(0, 0, 1, 1), box(1, 0, 2, 1)], ["a", ""], "有分区缺少代码。发现：第 2 行为空。"),
        ([box(0, 0, 1, 1)], ["_city"], "分区代码以下划线开头。"),
        ([box(0, 0, 1, 1), Point(0, 0)], ["a", "b"], "第 2 行为 Point。"),
        ([box(0, 0, 1, 1), box(0.5, 0, 2, 1)], ["a", "b"], "分区 `a`（a）与 `b`（b）重叠"),
    ],
)
def test_zones(shapes: list[Any], codes: list[str], message: str):
    frame = gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=4326)
    problems = problems_of(lambda: read_zones(frame, crs=frame.crs, code="code"))
    assert message in " ".join(p.in_language("zh") for p in problems)
    assert all(is_chinese(text) for p in problems for text in said(p))


@pytest.mark.parametrize(
    "text",
    [
        "0101,crop_products/wheat,quantity,9,t\n0101,crop_products/wheat,quantity,9,t",
        "0101,crop_products,value,9,元\n0101,crop_products/wheat,quantity,9,t",
        "_city,crop_products/wheat,quantity,9,t\n0101,crop_products/wheat,quantity,9,t",
        "0101,visit_value,price,9,元/人次\n0101,visit_value,quantity,9,元/人次",
        "0101,crop_products/wheat,quantity,9,km",
        "0101,crop_products/wheat,quantity,9,",
        "0101,labour_cost/crop_products/wheat,value,9,元",
        "地区,粮食产量（吨）,小麦产量（吨）\n西县,9,8",
        "地区,指标,2021年,2022年\n西县,粮食产量（吨）,9,8",
        "指标,单位,茶叶\n粮食产量,吨,9",
        "地区,粮食产量（吨）,,\n,合计,小麦,玉米\n西县,9,1,1",
    ],
)
def test_names_in_place_of_ids(tmp_path: Path, text: str):
    """What a Chinese message says of items, measures and the whole area, its reader can write into a table."""
    path = tmp_path / "t.csv"
    path.write_text(text if "地区" in text or "指标" in text else f"zone,item,measure,value,unit\n{text}", "utf-8")
    _, problems = read_tables({"表": path}, ZONES, 2020)
    assert problems
    for found in problems:
        assert not re.search(r"[a-z]{5,}", found.in_language("zh")), found.in_language("zh")
