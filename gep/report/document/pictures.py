"""The charts and maps that a document shows, by name (`C1`, `M4_soil_retention`).

They are drawn by `gep.report.pictures`. Where a name is not drawn, the document says so at its place.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from gep.account.account import Account
from gep.core.errors import MissingFeatureError
from gep.report.options import ReportOptions

_DRAWN_BY = "gep.report.pictures"


@contextmanager
def pictures_of(account: Account, folder: Path, options: ReportOptions) -> Iterator[Mapping[str, Path]]:
    """The pictures of an account as PNG by name: those that lie in the folder of the report already, or drawn now."""
    there = _by_name((folder / "pictures").glob("*.png"))
    if there or find_spec(_DRAWN_BY) is None:
        yield there
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield _by_name(_drawn(account, Path(scratch), options))


def _drawn(account: Account, folder: Path, options: ReportOptions) -> list[Path]:
    try:
        drawn: list[Path] = import_module(f"{_DRAWN_BY}.write").write(account, folder, options)
    except MissingFeatureError:  # no matplotlib, or no font with Chinese: the document has its words all the same
        return []
    return drawn


def _by_name(paths: Iterable[Path]) -> dict[str, Path]:
    return {path.stem: path for path in sorted(paths) if path.suffix == ".png"}
