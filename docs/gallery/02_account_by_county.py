"""
Which county provides what?
===========================

An account is figures by zone, ecosystem and service. `plot` draws the usual pictures of it; `by` gives any table.
"""

import matplotlib.pyplot as plt

import gep

account = gep.open_sample_city().run()
fig, ax = plt.subplots(figsize=(9, 4), layout="constrained")
account.plot("counties", ax=ax)

# %%
# The same as a table, in 10⁸ CNY, largest services first.

table = account.by("service", "zone").to_frame().pivot_table(index="service", columns="zone", values="value") / 1e8
table = table.rename(index=lambda service: gep.label(service, "en"), columns=account.zone_name)
table.sort_values(by=list(table.columns), ascending=False).head(6).round(2)
