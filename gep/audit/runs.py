"""A finished run of ours: its account against its summary, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from gep.account.names import zone_named
from gep.audit.findings import Check
from gep.core.catalog import named
from gep.core.errors import AccountError, GepError, UsageError
from gep.core.folders import files_below
from gep.core.messages import Text, joined, say
from gep.study.folder import FILES, REPORTS
from gep.study.run import CRATE, check_beside, read_run, read_summary

SUMMARY = "summary.json"
_ACCOUNT = "account.csv"
_BY: dict[Literal["by_ecosystem", "by_service", "by_zone"], str] = {
    "by_ecosystem": "ecosystem",
    "by_service": "service",
    "by_zone": "zone",
}
"""The sums of the summary, and the key that each is by."""


def is_beside_account(file: Path, top: Path) -> bool:
    """Whether a file below a folder was written by a run beside its account, or made of it for people, and so is no
    table to read.
    """
    return any(
        file.relative_to(folder).parts[0] in (*FILES, *REPORTS) and file.name != _ACCOUNT and _is_run(folder)
        for folder in file.parents
        if folder.is_relative_to(top)
    )


def _is_run(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (_ACCOUNT, SUMMARY))


def run_checks(path: Path) -> list[Check]:
    """For every account.csv with a summary.json beside it: the total and its parts by ecosystem, service and zone.

    Raises UsageError where the files of a run cannot be read, one line for each run.
    """
    accounts = [file for file in (files_below(path) if path.is_dir() else [path]) if file.name == _ACCOUNT]
    checks: list[Check] = []
    errors: list[GepError] = []
    for folder in (account.parent for account in accounts):
        try:
            checks += _of_run(folder) if _is_run(folder) else []
        except UsageError as error:
            errors.append(error)
    if errors:
        raise UsageError(joined([error.message for error in errors], "\n"))
    return checks


def _of_run(folder: Path) -> list[Check]:
    account, printed = read_run(folder, accept_changes=True), read_summary(folder)
    checks = []
    try:
        check_beside(folder, account.about.run_id)
    except UsageError as error:
        checks.append(Check("run", "cannot_tell", folder.name, (CRATE,), "", _sentence(error)))
    try:
        total = account.total()
        parts = {name: account.totals(key) for name, key in _BY.items()}
    except AccountError as error:
        return [*checks, Check("run", "cannot_tell", folder.name, (SUMMARY,), "", _sentence(error))]
    if printed["total"]["value"] is not None:
        checks.append(_check(SUMMARY, say("audit.subject.total"), printed["total"]["value"], total or 0.0))
    for name, computed in parts.items():
        for key, figure in printed[name].items():
            of = zone_named(account, key) if name == "by_zone" else named(key)
            checks.append(_check(SUMMARY, say("audit.subject.total_of", name=of), figure, computed.get(key, 0.0)))
    return checks


def _sentence(error: GepError) -> Text:
    return Text(error.in_language("en"), error.in_language("zh"))


def _check(file: str, subject: Text, printed: Any, computed: float) -> Check:
    said = {"computed": repr(computed), "printed": repr(printed)}
    arithmetic = say("comparison.run.arithmetic", **said)
    if printed == computed:
        return Check("run", "holds", subject, (file,), arithmetic)
    sentence = say("comparison.run.changed", subject=subject, **said)
    off = float(computed != printed)
    return Check("run", "fails", subject, (file, "account.csv"), arithmetic, sentence, None, off)
