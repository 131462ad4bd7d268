"""The project file `gep.toml`: its schema, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import pyproj
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from gep.core.catalog import layer_kinds, service_ids
from gep.core.data import read_toml
from gep.core.errors import Problem, ProjectError, did_you_mean, problem
from gep.core.messages import Text, joined, say
from gep.core.parts import known_with
from gep.inputs.assets import OF_ONE_YEAR, AssetsTable
from gep.inputs.grids.bands import AXIS_OF
from gep.inputs.grids.remote import SCHEMES, fault_of, is_address
from gep.inputs.product_layers import check_product_name, scheme_of_product
from gep.inputs.product_shares import check_product_shares
from gep.inputs.scenarios import ScenarioTable
from gep.inputs.schema import Section
from gep.inputs.sureness import UncertaintyTable, check_sureness
from gep.inputs.transitions import ExtentTable, check_extent
from gep.standards.profile import is_folder, load_profile, profile_ids
from gep.standards.rules import check_methods
from gep.standards.schemes import find_scheme, load_scheme, scheme_ids

Resampling = Literal["bilinear", "nearest", "average"]

Nodata = float | list[float] | Literal["none"] | None

PROJECT = "gep.toml"
"""The name of a project file."""

OF_YEAR = "{year}"
"""What stands in the path of a raster for each of several years."""

LARGEST_DEGREES = 5.0
"""A wider cell on a grid of longitudes and latitudes is a resolution in metres."""


class GridTable(Section):
    """A grid of the study's own."""

    crs: str = Field(description="The coordinate reference system, like EPSG:6933.")
    resolution: float = Field(gt=0, allow_inf_nan=False, description="Side of a cell in units of the CRS.")


class StudyTable(Section):
    """What the account is of."""

    name: str = Field(min_length=1)
    name_zh: str = ""
    code: str = ""
    lang: Literal["zh", "en"] | None = Field(
        default=None, description="The language of what is printed and written, where no option says another."
    )
    year: int | None = Field(
        default=None, ge=1900, le=2200, description="The accounting year; of several, [years] lists them instead."
    )
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
    last_year: str = Field(
        default="",
        description="The folder of the finished run of an earlier year, as `gep run` wrote it: statistics, land and "
        "figures are compared with it. It changes no figure.",
    )

    remote: bool = Field(
        default=False,
        description="Whether rasters may lie on servers (s3://, https://); nothing is fetched otherwise.",
    )

    @field_validator("code", mode="before")
    @classmethod
    def _code_is_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value


class YearsTable(Section):
    """The years of a study of several: each has an account of its own, and a folder of its own."""

    list: Sequence[Annotated[int, Field(ge=1900, le=2200)]] = Field(
        description="The years, from the first to the last, like [2019, 2020, 2021]."
    )


class ZonesTable(Section):
    """The polygons that figures are reported for."""

    path: str
    code: str = Field(description="Column that holds the code of a zone.")
    name: str = Field(default="", description="Column that holds its name.")
    name_en: str = ""
    name_zh: str = ""
    outline: str = Field(
        default="", description="File with the outline of the whole area; the union of the zones by default."
    )
    layer: str = Field(default="", description="The layer that is meant where the file has several.")
    outline_layer: str = Field(default="", description="The same of the file of the outline.")
    coverage: Literal["auto", "centre", "fraction"] = "auto"


_SHA256: str = Field(default="", description="SHA-256 of the file: another file is an error.")


_PRODUCT: str = Field(
    default="",
    description="The public data set that the file is of, as `gep data products` lists them: it says variable, unit, "
    "scale, codes for missing, and what values are of in time.",
)


_ASSET: str = Field(
    default="",
    description="Where `path` is a STAC catalogue, collection or item (.json): the asset of its items that is meant.",
)


_PATH: str = Field(description="Relative to the project file; `{year}` in it stands for each of [years].")


class RasterTable(Section):
    """A raster file and how to read it. What is said here replaces what the file says."""

    path: str = _PATH
    units: str | None = None
    scale: float | None = Field(default=None, allow_inf_nan=False)
    offset: float | None = Field(default=None, allow_inf_nan=False)
    nodata: Nodata = Field(default=None, description="Every stored number that means missing; a list where several do.")
    band: int | None = Field(default=None, ge=1)
    bands: Literal["month", "day", "hour"] | None = None
    variable: str | None = None
    resampling: Resampling | None = None
    period: str = ""
    year: int | None = None
    sha256: str = _SHA256
    product: str = _PRODUCT
    asset: str = _ASSET


class LandCoverTable(Section):
    """The land-cover raster and the scheme of its codes."""

    path: str = _PATH
    scheme: str = Field(default="", description="The legend of its codes; that of the product where one is named.")
    year: int | None = None
    map: dict[str, str] = Field(
        default_factory=dict, description='Assignments that replace the scheme\'s: code = "ecosystem/class".'
    )
    band: int | None = Field(default=None, ge=1)
    variable: str | None = None
    nodata: Nodata = None
    sha256: str = _SHA256
    product: str = _PRODUCT
    asset: str = _ASSET

    @model_validator(mode="after")
    def _has_a_legend(self) -> LandCoverTable:
        if not (self.scheme or self.product):
            raise PydanticCustomError("no_scheme", "no scheme")
        return self


class TableTable(Section):
    """A table of statistics: its file, and what is to be known to read it. What is said of zone, item, measure, unit
    and years holds where the table itself does not say it.
    """

    path: str
    sheet: str = Field(default="", description="The sheet of a workbook that is meant.")
    zone: str = Field(default="", description="Of which zone all figures are; `_city` for the whole area.")
    item: str = ""
    measure: str = ""
    unit: str = ""
    year: int | None = Field(default=None, ge=1900, le=2200)
    price_year: int | None = Field(default=None, ge=1900, le=2200)
    source: str = ""
    ignore: list[str] = Field(
        default_factory=list, description="Headings and names of rows that are to be left out, as the table has them."
    )


class PricesTable(Section):
    """How prices of other years are moved to the price year."""

    index: str = Field(
        description="CSV with year, value, unit, source, and index where it holds several: the change of prices on the "
        "year before, or its level. It replaces the index of the profile in its years and extends it."
    )
    groups: dict[str, list[str]] = Field({}, description="By index of that table: the prices that follow it.")


class ServiceTable(Section):
    """A service that this study leaves out, or whose land it has none of, and why."""

    not_applicable: str = Field(default="", description="Why it does not apply here: it is left out.")
    off: str = Field(default="", description="Why it is not accounted for now: the account is partial.")
    does_not_occur: str = Field(
        default="",
        description="Why the land cover has none of its land though the tables report it: what they report counts.",
    )


class WaiverTable(Section):
    """Who lets an error pass, and why."""

    by: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class Project(Section):
    """The project file of a study, `gep.toml`."""

    study: StudyTable
    years: YearsTable | None = None
    zones: ZonesTable
    land_cover: LandCoverTable
    layers: dict[str, RasterTable] = Field(default_factory=dict)
    tables: dict[str, str | TableTable] = Field(default_factory=dict)
    prices: PricesTable | None = None
    services: dict[str, ServiceTable] = Field(default_factory=dict)
    coefficients: dict[str, str] = Field(default_factory=dict)
    methods: dict[str, dict[str, str]] = Field(default_factory=dict)
    products: dict[str, dict[str, float]] = Field(
        default_factory=dict,
        description="How products are spread over ecosystems: shares by ecosystem that sum to one, of a product "
        "(`livestock_products/beef`) or of all products of a service.",
    )
    waivers: dict[str, WaiverTable] = Field(default_factory=dict)
    uncertainty: UncertaintyTable = Field(default_factory=UncertaintyTable)
    assets: AssetsTable = Field(default_factory=AssetsTable)
    scenarios: dict[str, ScenarioTable] = Field(default_factory=dict)
    extent: ExtentTable = Field(default_factory=ExtentTable)


def read_project(path: Path) -> Project:
    """Read and check `gep.toml`. Raises ProjectError with everything that is wrong in it."""
    if path.is_dir():
        path = path / PROJECT
    document = read_toml(path)
    if nul := list(_with_nul(document, "")):
        raise ProjectError(say("inputs.file_cannot_be", file=path.name), nul)
    lines = path.read_text(encoding="utf-8-sig").split("\n")

    def placed(problems: list[Problem]) -> list[Problem]:
        """The problems with the line of the key that each is about."""
        return [
            replace(p, place=say("inputs.place.line", file=path.name, line=line))
            if (line := _line_of(p.subject, lines))
            else p
            for p in problems
        ]

    try:
        project = Project.model_validate(document)
    except ValidationError as error:
        raise ProjectError(say("inputs.breaks_schema", file=path.name), placed(_schema_problems(error))) from None
    if problems := _check_names(project):
        raise ProjectError(say("inputs.file_cannot_be", file=path.name), placed(problems))
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


def _with_nul(value: object, key: str) -> Iterator[Problem]:
    """The texts with a character that no name of a file, column or code can have."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _with_nul(part, f"{key}.{name}".lstrip("."))
    elif isinstance(value, str) and "\0" in value:
        yield problem("inputs.P02.nul", key, found=value.replace("\0", "\\u0000"))


def _check_names(project: Project) -> list[Problem]:
    """Profile, scheme, grid, layers, services, tables and methods must be known and possible."""
    problems: list[Problem] = []

    def attempt(key: str, action: Callable[..., object], *arguments: object) -> None:
        try:
            action(*arguments)
        except ProjectError as error:
            problems.extend(error.problems or [problem("inputs.P02.other", key, message=error.message)])

    if not is_folder(project.study.profile):  # relative to the project, and read with it
        attempt("study.profile", load_profile, project.study.profile)
    cover = project.land_cover
    of_layers = {f"layers.{name}.product": table.product for name, table in project.layers.items()}
    for key, product in {"land_cover.product": cover.product, **of_layers}.items():
        problems += check_product_name(key, product)
    scheme = cover.scheme or scheme_of_product(cover.product)
    if scheme or not problems:
        attempt("land_cover.scheme", find_scheme, scheme)
    if scheme in scheme_ids() and not cover.map:
        attempt("land_cover.map", load_scheme, scheme)
    for code, where in cover.map.items() if scheme in scheme_ids() else ():
        attempt(f"land_cover.map.{code}", load_scheme, scheme, {code: where})
    if isinstance(project.study.grid, GridTable):
        problems += _check_grid(project.study.grid)
    for service, switches in project.methods.items():
        if service not in known_with(service, service_ids):
            problems.append(_unknown("inputs.P02.no_such_service", f"methods.{service}", service, service_ids()))
        else:
            attempt(f"methods.{service}", check_methods, service, switches, "[methods]")
            profile = project.study.profile
            if profile in profile_ids() and service not in load_profile(profile).rules:
                found = problem("inputs.P02.not_counted", f"methods.{service}", profile=profile, service=service)
                problems.append(found)
    for service, table in project.services.items():
        key = f"services.{service}"
        if service not in known_with(service, service_ids):
            problems.append(_unknown("inputs.P02.no_such_service", key, service, service_ids()))
        elif sum(map(bool, (table.not_applicable, table.off, table.does_not_occur))) != 1:
            problems.append(problem("inputs.P02.one_reason", key))
    problems += [*_check_years(project), *check_product_shares(project.products)]
    problems += check_sureness(project.uncertainty, _unknown)
    problems += check_extent(project.extent, _unknown)
    problems += check_addresses(_places_of(project), project.study.remote)
    for layer in project.layers:
        key = f"layers.{layer}"
        names = {layer, *(f"{word}_{layer}" for word in AXIS_OF)}
        there = layer_kinds() if names & {*layer_kinds()} else known_with(layer, layer_kinds)
        known = [name for name in there if name != "land_cover"]
        if layer == "land_cover":
            problems.append(problem("inputs.P02.land_cover_among_layers", key, section=key))
        elif not names & set(known):
            problems.append(_unknown("inputs.P02.no_such_layer", key, layer, known))
    return problems


def _check_years(project: Project) -> Iterator[Problem]:
    """That the study says one year or several, in order; and `{year}` only where there are several files to find."""
    if project.years is None and project.study.year is None:
        yield problem("inputs.P02.no_key", "study.year", name="year", section="study")
    if project.years is not None:
        years = list(project.years.list)
        if project.study.year is not None:
            yield problem("inputs.P02.year_and_years", "study.year", found=str(project.study.year))
        if not years or years != sorted(set(years)):
            yield problem("inputs.P02.no_order_of_years", "years.list", found=str(years))
    yield from _check_years_of_accounts(project)
    rasters: dict[str, RasterTable | LandCoverTable] = {"land_cover": project.land_cover}
    rasters |= {f"layers.{name}": table for name, table in project.layers.items()}
    for key, place in _places_of(project).items():
        if OF_YEAR in place and key.removesuffix(".path") not in rasters:
            yield problem("inputs.P02.no_file_of_year", key, found=place)
    for key, table in rasters.items():
        if OF_YEAR not in table.path:
            continue
        if project.years is None:
            yield problem("inputs.P02.year_without_years", f"{key}.path", found=table.path)
        for name in ("year", "sha256"):
            if given := getattr(table, name):
                yield problem("inputs.P02.of_one_year", f"{key}.{name}", found=str(given), name=name)


def _check_years_of_accounts(project: Project) -> Iterator[Problem]:
    """That each account beside GEP is of a year of the study."""
    several = project.years is not None
    years = list(project.years.list) if project.years is not None else [project.study.year]
    for name, section in project.assets:
        if section is None:
            continue
        key = f"assets.{name}.year"
        if section.year is None and several and name in OF_ONE_YEAR:
            yield problem("inputs.P02.account_without_year", key, years=years)
        elif section.year is not None and section.year not in years:
            yield problem("inputs.P02.account_of_other_year", key, found=str(section.year), years=years)


def _places_of(project: Project) -> dict[str, str]:
    """Where the inputs lie, by the key of each: rasters, and what else is a file."""
    rasters = {f"layers.{name}.path": table.path for name, table in project.layers.items()}
    tables = {
        f"tables.{name}": table if isinstance(table, str) else table.path for name, table in project.tables.items()
    }
    prices = {"prices.index": project.prices.index} if project.prices else {}
    return {
        "land_cover.path": project.land_cover.path,
        **rasters,
        "zones.path": project.zones.path,
        "zones.outline": project.zones.outline,
        **tables,
        **prices,
        "uncertainty.confusion": project.uncertainty.confusion,
        "study.last_year": project.study.last_year,
        **{f"coefficients.{name}": place for name, place in project.coefficients.items()},
    }


def check_addresses(places: Mapping[str, object], may_be_remote: bool) -> list[Problem]:
    """Error F41 for every input, by its key, that lies on a server and may not: rasters alone can, where it is said, at
    an address that holds no secret.
    """
    problems = []
    for key, place in places.items():
        if not isinstance(place, str) or not is_address(place):
            continue
        is_raster = key.startswith(("land_cover", "layers."))
        fault = "no_raster" if not is_raster else fault_of(place) if may_be_remote else "not_said"
        if fault:
            shown = place.partition("?")[0].rpartition("@")[2]  # what is secret in an address is shown to nobody
            problems.append(problem(f"inputs.F41.{fault}", key, found=shown, schemes=list(SCHEMES)))
    return problems


def _check_grid(grid: GridTable) -> list[Problem]:
    try:
        crs = pyproj.CRS.from_user_input(grid.crs)
    except pyproj.exceptions.CRSError:
        return [problem("inputs.G01.no_such_system", "study.grid.crs", crs=grid.crs)]
    if not (crs.is_geographic or crs.is_projected):
        return [problem("inputs.G01.of_no_grid", "study.grid.crs", found=crs.name)]
    if crs.is_geographic and grid.resolution > LARGEST_DEGREES:
        return [
            problem("inputs.P02.counts_in_degrees", "study.grid.resolution", crs=grid.crs, resolution=grid.resolution)
        ]
    return []


def _unknown(message: str, key: str, name: str, known: Sequence[str], where: str = "") -> Problem:
    """A name that does not exist: with near spellings, or with all there are."""
    near = did_you_mean(name, known)
    allowed = "" if near or not known else say("inputs.one_of", names=list(known))
    return problem(message, key, allowed=allowed, name=name, hint=near, where=where)


_UNION_PARTS = ("TableTable", "GridTable", "literal['land_cover']", "float", "literal['none']", "list[float]")
_TYPES = ("int", "float", "finite", "string", "bool")
_LIMITS = {"greater_than": "gt", "greater_than_equal": "ge", "less_than_equal": "le"}
"""Kinds of errors of pydantic: how they begin, and what holds the limit of those that have one."""


def _schema_problems(error: ValidationError) -> list[Problem]:
    """Every broken rule of the schema in words, each key once."""
    problems: dict[str, Problem] = {}
    for part in error.errors():
        location = [str(name) for name in part["loc"] if name not in _UNION_PARTS]
        location = location[:2] if location[0] == "years" else location  # of all years of the list
        is_part_of_grid = "GridTable" in part["loc"] and len(location) > 2
        found = _problem(part, location)
        if is_part_of_grid:
            problems.pop("study.grid", None)  # a table was meant, so say what is wrong with the table
        if not (found.subject == "study.grid" and any(key.startswith("study.grid.") for key in problems)):
            problems.setdefault(found.subject, found)
    return list(problems.values())


def _problem(error: ErrorDetails, location: list[str]) -> Problem:
    """One broken rule of the schema, in words."""
    key, name, section, kind = ".".join(location), location[-1], ".".join(location[:-1]), error["type"]
    found = _given(error["input"])
    if kind == "no_scheme":
        return problem("inputs.P02.no_key", f"{key}.scheme", name="scheme", section=key)
    if kind == "extra_forbidden":
        where = f"[{section}]" if section else PROJECT
        return _unknown("inputs.P02.no_such_key", key, name, _keys_at(location[:-1]), where=where)
    if kind == "missing":
        if not section:
            return problem("inputs.P02.no_section", key, name=name, keys=_required(name))
        return problem("inputs.P02.no_key", key, name=name, section=section)
    if key == "years.list" and not kind.startswith(("int", *_LIMITS)):
        return problem("inputs.P02.no_order_of_years", key, found=found)
    if key == "study.grid":
        return problem("inputs.P02.no_grid", key, found=found)
    if name == "nodata":
        return problem("inputs.P02.no_nodata", key, found=found, name=name)
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return problem("inputs.P02.no_table", key, found=found, section=key)
    if kind == "literal_error":
        options = [option.strip("'") for option in str(error["ctx"]["expected"]).replace(" or ", ", ").split(", ")]
        near = did_you_mean(str(error["input"]), options)
        allowed = joined(options, " or ", " 或 ")
        return problem("inputs.P02.no_option", key, allowed=allowed, name=name, given=found, hint=near)
    if kind == "string_too_short":
        return problem("inputs.P02.empty", key, name=name)
    if kind == "too_short":
        return problem("inputs.P02.too_few", key, found=found, name=name, least=error["ctx"]["min_length"])
    if kind in _LIMITS:
        return problem(f"inputs.P02.limit.{kind}", key, found=found, name=name, limit=error["ctx"][_LIMITS[kind]])
    for start in _TYPES:
        if kind.startswith(start):
            return problem("inputs.P02.other_type", key, found=found, name=name, wanted=say(f"inputs.type.{start}"))
    message = f"{error['msg']}.".replace("Input should", f"`{name}` should")
    return problem("inputs.P02.other", key, found=found, message=message)


def _given(value: object) -> str:
    """What stands in the file, in a word where it is a table or a list."""
    if isinstance(value, dict):
        return say("inputs.a_table")
    return say("inputs.a_list") if isinstance(value, list) else repr(value)


def _required(section: str) -> Text:
    """The keys without which a section is not complete, in words."""
    model = Project.model_fields[section].annotation
    assert isinstance(model, type)
    assert issubclass(model, Section)
    keys = [f"`{key}`" for key, field in model.model_fields.items() if field.is_required()]
    keys += ["`year`"] if section == "study" else []  # or [years]
    return joined(keys, " and ", "、")


def _keys_at(location: list[str]) -> list[str]:
    """The keys that the schema knows at a place."""
    model: Any = Project
    for part in location:
        inner = model.model_fields.get(part) if isinstance(model, type) and issubclass(model, Section) else None
        annotation = inner.annotation if inner else None
        if part == "grid":
            annotation = GridTable
        arguments: tuple[Any, ...] = getattr(annotation, "__args__", ())
        if type(None) in arguments and isinstance(arguments[0], type) and issubclass(arguments[0], Section):
            annotation = arguments[0]  # a section that may be left out
        if isinstance(annotation, type) and issubclass(annotation, Section):
            model = annotation
        elif arguments and isinstance(arguments[-1], type) and issubclass(arguments[-1], Section):
            model = _OfTables(arguments[-1])
        elif isinstance(model, _OfTables):
            model = model.of
        else:
            return []
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, Section) else []


class _OfTables:
    """A table of tables with free names, while the schema is walked."""

    def __init__(self, of: type[Section]) -> None:
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
