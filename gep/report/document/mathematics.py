"""Formulas as trees, and the trees as Word math (OMML).

A tree says how a formula looks on paper: fractions, powers, indices, roots, sums. It is read from the notation of
docstrings (`notation`) or from lines of arithmetic (`arithmetic`), and written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from gep.core.letters import width as letters
from gep.report.document.elements import Element, clean

M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_NAMESPACES = {"m": M}


@dataclass(frozen=True)
class Symbol:
    """A name, a number or a sign; `is_upright` where it is a word or a unit."""

    text: str
    is_upright: bool = False


@dataclass(frozen=True)
class Words:
    """Words between formulas."""

    text: str


@dataclass(frozen=True)
class Row:
    """Parts one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Fraction:
    """One over another."""

    above: Node
    below: Node


@dataclass(frozen=True)
class Script:
    """A base with an index, with an exponent, or with both."""

    base: Node
    index: Node | None = None
    exponent: Node | None = None


@dataclass(frozen=True)
class Brackets:
    """What stands in brackets; several with a sign between them."""

    parts: tuple[Node, ...]
    kind: Literal["()", "[]", "{}", "||", "{"] = "()"
    between: str = ","


@dataclass(frozen=True)
class Root:
    """A square root."""

    of: Node


@dataclass(frozen=True)
class Function:
    """A function with its name upright, applied to what follows."""

    name: Node
    argument: Node


@dataclass(frozen=True)
class Sum:
    """A sum over an index."""

    over: Node | None
    of: Node


@dataclass(frozen=True)
class Lines:
    """Lines under each other, as the cases of a choice."""

    parts: tuple[Node, ...]


Node = Symbol | Words | Row | Fraction | Script | Brackets | Root | Function | Sum | Lines


def row(*parts: Node) -> Node:
    """Parts one after the other; a single part as it is."""
    return parts[0] if len(parts) == 1 else Row(parts)


def lines_of(node: Node, most: float) -> list[Node]:
    """A formula in lines that are no longer than so many letters, as far as it can be taken apart between its parts."""
    if not isinstance(node, Row) or _length(node) <= most:
        return [node]
    found: list[list[Node]] = [[]]
    room = most
    for part in _parts(node):
        taken = _length(part)
        if found[-1] and taken > room:
            found.append([])
            room = most
        found[-1].append(part)
        room -= taken
    return [row(*parts) for parts in found]


def _parts(node: Row) -> Iterator[Node]:
    """The parts of a row and of rows within it, words at their commas."""
    for part in node.parts:
        if isinstance(part, Row):
            yield from _parts(part)
        elif isinstance(part, Words):
            yield from (Words(words) for words in re.split(r"(?<=[,;，；、])", part.text) if words)
        else:
            yield part


def _length(node: Node | None) -> float:
    """About how many letters wide a formula is."""
    match node:
        case None:
            return 0
        case Symbol(text) | Words(text):
            return letters(text)
        case Fraction(above, below):
            return max(_length(above), _length(below)) + 1
        case Script(base, index, exponent):
            return _length(base) + _SMALL * max(_length(index), _length(exponent))
        case Row(parts):
            return sum(map(_length, parts))
        case Brackets(parts):
            return sum(map(_length, parts)) + len(parts) + 1
        case Root(of):
            return _length(of) + 2
        case Function(name, argument):
            return _length(name) + _length(argument)
        case Sum(over, of):
            return max(2, _SMALL * _length(over)) + _length(of)
        case Lines(parts):
            return max(map(_length, parts))


_SMALL = 0.7
"""How large indices and exponents are."""


def omml(node: Node) -> Element:
    """A formula as the element `m:oMath`."""
    return _element("oMath", *_written(node))


def _element(tag: str, *children: Element) -> Element:
    made = etree.Element(f"{{{M}}}{tag}", nsmap=_NAMESPACES)
    made.extend(children)
    return made


def _value(tag: str, value: str) -> Element:
    made = _element(tag)
    made.set(f"{{{M}}}val", value)
    return made


def _part(tag: str, node: Node | None) -> Element:
    return _element(tag, *(_written(node) if node is not None else ()))


def _run(text: str, style: str) -> Element:
    made = _element("t")
    made.text = clean(text)
    made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    look = _element("nor") if style == "words" else _value("sty", style)
    return _element("r", _element("rPr", look), made)


def _written(node: Node) -> list[Element]:
    match node:
        case Symbol(text, is_upright):
            is_italic = not is_upright and text.isalpha() and len(text) == 1
            return [_run(text, "i" if is_italic else "p")]
        case Words(text):
            return [_run(text, "words")]
        case Row(parts):
            return [element for part in parts for element in _written(part)]
        case Fraction(above, below):
            return [_element("f", _part("num", above), _part("den", below))]
        case Script(base, index, None):
            return [_element("sSub", _part("e", base), _part("sub", index))]
        case Script(base, None, exponent):
            return [_element("sSup", _part("e", base), _part("sup", exponent))]
        case Script(base, index, exponent):
            return [_element("sSubSup", _part("e", base), _part("sub", index), _part("sup", exponent))]
        case Brackets(parts, kind, between):
            first, last = (kind[0], kind[1]) if len(kind) > 1 else (kind, "")
            look = _element("dPr", _value("begChr", first), _value("sepChr", between), _value("endChr", last))
            return [_element("d", look, *(_part("e", part) for part in parts))]
        case Root(of):
            return [_element("rad", _element("radPr", _value("degHide", "1")), _element("deg"), _part("e", of))]
        case Function(name, argument):
            return [_element("func", _part("fName", name), _part("e", argument))]
        case Sum(over, of):
            hide = () if over is not None else (_value("subHide", "1"),)
            look = _element("naryPr", _value("chr", "∑"), _value("limLoc", "undOvr"), *hide, _value("supHide", "1"))
            return [_element("nary", look, _part("sub", over), _element("sup"), _part("e", of))]
        case Lines(parts):
            return [_element("eqArr", *(_part("e", part) for part in parts))]
