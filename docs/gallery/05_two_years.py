"""
What changed between two years?
===============================

Layers with a dimension `year` make a stack of accounts. Both years are valued at one price year, for sums and
differences refuse money of different years. The landscape is made up on the spot: forest in the west, cropland in the
east.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

import gep

x, y = 500_000 + 100 * (np.arange(60) + 0.5), 4_300_000 - 100 * (np.arange(40) + 0.5)
crs = gpd.GeoSeries(crs=32650).crs.to_wkt()


def grid(values, units="1"):
    """An array with its place and its unit."""
    return xr.DataArray(np.broadcast_to(values, (40, 60)).copy(), {"y": y, "x": x}, attrs={"units": units, "crs": crs})


is_west = np.arange(60) < 40
rain = grid(np.linspace(800, 1200, 60), "mm/year")
years = pd.Index([2019, 2020], name="year")
study = gep.Study(
    layers={
        "precipitation": xr.concat([rain, 1.1 * rain], years).assign_attrs(rain.attrs),
        "evapotranspiration": grid(np.where(is_west, 600.0, 500.0), "mm/year"),
    },
    land_cover=grid(np.where(is_west, 1, 2)).astype("uint8"),
    scheme_map={1: "forest/mixed", 2: "cropland/dryland"},
    zones=gpd.GeoDataFrame(
        {"code": ["west", "middle"]},
        geometry=[
            shapely.box(500_000, 4_296_000, 502_000, 4_300_000),
            shapely.box(502_000, 4_296_000, 506_000, 4_300_000),
        ],
        crs=32650,
    ),
    year=[2019, 2020],
    price_year=2020,
)
accounts = study.accounts()
change = accounts.difference("zone", "service", year=(2019, 2020))
change

# %%

water = change[change.service == "water_retention"].set_index("zone")[["before", "after"]] / 1e6
ax = water.plot.bar(figsize=(7, 3.5), color=["#bbbbbb", "#0072B2"], rot=0)
ax.legend(["2019", "2020, a tenth more rain"], frameon=False)
ax.set(ylabel="retained water, million CNY of 2020", xlabel="")
ax.spines[["top", "right"]].set_visible(False)
ax.figure.set_layout_engine("constrained")
