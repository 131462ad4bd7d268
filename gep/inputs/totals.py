"""Totals that a table prints: told from what they are the sum of, checked, left out, so that nothing counts twice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from gep.core.errors import Problem, UnitError, problem
from gep.core.keys import CITY
from gep.core.messages import say
from gep.core.units import linear
from gep.inputs.headings import no_figure
from gep.inputs.items import adds_up
from gep.inputs.layout import Figure
from gep.inputs.names import shown_item, unit_text
from gep.inputs.parts import is_part_of

ROUNDING = 1e-9
"""Share of a sum by which the sum of numbers that a workbook stores may differ from the total that it stores."""


def without_totals(figures: Sequence[Figure], name: str) -> tuple[list[Figure], list[Problem]]:
    """The figures that count, and what is said of the others.

    Parts (`其中`) are left out: what they are parts of counts. A total is left out beside what it is the sum of, and
    compared with it. Beside nothing, one of an item is the item, one of all zones is of the whole area, and any other
    does not say what it is of.
    """
    problems: list[Problem] = []
    if parts := [figure for figure in figures if figure.is_part]:
        first, count = parts[0], len(parts)
        problems.append(problem("inputs.T30.parts_left_out", name, place=first.place, found=first.text, count=count))
    kept = [figure for figure in figures if not figure.is_part]
    left_out: list[Figure] = []
    for axis in ("item", "year", "zone"):
        beside = _Beside(kept, axis)
        settled: list[Figure] = []
        blank: list[Figure] = []
        for figure in kept:
            if axis not in figure.totals:
                settled.append(figure)
                continue
            members = [each for each in beside.members(figure) if not _is_blank(each.text)]
            if members or _is_blank(figure.text):
                left_out.append(figure)
                problems += _disagreement(figure, axis, beside, name) if members else []
                continue
            settled.append(alone := _alone(figure, axis))
            blank += beside.members(figure) if alone.address.get(axis) else []
            if axis == "year":
                problems.append(lacking([figure], "year", name))
        kept = [figure for figure in settled if not any(figure is each for each in blank)]
    if left_out:
        problems.append(problem("inputs.T30.totals_left_out", name, place=left_out[0].place, count=len(left_out)))
    return kept, problems


def lacking(figures: Sequence[Figure], axis: str, name: str) -> Problem:
    """Error for figures that do not say of which zone, item or year they are."""
    first, what = figures[0], say(f"inputs.axis.{axis}")
    return problem(
        "inputs.T02.lacks_of_figures",
        name,
        place=first.place,
        found=first.text,
        count=len(figures),
        what=what,
        column=axis,
    )


def _alone(figure: Figure, axis: str) -> Figure:
    """A total that stands beside nothing that it is the sum of: what it says that it is, one of all zones the whole."""
    is_city = axis == "zone" and "zone" not in figure.address and figure.totals[axis] != "subtotal"
    address = {**figure.address, "zone": CITY} if is_city else figure.address
    return replace(figure, address=address, totals={a: kind for a, kind in figure.totals.items() if a != axis})


class _Beside:
    """The figures of a table in lines along an axis."""

    def __init__(self, figures: Iterable[Figure], axis: str) -> None:
        self._axis = axis
        self._lines: dict[object, list[Figure]] = {}
        for figure in figures:
            self._lines.setdefault(self._key(figure), []).append(figure)

    def _key(self, figure: Figure) -> object:
        left = {self._axis, "source", "unit", *(["measure"] if self._axis == "item" else [])}
        address = frozenset((axis, value) for axis, value in figure.address.items() if axis not in left)
        return address, frozenset(figure.totals) - {self._axis}

    def members(self, total: Figure) -> list[Figure]:
        """What a total is the sum of."""
        return [figure for figure in self._lines[self._key(total)] if self._is_member(figure, total)]

    def runs(self, total: Figure) -> list[list[Figure]]:
        """What a total may be the sum of: all its members; of a subtotal also those since the one before it, or up to
        the next.
        """
        runs = [self.members(total)]
        if total.totals[self._axis] == "subtotal":
            line = self._lines[self._key(total)]
            at = next(index for index, figure in enumerate(line) if figure is total)
            for part in (line[:at][::-1], line[at + 1 :]):
                end = next((i for i, figure in enumerate(part) if self._axis in figure.totals), len(part))
                runs.append([figure for figure in part[:end] if self._is_member(figure, total)])
        return runs

    def _is_member(self, figure: Figure, total: Figure) -> bool:
        if self._axis in figure.totals:
            return False
        if self._axis != "item":
            return True
        own, others = total.address, figure.address
        if "item" in own and not is_part_of(others.get("item", ""), own["item"]):
            return False
        is_of_measure = "measure" not in own or others.get("measure", own["measure"]) == own["measure"]
        is_of_unit = _scale(others.get("unit", ""), own.get("unit", "")) is not None
        return is_of_measure and is_of_unit and others.get("measure") != "price"


def _is_blank(text: str) -> bool:
    return not text or bool(no_figure(text))


def _disagreement(total: Figure, axis: str, beside: _Beside, name: str) -> list[Problem]:
    """What is wrong where a total is not the sum of what stands beside it beyond their rounding.

    One of prices or shares is none, and one of zones or items that are not all given cannot be compared. But where the
    total is a product's own, what its parts lack would be lost: that is an error.
    """
    if axis == "year" or _is_blank(total.text):
        return []
    is_product = axis == "item" and "item" in total.address
    sums = [_sum(total, run) for run in beside.runs(total)]
    if not _adds_up(total) or (sums[0] is None and not is_product):
        return []
    printed = _number(total.text)
    if printed is None or any(s is not None and abs(s[0] - printed) <= s[1] for s in sums):
        return []
    members = beside.members(total)
    shown = f"{sums[0][0]:.12g}" if sums[0] else say("inputs.no_sum")
    return [
        problem(
            "inputs.T31.total_and_parts" if is_product else "inputs.T32.no_sum",
            name,
            place=total.place,
            found=total.text,
            what=shown_item(total.address["item"]) if is_product else say(f"inputs.axis.{axis}"),
            count=len(members),
            sum=shown,
            total=total.text,
        )
    ]


def _sum(total: Figure, members: Sequence[Figure]) -> tuple[float, float] | None:
    """The sum of figures in the unit of their total, and by how much rounding may have moved both; None where one is
    not known, or in another unit.
    """
    units = [figure.address.get("unit", "") for figure in members]
    wanted = next(filter(None, [total.address.get("unit", ""), *units]), "")
    scales = [_scale(unit, wanted) for unit in units]
    numbers = [_number(figure.text) for figure in members]
    if not members or any(scale is None for scale in scales) or any(number is None for number in numbers):
        return None
    pairs = [(number or 0.0, scale or 0.0) for number, scale in zip(numbers, scales, strict=True)]
    amount = math.fsum(number * scale for number, scale in pairs)
    rounding = sum(_half_digit(figure.text) * scale for figure, (_, scale) in zip(members, pairs, strict=True))
    return amount, rounding + _half_digit(total.text) + ROUNDING * abs(amount)


def _scale(unit: str, wanted: str) -> float | None:
    """What a figure is multiplied by to be in the unit of its total, which is its own where one of them says none; None
    where they are of two kinds.
    """
    if unit == wanted or not unit or not wanted:
        return 1.0
    try:
        return linear(unit_text(unit), unit_text(wanted))[0]
    except UnitError:
        return None


def _adds_up(figure: Figure) -> bool:
    """Whether figures like this can be added: amounts can, prices and what is per something cannot."""
    return figure.address.get("measure") != "price" and adds_up(figure.address.get("item", ""))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _half_digit(text: str) -> float:
    """Half of the last digit that a number is written with."""
    mantissa = text.casefold().partition("e")[0]
    return float(0.5 * 10.0 ** -len(mantissa.partition(".")[2]))
