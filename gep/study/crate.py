"""What a run was made of, beside its results: an RO-Crate 1.1 of the profile Process Run Crate 0.5
(`ro-crate-metadata.json`).

The crate says of a finished run what `run.json` says, in the words of schema.org, so that programs which know nothing
of gep can read it: which files went in, by their hashes, with the units and scales they were read with; which
coefficient rows, methods and profile; which program in which environment; which files came out. It is written last, and
lists whatever lies in the folder by then.

The same inputs give the same bytes. So the crate knows no clock and no folder of the machine:

- A file outside the run folder is identified by its hash (RFC 6920, `ni:///sha-256;…`), with the name that it had, and
not by a path.
- An object on a server is identified by its address, unless it was read as a whole to be hashed; what the server told
of it (size, ETag, time of change) stands beside it.
- RO-Crate wants a date of publication. A run does not know when it will be published: the crate gives the last day of
the accounting year, the day
  for which the account is drawn up. The action has no start and end for the same reason.
- `run.log` has clock times and the name of the machine: it is listed, without a hash and a size, as what the action is
told of in.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gep.account.account import Account
from gep.account.record import RunRecord
from gep.core.messages import Text, listed, say
from gep.core.parts import PartsRecord
from gep.core.translation import translated
from gep.inputs.grids.files import file_hash
from gep.standards.coefficients import sources
from gep.standards.profile import load_profile, profile_ids
from gep.study.run import ASSETS, CRATE

SPECIFICATION = "https://w3id.org/ro/crate/1.1"


PROCESS_RUN = "https://w3id.org/ro/wfrun/process/0.5"


_CONTEXT = ("https://w3id.org/ro/crate/1.1/context", {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"})
"""`sha256` is a term of the profile and not of RO-Crate 1.1 itself."""


_PAGES = {
    "python": "https://www.python.org/",
    "GDAL": "https://gdal.org/",
    "PROJ": "https://proj.org/",
    "GEOS": "https://libgeos.org/",
}


_FORMATS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".log": "text/plain",
    ".nc": "application/netcdf",
    ".parquet": "application/vnd.apache.parquet",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".gpkg": "application/geopackage+sqlite3",
}


_RESULTS = {
    "account.csv": "account",
    "account.parquet": "parquet",
    "account_labels.csv": "labels",
    "summary.json": "summary",
    "run.json": "record",
    "zones.geojson": "shapes",
    "run.log": "log",
}
"""The name of what is said of each file of a run, under `study.crate.file`."""


Entity = dict[str, Any]


_NOTHING: tuple[Any, ...] = (None, "", [], {})


def write_crate(account: Account, folder: Path) -> None:
    """Describe a finished run in its folder. To be called last: every file that lies there by then is listed."""
    text = json.dumps(crate(account, folder), ensure_ascii=False, indent=2, allow_nan=False)
    (folder / CRATE).write_text(text + "\n", encoding="utf-8")


def crate(account: Account, folder: Path) -> dict[str, Any]:
    """The metadata document of the crate that a run folder is."""
    graph = _Graph()
    record = account.record
    results = [
        _result_file(graph, folder, path) for path in sorted(folder.rglob("*")) if path.is_file() and path.name != CRATE
    ]
    inputs = _input_files(graph, record)
    settings = [
        *_layers(graph, record),
        *_coefficients(graph, record),
        *_methods(graph, record),
        *_profile(graph, account),
    ]
    action = _action(graph, account, [*inputs, *settings], results)
    head = [_descriptor(), _root(graph, account, [*results, *inputs], action)]
    return {"@context": list(_CONTEXT), "@graph": [*head, *graph.entities()]}


class _Graph:
    """The entities of a crate, each once, in the order of their ids."""

    def __init__(self) -> None:
        self._by_id: dict[str, Entity] = {}

    def add(self, at: str, kind: str, /, **properties: Any) -> str:
        """Put in an entity if it is not there; its id. What is empty is left out, a list of one is its element."""
        said = {key: value for key, value in properties.items() if value not in _NOTHING}
        self._by_id.setdefault(at, {"@id": at, "@type": kind, **said})
        return at

    def setting(self, name: str, value: Any) -> str:
        """A named value: shared by all that say the same."""
        text = (
            value
            if isinstance(value, int | float | str) and not isinstance(value, bool)
            else json.dumps(value, ensure_ascii=False)
        )
        return self.add(_fragment(f"{name}={text}"), "PropertyValue", name=name, value=text)

    def entities(self) -> list[Entity]:
        return [self._by_id[identifier] for identifier in sorted(self._by_id)]


def _references(identifiers: Iterable[str]) -> Any:
    """References to entities: RO-Crate writes a list of one as its element."""
    found = [{"@id": identifier} for identifier in dict.fromkeys(identifiers)]
    return found[0] if len(found) == 1 else found


def _fragment(text: str) -> str:
    return f"#{quote(text, safe='-._~/=')}"


def _descriptor() -> Entity:
    return {"@id": CRATE, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": {"@id": SPECIFICATION}}


def _root(graph: _Graph, account: Account, parts: list[str], action: str) -> Entity:
    about = account.about
    name = Text(about.name, about.name_zh or about.name)
    title = Text(account.title("en"), account.title("zh"))
    graph.add(PROCESS_RUN, "CreativeWork", name="Process Run Crate", version="0.5")
    licence = graph.add(
        "#licence",
        "CreativeWork",
        name=say("study.crate.no_licence").both,
        description=say("study.crate.licence").both,
    )
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": say("study.crate.account", name=name, year=about.year).both,
        "description": say("study.crate.about", title=title, profile=about.profile).both,
        "identifier": about.run_id,
        "datePublished": f"{about.year}-12-31",
        "temporalCoverage": str(about.year),
        "license": {"@id": licence},
        "conformsTo": {"@id": PROCESS_RUN},
        "hasPart": _references(parts),
        "mentions": {"@id": action},
    }


def _action(graph: _Graph, account: Account, objects: list[str], results: list[str]) -> str:
    about = account.about
    has_log = "run.log" in results
    return graph.add(
        _fragment(f"run-{about.run_id}"),
        "CreateAction",
        name=say("study.crate.computation", name=Text(about.name, about.name_zh or about.name), year=about.year).both,
        description=say(
            "study.crate.made_of",
            layers=len(account.record.get("inputs", {})),
            rows=len(account.record.get("coefficients", [])),
            profile=about.profile,
        ).both,
        identifier=about.run_id,
        instrument={"@id": _program(graph, account.record)},
        object=_references(objects),
        result=_references(name for name in results if name != "run.log"),
        subjectOf={"@id": "run.log"} if has_log else None,
        actionStatus="http://schema.org/CompletedActionStatus",
    )


def _program(graph: _Graph, record: RunRecord) -> str:
    needed = [
        graph.add(
            _PAGES.get(name) or f"https://pypi.org/project/{name}/{number}/",
            "SoftwareApplication",
            name=name,
            softwareVersion=number,
            url=_PAGES.get(name) or f"https://pypi.org/project/{name}/{number}/",
        )
        for name, number in record.get("environment", {}).items()
    ]
    needed += [_parts(graph, about) for about in record.get("parts", [])]
    return graph.add(
        "#gep",
        "SoftwareApplication",
        name="gep",
        description=say("study.crate.program").both,
        softwareVersion=record.get("gep"),
        sha256=record.get("code_sha256"),
        license="https://spdx.org/licenses/Apache-2.0",
        softwareRequirements=_references(needed) if needed else None,
    )


def _parts(graph: _Graph, about: PartsRecord) -> str:
    """Parts from outside the package, by their package and the hashes of code and data."""
    data = graph.setting("data_sha256", about["data_sha256"]) if about["data_sha256"] else None
    return graph.add(
        _fragment(f"parts-{about['name']}"),
        "SoftwareApplication",
        name=about["name"],
        alternateName=about["origin"],
        softwareVersion=about["version"],
        description=say("study.crate.parts").both,
        sha256=about["code_sha256"],
        additionalProperty={"@id": data} if data else None,
    )


def _result_file(graph: _Graph, folder: Path, path: Path) -> str:
    name = path.relative_to(folder).as_posix()
    is_fixed = name != "run.log"
    return graph.add(
        quote(name),
        "File",
        name=name,
        description=_described(name),
        encodingFormat=_FORMATS.get(path.suffix),
        contentSize=str(path.stat().st_size) if is_fixed else None,
        sha256=file_hash(path) if is_fixed else None,
    )


def _described(name: str) -> str | None:
    key = "assets" if name.startswith(f"{ASSETS}/") else _RESULTS.get(name)
    return say(f"study.crate.file.{key}").both if key else None


def named_information(sha256: str) -> str:
    """The identifier of content by its hash alone (RFC 6920)."""
    return f"ni:///sha-256;{base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip('=')}"


def _input_files(graph: _Graph, record: RunRecord) -> list[str]:
    """The files that were read: rasters, zones, tables, coefficients of the study's own. An array or a folder of files
    is not one.
    """
    given = {name: about for name, about in record.get("inputs", {}).items() if _is_file(about)}
    by_content: dict[str, list[str]] = {}
    for name, about in given.items():
        by_content.setdefault(_identifier(about), []).append(name)
    files = [
        _input_file(graph, given[names[0]], say("study.crate.raster", names=names).both, names)
        for names in by_content.values()
    ]
    zones = record.get("zones", {})
    files += [
        _input_file(graph, zones, say("study.crate.zones").both),
        _input_file(graph, zones.get("outline"), say("study.crate.outline").both),
    ]
    files += [
        _input_file(graph, about, say("study.crate.table", name=name).both)
        for name, about in record.get("tables", {}).items()
    ]
    files.append(_input_file(graph, record.get("price_index"), say("study.crate.price_index").both))
    own = record.get("coefficient_tables", {})
    files += [_input_file(graph, about, say("study.crate.own_rows", name=name).both) for name, about in own.items()]
    return [file for file in files if file]


def _identifier(about: Mapping[str, Any]) -> str:
    """By its content alone; of an object that was not read as a whole by its address, which holds no secret."""
    return named_information(about["sha256"]) if about["sha256"] else str(about["address"])


def _is_file(about: Mapping[str, Any] | None) -> bool:
    is_told = about and about.get("file") and about.get("bytes") is not None and "derived_by" not in about
    return bool(about and is_told and (_HASH.fullmatch(about.get("sha256") or "") or "address" in about))


_HASH = re.compile("[0-9a-f]{64}")


def _input_file(graph: _Graph, about: Mapping[str, Any] | None, description: str, layers: Iterable[str] = ()) -> str:
    """A file that lies elsewhere; nothing where none was given."""
    if not about or not _is_file(about):
        return ""
    measured = [_layer_id(name) for name in layers]
    return graph.add(
        _identifier(about),
        "File",
        name=about["file"],
        identifier=about.get("known_by"),
        description=description,
        encodingFormat=_FORMATS.get(Path(about["file"]).suffix.lower()),
        contentSize=str(about["bytes"]),
        sha256=about["sha256"],
        variableMeasured=_references(measured) if measured else None,
        **_of_product(graph, about.get("product")),
    )


def _of_product(graph: _Graph, product: Mapping[str, Any] | None) -> Entity:
    """How a public data set wants to be cited, and its licence."""
    if not product:
        return {}
    licence = graph.add(_fragment(f"licence-{product['id']}"), "CreativeWork", name=product["licence"])
    cited = graph.add(
        _fragment(f"product-{product['id']}"),
        "CreativeWork",
        name=product["title"],
        alternateName=product["title_zh"],
        identifier=product["id"],
        creditText=product["citation"],
        license={"@id": licence} if product["licence"] else None,
    )
    return {"citation": {"@id": cited}, "license": {"@id": licence} if product["licence"] else None}


_READ_WITH = (
    "variable",
    "bands",
    "scale",
    "offset",
    "nodata",
    "unit_found",
    "crs",
    "cell",
    "resampling",
    "period",
    "year",
)


_MADE_WITH = ("from", "constants", "crs", "cell", "resampling", "period")


def _layer_id(name: str) -> str:
    return _fragment(f"layer-{name}")


def _layers(graph: _Graph, record: RunRecord) -> list[str]:
    """Each layer: its unit, and how the numbers of the file became numbers in it. A derived one names the equation and
    what it is made from.
    """
    made = []
    for name, about in record.get("inputs", {}).items():
        equation, told = about.get("derived_by"), dict[str, object](about)
        settings = [
            graph.setting(key, told[key])
            for key in (_MADE_WITH if equation else _READ_WITH)
            if told.get(key) not in _NOTHING
        ]
        if equation:
            what = say("study.crate.layer_made", layer=name, equation=equation, names=list(about.get("from", ())))
        else:
            what = say("study.crate.layer_read", layer=name, file=about.get("file"))
        made.append(
            graph.add(
                _layer_id(name),
                "PropertyValue",
                name=name,
                value=equation or (_identifier(about) if _is_file(about) else f"sha256 {about.get('sha256')}"),
                description=what.both,
                unitText=about.get("unit"),
                additionalProperty=_references(settings),
            )
        )
    return made


def _coefficients(graph: _Graph, record: RunRecord) -> list[str]:
    rows = []
    for row in record.get("coefficients", []):
        settings = [
            graph.setting(key, row[key])
            for key in ("status", "price_year", "from_year", "low", "high", "spread")
            if key in row
        ]
        place = listed(translated(str(part)) for part in (row.get("source"), row.get("locator")) if part)
        rows.append(
            graph.add(
                _fragment(f"coefficient-{row['id']}"),
                "PropertyValue",
                name=row["id"],
                value=row["value"],
                unitText=row["unit"],
                description=say("study.crate.coefficient", row=row["id"], place=place).both,
                citation={"@id": _document(graph, row["source"])} if row.get("source") in sources() else None,
                additionalProperty=_references(settings) if settings else None,
            )
        )
    return rows


def _document(graph: _Graph, source: str) -> str:
    """A standard, paper or law that a number was read in."""
    about = sources()[source]
    return graph.add(
        _fragment(f"source-{source}"),
        "CreativeWork",
        name=about.get("title"),
        alternateName=about.get("title_zh"),
        identifier=f"https://doi.org/{about['doi']}" if about.get("doi") else about.get("number"),
        creditText=about.get("authors"),
        datePublished=str(about["year"]) if about.get("year") else None,
    )


def _methods(graph: _Graph, record: RunRecord) -> list[str]:
    """Every choice that was open: switches of services, settings of the study."""
    study = dict[str, object](record.get("study", {}))
    keys = ("year", "price_year", "region", "grid", "scheme", "not_applicable", "does_not_occur", "off", "waivers")
    chosen = [graph.setting(f"study.{key}", study[key]) for key in keys if study.get(key)]
    for service, switches in record.get("switches", {}).items():
        chosen += [graph.setting(f"{service}.{name}", option) for name, option in switches.items()]
    return chosen


def _profile(graph: _Graph, account: Account) -> list[str]:
    about = account.about
    if about.profile not in profile_ids():
        return []
    profile = load_profile(about.profile)
    level = graph.setting("level", about.level)
    identifier = graph.add(
        "#profile",
        "CreativeWork",
        name=profile.name_en,
        alternateName=profile.name_zh,
        identifier=profile.id,
        description=say("study.crate.profile").both,
        sha256=account.record.get("profile_sha256"),
        citation={"@id": _document(graph, profile.source)} if profile.source in sources() else None,
        additionalProperty={"@id": level},
    )
    return [identifier]
