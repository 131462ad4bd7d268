"""Habits of the project that no other test holds: slow tests are named truly, one source of what continuous integration
runs, nothing imported that is not declared, or declared and imported by nothing.
"""

import ast
import re
import sys
import tomllib
from functools import cache

import pytest
from conftest import SLOW, TESTS
from places import ROOT
from rooms import imports

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

EXTRAS = PROJECT["optional-dependencies"]

CALLED = {
    "pil": "pillow",
    "pdfminer": "pdfminer.six",
    "docx": "python_docx",
    "rocrate_validator": "roc_validator",
    "xdist": "pytest_xdist",
    "distributed": "dask",
}
"""Packages that are imported by another name than they are installed by."""

ALLOWED = {
    "gep": ("audit", "dask", "fast", "parquet", "report", "stac"),
    "tests": ("docs", "test"),  # those of the site are left out where it cannot be built
    "docs": ("docs", "report", "test"),
    "benchmarks": ("dask",),
}
"""The extras that may be imported in a folder, beside what is required."""

BROUGHT = {"pillow", "ipython"}
"""Declared by others: matplotlib draws with the one, kernels of notebooks are the other."""

NOT_IMPORTED = {
    "netcdf4": "a backend of xarray",
    "hatchling": "builds the template of a plug-in",
    **dict.fromkeys(("myst_nb", "furo", "sphinx_gallery"), "named in docs/conf.py"),
    **dict.fromkeys(("slipcover", "nox", "ruff", "mypy", "pre_commit"), "a command"),
    **dict.fromkeys(("pandas_stubs", "types_shapely", "types_openpyxl"), "types for mypy"),
}
"""Declared, and imported by no file of ours."""


@pytest.mark.parametrize("file", SLOW)
def test_slow_tests_are_there(file):
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    assert set(SLOW[file]) <= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def names(requirements: list[str]) -> set[str]:
    """The packages of a list of requirements, those of the extras that it names among them."""
    found = set()
    for text in requirements:
        if text.startswith("gep["):
            found |= {name for extra in text[4:-1].split(",") for name in names(EXTRAS[extra])}
        else:
            found.add(re.match(r"[\w.-]+", text)[0].lower().replace("-", "_"))
    return found


def required(text: str) -> set[str]:
    """The packages that a file imports, or skips a test without, by the names under which they are declared."""
    found = {target for target, _ in imports(text)}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "importorskip":
            found |= {part.value for part in node.args if isinstance(part, ast.Constant)}
    packages = {target.partition(".")[0] for target in found} - sys.stdlib_module_names - {"gep", ""}
    return {CALLED.get(name.lower(), name.lower()) for name in packages}


@cache
def used(folder: str) -> set[str]:
    """The packages of others that a folder imports."""
    places = ("tests", "docs", "benchmarks")
    ours = {path.stem for place in places for path in (ROOT / place).glob("*.py")} | {
        "gep_reference",
        "gep_riparian",
        "benchmarks",
    }
    files = (ROOT / folder).rglob("*.py")
    return {name for path in files for name in required(path.read_text(encoding="utf-8"))} - ours


FOLDERS = [folder for folder in ALLOWED if (ROOT / folder).is_dir()]  # a source distribution has no benchmarks


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_imported_is_declared(folder):
    declared = names([*PROJECT["dependencies"], *(f"gep[{extra}]" for extra in ALLOWED[folder])])
    assert used(folder) - declared - BROUGHT == set()


def test_what_is_required_is_imported():
    assert names(PROJECT["dependencies"]) - used("gep") == {"h5py"}


def test_what_an_extra_brings_is_imported():
    declared = names([*PROJECT["dependencies"], *(f"gep[{extra}]" for extra in EXTRAS)])
    assert declared - {name for folder in FOLDERS for name in used(folder)} == set(NOT_IMPORTED)


def test_an_import_is_seen():
    text = "import os, PIL.Image\nfrom xdist import x\npytest.importorskip('numpy.linalg')\nfrom gep.core import units"
    assert required(text) == {"pillow", "pytest_xdist", "numpy"}
    assert names(["gep[report]", "roc-validator>=0.13,<0.14", "dask[distributed]>=1"]) == {
        "lxml",
        "matplotlib",
        "python_docx",
        "roc_validator",
        "dask",
    }


def test_the_workflow_runs_steps_that_there_are():
    workflow = ROOT / ".github" / "workflows" / "ci.yml"
    if not workflow.is_file():
        pytest.skip("the workflow is not beside the tests")
    steps = set(re.findall(r"^(\w+)\(\) \{", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), flags=re.MULTILINE))
    text = workflow.read_text(encoding="utf-8")
    called = {step for line in re.findall(r"bash \.ci/run (.*)", text) for step in line.split()}
    assert called == {"system", "main", "tests", "coverage", "lint", "docs", "wheel", "benchmarks", "oldest"}
    assert called <= steps
    tried = {text.rpartition(" ")[2] for text in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d+$", text)}
    assert tried == set(re.findall(r'"(3\.\d+)"', re.search(r"python: (\[.*\])", text)[1]))
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for commit in re.findall(r"uses: [\w/-]+@(\S+)", text))


def test_a_file_of_tests_stays_below_600_lines():
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in TESTS.rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > 600} == {}


PRAGMA = re.compile(r"# (?:type: ignore|noqa)(?:\[[\w-]+\]|: [A-Z]+\d+)?(.*)")


def without_reason(text: str) -> list[str]:
    """The lines that silence a tool and do not say why, behind a comma, a second `#` or in brackets."""
    return [line.strip() for line in text.splitlines() if (found := PRAGMA.search(line)) and len(found[1].split()) < 3]


def test_what_silences_a_tool_says_why():
    files = [path for folder in (*FOLDERS, "notebooks") for path in (ROOT / folder).rglob("*.py")]
    wrong = {path.name: lines for path in files if (lines := without_reason(path.read_text(encoding="utf-8")))}
    assert wrong == {}


def test_a_silent_tool_is_seen():
    silent = "x = 1  # type: " + "ignore[index]\ny = 2  # no" + "qa: B018"
    assert len(without_reason(silent)) == 2
    assert without_reason("x = f()  # type: " + "ignore[index]  # the check of the data says so") == []
