"""What is to be said beside the figures of an account: provisional rows, fallbacks, services that are missing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from gep.account.basis import said_of_class
from gep.account.checks.made import Made
from gep.core.catalog import named
from gep.core.errors import Problem, problem
from gep.core.messages import Text, listed, say
from gep.core.parts import derivations_of, needed, origin_of, registered
from gep.core.translation import translated
from gep.core.unit_names import with_unit
from gep.derivations import DERIVATIONS


def provisional(made: Made) -> Iterator[Problem]:
    """Rows of data that stand in for better ones."""
    rows = {
        found.row.id: found.row for v in made.service_figures for found in v.used if found.row.status == "provisional"
    }
    for name, row in sorted(rows.items()):
        note = translated(row.note) if row.note else say("account.not_read")
        yield problem(
            "account.P01.provisional",
            name,
            place=row.place,
            found=with_unit(f"{row.value:g}", row.unit),
            note=note,
            source=listed(part for part in (row.source, translated(row.locator)) if part),
        )


def derived(made: Made) -> Iterator[Problem]:
    """Layers that were made from others, roughly or for want of better."""
    used = {name for entry in made.account.entries for name in entry.derivations}
    for derivation in (*DERIVATIONS, *derivations_of(made.inputs.profile.parts)):
        if derivation.equation.name in used and derivation.is_provisional:
            about: dict[str, Any] = {
                "layer": derivation.makes,
                "note": translated(derivation.note),
                "source": translated(derivation.equation.source),
            }
            key = "account.P03.derived_roughly" if derivation.is_rough else "account.P03.derived"
            yield problem(key, derivation.makes, **about)


def from_outside(made: Made) -> Iterator[Problem]:
    """What the account rests on that does not come with the package."""
    services = {entry.service for entry in made.account.entries}
    derived = {name for entry in made.account.entries for name in entry.derivations}
    for name in needed(made.inputs.parts):
        parts = registered()[name].parts
        used = [named(service.id) for service in parts.services if service.id in services]
        equations = [derivation.equation.name for derivation in parts.derivations]
        used += [Text(equation, equation) for equation in equations if equation in derived]
        yield problem("account.E04.from_outside", name, place=origin_of(parts), found=listed(used) if used else None)


def fallbacks(made: Made) -> Iterator[Problem]:
    """Classes that took the rows of others."""
    for service, v in zip(made.study_plan.services, made.service_figures, strict=True):
        taken: dict[tuple[str, str], list[str]] = {}
        areas: dict[tuple[str, str], float] = {}
        for (ecosystem, land_class, row), area in v.fallbacks.items():
            taken.setdefault((ecosystem, land_class), []).append(row)
            areas[ecosystem, land_class] = area
        for cell, rows in taken.items():
            share = areas[cell] / v.area if v.area else None
            found = None if share is None else say("account.share_of_area", share=share)
            about: dict[str, Any] = {"land_class": said_of_class(*cell), "rows": rows[:3], "more": len(rows) - 3}
            key = "account.C06.rows_of_others" if len(rows) <= 3 else "account.C06.many_rows_of_others"
            yield problem(key, service.id, found=found, share=share, **about)


def below_zero(made: Made) -> Iterator[Problem]:
    """Services that come out below zero, wherever that comes from: costs above the output, more from outside than there
    is, losses of water.
    """
    account = made.account
    for service in dict.fromkeys(entry.service for entry in account.counted()):
        values = [(entry.value or 0.0, entry.origin) for entry in account.counted() if entry.service == service]
        total = math.fsum(value for value, _ in values)
        if total < 0:
            outside = math.fsum(value for value, origin in values if origin == "imported_from_outside")
            key = "account.B04.more_from_outside" if outside < total else "account.B04.negative_value"
            yield problem(key, service, found=with_unit(f"{total:,.0f}", "CNY"), service=named(service))


def missing_services(made: Made) -> Iterator[Problem]:
    """Services that are missing or not full."""
    for missing in made.account.about.missing:
        if missing.reason == "does_not_occur" and missing.is_required:
            continue  # O03 has said it of the tables
        is_warning = missing.is_required and missing.reason != "no_equation"
        yield problem(
            "account.O01.missing",
            missing.service,
            severity="warning" if is_warning else "information",
            service=named(missing.service),
            reason=say(f"account.reason.{missing.reason}"),
            detail=_without_stop(missing.detail),
        )


def _without_stop(detail: str) -> str:
    """A reason as part of a sentence."""
    stripped = detail.rstrip(".")
    return Text(stripped, detail.zh.rstrip("。")) if isinstance(detail, Text) else stripped
