"""Write the open-data package of an account."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gep.account.account import Account
from gep.core.json_text import write_json
from gep.core.messages import Text, say
from gep.inputs.grids.files import file_hash
from gep.report.options import ReportOptions
from gep.report.package.sdmx import sdmx_tables
from gep.report.package.spatial import maps, zones
from gep.report.package.tables import Resource, report_table, tidy_table
from gep.report.tables.book import report_model

FOLDER = "package"
DESCRIPTION = "datapackage.json"
LICENCES = ("LICENSE", "LICENSE.txt", "LICENSE.md")
"""Files of an office's own folder in which it says under which licence it publishes."""

_TYPES = {"csv": "text/csv", "gpkg": "application/geopackage+sqlite3", "tif": "image/tiff", "qml": "text/xml"}


def write(account: Account, folder: Path, options: ReportOptions) -> list[Path]:
    """Write `package/`: `datapackage.json` (Frictionless Data Package) with `data/` (the account, and the tables of the
    report), `sdmx/`, `zones.gpkg`, `maps/`, a citation, and the licence of the office where its folder has one.

    The same account gives the same bytes.
    """
    target = folder / FOLDER
    target.mkdir(exist_ok=True)
    language = options.languages[0]
    model = report_model(account, options.lang, options.shares)
    facts = model.facts
    resources = [
        tidy_table(account, target, language),
        *(report_table(table, target, language) for table in model.tables),
        *sdmx_tables(account, target),
        *zones(facts, target),
        *maps(account, target, language),
    ]
    name = Text(account.zone_name("_city", "en"), account.zone_name("_city", "zh"))
    about = account.about
    fields = {"area": name, "year": about.year, "title": facts.title, "profile": about.profile, "run": about.run_id}
    citation = say("package.citation", **fields, version=version("gep"))
    (target / "CITATION.txt").write_text(f"{citation.zh}\n\n{citation}\n", encoding="utf-8")
    licence = _licence(options, target)
    document: dict[str, Any] = {
        "profile": "data-package",
        "name": re.sub("[^a-z0-9]+", "-", f"gep-{about.code}-{about.year}".lower()).strip("-"),
        "title": (facts.title if name.zh in facts.title.zh else say("package.title", **fields)).to(language),
        "description": " ".join(note.to(language) for note in facts.notes),
        "version": about.run_id,
        "created": f"{about.year:04d}-12-31T00:00:00Z",
        "keywords": ["ecosystem accounting", "SEEA EA", "生态产品"],
        **({"licenses": [{"name": "custom", "path": licence, "title": licence}]} if licence else {}),
        "resources": [_described(target, resource, language) for resource in resources],
    }
    write_json(document, target / DESCRIPTION)
    return sorted(path for path in target.rglob("*") if path.is_file())


def _licence(options: ReportOptions, target: Path) -> str:
    """The licence that the office gives, copied; without one nothing is said for it."""
    for name in LICENCES if options.template else ():
        assert options.template is not None
        if (options.template / name).is_file():
            shutil.copyfile(options.template / name, target / name)
            return name
    return ""


def _described(folder: Path, resource: Resource, language: str) -> dict[str, Any]:
    path = folder / resource.path
    ending = path.suffix[1:]
    found: dict[str, Any] = {
        "name": resource.name,
        "path": resource.path,
        "title": resource.title.to(language),
        "format": ending,
        "mediatype": _TYPES[ending],
        "bytes": path.stat().st_size,
        "hash": f"sha256:{file_hash(path)}",
    }
    if resource.fields:
        schema = {"fields": list(resource.fields), "missingValues": [""]}
        found |= {"profile": "tabular-data-resource", "encoding": "utf-8", "schema": schema}
    return found
