"""What units are called, and the scale at which people read a quantity: 万吨二氧化碳, million t CO2.

The names stand in `unit_names.csv` of the shipped data: symbols and substances as results write them (`t`, `m3`,
`{CO2}`) with the Chinese name that statistics use. A unit that is not there keeps its symbol.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from gep.core.data import data_folder, read_csv
from gep.core.messages import Text, in_language
from gep.core.units import TAGS, pretty

_PLAIN = str.maketrans("²³", "23")
_NAME = re.compile(r"(?P<sign>[.·*]?)\{?(?P<name>[A-Za-zµ_][\w]*)\}?(?![\w^⁻-])")

_SCALES = {
    "zh": ((1e8, "亿"), (1e4, "万"), (1.0, "")),
    "en": ((1e9, "billion "), (1e6, "million "), (1e3, "thousand "), (1.0, "")),
}


@cache
def unit_names() -> Mapping[str, Text]:
    """The names of units and of substances by symbol."""
    return {row["unit"]: Text(row["en"], row["zh"]) for _, row in read_csv(data_folder() / "unit_names.csv")}


def unit_name(unit: str, language: str) -> str:
    """A unit for people: `t{CO2}` is `吨二氧化碳` or `t CO2`, `CNY/m3` is `元/立方米` or `CNY/m³`."""

    def named(match: re.Match[str]) -> str:
        name, sign = match["name"], match["sign"].replace(".", "·")
        known = unit_names().get(name)
        if known is None:
            return match[0]
        if name in TAGS:
            return known.zh if language == "zh" else f" {known}"
        return sign + in_language(known, language)

    if unit == "1":
        return ""
    plain = re.sub(r"(?<=[A-Za-z])\^(\d)", r"\1", unit.translate(_PLAIN))
    return _NAME.sub(named, plain).strip()


def unit_text(unit: str) -> Text:
    """A unit of an equation, a row or a layer in both languages: `mm/year` is mm/year and 毫米/年."""
    english = pretty(unit)
    chinese = unit_name(english, "zh")
    for power, word in _POWERS:
        if chinese.startswith(power):
            return Text(english, word + chinese.removeprefix(power))
    return Text(english, chinese or english)


def unit_said(unit: str) -> Text:
    """A unit of an account for people; nothing of a pure number."""
    return Text("", "") if unit == "1" else Text(unit_name(pretty(unit), "en"), unit_text(unit).zh)


_POWERS = (("1e8·", "亿"), ("10⁸·", "亿"), ("1e4·", "万"), ("10⁴·", "万"))


def with_unit(number: str, unit: str) -> Text:
    """A number with its unit in both languages; the English unit as it is written."""
    return Text(f"{number} {unit}", f"{number} {unit_text(unit).zh}")


def readable_scale(value: float, unit: str, language: str) -> tuple[float, str]:
    """The scale people read a quantity at, 亿 and 万 in Chinese, thousands and millions in English; and of what: carbon
    is not CO2.
    """
    scales = _SCALES["zh" if language == "zh" else "en"]
    scale, word = next(((scale, word) for scale, word in scales if abs(value) >= scale), scales[-1])
    return scale, f"{word}{unit_name(unit, language)}".strip()


def shown_quantity(value: float, unit: str, language: str) -> tuple[str, str]:
    """A quantity for people, number and unit apart: 12.34 and 万吨二氧化碳."""
    scale, name = readable_scale(value, unit, language)
    return f"{value / scale:,.2f}", name
