"""Tables and names that hold nothing, blanks, numbers that are none: each is told, none ends in a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import projects
import pytest
import rasterio

from gep.core.errors import GepError, InputError, Problem
from gep.study.study import Study

COEFFICIENTS = {"coefficients": {"own": "coefficients.csv"}}


def found(folder: Path, code: str) -> list[Problem]:
    return [problem for problem in Study.open(folder).check(threads=1) if problem.code == code]


@pytest.mark.parametrize("content", ["", "\n\n", projects.COEFFICIENT_HEADING + "\n"])
def test_a_table_of_coefficients_without_rows_is_told(tmp_path: Path, content: str):
    """Finding F28: an empty table passed without a word."""
    projects.write(tmp_path, **COEFFICIENTS)
    (tmp_path / "coefficients.csv").write_text(content, encoding="utf-8")
    (told,) = found(tmp_path, "C01")
    assert (told.severity, told.subject) == ("warning", "coefficients")
    row = "runoff_coefficient,forest,,4.65,percent,,survey"
    (tmp_path / "coefficients.csv").write_text(f"{projects.COEFFICIENT_HEADING}\n{row}\n", encoding="utf-8")
    assert found(tmp_path, "C01") == []


def test_a_table_of_coefficients_that_is_no_text(tmp_path: Path):
    """Finding F23: unreadable coefficients ended in an internal error."""
    projects.write(tmp_path, **COEFFICIENTS)
    (tmp_path / "coefficients.csv").write_bytes(b"\xff\xfe\x00\x81\x82")
    with pytest.raises(InputError) as refused:
        Study.open(tmp_path).run(threads=1)
    assert [(p.code, p.place) for p in refused.value.problems] == [("F01", "coefficients.csv")]


def test_codes_of_zones_that_differ_by_a_blank_are_told(tmp_path: Path):
    """Finding F28: `A` and `A ` became one zone without a word."""
    projects.write(tmp_path)
    projects.counties(tmp_path / "counties.geojson", codes=("0101", "0101 "))
    path = tmp_path / "counties.geojson"
    one_name = path.read_text(encoding="utf-8").replace("东县", "西县").replace("East", "West")
    path.write_text(one_name, encoding="utf-8")
    told = {problem.message: problem.severity for problem in found(tmp_path, "Z02")}
    assert told["Codes that differ only by blanks are taken for one zone."] == "warning"
    document = json.loads(one_name)
    for feature in document["features"]:
        feature["properties"]["code"] = "0101"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert {problem.severity for problem in found(tmp_path, "Z02")} == {"information"}  # parts of one zone


def test_numbers_beyond_all_bounds_are_an_error(tmp_path: Path):
    """Finding F23: 1e200 t at 1e200 CNY/t are no number; a value of a yearbook has some 300 digits less."""
    projects.write(tmp_path)
    rows = (
        f"0101,crop_products/rice,{measure},1e200,{unit},2020,2020,y"
        for measure, unit in (("quantity", "t"), ("price", "CNY/t"))
    )
    projects.table(tmp_path / "statistics.csv", *rows)
    assert {problem.subject for problem in found(tmp_path, "P10")} == {"crop_products/rice"}
    with pytest.raises(InputError) as stopped:
        Study.open(tmp_path).run(threads=1)
    assert {"O20", "P10"} <= {problem.code for problem in stopped.value.problems if problem.severity == "error"}


def test_a_text_of_a_header_that_is_not_utf8(tmp_path: Path):
    """Finding F23: a description of a band in another encoding is a broken file, and no fault of ours."""
    projects.write(tmp_path)
    path = tmp_path / "precipitation.tif"
    with rasterio.open(path, "r+") as file:
        file.set_band_description(1, "ABCDEFGHIJ")
    raw = path.read_bytes()
    assert b"ABCDEFGHIJ" in raw
    path.write_bytes(raw.replace(b"ABCDEFGHIJ", b"\xff\xfe\x81\x82\xc3(\xa0\xa1ZZ"))
    assert "UTF-8" in found(tmp_path, "F01")[0].message
    with pytest.raises(GepError):
        Study.open(tmp_path).run(threads=1)


def test_a_nought_in_a_code_of_the_project(tmp_path: Path):
    """Finding F23."""
    projects.write(tmp_path)
    path = tmp_path / "gep.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"0100"', '"01\\u0000"'), encoding="utf-8")
    with pytest.raises(GepError) as refused:
        Study.open(tmp_path)
    assert [(p.code, p.subject) for p in refused.value.problems] == [("P02", "study.code")]
