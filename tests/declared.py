"""Equations that several tests declare, and those that are shipped."""

import importlib
import pkgutil

import gep.derivations
import gep.services
from gep.core.equation import Equation, equation


@equation(depth="mm/year", share="1", returns="mm/year", source="made up")
def part_of(depth, share):
    """A share of a depth.

        Q = s P

    s share, P depth.

    500 mm/year, 3.52 %: 17.6 mm/year.
    """
    return depth * share


def shipped():
    """Every equation of the services and derivations, by the module that defines it."""
    found = []
    for package in (gep.services, gep.derivations):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            found += [
                value
                for value in vars(module).values()
                if isinstance(value, Equation) and value.fn.__module__ == info.name
            ]
    return found
