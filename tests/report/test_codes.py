"""A code of a problem is explained: what it means, why it matters, how to mend it, whether it may be waived."""

import io
import json
import re

import pytest
from rich.console import Console

from gep.core.errors import UsageError, waivable
from gep.core.messages import catalogue
from gep.report.codes import code_document, known_codes, show_code, show_codes

HAN = re.compile("[\u4e00-\u9fff]{4}")  # terms, as 万元, may stand in English


def shown(code, language):
    out = Console(file=io.StringIO(), width=400)
    show_code(code_document(code), out, language)
    return out.file.getvalue()


@pytest.mark.parametrize("code", known_codes())
def test_every_code_says_what_it_means_why_and_whether_it_stops(code):
    about, english, chinese = catalogue("codes")[code], shown(code, "en"), shown(code, "zh")
    assert about["en"] in english
    assert about["why"]["en"] in english
    assert about["zh"] in chinese
    assert about["why"]["zh"] in chinese
    assert not HAN.search(english)
    assert (f"{code} = {{ by =" in english) == (code in waivable())
    assert not re.search(r"\{[a-z_]+[}:]", english)  # no field is left in what is said


def test_every_code_has_a_sentence_that_it_says():
    """But V01, whose whole sentence comes from what a case breaks."""
    assert [code for code in known_codes() if not code_document(code)["messages"]] == ["V01"]


def test_a_sentence_leaves_open_what_is_filled_in():
    """`inputs.T14.no_product`: "has no product `{product}` in the tables ...": the name is of the project."""
    messages = [message["message"].to("en") for message in code_document("T14")["messages"]]
    assert "… has no product `…` in the tables: the cost would be taken off nothing." in messages


def test_letters_may_be_small_and_a_misspelt_code_is_told():
    assert code_document("u03")["code"] == "U03"
    with pytest.raises(UsageError, match="U03") as error:
        code_document("U033")
    assert "没有代码" in error.value.message.to("zh")


def test_the_list_has_a_line_for_each():
    out = Console(file=io.StringIO(), width=400)
    show_codes(out, "zh")
    codes = re.findall(r"^([A-Z]\d\d) ", out.file.getvalue(), re.MULTILINE)
    assert codes == known_codes()
    json.dumps([code_document(code) for code in codes])
