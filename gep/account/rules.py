"""Rules on totals: passes from an account's physical entries to entries that leave their adjustment visible, before
prices are put to them.

An adjustment is spread over the entries concerned in proportion and kept beside them as a component of its own, so that
what was measured and what was taken away can both be read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gep.account.entries import Entry
from gep.core.keys import NONE
from gep.services.air_purification import capped


def cap(entries: Iterable[Entry], service: str, component: str, limits: Mapping[str, float]) -> list[Entry]:
    """Let no accounting unit provide more than its limit: Q = min(capacity, limit), unit by unit.

    `limits` are by zone, in the unit of the entries; the only key `_city` stands for all zones together. A zone without
    a limit has no figure: its capacity stays visible, uncounted. Adds entries of component `<component>_cap`, at most
    zero.
    """
    given, result = list(entries), []
    concerned = [e for e in given if (e.service, e.component) == (service, component)]
    by_unit: dict[str, list[Entry]] = {}
    is_whole = set(limits) == {"_city"}
    for entry in concerned:
        by_unit.setdefault("_city" if is_whole else entry.zone, []).append(entry)
    for unit, members in by_unit.items():
        if unit not in limits:
            result += [replace(m, is_counted=False, supply_basis="potential") for m in members]
            continue
        result += members + _spread(members, float(capped.fn(_total(members), limits[unit])), "cap")
    return [e for e in given if (e.service, e.component) != (service, component)] + result


def clip(entries: Iterable[Entry], service: str, component: str) -> list[Entry]:
    """Count a total of a zone and ecosystem that is negative as zero, by entries of component `<component>_clip`, at
    least zero.
    """
    given = list(entries)
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in given:
        if (entry.service, entry.component) == (service, component):
            groups.setdefault((entry.zone, entry.ecosystem), []).append(entry)
    for members in groups.values():
        given += _spread(members, max(0.0, _total(members)), "clip")
    return given


FROM_OUTSIDE = "from_outside"
"""The component in which what comes from ecosystems outside the area is taken off."""


def deduct(entry: Entry, amount: float) -> Entry:
    """What comes from outside the area, as an entry of a service that lowers its value. `entry` says zone, service and
    price basis.
    """
    return replace(
        entry,
        ecosystem=NONE,
        land_class=NONE,
        component=FROM_OUTSIDE,
        value=0.0 - amount,
        origin="imported_from_outside",
        method="deducted",
    )


def _total(members: Sequence[Entry]) -> float:
    return math.fsum(m.quantity for m in members if m.quantity is not None)


def _spread(members: Sequence[Entry], wanted: float, ending: str) -> list[Entry]:
    """Adjustments that bring the total of some entries to what is wanted, in proportion to their quantities."""
    total = _total(members)
    if total == wanted:
        return []
    adjusted = []
    for member in members:
        if member.quantity is None:
            continue
        change = member.quantity * (wanted / total) - member.quantity
        adjusted.append(
            replace(
                member, component=f"{member.component}_{ending}", quantity=change, method=f"{member.method}+{ending}"
            )
        )
    return adjusted
