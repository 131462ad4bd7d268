"""What an equation must pass before it can be imported: the literal rule and the unit proof.

The unit proof evaluates an equation with plain numbers, with pint quantities in the declared units and with pint
quantities in base units; all three must agree in the declared unit of the result. So a sum of mm and m, a missing
`/year`, carbon taken for CO2, or a factor that stands for a conversion cannot be imported. A pure number is invisible
to units; the literal rule therefore reads the function's own text: its only numbers are 0, 1, 2 and exponents, and it
may use nothing but its arguments, numpy and other equations.
"""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from gep.core.errors import EquationError, UnitError
from gep.core.units import parse, registry

POINTS = 64
LOWEST, HIGHEST = 1e-2, 1e2
TOLERANCE = 1e-9
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)


def check_literals(fn: Callable[..., Any], is_equation: Callable[[object], bool]) -> None:
    """Raise EquationError where the function holds a number, a name or a call that the unit proof cannot see
    through.
    """
    try:
        tree = _text_of(fn)
    except (OSError, StopIteration):
        raise EquationError(
            f"{fn.__name__}: the text of the function is nowhere to be read, so that its numbers cannot be checked: "
            "declare equations in a file or in a cell of a notebook."
        ) from None
    if not isinstance(tree, ast.FunctionDef):
        raise EquationError(f"{fn.__name__}: an equation is a plain function.")
    first = _first_line(tree) - 1
    arguments = {a.arg for a in [*tree.args.args, *tree.args.kwonlyargs]}
    if tree.args.defaults or [d for d in tree.args.kw_defaults if d is not None]:
        raise EquationError(f"{fn.__name__}: a default value is a number without a source: make it a coefficient.")
    body = tree.body[1:] if ast.get_docstring(tree) else tree.body
    nodes = [node for statement in body for node in ast.walk(statement)]
    known = arguments | {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    exponents: set[ast.AST] = set()
    for node in nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            exponents.add(node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right)
    for node in nodes:
        line = getattr(node, "lineno", tree.lineno) - first
        if isinstance(node, ast.Constant) and node not in exponents:
            _check_constant(fn, node, line)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not (node.id in known or node.id == "np"):
            _check_name(fn, node.id, line, is_equation)
        if isinstance(node, ast.FunctionDef | ast.Lambda | ast.For | ast.While | ast.comprehension):
            raise EquationError(f"{fn.__name__}, line {line}: an equation holds no loops and no functions of its own.")


def _text_of(fn: Callable[..., Any]) -> ast.AST:
    """The text of a function, as it stands in its file."""
    lines, start = inspect.findsource(fn)
    node: ast.AST = _parsed("".join(lines))
    while _first_line(node) != start + 1:
        within = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt))
        node = next(child for child in within if _first_line(child) <= start + 1 <= (child.end_lineno or 0))
    return node


@lru_cache(maxsize=8)
def _parsed(text: str) -> ast.Module:
    """A file of many equations is parsed once."""
    return ast.parse(text)


def _first_line(node: ast.AST) -> int:
    """Where a statement begins, with what stands above a function with an @; 0 of a whole file."""
    above: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([int(getattr(node, "lineno", 0)), *(decorator.lineno for decorator in above)])


def _check_name(fn: Callable[..., Any], name: str, line: int, is_equation: Callable[[object], bool]) -> None:
    if not is_equation(fn.__globals__.get(name)):
        raise EquationError(
            f"{fn.__name__}, line {line}: `{name}` is neither an argument, numpy, nor an equation. What an "
            "equation uses is an argument with a unit."
        )


def _check_constant(fn: Callable[..., Any], node: ast.Constant, line: int) -> None:
    if node.value is None or isinstance(node.value, bool):
        return
    if not isinstance(node.value, int | float) or node.value not in (0, 1, 2):
        raise EquationError(
            f"{fn.__name__}, line {line}: the number {node.value!r} is not 0, 1, 2 or an exponent. A number "
            "with a meaning is an argument with a unit and "
            "a source; a conversion is made by the units, never by hand."
        )


class _Numpy:
    """numpy as an equation sees it during the proof: it remembers which branches of `where` were taken."""

    def __init__(self) -> None:
        self.branches: list[tuple[bool, bool]] = []

    def __getattr__(self, name: str) -> Any:
        if name != "where":
            return getattr(np, name)

        def where(condition: Any, yes: Any, no: Any) -> Any:
            taken = np.asarray(getattr(condition, "magnitude", condition))
            self.branches.append((bool(taken.any()), bool((~taken).any())))
            return np.where(condition, yes, no)

        return where


def sample_points(units: Mapping[str, str], points: Mapping[str, Sequence[float]]) -> dict[str, np.ndarray[Any, Any]]:
    """Values at which an equation is proved: log-spaced between LOWEST and HIGHEST and independent between arguments,
    or those given.
    """
    sampled: dict[str, np.ndarray[Any, Any]] = {}
    for index, name in enumerate(units):
        step = np.sqrt(_PRIMES[index % len(_PRIMES)]) * (1 + index // len(_PRIMES))
        lead = _lead(name)
        count = lead * (1 if name == "calendar_month" else POINTS)
        fraction = (np.arange(1, count + 1) * step) % 1
        if name in points:
            low, high = min(points[name]), max(points[name])
            values = low + fraction * (high - low)
            values[: len(points[name])] = points[name]
        else:
            values = LOWEST * (HIGHEST / LOWEST) ** fraction
        sampled[name] = values if lead == 1 else values.reshape(lead, -1)
    return sampled


def _lead(name: str) -> int:
    """Length of the leading axis of an argument in the proof: months, or days or their steps, of which a few
    will do.
    """
    return (
        12
        if name.startswith("monthly_")
        else 20
        if name.startswith(("daily_", "subdaily_")) or name == "calendar_month"
        else 1
    )


def check_units(
    fn: Callable[..., Any], units: Mapping[str, str], returns: str, points: Mapping[str, Sequence[float]]
) -> None:
    """Raise EquationError unless plain numbers, quantities in the declared units and quantities in base units give the
    same result.
    """
    import pint

    for name, unit in [*units.items(), ("the result", returns)]:
        if not parse(unit)._is_multiplicative:
            raise EquationError(f"{fn.__name__}: {name} is declared in {unit}, a scale with an offset; use K.")
    values = sample_points(units, points)
    tracer = _Numpy()
    traced = types.FunctionType(
        fn.__code__, {**fn.__globals__, "np": tracer}, fn.__name__, fn.__defaults__, fn.__closure__
    )
    traced.__kwdefaults__ = fn.__kwdefaults__
    quantities = {name: registry().Quantity(values[name], parse(units[name]).units) for name in units}
    with np.errstate(all="ignore"):
        plain = np.asarray(traced(**values), dtype=float)
        untaken = [i for i, (yes, no) in enumerate(tracer.branches) if not (yes and no)]
        for how, given in (
            ("declared", quantities),
            ("base", {name: quantity.to_root_units() for name, quantity in quantities.items()}),
        ):
            try:
                result = traced(**given)
                found = registry().Quantity(result, "") if not isinstance(result, registry().Quantity) else result
                proved = np.asarray(found.to(parse(returns).units).magnitude, dtype=float)
            except (pint.DimensionalityError, pint.OffsetUnitCalculusError, UnitError, TypeError) as error:
                raise EquationError(
                    f"{fn.__name__}: the units do not work out: {error}. Declared: {_declared(units, returns)}."
                ) from error
            if not np.allclose(proved, plain, rtol=TOLERANCE, atol=0, equal_nan=True):
                worst = np.nanmedian(np.abs(proved / np.where(plain == 0, np.nan, plain)))
                raise EquationError(
                    f"{fn.__name__}: with units ({how}) the result is {worst:.6g} times that of plain numbers: "
                    "two units of one kind are mixed, or a conversion is missing or made by hand. Declared: "
                    f"{_declared(units, returns)}."
                )
    if untaken:
        raise EquationError(
            f"{fn.__name__}: a branch of `where` number {untaken[0] + 1} is never taken in the proof; give "
            "`points` for the argument that decides it."
        )
    if not np.isfinite(plain).any():
        raise EquationError(
            f"{fn.__name__}: gives no finite number at any point of the proof; give `points` within its range."
        )


def _declared(units: Mapping[str, str], returns: str) -> str:
    return ", ".join(f"{name} {unit}" for name, unit in units.items()) + f" -> {returns}"
