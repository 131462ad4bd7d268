"""The documents of the steps by which a figure is worked out (a contract: `gep explain --json`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from gep.account.arithmetic import ArithmeticLine
from gep.account.record import (
    DerivationRecord,
    EquationRecord,
    NumberRecord,
    ProductRecord,
    RowRecord,
    StatisticRecord,
)


class InputFile(TypedDict("_From", {"from": list[str]}, total=False), total=False):
    """What the run record says of the file of a layer, or of the layers that it was made from."""

    file: str
    variable: str
    period: str
    resampling: str
    sha256: str


class Argument(TypedDict):
    """A number that an equation on cells takes: the mean of a layer, of another equation, of a row or of a table."""

    argument: str
    unit: str
    kind: str
    name: str
    value: float | None
    sum: NotRequired[float | None]
    layer_unit: NotRequired[str]
    made_by: NotRequired[list[str]]
    input: NotRequired[InputFile]
    row: NotRequired[str | None]
    matched: NotRequired[str | None]
    statistic: NotRequired[StatisticRecord | None]


class Where(TypedDict):
    """The component and the class that something is of."""

    component: str
    ecosystem: str
    land_class: str


class InputStep(Where, Argument):
    """An argument, and the figure that it is behind."""


class Gap(TypedDict):
    """What is between an equation at the means of its arguments and its own mean, and why."""

    value: float
    due_to: str


class EquationStep(TypedDict):
    """An equation behind a density, at the means of its arguments and by its own mean."""

    name: str
    equation: str
    unit: str
    derivation: DerivationRecord | None
    arguments: list[Argument]
    at_means: float | None
    mean: float | None
    difference: Gap | None


class RuleStep(TypedDict):
    """What a rule on totals changes of a figure."""

    rule: str
    quantity: float | None
    lines: list[ArithmeticLine]
    value: NotRequired[float | None]
    unit: NotRequired[str]
    area: NotRequired[float]
    limit: NotRequired[float]
    capacity: NotRequired[float]
    total: NotRequired[float]
    kept: NotRequired[float]
    statistic: NotRequired[StatisticRecord]
    statistics: NotRequired[list[Any]]


class RuleOfFigure(Where, RuleStep):
    """A rule on totals, and the figure that it changes."""


class UnitStep(TypedDict):
    """An accounting unit and what it gives; of its record what the equation takes."""

    name: str
    extent: float
    quantity: float | None
    statistics: list[StatisticRecord]
    lacking: list[str]
    arguments: Mapping[str, NumberRecord]
    share: float


class Measured(TypedDict):
    """A number with its unit, and the equation that gives it."""

    value: float | None
    unit: str
    equation: NotRequired[str | None]


class AreaOfCells(TypedDict):
    """The land that counts, and on what part of it all inputs are there."""

    total: float
    valid: float
    unit: str
    cells: float
    missing_share: float | None


class Density(TypedDict):
    """The mean of a density, and its integral over the land."""

    mean: float
    unit: str
    integral: float


class CitedRow(RowRecord):
    """A row of the coefficients with its id and its document."""

    id: str
    document: Mapping[str, Any]


class UsedRow(CitedRow):
    """A row behind the figure, and how each class that took it found it."""

    matched: dict[str, str]


class CitedNumber(NumberRecord):
    """A number that a price is made of, with the row that it was read in."""

    coefficient: NotRequired[CitedRow]


class PriceStep(TypedDict):
    """A price with all that it is made of, its rows with their documents, and the index that moved them."""

    component: str
    unit: str
    equation: str | None
    amount: float
    factor: float
    price_year: int | None
    numbers: dict[str, CitedNumber]
    index: str
    to_year: int | None


class Worked(TypedDict):
    """How a figure is worked out: what it is made of, by its kind (`cells`, `units`, `product`, from outside)."""

    kind: str
    lines: list[ArithmeticLine]
    passes: list[RuleStep]
    area: NotRequired[AreaOfCells]
    equations: NotRequired[list[EquationStep]]
    density: NotRequired[Density]
    per: NotRequired[str]
    extent: NotRequired[str]
    extent_unit: NotRequired[str]
    equation: NotRequired[str | None]
    units: NotRequired[list[UnitStep]]
    others: NotRequired[int]
    products: NotRequired[list[ProductRecord]]
    net: NotRequired[str | None]


class Step(Worked):
    """A figure of a component and a class, how it is worked out, its prices, and why it is empty where it is."""

    service: str
    component: str
    ecosystem: str
    land_class: str
    zones: list[str]
    quantity: Measured | None
    value: Measured | None
    counted: bool
    data_coverage: float | None
    status: str
    method: str
    clause: str
    prices: list[PriceStep]
    why_empty: str


class Formula(EquationRecord):
    """An equation behind the figure, with its words in both languages."""

    name: str
