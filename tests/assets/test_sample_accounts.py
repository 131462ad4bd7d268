"""The accounts beside GEP of the sample city: they are of that city, and say what they ask."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas
import pytest

from gep.assets.account import ORDER, AssetAccount
from gep.assets.parcels.ground import read_polygons
from gep.assets.parcels.sample import sample as write_parcels
from gep.assets.project import accounts_of
from gep.assets.sample import add_to_sample_city
from gep.core.errors import InputError


@pytest.fixture(scope="module")
def project(sample_city, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("beside") / "city"
    shutil.copytree(sample_city, folder)
    return add_to_sample_city(folder / "gep.toml")


@pytest.fixture(scope="module")
def accounts(project) -> dict[str, AssetAccount]:
    return {account.id: account for account in accounts_of(project)}


def test_land_is_that_of_the_city(accounts, sample_account):
    """A hundredth of a km2 is what the table is written to."""
    land = {ecosystem: area / 1e6 for (ecosystem,), area, _ in sample_account.by("ecosystem", measure="area")}
    condition = accounts["condition"]
    extent = {line.id: line.figures["closing"].to("km^2") for line in condition.table("extent").lines}
    whole = extent.pop("total")
    assert extent == pytest.approx(land, abs=0.005)
    assert whole == pytest.approx(sum(land.values()), abs=0.01 * len(land))
    graded = {line.id: line.figures["area"].to("km^2") for line in condition.table("grades").lines}
    of_index = {line.id: line.figures["area"].to("km^2") for line in condition.table("index").lines}
    for ecosystem in ("forest", "grassland"):
        assert graded[f"{ecosystem}/closing"] == pytest.approx(land[ecosystem], abs=0.005)
        assert of_index[ecosystem] == pytest.approx(land[ecosystem], abs=0.005)


def test_stocks_of_carbon_close(accounts):
    """What the table of 2020 says is what opening and changes come to, and no stratum is asked about."""
    carbon = accounts["carbon_stock"]
    assert carbon.problems == ()
    assert "unexplained" not in [measure.id for measure in carbon.table("strata").measures]
    closing = carbon.table("balance").figure("2015-2020/closing", "all").value
    assert closing == pytest.approx(carbon.table("stock").figure("all/2020", "carbon_stock").value, rel=1e-12)


def test_classes_of_land_have_their_names(accounts):
    """As coefficients/classes.csv and kinds.csv call them."""
    lines = {line.id: line.labels["land_class"] for line in accounts["carbon_stock"].table("by_land_class").lines}
    assert (lines["pine"], lines["pine"].zh) == ("Pine forest", "松林")
    assert (lines["marsh"], lines["marsh"].zh) == ("Marsh", "沼泽")
    assert (lines["larch"], lines["larch"].zh) == ("larch", "落叶松")


def test_parcels_lie_in_the_city_and_have_tickets(accounts, sample_city, tmp_path):
    """100 and 85 hm2 of counties that together hold both; 5 years of growth are whole tonnes of CO2."""
    parcels = accounts["parcels"]
    assert parcels.problems == ()
    assert [line.id for line in parcels.table("tickets").lines] == ["P-01", "P-02"]
    assert all(line.figures["tonnes"].value > 0 for line in parcels.table("tickets").lines)
    write_parcels(tmp_path)
    drawn = read_polygons(tmp_path / "parcels.geojson", "parcel")
    city = geopandas.read_file(sample_city / "counties.geojson").to_crs(drawn.crs).union_all()
    assert drawn.within(city).all()


def test_their_order_is_that_of_their_subjects(accounts):
    """Carbon and what is made of it, then grass, then the land; extent (T10) before condition (T12) and worth (T14)."""
    assert list(accounts) == list(ORDER)
    numbers = [table.number for table in accounts["condition"].tables if table.number]
    assert numbers == sorted(numbers)


def test_what_is_wrong_in_several_accounts_is_told_at_once(project, tmp_path):
    folder = shutil.copytree(project.parent, tmp_path / "city")
    (folder / "assets" / "herds.csv").write_text("zone,animal,heads\nA,sheep,3\n", encoding="utf-8")
    (folder / "assets" / "damages.csv").unlink()
    with pytest.raises(InputError) as error:
        accounts_of(folder / "gep.toml")
    assert sorted(found.code for found in error.value.problems) == ["F01", "U01"]
