"""What a study is made of, whether it came from a project file or from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gep.core.errors import InputError, Problem
from gep.core.messages import say
from gep.inputs.confusion import Row as ConfusionRow
from gep.inputs.confusion import read_confusion
from gep.inputs.correlated import Correlation
from gep.inputs.grids.layers import LayerSpec
from gep.inputs.grids.places import Place, place_of
from gep.inputs.grids.polygons import Polygons
from gep.inputs.grids.remote import is_address
from gep.inputs.product_layers import scheme_of_product
from gep.inputs.product_shares import product_shares
from gep.inputs.project import OF_YEAR, LandCoverTable, Project, RasterTable, TableTable, ZonesTable
from gep.inputs.stac import rasters_of_catalogue
from gep.inputs.sureness import correlations_of
from gep.inputs.table_files import COLUMNS, TableFile, TableSource
from gep.inputs.transitions import NO_TRANSITIONS, Transitions, transitions_of
from gep.standards.coefficients import CHOSEN, Coefficient, RowKey
from gep.standards.land_rules import LandRule, rule_of
from gep.standards.profile import Profile, is_folder, profile_id
from gep.standards.schemes import CUSTOM

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class ZoneSource:
    """Where zones come from and which columns name them."""

    data: Polygons | None
    code: str
    name: str | None = None
    name_zh: str | None = None
    name_en: str | None = None
    outline: Polygons | None = None
    coverage: Literal["auto", "centre", "fraction"] = "auto"
    layer: str | None = None
    outline_layer: str | None = None


CoefficientSource = str | Path | tuple[Coefficient, ...]
"""Where coefficients of a study's own come from: a table, a published set (`@set`), or rows that are read already."""


@dataclass(frozen=True)
class StudySpec:
    """What a study is made of, whether it came from `gep.toml` or from Python.

    `lang` is the language of what is printed and written ("zh", "en", or "" where it is not said): no part of the
    account, and of nothing that identifies a run.
    """

    name: str
    year: int
    zones: ZoneSource
    land_cover: LayerSpec
    scheme: str
    name_zh: str = ""
    code: str = ""
    lang: str = ""
    profile: str | Path | Profile = "ndrc-2022"
    """The id of a shipped profile, the folder of another, or one that is loaded already."""
    price_year: int | None = None
    region: str = ""
    grid: tuple[str, float] | None = None
    scheme_map: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, LayerSpec] = field(default_factory=dict)
    tables: Mapping[str, TableSource] = field(default_factory=dict)
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    off: Mapping[str, str] = field(default_factory=dict)
    does_not_occur: Mapping[str, str] = field(default_factory=dict)
    price_index: Path | None = None
    price_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the name of an index in that table: the prices, items and services that follow it."""
    coefficients: Mapping[str, CoefficientSource] = field(default_factory=dict)
    methods: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    product_shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """How products (`livestock_products/beef`, or all of a service) are spread over ecosystems."""
    waivers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    uncertainty: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    """How sure `layers` and `tables` are, by name: `relative_error` or `standard_error`. It changes no figure."""
    scenarios: Mapping[str, LandRule] = field(default_factory=dict)
    """Rules of scenarios of its own, by id. They change no figure."""
    correlations: tuple[Correlation, ...] = ()
    """Numbers that are wrong together. It changes no figure."""
    confusion: tuple[ConfusionRow, ...] = ()
    """How many points that the land cover has as one class are which one. It changes no figure."""
    transitions: Transitions = NO_TRANSITIONS
    """What changes of land between two years are. It changes no figure of an account."""
    last_year: Path | None = None
    """The folder of a finished run of an earlier year, which figures are compared with: no part of the account."""
    zones_of_tables: ZoneSource | None = None
    """The zones that tables report, where the account is of other polygons."""
    sharing: Literal["", "area"] = ""
    """How statistics of other zones are shared among the polygons; they are left out where nothing is said."""
    lock: Mapping[str, str] | None = None
    """Hashes of the input files by the key that names them, where the project has a lock."""
    years: tuple[int, ...] = ()
    """The years of a study of several, of which `year` is the first."""
    of_years: Mapping[str, Mapping[int, LayerSpec]] = field(default_factory=dict)
    """Layers that are given year by year, by name and year; the first of each stands among `layers`."""
    arrays: Mapping[RowKey, xr.DataArray] = field(default_factory=dict)
    """The numbers of own coefficients that vary along dimensions, by the key of their row. No project file can say it.
    """
    is_of_project: bool = False
    """Whether a project file says all this: messages then speak of it, and else of arguments."""
    numbers_of: str | Path | Profile = ""
    """The profile whose coefficients and price index hold, where they are not those of `profile`: to tell what its
    numbers do from what its rules do. No project file can say it.
    """

    def __post_init__(self) -> None:
        """The legend of the land cover is that of its product where no other is said."""
        if self.scheme == CUSTOM and not self.scheme_map and (legend := scheme_of_product(self.land_cover.product)):
            object.__setattr__(self, "scheme", legend)

    @property
    def profile_id(self) -> str:
        """What the profile is called."""
        return profile_id(self.profile)

    def in_year(self, year: int) -> StudySpec:
        """The study of one of several years, as one of that year alone would be; arrays stay as they are."""
        rasters = {name: by_year[year] for name, by_year in self.of_years.items()}
        cover = rasters.pop("land_cover", self.land_cover)
        lock = self.lock and {key.removesuffix(f"@{year}"): value for key, value in self.lock.items()}
        of_year: dict[str, Any] = {"land_cover": cover, "layers": {**self.layers, **rasters}, "lock": lock}
        return replace(self, year=year, years=(), of_years={}, **of_year)


def spec_of_project(project: Project, folder: Path) -> StudySpec:
    """The study that a project file describes; its paths are relative to `folder`. Raises InputError for catalogues
    that give no raster, and for a table of confusion that is none.
    """
    study, zones, cover = project.study, project.zones, project.land_cover
    refused: list[Problem] = []
    confusion: tuple[ConfusionRow, ...] = ()
    if project.uncertainty.confusion:
        confusion, refused = read_confusion(folder / project.uncertainty.confusion)
    years = tuple(project.years.list) if project.years else (study.year,) if study.year else ()
    rasters: dict[str, RasterTable | LandCoverTable] = {"land_cover": cover, **project.layers}
    by_year, wrong = _layers(rasters, years, folder, may_be_remote=study.remote)
    refused += wrong
    first = {name: of[years[0]] for name, of in by_year.items()}
    grid = None if study.grid == "land_cover" else (study.grid.crs, study.grid.resolution)
    spec = StudySpec(
        name=study.name,
        name_zh=study.name_zh,
        code=study.code,
        lang=study.lang or "",
        year=years[0],
        years=years if project.years else (),
        of_years={name: of for name, of in by_year.items() if OF_YEAR in rasters[name].path},
        profile=folder / study.profile if is_folder(study.profile) else study.profile,
        price_year=study.price_year,
        region=study.region,
        grid=grid,
        zones=_zones(zones, folder),
        land_cover=first.pop("land_cover"),
        scheme=cover.scheme or CUSTOM,
        scheme_map=cover.map,
        layers=first,
        tables={name: _table(table, folder) for name, table in project.tables.items()},
        not_applicable={name: table.not_applicable for name, table in project.services.items() if table.not_applicable},
        does_not_occur={name: table.does_not_occur for name, table in project.services.items() if table.does_not_occur},
        off={name: table.off for name, table in project.services.items() if table.off},
        price_index=folder / project.prices.index if project.prices else None,
        price_groups={name: tuple(of) for name, of in project.prices.groups.items()} if project.prices else {},
        last_year=folder / study.last_year if study.last_year else None,
        coefficients=_coefficients(project, folder),
        methods=project.methods,
        product_shares=product_shares(project.products),
        waivers={code: (waiver.by, waiver.reason) for code, waiver in project.waivers.items()},
        uncertainty={
            kind: errors
            for kind, errors in project.uncertainty.model_dump(exclude_none=True, include={"layers", "tables"}).items()
            if errors
        },
        scenarios={id_: rule_of(id_, table.model_dump()) for id_, table in project.scenarios.items()},
        correlations=correlations_of(project.uncertainty),
        confusion=confusion,
        transitions=transitions_of(project.extent.lists),
        is_of_project=True,
    )
    if refused:
        raise InputError(say("inputs.cannot_be"), refused)
    return spec


def _layers(
    rasters: Mapping[str, RasterTable | LandCoverTable], years: Sequence[int], folder: Path, *, may_be_remote: bool
) -> tuple[dict[str, dict[int, LayerSpec]], list[Problem]]:
    """The rasters by name and year, one for all years where a path has no `{year}`; and catalogues that give none."""
    found: dict[str, dict[int, LayerSpec]] = {}
    problems: list[Problem] = []
    for name, table in rasters.items():
        of_years = found[name] = {}
        for year in years if OF_YEAR in table.path else years[:1]:
            of_year = table
            if OF_YEAR in table.path:
                path = table.path.replace(OF_YEAR, str(year))
                of_year = table.model_copy(update={"path": path, "year": year})
            data, wrong = _data(name, of_year, folder, may_be_remote=may_be_remote)
            problems += wrong
            of_years[year] = _layer(name, of_year, data)
    return found, problems


def _layer(name: str, table: RasterTable | LandCoverTable, data: Place) -> LayerSpec:
    given: dict[str, Any] = {
        key: getattr(table, key, None)
        for key in ("units", "scale", "offset", "nodata", "band", "bands", "variable", "resampling", "year")
    }
    given |= {"sha256": table.sha256, "product": table.product}
    return LayerSpec(name=name, data=data, period=getattr(table, "period", ""), **given)


def _data(
    name: str, table: RasterTable | LandCoverTable, folder: Path, *, may_be_remote: bool
) -> tuple[Place, Sequence[Problem]]:
    """Where a raster lies, by its path or by the catalogue that lists it."""
    if not table.asset:
        return place_of(table.path, folder), ()
    path = table.path if is_address(table.path) else folder / table.path
    try:
        return rasters_of_catalogue(path, table.asset, year=table.year, remote=may_be_remote, subject=name), ()
    except InputError as error:
        return Path(), error.problems


def _zones(zones: ZonesTable, folder: Path) -> ZoneSource:
    return ZoneSource(
        folder / zones.path,
        zones.code,
        zones.name or None,
        zones.name_zh or None,
        zones.name_en or None,
        folder / zones.outline if zones.outline else None,
        zones.coverage,
        zones.layer or None,
        zones.outline_layer or None,
    )


def _coefficients(project: Project, folder: Path) -> dict[str, str | Path]:
    """Tables of coefficients by name: chosen ones by their ids, own ones by their paths."""
    return {name: of if of.startswith(CHOSEN) else folder / of for name, of in project.coefficients.items()}


def _table(table: str | TableTable, folder: Path) -> TableSource:
    """A table as the project names it: a path, or a path with what is to be known to read it."""
    if isinstance(table, str):
        return folder / table
    given = {column: str(value) for column in COLUMNS if (value := getattr(table, column, None))}
    return TableFile(folder / table.path, table.sheet, given, tuple(table.ignore))
