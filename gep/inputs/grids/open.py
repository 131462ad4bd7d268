"""Opening a layer: by its header alone, its unit, scale, missing values and resampling are settled once.

What the project says about scale, offset, nodata and unit replaces what the file says; it is never applied on top of
it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gep.core import units
from gep.core.errors import InputError, UnitError
from gep.inputs.grids.bands import AXIS_WORDS, Findings, Pick
from gep.inputs.grids.layers import Kind, Layer, LayerSpec, in_dtype
from gep.inputs.grids.sources import Header, read_header

RESAMPLINGS = ("nearest", "bilinear", "average")

FILLS = (
    -999.0,
    -9999.0,
    -99999.0,
    -32767.0,
    -32768.0,
    32767.0,
    65535.0,
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
        findings.error(
            "F02",
            f"Classes of {'twelve' if header.is_monthly else 'single'} {AXIS_WORDS[header.axis]} cannot be used.",
            found=f"{len(header.pick)} bands",
            allowed="one band of class codes",
            do="Choose one with `band`.",
        )
    target = {"month": monthly_unit, "day": daily_unit, "hour": subdaily_unit}.get(header.axis or "") or unit
    missing = _missing_values(spec, header, kind, findings)
    scale, offset = _raw_to_unit(spec, header, kind, findings)
    if kind == "continuous":
        unit_scale, unit_offset = _unit_of_layer(spec, header, target, findings)
        scale, offset = scale * unit_scale, offset * unit_scale + unit_offset
    if findings.has_error or header.crs is None or header.lattice is None:
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
        suspects=_suspects(header.dtype, missing, scale, offset) if kind == "continuous" else (),
        problems=tuple(findings.problems),
    )


def _refused(findings: Findings) -> InputError:
    return InputError(f"The layer `{findings.subject}` cannot be used.", findings.problems)


def _check_resampling(spec: LayerSpec, kind: Kind, findings: Findings) -> None:
    if spec.resampling is not None and spec.resampling not in RESAMPLINGS:
        findings.error(
            "G06",
            "This resampling is not known.",
            found=spec.resampling,
            allowed=", ".join(RESAMPLINGS),
            do="Correct `resampling`, or leave it out.",
        )
    elif spec.resampling == "bilinear" and kind == "class":
        findings.error(
            "G06",
            "Class codes cannot be interpolated.",
            found="bilinear",
            allowed="nearest, or average for area shares",
            do="Leave it out.",
        )


def _missing_values(spec: LayerSpec, header: Header, kind: Kind, findings: Findings) -> tuple[float, ...]:
    """The raw values that mean missing: the project's, else the file's."""
    declared = header.nodata
    if spec.nodata is not None:
        given = _given_nodata(spec.nodata, findings)
        said = f"the file says {_listed(declared)}, gep.toml says {_listed(given)}"
        if declared and not _same_numbers(given, declared, header.dtype):
            findings.add(
                "N04",
                "warning",
                "The nodata value of gep.toml replaces the file's.",
                found=said,
                do="Remove one of them if they should agree.",
            )
        declared = given
    unable = [value for value in declared if in_dtype(value, header.dtype) is None]
    if unable and spec.nodata is not None:
        findings.add(
            "N04",
            "warning",
            f"The nodata value cannot occur in {header.dtype} cells.",
            found=_listed(tuple(unable)),
            do="Correct `nodata`.",
        )
    is_told = bool(declared) or header.is_masked or spec.nodata is not None
    if kind == "continuous" and header.dtype.kind in "iu" and not is_told:
        findings.add(
            "N01",
            "warning",
            "No nodata value is declared: every cell counts as a measurement.",
            found=f"{header.dtype} without nodata",
            do='Give `nodata = …`, or `nodata = "none"` if every cell has a value.',
        )
    return declared


def _given_nodata(nodata: float | str, findings: Findings) -> tuple[float, ...]:
    if isinstance(nodata, str):
        if nodata.strip().lower() == "none":
            return ()
        try:
            nodata = float(nodata)
        except ValueError:
            findings.error(
                "N04",
                "The nodata value is not a number.",
                found=nodata,
                allowed='a number, or "none"',
                do="Correct `nodata`.",
            )
            return ()
    return (float(nodata),)


def _same_numbers(first: tuple[float, ...], second: tuple[float, ...], dtype: np.dtype[Any]) -> bool:
    def plain(values: tuple[float, ...]) -> set[str]:
        return {str(in_dtype(value, dtype)) for value in values}

    return plain(first) == plain(second)


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.10g}" for value in values) or "none"


def _raw_to_unit(spec: LayerSpec, header: Header, kind: Kind, findings: Findings) -> tuple[float, float]:
    """Scale and offset from raw values to the layer's own unit."""
    for name, given, of_file, neutral in (
        ("scale", spec.scale, header.scale, 1.0),
        ("offset", spec.offset, header.offset, 0.0),
    ):
        if kind == "class" and (given if given is not None else of_file) != neutral:
            findings.add(
                "U04",
                "warning",
                f"Class codes are not scaled: `{name}` is not applied.",
                found=given or of_file,
                do="Remove it if it is a mistake.",
            )
        elif given is not None and of_file != neutral and not math.isclose(given, of_file, rel_tol=1e-6):
            found = f"the file says {of_file:.10g}, gep.toml says {given:.10g}"
            findings.add(
                "U04",
                "warning",
                f"The {name} of gep.toml replaces the file's; the two are not multiplied.",
                found=found,
                do="Remove it to use the file's.",
            )
    if kind == "class":
        return 1.0, 0.0
    scale = header.scale if spec.scale is None else float(spec.scale)
    offset = header.offset if spec.offset is None else float(spec.offset)
    if scale == 0 or not (math.isfinite(scale) and math.isfinite(offset)):
        findings.error(
            "U04",
            "Scale and offset must be finite numbers, and scale not zero.",
            found=f"scale {scale:g}, offset {offset:g}",
            do="Correct them.",
        )
        return 1.0, 0.0
    return scale, offset


def _unit_of_layer(spec: LayerSpec, header: Header, target: str, findings: Findings) -> tuple[float, float]:
    """Scale and offset from the layer's unit to the canonical one."""
    text = header.unit if spec.units is None else spec.units
    if text is None:
        findings.error(
            "U01",
            "Neither the file nor gep.toml says in what unit the values are.",
            found="no unit",
            allowed=f"a unit that can be turned into {target}",
            do=f'Look it up in the description of the data, and write for example `units = "{target}"`.',
        )
        return 1.0, 0.0
    if spec.units is not None and header.unit is not None and not _means_the_same(spec.units, header.unit):
        found = f"the file says `{header.unit}`, gep.toml says `{spec.units}`"
        findings.add(
            "U05",
            "warning",
            "The unit of gep.toml replaces the file's.",
            found=found,
            do="Remove `units` if the file is right.",
        )
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
    message = refusal.message if not by_file else f"The file's unit does not fit. {refusal.message}"
    do = f'Give the unit that the values have in gep.toml, like `units = "{target}"`.'
    findings.error(
        refusal.code, message, found=text or "empty text", allowed=f"a unit that can be turned into {target}", do=do
    )
    return 1.0, 0.0


def _suspects(dtype: np.dtype[Any], missing: tuple[float, ...], scale: float, offset: float) -> tuple[float, ...]:
    """Fill numbers that the dtype has and nothing declares, by the same arithmetic as `Layer.decode`, so that they
    compare equal.
    """
    declared = {str(in_dtype(value, dtype)) for value in missing}
    numbers = [
        number for value in FILLS if (number := in_dtype(value, dtype)) is not None and str(number) not in declared
    ]
    found = []
    for number in dict.fromkeys(numbers):
        value = float(number)
        value = value * scale if scale != 1 else value
        found.append(value + offset if offset != 0 else value)
    return tuple(value for value in dict.fromkeys(found) if math.isfinite(value))
