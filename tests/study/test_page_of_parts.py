"""The code on the page about parts of one's own is run, block by block, each as a cell of a notebook is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import dask
import pytest
from places import ROOT

import gep
from gep.core.parts import registered

PAGE = ROOT / "docs" / "own-parts.md"

if not PAGE.is_file():
    pytest.skip("the documentation is not beside the tests", allow_module_level=True)


def test_the_code_of_the_page_runs(tmp_path: Path):
    names: dict[str, Any] = {"__name__": "__main__"}
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 5
    with dask.config.set(scheduler="threads"):  # whatever cluster another test left behind
        for number, block in enumerate(blocks):
            cell = tmp_path / f"cell_{number}.py"  # where `inspect` finds the text of a function
            cell.write_text(block, encoding="utf-8")
            exec(compile(block, str(cell), "exec"), names)
    assert names["shade"] == pytest.approx(0.25 * 24e6 * 8 * 0.5, rel=1e-3)  # on the plane of UTM, not the ellipsoid
    with dask.config.set(scheduler="threads"):
        assert float(names["density"].mean()) == pytest.approx(0.25 * 8)
        assert float(names["on_arrays"]["street_shade.value"].mean()) == pytest.approx(1.0)
    assert (names["formula"], names["inside"]) == ("E = c s", True)
    assert not registered()
    assert gep.load_profile("ndrc-2022").parts == ()
