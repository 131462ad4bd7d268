"""Every command on the sample city, in Chinese and in English: no English sentence in the one, no Chinese in the other.

Names of files, ids and citations stay as they are. What counts as an English sentence is three English words in a row.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from gep.audit import verify
from gep.audit.cases import Case, case_ids, load_case
from gep.cli.app import main
from gep.core.data import data_folder, read_csv
from gep.core.messages import LANGUAGES, in_language
from gep.core.translation import TABLE
from gep.core.unit_names import unit_names
from gep.report.citations import cited
from gep.standards.coefficients import sources
from gep.standards.profile import load_profile, profile_ids
from gep.study import run
from gep.study.sample import city
from gep.study.study import Study

COMMANDS = ("run", "demo", "init", "check", "explain", "report", "diff", "audit", "verify", "inputs")
GROUPS = {"coefficients": ("list", "show", "compare", "check"), "profiles": ("list", "show", "diff")}
GROUPS |= {"forms": ("make", "read")}
CALLS = [(name,) for name in COMMANDS] + [(group, name) for group, names in GROUPS.items() for name in names]

SERVICES = ("water_retention", "soil_retention", "sand_fixation", "flood_mitigation", "carbon_sequestration")
SERVICES += ("air_purification", "water_purification", "climate_regulation", "noise_attenuation", "crop_products")
SERVICES += ("tourism", "recreation", "landscape_premium", "ecological_energy")
EMPTY = ("oxygen_release", "coastal_protection", "pest_control")
"""Services without a figure: off in the profile, not applicable, not in the profile."""

LOOKED_AT = ("runoff_coefficient", "carbon_price")

BROKEN_TABLE = """region,year,ecosystem_type,service,quantity,quantity_unit,unit_price,price_unit,value,value_unit
Testland,2020,forest,water_retention,100000,t,2000,CNY/t,210000000,CNY
Testland,2020,grassland,water_retention,20000,t,2000,CNY/t,40000000,CNY
Testland,2020,total,water_retention,120000,t,,,300000000,CNY
"""

USAGE = {
    "no such option": ("run", "--nope"),
    "no such command": ("rum",),
    "no whole number": ("run", "--threads", "none"),
    "zero threads": ("check", "--threads", "0"),
    "no value": ("run", "--out"),
    "a value too many": ("run", "--maps=3"),
    "too many arguments": ("check", "a", "b"),
    "missing argument": ("explain", "a"),
    "missing command": ("coefficients",),
    "no project": ("check", "nowhere"),
    "no zones": ("run", "project", "--zones", "nowhere.geojson"),
    "no run": ("explain", "nowhere", "_city", "water_retention"),
    "no service": ("explain", "a", "_city", "water_retentoin"),
    "no zone": ("explain", "a", "999999", "water_retention"),
    "no runs": ("diff", "nowhere", "a"),
    "nothing to audit": ("audit", "nowhere.csv"),
    "no case": ("verify",),
    "unknown case": ("verify", "nowhere"),
    "no comparison": ("verify", "garze_2010", "--project", "a"),
    "no coefficient": ("coefficients", "show", "runof_coefficient"),
    "no ecosystem": ("coefficients", "compare", "runoff_coefficient", "-e", "forrest"),
    "no profile": ("profiles", "show", "ndrc-2023"),
    "no price index": ("coefficients", "compare", "carbon_price", "--price-year", "1800"),
    "a full folder": ("init", "project"),
    "no area": ("inputs", "ndrc-2022", "--area", "1507"),
    "no year of forms": ("forms", "make", "ndrc-2022"),
    "no replies": ("forms", "read", "project"),
    "no folder of replies": ("forms", "read", "nowhere"),
    "counties nowhere": ("forms", "make", "project", "--counties", "up"),
    "something else's folder": ("demo", "-o", "project"),
    "broken table": ("coefficients", "check", "coefficients.csv"),
    "no file": ("check", "no_file"),
    "wrong key": ("check", "wrong_key"),
    "no toml": ("check", "no_toml"),
    "wrong unit": ("check", "wrong_unit"),
    "swapped": ("run", "swapped"),
}


@cache
def said(language: str) -> dict[str, str]:
    """What every call says, standard output and error together, and the text files that it writes."""
    texts: dict[str, str] = {}
    with _workplace():
        for words in CALLS:
            texts[f"help of {' '.join(words)}"] = _call(*words, "--help", lang=language)
        texts["help"] = _call("--help", lang=language)
        texts["init"] = _call("init", "project", lang=language)
        _change("project/gep.toml", 'grid = "land_cover"', 'grid = { crs = "EPSG:32650", resolution = 300 }')
        _break_projects()
        texts["check"] = _call("check", "project", lang=language)
        texts["init from a folder"] = _call("init", "drafted", "--from", "project", "--no-input", lang=language)
        texts["file drafted gep.toml"] = "\n".join(_comments(Path("drafted/gep.toml")))
        texts["demo"] = _call("demo", "-o", "a", lang=language)
        _change("project/gep.toml", '# water_retention.negative = "keep"', 'water_retention.negative = "clip_cell" #')
        texts["run"] = _call("run", "project", "-o", "b", lang=language)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(run, "read_run", cache(run.read_run))  # once for all that is explained of it
            for service in (*SERVICES, *EMPTY):
                texts[f"explain {service}"] = _call("explain", "a", "_city", service, "--all", lang=language)
            texts["explain one zone"] = _call("explain", "a", "990101", "water_retention", "forest", lang=language)
        texts["diff"] = _call("diff", "a", "b", "--no-recompute", lang=language)
        texts["diff recomputed"] = _call("diff", "a", "b", "--sequential", "--project-a", "same", lang=language)
        texts["report"] = _call("report", "a", "--xlsx", lang=language)
        texts["audit of a run"] = _call("audit", "a", lang=language)
        Path("table.csv").write_text(BROKEN_TABLE, encoding="utf-8")
        texts["audit of a table"] = _call("audit", "table.csv", lang=language)
        texts["verify --list"] = _call("verify", "--list", lang=language)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(verify, "verify", _recomputed)
            texts["verify --all"] = _call("verify", "--all", lang=language)
            for case in case_ids():
                texts[f"verify {case}"] = _call("verify", case, lang=language)
            texts["verify with an account"] = _call("verify", "hulunbuir", "--project", "a", lang=language)
        texts["coefficients list"] = _call("coefficients", "list", lang=language)
        for name in LOOKED_AT:
            texts[f"coefficients show {name}"] = _call("coefficients", "show", name, lang=language)
            texts[f"coefficients compare {name}"] = _call(
                "coefficients", "compare", name, "--price-year", "2020", lang=language
            )
        texts["coefficients check"] = _call("coefficients", "check", lang=language)
        for profile in profile_ids():
            texts[f"inputs {profile}"] = _call("inputs", profile, "--area", "150700", lang=language)
        texts["forms make"] = _call("forms", "make", "project", "--out", "forms", "--last", "a", lang=language)
        texts["forms make of a profile"] = _call(
            "forms", "make", "ndrc-2022", "--year", "2020", "-o", "f", lang=language
        )
        texts["forms read"] = _call("forms", "read", "forms", lang=language)
        texts["file of a form"] = "\n".join(_cells(sorted(Path("forms").glob("*.xlsx"))[0]))
        texts["profiles list"] = _call("profiles", "list", lang=language)
        texts["plugins"] = _call("plugins", lang=language)
        for profile in profile_ids():
            texts[f"profiles show {profile}"] = _call("profiles", "show", profile, lang=language)
        texts["profiles diff"] = _call("profiles", "diff", "ndrc-2022", "gbt46869-2025", lang=language)
        for name, words in USAGE.items():
            texts[f"wrong: {name}"] = _call(*words, lang=language, first=True)
        texts["json of check"] = _strings(_call("check", "wrong_unit", "--json", lang=language, errors=False))
        texts["file README.txt"] = Path("project/README.txt").read_text(encoding="utf-8")
        texts["file gep.toml"] = "\n".join(_comments(Path("project/gep.toml")))
        for folder in ("a", "b"):
            texts[f"file run.log of {folder}"] = Path(folder, "run.log").read_text(encoding="utf-8")
    return texts


@contextlib.contextmanager
def _workplace() -> Iterator[None]:
    """A folder of its own, a terminal that is wide; the accounts of the sample city are computed once."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.chdir(folder)
        for name in ("GEP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
            patch.delenv(name, raising=False)
        patch.setenv("NO_COLOR", "1")
        patch.setenv("COLUMNS", "200")
        patch.setattr(city, "sample_accounts", _accounts)
        patch.setattr(city, "open_sample_city", _coarse)
        yield


@cache
def _accounts_of(profiles: tuple[str, ...]) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        spec = _coarse(Path(folder)).spec
        return [Study.from_spec(replace(spec, profile=profile)).run() for profile in profiles]


_verify = verify.verify


def _recomputed(case: Case) -> verify.Verified:
    """The verdicts on a case, which are the same in both languages and for all that is said of it."""
    return _verdicts(case.id)


@cache
def _verdicts(case_id: str) -> verify.Verified:
    return _verify(load_case(case_id))


_open_sample_city = city.open_sample_city


def _coarse(folder: Path) -> Study:
    """The sample city on cells of 300 m: it says the same words, in a fraction of the time."""
    return Study.from_spec(replace(_open_sample_city(folder).spec, grid=("EPSG:32650", 300.0)))


def _accounts(profiles: tuple[str, ...], progress: object = None) -> list[Any]:
    return _accounts_of(tuple(profiles))


def _call(*words: str, lang: str, errors: bool = True, first: bool = False) -> str:
    """What a call says; `first` puts the language before the command."""
    arguments = ["gep", "--lang", lang, *words] if first else ["gep", *words, "--lang", lang]
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.setattr(sys, "argv", arguments)
        with contextlib.redirect_stderr(out if errors else io.StringIO()), pytest.raises(SystemExit) as stop:
            main()
    assert stop.value.code != 1, out.getvalue()
    return out.getvalue()


def _cells(path: Path) -> Iterator[str]:
    """The texts on the sheets of a workbook that are shown."""
    for sheet in load_workbook(path).worksheets:
        if sheet.sheet_state == "visible":
            yield from (str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)


def _break_projects() -> None:
    """Projects beside the sound one, each with something that stops it."""
    for name in ("same", "no_file", "wrong_key", "no_toml", "wrong_unit", "swapped"):
        shutil.copytree("project", name)
    Path("no_file/soil.tif").unlink()
    _change("wrong_key/gep.toml", "price_year =", "price_yaer =")
    _change("no_toml/gep.toml", "[zones]", "[zones")
    _change("wrong_unit/gep.toml", 'variable = "wind_speed"', 'variable = "wind_speed"\nunits = "kg"')
    _change("swapped/gep.toml", 'path = "land_cover.tif"', 'path = "elevation.tif"')
    Path("coefficients.csv").write_text(
        "coefficient,ecosystem,class,value,unit,price_year,source\n"
        "runoff_coefficient,forrest,,5,percent,,report\n"
        "runoff_coefficient,forest,,five,percent,,report\n"
        "reservoir_cost,,,8,CNY/m^3,,report\n"
        "runoff_coefficient,shrub,,6,kg,,report\n",
        encoding="utf-8",
    )


def _change(path: str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), encoding="utf-8")


def _comments(path: Path) -> Iterator[str]:
    """The comments of a TOML file."""
    text = path.read_text(encoding="utf-8")
    tomllib.loads(text)
    for line in text.splitlines():
        plain = re.sub(r'"[^"]*"', '""', line)
        yield plain.partition("#")[2]


def _strings(document: str) -> str:
    """The sentences of a JSON document: what stands under `message`, `found`, `allowed`, `do`, `detail`, `error`."""

    def found(value: Any, key: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for name, part in value.items():
                if name != "zh":  # where a document has the other language
                    yield from found(part, name)
        elif isinstance(value, list):
            for part in value:
                yield from found(part, key)
        elif isinstance(value, str) and key in ("message", "found", "allowed", "do", "detail", "error"):
            yield value

    return "\n".join(found(json.loads(document)))


# what stays as it is --------------------------------------------------------------------------------------------------


@cache
def _citations() -> tuple[str, ...]:
    """What is printed of documents, which have their titles in one language."""
    texts = [cited(identifier, language) for identifier in sources() for language in ("en", "zh")]
    texts += [str(about[key]) for about in sources().values() for key in ("title", "number") if about.get(key)]
    texts += [
        load_profile(identifier).name_zh for identifier in profile_ids()
    ]  # by which a standard goes in English too
    for case in map(load_case, case_ids()):
        texts += [in_language(text, language) for text in (case.citation(), case.name) for language in LANGUAGES]
        # what a printed table calls its rows is the key under which a verdict is found
        texts += [table.name(row) for table in case.tables.values() for row in table.rows]
    return tuple(sorted({text for text in texts if len(text) > 3}, key=len, reverse=True))


CALLED = re.compile(
    rf"gep( ({'|'.join((*COMMANDS, *GROUPS, *(name for names in GROUPS.values() for name in names)))}))+"
)
"""A command by its name, as in a line of help."""

AUTHORS = re.compile(r"[A-Z][a-z]+ et al\.")
"""Whose study it is, as in a source of an equation."""

TABLE_UNIT = re.compile(r"(?<=\d )[万亿][^\s|]*")
"""A unit as the tables of a study write it, shown beside the number as it is printed there."""


def _sentences(text: str) -> str:
    """A text without what is in no language: citations, commands and what else stands between backticks."""
    for known in _citations():
        text = text.replace(known, "·")
    for pattern in (re.compile(r"`[^`\n]*`"), CALLED, TABLE_UNIT, AUTHORS):
        text = pattern.sub("·", text)
    return text


def _english(line: str) -> list[str]:
    """Runs of three or more English words."""
    runs, run = [], []
    for token in [*re.split(r"\s+", re.sub(r"([\u2e80-\uffef│┃·()|;=+])", r" \1 ", line)), "·"]:
        word = token.strip(",.:?!\"'")
        if re.fullmatch(r"[A-Za-z]{2,}(?:['-][A-Za-z]+)*", word) and not word.isupper():
            run.append(token)
            continue
        runs += [" ".join(run)] if len(run) >= 3 else []
        run = []
    return runs


def _chinese(line: str) -> list[str]:
    """Chinese letters outside of brackets and quotes, where names and official terms stand."""
    plain = re.sub(r"\([^()]*\)|（[^（）]*）|\"[^\"]*\"|“[^”]*”|\[[^\]]*\]", "", line)
    return re.findall(r"[\u3400-\u9fff]+", plain)


NAMES = [f"help of {' '.join(words)}" for words in CALLS]
NAMES += ["help", "init", "check", "demo", "run", *(f"explain {service}" for service in (*SERVICES, *EMPTY))]
NAMES += ["explain one zone", "diff", "diff recomputed", "audit of a run", "audit of a table"]
NAMES += ["verify --list", "verify --all", *(f"verify {case}" for case in case_ids()), "verify with an account"]
NAMES += [
    "coefficients list",
    "coefficients check",
    "profiles list",
    "profiles diff",
    "plugins",
    "json of check",
    "init from a folder",
    "file drafted gep.toml",
]
NAMES += [
    f"coefficients {what} {name}" for what in ("show", "compare") for name in ("runoff_coefficient", "carbon_price")
]
NAMES += [f"profiles show {profile}" for profile in profile_ids()]
NAMES += [
    *(f"inputs {profile}" for profile in profile_ids()),
    "forms make",
    "forms make of a profile",
    "forms read",
    "file of a form",
]
NAMES += [f"wrong: {name}" for name in USAGE]
NAMES += ["file README.txt", "file gep.toml", "file run.log of a", "file run.log of b"]
LISTS = ["report"]
"""What prints names of files, and no word."""


@pytest.mark.parametrize("name", [*NAMES, *LISTS])
def test_no_english_sentence_in_chinese(name: str):
    text = said("zh")[name]
    found = {line: runs for line in _sentences(text).splitlines() if (runs := _english(line))}
    assert found == {}


@pytest.mark.parametrize("name", NAMES)
def test_chinese_is_there(name: str):
    assert re.search(r"[\u3400-\u9fff]", said("zh")[name]), said("zh")[name]


@pytest.mark.parametrize("name", [*NAMES, *LISTS])
def test_no_chinese_in_english_but_names_and_terms_in_brackets(name: str):
    text = said("en")[name]
    found = {line: runs for line in _sentences(text).splitlines() if (runs := _chinese(line))}
    assert found == {}


def test_every_call_is_looked_at():
    assert set(said("zh")) == {*NAMES, *LISTS}


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("水源涵养：the mean of all cells", ["the mean of all cells"]),
        ("文件 rain.tif 与 land_cover.tif、soil.tif 不符", []),
        ("见 gep run", []),
        ("方法选项 negative = keep", []),
        ("CO2 │ NOx dust │ 数值", []),
    ],
)
def test_an_english_sentence_is_seen(line: str, runs: list[str]):
    assert _english(line) == runs


def test_chinese_letters_are_seen():
    assert _chinese("Water retention (水源涵养) of 甲县") == ["甲县"]


SYMBOLS = "|".join(sorted(map(re.escape, unit_names()), key=len, reverse=True))
UNIT = re.compile(rf"(?<![\w`.=*/])[\d,.]+ ({SYMBOLS})(?![\w`*^%])")
"""A number with a unit symbol behind it, outside of code."""

RAW = (
    "help",
    "file gep",
    "file drafted",
    "file README",
    "coefficients",
    "profiles",
    "wrong",
    "json",
    "audit of a table",
)
"""Texts that quote what is typed into files: units as they are written there."""


@cache
def _translations() -> tuple[str, ...]:
    """Notes and meanings of symbols, which keep the symbols of formulas; the longest first."""
    texts = {part for _, row in read_csv(data_folder() / TABLE) for part in row["zh"].split("\n")}
    return tuple(sorted(texts, key=len, reverse=True))


def _units_in(text: str) -> list[str]:
    """Numbers with a unit symbol, outside of arithmetic and of translated notes."""
    text = _sentences(text)
    for known in _translations():
        text = text.replace(known, "")
    lines = (line for line in text.splitlines() if " = " not in line)
    return sorted({match[0] for line in lines for match in UNIT.finditer(line)})


def test_units_have_their_chinese_names():
    found = {name: _units_in(text) for name, text in said("zh").items() if not name.startswith(RAW)}
    assert {name: units for name, units in found.items() if units} == {}


def test_a_unit_symbol_is_found():
    text = "总量 9.46e+04 t，面积 12 km2，单价 0.53 CNY/kWh"
    assert [match[1] for match in UNIT.finditer(text)] == ["t", "km2", "CNY"]
    assert not UNIT.search("`nodata = 3 m`，共 3 吨，2020 年")
