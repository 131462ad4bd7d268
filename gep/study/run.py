"""A finished run, read back from its folder: what it rested on, and its figures."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gep.account.account import Account
from gep.account.entries import base_component, digest_of
from gep.account.record import LEDGER_SCHEMA, Document, Finished
from gep.core.errors import UsageError
from gep.inputs.grids.sources import file_hash
from gep.standards.profile import load_profile, profile_ids

RUN_FILES = ("account.csv", "summary.json", "run.json", "ledger.json")
"""What an explanation rests on."""


def read_finished(folder: Path) -> Finished:
    """The run that a folder holds. Raises UsageError for a folder that is not a finished run, or of a version that
    wrote no ledger.
    """
    if not folder.exists():
        raise UsageError(f"There is no folder {folder}. Needed: the folder that `gep run` wrote.")
    missing = [name for name in ("account.csv", "summary.json", "run.json") if not (folder / name).is_file()]
    if missing:
        found = f"It lacks {', '.join(missing)}." if folder.is_dir() else "It is a file."
        raise UsageError(f"{folder} is not the folder of a finished run. {found} Give the folder that `gep run` wrote.")
    if not (folder / "ledger.json").is_file():
        raise UsageError(
            f"{folder} has no ledger.json: the run is of a version of gep that did not write down what its "
            "figures are made of. "
            "Run the project again with this version."
        )
    run, about, ledger = (read_json(folder / name) for name in ("run.json", "summary.json", "ledger.json"))
    if ledger.get("schema") != LEDGER_SCHEMA:
        raise UsageError(
            f"{folder / 'ledger.json'} has schema {ledger.get('schema')}; this version of gep reads schema "
            f"{LEDGER_SCHEMA}. Use the version that wrote it."
        )
    if not run.get("run_id") == about.get("run_id") == ledger.get("run_id"):
        raise UsageError(
            f"The files of {folder} are of different runs: their run_id differ. Take the whole folder of one run."
        )
    rows = tuple(read_rows(folder / "account.csv"))
    check_unchanged(folder, RUN_FILES)
    return Finished(rows, run, about, ledger)


def read_json(path: Path) -> Document:
    """A JSON object of a run. Raises UsageError where the file holds none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}. Take the whole folder as `gep run` wrote it.") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path} does not hold a JSON object. Take the whole folder as `gep run` wrote it.")
    return document


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of account.csv with their numbers as numbers. Raises UsageError where they are none."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield {
                    **row,
                    "value": float(row["value"]) if row["value"] else None,
                    "counted": int(row["counted"]),
                    "data_coverage": float(row["data_coverage"]) if row["data_coverage"] else None,
                }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path} cannot be read as an account: {error!r}. Take the whole folder as `gep run` wrote it."
        ) from error


PROJECT, ZONES = "project", "zones"
"""How the lines of run.log begin that say where the project file and other zones lay: what was read may still be there.
"""


CRATE = "ro-crate-metadata.json"


def changed_files(folder: Path, names: Iterable[str]) -> list[str]:
    """Which files of a run are not as the run wrote them, by the hashes of its crate; none where there is no crate to
    tell.
    """
    try:
        entities = json.loads((folder / CRATE).read_text(encoding="utf-8"))["@graph"]
        written = {entity["@id"]: entity["sha256"] for entity in entities if "sha256" in entity}
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [
        name
        for name in names
        if name in written and (folder / name).is_file() and file_hash(folder / name) != written[name]
    ]


def check_unchanged(folder: Path, names: Iterable[str]) -> None:
    """Raise UsageError where a file of a run was changed after the run."""
    changed = changed_files(folder, names)
    if changed:
        raise UsageError(
            f"{folder}: {', '.join(changed)} {'is' if len(changed) == 1 else 'are'} not as the run wrote "
            f"{'it' if len(changed) == 1 else 'them'} (another hash than in {CRATE}). Take the whole folder as "
            "`gep run` wrote it, or run it again."
        )


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
        return {
            code: by_language.get(code, {}).get(language) or found or code for code, found in self.names_found.items()
        }

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
        raise UsageError(
            f"{folder} {what}: it has no {', '.join(missing)}. Give a folder that `gep run` wrote, or run it again."
        )
    record, summary = read_record(folder / "run.json"), read_record(folder / "summary.json")
    rows = list(read_rows(folder / "account.csv"))
    if digest_of(rows) != summary.get("digest"):
        raise UsageError(
            f"{folder}: account.csv is not as the run wrote it: its figures do not have the digest that stands "
            "in summary.json. Run it again."
        )
    return Run(folder, record, summary, figures_of(rows), {row["area_code"]: row["area_name"] for row in rows})


def read_record(path: Path) -> dict[str, Any]:
    """A JSON object of a run, of the schema that is known."""
    document = read_json(path)
    if document.get("schema") != SCHEMA:
        found = document.get("schema", "no schema")
        raise UsageError(
            f"{path} is of a form that this version of gep does not know (found: {found}, needed: schema {SCHEMA})."
        )
    return document


def figures_of(rows: Iterable[Mapping[str, Any]]) -> dict[Figure, float]:
    """Every sum that a run is compared by: money as a whole, by service, ecosystem, zone and service in an ecosystem;
    quantities; areas.
    """
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
