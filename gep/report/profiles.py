"""A profile as it is shown: its matrix of services by ecosystems, its methods, what is provisional."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.catalog import label
from gep.coefficients import sources
from gep.profile import Profile, Rule
from gep.report.console import ECOSYSTEMS
from gep.services import SERVICES

_MARKS = {"counted": "●", "some": "◐", "if_supplied": "○"}


def matrix(rule: Rule) -> dict[str, str]:
    """By ecosystem: counted, some (of its classes only), if_supplied, or nothing."""
    cells: dict[str, str] = {}
    for how, mark in ((rule.if_supplied, "if_supplied"), (rule.counts, "counted")):
        lists = [how, *(component.get("counts" if mark == "counted" else "if_supplied", ()) for component in rule.components.values())]
        for cell in (cell for cells_of in lists for cell in cells_of):
            ecosystem, _, land_class = cell.partition("/")
            if mark == "counted" and (not land_class or cells.get(ecosystem) != "counted"):
                cells[ecosystem] = "some" if land_class else "counted"
            elif mark == "if_supplied":
                cells.setdefault(ecosystem, "if_supplied")
    return cells


def profile_document(profile: Profile) -> dict[str, Any]:
    """A profile as JSON."""
    services = {
        service: {
            "category": rule.category,
            "required": rule.is_required,
            "clause": rule.clause,
            "off": rule.off,
            "has_equation": service in SERVICES,
            "counts": list(rule.counts),
            "if_supplied": list(rule.if_supplied),
            "components": {name: {key: list(cells) for key, cells in lists.items()} for name, lists in rule.components.items()},
            "methods": dict(rule.methods),
            "note": rule.note,
        }
        for service, rule in profile.rules.items()
    }
    return {
        "schema": 1,
        "id": profile.id,
        "name_en": profile.name_en,
        "name_zh": profile.name_zh,
        "level": profile.level,
        "kind": profile.kind,
        "source": profile.source,
        "min_coverage": profile.min_coverage,
        "price_index": profile.price_index,
        "extends": list(profile.folders[1:]),
        "provisional": list(profile.provisional),
        "services": services,
    }


def show(profile: Profile, out: Console, language: str) -> None:
    """Print the matrix and what goes with it."""
    source = sources().get(profile.source, {})
    out.print(f"[bold]{profile.id}[/bold]  {escape(profile.name_en)}  {escape(profile.name_zh)}")
    out.print(
        f"level {profile.level}, {profile.kind}, {escape(str(source.get('number') or source.get('doi') or source.get('title') or ''))}"
    )
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("核算项目" if language == "zh" else "service")
    for ecosystem in ECOSYSTEMS:
        table.add_column(label(ecosystem, language).split(" ")[0], justify="center")
    has_clauses = any(rule.clause for rule in profile.rules.values())
    for column in ("required", *(("clause",) if has_clauses else ()), "methods"):
        table.add_column(column, overflow="fold")
    category = ""
    for service, rule in profile.rules.items():
        if rule.category != category:
            category = rule.category
            table.add_section()
            table.add_row(f"[bold]{label(category, language)}[/bold]")
        cells = matrix(rule)
        marks = [_MARKS.get(cells.get(ecosystem, ""), "") for ecosystem in ECOSYSTEMS]
        state = "off" if rule.off else ("yes" if rule.is_required else "no") + ("" if service in SERVICES else " *")
        methods = "\n".join(f"{name} = {option}" for name, option in rule.methods.items())
        clause = [escape(rule.clause)] if has_clauses else []
        table.add_row(escape(label(service, language)), *marks, state, *clause, escape(methods), style="dim" if rule.off else "")
    out.print(table)
    out.print("● counted   ◐ some of its classes   ○ only with coefficients of the study")
    if any(service not in SERVICES for service in profile.rules):
        out.print("* this version of gep has no equation for it yet")
    if profile.provisional:
        out.print("[bold]Provisional[/bold]")
        for sentence in profile.provisional:
            out.print(f"  - {escape(sentence)}", soft_wrap=True)
