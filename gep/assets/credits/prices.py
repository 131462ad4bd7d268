"""The price book: what credits were traded, auctioned, contracted, given and guaranteed at, each with its source.

The mean of a year is value over volume. A year that no notice has follows from cumulative totals. A lower bound stays
one: a ratio of two of them is no price.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast, get_args

from gep.assets.figures import Figure, made, negative, total
from gep.assets.tables import Column, Row
from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.stocks import credits as equations

PriceKind = Literal["listed", "auction", "contract", "floor", "gift"]
PRICE_KINDS: tuple[PriceKind, ...] = get_args(PriceKind)
Span = Literal["trade", "year", "year_to_date", "cumulative"]
Bound = Literal["exact", "at_least", "at_most"]

PRICES = (
    Column("product"),
    Column("place", is_needed=False),
    Column("vintage_from", "year", is_needed=False),
    Column("vintage_to", "year", is_needed=False),
    Column("date", "date", is_needed=False),
    Column("year", "year", is_needed=False),
    Column("span", is_needed=False, among=get_args(Span)),
    Column("price_kind", among=PRICE_KINDS),
    Column("credit_price", "number", "CNY/(t*CO2)", is_needed=False, least=0),
    Column("foreign_price", "number", "USD/(t*CO2)", is_needed=False, least=0),
    Column("exchange_rate", "number", "CNY/USD", is_needed=False, least=0),
    Column("credits", "number", "t*CO2", is_needed=False, least=0),
    Column("value", "number", "CNY", is_needed=False, least=0),
    Column("bound", is_needed=False, among=get_args(Bound)),
    Column("source"),
    Column("note", is_needed=False),
)

CONTRACTS = (
    Column("contract"),
    Column("product"),
    Column("date", "date", is_needed=False),
    Column("seller", is_needed=False),
    Column("buyer", is_needed=False),
    Column("value", "number", "CNY", least=0),
    Column("credits", "number", "t*CO2", is_needed=False, least=0),
    Column("price_low", "number", "CNY/(t*CO2)", is_needed=False, least=0),
    Column("price_high", "number", "CNY/(t*CO2)", is_needed=False, least=0),
    Column("bound", is_needed=False, among=get_args(Bound)),
    Column("source"),
    Column("note", is_needed=False),
)


@dataclass(frozen=True)
class Price:
    """A row of the price book. `day` is the last day that it is of."""

    product: str
    kind: PriceKind
    span: Span
    day: date
    year: int
    price: Figure | None
    credits: Figure | None
    value: Figure | None
    bound: Bound
    source: str
    vintage: tuple[int | None, int | None] = (None, None)

    def is_of(self, vintage: int | None) -> bool:
        """Whether it may stand for credits of a vintage."""
        first, last = self.vintage
        return vintage is None or ((first is None or first <= vintage) and (last is None or vintage <= last))


@dataclass(frozen=True)
class YearOfTrades:
    """What was traded in a year: volume, value, their quotient. `is_derived` from cumulative totals, `bound` where one
    of the two is a bound; then there is no mean.
    """

    product: str
    year: int
    credits: Figure
    value: Figure
    mean: Figure | None
    is_derived: bool
    bound: Bound


class PriceBook:
    """The rows of a price book. Make one with `price_book`."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self.prices = tuple(prices)

    def at(
        self, product: str, day: date, *, kind: PriceKind | None = None, vintage: int | None = None
    ) -> Figure | None:
        """The latest price of a product until a day; None where there is none, which is not zero. A floor, a gift and a
        bound are no market price: a floor is asked for by its kind.
        """
        found = [
            price
            for price in self.prices
            if price.product == product
            and price.price is not None
            and price.day <= day
            and price.bound == "exact"
            and price.is_of(vintage)
            and (price.kind == kind if kind else price.kind not in ("floor", "gift"))
        ]
        return max(found, key=lambda price: price.day).price if found else None

    def years(self, product: str = "") -> list[YearOfTrades]:
        """Volume, value and mean price by product and year, as given or derived, in order."""
        found: list[YearOfTrades] = []
        by_product: dict[str, list[Price]] = defaultdict(list)
        for price in self.prices:
            if not product or price.product == product:
                by_product[price.product].append(price)
        for name, prices in by_product.items():
            given_years = _given_years(name, prices)
            derived = _derived_years(name, prices, {of.year: of for of in given_years})
            found += sorted((*given_years, *derived), key=lambda of: of.year)
        return found


def _given_years(product: str, prices: Sequence[Price]) -> list[YearOfTrades]:
    """The years of which somebody printed volume and value, or whose trades are all rows of their own."""
    by_year: dict[int, list[Price]] = defaultdict(list)
    for price in prices:
        if price.span in ("year", "trade") and price.credits is not None and price.value is not None:
            by_year[price.year].append(price)
    found = []
    for year, rows in by_year.items():
        whole = [row for row in rows if row.span == "year"]
        rows = whole or rows  # single trades are parts of the year where the year is there
        bound: Bound = next((row.bound for row in rows if row.bound != "exact"), "exact")
        credits = total([row.credits for row in rows if row.credits is not None], "t*CO2")
        value = total([row.value for row in rows if row.value is not None], "CNY")
        found.append(_year(product, year, credits, value, bound=bound))
    return found


def _derived_years(product: str, prices: Sequence[Price], there: Mapping[int, YearOfTrades]) -> list[YearOfTrades]:
    """Years that follow from cumulative totals: what was traded until a day of the next year, less what of that year,
    less all before.
    """
    so_far = {price.day: price for price in prices if price.span == "cumulative"}
    of_year = {price.day: price for price in prices if price.span == "year_to_date"}
    ends = {day.year: price for day, price in so_far.items() if day == date(day.year, 12, 31)}
    found = []
    for day in sorted(so_far.keys() & of_year.keys()):
        year, before = day.year - 1, ends.get(day.year - 2)
        rows = (so_far[day], of_year[day], before)
        if year in there or before is None or any(row.bound != "exact" for row in rows if row):
            continue
        credits = _difference([row.credits for row in rows if row], "t*CO2")
        value = _difference([row.value for row in rows if row], "CNY")
        if credits is not None and value is not None:
            found.append(_year(product, year, credits, value, is_derived=True))
    return found


def _difference(figures: Sequence[Figure | None], unit: str) -> Figure | None:
    first, *rest = figures
    if first is None or any(figure is None for figure in rest):
        return None
    return total([first, *(negative(figure) for figure in rest if figure is not None)], unit)


def _year(
    product: str, year: int, credits: Figure, value: Figure, *, bound: Bound = "exact", is_derived: bool = False
) -> YearOfTrades:
    has_mean = bound == "exact" and credits.value > 0
    mean = made(equations.mean_price, value=value, credits=credits) if has_mean else None
    return YearOfTrades(product, year, credits, value, mean, is_derived, bound)


def price_book(rows: Iterable[Row]) -> tuple[PriceBook, list[Problem]]:
    """The prices of a table, and what is wrong with them."""
    prices: list[Price] = []
    problems: list[Problem] = []
    for row in rows:
        product, day, year = row.text("product"), row.day("date"), row.whole("year")
        if day is None and year is None:
            problems.append(problem("credits.K23.no_date", product, place=row.place))
            continue
        if day is not None and year is not None and day.year != year:
            problems.append(problem("credits.K23.other_year", product, place=row.place, found=f"{day}, {year}"))
            continue
        price, credits, value = _price(row), row.number("credits"), row.number("value")
        if price is None and (credits is None or value is None):
            problems.append(problem("credits.K23.no_price", product, place=row.place))
            continue
        if row.number("foreign_price") is not None and row.number("exchange_rate") is None:
            problems.append(problem("credits.K23.no_rate", product, place=row.place))
            continue
        kind = cast(PriceKind, row.text("price_kind"))
        bound = cast(Bound, row.text("bound") or "exact")
        if kind == "gift" and price is not None and value is not None and value.value > 0:
            problems.append(problem("credits.K23.paid_gift", product, place=row.place, found=f"{value.value:g}"))
        of = day.year if day else year
        assert of is not None
        first, last = row.whole("vintage_from"), row.whole("vintage_to")
        prices.append(
            Price(
                product,
                kind,
                cast(Span, row.text("span") or ("trade" if day else "year")),
                day or date(of, 12, 31),
                of,
                price,
                credits,
                value,
                bound,
                row.text("source"),
                (first, last if last is not None else first),
            )
        )
    return PriceBook(prices), problems


def _price(row: Row) -> Figure | None:
    price, foreign, rate = (row.number(name) for name in ("credit_price", "foreign_price", "exchange_rate"))
    if price is None and foreign is not None and rate is not None:
        return made(equations.converted_price, foreign_price=foreign, exchange_rate=rate)
    credits, value = row.number("credits"), row.number("value")
    is_exact = row.text("bound") in ("", "exact")
    if price is None and is_exact and credits is not None and value is not None and credits.value > 0:
        return made(equations.mean_price, value=value, credits=credits)
    return price


@dataclass(frozen=True)
class Contract:
    """A contract: its value, and its credits as a number or as a range, never as a point that nobody printed."""

    name: str
    product: str
    value: Figure
    low: Figure | None
    high: Figure | None
    price: Figure | None
    bound: Bound
    parties: Text
    source: str


def contracts(rows: Iterable[Row]) -> tuple[list[Contract], list[Problem]]:
    """The contracts of a table, and what is wrong with them. Of one without a quantity the range follows from that of
    prices: value over the highest and over the lowest.
    """
    found: list[Contract] = []
    problems: list[Problem] = []
    for row in rows:
        value, credits = row.figure("value"), row.number("credits")
        cheap, dear = row.number("price_low"), row.number("price_high")
        bound = cast(Bound, row.text("bound") or "exact")
        if cheap is not None and dear is not None and cheap.value > dear.value:
            shown = f"{cheap.value:g} – {dear.value:g}"
            problems.append(problem("credits.K23.price_range", row.text("contract"), place=row.place, found=shown))
            continue
        low = high = credits
        price: Figure | None = None
        if credits is not None:
            if bound == "exact" and credits.value > 0:
                price = made(equations.mean_price, value=value, credits=credits)
        else:
            if dear is not None and dear.value > 0:
                low = made(equations.credits_of_value, value=value, credit_price=dear)
            if cheap is not None and cheap.value > 0 and bound != "at_least":
                high = made(equations.credits_of_value, value=value, credit_price=cheap)
        parties = Text(*(" → ".join(filter(None, (row.text("seller"), row.text("buyer")))),) * 2)
        found.append(
            Contract(
                row.text("contract"), row.text("product"), value, low, high, price, bound, parties, row.text("source")
            )
        )
    return found, problems


def bound_named(bound: Bound) -> Text:
    """How a figure is bounded, in words."""
    return say(f"credits.bound.{bound}")
