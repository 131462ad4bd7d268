"""What a project may issue for a period of monitoring, by the rules of a standard: whole tonnes, rounded down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast, get_args

from gep.assets.figures import Figure, by_rule, exact, made, total
from gep.assets.parameters import Parameters
from gep.assets.tables import Column, Row
from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.stocks import credits as equations

CreditStandard = Literal["cdm", "ccer", "vcs", "gold_standard"]
STANDARDS: tuple[CreditStandard, ...] = get_args(CreditStandard)

_OF: Mapping[CreditStandard, str] = {
    "cdm": "ar_tool14",
    "ccer": "ccer_14_001",
    "vcs": "afolu",
    "gold_standard": "gold_standard_403",
}
"""What the parameters of a standard are of, in `kinds.csv`."""

MONITORED = (
    Column("project"),
    Column("credit_standard", among=STANDARDS),
    Column("period_begins", "date"),
    Column("period_ends", "date"),
    Column("project_removal", "number", "t*CO2"),
    Column("project_half_width", "number", "t*CO2", is_needed=False, least=0),
    Column("project_emission", "number", "t*CO2", least=0),
    Column("baseline_removal", "number", "t*CO2"),
    Column("baseline_half_width", "number", "t*CO2", is_needed=False, least=0),
    Column("leakage", "number", "t*CO2", least=0),
    Column("buffer_share", "number", "1", is_needed=False, least=0, most=1),
    Column("note", is_needed=False),
)
"""A period of monitoring. Emissions, baseline and leakage are written even where they are 0: what is missing is never
zero. Half-widths are those of the 90 % interval; without one nothing is deducted, and that is said.
"""


@dataclass(frozen=True)
class Issue:
    """What may be issued for a period, and how it comes about; figures in t CO2."""

    project: str
    standard: CreditStandard
    begins: date
    ends: date
    removal: Figure
    baseline: Figure
    net: Figure
    buffer: Figure | None
    credits: Figure
    """Before rounding."""

    @property
    def issued(self) -> Figure:
        """Whole tonnes, rounded down."""
        return by_rule("whole_down", self.credits)

    @property
    def yearly(self) -> Figure:
        """The net removal of a mean year of the period: interpolated between two measurements."""
        years = exact(years_of(self.begins, self.ends), "year", say("credits.place.period"))
        return made(equations.interpolated_removal, removal=self.net, period=years)


def years_of(begins: date, ends: date) -> float:
    """How many years a period has, its last day included: 2020-01-01 to 2024-12-31 has 5."""
    after = ends + timedelta(days=1)
    return after.year - begins.year + _share_of_year(after) - _share_of_year(begins)


def _share_of_year(day: date) -> float:
    first = date(day.year, 1, 1)
    return (day - first) / (date(day.year + 1, 1, 1) - first)


def issues(rows: Iterable[Row], parameters: Parameters) -> tuple[list[Issue], list[Problem]]:
    """What the periods of a table may issue, and what is wrong with them: that is, periods that end before they begin,
    overlap, or have no positive net removal, and ratings of risk at which a standard issues nothing.
    """
    found: list[Issue] = []
    problems: list[Problem] = []
    spans: dict[str, list[tuple[date, date]]] = {}
    for row in rows:
        project, begins, ends = row.text("project"), row.day("period_begins"), row.day("period_ends")
        assert begins is not None
        assert ends is not None
        span = f"{begins} – {ends}"
        if ends <= begins:
            problems.append(problem("credits.K20.monitoring_backwards", project, place=row.place, found=span))
            continue
        for first, last in spans.setdefault(project, []):
            if begins <= last and first <= ends:
                other = f"{first} – {last}"
                problems.append(
                    problem("credits.K20.monitored_twice", project, place=row.place, found=span, other=other)
                )
        spans[project].append((begins, ends))
        issue, wrong = _issue(row, begins, ends, parameters)
        problems += wrong
        if issue is not None:
            found.append(issue)
    return found, problems


def _issue(row: Row, begins: date, ends: date, parameters: Parameters) -> tuple[Issue | None, list[Problem]]:
    standard = cast(CreditStandard, row.text("credit_standard"))
    project, of, problems = row.text("project"), _OF[standard], []
    removal, wrong = _careful(row, "project", standard, parameters)
    problems += wrong
    baseline, wrong = _careful(row, "baseline", standard, parameters)
    problems += wrong
    net = made(
        equations.net_removal,
        project_removal=removal,
        project_emission=row.figure("project_emission"),
        baseline_removal=baseline,
        leakage=row.figure("leakage"),
    )
    buffer: Figure | None = None
    credits = net
    if standard == "ccer":
        deduction = parameters.find("nonpermanence_deduction", ecosystem="forest", of=of, region="china")
        credits = made(equations.lasting_removal, net_removal=net, nonpermanence_deduction=deduction)
    elif standard == "vcs":
        share = row.number("buffer_share")
        least = parameters.find("buffer_share_minimum", of=of)
        most = parameters.find("buffer_share_fail", of=of)
        if share is None:
            problems.append(problem("credits.K20.no_buffer_share", project, place=row.place))
            return None, problems
        if share.value > most.to("1"):
            problems.append(
                problem(
                    "credits.K20.rating_fails", project, place=row.place, found=_percent(share), most=_percent(most)
                )
            )
            return None, problems
        if share.value < least.to("1"):
            share = least
        buffer = made(equations.risk_buffer, project_removal=removal, baseline_removal=baseline, buffer_share=share)
        credits = made(equations.credits_after_buffer, net_removal=net, credits_to_buffer=buffer)
    elif standard == "gold_standard":
        share = parameters.find("buffer_share", ecosystem="forest", of=of)
        buffer = made(equations.unit_buffer, net_removal=net, buffer_share=share)
        credits = made(equations.credits_after_buffer, net_removal=net, credits_to_buffer=buffer)
    if credits.value <= 0:
        problems.append(problem("credits.K20.nothing_to_issue", project, place=row.place, found=f"{credits.value:g}"))
        return None, problems
    return Issue(project, standard, begins, ends, removal, baseline, net, buffer, credits), problems


def _percent(share: Figure) -> str:
    return f"{share.to('percent'):g} %"


def _careful(
    row: Row, which: Literal["project", "baseline"], standard: CreditStandard, parameters: Parameters
) -> tuple[Figure, list[Problem]]:
    """A removal as it may be used, given how uncertain it is."""
    estimate, half_width = row.figure(f"{which}_removal"), row.number(f"{which}_half_width")
    if half_width is None:
        if which == "project":
            return estimate, [problem("credits.K20.no_half_width", row.text("project"), place=row.place)]
        return estimate, []
    if estimate.value == 0:
        return estimate, []
    relative = made(equations.relative_half_width, half_width=half_width, estimate=estimate)
    relative = by_rule("magnitude", relative)
    if standard == "gold_standard" and which == "project":
        limit = parameters.find("precision_limit", ecosystem="forest", of=_OF[standard])
        return made(
            equations.precise_removal, estimate=estimate, relative_half_width=relative, precision_limit=limit
        ), []
    discount = parameters.find("uncertainty_discount", at=relative)
    careful = equations.conservative_removal if which == "project" else equations.conservative_baseline
    return made(careful, estimate=estimate, half_width=half_width, uncertainty_discount=discount), []


def natural_risk(items: Iterable[tuple[str, str, str]], parameters: Parameters) -> Figure:
    """The rating of natural risks: the sum of scores times mitigation.

    Args:
        items: of each risk how severe a loss is, how often one occurs, and what is done against it, in words of
            `kinds.csv`: `minor`, `10_to_25_years`, `one_measure`.
        parameters: where the scores stand.
    """
    return total(
        (
            made(
                equations.natural_risk,
                risk_score=parameters.find("risk_score", of=f"{severity}/{interval}"),
                risk_mitigation=parameters.find("risk_mitigation", of=mitigation),
            )
            for severity, interval, mitigation in items
        ),
        "1",
    )


def standard_named(standard: str) -> Text:
    """What a standard is called."""
    return say(f"credits.standard.{standard}")
