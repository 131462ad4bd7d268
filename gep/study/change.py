"""What differs between two finished runs: settings, profile, methods, inputs, coefficients, program; their figures; and
what the change comes from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, NotRequired, TypedDict

from gep.account.account import Account
from gep.account.changes import NOISE
from gep.account.pairs import Cell, Pair
from gep.account.record import FileRecord, LayerRecord, RunRecord
from gep.core.catalog import ecosystem_ids, service_ids
from gep.core.errors import GepError, UsageError
from gep.core.messages import Text, joined, of_document, say
from gep.core.units import linear
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
    Unit,
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
    """A setting in which two runs differ; None where a run has nothing of the name. Without a field it is the whole."""

    name: str
    field: str
    a: object
    b: object


class Split(NamedTuple):
    """A change of money by what moved: quantities (land, amount per land), or what they are worth. Each at the mean of
    both accounts (`gep.growth.bennet`); both add up to the change.
    """

    volume: float
    price: float


@dataclass(frozen=True)
class FigureChange:
    """A figure of both accounts, None where an account has none, and what its change comes from."""

    figure: Figure
    a: float | None
    b: float | None
    parts: Mapping[Unit, float]
    split: Split | None = None

    @property
    def change(self) -> float:
        """What B has more than A; what an account does not have, it has nothing of."""
        return float(Fraction(self.b or 0.0) - Fraction(self.a or 0.0))

    @property
    def percent(self) -> float | None:
        """The change in percent of what A has; None where A has nothing."""
        return self.change / abs(self.a) * linear("1", "percent")[0] if self.a else None

    @property
    def is_changed(self) -> bool:
        """Whether anything changed by more than the rounding of sums, be it that parts make up for each other."""
        noise = NOISE * max(abs(self.a or 0.0), abs(self.b or 0.0))
        is_there = (self.a is None) == (self.b is None)
        return not is_there or any(abs(part) > noise for part in (self.change, *self.parts.values()))


class RunDocument(TypedDict):
    """Which run it is."""

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


class FigureDocument(TypedDict):
    """A figure and its change; the parts of several that are told together are joined by +."""

    table: str
    key: str
    unit: str
    a: float | None
    b: float | None
    change: float
    percent: float | None
    volume: float | None
    price: float | None
    parts: dict[str, float]


class AttributionDocument(TypedDict):
    """How the changes were split."""

    how: str
    parts: list[str]
    order: str
    recomputed: int
    notes: list[str]


class DifferenceDocument(TypedDict):
    """The document of `gep diff`; of two accounts that are equal it has no figures."""

    schema: int
    runs: list[RunDocument]
    identical: bool
    differences: dict[str, list[Change]]
    figures: NotRequired[list[FigureDocument]]
    attribution: NotRequired[AttributionDocument]


@dataclass(frozen=True)
class Difference:
    """What two runs differ in: settings by kind; then the figures, and what their changes come from, None where the
    accounts are equal.
    """

    runs: tuple[RunDocument, RunDocument]
    differences: Mapping[str, Sequence[Change]]
    figures: tuple[FigureChange, ...] = ()
    attribution: Attribution | None = None

    def document(self) -> DifferenceDocument:
        """It as JSON has it."""
        document: DifferenceDocument = {
            "schema": 1,
            "runs": list(self.runs),
            "identical": self.attribution is None,
            "differences": {kind: list(changes) for kind, changes in self.differences.items()},
        }
        if self.attribution:
            document["figures"] = list(map(_figure, self.figures))
            document["attribution"] = _how(self.attribution)
        return document


def _figure(change: FigureChange) -> FigureDocument:
    return {
        "table": change.figure.table,
        "key": change.figure.key,
        "unit": change.figure.unit,
        "a": change.a,
        "b": change.b,
        "change": change.change,
        "percent": change.percent,
        "volume": change.split.volume if change.split else None,
        "price": change.split.price if change.split else None,
        "parts": {_joined(unit): part for unit, part in change.parts.items()},
    }


def _how(found: Attribution) -> AttributionDocument:
    return {
        "how": found.how,
        "parts": list(map(_joined, found.units)),
        "order": found.order,
        "recomputed": found.recomputed,
        "notes": list(found.notes),
    }


def _joined(unit: Unit) -> str:
    return "+".join(unit)


_OF_FILE = ("file", "sha256", "choice")
_OF_LAYER = (
    *(
        "file",
        "sha256",
        "address",
        "known_by",
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
    """What two runs differ in. `projects` name the project files of the runs where the runs do not know them."""
    a, b = first.about, second.about
    if a.kind != b.kind:
        kinds = {"kind_a": say(f"study.change.kind.{a.kind}"), "kind_b": say(f"study.change.kind.{b.kind}")}
        profiles = {"profile_a": a.profile, "profile_b": b.profile}
        raise UsageError(
            say("study.change.two_kinds", first=place_of(first), second=place_of(second), **kinds, **profiles)
        )
    runs = _about(first), _about(second)
    differing = {
        **differences(first.record, second.record),
        "missing": _flat(_missing(first), _missing(second)),
    }
    if first.digest == second.digest:
        return Difference(runs, differing)
    found = attribution(
        first, second, projects, recompute=recompute, is_sequential=is_sequential, threads=threads, progress=progress
    )
    return Difference(runs, differing, tuple(_figures(first, second, found)), found)


def _about(account: Account) -> RunDocument:
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


def _own_numbers(record: RunRecord) -> dict[str, FileRecord]:
    """The files of a study's own numbers: tables of coefficients, and a price index."""
    index = record.get("price_index")
    return {**record.get("coefficient_tables", {}), **({"[prices]": index} if index else {})}


def differences(first: RunRecord, second: RunRecord) -> dict[str, list[Change]]:
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
        "coefficient_tables": _named(*map(_own_numbers, records), fields=_OF_FILE),
        "coefficients": _named(*rows, fields=_OF_ROW, shown=("value", "unit")),
        "code": _flat(*({key: record.get(key) for key in ("gep", "code_sha256")} for record in records)),
        "environment": _flat(*(record.get("environment", {}) for record in records)),
    }


def _missing(account: Account) -> dict[str, str]:
    """The services without a full figure, and why."""
    return {missing.service: missing.reason for missing in account.about.missing}


def _flattened(table: Mapping[str, object]) -> dict[str, object]:
    """A table of tables with keys joined by dots; sizes of files follow from their hashes."""
    flat: dict[str, object] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}.{inner}": part for inner, part in value.items() if inner != "bytes"}
        elif key != "bytes":
            flat[key] = value
    return flat


def _flat(first: Mapping[str, object], second: Mapping[str, object]) -> list[Change]:
    keys = dict.fromkeys([*first, *second])
    return [
        {"name": key, "field": "", "a": first.get(key), "b": second.get(key)}
        for key in keys
        if first.get(key) != second.get(key)
    ]


def _named(
    first: Mapping[str, Mapping[str, object]],
    second: Mapping[str, Mapping[str, object]],
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


def _inputs(first: Mapping[str, LayerRecord], second: Mapping[str, LayerRecord]) -> list[Change]:
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
        study, why_not = at_hand(account, given, option)
        studies.append(study)
        notes += why_not
    if studies[0] is None or studies[1] is None:
        return Attribution({}, notes=tuple(notes))
    return split(first, second, (studies[0], studies[1]), computing(threads, progress), is_sequential=is_sequential)


def at_hand(
    account: Account,
    given: Path | None,
    option: str,
    departed: Callable[[Account, Study], list[Text]] = departures,
) -> tuple[Study | None, list[Text]]:
    """The study of a run with its inputs, if they are those that the run had; or why not. `departed` says in which of
    them it is not.
    """
    folder, path = place_of(account), given or project_of(account)
    if path is None:
        return None, [say("study.change.not_at_hand", folder=folder, option=option)]
    try:
        study = Study.open(path)
        study = study.by_year().get(account.about.year, study)
        if zones := zones_of(account):
            record = account.about.record
            sharing = record.get("zones", {}).get("of_tables", {}).get("sharing") if record else ""
            study = study.with_zones(zones, "area" if sharing == "area" else "")
        found = departed(account, study)
    except GepError as error:
        if given is not None:
            raise
        return None, [say("study.change.not_opened", folder=folder, path=path, why=error.message)]
    if found:
        return None, [say("study.change.departed", folder=folder, path=path, found=joined(found, "; ", "；"))]
    return study, []


def _figures(first: Account, second: Account, found: Attribution) -> list[FigureChange]:
    """Every figure of both accounts, in the order of reports."""
    before, after = figures_of(first), figures_of(second)
    figures = sorted({*before, *after, *found.parts}, key=_order)
    effects = _effects(first, second)
    return [
        FigureChange(f, before.get(f), after.get(f), found.parts.get(f, {}), _split(f, before, after, effects))
        for f in figures
    ]


def _effects(first: Account, second: Account) -> Mapping[tuple[str, str], list[Cell]]:
    """The flows behind every figure of money, by its table and key; nothing where the accounts have no zone in
    common.
    """
    found: dict[tuple[str, str], list[Cell]] = {}
    try:
        cells = Pair(first, second).cells
    except UsageError:
        return found
    for cell in cells:
        zone, ecosystem, service = cell.key
        for key in (
            (TOTAL, ""),
            (SERVICE, service),
            (ECOSYSTEM, ecosystem),
            (ZONE, zone),
            (CELL, f"{service}/{ecosystem}"),
        ):
            found.setdefault(key, []).append(cell)
    return found


def _split(
    figure: Figure,
    before: Mapping[Figure, float],
    after: Mapping[Figure, float],
    effects: Mapping[tuple[str, str], Sequence[Cell]],
) -> Split | None:
    """A change of money by volume and price level; None where a price is not known, or flows of both accounts are not
    all there is of the figure (zones that one of them has not).
    """
    parts = [cell.effects for cell in effects.get((figure.table, figure.key), ())]
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    a, b = before.get(figure, 0.0), after.get(figure, 0.0)
    noise = NOISE * max(abs(a), abs(b))
    volume = math.fsum(effect for area, intensity, _ in known for effect in (area, intensity))
    price = math.fsum(effect for *_, effect in known)
    if abs(math.fsum([volume, price, a, -b])) > noise:
        return None
    return Split(*(part if abs(part) > noise else 0.0 for part in (volume, price)))


def _order(figure: Figure) -> tuple[int, int, str, str]:
    known = (*service_ids(), *ecosystem_ids())
    place = known.index(figure.of) if figure.of in known else len(known)
    return TABLES.index(figure.table), place, figure.key, figure.unit
