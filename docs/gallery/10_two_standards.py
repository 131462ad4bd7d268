"""
What does another standard make of the same city?
=================================================

A standard is data: which services count, by which method, at which price. The inputs stay the same.
"""

from dataclasses import replace

import pandas as pd

import gep

city = gep.open_sample_city()
spec = replace(city.spec, grid=("EPSG:32650", 150.0))  # coarser than its rasters, to be quick
accounts = {name: gep.Study.from_spec(replace(spec, profile=name)).run() for name in ("ndrc-2022", "seea-ea")}
values = pd.DataFrame({name: pd.Series(account.totals("service")) for name, account in accounts.items()}) / 1e8

# %%
# A blank is a service that the standard does not count, or that lacks an input: never zero.

shown = values.rename(index=lambda service: gep.label(service, "en")).sort_values("ndrc-2022", na_position="first")
ax = shown.plot.barh(figsize=(8, 6), width=0.8, color=["#0072B2", "#E69F00"])
ax.set(xlabel="10⁸ CNY a year (synthetic city)", ylabel="")
ax.legend([f"{name}: {account.total() / 1e8:.1f}" for name, account in accounts.items()], frameon=False)
ax.spines[["top", "right", "left"]].set_visible(False)
ax.figure.set_layout_engine("constrained")
