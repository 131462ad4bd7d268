"""What the pass over the grid found wrong with the inputs: codes, ranges, fill values, coverage, small zones."""

from __future__ import annotations

from collections.abc import Iterator

from gep.account import UNALLOCATED
from gep.catalog import LayerKind
from gep.engine import Plan, Sums
from gep.errors import Problem
from gep.opening import FEW_CELLS, Opened
from gep.units import linear, ucum

SCALES = (0.0001, 0.001, 0.004, 0.01, 0.1, 10.0, 100.0, 1000.0)
"""Factors by which rasters are commonly stored as whole numbers."""

MISSTATED = 0.001
"""Share by which centres may misstate the area of a zone before it is said."""

MOSTLY = 0.5
"""A share of the area above which unusual values point to a wrong scale rather than to an unusual place."""


def check_sums(opened: Opened, plan: Plan, sums: Sums) -> list[Problem]:
    """Every problem of the inputs that only their cells show; errors among them mean that nothing may be written."""
    total = float(sums.area.sum())
    if total == 0:
        return [
            Problem(
                "Z06",
                "error",
                "zones",
                "No cell of the grid lies inside the outline: there is nothing to account for.",
                do="Check the outline and the land cover.",
            )
        ]
    return [
        *_codes(opened, sums, total),
        *(problem for name in plan.layers for problem in _layer(opened, plan, sums, name, total)),
        *_zones(opened, plan, sums),
        *(
            check.problem(found / valid)
            for check in plan.checks
            if (found := sums.numbers[f"check/{check.code}/found"]) > 0 and (valid := sums.numbers[f"check/{check.code}/valid"]) > 0
        ),
    ]


def _square_kilometres(area: float) -> str:
    return f"{area * linear('m^2', 'km^2')[0]:,.1f} km²"


def _codes(opened: Opened, sums: Sums, total: float) -> Iterator[Problem]:
    scheme, ambiguous = opened.scheme, opened.scheme.ambiguous()
    for code, area in sums.unknown.items():
        if code in scheme.no_data:
            continue
        message = f"The code {code} is not in the scheme {scheme.id}."
        if code in ambiguous:
            message = f"The number {code} could be any of the codes {', '.join(ambiguous[code])} of the scheme {scheme.id}."
        yield Problem(
            "L01",
            "error",
            "land_cover",
            message,
            str(opened.spec.land_cover.name),
            f"{_square_kilometres(area)} ({area / total:.2%} of the area)",
            f"one of {', '.join(scheme.classes)}",
            f'Say what it is under [land_cover.map], like {code} = "grassland/steppe", or give it as nodata.',
            area / total,
        )
    missing = float(sums.area[:, -1].sum())
    if missing > 0:
        share = missing / total
        message = "Part of the area has no land cover: it is counted as area of no ecosystem."
        yield Problem(
            "N03",
            "warning",
            "land_cover",
            message,
            "",
            f"{_square_kilometres(missing)} ({share:.2%} of the area)",
            "",
            "Use land cover that covers the outline.",
            share,
        )


def _layer(opened: Opened, plan: Plan, sums: Sums, name: str, total: float) -> Iterator[Problem]:
    kind, layer = plan.kinds[name], plan.layers[name]
    valid = sums.numbers.get(f"layer/{name}/valid", 0.0)
    unit = ucum(kind.unit)
    place = str(layer.describe()["file"] or "")
    if valid == 0:
        yield Problem(
            "N05",
            "error",
            name,
            "The layer has no value anywhere inside the outline.",
            place,
            "only missing values",
            "at least one value",
            "Check file, band, nodata and CRS, or leave the layer out.",
            1.0,
        )
        return
    low, high = sums.extremes[name]
    found = f"{low:.6g} to {high:.6g} {unit}"
    outside = sums.numbers.get(f"layer/{name}/outside", 0.0)
    fills = {key.rsplit("/", 1)[1]: area for key, area in sums.numbers.items() if key.startswith(f"layer/{name}/fill/")}
    for fill, area in fills.items():
        raw = (float(fill) - layer.offset) / layer.scale
        yield Problem(
            "N02",
            "error",
            name,
            f"The value {raw:.6g} stands in the file where nothing was measured, but is not declared as missing.",
            place,
            f"over {area / total:.2%} of the area",
            "",
            f"Say `nodata = {raw:g}` for this layer.",
            area / total,
        )
    if outside > 0 and not fills:
        yield Problem(
            "R01",
            "error",
            name,
            "Values that cannot be.",
            place,
            f"{found}, outside over {outside / total:.2%} of the area",
            _range(kind.low, kind.high, unit),
            "Check units, scale, offset and nodata of this layer.",
            outside / total,
        )
    yield from _unusual(kind, sums, name, place, found, valid, outside, total)
    share = valid / total
    threshold = opened.profile.min_coverage
    if share < threshold:
        message = "The layer does not cover the area: what needs it is missing there."
        yield Problem(
            "N03",
            "warning",
            name,
            message,
            place,
            f"{share:.1%} of the area",
            f"{threshold:.0%}",
            "Use a layer that covers the outline.",
            1 - share,
        )


def _unusual(
    kind: LayerKind, sums: Sums, name: str, place: str, found: str, valid: float, outside: float, total: float
) -> Iterator[Problem]:
    unusual = sums.numbers.get(f"layer/{name}/unusual", 0.0)
    if unusual <= 0 or outside > 0:
        return
    usual = _range(kind.usual_low, kind.usual_high, ucum(kind.unit))
    low, high = sums.extremes[name]
    if unusual / valid > MOSTLY:
        fits = [scale for scale in SCALES if kind.usual_low <= low * scale and high * scale <= kind.usual_high]
        if fits:
            message = "Most values are unusual, and a scale would explain it."
            do = f"If the file holds whole numbers to be multiplied by {fits[-1]:g}, say `scale = {fits[-1]:g}`."
            yield Problem("U03", "warning", name, message, place, found, usual, do, unusual / total)
            return
    yield Problem(
        "R02",
        "warning",
        name,
        "Some values are unusual.",
        place,
        f"{found}, unusual over {unusual / total:.2%} of the area",
        usual,
        "Check that unit and scale are right.",
        unusual / total,
    )


def _range(low: float, high: float, unit: str) -> str:
    return f"{low:g} to {high:g} {unit}"


def _zones(opened: Opened, plan: Plan, sums: Sums) -> Iterator[Problem]:
    wrong = {code: by for code, by in opened.misstatement.items() if abs(by) > MISSTATED and code != UNALLOCATED}
    if plan.mode == "centre" and wrong:
        worst = max(wrong, key=lambda code: abs(wrong[code]))
        message = f"Counting cells by their centres misstates the area of {len(wrong)} zones."
        found = f"{worst} by {wrong[worst]:+.2%}"
        yield Problem(
            "G08", "warning", "zones", message, "", found, f"within {MISSTATED:.1%}", 'Say `coverage = "auto"` or `coverage = "fraction"`.'
        )
    cell = float(sums.area.sum()) / float(sums.tables["cells"].sum())
    for index, zone in enumerate(plan.zones.zones):
        area = float(sums.area[index].sum())
        if zone.code != UNALLOCATED and 0 < area / cell < FEW_CELLS:
            message = f"{zone.name or zone.code} is only about {area / cell:.0f} cells large: its figures rest on few values."
            yield Problem(
                "G05",
                "warning",
                zone.code,
                message,
                "",
                f"{area / cell:.0f} cells",
                f"{FEW_CELLS} or more",
                "Use finer land cover, or read its figures with care.",
            )
        if area == 0 and zone.code != UNALLOCATED:
            yield Problem(
                "G05",
                "warning",
                zone.code,
                f"{zone.name or zone.code} holds no cell of the grid.",
                "",
                "0 cells",
                "",
                'Say `coverage = "fraction"`, or use finer land cover.',
            )
