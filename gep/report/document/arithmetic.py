"""Reads a line of arithmetic (`gep.core.formula`) as a formula: `minimum(a, b) / c ** 2`."""

from __future__ import annotations

import ast
from collections.abc import Callable

from gep.report.document.mathematics import (
    Brackets,
    Fraction,
    Function,
    Lines,
    Node,
    Root,
    Row,
    Script,
    Symbol,
    Words,
    row,
)

_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "−",
    ast.Mult: "×",
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Eq: "=",
    ast.BitAnd: "∧",
}
_SHORT = {"minimum": "min", "maximum": "max", "log": "ln", "log10": "lg"}
_LOOSE, _SUM, _PRODUCT, _POWER = range(4)
"""How tightly an expression holds together."""


def arithmetic_formula(name: str, expression: str, called: Callable[[str], str] = str) -> Node:
    """The assignment of an expression to a name; `called` says what a name is called on paper."""
    value = _Writer(called).node(ast.parse(expression, mode="eval").body)
    return row(Symbol(called(name), is_upright=True), Symbol("="), value)


class _Writer:
    def __init__(self, called: Callable[[str], str]) -> None:
        self.called = called

    def node(self, tree: ast.AST, tightness: int = _LOOSE) -> Node:
        """An expression, in brackets where what is around it holds more tightly."""
        match tree:
            case ast.Name(id=name):
                return Symbol(self.called(name), is_upright=True)
            case ast.Constant(value=value):
                return Symbol(f"{value:g}" if isinstance(value, float) else str(value))
            case ast.BinOp(left, ast.Div(), right):
                return Fraction(self.node(left), self.node(right))
            case ast.BinOp(left, ast.Pow(), right):
                return Script(self.node(left, _POWER), None, self.node(right))
            case ast.BinOp(left, operation, right):
                return self._operation(left, operation, right, tightness)
            case ast.UnaryOp(ast.USub(), operand):
                return _held(row(Symbol("−"), self.node(operand, _PRODUCT)), tightness > _LOOSE)
            case ast.Compare(left, comparisons, others):
                parts = [self.node(left, _SUM)]
                for comparison, other in zip(comparisons, others, strict=True):
                    parts += [Symbol(_SIGNS[type(comparison)]), self.node(other, _SUM)]
                return _held(Row(tuple(parts)), tightness > _LOOSE)
            case ast.Call(ast.Name(id=name), arguments):
                return self._call(name, arguments)
            case _:
                raise ValueError(ast.dump(tree))

    def _operation(self, left: ast.AST, operation: ast.operator, right: ast.AST, tightness: int) -> Node:
        sign = Symbol(_SIGNS[type(operation)])
        own = _PRODUCT if isinstance(operation, ast.Mult) else _SUM
        closer = own + 1 if isinstance(operation, ast.Sub) else own
        made = Row((self.node(left, own), sign, self.node(right, closer)))
        return _held(made, tightness > own)

    def _call(self, name: str, arguments: list[ast.expr]) -> Node:
        if name == "sqrt":
            return Root(self.node(arguments[0]))
        if name == "abs":
            return Brackets((self.node(arguments[0]),), "||")
        if name == "divide":
            return Fraction(*map(self.node, arguments))
        if name == "where":
            condition, there, else_ = arguments
            cases = (row(self.node(there), Words("  "), self.node(condition)), self.node(else_))
            return Brackets((Lines(cases),), "{")
        label = Symbol(_SHORT.get(name, name), is_upright=True)
        return Function(label, Brackets(tuple(map(self.node, arguments))))


def _held(node: Node, is_held: bool) -> Node:
    return Brackets((node,)) if is_held else node
