"""Densities of an ecosystem's services as maps, for arrays in a notebook: the same equations and wiring as a run,
without zones or totals.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import xarray as xr

from gep.core.catalog import CellComponent, Component, Ecosystem, label
from gep.core.errors import CoefficientError
from gep.derivations import DERIVATIONS
from gep.plan.wiring import (
    CLASS_ATTRIBUTES,
    CalendarInput,
    CellInput,
    ClassInput,
    Computed,
    Input,
    LayerInput,
    Wiring,
    choose_way,
    days_of,
    months_of,
    quantities_of,
)
from gep.services import SERVICES
from gep.standards.classes import is_vegetated
from gep.standards.coefficients import Coefficients
from gep.standards.profile import Profile, load_profile
from gep.standards.rules import check_methods


def compute_ecosystem(
    ecosystem: Ecosystem,
    layers: xr.Dataset,
    profile: Profile | str = "ndrc-2022",
    *,
    land_class: str = "",
    region: str = "",
    year: int | None = None,
    methods: Mapping[str, Mapping[str, str]] | None = None,
) -> xr.Dataset:
    """Density maps of everything one ecosystem provides, as if every cell were of it.

    `layers` holds DataArrays with `units`, under the names of the layer vocabulary; lazy arrays stay lazy. `land_class`
    chooses the coefficients. Services that the profile does not count for this ecosystem, or that lack an input, are
    left out and named in `.attrs["missing"]`.
    """
    profile = load_profile(profile) if isinstance(profile, str) else profile
    for service_id, chosen in (methods or {}).items():
        check_methods(service_id, chosen, "methods")
    coefficients = Coefficients([(), *profile.tables])
    chosen_methods = {s: {**rule.methods, **(methods or {}).get(s, {})} for s, rule in profile.rules.items()}
    quantities = quantities_of(SERVICES.values(), chosen_methods)
    switches = {
        name: option for s in SERVICES.values() for name, option in s.settings(chosen_methods.get(s.id, {})).items()
    }
    constants = {} if year is None else {"days_per_year": days_of(year)}
    maps: dict[str, xr.DataArray] = {}
    missing: list[str] = []
    for service in ecosystem.services:
        rule = profile.rules.get(service.id)
        if rule is None or service.products or (rule.off and service.id not in (methods or {})):
            continue
        settings = service.settings({**rule.methods, **(methods or {}).get(service.id, {})})
        components = service.components(settings)
        for component in components:
            if not rule.counted(ecosystem.id, land_class, component.id) or not isinstance(component, CellComponent):
                continue
            name = service.id if len(components) == 1 else f"{service.id}_{component.id}"
            wiring = Wiring(
                tuple(str(v) for v in layers.data_vars),
                (),
                coefficients.names,
                DERIVATIONS,
                switches,
                quantities,
                constants=constants,
            )
            ways, unfound = wiring.connect(component.density, component.wiring)
            if not ways:
                missing.append(f"{name}: {'; '.join(dict.fromkeys(u.detail for u in unfound))}")
                continue
            look_up = partial(
                coefficients.lookup, ecosystem=ecosystem.id, land_class=land_class, region=region, year=year
            )
            way = ways[choose_way(ways, look_up, (), constants) or 0]
            try:
                density = _Evaluation(layers, coefficients, ecosystem.id, land_class, region, year).compute(way)
            except CoefficientError as error:
                missing.append(f"{name}: {error.message}")
            else:
                counted = density.clip(min=0, keep_attrs=True) if component.clip == "cell" else density
                maps[name] = _named(counted, service.id, component)
    return xr.Dataset(
        maps,
        attrs={
            "ecosystem": ecosystem.id,
            "land_class": land_class,
            "profile": profile.id,
            "missing": "\n".join(missing),
        },
    )


def _named(density: xr.DataArray, service: str, component: Component) -> xr.DataArray:
    density.attrs["long_name"] = f"{label(service, 'en')}: {label(component.id, 'en')}"
    return density


class _Evaluation:
    """The value of an input for one class: a DataArray, or a number with its unit."""

    def __init__(
        self,
        layers: xr.Dataset,
        coefficients: Coefficients,
        ecosystem: str,
        land_class: str,
        region: str,
        year: int | None,
    ) -> None:
        self.layers, self.coefficients = layers, coefficients
        self.where, self.region, self.year = (ecosystem, land_class), region, year

    def __getitem__(self, node: Input) -> xr.DataArray | str | float:
        if isinstance(node, LayerInput):
            return self.layers[node.name]
        if isinstance(node, Computed):
            return self.compute(node)
        if isinstance(node, CalendarInput):
            if self.year is None:
                raise CoefficientError(f"{node.name} depends on the year: say year=")
            return xr.DataArray(months_of(self.year)[node.name], dims="month", attrs={"units": node.unit})
        if isinstance(node, CellInput):
            return self._latitude()
        assert isinstance(node, ClassInput)
        if node.name in CLASS_ATTRIBUTES:
            return is_vegetated(*self.where)
        if node.name == "days_per_year" and self.year is not None:
            return f"{days_of(self.year)!r} {node.unit}"
        found = self.coefficients.lookup(node.name, *self.where, self.region, self.year)
        if found is None:
            raise CoefficientError(f"no {node.name} for {'/'.join(part for part in self.where if part)}")
        return f"{found.row.to(node.unit)!r} {node.unit}"

    def _latitude(self) -> xr.DataArray:
        """The latitude of the cells, where the layers carry it as a coordinate in degrees."""
        for name in ("latitude", "lat"):
            if name in self.layers.coords:
                return self.layers.coords[name].astype(float).assign_attrs(units="degree")
        raise CoefficientError("the layers have no coordinate `lat` or `latitude`, in degrees")

    def compute(self, node: Computed) -> xr.DataArray:
        """The result of an equation as a map."""
        result = node.equation(*(self[part] for part in node.inputs))
        return (
            result
            if isinstance(result, xr.DataArray)
            else self._constant(float(getattr(result, "magnitude", result)), node)
        )

    def _constant(self, value: float, node: Computed) -> xr.DataArray:
        """A density that depends on no layer, as a map on the grid of the layers."""
        first = next(iter(self.layers.data_vars.values()), None)
        if first is None:
            raise CoefficientError("no layer is given, so there is no grid to draw it on")
        shape = first.isel(month=0, drop=True) if "month" in first.dims else first
        return xr.full_like(shape, value, dtype=float).assign_attrs(units=node.equation.returns)
