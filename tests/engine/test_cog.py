"""Cloud-optimised maps: the same cells, with overviews, in the order that viewers want: read from the bytes."""

from __future__ import annotations

import struct
import warnings
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import builders
import numpy as np
import projects
import pytest
import rasterio
from builders import FOREST, STEPPE, block, raster, zones

from gep.core.errors import UsageError

make_study = partial(builders.make_study, of=("water_retention",))
SHAPE = (1300, 1100)
WATER = "water_retention.retained_water.tif"


def world():
    codes = np.full(SHAPE, FOREST, dtype=np.uint8)
    codes[:, 700:] = STEPPE
    layers = builders.water_layers(SHAPE)
    layers["precipitation"].values[:] = np.random.default_rng(4).uniform(500, 1700, SHAPE)
    layers["precipitation"].values[:300, :300] = np.nan
    return make_study(raster(codes), layers, zones(block(0, 0, SHAPE[1], SHAPE[0])))


class Directory(NamedTuple):
    """A directory of a TIFF: where it stands, how large its picture is, where its tiles are."""

    at: int
    width: int
    height: int
    tile: tuple[int, int]
    offsets: tuple[int, ...]
    counts: tuple[int, ...]


def directories(path: Path) -> list[Directory]:
    """The directories of a little-endian classic TIFF, by the specification of TIFF 6.0 and nothing of GDAL."""
    content = path.read_bytes()
    assert content[:4] == b"II*\0"
    found, at = [], struct.unpack_from("<I", content, 4)[0]
    sizes = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 12: 8}

    def entries(start: int) -> dict[int, Any]:
        of = {}
        for number in range(struct.unpack_from("<H", content, start)[0]):
            tag, kind, count = struct.unpack_from("<HHI", content, start + 2 + 12 * number)
            place = start + 10 + 12 * number
            if sizes[kind] * count > 4:
                place = struct.unpack_from("<I", content, place)[0]
            if kind in (3, 4):
                of[tag] = struct.unpack_from(f"<{count}{'H' if kind == 3 else 'I'}", content, place)
        return of

    while at:
        tags = entries(at)
        found.append(Directory(at, *tags[256], *tags[257], (*tags[322], *tags[323]), tags[324], tags[325]))
        at = struct.unpack_from("<I", content, at + 2 + 12 * struct.unpack_from("<H", content, at)[0])[0]
    return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The maps as they are streamed, and as cloud-optimised GeoTIFF."""
    study, folder = world(), tmp_path_factory.mktemp("maps")
    assert [path.name for path in study.maps(folder / "plain")] == [
        path.name for path in study.maps(folder / "cog", cog=True)
    ]
    assert {path.name for path in (folder / "plain").iterdir()} == {path.name for path in (folder / "cog").iterdir()}
    return folder / "plain", folder / "cog"


def test_directories_come_first_and_small_pictures_before_large_ones(both):
    """What a viewer fetches first (the header with all directories) stands at the beginning; tiles of overviews come
    before those of what they are of; tiles of a picture in the order of its rows.
    """
    for path in both[1].iterdir():
        found = directories(path)
        assert [(one.width, one.height) for one in found] == [(1100, 1300), (550, 650), (275, 325)]
        assert [one.at for one in found] == sorted(one.at for one in found)
        first_tile = min(min(one.offsets) for one in found)
        assert all(one.at < first_tile for one in found)
        for one in found:
            assert one.tile == (512, 512)
            there = [offset for offset, count in zip(one.offsets, one.counts, strict=True) if count]
            assert there == sorted(there)
        for large, small in pairwise(found):
            assert max(small.offsets) < min(offset for offset in large.offsets if offset)


def test_gdal_takes_them_for_cloud_optimised(both):
    plain, cog = both
    for path in cog.iterdir():
        with rasterio.open(path) as file, rasterio.open(plain / path.name) as before:
            assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert "LAYOUT" not in before.tags(ns="IMAGE_STRUCTURE")
            assert file.compression.name == "zstd"


def test_cells_and_words_are_those_of_the_plain_maps(both):
    plain, cog = both
    for path in plain.iterdir():
        with rasterio.open(path) as one, rasterio.open(cog / path.name) as other:
            assert one.read(1).tobytes() == other.read(1).tobytes()
            for said in ("units", "descriptions", "nodata", "crs", "transform", "dtypes", "shape"):
                assert str(getattr(one, said)) == str(getattr(other, said)), said
            assert one.tags().items() <= other.tags().items()
            if path.name == "ecosystems.tif":
                assert one.colormap(1) == other.colormap(1)


def test_overviews_are_means_of_the_cells_that_have_a_number(both):
    with rasterio.open(both[1] / WATER) as file:
        whole = file.read(1)
    with rasterio.open(both[1] / WATER, overview_level=0) as file:
        small = file.read(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of blocks without a number
        means = np.nanmean(whole.astype(np.float64).reshape(650, 2, 550, 2), axis=(1, 3))
    assert np.isnan(small[:150, :150]).all()
    assert np.array_equal(np.isnan(small), np.isnan(means))
    assert small == pytest.approx(means, rel=1e-6, nan_ok=True)


def test_overviews_of_classes_are_classes(both):
    with rasterio.open(both[1] / "ecosystems.tif", overview_level=1) as file:
        small = file.read(1)
    with rasterio.open(both[1] / "ecosystems.tif") as file:
        whole = file.read(1)
    assert set(np.unique(small)) == set(np.unique(whole))
    assert (small[:, 0] == whole[0, 0]).all()
    assert (small[:, -1] == whole[0, -1]).all()


def test_threads_change_no_byte(both, tmp_path):
    found = world().maps(tmp_path / "maps", cog=True, threads=3)
    assert {path.name for path in found} == {path.name for path in both[1].iterdir()}
    assert all(path.read_bytes() == (both[1] / path.name).read_bytes() for path in found)


def test_a_step_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rasterio.shutil.copy", fail)
    with pytest.raises(UsageError, match="disk is full"):
        world().maps(tmp_path / "maps", cog=True)
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_makes_them(tmp_path, monkeypatch, capsys):
    gep = projects.caller(monkeypatch, capsys, tmp_path / "here")
    project = projects.write(tmp_path / "project")
    said = gep("run", project, "--out", tmp_path / "run", "--cog")
    assert said.code == 0, said.err
    for path in (tmp_path / "run" / "maps").iterdir():
        with rasterio.open(path) as file:
            assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
