"""The account of compensation by sink: losses by component, ways to make up for each, decisions of courts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from gep.assets.account import AssetAccount, AssetTable, Line, Measure
from gep.assets.compensation.damage import CREDITS, DAMAGES, MONEY, Damage, damages
from gep.assets.compensation.remedies import Route, remedies
from gep.assets.context import Context
from gep.assets.credits.statement import plain_text
from gep.assets.figures import Figure, exact, made, total
from gep.assets.tables import Column, Row, stop_on
from gep.core.errors import InputError, Problem, problem
from gep.core.messages import Text, say
from gep.stocks import compensation as equations
from gep.stocks.credits import mean_price

DECISIONS = (
    Column("court"),
    Column("year", "year"),
    Column("cases", "whole"),
    Column("credits", "number", CREDITS, is_needed=False, least=0),
    Column("value", "number", MONEY, is_needed=False, least=0),
    Column("bound", is_needed=False, among=("exact", "at_least", "at_most")),
    Column("source"),
)
"""Decisions that are reported together: how many, and what they come to."""


def _measure(id_: str, unit: str, decimals: int = 2) -> Measure:
    return Measure(id_, say(f"compensation.measure.{id_}"), unit, decimals)


def _table(
    id_: str, labels: Sequence[str], measures: Sequence[Measure], lines: Sequence[Line], *notes: Text
) -> AssetTable:
    headings = tuple((name, say(f"compensation.label.{name}")) for name in labels)
    return AssetTable(id_, say(f"compensation.table.{id_}"), headings, tuple(measures), tuple(lines), notes)


def loss_table(found: Sequence[Damage]) -> AssetTable:
    """What was lost, by parcel and component."""
    lines = []
    for of in found:
        figures = {name: getattr(of, name) for name in ("area", "biomass", "forgone", "soil", "lost", "per_volume")}
        words = {"biomass": say("compensation.not_named")} if of.is_appraised else {}
        lines.append(Line({"case": plain_text(of.case), "parcel": plain_text(of.parcel)}, figures, words, key=of.key))
    if len(lines) > 1:
        lost = total([of.lost for of in found], CREDITS)
        lines.append(Line({"case": say("compensation.total")}, {"lost": lost}, kind="total", key="total"))
    measures = [
        _measure("area", "hm^2"),
        *(_measure(name, CREDITS) for name in ("biomass", "forgone", "soil", "lost")),
        _measure("per_volume", "t*CO2/m^3"),
    ]
    return _table("loss", ("case", "parcel"), measures, lines, say("compensation.note.tonnes"))


def remedy_table(found: Sequence[Damage], route: Route) -> AssetTable:
    """The ways to make up for each loss. They stand beside each other: each is the whole, and none is added up."""
    lines = []
    for of in found:
        for remedy in sorted(remedies(of), key=lambda each: each.route != route):
            name = say(f"compensation.route.{remedy.route}")
            if remedy.route == route:
                name = say("compensation.chosen", route=name)
            labels = {"case": plain_text(of.case), "parcel": plain_text(of.parcel), "route": name}
            figures: dict[str, Figure | None] = {
                "credits": remedy.credits,
                "price": of.price,
                "cost": remedy.cost,
                "money": remedy.money,
                "total": remedy.total,
            }
            if remedy.route == "money":
                figures |= {"price": None}
            lines.append(Line(labels, figures, key=f"{of.key}/{remedy.route}"))
    measures = [
        _measure("credits", CREDITS, 0),
        _measure("price", "CNY/(t*CO2)"),
        *(_measure(name, MONEY) for name in ("cost", "money", "total")),
    ]
    return _table("remedies", ("case", "parcel", "route"), measures, lines, say("compensation.note.once"))


def decision_table(rows: Sequence[Row]) -> tuple[AssetTable, list[Problem]]:
    """Decisions by court and year: cases, tonnes, money, money a case, price. A bound stays one."""
    by_key: dict[tuple[str, int], list[Row]] = defaultdict(list)
    problems = []
    for row in rows:
        if not row.whole("cases"):
            problems.append(problem("compensation.K35.no_cases", row.text("court"), place=row.place))
            continue
        by_key[row.text("court"), row.whole("year") or 0].append(row)
    lines = []
    for (court, year), group in sorted(by_key.items()):
        cases = sum(row.whole("cases") or 0 for row in group)
        bound = next((row.text("bound") for row in group if row.text("bound") not in ("", "exact")), "exact")
        count = exact(cases, "1", say("compensation.place.decisions", count=len(group)))
        credits = _sum([row.number("credits") for row in group], CREDITS)
        value = _sum([row.number("value") for row in group], MONEY)
        figures: dict[str, Figure | None] = {"cases": count, "bought": credits, "value": value}
        if value is not None:
            figures["mean_award"] = made(equations.award_per_case, value=value, cases=count)
        if value is not None and credits is not None and credits.value and bound == "exact":
            figures["price"] = made(mean_price, value=value, credits=credits)
        labels = {"court": plain_text(court), "year": plain_text(year), "bound": say(f"credits.bound.{bound}")}
        lines.append(Line(labels, figures, key=f"{court}/{year}"))
    measures = [
        _measure("cases", "1", 0),
        _measure("bought", CREDITS),
        _measure("value", MONEY),
        _measure("mean_award", MONEY),
        _measure("price", "CNY/(t*CO2)"),
    ]
    return _table("decisions", ("court", "year", "bound"), measures, lines, say("compensation.note.bounds")), problems


def _sum(figures: Sequence[Figure | None], unit: str) -> Figure | None:
    """The sum; none where one is not known, since a part is not the whole."""
    there = [figure for figure in figures if figure is not None]
    return total(there, unit) if len(there) == len(figures) else None


def damages_of(context: Context) -> tuple[list[Damage], list[Problem]]:
    """The damages of a project. Raises InputError with everything that is wrong in their table."""
    section = context.project.assets.compensation
    if section is None or not section.damages:
        raise InputError(say("compensation.no_statement"), [problem("compensation.K35.no_table", "damages")])
    read = context.read(section.damages, DAMAGES)
    found, problems = damages(read.rows, context.parameters(section), context.folder)
    stop_on([*read.problems, *problems])
    return found, [*read.problems, *problems]


def accounts(context: Context) -> list[AssetAccount]:
    """The account of the section `[assets.compensation]`. Raises InputError with everything that is wrong."""
    section = context.project.assets.compensation
    assert section is not None
    tables: list[AssetTable] = []
    problems: list[Problem] = []
    if section.damages:
        found, problems = damages_of(context)
        tables += [loss_table(found), remedy_table(found, section.route)]
    if section.decisions:
        table, wrong = decision_table(context.rows(section.decisions, DECISIONS))
        stop_on(wrong)
        tables.append(table)
    title, never = say("compensation.account"), say("compensation.never_added")
    return [
        AssetAccount(
            "compensation",
            title,
            context.name,
            tuple(tables),
            never,
            context.year_of(section),
            tuple(problems),
            {"route": section.route},
        )
    ]
