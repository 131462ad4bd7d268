"""What a check of printed figures found: holds, fails, or cannot tell; by how many digits, and what may be the cause,
in two languages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal, TypedDict

from gep.audit.figures import MOLAR_MASSES, Figure, PrintedUnit, Row
from gep.audit.printed import NOTHING, Interval
from gep.core.messages import Text, say

Verdict = Literal["holds", "fails", "cannot_tell", "warning"]


class CauseDocument(TypedDict):
    """A likely cause as a JSON object."""

    id: str
    en: str
    zh: str


class CheckDocument(TypedDict):
    """A check as a JSON object: English, and its sentence and its cause in Chinese too."""

    kind: str
    verdict: Verdict
    subject: str
    cells: list[str]
    arithmetic: str
    sentence: str
    sentence_zh: str
    cause: CauseDocument | None
    units_off: float
    digits_off: int


@dataclass(frozen=True)
class Cause:
    """What would explain a gap. `id` is stable."""

    id: str
    text: Text

    def as_dict(self) -> CauseDocument:
        """The cause as a JSON object."""
        return {"id": self.id, "en": self.text, "zh": self.text.zh}


@dataclass(frozen=True)
class Check:
    """One identity between printed figures, or one figure against a bound. What holds needs no sentence."""

    kind: str
    verdict: Verdict
    subject: str
    cells: tuple[str, ...]
    arithmetic: str
    sentence: Text = NOTHING
    cause: Cause | None = None
    units_off: float = 0.0
    """How far the printed figure is from what it can be, in units of its last digit; 0 where they meet."""
    comparison: Comparison | None = None

    @property
    def digits_off(self) -> int:
        """How many of its last digits are wrong."""
        return math.floor(math.log10(abs(self.units_off))) + 1 if abs(self.units_off) >= 1 else int(self.units_off != 0)

    def because(self, cause: Cause) -> Check:
        """The same finding with another likely cause."""
        assert self.comparison is not None
        return self.comparison.check(verdict=self.verdict, cause=cause)

    def as_dict(self) -> CheckDocument:
        """The check as a JSON object."""
        return {
            "kind": self.kind,
            "verdict": self.verdict,
            "subject": self.subject,
            "cells": list(self.cells),
            "arithmetic": self.arithmetic,
            "sentence": self.sentence,
            "sentence_zh": self.sentence.zh,
            "cause": self.cause.as_dict() if self.cause else None,
            "units_off": self.units_off,
            "digits_off": self.digits_off,
        }


def ranked(checks: Sequence[Check]) -> list[Check]:
    """Fails before warnings; within them, the most digits off first."""
    order = {"fails": 0, "warning": 1, "cannot_tell": 2, "holds": 3}
    return sorted(
        checks, key=lambda check: (order[check.verdict], -check.digits_off, -abs(check.units_off), check.cells)
    )


def untold(kind: str, row: Row, figures: Sequence[Figure], formula: str, why: Text) -> Check:
    """What cannot be told of figures of a row, and why."""
    sentence = say("audit.finding", subject=row.label(), finding=why)
    return Check(kind, "cannot_tell", row.label(), tuple(figure.place for figure in figures), formula, sentence)


# comparisons ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """A printed figure of a row beside what others give for it. `what` says what the others make, up to the figure."""

    kind: str
    row: Row
    figure: Figure
    computed: Interval
    parts: tuple[Figure, ...]
    formula: str
    what: Text

    @property
    def holds(self) -> bool:
        return self.computed.meets(self.figure.interval)

    @property
    def units_off(self) -> float:
        return float(self.figure.interval.gap(self.computed) / self.figure.last_digit)

    def check(self, *, verdict: Verdict | None = None, cause: Cause | None = None, why: Text | None = None) -> Check:
        """The comparison as a check: `verdict` where it is not simply holds or fails, with the reason."""
        verdict = verdict or ("holds" if self.holds else "fails")
        subject, got = self.row.label(), shown(self.computed, self.figure)
        arithmetic = say("audit.arithmetic", formula=self.formula, got=got, printed=str(self.figure))
        cells = tuple(dict.fromkeys([self.figure.place, *(part.place for part in self.parts)]))
        if verdict == "holds":
            return Check(self.kind, verdict, subject, cells, arithmetic)
        if verdict == "fails":
            cause = cause or cause_of(self)
        amount = f"{got} {self.figure.unit.text}".rstrip()
        said = say("audit.compared", subject=subject, what=self.what, got=amount, printed=self.figure.printed.text)
        if why is None and cause:
            why = say("audit.likely", cause=cause.text)
        sentence = say("audit.with_reason", said=said, why=why) if why else said
        return Check(self.kind, verdict, subject, cells, arithmetic, sentence, cause, self.units_off, self)


def shown(computed: Interval, figure: Figure) -> str:
    """A computed figure in the unit of a printed one, with as many digits, and one more where that shows a
    difference.
    """
    digit = float(figure.last_digit / figure.unit.factor)
    digits = max(0, -round(math.log10(digit))) if digit < 1 else 0
    middle = computed.middle / figure.unit.factor
    text = f"{float(middle):.{min(digits + 1, 12)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


# causes ---------------------------------------------------------------------------------------------------------------

_POWERS = (1, 2, 3, 4, 6, 8)
"""Powers of ten that lie between units of published tables."""
_C_TO_CO2 = Fraction(MOLAR_MASSES["CO2"], MOLAR_MASSES["C"])


def cause_of(comparison: Comparison) -> Cause | None:
    """What explains a gap between a printed figure and what it should be; None where nothing simple does."""
    figure, computed = comparison.figure, comparison.computed
    if computed.low <= 0 <= computed.high or figure.printed.value == 0:
        return _digit_cause(comparison)
    ratio = abs(float(figure.printed.value * figure.unit.factor / computed.middle))
    power = round(math.log10(ratio)) if ratio else 0
    if power and (computed * Interval.exact(Fraction(10) ** power)).meets(figure.interval):
        return Cause("unit_power_of_ten", say("audit.cause.a_unit", factor=_factor(abs(power))))
    if (computed * Interval.exact(_C_TO_CO2)).meets(figure.interval):
        return Cause("carbon_or_co2", say("audit.cause.price_of_carbon"))
    if (computed / Interval.exact(_C_TO_CO2)).meets(figure.interval):
        return Cause("carbon_or_co2", say("audit.cause.price_of_dioxide"))
    if (computed * Interval.exact(-1)).meets(figure.interval):
        return Cause("sign", say("audit.cause.sign"))
    return _digit_cause(comparison)


def _factor(power: int) -> Text:
    """A power of ten, and units between which it lies."""
    return say(f"audit.factor.of_{power}") if power in _POWERS else say("audit.factor.other", power=power)


def _digit_cause(comparison: Comparison) -> Cause | None:
    """One digit changed, or two neighbours swapped, in the printed figure or in one that it is made of, where only one
    such change would do.
    """
    found = digits_that_mend(comparison)
    if len(found) == 1:
        figure, other = found[0]
        said = say("audit.cause.digit", other=other, printed=figure.printed.text, place=figure.place)
        return Cause("digit", said)
    if slip := _part_in_another_unit(comparison):
        return slip
    if abs(comparison.units_off) <= _UNITS_OF_ROUNDING:
        return Cause("rounding", say("audit.cause.rounding"))
    return None


def digits_that_mend(comparison: Comparison) -> list[tuple[Figure, str]]:
    """The figures of a comparison of which one digit changed, or two neighbours swapped, would make it hold."""
    return [
        (figure, other)
        for figure in (comparison.figure, *comparison.parts)
        if (needed := wanted(comparison, figure)) is not None
        for other in _one_digit_away(figure, needed)
    ]


def _part_in_another_unit(comparison: Comparison) -> Cause | None:
    """One part of a sum that is off by a power of ten, like a row in 万元 among rows in 亿元."""
    found = []
    for part in comparison.parts if comparison.kind == "sum" else ():
        needed = wanted(comparison, part)
        for power in _POWERS:
            for factor in (Fraction(10) ** power, Fraction(1, 10**power)):
                if (
                    needed is not None
                    and part.printed.value
                    and (part.printed.interval * Interval.exact(factor)).meets(needed)
                ):
                    found.append((part, power))
    if len(found) != 1:
        return None
    part, power = found[0]
    said = say("audit.cause.unit_of_part", part=str(part), place=part.place, factor=_factor(power))
    return Cause("unit_power_of_ten", said)


def wanted(comparison: Comparison, figure: Figure) -> Interval | None:
    """What a figure would have to be, in its own unit, for a sum to hold; only the printed figure itself otherwise."""
    unit = Interval.exact(figure.unit.factor)
    if figure is comparison.figure:
        return comparison.computed / unit
    if comparison.kind != "sum":
        return None
    return (comparison.figure.interval - comparison.computed) / unit + figure.printed.interval


_MOST_DIGITS_TRIED = 14
_UNITS_OF_ROUNDING = 2


def _one_digit_away(figure: Figure, wanted: Interval) -> list[str]:
    """The figure with one digit changed or two neighbours swapped, as far as that lies in what is wanted."""
    text = figure.printed.text
    places = [i for i, character in enumerate(text) if character.isdigit()]
    if len(places) > _MOST_DIGITS_TRIED or "e" in text.lower():
        return []
    swapped = [text[:i] + text[j] + text[i + 1 : j] + text[i] + text[j + 1 :] for i, j in pairwise(places)]
    changed = [text[:i] + digit + text[i + 1 :] for i in places for digit in "0123456789" if digit != text[i]]
    half = figure.printed.last_digit / 2
    has_zero = text.lstrip("-").startswith("0")
    others = dict.fromkeys(
        other for other in (*swapped, *changed) if other != text and (has_zero or not other.lstrip("-").startswith("0"))
    )
    return [other for other in others if Interval(Fraction(other) - half, Fraction(other) + half).meets(wanted)]


def unit_cause(quantity: PrintedUnit, price: PrintedUnit) -> Cause:
    """The units of a product do not belong together although its numbers do."""
    below, above = " ".join(price.below) or "1", " ".join(quantity.above) or "1"
    return Cause("unit_mismatch", say("audit.cause.unit_mismatch", price=below, quantity=above))
