"""
How did this figure come about?
===============================

`explain` takes a figure apart: formula, numbers put in, coefficients with their sources, price, rules on totals. It
needs no raster: an account that was read from a folder explains itself as well.
"""

from dataclasses import replace

import matplotlib.pyplot as plt

import gep

city = gep.open_sample_city()
city = gep.Study.from_spec(replace(city.spec, grid=("EPSG:32650", 150.0)))  # coarser than its rasters, to be quick
account = city.run()
found = account.explain("water_retention", "990101", "forest/mixed")  # of mixed forest in county A
print(found["formula"][0]["formula"], "  ", found["formula"][0]["source"])
for row in found["coefficients"]:
    print(f"{row['id']}: {row['value']} {row['unit']}, {row['source']}, {row['locator']}")
price = found["price"][0]
print(f"{price['amount']:.3f} {price['unit']}: the price of {price['price_year']} by the index {price['index']}")

# %%
# The means of the inputs over that forest are in it too, so anyone can do the sum again: depth times area times price.

mean = {step["argument"]: step["value"] for step in found["inputs"]}
rain, vapour = mean["precipitation"], mean["evapotranspiration"]
runoff = rain * next(row["value"] / 100 for row in found["coefficients"] if row["name"] == "runoff_coefficient")
kept = rain - runoff - vapour
area = account.areas()["990101", "forest", "mixed"]
money = kept / 1000 * area * price["amount"]
print(f"{kept:.2f} mm x {area / 1e6:.3f} km2 x {price['amount']:.3f} CNY/m3 = {money:,.0f} CNY")

fig, ax = plt.subplots(figsize=(8, 2.8), layout="constrained")
left = 0.0
for name, depth, colour in (
    ("evaporates", vapour, "#D55E00"),
    ("runs off", runoff, "#E69F00"),
    ("is retained", kept, "#0072B2"),
):
    ax.barh(name, depth, left=left, color=colour)
    ax.annotate(f"{depth:.0f}", (left + depth, name), xytext=(4, 0), textcoords="offset points", va="center")
    left += depth
ax.invert_yaxis()
ax.margins(x=0.1)
ax.set_xlabel(f"mm of {rain:.0f} mm of rain, mixed forest of county A (synthetic city)")
ax.spines[["top", "right", "left"]].set_visible(False)
