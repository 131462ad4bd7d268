"""Lists of what there is: the coefficients of a profile, the rows of one coefficient, the profiles, the parts from
outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from rich.console import Console

from gep.core.errors import Problem, ProblemDocument
from gep.core.messages import in_language, joined, listed, say
from gep.core.parts import Parts, load_installed, registered
from gep.report.citations import cited
from gep.report.console import rows_table, show_problems, word
from gep.standards.coefficients import Coefficient, Coefficients
from gep.standards.profile import PROFILE, Profile, profile_parts

if TYPE_CHECKING:
    from gep.inputs.products import Product


class CoefficientEntry(TypedDict):
    """A coefficient as the list names it: its unit, its rows, how many of them are verified."""

    coefficient: str
    unit: str
    rows: int
    verified: int


def coefficient_entries(profile: Profile) -> list[CoefficientEntry]:
    """The coefficients of a profile, by name."""
    rows = Coefficients(profile.tables).rows
    entries: list[CoefficientEntry] = []
    for name in sorted({row.name for row in rows}):
        mine = [row for row in rows if row.name == name]
        verified = sum(row.status == "verified" for row in mine)
        entries.append({"coefficient": name, "unit": mine[0].unit, "rows": len(mine), "verified": verified})
    return entries


def show_coefficients(entries: Sequence[CoefficientEntry], out: Console, language: str) -> None:
    """Print the coefficients of a profile: unit, rows, how many of them are verified."""
    headings = _headings(("coefficient", "unit", "rows", "verified"), language)
    out.print(rows_table(headings, [tuple(entry.values()) for entry in entries], right=headings[2:]))


def show_rows(rows: Sequence[Coefficient], out: Console, language: str) -> None:
    """Print the rows of one coefficient, without columns that are empty; then the documents behind them."""
    columns = ("where", "value", "unit", "low", "high", "price_year", "status", "source", "note")
    cells = [
        (
            "/".join(part for part in (row.ecosystem, row.land_class) if part) or word("anywhere", language),
            f"{row.value:g}",
            row.unit,
            row.low,
            row.high,
            row.price_year,
            word(f"level.{row.status}", language),
            listed([row.source, row.locator]).to(language),
            in_language(row.note, language),
        )
        for row in rows
    ]
    kept = [i for i in range(len(columns)) if any(cell[i] not in (None, "") for cell in cells)]
    headings = _headings(columns, language)
    right = [headings[columns.index(name)] for name in ("value", "low", "high")]
    out.print(rows_table([headings[i] for i in kept], [[cell[i] for i in kept] for cell in cells], right=right))
    for source in dict.fromkeys(row.source for row in rows):
        out.print(
            say("core.titled", title=source, text=cited(source, language)).to(language), markup=False, soft_wrap=True
        )


class PluginEntry(TypedDict):
    """The parts of an installed package or of the session as the list names them: what they bring by kind, or what is
    wrong with them.
    """

    name: str
    origin: str
    version: str
    code_sha256: str
    data_sha256: str
    brings: dict[str, list[str]]
    problems: list[ProblemDocument]


def plugin_entries() -> list[PluginEntry]:
    """The parts of every installed package and of the session, and what is wrong with those that cannot be used."""
    failed = load_installed()
    entries: list[PluginEntry] = [
        {
            "name": one.name,
            "origin": one.parts.origin,
            "version": one.parts.version,
            "code_sha256": one.code_sha256,
            "data_sha256": one.data_sha256,
            "brings": {what: names for what, names in _brought(one.parts).items() if names},
            "problems": [],
        }
        for one in registered().values()
    ]
    entries += [
        {
            "name": lost.name,
            "origin": lost.origin,
            "version": "",
            "code_sha256": "",
            "data_sha256": "",
            "brings": {},
            "problems": [found.as_dict() for found in lost.problems],
        }
        for lost in failed.values()
    ]
    return sorted(entries, key=lambda entry: entry["name"])


def _brought(parts: Parts) -> dict[str, list[str]]:
    """What parts bring, by kind."""
    files = [Path(name) for name in parts.files]
    tables = [path for path in files if path.suffix == ".csv"]
    return {
        "services": [service.id for service in parts.services],
        "derivations": [derivation.equation.name for derivation in parts.derivations],
        "ecosystems": list(parts.ecosystems),
        "profiles": [path.parent.name for path in files if path.name == PROFILE],
        "schemes": [path.stem for path in tables if path.parent.name == "crosswalks"],
        "sets": [path.stem for path in tables if path.parent.name == "alternatives"],
    }


def show_plugins(entries: Sequence[PluginEntry], out: Console, language: str) -> None:
    """Print the list of parts from outside, with what each brings, or what is wrong with it."""
    if not entries:
        out.print(word("plugin.none", language))
        return
    headings = [word(f"plugin.{name}", language) for name in ("name", "origin", "brings")]
    rows = [
        (
            entry["name"],
            f"{entry['origin']} {entry['version']}".strip() or word("plugin.session", language),
            word("plugin.unusable", language) if entry["problems"] else _told(entry["brings"], language),
        )
        for entry in entries
    ]
    out.print(rows_table(headings, rows))
    problems = [Problem.of_dict(found) for entry in entries for found in entry["problems"]]
    if problems:
        show_problems(problems, out, language=language)


def _told(brings: Mapping[str, list[str]], language: str) -> str:
    told = [say(f"report.plugin.some.{what}", names=names) for what, names in brings.items()]
    return joined(told, "; ", "；").to(language)


class ProfileEntry(TypedDict):
    """A profile as the list names it; `parts` it is of where it is not shipped."""

    id: str
    parts: str
    level: str
    kind: str
    services: int
    name_en: str
    name_zh: str


def profile_entry(profile: Profile) -> ProfileEntry:
    """What the list of profiles says of one."""
    return {
        "id": profile.id,
        "parts": profile_parts(profile.id),
        "level": profile.level,
        "kind": profile.kind,
        "services": len(profile.rules),
        "name_en": profile.name_en,
        "name_zh": profile.name_zh,
    }


def show_profiles(entries: Sequence[ProfileEntry], out: Console, language: str) -> None:
    """Print the list of profiles: id, level of trust, kind, services, and the name of the standard."""
    columns = ("id", "level", "kind", "services", "name")
    is_mixed = any(entry["parts"] for entry in entries)
    headings = [*_headings(columns, language), *([word("plugin.origin", language)] if is_mixed else [])]
    rows = [
        (
            entry["id"],
            word(f"level.{entry['level']}", language),
            word(f"kind.{entry['kind']}", language),
            entry["services"],
            entry["name_zh"] if language == "zh" else f"{entry['name_en']} ({entry['name_zh']})",
            *([entry["parts"] or "gep"] if is_mixed else []),
        )
        for entry in entries
    ]
    out.print(rows_table(headings, rows, right=headings[3:4]))


def _headings(names: Sequence[str], language: str) -> list[str]:
    return [word(f"column.{name}", language) for name in names]


def product_entries(name: str = "") -> list[dict[str, object]]:
    """What is known of public data sets, or of one, variable by variable."""
    from gep.study import products  # no other list needs readers of files

    table = products.list()
    if name:
        table = table[table["product"].isin(products.ids_called(name))]
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]


def show_products(out: Console, language: str) -> None:
    """Print the data sets that are known: names, what layers they have."""
    from gep.inputs.products import products

    found: dict[str, list[Product]] = {}
    for product in products():
        found.setdefault(product.id, []).append(product)
    headings = _headings(("product", "title", "layers"), language)
    rows = [
        (
            " ".join(dict.fromkeys((name, *of[0].aka))),
            of[0].title.to(language),
            " ".join(dict.fromkeys(product.layer for product in of if product.layer)),
        )
        for name, of in found.items()
    ]
    out.print(rows_table(headings, rows))
