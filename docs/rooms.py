"""The rooms of `gep/` and the imports between them, read from the code: for the test of the layers and for the picture
in CONTRIBUTING.

python docs/rooms.py          writes docs/images/rooms.png
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "gep"

FLOORS = (
    ("core",),
    ("services", "derivations"),
    ("standards",),
    ("inputs",),
    ("plan",),
    ("engine", "ecosystems"),
    ("account",),
    ("study",),
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
