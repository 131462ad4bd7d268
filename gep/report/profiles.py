"""A profile as it is shown: its matrix of services by ecosystems, its methods, what is provisional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gep.account.account import Account
from gep.core.catalog import ecosystem_ids, label, named, service_ids
from gep.core.keys import MatrixCell
from gep.core.messages import Text, in_language, joined, listed, say
from gep.core.units import linear
from gep.report.console import rows_table
from gep.services import SERVICES
from gep.standards.classes import land_classes
from gep.standards.coefficients import Coefficient, RowKey, sources
from gep.standards.overlaps import overlaps
from gep.standards.profile import Profile
from gep.standards.rules import Rule

_DASH = "—"
_MARKS = {"counted": "●", "some": "◐", "if_supplied": "○"}


class RuleDocument(TypedDict):
    """What a profile says of one service."""

    category: str
    required: bool
    clause: str
    off: str
    has_equation: bool
    counts: list[MatrixCell]
    if_supplied: list[MatrixCell]
    components: dict[str, dict[str, list[MatrixCell]]]
    methods: dict[str, str]
    only: list[str]
    note: str


class ProfileDocument(TypedDict):
    """A profile, whole."""

    schema: int
    id: str
    name_en: str
    name_zh: str
    level: str
    kind: str
    source: str
    min_coverage: float
    price_index: str
    extends: list[str]
    imports: str
    overlaps: dict[str, str]
    provisional: list[str]
    services: dict[str, RuleDocument]


Pair = list[Any]
"""What the first profile says, and what the second: two values of the same key, whatever that holds."""


class RowPair(TypedDict):
    """A coefficient in two profiles, as printed; None where one has none."""

    coefficient: str
    first: str | None
    second: str | None


class Effect(TypedDict):
    """What two profiles make of the same inputs: titles, totals, and values by service."""

    titles: list[Text]
    total: list[float | None]
    by_service: dict[str, list[float | None]]


class ProfileDifference(TypedDict):
    """What two profiles differ in, in that order."""

    schema: int
    profiles: list[str]
    about: dict[str, Pair]
    only_in_first: list[str]
    only_in_second: list[str]
    services: dict[str, dict[str, Pair]]
    coefficients: list[RowPair]
    sample_city: NotRequired[Effect]


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
            ecosystem, land_class = cell.pair
            if mark == "counted" and (not land_class or cells.get(ecosystem) != "counted"):
                cells[ecosystem] = "some" if land_class else "counted"
            elif mark == "if_supplied":
                cells.setdefault(ecosystem, "if_supplied")
    return cells


def profile_document(profile: Profile) -> ProfileDocument:
    """A profile as JSON."""
    services: dict[str, RuleDocument] = {
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

    def said(key: str, **values: Any) -> str:
        return escape(say(f"data.profile.{key}", **values).to(language))

    name = profile.name_zh if language == "zh" else f"{profile.name_en}  {profile.name_zh}"
    out.print(f"[bold]{profile.id}[/bold]  {escape(name)}", soft_wrap=True)
    level, kind = say(f"data.level.{profile.level}"), say(f"data.kind.{profile.kind}")
    out.print(said("about", level=level, kind=kind, source=_reference(profile.source)))
    out.print(_matrix_table(profile, language))
    out.print(said("legend"))
    if any(service not in SERVICES for service in profile.rules):
        out.print(said("no_equation"))
    if profile.imports:
        out.print(said("imports"))
    if profile.overlaps:
        out.print(f"[bold]{said('overlaps')}[/bold]")
        for name, reason in profile.overlaps.items():
            flows = joined([_flow(flow) for flow in overlaps()[name].flows], " + ")
            out.print(f"  - {said('overlap', flows=flows, reason=reason)}", soft_wrap=True)
    if profile.provisional:
        out.print(f"[bold]{said('provisional')}[/bold]")
        for sentence in profile.provisional:
            out.print(f"  - {escape(in_language(sentence, language))}", soft_wrap=True)


def _matrix_table(profile: Profile, language: str) -> Table:
    """The services by ecosystems, with what is required, the clause and the methods of each."""
    has_clauses = any(rule.clause for rule in profile.rules.values())
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(say("data.profile.service").to(language))
    for ecosystem in ecosystem_ids():
        table.add_column(label(ecosystem, language).split(" ")[0], justify="center")
    for column in ("required", *(("clause",) if has_clauses else ()), "methods"):
        table.add_column(say(f"data.profile.{column}").to(language), overflow="fold")
    category = ""
    for service, rule in profile.rules.items():
        if rule.category != category:
            category = rule.category
            table.add_section()
            table.add_row(f"[bold]{label(category, language)}[/bold]")
        cells = matrix(rule)
        marks = [_MARKS.get(cells.get(ecosystem, ""), "") for ecosystem in ecosystem_ids()]
        state = (say("data.profile.off") if rule.off else _yes_or_no(rule.is_required)).to(language)
        star = "" if service in SERVICES or rule.off else " *"
        methods = "\n".join(f"{name} = {option}" for name, option in rule.methods.items())
        clause = [escape(in_language(rule.clause, language))] if has_clauses else []
        texts = (*marks, f"{state}{star}", *clause, escape(methods))
        table.add_row(escape(label(service, language)), *texts, style="dim" if rule.off else "")
    return table


def _reference(source: str) -> Text:
    """What a document is called in short: its number, its DOI, or its title."""
    about = sources().get(source, {})
    title = str(about.get("title", ""))
    found = str(about.get("number") or about.get("doi") or "")
    return Text(found or title, found or str(about.get("title_zh", title)))


def _flow(flow: str) -> Text:
    """A service, a component, or both: the id in English, which profiles are written with, the name in Chinese."""
    return Text(flow, "/".join(label(part, "zh") for part in flow.split("/")))


def _yes_or_no(answer: bool) -> Text:
    return say("data.yes") if answer else say("data.no")


# what two profiles differ in ------------------------------------------------------------------------------------------


def diff_document(one: Profile, other: Profile, accounts: tuple[Account, Account] | None = None) -> ProfileDifference:
    """What two profiles differ in: services, counted cells, methods, coefficients; and what it does to an account
    computed under both.
    """
    shared = [service for service in one.rules if service in other.rules]
    changed = {
        service: parts for service in shared if (parts := _rule_differences(one.rules[service], other.rules[service]))
    }
    document: ProfileDifference = {
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
_OF_RULE = (
    "category",
    "is_required",
    "clause",
    "counts",
    "if_supplied",
    "off",
    "only",
    "components",
    "constant_prices",
)


def _rule_differences(one: Rule, other: Rule) -> dict[str, Pair]:
    found = {
        key: [getattr(one, key), getattr(other, key)] for key in _OF_RULE if getattr(one, key) != getattr(other, key)
    }
    service = SERVICES.get(one.service)
    methods = [service.settings(rule.methods) if service else dict(rule.methods) for rule in (one, other)]
    for name in dict.fromkeys([*methods[0], *methods[1]]):
        if methods[0].get(name) != methods[1].get(name):
            found[f"methods.{name}"] = [methods[0].get(name), methods[1].get(name)]
    return found


def _coefficient_differences(one: Profile, other: Profile) -> list[RowPair]:
    """The places at which two profiles have different rows of a coefficient: value, unit, price year, source or
    status.
    """
    rows = [_rows_by_key(one), _rows_by_key(other)]
    found: list[RowPair] = []
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


def _rows_by_key(profile: Profile) -> dict[RowKey, Coefficient]:
    """The rows of a profile by name and place, the nearest table's."""
    return {row.key: row for table in reversed(profile.tables) for row in table}


def _effect(first: Account, second: Account) -> Effect:
    """Titles, totals and values by service of two accounts of the same inputs."""
    values = [account.totals("service") if account.about.kind == "monetary" else {} for account in (first, second)]
    return {
        "titles": [Text(account.title("en"), account.title("zh")) for account in (first, second)],
        "total": [account.total() for account in (first, second)],
        "by_service": {
            service: [values[0].get(service), values[1].get(service)]
            for service in service_ids()
            if service in values[0] or service in values[1]
        },
    }


def show_diff(document: ProfileDifference, out: Console, language: str) -> None:
    """Print what two profiles differ in."""

    def said(key: str, **values: Any) -> str:
        return escape(say(f"data.difference.{key}", **values).to(language))

    one, other = document["profiles"]
    out.print(f"[bold]{one}[/bold] → [bold]{other}[/bold]")
    for key, (before, after) in document["about"].items():
        out.print(said("changed", what=_what(key), before=_said(key, before), after=_said(key, after)))
    for profile, only in ((one, document["only_in_first"]), (other, document["only_in_second"])):
        if only:
            services = [named(service) for service in only]
            out.print(said("only_in", profile=profile, services=services), soft_wrap=True)
    if document["services"]:
        rows = [
            (
                label(service, language) if i == 0 else "",
                _what(key).to(language),
                *(_said(key, value).to(language) for value in pair),
            )
            for service, parts in document["services"].items()
            for i, (key, pair) in enumerate(parts.items())
        ]
        out.print(rows_table((say("data.profile.service").to(language), said("what"), one, other), rows))
    if coefficients := document["coefficients"]:
        out.print(f"\n{said('coefficients', count=len(coefficients))}")
        places = [(row["coefficient"], row["first"] or _DASH, row["second"] or _DASH) for row in coefficients]
        out.print(rows_table((said("coefficient"), one, other), places))
    if effect := document.get("sample_city"):
        out.print(f"\n[bold]{said('sample_city')}[/bold]")
        out.print(_effect_table(effect, (one, other), language))
        for profile, title in zip((one, other), effect["titles"], strict=True):
            out.print(said("title", profile=profile, title=title))


def _effect_table(effect: Effect, profiles: tuple[str, str], language: str) -> Table:
    """The values of the sample city by service under both profiles, and their difference."""
    changes = [
        (label(service, language), *_money_change(pair, language)) for service, pair in effect["by_service"].items()
    ]
    changes.append((say("data.difference.total").to(language), *_money_change(effect["total"], language)))
    change = say("data.difference.change").to(language)
    heading = say("data.profile.service").to(language)
    return rows_table((heading, *profiles, change), changes, right=(*profiles, change))


def _what(key: str) -> Text:
    """What differs: a key of the profile, or a switch of a method."""
    switch = key.removeprefix("methods.")
    return say(f"data.difference.key.{key}") if switch == key else say("data.difference.key.method", switch=switch)


def _said(key: str, value: Any) -> Text:
    """A value of a profile for people; a dash for nothing."""
    if value in (None, "", (), {}):
        return Text(_DASH, _DASH)
    if isinstance(value, Mapping):
        parts = [say("data.difference.part", part=_of_rule(part), cells=_said(part, of)) for part, of in value.items()]
        return joined(parts, "; ", "；")
    if isinstance(value, list | tuple):
        return listed(map(_CELLS.get(key, str), value))
    if isinstance(value, bool):
        return _yes_or_no(value)
    if key in ("level", "kind"):
        return say(f"data.{key}.{value}")
    if key == "category":
        return named(value)
    return value if isinstance(value, Text) else listed([value])


def _of_rule(part: str) -> Text:
    """A component of a service, or a list of cells."""
    return say(f"data.difference.key.{part}") if part in _CELLS else _flow(part)


def _cell(cell: str) -> Text:
    """A cell of the matrix: its id in English, the names of ecosystem and class in Chinese."""
    ecosystem, land_class = MatrixCell(cell).pair
    names = [label(ecosystem, "zh")]
    if land_class:
        names.append(land_classes()[ecosystem, land_class].label_zh)
    return Text(cell, "/".join(names))


def _money_change(pair: Sequence[float | None], language: str) -> tuple[str, str, str]:
    """Two amounts (millions, 万元 in Chinese) and their difference; a dash where one is missing, for what is missing is
    not zero.
    """
    scale = linear("万元" if language == "zh" else "1e6*CNY", "CNY")[0]
    shown = [_DASH if amount is None else f"{amount / scale:,.2f}" for amount in pair]
    first, second = pair
    return shown[0], shown[1], _DASH if first is None or second is None else f"{(second - first) / scale:+,.2f}"


_CELLS = {"counts": _cell, "if_supplied": _cell, "only": _flow}
"""How the members of a list are called, by what the list is."""
