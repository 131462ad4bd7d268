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
import sys, gep
first = getattr(gep, sys.argv[1])
import gep.study.study, gep.account.account, gep.audit.verify, gep.cli.app, gep.ecosystems.density, gep.core.equation
second = getattr(gep, sys.argv[1])
print(first is second or first == second, type(second).__name__)
"""


def printed(code, *args):
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.split()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_the_same_the_second_time(name):
    same, kind = printed(CODE, name)
    assert same == "True"
    is_module = name in ("coefficients", "derivations", "ecosystems", "services", "units")
    assert (kind == "module") == is_module


def test_there_is_nothing_that_is_not_there():
    with pytest.raises(AttributeError, match="no_such_name"):
        gep.no_such_name  # noqa: B018 (to look it up is what is tried)
    assert set(NAMES) == set(dir(gep))


@pytest.mark.parametrize("module", ["services.water_retention", "derivations.erosion", "ecosystems.forest"])
def test_public_modules_keep_their_paths(module):
    assert printed(f"import gep.{module} as found; print(found.__name__)") == [f"gep.{module}"]


def code_of_notebooks():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield path.name, "".join(cell["source"])


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


@pytest.mark.parametrize(("where", "code"), [*code_of_notebooks(), *code_of_readmes()])
def test_notebooks_and_readme_use_public_names_only(where, code):
    assert reached_inside(code) == [], where
