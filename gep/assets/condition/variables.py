"""Condition variables between reference levels, and indices of them (SEEA EA, table T12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gep.assets.condition.tables import CONDITION_CLASSES
from gep.assets.figures import Figure, is_whole, made, total
from gep.assets.kinds import kind_of, unknown_kind
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.stocks.condition import condition_indicator, converted_share, weighted_part

Asset = tuple[str, str]
"""Zone and ecosystem; the zone empty for the whole area."""


@dataclass(frozen=True)
class Variable:
    """A condition variable of an ecosystem with its indicators at both ends."""

    asset: Asset
    condition_class: str
    name: str
    unit: str
    row: Row
    opening: Figure
    closing: Figure


def variables_of(rows: Sequence[Row]) -> tuple[list[Variable], list[Problem]]:
    """The variables of a table, and everything that is wrong with it."""
    found: list[Variable] = []
    problems: list[Problem] = []
    seen: dict[tuple[Asset, str], Row] = {}
    for row in rows:
        asset, name = (row.text("zone"), row.text("ecosystem")), row.text("variable")
        kind = kind_of(row.text("condition_class"), CONDITION_CLASSES)
        low, high = row.figure("reference_low"), row.figure("reference_high")
        if not kind:
            problems.append(unknown_kind("condition_class", row.text("condition_class"), CONDITION_CLASSES, row.place))
        elif (asset, name) in seen:
            problems.append(problem("condition.K61.twice", name, place=row.place, first=seen[asset, name].place))
        elif low.value == high.value:
            problems.append(problem("condition.K61.no_span", name, place=row.place, found=f"{low.value:g}"))
        else:
            indicators = [
                made(condition_indicator, condition_value=row.figure(end), reference_low=low, reference_high=high)
                for end in ("opening", "closing")
            ]
            found.append(Variable(asset, kind, name, row.text("variable_unit"), row, *indicators))
        seen.setdefault((asset, name), row)
    return found, problems if problems else list(_wrong_weights(found))


def by_asset(variables: Sequence[Variable]) -> Mapping[Asset, list[Variable]]:
    """The variables of each ecosystem of a zone."""
    found: dict[Asset, list[Variable]] = {}
    for variable in variables:
        found.setdefault(variable.asset, []).append(variable)
    return found


def _wrong_weights(variables: Sequence[Variable]) -> Iterator[Problem]:
    """Weights of an ecosystem that do not add up to 1, and areas that differ from row to row."""
    for asset, found in by_asset(variables).items():
        name = " / ".join(part for part in asset if part)
        weights = total([variable.row.figure("weight") for variable in found], "1")
        if not is_whole(weights.value):
            yield problem("condition.K61.weights", name, place=found[0].row.place, found=f"{weights.value:g}")
        if len({variable.row.figure("area").value for variable in found}) > 1:
            yield problem("condition.K61.areas", name, place=found[0].row.place)


def index_of(variables: Sequence[Variable], end: str) -> Figure:
    """The condition index of an ecosystem at one end: indicators by their weights."""
    parts = [
        made(weighted_part, index_part=getattr(variable, end), part_weight=variable.row.figure("weight"))
        for variable in variables
    ]
    return total(parts, "1")


def index_of_area(assets: Mapping[Asset, Sequence[Variable]], end: str) -> Figure | None:
    """The index of several ecosystems: theirs, weighted by area; None where they have none."""
    areas = {asset: found[0].row.figure("area") for asset, found in assets.items()}
    whole = total(list(areas.values()), "km^2")
    if not whole.value:
        return None
    parts = [
        made(
            weighted_part,
            index_part=index_of(found, end),
            part_weight=made(converted_share, converted_area=areas[asset], whole_area=whole),
        )
        for asset, found in assets.items()
    ]
    return total(parts, "1")
