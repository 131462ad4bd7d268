"""Runs read back from folders that anyone may have written: what is refused, and how; and that nothing else happens."""

from __future__ import annotations

import copy
import io
import json
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import FOREST, LAKE, STEPPE, block, make_study, statistics, water_layers, zones
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import same_figures, seal
from rich.console import Console

import gep
from gep.account.account import Account
from gep.account.entries import digest_of
from gep.account.from_quantities import account_of
from gep.core.errors import GepError, UsageError
from gep.report.difference import show_difference
from gep.report.explanation import show_explanation
from gep.study import documents
from gep.study.change import difference
from gep.study.documents import DEEPEST, read_json, read_rows
from gep.study.folder import write_run
from gep.study.run import CRATE, place_of, project_of, read_run, zone_names_of, zones_of

OF = ("water_retention", "flood_mitigation", "crop_products")
FILES = ("account.csv", "summary.json", "run.json", "ledger.json")


def small_account() -> Account:
    """Cells, a lake that two counties share, and a product of the tables."""
    codes = np.full((2, 4), STEPPE)
    codes[:, 0], codes[:, 2:] = FOREST, LAKE
    rows = (
        ("101", "lake_area/blue", "quantity", 1, "km^2"),
        ("102", "lake_area/blue", "quantity", 3, "km^2"),
        ("101", "crop_products/wheat", "quantity", 200, "t"),
        ("101", "crop_products/wheat", "price", 2.4, "CNY/kg"),
        ("102", "crop_products/wheat", "value", 3, "万元"),
        ("_city", "population", "quantity", 1000, "person"),
    )
    counties = zones(block(0, 0, 2, 2), block(2, 0, 4, 2))
    tables = {"statistics": statistics(*rows)}
    study = make_study(codes, water_layers((2, 4)), counties, of=OF, tables=tables, region="qinghai_tibet")
    return study.run()


@pytest.fixture(scope="module")
def account() -> Account:
    return small_account()


@pytest.fixture(scope="module")
def written(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "run"
    write_run(account, folder)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written, tmp_path / "run")


def refusal(folder: Path) -> str:
    """What is said where a run is refused, in both languages."""
    with pytest.raises(UsageError) as error:
        read_run(folder).explain("water_retention")
    chinese = error.value.in_language("zh")
    assert chinese != str(error.value)
    assert "Traceback" not in str(error.value)
    return str(error.value)


def edit(path: Path, change: Callable[[Any], Any]) -> None:
    """Another content of a JSON file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


# what is read ---------------------------------------------------------------------------------------------------------


def test_it_is_read_from_the_front_door(folder: Path, account: Account):
    read = gep.read_run(str(folder))
    assert isinstance(read, gep.Account)
    same_figures(read, account)
    assert read.about.folder == folder
    assert place_of(read) == str(folder)
    assert place_of(account) == account.about.name


def test_the_ledger_is_read_when_it_is_asked_for(folder: Path, account: Account):
    read = read_run(folder)
    (folder / "ledger.json").write_text("{", encoding="utf-8")
    assert read.total() == account.total()
    with pytest.raises(UsageError, match=r"ledger\.json cannot be read"):
        read.explain("water_retention")


def test_a_run_without_a_ledger_has_figures(folder: Path, account: Account):
    (folder / "ledger.json").unlink()
    read = read_run(folder)
    assert read.totals("service") == account.totals("service")
    assert "has no ledger.json" in refusal(folder)


def test_an_account_of_given_quantities_is_read(tmp_path: Path):
    rows = [{"service": "water_retention", "zone": "101", "ecosystem": "forest", "quantity": 5.0, "unit": "m3"}]
    given_account = account_of(rows, profile="cas-2010", year=2010)
    write_run(given_account, tmp_path / "given")
    read = read_run(tmp_path / "given")
    same_figures(read, given_account)
    with pytest.raises(UsageError, match=r"has no ledger\.json"):
        read.explain("water_retention")


@pytest.mark.parametrize("kind", ["composition", "ecosystems", "counties"])
def test_it_is_drawn_as_it_was(folder: Path, account: Account, kind: str):
    pytest.importorskip("matplotlib").use("Agg")
    drawn = [one.plot(kind) for one in (read_run(folder), account)]
    first, second = ([(bar.get_width(), bar.get_y()) for bar in axes.patches] for axes in drawn)
    assert first == second
    assert first
    assert drawn[0].get_title(loc="left") == drawn[1].get_title(loc="left")
    labels = ([tick.get_text() for tick in axes.get_yticklabels()] for axes in drawn)
    assert next(labels) == next(labels)


def test_an_account_survives_a_pickle(account: Account, folder: Path):
    for one in (account, read_run(folder)):
        again = pickle.loads(pickle.dumps(one))
        same_figures(again, account)
        assert again.explain("water_retention", "101") == account.explain("water_retention", "101")
        assert again.about.folder == one.about.folder


def test_where_a_run_came_from(folder: Path, account: Account, tmp_path: Path):
    assert project_of(account) is None
    project, other = tmp_path / "gep.toml", tmp_path / "parks.geojson"
    log = (folder / "run.log").read_text(encoding="utf-8")
    (folder / "run.log").write_text(f"project {project}\nzones {other}\n{log}", encoding="utf-8")
    assert (project_of(read_run(folder)), zones_of(read_run(folder))) == (None, None)  # they are not there
    project.touch()
    other.touch()
    assert (project_of(read_run(folder)), zones_of(read_run(folder))) == (project, other)
    assert zone_names_of(account, "en") == {"101": "County 101", "102": "County 102"}


# what is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_changed_is_refused(folder: Path, name: str):
    """By the hashes of the crate, even where its content says the same."""
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("\n" if name != "account.csv" else "")
    if name == "account.csv":
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(",CNY,", ",USD,"), encoding="utf-8")
    assert f"{name} is not as the run wrote it" in refusal(folder)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("ledger.json", "{}", "ledger.json has no schema"),
        ("ledger.json", '{"schema": 1}', "are of different runs"),
        ("zones.geojson", "{}", "zones.geojson is not of the form of a run"),
        ("zones.geojson", '{"type": "FeatureCollection", "features": []}', "zones.geojson is not as the run wrote it"),
    ],
)
def test_what_is_read_later_is_refused_at_once_where_it_is_damaged(folder: Path, name: str, text: str, said: str):
    """`gep compare` looks at neither where coefficients are the same, and took such a folder for a run."""
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said.replace(".", r"\.")):
        read_run(folder)
    assert read_run(folder, accept_changes=True).total() is not None


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_which_the_crate_has_no_hash_is_refused(folder: Path, name: str):
    def forget(crate: Any) -> None:
        (entity,) = (one for one in crate["@graph"] if one["@id"] == name)
        del entity["sha256"]

    edit(folder / CRATE, forget)
    assert f"{CRATE} has no hash of {name}: nothing tells whether it is" in refusal(folder)


def test_a_run_without_its_crate_is_refused(folder: Path):
    """Its crate alone has the hashes; without it, a ledger that was changed would pass."""
    edit(folder / "ledger.json", lambda ledger: ledger["equations"]["retained_water"].update(summary="changed"))
    (folder / CRATE).unlink()
    assert f"has no {CRATE}, which holds the hashes" in refusal(folder)


def test_a_crate_that_goes_while_the_run_is_open_is_missed(folder: Path):
    read = read_run(folder)
    (folder / CRATE).unlink()
    with pytest.raises(UsageError, match="nothing tells whether they are as the run wrote them"):
        read.explain("water_retention")


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "cannot be read"), ("{}", "at $.@graph: this key is missing"), ('{"@graph": {}}', "a list")],
)
def test_a_crate_that_is_damaged_is_refused(folder: Path, text: str, said: str):
    (folder / CRATE).write_text(text, encoding="utf-8")
    assert CRATE in refusal(folder)
    assert said in refusal(folder)


def test_files_of_different_runs_are_refused(folder: Path):
    edit(folder / "summary.json", lambda document: document.update(run_id="000000000000"))
    seal(folder)
    assert "are of different runs" in refusal(folder)


def test_rows_that_contradict_each_other_are_refused(folder: Path):
    """The price of another entry's component, in a column that the digest does not cover."""
    path = folder / "account.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if ",water_retention," in line and ",price," in line)
    lines[at] = lines[at].replace(",1,", ",0,", 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    seal(folder)
    assert "its rows do not make the account" in refusal(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_link_out_of_the_folder_is_not_followed(folder: Path, name: str, tmp_path: Path):
    outside = tmp_path / "outside"
    (folder / name).rename(outside)
    (folder / name).symlink_to(outside)
    assert "leads out of its folder" in refusal(folder)


def test_a_link_within_the_folder_and_to_the_folder_is(folder: Path, tmp_path: Path, account: Account):
    (folder / "summary.json").rename(folder / "other.json")
    (folder / "summary.json").symlink_to("other.json")
    (tmp_path / "link").symlink_to(folder)
    assert read_run(tmp_path / "link").total() == account.total()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_no_file(folder: Path):
    (folder / "summary.json").unlink()
    os.mkfifo(folder / "summary.json")
    assert "it has no summary.json" in refusal(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_too_large_is_refused(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch):
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    monkeypatch.setattr(documents, "MOST_BYTES", sizes[name] - 1)
    assert "bytes, more than any account needs" in refusal(folder)


def test_too_many_rows_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(documents, "MOST_ROWS", 3)
    assert "line 5, cannot be read as an account. Found: more rows. Needed: 3." in refusal(folder)


A_PLACE = "a place in a list, from 0"


def put(document: Any, way: tuple[str | int, ...], value: Any) -> None:
    """Another value at a place of a document that has one there."""
    *outer, last = way
    for key in outer:
        document = document[key]
    assert isinstance(document[last], int)
    document[last] = value


DEEP = "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)
VERY_DEEP = "[" * 200_000 + "]" * 200_000


@pytest.mark.parametrize("name", FILES[1:])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"more": NaN', "cannot be read: `NaN`"),
        ('"more": Infinity', "cannot be read: `Infinity`"),
        ('"more": 1e999', "the number is too large, or not finite"),
        ('"more": 1' + "0" * 30, "the number is too large, or not finite"),
        ('"more": 1' + "0" * 5000, "cannot be read"),
        ('"more": 1, "more": 1', "at more: this key is there twice"),
        ('"more": "\\u001b[2J"', "a text without control characters"),
        ('"more": "\\ud800"', "a text without control characters"),
        (f'"more": {DEEP}', f"more than {DEEPEST} deep"),
        (f'"more": {VERY_DEEP}', f"more than {DEEPEST} deep"),
    ],
    ids=range(10),
)
def test_json_that_is_no_plain_data_is_refused(folder: Path, name: str, text: str, said: str):
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8").rstrip()[:-1] + f", {text}}}", encoding="utf-8")
    seal(folder)
    assert f"{name}" in refusal(folder)
    assert said in refusal(folder)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("summary.json", lambda d: d.pop("study"), "at $.study: this key is missing"),
        ("summary.json", lambda d: d.update(year="2019"), 'at $.year: found "2019", needed a whole number'),
        ("summary.json", lambda d: d.update(year=True), "at $.year: found true, needed a whole number"),
        ("summary.json", lambda d: d["by_zone"].update({"101": "1"}), 'at $.by_zone.101: found "1", needed a number'),
        (
            "summary.json",
            lambda d: d["missing"][0].update(reason="none"),
            'reason: found "none", needed one of no_input',
        ),
        ("summary.json", lambda d: d.update(problems={}), "at $.problems: found an object, needed a list"),
        ("run.json", lambda d: d.update(kind="mixed"), "needed one of monetary, physical"),
        ("run.json", lambda d: d["sums"][0].update(area=None), "at $.sums[0].area: found null, needed a number"),
        ("ledger.json", lambda d: d.update(services=[]), "at $.services: found a list, needed an object"),
        (
            "ledger.json",
            lambda d: d["equations"]["retained_water"]["arithmetic"][0].append("x"),
            "at $.equations.retained_water.arithmetic[0]: found a list, needed a list",
        ),
        (
            "ledger.json",
            lambda d: d["services"]["water_retention"]["components"]["retained_water"].update(factor="many"),
            'components.retained_water.factor: found "many", needed one of a number, null',
        ),
        (
            "ledger.json",
            lambda d: d["equations"]["retained_water"].update(arithmetic=[["retained_water", "1 +"]]),
            "the arithmetic of the equation retained_water cannot be read",
        ),
        (
            "ledger.json",
            lambda d: d["equations"]["retained_water"].update(arithmetic=[["retained_water", "-" * 100_000 + "1"]]),
            "the line is too long",
        ),
        ("ledger.json", lambda d: d["equations"].pop("retained_water"), "ledger.json does not fit the account"),
        *(
            (
                "ledger.json",
                lambda d, service=service, component=component, way=way: put(
                    d["services"][service]["components"][component], way, -1
                ),
                f"components.{component}.{place}: found -1, needed {needed}",
            )
            for service, component, way, place, needed in (
                ("water_retention", "retained_water", ("figures", 0, "flow"), "figures[0].flow", A_PLACE),
                ("water_retention", "retained_water", ("figures", 0, "price"), "figures[0].price", f"one of {A_PLACE}"),
                ("flood_mitigation", "lake", ("units", 0, "arguments"), "units[0].arguments", A_PLACE),
                ("flood_mitigation", "lake", ("figures", 0, "units", 0, "unit"), "figures[0].units[0].unit", A_PLACE),
                (
                    "flood_mitigation",
                    "lake",
                    ("figures", 0, "units", 0, "price"),
                    "figures[0].units[0].price",
                    f"one of {A_PLACE}",
                ),
            )
        ),
    ],
)
def test_a_file_of_another_form_is_refused(folder: Path, name: str, change: Callable[[Any], Any], said: str):
    edit(folder / name, change)
    seal(folder)
    assert said in refusal(folder)


def cell(folder: Path, column: str, text: str, line: int = 2) -> None:
    """Another text in a cell of account.csv."""
    path = folder / "account.csv"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    lines[line - 1][lines[0].index(column)] = text
    path.write_text("\n".join(map(",".join, lines)) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("value", "many", "line 2, cannot be read as an account. Found: value: many."),
        ("value", "nan", "Found: value: nan"),
        ("value", "inf", "Found: value: inf"),
        ("value", "1e200", "Found: value: 1e200. Needed: a number between"),
        ("counted", "yes", "Found: counted: yes. Needed: 0, 1."),
        ("measure", "weight", "Found: measure: weight. Needed: area, quantity, price, value."),
        ("supply_basis", "0", "Found: supply_basis: 0. Needed: realised, potential, stock."),
        ("origin", "elsewhere", "Found: origin: elsewhere. Needed: local, imported_from_outside."),
        ("price_basis", "some:2019", "Found: price_basis: some. Needed: current, constant."),
        ("year", "2019.0", "Found: year: 2019.0. Needed: a whole number."),
        ("area_name", "\x1b[2J", "Needed: a text without control characters"),
        ("area_name", "x" * 5000, "Needed: a text without control characters, not longer than"),
        ("area_name", "a,b", "Found: 26. Needed: 25 cells."),
        ("unit", "10^(999999999)", "account.csv is not as the run wrote it"),
        ("data_coverage", "most", "Found: data_coverage: most"),
    ],
)
def test_a_cell_of_account_csv_that_is_wrong(folder: Path, column: str, text: str, said: str):
    cell(folder, column, text)
    seal(folder)
    assert said in refusal(folder)


def test_a_unit_that_would_never_end(folder: Path):
    """A power of a power, in a unit of a quantity: refused by the units, before anything is computed."""
    path = folder / "account.csv"
    at = next(i for i, row in enumerate(read_rows(path), start=2) if row["measure"] == "quantity")
    for text in ("m^9^9^9^9", "10^(9)^(9)^(9)", "m^(999999999)"):
        cell(folder, "unit", text, at)
        seal(folder)
        with pytest.raises(GepError):
            read_run(folder)


# anything else --------------------------------------------------------------------------------------------------------


def use(folder: Path, original: Account) -> None:
    """All that is made of a run."""
    account = read_run(folder)
    account.summary()
    account.supply_table(measure="quantity")
    account.supply_table(by="get")
    for zone in ("101", "102", "_city"):
        for service in account.ledger["services"]:
            document = account.explain(service, zone)
            for language in ("zh", "en"):
                show_explanation(document, Console(file=io.StringIO(), width=200), language, show_all=True)
    for pair in ((account, original), (original, account)):
        found = difference(*pair, recompute=False, progress=nullcontext)
        show_difference(found, {}, Console(file=io.StringIO(), width=200), "zh")
    write_run(account, folder.parent / "again")


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a document."""
    yield path
    parts = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in parts:
        yield from places(value, (*path, key))


VALUES = (
    None,
    True,
    False,
    0,
    -1,
    7,
    1.5,
    1e300,
    -1e-300,
    "",
    "text",
    "101",
    "_city",
    "m^(9)",
    "NaN",
    [],
    {},
    [1],
    {"a": 1},
)


def mutated(document: Any, draw: Callable[[int], int]) -> None:
    """One value of a document taken out, put in place of another, or exchanged."""
    ways = [path for path in places(document) if path]
    path = ways[draw(len(ways))]
    within = document
    for key in path[:-1]:
        within = within[key]
    what = draw(4)
    if what == 0:
        del within[path[-1]]
    elif what == 1 and isinstance(within, list):
        within.append(within[path[-1]])
    elif what == 2 and isinstance(within, dict):
        within[f"{path[-1]}x"] = within.pop(path[-1])
    else:
        within[path[-1]] = copy.deepcopy(VALUES[draw(len(VALUES))])


fuzz = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzz
@given(data=st.data(), name=st.sampled_from(FILES[1:]))
def test_changed_documents_raise_nothing_else(written: Path, account: Account, tmp_path_factory, data, name: str):
    folder = shutil.copytree(written, tmp_path_factory.mktemp("fuzz") / "run")
    document = read_json(folder / name)
    for _ in range(data.draw(st.integers(1, 3))):
        mutated(document, lambda most: data.draw(st.integers(0, most - 1)))
    (folder / name).write_text(json.dumps(document), encoding="utf-8")
    seal(folder)
    with suppress(GepError):
        use(folder, account)
    shutil.rmtree(folder.parent)


@fuzz
@given(data=st.data())
def test_changed_accounts_raise_nothing_else(written: Path, account: Account, tmp_path_factory, data):
    folder = shutil.copytree(written, tmp_path_factory.mktemp("fuzz") / "run")
    path = folder / "account.csv"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    texts = st.sampled_from(
        ["", "0", "1", "-1e29", "1e-300", "forest", "_none", "_city", "t{CO2}", "m3", "CNY/m3", "constant:2010"]
    )
    for _ in range(data.draw(st.integers(1, 3))):
        row = data.draw(st.sampled_from(lines[1:]))
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(texts | st.text(max_size=8))
    if data.draw(st.booleans()):
        lines.append(lines[-1])
    path.write_text("\n".join(map(",".join, lines)) + "\n", encoding="utf-8", newline="")
    with suppress(GepError):
        edit(folder / "summary.json", lambda document: document.update(digest=digest_of(read_rows(path))))
    seal(folder)
    with suppress(GepError):
        use(folder, account)
    shutil.rmtree(folder.parent)


@fuzz
@given(data=st.data(), name=st.sampled_from([*FILES, CRATE, "run.log"]))
def test_changed_bytes_raise_nothing_else(written: Path, account: Account, tmp_path_factory, data, name: str):
    folder = shutil.copytree(written, tmp_path_factory.mktemp("fuzz") / "run")
    content = bytearray((folder / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    (folder / name).write_bytes(bytes(content))
    if name != CRATE:
        seal(folder)
    with suppress(GepError):
        use(folder, account)
    shutil.rmtree(folder.parent)
