"""Pages of the equations of accounts beside GEP."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

import gep.stocks
from gep_reference import catalogue
from gep_reference import equations as shown
from gep_reference import markdown as md
from gep_reference.pages_of_code import docstring


def stock_groups() -> Mapping[str, ModuleType]:
    """The groups of equations of accounts beside GEP."""
    return {name: module for name, module in catalogue.modules(gep.stocks).items() if catalogue.equations_of(module)}


def stock_index() -> str:
    """The equations of accounts beside GEP, by group."""
    rows = [
        (shown.link(equation), md.rich(equation.summary))
        for module in stock_groups().values()
        for equation in catalogue.equations_of(module)
    ]
    return md.page(
        md.heading(1, "Accounts beside GEP"),
        "Equations of carbon stocks and credits, grazing, restoration, condition and assets. Their results are never "
        "added to a GEP.\n",
        *([md.toctree(stock_groups(), is_shown=True)] if rows else []),
        md.table(("equation", "what it computes"), rows),
    )


def stock_page(name: str, module: ModuleType) -> str:
    """One group of equations of accounts beside GEP."""
    blocks = [md.heading(1, f"Accounts beside GEP: {md.escape(name.replace('_', ' '))}"), docstring(module)]
    blocks += [shown.show(equation, 2, shown.origin, []) for equation in catalogue.equations_of(module)]
    return md.page(*blocks)
