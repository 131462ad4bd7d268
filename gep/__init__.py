"""gep: a calculation engine for Gross Ecosystem Product (GEP, 生态产品总值).

    import gep
    study = gep.Study.open("gep.toml")
    account = study.run()
    account.total(), account.by("zone", "service").to_frame()

Importing the package is cheap; what is named here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gep import derivations, ecosystems, services
    from gep.account.account import Account
    from gep.account.entries import Entry
    from gep.account.from_quantities import account_of
    from gep.core.equation import Equation, equation
    from gep.core.errors import GepError, InputError, Problem, ProjectError, UnitError
    from gep.inputs.grids.layers import LayerSpec
    from gep.standards.profile import load_profile
    from gep.study.study import Study

_WHERE = {
    "Account": "gep.account.account",
    "Entry": "gep.account.entries",
    "Equation": "gep.core.equation",
    "GepError": "gep.core.errors",
    "InputError": "gep.core.errors",
    "LayerSpec": "gep.inputs.grids.layers",
    "Problem": "gep.core.errors",
    "ProjectError": "gep.core.errors",
    "Study": "gep.study.study",
    "UnitError": "gep.core.errors",
    "account_of": "gep.account.from_quantities",
    "equation": "gep.core.equation",
    "load_profile": "gep.standards.profile",
}
_MODULES = {
    "derivations": "gep.derivations",
    "ecosystems": "gep.ecosystems",
    "services": "gep.services",
    "units": "gep.core.units",
    "coefficients": "gep.standards.coefficients",
}

__all__ = [
    "Account",
    "Entry",
    "Equation",
    "GepError",
    "InputError",
    "LayerSpec",
    "Problem",
    "ProjectError",
    "Study",
    "UnitError",
    "account_of",
    "derivations",
    "ecosystems",
    "equation",
    "load_profile",
    "services",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("gep")
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    raise AttributeError(f"module 'gep' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
