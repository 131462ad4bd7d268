"""The account of carbon as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gep.assets.account import AssetTable, Line, Measure, RowKind
from gep.assets.carbon.balance import FLOW, LINES, SINK, STOCK, Balance, question_of, summed, turnover_of
from gep.assets.carbon.changes import Period
from gep.assets.carbon.density import ecosystem_id, kind_id
from gep.assets.carbon.strata import Key, Strata, Stratum, by, years_of
from gep.assets.figures import Figure, made, total
from gep.assets.ground import land_name
from gep.assets.parameters import Parameters
from gep.assets.rows import kind_name, kinds
from gep.assets.tables import Row
from gep.core.catalog import named
from gep.core.errors import Problem
from gep.core.messages import Text, say
from gep.standards.classes import land_classes
from gep.stocks import carbon

PARTS = ("zone", "ecosystem", "land_class", "pool")
AREA, DENSITY, SINK_UNIT = "hm^2", "t*carbon/hm^2", "t*CO2/year"


def word_of(part: str, id_: str) -> Text:
    """What a zone, an ecosystem, a class or a pool is called."""
    if part == "ecosystem":
        return named(id_)
    if part == "zone":
        return Text(id_, id_)
    ecosystem, _, land_class = id_.partition("/")
    if part == "land_class" and (ecosystem, land_class) in land_classes():
        return land_name((ecosystem, land_class))
    of = kind_id(id_)
    of_land = (land for land in land_classes() if land[1] == id_)
    if of not in kinds() and (land := next(of_land, None)) is not None:
        return land_name(land)
    return kind_name(of)


def _labels(key: Key) -> dict[str, Text]:
    return {part: word_of(part, id_) for part, id_ in zip(PARTS, key, strict=True)}


def _headings(*parts: str) -> tuple[tuple[str, Text], ...]:
    return tuple((part, say(f"carbon.column.{part}")) for part in parts)


def _measure(id_: str, unit: str, decimals: int = 2) -> Measure:
    return Measure(id_, say(f"carbon.column.{id_}"), unit, decimals)


def _title(id_: str) -> Text:
    return say(f"carbon.table.{id_}")


def as_carbon_dioxide(stock: Figure, parameters: Parameters) -> Figure:
    """A stock as the carbon dioxide that it would be."""
    ratio = parameters.find("co2_per_carbon")
    return made(carbon.stock_as_carbon_dioxide, carbon_stock=stock, co2_per_carbon=ratio)


def stock_table(strata: Strata, parameters: Parameters) -> AssetTable:
    """What stands in each stratum and year; stocks as carbon, and what they would be as carbon dioxide."""
    lines = []
    for (key, year), stratum in strata.items():
        figures = {
            "area": stratum.area,
            "carbon_density": stratum.density,
            "carbon_stock": stratum.stock,
            "as_co2": as_carbon_dioxide(stratum.stock, parameters),
        }
        labels = {**_labels(key), "year": Text(str(year), str(year))}
        lines.append(Line(labels, figures, key="/".join((*key, str(year)))))
    for year in years_of(strata):
        stock = total((stratum.stock for (_, of), stratum in strata.items() if of == year), STOCK)
        figures = {"carbon_stock": stock, "as_co2": as_carbon_dioxide(stock, parameters)}
        labels = {"zone": say("carbon.all"), "year": Text(str(year), str(year))}
        lines.append(Line(labels, figures, kind="total", key=f"all/{year}"))
    measures = (
        _measure("area", AREA),
        _measure("carbon_density", DENSITY),
        _measure("carbon_stock", STOCK),
        _measure("as_co2", "t*CO2"),
    )
    return AssetTable("stock", _title("stock"), _headings(*PARTS, "year"), measures, tuple(lines))


def part_table(strata: Strata, part: str) -> AssetTable:
    """The stock by zone, ecosystem, class or pool, a column for each year."""
    years = years_of(strata)
    grouped = by(strata.values(), PARTS.index(part))

    def sums(of: Sequence[Stratum]) -> dict[str, Figure | None]:
        return {str(year): total((s.stock for s in of if s.year == year), STOCK) for year in years}

    lines = [Line({part: word_of(part, id_)}, sums(of), key=id_) for id_, of in grouped.items()]
    lines.append(Line({part: say("carbon.all")}, sums(list(strata.values())), kind="total", key="all"))
    measures = tuple(Measure(str(year), Text(str(year), str(year)), STOCK) for year in years)
    return AssetTable(f"by_{part}", _title(f"by_{part}"), _headings(part), measures, tuple(lines))


def balance_table(balances: Sequence[Balance], periods: Sequence[Period]) -> AssetTable:
    """Opening and closing with all lines between, a column for each ecosystem. A closing is the sum of the lines above
    it, each of which is rounded once: a column adds up to the last bit.
    """
    ecosystems = list(dict.fromkeys(balance.key[1] for balance in balances))
    lines = []
    for period in periods:
        of_period = [balance for balance in balances if balance.period == period]
        columns = {id_: [balance for balance in of_period if balance.key[1] == id_] for id_ in ecosystems}
        columns["all"] = of_period
        above: dict[str, list[Figure]] = {id_: [] for id_ in columns}
        for line in LINES[:-1]:
            figures = {id_: summed(group, line) for id_, group in columns.items()}
            for id_, figure in figures.items():
                above[id_] += [figure] if figure is not None else []
            lines.append(_balance_line(period, line, figures))
        lines.append(_balance_line(period, LINES[-1], {id_: total(parts, STOCK) for id_, parts in above.items()}))
    measures = (*(Measure(id_, named(id_), STOCK) for id_ in ecosystems), Measure("all", say("carbon.all"), STOCK))
    is_of_maps = any(balance.opening.is_of_map for balance in balances)
    notes = (say("carbon.note.signs"), *([say("carbon.note.maps")] if is_of_maps else []))
    return AssetTable("balance", _title("balance"), _headings("period", "line"), measures, tuple(lines), notes)


def _balance_line(period: Period, line: str, figures: Mapping[str, Figure | None]) -> Line:
    kind: RowKind = "total" if line == "closing" else "subtotal" if line == "opening" else "item"
    labels = {"period": period.name, "line": say(f"carbon.line.{line}")}
    return Line(labels, figures, kind=kind, key=f"{period.name}/{line}")


def strata_table(balances: Sequence[Balance]) -> AssetTable:
    """The same for each stratum."""
    lines = [
        Line(
            {**_labels(balance.key), "period": balance.period.name},
            dict(balance.lines),
            key="/".join((*balance.key, str(balance.period.name))),
        )
        for balance in balances
    ]
    there = [line for line in LINES if any(line in balance.lines for balance in balances)]
    measures = tuple(Measure(line, say(f"carbon.line.{line}"), STOCK, 0) for line in there)
    return AssetTable("strata", _title("strata"), _headings(*PARTS, "period"), measures, tuple(lines))


def sink_of(balances: Sequence[Balance], parameters: Parameters) -> tuple[Figure, Figure]:
    """Carbon gained in a year by strata, and what that is as carbon dioxide."""
    yearly = total((balance.yearly for balance in balances), FLOW)
    ratio = parameters.find("co2_per_carbon")
    return yearly, made(carbon.yearly_sink, yearly_carbon=yearly, co2_per_carbon=ratio)


def is_told(balance: Balance) -> bool:
    """Whether anything says what a stratum gained or lost."""
    return any(line in balance.lines for line in SINK)


def sink_table(
    balances: Sequence[Balance], periods: Sequence[Period], parameters: Parameters
) -> tuple[AssetTable, list[Problem]]:
    """The yearly sink by zone and ecosystem, how large it is beside the stock, and what is to be asked of it."""
    lines: list[Line] = []
    problems: list[Problem] = []
    for period in periods:
        of_period = [balance for balance in balances if balance.period == period]
        groups: dict[tuple[str, ...], list[Balance]] = {}
        for balance in of_period:
            groups.setdefault(balance.key[:2], []).append(balance)
        for (zone, ecosystem), group in groups.items():
            labels = {"zone": Text(zone, zone), "ecosystem": named(ecosystem), "period": period.name}
            told = [balance for balance in group if is_told(balance)]
            key = f"{zone}/{ecosystem}/{period.name}"
            if not told:
                words = {"sink": say("carbon.not_told")}
                lines.append(Line(labels, {}, words, key=key))
                continue
            line, turnover = _sink_line(labels, told, parameters, key)
            lines.append(line)
            problems += question_of(turnover, f"{zone}/{ecosystem}", period.name)
        if told := [balance for balance in of_period if is_told(balance)]:
            labels = {"zone": say("carbon.all"), "period": period.name}
            line, _ = _sink_line(labels, told, parameters, f"all/{period.name}")
            lines.append(Line(line.labels, line.figures, kind="total", key=line.key))
    measures = (_measure("yearly_carbon", FLOW), _measure("sink", SINK_UNIT), _measure("turnover", "percent/year", 3))
    headings = _headings("zone", "ecosystem", "period")
    return AssetTable("sink", _title("sink"), headings, measures, tuple(lines), (say("carbon.note.sink"),)), problems


def _sink_line(
    labels: dict[str, Text], told: Sequence[Balance], parameters: Parameters, key: str
) -> tuple[Line, Figure | None]:
    yearly, sink = sink_of(told, parameters)
    turnover = turnover_of(yearly, total((balance.lines["opening"] for balance in told), STOCK))
    return Line(labels, {"yearly_carbon": yearly, "sink": sink, "turnover": turnover}, key=key), turnover


def effects_table(balances: Sequence[Balance]) -> AssetTable | None:
    """What of the change of stocks area makes, and what density; None where no stratum has both at both times."""
    lines = []
    for balance in balances:
        opening, closing = balance.opening, balance.closing
        if closing is None or None in (opening.area, opening.density, closing.area, closing.density):
            continue
        arguments = {
            "opening_area": opening.area,
            "closing_area": closing.area,
            "opening_density": opening.density,
            "closing_density": closing.density,
        }
        known = {name: figure for name, figure in arguments.items() if figure is not None}
        difference = made(
            carbon.stock_difference,
            opening_stock=opening.stock,
            closing_stock=closing.stock,
            period=balance.period.length,
        )
        figures = {
            "area_effect": made(carbon.area_effect, **known),
            "density_effect": made(carbon.density_effect, **known),
            "stock_difference": difference,
        }
        labels = {**_labels(balance.key), "period": balance.period.name}
        lines.append(Line(labels, figures, key="/".join((*balance.key, str(balance.period.name)))))
    if not lines:
        return None
    measures = (
        _measure("area_effect", STOCK),
        _measure("density_effect", STOCK),
        _measure("stock_difference", FLOW),
    )
    return AssetTable("effects", _title("effects"), _headings(*PARTS, "period"), measures, tuple(lines))


_GASES: dict[str, tuple[str, Callable[..., Figure]]] = {
    "methane": (
        "t*CH4/year",
        lambda gas, warming: made(carbon.methane_as_carbon_dioxide, methane=gas, methane_warming=warming),
    ),
    "nitrous_oxide": (
        "t*N2O/year",
        lambda gas, warming: made(
            carbon.nitrous_oxide_as_carbon_dioxide, nitrous_oxide=gas, nitrous_oxide_warming=warming
        ),
    ),
}


def gases_table(rows: Sequence[Row], parameters: Parameters) -> AssetTable:
    """Methane and nitrous oxide as the carbon dioxide that warms as much: beside the sink, in none of its sums."""
    lines = []
    for row in rows:
        gas, cell = row.text("gas"), row.figure("emission")
        unit, warm = _GASES[gas]
        emission = replace(cell, unit=unit)
        year = str(row.whole("year"))
        labels = {
            "zone": word_of("zone", row.text("zone")),
            "ecosystem": named(ecosystem_id(row.text("ecosystem"))),
            "gas": say(f"carbon.gas.{gas}"),
            "year": Text(year, year),
        }
        warming = warm(emission, parameters.find(f"{gas}_warming"))
        key = "/".join((row.text("zone"), row.text("ecosystem"), gas, year))
        lines.append(Line(labels, {"as_co2_yearly": warming}, key=key))
    measures = (_measure("as_co2_yearly", SINK_UNIT),)
    headings = _headings("zone", "ecosystem", "gas", "year")
    return AssetTable("gases", _title("gases"), headings, measures, tuple(lines), (say("carbon.note.gases"),))
