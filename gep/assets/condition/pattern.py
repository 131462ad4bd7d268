"""Land that changed its class (HJ 1171-2021, HJ 1175-2021): areas at both ends, shares of what left and what came, how
fast, beside all land. Rows add up to opening areas and columns to closing ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gep.assets.figures import Figure, made, total
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.stocks.condition import change_of_extent, converted_share, dynamic_degree, transfer_intensity


@dataclass(frozen=True)
class Pattern:
    """What became what, by class before and after."""

    moves: Mapping[tuple[str, str], Figure]

    @property
    def classes(self) -> list[str]:
        """The classes, in the order in which they first appear."""
        return list(dict.fromkeys(name for pair in self.moves for name in pair))

    def opening(self, name: str) -> Figure:
        """The area of a class at the start: the total of its row."""
        return total([area for (before, _), area in self.moves.items() if before == name], "km^2")

    def closing(self, name: str) -> Figure:
        """The area of a class at the end: the total of its column."""
        return total([area for (_, after), area in self.moves.items() if after == name], "km^2")

    def left(self, name: str) -> Figure:
        """What left a class."""
        return total([area for (one, other), area in self.moves.items() if one == name != other], "km^2")

    def came(self, name: str) -> Figure:
        """What came to a class."""
        return total([area for (one, other), area in self.moves.items() if other == name != one], "km^2")

    @property
    def whole(self) -> Figure:
        """All land."""
        return total(list(self.moves.values()), "km^2")

    @property
    def converted(self) -> Figure:
        """Land that changed its class."""
        return total([area for (one, other), area in self.moves.items() if one != other], "km^2")

    def change(self, name: str) -> Figure | None:
        """E_V: by how much the area of a class changed; None where it had none."""
        opening = self.opening(name)
        if not opening.value:
            return None
        return made(change_of_extent, opening_area=opening, closing_area=self.closing(name))

    def degree(self, name: str, years: Figure) -> Figure | None:
        """How fast it did."""
        change = self.change(name)
        return None if change is None else made(dynamic_degree, change_of_area=change, period=years)

    def share_left(self, name: str) -> Figure | None:
        """Which share of a class left it."""
        opening = self.opening(name)
        return made(converted_share, converted_area=self.left(name), whole_area=opening) if opening.value else None

    @property
    def comprehensive(self) -> Figure | None:
        """EC: which share of all land changed its class; None where there is no land."""
        if not self.whole.value:
            return None
        return made(converted_share, converted_area=self.converted, whole_area=self.whole)

    def intensity(self, name: str) -> Figure | None:
        """How much of a class left it beside how much of all land changed; None where either has none."""
        share, of_all = self.share_left(name), self.comprehensive
        if share is None or of_all is None or not of_all.value:
            return None
        return made(transfer_intensity, share_of_class=share, share_of_all=of_all)

    def went(self, before: str, after: str) -> Figure | None:
        """A: which share of a class became of another."""
        return self._share(before, after, self.opening(before))

    def comes(self, before: str, after: str) -> Figure | None:
        """B: which share of a class was of another before."""
        return self._share(before, after, self.closing(after))

    def _share(self, before: str, after: str, whole: Figure) -> Figure | None:
        area = self.moves.get((before, after))
        if area is None or not whole.value:
            return None
        return made(converted_share, converted_area=area, whole_area=whole)


def pattern_of(rows: Sequence[Row]) -> tuple[Pattern, list[Problem]]:
    """The matrix of a table, and everything that is wrong with it."""
    moves: dict[tuple[str, str], Figure] = {}
    problems: list[Problem] = []
    seen: dict[tuple[str, str], Row] = {}
    for row in rows:
        pair = (row.text("from_type"), row.text("to_type"))
        if pair in seen:
            problems.append(problem("condition.K63.twice", " → ".join(pair), place=row.place, first=seen[pair].place))
            continue
        seen[pair] = row
        moves[pair] = row.figure("area")
    return Pattern(moves), problems
