"""The report in Word, opened again by python-docx: its numbers are those of the account."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from gep.account.account import Account
from gep.account.entries import About, Entry, Missing
from gep.core.catalog import label
from gep.core.errors import UsageError
from gep.core.messages import say
from gep.report.document import write as write_module
from gep.report.document.annexes import COLUMNS
from gep.report.document.write import write
from gep.report.office import PLACES, read_office
from gep.report.options import ReportOptions
from gep.report.tables.book import report_model

SCALE = {"zh": ("亿元", 1e8), "en": ("hundred million CNY", 1e8)}


@pytest.fixture(scope="module", autouse=True)
def _drawn_once(sample_account: Account) -> Iterator[None]:
    """Pictures take seconds: they are drawn for the English report of the sample city alone, which needs no font."""
    drawn = write_module.pictures_of

    def pictures(account: Account, folder: Path, options: ReportOptions) -> AbstractContextManager[Any]:
        is_drawn = account is sample_account and options.lang == "en"
        return drawn(account, folder, options) if is_drawn else nullcontext({})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write_module, "pictures_of", pictures)
        yield


@pytest.fixture(scope="module")
def reports(sample_account: Account, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of the report in each language."""
    found = {}
    for language in ("zh", "en"):
        found[language] = tmp_path_factory.mktemp(language)
        write(sample_account, found[language], ReportOptions(lang=language))
    return found


def text(document: Any) -> str:
    """All that stands in a document, within controls and tables too."""
    paragraphs = document.element.body.iter(qn("w:p"))
    return "\n".join("".join(node.text or "" for node in p.iter(qn("w:t"))) for p in paragraphs)


def half_up(number: float, decimals: int = 2) -> str:
    """A number as statistics round it, done here a second time."""
    return str(Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def letters(element: Any) -> str:
    return "".join(node.text or "" for node in element.iter(qn("w:t")))


def tables(document: Any) -> dict[str, list[list[list[str]]]]:
    """The parts of every table by its caption, as rows of texts without heads."""
    found: dict[str, list[list[list[str]]]] = {}
    caption = ""
    for element in document.element.body:
        if element.tag == qn("w:p"):
            style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
            if style is not None and style.get(qn("w:val")) == "Caption":
                caption = "".join(node.text or "" for node in element.iter(qn("w:t")))
        if element.tag == qn("w:tbl"):
            rows = [row for row in element.iter(qn("w:tr")) if row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is None]
            cells = [
                ["".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))] for row in rows
            ]
            name = re.sub(r"（续）$| \(continued\)$", "", caption)
            found.setdefault(name, []).append(cells)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_number_of_every_table_is_that_of_the_account(reports, sample_account, language):
    read = tables(docx.Document(reports[language] / "report.docx"))
    seen = 0
    for table in report_model(sample_account, language).tables:
        if table.id in ("A3", "A6", "A8"):  # of these the document shows a part
            continue
        parts = read[table.title(language)]
        columns = [column for column in table.columns if column.id in COLUMNS.get(table.id, (column.id,))]
        labels = table.labels if len(parts) > 1 else 0
        joined = [
            [*first, *(cell for part in parts[1:] for cell in part[at][labels:])] for at, first in enumerate(parts[0])
        ]
        assert len(joined) == len(table.rows)
        for row, cells in zip(table.rows, joined, strict=True):
            assert len(cells) == len(columns)
            for column, shown in zip(columns, cells, strict=True):
                cell = table.cell(row, column)
                if cell.text is not None or cell.value is None:
                    continue
                seen += 1
                exact = cell.value / cell.scale
                if cell.decimals is None:
                    assert float(shown.replace(",", "")) == pytest.approx(exact, rel=1e-14)
                elif exact and abs(exact) * 10**cell.decimals < 0.5:
                    assert shown == "…"
                else:
                    assert shown.replace(",", "") == half_up(exact, cell.decimals).replace("-0.00", "0.00")
                assert "," not in shown or language == "en"
    assert seen > 1000


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("file", ["report.docx", "bulletin.docx"])
def test_the_sentences_tell_the_figures_of_the_account(reports, sample_account, language, file):
    told = text(docx.Document(reports[language] / file))
    total = sample_account.total()
    word, scale = SCALE[language]
    space = "" if language == "zh" else " "
    assert f"{half_up(total / scale)}{space}{word}" in told
    for category, value in sample_account.totals("category").items():
        share = half_up(value / total * 100, 1)
        if language == "zh":
            assert f"{label(category, 'zh')}价值{half_up(value / 1e8)}亿元，占{share}%" in told
        else:
            shown = f"{half_up(value / 1e8)} hundred million CNY"
            assert f"{label(category, 'en')} services provide {shown}, {share}% of it" in told
    by_zone = sample_account.totals("zone_name" if language == "en" else "zone")
    first = max(by_zone, key=lambda zone: by_zone[zone])
    if language == "zh":
        name = sample_account.zone_name(first, "zh")
        assert (
            f"{name}最高，为{half_up(by_zone[first] / 1e8)}亿元，占全域{half_up(by_zone[first] / total * 100, 1)}%"
            in told
        )
    city = next(row for row in sample_account.indicators() if row["zone"] == "_city")
    assert half_up(city["value_to_gdp"]) in told
    population = sample_account.about.statistics["population"]
    heads = population.get("_city") or math.fsum(population.values())
    water = sample_account.quantities()[("water_retention", "retained_water")]["value"]
    assert f"{half_up(water / heads)}{'立方米' if language == 'zh' else ' m³'}" in told


def test_services_are_ranked_by_value(reports, sample_account):
    told = text(docx.Document(reports["zh"] / "report.docx"))
    values = sample_account.totals("service")
    ranked = sorted(values, key=lambda service: -values[service])
    for rank, service in enumerate(ranked, 1):
        assert re.search(
            rf"{label(service, 'zh')}价值[\d.]+万?亿?元，.*?在{len(ranked)}项有价值量的服务中居第{rank}位", told
        )


def test_the_word_bulletin_is_the_issuers(reports, sample_account, tmp_path):
    assert "公报" not in text(docx.Document(reports["zh"] / "bulletin.docx"))
    assert "公报" not in text(docx.Document(reports["zh"] / "report.docx"))
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "office.toml").write_text('issuer = "某市统计局"\nstatus = "published"\n', encoding="utf-8")
    (folder / "background.md").write_text("## 缘起\n\n一二三。\n\n- 第一\n- **第二**\n", encoding="utf-8")
    (folder / "conclusions.en.md").write_text("Only in English.\n", encoding="utf-8")
    write(sample_account, tmp_path, ReportOptions(template=folder))
    bulletin, report = (text(docx.Document(tmp_path / name)) for name in ("bulletin.docx", "report.docx"))
    assert "公报" in bulletin
    assert "征求意见稿" not in bulletin + report
    assert "经核算" in bulletin
    assert "一二三。" in report
    assert "第二" in report
    assert "Only in English." not in report
    assert "background.md" not in report


def test_the_report_shows_the_charts_and_says_where_a_picture_is_not_there(reports):
    bare, shown = (docx.Document(reports[language] / "report.docx") for language in ("zh", "en"))
    assert len(shown.inline_shapes) >= 5  # C1 to C4 and C7
    assert len(bare.inline_shapes) == 0


def test_the_same_account_is_the_same_bytes(tmp_path):
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        write(hostile_account(), folder, ReportOptions())
    for name in ("report.docx", "bulletin.docx"):
        assert len({(folder / name).read_bytes() for folder in folders}) == 1


def test_shares_are_not_told_where_something_is_negative(tmp_path):
    account = hostile_account()
    area, visits = account.entries
    loss = replace(visits, ecosystem="grassland", value=-400.0)
    write(account.replace([area, visits, loss]), tmp_path, ReportOptions(lang="en"))
    told = text(docx.Document(tmp_path / "report.docx"))
    sentences = [line for line in told.splitlines() if "only ecosystem type" in line]
    assert sentences
    for sentence in sentences:
        assert "Forest (1.00 thousand CNY)" in sentence
        assert "Grassland (" not in sentence


def test_every_place_for_prose_is_a_marked_control(reports):
    body = docx.Document(reports["zh"] / "report.docx").element.body
    tags = [tag.get(qn("w:val")) for tag in body.iter(qn("w:tag"))]
    assert sorted(tags) == sorted(f"{place}.zh" for place in PLACES if not place.startswith("bulletin"))
    ids = [number.get(qn("w:val")) for number in body.iter(f"{qn('w:sdtPr')}") for number in number.iter(qn("w:id"))]
    assert len(set(ids)) == len(ids)


def test_the_contents_are_the_headings(reports):
    document = docx.Document(reports["zh"] / "report.docx")
    headings = [p for p in document.paragraphs if p.style.name in ("Heading 1", "Heading 2")]
    entries = [p for p in document.paragraphs if p.style.name in ("toc 1", "toc 2")]
    assert [p.text for p in headings] == ["".join(t.text or "" for t in p._p.iter(qn("w:t"))) for p in entries]
    anchors = {mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))}
    assert {link.get(qn("w:anchor")) for link in document.element.body.iter(qn("w:hyperlink"))} <= anchors
    assert next(p.text for p in headings if p.style.name == "Heading 1") == "摘要"


def test_chinese_and_latin_have_fonts_of_their_own(reports):
    with zipfile.ZipFile(reports["zh"] / "report.docx") as package:
        styles = package.read("word/styles.xml").decode()
        assert {about.date_time for about in package.infolist()} == {(2020, 12, 31, 0, 0, 0)}
    assert 'w:eastAsia="宋体"' in styles
    assert "asciiTheme" not in re.search(r"<w:docDefaults>.*?</w:docDefaults>", styles, re.DOTALL)[0]


HOSTILE = "<w:t>&amp;\"'=1+1 \x07\u202eabc🌍" + "很长" * 200


def hostile_account() -> Account:
    about: dict[str, Any] = {"name": HOSTILE, "name_zh": HOSTILE, "year": 2020, "kind": "monetary"}
    entries = [
        Entry(HOSTILE[:40], HOSTILE, "forest", "_none", quantity=1e6, unit="m^2"),
        Entry(
            HOSTILE[:40],
            HOSTILE,
            "forest",
            "_none",
            "cultural",
            "tourism",
            "visits",
            quantity=10.0,
            unit="visit/year",
            value=1000.0,
            price_basis="current",
        ),
    ]
    missing = (Missing("recreation", "no_input", HOSTILE),)
    return Account(entries, About(**about, price_year=2020, profile=HOSTILE[:20], missing=missing))


@pytest.mark.parametrize("language", ["zh", "en", "zh-en"])
def test_names_from_data_are_text(tmp_path, language):
    account = hostile_account()
    write(account, tmp_path, ReportOptions(lang=language))
    for name in ("report.docx", "bulletin.docx"):
        told = text(docx.Document(tmp_path / name))
        assert '<w:t>&amp;"' in told
        assert "\u202e" not in told
        assert "\\u202e" in told


def test_a_partial_account_is_no_gep(tmp_path):
    account = hostile_account()
    account = account.replace(name="X", name_zh="某县", profile="ndrc-2022")
    write(account, tmp_path, ReportOptions(lang="zh"))
    document = docx.Document(tmp_path / "report.docx")
    headings = [p.text for p in document.paragraphs if p.style.name.startswith(("Heading", "Title"))]
    assert not [line for line in headings if "GEP" in line or "生态产品总值" in line]
    assert "已核算服务价值合计（部分）" in headings[0]
    for line in text(document).splitlines():
        if re.search(r"生态产品总值|GEP", line):
            assert re.search("不称生态产品总值|不是生态产品总值|核算规范|doi", line), line


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"office.toml": "issuer = 3"}, "issuer"),
        ({"office.toml": 'isuer = "x"'}, "issuer"),
        ({"office.toml": "issuer ="}, "office.toml"),
        ({"backgruond.md": "x"}, "background"),
        ({"background.fr.md": "x"}, "background.fr.md"),
        ({"background.md": b"\xff\xfe\x00"}, "UTF-8"),
    ],
)
def test_nothing_of_an_office_is_left_out_in_silence(tmp_path, files, words):
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=words):
        read_office(tmp_path)
    with pytest.raises(UsageError, match="no folder"):
        read_office(tmp_path / "not there")


def test_a_pdf_without_libreoffice_is_a_clear_error(sample_account, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UsageError, match="`soffice`") as caught:
        sample_account.report(tmp_path / "r", "bulletin", pdf=True)
    assert "未找到程序 `soffice`" in caught.value.in_language("zh")
    assert not (tmp_path / "r").exists() or not any((tmp_path / "r").iterdir())


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_documents_are_printed_to_pdf(sample_account, tmp_path):
    """One bulletin is one page."""
    written = sample_account.report(tmp_path / "r", "bulletin", lang="zh", pdf=True)
    assert sorted(path.name for path in written) == ["bulletin.docx", "bulletin.pdf"]
    content = (tmp_path / "r" / "bulletin.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert max(map(int, re.findall(rb"/Type\s*/Pages[^>]*?/Count\s+(\d+)", content))) == 1


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_it(reports, tmp_path):
    files = [reports["zh"] / "bulletin.docx", reports["en"] / "report.docx"]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, files)]
    done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    assert (tmp_path / "report.pdf").is_file(), done.stderr

    def pages(path: Path) -> int:
        return max(map(int, re.findall(rb"/Type\s*/Pages[^>]*?/Count\s+(\d+)", path.read_bytes())))

    assert pages(tmp_path / "bulletin.pdf") == 1
    assert 30 < pages(tmp_path / "report.pdf") < 150


def test_only_services_that_rest_on_land_have_a_coverage(reports, sample_account):
    read = tables(docx.Document(reports["en"] / "report.docx"))
    ((rows,),) = (parts for name, parts in read.items() if name.endswith("Coverage by service"))
    names = [row[0] for row in rows]
    assert label("water_retention", "en") in names
    assert label("crop_products", "en") not in names
    assert all(float(row[1]) > 0 for row in rows)


def test_a_picture_stands_once_in_a_report(reports):
    told = text(docx.Document(reports["en"] / "report.docx"))
    assert told.count(say("document.picture.C1")) == 1


def test_arguments_say_where_they_come_from(reports):
    """A map is no price, and what the tables give is no row of the coefficients."""
    told = {
        row[0]: row[3]
        for t in docx.Document(reports["en"] / "report.docx").tables
        for row in ([c.text for c in r.cells] for r in t.rows)
        if len(row) == 4
    }
    assert told["monthly_precipitation"] == say("document.card.from.layer")
    assert told["reservoir_cost"] == say("document.card.from.price")
    assert told["generation"] == say("document.card.from.quantity")
    assert told["lake_area"] == say("document.card.from.item")


def test_a_physical_bulletin_tells_no_money(sample_account, tmp_path):
    account = sample_account.replace(kind="physical")
    write(account, tmp_path, ReportOptions("en"))
    assert "CNY" not in text(docx.Document(tmp_path / "bulletin.docx"))
