"""Condition, quality, pattern and worth of a project's ecosystems as one account."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from gep.assets.account import AssetAccount, AssetTable, Line, Measure
from gep.assets.condition.monetary import ENTRIES, AtPrices, Worth, entries_of, worths_of
from gep.assets.condition.pattern import Pattern, pattern_of
from gep.assets.condition.quality import (
    Denominator,
    Graded,
    Quality,
    area_of,
    asset_index,
    grade_of,
    graded_of,
    qualities_of,
)
from gep.assets.condition.tables import DENSITIES, GRADES, QUALITY, TRANSITIONS, VARIABLES, WORTH
from gep.assets.condition.variables import Asset, Variable, by_asset, index_of, index_of_area, variables_of
from gep.assets.context import Context
from gep.assets.figures import Figure, exact, total
from gep.assets.parameters import Parameters
from gep.assets.rows import kind_name
from gep.assets.tables import TableRead, stop_on
from gep.core.errors import Problem, ProjectError, did_you_mean, problem
from gep.core.messages import Text, say
from gep.core.table_words import folded
from gep.standards.classes import ecosystem_id, ecosystems, land_classes


def accounts(context: Context) -> list[AssetAccount]:
    """The account of a project (`[assets.condition]`). Raises InputError with everything that is wrong in its tables,
    ProjectError where it names none.
    """
    section = context.project.assets.condition
    assert section is not None
    names = {"variables": VARIABLES, "quality": QUALITY, "densities": DENSITIES, "worth": WORTH}
    names["transitions"] = TRANSITIONS
    read = {name: context.read(path, columns) for name, columns in names.items() if (path := getattr(section, name))}
    if not read:
        found = problem("condition.K60.no_table", "assets.condition", tables=[f"`{name}`" for name in names])
        raise ProjectError(say("assets.wrong_tables"), [found])
    return [
        condition_account(
            **read,
            parameters=context.parameters(section),
            name=context.name,
            year=context.year_of(section),
            denominator=section.denominator,
            prices=section.prices,
            years=section.years,
        )
    ]


NOBODY = Text("", "")


def condition_account(
    variables: TableRead | None = None,
    quality: TableRead | None = None,
    densities: TableRead | None = None,
    transitions: TableRead | None = None,
    worth: TableRead | None = None,
    *,
    parameters: Parameters | None = None,
    name: Text = NOBODY,
    year: int | None = None,
    denominator: Denominator = "own",
    prices: AtPrices = "opening",
    years: float | None = None,
) -> AssetAccount:
    """The account of tables that were read; each may be left out.

    Args:
        variables: condition variables, with the columns `gep.assets.condition.tables.VARIABLES`.
        quality: land by quality class at both ends.
        densities: relative densities of vegetation by year.
        transitions: what became what.
        worth: yearly services at both ends, with rate and life.
        parameters: the rows to look numbers up in; the shipped ones by default.
        name: of whom.
        year: the closing year.
        denominator: the area beside which an asset index stands: that of the class (`own`), or of all (`total`), and
            then the indices of classes add up.
        prices: at which prices changes of quantity are valued, `opening` or `mean`.
        years: how many years lie between opening and closing, for the speed of changes of land.

    Raises:
        InputError: with everything that is wrong in the tables.
    """
    parameters = parameters or Parameters()
    tables = [table for table in (variables, quality, densities, transitions, worth) if table is not None]
    problems = [found for table in tables for found in table.problems]
    described, wrong = variables_of(variables.rows if variables else ())
    problems += wrong
    graded, wrong = graded_of(quality.rows if quality else ())
    problems += wrong
    indices, wrong = qualities_of(densities.rows if densities else (), parameters)
    problems += wrong
    pattern, wrong = pattern_of(transitions.rows if transitions else ())
    problems += wrong
    worths, wrong = worths_of(worth.rows if worth else (), prices)
    problems += wrong
    stop_on(problems)
    if graded:
        problems += list(_areas_that_change(graded, pattern))
    problems += _slips([row.text(name) for table in tables for row in table.rows for name in LAND if name in row.cells])
    made_tables: list[AssetTable] = []
    if pattern.moves:
        period = exact(years, "year", say("condition.years_given")) if years else None
        made_tables += [_extent(pattern, period), _matrix(pattern)]
    if described:
        made_tables += [_variables(described), _indices(described)]
    if indices:
        made_tables.append(_qualities(indices))
    if graded:
        made_tables.append(_grades(graded, parameters, denominator))
    if worths:
        made_tables.append(_worths(worths))
    return AssetAccount(
        "condition",
        say("condition.title"),
        name,
        tuple(made_tables),
        say("condition.never_added"),
        year,
        tuple(problems),
        {"denominator": denominator, "prices": prices},
    )


def _name(asset: Asset) -> dict[str, Text]:
    zone, ecosystem = asset
    return {"zone": Text(zone, zone) if zone else say("condition.whole"), "ecosystem": _ecosystem(ecosystem)}


def _ecosystem(name: str) -> Text:
    known = land_classes().get((ecosystem_id(name), ""))
    return Text(known.label_en, known.label_zh) if known else Text(name, name)


def _labels(*names: str) -> tuple[tuple[str, Text], ...]:
    return tuple((name, say(f"condition.label.{name}")) for name in names)


def _measure(name: str, unit: str, decimals: int) -> Measure:
    return Measure(name, say(f"condition.measure.{name}"), unit, decimals)


def _key(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _variables(variables: Sequence[Variable]) -> AssetTable:
    lines = [
        Line(
            {
                **_name(variable.asset),
                "class": kind_name(variable.condition_class),
                "variable": Text(variable.name, variable.name),
                "unit": Text(variable.unit, variable.unit),
            },
            {
                **{
                    name: variable.row.figure(name)
                    for name in ("opening", "closing", "reference_low", "reference_high", "weight")
                },
                "opening_indicator": variable.opening,
                "closing_indicator": variable.closing,
            },
            key=_key(*variable.asset, variable.name),
        )
        for variable in variables
    ]
    measures = [_measure(name, "1", 2) for name in ("opening", "closing", "reference_low", "reference_high")]
    measures += [_measure(name, "1", 3) for name in ("opening_indicator", "closing_indicator", "weight")]
    labels = _labels("zone", "ecosystem", "class", "variable", "unit")
    return AssetTable(
        "variables", say("condition.table.variables"), labels, tuple(measures), tuple(lines), number="T12"
    )


def _indices(variables: Sequence[Variable]) -> AssetTable:
    assets = by_asset(variables)
    lines = [
        Line(
            _name(asset),
            {
                "area": found[0].row.figure("area"),
                "opening": index_of(found, "opening"),
                "closing": index_of(found, "closing"),
            },
            key=_key(*asset),
        )
        for asset, found in assets.items()
    ]
    if len(assets) > 1:
        areas = total([found[0].row.figure("area") for found in assets.values()], "km^2")
        figures = {"area": areas, **{end: index_of_area(assets, end) for end in ("opening", "closing")}}
        labels = {"zone": say("condition.whole"), "ecosystem": say("condition.all")}
        lines.append(Line(labels, figures, kind="total", key="total"))
    measures = (_measure("area", "km^2", 2), _measure("opening", "1", 3), _measure("closing", "1", 3))
    note = say("condition.note.weights")
    return AssetTable(
        "index", say("condition.table.index"), _labels("zone", "ecosystem"), measures, tuple(lines), (note,), "T12"
    )


def _qualities(indices: Sequence[Quality]) -> AssetTable:
    lines = [
        Line(
            {**_name(quality.asset), "year": Text(str(quality.year), str(quality.year))},
            {"index": quality.index},
            {"grade": kind_name(quality.grade), "reference": kind_name("fixed" if quality.is_fixed else "year")},
            key=_key(*quality.asset, str(quality.year)),
        )
        for quality in indices
    ]
    measures = (_measure("index", "percent", 1), _measure("grade", "1", 0), _measure("reference", "1", 0))
    labels = _labels("zone", "ecosystem", "year")
    note = say("condition.note.quality")
    return AssetTable("quality", say("condition.table.quality"), labels, measures, tuple(lines), (note,))


def _grades(graded: Sequence[Graded], parameters: Parameters, denominator: Denominator) -> AssetTable:
    lines = []
    whole = {end: total([area_of(getattr(g, end)) for g in graded], "km^2") for end in ("opening", "closing")}
    for land in graded:
        beside = {end: whole[end] if denominator == "total" else area_of(getattr(land, end)) for end in whole}
        for end in ("opening", "closing"):
            lines.append(_graded_line(land.asset, end, getattr(land, end), beside[end], parameters, denominator))
    if len(graded) > 1:
        for end, area in whole.items():
            of_all = {
                grade: total(there, "km^2")
                for grade in GRADES
                if (there := [found[grade] for land in graded if grade in (found := getattr(land, end))])
            }
            lines.append(_graded_line(("", ""), end, of_all, area, parameters, denominator))
    measures = [Measure(grade, kind_name(grade), "km^2", 2) for grade in GRADES]
    measures += [_measure("area", "km^2", 2), _measure("index", "percent", 2), _measure("grade", "1", 0)]
    notes = (say(f"condition.note.{denominator}"), say("condition.note.standard"))
    labels = _labels("zone", "ecosystem", "end")
    return AssetTable("grades", say("condition.table.grades"), labels, tuple(measures), tuple(lines), notes)


def _graded_line(
    asset: Asset,
    end: str,
    land: Mapping[str, Figure],
    whole: Figure,
    parameters: Parameters,
    denominator: Denominator,
) -> Line:
    index = asset_index(land, whole, parameters)
    is_all = not asset[1]
    named = {"zone": say("condition.whole"), "ecosystem": say("condition.all")} if is_all else _name(asset)
    is_graded = index is not None and (denominator == "own" or is_all)
    grade = (
        kind_name(grade_of(index, "asset_index_limit", parameters)) if is_graded and index else say("condition.part")
    )
    return Line(
        {**named, "end": say(f"condition.end.{end}")},
        {**{name: land.get(name) for name in GRADES}, "area": area_of(land), "index": index},
        {"grade": grade},
        "total" if is_all else "item",
        _key("total" if is_all else "", *asset, end),
    )


LAND = ("ecosystem", "from_type", "to_type")
"""Columns that name land: by an ecosystem, a class, or a name of the study's own."""


def _slips(names: Sequence[str]) -> list[Problem]:
    """Names of land that nobody knows and that are nearly those of an ecosystem or a class."""
    known = [word for (_, id_), land in land_classes().items() for word in (id_, land.label_en, land.label_zh) if word]
    known += ecosystems()
    words = {folded(word) for word in known}
    unknown = [name for name in dict.fromkeys(names) if folded(name) not in words]
    return [problem("condition.K65.name", name, hint=hint) for name in unknown if (hint := did_you_mean(name, known))]


def _areas_that_change(graded: Sequence[Graded], pattern: Pattern) -> Iterator[Problem]:
    """Land by grade whose area is another at the end: part of its change is no change of quality. Where changes of land
    tell the same areas, the account of extent answers that.
    """
    for land in graded:
        opening, closing = area_of(land.opening).value, area_of(land.closing).value
        zone, ecosystem = land.asset
        told = [pattern.opening(ecosystem).value, pattern.closing(ecosystem).value]
        is_told = not zone and all(map(math.isclose, told, (opening, closing)))
        if opening != closing and not is_told:
            subject = " / ".join(part for part in land.asset if part)
            yield problem("condition.K65.area", subject, found=f"{opening:g} → {closing:g} km²")


def _extent(pattern: Pattern, years: Figure | None) -> AssetTable:
    lines = []
    for name in pattern.classes:
        figures = {
            "opening": pattern.opening(name),
            "additions": pattern.came(name),
            "reductions": pattern.left(name),
            "closing": pattern.closing(name),
            "change": pattern.change(name),
            "left": pattern.share_left(name),
            "intensity": pattern.intensity(name),
            "degree": pattern.degree(name, years) if years else None,
        }
        lines.append(Line({"ecosystem": _ecosystem(name)}, figures, key=name))
    figures = {
        "opening": pattern.whole,
        "additions": pattern.converted,
        "reductions": pattern.converted,
        "closing": pattern.whole,
        "left": pattern.comprehensive,
    }
    lines.append(Line({"ecosystem": say("condition.all")}, figures, kind="total", key="total"))
    measures = [_measure(name, "km^2", 2) for name in ("opening", "additions", "reductions", "closing")]
    measures = [Measure(m.id, say(f"condition.extent.{m.id}"), m.unit, m.decimals) for m in measures]
    measures += [_measure("change", "percent", 2), _measure("left", "percent", 2), _measure("intensity", "1", 2)]
    measures += [_measure("degree", "percent/year", 2)] if years else []
    note = say("condition.note.extent")
    return AssetTable(
        "extent", say("condition.table.extent"), _labels("ecosystem"), tuple(measures), tuple(lines), (note,), "T10"
    )


def _matrix(pattern: Pattern) -> AssetTable:
    lines = [
        Line(
            {"ecosystem": _ecosystem(before)},
            {
                **{after: pattern.moves.get((before, after)) for after in pattern.classes},
                "total": pattern.opening(before),
            },
            key=before,
        )
        for before in pattern.classes
    ]
    totals = {after: pattern.closing(after) for after in pattern.classes} | {"total": pattern.whole}
    lines.append(Line({"ecosystem": say("condition.closing_total")}, totals, kind="total", key="total"))
    measures = [Measure(after, _ecosystem(after), "km^2") for after in pattern.classes]
    measures.append(_measure("total", "km^2", 2))
    return AssetTable(
        "matrix", say("condition.table.matrix"), _labels("ecosystem"), tuple(measures), tuple(lines), number="T11"
    )


def _worths(worths: Sequence[Worth]) -> AssetTable:
    ecosystems = list(dict.fromkeys(worth.asset[1] for worth in worths))
    columns = {name: entries_of([worth for worth in worths if worth.asset[1] == name]) for name in ecosystems}
    columns["total"] = entries_of(worths)
    lines = [
        Line(
            {"entry": say(f"condition.entry.{entry}")},
            {name: entries[entry] for name, entries in columns.items()},
            kind="total" if entry in ("opening", "closing") else "item",
            key=entry,
        )
        for entry in ENTRIES
    ]
    measures = [Measure(name, _ecosystem(name), "10^4*CNY") for name in ecosystems]
    measures.append(_measure("total", "10^4*CNY", 2))
    notes = (say("condition.note.worth"), say("condition.note.standard"))
    return AssetTable(
        "worth", say("condition.table.worth"), _labels("entry"), tuple(measures), tuple(lines), notes, "T14"
    )
