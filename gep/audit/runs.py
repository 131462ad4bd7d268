"""A finished run of ours: its account against its summary, to the last bit."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gep.audit.findings import Check
from gep.core.messages import say

_KEYS = {"by_ecosystem": "ecosystem_type", "by_service": "service", "by_zone": "area_code"}


def run_checks(path: Path) -> Iterator[Check]:
    """For every account.csv with a summary.json beside it: the total and its parts by ecosystem, service and zone."""
    accounts = sorted(path.rglob("account.csv")) if path.is_dir() else [path] if path.name == "account.csv" else []
    for account in accounts:
        beside = account.parent / "summary.json"
        if beside.is_file():
            yield from _against_summary(account, beside)


def _against_summary(account: Path, beside: Path) -> Iterator[Check]:
    try:
        summary = json.loads(beside.read_text(encoding="utf-8"))
        with account.open(encoding="utf-8", newline="") as file:
            values = [
                row
                for row in csv.DictReader(file)
                if row["measure"] == "value" and row["counted"] == "1" and row["value"]
            ]
    except (KeyError, ValueError):
        sentence = say("audit.run.unreadable")
        yield Check("run", "cannot_tell", account.parent.name, (beside.name,), "", sentence)
        return
    printed = summary.get("total", {}).get("value")
    if printed is not None:
        yield _check(beside.name, say("audit.subject.total"), printed, math.fsum(float(row["value"]) for row in values))
    for name, column in _KEYS.items():
        parts: dict[str, list[float]] = defaultdict(list)
        for row in values:
            parts[row[column]].append(float(row["value"]))
        for key, figure in summary.get(name, {}).items():
            yield _check(beside.name, f"{name}: {key}", figure, math.fsum(parts.get(key, [])))


def _check(file: str, subject: str, printed: Any, computed: float) -> Check:
    arithmetic = say("audit.run.arithmetic", computed=repr(computed), printed=repr(printed))
    if printed == computed:
        return Check("run", "holds", subject, (file,), arithmetic)
    sentence = say("audit.run.changed", subject=subject, computed=repr(computed), printed=repr(printed))
    return Check("run", "fails", subject, (file, "account.csv"), arithmetic, sentence, None, float(computed != printed))
