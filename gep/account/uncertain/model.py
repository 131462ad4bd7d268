"""An account on draws of its numbers: all its parts, held against the account itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gep.account.entries import Entry
from gep.account.figures import Figures
from gep.account.record import Key
from gep.account.rules import FROM_OUTSIDE
from gep.account.uncertain.dependence import dependence_of
from gep.account.uncertain.fields import NotKnownError
from gep.account.uncertain.land import land_variables
from gep.account.uncertain.numbers import Numbers
from gep.account.uncertain.parts import AGAIN, Cells, Figure, Kept, Outside, Part, Product, Units
from gep.account.uncertain.variables import (
    Again,
    Errors,
    Variable,
    correlations_of,
    draws_of,
    latin_hypercube,
    variables_of,
)
from gep.inputs.confusion import Row
from gep.inputs.correlated import LAYER, TABLE, Correlation

Array = NDArray[np.float64]
Draws = Mapping[str, Array]
Group = tuple[str, ...]
"""What figures are added up by, and which of it: `service`, `water_retention`."""

TOTAL: Group = ("total", "")
FIGURE = "figure"
"""Each figure on its own: behind it stand its service, component, zone, ecosystem and class."""
Engine = Callable[[Draws], "Mapping[Key, Array] | None"]
"""What computes the cells of a run again on draws of rows of coefficients: the quantities of all figures by service,
component, zone, ecosystem and class; or None where the inputs are not at hand.
"""


class Model:
    """The counted values of an account on draws of its variables.

    A part that does not give again what the run has is kept as it is. One that does, and does not know how some
    variables would move it, holds those still (`Part.held`).
    """

    def __init__(
        self,
        account: Figures,
        errors: Errors | None = None,
        engine: Engine | None = None,
        runs: int = 0,
        seed: int = 0,
        correlations: Iterable[Correlation] = (),
        confusion: Iterable[Row] = (),
    ) -> None:
        self.account = account
        known = variables_of(account.ledger, account.record, errors)
        of_land = tuple(confusion) or account.record.get("study", {}).get("confusion", ())
        land, of_classes = land_variables(of_land, account.areas())
        known |= land
        said, self.idle = _of_known(correlations_of(account.record), known)
        self.correlations = (*said, *correlations, *of_classes)
        self.parts = [self._tested(part, known) for part in _parts_of(account) if part.figures]
        self.redrawn: Draws = {}
        """The rows of coefficients for which cells were computed again, with their numbers in each run."""
        if engine and runs:
            self._redraw(known, engine, runs, seed)
        self.again = " + ".join(self.redrawn)
        used = {name for part in self.parts for name in part.asks - part.held} - self.redrawn.keys()
        self.variables = {name: variable for name, variable in known.items() if name in used}
        if self.redrawn:
            self.variables[self.again] = Again(self.again, 0.0, runs=runs)
        self.dependence = dependence_of(list(self.variables), self.correlations, known, self.redrawn)
        self.drawn = {name: known[name] for name in sorted((used & known.keys()) | self.redrawn.keys())}
        """All numbers that are drawn, those too for which cells were computed again."""

    def _tested(self, part: Part, known: Mapping[str, Variable]) -> Part:
        """A part that gives what the run has and knows its draws, or what stands for it."""
        try:
            part.traced(Numbers(self.account.ledger, known, {}))
        except (NotKnownError, LookupError):
            return _kept(part)
        part.held = self._not_followed(part, known)
        return part

    def _not_followed(self, part: Part, known: Mapping[str, Variable]) -> frozenset[str]:
        """The variables of which the ledger does not tell how they move a part."""
        mine = [name for name in known if name in part.asks]
        if self._knows(part, known, mine):
            return frozenset()
        held = frozenset(name for name in mine if not self._knows(part, known, [name]))
        return held if self._knows(part, known, [name for name in mine if name not in held]) else frozenset(mine)

    def _redraw(self, known: Mapping[str, Variable], engine: Engine, runs: int, seed: int) -> None:
        """Let the cells be computed again on draws of the rows that parts do not follow."""
        parts = [part for part in self.parts if isinstance(part, Cells) and any(map(_is_row, part.held))]
        before = {id(part): part.held for part in parts}
        for part in parts:
            part.is_multiple = True
            part.held = self._not_followed(part, known)
        rows = sorted({name for part in parts for name in part.held if _is_row(name)})
        dependence = dependence_of(rows, self.correlations, known, {})
        shares = dependence.correlated(latin_hypercube(runs, len(rows), seed))
        drawn = draws_of([known[name] for name in rows], shares)
        quantities = engine(drawn) if rows else None
        if quantities is None:
            for part in parts:
                part.is_multiple, part.held = False, before[id(part)]
            return
        self.redrawn = drawn
        for part in parts:
            part.redrawn = part.held & drawn.keys()
            keys = {place: (part.service, part.component, *place) for place in part.figures}
            part.again = {place: quantities[key] for place, key in keys.items() if key in quantities}

    def _knows(self, part: Part, known: Mapping[str, Variable], names: Sequence[str]) -> bool:
        """Whether a part knows its values wherever in their ranges some variables lie."""
        shares = np.broadcast_to(np.array([[0.0], [1.0], [0.25]]), (3, len(names)))
        try:
            for _ in part.values(
                Numbers(self.account.ledger, known, draws_of([known[name] for name in names], shares))
            ):
                pass
        except NotKnownError:
            return False
        return True

    # values -----------------------------------------------------------------------------------------------------------

    def on(self, drawn: Draws, groups: Iterable[str] = ()) -> dict[Group, Array]:
        """The total on some draws, and the sums by `service`, `zone`, `ecosystem` where they are asked for; what no
        drawn number moves is in them. The first number is that of the run.
        """
        length = max((len(of) for of in drawn.values()), default=1)
        found: dict[Group, Array] = {TOTAL: np.full(length, self._fixed[TOTAL])}
        kinds = list(groups)
        found |= {group: np.full(length, fixed) for group, fixed in self._fixed.items() if group[0] in kinds}
        for part in self.moving:
            for figure, value in self._moved(part, drawn):
                for group in _groups_of(part, figure):
                    if group in found:
                        found[group] += value
        return found

    @cached_property
    def groups(self) -> frozenset[Group]:
        """The sums that any variable moves."""
        return frozenset(
            group
            for part in self.moving
            for figure in part.figures.values()
            if self._follows(part, figure)
            for group in _groups_of(part, figure)
        )

    def total_of(self, part: Part, drawn: Draws) -> Array:
        """What the moving figures of a part add to the total on some draws."""
        total = np.zeros(max(len(of) for of in drawn.values()))
        for _, value in self._moved(part, drawn):
            total += value
        return total

    def follows(self, part: Part) -> frozenset[str]:
        """The variables that move a part."""
        moving = self._numbers_of(part)
        return moving & self.variables.keys() | ({self.again} if moving & self.redrawn.keys() else set())

    def _numbers_of(self, part: Part) -> frozenset[str]:
        """The numbers that move a part: variables, and rows for which cells were computed again."""
        return part.asks & (self.variables.keys() | self.redrawn.keys()) - (part.held - part.redrawn)

    @cached_property
    def moving(self) -> tuple[Part, ...]:
        """The parts that some variable moves."""
        return tuple(part for part in self.parts if self.follows(part))

    def _follows(self, part: Part, figure: Figure) -> bool:
        return bool(self._numbers_of(part) & figure.asks)

    def _moved(self, part: Part, drawn: Draws) -> Iterator[tuple[Figure, Array]]:
        """The figures of a part that move, on some draws."""
        mine, again = {name: of for name, of in drawn.items() if name not in part.held}, dict[str, Array]()
        if self.again in drawn and self.redrawn:
            runs = drawn[self.again].astype(int)
            again = {name: of[runs] for name, of in self.redrawn.items()}
            mine |= {name: of for name, of in again.items() if name not in part.held} | {AGAIN: drawn[self.again]}
        numbers = Numbers(self.account.ledger, self.variables, mine)
        numbers.beside = again
        for place, value in part.values(numbers):
            figure = part.figures.get(place)
            if figure and self._follows(part, figure):
                yield figure, np.asarray(value)

    @cached_property
    def _fixed(self) -> Mapping[Group, float]:
        """What no variable moves."""
        terms: dict[Group, list[float]] = {TOTAL: []}
        for part, figure in self.figures():
            is_moved = self._follows(part, figure)
            for group in _groups_of(part, figure):
                terms.setdefault(group, []).extend(() if is_moved else (figure.value,))
        return {group: math.fsum(of) for group, of in terms.items()}

    # what is known ----------------------------------------------------------------------------------------------------

    def figures(self) -> Iterator[tuple[Part, Figure]]:
        """All counted figures with their parts."""
        for part in self.parts:
            for figure in part.figures.values():
                yield part, figure


def _of_known(said: Iterable[Correlation], known: Collection[str]) -> tuple[tuple[Correlation, ...], tuple[str, ...]]:
    """The correlations of a project among numbers that the run has, and the numbers that no figure of it rests on:
    that they exist was tested when the project was read (`gep.inputs.uncertain_names`).
    """
    given = tuple(said)
    idle = tuple(dict.fromkeys(name for numbers, _ in given for name in numbers if name not in known))
    kept = (Correlation(tuple(name for name in numbers if name in known), rho) for numbers, rho in given)
    return tuple(of for of in kept if len(of.numbers) > 1), idle


def _is_row(name: str) -> bool:
    """Whether a variable is a row of coefficients."""
    return not name.startswith((LAYER, TABLE))


def _kept(part: Part) -> Kept:
    """A part that stays what it was in the run."""
    kept = Kept(part.service, part.component, [])
    kept.figures = {place: replace(figure, asks=frozenset()) for place, figure in part.figures.items()}
    return kept


def _groups_of(part: Part, figure: Figure) -> tuple[Group, ...]:
    zone, ecosystem, _ = figure.place
    alone = FIGURE, part.service, part.component, *figure.place
    return TOTAL, ("service", part.service), ("zone", zone), ("ecosystem", ecosystem), alone


def _parts_of(account: Figures) -> Iterator[Part]:
    """The parts of an account. What belongs to none is kept as it is."""
    ledger, sums = account.ledger, account.cell_sums
    entries: dict[tuple[str, str], list[Entry]] = {}
    for entry in account.flows:
        entries.setdefault((entry.service, entry.base), []).append(entry)
    for service, record in ledger["services"].items():
        for component, about in record["components"].items():
            if of_component := entries.pop((service, component), []):
                kind = Cells if about["kind"] == "cells" else Units
                yield kind(service, component, of_component, about, sums)
        by_zone: dict[tuple[str, str], list[Entry]] = {}
        products = record.get("products", [])
        for component in {product["component"] for product in products}:
            for entry in entries.pop((service, component), []):
                by_zone.setdefault((entry.zone, component), []).append(entry)
        for product in products:
            if of_product := by_zone.get((product["zone"], product["component"])):
                yield Product(service, of_product, record, product)
        if outside := entries.pop((service, FROM_OUTSIDE), []):
            rows = [row for row in ledger["from_outside"] if row["service"] == service]
            yield Outside(service, FROM_OUTSIDE, outside, rows)
    for (service, component), rest in entries.items():
        yield Kept(service, component, rest)
