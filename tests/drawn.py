"""The zones and rasters of the sample city, drawn once and copied after."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from gep.study.sample import city

draw = city._write_maps


@contextlib.contextmanager
def drawn_once(drawn: Path) -> Iterator[None]:
    """What follows from the seed alone is drawn into a folder when it is first wanted, and copied from it after."""

    def copied(folder: Path, seed: int) -> None:
        if seed != city.SEED:
            draw(folder, seed)
            return
        if not drawn.exists():
            drawn.mkdir()
            draw(drawn, seed)
        shutil.copytree(drawn, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)

    with mock.patch.object(city, "_write_maps", copied):
        yield
