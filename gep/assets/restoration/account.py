"""What projects of restoration did, as one account: land, effects, carbon, services, costs, degradation, shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gep.assets.account import AssetAccount, AssetTable, Line, Measure
from gep.assets.context import Context
from gep.assets.figures import Figure, total
from gep.assets.parameters import Parameters
from gep.assets.restoration.cohorts import Cohort, cohorts_of
from gep.assets.restoration.decline import CLASSES, Parcel, area_where, moves_of, parcels_of
from gep.assets.restoration.effect import State, questions, states_of
from gep.assets.restoration.land import (
    SHARED,
    Outlines,
    Treated,
    beside_outlines,
    claimed,
    outlines_of,
    surviving,
    treated_of,
    unknown_projects,
)
from gep.assets.restoration.plots import states_of_plots
from gep.assets.restoration.shares import Attributed, By, attributed_of
from gep.assets.restoration.tables import (
    ATTRIBUTION,
    COSTS,
    DEGRADATION,
    ENDS,
    PLOTS,
    PROJECTS,
    SERVICES,
    STATES,
)
from gep.assets.restoration.worth import PURPOSES, Cost, Service, costs_of, services_of
from gep.assets.rows import kind_name
from gep.assets.tables import TableRead, stop_on
from gep.core.catalog import named
from gep.core.errors import Problem, ProjectError, problem
from gep.core.messages import Text, joined, say
from gep.inputs.grids.polygons import Polygons

NOBODY = Text("", "")

TABLES = {
    "projects": PROJECTS,
    "states": STATES,
    "plots": PLOTS,
    "degradation": DEGRADATION,
    "services": SERVICES,
    "costs": COSTS,
    "attribution": ATTRIBUTION,
}


def accounts(context: Context) -> list[AssetAccount]:
    """The account of a project (`[assets.restoration]`). Raises InputError with everything that is wrong in its tables
    and polygons, ProjectError where it names none.
    """
    section = context.project.assets.restoration
    assert section is not None
    read = {name: context.read(path, columns) for name, columns in TABLES.items() if (path := getattr(section, name))}
    if not read and not section.polygons:
        tables = [f"`{name}`" for name in (*TABLES, "polygons")]
        found = problem("restoration.K50.no_table", "assets.restoration", tables=tables)
        raise ProjectError(say("assets.wrong_tables"), [found])
    return [
        restoration_account(
            **read,
            polygons=context.path(section.polygons) if section.polygons else None,
            polygon_project=section.polygon_project,
            controls=context.path(section.controls) if section.controls else None,
            parameters=context.parameters(section),
            name=context.name,
            year=context.year_of(section),
            attribute_by=section.attribute_by,
            folder=context.folder,
        )
    ]


def restoration_account(
    projects: TableRead | None = None,
    states: TableRead | None = None,
    plots: TableRead | None = None,
    degradation: TableRead | None = None,
    services: TableRead | None = None,
    costs: TableRead | None = None,
    attribution: TableRead | None = None,
    *,
    polygons: Polygons | None = None,
    polygon_project: str = "project",
    controls: Polygons | None = None,
    parameters: Parameters | None = None,
    name: Text = NOBODY,
    year: int | None = None,
    attribute_by: By = "joint",
    folder: Path = Path(),
) -> AssetAccount:
    """The account of tables that were read; each may be left out.

    Args:
        projects: treated land by project and year, with the columns `gep.assets.restoration.tables.PROJECTS`.
        states: variables on treated land and on land that was left alone, before and after.
        plots: sample plots that such variables are means of.
        degradation: land with its state before and after.
        services: services at constant prices.
        costs: costs, with weights where they are divided among effects.
        attribution: parcels that several projects treated.
        polygons: the treated land, a file or a frame.
        polygon_project: its column that names the project.
        controls: the land that was left alone; it must not be treated.
        parameters: the rows to look numbers up in; the shipped ones by default.
        name: of whom.
        year: the year whose uptake of carbon is told.
        attribute_by: how an effect on a parcel of several projects is told, by `cost`, as `given`, `joint`.
        folder: where the documents of scenarios are named from.

    Raises:
        InputError: with everything that is wrong in tables and polygons.
    """
    read = {
        name: table
        for name, table in zip(
            TABLES, (projects, states, plots, degradation, services, costs, attribution), strict=True
        )
        if table is not None
    }
    outlines, wrong = (None, []) if polygons is None else outlines_of(polygons, polygon_project, controls)
    if controls is not None and polygons is None:
        wrong = [problem("restoration.K53.no_polygons", "controls")]
    found, problems = _found(read, parameters or Parameters(), year, attribute_by, folder)
    problems = [*problems, *wrong, *_unlike(read, found, outlines)]
    stop_on(problems)
    return AssetAccount(
        "restoration",
        say("restoration.title"),
        name,
        tuple(_tables(found, outlines, attribute_by)),
        say("restoration.never_added"),
        year,
        (*problems, *questions(found.variables)),
        {"attribute_by": attribute_by},
    )


@dataclass(frozen=True)
class _Found:
    """What the tables tell."""

    treated: Sequence[Treated]
    variables: Sequence[State]
    cohorts: Sequence[Cohort]
    parcels: Sequence[Parcel]
    services: Sequence[Service]
    costs: Sequence[Cost]
    shares: Sequence[Attributed]


def _found(
    read: Mapping[str, TableRead], parameters: Parameters, year: int | None, by: By, folder: Path
) -> tuple[_Found, list[Problem]]:
    """What the tables tell, and everything that is wrong with each of them."""
    rows = {name: read[name].rows if name in read else () for name in TABLES}
    problems = [found for table in read.values() for found in table.problems]
    treated, wrong = treated_of(rows["projects"])
    problems += wrong
    variables, wrong = states_of(rows["states"])
    problems += wrong
    of_plots, wrong = states_of_plots(rows["plots"])
    problems += wrong
    cohorts, wrong = cohorts_of(treated, parameters, year)
    problems += wrong
    parcels, wrong = parcels_of(rows["degradation"], parameters)
    problems += wrong
    services, wrong = services_of(rows["services"], folder)
    problems += wrong
    costs, wrong = costs_of(rows["costs"])
    problems += wrong
    shares, wrong = attributed_of(rows["attribution"], by)
    problems += wrong
    twice = {(s.project, s.variable) for s in variables} & {(s.project, s.variable) for s in of_plots}
    problems += [problem("restoration.K54.in_both", " / ".join(key)) for key in sorted(twice)]
    return _Found(treated, [*variables, *of_plots], cohorts, parcels, services, costs, shares), problems


def _unlike(read: Mapping[str, TableRead], found: _Found, outlines: Outlines | None) -> list[Problem]:
    """What tables and polygons do not tell alike: land, and names of projects."""
    problems = list(beside_outlines(claimed(found.treated), outlines)) if found.treated and outlines else []
    known = {*claimed(found.treated), *(outlines.areas if outlines else ())}
    for name in ("states", "plots", "services", "costs", "attribution"):
        problems += unknown_projects(read[name].rows if name in read else (), known)
    return problems


def _tables(found: _Found, outlines: Outlines | None, by: By) -> Iterator[AssetTable]:
    living, shared = surviving(found.treated), _shared(outlines)
    if found.treated or outlines:
        yield _areas(found.treated, outlines, shared)
    if found.variables:
        yield _states(found.variables, living)
    if found.cohorts:
        yield _carbon(found.cohorts, shared)
    if found.services:
        yield _services(found.services, shared)
    if found.costs:
        yield _costs(found.costs, living, found.cohorts, found.services)
    if found.parcels:
        yield from (_parcels(found.parcels), _matrix(found.parcels))
    if found.shares:
        yield _shares(found.shares, by)


def _plain(text: str) -> Text:
    return Text(text, text)


def _labels(*names: str) -> tuple[tuple[str, Text], ...]:
    return tuple((name, say(f"restoration.label.{name}")) for name in names)


def _measure(name: str, unit: str, decimals: int = 2) -> Measure:
    return Measure(name, say(f"restoration.measure.{name}"), unit, decimals)


def _shared(outlines: Outlines | None) -> tuple[Text, ...]:
    """A remark on sums, where projects share land: what several tell of it stands in them several times."""
    if outlines is None:
        return ()
    together = outlines.overlap().value - sum(outlines.overlap(project).value for project in outlines.areas)
    if together <= SHARED * outlines.whole.value:
        return ()
    return (say("restoration.note.shared", area=f"{together:.4g}"),)


def _areas(treated: Sequence[Treated], outlines: Outlines | None, shared: tuple[Text, ...]) -> AssetTable:
    claims, living = claimed(treated), surviving(treated)
    drawn = outlines.areas if outlines else {}
    none = say("restoration.no_certificate")
    lines = [
        Line(
            {"project": _plain(project)},
            {
                "claimed": claims.get(project),
                "drawn": drawn.get(project),
                "overlap": outlines.overlap(project) if outlines else None,
                "beyond": outlines.beyond([claims[project]], project) if outlines and claims else None,
                "surviving": living.get(project),
            },
            {} if project in living else {"surviving": none},
            key=project,
        )
        for project in (claims or drawn)
    ]
    figures: dict[str, Figure | None] = {
        "claimed": total(claims.values(), "hm^2") if claims else None,
        "drawn": outlines.whole if outlines else None,
        "overlap": outlines.overlap() if outlines else None,
        "beyond": outlines.beyond(list(claims.values())) if outlines and claims else None,
        "surviving": total(living.values(), "hm^2") if treated and len(living) == len(claims) else None,
    }
    lines.append(Line({"project": say("restoration.together")}, figures, kind="total", key="total"))
    measures = [_measure(name, "hm^2") for name in ("claimed", "drawn", "overlap", "beyond", "surviving")]
    notes = (say("restoration.note.union" if outlines else "restoration.note.no_union"), *shared)
    return AssetTable("areas", say("restoration.table.areas"), _labels("project"), tuple(measures), tuple(lines), notes)


def _states(states: Sequence[State], living: Mapping[str, Figure]) -> AssetTable:
    lines = [
        Line(
            {
                "project": _plain(state.project),
                "variable": _plain(state.variable),
                "unit": say("restoration.beside_rain") if state.is_corrected else _plain(state.unit),
                "called": say(f"restoration.called.{state.called}"),
            },
            {
                **{end: state.values.get(end) for end in ENDS},
                "treated_change": state.change("treated"),
                "control_change": state.change("control"),
                "result": state.result,
                "uncertainty": state.uncertainty,
                "on_land": state.on(living.get(state.project)),
            },
            key=f"{state.project}/{state.variable}",
        )
        for state in states
    ]
    names = (*ENDS, "treated_change", "control_change", "result", "uncertainty")
    measures = (*(_measure(name, "1") for name in names), _measure("on_land", "km^2"))
    called = {state.called for state in states}
    notes = [say(f"restoration.note.{kind}") for kind in ("effect", "change", "gap") if kind in called]
    labels = _labels("project", "variable", "unit", "called")
    return AssetTable("states", say("restoration.table.states"), labels, measures, tuple(lines), tuple(notes))


def _carbon(cohorts: Sequence[Cohort], shared: tuple[Text, ...]) -> AssetTable:
    lines = [
        Line(
            {
                "project": _plain(cohort.land.cohort[0]),
                "treated": _plain(str(cohort.land.cohort[1])),
                "treatment": _plain(cohort.land.row.text("treatment")),
            },
            {
                "surviving": cohort.land.surviving,
                "rate": cohort.rate,
                "ramp": cohort.ramp,
                "carbon": cohort.carbon,
                "sink": cohort.sink,
                "since": cohort.since,
            },
            key="/".join(part for part in (*map(str, cohort.land.cohort), cohort.land.row.text("treatment")) if part),
        )
        for cohort in cohorts
    ]
    sums: dict[str, Figure | None] = {
        "surviving": total([cohort.land.surviving for cohort in cohorts if cohort.land.surviving], "hm^2"),
        "carbon": total([cohort.carbon for cohort in cohorts], "t*carbon/year"),
        "sink": total([cohort.sink for cohort in cohorts], "t*CO2/year"),
        "since": total([cohort.since for cohort in cohorts], "t*CO2"),
    }
    lines.append(Line({"project": say("restoration.together")}, sums, kind="total", key="total"))
    measures = (
        _measure("surviving", "hm^2"),
        _measure("rate", "t*carbon/(hm^2*year)"),
        _measure("ramp", "year", 0),
        _measure("carbon", "t*carbon/year"),
        _measure("sink", "t*CO2/year"),
        _measure("since", "t*CO2"),
    )
    notes = [say("restoration.note.cohorts"), *shared]
    if any(cohort.is_ramp_provisional for cohort in cohorts):
        notes.append(say("restoration.note.ramp"))
    labels = _labels("project", "treated", "treatment")
    return AssetTable("carbon", say("restoration.table.carbon"), labels, measures, tuple(lines), tuple(notes))


def _services(services: Sequence[Service], shared: tuple[Text, ...]) -> AssetTable:
    lines = [
        Line(
            {"project": _plain(service.project), "service": service.called},
            {"change": service.change},
            key="/".join(part for part in (service.project, service.name) if part),
        )
        for service in services
    ]
    whole = total([service.change for service in services], "CNY/year")
    labels = {"project": say("restoration.together"), "service": say("restoration.all_services")}
    lines.append(Line(labels, {"change": whole}, kind="total", key="total"))
    measures = (_measure("change", "1e4*CNY/year"),)
    notes = (say("restoration.note.services", year=services[0].price_year), *shared)
    return AssetTable(
        "services",
        say("restoration.table.services"),
        _labels("project", "service"),
        measures,
        tuple(lines),
        notes,
    )


def _costs(
    costs: Sequence[Cost], living: Mapping[str, Figure], cohorts: Sequence[Cohort], services: Sequence[Service]
) -> AssetTable:
    lines = []
    for cost in costs:
        taken = [cohort.since for cohort in cohorts if cohort.land.cohort[0] == cost.project]
        changes = [service.change for service in services if service.project == cost.project]
        carbon = total(taken, "t*CO2") if taken else None
        change = total(changes, "CNY/year") if changes else None
        figures: dict[str, Figure | None] = {
            "cost": cost.cost,
            **({f"{name}_cost": cost.borne[name] for name in PURPOSES} if cost.is_divided else {}),
            "per_area": cost.per_area(living.get(cost.project)),
            "per_carbon": cost.per_carbon_dioxide(carbon),
            "per_service": cost.per_service(change),
            "services_per_cost": cost.services(change),
        }
        lines.append(Line({"project": _plain(cost.project)}, figures, key=cost.project))
    divided = [f"{name}_cost" for name in PURPOSES] if any(cost.is_divided for cost in costs) else []
    measures = (
        *(_measure(name, "1e4*CNY") for name in ("cost", *divided)),
        _measure("per_area", "CNY/hm^2"),
        _measure("per_carbon", "CNY/(t*CO2)"),
        _measure("per_service", "year"),
        _measure("services_per_cost", "1/year", 3),
    )
    notes = [say("restoration.note.costs")]
    if not all(cost.is_divided for cost in costs):
        notes.append(say("restoration.note.undivided"))
    return AssetTable("costs", say("restoration.table.costs"), _labels("project"), measures, tuple(lines), tuple(notes))


def _parcels(parcels: Sequence[Parcel]) -> AssetTable:
    lines = [
        Line(
            {"parcel": _plain(parcel.name), "ecosystem": named(parcel.ecosystem)},
            {"area": parcel.area, "before": parcel.indices["before"], "after": parcel.indices["after"]},
            {f"class_{time}": kind_name(of) for time, of in parcel.classes.items()},
            key=parcel.name,
        )
        for parcel in parcels
    ]
    measures = (
        _measure("area", "hm^2"),
        _measure("before", "percent", 1),
        _measure("class_before", "1"),
        _measure("after", "percent", 1),
        _measure("class_after", "1"),
    )
    labels = _labels("parcel", "ecosystem")
    note = say("restoration.note.indices")
    return AssetTable("degradation", say("restoration.table.degradation"), labels, measures, tuple(lines), (note,))


def _matrix(parcels: Sequence[Parcel]) -> AssetTable:
    moves = moves_of(parcels)

    def sum_where(end: int, of: str) -> Figure:
        return total([area for pair, area in moves.items() if pair[end] == of], "hm^2")

    lines = [
        Line(
            {"class": kind_name(before)},
            {**{after: moves.get((before, after)) for after in CLASSES}, "area": sum_where(0, before)},
            key=before,
        )
        for before in CLASSES
    ]
    whole = total(moves.values(), "hm^2")
    after = {of: sum_where(1, of) for of in CLASSES}
    lines.append(Line({"class": say("restoration.after")}, {**after, "area": whole}, kind="total", key="total"))
    for key, better in (("improved", True), ("worsened", False)):
        figures = {"area": area_where(moves, better=better)}
        lines.append(Line({"class": say(f"restoration.{key}")}, figures, kind="check", key=key))
    measures = (*(Measure(of, kind_name(of), "hm^2") for of in CLASSES), _measure("area", "hm^2"))
    note = say("restoration.note.matrix")
    return AssetTable("classes", say("restoration.table.classes"), _labels("class"), measures, tuple(lines), (note,))


def _shares(shares: Sequence[Attributed], by: By) -> AssetTable:
    lines = [
        Line(
            {
                "parcel": _plain(of.parcel),
                "projects": joined([_plain(project) for project in of.projects], ", ", "、"),
                "unit": _plain(of.unit),
            },
            {"share": of.share, "effect": of.effect},
            key="/".join((of.parcel, *of.projects)),
        )
        for of in shares
    ]
    measures = (_measure("share", "percent", 1), _measure("effect", "1"))
    labels = _labels("parcel", "projects", "unit")
    note = say(f"restoration.note.{by}")
    return AssetTable("shares", say("restoration.table.shares"), labels, measures, tuple(lines), (note,))
