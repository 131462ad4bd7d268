"""What is shown of coefficients and profiles: whole in both languages, names in Chinese and ids in English."""

import io
import re

import pytest
from rich.console import Console

from gep.report.citations import cited
from gep.report.coefficients import Comparison, show_comparison
from gep.report.profiles import diff_document, show, show_diff
from gep.standards.coefficients import sources
from gep.standards.profile import load_profile, profile_ids

PROFILES = profile_ids()
COEFFICIENTS = ("cod_cost", "runoff_coefficient", "unit_plot_length", "carbon_price", "soil_erodibility")
SENTENCE = re.compile(r"\b[a-z]+(?: [a-z]+){2}\b")
"""Three English words in a row."""


@pytest.fixture
def out():
    return Console(file=io.StringIO(), width=300, emoji=False, highlight=False)


def printed(out):
    return out.file.getvalue()


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_in_chinese_holds_no_english_sentence(out, name):
    show(load_profile(name), out, "zh")
    assert "核算科目" in printed(out)
    assert SENTENCE.findall(printed(out)) == []


@pytest.mark.parametrize("name", [name for name in PROFILES if name != "ndrc-2022"])
def test_a_difference_in_chinese_holds_no_english_sentence(out, name):
    show_diff(diff_document(load_profile("ndrc-2022"), load_profile(name)), out, "zh")
    assert "ndrc-2022 → " in printed(out)
    assert SENTENCE.findall(printed(out)) == []


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_a_comparison_in_chinese_holds_no_english_sentence(out, name):
    show_comparison(Comparison(name, 2019).document(), out, "zh")
    table = [line for line in printed(out).splitlines() if not re.match(r"[a-z0-9-]+：", line)]
    assert SENTENCE.findall("\n".join(table)) == []


def test_cells_of_the_matrix_are_named_in_chinese_and_by_id_in_english(out):
    document = diff_document(load_profile("ndrc-2022"), load_profile("cas-2010"))
    show_diff(document, out, "zh")
    assert "湿地/沼泽" in printed(out)
    show_diff(document, out, "en")
    assert "wetland/marsh" in printed(out)


def test_a_document_is_cited_with_its_chinese_title_where_it_has_one():
    own, other = (
        next(name for name, about in sources().items() if ("title_zh" in about) == it) for it in (True, False)
    )
    assert str(sources()[own]["title_zh"]) in cited(own, "zh")
    assert str(sources()[own]["title"]) in cited(own)
    assert cited(other, "zh") == cited(other)
