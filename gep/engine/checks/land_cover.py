"""Codes of the land cover that the scheme has not, and land without any; classes of a study's own."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from gep.core.errors import SEVERAL, Problem, problem
from gep.core.messages import Text, say
from gep.core.units import linear
from gep.engine.checks.seen import ROUNDING, Seen, enough, square_kilometres
from gep.engine.checks.suspicion import exchanged, suspected
from gep.inputs.grids.places import Place
from gep.inputs.open import FEW_CELLS, NO_LAND_COVER
from gep.standards.classes import land_classes
from gep.standards.schemes import CUSTOM, load_scheme

MOST_CODES = 12
"""So many unknown codes are listed one by one; more are the wrong scheme."""

VERY_NEAR = 0.85
"""Likeness of two spellings from which a class of a study's own looks like a slip: such names are free."""

MOSTLY = 0.5
"""A share of the area above which unknown codes point to the wrong scheme."""


def codes(seen: Seen) -> Iterator[Problem]:
    """Codes without a class, the widespread ones first, and land without any code."""
    inputs, sums, total = seen.inputs, seen.sums, seen.total
    assert inputs.land_cover is not None
    scheme, place = inputs.scheme, inputs.land_cover.place
    unknown = {code: area for code, area in sums.unknown.items() if code not in scheme.no_data}
    order = sorted(unknown, key=lambda code: (-unknown[code], code))
    is_mostly_unknown = sum(unknown.values()) > MOSTLY * total
    if is_mostly_unknown and len(order) > SEVERAL:
        area = sum(unknown.values())
        yield problem(
            "engine.L01.mostly_unknown",
            "land_cover",
            place=place,
            allowed=say("engine.one_of", names=list(scheme.classes)) if len(scheme.classes) <= MOST_CODES else "",
            share=area / total,
            count=len(order),
            codes=order[:MOST_CODES],
            scheme=scheme.id,
            area=square_kilometres(seen.scale * area),
            part=area / total,
        )
        order = []
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
            area=square_kilometres(seen.scale * unknown[code]),
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
            area=square_kilometres(seen.scale * area),
        )
    missing = float(sums.area[:, -1].sum()) - sum(unknown.values())
    share = missing / total
    if share > ROUNDING:
        area = square_kilometres(seen.scale * missing)
        least = inputs.profile.min_coverage
        key = "engine.N03.no_land_cover" if 1 - share >= least else "engine.N03.too_little_land_cover"
        yield problem(key, "land_cover", place=place, share=share, area=area, part=share, most=1 - least)


def classes(seen: Seen) -> Iterator[Problem]:
    """Classes that the study assigns and that look like a slip in the name of a known one."""
    inputs = seen.inputs
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


# what classes are like ------------------------------------------------------------------------------------------------

WHOLE = 0.95
"""A share of a city that no class has in a map that tells classes apart."""

MANY_CELLS = 1000
"""Cells of a city from which that is said."""

LESS = 0.8
"""Times the growth of cropland, below which forest is hardly forest."""

GROWTH = ("net_primary_production", "ndvi", "vegetation_cover", "leaf_area_index")
"""Layers of which forest has more than cropland of one city, unless that is watered in dry land."""


def one_class(seen: Seen) -> Iterator[Problem]:
    """A class that has nearly all of the city."""
    if float(seen.sums.cells.sum()) < MANY_CELLS:
        return
    areas = seen.sums.area.sum(axis=0)
    for pair, area in zip(seen.plan.classes, areas.tolist(), strict=True):
        share = area / seen.total
        if share > WHOLE and pair != NO_LAND_COVER:
            name = "/".join(part for part in pair if part)
            yield problem("engine.L20.one_class", "land_cover", share=share, name=name, part=share)


SAVANNA = ("grassland", "savanna")

WARM = 35.0
"""Degrees of latitude beyond which a savanna of a legend is open woodland: the biome is of warm countries. A limit of
this project.
"""


def savanna_of_the_north(seen: Seen) -> Iterator[Problem]:
    """Savanna far from the tropics: in legends by tree cover it is open woodland, which counts as grassland."""
    _, latitude = seen.middle
    codes = [code for code, pair in seen.inputs.scheme.classes.items() if pair == SAVANNA]
    if not abs(latitude) > WARM or SAVANNA not in seen.plan.classes or set(codes) <= set(seen.inputs.scheme.assigned):
        return
    share = float(seen.sums.area[:, seen.plan.classes.index(SAVANNA)].sum()) / seen.total
    if share > ROUNDING:
        place = seen.inputs.land_cover.place if seen.inputs.land_cover else ""
        about: dict[str, Any] = {"part": share, "latitude": abs(latitude), "code": codes[0]}
        yield problem("engine.L22.savanna", "land_cover", place=place, share=share, **about)


def against_the_legend(seen: Seen) -> Iterator[Problem]:
    """Codes of the land cover that the project gives to another ecosystem than the legend that it names."""
    scheme = seen.inputs.scheme
    legend = load_scheme(scheme.id).classes if scheme.id != CUSTOM else {}
    areas = dict(zip(seen.plan.classes, seen.sums.area.sum(axis=0).tolist(), strict=True))
    other = [
        say("engine.code_of_classes", code=code, legend=cell_name(legend[code]), own=cell_name(scheme.classes[code]))
        for code in scheme.assigned
        if code in legend and legend[code][0] != scheme.classes[code][0] and areas.get(scheme.classes[code], 0.0) > 0
    ]
    if other:
        yield problem("engine.L25.another_ecosystem", "land_cover", place="[land_cover.map]", codes=other)


MUCH = 0.5
"""A share of the area from which the choice of a class for approximate codes decides the account: a judgement."""

MOST_CLASSES = 5


def approximate(seen: Seen) -> Iterator[Problem]:
    """Land whose codes the scheme gives a class that need not be theirs."""
    areas = dict(zip(seen.plan.classes, seen.sums.area.sum(axis=0).tolist(), strict=True))
    found = {pair: area for pair, area in areas.items() if pair in seen.inputs.scheme.approximate_classes() and area}
    share = math.fsum(found.values()) / seen.total
    if share <= ROUNDING:
        return
    order = sorted(found, key=lambda pair: (-found[pair], pair))[:MOST_CLASSES]
    classes = [
        say("engine.class_of_area", name=cell_name(pair), area=square_kilometres(seen.scale * found[pair]))
        for pair in order
    ]
    yield problem(
        "engine.L24.approximate",
        "land_cover",
        place=seen.inputs.land_cover.place if seen.inputs.land_cover else "",
        share=share,
        severity="warning" if share > MUCH else None,
        scheme=seen.inputs.scheme.id,
        part=share,
        classes=classes,
    )


def cell_name(pair: tuple[str, str]) -> Text:
    """A class as a project file writes it, and by its name in Chinese."""
    known = land_classes().get(pair)
    return Text("/".join(part for part in pair if part), known.label_zh if known else "/".join(pair))


def barren_forest(seen: Seen) -> Iterator[Problem]:
    """Forest that grows less than cropland, by every layer that tells: classes exchanged, or a land cover that lies
    elsewhere.
    """
    ratios = {name: ratio for name in GROWTH if (ratio := _growth_of_forest(seen, name)) is not None}
    if len(ratios) > 1 and max(ratios.values()) < LESS:
        names = [seen.subject(name) for name in ratios]
        found = problem("engine.L21.barren_forest", "land_cover", names=names, ratio=max(ratios.values()))
        one, other = (_main_class(seen, ecosystem) for ecosystem in ("forest", "cropland"))
        is_strong = max(ratios.values()) < MUCH_LESS and _is_humid(seen)
        yield suspected(found, exchanged(seen.inputs, one, other), is_strong=is_strong)


MUCH_LESS = 0.7
"""Times the growth of cropland, below which no forest of a humid land is: a judgement."""

HUMID = "500 mm/year"
"""Rain from which fields are no oases that outgrow the forest around: a judgement."""


def _is_humid(seen: Seen) -> bool:
    """Whether it rains enough for forest nearly everywhere."""
    rain = seen.values("precipitation")
    valid = enough(rain)
    if rain is None or valid is None or not seen.is_given(seen.subject("precipitation")):
        return False
    least = linear(HUMID, seen.unit_of_year("precipitation"))[0]
    return float(np.percentile(rain[valid], FEW_IN_HUNDRED)) > least


FEW_IN_HUNDRED = 10
"""The percentile that stands for the driest land."""


def _main_class(seen: Seen, ecosystem: str) -> tuple[str, str]:
    """The class of an ecosystem that has most of the area."""
    areas = zip(seen.plan.classes, seen.sums.area.sum(axis=0).tolist(), strict=True)
    return max(((area, pair) for pair, area in areas if pair[0] == ecosystem))[1]


def _growth_of_forest(seen: Seen, quantity: str) -> float | None:
    """How often the middle of a layer in cropland goes into that in forest; None where either is hardly there."""
    values = seen.values(quantity)
    if values is None or not seen.is_given(seen.subject(quantity)):
        return None
    groups = [values[seen.is_of(of) & np.isfinite(values)] for of in ("forest", "cropland")]
    if any(len(group) < FEW_CELLS for group in groups):
        return None
    forest, cropland = (float(np.median(group)) for group in groups)
    return forest / cropland if cropland > 0 else None


def year_not_said(seen: Seen) -> Iterator[Problem]:
    """Land cover from a file of which nobody says the year."""
    spec = seen.inputs.spec.land_cover
    if spec.year is None and not spec.period and isinstance(spec.data, Place):
        yield problem("engine.T15.land_cover", "land_cover", place=spec.data.name, year=seen.inputs.spec.year)
