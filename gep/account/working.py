"""How the figures of an account are worked out, step by step, as lines of plain arithmetic (`gep.account.arithmetic`):
cells, accounting units, products, prices, and rules on totals.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal

from gep.account.arithmetic import (
    ArithmeticLine,
    added,
    equation_lines,
    line,
    number,
    printed_times,
    signed,
    summed,
    times,
)
from gep.account.entries import Entry
from gep.account.figures import Figures
from gep.account.part import Part, figure_of, figures_of, there
from gep.account.record import (
    CellSums,
    DerivationRecord,
    FigureRecord,
    FlowRecord,
    Ledger,
    NodeRecord,
    PriceRecord,
    ProductRecord,
    ServiceRecord,
    UnitRecord,
    UsedUnit,
)
from gep.account.rules import FROM_OUTSIDE
from gep.account.steps import Argument, EquationStep, InputFile, RuleStep, UnitStep, Worked
from gep.core.catalog import named
from gep.core.keys import CITY
from gep.core.messages import say
from gep.core.translation import translated
from gep.core.units import product as product_of_units
from gep.core.units import ucum

NOISE = 1e-9
"""Below this share of a density, its difference from the density at the mean inputs is the rounding of numbers in a
computer.
"""


# densities ------------------------------------------------------------------------------------------------------------


def cells_step(part: Part) -> Worked:
    """A figure that is an integral over cells: the density of its equation, times area, times price."""
    first, component, ledger = part.first, part.component, part.ledger
    sums = [part.account.cell_sums[m.service, m.component, m.zone, m.ecosystem, m.land_class] for m in part.entries]
    figure = figure_of(part)
    area, valid, integral = (math.fsum(s[name] for s in sums) for name in ("area", "valid_area", "sum"))
    names = sums[0]["inputs"]
    inputs = {name: math.fsum(s["inputs"][name] for s in sums) for name in names}
    flow = component["flows"][figure["flow"]]
    root = ledger["equations"][flow["nodes"][flow["root"]]["equation"]]
    step: Worked = {
        "kind": "cells",
        "area": {
            "total": area,
            "valid": valid,
            "unit": "m2",
            "cells": sum(s["cells"] for s in sums),
            "missing_share": max(0.0, 1 - valid / area) if area else None,
        },
        "equations": [],
        "lines": [],
        "passes": [],
    }
    if valid > 0:
        nodes = _Nodes(part, flow, figure, inputs, valid, integral / valid)
        step["equations"] = [nodes.document(name) for name in flow["nodes"]]
        for name in reversed(flow["nodes"]):
            step["lines"] += nodes.lines(name)
        step["density"] = {"mean": integral / valid, "unit": root["returns"], "integral": integral}
        note = say("explanation.note.mean_density")
        step["lines"].append(
            line("mean_density", f"{number(integral)} / {number(valid)}", integral / valid, root["returns"], note)
        )
    if part.quantity is not None:
        if part.zone == CITY:
            step["lines"].append(
                _of_zones("quantity", part, [m.quantity for m in part.entries], part.quantity, first.written_unit)
            )
        else:
            summed_in = product_of_units(root["returns"], "m^2")
            note = say("explanation.note.quantity", unit=summed_in, to_unit=component["unit"])
            step["lines"].append(
                line("quantity", times(integral, part.factor), part.quantity, first.written_unit, note)
            )
    step["passes"] = [*_clipped_cells(part, sums), *_limited(part), *_clipped_totals(part)]
    return step


def _of_zones(name: str, part: Part, values: Iterable[float | None], total: float, unit: str) -> ArithmeticLine:
    known = [value for value in values if value is not None]
    return line(name, summed(known, total), total, unit, say("explanation.note.zones", count=len(known)))


class _Nodes:
    """The equations behind a density, each with its arguments, what it gives at their means, and its own mean."""

    def __init__(
        self,
        part: Part,
        flow: FlowRecord,
        figure: FigureRecord,
        inputs: Mapping[str, float],
        valid: float,
        density: float,
    ) -> None:
        self.part, self.flow, self.figure = part, flow, figure
        self.means = {name: total / valid for name, total in inputs.items()}
        self.sums = inputs
        self.density = density
        self.ledger = part.ledger

    def document(self, name: str) -> EquationStep:
        node = self.flow["nodes"][name]
        equation = self.ledger["equations"][node["equation"]]
        at_means, mean = self.figure["at_means"].get(name), self._mean(name)
        gap = None if at_means is None or mean is None else mean - at_means
        return {
            "name": name,
            "equation": node["equation"],
            "unit": equation["returns"],
            "derivation": _derivation(node["derivation"]),
            "arguments": [self._argument(node, argument, unit) for argument, unit in equation["arguments"].items()],
            "at_means": at_means,
            "mean": mean,
            "difference": None if gap is None else {"value": gap, "due_to": self._cause(gap, at_means, mean)},
        }

    def _mean(self, name: str) -> float | None:
        return self.density if name == self.flow["root"] else self.means.get(name)

    def _cause(self, gap: float, at_means: float | None, mean: float | None) -> str:
        largest = max(abs(at_means or 0.0), abs(mean or 0.0))
        return "rounding" if abs(gap) <= NOISE * largest else "averaging"

    def _argument(self, node: NodeRecord, argument: str, unit: str) -> Argument:
        source = node["arguments"][argument]
        document: Argument = {"argument": argument, "unit": unit, "kind": "", "name": "", "value": None}
        for kind in ("layer", "node"):
            if kind in source:
                name = source[kind]
                value = self.means[name] * source["scale"] + source["offset"] if name in self.means else None
                document |= {"kind": "layer" if kind == "layer" else "derived", "name": name, "value": value}
                if kind == "layer":
                    layer = self.ledger["layers"][name]
                    document |= {"sum": self.sums.get(name), "layer_unit": layer["unit"], "made_by": layer["made_by"]}
                    document["input"] = _input_of(self.part.account, name)
        if "coefficient" in source:
            name = source["coefficient"]
            row = self.ledger["class_rows"].get(name, {}).get(self.part.cell)
            value = self.ledger["class_values"][name][unit].get(self.part.cell)
            document |= {
                "kind": "coefficient" if row else "property",
                "name": name,
                "value": value,
                "row": row["row"] if row else None,
                "matched": row["matched"] if row else None,
            }
        if "item" in source:
            name = source["item"]
            by_zone, rows = self.ledger["zone_values"][name][unit], self.ledger["zone_values"][name]["rows"]
            if not isinstance(by_zone, dict) or not isinstance(rows, list):
                raise LookupError(name)
            rows_of = [row for row in rows if row["zone"] in (self.part.zone, CITY)]
            document |= {
                "kind": "table",
                "name": name,
                "value": by_zone.get(self.part.zone),
                "statistic": rows_of[0] if rows_of else None,
            }
        if "calendar" in source:
            document |= {"kind": "calendar", "name": source["calendar"]}
        return document

    def lines(self, name: str) -> Iterator[ArithmeticLine]:
        """An equation with the means put in, and what is between that and its mean over the cells."""
        about = self.document(name)
        if about["at_means"] is None:
            return
        known = [(argument["argument"], argument["value"]) for argument in about["arguments"]]
        numbers = {name: value for name, value in known if value is not None}
        if len(numbers) < len(known):
            return
        difference = about["difference"]
        ending = "" if difference is None or difference["value"] == 0 else "_at_means"
        yield from equation_lines(self.ledger, about["equation"], numbers, f"{name}{ending}", about["at_means"])
        if difference is not None and ending:
            expression = f"{number(about['at_means'])} + {signed(difference['value'])}"
            yield line(
                f"{name}_mean",
                expression,
                about["mean"],
                about["unit"],
                say(f"explanation.note.{difference['due_to']}"),
            )


def _derivation(about: DerivationRecord | None) -> DerivationRecord | None:
    """What is to be said of a derivation."""
    return {**about, "note": translated(about["note"])} if about else None


_OF_INPUT: tuple[Literal["file", "variable", "period", "resampling", "from", "sha256"], ...] = (
    "file",
    "variable",
    "period",
    "resampling",
    "from",
    "sha256",
)


def _input_of(account: Figures, name: str) -> InputFile:
    """What the run record says of the file of a layer, or of the layers that it was made from."""
    about = account.record.get("inputs", {}).get(name)
    if not about:
        return {}
    found: InputFile = {}
    for key in _OF_INPUT:
        if value := about.get(key):
            found[key] = value
    return found


# rules on totals ------------------------------------------------------------------------------------------------------


def _clipped_cells(part: Part, sums: Sequence[CellSums]) -> list[RuleStep]:
    """What cells that come out negative would have taken off, where they count as zero."""
    negative = math.fsum(s["negative_sum"] for s in sums)
    if part.component["clip"] != "cell" or negative == 0:
        return []
    area = math.fsum(s["negative_area"] for s in sums)
    return [
        {
            "rule": "clip_cell",
            "quantity": 0.0 - negative * part.factor,
            "unit": part.first.written_unit,
            "area": area,
            "lines": [],
        }
    ]


def _limited(part: Part) -> list[RuleStep]:
    """The cap at what is emitted, accounting unit by accounting unit."""
    component, first = part.component, part.first
    if not component["limit"]:
        return []
    of_zone = {row["zone"]: row for row in component["limits"]}
    if part.zone == CITY:
        return _adjusted_zones(part, "cap")
    unit = CITY if set(of_zone) == {CITY} else part.zone
    row = of_zone.get(unit)
    if row is None:
        return [{"rule": "no_limit", "quantity": None, "unit": first.written_unit, "lines": []}]
    members = [
        m
        for m in part.account.flows
        if (m.service, m.component) == (first.service, first.component)
        and m.quantity is not None
        and unit in (CITY, m.zone)
    ]
    limit = row["printed"] * row["to_unit"]
    capacity = math.fsum(m.quantity for m in members if m.quantity is not None)
    kept = min(capacity, limit)
    lines = [line("limit", times(row["printed"], row["to_unit"]), limit, first.written_unit)]
    lines.append(
        line(
            "capacity",
            summed([m.quantity or 0.0 for m in members], capacity),
            capacity,
            first.written_unit,
            say("explanation.note.all_of", what=unit),
        )
    )
    lines.append(line("kept", f"minimum({number(capacity)}, {number(limit)})", kept, first.written_unit))
    quantity, value = _adjusted(part, "cap", kept, capacity, lines)
    return [
        {
            "rule": "cap",
            "limit": limit,
            "capacity": capacity,
            "kept": kept,
            "unit": first.written_unit,
            "statistic": row,
            "quantity": quantity,
            "value": value,
            "lines": lines,
        }
    ]


def _clipped_totals(part: Part) -> list[RuleStep]:
    """A negative total of a zone and ecosystem that counts as zero."""
    first = part.first
    if part.component["clip"] != "ecosystem" or not part.adjustments("clip"):
        return []
    if part.zone == CITY:
        return _adjusted_zones(part, "clip")
    wanted = (first.service, first.component, first.zone, first.ecosystem)
    members = [
        m
        for m in part.account.flows
        if (m.service, m.component, m.zone, m.ecosystem) == wanted and m.quantity is not None
    ]
    total = math.fsum(m.quantity or 0.0 for m in members)
    kept = max(0.0, total)
    lines = [
        line(
            "total",
            summed([m.quantity or 0.0 for m in members], total),
            total,
            first.written_unit,
            say("explanation.note.all_of", what=named(first.ecosystem)),
        )
    ]
    lines.append(line("kept", f"maximum(0.0, {number(total)})", kept, first.written_unit))
    quantity, value = _adjusted(part, "clip", kept, total, lines)
    return [
        {
            "rule": "clip_ecosystem",
            "total": total,
            "kept": kept,
            "unit": first.written_unit,
            "quantity": quantity,
            "value": value,
            "lines": lines,
        }
    ]


def _adjusted(
    part: Part, ending: str, kept: float, total: float, lines: list[ArithmeticLine]
) -> tuple[float | None, float | None]:
    """What a rule changes of quantity and value, in proportion to the figure; its arithmetic is added to the lines."""
    changed = part.adjustments(ending)
    quantity, value = added(m.quantity for m in changed), added(m.value for m in changed)
    mine = part.quantity
    if quantity is not None and mine is not None:
        texts = [f"({number(n)})" if n < 0 else number(n) for n in (mine, kept, total)]
        expression = f"{texts[0]} * ({texts[1]} / {texts[2]}) - {texts[0]}"
        lines.append(line(f"quantity_{ending}", expression, quantity, part.first.written_unit))
        if value is not None and changed[0].price is not None:
            expression = times(quantity, part.component["value_factor"], changed[0].price)
            lines.append(line(f"value_{ending}", expression, value, "CNY"))
    return quantity, value


def _adjusted_zones(part: Part, ending: str) -> list[RuleStep]:
    """What a rule changes of the figures of all zones."""
    changed = part.adjustments(ending)
    quantity, value = added(m.quantity for m in changed), added(m.value for m in changed)
    if quantity is None:
        return []
    lines = [_of_zones(f"quantity_{ending}", part, [m.quantity for m in changed], quantity, part.first.written_unit)]
    if value is not None:
        lines.append(_of_zones(f"value_{ending}", part, [m.value for m in changed], value, "CNY"))
    rule = "cap" if ending == "cap" else "clip_ecosystem"
    return [{"rule": rule, "quantity": quantity, "value": value, "unit": part.first.written_unit, "lines": lines}]


# accounting units -----------------------------------------------------------------------------------------------------


MOST_UNITS = 100
"""How many lakes or sites are worked out one by one, the largest first; the others of a figure are one number."""


def units_step(part: Part) -> Worked:
    """A figure that is made of totals of accounting units: zones that report it, lakes, sites."""
    component, first = part.component, part.first
    members = _units_of(part)
    units: list[UnitStep] = []
    for position in list(dict.fromkeys(used["unit"] for used in members))[:MOST_UNITS]:
        unit = component["units"][position]
        shared = component["arguments"][unit["arguments"]] if "arguments" in unit else {}
        share = math.fsum(used["share"] for used in members if used["unit"] == position)
        units.append({"statistics": [], "lacking": [], **unit, "arguments": shared, "share": share})
    lines = [of_unit for unit in units for of_unit in _unit_lines(part, unit)]
    if part.quantity is not None:
        if part.zone == CITY and len(part.entries) > 1:
            lines.append(
                _of_zones("quantity", part, [m.quantity for m in part.entries], part.quantity, first.written_unit)
            )
        else:
            amounts = [(_amount(component["units"][used["unit"]]), used["share"]) for used in members]
            lines.append(line("quantity", _sum_of_products(amounts, part.quantity), part.quantity, first.written_unit))
    return {
        "kind": "units",
        "per": component["per"],
        "extent": component["extent"],
        "extent_unit": component["extent_unit"],
        "equation": component["total"],
        "units": units,
        "others": len({used["unit"] for used in members}) - len(units),
        "lines": lines,
        "passes": [],
    }


def _amount(unit: UnitRecord) -> float:
    return there(unit["quantity"], unit["name"])


def _units_of(part: Part) -> list[UsedUnit]:
    """The units that a figure is made of, with the share of each, the largest first."""
    units = part.component["units"]
    members = [used for figure in figures_of(part) for used in figure["units"]]
    return sorted(members, key=lambda used: -(units[used["unit"]]["quantity"] or 0.0) * used["share"])


def _unit_lines(part: Part, unit: UnitStep) -> Iterator[ArithmeticLine]:
    """The quantity of a unit: what the equation makes of its extent, or the row of the table that reports it."""
    component = part.component
    if unit["quantity"] is None:
        return
    if component["total"]:
        extents = {name: unit["extent"] * scale for name, scale in component["extent_arguments"].items()}
        numbers = {**{name: n["amount"] for name, n in unit["arguments"].items()}, **extents}
        name = f"{component['total']}[{unit['name']}]"
        ledger = part.ledger
        yield from equation_lines(
            ledger, component["total"], numbers, name, unit["quantity"], part.factor, part.first.written_unit
        )
    elif len(unit["statistics"]) == 1:
        (row,) = unit["statistics"]
        expression = times(row["printed"], row["to_unit"], part.factor)
        yield line(f"{component['extent']}[{unit['name']}]", expression, unit["quantity"], part.first.written_unit)


def _sum_of_products(products: Sequence[tuple[float, ...]], total: float) -> str:
    """A sum of products that gives a total; of many, those beyond the largest are one number."""
    kept = products[:MOST_UNITS]
    terms = [times(*factors) for factors in kept]
    if len(products) > len(kept):
        known = sum(Fraction(math.prod(factors[1:], start=factors[0])) for factors in kept)
        terms.append(number(float(Fraction(total) - known)))
    return f"sum({', '.join(terms)})"


# price and value ------------------------------------------------------------------------------------------------------


def prices_of(part: Part) -> list[PriceRecord]:
    """The prices of a figure, each once, with what each is made of."""
    component = part.component
    if not component["value"]:
        return []
    figures = figures_of(part)
    indices = [u["price"] for f in figures for u in f.get("units", [f])]
    return [component["prices"][index] for index in dict.fromkeys(indices) if index is not None]


def price_lines(part: Part, price: PriceRecord) -> Iterator[ArithmeticLine]:
    """A price from the number as printed: moved by the index, turned into its unit, or made by an equation of
    several.
    """
    component, ledger = part.component, part.ledger
    for name, about in price["numbers"].items():
        yield line(name, printed_times(ledger, about), about["amount"], about["unit"])
    if component["pricing"]:
        numbers = {name: about["amount"] for name, about in price["numbers"].items()}
        yield from equation_lines(
            ledger,
            component["pricing"],
            numbers,
            component["price"],
            price["amount"],
            price["factor"],
            component["price_unit"],
        )


def value_lines(part: Part, prices: Sequence[PriceRecord]) -> Iterator[ArithmeticLine]:
    """The price or prices of a figure, and quantity times price."""
    component = part.component
    for price in prices:
        yield from price_lines(part, price)
    if part.value is None:
        return
    if part.zone == CITY and len(part.entries) > 1:
        yield _of_zones("value", part, [m.value for m in part.entries], part.value, "CNY")
    elif component["kind"] == "units":
        products = []
        for used in _units_of(part):
            if used["price"] is None:
                raise LookupError("price")
            amount, of_price = _amount(component["units"][used["unit"]]), component["prices"][used["price"]]
            products.append((amount, used["share"], component["value_factor"], of_price["amount"]))
        yield line("value", _sum_of_products(products, part.value), part.value, "CNY")
    elif part.quantity is not None and prices:
        yield line("value", times(part.quantity, component["value_factor"], prices[0]["amount"]), part.value, "CNY")


# tables ---------------------------------------------------------------------------------------------------------------


def product_step(part: Part) -> Worked:
    """A product that statistics count: output as reported or quantity times price, less the costs that the valuation
    takes off.
    """
    service = part.ledger["services"][part.first.service]
    figures = {(p["zone"], p["component"]): p for p in service["products"]}
    products = [figures[m.zone, m.component] for m in part.entries if (m.zone, m.component) in figures]
    lines: list[ArithmeticLine] = []
    for product, member in zip(products, part.entries, strict=True):
        lines += _product_lines(part.ledger, service, product, member)
    if len(part.entries) > 1 and part.value is not None:
        lines.append(_of_zones("value", part, [m.value for m in part.entries], part.value, "CNY"))
    return {"kind": "product", "products": products, "net": service["net"], "lines": lines, "passes": []}


def _product_lines(
    ledger: Ledger, service: ServiceRecord, product: ProductRecord, member: Entry
) -> Iterator[ArithmeticLine]:
    amounts: dict[str, float] = {}
    is_reported = "value" in product["members"] and service["settings"]["valuation_basis"] != "price_times_quantity"
    for measure, row in product["members"].items():
        if measure == "value" and not is_reported:
            continue
        amounts[measure] = row["printed"] * row["to_unit"] * row["index_factor"]
        name = "output" if measure == "value" else measure
        unit = member.written_unit if measure == "quantity" else ucum(row["unit"])
        yield line(name, times(row["printed"], row["to_unit"], row["index_factor"]), amounts[measure], unit)
    share = product.get("shares", {}).get(member.ecosystem)
    if share is not None and member.quantity is not None:
        yield line("quantity", times(amounts["quantity"], share), member.quantity, member.written_unit)
    if product["output"] is not None and not is_reported:
        yield line("output", times(amounts["quantity"], amounts["price"]), product["output"], "CNY")
    for name, cost in product["costs"].items():
        if cost and cost["outputs"] is not None:
            whole = times(cost["printed"], cost["to_unit"], cost["index_factor"])
            yield line(
                name,
                f"{whole} * {signed(there(cost['output'], name))} / {signed(cost['outputs'])}",
                cost["taken_off"],
                "CNY",
            )
        elif cost:
            yield line(name, times(cost["printed"], cost["to_unit"], cost["index_factor"]), cost["taken_off"], "CNY")
    if member.value is None:
        return
    output = there(product["output"], "output")
    before = member.value if share is None else there(product.get("whole"), "value")
    if service["net"]:
        taken_off = {name: there(cost["taken_off"] if cost else None, name) for name, cost in product["costs"].items()}
        numbers = {"output": output, **taken_off}
        yield from equation_lines(ledger, service["net"], numbers, "value", before)
    else:
        yield line("value", number(output), before, "CNY")
    if share is not None:
        yield line("value", times(before, share), member.value, "CNY")


def outside_step(part: Part) -> Worked:
    """What is declared to come from ecosystems outside the area, taken off."""
    zones = {m.zone for m in part.entries}
    rows = [row for row in part.ledger["from_outside"] if row["zone"] in zones and row["service"] == part.first.service]
    lines = []
    for row, member in zip(rows, part.entries, strict=True):
        amount = times(row["printed"], row["to_unit"], row["index_factor"])
        lines.append(line("value", f"0.0 - {amount}", member.value, "CNY"))
    if len(part.entries) > 1 and part.value is not None:
        lines.append(_of_zones("value", part, [m.value for m in part.entries], part.value, "CNY"))
    passes: list[RuleStep] = [
        {"rule": FROM_OUTSIDE, "quantity": None, "value": part.value, "statistics": rows, "lines": []}
    ]
    return {"kind": FROM_OUTSIDE, "lines": lines, "passes": passes}
