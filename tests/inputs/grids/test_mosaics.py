"""Tiles of one raster are read as one, twelve files as months; what is not one raster is refused."""

import tracemalloc

import numpy as np
import pytest
import rasterio
from affine import Affine

from gep.core.errors import InputError
from gep.inputs.fingerprints import layer_record
from gep.inputs.grids.files import file_hash
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer
from gep.inputs.grids.places import Tiles, place_of
from gep.inputs.product_layers import layer_of_product

SIDE = 0.25
"""Degrees: a number that a file can hold exactly."""


def tile(path, values, row=0, col=0, dtype="int16", side=SIDE, crs="EPSG:4326", **profile):
    """A tile whose corner is so many cells from 119° E, 49° N."""
    values = np.asarray(values, dtype)
    path.parent.mkdir(exist_ok=True)
    transform = Affine(side, 0, 119 + col * SIDE, 0, -side, 49 - row * SIDE)
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1, dtype=dtype, crs=crs,
        transform=transform, **profile,
    ) as file:  # fmt: skip
        file.write(values, 1)
    return path


def opened(place, folder, **said):
    return open_layer(LayerSpec("elevation", place_of(place, folder), units="m", **said), unit="m")


def values(layer, margin=0):
    rows, cols = layer.lattice.rows, layer.lattice.cols
    block = layer.open().read(-margin, rows + margin, -margin, cols + margin)
    return layer.decode(block.raw, block.hidden)


def refused(folder, place="*.tif", **said):
    with pytest.raises(InputError) as stopped:
        opened(place, folder, **said)
    return [problem for problem in stopped.value.problems if problem.severity == "error"]


WHOLE = np.arange(48).reshape(6, 8) + 100


def cut(folder, **profile):
    """Four tiles of one raster, which overlap by one row and one column."""
    for name, rows, cols in (
        ("nw", (0, 4), (0, 5)),
        ("ne", (0, 4), (4, 8)),
        ("sw", (3, 6), (0, 5)),
        ("se", (3, 6), (4, 8)),
    ):
        tile(folder / f"{name}.tif", WHOLE[slice(*rows), slice(*cols)], rows[0], cols[0], **profile)


@pytest.mark.parametrize(
    "profile", [{}, {"nodata": -32768}, {"dtype": "float32"}, {"dtype": "float32", "nodata": np.nan}]
)
def test_tiles_are_the_raster_that_they_were_cut_from(tmp_path, profile):
    cut(tmp_path, **profile)
    layer = opened("*.tif", tmp_path)
    assert layer.lattice[:4] == (119, 49, SIDE, SIDE)
    assert (values(layer) == WHOLE).all()
    tile(tmp_path / "whole" / "one.tif", WHOLE, **profile)
    alone = opened("whole/one.tif", tmp_path)
    assert np.array_equal(values(alone, 1), values(layer, 1), equal_nan=True)


@pytest.mark.parametrize("profile", [{}, {"nodata": -32768}, {"dtype": "float32"}])
def test_what_no_tile_covers_is_missing(tmp_path, profile):
    cut(tmp_path, **profile)
    (tmp_path / "se.tif").unlink()
    for nodata in (None, "none"):
        found = values(opened("*.tif", tmp_path, nodata=nodata))
        assert np.isnan(found[4:, 5:]).all()
        assert np.isfinite(found[:4]).all()
        assert np.isfinite(found[:, :5]).all()


def test_a_tile_that_has_nothing_does_not_hide_another(tmp_path):
    tile(tmp_path / "a.tif", [[1, 2], [3, -9]], nodata=-9)
    tile(tmp_path / "b.tif", [[-9, -9], [-9, 4]], nodata=-9)
    assert values(opened("?.tif", tmp_path)).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"crs": "EPSG:32650"}, "coordinate system"),
        ({"side": SIDE / 2}, "size of their cells"),
        ({"dtype": "float32"}, "how numbers are stored"),
        ({"nodata": -1}, "number for missing"),
        ({"col": 2.4}, "between the cells"),
        ({"col": 1}, "1 of 2 cells differ"),
        ({"col": 0}, "4 of 4 cells differ"),
    ],
)
def test_what_is_not_one_raster_is_refused(tmp_path, other, words):
    tile(tmp_path / "a.tif", [[1, 2], [3, 4]])
    tile(tmp_path / "b.tif", [[2, 5], [5, 6]], **{"col": 2, **other})
    (problem,) = refused(tmp_path)
    assert problem.code == "F47"
    assert words in str(problem.message)
    assert "a.tif" in problem.found or "b.tif" in str(problem.message)


def test_everything_that_differs_is_said(tmp_path):
    tile(tmp_path / "a.tif", [[1, 2], [3, 4]])
    tile(tmp_path / "b.tif", [[2, 5], [5, 6]], col=2, dtype="int32", nodata=7)
    with rasterio.open(tmp_path / "b.tif", "r+") as file:
        file.scales = [0.1]
    assert [p.code for p in refused(tmp_path)] == ["F47"] * 3
    (problem,) = refused(tmp_path, "no_such_*.tif")
    assert (problem.code, problem.found) == ("F47", "no_such_*.tif")
    (tmp_path / "c.tif").write_text("<VRTDataset/>")
    (problem,) = refused(tmp_path)
    assert (problem.code, "c.tif" in problem.found) == ("F01", True)


def test_a_name_with_brackets_is_one_file(tmp_path):
    path = tile(tmp_path / "rain [1].tif", [[1, 2], [3, 4]])
    assert place_of("rain [1].tif", tmp_path) == path
    assert isinstance(place_of("rain [2].tif", tmp_path), Tiles)
    inside = tile(tmp_path / "data [1]" / "rain.tif", [[1, 2], [3, 4]])
    for place, folder in (
        ("*.tif", inside.parent),
        ("**/rain.tif", tmp_path),
        (f"{tmp_path}/data*/*.tif", inside.parent),
    ):
        assert place_of(place, folder).files == (inside,)


@pytest.mark.parametrize("name", ["wc2.1_30s_prec_{:02d}.tif", "chirps-v2.0.2020.{:02d}.tif", "prec_{}.tif"])
def test_twelve_files_are_months(tmp_path, name):
    for month in range(1, 13):
        tile(tmp_path / name.format(month), [[month, month], [month, -9]], nodata=-9)
    spec = LayerSpec("precipitation", place_of("*.tif", tmp_path), units="mm")
    layer = open_layer(spec, unit="mm/year", monthly_unit="mm")
    assert layer.is_monthly
    assert values(layer)[:, 0, 0].tolist() == list(range(1, 13))
    assert layer.header.times == (tuple((2020, month) for month in range(1, 13)) if "2020" in name else ())
    (tmp_path / name.format(5)).unlink()
    assert "F47" in [p.code for p in refused(tmp_path)]  # eleven are no year


def test_months_of_a_product(tmp_path):
    for month in range(1, 13):
        tile(tmp_path / f"wc2.1_30s_prec_{month:02d}.tif", [[10 * month, -32768]], dtype="int16")
    spec = layer_of_product(LayerSpec("precipitation", place_of("wc2.1*.tif", tmp_path), product="worldclim"))
    found = values(open_layer(spec, unit="mm/year", monthly_unit="mm"))
    assert found[:, 0, 0].tolist() == [10 * month for month in range(1, 13)]
    assert np.isnan(found[:, 0, 1]).all()


def test_the_record_has_the_hash_of_every_tile(tmp_path):
    cut(tmp_path)
    record = layer_record(opened("*.tif", tmp_path))
    assert record["files"] == {f"{name}.tif": file_hash(tmp_path / f"{name}.tif") for name in ("ne", "nw", "se", "sw")}
    tile(tmp_path / "se.tif", WHOLE[3:6, 4:8] + 1, 3, 4)
    assert [p.code for p in refused(tmp_path)] == ["F47"]  # no longer those that were read


def test_windows_of_many_tiles_need_no_more_memory_than_they_have(tmp_path):
    values_of_tile = np.ones((512, 512), "int16")
    for row in range(4):
        for col in range(4):
            tile(tmp_path / f"{row}{col}.tif", values_of_tile, 512 * row, 512 * col, side=SIDE, tiled=True)
    layer = opened("*.tif", tmp_path)
    assert layer.lattice.rows == 2048
    source = layer.open()
    tracemalloc.start()
    total = sum(int(source.read(row, row + 256, 0, 512).raw.sum()) for row in range(0, 2048, 256))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == 2048 * 512
    assert most < 4 * 256 * 512 * 2
