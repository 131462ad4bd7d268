"""A report is made as a whole or not at all, beside a run that it never touches."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import builders
import numpy as np
import projects
import pytest
from builders import FOREST, block, raster, water_layers, zones
from projects import Gep

from gep.account.account import Account
from gep.core.errors import MissingFeatureError, UsageError
from gep.report import make
from gep.report.make import Maker, make_report, write_report
from gep.report.options import ReportOptions
from gep.study.folder import REPORTS, write_run
from gep.study.run import REPORT, read_run

SHAPE = (4, 6)


@pytest.fixture(scope="module")
def account() -> Account:
    cover = raster(np.full(SHAPE, FOREST, dtype=np.uint8))
    counties = zones(block(0, 0, 3, 4), block(3, 0, 6, 4))
    return builders.make_study(cover, water_layers(SHAPE), counties, of=("water_retention",)).run()


@pytest.fixture
def run(account: Account, tmp_path: Path) -> Path:
    write_run(account, tmp_path / "run")
    return tmp_path / "run"


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def room(monkeypatch: pytest.MonkeyPatch, name: str, write: object) -> None:
    """A room that is installed and makes files of its own."""
    module = ModuleType(f"gep.report.{name}")
    module.write = write
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(make.MAKERS, "docx", Maker(module.__name__, ("report.docx",)))
    monkeypatch.setitem(make.MAKERS, "bulletin", Maker(module.__name__, ("bulletin.docx",)))


def two_files(account, folder, options):
    for name in ("report.docx", "bulletin.docx"):
        (folder / name).write_text(f"{name} in {options.lang}", encoding="utf-8")


def nothing_there(monkeypatch: pytest.MonkeyPatch, *kinds: str) -> None:
    for kind in kinds:
        monkeypatch.setitem(make.MAKERS, kind, Maker("gep.report.no_such_room.write", (kind,), "an_extra"))


def test_a_report_stands_beside_a_run_that_stays_as_it_was(run):
    before = content(run)
    written = read_run(run).report(run, "xlsx", lang="en")
    assert [path.name for path in written] == ["open.xlsx", "report.xlsx"]
    after = content(run)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"report.xlsx", "open.xlsx", REPORT}
    listed = json.loads(after[REPORT])
    assert listed["run_id"] == read_run(run).about.run_id
    assert [(file["file"], file["lang"], file["bytes"]) for file in listed["files"]] == [
        (name, "en", len(after[name])) for name in ("open.xlsx", "report.xlsx")
    ]
    assert sorted(path.name for path in run.parent.iterdir()) == ["run"]


def test_a_run_with_a_report_is_replaced_and_audited_as_one_without(account, run, gep: Gep):
    write_report(account, run, "xlsx")
    found = json.loads(gep("audit", run, "--json").out)
    assert found["unreadable"] == found["findings"] == []
    assert not any("xlsx" in skipped["file"] for skipped in found["skipped"])
    assert write_run(account, run) is None
    assert not (run / "report.xlsx").exists()
    assert sorted(path.name for path in run.parent.iterdir() if path.name != "here") == ["run"]


def test_what_somebody_changed_is_kept_when_it_is_made_anew(account, run, monkeypatch):
    room(monkeypatch, "two", two_files)
    assert make_report(account, run, ["docx"]).kept is None
    assert make_report(account, run, ["docx"]).kept is None, "our own file is not kept"
    (run / "report.docx").write_text("with prose of the office", encoding="utf-8")
    kept = make_report(account, run, ["docx"]).kept
    assert content(kept) == {"report.docx": b"with prose of the office"}
    assert (run / "report.docx").read_text(encoding="utf-8") == "report.docx in zh"


def test_only_what_is_asked_for_is_made_and_what_was_made_before_stays(account, run, monkeypatch):
    room(monkeypatch, "two", two_files)
    made = make_report(account, run, ["bulletin"])
    assert [file["file"] for file in made.files] == ["bulletin.docx"]
    make_report(account, run, ["docx"], ReportOptions("en"))
    listed = json.loads((run / REPORT).read_text(encoding="utf-8"))["files"]
    assert [(file["file"], file["lang"]) for file in listed] == [("bulletin.docx", "zh"), ("report.docx", "en")]


def test_all_or_nothing(account, run, monkeypatch):
    """The second room fails when the first has written: nothing of either is there, and what was there stays."""
    write_report(account, run, "xlsx")
    before = content(run)

    def fail(account, folder, options):
        (folder / "report.docx").write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    room(monkeypatch, "failing", fail)
    with pytest.raises(UsageError, match="cannot be written"):
        make_report(account, run, ["xlsx", "docx"], ReportOptions("en"))
    assert content(run) == before
    assert [path.name for path in run.parent.iterdir()] == ["run"]


def test_a_file_that_cannot_be_moved_in_leaves_all_as_it_was(account, run, monkeypatch):
    room(monkeypatch, "two", two_files)
    make_report(account, run, ["docx", "bulletin"])
    before = content(run)
    rename = Path.rename

    def stubborn(path, target):
        if Path(target).name == "report.docx" and Path(target).parent == run:
            monkeypatch.setattr(Path, "rename", rename)
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stubborn)
    with pytest.raises(UsageError):
        make_report(account, run, ["docx", "bulletin"], ReportOptions("en"))
    assert content(run) == before


def test_what_is_not_installed_is_left_out_or_named(account, run, monkeypatch):
    others = [kind for kind in make.MAKERS if kind != "xlsx"]
    nothing_there(monkeypatch, *others)
    made = make_report(account, run)
    assert list(made.left_out) == others
    assert {file["file"] for file in made.files} == {"report.xlsx", "open.xlsx"}
    with pytest.raises(MissingFeatureError, match=r"--docx.*gep\[an_extra\]"):
        make_report(account, run, ["xlsx", "docx"])


def test_a_fault_of_ours_is_not_taken_for_what_is_not_installed(account, run, monkeypatch):
    monkeypatch.setitem(make.MAKERS, "docx", Maker("gep.report.faulty.write", ("report.docx",)))

    def faulty(name):
        raise ModuleNotFoundError("no module", name="gep.core.no_such_file")

    monkeypatch.setattr(make, "import_module", faulty)
    with pytest.raises(ModuleNotFoundError):
        make_report(account, run, ["docx"])


@pytest.mark.parametrize(
    ("kinds", "options", "said"),
    [
        (("xlxs",), {}, "`xlxs`"),
        (("xlsx",), {"lang": "fr"}, "`fr`"),
        (("xlsx",), {"shares": "rounded"}, "`rounded`"),
        (("xlsx",), {"template": "nowhere"}, "nowhere"),
    ],
)
def test_wrong_words_are_told_with_those_that_there_are(account, tmp_path, kinds, options, said):
    with pytest.raises(UsageError) as wrong:
        write_report(account, tmp_path / "new", *kinds, **options)
    assert said in str(wrong.value)
    assert said in wrong.value.in_language("zh")
    assert not (tmp_path / "new").exists()


def test_names_of_files_are_those_that_a_run_folder_may_hold():
    reports = {name for maker in make.MAKERS.values() for name in maker.names}
    of_uncertainty = {"uncertainty.csv", "uncertainty.json", "uncertainty"}  # by `gep uncertainty`
    assert reports | of_uncertainty | {REPORT} == set(REPORTS)


# the command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def test_the_command_makes_what_it_is_asked_for(gep: Gep, run: Path):
    said = gep("report", run, "--xlsx", "--lang", "zh-en")
    assert said.code == 0
    assert [line.split("（")[0] for line in said.out.splitlines()] == [
        f"{run / name}" for name in ("open.xlsx", "report.xlsx")
    ]
    listed = json.loads(gep("report", run, "--xlsx", "--shares", "adjusted", "--json").out)
    assert [(file["file"], file["lang"], file["shares"]) for file in listed["files"]] == [
        ("open.xlsx", "en", "adjusted"),
        ("report.xlsx", "en", "adjusted"),
    ]


def test_the_command_on_what_is_no_run(gep: Gep, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    said = gep("report", tmp_path / "empty", "--xlsx")
    assert said.code == 2
    assert list((tmp_path / "empty").iterdir()) == []


def test_run_makes_a_report_on_request(gep: Gep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    nothing_there(monkeypatch, *(kind for kind in make.MAKERS if kind != "xlsx"))
    said = gep("run", projects.write(tmp_path / "project"), "--out", tmp_path / "out", "--report")
    assert said.code == 0
    assert {"report.xlsx", "open.xlsx", REPORT, "account.csv"} <= {path.name for path in (tmp_path / "out").iterdir()}
    assert "--docx" in said.err
    assert (tmp_path / "out" / "maps" / "ecosystems.tif").is_file()  # a report shows maps
    again = gep("run", tmp_path / "project", "--out", tmp_path / "out", "--report")
    assert again.code == 0
    assert not (tmp_path / "out.kept").exists()


@pytest.mark.parametrize(
    ("error", "code"), [(OSError(28, "No space left"), 2), (ZeroDivisionError("a bug"), 1), (KeyboardInterrupt(), 130)]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_report_that_fails_after_its_run(
    gep: Gep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, language: str
):
    """What is said is what is there: the run, and nothing of the report."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(make, "_write", fail)
    said = gep("run", projects.write(tmp_path / "project"), "--out", tmp_path / "out", "--report", "--lang", language)
    assert said.code == code
    whole = {
        "en": "The run was written to {0} before, and is whole; of its report nothing was written. `gep report {0}`"
    }
    whole["zh"] = "在此之前，核算结果已完整写入 {0}；报告未写入，可用 `gep report {0}` 生成。"
    assert whole[language].format(tmp_path / "out") in said.err
    assert "Nothing was written" not in said.err
    assert "未写入任何内容" not in said.err
    assert read_run(tmp_path / "out").entries
    assert not (tmp_path / "out" / REPORT).exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_one_document_where_a_report_fails(gep: Gep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise OSError(28, "No space left")

    monkeypatch.setattr(make, "_write", fail)
    said = gep("run", projects.write(tmp_path / "project"), "--out", tmp_path / "out", "--report", "--json")
    assert said.code == 2
    assert f"The run was written to {tmp_path / 'out'} before" in json.loads(said.out)["error"]


def test_a_run_that_is_interrupted_wrote_nothing(gep: Gep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gep.study.folder._write_account", fail)
    said = gep("run", projects.write(tmp_path / "project"), "--out", tmp_path / "out")
    assert (said.code, said.err.strip()) == (130, "Interrupted. Nothing was written.")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "here",
        "project",
    ]
