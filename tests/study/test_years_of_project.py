"""A project file of several years: an account, a folder and a record for each, and the same as of that year alone."""

from __future__ import annotations

import hashlib
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
from builders import ALPHA, CLASSES, FOREST, KM2, STEPPE, block, constant, own_coefficients, raster, write_tif, zones
from places import ROOT
from projects import Gep

import gep as package
from gep.assets.grazing.sample import sample as sample_grazing
from gep.cli.app import main
from gep.core.errors import InputError, ProjectError, UsageError
from gep.inputs import open as of_opening
from gep.inputs.grids.files import _file_hash
from gep.inputs.grids.polygons import read_zones
from gep.standards.profile import load_profile
from gep.study import study as of_study
from gep.study.study import Study

SHAPE = (2, 4)
RAIN = {2019: 1000.0, 2020: 900.0, 2021: 1100.0}
COVER = {2019: FOREST, 2020: FOREST, 2021: STEPPE}
WATER = "water_retention"


def worth(year: int) -> float:
    """Rain less what runs off and 600 mm that evaporate, on eight square kilometres, at 10 CNY/m3."""
    return (RAIN[year] * (1 - ALPHA[COVER[year]]) - 600) / 1000 * 8 * KM2 * 10


def document(**changes: Any) -> dict[str, Any]:
    others = {name: {"off": "not looked at"} for name in load_profile("ndrc-2022").rules if name != WATER}
    base = {
        "study": {"name": "Three years", "code": "0100", "price_year": 2019},
        "years": {"list": list(RAIN)},
        "zones": {"path": "zones.gpkg", "code": "code", "name": "name"},
        "land_cover": {
            "path": "cover_{year}.tif",
            "scheme": "custom",
            "map": {str(code): name for code, name in CLASSES.items()},
        },
        "layers": {
            "precipitation": {"path": "rain_{year}.tif", "units": "mm/year"},
            "evapotranspiration": {"path": "evaporation.tif", "units": "mm/year", "period": "2001-2030"},
        },
        "tables": {"people": "people.csv"},
        "coefficients": {"own": "own.csv"},
        "services": others,
    }
    return projects.merged(base, changes)


def alone(year: int) -> dict[str, Any]:
    """What a project of one of the years says."""
    return document(
        years=None,
        study={"year": year},
        land_cover={"path": f"cover_{year}.tif", "year": year},
        layers={"precipitation": {"path": f"rain_{year}.tif", "year": year}},
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("years")
    zones(block(0, 0, 2, 2), block(2, 0, 4, 2)).to_file(folder / "zones.gpkg")
    for year, rain in RAIN.items():
        write_tif(constant(rain, "mm/year", SHAPE), folder / f"rain_{year}.tif")
        write_tif(raster(np.full(SHAPE, COVER[year], np.uint8)), folder / f"cover_{year}.tif")
    write_tif(constant(600.0, "mm/year", SHAPE), folder / "evaporation.tif")
    own_coefficients(folder, ("reservoir_cost", "", 10, "CNY/m^3", 2019))
    people = [f"{zone},population,quantity,{year - 1919},person,{year}" for year in RAIN for zone in ("101", "102")]
    projects.table(folder / "people.csv", *people, heading="zone,item,measure,value,unit,year", keep=())
    projects.write_toml(folder / "gep.toml", document())
    for year in RAIN:
        projects.write_toml(folder / f"{year}.toml", alone(year))
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """A copy, to break something in."""
    return shutil.copytree(made, tmp_path / "project")


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def changed(folder: Path, **changes: Any) -> Path:
    return projects.write_toml(folder / "gep.toml", document(**changes))


def test_a_call_that_needs_one_year_names_those_there_are(gep: Gep, made: Path, tmp_path: Path):
    for year in (2019, 2020):
        (tmp_path / "runs" / str(year)).mkdir(parents=True)
    said = gep("report", tmp_path / "runs")
    assert said.code == 2
    assert "2019, 2020" in said.err
    assert str(tmp_path / "runs" / "2020") in said.err
    with pytest.raises(UsageError) as raised:
        package.read_run(tmp_path / "runs")
    assert "2019、2020" in raised.value.message.zh
    for arguments, words in (
        (("--project", made), "2019, 2020, 2021"),
        (("--project", made, "--year", "2018"), "no year 2018"),
        (("--year", "2020"), "--project"),
    ):
        said = gep("verify", "hulunbuir", *arguments)
        assert said.code == 2
        assert words in said.err
    assert gep("verify", "hulunbuir", "--project", made, "--year", "2020").err.count("0100") == 1  # another place


def test_land_is_turned_in_the_year_that_is_named(gep: Gep, made: Path, tmp_path: Path):
    zones(block(0, 0, 1, 1)).to_file(tmp_path / "parcel.gpkg")
    call = ("scenario", made, "lost_to_building", "--where", tmp_path / "parcel.gpkg")
    for more, words in (((), "2019, 2020, 2021"), (("--year", "2018"), "no year 2018")):
        refused = gep(*call, *more)
        assert refused.code == 2
        assert words in refused.err
        assert "--year" in refused.err or more
    said = gep(*call, "--year", "2020", "--json")
    assert said.code == 0, said.err
    assert said.document["total"]["before"] == pytest.approx(worth(2020), rel=1e-9)


# the study ------------------------------------------------------------------------------------------------------------


def test_totals_are_those_worked_out_by_hand(made: Path):
    accounts = Study.open(made).accounts()
    assert accounts.dims == {"year": tuple(RAIN)}
    np.testing.assert_allclose(accounts.total(), [worth(year) for year in RAIN], rtol=1e-9)
    assert [account.about.statistics["population"]["101"] for account in accounts] == [100, 101, 102]


def test_a_layer_without_year_in_its_path_is_one_for_all(made: Path):
    spec = Study.open(made).spec
    assert set(spec.of_years) == {"land_cover", "precipitation"}
    assert spec.in_year(2021).layers["evapotranspiration"] is spec.layers["evapotranspiration"]
    assert spec.in_year(2021).layers["precipitation"].data == made / "rain_2021.tif"
    assert spec.in_year(2021).land_cover.year == 2021


def test_a_study_of_one_year_is_its_only_one(made: Path):
    assert [study.spec.year for study in Study.open(made).by_year().values()] == list(RAIN)
    single = Study.open(made / "2020.toml")
    assert single.by_year() == {2020: single}


# runs -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of all years."""
    out = tmp_path_factory.mktemp("runs") / "all"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["gep", "run", str(made), "--out", str(out)])
        with pytest.raises(SystemExit) as stop:
            main()
    assert stop.value.code == 0
    return out


def test_each_year_has_a_folder_that_is_byte_for_byte_that_of_the_year_alone(gep: Gep, made: Path, written: Path):
    assert sorted(path.name for path in written.iterdir()) == ["2019", "2020", "2021"]
    assert gep("run", made / "2020.toml", "--out", "alone").code == 0
    folders = (written / "2020", Path("alone"))
    of_series, of_single = ({path.name: path for path in folder.iterdir()} for folder in folders)
    assert set(of_series) == set(of_single)
    for name in set(of_series) - {"run.log", "ro-crate-metadata.json"}:  # which say when
        assert of_series[name].read_bytes() == of_single[name].read_bytes(), name


def test_years_are_read_back(written: Path):
    accounts = package.read_runs(written)
    assert accounts.dims == {"year": tuple(RAIN)}
    np.testing.assert_allclose(accounts.total(), [worth(year) for year in RAIN], rtol=1e-9)
    assert len({account.digest for account in accounts}) == 3


def test_what_is_no_folder_of_years(written: Path, tmp_path: Path):
    with pytest.raises(UsageError, match="not a finished run"):
        package.read_runs(tmp_path)
    shutil.copytree(written / "2019", tmp_path / "2019")
    assert package.read_runs(tmp_path).dims == {"year": (2019,)}
    (tmp_path / "2022").mkdir()
    with pytest.raises(UsageError, match="2022"):
        package.read_runs([tmp_path])
    with pytest.raises(UsageError, match="2019"):
        package.read_runs([written, written / "2019"])


def test_years_are_compared_as_one_folder(gep: Gep, place: Path):
    """Each year in its own prices: what is left at those of 2019 is the water."""
    changed(place, study={"price_year": None})
    assert gep("run", place, "--out", "out", "-q").code == 0
    growth = gep("compare", "out", "--base", 2019, "--json").document["total"]["growth_constant"]
    assert growth == pytest.approx(worth(2021) / worth(2019) - 1, rel=1e-9)


def test_one_year_alone_and_the_document(gep: Gep, made: Path):
    said = gep("run", made, "--year", 2020, "--json").document
    assert said["years"] == [2020]
    (run,) = said["runs"]
    assert (run["year"], run["folder"]) == (2020, str(Path("gep-0100-2019-2021/2020")))
    assert run["total"]["value"] == pytest.approx(worth(2020), rel=1e-9)
    assert [path.name for path in Path("gep-0100-2019-2021").iterdir()] == ["2020"]
    assert "no year 2018" in gep("run", made, "--year", 2018).err


def test_zones_that_nobody_wrote_to_are_read_once(place: Path, monkeypatch: pytest.MonkeyPatch):
    read: list[object] = []

    def counted(source: object, **options: Any) -> Any:
        read.append(source)
        return read_zones(source, **options)

    monkeypatch.setattr(of_opening, "read_zones", counted)
    studies = Study.open(place).by_year()
    assert len({id(study.inputs.zones) for study in studies.values()}) == len(read) == 1
    zones(block(0, 0, 2, 2), block(2, 0, 4, 2), codes=["101", "103"]).to_file(place / "zones.gpkg")
    found = Study.open(place).by_year()[2020].inputs.zones
    assert found is not None
    assert [zone.code for zone in found.zones] == ["101", "103"]


def test_a_file_that_all_years_share_is_hashed_once(gep: Gep, made: Path, monkeypatch: pytest.MonkeyPatch):
    hashed: list[str] = []

    def digest(file: Any, kind: str) -> Any:
        hashed.append(Path(file.name).name)
        return original(file, kind)

    original = hashlib.file_digest
    _file_hash.cache_clear()
    monkeypatch.setattr(hashlib, "file_digest", digest)
    assert gep("run", made, "--out", "out", "-q").code == 0
    assert {name: hashed.count(name) for name in ("evaporation.tif", "zones.gpkg", "rain_2020.tif")} == {
        "evaporation.tif": 1,
        "zones.gpkg": 1,
        "rain_2020.tif": 1,
    }


def test_a_run_that_stops_leaves_whole_years_and_goes_on(gep: Gep, place: Path, monkeypatch: pytest.MonkeyPatch):
    rain = place / "rain_2021.tif"
    sound = rain.read_bytes()
    write_tif(constant(-5.0, "mm/year", SHAPE), rain)  # which only the cells tell
    stopped = gep("run", place, "--out", "out")
    assert stopped.code == 4
    assert "2019, 2020 were written below out" in stopped.err
    assert sorted(path.name for path in Path("out").iterdir()) == ["2019", "2020"]
    rain.write_bytes(sound)
    computed: list[int] = []
    run = Study.run

    def counted(self: Study, **options: Any) -> Any:
        computed.append(self.spec.year)
        return run(self, **options)

    monkeypatch.setattr(of_study.Study, "run", counted)
    resumed = gep("run", place, "--out", "out", "--resume")
    assert (resumed.code, computed) == (0, [2021])
    assert "2020: out/2020 is a finished run of the same inputs" in resumed.err.replace("\\", "/")
    write_tif(constant(901.0, "mm/year", SHAPE), place / "rain_2020.tif")
    assert gep("run", place, "--out", "out", "--resume").code == 0
    assert computed == [2021, 2020]


def test_accounts_beside_that_lack_or_are_of_other_tables_are_made_again(
    gep: Gep, place: Path, monkeypatch: pytest.MonkeyPatch
):
    section = sample_grazing(place, ["101", "102", "103"]).model_dump(exclude_unset=True)
    assert gep("run", place, "--out", "out", "--maps", "-q").code == 0
    run = Path("out", "2020")
    there = {path.relative_to(run): path.read_bytes() for path in run.rglob("*") if path.is_file()}
    monkeypatch.setattr(of_study.Study, "run", lambda *_, **__: pytest.fail("a finished year is computed again"))

    changed(place, assets={"grazing": {**section, "year": 2020}})
    said = gep("run", place, "--out", "out", "--maps", "--resume")
    assert said.code == 0
    assert re.findall(r"(\d{4}): out.\d{4} is a finished run.*made again", said.err) == ["2020"]
    first = (run / "assets" / "grazing.json").read_bytes()
    after = {path.relative_to(run): path.read_bytes() for path in run.rglob("*") if path.is_file()}
    crate = Path("ro-crate-metadata.json")
    assert {name: after[name] for name in there if name != crate} == {n: b for n, b in there.items() if n != crate}
    assert package.read_run(run).digest
    assert b"assets/grazing.json" in after[crate]

    herds = place / "herds.csv"
    herds.write_text(herds.read_text("utf-8").replace("sheep,300", "sheep,301"), "utf-8")
    assert "made again" in gep("run", place, "--out", "out", "--maps", "--resume").err
    assert (run / "assets" / "grazing.json").read_bytes() != first
    assert "made again" not in gep("run", place, "--out", "out", "--maps", "--resume").err
    changed(place)
    assert gep("run", place, "--out", "out", "--maps", "--resume").code == 0
    assert not (run / "assets").exists()


def test_forms_are_those_of_the_last_year(gep: Gep, made: Path):
    assert gep("forms", "make", made, "--out", "forms").code == 0
    assert {path.stem.rpartition("-")[2] for path in Path("forms").glob("*.xlsx")} == {"2021"}


@pytest.mark.parametrize(
    ("year", "told"),
    [(2020, []), (None, ["assets.grazing.year"]), (2018, ["assets.grazing.year"])],
    ids=["one of them", "none", "another"],
)
def test_tables_that_name_no_year_are_of_the_one_that_their_section_names(
    gep: Gep, place: Path, year: int | None, told: list[str]
):
    section = sample_grazing(place, ["101", "102", "103"])
    tables = section.model_dump(exclude_unset=True) | ({"year": year} if year else {})
    changed(place, assets={"grazing": tables})
    said = gep("run", place, "--out", "out", "--json")
    if told:
        assert said.code == 3
        assert [p["subject"] for p in said.of("P02")] == told
        assert not Path("out").exists()
    else:
        assert said.code == 0
        assert [path.parts[1] for path in Path("out").glob("*/assets/grazing.json")] == ["2020"]


# what is wrong --------------------------------------------------------------------------------------------------------


def test_what_is_alike_is_told_once_with_its_years(gep: Gep, place: Path):
    (place / "evaporation.tif").unlink()
    (place / "rain_2020.tif").unlink()
    found = gep("check", place, "--json").of("F01")
    assert {p["subject"]: p["message"].partition(": ")[0] for p in found} == {
        "evapotranspiration": "2019, 2020, 2021",
        "precipitation": "2020",
    }


def test_all_files_that_are_not_there_are_told_together(gep: Gep, place: Path):
    for name in ("rain_2019.tif", "rain_2021.tif", "cover_2020.tif"):
        (place / name).unlink()
    for call in (("check", place, "--json"), ("run", place, "--out", "out", "--json")):
        said = gep(*call)
        assert said.code == 4
        assert {p["place"] for p in said.of("F01")} == {"rain_2019.tif", "rain_2021.tif", "cover_2020.tif"}
    assert not Path("out").exists()


def test_figures_that_lack_a_year(gep: Gep, place: Path):
    people = [f"101,population,quantity,9,person,{year}" for year in (2019, 2020)]
    projects.table(place / "people.csv", *people, heading="zone,item,measure,value,unit,year", keep=())
    (found,) = gep("check", place, "--json").of("T31")
    assert found["message"].startswith("2021: ")


@pytest.mark.parametrize(
    ("changes", "subject", "said"),
    [
        ({"study": {"year": 2020}}, "study.year", "one year and [years] both"),
        ({"years": {"list": [2020, 2019]}}, "years.list", "in order"),
        ({"years": {"list": [2020, 2020]}}, "years.list", "each once"),
        ({"years": {"list": []}}, "years.list", "at least one"),
        ({"years": {"list": 2020}}, "years.list", "list = [2019, 2020, 2021]"),
        ({"years": {"list": "2020"}}, "years.list", "list = [2019, 2020, 2021]"),
        ({"years": {"list": [[2020]]}}, "years.list", "whole number"),
        ({"years": {"list": None}}, "years.list", "key `list` is missing"),
        ({"years": {"list": [2020, "x"]}}, "years.list", "whole number"),
        ({"years": {"list": [2020, 20201]}}, "years.list", "2200"),
        ({"years": {"lst": [2020]}}, "years.lst", "Did you mean `list`"),
        ({"years": None}, "study.year", "key `year` is missing"),
        ({"years": None, "study": {"year": 2020}}, "layers.precipitation.path", "the study has one"),
        ({"tables": {"people": "people_{year}.csv"}}, "tables.people", "tables have a column `year`"),
        ({"layers": {"precipitation": {"year": 2020}}}, "layers.precipitation.year", "makes one for each year"),
        ({"land_cover": {"sha256": "0" * 64}}, "land_cover.sha256", "gep data lock"),
    ],
)
def test_what_the_file_says_of_years(place: Path, changes: dict[str, Any], subject: str, said: str):
    path = changed(place, **changes)
    with pytest.raises(ProjectError) as stop:
        Study.open(path)
    assert said in " ".join(str(problem) for problem in stop.value.problems if problem.subject == subject)


def test_a_lock_holds_the_files_of_every_year(gep: Gep, place: Path):
    assert gep("data", "lock", place).code == 0
    assert '"layers.precipitation@2021" = ' in (place / "gep.lock").read_text(encoding="utf-8")
    assert not {"F42", "F43"} & {problem.code for problem in Study.open(place).check()}
    write_tif(constant(1101.0, "mm/year", SHAPE), place / "rain_2021.tif")
    with pytest.raises(InputError) as stop:
        Study.open(place).by_year()[2021].run()
    assert {problem.code for problem in stop.value.problems if problem.severity == "error"} == {"F42"}
    assert Study.open(place).by_year()[2020].run(record=False).total() == pytest.approx(worth(2020), rel=1e-9)


# the page -------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="the documentation is not beside the tests")
def test_the_page_of_years(gep: Gep, place: Path, monkeypatch: pytest.MonkeyPatch):
    """What its project file says, with zones, legend and price of the three years, and then its code."""
    text = (ROOT / "docs" / "years.md").read_text(encoding="utf-8")
    project, _ = re.findall(r"^```toml\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    (code,) = re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    rest = {key: document()[key] for key in ("zones", "land_cover", "coefficients", "services")}
    projects.write_toml(place / "gep.toml", projects.merged(rest, tomllib.loads(project)))
    monkeypatch.chdir(place)
    assert gep("run").code == 0
    names: dict[str, Any] = {}
    exec(compile(code, "years.md", "exec"), names)
    expected = [worth(year) for year in RAIN]
    np.testing.assert_allclose(names["totals"], expected, rtol=1e-9)
    np.testing.assert_allclose(names["finished"].total(), expected, rtol=1e-9)
    assert names["table"]["year"].tolist() == list(RAIN)
    assert names["change"]["change"].tolist() == pytest.approx([expected[2] - expected[0]], rel=1e-9)
    assert names["one"].total() == pytest.approx(expected[1], rel=1e-9)
