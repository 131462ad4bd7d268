"""The account of carbon of a project, or of tables at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pandas as pd

from gep.assets.account import AssetAccount, AssetTable
from gep.assets.carbon import sheets, tables
from gep.assets.carbon.balance import Balance, balances_of
from gep.assets.carbon.changes import Period, changes_of
from gep.assets.carbon.density import Densities, plot_densities, soil_densities, unknown_ecosystem
from gep.assets.carbon.feed import stop_on_both
from gep.assets.carbon.maps import MapSpecs, OfMaps, stocks_of_maps, uncovered_table
from gep.assets.carbon.strata import strata_of, years_of
from gep.assets.context import Context
from gep.assets.ground import Ground, map_spec, open_ground
from gep.assets.kinds import kind_of, unknown_kind
from gep.assets.parameters import Parameters
from gep.assets.tables import Column, Row, read_table, stop_on
from gep.core.errors import InputError, Problem, problem
from gep.core.messages import Text, say
from gep.inputs.assets import CarbonSection
from gep.inputs.project import PROJECT
from gep.inputs.spec import spec_of_project

TABLES: Mapping[str, Sequence[Column]] = {
    "stocks": tables.STOCKS,
    "densities": tables.DENSITIES,
    "changes": tables.CHANGE,
    "plots": tables.PLOTS,
    "trees": tables.TREES,
    "soil": tables.SOIL,
    "gases": tables.GASES,
}


@dataclass(frozen=True)
class Rasters:
    """Land covers of years, and rasters of carbon per area by pool and year."""

    ground: Ground
    maps: MapSpecs = field(default_factory=dict)


@dataclass(frozen=True)
class CarbonAccount:
    """The account, and the balances that its sink is made of."""

    account: AssetAccount
    balances: tuple[Balance, ...]


def accounts(context: Context) -> list[AssetAccount]:
    """The account of carbon of a project. Raises InputError with everything that is wrong in its tables."""
    section = context.project.assets.carbon
    assert section is not None
    stop_on_both(context, section)
    return [of_project(context, section).account]


def of_project(context: Context, section: CarbonSection) -> CarbonAccount:
    """The account of a section of a project, with its balances."""
    sources = {name: context.path(path) for name in TABLES if (path := getattr(section, name))}
    region = section.region or context.region
    year, rasters = context.year_of(section), _rasters(context, section)
    return carbon_account(sources, section, context.parameters(section), context.name, year, region, rasters)


def _rasters(context: Context, section: CarbonSection) -> Rasters | None:
    """The rasters that a section asks for; None where it asks for none."""
    if not (section.land_cover or section.densities or section.density_rows or section.density_maps):
        return None
    spec = spec_of_project(context.project, context.folder)
    covers = {
        year: map_spec("land_cover", table, context.folder, replace(spec.land_cover, year=year))
        for year, table in section.land_cover.items()
    }
    maps = {
        pool: {year: map_spec(pool, table, context.folder) for year, table in by_year.items()}
        for pool, by_year in section.density_maps.items()
    }
    depths = {table.soil_depth for table in section.density_maps.get("soil", {}).values()}
    if depths - {section.soil_depth}:
        found = ", ".join(sorted(depth or "-" for depth in depths))
        wrong = problem("carbon.K18.soil_depth", "soil", place=PROJECT, found=found, wanted=section.soil_depth)
        raise InputError(say("assets.wrong_tables"), [wrong])
    return Rasters(open_ground(spec, covers or spec.of_years.get("land_cover") or {spec.year: spec.land_cover}), maps)


def carbon_account(
    sources: Mapping[str, Path | pd.DataFrame],
    section: CarbonSection,
    parameters: Parameters | None = None,
    name: Text | None = None,
    year: int | None = None,
    region: str = "",
    rasters: Rasters | None = None,
) -> CarbonAccount:
    """The account of carbon of tables and rasters.

    Args:
        sources: frames or files by what they hold: `stocks`, `densities`, `changes`, `plots`, `trees`, `soil`, `gases`.
        section: the switches; paths in it are not looked at.
        parameters: the shipped ones by default.
        name: what it is of.
        year: the accounting year.
        region: whose parameters are taken.
        rasters: land covers, and maps of densities by pool and year.

    Raises:
        InputError: with everything that is wrong, each with its place.
    """
    parameters = parameters or Parameters()
    rows, problems = _read(sources)
    densities = Densities(section, parameters, region)
    densities.of_plots, wrong = plot_densities(rows["plots"], rows["trees"], densities)
    densities.of_soil, also = soil_densities(rows["soil"], densities)
    problems += [*wrong, *also]
    of_maps = stocks_of_maps(rasters.ground, rows["densities"], densities, rasters.maps) if rasters else OfMaps({}, {})
    strata, wrong = strata_of(rows["stocks"], densities, of_maps.strata)
    problems += [*of_maps.problems, *wrong]
    stop_on(problems)
    if not strata:
        raise InputError(say("assets.wrong_tables"), [*problems, problem("carbon.K18.nothing", "carbon")])
    periods = _periods(years_of(strata), rows["changes"])
    moved, wrong = changes_of(rows["changes"], strata, densities, periods, of_maps.moved)
    problems += wrong
    stop_on(problems)
    balances, wrong = balances_of(strata, moved, section.sink)
    problems += wrong
    stop_on(problems)
    made: list[AssetTable | None] = [sheets.stock_table(strata, parameters)]
    made += [sheets.part_table(strata, part) for part in sheets.PARTS]
    if periods:
        sink, wrong = sheets.sink_table(balances, periods, parameters)
        problems += wrong
        made += [sheets.balance_table(balances, periods), sink, sheets.effects_table(balances)]
        made.append(sheets.strata_table(balances))
    if of_maps.uncovered:
        made.append(uncovered_table(of_maps.uncovered, years_of(strata)))
    if rows["gases"] and section.ch4_n2o == "report":
        made.append(sheets.gases_table(rows["gases"], parameters))
    account = AssetAccount(
        "carbon_stock",
        say("carbon.title"),
        name or Text("", ""),
        tuple(table for table in made if table is not None),
        say("carbon.never_added"),
        year,
        tuple(problems),
        _switches(section, region),
    )
    return CarbonAccount(account, tuple(balances))


def _read(sources: Mapping[str, Path | pd.DataFrame]) -> tuple[dict[str, Sequence[Row]], list[Problem]]:
    """The rows of all tables, and every problem of them; those of tables that are not there are none."""
    rows: dict[str, Sequence[Row]] = dict.fromkeys(TABLES, ())
    problems: list[Problem] = []
    for name, source in sources.items():
        read = read_table(source, TABLES[name], "" if isinstance(source, Path) else name)
        problems += read.problems
        rows[name], wrong = _in_ids(read.rows, tables.WORDS.get(name, {}))
        problems += wrong
    stop_on(problems)
    return rows, problems


def _in_ids(rows: Sequence[Row], words: Mapping[str, Sequence[str]]) -> tuple[list[Row], list[Problem]]:
    """Rows with the ids of their kinds, and words that name none."""
    found: list[Row] = []
    problems: list[Problem] = []
    for row in rows:
        ids = {column: kind_of(row.text(column), among) for column, among in words.items()}
        problems += [unknown_kind(name, row.text(name), words[name], row.place) for name, id_ in ids.items() if not id_]
        problems += [wrong] if (wrong := unknown_ecosystem(row)) else []
        found.append(replace(row, cells={**row.cells, **ids}))
    return found, problems


def _periods(years: Sequence[int], changes: Sequence[Row]) -> list[Period]:
    """From inventory to inventory, and on to the last year of changes."""
    told = [year for row in changes if (year := row.whole("year"))]
    ends = [*years, *([max(told)] if told and max(told) > years[-1] else [])]
    return [Period(first, last) for first, last in pairwise(ends)]


def _switches(section: CarbonSection, region: str) -> dict[str, str]:
    names = ("volume", "class_lookup", "root", "roots_in_biomass", "sink", "soil_depth", "ch4_n2o")
    return {**{name: getattr(section, name) for name in names}, "region": region}
