"""The project file `gep.toml`: its schema, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pyproj
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from gep.core.catalog import layer_kinds, service_ids
from gep.core.data import pick, read_toml
from gep.core.errors import Problem, ProjectError, did_you_mean
from gep.inputs.grids.bands import AXIS_OF
from gep.standards.profile import load_profile, profile_ids
from gep.standards.rules import check_methods
from gep.standards.schemes import load_scheme, scheme_ids

Resampling = Literal["bilinear", "nearest", "average"]

LARGEST_DEGREES = 5.0
"""A wider cell on a grid of longitudes and latitudes is a resolution in metres."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class GridTable(_Table):
    """A grid of the study's own."""

    crs: str = Field(description="The coordinate reference system, like EPSG:6933.")
    resolution: float = Field(gt=0, description="Side of a cell in units of the CRS.")


class StudyTable(_Table):
    """What the account is of."""

    name: str = Field(min_length=1)
    name_zh: str = ""
    code: str = ""
    year: int = Field(ge=1900, le=2200)
    profile: str = "ndrc-2022"
    price_year: int | None = Field(
        default=None,
        ge=1900,
        le=2200,
        description="In whose year's money values are expressed; the accounting year by default.",
    )
    grid: Literal["land_cover"] | GridTable = "land_cover"
    region: str = Field(
        default="",
        description="The region whose coefficient rows are preferred; of a lake "
        "region and a province both, with a comma.",
    )

    @field_validator("code", mode="before")
    @classmethod
    def _code_is_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value


class ZonesTable(_Table):
    """The polygons that figures are reported for."""

    path: str
    code: str = Field(description="Column that holds the code of a zone.")
    name: str = Field(default="", description="Column that holds its name.")
    name_en: str = ""
    name_zh: str = ""
    outline: str = Field(
        default="", description="File with the outline of the whole area; the union of the zones by default."
    )
    coverage: Literal["auto", "centre", "fraction"] = "auto"


class RasterTable(_Table):
    """A raster file and how to read it. What is said here replaces what the file says."""

    path: str
    units: str | None = None
    scale: float | None = None
    offset: float | None = None
    nodata: float | Literal["none"] | None = None
    band: int | None = Field(default=None, ge=1)
    bands: Literal["month", "day", "hour"] | None = None
    variable: str | None = None
    resampling: Resampling | None = None
    period: str = ""
    year: int | None = None


class LandCoverTable(_Table):
    """The land-cover raster and the scheme of its codes."""

    path: str
    scheme: str
    year: int | None = None
    map: dict[str, str] = Field(
        default_factory=dict, description='Assignments that replace the scheme\'s: code = "ecosystem/class".'
    )
    band: int | None = Field(default=None, ge=1)
    variable: str | None = None
    nodata: float | Literal["none"] | None = None


class ServiceTable(_Table):
    """A service that this study leaves out, and why."""

    not_applicable: str = ""
    off: str = ""


class WaiverTable(_Table):
    """Who lets an error pass, and why."""

    by: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class Project(_Table):
    """The project file of a study, `gep.toml`."""

    study: StudyTable
    zones: ZonesTable
    land_cover: LandCoverTable
    layers: dict[str, RasterTable] = Field(default_factory=dict)
    tables: dict[str, str] = Field(default_factory=dict)
    services: dict[str, ServiceTable] = Field(default_factory=dict)
    coefficients: dict[str, str] = Field(default_factory=dict)
    methods: dict[str, dict[str, str]] = Field(default_factory=dict)
    waivers: dict[str, WaiverTable] = Field(default_factory=dict)


def read_project(path: Path) -> Project:
    """Read and check `gep.toml`. Raises ProjectError with everything that is wrong in it."""
    if path.is_dir():
        path = path / "gep.toml"
    document = read_toml(path)
    lines = path.read_text(encoding="utf-8-sig").split("\n")

    def placed(problems: list[Problem]) -> list[Problem]:
        """The problems with the line of the key that each is about."""
        return [
            replace(p, place=f"{path.name}, line {line}") if (line := _line_of(p.subject, lines)) else p
            for p in problems
        ]

    try:
        project = Project.model_validate(document)
    except ValidationError as error:
        raise ProjectError(f"{path.name} breaks its schema.", placed(_schema_problems(error))) from None
    if problems := _check_names(project):
        raise ProjectError(f"{path.name} says what cannot be.", placed(problems))
    return project


def _line_of(key: str, lines: Sequence[str]) -> int | None:
    """The line in which a key (`layers.precipitation.unit`) or the table around it stands; None where it is not
    found.
    """
    parts = key.split(".")
    found, table = None, ""
    for number, line in enumerate(lines, start=1):
        text = line.split("#")[0].strip()
        if text.startswith("["):
            table = text.strip("[] ").replace('"', "")
            here = table
        elif "=" in text:
            here = ".".join(filter(None, (table, text.split("=")[0].strip().replace('"', "").replace(" ", ""))))
        else:
            continue
        if here == key:
            return number
        if parts[: here.count(".") + 1] == here.split("."):
            found = number
    return found


def _check_names(project: Project) -> list[Problem]:
    """Profile, scheme, grid, layers, services, tables and methods must be known and possible."""
    problems: list[Problem] = []

    def attempt(key: str, action: Any, *arguments: Any) -> None:
        try:
            action(*arguments)
        except ProjectError as error:
            problems.extend(error.problems or [_wrong(key, error.message)])

    attempt("study.profile", load_profile, project.study.profile)
    cover = project.land_cover
    attempt("land_cover.scheme", pick, cover.scheme, scheme_ids(), "scheme")
    if cover.scheme in scheme_ids() and not cover.map:
        attempt("land_cover.map", load_scheme, cover.scheme)
    for code, where in cover.map.items() if cover.scheme in scheme_ids() else ():
        attempt(f"land_cover.map.{code}", load_scheme, cover.scheme, {code: where})
    if isinstance(project.study.grid, GridTable):
        problems += _check_grid(project.study.grid)
    for service, switches in project.methods.items():
        if service not in service_ids():
            problems.append(_unknown(f"methods.{service}", "service", service, service_ids()))
        else:
            attempt(f"methods.{service}", check_methods, service, switches, "[methods]")
            if project.study.profile in profile_ids() and service not in load_profile(project.study.profile).rules:
                message = f"The profile {project.study.profile} does not count {service}: its methods change nothing."
                problems.append(
                    _wrong(f"methods.{service}", message, do="Remove them, or choose a profile that counts it.")
                )
    for service, table in project.services.items():
        key = f"services.{service}"
        if service not in service_ids():
            problems.append(_unknown(key, "service", service, service_ids()))
        elif bool(table.not_applicable) == bool(table.off):
            message = "Say one of `not_applicable` and `off`, with the reason."
            problems.append(_wrong(key, message, do='Write like: not_applicable = "no coast".'))
    known = [name for name in layer_kinds() if name != "land_cover"]
    for layer in project.layers:
        key = f"layers.{layer}"
        if layer == "land_cover":
            problems.append(
                _wrong(key, "Land cover stands in [land_cover], not among the layers.", do=f"Remove [{key}].")
            )
        elif not {layer, *(f"{word}_{layer}" for word in AXIS_OF)} & set(known):
            problems.append(_unknown(key, "layer", layer, known))
    return problems


def _check_grid(grid: GridTable) -> list[Problem]:
    try:
        crs = pyproj.CRS.from_user_input(grid.crs)
    except pyproj.exceptions.CRSError:
        message = f"`{grid.crs}` is not a coordinate reference system."
        return [Problem("G01", "error", "study.grid.crs", message, allowed="an EPSG code, like EPSG:6933")]
    if not (crs.is_geographic or crs.is_projected):
        return [
            Problem("G01", "error", "study.grid.crs", "The grid needs a geographic or projected CRS.", found=crs.name)
        ]
    if crs.is_geographic and grid.resolution > LARGEST_DEGREES:
        message = f"{grid.crs} counts in degrees, so that a cell would be {grid.resolution:g} degrees wide."
        do = "Give the resolution in degrees, or a projected CRS like EPSG:6933, which counts in metres."
        return [_wrong("study.grid.resolution", message, do=do)]
    return []


def _wrong(key: str, message: str, *, found: str = "", allowed: str = "", do: str = "") -> Problem:
    return Problem("P02", "error", key, message, found=found, allowed=allowed, do=do)


def _unknown(key: str, kind: str, name: str, known: Sequence[str]) -> Problem:
    """A name that does not exist: with near spellings, or with all there are."""
    hint = did_you_mean(name, known)
    return _wrong(
        key, f"There is no {kind} `{name}`. {hint}".rstrip(), allowed="" if hint else f"one of {', '.join(known)}"
    )


_UNION_PARTS = ("GridTable", "literal['land_cover']", "float", "literal['none']")
_TYPES = {
    "int": "a whole number, without quotes",
    "float": "a number, without quotes",
    "string": "a text in quotes",
    "bool": "true or false",
}


def _schema_problems(error: ValidationError) -> list[Problem]:
    """Every broken rule of the schema in words, each key once."""
    problems: dict[str, Problem] = {}
    for part in error.errors():
        location = [str(name) for name in part["loc"] if name not in _UNION_PARTS]
        is_part_of_grid = "GridTable" in part["loc"] and len(location) > 2
        problem = _problem(part, location)
        if is_part_of_grid:
            problems.pop("study.grid", None)  # a table was meant, so say what is wrong with the table
        if not (problem.subject == "study.grid" and any(key.startswith("study.grid.") for key in problems)):
            problems.setdefault(problem.subject, problem)
    return list(problems.values())


def _problem(error: Mapping[str, Any], location: list[str]) -> Problem:
    """One broken rule of the schema, in words."""
    key, name, kind = ".".join(location), location[-1], error["type"]
    given = error.get("input")
    found = "a table" if isinstance(given, dict) else "a list" if isinstance(given, list) else repr(given)
    if kind == "extra_forbidden":
        known = _keys_at(location[:-1])
        hint = did_you_mean(name, known)
        where = f"[{'.'.join(location[:-1])}]" if location[1:] else "gep.toml"
        allowed = f"one of {', '.join(known)}" if known and not hint else ""
        return _wrong(key, f"There is no key `{name}` in {where}. {hint}".rstrip(), allowed=allowed)
    if kind == "missing":
        if not location[1:]:
            return _wrong(key, f"The section [{name}] is missing.", do=f"Add it, with {_required(name)}.")
        return _wrong(key, f"The key `{name}` is missing.", do=f"Add it under [{'.'.join(location[:-1])}].")
    if key == "study.grid":
        return _wrong(
            key,
            "The grid is not understood.",
            found=found,
            allowed='"land_cover", or like { crs = "EPSG:6933", resolution = 1000 }',
        )
    if name == "nodata":
        return _wrong(key, f"`{name}` is not understood.", found=found, allowed='a number, or "none"')
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return _wrong(key, "This must be a table.", found=found, allowed=f"a section [{key}] with its keys below it")
    if kind == "literal_error":
        options = [option.strip("'") for option in str(error["ctx"]["expected"]).replace(" or ", ", ").split(", ")]
        return _wrong(
            key,
            f"`{name}` cannot be {found}. {did_you_mean(str(given), options)}".rstrip(),
            allowed=" or ".join(options),
        )
    if kind == "string_too_short":
        return _wrong(key, f"`{name}` is empty.")
    wanted = next((words for start, words in _TYPES.items() if kind.startswith(start)), "")
    if wanted:
        return _wrong(key, f"`{name}` must be {wanted}.", found=found)
    return _wrong(key, f"{error['msg']}.".replace("Input should", f"`{name}` should"), found=found)


def _required(section: str) -> str:
    """The keys without which a section is not complete, in words."""
    model = Project.model_fields[section].annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    return " and ".join(f"`{key}`" for key, field in model.model_fields.items() if field.is_required())


def _keys_at(location: list[str]) -> list[str]:
    """The keys that the schema knows at a place."""
    model: Any = Project
    for part in location:
        inner = model.model_fields.get(part) if isinstance(model, type) and issubclass(model, BaseModel) else None
        annotation = inner.annotation if inner else None
        if part == "grid":
            annotation = GridTable
        arguments = getattr(annotation, "__args__", ())
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
        elif arguments and isinstance(arguments[-1], type) and issubclass(arguments[-1], BaseModel):
            model = _OfTables(arguments[-1])
        elif isinstance(model, _OfTables):
            model = model.of
        else:
            return []
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


class _OfTables:
    """A table of tables with free names, while the schema is walked."""

    def __init__(self, of: type[BaseModel]) -> None:
        self.of = of


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `gep.toml`."""
    schema = Project.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gep.toml",
        **{k: v for k, v in schema.items() if k != "title"},
    }


if __name__ == "__main__":
    import json

    print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
