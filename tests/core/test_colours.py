"""Every service, ecosystem and category has a colour; those of one kind can be told apart by colour-blind eyes."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest

from gep.assets.grazing.balance import CLASSES
from gep.core.catalog import CATEGORIES, colour, ecosystem_ids, service_ids
from gep.core.data import data_folder, read_csv
from gep.core.keys import NONE

NOTICED = 2.3
"""The just noticeable difference of colours in CIELAB (Mahy, Van Eycken and Oosterlinck 1994)."""

SIGHT = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}
"""What light becomes for an eye, in linear sRGB (Machado, Oliveira and Fernandes 2009, severity 1)."""


def lab(text: str, sight: object) -> np.ndarray:
    """CIELAB (white D65) of a colour as an eye sees it."""
    encoded = np.array([int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(sight) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ seen / [0.9505, 1.0, 1.0888]
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_black_white_and_red_have_the_numbers_of_the_colour_space():
    """CIELAB of sRGB as published: white (100, 0, 0), red (53.2, 80.1, 67.2)."""
    assert lab("#FFFFFF", SIGHT["normal"]) == pytest.approx([100, 0, 0], abs=0.1)
    assert lab("#000000", SIGHT["normal"]) == pytest.approx([0, 0, 0], abs=0.1)
    assert lab("#FF0000", SIGHT["normal"]) == pytest.approx([53.2, 80.1, 67.2], abs=0.1)


def test_everything_has_a_colour_of_its_own():
    rows = [row for _, row in read_csv(data_folder() / "colours.csv")]
    colours = [row["colour"] for row in rows]
    assert len(set(colours)) == len(colours)
    assert all(re.fullmatch("#[0-9A-F]{6}", text) for text in colours)
    others = {NONE, "_gathered", "_missing"}
    assert {row["id"] for row in rows} == {*CATEGORIES, *service_ids(), *ecosystem_ids(), *CLASSES, *others}
    assert colour("forest") == next(row["colour"] for row in rows if row["id"] == "forest")
    assert colour("no such thing") == colour(NONE)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(
    "ids", [service_ids(), ecosystem_ids(), CATEGORIES, CLASSES], ids=["services", "ecosystems", "parts", "overload"]
)
def test_no_two_of_a_kind_look_alike(ids, sight):
    """Three times what an eye just notices."""
    seen = {name: lab(colour(name), SIGHT[sight]) for name in ids}
    near = [pair for pair in combinations(ids, 2) if np.linalg.norm(seen[pair[0]] - seen[pair[1]]) < 3 * NOTICED]
    assert near == []
