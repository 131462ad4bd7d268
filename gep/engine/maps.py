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
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import RasterioError

from gep.core.catalog import CellComponent, Component, colour, ecosystem_ids, named, service_ids
from gep.core.errors import UsageError, did_you_mean, failure
from gep.core.folders import atomic_folder
from gep.core.messages import Text, joined, listed, say
from gep.core.units import linear, product
from gep.engine.cog import make_cog
from gep.engine.pieces import Pieces
from gep.engine.readers import Readers
from gep.engine.run import Progress
from gep.engine.values import Values
from gep.engine.windows import MEMORY, Reading, around, check_window, choose_reading
from gep.inputs.grids.files import gdal
from gep.inputs.grids.grid import SQUARE, Grid, Square
from gep.inputs.numbers import Place
from gep.inputs.open import NO_LAND_COVER, Inputs
from gep.plan.plan import Flow, GridPlan
from gep.plan.planner import ServicePlan, StudyPlan

Array = NDArray[np.float64]
Picture = NDArray[np.float32] | NDArray[np.uint8]
Measure = Literal["quantity", "value"]
MEASURES: tuple[Measure, ...] = ("quantity", "value")

HECTARE = "hm^2"
MONEY = "CNY/year"
VALUE_UNIT = f"CNY/({HECTARE}*year)"

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

ECOSYSTEMS = "ecosystems"
"""The map of ecosystem types: 1 and up in the order of the code list."""
ALL_VALUES = "services.value"
"""The map of the values of all services that have one."""


@dataclass(frozen=True, eq=False)
class _Part:
    """A flow on a map; with prices by class, what a hectare of it is worth."""

    flow: Flow
    component: CellComponent
    prices: Array | None = None

    def number(self, density: Array, land_class: NDArray[np.intp]) -> Array:
        """What the map shows of a density."""
        if self.prices is None:
            return density
        money, quantity = self.component.money, self.component.quantity
        assert money is not None
        amount, _ = linear(product(self.flow.node.equation.returns, HECTARE), money.value.units[quantity])
        factor, _ = linear(money.value.returns, MONEY)
        worth = money.value.fn(**{quantity: density * amount, money.price: self.prices[land_class]})
        return np.asarray(worth, dtype=np.float64) * factor


@dataclass(frozen=True, eq=False)
class _Map:
    """One file: its name, what it shows, and of what it is made."""

    name: str
    unit: str
    description: Text
    tags: Mapping[str, str]
    parts: tuple[_Part, ...]

    @cached_property
    def is_disjoint(self) -> bool:
        """Whether no class is counted by two of its parts, so that each cell shows one number."""
        return bool(np.sum([part.flow.is_counted for part in self.parts], axis=0).max() <= 1)

    @property
    def is_of_classes(self) -> bool:
        """Whether it shows what cells are, not how much there is on them."""
        return not self.parts


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
    maps = _maps(study_plan, inputs, what, services, run_id)
    drawn = {part.flow.key for made in maps for part in made.parts}
    flows = tuple(flow for flow in study_plan.plan.flows if flow.key in drawn)
    needed = {name for flow in flows for name in study_plan.plan.layer_names_of(flow)}
    layers = {name: layer for name, layer in study_plan.plan.layers.items() if name in needed}
    plan = replace(study_plan.plan, layers=layers, flows=flows)
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


# what is drawn --------------------------------------------------------------------------------------------------------


def _maps(
    study_plan: StudyPlan, inputs: Inputs, what: Sequence[Measure], services: Sequence[str] | None, run_id: str
) -> list[_Map]:
    if isinstance(what, str) or not set(what) <= set(MEASURES):
        measures = joined(MEASURES, " and ", "、")
        raise UsageError(say("engine.bad_measures", measures=measures, given=repr(what)))
    if isinstance(services, str):
        raise UsageError(say("engine.services_as_list", services=services))
    by_id = {service.id: service for service in study_plan.services}
    for name in services or ():
        _check_service(name, by_id)
    spec, profile = inputs.spec, inputs.profile
    common = {
        "study": spec.name,
        "study_zh": spec.name_zh,
        "year": str(spec.year),
        "profile": profile.id,
        "level": profile.level,
        "run_id": run_id,
        "software": f"gep {version('gep')}",
    }
    maps: list[_Map] = []
    for service in study_plan.services:
        if services is not None and service.id not in services:
            continue
        if "quantity" in what:
            maps += _quantity_maps(service, common)
        if "value" in what and profile.kind == "monetary":
            maps += _value_map(service, study_plan.plan, inputs, common)
    if services is None and maps:
        maps += list(_overviews(tuple(maps), common))
    return maps


def _overviews(maps: Sequence[_Map], common: Mapping[str, str]) -> Iterator[_Map]:
    """What cells are, and what they are worth together."""
    names = {f"class_{code}": name for code, name in enumerate(ecosystem_ids(), start=1)}
    border = say("engine.largest_piece")
    of_cells = {"border_cells": str(border), "border_cells_zh": border.zh}
    yield _Map(ECOSYSTEMS, "1", say("engine.map_of_ecosystems"), {**common, **of_cells, **names}, ())
    values = [made for made in maps if made.tags["measure"] == "value"]
    if values:
        services = [made.name.partition(".")[0] for made in values]
        shown = listed(named(service) for service in services)
        tags = {"measure": "value", "services": ",".join(services), "price_year": values[0].tags["price_year"]}
        parts = tuple(part for made in values for part in made.parts)
        yield _Map(
            ALL_VALUES, VALUE_UNIT, say("engine.map_of_values", services=shown), {**common, **of_cells, **tags}, parts
        )


def _check_service(name: str, by_id: Mapping[str, ServicePlan]) -> None:
    if name not in service_ids():
        raise UsageError(say("engine.no_service", name=name, hint=did_you_mean(name, service_ids())))
    service = by_id.get(name)
    if service is None or not any(_flows(service, part.component) for part in service.components):
        reason = service.detail if service and service.detail else say("engine.not_on_cells")
        raise UsageError(say("engine.no_map", name=name, reason=reason))


def _flows(service: ServicePlan, component: Component) -> list[Flow]:
    """The flows of a component that any class is counted for."""
    return [
        flow
        for part in service.components
        if part.component is component
        for flow in part.flows
        if flow.is_counted.any()
    ]


def _on_cells(service: ServicePlan) -> list[CellComponent]:
    return [part.component for part in service.components if isinstance(part.component, CellComponent)]


def _quantity_maps(service: ServicePlan, common: Mapping[str, str]) -> Iterator[_Map]:
    for component in _on_cells(service):
        flows = _flows(service, component)
        if flows:
            equation = flows[0].node.equation
            tags = _tags(service, "quantity", [component], common) | {"equation": equation.name}
            parts = tuple(_Part(flow, component) for flow in flows)
            what = "_capacity" if component.limit else ""
            description = say(
                "engine.map_of_capacity" if component.limit else "engine.map_of",
                service=named(service.id),
                of=named(component.id),
            )
            yield _Map(f"{service.id}.{component.id}{what}", equation.returns, description, tags, parts)


def _value_map(service: ServicePlan, plan: GridPlan, inputs: Inputs, common: Mapping[str, str]) -> Iterator[_Map]:
    parts: list[_Part] = []
    components: list[CellComponent] = []
    for component in _on_cells(service):
        prices = np.full(len(plan.classes), np.nan)
        flows = _flows(service, component)
        if component.limit:
            # what counts is known by county only: a map of the capacity in money would show many times the account
            continue
        for position, (ecosystem, land_class) in enumerate(plan.classes):
            is_counted = (ecosystem, land_class) != NO_LAND_COVER and any(flow.is_counted[position] for flow in flows)
            if not is_counted or component.money is None:
                continue
            price, _ = inputs.numbers.price(component, Place("", ecosystem, land_class))
            if price:
                prices[position] = price.amount
        if np.isfinite(prices).any():
            parts += [_Part(flow, component, prices) for flow in flows]
            components.append(component)
    if parts:
        tags = _tags(service, "value", components, common) | {"price_year": str(inputs.price_year)}
        description = say("engine.map_of", service=named(service.id), of=say("engine.value"))
        yield _Map(f"{service.id}.value", VALUE_UNIT, description, tags, tuple(parts))


def _tags(
    service: ServicePlan, measure: Measure, components: Sequence[CellComponent], common: Mapping[str, str]
) -> dict[str, str]:
    unseen: list[Text] = []
    if any(component.limit for component in components):
        unseen.append(say("engine.before_caps"))
    if any(component.clip == "ecosystem" for component in components):
        unseen.append(say("engine.before_clipping"))
    of_units = [part.component.id for part in service.components if not isinstance(part.component, CellComponent)]
    if of_units and measure == "value":
        unseen.append(say("engine.without_units", names=of_units))
    texts = {
        "service": Text(service.id, named(service.id).zh),
        "border_cells": say("engine.largest_piece"),
        "rules_on_totals": joined(unseen, "; ", "；"),
    }
    return {
        **common,
        "measure": measure,
        "components": ", ".join(component.id for component in components),
        **{key: str(text) for key, text in texts.items()},
        **{f"{key}_zh": text.zh for key, text in texts.items()},
    }


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
    plan: GridPlan, maps: Sequence[_Map], folder: Path, reading: Reading, progress: Progress | None
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


def _create(grid: Grid, made: _Map, folder: Path) -> Any:
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


def _draw(plan: GridPlan, readers: Readers, maps: Sequence[_Map], tile: Square) -> list[Picture]:
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
    known: dict[_Part, Array] = {}

    def numbers(part: _Part) -> Array:
        """What a part shows at the pieces of its classes: NaN where nothing."""
        if part not in known:
            steps = readers.steps.by_key[part.flow.key]
            of_classes = values.part(part.flow.is_counted)
            number = part.number(
                part.flow.counted(values.density(steps, of_classes)), pieces.land_class[of_classes.piece]
            )
            is_shown = np.isfinite(number)
            if gaps := values.gaps(steps):
                if gaps not in complete:
                    complete[gaps] = np.logical_and.reduce([values.present(name) for name in gaps])
                is_shown &= complete[gaps][of_classes.piece]
            known[part] = number if is_shown.all() else np.where(is_shown, number, np.nan)
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
