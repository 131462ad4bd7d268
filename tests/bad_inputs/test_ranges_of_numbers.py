"""Ranges that are none, and errors of layers and tables that say nothing: told all at once, with nothing written."""

from __future__ import annotations

from pathlib import Path

import projects
import pytest

ROW = "coefficient,ecosystem,class,value,unit,low,high,spread,price_year,source"


@pytest.fixture
def gep(tmp_path, monkeypatch, capsys):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def own(folder: Path, *rows: str) -> Path:
    (folder / "own.csv").parent.mkdir(parents=True, exist_ok=True)
    (folder / "own.csv").write_text("\n".join([ROW, *rows]) + "\n", encoding="utf-8")
    return projects.write(folder, coefficients={"own": "own.csv"})


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("0.04,1,0.06,0.02,", "low end of the range lies above its high end"),
        ("0.04,1,0.05,0.09,", "outside its own range"),
        ("0.04,1,0.05,,", "outside its own range"),
        ("0.04,1,,0.03,", "outside its own range"),
        ("0.04,1,0.02,,", "one end only: `low`"),
        ("0.04,1,,0.06,", "one end only: `high`"),
        ("0.04,1,0.02,0.06,trianguler", "`triangular`"),
        ("0.04,1,0.02,,normal", "both ends"),
        ("0.04,1,0,0.06,lognormal", "above zero"),
    ],
)
def test_a_range_that_is_none_is_told(gep, tmp_path, cells, words):
    project = own(tmp_path, f"runoff_coefficient,forest,,{cells},,survey")
    ended = gep("check", project, "--json", "--lang", "en")
    assert ended.code == 4
    (found,) = ended.of("C03")
    assert words in " ".join(str(found[part]) for part in ("message", "found", "allowed"))


def test_a_range_with_each_distribution_is_taken(gep, tmp_path):
    rows = [
        f"runoff_coefficient,{where},0.04,1,0.02,0.06,{spread},,survey"
        for where, spread in (("forest,", "uniform"), ("shrub,", "triangular"), ("grassland,", "lognormal"))
    ]
    assert gep("check", own(tmp_path, *rows), "--json").code == 0


def test_what_is_wrong_with_errors_of_layers_and_tables_is_told_together(gep, tmp_path):
    project = projects.write(
        tmp_path,
        uncertainty={
            "layers": {
                "precipitaton": {"relative_error": 0.1},
                "evapotranspiration": {"relative_error": 0.1, "standard_error": 5},
                "precipitation": {"relative_error": -0.1},
            },
            "tables": {"crop_product": {"relative_error": 0.1}, "so2_emission": {}},
        },
    )
    ended = gep("check", project, "--json", "--lang", "en")
    assert ended.code == 3
    told = {found["subject"]: found["message"] for found in ended.document["problems"]}
    assert told.keys() == {"uncertainty.layers.precipitation.relative_error"}
    project = projects.write(
        tmp_path / "2",
        uncertainty={
            "layers": {
                "precipitaton": {"relative_error": 0.1},
                "evapotranspiration": {"relative_error": 0.1, "standard_error": 5},
            },
            "tables": {"crop_product": {"relative_error": 0.1}, "so2_emission": {}},
        },
    )
    ended = gep("check", project, "--json", "--lang", "en")
    told = {found["subject"]: found["message"] for found in ended.document["problems"]}
    assert "`precipitation`" in told["uncertainty.layers.precipitaton"]
    assert "one of" in told["uncertainty.layers.evapotranspiration"]
    assert "`crop_products`" in told["uncertainty.tables.crop_product"]
    assert "one of" in told["uncertainty.tables.so2_emission"]


@pytest.mark.parametrize(("language", "words"), [("en", "`numbers` needs 2 or more entries"), ("zh", "至少需要 2 项")])
def test_a_correlation_of_one_number_is_told_in_its_language(gep, tmp_path, language, words):
    project = projects.write(tmp_path)
    with project.open("a", encoding="utf-8") as file:
        file.write('\n[[uncertainty.correlations]]\nnumbers = ["runoff"]\nrho = 0.5\n')
    ended = gep("run", project, "-o", tmp_path / "out", "--lang", language)
    assert ended.code == 3
    assert words in ended.err
    assert ("List should" in ended.err, (tmp_path / "out").exists()) == (False, False)


def test_a_run_that_stops_names_the_city_in_its_language(gep, tmp_path):
    project = own(tmp_path, "runoff_coefficient,forest,,0.04,1,0.06,0.02,,,survey")
    for language, words in (("zh", "测试市：输入中有 1 个错误"), ("en", "Testcity: 1 error")):
        ended = gep("run", project, "-o", tmp_path / "out", "--lang", language)
        assert (ended.code, (tmp_path / "out").exists()) == (4, False)
        assert words in ended.err
