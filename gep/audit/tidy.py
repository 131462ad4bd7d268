"""The figures of an audit as they were read, one a row: what a reviewer looks over, and corrects with `--map`.

    file, table, place, service, category, ecosystem, zone, name, year, measure, role, value, unit, state, reason

`value` is as printed. `name` is what could be of any of the others. `state` is `read`, or `unread` with the reason.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from gep.audit.audit import Audit, table_document
from gep.audit.figures import MEASURES
from gep.core.folders import atomic_file
from gep.core.messages import Language, in_language, no_formula

COLUMNS = (
    *("file", "table", "place", "service", "category", "ecosystem", "zone", "name", "year"),
    *("measure", "role", "value", "unit", "state", "reason"),
)


def write_tidy(audit: Audit, path: Path, language: Language) -> None:
    """Write the figures of an audit as CSV. Raises OSError where that cannot be written."""
    with atomic_file(path) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for row in _rows(audit):
            writer.writerow({name: no_formula(in_language(text, language)) for name, text in row.items()})


def _rows(audit: Audit) -> Iterator[dict[str, str]]:
    for entry in audit.entries:
        for measure in MEASURES:
            if (figure := entry.figure(measure)) is None:
                continue
            yield {
                **_where(audit, figure.place),
                "service": entry.service,
                "category": entry.category,
                "ecosystem": entry.ecosystem,
                "zone": " / ".join(filter(None, (entry.region, entry.subregion))),
                "name": entry.indicator,
                "year": entry.year,
                "measure": measure,
                "role": "amount",
                "value": figure.printed.text,
                "unit": figure.unit.text,
                "state": "read",
            }
    for grid in audit.grids:
        for found in table_document(grid)["figures"]:
            yield {
                **_where(audit, found["place"]),
                "service": found["service"],
                "category": found["category"],
                "ecosystem": found["ecosystem"],
                "zone": found["region"],
                "name": found["name"],
                "year": found["time"],
                "measure": found["measure"],
                "role": found["role"],
                "value": found["printed"],
                "unit": found["unit"],
                "state": "read",
            }
    for problem in audit.unreadable:
        yield {
            **_where(audit, problem.place),
            "value": problem.found or "",
            "state": "unread",
            "reason": problem.message,
        }


def _where(audit: Audit, place: str) -> dict[str, str]:
    """The file, the table and the cell of a figure."""
    if place in audit.located:
        cells = audit.located[place][0]
        return {"file": cells.file, "table": cells.name, "place": place}
    return {"file": "", "table": "", "place": place}
