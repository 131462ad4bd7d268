"""Sound tables in odd shapes (`sound_tables.toml`, `more_tables.toml`): none fails, and what holds is what holds by
hand. Where a table names cells that are changed, each change is found.
"""

from collections import Counter

import pytest
from tables_that_hold import CHANGES, TABLES, cells_of, changed, found_in


@pytest.mark.parametrize("name", TABLES)
def test_a_sound_table_holds(tmp_path, name):
    found = found_in(tmp_path, cells_of(name))
    assert [check.sentence for check in found.fails] == []
    assert Counter(check.kind for check in found.holds) == TABLES[name]["holds"]
    assert found.tally.unread == TABLES[name].get("unread", 0)


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_changed_cell_is_found(tmp_path, name, change):
    places = [cell for check in found_in(tmp_path, changed(name, change)).fails for cell in check.cells]
    assert any(f"line {change[0]}," in place for place in places)
