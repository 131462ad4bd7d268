"""Explanations set against figures that were worked by hand."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import projects
import pytest
from builders import (
    LAKE,
    STEPPE,
    block,
    constant,
    make_study,
    raster,
    statistics,
    water_layers,
    zones,
)
from places import ROOT
from projects import Gep
from recomputed import printed_lines
from shown import shown

PRICES = ROOT / "coefficients" / "prices" / "cpi_china.csv"


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


# worked by hand -------------------------------------------------------------------------------------------------------


def cpi(first: int, last: int) -> float:
    """How prices rose from one year to another, by the yearly changes as they are printed."""
    with PRICES.open(encoding="utf-8", newline="") as file:
        changes = {int(row["year"]): float(row["value"]) for row in csv.DictReader(file)}
    return math.prod(1 + changes[year] / 100 for year in range(first + 1, last + 1))


def test_water_of_constant_rain(gep: Gep, tmp_path: Path):
    """1200 mm of rain, 3.94 % of it runoff, 700 mm gone into the air, on 4 km2: 452.72 mm, 1 810 880 m3, at 7.06 CNY of
    2010.
    """
    cover = np.full((2, 2), STEPPE)
    account = make_study(cover, water_layers((2, 2)), zones(block(0, 0, 2, 2)), of=["water_retention"]).run()
    text, lines = shown(account, tmp_path / "run", gep, "101", "water_retention")
    assert lines["mean_density"].result == pytest.approx(452.72, rel=1e-12)
    assert lines["quantity"].result == pytest.approx(1_810_880, rel=1e-9)
    assert lines["reservoir_cost"].expression.startswith("7.06 * ")
    assert lines["reservoir_cost"].result == pytest.approx(7.06 * cpi(2010, 2019), rel=1e-12)
    assert lines["figure"].result == pytest.approx(1_810_880 * 7.06 * cpi(2010, 2019), rel=1e-9)
    assert "Q = P - alpha P - ET    [HJ 1173-2021, equation A.1" in text
    assert "= 1,200.00 - 1,200.00 × 0.0394 - 700 = 452.72 mm/year" in text
    assert "gong-2017" in text
    assert "garze-2017, Table 3; verified; of 2010 ×" in text
    assert "by the index cpi_china to 2019" in text


def test_what_averaging_does_is_shown(gep: Gep, tmp_path: Path):
    """Rain of 1000 on soil of 0.02 and of 3000 on 0.04: 108 t/hm2 by the means 2000 and 0.03, 126 by the cells, 18 due
    to averaging.
    """
    erosivity = raster(np.array([[1000.0, 3000.0]]), "MJ*mm/(hm^2*h*year)")
    erodibility = raster(np.array([[0.02, 0.04]]), "t*hm^2*h/(hm^2*MJ*mm)")
    layers = {
        "rainfall_erosivity": erosivity,
        "soil_erodibility": erodibility,
        "slope_length_steepness": constant(2.0, "1", (1, 2)),
    }
    layers["cover_factor"] = constant(0.1, "1", (1, 2))
    account = make_study(np.full((1, 2), STEPPE), layers, zones(block(0, 0, 2, 1)), of=["soil_retention"]).run()
    text, lines = shown(account, tmp_path / "run", gep, "101", "soil_retention", "grassland")
    assert lines["retained_soil_at_means"].result == pytest.approx(108, rel=1e-9)
    assert lines["retained_soil_mean"].result == pytest.approx(
        126, rel=1e-7
    )  # the two cells differ by their place in the projection
    assert (
        "The mean over the cells is 126 t/(hm²·year): the equation is not linear in its inputs, and 18 (+14.3%) "
        "is due to averaging" in text
    )
    document = account.explain("soil_retention", "101", "grassland")
    equation = document["steps"][0]["equations"][0]
    assert equation["difference"]["due_to"] == "averaging"
    assert equation["at_means"] + equation["difference"]["value"] == pytest.approx(equation["mean"], rel=1e-15)


def test_missing_cells_are_a_share(gep: Gep, tmp_path: Path):
    """Rain is missing in one of four cells."""
    layers = water_layers((2, 2))
    layers["precipitation"].values[0, 0] = np.nan
    account = make_study(np.full((2, 2), STEPPE), layers, zones(block(0, 0, 2, 2)), of=["water_retention"]).run()
    text, lines = shown(account, tmp_path / "run", gep, "101", "water_retention")
    assert "inputs are missing on 25.00 % of the land that counts" in text
    assert "Area 4 km², of which 3 km² have all inputs; missing 25.00 % (3 cells)" in text
    assert lines["quantity"].result == pytest.approx(3e6 * 0.45272, rel=1e-9)


def test_a_negative_total_that_counts_as_zero(gep: Gep, tmp_path: Path):
    """500 mm of rain and 520 mm gone: -39.7 mm on four square kilometres of steppe, which the switch counts as zero."""
    account = make_study(
        np.full((2, 2), STEPPE),
        water_layers((2, 2), 500.0, 520.0),
        zones(block(0, 0, 2, 2)),
        of=["water_retention"],
        methods={"water_retention": {"negative": "clip_type"}},
    ).run()
    text, lines = shown(account, tmp_path / "run", gep, "101", "water_retention")
    assert lines["quantity"].result == pytest.approx(-158_800, rel=1e-9)
    assert lines["quantity_clip"].result == pytest.approx(158_800, rel=1e-9)
    assert lines["figure"].result == 0
    assert "A negative total counts as zero: this figure changes by 158,800.00 m³" in text


def test_a_lake_by_hand(gep: Gep, tmp_path: Path):
    """100 km2 on the Qinghai-Tibet plateau, as reported: 172 972 945.9 m3 (methods.md, lakes), a quarter of them in one
    county.
    """
    tables = statistics(
        ("101", "lake_area/blue", "quantity", 25, "km^2"), ("102", "lake_area/blue", "quantity", 75, "km^2")
    )
    study = make_study(
        np.full((1, 2), LAKE),
        {},
        zones(block(0, 0, 1, 1), block(1, 0, 2, 1)),
        of=["flood_mitigation"],
        tables={"lakes": tables},
        region="qinghai_tibet",
    )
    text, lines = shown(study.run(), tmp_path / "run", gep, "101", "flood_mitigation", "wetland/lake")
    assert lines["lake_storage[blue]"].result == pytest.approx(172_972_945.9, rel=1e-9)
    assert lines["quantity"].result == pytest.approx(172_972_945.9 / 4, rel=1e-9)
    assert "blue: 100 km², 25.00 % of it here" in text
    assert "lakes, row 1: 25 km^2" in text


def test_many_lakes(gep: Gep, tmp_path: Path):
    """144 lakes of a square kilometre, e^6.636 10^4 m3 each (methods.md, lakes): a hundred one by one, the others as
    one number.
    """
    cover = np.full((24, 24), STEPPE)
    cover[::2, ::2] = LAKE
    study = make_study(cover, {}, zones(block(0, 0, 24, 24)), of=["flood_mitigation"], region="qinghai_tibet")
    text, lines = shown(study.run(), tmp_path / "run", gep, "101", "flood_mitigation", "wetland/lake")
    assert sum(name.startswith("lake_storage[") for name in lines) == 100
    assert lines["quantity"].result == pytest.approx(144e4 * math.exp(6.636), rel=1e-6)
    assert "132 more: see --json" in text


def test_what_comes_from_outside_is_taken_off(gep: Gep, tmp_path: Path):
    tables = statistics(("101", "external_value/water_retention", "value", 150, "万元"))
    study = make_study(
        np.full((2, 2), STEPPE),
        water_layers((2, 2)),
        zones(block(0, 0, 2, 2)),
        profile="gbt46869-2025",
        tables={"outside": tables},
        year=2020,
    )
    account = study.run()
    text, lines = shown(account, tmp_path / "run", gep, "101", "water_retention", "--all")
    assert lines["value"].result in (-1_500_000, 1_500_000 + lines["figure"].result)
    assert any(line.result == -1_500_000 for line in printed_lines(text))
    assert "Taken off: what comes from ecosystems outside the area" in text
