"""The annexes of the report in Word as an office prints them, names of constants, and formulas that fit a line."""

from __future__ import annotations

import re
import shutil
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import docx
import pytest
from docx.oxml.ns import qn

import gep.derivations
import gep.services
from gep.core.data import data_folder
from gep.core.equation import Equation
from gep.report.document import write as write_module
from gep.report.document.mathematics import Fraction, Symbol, Words, lines_of, omml, row
from gep.report.document.write import write
from gep.report.names import called
from gep.report.options import ReportOptions
from gep.report.tables.book import report_model
from gep.standards.coefficients import read_coefficients


@pytest.fixture(scope="module", params=["zh", "en"])
def printed(request, sample_account, tmp_path_factory):
    """The language of a report, and its tables as texts by the words of their heads."""
    folder = tmp_path_factory.mktemp("annexes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write_module, "pictures_of", lambda *_: _NoPictures())
        write(sample_account, folder, ReportOptions(request.param))
    document = docx.Document(folder / "report.docx")
    return request.param, document, [[[c.text for c in r.cells] for r in t.rows] for t in document.tables]


class _NoPictures:
    def __enter__(self):
        return {}

    def __exit__(self, *_):
        return None


def table_of(printed, head):
    """The rows of all parts of the tables with such a first row."""
    return [row for table in printed[2] if table[0][: len(head)] == list(head) for row in table[1:]]


HEADS = {
    "zh": {"basis": ("编号", "文件"), "A1": ("名称", "适用生态系统"), "A8": ("步骤编号", "地区")},
    "en": {"basis": ("Number", "Document"), "A1": ("Name", "Ecosystem"), "A8": ("Step", "Area")},
}


def test_a_parameter_names_its_document_by_a_number_that_leads_to_it(printed, sample_account):
    """A title of five lines in a narrow column made 31 pages of the parameters of the sample city."""
    language = printed[0]
    documents = {f"[{number}]": title for number, title in table_of(printed, HEADS[language]["basis"])}
    rows = table_of(printed, HEADS[language]["A1"])
    (table,) = (t for t in report_model(sample_account, language).tables if t.id == "A1")
    assert len(rows) == len(table.rows)
    for shown, of in zip(rows, table.rows, strict=True):
        title = of["source"].text.to(language)
        if shown[6] in documents:
            assert documents[shown[6]] == title
        else:  # the words of a study, or the source of an equation
            assert title in shown[6:8]
    assert len([shown for shown in rows if shown[6] in documents]) > 100


def test_long_sums_are_told_in_brief_and_how_long_they_are(printed, sample_account):
    language = printed[0]
    lines = {row[0]: row[3] for row in table_of(printed, HEADS[language]["A8"])}
    (table,) = (t for t in report_model(sample_account, language).tables if t.id == "A8")
    whole = {row["step"].text: str(row["line"].text) for row in table.rows}
    assert lines
    for step, line in lines.items():
        terms = whole[step].count(", ") + 1
        assert line == whole[step] if terms <= 4 else line.endswith(f", … ×{terms})"), step
        assert len(line) < 120


def test_no_section_ends_on_a_page_of_its_own(printed):
    """A paragraph that holds a section alone can fall on a page that is empty but for it."""
    ends = [p for p in printed[1].element.body.iter(qn("w:p")) if p.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None]
    assert len(ends) > 4
    for end in ends:
        before = end.getprevious()
        is_bare = not list(end.iter(qn("w:t")))
        assert not (is_bare and before is not None and before.tag == qn("w:p"))


def test_choices_of_method_are_told_in_words(printed):
    told = "\n".join(paragraph.text for paragraph in printed[1].paragraphs)
    expected = {
        "zh": "土壤保持量的算法：土壤流失方程，或无覆盖与有覆盖侵蚀模数之差（选用 retention = rusle）",
        "en": "or as the difference of erosion moduli without and with cover (retention = rusle)",
    }
    assert expected[printed[0]] in told


# names ----------------------------------------------------------------------------------------------------------------


def equations():
    for package in (gep.services, gep.derivations):
        for module in iter_modules(package.__path__, f"{package.__name__}."):
            found: ModuleType = import_module(module.name)
            yield from (thing for thing in vars(found).values() if isinstance(thing, Equation))


def test_every_coefficient_and_argument_has_a_name_in_both_languages():
    """A Chinese report shows none of them by its id."""
    folders = {path.parent for path in data_folder().glob("*/profile.toml")} | {data_folder() / "common"}
    names = {row.name for folder in folders for path in folder.glob("*.csv") for row in read_coefficients(path)[0]}
    names |= {name for equation in equations() for name in equation.arguments}
    assert len(names) > 400
    assert [name for name in sorted(names) if called(name) is None] == []
    for name in names:
        text = called(name)
        assert re.search(r"[\u4e00-\u9fff]|^[A-Z0-9₂]+$", text.zh), name
        assert text.isascii() or re.search(r"[²³₂ω]", text), name


# formulas -------------------------------------------------------------------------------------------------------------


def letters(element):
    return "".join(node.text or "" for node in element.iter() if node.text)


def test_a_formula_that_is_too_long_for_a_line_is_taken_apart_between_its_parts():
    parts = [Symbol("K="), Symbol("a" * 30), Fraction(Symbol("b" * 20), Symbol("c" * 30)), Symbol("d" * 10)]
    node = row(*parts)
    lines = lines_of(node, 45)
    assert [letters(omml(line)) for line in lines] == ["K=" + "a" * 30, "b" * 20 + "c" * 30 + "d" * 10]
    assert lines_of(node, 90) == [node]


def test_words_of_a_formula_are_taken_apart_at_their_commas():
    node = row(Symbol("C=x"), Words("，分段为10以下、10-30、30-50"))
    assert [letters(omml(line)) for line in lines_of(node, 20)] == ["C=x，分段为10以下、", "10-30、30-50"]


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_the_contents_of_a_pdf_have_their_pages(sample_account, tmp_path: Path, monkeypatch):
    pdfplumber = pytest.importorskip("pdfplumber")
    monkeypatch.setattr(write_module, "pictures_of", lambda *_: _NoPictures())
    write(sample_account, tmp_path, ReportOptions("zh", has_pdf=True))
    with pdfplumber.open(tmp_path / "report.pdf") as pdf:
        contents = pdf.pages[1].extract_text().splitlines()
        lines = [found for line in contents if (found := re.fullmatch(r"(\d+)\s+(.+?)[.…\s]*(\d+)", line.strip()))]
        assert len(lines) >= 3
        for line in lines:
            assert line[2].strip() in pdf.pages[int(line[3]) - 1].extract_text()
