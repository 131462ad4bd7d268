"""What was measured, for people and for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.cases import BUSY, TARGETS, Bench, Row, Target

NOT_MEASURED = "not measured in this run"
SMALLER = "of smaller grids than the target is about, which decides nothing"


def is_met(bench: Bench, target: Target) -> bool:
    """Whether a target was measured, on the grids that it is about, and holds."""
    value = bench.values.get(target.key)
    if value is None or (target.is_of_size and not bench.level.is_of_targets):
        return False
    return value >= target.limit if target.is_least else value <= target.limit


def document(bench: Bench, machine: Mapping[str, Any]) -> dict[str, Any]:
    """All as one document. A target that was not measured has no value, and a note that says why."""
    targets = []
    for target in TARGETS:
        value = bench.values.get(target.key)
        rounded = None if value is None else _rounded(value)
        targets.append({"name": target.name, "limit": target.limit, "value": rounded, "pass": is_met(bench, target)})
    return {
        "targets": targets,
        "notes": {target.name: note for target in TARGETS if (note := _note(bench, target))},
        "failed": bench.failed,
        "level": bench.level.name,
        "machine": {**machine, "load": round(bench.load, 1)},
        "measured": [_measured(row) for row in bench.rows],
        "digests": {size: len(found) for size, found in bench.digests.items()},
    }


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _note(bench: Bench, target: Target) -> str:
    if target.key not in bench.values:
        return bench.reasons.get(target.key, NOT_MEASURED)
    if target.is_of_size and not bench.level.is_of_targets:
        return SMALLER
    if target.is_of_wall and bench.load > BUSY:
        return f"others were at work (load {bench.load:.1f}), which shows on the wall"
    return ""


def _measured(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "cpu_s": _rounded(row.times.cpu),
        "wall_s": _rounded(row.times.wall),
        "ns_per_cell": _rounded(row.times.cpu / row.cells * 1e9) if row.cells else None,
        "times_floor": row.floors and _rounded(row.floors),
        "peak_mb": row.peak and round(row.peak),
    }


def text(found: Mapping[str, Any]) -> str:
    """The document as tables of Markdown."""
    machine = found["machine"]
    about = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}"
    about += f", load {machine['load']} when it began"
    programs = f"Python {machine['python']}, numpy {machine['numpy']}, GDAL {machine['gdal']}"
    numba = "numba is there" if machine["numba"] else "without numba"
    columns = ("cpu_s", "wall_s", "ns_per_cell", "times_floor", "peak_mb")
    measured = [[row["name"], *(_number(row[column]) for column in columns)] for row in found["measured"]]
    heads = ("measured", "CPU, s", "wall, s", "CPU, ns a cell", "times the floor", "peak, MB")
    targets = [
        [target["name"], f"{target['limit']:g}", _number(target["value"]), _verdict(target, found["notes"])]
        for target in found["targets"]
    ]
    digests = [
        f"{size}: {'one digest' if count == 1 else f'{count} DIGESTS'}" for size, count in found["digests"].items()
    ]
    failed = [f"{name} FAILED: {reason}" for name, reason in found["failed"].items()]
    parts = [f"{about}; {programs}, {numba}.", _table(heads, measured)]
    parts += [_table(("target", "limit", "value", "verdict"), targets)]
    parts += [f"Sums by threads and workers, {'; '.join(digests)}."] if digests else []
    return "\n\n".join([*parts, *failed])


def _verdict(target: Mapping[str, Any], notes: Mapping[str, str]) -> str:
    note = notes.get(target["name"])
    is_open = target["value"] is None or note == SMALLER
    verdict = "holds" if target["pass"] else "open" if is_open else "missed"
    return f"{verdict}: {note}" if note else verdict


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{max(0, 2 - math.floor(math.log10(abs(value) or 1)))}f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
