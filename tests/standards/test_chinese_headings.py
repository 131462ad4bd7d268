"""Tables of coefficients and of a price index with Chinese headings and names."""

from __future__ import annotations

from pathlib import Path

import pytest

from gep.standards.coefficients import read_coefficients
from gep.standards.index_tables import read_indices


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


CHINESE = "参数,生态系统,类别,地区,数值,单位,起始年份,下限,上限,价格年份,来源,位置,状态,备注\n"
ENGLISH = "coefficient,ecosystem,class,region,value,unit,from_year,low,high,price_year,source,locator,status,note\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_rows_are_those_of_the_english_table(tmp_path: Path, encoding: str):
    chinese = CHINESE + (
        "地表径流系数,森林,阔叶林,,0.03,1,,0.01,0.05,,水文手册,表 3,已核实,\n"
        "总氮治理成本,,,,5000,元/(t*nitrogen),2020,,,2020,市价格文件,,暂定,含税\n"
    )
    english = ENGLISH + (
        "runoff_coefficient,forest,broadleaf,,0.03,1,,0.01,0.05,,水文手册,表 3,verified,\n"
        "tn_cost,,,,5000,元/(t*nitrogen),2020,,,2020,市价格文件,,provisional,含税\n"
    )
    rows, problems = read_coefficients(written(tmp_path / "t.csv", chinese, encoding), is_shipped=False)
    assert problems == []
    same, _ = read_coefficients(written(tmp_path / "t.csv", english), is_shipped=False)
    assert rows == same
    assert [row.name for row in rows] == ["runoff_coefficient", "tn_cost"]


def test_what_is_not_known_is_told(tmp_path: Path):
    text = "参数,生态系统,数值,单位,来源\n地表径流系数,草甸,0.03,1,手册\n"
    (found,) = read_coefficients(written(tmp_path / "t.csv", text), is_shipped=False)[1]
    assert "`草甸`" in found.in_language("zh")
    lacking = "参数,数值,单位\n"
    codes = {
        found.code for found in read_coefficients(written(tmp_path / "u.csv", lacking + "a,1,1\n"), is_shipped=False)[1]
    }
    assert codes == {"C01"}


def test_a_price_index(tmp_path: Path):
    """Prices of 2021 in the money of 2023: 1.009 * 1.020 * ... by the changes on the year before."""
    text = "年份,数值,单位,来源\n2022年,2.0,%,统计公报\n2023,0.2,%,统计公报\n"
    found, (told,) = read_indices(written(tmp_path / "cpi.csv", text), None)
    assert found[""].factor(2021, 2023) == pytest.approx(1.020 * 1.002)
    assert told.code == "C19"


def test_an_index_of_several_with_levels(tmp_path: Path):
    """Of each the level with the year before as 100, as yearbooks print it."""
    rows = ["指数名称,年份,数值,单位,来源", "出厂价格,2022年,104.1,上年=100,统计公报", ",2022年,102,上年＝100,统计公报"]
    text = "\n".join(rows) + "\n"
    found, _ = read_indices(written(tmp_path / "cpi.csv", text), None)
    assert found["出厂价格"].factor(2021, 2022) == pytest.approx(1.041)
    assert found[""].factor(2021, 2022) == pytest.approx(1.02)
