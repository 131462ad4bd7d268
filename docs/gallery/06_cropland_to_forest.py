"""
What if cropland became forest?
===============================

`convert` gives the study before and after. Coefficients follow the class; layers that were measured over the old cover
are named, or moved to what they are, on average, where forest stands already.
"""

from dataclasses import replace

import geopandas as gpd
import matplotlib.pyplot as plt

import gep

city = gep.open_sample_city()
city = gep.Study.from_spec(replace(city.spec, grid=("EPSG:32650", 150.0)))  # coarser than its rasters, to be quick
counties = gpd.read_file(city.spec.zones.data)
scenario = city.convert(where=counties.iloc[[1]], from_="cropland/dryland", to="forest/mixed")
print("still of the old cover:", *scenario.stale)

# %%
# With these layers moved, the change by service; it is all in the county that was converted.

scenario = city.convert(where=counties.iloc[[1]], from_="cropland/dryland", to="forest/mixed", move=scenario.stale)
change = scenario.difference("service").set_index("service")["change"] / 1e6
change = change[change.abs() > 0.01].sort_values().rename(index=lambda service: gep.label(service, "en"))
fig, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
ax.barh(change.index, change, color=["#009E73" if value > 0 else "#D55E00" for value in change])
ax.axvline(0, color="black", linewidth=0.8)
ax.set_xlabel("change of value, million CNY a year (synthetic city)")
ax.spines[["top", "right", "left"]].set_visible(False)
