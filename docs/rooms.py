"""The rooms of `gep/` and the imports between them, read from the code: for the test of the layers and for the picture
in CONTRIBUTING, which `python docs/make_pictures.py` draws.
"""

from __future__ import annotations

import ast
import textwrap
from collections import Counter
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PACKAGE = Path(__file__).resolve().parents[1] / "gep"

FLOORS = (
    ("core",),
    ("services", "derivations", "stocks"),
    ("standards",),
    ("inputs",),
    ("plan",),
    ("engine", "ecosystems"),
    ("account",),
    ("study",),
    ("assets",),
    ("audit",),
    ("report",),
    ("cli",),
)
"""From the ground up: a room knows only what stands on lower floors (design, section 4)."""

FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def module_name(path: Path, package: Path = PACKAGE) -> str:
    """The name of a module below the package: `inputs.grids.align`; that of a room for its `__init__`; empty for the
    package.
    """
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(package: Path = PACKAGE) -> dict[str, Path]:
    """Every module of the package by name."""
    return {module_name(path, package): path for path in sorted(package.rglob("*.py"))}


def room_of(module: str) -> str:
    """The room that a module stands in; empty for the front door (`__init__`, `__main__`)."""
    room = module.partition(".")[0]
    return room if room in FLOOR_OF else ""


def imports(text: str) -> list[tuple[str, int]]:
    """What a module imports, with the line: inside functions and for types only too. `from x import y` gives `x.y`."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            found += [(f"{start}.{alias.name}", node.lineno) for alias in node.names]
    return found


def targets(text: str, known: dict[str, Path]) -> dict[str, int]:
    """The modules of the package that a text imports, by name, with the first line that does."""
    found: dict[str, int] = {}
    for name, line in imports(text):
        if name != "gep" and not name.startswith("gep."):
            continue
        inside = name.removeprefix("gep").removeprefix(".")
        module = inside if inside in known else inside.rpartition(".")[0]
        found.setdefault(module if module in known else inside, line)
    return found


def graph() -> dict[str, set[str]]:
    """What every module imports of the package."""
    known = modules()
    return {name: set(targets(path.read_text(encoding="utf-8"), known)) for name, path in known.items()}


def circle(edges: dict[str, set[str]]) -> list[str]:
    """A circle of modules that import each other in turn, if there is one."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for target in sorted(edges.get(name, ())):
            if found := walk(target, [*way, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(edges) if (found := walk(name, []))), [])


def arrows() -> Counter[tuple[str, str]]:
    """How many imports lead from room to room."""
    found: Counter[tuple[str, str]] = Counter()
    for name, there in graph().items():
        for target in there:
            here, other = room_of(name), room_of(target)
            if here and other and here != other:
                found[here, other] += 1
    return found


# the picture ----------------------------------------------------------------------------------------------------------

WAY = {
    "inputs": "a layer with its unit, on its own grid",
    "plan": "an argument of the equation of a service",
    "engine": "a quantity on every cell, added by zone and class",
    "account": "entries: how much, at which price, worth what",
    "study": "an account, and a folder that says where it came from",
    "report": "figures, formulas, sources, in words",
}
"""Where a raster goes, room by room, and what it is when it leaves."""
SCIENCE = ("services", "derivations", "stocks", "ecosystems")

WIDTH, TOP, LEFT, COLUMN, ROW, BOX, BEND = 980, 94, 22, 39, 47, 98, 22
"""Pixels of the picture as CONTRIBUTING shows it, half of those of the file."""
INK, GREY, LINE, BLUE, GREEN = "#1f2933", "#66727f", "#c9d1d9", "#0072B2", "#009E73"
DARK = (0.2, 0.26, 0.33)
FILLS = {"way": ("#dcecf7", BLUE), "science": ("#dff3ec", GREEN), "other": ("#f1f3f5", "#8a96a3")}


def first_sentences() -> dict[str, str]:
    """What each room is for, by the first sentence of its `__init__`."""
    known = modules()
    texts = {room: ast.get_docstring(ast.parse(known[room].read_text(encoding="utf-8"))) or "" for room in FLOOR_OF}
    return {room: " ".join(text.split()).partition(". ")[0].rstrip(".") for room, text in texts.items()}


def made_from() -> list[Any]:
    """What the picture shows: when this changes, it is stale."""
    files = Counter(room_of(name) for name in modules())
    return [
        [list(floor) for floor in FLOORS],
        sorted(first_sentences().items()),
        sorted((room, files[room]) for room in FLOOR_OF),
        sorted((here, there, count) for (here, there), count in arrows().items()),
        sorted(WAY.items()),
    ]


def draw() -> Figure:
    """A stair of rooms: in the row of a room stands, above each room that it imports from, how often it does."""
    import matplotlib.pyplot as plt

    rooms = [room for floor in FLOORS for room in floor]
    height = TOP + ROW * len(rooms)
    figure = plt.figure(figsize=(WIDTH / 100, height / 100), dpi=200)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDTH), ylim=(height, 0))
    ax.axis("off")
    place = {
        room: (LEFT + COLUMN * step, TOP + ROW * (len(rooms) - step - 1) + ROW / 2) for step, room in enumerate(rooms)
    }
    _heading(ax)
    _legend(ax, place)
    _floors(ax, place)
    _arrows(ax, place)
    _boxes(ax, place)
    _way(ax, place)
    return figure


def _write(ax: Axes, x: float, y: float, text: str, size: float, colour: str = INK, **options: Any) -> None:
    ax.text(x, y, text, fontsize=size * 0.72, color=colour, va=options.pop("va", "center"), **options)


def _heading(ax: Axes) -> None:
    counts = arrows()
    _write(ax, LEFT, 30, "The rooms of gep", 19, weight="bold")
    words = "A number says how many imports lead from the room at the right of its row down to the room at the foot of"
    _write(ax, LEFT, 58, words, 12, GREY)
    _write(
        ax,
        LEFT,
        75,
        f"its column: {counts.total()} imports between {len(counts)} pairs of rooms. None leads up.",
        12,
        GREY,
    )


def _legend(ax: Axes, place: dict[str, tuple[float, float]]) -> None:
    """What the colours mean, in the free corner."""
    words = {
        "way": "on the way of a raster",
        "science": "science, one file for each subject",
        "other": "what serves them, and what they serve",
    }
    for number, (kind, text) in enumerate(words.items()):
        y = place["core"][1] + 22 * (number - 2)
        _box(ax, 610, y - 7, 20, 14, kind, 3)
        _write(ax, 638, y, text, 10.8, GREY)


def _box(ax: Axes, x: float, y: float, width: float, height: float, kind: str, corner: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    fill, edge = FILLS[kind]
    shape = f"round,pad=0,rounding_size={corner}"
    box = FancyBboxPatch((x, y), width, height, boxstyle=shape, facecolor=fill, edgecolor=edge, linewidth=1.3, zorder=5)
    ax.add_patch(box)


def _floors(ax: Axes, place: dict[str, tuple[float, float]]) -> None:
    """Every other floor on a light ground: two rooms of one floor do not know each other."""
    from matplotlib.patches import Rectangle

    for floor, rooms in enumerate(FLOORS):
        top = min(place[room][1] for room in rooms) - ROW / 2
        if floor % 2 == 0:
            ax.add_patch(Rectangle((0, top), WIDTH, ROW * len(rooms), color="#f8f9fb", zorder=0, linewidth=0))


def _arrows(ax: Axes, place: dict[str, tuple[float, float]]) -> None:
    """From each room to the left, and from there down to what it imports from."""
    from matplotlib.patches import FancyBboxPatch

    counts = arrows()
    most = max(counts.values())
    for room, (x, y) in place.items():
        targets_of = [place[there][0] for here, there in counts if here == room]
        if targets_of:
            ax.plot([min(targets_of) + COLUMN / 2, x], [y, y], color=LINE, linewidth=1, zorder=1)
        sources = [place[here][1] for here, there in counts if there == room]
        if sources:
            foot = {"arrowstyle": "-|>", "color": "#9aa6b2", "linewidth": 1, "shrinkA": 0, "shrinkB": 0}
            middle = x + COLUMN / 2
            ax.annotate("", (middle, y - 15), (middle, min(sources)), arrowprops=foot, zorder=1)
    for (here, there), count in sorted(counts.items()):
        x, y, half = place[there][0] + COLUMN / 2, place[here][1], 12 if count < 100 else 15
        share = (count / most) ** 0.5
        colour = tuple(1 + (dark - 1) * (0.1 + 0.9 * share) for dark in DARK)
        shape = "round,pad=0,rounding_size=9"
        pill = FancyBboxPatch((x - half, y - 9), 2 * half, 18, boxstyle=shape, facecolor=colour, zorder=3)
        pill.set(edgecolor="white", linewidth=1.2)
        ax.add_patch(pill)
        _write(ax, x, y, str(count), 11.5, "white" if sum(colour) < 1.75 else INK, ha="center", zorder=4)


def _boxes(ax: Axes, place: dict[str, tuple[float, float]]) -> None:
    """Each room, what it is for, and what a raster is there."""
    order = list(place)
    passing: dict[str, float] = {}  # where the way goes by a room that it does not enter
    for below, above in pairwise(WAY):
        between = order[order.index(below) + 1 : order.index(above)]
        passing |= dict.fromkeys(between, place[above][0] + BOX)
        if len(between) > 1:
            passing[below] = place[below][0] + BOX + COLUMN * len(between)
    for room, sentence in first_sentences().items():
        x, y = place[room]
        _box(ax, x, y - 15, BOX, 30, "way" if room in WAY else "science" if room in SCIENCE else "other", 5)
        _write(ax, x + BOX / 2, y + 0.5, room, 13, weight="bold", ha="center", zorder=6)
        start = max(x + BOX + COLUMN, passing.get(room, 0)) + BEND + 4
        lines = textwrap.wrap(sentence, int((WIDTH - 10 - start) / 6))
        said = len(lines) + (room in WAY)
        for number, line in enumerate(lines):
            _write(ax, start, y + 13.5 * (number - (said - 1) / 2), line, 10.8, GREY, zorder=6)
        if room in WAY:
            _write(ax, start, y + 13.5 * (said - 1) / 2, WAY[room], 10.8, BLUE, weight="bold", zorder=6)


def _way(ax: Axes, place: dict[str, tuple[float, float]]) -> None:
    """The way of one raster, as a bold line that bends from room to room on their right."""
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.path import Path as Line

    ends = [(place[room][0] + BOX, place[room][1]) for room in WAY]
    (x, y), start = ends[0], 600
    border, out = y + ROW / 2, x + BEND
    enter = [(start, border), (out + 8, border), (out, border), (out, border - 4), (out, y + 5), (x + 2, y + 5)]
    bends = [(Line.MOVETO, Line.LINETO, Line.CURVE3, Line.CURVE3, Line.CURVE3, Line.CURVE3)]
    lines = [enter]
    for (x, y), (to_x, to_y) in pairwise(ends):
        out = to_x + BEND
        lines.append([(x, y - 5), (out, y - 5), (out, to_y + 5), (to_x + 2, to_y + 5)])
        bends.append((Line.MOVETO, Line.CURVE4, Line.CURVE4, Line.CURVE4))
    for points, codes in zip(lines, bends, strict=True):
        ax.add_patch(PathPatch(Line(points, codes), facecolor="none", edgecolor=BLUE, linewidth=3.2, zorder=7))
        to_x, to_y = points[-1]
        ax.plot([to_x + 2], [to_y], marker="<", color=BLUE, markersize=6.5, zorder=8)
    for row, column in product(range(3), range(4)):
        share = (5 * row + 3 * column + 2) % 7 / 7
        colour = tuple(1 + (dark - 1) * (0.25 + 0.75 * share) for dark in (0.0, 0.447, 0.698))
        ax.add_patch(
            Rectangle((start + 7 * column, border - 10.5 + 7 * row), 7, 7, color=colour, linewidth=0, zorder=8)
        )
    _write(ax, start + 35, border, "precipitation.tif", 11.5, BLUE, weight="bold", zorder=6)
