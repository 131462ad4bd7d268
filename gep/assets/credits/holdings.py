"""What a ledger comes to: how holdings changed in a period, what credits cost, which serial numbers lie where."""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gep.assets.credits.tables import CORRECT, HELD, OUTSIDE, OWNED, Entry, Lot

LINES = ("issued", "bought", "sold", "retired", "cancelled", "to_buffer", "from_buffer", "reversed")
"""What changes a holding, as a roll-forward has it."""

_LINE_OF = {
    "issue": "issued",
    "buy": "bought",
    "sell": "sold",
    "retire": "retired",
    "cancel": "cancelled",
    "reverse": "reversed",
}

HoldingKey = tuple[str, str, str]
"""Holder, product, vintage."""

Balance = tuple[str, str]
"""A holder and a state."""


@dataclass
class Holding:
    """How a holding changed in a period, in t CO2: each line as it adds or takes away, positive."""

    opening: int = 0
    closing: int = 0
    frozen: int = 0
    pledged: int = 0
    lines: Counter[str] = field(default_factory=Counter)

    @property
    def available(self) -> int:
        """What is neither frozen nor pledged."""
        return self.closing - self.frozen - self.pledged


def roll_forward(entries: Iterable[Entry], lots: Mapping[str, Lot], begin: str, end: str) -> dict[HoldingKey, Holding]:
    """Holdings by holder, product and vintage: opening + issued + bought - sold - retired - cancelled - to buffer +
    from buffer - reversed = closing; available = closing - frozen - pledged.

    A correction stands in the line of what it corrects, in the period of its own date.

    Args:
        entries: in the order of their dates.
        lots: the lots by name.
        begin: the first day of the period.
        end: its last day.
    """
    entries = list(entries)
    kinds = {entry.entry: entry.kind for entry in entries}
    of_lot = {name: (lot.product, lot.vintage) for name, lot in lots.items()}
    found: dict[HoldingKey, Holding] = defaultdict(Holding)
    for entry in entries:
        if entry.date > end:
            continue
        kind = entry.kind if entry.corrects is None else kinds[entry.corrects]
        moves = (entry.from_holder, entry.from_state, -1), (entry.to_holder, entry.to_state, 1)
        for holder, state, sign in moves:
            if state not in OWNED:
                continue
            holding = found[holder, *of_lot[entry.lot]]
            moved = sign * entry.quantity
            holding.closing += moved
            if state == "frozen":
                holding.frozen += moved
            elif state == "pledged":
                holding.pledged += moved
            if entry.date < begin:
                holding.opening += moved
            elif line := _line(kind, sign if entry.kind != CORRECT else -sign):
                holding.lines[line] += entry.quantity if entry.kind != CORRECT else -entry.quantity
    return dict(sorted(found.items()))


def _line(kind: str, sign: int) -> str:
    """The line that a move of a kind into (1) or out of (-1) a holding stands in; none of what stays in it."""
    if kind == "transfer":
        return "bought" if sign > 0 else "sold"
    return _LINE_OF.get(kind, kind if kind in LINES else "")


# cost -----------------------------------------------------------------------------------------------------------------


class _Layers:
    """Credits in the order in which they came, each with its cost in CNY per t; a cost that is not known is a NaN."""

    def __init__(self) -> None:
        self.layers: deque[tuple[int, float]] = deque()

    def put(self, layers: Iterable[tuple[int, float]]) -> None:
        self.layers.extend(layers)

    def take(self, quantity: int) -> list[tuple[int, float]]:
        taken: list[tuple[int, float]] = []
        while quantity and self.layers:
            there, cost = self.layers[0]
            if there > quantity:
                self.layers[0] = there - quantity, cost
                return [*taken, (quantity, cost)]
            taken.append(self.layers.popleft())
            quantity -= there
        return [*taken, (quantity, math.nan)] if quantity else taken


class _Average(_Layers):
    """The same, each credit at the mean cost of all."""

    def take(self, quantity: int) -> list[tuple[int, float]]:
        if len(self.layers) == 1 and self.layers[0][0] >= quantity:
            return super().take(quantity)
        count, cost = sum(count for count, _ in self.layers), cost_of(self.layers)
        mean = cost / count if count else math.nan
        left = count - quantity
        self.layers = deque([(left, mean)] if left > 0 else [])
        return [(quantity, mean)]


def cost_of(layers: Iterable[tuple[int, float]]) -> float:
    """What credits cost together; NaN where the cost of one is not known."""
    return math.fsum([count * cost for count, cost in layers])


@dataclass
class Cost:
    """What credits of a holder and product cost, by both methods. NaN is a cost that is not known.

    `sold`, `proceeds` and the costs of sales are of a period, what is left is of its end.
    """

    sold: int = 0
    proceeds: float = 0
    bought: float = 0
    fifo_cost: float = 0
    average_cost: float = 0
    closing: int = 0
    fifo_closing: float = 0
    average_closing: float = 0


def costs(entries: Iterable[Entry], lots: Mapping[str, Lot], begin: str, end: str) -> dict[tuple[str, str], Cost]:
    """Cost of sales and of what is left, by holder and product: first in, first out, and weighted average.

    What was corrected by the end counts as if it had never been. Credits that went to the buffer keep their cost and
    bring it back. A purchase or an issue without a value has a cost that is not known, which is not zero.

    50000 t at 5 and 40000 t at 7 CNY/t, 60000 t sold: 320000 CNY by FIFO, 353333 by the average.
    """
    entries = [entry for entry in entries if entry.date <= end]
    undone = {number for entry in entries if entry.corrects is not None for number in (entry.entry, entry.corrects)}
    found: dict[tuple[str, str], Cost] = defaultdict(Cost)
    by_product: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.entry not in undone:
            by_product[lots[entry.lot].product].append(entry)
    for product, of_product in by_product.items():
        pools = _Pools(product, found)
        for entry in of_product:
            pools.move(entry, is_of_period=entry.date >= begin)
        pools.close()
    return dict(sorted(found.items()))


class _Pools:
    """What holders have of a product, by both methods, and what that comes to."""

    def __init__(self, product: str, found: dict[tuple[str, str], Cost]) -> None:
        self.product, self.found = product, found
        self.fifo: dict[Balance, _Layers] = defaultdict(_Layers)
        self.average: dict[Balance, _Layers] = defaultdict(_Average)

    def move(self, entry: Entry, *, is_of_period: bool) -> None:
        """Move what an entry moves, and count what it sold."""
        source = entry.from_holder, HELD if entry.from_state in OWNED else entry.from_state
        target = entry.to_holder, HELD if entry.to_state in OWNED else entry.to_state
        if source == target:
            return  # frozen, pledged or free: the same holding
        quantity, value = entry.quantity, math.nan if entry.value is None else entry.value
        is_new, is_transfer = source[1] == OUTSIDE, entry.kind == "transfer"
        fifo = [] if is_new else self.fifo[source].take(quantity)
        average = [] if is_new else self.average[source].take(quantity)
        if source[1] == HELD and is_of_period and (is_transfer or entry.kind == "sell"):
            cost = self.found[entry.from_holder, self.product]
            cost.sold += quantity
            cost.proceeds += value
            cost.fifo_cost += cost_of(fifo)
            cost.average_cost += cost_of(average)
        if target[1] == HELD or target[1] == "buffer":
            if is_new or is_transfer:
                fifo = average = [(quantity, value / quantity)]
                if is_of_period:
                    self.found[entry.to_holder, self.product].bought += value
            self.fifo[target].put(fifo)
            self.average[target].put(average)

    def close(self) -> None:
        """Count what is left."""
        for (holder, state), layers in self.fifo.items():
            if state == HELD:
                cost = self.found[holder, self.product]
                cost.closing = sum(count for count, _ in layers.layers)
                cost.fifo_closing = cost_of(layers.layers)
                cost.average_closing = cost_of(self.average[holder, state].layers)


# serial numbers -------------------------------------------------------------------------------------------------------


def serials_moved(entries: Sequence[Entry], lot: Lot, number: int) -> tuple[tuple[int, int], ...]:
    """The blocks of serial numbers that an entry moved, first and last of each; none where a lot has no numbers.

    Of what a balance holds the lowest numbers go first. Where a register says otherwise, a lot for each of its blocks
    gives each its own numbers.

    Args:
        entries: those of the lot, in the order of their dates.
        lot: the lot.
        number: the entry that is asked about.
    """
    if lot.first_serial is None or lot.last_serial is None:
        return ()
    there: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    there["", OUTSIDE] = [(lot.first_serial, lot.last_serial)]
    moved: dict[int, tuple[tuple[int, int], ...]] = {}
    for entry in entries:
        back = moved[entry.corrects] if entry.corrects is not None else None
        taken, there[entry.source] = _taken(there[entry.source], entry.quantity, back)
        there[entry.target] = sorted([*there[entry.target], *taken])
        moved[entry.entry] = tuple(taken)
        if entry.entry == number:
            break
    return moved.get(number, ())


def _taken(
    blocks: Sequence[tuple[int, int]], quantity: int, wanted: Sequence[tuple[int, int]] | None
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The numbers that go, and those that stay: those that a correction takes back where they are all there still, else
    the lowest.
    """
    if wanted is not None:
        rest = list(blocks)
        for first, last in wanted:
            home = next((block for block in rest if block[0] <= first and last <= block[1]), None)
            if home is None:
                break
            rest.remove(home)
            rest += [block for block in ((home[0], first - 1), (last + 1, home[1])) if block[0] <= block[1]]
        else:
            return list(wanted), sorted(rest)
    taken, stay = [], []
    for first, last in blocks:
        count = min(quantity, last - first + 1)
        if count:
            taken.append((first, first + count - 1))
        if first + count <= last:
            stay.append((first + count, last))
        quantity -= count
    return taken, stay
