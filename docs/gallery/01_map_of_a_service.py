"""
Where is a service provided?
============================

Densities are what an account sums, cell by cell. Here the water that ecosystems retain, on a map with the counties.
"""

import geopandas as gpd
import matplotlib.pyplot as plt

import gep

city = gep.open_sample_city()
water = city.densities(["water_retention"], ["quantity"])["water_retention.retained_water"].compute()

# %%
# The array says what it is: its unit, its name, its coordinate system. White cells are land that does not count.

counties = gpd.read_file(city.spec.zones.data).to_crs(water.spatial_ref.attrs["crs_wkt"])
fig, ax = plt.subplots(figsize=(8, 5.5), layout="constrained")
water.plot(ax=ax, cmap="BrBG", center=0, robust=True, cbar_kwargs={"label": "retained water, mm a year", "shrink": 0.8})
counties.boundary.plot(ax=ax, color="black", linewidth=0.8)
ax.set(title="Water retention, synthetic city", xlabel="", ylabel="", xticks=[], yticks=[])
ax.set_aspect("equal")
