"""Vectors of the reference on accounts beside GEP: each under its id, and as the reference prints them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from places import REFERENCE

Check = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def vectors(path: Path) -> dict[str, Any]:
    """The vectors of a file by id."""
    return {vector["id"]: vector for vector in json.loads(path.read_text(encoding="utf-8"))}


def checks() -> tuple[dict[str, Check], Callable[[str], Callable[[Check], Check]]]:
    """The checks of vectors by id, and the decorator that puts one there."""
    found: dict[str, Check] = {}

    def of_vector(name: str) -> Callable[[Check], Check]:
        def keep(check: Check) -> Check:
            found[name] = check
            return check

        return keep

    return found, of_vector


def holds(vector: Mapping[str, Any], check: Check) -> None:
    """Assert that what is computed from the inputs of a vector is what it expects, number by number."""
    _same(check(vector["inputs"]), vector["expected"], vector["id"])


def _same(found: Any, expected: Any, where: str) -> None:
    if isinstance(expected, dict):
        assert set(found) == set(expected), where
        for key, value in expected.items():
            _same(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for number, (one, other) in enumerate(zip(found, expected, strict=True)):
            _same(one, other, f"{where}[{number}]")
    elif isinstance(expected, bool | str):
        assert found == expected, where
    else:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), where


def are_of_the_reference(path: Path, section: str) -> None:
    """Assert that a file of vectors is what the reference prints in a section."""
    document = REFERENCE / "accounts2.md"
    if not document.is_file():
        pytest.skip("the reference is not beside this checkout")
    text = document.read_text(encoding="utf-8")
    (printed,) = re.findall(rf"\n## {section}\..*?```json\n(.*?)```", text, re.DOTALL)
    assert json.loads(printed) == json.loads(path.read_text(encoding="utf-8"))
