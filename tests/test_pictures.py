"""The committed pictures show what there is now: `python docs/make_pictures.py` makes them anew."""

import json
import shutil

import make_pictures
import pytest
import rooms
import shots
from make_pictures import IMAGES, fingerprint

STALE = "the picture is stale: python docs/make_pictures.py"
MADE = json.loads((IMAGES / "pictures.json").read_text(encoding="utf-8"))


def test_every_picture_says_what_it_was_made_from():
    assert {path.stem for path in IMAGES.iterdir()} - {"pictures"} == set(MADE)


def test_the_picture_of_the_rooms_is_fresh():
    assert MADE["rooms"] == fingerprint(rooms.made_from()), STALE


def test_the_picture_of_the_sample_city_is_fresh(sample_account):
    assert MADE["sample_city"] == fingerprint(make_pictures.made_from_account(sample_account)), STALE


def test_the_pictures_of_a_sheet_a_page_and_a_map_are_fresh(sample_account):
    assert {MADE[name] for name in ("sheet_zh", "page_zh", "map_zh")} == {
        fingerprint(shots.shown_on_sheet(sample_account))
    }


def test_the_picture_of_a_form_is_fresh(sample_city, tmp_path):
    shutil.copytree(sample_city, tmp_path / "city")
    assert MADE["form_zh"] == fingerprint(shots.shown_on_form(tmp_path)), STALE


def test_the_pictures_of_an_audit_are_fresh(tmp_path):
    assert {MADE["audit_en"], MADE["audit_zh"]} == {fingerprint(shots.shown_of_audit(tmp_path))}, STALE


def test_the_way_of_a_raster_leads_up():
    floors = [rooms.FLOOR_OF[room] for room in rooms.WAY]
    assert floors == sorted(set(floors))
    assert (floors[0], floors[-1]) == (rooms.FLOOR_OF["inputs"], rooms.FLOOR_OF["report"])


def test_the_picture_of_the_rooms_has_every_room_and_every_number():
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    shown = [text.get_text() for axes in rooms.draw().axes for text in axes.texts]
    assert {room for floor in rooms.FLOORS for room in floor} <= set(shown)
    assert sorted(text for text in shown if text.isdigit()) == sorted(map(str, rooms.arrows().values()))
