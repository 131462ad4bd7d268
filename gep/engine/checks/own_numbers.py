"""The study's own coefficients and reported areas: rows without effect, numbers unlike all others."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from gep.core.errors import Problem, did_you_mean, problem
from gep.core.keys import CITY
from gep.core.messages import Text, say
from gep.core.unit_names import unit_text, with_unit
from gep.core.units import TAGS, linear, pretty
from gep.engine.checks.seen import Seen, square_kilometres
from gep.engine.checks.suspicion import suspected, with_value
from gep.inputs.items import COMPARED, in_unit, item_unit
from gep.standards.check import argument_units
from gep.standards.classes import land_classes
from gep.standards.coefficients import Coefficient, Coefficients, regions_of
from gep.standards.layer_ranges import Slip, slips
from gep.standards.ranges import ranges

FAR = 10
"""Times above or below every published value at which a number of the study is asked after."""

SHARES = ("1", "percent")
AREAS = ("km^2", "hm^2")
LARGER = 0.01
"""Share by which a reported area may exceed that of its zone before it is said: areas are measured in several ways."""


def overrides(seen: Seen) -> Iterator[Problem]:
    """Rows of the study's own coefficients that nothing will ever look up."""
    inputs, plan = seen.inputs, seen.plan
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


def idle(seen: Seen) -> Iterator[Problem]:
    """Rows of the study's own that are not in force: of a later year, or of a region that the study is not in, where no
    other row of theirs is.
    """
    spec, own = seen.inputs.spec, seen.inputs.own_coefficients
    regions = regions_of(spec.region)
    here = [row for row in own if row.region in ("", *regions)]
    in_force = {row.key[:3] for row in here if (row.from_year or spec.year) <= spec.year}
    later: dict[int, list[Coefficient]] = {}
    elsewhere: dict[str, list[Coefficient]] = {}
    for row in (row for row in own if row.key[:3] not in in_force):
        if row.region not in ("", *regions):
            elsewhere.setdefault(row.region, []).append(row)
        elif row.from_year is not None:
            later.setdefault(row.from_year, []).append(row)
    for from_year, rows in later.items():
        about: dict[str, Any] = {"year": spec.year, "from_year": from_year, **_named(rows)}
        yield problem("engine.C10.later", rows[0].name, place=rows[0].place, found=str(from_year), **about)
    ours = set(own)
    known = {row.region for row in seen.inputs.coefficients.rows if row not in ours} if elsewhere else set()
    for region, rows in elsewhere.items():
        if region in known:
            own_region = spec.region or say("engine.no_region")
            about = {"region": region, "own": own_region, **_named(rows)}
            yield problem("engine.C10.elsewhere", rows[0].name, place=rows[0].place, found=region, **about)


def _named(rows: Sequence[Coefficient]) -> dict[str, Any]:
    """Rows in a message: how many, and of what."""
    return {"count": len(rows), "names": [f"`{name}`" for name in dict.fromkeys(row.name for row in rows)]}


SYNTHETIC = "synthetic"
"""The source of every invented number of the sample city."""

NO_PLACE = "99"
"""How the code of the sample city begins: no province of China has it (GB/T 2260), so it declares a study invented."""


def left_from_the_sample(seen: Seen) -> Iterator[Problem]:
    """Invented numbers of the sample city in a study of a real place."""
    inputs = seen.inputs
    if inputs.spec.code.startswith(NO_PLACE):
        return
    rows = [row for row in inputs.own_coefficients if row.source == SYNTHETIC]
    if rows:
        yield problem("engine.C18.coefficients", "coefficients", place=rows[0].place, found=SYNTHETIC, **_named(rows))
    figures = [row for row in inputs.statistics if row.source == SYNTHETIC]
    if figures:
        items = [f"`{item}`" for item in dict.fromkeys(row.base for row in figures)]
        about: dict[str, Any] = {"count": len(figures), "items": items}
        yield problem("engine.C18.figures", "tables", place=figures[0].place, found=SYNTHETIC, **about)


def far_from_known(seen: Seen) -> Iterator[Problem]:
    """Numbers of the study that no published one is like: a sign, a share above one, ten times more or less."""
    own, *others = seen.inputs.coefficients.tables
    for row in own:
        known = [other.to(row.unit) for table in others for other in table if other.name == row.name]
        if not known or row.value == 0:
            continue
        low, high = min(known), max(known)
        least, most = _plausible(row, low, high)
        is_negative = row.value < 0 <= low
        if is_negative or not least <= row.value <= most:
            told = problem(
                "engine.C14.unlike_published",
                row.name,
                place=row.place,
                found=Text(f"{row.value:g} {pretty(row.unit)}", f"{row.value:g} {unit_text(row.unit).zh}"),
                allowed=say("engine.published" if low == high else "engine.published_range", low=low, high=high),
                severity="error" if is_negative else "warning",
            )
            is_far = row.value > 0 and low > 0 and not low / NO_CHANCE < row.value < high * NO_CHANCE
            near = min(max(row.value, low), high)
            yield suspected(told, with_value(seen.inputs, row, near), is_strong=True) if is_far else told


NO_CHANCE = 100
"""The factor from which a quotient of two rows that is just that of a slip is hardly chance: a judgement."""

CLOSE = 0.005
"""How near to a factor of slips the quotient of two rows must be: both are printed to three digits."""

MARKET = "carbon_price_market"
"""The band of prices that a tonne of carbon dioxide was traded at."""


def slipped(seen: Seen) -> Iterator[Problem]:
    """Rows of the study that are a published row times a factor of another unit, or carbon dioxide for carbon. A row of
    a whole ecosystem that no published one has is held to those of its classes, by factors that are hardly chance.
    """
    inputs = seen.inputs
    own, *others = inputs.coefficients.tables
    published = Coefficients([(), *others])
    for row in own:
        region, year = row.region or inputs.spec.region, inputs.spec.year
        found = published.lookup(row.name, row.ecosystem, row.land_class, region, year)
        least = 0 if found else NO_CHANCE
        alike = [found.row] if found else _of_classes(published, row, region)
        pairs = ((other, slip) for other in alike for slip in _slips_of(row) if slip.factor >= least)
        if match := next(((other, slip) for other, slip in pairs if _is_slip(row, other, slip)), None):
            other, slip = match
            told = problem(
                "engine.C21.more" if row.value > other.to(row.unit) else "engine.C21.less",
                row.name,
                place=row.place,
                found=with_unit(f"{row.value:g}", row.unit),
                allowed=with_unit(f"{other.value:g}", other.unit),
                factor=slip.factor,
                source=other.source,
                cause=say(f"engine.cause.{slip.cause}"),
            )
            right = with_value(inputs, row, other.to(row.unit))
            yield suspected(told, right, is_strong=slip.factor >= NO_CHANCE)


def _of_classes(published: Coefficients, row: Coefficient, region: str) -> list[Coefficient]:
    """The published rows of the classes of an ecosystem that a row is of as a whole."""
    if not row.ecosystem or row.land_class:
        return []
    of = (row.name, row.ecosystem)
    here = ("", *regions_of(region))
    return [other for other in published.rows if (other.name, other.ecosystem) == of and other.region in here]


def _slips_of(row: Coefficient) -> list[Slip]:
    """The slips that a row may hold."""
    return [
        slip
        for slip in slips()
        if slip.quantity in ("", row.name) or (slip.cause == "carbon_dioxide" and _is_of_carbon(row.unit))
    ]


def _is_slip(row: Coefficient, other: Coefficient, slip: Slip) -> bool:
    """Whether a row is another times the factor of a slip, or one in as many of it."""
    if not row.value or not other.value:
        return False
    times = row.value / other.to(row.unit)
    return times > 0 and abs(max(times, 1 / times) / slip.factor - 1) < CLOSE


def _is_of_carbon(unit: str) -> bool:
    """Whether a unit counts carbon, or carbon dioxide."""
    return bool({"carbon", "CO2"} & set(TAGS) & set(re.findall(r"[A-Za-z0-9]+", unit)))


def carbon_price_of_no_market(seen: Seen) -> Iterator[Problem]:
    """A price per tonne of carbon dioxide that no market of China had: it may be one per tonne of carbon."""
    bands = ranges(MARKET)
    highest = max(band.high for band in bands if band.high is not None)
    for row in seen.inputs.coefficients.tables[0]:
        if row.name == "carbon_price" and row.to(bands[0].unit) > highest:
            found = with_unit(f"{row.value:g}", row.unit)
            allowed = say("engine.at_most_traded", price=with_unit(f"{highest:g}", bands[0].unit))
            told = problem("engine.P12.above_market", row.name, place=row.place, found=found, allowed=allowed)
            of_carbon = next(slip.factor for slip in slips() if slip.cause == "carbon_dioxide")
            yield suspected(told, with_value(seen.inputs, row, row.value / of_carbon))


def _plausible(row: Coefficient, low: float, high: float) -> tuple[float, float]:
    """Between what a number of the study is not asked after, where the published ones are `low` to `high`."""
    least = low / FAR if low > 0 else -math.inf
    most = high * FAR if high > 0 else math.inf
    if row.unit in SHARES and low >= 0 and high * linear(row.unit, "1")[0] <= 1:
        most = min(most, 1 / linear(row.unit, "1")[0])
    return least, most


def larger_than_zones(seen: Seen) -> Iterator[Problem]:
    """Reported areas that are larger than the zone they are reported for."""
    inputs, zones = seen.inputs, seen.plan.zones
    measured = seen.sums.area.sum(axis=1).tolist() if seen.is_whole else zones.areas
    areas = {zone.code: float(area) for zone, area in zip(zones.zones, measured, strict=True)}
    areas[CITY] = math.fsum(areas.values())
    for row in inputs.statistics:
        unit = item_unit(row.item)
        if row.value is None or row.zone not in areas or unit not in AREAS or row.item in COMPARED:
            continue
        reported = in_unit(row.value, row.unit, unit) * linear(unit, "m^2")[0]
        if reported > areas[row.zone] * (1 + LARGER):
            found = with_unit(f"{row.value:g}", row.unit)
            area = square_kilometres(areas[row.zone])
            yield problem("engine.T13.larger_than_zone", row.item, place=row.place, found=found, area=area)
