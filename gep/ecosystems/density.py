"""Densities of an ecosystem's services as arrays, for arrays in a notebook: planned as a run plans them, without zones
or totals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from numbers import Integral
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import xarray as xr

from gep.core.arguments import check_argument, check_measures
from gep.core.catalog import (
    MEASURES,
    VALUE_OF_METRE,
    CellComponent,
    Ecosystem,
    Measure,
    Service,
    layer_kinds,
    named,
    service_ids,
)
from gep.core.errors import InputError, Problem, UsageError, did_you_mean
from gep.core.messages import Text, joined, say
from gep.core.parts import known_with, provided_by
from gep.core.units import cf_attributes, depth_of_water, linear, product, same_dimension, unit_of_attributes
from gep.ecosystems.terrain import Terrain
from gep.inputs.grids.mapping import MAPPING, mapping_attributes, mapping_name
from gep.inputs.numbers import Numbers, Place
from gep.plan.ways import Cell, DensityPlan, Sources, plan_density
from gep.plan.wiring import (
    CELL_ATTRIBUTES,
    CLASS_ATTRIBUTES,
    MONTHS,
    CalendarInput,
    CellInput,
    ClassInput,
    Computed,
    Input,
    LayerInput,
    days_of,
    months_of,
)
from gep.standards.classes import is_vegetated, land_classes
from gep.standards.coefficient_ranges import check_possible
from gep.standards.coefficients import (
    Coefficient,
    Coefficients,
    check_same_dimension,
    regions_of,
)
from gep.standards.given import Given, check_names, rows_given
from gep.standards.profile import Profile, load_profile
from gep.standards.rules import Rule, check_methods, settings_of

DAYS_PER_YEAR = "days_per_year"
LAND_CLASS = "land_class"
"""The dimension along which the densities of several classes lie."""


def compute_ecosystem(
    ecosystem: Ecosystem,
    layers: xr.Dataset,
    profile: Profile | str | Path = "ndrc-2022",
    *,
    land_class: str | Sequence[str] | xr.DataArray = "",
    region: str = "",
    year: int | None = None,
    price_year: int | None = None,
    methods: Mapping[str, Mapping[str, str]] | None = None,
    coefficients: Any = (),
    measures: Sequence[Measure] = MEASURES,
) -> xr.Dataset:
    """Densities of everything one ecosystem provides: quantities as `<service>.<component>`, values in CNY/(m^2*year)
    as `<service>.value`, as `Study.densities` has them.

    >>> gep.ecosystems.forest.compute(layers, land_class="mixed", year=2020)        # doctest: +SKIP

    What counts, and from what it is computed, is decided as in a run of a `Study`; so a density times the area of a
    class is the quantity in the account, before caps at emissions and before negative totals are counted as zero. A
    slope is made from an elevation that says where its cells lie. Services that the profile turns off, that count only
    by numbers of the study's own, or that lack something, are left out and named with the reason in
    `.attrs["missing"]`, in Chinese in `.attrs["missing_zh"]`.

    Args:
        ecosystem: the ecosystem; `gep.ecosystems.forest.compute` and the others have it already.
        layers: DataArrays with `units` under the names of the layer vocabulary, on one grid (y, x), monthly ones with
            `month` before them. Lazy arrays stay lazy, and what depends on no layer is the same everywhere.
        profile: the standard: an id, a folder, or what `load_profile` gives.
        land_class: what coefficients are of: one class, as if every cell were of it; several, along a new dimension
            `land_class`; or a DataArray (y, x) of classes, as texts or as numbers with the CF attributes `flag_values`
            and `flag_meanings` (a cell of another ecosystem, as in `cropland/paddy`, has nothing).
        region: the region whose coefficients are preferred.
        year: the accounting year, which values need.
        price_year: in whose year's money they are; the year itself if not given.
        methods: switches by service.
        coefficients: one's own, in any form that `Study` takes; dimensions of DataArrays among them (draw, scenario)
            are those of the densities.
        measures: of "quantity" and "value".

    Raises:
        UsageError: for a class, a region or a service that is not there.
        UnitError: for a layer without a unit, or in one of another dimension.
    """
    check_argument("layers", layers, "dataset", xr.Dataset)
    check_argument("profile", profile, "profile", str, Path, Profile)
    check_argument("year", year, "year", Integral, NoneType)
    check_argument("price_year", price_year, "year", Integral, NoneType)
    check_argument("land_class", land_class, "land_class", str, list, tuple, xr.DataArray)
    profile = load_profile(profile)
    check_measures(measures)
    for service_id, chosen in (methods or {}).items():
        if service_id not in known_with(service_id, service_ids):
            raise UsageError(say("engine.no_service", name=service_id, hint=did_you_mean(service_id, service_ids())))
        check_methods(service_id, chosen, "methods")
    layers = _placed(_depths(layers, year))
    own = _own(coefficients, profile)
    terrain = Terrain.of(layers)
    sources = _sources(layers, profile, own.rows, region, year, methods or {}, terrain)
    study = _Notebook(sources, layers, own, terrain, tuple(measures), price_year or year)
    if isinstance(land_class, xr.DataArray):
        found = _by_cell(study, ecosystem, land_class)
    elif isinstance(land_class, str):
        found = _of_class(study, ecosystem, land_class)
    else:
        found = _side_by_side([_of_class(study, ecosystem, name) for name in land_class])
        found = found.assign_coords({LAND_CLASS: list(land_class)})
    about = {"ecosystem": ecosystem.id, "profile": profile.id}
    if isinstance(land_class, str):
        about[LAND_CLASS] = land_class
    found.attrs = {"Conventions": "CF-1.11", **about, **found.attrs}
    return found


def compute_of(ecosystem: Ecosystem) -> partial[xr.Dataset]:
    """`compute_ecosystem` of one ecosystem, which says of itself what it does."""
    compute = partial(compute_ecosystem, ecosystem)
    compute.__doc__ = compute_ecosystem.__doc__
    return compute


@dataclass(frozen=True)
class _Notebook:
    """What densities of any class are made from."""

    sources: Sources
    layers: xr.Dataset
    own: Given
    terrain: Terrain
    measures: tuple[Measure, ...]
    price_year: int | None

    @property
    def numbers(self) -> Numbers | None:
        """Where prices come from; None without a year."""
        sources = self.sources
        if sources.year is None:
            return None
        return Numbers(
            sources.profile, sources.coefficients, (), sources.region, sources.year, self.price_year or sources.year
        )


# classes --------------------------------------------------------------------------------------------------------------


def _of_class(study: _Notebook, ecosystem: Ecosystem, land_class: str) -> xr.Dataset:
    """The densities as if every cell were of one class."""
    _check_names(study.sources, ecosystem.id, land_class)
    values = _Values(study, (ecosystem.id, land_class))
    maps: dict[str, xr.DataArray] = {}
    missing: list[Text] = []
    for service in (*ecosystem.services, *provided_by(ecosystem.id)):
        for name, found in _of_service(values, service):
            if isinstance(found, Text):
                missing.append(say("plan.of_component", name=name, reason=found))
            else:
                maps[name] = found
    return xr.Dataset(maps, attrs=_in_both("missing", joined(list(dict.fromkeys(missing)), "\n")))


def _side_by_side(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Densities of several classes along a dimension; what one of them has not is missing there."""
    names = list(dict.fromkeys(name for part in parts for name in part.data_vars))
    found = xr.concat(
        [part.assign({name: _nowhere(name, parts) for name in names if name not in part}) for part in parts],
        LAND_CLASS,
        data_vars="all",
        coords="minimal",
        compat="override",
        join="exact",
        combine_attrs="drop",
    )
    for name in names:
        found[name].attrs = next(part[name].attrs for part in parts if name in part)
        found[name].encoding = next(part[name].encoding for part in parts if name in part)
    found.attrs = _all_missing(parts)
    return found


def _nowhere(name: Any, parts: Sequence[xr.Dataset]) -> xr.DataArray:
    first: xr.DataArray = next(part[name] for part in parts if name in part)
    return first.where(False)


def _all_missing(parts: Sequence[xr.Dataset]) -> dict[str, str]:
    return {
        key: "\n".join(dict.fromkeys(line for part in parts for line in part.attrs[key].splitlines()))
        for key in ("missing", "missing_zh")
    }


def _by_cell(study: _Notebook, ecosystem: Ecosystem, land_class: xr.DataArray) -> xr.Dataset:
    """The densities of each cell by the class that it has."""
    classes = {
        value: name.partition("/")[2] if name.startswith(f"{ecosystem.id}/") else name
        for value, name in _classes_of(land_class).items()
        if "/" not in name or name.partition("/")[0] == ecosystem.id
    }
    if not classes:
        known = sorted(name for of, name in land_classes() if of == ecosystem.id and name)
        raise UsageError(say("plan.no_class_of", ecosystem=ecosystem.id, known=known))
    parts = {
        value: _of_class(study, ecosystem, "" if name == ecosystem.id else name) for value, name in classes.items()
    }
    names = list(dict.fromkeys(name for part in parts.values() for name in part.data_vars))
    maps = {}
    for name in names:
        there = {value: part[name] for value, part in parts.items() if name in part}
        first = next(iter(there.values()))
        chosen = xr.full_like(first, float("nan"))
        for value, density in there.items():
            chosen = density.where(land_class.reset_coords(drop=True) == value, chosen)
        maps[name] = chosen.transpose(*first.dims, ...).assign_attrs(first.attrs)
        maps[name].encoding = first.encoding
    return xr.Dataset(maps, attrs=_all_missing(list(parts.values())))


def _classes_of(land_class: xr.DataArray) -> dict[Any, str]:
    """The class that each value of an array stands for. Raises UsageError for numbers without a legend."""
    if "flag_values" in land_class.attrs and "flag_meanings" in land_class.attrs:
        values = pd.Series(land_class.attrs["flag_values"]).tolist()
        return dict(zip(values, str(land_class.attrs["flag_meanings"]).split(), strict=False))
    if land_class.dtype.kind not in "UOT" or land_class.chunks is not None:
        raise UsageError(say("plan.no_legend", found=str(land_class.dtype)))
    return {name: name for name in pd.unique(np.ravel(land_class)).tolist() if isinstance(name, str) and name}


def _check_names(sources: Sources, ecosystem: str, land_class: str) -> None:
    """Raise UsageError for a class or a region that no row and no class has: broader rows would stand in for it."""
    rows = sources.coefficients.rows
    classes = {name for of, name in land_classes() if of == ecosystem and name}
    classes |= {row.land_class for row in rows if row.ecosystem == ecosystem and row.land_class}
    regions = {row.region for row in rows if row.region}
    asked = [("class", land_class, classes), *(("region", name, regions) for name in regions_of(sources.region))]
    for what, name, known in asked:
        if name and name not in known:
            hint = did_you_mean(name, known)
            raise UsageError(say(f"plan.no_such_{what}", name=name, hint=hint, known=sorted(known)))


# services -------------------------------------------------------------------------------------------------------------


def _of_service(values: _Values, service: Service) -> Iterator[tuple[str, xr.DataArray | Text]]:
    """The densities of a service that may count for a class, and what they are worth, or why there is none."""
    study = values.study
    rule = study.sources.profile.rules.get(service.id)
    if rule is None or service.products:
        return
    if off := study.sources.why_off(rule):
        yield service.id, off
        return
    rule, components = study.sources.wanted(rule, service)
    has_value = "value" in study.measures and study.sources.profile.kind == "monetary"
    worth: list[tuple[CellComponent, xr.DataArray]] = []
    for component in components:
        if not isinstance(component, CellComponent) or not rule.counted(*values.cell, component.id):
            continue
        name = f"{service.id}.{component.id}"
        way = _way(values, rule, service, component)
        if isinstance(way, Text):
            yield name, way
            continue
        density = values.compute(way)
        density = density.clip(min=0) if component.clip == "cell" else density
        if "quantity" in study.measures:
            yield name, _described(density, _of_quantity(service, component, way))
        if has_value and component.money and not component.limit:
            value = _worth(values, component, density, way.equation.returns)
            if isinstance(value, Text):
                yield f"{name}.value", value
            else:
                worth.append((component, value))
    if worth:
        total = sum((value for _, value in worth[1:]), worth[0][1])
        yield f"{service.id}.value", _described(total, _of_value(study, service, [part for part, _ in worth]))


def _way(values: _Values, rule: Rule, service: Service, component: CellComponent) -> Computed | Text:
    """How a density is computed, or why there is none."""
    plan = plan_density(values.study.sources, rule, service, component, [values.cell])
    return _why_missing(values, plan) or plan.ways[plan.chosen[values.cell]]


def _worth(values: _Values, component: CellComponent, density: xr.DataArray, unit: str) -> xr.DataArray | Text:
    """What a density is worth per m2, or why nothing is."""
    money = component.money
    assert money is not None
    price = _price(values, component)
    if isinstance(price, Text):
        return price
    scale, _ = linear(product(unit, "m^2"), money.value.units[component.quantity])
    factor, _ = linear(money.value.returns, "CNY/year")
    worth: xr.DataArray = money.value.fn(**{component.quantity: density * scale, money.price: price}) * factor
    return worth


def _price(values: _Values, component: CellComponent) -> float | xr.DataArray | Text:
    """The price of a component for the class, along the dimensions in which its numbers vary, or why there is none."""
    study, place = values.study, Place("", *values.cell)
    numbers = study.numbers
    if numbers is None:
        return say("plan.needs_year")
    price, lacking = numbers.price(component, place)
    if price is None:
        return say("plan.no_coefficient", cell="/".join(filter(None, values.cell)), names=lacking)
    rows = [found.row for found in price.found]
    arrays = [study.own.arrays[row.key] for row in rows if row.key in study.own.arrays]
    if not arrays:
        return price.amount
    shape = xr.broadcast(*arrays)[0]

    def at(point: Mapping[Any, int]) -> float:
        varied = Coefficients([study.own.varied(rows, point)])
        found, _ = replace(numbers, coefficients=varied).price(component, place)
        assert found is not None
        return found.amount

    points = (dict(zip(shape.dims, where, strict=True)) for where in np.ndindex(shape.shape))
    amounts = np.array([at(point) for point in points]).reshape(shape.shape)
    return xr.DataArray(amounts, dims=shape.dims, coords=shape.coords)


def _described(array: xr.DataArray, attrs: Mapping[str, str]) -> xr.DataArray:
    """An array with what it says of itself, and nothing of what it was made from but its coordinate system."""
    array = array.copy(deep=False)
    array.attrs = dict(attrs)
    mapping = mapping_name(array)
    array.encoding = {"grid_mapping": mapping} if mapping else {}
    return array


def _of_quantity(service: Service, component: CellComponent, way: Computed) -> dict[str, str]:
    key = "engine.map_of_capacity" if component.limit else "engine.map_of"
    title = say(key, service=named(service.id), of=named(component.id))
    attrs = {**cf_attributes(way.equation.returns), **_in_both("long_name", title), "measure": "quantity"}
    return attrs | {"components": component.id, "equation": way.equation.name}


def _of_value(study: _Notebook, service: Service, components: Sequence[CellComponent]) -> dict[str, str]:
    of = say("engine.map_of", service=named(service.id), of=say("engine.value"))
    price_year = study.price_year or study.sources.year
    title = say("engine.in_money", of=of, price_year=price_year)
    attrs = {**cf_attributes(VALUE_OF_METRE), **_in_both("long_name", title), "measure": "value"}
    return attrs | {"components": ", ".join(part.id for part in components), "price_year": str(price_year)}


def _in_both(name: str, text: Text) -> dict[str, str]:
    """A text as two attributes, which files of arrays can hold."""
    return {name: str(text), f"{name}_zh": text.zh}


# what there is --------------------------------------------------------------------------------------------------------


def _sources(
    layers: xr.Dataset,
    profile: Profile,
    own: Sequence[Coefficient],
    region: str,
    year: int | None,
    methods: Mapping[str, Mapping[str, str]],
    terrain: Terrain,
) -> Sources:
    """What there is to plan from: the names of the arrays, and what follows from the year and the coordinates."""
    coefficients = Coefficients([own, *profile.tables])
    refused: dict[str, Text] = {}
    if year is None:
        refused |= {name: say("plan.needs_year") for name in (*MONTHS, DAYS_PER_YEAR)}
    if _latitude(layers) is None:
        refused |= {name: say("plan.needs_latitude") for name in CELL_ATTRIBUTES}
    names = tuple(str(name) for name in layers.data_vars)
    refused |= terrain.refused(
        names, coefficients, lambda service: settings_of(service, profile.rules.get(service), methods)
    )
    return Sources(
        profile,
        names,
        coefficients,
        methods,
        region,
        year,
        constants={**terrain.constants, **({} if year is None else {DAYS_PER_YEAR: days_of(year)})},
        refused=refused,
        localise=terrain.localise,
    )


def _depths(layers: xr.Dataset, year: int | None) -> xr.Dataset:
    """The layers, with means of fluxes of water (`kg m-2 s-1`) as depths of the year or the month, whose days they
    need.
    """
    if year is None:
        return layers
    months = xr.DataArray(months_of(year)["monthly_length"], dims="month")
    found = {}
    for name, array in layers.items():
        kind, unit = layer_kinds().get(str(name)), unit_of_attributes(array.attrs)
        depth = depth_of_water(unit) if kind and kind.is_depth_of_water and unit else None
        if kind and depth and same_dimension(depth, "mm/s"):
            added = array * (months if kind.is_monthly else days_of(year))
            added.attrs = array.attrs | {"units": f"{depth}*day" + ("" if kind.is_monthly else "/year")}
            found[name] = added.transpose(*array.dims)
    return layers.assign(found)


def _placed(layers: xr.Dataset) -> xr.Dataset:
    """The layers with their coordinate system as a coordinate where it stands in an attribute, which results lose."""
    arrays = list(layers.data_vars.values())
    told = next(filter(None, (array.attrs.get("crs") for array in arrays)), None) or layers.attrs.get("crs")
    if told is None or any(mapping_name(array) for array in arrays):
        return layers
    try:
        attrs = mapping_attributes(pyproj.CRS.from_user_input(told))
    except pyproj.exceptions.CRSError:
        return layers
    return layers.assign_coords({MAPPING: xr.DataArray(0, attrs=attrs)})


def _own(coefficients: Any, profile: Profile) -> Given:
    """The rows of the study's own. Raises InputError with everything that is wrong with them."""
    own = rows_given(coefficients)
    wrong: list[Problem] = [*own.problems, *check_same_dimension([*profile.tables, own.rows])]
    wrong += [*check_possible([*own.rows, *own.extremes]), *check_names(own.rows, profile)]
    if any(problem.severity == "error" for problem in wrong):
        raise InputError(say("plan.unusable_rows"), wrong)
    return own


def _why_missing(values: _Values, plan: DensityPlan) -> Text | None:
    """Why there is no map of a density for a class that may count; None where there is one."""
    sources, cell = values.study.sources, values.cell
    where = "/".join(part for part in cell if part)
    if not plan.ways:
        return plan.reason
    if cell not in plan.chosen:
        names = dict.fromkeys(name for way in plan.ways for name in sources.coefficients_of(way))
        return say("plan.only_if_supplied", cell=where, names=list(names))
    way = plan.ways[plan.chosen[cell]]
    without = [name for name in sources.coefficients_of(way) if sources.look_up(name, cell) is None]
    if without:
        return say("plan.no_coefficient", cell=where, names=without)
    return None if values.study.layers.data_vars else say("plan.no_layer")


def _latitude(layers: xr.Dataset) -> xr.DataArray | None:
    """The latitude of the cells, where the layers carry it as a coordinate in degrees."""
    found = [layers.coords[name] for name in ("latitude", "lat") if name in layers.coords]
    return found[0].astype(float).assign_attrs(units="degree") if found else None


class _Values:
    """The values of inputs for one class, DataArrays or numbers with their units; what equations give is computed
    once.
    """

    def __init__(self, study: _Notebook, cell: Cell) -> None:
        self.study, self.cell = study, cell
        self._computed: dict[Computed, xr.DataArray] = {}

    def __getitem__(self, node: Input) -> xr.DataArray | str | float:
        sources = self.study.sources
        if isinstance(node, LayerInput):
            made = self.study.terrain.made
            return made[node.name] if node.name in made else self.study.layers[node.name]
        if isinstance(node, Computed):
            return self.compute(node)
        if isinstance(node, CalendarInput):
            assert sources.year is not None
            return xr.DataArray(months_of(sources.year)[node.name], dims="month", attrs={"units": node.unit})
        if isinstance(node, CellInput):
            latitude = _latitude(self.study.layers)
            assert latitude is not None
            return latitude
        assert isinstance(node, ClassInput)
        if node.name in CLASS_ATTRIBUTES:
            return is_vegetated(*self.cell)
        if node.name in sources.constants:
            return f"{sources.constants[node.name]!r} {node.unit}"
        found = sources.look_up(node.name, self.cell)
        assert found is not None
        varied = self.study.own.arrays.get(found.row.key) if found.row in self.study.own.rows else None
        return f"{found.row.to(node.unit)!r} {node.unit}" if varied is None else varied

    def compute(self, node: Computed) -> xr.DataArray:
        """The result of an equation as an array."""
        if node not in self._computed:
            result = node.equation(*(self[part] for part in node.inputs))
            if not isinstance(result, xr.DataArray):
                result = xr.DataArray(float(getattr(result, "magnitude", result)))
                result.attrs = cf_attributes(node.equation.returns)
            self._computed[node] = self._everywhere(result)
        return self._computed[node]

    def _everywhere(self, result: xr.DataArray) -> xr.DataArray:
        """What depends on no layer, as an array on the grid of the layers."""
        first = next(iter(self.study.layers.data_vars.values()))
        plane = first.isel(month=0, drop=True) if "month" in first.dims else first
        if set(plane.dims) <= set(result.dims):
            return result
        of_grid = xr.full_like(plane, 0.0, dtype=float)
        of_grid.attrs = {}
        return (of_grid + result).transpose(..., *plane.dims).assign_attrs(result.attrs)
