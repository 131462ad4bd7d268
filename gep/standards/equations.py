"""Every equation of services, derivations and stocks by its name: what data (published cases, labels) call an equation,
wherever its code stands.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType, ModuleType

import gep.derivations
import gep.services
import gep.stocks
from gep.core.data import renewed
from gep.core.equation import Equation
from gep.core.errors import EquationError
from gep.core.parts import Parts, registered


def equations_of(module: ModuleType) -> list[Equation]:
    """The equations that a module defines, in the order of its text."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, Equation) and value.fn.__module__ == module.__name__
    ]


@renewed
@cache
def equations() -> Mapping[str, Equation]:
    """Every equation by name. Raises EquationError where two have one name: data could not tell which is meant."""
    found: dict[str, Equation] = {}
    for equation in _all():
        if equation.name in found:
            raise EquationError(
                f"Two equations are called `{equation.name}`: in {found[equation.name].fn.__module__} and "
                f"{equation.fn.__module__}."
            )
        found[equation.name] = equation
    return MappingProxyType(found)


def equations_in(parts: Parts) -> list[Equation]:
    """Every equation of services and derivations, each once."""
    services = [e for service in parts.services for part in service.variants for e in part.equations]
    products = [kind.value for service in parts.services for kind in service.products]
    return list(dict.fromkeys([*services, *products, *(derivation.equation for derivation in parts.derivations)]))


@renewed
@cache
def equations_with_parts() -> Mapping[str, Equation]:
    """The same with those of all parts from outside that are registered."""
    of_parts = {equation.name: equation for one in registered().values() for equation in equations_in(one.parts)}
    return MappingProxyType({**of_parts, **equations()})


def _all() -> Iterator[Equation]:
    for package in (gep.services, gep.derivations, gep.stocks):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield from equations_of(import_module(module.name))
