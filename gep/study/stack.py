"""Studies that vary along dimensions: years of layers, draws and scenarios of coefficients. Each point of them is a
study of its own; those that differ in coefficients alone are summed in one pass over the grid.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, product
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gep.account.account import Account
from gep.account.basis import ServiceFigures
from gep.account.consequence import about_study
from gep.account.valuation import make_account
from gep.core.errors import SEVERITIES, Problem, UsageError
from gep.core.messages import say
from gep.engine.run import Progress, run
from gep.engine.sums import Sums
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.layers import Layer, LayerSpec
from gep.inputs.open import Inputs
from gep.inputs.spec import StudySpec
from gep.plan.plan import Array, Flow, FlowKey
from gep.plan.planner import ServicePlan, StudyPlan, make_plan, values_by_class
from gep.plan.wiring import ClassInput, Computed, Input, leaves
from gep.standards.coefficients import Coefficient, Coefficients

YEAR = "year"
OF_LAYERS = (YEAR, "draw", "scenario")
"""Dimensions of arrays that are no bands."""

MOST_SUMS = 2**25
"""Numbers that the sums of one pass may hold: more points than fit take several passes."""

Point = Mapping[str, int]
"""Where a study stands: a position along each dimension."""


def dimensions_of(spec: StudySpec) -> dict[str, list[Any]]:
    """The dimensions along which a study varies, with their labels, years first. Raises UsageError where arrays
    disagree.
    """
    found: dict[str, list[Any]] = {YEAR: list(spec.years)} if spec.years else {}
    for name, of_years in spec.of_years.items():
        _check_years(spec, name, list(of_years))
    for name, array in _arrays(spec):
        for dim in map(str, array.dims):
            if dim not in OF_LAYERS and name in (*spec.layers, "land_cover"):
                continue
            labels = np.asarray(array[dim]).tolist() if dim in array.coords else list(range(array.sizes[dim]))
            if dim == YEAR:
                _check_years(spec, name, labels)
            if dim != YEAR and found.setdefault(dim, labels) != labels:
                raise UsageError(say("study.stack.other_labels", name=name, dim=dim))
    return found


def _check_years(spec: StudySpec, name: str, there: Sequence[Any]) -> None:
    """Raise UsageError where years are not said, or something has not all of them."""
    if not spec.years:
        raise UsageError(say("study.stack.which_years", name=name, years=there))
    if lacking := [year for year in spec.years if year not in there]:
        raise UsageError(say("study.stack.no_such_year", name=name, years=lacking))


def _arrays(spec: StudySpec) -> Iterator[tuple[str, xr.DataArray]]:
    for name, layer in {"land_cover": spec.land_cover, **spec.layers}.items():
        if isinstance(layer.data, xr.DataArray):
            yield name, layer.data
    for key, array in spec.arrays.items():
        yield key[0], array


def spec_at(spec: StudySpec, labels: Mapping[str, Any], point: Point) -> StudySpec:
    """The study at a point: its year, its layers, its coefficients."""
    if YEAR in labels:
        spec = spec.in_year(labels[YEAR])

    def layer(of: LayerSpec) -> LayerSpec:
        data = of.data
        if not isinstance(data, xr.DataArray):
            return of
        here: dict[Hashable, Any] = {dim: at for dim, at in point.items() if dim in data.dims and dim != YEAR}
        data = data.isel(here, drop=True)
        if YEAR in data.dims:
            data = data.sel({YEAR: labels[YEAR]}, drop=True)
        return of if data is of.data else replace(of, data=data)

    return replace(
        spec,
        land_cover=layer(spec.land_cover),
        layers={name: layer(of) for name, of in spec.layers.items()},
        coefficients={
            name: tuple(_row_at(spec, row, labels, point) for row in source) if isinstance(source, tuple) else source
            for name, source in spec.coefficients.items()
        },
        arrays={},
    )


def _row_at(spec: StudySpec, row: Coefficient, labels: Mapping[str, Any], point: Point) -> Coefficient:
    array = spec.arrays.get(row.key)
    if array is None:
        return row
    if YEAR in array.dims:
        array = array.sel({YEAR: labels[YEAR]})
    return replace(row, value=float(array.isel({dim: at for dim, at in point.items() if dim in array.dims})))


def points_of(dims: Mapping[str, Sequence[Any]]) -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """Every point of some dimensions: its labels, and its positions."""
    for where in product(*(range(len(labels)) for labels in dims.values())):
        at = dict(zip(dims, where, strict=True))
        yield {name: dims[name][number] for name, number in at.items()}, at


def in_each_year(spec: StudySpec, dims: Mapping[str, Sequence[Any]]) -> dict[int, StudySpec]:
    """The study of each of its years; of draws and scenarios the first."""
    labels, at = next(points_of(dims))
    return {year: spec_at(spec, {**labels, YEAR: year}, {**at, YEAR: number}) for number, year in enumerate(dims[YEAR])}


def told_once(found: Mapping[int, Iterable[Problem]]) -> list[Problem]:
    """The problems of several years with the years of each: what is alike is told once. Errors first."""
    years: dict[Problem, list[int]] = {}
    for year, problems in found.items():
        for one in dict.fromkeys(problems):
            years.setdefault(one, []).append(year)
    told = [replace(one, message=say("study.years.of", years=of, message=one.message)) for one, of in years.items()]
    return sorted(told, key=lambda one: (SEVERITIES.index(one.severity), one.code, one.subject))


def of_layers(spec: StudySpec, dims: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """The dimensions along which layers vary, or the year: each of their points is opened and summed by itself."""
    of = {dim for name, array in _arrays(spec) if name in (*spec.layers, "land_cover") for dim in array.dims}
    return {name: labels for name, labels in dims.items() if name == YEAR or name in of}


def along(dims: Mapping[str, Sequence[Any]], parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Densities of every point of some dimensions as one Dataset; `area`, which is the same, without them."""
    found = list(parts)
    for name, labels in reversed(list(dims.items())):
        of = pd.Index(labels, name=name)
        groups = [found[start : start + len(of)] for start in range(0, len(found), len(of))]
        how: dict[str, Any] = {"data_vars": "all", "coords": "minimal", "compat": "override", "join": "exact"}
        found = [xr.concat(group, of, combine_attrs="drop_conflicts", **how) for group in groups]
    (together,) = found
    return together.assign(area=parts[0].area)


def accounts_of(
    spec: StudySpec,
    dims: Mapping[str, Sequence[Any]],
    run_one: Callable[[StudySpec], tuple[Inputs, Account]],
    together: Callable[[Inputs, Sequence[StudySpec]], Iterable[Account]],
) -> dict[tuple[Any, ...], Account]:
    """The accounts of every point of a study, by labels. The first of those that differ in coefficients alone is run
    with all tests, the others are summed `together` with what it opened.
    """
    outer = of_layers(spec, dims)
    inner = {name: labels for name, labels in dims.items() if name not in outer}
    found: dict[tuple[Any, ...], Account] = {}
    for labels, at in points_of(outer):
        here = [({**labels, **more}, {**at, **where}) for more, where in points_of(inner)]
        specs = [spec_at(spec, *point) for point in here]
        inputs, account = run_one(specs[0])
        about, each = account.about, [account]
        if len(specs) > 1:
            each = [
                one.replace(problems=about.problems, coverage=about.coverage, statistics=about.statistics)
                for one in together(inputs, specs)
            ]
        found |= {tuple(point[name] for name in dims): one for (point, _), one in zip(here, each, strict=True)}
    return found


# one pass for many points of coefficients -----------------------------------------------------------------------------


def accounts_together(
    inputs: Inputs, specs: Sequence[StudySpec], *, threads: int, memory: float, progress: Progress | None = None
) -> Iterator[Account]:
    """The accounts of studies that are `inputs` with other numbers in their coefficients, in the order given. What no
    such number goes into is summed once for all of them, and what differs in one pass for many.
    """
    replanned = _Replanned(inputs)
    plans = [replanned.of(spec) for spec in specs]
    first = plans[0][1]
    of_each = max(1, sum(len(flow.is_counted) for flow in first.plan.flows) * len(first.plan.zones.zones) * 8)
    size = max(1, MOST_SUMS // of_each)
    fixed = [service.id for service in first.services if _is_untouched(service, replanned)]
    known: dict[str, ServiceFigures] = {}
    for start in range(0, len(plans), size):
        batch = plans[start : start + size]
        sums = _summed([plan for _, plan in batch], threads, memory, progress)
        for (opened, study_plan), of_point in zip(batch, sums, strict=True):
            account, figures = make_account(study_plan, opened, of_point, about_study(opened, study_plan), known)
            by_id = {service.id: of for service, of in zip(study_plan.services, figures, strict=True)}
            known = known or {name: by_id[name] for name in fixed}
            yield account


def _is_untouched(service: ServicePlan, replanned: _Replanned) -> bool:
    """Whether no figure of a service can rest on any of the numbers that differ. Products may rest on many, and layers
    that are made with such a number on all: then none is.
    """
    if service.service is None or service.service.products or replanned.changed & replanned.constants:
        return False
    components = [part.component for part in service.components]
    names = {of.looked_up(argument) for of in components for equation in of.equations for argument in equation.units}
    names |= {leaf.name for part in service.components for flow in part.flows for leaf in leaves(flow.node)}
    return not names & replanned.changed


class _Replanned:
    """Plans of studies that are `inputs` with other numbers: that of the inputs with its tables made anew, where none
    of the numbers goes into a layer that is made on its own grid; else a plan of its own.
    """

    def __init__(self, inputs: Inputs) -> None:
        self._inputs, self._plan = inputs, make_plan(inputs)
        self.changed: set[str] = set()
        """The coefficients that differ in any of the studies planned so far."""
        self.constants = {name for constants in _constants(self._plan).values() for name in constants}

    def of(self, spec: StudySpec) -> tuple[Inputs, StudyPlan]:
        """The inputs with the coefficients of a study, and the plan for them."""
        rows = {row.key: row for source in spec.coefficients.values() if isinstance(source, tuple) for row in source}
        own, *rest = self._inputs.coefficients.tables
        changed = {row.name for row in own if rows.get(row.key, row) != row}
        self.changed |= changed
        coefficients = Coefficients([[rows.get(row.key, row) for row in own], *rest])
        opened = replace(self._inputs, spec=spec, coefficients=coefficients)
        if changed & self.constants:
            return opened, make_plan(opened)
        plan = self._plan.plan
        tables = {
            (name, unit): values_by_class(coefficients, plan.classes, name, unit, spec.region, spec.year)
            for name, unit in plan.class_values
            if name in changed
        }
        return opened, replace(self._plan, plan=replace(plan, class_values={**plan.class_values, **tables}))


def _summed(plans: Sequence[StudyPlan], threads: int, memory: float, progress: Progress | None) -> list[Sums]:
    """The sums of plans on the same layers, in one pass over the grid where their layers are made alike."""
    first = plans[0].plan
    if any(_constants(plan) != _constants(plans[0]) for plan in plans):
        return [run(plan.plan, threads=threads, memory=memory, progress=progress) for plan in plans]
    merged = _Merged()
    keys = [{flow.key: merged.add(flow, plan.plan.class_values) for flow in plan.plan.flows} for plan in plans]
    together = replace(first, flows=tuple(merged.flows.values()), class_values=merged.tables, is_compiled=False)
    sums = run(together, threads=threads, memory=memory, progress=progress)
    return [replace(sums, flows={key: sums.flows[at] for key, at in of_plan.items()}) for of_plan in keys]


def _constants(plan: StudyPlan) -> dict[str, Mapping[str, float]]:
    """The numbers with which layers are made on their own grids, those of what they are made from among them."""

    def of(layer: Layer) -> dict[str, float]:
        if not isinstance(layer, DerivedLayer):
            return {}
        below = (of(part).items() for part in layer.inputs.values())
        return {**dict(chain.from_iterable(below)), **layer.constants}

    return {name: of(layer) for name, layer in plan.plan.layers.items() if isinstance(layer, DerivedLayer)}


class _Merged:
    """Flows of several plans as those of one: each that differs in its numbers once, under a key of its own."""

    def __init__(self) -> None:
        self.flows: dict[FlowKey, Flow] = {}
        self.tables: dict[tuple[str, str], Array] = {}
        self._known: dict[Hashable, FlowKey] = {}
        self._names: dict[Hashable, str] = {}

    def add(self, flow: Flow, class_values: Mapping[tuple[str, str], Array]) -> FlowKey:
        """A flow with the numbers of its plan; the key that its sums will have."""
        named = {
            leaf: ClassInput(self._name(leaf, class_values[leaf.name, leaf.unit]), leaf.unit)
            for leaf in leaves(flow.node)
            if isinstance(leaf, ClassInput)
        }
        renamed = replace(flow, node=_renamed(flow.node, named))
        signature = flow.key, renamed.node, flow.is_counted.tobytes(), flow.is_clipped
        if signature not in self._known:
            key = self._known[signature] = flow.key._replace(variant=len(self.flows))
            self.flows[key] = replace(renamed, variant=key.variant)
        return self._known[signature]

    def _name(self, leaf: ClassInput, values: Array) -> str:
        """The name of a table of numbers by class: its own the first time, another for each that differs."""
        signature = leaf.name, leaf.unit, values.tobytes()
        if signature not in self._names:
            name = leaf.name if (leaf.name, leaf.unit) not in self.tables else f"{leaf.name}#{len(self._names)}"
            self._names[signature] = name
            self.tables[name, leaf.unit] = values
        return self._names[signature]


def _renamed(node: Computed, named: Mapping[ClassInput, ClassInput]) -> Computed:
    def of(part: Input) -> Input:
        if isinstance(part, Computed):
            return _renamed(part, named)
        return named[part] if isinstance(part, ClassInput) else part

    return replace(node, inputs=tuple(map(of, node.inputs)))
