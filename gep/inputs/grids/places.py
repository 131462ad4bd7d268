"""Where a raster lies: in a file, on a server, or in many files that are one raster (`worldcover/*.tif`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from glob import glob
from pathlib import Path, PurePath

from gep.inputs.grids.remote import Remote, is_address

_PATTERN = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Tiles:
    """Files that a pattern stands for: the tiles of one raster, or its twelve months. They may be none."""

    pattern: str
    files: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The pattern without its folder."""
        return PurePath(self.pattern).name

    @property
    def stem(self) -> str:
        """What the first of them is called: all bear the name of one product."""
        return self.files[0].stem if self.files else ""


Place = Path | Remote | Tiles


def is_pattern(place: object, folder: Path = Path()) -> bool:
    """Whether a place stands for several files, and is not the name of one."""
    return isinstance(place, str) and _PATTERN.search(place) is not None and not (folder / place).exists()


def place_of(place: str | Path, folder: Path = Path()) -> Place:
    """A file, in a folder where its path says nothing else; an object of a server; the files of a pattern."""
    if isinstance(place, str) and is_address(place):
        return Remote(place)
    if is_pattern(place, folder):
        found = sorted(folder / name for name in glob(str(place), root_dir=folder, recursive=True))
        return Tiles(str(place), tuple(path for path in found if path.is_file()))
    return folder / place
