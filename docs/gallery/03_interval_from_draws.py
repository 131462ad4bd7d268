"""
How wide is the interval of a figure?
=====================================

A coefficient that is an array makes an account that is one: its dimension `draw` goes through to every figure. The
range of runoff is that of the source: the table of Gong et al. 2017 and the red-line values of the same year. That
numbers are as likely anywhere within it is an assumption.
"""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

import gep

city = gep.open_sample_city()
city = gep.Study.from_spec(replace(city.spec, grid=("EPSG:32650", 150.0)))  # coarser than its rasters, to be quick
rows = {
    row.land_class: row
    for table in gep.load_profile("ndrc-2022").tables
    for row in table
    if row.name == "runoff_coefficient"
}
random = np.random.default_rng(1)
draws = {
    f"forest/{name}": {
        "value": xr.DataArray(random.uniform(rows[name].low, rows[name].high, 100), dims="draw"),
        "unit": rows[name].unit,
    }
    for name in ("mixed", "deciduous_broadleaf", "evergreen_needleleaf")
}
accounts = city.with_coefficients({"runoff_coefficient": draws}).accounts()

# %%
# Retained water of each county: the middle, and where 90 % of the draws lie.

by_county = accounts.to_xarray("zone", "service").sel(service="water_retention") / 1e6
low, middle, high = by_county.quantile([0.05, 0.5, 0.95], "draw")
names = [next(iter(accounts)).zone_name(zone, "en") for zone in by_county.zone.to_series()]
fig, ax = plt.subplots(figsize=(8, 2.6), layout="constrained")
ax.errorbar(middle, names, xerr=[middle - low, high - middle], fmt="o", capsize=4, color="#0072B2")
ax.set_xlabel("value of retained water, million CNY a year (synthetic city)")
ax.margins(y=0.3)
ax.spines[["top", "right"]].set_visible(False)
