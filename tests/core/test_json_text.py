"""A long document is written part by part, and is what it would be if it had been written at once."""

import json
import pickle
from pathlib import Path

import pytest

from gep.core.each import Each
from gep.core.json_text import AT_ONCE, in_both_languages, write_with_chinese
from gep.core.messages import Text


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, AT_ONCE + 1])
def test_items_that_are_made_when_asked_for_are_written_as_a_list(tmp_path: Path, count: int):
    def lake(number: int) -> dict[str, object]:
        return {"name": f"lake {number}", "lacking": [Text("depth", "水深")] if number == 0 else []}

    path = tmp_path / "long.json"
    document = {"before": [1.5, None], "lakes": Each(lake, count), "note": Text("a note", "注"), "after": {"é": True}}
    write_with_chinese(document, path)
    zh = {"a note": "注"} | ({"depth": "水深"} if count else {})
    lakes = [{"name": f"lake {number}", "lacking": ["depth"] if number == 0 else []} for number in range(count)]
    plain = {"before": [1.5, None], "lakes": lakes, "note": "a note", "after": {"é": True}, "zh": zh}
    assert path.read_text(encoding="utf-8") == json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n"
    assert in_both_languages(json.loads(path.read_text(encoding="utf-8")))["note"].zh == "注"


def test_a_number_that_json_cannot_hold_is_an_error_there_too(tmp_path: Path):
    with pytest.raises(ValueError, match="JSON"):
        write_with_chinese({"lakes": Each(lambda _: float("nan"), 3)}, tmp_path / "long.json")


def test_what_is_made_when_asked_for_stands_for_a_list():
    squares = Each(lambda number: number**2, 5)
    assert squares == [0, 1, 4, 9, 16] == list(squares)
    assert (squares[-1], squares[1:3], len(squares)) == (16, [1, 4], 5)
    assert squares != [0, 1, 4, 9, 15]
    assert squares != [0, 1]
    assert pickle.loads(pickle.dumps(squares)) == [0, 1, 4, 9, 16]
    with pytest.raises(IndexError):
        squares[5]
