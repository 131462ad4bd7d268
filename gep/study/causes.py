"""What a difference between two runs comes from, by recomputation: hybrids of the two studies, and the change of each
figure split by them.

A study is made of four parts:

- boundary: the zones, their outline, and how their borders meet the grid;
- inputs: land cover with its scheme, layers with the units and scales they are read with, tables, the accounting year;
- coefficients: the study's own tables and choices, its regions, the price year, and the numbers and the price index of
its profile;
- method: the rules of its profile, switches, services off or not applicable, the grid it is computed on.

A hybrid takes some parts from the second study and the rest from the first. What a part did is the change of a figure
when that part is changed: as the parts act on each other (a price on a larger quantity), that depends on what has been
changed before. It is therefore the mean over all orders in which the parts that differ can be changed, which favours
none of them (decision 0025), or, on request, the change in one fixed order. Either way the parts add up to the whole
change exactly: sums are made of rational numbers, and rounded once.

The fifth part is the code: what the program of today computes from the inputs of a run, less what the run recorded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any, Literal, NamedTuple

from gep.account.account import Account
from gep.account.entries import AccountRow, base_component
from gep.account.record import FilesRecord, RunRecord, content_of
from gep.core.errors import GepError
from gep.core.messages import Text, joined, say
from gep.inputs.fingerprints import code_fingerprint
from gep.inputs.spec import StudySpec
from gep.study.run import place_of
from gep.study.study import Study

BOUNDARY, INPUTS, COEFFICIENTS, METHOD, CODE = "boundary", "inputs", "coefficients", "method", "code"
PARTS = (BOUNDARY, INPUTS, COEFFICIENTS, METHOD)
"""The parts of a study, in the fixed order."""

Taken = frozenset[str]
"""The parts that a hybrid has from the second study."""

Unit = tuple[str, ...]
"""Parts whose effects are told together: one, or several that cannot be changed one at a time."""

OF_CODE: Unit = (CODE,)
"""What is left to the code."""

TOTAL, SERVICE, ECOSYSTEM, ZONE, CELL = "total", "service", "ecosystem", "zone", "service_ecosystem"
QUANTITY, AREA = "quantity", "area"

_READ_AS = ("unit", "scale", "offset", "nodata", "bands", "variable")


class Figure(NamedTuple):
    """What a number is the number of: a table; the service, ecosystem or zone; of a service the component, or the
    ecosystem that provides it; a unit.
    """

    table: str
    of: str
    part: str
    unit: str

    @property
    def key(self) -> str:
        """What it is called in its table, as documents have it: `soil_retention/retained_soil`."""
        return f"{self.of}/{self.part}" if self.part else self.of


Amounts = Mapping[Figure, float]


@dataclass(frozen=True)
class Attribution:
    """The change of every figure by what it comes from; or no parts, and in `notes` why not."""

    parts: Mapping[Figure, Mapping[Unit, float]]
    units: tuple[Unit, ...] = ()
    how: Literal["recomputed", "single", "none"] = "none"  # single: only one thing differs, nothing had to be computed
    order: Literal["sequential", "average", ""] = ""
    recomputed: int = 0
    notes: tuple[str, ...] = ()


# the figures of an account --------------------------------------------------------------------------------------------


def figures_of(account: Account) -> dict[Figure, float]:
    """Every sum that accounts are compared by: money as a whole, by service, ecosystem, zone and service in an
    ecosystem; quantities; areas.
    """
    parts: dict[Figure, list[float]] = {}
    for row in account.rows():
        if row["value"] is None or not row["counted"]:
            continue
        for figure in _sums_with(row):
            parts.setdefault(figure, []).append(row["value"])
    return {figure: math.fsum(values) for figure, values in parts.items()}


def _sums_with(row: AccountRow) -> list[Figure]:
    """The figures that a row of an account is a part of."""
    service, ecosystem, unit = row["service"], row["ecosystem_type"], row["unit"]
    if row["measure"] == "area":
        return [Figure(AREA, ecosystem, "", unit)]
    if row["measure"] == "quantity":
        return [Figure(QUANTITY, service, base_component(row["component"]), unit)]
    if row["measure"] != "value":
        return []
    return [
        Figure(TOTAL, "", "", unit),
        Figure(SERVICE, service, "", unit),
        Figure(ECOSYSTEM, ecosystem, "", unit),
        Figure(ZONE, row["area_code"], "", unit),
        Figure(CELL, service, ecosystem, unit),
    ]


# what the parts of a study are ----------------------------------------------------------------------------------------


def parts_of_record(record: RunRecord) -> dict[str, Any]:
    """What a run's record says of each part, the code among them: equal where nothing in it differs."""
    study = record.get("study", {})
    raw = {name: about for name, about in record.get("inputs", {}).items() if "derived_by" not in about}
    found = {
        BOUNDARY: record.get("zones"),
        INPUTS: [raw, record.get("tables"), study.get("year"), study.get("scheme"), study.get("scheme_map")],
        COEFFICIENTS: [
            *(record.get(key) for key in ("coefficient_tables", "price_index", "coefficients_sha256", "profile")),
            *(study.get("region"), study.get("price_year") or study.get("year"), study.get("price_groups")),
        ],
        METHOD: [
            *(record.get(key) for key in ("profile", "profile_sha256", "switches")),
            *(study.get(key) for key in ("off", "not_applicable", "does_not_occur", "grid", "product_shares")),
        ],
        CODE: [record.get(key) for key in ("gep", "code_sha256", "environment", "parts")],
    }
    return {part: _nameless(said) for part, said in found.items()}


def parts_of_study(study: Study) -> dict[str, Any]:
    """The same of a study that is at hand: files by their hashes, and whatever the study says of them, used or not."""
    spec, files, inputs = study.spec, study.files(), study.inputs
    layers = {"land_cover": inputs.land_cover, **inputs.layers}
    read = {
        name: [layer.describe(), layer.fingerprint(), layer.spec.resampling] for name, layer in layers.items() if layer
    }
    found = {
        BOUNDARY: [files["zones"], spec.zones.coverage],
        INPUTS: [read, files["tables"], spec.year, spec.scheme, spec.scheme_map],
        COEFFICIENTS: [
            files["coefficient_tables"],
            files["price_index"],
            spec.profile_id,
            spec.region,
            spec.price_year or spec.year,
            spec.price_groups,
        ],
        METHOD: [
            *(spec.profile_id, spec.methods, spec.off, spec.not_applicable, spec.does_not_occur, spec.grid),
            spec.product_shares,
        ],
    }
    return {part: _nameless(said) for part, said in found.items()}


def _nameless(said: Any) -> Any:
    """What is said, without the names of files: content is what counts."""
    if isinstance(said, Mapping):
        return {key: _nameless(value) for key, value in said.items() if key not in ("file", "bytes")}
    return [_nameless(value) for value in said] if isinstance(said, list | tuple) else said


def hybrid(first: StudySpec, second: StudySpec, taken: Taken) -> StudySpec:
    """The first study with some parts of the second, beside no account of an earlier year. A waiver of either holds: it
    lets figures be computed, and changes none.
    """

    def source(part: str) -> StudySpec:
        return second if part in taken else first

    boundary, inputs, numbers, method = map(source, PARTS)
    return replace(
        first,
        zones=boundary.zones,
        zones_of_tables=boundary.zones_of_tables,
        sharing=boundary.sharing,
        year=inputs.year,
        land_cover=inputs.land_cover,
        scheme=inputs.scheme,
        scheme_map=inputs.scheme_map,
        layers=inputs.layers,
        tables=inputs.tables,
        coefficients=numbers.coefficients,
        price_index=numbers.price_index,
        price_groups=numbers.price_groups,
        region=numbers.region,
        price_year=numbers.price_year or numbers.year,
        numbers_of=numbers.profile,
        profile=method.profile,
        product_shares=method.product_shares,
        methods=method.methods,
        off=method.off,
        not_applicable=method.not_applicable,
        does_not_occur=method.does_not_occur,
        grid=method.grid,
        last_year=None,
        waivers={**first.waivers, **second.waivers},
    )


# whether the inputs are at hand ---------------------------------------------------------------------------------------


def departures(account: Account, study: Study) -> list[Text]:
    """In what a study that is at hand is not the one that an account was computed from; empty where it is."""
    record = account.record
    return [*_other_layers(record, study), *_other_files(record, study), *_other_settings(record, study)]


def departures_of_land(account: Account, study: Study) -> list[Text]:
    """The same of the land cover and the zones alone."""
    record = account.record
    cover = {name: about for name, about in record.get("inputs", {}).items() if name == "land_cover"}
    of_cover: RunRecord = {**record, "inputs": cover}
    return [*_other_layers(of_cover, study), *_other_zones(record, study.files())]


def _other_layers(record: RunRecord, study: Study) -> list[Text]:
    inputs, said = study.inputs, []
    layers = {"land_cover": inputs.land_cover, **inputs.layers}
    for name, about in record.get("inputs", {}).items():
        if "derived_by" in about:
            continue
        layer = layers.get(name)
        if layer is None:
            said.append(say("study.change.layer_gone", layer=name))
            continue
        if layer.fingerprint() != content_of(about):
            said.append(say("study.change.layer_changed", layer=name, place=layer.place))
        now: Mapping[str, object] = layer.describe()
        said += [
            say("study.change.read_otherwise", layer=name, key=key, now=now[key], then=about.get(key))
            for key in _READ_AS
            if now[key] != about.get(key)
        ]
    return said


_TABLES: dict[Literal["tables", "coefficient_tables"], str] = {
    "tables": "study.change.table_changed",
    "coefficient_tables": "study.change.coefficient_table_changed",
}


def _other_zones(record: RunRecord, now: FilesRecord) -> list[Text]:
    said, recorded_zones, zones = [], record.get("zones", {}), now["zones"]
    if zones.get("sha256") != recorded_zones.get("sha256"):
        said.append(say("study.change.zones_changed", file=zones.get("file") or "—"))
    if zones["outline"].get("sha256") != recorded_zones.get("outline", {}).get("sha256"):
        said.append(say("study.change.outline_changed"))
    if "columns" in recorded_zones and zones["columns"] != recorded_zones["columns"]:
        said.append(say("study.change.columns_changed"))
    return said


def _other_files(record: RunRecord, study: Study) -> list[Text]:
    now = study.files()
    said = _other_zones(record, now)
    if (_content(now["price_index"]) or None) != (_content(record.get("price_index")) or None):
        said.append(say("study.change.price_index_changed"))
    for key, message in _TABLES.items():
        for name in dict.fromkeys([*record.get(key, {}), *now[key]] if key in record else []):
            if _content(now[key].get(name)) != _content(record[key].get(name)):
                said.append(say(message, name=name))
    return said


def _content(about: Mapping[str, Any] | None) -> Any:
    return about and (about.get("sha256") or about.get("choice"))


def _other_settings(record: RunRecord, study: Study) -> list[Text]:
    recorded: Mapping[str, Any] = record.get("study", {})
    now: Mapping[str, Any] = study.description()
    said = [
        say("study.change.setting", key=key, now=now[key], then=recorded[key])
        for key in now
        if key in recorded and not _same(now[key], recorded[key])
    ]
    is_of_this_code = (
        record.get("code_sha256") == code_fingerprint()
    )  # another may have had other defaults: that is a matter of the code
    if study.spec.profile_id != record.get("profile"):
        said.append(say("study.change.profile", now=study.spec.profile_id, then=record.get("profile")))
    for service, switches in record.get("switches", {}).items():
        settings, chosen = study.inputs.settings(service), study.spec.methods.get(service, {})
        said += [
            say("study.change.switch", switch=f"{service}.{name}", now=settings[name], then=option)
            for name, option in switches.items()
            if settings.get(name, option) != option and (name in chosen or is_of_this_code)
        ]
    return said


def _same(now: Any, recorded: Any) -> bool:
    """Whether a setting is the one of a record, where a tuple has become a list."""
    return bool((list(now) if isinstance(now, tuple) else now) == recorded)


Compute = Callable[[StudySpec, int, int], Amounts]
"""What makes the figures of a hybrid, the how-manieth of how many."""

# the splitting --------------------------------------------------------------------------------------------------------


def split(
    first: Account,
    second: Account,
    studies: tuple[Study, Study],
    compute: Compute,
    *,
    is_sequential: bool = False,
) -> Attribution:
    """The change of every figure from one account to another by what it comes from.

    `compute` makes the figures of a hybrid. One that cannot be computed (tables of counties that are not there) is told
    about, and the parts that stand in each other's way are told together.
    """
    before, after = map(parts_of_study, studies)
    differing = [part for part in PARTS if before[part] != after[part]]
    expected = len(differing) + 1 if is_sequential else 2 ** len(differing)
    lattice = _Lattice((studies[0].spec, studies[1].spec), compute, expected)
    none, whole = frozenset[str](), frozenset(differing)
    for account, taken in ((first, none), (second, whole)):
        if (failure := lattice.failure(taken)) is not None:
            note = say("study.change.not_computed", folder=place_of(account), why=failure)
            return Attribution({}, notes=(note,), recomputed=lattice.computed)
    units, notes = _units(differing, lattice, is_sequential)
    orders = [units] if is_sequential else list(permutations(units))
    ends = figures_of(first), figures_of(second)
    figures = dict.fromkeys([*ends[0], *lattice.figures(none), *lattice.figures(whole), *ends[1]])
    parts = {figure: _parts(figure, ends, lattice, units, orders) for figure in figures}
    order: Literal["sequential", "average"] = "sequential" if is_sequential else "average"
    return Attribution(parts, (*units, OF_CODE), "recomputed", order, lattice.computed, tuple(notes))


class _Lattice:
    """The hybrids of two studies: each computed when it is first asked for."""

    def __init__(self, specs: tuple[StudySpec, StudySpec], compute: Compute, expected: int) -> None:
        self._specs = specs
        self._compute = compute
        self._expected = expected
        self._found: dict[Taken, Amounts | Text] = {}

    @property
    def computed(self) -> int:
        return len(self._found)

    def _look_up(self, taken: Taken) -> Amounts | Text:
        if taken not in self._found:
            number = self.computed + 1
            try:
                self._found[taken] = self._compute(hybrid(*self._specs, taken), number, max(self._expected, number))
            except GepError as error:
                self._found[taken] = _first_line(error)
        return self._found[taken]

    def failure(self, taken: Taken) -> Text | None:
        """Why a hybrid cannot be computed, None if it can."""
        found = self._look_up(taken)
        return found if isinstance(found, Text) else None

    def figures(self, taken: Taken) -> Amounts:
        found = self._look_up(taken)
        assert not isinstance(found, Text)
        return found


def _first_line(error: GepError) -> Text:
    """Why something cannot be computed: the first error, without what to do about it."""
    first = next((p for p in error.problems if p.severity == "error"), None)
    en, zh = ((first or error).in_language(language).split("\n")[0] for language in ("en", "zh"))
    return Text(en, zh)


def _steps(units: Sequence[Unit], is_sequential: bool) -> list[Taken]:
    """The hybrids that are met on the way: those of one order, or of all."""
    counts = range(len(units) + 1)
    chosen: Iterable[Sequence[Unit]]
    chosen = [units[:n] for n in counts] if is_sequential else [some for n in counts for some in combinations(units, n)]
    return [frozenset(part for unit in some for part in unit) for some in chosen]


def _units(differing: Sequence[str], lattice: _Lattice, is_sequential: bool) -> tuple[tuple[Unit, ...], list[Text]]:
    """The parts, those that cannot be changed one at a time taken together; and why they cannot."""
    units: tuple[Unit, ...] = tuple((part,) for part in differing)
    notes: list[Text] = []
    while failed := [taken for taken in _steps(units, is_sequential) if lattice.failure(taken) is not None]:
        pair = max(
            combinations(range(len(units)), 2), key=lambda pair: sum(_parted(units, pair, taken) for taken in failed)
        )
        together = (*units[pair[0]], *units[pair[1]])
        reason = next(taken for taken in failed if _parted(units, pair, taken))
        of_second, why = [part for part in PARTS if part in reason], lattice.failure(reason)
        notes.append(say("study.change.together", parts=_all_of(together), taken=_all_of(of_second), why=why))
        units = tuple(together if n == pair[0] else unit for n, unit in enumerate(units) if n != pair[1])
    return units, notes


def _all_of(parts: Iterable[str]) -> Text:
    """Parts of a study in words."""
    return joined([say(f"study.change.part.{part}") for part in parts], " and ", "和")


def _parted(units: Sequence[Unit], pair: tuple[int, int], taken: Taken) -> bool:
    """Whether a hybrid has one of two units from the second study and the other from the first."""
    first, second = (set(units[n]) <= taken for n in pair)
    return first is not second


def _parts(
    figure: Figure,
    ends: tuple[Amounts, Amounts],
    lattice: _Lattice,
    units: Sequence[Unit],
    orders: Sequence[Sequence[Unit]],
) -> dict[Unit, float]:
    """The change of a figure between the ends by unit, and what is left to the code. What an account does not have, it
    has nothing of.
    """

    def value(figures: Amounts) -> Fraction:
        return Fraction(figures.get(figure, 0.0))

    effects = dict.fromkeys(units, Fraction(0))
    for order in orders:
        taken: Taken = frozenset()
        for unit in order:
            before, taken = value(lattice.figures(taken)), taken | frozenset(unit)
            effects[unit] += (value(lattice.figures(taken)) - before) / len(orders)
    whole = frozenset(part for unit in units for part in unit)
    code = value(lattice.figures(frozenset())) - value(ends[0]) + value(ends[1]) - value(lattice.figures(whole))
    return {**{unit: float(effect) for unit, effect in effects.items()}, OF_CODE: float(code)}


def single(first: Account, second: Account, part: str) -> Attribution:
    """All of the change to the only part in which two runs differ."""
    a, b = figures_of(first), figures_of(second)
    changes = {f: float(Fraction(b.get(f, 0.0)) - Fraction(a.get(f, 0.0))) for f in dict.fromkeys([*a, *b])}
    return Attribution({figure: {(part,): change} for figure, change in changes.items()}, ((part,),), "single")


def computing(threads: int | None, progress: Callable[[str], Any]) -> Compute:
    """How hybrids are computed: each as a run without a record. `progress` is a context that shows one under
    its name.
    """

    def compute(spec: StudySpec, number: int, count: int) -> Amounts:
        with progress(say("study.change.computation", name=spec.name, number=number, count=count)) as report:
            return figures_of(Study.from_spec(spec).run(threads=threads, progress=report, record=False))

    return compute
