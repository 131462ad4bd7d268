"""The map of overload: rates and classes by hand, hatched where there is no balance, in a report and its page."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import builders
import numpy as np
import pandas as pd
import pytest
from builders import STEPPE, block, raster, water_layers, zones

from gep.account.account import Account
from gep.assets.grazing.account import grazing_account
from gep.assets.grazing.tables import HERDS, PASTURES
from gep.assets.tables import read_table
from gep.cli.accounts import write_beside
from gep.core.catalog import colour
from gep.report.document.beside import beside
from gep.report.make import write_report
from gep.report.page.drawing import drawing_of_overload
from gep.report.pictures.beside import maps_beside
from gep.report.tables.book import report_model
from gep.report.tables.overload import MAP, overload
from gep.study.folder import write_run
from gep.study.run import read_run

SHEEP = {"101": 90, "102": 160, "Elsewhere": 100}
"""Heads on 100 hm2 that grow 657 kg/hm2 in a year, all of it eaten: 657 / (1.8 x 365) is one on each, 100 in all."""


def grazed() -> tuple[pd.DataFrame, pd.DataFrame]:
    pasture = {
        "steppe": "meadow steppe",
        "season": "whole year",
        "area [hm2]": 100,
        "forage_yield [kg*dry_matter/(hm2*year)]": 657,
        "edible_share": 1,
        "utilisation_rate": 1,
        "grazing_days [day/year]": 365,
    }
    herd = {"animal": "sheep", "sheep_units_per_head [sheep_unit/head]": 1}
    of_zones = [{"zone": zone, "heads [head]": heads} for zone, heads in SHEEP.items()]
    return pd.DataFrame([{"zone": zone} | pasture for zone in SHEEP]), pd.DataFrame([of | herd for of in of_zones])


@pytest.fixture(scope="module")
def computed() -> Account:
    cover = raster(np.full((4, 6), STEPPE, dtype=np.uint8))
    counties = zones(block(0, 0, 2, 4), block(2, 0, 4, 4), block(4, 0, 6, 4))
    return builders.make_study(cover, water_layers((4, 6)), counties, of=("water_retention",)).run()


@pytest.fixture(scope="module")
def account(computed: Account, tmp_path_factory: pytest.TempPathFactory) -> Account:
    year = computed.about.year
    pastures, herds = grazed()
    balance = grazing_account(read_table(pastures, PASTURES, "pastures"), read_table(herds, HERDS, "herds"), year=year)
    folder = tmp_path_factory.mktemp("overload") / "run"
    write_run(computed, folder, add=lambda fresh: write_beside([balance], year, fresh))
    return read_run(folder)


@pytest.fixture(scope="module")
def reported(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reported")
    write_report(account, folder, "html", lang="en")
    return folder


def test_rates_and_classes_by_hand(account):
    """90 and 160 of 100 sheep units are -10 and +60 %; a limit belongs to the class above it."""
    found = overload(account)
    assert found.classes == {"101": "balance", "102": "severe_overload"}
    assert {row.key: row["rate"].value for row in found.table.rows} == pytest.approx({"101": -10, "102": 60})
    assert (found.rate("101", "en"), found.rate("103", "en")) == ("-10.0 %", "")
    assert any("Elsewhere" in note for note in found.notes)


def test_no_one_takes_its_title_for_that_of_gep(account):
    ((picture, _),) = maps_beside(account)
    assert "GEP" not in picture.title
    assert "生态产品总值" not in picture.title.zh
    assert any("never" in note for note in picture.notes)


def test_the_map_has_the_colours_of_data_and_hatches_what_has_no_balance(account):
    pytest.importorskip("matplotlib")
    ((picture, draw),) = maps_beside(account)
    figure = draw(picture, "en")
    areas = [patch for patch in figure.axes[0].patches if patch.get_zorder() == 1]
    assert sum(bool(patch.get_hatch()) for patch in areas) == 1
    from matplotlib.colors import to_hex

    filled = {to_hex(patch.get_facecolor()).upper() for patch in areas if not patch.get_hatch()}
    assert filled == {colour("balance"), colour("severe_overload")}
    figure.clear()


def test_the_page_draws_the_same(account, reported):
    drawing = drawing_of_overload(account, "zh")
    wide = {zone.said.partition("：")[0]: zone.colour for zone in drawing.zones}
    assert sorted(wide.values()) == sorted([colour("balance"), colour("severe_overload"), colour("_missing")])
    assert drawing.classes[-1].colour == colour("_missing")
    page = (reported / "report.html").read_text("utf-8")
    maps = re.findall(r'<figure class="zones">.*?</figure>', page, re.DOTALL)
    assert [found.count("<path") for found in maps] == [3, 3]  # in each language
    assert "+60.0 % severe overload" in maps[1] + maps[0]


def test_the_chapter_shows_it_before_the_tables(account):
    manuscript = MagicMock()
    beside(SimpleNamespace(account=account, model=report_model(account, "en"), manuscript=manuscript))
    told = [name for name, *_ in manuscript.method_calls]
    assert told.index("picture") < told.index("table")
    (name, caption), _ = manuscript.picture.call_args
    assert name == MAP
    assert caption.zh.endswith("各旗县草地超载状况")


def test_a_run_without_a_balance_has_no_map(computed):
    assert overload(computed) is None
    assert list(maps_beside(computed)) == []
    assert drawing_of_overload(computed, "en") is None
