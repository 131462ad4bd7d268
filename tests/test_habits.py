"""Habits of the project that no other test holds: slow tests are named truly, one source of what continuous integration
runs, no dependency that nothing imports.
"""

import ast
import re
import tomllib

import pytest
from conftest import SLOW, TESTS
from places import ROOT
from rooms import imports, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

IMPORTED_BY_XARRAY = {"h5netcdf", "h5py", "zarr"}
"""Opened by name: what reads NetCDF and Zarr."""


@pytest.mark.parametrize("file", SLOW)
def test_slow_tests_are_there(file):
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    assert set(SLOW[file]) <= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def names(requirements):
    """The packages of a list of requirements."""
    return {re.match(r"[\w.-]+", text)[0].lower().replace("-", "_") for text in requirements}


def test_what_is_required_is_imported():
    used = {
        target.partition(".")[0].lower()
        for path in modules().values()
        for target, _ in imports(path.read_text(encoding="utf-8"))
    }
    assert names(PROJECT["dependencies"]) - used == IMPORTED_BY_XARRAY


def test_the_workflow_runs_steps_that_there_are():
    workflow = ROOT / ".github" / "workflows" / "ci.yml"
    if not workflow.is_file():
        pytest.skip("the workflow is not beside the tests")
    steps = set(re.findall(r"^(\w+)\(\) \{", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), flags=re.MULTILINE))
    text = workflow.read_text(encoding="utf-8")
    called = {step for line in re.findall(r"bash \.ci/run (.*)", text) for step in line.split()}
    assert called == {"main", "tests", "lint", "docs", "wheel", "oldest"}
    assert called <= steps
    tried = {text.rpartition(" ")[2] for text in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d+$", text)}
    assert tried == set(re.findall(r'"(3\.\d+)"', re.search(r"python: (\[.*\])", text)[1]))
    assert all(re.fullmatch(r"[0-9a-f]{40}", commit) for commit in re.findall(r"uses: [\w/-]+@(\S+)", text))
