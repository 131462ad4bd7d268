"""What came and went between opening and closing, stratum by stratum, as carbon of the period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gep.assets.carbon.density import Densities, ecosystem_id, kind_id, place_of
from gep.assets.carbon.strata import Key, Strata, Stratum
from gep.assets.carbon.tables import FLOWS
from gep.assets.figures import Figure, exact, made, negative
from gep.assets.tables import Row
from gep.core.errors import CoefficientError, Problem, problem
from gep.core.messages import Text, say
from gep.stocks import carbon

UP = {"growth": "growth", "area": "area_in", "reclassification": "reclassified_in", "reappraisal": "reappraised_up"}
DOWN = {
    "harvest": "harvest",
    "disturbance": "disturbance",
    "area": "area_out",
    "reclassification": "reclassified_out",
    "reappraisal": "reappraised_down",
}
AMOUNTS = ("carbon_amount", "yearly_carbon", "increment", "harvest_volume", "sequestration_rate", "disturbed_area")
SIGNED = ("area", "reclassification", "reappraisal")


@dataclass(frozen=True)
class Period:
    """From the year of an inventory to that of the next, or to the last year that changes are told of."""

    opening: int
    closing: int

    @property
    def name(self) -> Text:
        return Text(f"{self.opening}-{self.closing}", f"{self.opening}—{self.closing}")

    @property
    def length(self) -> Figure:
        return exact(self.closing - self.opening, "year", say("carbon.period", first=self.opening, last=self.closing))


Moved = Mapping[tuple[Key, str], list[Figure]]
"""Figures by stratum and line."""


@dataclass
class _Reader:
    strata: Strata
    densities: Densities
    periods: Sequence[Period]

    def __post_init__(self) -> None:
        self.moved: dict[Period, dict[tuple[Key, str], list[Figure]]] = {period: {} for period in self.periods}
        self.problems: list[Problem] = []

    def read(self, row: Row) -> None:
        zone, ecosystem, land_class, year = place_of(row)
        key = (zone, ecosystem, land_class, row.text("pool"))
        name, change = "/".join(key), row.text("change")
        period = self._period(year)
        if period is None:
            self.problems.append(problem("carbon.K12.no_period", name, place=row.place, found=str(year or "-")))
            return
        opening = self.strata.get((key, period.opening))
        if opening is None:
            self.problems.append(problem("carbon.K12.no_stratum", name, place=row.place))
            return
        if opening.is_of_map:
            self.problems.append(problem("carbon.K12.of_map", name, place=row.place))
            return
        if self._has_negative(row, name, change):
            return
        try:
            if change in ("area", "reclassification") and row.text("from_class"):
                self._transfer(row, key, period, change)
            else:
                self._change(row, opening, period, change)
        except CoefficientError as error:
            self.problems += error.problems

    def _period(self, year: int) -> Period | None:
        if not year:
            return self.periods[0] if len(self.periods) == 1 else None
        return next((period for period in self.periods if period.opening < year <= period.closing), None)

    def _has_negative(self, row: Row, name: str, change: str) -> bool:
        if change in SIGNED:
            return False
        found = [column for column in AMOUNTS if (cell := row.number(column)) is not None and cell.value < 0]
        self.problems += [
            problem("carbon.K12.negative", name, place=row.place, found=f"{row.figure(column).value:g}", column=column)
            for column in found
        ]
        return bool(found)

    def _transfer(self, row: Row, key: Key, period: Period, change: str) -> None:
        ecosystem, _, land_class = row.text("from_class").rpartition("/")
        giver = (key[0], ecosystem_id(ecosystem) if ecosystem else key[1], land_class, key[3])
        stratum, area = self.strata.get((giver, period.opening)), row.number("area")
        name = "/".join(giver)
        if stratum is None:
            self.problems.append(problem("carbon.K12.no_giver", name, place=row.place))
        elif area is None or stratum.density is None:
            self.problems.append(problem("carbon.K12.no_area", name, place=row.place))
        else:
            amount = made(carbon.carbon_of_stratum, carbon_density=stratum.density, stratum_area=area)
            self._add(period, key, UP[change], amount)
            self._add(period, giver, DOWN[change], negative(amount))

    def _add(self, period: Period, key: Key, line: str, amount: Figure) -> None:
        self.moved[period].setdefault((key, line), []).append(amount)

    def _change(self, row: Row, opening: Stratum, period: Period, change: str) -> None:
        key = opening.key
        ways = [column for column in AMOUNTS if row.number(column) is not None]
        ways += ["use"] if row.text("use_before") or row.text("use_after") else []
        name = "/".join(key)
        if len(ways) != 1:
            self.problems.append(problem("carbon.K12.ways", name, place=row.place, found=", ".join(ways) or "-"))
            return
        (way,) = ways
        if way == "carbon_amount":
            amount = row.figure("carbon_amount")
        else:
            yearly = self._yearly(row, opening, change, way)
            if yearly is None:
                self.problems.append(problem("carbon.K12.incomplete", name, place=row.place, found=f"{change}: {way}"))
                return
            amount = made(carbon.carbon_of_period, yearly_carbon=yearly, period=period.length)
        if way == "use" and change in FLOWS:
            change = "growth" if amount.value >= 0 else "disturbance"
        if change in SIGNED or way == "use":
            line = UP[change] if amount.value >= 0 else DOWN[change]
        else:
            line = UP.get(change) or DOWN[change]
            amount = amount if change in UP else negative(amount)
        self._add(period, key, line, amount)

    def _yearly(self, row: Row, opening: Stratum, change: str, way: str) -> Figure | None:
        """Carbon of a year; None where a row lacks what its way needs."""
        area = row.number("area") or opening.area
        if way == "yearly_carbon":
            return row.figure("yearly_carbon")
        if way == "sequestration_rate" and change == "growth" and area is not None:
            rate = row.figure("sequestration_rate")
            return made(carbon.gain_at_rate, stratum_area=area, sequestration_rate=rate)
        if way == "use":
            return self._of_soil(row, area)
        stand, growing, of = opening.stand, opening.growing_stock, opening.forest_type
        if stand is None or growing is None or stand.root_shoot is None:
            return None
        shared = {"root_shoot": stand.root_shoot, "carbon_fraction": self.densities.fraction(of)}
        if way == "increment" and change == "growth" and area is not None:
            return made(
                carbon.gain_of_growth,
                stratum_area=area,
                increment=row.figure("increment"),
                bcef_increment=self.densities.factor("bcef_increment", of, growing),
                **shared,
            )
        if way == "harvest_volume" and change == "harvest":
            factor = self.densities.factor("bcef_removal", of, growing)
            return made(
                carbon.loss_of_harvest, harvest_volume=row.figure("harvest_volume"), bcef_removal=factor, **shared
            )
        share = row.number("lost_share")
        if way == "disturbed_area" and change == "disturbance" and share is not None:
            return made(
                carbon.loss_of_disturbance,
                disturbed_area=row.figure("disturbed_area"),
                above_ground_biomass=stand.above_ground,
                lost_share=share,
                **shared,
            )
        return None

    def _of_soil(self, row: Row, area: Figure | None) -> Figure | None:
        soil, uses = row.text("soil_type"), (row.text("use_before"), row.text("use_after"))
        if not soil or not all(uses) or area is None:
            return None
        ecosystem = ecosystem_id(row.text("ecosystem"))
        reference = self.densities.find("soc_reference", kind_id(soil), ecosystem=ecosystem)
        first, last = (self._in_use(reference, kind_id(use), ecosystem) for use in uses)
        return made(
            carbon.yearly_change_of_soil,
            first_density=first,
            last_density=last,
            stratum_area=area,
            soil_transition_time=self.densities.find("soil_transition_time", ecosystem=ecosystem),
        )

    def _in_use(self, reference: Figure, use: str, ecosystem: str) -> Figure:
        """Soil carbon under a use; a factor that no row has for it is that of untouched land, one."""
        names = ("soil_factor_land_use", "soil_factor_management", "soil_factor_input")
        parameters, region = self.densities.parameters, self.densities.region
        found = {name: parameters.lookup(name, ecosystem=ecosystem, of=use, region=region) for name in names}
        if use != UNTOUCHED and not any(found.values()):
            self.densities.find("soil_factor_management", use, ecosystem=ecosystem)
        one = exact(1, "1", say("carbon.untouched"))
        return made(carbon.soil_carbon_in_use, soc_reference=reference, **{name: found[name] or one for name in names})


UNTOUCHED = "untouched"
"""The use of land that its reference stock is of."""


def changes_of(
    rows: Sequence[Row],
    strata: Strata,
    densities: Densities,
    periods: Sequence[Period],
    of_maps: Mapping[Period, Moved] | None = None,
) -> tuple[Mapping[Period, Moved], list[Problem]]:
    """What changed the strata in each period, beside what rasters say of it, and every problem with it."""
    reader = _Reader(strata, densities, periods)
    for period, lines in (of_maps or {}).items():
        reader.moved[period].update(lines)
    for row in rows:
        reader.read(row)
    return reader.moved, reader.problems
