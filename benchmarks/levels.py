"""How large and how often: what a small run, the usual one and the full one measure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """Cells along a side of the grids, how often what alternates is repeated, what is left out.

    `middle` and `large` stand for the 4 and the 25 million cells of the targets; `growth` are the sizes between which
    memory and time grow, `city` how often the sample city is laid side by side, in both directions.
    """

    name: str
    middle: int
    large: int
    growth: tuple[int, ...]
    city: int
    zones: tuple[int, ...] = (1, 13, 100, 3000)
    repeats: int = 2
    repeats_of_large: int = 1
    starts: int = 5
    has_processes: bool = True
    """Whether whole processes are measured."""
    is_apart: bool = True
    """Whether what alternates does so in a process of its own."""
    may_compile: bool = True
    """Whether the compiled loop is measured too: compiling one takes some seconds, once."""

    @property
    def is_of_targets(self) -> bool:
        """Whether the sizes are those that the targets are about."""
        return (self.middle, self.large) == (2000, 5000)


LEVELS = {
    level.name: level
    for level in (
        Level(
            "tiny",
            160,
            220,
            (160, 220),
            1,
            zones=(1, 13, 20),
            repeats=1,
            has_processes=False,
            is_apart=False,
            may_compile=False,
        ),
        Level(
            "small",
            500,
            1000,
            (500, 1000),
            1,
            zones=(1, 13, 100),
            repeats=1,
            starts=1,
            is_apart=False,
            may_compile=False,
        ),
        Level("usual", 2000, 5000, (1000, 2000, 5000), 2),
        Level("full", 2000, 5000, (1000, 2000, 5000, 10_000), 4, repeats=3, repeats_of_large=2),
        Level("large", 2000, 5000, (1000, 2000, 5000, 10_000, 20_000), 4, repeats=3, repeats_of_large=2),
    )
}
