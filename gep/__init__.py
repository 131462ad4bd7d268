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
    from gep.account import Account, Entry
    from gep.equation import Equation, equation
    from gep.errors import GepError, InputError, Problem, ProjectError, UnitError
    from gep.given import account_of
    from gep.grids.layers import LayerSpec
    from gep.profile import load_profile
    from gep.study import Study

_WHERE = {
    "Account": "gep.account",
    "Entry": "gep.account",
    "Equation": "gep.equation",
    "GepError": "gep.errors",
    "InputError": "gep.errors",
    "LayerSpec": "gep.grids.layers",
    "Problem": "gep.errors",
    "ProjectError": "gep.errors",
    "Study": "gep.study",
    "UnitError": "gep.errors",
    "account_of": "gep.given",
    "equation": "gep.equation",
    "load_profile": "gep.profile",
}
_MODULES = ("derivations", "ecosystems", "services", "units", "coefficients")

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
        return import_module(f"gep.{name}")
    raise AttributeError(f"module 'gep' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
