"""Products spread over ecosystems as the project says: `[products]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import projects
import pytest
from projects import Gep

from gep.core.errors import ProjectError
from gep.study.run import read_run
from gep.study.study import Study

ROWS = (
    "0101,livestock_products/beef,quantity,1000,t,2020,,x",
    "0101,livestock_products/beef,price,60,元/公斤,2020,2020,x",
    "0102,livestock_products/milk,value,500,万元,2020,2020,x",
)


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def project(folder: Path, products: dict[str, Any]) -> Path:
    path = projects.write(folder, products=products)
    keep = [row for row in projects.STATISTICS if "livestock" not in row]
    projects.table(folder / "statistics.csv", *ROWS, keep=keep)
    return path


def test_beef_of_two_ecosystems(gep: Gep, tmp_path: Path):
    """By hand: 1000 t at 60 yuan/kg are 60 million yuan, of which 0.6 and 0.4; milk stays with the service's land."""
    path = project(
        tmp_path / "p", {"livestock_products/beef": {"grassland": 0.6, "农田": 0.4}, "牧业": {"grassland": 1}}
    )
    assert gep("run", path, "-o", "out").code == 0
    account = read_run("out")
    found = {
        (e.component, e.ecosystem): (e.quantity, e.value) for e in account.entries if e.service == "livestock_products"
    }
    assert found == {
        ("beef", "grassland"): pytest.approx((600.0, 36e6)),
        ("beef", "cropland"): pytest.approx((400.0, 24e6)),
        ("milk", "grassland"): (None, pytest.approx(5e6)),
    }
    assert account.totals("service")["livestock_products"] == pytest.approx(65e6)
    said = gep("explain", "out", "_city", "livestock_products", "cropland")
    assert "60000000.0 * 0.4" in said.out
    assert "spread over ecosystems" in said.out


@pytest.mark.parametrize(
    ("products", "en", "zh"),
    [
        ({"livestock_products/beef": {"grassland": 0.6, "cropland": 0.3}}, "sum to 0.9", "比例之和为 0.9"),
        ({"livestock_products/beef": {"grassland": 1.2, "cropland": -0.2}}, "shares from 0 to 1", "各为 0 至 1"),
        ({"livestock_products/beef": {"草地": 0.5, "grassland": 0.5}}, "different ecosystems", "不同生态系统"),
        ({"livestock_products/beef": {"meadow": 1}}, "no ecosystem `meadow`", "没有生态系统 `meadow`"),
        ({"water_retention": {"forest": 1}}, "no service of products", "也不是有产品的服务"),
        ({"牛肉": {"草地": 1}, "livestock_products/beef": {"草地": 1}}, "are the same product", "是同一产品"),
    ],
)
def test_shares_that_cannot_be(tmp_path: Path, products: dict[str, Any], en: str, zh: str):
    with pytest.raises(ProjectError) as caught:
        Study.open(project(tmp_path / "p", products))
    assert en in caught.value.in_language("en")
    assert zh in caught.value.in_language("zh")
    assert {found.code for found in caught.value.problems} == {"P02"}


def test_shares_of_a_product_that_no_table_reports(tmp_path: Path):
    study = Study.open(project(tmp_path / "p", {"livestock_products/mutton": {"grassland": 1}}))
    (found,) = [problem for problem in study.inputs.problems if problem.code == "T14"]
    assert "`livestock_products/mutton`" in found.message
