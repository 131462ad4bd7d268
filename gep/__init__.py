"""gep: a calculation engine for Gross Ecosystem Product (GEP, 生态产品总值).

    import gep
    study = gep.Study.open("gep.toml")
    account = study.run()
    account.total(), account.by("zone", "service").to_frame()

What is named here is the public interface, with the modules of `gep.services`, `gep.derivations` and `gep.ecosystems`.
Importing the package is cheap: a name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gep.core.front_door import open_door

if TYPE_CHECKING:
    from gep import derivations, ecosystems, services, stocks
    from gep.account import growth
    from gep.account.account import Account
    from gep.account.accounts import Accounts
    from gep.account.entries import Entry
    from gep.account.from_quantities import account_of
    from gep.audit.cases import load_case
    from gep.audit.comparison import compare
    from gep.core import catalog, units
    from gep.core.catalog import label
    from gep.core.equation import Equation, equation
    from gep.core.errors import (
        AccountError,
        CoefficientError,
        EquationError,
        GepError,
        InputError,
        MissingFeatureError,
        PartsError,
        Problem,
        ProjectError,
        UnitError,
        UsageError,
    )
    from gep.core.parts import Parts
    from gep.inputs.grids.layers import LayerSpec
    from gep.report.bibliography import cite
    from gep.report.make import write_report
    from gep.standards import coefficients
    from gep.standards.profile import load_profile
    from gep.study import products
    from gep.study.extent import land_change
    from gep.study.register import register, unregister
    from gep.study.run import read_run, read_runs
    from gep.study.sample.city import open_sample_city
    from gep.study.sample.years import open_sample_years
    from gep.study.study import Study

_MODULES = {
    "catalog": "gep.core.catalog",
    "coefficients": "gep.standards.coefficients",
    "derivations": "gep.derivations",
    "ecosystems": "gep.ecosystems",
    "growth": "gep.account.growth",
    "products": "gep.study.products",
    "services": "gep.services",
    "stocks": "gep.stocks",
    "units": "gep.core.units",
}
_NAMES = {
    "Account": "gep.account.account",
    "AccountError": "gep.core.errors",
    "Accounts": "gep.account.accounts",
    "CoefficientError": "gep.core.errors",
    "Entry": "gep.account.entries",
    "Equation": "gep.core.equation",
    "EquationError": "gep.core.errors",
    "GepError": "gep.core.errors",
    "InputError": "gep.core.errors",
    "LayerSpec": "gep.inputs.grids.layers",
    "MissingFeatureError": "gep.core.errors",
    "Parts": "gep.core.parts",
    "PartsError": "gep.core.errors",
    "Problem": "gep.core.errors",
    "ProjectError": "gep.core.errors",
    "Study": "gep.study.study",
    "UnitError": "gep.core.errors",
    "UsageError": "gep.core.errors",
    "account_of": "gep.account.from_quantities",
    "cite": "gep.report.bibliography",
    "compare": "gep.audit.comparison",
    "equation": "gep.core.equation",
    "label": "gep.core.catalog",
    "land_change": "gep.study.extent",
    "load_case": "gep.audit.cases",
    "load_profile": "gep.standards.profile",
    "open_sample_city": "gep.study.sample.city",
    "open_sample_years": "gep.study.sample.years",
    "read_run": "gep.study.run",
    "register": "gep.study.register",
    "unregister": "gep.study.register",
    "read_runs": "gep.study.run",
    "write_report": "gep.report.make",
}

__all__ = [
    "Account",
    "AccountError",
    "Accounts",
    "CoefficientError",
    "Entry",
    "Equation",
    "EquationError",
    "GepError",
    "InputError",
    "LayerSpec",
    "MissingFeatureError",
    "Parts",
    "PartsError",
    "Problem",
    "ProjectError",
    "Study",
    "UnitError",
    "UsageError",
    "account_of",
    "catalog",
    "cite",
    "coefficients",
    "compare",
    "derivations",
    "ecosystems",
    "equation",
    "growth",
    "label",
    "land_change",
    "load_case",
    "load_profile",
    "open_sample_city",
    "open_sample_years",
    "products",
    "read_run",
    "read_runs",
    "register",
    "services",
    "stocks",
    "units",
    "unregister",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("gep")
    if name in _NAMES:
        return getattr(import_module(_NAMES[name]), name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    raise AttributeError(f"module 'gep' has no attribute '{name}'")


open_door(__getattr__)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
