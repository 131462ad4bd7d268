"""Accounts beside GEP in the folder of a run and in its reports: apart from GEP, read as data from the folder alone."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import builders
import numpy as np
import openpyxl
import projects
import pytest
from builders import FOREST, STEPPE, block, raster, water_layers, zones
from small_asset_account import small_account

from gep.account.account import Account
from gep.assets.grazing.sample import sample
from gep.cli.accounts import write_beside
from gep.core.errors import UsageError
from gep.report.make import write_report
from gep.report.tables import assets
from gep.report.tables.book import report_model
from gep.report.tables.facts import Facts
from gep.study.crate import CRATE
from gep.study.folder import write_run
from gep.study.run import read_run

NEVER = {"en": "never", "zh": "不得"}
"""What the small account is never added to."""


@pytest.fixture(scope="module")
def account() -> Account:
    cover = raster(np.full((4, 6), FOREST, dtype=np.uint8))
    counties = zones(block(0, 0, 3, 4), block(3, 0, 6, 4))
    return builders.make_study(cover, water_layers((4, 6)), counties, of=("water_retention",)).run()


@pytest.fixture(scope="module")
def written(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("beside") / "run"
    write_run(account, folder, add=lambda fresh: write_beside([small_account()], account.about.year, fresh))
    write_report(read_run(folder), folder, "xlsx", "docx", "html", lang="zh")
    return folder


def test_the_run_has_them_with_hashes_and_its_account_is_the_same(account, written):
    listed = {entity["@id"]: entity for entity in json.loads((written / CRATE).read_text("utf-8"))["@graph"]}
    assert len(listed["assets/extent.json"]["sha256"]) == 64
    assert "GEP" in listed["assets/extent.json"]["description"]
    assert read_run(written).digest == account.digest


def test_sheets_that_nobody_takes_for_gep(written):
    """15 hm2 are the 150000 m2 of the table, by the definition of the hectare."""
    book = openpyxl.load_workbook(written / "report.xlsx")
    (sheet,) = (sheet for sheet in book if "之外" in sheet.title)
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0][0] == "B1-1 范围"
    assert cells[1][0].startswith("生态产品总值之外的账户")
    assert cells[3][:3] == ["甲", 15, "不详"]
    assert any("不得" in str(row[0]) for row in cells[4:])
    assert [row[0].value for row in book["合计核对"].iter_rows() if row[0].value == sheet.title] == []
    assert "B1_1" in openpyxl.load_workbook(written / "open.xlsx").sheetnames


def test_a_chapter_and_a_section_of_their_own(written):
    with zipfile.ZipFile(written / "report.docx") as file:
        text = file.read("word/document.xml").decode("utf-8")
    page = (written / "report.html").read_text("utf-8")
    for said in (text, page):
        assert "生态产品总值之外的账户" in said
        assert "B1-1 范围" in said
    assert page.count('data-table="B1_1"') == 2  # in each language
    assert 'href="#zh-beside"' in page


def test_a_run_without_any_says_nothing_of_them(account, tmp_path):
    write_report(account, tmp_path, "html", lang="en")
    assert "Accounts beside GEP" not in (tmp_path / "report.html").read_text("utf-8").split("<script")[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(schema="gep.assets/9"),
        lambda d: d.pop("never_added"),
        lambda d: d["tables"][0]["measures"][0].update(decimals=99),
        lambda d: d["tables"][0]["measures"][0].update(unit="no such unit"),
        lambda d: d["tables"][0]["measures"][0].update(id="zone"),
        lambda d: d["tables"][0]["rows"][0]["values"].update(area="15"),
        lambda d: d["tables"][0]["rows"][0].update(kind="sum"),
        lambda d: d["tables"][0].update(title="\x1b[2J"),
    ],
)
def test_what_is_no_account_is_refused(account, tmp_path, change):
    def add(fresh):
        write_beside([small_account()], account.about.year, fresh)
        path = fresh / "assets" / "extent.json"
        document = json.loads(path.read_text("utf-8"))
        change(document)
        path.write_text(json.dumps(document), "utf-8")

    write_run(account, tmp_path / "run", add=add)
    with pytest.raises(UsageError, match=r"extent\.json"):
        assets.records_of(read_run(tmp_path / "run"))


def test_their_order_is_that_of_their_subjects(account, tmp_path):
    """Carbon, then grass, then the land, and what nobody knows last: not as the names of the files sort."""
    ids = ("condition", "carbon_stock", "extent", "grazing", "carbon_credits")
    of_each = [replace(small_account(), id=id_) for id_ in ids]
    write_run(account, tmp_path / "run", add=lambda fresh: write_beside(of_each, account.about.year, fresh))
    found = [record["account"] for record in assets.records_of(read_run(tmp_path / "run"))]
    assert found == ["carbon_stock", "carbon_credits", "grazing", "condition", "extent"]


def test_what_was_changed_after_the_run_is_refused(account, tmp_path):
    write_run(account, tmp_path / "run", add=lambda fresh: write_beside([small_account()], 2020, fresh))
    path = tmp_path / "run" / "assets" / "extent.json"
    path.write_text(path.read_text("utf-8").replace(":15.0", ":16.0"), "utf-8")
    with pytest.raises(UsageError, match="changed"):
        write_report(read_run(tmp_path / "run"), tmp_path / "run", "html")
    shutil.rmtree(path.parent)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path.parent.symlink_to(elsewhere)
    with pytest.raises(UsageError, match="assets"):
        assets.records_of(read_run(tmp_path / "run"))


# stocks of services ---------------------------------------------------------------------------------------------------


def test_stocks_of_services_stand_beside_the_flows(tmp_path):
    """202 t of carbon per hectare of forest, 105 of steppe; 200 ha of each in a county of their own."""
    lines = ['id = "with-stock"', 'name_zh = "含"', 'name_en = "With"', 'extends = "ndrc-2022"']
    lines += ["[services.carbon_storage]", 'category = "regulating"', "required = false"]
    lines += ['counts = ["forest", "grassland"]']
    (tmp_path / "with-stock").mkdir()
    (tmp_path / "with-stock" / "profile.toml").write_text("\n".join(lines), "utf-8")
    pools = {"carbon_above": (60, 2), "carbon_below": (15, 8), "carbon_soil": (120, 95), "carbon_dead": (7, 0)}
    own = {name: {"forest": f"{a} t*carbon/hm^2", "grassland": f"{b} t*carbon/hm^2"} for name, (a, b) in pools.items()}
    price = {"reservoir_cost": {"value": 6, "unit": "CNY/m^3", "price_year": 2019}}
    cover = np.array([[FOREST, FOREST, STEPPE, STEPPE]])
    more = {
        "of": ["water_retention", "carbon_storage"],
        "profile": tmp_path / "with-stock",
        "coefficients": own | price,
    }
    made = builders.make_study(
        cover, water_layers(cover.shape), zones(block(0, 0, 2, 1), block(2, 0, 4, 1)), **more
    ).run()
    (found,) = assets.beside(Facts(made, "en"))
    (table,) = found.tables
    pools = [column for column in table.columns if not column.is_text]
    stocks = [sum(table.cell(row, pool).value or 0.0 for pool in pools) for row in table.rows]
    assert stocks == pytest.approx([202 * 200, 105 * 200, 307 * 200])
    assert "never" in found.never_added
    assert table in report_model(made, "en").beside[0].tables


# the commands ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def gep(monkeypatch, capsys, tmp_path):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def test_run_makes_them_and_stops_before_it_computes_where_a_table_is_wrong(gep, tmp_path):
    project = projects.write(tmp_path / "project").parent
    section = sample(project, ["A", "B", "C"])
    lines = [f'{key} = "{value}"' for key, value in section.model_dump(exclude_unset=True).items()]
    with (project / "gep.toml").open("a", encoding="utf-8") as file:
        file.write("\n[assets.grazing]\n" + "\n".join(lines) + "\n")
    said = gep("run", project, "--out", tmp_path / "out")
    assert said.code == 0
    assert "Grass-livestock balance" in said.out
    assert (tmp_path / "out" / "assets" / "grazing.json").is_file()
    without = gep("run", projects.write(tmp_path / "without"), "--out", tmp_path / "plain", "--json")
    assert without.document["digest"] == read_run(tmp_path / "out").digest
    assert not (tmp_path / "plain" / "assets").exists()
    (project / "herds.csv").write_text("zone,animal,heads\nA,sheep,3\n", "utf-8")
    checked = gep("check", project, "--json")
    assert checked.code == 4
    assert [p["subject"] for p in checked.of("U01")] == ["heads"]
    wrong = gep("run", project, "--out", tmp_path / "new")
    assert wrong.code == 4
    assert "heads" in wrong.err
    assert not (tmp_path / "new").exists()
