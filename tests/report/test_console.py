"""Terminal tables: problems as people read them, in both languages."""

import pytest

from gep.account.account import Account
from gep.account.entries import About, Entry
from gep.core.errors import Problem
from gep.core.messages import Text
from gep.report.console import console, show_account, show_problems

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
