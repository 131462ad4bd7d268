"""What is a multiple of something else: proved by evaluation, as units are.

A flow whose density is k x, where k follows from zone and class alone and x differs from cell to cell, needs no sum of
its own: it is k times the sum of x, on the table. That an equation is such a multiple of one argument is never assumed.
It is evaluated with a `Multiple` in place of the argument, which only knows what leaves it one: products and quotients
with numbers, sums of multiples. A comparison, a maximum, a power, a number added to it: each refuses, on whichever side
of a kink cells may lie. Then it is evaluated with numbers of either sign and of many orders of magnitude.

Multiples are of numbers that are not negative, so that what is negative of x is negative of k x; where k is no number
(a class without coefficient), neither is k x.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from gep.engine.steps import ClassTables, Steps
from gep.plan.plan import Array, GridPlan
from gep.plan.wiring import ClassInput, Computed, TableInput


class NotLinearError(Exception):
    """Something was done with a multiple that need not leave it one."""


class Multiple(NDArrayOperatorsMixin):
    """k x, of an x that is not known."""

    __array_priority__ = 1000

    def __init__(self, factor: Array) -> None:
        if (factor < 0).any():
            raise NotLinearError("negative")
        self.factor = factor

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Multiple:
        if method != "__call__" or options or len(inputs) != 2:
            raise NotLinearError(ufunc.__name__)
        one, other = inputs
        if ufunc is np.add and isinstance(one, Multiple) and isinstance(other, Multiple):
            return Multiple(np.add(one.factor, other.factor))
        if ufunc is np.multiply and not isinstance(one, Multiple):
            one, other = other, one
        if ufunc in (np.multiply, np.divide) and not isinstance(other, Multiple):
            return Multiple(np.asarray(ufunc(one.factor, other), np.float64))
        raise NotLinearError(ufunc.__name__)

    def __array_function__(self, function: Callable[..., Any], *of: Any) -> Multiple:
        raise NotLinearError(function.__name__)

    def __array__(self, *of: Any, **options: Any) -> Array:
        raise NotLinearError("array")

    def __bool__(self) -> bool:
        raise NotLinearError("bool")

    def __float__(self) -> float:
        raise NotLinearError("float")


_DRAWN = np.random.default_rng(0).uniform(1, 10, 13) * 10.0 ** np.arange(-9, 17, 2)
POINTS = (0.0, *_DRAWN, *-_DRAWN)
"""At which a multiple is tried out."""
CLOSE = 1e-12
"""How far in parts a value at a point may be from that of the multiple: rounding, of some operations."""


def multiple_of(function: Callable[..., Any], arguments: Sequence[Array | Multiple]) -> Array | None:
    """k, by zone and class, if a function of numbers and multiples of one x is k x; else None."""
    with np.errstate(all="ignore"):
        try:
            found = function(*arguments)
        except NotLinearError:
            return None
        if not isinstance(found, Multiple):
            return None
        factor = found.factor
        is_number = np.isfinite(factor)
        for x in POINTS:
            values = np.asarray(function(*(of.factor * x if isinstance(of, Multiple) else of for of in arguments)))
            is_close = np.abs(values - factor * x) <= CLOSE * np.abs(factor * x)
            if not np.where(is_number, is_close, ~np.isfinite(values)).all():
                return None
    return factor


@dataclass(frozen=True)
class Form:
    """A step as `factor`, by zone and class, times the step `of`; of none: what follows from zone and class alone."""

    of: int | None
    factor: Array


class Forms:
    """The steps of a plan as multiples of others, as far down as they are; every step is at least its own."""

    def __init__(self, plan: GridPlan, steps: Steps, tables: ClassTables) -> None:
        self._plan, self._steps, self._tables = plan, steps, tables
        self._known: dict[int, Form] = {}

    def __getitem__(self, number: int) -> Form:
        if number not in self._known:
            self._known[number] = self._found(number)
        return self._known[number]

    def _found(self, number: int) -> Form:
        step, own = self._steps[number], Form(number, np.ones((1, 1)))
        if isinstance(step.node, TableInput):
            return Form(None, self._plan.zone_values[step.node.name, step.node.unit][:, None])
        if step.is_of_class or isinstance(step.node, ClassInput):
            table = self._tables[number]
            return Form(None, table[None, :]) if table.ndim == 1 else own
        if not isinstance(step.node, Computed):
            return own
        parts = [self[argument.step] for argument in step.arguments]
        roots = {part.of for part in parts} - {None}
        is_shifted = any(of.offset and part.of is not None for of, part in zip(step.arguments, parts, strict=True))
        if len(roots) > 1 or is_shifted:
            return own
        arguments = [
            Multiple(part.factor * of.scale) if part.of is not None else of.converted(part.factor)
            for of, part in zip(step.arguments, parts, strict=True)
        ]
        function = step.node.equation.fn
        if not roots:
            with np.errstate(all="ignore"):
                return Form(None, np.asarray(function(*arguments), np.float64))
        factor = multiple_of(function, arguments)
        return own if factor is None else Form(roots.pop(), factor)
