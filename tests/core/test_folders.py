"""Folders that appear as a whole or not at all, and what processes leave that were killed on the way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gep.core import folders
from gep.core.folders import atomic_folder, files_into, recover


def write(folder: Path, text: str | None) -> None:
    with atomic_folder(folder) as fresh:
        (fresh / "a.txt").write_text(text, encoding="utf-8")  # type: ignore[arg-type]  # fails of None, half way


def left(folder: Path, process: int, ending: str, text: str, host: str | None = None) -> Path:
    """What a process leaves beside a folder when it is killed."""
    place = folder.with_name(f".{folder.name}.{host or folders._host()}.{process}.{ending}")
    place.mkdir()
    (place / "a.txt").write_text(text, encoding="utf-8")
    return place


def text_in(folder: Path) -> str:
    return (folder / "a.txt").read_text(encoding="utf-8")


@pytest.fixture
def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def running() -> Iterator[int]:
    """The number of another process that runs."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process.pid
    process.kill()
    process.communicate()


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_folder_is_replaced_as_a_whole(tmp_path, monkeypatch, can_exchange):
    if not can_exchange:
        monkeypatch.setattr(folders, "_exchanged", lambda one, other: False)
    for text in ("1", "2"):
        write(tmp_path / "out", text)
        assert text_in(tmp_path / "out") == text
    with pytest.raises(TypeError):
        write(tmp_path / "out", None)
    assert text_in(tmp_path / "out") == "2"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_a_killed_process_moved_aside_is_put_back(tmp_path, ended):
    left(tmp_path / "out", ended, "old", "earlier")
    left(tmp_path / "out", ended, "tmp", "half")
    recover(tmp_path / "out")
    assert text_in(tmp_path / "out") == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_stands_under_its_name_stays(tmp_path, ended):
    write(tmp_path / "out", "whole")
    left(tmp_path / "out", ended, "old", "earlier")
    recover(tmp_path / "out")
    assert text_in(tmp_path / "out") == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_is_of_others_is_left_alone(tmp_path, ended, running):
    """Finding F26."""
    others = [
        left(tmp_path / "out", running, "tmp", "under way"),
        left(tmp_path / "out", ended, "tmp", "of another machine", host="elsewhere"),
        left(tmp_path / "other", ended, "tmp", "of another folder"),
    ]
    write(tmp_path / "out", "whole")
    assert all(place.is_dir() for place in others)


def test_a_link_stays_a_link(tmp_path):
    """Finding F26."""
    (tmp_path / "disk").mkdir()
    link = tmp_path / "out"
    try:
        link.symlink_to(tmp_path / "disk" / "results", target_is_directory=True)
    except OSError:
        pytest.skip("this system lets this user make no links")
    for text in ("1", "2"):
        write(link, text)
        assert link.is_symlink()
        assert text_in(tmp_path / "disk" / "results") == text


def test_tables_of_an_earlier_writing_go_with_the_next(tmp_path):
    """What the patterns name and the new writing did not make is gone; all else stays, also after a failure."""
    for name in ("T09.csv", "T09_old.csv", "mine.csv"):
        (tmp_path / name).write_text("old", encoding="utf-8")

    def broken():
        with files_into(tmp_path, ("T09*.csv",)) as fresh:
            (fresh / "T09.csv").write_text("new", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["T09.csv", "T09_old.csv", "mine.csv"]
    with files_into(tmp_path, ("T09*.csv",)) as fresh:
        (fresh / "T09.csv").write_text("new", encoding="utf-8")
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {
        "T09.csv": "new",
        "mine.csv": "old",
    }
