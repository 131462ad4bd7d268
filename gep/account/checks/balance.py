"""Flows beside what goes with them: oxygen beside carbon dioxide, cooling beside the electricity that people use."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gep.account.checks.made import Made
from gep.account.entries import Entry
from gep.core.catalog import named
from gep.core.errors import Problem, problem
from gep.core.keys import CITY
from gep.core.messages import Text, say
from gep.core.units import linear, same_dimension
from gep.engine.checks.words import first_of, how_far, shown
from gep.inputs.items import item_label, item_unit
from gep.inputs.tables import item_by_zone
from gep.standards.layer_ranges import slips
from gep.standards.ranges import bands, ranges

CARBON, OXYGEN, COOLING = "carbon_sequestration", "oxygen_release", "climate_regulation"

NET = "nep_linked"
"""The method by which oxygen goes with the carbon that is fixed net of respiration. By others it goes with all growth,
and then with several times as much (decision 0010)."""

CONSUMPTION = "electricity_consumption"


def oxygen_beside_carbon(made: Made) -> Iterator[Problem]:
    """Oxygen and carbon dioxide of one flow that are not in the ratio of their molar masses."""
    plans = {plan.id: plan.settings for plan in made.study_plan.services}
    names = {zone: _name(made, zone) for zone in (*made.account.about.zone_names, CITY)}
    yield from unlike_molar_masses(made.account.flows, plans.get(OXYGEN, {}), names)


def unlike_molar_masses(
    entries: Iterable[Entry], methods: Mapping[str, str], names: Mapping[str, Text]
) -> Iterator[Problem]:
    """Where the mass of oxygen over that of carbon dioxide, on land that has both, is not 32/44 but for rounding:

        6 CO2 + 6 H2O -> C6H12O6 + 6 O2

    An error where it is off by 44/12 in every place, or by more than flows that are not one could be.
    """
    if methods.get("oxygen") != NET:
        return
    amounts: dict[tuple[str, str, str], dict[str, float]] = {}
    for entry in entries:
        if entry.service in (CARBON, OXYGEN) and entry.quantity is not None and entry.is_counted:
            unit = "t*CO2/year" if entry.service == CARBON else "t*O2/year"
            of = amounts.setdefault((entry.zone, entry.ecosystem, entry.land_class), {})
            of[entry.service] = of.get(entry.service, 0.0) + entry.quantity * linear(entry.unit, unit)[0]
    of_kind = bands(["ratio/oxygen_over_carbon_dioxide"], "1")
    assert of_kind.typical is not None
    low, high = of_kind.typical
    off: dict[str, float] = {}
    both = [(zone, of) for (zone, _, _), of in amounts.items() if len(of) > 1]
    for zone in dict.fromkeys(zone for zone, _ in both):
        oxygen, carbon = (math.fsum(of[name] for at, of in both if at == zone) for name in (OXYGEN, CARBON))
        if carbon > 0 and oxygen > 0 and not low <= oxygen / carbon <= high:
            off[zone] = oxygen / carbon
    if off:
        is_certain = any((beyond := of_kind.beyond(ratio)) and beyond.is_certain for ratio in off.values())
        kind = _as_carbon(off.values(), low, high) or ("far_from" if is_certain else "unlike")
        said = [
            say("indicators.in_zone", zone=names.get(zone, zone), value=f"{ratio:.3g}") for zone, ratio in off.items()
        ]
        yield problem(
            f"indicators.B42.{kind}_molar_masses",
            OXYGEN,
            found=first_of(said),
            allowed=say("indicators.molar_masses", low=low, high=high),
            oxygen=named(OXYGEN),
            carbon=named(CARBON),
        )


def _as_carbon(ratios: Iterable[float], low: float, high: float) -> str:
    """What explains ratios that are all off by 44/12 as exactly as molar masses are known: carbon stands for carbon
    dioxide, or was taken times 44/12 twice. Flows of which one is net and one is gross have other ratios.
    """
    of_carbon = next(slip.factor for slip in slips() if slip.cause == "carbon_dioxide")
    for kind, factor in (("carbon_for", of_carbon), ("twice", 1 / of_carbon)):
        if all(low * factor <= ratio <= high * factor for ratio in ratios):
            return kind
    return ""


def cooling_beside_consumption(made: Made) -> Iterator[Problem]:
    """Electricity that plants stand for beyond what any place has beside the electricity that people use."""
    used = item_by_zone(made.inputs.statistics, CONSUMPTION)
    saved: dict[str, list[float]] = {}
    for entry in made.account.flows if used else ():
        if (
            entry.service == COOLING
            and entry.quantity is not None
            and same_dimension(entry.unit, item_unit(CONSUMPTION))
        ):
            for zone in dict.fromkeys((entry.zone, CITY)):
                saved.setdefault(zone, []).append(entry.quantity * linear(entry.unit, item_unit(CONSUMPTION))[0])
    of_kind = bands(["ratio/cooling_over_consumption"], ranges("ratio/cooling_over_consumption")[0].unit)
    off = []
    for zone, consumption in used.items():
        times = math.fsum(saved.get(zone, ())) / consumption if consumption > 0 else 0.0
        if beyond := of_kind.beyond(times):
            about: dict[str, Any] = {"saved": shown(math.fsum(saved[zone]), "kWh"), "used": shown(consumption, "kWh")}
            off.append((beyond, say("indicators.cooling_in_zone", zone=_name(made, zone), **about)))
    if off:
        worst = max((beyond for beyond, _ in off), key=lambda beyond: beyond.times)
        yield problem(
            "indicators.B43.more_than_used",
            COOLING,
            found=first_of([text for _, text in off]),
            allowed=say("indicators.times_of_consumption", high=of_kind.high),
            how=how_far(worst),
            service=named(COOLING),
            item=item_label(CONSUMPTION),
        )


def _name(made: Made, zone: str) -> Text:
    account = made.account
    if zone == CITY:
        return say("indicators.whole_area")
    return Text(account.zone_name(zone), account.zone_name(zone, "zh"))
