"""A process that is killed, or fails, before each call to the system in turn: the whole old set or the whole new."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from gep.core import folders
from gep.core.errors import UsageError
from gep.core.folders import atomic_folder, recover

DRIVER = """
import json, os, shutil, sys
from pathlib import Path
from gep.core import folders
from gep.core.errors import UsageError

way, place, wanted, effect = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]
write = getattr(folders, way)
if wanted == "by_two_renames":
    folders._exchanged = lambda one, other: False

OLD = {"a.txt": "old", "many/x.txt": "old"}
NEW = {"a.txt": "new", "b.txt": "new", "many/x.txt": "new", "many/y.txt": "new"}
BESIDE = {} if way == "atomic_folder" else {"mine.txt": "kept"}

def put(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

def held(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}

def act(folder):
    with write(folder) as fresh:
        put(fresh, NEW)

def at_step(number):  # counts what Python is about to ask of the system
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        if event.startswith("os.") or event == "open":
            seen += 1
            if seen == number:
                if effect == "killed":
                    os._exit(KILLED)
                raise OSError(28, "No space left on device")
    sys.addaudithook(hook)
    return lambda: seen >= number

DONE, DONE_ALL_THE_SAME, FAILED, KILLED = range(4)

def in_a_child(number, task):
    child = os.fork()
    if child == 0:
        is_reached = at_step(number)
        try:
            task()
        except (OSError, UsageError):
            os._exit(FAILED)
        os._exit(DONE_ALL_THE_SAME if is_reached() else DONE)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def state(folder):
    names = held(folder)
    beside = {name: names.pop(name, None) for name in BESIDE}
    left = sorted(path.name for path in folder.parent.iterdir() if path != folder)
    what = "old" if names == OLD else "new" if names == NEW else repr(names)
    return what if beside == BESIDE and not left else f"{what} {beside} {left}"

found = []
for first in range(1, 500):
    for second in range(1, 500):
        shutil.rmtree(place, ignore_errors=True)
        folder = place / "out"
        put(folder, OLD | BESIDE)
        code = in_a_child(first, lambda: act(folder))
        again = in_a_child(second, lambda: folders.recover(folder)) if code == KILLED else DONE
        folders.recover(folder)
        found.append([code, state(folder)])
        if again == DONE:
            break
    if code == DONE:
        break
print(json.dumps(found))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a child that shares what is loaded is a fork")
@pytest.mark.parametrize("effect", ["killed", "failing"])
@pytest.mark.parametrize(
    ("way", "renames"),
    [("atomic_folder", "as_the_system_can"), ("atomic_folder", "by_two_renames"), ("files_into", "as_the_system_can")],
)
def test_the_whole_old_set_or_the_whole_new(tmp_path, way, renames, effect):
    place = tmp_path / "place"
    said = subprocess.run(
        [sys.executable, "-c", DRIVER, way, str(place), renames, effect], capture_output=True, text=True, check=True
    )
    found = json.loads(said.stdout)
    assert len(found) > 20
    assert found[-1] == [0, "new"]  # at a step that is never reached, all goes well
    assert {state for _, state in found} == {"old", "new"}
    if effect == "failing":  # who is told of a failure finds what was there before
        assert {state for code, state in found if code == 2} == {"old"}


def test_what_this_process_left_is_no_longer_under_way(tmp_path):
    """In a container the next program may have the number of the one that was killed."""
    folder = tmp_path / "out"
    (tmp_path / f".out.{folders._host()}.{os.getpid()}.old").mkdir()
    recover(folder)
    assert folder.is_dir()


def test_what_cannot_be_put_back_is_told_and_stays(tmp_path, monkeypatch):
    left = tmp_path / f".out.{folders._host()}.{os.getpid()}.old"
    left.mkdir()

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(UsageError, match="cannot be put back: permission is denied") as stop:
        recover(tmp_path / "out")
    assert str(left) in stop.value.in_language("zh")
    assert left.is_dir()


def test_the_hidden_folders_go_where_the_folder_goes(tmp_path):
    """What was complete when the process was killed comes into the folder it is of, not into another of its name."""
    folder = tmp_path / "out"
    left = folder / f".files.{folders._host()}.{os.getpid()}.new"
    left.mkdir(parents=True)
    (left / "a.txt").write_text("new", encoding="utf-8")
    folder.rename(tmp_path / "renamed")
    with atomic_folder(folder) as fresh:
        (fresh / "a.txt").write_text("another", encoding="utf-8")
    recover(folder)
    recover(tmp_path / "renamed")
    assert (folder / "a.txt").read_text(encoding="utf-8") == "another"
    assert (tmp_path / "renamed" / "a.txt").read_text(encoding="utf-8") == "new"
