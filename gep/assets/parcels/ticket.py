"""The carbon ticket of a parcel: its quantity, the record that is kept with it, and its statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gep.assets.credits.statement import Fact, Statement, amount, plain_text
from gep.assets.figures import Figure, exact, given, made, total, whole_down
from gep.assets.parameters import Parameters
from gep.assets.parcels import sampling
from gep.assets.parcels.measured import DENSITY, Measured
from gep.assets.parcels.sampling import Estimate
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.core.messages import Text, joined, say
from gep.inputs.assets import ParcelsSection
from gep.stocks import credits, parcels

LEVEL = 0.9
"""The confidence that AR-TOOL14 tells half-widths at."""

HIGHEST = 20.0
"""Tonnes of CO2 per hectare and year that a ticket comes to at most without a question; boreal forest has 1 to 6."""

CO2 = "t*CO2"
SCHEMA = "gep.ticket/1"


@dataclass(frozen=True)
class Ground:
    """The border of a parcel. `claims` are other claims that lie on it with their area in m2; None where none were
    searched.
    """

    geometry_hash: str
    area: Figure
    claims: Sequence[tuple[str, float]] | None = None


@dataclass(frozen=True)
class Ticket:
    """A ticket: figures from the removal to the quantity, and whole tonnes."""

    row: Row
    first: Measured
    last: Measured
    figures: Mapping[str, Figure]
    tonnes: int
    ground: Ground | None
    switches: Mapping[str, str]
    claims: tuple[Row, ...]

    @property
    def parcel(self) -> str:
        return self.row.text("parcel")

    def record(self) -> dict[str, Any]:
        """What is kept with the ticket, as JSON."""
        text = self.row.text
        ground = self.ground
        return {
            "schema": SCHEMA,
            "parcel": self.parcel,
            "holder": text("holder"),
            "forest_type": text("forest_type"),
            "origin": text("origin"),
            "planted": self.row.whole("planted"),
            "model": text("model"),
            "geometry_sha256": ground.geometry_hash if ground else None,
            "measured": [
                {
                    "dates": list(measured.dates),
                    "plots": measured.plots,
                    "mean": measured.estimate.mean,
                    "standard_error": measured.estimate.error,
                    "unit": DENSITY,
                    "weights": dict(zip([s.name for s in measured.sources], measured.joined.weights, strict=True)),
                }
                for measured in (self.first, self.last)
            ],
            "figures": {name: figure.document() for name, figure in self.figures.items()},
            "tonnes": self.tonnes,
            "switches": dict(self.switches),
            "other_claims": {
                "searched_by_geometry": ground is not None and ground.claims is not None,
                "overlapping": [{"claim": name, "m2": area} for name, area in (ground.claims or ())] if ground else [],
                "by_parcel": [
                    {"product": row.text("product"), "year": row.whole("year"), "tonnes": row.figure("credits").value}
                    for row in self.claims
                ],
            },
        }

    def statement(self) -> Statement:
        """The statement on the ticket, of one page."""
        text, figures = self.row.text, self.figures
        about: list[Fact] = [
            (_word("parcel"), plain_text(self.parcel)),
            (_word("holder"), plain_text(text("holder"))),
            (_word("forest_type"), plain_text(text("forest_type"))),
            (_word("origin"), plain_text(text("origin") or "-")),
            (_word("planted"), plain_text(self.row.whole("planted") or "-")),
            (_word("area"), amount(figures["area"], 2)),
            (_word("geometry"), plain_text(self.ground.geometry_hash if self.ground else "-")),
            (_word("period"), plain_text(f"{self.first.dates[0]} – {self.last.dates[1]}")),
            (_word("quantity"), amount(Figure(self.tonnes, CO2))),
        ]
        names = ("removal", "half_width", "certified", "baseline", "emissions", "claimed")
        how: list[Fact] = [
            (_word("model"), plain_text(text("model") or "-")),
            (_word("plots"), plain_text(f"{self.first.plots} / {self.last.plots}")),
            *(
                (_word("density"), joined([plain_text(m.year), amount(Figure(m.estimate.mean, DENSITY), 2)], " · "))
                for m in (self.first, self.last)
            ),
            *((_word(name), amount(figures[name], 2)) for name in names),
        ]
        claims = [(plain_text(row.text("product")), amount(row.figure("credits"))) for row in self.claims]
        on_it = (self.ground.claims if self.ground else None) or ()
        claims += [(plain_text(name), amount(Figure(area, "m^2"))) for name, area in on_it]
        searched = self.ground is not None and self.ground.claims is not None
        notes = (
            say("parcels.statement.no_ccer"),
            say("parcels.statement.searched" if searched else "parcels.statement.not_searched"),
            say("parcels.never_added"),
        )
        parts = ((say("parcels.statement.how"), tuple(how)), (say("parcels.statement.claims"), tuple(claims)))
        title = say("parcels.statement.title")
        return Statement(title, say("parcels.statement.opening", parcel=self.parcel), tuple(about), notes, parts)


def _word(name: str) -> Text:
    return say(f"parcels.column.{name}")


def changed(first: Measured, last: Measured, plots: Sequence[Row], section: ParcelsSection) -> Estimate:
    """What changed per area: by the differences of plots where the ground alone tells it and all were measured again,
    else by both estimates and their correlation.
    """
    at: dict[int, dict[tuple[str, str], float]] = {first.year: {}, last.year: {}}
    for row in plots:
        day = row.day("date")
        if day is not None and day.year in at and row.text("parcel") == first.parcel:
            at[day.year][row.text("stratum"), row.text("plot")] = row.figure("carbon_density").value
    before, after = at[first.year], at[last.year]
    if section.evidence != "ground" or set(before) != set(after) or len(before) != first.plots:
        return sampling.change(first.estimate, last.estimate, section.correlation)
    samples = []
    for name, sample in first.samples.items():
        differences = [after[key] - before[key] for key in before if key[0] == name]
        samples.append(sampling.sample_of(differences, sample.weight, sample.possible))
    return sampling.stratified(samples)


def ticket_of(
    row: Row,
    measured: Sequence[Measured],
    plots: Sequence[Row],
    claims: Sequence[Row],
    ground: Ground | None,
    section: ParcelsSection,
    parameters: Parameters,
) -> tuple[Ticket | None, list[Problem]]:
    """The ticket of a parcel from its first to its last measurement, and what is wrong or to be asked."""
    parcel = row.text("parcel")
    if len(measured) <= 1:
        return None, [problem("parcels.K33.one_date", parcel, place=row.place)]
    first, last = measured[0], measured[-1]
    change = changed(first, last, plots, section)
    ratio = parameters.find("co2_per_carbon")
    whole = sum(sample.weight for sample in first.samples.values())
    area = given(whole, "hm^2", say("parcels.strata", count=len(first.samples)))
    years = exact(last.year - first.year, "year", say("carbon.period", first=first.year, last=last.year))
    start = given(first.estimate.mean, DENSITY, _said(first))
    end = given(first.estimate.mean + change.mean, DENSITY, _said(last))
    removal = made(
        parcels.removal_of_parcel, first_density=start, last_density=end, stratum_area=area, co2_per_carbon=ratio
    )
    if removal.value <= 0:
        return None, [problem("parcels.K33.no_removal", parcel, place=row.place, found=f"{removal.value:.6g} t CO2")]
    error = exact(change.half_width(LEVEL), DENSITY, say("parcels.half_width", level=100 * LEVEL))
    half_width = made(parcels.half_width_of_removal, density_error=error, stratum_area=area, co2_per_carbon=ratio)
    relative = made(credits.relative_half_width, half_width=half_width, estimate=removal)
    certified = _certified(removal, half_width, relative, section, parameters)
    baseline, wrong = _baseline(row, area, years, ratio, section)
    if wrong:
        return None, wrong
    emissions = total([cell for name in ("fire_emission", "machine_emission") if (cell := row.number(name))], CO2)
    of_parcel = tuple(
        claim
        for claim in claims
        if claim.text("parcel") == parcel and first.year <= (claim.whole("year") or 0) <= last.year
    )
    claimed = total([claim.figure("credits") for claim in of_parcel], CO2)
    quantity = made(parcels.ticket_quantity, removal=certified, baseline=baseline, emissions=emissions, claimed=claimed)
    per_area = made(parcels.ticket_per_area, quantity=quantity, stratum_area=area, period=years)
    problems = []
    if quantity.value < 1:
        problems.append(problem("parcels.K33.nothing_left", parcel, place=row.place, found=f"{quantity.value:.6g} t"))
    elif per_area.value > HIGHEST:
        found = f"{per_area.value:.3g} t CO2/(hm²·a)"
        problems.append(problem("parcels.K33.too_much", parcel, place=row.place, found=found, high=f"{HIGHEST:g}"))
    if ground is not None and abs(ground.area.to("hm^2") / whole - 1) > AREAS_ALIKE:
        found = f"{ground.area.to('hm^2'):.4g} hm²"
        problems.append(problem("parcels.K30.other_area", parcel, place=row.place, found=found, told=f"{whole:.4g}"))
    figures = {
        "area": area,
        "removal": removal,
        "half_width": half_width,
        "relative": relative,
        "certified": certified,
        "baseline": baseline,
        "emissions": emissions,
        "claimed": claimed,
        "quantity": quantity,
        "per_area": per_area,
    }
    names = ("evidence", "merge", "issue", "baseline")
    switches = {name: getattr(section, name) for name in names} | {"correlation": f"{section.correlation:g}"}
    tonnes = max(0, int(whole_down(quantity.value)))
    return Ticket(row, first, last, figures, tonnes, ground, switches, of_parcel), problems


AREAS_ALIKE = 0.02
"""How far the areas of strata and of the border may be apart, as a share, without a question."""


def _said(measured: Measured) -> Text:
    names = joined([say(f"parcels.source.{source.name}") for source in measured.sources], ", ", "、")
    return say("parcels.measured", year=measured.year, plots=measured.plots, sources=names)


def _certified(
    removal: Figure, half_width: Figure, relative: Figure, section: ParcelsSection, parameters: Parameters
) -> Figure:
    if section.issue == "mean":
        return removal
    if section.issue == "lower_bound":
        discount = exact(1, "1", say("parcels.whole_half_width"))
    else:
        discount = parameters.find("uncertainty_discount", at=relative)
    return made(credits.conservative_removal, estimate=removal, half_width=half_width, uncertainty_discount=discount)


def _baseline(
    row: Row, area: Figure, years: Figure, ratio: Figure, section: ParcelsSection
) -> tuple[Figure, list[Problem]]:
    none = exact(0, CO2, say("parcels.no_baseline"))
    if section.baseline == "zero":
        return none, []
    rate = row.number("baseline_rate")
    if rate is None:
        return none, [problem("parcels.K33.no_baseline", row.text("parcel"), place=row.place)]
    return made(
        parcels.baseline_of_parcel, baseline_rate=rate, stratum_area=area, period=years, co2_per_carbon=ratio
    ), []
