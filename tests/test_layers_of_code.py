"""Imports go down the list of rooms only, and never in a circle (design, section 4)."""

import subprocess
import sys

import pytest
from rooms import FLOOR_OF, FLOORS, PACKAGE, circle, graph, imports, modules, room_of, targets

MODULES = modules()


def violations(name, text):
    """The imports of a module that do not go down, or are not absolute."""
    here = FLOOR_OF.get(room_of(name))
    wrong = [f"{name}, line {line}: imports are absolute" for target, line in imports(text) if target.startswith(".")]
    for target, line in targets(text, MODULES).items():
        there = FLOOR_OF.get(room_of(target))
        is_down = here is None or room_of(target) == room_of(name) or (there is not None and there < here)
        if not is_down or target not in MODULES:
            wrong.append(f"{name}, line {line}: may not import gep.{target}")
    return wrong


def test_nothing_but_rooms_at_the_top():
    rooms = {room for floor in FLOORS for room in floor}
    there = {path.name for path in PACKAGE.iterdir() if path.name not in ("__pycache__", "_coefficients")}
    assert there == rooms | {"__init__.py", "__main__.py", "py.typed"}


def test_imports_go_down():
    found = {name: violations(name, path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
    assert {name: upwards for name, upwards in found.items() if upwards} == {}


def test_no_circle_of_files():
    assert circle(graph()) == []


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("core.units", "from gep.core.errors import UnitError", 0),
        ("core.units", "from gep.standards.coefficients import Coefficient", 1),
        ("core.units", "from __future__ import annotations\nimport numpy as np", 0),
        ("core.units", "def f():\n    from gep.study.study import Study", 1),
        ("core.units", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from gep.study.study import Study", 1),
        ("services.one", "from gep.derivations.water import x", 1),
        ("services.one", "from .another import X", 1),
        ("study.study", "import gep", 1),
        ("study.study", "from gep.no_such_module import X", 1),
        ("cli.app", "from gep.core import units", 0),
    ],
)
def test_the_rule_itself(name, text, count):
    assert len(violations(name, text)) == count


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()}) == ["a", "b", "c", "a"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("services.")])
def test_a_service_knows_nothing_but_equations(name):
    allowed = (
        "__future__",
        "numpy",
        "gep.core.equation",
        "gep.core.catalog",
        "gep.services.fertiliser",
        "gep.services.money",
    )
    found = [target for target, _ in imports(MODULES[name].read_text(encoding="utf-8"))]
    assert [
        target for target in found if target.partition(".")[0] != "numpy" and target.rpartition(".")[0] not in allowed
    ] == []


ROOMS = [name for name in MODULES if name and MODULES[name].name == "__init__.py"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for(room):
    """The first lines of a room have a line for every file in it, and for no other."""
    folder = MODULES[room].parent
    text = MODULES[room].read_text(encoding="utf-8").partition('"""')[2].partition('"""')[0]
    listed = {line.split()[0] for line in text.splitlines() if line.startswith("    ")}
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    rooms = {path.name for path in folder.iterdir() if (path / "__init__.py").is_file()}
    assert listed == files | rooms


def test_a_module_stays_below_600_lines():
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: count for name, count in lines.items() if count > 600} == {}


def test_importing_the_package_costs_next_to_nothing():
    code = "import sys, gep; print(*sorted({m.split('.')[0] for m in sys.modules}), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    heavy = {
        "numpy",
        "pint",
        "xarray",
        "rasterio",
        "pandas",
        "scipy",
        "shapely",
        "geopandas",
        "pyproj",
        "matplotlib",
        "dask",
    }
    loaded = set(done.stdout.split())
    assert "gep" in loaded
    assert loaded & heavy == set()


def test_a_run_is_read_without_the_engine():
    """What shows, explains or compares finished runs does not wait for what computes them."""
    code = "import sys, gep.study.run; print(*(m for m in sys.modules if m.startswith(('gep.engine', 'gep.plan'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.split() == []
