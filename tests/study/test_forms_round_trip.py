"""From forms out to replies in: what was filled in is what the tables hold, and the account is the same."""

import csv
import shutil

import pytest
from filled_forms import PEOPLE, call, fill, forms_of, statistics_of
from openpyxl import load_workbook

from gep.core.units import convert
from gep.inputs.items import in_unit, item_unit, product_unit
from gep.study.folder import write_run
from gep.study.study import Study

pytestmark = pytest.mark.usefixtures("one_pass")


@pytest.fixture(scope="module")
def last_year(sample_account, tmp_path_factory):
    """The finished run of the sample city, taken for last year's."""
    folder = tmp_path_factory.mktemp("last") / "run"
    write_run(sample_account, folder, [])
    return folder


@pytest.fixture(scope="module", params=["columns", "rows"])
def returned(request, sample_city, last_year, tmp_path_factory):
    """The folder of forms that were filled in with the city's own statistics, what was filled in, and the reading."""
    folder = tmp_path_factory.mktemp(request.param) / "forms"
    made = call("forms", "make", sample_city, "--out", folder, "--last", last_year, "--counties", request.param)
    assert made.exit_code == 0, made.output
    filled = fill(folder, sample_city / "statistics.csv")
    return folder, filled, call("forms", "read", folder)


def amount(item, measure, value, unit):
    """A figure in the unit that the program takes it in."""
    base = item.partition("/")[0]
    if item_unit(item):
        return in_unit(float(value), unit, item_unit(item))
    wanted = product_unit(base, measure, unit)
    return convert(float(value), unit, wanted) if measure == "price" else in_unit(float(value), unit, wanted)


def test_the_tables_hold_what_was_filled_in(returned):
    folder, filled, reading = returned
    assert reading.exit_code == 0, reading.output
    read = statistics_of(folder / "tables" / "statistics.csv")
    assert read.keys() == filled.keys()
    assert len(read) > 100
    for key, (value, unit) in filled.items():
        assert float(read[key][0]) == float(value), key
        assert amount(*key[1:], *read[key]) == amount(*key[1:], value, unit), key


def test_everything_that_the_account_takes_was_asked_for(returned, sample_account):
    _, filled, _ = returned
    services = sample_account.ledger["services"]
    used = {row["item"] for service in services.values() for row in _rows_in(service)}
    assert used <= {item for _, item, _ in filled}
    assert {"crop_products/wheat", "visits", "cod_load", "floor_price"} <= used


def _rows_in(part):
    if isinstance(part, dict):
        yield from [part] if {"item", "printed"} <= part.keys() else []
        part = list(part.values())
    for one in part if isinstance(part, list) else ():
        yield from _rows_in(one)


def test_the_account_from_the_forms_is_the_account(returned, sample_city, sample_account, tmp_path):
    folder, _, _ = returned
    city = tmp_path / "city"
    shutil.copytree(sample_city, city)
    shutil.copy(folder / "tables" / "statistics.csv", city / "statistics.csv")
    account = Study.open(city).run()
    assert account.digest == sample_account.digest


def test_the_return_list_says_who_answered(returned):
    folder, filled, _ = returned
    with (folder / "tables" / "returns.csv").open(encoding="utf-8-sig") as file:
        rows = {row["表号"]: row for row in csv.DictReader(file)}
    assert rows["GEP-01-1"]["部门"] == "统计局"
    assert rows["GEP-01-1"]["状态"] == "通过"
    assert (rows["GEP-01-1"]["填报人"], rows["GEP-01-1"]["审核人"], rows["GEP-01-1"]["报送日期"]) == tuple(
        PEOPLE.values()
    )
    assert sum(int(row["已填数"]) for row in rows.values()) == len(filled)
    assert {row["错误数"] for row in rows.values()} == {"0"}


def test_the_source_of_a_figure_is_its_department_and_form(returned):
    folder, _, _ = returned
    with (folder / "tables" / "statistics.csv").open(encoding="utf-8") as file:
        sources = {row["item"]: row["source"] for row in csv.DictReader(file)}
    assert sources["population"] == "统计局，表 GEP-01-1"
    assert sources["so2_emission"] == "生态环境局，表 GEP-06-1"


def test_last_years_figures_stand_beside_the_empty_cells(sample_city, last_year, tmp_path):
    made = call("forms", "make", sample_city, "--out", tmp_path, "--last", last_year)
    assert made.exit_code == 0, made.output
    (form,) = forms_of(load_workbook(tmp_path / "06-生态环境局-2020.xlsx"))
    now = form.cell("so2_emission:quantity", "990102")
    assert now.value is None
    assert form.sheet.cell(now.row, now.column - 1).value == 1650  # statistics.csv: 990102,so2_emission,quantity,1650,t
    (form,) = forms_of(load_workbook(tmp_path / "01-统计局-2020.xlsx"))
    now = form.cell("gdp:value", "990101")
    assert form.sheet.cell(now.row, now.column - 1).value == pytest.approx(23.4)  # in 亿元, as the table has it


def test_the_same_round_gives_the_same_bytes(sample_city, last_year, tmp_path):
    for name in ("one", "two"):
        call("forms", "make", sample_city, "--out", tmp_path / name, "--last", last_year, "--deadline", "2021-09-30")
    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [path.name for path in one] == [path.name for path in two]
    assert len(one) == 12
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_two_readings_give_the_same_bytes(returned, tmp_path):
    folder, _, _ = returned
    for name in ("one", "two"):
        assert call("forms", "read", folder, "--out", tmp_path / name).exit_code == 0
    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [path.name for path in one] == [
        "lacking.csv",
        "problems.csv",
        "returns.csv",
        "returns.xlsx",
        "statistics.csv",
    ]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_forms_that_are_there_are_not_written_over(returned, sample_city):
    folder, _, _ = returned
    before = {path.name: path.read_bytes() for path in folder.glob("*.xlsx")}
    again = call("forms", "make", sample_city, "--out", folder)
    assert again.exit_code == 2
    assert "为免覆盖" in again.output
    assert before == {path.name: path.read_bytes() for path in folder.glob("*.xlsx")}
