"""A finished run as a folder: account.csv, summary.json, run.json, ledger.json, run.log. All or nothing."""

from __future__ import annotations

import csv
import os
import platform
import re
import shutil
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gep.account.account import Account
from gep.account.entries import COLUMNS
from gep.core.errors import Problem, UsageError, count_problems
from gep.core.json_text import write_json
from gep.study.crate import write_crate
from gep.study.run import CRATE

FILES = ("account.csv", "account.parquet", "summary.json", "run.json", "ledger.json", "run.log", "maps", CRATE)


REPORTS = ("report.xlsx", "report.docx", "report.html", "bulletin.docx", "package")


def default_folder(code: str, name: str, year: int) -> Path:
    """Where a run goes if nothing is said."""
    plain = re.sub(r'[\s/\\:*?"<>|]+', "-", (code or name.lower()).strip()).strip("-.")
    return Path(f"gep-{plain}-{year}")


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds anything but a finished run, or that cannot be written."""
    parent = next(above for above in folder.absolute().parents if above.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise UsageError(f"The folder {folder} cannot be made in {parent}. Choose another --out.")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file. Choose another --out.")
    others = sorted(path.name for path in folder.iterdir() if path.name not in (*FILES, *REPORTS))
    if others or (any(folder.iterdir()) and not (folder / "run.json").is_file()):
        what = ", ".join(others[:5]) if others else "files that are not a finished run"
        raise UsageError(
            f"The folder {folder} holds something else ({what}). It is left as it is: choose another --out, or "
            "empty it."
        )


def write_run(
    account: Account, folder: Path, log: Sequence[str] = (), add: Callable[[Path], object] | None = None
) -> None:
    """Write a finished run, replacing an earlier one as a whole once the new one is complete.

    `add` writes what else belongs to it (maps) into the new folder while that is still hidden: if it fails, the earlier
    run stays.
    """
    check_folder(folder)
    try:
        _write_run(account, folder, log, add)
    except OSError as error:
        raise UsageError(
            f"The folder {folder} cannot be written: {error.strerror or error}. Nothing was left half written."
        ) from error


def _write_run(account: Account, folder: Path, log: Sequence[str], add: Callable[[Path], object] | None) -> None:
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.parent / f".{folder.name}.{os.getpid()}.tmp"
    old = folder.parent / f".{folder.name}.{os.getpid()}.old"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir()
        _write_account(account, fresh)
        write_json(account.summary(), fresh / "summary.json")
        write_json(account.about.records, fresh / "run.json")
        if account.ledger:
            write_json(account.ledger, fresh / "ledger.json")
        (fresh / "run.log").write_text("\n".join([*log, *_log(account)]) + "\n", encoding="utf-8")
        if add:
            add(fresh)
        write_crate(account, fresh)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not folder.exists():
            old.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


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
        account.to_frame().to_parquet(folder / "account.parquet", index=False)
    except ImportError:
        return  # the extra `parquet` is not installed


def _log(account: Account) -> list[str]:
    lines = [
        f"{datetime.now(UTC).isoformat(timespec='seconds')} finished on {socket.gethostname()} ({platform.platform()})"
    ]
    return lines + [str(problem) for problem in account.about.problems]


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
