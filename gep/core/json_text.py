"""JSON that is the same for the same content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write_json(document: Any, path: Path) -> None:
    """JSON that is the same for the same content."""
    path.write_text(to_json(document) + "\n", encoding="utf-8")


def to_json(document: Any) -> str:
    """A document as JSON text; a number that JSON cannot hold is an error, not a NaN."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
