"""Accounts that close: extents, supply and use, asset accounts, and net present values with their change taken apart.

    closing = opening + additions - reductions          (extents and monetary assets)
    supply = use                                        (each service)
    NPV = F (1 - (1 + r)^-n) / r                        (constant expected flow F, discount rate r, asset life n)
    revaluation = a (p1 - p0) (q0 + q1) / 2             (the change of NPV due to prices; a the annuity factor)

The last is the price part of a change of NPV in SEEA EA (UN 2021, chapter 10): where the extent of an ecosystem type
does not change, all of its change of prices is revaluation, and all of its change of flows is not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from gep.audit.figures import Figure, Row, is_all
from gep.audit.findings import Cause, Check, Comparison
from gep.audit.printed import Interval, total
from gep.core.messages import Text, say

_OPENING = re.compile(r"^opening\b|^期初", re.IGNORECASE)
_CLOSING = re.compile(r"^closing\b|^期末", re.IGNORECASE)
NET_CHANGE = re.compile(
    r"^net(?:$| (?:change|increase|decrease|gain|loss))|^净(?:变化|增|减)|变化量|^增减", re.IGNORECASE
)
REDUCTION = re.compile(
    r"reduction|decrease|degradation|loss|downward|harvest|outflow|removal|regression|deforestation|clearing|"
    r"减少|退化|下降|转出|流出|采伐|砍伐|损失|退出",
    re.IGNORECASE,
)
ADDITION = re.compile(
    r"addition|increase|expansion|afforestation|reforestation|restoration|enhancement|upward|growth|gain|inflow|增加|新增|扩大|扩展|转入|流入|生长|改善|造林|恢复",
    re.IGNORECASE,
)
"""What the words of a flow say of its sign; those of a net change say nothing."""
_SUM_OF_CHANGES = re.compile(r"^(?:net|total)\b|^(?:净|总)|合计|小计", re.IGNORECASE)
_MOST_UNKNOWN_SIGNS = 6
_REVALUATION = re.compile(r"revaluation|重估", re.IGNORECASE)
_SIDE = re.compile(r"^(supply|use|供给|使用)\s*[:：]\s*(.*)$", re.IGNORECASE)
_SUPPLY = ("supply", "供给")
_WHOLE_SIDE = re.compile(r"^(total (supply|use)|总供给|总使用)$", re.IGNORECASE)
_TOTAL = re.compile(r"^total\b|^合计|^总", re.IGNORECASE)
_TIMED = re.compile(
    r"^(expected physical flows?|expected prices?|expected exchange values?|net present "
    r"values?|assumptions?),\s*(opening|closing)$",
    re.IGNORECASE,
)
_LIFE, _RATE = re.compile(r"asset life|资产寿命", re.IGNORECASE), re.compile(r"discount rate|折现率", re.IGNORECASE)


def stock_checks(rows: Sequence[Row]) -> Iterator[Check]:
    """Every account that should close, as far as it is printed."""
    yield from _balance_checks(rows)
    yield from _supply_use_checks(rows)
    yield from _present_value_checks(rows)


# opening and closing --------------------------------------------------------------------------------------------------


def _balance_checks(rows: Sequence[Row]) -> Iterator[Check]:
    accounts: dict[tuple[object, ...], list[tuple[Row, Figure]]] = defaultdict(list)
    for row in rows:
        for measure in ("quantity", "value"):
            figure = row.figure(measure)
            if figure and not _TIMED.match(row.indicator):
                key = (*row.where, *row.source_key, row.ecosystem, row.service, measure, figure.unit.kind)
                accounts[key].append((row, figure))
    for entries in accounts.values():
        yield from _balance(entries)


def _balance(entries: Sequence[tuple[Row, Figure]]) -> Iterator[Check]:
    opening = next((figure for row, figure in entries if _OPENING.match(row.indicator)), None)
    closing = next(((row, figure) for row, figure in entries if _CLOSING.match(row.indicator)), None)
    if opening is None or closing is None:
        return
    ends = (opening, closing[1])
    changes = [
        (row, figure) for row, figure in entries if figure not in ends and not _SUM_OF_CHANGES.search(row.indicator)
    ]
    if not changes:
        return
    signed = [_signed(row, figure) for row, figure in changes]
    parts = tuple(figure for _, figure in changes)
    shown = " ".join(
        f"{'-' if interval.middle < 0 else '+'} {figure.printed.text.lstrip('-')}"
        for interval, (_, figure) in zip(signed, changes, strict=True)
    )
    made, figures = total([opening.interval, *signed]), (opening, *parts)
    formula, what = f"{opening.printed.text} {shown}", say("audit.balance.what")
    comparison = Comparison("balance", *closing, made, figures, formula, what)
    unknown = [i for i, (row, figure) in enumerate(changes) if figure.printed.value > 0 and not _has_sign(row)]
    if comparison.holds or not unknown:
        yield comparison.check()
    elif not _closes_otherwise(opening, signed, unknown, closing[1]):
        names = [changes[i][0].indicator for i in unknown]
        yield comparison.check(verdict="cannot_tell", why=say("audit.balance.unknown_signs", names=names))
    for row, figure in entries:
        if NET_CHANGE.match(row.indicator):
            what = say("audit.balance.changes")
            yield Comparison("balance", row, figure, total(signed), parts, shown, what).check()
            gone, what = closing[1].interval - opening.interval, say("audit.balance.net")
            formula = f"{closing[1].printed.text} - {opening.printed.text}"
            yield Comparison("balance", row, figure, gone, ends, formula, what).check()


def _has_sign(row: Row) -> bool:
    """Whether the word of a change says that it adds, takes away, or may do both."""
    return bool(REDUCTION.search(row.indicator) or ADDITION.search(row.indicator) or _REVALUATION.search(row.indicator))


def _closes_otherwise(opening: Figure, signed: Sequence[Interval], unknown: Sequence[int], closing: Figure) -> bool:
    """Whether the account closes if some changes whose word says nothing are taken away."""
    for signs in product((1, -1), repeat=min(len(unknown), _MOST_UNKNOWN_SIGNS)):
        turned = dict(zip(unknown, signs, strict=False))
        changes = [interval * Interval.exact(turned.get(i, 1)) for i, interval in enumerate(signed)]
        if total([opening.interval, *changes]).meets(closing.interval):
            return True
    return False


def _signed(row: Row, figure: Figure) -> Interval:
    """A change with its sign: reductions are printed with or without a minus."""
    is_minus = REDUCTION.search(row.indicator) and figure.printed.value > 0
    return figure.interval * Interval.exact(-1 if is_minus else 1)


# supply and use -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entry:
    row: Row
    figure: Figure
    name: str

    @property
    def is_total(self) -> bool:
        return bool(_TOTAL.match(self.name))


def _supply_use_checks(rows: Sequence[Row]) -> Iterator[Check]:
    tables: dict[tuple[object, ...], dict[str, list[_Entry]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        match = _SIDE.match(row.indicator)
        for measure in ("quantity", "value") if match else ():
            figure = row.figure(measure)
            if figure and match:
                side = "supply" if match[1].lower() in _SUPPLY else "use"
                key = (*row.where, *row.source_key, row.service, measure, figure.unit.kind)
                tables[key][side].append(_Entry(row, figure, re.sub(r"\s+", " ", match[2]).strip()))
    for sides in tables.values():
        yield from _totals_of_side(sides["supply"])
        yield from _totals_of_side(sides["use"])
        supply, use = (next((e for e in sides[side] if _WHOLE_SIDE.match(e.name)), None) for side in ("supply", "use"))
        if supply and use:
            figure, text, what = supply.figure, supply.figure.printed.text, say("audit.supply_use.what")
            yield Comparison("supply_use", use.row, use.figure, figure.interval, (figure,), text, what).check()


def _totals_of_side(entries: Sequence[_Entry]) -> Iterator[Check]:
    """Each total of one side is the sum of what stands before it: since the last total, with or without the totals
    before.
    """
    since: list[_Entry] = []
    totals: list[_Entry] = []
    for entry in entries:
        if not entry.is_total:
            since.append(entry)
            continue
        options = [chosen for chosen in _possible_parts(since, totals) if chosen]
        comparisons = [_total_comparison(entry, chosen) for chosen in options]
        held = next((comparison for comparison in comparisons if comparison.holds), None)
        is_empty = not since and entry.figure.printed.value == 0  # a branch of which nothing is printed
        if held or (comparisons and not is_empty):
            yield (held or comparisons[0]).check()
        totals.append(entry)
        since = []


def _possible_parts(since: Sequence[_Entry], totals: Sequence[_Entry]) -> Iterator[list[_Entry]]:
    """What a total may be made of: the entries since the last total with that total, without it, and sums of earlier
    totals.
    """
    yield [*totals[-1:], *since]
    yield list(since)
    if not since:
        for first in range(len(totals)):
            for second in range(first + 1, len(totals)):
                yield [totals[first], totals[second]]


def _total_comparison(entry: _Entry, parts: Sequence[_Entry]) -> Comparison:
    figures = tuple(part.figure for part in parts)
    formula = " + ".join(figure.printed.text for figure in figures)
    computed, what = total([figure.interval for figure in figures]), say("audit.supply_use.parts")
    return Comparison("supply_use", entry.row, entry.figure, computed, figures, formula, what)


# net present values ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Asset:
    """The expected flows, prices and values of one ecosystem type, by service and time; asset life and discount
    rate.
    """

    figures: Mapping[tuple[str, str, str], Figure]
    rows: Mapping[tuple[str, str, str], Row]
    services: tuple[str, ...]

    def figure(self, what: str, service: str, time: str) -> Figure | None:
        return self.figures.get((what, service, time))

    def annuity(self, time: str) -> tuple[Interval, Text] | None:
        """The annuity factor, from the printed life and rate, taken as the parameters they are."""
        life = next(
            (
                f
                for (what, name, at), f in self.figures.items()
                if what == "assumption" and at == time and _LIFE.search(name)
            ),
            None,
        )
        rate = next(
            (
                f
                for (what, name, at), f in self.figures.items()
                if what == "assumption" and at == time and _RATE.search(name)
            ),
            None,
        )
        if life is None or rate is None or life.printed.value.denominator != 1 or rate.printed.value <= 0:
            return None
        r, years = rate.printed.value * rate.unit.factor, int(life.printed.value)
        factor = (1 - (1 + r) ** -years) / r
        return Interval.exact(factor), say("audit.npv.annuity", years=years, rate=f"{float(r):g}")


_KINDS = {
    "expected physical flow": "flow",
    "expected price": "price",
    "expected exchange value": "value",
    "net present value": "npv",
    "assumption": "assumption",
}


def _assets(rows: Sequence[Row]) -> dict[tuple[str, ...], _Asset]:
    found: dict[tuple[str, ...], dict[tuple[str, str, str], tuple[Row, Figure]]] = defaultdict(dict)
    for row in rows:
        match = _TIMED.match(row.indicator)
        figure = row.value or row.price or row.quantity
        if match and figure:
            kind = _KINDS[match[1].lower().rstrip("s")]
            service = re.sub(r"\s+services$", "", row.service)
            found[*row.where, row.ecosystem][kind, service, match[2].lower()] = (row, figure)
    assets = {}
    for key, entries in found.items():
        services = tuple(dict.fromkeys(name for what, name, _ in entries if what == "flow"))
        figures = {name: figure for name, (_, figure) in entries.items()}
        assets[key] = _Asset(figures, {name: row for name, (row, _) in entries.items()}, services)
    return assets


def _present_value_checks(rows: Sequence[Row]) -> Iterator[Check]:
    assets = _assets(rows)
    for asset in assets.values():
        yield from _value_checks(asset)
        yield from _npv_checks(asset)
    yield from _revaluation_checks(rows, assets)


def _value_checks(asset: _Asset) -> Iterator[Check]:
    """Expected value = expected flow × expected price; the values of services sum to that of all."""
    for (what, service, time), value in asset.figures.items():
        flow, price = asset.figure("flow", service, time), asset.figure("price", service, time)
        if what == "value" and flow and price:
            formula = f"{flow.printed.text} × {price.printed.text}"
            computed = flow.exact * price.exact
            row, said = asset.rows[what, service, time], say("audit.npv.flow")
            yield Comparison("npv", row, value, computed, (flow, price), formula, said).check()


def _npv_checks(asset: _Asset) -> Iterator[Check]:
    for (what, service, time), npv in asset.figures.items():
        value, annuity = asset.figure("value", service, time), asset.annuity(time)
        if what == "npv" and value and annuity:
            formula = say("audit.npv.times", value=value.printed.text, annuity=annuity[1])
            # an expected value that is a flow times a price as printed is exact; its last digit is not rounded
            computed = (
                value.exact if not is_all(service) or _is_sum_of_products(asset, time) else value.interval
            ) * annuity[0]
            row, said = asset.rows[what, service, time], say("audit.npv.what")
            yield Comparison("npv", row, npv, computed, (value,), formula, said).check()


def _is_sum_of_products(asset: _Asset, time: str) -> bool:
    return all(asset.figure("flow", name, time) and asset.figure("price", name, time) for name in asset.services)


def _revaluation_checks(rows: Sequence[Row], assets: Mapping[tuple[str, ...], _Asset]) -> Iterator[Check]:
    """Revaluation in an asset account against the price part of the change, for ecosystem types whose extent stays."""
    extents: dict[tuple[str, ...], dict[str, Figure]] = defaultdict(dict)
    for row in rows:
        if row.quantity and "extent" in row.indicator.lower():
            time = "opening" if _OPENING.match(row.indicator) else "closing" if _CLOSING.match(row.indicator) else ""
            extents[*row.where, row.ecosystem][time] = row.quantity
    for row in rows:
        key = (*row.where, row.ecosystem)
        asset, extent = assets.get(key), extents[key]
        is_constant = {"opening", "closing"} <= set(extent) and extent["opening"].printed.value == extent[
            "closing"
        ].printed.value
        if row.value and asset and is_constant and _REVALUATION.search(row.indicator):
            check = _revaluation(row, row.value, asset)
            if check:
                yield check


def _revaluation(row: Row, figure: Figure, asset: _Asset) -> Check | None:
    annuity = asset.annuity("opening")
    quads = [
        tuple(asset.figure(what, name, time) for what in ("flow", "price") for time in ("opening", "closing"))
        for name in asset.services
    ]
    if annuity is None or not quads or any(part is None for quad in quads for part in quad):
        return None
    figures = [part for quad in quads for part in quad if part is not None]
    terms, shown = [], []
    for start in range(0, len(figures), 4):
        q0, q1, p0, p1 = figures[start : start + 4]
        change = p1.printed.value - p0.printed.value
        terms.append(change * (q0.printed.value + q1.printed.value) / 2)
        if change:
            shown.append(f"({p1.printed.text} - {p0.printed.text}) × ({q0.printed.text} + {q1.printed.text}) / 2")
    computed = annuity[0] * Interval.exact(sum(terms, Fraction(0)))
    formula = say("audit.npv.times", value=f"({' + '.join(shown) or '0'})", annuity=annuity[1])
    what = say("audit.revaluation.what")
    comparison = Comparison("revaluation", row, figure, computed, tuple(figures), formula, what)
    cause = Cause("decomposition", say("audit.cause.decomposition"))
    return comparison.check(cause=None if comparison.holds else cause)
