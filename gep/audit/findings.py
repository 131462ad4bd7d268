"""What a check of printed figures found: holds, fails, or cannot tell; by how many digits, and what may be the cause,
in two languages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

from gep.audit.figures import MOLAR_MASSES, Figure, PrintedUnit
from gep.audit.printed import Interval

Verdict = Literal["holds", "fails", "cannot_tell", "warning"]


@dataclass(frozen=True)
class Cause:
    """What would explain a gap, in both languages. `id` is stable."""

    id: str
    en: str
    zh: str


@dataclass(frozen=True)
class Check:
    """One identity between printed figures, or one figure against a bound."""

    kind: str
    verdict: Verdict
    subject: str
    cells: tuple[str, ...]
    arithmetic: str
    sentence_en: str = ""
    sentence_zh: str = ""
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

    def as_dict(self) -> dict[str, Any]:
        """The check as a JSON object."""
        return {
            "kind": self.kind,
            "verdict": self.verdict,
            "subject": self.subject,
            "cells": list(self.cells),
            "arithmetic": self.arithmetic,
            "sentence": self.sentence_en,
            "sentence_zh": self.sentence_zh,
            "cause": {"id": self.cause.id, "en": self.cause.en, "zh": self.cause.zh} if self.cause else None,
            "units_off": self.units_off,
            "digits_off": self.digits_off,
        }


def ranked(checks: Sequence[Check]) -> list[Check]:
    """Fails before warnings; within them, the most digits off first."""
    order = {"fails": 0, "warning": 1, "cannot_tell": 2, "holds": 3}
    return sorted(
        checks, key=lambda check: (order[check.verdict], -check.digits_off, -abs(check.units_off), check.cells)
    )


# comparisons ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """A printed figure beside what others give for it."""

    kind: str
    subject: str
    figure: Figure
    computed: Interval
    parts: tuple[Figure, ...]
    formula: str
    what_en: str
    what_zh: str

    @property
    def holds(self) -> bool:
        return self.computed.meets(self.figure.interval)

    @property
    def units_off(self) -> float:
        return float(self.figure.interval.gap(self.computed) / self.figure.last_digit)

    def check(
        self, *, verdict: Verdict | None = None, cause: Cause | None = None, why_en: str = "", why_zh: str = ""
    ) -> Check:
        """The comparison as a check: `verdict` where it is not simply holds or fails, with the reason."""
        verdict = verdict or ("holds" if self.holds else "fails")
        unit = self.figure.unit
        got = shown(self.computed, self.figure)
        arithmetic = f"{self.formula} = {got}; printed {self.figure}"
        cells = tuple(dict.fromkeys([self.figure.place, *(part.place for part in self.parts)]))
        if verdict == "holds":
            return Check(self.kind, verdict, self.subject, cells, arithmetic)
        said_en = (
            f"{self.subject}: {self.what_en} {got} {unit.text}".rstrip()
            + f", the table prints {self.figure.printed.text}."
        )
        subject_zh = "合计" + self.subject.removeprefix("total") if self.subject.startswith("total") else self.subject
        said_zh = f"{subject_zh}：{self.what_zh}{got} {unit.text}".rstrip() + f"，表中为 {self.figure.printed.text}。"
        if verdict == "fails":
            cause = cause or cause_of(self)
        tail_en = f" {why_en}" if why_en else f" Likely: {cause.en}." if cause else ""
        tail_zh = why_zh or (f"可能原因：{cause.zh}。" if cause else "")
        return Check(
            self.kind,
            verdict,
            self.subject,
            cells,
            arithmetic,
            said_en + tail_en,
            said_zh + tail_zh,
            cause,
            self.units_off,
            self,
        )


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

_POWERS = {
    1: ("a factor of ten (a shifted decimal point)", "相差 10 倍（小数点移位）"),
    2: (
        "a factor of 100, as between km2 and hm2, or percent and a fraction",
        "相差 100 倍，如 km² 与 hm²、百分数与小数",
    ),
    3: ("a factor of 1000, as between mm and m, kg and t, or thousand and one", "相差 1000 倍，如 mm 与 m、kg 与 t"),
    4: (
        "a factor of 10^4, as between 万元 and 亿元, m3 and 10^4 m3, or hm2 and m2",
        "相差 1 万倍，如万元与亿元、m³ 与万 m³、hm² 与 m²",
    ),
    6: ("a factor of 10^6, as between million and one, or km2 and m2", "相差 100 万倍，如百万元与元、km² 与 m²"),
    8: ("a factor of 10^8, as between 亿元 and 元", "相差 1 亿倍，如亿元与元"),
}
_C_TO_CO2 = Fraction(MOLAR_MASSES["CO2"], MOLAR_MASSES["C"])


def cause_of(comparison: Comparison) -> Cause | None:
    """What explains a gap between a printed figure and what it should be; None where nothing simple does."""
    figure, computed = comparison.figure, comparison.computed
    if computed.low <= 0 <= computed.high or figure.printed.value == 0:
        return _digit_cause(comparison)
    ratio = abs(float(figure.printed.value * figure.unit.factor / computed.middle))
    power = round(math.log10(ratio)) if ratio else 0
    if power and (computed * Interval.exact(Fraction(10) ** power)).meets(figure.interval):
        en, zh = _POWERS.get(abs(power), (f"a factor of 10^{abs(power)}", f"相差 10^{abs(power)} 倍"))
        return Cause("unit_power_of_ten", f"a unit: {en}", f"单位问题：{zh}")
    for factor, en, zh in (
        (_C_TO_CO2, "a price per t C on t CO2, or the other way round (44/12)", "碳与二氧化碳混用（44/12）"),
        (1 / _C_TO_CO2, "a price per t CO2 on t C, or the other way round (12/44)", "碳与二氧化碳混用（12/44）"),
    ):
        if (computed * Interval.exact(factor)).meets(figure.interval):
            return Cause("carbon_or_co2", en, zh)
    if (computed * Interval.exact(-1)).meets(figure.interval):
        return Cause("sign", "a sign", "正负号")
    return _digit_cause(comparison)


def _digit_cause(comparison: Comparison) -> Cause | None:
    """One digit changed, or two neighbours swapped, in the printed figure or in one that it is made of, where only one
    such change would do.
    """
    found = [
        (figure, other)
        for figure in (comparison.figure, *comparison.parts)
        if (needed := wanted(comparison, figure)) is not None
        for other in _one_digit_away(figure, needed)
    ]
    if len(found) == 1:
        figure, other = found[0]
        return Cause(
            "digit",
            f"a digit, since {other} instead of {figure.printed.text} in {figure.place} would make it hold",
            f"数字疑误：{figure.place} 若为 {other}（现为 {figure.printed.text}）则成立",
        )
    if slip := _part_in_another_unit(comparison):
        return slip
    if abs(comparison.units_off) <= _UNITS_OF_ROUNDING:
        return Cause("rounding", "rounding, or a figure cut off instead of rounded", "四舍五入或截断")
    return None


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
    en, zh = _POWERS[power]
    return Cause(
        "unit_power_of_ten", f"the unit of {part} in {part.place}: {en}", f"{part.place}（{part}）的单位：{zh}"
    )


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
    return Cause(
        "unit_mismatch",
        f"the price is printed per {' '.join(price.below) or '1'}, the quantity in {' '.join(quantity.above) or '1'}; "
        "the numbers agree as if they were the same",
        f"单价单位（每 {' '.join(price.below) or '1'}）与实物量单位（{' '.join(quantity.above) or '1'}）不一致，但数值按同一单位成立",
    )
