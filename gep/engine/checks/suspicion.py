"""Problems that say what would be right, with the inputs as they would then be: what an account would become can be
told from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace

from gep.core.errors import Problem
from gep.inputs.grids.area import horizontal
from gep.inputs.grids.layers import Layer
from gep.inputs.grids.transform import transformer
from gep.inputs.open import Inputs
from gep.inputs.tables import Statistic
from gep.standards.coefficients import Coefficient, Coefficients


@dataclass(frozen=True)
class Suspicion(Problem):
    """A problem that knows what would be right.

    `corrected` are the inputs if it is true. `is_strong` where what was found leaves hardly another explanation: it is
    then an error if figures would change by more than their data's tolerance.
    """

    corrected: Inputs = field(kw_only=True, compare=False, repr=False)
    is_strong: bool = field(default=False, kw_only=True, compare=False, repr=False)


def suspected(found: Problem, corrected: Inputs | None, *, is_strong: bool = False) -> Problem:
    """A problem with what would be right, where that is known."""
    if corrected is None:
        return found
    said = {each.name: getattr(found, each.name) for each in fields(Problem)}
    return Suspicion(**said, corrected=corrected, is_strong=is_strong)


# what would be right --------------------------------------------------------------------------------------------------


def scaled(inputs: Inputs, name: str, factor: float | None, shift: float = 0.0) -> Inputs | None:
    """The inputs with the values of a layer times a factor, plus a shift; None where no factor is known, or the layer
    is none of theirs.
    """
    if factor is None:
        return None
    times = factor
    return _with_layer(
        inputs,
        name,
        lambda layer: replace(
            layer,
            scale=layer.scale * times,
            offset=layer.offset * times + shift,
            by_field=tuple((scale * times, offset * times + shift) for scale, offset in layer.by_field),
        ),
    )


NEAR = 0.1
"""Share of its height by which the middle of a layer may lie beside that of the area and the two still be turned
alike."""


def turned(inputs: Inputs, name: str) -> Inputs | None:
    """The inputs with the rows of a layer (or of the land cover) read from south to north; None where the layer reaches
    so much further than the area that other land would come to lie there.
    """
    layer, grid = inputs.land_cover if name == "land_cover" else inputs.layers.get(name), inputs.grid
    if layer is None or grid is None:
        return None
    _, south, _, north = layer.lattice.bounds
    to_layer = transformer(horizontal(grid.crs), horizontal(layer.crs))
    _, least, _, most = to_layer.transform_bounds(*grid.bounds)
    if abs((south + north) - (least + most)) / 2 > NEAR * (most - least):
        return None

    def turn(layer: Layer) -> Layer:
        return replace(layer, header=replace(layer.header, flip_rows=not layer.header.flip_rows))

    return replace(inputs, land_cover=turn(layer)) if name == "land_cover" else _with_layer(inputs, name, turn)


def exchanged(inputs: Inputs, one: tuple[str, str], other: tuple[str, str]) -> Inputs:
    """The inputs with the codes of two ecosystems exchanged: those of each are of a class of the other."""
    to = {one[0]: other, other[0]: one}
    classes = {code: to.get(pair[0], pair) for code, pair in inputs.scheme.classes.items()}
    return replace(inputs, scheme=replace(inputs.scheme, classes=classes))


def with_value(inputs: Inputs, row: Coefficient, value: float) -> Inputs:
    """The inputs with another number in a row of the study's own coefficients."""
    own, *others = inputs.coefficients.tables
    tables = [tuple(replace(each, value=value) if each == row else each for each in own), *others]
    return replace(inputs, coefficients=Coefficients(tables))


def with_figures(inputs: Inputs, rows: Iterable[Statistic], factor: float) -> Inputs:
    """The inputs with some rows of the tables times a factor."""
    chosen = set(rows)
    figures = tuple(
        replace(row, value=row.value * factor) if row in chosen and row.value is not None else row
        for row in inputs.statistics
    )
    return replace(inputs, statistics=figures)


def _with_layer(inputs: Inputs, name: str, change: Callable[[Layer], Layer]) -> Inputs | None:
    layer = inputs.layers.get(name)
    return None if layer is None else replace(inputs, layers={**inputs.layers, name: change(layer)})
