"""Published values of one coefficient side by side: what the profiles use, and what other documents print for the same
thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.core.catalog import ecosystem_ids
from gep.core.errors import UsageError
from gep.core.messages import Text, in_language, joined, listed, say
from gep.core.unit_names import unit_text
from gep.core.units import convert
from gep.report.citations import cited
from gep.report.console import rows_table
from gep.standards.coefficients import Coefficient, Coefficients, load_alternatives
from gep.standards.prices import PriceIndex, moved_price, price_index
from gep.standards.profile import Profile, load_profile, profile_ids

REFERENCE = "ndrc-2022"
"""The profile whose values the others are compared with, where it has one."""

Place = tuple[str, str, str]
"""Ecosystem, class and region; empty means any."""


class RowDocument(TypedDict):
    """A row beside others of its coefficient: in their common unit, as it is printed, in the money of the year asked
    for, and as a share of what it is compared with (lowest and highest).
    """

    kind: Literal["default", "alternative"]
    used_by: list[str]
    row_of: str
    value: float
    printed: float
    printed_unit: str
    low: float | None
    high: float | None
    moved: float | None
    from_year: int | None
    price_year: int | None
    source: str
    locator: str
    status: str
    note: str
    ratio: list[float] | None


PlaceDocument = TypedDict(
    "PlaceDocument",
    {"ecosystem": str, "class": str, "region": str, "has_default": bool, "rows": list[RowDocument]},
)
"""The rows that hold for a place."""


class ComparisonDocument(TypedDict):
    """The rows of a coefficient, by place."""

    schema: int
    coefficient: str
    unit: str
    price_year: int | None
    places: list[PlaceDocument]


class Comparison:
    """The rows of one coefficient in all profiles and in all sets of alternatives."""

    def __init__(self, name: str, price_year: int | None = None) -> None:
        self.name, self.price_year = name, price_year
        self.profiles = {identifier: load_profile(identifier) for identifier in (REFERENCE, *profile_ids())}
        self._tables = {
            identifier: Coefficients([(), *profile.tables]) for identifier, profile in self.profiles.items()
        }
        self.alternatives = {
            identifier: rows
            for identifier, table in load_alternatives().items()
            if (rows := [row for row in table if row.name == name])
        }
        self.defaults = list(
            dict.fromkeys(row for table in self._tables.values() for row in table.rows if row.name == name)
        )
        rows = [*self.defaults, *(row for table in self.alternatives.values() for row in table)]
        self.unit = rows[0].unit if rows else ""
        self._index = _index_of(self.profiles[REFERENCE], name, price_year)

    def document(self, ecosystem: str = "", region: str = "") -> ComparisonDocument:
        """The comparison as JSON, by place."""
        rows = [*self.defaults, *(row for table in self.alternatives.values() for row in table)]
        places = dict.fromkeys((row.ecosystem, row.land_class, row.region) for row in rows)
        wanted = [
            p for p in places if (not ecosystem or p[0] in ("", ecosystem)) and (not region or p[2] in ("", region))
        ]
        return {
            "schema": 1,
            "coefficient": self.name,
            "unit": self.unit,
            "price_year": self.price_year,
            "places": [self._at(place) for place in sorted(wanted, key=_order)],
        }

    def _at(self, place: Place) -> PlaceDocument:
        users: dict[Coefficient, list[str]] = {}
        for identifier, table in self._tables.items():
            if found := table.lookup(self.name, *place):
                users.setdefault(found.row, []).append(identifier)
        bases = [base for row in self._bases(users, place) if (base := self._value(row))]
        rows = [self._entry(row, "default", ids, place, bases) for row, ids in users.items()]
        rows += [
            self._entry(row, "alternative", [identifier], place, bases)
            for identifier, table in self.alternatives.items()
            for row in table
            if (row.ecosystem, row.land_class, row.region) == place
        ]
        return {"ecosystem": place[0], "class": place[1], "region": place[2], "has_default": bool(users), "rows": rows}

    def _bases(self, users: Mapping[Coefficient, Sequence[str]], place: Place) -> list[Coefficient]:
        """What the others are compared with: the row in use, or those in use for the classes of an ecosystem that has
        none as a whole.
        """
        if users:
            return [next(iter(users))]
        ecosystem, land_class, _ = place
        rows = self._tables[REFERENCE].rows
        return [row for row in rows if row.name == self.name and ecosystem in ("", row.ecosystem) and not land_class]

    def _value(self, row: Coefficient) -> float | None:
        """A row in the common unit, and in the money of the year that is asked for; None where the price index does not
        reach it.
        """
        if (
            self._index
            and row.price_year is not None
            and not {row.price_year, self.price_year} <= set(self._index.levels)
        ):
            return None
        moved = moved_price(row, self._index, self.price_year) if self.price_year is not None else row
        return convert(moved.value, row.unit, self.unit)

    def _entry(
        self,
        row: Coefficient,
        kind: Literal["default", "alternative"],
        used_by: Sequence[str],
        place: Place,
        bases: Sequence[float],
    ) -> RowDocument:
        of = (row.ecosystem, row.land_class, row.region)
        compared = self._value(row)
        ratios = [] if compared is None else [compared / base for base in bases]
        return {
            "kind": kind,
            "used_by": list(used_by),
            "row_of": "" if of == place else _named(of),
            "value": convert(row.value, row.unit, self.unit),
            "printed": row.value,
            "printed_unit": row.unit,
            "low": None if row.low is None else convert(row.low, row.unit, self.unit),
            "high": None if row.high is None else convert(row.high, row.unit, self.unit),
            "moved": compared if self.price_year is not None and row.is_price else None,
            "from_year": row.from_year,
            "price_year": row.price_year,
            "source": row.source,
            "locator": row.locator,
            "status": row.status,
            "note": row.note,
            "ratio": [min(ratios), max(ratios)] if ratios else None,
        }


def _index_of(profile: Profile, name: str, price_year: int | None) -> PriceIndex | None:
    """The index that moves a price; None where no year is asked for, or where the profile says that the price follows
    none.
    """
    if price_year is None or not profile.price_index or name in profile.unmoved_prices:
        return None
    index = price_index(profile.price_index)
    if price_year not in index.levels:
        first, last = min(index.levels), max(index.levels)
        raise UsageError(say("data.compared.index_range", index=index.name, first=first, last=last, year=price_year))
    return index


def _order(place: Place) -> tuple[int, str, str]:
    ecosystem, land_class, region = place
    return -1 if not ecosystem else ecosystem_ids().index(ecosystem), land_class, region


def _named(place: Place) -> Text:
    ecosystem, land_class, region = place
    land = "/".join(part for part in (ecosystem, land_class) if part) or say("data.anywhere")
    return joined([part for part in (land, region) if part], "@")


def show_comparison(document: ComparisonDocument, out: Console, language: str) -> None:
    """Print what the profiles use at each place and the alternatives to it; then the documents behind them."""
    rows = [row for place in document["places"] for row in place["rows"]]
    name, unit = document["coefficient"], unit_text(document["unit"])
    out.print(say("data.compared.heading", name=name, unit=unit).to(language), markup=False)
    if rows:
        out.print()
        out.print(_table(document, language))
    out.print()
    if any(row["kind"] == "alternative" for row in rows):
        out.print(say("data.compared.choose").to(language), markup=False)
    else:
        which = "no_alternatives_here" if rows else "no_alternatives"
        out.print(say(f"data.compared.{which}", name=name).to(language), markup=False)
    for identifier in dict.fromkeys(row["source"] for row in rows):
        out.print(
            say("core.titled", title=identifier, text=cited(identifier, language)).to(language),
            markup=False,
            soft_wrap=True,
        )


COLUMNS = (
    "where",
    "used_by",
    "value",
    "low",
    "high",
    "ratio",
    "price_year",
    "moved",
    "from_year",
    "status",
    "source",
    "note",
)
_NUMBERS = ("value", "low", "high", "ratio", "moved")


def _table(document: ComparisonDocument, language: str) -> Table:
    headings = {name: say(f"data.column.{name}", year=document["price_year"]).to(language) for name in COLUMNS}
    cells = [(i, _cells(place, row, language)) for i, place in enumerate(document["places"]) for row in place["rows"]]
    kept = [i for i in range(len(COLUMNS)) if any(cell[i] not in (None, "") for _, cell in cells)]
    table = rows_table([headings[COLUMNS[i]] for i in kept], [], right=[headings[name] for name in _NUMBERS])
    for column in table.columns:
        column.overflow = "fold"  # nothing is cut
    before = 0
    for i, cell in cells:
        if i != before:
            table.add_section()
        is_first = i != before or not table.row_count
        table.add_row(*(escape("" if cell[k] is None or (k == 0 and not is_first) else str(cell[k])) for k in kept))
        before = i
    return table


def _cells(place: PlaceDocument, row: RowDocument, language: str) -> tuple[str | int | None, ...]:
    users = listed(row["used_by"] if row["kind"] == "default" else [f"@{row['used_by'][0]}"])
    if row["row_of"]:
        users = say("data.compared.row_of", users=users, row=row["row_of"])
    return (
        _named((place["ecosystem"], place["class"], place["region"])).to(language),
        users.to(language),
        *(_number(value) for value in (row["value"], row["low"], row["high"])),
        _ratio(row["ratio"], language),
        row["price_year"],
        _number(row["moved"]),
        row["from_year"],
        say(f"data.level.{row['status']}").to(language),
        say("data.source", source=row["source"], locator=row["locator"]).to(language),
        in_language(row["note"], language),
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _ratio(span: Sequence[float] | None, language: str) -> str:
    if span is None:
        return ""
    low, high = (f"{value:.3g}" for value in span)
    return low if low == high else say("data.compared.range", low=low, high=high).to(language)


def known_names() -> list[str]:
    """Every coefficient that a profile or a set of alternatives has."""
    shipped = {row.name for identifier in profile_ids() for table in load_profile(identifier).tables for row in table}
    return sorted(shipped | {row.name for table in load_alternatives().values() for row in table})
