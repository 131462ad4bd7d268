"""What is said of a value that no place has: between what it has to be, and which slip would explain it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from gep.core.messages import LANGUAGES, Text, joined, listed, say, sentences
from gep.core.unit_names import readable_scale, unit_name
from gep.core.units import pretty
from gep.standards.ranges import Bands, Beyond
from gep.standards.table_slips import Kind, slips_between

SHOWN = 3
"""Zones, rows and the like that are named."""


def first_of(said: Sequence[Text]) -> Text:
    """The first of many things, and how many more there are."""
    more = say("indicators.more", count=len(said) - SHOWN) if len(said) > SHOWN else ""
    return sentences(listed(said[:SHOWN]), more)


class Part(NamedTuple):
    """What is divided, or divides: its kind, what people call it, and which of the two it is."""

    kind: Kind
    says: Text
    is_over: bool = True


LARGE = 1e4
"""From where a number is told at the scale at which people read it."""


def shown(value: float, unit: str) -> Text:
    """A value with its unit, at the scale that people of each language read."""
    return Text(*(" ".join(_scaled(value, unit, language)).strip() for language in LANGUAGES))


def _scaled(value: float, unit: str, language: str) -> tuple[str, str]:
    """The number, and what it counts."""
    if abs(value) < LARGE:
        return f"{value:,.4g}", unit_name(pretty(unit), language)
    scale, name = readable_scale(value, pretty(unit), language)
    return f"{value / scale:,.4g}", name


def _lower(low: float, high: float, unit: str) -> Text:
    """The lower end of a band, without its unit where the upper end has the same."""

    def in_words(language: str) -> str:
        number, name = _scaled(low, unit, language)
        return number + " " if name == _scaled(high, unit, language)[1] else f"{number} {name}"

    return Text(in_words("en").strip(), in_words("zh"))


def how_far(beyond: Beyond) -> Text:
    """How many times above or below the limit."""
    return say("indicators.above" if beyond.is_above else "indicators.below", times=times_text(beyond.times))


def times_text(times: float) -> str:
    """How many times, as people say it."""
    return f"{times:,.0f}" if times >= 10 else f"{times:.2g}"


def allowed(bands: Bands, beyond: Beyond) -> Text:
    """Between what a value has to be, with where the limit that it breaks comes from."""
    low = bands.low if beyond.is_above else beyond.limit
    high = beyond.limit if beyond.is_above else bands.high
    status = say(f"indicators.status.{beyond.band.status}")
    source = say("indicators.source", source=beyond.band.source, status=status) if beyond.band.source else status
    if low and high:
        return say("indicators.between", low=_lower(low, high, bands.unit), high=shown(high, bands.unit), source=source)
    limit = shown(beyond.limit, bands.unit)
    return say("indicators.at_most" if beyond.is_above else "indicators.at_least", limit=limit, source=source)


def cause(values: Sequence[float], bands: Bands, parts: Sequence[Part]) -> Text:
    """The factors that bring the middle of some values back to what is usual, and what makes such a factor: in what is
    divided, and the other way round in what divides.
    """
    if bands.typical is None:
        return say("indicators.cause.unknown")
    value, said = median(values), []
    for part in parts:
        for slip in slips_between(value, bands.typical, part.kind)[:TOLD]:
            size = "large" if (value > bands.typical[1]) == part.is_over else "small"
            mistaken = say(f"indicators.slip.{slip.cause}.{size}")
            said.append(say(f"indicators.cause.{size}", what=part.says, factor=slip.factor, mistaken=mistaken))
    return (
        say("indicators.cause.as_if", parts=joined(said, ", or ", "；或")) if said else say("indicators.cause.unknown")
    )


TOLD = 2
"""Slips that are told of one figure, where several may explain it."""
