"""The open layers of one thread."""

from __future__ import annotations

from gep.engine.sample import chosen_squares
from gep.engine.steps import ClassTables, Steps
from gep.inputs.grids.align import resampling_for
from gep.inputs.grids.grid import Square
from gep.inputs.grids.reader import Reader, Shared
from gep.inputs.grids.together import load_together
from gep.plan.plan import GridPlan


class Readers:
    """The open layers of one thread, and the steps of the plan. Those of several plans have a `shared` in common."""

    def __init__(self, plan: GridPlan, shared: Shared | None = None) -> None:
        shared = Shared() if shared is None else shared
        self.land_cover = Reader(plan.land_cover, plan.grid, shared)
        self.has_shares = resampling_for(plan.land_cover, plan.grid) == "shares"
        self.layers = {name: Reader(layer, plan.grid, shared) for name, layer in {**plan.layers, **plan.beside}.items()}
        self._used = [self.land_cover, *(self.layers[name] for name in plan.layers)]
        self.chosen = frozenset(chosen_squares(plan.grid, plan.zones)) if plan.beside else frozenset()
        self.steps = Steps(plan)
        self.tables = ClassTables(plan, self.steps)

    def load(self, window: Square) -> None:
        """Decode what lies on the grid's own lattice once for the whole window."""
        load_together(self._used, window)

    def let_go(self) -> None:
        """Let go of what the window held and no other reader asks for."""
        for reader in self._used:
            reader.let_go()
