"""Biomass products (农林牧渔产品): what statistics report of crops, timber, animals and fish."""

from __future__ import annotations

from gep.core.catalog import ProductKind, Service, Switch
from gep.core.equation import equation

MARKET = "Market value method: doi 10.5846/stxb201607011362"


@equation(product="t/year", product_price="CNY/t", returns="CNY/year", source=MARKET)
def product_value(product, product_price):
    """Output of a product that is weighed, at the price of its producer.

        V = Q p

    1000 t at 2400 CNY/t: 2 400 000 CNY.
    """
    return product * product_price


@equation(timber="m^3/year", timber_price="CNY/m^3", returns="CNY/year", source=MARKET)
def timber_value(timber, timber_price):
    """Output of a product that is measured by volume, at the price of its producer.

        V = Q p

    500 m³ at 800 CNY/m³: 400 000 CNY.
    """
    return timber * timber_price


@equation(animals="head/year", animal_price="CNY/head", returns="CNY/year", source=MARKET)
def animal_value(animals, animal_price):
    """Output of animals that are counted, at the price of their producer.

        V = Q p

    2000 head at 1500 CNY/head: 3 000 000 CNY.
    """
    return animals * animal_price


NET = (
    "System of National Accounts and SEEA EA: value added, and the resource rent that is left after labour and "
    "produced capital"
)


@equation(output="CNY/year", intermediate_consumption="CNY/year", returns="CNY/year", source=NET)
def value_added(output, intermediate_consumption):
    """Output less what was bought to produce it (valuation basis `value_added`).

        V = O - IC

    O output, IC intermediate consumption: seed, feed, fertiliser, fuel.

    1 000 000 CNY of output and 400 000 of intermediate consumption: 600 000 CNY.
    """
    return output - intermediate_consumption


@equation(
    output="CNY/year",
    intermediate_consumption="CNY/year",
    labour_cost="CNY/year",
    capital_cost="CNY/year",
    returns="CNY/year",
    source=NET,
)
def resource_rent(output, intermediate_consumption, labour_cost, capital_cost):
    """What is left for the ecosystem after all that people and machines cost (valuation basis `resource_rent`).

        V = O - IC - L - K

    O output, IC intermediate consumption, L labour, that of the owners included, K user cost of produced capital. May
    be negative.

    1 000 000 - 400 000 - 350 000 - 100 000: 150 000 CNY.
    """
    return value_added(output, intermediate_consumption) - labour_cost - capital_cost


NET_OF = {"value_added": value_added, "resource_rent": resource_rent}
"""Valuation bases that take costs off the output, and how."""


_VALUATION = {
    "valuation_basis": Switch(
        ("gross_output", "value_added", "price_times_quantity", "resource_rent"),
        "the reported output value (quantity times price where none is reported), that value less intermediate "
        "consumption, always quantity "
        "times price, or what is left after the cost of labour and capital too",
    )
}
_KINDS = (
    ProductKind("t/year", product_value),
    ProductKind("m^3/year", timber_value),
    ProductKind("head/year", animal_value),
)

CROP_PRODUCTS = Service("crop_products", _VALUATION, products=_KINDS)
FORESTRY_PRODUCTS = Service("forestry_products", _VALUATION, products=_KINDS)
LIVESTOCK_PRODUCTS = Service("livestock_products", _VALUATION, products=_KINDS)
FISHERY_PRODUCTS = Service("fishery_products", _VALUATION, products=_KINDS)
