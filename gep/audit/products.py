"""Quantity times price is value; area times unit value is value, also where the unit value stands in another row or
table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from gep.audit.figures import ALL, MOLAR_MASSES, Figure, PrintedUnit, Row
from gep.audit.findings import Cause, Check, Comparison, unit_cause, untold
from gep.audit.printed import Interval, read_figure, total
from gep.core.messages import Text, joined, say

_CORRECTION = re.compile(
    r"(?:correction (?:coefficient|factor)|adjustment factor|修正系数|调整系数)\s*[:：=]?\s*(\d+(?:\.\d+)?)",
    re.IGNORECASE,
)
_RENT = re.compile(r"resource rent|资源租金", re.IGNORECASE)
_COST = re.compile(r"\bcosts?\b|成本", re.IGNORECASE)
_REVENUE = re.compile(r"^(?:gross )?revenue$|^收入$|^总收入$", re.IGNORECASE)
_COMPUTED = re.compile(r"computed|derived|mean of|推算|计算", re.IGNORECASE)
_EXTENT = re.compile(r"extent|\barea\b|面积", re.IGNORECASE)


def product_checks(rows: Sequence[Row]) -> Iterator[Check]:
    """Every row that prints quantity, price and value; then unit values of other rows."""
    by_thing: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        by_thing[*row.where, row.ecosystem, row.category, row.service].append(row)
    without_units: list[Check] = []
    for row in rows:
        siblings = by_thing[*row.where, row.ecosystem, row.category, row.service]
        if row.quantity and row.price and row.value:
            found = _row_checks(row, row.quantity, row.price, row.value, siblings)
            if any(figure.unit.text.strip() for figure in (row.quantity, row.price, row.value)):
                yield from found
            else:
                without_units += found
    yield from _of_no_units(without_units)
    yield from _unit_value_checks(rows)
    yield from _summed_unit_values(rows)


def _of_no_units(checks: Sequence[Check]) -> Iterator[Check]:
    """Products of which no figure prints a unit fail only where most hold as the numbers stand: they may be in 万元
    and yuan.
    """
    held = sum(check.verdict == "holds" for check in checks)
    for check in checks:
        if check.verdict == "fails" and check.comparison is not None and held * 2 < len(checks):
            why = _why_no_money(check.comparison)
            yield check.comparison.check(verdict="cannot_tell", why=why)
        else:
            yield check


def _row_checks(row: Row, quantity: Figure, price: Figure, value: Figure, siblings: Iterable[Row]) -> Iterator[Check]:
    if _RENT.search(row.indicator):
        yield from _rent_checks(row, quantity, price, value, list(siblings))
        return
    factor, formula = _correction(row)
    yield _product_check(row, quantity, price, value, factor, formula)


def _correction(row: Row) -> tuple[Interval, str]:
    """A factor that a note says was applied, and how to show it."""
    match = _CORRECTION.search(row.note)
    if not match:
        return Interval.exact(1), ""
    printed = read_figure(match[1])
    assert printed is not None
    return (printed.interval if "." in match[1] else Interval.exact(printed.value)), f" × {match[1]}"


def _product_check(row: Row, quantity: Figure, price: Figure, value: Figure, factor: Interval, said: str) -> Check:
    made = quantity.unit.times(price.unit)
    formula = f"{quantity} × {price}{said}"
    if quantity.unit.is_words or price.unit.is_words or value.unit.is_words:
        words = next(figure.unit.text for figure in (quantity, price, value) if figure.unit.is_words)
        return untold("product", row, (quantity, price, value), formula, say("audit.product.words", unit=words))
    comparison = _comparison(row, quantity, price.exact, price, value, factor, formula)
    if made.kind != value.unit.kind:
        return _of_other_units(row, comparison, quantity, price)
    if _substances_differ(quantity.unit, price.unit):
        return _of_other_substance(row, comparison, quantity, price)
    if comparison.holds:
        return comparison.check()
    rounded = _comparison(row, quantity, price.interval, price, value, factor, formula)
    if rounded.holds and _COMPUTED.search(f"{price.unit.remark} {row.note}"):
        return rounded.check()
    if rounded.holds:
        return comparison.check(verdict="cannot_tell", why=say("audit.product.rounded_price"))
    if (
        said
        and (
            plain := _comparison(row, quantity, price.exact, price, value, Interval.exact(1), f"{quantity} × {price}")
        ).holds
    ):
        return plain.check()  # what is printed has the correction in it already
    return comparison.check()


def _comparison(
    row: Row, quantity: Figure, price: Interval, printed_price: Figure, value: Figure, factor: Interval, formula: str
) -> Comparison:
    computed = quantity.interval * price * factor
    return Comparison("product", row, value, computed, (quantity, printed_price), formula, say("audit.product.what"))


def _of_other_units(row: Row, comparison: Comparison, quantity: Figure, price: Figure) -> Check:
    """Units whose product is no money: a slip of the unit where the numbers agree all the same, else no answer."""
    value = comparison.figure
    if comparison.holds and _may_be_meant(quantity.unit, price.unit, value.unit):
        return comparison.check()
    if comparison.holds and quantity.unit.above and price.unit.below and price.unit.currency == value.unit.currency:
        cause = unit_cause(quantity.unit, price.unit)
        cells = (value.place, quantity.place, price.place)
        arithmetic = say("audit.product.beside", formula=comparison.formula, printed=str(value))
        sentence = say("audit.finding", subject=row.label(), finding=cause.text)
        return Check("product", "fails", row.label(), cells, arithmetic, sentence, cause)
    return untold("product", row, (quantity, price, value), comparison.formula, _why_no_money(comparison))


def _why_no_money(comparison: Comparison) -> Text:
    """What keeps quantity × price from being money: a unit that is not printed, or units that do not fit."""
    (quantity, price), value = comparison.parts, comparison.figure
    figures = {"quantity": quantity, "price": price, "value": value}
    lacking = [say(f"audit.measure.{name}") for name, figure in figures.items() if not figure.unit.text.strip()]
    if not lacking:
        units = {name: figure.unit.text for name, figure in figures.items()}
        return say("audit.product.no_money", **units)
    names, agrees = joined(lacking, " and ", "、"), _agreeing_multiple(comparison)
    if agrees:
        return say("audit.product.no_unit_but", names=names, unit=agrees)
    return say("audit.product.no_unit", names=names)


def _agreeing_multiple(comparison: Comparison) -> str:
    """The power of ten, like 1e8, in which a value without a unit would agree; empty where none does."""
    figure = comparison.figure
    for power in range(1, 13):
        if not figure.unit.text and (figure.interval * Interval.exact(10**power)).meets(comparison.computed):
            return f"1e{power} {comparison.parts[1].unit.currency}".strip()
    return ""


def _may_be_meant(quantity: PrintedUnit, price: PrintedUnit, value: PrintedUnit) -> bool:
    """Units that leave something out, or say person for visit: nothing in them is wrong."""
    if not (quantity.text.strip() and price.text.strip() and value.text.strip()):
        return True
    if price.currency == value.currency and not price.below:
        return True  # a unit price in plain yuan is per unit of the quantity
    heads = {"person", "visit"}
    return price.currency == value.currency and set(quantity.above) <= heads and set(price.below) <= heads


def _of_other_substance(row: Row, comparison: Comparison, quantity: Figure, price: Figure) -> Check:
    """A price per t C on t CO2, or the other way round: right only with the ratio of molar masses."""
    of, per = quantity.unit.substances[0], price.unit.substances[1]
    masses = [MOLAR_MASSES.get(substance) for substance in (per, of)]
    ratio = (
        Interval.exact(Fraction(masses[0], masses[1]))
        if masses[0] and masses[1] and {of, per} == {"C", "CO2"}
        else None
    )
    if ratio is None:
        why = say("audit.product.other_substance", price=per, quantity=of)
        return untold("product", row, (quantity, price, comparison.figure), comparison.formula, why)
    right = replace(
        comparison,
        computed=comparison.computed * ratio,
        formula=f"{comparison.formula} × {masses[0]}/{masses[1]}",
        what=say("audit.product.by_mass"),
    )
    cause = Cause("carbon_or_co2", say("audit.cause.substance", price=per, quantity=of))
    return right.check(cause=None if right.holds else cause)


def _substances_differ(quantity: PrintedUnit, price: PrintedUnit) -> bool:
    of, per = quantity.substances[0], price.substances[1]
    return bool(of and per and of != per)


def _rent_checks(row: Row, quantity: Figure, price: Figure, value: Figure, siblings: Sequence[Row]) -> Iterator[Check]:
    """Resource rent: revenue less costs. Revenue is quantity times price where it is printed."""
    costs = [other.price for other in siblings if other.price and not other.quantity and _COST.search(other.indicator)]
    if not costs:
        formula: str = say("audit.product.less_costs", quantity=str(quantity), price=str(price))
        yield untold("product", row, (quantity, price, value), formula, say("audit.product.no_costs"))
    else:
        net = quantity.interval * (price.interval - total([cost.interval for cost in costs]))
        formula = f"{quantity} × ({price} - {' - '.join(cost.printed.text for cost in costs)})"
        parts, what = (quantity, price, *costs), say("audit.product.rent")
        yield Comparison("product", row, value, net, parts, formula, what).check()
    for other in siblings:
        if other.value and _REVENUE.match(other.indicator.strip()):
            yield _product_check(other, quantity, price, other.value, Interval.exact(1), "")


# unit values of other rows --------------------------------------------------------------------------------------------


def is_area_price(unit: PrintedUnit) -> bool:
    """Whether a unit is money per area."""
    return bool(unit.currency) and unit.below == ("m^2",)


def is_area(unit: PrintedUnit) -> bool:
    """Whether a unit is an area."""
    return unit.kind == (("m^2",), ())


def areas_of(rows: Iterable[Row]) -> dict[tuple[str, ...], list[Figure]]:
    """Extents by account, region, subregion, year and ecosystem."""
    found: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for row in rows:
        if (
            row.quantity
            and is_area(row.quantity.unit)
            and not row.service
            and _EXTENT.search(row.indicator or "extent")
        ):
            found[*row.where, row.ecosystem].append(row.quantity)
    return found


def _unit_value_checks(rows: Sequence[Row]) -> Iterator[Check]:
    """Area times a unit value that a row of its own prints, matched by ecosystem, service and year; one without year
    serves all.
    """
    extents = areas_of(rows)
    tables: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row.price and is_area_price(row.price.unit) and not row.value and not row.quantity:
            tables[row.account, row.region, row.ecosystem, row.service].append(row)
    used: set[str] = set()
    for row in rows:
        if not row.value or row.value.unit.currency == "" or row.value.unit.is_intensive:
            continue
        for other in tables[row.account, row.region, row.ecosystem, row.service]:
            if other.price is None or other.year not in ("", row.year) or other.subregion not in ("", row.subregion):
                continue
            own = [row.quantity] if row.quantity and is_area(row.quantity.unit) else []
            for area in own or extents[*row.where, row.ecosystem][:1]:
                used.add(other.place)
                yield _product_check(row, area, other.price, row.value, Interval.exact(1), "")
    for of_table, entries in _by_table(tables.values()).items():
        unused = [row for row in entries if row.place not in used]
        if unused and len(unused) == len(entries):
            cells = tuple(row.price.place for row in unused if row.price)
            formula = say("audit.product.area_times_price")
            sentence = say("audit.product.no_area", table=of_table, count=len(unused))
            yield Check("product", "cannot_tell", of_table, cells, formula, sentence)


def _summed_unit_values(rows: Sequence[Row]) -> Iterator[Check]:
    """A total over ecosystems against the sum of area × unit value, where these are printed without the products."""
    unpriced: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row.price and is_area_price(row.price.unit) and not row.value and row.ecosystem not in ("", ALL):
            unpriced[row.where].append(row)
    for whole in rows:
        if not (
            whole.value
            and whole.value.unit.currency
            and not whole.value.unit.is_intensive
            and whole.ecosystem == ALL
            and not whole.family
        ):
            continue
        mine = [
            row
            for row in unpriced.get(whole.where, ())
            if row.category == whole.category
            and (
                row.service == whole.service
                if ALL in (whole.category, row.service)
                else whole.service in (ALL, row.service)
            )
        ]
        known = [(row.quantity, row.price) for row in mine if row.quantity and row.price and is_area(row.quantity.unit)]
        if known:
            yield _summed_check(whole, known, lacking=len(mine) - len(known))


def _summed_check(whole: Row, known: Sequence[tuple[Figure, Figure]], lacking: int) -> Check:
    assert whole.value is not None
    computed = total([area.interval * price.exact for area, price in known])
    figures = tuple(figure for pair in known for figure in pair)
    formula = " + ".join(f"{area.printed.text} × {price.printed.text}" for area, price in known)
    what = say("audit.product.sum_of_areas")
    comparison = Comparison("product", whole, whole.value, computed, figures, formula, what)
    if comparison.holds or not lacking or whole.value.interval.gap(computed) < 0:
        return comparison.check()
    return comparison.check(verdict="cannot_tell", why=say("audit.product.areas_lacking", count=lacking))


def _by_table(groups: Iterable[Sequence[Row]]) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = defaultdict(list)
    for group in groups:
        for row in group:
            tables[row.table].append(row)
    return tables
