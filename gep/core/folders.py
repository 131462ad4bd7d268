"""Files and folders that appear as a whole or not at all, whenever the process is killed, and files that join a folder
together.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gep.core.errors import UsageError, failure
from gep.core.messages import say

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
"""Of Linux: paths from the working folder; two names change places in one step (renameat2)."""

_QUERY, _STILL_ACTIVE = 0x1000, 259
"""Of Windows: the right to ask after a process, and the exit code of one that has none yet."""


def files_below(folder: Path) -> list[Path]:
    """Every file in a folder and those below it that can be seen; what may not be looked at is left out."""
    found = (Path(above) / name for above, _, names in os.walk(folder) for name in names)
    return sorted(path for path in found if os.path.isfile(path))


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """A hidden folder to write into, which takes the place of `folder` once it is complete. If anything fails on the
    way, whatever lay at `folder` before lies there again. Of a link, what it points to is replaced.

    A process that is killed leaves its hidden folder behind; the next one for the same name on the same machine removes
    it, and puts back what a kill between two renames left without its name.
    """
    folder = real_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    recover(folder)
    with _hidden(folder.parent, folder.name, "tmp", "old") as (fresh, old):
        try:
            fresh.mkdir()
            yield fresh
            if not folder.exists():
                fresh.rename(folder)
            elif not _exchanged(fresh, folder):
                folder.rename(old)
                fresh.rename(folder)
        finally:
            if old.exists() and not folder.exists():
                old.rename(folder)
            for left in (fresh, old):
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def files_into(folder: Path, retired: Sequence[str] = ()) -> Iterator[Path]:
    """A hidden folder to write into, whose files and folders then take their places in `folder`, over what bears their
    names there. If anything fails on the way, `folder` holds what it held before, and all else in it is never touched,
    but for what `retired` names (patterns): files that an earlier writing made and this one did not.

    What is complete gets a name of its own before the first of it moves. The next process removes what one left that
    was killed before, and moves in the rest of what one left that was killed after: all of it is there, or nothing. The
    hidden folders are in `folder`, and go where that goes.
    """
    folder = real_place(folder)
    if not folder.exists():
        with atomic_folder(folder) as fresh:
            yield fresh
        return
    recover(folder)
    with _hidden(folder, _FILES, "tmp", "new", "old") as (fresh, new, old):
        try:
            fresh.mkdir()
            yield fresh
            names = sorted(path.name for path in fresh.iterdir())
            old.mkdir()
            fresh.rename(new)
            try:
                _move_in(new, folder, old)
                new.rmdir()
            except BaseException:
                _move_back(names, new, folder, old)
                new.rename(fresh)
                raise
            for path in {path for pattern in retired for path in folder.glob(pattern)}:
                if path.name not in names:
                    path.rename(old / path.name)
        finally:
            if not new.exists():
                for left in (fresh, old):
                    shutil.rmtree(left, ignore_errors=True)


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A hidden file to write, which takes the place of `path` once it is complete. Of a link, what it points to is
    replaced.
    """
    path = real_place(path)
    for left in _left_of_ended(path.parent, path.name):
        left.unlink()
    with _hidden(path.parent, path.name, "tmp") as (fresh,):
        try:
            yield fresh
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)


def _move_in(new: Path, folder: Path, old: Path) -> None:
    """Move all that lies in one folder into another, and what it replaces there to a third; in as many goes as it
    takes.
    """
    for path in sorted(new.iterdir()):
        place = folder / path.name
        if os.path.lexists(place):
            place.rename(old / path.name)
        path.rename(place)


def _move_back(names: Sequence[str], new: Path, folder: Path, old: Path) -> None:
    """Undo what was done of such a move."""
    for name in names:
        if not os.path.lexists(new / name):
            (folder / name).rename(new / name)
        if os.path.lexists(old / name):
            (old / name).rename(folder / name)


def real_place(folder: Path) -> Path:
    """The folder or file itself: of a link what it points to, which need not be there yet."""
    return folder.resolve() if folder.is_symlink() else folder.absolute()


def recover(folder: Path) -> None:
    """Put right what killed processes left of a folder: put back what was moved aside, move in the rest of what was
    complete, remove what was not. Raises UsageError where the system does not let it.
    """
    left = folder = real_place(folder)
    try:
        for left in _left_of_ended(folder.parent, folder.name):
            if left.suffix == ".old" and not folder.exists():
                left.rename(folder)
            else:
                shutil.rmtree(left, ignore_errors=True)
        for left in _left_of_ended(folder, _FILES):  # what is new before what it replaces
            if left.suffix == ".new":
                _move_in(left, folder, left.with_suffix(".old"))
                left.rmdir()
            else:
                shutil.rmtree(left, ignore_errors=True)
    except OSError as error:
        raise UsageError(say("core.not_recovered", left=left, folder=folder, error=failure(error))) from error


_FILES = "files"
"""The stem of the hidden folders from which files move into the one around them."""

_under_way: set[Path] = set()
"""The hidden folders that this process writes just now: its number says no more, as processes take those of others."""


@contextmanager
def _hidden(parent: Path, stem: str, *endings: str) -> Iterator[tuple[Path, ...]]:
    """Names of hidden folders of this process, while it uses them."""
    places = tuple(parent / f".{stem}.{_host()}.{os.getpid()}.{ending}" for ending in endings)
    _under_way.update(places)
    try:
        yield places
    finally:
        _under_way.difference_update(places)


def _left_of_ended(parent: Path, stem: str) -> list[Path]:
    """The hidden folders of this machine's processes that have ended, by name; none where nobody may look."""
    if not parent.is_dir() or not os.access(parent, os.R_OK):
        return []
    pattern = re.compile(rf"\.{re.escape(stem)}\.{re.escape(_host())}\.(\d+)\.(tmp|new|old)")
    found = ((path, pattern.fullmatch(path.name)) for path in sorted(parent.iterdir()))
    return [path for path, named in found if named and path not in _under_way and not _is_another(int(named[1]))]


def _host() -> str:
    """The name of this machine, for a file name: the numbers of processes of another one say nothing here."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", socket.gethostname()) or "host"


def _is_another(process: int) -> bool:
    """Whether another process than this one runs under a number."""
    if process == os.getpid():
        return False
    if sys.platform == "win32":
        kernel, code = ctypes.windll.kernel32, ctypes.c_ulong()
        handle = kernel.OpenProcess(_QUERY, False, process)
        is_known = bool(handle) and kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return bool(is_known) and code.value == _STILL_ACTIVE  # one that has ended is known as long as it is watched
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the two folders have changed places in one step, as Linux can on most disks."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    names = (os.fsencode(path) for path in (one, other))
    return bool(rename(_AT_FDCWD, next(names), _AT_FDCWD, next(names), _RENAME_EXCHANGE) == 0)
