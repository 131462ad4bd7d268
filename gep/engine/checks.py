"""What the pass over the grid found wrong with the inputs: codes, ranges, fill values, coverage, small zones."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator
from dataclasses import dataclass

from gep.core.catalog import LayerKind
from gep.core.errors import Problem, UnitError, did_you_mean
from gep.core.keys import CITY, UNALLOCATED
from gep.core.units import linear, pretty
from gep.engine.sums import LayerTally, Sums
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.layers import Layer
from gep.inputs.items import in_unit, item_unit
from gep.inputs.open import FEW_CELLS, Inputs
from gep.plan.plan import GridPlan
from gep.services import SERVICES
from gep.standards.check import argument_units
from gep.standards.classes import land_classes
from gep.standards.coefficients import regions_of
from gep.standards.prices import price_index

SCALES = (0.0001, 0.001, 0.004, 0.01, 0.1, 10.0, 100.0, 1000.0)
"""Factors by which rasters are commonly stored as whole numbers."""

MOST_CODES = 12
"""So many unknown codes are listed one by one; more are the wrong scheme."""

VERY_NEAR = 0.85
"""Likeness of two spellings from which a class of a study's own looks like a slip: such names are free."""

MISSTATED = 0.001
"""Share by which centres may misstate the area of a zone before it is said."""

ROUNDING = 1e-9
"""Share of the area below which a difference of sums is rounding and not land."""

MOSTLY = 0.5
"""A share of the area above which unusual values point to a wrong scale rather than to an unusual place."""


FAR = 10
"""Times above or below every published value at which a number of the study is asked after."""

SHARES = ("1", "percent")
AREAS = ("km^2", "hm^2")
LARGER = 0.01
"""Share by which a reported area may exceed that of its zone before it is said: areas are measured in several ways."""


def check_sums(opened: Inputs, plan: GridPlan, sums: Sums) -> list[Problem]:
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
        *_classes(opened),
        *_overrides(opened, plan),
        *_far_from_known(opened),
        *_larger_than_zones(opened, sums),
        *_prices(opened, plan),
        *(problem for name in plan.layers for problem in _layer(opened, plan, sums, name, total)),
        *_zones(opened, plan, sums),
        *(
            check.problem(tally.found / tally.valid)
            for check in plan.checks
            if (tally := sums.checks[check.code]).found > 0
        ),
    ]


def _square_kilometres(area: float) -> str:
    return f"{area * linear('m^2', 'km^2')[0]:,.1f} km²"


def _codes(opened: Inputs, sums: Sums, total: float) -> Iterator[Problem]:
    """Codes without a class, the widespread ones first, and land without any code."""
    assert opened.land_cover is not None
    scheme, ambiguous, place = opened.scheme, opened.scheme.ambiguous(), opened.land_cover.place
    unknown = {code: area for code, area in sums.unknown.items() if code not in scheme.no_data}
    order = sorted(unknown, key=lambda code: (-unknown[code], code))
    is_mostly_unknown = sum(unknown.values()) > MOSTLY * total
    for code in order[:MOST_CODES]:
        message = f"The code {code} is not in the scheme {scheme.id}."
        if code in ambiguous:
            message = (
                f"The number {code} could be any of the codes {', '.join(ambiguous[code])} of the scheme {scheme.id}."
            )
        do = (
            f'Say what it is under [land_cover.map], like {code} = "grassland", or that it is none with `nodata = '
            f"{code}` under [land_cover]."
        )
        if is_mostly_unknown:
            do = (
                "Most of the area has unknown codes: check that `scheme` is the one of this raster. Or: "
                f"{do[0].lower()}{do[1:]}"
            )
        yield Problem(
            "L01",
            "error",
            "land_cover",
            message,
            place,
            f"{_square_kilometres(unknown[code])} ({unknown[code] / total:.2%} of the area)",
            f"one of {', '.join(scheme.classes)}" if len(scheme.classes) <= MOST_CODES else "",
            do,
            unknown[code] / total,
        )
    if rest := order[MOST_CODES:]:
        area = sum(unknown[code] for code in rest)
        message = f"{len(rest)} more codes are not in the scheme {scheme.id}: {', '.join(map(str, rest))}."
        do = "Check that `scheme` is the one of this raster."
        yield Problem("L01", "error", "land_cover", message, place, _square_kilometres(area), "", do, area / total)
    missing = float(sums.area[:, -1].sum()) - sum(unknown.values())
    share = missing / total
    if share > ROUNDING:
        yield Problem(
            "N03",
            "warning",
            "land_cover",
            "Part of the area has no land cover: it is counted as area of no ecosystem.",
            place,
            f"{_square_kilometres(missing)} ({share:.2%} of the area)",
            "",
            "Use land cover that covers the outline.",
            share,
        )


def _classes(opened: Inputs) -> Iterator[Problem]:
    """Classes that the study assigns and that look like a slip in the name of a known one."""
    named = {(row.ecosystem, row.land_class) for row in opened.coefficients.tables[0]}
    for code in opened.scheme.assigned:
        ecosystem, land_class = opened.scheme.classes[code]
        hint = _slip(ecosystem, land_class)
        if hint and (ecosystem, land_class) not in named:
            message = (
                f'The class `{land_class}` that code {code} stands for is not known. Did you mean "{ecosystem}/{hint}"?'
            )
            yield Problem(
                "L02",
                "warning",
                "land_cover",
                message,
                "[land_cover.map]",
                do="Correct it: no coefficient is of this class.",
            )


def _slip(ecosystem: str, land_class: str) -> str:
    """The known class that an unknown one is hardly distinct from."""
    if not land_class or (ecosystem, land_class) in land_classes():
        return ""
    known = [name for of, name in land_classes() if of == ecosystem and name]
    return next(iter(difflib.get_close_matches(land_class, known, 1, VERY_NEAR)), "")


def _overrides(opened: Inputs, plan: GridPlan) -> Iterator[Problem]:
    """Rows of the study's own coefficients that nothing will ever look up."""
    known = {row.name for table in opened.coefficients.tables[1:] for row in table} | set(argument_units())
    regions = {row.region for table in opened.coefficients.tables[1:] for row in table if row.region} | {
        *regions_of(opened.spec.region)
    }
    for row in opened.coefficients.tables[0]:
        if row.name not in known:
            hint = did_you_mean(row.name, known)
            message = f"Nothing uses a coefficient `{row.name}`. {hint}".rstrip()
            yield Problem("C10", "warning", row.name, message, row.place, do="Correct the name: the row has no effect.")
        elif row.land_class and (row.ecosystem, row.land_class) not in {*land_classes(), *plan.classes}:
            hint = did_you_mean(row.land_class, [name for of, name in land_classes() if of == row.ecosystem and name])
            message = f"No land of this study is of the class `{row.ecosystem}/{row.land_class}`. {hint}".rstrip()
            yield Problem(
                "C10", "warning", row.name, message, row.place, do="Correct the class: the row has no effect."
            )
        elif row.region and row.region not in regions:
            message = (
                f"No coefficient and no study knows the region `{row.region}`. {did_you_mean(row.region, regions)}"
            ).rstrip()
            yield Problem(
                "C10", "warning", row.name, message, row.place, do="Correct the region: the row has no effect."
            )


def _far_from_known(opened: Inputs) -> Iterator[Problem]:
    """Numbers of the study that no published one is like: a sign, a share above one, ten times more or less."""
    for row in opened.coefficients.tables[0]:
        known = [
            other.to(row.unit) for table in opened.coefficients.tables[1:] for other in table if other.name == row.name
        ]
        if not known or row.value == 0:
            continue
        low, high = min(known), max(known)
        is_share = (
            low >= 0 and max(abs(number) for number in known) * linear(row.unit, "1")[0] <= 1
            if row.unit in SHARES
            else False
        )
        most = high * FAR if high > 0 else math.inf
        least = low / FAR if low > 0 else -math.inf
        if is_share:
            most = min(most, 1 / linear(row.unit, "1")[0])
        is_negative = row.value < 0 <= low
        if is_negative or not least <= row.value <= most:
            found = f"{row.value:g} {pretty(row.unit)}"
            usual = f"published: {low:g}" + (f" to {high:g}" if high != low else "")
            do = "Check the figure, its sign and its unit."
            yield Problem(
                "C14",
                "error" if is_negative else "warning",
                row.name,
                "The value is unlike every published one.",
                row.place,
                found,
                usual,
                do,
            )


def _larger_than_zones(opened: Inputs, sums: Sums) -> Iterator[Problem]:
    """Reported areas that are larger than the zone they are reported for."""
    if opened.zones is None:
        return
    areas = {zone.code: float(sums.area[position].sum()) for position, zone in enumerate(opened.zones.zones)}
    areas[CITY] = math.fsum(areas.values())
    for row in opened.statistics:
        unit = item_unit(row.item)
        if row.value is None or row.zone not in areas or unit not in AREAS:
            continue
        reported = in_unit(row.value, row.unit, unit) * linear(unit, "m^2")[0]
        if reported > areas[row.zone] * (1 + LARGER):
            found = f"{row.value:g} {row.unit}"
            yield Problem(
                "T13",
                "warning",
                row.item,
                "The area is larger than the zone.",
                row.place,
                found,
                _square_kilometres(areas[row.zone]),
            )


def _prices(opened: Inputs, plan: GridPlan) -> Iterator[Problem]:
    """Prices that cannot be moved to the price year: those of the tables, and those of what is computed."""
    profile, to_year = opened.profile, opened.price_year
    if profile.kind != "monetary" or not profile.price_index:
        return
    index = price_index(profile.price_index)
    first, last = min(index.levels), max(index.levels)
    moved = [(name, year, place) for name, year, place in _priced(opened, plan) if year != to_year]
    series = f"The price index {index.name} covers {first} to {last}"
    do = "Choose a price_year that it covers, or give prices of that year in your own coefficients and tables."
    if moved and to_year not in index.levels:
        (name, year, place), more = moved[0], f" and {len(moved) - 1} more" if moved[1:] else ""
        found = f"{name} of {year} ({place}){more}"
        yield Problem(
            "C05",
            "error",
            "study.price_year",
            f"{series}: no price can be moved to {to_year}.",
            "gep.toml",
            found,
            do=do,
        )
        return
    for name, year, place in moved:
        if year not in index.levels:
            yield Problem(
                "C05",
                "error",
                name,
                f"{series}: a price of {year} cannot be moved to {to_year}.",
                place,
                str(year),
                do=do,
            )


def _priced(opened: Inputs, plan: GridPlan) -> list[tuple[str, int, str]]:
    """Name, year and place of every price and value that counts and follows the price index."""
    profile, spec = opened.profile, opened.spec
    rows: dict[tuple[str, int, str], None] = {}
    for row in opened.statistics:
        rule = profile.rules.get(row.service)
        is_counted = rule and not rule.off and row.service not in {*spec.off, *spec.not_applicable}
        if is_counted and row.measure != "quantity" and row.value is not None:
            rows[row.item, row.price_year or row.year or spec.year, row.place] = None
    for flow in plan.flows:
        component = next(
            c for c in SERVICES[flow.service].components(opened.settings(flow.service)) if c.id == flow.component
        )
        for pair in (pair for pair, is_counted in zip(plan.classes, flow.is_counted, strict=True) if is_counted):
            money = component.money
            found = opened.coefficients.lookup(money.price, *pair, spec.region, spec.year) if money else None
            if found and found.row.is_price and found.row.price_year and found.row.name not in profile.unmoved_prices:
                rows[found.row.name, found.row.price_year, found.row.place] = None
    return list(rows)


@dataclass(frozen=True)
class _Shown:
    """Values of a layer in the unit that its user gave them in, which need not be the one that equations use."""

    unit: str
    scale: float
    offset: float
    low: float
    high: float

    def of(self, value: float) -> float:
        return (value - self.offset) / self.scale

    def range(self, low: float, high: float) -> str:
        unit = "" if self.unit == "1" else f" {pretty(self.unit)}"
        least, most = (f"{self.of(value):.6g}" for value in (low, high))
        if math.isinf(low) or math.isinf(high):
            return f"{most if math.isinf(low) else least}{unit} or {'less' if math.isinf(low) else 'more'}"
        return f"{least}{unit} everywhere" if least == most else f"{least} to {most}{unit}"

    @property
    def found(self) -> str:
        return self.range(self.low, self.high)


def _shown(layer: Layer, extremes: tuple[float, float]) -> _Shown:
    unit = layer.spec.units or layer.header.unit or layer.unit
    try:
        scale, offset = linear(unit, layer.unit)
    except UnitError:
        unit, scale, offset = layer.unit, 1.0, 0.0
    return _Shown(unit, scale, offset, *extremes)


def _scale_that_fits(kind: LayerKind, layer: Layer, shown: _Shown) -> float | None:
    """The `scale` to give so that all values are usual: the one that changes them least, None where none does."""
    if isinstance(layer, DerivedLayer) or layer.offset != shown.offset:
        return None  # with an offset of the file's own, scale alone would not be the answer
    stored = layer.scale / shown.scale
    low, high = shown.of(shown.low), shown.of(shown.high)
    fits = [
        scale
        for scale in SCALES
        if shown.of(kind.usual_low) <= low * scale and high * scale <= shown.of(kind.usual_high)
    ]
    return stored * min(fits, key=lambda scale: abs(math.log(scale))) if fits else None


def _layer(opened: Inputs, plan: GridPlan, sums: Sums, name: str, total: float) -> Iterator[Problem]:
    kind, layer = plan.kinds[name], plan.layers[name]
    tally = sums.layers[name]
    valid = tally.valid
    place, what = layer.place, "unit, scale, offset and nodata"
    check = f"Check {what} of [layers.{layer.spec.name}]."
    if isinstance(layer, DerivedLayer):
        place, check = (
            f"derived by {layer.equation.name}",
            f"Check {what} of what it is derived from: {', '.join(layer.inputs)}.",
        )
    if valid == 0:
        message = "The layer has no value anywhere inside the outline."
        do = check if isinstance(layer, DerivedLayer) else "Check file, band, nodata and CRS, or leave the layer out."
        yield Problem("N05", "error", name, message, place, "only missing values", "at least one value", do, 1.0)
        return
    shown = _shown(layer, (tally.lowest, tally.highest))
    outside = tally.outside
    for fill, area in tally.fills.items():
        raw = (fill - layer.offset) / layer.scale
        message = f"The value {raw:.6g} stands where nothing was measured, and is not declared as missing."
        do = f"Say `nodata = {raw:g}` under [layers.{layer.spec.name}]."
        yield Problem(
            "N02", "error", name, message, place, f"over {area / total:.2%} of the area", "", do, area / total
        )
    if outside > 0 and not tally.fills:
        scale = _scale_that_fits(kind, layer, shown) if outside / valid > MOSTLY else None
        do = check if scale is None else _say_scale(layer, scale)
        message = f"{'All' if outside >= valid else 'Some'} values are outside of what is possible."
        found = f"{shown.found}, outside over {outside / total:.2%} of the area"
        yield Problem(
            "R01", "error", name, message, place, found, shown.range(kind.low, kind.high), do, outside / total
        )
    if outside == 0:
        yield from _unusual(kind, layer, tally, place, check, shown, total)
    share, threshold = valid / total, opened.profile.min_coverage
    if share < threshold:
        message = "The layer does not cover the area: what needs it is missing there."
        do = "Use a layer that covers the outline."
        yield Problem(
            "N03", "warning", name, message, place, f"{share:.1%} of the area", f"{threshold:.0%}", do, 1 - share
        )


def _say_scale(layer: Layer, scale: float) -> str:
    return (
        f"If the file holds whole numbers to be multiplied by {scale:g}, say `scale = {scale:g}` under "
        f"[layers.{layer.spec.name}]."
    )


def _unusual(
    kind: LayerKind, layer: Layer, tally: LayerTally, place: str, check: str, shown: _Shown, total: float
) -> Iterator[Problem]:
    unusual = tally.unusual
    if unusual <= 0:
        return
    usual = f"usually {shown.range(kind.usual_low, kind.usual_high)}"
    scale = _scale_that_fits(kind, layer, shown) if unusual / tally.valid > MOSTLY else None
    if scale is not None:
        message, do = "Most values are unusual, and a scale would explain it.", _say_scale(layer, scale)
        yield Problem("U03", "warning", kind.name, message, place, shown.found, usual, do, unusual / total)
        return
    found = f"{shown.found}, unusual over {unusual / total:.2%} of the area"
    yield Problem("R02", "warning", kind.name, "Some values are unusual.", place, found, usual, check, unusual / total)


def _zones(opened: Inputs, plan: GridPlan, sums: Sums) -> Iterator[Problem]:
    wrong = {code: by for code, by in opened.misstatement.items() if abs(by) > MISSTATED and code != UNALLOCATED}
    if plan.mode == "centre" and wrong:
        worst = max(wrong, key=lambda code: abs(wrong[code]))
        message = f"Counting cells by their centres misstates the area of {len(wrong)} zones."
        found = f"{worst} by {wrong[worst]:+.2%}"
        yield Problem(
            "G08",
            "warning",
            "zones",
            message,
            "",
            found,
            f"within {MISSTATED:.1%}",
            'Say `coverage = "auto"` or `coverage = "fraction"`.',
        )
    cell = float(sums.area.sum()) / float(sums.cells.sum())
    for index, zone in enumerate(plan.zones.zones):
        area = float(sums.area[index].sum())
        if zone.code != UNALLOCATED and 0 < area / cell < FEW_CELLS:
            message = (
                f"{zone.name or zone.code} is only about {area / cell:.0f} cells large: its figures rest on few values."
            )
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
