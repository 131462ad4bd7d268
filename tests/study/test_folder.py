"""What a run leaves behind: its files, their content, and what happens to what was there before."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import shutil
import tomllib
from functools import partial
from pathlib import Path

import builders
import jsonschema
import numpy as np
import pytest
from builders import FOREST, LAKE, STEPPE, block, raster, water_layers, write_project, zones
from places import DATA as SHARED

from gep.account.entries import COLUMNS
from gep.core.errors import UsageError
from gep.inputs.project import json_schema
from gep.study import folder as output
from gep.study.folder import check_folder, default_folder, write_run
from gep.study.study import Study

make_study = partial(builders.make_study, of=("water_retention",))
SHAPE = (4, 6)
COUNTIES = zones(block(0, 0, 3.3, 4), block(3.3, 0, 6, 4))


def cover():
    codes = np.full(SHAPE, FOREST, dtype=np.uint8)
    codes[2:, :4], codes[0, 5] = STEPPE, LAKE
    return raster(codes)


def layers():
    found = water_layers(SHAPE)
    found["evapotranspiration"][:, 0] = 1300.0  # a negative balance, and numbers that are not round
    found["precipitation"] *= 1 / 3 + 1
    found["precipitation"][3, :4] = np.nan
    found["precipitation"][2, :4] = np.nan  # all steppe: a figure that is missing
    found["precipitation"].attrs["units"] = "mm/year"
    return found


@pytest.fixture
def account():
    return make_study(cover(), layers(), COUNTIES).run()


@pytest.fixture
def folder(tmp_path, account):
    write_run(account, tmp_path / "run")
    return tmp_path / "run"


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def read_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "account.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# files ----------------------------------------------------------------------------------------------------------------


def test_the_files_of_a_run(folder):
    found = {path.name for path in folder.iterdir()}
    always = {"account.csv", "account_labels.csv", "summary.json", "run.json", "ledger.json", "zones.geojson"}
    always |= {"run.log", "ro-crate-metadata.json"}
    assert always <= found <= always | {"account.parquet"}
    assert [path.name for path in folder.parent.iterdir()] == ["run"]  # no temporary folder stays


def test_parquet_where_it_can_be_written(folder, account):
    pytest.importorskip("pyarrow")
    import pandas as pd

    table = pd.read_parquet(folder / "account.parquet")
    assert tuple(table.columns) == COLUMNS
    assert table["value"].sum() == account.to_frame()["value"].sum()
    assert table["area_code"].tolist() == [row["area_code"] for row in read_rows(folder)]


def test_the_columns_of_account_csv(folder):
    raw = (folder / "account.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    header = raw.decode("utf-8").splitlines()[0]
    # report_tables.md T20, with land_class after ecosystem_type and counted after measure
    assert header == (
        "run_id,area_code,area_name,year,ecosystem_type,land_class,category,service,component,measure,counted,value,"
        "unit,price_basis,price_concept,supply_basis,origin,lower,upper,interval_level,data_coverage,obs_status,"
        "method_id,profile_clause,derivation_id"
    )


def test_numbers_read_back_as_the_same_floats(folder, account):
    written, rows = read_rows(folder), list(account.rows())
    assert len(written) == len(rows)
    for line, row in zip(written, rows, strict=True):
        for column in ("value", "data_coverage", "lower", "upper", "interval_level"):
            assert line[column] == "" if row[column] is None else float(line[column]) == row[column]
        assert line["counted"] == str(row["counted"])
        assert line["area_code"] == row["area_code"]
    missing = [line for line in written if line["measure"] == "quantity" and line["value"] == ""]
    assert {line["ecosystem_type"] for line in missing} == {"grassland"}
    assert {line["obs_status"] for line in missing} == {"O"}


def test_the_total_and_the_digest_follow_from_account_csv(folder, account):
    rows = read_rows(folder)
    counted = [float(r["value"]) for r in rows if r["measure"] == "value" and r["counted"] == "1" and r["value"]]
    assert math.fsum(counted) == account.total()
    lines = []
    for r in rows:
        if r["measure"] in ("area", "quantity", "value"):
            key = [
                r[name]
                for name in ("area_code", "ecosystem_type", "land_class", "service", "component", "measure", "unit")
            ]
            lines.append("|".join([*key, float(r["value"]).hex() if r["value"] else ""]))
    digest = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["digest"] == digest == account.digest


def test_the_keys_of_a_row_are_its_own(folder):
    key = ("area_code", "ecosystem_type", "land_class", "service", "component", "measure")
    keys = [tuple(r[name] for name in key) for r in read_rows(folder)]
    assert len(set(keys)) == len(keys)
    areas = [k for k in keys if k[-1] == "area"]
    assert all(k[3:5] == ("_none", "_none") for k in areas)


def test_the_contract_of_summary_json(folder, account):
    document = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert document == json.loads(json.dumps(account.summary()))
    contract = (
        "schema study profile year price_year title complete missing total by_ecosystem by_service by_zone "
        "quantities coverage problems digest"
    )
    assert set(contract.split()) <= set(document)
    assert document["schema"] == 1
    assert document["profile"] == {"id": "ndrc-2022", "level": "provisional"}
    assert (document["year"], document["price_year"]) == (2019, 2019)
    assert document["total"] == {"value": account.total(), "unit": "CNY"}
    reasons = {"no_input", "no_coefficient", "off", "low_coverage", "no_equation"}
    assert document["missing"]
    assert all(
        set(m) == {"service", "reason", "detail", "required", "zh"} and m["reason"] in reasons
        for m in document["missing"]
    )
    fields = {"code", "severity", "subject", "place", "found", "allowed", "do", "message", "share", "zh"}
    assert all(set(p) == fields for p in document["problems"])
    for name in ("by_ecosystem", "by_service", "by_zone"):
        assert math.isclose(math.fsum(document[name].values()), account.total(), rel_tol=1e-15)
    assert document["quantities"]["water_retention"]["unit"] == "m3"


def test_the_run_record_says_what_the_result_rests_on(folder, account):
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["run_id"] == account.about.run_id == read_rows(folder)[0]["run_id"]
    assert len(record["run_id"]) == 12
    assert set(record["inputs"]) == {"land_cover", "precipitation", "evapotranspiration"}
    assert all(len(about["sha256"]) == 64 for about in record["inputs"].values())
    assert {row["coefficient"] if "coefficient" in row else row["name"] for row in record["coefficients"]} >= {
        "runoff_coefficient"
    }


# the same again -------------------------------------------------------------------------------------------------------


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    for name in ("first", "second"):
        write_run(
            make_study(cover(), layers(), COUNTIES).run(threads=1 if name == "first" else 2),
            tmp_path / name,
            ["some log"],
        )
    first, second = content(tmp_path / "first"), content(tmp_path / "second")
    assert first.pop("run.log")
    assert second.pop("run.log")
    assert first == second


def test_the_place_of_a_project_does_not_matter(tmp_path):
    project = write_project(tmp_path / "here", cover(), layers(), COUNTIES)
    shutil.copytree(project.parent, tmp_path / "there" / "and" / "deeper")
    write_run(Study.open(project).run(), tmp_path / "first")
    write_run(Study.open(tmp_path / "there" / "and" / "deeper").run(), tmp_path / "second")
    first, second = content(tmp_path / "first"), content(tmp_path / "second")
    assert first.pop("run.log")
    assert second.pop("run.log")
    assert first == second
    assert not any(str(tmp_path).encode() in data for data in first.values())


def test_another_input_is_another_run(account):
    changed = layers()
    changed["precipitation"][0, 0] += 1
    counties = zones(block(0, 0, 3.4, 4), block(3.4, 0, 6, 4))
    others = [
        make_study(cover(), changed, COUNTIES),
        make_study(cover(), layers(), counties),
        make_study(cover(), layers(), COUNTIES, price_year=2015),
        make_study(cover(), layers(), COUNTIES, methods={"water_retention": {"negative": "clip_cell"}}),
        make_study(cover(), layers(), COUNTIES, off={"recreation": "another reason"}),
    ]
    ids = [account.about.run_id, *(study.run().about.run_id for study in others)]
    assert len(set(ids)) == len(ids)


# what was there before ------------------------------------------------------------------------------------------------


def test_a_folder_with_something_else_is_refused_and_left_alone(tmp_path, account):
    target = tmp_path / "thesis"
    target.mkdir()
    (target / "chapter1.txt").write_text("years of work", encoding="utf-8")
    before = content(tmp_path)
    with pytest.raises(UsageError, match=r"chapter1\.txt"):
        write_run(account, target)
    with pytest.raises(UsageError, match="thesis"):
        check_folder(target)
    assert content(tmp_path) == before


def test_something_else_among_a_finished_run_is_refused_too(folder, account):
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    before = content(folder)
    with pytest.raises(UsageError, match=r"notes\.txt"):
        write_run(account, folder)
    assert content(folder) == before


def test_files_that_are_no_finished_run_are_refused(tmp_path, account):
    target = tmp_path / "half"
    target.mkdir()
    (target / "account.csv").write_text("area,value\n", encoding="utf-8")
    with pytest.raises(UsageError, match="not a finished run"):
        write_run(account, target)
    assert content(target) == {"account.csv": b"area,value\n"}


def test_a_file_in_place_of_a_folder_is_refused(tmp_path, account):
    (tmp_path / "run").write_text("a file", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        write_run(account, tmp_path / "run")
    assert (tmp_path / "run").read_text(encoding="utf-8") == "a file"


def test_an_empty_folder_and_a_new_one_are_taken(tmp_path, account):
    (tmp_path / "empty").mkdir()
    write_run(account, tmp_path / "empty")
    write_run(account, tmp_path / "some" / "where" / "new")
    assert (tmp_path / "empty" / "run.json").is_file()
    assert (tmp_path / "some" / "where" / "new" / "run.json").is_file()


def test_a_finished_run_is_replaced_as_a_whole(folder):
    (folder / "maps").mkdir()
    (folder / "maps" / "old.png").write_bytes(b"old")
    (folder / "report.xlsx").write_bytes(b"old")
    other = make_study(cover(), layers(), COUNTIES, price_year=2015).run()
    write_run(other, folder)
    assert not (folder / "maps").exists()
    assert not (folder / "report.xlsx").exists()
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8"))["price_year"] == 2015


@pytest.mark.parametrize("step", ["_write_account", "write_json", "_log", "write_crate"])
def test_a_failure_midway_leaves_the_old_run(folder, monkeypatch, step):
    before = content(folder)
    other = make_study(cover(), layers(), COUNTIES, price_year=2015).run()

    for failure in (OSError("disk full"), RuntimeError("a bug"), KeyboardInterrupt()):

        def fail(*_, failure=failure):
            raise failure

        monkeypatch.setattr(output, step, fail)
        with pytest.raises((type(failure), UsageError), match=str(failure)):
            write_run(other, folder)
        assert content(folder) == before
        assert [path.name for path in folder.parent.iterdir()] == ["run"]


def test_a_failure_while_the_folders_change_places_puts_the_old_run_back(folder, monkeypatch):
    before = content(folder)
    other = make_study(cover(), layers(), COUNTIES, price_year=2015).run()
    rename = Path.rename

    def fail(self, target):
        if self.name.endswith(".tmp"):
            raise OSError("no such luck")
        return rename(self, target)

    monkeypatch.setattr("gep.core.folders._exchanged", lambda one, other: False)  # as where no one step does it
    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises((OSError, UsageError), match="no such luck"):
        write_run(other, folder)
    monkeypatch.undo()
    assert content(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["run"]


def test_a_failure_of_a_first_run_leaves_nothing(tmp_path, account, monkeypatch):
    monkeypatch.setattr(type(account), "summary", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_run(account, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_where_a_run_goes_if_nothing_is_said():
    assert default_folder("150700", "Hulunbuir", 2019) == Path("gep-150700-2019")
    assert default_folder("", "Rhine basin", 2009) == Path("gep-rhine-basin-2009")


# the schema of the project file ---------------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize("name", ["hulunbuir", "rhine"])
def test_the_schema_accepts_the_real_project_files(name):
    path = SHARED / name / "gep.toml"
    if not path.is_file():
        pytest.skip("the real rasters are not beside the checkout")
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    assert list(validator.iter_errors(document)) == []


@pytest.mark.parametrize(
    "place",
    [(), ("study",), ("zones",), ("land_cover",), ("layers", "precipitation")],
    ids=lambda place: ".".join(place) or "top",
)
def test_the_schema_refuses_an_unknown_key(tmp_path, place):
    project = write_project(tmp_path / "project", cover(), layers(), COUNTIES)
    document = tomllib.loads(project.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(json_schema())
    assert validator.is_valid(document)
    table = document
    for key in place:
        table = table[key]
    table["resolutoin"] = "x"
    (error,) = validator.iter_errors(document)
    assert "resolutoin" in error.message
