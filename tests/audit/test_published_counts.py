"""The counts that README states of the published sets of tables are those that an audit of them gives.

Counted again by `pytest tests/audit/test_published_counts.py`, which says what it found where README says otherwise.
"""

import re
from pathlib import Path

import pytest
from places import REFERENCE

from gep.audit.audit import audit

ROOT = Path(__file__).parents[2]
LONG, WIDE, PRINTED = REFERENCE / "published", REFERENCE / "published_wide", Path(__file__).parent / "printed"
STATED = {
    "README.md": r"(\d+) published sets .*?, (\d+) of them in their printed shape: of (\d+) figures (\d+) take part in"
    r" a check, (\d+) identities hold, (\d+) fail, in (\w+) sets",
    "README.zh.md": r"(\d+) 套已公布表格（其中 (\d+) 套为印刷原样）中，(\d+) 个数字有 (\d+) 个参与检验，"
    r"(\d+) 个恒等关系成立，(\d+) 个不成立，仅见于(.)套",
}
SEVEN = ("seven", "七")


@pytest.mark.skipif(not LONG.exists() or not WIDE.exists(), reason="needs the shared tables")
def test_the_counts_of_the_published_sets():
    long = [path for path in sorted(LONG.iterdir()) if path.is_dir()]
    printed = [*WIDE.iterdir(), *(path / "table.csv" for path in PRINTED.iterdir())]
    found = [audit(path) for path in (*long, *printed)]
    counts = [
        *(len(found), len(printed), sum(each.tally.read for each in found), sum(each.tally.checked for each in found)),
        *(sum(len(each.holds) for each in found), sum(len(each.fails) for each in found)),
    ]
    for file, pattern in STATED.items():
        stated = re.search(pattern, (ROOT / file).read_text(encoding="utf-8").replace("\n", " "))
        assert stated is not None, file
        assert [int(number) for number in stated.groups()[:-1]] == counts, file
        assert stated[7] in SEVEN
    assert sum(bool(each.fails) for each in found) == 7
