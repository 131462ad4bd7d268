"""A finished run as a folder: account.csv with its twin of labels, summary.json, run.json, ledger.json, zones.geojson,
run.log, and what the command adds: maps, accounts beside GEP. All or nothing.
"""

from __future__ import annotations

import csv
import os
import platform
import re
import shutil
import socket
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any, get_type_hints

from rasterio.errors import RasterioError

from gep.account.account import Account
from gep.account.entries import COLUMNS, AccountRow
from gep.core.errors import Problem, UsageError, count_problems, failure
from gep.core.folders import atomic_folder, real_place, recover
from gep.core.json_text import write_json, write_with_chinese
from gep.core.messages import say, visible
from gep.study.crate import write_crate
from gep.study.labels import LABELS, write_labels
from gep.study.run import ASSETS, CRATE, LEDGER, LOG, REPORT, SHAPES, SPREADS, SURENESS, UNCERTAINTY, not_of_the_run
from gep.study.shapes import write_shapes

FILES = (
    "account.csv",
    "account.parquet",
    LABELS,
    "summary.json",
    "run.json",
    LEDGER,
    SHAPES,
    LOG,
    "maps",
    ASSETS,
    CRATE,
)

REPORTS = (
    *("report.xlsx", "open.xlsx", "report.docx", "report.pdf", "report.html", "bulletin.docx", "bulletin.pdf"),
    *("package", "pictures", REPORT, UNCERTAINTY, SURENESS, SPREADS),
)
"""What is made of a finished run for people, beside its files."""


def default_folder(code: str, name: str, *years: int) -> Path:
    """Where a run goes if nothing is said, or those of the years from one to another."""
    plain = re.sub(r'[\s/\\:*?"<>|]+', "-", (code or name.lower()).strip()).strip("-.")
    return Path("-".join(map(str, ("gep", plain, *dict.fromkeys(years)))))


def kept_windows(folder: Path) -> Path:
    """The hidden file beside the folder of a run in which finished windows are kept until it is there."""
    folder = real_place(folder)
    return folder.with_name(f".{folder.name}.windows")


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds anything but a finished run, or that cannot be written."""
    folder = real_place(folder)
    parent = next(above for above in folder.parents if above.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise UsageError(say("study.folder.no_place", folder=folder, parent=parent))
    recover(folder)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(say("study.folder.is_file", folder=folder))
    others = sorted(path.name for path in folder.iterdir() if path.name not in (*FILES, *REPORTS))
    if others or (any(folder.iterdir()) and not (folder / "run.json").is_file()):
        what = others[:5] or say("study.folder.not_finished")
        raise UsageError(say("study.folder.something_else", folder=folder, what=what))


def write_run(
    account: Account,
    folder: Path,
    log: Sequence[str] = (),
    add: Callable[[Path], object] | None = None,
    language: str = "en",
) -> Path | None:
    """Write a finished run, replacing an earlier one as a whole once the new one is complete; its log in a language.
    What somebody wrote or changed in the folder of the earlier one is kept beside it, in the folder that comes out.

    `add` writes what else belongs to it (maps) into the new folder while that is still hidden: if it fails, the earlier
    run stays.
    """
    check_folder(folder)
    try:
        with atomic_folder(folder) as fresh:
            _write_account(account, fresh)
            write_labels(account, fresh / LABELS, language)
            write_json(account.summary(), fresh / "summary.json")
            write_json(account.record, fresh / "run.json")
            if account.has_ledger:
                write_with_chinese(account.ledger, fresh / LEDGER)
            if account.shapes:
                names = {
                    code: (account.zone_name(code, "zh"), account.zone_name(code, "en")) for code in account.shapes
                }
                write_shapes(account.shapes, names, fresh / SHAPES)
            (fresh / LOG).write_text("\n".join(map(visible, [*log, *_log(account, language)])) + "\n", encoding="utf-8")
            if add:
                add(fresh)
            write_crate(account, fresh)
            kept = set_aside(folder)
    except (OSError, RasterioError) as error:
        raise UsageError(say("study.folder.not_written", folder=folder, error=failure(error))) from error
    return kept


def set_aside(folder: Path, among: Collection[str] | None = None) -> Path | None:
    """A copy, beside the folder of an earlier run, of what neither that run nor a report of it wrote, or what was
    changed since: of all that lies there, or of some names.
    """
    folder = real_place(folder)
    if not folder.is_dir():
        return None
    written = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    others = not_of_the_run(folder, [name for name in written if among is None or name.split("/")[0] in among])
    if not others:
        return None
    names = (f"{folder.name}.kept" + (f"-{number}" if number > 1 else "") for number in count(1))
    kept = next(place for name in names if not (place := folder.with_name(name)).exists())
    for name in others:
        (kept / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / name, kept / name)
    return kept


def _write_account(account: Account, folder: Path) -> None:
    with (folder / "account.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in account.rows():
            writer.writerow(
                {
                    key: "" if value is None else repr(float(value)) if isinstance(value, float) else value
                    for key, value in row.items()
                }
            )
    try:
        arrow, csv_of_arrow, parquet = map(import_module, ("pyarrow", "pyarrow.csv", "pyarrow.parquet"))
    except ImportError:
        return  # the extra `parquet` is not installed
    # from the file, as pyarrow would load pandas to look at rows of Python
    kinds = {str: arrow.string(), int: arrow.int64(), float | None: arrow.float64()}
    types = {name: kinds.get(kind, arrow.string()) for name, kind in get_type_hints(AccountRow).items()}
    table = csv_of_arrow.read_csv(
        folder / "account.csv",
        parse_options=csv_of_arrow.ParseOptions(newlines_in_values=True),
        convert_options=csv_of_arrow.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=False),
    )
    parquet.write_table(table, folder / "account.parquet")


def _log(account: Account, language: str) -> list[str]:
    time = datetime.now(UTC).isoformat(timespec="seconds")
    finished = say("study.log.finished", time=time, host=socket.gethostname(), platform=platform.platform())
    return [finished.to(language), *(problem.in_language(language) for problem in account.about.problems)]


def problems_document(problems: Sequence[Problem], error: str | None = None) -> dict[str, Any]:
    """What `check` prints as JSON, and what a stopped run prints."""
    document: dict[str, Any] = {
        "schema": 1,
        "problems": [p.as_dict() for p in problems],
        "counts": count_problems(problems),
    }
    if error is not None:
        document["error"] = error
    return document
