"""Parts from outside the package: services, derivations, tables of ecosystems and data of a plug-in or of a notebook.

What is registered here stands beside our own parts. Those of this session hold for every profile that is loaded after;
those of an installed package (entry points of the group `gep.plugins`) for the profiles that come with it or name it.
Installed packages are looked for, and loaded, when something is named that is not known otherwise: never because of
what a file says beside such a name. `gep.study.register` proves parts before they come here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from gep.core.catalog import Component, Derivation, Service, Switches
from gep.core.data import header_of, renewed, text_of
from gep.core.errors import PartsError, Problem, failure, problem
from gep.core.front_door import public
from gep.core.messages import Text, joined, say

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "gep.plugins"
"""The group of entry points; the name of one is that of its parts, what it names is a `Parts`."""


@dataclass(frozen=True, eq=False)
class Parts:
    """What a package or a notebook adds.

    Args:
        name: what they are called; of an installed package that of its entry point.
        services: declared as ours are, with `gep.catalog`.
        derivations: ways to make layers, likewise.
        ecosystems: which services an ecosystem provides, by its id.
        data: a folder of the shape of `coefficients/` (profiles, tables, schemes, names), or a mapping of what would be
            its files (`labels.csv`, `riparian/profile.toml`) to their text, or to their rows.
        version: of an installed package that of the distribution, as `origin`.
        origin: where they come from.
    """

    name: str = ""
    services: Sequence[Service] = ()
    derivations: Sequence[Derivation] = ()
    ecosystems: Mapping[str, Sequence[Service]] = field(default_factory=dict)
    data: str | Path | Mapping[str, Any] | None = None
    version: str = ""
    origin: str = ""

    @cached_property
    def _kept(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="gep-parts-")

    @cached_property
    def folder(self) -> Path | None:
        """The folder of the data; that of a mapping is written when it is first asked for."""
        if self.data is None or not isinstance(self.data, Mapping):
            return None if self.data is None else Path(self.data).resolve()
        folder = Path(self._kept.name).resolve()
        for name, content in self.data.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_text_of(name, content), encoding="utf-8")
        return folder

    @cached_property
    def files(self) -> dict[str, str]:
        """The text of every file of the data, by its place in the folder."""
        if self.folder is None:
            return {}
        there = (path for path in sorted(self.folder.rglob("*")) if path.suffix in (".csv", ".toml"))
        return {path.relative_to(self.folder).as_posix(): text_of(path) for path in there}

    def __getstate__(self) -> dict[str, Any]:
        """What travels to another process: texts in place of folders, and of components what the function gives."""
        tables = {service.id: _tabled(service) for service in (*self.services, *_of(self.ecosystems))}
        return {
            "name": self.name,
            "services": tuple(tables[service.id] for service in self.services),
            "derivations": tuple(self.derivations),
            "ecosystems": {name: tuple(tables[s.id] for s in services) for name, services in self.ecosystems.items()},
            "data": self.files or None,
            "version": self.version,
            "origin": self.origin,
        }


def _of(ecosystems: Mapping[str, Sequence[Service]]) -> Iterable[Service]:
    return (service for services in ecosystems.values() for service in services)


@dataclass(frozen=True)
class _Tabled:
    """The components of a service under every choice of its switches."""

    names: tuple[str, ...]
    components: Mapping[tuple[str, ...], tuple[Component, ...]]

    def __call__(self, switches: Switches) -> tuple[Component, ...]:
        return self.components[tuple(switches[name] for name in self.names)]


def _tabled(service: Service) -> Service:
    names = tuple(service.switches)
    choices = product(*(switch.options for switch in service.switches.values()))
    return replace(
        service,
        components=_Tabled(names, {of: service.components(dict(zip(names, of, strict=True))) for of in choices}),
    )


def _text_of(name: str, content: Any) -> str:
    """A file of the data as text: rows (mappings, a frame) below the heading of the shipped table, empty where they say
    nothing.
    """
    if isinstance(content, str):
        return content
    import csv
    import io

    is_frame = hasattr(content, "to_dict")
    rows = content.astype(object).where(content.notna(), "").to_dict("records") if is_frame else list(content)
    given = list(dict.fromkeys(key for row in rows for key in row))
    columns = list(dict.fromkeys((*header_of(name), *given)))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: "" if cell is None else cell for key, cell in row.items()} for row in rows)
    return out.getvalue()


# what is registered ---------------------------------------------------------------------------------------------------


class PartsRecord(TypedDict):
    """Parts from outside the package: their name, the package and its version (the session that registered them has
    none), and the hashes of their code and of their data, empty where they have none.
    """

    name: str
    origin: str
    version: str
    code_sha256: str
    data_sha256: str


@dataclass(frozen=True, eq=False)
class Registered:
    """Parts that hold, with hashes of their code and of their data. `with` takes them away at its end."""

    parts: Parts
    code_sha256: str
    data_sha256: str

    @property
    def name(self) -> str:
        """The name of the parts."""
        return self.parts.name

    @property
    def origin(self) -> Text:
        """Where they come from, for people."""
        return origin_of(self.parts)

    def is_same(self, other: Registered) -> bool:
        """Whether code and data are the same."""
        return (self.code_sha256, self.data_sha256) == (other.code_sha256, other.data_sha256)

    def __enter__(self) -> Registered:
        return self

    def __exit__(self, *_: object) -> None:
        public("unregister")(self.name)

    def __repr__(self) -> str:
        return f"<parts {self.name}: {self.origin}>"


def origin_of(parts: Parts) -> Text:
    """Where parts come from, for people."""
    if parts.origin:
        text = f"{parts.origin} {parts.version}".strip()
        return Text(text, text)
    return say("core.parts.session", name=parts.name)


_registered: dict[str, Registered] = {}


def registered() -> Mapping[str, Registered]:
    """All parts from outside that are registered, by name."""
    return _registered


def keep(one: Registered) -> None:
    """Put proved parts among those that are registered."""
    _registered[one.name] = one


def drop(name: str) -> None:
    """Take parts from among them; installed packages that could not be used are tried again."""
    _registered.pop(name, None)
    _failed.clear()


def of_session() -> list[str]:
    """The names of the parts that this session registered: they hold for every profile."""
    return [name for name, one in _registered.items() if not one.parts.origin]


def holder_of(service: str) -> str:
    """The name of the parts that a service is of; empty where it is one of ours, or none."""
    return next((name for name, one in _registered.items() if service in {s.id for s in one.parts.services}), "")


def derivations_of(names: Iterable[str]) -> tuple[Derivation, ...]:
    """The derivations of some parts."""
    return tuple(d for name in names if name in _registered for d in _registered[name].parts.derivations)


def provided_by(ecosystem: str) -> tuple[Service, ...]:
    """The services that parts from outside say that an ecosystem provides."""
    return tuple(s for one in _registered.values() for s in one.parts.ecosystems.get(ecosystem, ()))


# installed packages ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failed:
    """An installed package whose parts cannot be had."""

    name: str
    origin: Text
    problems: tuple[Problem, ...]
    claimed: tuple[str, ...] = ()
    """The parts that have what these claim too."""


_failed: dict[str, Failed] = {}

_loading: set[str] = set()
"""What is being loaded: a profile of it may look for one of another package."""


@renewed
@cache
def _entry_points() -> tuple[EntryPoint, ...]:
    """The entry points of all installed packages: looked for once, and again when parts come or go."""
    from importlib.metadata import entry_points

    return tuple(sorted(entry_points(group=GROUP), key=lambda point: point.name))


def load_installed() -> Mapping[str, Failed]:
    """Register the parts of every installed package that are not yet; those that cannot be had, with the reason."""
    points = _entry_points()
    for point in points:
        is_there = point.name in _registered and _registered[point.name].parts.origin
        if is_there or point.name in _failed or point.name in _loading:
            continue
        same = [other for other in points if other.name == point.name]
        found = PartsError(say("core.parts.same_name")) if len(same) > 1 else _load(point)
        if found:
            names = [f"{other.dist.name} {other.dist.version}" if other.dist else other.value for other in same]
            origin = joined(names, ", ")
            told = problem("core.E03.not_loaded", point.name, place=origin, why=found.message)
            _failed[point.name] = Failed(point.name, origin, (told, *found.problems), found.claimed)
    there = {point.name for point in points}
    for name in [name for name in _failed if name not in there]:
        del _failed[name]
    return _failed


def _load(point: EntryPoint) -> PartsError | None:
    """Why the parts of an entry point cannot be had; None where they are registered now."""
    about = point.dist
    _loading.add(point.name)
    try:
        parts = point.load()
        if not isinstance(parts, Parts):
            return PartsError(say("core.parts.no_parts", value=point.value, found=type(parts).__name__))
        origin, version = (about.name, about.version) if about else (point.value, "")
        public("register")(replace(parts, name=point.name, version=version, origin=origin))
    except PartsError as error:
        return error
    except Exception as error:  # the code of others may raise anything, and must not stop who does not use it
        return PartsError(say("core.parts.broken", kind=type(error).__name__, why=failure(error)))
    finally:
        _loading.discard(point.name)
    return None


def known_with(name: str, known: Callable[[], Collection[str]]) -> Collection[str]:
    """What is known, with the parts of installed packages where a name is not there without them."""
    if name not in known():
        load_installed()
    return known()


def lost(parts: Iterable[PartsRecord]) -> list[Problem]:
    """What a run rests on, as its record tells, and is not here, nor installed."""
    return [
        problem("core.E03.not_here", one["name"], origin=f"{one['origin']} {one['version']}".strip() or one["name"])
        for one in parts
        if one["name"] not in known_with(one["name"], registered)
    ]


def found_with(name: str, known: Callable[[], Collection[str]]) -> Collection[str]:
    """The same. Raises PartsError where a name is not there, and the parts of some package, which may have it, cannot
    be had.
    """
    there = known_with(name, known)
    if name not in there and _failed:
        unknown = problem("core.E03.unknown", name, names=list(_failed))
        raise PartsError(unknown.message, [unknown, *(found for one in _failed.values() for found in one.problems)])
    return there


def needed(names: Iterable[str]) -> tuple[str, ...]:
    """Some parts by name, loaded if they are installed. Raises PartsError for those that cannot be had, and where two
    packages claim the same: nobody could tell which is meant. What a session registers itself is meant.
    """
    wanted = tuple(dict.fromkeys(names))
    if any(name not in _registered for name in wanted):
        load_installed()
    doubtful = {name for name in wanted if name in _registered and _registered[name].parts.origin}
    unusable = [one for name, one in _failed.items() if name in wanted or doubtful & {*one.claimed}]
    told = [found for one in unusable for found in one.problems]
    missing = [name for name in wanted if name not in _registered and name not in _failed]
    told += [problem("core.E03.not_installed", name) for name in missing]
    if told:
        raise PartsError(say("core.parts.needed", names=list(wanted)), list(dict.fromkeys(told)))
    return wanted
