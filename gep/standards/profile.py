"""What a standard counts, and how: read from `coefficients/<profile>/profile.toml`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from gep.core.catalog import service_ids
from gep.core.data import data_files, data_folder, data_folders, owner_of, pick, read_toml, renewed, written
from gep.core.errors import Problem, ProjectError, did_you_mean
from gep.core.messages import say
from gep.core.parts import found_with, holder_of, needed, of_session, registered
from gep.core.translation import translated
from gep.standards.coefficients import Coefficient, read_coefficients
from gep.standards.overlaps import overlaps
from gep.standards.rules import SERVICE_KEYS, Kind, Rule, _rule, check_keys, place_of

PROFILE = "profile.toml"
"""The file of a profile in its folder."""

_PROFILE_KEYS: dict[str, Kind] = {
    "id": "text",
    "name_zh": "text",
    "name_en": "text",
    "extends": "text",
    "without": "texts",
    "level": "text",
    "kind": "text",
    "source": "text",
    "min_coverage": "number",
    "price_index": "text",
    "unmoved_prices": "texts",
    "note": "text",
    "provisional": "texts",
    "overlaps": "table",
    "plugins": "texts",
    "imports": "text",
    "services": "table",
}

_NEEDED = ("name_zh", "name_en", "level", "kind")
"""Keys without which there is no profile, its own or those of one that it extends."""

_ONE_OF = {"level": ("verified", "provisional"), "kind": ("monetary", "physical"), "imports": ("", "declared")}


_MERGED = ("services", "provisional", "extends", "without", "plugins")
"""Keys that a profile does not simply take from the one it extends."""


@dataclass(frozen=True, repr=False)
class Profile:
    """A standard as data: its services, prices, coefficient tables and level of trust.

    `note`, `provisional` and the reasons of `overlaps` are for people, in both languages.
    """

    id: str
    name_zh: str
    name_en: str
    level: str
    kind: Literal["monetary", "physical"]
    source: str
    min_coverage: float
    price_index: str
    unmoved_prices: tuple[str, ...]
    provisional: tuple[str, ...]
    note: str
    rules: Mapping[str, Rule]
    tables: tuple[tuple[Coefficient, ...], ...]
    folders: tuple[str, ...]
    sha256: str
    imports: str = ""
    """Whether the study must declare what comes from ecosystems outside its area (`declared`), or not (empty)."""
    overlaps: Mapping[str, str] = field(default_factory=dict)
    """Why flows that overlap are counted together, by id of the overlap."""
    parts: tuple[str, ...] = ()
    """The parts from outside that hold: those of the session, those that the profile and those it extends come with,
    count services of, or name.
    """

    def extended(self, identifier: str, services: Mapping[str, Mapping[str, Any]]) -> Profile:
        """The same profile under another id, which also counts some services: for each a table with the keys of
        `[services.<id>]` in a `profile.toml`, in place of what the profile says of it. It is provisional.

        >>> pests = {"category": "regulating", "counts": ["forest"]}               # doctest: +SKIP
        >>> load_profile("ndrc-2022").extended("mine", {"pest_control": pests})    # doctest: +SKIP
        """
        place = place_of(identifier)
        for service, table in services.items():
            check_keys(table, SERVICE_KEYS, say("standards.place.service", profile=identifier, service=service))
        if not identifier or identifier in profile_ids():
            raise ProjectError(say("standards.taken_id", place=place, known=profile_ids()))
        parts = _parts_of([{"services": services}])
        rules = {**self.rules, **{service: _rule(identifier, service, table) for service, table in services.items()}}
        said = repr([self.sha256, identifier, {name: dict(table) for name, table in services.items()}])
        return replace(
            self,
            id=identifier,
            level="provisional",
            rules={service: rules[service] for service in service_ids() if service in rules},
            folders=(identifier, *self.folders),
            sha256=hashlib.sha256(said.encode()).hexdigest(),
            parts=needed([*self.parts, *parts]),
        )

    def __repr__(self) -> str:
        return f"<profile {self.id}: {len(self.rules)} services>"


def profile_ids() -> list[str]:
    """The profiles that there are, shipped or from outside."""
    return sorted(_folders())


def _folders() -> dict[str, Path]:
    return {path.parent.name: path.parent for path in data_files(f"*/{PROFILE}")}


def profile_parts(identifier: str) -> str:
    """The name of the parts from outside that a profile is of; empty where it is shipped."""
    return owner_of(_folders()[identifier])


def _folder_of(identifier: str) -> Path:
    """The folder of a profile by its id. Raises ProjectError for one that there is not."""
    pick(identifier, list(found_with(identifier, profile_ids)), "profile")
    return _folders()[identifier]


def is_folder(identifier: str) -> bool:
    """Whether a profile is named by the path of its folder, and not by the id of a shipped one."""
    return "/" in identifier or "\\" in identifier


def load_profile(identifier: str | Path | Profile) -> Profile:
    """A profile, which is what a standard counts, where and by which methods, with those that it extends behind it.

    >>> gep.load_profile("cas-2010").rules["water_retention"].clause               # doctest: +SKIP

    Args:
        identifier: the id of a shipped one, or of one of an installed package; the path of the folder of one of your
            own, which has a `profile.toml` and tables of coefficients as shipped ones have; one that is loaded already,
            which is given back.

    Raises:
        ProjectError: for a profile that is not there or breaks its schema.
        PartsError: where parts from outside that it rests on are not there.
    """
    if isinstance(identifier, Profile):
        needed(identifier.parts)
        return identifier
    if not isinstance(identifier, Path) and not is_folder(identifier):
        return _profile(_folder_of(identifier), _files())
    folder = Path(identifier)
    folder = folder.parent if folder.name == PROFILE else folder
    if not (folder / PROFILE).is_file():
        raise ProjectError(say("standards.no_profile_there", folder=folder, file=PROFILE))
    return _profile(folder, (*_files(), *((path, written(path)) for path in sorted(folder.glob("*")))))


def _files() -> tuple[tuple[Path, tuple[int, int, int]], ...]:
    return tuple((path, written(path)) for path in data_files("*/*"))


def profile_id(profile: str | Path | Profile) -> str:
    """What a profile is called: its id, or the name of its folder."""
    if isinstance(profile, Profile):
        return profile.id
    return Path(profile).name if isinstance(profile, Path) or is_folder(profile) else profile


@renewed
@lru_cache(maxsize=16)
def _profile(start: Path, _: tuple[tuple[Path, tuple[int, int, int]], ...]) -> Profile:
    """A profile made of these files, read once."""
    places = _chain(start)
    chain = [document for _, document in places]
    identifier = str(chain[0]["id"])
    problems: list[Problem] = []
    tables: list[tuple[Coefficient, ...]] = []
    held = _held(places)
    of_parts = [folder for name in held if (folder := registered()[name].parts.folder)]
    for folder in [*(folder for folder, _ in places), *of_parts, data_folder()]:
        rows: list[Coefficient] = []
        for path in coefficient_files(folder):
            read, found = _table(path, written(path))
            rows.extend(read)
            problems.extend(found)
        tables.append(tuple(rows))
    if problems:
        raise ProjectError(say("standards.profile_with_errors", profile=identifier), problems)
    top: dict[str, Any] = {}
    for document in reversed(chain):
        top.update({key: value for key, value in document.items() if key not in _MERGED})
    own = chain[0]
    for key in _NEEDED:
        if not top.get(key):
            raise ProjectError(say("standards.needed_key", place=place_of(identifier), key=key))
    for key, known in _ONE_OF.items():
        if top.get(key, "") not in known:
            words = [word for word in known if word]
            raise ProjectError(say("standards.not_one_of", place=place_of(identifier), key=key, known=words))
    return Profile(
        id=identifier,
        name_zh=top["name_zh"],
        name_en=top["name_en"],
        level=top["level"],
        kind=top["kind"],
        source=top.get("source", ""),
        min_coverage=float(top.get("min_coverage", 0.95)),
        price_index=top.get("price_index", ""),
        unmoved_prices=tuple(top.get("unmoved_prices", ())),
        provisional=tuple(map(translated, own.get("provisional", ()))),
        note=translated(top.get("note", "")),
        rules=_rules(identifier, chain),
        tables=tuple(tables),
        folders=tuple(document["id"] for document in chain),
        sha256=hashlib.sha256(repr(chain).encode()).hexdigest(),
        imports=top.get("imports", ""),
        overlaps=_explanations(identifier, top.get("overlaps", {})),
        parts=held,
    )


def _held(places: Sequence[tuple[Path, Mapping[str, Any]]]) -> tuple[str, ...]:
    """The parts from outside that hold for a profile and those that it extends."""
    named = [name for _, document in places for name in document.get("plugins", ())]
    own = [owner for folder, _ in places if (owner := owner_of(folder))]
    return needed([*own, *named, *_parts_of([document for _, document in places])])


def _parts_of(documents: Sequence[Mapping[str, Any]]) -> list[str]:
    """The parts of the session, and those whose services some documents count."""
    services = [service for document in documents for service in document.get("services", {})]
    of_services = [holder_of(service) for service in services if found_with(service, service_ids)]
    return [*of_session(), *filter(None, of_services)]


@lru_cache(maxsize=512)
def _table(path: Path, _: tuple[int, int, int]) -> tuple[tuple[Coefficient, ...], tuple[Problem, ...]]:
    """The rows and problems of a shipped table, which several profiles have in common, read once."""
    rows, problems = read_coefficients(path)
    return tuple(rows), tuple(problems)


def with_numbers_of(rules: Profile, numbers: Profile) -> Profile:
    """A profile that counts as one does, with the coefficients and the price index of another."""
    return replace(rules, tables=numbers.tables, price_index=numbers.price_index, unmoved_prices=numbers.unmoved_prices)


def coefficient_files(folder: Path) -> list[Path]:
    """The coefficient tables of a profile's folder, or, of a folder of data itself, those common to all."""
    return sorted((folder / "common" if folder in data_folders() else folder).glob("*.csv"))


def _chain(start: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The profile's document and those it extends, with their folders, the most special first."""
    chain: list[tuple[Path, dict[str, Any]]] = []
    folder: Path | None = start
    while folder is not None:
        identifier = folder.name
        if folder in [known for known, _ in chain]:
            raise ProjectError(say("standards.extends_itself", profile=identifier))
        document = read_toml(folder / PROFILE)
        check_keys(document, _PROFILE_KEYS, place_of(identifier))
        if document.get("id") != identifier:
            raise ProjectError(say("standards.other_id", place=place_of(identifier), folder=identifier))
        for service, table in document.get("services", {}).items():
            place = say("standards.place.service", profile=identifier, service=service)
            check_keys(table, SERVICE_KEYS, place)
        chain.append((folder, document))
        base = document.get("extends", "")
        folder = _folder_of(base) if base else None
    return chain


def _explanations(identifier: str, given: Mapping[str, str]) -> dict[str, str]:
    """Why overlapping flows are counted: as the profile says, or the nearest that it extends and that says anything."""
    for name in given:
        if name not in overlaps():
            hint = did_you_mean(name, overlaps())
            raise ProjectError(say("standards.unknown_overlap", profile=identifier, name=name, hint=hint))
    return {name: translated(reason) for name, reason in given.items()}


def _rules(identifier: str, chain: list[dict[str, Any]]) -> dict[str, Rule]:
    """The services of a profile: those of the profiles that it extends, changed key by key and without those it leaves
    out, in report order.
    """
    tables: dict[str, dict[str, Any]] = {}
    for document in reversed(chain):
        for service, table in document.get("services", {}).items():
            tables[service] = {**tables.get(service, {}), **table}
        for service in document.get("without", ()):
            tables.pop(pick(service, list(tables), "inherited_service"), None)
    rules = {service: _rule(identifier, service, table) for service, table in tables.items()}
    return {service: rules[service] for service in service_ids() if service in rules}
