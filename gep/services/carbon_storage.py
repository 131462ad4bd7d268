"""Carbon storage (碳储量): the carbon that stands in plants, dead matter and soil. A stock: it is there at the time of
the land cover, and is never added to what flows in a year.
"""

from __future__ import annotations

import numpy as np

from gep.core.catalog import CellComponent, Service
from gep.core.equation import equation

POOLS = "Carbon by land class and pool: IPCC 2006, volume 4, chapter 2; InVEST User Guide, carbon storage"


@equation(pool_density="t*carbon/hm^2", returns="t*carbon/hm^2", source=POOLS)
def carbon_of_pool(pool_density):
    """Carbon that one pool of a class holds: above ground, below ground, in the soil, or dead.

        C = D

    D density of the pool, by class as a coefficient, or as a map. The depth of soil that a density is of is that of its
    source: densities of different depths do not belong into one account.

    100 hm² at 62.5 t/hm²: 6250 t of carbon.
    """
    return pool_density


@equation(
    stock_change="t*carbon",
    carbon_stock_price="CNY/(t*carbon)",
    discount_rate="1/year",
    price_fall="1/year",
    change_years="year",
    payment_interval="year",
    returns="CNY",
    source="InVEST User Guide, carbon storage, valuation",
    points={"change_years": (2, 30), "discount_rate": (0, 0.02, 0.1), "price_fall": (0, 0.015)},
)
def present_value_of_stock_change(
    stock_change, carbon_stock_price, discount_rate, price_fall, change_years, payment_interval
):
    """What a change of a stock is worth today, if it comes in equal parts at the start of each of some years.

        V = p S / n (1 - q^n) / (1 - q),  q = 1 / ((1 + r) (1 + c))

    S change of the stock, p price of carbon, n intervals of a year, r discount rate, c rate at which the price falls:
    InVEST calls it the change of the price, and divides by it. At r = c = 0 it is p S. It is the value of an asset that
    changes, no value of a yearly service: no account of those holds it.

    1000 t in 15 years at 180 CNY/t, r 4.5 %, c 1.5 %: q = 0.942796, V = 12 000 x 10.256257 = 123 075.09 CNY.
    """
    intervals = change_years / payment_interval
    later = 1 / ((1 + discount_rate * payment_interval) * (1 + price_fall * payment_interval))
    discounted = (1 - later**intervals) / np.where(later == 1, 1, 1 - later)
    return stock_change * carbon_stock_price * np.where(later == 1, 1, discounted / intervals)


CARBON_STORAGE = Service(
    id="carbon_storage",
    components=lambda _: tuple(
        CellComponent(pool, "carbon", "t*carbon", carbon_of_pool, wiring={"pool_density": density})
        for pool, density in (
            ("above_ground_carbon", "carbon_above"),
            ("below_ground_carbon", "carbon_below"),
            ("soil_carbon", "carbon_soil"),
            ("dead_carbon", "carbon_dead"),
        )
    ),
    is_stock=True,
)
