"""Arguments in terms of Python, as a study takes them: series, arrays of labels, figures and numbers become the frames
and rows that files become too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
import xarray as xr
from affine import Affine
from geopandas.geodataframe import GeoDataFrame
from geopandas.geoseries import GeoSeries
from rasterio import features

from gep.core.errors import InputError, ProjectError, UsageError
from gep.core.keys import CITY
from gep.core.messages import Text, in_language, joined, say
from gep.inputs.fingerprints import remote_inputs
from gep.inputs.grids.arrays import array_header
from gep.inputs.grids.bands import Pick
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.places import Place, place_of
from gep.inputs.grids.remote import Remote
from gep.inputs.items import item_measures, item_unit
from gep.inputs.names import MEASURES
from gep.inputs.project import check_addresses
from gep.inputs.spec import CoefficientSource, StudySpec, ZoneSource
from gep.inputs.table_files import TableFile, TableSource
from gep.standards.coefficient_ranges import check_possible
from gep.standards.coefficients import CHOSEN, Coefficient, RowKey, read_coefficients
from gep.standards.given import Given, is_value, rows_given
from gep.standards.rules import check_methods
from gep.study.arguments import check_service

_FIGURE = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)")


def spec_given(given: Mapping[str, Any]) -> StudySpec:
    """What a study is made of, from the arguments of `Study` by name. Raises UsageError for what is lacking, and for
    services and methods that there are not; InputError for wrong coefficients.
    """
    own, arrays = coefficients_given({} if given["coefficients"] is None else given["coefficients"])
    year, zone_code = given["year"], given["zone_code"]
    years = tuple(year) if isinstance(year, Sequence) else ()
    if given["land_cover"] is None or given["zones"] is None or year is None:
        raise UsageError(say("study.study.incomplete"))
    layers, of_years = layers_given(given["layers"] or {})
    cover, cover_of_years = layers_given({"land_cover": given["land_cover"]})
    for service, switches in (given["methods"] or {}).items():
        check_service(service)
        check_methods(service, switches, "methods")
    for service in (name for key in _LEFT_OUT for name in given[key] or {}):
        check_service(service)
    as_given: dict[str, Any] = {name: given[name] for name in _AS_GIVEN}
    prices = prices_given(given["price_index"])
    by_name: dict[str, Any] = {name: given[name] or {} for name in (*_LEFT_OUT, "methods", "waivers")}
    spec = StudySpec(
        **as_given,
        **by_name,
        year=years[0] if years else year,
        years=years,
        zones=ZoneSource(
            zones_given(given["zones"], zone_code),
            zone_code,
            given["zone_name"],
            outline=zones_given(given["outline"], zone_code, "outline"),
            coverage=given["coverage"],
            layer=given["zone_layer"],
        ),
        land_cover=cover["land_cover"],
        scheme_map={str(key): value for key, value in (given["scheme_map"] or {}).items()},
        layers=layers,
        of_years={**of_years, **cover_of_years},
        tables=tables_given(given["tables"] or {}),
        price_index=Path(prices["index"]) if prices["index"] else None,
        price_groups={name: tuple(of) for name, of in prices["groups"].items()},
        last_year=Path(given["last_year"]) if given["last_year"] else None,
        coefficients=own,
        arrays=arrays,
    )
    others = {name: given[name] for name in ("zones", "outline", "last_year")} | {"price_index": spec.price_index}
    check_remote(spec, others, may_be_remote=given["remote"])
    return spec


_AS_GIVEN = ("name", "name_zh", "code", "profile", "price_year", "region", "grid", "scheme")


_LEFT_OUT = ("not_applicable", "off", "does_not_occur")
"""Reasons why services are left out, by service."""


def prices_given(given: str | Path | Mapping[str, Any] | None) -> dict[str, Any]:
    """The table of price indices, and what follows which of them: a path, or `{"index": path, "groups": {...}}` as
    under `[prices]`.
    """
    prices: dict[str, Any] = dict(given) if isinstance(given, Mapping) else {"index": given}
    groups = prices.get("groups") or {}
    is_right = set(prices) <= {"index", "groups"} and isinstance(groups, Mapping)
    if not is_right or any(isinstance(of, str) for of in groups.values()):
        raise UsageError(say("study.study.wrong_price_index"))
    return {"index": prices.get("index"), "groups": groups}


# zones ----------------------------------------------------------------------------------------------------------------


def zones_given(zones: Any, code: str, argument: str = "zones") -> Any:
    """Polygons as a file or a frame with a column of codes: the index of a GeoSeries are its codes; the labels of an
    array become polygons along the borders of its cells.
    """
    if isinstance(zones, GeoDataFrame):
        return zones
    if isinstance(zones, GeoSeries):
        return GeoDataFrame({code: [str(label) for label in zones.index]}, geometry=zones.array, crs=zones.crs)
    if isinstance(zones, xr.DataArray):
        return _polygons_of(zones, code, argument)
    return zones


def _polygons_of(labels: xr.DataArray, code: str, argument: str) -> GeoDataFrame:
    """The polygons of the labels of an array, whole cells each. What is 0, empty or missing is no zone.

    Raises InputError where the array does not say where its cells lie.
    """
    values = np.asarray(labels.values)
    names, numbers = _numbered(values, labels.attrs)
    findings = Findings(argument, "DataArray")
    header = array_header(labels.copy(data=numbers), {}, Pick(), findings)
    if header is None or header.lattice is None or header.crs is None or findings.errors:
        raise InputError(say("grids.no_zones"), findings.problems)
    y, x = header.dims[:2]
    plane = np.asarray(labels.copy(data=numbers).transpose(y, x).values)
    plane = plane[:: -1 if header.flip_rows else 1, :: -1 if header.flip_cols else 1]
    lattice = header.lattice
    transform = (lattice.dx, 0.0, lattice.x0, 0.0, -lattice.dy, lattice.y0)
    parts: dict[int, list[Any]] = {}
    for shape, number in features.shapes(np.ascontiguousarray(plane), plane > 0, transform=Affine(*transform)):
        parts.setdefault(int(number), []).append(shapely.geometry.shape(shape))
    return GeoDataFrame(
        {code: [names[number] for number in sorted(parts)]},
        geometry=[shapely.union_all(parts[number]) for number in sorted(parts)],
        crs=header.crs,
    )


def _numbered(values: Any, attrs: Mapping[Any, Any]) -> tuple[dict[int, str], Any]:
    """The labels by number from 1 on, and the array of numbers; 0 stands for none."""
    is_none = pd.isna(values) | (values == "" if values.dtype.kind in "OUT" else values == 0)
    found = pd.unique(values[~is_none])
    legend: dict[Any, str] = {}
    if "flag_values" in attrs and "flag_meanings" in attrs:
        legend = dict(zip(np.ravel(attrs["flag_values"]).tolist(), str(attrs["flag_meanings"]).split(), strict=False))
    numbers = np.zeros(values.shape, np.int32)
    names: dict[int, str] = {}
    for number, label in enumerate(sorted(found.tolist(), key=str), start=1):
        numbers[values == label] = number
        plain = int(label) if isinstance(label, float) and label.is_integer() else label
        names[number] = legend.get(label, str(plain))
    return names, numbers


# tables ---------------------------------------------------------------------------------------------------------------


def tables_given(tables: Mapping[str, Any]) -> dict[str, TableSource]:
    """Tables as files and frames; what is a figure, or a mapping of figures, becomes a row of a table of the item that
    it is called by.

        {"population": 1_200_000}                                     of the whole area, in the unit of the item
        {"population": {"150702": 350_000, "150703": "12 万人"}}      zone by zone; a Series has zones as its index
        {"crop_products/wheat": {"quantity": {"150702": "5200 t"}, "price": "2400 CNY/t"}}
    """
    found: dict[str, TableSource] = {}
    for name, source in tables.items():
        if isinstance(source, str | Path | pd.DataFrame | TableFile) and not _is_figure(source):
            found[name] = source
        else:
            found[name] = pd.DataFrame(
                list(_rows_of(str(name), source)), columns=["zone", "item", "measure", "value", "unit"]
            )
    return found


def _is_figure(value: object) -> bool:
    return isinstance(value, Real) or (isinstance(value, str) and _FIGURE.fullmatch(value) is not None)


def _rows_of(item: str, given: Any, measure: str = "") -> Any:
    if isinstance(given, pd.Series):
        given = given.to_dict()
    if isinstance(given, Mapping) and not measure and given and set(given) <= set(MEASURES):
        for of, figures in given.items():
            yield from _rows_of(item, figures, of)
        return
    by_zone = given if isinstance(given, Mapping) else {CITY: given}
    for zone, figure in by_zone.items():
        number, unit = figure_of(figure, f"tables[{item!r}]")
        usual = item_unit(item)
        yield str(zone), item, measure or (item_measures(item)[0] if usual else "quantity"), number, unit or usual


def figure_of(figure: Any, place: str) -> tuple[float | None, str]:
    """A number and the unit written behind it."""
    if figure is None or (isinstance(figure, Real) and figure is not True and figure is not False):
        return (None if figure is None else float(figure)), ""
    if isinstance(figure, str) and (match := _FIGURE.fullmatch(figure)):
        return float(match[1]), match[2]
    needed = say("core.argument.wanted.table")
    raise UsageError(say("core.argument.of_another_kind", name=place, found=type(figure).__name__, wanted=needed))


# coefficients ---------------------------------------------------------------------------------------------------------


def coefficients_given(coefficients: Any) -> tuple[dict[str, CoefficientSource], dict[RowKey, xr.DataArray]]:
    """Sources of coefficients by name, and what of them varies: tables (paths, `@set`, frames), and values by the name
    of the coefficient. Raises InputError with everything that is wrong with values and frames.
    """
    sources: dict[str, CoefficientSource] = {}
    values: dict[str, Any] = {}
    gathered = Given()
    if not isinstance(coefficients, Mapping):
        gathered = rows_given(coefficients)
        sources["coefficients"] = tuple(gathered.rows)
        coefficients = {}
    for name, source in coefficients.items():
        if isinstance(source, str | Path) and not is_value(source):
            sources[name] = source
        elif isinstance(source, pd.DataFrame) or not is_value(source):
            given = rows_given(source, f"coefficients[{name!r}]")
            gathered.problems += given.problems
            sources[name] = tuple(given.rows)
        else:
            values[name] = source
    if values:
        given = rows_given(values)
        gathered.problems += given.problems
        gathered.arrays |= given.arrays
        gathered.rows += given.rows
        sources["values"] = tuple(given.rows)
    gathered.problems += check_possible(gathered.extremes)
    if gathered.problems:
        raise InputError(say("plan.unusable_rows"), gathered.problems)
    return sources, gathered.arrays


def with_more(spec: StudySpec, coefficients: Any) -> StudySpec:
    """A study with more coefficients, whose rows replace those at the same places. Rows of one name stand together; a
    path takes the place of what had its name.
    """
    more, arrays = coefficients_given(coefficients)
    keys = {row.key for source in more.values() if isinstance(source, tuple) for row in source}
    joined = _without_rows(spec.coefficients, keys)
    for name, source in more.items():
        before = joined.get(name)
        joined[name] = (*before, *source) if isinstance(source, tuple) and isinstance(before, tuple) else source
    varied = {key: array for key, array in spec.arrays.items() if key not in keys}
    return replace(spec, coefficients=joined, arrays={**varied, **arrays})


def _without_rows(sources: Mapping[str, CoefficientSource], keys: set[RowKey]) -> dict[str, CoefficientSource]:
    """Sources of coefficients without the rows at some places. A table that has none of them stays as it is."""
    kept: dict[str, CoefficientSource] = {}
    for name, source in sources.items():
        rows: Sequence[Coefficient] = source if isinstance(source, tuple) else ()
        if isinstance(source, str | Path) and not str(source).startswith(CHOSEN):
            rows, problems = read_coefficients(Path(source), is_shipped=False)
            rows = () if problems else rows
        left = tuple(row for row in rows if row.key not in keys)
        kept[name] = source if len(left) == len(rows) else left
    return kept


# layers ---------------------------------------------------------------------------------------------------------------


def layers_given(layers: Mapping[str, Any]) -> tuple[dict[str, LayerSpec], dict[str, dict[int, LayerSpec]]]:
    """Layers as specifications, and those that are given year by year (`{2015: path, 2020: path}`): the first of each
    stands for it. Raises UsageError for all that are none.
    """
    found: dict[str, LayerSpec] = {}
    of_years: dict[str, dict[int, LayerSpec]] = {}
    wrong: list[Text] = []
    for name, data in layers.items():
        try:
            if isinstance(data, Mapping) and data:
                of_years[name] = {int(year): layer_given(name, of) for year, of in data.items()}
                found[name] = next(iter(of_years[name].values()))
            else:
                found[name] = layer_given(name, data)
        except UsageError as error:
            wrong.append(Text(error.message, in_language(error.message, "zh")))
    if wrong:
        raise UsageError(joined(wrong, "\n"))
    return found, of_years


def layer_given(name: str, data: Any) -> LayerSpec:
    """A layer as a specification: a DataArray, the path or address of a file, or what says more of one."""
    if isinstance(data, LayerSpec) and isinstance(data.data, Place | xr.DataArray):
        return replace(data, name=name)
    if isinstance(data, xr.DataArray):
        return LayerSpec(name=name, data=data)
    if isinstance(data, str | Path):
        return LayerSpec(name=name, data=place_of(data))
    if isinstance(data, Place):
        return LayerSpec(name=name, data=data)
    found = type(data.data if isinstance(data, LayerSpec) else data).__name__
    raise UsageError(say("study.study.layer_type", layer=name, type=found))


def check_remote(spec: StudySpec, others: Mapping[str, object], *, may_be_remote: bool) -> None:
    """Raise ProjectError for addresses on servers that the study does not say it may read, or that must be files."""
    places = {key: raster.address for key, (raster, _) in remote_inputs(spec).items()}
    for name, by_year in spec.of_years.items():
        key = name if name == "land_cover" else f"layers.{name}"
        found = {f"{key}[{year}]": of.data for year, of in by_year.items()}
        places |= {key: data.address for key, data in found.items() if isinstance(data, Remote)}
    files: dict[str, object] = {f"tables.{key}": table for key, table in spec.tables.items()}
    files |= {f"coefficients.{key}": table for key, table in spec.coefficients.items()}
    if problems := check_addresses({**places, **others, **files}, may_be_remote=may_be_remote):
        raise ProjectError(say("study.study.addresses"), problems)
