"""The synthetic sample city: no place, no measurement, no statistic.

A seed comes in; rasters, zones and tables of a small city go out, as a project that every service can be computed
from.

    landscape  land cover and terrain
    layers     climate, soil and vegetation
    city       the project, opened or written
    years      two more years, with known changes
    products   the same land as public data sets have it
"""
