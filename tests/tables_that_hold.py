"""Sound tables in odd shapes (`audit/sound_tables.toml`, `audit/more_tables.toml`), and what is changed in them."""

import csv
import tomllib
from pathlib import Path

from gep.audit.audit import audit

TABLES = {
    name: table
    for file in ("sound_tables.toml", "more_tables.toml")
    for name, table in tomllib.loads((Path(__file__).parent / "audit" / file).read_text(encoding="utf-8")).items()
}
CHANGES = [(name, change) for name, table in TABLES.items() for change in table.get("wrong", ())]


def cells_of(name):
    return [line.split("|") for line in TABLES[name]["table"].strip("\n").split("\n")]


def changed(name, change):
    """A change is `line, column, what is printed instead`, both counted from one."""
    line, column, text = change
    rows = cells_of(name)
    assert rows[line - 1][column - 1] != text
    rows[line - 1][column - 1] = text
    return rows


def found_in(folder, rows):
    with (folder / "t.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return audit(folder / "t.csv")
