"""Values at the pieces of a square: each computed once, for the classes that need it, and forgotten after its last use.

What follows from the class alone is computed on the table of classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.engine.pieces import Part, Pieces
from gep.engine.readers import Readers
from gep.engine.steps import FlowSteps, Step, applied
from gep.inputs.grids.area import latitudes
from gep.inputs.grids.bilinear import Coarse, Sample
from gep.inputs.grids.grid import Square
from gep.plan.plan import Array, GridPlan
from gep.plan.wiring import CalendarInput, CellInput, Computed, LayerInput, TableInput


class Values:
    """Layers and steps of a plan at the pieces of one square."""

    def __init__(self, plan: GridPlan, readers: Readers, pieces: Pieces, square: Square) -> None:
        self.plan, self.readers, self.pieces, self.square = plan, readers, pieces, square
        self.steps = readers.steps
        self._samples: dict[str, Sample] = {}
        self._passing: str | None = None
        self._plain: dict[str, NDArray[Any] | None] = {}
        self._coarse: dict[str, Coarse] = {}
        self.held: dict[object, Array] = {}
        """The area of pieces in each source cell, by the key of the lattice."""
        self._present: dict[str, NDArray[np.bool_]] = {}
        self._is_full: dict[str, bool] = {}
        self._parts: dict[bytes, Part] = {}
        self._known: dict[int, Array] = {}

    def sample(self, name: str) -> Sample:
        """A layer on the square. Of those whose numbers lie in memory only the last is held: its place is the next
        one's, which is in the processor's cache.
        """
        if name not in self._samples:
            if self._passing is not None:
                del self._samples[self._passing]
            self._samples[name] = self.readers.layers[name].square(self.square)
            self._passing = None if self.plain(name) is None else name
        return self._samples[name]

    def plain(self, name: str) -> NDArray[Any] | None:
        """The numbers of the file at the cells of the square, where they lie in memory so."""
        if name not in self._plain:
            reader = self.readers.layers[name]
            self._plain[name] = reader.plain(self.square) if reader.is_at_hand(self.square) else None
        return self._plain[name]

    def coarse(self, name: str) -> Coarse:
        """The source cells around the square, of a layer that is interpolated."""
        if name not in self._coarse:
            self._coarse[name] = self.readers.layers[name].coarse(self.square)
        return self._coarse[name]

    def is_apart(self, name: str) -> bool:
        """Whether a layer is tested where its source cells lie, of which there are fewer: beside the compiled loop, if
        it is coarse and nowhere infinite.
        """
        if not (self.plan.is_compiled and self.readers.layers[name].is_coarse):
            return False
        coarse = self.coarse(name)
        return not (np.isinf(coarse.lowest).any() or np.isinf(coarse.highest).any())

    def area_of_sources(self, name: str) -> Array:
        """The area of the pieces that each source cell of a coarse layer holds."""
        key = self.readers.layers[name].lattice_key
        if key not in self.held:
            coarse = self.coarse(name)
            own = coarse.own(*np.divmod(self.pieces.cell, self.square.shape[1]))
            held = np.bincount(own, self.pieces.area, len(coarse.values))
            self.held[key] = held.astype(np.float64, copy=False)
        return self.held[key]

    def layer(self, name: str) -> Array:
        """A layer at all pieces."""
        return self.pieces.take(self.sample(name).values)

    def at_cells(self, name: str, cell: NDArray[np.intp]) -> Array:
        """A layer at some cells, by flat number: (n,) or with the months before."""
        reader = self.readers.layers[name]
        row, col = np.divmod(cell, self.square.shape[1])
        if name not in self._samples and reader.is_plain:
            return reader.layer.decode(reader.plain(self.square)[..., row, col])
        if name not in self._samples and reader.is_coarse and self.plan.is_compiled:
            return self.coarse(name).at(row, col)
        found = self.sample(name).values
        return found.reshape(*found.shape[:-2], -1)[..., cell]

    def present(self, name: str) -> NDArray[np.bool_]:
        """At which of all pieces a layer has a number, in every month."""
        if name not in self._present:
            field = self.sample(name).values
            self._present[name] = self.pieces.take(np.isfinite(field if field.ndim == 2 else field.sum(axis=0)))
        return self._present[name]

    def is_full(self, name: str) -> bool:
        """Whether a layer has a number at every piece."""
        if name not in self._is_full:
            self._is_full[name] = bool(self.present(name).all())
        return self._is_full[name]

    def part(self, classes: NDArray[np.bool_]) -> Part:
        """The pieces of some classes."""
        key = classes.tobytes()
        if key not in self._parts:
            self._parts[key] = Part(self.pieces, classes)
        return self._parts[key]

    def at(self, number: int, part: Part) -> Array:
        """A step at the pieces of a part, whose classes all need it."""
        return part.from_other(self._own(number), self.part(self.steps[number].classes))

    def density(self, steps: FlowSteps, part: Part) -> Array:
        """The density of a flow at the pieces of its classes; it means nothing where a layer is missing."""
        return np.broadcast_to(self.at(steps.density, part), (part.size,))

    def gaps(self, steps: FlowSteps) -> tuple[str, ...]:
        """The layers of a flow that are missing somewhere."""
        return tuple(name for name in steps.layers if not self.is_full(name))

    def has_all(self, layers: Sequence[str], part: Part) -> NDArray[np.bool_] | None:
        """At which pieces of a part layers have a number; None where that is all of them."""
        there = [self.present(name)[part.piece] for name in layers]
        return np.logical_and.reduce(there) if there else None

    def forget(self, flow: int) -> None:
        """Let go what no later flow needs."""
        for number in [number for number in self._known if self.steps[number].last <= flow]:
            del self._known[number]

    def _own(self, number: int) -> Array:
        """A step at the pieces of all classes that need it."""
        if number not in self._known:
            step = self.steps[number]
            part = self.part(step.classes)
            tables = self.readers.tables
            self._known[number] = part.of_table(tables[number]) if step.is_of_class else self._compute(step, part)
        return self._known[number]

    def _compute(self, step: Step, part: Part) -> Array:
        node = step.node
        if isinstance(node, LayerInput):
            return self._of_layer(node.name, part)
        if isinstance(node, TableInput):
            return self.plan.zone_values[node.name, node.unit][part.zone]
        if isinstance(node, CalendarInput):
            return self.plan.calendar[node.name]
        if isinstance(node, CellInput):
            return self.pieces.take(latitudes(self.plan.grid, self.square), part.cell)
        assert isinstance(node, Computed), "what follows from the class is on the table"
        return applied(node, [of.converted(self.at(of.step, part)) for of in step.arguments])

    def _of_layer(self, name: str, part: Part) -> Array:
        """A layer at the pieces of a part, decoded there if it is not held."""
        numbers = self.plain(name)
        if numbers is None:
            found = self.pieces.take(self.sample(name).values, part.cell)
            if name in self._present:  # so the field was tested, and nothing else is asked of it
                del self._samples[name]
            return found
        return self.readers.layers[name].layer.decode(numbers.ravel().take(part.cell))
