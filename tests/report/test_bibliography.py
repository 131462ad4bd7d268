"""`gep.cite`: what an account used as BibTeX, read by another program (pybtex), and nothing that it did not use."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from projects import Gep, caller

import gep
from gep.core.errors import UsageError
from gep.report.bibliography import cite, references
from gep.report.citations import named_in
from gep.standards.coefficients import sources
from gep.standards.equations import equations
from gep.study.folder import write_run
from gep.study.study import Study

WATER = {"service": "water_retention", "component": "retained_water", "quantity": 1e6, "unit": "m^3/year"}


@pytest.fixture
def gep_call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return caller(monkeypatch, capsys, tmp_path)


@pytest.fixture(scope="module")
def read():
    """A reader of BibTeX that is not ours: it stops at what is not BibTeX, and at a key that is there twice."""
    database = pytest.importorskip("pybtex.database", reason="the extra `test` is not installed")
    return lambda text: database.parse_string(text, "bibtex").entries


def test_the_sample_city_is_cited(sample_account, read):
    entries = read(cite(sample_account))
    assert entries["gep"].fields["howpublished"] == f"Software, version {gep.__version__}"
    specification = entries["ndrc-481-2022"]
    assert specification.type == "techreport"
    assert specification.fields["number"] == "发改基础〔2022〕481号"
    assert "生态产品总值核算规范（试行）" in specification.fields["title"]
    assert entries["hj-1173-2021"].fields["number"] == "HJ 1173-2021"
    horn = entries["horn-1981"].fields  # of the slope, which is made from elevation
    assert (horn["journal"], horn["volume"], horn["number"], horn["pages"]) == (
        "Proceedings of the IEEE",
        "69",
        "1",
        "14--47",
    )
    assert horn["doi"] == "10.1109/PROC.1981.11918"
    assert [str(person) for person in entries["rao-2014"].persons["author"]] == ["{Rao E.}", "others"]
    assert entries["world-bank-cpi"].fields["title"].count(r"\%") == 1
    assert sum(entry.fields["title"] == "{synthetic}" for entry in entries.values()) == 1


def test_the_folder_of_a_run_is_cited_alike(sample_account, tmp_path, gep_call):
    write_run(sample_account, tmp_path / "run")
    text = cite(sample_account)
    assert cite(gep.read_run(tmp_path / "run")) == text
    assert gep_call("cite", tmp_path / "run", "--lang", "en").out == text
    assert gep_call("cite", tmp_path / "run", "--lang", "zh", "--out", tmp_path / "zh.bib").out == ""
    assert (tmp_path / "zh.bib").read_text(encoding="utf-8") == cite(sample_account, "zh")
    said = gep_call("cite", tmp_path / "run", "--json").document["references"]
    assert {one["key"] for one in said} == set(re.findall(r"^@\w+\{(.+),$", text, flags=re.MULTILINE))


def test_what_an_account_did_not_use_is_not_cited(sample_study, sample_account):
    spec = replace(sample_study.spec, grid=("EPSG:32650", 300.0), off={"sand_fixation": "no wind erosion here"})
    without = {one.key for one in references(Study.from_spec(spec).with_layers(elevation=None).run())}
    every = {one.key for one in references(sample_account)}
    of_wind, of_slope, of_noise = {"fryrear-1998", "pyrweq"}, {"horn-1981"}, {"lyt-1721-2008"}
    assert of_wind | of_slope | of_noise <= every
    assert without & (of_wind | of_slope) == set()  # soil retention was wanted, and has no figure
    assert of_noise < without < every


def test_an_account_of_quantities_cites_its_prices_alone(read):
    account = gep.account_of([WATER], profile="cas-2010", year=2010, name="A")
    (row,) = account.record["coefficients"]
    assert set(read(cite(account))) == {"gep", "garze-2017", row["source"]}


@pytest.mark.parametrize(
    "source",
    [
        "50 % of {odd} sources_and & $signs # ~ ^ \\ @misc{x, title = {y}}",
        "a brace } that stands alone",
        "市统计年鉴（2021）",
    ],
)
def test_words_of_a_study_are_no_markup(source, read):
    own = pd.DataFrame(
        [
            {
                "coefficient": "reservoir_cost",
                "value": 7.0,
                "unit": "CNY/m^3",
                "price_year": 2010,
                "source": source,
                "status": "verified",
            }
        ]
    )
    account = gep.account_of([WATER], profile="cas-2010", year=2010, name="A", coefficients=own)
    named = [entry for key, entry in read(cite(account)).items() if key.startswith("named-")]
    assert len(named) == 1
    title = named[0].fields["title"]
    plain = re.sub(r"\\text(\w+)\{\}", lambda found: PLAIN[found[1]], title[1:-1])
    assert re.sub(r"\\([&%$#_])", r"\1", plain) == source


PLAIN = {"backslash": "\\", "braceleft": "{", "braceright": "}", "asciitilde": "~", "asciicircum": "^"}


def test_data_sets_are_known_by_their_files(sample_account, read):
    """A file of CLCD as its producers name it: the data set by its own DOI, and the paper of its legend."""
    record = sample_account.record
    inputs = {"land_cover": {**record["inputs"]["land_cover"], "file": "CLCD_v01_2020_albert.tif"}}
    account = sample_account.replace(
        record={**record, "inputs": inputs, "study": {**record["study"], "scheme": "clcd"}}
    )
    entries = read(text := cite(account))
    assert entries["data-clcd"].fields["doi"] == "10.5281/zenodo.8176941"
    assert entries["clcd"].fields["doi"] == "10.5194/essd-13-3907-2021"
    assert "cite them by hand" not in text
    said = {
        "id": "era5-land",
        "title": "ERA5-Land",
        "citation": "doi:10.5194/essd-13-4349-2021; data doi:10.24381/cds.e2161bac",
    }
    inputs = {"land_cover": {**record["inputs"]["land_cover"], "product": said}}
    told = read(cite(sample_account.replace(record={**record, "inputs": inputs})))
    assert told["data-era5-land"].fields["doi"] == "10.24381/cds.e2161bac"
    assert "land_cover (land_cover.tif)" in cite(sample_account)


def test_an_account_without_a_record_says_so():
    with pytest.raises(UsageError, match="no ledger"):
        cite(gep.account_of([WATER], profile="cas-2010", year=2010, name="A").replace(record=None))
    with pytest.raises(UsageError, match="`account` is of type str"):
        cite("gep-990000-2020")


@pytest.mark.parametrize("text", sorted({equation.source for equation in equations().values()}))
def test_a_document_that_an_equation_names_is_known(text):
    """By its DOI, its number, or its authors and year: each DOI is that of a document, each year stands with one."""
    known = named_in(text)
    dois = {str(sources()[name].get("doi", "")).lower() for name in known}
    assert {doi.lower() for doi in re.findall(r"10\.\d{4,}/[^\s,;]*[^\s,;.)]", text)} <= dois
    assert known or not re.search(r"\b(19|20)\d\d\b", text)
