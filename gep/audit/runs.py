"""A finished run of ours: its account against its summary, to the last bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gep.audit.findings import Check
from gep.core.errors import GepError
from gep.core.messages import Text, say
from gep.study.documents import read_json
from gep.study.run import read_run

SUMMARY = "summary.json"
_KEYS = {"by_ecosystem": "ecosystem", "by_service": "service", "by_zone": "zone"}


def run_checks(path: Path) -> Iterator[Check]:
    """For every account.csv with a summary.json beside it: the total and its parts by ecosystem, service and zone."""
    accounts = sorted(path.rglob("account.csv")) if path.is_dir() else [path] if path.name == "account.csv" else []
    for account in accounts:
        if (account.parent / SUMMARY).is_file():
            yield from _of_run(account.parent)


def _of_run(folder: Path) -> list[Check]:
    try:
        account, printed = read_run(folder, accept_changes=True), read_json(folder / SUMMARY)
        total = account.total()
        parts = {name: account.totals(key) for name, key in _KEYS.items()}
    except GepError as error:
        sentence = Text(error.in_language("en"), error.in_language("zh"))
        return [Check("run", "cannot_tell", folder.name, (SUMMARY,), "", sentence)]
    checks = []
    if printed["total"]["value"] is not None:
        checks.append(_check(SUMMARY, say("audit.subject.total"), printed["total"]["value"], total or 0.0))
    for name, computed in parts.items():
        checks += [
            _check(SUMMARY, f"{name}: {key}", figure, computed.get(key, 0.0)) for key, figure in printed[name].items()
        ]
    return checks


def _check(file: str, subject: str, printed: Any, computed: float) -> Check:
    said = {"computed": repr(computed), "printed": repr(printed)}
    arithmetic = say("comparison.run.arithmetic", **said)
    if printed == computed:
        return Check("run", "holds", subject, (file,), arithmetic)
    sentence = say("comparison.run.changed", subject=subject, **said)
    off = float(computed != printed)
    return Check("run", "fails", subject, (file, "account.csv"), arithmetic, sentence, None, off)
