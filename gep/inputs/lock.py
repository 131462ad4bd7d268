"""The lock of a project: the hashes of all its input files, so that another file cannot stand in for one of them.

Raster formats do not verify what they hold: a flipped bit is read as another number. Only a declared hash can tell.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gep.core.errors import Problem, ProjectError, problem
from gep.core.folders import atomic_file
from gep.core.messages import say
from gep.inputs.fingerprints import input_files, remote_inputs
from gep.inputs.grids.files import file_hash, files_hash, is_mosaic
from gep.inputs.grids.places import Tiles
from gep.inputs.grids.remote import Remote, RemoteError, remote_hash, remote_stamp
from gep.inputs.spec import StudySpec

LOCK = "gep.lock"
"""The name of the lock, beside the project file."""


def write_lock(spec: StudySpec, folder: Path) -> Path:
    """Write the hash of every input file, by the key of the project file that names it (`layers.precipitation@2020` of
    one that each year has of its own), and of an object on a server what that tells of it; the path of the lock. Raises
    InputError where a server does not answer.
    """
    lines = ["# Written by `gep data lock`: SHA-256 of every input file. `gep check` and `gep run` hold them.", ""]
    found: dict[str, str] = {}
    for year in spec.years or (spec.year,):
        of_year = spec.in_year(year) if spec.years else spec
        own = {name if name == "land_cover" else f"layers.{name}": f"@{year}" for name in spec.of_years}
        for key, parts in input_files(of_year).items():
            if parts:
                found[key + own.get(key, "")] = files_hash(parts)
        for key, (remote, sha256) in remote_inputs(of_year).items():
            found[key + own.get(key, "")] = _content(key, remote, sha256)
    lines += [f'"{key}" = {json.dumps(content)}' for key, content in found.items()]
    path = folder / LOCK
    with atomic_file(path) as fresh:
        fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read_lock(folder: Path) -> Mapping[str, str] | None:
    """The hashes by key; None where there is no lock. Raises ProjectError for one that cannot be read."""
    path = folder / LOCK
    if not path.is_file():
        return None
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProjectError(say("inputs.bad_lock", file=LOCK, error=error)) from error
    return {key: str(value).lower() for key, value in document.items()}


def check_lock(spec: StudySpec) -> list[Problem]:
    """Errors F42 for files that are not those declared, by the lock or by `sha256`; F43 for those the lock lacks."""
    rasters = {"land_cover": spec.land_cover, **{f"layers.{name}": layer for name, layer in spec.layers.items()}}
    declared = {key: layer.sha256.lower() for key, layer in rasters.items() if layer.sha256}
    locked = spec.lock
    if not declared and locked is None:
        return []
    problems = []
    for key, parts in input_files(spec).items():
        if not parts:
            continue
        subject, place, found = key.removeprefix("layers."), parts[0].name, files_hash(parts)
        of_project, of_lock = declared.get(key), (locked or {}).get(key)
        if locked is not None and of_project is None and of_lock is None:
            problems.append(problem("inputs.F43.unlocked", subject, place=place))
        are_tiles = key in rasters and isinstance(rasters[key].data, Tiles)
        alone = [] if are_tiles else _of_one_file(parts)
        for wanted, known in ((of_lock, {found}), (of_project, {found, *alone})):
            if wanted is not None and wanted not in known:
                problems.append(problem("inputs.F42.other_file", subject, place=place, found=found, allowed=wanted))
    return [*problems, *_check_remote(spec)]


def _check_remote(spec: StudySpec) -> Iterator[Problem]:
    """The same of objects on servers, of which only those with a declared hash are read whole. One that is not to be
    had is said where it is opened.
    """
    for key, (remote, sha256) in remote_inputs(spec).items():
        subject, of_lock = key.removeprefix("layers."), (spec.lock or {}).get(key)
        if spec.lock is not None and of_lock is None and not sha256:
            yield problem("inputs.F43.unlocked", subject, place=remote.name)
        try:
            found = remote_hash(remote) if sha256 else str(remote_stamp(remote))
        except RemoteError:
            continue
        for wanted in filter(None, (of_lock, sha256)):
            if wanted.lower() != found.lower():
                name = "inputs.F42.other_file" if sha256 else "inputs.F42.other_object"
                yield problem(name, subject, place=remote.name, found=found, allowed=wanted)


def _content(key: str, remote: Remote, sha256: str) -> str:
    """By what an object is known: its hash where the project declares one, else what its server tells."""
    try:
        return remote_hash(remote) if sha256 else str(remote_stamp(remote))
    except RemoteError as error:
        raise error.refusal(key.removeprefix("layers."), remote.name) from error


def _of_one_file(parts: Sequence[Path]) -> list[str]:
    """The hash of the raster itself, which tools of the system give, where it holds all cells: what stands beside it is
    not of them. A mosaic holds none.
    """
    return [] if is_mosaic(parts[0]) else [file_hash(parts[0])]
