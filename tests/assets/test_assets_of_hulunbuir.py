"""Accounts beside GEP of the public data of Hulunbuir: what they allow, and that what they lack is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from places import DATA

from gep.assets.account import AssetAccount
from gep.assets.project import accounts_of

HULUNBUIR = DATA / "hulunbuir"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not (HULUNBUIR / "gep.toml").is_file(), reason="the real rasters are not beside the checkout"),
]

TREES = 43.43
"""t of carbon per hm2 in the tree layer of the Greater Khingan (Tian et al. 2013)."""
FOREST_KM2 = 75_100 + 20_600 + 6_300 + 2_100
GRASSLAND_KM2, SAVANNA_KM2 = 82_400, 29_500
"""Areas of IGBP classes that data.md prints, counted there by cell centres; less evergreen forest, of some 400 km2."""

SECTIONS = """
[assets.carbon]
densities = "densities.csv"
[assets.grazing]
production_map = "net_primary_production"
pastures = "pastures.csv"
region = "xilingol"
[assets.grazing.steppes]
grassland = "typical_steppe"
"""
COUNTIES = ("150702", "150725", "150727")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, AssetAccount]:
    project = Path(shutil.copytree(HULUNBUIR, tmp_path_factory.mktemp("hulunbuir") / "project"))
    with (project / "gep.toml").open("a", encoding="utf-8") as file:
        file.write(SECTIONS)
    (project / "densities.csv").write_text(f"ecosystem,pool,density [t*carbon/hm2]\nforest,tree,{TREES}\n", "utf-8")
    rows = "".join(f"{code},typical_steppe,growing_season\n" for code in COUNTIES)
    (project / "pastures.csv").write_text(f"zone,steppe,season\n{rows}", "utf-8")
    return {account.id: account for account in accounts_of(project)}


def test_trees_are_the_forest_of_the_land_cover_at_one_density(made):
    stock = made["carbon_stock"].table("stock").figure("all/2019", "carbon_stock").value
    assert stock == pytest.approx(FOREST_KM2 * 100 * TREES, rel=0.01)
    assert {table.id for table in made["carbon_stock"].tables}.isdisjoint({"sink", "balance"})


def test_land_without_a_density_is_named_and_in_no_stock(made):
    lacking = made["carbon_stock"].table("uncovered")
    assert lacking.figure("grassland/tree", "2019").to("km^2") == pytest.approx(GRASSLAND_KM2, rel=0.01)
    assert lacking.figure("grassland/savanna/tree", "2019").to("km^2") == pytest.approx(SAVANNA_KM2, rel=0.01)
    assert [found.code for found in made["carbon_stock"].problems] == ["K19"]


def test_grass_has_a_capacity_and_nobody_a_rate(made):
    """Y A U / (I D) with half of the grass used, 1.8 kg a day and 143 days of the growing season."""
    balance = made["grazing"].table("balance")
    for code in COUNTIES:
        forage = balance.figure(code, "forage").to("kg*dry_matter/year")
        assert balance.figure(code, "capacity").value == pytest.approx(forage * 0.5 / (1.8 * 143), rel=1e-9)
        assert balance.line(code).figures["rate"] is None
    assert {"K47", "K45"} == {found.code for found in made["grazing"].problems}
    (missing,) = (found for found in made["grazing"].problems if found.code == "K47")
    assert missing.subject == "typical_steppe"
