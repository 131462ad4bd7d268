"""A land cover whose rows are written from south to north: its classes lie on the vegetation of others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import rasterio
from coarse_city import land_cover, of_code, opened
from places import SHARED

from gep.study.sample.city import write_sample_city
from gep.study.study import Study

OF_HULUNBUIR = "landcover/mcd12c1_2019_igbp_0p05deg.tif"


def subjects(study: Study) -> set[str]:
    return {problem.subject for problem in of_code(study.check(), "R24")}


def test_the_land_cover_of_the_sample_city(tmp_path: Path):
    city = write_sample_city(tmp_path / "city").parent
    assert subjects(opened(city)) == set()
    land_cover(city, lambda codes: codes[:, ::-1, :])
    assert "land_cover" in subjects(opened(city))


@pytest.mark.skipif(not (SHARED / "data" / "hulunbuir").is_dir(), reason="the rasters of Hulunbuir are not there")
def test_the_land_cover_of_hulunbuir(tmp_path: Path):
    folder = Path(shutil.copytree(SHARED / "data" / "hulunbuir", tmp_path / "hulunbuir", copy_function=shutil.copyfile))
    assert subjects(Study.open(folder)) == set()
    with rasterio.open(folder / OF_HULUNBUIR) as file:
        codes, meta, tags = file.read(), file.profile, file.tags()
    (folder / OF_HULUNBUIR).unlink()
    with rasterio.open(folder / OF_HULUNBUIR, "w", **meta) as file:
        file.write(codes[:, ::-1, :])
        file.update_tags(**tags)
    assert subjects(Study.open(folder)) == {"land_cover"}


@pytest.mark.skipif(not (SHARED / "data" / "rhine").is_dir(), reason="the rasters of the Rhine are not there")
def test_the_land_cover_of_the_rhine_is_right():
    assert subjects(Study.open(SHARED / "data" / "rhine")) == set()
