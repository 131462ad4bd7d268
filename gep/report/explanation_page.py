"""The page of an explanation: where its lines go, in which language, and how names, numbers and sources are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from rich.cells import cell_len
from rich.console import Console

from gep.account.entries import ADJUSTMENTS, base_component
from gep.account.explain import Explanation
from gep.account.index_record import followed_by
from gep.account.names import cell_named
from gep.account.record import NumberRecord, StatisticRecord
from gep.account.steps import CitedNumber, CitedRow
from gep.core.catalog import named
from gep.core.keys import NONE
from gep.core.messages import Text, in_language, say
from gep.core.unit_names import unit_text
from gep.core.units import linear
from gep.report.citations import citation

_NEAR = {"parent class": "matched.parent_class", "ecosystem": "matched.ecosystem"}
"""What is said where the row of a coefficient is not of the class itself."""


def short(value: float | None) -> str:
    """A number for reading."""
    if value is None:
        return "—"
    return f"{value:,.2f}" if abs(value) >= 1000 else f"{value:.6g}"


def percent(share: float) -> str:
    """A share for reading."""
    return f"{share * 100:.2f} %"


def km2(area: float) -> float:
    """m2 as km2."""
    return area * linear("m^2", "km^2")[0]


class Page:
    """Writes the lines of an explanation in a language. Remembers the sources that it names."""

    def __init__(self, document: Explanation, out: Console, language: str) -> None:
        self.document, self.out, self.language = document, out, language
        self.rows = {row["id"]: row for row in document["coefficients"]}
        self.cited: dict[str, Mapping[str, Any]] = {}

    # lines ------------------------------------------------------------------------------------------------------------

    def word(self, key: str, **values: Any) -> str:
        """A word or a sentence of the page."""
        return say(f"explanation.word.{key}", **values).to(self.language)

    def unit(self, unit: str) -> str:
        """A unit in the language of the page."""
        return unit_text(unit).to(self.language) if unit else ""

    def printed(self, unit: str) -> str:
        """A unit as a table has it, with its Chinese name in Chinese."""
        return Text(unit, unit_text(unit).zh).to(self.language)

    def text(self, value: str) -> str:
        """A text of the document in the language of the page."""
        return in_language(value, self.language)

    def write(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """A line."""
        self.out.print(f"{' ' * indent}{text}", style=style or None, markup=False, soft_wrap=True)

    def tell(self, key: str, /, *, indent: int = 2, style: str = "", **values: Any) -> None:
        """A line of the catalogue."""
        self.write(self.word(key, **values), indent=indent, style=style)

    def heading(self, text: str) -> None:
        """A line that begins a part."""
        self.write(f"\n{text}", style="bold")

    def columns(self, rows: Sequence[Sequence[str]], indent: int) -> None:
        """Rows of name, number, unit and origin with their columns under each other, the second to the right."""
        widths = [max((cell_len(row[i]) for row in rows), default=0) for i in range(3)]
        for name, number, unit, origin in rows:
            gaps = [" " * (width - cell_len(text)) for width, text in zip(widths, (name, number, unit), strict=True)]
            self.write(f"{name}{gaps[0]}  {gaps[1]}{number} {unit}{gaps[2]}  {origin}", indent=indent)

    # names and numbers ------------------------------------------------------------------------------------------------

    def money(self, value: float) -> str:
        """An amount in CNY, and in 10⁸ CNY."""
        large = value / linear("亿元", "CNY")[0]
        scaled = f"{large:,.2f}" if abs(large) >= 1 else f"{large:.4g}"
        return self.word("money", value=f"{value:,.2f}", scaled=scaled)

    def cell(self, ecosystem: str, land_class: str = NONE) -> str:
        """An ecosystem, or a class of it."""
        return "—" if ecosystem == NONE else cell_named(f"{ecosystem}/{land_class}").to(self.language)

    def component(self, name: str) -> str:
        """A component, or what a rule on totals changed of it."""
        of = named(base_component(name))
        for ending in ADJUSTMENTS:
            if name.endswith(ending):
                return self.word(f"adjustment{ending}", component=of)
        return of.to(self.language)

    # sources ----------------------------------------------------------------------------------------------------------

    def coefficient(self, row: CitedRow, matched: str = "") -> str:
        """A row of the coefficients: where it was read, and how well that is checked."""
        self.cited.setdefault(row["source"], row["document"])
        about = {"id": row["id"], "source": row["source"], "place": row.get("locator") or row["file"]}
        status = say(f"explanation.word.status.{row['status']}")
        if matched in _NEAR:
            return self.word("coefficient_near", **about, status=status, near=say(f"explanation.word.{_NEAR[matched]}"))
        return self.word("coefficient", **about, status=status)

    def statistic(self, row: StatisticRecord | NumberRecord) -> str:
        """A row of the tables as printed."""
        about = {"place": row["place"], "amount": short(row["printed"]), "unit": self.printed(row["printed_unit"])}
        return (
            self.word("statistic_of", source=row["source"], **about)
            if row["source"]
            else self.word("statistic", **about)
        )

    def number(self, number: NumberRecord | CitedNumber) -> str:
        """Where a number is from that an equation on totals or a price takes."""
        if number.get("row"):
            return self.coefficient(_cited(number) or self.rows[number["row"]])
        return self.statistic(number) if "printed" in number else self.word("table")

    def moved(self, origin: str, number: CitedNumber | StatisticRecord) -> str:
        """Where a price is from, with its year and what it was moved by."""
        row = _cited(number)
        is_money = number.get("measure") in ("price", "value")
        year = (row.get("price_year") if row else number.get("price_year")) or (
            number.get("year") if is_money else None
        )
        if year is None:
            return origin
        if number["index_factor"] == 1.0:
            return self.word("unmoved", origin=origin, from_year=year)
        figure, factor = self.document["figure"], short(number["index_factor"])
        name = row["name"] if row else number["item"]
        index, to_year = followed_by(figure["followed"], name, figure["price_index"]), figure["price_year"]
        return self.word("moved", origin=origin, from_year=year, index=index, factor=factor, to_year=to_year)

    def sources(self) -> None:
        """The documents behind the coefficients that the page names."""
        if self.cited:
            self.heading(self.word("sources"))
        for name, about in self.cited.items():
            self.tell("source", id=name, source=citation(about, self.language) if about else self.word("own_source"))


def _cited(number: NumberRecord | CitedNumber | StatisticRecord) -> CitedRow | None:
    """The row of the coefficients that a number was read in; None where it is of the tables."""
    return cast(CitedNumber, number).get("coefficient")
