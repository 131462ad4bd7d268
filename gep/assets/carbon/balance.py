"""Opening and closing of every stratum with all lines between, and the yearly sink that they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gep.assets.carbon.changes import Moved, Period
from gep.assets.carbon.strata import Key, Strata, Stratum
from gep.assets.figures import Figure, made, negative, total
from gep.core.errors import Problem, problem
from gep.stocks import carbon

ADDED = ("growth", "area_in", "reclassified_in", "reappraised_up")
TAKEN = ("harvest", "disturbance", "area_out", "reclassified_out", "reappraised_down")
LINES = ("opening", *ADDED, *TAKEN, "unexplained", "closing")
SINK = ("growth", "harvest", "disturbance")
STOCK = "t*carbon"
FLOW = "t*carbon/year"

HIGHEST_TURNOVER = 0.03
"""What share of a stock a yearly sink is at most without a question; of forest and grass 0.1 to 1 % is usual."""

ROUNDING = 1e-12
"""A rest below this share of the stock is rounding of numbers that were added in another order."""


@dataclass(frozen=True)
class Balance:
    """The account of a stratum over a period: lines that have a figure; reductions are negative."""

    key: Key
    period: Period
    lines: Mapping[str, Figure]
    opening: Stratum
    closing: Stratum | None

    @property
    def yearly(self) -> Figure:
        """Carbon gained in a year by growth, less harvest and disturbance."""
        parts = [self.lines[line] for line in SINK if line in self.lines]
        return made(carbon.carbon_of_year, carbon_of_period=total(parts, STOCK), period=self.period.length)


def balances_of(strata: Strata, moved: Mapping[Period, Moved], sink: str) -> tuple[list[Balance], list[Problem]]:
    """The accounts of all strata and periods, and what does not close."""
    found: list[Balance] = []
    problems: list[Problem] = []
    for period, lines in moved.items():
        for (key, year), opening in strata.items():
            if year == period.opening:
                of_key = {line: figures for (other, line), figures in lines.items() if other == key}
                closing = strata.get((key, period.closing))
                made_of, wrong = _balance(opening, closing, period, of_key, sink)
                found.append(made_of)
                problems += wrong
    return found, problems


def _balance(
    opening: Stratum, closing: Stratum | None, period: Period, moved: Mapping[str, list[Figure]], sink: str
) -> tuple[Balance, list[Problem]]:
    lines = {"opening": opening.stock}
    lines |= {line: total(moved[line], STOCK) for line in (*ADDED, *TAKEN) if line in moved}
    name, problems = "/".join(opening.key), []
    if closing is None:
        lines["closing"] = total(lines.values(), STOCK)
        return Balance(opening.key, period, lines, opening, None), []
    if sink == "stock_difference" and not opening.is_of_map:
        if taken := [line for line in SINK if line in lines]:
            problems.append(problem("carbon.K12.balance", name, place=period.name, found=", ".join(taken)))
        problems += _area_line(opening, closing, period, lines, name)
        lines["growth"] = _rest(lines, closing)
    else:
        rest = _rest(lines, closing)
        largest = max(abs(figure.to(STOCK)) for figure in (*lines.values(), closing.stock))
        if abs(rest.value) > ROUNDING * largest:
            problems.append(
                problem("carbon.K13.open", name, place=period.name, found=f"{rest.value:.6g} t", share=None)
            )
            lines["unexplained"] = rest
    lines["closing"] = closing.stock
    return Balance(opening.key, period, lines, opening, closing), problems


def _rest(lines: Mapping[str, Figure], closing: Stratum) -> Figure:
    return total([closing.stock, *(negative(figure) for figure in lines.values())], STOCK)


def _area_line(
    opening: Stratum, closing: Stratum, period: Period, lines: dict[str, Figure], name: str
) -> Iterator[Problem]:
    """Land that was gained or lost without a line: it carries the density that it had, and is no sink."""
    if {"area_in", "area_out", "reclassified_in", "reclassified_out"} & set(lines):
        return
    if opening.area is None or closing.area is None or opening.density is None:
        yield problem("carbon.K14.unknown", name, place=period.name)
        return
    gained = closing.area.to("hm^2") - opening.area.to("hm^2")
    if gained:
        area = total([closing.area, negative(opening.area)], "hm^2")
        amount = made(carbon.carbon_of_stratum, carbon_density=opening.density, stratum_area=area)
        lines["area_in" if gained > 0 else "area_out"] = amount
        yield problem("carbon.K14.area", name, place=period.name, found=f"{gained:+.6g} hm2")


def summed(balances: Sequence[Balance], line: str) -> Figure | None:
    """A line over strata; None where no stratum has it."""
    figures = [balance.lines[line] for balance in balances if line in balance.lines]
    return total(figures, STOCK) if figures else None


def turnover_of(yearly: Figure, stock: Figure) -> Figure | None:
    """The share of a stock that its yearly sink is; None where there is no stock."""
    if stock.value <= 0:
        return None
    return made(carbon.carbon_turnover, yearly_carbon=yearly, carbon_stock=stock)


def question_of(turnover: Figure | None, name: str, place: str) -> list[Problem]:
    """What is to be asked of a sink that is too large for its stock, or an emission."""
    if turnover is None or 0 <= turnover.value <= HIGHEST_TURNOVER:
        return []
    found, high = f"{turnover.to('percent/year'):.3g} %", f"{100 * HIGHEST_TURNOVER:g}"
    return [problem("carbon.K15.turnover", name, place=place, found=found, high=high)]
