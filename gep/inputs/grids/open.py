"""Opening a layer: by its header alone, its unit, scale, missing values and resampling are settled once.

What the project says about scale, offset, nodata and unit replaces what the file says; it is never applied on top of
it.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gep.core import units
from gep.core.catalog import layer_kinds
from gep.core.errors import InputError, UnitError
from gep.core.messages import Text, listed, say
from gep.inputs.grids.bands import Pick, axis_words
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.headers import Header
from gep.inputs.grids.layers import FILLS, Kind, Layer, LayerSpec, in_dtype
from gep.inputs.grids.places import Place
from gep.inputs.grids.sources import read_header
from gep.inputs.products import product_of

if TYPE_CHECKING:
    import xarray as xr

Packings = tuple[tuple[float, float], ...]
"""Scale and offset of all fields, or of each."""

RESAMPLINGS = ("nearest", "bilinear", "average")


def open_layer(
    spec: LayerSpec,
    *,
    unit: str,
    kind: Kind = "continuous",
    monthly_unit: str | None = None,
    daily_unit: str | None = None,
    subdaily_unit: str | None = None,
    year: int | None = None,
) -> Layer:
    """Open a layer by its header alone, with everything about it settled or every error of it raised at once.

    `unit` is the canonical unit, `monthly_unit`, `daily_unit` and `subdaily_unit` those of a layer that has an axis of
    months, days or steps of days (None: the same); `year` is the year whose months have the days of the calendar, where
    neither file nor project says another. Raises InputError with all problems found; warnings and information
    stay with the layer.
    """
    findings = Findings(spec.name, spec.place)
    _check_resampling(spec, kind, findings)
    pick = Pick(spec.band, spec.bands, spec.variable, may_have_axis=kind == "continuous")
    header = read_header(spec.data, pick, findings)
    if header is None:
        if kind == "continuous" and spec.units is not None:
            _convert(
                spec.units, (subdaily_unit, daily_unit, monthly_unit, unit), findings
            )  # so that it is said together with the rest
        raise _refused(findings)
    if kind == "class" and header.axis:
        key = "grids.F02.classes_by_month" if header.is_monthly else "grids.F02.classes_by_step"
        findings.problem(key, axis=axis_words(header.axis), count=len(header.pick))
    target = {"month": monthly_unit, "day": daily_unit, "hour": subdaily_unit}.get(header.axis or "") or unit
    missing = _missing_values(spec, header, kind, findings)
    valid = _valid_range(spec, header, findings)
    packings = _raw_to_unit(spec, header, kind, findings)
    is_stored = kind == "continuous" and not isinstance(spec.data, Place) and spec.scale is spec.offset is None
    if is_stored and (header.scale, header.offset) != (1.0, 0.0):
        findings.problem("grids.U04.stored", found=f"scale_factor {header.scale:g}, add_offset {header.offset:g}")
    if kind == "continuous":
        conversions = _unit_of_layer(spec, header, target, year, findings)
        packings = _one_after_the_other(packings, conversions)
    if findings.errors or header.crs is None or header.lattice is None:
        raise _refused(findings)
    return Layer(
        spec=spec,
        kind=kind,
        unit=target if kind == "continuous" else "1",
        header=header,
        crs=header.crs,
        lattice=header.lattice,
        scale=packings[0][0],
        offset=packings[0][1],
        by_field=packings if len(packings) > 1 else (),
        valid=valid,
        missing_values=missing,
        suspects=_suspects(spec.data, header, missing, packings) if kind == "continuous" else (),
        problems=tuple(findings.problems),
    )


def _refused(findings: Findings) -> InputError:
    return InputError(say("grids.refused", layer=findings.subject), findings.problems)


def _check_resampling(spec: LayerSpec, kind: Kind, findings: Findings) -> None:
    if spec.resampling is not None and spec.resampling not in RESAMPLINGS:
        findings.problem("grids.G06.unknown", found=spec.resampling, allowed=listed(RESAMPLINGS))
    elif spec.resampling == "bilinear" and kind == "class":
        findings.problem("grids.G06.classes", found=spec.resampling)


def _missing_values(spec: LayerSpec, header: Header, kind: Kind, findings: Findings) -> tuple[float, ...]:
    """The raw values that mean missing: the project's, else the file's."""
    declared = header.nodata
    if spec.nodata is not None:
        given = _given_nodata(spec.nodata, findings)
        if declared and not spec.product and not _same_numbers(given, declared, header.dtype):
            findings.problem("grids.N04.replaced", found=_both(_listed(declared), _listed(given)))
        declared = given
    unable = [value for value in declared if in_dtype(value, header.dtype) is None]
    if unable and spec.nodata is not None:
        findings.problem("grids.N04.impossible", dtype=header.dtype, found=_listed(unable))
    if header.is_fill_unclear and spec.nodata is None:
        if kind == "class":
            declared = (0.0,)
        else:
            findings.problem("grids.N21.default_fill")
    is_told = header.is_fill_unclear or bool(declared) or header.is_masked or spec.nodata is not None
    if kind == "continuous" and header.dtype.kind in "iu" and not is_told:
        findings.problem("grids.N01.undeclared", dtype=header.dtype)
    return declared


def _valid_range(spec: LayerSpec, header: Header, findings: Findings) -> tuple[float, float] | None:
    """Between what raw values are measurements, by the file; the project may say that every cell has a value."""
    is_replaced = isinstance(spec.nodata, str) and not _given_nodata(spec.nodata, Findings("", ""))
    if header.valid is None or is_replaced:
        return None
    findings.problem("grids.N22.valid", found=say("grids.from_to", low=header.valid[0], high=header.valid[1]))
    return header.valid


def _given_nodata(nodata: float | str | Sequence[float], findings: Findings) -> tuple[float, ...]:
    if isinstance(nodata, str):
        if nodata.strip().lower() == "none":
            return ()
        try:
            nodata = float(nodata)
        except ValueError:
            findings.problem("grids.N04.no_number", found=str(nodata))
            return ()
    return (float(nodata),) if isinstance(nodata, int | float) else tuple(map(float, nodata))


def _same_numbers(first: tuple[float, ...], second: tuple[float, ...], dtype: np.dtype[Any]) -> bool:
    def plain(values: tuple[float, ...]) -> set[str]:
        return {str(in_dtype(value, dtype)) for value in values}

    return plain(first) == plain(second)


def _listed(values: Sequence[float]) -> Text:
    return listed(f"{value!r}".removesuffix(".0") for value in values) if values else say("grids.none")


def _both(of_file: str, of_project: str) -> Text:
    """What the file says and what the project says."""
    return say("grids.both", of_file=of_file, of_project=of_project)


def _raw_to_unit(spec: LayerSpec, header: Header, kind: Kind, findings: Findings) -> Packings:
    """Scale and offset from raw values to the layer's own unit: one pair for all fields, or one for each."""
    own = header.by_field or ((header.scale, header.offset),)
    of_file = {"scale": [scale for scale, _ in own], "offset": [offset for _, offset in own]}
    for name, given, neutral in (("scale", spec.scale, 1.0), ("offset", spec.offset, 0.0)):
        there = list(dict.fromkeys(of_file[name]))
        if kind == "class" and any(value != neutral for value in (there if given is None else [given])):
            findings.problem("grids.U04.classes", name=name, found=_listed(there if given is None else [given]))
        elif given is not None and any(
            value != neutral and not math.isclose(given, value, rel_tol=1e-6) for value in there
        ):
            findings.problem("grids.U04.replaced", name=name, found=_both(_listed(there), f"{given:.10g}"))
    if kind == "class":
        return ((1.0, 0.0),)
    packings = dict.fromkeys(
        (
            scale if spec.scale is None else float(spec.scale),
            offset if spec.offset is None else float(spec.offset),
        )
        for scale, offset in own
    )
    for scale, offset in packings:
        if scale == 0 or not (math.isfinite(scale) and math.isfinite(offset)):
            findings.problem("grids.U04.not_finite", found=f"scale {scale:g}, offset {offset:g}")
            return ((1.0, 0.0),)
    if len(packings) == 1:
        return tuple(packings)
    return tuple(
        (scale if spec.scale is None else float(spec.scale), offset if spec.offset is None else float(spec.offset))
        for scale, offset in own
    )


def _one_after_the_other(first: Packings, then: Packings) -> Packings:
    """Two steps as one, for all fields or for each."""
    count = max(len(first), len(then))
    pairs = zip(*(step * count if len(step) == 1 else step for step in (first, then)), strict=True)
    return tuple((s * scale, o * scale + offset) for (s, o), (scale, offset) in pairs)


def _unit_of_layer(spec: LayerSpec, header: Header, target: str, year: int | None, findings: Findings) -> Packings:
    """Scale and offset from the layer's unit to the canonical one."""
    text = header.unit if spec.units is None else spec.units
    if text is not None and (flux := _flux_of_water(text, target, spec.name, header, spec.year or year)):
        if flux.is_mean:
            findings.problem("grids.T20.mean_of_water", found=f"`{text}`", unit=target)
        return flux.packings
    if text is None:
        findings.problem("grids.U01.none", unit=target)
        return ((1.0, 0.0),)
    if (
        spec.units is not None
        and header.unit is not None
        and not (spec.product or _means_the_same(spec.units, header.unit))
    ):
        findings.problem("grids.U05.replaced", found=_both(f"`{header.unit}`", f"`{spec.units}`"))
    if header.is_monthly and (of_days := _means_of_days(text, target, header, spec.year or year)):
        findings.problem("grids.T20.per_day", found=f"`{text}`", unit=target)
        return of_days
    return (_convert(text, (target,), findings, by_file=spec.units is None),)


class _Flux(NamedTuple):
    """How a mass of water on an area becomes a depth, and whether it was a mean in time, to be added up."""

    packings: Packings
    is_mean: bool


def _flux_of_water(text: str, target: str, name: str, header: Header, year: int | None) -> _Flux | None:
    """From `kg m-2 s-1` or `kg m-2 yr-1` of water to a depth: a mean in time is multiplied by its time, that of the
    year, of each month, of a day or a step. None for other units and layers.
    """
    kind = layer_kinds().get(name)
    depth = units.depth_of_water(text) if kind and kind.is_depth_of_water else None
    if depth is None:
        return None
    try:
        return _Flux((units.linear(depth, target),), is_mean=False)
    except UnitError:
        lengths = _lengths(header, year)
    per_day = f"({target}){'*year' if '[accounting_year]' in units.dimensions(target) else ''}/day"
    try:
        scale, offset = units.linear(depth, per_day)
    except UnitError:
        return None
    return _Flux(tuple((scale * days, offset * days) for days in lengths), is_mean=True) if lengths else None


def _lengths(header: Header, year: int | None) -> list[float]:
    """The days that each field of a layer stands for; none where its year is not known."""
    if header.is_daily:
        return [1.0 / header.steps_per_day]
    if header.is_monthly and header.times:
        return [float(monthrange(*month)[1]) for month in header.times]
    months = [float(monthrange(year, month)[1]) for month in range(1, 13)] if year else []
    return months if header.is_monthly or not months else [sum(months)]


def _means_of_days(text: str, target: str, header: Header, year: int | None) -> Packings | None:
    """From means per day to the sums of the months, by the days of each in its year; None where the values are none."""
    try:
        units.linear(text, target)
    except UnitError:
        try:
            scale, offset = units.linear(text, f"({target})/day")
        except UnitError:
            return None
        return tuple((scale * days, offset * days) for days in _lengths(header, year)) or None
    return None


def _means_the_same(first: str, second: str) -> bool:
    try:
        return first.strip() == second.strip() or units.linear(second, first) == (1.0, 0.0)
    except UnitError:
        return False


def _convert(
    text: str, targets: Sequence[str | None], findings: Findings, *, by_file: bool = False
) -> tuple[float, float]:
    """`units.linear`, with its refusal among the findings; where the axis is not known yet any of the units will do."""
    target = targets[-1]
    for option in filter(None, targets):
        try:
            return units.linear(text, option)
        except UnitError as error:
            refusal = error
    findings.problem(
        f"grids.{refusal.code}.{'refused_of_file' if by_file else 'refused'}",
        message=refusal.message,
        found=text or say("grids.empty_text"),
        allowed=say("grids.a_unit_like", unit=target),
        do=say("grids.give_the_unit", unit=target),
    )
    return 1.0, 0.0


def _suspects(
    data: Place | xr.DataArray, header: Header, missing: tuple[float, ...], packings: Packings
) -> tuple[float, ...]:
    """Fill numbers that the dtype has and nothing declares, those of a known product among them, by the same arithmetic
    as `Layer.decode`, so that they compare equal.
    """
    dtype = header.dtype
    product = product_of(data if isinstance(data, Place) else None, header)
    known = product.missing_in(dtype) if product else ()
    declared = {str(in_dtype(value, dtype)) for value in missing}
    numbers = [
        number
        for value in (*FILLS, *known)
        if (number := in_dtype(value, dtype)) is not None and str(number) not in declared
    ]
    found = []
    for number in dict.fromkeys(numbers):
        for scale, offset in dict.fromkeys(packings):
            value = float(number)
            value = value * scale if scale != 1 else value
            found.append(value + offset if offset != 0 else value)
    return tuple(value for value in dict.fromkeys(found) if math.isfinite(value))
