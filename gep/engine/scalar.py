"""Equations as lines of scalar code, for a compiled loop over cells: written from the equations' own functions, so that
a formula stands in one place only.

A value is a number of one cell or, with a month axis, of its twelve months: then its text says which with `m`.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from gep.core.equation import Equation

MONTHS = 12
INDENT = "    "

_NAMES = {
    "abs": "abs",
    "arccos": "math.acos",
    "arctan": "math.atan",
    "cos": "math.cos",
    "exp": "math.exp",
    "log": "math.log",
    "log10": "math.log10",
    "log2": "math.log2",
    "maximum": "maximum",
    "minimum": "minimum",
    "sin": "math.sin",
    "sqrt": "math.sqrt",
    "tan": "math.tan",
}
"""Functions of numpy that equations call, and what stands for them (`prelude`)."""

_OF_MONTHS = ("exp", "log")
"""Those of which several months are computed at a time, by functions of the prelude."""

_CONSTANTS = ("nan", "pi")
"""Numbers of numpy that equations hold."""

_REDUCTIONS = ("sum", "mean", "max", "min")
"""Functions of numpy that equations call over the months."""


_OF_CLASS = re.compile(r"of_class\[(\d+), c\]")
"""A number of the class of a piece."""


class CannotCompileError(Exception):
    """An equation is written with something that has no scalar counterpart here; it is computed by numpy."""


class Value(NamedTuple):
    """The text of a value, and whether it has a month axis."""

    text: str
    has_months: bool = False


class Writer:
    """Writes lines; every name that it makes up is used once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.of_months: list[str] = []
        """Names of arrays of months, to be made before the loop."""
        self._depth = 0
        self._count = 0
        self._months = 0, 0, 0
        """The last loop over months: where it begins and ends among the lines, and how deep it is."""
        self._reduced: set[str] = set()
        """Names that are whole only after it."""

    def add(self, line: str) -> None:
        """One line at the present depth."""
        self.lines.append(INDENT * self._depth + line)

    @contextmanager
    def under(self, head: str) -> Iterator[None]:
        """The lines of a block."""
        self.add(head)
        self._depth += 1
        yield
        self._depth -= 1

    def each_month(self, line: str, before: str = "") -> None:
        """One line of a loop over months, in the loop that was just written where there is one; `before` comes before
        the loop, and so does what it needs of the class, so that months can be computed several at a time.
        """
        begin, end, depth = self._months
        is_open = end == len(self.lines) and depth == self._depth and begin < end
        if not is_open or any(name in line for name in self._reduced):
            begin = len(self.lines)
            self.add("for m in range(months):")
            self._reduced.clear()
        earlier = [before] if before else []
        for number in dict.fromkeys(_OF_CLASS.findall(line)):
            earlier.append(f"of_class_{number} = of_class[{number}, c]")
        for text in earlier:
            self.lines.insert(begin, INDENT * self._depth + text)
            begin += 1
        self.add(INDENT + _OF_CLASS.sub(r"of_class_\1", line))
        self._months = begin, len(self.lines), self._depth

    def without_arrays(self) -> None:
        """Keep months of values that are used in the loop alone that makes them as single numbers."""
        loops = _loops(self.lines)
        for name in list(self.of_months):
            word = re.compile(rf"\b{name}\b")
            used = {loops[place] for place, line in enumerate(self.lines) if word.search(line)}
            if len(used) == 1 and None not in used:
                self.lines = [line.replace(f"{name}[m]", name) for line in self.lines]
                self.of_months.remove(name)

    def reduce(self, name: str, start: str, line: str) -> None:
        """A number that a loop over months makes, from what it is at first."""
        self.each_month(line, f"{name} = {start}")
        self._reduced.add(name)

    def cut(self, start: int) -> list[str]:
        """Take the lines from a place on away."""
        lines, self.lines[start:] = self.lines[start:], []
        return lines

    def name(self, hint: str) -> str:
        """A new name."""
        self._count += 1
        return f"{hint}_{self._count}"

    def keep(self, value: Value, hint: str) -> Value:
        """A value under a name of its own."""
        name = self.name(hint)
        if not value.has_months:
            self.add(f"{name} = {value.text}")
            return Value(name)
        self.of_months.append(name)
        self.each_month(f"{name}[m] = {value.text}")
        return Value(f"{name}[m]", True)

    def function(self, function: Callable[..., Any], arguments: Sequence[Value]) -> Value:
        """What a function gives for values: that of an equation, or another of assignments and one return."""
        known = dict(zip(inspect.signature(function).parameters, arguments, strict=True))
        for statement in _statements(function):
            if isinstance(statement, ast.Return) and statement.value is not None:
                return _Expression(self, function, known).value(statement.value)
            if not isinstance(statement, ast.Assign):
                raise CannotCompileError(ast.unparse(statement))
            (target,) = statement.targets
            targets = target.elts if isinstance(target, ast.Tuple) else [target]
            values = statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]
            made = [_Expression(self, function, known).value(value) for value in values]
            for name, value in zip(targets, made, strict=True):
                assert isinstance(name, ast.Name)
                known[name.id] = self.keep(value, name.id)
        raise CannotCompileError(function.__name__)


def _loops(lines: Sequence[str]) -> list[int | None]:
    """In which loop over months each line stands: where that begins."""
    found: list[int | None] = []
    begin, depth = None, 0
    for place, line in enumerate(lines):
        deep = len(line) - len(line.lstrip())
        if begin is not None and deep <= depth:
            begin = None
        found.append(begin)
        if line.lstrip() == "for m in range(months):":
            begin, depth = place, deep
    return found


@cache
def _statements(function: Callable[..., Any]) -> Sequence[ast.stmt]:
    """What a function does, after its docstring."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(tree, ast.FunctionDef)
    return tree.body[1:]


class _Expression:
    """Turns expressions of one function into text."""

    def __init__(self, writer: Writer, function: Callable[..., Any], known: Mapping[str, Value]) -> None:
        self._writer, self._function, self._known = writer, function, known

    def value(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return Value(repr(node.value))
        if isinstance(node, ast.Name):
            return self._named(node.id)
        if isinstance(node, ast.Attribute) and node.attr in _CONSTANTS:
            return Value(f"math.{node.attr}")
        if isinstance(node, ast.BinOp):
            return self._joined(node.left, node.right, _operator(node.op))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._joined(node.left, node.comparators[0], _operator(node.ops[0]))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.value(node.operand)
            return inner._replace(text=f"(-{inner.text})")
        if isinstance(node, ast.Call):
            return self._call(node)
        raise CannotCompileError(ast.unparse(node))

    def _named(self, name: str) -> Value:
        if name in self._known:
            return self._known[name]
        number = self._function.__globals__.get(name)
        if isinstance(number, int | float):
            return Value(repr(number))
        raise CannotCompileError(name)

    def _joined(self, left: ast.expr, right: ast.expr, sign: str) -> Value:
        one, other = self.value(left), self.value(right)
        return Value(f"({one.text} {sign} {other.text})", one.has_months or other.has_months)

    def _call(self, node: ast.Call) -> Value:
        if isinstance(node.func, ast.Name):
            called = self._function.__globals__.get(node.func.id)
            if not isinstance(called, Equation) or node.keywords:
                raise CannotCompileError(ast.unparse(node))
            return self._writer.function(called.fn, [self._kept(argument) for argument in node.args])
        if not isinstance(node.func, ast.Attribute):
            raise CannotCompileError(ast.unparse(node))
        name = node.func.attr
        if name in _REDUCTIONS and [keyword.arg for keyword in node.keywords] == ["axis"]:
            return self._over_months(name, self.value(node.args[0]))
        if node.keywords:
            raise CannotCompileError(ast.unparse(node))
        arguments = [self.value(argument) for argument in node.args]
        has_months = any(argument.has_months for argument in arguments)
        texts = [argument.text for argument in arguments]
        if name == "where":
            return Value(f"({texts[1]} if {texts[0]} else {texts[2]})", has_months)
        if name == "divide":
            return Value(f"({texts[0]} / {texts[1]})", has_months)
        if name not in _NAMES:
            raise CannotCompileError(ast.unparse(node))
        called = name if has_months and name in _OF_MONTHS else _NAMES[name]
        return Value(f"{called}({', '.join(texts)})", has_months)

    def _kept(self, node: ast.expr) -> Value:
        """An argument of another equation, computed once however often that one uses it."""
        value = self.value(node)
        return value if isinstance(node, ast.Name | ast.Constant) else self._writer.keep(value, "argument")

    def _over_months(self, name: str, of: Value) -> Value:
        if not of.has_months:
            raise CannotCompileError(name)
        writer = self._writer
        found = writer.name(name)
        if name in ("max", "min"):
            writer.reduce(found, f"{'-' if name == 'max' else ''}math.inf", f"{found} = {name}imum({found}, {of.text})")
            return Value(found)
        if not of.text.removesuffix("[m]").isidentifier():
            of = writer.keep(of, "term")
        total = f"total({of.text.removesuffix('[m]')})"
        writer.add(f"{found} = {total}" if name == "sum" else f"{found} = {total} / {MONTHS}")
        return Value(found)


_OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


def _operator(node: ast.operator | ast.cmpop) -> str:
    if type(node) not in _OPERATORS:
        raise CannotCompileError(type(node).__name__)
    return _OPERATORS[type(node)]
