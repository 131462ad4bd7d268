"""What was lost on a parcel: carbon in what was felled, the sink that is gone until it has recovered, carbon of opened
soil; and the services that are lost meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from gep.account.course import COURSES, Course
from gep.account.course import lost as shares_lost
from gep.assets.figures import Figure, exact, given, made, negative, total
from gep.assets.parameters import Parameters
from gep.assets.tables import Column, Row
from gep.core.catalog import named
from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.stocks import compensation as equations

REPAIRS = ("possible", "impossible")

CREDITS, MONEY = "t*CO2", "CNY"

Yearly = tuple[Figure, Figure]
"""What is lost in a year: all services, and carbon."""

DAMAGES = (
    Column("case"),
    Column("court", is_needed=False),
    Column("date", "date"),
    Column("parcel"),
    Column("area", "number", "hm^2", least=0),
    Column("felled_volume", "number", "m^3", is_needed=False, least=0),
    Column("bcef_removal", "number", "t*dry_matter/m^3", is_needed=False, least=0),
    Column("root_shoot", "number", "1", is_needed=False, least=0),
    Column("carbon_fraction", "number", "t*carbon/(t*dry_matter)", is_needed=False, least=0, most=1),
    Column("kept_wood", "number", CREDITS, is_needed=False, least=0),
    Column("sink_density", "number", "t*carbon/(hm^2*year)", is_needed=False, least=0),
    Column("recovery", "number", "year", is_needed=False, least=0),
    Column("recovery_course", is_needed=False, among=COURSES),
    Column("soil_density", "number", "t*carbon/hm^2", is_needed=False, least=0),
    Column("soil_share_lost", "number", "1", is_needed=False, least=0, most=1),
    Column("appraised_loss", "number", CREDITS, is_needed=False, least=0),
    Column("scenario", is_needed=False),
    Column("yearly_loss", "number", "CNY/year", is_needed=False, least=0),
    Column("yearly_carbon_loss", "number", "CNY/year", is_needed=False, least=0),
    Column("discount_rate", "number", "1/year", is_needed=False, least=0),
    Column("appraised_damage", "number", MONEY, is_needed=False, least=0),
    Column("credit_price", "number", "CNY/(t*CO2)", is_needed=False, least=0),
    Column("margin", "number", "1", is_needed=False, least=0),
    Column("buffer_share", "number", "1", is_needed=False, least=0, most=0.99),
    Column("credits_bought", "number", CREDITS, is_needed=False, least=0),
    Column("damages_paid", "number", MONEY, is_needed=False, least=0),
    Column("repair", is_needed=False, among=REPAIRS),
    Column("source"),
    Column("note", is_needed=False),
)
"""A damaged parcel. Parameters stand in the row, as an appraisal has to name them: nothing is looked up for a court.
`yearly_loss` is what all services are worth that are lost in a year in which all is lost, `yearly_carbon_loss` the part
of it that is carbon; or both are read from a scenario, the folder that `gep scenario --out` wrote. `recovery_course` is
that of scenarios: `step`, nothing comes back until all has recovered, or `linear`, evenly over the years.
"""

_TOGETHER = (
    ("felled_volume", "bcef_removal", "root_shoot", "carbon_fraction"),
    ("sink_density", "recovery", "recovery_course"),
    ("soil_density", "soil_share_lost"),
)
"""What makes a component, and is there whole or not at all; `recovery` is that of services too."""


@dataclass(frozen=True)
class Damage:
    """What was lost on a parcel. Components in t CO2; None where there is none. `services` and `other_services` are the
    present values of all services lost and of those without carbon; None where they are not known.
    """

    case: str
    court: str
    day: date
    parcel: str
    area: Figure
    biomass: Figure | None
    forgone: Figure | None
    soil: Figure | None
    lost: Figure
    is_appraised: bool
    per_volume: Figure | None
    services: Figure | None
    other_services: Figure | None
    price: Figure | None
    margin: Figure
    buffer: Figure
    bought: Figure | None
    paid: Figure | None
    source: str
    place: Text

    @property
    def key(self) -> str:
        """How its row is asked for."""
        return f"{self.case}/{self.parcel}"


def damages(
    rows: Iterable[Row], parameters: Parameters, folder: Path | None = None
) -> tuple[list[Damage], list[Problem]]:
    """The damages of a table, and what is wrong with them: components that are not whole, a parcel that is there twice,
    a loss that is both valued and bought, credits in place of a repair that is possible, more or less carbon than wood
    holds.

    Args:
        rows: of the table `DAMAGES`.
        parameters: where the ratio of carbon dioxide to carbon and what is plausible stand.
        folder: what paths of scenarios are relative to.
    """
    found: list[Damage] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str], str] = {}
    for row in rows:
        case, parcel = row.text("case"), row.text("parcel")
        yearly, wrong = _yearly(row, folder)
        wrong += [*_half_components(row), *([] if wrong else _money(row, yearly)), *_both(row)]
        if (case, parcel) in seen:
            wrong.append(problem("compensation.K36.twice", parcel, place=row.place, found=case))
        elif parcel in (other for _, other in seen):
            others = [of for of, other in seen if other == parcel]
            wrong.append(problem("compensation.K36.other_case", parcel, place=row.place, found=case, others=others))
        seen[case, parcel] = case
        problems += wrong
        if any(each.severity == "error" for each in wrong):
            continue
        damage, wrong = _damage(row, parameters, yearly)
        problems += wrong
        if damage is not None:
            found.append(damage)
    return found, problems


def _half_components(row: Row) -> list[Problem]:
    """Components of which something lacks."""
    found = []
    for group in _TOGETHER:
        there = [name for name in group if row.cells.get(name) is not None]
        if group[0] == "sink_density" and there == ["recovery"]:
            continue
        if there and len(there) < len(group):
            lacking = [name for name in group if name not in there]
            found.append(
                problem(
                    "compensation.K35.half",
                    row.text("parcel"),
                    place=row.place,
                    found=", ".join(there),
                    lacking=lacking,
                )
            )
    return found


def _money(row: Row, yearly: Yearly | None) -> list[Problem]:
    """What lacks for the worth of services, or cannot be."""
    found, years = [], row.number("recovery")
    if yearly is not None or row.number("discount_rate") is not None:
        if yearly is None or row.number("discount_rate") is None or years is None or not row.text("recovery_course"):
            found.append(problem("compensation.K35.services", row.text("parcel"), place=row.place))
        elif not years.value.is_integer():
            found.append(
                problem("compensation.K35.whole_years", row.text("parcel"), place=row.place, found=f"{years.value:g}")
            )
    if yearly is not None and yearly[1].value > yearly[0].value:
        shown = f"{yearly[1].value:g} > {yearly[0].value:g}"
        found.append(problem("compensation.K35.more_carbon", row.text("parcel"), place=row.place, found=shown))
    return found


def _both(row: Row) -> list[Problem]:
    """A loss that was paid for and bought too, and credits where the ground can be repaired."""
    bought, paid = row.number("credits_bought"), row.number("damages_paid")
    found = []
    if bought is not None and paid is not None and bought.value and paid.value:
        shown = f"{bought.value:g} t CO2, {paid.value:g} CNY"
        found.append(problem("compensation.K37.both", row.text("parcel"), place=row.place, found=shown))
    if row.text("repair") == "possible":
        found.append(problem("compensation.K38.repair", row.text("parcel"), place=row.place))
    return found


def _damage(row: Row, parameters: Parameters, yearly: Yearly | None) -> tuple[Damage | None, list[Problem]]:
    ratio = parameters.find("co2_per_carbon", place=row.place)
    parcel, volume, problems = row.text("parcel"), row.number("felled_volume"), []
    area, years = row.figure("area"), row.number("recovery")
    biomass = forgone = soil = None
    if volume is not None:
        names = ("felled_volume", "bcef_removal", "root_shoot", "carbon_fraction")
        biomass = made(equations.felled_biomass, **{name: row.figure(name) for name in names}, co2_per_carbon=ratio)
    if row.number("sink_density") is not None and years is not None:
        course = equations.forgone_sink if row.text("recovery_course") == "step" else equations.forgone_sink_linear
        sink = row.figure("sink_density")
        forgone = made(course, sink_density=sink, area=area, recovery=years, co2_per_carbon=ratio)
    if row.number("soil_density") is not None:
        density, share = row.figure("soil_density"), row.figure("soil_share_lost")
        soil = made(
            equations.lost_soil_carbon, soil_density=density, area=area, soil_share_lost=share, co2_per_carbon=ratio
        )
    parts = [part for part in (biomass, forgone, soil) if part is not None]
    kept, appraised = row.number("kept_wood"), row.number("appraised_loss")
    lost = (
        appraised
        if appraised is not None and not parts
        else total([*parts, *([negative(kept)] if kept is not None else [])], CREDITS)
    )
    if lost.value <= 0:
        problems.append(problem("compensation.K35.nothing_lost", parcel, place=row.place))
        return None, problems
    per_volume = _per_volume(lost if not parts else biomass, volume)
    problems += _plausible(row, per_volume, appraised, parts, lost, parameters)
    services, others = _services(row, yearly)
    none = say("compensation.place.none_given")
    return Damage(
        row.text("case"),
        row.text("court"),
        row.day("date") or date.min,
        parcel,
        area,
        biomass,
        forgone,
        soil,
        lost,
        not parts,
        per_volume,
        row.number("appraised_damage") or services,
        others,
        row.number("credit_price"),
        row.number("margin") or exact(0, "1", none),
        row.number("buffer_share") or exact(0, "1", none),
        row.number("credits_bought"),
        row.number("damages_paid"),
        row.text("source"),
        row.place,
    ), problems


def _per_volume(lost: Figure | None, volume: Figure | None) -> Figure | None:
    if lost is None or volume is None or volume.value == 0:
        return None
    return made(equations.loss_per_volume, lost_carbon_dioxide=lost, felled_volume=volume)


def _plausible(
    row: Row,
    per_volume: Figure | None,
    appraised: Figure | None,
    parts: Sequence[Figure],
    lost: Figure,
    parameters: Parameters,
) -> list[Problem]:
    """Whether a cubic metre holds what wood holds, and an appraisal says what it is made of."""
    found, parcel = [], row.text("parcel")
    if appraised is not None and not parts:
        found.append(problem("compensation.K39.no_components", parcel, place=row.place, found=f"{lost.value:g} t CO2"))
    elif appraised is not None and abs(appraised.value - lost.value) > 1:
        shown = f"{appraised.value:g} t CO2"
        found.append(
            problem("compensation.K39.other_total", parcel, place=row.place, found=shown, ours=f"{lost.value:.4g}")
        )
    bounds = parameters.lookup("plausible_co2_per_volume", ecosystem="forest")
    if per_volume is not None and bounds is not None and bounds.row is not None:
        low, high = bounds.row.row.low, bounds.row.row.high
        if (low is not None and per_volume.value < low) or (high is not None and per_volume.value > high):
            found.append(
                problem(
                    "compensation.K39.per_volume",
                    parcel,
                    place=row.place,
                    found=f"{per_volume.value:.4g} t/m³",
                    low=low,
                    high=high,
                )
            )
    return found


def _yearly(row: Row, folder: Path | None) -> tuple[Yearly | None, list[Problem]]:
    """What all services and carbon are worth that are lost in a year, as the row or its scenario says; None where only
    one of the two is known.
    """
    loss, carbon, scenario = row.number("yearly_loss"), row.number("yearly_carbon_loss"), row.text("scenario")
    parcel = row.text("parcel")
    if not scenario:
        if (loss is None) is not (carbon is None):
            return None, [problem("compensation.K35.services", parcel, place=row.place)]
        return (None if loss is None or carbon is None else (loss, carbon)), []
    if loss is not None or carbon is not None:
        return None, [problem("compensation.K35.two_losses", parcel, place=row.place, found=scenario)]
    path = (folder or Path()) / scenario / "scenario.json"
    try:
        changes = json.loads(path.read_text(encoding="utf-8"))["by_service"]
        worth = {str(name): -float(change["change"]) for name, change in changes.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, [problem("compensation.K35.no_scenario", parcel, place=row.place, found=scenario)]
    figures = {name: given(value, "CNY/year", _place_of(scenario, name)) for name, value in worth.items()}
    of_carbon = [figure for name, figure in figures.items() if name == "carbon_sequestration"]
    return (total(figures.values(), "CNY/year"), total(of_carbon, "CNY/year")), []


def _place_of(scenario: str, service: str) -> Text:
    return say("compensation.place.scenario", scenario=scenario, service=named(service))


def _services(row: Row, yearly: Yearly | None) -> tuple[Figure | None, Figure | None]:
    """Present value of all services that are lost until all has recovered, and of those but carbon: the sum over years
    of the share that is lost in each.
    """
    rate, years = row.number("discount_rate"), row.number("recovery")
    if yearly is None or rate is None or years is None:
        return None, None
    year = exact(1, "year", say("compensation.place.yearly"))
    shares = shares_lost(int(years.value), cast(Course, row.text("recovery_course")))

    def worth(loss: Figure) -> Figure:
        return total(
            (
                made(
                    equations.discounted_loss,
                    yearly_loss=loss,
                    lost_share=exact(share, "1", say("compensation.place.course", year=number)),
                    discount_rate=rate,
                    delivery=exact(number, "year", say("compensation.place.course", year=number)),
                    payment_interval=year,
                )
                for number, share in enumerate(shares, start=1)
            ),
            MONEY,
        )

    return worth(yearly[0]), worth(total([yearly[0], negative(yearly[1])], "CNY/year"))
