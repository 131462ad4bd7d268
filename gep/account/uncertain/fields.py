"""What is known of values that differ from cell to cell, on draws of the numbers that go into them.

A class of a zone has kept the sums of its inputs and of what its equations make, not its cells. Whether that is enough
for other numbers is not assumed: the function of each equation is evaluated with a `Field` in place of every argument
that differs from cell to cell. A field knows up to two things of itself, on all draws at once:

- `ratio`: every cell is this many times what it was. Products and quotients keep it, and sums of equal ratios.
- `mean`: the mean over the cells. Sums keep it, and products with numbers.

What keeps neither leaves nothing, and what rests on it is not known: then the cells would have to be read again. The
first number along the draws is always what the run itself had.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

Array = NDArray[np.float64]
ONE = np.ones(1)


class NotKnownError(Exception):
    """Something was done with a field after which nothing of it is known."""


class Field(NDArrayOperatorsMixin):
    """Values of cells that are not known one by one."""

    __array_priority__ = 1000

    def __init__(self, ratio: Array | None = None, mean: Array | None = None) -> None:
        if ratio is None and mean is None:
            raise NotKnownError
        self.ratio, self.mean = ratio, mean

    @property
    def is_fixed(self) -> bool:
        """Whether every cell is what it was, on all draws."""
        return self.ratio is not None and bool((self.ratio == 1).all())

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Field:
        if method != "__call__" or options:
            raise NotKnownError(ufunc.__name__)
        if ufunc in _RULES:
            return _RULES[ufunc](*inputs)
        return _unmoved(inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Field:
        return _unmoved((*args, *kwargs.values()))

    def __array__(self, *of: Any, **options: Any) -> Array:
        raise NotKnownError("array")

    def __bool__(self) -> bool:
        raise NotKnownError("bool")

    def __float__(self) -> float:
        raise NotKnownError("float")


def _unmoved(inputs: tuple[Any, ...]) -> Field:
    """Whatever is made of values that are the same on all draws is the same on all draws."""
    parts = [part for of in inputs for part in (of if isinstance(of, list | tuple) else (of,))]
    for part in parts:
        if not (part.is_fixed if isinstance(part, Field) else _is_constant(part)):
            raise NotKnownError
    return Field(ONE)


def _is_constant(number: Any) -> bool:
    values = np.asarray(number)
    return values.size <= 1 or bool((values == values.flat[0]).all())


def _ratio_of(number: Any) -> Array | None:
    """How many times the number of the run a number is on the draws; nothing of a zero."""
    values = np.atleast_1d(np.asarray(number, np.float64))
    if _is_constant(values):
        return ONE
    return values / values[0] if values[0] else None


def _sum(one: Any, other: Any, sign: float) -> Field:
    a, b = (part if isinstance(part, Field) else None for part in (one, other))
    ratio = None
    if a is not None and b is not None:
        if a.ratio is not None and b.ratio is not None and bool((a.ratio == b.ratio).all()):
            ratio = a.ratio
        mean = None if a.mean is None or b.mean is None else a.mean + sign * b.mean
        return Field(ratio, mean)
    field, number = (a, other) if a is not None else (b, one)
    assert field is not None
    if field.is_fixed and _is_constant(number):
        ratio = ONE
    mean = None
    if field.mean is not None:
        mean = field.mean + sign * np.asarray(number) if a is not None else number + sign * field.mean
    return Field(ratio, mean)


def _product(one: Any, other: Any, *, is_quotient: bool = False) -> Field:
    ratios = [part.ratio if isinstance(part, Field) else _ratio_of(part) for part in (one, other)]
    ratio = mean = None
    if ratios[0] is not None and ratios[1] is not None:
        ratio = ratios[0] / ratios[1] if is_quotient else ratios[0] * ratios[1]
    if isinstance(one, Field) and not isinstance(other, Field) and one.mean is not None:
        mean = one.mean / other if is_quotient else one.mean * other
    elif isinstance(other, Field) and not isinstance(one, Field) and other.mean is not None and not is_quotient:
        mean = one * other.mean
    return Field(ratio, mean)


def _power(one: Any, other: Any) -> Field:
    if isinstance(other, Field) or not _is_constant(other) or not isinstance(one, Field) or one.ratio is None:
        return _unmoved((one, other))
    return Field(one.ratio ** float(np.asarray(other).flat[0]))


_RULES: dict[np.ufunc, Callable[..., Field]] = {
    np.add: lambda one, other: _sum(one, other, 1.0),
    np.subtract: lambda one, other: _sum(one, other, -1.0),
    np.multiply: _product,
    np.divide: lambda one, other: _product(one, other, is_quotient=True),
    np.power: _power,
    np.negative: lambda one: _product(-1.0, one),
    np.square: lambda one: _product(one, one),
    np.sqrt: lambda one: Field(None if one.ratio is None else np.sqrt(one.ratio)),
}
