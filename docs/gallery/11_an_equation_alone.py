"""
May I use one equation without the rest?
========================================

Every equation knows the unit of each argument, converts what it is given and refuses what does not fit. It takes
numbers with units, arrays, and lazy arrays.
"""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

import gep

retained_water = gep.services.water_retention.retained_water
retained_water.at("1200 mm/year", "700 mm/year", "4.52 percent")

# %%
# Rain along one axis and evapotranspiration along another, each in its own unit: arrays are converted and broadcast by
# the names of their dimensions.

rain = xr.DataArray(np.linspace(300, 1200, 91), dims="rain", attrs={"units": "mm/year"})
vapour = xr.DataArray(np.linspace(0.2, 0.9, 71), dims="vapour", attrs={"units": "m/year"})
water = retained_water(rain, vapour, "4.52 percent")
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
drawn = ax.contourf(
    rain, 1000 * vapour, water.transpose("vapour", "rain"), levels=np.arange(-600, 1001, 100), cmap="BrBG"
)
ax.contour(rain, 1000 * vapour, water.transpose("vapour", "rain"), levels=[0], colors="black")
fig.colorbar(drawn, label="retained water, mm a year")
ax.set(xlabel="rain, mm a year", ylabel="evapotranspiration, mm a year")

# %%
# A unit that does not fit is an error, and not a number:

try:
    retained_water.at("1200 mm", "700 mm/year", "4.52 percent")
except gep.UnitError as error:
    print(error)
