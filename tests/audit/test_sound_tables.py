"""Sound tables in odd shapes (`sound_tables.toml`): none fails, and what holds is what holds by hand."""

import csv
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from gep.audit.audit import audit

TABLES = tomllib.loads((Path(__file__).parent / "sound_tables.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TABLES)
def test_a_sound_table_holds(tmp_path, name):
    with (tmp_path / "t.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(line.split("|") for line in TABLES[name]["table"].strip("\n").split("\n"))
    found = audit(tmp_path / "t.csv")
    assert [check.sentence for check in found.fails] == []
    assert Counter(check.kind for check in found.holds) == TABLES[name]["holds"]
