"""Equations that several tests declare."""

from gep.core.equation import equation


@equation(depth="mm/year", share="1", returns="mm/year", source="made up")
def part_of(depth, share):
    """A share of a depth.

        Q = s P

    s share, P depth.

    500 mm/year, 3.52 %: 17.6 mm/year.
    """
    return depth * share
