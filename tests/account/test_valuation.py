"""What is said of figures while they are made, in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import BAMBOO, LAKE, STEPPE, block, make_study, statistics, water_layers, zones

import gep
from gep.account.basis import said_of_class
from gep.core.errors import InputError
from gep.standards.profile import Profile, load_profile
from gep.study.study import Study


def problem_of(account, code):
    (found,) = [p for p in account.about.problems if p.code == code]
    return found


def test_a_class_without_a_coefficient():
    """Steppe on 19 cells has a runoff coefficient, bamboo on one has none."""
    cover = np.full((4, 5), STEPPE)
    cover[0, 0] = BAMBOO
    account = make_study(cover, water_layers((4, 5)), zones(block(0, 0, 5, 4)), of=["water_retention"]).run()
    found = problem_of(account, "C12")
    assert found.message == "retained_water: no coefficient for forest/bamboo; this land is missing, not zero."
    assert found.message.zh == "涵养水量：森林/竹林缺少参数；这些面积按缺失处理，不按零计。"


@pytest.fixture
def without_reservoir_cost(monkeypatch: pytest.MonkeyPatch) -> Profile:
    """The default profile without the price of retained water."""
    full = load_profile("ndrc-2022")
    tables = tuple(tuple(row for row in table if row.name != "reservoir_cost") for table in full.tables)
    profile = replace(full, tables=tables)
    monkeypatch.setattr("gep.inputs.open.load_profile", lambda identifier: profile)
    return profile


def test_a_quantity_without_a_price_is_told_by_check_and_run(without_reservoir_cost: Profile, tmp_path: Path):
    given = np.full((2, 2), STEPPE), water_layers((2, 2)), zones(block(0, 0, 2, 2))
    study = make_study(*given, of=["water_retention"])
    (checked,) = [found for found in study.check() if found.code == "C04"]
    account = study.run()
    assert (checked.subject, checked.severity) == ("reservoir_cost", "warning")
    assert problem_of(account, "C04") == checked
    assert {entry.value for entry in account.entries if entry.service == "water_retention"} == {None}
    (missing,) = [missing for missing in account.about.missing if missing.service == "water_retention"]
    assert missing.is_required
    heading = "coefficient,ecosystem,value,unit,price_year,source"
    (tmp_path / "own.csv").write_text(f"{heading}\nreservoir_cost,,6,CNY/m^3,2019,bulletin\n", encoding="utf-8")
    own = make_study(*given, of=["water_retention"], coefficients={"own": tmp_path / "own.csv"})
    assert "C04" not in {found.code for found in own.check()}


def test_given_quantities_without_a_price_have_no_value(without_reservoir_cost: Profile):
    rows = [{"service": "water_retention", "quantity": 1, "unit": "m^3"}]
    account = gep.account_of(rows, profile=without_reservoir_cost, year=2019)
    assert problem_of(account, "C04").subject == "reservoir_cost"
    assert [entry.value for entry in account.entries] == [None]
    assert "GEP" not in account.title()
    priced = gep.account_of(rows, year=2019)
    assert "C04" not in {found.code for found in priced.about.problems}


def test_cells_below_zero():
    """500 mm of rain, 3.94 % or 19.7 mm of it runs off, 520 mm evaporate: -39.7 mm on 4 km2."""
    account = make_study(
        np.full((2, 2), STEPPE), water_layers((2, 2), 500.0, 520.0), zones(block(0, 0, 2, 2)), of=["water_retention"]
    ).run()
    found = problem_of(account, "B03")
    assert found.message.zh == "合计 -1.588e+05 立方米中含负值栅格 -1.588e+05；不计这些栅格则为 0。"
    assert found.found.zh == "占应计面积的 100.0%"
    assert found.do.zh == "开关 water_retention.negative 决定如何处理这些负值。"


def test_zones_are_called_by_their_names():
    """A lake of one county; the other has lakes too and reports none."""
    counties = zones(block(0, 0, 1, 1), block(1, 0, 2, 1)).assign(name_zh=["甲县", "乙县"])
    study = make_study(
        np.full((1, 2), LAKE),
        {},
        counties,
        of=["flood_mitigation"],
        methods={"flood_mitigation": {"lake": "gauge"}},
        tables={"t": statistics(("101", "lake_flood_storage", "quantity", 5, "m^3"))},
    )
    spec = replace(study.spec, zones=replace(study.spec.zones, name_zh="name_zh"))
    account = Study.from_spec(spec).run()
    said = {p.message: p for p in account.about.problems if p.code == "O02"}
    found = next(p for message, p in said.items() if "lake_flood_storage" in message)
    assert found.message.zh == "湖泊调蓄：乙县未填报 `lake_flood_storage`。"
    assert found.found.zh == "1 个区域未填报"


def test_what_is_missing_is_said_in_chinese():
    rows = [{"service": "air_purification", "component": "so2", "quantity": 1, "unit": "t"}]
    missing = {m.service: m.detail for m in gep.account_of(rows, profile="cas-2010", year=2010).about.missing}
    assert missing["air_purification"].zh == "氮氧化物、粉尘：未给出（没有时填 0）"
    assert missing["water_retention"].zh == "未给出"


def test_a_quantity_that_cannot_be_used_is_refused_in_chinese():
    row = {"service": "water_retention", "quantity": "many", "unit": "m^3"}
    with pytest.raises(InputError) as caught:
        gep.account_of([row], profile="cas-2010", year=2010, name="甘孜")
    assert caught.value.message.zh == "甘孜：给出的实物量无法使用。"
    assert caught.value.problems[0].message.zh == "`quantity` 和 `value` 均不是数值。"


def test_a_class_is_written_as_users_do_and_named_in_chinese():
    assert said_of_class("forest", "bamboo") == "forest/bamboo"
    assert said_of_class("forest", "bamboo").zh == "森林/竹林"
    assert said_of_class("forest", "").zh == "森林"
    assert said_of_class("forest", "of_our_own").zh == "森林/of_our_own"
