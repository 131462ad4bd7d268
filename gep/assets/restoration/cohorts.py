"""Carbon of treated land, by the year of its treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gep.assets.figures import Figure, exact, made, total
from gep.assets.parameters import Parameters
from gep.assets.restoration.land import Treated
from gep.core.errors import Problem, problem
from gep.core.messages import say
from gep.stocks.carbon import carbon_of_period, stock_as_carbon_dioxide, yearly_sink
from gep.stocks.restoration import carbon_of_cohort


@dataclass(frozen=True)
class Cohort:
    """Treated land that takes up carbon: in the year as carbon and as CO2, and since the treatment as CO2."""

    land: Treated
    rate: Figure
    ramp: Figure
    carbon: Figure
    sink: Figure
    since: Figure

    @property
    def is_ramp_provisional(self) -> bool:
        """Whether the years of the ramp are those that nobody measured."""
        return self.ramp.row is not None and self.ramp.row.row.status != "verified"


def cohorts_of(
    treated: Sequence[Treated], parameters: Parameters, year: int | None
) -> tuple[list[Cohort], list[Problem]]:
    """The cohorts with a rate, and everything that is wrong with them."""
    found: list[Cohort] = []
    problems: list[Problem] = []
    for land in treated:
        rate = land.row.number("sequestration_rate")
        if rate is None:
            continue
        project, of = land.cohort
        wrong = []
        if year is None:
            wrong.append(problem("restoration.K56.no_year", project, place=land.row.place))
        elif of > year:
            wrong.append(problem("restoration.K56.later", project, place=land.row.place, found=str(of), year=year))
        if land.surviving is None:
            wrong.append(problem("restoration.K56.no_survival", project, place=land.row.place))
        ramp = land.row.number("ramp_time") or parameters.find("ramp_time", place=land.row.place)
        if not ramp.value:
            wrong.append(problem("restoration.K56.no_ramp", project, place=land.row.place))
        problems += wrong
        if not wrong and year is not None and land.surviving is not None:
            found.append(_cohort(land, land.surviving, rate, ramp, parameters, year))
    return found, problems


def carbon_in(surviving: Figure, rate: Figure, ramp: Figure, treated: int, year: int) -> Figure:
    """What a cohort takes up in a year."""
    age = exact(year - treated, "year", say("restoration.age", treated=treated, year=year))
    return made(carbon_of_cohort, surviving_area=surviving, sequestration_rate=rate, cohort_age=age, ramp_time=ramp)


def _cohort(land: Treated, surviving: Figure, rate: Figure, ramp: Figure, parameters: Parameters, year: int) -> Cohort:
    factor = parameters.find("co2_per_carbon")
    one = exact(1, "year", say("restoration.one_year"))
    years = range(land.cohort[1], year + 1)
    yearly = [carbon_in(surviving, rate, ramp, land.cohort[1], of) for of in years]
    taken = total([made(carbon_of_period, yearly_carbon=carbon, period=one) for carbon in yearly], "t*carbon")
    return Cohort(
        land,
        rate,
        ramp,
        yearly[-1],
        made(yearly_sink, yearly_carbon=yearly[-1], co2_per_carbon=factor),
        made(stock_as_carbon_dioxide, carbon_stock=taken, co2_per_carbon=factor),
    )
