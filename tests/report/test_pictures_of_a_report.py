"""Charts and maps: their numbers are the account's, their files are the same again, nothing of others is obeyed."""

from __future__ import annotations

import csv
import math
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image

from gep.account import fonts
from gep.account.account import Account
from gep.core.catalog import colour
from gep.core.errors import MissingFeatureError
from gep.core.letters import lines
from gep.report.options import ReportOptions
from gep.report.pictures import charts, rasters
from gep.report.pictures.canvas import LeftOut, plain
from gep.report.pictures.frames import Land, scale_length
from gep.report.pictures.numbers import GATHERED, gathered
from gep.report.pictures.rasters import limits, read_map
from gep.report.pictures.styles import write_style
from gep.report.pictures.write import write
from gep.report.tables.book import report_model

EN = ReportOptions("en")
YI = 1e8
"""亿元 in CNY."""


@pytest.fixture(scope="module")
def drawn(sample_account: Account, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write(sample_account, folder, EN)
    return folder / "pictures"


def table(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def test_the_numbers_of_every_chart_are_those_of_the_account(drawn, sample_account):
    """English reports show 100 million CNY: by hand, CNY / 1e8."""
    by_service, by_zone = sample_account.totals("service"), sample_account.totals("zone")
    for id_ in ("C1", "C2"):
        rows = table(drawn / f"{id_}.csv")
        assert {key: float(row["value"]) * YI for key, row in rows.items()} == pytest.approx(by_service, rel=1e-12)
        shares = math.fsum(float(row["share"]) for row in rows.values())
        assert shares == pytest.approx(100, rel=1e-12)
    pairs = {key: value for key, value, _ in sample_account.by("ecosystem", "service")}
    for id_ in ("C3", "C7"):
        found = {
            (ecosystem, service): float(text) * YI
            for ecosystem, row in table(drawn / f"{id_}.csv").items()
            for service, text in row.items()
            if service in by_service and text
        }
        assert found == pytest.approx(pairs, rel=1e-12)
    for id_ in ("C4", "M5"):
        found = {key: float(row["value"]) * YI for key, row in table(drawn / f"{id_}.csv").items()}
        assert found == pytest.approx(by_zone, rel=1e-12)


def test_every_picture_has_its_files_and_is_listed_with_the_reason_where_it_is_not_drawn(drawn):
    with (drawn / "pictures.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["id"]: row for row in csv.DictReader(file)}
    made = {id_ for id_, row in listed.items() if row["state"] == "drawn"}
    assert made == {"C1", "C2", "C3", "C4", "C7", "M1", "M5"}  # the account was not read from a folder with maps
    assert "gep run --maps" in listed["M2"]["note_en"]
    assert {path.name for path in drawn.iterdir()} == {
        "pictures.csv",
        *(f"{id_}.{ending}" for id_ in made for ending in ("png", "svg", "pdf", "csv")),
    }
    for id_ in made:
        picture = Image.open(drawn / f"{id_}.png")
        assert picture.text["Title"] == listed[id_]["title_en"]
        assert picture.width == 1440  # 7.5 inches at 192 dots
        assert ET.parse(drawn / f"{id_}.svg").getroot().tag.endswith("svg")
        assert (drawn / f"{id_}.pdf").read_bytes().startswith(b"%PDF")


def test_the_same_account_gives_the_same_bytes(drawn, drawn_with_maps):
    """Charts and maps of counties are drawn again beside those of a run with maps, whose list has more of them."""
    again = [path for path in sorted(drawn.iterdir()) if path.suffix != ".pdf" and path.name != "pictures.csv"]
    assert len(again) == 7 * len(("png", "svg", "csv"))
    for path in again:
        assert (drawn_with_maps / path.name).read_bytes() == path.read_bytes(), path.name
    lists = [(folder / "pictures.csv").read_text(encoding="utf-8-sig") for folder in (drawn, drawn_with_maps)]
    both = [{line for line in text.splitlines() if ",drawn," in line} for text in lists]
    assert len(both[0]) == 7
    assert both[0] < both[1]


def test_chinese_without_a_font_is_refused(sample_account, tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "CJK_FONTS", ("No Such Font",))
    monkeypatch.setattr(fonts, "_FILES", ())
    with pytest.raises(MissingFeatureError, match="apt install fonts-noto-cjk"):
        write(sample_account, tmp_path, ReportOptions("zh"))


HOSTILE = '=cmd()|<script>$\\frac{1}{0}$\u202e"\n' + "very long " * 30


def test_names_of_others_are_only_letters_and_a_partial_account_is_titled_so(sample_account, tmp_path):
    names = {code: {"zh": HOSTILE, "en": HOSTILE} for code in sample_account.about.zone_names}
    lacking = replace(sample_account.about.missing[0], is_required=True)
    write(sample_account.replace(name=HOSTILE, zone_names=names, missing=(lacking,)), tmp_path, EN)
    row = next(iter(table(tmp_path / "pictures" / "C4.csv").values()))
    assert row["name_en"].startswith("'=cmd()")
    assert "\n" not in row["name_en"]
    tags = {element.tag.rpartition("}")[2] for element in ET.parse(tmp_path / "pictures" / "C4.svg").iter()}
    assert "script" not in tags
    with (tmp_path / "pictures" / "pictures.csv").open(encoding="utf-8-sig", newline="") as file:
        titles = {row["id"]: row["title_en"] for row in csv.DictReader(file)}
    assert all("Sum of accounted services (partial)" in titles[id_] for id_ in ("C1", "C2", "C3", "C4", "C7", "M5"))
    assert not any("GEP" in title for title in titles.values())


# by hand --------------------------------------------------------------------------------------------------------------


def test_small_shares_are_put_together_where_there_are_two():
    values = [("a", 97.0), ("b", 1.9), ("c", 1.1)]
    assert gathered(values, 0.02).items == (("a", 97.0), (GATHERED, 3.0))
    assert gathered(values, 0.02).small == ("b", "c")
    assert gathered(values, 0.015).items == tuple(values)  # one alone keeps its name


def test_labels_are_moved_apart_and_keep_their_order():
    found = charts._apart([0.0, 0.01, 1.0], 0.2)
    assert found[1] - found[0] == pytest.approx(0.2, abs=1e-6)
    assert found[2] == 1.0


@pytest.mark.parametrize(("metres", "length"), [(9999, 5000), (10000, 10000), (2.5, 2), (499, 200)])
def test_the_scale_bar_has_a_round_length(metres, length):
    assert scale_length(metres) == length


def test_limits_of_classes_enclose_all_values_and_part_below_zero_from_above():
    values = np.concatenate([np.linspace(-40, 0, 41), np.linspace(1, 100, 100)])
    found = limits(values, 5)
    assert found == sorted(set(found))
    assert found[0] <= values.min()
    assert found[-1] >= values.max()
    assert 0 in found


def test_a_text_is_broken_between_chinese_letters_and_at_blanks():
    assert lines("水源涵养土壤保持", 8) == ["水源涵养", "土壤保持"]
    assert lines("one two three", 7) == ["one two", "three"]
    assert plain("=1+1") == "'=1+1"


def test_a_degree_of_longitude_at_sixty_north_is_half_of_one_at_the_equator(sample_account):
    """55,800 m (GRS 80 tables: 55,802 m at 60°)."""
    square = shapely.box(10, 59.5, 11, 60.5)
    land = Land.of(sample_account.replace(make_shapes=lambda: {"1": square}), "EPSG:4326")
    assert land.metres_of_step == pytest.approx(55_802, rel=1e-3)
    assert land.aspect == pytest.approx(2, rel=1e-3)


def test_a_county_without_a_figure_has_no_bar_and_no_place(sample_account):
    """Words stand where its bar would be."""
    entries = [replace(e, value=None) if e.zone == "990103" else e for e in sample_account.entries]
    model = report_model(sample_account.replace(entries), "en")
    picture, draw = next(of for of in charts.charts(model) if not isinstance(of, LeftOut) and of[0].id == "C4")
    axes = draw(picture, "en").axes[0]
    assert len(axes.patches) == 2
    assert "not accounted" in [text.get_text() for text in axes.texts]
    assert [label.get_text()[0].isdigit() for label in axes.get_yticklabels()] == [False, True, True]


# maps of the run ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run_maps(sample_study, sample_account, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    sample_study.maps(folder / "maps", account=sample_account)
    return folder


@pytest.fixture(scope="module")
def drawn_with_maps(sample_account: Account, run_maps: Path, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("with_maps")
    write(sample_account.replace(folder=run_maps), folder, EN)
    return folder / "pictures"


def test_a_table_value_times_area_is_known_as_such(run_maps, sample_account):
    """Marshes hold 0.3 m everywhere; dust is taken up by a number for each land class; water is modelled."""
    read = {path.stem: read_map(path, sample_account) for path in (run_maps / "maps").glob("*.tif")}
    assert read["flood_mitigation.marsh"].is_flat
    assert read["air_purification.dust_capacity"].is_by_class
    water = read["water_retention.retained_water"]
    assert not water.is_flat
    assert not water.is_by_class
    assert len(water.classes) == rasters.CLASSES


def test_styles_and_pictures_of_maps_have_the_same_classes(run_maps, drawn_with_maps, sample_account, tmp_path):
    account = sample_account.replace(folder=run_maps)
    with (drawn_with_maps / "pictures.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["id"]: row for row in csv.DictReader(file)}
    assert listed["M4_flood_mitigation"]["state"] == "left_out"
    assert "One value everywhere (0.3 m/year)" in listed["M4_flood_mitigation"]["note_en"]
    assert "different values" in listed["M4_air_purification"]["note_en"]
    assert {listed[id_]["state"] for id_ in ("M2", "M3", "M4_soil_retention")} == {"drawn"}
    assert "Retained soil" in listed["M4_soil_retention"]["title_en"]
    of = read_map(run_maps / "maps" / "ecosystems.tif", account)
    style = ET.parse(write_style(of, tmp_path / "a.qml", "en")).getroot()
    entries = [(entry.get("label"), entry.get("color")) for entry in style.iter("paletteEntry")]
    rows = table(drawn_with_maps / "M2.csv").values()
    assert entries == [(row["name_en"], row["colour_en"]) for row in rows]
    assert ("Forest", colour("forest")) in entries
    of = read_map(run_maps / "maps" / "services.value.tif", account)
    style = ET.parse(write_style(of, tmp_path / "b.qml", "en")).getroot()
    limits_ = [item.get("value") for item in style.iter("item")]
    rows = list(table(drawn_with_maps / "M3.csv").values())
    assert [float(text) for text in limits_[:-1]] == [float(row["high"]) for row in rows[:-1]]
    assert limits_[-1] == "inf"
