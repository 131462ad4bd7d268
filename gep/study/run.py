"""A finished run, read back from its folder as the account that was written.

    account = read_run(Path("gep-150700-2019"))
    account.by("zone"), account.explain("water_retention", zone="150782")

The folder may come from anyone: see `gep.study.documents` for its limits. The ledger is read when it is first asked
for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NotRequired, TypedDict
from urllib.parse import unquote

from shapely.geometry.base import BaseGeometry

from gep.account.account import Account
from gep.account.accounts import Accounts
from gep.account.alike import check_years
from gep.account.entries import About, AccountRow, Entry, Measure, Missing
from gep.account.record import LEDGER_SCHEMA, SCHEMA, Document, Indicator, Ledger, RunRecord, Summary
from gep.core.errors import Problem, UsageError, failure
from gep.core.folders import recover
from gep.core.formula import is_arithmetic
from gep.core.json_text import in_both_languages
from gep.core.keys import CITY
from gep.core.messages import joined, say
from gep.core.parts import lost
from gep.core.translation import translated
from gep.inputs.grids.files import file_hash
from gep.study.documents import T, of_form, read_json, read_rows, read_text
from gep.study.shapes import read_shapes

NEEDED = ("account.csv", "summary.json", "run.json")
"""What an account is read from."""
LEDGER = "ledger.json"
"""What its figures are explained from, where the run wrote it."""
SHAPES = "zones.geojson"
"""The zones as polygons to draw, where the run wrote them."""
ASSETS = "assets"
"""The folder of accounts beside GEP, where the project asks for some."""
CRATE = "ro-crate-metadata.json"
LOG = "run.log"
REPORT = "report.json"
"""What was made of a run for people, with the hashes of its files."""
UNCERTAINTY, SURENESS, SPREADS = "uncertainty.csv", "uncertainty.json", "uncertainty"
"""How sure its totals are, where that was asked for, as a table and as a document; and the folder of pictures of it."""

PROJECT, ZONES = "project", "zones"
"""How the lines of run.log begin that say where the project file and other zones lay: what was read may still be there.
"""


def read_run(folder: str | Path, *, accept_changes: bool = False) -> Account:
    """The account that a folder holds, as `gep run` wrote it: its rows, its summary and all that is made of them are
    those of the account that was written.

    >>> gep.read_run("gep-990000-2020").explain("water_retention")                 # doctest: +SKIP

    Args:
        folder: that of the run.
        accept_changes: whether to take what was changed after the run, as long as it is an account: for who looks into
            just that.

    Raises:
        UsageError: for a folder that is no finished run, is half of one, holds parts of several, or was changed.
    """
    folder = Path(folder)
    _check_there(folder)
    summary, record = read_summary(folder), _read(folder / "run.json", RunRecord)
    if record["run_id"] != summary["run_id"]:
        raise UsageError(say("study.run.other_run", folder=folder))
    rows = list(read_rows(folder / "account.csv"))
    lost(record.get("parts", []))  # what is installed gives names to ids; without the rest the account is read too
    account = Account(_entries(rows), _about(folder, summary, record))
    if not accept_changes:
        if list(account.rows()) != rows or account.digest != summary["digest"]:
            raise UsageError(say("study.run.edited", folder=folder))
        check_unchanged(folder, NEEDED)
        check_beside(folder, summary["run_id"])
    return account


def read_runs(folders: str | Path | Iterable[str | Path]) -> Accounts:
    """The accounts of several years, along `year`, that folders hold: read one by one as by `read_run`.

    >>> gep.read_runs("gep-150700-2019-2021").sel(year=2020).total()              # doctest: +SKIP

    Args:
        folders: those of runs, or one in which each year has its own (`2019`, `2020`, …), as `gep run` writes them for
            a project of several years; or several of either.

    Raises:
        UsageError: with what is wrong with any of them, and for two of one year.
    """
    accounts, wrong = list[Account](), list[str]()
    given = [folders] if isinstance(folders, str | Path) else folders
    for folder in (place for each in given for place in _runs_in(Path(each))):
        try:
            accounts.append(read_run(folder))
        except UsageError as error:
            wrong.append(error.message)
    if wrong:
        raise UsageError(joined(wrong, "\n"))
    if len({account.about.year for account in accounts}) < len(accounts):
        check_years(accounts, None)  # tells which are of one year
    by_year = {(account.about.year,): account for account in sorted(accounts, key=lambda account: account.about.year)}
    return Accounts({"year": [year for (year,) in by_year]}, by_year)


def _runs_in(folder: Path) -> list[Path]:
    """The folders in one that are called by their years; itself where it has none, or is a run."""
    if not folder.is_dir() or any((folder / name).exists() for name in NEEDED):
        return [folder]
    return sorted(one for one in folder.iterdir() if re.fullmatch(r"\d{4}", one.name) and one.is_dir()) or [folder]


def read_summary(folder: Path) -> Summary:
    """What a run says of its account. Raises UsageError where it cannot be read."""
    return _read(folder / "summary.json", Summary)


def _read(path: Path, form: type[T]) -> T:
    document = read_json(path)
    _check_schema(path, document, SCHEMA)
    return of_form(path, document, form)


def _check_there(folder: Path) -> None:
    recover(folder)
    if not folder.exists():
        raise UsageError(say("study.run.no_folder", folder=folder))
    if not folder.is_dir():
        raise UsageError(say("study.run.no_directory", folder=folder))
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    years = [place.name for place in _runs_in(folder) if place != folder]
    if years:
        raise UsageError(say("study.run.of_years", folder=folder, years=years, one=folder / years[-1]))
    if missing:
        key = "study.run.no_run" if len(missing) == len(NEEDED) else "study.run.half"
        raise UsageError(say(key, folder=folder, missing=missing))


def _check_schema(path: Path, document: Document, known: int) -> None:
    if document.get("schema") != known:
        schema = document.get("schema")
        found = say("study.run.no_schema") if schema is None else say("study.run.a_schema", found=schema)
        raise UsageError(say("study.run.schema", path=path, found=found, known=known))


def check_beside(folder: Path, run_id: str) -> None:
    """Whether what is read only where it is asked for is there as the run wrote it, as far as it is there: what some
    commands never look at would pass damaged. Raises UsageError with what is wrong with it.
    """
    readers: dict[str, Callable[[], object]] = {
        LEDGER: partial(read_ledger, folder, run_id),
        SHAPES: partial(_read_shapes, folder),
    }
    there = {name: read for name, read in readers.items() if (folder / name).is_file()}
    written = _hashes(folder / CRATE) if there else {}
    for name, read in there.items():
        if file_hash(folder / name) != written.get(name):
            read()


# the account ----------------------------------------------------------------------------------------------------------


def _about(folder: Path, summary: Summary, record: RunRecord) -> About:
    study = summary["study"]
    return About(
        study["name"],
        summary["year"],
        profile=summary["profile"]["id"],
        level=summary["profile"]["level"],
        kind=record["kind"],
        price_year=summary["price_year"],
        name_zh=study["name_zh"],
        code=study["code"],
        run_id=summary["run_id"],
        missing=tuple(Missing.of_dict(missing) for missing in summary["missing"]),
        problems=tuple(Problem.of_dict(problem) for problem in summary["problems"]),
        coverage=summary["coverage"],
        statistics=_statistics(summary["indicators"]),
        zone_names=record["zone_names"],
        record=record,
        make_ledger=partial(read_ledger, folder, summary["run_id"]) if (folder / LEDGER).is_file() else None,
        make_shapes=partial(_read_shapes, folder) if (folder / SHAPES).is_file() else None,
        folder=folder,
        loop=record.get("loop", ""),
    )


def _read_shapes(folder: Path) -> dict[str, BaseGeometry]:
    """The polygons of a run. Raises UsageError where they cannot be read, or were changed after the run."""
    shapes = read_shapes(folder / SHAPES)
    check_unchanged(folder, [SHAPES])
    return shapes


def _statistics(indicators: Iterable[Indicator]) -> dict[str, dict[str, float]]:
    """Population and GDP by zone, as they stand in the indicators."""
    found: dict[str, dict[str, float]] = {"population": {}, "gdp": {}}
    for indicator in indicators:
        for item, figure in (("population", indicator["population"]), ("gdp", indicator["gdp"])):
            if figure is not None:
                found[item][indicator["zone"]] = figure
    return {item: by_zone for item, by_zone in found.items() if by_zone}


_OF_ENTRY = ("area_code", "ecosystem_type", "land_class", "service", "component")


def _entries(rows: Iterable[AccountRow]) -> Iterator[Entry]:
    """The rows of one entry follow each other; in units as they are written, without the accounting year."""
    for _, of_entry in groupby(rows, key=itemgetter(*_OF_ENTRY)):
        yield _entry({row["measure"]: row for row in of_entry})


def _entry(rows: Mapping[Measure, AccountRow]) -> Entry:
    first = next(iter(rows.values()))
    quantity, price, value = rows.get("quantity") or rows.get("area"), rows.get("price"), rows.get("value")
    money = value or price
    states = {row["obs_status"] for row in rows.values()}
    return Entry(
        first["area_code"],
        first["area_name"],
        first["ecosystem_type"],
        first["land_class"],
        first["category"],
        first["service"],
        first["component"],
        quantity=quantity["value"] if quantity else None,
        unit=quantity["unit"] if quantity else "",
        price=price["value"] if price else None,
        price_unit=price["unit"] if price else "",
        value=value["value"] if value else None,
        is_counted=first["counted"] == 1,
        price_basis=value["price_basis"] if value else "",
        price_concept=money["price_concept"] if money else "",
        supply_basis=first["supply_basis"],
        coverage=first["data_coverage"],
        method=first["method_id"],
        clause=translated(first["profile_clause"]),
        derivations=tuple(name for name in first["derivation_id"].split("+") if name),
        is_estimated="E" in states,
        is_provisional="P" in states,
        origin=first["origin"] or "local",
        interval=_interval(value) if value else None,
    )


def _interval(row: AccountRow) -> tuple[float, float, float] | None:
    lower, upper, level = row["lower"], row["upper"], row["interval_level"]
    return None if lower is None or upper is None or level is None else (lower, upper, level)


def read_ledger(folder: Path, run_id: str) -> Ledger:
    """What every figure of a run is made of. Raises UsageError where it cannot be read, or is of another run."""
    path = folder / LEDGER
    document = read_json(path)
    _check_schema(path, document, LEDGER_SCHEMA)
    if document.get("run_id") != run_id:
        raise UsageError(say("study.run.other_run", folder=folder))
    ledger = of_form(path, document, Ledger)
    _check_arithmetic(path, ledger)
    check_unchanged(folder, [LEDGER])
    return in_both_languages(ledger)


_MOST_ARITHMETIC = 2_000
"""Letters of a line of arithmetic. The longest of ours has 106."""


def _check_arithmetic(path: Path, ledger: Ledger) -> None:
    """Whether lines of arithmetic are arithmetic. They are only ever shown, with numbers put in."""
    for name, equation in ledger["equations"].items():
        for _, expression in equation["arithmetic"]:
            try:
                if len(expression) > _MOST_ARITHMETIC:
                    raise ValueError(say("study.run.long"))
                if not is_arithmetic(expression):
                    raise ValueError(say("study.run.not_numbers"))
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                why = failure(error)
                raise UsageError(say("study.run.no_arithmetic", path=path, equation=name, error=why)) from error


# whether it is as it was written ------------------------------------------------------------------------------------


_Entity = TypedDict("_Entity", {"@id": str, "sha256": NotRequired[str]})
_Crate = TypedDict("_Crate", {"@graph": list[_Entity]})


def not_of_the_run(folder: Path, names: Iterable[str]) -> list[str]:
    """Which of the files in a folder neither the run nor a report of it wrote, or not as they are; the log, the crate,
    the list of the report and what can be made again at any time tell nothing of themselves.
    """
    try:
        written = _hashes(folder / CRATE)
    except UsageError:
        written = {}
    written |= {made["file"]: made["sha256"] for made in reported(folder)}
    again = (CRATE, LOG, REPORT, UNCERTAINTY, SURENESS, SPREADS)
    others = (name for name in names if name.split("/")[0] not in again)
    return [name for name in others if written.get(name) is None or file_hash(folder / name) != written[name]]


class ReportFile(TypedDict):
    """A file of a report: its name in the folder, its hash, the language and the shares that were asked for."""

    file: str
    bytes: int
    sha256: str
    lang: str
    shares: str


class Report(TypedDict):
    """What was made of a run for people: the content of report.json."""

    schema: int
    run_id: str
    files: list[ReportFile]


def reported(folder: Path) -> list[ReportFile]:
    """The files of the reports in a folder, as report.json tells; none where it tells nothing that can be read."""
    path = folder / REPORT
    if not path.is_file():
        return []
    try:
        return of_form(path, read_json(path), Report)["files"]
    except UsageError:
        return []


def _hashes(crate: Path) -> dict[str, str | None]:
    """The hashes of the files that a run wrote, by its crate. Raises UsageError where that cannot be read."""
    document = of_form(crate, read_json(crate), _Crate)
    return {unquote(entity["@id"]): entity.get("sha256") for entity in document["@graph"]}


def check_unchanged(folder: Path, names: Sequence[str]) -> None:
    """Whether files of a run are as the run wrote them, by the hashes of its crate. Raises UsageError where one is not,
    and where the crate does not tell.
    """
    path = folder / CRATE
    if not path.is_file():
        raise UsageError(say("study.run.no_crate", folder=folder, crate=CRATE))
    written = _hashes(path)
    if untold := [name for name in names if written.get(name) is None]:
        raise UsageError(say("study.run.no_hash", folder=folder, files=untold, count=len(untold), crate=CRATE))
    if changed := [name for name in names if file_hash(folder / name) != written[name]]:
        raise UsageError(say("study.run.changed", folder=folder, changed=changed, count=len(changed), crate=CRATE))


# where it came from ---------------------------------------------------------------------------------------------------


def place_of(account: Account) -> str:
    """The folder of an account that was read, else its name."""
    return str(account.about.folder) if account.about.folder else account.about.name


def project_of(account: Account) -> Path | None:
    """The project file that was run, as far as the log of the run names one that is still there."""
    return _logged(account, PROJECT)


def zones_of(account: Account) -> Path | None:
    """The zones that were given in place of those of the project file."""
    return _logged(account, ZONES)


def _logged(account: Account, word: str) -> Path | None:
    folder = account.about.folder
    if folder is None or not (folder / LOG).is_file():
        return None
    lines = read_text(folder / LOG).splitlines()
    named = next((Path(line.removeprefix(f"{word} ")) for line in lines if line.startswith(f"{word} ")), None)
    return named if named and named.exists() else None


def zone_names_of(account: Account, language: str) -> dict[str, str]:
    """The names of the zones of an account in a language, as far as the zone file has them; else those it has."""
    zones = dict.fromkeys(entry.zone for entry in account.entries if entry.zone != CITY)
    return {zone: account.zone_name(zone, language) for zone in zones}
