"""Maps of what is summed: the density of every flow, cell by cell, by the code that the sums use, and the same in
money.

A quantity map holds the density in the unit that its equation declares, a value map the money per hectare of all priced
components of a service together, at the price of the class. They lie cell for cell on the grid of the study. A cell
that several zones or classes share takes the value of its largest piece, so that along borders the integral of a map
differs from the account; elsewhere they agree. Rules on totals (caps at emissions, negative totals counted as zero)
have no place on a map: a tag says so, and what emissions limit is drawn as a capacity and never in money. Nor have
figures of zones and features, like lakes and visits. No data is where the outline does not reach, where the class is
not counted, and where an input is missing; in a value map, where that holds of every component.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import RasterioError

from gep.core.catalog import MEASURES, Measure, colour, ecosystem_ids, service_ids
from gep.core.errors import UsageError, failure
from gep.core.folders import atomic_folder
from gep.core.messages import say
from gep.engine.cog import make_cog
from gep.engine.drawn import ALL_VALUES, ECOSYSTEMS, Map, Part, maps_of, numbers_at, plan_of_maps
from gep.engine.pieces import Pieces
from gep.engine.readers import Readers
from gep.engine.run import Progress
from gep.engine.values import Values
from gep.engine.windows import MEMORY, Reading, around, check_window, choose_reading
from gep.inputs.grids.files import gdal
from gep.inputs.grids.grid import SQUARE, Grid, Square
from gep.inputs.open import Inputs
from gep.plan.plan import GridPlan
from gep.plan.planner import StudyPlan

Array = NDArray[np.float64]
Picture = NDArray[np.float32] | NDArray[np.uint8]
FORMAT: Mapping[str, Any] = {
    "driver": "GTiff",
    "dtype": "float32",
    "count": 1,
    "nodata": float("nan"),
    "tiled": True,
    "blockxsize": SQUARE,
    "blockysize": SQUARE,
    "compress": "zstd",
    "zstd_level": 1,
    "predictor": 2,
    "bigtiff": "if_safer",
}
"""Tiles are written once, whole, in their order in the file: so no space is lost, and the bytes do not depend on who
computed them.
"""


def write_maps(
    study_plan: StudyPlan,
    inputs: Inputs,
    folder: Path,
    *,
    what: Sequence[Measure] = MEASURES,
    services: Sequence[str] | None = None,
    threads: int = 1,
    window: int | None = None,
    memory: float = MEMORY,
    progress: Progress | None = None,
    run_id: str = "",
    cog: bool = False,
) -> list[Path]:
    """Write `<service>.<component>.tif` and, under a monetary profile, `<service>.value.tif` for every service that has
    a density, or for some. Where none are chosen also `ecosystems.tif`, and `services.value.tif`, the sum of values.

    A map without any value is left out. The folder appears whole or not at all, and replaces an earlier one of maps;
    one that holds anything else is refused. Neither threads nor window (columns read at once, chosen from the megabytes
    of `memory` if not given) change a byte. With `cog` each map is written anew as cloud-optimised GeoTIFF once it is
    complete.
    """
    _check_folder(folder)
    maps = maps_of(study_plan, inputs, what, services, run_id)
    plan = plan_of_maps(study_plan.plan, maps)
    try:
        if window is None:
            reading = choose_reading(plan, threads, memory, in_rows_of_squares=True)
        else:
            reading = Reading(threads, SQUARE, window)
        with atomic_folder(folder) as fresh:
            written = _draw_all(plan, maps, fresh, reading, progress)
            for name in written if cog else ():
                ordered = fresh / f"{name}.cog"
                is_of_classes = name == f"{ECOSYSTEMS}.tif"
                make_cog(fresh / name, ordered, is_of_classes=is_of_classes, threads=reading.threads)
                ordered.replace(fresh / name)
    except (OSError, RasterioError) as error:
        reason = failure(error)
        raise UsageError(say("engine.folder_not_writable", folder=folder, reason=reason)) from error
    return [folder.absolute() / name for name in written]


def _check_folder(folder: Path) -> None:
    """Refuse to replace anything but maps."""
    known = {ECOSYSTEMS, ALL_VALUES.partition(".")[0], *service_ids()}
    if folder.is_dir():
        others = sorted(p.name for p in folder.iterdir() if p.suffix != ".tif" or p.name.partition(".")[0] not in known)
        if others:
            raise UsageError(say("engine.folder_of_others", folder=folder, names=others[:5]))
    elif folder.exists():
        raise UsageError(say("engine.folder_is_file", folder=folder))


# drawing --------------------------------------------------------------------------------------------------------------


def _tiles(grid: Grid, window: int) -> list[list[Square]]:
    """The tiles of a file in their order, grouped by what is read at once: some neighbours in a row of tiles."""
    check_window(window)
    groups = []
    for row in range(grid.row0, grid.row1, SQUARE):
        for start in range(grid.col0, grid.col1, window):
            columns = range(start, min(start + window, grid.col1), SQUARE)
            groups.append(
                [Square(row, min(row + SQUARE, grid.row1), col, min(col + SQUARE, grid.col1)) for col in columns]
            )
    return groups


def _draw_all(
    plan: GridPlan, maps: Sequence[Map], folder: Path, reading: Reading, progress: Progress | None
) -> list[str]:
    """One pass over the grid: tiles are computed in threads and written by this one, in order."""
    local = threading.local()
    threads, tasks = reading.threads, _tiles(plan.grid, reading.cols) if maps else []
    has_value = np.zeros(len(maps), dtype=bool)

    def work(tiles: list[Square]) -> list[tuple[Square, list[Picture]]]:
        if not hasattr(local, "readers"):
            local.readers = Readers(plan)
        local.readers.load(around(tiles))
        return [(tile, _draw(plan, local.readers, maps, tile)) for tile in tiles]

    with ExitStack() as stack:
        stack.enter_context(gdal())
        files = [stack.enter_context(_create(plan.grid, made, folder)) for made in maps]
        pool = stack.enter_context(ThreadPoolExecutor(max(1, threads)))
        stack.callback(pool.shutdown, cancel_futures=True)
        waiting: deque[Future[list[tuple[Square, list[Picture]]]]] = deque()
        for done in range(1, len(tasks) + 1):
            while len(waiting) <= threads and done + len(waiting) <= len(tasks):
                waiting.append(pool.submit(work, tasks[done + len(waiting) - 1]))
            for tile, pictures in waiting.popleft().result():
                at = (
                    (tile.row0 - plan.grid.row0, tile.row1 - plan.grid.row0),
                    (tile.col0 - plan.grid.col0, tile.col1 - plan.grid.col0),
                )
                for position, (file, picture) in enumerate(zip(files, pictures, strict=True)):
                    file.write(picture, 1, window=at)
                    if not has_value[position]:
                        is_there = picture > 0 if picture.dtype == np.uint8 else np.isfinite(picture)
                        has_value[position] = is_there.any()
            if progress:
                progress(done, len(tasks), "")
    names = [f"{made.name}.tif" for made in maps]
    written = [name for name, is_kept in zip(names, has_value, strict=True) if is_kept]
    for name in set(names) - set(written):
        (folder / name).unlink()
    return written


def _create(grid: Grid, made: Map, folder: Path) -> Any:
    """The open file of a map, with all that it says of itself."""
    height, width = grid.shape
    transform = Affine(*grid.square_transform(Square(grid.row0, grid.row1, grid.col0, grid.col1)))
    crs = rasterio.crs.CRS.from_wkt(grid.crs.to_wkt())
    form = {**FORMAT, "dtype": "uint8", "nodata": 0, "predictor": 1} if made.is_of_classes else FORMAT
    file = rasterio.open(
        folder / f"{made.name}.tif", "w", height=height, width=width, crs=crs, transform=transform, **form
    )
    if made.is_of_classes:
        file.write_colormap(1, {code: _rgb(colour(name)) for code, name in enumerate(ecosystem_ids(), start=1)})
    file.units = (made.unit,)
    file.set_band_description(1, str(made.description))
    file.update_tags(
        **{key: text for key, text in made.tags.items() if text}, unit=made.unit, description_zh=made.description.zh
    )
    return file


def _rgb(text: str) -> tuple[int, ...]:
    """A colour `#RRGGBB` as three numbers."""
    return tuple(bytes.fromhex(text[1:]))


def _draw(plan: GridPlan, readers: Readers, maps: Sequence[Map], tile: Square) -> list[Picture]:
    """The maps of one tile, each cell by its largest piece."""
    pictures: list[Picture] = [
        np.zeros(tile.shape, np.uint8) if made.is_of_classes else np.full(tile.shape, np.nan, dtype=np.float32)
        for made in maps
    ]
    pieces = Pieces.of_square(plan, readers, tile)
    if not len(pieces.cell):
        return pictures
    if len(pieces.cell) > tile.shape[0] * tile.shape[1] or (np.diff(pieces.cell) <= 0).any():
        pieces = pieces.some(_largest(pieces))
    values = Values(plan, readers, pieces, tile)
    complete: dict[tuple[str, ...], NDArray[np.bool_]] = {}
    known: dict[Part, Array] = {}

    def numbers(part: Part) -> Array:
        """What a part shows at the pieces of its classes: NaN where nothing."""
        if part not in known:
            known[part] = numbers_at(values, part, complete)
        return known[part]

    with np.errstate(all="ignore"):
        for made, picture in zip(maps, pictures, strict=True):
            flat = picture.reshape(-1)
            if made.is_of_classes:
                flat[pieces.cell] = _ecosystem_codes(plan)[pieces.land_class]
            elif made.is_disjoint:
                for part in made.parts:
                    flat[values.part(part.flow.is_counted).cell] = numbers(part)
            else:
                total = np.full(pieces.cell.shape, np.nan)
                for part in made.parts:
                    here, number = values.part(part.flow.is_counted).piece, numbers(part)
                    before = total[here]
                    total[here] = np.where(np.isnan(number), before, np.nan_to_num(before) + number)
                flat[pieces.cell] = total
    return pictures


def _ecosystem_codes(plan: GridPlan) -> NDArray[np.uint8]:
    """The number of the ecosystem of each class; 0 where there is no land cover."""
    numbers = {name: code for code, name in enumerate(ecosystem_ids(), start=1)}
    return np.array([numbers.get(ecosystem, 0) for ecosystem, _ in plan.classes], dtype=np.uint8)


def _largest(pieces: Pieces) -> NDArray[np.intp]:
    """Of each cell the piece with the largest area, the first of equals."""
    order = np.lexsort((-pieces.area, pieces.cell))
    return order[np.flatnonzero(np.diff(pieces.cell[order], prepend=-1))]
