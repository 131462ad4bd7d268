"""Lines of plain arithmetic with their results: what anyone can compute again.

A line is a name, an expression, its result and its unit. `sum(...)` is rounded once, as `math.fsum` does; everything
else is arithmetic as it stands, from left to right. Lines without a result are steps within an equation, for the lines
that follow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypedDict

from gep.account.record import Ledger, NumberRecord
from gep.core.formula import put_in


class ArithmeticLine(TypedDict):
    """One line to compute again: `name = expression`, which gives `result` in `unit`."""

    name: str
    expression: str
    result: float | None
    unit: str
    note: str


def added(values: Iterable[float | None]) -> float | None:
    """The sum of the figures that are there, exactly rounded; None where none is."""
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None


def line(name: str, expression: str, result: float | None = None, unit: str = "", note: str = "") -> ArithmeticLine:
    """One line to compute again."""
    return {"name": name, "expression": expression, "result": result, "unit": unit, "note": note}


def number(value: float) -> str:
    """A number that reads as the same float."""
    return repr(float(value))


def times(*factors: float) -> str:
    """A product from left to right, without what changes nothing."""
    kept = [factor for factor in factors[1:] if factor != 1.0]
    return " * ".join(f"({number(f)})" if f < 0 else number(f) for f in (factors[0], *kept))


def summed(values: Sequence[float], total: float) -> str:
    """A sum that gives a total exactly: where the parts were rounded themselves, what that leaves is its last term."""
    parts = list(values)
    if parts and math.fsum(parts) != total:
        parts.append(float(Fraction(total) - sum(map(Fraction, parts))))
    return f"sum({', '.join(map(number, parts))})"


def signed(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def equation_lines(
    ledger: Ledger,
    equation: str,
    numbers: Mapping[str, float],
    name: str,
    result: float,
    factor: float = 1.0,
    unit: str = "",
) -> Iterator[ArithmeticLine]:
    """The arithmetic of an equation with numbers put in; the result may be turned into another unit by a factor."""
    about = ledger["equations"][equation]
    texts = {argument: number(value) for argument, value in numbers.items()}
    *within, (_, last) = about["arithmetic"]
    for assigned, expression in within:
        yield line(assigned, put_in(expression, texts))
    expression = put_in(last, texts)
    yield line(
        name, expression if factor == 1.0 else f"({expression}) * {number(factor)}", result, unit or about["returns"]
    )


def printed_times(ledger: Ledger, about: NumberRecord) -> str:
    """A number as printed in its source, times what turned it into the one that was used."""
    if "row" in about:
        return times(ledger["coefficients"][about["row"]]["value"], about["index_factor"], about["scale"])
    if "printed" in about:
        return times(about["printed"], about["to_unit"], about.get("scale", 1.0), about["index_factor"])
    return number(about["amount"])
