"""The code on the page about arrays is run, block by block."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import dask
import pytest
from places import ROOT

PAGE = ROOT / "docs" / "densities.md"

if not PAGE.is_file():
    pytest.skip("the documentation is not beside the tests", allow_module_level=True)


def test_the_code_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    names: dict[str, object] = {}
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 9
    with dask.config.set(scheduler="threads"), warnings.catch_warnings():  # whatever cluster another test left behind
        warnings.simplefilter("ignore")  # of zarr about its newest format, and of affine in rioxarray
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), names)
    assert (tmp_path / "densities.nc").is_file()
    assert (tmp_path / "interval.png").is_file()
