"""
What do my own coefficients change?
===================================

Coefficients are given by name and by class: a number in the declared unit, a text with a unit, or a mapping with
source and price year. An ecosystem can be computed by itself, from arrays, without a study.
"""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

import gep

layers = xr.Dataset(
    {
        "precipitation": xr.DataArray(np.linspace(600, 1200, 7), dims="x", attrs={"units": "mm/year"}),
        "evapotranspiration": xr.DataArray(np.full(7, 450.0), dims="x", attrs={"units": "mm/year"}),
    }
)
own = {"runoff_coefficient": {"forest": "10 percent", "forest/mixed": 0.07}}  # of plots of one's own, say
classes = ["mixed", "evergreen_needleleaf"]
shipped = gep.ecosystems.forest.compute(layers, land_class=classes, measures=["quantity"])
measured = gep.ecosystems.forest.compute(layers, land_class=classes, measures=["quantity"], coefficients=own)

# %%
# What holds for forest holds for its classes, unless one of them has a number of its own.

name = "water_retention.retained_water"
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for land_class, colour in zip(classes, ["#009E73", "#0072B2"], strict=True):
    for found, style, whose in ((shipped, "-", "of the profile"), (measured, "--", "own")):
        water = found[name].sel(land_class=land_class)
        ax.plot(layers.precipitation, water, style, color=colour, label=f"{land_class.replace('_', ' ')}, {whose}")
ax.set(xlabel="rain, mm a year", ylabel="retained water, mm a year")
ax.legend(frameon=False)
ax.spines[["top", "right"]].set_visible(False)
