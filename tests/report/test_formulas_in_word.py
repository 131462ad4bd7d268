"""Formulas in Word: read back from OMML by a reader of its own, they are the arithmetic of the equation."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from gep.core.formula import arithmetic
from gep.core.messages import LANGUAGES
from gep.core.translation import translated
from gep.report.document.arithmetic import arithmetic_formula
from gep.report.document.mathematics import M, omml
from gep.report.document.notation import formula, formula_lines, greek
from gep.standards.equations import equations

_SIGNS = {"−": "-", "×": "*", "≤": "<=", "≥": ">=", "=": "==", "\u2009": "*", "∧": " and "}


def children(element: Any, name: str) -> list[Any]:
    return list(element.findall(f"{{{M}}}{name}"))


def text_of(element: Any) -> str:
    """An element of OMML as an expression of Python."""
    tag = element.tag.removeprefix(f"{{{M}}}")
    of = READERS.get(tag)
    return of(element) if of else "".join(text_of(child) for child in element)


def part(element: Any, name: str) -> str:
    return "".join(text_of(child) for child in children(element, name))


def run_text(element: Any) -> str:
    text = "".join(child.text or "" for child in children(element, "t"))
    return _SIGNS.get(text.strip(" "), text)


def brackets(element: Any) -> str:
    (look,) = children(element, "dPr")
    kind = next(child for child in look if child.tag.endswith("begChr")).get(f"{{{M}}}val")
    parts = [text_of(child) for child in children(element, "e")]
    if kind == "{":
        return parts[0]
    return f"{'abs' if kind == '|' else ''}({','.join(parts)})"


def cases(element: Any) -> str:
    """Two lines of a choice: a value and its condition, and another value."""
    there, else_ = children(element, "e")
    *value, condition = _split(there)
    return f"(({''.join(value)}) if ({condition}) else ({text_of(else_)}))"


def _split(element: Any) -> list[str]:
    found, parts = [""], list(element)
    for child in parts:
        if child.tag == f"{{{M}}}r" and children(child, "rPr")[0].find(f"{{{M}}}nor") is not None:
            found.append("")
        else:
            found[-1] += text_of(child)
    return found


def _argument(element: Any) -> str:
    (argument,) = children(element, "e")
    is_bracket = len(argument) == 1 and argument[0].tag == f"{{{M}}}d"
    return text_of(argument) if is_bracket else f"({text_of(argument)})"


READERS: dict[str, Callable[[Any], str]] = {
    "r": run_text,
    "f": lambda e: f"(({part(e, 'num')})/({part(e, 'den')}))",
    "sSup": lambda e: f"({part(e, 'e')})**({part(e, 'sup')})",
    "sSub": lambda e: f"{part(e, 'e')}_{part(e, 'sub')}",
    "rad": lambda e: f"sqrt({part(e, 'e')})",
    "func": lambda e: f"{part(e, 'fName')}{_argument(e)}",
    "d": brackets,
    "eqArr": cases,
}
FUNCTIONS = {
    "sqrt": math.sqrt,
    "exp": math.exp,
    "ln": math.log,
    "lg": math.log10,
    "log2": math.log2,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "arccos": math.acos,
    "arctan": math.atan,
    "min": min,
    "max": max,
    "minimum": min,
    "maximum": max,
    "log": math.log,
    "log10": math.log10,
    "divide": lambda a, b: a / b,
    "where": lambda condition, there, else_: there if condition else else_,
    "abs": abs,
    "mean": lambda value: value,
    "sum": lambda value: value,
    "nan": math.nan,
}
LINES = [(e.name, *line) for e in equations().values() for line in arithmetic(e)]


def test_a_line_of_arithmetic_says_the_same_in_word():
    for line in LINES:
        says_the_same(*line)


def says_the_same(equation: str, name: str, expression: str) -> None:
    """Hold a line against what Word reads of it, at three points."""
    read = text_of(omml(arithmetic_formula(name, expression)))
    left, _, right = read.partition("==")
    assert left == name
    numbers = random.Random(f"{equation} {name}")
    names = {node for node in compile(expression, "", "eval").co_names if node not in FUNCTIONS}
    for _ in range(3):
        given = {of: numbers.uniform(0.1, 0.9) for of in names}
        try:
            expected = eval(expression, {**FUNCTIONS, **given})
        except (ValueError, ZeroDivisionError, TypeError):  # outside the domain of a root or a logarithm
            continue
        assert eval(right, {**FUNCTIONS, **given}) == pytest.approx(expected, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_formula_of_the_code_is_read_whole(language):
    for equation in equations().values():
        text = "\n".join(translated(line).to(language) for line in equation.formula.splitlines())
        lines = formula_lines(text)
        assert lines, equation.name
        assert all(line.is_whole for line in lines), (equation.name, text)


@pytest.mark.parametrize(
    ("notation", "given", "value"),
    [
        # worked by hand from the docstrings' own examples and from plain numbers
        ("P - alpha P - E", {"P": 1200, "α": 0.0452, "E": 700}, 445.76),
        ("R K LS (1 - C P)", {"R": 2, "K": 3, "LS": 5, "C": 0.5, "P": 1}, 15),
        ("44/12 NEP", {"NEP": 180}, 660),
        ("a b / c d", {"a": 2, "b": 3, "c": 4, "d": 8}, 12),
        ("E_w rho q / r", {"E_w": 2, "ρ": 3, "q": 4, "r": 6}, 4),
        ("NPP / (72/162)", {"NPP": 72}, 162),
        ("(1 + x - (1 + x^w)^(1/w))", {"x": 3, "w": 1}, 0),
        ("21.586 b^-2", {"b": 2}, 5.3965),
        ("max(0, a - b) 2", {"a": 1, "b": 4}, 0),
        ("arctan sqrt((a)^2)", {"a": 1}, math.pi / 4),
        ("|a| + |b|", {"a": -2, "b": 3}, 5),
        ("exp[-0.5 x (1 - y/100)]", {"x": 2, "y": 50}, math.exp(-0.5)),
    ],
)
def test_the_notation_of_docstrings(notation, given, value):
    read = text_of(omml(formula(notation)))
    assert eval(_products(read), {**FUNCTIONS, **given}) == pytest.approx(value)


def _products(text: str) -> str:
    """A bracket right after a factor is a product on paper."""
    functions = "|".join(FUNCTIONS)
    return re.sub(rf"(?<![A-Za-z_])(?!(?:{functions})\()([\w.]+|\))(?=\()", r"\1*", text)


def test_words_stay_words():
    (line,) = formula_lines("a = 1 where low <= H < high, else 0")
    shown = "".join(omml(line.node).itertext())
    assert shown.replace("\u2009", "") == "a=1 where low≤H<high, else 0"
    (line,) = formula_lines("H < high 时 a = 1，否则为 0")
    assert "".join(omml(line.node).itertext()).replace("\u2009", "") == "H<high时a=1，否则为0"


def test_names_of_greek_letters_are_letters():
    assert greek("alpha runoff, rho_w, alphabet, theta slope") == "α runoff, ρ_w, alphabet, θ slope"
