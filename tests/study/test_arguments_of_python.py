"""Arguments of a study in terms of Python: numbers, mappings, series, frames and arrays in place of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr
from builders import (
    ALPHA,
    FOREST,
    KM2,
    LONLAT,
    block,
    constant,
    make_study,
    own_coefficients,
    raster,
    statistics,
    water_layers,
    zones,
)

import gep
from gep.core.errors import InputError, ProjectError
from gep.core.messages import in_language

SHAPE = (2, 4)
COUNTIES = zones(block(0, 0, 2, 2), block(2, 0, 4, 2))


def study(counties: Any = COUNTIES, **given: Any) -> gep.Study:
    layers = given.pop("layers", water_layers(SHAPE, 1000.0, 600.0))
    return make_study(np.full(SHAPE, FOREST), layers, counties, **{"of": ["water_retention"], **given})


def retained(of: gep.Study) -> dict[str, float]:
    """Millimetres by county: m3 over km2 and 1000."""
    entries = [entry for entry in of.run(record=False).entries if entry.service == "water_retention"]
    return {entry.zone: round((entry.quantity or 0.0) / 4 / KM2 * 1000, 6) for entry in entries}


def everywhere(depth: float) -> dict[str, float]:
    return {"101": round(depth, 6), "102": round(depth, 6)}


# coefficients ---------------------------------------------------------------------------------------------------------

FRAME = pd.DataFrame({"coefficient": ["runoff_coefficient"], "ecosystem": ["forest"], "value": [0.1], "unit": ["1"]})


@pytest.mark.parametrize(
    "given",
    [
        {"runoff_coefficient": 0.1},
        {"runoff_coefficient": "10 percent"},
        {"runoff_coefficient": {"forest": 0.1, "grassland": 0.2}},
        {"runoff_coefficient": {"forest/evergreen_needleleaf": {"value": 0.1, "source": "a survey"}}},
        {"own": FRAME},
        FRAME,
        {"own": FRAME, "reservoir_cost": {"value": 10, "unit": "CNY/m^3", "price_year": 2019}},
    ],
    ids=["number", "text", "classes", "columns", "frame", "bare frame", "frame and value"],
)
def test_coefficients(given: Any):
    assert retained(study(coefficients=given)) == everywhere(300.0)


def test_a_table_and_a_value_side_by_side(tmp_path: Path):
    own = own_coefficients(tmp_path, ("runoff_coefficient", "forest", 0.1, "1"))
    price = {"value": 10, "unit": "CNY/m^3", "price_year": 2019}
    of = study(coefficients={"own": own, "reservoir_cost": price})
    assert retained(of) == everywhere(300.0)
    assert of.run().total() == pytest.approx(300 / 1000 * 8 * KM2 * 10)


def test_what_is_given_is_recorded_by_its_hash():
    first, same, other = (study(coefficients={"runoff_coefficient": of}).run() for of in (0.1, 0.1, 0.2))
    assert first.about.run_id == same.about.run_id != other.about.run_id
    assert first.record is not None
    assert first.record["coefficient_tables"]["values"]["sha256"]


def test_coefficients_that_cannot_be_are_told_together():
    with pytest.raises(InputError) as refused:
        study(coefficients={"runoff_coefficient": {"forrest": 0.1}, "reservoir_cost": "8 CNY/m^3"})
    assert len(refused.value.problems) == 2


# tables ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"population": {"101": 20_000, "102": "3 万人"}},
        {"population": pd.Series({"101": 20_000.0, "102": 30_000.0})},
        {"population": pd.Series([20_000, 30_000], index=[101, 102])},
        {
            "any": statistics(
                ("101", "population", "quantity", 2e4, "person"), ("102", "population", "quantity", 3e4, "person")
            )
        },
    ],
    ids=["mapping", "series", "numbered series", "frame"],
)
def test_figures_by_zone(given: Any):
    account = study(tables=given).run(record=False)
    assert account.about.statistics["population"] == {"101": 20_000, "102": 30_000}


def test_a_figure_of_the_whole_area():
    account = study(tables={"population": 50_000}).run(record=False)
    assert account.about.statistics["population"] == {"_city": 50_000}


def test_measures_of_a_product():
    """5200 t of wheat at 2400 CNY/t: 12.48 million CNY."""
    wheat = {"quantity": {"101": "5200 t"}, "price": {"101": "2400 CNY/t"}}
    account = study(of=["crop_products"], tables={"crop_products/wheat": wheat}).run(record=False)
    assert account.totals("service")["crop_products"] == pytest.approx(5200 * 2400)


def test_a_misspelt_item_is_told_by_its_argument():
    found = study(tables={"populaton": {"101": 5}}).check()
    told = [problem for problem in found if problem.severity == "error"]
    assert any("population" in f"{problem.message} {problem.do} {problem.allowed}" for problem in told)


# zones ----------------------------------------------------------------------------------------------------------------


def labels(values: Any, **attrs: Any) -> xr.DataArray:
    return raster(np.asarray(values)).assign_attrs(attrs)


HALVES = [["101", "101", "102", "102"]] * 2


@pytest.mark.parametrize(
    "given",
    [
        gpd.GeoSeries(COUNTIES.geometry.to_numpy(), index=["101", "102"], crs=COUNTIES.crs),
        gpd.GeoSeries(COUNTIES.geometry.to_numpy(), index=[101, 102], crs=COUNTIES.crs),
        labels(np.array(HALVES, dtype=object)),
        labels(np.array(HALVES, dtype=int)),
        labels(np.array(HALVES, dtype=float)),
        labels(np.array([[1, 1, 2, 2]] * 2), flag_values=[1, 2], flag_meanings="101 102"),
        labels(np.array(HALVES, dtype=int))[::-1],
    ],
    ids=["series", "numbered series", "texts", "numbers", "floats", "legend", "south up"],
)
def test_zones(given: Any):
    of = study(given, zone_name=None)
    assert retained(of) == everywhere(1000 * (1 - ALPHA[FOREST]) - 600)
    assert {entry.zone for entry in of.run(record=False).entries} == {"101", "102"}


def test_labels_are_zones_by_whole_cells_and_nothing_is_none():
    """0, an empty text and a missing number are no zone; a zone may be of several pieces."""
    texts = np.array([["east", "", "east", None], ["west", "west", "", "east"]], dtype=object)
    numbers = np.array([[2, 0, 2, np.nan], [1, 1, 0, 2]])
    for given in (labels(texts), labels(numbers, flag_values=[1, 2], flag_meanings="west east")):
        account = study(given, zone_name=None, outline=None).run(record=False)
        area = {entry.zone: entry.quantity for entry in account.entries if entry.is_area and entry.zone[0] != "_"}
        assert area == pytest.approx({"east": 3 * KM2, "west": 2 * KM2}, rel=1e-6)


def test_labels_on_degrees_have_their_own_grid():
    """Counties on cells of 0.02 degrees, land cover on 0.01."""
    at = {"crs": LONLAT, "west": 117.0, "north": 38.0}
    cover = raster(np.full((4, 8), FOREST, dtype=np.uint8), cell=0.01, **at)
    layers = {
        name: raster(np.full((4, 8), depth), "mm/year", cell=0.01, **at)
        for name, depth in (("precipitation", 1000.0), ("evapotranspiration", 600.0))
    }
    counties = raster(np.array(HALVES, dtype=int), cell=0.02, **at)
    of = make_study(cover, layers, counties, of=["water_retention"], zone_name=None)
    assert {entry.zone for entry in of.run(record=False).entries} == {"101", "102"}


def test_the_same_study_for_labels():
    of = study().with_zones(labels(np.array([[7, 7, 7, 7], [8, 8, 8, 8]])))
    assert {entry.zone for entry in of.run(record=False).entries} == {"7", "8"}


def test_labels_that_lie_nowhere_are_refused():
    with pytest.raises(InputError, match="zones"):
        study(xr.DataArray(np.ones(SHAPE), dims=("y", "x")))


# profiles -------------------------------------------------------------------------------------------------------------


def write_profile(folder: Path) -> Path:
    """A profile that counts as the national list does, with a runoff of its own."""
    folder.mkdir()
    lines = [
        'id = "ours"',
        'name_zh = "本地规范"',
        'name_en = "Ours"',
        'extends = "ndrc-2022"',
        'level = "provisional"',
    ]
    (folder / "profile.toml").write_text("\n".join(lines), encoding="utf-8")
    columns = "coefficient,ecosystem,class,region,value,unit,from_year,low,high,price_year,source,locator,status,note"
    row = "runoff_coefficient,forest,evergreen_needleleaf,,0.1,1,,,,,garze-2017,a test,provisional,"
    (folder / "runoff.csv").write_text(f"{columns}\n{row}\n", encoding="utf-8")
    return folder


def test_a_profile_by_id_path_or_object(tmp_path: Path):
    folder = write_profile(tmp_path / "ours")
    shipped = everywhere(1000 * (1 - ALPHA[FOREST]) - 600)
    assert retained(study(profile="ndrc-2022")) == shipped
    assert retained(study(profile=gep.load_profile("ndrc-2022"))) == shipped
    for ours in (folder, str(folder), folder / "profile.toml", gep.load_profile(folder)):
        of = study(profile=ours)
        assert retained(of) == everywhere(300.0)
        assert of.run().about.profile == "ours"
    found = gep.ecosystems.forest.compute(
        xr.Dataset(water_layers(SHAPE, 1000.0, 600.0)), folder, land_class="evergreen_needleleaf"
    )
    np.testing.assert_allclose(found["water_retention.retained_water"], 300.0)
    assert found.attrs["profile"] == "ours"


def test_a_project_may_name_the_folder_of_a_profile(tmp_path: Path):
    from builders import write_project

    write_profile(tmp_path / "ours")
    project = write_project(
        tmp_path / "city", raster(np.full(SHAPE, FOREST, dtype=np.uint8)), water_layers(SHAPE, 1000.0, 600.0), COUNTIES
    )
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace("year = 2019", 'year = 2019\nprofile = "../ours"', 1), encoding="utf-8")
    assert retained(gep.Study.open(project)) == everywhere(300.0)


def test_a_folder_without_a_profile(tmp_path: Path):
    with pytest.raises(ProjectError, match=r"profile\.toml"):
        gep.load_profile(tmp_path)


def test_what_was_given_runs_and_is_read_again(tmp_path: Path):
    """Folder, record and crate of a run with a profile of one's own."""
    of = study(
        profile=write_profile(tmp_path / "ours"),
        coefficients={"reservoir_cost": {"value": 10, "unit": "CNY/m^3", "price_year": 2019}},
    )
    account = of.run()
    from gep.study.folder import write_run

    write_run(account, tmp_path / "run")
    assert gep.read_run(tmp_path / "run").total() == account.total()


# words ----------------------------------------------------------------------------------------------------------------


def test_messages_speak_of_arguments_where_there_is_no_file():
    """A fill number and an unknown code: what to do is an argument, in both languages; of a file it is its key."""
    rain = constant(1000.0, "mm/year", SHAPE)
    rain[0, 0] = -9999.0
    layers = water_layers(SHAPE) | {"precipitation": rain}
    codes = np.full(SHAPE, FOREST)
    codes[0, 0] = 99
    found = make_study(codes, layers, COUNTIES).check()
    told = [
        " ".join(in_language(text, language) for p in found for text in (p.message, p.do)) for language in ("en", "zh")
    ]
    for text in told:
        assert '`layers["precipitation"]`' in text
        assert "`scheme_map`" in text
        assert "gep.toml" not in text
        assert "[layers." not in text
        assert "[land_cover" not in text


def test_messages_of_a_project_speak_of_its_file(tmp_path: Path):
    from builders import write_project

    rain = constant(1000.0, "mm/year", SHAPE)
    rain[0, 0] = -9999.0
    layers = water_layers(SHAPE) | {"precipitation": rain}
    project = write_project(tmp_path / "city", raster(np.full(SHAPE, FOREST, dtype=np.uint8)), layers, COUNTIES)
    assert any("[layers.precipitation]" in found.do for found in gep.Study.open(project).check())


def test_a_geometry_is_no_zone_yet():
    with pytest.raises(gep.UsageError, match="zones"):
        study(shapely.box(0, 0, 1, 1))


def test_more_coefficients_leave_those_given_before():
    """Rain 1000, vapour 600, runoff 0.1: 300 mm, at 2 CNY/m3; with a price of 3 the runoff stays 0.1."""
    price = {"unit": "CNY/m^3", "price_year": 2019}
    first = study(coefficients={"runoff_coefficient": 0.1, "reservoir_cost": {"value": 2, **price}})
    dearer = first.with_coefficients({"reservoir_cost": {"value": 3, **price}})
    assert retained(dearer) == everywhere(300.0)
    assert dearer.run().total() == pytest.approx(0.3 * 8 * KM2 * 3, rel=1e-9)


def test_a_number_takes_the_place_of_one_that_varied():
    draws = xr.DataArray([0.1, 0.2], dims="draw")
    varied = study(coefficients={"runoff_coefficient": draws})
    assert retained(varied.with_coefficients({"runoff_coefficient": 0.3})) == everywhere(100.0)
