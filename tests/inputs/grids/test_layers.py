"""What a layer is told by its file and by the project, and how it says what is wrong."""

from __future__ import annotations

import json
import pickle
import tomllib
from pathlib import Path
from typing import Any

import h5netcdf.core
import numpy as np
import pytest
import rasterio
import xarray as xr
from places import SHARED
from rasterio.transform import Affine, from_origin

from gep.core.errors import InputError, Problem
from gep.inputs.grids.arrays import StoredVariable
from gep.inputs.grids.grid import Grid
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.inputs.grids.open import open_layer


def write_tif(
    path: Path, values: np.ndarray, *, crs: str | None = "EPSG:4326", transform: Affine | None = None, **more: Any
) -> Path:
    bands = values if values.ndim == 3 else values[None]
    scales, offsets, units, names = (more.pop(key, None) for key in ("scales", "offsets", "units", "names"))
    profile = {
        "driver": "GTiff",
        "count": len(bands),
        "height": bands.shape[1],
        "width": bands.shape[2],
        "dtype": values.dtype,
        "crs": crs,
    }
    with rasterio.open(path, "w", **profile, transform=transform or from_origin(100.0, 40.0, 0.5, 0.5), **more) as file:
        file.write(bands)
        if scales:
            file.scales = (scales,) * len(bands)
        if offsets:
            file.offsets = (offsets,) * len(bands)
        if units:
            file.units = (units,) * len(bands)
        if names:
            file.descriptions = names
    return path


def array(values: np.ndarray, **attrs: Any) -> xr.DataArray:
    """On the same cells as `write_tif` by default."""
    rows, cols = values.shape[-2:]
    coords = {"lat": 40 - 0.25 - 0.5 * np.arange(rows), "lon": 100.25 + 0.5 * np.arange(cols)}
    dims = ("lat", "lon") if values.ndim == 2 else ("month", "lat", "lon")
    return xr.DataArray(values, dims=dims, coords=coords, attrs=attrs, name="field")


def cells(layer: Layer) -> np.ndarray:
    block = layer.open().read(0, layer.lattice.rows, 0, layer.lattice.cols)
    return layer.decode(block.raw, block.hidden)


def refusal(spec: LayerSpec, unit: str = "m", **more: Any) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        open_layer(spec, unit=unit, **more)
    assert all(p.subject == spec.name and p.do for p in caught.value.problems if p.severity == "error")
    return caught.value.problems


def only_error(spec: LayerSpec, unit: str = "m", **more: Any) -> Problem:
    (problem,) = [p for p in refusal(spec, unit, **more) if p.severity == "error"]
    return problem


def codes(layer: Layer) -> list[str]:
    return [p.code for p in layer.problems]


# -- scale, offset, nodata, unit ---------------------------------------------------------------------------------------


def test_temperature_in_tenths_of_a_degree_by_hand(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "t.tif", np.array([[123, -9999]], np.int16), nodata=-9999)
    layer = open_layer(LayerSpec("air_temperature", path, units="degC", scale=0.1), unit="K")
    warm, missing = cells(layer)[0]
    assert warm == pytest.approx(12.3 + 273.15, abs=1e-12)  # 285.45 K
    assert np.isnan(missing)
    assert layer.problems == ()


def test_nodata_is_tested_before_scaling(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "ndvi.tif", np.array([[-1, 0, 20, 200]], np.float32), nodata=-1)
    layer = open_layer(LayerSpec("ndvi", path, units="1", scale=0.004, offset=-0.08), unit="1")
    assert cells(layer)[0] == pytest.approx([np.nan, -0.08, 0.0, 0.72], nan_ok=True, abs=1e-15)


def test_the_files_own_scale_offset_and_unit_are_used(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "p.tif", np.array([[250]], np.int16), nodata=-1, scales=2.0, offsets=100.0, units="mm")
    layer = open_layer(LayerSpec("depth", path), unit="m")
    assert cells(layer)[0, 0] == pytest.approx((250 * 2 + 100) / 1000)
    assert layer.problems == ()


def test_the_projects_scale_replaces_the_files_and_says_so(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "p.tif", np.array([[250]], np.int16), nodata=-1, scales=0.1, units="m")
    layer = open_layer(LayerSpec("depth", path, scale=0.5, units="mm"), unit="m")
    assert cells(layer)[0, 0] == pytest.approx(0.125)  # 250 × 0.5 mm, not 250 × 0.1 × 0.5
    assert codes(layer) == ["U04", "U05"]
    assert "the file says 0.1, gep.toml says 0.5" in layer.problems[0].found
    assert "not multiplied" in layer.problems[0].message


def test_the_same_scale_said_twice_is_applied_once_and_silently() -> None:
    da = array(
        np.array([[10]], np.int16).repeat(2, 0).repeat(2, 1),
        scale_factor=np.float32(0.1),
        _FillValue=np.int16(-1),
        units="m s-1",
    )
    layer = open_layer(LayerSpec("wind_speed", da, scale=0.1, units="m/s"), unit="m/s")
    assert cells(layer)[0, 0] == 1.0
    assert [c for c in codes(layer) if c != "G04"] == []


def test_a_float32_scale_means_the_decimal_that_was_written(tmp_path: Path) -> None:
    da = array(np.array([[3, 3], [3, 3]], np.int16), scale_factor=np.float32(0.1), _FillValue=np.int16(-1), units="m")
    da.to_dataset(name="x").to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    assert open_layer(LayerSpec("x", tmp_path / "x.nc"), unit="m").scale == 0.1


def test_another_nodata_replaces_the_files_and_says_so(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "x.tif", np.array([[-1, -9999, 3]], np.float32), nodata=-9999)
    layer = open_layer(LayerSpec("x", path, units="m", nodata=-1), unit="m")
    assert cells(layer)[0] == pytest.approx([np.nan, -9999, 3], nan_ok=True)
    assert codes(layer) == ["N04"]
    assert -9999.0 in layer.suspects


def test_nodata_none_keeps_every_value(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "x.tif", np.array([[0, 5]], np.uint8), nodata=0)
    layer = open_layer(LayerSpec("x", path, units="m", nodata="none"), unit="m")
    assert cells(layer)[0].tolist() == [0, 5]
    assert layer.nodata is None


def test_float32_nodata_is_compared_in_float32(tmp_path: Path) -> None:
    lowest = np.finfo(np.float32).min
    path = write_tif(tmp_path / "x.tif", np.array([[lowest, 1]], np.float32))
    layer = open_layer(LayerSpec("x", path, units="m", nodata=-3.40282347e38), unit="m")
    assert cells(layer)[0] == pytest.approx([np.nan, 1], nan_ok=True)


def test_a_nodata_that_the_cells_cannot_have_is_a_warning(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "x.tif", np.array([[0, 5]], np.uint8))
    layer = open_layer(LayerSpec("x", path, units="m", nodata=-9999), unit="m")
    assert codes(layer) == ["N04"]
    assert "uint8" in layer.problems[0].message


def test_integers_without_nodata_are_pointed_out_and_floats_are_not(tmp_path: Path) -> None:
    whole = write_tif(tmp_path / "i.tif", np.array([[1]], np.int16))
    real = write_tif(tmp_path / "f.tif", np.array([[np.nan]], np.float32))
    assert codes(open_layer(LayerSpec("x", whole, units="m"), unit="m")) == ["N01"]
    assert codes(open_layer(LayerSpec("x", whole, units="m", nodata="none"), unit="m")) == []
    assert np.isnan(cells(open_layer(LayerSpec("x", real, units="m"), unit="m"))).all()


def test_suspects_are_those_of_the_dtype_in_canonical_units(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "x.tif", np.array([[-9999, -32768, 7]], np.int16), nodata=-32768)
    layer = open_layer(LayerSpec("t", path, units="degC", scale=0.1), unit="K")
    assert cells(layer)[0, 0] in layer.suspects  # bit for bit, so that == finds it
    assert not any(value > 1e5 for value in layer.suspects)
    assert -32768 * 0.1 + 273.15 not in layer.suspects
    byte = write_tif(tmp_path / "b.tif", np.array([[255]], np.uint8))
    assert open_layer(LayerSpec("t", byte, units="1"), unit="1").suspects == ()


def test_a_mask_inside_the_file_hides_cells(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "x.tif", np.array([[1, 2]], np.uint8))
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as file:
        file.write_mask(np.array([[True, False]]))
    layer = open_layer(LayerSpec("x", path, units="m"), unit="m")
    assert cells(layer)[0] == pytest.approx([1, np.nan], nan_ok=True)


def test_unsigned_bytes_of_netcdf3() -> None:
    da = array(np.array([[-56, -1], [1, 2]], np.int8), _Unsigned="true", _FillValue=np.int8(-1), units="1")
    assert cells(open_layer(LayerSpec("x", da), unit="1")).ravel() == pytest.approx([200, np.nan, 1, 2], nan_ok=True)


# -- months, bands, variables ------------------------------------------------------------------------------------------

TWELVE = np.arange(12, dtype=np.float32)[:, None, None] + np.zeros((12, 2, 2), np.float32)


def test_bands_described_as_months_are_months_in_their_order(tmp_path: Path) -> None:
    names = tuple(f"month_{(i + 3) % 12 + 1:02d}" for i in range(12))  # April first
    path = write_tif(tmp_path / "m.tif", TWELVE, names=names)
    layer = open_layer(LayerSpec("precipitation", path, units="mm"), unit="m/year", monthly_unit="m")
    assert layer.is_monthly
    assert layer.unit == "m"
    assert cells(layer)[:, 0, 0] == pytest.approx(np.array([9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7, 8]) / 1000)


def test_bands_month_on_plain_bands_and_one_band_of_them(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "m.tif", TWELVE)
    assert cells(open_layer(LayerSpec("x", path, units="m", bands="month"), unit="m")).shape == (12, 2, 2)
    fifth = open_layer(LayerSpec("x", path, units="m", band=5), unit="m")
    assert not fifth.is_monthly
    assert cells(fifth)[0, 0] == 4
    problem = only_error(LayerSpec("x", path, units="m"))
    assert problem.code == "F02"
    assert 'bands = "month"' in problem.do


@pytest.mark.parametrize(
    "coordinate",
    [
        ("month", np.arange(1, 13), {}),
        ("month", np.arange(12), {}),
        ("time", 15 + 30 * np.arange(12), {"units": "days since 2019-01-01"}),
        ("time", np.arange(12), {"units": "months since 2019-01-15"}),
        ("band", np.array(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]), {}),
    ],
)
def test_a_month_axis_is_recognised(coordinate: tuple[str, np.ndarray, dict[str, str]]) -> None:
    name, values, attrs = coordinate
    da = array(TWELVE, units="m").rename(month=name).assign_coords({name: xr.Variable(name, values, attrs)})
    layer = open_layer(LayerSpec("x", da.transpose("lat", name, "lon")), unit="m")
    assert layer.is_monthly
    assert cells(layer)[:, 0, 0].tolist() == list(range(12))


def test_twelve_years_are_not_months() -> None:
    times = xr.Variable("time", 365 * np.arange(12), {"units": "days since 2001-01-01", "calendar": "noleap"})
    da = array(TWELVE, units="m").rename(month="time").assign_coords(time=times)
    assert only_error(LayerSpec("x", da)).code == "F02"


def test_a_dimension_of_length_one_is_dropped() -> None:
    da = array(np.ones((2, 2), np.float32), units="m").expand_dims(time=[0.0])
    assert cells(open_layer(LayerSpec("x", da), unit="m")).shape == (2, 2)


def test_a_band_may_be_named_by_its_description(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "soil.tif", TWELVE[:3], names=("clay", "silt", "sand"))
    assert cells(open_layer(LayerSpec("x", path, units="m", variable="sand"), unit="m"))[0, 0] == 2
    problem = only_error(LayerSpec("x", path, units="m", variable="sadn"))
    assert problem.code == "F03"
    assert "Did you mean `sand`" in problem.do


def test_several_bands_or_a_band_that_is_not_there(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "soil.tif", TWELVE[:3], names=("clay", "silt", "sand"))
    several = only_error(LayerSpec("x", path, units="m"))
    assert (several.code, several.found) == ("F02", "1 clay; 2 silt; 3 sand")
    beyond = only_error(LayerSpec("x", path, units="m", band=4))
    assert (beyond.code, beyond.allowed) == ("F03", "a band from 1 to 3")
    assert only_error(LayerSpec("x", path, units="m", bands="month")).code == "F02"


def test_netcdf_variables(tmp_path: Path) -> None:
    path = tmp_path / "soil.nc"
    soil = array(np.ones((2, 2), np.float32), units="1")
    xr.Dataset({"clay": soil, "sand": soil * 2, "count": ("n", [1])}).to_netcdf(path, engine="h5netcdf")
    assert only_error(LayerSpec("x", path, units="1"), "1").found == "clay, sand"
    wrong = only_error(LayerSpec("x", path, units="1", variable="snad"), "1")
    assert wrong.code == "F03"
    assert "Did you mean `sand`" in wrong.do
    layer = open_layer(LayerSpec("x", path, units="1", variable="sand"), unit="1")
    assert cells(layer)[0, 0] == 2
    assert codes(layer) == ["G04"]
    assert layer.problems[0].severity == "information"
    assert layer.problems[0].place == "soil.nc, sand"


def test_a_file_of_many_variables_is_opened_once_for_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, field = tmp_path / "soil.nc", array(np.full((4, 6), 2.0))
    opened: list[str] = []

    def counted(plain: Any) -> Any:
        def opens(place: Path, *arguments: Any, **options: Any) -> Any:
            opened.append(Path(place).name)
            return plain(place, *arguments, **options)

        return opens

    def write(clay: float) -> None:
        xr.Dataset({"clay": field * clay, "sand": field * 3}).to_netcdf(path, engine="h5netcdf")

    def layers() -> list[Layer]:
        return [open_layer(LayerSpec(name, path, variable=name, units="1"), unit="1") for name in ("clay", "sand")]

    monkeypatch.setattr(xr, "open_dataset", counted(xr.open_dataset))  # for its header
    monkeypatch.setattr(h5netcdf.core, "File", counted(h5netcdf.core.File))  # for its cells
    write(1)
    clay, sand = layers()
    assert opened == ["soil.nc"]
    sources = [layer.open() for layer in (clay, sand)]
    assert opened == ["soil.nc"] * 2
    sources[0].close()
    assert np.array_equal(sources[1].read(0, 4, 0, 6).raw, np.full((4, 6), 6.0))  # the other may still be read
    sources[1].close()
    write(5)  # a file that was written again is another file
    clay, _ = layers()
    assert opened == ["soil.nc"] * 3
    assert np.array_equal(clay.open().read(0, 4, 0, 6).raw, np.full((4, 6), 10.0))


def test_a_stored_variable_gives_its_months_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    """Cells are 100 month + 10 row + column, so that each says where it lies; HDF5 itself gives rows in file order."""
    month, row, col = np.meshgrid(np.arange(5), np.arange(3), np.arange(4), indexing="ij")
    cells = xr.DataArray(100 * month + 10 * row + col, dims=("month", "y", "x"))
    xr.Dataset({"rain": cells}).to_netcdf(tmp_path / "rain.nc", engine="h5netcdf")
    stored = StoredVariable(tmp_path / "rain.nc", "rain")
    found = stored.read({"y": slice(1, 3), "x": slice(2, 4), "month": [3, 0, 3]}, ["month", "x", "y"])
    assert found.tolist() == [[[312, 322], [313, 323]], [[12, 22], [13, 23]], [[312, 322], [313, 323]]]
    assert stored.read({"y": slice(0, 1), "x": slice(0, 2)}, ["x", "y"]).tolist() == [[0], [1]]  # of the first month


# -- lattice and CRS ---------------------------------------------------------------------------------------------------


def test_every_order_of_rows_and_columns_is_the_same_layer(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    expected = open_layer(LayerSpec("x", write_tif(tmp_path / "x.tif", values), units="m"), unit="m")
    south_up = write_tif(tmp_path / "s.tif", values[::-1], transform=Affine(0.5, 0, 100, 0, 0.5, 39))
    da = array(values, units="m")
    for other in (south_up, da, da[::-1], da[:, ::-1], da[::-1, ::-1].T):
        layer = open_layer(LayerSpec("x", other, units="m"), unit="m")
        assert layer.lattice == expected.lattice
        assert cells(layer).tolist() == values.tolist()


def test_float32_coordinates_give_the_lattice_that_was_meant() -> None:
    lat, lon = (
        (40 - 0.05 * (np.arange(60) + 0.5)).astype(np.float32),
        (115 + 0.05 * (np.arange(80) + 0.5)).astype(np.float32),
    )
    da = xr.DataArray(
        np.zeros((60, 80), np.float32), dims=("lat", "lon"), coords={"lat": lat, "lon": lon}, attrs={"units": "m"}
    )
    assert open_layer(LayerSpec("x", da), unit="m").lattice == (115.0, 40.0, 0.05, 0.05, 60, 80)


def test_an_irregular_origin_is_kept(tmp_path: Path) -> None:
    path = write_tif(
        tmp_path / "x.tif",
        np.zeros((2, 2), np.float32),
        transform=from_origin(114.99553477, 53.8616072268, 0.1428571424, 0.1428571424),
    )
    assert open_layer(LayerSpec("x", path, units="m"), unit="m").lattice[:4] == (
        114.99553477,
        53.8616072268,
        0.1428571424,
        0.1428571424,
    )


@pytest.mark.parametrize(
    ("lat", "words"),
    [
        (np.array([40.0, 39.0, 37.0]), "not evenly spaced"),
        (np.array([40.0, np.nan, 38.0]), "not evenly spaced"),
        (np.array([40.0, 40.0, 40.0]), "not evenly spaced"),
    ],
)
def test_irregular_coordinates(lat: np.ndarray, words: str) -> None:
    da = xr.DataArray(
        np.zeros((3, 2)), dims=("lat", "lon"), coords={"lat": lat, "lon": [1.0, 2.0]}, attrs={"units": "m"}
    )
    problem = only_error(LayerSpec("x", da))
    assert problem.code == "G03"
    assert words in problem.message


def test_no_coordinates_or_no_dimensions_that_are_y_and_x() -> None:
    bare = xr.DataArray(np.zeros((3, 2)), dims=("y", "x"), attrs={"units": "m"})
    assert "where its cells lie" in refusal(LayerSpec("x", bare))[0].message
    nameless = xr.DataArray(np.zeros((3, 2)), attrs={"units": "m"})
    assert "which dimensions" in only_error(LayerSpec("x", nameless)).message


def test_dimensions_are_recognised_by_what_cf_says_of_them() -> None:
    da = array(np.array([[1.0, 2.0]] * 2), units="m").rename(lat="j", lon="i")
    da["j"].attrs["units"], da["i"].attrs["standard_name"] = "degrees_north", "longitude"
    assert cells(open_layer(LayerSpec("x", da), unit="m"))[0].tolist() == [1, 2]


def test_crs_of_grid_mapping_attribute_or_none() -> None:
    da = xr.DataArray(
        np.zeros((2, 2)), dims=("y", "x"), coords={"y": [3.0e6, 2.9e6], "x": [4e5, 5e5]}, attrs={"units": "m"}
    )
    assert only_error(LayerSpec("x", da)).code == "G01"
    mapped = da.assign_coords(spatial_ref=xr.Variable((), 0, {"crs_wkt": rasterio.crs.CRS.from_epsg(32650).to_wkt()}))
    for other in (mapped, da.assign_attrs(crs="EPSG:32650")):
        assert open_layer(LayerSpec("x", other), unit="m").crs.to_epsg() == 32650
    assert only_error(LayerSpec("x", da.assign_attrs(crs="no such thing"))).code == "G01"


def test_geotiff_without_crs_or_rotated(tmp_path: Path) -> None:
    bare = write_tif(tmp_path / "x.tif", np.zeros((2, 2), np.float32), crs=None)
    problem = only_error(LayerSpec("x", bare, units="m"))
    assert problem.code == "G01"
    assert "gdal_edit.py" in problem.do
    turned = write_tif(tmp_path / "r.tif", np.zeros((2, 2), np.float32), transform=Affine(0.5, 0.1, 100, 0.1, -0.5, 40))
    problem = only_error(LayerSpec("x", turned, units="m"))
    assert problem.code == "G03"
    assert "gdalwarp" in problem.do


# -- errors ------------------------------------------------------------------------------------------------------------


def test_missing_file_with_the_near_name(tmp_path: Path) -> None:
    write_tif(tmp_path / "precipitation.tif", np.zeros((2, 2), np.float32))
    problem = only_error(LayerSpec("x", tmp_path / "precipitaton.tif", units="m"))
    assert problem.code == "F01"
    assert problem.place == "precipitaton.tif"
    assert "Did you mean `precipitation.tif`" in problem.do


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"station,value\n1,2\n", "QGIS"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"", "empty"),
        (b"\x89HDF\r\n\x1a\nnot more", "QGIS"),
        (b"CDF\x01 not more", "QGIS"),
    ],
)
def test_a_file_that_is_not_a_raster(tmp_path: Path, content: bytes, hint: str) -> None:
    path = tmp_path / "text.tif"
    path.write_bytes(content)
    problem = only_error(LayerSpec("x", path, units="m"))
    assert (problem.code, problem.message) == ("F01", "This is not a raster that can be read.")
    assert hint in problem.do
    assert str(tmp_path) not in str(problem)


def test_a_file_cut_short_is_an_error_when_it_is_read(tmp_path: Path) -> None:
    path = write_tif(
        tmp_path / "x.tif", np.random.default_rng(1).random((300, 300)).astype(np.float32), compress="deflate"
    )
    path.write_bytes(path.read_bytes()[:-100_000])
    with pytest.raises(InputError, match="damaged or cut short"):
        cells(open_layer(LayerSpec("x", path, units="m"), unit="m"))


def test_units_missing_wrong_ambiguous_or_unknown(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "x.tif", np.zeros((2, 2), np.float32))
    missing = only_error(LayerSpec("precipitation", path), "m/year")
    assert missing.code == "U01"
    assert missing.allowed == "a unit that can be turned into m/year"
    wrong = only_error(LayerSpec("precipitation", path, units="mm"), "m/year")
    assert wrong.code == "U02"
    assert "mm/year" in wrong.message
    assert only_error(LayerSpec("x", path, units="degrees"), "K").code == "U02"
    assert "not understood" in only_error(LayerSpec("x", path, units="furlong"), "m").message
    in_file = write_tif(tmp_path / "y.tif", np.zeros((2, 2), np.float32), units="kg")
    assert "The file's unit does not fit" in only_error(LayerSpec("x", in_file), "m").message
    assert open_layer(LayerSpec("x", path), unit="1", kind="class").unit == "1"


def test_every_error_is_found_at_once(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "x.tif", np.zeros((2, 2), np.int16), crs=None)
    found = refusal(LayerSpec("x", path, units="kg", nodata="many", resampling="cubist"), "m")
    assert [p.code for p in found] == ["G06", "G01", "N04", "U02"]
    found = refusal(LayerSpec("x", tmp_path / "nowhere.tif", units="kg"), "m")
    assert [p.code for p in found] == ["F01", "U02"]


def test_class_codes_are_neither_scaled_nor_interpolated(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "x.tif", np.array([[1, 2]], np.uint8), scales=0.5)
    layer = open_layer(LayerSpec("land_cover", path), unit="1", kind="class")
    assert codes(layer) == ["U04"]
    assert (layer.scale, layer.offset) == (1, 0)
    assert only_error(LayerSpec("land_cover", path, resampling="bilinear"), "1", kind="class").code == "G06"
    months = write_tif(tmp_path / "m.tif", TWELVE.astype(np.uint8))
    assert only_error(LayerSpec("land_cover", months, bands="month"), "1", kind="class").code == "F02"


# -- what is recorded --------------------------------------------------------------------------------------------------


def test_description_is_json_without_folders(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "x.tif", np.zeros((2, 2), np.float32), nodata=np.nan)
    text = json.dumps(open_layer(LayerSpec("x", path, units="mm"), unit="m").describe(), allow_nan=False)
    assert str(tmp_path) not in text
    assert json.loads(text)["crs"] == "EPSG:4326"


def test_fingerprints(tmp_path: Path) -> None:
    values = np.arange(700 * 3, dtype=np.float32).reshape(700, 3)
    da = array(values, units="m")
    plain, lazy = (open_layer(LayerSpec("x", d), unit="m").fingerprint() for d in (da, da.chunk(lat=137, lon=2)))
    assert plain == lazy
    assert open_layer(LayerSpec("x", da + 1, units="m"), unit="m").fingerprint() != plain
    assert open_layer(LayerSpec("x", da.assign_coords(lon=da.lon + 0.5), units="m"), unit="m").fingerprint() != plain
    first, second = (write_tif(tmp_path / name, values) for name in ("a.tif", "b.tif"))
    assert len({open_layer(LayerSpec("x", p, units="m"), unit="m").fingerprint() for p in (first, second)}) == 1
    da.to_zarr(tmp_path / "x.zarr")
    layer = open_layer(LayerSpec("x", tmp_path / "x.zarr"), unit="m")
    before = layer.fingerprint()
    (tmp_path / "x.zarr" / "note.txt").write_text("more")
    assert layer.fingerprint() != before


def test_a_layer_can_be_sent_to_a_worker(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "x.tif", np.arange(4, dtype=np.float32).reshape(2, 2))
    for data in (path, array(np.ones((2, 2))), array(np.ones((2, 2))).chunk()):
        layer = open_layer(LayerSpec("x", data, units="mm"), unit="m")
        assert cells(pickle.loads(pickle.dumps(layer))).tolist() == cells(layer).tolist()


# -- the real data -----------------------------------------------------------------------------------------------------

UNITS = {
    "precipitation": "m/year",
    "potential_evapotranspiration": "m/year",
    "evapotranspiration": "m/year",
    "air_temperature": "K",
    "elevation": "m",
    "net_primary_production": "kg*carbon/(m^2*year)",
    "wind_speed": "m/s",
}


@pytest.mark.shared
@pytest.mark.parametrize("region", ["hulunbuir", "rhine"])
def test_every_real_layer_opens_and_reads(region: str) -> None:
    from gep.inputs.grids.align import overlaps
    from gep.inputs.grids.reader import Reader

    folder = SHARED / "data" / region
    if not folder.is_dir():
        pytest.skip("the real rasters are not beside the checkout")
    project = tomllib.loads((folder / "gep.toml").read_text(encoding="utf-8"))
    cover = open_layer(LayerSpec("land_cover", folder / project["land_cover"]["path"]), unit="1", kind="class")
    grid = Grid(cover.crs, *cover.lattice[:4], 0, cover.lattice.rows, 0, cover.lattice.cols)
    for name, given in project["layers"].items():
        path = folder / given.pop("path")
        layer = open_layer(LayerSpec(name, path, **given), unit=UNITS.get(name, "1"))
        assert {p.severity for p in layer.problems} <= {"information"}
        assert overlaps(layer, grid)
        assert layer.is_monthly == (name in {"wind_speed", "leaf_area_index"})
        reader = Reader(layer, grid)
        highest = np.concatenate([reader.square(square).highest.ravel() for square in grid.squares()])
        assert np.isfinite(highest).any()
        assert not np.isin(highest, layer.suspects).any()


def test_several_numbers_may_mean_missing(tmp_path):
    path = tmp_path / "et.tif"
    values = np.array([[4000, 32761, 32766], [5000, 32767, 6000]], "int16")
    with rasterio.open(
        path, "w", driver="GTiff", width=3, height=2, count=1, dtype="int16", crs="EPSG:4326",
        transform=Affine(0.1, 0, 119, 0, -0.1, 49),
    ) as file:  # fmt: skip
        file.write(values, 1)
    spec = LayerSpec("evapotranspiration", path, units="mm/year", scale=0.1, nodata=[32761, 32766, 32767])
    layer = open_layer(spec, unit="mm/year")
    assert layer.missing_values == (32761.0, 32766.0, 32767.0)
    missing = layer.missing(values)
    assert missing.tolist() == [[False, True, True], [False, True, False]]
