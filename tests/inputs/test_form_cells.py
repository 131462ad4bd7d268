"""What people write where a number is wanted: one meaning is read, two are refused."""

from datetime import datetime

import pytest

from gep.inputs.form_cells import NoFigureError, figure_of


def figure(value, unit="t", number_format="General", words=("t", "吨")):
    return figure_of(value, number_format, unit, words)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (310, 310.0),
        (4.1, 4.1),
        ("310", 310.0),
        (" 310 ", 310.0),
        ("\u3000310\u00a0", 310.0),
        ("\u200b310\ufeff", 310.0),
        ("３１０．５", 310.5),
        ("1,234.5", 1234.5),
        ("1，234，567", 1234567.0),
        ("1 234.5", 1234.5),
        ("1'234", 1234.0),
        ("310吨", 310.0),
        ("310 t", 310.0),
        ("３１０吨", 310.0),
        ("2.6E+07", 26000000.0),
        ("0", 0.0),
        (0, 0.0),
        (".5", 0.5),
    ],
)
def test_a_number_however_it_is_pasted(written, meant):
    assert figure(written) == meant


@pytest.mark.parametrize("written", [None, "", "  ", "\u3000", "\u200b"])
def test_blank_is_missing_and_never_zero(written):
    assert figure(written) == "blank"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("未报", "not_reported"),
        (" 未报 ", "not_reported"),
        ("not reported", "not_reported"),
        ("不适用", "not_applicable"),
        ("Not applicable", "not_applicable"),
    ],
)
def test_words_that_stand_for_no_figure(written, meant):
    assert figure(written) == meant


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("—", "也可能表示"),
        ("-", "也可能表示"),
        ("…", "也可能表示"),
        ("/", "也可能表示"),
        ("无", "也可能表示"),
        ("N/A", "也可能表示"),
        ("10-20", "区间"),
        ("10～20", "区间"),
        ("约300", "不是确数"),
        (">300", "不是确数"),
        ("300左右", "不是确数"),
        ("12,5", "两种读法"),
        ("0,123", "两种读法"),
        ("1,23,456", "两种读法"),
        ("1.234.567", "两种读法"),
        ("12 34", "两种读法"),
        ("310万吨", "其他单位"),
        ("310公斤", "其他单位"),
        ("-5", "负数"),
        (-5, "负数"),
        ("三百", "不是数字"),
        ("#REF!", "公式结果出错"),
        (True, "逻辑值"),
        (datetime(2021, 10, 1), "日期"),
        ("5%", "单位不是比例"),
        (float("inf"), "有限"),
    ],
)
def test_what_can_mean_two_things_is_refused(written, why):
    with pytest.raises(NoFigureError) as refused:
        figure(written)
    assert why in refused.value.why.zh


@pytest.mark.parametrize(
    ("written", "unit", "number_format", "meant"),
    [
        (0.06, "percent", "0%", 6.0),  # shown as 6 %
        ("6%", "percent", "General", 6.0),
        ("6 ％", "percent", "General", 6.0),
        (6, "percent", "General", 6.0),
        ("6%", "1", "General", 0.06),
        (0.02, "1/year", "0.0%", 0.02),
        ("2%", "percent/year", "General", 2.0),
    ],
)
def test_a_percentage_is_read_as_it_is_shown(written, unit, number_format, meant):
    assert figure(written, unit, number_format, ("%",)) == pytest.approx(meant)


def test_a_percentage_of_tonnes_is_refused():
    with pytest.raises(NoFigureError):
        figure(0.5, "t", "0%")
