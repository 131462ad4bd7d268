"""The grass-livestock balance as an account: by county, by herder, by pasture and season, by animal, by policy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gep.assets.account import AssetAccount, AssetTable, Line, Measure
from gep.assets.context import Context
from gep.assets.figures import Figure, made, total
from gep.assets.grazing.balance import (
    CLASSES,
    Balance,
    Herd,
    balance_of,
    class_of,
    count_of_classes,
    feed_of,
    herds_of,
    sum_of,
    without_herds,
)
from gep.assets.grazing.maps import grass_of
from gep.assets.grazing.pasture import Pasture, Place, by_place, mixed_seasons, pastures_of, season_days
from gep.assets.grazing.policy import Policy, policies_of
from gep.assets.grazing.tables import FEED, HERDS, PASTURES, PASTURES_ON_A_MAP, POLICY
from gep.assets.ground import map_spec, open_ground
from gep.assets.parameters import Parameters
from gep.assets.rows import kind_name
from gep.assets.tables import TableRead, stop_on
from gep.core.errors import InputError, Problem, problem
from gep.core.messages import Text, say
from gep.inputs.assets import GrazingSection
from gep.inputs.project import PROJECT
from gep.inputs.spec import spec_of_project
from gep.stocks.grazing import heads_of

NOBODY = Text("", "")


def accounts(context: Context) -> list[AssetAccount]:
    """The balance of a project (`[assets.grazing]`). Raises InputError with everything that is wrong in its tables."""
    section = context.project.assets.grazing
    assert section is not None
    pastures = _pastures(context, section)
    herds = context.read(section.herds, HERDS) if section.herds else None
    feed = context.read(section.feed, FEED) if section.feed else None
    policy = context.read(section.policy, POLICY) if section.policy else None
    return [
        grazing_account(
            pastures,
            herds,
            feed,
            policy,
            parameters=context.parameters(section),
            name=context.name,
            region=section.region or context.region,
            year=context.year_of(section),
            sheep_units=section.sheep_units,
            count=section.count,
        )
    ]


def _pastures(context: Context, section: GrazingSection) -> TableRead:
    """The pastures of a table, of a map, or of both."""
    maps = {"forage_yield": section.forage_map, "production": section.production_map}
    asked = {of: table for of, table in maps.items() if table is not None}
    if len(asked) > 1 or not (asked or section.pastures):
        found = problem("grazing.K46.two_maps" if asked else "grazing.K46.nothing", "pastures", place=PROJECT)
        raise InputError(say("assets.wrong_tables"), [found])
    if not asked:
        return context.read(section.pastures, PASTURES)
    ((of, table),) = asked.items()
    spec = spec_of_project(context.project, context.folder)
    if isinstance(table, str):
        if table not in spec.layers:
            found = problem("grazing.K46.no_layer", "production_map", place=PROJECT, name=table)
            raise InputError(say("assets.wrong_tables"), [found])
        raster = spec.layers[table]
    else:
        raster = map_spec("net_primary_production" if of == "production" else of, table, context.folder)
    grass = grass_of(open_ground(spec, {spec.year: spec.land_cover}), raster, of, section.steppes)
    return grass.pastures(context.read(section.pastures, PASTURES_ON_A_MAP) if section.pastures else None)


def grazing_account(
    pastures: TableRead,
    herds: TableRead | None = None,
    feed: TableRead | None = None,
    policy: TableRead | None = None,
    *,
    parameters: Parameters | None = None,
    name: Text = NOBODY,
    region: str = "",
    year: int | None = None,
    sheep_units: str = "ministry",
    count: str = "mid_year",
) -> AssetAccount:
    """The balance of tables that were read.

    Args:
        pastures: a table with the columns `gep.assets.grazing.tables.PASTURES`.
        herds: likewise; without them the account says what can be fed, and no rate.
        feed: likewise, where there is feed from elsewhere.
        policy: likewise, where land is under a ban or in balance.
        parameters: the rows to look numbers up in; the shipped ones by default.
        name: of whom.
        region: the region whose utilisation rates, ratios and rewards hold.
        year: the year.
        sheep_units: the table of sheep units: `ministry`, `gansu`, `nyt_635`, `xilingol`, or a region of one's own.
        count: when animals were counted, `mid_year` or `end_of_year`: lambs are in the first.

    Raises:
        InputError: with everything that is wrong in the tables.
        CoefficientError: where a parameter that is no number of a table is missing.
    """
    tables = [table for table in (pastures, herds, feed, policy) if table is not None]
    parameters = parameters or Parameters()
    problems = [found for table in tables for found in table.problems]
    land, wrong = pastures_of(pastures.rows, parameters, region, year)
    problems += wrong + list(mixed_seasons(land, _name))
    animals, wrong = herds_of(herds.rows if herds else (), parameters, sheep_units, year)
    problems += wrong
    if herds and not problems:
        problems += without_herds([p.place for p in land], [herd.place for herd in animals])
    stocked = {
        place: total([h.units for h in animals if h.place == place], "sheep_unit")
        for place in dict.fromkeys(herd.place for herd in animals)
    }
    policies, wrong = policies_of(policy.rows if policy else (), stocked, parameters, region, year)
    problems += wrong
    stop_on(problems)
    fed = feed_of(feed.rows if feed else (), parameters)
    balances = {
        place: balance_of(found, [herd for herd in animals if herd.place == place], fed.get(place))
        for place, found in by_place(land).items()
    }
    problems += list(_questions(balances, land))
    made_tables = [_by_zone(balances, parameters, sheep_units)]
    if any(herder for _, herder in balances):
        made_tables.append(_by_herder(balances, parameters))
    made_tables.append(_capacities(land))
    if herds:
        made_tables.append(_herds(animals, count))
    if policies:
        made_tables.append(_policies(policies))
    return AssetAccount(
        "grazing",
        say("grazing.title"),
        name,
        tuple(made_tables),
        say("grazing.never_added"),
        year,
        tuple(problems),
        {"sheep_units": sheep_units, "count": count},
    )


def _name(place: Place) -> str:
    return " / ".join(part for part in place if part)


LONGEST_YEAR = 366
"""Days."""


def _questions(balances: Mapping[Place, Balance], pastures: Sequence[Pasture]) -> list[Problem]:
    """What is no error, and should be looked at."""
    found = [
        problem("grazing.K45.class_flips", _name(place))
        for place, balance in balances.items()
        if (rate := balance.rate) and (mean := balance.rate_of_mean) and (rate.value > 0) != (mean.value > 0)
    ]
    for place, of in by_place(pastures).items():
        days = math.fsum(season_days(of).values())
        if days > LONGEST_YEAR:
            found.append(problem("grazing.K45.days", _name(place), found=f"{days:g}"))
    if any(p.capacity.parts and _is_all_edible(p.capacity) for p in pastures):
        found.append(problem("grazing.K45.all_edible", "edible_share"))
    return found


def _is_all_edible(capacity: Figure) -> bool:
    share = dict(capacity.parts)["edible_share"]
    return share.row is None and share.place == say("grazing.all_edible")


_UNITS = "sheep_unit"


def _measure(id_: str, unit: str, decimals: int = 0) -> Measure:
    return Measure(id_, say(f"grazing.measure.{id_}"), unit, decimals)


_BALANCE = (
    ("area", "hm^2", 0),
    ("forage", "t*dry_matter/year", 0),
    ("capacity", _UNITS, 0),
    ("feed", _UNITS, 0),
    ("actual", _UNITS, 0),
    ("rate", "percent", 1),
    ("class", "1", 0),
    ("rate_with_feed", "percent", 1),
    ("rate_of_mean", "percent", 1),
    ("excess", _UNITS, 0),
)


def _measures() -> tuple[Measure, ...]:
    return tuple(_measure(*each) for each in _BALANCE)


def _line(labels: Mapping[str, Text], balance: Balance, parameters: Parameters, key: str, *, is_total: bool) -> Line:
    figures: dict[str, Figure | None] = {name: getattr(balance, name) for name, _, _ in _BALANCE if name != "class"}
    named = class_of(balance.rate, parameters)
    unknown = say("grazing.no_herds" if balance.actual is None else "grazing.no_capacity")
    words = {"class": kind_name(named) if named else unknown}
    return Line(labels, figures, words, "total" if is_total else "item", key)


def _by_zone(balances: Mapping[Place, Balance], parameters: Parameters, units: str) -> AssetTable:
    zones = dict.fromkeys(zone for zone, _ in balances)
    summed = {zone: sum_of([b for (of, _), b in balances.items() if of == zone]) for zone in zones}
    lines = [
        _line({"zone": Text(zone, zone)}, balance, parameters, zone, is_total=False) for zone, balance in summed.items()
    ]
    whole = sum_of(list(summed.values()))
    lines.append(_line({"zone": say("grazing.whole")}, whole, parameters, "total", is_total=True))
    classes = {(zone, ""): class_of(balance.rate, parameters) for zone, balance in summed.items()}
    counts = [
        say("grazing.of_class", name=kind_name(of), count=count)
        for of, count in count_of_classes(classes).items()
        if count
    ]
    if whole.actual is None:
        notes = [say("grazing.note.no_herds")]
    else:
        notes = [say("grazing.note.classes", counts=counts), say("grazing.note.limits", limits=_limits(parameters))]
    notes.append(say("grazing.note.sums"))
    cattle = parameters.lookup("sheep_units_per_head", of="cattle", region=units)
    if cattle is not None:
        heads = made(heads_of, sheep_units=whole.capacity, sheep_units_per_head=cattle)
        notes.append(say("grazing.note.cattle", heads=f"{heads.value:.0f}", factor=f"{cattle.value:g}"))
    return AssetTable(
        "balance",
        say("grazing.table.balance"),
        (("zone", say("grazing.label.zone")),),
        _measures(),
        tuple(lines),
        tuple(notes),
    )


def _limits(parameters: Parameters) -> list[Text]:
    """Up to which rate each class reaches; the last has no end."""
    limits = [(of, parameters.find("overload_limit", ecosystem="grassland", of=of)) for of in CLASSES[:-1]]
    return [say("grazing.up_to", name=kind_name(of), limit=f"{limit.to('percent'):g}") for of, limit in limits]


def _by_herder(balances: Mapping[Place, Balance], parameters: Parameters) -> AssetTable:
    lines = [
        _line(
            {"zone": Text(zone, zone), "herder": Text(herder, herder)},
            balance,
            parameters,
            f"{zone}/{herder}",
            is_total=False,
        )
        for (zone, herder), balance in balances.items()
    ]
    labels = tuple((name, say(f"grazing.label.{name}")) for name in ("zone", "herder"))
    return AssetTable("herders", say("grazing.table.herders"), labels, _measures(), tuple(lines))


def _capacities(pastures: Sequence[Pasture]) -> AssetTable:
    lines = [
        Line(
            {
                "zone": Text(_name(p.place), _name(p.place)),
                "steppe": kind_name(p.steppe),
                "season": kind_name(p.season),
            },
            {"area": p.area, "forage": p.forage, "capacity": p.capacity, "mean_capacity": p.mean_capacity},
            key=f"{_name(p.place)}/{p.steppe}/{p.season}",
        )
        for p in pastures
    ]
    measures = (
        _measure("area", "hm^2"),
        _measure("forage", "t*dry_matter/year"),
        _measure("capacity", _UNITS),
        _measure("mean_capacity", _UNITS),
    )
    labels = tuple((name, say(f"grazing.label.{name}")) for name in ("zone", "steppe", "season"))
    note = say("grazing.note.least")
    return AssetTable("pastures", say("grazing.table.pastures"), labels, measures, tuple(lines), (note,))


def _herds(herds: Sequence[Herd], count: str) -> AssetTable:
    lines = [
        Line(
            {"zone": Text(_name(h.place), _name(h.place)), "animal": kind_name(h.animal)},
            {"heads": h.heads, "factor": h.factor, "actual": h.units},
            key=f"{_name(h.place)}/{h.animal}",
        )
        for h in herds
    ]
    measures = (_measure("heads", "head"), _measure("factor", "sheep_unit/head", 1), _measure("actual", _UNITS))
    labels = tuple((name, say(f"grazing.label.{name}")) for name in ("zone", "animal"))
    return AssetTable(
        "herds", say("grazing.table.herds"), labels, measures, tuple(lines), (say(f"grazing.note.{count}"),)
    )


def _policies(policies: Mapping[Place, Policy]) -> AssetTable:
    lines = []
    for place, policy in policies.items():
        named = "unknown" if policy.is_withheld is None else "may_be_withheld" if policy.is_withheld else "paid"
        lines.append(
            Line(
                {"zone": Text(_name(place), _name(place))},
                {
                    "banned": policy.banned,
                    "balanced": policy.balanced,
                    "reward": policy.reward,
                    "approved": policy.approved,
                    "rate": policy.rate,
                    "excess": policy.excess,
                    "fine": policy.fine,
                },
                {"withheld": say(f"grazing.{named}")},
                key=_name(place),
            )
        )
    measures = (
        _measure("banned", "hm^2"),
        _measure("balanced", "hm^2"),
        _measure("reward", "CNY/year"),
        _measure("approved", _UNITS),
        _measure("rate", "percent", 1),
        _measure("excess", _UNITS),
        Measure("withheld", say("grazing.measure.withheld"), "1"),
        _measure("fine", "CNY"),
    )
    labels = (("zone", say("grazing.label.zone")),)
    note = say("grazing.note.policy")
    return AssetTable("policy", say("grazing.table.policy"), labels, measures, tuple(lines), (note,))
