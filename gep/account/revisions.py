"""Published figures and their revisions: by how much, why, how they were on the whole; series that a change of method
broke, and old figures back-cast onto a new method.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from typing import Literal, TypedDict

from gep.account import growth
from gep.core.catalog import named, service_ids
from gep.core.keys import CITY
from gep.core.messages import Text, say
from gep.inputs.published import BREAKING, REASONS, TOTAL, Published

First = Literal["parts", "total"]
"""Whether parts are back-cast each by itself, and add up to the total, or the total first and parts in proportion."""

Nature = Literal["kept", "back_cast", "published"]
"""What a figure on the new method is: the first benchmark, which both series have; calculated; or given out so."""

Key = tuple[str, str]


class RevisionDocument(TypedDict):
    """A revision: money in CNY, `share` the difference over what was published before."""

    year: int
    zone: str
    service: str
    before: float
    after: float
    difference: float
    share: float | None
    reason: str
    vintage_before: str
    vintage: str
    date_before: str
    date: str
    run_id_before: str
    run_id: str


class StatisticsDocument(TypedDict):
    """Revisions of a reason, or of all (null), as shares of what was published before."""

    reason: str | None
    count: int
    mean: float
    mean_absolute: float
    root_mean_square: float
    share_upward: float


class BreakDocument(TypedDict):
    """A series whose figures are of two methods: the years of each."""

    zone: str
    service: str
    since: str
    old_years: list[int]
    new_years: list[int]


class BackCastRowDocument(TypedDict):
    """A figure of the old method, and on the new one: kept, back-cast or published."""

    year: int
    zone: str
    service: str
    old: float
    value: float
    nature: Nature
    is_back_cast: bool


class BackCastDocument(TypedDict):
    """Series on the new method by the deviation from a trend."""

    method: Literal["trend_deviation"]
    first: First
    rows: list[BackCastRowDocument]


class RevisionsDocument(TypedDict):
    """The document of `gep revisions`."""

    schema: int
    revisions: list[RevisionDocument]
    statistics: list[StatisticsDocument]
    breaks: list[BreakDocument]
    back_cast: BackCastDocument | None
    notes: list[str]


@dataclass(frozen=True)
class Revision:
    """A figure and the one that took its place."""

    before: Published
    after: Published

    @property
    def difference(self) -> float:
        """Later less earlier."""
        return self.after.value - self.before.value

    @property
    def share(self) -> float | None:
        """The difference over what was published before; None where that is not above zero, and a share of it has no
        meaning, as of growth.
        """
        return growth.growth(self.before.value, self.after.value)

    def document(self) -> RevisionDocument:
        """It as JSON has it."""
        before, after = self.before, self.after
        return {
            "year": after.year,
            "zone": after.zone,
            "service": after.service,
            "before": before.value,
            "after": after.value,
            "difference": self.difference,
            "share": self.share,
            "reason": after.reason,
            "vintage_before": before.vintage,
            "vintage": after.vintage,
            "date_before": before.date,
            "date": after.date,
            "run_id_before": before.run_id,
            "run_id": after.run_id,
        }


@dataclass(frozen=True)
class Broken:
    """A series of which some years are by another method than the others: figures of both, by year."""

    key: Key
    since: str
    old: Mapping[int, Published]
    """The last figures by the old method."""
    new: Mapping[int, Published]
    """The last figures by the new one."""

    @property
    def only_old(self) -> list[int]:
        """The years that the new method has not."""
        return sorted(set(self.old) - set(self.new))


@dataclass(frozen=True)
class BackCastRow:
    """A figure of the old method and on the level of the new one, and what that is."""

    year: int
    key: Key
    old: float
    value: float
    nature: Nature


@dataclass(frozen=True)
class Register:
    """Published figures, in the order of `gep.inputs.published.read_published`."""

    rows: tuple[Published, ...]

    @cached_property
    def histories(self) -> Mapping[tuple[str, str, int], tuple[Published, ...]]:
        """The figures of each year of each thing in the order of their dates."""
        return {key: tuple(rows) for key, rows in groupby(self.rows, lambda row: (*row.key, row.year))}

    @cached_property
    def revisions(self) -> tuple[Revision, ...]:
        """Every figure beside the one that it took the place of, by year, zone and service."""
        found = [Revision(*pair) for history in self.histories.values() for pair in pairwise(history)]
        return tuple(sorted(found, key=lambda one: (one.after.year, *_order(one.after.key), one.after.date)))

    @cached_property
    def statistics(self) -> Mapping[str, tuple[int, growth.Revisions]]:
        """How many revisions there were and how they were, as shares, by reason and, under an empty one, of all."""
        found = {}
        for reason in ("", *REASONS):
            shares = [one.share for one in self.revisions if one.share is not None and reason in ("", one.after.reason)]
            if shares:
                found[reason] = len(shares), growth.revisions(shares)
        return found

    @cached_property
    def broken(self) -> tuple[Broken, ...]:
        """The series that a change of method or classification broke: since its first revision for such a reason what
        is published is by the new method, and years without a figure since then are by the old one.
        """
        found = []
        for key in dict.fromkeys(row.key for row in self.rows):
            own = [row for row in self.rows if row.key == key]
            since = min((row.date for row in own if row.reason in BREAKING), default="")
            old = {row.year: row for row in own if row.date < since}
            new = {row.year: row for row in own if row.date >= since}
            if since and set(old) - set(new):
                found.append(Broken(key, since, old, new))
        return tuple(found)

    def back_cast(self, first: First) -> tuple[tuple[BackCastRow, ...], tuple[Text, ...]]:
        """The broken series on the level of the new method, by the deviation from the trend of the old one
        (`gep.growth.back_cast`), and why some are not.

        A series goes from the last benchmark before (or its first year) to the first year with figures of both methods.
        The services of a zone that go over the same years are parts of its total: that is their sum, or comes first.
        """
        spans: dict[str, dict[str, _Span]] = {}
        notes: list[Text] = []
        for broken in self.broken:
            span = _span_of(broken)
            if isinstance(span, _Span):
                if earlier := [str(year) for year in broken.only_old if year < span.years[0]]:
                    notes.append(say("revisions.earlier", what=_what(broken.key), years=earlier))
                spans.setdefault(broken.key[0], {})[broken.key[1]] = span
            else:
                notes.append(span)
        rows: list[BackCastRow] = []
        for zone, by_service in spans.items():
            parts = {service: span for service, span in by_service.items() if service != TOTAL}
            if len({span.years for span in parts.values()}) > 1:
                notes.append(say("revisions.other_spans", zone=zone_name(zone)))
                rows += [row for name, span in parts.items() for row in _rows(zone, {name: span}, first)]
            elif parts:
                rows += _rows(zone, parts, first)
            if TOTAL in by_service and not parts:
                rows += _rows(zone, {TOTAL: by_service[TOTAL]}, first)
            elif TOTAL in by_service:
                notes.append(say("revisions.total_of_parts", zone=zone_name(zone)))
        return tuple(sorted(rows, key=lambda row: (*_order(row.key), row.year))), tuple(notes)

    @property
    def notes(self) -> tuple[Text, ...]:
        """The series that are broken, told."""
        return tuple(
            say(
                "revisions.broken",
                what=_what(one.key),
                since=one.since,
                old=[str(year) for year in one.only_old],
                new=[str(year) for year in sorted(one.new)],
            )
            for one in self.broken
        )

    def document(self, first: First | None = None) -> RevisionsDocument:
        """It as JSON has it, with series back-cast where that is asked for."""
        rows, notes = self.back_cast(first) if first else ((), ())
        cast: BackCastDocument | None = None
        if first:
            cast = {"method": "trend_deviation", "first": first, "rows": [_row_document(row) for row in rows]}
        return {
            "schema": 1,
            "revisions": [one.document() for one in self.revisions],
            "statistics": [
                {
                    "reason": reason or None,
                    "count": count,
                    "mean": of.mean,
                    "mean_absolute": of.mean_absolute,
                    "root_mean_square": of.root_mean_square,
                    "share_upward": of.share_upward,
                }
                for reason, (count, of) in self.statistics.items()
            ],
            "breaks": [
                {
                    "zone": one.key[0],
                    "service": one.key[1],
                    "since": one.since,
                    "old_years": one.only_old,
                    "new_years": sorted(one.new),
                }
                for one in self.broken
            ],
            "back_cast": cast,
            "notes": [*self.notes, *notes],
        }


def service_name(service: str) -> Text:
    """What a service, or all of them, is called."""
    return say("years.total") if service == TOTAL else named(service)


# back-casting ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Span:
    """The old series from benchmark to benchmark, the last of which the new method has too."""

    years: tuple[int, ...]
    old: tuple[float, ...]
    last: float


def _span_of(broken: Broken) -> _Span | Text:
    """The years of an old series that can be back-cast, or why none can."""
    what = _what(broken.key)
    both = sorted(year for year in broken.new if year in broken.old)
    behind = [year for year in both if year > min(broken.old)]
    if not behind:
        return say("revisions.no_overlap", what=what)
    end = behind[0]
    benchmarks = [year for year, row in broken.old.items() if row.vintage == "benchmark" and year < end]
    start = max(benchmarks, default=min(broken.old))
    years = tuple(range(start, end + 1))
    if lacking := [str(year) for year in years if year not in broken.old]:
        return say("revisions.gap", what=what, years=lacking)
    old = tuple(broken.old[year].value for year in years)
    last = broken.new[end].value
    if min(*old, last) <= 0:
        return say("revisions.not_positive", what=what)
    return _Span(years, old, last)


def _rows(zone: str, parts: Mapping[str, _Span], first: First) -> list[BackCastRow]:
    """The series of parts that go over the same years, and of their sum where they are several."""
    years = next(iter(parts.values())).years
    old: dict[str, Sequence[float]] = {name: span.old for name, span in parts.items()}
    cast = growth.back_cast_parts(old, {name: span.last for name, span in parts.items()}, first=first)
    if len(parts) > 1:
        old[TOTAL] = [math.fsum(year) for year in zip(*old.values(), strict=True)]
        cast[TOTAL] = [math.fsum(year) for year in zip(*cast.values(), strict=True)]
    natures: dict[int, Nature] = {years[0]: "kept", years[-1]: "published"}
    return [
        BackCastRow(year, (zone, name), before, value, natures.get(year, "back_cast"))
        for name, series in cast.items()
        for year, before, value in zip(years, old[name], series, strict=True)
    ]


def _row_document(row: BackCastRow) -> BackCastRowDocument:
    zone, service = row.key
    return {
        "year": row.year,
        "zone": zone,
        "service": service,
        "old": row.old,
        "value": row.value,
        "nature": row.nature,
        "is_back_cast": row.nature == "back_cast",
    }


def _order(key: Key) -> tuple[bool, str, int]:
    """The whole area before zones, services in the order of reports, their total last."""
    zone, service = key
    known = service_ids()
    return zone != CITY, zone, known.index(service) if service in known else len(known)


def _what(key: Key) -> Text:
    return say("revisions.what", service=service_name(key[1]), zone=zone_name(key[0]))


def zone_name(zone: str) -> Text:
    """What a zone of the register is called: a name of its own is a code."""
    return named(zone) if zone == CITY else Text(zone, zone)
