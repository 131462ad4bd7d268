"""Maps: that they add up to the account, say what they are, and are written whole or not at all."""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path

import builders
import numpy as np
import pytest
import rasterio
from builders import (
    ALPHA,
    BAMBOO,
    DRYLAND,
    EQUAL_AREA,
    FOREST,
    KM2,
    LAKE,
    LONLAT,
    NORTH,
    SIDE,
    STEPPE,
    WEST,
    block,
    constant,
    raster,
    zones,
)
from projects import caller, write

from gep.core.catalog import CellComponent, colour, service_ids
from gep.core.errors import InputError, UsageError
from gep.plan.planner import make_plan
from gep.services import SERVICES
from gep.study.study import Study

make_study = partial(builders.make_study, of=("water_retention",))
SHAPE = (4, 6)
COUNTIES = zones(block(0, 0, 3, 4), block(3, 0, 6, 4))
WATER, VALUE = "water_retention.retained_water.tif", "water_retention.value.tif"
OVERVIEWS = ["ecosystems.tif", "services.value.tif"]


def cover():
    codes = np.full(SHAPE, FOREST, dtype=np.uint8)
    codes[2:, :4], codes[0, 5], codes[1, 5], codes[3, 5] = STEPPE, LAKE, BAMBOO, DRYLAND
    return raster(codes)


def layers():
    found = builders.water_layers(SHAPE)
    found["precipitation"] = raster(np.linspace(500, 1700, 24).reshape(SHAPE), "mm/year")
    found["precipitation"][0, 0] = np.nan
    return found


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return np.asarray(file.read(1))


def integral(path: Path, areas: float | np.ndarray) -> float:
    """Sum over the cells that have a value."""
    density = read(path).astype(np.float64)
    return math.fsum((density * areas)[np.isfinite(density)].ravel().tolist())


# what is on a map -----------------------------------------------------------------------------------------------------


def test_a_map_adds_up_to_the_account(tmp_path):
    study = make_study(cover(), layers(), COUNTIES)
    account = study.run()
    assert [path.name for path in study.maps(tmp_path / "maps")] == [WATER, VALUE, *OVERVIEWS]
    quantity = math.fsum(
        e.quantity for e in account.entries if e.service == "water_retention" and e.quantity is not None
    )
    assert integral(tmp_path / "maps" / WATER, KM2) / 1000 == pytest.approx(
        quantity, rel=1e-6
    )  # mm of a square metre are a litre
    assert integral(tmp_path / "maps" / VALUE, KM2) / 10_000 == pytest.approx(account.total(), rel=1e-6)  # per hectare


def test_an_account_and_its_maps_are_of_one_plan(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr("gep.study.computed.make_plan", lambda inputs: made.append(make_plan(inputs)) or made[-1])
    study = make_study(cover(), layers(), COUNTIES)
    study.maps(tmp_path / "maps", account=study.run())
    assert len(made) == 1


def test_cells_by_hand_and_no_data(tmp_path):
    make_study(cover(), layers(), COUNTIES).maps(tmp_path / "maps")
    rain = np.linspace(500, 1700, 24).reshape(SHAPE)
    found = read(tmp_path / "maps" / WATER)
    assert found[0, 1] == pytest.approx(rain[0, 1] * (1 - ALPHA[FOREST]) - 700, rel=1e-6)
    assert found[3, 2] == pytest.approx(rain[3, 2] * (1 - ALPHA[STEPPE]) - 700, rel=1e-6)
    missing = {tuple(cell) for cell in np.argwhere(np.isnan(found)).tolist()}
    assert missing == {
        (0, 0),
        (0, 5),
        (1, 5),
        (3, 5),
    }  # no rain given; lake and dryland are not counted; bamboo has no coefficient
    np.testing.assert_array_equal(np.isnan(found), np.isnan(read(tmp_path / "maps" / VALUE)))


@pytest.mark.parametrize("tonnes", [None, 0.001, 1e9])
def test_what_emissions_limit_is_drawn_as_a_capacity_and_not_in_money(tmp_path, tonnes):
    """What counts of it is known by county only: a cell has no share of it."""
    pollutants = ("so2", "nox", "dust")
    tables = (
        {"emissions": builders.emissions(**{of: dict.fromkeys(("101", "102"), tonnes) for of in pollutants})}
        if tonnes
        else {}
    )
    study = builders.make_study(np.full(SHAPE, FOREST), {}, COUNTIES, of=("air_purification",), tables=tables)
    names = {path.name for path in study.maps(tmp_path / "maps", account=study.run())}
    assert names == {*(f"air_purification.{of}_capacity.tif" for of in pollutants), "ecosystems.tif"}
    with rasterio.open(tmp_path / "maps" / "air_purification.so2_capacity.tif") as file:
        assert file.descriptions[0].endswith("capacity before caps at emissions")


def test_a_shared_cell_takes_the_value_of_its_largest_piece(tmp_path):
    """Land cover of half a cell's side: three quarters of the only cell are forest; the map shows forest, whole."""
    codes = np.array([[FOREST, FOREST], [FOREST, STEPPE]], dtype=np.uint8)
    fine = raster(codes, west=0, north=SIDE, cell=SIDE / 2)
    water = {
        name: raster(np.full((2, 2), value), "mm/year", west=0, north=SIDE, cell=SIDE / 2)
        for name, value in (("precipitation", 1200.0), ("evapotranspiration", 700.0))
    }
    study = make_study(fine, water, zones(block(0, 0, 1, 1, west=0, north=SIDE)), grid=(EQUAL_AREA, SIDE))
    study.maps(tmp_path / "maps")
    assert read(tmp_path / "maps" / WATER).ravel() == pytest.approx([1200 * (1 - ALPHA[FOREST]) - 700], rel=1e-6)


def test_outside_the_outline_is_no_data(tmp_path):
    study = make_study(cover(), layers(), zones(block(1, 1, 4, 3)))
    study.maps(tmp_path / "maps")
    with rasterio.open(tmp_path / "maps" / WATER) as file:
        found = file.read(1)
        assert file.transform[2] <= WEST + SIDE
    assert np.isfinite(found).sum() == 6


def test_no_map_of_money_under_a_physical_profile(tmp_path):
    given = layers()
    given["runoff_generating_precipitation"] = given.pop("precipitation")
    study = make_study(cover(), given, COUNTIES, profile="hj1173-2021", of=())
    names = {path.name for path in study.maps(tmp_path / "maps")}
    assert WATER in names
    assert not {name for name in names if name.endswith("value.tif")}


def test_every_value_is_proportional_to_its_quantity():
    """What makes a map of money possible: the value of a hectare is its share of the whole."""
    for service in SERVICES.values():
        for component in service.components(service.settings({})):
            if isinstance(component, CellComponent) and component.money is not None:
                of_one, of_ten = (
                    component.money.value.fn(**{component.quantity: q, component.money.price: 3.0}) for q in (7.0, 70.0)
                )
                assert of_ten == pytest.approx(10 * of_one, rel=1e-12), component.id


# the file -------------------------------------------------------------------------------------------------------------


def test_what_a_map_says_of_itself(tmp_path):
    study = make_study(cover(), layers(), COUNTIES)
    account = study.run()
    study.maps(tmp_path / "maps")
    with rasterio.open(tmp_path / "maps" / WATER) as file:
        tags = file.tags()
        assert file.units == ("mm/year",)
        assert file.descriptions == ("Water retention: Retained water",)
        assert math.isnan(file.nodata)
        assert file.dtypes == ("float32",)
        assert file.block_shapes == [(512, 512)]
        assert file.profile["compress"] == "zstd"
    expected = {
        "service": "water_retention",
        "measure": "quantity",
        "year": "2019",
        "profile": "ndrc-2022",
        "equation": "retained_water",
    }
    assert expected.items() <= tags.items()
    assert tags["run_id"] == account.about.run_id
    with rasterio.open(tmp_path / "maps" / VALUE) as file:
        assert file.units == ("CNY/(hm^2*year)",)
        assert file.tags()["price_year"] == "2019"


def test_a_map_lies_on_the_land_cover(tmp_path):
    study = make_study(cover(), layers(), COUNTIES)
    study.maps(tmp_path / "maps")
    with rasterio.open(tmp_path / "maps" / WATER) as file:
        assert file.crs == rasterio.crs.CRS.from_string(EQUAL_AREA)
        assert file.shape == SHAPE
        assert tuple(file.transform)[:6] == pytest.approx((SIDE, 0, WEST, 0, -SIDE, NORTH))


def test_what_cells_are_and_what_they_are_worth_together(tmp_path):
    """By hand: the classes of `cover`, in the order of the code list; two services with a value add up."""
    study = make_study(cover(), layers(), COUNTIES, of=("water_retention",))
    study.maps(tmp_path / "maps")
    with rasterio.open(tmp_path / "maps" / "ecosystems.tif") as file:
        drawn, colours, tags = file.read(1), file.colormap(1), file.tags()
    assert (file.nodata, file.dtypes) == (0, ("uint8",))
    by_hand = np.full(SHAPE, "forest", dtype=object)
    by_hand[2:, :4], by_hand[0, 5], by_hand[3, 5] = "grassland", "wetland", "cropland"
    assert (np.vectorize(lambda code: tags[f"class_{code}"])(drawn) == by_hand).all()
    assert all(
        "#{:02X}{:02X}{:02X}".format(*colours[code]) == colour(tags[f"class_{code}"]) for code in np.unique(drawn)
    )
    assert np.array_equal(
        read(tmp_path / "maps" / VALUE), read(tmp_path / "maps" / "services.value.tif"), equal_nan=True
    )
    chosen = study.maps(tmp_path / "some", ["water_retention"])
    assert [path.name for path in chosen] == [WATER, VALUE]


def test_values_of_services_add_up_on_the_cells_of_the_sample_city(sample_study, sample_account, tmp_path):
    paths = {path.name: path for path in sample_study.maps(tmp_path / "maps", what=["value"], account=sample_account)}
    together = read(paths.pop("services.value.tif"))
    parts = [read(path) for name, path in paths.items() if name.endswith(".value.tif")]
    assert len(parts) > 2
    assert np.nansum(parts, axis=0)[np.isfinite(together)] == pytest.approx(
        together[np.isfinite(together)], rel=1e-4, abs=1e-2
    )
    assert (np.isfinite(parts).any(axis=0) == np.isfinite(together)).all()


def test_a_map_can_be_an_input_again(tmp_path):
    """The unit in the file is one that gep reads."""
    study = make_study(cover(), layers(), COUNTIES)
    water, *_ = study.maps(tmp_path / "maps")
    again = make_study(cover(), {"precipitation": water, "evapotranspiration": constant(0, "mm/year", SHAPE)}, COUNTIES)
    assert again.inputs.layers["precipitation"].unit == "mm/year"
    assert not [p for p in again.inputs.problems if p.severity == "error"]


def large() -> Study:
    """Nine squares of the grid, not aligned with the tiles of the file, on a grid of degrees with a class layer at its
    own resolution.
    """
    rng = np.random.default_rng(3)
    shape, cell = (1100, 1200), 0.01
    codes = raster(
        rng.choice([FOREST, STEPPE, LAKE], shape).astype(np.uint8), crs=LONLAT, west=100, north=40, cell=cell
    )
    at = {"crs": LONLAT, "west": 99, "north": 41}
    coarse = {
        "precipitation": raster(rng.uniform(600, 1500, (30, 30)), "mm/year", cell=0.5, **at),
        "evapotranspiration": raster(rng.uniform(300, 900, (140, 140)), "mm/year", cell=0.1, **at),
    }
    county = block(7.3, 13.8, 1180.2, 1090.1, west=100, north=40, cell=cell)
    return make_study(codes, coarse, zones(county, crs=LONLAT))


def test_threads_and_windows_do_not_change_a_byte(tmp_path):
    from gep.engine.maps import write_maps
    from gep.plan.planner import make_plan

    study = large()
    study_plan = make_plan(study.inputs)
    for threads, window in ((1, 512), (4, 1024), (3, 2048)):
        write_maps(study_plan, study.inputs, tmp_path / f"{threads}", threads=threads, window=window)
    for name in (WATER, VALUE):
        first, *others = ((tmp_path / folder / name).read_bytes() for folder in "143")
        assert all(other == first for other in others)
    with pytest.raises(UsageError, match="multiple of 512"):
        write_maps(study_plan, study.inputs, tmp_path / "no", window=100)


def test_a_large_map_adds_up_but_for_its_border(tmp_path):
    from gep.inputs.grids.area import cell_areas
    from gep.inputs.grids.grid import Square

    study = large()
    account = study.run()
    study.maps(tmp_path / "maps", account=account)
    grid = study.inputs.grid
    areas = cell_areas(grid, Square(grid.row0, grid.row1, grid.col0, grid.col1))
    quantity = math.fsum(
        e.quantity for e in account.entries if e.service == "water_retention" and e.quantity is not None
    )
    assert integral(tmp_path / "maps" / WATER, areas) / 1000 == pytest.approx(quantity, rel=2e-3)


# which maps, and where ------------------------------------------------------------------------------------------------


def test_some_services_and_measures(tmp_path):
    study = make_study(cover(), layers(), COUNTIES)
    assert [p.name for p in study.maps(tmp_path / "one", ["water_retention"], ["value"])] == [VALUE]
    with pytest.raises(UsageError, match="water_retention"):
        study.maps(tmp_path / "two", ["water_retentoin"])
    with pytest.raises(UsageError, match="no map of crop_products"):
        study.maps(tmp_path / "two", ["crop_products"])
    with pytest.raises(UsageError, match="given as a list"):
        study.maps(tmp_path / "two", "water_retention")
    with pytest.raises(UsageError, match="quantity and value"):
        study.maps(tmp_path / "two", what=["money"])
    assert not (tmp_path / "two").exists()


def test_inputs_with_errors_give_no_maps(tmp_path):
    wrong = layers()
    wrong["precipitation"] = constant(-9999.0, "mm/year", SHAPE)
    with pytest.raises(InputError):
        make_study(cover(), wrong, COUNTIES).maps(tmp_path / "maps")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_anything_but_maps_is_left_alone(tmp_path):
    study = make_study(cover(), layers(), COUNTIES)
    folder = tmp_path / "maps"
    study.maps(folder)
    study.maps(folder, what=["value"])  # maps may be replaced
    assert {path.name for path in folder.iterdir()} == {VALUE, *OVERVIEWS}
    (folder / "roads.tif").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"roads\.tif"):
        study.maps(folder)
    assert {path.name for path in folder.iterdir()} == {VALUE, *OVERVIEWS, "roads.tif"}
    with pytest.raises(UsageError, match="is a file"):
        study.maps(folder / "roads.tif")


def test_all_or_nothing(tmp_path, monkeypatch):
    study = make_study(cover(), layers(), COUNTIES)
    study.maps(tmp_path / "maps", what=["value"])
    before = (tmp_path / "maps" / VALUE).read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gep.engine.maps._draw", fail)
    with pytest.raises(UsageError, match="disk is full"):
        study.maps(tmp_path / "maps")
    assert [path.name for path in tmp_path.iterdir()] == ["maps"]
    assert (tmp_path / "maps" / VALUE).read_bytes() == before


# the command line -----------------------------------------------------------------------------------------------------


@pytest.fixture
def gep(tmp_path, monkeypatch, capsys):
    return caller(monkeypatch, capsys, tmp_path)


def test_run_maps_writes_the_folder_and_nothing_more_on_standard_output(tmp_path, gep):
    project = write(tmp_path / "project")
    plain = gep("run", project, "--out", tmp_path / "plain", "--json")
    drawn = gep("run", project, "--out", tmp_path / "drawn", "--json", "--maps")
    assert (plain.code, drawn.code) == (0, 0)
    assert drawn.out == plain.out
    assert not (tmp_path / "plain" / "maps").exists()
    names = {path.name for path in (tmp_path / "drawn" / "maps").iterdir()}
    assert {WATER, VALUE, "air_purification.so2_capacity.tif"} <= names
    assert {name.partition(".")[0] for name in names} <= {"ecosystems", "services", *service_ids()}
    run_id = json.loads((tmp_path / "drawn" / "run.json").read_text(encoding="utf-8"))["run_id"]
    with rasterio.open(tmp_path / "drawn" / "maps" / WATER) as file:
        assert file.tags()["run_id"] == run_id
    assert gep("run", project, "--out", tmp_path / "drawn").code == 0  # a run without maps takes the place of one with
    assert not (tmp_path / "drawn" / "maps").exists()


def test_a_run_whose_maps_fail_leaves_the_earlier_one(tmp_path, gep, monkeypatch):
    project = write(tmp_path / "project")
    assert gep("run", project, "--out", tmp_path / "run").code == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("gep.engine.maps._draw", fail)
    stopped = gep("run", project, "--out", tmp_path / "run", "--maps")
    assert stopped.code == 130
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["project", "run"]


def test_a_value_map_says_what_is_no_figure_of_cells(sample_study, tmp_path):
    """Marshes are on the map of flood mitigation; lakes and reservoirs are totals."""
    paths = {path.name: path for path in sample_study.maps(tmp_path / "maps", services=["flood_mitigation"])}
    assert set(paths) == {"flood_mitigation.marsh.tif", "flood_mitigation.value.tif"}
    with rasterio.open(paths["flood_mitigation.value.tif"]) as source:
        tags = source.tags()
    assert tags["components"] == "marsh"
    assert tags["description_zh"] == "洪水调蓄：价值量"
    assert tags["rules_on_totals"] == "without lake, reservoir: figures of zones or features, not of cells"
