"""Quotients of printed figures: shares, values per area and per head, ratios to GDP, growth."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from gep.audit.figures import ALL, Figure, Row, is_all, read_unit
from gep.audit.findings import Cause, Check, Comparison, untold
from gep.audit.printed import Interval, Printed, quotient, read_figure
from gep.audit.products import areas_of
from gep.core.messages import say

_SHARES = (
    re.compile(
        r"(?<!area )\bshare\s*(?:of (?:the )?(?:GEP|total))?\s*[:=]?\s*(\d+(?:\.\d+)?)\s*(?:%|percent)(?!\s*of "
        r"(?!(?:the )?(?:GEP|total)\b))",
        re.IGNORECASE,
    ),
    re.compile(r"(\d+(?:\.\d+)?)\s*%\s*of (?:the )?(?:GEP|total)\b", re.IGNORECASE),
    re.compile(
        r"(?<!面积)(?:占比|比重|比例|占总(?:值|量)?(?:的|的比例)?|占GEP(?:的)?)\s*[:：为]?\s*(\d+(?:\.\d+)?)\s*[%％]"
    ),
)
_SHARE_INDICATOR = re.compile(
    r"^(?:value |percentage )?share(?: of (?:the )?(?:total|GEP))?$|^(?:占比|比重|价值占比|占总值的?比[例重])$",
    re.IGNORECASE,
)
_CHANGE = re.compile(r"change|growth|increase|增长|变化|增加|增幅", re.IGNORECASE)
_OF_THE_YEAR_BEFORE = re.compile(r"previous year|year[- ]on[- ]year|yoy|上年|同比", re.IGNORECASE)
_NOT_OF_THE_TOTAL = re.compile(
    r"annual|per year|a year|年均|每年|\bGDP\b|price|population|\barea\b|物价|价格|人口|面积", re.IGNORECASE
)
_YEARS = re.compile(r"((?:19|20)\d\d)年?\s*(?:[-–—~至到]|to)\s*((?:19|20)\d\d)", re.IGNORECASE)
_SIGNED_PERCENT = re.compile(r"([+-]\d+(?:\.\d+)?)\s*%(?!\s*(?:per|a) year)")
_RATIO_TO_GDP = re.compile(
    r"\bGEP\s*(?:/|to)\s*GDP\b|\bGGI\b|ratio (?:of GEP )?to GDP|与\s*GDP\s*(?:之)?比|占\s*GDP|绿金指数", re.IGNORECASE
)
_GDP = re.compile(r"^\s*(?:GDP|gross (?:domestic|regional) product|地区生产总值|国内生产总值)\s*$", re.IGNORECASE)
_POPULATION = re.compile(r"population|人口", re.IGNORECASE)

_WHOLE_IN_PERCENT = 100
_ONE = Interval.exact(1)


def ratio_checks(rows: Sequence[Row]) -> Iterator[Check]:
    """Every quotient that is printed, against the figures that it is a quotient of."""
    yield from _share_checks(rows)
    yield from _per_area_or_head(rows)
    yield from _to_gdp(rows)
    yield from _growth(rows)


# shares ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Share:
    row: Row
    figure: Figure
    part: Figure
    wholes: tuple[Figure, ...]

    def of(self, whole: Figure) -> Comparison:
        computed = self.part.interval / whole.interval
        formula = f"{self.part.printed.text} / {whole.printed.text}"
        what = say("audit.share.what")
        return Comparison("share", self.row, self.figure, computed, (self.part, whole), formula, what)


def shares_printed(rows: Sequence[Row]) -> dict[str, Interval]:
    """By the place of a figure, the share that is printed for it."""
    by_place = _by_place(rows)
    found = (_printed_share(row, by_place) for row in rows)
    return {
        part.place: Figure(printed, read_unit("%"), place).interval
        for printed, place, part in found
        if printed is not None and part is not None
    }


def _by_place(rows: Sequence[Row]) -> Mapping[tuple[str, str, str, str], Sequence[Row]]:
    by_place: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_place[row.where].append(row)
    return by_place


def _share_checks(rows: Sequence[Row]) -> Iterator[Check]:
    by_place = _by_place(rows)
    failed: dict[tuple[str, ...], list[_Share]] = defaultdict(list)
    listed: dict[tuple[str, ...], Fraction] = defaultdict(Fraction)
    for row in rows:
        share = _share_of(row, by_place)
        if share is None:
            continue
        key = (row.account, row.region, row.year, row.source)
        listed[key] += share.figure.printed.value
        comparisons = [share.of(whole) for whole in share.wholes]
        held = next((comparison for comparison in comparisons if comparison.holds), None)
        if held:
            yield held.check()
        elif comparisons:
            failed[key].append(share)
    for place, shares in failed.items():
        cause = _common_denominator(shares)
        for share in shares:
            nearest = min((share.of(whole) for whole in share.wholes), key=lambda comparison: abs(comparison.units_off))
            if listed[place] == _WHOLE_IN_PERCENT and abs(nearest.units_off) < 1:
                yield nearest.check(verdict="cannot_tell", why=say("audit.share.made_whole"))
            else:
                yield nearest.check(cause=cause)


def _share_of(row: Row, by_place: Mapping[tuple[str, str, str, str], Sequence[Row]]) -> _Share | None:
    """The share that a note or a row prints, with the figure that it is of and the totals that it may be a share of."""
    printed, place, part = _printed_share(row, by_place)
    if printed is None or part is None:
        return None
    measure = "value" if part is row.value or (row.value and row.value.unit.currency == "") else "quantity"
    whole_region = (row.account, row.region, "", row.year)
    others = [*by_place.get(row.where, ()), *(by_place.get(whole_region, ()) if row.subregion else ())]
    wholes = tuple(
        whole
        for other in others
        if other is not row
        and (whole := other.figure(measure))
        and whole is not part
        and whole.unit.kind == part.unit.kind
        and not whole.interval.low <= 0 <= whole.interval.high
        and _is_part_of(row, other)
    )
    return _Share(row, Figure(printed, read_unit("%"), place), part, wholes)


def _printed_share(
    row: Row, by_place: Mapping[tuple[str, str, str, str], Sequence[Row]]
) -> tuple[Printed | None, str, Figure | None]:
    if row.value and row.value.unit.text in ("%", "percent") and _SHARE_INDICATOR.match(row.indicator.strip()):
        key = (row.ecosystem, row.category, row.service)
        same = [
            other.value
            for other in by_place[row.where]
            if (other.ecosystem, other.category, other.service) == key and not other.family
        ]
        return (
            row.value.printed,
            row.value.place,
            next((figure for figure in same if figure and figure.unit.currency), None),
        )
    match = next((found for pattern in _SHARES if (found := pattern.search(row.note))), None)
    place = say("audit.place.note", place=row.place)
    return (read_figure(match[1]) if match else None), place, row.value or row.quantity


def _is_part_of(row: Row, other: Row) -> bool:
    """Whether one row is a part of another: the same, or a total, in every respect, and a total in one at least."""
    pairs = [(row.ecosystem, other.ecosystem), (row.category, other.category), (row.service, other.service)]
    is_share_row = bool(_SHARE_INDICATOR.match(row.indicator.strip()))
    is_within = (
        all(b in (a, ALL) for a, b in pairs)
        and other.subregion in (row.subregion, "")
        and other.family in ("", row.family)
    )
    return is_within and (any(a != b for a, b in pairs) or bool(row.family and not other.family and not is_share_row))


def _common_denominator(shares: Sequence[_Share]) -> Cause | None:
    """A denominator other than the printed total that explains all shares that do not hold."""
    if len(shares) < 2 or any(share.figure.interval.low <= 0 for share in shares):
        return None
    low = max(share.part.interval.low / share.figure.interval.high for share in shares)
    high = min(share.part.interval.high / share.figure.interval.low for share in shares)
    if low > high:
        return None
    unit = shares[0].part.unit
    ends = [f"{float(end / unit.factor):.4g}" for end in (low, high)]
    said = say("audit.cause.other_denominator", count=len(shares), low=ends[0], high=ends[1], unit=unit.text)
    return Cause("other_denominator", said)


# per area, per head ---------------------------------------------------------------------------------------------------


def _per_area_or_head(rows: Sequence[Row]) -> Iterator[Check]:
    areas = areas_of(rows)
    heads = heads_of(rows)
    totals: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row.value and row.value.unit.currency and not row.value.unit.is_intensive and not row.family:
            totals[*row.where, row.ecosystem, row.category, row.service].append(row)
    unanswered: dict[str, list[Figure]] = defaultdict(list)
    for row in rows:
        figure = row.value
        if figure is None or not figure.unit.currency or figure.unit.below not in (("m^2",), ("person",)):
            continue
        where = row.where
        wholes = totals[*where, row.ecosystem, row.category, row.service]
        if figure.unit.below == ("person",):
            sizes = heads[where]
        else:
            names = (row.ecosystem, "", ALL)
            sizes = next((found for name in names if (found := areas.get((*where, name)))), [])
        if not wholes or not sizes:
            unanswered[row.table].append(figure)
            continue
        yield from _quotients(row, figure, wholes[0], sizes)
    for table, figures in unanswered.items():
        sentence = say("audit.density.untold", table=table, count=len(figures))
        cells = tuple(figure.place for figure in figures)
        yield Check("density", "cannot_tell", table, cells, say("audit.density.formula"), sentence)


def _quotients(row: Row, figure: Figure, whole: Row, sizes: Sequence[Figure]) -> Iterator[Check]:
    """Total / size; where several areas or populations are printed, any of them may be meant."""
    assert whole.value is not None
    if whole.value.unit.currency != figure.unit.currency:
        return
    what = say("audit.density.per_head" if figure.unit.below == ("person",) else "audit.density.per_area")
    comparisons = [
        Comparison("density", row, figure, computed, (whole.value, size), f"{whole.value} / {size}", what)
        for size in sizes
        if (computed := quotient(whole.value.interval, size.interval))
    ]
    held = next((comparison for comparison in comparisons if comparison.holds), None)
    if held or len(comparisons) == 1:
        yield (held or comparisons[0]).check()
    elif comparisons:
        yield comparisons[0].check(verdict="cannot_tell", why=say("audit.density.none_of", count=len(comparisons)))


def heads_of(rows: Sequence[Row]) -> dict[tuple[str, ...], list[Figure]]:
    """Population by account, region, subregion and year."""
    found: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for row in rows:
        if (
            row.quantity
            and row.quantity.unit.above == ("person",)
            and _POPULATION.search(f"{row.indicator} {row.service}")
        ):
            found[row.where].append(row.quantity)
    return found


# GDP and growth -------------------------------------------------------------------------------------------------------


def _totals(rows: Sequence[Row]) -> dict[tuple[str, ...], Figure]:
    """Figures in money of whatever a row is of, by where it is and what it is of; of everything by where alone."""
    found: dict[tuple[str, ...], Figure] = {}
    for row in rows:
        if (
            row.value
            and row.value.unit.currency
            and not row.value.unit.is_intensive
            and not row.family
            and not row.is_no_service
        ):
            found.setdefault((*row.where, row.ecosystem, row.category, row.service), row.value)
            if is_all(row.service) and is_all(row.category) and row.ecosystem == ALL:
                found.setdefault(row.where, row.value)
    for row in rows:  # an account without ecosystems has its total under none
        if row.value and (*row.where, "", ALL, ALL) in found:
            found.setdefault(row.where, found[*row.where, "", ALL, ALL])
    return found


def _to_gdp(rows: Sequence[Row]) -> Iterator[Check]:
    totals = _totals(rows)
    gdp = {
        row.where: row.value
        for row in rows
        if row.value and row.value.unit.currency and (_GDP.match(row.indicator) or _GDP.match(row.service))
    }
    for row in rows:
        figure = row.value
        if figure is None or figure.unit.above or not _RATIO_TO_GDP.search(row.indicator or row.service):
            continue
        whole, product = totals.get(row.where), gdp.get(row.where)
        computed = quotient(whole.interval, product.interval) if whole and product else None
        if whole is None or product is None or computed is None:
            yield untold("gdp", row, (figure,), "GEP / GDP", say("audit.gdp.untold"))
            continue
        what = say("audit.gdp.what")
        yield Comparison("gdp", row, figure, computed, (whole, product), f"{whole} / {product}", what).check()


def _growth(rows: Sequence[Row]) -> Iterator[Check]:
    """A change between two years, as an amount or in percent, against the figures of those years; its percentage in a
    note.
    """
    totals = _totals(rows)
    for row in rows:
        years = _years_of_change(row)
        figure = row.value
        if figure is None or not years or _NOT_OF_THE_TOTAL.search(row.indicator) or figure.unit.is_intensive:
            continue
        first, last = (_total_of(row, year, totals) for year in years)
        if first and last and (check := _change_check(row, figure, first, last)):
            yield check
        percent = _SIGNED_PERCENT.search(row.note)
        if (
            last
            and percent
            and figure.unit.kind == last.unit.kind
            and (check := _percent_check(row, figure, last, percent[1]))
        ):
            yield check


def _years_of_change(row: Row) -> tuple[str, str] | None:
    """The two years that a row of change compares."""
    if not _CHANGE.search(row.indicator):
        return None
    years = _YEARS.search(row.indicator)
    if years:
        return years[1], years[2]
    is_yearly = _OF_THE_YEAR_BEFORE.search(row.indicator) and re.fullmatch(r"(?:19|20)\d\d", row.year)
    return (str(int(row.year) - 1), row.year) if is_yearly else None


def _total_of(row: Row, year: str, totals: Mapping[tuple[str, ...], Figure]) -> Figure | None:
    place = (*row.where[:3], year)
    return totals.get((*place, row.ecosystem, row.category, row.service)) or (
        totals.get(place)
        if row.service in ("", ALL) and row.category in ("", ALL) and row.ecosystem in ("", ALL)
        else None
    )


def _change_check(row: Row, figure: Figure, first: Figure, last: Figure) -> Check | None:
    if figure.unit.above:
        computed: Interval | None = last.interval - first.interval
        formula = f"{last.printed.text} - {first.printed.text}"
    else:
        ratio = quotient(last.interval, first.interval)
        computed, formula = (ratio - _ONE if ratio else None), f"{last.printed.text} / {first.printed.text} - 1"
    if computed is None:
        return None
    comparison = Comparison("growth", row, figure, computed, (first, last), formula, say("audit.growth.what"))
    if not comparison.holds and not figure.unit.text:  # a rate without a unit is mostly in percent
        comparison = replace(comparison, figure=replace(figure, unit=read_unit("%")))
    return comparison.check()


def _percent_check(row: Row, change: Figure, last: Figure, text: str) -> Check | None:
    printed = read_figure(text)
    computed = quotient(change.interval, last.interval - change.interval)
    if printed is None or computed is None:
        return None
    figure = Figure(printed, read_unit("%"), say("audit.place.note", place=row.place))
    formula = f"{change.printed.text} / ({last.printed.text} - {change.printed.text})"
    return Comparison("growth", row, figure, computed, (change, last), formula, say("audit.growth.percent")).check()
