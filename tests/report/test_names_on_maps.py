"""Names of zones on a map: none over another, each in its zone or led to it, the rest told."""

from __future__ import annotations

from itertools import combinations

import pyproj
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gep.report.pictures.frames import Land, draw_names, map_axes

METRES = pyproj.CRS("EPSG:32650")


def placed(zones, names):
    """What is left out, the boxes of the names, the lines to them, and the axes."""
    land = Land(METRES, zones)
    figure = Figure(figsize=(7.5, 5.5), dpi=100)
    FigureCanvasAgg(figure)
    axes = map_axes(figure, land, 0.1, 0.9)
    left_out = draw_names(axes, land, names)
    renderer = figure.canvas.get_renderer()
    figure.draw(renderer)
    boxes = {text.get_text(): text.get_bbox_patch().get_window_extent(renderer) for text in axes.texts}
    return left_out, boxes, [line for line in axes.lines if len(line.get_xdata()) == 2], axes


def row_of_counties(count, size=1000.0):
    """So many small counties in a row, below a large one."""
    small = {f"s{at:02}": shapely.box(at * size, 0, (at + 1) * size, size) for at in range(count)}
    return {"large": shapely.box(0, size, 20 * size, 15 * size), **small}


@pytest.mark.parametrize("count", [3, 8, 14])
def test_no_name_covers_another(count):
    zones = row_of_counties(count)
    names = {code: f"{code} Autonomous\nBanner {code}\n-123.45*" for code in zones}
    left_out, boxes, _, axes = placed(zones, names)
    assert len(boxes) + len(left_out) == len(zones)
    assert len(boxes) >= min(count, 8)
    for one, other in combinations(boxes.values(), 2):
        assert not one.overlaps(other)
    frame = axes.get_window_extent()
    for box in boxes.values():
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1


def test_a_name_beside_its_zone_is_led_to_it():
    zones = row_of_counties(6)
    _, boxes, lines, axes = placed(zones, {code: f"A long name of {code}" for code in zones})
    assert len(boxes) == len(zones)
    led = {next(zip(*line.get_data(), strict=True)) for line in lines}
    for text in axes.texts:
        zone = zones[text.get_text().rpartition(" ")[2]]
        inside = shapely.contains_xy(zone, *text.get_position())
        assert inside or any(shapely.contains_xy(zone, *start) for start in led)
    assert led


def test_the_largest_zone_has_its_name_in_its_middle():
    _, _, _, axes = placed(row_of_counties(5), dict.fromkeys(row_of_counties(5), "Name"))
    assert shapely.contains_xy(row_of_counties(5)["large"], *axes.texts[0].get_position())
