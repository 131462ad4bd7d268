"""A profile as it is shown: its matrix of services by ecosystems, its methods, what is provisional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.account.account import Account
from gep.core.catalog import label, service_ids
from gep.core.units import linear
from gep.report.console import ECOSYSTEMS, rows_table
from gep.services import SERVICES
from gep.standards.coefficients import Coefficient, sources
from gep.standards.overlaps import overlaps
from gep.standards.profile import Profile
from gep.standards.rules import Rule

_DASH = "—"
_MARKS = {"counted": "●", "some": "◐", "if_supplied": "○"}


def matrix(rule: Rule) -> dict[str, str]:
    """By ecosystem: counted, some (of its classes only), if_supplied, or nothing."""
    cells: dict[str, str] = {}
    for how, mark in ((rule.if_supplied, "if_supplied"), (rule.counts, "counted")):
        lists = [
            how,
            *(
                component.get("counts" if mark == "counted" else "if_supplied", ())
                for component in rule.components.values()
            ),
        ]
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
            "components": {
                name: {key: list(cells) for key, cells in lists.items()} for name, lists in rule.components.items()
            },
            "methods": dict(rule.methods),
            "only": list(rule.only),
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
        "imports": profile.imports,
        "overlaps": dict(profile.overlaps),
        "provisional": list(profile.provisional),
        "services": services,
    }


def show(profile: Profile, out: Console, language: str) -> None:
    """Print the matrix and what goes with it."""
    source = sources().get(profile.source, {})
    out.print(f"[bold]{profile.id}[/bold]  {escape(profile.name_en)}  {escape(profile.name_zh)}", soft_wrap=True)
    out.print(
        f"level {profile.level}, {profile.kind}, "
        f"{escape(str(source.get('number') or source.get('doi') or source.get('title') or ''))}"
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
        table.add_row(
            escape(label(service, language)), *marks, state, *clause, escape(methods), style="dim" if rule.off else ""
        )
    out.print(table)
    out.print("● counted   ◐ some of its classes   ○ only with coefficients of the study")
    if any(service not in SERVICES for service in profile.rules):
        out.print("* this version of gep has no equation for it yet")
    if profile.imports:
        out.print(
            "Net of what comes from ecosystems outside the area, which the study declares by service "
            "(external_value/<service>)."
        )
    if profile.overlaps:
        out.print("[bold]Flows that overlap and are counted together[/bold]")
        for name, reason in profile.overlaps.items():
            out.print(f"  - {escape(' + '.join(overlaps()[name].flows))}: {escape(reason)}", soft_wrap=True)
    if profile.provisional:
        out.print("[bold]Provisional[/bold]")
        for sentence in profile.provisional:
            out.print(f"  - {escape(sentence)}", soft_wrap=True)


# what two profiles differ in ------------------------------------------------------------------------------------------


def diff_document(one: Profile, other: Profile, accounts: tuple[Account, Account] | None = None) -> dict[str, Any]:
    """What two profiles differ in: services, counted cells, methods, coefficients; and what it does to an account
    computed under both.
    """
    shared = [service for service in one.rules if service in other.rules]
    changed = {
        service: parts for service in shared if (parts := _rule_differences(one.rules[service], other.rules[service]))
    }
    document: dict[str, Any] = {
        "schema": 1,
        "profiles": [one.id, other.id],
        "about": {
            key: [getattr(one, key), getattr(other, key)] for key in _ABOUT if getattr(one, key) != getattr(other, key)
        },
        "only_in_first": [service for service in one.rules if service not in other.rules],
        "only_in_second": [service for service in other.rules if service not in one.rules],
        "services": changed,
        "coefficients": _coefficient_differences(one, other),
    }
    if accounts:
        document["sample_city"] = _effect(*accounts)
    return document


_ABOUT = ("level", "kind", "min_coverage", "price_index", "unmoved_prices", "imports")
_OF_RULE = ("category", "is_required", "clause", "counts", "if_supplied", "off", "only", "components")


def _rule_differences(one: Rule, other: Rule) -> dict[str, list[Any]]:
    found = {
        key: [getattr(one, key), getattr(other, key)] for key in _OF_RULE if getattr(one, key) != getattr(other, key)
    }
    service = SERVICES.get(one.service)
    methods = [service.settings(rule.methods) if service else dict(rule.methods) for rule in (one, other)]
    for name in dict.fromkeys([*methods[0], *methods[1]]):
        if methods[0].get(name) != methods[1].get(name):
            found[f"methods.{name}"] = [methods[0].get(name), methods[1].get(name)]
    return found


def _coefficient_differences(one: Profile, other: Profile) -> list[dict[str, Any]]:
    """The places at which two profiles have different rows of a coefficient: value, unit, price year, source or
    status.
    """
    rows = [_rows_by_key(one), _rows_by_key(other)]
    found = []
    for key in sorted({*rows[0], *rows[1]}, key=lambda k: tuple(str(part) for part in k)):
        first, second = rows[0].get(key), rows[1].get(key)
        said = [
            None if row is None else (row.value, row.unit, row.price_year, row.source, row.status)
            for row in (first, second)
        ]
        if said[0] != said[1]:
            row = first or second
            assert row is not None
            where = [
                None if r is None else f"{r.value:g} {r.unit}" + (f" ({r.price_year})" if r.price_year else "")
                for r in (first, second)
            ]
            found.append({"coefficient": row.id, "first": where[0], "second": where[1]})
    return found


def _rows_by_key(profile: Profile) -> dict[tuple[Any, ...], Coefficient]:
    """The rows of a profile by name and place, the nearest table's."""
    return {row.key: row for table in reversed(profile.tables) for row in table}


def _effect(first: Account, second: Account) -> dict[str, Any]:
    """Titles, totals and values by service of two accounts of the same inputs."""
    values = [account.totals("service") if account.about.kind == "monetary" else {} for account in (first, second)]
    return {
        "titles": [account.title("en") for account in (first, second)],
        "total": [account.total() for account in (first, second)],
        "by_service": {
            service: [values[0].get(service), values[1].get(service)]
            for service in service_ids()
            if service in values[0] or service in values[1]
        },
    }


def show_diff(document: Mapping[str, Any], out: Console, language: str) -> None:
    """Print what two profiles differ in."""
    one, other = document["profiles"]
    out.print(f"[bold]{one}[/bold] → [bold]{other}[/bold]")
    for key, (before, after) in document["about"].items():
        out.print(f"{key}: {escape(_said(before))} → {escape(_said(after))}")
    for title, key in ((f"only in {one}", "only_in_first"), (f"only in {other}", "only_in_second")):
        if document[key]:
            out.print(
                f"{title}: {escape(', '.join(label(service, language) for service in document[key]))}", soft_wrap=True
            )
    if document["services"]:
        rows = [
            (label(service, language) if first else "", key, _said(before), _said(after))
            for service, parts in document["services"].items()
            for first, (key, (before, after)) in zip([True] + [False] * len(parts), parts.items(), strict=False)
        ]
        out.print(rows_table(("service", "what", one, other), rows))
    if document["coefficients"]:
        out.print(f"\n{len(document['coefficients'])} coefficients differ")
        places = [
            (row["coefficient"], row["first"] or _DASH, row["second"] or _DASH) for row in document["coefficients"]
        ]
        out.print(rows_table(("coefficient", one, other), places))
    if effect := document.get("sample_city"):
        out.print("\n[bold]The synthetic sample city, million CNY[/bold]")
        changes = [(label(service, language), *_money_change(pair)) for service, pair in effect["by_service"].items()]
        changes.append(("total", *_money_change(effect["total"])))
        out.print(rows_table(("service", one, other, "change"), changes, right=(one, other, "change")))
        for profile, title in zip((one, other), effect["titles"], strict=True):
            out.print(f"{profile}: {escape(title)}")


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_said(part)}" for key, part in value.items()) or "—"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "—"
    return {True: "yes", False: "no", None: "—", "": "—"}.get(value, str(value))


def _money_change(pair: Sequence[float | None]) -> tuple[str, str, str]:
    """Two amounts in millions and their difference; a dash where one is missing, for what is missing is not zero."""
    million = linear("1e6*CNY", "CNY")[0]
    shown = [_DASH if amount is None else f"{amount / million:,.2f}" for amount in pair]
    first, second = pair
    return shown[0], shown[1], _DASH if first is None or second is None else f"{(second - first) / million:+,.2f}"
