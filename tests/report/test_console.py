"""Terminal tables: problems as people read them, in both languages."""

import re
from dataclasses import replace

import pytest

from gep.account.account import Account
from gep.account.entries import About, Entry, Missing
from gep.core.errors import Problem
from gep.core.messages import Text
from gep.report.console import console, show_problems
from gep.report.result import show_account

GONE = Problem(
    "F01",
    "error",
    "rain",
    Text("The file is gone.", "文件不存在。"),
    "rain.tif",
    found=Text("nothing.", "无。"),
    allowed=Text("a raster", "栅格"),
    do=Text("Look.", "请检查。"),
)
UNUSUAL = Problem("R02", "information", "rain", Text("Odd...", "异常。"))


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "F01 error rain (rain.tif): The file is gone. Found: nothing. Needed: a raster.",
                "  Look.",
                "1 error, 0 warnings, 2 notes",
            ],
        ),
        (
            "zh",
            [
                "F01 错误 rain（rain.tif）：文件不存在。发现：无。要求：栅格。",
                "  请检查。",
                "1 个错误，0 个警告，2 条提示",
            ],
        ),
    ],
)
def test_problems(language, lines, capsys):
    show_problems([GONE, UNUSUAL, UNUSUAL], console(), least="error", language=language)
    assert capsys.readouterr().out.splitlines() == lines


def test_what_is_the_same_for_several_subjects_is_said_once(capsys):
    other = Problem("R02", "information", "snow", Text("Odd...", "异常。"))
    show_problems([UNUSUAL, other], console(), language="zh", remark="见 run.log")
    assert capsys.readouterr().out.splitlines() == [
        "R02 提示 rain、snow：异常。",
        "0 个错误，0 个警告，2 条提示（见 run.log）",
    ]


@pytest.mark.parametrize(("language", "said"), [("en", "No problems found."), ("zh", "未发现问题。")])
def test_no_problem(language, said, capsys):
    show_problems([], console(), language=language, remark="x")
    assert capsys.readouterr().out.splitlines() == [said]


@pytest.mark.parametrize(("language", "says"), [("en", "This is no account"), ("zh", "未形成账户")])
def test_areas_alone_are_said_to_be_no_account_before_they_are_shown(language, says, capsys):
    land = Entry("1", "East", "forest", "_none", quantity=5e6, unit="m^2")
    show_account(Account([land], About("City", 2020, "hj1173-2021", kind="physical")), console(), language)
    printed = capsys.readouterr().out
    assert 0 <= printed.index(says) < printed.index("5.00")
    flow = Entry("1", "East", "forest", "_none", "regulating", "water_retention", "retained_water", 9.0, "m^3/year")
    show_account(Account([land, flow], About("City", 2020, "hj1173-2021", kind="physical")), console(), language)
    assert says not in capsys.readouterr().out


def test_a_sum_that_lacks_a_part_is_marked_wherever_it_is_shown(capsys):
    """400 and 50 million CNY, of which the second is no full figure: 4.50 亿元, and 450 万元 for each of 100 km²."""
    land = Entry("1", "东县", "forest", "_none", quantity=1e8, unit="m^2")
    water = Entry("1", "东县", "forest", "_none", "regulating", "water_retention", "retained_water", 9e6, "m^3/year")
    valued = [replace(water, value=4e8), replace(water, service="flood_mitigation", component="lakes", value=5e7)]
    about = About("City", 2020, "ndrc-2022", price_year=2020, missing=(Missing("flood_mitigation", "no_input", ""),))
    show_account(Account([land, *valued], about), console(), "zh")
    printed = capsys.readouterr().out
    rows = {line.split("│")[0].strip(): line for line in printed.splitlines() if "│" in line}
    assert "4.00 " in rows["水源涵养"]
    assert "4.00*" not in rows["水源涵养"]
    assert "0.50*" in rows["洪水调蓄"]
    assert "4.50*" in rows["调节服务"]
    assert "单位面积 450.00* 万元/平方公里" in printed
    assert "* 合计不完整" in printed


def test_numbers_of_the_terminal_are_those_of_the_report(sample_account, capsys):
    """12 345 678 900 CNY: 123.46 亿元 and 12 345.68 万元 a km² without commas, 12,345.68 with them in English."""
    land = Entry("1", "East", "forest", "_none", quantity=1e8, unit="m^2")
    water = Entry("1", "East", "forest", "_none", "regulating", "water_retention", "retained_water", 9e6, "m^3/year")
    about = About("City", 2020, "ndrc-2022", price_year=2020)
    for language, per_km2 in (("zh", "12345.68 万元/平方公里"), ("en", "123.46 million CNY per km²")):
        show_account(Account([land, replace(water, value=12_345_678_900.0)], about), console(), language)
        printed = capsys.readouterr().out
        assert per_km2 in printed
        assert "123.46" in printed
    show_account(sample_account, console(), "zh")
    figures = [line for line in capsys.readouterr().out.splitlines() if "│" in line]
    assert not [line for line in figures if re.search(r"\d,\d{3}", line)]
