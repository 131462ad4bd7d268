"""What accounts of small worlds, worked by hand, have in common."""

from __future__ import annotations

from functools import partial

import builders
import pytest

PRODUCTS = ("crop_products", "forestry_products", "livestock_products", "fishery_products")
make_study = partial(builders.make_study, of=("water_retention", "air_purification", *PRODUCTS))
"""A study of the services whose figures are worked out here."""


def approx(value):
    """Equal but for rounding: the area of a cell is known to a few parts in 10^12."""
    return pytest.approx(value, rel=1e-11)
