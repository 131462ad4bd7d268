"""What a run writes down so that every figure can be taken apart later, from its folder alone: formulas, numbers put
in, sources.

The ledger holds texts and numbers only. A later version of gep, whose formulas and coefficients may have changed,
explains the figure that was computed then. It rests on `run.json` for the sums over cells, and on `account.csv` for the
figures themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.account.basis import Basis, CellRecord, ServiceFigures, UnitRecord, ValuedUnit, cell_name
from gep.account.products import MONEY, NET_OF, ValuedProduct
from gep.account.valuation import declared_outside
from gep.core.catalog import (
    CellComponent,
    Component,
    ComponentOfUnits,
    ReportedComponent,
    UnitComponent,
    layer_kinds,
)
from gep.core.equation import Equation
from gep.core.formula import arithmetic
from gep.core.keys import CITY, NONE
from gep.core.units import convert, linear, product
from gep.engine.sums import Sums
from gep.inputs.items import in_unit, item_measures, item_unit
from gep.inputs.numbers import Number, Result
from gep.inputs.open import Inputs
from gep.inputs.tables import Statistic
from gep.plan.plan import Flow
from gep.plan.planner import PlannedComponent, PlannedService, StudyPlan
from gep.plan.wiring import ClassInput, Computed, Input, LayerInput, TableInput
from gep.services.air_purification import capped
from gep.standards.coefficients import Coefficient, Found, sources

Array = NDArray[np.float64]
Document = dict[str, Any]


def make_ledger(
    planned: StudyPlan, opened: Inputs, sums: Sums, valued: Sequence[ServiceFigures], run_id: str
) -> Document:
    """The ledger of a run; the same for the same run, whatever folder or number of threads it had. `valued` says what
    the figures of each service rest on.
    """
    return _Ledger(Basis(planned, opened, sums)).document(valued, run_id)


class _Indexed:
    """Documents that many figures share, each written once: known by what they are made of."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self._positions: dict[Hashable, int] = {}

    def index(self, made_of: Hashable, write: Callable[[], Document]) -> int:
        if made_of not in self._positions:
            self._positions[made_of] = len(self.documents)
            self.documents.append(write())
        return self._positions[made_of]


class _Ledger:
    """Writes the ledger, and remembers which equations and coefficients it speaks of."""

    def __init__(self, basis: Basis) -> None:
        self.basis, self.plan, self.sums = basis, basis.plan, basis.sums
        self._equations: dict[str, Equation] = {}
        self._rows: dict[str, Coefficient] = {}
        self._class_rows: dict[str, dict[str, Document]] = {}
        self._reported: dict[str, list[Statistic]] = {}
        for row in (s for s in basis.inputs.statistics if s.value is not None):
            self._reported.setdefault(row.item.partition("/")[0], []).append(row)
        self._cells = [(c, pair) for c, pair in enumerate(self.plan.classes) if self.sums.area[:, c].sum() > 0]

    def document(self, valued: Sequence[ServiceFigures], run_id: str) -> Document:
        inputs = self.basis.inputs
        services = {
            planned.id: self._service(planned, figures)
            for planned, figures in zip(self.basis.planned.services, valued, strict=True)
        }
        outside = [{**self._statistic(s), "service": s.item.partition("/")[2]} for s in declared_outside(inputs)]
        layers = {name: self._layer(name) for name in sorted(self.plan.layers)}
        rows = dict(sorted(self._rows.items()))
        return {
            "schema": 1,
            "run_id": run_id,
            "kind": inputs.profile.kind,
            "price_year": inputs.price_year,
            "price_index": inputs.profile.price_index,
            "min_coverage": inputs.profile.min_coverage,
            "zones": {
                zone.code: {"name": zone.name, "zh": zone.name_zh, "en": zone.name_en} for zone in self.basis.zones
            },
            "services": services,
            "layers": layers,
            "class_values": self._class_values(),
            "class_rows": dict(sorted(self._class_rows.items())),
            "zone_values": self._zone_values(),
            "from_outside": outside,
            "equations": {name: _equation(equation) for name, equation in sorted(self._equations.items())},
            "coefficients": {name: _row(row) for name, row in rows.items()},
            "sources": {
                name: dict(sources()[name])
                for name in sorted({row.source for row in rows.values()})
                if name in sources()
            },
        }

    # services ---------------------------------------------------------------------------------------------------------

    def _service(self, planned: PlannedService, figures: ServiceFigures) -> Document:
        rule, service = planned.rule, planned.service
        is_computed = planned.is_applicable and planned.reason is None
        products = self._products(planned, figures) if service and service.products and is_computed else {}
        return {
            "category": rule.category,
            "clause": rule.clause,
            "note": rule.note,
            "is_required": rule.is_required,
            "is_applicable": planned.is_applicable,
            "reason": planned.reason,
            "detail": planned.detail,
            "settings": dict(planned.settings),
            "counts": list(rule.counts),
            "if_supplied": list(rule.if_supplied),
            "components": {
                part.component.id: self._component(planned, part, figures.components[part.component.id])
                for part in planned.components
            },
            **products,
        }

    def _component(self, planned: PlannedService, part: PlannedComponent, record: CellRecord | UnitRecord) -> Document:
        component, rule = part.component, planned.rule
        own = rule.components.get(component.id, {})
        common = {
            "quantity": component.quantity,
            "unit": component.unit,
            "counts": list(own.get("counts", rule.counts)),
            "if_supplied": list(own.get("if_supplied", rule.if_supplied)),
            "lacking": list(part.lacking),
            "clip": (isinstance(component, CellComponent) and component.clip) or "",
            **self._of_price(component),
        }
        if isinstance(component, CellComponent) and isinstance(record, CellRecord):
            return {**common, **self._of_limit(component, record), **self._by_cells(component, part, record)}
        assert isinstance(component, ComponentOfUnits)
        assert isinstance(record, UnitRecord)
        return {**common, "limit": None, **self._by_units(component, record)}

    def _of_price(self, component: Component) -> Document:
        money = component.money
        if not self.basis.is_priced or money is None:
            return {"value": None}
        wanted = money.value.units[component.quantity]
        return {
            "value": self._named(money.value),
            "price": money.price,
            "price_unit": money.price_unit,
            "pricing": self._named(money.pricing) if money.pricing else None,
            "value_factor": convert(1.0, component.unit, wanted),
            "concept": money.concept,
        }

    def _of_limit(self, component: CellComponent, record: CellRecord) -> Document:
        if not component.limit:
            return {"limit": None}
        unit = item_unit(component.limit)
        return {"limit": self._named(capped), "limits": [self._statistic(row, unit) for row in record.limits]}

    # cells ------------------------------------------------------------------------------------------------------------

    def _by_cells(self, component: CellComponent, part: PlannedComponent, record: CellRecord) -> Document:
        prices = _Indexed()
        figures: list[Document] = []
        for pair, found in ((pair, found) for pair, rows in part.found.items() for found in rows):
            row = self._row_of(found)
            self._class_rows.setdefault(row.name, {})[cell_name(*pair)] = {"row": row.id, "matched": found.matched}
        for number, flow in enumerate(part.flows):
            figures += self._figures(component, record, flow, number, prices)
        flows = [self._flow(flow) for flow in part.flows]
        unit = product(part.flows[0].node.equation.returns, "m^2") if part.flows else ""
        factor = convert(1.0, unit, component.unit) if unit else None
        return {"kind": "cells", "factor": factor, "flows": flows, "prices": prices.documents, "figures": figures}

    def _figures(
        self, component: CellComponent, record: CellRecord, flow: Flow, number: int, prices: _Indexed
    ) -> list[Document]:
        """One record per zone and class, and one for all zones together: what the equations give at the mean inputs,
        and the price.
        """
        at_means = self._at_means(flow)
        with_layers = self.sums.of(flow, "inputs")
        figures = []
        for c, (ecosystem, land_class) in ((c, pair) for c, pair in self._cells if flow.is_counted[c]):
            for z, zone in enumerate([*(zone.code for zone in self.basis.zones), CITY]):
                is_city = zone == CITY
                if not is_city and self.sums.area[z, c] == 0:
                    continue
                price = None if is_city else record.prices.get((zone, ecosystem, land_class or NONE))
                figures.append(
                    {
                        "zone": zone,
                        "ecosystem": ecosystem,
                        "land_class": land_class or NONE,
                        "flow": number,
                        "with_layers": float(with_layers[:, c].sum() if is_city else with_layers[z, c]),
                        "at_means": {name: _finite(values[z, c]) for name, values in at_means.items()},
                        "price": self._index_of(prices, component, price),
                    }
                )
        return figures

    def _at_means(self, flow: Flow) -> dict[str, Array]:
        """What every equation of a flow gives at the area-weighted means of its inputs, by zone (all together last) and
        class.

        Only where all of them have a mean: not those of monthly layers, whose sums are not kept.
        """
        valid = _with_all(self.sums.of(flow, "valid"))
        results: dict[str, Array] = {}
        with np.errstate(all="ignore"):
            means = {name: _with_all(table) / valid for name, table in self.sums.of_inputs(flow).items()}
            for name, node in _nodes(flow.node).items():
                found = [
                    self._mean(part, unit, means)
                    for part, unit in zip(node.inputs, node.equation.units.values(), strict=True)
                ]
                arguments = [np.broadcast_to(mean, valid.shape).ravel() for mean in found if mean is not None]
                if len(arguments) == len(found):
                    results[name] = np.broadcast_to(node.equation.fn(*arguments), valid.size).reshape(valid.shape)
        return results

    def _mean(self, node: Input, unit: str, means: Mapping[str, Array]) -> Array | None:
        if isinstance(node, LayerInput | Computed):
            if node.name not in means:
                return None
            scale, offset = self._to(node, unit)
            return means[node.name] if (scale, offset) == (1.0, 0.0) else means[node.name] * scale + offset
        if isinstance(node, ClassInput):
            return self.plan.class_values[node.name, node.unit][None, :]
        if isinstance(node, TableInput):
            return np.append(self.plan.zone_values[node.name, node.unit], np.nan)[:, None]
        return None

    def _to(self, node: LayerInput | Computed, unit: str) -> tuple[float, float]:
        return linear(self.plan.layers[node.name].unit if isinstance(node, LayerInput) else node.equation.returns, unit)

    def _flow(self, flow: Flow) -> Document:
        return {"root": flow.node.name, "nodes": {name: self._node(node) for name, node in _nodes(flow.node).items()}}

    def _node(self, node: Computed) -> Document:
        arguments = {
            argument: self._source(part, unit)
            for (argument, unit), part in zip(node.equation.units.items(), node.inputs, strict=True)
        }
        note = (
            {"note": node.derivation.note, "is_provisional": node.derivation.is_provisional}
            if node.derivation
            else None
        )
        return {"equation": self._named(node.equation), "derivation": note, "arguments": arguments}

    def _source(self, node: Input, unit: str) -> Document:
        """Where an argument comes from; the mean of a layer or a node in the unit of the argument is its own times
        `scale` plus `offset`.
        """
        if isinstance(node, LayerInput | Computed):
            scale, offset = self._to(node, unit)
            kind = "layer" if isinstance(node, LayerInput) else "node"
            if isinstance(node, LayerInput):
                for derivation in node.derivations:
                    self._named(derivation.equation)
            return {kind: node.name, "scale": scale, "offset": offset}
        kind = "coefficient" if isinstance(node, ClassInput) else "item" if isinstance(node, TableInput) else "calendar"
        return {kind: node.name}

    # accounting units -------------------------------------------------------------------------------------------------

    def _by_units(self, component: ComponentOfUnits, record: UnitRecord) -> Document:
        prices, arguments = _Indexed(), _Indexed()
        total = component.total if isinstance(component, UnitComponent) else None
        of_item = item_unit(component.extent)
        figures = {
            key: [
                {"unit": share.unit, "share": share.share, "price": self._index_of(prices, component, share.price)}
                for share in shares
            ]
            for key, shares in record.shares.items()
        }
        return {
            "kind": "units",
            "extent": component.extent,
            "extent_unit": of_item,
            "extent_arguments": self._extent_arguments(component),
            "per": component.per,
            "total": self._named(total) if total else None,
            "factor": convert(1.0, total.returns if total else of_item, component.unit),
            "units": [self._unit(component, valued, arguments) for valued in record.units],
            "arguments": arguments.documents,
            "prices": prices.documents,
            "figures": [
                {"zone": zone, "ecosystem": ecosystem, "land_class": land_class, "units": parts}
                for (zone, ecosystem, land_class), parts in sorted(figures.items())
            ],
        }

    def _unit(self, component: ComponentOfUnits, valued: ValuedUnit, arguments: _Indexed) -> Document:
        """A unit in few words, as there may be thousands of lakes; what is the same for many is written once."""
        unit, quantity = valued.unit, valued.quantity
        items = (component.extent, f"{component.extent}/{unit.name}")
        rows = [s for s in self._reported.get(component.extent, ()) if s.item in items and s.zone in unit.zones]
        others = tuple(
            (name, number)
            for name, number in (quantity.arguments if quantity else ())
            if not self._is_extent(component, name)
        )
        shared = None
        if others and isinstance(component, UnitComponent):
            equation = component.total
            shared = arguments.index(others, lambda: self._numbers(equation, dict(others)))
        return {
            "name": unit.name,
            "extent": math.fsum(unit.parts.values()),
            "quantity": quantity.amount if quantity else None,
            **({"arguments": shared} if shared is not None else {}),
            **({"statistics": [self._statistic(row, item_unit(component.extent)) for row in rows]} if rows else {}),
            **({"lacking": list(valued.lacking)} if valued.lacking else {}),
        }

    @staticmethod
    def _is_extent(component: ComponentOfUnits, argument: str) -> bool:
        return component.looked_up(argument) == component.extent

    def _extent_arguments(self, component: ComponentOfUnits) -> Document:
        """The arguments of the equation that are the extent of a unit, and what turns it into their units."""
        if isinstance(component, ReportedComponent):
            return {}
        of_item = item_unit(component.extent)
        return {
            name: convert(1.0, of_item, unit)
            for name, unit in component.total.units.items()
            if self._is_extent(component, name)
        }

    # products ---------------------------------------------------------------------------------------------------------

    def _products(self, planned: PlannedService, figures: ServiceFigures) -> Document:
        basis = planned.settings["valuation_basis"]
        net = self._named(NET_OF[basis]) if basis in NET_OF else None
        return {"net": net, "products": [self._product(product) for product in figures.products]}

    def _product(self, product: ValuedProduct) -> Document:
        kind = product.kind
        units = {"value": MONEY}
        if kind:
            units |= {"quantity": kind.unit, "price": kind.price_unit}
        members = {
            measure: self._statistic(row, units[measure])
            for measure, row in sorted(product.members.items())
            if row.value is not None and measure in units
        }
        return {
            "zone": product.entry.zone,
            "component": product.entry.component,
            "members": members,
            "value": self._named(kind.value) if kind else None,
            "output": product.output,
            "costs": {
                name: cost
                and {
                    **self._statistic(cost.row, MONEY),
                    "taken_off": cost.amount,
                    "output": cost.output,
                    "outputs": cost.outputs,
                }
                for name, cost in product.costs.items()
            },
        }

    # numbers ----------------------------------------------------------------------------------------------------------

    def _index_of(self, prices: _Indexed, component: Component, price: Result | None) -> int | None:
        return prices.index((price.amount, price.arguments), lambda: self._price(component, price)) if price else None

    def _price(self, component: Component, price: Result) -> Document:
        """A price with what it is made of."""
        assert component.money is not None
        equation = component.money.pricing
        unit = component.money.price_unit
        factor = 1.0
        if equation:
            factor = linear(equation.returns, unit)[0]
        numbers = dict(price.arguments)
        return {
            "amount": price.amount,
            "factor": factor,
            "price_year": price.price_year,
            "numbers": self._numbers(equation, numbers)
            if equation
            else {name: self._number(n, unit) for name, n in numbers.items()},
        }

    def _numbers(self, equation: Equation, numbers: Mapping[str, Number]) -> Document:
        return {name: self._number(number, equation.units[name]) for name, number in numbers.items()}

    def _number(self, number: Number, unit: str) -> Document:
        """A number in a unit, with its coefficient or its row of a table: value as printed times index factor times
        `scale`.
        """
        document: Document = {"amount": number.amount, "unit": unit}
        if number.found:
            row = self._row_of(number.found)
            document |= {"row": row.id, "matched": number.found.matched, "index_factor": number.index_factor}
            document["scale"] = linear(row.unit, unit)[0]
        elif number.reported:
            of_item = item_unit(number.reported.item)
            document |= self._statistic(number.reported, of_item)
            document |= {"amount": number.amount, "unit": unit, "scale": linear(of_item, unit)[0]}
        return document

    def _statistic(self, row: Statistic, unit: str = MONEY) -> Document:
        """A row of a table as printed, its amount in a unit (before any price index), and the index factor of money."""
        value = row.value or 0.0
        is_money = row.measure in ("price", "value") or (
            bool(item_unit(row.item)) and item_measures(row.item)[0] != "quantity"
        )
        return {
            "item": row.item,
            "zone": row.zone,
            "measure": row.measure,
            "printed": value,
            "printed_unit": row.unit,
            "year": row.year,
            "price_year": row.price_year,
            "source": row.source,
            "place": row.place,
            "unit": unit,
            "to_unit": _scale(row, unit),
            "index_factor": self.basis.numbers.index_factor(row) if is_money else 1.0,
        }

    def _row_of(self, found: Found) -> Coefficient:
        return self._rows.setdefault(found.row.id, found.row)

    def _named(self, equation: Equation) -> str:
        """The name of an equation, which the ledger then describes."""
        self._equations[equation.name] = equation
        return equation.name

    # shared by figures ------------------------------------------------------------------------------------------------

    def _class_values(self) -> Document:
        """Coefficients and other properties of the classes that occur, in the units that equations take them in."""
        document: Document = {}
        for (name, unit), values in sorted(self.plan.class_values.items()):
            document.setdefault(name, {})[unit] = {
                cell_name(*pair): _finite(float(values[c])) for c, pair in self._cells
            }
        return document

    def _zone_values(self) -> Document:
        """Items of the tables that go into densities, by zone, with the rows that give them."""
        document: Document = {}
        for (name, unit), values in sorted(self.plan.zone_values.items()):
            rows = [s for s in self.basis.inputs.statistics if s.item == name and s.value is not None]
            document.setdefault(name, {})[unit] = {
                zone.code: _finite(float(values[z])) for z, zone in enumerate(self.basis.zones)
            }
            document[name]["rows"] = [self._statistic(row, item_unit(name)) for row in rows]
        return document

    def _layer(self, name: str) -> Document:
        layer = self.plan.layers[name]
        kind = layer_kinds()[name]
        return {"unit": layer.unit, "zh": kind.label_zh, "en": kind.label_en, "made_by": self._made_by(name)}

    def _made_by(self, name: str) -> list[str]:
        """The equations by which a layer was made on the grid of the layers that it is made from, the last first."""
        for leaf in (
            leaf
            for s in self.basis.planned.services
            for c in s.components
            for flow in c.flows
            for leaf in _layer_leaves(flow.node)
        ):
            if leaf.name == name and leaf.derivations:
                return [self._named(derivation.equation) for derivation in reversed(leaf.derivations)]
        return []


def _nodes(root: Computed) -> dict[str, Computed]:
    """The equations of a flow by the name of what they make, the root first; of several that make the same, the one
    whose sum is kept.
    """
    found = {root.name: root}

    def walk(node: Computed) -> None:
        for part in node.inputs:
            if isinstance(part, Computed):
                found.setdefault(part.name, part)
                walk(part)

    walk(root)
    return found


def _layer_leaves(node: Computed) -> Iterable[LayerInput]:
    for part in node.inputs:
        if isinstance(part, LayerInput):
            yield part
        elif isinstance(part, Computed):
            yield from _layer_leaves(part)


def _with_all(table: Array) -> Array:
    """A table by zone and class with a last row for all zones together, exactly rounded."""
    return np.vstack([table, [math.fsum(column) for column in table.T.tolist()]])


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _scale(row: Statistic, unit: str) -> float:
    """What the printed value of a row is multiplied by to be in a unit. Prices are in plain units; a total may leave
    out its year.
    """
    if row.measure == "price" and not item_unit(row.item):
        return linear(row.unit, unit)[0]
    return in_unit(1.0, row.unit, unit)


def _equation(equation: Equation) -> Document:
    return {
        "summary": equation.summary,
        "formula": equation.formula,
        "symbols": equation.symbols,
        "source": equation.source,
        "arguments": dict(equation.units),
        "returns": equation.returns,
        "arithmetic": [list(line) for line in arithmetic(equation)],
    }


def _row(row: Coefficient) -> Document:
    document = asdict(row)
    place = document.pop("place")
    return {**{key: value for key, value in document.items() if value not in (None, "")}, "file": place}
