"""How products are spread over ecosystems: `[products]` of a project file, shares that sum to one.

Tables say how much beef a county sells, and not from which land. A profile puts all products of a service in one
ecosystem, or in none; the project may know better:

    [products]
    "livestock_products/beef" = { grassland = 0.6, cropland = 0.4 }
    "渔业产品" = { 湿地 = 1.0 }

A product has its own shares, else those of its service.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from gep.core.errors import Problem, did_you_mean, problem
from gep.core.messages import listed
from gep.inputs.items import product_services
from gep.inputs.names import like_items, named_items
from gep.standards.classes import ecosystem_id, ecosystems

Shares = Mapping[str, Mapping[str, float]]
"""Shares by product and ecosystem."""

EXACT = 1e-6
"""How far shares may be from one: they are written with a few decimals."""


def product_shares(written: Shares) -> dict[str, dict[str, float]]:
    """The shares by ids, of names that are known."""
    return {_product(name): {ecosystem_id(each): share for each, share in of.items()} for name, of in written.items()}


def _product(name: str) -> str:
    found = named_items(name)
    return found[0].item if len(found) == 1 else name


def check_product_shares(written: Shares) -> list[Problem]:
    """What is wrong with the shares of a project file."""
    problems: list[Problem] = []
    first: dict[str, str] = {}
    for name, of in written.items():
        key, product = f"products.{name}", _product(name)
        if product.partition("/")[0] not in product_services():
            allowed = listed([f"{service}/<product>" for service in product_services()])
            problems.append(
                problem("inputs.P02.no_such_product", key, allowed=allowed, name=name, hint=like_items(name))
            )
        elif product in first:
            problems.append(problem("inputs.P02.product_twice", key, name=name, other=first[product]))
        first.setdefault(product, name)
        ids = [ecosystem_id(each) for each in of]
        for each, identifier in zip(of, ids, strict=True):
            if identifier not in ecosystems():
                near = did_you_mean(each, ecosystems())
                allowed = listed(ecosystems())
                problems.append(problem("inputs.P02.no_such_ecosystem", key, allowed=allowed, name=each, hint=near))
        wrong = [share for share in of.values() if not 0 <= share <= 1]
        total = math.fsum(of.values())
        if wrong or len(set(ids)) < len(ids) or not abs(total - 1) <= EXACT:
            found = ", ".join(f"{each} {share:g}" for each, share in of.items())
            problems.append(problem("inputs.P02.no_shares", key, found=found, name=name, total=f"{total:.9g}"))
    return problems
