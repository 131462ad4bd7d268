"""Units as statistics call them: 万吨二氧化碳, 亿立方米."""

import pytest

from gep.core.data import data_folder, read_csv
from gep.core.errors import UnitError
from gep.core.unit_names import readable_scale, shown_quantity, unit_name, unit_names
from gep.core.units import TAGS, parse


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (16_423_100, "t{CO2}", ("1,642.31", "万吨二氧化碳"), ("16.42", "million t CO2")),
        (3.526e9, "m3", ("35.26", "亿立方米"), ("3.53", "billion m³")),
        (8.66e8, "kWh", ("8.66", "亿千瓦时"), ("866.00", "million kWh")),
        (970_000, "visit", ("97.00", "万人次"), ("970.00", "thousand visit")),
        (16_400, "head", ("1.64", "万头"), ("16.40", "thousand head")),
        (1.287e6, "m2", ("128.70", "万平方米"), ("1.29", "million m²")),
        (44.34, "t{NH3_N}", ("44.34", "吨氨氮"), ("44.34", "t NH3-N")),
        (0, "t", ("0.00", "吨"), ("0.00", "t")),
        (-133_000, "m3", ("-13.30", "万立方米"), ("-133.00", "thousand m³")),
        (5, "1", ("5.00", ""), ("5.00", "")),
    ],
)
def test_a_quantity_at_the_scale_and_in_the_unit_of_statistics(value, unit, zh, en):
    assert shown_quantity(value, unit, "zh") == zh
    assert shown_quantity(value, unit, "en") == en


@pytest.mark.parametrize(
    ("unit", "zh", "en"),
    [
        ("CNY/m3", "元/立方米", "CNY/m³"),
        ("CNY/t{SO2}", "元/吨二氧化硫", "CNY/t SO2"),
        ("t/(km^2*year)", "吨/(平方公里*年)", "t/(km²*year)"),
        ("km²", "平方公里", "km²"),
        ("furlong", "furlong", "furlong"),
        ("m-3", "m-3", "m-3"),
        ("万t", "万吨", "万t"),
    ],
)
def test_parts_of_a_unit_have_names_and_what_is_unknown_stays(unit, zh, en):
    assert (unit_name(unit, "zh"), unit_name(unit, "en")) == (zh, en)


def test_one_scale_holds_for_figures_side_by_side():
    assert readable_scale(2.5e8, "t", "zh") == (1e8, "亿吨")
    assert readable_scale(2.5e8, "t", "en") == (1e6, "million t")


@pytest.mark.parametrize("symbol", unit_names())
def test_a_name_is_of_a_unit_that_there_is(symbol):
    assert parse(symbol) is not None


def test_every_substance_has_a_name():
    assert set(TAGS) <= set(unit_names())


def test_the_chinese_name_is_the_unit_itself():
    """Where the registry reads the Chinese name, it is the same unit."""
    read = [row for _, row in read_csv(data_folder() / "unit_names.csv") if is_read(row["zh"])]
    assert len(read) >= 10
    assert [row["unit"] for row in read if parse(row["zh"]) != parse(row["unit"])] == []


def is_read(unit):
    try:
        parse(unit)
    except UnitError:
        return False
    return True
