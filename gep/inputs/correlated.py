"""Numbers that are wrong together: correlations of those that are uncertain, as a project says them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

LAYER, TABLE = "layers.", "tables."
"""How the names of layers and items begin, as they are written in a project."""
LAND = f"{LAYER}land_cover"
"""The land cover; its classes by `land_name`."""
OF_PRICE = ":price"
"""How the error of the prices of an item is told from that of its other figures."""


def land_name(land_class: str) -> str:
    """The name of the area of a class, `forest` or `forest/mixed`."""
    return f"{LAND}[{land_class}]"


class SurenessRecord(TypedDict, total=False):
    """What run.json says of how sure inputs are, as the project has it."""

    uncertainty: dict[str, dict[str, dict[str, float]]]
    correlations: list[tuple[list[str], float]]
    confusion: list[tuple[str, str, float]]


class Correlation(NamedTuple):
    """Numbers each two of which have a correlation, by the names that `gep uncertainty` has for them."""

    numbers: tuple[str, ...]
    rho: float


def pairs_of(correlations: Iterable[Correlation]) -> Iterator[tuple[frozenset[str], float]]:
    """Every two numbers that are correlated, with their correlation."""
    for numbers, rho in correlations:
        for pair in combinations(numbers, 2):
            yield frozenset(pair), rho


def contradiction(correlations: Iterable[Correlation]) -> tuple[str, str] | None:
    """Two numbers of which two different correlations are said, or one number that is said to be correlated with
    itself; None where there are none.
    """
    known: dict[frozenset[str], float] = {}
    for pair, rho in pairs_of(correlations):
        if len(pair) < 2 or known.setdefault(pair, rho) != rho:
            return min(pair), max(pair)
    return None


def matrix_of(names: Sequence[str], correlations: Iterable[Correlation]) -> Array:
    """The correlations of some numbers as a matrix: 1 with itself, 0 where nothing is said."""
    at = {name: number for number, name in enumerate(names)}
    matrix = np.eye(len(names))
    for pair, rho in pairs_of(correlations):
        first, second = pair
        if first in at and second in at:
            matrix[at[first], at[second]] = matrix[at[second], at[first]] = rho
    return matrix


ROUNDING = 1e-9
"""How far below zero an eigenvalue may be that is zero but for rounding, as where areas add up to a whole."""


def can_be(matrix: ArrayLike) -> bool:
    """Whether random numbers can have such correlations: symmetric, 1 on the diagonal, no eigenvalue below zero."""
    of = np.asarray(matrix, float)
    is_one = np.isfinite(of).all() and np.allclose(of, of.T) and np.allclose(np.diag(of), 1)
    return bool(is_one and np.linalg.eigvalsh(of).min() >= -ROUNDING)
