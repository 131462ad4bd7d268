"""From the plain-text formulas of docstrings to MathML, which browsers draw without a network.

    R = sum_k alpha_k sum_d (P_d / 1 mm)^1.7265,  over days with P_d >= erosive_day

Subscripts, powers, roots, sums and Greek letters become what they mean. A quotient is stacked only where what stands
above and below the bar is certain; everything else stays on the line as it was written. What cannot be read raises
`NotMathematics`, and is then shown as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby

_GREEK_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
"""
GREEK = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψω", strict=True))
GREEK |= {name.capitalize(): letter.upper() for name, letter in GREEK.items()}
_FUNCTION_NAMES = """
exp ln lg log sin cos tan arcsin arccos arctan sinh cosh tanh sqrt min max abs round floor
"""
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
BIG = {"sum": "∑", "prod": "∏"}
_RUNNING_WORDS = """
of with where over below above between and or from in is are not the never by per for each if at otherwise else to
than when no has have which that its as only up until within on all any but more less under into out both counts
counted against after before without
"""
WORDS = frozenset(_RUNNING_WORDS.split())
RELATIONS = {
    "=": "=",
    "<": "&lt;",
    ">": "&gt;",
    "<=": "≤",
    ">=": "≥",
    "!=": "≠",
    "≤": "≤",
    "≥": "≥",
    "≠": "≠",
    "≈": "≈",
    "~": "∼",
    "->": "→",
}
SIGNS = {"+": "+", "-": "−", "−": "−", "±": "±", "*": "·", "×": "×", "·": "·"}
UNITS = {"degC": "°C", "degrees": "°", "degree": "°", "percent": "%", "metre": "m"}
CLOSER = {"(": ")", "[": "]", "{": "}"}
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<range>\d+[-–]\d+(?![.\d]))
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<hyphened>[A-Za-z]{2,}(?:-[A-Za-z]{2,})+)
    | (?P<name>[^\W\d_]+[0-9]*(?:_(?:\{[^{}]*\}|[A-Z][A-Za-z]*\d-[A-Z](?![^\W_])|[^\W_]+))*'*)
    | (?P<operator><=|>=|!=|->|\.\.\.|…|[-+*/^=<>()\[\]{}|,;%·×±−≤≥≠≈~°])""",
    re.VERBOSE,
)


class NotMathematics(ValueError):
    """The text is not a formula that this module reads."""


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    after_space: bool


@dataclass(frozen=True)
class Node:
    """A piece of a formula: what it is, the text it shows, what it holds. `is_close` says that no space stood before
    it.
    """

    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()
    is_close: bool = False


def tokens(text: str) -> list[Token]:
    """The tokens of one segment of a formula."""
    found: list[Token] = []
    position, after_space = 0, False
    text = re.sub(r"\bm(?=[²³])", "metre", text)
    text = re.sub(r"(?<=\S)[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda match: "^" + match[0].translate(_RAISED), text)
    if re.search(r"(?<![\d.])\d{1,3} \d{3}(?![\d.])", text):
        raise NotMathematics(f"a product of numbers, or one number with a gap: {text}")
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            if text[position:].strip() == ".":
                break
            raise NotMathematics(f"{text[position:]!r} in {text!r}")
        position = match.end()
        if match.lastgroup == "space":
            after_space = True
            continue
        found.append(Token(match.lastgroup or "", match[0], after_space))
        after_space = False
    return found


def _letters(text: str) -> str:
    """The letters that a name begins with."""
    return re.sub(r"[\W\d_].*", "", text)


class _Reader:
    """Recursive descent over the tokens of one segment."""

    def __init__(self, text: str, names: Iterable[str]) -> None:
        self.tokens = tokens(text)
        self.names = frozenset(names)
        self.at = 0
        self.is_in_bars = False

    def peek(self, ahead: int = 0) -> Token | None:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def take(self) -> Token:
        token = self.peek()
        if token is None:
            raise NotMathematics("the formula ends in the middle")
        self.at += 1
        return token

    def all(self) -> Node:
        row = self.row()
        if self.peek():
            raise NotMathematics(f"`{self.take().text}` closes nothing")
        return row

    def row(self) -> Node:
        """Everything up to a closing bracket: terms with signs, relations, commas and words between them."""
        parts: list[Node] = []
        while (
            (token := self.peek()) and token.text not in CLOSER.values() and not (token.text == "|" and self.is_in_bars)
        ):
            if token.kind == "operator" and token.text in {*RELATIONS, *SIGNS, ",", ";", "...", "…"}:
                parts.append(Node("sign", self.take().text))
            elif self._is_word(token):
                parts.append(self.words())
            else:
                is_prose = bool(parts) and parts[-1].kind == "word"
                parts.append(replace(self.term(), text="prose") if is_prose else self.term())
        return Node("row", "", tuple(parts))

    def words(self) -> Node:
        """Running text, with a space on each side where there is something to keep it apart from."""
        is_first = self.at == 0
        text = [self.take().text]
        while (token := self.peek()) and self._is_word(token):
            text.append(self.take().text)
        before = "" if is_first else " "
        after = " " if token and token.text not in {",", ";", *CLOSER.values()} else ""
        return Node("word", before + " ".join(text) + after)

    def _is_word(self, token: Token) -> bool:
        return token.kind in ("hyphened", "range") or (
            token.kind == "name" and token.text in WORDS and token.text not in self.names
        )

    def _starts_factor(self) -> bool:
        token = self.peek()
        if token and token.text == "|":
            return not self.is_in_bars
        return bool(token and not self._is_word(token) and (token.kind in ("number", "name") or token.text in CLOSER))

    def term(self) -> Node:
        """Factors side by side. What stands before a spaced `/` is its numerator if one factor follows and nothing else
        does.
        """
        parts: list[Node] = []
        start, slashes = 0, []
        while True:
            token = self.peek()
            if token and token.text == "/" and parts:
                self.take()
                slashes.append(len(parts))
            elif not self._starts_factor():
                break
            elif token and token.kind == "name" and re.split(r"_", token.text)[0] in BIG:
                base, _, below = self.take().text.partition("_")
                parts.append(Node("big", base, (self._subscript(below),) if below else ()))
                if slashes:
                    return self._on_the_line(parts, slashes)
                start = len(parts)
            else:
                parts.append(self.factor())
        if not parts:
            raise NotMathematics(f"`{self.take().text if self.peek() else 'the end'}` where a factor is expected")
        if slashes and slashes[-1] == len(parts):
            raise NotMathematics("nothing below the `/`")
        if len(slashes) == 1 and slashes[0] == len(parts) - 1 and slashes[0] > start:
            above = parts[start:-1]
            top = above[0] if len(above) == 1 else Node("product", "", tuple(above))
            return Node("product", "", (*parts[:start], Node("quotient", "", (top, parts[-1]))))
        return self._on_the_line(parts, slashes) if slashes else Node("product", "", tuple(parts))

    def _on_the_line(self, parts: Sequence[Node], slashes: Sequence[int]) -> Node:
        out: list[Node] = []
        for index, part in enumerate(parts):
            out += [Node("slash")] if index in slashes else []
            out.append(part)
        rest = self.term() if self._starts_factor() else None
        return Node("product", "", (*out, *((rest,) if rest else ())))

    def factor(self) -> Node:
        """An atom with its powers, over another one if a `/` without spaces follows."""
        node = self.powers(self.atom())
        token, after = self.peek(), self.peek(1)
        if token and token.text == "/" and not token.after_space and after and not after.after_space:
            self.take()
            if not self._starts_factor():
                raise NotMathematics("nothing below the `/`")
            return Node("quotient", "", (node, self.powers(self.atom())))
        return node

    def powers(self, node: Node) -> Node:
        while (token := self.peek()) and token.text == "^":
            self.take()
            sign = self.take().text if (following := self.peek()) and following.text in ("-", "−", "+") else ""
            exponent = self.atom()
            node = Node("power", "", (node, Node("row", "", (Node("sign", sign), exponent)) if sign else exponent))
        return node

    def atom(self) -> Node:
        token = self.take()
        if token.text == "|" and not self.is_in_bars:
            self.is_in_bars = True
            inner = self.row()
            self.is_in_bars = False
            if self.take().text != "|":
                raise NotMathematics("`|` is not closed")
            return Node("group", "|", (inner,))
        if token.text in CLOSER:
            inner = self.row()
            if self.take().text != CLOSER[token.text]:
                raise NotMathematics(f"`{token.text}` is not closed")
            return Node("group", token.text, (inner,), not token.after_space)
        if token.kind == "number":
            following = self.peek()
            if following and following.text in ("%", "°"):
                self.take()
                return Node("number", f"{token.text} %" if following.text == "%" else f"{token.text}°")
            return Node("number", token.text)
        if token.kind == "name":
            return self._named(token.text)
        raise NotMathematics(f"`{token.text}` where a factor is expected")

    def _named(self, text: str) -> Node:
        base = _letters(text)
        if base not in FUNCTIONS or text in self.names:
            return self._name(text)
        function = Node("function", base, (self._subscript(text[len(base) :].lstrip("_")),) if text != base else ())
        following = self.peek()
        if following and following.text == "^":
            function = self.powers(function)
            following = self.peek()
        if following and following.text in CLOSER:
            return Node("call", base, (function, self.atom()))
        if not self._starts_factor():
            return function
        return Node("call", base, (function, self.powers(self.atom())))

    def _name(self, text: str) -> Node:
        parts = re.findall(r"_(\{[^{}]*\}|[^\W_]+(?:-[A-Z])?)", text)
        head = text.rstrip("'").split("_")[0]
        is_spelled_out = len(head) > 2 and head.islower() and head not in GREEK and any(len(part) > 2 for part in parts)
        if text in UNITS:
            return Node("unit", UNITS[text])
        if is_spelled_out or (parts and text in self.names):
            return Node("argument", text)
        letters = _letters(head)
        below = [head[len(letters) :], *(part.strip("{}") for part in parts)]
        primes = "′" * (len(text) - len(text.rstrip("'")))
        nodes = tuple(self._subscript(part) for part in below if part)
        return Node("name", letters + primes, nodes)

    def _subscript(self, text: str) -> Node:
        text = text.strip("{}")
        if re.fullmatch(r"[^\W_]+(?:-[A-Z])?", text):
            return Node("below", text)
        return _Reader(text, ()).all()


def _tag(name: str, inner: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{inner}</{name}>"


def _identifier(text: str) -> str:
    return _tag("mi", escape(GREEK.get(text, text)))


def _below(node: Node) -> str:
    """A subscript: one letter leans, a word or a formula of a substance stands."""
    if node.kind != "below":
        return _draw(node, True)
    if node.text.isdigit():
        return _tag("mn", node.text)
    if re.fullmatch(r"[A-Z][A-Za-z]*\d+(?:-[A-Z])?", node.text):
        return _tag("mi", node.text.translate(_LOWERED).replace("-", "‑"))
    return _identifier(node.text)


def _bare(node: Node, flat: bool) -> str:
    """A node without the parentheses that a bar or a raised position makes needless."""
    return _tag("mrow", _draw(node.parts[0] if node.kind == "group" and node.text != "|" else node, flat))


def _number(text: str) -> str:
    mantissa, _, exponent = text.lower().partition("e")
    if not exponent:
        return _tag("mn", text.replace(" %", " %"))
    ten = _tag("msup", _tag("mn", "10") + _tag("mn", str(int(exponent)).replace("-", "−")))
    return ten if float(mantissa) == 1 else _tag("mrow", f"<mn>{mantissa}</mn><mo>×</mo>{ten}")


def _word(text: str) -> str:
    """Running text between formulas, with the spaces that MathML would drop; a hyphen between numbers is a dash."""
    return _tag("mtext", re.sub(r"(?<=\d)-(?=\d)", "–", escape(text)).replace(" ", "&#160;"))


def _begins_with_number(node: Node) -> bool:
    if node.kind in ("quotient", "power"):
        return _begins_with_number(node.parts[0])
    return node.kind == "number"


_DOT = "<mo>·</mo>"
_APPLIED = "<mo>&#8289;</mo>"
_NARROW = '<mspace width="0.17em"/>'
_WIDE = '<mspace width="0.3em"/>'


def _gap(left: Node, right: Node) -> str:
    """What stands between two factors: a dot before a number, else a little space."""
    if "slash" in (left.kind, right.kind) or left.kind == "big":
        return ""
    if _begins_with_number(right):
        return _DOT
    if left.kind == "name" and _is_close(right):
        return _APPLIED
    return _WIDE if _is_long(left) or _is_long(right) else _NARROW


def _is_close(node: Node) -> bool:
    """Whether a bracket follows a name without a space, as in f(x)."""
    return node.is_close if node.kind == "group" else node.kind == "power" and _is_close(node.parts[0])


def _is_long(node: Node) -> bool:
    if node.kind == "product":
        return any(_is_long(part) for part in node.parts)
    return node.kind in ("name", "call", "argument") and len(GREEK.get(node.text, node.text)) > 1


def _draw(node: Node, flat: bool = False) -> str:
    """MathML of a node; `flat` keeps quotients on the line, as in exponents and inside other quotients."""
    drawn = _DRAWERS.get(node.kind)
    if drawn is None:
        raise NotMathematics(f"nothing draws a {node.kind}")
    return drawn(node, flat)


def _draw_name(node: Node, flat: bool) -> str:
    base = _identifier(node.text)
    if not node.parts:
        return base
    below = "<mo>,</mo>".join(_below(part) for part in node.parts)
    return _tag("msub", base + (_tag("mrow", below) if len(node.parts) > 1 else below))


def _draw_product(node: Node, flat: bool) -> str:
    out = ""
    for left, right in zip((None, *node.parts), node.parts, strict=False):
        gap = _gap(left, right) if left else ""
        out += (_WIDE if gap == _DOT and node.text == "prose" else gap) + _draw(right, flat)
    return out


def _draw_call(node: Node, flat: bool) -> str:
    function, argument = node.parts
    if node.text == "sqrt":
        return _tag("msqrt", _bare(argument, flat))
    gap = _APPLIED if argument.kind == "group" else _NARROW
    return _tag("mrow", _draw(function, flat) + gap + _draw(argument, flat))


def _draw_power(node: Node, flat: bool) -> str:
    base, exponent = node.parts
    if base.kind == "name" and len(base.parts) == 1:
        return _tag("msubsup", _identifier(base.text) + _tag("mrow", _below(base.parts[0])) + _bare(exponent, True))
    return _tag("msup", _tag("mrow", _draw(base, flat)) + _bare(exponent, True))


def _draw_quotient(node: Node, flat: bool) -> str:
    top, bottom = node.parts
    if flat:
        return _draw(top, True) + "<mo>/</mo>" + _draw(bottom, True)
    return _tag("mfrac", _bare(top, True) + _bare(bottom, True))


def _draw_group(node: Node, flat: bool) -> str:
    opening, closing = (f'<mo form="{form}" fence="true" stretchy="true">' for form in ("prefix", "postfix"))
    return _tag(
        "mrow", f"{opening}{node.text}</mo>{_draw(node.parts[0], flat)}{closing}{CLOSER.get(node.text, node.text)}</mo>"
    )


def _draw_sign(node: Node, flat: bool) -> str:
    return _tag("mo", {**RELATIONS, **SIGNS, "...": "…"}.get(node.text, node.text))


def _draw_row(node: Node, flat: bool) -> str:
    out = ""
    for index, part in enumerate(node.parts):
        is_first = index == 0 or node.parts[index - 1].text in {"(", ",", ";", *RELATIONS}
        prefix = part.kind == "sign" and part.text in ("-", "−") and is_first
        out += '<mo form="prefix">−</mo>' if prefix else _draw(part, flat)
    return out


def _draw_big(node: Node, flat: bool) -> str:
    symbol = f'<mo largeop="true" movablelimits="{"true" if flat else "false"}">{BIG[node.text]}</mo>'
    return _tag("munder", symbol + _tag("mrow", _below(node.parts[0]))) if node.parts else symbol


def _draw_function(node: Node, flat: bool) -> str:
    name = _tag("mi", node.text, ' mathvariant="normal"' if len(node.text) == 1 else "")
    return _tag("msub", name + _below(node.parts[0])) if node.parts else name


_DRAWERS: dict[str, Callable[[Node, bool], str]] = {
    "number": lambda node, flat: _number(node.text),
    "word": lambda node, flat: _word(node.text),
    "argument": lambda node, flat: _tag("mtext", escape(node.text), ' class="argument"'),
    "unit": lambda node, flat: _tag("mi", node.text, ' mathvariant="normal"'),
    "slash": lambda node, flat: "<mo>/</mo>",
    "name": _draw_name,
    "product": _draw_product,
    "call": _draw_call,
    "power": _draw_power,
    "quotient": _draw_quotient,
    "group": _draw_group,
    "sign": _draw_sign,
    "row": _draw_row,
    "big": _draw_big,
    "function": _draw_function,
}


def expression(text: str, names: Iterable[str] = ()) -> str:
    """The MathML of one piece of a formula, without `<math>` around it. `names` are the arguments of the equation."""
    return _draw(_Reader(text, names).all())


def segments(line: str) -> list[str]:
    """A line cut at the commas and semicolons that a wide gap follows, outside brackets."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(line):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and re.match(r"[,;](?:\s{2,}|\s*$)", line[index:]):
            parts.append(line[start:index].strip())
            start = index + 1
    return [part for part in (*parts, line[start:].strip()) if part]


def _lines(formula: str) -> list[list[str]]:
    """Statements, each a list of lines: what continues a line is joined to it, the further cases of a statement are
    lines of their own.
    """
    statements: list[list[str]] = []
    for line in formula.split("\n"):
        text = line.strip()
        last = statements[-1][-1] if statements else ""
        is_open = sum(last.count(o) - last.count(c) for o, c in CLOSER.items()) > 0
        if not text:
            continue
        if statements and (is_open or text[0] in "+*/=," or text.startswith("- ") or last.rstrip()[-1] in "+-*/="):
            statements[-1][-1] = f"{last.rstrip()} {text}"
        elif statements and line != line.lstrip() and "=" not in re.sub(r"[<>!]=", "", text):
            statements[-1].append(text)
        else:
            statements.append([text])
    return statements


def _math(inner: str, plain: str) -> str:
    alternative = f' alttext="{escape(plain, quote=True)}"' if plain else ""
    return f'<math displaystyle="true"{alternative}>{inner}</math>'


def _statement(line: str, names: Sequence[str]) -> list[str]:
    """The formulas of a line; what does not begin a statement of its own stands behind the one before."""
    out: list[str] = []
    for segment in segments(line):
        drawn = _with_words(segment, names)
        if out and not re.match(r"[^<>=!(]+(\([^()]*\))? = ", segment):
            out[-1] += f'&#8288;<span class="comma">,</span> {drawn}'
        else:
            out.append(drawn)
    return out


def _with_words(segment: str, names: Sequence[str]) -> str:
    """A piece of a line: formulas, and the running text between them as text, so that it can wrap."""
    out: list[str] = []
    row = _Reader(segment, names).all().parts
    plain = "" if any(node.kind == "word" for node in row) else segment
    for is_word, nodes in groupby(row, key=lambda node: node.kind == "word"):
        parts = tuple(nodes)
        if is_word:
            out.append(f'<span class="condition">{escape(" ".join(part.text.strip() for part in parts))}</span>')
        else:
            out.append(_math(_draw(Node("row", "", parts)), plain))
    return " ".join(out)


def _cases(lines: Sequence[str], names: Sequence[str]) -> str:
    """A statement with several cases: `S = a   where x`, then lines of `b   where y`."""
    head, _, first = lines[0].partition("=")
    rows = []
    for line in (first, *lines[1:]):
        columns = [column for column in re.split(r"\s{2,}", line.strip().rstrip(",;")) if column]
        if len(columns) > 2 or not columns:
            raise NotMathematics(f"not a case with its condition: {line}")
        cells = "".join(
            _tag("mtd", expression(column.rstrip(","), names), ' style="text-align:left"') for column in columns
        )
        rows.append(_tag("mtr", cells))
    table = _tag("mtable", "".join(rows), ' columnspacing="2em" displaystyle="true"')
    return _math(
        f'{expression(head, names)}<mo>=</mo><mrow><mo stretchy="true">{{</mo>{table}</mrow>', " ; ".join(lines)
    )


def formula_html(formula: str, names: Sequence[str] = ()) -> str:
    """A formula as HTML, one statement a line. Raises NotMathematics where it cannot be read."""
    rows: list[str] = []
    for lines in _lines(formula):
        rows += [_cases(lines, names)] if len(lines) > 1 else _statement(lines[0], names)
    if not rows:
        raise NotMathematics("there is no formula")
    return '<div class="formula">' + "".join(f'<div class="statement">{row}</div>' for row in rows) + "</div>"


def symbols_of(formula: str) -> set[str]:
    """The symbols of a formula that its explanation may name: Greek letters, names with a subscript, single letters."""
    found = set()
    for match in re.finditer(r"[^\W\d_]+[0-9]*(?:_[^\W_]+)*", formula):
        name = match[0]
        base = name.split("_")[0]
        if (
            base not in FUNCTIONS
            and base not in BIG
            and (base in GREEK or len(name) == 1 or (len(base) <= 4 and ("_" in name)))
        ):
            found |= {name} | ({base} & set(GREEK))
    return found


def inline_symbol(name: str) -> str:
    """One symbol as MathML for running text."""
    return _tag("math", expression(name), f' alttext="{escape(name, quote=True)}"')
