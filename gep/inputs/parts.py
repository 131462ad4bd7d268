"""Which items are parts of others: by the words `其中` and `#` before them, and by what is known of products.

The parts of aggregates of products (wheat is grain) stand in `item_parts.csv` of the shipped data.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cache

from gep.core.data import data_folder, read_csv
from gep.inputs.items import product_services
from gep.inputs.names import listed_products


@cache
def _wholes() -> Mapping[str, frozenset[str]]:
    """The aggregates that each product is in, of all levels: soybeans are beans, and grain."""
    direct: dict[str, set[str]] = {}
    for _, row in read_csv(data_folder() / "item_parts.csv"):
        for product in row["parts"].split("|"):
            direct.setdefault(f"{row['whole'].partition('/')[0]}/{product}", set()).add(row["whole"])

    def above(item: str) -> set[str]:
        return {each for whole in direct.get(item, ()) for each in (whole, *above(whole))}

    return {item: frozenset(above(item)) for item in direct}


def wholes_of(item: str) -> frozenset[str]:
    """The items that hold another: the aggregates of a product, and its service."""
    base, slash, _ = item.partition("/")
    return (_wholes().get(item, frozenset()) | {base}) if slash else frozenset()


def is_part_of(item: str, whole: str) -> bool | None:
    """Whether an item is in another; None where nothing is known of it: a product of no list."""
    if whole in wholes_of(item):
        return True
    base = item.partition("/")[0]
    is_sure = base != whole.partition("/")[0] or base not in product_services() or item in (base, whole)
    return False if is_sure or {item, whole} <= listed_products() else None


class Scope:
    """The labels of a table in their order, and of each whether it is a part of the one before it.

    `其中` holds for its own line and for those behind it that are parts of the same item. A part of what is no item of
    an account, or of a total without a name, counts itself.
    """

    def __init__(self) -> None:
        self._whole: dict[Hashable, str] = {}
        self._within: set[Hashable] = set()
        self._opens = False

    def opens(self) -> None:
        """`其中` in a line of its own: the next label is a part."""
        self._opens = True

    def is_part(self, beside: Hashable, item: str, *, is_marked: bool) -> bool | None:
        """Whether the next label is a part, among labels that stand `beside` the same others (zone, year); None where
        it stands behind a part and nothing tells.
        """
        whole = self._whole.get(beside, "")
        is_marked, self._opens = is_marked or self._opens, False
        if is_marked and (not whole or _are_services_beside(item, whole)):
            self._whole[beside] = item
            return False
        if is_marked:
            self._within.add(beside)
            return True
        if whole and item and beside in self._within and (found := is_part_of(item, whole)) is not False:
            return found
        self._whole[beside] = item
        self._within.discard(beside)
        return False


def _are_services_beside(item: str, other: str) -> bool:
    """Whether two items are of two services of which the second is reported as a whole: parts of what both are in, as
    farming and forestry behind the output of agriculture, no part of each other.
    """
    services = product_services()
    return other in services and item.partition("/")[0] in {*services} - {other}
