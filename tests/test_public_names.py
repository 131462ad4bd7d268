"""What `import gep` promises: each name is what it is the first time and every time after, in a fresh process."""

import json
import re
import subprocess
import sys

import pytest
from places import ROOT

import gep

NAMES = [*gep.__all__, "__version__"]
CODE = """
import json, sys, types
import pint, pyproj, rasterio, scipy.ndimage, xarray  # what takes long to load and is not ours
import importlib

proof = types.ModuleType("gep.core.proof")  # which others hold; it takes half of the time, and makes no name
proof.check_literals = proof.check_units = lambda *_: None
found = {}
for names in json.loads(sys.argv[1]):
    for module in [module for module in sys.modules if module.partition(".")[0] == "gep"]:
        del sys.modules[module]
    sys.modules["gep.core.proof"] = proof
    import gep
    first = [getattr(gep, name) for name in names]
    for module in ("study.study", "account.account", "audit.verify", "cli.app", "ecosystems.density", "core.equation"):
        importlib.import_module(f"gep.{module}")
    for name, before in zip(names, first, strict=True):
        after = getattr(gep, name)
        found[name] = [before is after or before == after, type(after).__name__]
print(json.dumps(found))
"""


def printed(code, *args):
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout


@pytest.fixture(scope="module")
def kinds():
    """By name: whether it is the same the second time, and its kind. Names of one module come from a package that is
    loaded anew, so that none profits from what another one loaded.
    """
    modules = {**gep._MODULES, **gep._NAMES}
    by_module = {module: [name for name in NAMES if modules.get(name) == module] for module in map(modules.get, NAMES)}
    return json.loads(printed(CODE, json.dumps(list(by_module.values()))))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_the_same_the_second_time(kinds, name):
    is_same, kind = kinds[name]
    assert is_same
    modules = (
        "catalog",
        "coefficients",
        "derivations",
        "ecosystems",
        "growth",
        "products",
        "services",
        "stocks",
        "units",
    )
    is_module = name in modules
    assert (kind == "module") == is_module


def test_there_is_nothing_that_is_not_there():
    with pytest.raises(AttributeError, match="no_such_name"):
        gep.no_such_name  # noqa: B018 (to look it up is what is tried)
    assert set(NAMES) == set(dir(gep))


@pytest.mark.parametrize("module", ["services.water_retention", "derivations.erosion", "ecosystems.forest"])
def test_public_modules_keep_their_paths(module):
    assert printed(f"import gep.{module} as found; print(found.__name__)").split() == [f"gep.{module}"]


def code_of_notebooks():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield path.name, "".join(cell["source"])


def code_of_gallery():
    for path in sorted((ROOT / "docs" / "gallery").glob("*.py")):
        yield path.name, path.read_text(encoding="utf-8")


def code_of_readmes():
    for path in sorted(ROOT.glob("README*.md")):
        for code in re.findall(
            r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
        ):
            yield path.name, code


def reached_inside(code):
    """Imports and names of the package that are not public."""
    found = [f"gep.{name}" for name in re.findall(r"^\s*(?:from|import) gep\.(\S+)", code, flags=re.MULTILINE)]
    used = re.findall(r"\bgep\.([A-Za-z_]+)", re.sub(r"(['\"]).*?\1", "", code))
    return found + [f"gep.{name}" for name in used if name not in NAMES]


@pytest.mark.parametrize(("where", "code"), [*code_of_notebooks(), *code_of_gallery(), *code_of_readmes()])
def test_notebooks_gallery_and_readme_use_public_names_only(where, code):
    assert reached_inside(code) == [], where
