"""A map that the run wrote, as a picture shows it: its cells, thinned out where there are many, and its classes with
their limits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling

from gep.account.account import Account
from gep.core.catalog import colour, named
from gep.core.errors import UsageError, failure
from gep.core.messages import Text, say
from gep.core.unit_names import unit_text
from gep.inputs.grids.files import READ_ERRORS, gdal

MOST_CELLS = 900
"""Cells on the longer side that a picture can show."""
CLASSES = 5
RISING = ("#fff7bc", "#c7e9b4", "#7fcdbb", "#2c8fb8", "#253494")
"""Light to dark, for colour-blind eyes too (after ColorBrewer YlGnBu)."""
FALLING = ("#8c510a", "#bf812d", "#dfc27d")
"""Of what is below zero, the lowest first (after ColorBrewer BrBG)."""


@dataclass(frozen=True)
class MapClass:
    """A class of a map: from and up to which number (one number where both are the same), its colour and its name."""

    low: float
    high: float
    colour: str
    name: Text


@dataclass(frozen=True, eq=False)
class RunMap:
    """A map of a run. `is_by_class` says that it has only a few numbers, one for each land class."""

    name: str
    title: Text
    unit: str
    crs: str
    bounds: tuple[float, float, float, float]
    cells: NDArray[np.float64]
    classes: tuple[MapClass, ...]
    services: tuple[str, ...] = ()
    is_by_class: bool = False
    is_of_types: bool = False
    """Whether its classes are those of the land, not of a number."""

    @property
    def is_flat(self) -> bool:
        return len(self.classes) == 1 and self.classes[0].low == self.classes[0].high

    @property
    def index(self) -> NDArray[np.int64]:
        """The class of every cell, counted from 0; -1 where a cell has no value."""
        edges = [c.low for c in self.classes]
        index = np.clip(np.searchsorted(edges, np.nan_to_num(self.cells), side="right") - 1, 0, len(edges) - 1)
        return np.where(np.isfinite(self.cells), index, -1)


def maps_folder(account: Account) -> Path | None:
    """Where the run that an account was read from has its maps."""
    folder = account.about.folder / "maps" if account.about.folder else None
    return folder if folder is not None and folder.is_dir() else None


def read_map(path: Path, account: Account) -> RunMap:
    """A map of the run with its classes. Raises UsageError for one that cannot be read."""
    try:
        return _read(path, account)
    except READ_ERRORS as error:
        raise UsageError(say("pictures.map_unreadable", file=path.name, reason=failure(error))) from error


def _read(path: Path, account: Account) -> RunMap:
    with gdal(), rasterio.open(path) as file:
        step = max(1.0, max(file.shape) / MOST_CELLS)
        shape = (max(1, round(file.height / step)), max(1, round(file.width / step)))
        cells = file.read(1, out_shape=shape, resampling=Resampling.nearest, masked=True).astype(np.float64)
        tags, unit = file.tags(), (file.units[0] or "1")
        title = Text(file.descriptions[0] or path.stem, tags.get("description_zh", file.descriptions[0] or path.stem))
        found = cells.filled(np.nan)
        services = tuple(name for name in tags.get("services", "").split(",") if name)
        is_of_types = any(key.startswith("class_") for key in tags)
        if is_of_types:
            classes, by_class = _named_classes(tags, found), False
        else:
            classes, by_class = _classes(found, unit, _most_values(account))
        crs = file.crs.to_wkt()
        bounds = tuple(file.bounds)
        return RunMap(path.stem, title, unit, crs, bounds, found, classes, services, by_class, is_of_types)


def _named_classes(tags: dict[str, str], cells: NDArray[np.float64]) -> tuple[MapClass, ...]:
    codes = np.unique(cells[np.isfinite(cells)]).astype(int)
    names = [(code, tags.get(f"class_{code}", str(code))) for code in codes.tolist()]
    return tuple(MapClass(code, code, colour(name), named(name)) for code, name in names)


def _most_values(account: Account) -> int:
    """How many different numbers a coefficient by zone and land class can give."""
    return len(account.areas())


def _classes(cells: NDArray[np.float64], unit: str, most: int) -> tuple[tuple[MapClass, ...], bool]:
    """The classes of a density, and whether its numbers are those of land classes."""
    values = cells[np.isfinite(cells)]
    different = np.unique(values)
    is_by_class = 0 < len(different) <= most and len(values) > 20 * len(different)
    if len(different) <= max(CLASSES, 8 if is_by_class else 0):
        names = unit_text(unit)
        colours = rising_colours([float(value) for value in different], [float(value) for value in different])
        return tuple(
            MapClass(float(v), float(v), c, Text(f"{digits(v)} {names}", f"{digits(v).zh} {names.zh}"))
            for v, c in zip(different.tolist(), colours, strict=True)
        ), is_by_class
    edges = limits(values, CLASSES)
    lows, highs = edges[:-1], edges[1:]
    colours = rising_colours(lows, highs)
    return tuple(
        MapClass(low, high, c, say("pictures.legend.to", low=digits(low), high=digits(high)))
        for low, high, c in zip(lows, highs, colours, strict=True)
    ), is_by_class


def limits(values: NDArray[np.float64], count: int) -> list[float]:
    """Rising limits of so many classes with about equally many values: rounded quantiles, zero among them where values
    lie on both sides of it. The outer ones enclose all values.
    """
    low, high = float(values.min()), float(values.max())
    inner = [rounded(float(q)) for q in np.quantile(values, np.arange(1, count) / count)]
    if low < 0 < high:
        nearest = min(range(len(inner)), key=lambda i: abs(inner[i]))
        inner[nearest] = 0.0
    kept = sorted({edge for edge in inner if low < edge < high})
    return [outward(low, down=True), *kept, outward(high, down=False)]


def rounded(number: float) -> float:
    """Two digits that count."""
    return float(f"{number:.2g}")


def outward(number: float, *, down: bool) -> float:
    """Three digits that count, away from the values."""
    if not number:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(number))) - 2)
    steps = number / unit
    return float(f"{(math.floor(steps) if down else math.ceil(steps)) * unit:.6g}")


def digits(number: float) -> Text:
    """A limit of a class, in Chinese without commas between thousands, as in tables."""
    shown = f"{number:,.4g}" if abs(number) < 1e4 else f"{number:,.0f}"
    return Text(shown, shown.replace(",", ""))


def rising_colours(lows: Sequence[float], highs: Sequence[float]) -> list[str]:
    """Colours of rising classes: brown below zero, yellow to blue above."""
    below = sum(high <= 0 and low < 0 for low, high in zip(lows, highs, strict=True))
    above = len(lows) - below
    return [*_spread(FALLING, below), *_spread(RISING, above)]


def _spread(colours: Sequence[str], count: int) -> list[str]:
    """So many colours of a row, from its one end to the other; the darkest but one of a single one."""
    if count == 1:
        return [colours[-2]]
    ends = np.array([tuple(bytes.fromhex(colour[1:])) for colour in colours], dtype=np.float64)
    at = np.linspace(0, len(colours) - 1, count)
    between = (np.interp(at, np.arange(len(colours)), ends[:, part]) for part in range(3))
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in np.rint(np.column_stack(list(between))).astype(int).tolist()]
