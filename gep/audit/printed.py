"""Printed figures: what a number in a published table can mean, to half of its last digit.

A figure is known only as far as it is printed: 9.48 stands for anything from 9.475 to 9.485. Such intervals are carried
through sums, products and quotients in exact arithmetic, so that a comparison of two of them needs no tolerance that
somebody chose.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from gep.core.messages import Text, listed, say

NOTHING = Text("", "")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3}|['’]\d{3})+(?:\.\d+)?")
_SPACED = re.compile(r"[+-]?[1-9]\d{0,2}(?: \d{3})+(?:\.\d+)?")
_FOOTNOTE = re.compile(r"(?<=\d)\s*[*†‡§①-⑳¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏ]+$")
_SPREAD = re.compile(
    r"(?<=\d)\s*(?:±\s*\d[\d.,]*|[(（]\s*[-−]?\d[\d.,]*\s*(?:[-–—~～至]|to)\s*[-−]?\d[\d.,]*\s*[)）])$"
)
"""How far a figure may be off, printed behind it: `12.3±0.5`, `1.1 (0.8–1.4)`."""
_POWER = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*[×xX*·]\s*10(?:\^\{?\s*([+-]?\d{1,2})\s*\}?|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}))")
"""A figure times a power of ten, whose digits are raised: `1.20×10⁸`, `1.20 × 10^8`."""
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_LARGEST_EXPONENT = 40
NOT_PRINTED = frozenset(
    {"", "-", "--", "—", "——", "–", "…", "...", "/", "n/a", "n.a.", "n.d.", "na", "nan", "none", "null", "无", "缺"}
)
"""What stands in a cell that holds no figure."""
DIGITS_OF_A_DOUBLE = 15
"""From so many significant digits on, a figure is a stored binary number: its last digits are not printed by anyone."""
NOISE = Fraction(2) ** -48
"""Relative error of a stored number that came out of a chain of additions and products in double precision."""


class FigureError(ValueError):
    """A text that is no figure, or could be two."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Interval:
    """All that a figure can be: from `low` to `high`, exactly."""

    low: Fraction
    high: Fraction

    @classmethod
    def exact(cls, value: Fraction | int | float | str) -> Interval:
        """A number that is no measurement: a count of terms, a factor of a unit, a price taken as it stands."""
        return cls(Fraction(value), Fraction(value))

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError("the divisor may be zero")
        return self * Interval(1 / other.high, 1 / other.low)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int | float | Fraction) and self.low <= Fraction(number) <= self.high

    def meets(self, other: Interval) -> bool:
        """Whether both can be the same number."""
        return self.low <= other.high and other.low <= self.high

    def gap(self, other: Interval) -> Fraction:
        """How far this lies above the other (negative: below); 0 where they meet."""
        return max(Fraction(0), self.low - other.high) - max(Fraction(0), other.low - self.high)

    @property
    def middle(self) -> Fraction:
        return (self.low + self.high) / 2

    @property
    def width(self) -> Fraction:
        return self.high - self.low


def quotient(dividend: Interval, divisor: Interval) -> Interval | None:
    """A quotient of intervals; None where the divisor may be zero."""
    return None if divisor.low <= 0 <= divisor.high else dividend / divisor


def total(parts: list[Interval]) -> Interval:
    """The sum of intervals."""
    return Interval(sum((part.low for part in parts), Fraction(0)), sum((part.high for part in parts), Fraction(0)))


@dataclass(frozen=True)
class Printed:
    """A figure as printed: its value, and one in its last digit."""

    text: str
    value: Fraction
    last_digit: Fraction
    reading: Text = NOTHING
    """How it was read where that is not plain; empty otherwise."""

    @cached_property
    def interval(self) -> Interval:
        """What it can be: half of the last digit to either side. A stored number of many digits carries the noise of
        binary arithmetic instead.
        """
        half = max(self.last_digit / 2, self.noise)
        return Interval(self.value - half, self.value + half)

    @cached_property
    def noise(self) -> Fraction:
        """What the last digits of a stored number can be off by; 0 for a figure that somebody printed."""
        digits = len(re.sub(r"[eE].*", "", self.text).replace(".", "").strip("+-").lstrip("0"))
        return abs(self.value) * NOISE if digits >= DIGITS_OF_A_DOUBLE else Fraction(0)

    def digits_off(self, number: Fraction | float) -> float:
        """A number's distance from this figure, in units of its last digit (or of the noise of a stored number, where
        that is more).
        """
        return float((Fraction(number) - self.value) / max(self.last_digit, 2 * self.noise))


def without_spread(text: str) -> str:
    """A figure without the error or the range that is printed behind it."""
    return _SPREAD.sub("", text.strip())


def read_figure(text: str) -> Printed | None:
    """A figure as a table prints it, or None where a cell holds none.

    Full-width digits, thousands separators and typographic signs are read, and `reading` says so. Raises FigureError
    for what is no number or could be two, like `1,23`.
    """
    alone = without_spread(text)
    power = _POWER.fullmatch(re.sub("[−–]", "-", alone))
    marked = f"{power[1]}e{power[2] or power[3].translate(_RAISED)}" if power else _FOOTNOTE.sub("", alone)
    plain = unicodedata.normalize("NFKC", marked).strip()
    if plain.lower() in NOT_PRINTED:
        return None
    readings = [say("audit.reading.spread")] if alone != text.strip() else []
    if power:
        readings.append(say("audit.reading.power"))
    elif marked != alone:
        readings.append(say("audit.reading.footnote"))
    if plain != marked:
        readings.append(say("audit.reading.full_width"))
    for sign in "−–—":
        if plain.startswith(sign):
            plain, readings = "-" + plain[1:].lstrip(), [*readings, say("audit.reading.minus")]
    plain = re.sub(r"[\u00a0\u2009\u202f]", " ", plain)
    if _GROUPED.fullmatch(plain) or _SPACED.fullmatch(plain):
        plain, readings = re.sub(r"[ ,'’]", "", plain), [*readings, say("audit.reading.thousands")]
    if not _NUMBER.fullmatch(plain):
        is_comma = re.fullmatch(r"[+-]?\d+,\d+", plain)
        raise FigureError(say("audit.figure.comma" if is_comma else "audit.figure.no_number", text=text.strip()))
    decimal = Decimal(plain)
    exponent = decimal.as_tuple().exponent
    assert isinstance(exponent, int)
    if abs(exponent) > _LARGEST_EXPONENT or abs(decimal.adjusted()) > _LARGEST_EXPONENT:
        raise FigureError(say("audit.figure.too_long", text=text.strip(), places=_LARGEST_EXPONENT))
    return Printed(plain, Fraction(decimal), Fraction(10) ** exponent, listed(readings))


def stored_figure(value: float) -> Printed:
    """A number that a file holds in binary: a spreadsheet cell, an account of our own."""
    if not math.isfinite(value):
        raise FigureError(say("audit.figure.no_number", text=value))
    figure = read_figure(repr(value)[:-2] if repr(value).endswith(".0") else repr(value))
    assert figure is not None
    return figure
