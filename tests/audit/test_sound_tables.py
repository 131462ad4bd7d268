"""Sound tables in odd shapes (`sound_tables.toml`, `more_tables.toml`): none fails, and what holds is what holds by
hand. Where a table names cells that are changed, each change is found.
"""

import csv
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from gep.audit.audit import audit

TABLES = {
    name: table
    for file in ("sound_tables.toml", "more_tables.toml")
    for name, table in tomllib.loads((Path(__file__).parent / file).read_text(encoding="utf-8")).items()
}
CHANGES = [(name, change) for name, table in TABLES.items() for change in table.get("wrong", ())]


def cells_of(name):
    return [line.split("|") for line in TABLES[name]["table"].strip("\n").split("\n")]


def found_in(folder, rows):
    with (folder / "t.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return audit(folder / "t.csv")


@pytest.mark.parametrize("name", TABLES)
def test_a_sound_table_holds(tmp_path, name):
    found = found_in(tmp_path, cells_of(name))
    assert [check.sentence for check in found.fails] == []
    assert Counter(check.kind for check in found.holds) == TABLES[name]["holds"]
    assert found.tally.unread == TABLES[name].get("unread", 0)


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_changed_cell_is_found(tmp_path, name, change):
    """A change is `line, column, what is printed instead`, both counted from one."""
    line, column, text = change
    rows = cells_of(name)
    assert rows[line - 1][column - 1] != text
    rows[line - 1][column - 1] = text
    places = [cell for check in found_in(tmp_path, rows).fails for cell in check.cells]
    assert any(f"line {line}," in place for place in places)
