"""Imports go downwards only (design section 4). A new module needs a line here: where it stands says what it may know of."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "gep"

LAYERS = {
    0: ["errors", "data", "units", "proof", "printed"],
    1: [
        "equation",
        "arithmetic",
        "coefficients",
        "crosswalk",
        "grids",
        "grids.grid",
        "grids.area",
        "grids.bands",
        "grids.sources",
        "grids.layers",
        "grids.zones",
        "grids.align",
        "grids.derived",
        "grids.patches",
    ],
    2: ["catalog", "account"],
    3: ["fertiliser", "monetary", "services.*", "derivations.*", "services", "derivations"],
    4: ["overlaps", "profile", "wiring", "tables", "totals", "densities", "ecosystems.*", "ecosystems"],
    5: [
        "passes",
        "given",
        "products",
        "project",
        "opening",
        "checks",
        "checks.cells",
        "checks.shipped",
        "engine",
        "planning",
        "accounting_units",
        "valuation",
        "checks.inputs",
        "checks.results",
        "maps",
        "provenance",
        "ledger",
        "study",
        "output",
    ],
    6: [
        "audit.figures",
        "audit.findings",
        "audit.products",
        "audit.sums",
        "audit.ratios",
        "audit.stocks",
        "audit.agreement",
        "audit.sense",
        "audit.reading",
        "audit.runs",
        "audit",
        "finished",
        "recompute",
        "explain",
        "seea",
        "runs",
        "attribution",
        "difference",
        "sample_landscape",
        "sample_layers",
        "sample",
        "amounts",
        "published",
        "verify",
        "comparison",
        "report",
        "report.console",
        "report.profiles",
        "report.coefficients",
        "report.difference",
        "report.plots",
        "report.findings",
        "report.verification",
        "report.explanation",
    ],
    7: [
        "commands.common",
        "commands.data",
        "commands.audit",
        "commands.difference",
        "commands.results",
        "commands.verify",
        "commands",
        "cli",
        "__main__",
    ],
    8: [""],
}
"""Modules by layer. A module may import what stands in a lower layer, or before it in its own; `x.*` are the files of a package, which may not
import each other. The package itself (the empty name) only names what is loaded when it is first used."""

PLACES = {name: (layer, position) for layer, names in LAYERS.items() for position, name in enumerate(names)}


def module_name(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def place(name):
    return PLACES.get(name) or PLACES.get(f"{name.rpartition('.')[0]}.*")


class Imports(ast.NodeVisitor):
    """Every import of a module, inside functions too, except what only the type checker sees."""

    def __init__(self):
        self.found = []

    def visit_If(self, node):
        is_for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in node.orelse if is_for_types else [*node.body, *node.orelse]:
            self.visit(child)

    def visit_Import(self, node):
        self.found += [(alias.name, node.lineno) for alias in node.names]

    def visit_ImportFrom(self, node):
        if node.level:
            self.found.append(("." * node.level + (node.module or ""), node.lineno))
        elif node.module == "gep":
            self.found += [(f"gep.{alias.name}", node.lineno) for alias in node.names]
        else:
            self.found.append((node.module, node.lineno))


def imports(text):
    visitor = Imports()
    visitor.visit(ast.parse(text))
    return visitor.found


def violations(name, text):
    """The imports of a module that do not go downwards."""
    here = place(name)
    if here is None:
        return [f"gep.{name} has no place in LAYERS"]
    wrong = []
    for target, line in imports(text):
        if target.startswith("."):
            wrong.append(f"gep.{name}, line {line}: imports are absolute")
        elif target == "gep" or target.startswith("gep."):
            there = place(target.removeprefix("gep").removeprefix("."))
            if there is None or not there < here:
                wrong.append(f"gep.{name}, line {line}: may not import {target}")
    return wrong


def test_every_module_has_a_place():
    assert [name for name in MODULES if place(name) is None] == []


def test_every_place_has_a_module():
    gone = [name for name in PLACES if not name.endswith(".*") and name not in MODULES]
    assert gone == []


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_downwards(name):
    assert violations(name, MODULES[name].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("units", "from gep.errors import UnitError", 0),
        ("units", "from gep.equation import Equation", 1),
        ("units", "from __future__ import annotations\nimport numpy as np", 0),
        ("units", "def f():\n    from gep.study import Study", 1),
        ("units", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from gep.study import Study", 0),
        ("units", "if TYPE_CHECKING:\n    pass\nelse:\n    import gep.study", 1),
        ("grids.layers", "from gep import units", 0),
        ("grids.layers", "from gep import study, units", 1),
        ("services.one", "from gep.services.another import X", 1),
        ("services", "from gep.services.another import X", 0),
        ("services.one", "from .another import X", 1),
        ("study", "import gep", 1),
        ("study", "from gep.no_such_module import X", 1),
    ],
)
def test_the_rule_itself(name, text, count):
    assert len(violations(name, text)) == count


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("services.")])
def test_a_service_knows_nothing_but_equations(name):
    allowed = {"__future__", "numpy", "gep.equation", "gep.catalog", "gep.fertiliser"}
    assert {target for target, _ in imports(MODULES[name].read_text(encoding="utf-8"))} <= allowed


@pytest.mark.parametrize("name", MODULES)
def test_a_module_stays_below_600_lines(name):
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= 600


def test_importing_the_package_costs_next_to_nothing():
    code = "import sys, gep; print(*sorted({m.split('.')[0] for m in sys.modules}), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    heavy = {"numpy", "pint", "xarray", "rasterio", "pandas", "scipy", "shapely", "geopandas", "pyproj", "matplotlib", "dask"}
    loaded = set(done.stdout.split())
    assert "gep" in loaded
    assert loaded & heavy == set()


def test_what_the_package_names_is_there():
    code = "import gep; [getattr(gep, name) for name in [*gep.__all__, '__version__']]; print(gep.Study.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "Study"
