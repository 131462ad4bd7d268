"""A disk that takes no more, or is read-only: every command says so, and leaves nothing half written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import projects
import pytest
from filled_forms import call
from rasterio.errors import RasterioIOError

from gep.core import folders
from gep.study.sample import city

FULL = "磁盘空间已满"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that is sound, with nothing beside it."""
    projects.write(tmp_path / "project")
    return tmp_path / "project"


def commands(project: Path, out: Path) -> dict[str, tuple[object, ...]]:
    """What writes files, and where to."""
    return {
        "init": ("init", out),
        "draft": ("init", out, "--from", project, "--no-input"),
        "forms": ("forms", "make", project, "--out", out),
        "list": ("inputs", "ndrc-2022", "--xlsx", out),
        "lock": ("data", "lock", project),
        "run": ("run", project, "--out", out),
    }


def full_at(monkeypatch: pytest.MonkeyPatch, disk: Path, number: int) -> None:
    """A disk on which half of the so-many-th file has room."""
    seen = 0

    def half_of(write: Callable[..., int]) -> Callable[..., int]:
        def written(path: Path, content: str | bytes, *more: object, **named: object) -> int:
            nonlocal seen
            seen += path.absolute().is_relative_to(disk)
            if seen == number and path.absolute().is_relative_to(disk):
                write(path, content[: len(content) // 2], *more, **named)
                raise OSError(28, "No space left on device")
            return write(path, content, *more, **named)

        return written

    for name in ("write_text", "write_bytes"):
        monkeypatch.setattr(Path, name, half_of(getattr(Path, name)))


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("init", 1),
        ("init", 2),
        ("draft", 1),
        ("forms", 1),
        ("forms", 2),
        ("list", 1),
        ("lock", 1),
        ("run", 1),
        ("run", 2),
    ],
)
def test_a_disk_that_is_full(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int):
    before = everything(tmp_path)
    full_at(monkeypatch, tmp_path, number)
    said = call(*commands(project, tmp_path / "out")[name])
    assert said.exit_code == 2, said.output
    assert FULL in said.output
    assert everything(tmp_path) == before


def test_a_disk_that_is_full_when_rasters_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def half(folder: Path, _: int) -> None:
        (folder / "land_cover.tif").write_bytes(b"II*")
        raise RasterioIOError("Write failed")

    monkeypatch.setattr(city, "_write_maps", half)
    said = call("init", tmp_path / "out")
    assert said.exit_code == 2, said.output
    assert "内部错误" not in said.output
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_folder_without_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Finding F23: the sample city of `demo` is made in it."""

    def full(folder: Path, _: int) -> None:
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr(city, "_write_maps", full)
    said = call("demo", "--out", tmp_path / "out")
    assert said.exit_code == 2, said.output
    assert FULL in said.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["init", "draft", "forms", "list", "run"])
def test_a_disk_that_is_read_only(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system", str(path))

    city.write_sample_city(tmp_path / "drawn")  # before, where the session has not drawn it yet
    place = tmp_path / "disk" / "out"
    command = commands(project, place)[name]
    for way in ("mkdir", "write_text", "write_bytes"):
        monkeypatch.setattr(Path, way, refuse)
    said = call(*command)
    assert said.exit_code == 2, said.output
    assert "磁盘只读" in said.output or "没有" in said.output
    assert not place.exists()


@pytest.mark.parametrize("changed", [False, True])
def test_replies_on_a_disk_that_is_full(
    tmp_path: Path, sample_city: Path, monkeypatch: pytest.MonkeyPatch, changed: bool
):
    """The tables of an earlier reading stay, or none are there."""
    forms = tmp_path / "forms"
    assert call("forms", "make", sample_city, "--out", forms).exit_code == 0
    if changed:
        assert call("forms", "read", forms).exit_code == 0
    before = everything(tmp_path)
    full_at(monkeypatch, tmp_path, 1)
    said = call("forms", "read", forms)
    assert said.exit_code == 2
    assert FULL in said.output
    assert everything(tmp_path) == before


def test_what_was_killed_while_it_wrote_a_file(tmp_path: Path, project: Path):
    """The file of before is whole, and the next call takes what was left away."""
    assert call("data", "lock", project).exit_code == 0
    lock = (project / "gep.lock").read_bytes()
    left = project / f".gep.lock.{folders._host()}.{2**22 + 1}.tmp"  # no system has so many processes
    left.write_text("# Written by", encoding="utf-8")
    assert call("data", "lock", project).exit_code == 0
    assert (project / "gep.lock").read_bytes() == lock
    assert not left.exists()
