"""The sample city on cells of 300 m, with one thing changed in its files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import rasterio

from gep.account.account import Account
from gep.core.errors import InputError, Problem
from gep.study.study import Study

Change = Callable[[Path], object]


def opened(folder: Path) -> Study:
    """The study of a folder, on cells of 300 m so that it is quick."""
    return Study.from_spec(replace(Study.open(folder / "gep.toml").spec, grid=("EPSG:32650", 300.0)))


def edited(path: Path, old: str, new: str) -> None:
    """Other words in a file, where they stand once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")


def added(path: Path, *rows: str) -> None:
    """More rows at the end of a table."""
    path.write_text(path.read_text(encoding="utf-8") + "".join(f"{row}\n" for row in rows), encoding="utf-8")


def without_rows(path: Path, pattern: str) -> int:
    """A table without the rows that match; how many there were."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not re.search(pattern, line)]
    path.write_text("".join(kept), encoding="utf-8")
    return len(lines) - len(kept)


def land_cover(folder: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Other codes in the land cover."""
    with rasterio.open(folder / "land_cover.tif") as file:
        codes, meta, tags = file.read(), file.profile, file.tags()
    with rasterio.open(folder / "land_cover.tif", "w", **meta) as file:
        file.write(change(codes).astype(codes.dtype))
        file.update_tags(**tags)


def of_code(problems: Iterable[Problem], code: str) -> list[Problem]:
    """The problems of a code."""
    return [found for found in problems if found.code == code]


def checked_and_run(study: Study) -> tuple[list[Problem], list[Problem], Account | None]:
    """What `check` says, what `run` says, and the account, if there is one."""
    checked = study.check()
    try:
        account = study.run()
    except InputError as error:
        return checked, list(error.problems), None
    return checked, list(account.about.problems), account
