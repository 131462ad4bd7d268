"""What of a table takes part in no check is said at once, by column and by row, in both languages."""

import json

import projects
import pytest

TABLE = """服务,2010年(亿元),2020年(亿元),备用面积(公顷),排名
固碳,10.0,12.0,100,1
水源,20.0,22.0,200,2
合计,30.0,34.0,,
GDP,300,400,,
"""


@pytest.fixture
def gep(monkeypatch, capsys, tmp_path):
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


def test_the_first_line_says_what_takes_part_in_no_check(gep, tmp_path):
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    english, chinese = (gep("audit", tmp_path / "t.csv", "--lang", lang).out.splitlines()[0] for lang in ("en", "zh"))
    assert "12 figures were read, 6 of them take part in a check" in english
    assert "Not in a check: column `备用面积(公顷)` (2), column `排名` (2), row `GDP` (2)." in english
    assert "未参与检验的有：“备用面积(公顷)”列（2 个），“排名”列（2 个），“GDP”行（2 个）。" in chinese


def test_the_document_has_the_cells_of_what_takes_part_in_no_check(gep, tmp_path):
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    document = json.loads(gep("audit", tmp_path / "t.csv", "--json").out)
    assert [(found["kind"], found["name"], len(found["cells"])) for found in document["unchecked"]] == [
        ("column", "备用面积(公顷)", 2),
        ("column", "排名", 2),
        ("row", "GDP", 2),
    ]
    assert document["unchecked"][2]["cells"] == ["t.csv, line 5, 2010年(亿元)", "t.csv, line 5, 2020年(亿元)"]
    assert document["figures"] == {"read": 12, "checked": 6, "no_figures": 0, "unread": 0}


def test_several_tables_are_named(gep, tmp_path):
    (tmp_path / "a.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "b.csv").write_text("服务,价值(亿元)\n固碳,1.0\n水源,2.0\n", encoding="utf-8")
    first = gep("audit", tmp_path, "--lang", "en").out.splitlines()[0]
    assert "all of b.csv (2)" in first
    assert "row `GDP` (2) of a.csv" in first
    assert "row `GDP`" not in gep("audit", tmp_path / "b.csv", "--lang", "en").out


def test_what_is_all_checked_says_nothing_of_it(gep, tmp_path):
    (tmp_path / "t.csv").write_text("服务,2010年(亿元)\n固碳,10.0\n水源,20.0\n合计,30.0\n", encoding="utf-8")
    assert "Not in a check" not in gep("audit", tmp_path / "t.csv", "--lang", "en").out
