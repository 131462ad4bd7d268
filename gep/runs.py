"""A finished run, read back from its folder: what it rested on, and its figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gep.account import Account, base_component, digest_of
from gep.errors import UsageError
from gep.finished import read_json, read_rows
from gep.output import PROJECT, ZONES
from gep.profile import load_profile, profile_ids

NEEDED = ("account.csv", "summary.json", "run.json")
SCHEMA = 1


class Figure(NamedTuple):
    """What a number is the number of: a table, a key in it, a unit."""

    table: str
    key: str
    unit: str


TOTAL, SERVICE, ECOSYSTEM, ZONE, CELL = "total", "service", "ecosystem", "zone", "service_ecosystem"
QUANTITY, AREA = "quantity", "area"

Figures = Mapping[Figure, float]


@dataclass(frozen=True)
class Run:
    """A finished run: its record, its summary, its figures, the names of its zones."""

    folder: Path
    record: Mapping[str, Any]
    summary: Mapping[str, Any]
    figures: Figures
    names_found: Mapping[str, str]

    @property
    def kind(self) -> str:
        """Monetary or physical."""
        profile = self.record.get("profile", "")
        return str(self.record.get("kind") or (load_profile(profile).kind if profile in profile_ids() else "monetary"))

    def zone_names(self, language: str) -> dict[str, str]:
        """The names of the zones in a language, as far as the zone file has them; else those it has."""
        by_language = self.record.get("zone_names", {})
        return {code: by_language.get(code, {}).get(language) or found or code for code, found in self.names_found.items()}

    @property
    def digest(self) -> str:
        return str(self.summary["digest"])

    def logged(self, word: str) -> Path | None:
        """The file that a line of run.log names, if the log says so and the file is still there."""
        log = self.folder / "run.log"
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
        named = next((Path(line.removeprefix(f"{word} ")) for line in lines if line.startswith(f"{word} ")), None)
        return named if named and named.exists() else None

    @property
    def project(self) -> Path | None:
        """The project file that was run, as far as is known here."""
        return self.logged(PROJECT)

    @property
    def zones(self) -> Path | None:
        """The zones that were given in place of those of the project file."""
        return self.logged(ZONES)


def read_run(folder: Path) -> Run:
    """A run folder. Raises UsageError where it is none, is half of one, or was changed after it was written."""
    if not folder.exists():
        raise UsageError(f"There is no folder {folder}. Give the folder of a finished run, as `gep run` writes it.")
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file; a finished run is a folder. Give the folder that `gep run` wrote.")
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        what = "is not a finished run" if len(missing) == len(NEEDED) else "is only a part of a run"
        raise UsageError(f"{folder} {what}: it has no {', '.join(missing)}. Give a folder that `gep run` wrote, or run it again.")
    record, summary = read_record(folder / "run.json"), read_record(folder / "summary.json")
    rows = list(read_rows(folder / "account.csv"))
    if digest_of(rows) != summary.get("digest"):
        raise UsageError(
            f"{folder}: account.csv is not as the run wrote it: its figures do not have the digest that stands in summary.json. Run it again."
        )
    return Run(folder, record, summary, figures_of(rows), {row["area_code"]: row["area_name"] for row in rows})


def read_record(path: Path) -> dict[str, Any]:
    """A JSON object of a run, of the schema that is known."""
    document = read_json(path)
    if document.get("schema") != SCHEMA:
        found = document.get("schema", "no schema")
        raise UsageError(f"{path} is of a form that this version of gep does not know (found: {found}, needed: schema {SCHEMA}).")
    return document


def figures_of(rows: Iterable[Mapping[str, Any]]) -> dict[Figure, float]:
    """Every sum that a run is compared by: money as a whole, by service, ecosystem, zone and service in an ecosystem; quantities; areas."""
    parts: dict[Figure, list[float]] = {}
    for row in rows:
        if row["value"] is None or not row["counted"]:
            continue
        for figure in _sums_with(row):
            parts.setdefault(figure, []).append(row["value"])
    return {figure: math.fsum(values) for figure, values in parts.items()}


def _sums_with(row: Mapping[str, Any]) -> list[Figure]:
    """The figures that a row of an account is a part of."""
    service, ecosystem, unit = row["service"], row["ecosystem_type"], row["unit"]
    if row["measure"] == "area":
        return [Figure(AREA, ecosystem, unit)]
    if row["measure"] == "quantity":
        return [Figure(QUANTITY, f"{service}/{base_component(row['component'])}", unit)]
    if row["measure"] != "value":
        return []
    keys = {TOTAL: "", SERVICE: service, ECOSYSTEM: ecosystem, ZONE: row["area_code"], CELL: f"{service}/{ecosystem}"}
    return [Figure(table, key, unit) for table, key in keys.items()]


def figures_of_account(account: Account) -> dict[Figure, float]:
    """The same figures of an account that was not written."""
    return figures_of(account.rows())
