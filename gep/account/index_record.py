"""What the files of a run hold of price indices that a study gives itself, as types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict


class PriceGroups(TypedDict, total=False):
    """By the name of an index what follows it, where the study says so."""

    price_groups: dict[str, list[str]]


class Deflated(TypedDict, total=False):
    """The services whose values at constant prices are divided by their index, as the profile has it."""

    deflated: list[str]


class OwnIndicesRecord(TypedDict, total=False):
    """The levels of indices by name and year, and what follows one of its own: prices, items, services. Nothing where
    a study gives none.
    """

    price_levels: dict[str, dict[str, float]]
    followed: dict[str, str]


def followed_by(followed: Mapping[str, str], name: str, general: str) -> str:
    """The index that a price, an item or a product (`crop_products/wheat`) follows: its own, that of what it is a part
    of, or the general one.
    """
    while name:
        if name in followed:
            return followed[name]
        name = name.rpartition("/")[0]
    return general
