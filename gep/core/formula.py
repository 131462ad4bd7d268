"""An equation as plain arithmetic: the lines of its function as text, into which numbers can be put.

The text is taken from the function itself, so that what is shown is what was computed. Calls of other equations are
written out, numpy's name is left away, and every line stands for one assignment:

    bare = weather_factor * wind_erodible_fraction
    retained_sand = wind_erosion_region * (potential - actual)
"""

from __future__ import annotations

import ast
import copy
import inspect
import re
import textwrap
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain

from gep.core.equation import Equation

Lines = tuple[tuple[str, str], ...]
"""Assignments: a name and the expression it stands for. The last name is that of the equation."""


def arithmetic(equation: Equation) -> Lines:
    """The lines of an equation, those of the equations that it calls among them."""
    writer = _Writer({*equation.arguments, equation.name})
    result = writer.body(equation, {name: ast.Name(name) for name in equation.arguments})
    return (*writer.lines, (equation.name, ast.unparse(result)))


def put_in(expression: str, numbers: Mapping[str, str]) -> str:
    """An expression with texts of numbers in place of names; a negative number stands in parentheses."""
    plain, names = _pieces(expression)
    put = [f"({text})" if text.startswith("-") else text for text in (numbers.get(name, name) for name in names)]
    return "".join(chain.from_iterable(zip(plain, [*put, ""], strict=True)))


_NAME = re.compile(r"(?<![\w.])([A-Za-z_]\w*)")


@lru_cache(maxsize=2048)
def _pieces(expression: str) -> tuple[list[str], list[str]]:
    """What stands between the names of an expression, written as Python writes it, and the names."""
    parts = _NAME.split(ast.unparse(ast.parse(expression, mode="eval")))
    return parts[::2], parts[1::2]


_NAMED = "abs arccos arctan cos divide exp log log10 log2 max maximum mean min minimum sin sqrt sum tan where"
FUNCTIONS = frozenset(_NAMED.split())
"""What a line of arithmetic may call."""
_OPERATIONS = (ast.operator, ast.unaryop, ast.cmpop, ast.expr_context)
_PARTS = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Name, *_OPERATIONS)


def is_arithmetic(expression: str) -> bool:
    """Whether a text is numbers, names, operations and the functions of `FUNCTIONS`, so that whoever recomputes it runs
    nothing else. Raises SyntaxError or ValueError where it cannot be parsed at all.
    """
    return all(_is_part(node) for node in ast.walk(ast.parse(expression, mode="eval")))


def _is_part(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and not node.keywords
    return isinstance(node, _PARTS)


class _Writer:
    """Writes assignments, each under a name that no other has."""

    def __init__(self, taken: set[str]) -> None:
        self.lines: list[tuple[str, str]] = []
        self._taken = taken

    def body(self, equation: Equation, names: dict[str, ast.expr]) -> ast.expr:
        """Write the assignments of an equation whose arguments are known; what it returns."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(equation.fn))).body[0]
        assert isinstance(tree, ast.FunctionDef)
        for statement in tree.body[1:]:  # the first is the docstring
            if isinstance(statement, ast.Return) and statement.value is not None:
                return self._plain(statement.value, equation, names)
            assert isinstance(statement, ast.Assign), f"{equation.name}: an equation holds assignments and one return"
            (target,) = statement.targets
            targets = target.elts if isinstance(target, ast.Tuple) else [target]
            values = statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]
            made = [self._plain(value, equation, names) for value in values]
            for name, value in zip(targets, made, strict=True):
                assert isinstance(name, ast.Name)
                names[name.id] = self._assign(name.id, value)
        raise AssertionError(f"{equation.name} returns nothing")

    def _assign(self, name: str, value: ast.expr) -> ast.expr:
        """A name for a value; what is a name or a number already needs none."""
        if isinstance(value, ast.Name | ast.Constant):
            return value
        count, free = 1, name
        while free in self._taken:
            count += 1
            free = f"{name}_{count}"
        self._taken.add(free)
        self.lines.append((free, ast.unparse(value)))
        return ast.Name(free)

    def _plain(self, value: ast.expr, equation: Equation, names: Mapping[str, ast.expr]) -> ast.expr:
        made: ast.expr = _Plain(self, equation, names).visit(copy.deepcopy(value))
        return made

    def call(self, called: Equation, given: list[ast.expr]) -> ast.expr:
        arguments = {name: self._assign(name, value) for name, value in zip(called.arguments, given, strict=True)}
        return self._assign(called.name, self.body(called, arguments))


class _Plain(ast.NodeTransformer):
    """An expression of an equation without numpy's name, without axes, and without calls of other equations."""

    def __init__(self, writer: _Writer, equation: Equation, names: Mapping[str, ast.expr]) -> None:
        self.writer, self.equation, self.names = writer, equation, names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.names.get(node.id, node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return ast.Name(node.attr)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments = [self.visit(argument) for argument in node.args]
        called = self.equation.fn.__globals__.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if isinstance(called, Equation):
            return self.writer.call(called, arguments)
        return ast.Call(self.visit(node.func), arguments, [])
