"""The project file `gep.toml`: its schema, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from gep.catalog import layer_kinds, service_ids
from gep.crosswalk import load_scheme
from gep.data import read_toml
from gep.errors import Problem, ProjectError, did_you_mean
from gep.profile import check_methods, load_profile

Resampling = Literal["bilinear", "nearest", "average"]


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
        default=None, ge=1900, le=2200, description="In whose year's money values are expressed; the accounting year by default."
    )
    grid: Literal["land_cover"] | GridTable = "land_cover"
    region: str = Field(default="", description="The region whose coefficient rows are preferred.")

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
    outline: str = Field(default="", description="File with the outline of the whole area; the union of the zones by default.")
    coverage: Literal["auto", "centre", "fraction"] = "auto"


class RasterTable(_Table):
    """A raster file and how to read it. What is said here replaces what the file says."""

    path: str
    units: str | None = None
    scale: float | None = None
    offset: float | None = None
    nodata: float | Literal["none"] | None = None
    band: int | None = Field(default=None, ge=1)
    bands: Literal["month"] | None = None
    variable: str | None = None
    resampling: Resampling | None = None
    period: str = ""
    year: int | None = None


class LandCoverTable(_Table):
    """The land-cover raster and the scheme of its codes."""

    path: str
    scheme: str
    year: int | None = None
    map: dict[str, str] = Field(default_factory=dict, description='Assignments that replace the scheme\'s: code = "ecosystem/class".')
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
    try:
        project = Project.model_validate(document)
    except ValidationError as error:
        raise ProjectError(f"{path.name} breaks its schema.", [_problem(part, document) for part in error.errors()]) from None
    problems = [*_check_names(project)]
    if problems:
        raise ProjectError(f"{path.name} names what does not exist.", problems)
    return project


def _check_names(project: Project) -> list[Problem]:
    """Profile, scheme, layers, services and methods must be known."""
    problems: list[Problem] = []

    def attempt(place: str, action: Any, *arguments: Any) -> None:
        try:
            action(*arguments)
        except ProjectError as error:
            problems.append(Problem("P02", "error", place, error.message))
            problems.extend(error.problems)

    attempt("study.profile", load_profile, project.study.profile)
    attempt("land_cover.scheme", load_scheme, project.land_cover.scheme, project.land_cover.map)
    for service, switches in project.methods.items():
        if service not in service_ids():
            problems.append(_unknown(f"methods.{service}", "service", service, service_ids()))
        else:
            attempt(f"methods.{service}", check_methods, service, switches, "[methods]")
    for service in project.services:
        if service not in service_ids():
            problems.append(_unknown(f"services.{service}", "service", service, service_ids()))
    for layer in project.layers:
        if layer not in layer_kinds() and f"monthly_{layer}" not in layer_kinds():
            problems.append(_unknown(f"layers.{layer}", "layer", layer, layer_kinds()))
    return problems


def _unknown(place: str, kind: str, name: str, known: Any) -> Problem:
    return Problem("P02", "error", place, f"There is no {kind} `{name}`. {did_you_mean(name, known)}".rstrip(), allowed=", ".join(known))


def _problem(error: Mapping[str, Any], document: Mapping[str, Any]) -> Problem:
    """One broken rule of the schema, in words."""
    location = [str(part) for part in error["loc"] if part not in ("GridTable", "literal['land_cover']", "float", "literal['none']")]
    key = ".".join(location)
    if error["type"] == "extra_forbidden":
        known = _keys_at(location[:-1])
        return Problem(
            "P02", "error", key, f"Unknown key `{location[-1]}`. {did_you_mean(location[-1], known)}".rstrip(), allowed=", ".join(known)
        )
    if error["type"] == "missing":
        return Problem("P02", "error", key, f"The key `{location[-1]}` is missing.", do="Add it, or see `gep init` for an example.")
    found = error.get("input")
    return Problem("P02", "error", key, f"{error['msg']}.", found=repr(found) if not isinstance(found, dict) else "a table")


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
