"""Services whose land the land cover has not: whether the tables agree, and what the office declares.

That a service provides nothing because its land does not occur has to be true of everything that is given. Where the
tables report loads, reservoirs or fish all the same, either the land cover is too coarse or of another place, or the
tables are of another area: the account stays partial until the project file says that it is right.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from gep.account.basis import Basis, said_of_class
from gep.account.entries import Missing
from gep.core.catalog import CellComponent
from gep.core.errors import Problem, problem
from gep.core.messages import Text, say
from gep.inputs.items import EXTERNAL
from gep.inputs.open import NO_LAND_COVER
from gep.inputs.project import PROJECT
from gep.inputs.tables import Statistic
from gep.plan.planner import ServicePlan
from gep.standards.rules import Counted


@dataclass(frozen=True)
class Absence:
    """What there is to say of a service none of whose land occurs: the cells of the matrix that it counts in, the rows
    that the tables report of it, the reason that the office gives, whether the land cover could have such land, and
    whether there is land that would count if the study supplied numbers of its own.
    """

    service: str
    is_required: bool
    cells: tuple[Text, ...]
    rows: tuple[Text, ...]
    first: str
    declared: str
    can_occur: bool
    has_other_land: bool

    @property
    def is_contradicted(self) -> bool:
        """Whether the tables report what the land cover has no land for, and nobody says that it is right."""
        return bool(self.rows) and not self.declared and self.can_occur and not self.has_other_land

    @property
    def missing(self) -> Missing:
        """The service in the list of what is missing; required where the tables contradict the land cover."""
        if self.declared:
            return Missing(self.service, "does_not_occur", self.declared, is_required=False)
        if self.is_contradicted:
            detail = say("account.none_but_reported", cells=self.cells, items=self.rows)
            return Missing(self.service, "does_not_occur", detail, self.is_required)
        if not self.can_occur:
            return Missing(self.service, "no_input", say("account.no_such_class", cells=self.cells), self.is_required)
        if self.has_other_land:
            return Missing(self.service, "no_input", say("account.unsupplied", cells=self.cells), is_required=False)
        return Missing(self.service, "does_not_occur", say("account.none_of", cells=self.cells), is_required=False)


def absence(basis: Basis, service_plan: ServicePlan) -> Absence | None:
    """That none of the land of a service of the profile occurs; None where some does, or where it does not matter."""
    components = _components(service_plan)
    if not _matters(service_plan) or _occurs(basis, service_plan, components, "counted"):
        return None
    return _absence(basis, service_plan, components, _reported(basis, service_plan))


def absences(basis: Basis, service_plan: ServicePlan) -> list[Absence]:
    """That of a service, or where some of its land occurs those of its components that the tables report without land:
    reservoirs, where the land cover knows the class and has none.
    """
    if whole := absence(basis, service_plan):
        return [whole]
    found = []
    for part in service_plan.components if _matters(service_plan) else ():
        name = part.component.id
        if isinstance(part.component, CellComponent) or _occurs(basis, service_plan, [name], "counted"):
            continue
        if rows := _rows_of(basis, {part.component.extent}):
            found.append(_absence(basis, service_plan, [name], rows))
    return found


def _matters(service_plan: ServicePlan) -> bool:
    return service_plan.is_applicable and service_plan.reason not in ("off", "no_equation")


def _absence(basis: Basis, service_plan: ServicePlan, components: Sequence[str], rows: Sequence[Statistic]) -> Absence:
    """What there is to say of a service, or of some of its components, none of whose land occurs."""
    rule = service_plan.rule
    cells = dict.fromkeys(cell for name in components for cell in rule.provided_by(name))
    return Absence(
        rule.service,
        rule.is_required,
        tuple(said_of_class(*cell.pair) for cell in cells),
        tuple(dict.fromkeys(Text(f"`{row.item}`", f"`{row.item}`") for row in rows)),
        rows[0].place if rows else "",
        basis.inputs.spec.does_not_occur.get(rule.service, ""),
        _can_occur(basis, service_plan, components),
        _occurs(basis, service_plan, components, "if_supplied"),
    )


def check_occurrence(basis: Basis) -> Iterator[Problem]:
    """Tables against the land cover, and declarations against it, service by service; nothing where the land cover
    itself is in doubt.
    """
    declared = basis.inputs.spec.does_not_occur
    least = basis.inputs.profile.min_coverage
    is_known = basis.sums.seen >= 1 and not basis.sums.unknown and land_cover_share(basis) >= least
    for service_plan in basis.study_plan.services:
        found = absences(basis, service_plan)
        for absent in found if is_known else ():
            if absent.is_contradicted and absent.is_required:
                yield problem(
                    "account.O03.reported_without_land",
                    service_plan.id,
                    place=absent.first,
                    cells=absent.cells,
                    items=absent.rows,
                    service=service_plan.id,
                )
        components = _components(service_plan)
        if not found and service_plan.id in declared and _occurs(basis, service_plan, components, "counted"):
            present = (pair for pair in _present(basis) if "counted" in _counted(service_plan, components, pair))
            cells = [said_of_class(*pair) for pair in present]
            yield problem("account.P20.occurs", f"services.{service_plan.id}", place=PROJECT, cells=cells)


def land_cover_share(basis: Basis) -> float:
    """The share of the area that has land cover."""
    without = basis.sums.area[:, basis.plan.classes.index(NO_LAND_COVER)]
    return 1 - math.fsum(without.tolist()) / math.fsum(basis.sums.area.ravel().tolist())


def _present(basis: Basis) -> list[tuple[str, str]]:
    """The classes that have area."""
    area = basis.sums.area.sum(axis=0)
    return [pair for c, pair in enumerate(basis.plan.classes) if pair != NO_LAND_COVER and area[c] > 0]


def _components(service_plan: ServicePlan) -> list[str]:
    """The components that the methods of the study compute; of products the service itself."""
    return [part.component.id for part in service_plan.components] or [""]


def _counted(service_plan: ServicePlan, components: Sequence[str], pair: tuple[str, str]) -> set[Counted | None]:
    """How a class counts for some components of a service."""
    return {service_plan.rule.counted(*pair, component) for component in components}


def _occurs(basis: Basis, service_plan: ServicePlan, components: Sequence[str], how: Counted) -> bool:
    return any(how in _counted(service_plan, components, pair) for pair in _present(basis))


def _can_occur(basis: Basis, service_plan: ServicePlan, components: Sequence[str]) -> bool:
    """Whether the land cover has a class that the rule counts, so that its absence says something."""
    pairs = (pair for pair in basis.plan.classes if pair != NO_LAND_COVER)
    return any("counted" in _counted(service_plan, components, pair) for pair in pairs)


def _reported(basis: Basis, service_plan: ServicePlan) -> list[Statistic]:
    """The rows of the tables that say that there is something: 0 says that there is not."""
    service = service_plan.service
    if service is None:
        return []
    items = {service.id} if service.products else set()
    for component in (part.component for part in service_plan.components):
        item = component.limit if isinstance(component, CellComponent) else component.extent
        items |= {item} if item else set()
    return _rows_of(basis, items, f"{EXTERNAL}/{service.id}")


def _rows_of(basis: Basis, bases: Container[str], item: str = "") -> list[Statistic]:
    """The rows of some items with their parts, and of one more, that say that there is something."""
    return [
        row
        for row in basis.inputs.statistics
        if row.value and (row.base in bases or row.item == item) and row.measure != "price"
    ]
