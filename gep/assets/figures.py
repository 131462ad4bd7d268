"""A number with its unit, and how it was made: given in a table, read from a row of parameters, made by an equation,
added up. What a figure rests on is found by walking down.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from gep.assets.rows import Parameter
from gep.core.equation import Equation
from gep.core.messages import Text, say
from gep.core.translation import translated
from gep.core.units import convert

Rule = Literal["sum", "opposite", "whole_down", "whole_up", "magnitude"]
"""What is made of parts without an equation."""


class Error(NamedTuple):
    """How sure a cell of a table is: its standard uncertainty in its unit, and whether its column takes numbers below
    zero.
    """

    standard: float
    may_be_negative: bool


@dataclass(frozen=True)
class Figure:
    """A number in a unit. `place` says where it was given, `row` which parameter it is, `equation` and `parts` what
    made it of what; without an equation `rule` says so, and the parts carry no names. Of a cell `column` says which
    column of which table it is in, and `error` how sure it is where somebody said so; `is_exact` is what was counted,
    or is so by definition.
    """

    value: float
    unit: str
    place: Text | None = None
    row: Parameter | None = None
    equation: Equation | None = None
    parts: tuple[tuple[str, Figure], ...] = field(default=(), repr=False)
    rule: Rule = "sum"
    column: Text | None = None
    error: Error | None = None
    is_exact: bool = False

    def to(self, unit: str) -> float:
        """The number in another unit. Raises UnitError where it is of another kind: carbon is never CO2."""
        return convert(self.value, self.unit, unit)

    def behind(self) -> Iterator[Figure]:
        """The figure itself and all that it is made of."""
        yield self
        for _, part in self.parts:
            yield from part.behind()

    def parameters(self) -> list[Parameter]:
        """The rows of parameters that it rests on, each once."""
        return list(dict.fromkeys(figure.row for figure in self.behind() if figure.row is not None))

    def document(self) -> dict[str, Any]:
        """How it was made, as JSON: `value`, `unit`, and `place`, `parameter` or `equation` with `arguments`, or the
        `parts` of a sum.
        """
        found: dict[str, Any] = {"value": self.value, "unit": self.unit}
        if self.place is not None:
            found["place"] = self.place
        if self.error is not None:
            found["standard_error"] = self.error.standard
        if self.row is not None:
            found["parameter"] = self.row.document()
        if self.equation is not None:
            of = self.equation
            texts = {"summary": translated(of.summary), "source": translated(of.source)}
            found["equation"] = {"name": of.name, **texts, "formula": of.formula}
            found["arguments"] = {name: part.document() for name, part in self.parts}
        elif self.parts:
            found["parts"] = [part.document() for _, part in self.parts]
        return found


def given(value: float, unit: str, place: Text) -> Figure:
    """A number that somebody gave."""
    return Figure(float(value), unit, place)


def exact(value: float, unit: str, place: Text) -> Figure:
    """A number that was counted, or is so by definition: years of a period, a share of a course, none of what there is
    not. It has no uncertainty.
    """
    return Figure(float(value), unit, place, is_exact=True)


def made(equation: Equation, **arguments: Figure) -> Figure:
    """What an equation makes of figures, each brought to the unit that it declares.

    Raises UnitError where a figure is of another kind, EquationError or TypeError where an argument lacks.
    """
    numbers = {
        name: figure.to(equation.units[name]) if name in equation.units else figure.value
        for name, figure in arguments.items()
    }
    value = float(equation(**numbers))
    return Figure(value, equation.returns, equation=equation, parts=tuple(arguments.items()))


def total(figures: Iterable[Figure], unit: str) -> Figure:
    """The sum of figures in a unit, rounded once. Raises UnitError where one is of another kind."""
    parts = tuple(figures)
    if len(parts) == 1 and parts[0].unit == unit:
        return parts[0]
    return Figure(math.fsum(part.to(unit) for part in parts), unit, parts=tuple(("", part) for part in parts))


_LAST_DIGITS = 1e-9


def is_whole(sum_of_weights: float) -> bool:
    """Whether weights or shares add up to 1, but for the last digits of thirds."""
    return abs(sum_of_weights - 1) <= _LAST_DIGITS


def negative(figure: Figure) -> Figure:
    """A figure with the other sign, as reductions stand in a balance."""
    return by_rule("opposite", figure)


def by_rule(rule: Rule, figure: Figure) -> Figure:
    """What a rule makes of a figure: the opposite, whole tonnes, the amount without its sign."""
    return Figure(float(RULES[rule](figure.value)), figure.unit, parts=(("", figure),), rule=rule)


def whole_down(tonnes: Any) -> Any:
    """Whole tonnes, rounded down; a number that is whole but for the last digit of the machine is that number."""
    nearest = np.round(tonnes)
    return np.where(np.isclose(tonnes, nearest, rtol=1e-12, atol=1e-9), nearest, np.floor(tonnes))


def whole_up(tonnes: Any) -> Any:
    """Whole tonnes, rounded up; of what is whole but for the last digit, as `whole_down`."""
    return -whole_down(-tonnes)


RULES: Mapping[Rule, Callable[[Any], Any]] = {
    "sum": lambda value: value,
    "opposite": lambda value: -value,
    "whole_down": whole_down,
    "whole_up": whole_up,
    "magnitude": abs,
}
"""What is made of the sum of the parts, of a number or of all draws of it."""


def lines_of(figure: Figure, name: str = "", depth: int = 0) -> Iterator[tuple[int, str, Figure]]:
    """A figure and what it is made of, from above, each with its depth and the name of the argument that it is."""
    yield depth, name, figure
    for part_name, part in figure.parts:
        yield from lines_of(part, part_name, depth + 1)


def origin_of(figure: Figure) -> Text:
    """Where a figure comes from, in words."""
    if figure.row is not None:
        return figure.row.said()
    if figure.equation is not None:
        of = figure.equation
        return say("assets.origin.equation", name=translated(of.summary), source=translated(of.source))
    if figure.place is not None:
        return say("assets.origin.given", place=figure.place)
    if figure.rule != "sum":
        return say(f"assets.origin.{figure.rule}")
    return say("assets.origin.sum", count=len(figure.parts))


Figures = Mapping[str, Figure | None]
"""Figures by column; None where one lacks."""
