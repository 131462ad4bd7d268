"""The numbers of a ledger on draws, and which of them a figure asks for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gep.account.record import Ledger, NumberRecord, StatisticRecord
from gep.account.uncertain.fields import Field
from gep.account.uncertain.variables import Variable
from gep.core.units import linear
from gep.inputs.correlated import LAND, LAYER, OF_PRICE, TABLE, land_name

Array = NDArray[np.float64]
Number = Array | float
"""On all draws, or the same on all of them."""

EXACT = "gep-conventions"
"""The source of what is true by definition: such numbers have no uncertainty."""


class Numbers:
    """Rows, statistics and layers of a run where some of them are drawn. What was asked for is kept in `asked`, by the
    names that variables have.
    """

    def __init__(self, ledger: Ledger, variables: Mapping[str, Variable], drawn: Mapping[str, Array]) -> None:
        self.ledger, self.variables, self.drawn = ledger, variables, drawn
        self.asked: dict[str, None] = {}
        self.beside: Mapping[str, Array] = {}
        """Draws that hold for prices alone: of rows for which the cells were computed again."""

    def row(self, name: str) -> Number:
        """The value of a row of coefficients, in its unit."""
        row = self.ledger["coefficients"][name]
        if row["source"] != EXACT:
            self.asked[name] = None
        return self.drawn.get(name, row["value"])

    def of_class(self, name: str, unit: str, cell: str) -> Number | None:
        """A coefficient of a class in the unit of an equation; None where it has none."""
        found = self.ledger["class_rows"].get(name, {}).get(cell)
        value = self.ledger["class_values"][name][unit].get(cell)
        if found is None or value is None:
            return value
        if found["row"] not in self.drawn:
            self.row(found["row"])
            return value
        scale, offset = linear(self.ledger["coefficients"][found["row"]]["unit"], unit)
        return self.row(found["row"]) * scale + offset

    def number(self, about: NumberRecord) -> Number:
        """A number that an equation or a price takes."""
        if "row" in about:
            value = self.row(about["row"])
            return value * about["index_factor"] * about["scale"] if about["row"] in self.drawn else about["amount"]
        if "item" in about:
            return about["amount"] * self.error_of(about)
        return about["amount"]

    def statistic(self, row: StatisticRecord) -> Number:
        """A figure of the tables in the unit of its use, at the prices of the account."""
        return row["printed"] * row["to_unit"] * row["index_factor"] * self.error_of(row)

    def error_of(self, row: StatisticRecord | NumberRecord) -> Number:
        """What a figure of an item is multiplied by on the draws: of the item, or of what its parts have in common.
        Prices have an error of their own, so that none counts twice in quantity times price.
        """
        item, printed = row["item"], row["printed"]
        ending = OF_PRICE if row.get("measure") == "price" else ""
        name, common = (f"{TABLE}{of}{ending}" for of in (item, item.partition("/")[0]))
        if name not in self.variables and common in self.variables:
            name = common
        self.asked[name] = None
        if name not in self.drawn:
            return 1.0
        if not self.variables[name].is_shift:
            return self.drawn[name]
        return 1.0 + self.drawn[name] / printed if printed else 1.0

    def land(self, ecosystem: str, land_class: str) -> Number:
        """What the area of a class is multiplied by on the draws; 1 where nothing is known of it."""
        names = (land_name(f"{ecosystem}/{land_class}"), land_name(ecosystem))
        name = next((name for name in names if name in self.variables), LAND)
        self.asked[name] = None
        return self.drawn.get(name, 1.0)

    def layer(self, name: str, mean: float | None) -> Field:
        """The cells of a layer with a mean."""
        self.asked[LAYER + name] = None
        field = Field(np.ones(1), None if mean is None else np.array([mean]))
        if LAYER + name not in self.drawn:
            return field
        by = self.drawn[LAYER + name]
        made: Field = field + by if self.variables[LAYER + name].is_shift else field * by
        return made
