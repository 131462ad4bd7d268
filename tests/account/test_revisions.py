"""Published figures and their revisions, against the vectors of the reference and worked by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

from gep.account.revisions import First, Register
from gep.core.errors import InputError
from gep.inputs.published import TOTAL, read_published

VECTORS = {
    vector["id"]: vector
    for vector in json.loads(Path(__file__).with_name("growth_vectors.json").read_text(encoding="utf-8"))
}
HEADING = "year,zone,service,vintage,date,value,unit,reason,run_id"


def register(folder: Path, *rows: str) -> Register:
    path = folder / "revisions.csv"
    path.write_text("\n".join([HEADING, *rows, ""]), encoding="utf-8")
    return Register(read_published(path))


def series(service: str, figures: list[float], last: float) -> list[str]:
    """Figures from 2016 on by an old method, and the last by a new one too."""
    rows = [f"{2016 + n},,{service},final,{2017 + n}-10,{value},亿元,," for n, value in enumerate(figures)]
    return [*rows, f"{2015 + len(figures)},,{service},benchmark,2030-10,{last},亿元,method,"]


def values(found: Register, service: str, first: First = "parts") -> list[float]:
    rows, _ = found.back_cast(first)
    return [row.value / 1e8 for row in rows if row.key[1] == service]


def test_the_vector_of_statistics(tmp_path: Path):
    vector = VECTORS["h.revision_statistics"]
    rows = []
    for n, percent in enumerate(vector["inputs"]["revisions_pct"]):
        rows.append(f"{2016 + n},,tourism,preliminary,2021-01,100,亿元,,")
        rows.append(f"{2016 + n},,tourism,final,2021-06,{100 + percent},亿元,data,")
    count, of = register(tmp_path, *rows).statistics[""]
    found = {"mean": of.mean, "mean_abs": of.mean_absolute, "rms": of.root_mean_square}
    assert {name: 100 * value for name, value in found.items()} == pytest.approx(vector["expected"])
    assert (count, of.share_upward) == (4, 0.75)


def test_a_chain_of_vintages_is_a_revision_each(tmp_path: Path):
    """158 to 160 for prices (2/158), and to 184 for the method (24/160)."""
    found = register(
        tmp_path,
        "2020,,水源涵养,初步核算,2021-06,158,亿元,,a1",
        "2020,,水源涵养,首次修订,2021年10月,1600000,万元,价格,b2",
        "2020,全市,water_retention,benchmark,2022-10-31,184,亿元,方法,c3",
    )
    first, second = found.revisions
    assert (first.difference, first.share) == pytest.approx((2e8, 2 / 158))
    assert (second.difference, second.share) == pytest.approx((24e8, 0.15))
    assert [one.after.reason for one in (first, second)] == ["price", "method"]
    document = found.document()
    told = document["revisions"][1]
    assert (told["run_id_before"], told["run_id"], told["date"]) == ("b2", "c3", "2022-10-31")
    assert set(found.statistics) == {"", "price", "method"}
    assert (document["breaks"], document["back_cast"]) == ([], None)


def test_the_vector_of_back_casting(tmp_path: Path):
    given, expected = VECTORS["h.trend_ratio_revision"]["inputs"], VECTORS["h.trend_ratio_revision"]["expected"]
    found = register(tmp_path, *series("water_retention", given["old"], given["benchmark_last_new"]))
    assert values(found, "water_retention") == pytest.approx(expected["revised"])
    rows, notes = found.back_cast("parts")
    assert [row.nature for row in rows] == ["kept", *["back_cast"] * 3, "published"]
    assert notes == ()
    (broken,) = found.broken
    assert (broken.since, broken.only_old, sorted(broken.new)) == ("2030-10", [2016, 2017, 2018, 2019], [2020])
    document = found.document("parts")
    assert [row["is_back_cast"] for row in document["back_cast"]["rows"]] == [False, True, True, True, False]
    assert "another method" in document["notes"][0]


def test_parts_first_or_the_total_first(tmp_path: Path):
    """By the closed form Y_t (Y*_N / Y_N)^(t/N), of parts and of their total, 2, 6 and 11, of which the last is 13."""
    found = register(tmp_path, *series("tourism", [1, 2, 2], 4), *series("recreation", [1, 4, 9], 9))
    tourism = [1, 2 * 2**0.5, 4]
    assert values(found, "tourism") == pytest.approx(tourism)
    assert values(found, "recreation") == pytest.approx([1, 4, 9])
    assert values(found, TOTAL) == pytest.approx([2, 4 + 2 * 2**0.5, 13])
    total = 6 * (13 / 11) ** 0.5
    assert values(found, TOTAL, "total") == pytest.approx([2, total, 13])
    assert values(found, "tourism", "total")[1] == pytest.approx(total * tourism[1] / (tourism[1] + 4))


def test_an_earlier_benchmark_is_where_the_old_series_begins(tmp_path: Path):
    rows = series("tourism", [1, 1, 2, 4], 8)
    rows.insert(1, "2017,,tourism,benchmark,2018-11,1,亿元,data,")
    found = register(tmp_path, *rows)
    assert values(found, "tourism") == pytest.approx([1, 2 * 2**0.5, 8])
    assert "2016 lie before the first benchmark" in found.back_cast("parts")[1][0]


@pytest.mark.parametrize(
    ("row", "said"), [("2017,,tourism,final,2018-1,-1,亿元,,", "zero or below"), ("", "no figure for 2017")]
)
def test_a_series_that_cannot_be_back_cast_is_told(tmp_path: Path, row: str, said: str):
    rows = ["2016,,tourism,final,2017-1,1,亿元,,", "2018,,tourism,final,2019-1,1,亿元,,"]
    found = register(tmp_path, *rows, *([row] if row else []), "2018,,tourism,benchmark,2030-1,2,亿元,method,")
    cast, notes = found.back_cast("parts")
    assert cast == ()
    assert said in notes[-1]


def test_years_without_figures_of_both_methods(tmp_path: Path):
    rows = ["2016,,tourism,final,2017-1,1,亿元,,", "2016,,tourism,benchmark,2020-1,2,亿元,method,"]
    found = register(tmp_path, *rows, "2017,,tourism,final,2018-1,1,亿元,,", "2017,,recreation,final,2018-1,1,亿元,,")
    assert [one.key[1] for one in found.broken] == ["tourism"]
    assert "no year after its first has figures by both methods" in found.back_cast("parts")[1][0]


# bad input ------------------------------------------------------------------------------------------------------------

FINAL = "2020,,tourism,final,2021-1,1,亿元,,"


def wrong(folder: Path, *rows: str) -> Any:
    with pytest.raises(InputError) as raised:
        register(folder, *rows)
    return raised.value.problems


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([FINAL, "2020,,tourism,benchmark,2022-1,2,亿元,,"], "A revision without a reason"),
        ([FINAL, "2020,,tourism,benchmark,2021-1,2,亿元,data,"], "twice on one date"),
        ([FINAL, "2020,,tourism,final,2022-1,2,亿元,data,"], "this vintage twice"),
        ([FINAL, "2020,,tourism,first,2022-1,2,亿元,data,"], "comes after a later one"),
        (["20,,tourism,final,2021-1,1,亿元,,"], "year is not one"),
        (["2999,,tourism,final,2999-1,1,亿元,,"], "year is not one"),
        (["2020,,tourism,final,2019-1,1,亿元,,"], "cannot have been published before"),
        (["2020,,tourism,final,2021-13,1,亿元,,"], "The date is none"),
        (["2020,,tourism,final,soon,1,亿元,,"], "The date is none"),
        (["2020,,tourism,last,2021-1,1,亿元,,"], "The vintage is none"),
        (["2020,,tourism,final,2021-1,many,亿元,,"], "no number"),
        (["2020,,tourism,final,2021-1,1,t,,"], "none of money"),
        (["2020,,tourims,final,2021-1,1,亿元,,"], "Did you mean `tourism`"),
        (["2020,,tourism,final,2021-1,1,亿元,mood,"], "none of those there are"),
    ],
)
def test_a_row_that_cannot_be_is_told(tmp_path: Path, rows: list[str], said: str):
    problems = wrong(tmp_path, *rows)
    assert [one.code for one in problems] == ["H01"]
    assert said in problems[0].message
    assert "revisions.csv" in problems[0].place


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path):
    problems = wrong(tmp_path, "20,,tourism,last,2021-1,x,t,,", FINAL, "2020,,tourism,benchmark,2022-1,2,亿元,,")
    assert len(problems) == 5
    path = tmp_path / "revisions.csv"
    path.write_text("year,value\n2020,1\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_published(path)
    assert "`vintage`, `date`, `unit`" in raised.value.problems[0].message


@pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="the documentation is not beside the tests")
def test_the_register_of_the_page_is_read(tmp_path: Path):
    text = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8")
    (rows,) = re.findall(r"^```text\n(year,.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    (tmp_path / "published.csv").write_text(rows, encoding="utf-8")
    found = Register(read_published(tmp_path / "published.csv"))
    assert [one.after.reason for one in found.revisions] == ["data", "method"]
    assert [one.only_old for one in found.broken] == [[2019]]


def test_of_a_figure_that_is_not_above_zero_there_is_no_share(tmp_path: Path):
    """As growth has none: from -3 to 5 is a difference of 8, and no percent of anything."""
    rows = ["2020,,tourism,preliminary,2021-01,-3,亿元,,", "2020,,tourism,final,2021-06,5,亿元,data,"]
    found = register(tmp_path, *rows)
    (revision,) = found.revisions
    assert (revision.difference, revision.share) == (8e8, None)
    assert found.statistics == {}
