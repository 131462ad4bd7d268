"""How sure layers, tables and numbers are: the part `[uncertainty]` of a project file. It changes no figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pydantic import Field

from gep.core.catalog import layer_kinds
from gep.core.errors import Problem, problem
from gep.inputs.correlated import Correlation, can_be, contradiction, matrix_of
from gep.inputs.items import item_units, product_services
from gep.inputs.schema import Section


class ErrorTable(Section):
    """How sure the values of a layer or the figures of an item are: one standard uncertainty of all of them."""

    relative_error: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="Standard uncertainty as a share of the value."
    )
    standard_error: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="Standard uncertainty in the unit of the values."
    )


class CorrelationTable(Section):
    """Numbers that are wrong together."""

    numbers: list[str] = Field(
        min_length=2,
        description="Their names as `gep uncertainty` has them: `runoff_coefficient[forest/mixed]`, "
        "`layers.precipitation`, `tables.crop_products`. Each two of them have this correlation.",
    )
    rho: float = Field(
        ge=-1,
        le=1,
        allow_inf_nan=False,
        description="1 for numbers that are wrong by the same, 0 for independent.",
    )


class UncertaintyTable(Section):
    """How sure layers and tables are. It changes no figure: `gep uncertainty` says what follows for the account."""

    layers: dict[str, ErrorTable] = Field(default_factory=dict, description="By the name of the layer.")
    tables: dict[str, ErrorTable] = Field(
        default_factory=dict,
        description="By item (`crop_products/wheat`), or by what its parts have in common; with `:price` of prices.",
    )
    confusion: str = Field(
        default="",
        description="Table (mapped, reference, count) of points that the land cover has as one class, by what they "
        "are on the ground.",
    )
    correlations: list[CorrelationTable] = Field(
        default_factory=list, description="Numbers that are wrong together; all others are independent."
    )


def correlations_of(uncertainty: UncertaintyTable) -> tuple[Correlation, ...]:
    """The correlations that a project says."""
    return tuple(Correlation(tuple(table.numbers), table.rho) for table in uncertainty.correlations)


def check_sureness(
    uncertainty: UncertaintyTable, unknown: Callable[[str, str, str, Sequence[str]], Problem]
) -> Iterator[Problem]:
    """That what is said to be uncertain exists, how uncertain it is is said in one way, and correlations can be.
    `unknown` words a name that does not exist.
    """
    items = sorted({*item_units(), *product_services()})
    for kind, errors, known in (
        ("layers", uncertainty.layers, [name for name in layer_kinds() if name != "land_cover"]),
        ("tables", uncertainty.tables, items),
    ):
        for name, table in errors.items():
            key = f"uncertainty.{kind}.{name}"
            base = name.removesuffix(":price").partition("/")[0] if kind == "tables" else name
            if base not in known:
                message = "inputs.P02.no_such_layer" if kind == "layers" else "inputs.P02.no_such_item"
                yield unknown(message, key, name, known)
            elif (table.relative_error is None) == (table.standard_error is None):
                yield problem("inputs.P02.one_error", key)
    given = correlations_of(uncertainty)
    if pair := contradiction(given):
        yield problem("inputs.P02.two_correlations", "uncertainty.correlations", first=pair[0], second=pair[1])
    else:
        names = sorted({name for numbers, _ in given for name in numbers})
        if names and not can_be(matrix_of(names, given)):
            yield problem("inputs.P02.no_correlations", "uncertainty.correlations", found=", ".join(names))
