"""A figure taken apart, as text: what a statistician reads first, then every line of arithmetic with exact numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from gep.account.entries import ADJUSTMENTS
from gep.core.catalog import label
from gep.core.formula import put_in
from gep.core.keys import CITY, NONE
from gep.core.units import linear, pretty
from gep.report.console import rows_table
from gep.standards.classes import land_classes

Document = Mapping[str, Any]

_WORDS = {
    "value": ("价值量", "value"),
    "quantity": ("实物量", "quantity"),
    "no_figure": ("没有数据", "There is no figure"),
    "partial": ("全区域核算不全", "Not full in the whole area"),
    "prices_of": ("{year} 年价格", "prices of {year}"),
    "profile": ("核算规范 {profile}", "profile {profile}"),
    "clause": ("条款：{clause}", "clause: {clause}"),
    "note": ("说明：{note}", "note: {note}"),
    "switches": ("方法选项：{switches}", "methods: {switches}"),
    "run": ("运行 {run_id}", "run {run_id}"),
    "missing_share": ("缺少输入的面积占 {share}", "inputs are missing on {share} of the land that counts"),
    "contributions": ("构成", "Contributions"),
    "class": ("类型", "Class"),
    "component": ("分项", "Component"),
    "area_km2": ("面积 (km²)", "Area (km²)"),
    "unit": ("单位", "Unit"),
    "quantity_head": ("实物量", "Quantity"),
    "value_cny": ("价值量 (元)", "Value (CNY)"),
    "share": ("占比 (%)", "Share (%)"),
    "zone": ("核算区域", "Zone"),
    "name": ("名称", "Name"),
    "number": ("数值", "Number"),
    "from": ("来源", "From"),
    "area": (
        "面积 {area} km²，其中输入齐全 {valid} km²，缺失 {share}（{cells} 个栅格）",
        "Area {area} km², of which {valid} km² have all inputs; missing {share} ({cells} cells)",
    ),
    "averaging": (
        "按栅格计算的均值为 {mean} {unit}：方程对输入非线性，取平均造成的差额为 {gap}",
        "The mean over the cells is {mean} {unit}: the equation is not linear in its inputs, and {gap} is due "
        "to averaging them",
    ),
    "cell_by_cell": (
        "逐栅格计算（输入含逐月数据），均值为 {mean} {unit}",
        "Worked out cell by cell, from months among others; its mean is {mean} {unit}",
    ),
    "cell_by_cell_only": ("逐栅格计算（输入含逐月数据）", "Worked out cell by cell, from months among others"),
    "mean_of_layer": ("按面积加权平均，图层 {layer}", "area-weighted mean, layer {layer}"),
    "made_by": ("由 {equations} 用 {layers} 推算", "made by {equations} from {layers}"),
    "mean_of_derived": ("推算值按面积加权平均，见下", "area-weighted mean, derived below"),
    "months": ("逐月数据", "months"),
    "property": ("由本研究的输入确定", "follows from the inputs of the study"),
    "as_above": ("同上：{mean} {unit}", "as above: {mean} {unit}"),
    "lines_above": ("（其余各行同上）", "(the other lines: as above)"),
    "own_source": ("本研究自有数据", "of the study itself"),
    "cap_idle": (
        "上限：能力 {capacity} 不超过排放 {limit} {unit}，不作调整",
        "Cap at what is emitted: capacity {capacity}, emissions {limit} {unit}: nothing is taken off",
    ),
    "table": ("统计表", "table"),
    "density": (
        "面积 × 平均密度 = 实物量：{area} m² × {density} {density_unit} = {quantity} {unit}",
        "Area × mean density = quantity: {area} m² × {density} {density_unit} = {quantity} {unit}",
    ),
    "times_price": (
        "实物量 × 价格 = 价值量：{quantity} {unit} × {price} {price_unit} = {value} 元",
        "Quantity × price = value: {quantity} {unit} × {price} {price_unit} = {value} CNY",
    ),
    "unit_price": ("单价", "price"),
    "price": ("价格 {amount} {unit}", "Price {amount} {unit}"),
    "printed": ("原值 {value} {unit}", "printed {value} {unit}"),
    "moved": (
        "{from_year} 年价格 × {index} {factor}，换算到 {to_year} 年",
        "of {from_year} × {factor} by the index {index} to {to_year}",
    ),
    "unmoved": ("{from_year} 年价格", "of {from_year}"),
    "unit_line": (
        "{name}：{extent} {extent_unit}，本区占 {share}，实物量 {quantity} {unit}",
        "{name}: {extent} {extent_unit}, {share} of it here, quantity {quantity} {unit}",
    ),
    "more_units": ("另有 {count} 个，见 --json", "{count} more: see --json"),
    "cap": (
        "上限：能力 {capacity}，排放 {limit}，计入 {kept} {unit}；本项调整 {quantity}",
        "Cap at what is emitted: capacity {capacity}, emissions {limit}, counted {kept} {unit}; this figure "
        "changes by {quantity}",
    ),
    "cap_zones": (
        "上限：各区域调整合计 {quantity} {unit}",
        "Cap at what is emitted: all zones change by {quantity} {unit}",
    ),
    "clip_cell": (
        "负值栅格按零计：共 {quantity} {unit}，面积 {area} km²",
        "Cells that come out negative count as zero: {quantity} {unit} on {area} km²",
    ),
    "clip_ecosystem": (
        "负的合计按零计：调整 {quantity} {unit}",
        "A negative total counts as zero: this figure changes by {quantity} {unit}",
    ),
    "no_limit": ("没有上报排放量，不计入", "No limit is reported for the zone: not counted"),
    "from_outside": ("扣除来自区域外的部分", "Taken off: what comes from ecosystems outside the area"),
    "uncounted": ("不计入合计", "not counted"),
    "unpriced": ("本分项没有价格，是其他分项的基础", "This component has no price of its own: others rest on it"),
    "to_recompute": ("复算（精确数值；sum 只舍入一次）", "To recompute (exact numbers; sum is rounded once)"),
    "total": ("合计", "Total"),
    "others": (
        "未列出的 {count} 项：加 --all 全部列出，或指明生态系统：{ecosystems}",
        "{count} more are not shown: add --all, or name an ecosystem: {ecosystems}",
    ),
    "sources": ("文献", "Sources"),
    "verified": ("已核对", "verified"),
    "provisional": ("暂定", "provisional"),
    "matched_parent class": ("取上级类型的值", "row of the broader class"),
    "matched_ecosystem": ("取生态系统的值", "row of the ecosystem"),
    "off": ("未启用", "off"),
    "no_input": ("缺少输入", "no input"),
    "no_coefficient": ("缺少参数", "no coefficient"),
    "low_coverage": ("覆盖率不足", "too little data"),
    "no_equation": ("尚无算法", "no equation yet"),
    "not_in_profile": ("规范不核算", "not in the profile"),
    "not_applicable": ("不适用", "not applicable"),
    "does_not_occur": ("区域内没有", "does not occur"),
    "not_counted": ("规范不核算", "not counted"),
    "not_supplied": ("本研究未提供", "not supplied"),
    "nothing_reported": ("没有上报", "nothing reported"),
    "no_number": ("没有数据", "no figure"),
}

_NOTES = (
    ("due to averaging", "取平均所致"),
    ("due to rounding", "浮点舍入所致"),
    ("sum over the cells / their area in m2", "栅格合计 / 其面积 (m2)"),
    ("sum over the cells, from ", "栅格合计，单位换算 "),
    (" to ", " → "),
    ("all of ", "全部 "),
    ("of ", "合计 "),
    (" zones", " 个区域"),
)
"""What the notes of lines say in Chinese."""

_MOST_UNITS = 12
"""How many lakes or sites are described in words; the arithmetic has more of them."""


def show_explanation(document: Document, out: Console, language: str, *, show_all: bool = False) -> None:
    """Print the explanation of a figure. Without an ecosystem, the largest class of each component is shown in full, or
    all with `show_all`.
    """
    _Text(document, out, language, show_all).show()


def short(value: float | None) -> str:
    """A number for reading."""
    if value is None:
        return "—"
    return f"{value:,.2f}" if abs(value) >= 1000 else f"{value:.6g}"


class _Text:
    def __init__(self, document: Document, out: Console, language: str, show_all: bool) -> None:
        self.document, self.out, self.language, self.show_all = document, out, language, show_all
        self.figure = document["figure"]
        self.formulas = {formula["name"]: formula for formula in document["formula"]}
        self.rows = {row["id"]: row for row in document["coefficients"]}
        self.cited: dict[str, Mapping[str, Any]] = {}
        self._said: set[tuple[Any, ...]] = set()
        self._written: set[str] = set()

    def show(self) -> None:
        self._head()
        if self.document["contributions"]:
            self._contributions()
            steps = self._chosen()
            for step in steps:
                self._step(step)
            if rest := [step for step in self.document["steps"] if step not in steps]:
                names = dict.fromkeys(step["ecosystem"] for step in self.document["steps"] if step["ecosystem"] != NONE)
                self._say("\n" + self._word("others", count=len(rest), ecosystems=", ".join(names)))
            self._heading("total")
            self._recompute(self.document["recompute"])
            self._sources()

    def _word(self, key: str, **values: Any) -> str:
        zh, en = _WORDS[key]
        return (zh if self.language == "zh" else en).format(**values)

    def _say(self, text: str, style: str = "") -> None:
        self.out.print(text, style=style or None, markup=False, soft_wrap=True)

    def _heading(self, key: str) -> None:
        self._say(f"\n{self._word(key)}", "bold")

    def _money(self, value: float) -> str:
        large = value / linear("亿元", "CNY")[0]
        scaled = f"{large:,.2f}" if abs(large) >= 1 else f"{large:.4g}"
        return f"{value:,.2f} 元（{scaled} 亿元）" if self.language == "zh" else f"{value:,.2f} CNY ({scaled} 亿元)"

    # the figure -------------------------------------------------------------------------------------------------------

    def _head(self) -> None:
        figure = self.figure
        zone = figure["zone_name"][self.language]
        code = "" if figure["zone"] in (CITY, zone) else f" {figure['zone']}"
        which = f" · {self._cell(*figure['ecosystem'].split('/'))}" if figure["ecosystem"] else ""
        self._say(
            f"{figure['service_name'][self.language]} ({figure['service']}) · {zone}{code}{which} · {figure['year']}",
            "bold",
        )
        if figure["value"] is not None:
            year = self._word("prices_of", year=figure["price_year"])
            self._say(f"  {self._word('value')}: {self._money(figure['value'])}, {year}")
        for quantity in figure["quantities"]:
            name = label(quantity["component"], self.language)
            self._say(f"  {self._word('quantity')}: {name} {short(quantity['value'])} {quantity['unit']}")
        if figure["empty"]:
            self._say(f"  {self._word('no_figure')}: {self._reason(figure['empty'])}", "yellow")
        for missing in figure["missing"] if not figure["empty"] else ():
            self._say(f"  {self._word('partial')}: {self._reason(missing)}", "yellow")
        if figure["missing_share"] is not None:
            self._say(f"  {self._word('missing_share', share=_percent(figure['missing_share']))}")
        about = [self._word("profile", profile=figure["profile"])]
        about += [self._word(key, **{key: figure[key]}) for key in ("clause", "note") if figure[key]]
        if figure["switches"]:
            about.append(
                self._word(
                    "switches", switches=", ".join(f"{name}={option}" for name, option in figure["switches"].items())
                )
            )
        self._say("  " + "; ".join([*about, self._word("run", run_id=figure["run_id"])]), "dim")

    def _reason(self, reason: Document) -> str:
        key = "no_number" if reason["reason"] == "no_figure" else reason["reason"]
        return f"{self._word(key)}: {reason['detail'].rstrip('.')}"

    def _cell(self, ecosystem: str, land_class: str = NONE) -> str:
        known = land_classes().get((ecosystem, land_class))
        named = (known.label_zh if self.language == "zh" else known.label_en) if known else land_class
        name = label(ecosystem, self.language) if ecosystem != NONE else "—"
        return name if land_class == NONE else f"{name}: {named}"

    # contributions ----------------------------------------------------------------------------------------------------

    def _contributions(self) -> None:
        self._heading("contributions")
        lines = self.document["contributions"]
        zones = dict.fromkeys(line["zone"] for line in lines)
        if len(zones) > 1:
            names = {line["zone"]: line["zone_name"] for line in lines}
            rows = [
                [f"{names[z][self.language]} {z}", "", *self._sums([line for line in lines if line["zone"] == z])]
                for z in zones
            ]
            self.out.print(self._table("zone", rows))
        groups: dict[tuple[str, str, str], list[Document]] = {}
        for line in lines:
            groups.setdefault((line["ecosystem"], line["land_class"], line["component"]), []).append(line)
        rows = [
            [self._cell(e, c), self._component(name), *self._sums(members)] for (e, c, name), members in groups.items()
        ]
        self.out.print(self._table("class", rows))

    def _component(self, name: str) -> str:
        for ending in ADJUSTMENTS:
            if name.endswith(ending):
                return f"{label(name.removesuffix(ending), self.language)} {ending.removeprefix('_')}"
        return label(name, self.language)

    def _sums(self, lines: Sequence[Document]) -> list[str]:
        """Area, quantity, unit, value and share of some contributions; a sum over components has no quantity, and
        counts its land once.
        """
        lands = {
            (line["zone"], line["ecosystem"], line["land_class"]): line["area"]
            for line in lines
            if line["area"] is not None
        }
        components = {line["component"] for line in lines}
        known = [line["quantity"] for line in lines if line["quantity"] is not None]
        values = [line["value"] for line in lines if line["value"] is not None]
        is_one = len(components) == 1
        counted = all(line["counted"] for line in lines)
        total = self.figure["value"]
        has_shares = all((part["value"] or 0.0) >= 0 for part in self.document["contributions"])
        share = math.fsum(values) / total * 100 if total and values and counted and has_shares else None
        return [
            f"{math.fsum(lands.values()) * linear('m^2', 'km^2')[0]:,.2f}" if lands else "—",
            short(math.fsum(known)) if known and is_one else "",
            lines[0]["unit"] if known and is_one else "",
            f"{math.fsum(values):,.2f}" if values else self._no_value(counted),
            f"{share:.2f}" if share is not None else "",
        ]

    def _no_value(self, is_counted: bool) -> str:
        if not is_counted:
            return self._word("uncounted")
        return "—" if self.figure["is_priced"] else ""

    def _table(self, first: str, rows: Sequence[Sequence[str]]) -> Table:
        keys = (first, "component", "area_km2", "quantity_head", "unit", "value_cny", "share")
        kept = [i for i in range(len(keys)) if any(row[i] for row in rows)]
        names = [self._word(key) for key in keys]
        right = [names[i] for i in (2, 3, 5, 6)]
        return rows_table([names[i] for i in kept], [[row[i] for i in kept] for row in rows], right=right)

    def _chosen(self) -> list[Document]:
        """The steps that are shown in full: all of an ecosystem; else the largest of each component."""
        steps: list[Document] = list(self.document["steps"])
        if self.show_all or self.figure["ecosystem"]:
            return steps
        largest: dict[str, Document] = {}
        for step in steps:
            known = largest.get(step["component"])
            if known is None or _size(step) > _size(known):
                largest[step["component"]] = step
        return list(largest.values())

    # a step -----------------------------------------------------------------------------------------------------------

    def _step(self, step: Document) -> None:
        self._say(
            f"\n{self._component(step['component'])} ({step['component']}) · "
            f"{self._cell(step['ecosystem'], step['land_class'])}",
            "bold",
        )
        if step["why_empty"]:
            self._say(
                f"  {self._word('no_figure') if step['counted'] else self._word('uncounted')}: {step['why_empty']}",
                "yellow",
            )
        if step["kind"] == "cells":
            self._cells(step)
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
            self._recompute([*step["lines"], *(line for rule in step["passes"] for line in rule["lines"])])

    def _cells(self, step: Document) -> None:
        area = step["area"]
        km2 = linear("m^2", "km^2")[0]
        share = _percent(area["missing_share"] or 0.0)
        said = self._word(
            "area",
            area=short(area["total"] * km2),
            valid=short(area["valid"] * km2),
            share=share,
            cells=f"{area['cells']:,.0f}",
        )
        self._say(f"  {said}")
        for equation in step["equations"]:
            self._equation(equation, self._cell(step["ecosystem"], step["land_class"]))
        if step.get("density") and step["quantity"] and step["quantity"]["value"] is not None:
            density = step["density"]
            numbers = {
                "area": short(area["valid"]),
                "density": short(density["mean"]),
                "density_unit": pretty(density["unit"]),
            }
            amount = {"quantity": short(step["quantity"]["value"]), "unit": step["quantity"]["unit"]}
            self._say(f"  {self._word('density', **numbers, **amount)}")

    def _equation(self, equation: Document, cell: str) -> None:
        formula = self.formulas[equation["equation"]]
        named = (
            equation["name"]
            if equation["name"] == equation["equation"]
            else f"{equation['name']} ({equation['equation']})"
        )
        key = (cell, named, equation["at_means"], equation["mean"])
        if key in self._said:
            self._say(
                f"  {named}: {self._word('as_above', mean=short(equation['mean']), unit=pretty(equation['unit']))}"
            )
            return
        self._said.add(key)
        self._formula(named, formula)
        if equation["derivation"] and equation["derivation"]["is_provisional"]:
            self._say(f"      {self._word('provisional')}: {equation['derivation']['note']}", "yellow")
        if equation["at_means"] is not None:
            self._numbers_in(formula, equation)
        else:
            mean = equation["mean"]
            key_of = "cell_by_cell" if mean is not None else "cell_by_cell_only"
            self._say(f"      {self._word(key_of, mean=short(mean), unit=pretty(equation['unit']))}")
        rows = [[a["argument"], short(a["value"]), pretty(a["unit"]), self._origin(a)] for a in equation["arguments"]]
        for row in _columns(rows):
            self._say(f"        {row}")
        for name in dict.fromkeys(name for a in equation["arguments"] for name in a.get("made_by", ())):
            if ("made_by", name) not in self._said:
                self._said.add(("made_by", name))
                self._formula(name, self.formulas[name])

    def _formula(self, named: str, formula: Document) -> None:
        """An equation in words and in symbols, with its source; not the worked example of its text."""
        self._say(f"  {named}: {formula['summary']}")
        first, *rest = formula["formula"].splitlines() or [""]
        self._say(f"      {first}    [{formula['source']}]")
        for line in rest:
            self._say(f"      {line}")
        symbols = " ".join(formula["symbols"].partition("\n\n")[0].split())
        if symbols and not symbols[0].isdigit():
            self._say(f"      {symbols}", "dim")

    def _numbers_in(self, formula: Document, equation: Document) -> None:
        """The arithmetic with short numbers put in, and what averaging makes of it."""
        texts = {a["argument"]: short(a["value"]) for a in equation["arguments"]}
        *within, (_, last) = formula["arithmetic"]
        for name, expression in within:
            self._say(f"      {name} = {_readable(put_in(expression, texts))}")
        unit = pretty(equation["unit"])
        expression, result = _readable(put_in(last, texts)), short(equation["at_means"])
        self._say(f"      = {result} {unit}" if expression == result else f"      = {expression} = {result} {unit}")
        difference = equation["difference"]
        if difference and difference["due_to"] == "averaging":
            share = f" ({difference['value'] / equation['mean']:+.1%})" if equation["mean"] else ""
            said = self._word(
                "averaging", mean=short(equation["mean"]), unit=unit, gap=f"{short(difference['value'])}{share}"
            )
            self._say(f"      {said}")

    def _origin(self, argument: Document) -> str:
        kind = argument["kind"]
        if kind == "layer" and argument["value"] is not None:
            return self._word("mean_of_layer", layer=self._layer(argument))
        if kind == "derived":
            return self._word("mean_of_derived") if argument["value"] is not None else self._word("months")
        if kind == "coefficient":
            return self._coefficient(self.rows[argument["row"]], argument["matched"])
        if kind == "table":
            return self._statistic(argument["statistic"]) if argument["statistic"] else self._word("table")
        return self._word("property") if kind == "property" else self._word("months")

    def _layer(self, argument: Document) -> str:
        """A layer with its file, variable and period, or with how it was made."""
        about = argument["input"]
        parts = [part for part in (about.get("file"), about.get("variable"), about.get("period")) if part]
        if argument["made_by"]:
            layers = ", ".join(about.get("from", ())) or argument["name"]
            parts.append(self._word("made_by", equations=", ".join(argument["made_by"]), layers=layers))
        return f"{argument['name']} ({', '.join(parts)})" if parts else str(argument["name"])

    def _coefficient(self, row: Document, matched: str = "") -> str:
        self.cited.setdefault(row["source"], row["document"])
        near = f", {self._word(f'matched_{matched}')}" if f"matched_{matched}" in _WORDS else ""
        return (
            f"{row['id']}: {row['source']}, {row['locator'] if row.get('locator') else row['file']}; "
            f"{self._word(row['status'])}{near}"
        )

    def _statistic(self, row: Document) -> str:
        source = f", {row['source']}" if row["source"] else ""
        return f"{row['place']}{source}: {short(row['printed'])} {row['printed_unit']}"

    # units, products, prices ------------------------------------------------------------------------------------------

    def _units(self, step: Document) -> None:
        formula = self.formulas.get(step["equation"] or "")
        if formula:
            self._formula(step["equation"], formula)
        units = sorted(step["units"], key=lambda unit: -(unit["quantity"] or 0.0) * unit["share"])
        for unit in units[:_MOST_UNITS]:
            amounts = {
                "extent": short(unit["extent"]),
                "quantity": short(unit["quantity"]),
                "share": _percent(unit["share"]),
            }
            units_of = {"extent_unit": pretty(step["extent_unit"]), "unit": step["quantity"]["unit"]}
            self._say(f"    {self._word('unit_line', name=unit['name'], **amounts, **units_of)}")
            for row in unit["statistics"]:
                self._say(f"        {self._statistic(row)}")
        if more := len(units) + step["others"] - min(len(units), _MOST_UNITS):
            self._say(f"    {self._word('more_units', count=more)}")
        shared = {name: number for unit in units for name, number in unit["arguments"].items()}
        rows = [[name, short(n["amount"]), pretty(n["unit"]), self._number_from(n)] for name, n in shared.items()]
        for row in _columns(rows):
            self._say(f"        {row}")

    def _number_from(self, number: Document) -> str:
        if number.get("row"):
            return self._coefficient(number.get("coefficient") or self.rows[number["row"]])
        return self._statistic(number) if "printed" in number else self._word("table")

    def _products(self, step: Document) -> None:
        for name in dict.fromkeys([step["net"], *(product["value"] for product in step["products"])]):
            if name:
                self._formula(name, self.formulas[name])
        for product in step["products"]:
            for measure, row in product["members"].items():
                self._say(
                    f"    {self._word(measure if measure != 'price' else 'unit_price')} "
                    f"{self._statistic(row)}{self._moved(row)}"
                )
            for name, cost in product["costs"].items():
                if cost:
                    self._say(f"    {name}: {self._statistic(cost)}{self._moved(cost)}")

    def _moved(self, number: Document) -> str:
        """From which year a price is, and by what it was moved."""
        row = number.get("coefficient", number)
        year = row.get("price_year") or (number.get("year") if number.get("measure") in ("price", "value") else None)
        if year is None:
            return ""
        if number["index_factor"] == 1.0:
            return f"; {self._word('unmoved', from_year=year)}"
        index, to_year = self._index
        return f"; {self._word('moved', from_year=year, index=index, factor=short(number['index_factor']), to_year=to_year)}"

    @property
    def _index(self) -> tuple[str, Any]:
        return self.figure["price_index"], self.figure["price_year"]

    def _price(self, price: Document) -> None:
        unit = price["unit"]
        self._say(f"  {self._word('price', amount=short(price['amount']), unit=pretty(unit))}")
        if price["equation"]:
            formula = self.formulas[price["equation"]]
            self._say(f"      {price['equation']}: {' '.join(formula['formula'].split())}    [{formula['source']}]")
        for name, number in price["numbers"].items():
            row = number.get("coefficient")
            printed = self._word("printed", value=short(row["value"]), unit=row["unit"]) + ", " if row else ""
            self._say(
                f"      {name} {short(number['amount'])} {pretty(number['unit'])}: "
                f"{printed}{self._number_from(number)}{self._moved(number)}"
            )

    def _times_price(self, step: Document) -> None:
        quantity, value = step["quantity"], step["value"]
        if value and value["equation"]:
            formula = self.formulas[value["equation"]]
            self._say(f"  {value['equation']}: {formula['summary']} {formula['formula']}    [{formula['source']}]")
        if step["kind"] in ("cells", "units") and quantity and value is None and self.figure["is_priced"]:
            self._say(f"  {self._word('unpriced')}")
        if value is None or value["value"] is None:
            return
        if len(step["prices"]) == 1 and quantity and quantity["value"] is not None:
            (price,) = step["prices"]
            numbers = {
                "quantity": short(quantity["value"]),
                "unit": quantity["unit"],
                "value": f"{value['value']:,.2f}",
            }
            self._say(
                f"  {self._word('times_price', **numbers, price=short(price['amount']), price_unit=pretty(price['unit']))}"
            )
        else:
            self._say(f"  {self._word('value')}: {self._money(value['value'])}")

    def _rule(self, rule: Document) -> None:
        key = rule["rule"] if rule["rule"] != "cap" or "limit" in rule else "cap_zones"
        if key == "cap" and rule["quantity"] is None:
            key = "cap_idle"
        shown = {name: short(rule.get(name)) for name in ("capacity", "limit", "kept", "quantity")}
        area = short((rule.get("area") or 0.0) * linear("m^2", "km^2")[0])
        self._say(f"  {self._word(key, **shown, unit=rule.get('unit', ''), area=area)}")
        for row in [rule["statistic"]] if rule.get("statistic") else rule.get("statistics", []):
            self._say(f"      {self._statistic(row)}")

    # arithmetic -------------------------------------------------------------------------------------------------------

    def _recompute(self, lines: Sequence[Document]) -> None:
        """The lines of arithmetic, without those that stand further up already."""
        self._say(f"  {self._word('to_recompute')}:")
        within: list[str] = []
        is_left_out = False
        for line in lines:
            result = "" if line["result"] is None else f" = {line['result']!r} {line['unit']}"
            note = f"  # {self._note(line['note'])}" if line["note"] else ""
            within.append(f"    {line['name']} = {line['expression']}{result}{note}")
            if line["result"] is None:
                continue
            text, within = "\n".join(within), []
            if text in self._written:
                is_left_out = True
                continue
            self._written.add(text)
            self._say(text)
        if is_left_out:
            self._say(f"    {self._word('lines_above')}")

    def _note(self, note: str) -> str:
        for english, chinese in _NOTES if self.language == "zh" else ():
            note = note.replace(english, chinese)
        return note

    def _sources(self) -> None:
        if self.cited:
            self._heading("sources")
        for name, about in self.cited.items():
            self._say(f"  {name}: {_citation(about, self.language) if about else self._word('own_source')}")


def _size(step: Document) -> float:
    amount = step["value"] or step["quantity"] or {}
    return abs(float(amount.get("value") or 0.0))


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"


def _readable(expression: str) -> str:
    return expression.replace(" ** ", "^").replace(" * ", " × ")


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows of texts with their columns under each other, the second to the right."""
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    for name, number, unit, origin in rows:
        yield f"{name:<{widths[0]}}  {number:>{widths[1]}} {unit:<{widths[2]}}  {origin}"


def _citation(about: Mapping[str, Any], language: str) -> str:
    title = (about.get("title_zh") if language == "zh" else None) or about.get("title")
    reference = f"doi {about['doi']}" if about.get("doi") else about.get("number")
    published = ", ".join(str(part) for part in (about.get("journal") or about.get("publisher"), reference) if part)
    return f"{about.get('authors')} ({about.get('year')}). {title}. {published}"
