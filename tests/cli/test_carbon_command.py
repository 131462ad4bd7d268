"""`gep carbon account`: shown, explained and written; and the sink as carbon sequestration of GEP, once."""

from __future__ import annotations

import csv
import json

import projects
import pytest

WHERE = "zone,ecosystem,class,pool"
STOCKS = (f"{WHERE},year,area [hm2],density [t*carbon/hm2]", "0101,forest,larch,tree,2019,100,40")
CHANGES = (
    f"{WHERE},change,year,amount [t*carbon]",
    "0101,forest,larch,tree,growth,2020,30",
    "0101,forest,larch,tree,harvest,2020,12",
)
METHODS = {"carbon_sequestration": {"carbon": "inventory"}}


def write(folder, *, feeds="", **sections):
    carbon = {"stocks": "stocks.csv", "changes": "changes.csv", **({"feeds": feeds} if feeds else {})}
    for name, lines in (("stocks", STOCKS), ("changes", CHANGES)):
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return projects.write(folder, assets={"carbon": carbon}, **sections)


@pytest.fixture
def gep(monkeypatch, capsys, tmp_path):
    return projects.caller(monkeypatch, capsys, tmp_path)


def test_it_is_shown_explained_and_written(gep, tmp_path):
    """100 hm² of 40 t/hm²: 4000 t; 30 - 12 t of growth are 66 t of CO2."""
    path = write(tmp_path / "p")
    shown = gep("carbon", "account", path)
    assert shown.code == 0
    assert "4,018.00" in shown.out
    assert "从" not in shown.out
    assert "年碳汇" in gep("carbon", "account", path, "--lang", "zh").out
    explained = gep("carbon", "account", path, "--explain", "sink/all/2019-2020/sink", "--json")
    assert explained.document["figure"]["value"] == pytest.approx(66, rel=1e-12)
    assert "stocks.csv" in gep("carbon", "account", path, "--explain", "stock/all/2019/carbon_stock").out
    assert gep("carbon", "account", path, "--out", tmp_path / "out", "--quiet").code == 0
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"carbon_stock.json", "carbon_stock_sink.csv"} <= names
    assert "carbon_sink_for_gep.csv" not in names


def test_intervals_stand_beside_figures(gep, tmp_path):
    """100 hm² of 40 ± 2 t/hm²: 4000 t, at 95 % less and more 1.96 × 200 t by the law of propagation."""
    path = write(tmp_path / "p")
    heading, row = STOCKS
    table = f"{heading},density_error [t*carbon/hm2]\n{row},2\n"
    (tmp_path / "p" / "stocks.csv").write_text(table, encoding="utf-8")
    sure = gep("carbon", "account", path, "--uncertainty", "--out", tmp_path / "sure", "--json").document
    assert "uncertainty" not in gep("carbon", "account", path, "--out", tmp_path / "plain", "--json").document
    head = sure["uncertainty"]["heads"][0]
    assert head["gum"]["upper"] - head["value"] == pytest.approx(1.959964 * 200, rel=1e-5)
    assert head["drivers"][0]["name"] == "carbon density, stocks.csv"
    rows = {
        name: list(csv.DictReader((tmp_path / name / "carbon_stock_stock.csv").open())) for name in ("sure", "plain")
    }
    ends = ["carbon_stock_lower [t*carbon]", "carbon_stock_upper [t*carbon]"]
    assert [name in rows["sure"][0] for name in ends] == [True, True]
    assert [name in rows["plain"][0] for name in ends] == [False, False]
    shown = gep("carbon", "account", path, "--uncertainty", "--lang", "zh").out
    assert all(word in shown for word in ("不确定性来源", "不确定性未知", "拉丁超立方"))


def test_errors_below_zero_are_refused(gep, tmp_path):
    path = write(tmp_path / "p")
    heading, row = STOCKS
    table = f"{heading},density_error [t*carbon/hm2]\n{row},-2\n"
    (tmp_path / "p" / "stocks.csv").write_text(table, encoding="utf-8")
    outcome = gep("carbon", "account", path, "--uncertainty", "--out", tmp_path / "out")
    assert (outcome.code, "K04" in outcome.err) == (4, True)
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_of_what_is_wrong(gep, tmp_path):
    path = write(tmp_path / "p")
    table = tmp_path / "p" / "changes.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("2020,30", "2020,-30"), encoding="utf-8")
    outcome = gep("carbon", "account", path, "--out", tmp_path / "out")
    assert (outcome.code, "K12" in outcome.err) == (4, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("feeds", "methods"), [("carbon_sequestration", {}), ("", METHODS)])
def test_project_and_profile_say_the_same(gep, tmp_path, feeds, methods):
    outcome = gep("carbon", "account", write(tmp_path / "p", feeds=feeds, methods=methods))
    assert (outcome.code, "K17" in outcome.err) == (4, True)


def test_a_project_without_the_section(gep, tmp_path):
    assert gep("carbon", "account", projects.write(tmp_path / "p")).code == 2


def test_gep_takes_the_sink_once(gep, tmp_path):
    """66 t of CO2 of the forest of the west, and nothing by the equation of cells."""
    folder = tmp_path / "p"
    tables = {"statistics": "statistics.csv", "carbon": "out/carbon_sink_for_gep.csv"}
    path = write(folder, feeds="carbon_sequestration", methods=METHODS, tables=tables)
    assert gep("carbon", "account", path, "--out", folder / "out").code == 0
    gep("run", path, "--out", tmp_path / "run", "--quiet")
    with (tmp_path / "run" / "account.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["service"] == "carbon_sequestration"]
    quantities = [(row["ecosystem_type"], float(row["value"])) for row in rows if row["measure"] == "quantity"]
    assert quantities == [("forest", pytest.approx(66, rel=1e-12))]


def test_parcels_and_their_tickets(gep, tmp_path):
    from gep.assets.parcels.sample import sample

    folder = tmp_path / "p"
    path = projects.write(folder)
    tables = [f"{key} = {json.dumps(value)}" for key, value in sample(folder).model_dump(exclude_unset=True).items()]
    path.write_text("\n".join([path.read_text(encoding="utf-8"), "[assets.parcels]", *tables]), encoding="utf-8")
    assert "P-02" in gep("carbon", "parcel", path).out
    page, record = tmp_path / "ticket.html", tmp_path / "ticket.json"
    said = gep("carbon", "ticket", "P-01", "--project", path, "--out", page, "--record", record, "--lang", "zh")
    assert said.code == 0
    assert "碳票" in page.read_text(encoding="utf-8")
    kept = json.loads(record.read_text(encoding="utf-8"))
    assert (kept["parcel"], len(kept["geometry_sha256"])) == ("P-01", 64)
    assert gep("carbon", "ticket", "P-01", "--project", path, "--json").document["schema"] == "gep.statement/1"
    assert gep("carbon", "ticket", "P-1", "--project", path).code == 2
    none = gep("carbon", "ticket", "P-01", "--project", projects.write(tmp_path / "q"), "--lang", "zh")
    assert none.code == 2
    assert "[assets.parcels]" in none.err
    assert "样地" in none.err  # and what the section would need
