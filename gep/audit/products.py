"""Quantity times price is value; area times unit value is value, also where the unit value stands in another row or
table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from gep.audit.figures import ALL, MOLAR_MASSES, Figure, PrintedUnit, Row
from gep.audit.findings import Cause, Check, Comparison, unit_cause
from gep.audit.printed import Interval, read_figure, total

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
    for row in rows:
        siblings = by_thing[*row.where, row.ecosystem, row.category, row.service]
        if row.quantity and row.price and row.value:
            yield from _row_checks(row, row.quantity, row.price, row.value, siblings)
    yield from _unit_value_checks(rows)
    yield from _summed_unit_values(rows)


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
        return _unknown(
            "product",
            row,
            (quantity, price, value),
            formula,
            f"the unit `{words}` is only words",
            f"单位“{words}”仅为文字",
        )
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
        return comparison.check(
            verdict="cannot_tell",
            why_en="It holds only if the price was rounded for printing.",
            why_zh="仅当单价为四舍五入后的数时成立。",
        )
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
    return Comparison(
        "product",
        row.label(),
        value,
        computed,
        (quantity, printed_price),
        formula,
        "quantity × price is",
        "实物量 × 单价为 ",
    )


def _of_other_units(row: Row, comparison: Comparison, quantity: Figure, price: Figure) -> Check:
    """Units whose product is no money: a slip of the unit where the numbers agree all the same, else no answer."""
    value = comparison.figure
    if comparison.holds and _may_be_meant(quantity.unit, price.unit, value.unit):
        return comparison.check()
    if comparison.holds and quantity.unit.above and price.unit.below and price.unit.currency == value.unit.currency:
        cause = unit_cause(quantity.unit, price.unit)
        cells, arithmetic = (value.place, quantity.place, price.place), f"{comparison.formula}; printed {value}"
        return Check(
            "product",
            "fails",
            row.label(),
            cells,
            arithmetic,
            f"{row.label()}: {cause.en}.",
            f"{row.label()}：{cause.zh}。",
            cause,
        )
    lacking = [
        (en, zh)
        for figure, en, zh in ((quantity, "quantity", "实物量"), (price, "price", "单价"), (value, "value", "价值"))
        if not figure.unit.text.strip()
    ]
    if lacking:
        agrees = _agreeing_multiple(comparison)
        names, names_zh = " and ".join(en for en, _ in lacking), "、".join(zh for _, zh in lacking)
        said = f"no unit is printed for its {names}" + (f"; the numbers agree if that is {agrees}" if agrees else "")
        said_zh = f"未列出{names_zh}的单位" + (f"；若为 {agrees} 则数值一致" if agrees else "")
        return _unknown("product", row, (quantity, price, value), comparison.formula, said, said_zh)
    made = f"`{quantity.unit.text}` × `{price.unit.text}`"
    return _unknown(
        "product", row, (quantity, price, value), comparison.formula, f"{made} does not make `{value.unit.text}`",
        f"{made} 得不到 `{value.unit.text}`",
    )  # fmt: skip


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
        what = f"the price is per t {per}, the quantity is {of}"
        return _unknown(
            "product",
            row,
            (quantity, price, comparison.figure),
            comparison.formula,
            what,
            f"单价为每吨 {per}，实物量为 {of}",
        )
    right = Comparison(
        "product", row.label(), comparison.figure, comparison.computed * ratio, comparison.parts,
        f"{comparison.formula} × {masses[0]}/{masses[1]}", "quantity × price, with the molar masses, is", "按分子量换算后实物量 × 单价为 ",
    )  # fmt: skip
    cause = Cause("carbon_or_co2", f"a price per t {per} used on t {of}", f"每吨 {per} 的单价用于吨 {of}")
    return right.check(cause=None if right.holds else cause)


def _substances_differ(quantity: PrintedUnit, price: PrintedUnit) -> bool:
    of, per = quantity.substances[0], price.substances[1]
    return bool(of and per and of != per)


def _unknown(kind: str, row: Row, figures: Sequence[Figure], formula: str, why_en: str, why_zh: str) -> Check:
    cells = tuple(figure.place for figure in figures)
    return Check(
        kind, "cannot_tell", row.label(), cells, formula, f"{row.label()}: {why_en}.", f"{row.label()}：{why_zh}。"
    )


def _rent_checks(row: Row, quantity: Figure, price: Figure, value: Figure, siblings: Sequence[Row]) -> Iterator[Check]:
    """Resource rent: revenue less costs. Revenue is quantity times price where it is printed."""
    costs = [other.price for other in siblings if other.price and not other.quantity and _COST.search(other.indicator)]
    if not costs:
        yield _unknown(
            "product",
            row,
            (quantity, price, value),
            f"{quantity} × ({price} - costs)",
            "no costs are printed for this rent",
            "未列出成本",
        )
    else:
        net = price.interval - total([cost.interval for cost in costs])
        formula = f"{quantity} × ({price} - {' - '.join(cost.printed.text for cost in costs)})"
        yield Comparison(
            "product", row.label(), value, quantity.interval * net, (quantity, price, *costs), formula,
            "quantity × (price - costs) is", "实物量 ×（单价 - 成本）为 ",
        ).check()  # fmt: skip
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
            what = f"{of_table}: {len(unused)} unit values, and no area printed to apply them to"
            yield Check(
                "product",
                "cannot_tell",
                of_table,
                cells,
                "area × unit value",
                f"{what}.",
                f"{of_table}：{len(unused)} 个单位面积价值，未列出面积。",
            )


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
    comparison = Comparison(
        "product",
        whole.label(),
        whole.value,
        computed,
        figures,
        formula,
        "the sum of area × unit value is",
        "面积 × 单位面积价值之和为 ",
    )
    if comparison.holds or not lacking or whole.value.interval.gap(computed) < 0:
        return comparison.check()
    why = f"The area of {lacking} more is not printed."
    return comparison.check(verdict="cannot_tell", why_en=why, why_zh=f"另有 {lacking} 项未列出面积。")


def _by_table(groups: Iterable[Sequence[Row]]) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = defaultdict(list)
    for group in groups:
        for row in group:
            tables[row.table].append(row)
    return tables
