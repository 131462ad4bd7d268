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
    there is none.
    """

    value: float | int | None = None
    text: Text | None = None
    scale: float = 1.0
    decimals: int | None = 2
    standing: Standing = "number"
    is_provisional: bool = False

    @property
    def shown(self) -> float | None:
        """The number in the unit that is shown, unrounded."""
        return None if self.value is None else self.value / self.scale

    @property
    def is_below_shown(self) -> bool:
        """Whether it is no zero, and less than half of the last digit that is shown."""
        return bool(self.value) and self.decimals is not None and not rounded(self.shown or 0.0, self.decimals)


def rounded(number: float, decimals: int) -> Decimal:
    """Half away from zero (四舍五入), once, from full precision: the rule of Chinese statistical tables."""
    return Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + Decimal(0)


def number_text(number: float, decimals: int | None) -> str:
    """A number as tables print it."""
    return f"{number:,.15g}" if decimals is None else f"{rounded(number, decimals):,}"


def text_of(cell: Cell, language: str) -> str:
    """A cell as people read it: a number rounded, `…` for one too small to show, `—` where there can be none."""
    if cell.text is not None:
        return in_language(cell.text, language)
    if cell.value is None:
        return symbol(cell.standing, language)
    if cell.is_below_shown:
        return symbol("low", language)
    return number_text(cell.shown or 0.0, cell.decimals)


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
class Units:
    """The units of a report: 亿元 and 万吨 in Chinese, 100 million CNY and thousand t in English. Where both languages
    share a number it is in the Chinese scale. Less than a hundred million is told in 万元, or in millions.
    """

    lang: Lang
    is_small: bool = False

    @property
    def of_numbers(self) -> str:
        """The language whose scales are used."""
        return "en" if self.lang == "en" else "zh"

    @cached_property
    def _money(self) -> tuple[str, float]:
        name = "large" if not self.is_small else "small_en" if self.lang == "en" else "small"
        return name, linear({"large": "亿元", "small": "万元", "small_en": "1e6*CNY"}[name], "CNY")[0]

    def money(self, value: float | None, standing: Standing = "missing") -> Cell:
        """An amount of money."""
        return Cell(value, scale=self._money[1], standing=standing)

    @property
    def money_unit(self) -> Text:
        return say(f"tables.unit.money_{self._money[0]}")

    def area(self, value: float | None, standing: Standing = "missing") -> Cell:
        """An area given in m2, shown in km2."""
        return Cell(value, scale=linear("km^2", "m^2")[0], standing=standing)

    @property
    def area_unit(self) -> Text:
        return say("tables.unit.area")

    def share(self, value: float | None, standing: Standing = "not_applicable", decimals: int = 2) -> Cell:
        """A share, shown in percent."""
        return Cell(value, scale=linear("percent", "1")[0], standing=standing, decimals=decimals)

    def scale_of(self, values: Iterable[float | None], unit: str) -> tuple[float, Text]:
        """The scale at which a row of quantities is read, by its largest, and what the unit is called then."""
        largest = max((abs(value) for value in values if value is not None), default=0.0)
        scale, name = readable_scale(largest, unit, self.of_numbers)
        if self.of_numbers == "en":
            return scale, Text(name, name)
        return scale, Text(_in_english(scale, unit), name)


def _in_english(scale: float, unit: str) -> str:
    """A Chinese scale in English: 10⁴ t."""
    power = {1e4: "10⁴ ", 1e8: "10⁸ "}.get(scale, "")
    return f"{power}{unit_name(unit, 'en')}"


def of_text(text: str | Text) -> Cell:
    """A cell of words."""
    return Cell(text=text if isinstance(text, Text) else Text(text, text))


def total_of(values: Iterable[float | None]) -> float | None:
    """An exact sum; None where there is nothing to add."""
    given = [value for value in values if value is not None]
    return math.fsum(given) if given else None


def shares_of(values: Sequence[float | None]) -> list[float | None]:
    """Each as a share of their sum; none where one is negative, for then shares mean nothing."""
    total = total_of(values)
    if not total or total < 0 or any(value is not None and value < 0 for value in values):
        return [None] * len(values)
    return [None if value is None else value / total for value in values]
