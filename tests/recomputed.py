"""The arithmetic that `gep explain` prints, computed again: with the functions of `math` and nothing of gep."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

LINE = re.compile(r"    (\S+) = (.+)")
"""Four spaces, a name, an expression; then a result with its unit, but for a step within an equation; then, perhaps, a
note.
"""

ULPS = 4
"""Functions and powers of two libraries, and a sum of two rounded terms, may differ in the last digit or two."""

PLAIN = re.compile(r"[\d.e+\-*/(), ]|sum|minimum|maximum")
"""What has one result only by the rules of floating-point numbers: the four operations, and a sum that is rounded once.
"""


class Line(NamedTuple):
    name: str
    expression: str
    result: float | None
    unit: str = ""


FUNCTIONS = {
    "sum": lambda *terms: math.fsum(terms),
    "minimum": min,
    "maximum": max,
    "where": lambda condition, yes, no: yes if condition else no,
    "divide": lambda one, other: one / other,
    "arctan": math.atan,
    **{name: getattr(math, name) for name in ("exp", "log", "log10", "sqrt", "sin", "cos", "tan", "pi", "nan")},
}


def printed_lines(text: str) -> list[Line]:
    """The lines of arithmetic of an explanation."""
    found = []
    for match in filter(None, (LINE.fullmatch(line) for line in text.splitlines())):
        expression, *result = match[2].partition("  # ")[0].split(" = ")
        number, _, unit = result[0].partition(" ") if result else ("", "", "")
        found.append(Line(match[1], expression, float(number) if number else None, unit))
    return found


def lines_of(document: Mapping[str, Any]) -> list[Line]:
    """The same lines of the JSON document."""
    groups = [
        *(step["lines"] for step in document["steps"]),
        *(rule["lines"] for rule in document["passes"]),
        document["recompute"],
    ]
    return [Line(line["name"], line["expression"], line["result"], line["unit"]) for lines in groups for line in lines]


MOST = 1e-9
"""Of a result, what may be uncertain: last digits of numbers that are taken from each other, never a digit that is
printed.
"""

PUT_IN = re.compile(r"(?<![\w.])(?:[A-Za-z_]\w*(?!\w*\()|\d+\.?\d*(?:e[+-]?\d+)?)")
"""A name or a number in an expression."""


def check(lines: Iterable[Line]) -> int:
    """Compute every line again: to the last digit where there is but one way to round, else within what a few units of
    the last digit of every number that is put in, and of the result, come to. How many there were.
    """
    count = 0
    known: dict[str, float] = {}
    errors: dict[str, float] = {}
    for line in lines:
        value = value_of(line.expression, known)
        is_plain = (
            not PLAIN.sub("", line.expression) and "**" not in line.expression and not line.name.endswith("_mean")
        )
        allowed = 0.0 if is_plain else ULPS * math.ulp(value) + carried(line.expression, known, errors, value)
        known[line.name], errors[line.name] = value, allowed
        if line.result is None:
            continue
        count += 1
        assert allowed <= max(MOST * abs(value), sys.float_info.min), (
            f"{line}: so little of it is certain that nothing is shown"
        )
        assert abs(value - line.result) <= allowed, f"{line}: {value!r}"
    return count


def value_of(expression: str, numbers: Mapping[str, float]) -> float:
    found: float = eval(expression, {"__builtins__": {}}, {**FUNCTIONS, **numbers})
    return found


def carried(expression: str, known: Mapping[str, float], errors: Mapping[str, float], value: float) -> float:
    """How far the value of an expression moves when each number in it moves by its error, or a few units of its last
    digit.
    """
    total = 0.0
    for found in PUT_IN.finditer(expression):
        if found[0] in FUNCTIONS:
            continue
        number = known[found[0]] if found[0] in known else float(found[0])
        moved = number + max(errors.get(found[0], 0.0), ULPS * math.ulp(number))
        total += abs(value_of(f"{expression[: found.start()]}({moved!r}){expression[found.end() :]}", known) - value)
    return total
