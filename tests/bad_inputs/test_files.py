"""Files that are not what they should be: each mistake once, on a small sound project, with the code that must name it.

Nothing may pass in silence and nothing may end in a traceback.
"""

from __future__ import annotations

import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import projects
import pytest
import rasterio
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasterio.control import GroundControlPoint

from gep.core.errors import GepError
from gep.inputs.grids.files import file_hash, files_hash
from gep.study.folder import write_run
from gep.study.study import Study

ROWS, COLS = projects.ROWS, projects.COLS
TEXT_ORDER = sorted(range(1, 13), key=str)
RAIN = projects.PRECIPITATION


def study(folder: Path) -> Study:
    return Study.open(folder / "gep.toml")


def codes(folder: Path) -> dict[str, str]:
    """What `check` finds, by code, with all that is said of it; the same errors must stop a run."""
    found = study(folder).check(threads=1)
    texts: dict[str, str] = {}
    for problem in found:
        texts[problem.code] = texts.get(problem.code, "") + str(problem)
    return texts


def change_bytes(path: Path, old: bytes, new: bytes) -> None:
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))


def netcdf(folder: Path, values, attrs=None, coords=None, dims=("lat", "lon"), group=None, **layer) -> None:
    """Precipitation as a NetCDF file in place of the GeoTIFF."""
    lat = projects.NORTH - (np.arange(ROWS) + 0.5) * projects.CELL
    lon = projects.WEST + (np.arange(COLS) + 0.5) * projects.CELL
    own = {"lat": ("lat", lat, {"units": "degrees_north"}), "lon": ("lon", lon, {"units": "degrees_east"})}
    data = xr.Dataset({"rain": (dims, values, attrs or {})}, coords=own | (coords or {}))
    data.to_netcdf(folder / "rain.nc", engine="h5netcdf", group=group)
    projects.write_toml(
        folder / "gep.toml",
        projects.merged(
            projects.document(),
            {"layers": {"precipitation": {"path": "rain.nc", "units": "mm/year", "year": None} | layer}},
        ),
    )


def months(folder: Path, bands, descriptions=(), **layer) -> None:
    projects.raster(folder / "precipitation.tif", bands, descriptions=descriptions)
    changes = {"layers": {"precipitation": {"units": "mm", "bands": "month"} | layer}}
    projects.write_toml(folder / "gep.toml", projects.merged(projects.document(), changes))


def set_scales(folder: Path) -> None:
    months(folder, np.full((12, ROWS, COLS), RAIN))
    with rasterio.open(folder / "precipitation.tif", "r+") as file:
        file.scales = (0.1,) * 6 + (1 / 15,) * 6  # half a year each: 6 x 100 + 6 x 66.67


def layered(folder: Path) -> None:
    import geopandas

    frame = geopandas.read_file(folder / "counties.geojson")
    for name in ("old", "new"):
        frame.to_file(folder / "counties.gpkg", layer=name, driver="GPKG")
    projects.write_toml(folder / "gep.toml", projects.merged(projects.document(), {"zones": {"path": "counties.gpkg"}}))


def mosaic(folder: Path, source: str = "tile.tif") -> None:
    """Precipitation as a VRT of one tile, under the name of the GeoTIFF."""
    if not (folder / "tile.tif").exists():
        (folder / "precipitation.tif").rename(folder / "tile.tif")
    transform = f"{projects.WEST},{projects.CELL},0,{projects.NORTH},0,-{projects.CELL}"
    (folder / "precipitation.tif").write_text(
        f'<VRTDataset rasterXSize="{COLS}" rasterYSize="{ROWS}"><SRS>EPSG:4326</SRS><GeoTransform>{transform}'
        '</GeoTransform><VRTRasterBand dataType="Float32" band="1"><NoDataValue>-9999</NoDataValue><SimpleSource>'
        f'<SourceFilename relativeToVRT="1">{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>'
        "</VRTRasterBand></VRTDataset>",
        encoding="utf-8",
    )


def control_points(folder: Path) -> None:
    points = [GroundControlPoint(r, c, 100 + c * 0.01, 30.3 - r * 0.01) for r in (0, ROWS) for c in (0, COLS)]
    profile = {"driver": "GTiff", "width": COLS, "height": ROWS, "count": 1, "dtype": "float32"}
    with rasterio.open(folder / "precipitation.tif", "w", **profile) as file:
        file.write(np.full((ROWS, COLS), RAIN, "float32"), 1)
        file.gcps = (points, rasterio.crs.CRS.from_epsg(4326))


def blocks_of(side: int) -> Callable[[Path], None]:
    """A header that announces tiles of so many rows and columns, none of which is there."""

    def spoil(folder: Path) -> None:
        with rasterio.open(folder / "precipitation.tif") as file:
            profile = file.profile | {"tiled": True, "blockxsize": 16, "blockysize": 16, "SPARSE_OK": True}
        with rasterio.open(folder / "precipitation.tif", "w", **profile):
            pass
        for tag in (322, 323):  # width and length of a tile, as numbers of two bytes
            old, new = (struct.pack("<HHIHH", tag, 3, 1, size, 0) for size in (16, side))
            change_bytes(folder / "precipitation.tif", old, new)

    return spoil


def endless_axis(folder: Path) -> None:
    """A NetCDF file whose latitudes are announced by the thousand million, and not written."""
    import h5py

    netcdf(folder, np.full((ROWS, COLS), RAIN))
    with h5py.File(folder / "rain.nc", "w") as file:
        lat = file.create_dataset("lat", (10**9,), chunks=(2**20,), dtype="f8")
        lon = file.create_dataset("lon", data=projects.WEST + np.arange(COLS) * projects.CELL)
        rain = file.create_dataset("rain", (10**9, COLS), chunks=(1024, COLS), dtype="f4")
        for dim, axis in enumerate((lat, lon)):
            axis.make_scale()
            rain.dims[dim].attach_scale(axis)


def unplaced(folder: Path) -> None:
    profile = {"driver": "GTiff", "width": COLS, "height": ROWS, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(folder / "precipitation.tif", "w", **profile) as file:
        file.write(np.full((ROWS, COLS), RAIN, "float32"), 1)


def cell_size(value: float) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        change_bytes(folder / "precipitation.tif", struct.pack("<d", projects.CELL), struct.pack("<d", value))

    return spoil


def ring(change: Callable[[list], object]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        document = json.loads((folder / "counties.geojson").read_text(encoding="utf-8"))
        change(document["features"][0]["geometry"]["coordinates"])
        (folder / "counties.geojson").write_text(json.dumps(document), encoding="utf-8")

    return spoil


def hole(coordinates: list) -> None:
    west, south = projects.WEST + 0.05, projects.NORTH - 0.2
    coordinates.append(projects.square(west, south, west + 0.1, south + 0.1)[::-1])


def text(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def damaged_tile(folder: Path) -> None:
    """A deflated GeoTIFF of strips, with one strip in the middle overwritten."""
    values = np.random.default_rng(1).uniform(900, 1100, (ROWS, COLS)).astype("float32")
    with rasterio.open(folder / "precipitation.tif") as file:
        profile = file.profile | {"compress": "deflate", "blockysize": 2, "tiled": False}
    with rasterio.open(folder / "precipitation.tif", "w", **profile) as file:
        file.write(values, 1)
    raw = bytearray((folder / "precipitation.tif").read_bytes())
    middle = len(raw) // 2
    raw[middle - 400 : middle + 400] = b"\xff" * 800
    (folder / "precipitation.tif").write_bytes(bytes(raw))


def infinite(folder: Path) -> None:
    values = np.full((ROWS, COLS), RAIN, "float32")
    values[3] = np.inf
    projects.raster(folder / "precipitation.tif", values)


def unlike_bands(folder: Path) -> None:
    months(folder, np.full((12, ROWS, COLS), 80.0))
    with rasterio.open(folder / "precipitation.tif", "r+") as file:
        file.units = ("mm",) * 11 + ("cm",)


def of_time(start: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        import pandas as pd

        times = {"time": pd.date_range(start, periods=12, freq="MS")}
        netcdf(folder, np.full((12, ROWS, COLS), 80.0), coords=times, dims=("time", "lat", "lon"), units="mm")

    return spoil


def zarr_of_zeros(folder: Path) -> None:
    import zarr

    netcdf(folder, np.full((ROWS, COLS), RAIN), path="rain.zarr")
    store = zarr.open_group(folder / "rain.zarr", mode="w", zarr_format=2)
    with xr.open_dataset(folder / "rain.nc") as data:
        for name, unit in (("rain", "mm/year"), ("lat", "degrees_north"), ("lon", "degrees_east")):
            array = store.create_array(name, shape=data[name].shape, dtype="float64")
            array[:] = data[name].values
            array.attrs.update({"_ARRAY_DIMENSIONS": list(data[name].dims), "units": unit})


def grid(resolution: float) -> Callable[[Path], None]:
    return lambda folder: (
        projects.write_toml(
            folder / "gep.toml",
            projects.merged(projects.document(), {"study": {"grid": {"crs": "EPSG:6933", "resolution": resolution}}}),
        )
        and None
    )


RAIN_FILE, COUNTIES = "precipitation.tif", "counties.geojson"
CASES = {
    "no file": (lambda folder: (folder / RAIN_FILE).unlink(), "F01", "precipitation.tif"),
    "empty": (text(RAIN_FILE, b""), "F01", "empty"),
    "a web page": (text(RAIN_FILE, b"<!doctype html><html></html>"), "F01", "web page"),
    "a pointer": (text(RAIN_FILE, b"version https://git-lfs.github.com/spec/v1\n"), "F01", "pointer"),
    "CDF-5": (text(RAIN_FILE, b"CDF\x05" + bytes(60)), "F01", "nccopy"),
    "an archive": (text(RAIN_FILE, b"PK\x03\x04" + bytes(60)), "F01", "unpack"),
    "a map service": (text(RAIN_FILE, b"<GDAL_WMS><Service/></GDAL_WMS>"), "F01", "network"),
    "a missing tile": (lambda folder: mosaic(folder, "gone.tif"), "F01", "gone.tif"),
    "a tile on the network": (lambda folder: mosaic(folder, "/vsicurl/http://127.0.0.1:9/x.tif"), "F41", "vsicurl"),
    "a tile that is a service": (
        lambda folder: ((folder / "s.tif").write_text("<GDAL_WMS/>"), mosaic(folder, "s.tif")),
        "F41",
        "s.tif",
    ),
    "a mosaic of itself": (lambda folder: mosaic(folder, RAIN_FILE), None, ""),
    "tiles of two thousand million cells": (blocks_of(46336), "F01", "46336 × 46336"),
    "an endless axis": (endless_axis, "F01", "1000000000 values"),
    "control points": (control_points, "G03", "gdalwarp"),
    "no place": (unplaced, "G03", "geotransform"),
    "cell size not a number": (cell_size(float("nan")), "G03", "nan"),
    "cell size infinite": (cell_size(float("inf")), "G03", "inf"),
    "cell size zero": (cell_size(0.0), "G03", "control points"),
    "bands of two units": (unlike_bands, "F44", "cm"),
    "a damaged tile": (damaged_tile, "F01", "rows"),
    "infinite cells": (infinite, "N15", "3.33%"),
    "months of two years": (of_time("2020-03-01"), "T01", "2021-02"),
    "months of another year": (of_time("2018-01-01"), "T01", "2018"),
    "a fill that may be a value": (zarr_of_zeros, "N21", 'nodata = "none"'),
    "a variable in a group": (
        lambda folder: netcdf(folder, np.full((ROWS, COLS), RAIN), group="Grid", variable="rain"),
        "F03",
        "Grid/rain",
    ),
    "two layers of zones": (layered, "F02", "old"),
    "an unclosed ring": (ring(lambda rings: rings[0].pop()), "Z03", "row 1"),
    "a coordinate that is no place": (ring(lambda rings: rings[0].__setitem__(1, [1e308, 30])), "Z03", "row 1"),
    "a hole": (ring(hole), "Z07", "outline"),
    "zones on the network": (text(COUNTIES, b"<OGRWFSDataSource><URL>http://127.0.0.1:9</URL>"), "F01", "network"),
    "a grid of centimetres": (grid(0.01), "G20", "rows"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_is_named(name, tmp_path):
    """Findings F22, F23, F24, F28: grids without end, broken headers and rings, the network, infinite cells, a hole."""
    spoil, code, words = CASES[name]
    projects.write(tmp_path)
    spoil(tmp_path)
    found = codes(tmp_path)
    if code is None:  # whichever it is, it stops the run
        with pytest.raises(GepError):
            study(tmp_path).run(threads=1)
        return
    assert code in found, found.keys()
    assert words in found[code], found[code]


@pytest.mark.parametrize(
    "name", ["a damaged tile", "cell size not a number", "an unclosed ring", "a grid of centimetres"]
)
def test_what_check_refuses_run_refuses(name, tmp_path, recwarn):
    """In words of ours alone: what GDAL warns of is told by row, and not said beside."""
    projects.write(tmp_path)
    CASES[name][0](tmp_path)
    with pytest.raises(GepError) as stopped:
        study(tmp_path).run(threads=1)
    assert not [each for each in recwarn if each.category is RuntimeWarning]
    assert stopped.value.exit_code == 4
    assert CASES[name][1] in {problem.code for problem in stopped.value.problems}


def cut(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-200]) and None


@pytest.mark.parametrize(
    "spoil", [cut("counties.geojson"), text("precipitation.tif", b"no raster"), cut("landcover.tif"), damaged_tile]
)
def test_a_chinese_message_holds_no_english_sentence_of_a_library(spoil, tmp_path):
    """But for what is marked as a quotation; of Latin letters there are names of files, layers, formats and codes."""
    projects.write(tmp_path)
    spoil(tmp_path)
    told = [one for one in study(tmp_path).check() if one.severity == "error"]
    assert told
    for one in told:
        said = re.sub("程序库原文 `[^`]*`", "", one.in_language("zh"))
        assert not re.search(r"[a-z]+ [a-z]+", said), said


# what is read aright --------------------------------------------------------------------------------------------------


def retained(folder: Path) -> float:
    """Water retained in the whole area, m3."""
    account = study(folder).run(threads=1)
    return sum(entry.quantity for entry in account.entries if entry.service == "water_retention" and entry.quantity)


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> float:
    folder = tmp_path_factory.mktemp("sound")
    projects.write(folder)
    return retained(folder)


def test_months_with_scales_of_their_own(tmp_path, sound):
    """Six months of a tenth of 1000 mm and six of a fifteenth: 1000 mm in the year, as in the sound project."""
    projects.write(tmp_path)
    set_scales(tmp_path)
    assert retained(tmp_path) == pytest.approx(sound, rel=1e-6)


def test_a_variable_in_a_group_can_be_named(tmp_path, sound):
    projects.write(tmp_path)
    netcdf(tmp_path, np.full((ROWS, COLS), RAIN), group="a/b", variable="a/b/rain")
    assert retained(tmp_path) == pytest.approx(sound, rel=1e-9)


def test_means_per_day_are_multiplied_by_the_days_of_each_month(tmp_path, sound):
    """1000 mm over the 366 days of 2020."""
    import pandas as pd

    projects.write(tmp_path)
    times = {"time": pd.date_range("2020-01-01", periods=12, freq="MS")}
    attrs = {"units": "m", "GRIB_stepType": "avgad"}
    values = np.full((12, ROWS, COLS), RAIN / 1000 / 366)
    netcdf(tmp_path, values, attrs, times, ("time", "lat", "lon"), units=None)
    assert retained(tmp_path) == pytest.approx(sound, rel=1e-6)


def test_values_outside_of_the_valid_range_are_missing(tmp_path, sound):
    """One of thirty rows holds a code of the product: its water is missing, and no other is."""
    projects.write(tmp_path)
    raw = np.full((ROWS, COLS), RAIN / 0.1, "int16")
    raw[0] = 32766
    attrs = {"scale_factor": 0.1, "_FillValue": np.int16(32767), "valid_range": np.array([0, 32700], "int16")}
    netcdf(tmp_path, raw, attrs)
    assert "0 to 32700" in codes(tmp_path)["N22"]
    assert retained(tmp_path) == pytest.approx(sound * 29 / 30, rel=1e-3)  # rows differ in area by a thousandth
    netcdf(tmp_path, raw, attrs, nodata="none")
    assert "N22" not in codes(tmp_path)  # who says that every number is a value is taken at his word


@pytest.mark.parametrize(
    ("names", "days"),
    [([f"month_{n}" for n in TEXT_ORDER], 29), ([f"prec_{n}" for n in TEXT_ORDER], 29), ([], 31)],
)
def test_months_in_the_order_of_their_file_names(names, days, tmp_path, sound):
    """All rain falls in the month of the fifth band: in February of 2020 by names that are sorted as text, in May where
    bands have none.
    """
    projects.write(tmp_path)
    rain = np.zeros((12, ROWS, COLS))
    rain[4] = RAIN / days
    months(tmp_path, rain, names, units="mm/day")
    found = codes(tmp_path)
    assert ("F45" in found) == bool(names)
    assert not names or names[1] in found["F45"]
    assert retained(tmp_path) == pytest.approx(sound, rel=1e-6)


def test_a_month_among_names_that_are_none_is_told(tmp_path):
    projects.write(tmp_path)
    months(tmp_path, np.full((12, ROWS, COLS), 80.0), ["month_1", *["rain"] * 11])
    assert "rain" in codes(tmp_path)["F45"]


# what a result is of --------------------------------------------------------------------------------------------------


def test_another_tile_is_another_run(tmp_path):
    projects.write(tmp_path)
    mosaic(tmp_path)
    first = study(tmp_path).run(threads=1)
    projects.raster(tmp_path / "tile.tif", RAIN + 1)
    assert study(tmp_path).run(threads=1).about.run_id != first.about.run_id


def test_the_hash_of_several_files_is_of_each(tmp_path):
    one, other = tmp_path / "a.shp", tmp_path / "a.dbf"
    one.write_bytes(b"1")
    other.write_bytes(b"2")
    both = files_hash([one, other])
    assert both == files_hash([other, one])
    assert both != file_hash(one) == files_hash([one])
    other.write_bytes(b"3")
    assert files_hash([one, other]) != both


@pytest.mark.parametrize("is_gone", [True, False])
def test_an_input_that_changes_stops_the_run(is_gone, tmp_path, monkeypatch):
    """Finding F21: no record holds the hash of what was not read."""
    projects.write(tmp_path)
    from gep.study import computed as module

    value = module.make_account

    def late(*arguments):
        if is_gone:
            (tmp_path / RAIN_FILE).unlink()
        else:
            projects.raster(tmp_path / RAIN_FILE, RAIN + 1)
        return value(*arguments)

    monkeypatch.setattr(module, "make_account", late)
    with pytest.raises(GepError) as stopped:
        study(tmp_path).run(threads=1)
    assert {problem.code for problem in stopped.value.problems if problem.severity == "error"} == {"F40"}


def test_the_lock_holds_every_bit(tmp_path, monkeypatch, capsys):
    """Finding F27: a flipped bit of a deflated raster is read as other numbers; only a hash tells."""
    projects.write(tmp_path)
    assert projects.caller(monkeypatch, capsys, tmp_path)("data", "lock").code == 0
    assert not {"F42", "F43"} & set(codes(tmp_path))
    raw = bytearray((tmp_path / RAIN_FILE).read_bytes())
    raw[-1] ^= 1
    (tmp_path / RAIN_FILE).write_bytes(bytes(raw))
    said = codes(tmp_path)["F42"]
    assert file_hash(tmp_path / RAIN_FILE) in said
    (tmp_path / "gep.lock").write_text("", encoding="utf-8")
    assert "F43" in codes(tmp_path)


def test_a_hash_of_the_project_does_not_hide_the_lock(tmp_path, monkeypatch, capsys):
    projects.write(tmp_path)
    assert projects.caller(monkeypatch, capsys, tmp_path)("data", "lock").code == 0
    projects.raster(tmp_path / RAIN_FILE, RAIN + 1)
    changes = {"layers": {"precipitation": {"sha256": file_hash(tmp_path / RAIN_FILE)}}}
    projects.write_toml(tmp_path / "gep.toml", projects.merged(projects.document(), changes))
    assert "F42" in codes(tmp_path)


def test_a_hash_of_one_layer_asks_none_of_the_others(tmp_path):
    projects.write(tmp_path)
    for right, found in ((True, set()), (False, {"F42"})):
        wanted = file_hash(tmp_path / RAIN_FILE) if right else "0" * 64
        changes = {"layers": {"precipitation": {"sha256": wanted}}}
        projects.write_toml(tmp_path / "gep.toml", projects.merged(projects.document(), changes))
        assert {"F42", "F43"} & set(codes(tmp_path)) == found


def test_the_hash_of_a_mosaic_alone_says_nothing_of_its_cells(tmp_path):
    projects.write(tmp_path)
    mosaic(tmp_path)
    parts = [tmp_path / RAIN_FILE, tmp_path / "tile.tif"]
    for wanted, is_refused in ((files_hash(parts), False), (file_hash(parts[0]), True)):
        changes = {"layers": {"precipitation": {"sha256": wanted}}}
        projects.write_toml(tmp_path / "gep.toml", projects.merged(projects.document(), changes))
        assert ("F42" in codes(tmp_path)) == is_refused


# headers at random ----------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 3000))
def test_no_header_ends_in_a_traceback(tmp_path, changes, cut):
    """Bytes of a GeoTIFF's header at random, and a file cut short: opened, or refused as an input."""
    from gep.inputs.grids.layers import LayerSpec
    from gep.inputs.grids.open import open_layer

    (tmp_path / "r.tif").unlink(missing_ok=True)
    raw = bytearray(projects.raster(tmp_path / "r.tif", RAIN, descriptions=["rain"]).read_bytes())
    for at, value in changes:
        raw[at % len(raw)] = value
    (tmp_path / "r.tif").write_bytes(bytes(raw[: len(raw) - cut]))
    try:
        layer = open_layer(LayerSpec("precipitation", tmp_path / "r.tif", units="mm/year"), unit="m/year")
        if layer.lattice.rows * layer.lattice.cols < 10**7:
            source = layer.open()
            source.read(0, min(layer.lattice.rows, 4), 0, min(layer.lattice.cols, 4))
            source.close()
    except GepError as error:
        stopped = error
    else:
        return
    assert stopped.problems


# killed runs ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(
    not hasattr(os, "fork"), reason="fifty interpreters take minutes to start: runs are forked from one"
)
def test_kills_leave_nothing_half_written(tmp_path):
    """Fifty runs killed at random moments, every other one while it writes: always a whole result or none, and after
    the next run no leftovers (finding F26).
    """
    projects.write(tmp_path)
    digest = study(tmp_path).run(threads=1).digest
    rng = np.random.default_rng(5)
    command = [sys.executable, "-c", RUNS]
    ours = os.pathsep.join(sys.path)
    parent = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": ours}
    )
    assert parent.stdout is not None
    lasts = float(parent.stdout.readline())  # a run, with its writing
    for number, line in zip(range(KILLS), parent.stdout, strict=False):
        if number % 2:
            wait_for_writing(tmp_path, int(line))
        time.sleep(float(rng.uniform(0, lasts / 4 if number % 2 else lasts * 1.5)))
        os.kill(int(line), signal.SIGKILL)
        assert written_digest(tmp_path / "out") in (None, digest)
    parent.communicate()
    assert number == KILLS - 1
    write_run(study(tmp_path).run(threads=1), tmp_path / "out")
    assert left_by_runs(tmp_path) == []
    assert written_digest(tmp_path / "out") == digest


KILLS = 50
RUNS = f"""
import os
from pathlib import Path
from forked import preloaded
from gep.study.folder import write_run
from gep.study.study import Study
def run():
    write_run(Study.open("gep.toml").run(threads=1), Path("out"))
print(preloaded(run), flush=True)
for _ in range({KILLS}):
    child = os.fork()
    if child == 0:
        while True:
            run()
    print(child, flush=True)
    os.waitpid(child, 0)
"""


def wait_for_writing(folder: Path, process: int) -> None:
    """Until a process has begun to write its result."""
    for _ in range(30_000):
        if any(f".{process}." in name for name in left_by_runs(folder)):
            return
        time.sleep(0.002)
    pytest.fail("a run writes nothing")


def left_by_runs(folder: Path) -> list[str]:
    """What runs that were killed have left beside their result, and what the present one has begun."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".out")]


def written_digest(folder: Path) -> str | None:
    """The digest of the result in a folder, None where there is no result."""
    if not folder.exists():
        return None
    return str(json.loads((folder / "summary.json").read_text(encoding="utf-8"))["digest"])
