"""The open-data package: it describes every file truly, and its figures are the account's."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from gep.account.account import Account
from gep.report.options import ReportOptions
from gep.report.package.write import write

EN = ReportOptions("en")


@pytest.fixture(scope="module")
def account(sample_study, sample_account: Account, tmp_path_factory) -> Account:
    """The account as one that lies in a folder with a few maps."""
    folder = tmp_path_factory.mktemp("run")
    sample_study.maps(folder / "maps", what=["value"], account=sample_account)
    return sample_account.replace(folder=folder)


@pytest.fixture(scope="module")
def package(account, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write(account, folder, EN)
    return folder / "package"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


READ = {"number": float, "integer": int, "string": str}


def test_the_description_holds_for_every_file(package):
    """The rules of Frictionless Data Package 1 and Table Schema: names, paths, hashes, and every cell by its type."""
    document = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    names = [resource["name"] for resource in document["resources"]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[-a-z0-9._/]+", name) for name in [document["name"], *names])
    described = set()
    for resource in document["resources"]:
        path = package / resource["path"]
        content = path.read_bytes()
        described.add(resource["path"])
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        if "schema" in resource:
            fields = resource["schema"]["fields"]
            assert len({field["name"] for field in fields}) == len(fields)
            found = rows(path)
            with path.open(encoding="utf-8", newline="") as file:
                assert next(csv.reader(file)) == [field["name"] for field in fields]
            for field in fields:
                for row in found:
                    text = row[field["name"]]
                    assert not text or READ[field["type"]](text) is not None
    there = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert there - described == {"datapackage.json", "CITATION.txt"}


def test_the_account_and_its_sdmx_have_every_figure(package, account):
    wanted = list(account.rows())
    tidy = rows(package / "data" / "account.csv")
    sdmx = rows(package / "sdmx" / "GEP_ACCOUNT.csv")
    assert [row["value"] for row in tidy] == [row["OBS_VALUE"] for row in sdmx]
    assert [float(row["value"]) if row["value"] else None for row in tidy] == [row["value"] for row in wanted]
    key = ("REF_AREA", "ECOSYSTEM_TYPE", "LAND_CLASS", "SERVICE", "COMPONENT", "MEASURE", "TIME_PERIOD")
    assert len({tuple(row[name] for name in key) for row in sdmx}) == len(sdmx)
    assert list(sdmx[0])[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    for name in key[:-1]:
        codes = {row["code"] for row in rows(package / "sdmx" / f"CL_{name}.csv")}
        assert {row[name] for row in sdmx} == codes


def test_tables_of_the_report_have_the_accounts_total(package, account):
    total = account.total()
    assert float(rows(package / "data" / "T01.csv")[-1]["value"] or "nan") * 1e8 == pytest.approx(
        total, rel=1e-12
    ) or any(
        row["key"] == "total" and float(row["value"]) * 1e8 == pytest.approx(total, rel=1e-12)
        for row in rows(package / "data" / "T01.csv")
    )


def test_zones_have_their_results(package, account):
    frame = gpd.read_file(package / "zones.gpkg").set_index("code")
    totals = account.totals("zone")
    assert frame["value_cny"].to_dict() == pytest.approx({code: totals[code] for code in frame.index}, rel=1e-15)
    columns = [name for name in frame.columns if name.endswith("_cny") and not name.startswith("value")]
    added = frame[columns].apply(lambda row: math.fsum(row.dropna()), axis=1)
    assert added.to_dict() == pytest.approx(frame["value_cny"].to_dict(), rel=1e-12)
    assert set(frame["name_en"]) == {names["en"] for names in account.about.zone_names.values()}


def test_maps_are_cloud_optimized_and_hold_the_same_cells(package, account):
    paths = sorted((account.about.folder / "maps").glob("*.tif"))
    assert paths
    for path in paths:
        with rasterio.open(path) as ours, rasterio.open(package / "maps" / path.name) as theirs:
            assert theirs.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert np.array_equal(ours.read(1), theirs.read(1), equal_nan=True)
            assert (theirs.units, theirs.crs) == (ours.units, ours.crs)
        assert (package / "maps" / f"{path.stem}.qml").is_file()


def test_the_same_account_gives_the_same_bytes(package, account, tmp_path):
    for path in write(account, tmp_path, EN):
        assert path.read_bytes() == (package / path.relative_to(tmp_path / "package")).read_bytes(), path.name


def test_a_licence_is_that_of_the_office_or_none(package, account, tmp_path):
    assert "licenses" not in json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    office = tmp_path / "office"
    office.mkdir()
    (office / "LICENSE.txt").write_text("Open Data of the City", encoding="utf-8")
    write(account, tmp_path, ReportOptions("zh", template=office))
    document = json.loads((tmp_path / "package" / "datapackage.json").read_text(encoding="utf-8"))
    assert document["licenses"] == [{"name": "custom", "path": "LICENSE.txt", "title": "LICENSE.txt"}]
    assert (tmp_path / "package" / "LICENSE.txt").read_text(encoding="utf-8") == "Open Data of the City"


def test_names_that_a_spreadsheet_would_compute_are_text(sample_account, tmp_path):
    names = {code: {"zh": "=1+1", "en": "@SUM(A1)"} for code in sample_account.about.zone_names}
    write(sample_account.replace(zone_names=names), tmp_path, EN)
    for path in (tmp_path / "package").rglob("*.csv"):
        for row in rows(path):
            assert not any(text.startswith(("=", "@")) for text in row.values())


def test_every_code_has_a_name_in_both_languages(package, account):
    """Classes of land as the account has them: 稀疏 of grassland and of shrubs are two things under one code."""
    lists = {path.stem.removeprefix("CL_"): rows(path) for path in (package / "sdmx").glob("CL_*.csv")}
    assert set(lists) == {"REF_AREA", "ECOSYSTEM_TYPE", "LAND_CLASS", "SERVICE", "COMPONENT", "MEASURE", "CATEGORY"}
    for name, codes in lists.items():
        for row in codes:
            assert re.search(r"[\u4e00-\u9fff]", row["name_zh"]), (name, row)
            assert "_" not in row["name_en"], (name, row)
    classes = {row["code"]: row for row in lists["LAND_CLASS"]}
    assert classes["paddy"]["name_zh"] == "水田"
    assert {row["code"]: row["name_zh"] for row in lists["MEASURE"]}["area"] == "面积"


def test_columns_of_the_account_have_titles_of_the_language(account, tmp_path):
    for language, title in (("zh", "行政区划代码"), ("en", "Code")):
        (tmp_path / language).mkdir()
        write(account, tmp_path / language, ReportOptions(language))
        document = json.loads((tmp_path / language / "package" / "datapackage.json").read_text(encoding="utf-8"))
        (of,) = (resource for resource in document["resources"] if resource["path"] == "data/account.csv")
        titles = {field["name"]: field["title"] for field in of["schema"]["fields"]}
        assert titles["area_code"] == title
    assert document["title"].count("Sample City") == 1
