"""
How do I get a GeoTIFF, and figures of my own polygons?
=======================================================

A density is a raster like any other: it can be written to a file and summed over polygons of one's own. Who wants an
account of them rather than one map gives them to the study as its zones.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
import rioxarray  # which gives arrays their accessor `rio`
import shapely
from rasterio.features import rasterize

import gep

city = gep.open_sample_city()
city = gep.Study.from_spec(replace(city.spec, grid=("EPSG:32650", 150.0)))  # coarser than its rasters, to be quick
densities = city.densities(["soil_retention"], ["value"])
value = densities["soil_retention.value"].compute()
value.rio.to_raster(Path(tempfile.mkdtemp()) / "soil.tif")  # CNY per m2 and year

# %%
# Four quarters of the city as polygons. A density times `area`, the part of each cell inside the outline, is money.

left, bottom, right, top = value.rio.bounds()
x, y = (left + right) / 2, (bottom + top) / 2
corners = {
    "north-west": (left, top),
    "north-east": (right, top),
    "south-west": (left, bottom),
    "south-east": (right, bottom),
}
quarters = gpd.GeoDataFrame(
    {"code": list(corners)},
    geometry=[shapely.box(min(x, a), min(y, b), max(x, a), max(y, b)) for a, b in corners.values()],
    crs=value.rio.crs,
)
money = (value * densities.area.compute()).fillna(0).to_numpy()
label = rasterize(zip(quarters.geometry, range(4), strict=True), value.shape, transform=value.rio.transform(), fill=-1)
quarters["by hand"] = [money[label == number].sum() / 1e6 for number in range(4)]

# %%
# The account of the same quarters has the same figures, and everything else with them. Statistics of counties are left
# out: they are not of these zones.

account = city.with_zones(quarters.assign(name_zh=quarters.code, name_en=quarters.code)).run()
by_zone = {zone: worth for (zone, service), worth, _ in account.by("zone", "service") if service == "soil_retention"}
quarters["account"] = quarters.code.map(by_zone) / 1e6
fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
quarters.plot(
    "account",
    ax=ax,
    cmap="YlGn",
    edgecolor="black",
    legend=True,
    legend_kwds={"label": "million CNY a year", "shrink": 0.8},
)
for row in quarters.itertuples():
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    ax.annotate(row.code, row.geometry.centroid.coords[0], ha="center", bbox=box)
ax.set(title="Value of retained soil by quarters, synthetic city", xticks=[], yticks=[], xlabel="", ylabel="")
quarters[["code", "by hand", "account"]]
