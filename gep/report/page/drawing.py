"""The map of overload as a drawing that stands in the page: no script, no picture, the colours of the report's map."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gep.account.account import Account
from gep.core.catalog import colour
from gep.core.messages import Language, in_language, say
from gep.report.tables.overload import OfClass, overload, overload_classes

_WIDEST = 450.0
"""Units of the longer side."""
_FINEST = 0.5
"""Units below which a bend of a border is not drawn."""


@dataclass(frozen=True)
class DrawnZone:
    """A zone: its outline as a path of SVG, its colour, what is said of it, and its rate with the place for it."""

    path: str
    colour: str
    said: str
    rate: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """A map of zones: its title, sides, zones, and the classes of its key."""

    title: str
    width: float
    height: float
    zones: tuple[DrawnZone, ...]
    classes: tuple[OfClass, ...]


def drawing_of_overload(account: Account, language: Language) -> Drawing | None:
    """The overload of the zones of an account; None where its run has none."""
    found = overload(account)
    if found is None:
        return None
    classes = {of.id: of for of in overload_classes()}
    without = OfClass("", say("pictures.legend.no_figure"), colour("_missing"))
    shapes, width, height = _on_page(account.shapes)
    zones = []
    for code, shape in shapes.items():
        of = classes.get(found.classes.get(code, ""), without)
        name, rate = account.zone_name(code, language), found.rate(code, language)
        told = " ".join(filter(None, (rate, in_language(of.name, language))))
        said = say("page.of_zone", name=name, told=told).to(language)
        middle = shape.representative_point()
        zones.append(DrawnZone(_path(shape), of.colour, said, rate, middle.x, middle.y))
    title = in_language(found.table.name, language)
    key = [*reversed(classes.values()), *([without] if set(shapes) - set(found.classes) else [])]
    return Drawing(title, width, height, tuple(zones), tuple(key))


def _on_page(shapes: Mapping[str, BaseGeometry]) -> tuple[dict[str, BaseGeometry], float, float]:
    """Shapes in degrees on a page, a step up as long as one to the right at the middle, and its sides."""
    west, south, east, north = shapely.total_bounds(np.array(list(shapes.values()), dtype=object)).tolist()
    squeeze = max(0.05, math.cos(math.radians((south + north) / 2)))
    scale = _WIDEST / max((east - west) * squeeze, north - south)

    def moved(xy: np.ndarray) -> np.ndarray:
        return np.column_stack([(xy[:, 0] - west) * squeeze * scale, (north - xy[:, 1]) * scale])

    drawn = {code: shapely.simplify(shapely.transform(shape, moved), _FINEST) for code, shape in shapes.items()}
    return drawn, round((east - west) * squeeze * scale, 1), round((north - south) * scale, 1)


def _path(shape: BaseGeometry) -> str:
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1].tolist()) + "Z"
        for ring in rings
    )
