"""Lists of what is shipped: the coefficients of a profile, the rows of one coefficient, the profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from rich.console import Console

from gep.core.messages import in_language, listed, say
from gep.report.citations import cited
from gep.report.console import rows_table, word
from gep.standards.coefficients import Coefficient, Coefficients
from gep.standards.profile import Profile


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


class ProfileEntry(TypedDict):
    """A profile as the list names it."""

    id: str
    level: str
    kind: str
    services: int
    name_en: str
    name_zh: str


def profile_entry(profile: Profile) -> ProfileEntry:
    """What the list of profiles says of one."""
    return {
        "id": profile.id,
        "level": profile.level,
        "kind": profile.kind,
        "services": len(profile.rules),
        "name_en": profile.name_en,
        "name_zh": profile.name_zh,
    }


def show_profiles(entries: Sequence[ProfileEntry], out: Console, language: str) -> None:
    """Print the list of profiles: id, level of trust, kind, services, and the name of the standard."""
    headings = _headings(("id", "level", "kind", "services", "name"), language)
    rows = [
        (
            entry["id"],
            word(f"level.{entry['level']}", language),
            word(f"kind.{entry['kind']}", language),
            entry["services"],
            entry["name_zh"] if language == "zh" else f"{entry['name_en']} ({entry['name_zh']})",
        )
        for entry in entries
    ]
    out.print(rows_table(headings, rows, right=headings[3:4]))


def _headings(names: Sequence[str], language: str) -> list[str]:
    return [word(f"column.{name}", language) for name in names]
