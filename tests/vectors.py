"""The test vectors of methods.md, read from there, and what computes them by their ids."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from places import REFERENCE

METHODS = REFERENCE / "methods.md"

Inputs = Mapping[str, Any]
Computed = Mapping[str, Any]
CHECKS: dict[str, Callable[[Inputs], Computed]] = {}


def vector(name: str) -> Callable[[Callable[[Inputs], Computed]], Callable[[Inputs], Computed]]:
    """What computes the expected numbers of a vector from its inputs."""

    def keep(check: Callable[[Inputs], Computed]) -> Callable[[Inputs], Computed]:
        CHECKS[name] = check
        return check

    return keep


def vectors() -> dict[str, dict[str, Any]]:
    if not METHODS.is_file():
        return {}
    (document,) = re.findall(r"## 14\..*?```json\n(.*?)```", METHODS.read_text(encoding="utf-8"), re.DOTALL)
    return {entry["id"]: entry for entry in json.loads(document)}


def flatten(value: Any) -> list[float]:
    return [float(part) for part in np.ravel(np.asarray(value, dtype=float))]
