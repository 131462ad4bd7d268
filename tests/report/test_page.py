"""The page of a report: its numbers, what it lets in from data, and that it is the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from pages import HOSTILE, NAMES, ParsedPage, hostile_account
from PIL import Image

import gep
from gep.account.account import Account
from gep.core.errors import UsageError
from gep.core.keys import CITY
from gep.core.messages import LANGUAGES, catalogue
from gep.report.options import ReportOptions
from gep.report.page import explanations as explanations_module
from gep.report.page.explanations import explanations
from gep.report.page.pictures import pictures
from gep.report.page.write import page, write
from gep.report.tables.book import report_model
from gep.report.tables.facts import Facts
from gep.report.tables.model import rounded, text_of
from gep.study.folder import write_run

ZH = ReportOptions(lang="zh")


@pytest.fixture(scope="module")
def hostile() -> Account:
    return hostile_account()


@pytest.fixture(scope="module")
def hostile_page(hostile: Account) -> ParsedPage:
    return ParsedPage.of(page(hostile, ZH))


@pytest.fixture(scope="module")
def text(sample_account: Account) -> str:
    return page(sample_account, ZH)


@pytest.fixture(scope="module")
def parsed(text: str) -> ParsedPage:
    return ParsedPage.of(text)


# numbers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_the_tables_is_that_of_the_account(parsed, sample_account, language):
    tables = report_model(sample_account, language).results
    assert set(parsed.tables[language]) == set(tables)
    count = 0
    for id_, table in tables.items():
        shown = parsed.tables[language][id_]
        for row in table.rows:
            for column in table.columns:
                if shown.is_turned and column.is_text:
                    continue
                cell, found = table.cell(row, column), shown[row.key, column.id]
                assert found.text == " ".join(text_of(cell, language).split()), (id_, row.key, column.id)
                if cell.value is None:
                    continue
                assert float(found.value) == cell.value / cell.scale
                if cell.decimals is not None and not cell.is_below_shown:
                    assert Decimal(found.text.replace(",", "")) == rounded(cell.value / cell.scale, cell.decimals)
                    count += 1
    assert count > 500


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_head_stands_in_the_page_without_scripts(parsed, sample_account, language):
    """亿元 and 100 million CNY are 1e8 CNY; km² is 1e6 m²; 万元 or million CNY for one of them; CNY for a head."""
    total = Decimal(repr(sample_account.total()))
    assert parsed.titles[language] == sample_account.title(language)
    assert parsed.figures[language]["total"] == str((total / 10**8).quantize(Decimal("0.01"), ROUND_HALF_UP))
    area = sum(entry.quantity for entry in sample_account.entries if entry.is_area)
    heads = sample_account.about.statistics["population"]
    per_km2 = sample_account.total() / {"zh": 1e4, "en": 1e6}[language] / (area / 1e6)
    assert parsed.figures[language]["value_per_km2"] == f"{per_km2:.2f}"
    per_head = sample_account.total() / sum(people for zone, people in heads.items() if zone != CITY)
    assert parsed.figures[language]["value_per_head"] == {"zh": f"{per_head:.0f}", "en": f"{per_head:,.0f}"}[language]


def test_a_partial_account_is_called_so_and_never_gep(hostile, hostile_page):
    assert not hostile.is_complete
    for language in LANGUAGES:
        assert hostile_page.titles[language] == hostile.title(language)
        totals = [
            cell.text
            for table in hostile_page.tables[language].values()
            for cell in (*table.cells.values(), *table.heads.values())
            if cell.kind in ("total", "head")
        ]
        assert totals
        for said in (hostile_page.titles[language], *totals):
            assert "生态产品总值" not in said
            assert "GEP" not in said


def test_a_physical_account_has_no_values(hostile):
    parsed = ParsedPage.of(page(hostile.replace(kind="physical"), ZH))
    assert "total" not in parsed.figures["zh"]
    assert {"T01", "T02", "T06"} <= set(parsed.tables["zh"])
    assert not {"T03", "T04", "T07"} & set(parsed.tables["zh"])


def test_the_map_can_show_the_figures_of_counties(parsed, sample_account):
    """Each measure names a table and a column that the page has, with a figure for each county."""
    document = json.loads(parsed.data)
    measures = {(measure["table"], measure["column"]) for measure in document["measures"]}
    assert {("T07", "value"), ("T07", "value_per_km2"), ("T07", "value_per_head")} <= measures
    codes = {feature["properties"]["name"] for feature in document["outlines"]["features"]}
    assert codes == set(sample_account.shapes)
    for table, column in measures:
        for language in LANGUAGES:
            assert all(parsed.tables[language][table][code, column].text for code in codes)


def test_arithmetic_of_every_service_and_county(parsed, sample_account):
    found = json.loads(parsed.data)["explanations"]
    assert set(found) == {entry.service for entry in sample_account.flows if entry.is_counted}
    assert set(found["water_retention"]["zones"]) == {CITY, *sample_account.shapes}
    value = sample_account.totals("service")["water_retention"]
    lines = found["water_retention"]["zones"][CITY]
    assert float(lines[-1]["result"].replace(",", "")) == pytest.approx(value, rel=1e-12)
    assert lines[-1]["unit"] == {"zh": "元", "en": "CNY"}


def test_arithmetic_of_very_many_counties_is_left_out(hostile, monkeypatch):
    assert set(explanations(Facts(hostile, "zh"))["water_retention"]["zones"]) == {CITY, "101", "102"}
    monkeypatch.setattr(explanations_module, "MOST_LETTERS", 10)
    assert set(explanations(Facts(hostile, "zh"))["water_retention"]["zones"]) == {CITY}


# what comes from data -------------------------------------------------------------------------------------------------


def test_texts_of_the_study_are_texts_in_the_page(hostile_page):
    """Nothing of them becomes an element, an attribute, or an end of the data for scripts."""
    assert Counter(hostile_page.elements)["script"] == 3
    assert "img" not in hostile_page.elements
    assert not [name for name in hostile_page.attributes if name.startswith("on") or name in ("style", "srcdoc")]
    names = [hostile_page.tables["zh"]["T07"][zone, "area_name"].text for zone in ("101", "102")]
    assert names == [" ".join(name.split()) for name in NAMES]
    assert HOSTILE in hostile_page.window_title
    document = json.loads(hostile_page.data)
    assert HOSTILE in document["languages"]["zh"]["title"]
    assert not set("<>&\u2028\u2029") & set(hostile_page.data)


# what may run ---------------------------------------------------------------------------------------------------------


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_what_the_page_holds_and_nothing_else(parsed):
    rules = dict(rule.strip().split(" ", 1) for rule in parsed.policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].split() == [digest(script) for script in parsed.scripts]
    assert rules["style-src"] == digest(parsed.style)
    assert rules["img-src"] == "data:"
    assert "unsafe" not in parsed.policy
    assert "http" not in parsed.policy


def test_nothing_points_outside(parsed):
    assert parsed.links
    assert all(link.startswith(("#", "data:")) for link in parsed.links)
    assert not re.search(r"@import|url\(", parsed.style)


def test_the_library_of_charts_is_as_it_was_published():
    """dist/echarts.min.js of the npm package echarts 6.1.0, with its licence and notice."""
    static = files("gep.report.page") / "static"
    found = hashlib.sha256((static / "echarts.min.js").read_bytes()).hexdigest()
    assert found == "b66b25aeb4df84e33199dc21694014d336d222cbd9deb0e5a7c14bd6aa0d0fd0"
    assert "Apache License" in (static / "echarts.LICENSE").read_text(encoding="utf-8")
    assert "Apache ECharts" in (static / "echarts.NOTICE").read_text(encoding="utf-8")


def test_words_of_the_page_are_used_and_known():
    folder = files("gep.report.page")
    template = (folder / "templates" / "report.html.j2").read_text(encoding="utf-8")
    script = (folder / "static" / "page.js").read_text(encoding="utf-8")
    content = (folder / "content.py").read_text(encoding="utf-8")
    in_page = set(re.findall(r"body\.word\('(\w+)'\)", template))
    sections = set(re.findall(r"'(\w+)'", re.search(r"sections = \[(.*)\]", template)[1]))
    in_script = set(re.findall(r'word\("(\w+)"\)', script)) | {"sort", "csv", "more_counties"}
    given = set(re.findall(r'"(\w+)"', re.search(r"script = \((.*?)\)", content, re.DOTALL)[1]))
    assert in_script == given
    assert in_page | sections | in_script | {"group", "measure"} == set(catalogue("page")["word"])


# the file -------------------------------------------------------------------------------------------------------------


def test_the_same_account_gives_the_same_bytes(hostile, tmp_path):
    write_run(hostile, tmp_path / "run")
    (tmp_path / "a").mkdir()
    (path,) = write(hostile, tmp_path / "a", ZH)
    assert path.name == "report.html"
    assert path.read_bytes() == page(gep.read_run(tmp_path / "run"), ZH).encode()


def test_it_is_small(text):
    assert len(text.encode()) < 5_000_000


@pytest.mark.parametrize(("lang", "tag"), [("zh", "zh-CN"), ("en", "en"), ("zh-en", "zh-CN")])
def test_it_opens_in_the_language_of_the_report(hostile, lang, tag):
    parsed = ParsedPage.of(page(hostile, ReportOptions(lang=lang)))
    assert parsed.language == tag
    assert set(parsed.titles) == {"zh", "en"}


# maps of the run ------------------------------------------------------------------------------------------------------


@pytest.fixture
def with_maps(hostile, tmp_path) -> Account:
    write_run(hostile, tmp_path / "run")
    (tmp_path / "run" / "maps").mkdir()
    nan = np.nan
    for name, values in (
        ("a.steps", [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [nan] * 5]),
        ("b.flat", [[2, 2, 2, 2, 2], [2, 2, 2, 2, nan], [nan] * 5]),
        ("c.empty", [[nan] * 5] * 3),
        ("d.value", [[1, 2, 3, 4, 5]] * 3),
    ):
        shape = {"height": 3, "width": 5, "count": 1, "dtype": "float32", "nodata": nan, "crs": "EPSG:32650"}
        with rasterio.open(
            tmp_path / "run" / "maps" / f"{name}.tif", "w", driver="GTiff", transform=Affine(1, 0, 0, 0, -1, 3), **shape
        ) as file:
            file.write(np.array(values, dtype="float32"), 1)
            file.set_band_description(1, f"{name} {HOSTILE}")
            file.set_band_unit(1, "mm/year")
            file.update_tags(description_zh="图")
    types = {"height": 3, "width": 5, "count": 1, "dtype": "uint8", "nodata": 0, "crs": "EPSG:32650"}
    with rasterio.open(
        tmp_path / "run" / "maps" / "ecosystems.tif", "w", driver="GTiff", transform=Affine(1, 0, 0, 0, -1, 3), **types
    ) as file:
        file.write(np.ones((3, 5), dtype="uint8"), 1)
        file.update_tags(class_1="forest")
    return replace_folder(hostile, tmp_path / "run")


def replace_folder(account: Account, folder: Path) -> Account:
    return account.replace(folder=folder)


def test_maps_are_shown_in_classes_with_their_limits(with_maps):
    steps, flat = pictures(with_maps)
    # ten cells in five classes of two: the limits are fifths of 1 ... 10
    edges = [(of_class.low, of_class.high) for of_class in steps.classes]
    assert edges == [(1, 2.8), (2.8, 4.6), (4.6, 6.4), (6.4, 8.2), (8.2, 10)]
    image = Image.open(io.BytesIO(base64.b64decode(steps.address.partition(",")[2])))
    rows = np.asarray(image)
    inks = [tuple(bytes.fromhex(of_class.colour[1:])) for of_class in steps.classes]
    assert len(set(inks)) == 5
    assert [tuple(pixel[:3]) for pixel in rows[:2].reshape(10, 4)] == [ink for ink in inks for _ in range(2)]
    assert (rows[2, :, 3] == 0).all()
    assert flat.is_flat
    assert [(of_class.low, of_class.high) for of_class in flat.classes] == [(2, 2)]
    assert "mm" in steps.unit
    assert steps.title.zh == "图"


def test_a_map_in_degrees_is_as_wide_as_on_the_ground(with_maps):
    """At 60 degrees north a degree to the right is half as long as one up: cos 60 = 1/2."""
    shape = {"height": 20, "width": 20, "count": 1, "dtype": "float32", "nodata": -1, "crs": "EPSG:4326"}
    file = with_maps.about.folder / "maps" / "a.degrees.tif"
    with rasterio.open(file, "w", driver="GTiff", transform=Affine(0.1, 0, 10, 0, -0.1, 61), **shape) as made:
        made.write(np.arange(400, dtype="float32").reshape(20, 20), 1)
    drawn = {of.name: of for of in pictures(with_maps)}
    assert (drawn["a.degrees"].width, drawn["a.degrees"].height) == (10, 20)
    assert (drawn["a.steps"].width, drawn["a.steps"].height) == (5, 3)
    file.unlink()


def test_a_map_that_cannot_be_read_is_told(with_maps):
    (with_maps.about.folder / "maps" / "broken.tif").write_bytes(b"no map")
    with pytest.raises(UsageError, match=r"The map broken\.tif of this run cannot be read"):
        pictures(with_maps)


def test_a_page_with_maps_says_which_are_flat(with_maps):
    parsed = ParsedPage.of(page(with_maps, ZH))
    assert Counter(parsed.elements)["img"] == 2 * 2
    assert Counter(parsed.elements)["script"] == 3
    flat = catalogue("page")["word"]["flat"]
    assert all(flat[language] in parsed.words for language in LANGUAGES)


def test_a_run_without_maps_has_no_section_for_them(hostile_page):
    assert catalogue("page")["word"]["maps"]["zh"] not in hostile_page.words
