"""From the name of an argument to where its values come from.

For each argument of an equation: the layers and tables that are given, then quantities already computed, then derivations, then coefficients.
What cannot be found is reported together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gep.catalog import Derivation
from gep.equation import Equation
from gep.errors import did_you_mean

CLASS_ATTRIBUTES = ("is_vegetated",)
"""Arguments that are a property of the land class itself."""


@dataclass(frozen=True)
class LayerInput:
    """A given layer."""

    name: str


@dataclass(frozen=True)
class TableInput:
    """A table item with one number per zone."""

    name: str


@dataclass(frozen=True)
class ClassInput:
    """A coefficient, or another property of the land class: one number per class."""

    name: str
    unit: str


@dataclass(frozen=True)
class Computed:
    """The result of an equation; `derivation` where it stands for a layer that is not given."""

    equation: Equation
    inputs: tuple[Input, ...]
    derivation: Derivation | None = None

    @property
    def name(self) -> str:
        return self.derivation.makes if self.derivation else self.equation.name


Input = LayerInput | TableInput | ClassInput | Computed


@dataclass(frozen=True)
class Unfound:
    """An argument for which there is nothing, and what would supply it."""

    name: str
    unit: str
    detail: str


@dataclass(frozen=True)
class Wiring:
    """Where arguments may come from in one study."""

    layers: Sequence[str]
    items: Sequence[str]
    coefficients: Sequence[str]
    derivations: Sequence[Derivation]
    methods: Mapping[str, str]

    def connect(self, equation: Equation, renames: Mapping[str, str] | None = None) -> tuple[Computed | None, list[Unfound]]:
        """The equation with an input for every argument, or everything that is lacking."""
        return self._computed(equation, None, renames or {}, ())

    def _computed(
        self, equation: Equation, derivation: Derivation | None, renames: Mapping[str, str], making: tuple[str, ...]
    ) -> tuple[Computed | None, list[Unfound]]:
        inputs: list[Input] = []
        lacking: list[Unfound] = []
        for argument, unit in equation.units.items():
            found, missed = self._find(renames.get(argument, argument), unit, making)
            lacking.extend(missed)
            if found:
                inputs.append(found)
        return (None, lacking) if lacking else (Computed(equation, tuple(inputs), derivation), [])

    def _find(self, name: str, unit: str, making: tuple[str, ...]) -> tuple[Input | None, list[Unfound]]:
        if name in self.layers:
            return LayerInput(name), []
        if name in self.items:
            return TableInput(name), []
        if name in CLASS_ATTRIBUTES:
            return ClassInput(name, unit), []
        tried: list[str] = []
        for derivation in self._ways(name) if name not in making else ():
            computed, missed = self._computed(derivation.equation, derivation, {}, (*making, name))
            if computed:
                return computed, []
            tried.append(" and ".join(f"`{m.name}`" for m in missed))
        if name in self.coefficients:
            return ClassInput(name, unit), []
        detail = f"`{name}` ({unit}) is not given"
        if tried:
            detail += f", nor what it could be derived from ({'; or '.join(tried)})"
        hint = did_you_mean(name, (*self.layers, *self.items))
        return None, [Unfound(name, unit, f"{detail}. {hint}".rstrip())]

    def _ways(self, name: str) -> Iterator[Derivation]:
        """The derivations that may make a layer: those without a method, and the one that the switches choose."""
        for derivation in self.derivations:
            if derivation.makes == name and derivation.method in ("", self.methods.get(name, derivation.method)):
                yield derivation


def leaves(node: Input) -> Iterator[Input]:
    """The given inputs that a node rests on, each once, in order."""
    seen: dict[Input, None] = {}

    def walk(n: Input) -> None:
        if isinstance(n, Computed):
            for part in n.inputs:
                walk(part)
        else:
            seen.setdefault(n)

    walk(node)
    return iter(seen)


def derivations_of(node: Input) -> list[Derivation]:
    """The derivations that a node uses, each once."""
    found: dict[str, Derivation] = {}

    def walk(n: Input) -> None:
        if isinstance(n, Computed):
            if n.derivation:
                found.setdefault(n.derivation.equation.name, n.derivation)
            for part in n.inputs:
                walk(part)

    walk(node)
    return list(found.values())
