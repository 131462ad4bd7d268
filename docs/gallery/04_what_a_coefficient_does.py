"""
How much hangs on one number?
=============================

The tariff of electricity prices the cooling that ecosystems spare. A source prints one tariff of one place and year;
here the account is computed for a row of them, along a dimension that is called `tariff`.
"""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

import gep

city = gep.open_sample_city()
city = gep.Study.from_spec(replace(city.spec, grid=("EPSG:32650", 150.0)))  # coarser than its rasters, to be quick
tariff = np.linspace(0.3, 0.8, 6)  # a range for the question, not one of a source
price = {"value": xr.DataArray(tariff, {"tariff": tariff}), "unit": "CNY/kWh", "price_year": 2020}
accounts = city.with_coefficients({"electricity_price": price}).accounts()

# %%
# The profile takes 0.53 CNY/kWh (Garzê, 2010). The total is a straight line in it, and its slope says what a cent is
# worth.

total = accounts.total() / 1e8
cooling = accounts.to_xarray("service").sel(service="climate_regulation") / 1e8
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.plot(tariff, total, marker="o", color="#0072B2", label="total")
ax.plot(tariff, cooling, marker="o", color="#D55E00", label="climate regulation")
ax.axvline(0.53, color="grey", linestyle="--", linewidth=1)
ax.set(xlabel="tariff of electricity, CNY/kWh", ylabel="10⁸ CNY a year (synthetic city)", ylim=(0, None))
ax.legend(frameon=False)
ax.spines[["top", "right"]].set_visible(False)
