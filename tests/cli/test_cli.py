"""The command line as a contract: what is printed where, what is written, and with which exit code it ends."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import projects
import pytest
import rasterio
from projects import Gep, Outcome

from gep.standards.profile import load_profile
from gep.study import computed

FILES = {"account.csv", "account_labels.csv", "summary.json", "run.json", "ledger.json", "zones.geojson", "run.log"}
FILES |= {"ro-crate-metadata.json"}


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return projects.write(tmp_path / "project")


def process(*arguments: object, **environment: str) -> Outcome:
    """`python -m gep ...` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "gep", *map(str, arguments)],
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    return Outcome(done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding))


def account(folder: Path) -> list[dict[str, str]]:
    with (folder / "account.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def stripped(problem: dict[str, Any]) -> tuple[str, str, str]:
    return problem["code"], problem["severity"], problem["subject"]


# the frame ------------------------------------------------------------------------------------------------------------


def test_version(gep: Gep):
    assert gep("--version") == (0, f"gep {version('gep')}\n", "")


def test_help_lists_the_commands(gep: Gep):
    said = gep("--help")
    assert said.code == 0
    assert all(command in said.out for command in ("run", "check", "coefficients", "profiles", "--version"))


def test_no_command_is_a_usage_error_that_helps(gep: Gep):
    said = gep()
    assert said.code == 2
    assert "Commands" in said.err + said.out


@pytest.mark.parametrize(
    "arguments",
    [("run", "--nope"), ("rum",), ("run", "--threads", "none"), ("run", "--threads", "0"), ("run", "--lang", "fr")],
)
def test_usage_errors(gep: Gep, arguments: tuple[str, ...]):
    said = gep(*arguments)
    assert said.code == 2
    assert "Error" in said.err
    assert said.out == ""


def test_help_is_cheap():
    """Nothing heavy is imported before a command needs it."""
    call = "import sys; sys.argv = ['gep', '--help']\nfrom gep.cli.app import main\ntry: main()\n"
    code = call + "except SystemExit: print(sorted({'numpy', 'rasterio', 'pint', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60)
    assert done.stdout.decode("utf-8").rstrip().endswith("[]")


# run ------------------------------------------------------------------------------------------------------------------


def test_run_writes_the_folder_and_prints_the_tables(gep: Gep, project: Path):
    said = gep("run", project)
    folder = Path("gep-0100-2020")
    assert said.code == 0
    assert {path.name for path in folder.iterdir()} - {"account.parquet"} == FILES
    assert [path.name for path in Path().iterdir()] == [folder.name]
    assert "Testcity 2020" in said.out
    assert "Water retention" in said.out
    assert "Grassland" in said.out
    assert "West" in said.out
    assert f"Written to {folder}" in said.out
    assert "0 errors" in said.err
    assert "Written" not in said.err


def test_run_in_chinese(gep: Gep, project: Path):
    said = gep("run", project, "--lang", "zh")
    assert said.code == 0
    assert all(
        text in said.out for text in ("测试市 2020", "核算科目", "水源涵养", "草地", "价值量（亿元）", "结果已写入")
    )
    assert "Water retention" not in said.out
    assert "个警告" in said.err


def test_the_printed_total_is_the_one_of_the_account(gep: Gep, project: Path):
    """In 亿元 with two digits, under the title that an incomplete account must bear."""
    said = gep("run", project, "-o", "out", "--lang", "zh")
    rows = account(Path("out"))
    total = math.fsum(
        float(row["value"]) for row in rows if row["measure"] == "value" and row["counted"] == "1" and row["value"]
    )
    summary = json.loads(Path("out/summary.json").read_text(encoding="utf-8"))
    assert summary["total"] == {"value": total, "unit": "CNY"}
    title = "已核算服务价值合计（部分）" if not summary["complete"] else "测试市2020年生态产品总值（GEP）"
    (line,) = [line for line in said.out.splitlines() if title in line]
    assert f"{total / 1e8:,.2f}" in line


def test_quantities_say_what_they_are_of(gep: Gep, project: Path):
    """A tonne of SO2 is not one of sulphur, and one of CO2 not one of carbon."""
    (line,) = [line for line in gep("run", project).out.splitlines() if "Sulphur dioxide" in line]
    assert "t SO2" in line


def test_json_is_one_document_and_nothing_else(gep: Gep, project: Path):
    said = gep("run", project, "-o", "out", "--json")
    assert said.code == 0
    assert said.out == Path("out/summary.json").read_text(encoding="utf-8")
    summary = said.document
    assert summary["schema"] == 1
    assert set(summary) >= {
        "study",
        "profile",
        "year",
        "price_year",
        "title",
        "complete",
        "missing",
        "total",
        "by_ecosystem",
        "by_service",
        "by_zone",
        "quantities",
        "coverage",
        "problems",
        "digest",
    }
    assert set(summary["by_zone"]) == {"0101", "0102", "_city"}
    assert all(set(missing) == {"service", "reason", "detail", "required", "zh"} for missing in summary["missing"])


def test_a_stopped_run_as_json(gep: Gep, project: Path):
    (project.parent / "precipitation.tif").unlink()
    said = gep("run", project, "--json")
    assert said.code == 4
    assert set(said.document) == {"schema", "problems", "counts", "error"}
    assert [stripped(p) for p in said.document["problems"]] == [("F01", "error", "precipitation")]
    assert said.document["counts"] == {"error": 1, "warning": 0, "information": 0}
    assert "1 error" in said.document["error"]
    assert "F01 error precipitation" in said.err
    assert not list(Path().iterdir())


def test_problems_have_the_fields_of_the_contract(gep: Gep, project: Path):
    (project.parent / "precipitation.tif").unlink()
    (problem,) = gep("run", project, "--json").document["problems"]
    assert set(problem) == {"code", "severity", "subject", "place", "found", "allowed", "do", "message", "share", "zh"}


def test_quiet(gep: Gep, project: Path):
    assert "R20 warning" in gep("run", project).err  # its layers have one value each
    said = gep("run", project, "--quiet")
    assert said.err == ""
    assert "Water retention" in said.out
    assert gep("check", project, "--quiet").out.splitlines()[:-1] == []


def test_rerun_replaces_the_folder(gep: Gep, project: Path):
    gep("run", project, "-o", "out")
    Path("out/report.xlsx").write_text("of the run before")
    first = json.loads(Path("out/summary.json").read_text(encoding="utf-8"))
    projects.raster(project.parent / "precipitation.tif", 1100.0)
    again = gep("run", project, "-o", "out")
    assert again.code == 0
    assert {path.name for path in Path("out").iterdir()} - {"account.parquet"} == FILES
    assert json.loads(Path("out/summary.json").read_text(encoding="utf-8"))["digest"] != first["digest"]
    assert sorted(path.name for path in Path().iterdir()) == ["out", "out.kept"]
    assert [path.read_text() for path in Path("out.kept").iterdir()] == ["of the run before"]
    assert "out.kept" in again.err
    Path("out/account.csv").write_text("mine")
    assert gep("run", project, "-o", "out").code == 0
    assert Path("out.kept-2/account.csv").read_text() == "mine"


def test_a_stopped_rerun_leaves_the_earlier_run(gep: Gep, project: Path):
    gep("run", project, "-o", "out")
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    (project.parent / "precipitation.tif").unlink()
    assert gep("run", project, "-o", "out").code == 4
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before


def test_the_same_inputs_give_the_same_files(gep: Gep, project: Path):
    gep("run", project, "-o", "a", "--threads", 1)
    gep("run", project, "-o", "b", "--threads", 3)
    for name in FILES - {"run.log"}:
        assert Path("a", name).read_bytes() == Path("b", name).read_bytes(), name


def test_a_folder_may_be_given_for_its_project_file(gep: Gep, project: Path):
    assert gep("run", project.parent, "-o", "out").code == 0


@pytest.mark.parametrize(
    ("code", "name", "folder"), [("", "New Town", "gep-new-town-2020"), ("", "A/B: C", "gep-a-b-c-2020")]
)
def test_default_folder_without_a_code(gep: Gep, tmp_path: Path, code: str, name: str, folder: str):
    assert gep("run", projects.write(tmp_path / "project", study={"code": code, "name": name})).code == 0
    assert [path.name for path in Path().iterdir()] == [folder]


def test_other_zones(gep: Gep, project: Path):
    whole = gep("run", project, "-o", "a", "--json").document
    parks = projects.counties(project.parent / "parks.geojson", codes=("P1", "P2"))
    projects.table(
        project.parent / "statistics.csv", keep=[row for row in projects.STATISTICS if row.startswith("_city")]
    )
    said = gep("run", project, "--zones", parks, "-o", "b", "--json")
    assert said.code == 0
    assert set(said.document["by_zone"]) == {"P1", "P2", "_city"}
    assert said.document["quantities"]["water_retention"] == whole["quantities"]["water_retention"]


def test_no_such_zones_file(gep: Gep, project: Path):
    said = gep("run", project, "--zones", "parks.geojson")
    assert said.code == 2
    assert "parks.geojson" in said.err


def test_a_run_of_a_physical_profile(gep: Gep, tmp_path: Path):
    """Quantities and no money, in what is printed too."""
    project = projects.write(
        tmp_path / "project",
        study={"profile": "hj1173-2021"},
        tables=None,
        methods={"water_retention": {"precipitation": "annual"}},
    )
    said = gep("run", project, "-o", "out")
    assert said.code == 0
    assert "Value" not in said.out
    assert "million m³" in said.out
    assert json.loads(Path("out/summary.json").read_text(encoding="utf-8"))["total"]["value"] is None


def test_many_zones_are_cut_short(gep: Gep, project: Path):
    """33 columns of cells, each a zone: 30 are printed, and where the rest are is said."""
    ring = [projects.square(100 + i * 0.01, 30.0, 100 + (i + 1) * 0.01, 30.3) for i in range(33)]
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"{i:03}", "name_zh": f"z{i:03}", "name_en": ""},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for i, ring in enumerate(ring)
    ]
    (project.parent / "counties.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (project.parent / "statistics.csv").write_text(projects.HEADING + "\n")
    said = gep("run", project, "-o", "out")
    assert said.code == 0
    assert "z029" in said.out
    assert "z030" not in said.out
    assert "3 more zones" in said.out


# what goes where ------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream that calls itself a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_standard_error_alone(gep: Gep, project: Path, monkeypatch: pytest.MonkeyPatch):
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    said = gep("run", project, "--json")
    assert said.code == 0
    assert said.document["schema"] == 1
    assert "Testcity: window" in shown.getvalue()


def test_no_progress_where_standard_error_is_no_terminal(gep: Gep, project: Path):
    assert "window" not in gep("run", project).err


@pytest.mark.parametrize("is_plain", [True, False])
def test_no_color(gep: Gep, project: Path, monkeypatch: pytest.MonkeyPatch, is_plain: bool):
    (project.parent / "precipitation.tif").unlink()
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "xterm-256color")
    if not is_plain:
        monkeypatch.delenv("NO_COLOR")
    assert gep("run", project).code == 4
    assert ("\x1b[31m" in shown.getvalue() or "\x1b[1;31m" in shown.getvalue()) is not is_plain


def test_output_that_is_not_utf8(project: Path, tmp_path: Path):
    """A Chinese Windows console: letters that it lacks become ?, JSON stays whole."""
    said = process("run", project, "-o", tmp_path / "out", "--lang", "zh", PYTHONIOENCODING="gbk")
    assert said.code == 0, said.err
    assert "水源涵养" in said.out
    said = process("run", project, "-o", tmp_path / "out", "--json", PYTHONIOENCODING="gbk")
    assert said.out.isascii()
    assert said.document["study"]["name_zh"] == "测试市"


# check ----------------------------------------------------------------------------------------------------------------


def test_check_as_json(gep: Gep, project: Path):
    said = gep("check", project, "--json")
    assert said.code == 0
    assert set(said.document) == {"schema", "problems", "counts"}
    assert said.document["schema"] == 1
    assert not list(Path().iterdir())


def test_check_of_a_broken_project_file_as_json(gep: Gep, tmp_path: Path):
    said = gep("check", projects.write(tmp_path / "project", study={"yaer": 1}), "--json")
    assert said.code == 3
    assert set(said.document) == {"schema", "problems", "counts", "error"}


def test_check_says_the_same_once(gep: Gep, project: Path):
    """What holds for many services is one message with all their names."""
    said = gep("check", project)
    repeated = [line for line in said.out.splitlines() if "has no equation for it yet" in line]
    assert len(repeated) <= 1


def test_check_counts_in_words(gep: Gep, project: Path):
    """Each layer has one value, classes lack a coefficient of carbon, and each required service of the profile lacks
    something that the project does not give rows, layers or published rates for. With the rain goes the warning of its
    one value, and the water that is retained.
    """
    required = {rule.service for rule in load_profile("ndrc-2022").rules.values() if rule.is_required}
    of_tables = {f"{name}_products" for name in ("crop", "forestry", "livestock", "fishery")} | {"air_purification"}
    lacking = required - of_tables - {"water_retention", "carbon_sequestration"}
    layers, of_carbon = 2, 1
    warnings = layers + of_carbon + len(lacking)
    assert gep("check", project).out.splitlines()[-1].startswith(f"0 errors, {warnings} warnings, ")
    (project.parent / "precipitation.tif").unlink()
    warnings = (layers - 1) + of_carbon + len(lacking | {"water_retention"})
    assert gep("check", project).out.splitlines()[-1].startswith(f"1 error, {warnings} warnings, ")


# coefficients and profiles --------------------------------------------------------------------------------------------


def test_coefficients_list(gep: Gep):
    said = gep("coefficients", "list", "--json")
    (row,) = [row for row in said.document["coefficients"] if row["coefficient"] == "runoff_coefficient"]
    assert (row["unit"], said.document["profile"]) == ("percent", "ndrc-2022")
    assert 0 < row["verified"] <= row["rows"]
    assert "runoff_coefficient" in gep("coefficients", "list").out


def test_coefficients_show(gep: Gep):
    """Gong et al. 2017, table 2: 4.65 % of the rain runs off evergreen broadleaf forest."""
    said = gep("coefficients", "show", "runoff_coefficient", "--ecosystem", "forest")
    assert said.code == 0
    (line,) = [line for line in said.out.splitlines() if line.startswith("forest/evergreen_broadleaf")]
    assert all(text in line for text in ("4.65", "percent", "gong-2017, Table 2", "verified"))
    assert "doi 10.5846/stxb201512012406" in said.out
    assert "grassland" not in said.out


def test_coefficients_show_as_json(gep: Gep):
    rows = gep("coefficients", "show", "runoff_coefficient", "-e", "forest", "--json").document["rows"]
    assert {row["ecosystem"] for row in rows} == {"forest"}
    (row,) = [row for row in rows if row["land_class"] == "evergreen_broadleaf"]
    assert (row["value"], row["unit"], row["source"], row["status"]) == (4.65, "percent", "gong-2017", "verified")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("runof_coefficient",), "Did you mean `runoff_coefficient`"),
        (("runoff_coefficient", "--ecosystem", "forrest"), "Did you mean `forest`?"),
    ],
)
def test_coefficients_show_with_a_typo(gep: Gep, arguments: tuple[str, ...], hint: str):
    said = gep("coefficients", "show", *arguments)
    assert said.code == 2
    assert hint in said.err
    assert said.out == ""


def test_shipped_data_are_sound(gep: Gep):
    said = gep("coefficients", "check")
    assert said.code == 0, said.out
    assert "rows checked" in said.out


def test_coefficients_check_lists_every_line(gep: Gep):
    projects.table(
        Path("mine.csv"),
        "runoff_coefficient,forrest,,5,percent,,report",
        "runoff_coefficient,forest,,5,percent,,report",
        "runoff_coefficient,forest,,five,percent,,report",
        "reservoir_cost,,,8,CNY/m^3,,report",
        "runoff_coefficient,forest,,6,percent,,report",
        "runoff_coefficient,shrub,,6,kg,,report",
        heading=projects.COEFFICIENT_HEADING,
        keep=(),
    )
    said = gep("coefficients", "check", "mine.csv")
    assert said.code == 4
    assert all(f"mine.csv, line {line}" in said.out for line in (2, 4, 5, 6, 7))
    as_json = gep("coefficients", "check", "mine.csv", "--json")
    assert as_json.code == 4
    assert as_json.document["counts"]["error"] == 5


def test_coefficients_check_of_no_file(gep: Gep):
    said = gep("coefficients", "check", "mine.csv")
    assert said.code == 2
    assert "mine.csv" in said.err


def test_profiles_list(gep: Gep):
    said = gep("profiles", "list", "--json")
    listed = {profile["id"]: profile for profile in said.document["profiles"]}
    assert listed["ndrc-2022"]["level"] == "provisional"
    assert listed["hj1173-2021"]["kind"] == "physical"
    assert "生态产品总值核算规范" in gep("profiles", "list").out


def test_profiles_show(gep: Gep):
    said = gep("profiles", "show", "ndrc-2022")
    assert said.code == 0
    assert "Water retention" in said.out
    assert "●" in said.out
    assert "Provisional" in said.out
    assert "水源涵养" in gep("profiles", "show", "ndrc-2022", "--lang", "zh").out
    services = gep("profiles", "show", "ndrc-2022", "--json").document["services"]
    assert services["water_retention"]["methods"]["negative"] == "keep"


@pytest.mark.parametrize(
    "arguments", [("profiles", "show", "ndrc-2023"), ("coefficients", "list", "--profile", "ndrc-2023")]
)
def test_unknown_profile(gep: Gep, arguments: tuple[str, ...]):
    said = gep(*arguments)
    assert said.code == 3
    assert "Did you mean `ndrc-2022`?" in said.err


# faults ---------------------------------------------------------------------------------------------------------------


def failing(error: BaseException) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_fault_of_ours(
    gep: Gep, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[str, ...]
):
    monkeypatch.setattr(computed, "make_account", failing(RuntimeError("the cat sat on it")))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    said = gep("run", project, *options)
    assert said.code == 1
    assert "Internal error: RuntimeError: the cat sat on it" in said.err
    assert "Traceback" not in said.err + said.out
    (log,) = tmp_path.glob("gep-*.log")
    assert log.name in said.err
    assert "Traceback" in log.read_text(encoding="utf-8")
    assert not list(Path().iterdir())
    if options:
        assert "the cat sat on it" in said.document["error"]
        assert said.document["problems"] == []


def test_interrupted(gep: Gep, project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(computed, "make_account", failing(KeyboardInterrupt()))
    said = gep("run", project)
    assert said.code == 130
    assert "Interrupted. Nothing was written." in said.err
    assert not list(Path().iterdir())


def test_interrupted_while_writing(gep: Gep, project: Path, monkeypatch: pytest.MonkeyPatch):
    """The folder of the earlier run stays whole, and no temporary one is left."""
    from gep.study import folder as output

    gep("run", project, "-o", "out")
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    monkeypatch.setattr(output, "write_json", failing(KeyboardInterrupt()))
    assert gep("run", project, "-o", "out").code == 130
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == before
    assert [path.name for path in Path().iterdir()] == ["out"]


def test_full_disk(gep: Gep, project: Path, monkeypatch: pytest.MonkeyPatch):
    from gep.study import folder as output

    monkeypatch.setattr(output, "write_json", failing(OSError(28, "No space left on device")))
    said = gep("run", project, "-o", "out")
    assert said.code == 2
    assert "disk is full" in said.err
    assert not list(Path().iterdir())


def test_a_feature_that_is_not_installed(gep: Gep, project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    said = gep("run", project, "--workers", 1)
    assert said.code == 6
    assert 'pip install "gep[dask]"' in said.err
    assert not list(Path().iterdir())


# processes ------------------------------------------------------------------------------------------------------------


def test_as_a_process(project: Path, tmp_path: Path):
    said = process("check", project)
    assert (said.code, said.err) == (0, "")
    (project.parent / "precipitation.tif").unlink()
    said = process("run", project, "-o", tmp_path / "out")
    assert said.code == 4
    assert said.out == ""
    assert "F01 error precipitation" in said.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
def test_a_standard_output_that_takes_nothing():
    """Finding F23: a full disk behind a redirection is told, and is no fault of ours."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "gep", "profiles", "list"]
        said = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    assert said.returncode == 2
    assert "The output cannot be written: the disk is full" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_header_in_letters_that_are_none_shows_no_traceback(project: Path):
    """GDAL quotes such letters in a warning, which rasterio cannot read."""
    path = project.parent / "precipitation.tif"
    with rasterio.open(path, "r+") as file:
        file.update_tags(1, season="wet")
    raw = path.read_bytes()
    assert raw.count(b"<Item name=") == 1
    path.write_bytes(raw.replace(b"<Item name=", b"<Item \xf1ame "))
    said = process("check", project)
    assert "Traceback" not in said.err


def test_workers_give_the_same_digest(gep: Gep, project: Path, tmp_path: Path):
    pytest.importorskip("distributed")
    here = gep("run", project, "-o", tmp_path / "a", "--json").document
    said = process("run", project, "-o", tmp_path / "b", "--workers", 1, "--json")
    assert said.code == 0, said.err
    assert said.document["digest"] == here["digest"]
    assert "1 process" in (tmp_path / "b" / "run.log").read_text(encoding="utf-8")
