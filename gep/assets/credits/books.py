"""What a ledger comes to in a period, as an account: roll-forward, cost, value, statistics, reconciliation."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from gep.assets.account import AssetAccount, AssetTable, Line
from gep.assets.credits.holdings import LINES, Holding, costs, roll_forward
from gep.assets.credits.layout import CREDITS, MONEY, PRICE, account_of, measure, sums, table_of
from gep.assets.credits.ledger import Ledger
from gep.assets.credits.prices import PriceBook
from gep.assets.credits.statement import plain_text
from gep.assets.credits.tables import OUTSIDE, OWNED, VOID, Entry, state_named
from gep.assets.figures import Figure, exact, made, negative, total
from gep.assets.tables import Column, Row, stop_on
from gep.core.catalog import ecosystem_ids, named
from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.stocks import credits as equations

NOTICES = (
    Column("holder"),
    Column("product"),
    Column("credits", "number", CREDITS, least=0),
    Column("source"),
)
"""What a register or an exchange says that a holder has."""


class Books:
    """What a ledger comes to in a period, as tables.

    Args:
        ledger: the ledger.
        begin, end: the first and the last day.
        prices: the price book that holdings are valued by; without one there are no values.
    """

    def __init__(self, ledger: Ledger, begin: date, end: date, prices: PriceBook | None = None) -> None:
        self.begin, self.end, self.prices = begin, end, prices
        self.file = ledger.path.name
        self.lots = ledger.lots()
        self.projects = {project.project: project for project in ledger.projects()}
        self.entries = ledger.entries(end.isoformat())
        span = begin.isoformat(), end.isoformat()
        self.holdings = roll_forward(self.entries, self.lots, *span)
        self.costs = costs(self.entries, self.lots, *span)
        self.counts = Counter(
            (holder, self.lots[entry.lot].product)
            for entry in self.entries
            for holder in {entry.from_holder, entry.to_holder}
        )

    def _given(self, value: float, unit: str, holder: str, product: str) -> Figure | None:
        """A figure of the ledger; none where a cost or a price of an entry is not known."""
        if math.isnan(value):
            return None
        count = self.counts[holder, product]
        return exact(value, unit, say("credits.place.ledger", file=self.file, count=count, holder=holder))

    def tables(self) -> list[AssetTable]:
        """All tables."""
        return [self.roll_forward(), self.cost(), self.value(), *self.statistics()]

    def roll_forward(self) -> AssetTable:
        """Opening and closing by holder, product and vintage, and what is available."""
        names = ("opening", *LINES, "closing", "frozen", "pledged", "available")
        lines = []
        for (holder, product, vintage), holding in self.holdings.items():
            labels = {"holder": plain_text(holder), "product": plain_text(product), "vintage": plain_text(vintage)}
            figures: dict[str, Figure | None] = {
                name: self._given(_of_holding(holding, name), CREDITS, holder, product) for name in names
            }
            opening = figures["opening"]
            assert opening is not None
            parts = [opening]
            for line in LINES:
                figure = figures[line]
                if figure is not None and figure.value:
                    parts.append(figure if line in ("issued", "bought", "from_buffer") else negative(figure))
            figures["closing"] = total(parts, CREDITS)
            figures["available"] = total(
                [total(parts, CREDITS), *(negative(f) for name in ("frozen", "pledged") if (f := figures[name]))],
                CREDITS,
            )
            lines.append(Line(labels, figures, key=f"{holder}/{product}/{vintage}"))
        measures = [measure(name, CREDITS) for name in names]
        return table_of(
            "roll_forward",
            ("holder", "product", "vintage"),
            measures,
            [*lines, *sums(lines, names, CREDITS)],
            say("credits.note.roll_forward"),
        )

    def cost(self) -> AssetTable:
        """Proceeds, cost of sales and margin, and the cost of what is left, by both methods."""
        lines = []
        for (holder, product), cost in self.costs.items():
            money = {
                name: self._given(getattr(cost, name), MONEY, holder, product)
                for name in ("proceeds", "fifo_cost", "average_cost", "fifo_closing", "average_closing")
            }
            figures: dict[str, Figure | None] = {
                "sold": self._given(cost.sold, CREDITS, holder, product),
                "held": self._given(cost.closing, CREDITS, holder, product),
                **money,
            }
            for method in ("fifo", "average"):
                figures[f"{method}_margin"] = _less(money["proceeds"], money[f"{method}_cost"])
            labels = {"holder": plain_text(holder), "product": plain_text(product)}
            lines.append(Line(labels, figures, key=f"{holder}/{product}"))
        names = ("proceeds", "fifo_cost", "fifo_margin", "average_cost", "average_margin")
        measures = [
            measure("sold", CREDITS),
            *(measure(name, MONEY) for name in names),
            measure("held", CREDITS),
            measure("fifo_closing", MONEY),
            measure("average_closing", MONEY),
        ]
        return table_of("cost", ("holder", "product"), measures, lines, say("credits.note.cost"))

    def value(self) -> AssetTable:
        """Value of what is held at the market and at the floor, the lower of cost and market, and revaluation."""
        lines = []
        for (holder, product), cost in self.costs.items():
            if self.prices is None:
                break
            held = self._given(cost.closing, CREDITS, holder, product)
            opening = exact(
                sum(h.opening for key, h in self.holdings.items() if key[:2] == (holder, product)),
                CREDITS,
                say("credits.place.ledger", file=self.file, count=self.counts[holder, product], holder=holder),
            )
            figures: dict[str, Figure | None] = {"held": held, "price": self.prices.at(product, self.end)}
            figures["market"] = _value(held, figures["price"])
            figures["floor_value"] = _value(held, self.prices.at(product, self.end, kind="floor"))
            figures["fifo_closing"] = self._given(cost.fifo_closing, MONEY, holder, product)
            both = [figures["market"], figures["fifo_closing"]]
            figures["lower"] = min((f for f in both if f), key=lambda f: f.value) if all(both) else None
            before = self.prices.at(product, self.begin)
            figures["opening_value"] = (
                exact(0, MONEY, opening.place or Text("", "")) if opening.value == 0 else _value(opening, before)
            )
            figures["revaluation"] = self._revaluation(holder, product, figures)
            labels = {"holder": plain_text(holder), "product": plain_text(product)}
            lines.append(Line(labels, figures, key=f"{holder}/{product}"))
        money = ("opening_value", "market", "floor_value", "fifo_closing", "lower", "revaluation")
        measures = [measure("held", CREDITS), measure("price", PRICE, 2), *(measure(name, MONEY) for name in money)]
        return table_of("value", ("holder", "product"), measures, lines, say("credits.note.value"))

    def _revaluation(self, holder: str, product: str, figures: dict[str, Figure | None]) -> Figure | None:
        """The rest of the change of value; none where an entry of the period that moved credits has no value."""
        opening, closing = figures["opening_value"], figures["market"]
        if opening is None or closing is None:
            return None
        undone = {e.corrects for e in self.entries if e.corrects is not None}
        moved = {"value_in": 0.0, "value_out": 0.0}
        for entry in self.entries:
            if self.lots[entry.lot].product != product or entry.date < self.begin.isoformat():
                continue
            if entry.corrects is not None or entry.entry in undone:
                continue
            for who, side in ((entry.to_holder, "value_in"), (entry.from_holder, "value_out")):
                if who == holder and _crosses(entry):
                    moved[side] += math.nan if entry.value is None else entry.value
        flows = {side: self._given(value, MONEY, holder, product) for side, value in moved.items()}
        if any(flow is None for flow in flows.values()):
            return None
        return made(
            equations.price_effect,
            opening_value=opening,
            closing_value=closing,
            **{side: flow for side, flow in flows.items() if flow is not None},
        )

    def statistics(self) -> list[AssetTable]:
        """Credits by state, by ecosystem and by county, each with its product; sales with their turnover."""
        left: Counter[tuple[str, str]] = Counter()
        for entry in self.entries:
            left[entry.lot, entry.from_state] -= entry.quantity
            left[entry.lot, entry.to_state] += entry.quantity
        by_state: Counter[tuple[str, str]] = Counter()
        by_place: dict[str, Counter[tuple[str, str]]] = {"ecosystem": Counter(), "zone": Counter()}
        for (name, state), quantity in left.items():
            lot = self.lots[name]
            if state in (OUTSIDE, VOID):
                continue
            by_state[lot.product, state] += quantity
            project = self.projects[lot.project]
            for column, counts in by_place.items():
                counts[lot.product, getattr(project, column) or ""] += quantity
        tables = [self._counted("by_state", "state", by_state, state_named)]
        tables += [self._counted(f"by_{column}", column, counts, _word) for column, counts in by_place.items()]
        return [*tables, self._sales()]

    def _counted(
        self, id_: str, column: str, counts: Counter[tuple[str, str]], named: Callable[[str], Text]
    ) -> AssetTable:
        place = say("credits.place.ledger", file=self.file, count=len(self.entries), holder=say("credits.all_holders"))
        lines = [
            Line(
                {"product": plain_text(product), column: named(word)},
                {"credits": exact(count, CREDITS, place)},
                key=f"{product}/{word}",
            )
            for (product, word), count in sorted(counts.items())
        ]
        return table_of(
            id_, ("product", column), [measure("credits", CREDITS)], [*lines, *sums(lines, ("credits",), CREDITS)]
        )

    def _sales(self) -> AssetTable:
        """What was sold by product, at which mean price, and how often the mean holding was."""
        totals: dict[str, dict[str, float]] = defaultdict(
            lambda: dict.fromkeys(("sold", "proceeds", "open", "close"), 0)
        )
        for (_, product), cost in self.costs.items():
            totals[product]["sold"] += cost.sold
            totals[product]["proceeds"] += cost.proceeds
        for (_, product, _), holding in self.holdings.items():
            totals[product]["open"] += holding.opening
            totals[product]["close"] += holding.closing
        lines = []
        for product, found in totals.items():
            place = say(
                "credits.place.ledger", file=self.file, count=len(self.entries), holder=say("credits.all_holders")
            )
            sold, opening, closing = (exact(found[name], CREDITS, place) for name in ("sold", "open", "close"))
            proceeds = None if math.isnan(found["proceeds"]) else exact(found["proceeds"], MONEY, place)
            figures: dict[str, Figure | None] = {"sold": sold, "proceeds": proceeds}
            if sold.value and proceeds is not None:
                figures["mean_price"] = made(equations.mean_price, value=proceeds, credits=sold)
            if opening.value + closing.value:
                figures["turnover"] = made(equations.turnover, sold=sold, opening=opening, closing=closing)
            lines.append(Line({"product": plain_text(product)}, figures, key=product))
        measures = [
            measure("sold", CREDITS),
            measure("proceeds", MONEY),
            measure("mean_price", PRICE, 2),
            measure("turnover", "1", 2),
        ]
        return table_of("sales", ("product",), measures, lines)


def _of_holding(holding: Holding, name: str) -> int:
    return holding.lines[name] if name in LINES else int(getattr(holding, name))


def _less(value: Figure | None, cost: Figure | None) -> Figure | None:
    return None if value is None or cost is None else total([value, negative(cost)], MONEY)


def _value(credits: Figure | None, price: Figure | None) -> Figure | None:
    if credits is None or price is None:
        return None
    return made(equations.credit_value, credits=credits, credit_price=price)


def _crosses(entry: Entry) -> bool:
    """Whether an entry moves credits into or out of a holding, or between two."""
    return (entry.from_state in OWNED) is not (entry.to_state in OWNED) or entry.kind == "transfer"


def _word(name: str) -> Text:
    """An ecosystem by its name, a county as it is written."""
    if not name:
        return say("credits.not_known")
    return named(name) if name in ecosystem_ids() else plain_text(name)


def ledger_account(
    path: Path, name: Text, begin: date, end: date, prices: PriceBook | None = None, notices: Sequence[Row] = ()
) -> AssetAccount:
    """The account of a ledger in a period. Raises InputError where the file is none, or was tampered with."""
    with Ledger(path) as ledger:
        stop_on(ledger.problems())
        books = Books(ledger, begin, end, prices)
    table, problems = reconciled(books, notices)
    return account_of("carbon_credits", name, [*books.tables(), table], end.year, problems)


def reconciled(books: Books, notices: Sequence[Row]) -> tuple[AssetTable, list[Problem]]:
    """What holders have by the ledger beside what a register or an exchange says, within 1 t."""
    lines, problems = [], []
    for row in notices:
        holder, product = row.text("holder"), row.text("product")
        of = [holding.closing for key, holding in books.holdings.items() if key[:2] == (holder, product)]
        place = say("credits.place.ledger", file=books.file, count=books.counts[holder, product], holder=holder)
        ours, theirs = exact(sum(of), CREDITS, place), row.figure("credits")
        difference = total([ours, negative(theirs)], CREDITS)
        if abs(difference.value) > 1:
            problems.append(
                problem(
                    "credits.K29.other_than_notice",
                    f"{holder}/{product}",
                    place=row.place,
                    found=f"{theirs.value:,.0f}",
                    ours=f"{ours.value:,.0f}",
                )
            )
        labels = {
            "holder": plain_text(holder),
            "product": plain_text(product),
            "source": plain_text(row.text("source")),
        }
        figures = {"held": ours, "notice": theirs, "difference": difference}
        lines.append(Line(labels, figures, kind="check", key=f"{holder}/{product}"))
    measures = [measure(name, CREDITS) for name in ("held", "notice", "difference")]
    return table_of("reconciliation", ("holder", "product", "source"), measures, lines), problems
