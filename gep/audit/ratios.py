"""Quotients of printed figures: shares, values per area and per head, ratios to GDP, growth."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gep.audit.figures import ALL, Figure, Row, is_all, read_unit
from gep.audit.findings import Cause, Check, Comparison
from gep.audit.products import areas_of
from gep.printed import Interval, read_figure

_SHARES = (
    re.compile(r"\bshare\s*(?:of [\w ]+?)?[:=]?\s*(\d+(?:\.\d+)?)\s*%", re.IGNORECASE),
    re.compile(r"(\d+(?:\.\d+)?)\s*%\s*of (?:the )?(?:GEP|total)\b", re.IGNORECASE),
    re.compile(r"(?:占比|比重|占总(?:值|量)?(?:的)?|占GEP(?:的)?)\s*[:：为]?\s*(\d+(?:\.\d+)?)\s*[%％]"),
)
_CHANGE = re.compile(r"change|growth|increase|增长|变化|增加", re.IGNORECASE)
_YEARS = re.compile(r"((?:19|20)\d\d)\s*[-–—~至到]\s*((?:19|20)\d\d)")
_SIGNED_PERCENT = re.compile(r"([+-]\d+(?:\.\d+)?)\s*%")
_RATIO_TO_GDP = re.compile(r"\b(?:GEP\s*/\s*GDP|GGI)\b|与GDP(?:之)?比", re.IGNORECASE)
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


# shares ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Share:
    row: Row
    figure: Figure
    part: Figure
    wholes: tuple[Figure, ...]

    def of(self, whole: Figure) -> Comparison:
        computed = self.part.interval / whole.interval
        formula = f"{self.part.printed.text} / {whole.printed.text}"
        return Comparison(
            "share", self.row.label(), self.figure, computed, (self.part, whole), formula, "its share of the total is", "占总值的份额为 "
        )


def _share_checks(rows: Sequence[Row]) -> Iterator[Check]:
    by_region: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        by_region[row.account, row.region, row.year].append(row)
    failed: dict[tuple[str, ...], list[_Share]] = defaultdict(list)
    listed: dict[tuple[str, ...], Fraction] = defaultdict(Fraction)
    for row in rows:
        share = _share_of(row, by_region[row.account, row.region, row.year])
        if share is None:
            continue
        listed[row.account, row.region, row.year, row.source] += share.figure.printed.value
        comparisons = [share.of(whole) for whole in share.wholes if not whole.interval.low <= 0 <= whole.interval.high]
        held = next((comparison for comparison in comparisons if comparison.holds), None)
        if held:
            yield held.check()
        elif comparisons:
            failed[row.account, row.region, row.year, row.source].append(share)
    for key, shares in failed.items():
        cause = _common_denominator(shares)
        for share in shares:
            nearest = min((share.of(whole) for whole in share.wholes), key=lambda comparison: abs(comparison.units_off))
            if listed[key] == _WHOLE_IN_PERCENT and abs(nearest.units_off) < 1:
                why_en = "The shares print 100 in all, so one may have been rounded the other way to make them do so."
                yield nearest.check(verdict="cannot_tell", why_en=why_en, why_zh="各份额合计恰为 100，可能为凑整而调整。")
            else:
                yield nearest.check(cause=cause)


def _share_of(row: Row, others: Sequence[Row]) -> _Share | None:
    """The share that a note prints, with the figure that it is of and the totals that it may be a share of."""
    match = next((found for pattern in _SHARES if (found := pattern.search(row.note))), None)
    part = row.value or row.quantity
    if not match or part is None:
        return None
    printed = read_figure(match[1])
    assert printed is not None
    measure = "value" if row.value else "quantity"
    wholes = tuple(
        whole
        for other in others
        if other is not row and (whole := other.figure(measure)) and whole.unit.kind == part.unit.kind and _is_part_of(row, other)
    )
    return _Share(row, Figure(printed, read_unit("%"), f"{row.place}, note"), part, wholes)


def _is_part_of(row: Row, other: Row) -> bool:
    """Whether one row is a part of another: the same, or a total, in every respect, and a total in one at least."""
    pairs = [(row.ecosystem, other.ecosystem), (row.category, other.category), (row.service, other.service)]
    is_within = all(b in (a, ALL) for a, b in pairs) and other.subregion in (row.subregion, "") and other.family in ("", row.family)
    return is_within and (any(a != b for a, b in pairs) or bool(row.family and not other.family))


def _common_denominator(shares: Sequence[_Share]) -> Cause | None:
    """A denominator other than the printed total that explains all shares that do not hold."""
    low = max(share.part.interval.low / share.figure.interval.high for share in shares)
    high = min(share.part.interval.high / share.figure.interval.low for share in shares if share.figure.interval.low > 0)
    if len(shares) < 2 or low > high:
        return None
    unit = shares[0].part.unit
    ends = f"{float(low / unit.factor):.4g} and {float(high / unit.factor):.4g}"
    return Cause(
        "other_denominator",
        f"another denominator: all {len(shares)} shares hold of a total between {ends} {unit.text}",
        f"分母不同：{len(shares)} 个份额均对应 {ends.replace(' and ', '～')} {unit.text} 的总值",
    )


# per area, per head ------------------------------------------------------------------------------------------------------------------


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
        sizes = heads[where] if figure.unit.below == ("person",) else next(
            (found for name in (row.ecosystem, "", ALL) if (found := areas.get((*where, name)))), []
        )  # fmt: skip
        if not wholes or not sizes:
            unanswered[row.table].append(figure)
            continue
        yield from _quotients(row, figure, wholes[0], sizes[0])
    for table, figures in unanswered.items():
        what = f"{table}: {len(figures)} values per area or per head, whose total, area or population is not printed"
        zh = f"{table}：{len(figures)} 个单位面积或人均价值，未列出相应总值、面积或人口。"
        yield Check("density", "cannot_tell", table, tuple(f.place for f in figures), "total / size", f"{what}.", zh)


def _quotients(row: Row, figure: Figure, whole: Row, size: Figure) -> Iterator[Check]:
    assert whole.value is not None
    if whole.value.unit.currency != figure.unit.currency or size.interval.low <= 0:
        return
    per_zh = "人均" if figure.unit.below == ("person",) else "单位面积"
    formula = f"{whole.value} / {size}"
    yield Comparison(
        "density", row.label(), figure, whole.value.interval / size.interval, (whole.value, size), formula, "total / size is", f"{per_zh}价值应为 "
    ).check()  # fmt: skip


def heads_of(rows: Sequence[Row]) -> dict[tuple[str, ...], list[Figure]]:
    """Population by account, region, subregion and year."""
    found: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for row in rows:
        if row.quantity and row.quantity.unit.above == ("person",) and _POPULATION.search(f"{row.indicator} {row.service}"):
            found[row.where].append(row.quantity)
    return found


# GDP and growth ----------------------------------------------------------------------------------------------------------------------


def _grand_totals(rows: Sequence[Row]) -> dict[tuple[str, ...], Row]:
    """The total of everything, by account, region, subregion and year."""
    return {
        row.where: row
        for row in rows
        if row.value
        and row.value.unit.currency
        and not row.value.unit.is_intensive
        and not row.family
        and is_all(row.service)
        and is_all(row.category)
    }


def _to_gdp(rows: Sequence[Row]) -> Iterator[Check]:
    totals = _grand_totals(rows)
    gdp = {
        row.where: row.value
        for row in rows
        if row.value and row.value.unit.currency and (_GDP.match(row.indicator) or _GDP.match(row.service))
    }
    for row in rows:
        figure = row.value
        if figure is None or figure.unit.above or not _RATIO_TO_GDP.search(row.indicator):
            continue
        key = row.where
        if key not in totals or key not in gdp or gdp[key].interval.low <= 0:
            yield Check(
                "gdp",
                "cannot_tell",
                row.label(),
                (figure.place,),
                "GEP / GDP",
                f"{row.label()}: total or GDP is not printed.",
                f"{row.label()}：未列出总值或 GDP。",
            )
            continue
        whole = totals[key].value
        assert whole is not None
        yield Comparison(
            "gdp", row.label(), figure, whole.interval / gdp[key].interval, (whole, gdp[key]), f"{whole} / {gdp[key]}", "GEP / GDP is", "与 GDP 之比为 "
        ).check()  # fmt: skip


def _growth(rows: Sequence[Row]) -> Iterator[Check]:
    """A change between two years, as an amount or in percent, against the totals of those years; its percentage in a note."""
    totals = _grand_totals(rows)
    for row in rows:
        years = _YEARS.search(row.indicator)
        figure = row.value
        if figure is None or not years or not _CHANGE.search(row.indicator):
            continue
        first, last = (totals.get((row.account, row.region, row.subregion, year)) for year in years.groups())
        if first and last and first.value and last.value:
            yield _change_check(row, figure, first.value, last.value)
        percent = _SIGNED_PERCENT.search(row.note)
        if last and last.value and percent and figure.unit.kind == last.value.unit.kind:
            yield _percent_check(row, figure, last.value, percent[1])


def _change_check(row: Row, figure: Figure, first: Figure, last: Figure) -> Check:
    difference = last.interval - first.interval
    if figure.unit.above:
        computed, formula = difference, f"{last.printed.text} - {first.printed.text}"
    else:
        computed, formula = last.interval / first.interval - _ONE, f"{last.printed.text} / {first.printed.text} - 1"
    return Comparison("growth", row.label(), figure, computed, (first, last), formula, "the change is", "变化为 ").check()


def _percent_check(row: Row, change: Figure, last: Figure, text: str) -> Check:
    printed = read_figure(text)
    assert printed is not None
    figure = Figure(printed, read_unit("%"), f"{row.place}, note")
    computed = change.interval / (last.interval - change.interval)
    formula = f"{change.printed.text} / ({last.printed.text} - {change.printed.text})"
    return Comparison("growth", row.label(), figure, computed, (change, last), formula, "the change in percent is", "变化率为 ").check()
