"""What is to be said beside the figures of an account: provisional rows, fallbacks, services that are missing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gep.account.figures import Figures
from gep.core.catalog import label
from gep.core.errors import Problem, Severity

if TYPE_CHECKING:
    from gep.account.units import ServiceFigures
    from gep.plan.planner import StudyPlan


def check_account(account: Figures, planned: StudyPlan, valued: Sequence[ServiceFigures]) -> list[Problem]:
    """Findings on the result itself. None is an error: a wrong total would have been stopped before."""
    return [
        *_provisional(valued),
        *_derived(account, planned),
        *_fallbacks(planned, valued),
        *_below_zero(account),
        *_missing(account),
    ]


def _provisional(valued: Sequence[ServiceFigures]) -> Iterator[Problem]:
    rows = {found.row.id: found.row for v in valued for found in v.used if found.row.status == "provisional"}
    for name, row in sorted(rows.items()):
        note = row.note or "the value was not read in its source"
        yield Problem(
            "P01",
            "information",
            name,
            f"Provisional: {note}.",
            row.place,
            f"{row.value:g} {row.unit}",
            "",
            f"Source: {row.source}, {row.locator}.",
        )


def _derived(account: Figures, planned: StudyPlan) -> Iterator[Problem]:
    from gep.derivations import DERIVATIONS

    used = {name for entry in account.entries for name in entry.derivations}
    for derivation in DERIVATIONS:
        if derivation.equation.name in used and derivation.is_provisional:
            message = f"`{derivation.makes}` is not given; it is {derivation.note}."
            severity: Severity = "warning" if derivation.is_rough else "information"
            do = "Give it, or finer data to make it from. " if derivation.is_rough else ""
            yield Problem("P03", severity, derivation.makes, message, do=f"{do}Source: {derivation.equation.source}.")


def _fallbacks(planned: StudyPlan, valued: Sequence[ServiceFigures]) -> Iterator[Problem]:
    for service, v in zip(planned.services, valued, strict=True):
        taken: dict[str, list[str]] = {}
        areas: dict[str, float] = {}
        for which, area in (v.fallback_area or {}).items():
            land_class, row = which.split(" <- ")
            taken.setdefault(land_class, []).append(row)
            areas[land_class] = area
        for land_class, rows in taken.items():
            share = areas[land_class] / v.area if v.area else None
            some = ", ".join(rows[:3]) + (f" and {len(rows) - 3} more" if len(rows) > 3 else "")
            message = f"{land_class} has no row of its own and takes {some}."
            yield Problem(
                "C06",
                "information",
                service.id,
                message,
                found=f"{share:.1%} of the area that counts" if share is not None else "",
                share=share,
            )


def _below_zero(account: Figures) -> Iterator[Problem]:
    """Services that come out below zero, wherever that comes from: costs above the output, more from outside than there
    is, losses of water.
    """
    for service in dict.fromkeys(entry.service for entry in account.counted()):
        values = [(entry.value or 0.0, entry.origin) for entry in account.counted() if entry.service == service]
        total = math.fsum(value for value, _ in values)
        if total < 0:
            outside = math.fsum(value for value, origin in values if origin == "imported_from_outside")
            cause = " More is declared from outside than the service supplies." if outside < total else ""
            message = f"The value of {label(service, 'en')} is negative.{cause}"
            yield Problem(
                "B04", "warning", service, message, "", f"{total:,.0f} CNY", "", "Check its tables and inputs."
            )


def _missing(account: Figures) -> Iterator[Problem]:
    for missing in account.about.missing:
        severity: Severity = "warning" if missing.is_required and missing.reason != "no_equation" else "information"
        reason = missing.reason.replace("_", " ")
        yield Problem(
            "O01",
            severity,
            missing.service,
            f"{label(missing.service, 'en')} is missing or not full ({reason}): {missing.detail.rstrip('.')}.",
        )
