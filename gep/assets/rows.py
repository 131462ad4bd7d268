"""A row of parameters: its number, what it is of, where it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gep.core.data import data_rows, renewed
from gep.core.messages import Text, joined, say
from gep.core.unit_names import unit_text
from gep.core.units import convert
from gep.standards.coefficients import Coefficient, constant_names, sources, study_input_labels


@renewed
@cache
def kinds() -> Mapping[str, Text]:
    """What rows can be of, by id: animals, steppes, seasons, species, grades, regions."""
    return {row["id"]: Text(row["en"], row["zh"]) for _, row in data_rows("assets/kinds.csv")}


def kind_name(of: str) -> Text:
    """What `meadow_steppe/growing_season` is called."""
    known = kinds()
    return joined([known.get(part, Text(part, part)) for part in of.split("/") if part], ", ", "，")


@dataclass(frozen=True)
class Parameter:
    """A row: its number, what it is of, and for which range of another quantity it holds."""

    row: Coefficient
    of: str
    above: float | None = None
    up_to: float | None = None
    bound_unit: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        """What no two rows of a table share."""
        row = self.row
        return row.name, row.ecosystem, self.of, row.region, row.from_year, self.above, self.up_to

    @property
    def id(self) -> str:
        """How it is called among random numbers: name and where it holds, with year and bounds where it has some."""
        row, bounds = self.row, ""
        if self.bound_unit:
            ends = ("" if end is None else f"{end:g}" for end in (self.above, self.up_to))
            bounds = f"{'..'.join(ends)} {self.bound_unit}"
        year = "" if row.from_year is None else str(row.from_year)
        where = "/".join(part for part in (row.ecosystem, self.of, year, bounds) if part)
        return "@".join(part for part in (f"{row.name}[{where}]" if where else row.name, row.region) if part)

    def called(self) -> Text:
        """What people call it, with where it holds."""
        row = self.row
        name = study_input_labels().get(row.name) or constant_names().get(row.name) or Text(row.name, row.name)
        parts = [kind_name("/".join(part for part in (self.of, row.region) if part))]
        parts += [] if row.from_year is None else [Text(str(row.from_year), str(row.from_year))]
        if self.bound_unit:
            ends = "–".join("" if end is None else f"{end:g}" for end in (self.above, self.up_to))
            parts.append(joined([Text(ends, ends), unit_text(self.bound_unit)], " ", " "))
        where = joined([part for part in parts if part], ", ", "，")
        return say("uncertainty.named", name=name, where=where) if where else name

    def holds_at(self, value: float | None, unit: str) -> bool:
        """Whether it holds for a value of the other quantity: above its lower bound, up to its upper."""
        if self.above is None and self.up_to is None:
            return True
        if value is None:
            return False
        value = convert(value, unit, self.bound_unit)
        return (self.above is None or value > self.above) and (self.up_to is None or value <= self.up_to)

    def said(self) -> Text:
        """Where it was read, and whether it was."""
        about = sources().get(self.row.source, {})
        title = str(about.get("number") or about.get("title") or self.row.source)
        chinese = str(about.get("number") or about.get("title_zh") or title)
        key = "verified" if self.row.status == "verified" else "provisional"
        return say(f"assets.origin.row_{key}", source=Text(title, chinese), locator=self.row.locator)

    def document(self) -> dict[str, Any]:
        """The row as JSON, with its document."""
        row = self.row
        found: dict[str, Any] = {
            "coefficient": row.name,
            "ecosystem": row.ecosystem,
            "of": self.of,
            "of_name": kind_name(self.of),
            "region": row.region,
            "value": row.value,
            "unit": row.unit,
            "from_year": row.from_year,
            "low": row.low,
            "high": row.high,
            "price_year": row.price_year,
            "status": row.status,
            "source": row.source,
            "locator": row.locator,
            "note": row.note,
            "document": dict(sources().get(row.source, {})),
        }
        if self.bound_unit:
            found.update(above=self.above, up_to=self.up_to, bound_unit=self.bound_unit)
        return found
