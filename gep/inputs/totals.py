"""Totals that a table prints: told from what they are the sum of, checked, left out, so that nothing counts twice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gep.core.errors import Problem, problem
from gep.core.keys import CITY
from gep.core.messages import say
from gep.inputs.headings import no_figure
from gep.inputs.items import adds_up
from gep.inputs.layout import Figure

Key = tuple[tuple[str, str], ...]

ROUNDING = 1e-9
"""Share of a sum by which the sum of numbers that a workbook stores may differ from the total that it stores."""


def without_totals(figures: Sequence[Figure], name: str) -> tuple[list[Figure], list[Problem]]:
    """The figures that count, and what is said of the others.

    A total along zones is that of the whole area where no zone has the figure; else it is compared with the sum of its
    zones and left out, as a total along items or years is. A part (`其中`) of the figure before it is left out.
    """
    kept: list[Figure] = []
    problems: list[Problem] = []
    parts = [figure for figure in figures if figure.is_part]
    figures = [figure for figure in figures if not figure.is_part]
    if parts:
        first, count = parts[0], len(parts)
        problems.append(problem("inputs.T30.parts_left_out", name, place=first.place, found=first.text, count=count))
    left_out = 0
    for axis in ("zone", "item", "year"):
        members = _by_key((f for f in figures if not f.total_of), axis)
        for total in (f for f in figures if f.total_of == axis):
            beside = members.get(_key(total, axis), [])
            filled = [f for f in beside if not _is_blank(f.text)]
            if axis == "zone" and not filled and "zone" not in total.address:
                kept.append(replace(total, address={**total.address, "zone": CITY}, total_of=""))
                figures = [f for f in figures if f not in beside]
                continue
            left_out += 1
            problems += _disagreement(total, beside, name)
    if left_out:
        place = next(f.place for f in figures if f.total_of)
        problems.append(problem("inputs.T30.totals_left_out", name, place=place, count=left_out))
    return [*(f for f in figures if not f.total_of), *kept], problems


def _key(figure: Figure, without: str) -> Key:
    return tuple(sorted((axis, value) for axis, value in figure.address.items() if axis not in (without, "source")))


def _by_key(figures: Iterable[Figure], axis: str) -> Mapping[Key, list[Figure]]:
    found: dict[Key, list[Figure]] = {}
    for figure in figures:
        found.setdefault(_key(figure, axis), []).append(figure)
    return found


def _is_blank(text: str) -> bool:
    return not text or bool(no_figure(text))


def _disagreement(total: Figure, parts: Sequence[Figure], name: str) -> list[Problem]:
    """Warning where a total is not the sum of its parts beyond their rounding. One of prices or shares is none, and one
    of parts that are not all given cannot be compared.
    """
    if total.total_of == "year" or not parts or not _adds_up(total):
        return []
    numbers = [_number(figure.text) for figure in (total, *parts)]
    if any(number is None for number in numbers):
        return []
    printed, *members = [number for number in numbers if number is not None]
    amount = math.fsum(members)
    allowed = sum(0.5 * 10.0 ** -_decimals(f.text) for f in (total, *parts)) + ROUNDING * abs(amount)
    if abs(amount - printed) <= allowed:
        return []
    return [
        problem(
            "inputs.T32.no_sum",
            name,
            place=total.place,
            found=total.text,
            what=say(f"inputs.axis.{total.total_of}"),
            count=len(members),
            sum=f"{amount:.12g}",
            total=total.text,
        )
    ]


def _adds_up(figure: Figure) -> bool:
    """Whether figures like this can be added: amounts can, prices and what is per something cannot."""
    return figure.address.get("measure") != "price" and adds_up(figure.address.get("item", ""))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _decimals(text: str) -> int:
    """How many decimals a number is written with."""
    mantissa = text.casefold().partition("e")[0]
    return len(mantissa.partition(".")[2])
