"""Files of formats that a GDAL may lack, bare cells without their header, and composites that are no months."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray as xr

from gep.core.errors import InputError, Problem
from gep.inputs.grids import files
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.open import open_layer

HDF4, GRIB = b"\x0e\x03\x13\x01" + bytes(200), b"GRIB" + bytes(200)


def refusal(spec: LayerSpec, kind: str = "continuous") -> Problem:
    with pytest.raises(InputError) as caught:
        open_layer(spec, unit="m/year", monthly_unit="m", kind=kind)
    (problem,) = [found for found in caught.value.problems if found.severity == "error"]
    return problem


def hide_driver(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """A GDAL that was built without some drivers."""
    there = [name for name in files._drivers() if name not in names]
    monkeypatch.setattr(files, "_drivers", lambda: there)


@pytest.mark.parametrize(
    ("content", "format_", "driver"), [(HDF4, "HDF4", "HDF4"), (GRIB, "GRIB", "GRIB"), (b"msid\0", "MrSID", "MrSID")]
)
def test_a_format_without_its_driver_is_named_with_what_to_do(monkeypatch, tmp_path: Path, content, format_, driver):
    """The first bytes of HDF4 are 0e 03 13 01 (HDF Group, HDF4 specification), those of GRIB its name (WMO)."""
    hide_driver(monkeypatch, driver)
    path = tmp_path / "MOD16A3.hdf"
    path.write_bytes(content)
    found = refusal(LayerSpec("evapotranspiration", path, units="mm/year"))
    assert found.code == "F01"
    for words in (found.do, found.do.zh):
        assert format_ in words
        assert "`gdalinfo --formats`" in words
        assert "gdal_translate" in words
        assert "NetCDF" in words
    assert str(tmp_path) not in str(found)


def test_a_format_with_its_driver_that_cannot_be_read_is_damaged(tmp_path: Path):
    assert "GRIB" in files._drivers(), "the wheels of rasterio have it"
    path = tmp_path / "rain.grb"
    path.write_bytes(GRIB)
    found = refusal(LayerSpec("precipitation", path, units="mm"))
    assert found.code == "F01"
    assert found.do.startswith("It begins as GRIB, and is damaged")


def test_bare_cells_ask_for_their_header(tmp_path: Path):
    """As ENVI and EHdr have them; with the header the same cells are read."""
    path = tmp_path / "rain.dat"
    np.full((4, 5), 800, "<i2").tofile(path)
    found = refusal(LayerSpec("precipitation", path, units="mm/year"))
    assert (found.code, "`rain.hdr`" in found.do, "`rain.hdr`" in found.do.zh) == ("F01", True, True)
    header = "ENVI\nsamples = 5\nlines = 4\nbands = 1\ndata type = 2\ninterleave = bsq\nbyte order = 0\n"
    place = "map info = {UTM, 1, 1, 500000, 4000000, 30, 30, 50, North, WGS-84}\n"
    (tmp_path / "rain.hdr").write_text(header + place)
    layer = open_layer(LayerSpec("precipitation", path, units="mm/year", nodata="none"), unit="m/year")
    assert (layer.lattice.rows, layer.lattice.cols) == (4, 5)


def stack(path: Path, count: int) -> Path:
    about = {"driver": "GTiff", "height": 2, "width": 2, "count": count, "dtype": "float32", "crs": "EPSG:32650"}
    with rasterio.open(path, "w", **about, transform=rasterio.Affine(30, 0, 500000, 0, -30, 4000000)) as file:
        file.write(np.full((count, 2, 2), 10, "float32"))
    return path


PERIODS = {46: "8 days", 23: "16 days", 36: "dekads", 52: "weeks", 24: "half months"}


@pytest.mark.parametrize("bands", [None, "day", "month"])
@pytest.mark.parametrize("count", list(PERIODS))
def test_composites_are_told_by_their_number(tmp_path: Path, count: int, bands: str | None):
    """A year has 365 / 8 = 45.6 and 365 / 16 = 22.8 periods, each begun, 3 x 12 dekads, 52 weeks, 2 x 12 halves."""
    spec = LayerSpec("evapotranspiration", stack(tmp_path / "et.tif", count), units="mm", bands=bands)
    found = refusal(spec)
    assert found.code == "T21"
    assert f"{count} bands" in found.message
    assert PERIODS[count] in found.message
    assert str(count) in found.message.zh
    assert "twelve months" in found.allowed
    assert "十二个月" in found.allowed.zh


def test_composites_of_a_variable_are_told_too(tmp_path: Path):
    axes = {"y": 4e6 - 30 * np.arange(2.0), "x": 5e5 + 30 * np.arange(2.0), "time": np.arange(46)}
    data = xr.DataArray(np.ones((46, 2, 2)), dims=("time", "y", "x"), coords=axes, name="et")
    data = data.assign_coords(spatial_ref=xr.DataArray(0, attrs={"crs_wkt": rasterio.CRS.from_epsg(32650).to_wkt()}))
    data.to_netcdf(tmp_path / "et.nc", engine="h5netcdf")
    assert refusal(LayerSpec("evapotranspiration", tmp_path / "et.nc", units="mm", variable="et")).code == "T21"


def test_one_composite_may_be_meant_and_twelve_bands_are_months(tmp_path: Path):
    one = LayerSpec("evapotranspiration", stack(tmp_path / "et.tif", 46), units="mm/year", band=1, nodata=-1)
    assert open_layer(one, unit="m/year").problems == ()
    twelve = LayerSpec("evapotranspiration", stack(tmp_path / "months.tif", 12), units="mm", bands="month", nodata=-1)
    assert open_layer(twelve, unit="m/year", monthly_unit="m").problems == ()
    months = refusal(LayerSpec("evapotranspiration", stack(tmp_path / "plain.tif", 12), units="mm"))
    assert (months.code, 'bands = "month"' in months.do) == ("F02", True)
