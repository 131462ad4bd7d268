"""What a table of a report is: columns, rows and cells with the account's own numbers, and how a number is shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Literal

from gep.core.messages import Text, in_language, say
from gep.core.unit_names import readable_scale, unit_name
from gep.core.units import linear

Lang = Literal["zh", "en", "zh-en"]
"""The languages of a report: one of them, or Chinese with English below."""

Shares = Literal["as_is", "adjusted"]
"""Whether shares are shown as they are rounded, or so that they add as they are shown."""

Standing = Literal["number", "not_applicable", "missing", "not_given"]
RowKind = Literal["category", "item", "component", "share", "total", "memo"]

EMPTY = Text("", "")


@dataclass(frozen=True)
class Cell:
    """A number of the account, or a text. `scale` is what one of the shown unit is in that of the account: a number is
    shown as `value / scale`, with so many decimals, or as it is where there is no number of them. `standing` says why
    there is none, `is_partial` that it is a sum of which a part has no figure, `printed` what is printed in place of
    the rounded number, as for shares that are to add.
    """

    value: float | int | None = None
    text: Text | None = None
    scale: float = 1.0
    decimals: int | None = 2
    standing: Standing = "number"
    is_partial: bool = False
    printed: Decimal | None = None

    @property
    def shown(self) -> float | None:
        """The number in the unit that is shown, unrounded."""
        return None if self.value is None else self.value / self.scale

    @property
    def is_below_shown(self) -> bool:
        """Whether it is no zero, and less than half of the last digit that is shown."""
        if not self.value or self.decimals is None or self.printed is not None:
            return False
        return not rounded(self.shown or 0.0, self.decimals)


def rounded(number: float, decimals: int) -> Decimal:
    """Half away from zero (四舍五入), once, from full precision: the rule of Chinese statistical tables."""
    return Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + Decimal(0)


_GROUPING = {"zh": "", "en": ","}
"""Between thousands: Chinese statistics print none."""


def number_text(number: float | Decimal, decimals: int | None, language: str) -> str:
    """A number as tables, sentences and pictures of a language print it."""
    grouping = _GROUPING[language]
    if isinstance(number, Decimal):
        return f"{number:{grouping}}"
    return f"{number:{grouping}.15g}" if decimals is None else f"{rounded(number, decimals):{grouping}}"


def number_format(decimals: int | None, language: str) -> str:
    """The same as a format of spreadsheets."""
    if decimals is None:
        return "General"
    whole = f"#{_GROUPING[language]}##0" if _GROUPING[language] else "0"
    return whole + ("." + "0" * decimals if decimals else "")


def text_of(cell: Cell, language: str) -> str:
    """A cell as people read it: a number rounded, `…` for one too small to show, `—` where there can be none, and `*`
    behind a sum that lacks a part.
    """
    if cell.text is not None:
        return in_language(cell.text, language)
    if cell.value is None:
        return symbol(cell.standing, language)
    return figure_of(cell, language) + (symbol("partial", language) if cell.is_partial else "")


def figure_of(cell: Cell, language: str) -> str:
    """The number of a cell alone, as sentences have it."""
    if cell.is_below_shown:
        return symbol("low", language)
    if cell.printed is not None:
        return number_text(cell.printed, cell.decimals, language)
    return number_text(cell.shown or 0.0, cell.decimals, language)


def symbol(standing: str, language: str) -> str:
    """What stands in a table in place of a number."""
    return say(f"tables.symbol.{standing}").to(language)


@dataclass(frozen=True)
class Column:
    """A column: a stable id, its heading, the unit of all its numbers where they have one in common, and the heading
    above it that it shares with its neighbours.
    """

    id: str
    heading: Text
    unit: Text = EMPTY
    group: Text = EMPTY
    is_text: bool = False

    def title(self, language: str) -> str:
        """The heading with its unit."""
        heading, unit = in_language(self.heading, language), in_language(self.unit, language)
        return say("tables.heading_with_unit", heading=heading, unit=unit).to(language) if unit else heading


@dataclass(frozen=True)
class Row:
    """A row: what kind it is, a stable key, and its cells by column."""

    kind: RowKind
    key: str
    cells: Mapping[str, Cell]
    level: int = 0

    def __getitem__(self, column: str) -> Cell:
        return self.cells.get(column, _NONE)


_NONE = Cell(standing="not_applicable")


@dataclass(frozen=True)
class ReportTable:
    """A table of a report. `number` is that of its sheet (`T01`), `labels` are how many columns name the rows."""

    id: str
    number: Text
    name: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    labels: int = 1
    unit: Text = EMPTY
    notes: tuple[Text, ...] = ()

    def cell(self, row: Row, column: Column) -> Cell:
        """A cell of the table: no words where a row has none in a column of words."""
        return row.cells.get(column.id, of_text(EMPTY) if column.is_text else _NONE)

    @cached_property
    def has_groups(self) -> bool:
        """Whether some columns share a heading."""
        return any(column.group for column in self.columns)

    def title(self, language: str) -> str:
        """Number and name."""
        return say("tables.title", number=self.number, name=self.name).to(language)


@dataclass(frozen=True)
class Scale:
    """The unit that numbers are shown in: what one of it is in the unit of the account, its name in headings, and what
    follows a number in a sentence.
    """

    size: float
    name: Text
    said: Text

    def cell(
        self, value: float | None, standing: Standing = "missing", decimals: int = 2, is_partial: bool = False
    ) -> Cell:
        """A number of the account, to be shown in this unit."""
        return Cell(value, scale=self.size, standing=standing, decimals=decimals, is_partial=is_partial)


def _scale(key: str, size: float) -> Scale:
    return Scale(size, say(f"tables.unit.{key}"), say(f"tables.said.{key}"))


@dataclass(frozen=True)
class Units:
    """The units of a report: 亿元 and 万吨 in Chinese, 100 million CNY and thousand t in English. Where both languages
    share a number it is in the Chinese scale. Less than a hundred million is told in 万元, or in millions. Tables,
    sentences and pictures show a figure in the same unit, to as many decimals.
    """

    lang: Lang
    is_small: bool = False

    @property
    def of_numbers(self) -> Literal["zh", "en"]:
        """The language whose scales are used."""
        return "en" if self.lang == "en" else "zh"

    # money ------------------------------------------------------------------------------------------------------------

    @cached_property
    def of_money(self) -> Scale:
        """The unit of amounts of money."""
        name = "large" if not self.is_small else "small_en" if self.lang == "en" else "small"
        return _scale(f"money_{name}", linear(_MONEY[name], "CNY")[0])

    def money(
        self, value: float | None, standing: Standing = "missing", is_partial: bool = False, decimals: int = 2
    ) -> Cell:
        """An amount of money."""
        return self.of_money.cell(value, standing, decimals, is_partial)

    def interval(self, interval: Sequence[float | None], standing: Standing = "not_given") -> list[Cell]:
        """A value and the ends of its interval, to as many decimals as tell the three apart: an interval that is shown
        without width would be read as certainty.
        """
        shown = {value / self.of_money.size for value in interval if value is not None}
        enough = (n for n in range(2, _MOST_DECIMALS) if len({rounded(value, n) for value in shown}) == len(shown))
        decimals = next(enough, _MOST_DECIMALS)
        return [self.money(value, standing, decimals=decimals) for value in interval]

    @property
    def money_unit(self) -> Text:
        return self.of_money.name

    @cached_property
    def of_density(self) -> Scale:
        """The unit of money for a square kilometre, which is given in CNY/km2."""
        name = "small_en" if self.lang == "en" else "small"
        return _scale(f"per_km2_{name}", linear(_MONEY[name], "CNY")[0])

    @cached_property
    def of_head(self) -> Scale:
        """The unit of money for a person: CNY, without decimals."""
        return _scale("per_head", 1.0)

    def per_km2(self, value: float | None, standing: Standing = "missing", is_partial: bool = False) -> Cell:
        """Money for a square kilometre."""
        return self.of_density.cell(value, standing, is_partial=is_partial)

    def per_head(self, value: float | None, standing: Standing = "missing", is_partial: bool = False) -> Cell:
        """Money for a person."""
        return self.of_head.cell(value, standing, decimals=0, is_partial=is_partial)

    # areas, shares, persons, quantities -------------------------------------------------------------------------------

    @cached_property
    def of_area(self) -> Scale:
        """The unit of areas, which are given in m2."""
        return _scale("area", linear("km^2", "m^2")[0])

    def area(self, value: float | None, standing: Standing = "missing") -> Cell:
        """An area given in m2, shown in km2."""
        return self.of_area.cell(value, standing)

    @property
    def area_unit(self) -> Text:
        return self.of_area.name

    @cached_property
    def of_population(self) -> Scale:
        """The unit of populations."""
        name = "population_en" if self.lang == "en" else "population"
        return _scale(name, linear("1e3*person" if self.lang == "en" else "1e4*person", "person")[0])

    def share(self, value: float | None, standing: Standing = "not_applicable", decimals: int = 2) -> Cell:
        """A share, shown in percent."""
        return Cell(value, scale=linear("percent", "1")[0], standing=standing, decimals=decimals)

    def scale_of(self, values: Iterable[float | None], unit: str) -> Scale:
        """The scale at which a row of quantities is read, by its largest, and what the unit is called then."""
        largest = max((abs(value) for value in values if value is not None), default=0.0)
        size, name = readable_scale(largest, unit, self.of_numbers)
        if self.of_numbers == "en":
            return Scale(size, Text(name, name), Text(f" {name}" if name else "", name))
        plain = unit_name(unit, "en")
        power = _POWERS.get(size, "")
        english = f"{power} {plain}".strip()
        return Scale(size, Text(english, name), Text(f" × {english}" if power else f" {plain}", name))

    def said(self, scale: Scale, cell: Cell) -> Text:
        """A number with its unit in a sentence."""
        zh, en = (figure_of(cell, language) for language in ("zh", "en"))
        return Text(f"{en}{scale.said}", f"{zh}{scale.said.zh}")


_MOST_DECIMALS = 6
_MONEY = {"large": "亿元", "small": "万元", "small_en": "1e6*CNY"}
_POWERS = {1e4: "10⁴", 1e8: "10⁸"}
"""Chinese scales in English."""


def of_text(text: str | Text) -> Cell:
    """A cell of words."""
    return Cell(text=text if isinstance(text, Text) else Text(text, text))


def total_of(values: Iterable[float | None]) -> float | None:
    """An exact sum; None where there is nothing to add."""
    given = [value for value in values if value is not None]
    return math.fsum(given) if given else None
