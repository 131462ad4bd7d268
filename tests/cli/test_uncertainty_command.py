"""`gep uncertainty` on a finished run: its document, its file, its words in both languages, and what it refuses."""

from __future__ import annotations

import csv
import json

import projects
import pytest

from gep.standards.profile import load_profile
from gep.study.run import read_run

OWN = (
    "coefficient,ecosystem,class,value,unit,low,high,spread,price_year,source",
    "runoff_coefficient,forest,,0.04,1,0.02,0.06,triangular,,survey",
)


@pytest.fixture
def gep(tmp_path, monkeypatch, capsys):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.fixture
def run(gep, tmp_path):
    project = projects.write(
        tmp_path / "city",
        coefficients={"own": "own.csv"},
        uncertainty={"tables": {"crop_products": {"relative_error": 0.1}}},
    )
    (tmp_path / "city/own.csv").write_text("\n".join(OWN) + "\n", encoding="utf-8")
    assert gep("run", project, "--out", "run").code == 0
    return tmp_path / "here/run"


def test_the_document_and_the_file(gep, run):
    before = (run / "account.csv").read_bytes()
    found = gep("uncertainty", run, "--draws", 2000, "--json").document
    wanted = {"schema", "level", "draws", "seed", "total", "by_service", "by_zone", "drivers", "unknown"}
    assert wanted <= set(found)
    assert (found["schema"], found["level"], found["draws"]) == (1, 0.95, 2000)
    crops = found["by_service"]["crop_products"]
    # wheat: 52 000 t at 2400 CNY/t in one county, 80 million CNY in the other; one error of 10 % for both
    assert crops["value"] == pytest.approx(204.8e6)
    assert crops["upper"] - crops["lower"] == pytest.approx(2 * 1.96 * 20.48e6, rel=0.01)
    assert found["by_service"]["forestry_products"]["lower"] is None
    assert {driver["name"] for driver in found["drivers"]} == {"tables.crop_products", "runoff_coefficient[forest]"}
    assert sum(driver["first"] for driver in found["drivers"]) == pytest.approx(1)
    assert {"name", "first", "total"} == set(found["drivers"][0])
    assert "reservoir_cost" in {one["name"] for one in found["unknown"]}
    with (run / "uncertainty.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["by"], row["id"]): row for row in csv.DictReader(file)}
    assert float(rows["total", ""]["lower"]) == found["total"]["lower"]
    assert rows["service", "forestry_products"]["upper"] == ""
    assert (run / "account.csv").read_bytes() == before


def test_an_error_of_an_item_is_not_that_of_its_prices(gep, run):
    """Wheat is 52 000 t at 2400 CNY/t: 10 % of the tonnes are 10 % of the value, and the price is of unknown error."""
    found = gep("uncertainty", run, "--draws", 500, "--json").document
    assert "tables.crop_products/wheat:price" in {one["name"] for one in found["unknown"]}


@pytest.mark.parametrize(("language", "words"), [("en", "Of unknown uncertainty"), ("zh", "不确定性未知")])
def test_it_is_told_in_both_languages(gep, run, language, words):
    ended = gep("uncertainty", run, "--draws", 500, "--lang", language)
    assert ended.code == 0
    assert words in ended.out
    assert "uncertainty.csv" in ended.out


def test_a_new_run_sets_nothing_aside(gep, run, tmp_path):
    assert gep("uncertainty", run, "--draws", 500).code == 0
    assert gep("run", tmp_path / "city/gep.toml", "--out", "run").code == 0
    assert not list(run.parent.glob("run.kept*"))
    assert not (run / "uncertainty.csv").exists()


@pytest.mark.parametrize("options", [("--draws", 3), ("--level", 95), ("--level", 0)])
def test_what_it_refuses(gep, run, options):
    ended = gep("uncertainty", run, *options, "--json")
    assert ended.code == 2
    assert not (run / "uncertainty.csv").exists()


def test_other_choices_are_recomputed_and_ranked(gep, tmp_path):
    """The red-line guide has 2.67 % of runoff for evergreen broadleaf forest where the profile has 4.65 %: of the
    1000 mm that fall there 19.8 mm more are kept.
    """
    off = {
        service: {"off": "not what is tested"}
        for service in load_profile("ndrc-2022").rules
        if service not in ("water_retention", "forestry_products")
    }
    project = projects.write(tmp_path / "city", services=off)
    assert gep("run", project, "--out", "run").code == 0
    found = gep("uncertainty", "run", "--choices", "--json").document
    account = read_run(tmp_path / "here/run")
    forest = [e for e in account.flows if (e.service, e.land_class) == ("water_retention", "evergreen_broadleaf")]
    forest = [e for e in forest if e.ecosystem == "forest"]
    area = sum(account.areas()[e.zone, e.ecosystem, e.land_class] for e in forest)
    by_option = {choice["option"]: choice for choice in found["choices"]}
    redline = by_option["@redline-2017/runoff_coefficient"]
    assert redline["change"] == pytest.approx(area * (0.0465 - 0.0267) * forest[0].price, rel=1e-9)
    assert redline["services"] == ["water_retention"]
    assert "red lines" in redline["behind"]
    changes = [abs(choice["change"]) for choice in found["choices"] if choice["change"] is not None]
    assert changes == sorted(changes, reverse=True)
    assert by_option["raster"]["total"] is None
    assert "surface_runoff" in by_option["raster"]["reason"]
    assert by_option["runoff_generating"]["behind"] == "as in hj1173-2021 (A.1)"
    assert by_option["raster"]["behind"] == "no shipped profile takes it"
    profiles = {choice["option"]: choice for choice in found["choices"] if choice["kind"] == "profile"}
    assert "ndrc-2022" not in profiles
    assert "hj1173-2021" not in profiles, "it gives no values"
    cas = profiles["cas-2010"]  # whose water rests on a map of storm runoff, which is not there
    assert "without Water retention" in cas["meaning"] or cas["reason"]
    assert "其他选择下的合计" in gep("uncertainty", "run", "--choices", "--lang", "zh").out


def test_choices_need_the_inputs(gep, run, tmp_path):
    (tmp_path / "city/precipitation.tif").unlink()
    ended = gep("uncertainty", run, "--choices", "--json")
    assert ended.code in (2, 4)
    assert ended.err


def test_pictures_have_their_numbers_beside_them(gep, run):
    """10 % of the wheat at 1.96 standard errors on either side, in 亿元."""
    pytest.importorskip("matplotlib")
    assert gep("uncertainty", run, "--draws", 1000, "--pictures", "--lang", "zh").code == 0
    folder = run / "uncertainty"
    names = {f"{id_}.{ending}" for id_ in ("C6", "C6_draws") for ending in ("csv", "pdf", "png", "svg")}
    assert {path.name for path in folder.iterdir()} == names
    with (folder / "C6.csv").open(encoding="utf-8-sig", newline="") as file:
        drivers = {row["key"]: row for row in csv.DictReader(file)}
    half = 1.959964 * 0.1 * 2.048
    assert float(drivers["tables.crop_products"]["lower"]) == pytest.approx(-half, rel=1e-4)
    assert float(drivers["tables.crop_products"]["upper"]) == pytest.approx(half, rel=1e-4)
    first = (folder / "C6.svg").read_bytes(), (folder / "C6_draws.svg").read_bytes()
    assert gep("uncertainty", run, "--draws", 1000, "--pictures", "--lang", "zh").code == 0
    assert ((folder / "C6.svg").read_bytes(), (folder / "C6_draws.svg").read_bytes()) == first


FEW = {
    name: {"off": "not what is tested"}
    for name in load_profile("ndrc-2022").rules
    if name not in ("crop_products", "forestry_products")
}


def of_runoff(folder, *rows):
    """A project with runoff of its own: ecosystem, class and range of each row."""
    lines = [OWN[0], *(f"runoff_coefficient,{place},0.04,1,{ends},,,survey" for place, ends in rows)]
    services = {name: of for name, of in FEW.items() if name != "water_retention"}
    project = projects.write(folder, services=services, coefficients={"own": "own.csv"})
    (folder / "own.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return project


def correlate(project, pairs):
    """Say correlations in a project file."""
    tables = [
        f"\n[[uncertainty.correlations]]\nnumbers = {json.dumps(numbers)}\nrho = {rho}\n" for numbers, rho in pairs
    ]
    project.write_text(project.read_text(encoding="utf-8") + "".join(tables), encoding="utf-8")


def test_a_run_with_intervals(gep, tmp_path):
    """10 % of the wheat: 52 000 t at 2400 CNY/t in one county, 80 million CNY in another. The rest is as without."""
    errors = {"tables": {"crop_products": {"relative_error": 0.1}}}
    project = projects.write(tmp_path / "city", services=FEW, uncertainty=errors)
    assert gep("run", project, "--out", "plain").code == 0
    ended = gep("run", project, "--out", "run", "--uncertainty")
    assert ended.code == 0
    assert "Latin hypercube" in ended.out
    here = tmp_path / "here"
    tables = {}
    for name in ("plain", "run"):
        with (here / name / "account.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    ends = ("lower", "upper", "interval_level")
    assert not any(row[end] for row in tables["plain"] for end in ends)
    assert [{**row, **dict.fromkeys(ends, "")} for row in tables["run"]] == tables["plain"]
    known = [row for row in tables["run"] if row["lower"]]
    assert {(row["service"], row["measure"]) for row in known} == {("crop_products", "value")}
    for row in known:
        assert float(row["upper"]) - float(row["value"]) == pytest.approx(0.196 * float(row["value"]), rel=0.02)
    account = read_run(here / "run")
    assert account.digest == read_run(here / "plain").digest
    assert len([row for row in account.rows() if row["lower"] is not None]) == len(known)
    assert {"uncertainty.csv", "uncertainty.json"} <= {path.name for path in (here / "run").iterdir()}


def test_an_account_without_values_has_no_intervals(gep, tmp_path):
    project = projects.write(tmp_path / "city", study={"profile": "hj1173-2021"})
    ended = gep("run", project, "--out", "run", "--uncertainty")
    assert (ended.code, "intervals are of values" in ended.err) == (2, True)
    assert not (tmp_path / "here/run").exists()


@pytest.mark.parametrize(
    ("pairs", "code", "words"),
    [
        ([(["a", "b"], 1.5)], 3, "rho"),
        ([(["a"], 0.5)], 3, "numbers"),
        ([(["a", "b"], 0.5), (["b", "a"], 0.4)], 3, "Two correlations"),
        ([(["a", "b"], 0.9), (["b", "c"], 0.9), (["a", "c"], -0.9)], 3, "eigenvalue"),
    ],
)
def test_correlations_that_are_none_are_told_at_once(gep, tmp_path, pairs, code, words):
    project = projects.write(tmp_path / "city")
    correlate(project, pairs)
    ended = gep("run", project, "--out", "run")
    assert (ended.code, words in ended.err) == (code, True)
    assert not (tmp_path / "here/run").exists()


@pytest.mark.parametrize(
    ("name", "language", "words"),
    [
        ("runoff_coeficient[forest]", "en", "no such number. Did you mean `runoff_coefficient[forest]`"),
        ("runoff_coefficient[shrub]", "en", "neither a range nor an error"),
        ("layers.precipitation", "zh", "`layers.precipitation` 在本项目中既无范围也无误差"),
    ],
)
def test_a_correlation_of_what_is_not_uncertain_is_told_before_computing(gep, tmp_path, name, language, words):
    project = of_runoff(tmp_path / "city", ("forest,", "0.02,0.06"), ("shrub,", ","))
    correlate(project, [(["runoff_coefficient[forest]", name], 0.5)])
    for command in (("check", project), ("run", project, "--out", "run", "--uncertainty")):
        ended = gep(*command, "--lang", language)
        assert (ended.code, words in ended.err + ended.out) == (4, True), ended.err
    assert not (tmp_path / "here/run").exists()


def test_a_correlation_of_what_no_figure_rests_on_is_left_out_and_told(gep, tmp_path):
    project = of_runoff(tmp_path / "city", ("forest,", "0.02,0.06"), ("grassland,alpine_meadow", "0.02,0.06"))
    correlate(project, [(["runoff_coefficient[forest]", "runoff_coefficient[grassland/alpine_meadow]"], 0.5)])
    ended = gep("run", project, "--out", "run", "--uncertainty")
    assert (ended.code, "no figure of this run rests on them" in ended.out) == (0, True), ended.err
    document = json.loads((tmp_path / "here/run/uncertainty.json").read_text(encoding="utf-8"))
    assert (document["idle"], document["correlations"]) == (["runoff_coefficient[grassland/alpine_meadow]"], [])


def test_a_run_whose_intervals_are_refused_is_written_without_them(gep, tmp_path, monkeypatch):
    from gep.account.account import Account
    from gep.core.errors import UsageError

    def refuse(*_, **__):
        raise UsageError("they contradict each other")

    monkeypatch.setattr(Account, "uncertainty", refuse)
    project = projects.write(tmp_path / "city", services=FEW)
    ended = gep("run", project, "--out", "run", "--uncertainty")
    assert ended.code == 2
    assert "without intervals: they contradict each other" in ended.err
    assert (tmp_path / "here/run/account.csv").exists()


def test_a_run_remembers_what_is_wrong_together(gep, tmp_path):
    """Two errors of 10 % that are one: 10 % of both; where they are independent, the root of their squares."""
    names = ["tables.crop_products", "tables.forestry_products"]
    errors = {"tables": {name.removeprefix("tables."): {"relative_error": 0.1} for name in names}}
    project = projects.write(tmp_path / "city", services=FEW, uncertainty=errors)
    correlate(project, [(names, 1.0)])
    assert gep("run", project, "--out", "run").code == 0
    found = gep("uncertainty", "run", "--draws", 1000, "--json").document
    total = found["total"]
    assert total["upper"] - total["value"] == pytest.approx(0.196 * total["value"], rel=0.02)
    assert found["correlations"] == [{"numbers": names, "rho": 1.0}]
    assert [driver["name"] for driver in found["drivers"]] == [" + ".join(names)]


POINTS = (
    "mapped,reference,count",
    "forest,forest,90",
    "forest,grassland,10",
    "grassland,grassland,80",
    "grassland,forest,20",
)


def test_a_run_remembers_what_its_land_cover_confuses(gep, tmp_path):
    services = {name: of for name, of in FEW.items() if name != "water_retention"}
    project = projects.write(tmp_path / "city", services=services, uncertainty={"confusion": "points.csv"})
    (tmp_path / "city/points.csv").write_text("\n".join(POINTS) + "\n", encoding="utf-8")
    assert gep("run", project, "--out", "run").code == 0
    (tmp_path / "city/points.csv").unlink()
    found = gep("uncertainty", "run", "--draws", 1000, "--json").document
    assert found["by_ecosystem"]["forest"]["lower"] is not None
    assert found["by_ecosystem"]["shrub"]["lower"] is None
    assert "layers.land_cover[forest] + layers.land_cover[grassland]" in {one["name"] for one in found["drivers"]}
    assert "Land cover" in gep("uncertainty", "run", "--draws", 500).out


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (None, "no such file"),
        (["mapped,count", "forest,9"], "reference"),
        ([*POINTS, "wood,forest,9"], "wood"),
        ([*POINTS, "shrub,shrub,1.5"], "1.5"),
        ([*POINTS, "shrub,shrub,1"], "less than 2"),
        ([*POINTS, POINTS[1]], "twice"),
    ],
)
def test_a_table_of_confusion_that_is_none(gep, tmp_path, lines, words):
    project = projects.write(tmp_path / "city", uncertainty={"confusion": "points.csv"})
    if lines:
        (tmp_path / "city/points.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ended = gep("run", project, "--out", "run")
    assert (ended.code, words in ended.err) == (4, True)
    assert "Traceback" not in ended.err
    assert not (tmp_path / "here/run").exists()


@pytest.mark.parametrize(
    ("call", "needed"),
    [
        (("compare", "a", "b", "--prices", "konstant"), "current、constant、chain 之一"),
        (("compare", "a", "--base", "abc"), "要求：整数"),
        (("scenario", "a", "b", "--where", "c", "--share", "abc"), "要求：数值"),
        (("scenario", "a", "b", "--where", "c", "--worth", "abc"), "damage、benefit 之一"),
    ],
)
def test_what_an_option_takes_is_told_without_words_of_a_library(gep, call, needed):
    said = gep(*call, "--lang", "zh")
    assert said.code == 2
    assert needed in said.err
    assert "valid" not in said.err


def test_more_draws_than_memory_holds_are_refused(gep, run):
    said = gep("uncertainty", run, "--draws", 10**10, "--lang", "en")
    assert (said.code, "1000000 or fewer" in said.err) == (2, True)
