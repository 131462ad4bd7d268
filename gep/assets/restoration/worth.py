"""Services of a project at constant prices, and its cost beside what it did."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from gep.assets.figures import Figure, exact, given, is_whole, made
from gep.assets.kinds import kind_of, unknown_kind
from gep.assets.tables import Row
from gep.core.catalog import has_name, named
from gep.core.errors import Problem, problem
from gep.core.messages import Text, listed, say
from gep.stocks.restoration import (
    cost_of_purpose,
    cost_per_area,
    cost_per_carbon_dioxide,
    cost_per_service,
    services_per_cost,
)

SCENARIO = "gep.scenario.v1"

SIDES = ("before", "after")

PURPOSES = ("land", "carbon", "value")


@dataclass(frozen=True)
class Service:
    """By how much a service is worth more in a year with a project; `name` empty for all services together."""

    project: str
    name: str
    change: Figure
    price_year: int

    @property
    def called(self) -> Text:
        """What the service is called."""
        if not self.name:
            return say("restoration.all_services")
        return named(self.name) if has_name(self.name) else Text(self.name, self.name)


@dataclass(frozen=True)
class Cost:
    """A cost, and what each effect bears of it; without weights each bears all of it, and none adds to another."""

    project: str
    cost: Figure
    borne: Mapping[str, Figure]
    is_divided: bool

    def per_area(self, area: Figure | None) -> Figure | None:
        """Cost for each hectare that lives."""
        return made(cost_per_area, project_cost=self.borne["land"], treated_area=area) if _is_some(area) else None

    def per_carbon_dioxide(self, amount: Figure | None) -> Figure | None:
        """Cost for each tonne of carbon dioxide so far."""
        if not _is_some(amount):
            return None
        return made(cost_per_carbon_dioxide, project_cost=self.borne["carbon"], carbon_dioxide=amount)

    def per_service(self, change: Figure | None) -> Figure | None:
        """Cost for each CNY of services a year."""
        if not _is_some(change):
            return None
        return made(cost_per_service, project_cost=self.borne["value"], service_change=change)

    def services(self, change: Figure | None) -> Figure | None:
        """Yearly services for each CNY of cost."""
        if change is None or not self.borne["value"].value:
            return None
        return made(services_per_cost, service_change=change, project_cost=self.borne["value"])


def _is_some(figure: Figure | None) -> TypeGuard[Figure]:
    """Whether there is something to divide by."""
    return figure is not None and figure.value > 0


def services_of(rows: Sequence[Row], folder: Path) -> tuple[list[Service], list[Problem]]:
    """The services of a table, and everything that is wrong with it. Documents of scenarios are named from `folder`."""
    found: list[Service] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str], Text] = {}
    for row in rows:
        project, scenario = row.text("project"), row.text("scenario")
        wrong: list[Problem] = []
        if bool(scenario) == (row.number("service_change") is not None):
            wrong.append(problem("restoration.K58.one_of", project, place=row.place))
        elif scenario:
            made_of, wrong = _of_scenario(row, folder)
            found += made_of
        elif row.whole("price_year") is None:
            wrong.append(problem("restoration.K58.no_price_year", project, place=row.place))
        else:
            year = row.whole("price_year") or 0
            found.append(Service(project, row.text("service"), row.figure("service_change"), year))
        key = (project, row.text("service"))
        if key in seen:
            wrong.append(problem("restoration.K58.twice", project, place=row.place, first=seen[key]))
        seen.setdefault(key, row.place)
        problems += wrong
    whole = {service.project for service in found if not service.name}
    both = sorted(whole & {service.project for service in found if service.name})
    problems += [problem("restoration.K58.whole_and_parts", project) for project in both]
    if len(years := sorted({service.price_year for service in found})) > 1:
        problems.append(
            problem("restoration.K58.price_years", "price_year", found=listed([str(year) for year in years]))
        )
    return found, problems


def _of_scenario(row: Row, folder: Path) -> tuple[list[Service], list[Problem]]:
    """The services of the document of a scenario: with the project less without it."""
    project, name = row.text("project"), row.text("scenario")
    side = kind_of(row.text("project_in"), SIDES)
    if not side:
        return [], [unknown_kind("project_in", row.text("project_in"), SIDES, row.place)]
    path = folder / name
    document = _document(path / "scenario.json" if path.is_dir() else path)
    try:
        year = int(document["price_year"])
        changes = {service: float(of["change"]) for service, of in document["by_service"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        changes, year = {}, 0
    if document.get("schema") != SCENARIO or not changes or not all(map(math.isfinite, changes.values())):
        return [], [problem("restoration.K58.no_scenario", project, place=row.place, found=name)]
    if (stated := row.whole("price_year")) is not None and stated != year:
        return [], [
            problem("restoration.K58.price_years", project, place=row.place, found=listed([str(stated), str(year)]))
        ]
    sign = 1 if side == "after" else -1
    place = say("restoration.of_scenario", file=name, side=say(f"restoration.side.{side}"))
    return [
        Service(project, service, given(sign * change, "CNY/year", place), year) for service, change in changes.items()
    ], []


def _document(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def costs_of(rows: Sequence[Row]) -> tuple[list[Cost], list[Problem]]:
    """The costs of a table, and everything that is wrong with it."""
    found: list[Cost] = []
    problems: list[Problem] = []
    seen: dict[str, Text] = {}
    for row in rows:
        project, cost = row.text("project"), row.figure("cost")
        weights = {name: weight for name in PURPOSES if (weight := row.number(f"{name}_weight")) is not None}
        wrong = list(_wrong_weights(row, weights))
        if project in seen:
            wrong.append(problem("restoration.K57.cost_twice", project, place=row.place, first=seen[project]))
        seen.setdefault(project, row.place)
        problems += wrong
        if wrong:
            continue
        none = exact(0, "1", say("restoration.no_weight"))
        borne = {
            name: made(cost_of_purpose, project_cost=cost, purpose_share=weights.get(name, none)) if weights else cost
            for name in PURPOSES
        }
        found.append(Cost(project, cost, borne, bool(weights)))
    return found, problems


def _wrong_weights(row: Row, weights: Mapping[str, Figure]) -> Iterator[Problem]:
    whole = math.fsum(weight.value for weight in weights.values())
    if weights and not is_whole(whole):
        yield problem("restoration.K57.weights", row.text("project"), place=row.place, found=f"{whole:g}")
