"""A change of land cover: the cells of some classes become another one, with all numbers that follow from the class.

What a coefficient or a derivation says of a class moves with it. A layer that was measured over the old cover does not
know of the change: it is named, or moved to what it is, on average, where the new class already stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd
import xarray as xr
from affine import Affine
from geopandas.geodataframe import GeoDataFrame
from geopandas.geoseries import GeoSeries
from numpy.typing import NDArray
from rasterio import features
from shapely.geometry.base import BaseGeometry

from gep.account.account import Account
from gep.account.accounts import Accounts
from gep.core.catalog import ecosystem_ids
from gep.core.errors import InputError, UsageError, did_you_mean
from gep.core.messages import Text, listed, say, sentences
from gep.inputs.grids.arrays import array_header
from gep.inputs.grids.bands import Pick
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.headers import Lattice
from gep.inputs.grids.layers import MISSING_CODE, Layer, LayerSpec
from gep.inputs.grids.polygons import Polygons, polygons_of
from gep.inputs.grids.transform import transformer
from gep.inputs.items import product_services
from gep.inputs.open import Inputs
from gep.inputs.spec import StudySpec

Cells = NDArray[np.bool_]
Cell = tuple[str, str]

OF_COVER = (
    *("evapotranspiration", "surface_runoff", "storm_runoff", "vegetation_cover", "ndvi", "leaf_area_index"),
    *("net_primary_production", "net_ecosystem_production", "heterotrophic_respiration", "cover_factor"),
    *("practice_factor", "curve_number", "cooling_season_evapotranspiration", "temperature_difference"),
    *("shannon_index", "root_depth"),
)
"""Layers that follow from what grows on a cell, or are measured over it; with an axis of months or days too."""


class _Computed(Protocol):
    """What a scenario asks of a study."""

    def run(self, *, record: bool = True) -> Account: ...


@dataclass(frozen=True)
class Conversion:
    """What becomes of a study: its specification, how many cells are converted, the layers that were moved with the
    class and those that still belong to the old cover.
    """

    spec: StudySpec
    cells: int
    moved: tuple[str, ...]
    stale: tuple[str, ...]
    to: str
    products: tuple[str, ...]

    @property
    def said(self) -> Text:
        """What the conversion does, and what it leaves as it was."""
        parts = [say("study.scenario.cells", count=self.cells, to=self.to)]
        if self.moved:
            parts.append(say("study.scenario.moved", layers=listed(self.moved), to=self.to))
        if self.stale:
            parts.append(say("study.scenario.stale", layers=listed(self.stale)))
        if self.products:
            parts.append(say("study.scenario.products", services=listed(self.products)))
        return sentences(*parts)


@dataclass(frozen=True)
class Scenario:
    """A study before and after a conversion of its land cover.

    `stale` are the given layers that still belong to the old cover: what they go into does not show the change.
    """

    before: Any
    after: Any
    conversion: Conversion
    _known: dict[str, Accounts] = field(default_factory=dict, repr=False, compare=False)

    @property
    def stale(self) -> tuple[str, ...]:
        """The given layers that follow from what grows on a cell and were not moved."""
        return self.conversion.stale

    @property
    def said(self) -> Text:
        """What was converted, and what still belongs to the old cover, in both languages."""
        return self.conversion.said

    def accounts(self) -> Accounts:
        """Both accounts, along `scenario`: before, after. Computed once."""
        if "both" not in self._known:
            studies: dict[str, _Computed] = {"before": self.before, "after": self.after}
            found = {(name,): study.run(record=False) for name, study in studies.items()}
            self._known["both"] = Accounts({"scenario": list(studies)}, found)
        return self._known["both"]

    def difference(self, *keys: str, measure: Any = "value") -> pd.DataFrame:
        """What changes from before to after, as `Accounts.difference` has it.

        >>> scenario.difference("service")                                             # doctest: +SKIP

        Args:
            keys: what it is by, as in `Account.by`; zone and service if none are named.
            measure: "value" (CNY), "quantity" or "area" (m2).
        """
        return self.accounts().difference(*keys, measure=measure, scenario=("before", "after"))

    def __repr__(self) -> str:
        return f"<Scenario {self.said}>"


def converted(
    inputs: Inputs, where: Any, from_: str | Sequence[str] | None, to: str, moved: Sequence[str]
) -> Conversion:
    """The study with the cells of `where` that are of the classes `from_` turned into the class `to`.

    Raises UsageError for a class, layer or place that is not there.
    """
    cover = inputs.land_cover
    assert cover is not None
    classes = inputs.scheme.by_number()
    codes = _codes(cover)
    target = _class(to, "to", None)
    sources = [
        _class(name, "from_", set(classes.values())) for name in ([from_] if isinstance(from_, str) else from_ or ())
    ]
    is_source = {number for number, cell in classes.items() if not sources or any(_is_of(cell, of) for of in sources)}
    changed = _place(where, cover) & np.isin(codes, list(is_source)) & (codes != MISSING_CODE)
    number, more = _number(classes, target, codes)
    changed &= codes != number
    if not changed.any():
        raise UsageError(
            say("study.scenario.no_cell", classes=listed([from_] if isinstance(from_, str) else from_ or ["—"]))
        )
    spec = inputs.spec
    layers = dict(spec.layers)
    of_target = np.isin(codes, [at for at, cell in classes.items() if cell == target])
    for name in moved:
        layer = _layer(inputs, name)
        layers[layer.spec.name] = _moved(layer, cover, changed, of_target, to)
    given = [name for name in inputs.layers if _without_axis(name) in OF_COVER]
    products = [name for name in product_services() if any(row.base == name for row in inputs.statistics)]
    return Conversion(
        replace(
            spec,
            land_cover=_as_array(cover, np.where(changed, number, codes)),
            scheme_map={**spec.scheme_map, **more},
            layers=layers,
        ),
        int(changed.sum()),
        tuple(moved),
        tuple(name for name in given if name not in moved),
        to,
        tuple(products),
    )


# classes --------------------------------------------------------------------------------------------------------------


def _class(name: str, argument: str, known: set[Cell] | None) -> Cell:
    """An ecosystem and class; of `known` ones, an ecosystem stands for all of its classes."""
    ecosystem, _, land_class = str(name).partition("/")
    names = list(ecosystem_ids())
    if known is not None:
        names = sorted({"/".join(filter(None, cell)) for cell in known} | {of for of, _ in known})
    if (ecosystem if known is None else name) not in names:
        hint = did_you_mean(str(name), names)
        raise UsageError(say("study.scenario.no_class", argument=argument, name=name, hint=hint, known=names))
    return ecosystem, land_class


def _is_of(cell: Cell, source: Cell) -> bool:
    return cell[0] == source[0] and source[1] in ("", cell[1])


def _number(classes: Mapping[int, Cell], target: Cell, codes: NDArray[np.int64]) -> tuple[int, dict[str, str]]:
    """The code of the new class, with what has to be said of it where no code of the scheme is of that class."""
    same = [number for number, cell in sorted(classes.items()) if cell == target]
    if same:
        return same[0], {}
    number = max([*classes, int(codes.max())]) + 1
    return number, {str(number): "/".join(filter(None, target))}


# places ---------------------------------------------------------------------------------------------------------------


def _codes(cover: Layer) -> NDArray[np.int64]:
    """The codes of the whole land cover, north up."""
    block = _whole(cover)
    return cover.codes(block.raw, block.hidden)


def _whole(layer: Layer) -> Any:
    source = layer.open()
    try:
        return source.read(0, layer.lattice.rows, 0, layer.lattice.cols)
    finally:
        source.close()


def _centres(lattice: Lattice) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = lattice.x0 + (np.arange(lattice.cols, dtype=np.float64) + 0.5) * lattice.dx
    y = lattice.y0 - (np.arange(lattice.rows, dtype=np.float64) + 0.5) * lattice.dy
    return x, y


def _place(where: Any, cover: Layer) -> Cells:
    """Which cells of the land cover lie in polygons, by their centres, or where a mask is true."""
    lattice = cover.lattice
    shape = lattice.rows, lattice.cols
    if where is None:
        return np.ones(shape, dtype=bool)
    if isinstance(where, xr.DataArray):
        return _of_mask(where, cover)
    if isinstance(where, BaseGeometry):
        shapes = [where]
    elif isinstance(where, GeoSeries):
        shapes = polygons_of(GeoDataFrame(geometry=where), cover.crs, "where")
    elif isinstance(where, Polygons):
        shapes = polygons_of(where, cover.crs, "where")
    else:
        needed = say("core.argument.wanted.where")
        raise UsageError(say("core.argument.of_another_kind", name="where", found=type(where).__name__, wanted=needed))
    transform = Affine(lattice.dx, 0.0, lattice.x0, 0.0, -lattice.dy, lattice.y0)
    return np.asarray(features.geometry_mask(shapes, shape, transform, invert=True))


def _of_mask(mask: xr.DataArray, cover: Layer) -> Cells:
    """A mask at the centres of the cells; what lies beyond it is not in it."""
    findings = Findings("where", "DataArray")
    header = array_header(mask.astype("uint8"), {}, Pick(), findings)
    if header is None or header.lattice is None or header.crs is None or findings.errors:
        raise InputError(say("study.scenario.no_place"), findings.problems)
    plane = np.asarray(mask.transpose(*header.dims[:2]).values).astype(bool)
    plane = plane[:: -1 if header.flip_rows else 1, :: -1 if header.flip_cols else 1]
    row, col, is_inside = _positions(cover, header.lattice, header.crs)
    found = np.zeros(is_inside.shape, dtype=bool)
    found[is_inside] = plane[row[is_inside], col[is_inside]]
    return found


def _positions(layer: Layer, lattice: Lattice, crs: Any) -> tuple[NDArray[np.intp], NDArray[np.intp], Cells]:
    """Row and column of another lattice at the centres of a layer's cells, and which lie on it."""
    x, y = np.meshgrid(*_centres(layer.lattice))
    if layer.crs != crs:
        x, y = transformer(layer.crs, crs).transform(x, y)
    with np.errstate(invalid="ignore"):
        row = np.floor((lattice.y0 - np.asarray(y)) / lattice.dy)
        col = np.floor((np.asarray(x) - lattice.x0) / lattice.dx)
        is_inside = (row >= 0) & (row < lattice.rows) & (col >= 0) & (col < lattice.cols)
    return np.where(is_inside, row, 0).astype(np.intp), np.where(is_inside, col, 0).astype(np.intp), is_inside


# arrays ---------------------------------------------------------------------------------------------------------------


def _as_array(cover: Layer, codes: NDArray[np.int64]) -> LayerSpec:
    """Codes as a land cover in memory."""
    top = int(codes.max())
    dtype = np.int16 if top < np.iinfo(np.int16).max else np.int32
    values = np.where(codes == MISSING_CODE, -1, codes).astype(dtype)
    array = _on_lattice(cover, values, ()).assign_attrs(_FillValue=dtype(-1))
    return replace(_bare(cover.spec), data=array)


def _on_lattice(layer: Layer, values: NDArray[Any], lead: tuple[str, ...]) -> xr.DataArray:
    x, y = _centres(layer.lattice)
    dims = ("lat", "lon") if layer.crs.is_geographic else ("y", "x")
    coords = dict(zip(dims, (y, x), strict=True))
    return xr.DataArray(values, coords=coords, dims=(*lead, *dims), attrs={"crs": layer.crs.to_wkt()})


def _bare(spec: LayerSpec) -> LayerSpec:
    """What is said of a layer's time, and nothing of its file."""
    return LayerSpec(spec.name, spec.data, resampling=spec.resampling, period=spec.period, year=spec.year)


def _layer(inputs: Inputs, name: str) -> Layer:
    if name not in inputs.layers:
        raise UsageError(say("study.scenario.no_layer", name=name, hint=did_you_mean(name, inputs.layers)))
    return inputs.layers[name]


def _without_axis(name: str) -> str:
    head, _, rest = name.partition("_")
    return rest if head in ("monthly", "daily", "subdaily") else name


def _moved(layer: Layer, cover: Layer, changed: Cells, of_target: Cells, to: str) -> LayerSpec:
    """A layer whose cells on converted land have the mean of its cells where the new class already stands."""
    block = _whole(layer)
    values = layer.decode(block.raw, block.hidden)
    row, col, is_inside = _positions(layer, cover.lattice, cover.crs)
    there = is_inside & changed[row, col]
    donors = is_inside & of_target[row, col] & ~there & np.isfinite(values if values.ndim == 2 else values.sum(axis=0))
    if not donors.any():
        raise UsageError(say("study.scenario.no_donor", layer=layer.name, to=to))
    values[..., there] = values[..., donors].mean(axis=-1)[..., None]
    lead = ("month",) if values.ndim == 3 else ()
    array = _on_lattice(layer, values, lead).assign_attrs(units=layer.unit)
    return replace(_bare(layer.spec), data=array)
