"""The hash of an input of several files: of what is in them and of where each lies among the others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gep.inputs.grids.files import files_hash


def written(folder: Path, **contents: str) -> list[Path]:
    """Files by their place below a folder, `__` for the next folder."""
    paths = []
    for name, content in contents.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        paths.append(path)
    return paths


def test_two_parts_of_one_name_that_change_places_are_another_input(tmp_path: Path):
    """Chunks of a Zarr store are called 0 and 1 in folders 0 and 1: exchanged, they are another raster."""
    one = written(tmp_path / "one", c__0__1="east", c__1__1="south", zarr="grid")
    other = written(tmp_path / "other", c__0__1="south", c__1__1="east", zarr="grid")
    assert files_hash(one) != files_hash(other)


def test_the_whole_may_lie_anywhere_and_its_parts_come_in_any_order(tmp_path: Path):
    parts = written(tmp_path / "here", a__1="x", b__1="y")
    shutil.copytree(tmp_path / "here", tmp_path / "far" / "there")
    moved = [tmp_path / "far" / "there" / part.relative_to(tmp_path / "here") for part in parts]
    assert files_hash(parts) == files_hash(moved) == files_hash(reversed(moved))


@pytest.mark.parametrize("name", ["a__1", "b__1"])
def test_a_changed_part_is_another_input(tmp_path: Path, name: str):
    parts = written(tmp_path, a__1="x", b__1="y")
    before = files_hash(parts)
    written(tmp_path, **{name: "z"})
    assert files_hash(parts) != before


def test_one_file_has_its_own_hash(tmp_path: Path):
    """SHA-256 of nothing, as FIPS 180-4 gives it."""
    (path,) = written(tmp_path, empty="")
    assert files_hash([path]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
