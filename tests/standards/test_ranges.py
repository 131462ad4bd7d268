"""Bands of plausible values: what the table says, in which units, and which rows break a rule."""

import csv

import pytest
from places import REFERENCE

from gep.core.data import data_folder, read_csv
from gep.standards.ranges import TABLE, check_ranges, ranges

HEADING = "quantity,unit,scope,low,typical_low,typical_high,high,year,source,locator,status,note\n"
GOOD = 'gdp_per_head,CNY/(person*year),"city, 2022",8000,27000,200000,350000,2022,gong-2017,Table 2,verified,\n'
REASONED = "gdp_per_head,CNY/(person*year),town,1000,,,900000,,,,judgement,margin of ten\n"


def problems_of(folder, *lines):
    path = folder / "bands.csv"
    path.write_text(HEADING + "".join(lines), encoding="utf-8")
    return list(check_ranges(path))


def test_the_shipped_bands_break_no_rule():
    assert list(check_ranges()) == []


def test_a_band_is_read_as_it_stands_in_the_table():
    """Prefectures in 2010, in CNY per head: never below 3000 or above 200,000, seldom below 8000 or above 100,000."""
    (band,) = [band for band in ranges("gdp_per_head") if band.scope == "prefecture 2010"]
    assert band.limits("CNY/(person*year)") == (3000, 8000, 100_000, 200_000)
    assert (band.source, band.status) == ("", "judgement")
    assert band.note


def test_limits_are_told_in_another_unit_and_an_open_side_stays_open():
    """1 t/hm2 is 0.1 kg/m2; the yield of rice is 1 to 14 t/hm2, and 4.5 to 9.5 as a rule."""
    (rice,) = [band for band in ranges("yield/rice") if band.scope == "china, per sown area"]
    assert rice.limits("kg/(m^2*year)") == pytest.approx((0.1, 0.45, 0.95, 1.4))
    (nation,) = [band for band in ranges("gdp_per_head") if band.scope == "china"]
    assert nation.limits("1e4*CNY/(person*year)") == pytest.approx((None, 7.2447, 8.5698, None))


def test_a_quantity_without_a_band_has_none():
    assert ranges("happiness") == ()


def test_good_rows_have_no_problem(tmp_path):
    assert problems_of(tmp_path, GOOD, REASONED) == []


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        (GOOD.replace("city", "town").replace("8000", "80000"), "C16", "in rising order"),
        (GOOD.replace("city", "town").replace("350000", "inf"), "C16", "in rising order"),
        (GOOD.replace("city", "town").replace("350000", "much"), "C16", "in rising order"),
        (GOOD.replace("city", "town").replace("8000,27000,200000,350000", ",,,"), "C16", "at least one"),
        (GOOD, "C16", "one quantity in one scope"),
        (GOOD.replace("city", "town").replace("CNY", "CNX"), "U02", "CNX"),
        (GOOD.replace("city", "town").replace("gong-2017", "gong2017"), "C08", "gong-2017"),
        (GOOD.replace("city", "town").replace("gong-2017", ""), "C16", "needs a source"),
        (GOOD.replace("city", "town").replace("Table 2", ""), "C16", "needs a source"),
        (GOOD.replace("city", "town").replace("verified", "sure"), "C16", "status is unknown"),
        (REASONED.replace("margin of ten", ""), "C16", "needs its reasoning"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named_with_its_line(tmp_path, line, code, says):
    (found,) = problems_of(tmp_path, GOOD, line)
    assert (found.code, found.severity, found.place) == (code, "error", "bands.csv, line 3")
    assert says in found.in_language("en")


def test_no_band_tells_the_address_of_a_copy():
    rows = [row for _, row in read_csv(data_folder() / TABLE)]
    assert [
        row
        for row in rows
        if any(mark in cell for mark in ("http", "github", ".com", "reference/") for cell in row.values())
    ] == []


def test_the_limits_are_those_that_were_read():
    """Every number of the reference, in the order of the reference; what comes behind is reasoned, and says how."""
    reference = REFERENCE / TABLE
    if not reference.is_file():
        pytest.skip("the reference ranges are not beside this checkout")
    with reference.open(encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    columns = ("quantity", "scope", "low", "typical_low", "typical_high", "high", "year")
    shipped = [row for _, row in read_csv(data_folder() / TABLE)]
    own = shipped[len(read) :]
    assert [[row[name] for name in columns] for row in shipped[: len(read)]] == [
        [row[name] for name in columns] for row in read
    ]
    read_since = {"ratio/primary_value_added_over_gdp", "share/landscape_premium"}
    assert {row["quantity"] for row in own if row["status"] != "judgement"} == read_since
