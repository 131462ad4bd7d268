"""What people write where a number is wanted: read where it can mean one thing only, refused where it can mean two.

    1,234.5   1 234.5   １２３４   1234吨    1234.5, 1234.5, 1234, 1234 (of a line in 吨)
    12,5      10-20      约300   —          refused: decimals or a slip, a range, about, none or not known

A group of three digits behind a comma is a thousand: Chinese statistics have no decimal comma, and the form is theirs.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection
from datetime import date, datetime, time
from typing import Literal

from gep.core.errors import UnitError
from gep.core.messages import Text, say, visible
from gep.core.units import convert
from gep.inputs.forms import NOT_APPLICABLE, NOT_REPORTED, words
from gep.inputs.workbooks import is_percentage

Blank = Literal["blank", "not_reported", "not_applicable"]

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_PLAIN = re.compile(r"\+?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_GROUPS = re.compile(r"\+?[1-9]\d{0,2}(?P<mark>[, '])\d{3}((?P=mark)\d{3})*(\.\d+)?")
_NONE_OR_UNKNOWN = re.compile(r"[-—–―_/.…·*×无N/Aa]+|无|没有|暂无|不详|不清楚|nil|none|null|nan|n\.a\.", re.IGNORECASE)
_RANGE = re.compile(r"[\d.,]+\s*[-~—–至到]\s*[\d.,]+")
_ABOUT = re.compile(r"(约|大约|近|逾|超过?|不足|左右|≈|~|<|>|≤|≥|about|ca\.?)", re.IGNORECASE)
LONGEST = 60
"""Letters of a cell that a message repeats."""


class NoFigureError(ValueError):
    """A cell that cannot be read as a figure: why, in words."""

    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why


def plain_text(value: object) -> str:
    """The text of a cell as it is meant: full-width letters as plain ones, spaces of all kinds at its ends and letters
    that are not seen taken off.
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", str(value)))
    return " ".join(text.split())


def figure_of(value: object, number_format: str, unit: str, unit_words: Collection[str]) -> float | Blank:
    """The figure that a cell holds for a line in a unit, which `unit_words` are written as; or that it holds none.
    Raises NoFigureError.
    """
    if isinstance(value, bool):
        raise NoFigureError(say("office.cell.boolean"))
    if isinstance(value, date | time):
        raise NoFigureError(say("office.cell.date"))
    if isinstance(value, int | float):
        return _checked(_of_percent(float(value), "1", unit) if is_percentage(number_format) else float(value))
    text = plain_text(value)
    if not text:
        return "blank"
    for word in (NOT_REPORTED, NOT_APPLICABLE):
        if text.lower() in (said.lower() for said in words(word)):
            return "not_reported" if word == NOT_REPORTED else "not_applicable"
    return _checked(_of_text(text, unit, unit_words))


def is_figure(value: object) -> bool:
    """Whether a cell holds a number, whatever it is of."""
    try:
        return isinstance(figure_of(value, "", "", ()), float)
    except NoFigureError:
        return False


def _of_text(text: str, unit: str, unit_words: Collection[str]) -> float:
    bare = text
    for word in sorted(unit_words, key=len, reverse=True):
        if word and word != "%" and bare.endswith(plain_text(word)):
            bare = bare[: -len(plain_text(word))].rstrip()
            break
    if bare.endswith("%"):
        return _of_percent(_of_text(bare[:-1].rstrip(), "1", ()), "percent", unit)
    if _PLAIN.fullmatch(bare):
        return float(bare)
    if found := _GROUPS.fullmatch(bare):
        return float(bare.replace(found["mark"], ""))
    raise NoFigureError(_why(bare))


def _of_percent(number: float, given: str, unit: str) -> float:
    """A percentage in the unit of a line that is a share; of a year where that is of one."""
    for ending in ("", "/year"):
        try:
            return convert(number, f"{given}{ending}", unit)
        except UnitError:
            continue
    raise NoFigureError(say("office.cell.percent"))


def _checked(number: float) -> float:
    if not math.isfinite(number):
        raise NoFigureError(say("office.cell.infinite"))
    if number < 0:
        raise NoFigureError(say("office.cell.negative"))
    return number


def _why(text: str) -> Text:
    """Why a text is no number, for what is common."""
    if text.startswith("#"):
        return say("office.cell.error")
    if text.startswith(("-", "−")) and _PLAIN.fullmatch(text[1:].strip()):
        return say("office.cell.negative")
    if _NONE_OR_UNKNOWN.fullmatch(text):
        return say("office.cell.none_or_unknown")
    if _RANGE.fullmatch(text):
        return say("office.cell.range")
    if _ABOUT.search(text):
        return say("office.cell.about")
    if re.fullmatch(r"[\d.,' ]+", text):
        return say("office.cell.marks")
    if re.match(r"[\d.,]+", text):
        return say("office.cell.words")
    return say("office.cell.no_number")


def shown_cell(value: object) -> str:
    """What a cell holds, as a message repeats it."""
    text = visible(plain_text(value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
