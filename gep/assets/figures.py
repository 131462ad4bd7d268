"""A number with its unit, and how it was made: given in a table, read from a row of parameters, made by an equation,
added up. What a figure rests on is found by walking down.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gep.assets.rows import Parameter
from gep.core.equation import Equation
from gep.core.messages import Text, say
from gep.core.translation import translated
from gep.core.units import convert


@dataclass(frozen=True)
class Figure:
    """A number in a unit. `place` says where it was given, `row` which parameter it is, `equation` and `parts` what
    made it of what; of a sum there is no equation, and the parts carry no names.
    """

    value: float
    unit: str
    place: Text | None = None
    row: Parameter | None = None
    equation: Equation | None = None
    parts: tuple[tuple[str, Figure], ...] = field(default=(), repr=False)

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
    return Figure(-figure.value, figure.unit, parts=(("", figure),))


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
    if len(figure.parts) == 1:
        return say("assets.origin.opposite")
    return say("assets.origin.sum", count=len(figure.parts))


Figures = Mapping[str, Figure | None]
"""Figures by column; None where one lacks."""
