"""No shape of a table that holds gives a failure: all of `sound_tables.toml` and `more_tables.toml` laid on their side,
with titles, with notes, without their units.
"""

import re

import pytest
from tables_that_hold import CHANGES, TABLES, cells_of, changed, found_in

from gep.audit.grids.words import is_known_unit
from gep.core.errors import InputError

TITLE = [["表3 某市生态系统生产总值核算结果"], []]
NOTES = [[], ["注：数据来源于2020年统计年鉴。"], ["Source: own calculation of 3 services."]]


def on_its_side(rows):
    width = max(map(len, rows))
    return [list(column) for column in zip(*(row + [""] * (width - len(row)) for row in rows), strict=True)]


def without_percent(text):
    """A cell without a percent sign behind a figure, in brackets, or alone."""
    if re.fullmatch(r"\s*[-+−]?[\d.,]+\s*[%％]\s*|\s*[(（]?[%％][)）]?\s*", text):
        return re.sub(r"\s*[(（]?[%％][)）]?\s*$", "", text)
    return re.sub(r"\s*[(（][%％][)）]", "", text)


def without_unit(text):
    """A cell without a unit, wherever it says one."""
    text = without_percent(text)
    is_a_unit = is_known_unit(text) and not re.fullmatch(r"[-\d.,]+", text)
    if is_a_unit or re.match(r"\s*(?:单位|units?)\s*[:：]", text, re.IGNORECASE):
        return ""
    if (in_brackets := re.fullmatch(r"(\D.*?)\s*[(（]([^()（）]+)[)）](.*)", text)) and is_known_unit(in_brackets[2]):
        return in_brackets[1] + in_brackets[3]
    if (behind := re.fullmatch(r"(\D.*?)\s*[/,，]\s*([^/]+)", text)) and is_known_unit(behind[2]):
        return behind[1]
    return text


def each_cell(change):
    return lambda rows: [[change(cell) for cell in row] for row in rows]


SHAPES = {
    "titled": lambda rows: TITLE + rows,
    "noted": lambda rows: rows + NOTES,
    "on its side": on_its_side,
    "on its side, titled": lambda rows: TITLE + on_its_side(rows),
    "with its title on its side": lambda rows: on_its_side(TITLE + rows),
    "on its side, noted": lambda rows: on_its_side(rows) + NOTES,
    "without percent": each_cell(without_percent),
    "without units": each_cell(without_unit),
    "without units, on its side": lambda rows: on_its_side(each_cell(without_unit)(rows)),
}
UNREAD = {"rates_of_discount_alone", "ages_as_keys", "rounded_percent", "two_currencies_total"}
"""Of these, words say nothing in one shape or another: keys above all columns, years without what they are of."""


@pytest.mark.parametrize("name", TABLES)
def test_no_shape_of_a_table_that_holds_fails(tmp_path, name):
    failed = {}
    for shape, shaped in SHAPES.items():
        try:
            found = found_in(tmp_path, shaped(cells_of(name)))
        except InputError:
            assert name in UNREAD, shape  # it is not read, which is told
            continue
        failed[shape] = [check.sentence for check in found.fails]
    assert {shape: sentences for shape, sentences in failed.items() if sentences} == {}


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_changed_cell_is_found_below_a_title_and_above_notes(tmp_path, name, change):
    for shape in ("titled", "noted"):
        assert found_in(tmp_path, SHAPES[shape](changed(name, change))).fails, shape
