"""An audit of the folder of a run of ours: its own files, what is damaged, names in both languages."""

import json
import shutil

import projects
import pytest

from gep.audit.audit import audit
from gep.core.errors import UsageError


@pytest.fixture
def gep(monkeypatch, capsys, tmp_path):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.fixture
def our_run(gep, tmp_path):
    """A finished run of ours."""
    projects.write(tmp_path / "project")
    assert gep("run", tmp_path / "project" / "gep.toml", "--out", tmp_path / "run", "--maps", "--quiet").code == 0
    return tmp_path / "run"


def test_the_other_files_of_a_run_are_not_what_was_skipped(gep, our_run):
    assert {path.name for path in our_run.iterdir()} >= {"ledger.json", "run.log", "maps"}
    (our_run / "letter.pdf").write_bytes(b"%PDF")
    (our_run.parent / "run.json").write_text("{}", encoding="utf-8")  # beside no account
    document = json.loads(gep("audit", our_run, "--json").out)
    assert [skipped["file"] for skipped in document["skipped"]] == ["letter.pdf"]
    document = json.loads(gep("audit", our_run.parent, "--json").out)
    skipped = {one["file"] for one in document["skipped"]}
    assert {"run/letter.pdf", "run.json"} <= skipped
    assert not {file for file in skipped if file.startswith("run/")} - {"run/letter.pdf"}


@pytest.mark.parametrize("name", ["summary.json", "run.json"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_run_that_is_damaged_is_refused_as_everywhere(gep, our_run, name, language):
    (our_run / name).write_text("{", encoding="utf-8")
    said = gep("audit", our_run, "--lang", language)
    explained = gep("explain", our_run, "_city", "water_retention", "--lang", language)
    assert said.code == explained.code == 2
    assert said.err == explained.err
    assert name in said.err


@pytest.mark.parametrize("text", ["{}", "{", '{"schema": 1, "run_id": 3}'])
def test_a_damaged_ledger_is_told_and_the_account_checked_all_the_same(gep, our_run, text):
    before = len(audit(our_run).holds)
    (our_run / "ledger.json").write_text(text, encoding="utf-8")
    found = audit(our_run)
    assert len(found.holds) == before
    (one,) = [check for check in found.cannot_tell if check.kind == "run"]
    assert str(our_run) in one.sentence
    explained = gep("explain", our_run, "_city", "water_retention")
    assert (explained.code, str(one.sentence) in explained.err) == (2, True)


def test_every_run_of_a_folder_that_is_damaged_is_named(our_run):
    shutil.copytree(our_run, our_run.parent / "second")
    for folder in ("run", "second"):
        (our_run.parent / folder / "run.json").unlink()
    with pytest.raises(UsageError) as error:
        audit(our_run.parent)
    said = error.value.message.splitlines()
    assert [line.partition(" is only a part")[0] for line in said] == [
        str(our_run.parent / folder) for folder in ("run", "second")
    ]


def test_the_sums_of_a_run_have_names_in_both_languages(our_run):
    subjects = [check.subject for check in audit(our_run).holds if check.kind == "run"]
    assert "total of water retention" in [subject.lower() for subject in subjects]
    assert "水源涵养合计" in [subject.zh for subject in subjects]
    assert not [subject for subject in subjects if "by_" in subject.zh or "by_" in subject]
