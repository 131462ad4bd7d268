"""The account of parcels of a project, or of tables at hand: estimates, plots that are needed, removals and tickets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gep.assets.account import AssetAccount, AssetTable, Line, Measure
from gep.assets.context import Context
from gep.assets.credits.claims import CLAIMS
from gep.assets.figures import Figure, by_rule, exact, given
from gep.assets.parameters import Parameters
from gep.assets.parcels import sampling, tables
from gep.assets.parcels.ground import area_of, geometry_hash, overlap_problems, overlaps, read_polygons
from gep.assets.parcels.measured import DENSITY, Measured, measured_of
from gep.assets.parcels.ticket import CO2, LEVEL, Ground, Ticket, ticket_of
from gep.assets.tables import Column, Row, read_table, stop_on
from gep.core.errors import Problem
from gep.core.messages import Text, say
from gep.inputs.assets import ParcelsSection

if TYPE_CHECKING:
    from geopandas.geodataframe import GeoDataFrame

TABLES: Mapping[str, Sequence[Column]] = {
    "parcels": tables.PARCELS,
    "strata": tables.STRATA,
    "plots": tables.PLOTS,
    "maps": tables.MAPS,
    "claims": CLAIMS,
}


@dataclass(frozen=True)
class ParcelAccount:
    """The account, and the tickets that it holds."""

    account: AssetAccount
    tickets: tuple[Ticket, ...]


def accounts(context: Context) -> list[AssetAccount]:
    """The account of parcels of a project. Raises InputError with everything that is wrong in its tables."""
    section = context.project.assets.parcels
    assert section is not None
    return [of_project(context, section).account]


def of_project(context: Context, section: ParcelsSection) -> ParcelAccount:
    """The account of a section of a project, with its tickets."""
    sources = {name: context.path(path) for name in TABLES if (path := getattr(section, name))}
    polygons = read_polygons(context.path(section.polygons), "parcel") if section.polygons else None
    others = read_polygons(context.path(section.other_polygons), "claim") if section.other_polygons else None
    parameters = context.parameters(section)
    year = context.year_of(section)
    return parcel_account(sources, section, parameters, context.name, year, polygons, others)


def parcel_account(
    sources: Mapping[str, Path | pd.DataFrame],
    section: ParcelsSection,
    parameters: Parameters | None = None,
    name: Text | None = None,
    year: int | None = None,
    polygons: GeoDataFrame | None = None,
    others: GeoDataFrame | None = None,
) -> ParcelAccount:
    """The account of parcels of tables.

    Args:
        sources: frames or files by what they hold: `parcels`, `strata`, `plots`, `maps`, `claims`.
        section: the switches; paths in it are not looked at.
        parameters: the shipped ones by default.
        name: what it is of.
        year: the accounting year.
        polygons: borders with the column `parcel`, in longitude and latitude.
        others: borders of other claims with the column `claim`, likewise.

    Raises:
        InputError: with everything that is wrong, each with its place.
    """
    parameters = parameters or Parameters()
    rows: dict[str, Sequence[Row]] = dict.fromkeys(TABLES, ())
    problems: list[Problem] = []
    for table, source in sources.items():
        read = read_table(source, TABLES[table], "" if isinstance(source, Path) else table)
        rows[table], problems = read.rows, [*problems, *read.problems]
    stop_on(problems)
    measured, wrong = measured_of(rows["strata"], rows["plots"], rows["maps"], section)
    problems += wrong
    stop_on(problems)
    ground, wrong = _ground(polygons, others, section.overlap_allowed)
    problems += wrong
    tickets = []
    for row in rows["parcels"]:
        parcel = row.text("parcel")
        arguments = (row, measured.get(parcel, []), rows["plots"], rows["claims"], ground.get(parcel))
        ticket, wrong = ticket_of(*arguments, section, parameters)
        problems += wrong
        tickets += [ticket] if ticket is not None else []
    stop_on(problems)
    every = [one for of_parcel in measured.values() for one in of_parcel]
    made = [_estimates(every), _design(every, parameters)]
    made += [_tickets(tickets)] if tickets else []
    names = ("evidence", "merge", "issue", "baseline")
    account = AssetAccount(
        "parcels",
        say("parcels.title"),
        name or Text("", ""),
        tuple(made),
        say("parcels.never_added"),
        year,
        tuple(problems),
        {name: getattr(section, name) for name in names},
    )
    return ParcelAccount(account, tuple(tickets))


def _ground(
    polygons: GeoDataFrame | None, others: GeoDataFrame | None, least: float
) -> tuple[dict[str, Ground], list[Problem]]:
    if polygons is None:
        return {}, []
    found = overlaps(polygons, others, least=least) if others is not None else {}
    ground = {
        str(parcel): Ground(
            geometry_hash(geometry), area_of(geometry), None if others is None else found.get(str(parcel), [])
        )
        for parcel, geometry in zip(polygons["parcel"], polygons.geometry, strict=True)
    }
    return ground, overlap_problems(found)


def _word(text: object) -> Text:
    return Text(str(text), str(text))


def _headings(*parts: str) -> tuple[tuple[str, Text], ...]:
    return tuple((part, say(f"parcels.column.{part}")) for part in parts)


def _measure(id_: str, unit: str, decimals: int = 2) -> Measure:
    return Measure(id_, say(f"parcels.column.{id_}"), unit, decimals)


def _estimates(every: Sequence[Measured]) -> AssetTable:
    """Carbon per area by parcel, year and source, with the half-width at 90 %."""
    lines = []
    for measured in every:
        labels = {"parcel": _word(measured.parcel), "year": _word(measured.year)}
        key = f"{measured.parcel}/{measured.year}"
        place = say("parcels.of_plots", plots=measured.plots, strata=len(measured.samples))
        single = len(measured.sources) == 1
        for source, weight in zip(measured.sources, measured.joined.weights, strict=True):
            figures = _of_estimate(source.estimate, place) | {"weight": exact(weight, "1", place)}
            word = say(f"parcels.source.{source.name}")
            lines.append(Line({**labels, "source": word}, figures, key=f"{key}/{source.name}"))
        if not single:
            figures = _of_estimate(measured.estimate, place)
            lines.append(
                Line({**labels, "source": say("parcels.source.joined")}, figures, kind="total", key=f"{key}/joined")
            )
    measures = (
        _measure("mean", DENSITY),
        _measure("error", DENSITY),
        _measure("half_width_of_mean", DENSITY),
        _measure("relative", "percent", 1),
        _measure("weight", "1", 3),
    )
    headings = _headings("parcel", "year", "source")
    return AssetTable("estimates", say("parcels.table.estimates"), headings, measures, tuple(lines))


def _of_estimate(estimate: sampling.Estimate, place: Text) -> dict[str, Figure | None]:
    half = estimate.half_width(LEVEL)
    relative = exact(half / estimate.mean, "1", place) if estimate.mean > 0 else None
    return {
        "mean": given(estimate.mean, DENSITY, place),
        "error": exact(estimate.error, DENSITY, place),
        "half_width_of_mean": exact(half, DENSITY, place),
        "relative": relative,
    }


def _design(every: Sequence[Measured], parameters: Parameters) -> AssetTable:
    """The plots of each stratum and how many hold the half-width of the parcel to the threshold."""
    threshold = parameters.find("uncertainty_threshold", ecosystem="forest")
    lines = []
    for measured in every:
        samples = measured.samples
        weights = [sample.weight for sample in samples.values()]
        deviations = [sample.deviation for sample in samples.values()]
        mean = sampling.stratified(list(samples.values())).mean
        if mean <= 0 or not any(deviations):
            continue
        possible = [sample.possible for sample in samples.values()]
        t = sampling.student(LEVEL, measured.plots - len(samples))
        is_finite = all(number is not None for number in possible)
        counts = [number for number in possible if number is not None] if is_finite else weights
        raw = sampling.plots_needed(counts, deviations, threshold.to("1") * mean, t, are_plots=is_finite)
        shares = sampling.allocation(counts, deviations)
        place = say("parcels.at_threshold", threshold=f"{threshold.to('percent'):g}", level=f"{100 * LEVEL:g}")
        for (name, sample), share in zip(samples.items(), shares, strict=True):
            figures = {
                "plots": exact(sample.plots, "1", place),
                "needed": exact(math.ceil(math.ceil(raw) * share), "1", place),
            }
            labels = {"parcel": _word(measured.parcel), "year": _word(measured.year), "stratum": _word(name)}
            lines.append(Line(labels, figures, key=f"{measured.parcel}/{measured.year}/{name}"))
    measures = (_measure("plots", "1", 0), _measure("needed", "1", 0))
    note = say("parcels.at_threshold", threshold=f"{threshold.to('percent'):g}", level=f"{100 * LEVEL:g}")
    headings = _headings("parcel", "year", "stratum")
    return AssetTable("design", say("parcels.table.design"), headings, measures, tuple(lines), (note,))


def _tickets(tickets: Sequence[Ticket]) -> AssetTable:
    """From the removal to the quantity of each ticket; whole tonnes are of the ticket itself."""
    lines = [
        Line(
            {
                "parcel": _word(ticket.parcel),
                "holder": _word(ticket.row.text("holder")),
                "period": _word(f"{ticket.first.year}-{ticket.last.year}"),
            },
            {
                **ticket.figures,
                "tonnes": replace(by_rule("whole_down", ticket.figures["quantity"]), value=ticket.tonnes),
            },
            key=ticket.parcel,
        )
        for ticket in tickets
    ]
    measures = (
        _measure("area", "hm^2"),
        _measure("removal", CO2),
        _measure("half_width", CO2),
        _measure("relative", "percent", 1),
        _measure("certified", CO2),
        _measure("baseline", CO2),
        _measure("emissions", CO2),
        _measure("claimed", CO2),
        _measure("tonnes", CO2, 0),
        _measure("per_area", "t*CO2/(hm^2*year)"),
    )
    headings = _headings("parcel", "holder", "period")
    return AssetTable("tickets", say("parcels.table.tickets"), headings, measures, tuple(lines))
