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
from typing import Generic, TypeVar, cast

from gep.account.basis import Basis, CellRecord, ServiceFigures, Shares, UnitRecord, cell_name
from gep.account.index_record import OwnIndicesRecord
from gep.account.products import MONEY, ProductFigures
from gep.account.record import (
    LEDGER_SCHEMA,
    ArgumentRecord,
    ClassRow,
    ComponentRecord,
    DerivationRecord,
    EquationRecord,
    FigureRecord,
    FlowRecord,
    LayerWords,
    Ledger,
    NodeRecord,
    NumberRecord,
    OutsideRecord,
    PriceRecord,
    ProductRecord,
    RowRecord,
    ServiceRecord,
    StatisticRecord,
    UsedUnit,
)
from gep.account.record import UnitRecord as UnitWords
from gep.account.valuation import declared_outside
from gep.core.catalog import (
    CellComponent,
    Component,
    ComponentOfUnits,
    ReportedComponent,
    UnitComponent,
    layer_kinds,
)
from gep.core.each import Each
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
from gep.plan.planner import ComponentPlan, ServicePlan, StudyPlan
from gep.plan.wiring import ClassInput, Computed, Input, LayerInput, TableInput
from gep.services.air_purification import capped
from gep.services.biomass import NET_OF
from gep.standards.coefficients import Coefficient, Found, sources
from gep.study.means import at_means_of, in_unit_of, nodes_of


def make_ledger(
    study_plan: StudyPlan, inputs: Inputs, sums: Sums, service_figures: Sequence[ServiceFigures], run_id: str
) -> Ledger:
    """The ledger of a run; the same for the same run, whatever folder or number of threads it had.
    `service_figures` says what the figures of each service rest on.
    """
    return _Ledger(Basis(study_plan, inputs, sums)).document(service_figures, run_id)


T = TypeVar("T")


class _Index(Generic[T]):
    """Records that many figures share, each written once: known by what they are made of."""

    def __init__(self) -> None:
        self.records: list[T] = []
        self._positions: dict[Hashable, int] = {}
        self._seen: dict[tuple[int, ...], tuple[int, Sequence[object]]] = {}

    def index(self, made_of: Sequence[Hashable], write: Callable[[], T]) -> int:
        """The position of the record of what is made of some things. Their hashes are slow, and mostly they are the
        very same things as before.
        """
        known_by = tuple(map(id, made_of))
        if known_by not in self._seen:
            content = tuple(made_of)
            if content not in self._positions:
                self._positions[content] = len(self.records)
                self.records.append(write())
            self._seen[known_by] = self._positions[content], content  # which keeps them, so that no id is used again
        return self._seen[known_by][0]


class _Ledger:
    """Writes the ledger, and remembers which equations and coefficients it speaks of."""

    def __init__(self, basis: Basis) -> None:
        self.basis, self.plan, self.sums = basis, basis.plan, basis.sums
        self._equations: dict[str, Equation] = {}
        self._rows: dict[str, Coefficient] = {}
        self._class_rows: dict[str, dict[str, ClassRow]] = {}
        self._reported: dict[str, list[Statistic]] = {}
        for row in (s for s in basis.inputs.statistics if s.value is not None):
            self._reported.setdefault(row.base, []).append(row)
        self._cells = [(c, pair) for c, pair in enumerate(self.plan.classes) if self.sums.area[:, c].sum() > 0]

    def document(self, service_figures: Sequence[ServiceFigures], run_id: str) -> Ledger:
        inputs = self.basis.inputs
        services = {
            service_plan.id: self._service(service_plan, figures)
            for service_plan, figures in zip(self.basis.study_plan.services, service_figures, strict=True)
        }
        outside: list[OutsideRecord] = [{**self._statistic(s), "service": s.part} for s in declared_outside(inputs)]
        layers = {name: self._layer(name) for name in sorted(self.plan.layers)}
        rows = dict(sorted(self._rows.items()))
        document: Ledger = {
            "schema": LEDGER_SCHEMA,
            "run_id": run_id,
            "kind": inputs.profile.kind,
            "price_year": inputs.price_year,
            "price_index": index.name if (index := inputs.numbers.price_index) else "",
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
        document.update(self._own_indices())  # type: ignore[typeddict-item]  # some of its own keys
        return document

    # services ---------------------------------------------------------------------------------------------------------

    def _service(self, service_plan: ServicePlan, figures: ServiceFigures) -> ServiceRecord:
        rule, service = service_plan.rule, service_plan.service
        record: ServiceRecord = {
            "category": rule.category,
            "clause": rule.clause,
            "note": rule.note,
            "is_required": rule.is_required,
            "is_applicable": service_plan.is_applicable,
            "reason": service_plan.reason,
            "detail": service_plan.detail,
            "settings": dict(service_plan.settings),
            "counts": list(rule.counts),
            "if_supplied": list(rule.if_supplied),
            "components": {
                part.component.id: self._component(service_plan, part, figures.components[part.component.id])
                for part in service_plan.components
            },
        }
        if service and service.products and service_plan.is_applicable and service_plan.reason is None:
            basis = service_plan.settings["valuation_basis"]
            record["net"] = self._named(NET_OF[basis]) if basis in NET_OF else None
            record["products"] = [self._product(product) for product in figures.products]
        return record

    def _component(
        self, service_plan: ServicePlan, part: ComponentPlan, found: CellRecord | UnitRecord
    ) -> ComponentRecord:
        component, rule = part.component, service_plan.rule
        own = rule.components.get(component.id, {})
        record: ComponentRecord = {
            "kind": "cells" if isinstance(component, CellComponent) else "units",
            "quantity": component.quantity,
            "unit": component.unit,
            "counts": list(own.get("counts", rule.counts)),
            "if_supplied": list(own.get("if_supplied", rule.if_supplied)),
            "lacking": list(part.lacking),
            "clip": (isinstance(component, CellComponent) and component.clip) or "",
            "value": None,
            "limit": None,
            "factor": None,
            "prices": [],
            "figures": [],
        }
        self._add_price(record, component)
        if isinstance(component, CellComponent) and isinstance(found, CellRecord):
            self._add_limit(record, component, found)
            self._add_cells(record, component, part, found)
            return record
        assert isinstance(component, ComponentOfUnits)
        assert isinstance(found, UnitRecord)
        self._add_units(record, component, found)
        return record

    def _add_price(self, record: ComponentRecord, component: Component) -> None:
        money = component.money
        if not self.basis.is_priced or money is None:
            return
        record["value"] = self._named(money.value)
        record["price"] = money.price
        record["price_unit"] = money.price_unit
        record["pricing"] = self._named(money.pricing) if money.pricing else None
        record["value_factor"] = convert(1.0, component.unit, money.value.units[component.quantity])
        record["concept"] = money.concept

    def _add_limit(self, record: ComponentRecord, component: CellComponent, found: CellRecord) -> None:
        if not component.limit:
            return
        unit = item_unit(component.limit)
        record["limit"] = self._named(capped)
        record["limits"] = [self._statistic(row, unit) for row in found.limits]

    # cells ------------------------------------------------------------------------------------------------------------

    def _add_cells(
        self, record: ComponentRecord, component: CellComponent, part: ComponentPlan, found: CellRecord
    ) -> None:
        prices: _Index[PriceRecord] = _Index()
        for pair, of_class in ((pair, of_class) for pair, rows in part.found.items() for of_class in rows):
            row = self._row_of(of_class)
            self._class_rows.setdefault(row.name, {})[cell_name(*pair)] = {"row": row.id, "matched": of_class.matched}
        for number, flow in enumerate(part.flows):
            record["figures"] += self._figures(component, found, flow, number, prices)
        if part.flows:
            record["factor"] = convert(1.0, product(part.flows[0].node.equation.returns, "m^2"), component.unit)
        record["flows"] = [self._flow(flow) for flow in part.flows]
        record["prices"] = prices.records

    def _figures(
        self, component: CellComponent, record: CellRecord, flow: Flow, number: int, prices: _Index[PriceRecord]
    ) -> list[FigureRecord]:
        """One record per zone and class, and one for all zones together: what the equations give at the mean inputs,
        and the price.
        """
        at_means = at_means_of(self.plan, self.sums, flow)
        with_layers = self.sums.of(flow, "inputs")
        figures: list[FigureRecord] = []
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

    def _flow(self, flow: Flow) -> FlowRecord:
        return {"root": flow.node.name, "nodes": {name: self._node(node) for name, node in nodes_of(flow).items()}}

    def _node(self, node: Computed) -> NodeRecord:
        arguments = {
            argument: self._source(part, unit)
            for (argument, unit), part in zip(node.equation.units.items(), node.inputs, strict=True)
        }
        note: DerivationRecord | None = (
            {"note": node.derivation.note, "is_provisional": node.derivation.is_provisional}
            if node.derivation
            else None
        )
        return {"equation": self._named(node.equation), "derivation": note, "arguments": arguments}

    def _source(self, node: Input, unit: str) -> ArgumentRecord:
        """Where an argument comes from; the mean of a layer or a node in the unit of the argument is its own times
        `scale` plus `offset`.
        """
        if isinstance(node, LayerInput | Computed):
            scale, offset = in_unit_of(self.plan, node, unit)
            if isinstance(node, Computed):
                return {"node": node.name, "scale": scale, "offset": offset}
            for derivation in node.derivations:
                self._named(derivation.equation)
            return {"layer": node.name, "scale": scale, "offset": offset}
        if isinstance(node, ClassInput):
            return {"coefficient": node.name}
        return {"item": node.name} if isinstance(node, TableInput) else {"calendar": node.name}

    # accounting units -------------------------------------------------------------------------------------------------

    def _add_units(self, record: ComponentRecord, component: ComponentOfUnits, found: UnitRecord) -> None:
        prices: _Index[PriceRecord] = _Index()
        arguments: _Index[dict[str, NumberRecord]] = _Index()
        total = component.total if isinstance(component, UnitComponent) else None
        of_item = item_unit(component.extent)
        figures = {key: self._used(component, shares, prices) for key, shares in found.shares.items()}
        record["extent"] = component.extent
        record["extent_unit"] = of_item
        record["extent_arguments"] = self._extent_arguments(component)
        record["per"] = component.per
        record["total"] = self._named(total) if total else None
        record["factor"] = convert(1.0, total.returns if total else of_item, component.unit)
        record["units"] = self._units(component, found, arguments)
        record["arguments"] = arguments.records
        record["prices"] = prices.records
        record["figures"] = [
            {"zone": zone, "ecosystem": ecosystem, "land_class": land_class, "units": parts}
            for (zone, ecosystem, land_class), parts in sorted(figures.items())
        ]

    def _used(self, component: ComponentOfUnits, shares: Shares, prices: _Index[PriceRecord]) -> list[UsedUnit]:
        """What a figure takes of units, of which there may be thousands of lakes."""
        of_price = [self._index_of(prices, component, price) for price in shares.prices]

        def used(number: int) -> UsedUnit:
            price = of_price[shares.price[number]]
            return {"unit": shares.unit[number], "share": shares.share[number], "price": price}

        return cast("list[UsedUnit]", Each(used, len(shares.unit)))  # a list to all that read it

    def _units(
        self, component: ComponentOfUnits, found: UnitRecord, arguments: _Index[dict[str, NumberRecord]]
    ) -> list[UnitWords]:
        """Units in few words, as there may be thousands of lakes; what is the same for many is written once."""
        reported = self._reported.get(component.extent, ())
        shared = [self._shared(component, quantity, arguments) for quantity, _ in found.kinds]

        def words(number: int) -> UnitWords:
            kind, name = found.kind[number], found.names[number]
            quantity, lacking = found.kinds[kind]
            record: UnitWords = {
                "name": name,
                "extent": found.extent[number],
                "quantity": found.quantity[number] if quantity else None,
            }
            if (position := shared[kind]) is not None:
                record["arguments"] = position
            zones = found.units[number].zones if reported else ()
            if rows := [s for s in reported if s.part in ("", name) and s.zone in zones]:
                record["statistics"] = [self._statistic(row, item_unit(component.extent)) for row in rows]
            if lacking:
                record["lacking"] = list(lacking)
            return record

        units = Each(words, len(found.names))
        return list(units) if reported else cast("list[UnitWords]", units)

    def _shared(
        self, component: ComponentOfUnits, quantity: Result | None, arguments: _Index[dict[str, NumberRecord]]
    ) -> int | None:
        """The position of the numbers that go into a quantity beside the extent; None where there are none."""
        if not (quantity and quantity.arguments and isinstance(component, UnitComponent)):
            return None
        equation, numbers = component.total, dict(quantity.arguments)
        return arguments.index(list(numbers.values()), lambda: self._numbers(equation, numbers))

    @staticmethod
    def _is_extent(component: ComponentOfUnits, argument: str) -> bool:
        return component.looked_up(argument) == component.extent

    def _extent_arguments(self, component: ComponentOfUnits) -> dict[str, float]:
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

    def _product(self, product: ProductFigures) -> ProductRecord:
        kind = product.kind
        units = {"value": MONEY}
        if kind:
            units |= {"quantity": kind.unit, "price": kind.price_unit}
        members = {
            measure: self._statistic(row, units[measure])
            for measure, row in sorted(product.members.items())
            if row.value is not None and measure in units
        }
        record: ProductRecord = {
            "zone": product.entry.zone,
            "component": product.entry.component,
            "members": members,
            "value": self._named(kind.value) if kind else None,
            "output": product.output,
            "costs": {
                name: {
                    **self._statistic(cost.row, MONEY),
                    "taken_off": cost.amount,
                    "output": cost.output,
                    "outputs": cost.outputs,
                }
                if cost
                else None
                for name, cost in product.costs.items()
            },
        }
        if product.shares:
            record["shares"] = dict(product.shares)
            record["whole"] = product.entry.value
        return record

    # numbers ----------------------------------------------------------------------------------------------------------

    def _index_of(self, prices: _Index[PriceRecord], component: Component, price: Result | None) -> int | None:
        return prices.index([price], lambda: self._price(component, price)) if price else None

    def _price(self, component: Component, price: Result) -> PriceRecord:
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

    def _numbers(self, equation: Equation, numbers: Mapping[str, Number]) -> dict[str, NumberRecord]:
        return {name: self._number(number, equation.units[name]) for name, number in numbers.items()}

    def _number(self, number: Number, unit: str) -> NumberRecord:
        """A number in a unit, with its coefficient or its row of a table: value as printed times index factor times
        `scale`.
        """
        if number.found:
            row = self._row_of(number.found)
            return {
                "amount": number.amount,
                "unit": unit,
                "row": row.id,
                "matched": number.found.matched,
                "index_factor": number.index_factor,
                "scale": linear(row.unit, unit)[0],
            }
        if number.reported:
            of_item = item_unit(number.reported.item)
            reported = self._statistic(number.reported, of_item)
            return {
                "amount": number.amount,
                "unit": unit,
                "scale": linear(of_item, unit)[0],
                "index_factor": reported["index_factor"],
                "item": reported["item"],
                "zone": reported["zone"],
                "measure": reported["measure"],
                "printed": reported["printed"],
                "printed_unit": reported["printed_unit"],
                "to_unit": reported["to_unit"],
                "year": reported["year"],
                "price_year": reported["price_year"],
                "source": reported["source"],
                "place": reported["place"],
            }
        return {"amount": number.amount, "unit": unit}

    def _statistic(self, row: Statistic, unit: str = MONEY) -> StatisticRecord:
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

    def _own_indices(self) -> OwnIndicesRecord:
        """The levels of the study's own indices, and what follows those of groups; nothing where it has none."""
        own, general = self.basis.inputs.price_indices, self.basis.numbers.price_index
        indices = {index.name: index for index in (own.general, *own.of_groups.values()) if index}
        if not indices:
            return {}
        if general:
            indices.setdefault(general.name, general)
        levels = {name: {str(year): level for year, level in of.levels.items()} for name, of in indices.items()}
        followed = {name: index.name for name, index in sorted(own.of_groups.items())}
        return {"price_levels": levels, "followed": followed}

    def _row_of(self, found: Found) -> Coefficient:
        return self._rows.setdefault(found.row.id, found.row)

    def _named(self, equation: Equation) -> str:
        """The name of an equation, which the ledger then describes."""
        self._equations[equation.name] = equation
        return equation.name

    # shared by figures ------------------------------------------------------------------------------------------------

    def _class_values(self) -> dict[str, dict[str, dict[str, float | None]]]:
        """Coefficients and other properties of the classes that occur, in the units that equations take them in."""
        document: dict[str, dict[str, dict[str, float | None]]] = {}
        for (name, unit), values in sorted(self.plan.class_values.items()):
            document.setdefault(name, {})[unit] = {
                cell_name(*pair): _finite(float(values[c])) for c, pair in self._cells
            }
        return document

    def _zone_values(self) -> dict[str, dict[str, dict[str, float | None] | list[StatisticRecord]]]:
        """Items of the tables that go into densities, by zone, with the rows that give them."""
        document: dict[str, dict[str, dict[str, float | None] | list[StatisticRecord]]] = {}
        for (name, unit), values in sorted(self.plan.zone_values.items()):
            rows = [s for s in self.basis.inputs.statistics if s.item == name and s.value is not None]
            document.setdefault(name, {})[unit] = {
                zone.code: _finite(float(values[z])) for z, zone in enumerate(self.basis.zones)
            }
            document[name]["rows"] = [self._statistic(row, item_unit(name)) for row in rows]
        return document

    def _layer(self, name: str) -> LayerWords:
        layer = self.plan.layers[name]
        kind = layer_kinds()[name]
        return {"unit": layer.unit, "zh": kind.label_zh, "en": kind.label_en, "made_by": self._made_by(name)}

    def _made_by(self, name: str) -> list[str]:
        """The equations by which a layer was made on the grid of the layers that it is made from, the last first."""
        for leaf in (
            leaf
            for s in self.basis.study_plan.services
            for c in s.components
            for flow in c.flows
            for leaf in _layer_leaves(flow.node)
        ):
            if leaf.name == name and leaf.derivations:
                return [self._named(derivation.equation) for derivation in reversed(leaf.derivations)]
        return []


def _layer_leaves(node: Computed) -> Iterable[LayerInput]:
    for part in node.inputs:
        if isinstance(part, LayerInput):
            yield part
        elif isinstance(part, Computed):
            yield from _layer_leaves(part)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _scale(row: Statistic, unit: str) -> float:
    """What the printed value of a row is multiplied by to be in a unit. Prices are in plain units; a total may leave
    out its year.
    """
    if row.measure == "price" and not item_unit(row.item):
        return linear(row.unit, unit)[0]
    return in_unit(1.0, row.unit, unit)


def _equation(equation: Equation) -> EquationRecord:
    return {
        "summary": equation.summary,
        "formula": equation.formula,
        "symbols": equation.symbols,
        "source": equation.source,
        "arguments": dict(equation.units),
        "returns": equation.returns,
        # pairs, as JSON has them: an account that was read is equal to the one that was written
        "arithmetic": cast("list[tuple[str, str]]", [list(line) for line in arithmetic(equation)]),
    }


def _row(row: Coefficient) -> RowRecord:
    """A row without its empty cells."""
    cells = {key: value for key, value in asdict(row).items() if key != "place" and value not in (None, "")}
    return cast(RowRecord, {**cells, "file": row.place})
