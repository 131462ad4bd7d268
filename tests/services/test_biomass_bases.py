"""The bases on which biomass products are valued: what each takes off the output."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gep.services.biomass import (
    CROP_PRODUCTS,
    FISHERY_PRODUCTS,
    FORESTRY_PRODUCTS,
    LIVESTOCK_PRODUCTS,
    product_value,
    resource_rent,
    value_added,
)

PRODUCTS = (CROP_PRODUCTS, FORESTRY_PRODUCTS, LIVESTOCK_PRODUCTS, FISHERY_PRODUCTS)


def test_value_added_by_hand():
    assert value_added(1_000_000.0, 400_000.0) == 600_000.0


def test_resource_rent_by_hand():
    # 1 000 000 - 400 000 - 350 000 - 100 000
    assert resource_rent(1_000_000.0, 400_000.0, 350_000.0, 100_000.0) == 150_000.0


def test_a_rent_may_be_negative():
    """Costs above the output: nothing is left for the ecosystem, and that is said, not cut off."""
    assert resource_rent(1_000_000.0, 600_000.0, 350_000.0, 100_000.0) == -50_000.0


def test_bases_of_one_product_by_hand():
    """500 t of wheat at 2400 CNY/t, reported as 1 150 000 CNY; inputs 430 000, labour 380 000, machines 140 000."""
    reported, inputs, labour, machines = 1_150_000.0, 430_000.0, 380_000.0, 140_000.0
    assert product_value(500.0, 2400.0) == 1_200_000.0, "price times quantity"
    assert value_added(reported, inputs) == 720_000.0
    assert resource_rent(reported, inputs, labour, machines) == 200_000.0


@pytest.mark.parametrize("service", PRODUCTS, ids=lambda s: s.id)
def test_every_branch_has_the_four_bases(service):
    """methods.md P1: gross_output, value_added, price_times_quantity, resource_rent; the reported output is what is
    taken unless something else is said.
    """
    switch = service.switches["valuation_basis"]
    assert set(switch.options) == {"gross_output", "value_added", "price_times_quantity", "resource_rent"}
    assert switch.default == "gross_output"


money = st.floats(0, 1e12)


@given(money, money, money, money)
def test_each_basis_takes_more_off(output, inputs, labour, capital):
    assert resource_rent(output, inputs, labour, capital) <= value_added(output, inputs) <= output


@given(money, money)
def test_without_labour_and_capital_the_rent_is_the_value_added(output, inputs):
    assert resource_rent(output, inputs, 0.0, 0.0) == value_added(output, inputs)
