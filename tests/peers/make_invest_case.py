"""Run InVEST on the basin of `small_basin` and write what it gives to `tests/peers/invest/`.

    PYTHONPATH=tests python tests/peers/make_invest_case.py

in an environment that has natcap.invest and its GDAL. gep does not need InVEST: the models are loaded by name here, so
that nothing declares them. No test runs this.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import small_basin as basin

HERE = Path(__file__).resolve().parent / "invest"
L_MAX = {"d8": 1.3, "mfd": 122.0}
"""The limit of L in each run: one that some cells reach, and InVEST's own."""


def write(path: Path, values: np.ndarray) -> str:
    """A grid as GeoTIFF, as InVEST reads it."""
    gdal, osr = import_module("osgeo.gdal"), import_module("osgeo.osr")
    kind = gdal.GDT_Byte if values.dtype == np.uint8 else gdal.GDT_Float64
    file = gdal.GetDriverByName("GTiff").Create(str(path), basin.COLS, basin.ROWS, 1, kind)
    crs = osr.SpatialReference()
    crs.SetFromUserInput(basin.CRS)
    file.SetProjection(crs.ExportToWkt())
    file.SetGeoTransform((basin.LEFT, basin.CELL, 0, basin.TOP, 0, -basin.CELL))
    file.GetRasterBand(1).WriteArray(values)
    file.GetRasterBand(1).SetNoDataValue(255 if kind == gdal.GDT_Byte else -9999)
    return str(path)


def read(path: str | Path) -> np.ndarray:
    """A grid that InVEST wrote, missing where it has no number."""
    gdal = import_module("osgeo.gdal")
    file = gdal.Open(str(path))  # kept: a band of a closed file is none
    band = file.GetRasterBand(1)
    values = band.ReadAsArray().astype(np.float64)
    return np.where(values == band.GetNoDataValue(), np.nan, values)


def outline(path: Path) -> str:
    """The basin as one polygon."""
    ogr, osr = import_module("osgeo.ogr"), import_module("osgeo.osr")
    crs = osr.SpatialReference()
    crs.SetFromUserInput(basin.CRS)
    source = ogr.GetDriverByName("ESRI Shapefile").CreateDataSource(str(path))
    layer = source.CreateLayer("basin", crs, ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("ws_id", ogr.OFTInteger))
    feature = ogr.Feature(layer.GetLayerDefn())
    right, bottom = basin.LEFT + basin.COLS * basin.CELL, basin.TOP - basin.ROWS * basin.CELL
    corners = [(basin.LEFT, basin.TOP), (right, basin.TOP), (right, bottom), (basin.LEFT, bottom)]
    text = ", ".join(f"{x} {y}" for x, y in [*corners, corners[0]])
    feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({text}))"))
    feature.SetField("ws_id", 1)
    layer.CreateFeature(feature)
    return str(path)


def table(path: Path, **columns: Mapping[int, float]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["lucode", *columns])
        writer.writerows([code, *(of[code] for of in columns.values())] for code in basin.CLASSES)
    return str(path)


def of_model(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
    """The files that a model writes, by the ids of its outputs."""
    found: Mapping[str, Any] = import_module(f"natcap.invest.{name}.{name}").execute({**args, "n_workers": -1})
    return found


def grids(folder: Path) -> Iterator[tuple[str, np.ndarray]]:
    given = {name: write(folder / f"{name}.tif", values) for name, values in basin.layers().items()}
    now = write(folder / "now.tif", basin.land_cover())
    later = write(folder / "later.tif", basin.land_cover(later=True))
    shape, of = outline(folder / "basin.shp"), basin.OF_CLASS
    found = of_model(
        "annual_water_yield",
        {
            "workspace_dir": str(folder / "water"),
            "lulc_path": now,
            "depth_to_root_rest_layer_path": given["soil_depth"],
            "precipitation_path": given["precipitation"],
            "pawc_path": given["plant_available_water"],
            "eto_path": given["reference_evapotranspiration"],
            "watersheds_path": shape,
            "biophysical_table_path": table(
                folder / "water.csv",
                lulc_veg={code: int(code != 5) for code in basin.CLASSES},
                root_depth=of["root_depth"],
                kc=of["crop_coefficient"],
            ),
            "seasonality_constant": basin.SEASONALITY,
        },
    )
    yield "aet", read(found["aet"])
    yield "wyield", read(found["wyield"])
    for way, l_max in L_MAX.items():
        found = of_model(
            "sdr",
            {
                "workspace_dir": str(folder / way),
                "dem_path": given["elevation"],
                "erosivity_path": given["rainfall_erosivity"],
                "erodibility_path": given["soil_erodibility"],
                "lulc_path": now,
                "watersheds_path": shape,
                "biophysical_table_path": table(
                    folder / "sdr.csv", usle_c=of["cover_factor"], usle_p=of["practice_factor"]
                ),
                "threshold_flow_accumulation": basin.STREAM_CELLS,
                "k_param": 2,
                "sdr_max": 0.8,
                "ic_0_param": 0.5,
                "l_max": l_max,
                "flow_dir_algorithm": way,
            },
        )
        if not np.allclose(read(found["pit_filled_dem"]), basin.layers()["elevation"], atol=1e-4):
            sys.exit("the basin has pits: InVEST fills them, gep does not")
        if way == "d8":
            yield "slope", read(found["slope"])
        for output in ("flow_accumulation", "stream", "ls", "rkls", "usle", "avoided_erosion"):
            yield f"{output}_{way}", read(found[output])
    found = of_model(
        "carbon",
        {
            "workspace_dir": str(folder / "carbon"),
            "lulc_bas_path": now,
            "lulc_alt_path": later,
            "calc_sequestration": True,
            "do_valuation": True,
            "lulc_bas_year": basin.YEARS[0],
            "lulc_alt_year": basin.YEARS[1],
            "price_per_metric_ton_of_c": basin.CARBON_PRICE,
            "discount_rate": basin.DISCOUNT_RATE,
            "rate_change": basin.PRICE_FALL,
            "carbon_pools_path": table(
                folder / "pools.csv",
                c_above=of["carbon_above"],
                c_below=of["carbon_below"],
                c_soil=of["carbon_soil"],
                c_dead=of["carbon_dead"],
            ),
        },
    )
    for output in ("c_storage_bas", "c_storage_alt", "c_change_bas_alt", "npv_alt"):
        yield output, read(found[output])
    with open(found["summary_csv"], encoding="utf-8", newline="") as file:
        totals = [(row["Filename"], row["Total"], row["Units"]) for row in csv.DictReader(file)]
    with (HERE / "carbon_totals.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("file", "total", "unit"), *totals])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = dict(grids(Path(folder)))
    with (HERE / "cells.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row", "col", *found])
        for row, col in np.ndindex(basin.ROWS, basin.COLS):
            numbers = [float(values[row, col]) for values in found.values()]
            writer.writerow([row, col, *("" if np.isnan(number) else f"{number:.9g}" for number in numbers)])
    names = ("natcap.invest", "pygeoprocessing", "gdal", "numpy")
    (HERE / "versions.csv").write_text(
        "package,version\n" + "".join(f"{name},{version(name)}\n" for name in names), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
