"""The steps of an explanation as text: cells with their equations, accounting units, products, prices, rules on totals,
and the arithmetic of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gep.account.arithmetic import ArithmeticLine
from gep.account.reasons import Reason
from gep.account.steps import Argument, EquationStep, Formula, PriceStep, RuleStep, Step
from gep.core.catalog import named
from gep.core.formula import put_in
from gep.core.messages import say
from gep.core.translation import translated
from gep.report.explanation_page import Page, km2, percent, short

_MOST_UNITS = 12
"""How many lakes or sites are described in words; the arithmetic has more of them."""


def reason_in_words(reason: Reason) -> Any:
    """Why a figure is empty, with the kind of the reason."""
    detail = reason["detail"]
    return say("explanation.word.reason", reason=say(f"explanation.reason.{reason['reason']}"), detail=detail)


class Steps:
    """Writes steps one after the other. What stands further up already is not written twice."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.formulas = {formula["name"]: formula for formula in page.document["formula"]}
        self._said: set[tuple[Any, ...]] = set()
        self._written: set[str] = set()

    def write(self, step: Step) -> None:
        """A step: what it is made of, in words, then line by line."""
        page = self.page
        cell = page.cell(step["ecosystem"], step["land_class"])
        name = page.component(step["component"])
        page.heading(page.word("step", component=name, id=step["component"], cell=cell))
        if step["why_empty"]:
            key = "no_figure" if step["counted"] else "uncounted_because"
            page.tell(key, reason=step["why_empty"], style="yellow")
        if step["kind"] == "cells":
            self._cells(step, cell)
        if step["kind"] == "units":
            self._units(step)
        if step["kind"] == "product":
            self._products(step)
        for price in step["prices"]:
            self._price(price)
        self._times_price(step)
        for rule in step["passes"]:
            self._rule(rule)
        if step["lines"]:
            self.recompute([*step["lines"], *(line for rule in step["passes"] for line in rule["lines"])])

    # cells ------------------------------------------------------------------------------------------------------------

    def _cells(self, step: Step, cell: str) -> None:
        area = step["area"]
        sizes: dict[str, Any] = {
            "area": short(km2(area["total"])),
            "valid": short(km2(area["valid"])),
            "cells": f"{area['cells']:,.0f}",
        }
        self.page.tell("area", share=percent(area["missing_share"] or 0.0), **sizes)
        for equation in step["equations"]:
            self._equation(equation, cell)
        if step.get("density") and step["quantity"] and step["quantity"]["value"] is not None:
            density, quantity = step["density"], step["quantity"]
            self.page.tell(
                "density",
                area=short(area["valid"]),
                density=short(density["mean"]),
                density_unit=self.page.unit(density["unit"]),
                quantity=short(quantity["value"]),
                unit=self.page.unit(quantity["unit"]),
            )

    def _equation(self, equation: EquationStep, cell: str) -> None:
        page, formula = self.page, self.formulas[equation["equation"]]
        is_own = equation["name"] == equation["equation"]
        name = equation["name"] if is_own else f"{equation['name']} ({equation['equation']})"
        key = (cell, name, equation["at_means"], equation["mean"])
        mean, unit = short(equation["mean"]), page.unit(equation["unit"])
        if key in self._said:
            page.tell("as_above", name=name, mean=mean, unit=unit)
            return
        self._said.add(key)
        self._formula(name, formula)
        if equation["derivation"] and equation["derivation"]["is_provisional"]:
            page.tell("provisional", note=equation["derivation"]["note"], indent=6, style="yellow")
        if equation["at_means"] is not None:
            self._numbers_in(formula, equation)
        else:
            page.tell(
                "cell_by_cell" if equation["mean"] is not None else "cell_by_cell_only", mean=mean, unit=unit, indent=6
            )
        arguments = equation["arguments"]
        page.columns([[a["argument"], short(a["value"]), page.unit(a["unit"]), self._origin(a)] for a in arguments], 8)
        for name in dict.fromkeys(name for a in arguments for name in a.get("made_by", ())):
            if ("made_by", name) not in self._said:
                self._said.add(("made_by", name))
                self._formula(name, self.formulas[name])

    def _formula(self, name: str, formula: Formula) -> None:
        """An equation in words and in symbols, with its source; not the worked example of its text."""
        page = self.page
        page.tell("formula", name=name, summary=formula["summary"])
        first, *rest = [page.text(translated(line)) for line in formula["formula"].splitlines()] or [""]
        page.write(f"{first}    [{page.text(formula['source'])}]", indent=6)
        for line in rest:
            page.write(line, indent=6)
        symbols = " ".join(page.text(formula["symbols"]).partition("\n\n")[0].split())
        if symbols and not symbols[0].isdigit():
            page.write(symbols, indent=6, style="dim")

    def _numbers_in(self, formula: Formula, equation: EquationStep) -> None:
        """The arithmetic with short numbers put in, and what averaging makes of it."""
        page = self.page
        texts = {a["argument"]: short(a["value"]) for a in equation["arguments"]}
        *within, (_, last) = formula["arithmetic"]
        for name, expression in within:
            page.write(f"{name} = {_readable(put_in(expression, texts))}", indent=6)
        unit = page.unit(equation["unit"])
        expression, result = _readable(put_in(last, texts)), short(equation["at_means"])
        page.write(f"= {result} {unit}" if expression == result else f"= {expression} = {result} {unit}", indent=6)
        difference = equation["difference"]
        if difference and difference["due_to"] == "averaging":
            share = f" ({difference['value'] / equation['mean']:+.1%})" if equation["mean"] else ""
            gap = f"{short(difference['value'])}{share}"
            page.tell("averaging", mean=short(equation["mean"]), unit=unit, gap=gap, indent=6)

    def _origin(self, argument: Argument) -> str:
        page, kind = self.page, argument["kind"]
        if kind == "layer" and argument["value"] is not None:
            return page.word("mean_of_layer", layer=self._layer(argument))
        if kind == "derived":
            return page.word("mean_of_derived") if argument["value"] is not None else page.word("months")
        if kind == "coefficient":
            return page.coefficient(page.rows[argument["row"] or ""], argument["matched"] or "")
        if kind == "table":
            return page.statistic(argument["statistic"]) if argument["statistic"] else page.word("table")
        return page.word("property") if kind == "property" else page.word("months")

    def _layer(self, argument: Argument) -> str:
        """A layer with its file, variable and period, or with how it was made."""
        page, about = self.page, argument["input"]
        parts = [part for part in (about.get("file"), about.get("variable"), about.get("period")) if part]
        if argument["made_by"]:
            layers = list(about.get("from", ())) or [argument["name"]]
            parts.append(page.word("made_by", equations=argument["made_by"], layers=layers))
        return page.word("layer_of", layer=argument["name"], parts=parts) if parts else str(argument["name"])

    # units, products, prices ------------------------------------------------------------------------------------------

    def _units(self, step: Step) -> None:
        page, equation = self.page, step["equation"]
        if equation in self.formulas:
            self._formula(equation, self.formulas[equation])
        of = page.unit(step["quantity"]["unit"] if step["quantity"] else "")
        units = sorted(step["units"], key=lambda unit: -(unit["quantity"] or 0.0) * unit["share"])
        for unit in units[:_MOST_UNITS]:
            extent, quantity = short(unit["extent"]), short(unit["quantity"])
            units_of = {"extent_unit": page.unit(step["extent_unit"]), "unit": of}
            about: dict[str, Any] = {"name": unit["name"], "extent": extent, "quantity": quantity, **units_of}
            page.tell("unit_line", share=percent(unit["share"]), indent=4, **about)
            for row in unit["statistics"]:
                page.write(page.statistic(row), indent=8)
        if more := len(units) + step["others"] - min(len(units), _MOST_UNITS):
            page.tell("more_units", count=more, indent=4)
        shared = {name: number for unit in units for name, number in unit["arguments"].items()}
        page.columns(
            [[name, short(n["amount"]), page.unit(n["unit"]), page.number(n)] for name, n in shared.items()], 8
        )

    def _products(self, step: Step) -> None:
        page = self.page
        for name in dict.fromkeys([step["net"], *(product["value"] for product in step["products"])]):
            if name:
                self._formula(name, self.formulas[name])
        for product in step["products"]:
            for measure, row in product["members"].items():
                page.tell(f"product.{measure}", origin=page.moved(page.statistic(row), row), indent=4)
            for name, cost in product["costs"].items():
                if cost:
                    origin = page.moved(page.statistic(cost), cost)
                    page.tell("product.cost", name=named(name), origin=origin, indent=4)
            if shares := product.get("shares"):
                told = [say("explanation.word.product.of", name=named(e), share=share) for e, share in shares.items()]
                page.tell("product.shares", shares=told, indent=4)

    def _price(self, price: PriceStep) -> None:
        page = self.page
        page.tell("price", amount=short(price["amount"]), unit=page.unit(price["unit"]))
        if price["equation"]:
            formula = self.formulas[price["equation"]]
            text = " ".join(formula["formula"].split())
            line = say("core.titled", title=price["equation"], text=text).to(page.language)
            page.write(f"{line}    [{page.text(formula['source'])}]", indent=6)
        for name, number in price["numbers"].items():
            origin = page.number(number)
            if row := number.get("coefficient"):
                origin = page.word("printed", value=short(row["value"]), unit=page.unit(row["unit"]), origin=origin)
            about: dict[str, Any] = {"name": name, "amount": short(number["amount"]), "unit": page.unit(number["unit"])}
            page.tell("price_number", origin=page.moved(origin, number), indent=6, **about)

    def _times_price(self, step: Step) -> None:
        page, quantity, value = self.page, step["quantity"], step["value"]
        if value and value["equation"]:
            formula = self.formulas[value["equation"]]
            page.tell("formula", name=value["equation"], summary=formula["summary"])
            page.write(f"{formula['formula']}    [{page.text(formula['source'])}]", indent=6)
        is_priced = page.document["figure"]["is_priced"]
        if step["kind"] in ("cells", "units") and quantity and value is None and is_priced:
            page.tell("unpriced")
        if value is None or value["value"] is None:
            return
        if len(step["prices"]) == 1 and quantity and quantity["value"] is not None:
            (price,) = step["prices"]
            page.tell(
                "times_price",
                quantity=short(quantity["value"]),
                unit=self.page.unit(quantity["unit"]),
                price=short(price["amount"]),
                price_unit=page.unit(price["unit"]),
                value=f"{value['value']:,.2f}",
            )
        else:
            page.tell("value_line", money=page.money(value["value"]))

    def _rule(self, rule: RuleStep) -> None:
        key = rule["rule"] if rule["rule"] != "cap" or "limit" in rule else "cap_zones"
        if key == "cap" and rule["quantity"] is None:
            key = "cap_idle"
        figures = (rule.get("capacity"), rule.get("limit"), rule.get("kept"), rule["quantity"])
        shown: dict[str, Any] = dict(zip(("capacity", "limit", "kept", "quantity"), map(short, figures), strict=True))
        area = short(km2(rule.get("area") or 0.0))
        self.page.tell(f"rule.{key}", unit=self.page.unit(rule.get("unit", "")), area=area, **shown)
        for row in [rule["statistic"]] if rule.get("statistic") else rule.get("statistics", []):
            self.page.write(self.page.statistic(row), indent=6)

    # arithmetic -------------------------------------------------------------------------------------------------------

    def recompute(self, lines: Sequence[ArithmeticLine]) -> None:
        """The lines of arithmetic, without those that stand further up already."""
        page = self.page
        page.tell("to_recompute")
        within: list[str] = []
        is_left_out = False
        for line in lines:
            result = "" if line["result"] is None else f" = {line['result']!r} {line['unit']}"
            note = f"  # {page.text(line['note'])}" if line["note"] else ""
            within.append(f"    {line['name']} = {line['expression']}{result}{note}")
            if line["result"] is None:
                continue
            text, within = "\n".join(within), []
            if text in self._written:
                is_left_out = True
                continue
            self._written.add(text)
            page.write(text)
        if is_left_out:
            page.tell("lines_above", indent=4)


def _readable(expression: str) -> str:
    return expression.replace(" ** ", "^").replace(" * ", " × ")
