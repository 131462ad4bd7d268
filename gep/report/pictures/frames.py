"""What every map has around it: scale, north, legend, a slot for the map review number, names of zones and borders."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gep.account.account import Account
from gep.account.fonts import drawable
from gep.core.letters import lines
from gep.core.messages import say
from gep.core.units import linear
from gep.report.pictures.canvas import EDGE, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAME_LENGTH, NAME_LINE = 40, 22
"""Letters of a name on a map, and of a line of it."""
LONGEST_SCALE = 0.2
"""The most that the scale bar takes of the width of the page."""


@dataclass(frozen=True, eq=False)
class Land:
    """The zones of an account on the plane of a map."""

    crs: pyproj.CRS
    zones: Mapping[str, BaseGeometry]

    @classmethod
    def of(cls, account: Account, crs: str) -> Land:
        """The zones on the plane of a coordinate system."""
        system = pyproj.CRS(crs)
        to_plane = pyproj.Transformer.from_crs("EPSG:4326", system, always_xy=True)

        def moved(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.column_stack(to_plane.transform(xy[:, 0], xy[:, 1]))

        return cls(system, {code: shapely.transform(shape, moved) for code, shape in sorted(account.shapes.items())})

    @cached_property
    def outline(self) -> BaseGeometry:
        return shapely.union_all(shapely.buffer(list(self.zones.values()), 0))

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        west, south, east, north = self.outline.bounds
        pad = 0.03 * max(east - west, north - south)
        return west - pad, south - pad, east + pad, north + pad

    @property
    def centre(self) -> tuple[float, float]:
        west, south, east, north = self.bounds
        return (west + east) / 2, (south + north) / 2

    @cached_property
    def degrees(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)

    @property
    def aspect(self) -> float:
        """How much longer a step up is drawn than one to the right: of degrees, as it is at the middle of the map."""
        if not self.crs.is_geographic:
            return 1.0
        return 1 / max(0.05, math.cos(math.radians(self.centre[1])))

    @cached_property
    def metres_of_step(self) -> float:
        """Metres on the ground of one unit to the right, at the middle of the map (geodesic)."""
        x, y = self.centre
        half = (self.bounds[2] - self.bounds[0]) / 8
        (x0, x1), (y0, y1) = self.degrees.transform([x - half, x + half], [y, y])
        return float(abs(pyproj.Geod(ellps="WGS84").inv(x0, y0, x1, y1)[2]) / (2 * half))

    @property
    def name_of_crs(self) -> str:
        authority = self.crs.to_authority(min_confidence=70)
        return self.crs.name + (f" ({':'.join(authority)})" if authority else "")


def map_axes(figure: Figure, land: Land, bottom: float, top: float) -> Axes:
    """The frame of the map on the left of a figure."""
    axes = figure.add_axes((0.02, bottom, 0.7, top - bottom))
    frame_map(axes, land)
    axes.set(xticks=[], yticks=[])
    for side in axes.spines.values():
        side.set_color("#b4bec3")
    return axes


def frame_map(axes: Axes, land: Land) -> None:
    """Show the land, with a step up as long as it is on the ground."""
    west, south, east, north = land.bounds
    axes.set(xlim=(west, east), ylim=(south, north))
    axes.set_aspect(land.aspect, adjustable="box", anchor="C")


def draw_area(axes: Axes, shape: BaseGeometry, **style: Any) -> None:
    """A polygon with its holes."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    rings = []
    for polygon in shapely.get_parts(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            xy = shapely.get_coordinates(ring)
            codes = np.full(len(xy), Path.LINETO)
            codes[0], codes[-1] = Path.MOVETO, Path.CLOSEPOLY
            rings.append(Path(xy, codes))
    if rings:
        axes.add_artist(PathPatch(Path.make_compound_path(*rings), **style))


def draw_borders(axes: Axes, land: Land) -> None:
    """Borders of the zones, and the boundary of all."""
    for shape in land.zones.values():
        draw_area(axes, shape, facecolor="none", edgecolor="#5d6b72", linewidth=0.5, zorder=4)
    draw_area(axes, land.outline, facecolor="none", edgecolor=INK, linewidth=1.3, zorder=5)


def scale_length(metres: float) -> float:
    """The largest round length (1, 2 or 5 times a power of ten) that is no longer than so many metres."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres)


def draw_scale(figure: Figure, axes: Axes, land: Land, language: str) -> None:
    """A scale bar of a round length, an arrow to the north, and the empty slot for the review number."""
    axes.apply_aspect()
    west, east = axes.get_xlim()
    on_page: dict[str, Any] = {"transform": figure.transFigure, "clip_on": False}
    box = axes.get_position()
    page_of_metre = box.width / ((east - west) * land.metres_of_step)
    length = scale_length(LONGEST_SCALE / page_of_metre)
    x, y, wide = 0.745, box.y0 + 0.30 / figure.get_figheight(), length * page_of_metre
    km = length / linear("km", "m")[0]
    name = f"{km:g} km" if km >= 1 else f"{length:g} m"
    axes.plot([x, x + wide], [y, y], color=INK, linewidth=2.2, solid_capstyle="butt", **on_page)
    for at, text in ((x, "0"), (x + wide, name)):
        axes.plot([at, at], [y, y + 0.012], color=INK, linewidth=1, **on_page)
        figure.text(at, y + 0.016, text, fontsize=8, ha="center" if at > x else "left", va="bottom", color=INK)
    _draw_north(figure, land, box.y1 - 0.02, language)
    figure.text(
        box.x0 + 0.008,
        box.y0 + 0.008,
        drawable(say("pictures.legend.number").to(language)) + " " * 34,
        fontsize=8,
        va="bottom",
        color="#5c6a71",
        zorder=20,
        bbox={"facecolor": "white", "edgecolor": "#b4bec3", "linestyle": "--", "linewidth": 0.6, "pad": 3},
    )


def _draw_north(figure: Figure, land: Land, top: float, language: str) -> None:
    """An arrow that points to the north of the middle of the map."""
    x, y = land.centre
    longitude, latitude = land.degrees.transform(x, y)
    to_plane = pyproj.Transformer.from_crs("EPSG:4326", land.crs, always_xy=True)
    ahead = to_plane.transform(longitude, min(89.9, latitude + 0.01))
    turn = math.atan2(ahead[0] - x, (ahead[1] - y) * land.aspect)
    length, height = 0.42, figure.get_figheight()
    right, up = length * math.sin(turn), length * math.cos(turn)
    foot = (0.955, top - 0.62 / height)
    head = (foot[0] + right / figure.get_figwidth(), foot[1] + up / height)
    figure.add_artist(_arrow(foot, head))
    letter = drawable(say("pictures.legend.north").to(language))
    figure.text(head[0], head[1] + 0.03 / height, letter, fontsize=10, ha="center", va="bottom", color=INK)


def _arrow(foot: tuple[float, float], head: tuple[float, float]) -> Any:
    from matplotlib.patches import FancyArrowPatch

    return FancyArrowPatch(foot, head, arrowstyle="-|>", mutation_scale=14, color=INK, linewidth=1.6)


@dataclass(frozen=True)
class Sign:
    """A line of a legend."""

    name: str
    colour: str = "none"
    hatch: str = ""
    line: float = 0.0


def draw_legend(figure: Figure, axes: Axes, title: str, signs: Sequence[Sign], top: float) -> None:
    """The legend at the right of the map."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = []
    for sign in signs:
        name = "\n".join(lines(drawable(sign.name, 60), 28))
        if sign.line:
            handles.append(Line2D([], [], color=INK if sign.line > 1 else "#5d6b72", linewidth=sign.line, label=name))
        else:
            style: dict[str, Any] = {
                "facecolor": sign.colour,
                "edgecolor": "#aab4b9" if sign.hatch else EDGE,
                "linewidth": 0.5,
            }
            handles.append(Patch(hatch=sign.hatch, label=name, **style))
    legend = figure.legend(
        handles=handles,
        title="\n".join(drawable(part) for line in title.split("\n") for part in lines(line, 32)),
        loc="upper left",
        bbox_to_anchor=(0.735, top - 0.72 / figure.get_figheight()),
        fontsize=8,
        title_fontsize=8.5,
        frameon=False,
        alignment="left",
        labelcolor=INK,
    )
    legend.get_title().set_color(INK)


_PLATE = {"boxstyle": "round,pad=0.12", "facecolor": "white", "alpha": 0.78, "edgecolor": "none"}
"""What a name stands on: it is read on the darkest of the colours."""


def draw_names(axes: Any, land: Land, names: Mapping[str, str]) -> list[str]:
    """The names of zones, none over another, the largest zones first: inside where there is room, else beside with a
    line. The codes of those that found no place.
    """
    figure = axes.figure
    axes.apply_aspect()
    renderer = figure.canvas.get_renderer()
    frame = axes.get_window_extent(renderer)
    taken: list[Any] = []
    left_out = []
    for code, shape in sorted(land.zones.items(), key=lambda item: (-item[1].area, item[0])):
        spot = _middle(shape)
        style: dict[str, Any] = {"fontsize": 7.5, "ha": "center", "va": "center", "color": INK, "clip_on": True}
        text = axes.text(*spot, names[code], linespacing=1.1, zorder=8, bbox=_PLATE, **style)
        text.update_bbox_position_size(renderer)
        box = text.get_bbox_patch().get_window_extent(renderer).padded(2)
        start = axes.transData.transform(spot)
        for right, up in _steps():
            moved = box.translated(right * box.width, up * box.height)
            if any(moved.overlaps(other) for other in taken) or not _contains(frame, moved):
                continue
            taken.append(moved)
            target = axes.transData.inverted().transform((start[0] + right * box.width, start[1] + up * box.height))
            text.set_position(target)
            if not shapely.contains_xy(shape, *target):
                axes.plot([spot[0], target[0]], [spot[1], target[1]], color=EDGE, linewidth=0.6, zorder=7)
                axes.plot(*spot, marker="o", markersize=2, color=EDGE, zorder=7)
            break
        else:
            text.remove()
            left_out.append(code)
    return left_out


def _steps() -> list[tuple[float, float]]:
    """Where a name may stand, in its own widths and heights from the middle, the nearest first."""
    found = [(right / 4, up / 2) for right in range(-6, 7) for up in range(-10, 11)]
    return sorted(found, key=lambda step: (abs(step[0]) * 2 + abs(step[1]) * 0.6, step))


def _contains(frame: Any, box: Any) -> bool:
    return bool(frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1)


def _middle(shape: BaseGeometry) -> tuple[float, float]:
    """The point of a shape that is farthest from its border."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    circle = shapely.maximum_inscribed_circle(largest, tolerance=max(1e-9, math.sqrt(largest.area) / 100))
    x, y = shapely.get_coordinates(circle)[0].tolist()
    return x, y
