"""A figure taken apart, as text: what a statistician reads first, then every line of arithmetic with exact numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from gep.account.explain import Contribution, Explanation
from gep.account.steps import Step
from gep.core.catalog import named
from gep.core.keys import CITY, NONE, MatrixCell
from gep.core.messages import Text, in_language, joined, say
from gep.core.unit_names import unit_name
from gep.report.console import rows_table
from gep.report.explanation_page import Page, km2, percent, short
from gep.report.explanation_steps import Steps, reason_in_words


def show_explanation(document: Explanation, out: Console, language: str, *, show_all: bool = False) -> None:
    """Print the explanation of a figure. Without an ecosystem, the largest class of each component is shown in full, or
    all with `show_all`.
    """
    page = Page(document, out, language)
    _head(page)
    if not document["contributions"]:
        return
    _contributions(page)
    steps, writer = _chosen(document, show_all), Steps(page)
    for step in steps:
        writer.write(step)
    if rest := [step for step in document["steps"] if step not in steps]:
        names = dict.fromkeys(step["ecosystem"] for step in document["steps"] if step["ecosystem"] != NONE)
        page.write("")
        page.tell("others", count=len(rest), ecosystems=[named(name) for name in names], indent=0)
    page.heading(page.word("total"))
    writer.recompute(document["recompute"])
    page.sources()


# the figure -----------------------------------------------------------------------------------------------------------


def _head(page: Page) -> None:
    figure = page.document["figure"]
    name = figure["zone_name"][page.language]
    is_plain = figure["zone"] in (CITY, name)
    about: dict[str, Any] = {
        "service": figure["service_name"][page.language],
        "id": figure["service"],
        "zone": name if is_plain else page.word("coded", name=name, code=figure["zone"]),
        "year": figure["year"],
    }
    if figure["ecosystem"]:
        cell = page.cell(*MatrixCell(figure["ecosystem"]).pair)
        page.tell("heading_ecosystem", ecosystem=cell, indent=0, style="bold", **about)
    else:
        page.tell("heading", indent=0, style="bold", **about)
    if figure["value"] is not None:
        page.tell("value_at", money=page.money(figure["value"]), year=figure["price_year"])
    for quantity in figure["quantities"]:
        amount: dict[str, Any] = {
            "amount": short(quantity["value"]),
            "unit": unit_name(quantity["unit"], page.language),
        }
        page.tell("quantity_line", name=named(quantity["component"]), **amount)
    if figure["empty"]:
        page.tell("no_figure", reason=reason_in_words(figure["empty"]), style="yellow")
    for missing in figure["missing"] if not figure["empty"] else ():
        page.tell("partial", reason=reason_in_words(missing), style="yellow")
    if figure["missing_share"] is not None:
        page.tell("missing_share", share=percent(figure["missing_share"]))
    _foot(page)


def _foot(page: Page) -> None:
    """By which rules the figure was computed."""
    figure = page.document["figure"]
    said = [say("explanation.word.profile", profile=figure["profile"])]
    if figure["clause"]:
        said.append(say("explanation.word.clause", clause=figure["clause"]))
    if figure["note"]:
        note = Text(figure["note"].rstrip("."), in_language(figure["note"], "zh").rstrip("。"))
        said.append(say("explanation.word.note", note=note))
    if figure["switches"]:
        switches = [f"{name}={option}" for name, option in figure["switches"].items()]
        said.append(say("explanation.word.switches", switches=switches))
    said.append(say("explanation.word.run", run_id=figure["run_id"]))
    page.write(page.text(joined(said, "; ", "；")), indent=2, style="dim")


# contributions --------------------------------------------------------------------------------------------------------


def _contributions(page: Page) -> None:
    page.heading(page.word("contributions"))
    lines = page.document["contributions"]
    zones = dict.fromkeys(line["zone"] for line in lines)
    if len(zones) > 1:
        names = {line["zone"]: line["zone_name"][page.language] for line in lines}
        rows = [
            [page.word("coded", name=names[z], code=z), "", *_sums(page, [line for line in lines if line["zone"] == z])]
            for z in zones
        ]
        page.out.print(_table(page, "zone", rows))
    groups: dict[tuple[str, str, str], list[Contribution]] = {}
    for line in lines:
        groups.setdefault((line["ecosystem"], line["land_class"], line["component"]), []).append(line)
    rows = [[page.cell(e, c), page.component(name), *_sums(page, members)] for (e, c, name), members in groups.items()]
    page.out.print(_table(page, "class", rows))


def _sums(page: Page, lines: Sequence[Contribution]) -> list[str]:
    """Area, quantity, unit, value and share of some contributions; a sum over components has no quantity, and counts
    its land once.
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
    figure = page.document["figure"]
    total = figure["value"]
    has_shares = all((part["value"] or 0.0) >= 0 for part in page.document["contributions"])
    share = math.fsum(values) / total * 100 if total and values and counted and has_shares else None
    no_value = page.word("uncounted") if not counted else "—" if figure["is_priced"] else ""
    return [
        f"{km2(math.fsum(lands.values())):,.2f}" if lands else "—",
        short(math.fsum(known)) if known and is_one else "",
        unit_name(lines[0]["unit"], page.language) if known and is_one else "",
        f"{math.fsum(values):,.2f}" if values else no_value,
        f"{share:.2f}" if share is not None else "",
    ]


def _table(page: Page, first: str, rows: Sequence[Sequence[str]]) -> Table:
    keys = (first, "component", "area_km2", "quantity_head", "unit", "value_cny", "share")
    kept = [i for i in range(len(keys)) if any(row[i] for row in rows)]
    names = [page.word(key) for key in keys]
    right = [names[i] for i in (2, 3, 5, 6)]
    return rows_table([names[i] for i in kept], [[row[i] for i in kept] for row in rows], right=right)


# which steps are shown ------------------------------------------------------------------------------------------------


def _chosen(document: Explanation, show_all: bool) -> list[Step]:
    """The steps that are shown in full: all of an ecosystem; else the largest of each component."""
    steps: list[Step] = list(document["steps"])
    if show_all or document["figure"]["ecosystem"]:
        return steps
    largest: dict[str, Step] = {}
    for step in steps:
        known = largest.get(step["component"])
        if known is None or _size(step) > _size(known):
            largest[step["component"]] = step
    return list(largest.values())


def _size(step: Step) -> float:
    measured = step["value"] or step["quantity"]
    return abs((measured["value"] if measured else None) or 0.0)
