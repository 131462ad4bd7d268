"""`gep.products`: public data sets as layers.

gep.products.list()                                  what is known, one line a variable
gep.products.describe("era5-land")                   one data set: traps, citation, licence
gep.products.sample("era5-land", "data")             a small synthetic one, in its exact layout
gep.products.open("data/*.tif", product="worldclim") a lazy Dataset, named and in units as layers are
gep.products.stac("catalog.json", "map")             the rasters that a STAC catalogue lists, as data of a layer
gep.products.open_folder("data")                     what a folder holds, as arguments of a Study
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gep.core.arguments import check_argument
from gep.core.errors import InputError, MissingFeatureError, Problem, UsageError, did_you_mean
from gep.core.messages import Text, joined, listed, say
from gep.inputs.grids.arrays import name_in_group, open_dataset, planes_of_file
from gep.inputs.grids.bands import Pick
from gep.inputs.grids.files import array_engine
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.grid import SQUARE
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.inputs.grids.mapping import MAPPING, mapping_attributes
from gep.inputs.grids.open import open_layer
from gep.inputs.grids.places import Place, Tiles, place_of
from gep.inputs.grids.sources import read_header
from gep.inputs.open import layer_as_read, name_of_layer
from gep.inputs.product_layers import layer_of_product, product_of_spec
from gep.inputs.products import Product, family_of, product_names, product_of, products, products_called
from gep.inputs.stac import rasters_of_catalogue
from gep.inputs.survey import Guess, survey

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["describe", "list", "open", "open_folder", "sample", "stac"]

stac = rasters_of_catalogue


def list() -> pd.DataFrame:
    """Every variable of every data set that is known: what it is called, which layer it is, unit, scale, codes, what
    a value is of in time, legend, citation, licence, and what of this nobody read (`recalled`).
    """
    rows = [
        {
            "product": product.id,
            "also": " ".join(product.aka),
            "variable": product.variable,
            "layer": product.layer,
            "unit": product.unit,
            "scale": product.scale,
            "offset": product.offset,
            "missing": " ".join(f"{low:g}" if low == high else f"{low:g}:{high:g}" for low, high in product.codes),
            "times": product.times,
            "period": product.period,
            "scheme": product.scheme,
            "citation": product.citation,
            "licence": product.licence,
            "status": product.status,
            "recalled": " ".join(product.recalled),
        }
        for product in products()
    ]
    return pd.DataFrame(rows)


def describe(name: str) -> Text:
    """A data set in words, in English and Chinese (`.zh`): its variables, what is often overlooked, how it wants to be
    cited, its licence, and what of this is from memory.

    Args:
        name: what it is called, "era5-land".

    Raises:
        UsageError: for a name that is not known.
    """
    return joined([_described(identifier) for identifier in ids_called(name)], "\n\n")


def ids_called(name: str) -> tuple[str, ...]:
    """The data sets that a name is of: `mod16` is of the composites and of the years. Raises UsageError for none."""
    return tuple(dict.fromkeys(product.id for product in _known(name)))


def _described(identifier: str) -> Text:
    found = products_called(identifier)
    first = found[0]
    traps: dict[str, dict[str, None]] = {}
    for product in found:
        for trap in product.traps:
            traps.setdefault(trap, {})[product.variable] = None
    recalled = dict.fromkeys(fact for product in found for fact in product.recalled)
    lines = [
        say("study.products.title", title=first.title, id=first.id),
        *(_variable(product) for product in found),
        *(_trap(trap, [*of], len(found)) for trap, of in traps.items()),
        say("study.products.citation", citation=first.citation),
        say("study.products.licence", licence=first.licence or say("products.none")),
        say("study.products.read_in", documents=first.read_in or say("products.none")),
    ]
    if recalled:
        lines.append(say("study.products.recalled", facts=[say(f"products.fact.{fact}") for fact in recalled]))
    return joined(lines, "\n")


def _trap(trap: str, variables: Sequence[str], count: int) -> Text:
    """What is often overlooked, and of which variables where it is not of all."""
    text = say(f"products.trap.{trap}")
    of_some = len(variables) < count
    return say("study.products.trap_of", variables=variables, trap=text) if of_some else joined(["- ", text], "")


def _variable(product: Product) -> Text:
    unit = product.unit if product.unit not in ("", "1") else ""
    scale = "" if product.scale in (None, 1.0) else f"x {product.scale:g}"
    said = " ".join(filter(None, (scale, f"{product.offset:+g}" if product.offset else "", unit)))
    codes = " ".join(f"{low:g}" if low == high else f"{low:g}-{high:g}" for low, high in product.codes)
    return say(
        "study.products.variable",
        variable=product.variable or product.id,
        layer=product.layer or say("products.none"),
        reading=say("study.products.by_file") if product.scale is None else said or "1",
        times=say(f"products.times.{product.times}"),
        missing=say("study.products.missing", codes=codes) if codes else "",
        legend=say("study.products.legend", scheme=product.scheme) if product.scheme else "",
    )


def _known(name: str) -> tuple[Product, ...]:
    check_argument("name", name, "text", str)
    if found := products_called(name):
        return tuple(found)
    raise UsageError(say("study.products.no_such", name=name, hint=did_you_mean(name, product_names())))


def sample(name: str, folder: str | Path, year: int = 2020) -> tuple[Path, ...]:
    """Write a small synthetic sample of a data set into a folder, in the layout of its files: names, grid, type, codes,
    attributes. It is of the land of the sample city, and no number in it is real. The files written.

    Args:
        name: what the data set is called.
        folder: where they go.
        year: that they are of.

    Raises:
        UsageError: for a data set of which no sample can be written.
    """
    from gep.study.sample.products import sampled_products, write_sample  # which draws a whole landscape

    if not {*ids_called(name)} & {*sampled_products()}:
        raise UsageError(say("study.products.no_sample", name=name, known=sampled_products()))
    return tuple(write_sample(name, Path(folder), year))


# as a Dataset ---------------------------------------------------------------------------------------------------------


def open(path: str | Path, product: str = "", *, year: int | None = None, chunk: int = SQUARE) -> xr.Dataset:
    """A file, or the files of a pattern, as a lazy Dataset: each variable is a layer, by its name and in its unit, NaN
    where nothing is known, months along `month`. Codes of a map stay what they are, with its legend as `scheme`.

    NetCDF and HDF5 files of one month each are put together along time, sums of eight days are added to those of the
    year. Needs the extra `dask`.

    Args:
        path: a file, or a pattern of files.
        product: the data set; recognised where it is not said.
        year: needed where values are means of a day and the files do not tell it.
        chunk: rows and columns of a chunk.

    Raises:
        InputError: with everything that is wrong.
        UsageError: where nothing in the file is known.
    """
    import xarray as xr

    known = _known(product) if product else ()
    place = place_of(str(path))
    if isinstance(place, Tiles) and (of := _of_periods(place, known or products())):
        total = _year_of_periods(place, of, chunk)
        return xr.Dataset({total.name: total})
    specs = [*_specs(place, known)]
    if not specs:
        raise UsageError(say("study.products.nothing", file=Path(path).name))
    wrong: dict[Problem, None] = {}
    arrays = {}
    for spec in specs:
        try:
            layer = _opened(spec, year)
        except InputError as error:
            wrong |= dict.fromkeys(error.problems)
        else:
            name = name_of_layer(layer, spec.name)
            arrays[name] = _lazy(layer, name, chunk)
    if wrong:
        raise InputError(say("study.products.unusable", file=Path(path).name), [*wrong])
    try:
        xr.align(*arrays.values(), join="exact")
    except ValueError as error:
        raise UsageError(say("study.products.several_grids", layers=[*arrays])) from error
    return xr.Dataset(arrays)


_PERIOD = re.compile(r"\.A(\d{4})(\d{3})\.")
"""The year and the first day of a composite of MODIS, in the name of its file."""


def _of_periods(tiles: Tiles, known: Sequence[Product]) -> Product | None:
    """The product of files that hold sums of eight days each, where that is a layer."""
    of = [p for p in known if p.layer and p.times == "sum_of_eight_days" and _is_file(p, tiles)]
    return of[0] if of else None


def _year_of_periods(tiles: Tiles, product: Product, chunk: int) -> xr.DataArray:
    """The sum of a year of composites: each is the sum of its days already, the last one of 5 or 6. A cell that one of
    them has not is missing. Raises UsageError where they are not those of one year.
    """
    import xarray as xr

    name = family_of(product.layer)
    starts = [tuple(map(int, found.groups())) for path in tiles.files if (found := _PERIOD.search(path.name))]
    days = [day for _, day in sorted(starts)]
    if len({year for year, _ in starts}) != 1 or days != [*range(1, 366, 8)] or len(days) != len(tiles.files):
        raise UsageError(say("study.products.no_year", file=tiles.name, count=len(tiles.files), product=product.says))
    said: dict[str, Any] = {"units": f"{product.unit}/year", "scale": product.scale, "offset": product.offset}
    fields = []
    for path in tiles.files:
        header = read_header(path, Pick(), Findings(name, path.name))
        codes = [*product.missing_in(header.dtype)] if header else []
        layer = layer_as_read(LayerSpec(name, path, nodata=codes, **said), name, 0)
        fields.append(_lazy(layer, name, chunk))
    total = xr.concat(fields, "period", join="exact").sum("period", skipna=False)
    attrs = {"product": product.key, "long_name": str(product.says), "citation": product.citation}
    return total.assign_attrs(fields[0].attrs, **attrs, licence=product.licence).rename(name)


def _specs(place: Place, known: Sequence[Product]) -> Iterator[LayerSpec]:
    """The layers of a place: of its variables, or of its name, those that a product has (any, where none is said)."""
    for variable, data in _variables(place):
        if known:
            fitting = [p for p in known if p.layer and (_is_called(p, variable) if variable else _is_file(p, place))]
            of_one = {family_of(p.layer): p for p in known if p.layer} if not variable else {}
            fitting = fitting or ([*of_one.values()] if len(of_one) == 1 else [])
        else:
            findings = Findings(variable or place.name, place.name)
            header = read_header(data, Pick(variable=variable), findings)
            if header is None:
                raise InputError(say("study.products.unusable", file=place.name), findings.problems)
            seen = product_of(place, header)
            if seen and not seen.layer and not variable:
                why = say(f"products.trap.{seen.traps[0]}")
                raise UsageError(say("study.products.no_layer", file=place.name, product=seen.says, why=why))
            fitting = [seen] if seen and seen.layer else []
        for product in fitting[:1]:
            own = variable if data is place else None
            yield LayerSpec(family_of(product.layer), data, product=product.key, variable=own)


def _is_called(product: Product, variable: str) -> bool:
    return name_in_group(variable) in product.stored_as


def _is_file(product: Product, place: Place) -> bool:
    return bool(product.file and product.file.search(place.stem))


def _variables(place: Place) -> Iterator[tuple[str | None, Place | xr.DataArray]]:
    """The variables of a file with what holds each; of rasters, whose bands have no names, one without."""
    first = place.files[0] if isinstance(place, Tiles) and place.files else place
    engine = array_engine(first) if isinstance(first, Path) and first.exists() else None
    if engine is None:
        yield None, place
    elif isinstance(first, Path):
        for name in planes_of_file(first, engine):
            yield name, place if first is place else _along_time(place, engine, name)


def _along_time(place: Place, engine: str, variable: str) -> xr.DataArray:
    """A variable of files of one time each, as one array."""
    import xarray as xr

    assert isinstance(place, Tiles)
    fields = [open_dataset(path, engine, variable)[name_in_group(variable)] for path in place.files]
    together = xr.concat(
        fields, dim="time", combine_attrs="override", join="exact", coords="minimal", compat="override"
    )
    return together.sortby("time").chunk({"time": 1})


def _opened(spec: LayerSpec, year: int | None) -> Layer:
    if spec.name == "land_cover":
        return open_layer(layer_of_product(spec), unit="1", kind="class")
    return layer_as_read(spec, spec.name, year or 0)


def _lazy(layer: Layer, name: str, chunk: int) -> xr.DataArray:
    """A layer as a lazy array in its unit, north up; the codes of a map as they are stored."""
    try:
        import dask.array as da
    except ImportError as error:
        raise MissingFeatureError.of(say("study.products.arrays"), "dask") from error
    import xarray as xr

    lattice, product = layer.lattice, product_of_spec(layer.spec)
    lead = (layer.header.lead[0],) if layer.header.lead else ()
    dtype = layer.dtype if layer.kind == "class" else np.dtype(np.float64)

    def lengths(count: int) -> tuple[int, ...]:
        return (*[chunk] * (count // chunk), *([count % chunk] if count % chunk else []))

    data = da.map_blocks(  # type: ignore[no-untyped-call]  # dask declares no types
        partial(_block, layer),
        chunks=(*((count,) for count in lead), lengths(lattice.rows), lengths(lattice.cols)),
        dtype=dtype,
        meta=np.empty((0,) * (len(lead) + 2), dtype),
        name=f"gep-layer-{uuid4()}",
    )
    y, x = ("lat", "lon") if layer.crs.is_geographic else ("y", "x")
    transform = (lattice.dx, 0.0, lattice.x0, 0.0, -lattice.dy, lattice.y0)
    coords = {
        **({"month": ("month", range(1, 13))} if layer.is_monthly else {}),
        y: (y, lattice.y0 - (np.arange(lattice.rows) + 0.5) * lattice.dy),
        x: (x, lattice.x0 + (np.arange(lattice.cols) + 0.5) * lattice.dx),
        MAPPING: ((), 0, mapping_attributes(layer.crs, transform)),
    }
    attrs: dict[str, Any] = {"units": layer.unit, "product": layer.spec.product}
    if layer.kind == "class":
        attrs = {"product": layer.spec.product, **({"_FillValue": layer.nodata} if layer.missing_values else {})}
    if product is not None:
        attrs |= {"long_name": str(product.says), "citation": product.citation, "licence": product.licence}
        attrs |= {"scheme": product.scheme} if product.scheme else {}
    axis = ("month",) if layer.is_monthly else (("time",) if lead else ())
    return xr.DataArray(data, coords, (*axis, y, x), name=name, attrs=attrs)


def _block(layer: Layer, block_info: Any = None) -> NDArray[Any]:
    """A chunk of a layer, by where it lies."""
    *_, rows, cols = block_info[None]["array-location"]
    source = layer.open()
    try:
        block = source.read(rows[0], rows[1], cols[0], cols[1])
    finally:
        source.close()
    if layer.kind == "continuous":
        return layer.decode(block.raw, block.hidden)
    fill = layer.nodata
    return block.raw if block.hidden is None or fill is None else np.where(block.hidden, fill, block.raw)


# a folder -------------------------------------------------------------------------------------------------------------


def open_folder(
    folder: str | Path, *, choose: Mapping[str, str] | None = None, year: int | None = None
) -> dict[str, Any]:
    """What a folder of product files holds, as the arguments `layers` and `land_cover` of a `Study`: every file, or
    every pattern of tiles or months, that is known by its name, its variables and how it is stored, and reads as its
    product has to.

    >>> gep.Study(**gep.products.open_folder("data"), zones="counties.geojson", year=2020)     # doctest: +SKIP

    Files that are of no known product are left out.

    Args:
        folder: where the files lie.
        choose: of layers that several may be meant for, the product or the file: `{"precipitation": "era5-land"}`.
        year: leaves out files of other years.

    Raises:
        UsageError: where several may be meant for one layer, with all of them and why each is thought so.
    """
    check_argument("folder", folder, "folder", str, Path)
    found: dict[str, Sequence[Guess]] = {}
    for guess in survey(Path(folder)):
        of_another_year = year is not None and guess.keys.get("year") not in (None, year)
        if "product" in guess.keys and not of_another_year:
            layer = family_of(guess.name)
            found[layer] = (*found.get(layer, ()), guess)
    for layer, wanted in (choose or {}).items():
        among = found.get(family_of(layer), ())
        found[family_of(layer)] = [guess for guess in among if _is_chosen(guess, wanted)]
        if not found[family_of(layer)]:
            raise UsageError(say("study.products.no_such_choice", layer=layer, wanted=wanted, there=_listed(among)))
    several = {layer: guesses for layer, guesses in found.items() if len(guesses) > 1}
    if several:
        lines = [say("study.products.candidates", layer=layer, there=_listed(of)) for layer, of in several.items()]
        raise UsageError(joined([say("study.products.ambiguous"), *lines], "\n"))
    if not found:
        raise UsageError(say("study.products.nothing", file=Path(folder).name))
    specs = {guess.name: _spec_of(guess) for (guess,) in found.values()}
    cover = specs.pop("land_cover", None)
    return {"layers": specs, **({"land_cover": cover} if cover else {})}


def _is_chosen(guess: Guess, wanted: str) -> bool:
    product = str(guess.keys["product"])
    return wanted in (guess.path.name, str(guess.path)) or product in [p.id for p in products_called(wanted)] + [
        p.key for p in products_called(wanted)
    ]


def _listed(guesses: Sequence[Guess]) -> Text:
    """Files with what each is taken for, and why."""
    return listed(
        [
            say("study.products.candidate", file=guess.path.name, product=guess.keys["product"], why=guess.reasons[0])
            for guess in guesses
        ]
    )


def _spec_of(guess: Guess) -> LayerSpec:
    keys: dict[str, Any] = dict(guess.keys)
    return LayerSpec(guess.name, place_of(guess.path.name, guess.path.parent), **keys)
