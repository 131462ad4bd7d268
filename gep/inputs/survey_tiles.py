"""Files of a folder that are one raster together: tiles and months of a product that is known, by their names, and only
where they do make one raster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from gep.core.errors import BROKEN_FILE
from gep.inputs.grids.files import READ_ERRORS, array_engine, gdal
from gep.inputs.grids.findings import Findings
from gep.inputs.grids.mosaic import check_tiles
from gep.inputs.grids.places import Tiles
from gep.inputs.products import products

_NUMBER = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d+")
"""A year, which stays, or another number, which tells tiles and months apart."""


def rasters_together(paths: Sequence[Path]) -> Iterator[Tiles]:
    """The rasters of a folder, each alone or with those that it makes one raster with."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    for path in paths:
        groups.setdefault((path.parent, _NUMBER.sub(_kind, path.name)), []).append(path)
    for (folder, _), group in groups.items():
        pattern = _pattern([path.name for path in group])
        tiles = Tiles(str(folder / pattern), tuple(sorted(folder.glob(pattern))))
        if len(group) > 1 and sorted(group) == list(tiles.files) and _is_of_product(group[0]) and _is_one(tiles):
            yield tiles
        else:
            yield from (Tiles(str(path), (path,)) for path in group)


def _kind(number: re.Match[str]) -> str:
    return number[0] if len(number[0]) == 4 and number[0].startswith(("19", "20")) else "#"


def _pattern(names: Sequence[str]) -> str:
    """How all names begin and end."""
    begin = _beginning(names)
    return f"{begin}*{_beginning([name.removeprefix(begin)[::-1] for name in names])[::-1]}"


def _beginning(names: Sequence[str]) -> str:
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike)


def _is_of_product(path: Path) -> bool:
    is_raster = path.is_file() and array_engine(path) is None
    return is_raster and any(product.file and product.file.search(path.stem) for product in products())


def _is_one(tiles: Tiles) -> bool:
    try:
        with gdal():
            return check_tiles(tiles, Findings(tiles.name, tiles.name))
    except (*READ_ERRORS, *BROKEN_FILE):
        return False
