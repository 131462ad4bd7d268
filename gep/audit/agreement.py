"""Figures that must agree without being a sum: the same figure twice, identities that most rows of a table keep, carbon
and its compounds, one price.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from gep.audit.figures import ALL, MEASURES, MOLAR_MASSES, Figure, Row
from gep.audit.findings import Check, Comparison
from gep.audit.printed import Interval, quotient, total
from gep.audit.products import areas_of, is_area, is_area_price
from gep.core.messages import joined, say


def agreement_checks(rows: Sequence[Row]) -> Iterator[Check]:
    """Every figure that another one fixes."""
    yield from _printed_twice(rows)
    yield from _one_area(rows)
    yield from _kept_identities(rows)
    yield from _stoichiometry(rows)
    yield from _one_price_of_water(rows)
    yield from _woods_and_stands(rows)


# the same figure twice ------------------------------------------------------------------------------------------------


def _printed_twice(rows: Sequence[Row]) -> Iterator[Check]:
    """One thing in two tables. Within a table, rows of one name are told apart by something else that it prints."""
    seen: dict[tuple[object, ...], list[tuple[Row, Figure]]] = defaultdict(list)
    for row in rows:
        for measure in MEASURES:
            figure = row.figure(measure)
            if figure and not figure.unit.is_words and row.region and row.year:
                thing = (*row.where, row.ecosystem, row.category, row.service, row.family, figure.unit.remark)
                seen[*thing, measure, figure.unit.kind, figure.unit.is_yearly].append((row, figure))
    for entries in seen.values():
        row, first = entries[0]
        for other, figure in entries[1:]:
            if other.source_key == row.source_key:
                continue
            formula = say("audit.twice.elsewhere", figure=str(first), place=first.place)
            what = say("audit.twice.what")
            yield Comparison("twice", other, figure, first.interval, (first,), formula, what).check()


_ENOUGH_TO_OUTVOTE = 3


def _one_area(rows: Sequence[Row]) -> Iterator[Check]:
    """The area of an ecosystem beside several unit values: one that differs from the rest by a digit is a slip."""
    areas: dict[tuple[str, ...], list[tuple[Row, Figure]]] = defaultdict(list)
    for row in rows:
        if row.quantity and is_area(row.quantity.unit) and row.price and is_area_price(row.price.unit):
            areas[*row.where, row.ecosystem].append((row, row.quantity))
    for entries in areas.values():
        counted = Counter(figure.interval.middle for _, figure in entries)
        usual, times = counted.most_common(1)[0]
        if times < _ENOUGH_TO_OUTVOTE:
            continue
        model = next(figure for _, figure in entries if figure.interval.middle == usual)
        for row, figure in entries:
            is_alike = sum(a != b for a, b in zip(figure.printed.text, model.printed.text, strict=False)) <= 1
            if figure is not model and (
                figure.interval.middle == usual or (is_alike and len(figure.printed.text) == len(model.printed.text))
            ):
                formula = say("audit.twice.in_rows", figure=str(model), count=times)
                what = say("audit.twice.area")
                yield Comparison("twice", row, figure, model.interval, (model,), formula, what).check()


# identities that a table keeps ----------------------------------------------------------------------------------------

_FEWEST_ROWS, _MOST_INDICATORS = 4, 8
_KEPT = Fraction(4, 5)
"""An identity that holds in so many of the rows is one that the table means to keep."""


def _kept_identities(rows: Sequence[Row]) -> Iterator[Check]:
    """Indicators of which one is the sum of others in nearly all rows, like `direct value = stumpage + under-forest
    products`.
    """
    lines: dict[tuple[object, ...], dict[str, tuple[Row, Figure]]] = defaultdict(dict)
    table_of: dict[tuple[object, ...], tuple[str, ...]] = {}
    for row in rows:
        figure = row.value
        if figure and row.indicator and not figure.unit.is_intensive and not figure.unit.is_words:
            key = (*row.where, *row.source_key, row.ecosystem, row.category, row.service, figure.unit.kind)
            lines[key][row.indicator] = (row, figure)
            table_of[key] = (row.account, *row.source_key)
    tables: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Mapping[str, tuple[Row, Figure]]]] = defaultdict(list)
    for thing, line in lines.items():
        tables[table_of[thing], tuple(sorted(line))].append(line)
    for (_, names), same in tables.items():
        if len(same) >= _FEWEST_ROWS and len(names) <= _MOST_INDICATORS:
            for whole in names:
                yield from _identity_of(whole, [name for name in names if name != whole], same)


def _identity_of(
    whole: str, others: Sequence[str], lines: Sequence[Mapping[str, tuple[Row, Figure]]]
) -> Iterator[Check]:
    """The smallest set of others that sums to an indicator in most lines."""
    for size in range(2, len(others) + 1):
        for parts in combinations(others, size):
            if any(sum(line[name][1].printed.value == 0 for line in lines) * 2 > len(lines) for name in parts):
                continue
            comparisons = [_line_sum(line, whole, parts) for line in lines]
            if sum(comparison.holds for comparison in comparisons) >= len(lines) * _KEPT:
                yield from (comparison.check() for comparison in comparisons)
                return


def _line_sum(line: Mapping[str, tuple[Row, Figure]], whole: str, parts: Sequence[str]) -> Comparison:
    row, figure = line[whole]
    figures = tuple(line[name][1] for name in parts)
    formula = " + ".join(part.printed.text for part in figures)
    what = say("audit.sum.indicators", parts=joined(parts, " + "))
    return Comparison("sum", row, figure, total([f.interval for f in figures]), figures, formula, what)


# carbon, carbon dioxide, oxygen ---------------------------------------------------------------------------------------

_STOCK = re.compile(r"storage|stock|储量|碳储", re.IGNORECASE)
_OXYGEN_LOW, _OXYGEN_HIGH = Fraction(70, 100), Fraction(76, 100)
"""O2 per CO2 by photosynthesis: 32/44 = 0.727, or 1.19/1.63 = 0.730 and 1.2/1.63 = 0.736 of the dry matter."""


def _stoichiometry(rows: Sequence[Row]) -> Iterator[Check]:
    amounts: dict[tuple[str, ...], dict[str, list[tuple[Row, Figure]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        figure = row.quantity
        is_stock = _STOCK.search(f"{row.service} {row.indicator}")
        if (
            figure
            and figure.unit.above == ("t",)
            and not figure.unit.below
            and figure.unit.substances[0] in MOLAR_MASSES
            and not is_stock
        ):
            key = (*row.where, row.ecosystem, *row.source_key)
            amounts[key][figure.unit.substances[0]].append((row, figure))
    for found in amounts.values():
        if len(found["C"]) == 1 and len(found["CO2"]) == 1 and found["C"][0][0].service == found["CO2"][0][0].service:
            yield _carbon_check(found["C"][0][1], *found["CO2"][0])
        for fixed in ("CO2", "C"):
            if len(found[fixed]) == 1 and len(found["O2"]) == 1:
                yield _oxygen_check(fixed, found[fixed][0][1], *found["O2"][0])
                break


def _carbon_check(carbon: Figure, row: Row, dioxide: Figure) -> Check:
    ratio = Interval.exact(Fraction(MOLAR_MASSES["CO2"], MOLAR_MASSES["C"]))
    formula, what = f"{carbon} × 44/12", say("audit.carbon.dioxide")
    return Comparison("stoichiometry", row, dioxide, carbon.interval * ratio, (carbon,), formula, what).check()


def _oxygen_check(fixed: str, amount: Figure, row: Row, oxygen: Figure) -> Check:
    as_dioxide = Interval.exact(Fraction(MOLAR_MASSES["CO2"], MOLAR_MASSES[fixed]))
    computed = amount.interval * as_dioxide * Interval(_OXYGEN_LOW, _OXYGEN_HIGH)
    factor = "44/12 × " if fixed == "C" else ""
    low, high = f"{float(_OXYGEN_LOW):.2f}", f"{float(_OXYGEN_HIGH):.2f}"
    formula = say("audit.carbon.times_range", amount=str(amount), factor=factor, low=low, high=high)
    comparison = Comparison("stoichiometry", row, oxygen, computed, (amount,), formula, say("audit.carbon.oxygen"))
    if comparison.holds:
        return comparison.check()
    return comparison.check(verdict="warning", why=say("audit.carbon.other_bases"))


# one price of water ---------------------------------------------------------------------------------------------------

_WATER_TERMS = {
    "precipitation": re.compile(r"^(precipitation|rainfall|降水量|降雨量)$", re.IGNORECASE),
    "evapotranspiration": re.compile(r"^(actual )?evapotranspiration$|^(蒸散发量|蒸散量|蒸散发)$", re.IGNORECASE),
    "runoff": re.compile(r"^(surface )?runoff$|^(地表径流|径流量|地表径流量)$", re.IGNORECASE),
}
_WATER = re.compile(r"water (conservation|retention|yield)|水源涵养|涵养水源", re.IGNORECASE)


def _one_price_of_water(rows: Sequence[Row]) -> Iterator[Check]:
    """Value / (area × (P - ET - R)) is a price: one account has one, whatever the ecosystem."""
    terms: dict[tuple[str, ...], dict[str, Figure]] = defaultdict(dict)
    for row in rows:
        name = next((name for name, pattern in _WATER_TERMS.items() if pattern.match(row.indicator.strip())), None)
        if name and row.quantity and row.quantity.unit.above == ("m",):
            terms[*row.where, row.ecosystem][name] = row.quantity
    areas = areas_of(rows)
    prices: dict[tuple[str, ...], list[tuple[Row, Figure, Figure, Interval]]] = defaultdict(list)
    for row in rows:
        key = (*row.where, row.ecosystem)
        if row.value and _WATER.search(row.service) and len(terms[key]) == len(_WATER_TERMS) and areas.get(key):
            depth = (
                terms[key]["precipitation"].interval
                - terms[key]["evapotranspiration"].interval
                - terms[key]["runoff"].interval
            )
            price = quotient(row.value.interval, areas[key][0].interval * depth) if depth.low > 0 else None
            if price and price.low > 0:
                prices[key[:4]].append((row, row.value, areas[key][0], price))
    for found in prices.values():
        if len(found) > 1:
            yield _price_check(found)


def _price_check(found: Sequence[tuple[Row, Figure, Figure, Interval]]) -> Check:
    low, high = min(found, key=lambda entry: entry[3].middle), max(found, key=lambda entry: entry[3].middle)
    cells = tuple(place for _, value, area, _ in found for place in (value.place, area.place))
    implied = joined([f"{row.ecosystem} {float(price.middle):.1f}" for row, _, _, price in found], "; ", "；")
    arithmetic = say("audit.water.prices", prices=implied)
    subject = found[0][0].service
    if max(price.low for *_, price in found) <= min(price.high for *_, price in found):
        return Check("implied_price", "holds", subject, cells, arithmetic)
    sentence = say(
        "audit.water.two_prices",
        subject=subject,
        low=f"{float(low[3].middle):.1f}",
        ecosystem_of_low=low[0].ecosystem,
        high=f"{float(high[3].middle):.1f}",
        ecosystem_of_high=high[0].ecosystem,
    )
    off = low[1].interval.middle * (high[3].middle / low[3].middle - 1) / low[1].last_digit
    return Check("implied_price", "fails", subject, cells, arithmetic, sentence, None, float(off))


# woods and their stands -----------------------------------------------------------------------------------------------

_WOODS = re.compile(r"arbou?r forest|乔木林", re.IGNORECASE)
_SHRUB = re.compile(r"shrub|灌", re.IGNORECASE)
_SHRUB_OR_TREE = re.compile(r"buckthorn|沙棘|juniper|savin|柏|hazel|榛|saxaul|梭梭|tamarisk|柽柳", re.IGNORECASE)
"""Kinds that inventories put with the shrubs in one place and with the trees in another."""


def _woods_and_stands(rows: Sequence[Row]) -> Iterator[Check]:
    """Arbor forest as a whole against the stands of another table that are no shrub."""
    for whole in rows:
        if not (_WOODS.search(whole.ecosystem) and whole.is_whole_region):
            continue
        others = [
            row
            for row in rows
            if row.account == whole.account and row.source_key != whole.source_key and row.region == whole.region
        ]
        if not any(_SHRUB.search(row.ecosystem) for row in others):
            continue
        for measure in ("quantity", "value"):
            figure = whole.figure(measure)
            stands = _stands_beside(whole, measure, figure, others) if figure and not figure.unit.is_intensive else []
            if figure and len(stands) > 1:
                yield _stands_check(whole, figure, stands)


def _stands_beside(whole: Row, measure: str, figure: Figure, others: Sequence[Row]) -> list[tuple[Row, Figure]]:
    """Rows of single stands, without shrubs, that measure what a row of all arbor forest measures."""
    thing = (whole.year, whole.category, whole.service, whole.family)
    return [
        (row, part)
        for row in others
        if (row.year, row.category, row.service, row.family) == thing
        and not row.subregion
        and row.ecosystem not in ("", ALL, whole.ecosystem)
        and not _SHRUB.search(row.ecosystem)
        and (part := row.figure(measure))
        and part.unit.kind == figure.unit.kind
    ]


def _stands_check(whole: Row, figure: Figure, stands: Sequence[tuple[Row, Figure]]) -> Check:
    """With the kinds that are either, and without them: it fails where neither agrees."""
    options = [[part for _, part in stands], [part for row, part in stands if not _SHRUB_OR_TREE.search(row.ecosystem)]]
    comparisons = [
        Comparison(
            "cross_table",
            whole,
            figure,
            total([part.interval for part in parts]),
            tuple(parts),
            " + ".join(part.printed.text for part in parts),
            say("audit.sum.stands"),
        )
        for parts in options
        if len(parts) > 1
    ]
    return min(comparisons, key=lambda comparison: abs(comparison.units_off)).check()
