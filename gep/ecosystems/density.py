"""Densities of an ecosystem's services as maps, for arrays in a notebook: planned as a run plans them, without zones or
totals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from types import NoneType

import xarray as xr

from gep.core.arguments import check_argument
from gep.core.catalog import CellComponent, Ecosystem, Service, named
from gep.core.errors import InputError, UsageError, did_you_mean
from gep.core.messages import Text, joined, say
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
from gep.standards.coefficients import Coefficient, Coefficients, read_coefficients, regions_of
from gep.standards.profile import Profile, load_profile
from gep.standards.rules import check_methods

DAYS_PER_YEAR = "days_per_year"


def compute_ecosystem(
    ecosystem: Ecosystem,
    layers: xr.Dataset,
    profile: Profile | str = "ndrc-2022",
    *,
    land_class: str = "",
    region: str = "",
    year: int | None = None,
    methods: Mapping[str, Mapping[str, str]] | None = None,
    coefficients: str | Path | Sequence[Coefficient] = (),
) -> xr.Dataset:
    """Density maps of everything one ecosystem provides, as if every cell were of it.

    `layers` holds DataArrays with `units`, under the names of the layer vocabulary; lazy arrays stay lazy. `land_class`
    chooses the coefficients; `coefficients` are rows of the study's own, or a table of them. What counts, and from
    what it is computed, is decided as in a run of a `Study`; so a density times the area of a class is the quantity in
    the account, before caps at emissions and before negative totals are counted as zero. Services that the profile
    turns off, that count only by numbers of the study's own, or that lack something, are left out and named with the
    reason in `.attrs["missing"]`, in Chinese in `.attrs["missing_zh"]`.
    """
    check_argument("layers", layers, "dataset", xr.Dataset)
    check_argument("profile", profile, "profile", str, Profile)
    check_argument("year", year, "year", Integral, NoneType)
    profile = load_profile(profile) if isinstance(profile, str) else profile
    for service_id, chosen in (methods or {}).items():
        check_methods(service_id, chosen, "methods")
    sources = _sources(layers, profile, _own_rows(coefficients), region, year, methods or {})
    _check_names(sources, ecosystem.id, land_class)
    maps: dict[str, xr.DataArray] = {}
    missing: list[Text] = []
    values = _Values(sources, layers, (ecosystem.id, land_class))
    for service in ecosystem.services:
        for name, found in _of_service(values, service):
            if isinstance(found, Text):
                missing.append(say("plan.of_component", name=name, reason=found))
            else:
                maps[name] = found
    about = {"ecosystem": ecosystem.id, "land_class": land_class, "profile": profile.id}
    return xr.Dataset(maps, attrs={**about, **_in_both("missing", joined(missing, "\n"))})


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


def _of_service(values: _Values, service: Service) -> Iterator[tuple[str, xr.DataArray | Text]]:
    """The map of each density of a service that may count for a class, or the reason why there is none."""
    sources, cell = values.sources, values.cell
    rule = sources.profile.rules.get(service.id)
    if rule is None or service.products:
        return
    if off := sources.why_off(rule):
        yield service.id, off
        return
    has_several = len(service.components(sources.settings[service.id])) > 1
    rule, components = sources.wanted(rule, service)
    for component in components:
        if not isinstance(component, CellComponent) or not rule.counted(*cell, component.id):
            continue
        name = f"{service.id}_{component.id}" if has_several else service.id
        plan = plan_density(sources, rule, service, component, [cell])
        if reason := _why_missing(values, plan):
            yield name, reason
            continue
        density = values.compute(plan.ways[plan.chosen[cell]])
        counted = density.clip(min=0, keep_attrs=True) if component.clip == "cell" else density
        title = say("plan.density_of", service=named(service.id), of=named(component.id))
        yield name, counted.assign_attrs(_in_both("long_name", title))


def _in_both(name: str, text: Text) -> dict[str, str]:
    """A text as two attributes, which files of arrays can hold."""
    return {name: str(text), f"{name}_zh": text.zh}


def _sources(
    layers: xr.Dataset,
    profile: Profile,
    own: Sequence[Coefficient],
    region: str,
    year: int | None,
    methods: Mapping[str, Mapping[str, str]],
) -> Sources:
    """What there is to plan from: the names of the arrays, and what follows from the year and the coordinates."""
    refused: dict[str, Text] = {}
    if year is None:
        refused |= {name: say("plan.needs_year") for name in (*MONTHS, DAYS_PER_YEAR)}
    if _latitude(layers) is None:
        refused |= {name: say("plan.needs_latitude") for name in CELL_ATTRIBUTES}
    return Sources(
        profile,
        tuple(str(name) for name in layers.data_vars),
        Coefficients([own, *profile.tables]),
        methods,
        region,
        year,
        constants={} if year is None else {DAYS_PER_YEAR: days_of(year)},
        refused=refused,
    )


def _own_rows(coefficients: str | Path | Sequence[Coefficient]) -> Sequence[Coefficient]:
    """The rows of the study's own. Raises InputError with what is wrong in their table."""
    if not isinstance(coefficients, str | Path):
        check_argument("coefficients", coefficients, "rows", tuple, list)
        for row in coefficients:
            check_argument("coefficients", row, "rows", Coefficient)
        return coefficients
    rows, problems = read_coefficients(Path(coefficients), is_shipped=False)
    if any(problem.severity == "error" for problem in problems):
        raise InputError(say("plan.unusable_rows"), problems)
    return rows


def _why_missing(values: _Values, plan: DensityPlan) -> Text | None:
    """Why there is no map of a density for a class that may count; None where there is one."""
    sources, cell = values.sources, values.cell
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
    return None if values.layers.data_vars else say("plan.no_layer")


def _latitude(layers: xr.Dataset) -> xr.DataArray | None:
    """The latitude of the cells, where the layers carry it as a coordinate in degrees."""
    found = [layers.coords[name] for name in ("latitude", "lat") if name in layers.coords]
    return found[0].astype(float).assign_attrs(units="degree") if found else None


class _Values:
    """The values of inputs for one class, DataArrays or numbers with their units; what equations give is computed
    once.
    """

    def __init__(self, sources: Sources, layers: xr.Dataset, cell: Cell) -> None:
        self.sources, self.layers, self.cell = sources, layers, cell
        self._computed: dict[Computed, xr.DataArray] = {}

    def __getitem__(self, node: Input) -> xr.DataArray | str | float:
        if isinstance(node, LayerInput):
            return self.layers[node.name]
        if isinstance(node, Computed):
            return self.compute(node)
        if isinstance(node, CalendarInput):
            assert self.sources.year is not None
            return xr.DataArray(months_of(self.sources.year)[node.name], dims="month", attrs={"units": node.unit})
        if isinstance(node, CellInput):
            latitude = _latitude(self.layers)
            assert latitude is not None
            return latitude
        assert isinstance(node, ClassInput)
        if node.name in CLASS_ATTRIBUTES:
            return is_vegetated(*self.cell)
        if node.name in self.sources.constants:
            return f"{self.sources.constants[node.name]!r} {node.unit}"
        found = self.sources.look_up(node.name, self.cell)
        assert found is not None
        return f"{found.row.to(node.unit)!r} {node.unit}"

    def compute(self, node: Computed) -> xr.DataArray:
        """The result of an equation as a map."""
        if node not in self._computed:
            result = node.equation(*(self[part] for part in node.inputs))
            is_map = isinstance(result, xr.DataArray)
            amount = result if is_map else self._everywhere(float(getattr(result, "magnitude", result)), node)
            self._computed[node] = amount
        return self._computed[node]

    def _everywhere(self, value: float, node: Computed) -> xr.DataArray:
        """A density that depends on no layer, as a map on the grid of the layers."""
        first = next(iter(self.layers.data_vars.values()))
        shape = first.isel(month=0, drop=True) if "month" in first.dims else first
        everywhere: xr.DataArray = xr.full_like(shape, value, dtype=float)
        everywhere.attrs = {"units": node.equation.returns}  # none of those of the layer: a scale would hold again
        return everywhere
