"""Opening a layer: by its header alone, its unit, scale, missing values and resampling are settled once.

What the project says about scale, offset, nodata and unit replaces what the file says; it is never applied on top of
it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.core import units
from gep.core.errors import InputError, UnitError
from gep.core.messages import Text, listed, say
from gep.inputs.grids.bands import Pick, axis_words
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.layers import Kind, Layer, LayerSpec, in_dtype
from gep.inputs.grids.sources import Header, read_header
from gep.inputs.products import product_of

if TYPE_CHECKING:
    import xarray as xr

RESAMPLINGS = ("nearest", "bilinear", "average")

FILLS = (
    -999.0,
    -9999.0,
    -99999.0,
    -32767.0,
    -32768.0,
    32767.0,
    65535.0,
    *(float(code) for code in range(32761, 32767)),  # MODIS: unclassified, urban, wetland, snow, barren, water
    *(float(code) for code in range(65529, 65535)),  # the same in unsigned numbers
    -2147483648.0,
    2147483647.0,
    1e20,
    9.969209968386869e36,  # NetCDF's own for floats
    -3.4028234663852886e38,
    3.4028234663852886e38,
    -1.7976931348623157e308,
    1.7976931348623157e308,
)
"""Numbers that data producers write where there is no value. 255 is not among them: a full byte may well be meant."""


def open_layer(
    spec: LayerSpec,
    *,
    unit: str,
    kind: Kind = "continuous",
    monthly_unit: str | None = None,
    daily_unit: str | None = None,
    subdaily_unit: str | None = None,
) -> Layer:
    """Open a layer by its header alone, with everything about it settled or every error of it raised at once.

    `unit` is the canonical unit, `monthly_unit`, `daily_unit` and `subdaily_unit` those of a layer that has an axis of
    months, days or steps of days (None: the same). Raises InputError with all problems found; warnings and information
    stay with the layer.
    """
    findings = Findings(spec.name, spec.data.name if isinstance(spec.data, Path) else "DataArray")
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
    scale, offset = _raw_to_unit(spec, header, kind, findings)
    if kind == "continuous":
        unit_scale, unit_offset = _unit_of_layer(spec, header, target, findings)
        scale, offset = scale * unit_scale, offset * unit_scale + unit_offset
    if findings.errors or header.crs is None or header.lattice is None:
        raise _refused(findings)
    return Layer(
        spec=spec,
        kind=kind,
        unit=target if kind == "continuous" else "1",
        header=header,
        crs=header.crs,
        lattice=header.lattice,
        scale=scale,
        offset=offset,
        missing_values=missing,
        suspects=_suspects(spec.data, header, missing, scale, offset) if kind == "continuous" else (),
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
        if declared and not _same_numbers(given, declared, header.dtype):
            findings.problem("grids.N04.replaced", found=_both(_listed(declared), _listed(given)))
        declared = given
    unable = [value for value in declared if in_dtype(value, header.dtype) is None]
    if unable and spec.nodata is not None:
        findings.problem("grids.N04.impossible", dtype=header.dtype, found=_listed(unable))
    is_told = bool(declared) or header.is_masked or spec.nodata is not None
    if kind == "continuous" and header.dtype.kind in "iu" and not is_told:
        findings.problem("grids.N01.undeclared", dtype=header.dtype)
    return declared


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
    return listed(f"{value:.10g}" for value in values) if values else say("grids.none")


def _both(of_file: str, of_project: str) -> Text:
    """What the file says and what the project says."""
    return say("grids.both", of_file=of_file, of_project=of_project)


def _raw_to_unit(spec: LayerSpec, header: Header, kind: Kind, findings: Findings) -> tuple[float, float]:
    """Scale and offset from raw values to the layer's own unit."""
    for name, given, of_file, neutral in (
        ("scale", spec.scale, header.scale, 1.0),
        ("offset", spec.offset, header.offset, 0.0),
    ):
        if kind == "class" and (given if given is not None else of_file) != neutral:
            findings.problem("grids.U04.classes", name=name, found=str(given or of_file))
        elif given is not None and of_file != neutral and not math.isclose(given, of_file, rel_tol=1e-6):
            findings.problem("grids.U04.replaced", name=name, found=_both(f"{of_file:.10g}", f"{given:.10g}"))
    if kind == "class":
        return 1.0, 0.0
    scale = header.scale if spec.scale is None else float(spec.scale)
    offset = header.offset if spec.offset is None else float(spec.offset)
    if scale == 0 or not (math.isfinite(scale) and math.isfinite(offset)):
        findings.problem("grids.U04.not_finite", found=f"scale {scale:g}, offset {offset:g}")
        return 1.0, 0.0
    return scale, offset


def _unit_of_layer(spec: LayerSpec, header: Header, target: str, findings: Findings) -> tuple[float, float]:
    """Scale and offset from the layer's unit to the canonical one."""
    text = header.unit if spec.units is None else spec.units
    if text is None:
        findings.problem("grids.U01.none", unit=target)
        return 1.0, 0.0
    if spec.units is not None and header.unit is not None and not _means_the_same(spec.units, header.unit):
        findings.problem("grids.U05.replaced", found=_both(f"`{header.unit}`", f"`{spec.units}`"))
    return _convert(text, (target,), findings, by_file=spec.units is None)


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
    data: Path | xr.DataArray, header: Header, missing: tuple[float, ...], scale: float, offset: float
) -> tuple[float, ...]:
    """Fill numbers that the dtype has and nothing declares, those of a known product among them, by the same arithmetic
    as `Layer.decode`, so that they compare equal.
    """
    dtype = header.dtype
    product = product_of(data if isinstance(data, Path) else None, header)
    known = product.missing_in(dtype) if product else ()
    declared = {str(in_dtype(value, dtype)) for value in missing}
    numbers = [
        number
        for value in (*FILLS, *known)
        if (number := in_dtype(value, dtype)) is not None and str(number) not in declared
    ]
    found = []
    for number in dict.fromkeys(numbers):
        value = float(number)
        value = value * scale if scale != 1 else value
        found.append(value + offset if offset != 0 else value)
    return tuple(value for value in dict.fromkeys(found) if math.isfinite(value))
