"""Folders that appear as a whole or not at all, whenever the process is killed, and files that join one together."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
    folder = real_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    recover(folder)
    fresh, old = (folder.parent / _hidden(folder, ending) for ending in ("tmp", "old"))
    shutil.rmtree(fresh, ignore_errors=True)
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
def files_into(folder: Path) -> Iterator[Path]:
    """A hidden folder to write into, whose files and folders then take their places in `folder`, over what bears their
    names there. If anything fails on the way, `folder` holds what it held before, and all else in it is never touched.

    A process that is killed while it writes leaves `folder` as it was. One that is killed within the renames at the end
    may have put only some of the files in their places: each is whole.
    """
    folder = real_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    recover(folder)
    fresh, old = (folder.parent / _hidden(folder, ending) for ending in ("tmp", "old"))
    is_new = not folder.exists()
    try:
        for made in (fresh, old):
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
        yield fresh
        folder.mkdir(exist_ok=True)
        _move_in(fresh, folder, old)
    except BaseException:
        if is_new and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        raise
    finally:
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)


def _move_in(fresh: Path, folder: Path, old: Path) -> None:
    """Move what lies in one folder into another, and what it replaces there to a third; all back where one fails."""
    moved: list[str] = []
    try:
        for path in sorted(fresh.iterdir()):
            place = folder / path.name
            moved.append(path.name)
            if place.exists() or place.is_symlink():
                place.rename(old / path.name)
            path.rename(place)
    except BaseException:
        for name in reversed(moved):
            if not (fresh / name).exists():
                (folder / name).rename(fresh / name)
            if (old / name).exists() or (old / name).is_symlink():
                (old / name).rename(folder / name)
        raise


def real_folder(folder: Path) -> Path:
    """The folder itself: of a link what it points to, which need not be there yet."""
    return folder.resolve() if folder.is_symlink() else folder.absolute()


def recover(folder: Path) -> None:
    """Put back a folder that a killed process had moved aside, and remove what such processes left unfinished."""
    folder = real_folder(folder)
    if not folder.parent.is_dir():
        return
    pattern = re.compile(rf"\.{re.escape(folder.name)}\.{re.escape(_host())}\.(\d+)\.(tmp|old)")
    for left in sorted(folder.parent.iterdir()):
        found = pattern.fullmatch(left.name)
        if found is None or _is_running(int(found[1])):
            continue
        if found[2] == "old" and not folder.exists():
            left.rename(folder)
        else:
            shutil.rmtree(left, ignore_errors=True)


def _hidden(folder: Path, ending: str) -> str:
    return f".{folder.name}.{_host()}.{os.getpid()}.{ending}"


def _host() -> str:
    """The name of this machine, for a file name: the numbers of processes of another one say nothing here."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", socket.gethostname()) or "host"


def _is_running(process: int) -> bool:
    if process == os.getpid():
        return True
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
