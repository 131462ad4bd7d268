"""Reads the notation in which docstrings write formulas: `Q = P - alpha P - ET`, `L = (lambda / 22.13)^m`.

Names stand beside each other for a product, `/` goes from left to right, `_` begins an index and `^` an exponent,
`sum_i` is a sum over i. Words between formulas (`where H >= low, else 0`, and Chinese) stay words. What cannot be read
is words too: `is_whole` tells whether that was so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gep.report.document.mathematics import (
    Brackets,
    Fraction,
    Function,
    Node,
    Root,
    Row,
    Script,
    Sum,
    Symbol,
    Words,
    row,
)

_GREEK = dict(
    zip(
        ["alpha", "beta", "gamma", "delta", "epsilon", "eps", "theta", "lambda", "pi", "rho", "phi", "omega", "sigma"],
        "αβγδεεθλπρφωσ",
        strict=True,
    )
)
_GREEK_NAME = re.compile(rf"(?<![A-Za-z_])(?:{'|'.join(_GREEK)})(?![A-Za-z])")
_FUNCTIONS = frozenset(["exp", "ln", "lg", "log2", "sin", "cos", "tan", "arccos", "arctan", "min", "max", "table"])
_UNITS = frozenset(["mm", "m", "m²", "m³", "km", "km²", "year", "degC", "degrees"])
_SIGN_OF_UNIT = {"degC": "°C", "degrees": "°"}
_CJK = "\u2e80-\u9fff\uff00-\uffef\u3000-\u303f"
_WORDS = (
    "above and are at between below by else from in is more most never no not number of on or outside over share than "
    "the to under up where with without"
)
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS.split())})\b|[{_CJK}]+|\s{{2,}}|[,;](?=\s|$)")
_OPEN, _CLOSE = "([{", ")]}"
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SUPERSCRIPTS = str.maketrans(_RAISED, "0123456789")
_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<number>\d+(?:\.\d+)?)
  | (?P<name>[^\W\d_{_RAISED}]+[A-Za-z0-9{_CJK}]*'?)
  | (?P<raised>[{_RAISED}]+)
  | (?P<relation><=|>=|=|<|>)
  | (?P<sign>[-+/^_,()\[\]{{}}|%×*·])
    )""",
    re.VERBOSE,
)
_TIMES = ("×", "*", "·")
_RELATIONS = {"<=": "≤", ">=": "≥"}


class NotationError(ValueError):
    """A text that is no formula."""


@dataclass(frozen=True)
class Formula:
    """A line of formulas and words; `is_whole` where every formula in it was read."""

    node: Node
    is_whole: bool


def formula_lines(text: str) -> list[Formula]:
    """The lines of a formula as docstrings write it. A line that ends within brackets goes on in the next, and so does
    one before a sign.
    """
    return [_formula(line) for line in _joined(re.sub(r"\n\s*(?=[-+/])", " ", text).splitlines())]


def _joined(lines: list[str]) -> Iterator[str]:
    open_line = ""
    for line in lines:
        open_line = f"{open_line} {line.strip()}" if open_line else line.strip()
        if sum(open_line.count(sign) for sign in _OPEN) == sum(open_line.count(sign) for sign in _CLOSE):
            yield open_line
            open_line = ""
    if open_line:
        yield open_line


def _formula(line: str) -> Formula:
    parts: list[Node] = []
    is_whole = True
    for chunk, is_words in _chunks(line):
        if is_words:
            parts.append(Words(_spaced(chunk)))
            continue
        try:
            parts.append(formula(chunk))
        except NotationError:
            is_whole = False
            parts.append(Words(chunk))
    return Formula(row(*parts), is_whole)


def _spaced(words: str) -> str:
    """Words with the spaces around them that English has."""
    text = " ".join(words.split())
    if not text:
        return "  "
    if not text.isascii():
        return text
    return f"{text} " if text[0] in ",;" else f" {text} "


def _chunks(line: str) -> Iterator[tuple[str, bool]]:
    """Formulas and the words between them; what is in brackets is not taken apart."""
    depth, start, at = 0, 0, 0
    while at < len(line):
        depth += (line[at] in _OPEN) - (line[at] in _CLOSE)
        found = _WORD.match(line, at) if depth == 0 else None
        if found is None:
            at += 1
            continue
        if line[start:at].strip():
            yield line[start:at].strip(), False
        end = found.end()
        while more := _WORD.match(line, _after_spaces(line, end)):
            end = more.end()
        yield line[at:end], True
        start = at = end
    if line[start:].strip():
        yield line[start:].strip(), False


def _after_spaces(line: str, at: int) -> int:
    while at < len(line) and line[at] == " ":
        at += 1
    return at


def greek(text: str) -> str:
    """A text about symbols with letters in place of their names, as the formula has them."""
    return _GREEK_NAME.sub(lambda found: _GREEK[found[0]], text)


def formula(text: str) -> Node:
    """One formula. Raises NotationError where it is none."""
    return _Reader(text).whole()


class _Reader:
    """Reads a formula from left to right."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise NotationError(text)
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        self.at = 0

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ("end", "")

    def _take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _expect(self, sign: str) -> None:
        if self._peek()[1] != sign:
            raise NotationError(sign)
        self.at += 1

    def whole(self) -> Node:
        made = self.relation()
        if self._peek()[0] != "end":
            raise NotationError(self._peek()[1])
        return made

    def relation(self) -> Node:
        parts = [self.expression()]
        while self._peek()[0] == "relation":
            sign = self._take()
            parts.append(Symbol(_RELATIONS.get(sign, sign)))
            parts += self._goes_on(self.expression)
        return row(*parts)

    def expression(self) -> Node:
        parts: list[Node] = []
        if self._peek()[1] in "+-" and self._peek()[0] == "sign":
            parts.append(Symbol(_minus(self._take())))
        parts.append(self.term())
        while self._peek()[0] == "sign" and self._peek()[1] in "+-":
            parts.append(Symbol(_minus(self._take())))
            parts += self._goes_on(self.term)
        return row(*parts)

    def _goes_on(self, read: Callable[[], Node]) -> list[Node]:
        """What follows a sign; nothing at the end, where words say the rest."""
        return [] if self._peek()[0] == "end" else [read()]

    def term(self) -> Node:
        made = self.product()
        while self._peek()[1] == "/":
            self._take()
            made = Fraction(_bare(made), _bare(self.factor()))
            if self._begins_factor() or self._peek()[1] in _TIMES:
                made = self.product(made)
        return made

    def product(self, made: Node | None = None) -> Node:
        """Factors beside each other, after one that is there already."""
        made = made or self.factor()
        while self._begins_factor() or self._peek()[1] in _TIMES:
            if self._peek()[1] in _TIMES:
                self._take()
                made = Row((made, Symbol("×"), *self._goes_on(self.factor)))
            else:
                made = _beside(made, self.factor())
        return made

    def _begins_factor(self) -> bool:
        kind, text = self._peek()
        return kind in ("number", "name") or (kind == "sign" and text in "([{")

    def factor(self) -> Node:
        kind, text = self._peek()
        if kind == "name" and text == "sum":
            return self._sum()
        if kind == "name" and text in ("sqrt", *_FUNCTIONS) and self._peek(1)[0] != "end":
            return self._function()
        return self._scripted(self.atom())

    def _scripted(self, base: Node, index: Node | None = None) -> Node:
        """A base with what follows: indices, exponents."""
        exponent: Node | None = None
        while True:
            kind, text = self._peek()
            if text == "_" and kind == "sign" and index is None:
                self._take()
                index = self._index()
            elif text == "^" and exponent is None:
                self._take()
                exponent = self._exponent()
            elif kind == "raised" and exponent is None:
                exponent = Symbol(self._take().translate(_SUPERSCRIPTS))
            else:
                break
        return base if index is None and exponent is None else Script(base, index, exponent)

    def _index(self) -> Node:
        kind, text = self._peek()
        if kind not in ("name", "number"):
            raise NotationError(text)
        text = self._take()
        if text == "NH3" and self._peek()[1] == "-":
            self._take()
            text = f"NH3-{self._take()}"
        return Symbol(_GREEK.get(text, text), is_upright=len(text) > 1)

    def _exponent(self) -> Node:
        sign = (Symbol(_minus(self._take())),) if self._peek()[1] in ("+", "-") else ()
        return row(*sign, _bare(self.factor()))

    def _sum(self) -> Node:
        self._take()
        over = None
        if self._peek()[1] == "_":
            self._take()
            over = self._index()
        return Sum(over, self.product())

    def _function(self) -> Node:
        name = self._take()
        if name == "sqrt":
            return self._scripted(Root(_bare(self.factor())))
        label: Node = Symbol(name, is_upright=True)
        if name == "log2":
            label = Script(Symbol("log", is_upright=True), Symbol("2"))
        if self._peek()[1] in _OPEN and self._peek()[0] == "sign":
            argument = self._brackets()
            made: Node = Function(label, argument)
            if self._peek()[1] == "^":  # sin(x)^2 is the square of sin x
                self._take()
                made = Function(Script(label, None, self._exponent()), argument)
            return made
        return Function(label, self.factor())

    def _brackets(self) -> Brackets:
        first = self._take()
        parts = [self.relation()]
        while self._peek()[1] == ",":
            self._take()
            parts.append(self.relation())
        last = _CLOSE[_OPEN.index(first)]
        self._expect(last)
        return Brackets(tuple(parts), f"{first}{last}")  # type: ignore[arg-type]  # one of the pairs of _OPEN and _CLOSE

    def atom(self) -> Node:
        kind, text = self._peek()
        if kind == "number":
            return self._number()
        if kind == "name":
            return self._name()
        if kind == "sign" and text in _OPEN:
            return self._brackets()
        if kind == "sign" and text == "|":
            self._take()
            made = self.expression()
            self._expect("|")
            return Brackets((made,), "||")
        raise NotationError(text)

    def _number(self) -> Node:
        text = self._take()
        if self._peek()[1] == "%":
            self._take()
            return Symbol(f"{text}%")
        made: Node = Symbol(text)
        if self._peek()[0] == "raised":
            made = Script(made, None, Symbol(self._take().translate(_SUPERSCRIPTS)))
        unit = self._peek()[1] if self._peek()[0] == "name" else ""
        unit += self._peek(1)[1] if unit and self._peek(1)[0] == "raised" else ""
        if unit not in _UNITS:
            return made
        self.at += 2 if unit[-1] in _RAISED else 1
        return row(made, Symbol(f"\u2009{_SIGN_OF_UNIT.get(unit, unit)}", is_upright=True))

    def _name(self) -> Node:
        text = self._take()
        if len(text) > 3 and text.islower() and text not in _GREEK:
            while self._peek()[0] == "name" or (self._peek()[1] == "_" and self._peek(1)[0] == "name"):
                follows = self._take()
                text += f" {self._take() if follows == '_' else follows}"
            return Symbol(text, is_upright=True)
        return Symbol(_GREEK.get(text, text), is_upright=len(text) > 1 and text not in _GREEK)


def _minus(sign: str) -> str:
    return "−" if sign == "-" else sign


def _bare(node: Node) -> Node:
    """Without the round brackets that only held it together."""
    return node.parts[0] if isinstance(node, Brackets) and node.kind == "()" and len(node.parts) == 1 else node


def _beside(left: Node, right: Node) -> Node:
    """A product: a sign before a number, a small space between names."""
    first = _first(right)
    is_number = isinstance(first, Symbol) and first.text[:1].isdigit()
    is_bracket = isinstance(first, Brackets)
    between = Symbol("×") if is_number else None if is_bracket else Symbol("\u2009", is_upright=True)
    parts = left.parts if isinstance(left, Row) else (left,)
    return Row((*parts, *((between,) if between else ()), right))


def _first(node: Node) -> Node:
    match node:
        case Row(parts):
            return _first(parts[0])
        case Script(base, _, _):
            return _first(base)
        case Fraction(above, _):
            return _first(above)
        case Function(name, _):
            return _first(name)
        case _:
            return node
