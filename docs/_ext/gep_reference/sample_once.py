"""The sample city is drawn once in a build: every page of the gallery opens it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gep.study.sample import city

_draw = city._write_maps
_drawn = tempfile.TemporaryDirectory(prefix="gep-drawn-")


def reset(_config: Mapping[str, object], _file: str) -> None:
    """Called by sphinx-gallery before each page."""
    city._write_maps = _copied


def _copied(folder: Path, seed: int) -> None:
    """What follows from the seed, drawn where it was not yet."""
    drawn = Path(_drawn.name) / str(seed)
    if not drawn.exists():
        drawn.mkdir()
        _draw(drawn, seed)
    shutil.copytree(drawn, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
