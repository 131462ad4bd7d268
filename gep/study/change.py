"""What differs between two finished runs: settings, profile, methods, inputs, coefficients, program; their figures; and
what the change comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from gep.account.account import Account
from gep.core.catalog import service_ids
from gep.core.errors import GepError, UsageError
from gep.core.messages import Text, joined, of_document, say
from gep.ecosystems import ECOSYSTEMS
from gep.study.causes import (
    AREA,
    CELL,
    CODE,
    ECOSYSTEM,
    PARTS,
    QUANTITY,
    SERVICE,
    TOTAL,
    ZONE,
    Attribution,
    Figure,
    computing,
    departures,
    figures_of,
    parts_of_record,
    single,
    split,
)
from gep.study.run import place_of, project_of, zones_of
from gep.study.study import Study

TABLES = (TOTAL, SERVICE, ECOSYSTEM, ZONE, CELL, QUANTITY, AREA)


class Change(TypedDict):
    """What two runs say differently of a name, or of a field of it: None where a run has nothing of the name."""

    name: str
    field: str
    a: Any
    b: Any


class Changed(TypedDict):
    """A figure of two accounts: None where an account has none; `parts` is its change by cause."""

    table: str
    key: str
    of: str
    part: str
    unit: str
    a: float | None
    b: float | None
    change: float
    parts: dict[str, float]


class Compared(TypedDict):
    """One of the two accounts."""

    folder: str
    run_id: str
    digest: str
    name: str
    name_zh: str
    year: int
    price_year: int | None
    profile: str
    kind: str
    complete: bool
    gep: str | None


class How(TypedDict):
    """How the changes were split."""

    how: str
    parts: list[str]
    order: Any
    recomputed: Any
    notes: list[str]


class Difference(TypedDict):
    """The document of `gep diff`; without figures and attribution where nothing differs."""

    schema: int
    runs: list[Compared]
    identical: bool
    differences: dict[str, list[Change]]
    figures: NotRequired[list[Changed]]
    attribution: NotRequired[How]


_OF_FILE = ("file", "sha256", "choice")
_OF_LAYER = (
    *(
        "file",
        "sha256",
        "derived_by",
        "from",
        "constants",
        "unit",
        "unit_found",
        "scale",
        "offset",
        "nodata",
        "variable",
        "bands",
    ),
    *("crs", "cell", "resampling", "period", "year"),
)
_OF_MADE = ("derived_by", "from", "constants", "resampling")
_OF_ROW = ("value", "unit", "price_year", "from_year", "source", "locator", "status", "low", "high")


def difference(
    first: Account,
    second: Account,
    projects: tuple[Path | None, Path | None] = (None, None),
    *,
    recompute: bool = True,
    is_sequential: bool = False,
    threads: int | None = None,
    progress: Callable[[str], Any],
) -> Difference:
    """The document of `gep diff`. `projects` name the project files of the runs where the runs do not know them."""
    a, b = first.about, second.about
    if a.kind != b.kind:
        kinds = {"kind_a": say(f"study.change.kind.{a.kind}"), "kind_b": say(f"study.change.kind.{b.kind}")}
        profiles = {"profile_a": a.profile, "profile_b": b.profile}
        raise UsageError(
            say("study.change.two_kinds", first=place_of(first), second=place_of(second), **kinds, **profiles)
        )
    is_same = first.digest == second.digest
    document: Difference = {
        "schema": 1,
        "runs": [_about(account) for account in (first, second)],
        "identical": is_same,
        "differences": {
            **differences(first.record, second.record),
            "missing": _flat(_missing(first), _missing(second)),
        },
    }
    if is_same:
        return document
    found = attribution(
        first, second, projects, recompute=recompute, is_sequential=is_sequential, threads=threads, progress=progress
    )
    return {**document, "figures": _figures(first, second, found), "attribution": _how(found)}


def _about(account: Account) -> Compared:
    about = account.about
    return {
        "folder": place_of(account),
        "run_id": about.run_id,
        "digest": account.digest,
        "name": about.name,
        "name_zh": about.name_zh,
        "year": about.year,
        "price_year": about.price_year,
        "profile": about.profile,
        "kind": about.kind,
        "complete": account.is_complete,
        "gep": account.record.get("gep"),
    }


# what differs ---------------------------------------------------------------------------------------------------------


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, list[Change]]:
    """What two run records differ in, by kind; the kinds in which nothing differs are empty."""
    records = [of_document(record, "en") for record in (first, second)]
    rows = [{row["id"]: row for row in record.get("coefficients", [])} for record in records]
    return {
        "study": _flat(*(_flattened(record.get("study", {})) for record in records)),
        "profile": _flat(
            *({key: record.get(key) for key in ("profile", "profile_sha256", "level")} for record in records)
        ),
        "methods": _flat(*(_flattened(record.get("switches", {})) for record in records)),
        "inputs": _inputs(*(record.get("inputs", {}) for record in records)),
        "zones": _flat(*(_flattened(record.get("zones", {})) for record in records)),
        "tables": _named(*(record.get("tables", {}) for record in records), fields=_OF_FILE),
        "coefficient_tables": _named(*(record.get("coefficient_tables", {}) for record in records), fields=_OF_FILE),
        "coefficients": _named(*rows, fields=_OF_ROW, shown=("value", "unit")),
        "code": _flat(*({key: record.get(key) for key in ("gep", "code_sha256")} for record in records)),
        "environment": _flat(*(record.get("environment", {}) for record in records)),
    }


def _missing(account: Account) -> dict[str, str]:
    """The services without a full figure, and why."""
    return {missing.service: missing.reason for missing in account.about.missing}


def _flattened(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table of tables with keys joined by dots; sizes of files follow from their hashes."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}.{inner}": part for inner, part in value.items() if inner != "bytes"}
        elif key != "bytes":
            flat[key] = value
    return flat


def _flat(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Change]:
    keys = dict.fromkeys([*first, *second])
    return [
        {"name": key, "field": "", "a": first.get(key), "b": second.get(key)}
        for key in keys
        if first.get(key) != second.get(key)
    ]


def _named(
    first: Mapping[str, Mapping[str, Any]],
    second: Mapping[str, Mapping[str, Any]],
    *,
    fields: Iterable[str],
    shown: Iterable[str] = ("file",),
) -> list[Change]:
    """Things with a name: added, removed, or changed in some fields."""
    changes: list[Change] = []
    for name in dict.fromkeys([*first, *second]):
        sides = first.get(name), second.get(name)
        if None in sides:
            a, b = (
                side and (" ".join(str(side[key]) for key in shown if side.get(key) is not None) or "given")
                for side in sides
            )
            changes.append({"name": name, "field": "", "a": a, "b": b})
            continue
        before, after = (side or {} for side in sides)
        changes += [
            {"name": name, "field": field, "a": before.get(field), "b": after.get(field)}
            for field in fields
            if before.get(field) != after.get(field)
        ]
    return changes


def _inputs(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Change]:
    """Layers. Of one that was made in both runs only how: its hash, time and grid are those of what it was made
    from.
    """
    changes = _named(
        *(
            {name: {**about, "file": about.get("file") or about.get("derived_by")} for name, about in side.items()}
            for side in (first, second)
        ),
        fields=_OF_LAYER,
    )
    made = {name for name in first if "derived_by" in first[name] and "derived_by" in second.get(name, {})}
    return [change for change in changes if change["name"] not in made or change["field"] in ("", *_OF_MADE)]


# what the change comes from -------------------------------------------------------------------------------------------


def attribution(
    first: Account,
    second: Account,
    projects: tuple[Path | None, Path | None],
    *,
    recompute: bool,
    is_sequential: bool,
    threads: int | None,
    progress: Callable[[str], Any],
) -> Attribution:
    """What the changes come from: of the only thing that differs, by recomputation, or, where neither can be said, of
    nothing, and why.
    """
    before, after = parts_of_record(first.record), parts_of_record(second.record)
    differing = [part for part in (*PARTS, CODE) if before[part] != after[part]]
    if len(differing) == 1:
        return single(first, second, differing[0])
    if not recompute:
        return Attribution({}, notes=(say("study.change.not_asked"),))
    studies: list[Study | None] = []
    notes: list[Text] = []
    for account, given, option in zip((first, second), projects, ("--project-a", "--project-b"), strict=True):
        study, why_not = _at_hand(account, given, option)
        studies.append(study)
        notes += why_not
    if studies[0] is None or studies[1] is None:
        return Attribution({}, notes=tuple(notes))
    return split(first, second, (studies[0], studies[1]), computing(threads, progress), is_sequential=is_sequential)


def _at_hand(account: Account, given: Path | None, option: str) -> tuple[Study | None, list[Text]]:
    """The study of a run with its inputs, if they are those that the run had; or why not."""
    folder, path = place_of(account), given or project_of(account)
    if path is None:
        return None, [say("study.change.not_at_hand", folder=folder, option=option)]
    try:
        study = Study.open(path)
        if zones := zones_of(account):
            study = study.with_zones(zones)
        found = departures(account, study)
    except GepError as error:
        if given is not None:
            raise
        return None, [say("study.change.not_opened", folder=folder, path=path, why=error.message)]
    if found:
        return None, [say("study.change.departed", folder=folder, path=path, found=joined(found, "; ", "；"))]
    return study, []


def _figures(first: Account, second: Account, found: Attribution) -> list[Changed]:
    """Every figure of both accounts, in the order of reports; None where an account has none."""
    before, after = figures_of(first), figures_of(second)
    listed: list[Changed] = []
    for figure in sorted({*before, *after, *found.parts}, key=_order):
        a, b = before.get(figure), after.get(figure)
        listed.append(
            {
                "table": figure.table,
                "key": figure.key,
                "of": figure.of,
                "part": figure.part,
                "unit": figure.unit,
                "a": a,
                "b": b,
                "change": float(Fraction(b or 0.0) - Fraction(a or 0.0)),
                "parts": dict(found.parts.get(figure, {})),
            }
        )
    return listed


def _order(figure: Figure) -> tuple[int, int, str, str]:
    known = (*service_ids(), *ECOSYSTEMS)
    place = known.index(figure.of) if figure.of in known else len(known)
    return TABLES.index(figure.table), place, figure.key, figure.unit


def _how(found: Attribution) -> How:
    return {
        "how": found.how,
        "parts": list(found.units),
        "order": found.order,
        "recomputed": found.recomputed,
        "notes": list(found.notes),
    }
