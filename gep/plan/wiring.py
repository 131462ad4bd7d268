"""From the name of an argument to where its values come from.

For each argument of an equation: the layers and tables that are given, then quantities already computed, then
derivations, then coefficients. What cannot be found is reported together.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, chain, product

from gep.core.catalog import CellComponent, Derivation, Service, layer_kinds
from gep.core.equation import Equation
from gep.core.errors import did_you_mean
from gep.core.messages import Text, joined, say
from gep.core.translation import translated
from gep.core.unit_names import unit_text
from gep.standards.coefficients import Coefficient, Found, study_inputs

CLASS_ATTRIBUTES = ("is_vegetated",)
"""Arguments that are a property of the land class itself."""

CALENDAR = ("calendar_month",)
"""Arguments that are a property of the day: its month, along the day axis."""

OF_DAYS = ("daily_", "subdaily_")
"""How the names of layers begin that have an axis of days, or of several steps a day."""

MONTHS = ("monthly_length", "monthly_day_of_year")
"""Arguments that are a property of the months of the accounting year: their days, and the day of the year in their
middle.
"""


def months_of(year: int) -> dict[str, list[float]]:
    """The calendar vectors of a year: days of each month, and the day of the year in its middle."""
    lengths = [monthrange(year, month)[1] for month in range(1, 13)]
    before = [0, *accumulate(lengths)]
    middles = [start + (length + 1) // 2 for start, length in zip(before, lengths, strict=False)]
    return {
        "monthly_length": [float(length) for length in lengths],
        "monthly_day_of_year": [float(day) for day in middles],
    }


def days_of(year: int) -> float:
    """How many days a year has."""
    return math.fsum(months_of(year)["monthly_length"])


CELL_ATTRIBUTES = ("latitude",)
"""Arguments that are a property of where a cell lies."""


@dataclass(frozen=True)
class LayerInput:
    """A layer: a given one, or one that was derived on the grid of the layers it is made from."""

    name: str
    derivations: tuple[Derivation, ...] = ()


@dataclass(frozen=True)
class _Number:
    """An input that is no layer, in the unit that the equation declares for it."""

    name: str
    unit: str


class TableInput(_Number):
    """A table item with one number per zone."""


class ClassInput(_Number):
    """A coefficient, or another property of the land class: one number per class."""


class CalendarInput(_Number):
    """A property of the months of the accounting year, along the month axis."""


class CellInput(_Number):
    """A property of where a cell lies."""


@dataclass(frozen=True)
class Computed:
    """The result of an equation; `derivation` where it stands for a layer that is not given."""

    equation: Equation
    inputs: tuple[Input, ...]
    derivation: Derivation | None = None

    @property
    def name(self) -> str:
        return self.derivation.makes if self.derivation else self.equation.name

    @cached_property
    def leaves(self) -> tuple[Input, ...]:
        """The given inputs that it rests on, each once, in order."""
        return tuple(dict.fromkeys(leaf for part in self.inputs for leaf in leaves(part)))

    @property
    def days(self) -> list[str]:
        """The daily layers among its inputs: it can then be computed on their own grid only."""
        return [part.name for part in self.inputs if isinstance(part, LayerInput) and part.name.startswith(OF_DAYS)]


Input = LayerInput | TableInput | ClassInput | CalendarInput | CellInput | Computed


@dataclass(frozen=True)
class Unfound:
    """An argument for which there is nothing, and what would supply it."""

    name: str
    unit: str
    detail: Text


@dataclass
class _Lack:
    """A name for which there is nothing, and what its derivations lack."""

    name: str
    unit: str
    ways: list[tuple[_Lack, ...]] = field(default_factory=list)
    """For each derivation what it lacks."""
    days: list[str] = field(default_factory=list)
    """Daily layers that would do, on their own grid."""

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """What is lacking at the bottom, by the shortest way: its own name where nothing is derived."""
        ways = [tuple(dict.fromkeys(root for lack in way for root in lack.roots)) for way in self.ways]
        return min(ways, key=len) if ways else (self.name,)

    @property
    def to_give(self) -> list[Text]:
        """What would do in its place: itself where it is a layer, with what that could be made from; else the roots."""
        return [_or_roots(self)] if self.name in layer_kinds() else [_quoted(root) for root in self.roots]


def _quoted(name: str) -> Text:
    return Text(f"`{name}`", f"`{name}`")


def _or_roots(lack: _Lack) -> Text:
    """A name for which there is nothing, with what it could itself be made from."""
    own = _quoted(lack.name)
    if lack.roots == (lack.name,):
        return own
    return say("plan.or_roots", name=own, roots=joined([f"`{root}`" for root in lack.roots], " and ", "、"))


@dataclass(frozen=True)
class Wiring:
    """Where arguments may come from in one study.

    `quantities` are equations of other services, by name: oxygen from carbon, sediment from retained soil. `refused`
    says of a name that something could be had for why it is not: a layer that is not derived, a calendar without its
    year. `constants` are numbers that follow from the inputs themselves. `localise` may compute a derivation on the
    grid of its layers; it gives the layer that results, or None.
    """

    layers: Sequence[str]
    items: Sequence[str]
    coefficients: Sequence[str]
    derivations: Sequence[Derivation]
    methods: Mapping[str, str]
    quantities: Mapping[str, Equation] = field(default_factory=dict)
    refused: Mapping[str, Text] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    localise: Callable[[Computed], LayerInput | None] = lambda _: None

    @cached_property
    def _found(self) -> dict[tuple[str, str, tuple[str, ...]], tuple[list[Input], list[_Lack]]]:
        """What was found before, by name, unit and what it is to make."""
        return {}

    def connect(
        self, equation: Equation, renames: Mapping[str, str] | None = None
    ) -> tuple[list[Computed], list[Unfound]]:
        """Every way to give the equation an input for each argument, the preferred first; or everything that is
        lacking.

        There are several ways where a layer can be derived by different equations: which of them holds for a class is
        then a matter of which of its coefficients the class has.
        """
        ways, lacking = self._computed(equation, None, renames or {}, ())
        return ways, [Unfound(lack.name, lack.unit, self._why(lack)) for lack in lacking]

    def _computed(
        self, equation: Equation, derivation: Derivation | None, renames: Mapping[str, str], making: tuple[str, ...]
    ) -> tuple[list[Computed], list[_Lack]]:
        choices: list[list[Input]] = []
        lacking: list[_Lack] = []
        for argument, unit in equation.units.items():
            found, missed = self._find(renames.get(argument, argument), unit, making)
            lacking.extend(missed if not found else [])
            choices.append(found)
        if lacking:
            return [], lacking
        return [Computed(equation, inputs, derivation) for inputs in product(*choices)], []

    def _find(self, name: str, unit: str, making: tuple[str, ...]) -> tuple[list[Input], list[_Lack]]:
        """What there is for a name: given, computed by another service, or derived; a coefficient beside what is
        derived.
        """
        if given := self._given(name, unit):
            return [given], []
        if name in making:
            return [], [_Lack(name, unit)]
        key = (name, unit, making)
        if key not in self._found:
            self._found[key] = self._make(name, unit, making)
        return self._found[key]

    def _make(self, name: str, unit: str, making: tuple[str, ...]) -> tuple[list[Input], list[_Lack]]:
        """What there is for a name that is not given."""
        lack = _Lack(name, unit)
        if name in self.quantities:
            quantities, missed = self._computed(self.quantities[name], None, {}, (*making, name))
            return list(quantities), missed
        found: list[Input] = []
        for derivation in self.makers(name):
            found += self._derived(derivation, (*making, name), lack)
        if name in self.coefficients:
            found.append(ClassInput(name, unit))
        return found, [] if found else [lack]

    def _given(self, name: str, unit: str) -> Input | None:
        if name in self.layers:
            return LayerInput(name)
        if name in self.items:
            return TableInput(name, unit)
        if name in self.refused:
            return None
        if name in CLASS_ATTRIBUTES or name in CALENDAR or name in self.constants:
            return ClassInput(name, unit)
        if name in MONTHS:
            return CalendarInput(name, unit)
        if name in CELL_ATTRIBUTES:
            return CellInput(name, unit)
        return None

    def _derived(self, derivation: Derivation, making: tuple[str, ...], lack: _Lack) -> Iterator[Input]:
        """What a derivation makes, on the grid of its layers where that is possible; what it lacks is noted."""
        if derivation.of_neighbours:
            around, missed = self._find(derivation.of_neighbours, lack.unit, making)
            made = [self.localise(Computed(derivation.equation, (layer,), derivation)) for layer in around]
            yield from (layer for layer in made if layer)
        else:
            ways, missed = self._computed(derivation.equation, derivation, {}, making)
            for way in ways:
                local = self.localise(way)
                if local or not way.days:
                    yield local or way
                else:
                    lack.days += way.days
        if missed:
            lack.ways.append(tuple(missed))

    def not_made(self, name: str, unit: str) -> Text | None:
        """What the derivations of a name lack, for which only coefficients of some classes stand; None where one can be
        made, or none is known.
        """
        lacking: list[Text] = []
        for derivation in self.makers(name):
            lack = _Lack(name, unit)
            if any(True for _ in self._derived(derivation, (name,), lack)):
                return None
            _, missed = self._computed(derivation.equation, derivation, {}, (name,))
            lacking.append(joined([_or_roots(other) for other in missed], " and ", "、"))
        ways = [way for way in dict.fromkeys(lacking) if way]
        return say("plan.not_made", name=name, ways=joined(ways, "; or ", "；或 ")) if ways else None

    def _why(self, lack: _Lack) -> Text:
        """Why there is nothing for a name."""
        note = translated(study_inputs().get(lack.name, ""))
        unit = unit_text(lack.unit)
        what = say("plan.not_given_own" if note else "plan.not_given", name=lack.name, unit=unit, note=note)
        reasons: list[Text] = []
        if lack.name in self.refused:
            what = say("plan.not_given_and", what=what, reason=self.refused[lack.name])
        elif lack.ways:
            to_give = [list(dict.fromkeys(text for other in way for text in other.to_give)) for way in lack.ways]
            quoted = [joined(texts, " and ", "、") for texts in to_give]
            what = say("plan.not_derived", what=what, ways=joined(list(dict.fromkeys(quoted)), "; or ", "；或 "))
            all_roots = (root for way in lack.ways for other in way for root in other.roots)
            roots = dict.fromkeys(root for root in all_roots if root in self.refused)
            reasons += [say("plan.root_refused", root=root, reason=self.refused[root]) for root in roots]
        reasons += [say("plan.days_need_one_grid", layer=layer) for layer in dict.fromkeys(lack.days)]
        detail = joined([what, *reasons], "; ", "；")
        hint = did_you_mean(lack.name, (*self.layers, *self.items))
        return say("plan.with_hint", detail=detail, hint=hint) if hint else detail

    def makers(self, name: str) -> Iterator[Derivation]:
        """The derivations that may make a layer: those that no switch chooses, and those of the option that is
        chosen.
        """
        if name in self.refused:
            return
        for derivation in self._by_layer.get(name, ()):
            chosen = self.methods.get(derivation.switch or derivation.makes)
            if not derivation.options or chosen is None or chosen in derivation.options:
                yield derivation

    @cached_property
    def _by_layer(self) -> dict[str, list[Derivation]]:
        """The derivations by what they make."""
        found: dict[str, list[Derivation]] = {}
        for derivation in self.derivations:
            found.setdefault(derivation.makes, []).append(derivation)
        return found


def leaves(node: Input) -> Iterator[Input]:
    """The given inputs that a node rests on, each once, in order."""
    return iter(node.leaves if isinstance(node, Computed) else (node,))


def derivations_of(node: Input) -> list[Derivation]:
    """The derivations that a node uses, each once."""
    found: dict[str, Derivation] = {}

    def walk(n: Input) -> None:
        if isinstance(n, LayerInput):
            for derivation in n.derivations:
                found.setdefault(derivation.equation.name, derivation)
        if isinstance(n, Computed):
            if n.derivation:
                found.setdefault(n.derivation.equation.name, n.derivation)
            for part in n.inputs:
                walk(part)

    walk(node)
    return list(found.values())


def quantities_of(services: Iterable[Service], settings: Mapping[str, Mapping[str, str]]) -> dict[str, Equation]:
    """What other services may build on: the density of every component, by its name."""
    return {
        component.id: component.density
        for service in services
        for component in service.components(service.settings(settings.get(service.id, {})))
        if isinstance(component, CellComponent)
    }


def coefficients_of(way: Computed, constants: Mapping[str, float]) -> list[str]:
    """The coefficients that a way of computing needs."""
    fixed = (*CLASS_ATTRIBUTES, *CALENDAR, *constants)
    return [leaf.name for leaf in leaves(way) if isinstance(leaf, ClassInput) and leaf.name not in fixed]


def choose_way(
    ways: Sequence[Sequence[str]],
    look_up: Callable[[str], Found | None],
    own: Container[Coefficient],
    *,
    is_own: bool = False,
) -> int | None:
    """Of ways, told by the coefficients that each needs, the first for which a class has every one; the first of all
    where it lacks some whatever the way.

    A number for the very thing that could be derived comes before its derivation where the study gives it, or where it
    is the class's own: the cover factor of paddy is 0, though dry land, for which cropland stands in, has a formula.
    With `is_own` a way must rest on one of the study's `own` rows, and there may be none.
    """
    best, most = None, -1
    found = {name: row for name in dict.fromkeys(chain.from_iterable(ways)) if (row := look_up(name)) is not None}
    for number, way in enumerate(ways):
        if not all(name in found for name in way):
            continue
        rows = {name: found[name] for name in way}
        if is_own and not any(row.row in own and row.matched != "any" for row in rows.values()):
            continue
        direct = [row for name, row in rows.items() if name in layer_kinds()]
        preferred = sum(row.row in own or row.matched in ("class", "parent class") for row in direct)
        if preferred > most:
            best, most = number, preferred
    return best if best is not None or is_own else 0
