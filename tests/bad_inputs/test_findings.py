"""Every finding of the trials has its tests: those that `docs/mistakes.md` names are there, and say so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from places import ROOT

FINDINGS = [*(f"F{number}" for number in range(1, 29)), "P1"]
ROW = re.compile(r"^\| ([FP]\d+) \|.*\| (`test_.*`) \|$", re.MULTILINE)


def named_in(text: str) -> Iterator[tuple[str, list[str]]]:
    for finding, names in ROW.findall(text):
        yield finding, re.findall(r"`(\w+)`", names)


TABLE = dict(named_in((ROOT / "docs" / "mistakes.md").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def written() -> dict[str, ast.FunctionDef]:
    """Every test by its name."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("test_*.py")]
    functions = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {node.name: node for node in functions if node.name.startswith("test_")}


def test_every_finding_is_in_the_table():
    assert list(TABLE) == FINDINGS


@pytest.mark.parametrize("finding", FINDINGS)
def test_the_tests_of_a_finding_are_there_and_say_so(written: dict[str, ast.FunctionDef], finding: str):
    for name in TABLE[finding]:
        test = written[name]
        assert finding in re.findall(r"\b[FP]\d+\b", ast.get_docstring(test) or ""), name
        is_tested = any(
            isinstance(node, ast.Assert) or (isinstance(node, ast.Attribute) and node.attr == "raises")
            for node in ast.walk(test)
        )
        assert is_tested, name
