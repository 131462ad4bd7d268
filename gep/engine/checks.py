"""What the pass over the grid found wrong with the inputs: codes, ranges, fill values, coverage, small zones."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from gep.core.catalog import LayerKind
from gep.core.errors import Problem, UnitError, did_you_mean, problem
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import Text, say
from gep.core.unit_names import unit_text, with_unit
from gep.core.units import linear, pretty
from gep.engine.sums import LayerTally, Sums
from gep.inputs.grids.derived import DerivedLayer
from gep.inputs.grids.layers import Layer
from gep.inputs.items import in_unit, item_unit
from gep.inputs.open import FEW_CELLS, Inputs
from gep.plan.plan import Flow, GridPlan
from gep.services import SERVICES
from gep.standards.check import argument_units
from gep.standards.classes import land_classes
from gep.standards.coefficients import Coefficient, regions_of
from gep.standards.prices import PriceIndex, price_index

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


def check_sums(inputs: Inputs, plan: GridPlan, sums: Sums) -> list[Problem]:
    """Every problem of the inputs that only their cells show; errors among them mean that nothing may be written."""
    total = float(sums.area.sum())
    if total == 0:
        return [problem("engine.Z06.no_cell", "zones")]
    return [
        *_codes(inputs, sums, total),
        *_classes(inputs),
        *_overrides(inputs, plan),
        *_far_from_known(inputs),
        *_larger_than_zones(inputs, sums),
        *_prices(inputs, plan),
        *(found for name in plan.layers for found in _layer(inputs, plan, sums, name, total)),
        *_zones(inputs, plan, sums),
        *(
            check.problem(tally.found / tally.valid)
            for check in plan.checks
            if (tally := sums.checks[check.message]).found > 0
        ),
    ]


def _square_kilometres(area: float) -> float:
    return area * linear("m^2", "km^2")[0]


# land cover -----------------------------------------------------------------------------------------------------------


def _codes(inputs: Inputs, sums: Sums, total: float) -> Iterator[Problem]:
    """Codes without a class, the widespread ones first, and land without any code."""
    assert inputs.land_cover is not None
    scheme, place = inputs.scheme, inputs.land_cover.place
    unknown = {code: area for code, area in sums.unknown.items() if code not in scheme.no_data}
    order = sorted(unknown, key=lambda code: (-unknown[code], code))
    is_mostly_unknown = sum(unknown.values()) > MOSTLY * total
    for code in order[:MOST_CODES]:
        share = unknown[code] / total
        ambiguous = scheme.ambiguous().get(code)
        yield problem(
            "engine.L01.ambiguous_code" if ambiguous else "engine.L01.unknown_code",
            "land_cover",
            place=place,
            allowed=say("engine.one_of", names=list(scheme.classes)) if len(scheme.classes) <= MOST_CODES else "",
            do=say("engine.check_scheme_or_map" if is_mostly_unknown else "engine.map_code", code=code),
            share=share,
            code=code,
            codes=list(ambiguous or ()),
            scheme=scheme.id,
            area=_square_kilometres(unknown[code]),
            part=share,
        )
    if rest := order[MOST_CODES:]:
        area = sum(unknown[code] for code in rest)
        yield problem(
            "engine.L01.more_codes",
            "land_cover",
            place=place,
            share=area / total,
            count=len(rest),
            codes=rest,
            scheme=scheme.id,
            area=_square_kilometres(area),
        )
    missing = float(sums.area[:, -1].sum()) - sum(unknown.values())
    share = missing / total
    if share > ROUNDING:
        area = _square_kilometres(missing)
        yield problem("engine.N03.no_land_cover", "land_cover", place=place, share=share, area=area, part=share)


def _classes(inputs: Inputs) -> Iterator[Problem]:
    """Classes that the study assigns and that look like a slip in the name of a known one."""
    named = {(row.ecosystem, row.land_class) for row in inputs.coefficients.tables[0]}
    for code in inputs.scheme.assigned:
        ecosystem, land_class = inputs.scheme.classes[code]
        meant = _slip(ecosystem, land_class)
        if meant and (ecosystem, land_class) not in named:
            yield problem(
                "engine.L02.slip_in_class",
                "land_cover",
                place="[land_cover.map]",
                land_class=land_class,
                code=code,
                meant=f"{ecosystem}/{meant}",
            )


def _slip(ecosystem: str, land_class: str) -> str:
    """The known class that an unknown one is hardly distinct from."""
    if not land_class or (ecosystem, land_class) in land_classes():
        return ""
    known = [name for of, name in land_classes() if of == ecosystem and name]
    return next(iter(difflib.get_close_matches(land_class, known, 1, VERY_NEAR)), "")


# the study's own numbers ----------------------------------------------------------------------------------------------


def _overrides(inputs: Inputs, plan: GridPlan) -> Iterator[Problem]:
    """Rows of the study's own coefficients that nothing will ever look up."""
    own, *others = inputs.coefficients.tables
    known = {row.name for table in others for row in table} | set(argument_units())
    regions = {row.region for table in others for row in table if row.region} | {*regions_of(inputs.spec.region)}
    for row in own:
        if row.name not in known:
            hint = did_you_mean(row.name, known)
            yield problem("engine.C10.unused_name", row.name, place=row.place, name=row.name, hint=hint)
        elif row.land_class and (row.ecosystem, row.land_class) not in {*land_classes(), *plan.classes}:
            hint = did_you_mean(row.land_class, [name for of, name in land_classes() if of == row.ecosystem and name])
            cell = f"{row.ecosystem}/{row.land_class}"
            yield problem("engine.C10.unused_class", row.name, place=row.place, cell=cell, hint=hint)
        elif row.region and row.region not in regions:
            hint = did_you_mean(row.region, regions)
            yield problem("engine.C10.unused_region", row.name, place=row.place, region=row.region, hint=hint)


def _far_from_known(inputs: Inputs) -> Iterator[Problem]:
    """Numbers of the study that no published one is like: a sign, a share above one, ten times more or less."""
    own, *others = inputs.coefficients.tables
    for row in own:
        known = [other.to(row.unit) for table in others for other in table if other.name == row.name]
        if not known or row.value == 0:
            continue
        low, high = min(known), max(known)
        least, most = _plausible(row, low, high)
        is_negative = row.value < 0 <= low
        if is_negative or not least <= row.value <= most:
            yield problem(
                "engine.C14.unlike_published",
                row.name,
                place=row.place,
                found=Text(f"{row.value:g} {pretty(row.unit)}", f"{row.value:g} {unit_text(row.unit).zh}"),
                allowed=say("engine.published" if low == high else "engine.published_range", low=low, high=high),
                severity="error" if is_negative else "warning",
            )


def _plausible(row: Coefficient, low: float, high: float) -> tuple[float, float]:
    """Between what a number of the study is not asked after, where the published ones are `low` to `high`."""
    least = low / FAR if low > 0 else -math.inf
    most = high * FAR if high > 0 else math.inf
    if row.unit in SHARES and low >= 0 and high * linear(row.unit, "1")[0] <= 1:
        most = min(most, 1 / linear(row.unit, "1")[0])
    return least, most


def _larger_than_zones(inputs: Inputs, sums: Sums) -> Iterator[Problem]:
    """Reported areas that are larger than the zone they are reported for."""
    if inputs.zones is None:
        return
    areas = {zone.code: float(sums.area[position].sum()) for position, zone in enumerate(inputs.zones.zones)}
    areas[CITY] = math.fsum(areas.values())
    for row in inputs.statistics:
        unit = item_unit(row.item)
        if row.value is None or row.zone not in areas or unit not in AREAS:
            continue
        reported = in_unit(row.value, row.unit, unit) * linear(unit, "m^2")[0]
        if reported > areas[row.zone] * (1 + LARGER):
            found = with_unit(f"{row.value:g}", row.unit)
            area = _square_kilometres(areas[row.zone])
            yield problem("engine.T13.larger_than_zone", row.item, place=row.place, found=found, area=area)


class _Priced(NamedTuple):
    """A price or a value in money of a year."""

    name: str
    year: int
    place: str


def _prices(inputs: Inputs, plan: GridPlan) -> Iterator[Problem]:
    """Prices that cannot be moved to the price year: those of the tables, and those of what is computed."""
    profile, to_year = inputs.profile, inputs.price_year
    if profile.kind != "monetary" or not profile.price_index:
        return
    index = price_index(profile.price_index)
    moved = [price for price in _priced(inputs, plan) if price.year != to_year]
    if moved and to_year not in index.levels:
        price, *more = moved
        about = say("engine.price_of_year", name=price.name, year=price.year, place=price.place)
        found = say("engine.and_more", first=about, count=len(more)) if more else about
        yield _cannot_move("engine.C05.price_year", "study.price_year", index, to_year, "gep.toml", found)
        return
    for price in moved:
        if price.year not in index.levels:
            found = Text(f"{price.year}", f"{price.year}")
            yield _cannot_move("engine.C05.year_of_price", price.name, index, to_year, price.place, found, price.year)


def _cannot_move(
    message: str, subject: str, index: PriceIndex, to_year: int, place: str, found: Text, year: int = 0
) -> Problem:
    first, last = min(index.levels), max(index.levels)
    return problem(
        message, subject, place=place, found=found, index=index.name, first=first, last=last, year=year, to_year=to_year
    )


def _priced(inputs: Inputs, plan: GridPlan) -> list[_Priced]:
    """Every price and value that counts and follows the price index."""
    profile, spec = inputs.profile, inputs.spec
    rows: dict[_Priced, None] = {}
    for row in inputs.statistics:
        rule = profile.rules.get(row.base)
        is_counted = rule and not rule.off and row.base not in {*spec.off, *spec.not_applicable}
        if is_counted and row.measure != "quantity" and row.value is not None:
            rows[_Priced(row.item, row.price_year or row.year or spec.year, row.place)] = None
    for flow in plan.flows:
        for row_of_class in _price_rows(inputs, plan, flow):
            year = row_of_class.price_year
            if row_of_class.is_price and year and row_of_class.name not in profile.unmoved_prices:
                rows[_Priced(row_of_class.name, year, row_of_class.place)] = None
    return list(rows)


def _price_rows(inputs: Inputs, plan: GridPlan, flow: Flow) -> Iterator[Coefficient]:
    """The coefficients that price a flow, for each class that counts."""
    components = SERVICES[flow.service].components(inputs.settings(flow.service))
    money = next(component.money for component in components if component.id == flow.component)
    for pair, is_counted in zip(plan.classes, flow.is_counted, strict=True):
        if money and is_counted:
            found = inputs.coefficients.lookup(money.price, *pair, inputs.spec.region, inputs.spec.year)
            if found:
                yield found.row


# layers ---------------------------------------------------------------------------------------------------------------


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

    def range(self, low: float, high: float) -> Text:
        unit = "" if self.unit == "1" else unit_text(self.unit)
        least, most = (f"{self.of(value):.6g}" for value in (low, high))
        if math.isinf(low):
            return say("engine.range.or_less", most=most, unit=unit)
        if math.isinf(high):
            return say("engine.range.or_more", least=least, unit=unit)
        return say(
            "engine.range.everywhere" if least == most else "engine.range.between", least=least, most=most, unit=unit
        )

    @property
    def found(self) -> Text:
        return self.range(self.low, self.high)


def _shown(layer: Layer, tally: LayerTally) -> _Shown:
    unit = layer.spec.units or layer.header.unit or layer.unit
    try:
        scale, offset = linear(unit, layer.unit)
    except UnitError:
        unit, scale, offset = layer.unit, 1.0, 0.0
    return _Shown(unit, scale, offset, tally.lowest, tally.highest)


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


def _layer(inputs: Inputs, plan: GridPlan, sums: Sums, name: str, total: float) -> Iterator[Problem]:
    kind, layer, tally = plan.kinds[name], plan.layers[name], sums.layers[name]
    is_derived = isinstance(layer, DerivedLayer)
    place = say("engine.derived_by", equation=layer.equation.name) if isinstance(layer, DerivedLayer) else layer.place
    if tally.valid == 0:
        do = _check(layer) if is_derived else say("engine.check_file")
        yield problem("engine.N05.only_missing", name, place=place, do=do, share=1.0)
        return
    shown = _shown(layer, tally)
    for fill, area in tally.fills.items():
        share = area / total
        raw = (fill - layer.offset) / layer.scale
        yield problem("engine.N02.fill", name, place=place, share=share, raw=raw, layer=layer.spec.name, part=share)
    if tally.outside > 0 and not tally.fills:
        share = tally.outside / total
        scale = _scale_that_fits(kind, layer, shown) if tally.outside / tally.valid > MOSTLY else None
        yield problem(
            "engine.R01.all_outside" if tally.outside >= tally.valid else "engine.R01.some_outside",
            name,
            place=place,
            allowed=shown.range(kind.low, kind.high),
            do=_check(layer) if scale is None else _say_scale(layer, scale),
            share=share,
            values=shown.found,
            part=share,
        )
    if tally.outside == 0:
        yield from _unusual(kind, layer, tally, place, shown, total)
    share, threshold = tally.valid / total, inputs.profile.min_coverage
    if share < threshold:
        yield problem("engine.N03.layer", name, place=place, share=1 - share, covered=share, threshold=threshold)


def _check(layer: Layer) -> Text:
    """What to look at where values of a layer are odd."""
    if isinstance(layer, DerivedLayer):
        return say("engine.check_origin", names=list(layer.inputs))
    return say("engine.check_layer", layer=layer.spec.name)


def _say_scale(layer: Layer, scale: float) -> Text:
    return say("engine.say_scale", scale=scale, layer=layer.spec.name)


def _unusual(
    kind: LayerKind, layer: Layer, tally: LayerTally, place: str, shown: _Shown, total: float
) -> Iterator[Problem]:
    if tally.unusual <= 0:
        return
    share = tally.unusual / total
    usual = say("engine.usually", range=shown.range(kind.usual_low, kind.usual_high))
    scale = _scale_that_fits(kind, layer, shown) if tally.unusual / tally.valid > MOSTLY else None
    if scale is not None:
        do = _say_scale(layer, scale)
        yield problem(
            "engine.U03.most_unusual", kind.name, place=place, found=shown.found, allowed=usual, do=do, share=share
        )
        return
    yield problem(
        "engine.R02.some_unusual",
        kind.name,
        place=place,
        allowed=usual,
        do=_check(layer),
        share=share,
        values=shown.found,
        part=share,
    )


# zones ----------------------------------------------------------------------------------------------------------------


def _zones(inputs: Inputs, plan: GridPlan, sums: Sums) -> Iterator[Problem]:
    wrong = {code: by for code, by in inputs.misstatement.items() if abs(by) > MISSTATED and code != UNALLOCATED}
    if plan.mode == "centre" and wrong:
        worst = max(wrong, key=lambda code: abs(wrong[code]))
        yield problem("engine.G08.centres", "zones", count=len(wrong), zone=worst, by=wrong[worst], threshold=MISSTATED)
    cell = float(sums.area.sum()) / float(sums.cells.sum())
    for index, zone in enumerate(plan.zones.zones):
        count = float(sums.area[index].sum()) / cell
        name = zone.name or zone.code
        if zone.code != UNALLOCATED and 0 < count < FEW_CELLS:
            yield problem("engine.G05.few_cells", zone.code, zone=name, count=count, fewest=FEW_CELLS)
        if count == 0 and zone.code != UNALLOCATED:
            yield problem("engine.G05.no_cell", zone.code, zone=name)
